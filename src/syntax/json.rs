//! JSON as files have it: with comments, trailing commas, a byte order mark, several documents one after the other
//! (NDJSON), or as an object without its outer braces.
//!
//! An own scanner without recursion: positions are exact, duplicate keys stay, and nesting costs no stack. A document
//! that does not parse costs only itself: reading goes on at the next line that starts one.

use std::borrow::Cow;

use super::{Builder, Shape, Style, TooLarge, Tree};
use crate::text::Span;

/// Broken documents after which the rest of the text is left alone.
const MAX_PROBLEMS: usize = 1_000;
/// How often, on average, a byte may be read again because its document was given up.
const MAX_REREAD: usize = 4;

/// Reads all documents of `text`.
pub(super) fn parse(text: &str) -> Tree {
    let mut reader = Reader { text, at: 0, builder: Builder::default(), commented: 0 };
    reader.documents();
    reader.builder.finish(text.len())
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    builder: Builder,
    /// Where the last comment ends, so that one read again is not recorded again.
    commented: usize,
}

/// Where a document cannot be read on, and why.
struct Stop {
    at: usize,
    message: Cow<'static, str>,
}

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Want {
    Value,
    ItemOrEnd,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
}

impl<'t> Reader<'t> {
    fn documents(&mut self) {
        let (mut problems, mut reread) = (0, 0);
        let mut first = true;
        loop {
            let outcome = self.between();
            let start = self.at;
            let Err(stop) = (match outcome {
                Ok(false) => return,
                Ok(true) => self.document(std::mem::take(&mut first)),
                Err(stop) => Err(stop),
            }) else {
                continue;
            };
            self.builder.abandon();
            self.builder.problem(Span::new(stop.at, stop.at), stop.message);
            problems += 1;
            reread += self.at.saturating_sub(start);
            if problems >= MAX_PROBLEMS || reread > self.text.len().saturating_mul(MAX_REREAD) {
                self.builder.problem(Span::new(self.at, self.at), "JSON: too much is broken, the rest was left unread");
                return;
            }
            self.at = self.next_start(start);
        }
    }

    /// Skips what may stand between documents; whether one follows.
    fn between(&mut self) -> Result<bool, Stop> {
        loop {
            self.blank()?;
            match self.peek() {
                // Commas between objects, record separators of JSON text sequences, and byte order marks.
                Some(b',' | 0x1e) => self.at += 1,
                Some(0xef) if self.rest().starts_with('\u{feff}') => self.at += '\u{feff}'.len_utf8(),
                next => return Ok(next.is_some()),
            }
        }
    }

    /// The start of the next line that opens an object or a list at its first column: one line of NDJSON, or a document of
    /// several. The lines in between belong to what was given up.
    fn next_start(&self, from: usize) -> usize {
        let bytes = self.text.as_bytes();
        let ends = memchr::memchr_iter(b'\n', bytes.get(from..).unwrap_or_default());
        ends.map(|end| from + end + 1).find(|at| matches!(bytes.get(*at), Some(b'{' | b'['))).unwrap_or(self.text.len())
    }

    fn document(&mut self, first: bool) -> Result<(), Stop> {
        let mut want = Want::Value;
        let fragment = first && self.fragment()?;
        loop {
            if fragment && self.builder.depth() == 1 && matches!(want, Want::CommaOrEnd | Want::KeyOrEnd) {
                let hi = self.at;
                self.blank()?;
                if self.peek().is_none() {
                    self.builder.close(hi);
                    return Ok(());
                }
            }
            want = self.step(want)?;
            if self.builder.depth() == 0 {
                return Ok(());
            }
        }
    }

    /// Opens a map for an object without its braces, when the text starts with a key and a colon.
    fn fragment(&mut self) -> Result<bool, Stop> {
        let lo = self.at;
        if self.peek() != Some(b'"') {
            return Ok(false);
        }
        let (key, span) = self.string()?;
        self.blank()?;
        if self.peek() != Some(b':') {
            self.at = lo;
            return Ok(false);
        }
        self.at += 1;
        self.open(Shape::Map, lo)?;
        self.builder.key(key, span);
        Ok(true)
    }

    /// Reads one token and says what may follow it.
    fn step(&mut self, want: Want) -> Result<Want, Stop> {
        self.blank()?;
        let lo = self.at;
        let Some(byte) = self.peek() else {
            return Err(stop(lo, "JSON: the document ends too early"));
        };
        let in_map = self.builder.expects_key();
        match (want, byte) {
            (Want::Value | Want::ItemOrEnd, b'{' | b'[') => {
                self.at += 1;
                let shape = if byte == b'{' { Shape::Map } else { Shape::Seq };
                self.open(shape, lo)?;
                Ok(if byte == b'{' { Want::KeyOrEnd } else { Want::ItemOrEnd })
            }
            (Want::ItemOrEnd, b']') | (Want::KeyOrEnd, b'}') => Ok(self.close()),
            (Want::CommaOrEnd, b']') if !in_map => Ok(self.close()),
            (Want::CommaOrEnd, b'}') if in_map => Ok(self.close()),
            (Want::CommaOrEnd, b',') => {
                self.at += 1;
                Ok(if in_map { Want::KeyOrEnd } else { Want::ItemOrEnd })
            }
            (Want::CommaOrEnd, _) => Err(stop(lo, "JSON: expected a comma or the end of the object or list")),
            (Want::KeyOrEnd, b'"') => {
                let (key, span) = self.string()?;
                self.builder.key(key, span);
                Ok(Want::Colon)
            }
            (Want::KeyOrEnd, _) => Err(stop(lo, "JSON: expected a key in quotes")),
            (Want::Colon, b':') => {
                self.at += 1;
                Ok(Want::Value)
            }
            (Want::Colon, _) => Err(stop(lo, "JSON: expected a colon after the key")),
            (Want::Value | Want::ItemOrEnd, b'"') => {
                let (value, span) = self.string()?;
                self.builder.scalar(&value, Style::Quoted, span).map_err(|error| too_large(lo, error))?;
                Ok(Want::CommaOrEnd)
            }
            (Want::Value | Want::ItemOrEnd, _) => {
                let word = self.word()?;
                let span = Span::new(lo, self.at);
                self.builder.scalar(word, Style::Plain, span).map_err(|error| too_large(lo, error))?;
                Ok(Want::CommaOrEnd)
            }
        }
    }

    fn open(&mut self, shape: Shape, lo: usize) -> Result<(), Stop> {
        self.builder.open(shape, "", lo).map(|_| ()).map_err(|error| too_large(lo, error))
    }

    fn close(&mut self) -> Want {
        self.at += 1;
        self.builder.close(self.at);
        Want::CommaOrEnd
    }

    /// A number, or one of the words; JSON of other makers also has those for not-a-number and infinity.
    fn word(&mut self) -> Result<&'t str, Stop> {
        let lo = self.at;
        let word = self.rest();
        let end =
            word.bytes().position(|byte| !matches!(byte, b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'+' | b'-' | b'.'));
        let word = word.get(..end.unwrap_or(word.len())).unwrap_or_default();
        let digits = word.strip_prefix('-').unwrap_or(word);
        let number = digits.starts_with(|c: char| c.is_ascii_digit())
            && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'e' | b'E' | b'+' | b'-' | b'.'));
        if number || matches!(word, "true" | "false" | "null" | "NaN" | "Infinity" | "-Infinity") {
            self.at += word.len();
            Ok(word)
        } else {
            Err(stop(lo, "JSON: expected a value"))
        }
    }

    /// A string and its span, quotes included.
    fn string(&mut self) -> Result<(Cow<'t, str>, Span), Stop> {
        let lo = self.at;
        let bytes = self.text.as_bytes();
        let mut at = lo + 1;
        let mut escaped = false;
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            let next = memchr::memchr3(b'"', b'\\', b'\n', rest);
            match next.and_then(|next| Some((next, rest.get(next)?))) {
                Some((next, b'"')) => {
                    self.at = at + next + 1;
                    let inner = self.text.get(lo + 1..at + next).unwrap_or_default();
                    let value = if escaped { Cow::Owned(unescape(inner)) } else { Cow::Borrowed(inner) };
                    return Ok((value, Span::new(lo, self.at)));
                }
                Some((next, b'\\')) => {
                    escaped = true;
                    at += next + 2;
                }
                // A line end never stands in a string, so the quote was left open.
                _ => return Err(stop(lo, "JSON: a string without its closing quote")),
            }
        }
    }

    /// Skips white space and comments.
    fn blank(&mut self) -> Result<(), Stop> {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                b'/' => self.comment()?,
                _ => break,
            }
        }
        Ok(())
    }

    fn comment(&mut self) -> Result<(), Stop> {
        let (lo, rest) = (self.at, self.rest());
        let (length, inner) = if let Some(line) = rest.strip_prefix("//") {
            let line = line.split('\n').next().unwrap_or(line);
            (line.len() + 2, line)
        } else if let Some((inner, _)) = rest.strip_prefix("/*").and_then(|rest| rest.split_once("*/")) {
            (inner.len() + 4, inner)
        } else {
            return Err(stop(lo, "JSON: expected a value or a comment"));
        };
        self.at += length;
        if lo >= self.commented {
            self.commented = self.at;
            let end = rest.get(..length).unwrap_or_default().trim_end().len();
            self.builder.comment(inner, Span::new(lo, lo + end));
        }
        Ok(())
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }
}

fn stop(at: usize, message: &'static str) -> Stop {
    Stop { at, message: message.into() }
}

fn too_large(at: usize, error: TooLarge) -> Stop {
    Stop { at, message: error.to_string().into() }
}

/// The text that an escaped string stands for. Escapes that JSON does not know stay as they are.
fn unescape(inner: &str) -> String {
    let mut value = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((before, escape)) = rest.split_once('\\') {
        value.push_str(before);
        let mut chars = escape.chars();
        let plain = match chars.next() {
            Some('n') => Some('\n'),
            Some('t') => Some('\t'),
            Some('r') => Some('\r'),
            Some('b') => Some('\u{8}'),
            Some('f') => Some('\u{c}'),
            Some(c @ ('"' | '\\' | '/')) => Some(c),
            _ => None,
        };
        let coded = || unicode(escape.strip_prefix('u')?);
        let (c, tail) = plain.map(|c| (c, chars.as_str())).or_else(coded).unwrap_or(('\\', escape));
        value.push(c);
        rest = tail;
    }
    value.push_str(rest);
    value
}

/// The character of a `\u` escape, of which `hex` is what follows the `u`, and what comes after it. Half of a surrogate
/// pair becomes the replacement character.
fn unicode(hex: &str) -> Option<(char, &str)> {
    let (high, tail) = hex4(hex)?;
    if let Some(c) = char::from_u32(high) {
        return Some((c, tail));
    }
    let low =
        tail.strip_prefix("\\u").and_then(hex4).filter(|(low, _)| high < 0xDC00 && (0xDC00..0xE000).contains(low));
    Some(match low {
        Some((low, after)) => {
            let code = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
            (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), after)
        }
        None => (char::REPLACEMENT_CHARACTER, tail),
    })
}

fn hex4(text: &str) -> Option<(u32, &str)> {
    let (digits, tail) = text.split_at_checked(4)?;
    let valid = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    valid.then(|| u32::from_str_radix(digits, 16).ok()).flatten().map(|code| (code, tail))
}

#[cfg(test)]
mod tests;
