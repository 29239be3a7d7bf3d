//! Azure: keys that carry their month of issue, and connection strings.

use super::{Claims, Context};
use crate::facts::When;

/// The month of issue of an identifiable key: one letter for the year from 2024 on, one for the month.
///
/// Source: microsoft/security-utilities, `CommonAnnotatedKey.cs`.
pub(super) fn cask(key: &str) -> Claims {
    let letter = |at: usize| key.as_bytes().get(at)?.checked_sub(b'A').map(i16::from);
    let issued = || {
        let (year, month) = (2024 + letter(58)?, i8::try_from(letter(59)? + 1).ok()?);
        let first = jiff::civil::Date::new(year, month, 1).ok()?.to_datetime(jiff::civil::Time::midnight());
        jiff::tz::TimeZone::UTC.to_timestamp(first).ok()
    };
    match issued() {
        Some(created) => Claims { created: When::At(created), ..Claims::default() },
        None => Claims::broken(),
    }
}

/// What a connection string says beside its key: the account, or the name of the policy and the host.
pub(super) fn connection(context: &Context<'_>) -> Claims {
    const AROUND: usize = 300;
    let (text, at) = (context.text, context.hit.span.lo as usize);
    let from = text.floor_char_boundary(at.saturating_sub(AROUND));
    let before = text.get(from..at).unwrap_or("");
    let field = |name: &str| {
        let (_, rest) = before.rsplit_once(name)?;
        let value: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_.".contains(*c)).collect();
        (!value.is_empty()).then_some(value)
    };
    let account = field("AccountName=").map(|name| format!("account {name}"));
    let policy = field("SharedAccessKeyName=").map(|name| format!("policy {name}"));
    // Emulators and documentation use one account for everybody.
    let sample = account.as_deref() == Some("account devstoreaccount1");
    Claims { note: account.or(policy), sample, ..Claims::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_month_of_issue_is_two_letters() {
        let key = format!("{}JQQJ99BD{}", "a".repeat(52), "b".repeat(24));
        assert_eq!(cask(&key).created.at().unwrap().to_string(), "2025-04-01T00:00:00Z");
        assert!(cask("").sample);
        assert!(cask(&format!("{}JQQJ99BZ", "a".repeat(52))).sample);
    }
}
