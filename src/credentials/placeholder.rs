//! Values that only show what a token would look like.

use crate::catalog;

/// Equal characters in a row, or each one after the one before it, that no generator makes.
const LONGEST_RUN: usize = 6;
/// Different characters that a random value of twenty and more has at least.
const FEWEST_CHARACTERS: usize = 8;

/// Whether a value is made up by hand. `value` goes without the prefix of its class.
pub(super) fn is_placeholder(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    catalog::is_placeholder(value)
        || value.contains("fake")
        || is_run(&lower)
        || has_few_characters(value)
        || is_repeated(value)
}

fn is_run(value: &str) -> bool {
    let bytes = value.as_bytes();
    let longest = |step: u8| {
        let mut run = 1;
        let mut longest = 1;
        for pair in bytes.windows(2) {
            let follows = matches!(pair, [one, next] if next.wrapping_sub(*one) == step && one.is_ascii_alphanumeric());
            run = if follows { run + 1 } else { 1 };
            longest = longest.max(run);
        }
        longest
    };
    longest(0) >= LONGEST_RUN || longest(1) >= LONGEST_RUN || value.contains("1234567890")
}

fn has_few_characters(value: &str) -> bool {
    let different: std::collections::BTreeSet<char> = value.chars().collect();
    value.len() >= 20 && different.len() < FEWEST_CHARACTERS
}

/// The same eight characters or fewer over and over.
fn is_repeated(value: &str) -> bool {
    let bytes = value.as_bytes();
    bytes.len() >= 16 && (1..=8).any(|period| bytes.windows(period + 1).all(|part| part.first() == part.last()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_make_up_is_told_from_what_generators_make() {
        for made_up in [
            "IOSFODNN7EXAMPLE",
            "XXXXXXXXXXXXXXXX",
            "0123456789abcdef0123456789abcdef",
            "abcdefghijklmnopqrst",
            "your_token_goes_right_here",
            "deadbeefdeadbeefdeadbeefdeadbeef",
            "fake-token-for-the-unit-tests",
            "111111aaaaaa222222bbbbbb",
        ] {
            assert!(is_placeholder(made_up), "{made_up}");
        }
        for random in
            ["RTX3GSDSUUFAKEEU", "FAKE5vhQo/5KjJRxsQNkseWz1aKbt0F4QKIPgFzE", "fa4e1b7c90d2836e5f4a7c19b0d3e682"]
        {
            assert!(!is_placeholder(random), "{random}");
        }
    }
}
