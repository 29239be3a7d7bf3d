use super::super::Node;
use super::*;
use proptest::prelude::*;

fn texts(tree: &Tree, key: &str) -> Vec<String> {
    tree.documents().filter_map(|root| root.get(key)?.text()).map(str::to_owned).collect()
}

#[test]
fn values_have_their_exact_bytes_and_styles() {
    let text = "{\"name\": \"caf\\u00e9 \\\"x\\\"\", \"n\": -1.5e3, \"ok\": true, \"none\": null, \"list\": [1, {}]}";
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
