//! AWS access key ids, and the secret half beside them.

use super::Claims;
use crate::facts::access_key;
use crate::text::Span;

/// How far from the id its secret may stand: a profile, a block of variables, a JSON object.
const NEARBY: usize = 400;
/// Length of a secret access key.
const SECRET: usize = 40;

/// The account that an access key id belongs to.
pub(super) fn key_id(id: &str) -> Claims {
    Claims { note: access_key::account(id).map(|account| format!("account {account}")), ..Claims::default() }
}

/// The secret that stands near an access key id: forty characters of base 64 that are no hash and no path. What follows
/// the id is preferred to what stands before it, and the nearer one to the farther.
pub(in crate::credentials) fn secret_near(text: &str, id: Span) -> Option<Span> {
    let id = id.range();
    let to = text.floor_char_boundary(id.end.saturating_add(NEARBY));
    let from = text.floor_char_boundary(id.start.saturating_sub(NEARBY));
    let behind = secrets(text, id.end, to).next();
    behind.or_else(|| secrets(text, from, id.start).last())
}

fn secrets(text: &str, from: usize, to: usize) -> impl Iterator<Item = Span> {
    let part = text.get(from..to).unwrap_or("");
    let is_inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/');
    let mut at = 0;
    std::iter::from_fn(move || {
        while let Some(begin) = part.get(at..)?.find(is_inner) {
            let start = at + begin;
            let length = part.get(start..)?.find(|c| !is_inner(c)).unwrap_or(part.len() - start);
            at = start + length;
            let run = part.get(start..at)?;
            // A run that the edge of the window cuts may be longer in truth.
            let cut = (start == 0 && from > 0) || (at == part.len() && to < text.len());
            if length == SECRET && !cut && is_secret(run) {
                return Some(Span::new(from + start, from + at));
            }
        }
        None
    })
}

fn is_secret(run: &str) -> bool {
    let has = |of: fn(&u8) -> bool| run.as_bytes().iter().any(of);
    let slashes = run.bytes().filter(|byte| *byte == b'/').count();
    has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit) && slashes <= 4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_neither_a_hash_nor_cut_off() {
        let secret = "FAKE5vhQo/5KjJRxsQNkseWz1aKbt0F4QKIPgFzE";
        let id = "AKIARTX3GSDSUUFAKEEU";
        let near = |text: &str| {
            let at = text.find(id).unwrap();
            secret_near(text, Span::new(at, at + id.len())).map(|span| span.slice(text).to_owned())
        };
        assert_eq!(near(&format!("id={id}\nsecret={secret}\n")).as_deref(), Some(secret));
        assert_eq!(near(&format!("{secret} {id}")).as_deref(), Some(secret));
        assert_eq!(near(&format!("{id} 9fceb02d0ae598e95dc970b74767f19372d61af8")), None);
        assert_eq!(near(&format!("{id} x{secret}")), None);
        assert_eq!(near(&format!("{id}{} {secret}", " ".repeat(600))), None);
        assert_eq!(near(&format!("{id} é{secret}é")).as_deref(), Some(secret));
    }
}
