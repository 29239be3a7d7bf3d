//! Strings with `${…}` in them.

/// A part of a template.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part<'s> {
    Text(&'s str),
    Action(&'s str),
}

/// Splits a template. `$${` is the text `${`; braces and quotes inside of an action are skipped together.
pub(super) fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    let mut from = 0;
    while let Some(at) = rest.get(from..).and_then(|tail| tail.find("${")).map(|at| at + from) {
        let escaped = rest.get(..at).is_some_and(|before| before.ends_with('$'));
        let action = rest.get(at + 2..).unwrap_or_default();
        match (escaped, end_of_action(action)) {
            (false, Some(end)) => {
                let before = rest.get(..at).unwrap_or_default();
                if !before.is_empty() {
                    parts.push(Part::Text(before));
                }
                parts.push(Part::Action(action.get(..end).unwrap_or_default()));
                rest = action.get(end + 1..).unwrap_or_default();
                from = 0;
            }
            _ => from = at + 2,
        }
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest));
    }
    parts
}

fn end_of_action(action: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, byte) in action.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => return Some(at),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_split_at_their_actions() {
        use Part::{Action, Text};
        assert_eq!(parts("a${b}c"), [Text("a"), Action("b"), Text("c")]);
        assert_eq!(parts("${f({a=1})}"), [Action("f({a=1})")]);
        assert_eq!(parts("$${b}"), [Text("$${b}")]);
        assert_eq!(parts("${b"), [Text("${b")]);
        assert_eq!(parts("é${ü}"), [Text("é"), Action("ü")]);
    }
}
