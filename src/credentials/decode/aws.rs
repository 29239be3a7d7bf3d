//! AWS access key ids, and the secret half beside them.

use super::Claims;
use crate::text::Span;

/// How far from the id its secret may stand: a profile, a block of variables, a JSON object.
const NEARBY: usize = 400;
/// Length of a secret access key.
const SECRET: usize = 40;

/// The account that an access key id belongs to.
pub(super) fn key_id(id: &str) -> Claims {
    let account = account(id);
    Claims { note: account.map(|account| format!("account {account}")), ..Claims::default() }
}

/// Twelve digits; none when the id holds a larger number, as one does that somebody made up. Ids whose fifth letter is I or J are of an older scheme that holds no account.
fn account(id: &str) -> Option<String> {
    let body = id.get(4..)?;
    if body.starts_with(['I', 'J']) {
        return None;
    }
    // Base 32, of which the first six bytes are looked at: ten letters hold fifty bits.
    let bits = body.bytes().take(10).try_fold(0u64, |bits, byte| {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'2'..=b'7' => byte - b'2' + 26,
            _ => return None,
        };
        Some(bits << 5 | u64::from(digit))
    })?;
    let account = (bits >> 2 & 0x7fff_ffff_ff80) >> 7;
    (account < 1_000_000_000_000).then(|| format!("{account:012}"))
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
    fn ids_tell_their_account() {
        assert_eq!(account("AKIASP2TPHJSQH3FJRUX").as_deref(), Some("171436882533"));
        assert_eq!(account("ASIAQNZGKIQY56JQ7WML").as_deref(), Some("029608264753"));
        assert_eq!(account("AKIARTX3GSDSUUFAKEEU").as_deref(), Some("111122223333"));
        assert_eq!(account("AKIAIOSFODNN7EXAMPLE"), None);
        assert_eq!(account("AKIA7777777777777777"), None);
        assert_eq!(account("AKIA"), Some("000000000000".to_owned()));
    }

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
