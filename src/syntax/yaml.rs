//! YAML, from the events of `granit-parser`.
//!
//! Aliases stay references, so an alias bomb costs what its text costs. Duplicate keys and anchors stay. After a syntax
//! error the broken document is given up and reading goes on at the next one.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, Tag};

use super::{Builder, Shape, Style, TooLarge, Tree, template};
use crate::text::Span;

/// Reads all documents of `text`.
pub(super) fn parse(text: &str) -> Tree {
    let templates = template::mask(text);
    let masked = templates.masked.as_deref().unwrap_or(text);
    let mut reader = Reader { text, templates: &templates, builder: Builder::default(), anchors: HashMap::new() };
    reader.read(masked);
    reader.builder.finish(text.len())
}

struct Reader<'a> {
    text: &'a str,
    templates: &'a template::Masked,
    builder: Builder,
    anchors: HashMap<usize, u32>,
}

impl Reader<'_> {
    fn read(&mut self, masked: &str) {
        // Half a file may be commented out.
        let options = granit_parser::options! { emit_unresolved_aliases: true, max_buffered_comment_events: 1_000_000 };
        let mut parser = Parser::new_from_str_with_options(masked, options);
        while let Some(next) = parser.next_event() {
            match next {
                Ok((event, span)) => {
                    let span = span.byte_range().map_or_else(Span::default, |range| Span::new(range.start, range.end));
                    if let Err(problem) = self.event(&event, span) {
                        self.give_up(span, problem.to_string());
                        if !matches!(parser.proceed_next_document(), Ok(true)) {
                            return;
                        }
                    }
                }
                Err(error) => {
                    let at = error.marker().byte_offset().unwrap_or(0);
                    // The kind has no text of the source in it, unlike some of the messages.
                    self.give_up(Span::new(at, at), describe(error.kind()));
                    if !matches!(parser.proceed_next_document(), Ok(true)) {
                        return;
                    }
                }
            }
        }
    }

    fn give_up(&mut self, span: Span, message: String) {
        self.builder.abandon();
        self.builder.problem(span, message);
    }

    fn event(&mut self, event: &Event<'_>, span: Span) -> Result<(), TooLarge> {
        match event {
            Event::DocumentStart(..) => self.anchors.clear(),
            Event::MappingStart(_, anchor, tag) => self.open(Shape::Map, *anchor, tag.as_deref(), span)?,
            Event::SequenceStart(_, anchor, tag) => self.open(Shape::Seq, *anchor, tag.as_deref(), span)?,
            Event::MappingEnd | Event::SequenceEnd => self.builder.close(span.hi as usize),
            Event::Scalar(value, style, anchor, tag) => self.scalar(value, *style, *anchor, tag.as_deref(), span)?,
            Event::Alias(anchor) => {
                if self.builder.expects_key() {
                    self.builder.key(span.slice(self.text), span);
                } else {
                    let target = self.anchors.get(anchor).copied();
                    self.builder.alias(target, span)?;
                }
            }
            Event::UnresolvedAlias(_) => {
                if self.builder.expects_key() {
                    self.builder.key(span.slice(self.text), span);
                } else {
                    self.builder.alias(None, span)?;
                }
            }
            Event::Comment(text, _) => self.builder.comment(text, span),
            _ => {}
        }
        Ok(())
    }

    fn open(&mut self, shape: Shape, anchor: usize, tag: Option<&Tag>, span: Span) -> Result<(), TooLarge> {
        if self.builder.expects_key() {
            // A map or list as a key: legal, never seen in configuration. Its own text serves as the key.
            self.builder.key(span.slice(self.text), span);
        }
        let id = self.builder.open(shape, "", span.lo as usize)?;
        self.remember(id, anchor, tag);
        Ok(())
    }

    fn scalar(
        &mut self,
        value: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        span: Span,
    ) -> Result<(), TooLarge> {
        let templated = self.templates.touches(span);
        let value = if templated { &*self.templates.restore(self.text, span, value) } else { value };
        if self.builder.expects_key() {
            self.builder.key(value, span);
            return Ok(());
        }
        let style = match style {
            _ if templated => Style::Template,
            ScalarStyle::Plain => Style::Plain,
            _ => Style::Quoted,
        };
        let id = self.builder.scalar(value, style, span)?;
        self.remember(id, anchor, tag);
        Ok(())
    }

    fn remember(&mut self, id: u32, anchor: usize, tag: Option<&Tag>) {
        if anchor != 0 {
            self.anchors.insert(anchor, id);
        }
        if let Some(tag) = tag {
            self.builder.tag(id, &tag.original());
        }
    }
}

/// The kind of a syntax error as words: `UnexpectedToken` becomes `unexpected token`.
fn describe(kind: &granit_parser::ErrorKind) -> String {
    let name = format!("{kind:?}");
    let name = name.split(['(', '{', ' ']).next().unwrap_or_default();
    let mut words = String::from("YAML:");
    for c in name.chars() {
        if c.is_uppercase() {
            words.push(' ');
        }
        words.extend(c.to_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_broken_document_costs_only_itself() {
        let tree = parse("a: 1\n---\nb: [1, 2\n---\nc: 3\n");
        let keys: Vec<_> = tree.documents().filter_map(|root| root.children().next()?.key()).collect();
        assert_eq!(keys, ["a", "c"]);
        assert_eq!(tree.problems.len(), 1);
    }

    #[test]
    fn quoted_scalars_have_exact_spans_and_comments_stay() {
        let text = "key: 'x'   # who\n";
        let tree = parse(text);
        let node = tree.root().unwrap().get("key").unwrap();
        assert_eq!(node.span().slice(text), "'x'");
        assert_eq!(node.text(), Some("x"));
        assert_eq!(tree.comments[0].text, "who");
    }

    #[test]
    fn merge_keys_yield_to_own_keys_and_duplicates_stay() {
        let text = "base: &b {a: 1, c: 3}\nx:\n  <<: *b\n  a: 2\n  d: 4\n  d: 5\n";
        let tree = parse(text);
        let x = tree.root().unwrap().get("x").unwrap();
        assert_eq!(x.get("a").and_then(Node::text), Some("2"));
        assert_eq!(x.get("c").and_then(Node::text), Some("3"));
        assert_eq!(x.get_all("d").len(), 2);
        assert_eq!(x.entries().len(), 4);
    }

    #[test]
    fn a_duplicate_anchor_means_the_last_one_before_the_alias() {
        let tree = parse("a: &x 1\nb: &x 2\nc: *x\n");
        assert_eq!(tree.root().unwrap().get("c").unwrap().text(), Some("2"));
    }

    #[test]
    fn an_alias_to_its_own_ancestor_resolves_to_nothing() {
        let tree = parse("a: &a\n  b: *a\n");
        let b = tree.root().unwrap().at(&["a", "b"]).unwrap();
        assert_eq!(b.shape(), Shape::Alias);
        assert_eq!(b.text(), None);
    }

    #[test]
    fn an_alias_bomb_and_deep_nesting_are_refused_at_once() {
        let mut bomb = String::from("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for level in 1..12 {
            let item = format!("*a{}", level - 1);
            bomb.push_str(&format!("a{level}: &a{level} [{}]\n", vec![item; 10].join(",")));
        }
        let tree = parse(&bomb);
        let mut reached = 0u32;
        let mut todo = vec![tree.root().unwrap().get("a11").unwrap()];
        while let Some(node) = todo.pop() {
            reached += 1;
            todo.extend(node.items());
            assert!(reached < 10_000_000, "the alias budget must end the walk");
        }
        assert!(tree.alias_limit_reached());
        assert_eq!(parse(&"[".repeat(100_000)).problems.len(), 1);
        assert_eq!(parse(&"- ".repeat(100_000)).problems.len(), 1);
    }

    #[test]
    fn long_comments_are_read_wherever_they_stand() {
        let comments = "  # x\n".repeat(5_000);
        let tree =
            parse(&format!("a:\n{comments}  b: 1\nc: [1,\n{comments} 2]\n---\n[\n---\n{comments}d:\n{comments}"));
        assert_eq!(tree.problems.len(), 1);
        assert_eq!(tree.documents().count(), 2);
        assert_eq!(tree.comments.len(), 20_000);
    }

    #[test]
    fn an_alias_that_would_nest_too_deeply_is_not_followed() {
        let mut text = String::from("- &a0 [x]\n");
        for level in 1..50_000 {
            text.push_str(&format!("- &a{level} [*a{}]\n", level - 1));
        }
        let tree = parse(&text);
        assert!(tree.alias_limit_reached());
        let mut node = tree.root().unwrap().items().last().unwrap();
        let mut depth = 0;
        while let Some(next) = node.items().next() {
            node = next;
            depth += 1;
        }
        assert!(depth < 250, "{depth}");
    }

    #[test]
    fn templates_keep_their_place_and_their_text() {
        let text = "metadata:\n  name: {{ .Release.Name }}-api\n{{- if .Values.sa }}\n  sa: \"{{ .Values.sa }}\"\n{{- end }}\n";
        let tree = parse(text);
        let meta = tree.root().unwrap().get("metadata").unwrap();
        let name = meta.get("name").unwrap();
        assert_eq!(name.style(), Style::Template);
        assert_eq!(name.text(), Some("{{ .Release.Name }}-api"));
        assert_eq!(name.span().slice(text), "{{ .Release.Name }}-api");
        assert_eq!(meta.get("sa").unwrap().text(), Some("{{ .Values.sa }}"));
        assert_eq!(name.literal(), None);
    }

    #[test]
    fn byte_order_marks_and_crlf_are_no_obstacle() {
        let text = "\u{feff}a: 1\r\nb: x\r\n";
        let tree = parse(text);
        let b = tree.root().unwrap().get("b").unwrap();
        assert_eq!(b.span().slice(text), "x");
    }

    use super::super::Node;

    proptest! {
        #[test]
        fn any_text_parses_without_panic_and_spans_stay_inside(text in "[ -~\n]{0,120}|(\\PC|[\n:{}\\-&*\\[\\]'\"#]){0,60}") {
            let tree = parse(&text);
            for node in tree.nodes() {
                prop_assert!(node.span().hi as usize <= text.len());
                prop_assert!(text.get(node.span().range()).is_some());
            }
        }
    }
}
