//! Sections of `key = value` lines: INI files, systemd units, `.properties`, `.env`, `.npmrc`, `.pypirc`, AWS profiles.
//!
//! A map of sections, each a map; duplicates of both stay, in order. Keys before the first section are in the section
//! `""`. The span of a quoted value includes its quotes, as in every other syntax; the span of a section starts behind its
//! header. An assignment of nothing (`User=`) is an empty value, and so is a key alone on its line.
//!
//! The dialects differ, and a reader of all of them has to decide by what is written:
//! - `:` separates when it stands before every `=` and what is in between could not be the rest of a key, as it is in
//!   `//registry.npmjs.org/:_authToken=…`.
//! - `#` and `;` start a comment at the start of a line and behind a value in quotes; elsewhere they are data.
//! - A value goes on behind a `\` at the end of its line (comments in between fall away), on lines indented deeper that are
//!   no entries themselves, until its quote closes, and to the end of a PEM block: a line of a private key must not
//!   become a key.
//! - Lines are joined by a space in a section (systemd) and by nothing before one (properties); indented ones by a line end.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use super::{Builder, Line, Shape, Style, TooLarge, Tree, template};
use crate::text::Span;

/// A value in quotes that does not end within so many bytes has a stray quote, not a closing one.
const MAX_QUOTED: usize = 1 << 16;
/// Longer than the private key of an RSA modulus of 16,384 bits.
const MAX_PEM: usize = 1 << 14;
/// Reads all sections of `text` into one document.
pub(super) fn parse(text: &str) -> Tree {
    let templates = template::mask(text);
    let masked = templates.masked.as_deref().unwrap_or(text);
    let builder = Builder::default();
    let mut reader = Reader { text, templates: &templates, masked, at: 0, section: Section::None, end: 0, builder };
    if let Err(problem) = reader.read() {
        reader.problem(reader.at, problem.to_string());
    }
    reader.builder.finish(text.len())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Section {
    None,
    Unnamed,
    Named,
}

struct Reader<'t> {
    text: &'t str,
    templates: &'t template::Masked,
    /// The text with template actions overwritten: what decides over lines, keys and values.
    masked: &'t str,
    /// Where the next line starts.
    at: usize,
    section: Section,
    /// Where the last entry of the section ends.
    end: usize,
    builder: Builder,
}

/// A value and where it stands.
struct Value<'t> {
    text: Cow<'t, str>,
    style: Style,
    span: Span,
}

impl<'t> Reader<'t> {
    fn read(&mut self) -> Result<(), TooLarge> {
        self.builder.open(Shape::Map, "", 0)?;
        while let Some(line) = self.line() {
            let body = trimmed(line);
            if body.text.starts_with(['#', ';']) {
                self.comment(body.span);
            } else if body.text.starts_with('[') {
                self.header(body)?;
            } else if !body.text.is_empty() {
                self.entry(body, indent(line.text))?;
            }
        }
        self.close_section();
        self.builder.close(self.text.len());
        Ok(())
    }

    /// Opens the section that `[name]` starts; a comment may follow.
    fn header(&mut self, body: Line<'t>) -> Result<(), TooLarge> {
        let blank_or_comment = |rest: &str| rest.is_empty() || rest.starts_with(['#', ';']);
        let mut ends = memchr::memchr_iter(b']', body.text.as_bytes());
        let rest = |end: usize| body.text.get(end + 1..).unwrap_or_default().trim_start();
        let Some(end) = ends.find(|end| blank_or_comment(rest(*end))) else {
            self.problem(body.span.lo as usize, "INI: a section without its end");
            return Ok(());
        };
        self.close_section();
        self.section = Section::Named;
        let name = trimmed(Line { text: body.text.get(1..end).unwrap_or_default(), span: body.span.within(1, end) });
        self.builder.key(name.span.slice(self.text), name.span);
        self.builder.open(Shape::Map, "", body.span.lo as usize + end + 1)?;
        self.end = body.span.lo as usize + end + 1;
        let comment = trimmed(part(body, end + 1, body.text.len()));
        if !comment.text.is_empty() {
            self.comment(comment.span);
        }
        Ok(())
    }

    /// Closes the open section behind its last entry.
    fn close_section(&mut self) {
        if self.section != Section::None {
            self.builder.close(self.end);
        }
    }

    fn entry(&mut self, body: Line<'t>, indent: usize) -> Result<(), TooLarge> {
        let separator = separator(body.text);
        let key = trimmed(part(body, 0, separator.unwrap_or(body.text.len())));
        let key = exported(key);
        if key.text.is_empty() {
            self.problem(body.span.lo as usize, "INI: a value without a key");
            return Ok(());
        }
        if self.section == Section::None {
            self.section = Section::Unnamed;
            let start = Span { lo: key.span.lo, hi: key.span.lo };
            self.builder.key("", start);
            self.builder.open(Shape::Map, "", start.lo as usize)?;
        }
        self.builder.key(key.span.slice(self.text), key.span);
        let value = match separator {
            Some(at) => self.value(trimmed(part(body, at + 1, body.text.len())), indent),
            None => Value { text: "".into(), style: Style::Plain, span: Span { lo: key.span.hi, hi: key.span.hi } },
        };
        self.end = value.span.hi as usize;
        if self.templates.touches(value.span) {
            let source = self.templates.restore(self.text, value.span, &value.text);
            self.builder.scalar(&source, Style::Template, value.span)?;
        } else {
            self.builder.scalar(&value.text, value.style, value.span)?;
        }
        Ok(())
    }

    fn value(&mut self, first: Line<'t>, indent: usize) -> Value<'t> {
        if let Some(quoted) = self.quoted(first) {
            return quoted;
        }
        if let Some(block) = self.pem(first) {
            return block;
        }
        let mut line = first;
        let mut joined: Option<String> = None;
        let mut hi = first.span.hi;
        loop {
            let goes_on = goes_on(line.text);
            let text = if goes_on { line.text.strip_suffix('\\').unwrap_or(line.text).trim_end() } else { line.text };
            if let Some(value) = &mut joined {
                value.push_str(text);
                hi = if text.is_empty() { hi } else { line.span.hi };
            }
            let (next, join) = match self.next_line(goes_on, indent) {
                Some(next) => (
                    next,
                    if !goes_on {
                        "\n"
                    } else if self.section == Section::Named {
                        " "
                    } else {
                        ""
                    },
                ),
                None => break,
            };
            joined.get_or_insert_with(|| text.to_owned()).push_str(join);
            line = next;
        }
        let text = match joined {
            Some(value) => value.trim_end().to_owned().into(),
            None if goes_on(first.text) => first.text.trim_end_matches('\\').trim_end().into(),
            None => first.text.into(),
        };
        Value { text, style: Style::Plain, span: Span { lo: first.span.lo, hi } }
    }

    /// The next line when the value goes on with it. After a `\` that is the next line that is no comment, otherwise a
    /// line indented deeper than the entry that is none itself.
    fn next_line(&mut self, goes_on: bool, indented: usize) -> Option<Line<'t>> {
        loop {
            let before = self.at;
            let line = self.line()?;
            let body = trimmed(line);
            let is_comment = body.text.starts_with(['#', ';']);
            if goes_on && is_comment {
                self.comment(body.span);
            } else if goes_on || continues_by_indent(line.text, body.text, indented) {
                return Some(body);
            } else {
                self.at = before;
                return None;
            }
        }
    }

    /// The value when it stands in quotes and nothing but a comment follows them.
    fn quoted(&mut self, first: Line<'t>) -> Option<Value<'t>> {
        let quote = first.text.bytes().next().filter(|byte| matches!(byte, b'"' | b'\''))?;
        let lo = first.span.lo as usize;
        let bytes = self.masked.as_bytes();
        let window = bytes.get(lo + 1..bytes.len().min(lo + 1 + MAX_QUOTED))?;
        let line = first.text.len();
        let end = match closing(window, quote) {
            Some(end) if end + 2 <= line || self.section != Section::Named => {
                self.ends_value(lo + end + 2).then_some(end)
            }
            _ => None,
        };
        // `"C:\folder\"`: a quote behind a backslash closes if nothing else on the line does.
        let last = first.text.ends_with("\\\"").then(|| line.saturating_sub(2));
        let end = end.or(last.filter(|last| closing(window, quote).is_none_or(|end| end > *last)))?;
        let hi = lo + end + 2;
        let inner = self.masked.get(lo + 1..hi - 1)?;
        let after = self.rest_of_line(hi);
        self.at = self.at.max(after.span.hi as usize + 1).min(self.text.len());
        let comment = trimmed(after);
        if !comment.text.is_empty() {
            self.comment(comment.span);
        }
        let text = if quote == b'"' { unescape(inner) } else { inner.into() };
        Some(Value { text, style: Style::Quoted, span: Span::new(lo, hi) })
    }

    /// Whether a value may end at `at`: only white space and a comment set off by it follow on the line.
    fn ends_value(&self, at: usize) -> bool {
        let rest = self.rest_of_line(at).text;
        let after = rest.trim_start();
        after.is_empty() || (after.len() < rest.len() && after.starts_with(['#', ';']))
    }

    /// The value when it is a PEM block over several lines.
    fn pem(&mut self, first: Line<'t>) -> Option<Value<'t>> {
        if !first.text.contains("-----BEGIN ") || first.text.contains("-----END ") {
            return None;
        }
        let lo = first.span.lo as usize;
        let bytes = self.masked.as_bytes();
        let end = memchr::memmem::find(bytes.get(lo..bytes.len().min(lo + MAX_PEM))?, b"-----END ")?;
        let last = self.rest_of_line(lo + end);
        self.at = (last.span.hi as usize + 1).min(self.text.len());
        let span = Span { lo: first.span.lo, hi: trimmed(last).span.hi };
        Some(Value { text: span.slice(self.masked).into(), style: Style::Plain, span })
    }

    /// The next line, without its end.
    fn line(&mut self) -> Option<Line<'t>> {
        if self.at >= self.masked.len() {
            return None;
        }
        let line = self.rest_of_line(self.at);
        self.at = line.span.hi as usize + 1;
        Some(line)
    }

    /// The line from `at`, without its `\n`.
    fn rest_of_line(&self, at: usize) -> Line<'t> {
        let rest = self.masked.get(at..).unwrap_or_default();
        let end = memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
        Line { text: rest.get(..end).unwrap_or_default(), span: Span::new(at, at + end) }
    }

    fn comment(&mut self, span: Span) {
        self.builder.comment(span.slice(self.text).trim_start_matches(['#', ';']), span);
    }

    fn problem(&mut self, at: usize, message: impl Into<String>) {
        self.builder.problem(Span::new(at, at), message);
    }
}

/// The bytes `lo..hi` of a line.
fn part(line: Line<'_>, lo: usize, hi: usize) -> Line<'_> {
    Line { text: line.text.get(lo..hi).unwrap_or_default(), span: line.span.within(lo, hi) }
}

/// The line without white space (or a byte order mark) around it.
fn trimmed(line: Line<'_>) -> Line<'_> {
    let blank = |c: char| c.is_whitespace() || c == '\u{feff}';
    let lo = line.text.len() - line.text.trim_start_matches(blank).len();
    let hi = line.text.trim_end_matches(blank).len();
    part(line, lo, hi.max(lo))
}

/// How far the line is indented, in bytes.
fn indent(line: &str) -> usize {
    line.bytes().take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// The name that a shell exports: the key without `export`.
fn exported(key: Line<'_>) -> Line<'_> {
    match key.text.strip_prefix("export") {
        Some(name) if name.starts_with([' ', '\t']) => trimmed(part(key, "export".len(), key.text.len())),
        _ => key,
    }
}

/// Where the separator of the entry is.
fn separator(body: &str) -> Option<usize> {
    let first = |separator: char| {
        body.match_indices(separator)
            .map(|(at, _)| at)
            .find(|at| !body.get(..*at).is_some_and(|before| before.ends_with('\\')))
    };
    let (colon, equals) = (first(':'), first('='));
    let Some(colon) = colon.filter(|colon| *colon < equals.unwrap_or(usize::MAX)) else { return equals };
    let between = body.get(colon + 1..equals.unwrap_or(body.len())).unwrap_or_default();
    let of_key = match equals {
        // `//registry.npmjs.org/:_authToken=…`, `@acme:registry=…`, `a:b = c`
        Some(_) => body.starts_with(['/', '@']) || between.trim_end().chars().all(is_key),
        // The address `https://…` alone.
        None => between.starts_with("//"),
    };
    if of_key { equals } else { Some(colon) }
}

fn is_key(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':')
}

/// Whether the value goes on behind a `\` at the end of the line. A folder (`C:\data\`) and `\\` end with it.
fn goes_on(text: &str) -> bool {
    let is_path = text.get(1..).is_some_and(|rest| rest.starts_with(":\\")) || text.starts_with("\\\\");
    let slashes = text.len() - text.trim_end_matches('\\').len();
    slashes % 2 == 1 && !is_path
}

/// Whether a line belongs to the value of the entry above because it is indented deeper and no entry itself.
fn continues_by_indent(line: &str, body: &str, indented: usize) -> bool {
    if indent(line) <= indented || body.is_empty() || body.starts_with(['#', ';', '[']) {
        return false;
    }
    let entry = separator(body).and_then(|at| Some((body.get(..at)?.trim_end(), body.get(at + 1..)?)));
    // The end of a Base64 text looks like an entry: `c2VjcmV0==`.
    !entry.is_some_and(|(key, value)| key.chars().all(is_key) && !value.bytes().all(|byte| byte == b'='))
}

/// Where the quote closes. In double quotes a backslash takes the next character with it.
fn closing(inner: &[u8], quote: u8) -> Option<usize> {
    if quote == b'\'' {
        return memchr::memchr(quote, inner);
    }
    let mut at = 0;
    loop {
        let next = at + memchr::memchr2(quote, b'\\', inner.get(at..)?)?;
        if inner.get(next) == Some(&quote) {
            return Some(next);
        }
        at = next + 2;
    }
}

/// `\"` and `\\` in double quotes stand for the second character; any other backslash is itself, as in Windows paths.
fn unescape(inner: &str) -> Cow<'_, str> {
    if !inner.contains("\\\"") && !inner.contains("\\\\") {
        return inner.into();
    }
    let mut value = String::with_capacity(inner.len());
    let mut chars = inner.chars().peekable();
    while let Some(c) = chars.next() {
        let escaped = (c == '\\').then(|| chars.next_if(|next| matches!(next, '"' | '\\'))).flatten();
        value.push(escaped.unwrap_or(c));
    }
    value.into()
}
