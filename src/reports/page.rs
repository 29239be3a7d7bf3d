//! Text for a terminal: wrapped to its width, coloured where that is wanted.

use super::Options;
use crate::rules::Severity;

/// Fewest columns that are laid out for.
const NARROWEST: usize = 40;

/// How a piece of text looks. The codes are those of ECMA-48, "select graphic rendition".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Bold,
    Dim,
    Severity(Severity),
    Mark,
    Warn,
}

impl Style {
    fn code(self) -> &'static str {
        match self {
            Style::Plain => "",
            Style::Bold => "1",
            Style::Dim => "2",
            Style::Severity(Severity::Critical) => "1;31",
            Style::Severity(Severity::High) => "31",
            Style::Severity(Severity::Medium) | Style::Warn => "33",
            Style::Severity(Severity::Low) => "36",
            Style::Mark => "1;35",
        }
    }
}

/// A report in the making.
pub(super) struct Page {
    text: String,
    color: bool,
    /// Columns.
    pub(super) width: usize,
}

impl Page {
    pub(super) fn new(options: &Options) -> Self {
        Self { text: String::new(), color: options.color, width: options.width.max(NARROWEST) }
    }

    /// The finished text.
    pub(super) fn finish(self) -> String {
        self.text
    }

    /// Text in a style, as long as colours are wanted.
    pub(super) fn paint(&self, style: Style, text: &str) -> String {
        if self.color && style != Style::Plain && !text.is_empty() {
            format!("\u{1b}[{}m{text}\u{1b}[0m", style.code())
        } else {
            text.to_owned()
        }
    }

    /// One line as it is; white space at its end is left out.
    pub(super) fn line(&mut self, text: &str) {
        self.text.push_str(text.trim_end());
        self.text.push('\n');
    }

    /// An empty line, unless there is one already.
    pub(super) fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// A text of any length, each of its paragraphs wrapped and indented.
    pub(super) fn prose(&mut self, indent: usize, style: Style, text: &str) {
        for paragraph in text.split('\n') {
            for line in wrap(paragraph, self.width.saturating_sub(indent)) {
                let painted = self.paint(style, &line);
                self.line(&format!("{}{painted}", " ".repeat(indent)));
            }
        }
    }

    /// A text behind a label, its further lines below the first.
    pub(super) fn labelled(&mut self, indent: usize, label: &str, style: Style, text: &str) {
        let hang = indent + label.chars().count() + 1;
        let mut before = format!("{}{label} ", " ".repeat(indent));
        for line in wrap(text, self.width.saturating_sub(hang)) {
            let painted = self.paint(style, &line);
            self.line(&format!("{before}{painted}"));
            before = " ".repeat(hang);
        }
    }

    /// A text and, behind it or on a line of its own, something that must not be broken.
    pub(super) fn prose_then(&mut self, indent: usize, text: &str, whole: &str) {
        let room = self.width.saturating_sub(indent);
        let mut lines = wrap(text, room);
        match lines.last_mut() {
            Some(last) if chars(last) + 1 + chars(whole) <= room => *last = format!("{last} {whole}"),
            _ => lines.push(whole.to_owned()),
        }
        for line in lines {
            self.line(&format!("{}{line}", " ".repeat(indent)));
        }
    }

    /// Parts joined by dots, as many as fit on a line.
    pub(super) fn parts(&mut self, indent: usize, style: Style, parts: &[String]) {
        self.joined(indent, style, " · ", parts);
    }

    /// Parts joined by dots behind a label, further lines a little below it.
    pub(super) fn labelled_parts(&mut self, indent: usize, label: &str, style: Style, parts: &[String]) {
        const BELOW: usize = 2;
        let Some((first, rest)) = parts.split_first() else { return };
        let mut lines = vec![format!("{label} {first}")];
        for part in rest {
            let room = self.width.saturating_sub(if lines.len() > 1 { indent + BELOW } else { indent });
            match lines.last_mut() {
                Some(line) if chars(line) + 3 + chars(part) <= room => *line = format!("{line} · {part}"),
                _ => lines.push(part.clone()),
            }
        }
        for (at, line) in lines.iter().enumerate() {
            self.prose(if at == 0 { indent } else { indent + BELOW }, style, line);
        }
    }

    /// Parts joined by a separator, as many as fit on a line; a part is broken only where it is longer than that.
    pub(super) fn joined(&mut self, indent: usize, style: Style, separator: &str, parts: &[String]) {
        let room = self.width.saturating_sub(indent);
        let mut line = String::new();
        let mut lines = Vec::new();
        for part in parts.iter().filter(|part| !part.is_empty()) {
            if line.is_empty() {
                line.clone_from(part);
            } else if chars(&line) + chars(separator) + chars(part) <= room {
                line = format!("{line}{separator}{part}");
            } else {
                lines.push(std::mem::replace(&mut line, part.clone()));
            }
        }
        lines.push(line);
        for line in lines.iter().filter(|line| !line.is_empty()) {
            if chars(line) > room {
                self.prose(indent, style, line);
            } else {
                let painted = self.paint(style, line);
                self.line(&format!("{}{painted}", " ".repeat(indent)));
            }
        }
    }
}

/// Number of characters: the width of a text, as far as names and code go.
pub(super) fn chars(text: &str) -> usize {
    text.chars().count()
}

/// A text in lines of at most `width` characters, broken between words; longer words stay whole.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && chars(&line) + 1 + chars(word) > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// A line of source and the part of it that is marked, cut so that it fits into `width` and shows where the mark begins.
pub(super) fn window(extract: &str, mark: &std::ops::Range<usize>, width: usize) -> (String, std::ops::Range<usize>) {
    let all: Vec<char> = extract.chars().collect();
    let end = mark.end.min(all.len());
    let mark = mark.start.min(end)..end;
    if all.len() <= width || width < 8 {
        return (extract.to_owned(), mark);
    }
    let from = if mark.end < width { 0 } else { mark.start.saturating_sub(width / 3).min(all.len() - width) };
    let to = (from + width).min(all.len());
    let mut shown: Vec<char> = all.get(from..to).unwrap_or_default().to_vec();
    let count = shown.len();
    if from > 0
        && let Some(first) = shown.first_mut()
    {
        *first = '…';
    }
    if to < all.len()
        && let Some(last) = shown.last_mut()
    {
        *last = '…';
    }
    (shown.into_iter().collect(), mark.start - from..mark.end.min(from + count) - from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_breaks_between_words() {
        assert_eq!(wrap("one two  three", 7), ["one two", "three"]);
        assert_eq!(wrap("incomprehensibilities no", 5), ["incomprehensibilities", "no"]);
    }

    #[test]
    fn labels_hang() {
        let mut page = Page::new(&Options { width: 40, ..Options::default() });
        page.labelled(2, "fix:", Style::Bold, "make a role for each environment of them");
        assert_eq!(page.finish(), "  fix: make a role for each environment\n       of them\n");
    }

    #[test]
    fn colours_appear_only_when_wanted() {
        let plain = Page::new(&Options::default());
        assert_eq!(plain.paint(Style::Bold, "x"), "x");
        let colourful = Page::new(&Options { color: true, ..Options::default() });
        assert_eq!(colourful.paint(Style::Severity(Severity::Critical), "x"), "\u{1b}[1;31mx\u{1b}[0m");
    }

    proptest! {
        #[test]
        fn a_window_fits_and_keeps_the_beginning_of_the_mark(
            text in "[a-z ä…]{0,60}", start in 0usize..70, len in 0usize..20, width in 8usize..40
        ) {
            let (shown, mark) = window(&text, &(start..start + len), width);
            prop_assert!(chars(&shown) <= width.max(chars(&text).min(width)));
            prop_assert!(mark.start <= mark.end && mark.end <= chars(&shown));
            if start < chars(&text) && len > 0 {
                prop_assert!(mark.start < chars(&shown), "{shown:?} {mark:?}");
            }
        }
    }
}
