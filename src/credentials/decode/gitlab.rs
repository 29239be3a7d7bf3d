//! GitLab's routable tokens: random bytes, lines such as `u:2s` in base 36, the length of it all and a checksum.
//!
//! Source: gitlab-org/gitlab, `lib/authn/token_field/generator/routable_token.rb`.

use super::{Claims, checksum};
use crate::text::base64;

/// Random bytes in front of the lines.
const RANDOM: usize = 16;

pub(super) fn routable(token: &str) -> Claims {
    let mut claims = Claims::checked(checksum::base36(token));
    claims.note = owner(token);
    claims
}

/// Whose token it is, by number: GitLab writes `u:` for users, `p:` for projects, `g:` for groups.
fn owner(token: &str) -> Option<String> {
    let (front, _) = token.split_once(".01.")?;
    let (_, payload) = front.split_once('-')?;
    // Runners write their kind in front (`glrt-t1_`).
    let is_kind = |front: &str| front.len() == 2 && front.starts_with('t');
    let payload = payload.split_once('_').filter(|(front, _)| is_kind(front)).map_or(payload, |(_, rest)| rest);
    let bytes = base64(payload)?;
    let lines = String::from_utf8_lossy(bytes.get(RANDOM..bytes.len().checked_sub(1)?)?).into_owned();
    let number = |kind: &str| {
        let digits = lines.lines().find_map(|line| line.strip_prefix(kind))?;
        u64::from_str_radix(digits, 36).ok()
    };
    let of = [("u:", "user"), ("p:", "project"), ("g:", "group")];
    of.iter().find_map(|(kind, word)| Some(format!("{word} {}", number(kind)?)))
}
