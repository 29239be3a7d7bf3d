//! YAML, from the events of `granit-parser`.
//!
//! Aliases stay references, so an alias bomb costs what its text costs. Duplicate keys and anchors stay. After a syntax
//! error the broken document is given up and reading goes on at the next one.

use std::collections::HashMap;

use granit_parser::{Event, Parser, ScalarStyle, Tag};

use super::{Builder, Shape, Style, TooLarge, Tree, template};
use crate::text::Span;

/// White space and a comment between a key and the action that is its value.
const MAX_GAP: u32 = 1_000;

/// Reads all documents of `text`.
pub(super) fn parse(text: &str) -> Tree {
    let templates = template::mask(text);
    let masked = templates.masked.as_deref().unwrap_or(text);
    let (builder, anchors) = (Builder::default(), HashMap::new());
    let mut reader = Reader { text, templates: &templates, builder, anchors, key: Span::default() };
    reader.read(masked);
    reader.builder.finish(text.len())
}

struct Reader<'a> {
    text: &'a str,
    templates: &'a template::Masked,
    builder: Builder,
    anchors: HashMap<usize, u32>,
    /// The last key.
    key: Span,
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
        // The parser calls an absent value `~`.
        let value = if span.is_empty() { "" } else { value };
        let templated = self.templates.touches(span);
        let value = if templated { &*self.templates.restore(self.text, span, value) } else { value };
        if self.builder.expects_key() {
            self.builder.key(value, span);
            self.key = span;
            return Ok(());
        }
        if value.is_empty()
            && matches!(style, ScalarStyle::Plain | ScalarStyle::Literal | ScalarStyle::Folded)
            && let Some(hidden) = self.hidden_action(span)
        {
            let id = self.builder.scalar(hidden.slice(self.text), Style::Template, hidden)?;
            self.remember(id, anchor, tag);
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

    /// The actions that stand where the value of the last key should, and will be it: alone on the lines below it, indented
    /// deeper or indenting what they write. The mask took them for nothing.
    fn hidden_action(&self, empty: Span) -> Option<Span> {
        let from = self.templates.actions.partition_point(|action| action.lo < self.key.hi);
        let actions = self.templates.actions.get(from..)?;
        let first = actions.first()?;
        if first.lo > self.key.hi.saturating_add(MAX_GAP) {
            return None;
        }
        let before = self.text.get(self.key.hi as usize..first.lo as usize)?;
        let (after_key, _) = before.trim_start().strip_prefix(':')?.split_once('\n')?;
        let block = after_key.split('#').next().unwrap_or_default().trim();
        let alone = before.trim_end().len() <= before.find('\n')?;
        let is_key = empty.lo >= self.key.hi && alone && block.bytes().all(|byte| b"|>+-123456789".contains(&byte));
        let column = |at: u32| {
            self.text.get(..at as usize).map_or(0, |text| text.len() - text.rfind('\n').map_or(0, |end| end + 1))
        };
        let is_value =
            |action: &Span| column(action.lo) > column(self.key.lo) || action.slice(self.text).contains("indent ");
        if !is_key || !is_value(first) {
            return None;
        }
        let mut hidden = *first;
        for action in actions.iter().skip(1).take_while(|action| is_value(action)) {
            if !self.text.get(hidden.hi as usize..action.lo as usize)?.trim().is_empty() {
                break;
            }
            hidden = hidden.cover(*action);
        }
        Some(hidden)
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
    fn actions_that_are_a_value_by_themselves_are_no_absence() {
        let text = "a:\n  {{- with .x }}\n  {{- toYaml . | nindent 2 }}\n  {{- end }}\nb:\n{{ toYaml .y | indent 2 }}\nc: |\n  {{ .z }}\nd:\n{{- if .q }}\ne: 1\n{{- end }}\nf: # x\n  - g:\n    {{ h }}\n";
        let tree = parse(text);
        let root = tree.root().unwrap();
        for (key, value) in [
            ("a", "{{- with .x }}\n  {{- toYaml . | nindent 2 }}\n  {{- end }}"),
            ("b", "{{ toYaml .y | indent 2 }}"),
            ("c", "{{ .z }}"),
        ] {
            let node = root.get(key).unwrap();
            assert_eq!((node.style(), node.text(), node.span().slice(text)), (Style::Template, Some(value), value));
        }
        assert!(root.get("d").unwrap().is_null());
        let f = root.get("f").unwrap().items().next().unwrap();
        assert!(f.get("g").unwrap().is_null());
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
