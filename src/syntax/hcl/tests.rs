use super::super::{Comment, Node};
use super::*;
use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::structure::{Body, Structure};
use hcl_edit::template::{Element, Template};
use proptest::prelude::*;

const TEXT: &str = r#"# who: team-a
terraform {
  backend "s3" {}
}

resource "aws_iam_user" "ci" {
  name  = "ci-é" // the robot
  count = 2
  tags = {
    Owner     = "team-a"
    "cost:id" : -1.5
    (local.k) = true, last = null
  }
  list = [1, "a${var.b}c", [], /* two */ var.x[0].y]
}
resource "aws_iam_user" "cd" { name = aws_iam_user.ci.name }

resource "aws_iam_policy" "p" {
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = ["s3:*"] }]
  })
  doc  = <<-EOT
    {"a": 1}
      b
    EOT
  tmpl = (<<EOT
${var.x}
EOT
  )
  cond = var.a ? { b = 1 } : {}
  all  = [for u in var.users : u.name if u.ci]
  fun  = provider::aws::arn_parse(merge(a...), 1)
}
"#;

fn read(text: &str) -> Tree {
    let tree = parse(text);
    assert_eq!(tree.problems, [], "{text}");
    tree
}

/// The value of the only attribute of a file `a = …`.
fn value(source: &str) -> (Style, String) {
    let tree = read(&format!("a = {source}\n"));
    let a = tree.root().unwrap().get("a").unwrap();
    assert_eq!(a.shape(), Shape::Scalar, "{source}");
    (a.style(), a.text().unwrap().to_owned())
}

#[test]
fn blocks_are_maps_named_by_type_and_labels() {
    let tree = read(TEXT);
    let root = tree.root().unwrap();
    let keys: Vec<_> = root.children().filter_map(Node::key).collect();
    assert_eq!(keys, ["terraform", "resource", "resource", "resource"]);
    assert!(root.at(&["terraform", "backend", "s3"]).unwrap().is_map());
    let users: Vec<_> =
        root.get_all("resource").into_iter().filter_map(|r| r.get("aws_iam_user")?.children().next()).collect();
    assert_eq!(users.iter().filter_map(|user| user.key()).collect::<Vec<_>>(), ["ci", "cd"]);
    assert_eq!(users[0].key_span().slice(TEXT), "\"ci\"");
    assert!(users[0].span().slice(TEXT).starts_with("{\n  name") && users[0].span().slice(TEXT).ends_with("}"));
    assert_eq!(users[1].entry_span().slice(TEXT), "\"cd\" { name = aws_iam_user.ci.name }");
    assert_eq!(root.span().slice(TEXT), TEXT);
}

#[test]
fn values_have_their_styles_and_exact_bytes() {
    let tree = read(TEXT);
    let user = tree.root().unwrap().get_all("resource")[0].at(&["aws_iam_user", "ci"]).unwrap();
    let name = user.get("name").unwrap();
    assert_eq!((name.text(), name.style(), name.span().slice(TEXT)), (Some("ci-é"), Style::Quoted, "\"ci-é\""));
    assert_eq!((user.get_str("count"), user.get("count").unwrap().style()), (Some("2"), Style::Plain));
    let tags: Vec<_> =
        user.get("tags").unwrap().children().map(|tag| (tag.key().unwrap(), tag.text().unwrap())).collect();
    assert_eq!(tags, [("Owner", "team-a"), ("cost:id", "-1.5"), ("(local.k)", "true"), ("last", "null")]);
    let items: Vec<_> = user.get("list").unwrap().items().collect();
    assert_eq!((items[1].style(), items[1].text()), (Style::Template, Some("a${var.b}c")));
    assert!(items[2].is_seq());
    assert_eq!((items[3].style(), items[3].text()), (Style::Expression, Some("var.x[0].y")));
}

#[test]
fn calls_and_heredocs_are_seen_into_and_other_expressions_keep_their_source() {
    let tree = read(TEXT);
    let policy = tree.root().unwrap().get_all("resource")[2].at(&["aws_iam_policy", "p"]).unwrap();
    let call = policy.get("policy").unwrap();
    assert_eq!((call.shape(), call.function()), (Shape::Call, Some("jsonencode")));
    let statement = call.children().next().unwrap().get("Statement").unwrap();
    assert_eq!(statement.items().next().unwrap().get_str("Effect"), Some("Allow"));
    let doc = policy.get("doc").unwrap();
    assert_eq!((doc.style(), doc.text()), (Style::Quoted, Some("{\"a\": 1}\n  b\n")));
    assert_eq!(doc.span().slice(TEXT), "<<-EOT\n    {\"a\": 1}\n      b\n    EOT");
    let tmpl = policy.get("tmpl").unwrap();
    assert_eq!((tmpl.style(), tmpl.text()), (Style::Template, Some("${var.x}\n")));
    assert_eq!(policy.get("cond").unwrap().style(), Style::Expression);
    assert_eq!(policy.get("all").unwrap().text(), Some("[for u in var.users : u.name if u.ci]"));
    let fun = policy.get("fun").unwrap();
    assert_eq!(fun.function(), Some("provider::aws::arn_parse"));
    assert_eq!(fun.children().next().unwrap().children().next().unwrap().text(), Some("a"));
}

#[test]
fn comments_are_recorded_without_their_marks() {
    let tree = read(TEXT);
    let comments: Vec<_> = tree.comments.iter().map(|Comment { text, span }| (&**text, span.slice(TEXT))).collect();
    assert_eq!(comments, [("who: team-a", "# who: team-a"), ("the robot", "// the robot"), ("two", "/* two */")]);
}

#[test]
fn strings_stand_for_their_characters() {
    for (source, style, text) in [
        (r#""a\n\t\"\\\u00e9\U0001F600""#, Style::Quoted, "a\n\t\"\\é😀"),
        (r#""\d+ \u12""#, Style::Quoted, r"\d+ \u12"),
        (r#""$${x} %%{y} $x""#, Style::Quoted, "${x} %{y} $x"),
        (r#""${lookup(m, "k}\"", "d")}-${"${a}"}""#, Style::Template, r#"${lookup(m, "k}\"", "d")}-${"${a}"}"#),
        ("\"%{ if x }a%{ endif }\"", Style::Template, "%{ if x }a%{ endif }"),
        ("\"${\n  a\n}\"", Style::Template, "${\n  a\n}"),
        ("((\"x\"))", Style::Quoted, "x"),
        ("(\n  var.x\n)", Style::Expression, "var.x"),
        ("(a) + (b)", Style::Expression, "(a) + (b)"),
        ("-1", Style::Plain, "-1"),
        ("1.5e-3", Style::Plain, "1.5e-3"),
        ("1 - 1", Style::Expression, "1 - 1"),
        ("!true", Style::Expression, "!true"),
        ("{ for k, v in m : k => v }", Style::Expression, "{ for k, v in m : k => v }"),
        ("b.0.c", Style::Expression, "b.0.c"),
        ("f(1)[0]", Style::Expression, "f(1)[0]"),
        ("a == b", Style::Expression, "a == b"),
    ] {
        assert_eq!(value(source), (style, text.to_owned()), "{source}");
    }
    assert!(read("a = { for = 1 }\n").root().unwrap().at(&["a", "for"]).is_some());
}

#[test]
fn heredocs_end_at_their_marker_alone() {
    for (text, value) in [
        ("a = <<EOT\nEOTX\n  x\nEOT\n", "EOTX\n  x\n"),
        ("a = <<EOT\n  EOT more\n  EOT\n", "  EOT more\n"),
        ("a = <<EOT\nEOT\n", ""),
        ("a = <<EOT\r\n x\r\nEOT\r\n", " x\r\n"),
        ("a = <<-EOT\n\n    x\n  y\n\n  EOT", "\n  x\ny\n\n"),
        ("a = <<EOT\n\"unclosed { ( # no comment\nEOT\n", "\"unclosed { ( # no comment\n"),
    ] {
        let tree = read(text);
        assert_eq!(tree.root().unwrap().get_str("a"), Some(value), "{text}");
    }
    let tree = read("a = f(<<A\nx\nA\n, <<B\ny\n  B)\n");
    assert_eq!(
        tree.root().unwrap().get("a").unwrap().children().filter_map(Node::text).collect::<Vec<_>>(),
        ["x\n", "y\n"]
    );
}

#[test]
fn a_broken_block_costs_only_itself() {
    for broken in
        ["x \"a\" {\n  b {\n  c = [1, 2\n}\n", "x = [1,\n", "x {\n  a = \"open\n  c = {\n}\n", "x {\n  a = <<EOT\n}\n"]
    {
        let text = format!("a = 1\n{broken}\ny \"z\" {{\n  d = 2\n}}\nlast = 3\n");
        let tree = parse(&text);
        let root = tree.root().unwrap();
        assert_eq!((root.get_str("a"), root.get_str("last")), (Some("1"), Some("3")), "{broken}");
        assert_eq!(root.at(&["y", "z", "d"]).and_then(Node::literal), Some("2"), "{broken}");
        assert!((1..4).contains(&tree.problems.len()), "{broken}: {:?}", tree.problems);
        assert!(tree.problems.iter().all(|problem| problem.span.lo < text.find("y \"z\"").unwrap() as u32));
    }
}

#[test]
fn a_broken_line_costs_only_itself() {
    let tree = parse("x {\n  a = 1\n  what is this\n  b =\n  c = \"open\n  d = { e f = 1 }\n  g = 2\n}\n");
    let x = tree.root().unwrap().get("x").unwrap();
    assert_eq!((x.get_str("a"), x.get_str("g")), (Some("1"), Some("2")));
    assert_eq!(tree.problems.len(), 3, "{:?}", tree.problems);
}

#[test]
fn duplicates_old_syntax_and_byte_order_marks_are_read() {
    let text = "\u{feff}a = 1\r\na = 2\r\n\"quoted\" = { \"k\" = 1, k = 2 }\r\nb { c = 1, d = 2 }\r\nvariable x {}\r\n";
    let tree = read(text);
    let root = tree.root().unwrap();
    assert_eq!(root.get_all("a").len(), 2);
    assert_eq!(root.get("quoted").unwrap().get_all("k").len(), 2);
    assert_eq!(root.at(&["b", "d"]).and_then(Node::literal), Some("2"));
    assert!(root.at(&["variable", "x"]).unwrap().is_map());
    assert_eq!(root.get("a").unwrap().entry_span().slice(text), "a = 2");
}

#[test]
fn bombs_are_refused_at_once() {
    let n = 100_000;
    let bombs = [
        format!("a = {}", "[".repeat(n)),
        format!("a = {}1{}\n", "[".repeat(n), "]".repeat(n)),
        format!("a = {}1{}\n", "{a=".repeat(n), "}".repeat(n)),
        format!("a = {}1{}\n", "f(".repeat(n), ")".repeat(n)),
        format!("{}{}", "x {\n".repeat(n), "}\n".repeat(n)),
        format!("x {} {{}}\n", "\"l\" ".repeat(n)),
        "a = \"${\n".repeat(n),
        "a = <<A\n".repeat(n),
        "<<".repeat(n),
    ];
    for bomb in bombs {
        let start = std::time::Instant::now();
        let text = format!("{bomb}\nlast = 1\n");
        let tree = parse(&text);
        assert!(!tree.problems.is_empty());
        assert!(tree.nodes().count() < 10 * n);
        assert!(start.elapsed().as_secs() < 5, "{:?}", text.get(..10));
    }
    // Parentheses and operators hold nothing, so they cost nothing.
    for flat in [format!("{}1{}", "(".repeat(n), ")".repeat(n)), "a ? b : ".repeat(n) + "c", "-".repeat(n) + "1"] {
        assert_eq!(read(&format!("a = {flat}\n")).nodes().count(), 2);
    }
    let text = format!("a = {}1{}\nlast = 1\n", "[".repeat(n), "]".repeat(n));
    assert_eq!(parse(&text).root().unwrap().get_str("last"), Some("1"));
}

#[test]
fn large_objects_are_read_in_time() {
    let text: String = (0..100_000).map(|n| format!("  key{n} = \"v\"\n")).collect();
    let start = std::time::Instant::now();
    assert_eq!(read(&format!("a = {{\n{text}}}\n")).nodes().count(), 100_002);
    assert!(start.elapsed().as_secs() < 5);
}

/// Holds a body against what the `hcl-edit` crate makes of the same text.
fn compare(text: &str, node: Node<'_>, body: &Body) {
    let children: Vec<_> = node.children().collect();
    assert_eq!(children.len(), body.len(), "{text}");
    for (child, structure) in children.into_iter().zip(body) {
        match structure {
            Structure::Attribute(attribute) => {
                assert_eq!(child.key(), Some(attribute.key.as_str()), "{text}");
                assert_eq!(child.key_span().range(), attribute.key.span().unwrap(), "{text}");
                compare_value(text, child, &attribute.value);
            }
            Structure::Block(block) => {
                assert_eq!(child.key(), Some(block.ident.as_str()), "{text}");
                assert_eq!(child.entry_span().range(), block.span().unwrap(), "{text}");
                let mut child = child;
                for label in &block.labels {
                    child = child.children().next().unwrap();
                    assert_eq!(child.key(), Some(label.as_str()), "{text}");
                    assert_eq!(child.key_span().range(), label.span().unwrap(), "{text}");
                }
                compare(text, child, &block.body);
            }
        }
    }
}

fn compare_value(text: &str, node: Node<'_>, value: &Expression) {
    let source = value.span().and_then(|span| text.get(span));
    let value = match value {
        Expression::Parenthesis(inside) => return compare_value(text, node, inside.inner()),
        value => value,
    };
    let scalar = (node.shape() == Shape::Scalar).then(|| (node.style(), node.text().unwrap()));
    match value {
        Expression::Array(items) => {
            assert_eq!((node.shape(), node.children().count()), (Shape::Seq, items.len()), "{text}");
            node.children().zip(items).for_each(|(node, item)| compare_value(text, node, item));
        }
        Expression::FuncCall(call) => {
            assert_eq!((node.shape(), node.children().count()), (Shape::Call, call.args.len()), "{text}");
            assert!(node.function().unwrap().ends_with(call.name.name.as_str()), "{text}");
            node.children().zip(&call.args).for_each(|(node, item)| compare_value(text, node, item));
        }
        Expression::Object(object) => {
            assert_eq!((node.shape(), node.children().count()), (Shape::Map, object.len()), "{text}");
            for (node, (key, value)) in node.children().zip(object) {
                match key {
                    ObjectKey::Ident(name) => assert_eq!(node.key(), Some(name.as_str()), "{text}"),
                    ObjectKey::Expression(Expression::String(name)) => assert_eq!(node.key(), Some(&***name), "{text}"),
                    ObjectKey::Expression(_) => {}
                }
                compare_value(text, node, value.expr());
            }
        }
        Expression::String(string) => assert_eq!(scalar, Some((Style::Quoted, &***string)), "{text}"),
        Expression::Null(_) | Expression::Bool(_) | Expression::Number(_) => {
            assert_eq!(scalar, source.map(|source| (Style::Plain, source)), "{text}");
        }
        Expression::StringTemplate(_) => {
            assert_eq!(scalar, source.map(|source| (Style::Template, &source[1..source.len() - 1])), "{text}");
        }
        Expression::HeredocTemplate(heredoc) => match literal(&heredoc.template) {
            // Where indentation is taken away, the crate takes carriage returns too.
            Some(literal) => {
                let read = node.text().map(|text| text.replace('\r', ""));
                assert_eq!((node.style(), read), (Style::Quoted, Some(literal.replace('\r', ""))), "{text}");
            }
            None => assert_eq!(node.style(), Style::Template, "{text}"),
        },
        // The crate reads a sign as an operator.
        Expression::UnaryOp(_) if node.style() == Style::Plain => assert_eq!(node.text(), source, "{text}"),
        _ => assert_eq!(scalar, source.map(|source| (Style::Expression, source)), "{text}"),
    }
    if !matches!(value, Expression::HeredocTemplate(_)) {
        assert_eq!(Some(node.span().slice(text)), source, "{text}");
    }
}

fn literal(template: &Template) -> Option<String> {
    let literals = template.iter().map(|element| match element {
        Element::Literal(literal) => Some(literal.as_str()),
        _ => None,
    });
    literals.collect()
}

/// The source of any expression.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        r#"[a-z][a-z_-]{0,4}(\.[a-z0-9]{1,3}|\[[0-9]\]|\[\*\])?"#,
        "-?[0-9]{1,3}(\\.[0-9]{1,2})?(e-?[0-9])?",
        prop::sample::select(vec!["true", "false", "null"]).prop_map(str::to_owned),
        r#""([a-zé #{}\[\](),=:/.$%-]|\\n|\\"|\\\\|\\u00e9|\$\$\{|%%\{|\$\{[a-z.]{1,4}\}|\$\{f\("\}\{"\)\})*""#,
    ];
    leaf.prop_recursive(4, 30, 4, |inner| {
        let pairs = prop::collection::vec((r#"[a-d]{1,3}|"[a-z ${.]{1,5}"|\([a-z]\)"#, inner.clone()), 0..4);
        let items = prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            (items.clone(), prop::sample::select(vec![", ", ",\n", ", /* , */ ", ", # ]\n"]))
                .prop_map(|(items, between)| format!("[{}]", items.join(between))),
            (pairs, prop::sample::select(vec!["\n", ",", ", ", " # }\n"])).prop_map(|(pairs, between)| {
                let pairs: Vec<_> = pairs.into_iter().map(|(key, value)| format!("{key} = {value}")).collect();
                format!("{{ {} }}", pairs.join(between))
            }),
            ("[a-z_]{1,5}|a::b", items).prop_map(|(name, items)| format!("{name}({})", items.join(", "))),
            inner.clone().prop_map(|inner| format!("(\n{inner}\n)")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} == {b} ? {a} : {b}")),
            (inner.clone(), inner.clone())
                .prop_map(|(a, b)| format!("[for k, v in {a} : v => {b}]").replace(" => ", " + ")),
            inner.clone().prop_map(|a| format!("{{ for k, v in {a} : k => v... if !v }}")),
            inner.prop_map(|a| format!("{a}[*].x")),
        ]
    })
}

/// The source of any body.
fn body() -> impl Strategy<Value = String> {
    let heredoc = ("-?", "([a-z {}\"é#]{0,6}(\\$\\{a\\})?\n){1,3}")
        .prop_map(|(dash, content)| format!("<<{dash}EOT\n{content}EOT"));
    let comment = prop::sample::select(vec!["", " # é", " // x", " /* a\nb */"]);
    // Behind the end of a heredoc no comment may stand, though the other parser takes one.
    let value = prop_oneof![
        4 => (expression(), comment).prop_map(|(value, comment)| value + comment),
        1 => heredoc,
    ];
    let attribute = ("[a-z][a-z_-]{0,5}", value).prop_map(|(key, value)| format!("{key} = {value}\n"));
    let attributes = prop::collection::vec(attribute, 0..3).prop_map(|all| all.concat());
    attributes.prop_recursive(3, 12, 3, |inner| {
        let block = (r#"[a-z]{1,4}( "[a-z .]{0,4}"| [a-z]{1,4}){0,2}"#, inner.clone());
        let block = block.prop_map(|(header, body)| format!("{header} {{\n{body}}}\n"));
        (inner, prop::collection::vec(block, 0..3)).prop_map(|(before, blocks)| before + &blocks.concat())
    })
}

proptest! {
    #[test]
    fn what_is_read_is_what_another_parser_reads(text in body(), crlf in any::<bool>()) {
        let text = if crlf { text.replace('\n', "\r\n") } else { text };
        // It refuses duplicate keys, which are ours to keep.
        if let Ok(body) = hcl_edit::parser::parse_body(&text) {
            let tree = parse(&text);
            prop_assert_eq!(&tree.problems, &[], "{}", text);
            compare(&text, tree.root().unwrap(), &body);
        }
    }

    #[test]
    fn any_text_parses_without_panic_and_spans_stay_inside(
        text in "(\\PC|[\n\r=.,#{}\\[\\]()\"'a0-9-]|\\$\\{|<<A\n|A\n|/\\*|a = |b \"c\" \\{\n){0,60}",
    ) {
        let tree = parse(&text);
        for node in tree.nodes() {
            prop_assert!(text.get(node.span().range()).is_some());
            prop_assert!(text.get(node.key_span().range()).is_some());
            prop_assert!(node.parent().is_none_or(|parent| parent.span().cover(node.span()) == parent.span()));
        }
        for span in tree.problems.iter().map(|problem| problem.span).chain(tree.comments.iter().map(|c| c.span)) {
            prop_assert!(text.get(span.range()).is_some());
        }
    }
}
