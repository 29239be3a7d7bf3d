//! Where a value may begin and end, and what stands around it.

/// Bytes of base 64 beside a `/` or `+` that make it a part of a blob and not of a path.
const BLOB: usize = 24;
/// Farthest that the beginning of a word is looked for.
const LONGEST_WORD: usize = 256;
/// How far away a word that explains a value may stand.
const NEARBY: usize = 256;

/// The part of a text that a match may cover.
pub(super) struct Window<'a> {
    pub(super) text: &'a str,
    cut: bool,
}

impl<'a> Window<'a> {
    /// At most `longest` bytes from `start`; none when that is no boundary of characters.
    pub(super) fn new(text: &'a str, start: usize, longest: usize) -> Option<Self> {
        let end = text.floor_char_boundary(start.saturating_add(longest));
        Some(Self { text: text.get(start..end)?, cut: end < text.len() })
    }

    /// Whether a match that ends here may go on behind the window.
    pub(super) fn cuts(&self, end: usize) -> bool {
        self.cut && end == self.text.len()
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn is_base64(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// Whether a value may begin here: not in the middle of an identifier or of a longer blob.
pub(super) fn starts_clean(text: &str, start: usize, joins: &str) -> bool {
    let before = text.as_bytes().get(..start).unwrap_or(&[]);
    let Some(last) = before.last() else { return true };
    if text.as_bytes().get(start).is_some_and(|first| !is_word(*first)) {
        // A quote or a dash begins something new by itself.
        return true;
    }
    if joins.as_bytes().contains(last) && !matches!(last, b'=' | b'/') {
        return false;
    }
    match last {
        b'+' | b'/' => !(before.len() >= BLOB && before.iter().rev().take(BLOB).all(is_base64)),
        last if is_word(*last) => ends_in_escape(before),
        _ => true,
    }
}

/// Whether the text ends in an escape of one character, such as `\n`, `%3D` or `\u003d`.
fn ends_in_escape(before: &[u8]) -> bool {
    match before {
        [.., b'\\', b'n' | b'r' | b't'] => true,
        [.., b'%', high, low] => high.is_ascii_hexdigit() && low.is_ascii_hexdigit(),
        _ => {
            let (escape, digits) = before.split_at(before.len().saturating_sub(4));
            escape.ends_with(b"\\u") && digits.len() == 4 && digits.iter().all(u8::is_ascii_hexdigit)
        }
    }
}

/// Whether a value may end here.
pub(super) fn ends_clean(text: &str, end: usize, joins: &str) -> bool {
    let behind = text.as_bytes().get(end..).unwrap_or(&[]);
    let Some(next) = behind.first() else { return true };
    if is_word(*next) {
        return false;
    }
    if joins.as_bytes().contains(next) {
        // The same character ends a sentence, fills up base 64 or parts a list: only what goes on behind it counts.
        return !behind.get(1).is_some_and(|byte| is_word(*byte));
    }
    !(matches!(next, b'+' | b'/') && behind.len() >= BLOB && behind.iter().take(BLOB).all(is_base64))
}

/// Where the word around `at` begins; words hold letters, digits, underscores and hyphens.
pub(super) fn word_start(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at).unwrap_or(&[]);
    let length = before.iter().rev().take(LONGEST_WORD).take_while(|byte| is_word(**byte) || **byte == b'-').count();
    at - length
}

/// The name that ends at `end`.
pub(super) fn name_before(text: &str, end: usize) -> &str {
    let before = text.as_bytes().get(..end).unwrap_or(&[]);
    let length = before.iter().rev().take(LONGEST_WORD).take_while(|byte| is_word(**byte)).count();
    text.get(end - length..end).unwrap_or("")
}

/// Where the value begins that a text assigns to the name ending at `end`: `NAME=v`, `"NAME": "v"`, `NAME := 'v'`, and
/// the pairs of Kubernetes and ECS (`name: NAME`, `value: v`).
pub(super) fn assigned(text: &str, end: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let skip = |from: usize, most: usize, of: &[u8]| {
        from + bytes.get(from..).unwrap_or(&[]).iter().take(most).take_while(|byte| of.contains(byte)).count()
    };
    let mut at = skip(end, 4, b"\\\"'`])");
    let spaced = skip(at, 24, b" \t\r\n,-\\\"'");
    if spaced > at && bytes.get(spaced..).is_some_and(|rest| rest.starts_with(b"value")) {
        at = skip(spaced + b"value".len(), 3, b"\\\"'");
    }
    let sign = skip(at, 16, b" \t");
    let behind = skip(sign, 3, b":=?>");
    if behind == sign {
        return None;
    }
    let at = skip(skip(behind, 16, b" \t"), 4, b"\\\"'`");
    (at < bytes.len()).then_some(at)
}

/// Whether one of the words stands near `at`, in any case; true when there are none.
pub(super) fn is_near(text: &str, at: usize, words: &[String]) -> bool {
    if words.is_empty() {
        return true;
    }
    let from = text.floor_char_boundary(at.saturating_sub(NEARBY));
    let to = text.floor_char_boundary(at.saturating_add(NEARBY));
    let around = text.get(from..to).unwrap_or("").to_ascii_lowercase();
    words.iter().any(|word| around.contains(word.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_begins_neither_in_a_word_nor_in_a_blob() {
        assert!(starts_clean("=ghp_", 1, ""));
        assert!(starts_clean("ghp_", 0, ""));
        assert!(!starts_clean("aghp_", 1, ""));
        assert!(!starts_clean("_ghp_", 1, ""));
        assert!(starts_clean(r"key:\nghp_", 6, ""));
        assert!(starts_clean("t%3Dghp_", 4, ""));
        assert!(starts_clean(r"t\u003dghp_", 7, ""));
        assert!(starts_clean("/home/me/ghp_", 9, ""));
        assert!(!starts_clean("0123456789abcdef0123456789/AKIA", 27, ""));
        assert!(!starts_clean("a+AKIA", 2, "+/="));
    }

    #[test]
    fn a_value_ends_with_its_word() {
        assert!(ends_clean("ghp_x.", 5, "."));
        assert!(!ends_clean("ghp_x.y", 5, "."));
        assert!(ends_clean("ghp_x-y", 5, ""));
        assert!(!ends_clean("ghp_xy", 5, ""));
    }

    #[test]
    fn assignments_are_known_in_many_languages() {
        for (text, value) in [
            ("A_KEY=v", "v"),
            ("A_KEY: \"v\"", "v\""),
            ("\"A_KEY\": \"v\"", "v\""),
            ("\\\"A_KEY\\\":\\\"v", "v"),
            ("os.environ['A_KEY'] = 'v'", "v'"),
            ("A_KEY := `v`", "v`"),
            ("- name: A_KEY\n  value: v", "v"),
            ("{\"name\": \"A_KEY\", \"value\": \"v\"}", "v\"}"),
        ] {
            let end = text.find("_KEY").unwrap() + 4;
            assert_eq!(assigned(text, end).map(|at| &text[at..]), Some(value), "{text}");
        }
        for text in ["A_KEY_ID=v", "echo $A_KEY", "A_KEY and more", "A_KEY", "A_KEY="] {
            assert_eq!(assigned(text, text.find("_KEY").unwrap() + 4), None, "{text}");
        }
    }
}
