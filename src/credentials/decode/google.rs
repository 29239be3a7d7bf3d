//! Key files of Google service accounts: a flat JSON object around the private key, which may itself stand in a string.

use super::Claims;
use crate::facts::keys;
use crate::text::Span;

/// How far from the key the object may begin and end.
const AROUND: usize = 4096;

/// What a key file says beside the key.
pub(super) struct KeyFile {
    email: String,
    id: Option<String>,
}

impl KeyFile {
    pub(super) fn describe(self, claims: &mut Claims) {
        claims.lifetime = None;
        claims.narrow("gcp-service-account-key");
        claims.identity = Some(keys::google_service_account(&self.email));
        claims.identifiers.extend(self.id.map(|id| ("gcp-private-key-id", id)));
        claims.note = Some(self.email);
    }
}

/// The key file around a private key; none when the key stands elsewhere.
pub(super) fn key_file(text: &str, key: Span) -> Option<KeyFile> {
    let key = key.range();
    let from = text.floor_char_boundary(key.start.saturating_sub(AROUND));
    let to = text.floor_char_boundary(key.end.saturating_add(AROUND));
    let before = text.get(from..key.start)?.rsplit('{').next()?;
    let behind = text.get(key.end..to)?.split('}').next()?;
    let field = |name: &str| field(before, name).or_else(|| field(behind, name));
    if field("type").as_deref() != Some("service_account") {
        return None;
    }
    let is_hex = |id: &String| id.len() == 40 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    Some(KeyFile { email: field("client_email")?, id: field("private_key_id").filter(is_hex) })
}

/// The text of a field, whether its quotes are escaped or not.
fn field(object: &str, name: &str) -> Option<String> {
    let mut rest = object;
    loop {
        let (_, after) = rest.split_once(name)?;
        rest = after;
        let value = after
            .trim_start_matches('\\')
            .strip_prefix('"')
            .map(str::trim_start)
            .and_then(|colon| colon.strip_prefix(':'));
        let Some(value) = value.and_then(|value| value.trim_start().trim_start_matches('\\').strip_prefix('"')) else {
            continue;
        };
        let text = value.split(['"', '\\']).next()?;
        return (!text.is_empty() && text.len() <= 256).then(|| text.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_from_plain_and_from_escaped_objects() {
        for object in [r#""type": "service_account", "x": "y""#, r#"\"type\":\"service_account\",\"x\":\"y\""#] {
            assert_eq!(field(object, "type").as_deref(), Some("service_account"));
            assert_eq!(field(object, "x").as_deref(), Some("y"));
            assert_eq!(field(object, "z"), None);
        }
    }
}
