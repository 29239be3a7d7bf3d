//! Tokens that hold JSON or plain text in base 64.

use serde_json::Value;

use super::{Claims, seconds};
use crate::text::base64;

/// A JSON object in base 64; none when it is anything else.
pub(super) fn object(text: &str) -> Option<serde_json::Map<String, Value>> {
    match serde_json::from_slice(&base64(text)?).ok()? {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

/// The body of a token between its prefix `sntrys_` and the last underscore: when it was issued, and for whom.
///
/// Source: getsentry/sentry, `orgauthtoken_token.py`.
pub(super) fn sentry(token: &str) -> Claims {
    let body = token.strip_prefix("sntrys_").and_then(|rest| rest.rsplit_once('_'));
    let Some(object) = body.and_then(|(body, _)| object(body)) else { return Claims::broken() };
    let Some(issued) = object.get("iat").and_then(Value::as_f64) else { return Claims::broken() };
    let org = object.get("org").and_then(Value::as_str);
    #[allow(clippy::cast_possible_truncation, reason = "the seconds of any date fit, and anything else saturates")]
    let created = seconds(issued as i64);
    Claims { created, note: org.map(|org| format!("organisation {org}")), ..Claims::default() }
}

/// A service account of 1Password by its address, a policy of Grafana Cloud by its name.
pub(super) fn account(token: &str) -> Claims {
    let Some(object) = token.split_once('_').and_then(|(_, body)| object(body)) else { return Claims::broken() };
    let name = ["email", "n"].iter().find_map(|field| object.get(*field)?.as_str());
    if name.is_none() {
        return Claims::broken();
    }
    Claims { note: name.map(ToOwned::to_owned), ..Claims::default() }
}

/// `reftkn:01:<expiry>:<random>`.
pub(super) fn jfrog(token: &str) -> Claims {
    let bytes = base64(token).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let Some(expiry) = text.strip_prefix("reftkn:").and_then(|rest| rest.split(':').nth(1)?.parse::<i64>().ok()) else {
        return Claims::broken();
    };
    // Zero may mean that it never ends; no document says so, so it stays unknown.
    Claims { expires: if expiry > 0 { seconds(expiry) } else { super::When::Unknown }, ..Claims::default() }
}
