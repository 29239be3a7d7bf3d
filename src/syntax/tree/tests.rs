use super::*;

/// A map of one list, by `body`.
fn build(body: impl FnOnce(&mut Builder) -> Result<(), TooLarge>) -> Tree {
    let mut builder = Builder::default();
    builder.open(Shape::Map, "", 0).unwrap();
    body(&mut builder).unwrap();
    builder.finish(100)
}

fn at(lo: usize) -> Span {
    Span::new(lo, lo + 1)
}

/// `key: {…}`, with the number of the map.
fn map(builder: &mut Builder, key: &str, body: &[(&str, Option<u32>)]) -> Result<u32, TooLarge> {
    builder.key(key, at(0));
    let id = builder.open(Shape::Map, "", 0)?;
    for (key, target) in body {
        builder.key(*key, at(1));
        match target {
            Some(target) => builder.alias(Some(*target), at(2))?,
            None => builder.scalar(key, Style::Plain, at(2))?,
        };
    }
    builder.close(3);
    Ok(id)
}

fn height(node: Node<'_>) -> usize {
    node.children().map(|child| height(child) + 1).max().unwrap_or_default()
}

#[test]
fn merges_come_nearest_first_and_hide_each_other() {
    let tree = build(|builder| {
        let far = map(builder, "far", &[("a", None), ("b", None), ("c", None)])?;
        let near = map(builder, "near", &[("b", None), ("<<", Some(far)), ("d", None)])?;
        map(builder, "x", &[("e", None), ("<<", Some(near)), ("<<", Some(far)), ("e", None)])?;
        Ok(())
    });
    let root = tree.root().unwrap();
    let x = root.get("x").unwrap();
    let keys: Vec<_> = x.entries().into_iter().filter_map(Node::key).collect();
    assert_eq!(keys, ["e", "e", "b", "d", "a", "c"]);
    assert_eq!(x.get("b").and_then(Node::parent), root.get("near"));
    assert_eq!(x.get("a").and_then(Node::parent), root.get("far"));
    assert_eq!(x.get("e").map(|e| e.id), x.children().last().map(|e| e.id));
    assert!(x.get("z").is_none());
}

#[test]
fn merging_large_maps_often_takes_no_time() {
    let keys: Vec<String> = (0..20_000).map(|key| key.to_string()).collect();
    let tree = build(|builder| {
        let body: Vec<_> = keys.iter().map(|key| (&**key, None)).collect();
        let mut before = map(builder, "base", &body)?;
        for level in 0..50 {
            let merges: Vec<_> = vec![("<<", Some(before)); 3];
            before = map(builder, &format!("level{level}"), &merges)?;
        }
        Ok(())
    });
    let start = std::time::Instant::now();
    for child in tree.root().unwrap().children() {
        assert!(child.get("nothing").is_none());
        assert!(child.entries().len() <= 20_000);
    }
    assert!(tree.alias_limit_reached());
    assert!(start.elapsed().as_secs() < 30);
}

#[test]
fn a_chain_of_aliases_is_no_deeper_than_any_document() {
    let tree = build(|builder| {
        let mut before = map(builder, "a", &[("leaf", None)])?;
        for _ in 0..10_000 {
            before = map(builder, "a", &[("a", Some(before))])?;
        }
        Ok(())
    });
    assert!(tree.alias_limit_reached());
    let root = tree.root().unwrap();
    assert!((MAX_DEPTH / 2..=MAX_DEPTH).contains(&height(root)));
    let tenth = root.children().nth(10).unwrap();
    assert_eq!(tenth.at(&["a"; 10]).and_then(|last| last.get_str("leaf")), Some("leaf"));
}

#[test]
fn rewinding_forgets_what_came_after() {
    for before in 0..2 {
        let tree = build(|builder| {
            if before > 0 {
                map(builder, "kept", &[("a", None)])?;
            }
            let mark = builder.mark();
            map(builder, "lost", &[("b", None)])?;
            builder.key("open", at(0));
            builder.open(Shape::Seq, "", 0)?;
            builder.scalar("lost", Style::Plain, at(1))?;
            builder.rewind(&mark);
            map(builder, "new", &[("c", None)])?;
            Ok(())
        });
        let keys: Vec<_> = tree.nodes().filter_map(Node::key).collect();
        assert_eq!(keys, ["kept", "a", "new", "c"][2 - 2 * before..]);
        let keys: Vec<_> = tree.root().unwrap().children().filter_map(Node::key).collect();
        assert_eq!(keys, ["kept", "new"][1 - before..]);
    }
}
