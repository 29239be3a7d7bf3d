//! Passwords in URLs: who logs in where. Most of them are examples, so everything that may be one counts as one.

use super::{Claims, Context};
use crate::facts::entropy_bits;

/// Shorter passwords are words of documentation far more often than secrets.
const SHORTEST: usize = 8;
/// A password that someone, or a generator, chose with care: a word has less.
const FEWEST_BITS: f64 = 20.0;

pub(super) fn login(context: &Context<'_>) -> Claims {
    let span = context.hit.span;
    let password = span.slice(context.text);
    let before = context.text.get(..span.lo as usize).and_then(|before| before.strip_suffix(':')).unwrap_or("");
    let user = before.rsplit("//").next().unwrap_or("");
    let behind = context.text.get(span.hi as usize + 1..).unwrap_or("");
    let host = behind.split(|c: char| !(c.is_ascii_alphanumeric() || "._-".contains(c))).next().unwrap_or("");
    let sample = is_template(password) || is_template(user) || is_plain(password, user) || is_nowhere(host);
    let named = !user.is_empty() && user.len() <= 64;
    let note = if named { format!("{user}@{host}") } else { host.to_owned() };
    Claims { note: Some(note), sample, ..Claims::default() }
}

/// Filled in by something else: `%s`, `$USER`. What stands in braces or brackets does not have the shape of a login.
fn is_template(text: &str) -> bool {
    let percent = |rest: &str| !rest.get(..2).is_some_and(|two| two.bytes().all(|byte| byte.is_ascii_hexdigit()));
    text.contains('$') || text.split('%').skip(1).any(percent)
}

/// A word, a repetition of the user's name, or too short to be a secret.
fn is_plain(password: &str, user: &str) -> bool {
    let lower = password.to_ascii_lowercase();
    let words = ["pass", "secret", "token", "user", "admin", "root", "pwd", "qwerty"];
    let mixed =
        password.bytes().any(|byte| byte.is_ascii_digit()) && password.bytes().any(|byte| byte.is_ascii_alphabetic());
    password.len() < SHORTEST
        || !mixed
        || lower == user.to_ascii_lowercase()
        || words.iter().any(|word| lower.contains(word))
        || entropy_bits(password) < FEWEST_BITS
}

/// Names that are set aside for examples and for the machine itself (RFC 2606, RFC 6761), or that are no full name.
fn is_nowhere(host: &str) -> bool {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let label = host.rsplit('.').next().unwrap_or("");
    let second = host.rsplit('.').nth(1).unwrap_or("");
    !host.contains('.')
        || matches!(label, "example" | "test" | "invalid" | "localhost")
        || matches!(second, "example" | "foo" | "bar" | "host" | "domain" | "mydomain" | "yourdomain")
        || host.starts_with("127.")
        || host == "0.0.0.0"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_are_told_from_secrets() {
        assert!(is_template("$USER") && is_template("%s"));
        assert!(!is_template("a%40b1"));
        assert!(is_plain("postgres", "postgres") && is_plain("hunter2", "") && is_plain("mypassword1", "app"));
        assert!(!is_plain("k4Zt-FAKE-92qp", "report"));
        assert!(is_nowhere("localhost") && is_nowhere("db") && is_nowhere("api.example.com") && is_nowhere("x.test"));
        assert!(!is_nowhere("db.acme.internal"));
    }
}
