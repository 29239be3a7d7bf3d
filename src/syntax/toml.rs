//! TOML, from the spanned table of the `toml` crate, which recovers after errors.
//!
//! Entries come in the order of the text; a table's span starts at its header. Comments are found by a scan of their own,
//! which also refuses keys and values nested so deeply that any walk of them would overflow the stack.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Builder, Shape, Style, TooLarge, Tree};
use crate::text::Span;

/// Nesting of brackets and dotted keys beyond this is refused before it is parsed.
const MAX_NESTING: usize = 120;
/// Problems beyond this say nothing new.
const MAX_PROBLEMS: usize = 100;

/// Reads `text` into one document.
pub(super) fn parse(text: &str) -> Tree {
    let mut builder = Builder::default();
    let mut scan = Scan { text, at: 0, nesting: vec![0] };
    if let Err(at) = scan.run(&mut builder) {
        builder.problem(Span::new(at, at), TooLarge.to_string());
        return builder.finish(text.len());
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors.iter().take(MAX_PROBLEMS) {
        let at = error.span().map_or(0, |range| range.start);
        // The description of the grammar rule; the parser never puts text of the source into it.
        builder.problem(Span::new(at, at), format!("TOML: {}", error.message()));
    }
    let mut reader = Reader { text, builder };
    if let Err(problem) = reader.table(table.get_ref(), Span::new(0, text.len())) {
        reader.builder.abandon();
        reader.builder.problem(Span::new(0, 0), problem.to_string());
    }
    reader.builder.finish(text.len())
}

struct Reader<'t> {
    text: &'t str,
    builder: Builder,
}

impl Reader<'_> {
    /// Reads a value and returns where it ends.
    fn value(&mut self, value: &Spanned<DeValue<'_>>) -> Result<usize, TooLarge> {
        let span = self.span(value.span());
        match value.get_ref() {
            DeValue::Table(table) => return self.table(table, span),
            DeValue::Array(items) => {
                let start = items.first().map_or(span.lo, |first| span.lo.min(self.span(first.span()).lo));
                self.builder.open(Shape::Seq, "", start as usize)?;
                let mut hi = span.hi as usize;
                for item in items.iter() {
                    hi = hi.max(self.value(item)?);
                }
                self.builder.close(hi);
                return Ok(hi);
            }
            DeValue::String(text) => self.builder.scalar(text, Style::Quoted, span)?,
            _ => self.builder.scalar(span.slice(self.text), Style::Plain, span)?,
        };
        Ok(span.hi as usize)
    }

    /// Reads a table and returns where the last of it ends: its entries may stand far below its header.
    fn table(&mut self, table: &DeTable<'_>, span: Span) -> Result<usize, TooLarge> {
        self.builder.open(Shape::Map, "", span.lo as usize)?;
        let mut hi = span.hi as usize;
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        for (key, value) in entries {
            let span = self.span(key.span());
            self.builder.key(&**key.get_ref(), span);
            hi = hi.max(self.value(value)?);
        }
        self.builder.close(hi);
        Ok(hi)
    }

    /// The range as a span; empty where an error left the parser with one that does not fit the text.
    fn span(&self, range: std::ops::Range<usize>) -> Span {
        if self.text.get(range.clone()).is_some() { Span::new(range.start, range.end) } else { Span::default() }
    }
}

/// Finds comments and measures nesting.
struct Scan<'t> {
    text: &'t str,
    at: usize,
    /// Dots of the key or header being read, for each open bracket.
    nesting: Vec<usize>,
}

impl Scan<'_> {
    /// Runs over the whole text. Fails with the position where it is nested too deeply.
    fn run(&mut self, builder: &mut Builder) -> Result<(), usize> {
        while let Some(byte) = self.text.as_bytes().get(self.at) {
            match byte {
                b'#' => {
                    let rest = self.text.get(self.at..).unwrap_or_default();
                    let comment = rest.split('\n').next().unwrap_or_default().trim_end();
                    builder.comment(comment.trim_start_matches('#'), Span::new(self.at, self.at + comment.len()));
                    self.at += comment.len();
                    continue;
                }
                b'"' | b'\'' => {
                    self.at += self.string(*byte);
                    continue;
                }
                b'[' | b'{' => self.nesting.push(0),
                b']' | b'}' if self.nesting.len() > 1 => drop(self.nesting.pop()),
                b'.' => self.nesting.iter_mut().next_back().into_iter().for_each(|dots| *dots += 1),
                // A key ends at a comma or, outside of brackets, with its line.
                b',' => self.nesting.iter_mut().next_back().into_iter().for_each(|dots| *dots = 0),
                b'\n' if self.nesting.len() == 1 => self.nesting = vec![0],
                _ => {}
            }
            self.at += 1;
            if self.nesting.len() + self.nesting.iter().sum::<usize>() > MAX_NESTING {
                return Err(self.at - 1);
            }
        }
        Ok(())
    }

    /// The length of the string that starts here with `quote`.
    fn string(&self, quote: u8) -> usize {
        let bytes = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let three = [quote; 3];
        let long = bytes.starts_with(&three);
        let mut at = if long { 3 } else { 1 };
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'\\' if quote == b'"' => at += 1,
                b'\n' if !long => return at,
                _ if long && bytes.get(at..).is_some_and(|rest| rest.starts_with(&three)) => {
                    // Up to two quotes may stand right before the closing ones.
                    let after = bytes.get(at + 3..).unwrap_or_default();
                    return at + 3 + after.iter().take(2).take_while(|byte| **byte == quote).count();
                }
                byte if !long && *byte == quote => return at + 1,
                _ => {}
            }
            at += 1;
        }
        bytes.len()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Node;
    use super::*;
    use proptest::prelude::*;

    const TEXT: &str = r##"# head
name = "café" # who
"quoted key" = 'raw \n'
n = 1_000
when = 2024-01-01T00:00:00Z
list = [1, "x # no comment", { a = true }]
a.b.c = 1

[tool."x.y"]
url = """
one
two"""

[[job]]
id = 1
[job.run]
as = "root"
[[job]]
id = 2
"##;

    #[test]
    fn values_keys_and_comments_have_their_exact_bytes() {
        let tree = parse(TEXT);
        assert_eq!(tree.problems, []);
        let root = tree.root().unwrap();
        let name = root.get("name").unwrap();
        assert_eq!((name.text(), name.style()), (Some("café"), Style::Quoted));
        assert_eq!(name.span().slice(TEXT), "\"café\"");
        let quoted = root.get("quoted key").unwrap();
        assert_eq!(quoted.key_span().slice(TEXT), "\"quoted key\"");
        assert_eq!(quoted.text(), Some(r"raw \n"));
        assert_eq!((root.get_str("n"), root.get("n").unwrap().style()), (Some("1_000"), Style::Plain));
        assert_eq!(root.get_str("when"), Some("2024-01-01T00:00:00Z"));
        assert_eq!(root.get("list").unwrap().items().count(), 3);
        assert_eq!(root.at(&["a", "b", "c"]).unwrap().span().slice(TEXT), "1");
        assert_eq!(root.at(&["tool", "x.y", "url"]).unwrap().text(), Some("one\ntwo"));
        let comments: Vec<_> = tree.comments.iter().map(|comment| (&*comment.text, comment.span.slice(TEXT))).collect();
        assert_eq!(comments, [("head", "# head"), ("who", "# who")]);
    }

    #[test]
    fn entries_keep_the_order_of_the_text_and_tables_cover_their_entries() {
        let tree = parse(TEXT);
        let root = tree.root().unwrap();
        let keys: Vec<_> = root.children().filter_map(Node::key).collect();
        assert_eq!(keys, ["name", "quoted key", "n", "when", "list", "a", "tool", "job"]);
        let jobs: Vec<_> = root.get("job").unwrap().items().collect();
        assert_eq!(jobs.iter().filter_map(|job| job.get_str("id")).collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(jobs[0].span().slice(TEXT), "[[job]]\nid = 1\n[job.run]\nas = \"root\"");
        assert_eq!(jobs[0].at(&["run", "as"]).and_then(Node::literal), Some("root"));
    }

    #[test]
    fn a_broken_line_leaves_a_problem_and_the_rest() {
        let text = "a = 1\nb = = 2\nc = 3\n[t]\nd = 4\n";
        let tree = parse(text);
        let root = tree.root().unwrap();
        assert_eq!(root.get_str("a"), Some("1"));
        assert_eq!(root.get_str("c"), Some("3"));
        assert_eq!(root.at(&["t", "d"]).and_then(Node::literal), Some("4"));
        assert!(!tree.problems.is_empty());
        assert_eq!(text[..tree.problems[0].span.lo as usize].matches('\n').count(), 1);
    }

    #[test]
    fn byte_order_marks_and_crlf_are_no_obstacle() {
        let text = "\u{feff}a = 1\r\n[b]\r\nc = 'x'\r\n";
        let tree = parse(text);
        assert_eq!(tree.problems, []);
        assert_eq!(tree.root().unwrap().get("a").unwrap().span().slice(text), "1");
        assert_eq!(tree.root().unwrap().at(&["b", "c"]).unwrap().span().slice(text), "'x'");
    }

    #[test]
    fn bombs_are_refused_at_once() {
        let bombs = [
            format!("a = {}", "[".repeat(100_000)),
            format!("a = {}", "{a=".repeat(100_000)),
            format!("{} = 1", vec!["a"; 100_000].join(".")),
            format!("[{}]", vec!["a"; 100_000].join(".")),
            format!("a = {}", "{a.a.a.a = ".repeat(100)),
        ];
        for bomb in bombs {
            assert!(!parse(&bomb).problems.is_empty());
        }
        // Many dots are no nesting: numbers in a list, and one key after the other.
        assert_eq!(parse(&format!("a = [{}]\n[a1.b]\n", "1.5, ".repeat(1_000))).problems, []);
    }

    fn toml() -> impl Strategy<Value = toml::Table> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(toml::Value::from),
            any::<i64>().prop_map(toml::Value::from),
            "\\PC{0,8}|[\"'\\\\\n#\t]{0,4}".prop_map(toml::Value::from),
        ];
        let value = leaf.prop_recursive(3, 20, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(toml::Value::from),
                prop::collection::btree_map("[a-z.]{0,4}", inner, 0..4)
                    .prop_map(|map| toml::Value::Table(map.into_iter().collect())),
            ]
        });
        prop::collection::btree_map("[a-zé ]{1,4}", value, 0..5).prop_map(|map| map.into_iter().collect())
    }

    fn back(node: Node<'_>) -> toml::Value {
        match node.shape() {
            Shape::Map => {
                let entries = node.children().map(|child| (child.key().unwrap().to_owned(), back(child)));
                toml::Value::Table(entries.collect())
            }
            Shape::Seq => node.items().map(back).collect::<Vec<_>>().into(),
            _ if node.style() == Style::Quoted => node.text().unwrap().into(),
            _ => match node.text().unwrap() {
                "true" => true.into(),
                "false" => false.into(),
                number => number.parse::<i64>().unwrap().into(),
            },
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(table in toml(), pretty in any::<bool>()) {
            let text = if pretty { toml::to_string_pretty(&table) } else { toml::to_string(&table) }.unwrap();
            let tree = parse(&text);
            prop_assert_eq!(&tree.problems, &[]);
            prop_assert_eq!(&tree.comments, &[]);
            prop_assert_eq!(back(tree.root().unwrap()), toml::Value::Table(table));
        }

        #[test]
        fn any_text_parses_without_panic_and_spans_stay_inside(
            text in "(\\PC|[\n\r=.,#{}\\[\\]\"'a0-9-]|\"\"\"|'''){0,60}|([a-c]( = |\\.|\\[|\\]|\n|\\{|\\}|\")){0,30}",
        ) {
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
