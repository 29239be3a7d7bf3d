//! Lines for people, without what stands in them.

use super::scan;
use crate::facts::Secret;

/// The line with every value that has the shape of a credential overwritten: at most its public prefix and its last
/// four characters stay. Names such as access key ids stay as they are.
#[must_use]
pub fn redact(line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    let mut at = 0;
    for hit in scan(line).into_iter().filter(|hit| !hit.class.identifier) {
        let range = hit.span.range();
        shown.push_str(line.get(at..range.start).unwrap_or(""));
        shown.push_str(&extract(hit.span.slice(line), hit.class));
        at = range.end;
    }
    shown.push_str(unfinished(line.get(at..).unwrap_or("")));
    shown
}

/// The extract of a value; a chosen or multi-line one shows nothing of itself.
pub(super) fn extract(value: &str, class: &crate::catalog::TokenClass) -> String {
    if class.weak || value.starts_with("-----") || value.starts_with("LS0t") {
        return "…".to_owned();
    }
    Secret::new(value).redacted(class.prefix.len())
}

/// A line that begins a private key and does not end it is shown up to the dashes.
fn unfinished(line: &str) -> &str {
    let begins = line.find("PRIVATE KEY").and_then(|at| Some(at + line.get(at..)?.find("-----")? + 5));
    begins.filter(|_| line.contains("-----BEGIN ")).and_then(|end| line.get(..end)).unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_private_key_without_end_is_shown_up_to_the_dashes() {
        assert_eq!(redact("k: -----BEGIN RSA PRIVATE KEY-----\\nMIIE"), "k: -----BEGIN RSA PRIVATE KEY-----");
        assert_eq!(redact("PRIVATE KEY without dashes"), "PRIVATE KEY without dashes");
    }
}
