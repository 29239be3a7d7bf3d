//! Words that people write where a value will go.

/// Chance puts none of them into a random value of usual length more often than once in some thousands. `fake` in any
/// case is none of them: chance and habit put it into values that work.
const WORDS: [&str; 18] = [
    "example",
    "sample",
    "placeholder",
    "changeme",
    "change_me",
    "change-me",
    "dummy",
    "redacted",
    "omitted",
    "replace",
    "insert",
    "xxxx",
    "****",
    "your-",
    "your_",
    "todo",
    "mytoken",
    "invalid",
];

/// Whether a value says of itself that it only marks the place of one: `changeme`, `<token>`, `your-api-key`, `API_KEY_VALUE`.
#[must_use]
pub fn is_placeholder(value: &str) -> bool {
    // The name of a constant: words in capitals. Random values have digits among their letters.
    let constant = value.contains('_') && value.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    let value = value.trim().to_ascii_lowercase();
    let bracketed =
        [('<', '>'), ('[', ']')].iter().any(|(open, close)| value.starts_with(*open) && value.ends_with(*close));
    value.is_empty() || bracketed || constant || WORDS.iter().any(|word| value.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_marks_the_place_of_a_value_is_none() {
        for text in [
            "",
            "  ",
            "<your token>",
            "[token]",
            "CHANGEME-0123",
            "your-api-key",
            "xxxxxxxx",
            "DATA+OMITTED",
            "API_KEY_VALUE",
        ] {
            assert!(is_placeholder(text), "{text}");
        }
        for value in ["tr0ub4dor&3", "hunter2", "k3J9xQ2vLm8RtZ5wYb7NcFAKE", "<half"] {
            assert!(!is_placeholder(value), "{value}");
        }
    }
}
