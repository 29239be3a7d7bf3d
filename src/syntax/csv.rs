//! Rows below a header, as a list of maps: comma, semicolon or tab between fields.
//!
//! An own scanner of fields, because evidence needs the bytes of a value, and the usual readers only know where a row
//! starts. The key of every value is its header, and the span of the key is the header's.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Builder, Shape, Style, TooLarge, Tree, lines};
use crate::text::Span;

/// Reads the header and every row of `text`.
pub(super) fn parse(text: &str) -> Tree {
    let (start, delimiter) = preamble(text);
    let mut reader = Reader { text, at: start, delimiter, builder: Builder::default(), unclosed: false };
    if start < text.len()
        && let Err(problem) = reader.read()
    {
        reader.builder.problem(Span::new(reader.at, reader.at), problem.to_string());
    }
    reader.builder.finish(reader.at)
}

/// Where the header starts, and the delimiter. Before it may stand a byte order mark, the type of the objects that
/// PowerShell exported (`#TYPE …`), and the line by which spreadsheets name the delimiter (`sep=;`).
fn preamble(text: &str) -> (usize, u8) {
    let mut named = None;
    for line in lines(text) {
        let body = line.text.trim_start_matches('\u{feff}');
        if let Some(delimiter) = body.strip_prefix("sep=") {
            named = delimiter.bytes().next().filter(u8::is_ascii);
        } else if !body.trim().is_empty() && !body.starts_with("#TYPE") {
            return (line.span.hi as usize - body.len(), named.unwrap_or_else(|| sniff(body)));
        }
    }
    (text.len(), b',')
}

/// The delimiter that stands most often outside of quotes in the header.
fn sniff(header: &str) -> u8 {
    let bare: String = header.split('"').step_by(2).collect();
    let count = |delimiter: u8| bare.bytes().filter(|byte| *byte == delimiter).count();
    // Of equals the last one wins, so the comma comes last.
    [b'\t', b';', b','].into_iter().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b',')
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    delimiter: u8,
    builder: Builder,
    /// Whether a quote without its end was reported.
    unclosed: bool,
}

struct Field<'t> {
    value: Cow<'t, str>,
    style: Style,
    span: Span,
}

impl<'t> Reader<'t> {
    fn read(&mut self) -> Result<(), TooLarge> {
        self.builder.open(Shape::Seq, "", self.at)?;
        let headers = self.row().into_iter().map(|header| (Arc::from(header.value), header.span));
        let headers: Vec<(Arc<str>, Span)> = headers.collect();
        let mut ragged = false;
        while self.at < self.text.len() {
            let row = self.row();
            let (Some(first), Some(last)) = (row.first(), row.last()) else { continue };
            let span = first.span.cover(last.span);
            if span.is_empty() {
                continue;
            }
            let surplus = row.get(headers.len()..).unwrap_or_default();
            if !ragged && (row.len() < headers.len() || surplus.iter().any(|field| !field.value.is_empty())) {
                ragged = true;
                self.builder.problem(span, "CSV: a row has not as many fields as the header, maybe others too");
            }
            self.builder.open(Shape::Map, "", span.lo as usize)?;
            for ((header, span), field) in headers.iter().zip(&row) {
                self.builder.key(header.clone(), *span);
                self.builder.scalar(&field.value, field.style, field.span)?;
            }
            self.builder.close(span.hi as usize);
        }
        self.builder.close(self.at);
        Ok(())
    }

    /// The fields up to the end of the row, which quotes may carry over several lines.
    fn row(&mut self) -> Vec<Field<'t>> {
        let mut fields = Vec::new();
        loop {
            fields.push(self.field());
            let next = self.text.as_bytes().get(self.at).copied();
            self.at += usize::from(next.is_some());
            if next != Some(self.delimiter) {
                return fields;
            }
        }
    }

    /// One field; stops at the delimiter or line end behind it.
    fn field(&mut self) -> Field<'t> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let blank = rest.bytes().take_while(|byte| self.is_blank(*byte)).count();
        let lo = self.at + blank;
        let rest = rest.get(blank..).unwrap_or_default();
        if let Some(quoted) = self.quoted(lo, rest) {
            return quoted;
        }
        let end = memchr::memchr2(self.delimiter, b'\n', rest.as_bytes()).unwrap_or(rest.len());
        self.at = lo + end;
        let value = rest.get(..end).unwrap_or_default().trim_end();
        Field { value: value.into(), style: Style::Plain, span: Span::new(lo, lo + value.len()) }
    }

    /// The field when it stands in quotes and nothing follows them; a quote is written twice inside.
    fn quoted(&mut self, lo: usize, rest: &'t str) -> Option<Field<'t>> {
        let inner = rest.strip_prefix('"')?;
        let mut quotes = memchr::memchr_iter(b'"', inner.as_bytes()).peekable();
        let mut doubled = false;
        let close = loop {
            let Some(at) = quotes.next() else {
                self.report_unclosed(lo);
                return None;
            };
            if quotes.next_if_eq(&(at + 1)).is_none() {
                break at;
            }
            doubled = true;
        };
        let after = inner.get(close + 1..).unwrap_or_default();
        let blank = after.bytes().take_while(|byte| self.is_blank(*byte) || *byte == b'\r').count();
        let ends = after.as_bytes().get(blank).is_none_or(|byte| *byte == self.delimiter || *byte == b'\n');
        let value = inner.get(..close).unwrap_or_default();
        let hi = lo + close + 2;
        ends.then(|| {
            self.at = hi + blank;
            let value = if doubled { value.replace("\"\"", "\"").into() } else { value.into() };
            Field { value, style: Style::Quoted, span: Span::new(lo, hi) }
        })
    }

    fn report_unclosed(&mut self, at: usize) {
        if !self.unclosed {
            self.unclosed = true;
            self.builder.problem(Span::new(at, at), "CSV: a quote without its end");
        }
    }

    fn is_blank(&self, byte: u8) -> bool {
        matches!(byte, b' ' | b'\t') && byte != self.delimiter
    }
}

#[cfg(test)]
mod tests {
    use super::super::Node;
    use super::*;
    use proptest::prelude::*;

    fn rows(tree: &Tree) -> Vec<Node<'_>> {
        tree.root().map(|root| root.items().collect()).unwrap_or_default()
    }

    #[test]
    fn rows_are_maps_with_the_bytes_of_value_and_header() {
        let text = "user,arn,note\nci,arn:aws:iam::123456789012:user/ci,\"two\nlines, \"\"quoted\"\"\"\n\nx,,\n";
        let tree = parse(text);
        assert_eq!(tree.problems, []);
        let rows = rows(&tree);
        assert_eq!(rows.len(), 2);
        let note = rows[0].get("note").unwrap();
        assert_eq!((note.text(), note.style()), (Some("two\nlines, \"quoted\""), Style::Quoted));
        assert_eq!(note.span().slice(text), "\"two\nlines, \"\"quoted\"\"\"");
        assert_eq!(note.key_span().slice(text), "note");
        assert!(rows[0].span().slice(text).starts_with("ci,") && rows[0].span().slice(text).ends_with('"'));
        assert_eq!(rows[1].get("user").unwrap().span().slice(text), "x");
        assert_eq!((rows[1].get_str("arn"), rows[1].get("arn").unwrap().is_null()), (Some(""), true));
    }

    #[test]
    fn delimiters_and_what_stands_before_the_header_are_recognised() {
        for (text, value) in [
            ("a;b\n1;x,y\n", "x,y"),
            ("a\tb\n1\t x y \n", "x y"),
            ("\u{feff}\"a\",\"b\"\r\n\"1\", \"x\" \r\n", "x"),
            ("#TYPE System.Object\r\n\"a\",\"b\"\r\n1,x", "x"),
            ("sep=|\na|b\n1|x;y\n", "x;y"),
            ("\"a,,,\";b\n1;x\n", "x"),
        ] {
            let tree = parse(text);
            assert_eq!(tree.problems, [], "{text}");
            assert_eq!(rows(&tree)[0].get_str("b"), Some(value), "{text}");
        }
        assert_eq!(rows(&parse("one\n1\n2\n")).len(), 2);
        assert!(parse("").root().is_none());
        assert!(parse("#TYPE x").root().is_none());
    }

    #[test]
    fn ragged_rows_are_read_as_far_as_they_go_and_reported_once() {
        let tree = parse("a,b\n1\n1,2,3\n4,5,,\n");
        assert_eq!(tree.problems.len(), 1);
        assert_eq!(rows(&tree).iter().map(|row| row.children().count()).collect::<Vec<_>>(), [1, 2, 2]);
        assert_eq!(parse("a,b\n4,5,,\n").problems, []);
    }

    #[test]
    fn a_quote_left_open_costs_its_line_only() {
        let tree = parse("a,b\n\"x,1\ny,2\n");
        assert_eq!(tree.problems.len(), 1);
        assert_eq!(rows(&tree)[1].get_str("a"), Some("y"));
        let odd = parse("a,b\n\"x\"y,1\n");
        assert_eq!(rows(&odd)[0].get_str("a"), Some("\"x\"y"));
    }

    #[test]
    fn a_header_costs_its_length_once() {
        let tree = parse(&format!("{}\n{}", "h".repeat(1_000_000), "x\n".repeat(500_000)));
        let keys: std::collections::HashSet<_> = tree.nodes().filter_map(|node| Some(node.key()?.as_ptr())).collect();
        assert_eq!((keys.len(), rows(&tree).len()), (1, 500_000));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(
            table in prop::collection::vec(prop::collection::vec("[a-z\",;\n é]{0,6}", 3), 1..6),
            delimiter in prop::sample::select(vec![b',', b';', b'\t']),
        ) {
            let mut writer = csv::WriterBuilder::new()
                .delimiter(delimiter)
                .quote_style(csv::QuoteStyle::Always)
                .from_writer(Vec::new());
            writer.write_record(["a", "b", "c"]).unwrap();
            for row in &table {
                writer.write_record(row).unwrap();
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let tree = parse(&text);
            prop_assert_eq!(&tree.problems, &[]);
            let read: Vec<Vec<_>> =
                rows(&tree).iter().map(|row| row.children().filter_map(Node::text).collect()).collect();
            prop_assert_eq!(read, table);
        }

        #[test]
        fn any_text_parses_without_panic_and_spans_stay_inside(text in "(\\PC|[\n\r,;\t\"a ]){0,80}") {
            let tree = parse(&text);
            for node in tree.nodes() {
                prop_assert!(text.get(node.span().range()).is_some());
                prop_assert!(text.get(node.key_span().range()).is_some());
            }
            for problem in &tree.problems {
                prop_assert!(text.get(problem.span.range()).is_some());
            }
        }
    }
}
