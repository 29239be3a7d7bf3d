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
mod tests {
    use super::super::Node;
    use super::*;
    use proptest::prelude::*;

    fn texts(tree: &Tree, key: &str) -> Vec<String> {
        tree.documents().filter_map(|root| root.get(key)?.text()).map(str::to_owned).collect()
    }

    #[test]
    fn values_have_their_exact_bytes_and_styles() {
        let text =
            "{\"name\": \"caf\\u00e9 \\\"x\\\"\", \"n\": -1.5e3, \"ok\": true, \"none\": null, \"list\": [1, {}]}";
        let tree = parse(text);
        let root = tree.root().unwrap();
        let name = root.get("name").unwrap();
        assert_eq!(name.text(), Some("café \"x\""));
        assert_eq!(name.style(), Style::Quoted);
        assert_eq!(name.span().slice(text), "\"caf\\u00e9 \\\"x\\\"\"");
        assert_eq!(name.key_span().slice(text), "\"name\"");
        assert_eq!(root.get("n").unwrap().span().slice(text), "-1.5e3");
        assert_eq!(root.get("n").unwrap().style(), Style::Plain);
        assert_eq!(root.get("ok").unwrap().truth(), Some(true));
        assert!(root.get("none").unwrap().is_null());
        assert_eq!(root.get("list").unwrap().span().slice(text), "[1, {}]");
        assert_eq!(root.span().slice(text), text);
        assert!(tree.problems.is_empty());
    }

    #[test]
    fn escapes_become_the_characters_they_stand_for() {
        for (written, meant) in [
            (r"\ud83d\ude00", "😀"),
            (r"\ud83d", "\u{fffd}"),
            (r"\ude00\u0041", "\u{fffd}A"),
            (r"a\/b\\n\n", "a/b\\n\n"),
            (r"\x41 \u12", r"\x41 \u12"),
            (r"\ué123", r"\ué123"),
        ] {
            assert_eq!(unescape(written), meant, "{written}");
        }
    }

    #[test]
    fn comments_and_trailing_commas_are_read() {
        let text = "// who: team-a\n{\n  \"a\": [1, 2,], /* why */\n  \"url\": \"https://x\", // last\r\n}\n";
        let tree = parse(text);
        assert!(tree.problems.is_empty());
        assert_eq!(tree.root().unwrap().get("a").unwrap().items().count(), 2);
        assert_eq!(tree.root().unwrap().get_str("url"), Some("https://x"));
        let comments: Vec<_> = tree.comments.iter().map(|comment| (&*comment.text, comment.span.slice(text))).collect();
        assert_eq!(comments, [("who: team-a", "// who: team-a"), ("why", "/* why */"), ("last", "// last")]);
    }

    #[test]
    fn documents_may_follow_each_other_in_any_way() {
        let tree = parse("\u{feff}{\"a\":1}{\"a\":2}\n{\"a\":3},\r\n\u{1e}{\"a\":4}\n");
        assert_eq!(texts(&tree, "a"), ["1", "2", "3", "4"]);
        assert!(tree.problems.is_empty());
    }

    #[test]
    fn a_broken_line_costs_only_itself() {
        for broken in
            ["{\"a\": \"x", "{\"a\": {\"b\": 1}", "{\"a\" 1}", "{\"a\":", "{,}", "{\"a\": 1}}", "oops", "{\"a\": [1}"]
        {
            let text = format!("{{\"a\":1}}\n{broken}\n{{\"a\":3}}\n{{\"a\":4}}\n");
            let tree = parse(&text);
            let read = texts(&tree, "a");
            assert!(read.ends_with(&["3".to_owned(), "4".to_owned()]), "{broken}: {read:?}");
            assert_eq!(tree.problems.len(), 1, "{broken}");
            let line = text[..tree.problems[0].span.lo as usize].matches('\n').count();
            assert!((1..=3).contains(&line), "{broken}");
            // Nothing of what was given up is left in the tree.
            assert!(tree.nodes().all(|node| node.parent().is_some() || tree.documents().any(|root| root == node)));
        }
    }

    #[test]
    fn a_broken_indented_document_is_one_problem() {
        let tree = parse("{\n  \"a\": {\n    \"b\": 1\n    \"c\": 2\n  }\n}\n");
        assert_eq!(tree.documents().count(), 0);
        assert_eq!(tree.problems.len(), 1);
    }

    #[test]
    fn duplicate_keys_stay() {
        let tree = parse("{\"Comment\": 1, \"Comment\": 2}");
        assert_eq!(tree.root().unwrap().get_all("Comment").len(), 2);
    }

    #[test]
    fn an_object_without_its_braces_is_a_map() {
        for end in ["", ",", "\n// end\n", "}"] {
            let text =
                format!("// part of a folder\n\"JobA\": {{\"Type\": \"Job\"}},\n\"JobB\": {{\"Type\": \"Job\"}}{end}");
            let tree = parse(&text);
            assert!(tree.problems.is_empty(), "{end}");
            let root = tree.root().unwrap();
            assert_eq!(root.children().filter_map(Node::key).collect::<Vec<_>>(), ["JobA", "JobB"]);
            assert!(root.span().slice(&text).starts_with("\"JobA\""));
        }
        assert_eq!(parse("\"just text\"").root().unwrap().text(), Some("just text"));
    }

    #[test]
    fn templates_in_strings_are_text() {
        let tree = parse("{\"image\": \"{{ .Values.image }}:{{ .Chart.AppVersion }}\"}");
        assert_eq!(tree.root().unwrap().get_str("image"), Some("{{ .Values.image }}:{{ .Chart.AppVersion }}"));
    }

    #[test]
    fn bombs_are_refused_at_once() {
        for bomb in ["[".repeat(100_000), "{\"a\":".repeat(100_000), "[\n".repeat(100_000)] {
            let tree = parse(&bomb);
            assert!(!tree.problems.is_empty());
            assert!(tree.problems.len() <= MAX_PROBLEMS + 1);
            assert!(tree.nodes().count() < 1_000_000);
        }
    }

    /// Any JSON value, as text and as the shape it should be read back with.
    fn json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            "\\PC{0,8}|[\"\\\\\n\t/]{0,4}".prop_map(Into::into),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
                prop::collection::btree_map("\\PC{0,6}", inner, 0..6)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    fn back(node: Node<'_>) -> serde_json::Value {
        match node.shape() {
            Shape::Map => node.children().map(|child| (child.key().unwrap().to_owned(), back(child))).collect(),
            Shape::Seq => node.items().map(back).collect(),
            _ if node.style() == Style::Quoted => node.text().unwrap().into(),
            _ => serde_json::from_str(node.text().unwrap()).unwrap(),
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(value in json(), pretty in any::<bool>()) {
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
            let tree = parse(&text);
            prop_assert!(tree.problems.is_empty());
            let root = tree.root().unwrap();
            prop_assert_eq!(root.span().slice(&text), &text);
            for node in tree.nodes() {
                let again: serde_json::Value = serde_json::from_str(node.span().slice(&text)).unwrap();
                prop_assert_eq!(again, back(node));
            }
        }

        #[test]
        fn any_text_parses_without_panic_and_spans_stay_inside(text in "(\\PC|[\n:{}\\[\\]\"\\\\/*,u0-9]){0,80}") {
            let tree = parse(&text);
            for node in tree.nodes() {
                prop_assert!(text.get(node.span().range()).is_some());
                prop_assert!(text.get(node.key_span().range()).is_some());
            }
            for span in tree.problems.iter().map(|problem| problem.span).chain(tree.comments.iter().map(|c| c.span)) {
                prop_assert!(text.get(span.range()).is_some());
            }
        }
    }
}
