//! Untrusted text on its way to a terminal or a report.

/// Replaces control, bidirectional and zero-width characters, which can forge what a reader sees, by `\u{FFFD}`;
/// tabs become one space.
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c == '\t' {
                ' '
            } else if forges(c) {
                '\u{FFFD}'
            } else {
                c
            }
        })
        .collect()
}

fn forges(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// At most `most` characters of `text`, the last one `…` where something was cut.
#[must_use]
pub fn shorten(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => text.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
    }
}

/// A number with commas between its thousands.
#[must_use]
pub fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_and_bidi_marks_lose_their_power() {
        assert_eq!(printable("a\u{1b}[31m\u{202e}b\tc"), "a\u{FFFD}[31m\u{FFFD}b c");
    }

    #[test]
    fn shortening_keeps_short_text_and_cuts_on_characters() {
        assert_eq!(shorten("äöü", 3), "äöü");
        assert_eq!(shorten("äöüß", 3), "äö…");
    }
}
