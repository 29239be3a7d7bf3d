//! Byte offsets to lines and columns.

use super::Span;

/// A position for people and for reports: both numbers start at 1, the column counts Unicode scalar values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
}

/// The starts of all lines of a text. A line ends with `\n`; a `\r` before it belongs to the line end.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Finds every line start of `text`.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let ends = memchr::memchr_iter(b'\n', text.as_bytes());
        let starts = std::iter::once(0).chain(ends.map(|at| Span::new(at + 1, at + 1).lo)).collect();
        Self { starts }
    }

    /// The position of byte `offset`; an offset behind the end counts as the end.
    #[must_use]
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let mut offset = (offset as usize).min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = self.line_of(offset);
        let start = self.starts.get(line).map_or(0, |start| *start as usize);
        let column = text.get(start..offset).map_or(0, |before| before.chars().count());
        Position { line: Span::new(line + 1, line + 1).lo, column: Span::new(column + 1, column + 1).lo }
    }

    /// The span of the line that holds byte `offset`, without its line end.
    #[must_use]
    pub fn line_span(&self, text: &str, offset: u32) -> Span {
        let line = self.line_of((offset as usize).min(text.len()));
        let lo = self.starts.get(line).map_or(0, |start| *start as usize);
        let hi = self.starts.get(line + 1).map_or(text.len(), |next| *next as usize);
        let body = text.get(lo..hi).unwrap_or("").trim_end_matches(['\n', '\r']);
        Span::new(lo, lo + body.len())
    }

    fn line_of(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start as usize <= offset).saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn columns_count_characters_and_lines_count_from_one() {
        let text = "a: é: x\r\nb: y\n";
        let lines = LineIndex::new(text);
        let at = u32::try_from(text.find('x').unwrap()).unwrap();
        assert_eq!(lines.position(text, at), Position { line: 1, column: 7 });
        assert_eq!(lines.line_span(text, at).slice(text), "a: é: x");
        assert_eq!(lines.position(text, 999), Position { line: 3, column: 1 });
    }

    proptest! {
        #[test]
        fn every_offset_lies_in_its_own_line(text in "[a-zé\r\n]{0,40}", offset in 0u32..60) {
            let lines = LineIndex::new(&text);
            let position = lines.position(&text, offset);
            let line = lines.line_span(&text, offset);
            prop_assert!(position.line >= 1 && position.column >= 1);
            prop_assert!(!line.slice(&text).contains('\n'));
            prop_assert_eq!(position.line, lines.position(&text, line.lo).line);
        }
    }
}
