//! What every target asserts of what it is given.

use whoacts::syntax::{self, Syntax, Tree};

/// Reads `data` and asserts what must hold for any text: no panic, and every span slices the text.
pub fn read(syntax: Syntax, data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        check(text, &syntax::parse(syntax, text));
    }
}

fn check(text: &str, tree: &Tree) {
    for node in tree.nodes() {
        assert!(text.get(node.span().range()).is_some(), "value outside of the text: {node:?}");
        assert!(text.get(node.key_span().range()).is_some(), "key outside of the text: {node:?}");
    }
    let problems = tree.problems.iter().map(|problem| problem.span);
    let comments = tree.comments.iter().map(|comment| comment.span);
    for span in problems.chain(comments) {
        assert!(text.get(span.range()).is_some(), "problem or comment outside of the text: {span:?}");
    }
}
