use super::super::{Comment, Node};
use super::*;

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
