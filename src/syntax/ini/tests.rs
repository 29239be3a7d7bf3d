use proptest::prelude::*;

use super::super::{Comment, Node};
use super::*;

/// Every entry as (section, key, value), all problems refused.
fn entries(text: &str) -> Vec<(String, String, String)> {
    let tree = parse(text);
    assert_eq!(tree.problems, [], "{text}");
    let mut all = Vec::new();
    for section in tree.root().unwrap().children() {
        for entry in section.children() {
            let words = [section.key(), entry.key(), entry.text()].map(|word| word.unwrap().to_owned());
            all.push(words.into());
        }
    }
    all
}

/// Keys and values of the section `""`.
fn pairs(text: &str) -> Vec<(String, String)> {
    entries(text).into_iter().map(|(_, key, value)| (key, value)).collect()
}

fn pair(key: &str, value: &str) -> (String, String) {
    (key.to_owned(), value.to_owned())
}

#[test]
fn systemd_units_keep_order_duplicates_and_empty_assignments() {
    let text = "[Unit]\nDescription=CI: nightly = yes\n\n[Service]\nUser=\nUser=%i\nEnvironment=\"A=1 2\" B=3\nExecStart=/bin/sh \\\n# why\n  -c 'x' \\\n\n; end\nExecStart=\n[Service]\nNice=1\n";
    let all = entries(text);
    let all: Vec<_> = all.iter().map(|(section, key, value)| (&**section, &**key, &**value)).collect();
    assert_eq!(
        all,
        [
            ("Unit", "Description", "CI: nightly = yes"),
            ("Service", "User", ""),
            ("Service", "User", "%i"),
            ("Service", "Environment", "\"A=1 2\" B=3"),
            ("Service", "ExecStart", "/bin/sh -c 'x'"),
            ("Service", "ExecStart", ""),
            ("Service", "Nice", "1"),
        ]
    );
    let tree = parse(text);
    let comments: Vec<_> =
        tree.comments.iter().map(|Comment { text: comment, span }| (&**comment, span.slice(text))).collect();
    assert_eq!(comments, [("why", "# why"), ("end", "; end")]);
    let services = tree.root().unwrap().get_all("Service");
    assert_eq!(services.len(), 2);
    assert_eq!(services[1].key_span().slice(text), "Service");
    assert_eq!(services[1].entry_span().slice(text), "Service]\nNice=1");
    assert_eq!(services[0].get_all("ExecStart")[0].span().slice(text), "/bin/sh \\\n# why\n  -c 'x' \\");
}

#[test]
fn keys_and_values_have_their_exact_bytes_whatever_ends_the_lines() {
    let text = "\u{feff}first = é 1 \r\n[ s ] ; note\r\n\tkey\t:\tvalue # data\r\nbare\r\n";
    let tree = parse(text);
    let root = tree.root().unwrap();
    let first = root.at(&["", "first"]).unwrap();
    assert_eq!((first.key_span().slice(text), first.span().slice(text), first.text()), ("first", "é 1", Some("é 1")));
    let section = root.get("s").unwrap();
    let key = section.get("key").unwrap();
    assert_eq!((key.key_span().slice(text), key.text(), key.style()), ("key", Some("value # data"), Style::Plain));
    assert!(section.get("bare").unwrap().is_null());
    assert_eq!(section.get("bare").unwrap().entry_span().slice(text), "bare");
    assert_eq!(tree.comments.iter().map(|comment| &*comment.text).collect::<Vec<_>>(), ["note"]);
}

#[test]
fn the_separator_is_the_first_that_can_be_one() {
    for (line, key, value) in [
        ("//registry.npmjs.org/:_authToken=${NPM_TOKEN}", "//registry.npmjs.org/:_authToken", "${NPM_TOKEN}"),
        ("//host:8080/npm/:_password=x=", "//host:8080/npm/:_password", "x="),
        ("@acme:registry=https://npm.example.com/", "@acme:registry", "https://npm.example.com/"),
        ("url: jdbc:mysql://db/x?a=b", "url", "jdbc:mysql://db/x?a=b"),
        ("url:jdbc:mysql://db/x?a=b", "url", "jdbc:mysql://db/x?a=b"),
        ("name:ci", "name", "ci"),
        ("https://example.com", "https://example.com", ""),
        ("a\\=b = c", "a\\=b", "c"),
        ("a = b:c", "a", "b:c"),
        ("key[] = x", "key[]", "x"),
    ] {
        assert_eq!(pairs(line), [pair(key, value)], "{line}");
    }
    assert_eq!(parse("= x\n").problems.len(), 1);
    assert_eq!(parse("[open\na=1\n").problems.len(), 1);
}

#[test]
fn env_files_are_read_with_their_quotes() {
    let text = "export A='it is' # note\nB=\"say \\\"x\\\" $A\"\nC=\"open\nD=a # b\nE=\"x\"y\nF=\"C:\\dir\\\"\nG=\"a\" \"b\\\"\nexport\tH\n";
    assert_eq!(
        pairs(text),
        [
            pair("A", "it is"),
            pair("B", "say \"x\" $A"),
            pair("C", "\"open"),
            pair("D", "a # b"),
            pair("E", "\"x\"y"),
            pair("F", "C:\\dir\\"),
            pair("G", "\"a\" \"b\\\""),
            pair("H", ""),
        ]
    );
    let tree = parse(text);
    let section = tree.root().unwrap().get("").unwrap();
    let a = section.get("A").unwrap();
    assert_eq!((a.style(), a.span().slice(text), a.key_span().slice(text)), (Style::Quoted, "'it is'", "A"));
    assert_eq!(section.get("C").unwrap().style(), Style::Plain);
    assert_eq!(tree.comments.len(), 1);
}

#[test]
fn no_line_of_a_secret_becomes_a_key() {
    let pem = "-----BEGIN PRIVATE KEY-----\nTUlJRQ==\n-----END PRIVATE KEY-----";
    for (text, value) in [
        (format!("K=\"{pem}\"\nL=1\n"), pem.to_owned()),
        (format!("K={pem}\nL=1\n"), pem.to_owned()),
        (format!("K = {}\nL=1\n", pem.replace('\n', "\n    ")), pem.replace('\n', "\n    ")),
        ("K=\n  TUlJRQ\n  c2VjcmV0==\nL=1\n".to_owned(), "\nTUlJRQ\nc2VjcmV0==".to_owned()),
    ] {
        assert_eq!(pairs(&text), [pair("K", &value), pair("L", "1")]);
        let tree = parse(&text);
        let span = tree.root().unwrap().at(&["", "K"]).unwrap().span();
        assert!(span.slice(&text).trim_end_matches('"').ends_with(value.lines().last().unwrap()));
    }
}

#[test]
fn values_go_on_over_lines_as_their_dialect_has_it() {
    assert_eq!(pairs("list=a,\\\n   b\\\n\nend=1\n"), [pair("list", "a,b"), pair("end", "1")]);
    assert_eq!(
        pairs("dir=C:\\data\\\nb=x\\\\\nc=1\n"),
        [pair("dir", "C:\\data\\"), pair("b", "x\\\\"), pair("c", "1")]
    );
    let text =
        "[distutils]\nindex-servers =\n    pypi\n    private\n[aws]\ns3 =\n  max = 1\n[git \"x\"]\n\turl = y\n\tbare\n";
    let all = entries(text);
    let all: Vec<_> = all.iter().map(|(section, key, value)| (&**section, &**key, &**value)).collect();
    assert_eq!(
        all,
        [
            ("distutils", "index-servers", "\npypi\nprivate"),
            ("aws", "s3", ""),
            ("aws", "max", "1"),
            ("git \"x\"", "url", "y"),
            ("git \"x\"", "bare", ""),
        ]
    );
}

#[test]
fn template_actions_stay_text_in_their_place() {
    let text = "{{ ansible_managed | comment }}\n<% if @x -%>\n[Service]\nUser=<%= @user %>\nA=\"{{ b = c }}\" # x\n<% end %>\n";
    let tree = parse(text);
    let service = tree.root().unwrap().get("Service").unwrap();
    let user = service.get("User").unwrap();
    assert_eq!(
        (user.style(), user.text(), user.span().slice(text)),
        (Style::Template, Some("<%= @user %>"), "<%= @user %>")
    );
    assert_eq!(
        (service.get("A").unwrap().style(), service.get("A").unwrap().text()),
        (Style::Template, Some("{{ b = c }}"))
    );
    assert_eq!(service.children().count(), 2);
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        sections in prop::collection::vec(
            ("[A-Za-z][a-z @:\"]{0,6}[a-z]", prop::collection::vec(("[A-Za-zé][A-Za-z_.-]{0,8}", "[a-zé#;=:$%{\"'/][ -\\[\\]a-zé]{0,8}[a-z]"), 0..4)),
            0..4,
        ),
        crlf in any::<bool>(),
        spaced in any::<bool>(),
    ) {
        let (end, separator) = (if crlf { "\r\n" } else { "\n" }, if spaced { " = " } else { "=" });
        let mut text = String::new();
        let mut written = Vec::new();
        for (section, entries) in &sections {
            text.push_str(&format!("[{section}]{end}"));
            for (key, value) in entries {
                text.push_str(&format!("{key}{separator}{value}{end}"));
                written.push((section.clone(), key.clone(), value.clone()));
            }
        }
        let tree = parse(&text);
        prop_assert_eq!(&tree.problems, &[]);
        let mut read = Vec::new();
        for section in tree.root().unwrap().children() {
            for entry in section.children() {
                let words = [section.key(), entry.key()].map(|word| word.unwrap().to_owned());
                let [section, key] = words;
                read.push((section, key, entry.span().slice(&text).to_owned()));
            }
        }
        prop_assert_eq!(read, written);
    }

    #[test]
    fn quoted_values_are_read_back(values in prop::collection::vec("[a-zé \"\\\\#;='\n]{0,12}", 1..5)) {
        let mut text = String::new();
        for value in &values {
            text.push_str(&format!("K=\"{}\"\n", value.replace('\\', "\\\\").replace('"', "\\\"")));
        }
        let tree = parse(&text);
        let read: Vec<_> = tree.root().unwrap().get("").unwrap().get_all("K").into_iter().filter_map(Node::text).collect();
        prop_assert_eq!(read, values);
    }

    #[test]
    fn any_text_parses_without_panic_and_spans_stay_inside(
        text in "(\\PC|[\n\r\t =:#;\\[\\]\"'\\\\a]|\\{\\{|\\}\\}|export |-----BEGIN |-----END ){0,60}",
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
