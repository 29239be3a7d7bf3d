//! Text line by line, with positions.

use crate::text::Span;

/// One line without its line end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'t> {
    /// The text.
    pub text: &'t str,
    /// Its bytes in the source.
    pub span: Span,
}

/// The lines of a text.
pub fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut at = 0;
    text.split_inclusive('\n').map(move |whole| {
        let lo = at;
        at += whole.len();
        let text = whole.trim_end_matches(['\n', '\r']);
        Line { text, span: Span::new(lo, lo + text.len()) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_know_their_bytes_whatever_ends_them() {
        let text = "a\r\nbc\nd";
        let all: Vec<_> = lines(text).collect();
        assert_eq!(all.iter().map(|line| line.text).collect::<Vec<_>>(), ["a", "bc", "d"]);
        assert!(all.iter().all(|line| line.span.slice(text) == line.text));
    }
}
