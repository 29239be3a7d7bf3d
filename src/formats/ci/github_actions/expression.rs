//! The expression language of workflows: `${{ … }}` and the conditions under `if:`.
//!
//! Grammar: docs.github.com, "Evaluate expressions in workflows and actions". Names are case-insensitive, strings stand
//! in single quotes with `''` for a quote.

use std::ops::Range;

use crate::syntax::Masked;
use crate::text::Span;

/// Nesting beyond this is refused, so that a hostile file cannot exhaust the stack.
const MAX_DEPTH: usize = 60;

/// Functions whose outcome is only yes or no.
const TESTS: [&str; 3] = ["contains", "startswith", "endswith"];

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expr {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    Path(Path),
    /// A function call; what is taken from its result (`fromJSON(x).y`) is left out.
    Call {
        name: String,
        args: Vec<Expr>,
        whole: bool,
    },
    Not(Box<Expr>),
    And(Box<Expr>, Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    Compare {
        op: Op,
        left: Box<Expr>,
        right: Box<Expr>,
    },
}

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    Equal,
    Unequal,
    /// An order of numbers, whose outcome is never known beforehand.
    Order,
}

/// A way into a context: `secrets.TOKEN`, `matrix.target['name']`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Path {
    /// The context, lower case.
    pub(super) root: String,
    /// The way from there.
    pub(super) parts: Vec<Part>,
    /// The path as written.
    pub(super) source: String,
}

/// One step of a [`Path`].
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part {
    Name(String),
    Index(Box<Expr>),
    Star,
}

impl Path {
    /// The names along the way, when all of them are plain.
    pub(super) fn names(&self) -> Option<Vec<&str>> {
        self.parts.iter().map(Part::name).collect()
    }

    /// The whole path in lower case with dots, when all of it is plain.
    pub(super) fn dotted(&self) -> Option<String> {
        let mut dotted = self.root.clone();
        for name in self.names()? {
            dotted.push('.');
            dotted.push_str(&name.to_ascii_lowercase());
        }
        Some(dotted)
    }
}

impl Part {
    fn name(&self) -> Option<&str> {
        match self {
            Part::Name(name) => Some(name),
            Part::Index(index) => match &**index {
                Expr::Text(name) => Some(name),
                _ => None,
            },
            Part::Star => None,
        }
    }
}

impl Expr {
    /// Visits every path in the expression, those within brackets included.
    pub(super) fn paths<'e>(&'e self, visit: &mut impl FnMut(&'e Path)) {
        match self {
            Expr::Null | Expr::Bool(_) | Expr::Number(_) | Expr::Text(_) => {}
            Expr::Path(path) => {
                visit(path);
                for part in &path.parts {
                    if let Part::Index(index) = part {
                        index.paths(visit);
                    }
                }
            }
            Expr::Call { args, .. } => args.iter().for_each(|arg| arg.paths(visit)),
            Expr::Not(inner) => inner.paths(visit),
            Expr::And(left, right) | Expr::Or(left, right) | Expr::Compare { left, right, .. } => {
                left.paths(visit);
                right.paths(visit);
            }
        }
    }

    /// Visits the paths whose value may come out of the expression. A value that is only compared or tested stays inside:
    /// `secrets.TOKEN != ''` gives nobody the token.
    pub(super) fn yields<'e>(&'e self, visit: &mut impl FnMut(&'e Path)) {
        match self {
            Expr::And(_, right) => right.yields(visit),
            Expr::Or(left, right) => {
                left.yields(visit);
                right.yields(visit);
            }
            Expr::Call { name, .. } if TESTS.contains(&name.as_str()) => {}
            Expr::Call { args, .. } => args.iter().for_each(|arg| arg.yields(visit)),
            Expr::Path(path) => visit(path),
            Expr::Not(_) | Expr::Compare { .. } => {}
            Expr::Null | Expr::Bool(_) | Expr::Number(_) | Expr::Text(_) => {}
        }
    }

    /// Whether one of these functions is called anywhere.
    pub(super) fn calls(&self, names: &[&str]) -> bool {
        match self {
            Expr::Call { name, args, .. } => names.contains(&name.as_str()) || args.iter().any(|arg| arg.calls(names)),
            Expr::Not(inner) => inner.calls(names),
            Expr::And(left, right) | Expr::Or(left, right) | Expr::Compare { left, right, .. } => {
                left.calls(names) || right.calls(names)
            }
            _ => false,
        }
    }
}

/// A piece of a text with expressions in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    Text(&'a str),
    /// The inside of `${{ … }}`.
    Expr(&'a str),
}

/// Takes a text apart into plain pieces and expressions.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(found) = next(rest)
        && let (Some(before), Some(inner), Some(after)) =
            (rest.get(..found.start), rest.get(found.start + 3..found.end - 2), rest.get(found.end..))
    {
        if !before.is_empty() {
            pieces.push(Piece::Text(before));
        }
        pieces.push(Piece::Expr(inner.trim()));
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

/// The bytes of the first expression, braces included.
fn next(text: &str) -> Option<Range<usize>> {
    let lo = text.find("${{")?;
    let inner = text.get(lo + 3..)?;
    Some(lo..lo + 3 + end_of_expression(inner)? + 2)
}

/// The text with every expression overwritten, so that a shell's reader takes each for a part of a word.
pub(super) fn masked(text: &str) -> Masked {
    let mut shown = String::with_capacity(text.len());
    let mut actions = Vec::new();
    while let Some(found) = text.get(shown.len()..).and_then(next) {
        let (lo, hi) = (shown.len() + found.start, shown.len() + found.end);
        shown.push_str(text.get(shown.len()..lo).unwrap_or_default());
        shown.push_str(&"x".repeat(hi - lo));
        actions.push(Span::new(lo, hi));
    }
    shown.push_str(text.get(shown.len()..).unwrap_or_default());
    Masked { masked: (!actions.is_empty()).then_some(shown), actions }
}

/// Where the `}}` stands that ends an expression; one within a string does not.
fn end_of_expression(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut quoted = false;
    let close = (0..bytes.len()).find(|at| {
        match bytes[*at] {
            b'\'' => quoted = !quoted,
            b'}' if !quoted && bytes.get(at + 1) == Some(&b'}') => return true,
            _ => {}
        }
        false
    });
    // An apostrophe without a partner: the expression is broken, and ends at the first braces all the same.
    close.or_else(|| text.find("}}"))
}

/// Reads an expression; none when it is not one.
pub(super) fn parse(text: &str) -> Option<Expr> {
    let mut parser = Parser { text, at: 0, depth: 0 };
    let expr = parser.or()?;
    parser.space();
    (parser.at == text.len()).then_some(expr)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    fn eat(&mut self, token: &str) -> bool {
        self.space();
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.depth >= MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let outcome = read(self);
        self.depth -= 1;
        outcome
    }

    fn or(&mut self) -> Option<Expr> {
        let mut left = self.and()?;
        while self.eat("||") {
            left = Expr::Or(Box::new(left), Box::new(self.and()?));
        }
        Some(left)
    }

    fn and(&mut self) -> Option<Expr> {
        let mut left = self.compare()?;
        while self.eat("&&") {
            left = Expr::And(Box::new(left), Box::new(self.compare()?));
        }
        Some(left)
    }

    fn compare(&mut self) -> Option<Expr> {
        const OPS: [(&str, Op); 6] = [
            ("==", Op::Equal),
            ("!=", Op::Unequal),
            ("<=", Op::Order),
            (">=", Op::Order),
            ("<", Op::Order),
            (">", Op::Order),
        ];
        let mut left = self.unary()?;
        while let Some((_, op)) = OPS.iter().find(|(token, _)| self.eat(token)) {
            left = Expr::Compare { op: *op, left: Box::new(left), right: Box::new(self.unary()?) };
        }
        Some(left)
    }

    fn unary(&mut self) -> Option<Expr> {
        self.space();
        if self.rest().starts_with('!') && !self.rest().starts_with("!=") {
            self.at += 1;
            return self.nested(|parser| Some(Expr::Not(Box::new(parser.unary()?))));
        }
        self.primary()
    }

    fn primary(&mut self) -> Option<Expr> {
        self.space();
        match self.rest().chars().next()? {
            '(' => {
                self.at += 1;
                let inner = self.nested(Self::or)?;
                self.eat(")").then_some(inner)
            }
            '\'' => self.string().map(Expr::Text),
            c if c.is_ascii_digit() || matches!(c, '-' | '+' | '.') => self.number(),
            c if c.is_ascii_alphabetic() || c == '_' => self.word(),
            _ => None,
        }
    }

    fn string(&mut self) -> Option<String> {
        let mut value = String::new();
        self.at += 1;
        loop {
            let rest = self.rest();
            let quote = rest.find('\'')?;
            value.push_str(rest.get(..quote).unwrap_or_default());
            self.at += quote + 1;
            if !self.rest().starts_with('\'') {
                return Some(value);
            }
            value.push('\'');
            self.at += 1;
        }
    }

    fn number(&mut self) -> Option<Expr> {
        let rest = self.rest();
        let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-');
        let len = rest.find(|c| !inside(c)).unwrap_or(rest.len());
        self.at += len;
        let text = rest.get(..len)?;
        let hex = text.strip_prefix("0x").and_then(|digits| u32::from_str_radix(digits, 16).ok()).map(f64::from);
        hex.or_else(|| text.parse().ok()).map(Expr::Number)
    }

    fn name(&mut self) -> Option<&'a str> {
        let rest = self.rest();
        let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        let len = rest.find(|c| !inside(c)).unwrap_or(rest.len());
        self.at += len;
        rest.get(..len).filter(|name| !name.is_empty())
    }

    fn word(&mut self) -> Option<Expr> {
        let lo = self.at;
        let name = self.name()?.to_ascii_lowercase();
        if self.eat("(") {
            let args = self.nested(Self::args)?;
            let whole = self.parts()?.is_empty();
            return Some(Expr::Call { name, args, whole });
        }
        self.at = lo + name.len();
        let parts = self.parts()?;
        if parts.is_empty() {
            match name.as_str() {
                "true" => return Some(Expr::Bool(true)),
                "false" => return Some(Expr::Bool(false)),
                "null" => return Some(Expr::Null),
                _ => {}
            }
        }
        let source = self.text.get(lo..self.at)?.trim_end().to_owned();
        Some(Expr::Path(Path { root: name, parts, source }))
    }

    fn args(&mut self) -> Option<Vec<Expr>> {
        let mut args = Vec::new();
        if self.eat(")") {
            return Some(args);
        }
        loop {
            args.push(self.or()?);
            if self.eat(")") {
                return Some(args);
            }
            if !self.eat(",") {
                return None;
            }
        }
    }

    fn parts(&mut self) -> Option<Vec<Part>> {
        let mut parts = Vec::new();
        loop {
            let before = self.at;
            if self.eat(".") {
                self.space();
                parts.push(if self.eat("*") { Part::Star } else { Part::Name(self.name()?.to_owned()) });
            } else if self.eat("[") {
                self.space();
                let part = if self.eat("*") { Part::Star } else { Part::Index(Box::new(self.nested(Self::or)?)) };
                parts.push(part);
                if !self.eat("]") {
                    return None;
                }
            } else {
                self.at = before;
                return Some(parts);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn path(text: &str) -> Path {
        match parse(text) {
            Some(Expr::Path(path)) => path,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn paths_are_read_in_every_spelling() {
        for text in ["secrets.TOKEN", "Secrets['TOKEN']", "secrets [ 'TOKEN' ]"] {
            assert_eq!(path(text).names(), Some(vec!["TOKEN"]), "{text}");
            assert_eq!(path(text).root, "secrets");
        }
        assert_eq!(path("secrets[format('A_{0}', matrix.x)]").names(), None);
        assert_eq!(path("github.event.pull_request.labels.*.name").names(), None);
        assert_eq!(path("secrets.A ").source, "secrets.A");
    }

    #[test]
    fn operators_bind_as_documented() {
        let Some(Expr::Or(left, _)) = parse("a.b == 'x' && !c.d || 'y'") else { panic!() };
        assert!(matches!(*left, Expr::And(..)));
        assert_eq!(parse("'it''s'"), Some(Expr::Text("it's".to_owned())));
        assert_eq!(parse("true"), Some(Expr::Bool(true)));
        assert_eq!(parse("a ||"), None);
        assert_eq!(parse("a b"), None);
    }

    #[test]
    fn braces_within_a_string_do_not_end_an_expression() {
        let text = "x ${{ format('{0}}}', a.b) }}-${{ c.d }}";
        let expected = [Piece::Text("x "), Piece::Expr("format('{0}}}', a.b)"), Piece::Text("-"), Piece::Expr("c.d")];
        assert_eq!(pieces(text), expected);
        assert_eq!(pieces("${{ open"), [Piece::Text("${{ open")]);
    }

    #[test]
    fn what_hides_in_calls_and_brackets_is_visited() {
        let expr = parse("fromJSON(secrets.ALL).x == env[matrix.y]").unwrap();
        let mut seen = Vec::new();
        expr.paths(&mut |path| seen.push(path.source.clone()));
        assert_eq!(seen, ["secrets.ALL", "env[matrix.y]", "matrix.y"]);
    }

    #[test]
    fn what_is_only_tested_does_not_come_out() {
        let yields = |text: &str| {
            let mut seen = Vec::new();
            parse(text).unwrap().yields(&mut |path| seen.push(path.source.clone()));
            seen
        };
        assert_eq!(yields("secrets.A != '' && secrets.B || github.token"), ["secrets.B", "github.token"]);
        assert_eq!(yields("!secrets.A"), Vec::<String>::new());
        assert_eq!(yields("contains(secrets.A, 'x')"), Vec::<String>::new());
        assert_eq!(yields("format('x {0}', secrets.A)"), ["secrets.A"]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "[a-z.'()!&|=\\[\\]*,0-9 {}$]{0,60}|\\PC{0,30}") {
            let _ = parse(&text);
            let _ = pieces(&text);
        }

        #[test]
        fn deep_nesting_is_refused(depth in 100usize..5000) {
            prop_assert_eq!(parse(&"(".repeat(depth)), None);
            prop_assert_eq!(parse(&"!".repeat(depth)), None);
            prop_assert_eq!(parse(&format!("a{}", "[a".repeat(depth))), None);
        }
    }
}
