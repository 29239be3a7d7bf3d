//! HCL, in the shape of its JSON form: a file is a map, an attribute an entry, and a block `resource "aws_iam_user" "ci"
//! {…}` a map in a map in a map. Repeated blocks stay as duplicate keys.
//!
//! An own reader over tokens, because configuration must be read where the usual parser stops or slows down: duplicate
//! attributes and keys, byte order marks, quoted keys of HCL 1, one broken block among good ones, objects of many
//! thousand entries (for which the `hcl-edit` crate takes time by their square). That crate is the yardstick in the tests.
//!
//! Only what holds values is taken apart: objects, tuples and calls. Every other expression is a scalar with its source
//! text. Parentheses around a value are seen through.

mod brackets;
mod lexer;
mod strings;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::ops::Range;

use self::lexer::{Kind, Lexed, Token};
use super::{Builder, Shape, Style, TooLarge, Tree};
use crate::text::Span;

/// Reads `text` into one document.
pub(super) fn parse(text: &str) -> Tree {
    let Lexed { mut tokens, comments, problems } = lexer::lex(text);
    let starts = brackets::pair(&mut tokens, text);
    let mut reader = Reader { text, tokens, starts, builder: Builder::default() };
    for comment in comments {
        reader.builder.comment(without_marks(comment.slice(text)), comment);
    }
    for (span, message) in problems {
        reader.problem(span, message);
    }
    reader.file();
    reader.builder.finish(text.len())
}

/// The text of a comment.
fn without_marks(comment: &str) -> &str {
    match comment.strip_prefix("/*") {
        Some(block) => block.strip_suffix("*/").unwrap_or(block).trim_matches('*'),
        None => comment.trim_start_matches(['#', '/']),
    }
}

struct Reader<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    /// Tokens at which reading goes on after a block that lost its brackets.
    starts: Vec<usize>,
    builder: Builder,
}

impl<'t> Reader<'t> {
    fn file(&mut self) {
        if self.builder.open(Shape::Map, "", 0).is_err() {
            return;
        }
        let all = 0..self.tokens.len();
        let mut at = 0;
        while at < all.end {
            let mark = self.builder.mark();
            at = match self.structure(at..all.end) {
                Ok(next) => next,
                Err(problem) => {
                    self.builder.rewind(&mark);
                    self.problem(self.span(at..at + 1), problem.to_string());
                    self.until(at..all.end, &[Kind::Newline])
                }
            };
        }
        self.builder.close(self.text.len());
    }

    fn body(&mut self, range: Range<usize>) -> Result<(), TooLarge> {
        let mut at = range.start;
        while at < range.end {
            at = self.structure(at..range.end)?;
        }
        Ok(())
    }

    /// Reads the attribute or block at the start of the range, and says where to go on.
    fn structure(&mut self, range: Range<usize>) -> Result<usize, TooLarge> {
        let name = range.start;
        if matches!(self.kind(name), Some(Kind::Newline | Kind::Comma)) {
            return Ok(name + 1);
        }
        let is_name = |kind| matches!(kind, Some(Kind::Word | Kind::Text { template: false }));
        let after = (name..range.end).find(|at| !is_name(self.kind(*at))).unwrap_or(range.end);
        let end = self.until(after..range.end, &[Kind::Newline, Kind::Comma]);
        match self.kind(after) {
            Some(Kind::Equals) if after == name + 1 && after < range.end => {
                self.key(name);
                self.value(after + 1..end)?;
            }
            Some(Kind::Open(b'{')) if after > name && after < range.end => match self.mate(after) {
                Some(close) => {
                    self.block(name..after, close)?;
                    return Ok(close + 1);
                }
                None => {
                    self.problem(self.span(name..after), "HCL: a block without its end, left unread");
                    let next = self.starts.partition_point(|start| *start <= after);
                    return Ok(self.starts.get(next).map_or(range.end, |start| range.end.min(*start)));
                }
            },
            _ => self.problem(self.span(name..end), "HCL: neither an attribute nor a block"),
        }
        Ok(end.max(name + 1))
    }

    /// A block: maps named by the type and the labels in `header`, each in the one before, and the body in the last.
    fn block(&mut self, header: Range<usize>, close: usize) -> Result<(), TooLarge> {
        let hi = self.span(close..close + 1).hi as usize;
        for name in header.clone() {
            self.key(name);
            self.builder.open(Shape::Map, "", self.span(name + 1..name + 2).lo as usize)?;
        }
        self.body(header.end + 1..close)?;
        for _ in header {
            self.builder.close(hi);
        }
        Ok(())
    }

    /// Names the next value by a word or a string without actions.
    fn key(&mut self, name: usize) {
        let span = self.span(name..name + 1);
        let text = span.slice(self.text);
        let text = if self.kind(name) == Some(Kind::Word) { text.into() } else { Cow::from(strings::unquote(text)) };
        self.builder.key(text, span);
    }

    fn value(&mut self, range: Range<usize>) -> Result<(), TooLarge> {
        let range = self.bare(range);
        let span = self.span(range.clone());
        let source = span.slice(self.text);
        let single = range.len() == 1;
        match self.kind(range.start) {
            _ if range.is_empty() => {
                self.problem(span, "HCL: a name without a value");
                self.builder.scalar("", Style::Expression, span)?;
            }
            Some(Kind::Text { template: false }) if single => {
                self.builder.scalar(&strings::unquote(source), Style::Quoted, span)?;
            }
            Some(Kind::Text { template: true }) if single => {
                self.builder.scalar(strings::inner(source), Style::Template, span)?;
            }
            Some(Kind::Heredoc { template }) if single => {
                let style = if template { Style::Template } else { Style::Quoted };
                self.builder.scalar(&strings::heredoc(source, template), style, span)?;
            }
            Some(_) if self.is_plain(&range, source) => {
                self.builder.scalar(source, Style::Plain, span)?;
            }
            Some(Kind::Open(b'{')) if self.closes(range.start, &range) && !self.is_for(range.start) => {
                self.builder.open(Shape::Map, "", span.lo as usize)?;
                self.object(range.start + 1..range.end - 1)?;
                self.builder.close(span.hi as usize);
            }
            Some(Kind::Open(b'[')) if self.closes(range.start, &range) && !self.is_for(range.start) => {
                self.builder.open(Shape::Seq, "", span.lo as usize)?;
                self.items(range.start + 1..range.end - 1)?;
                self.builder.close(span.hi as usize);
            }
            Some(Kind::Word) if let Some(bracket) = self.call(&range) => {
                let name = self.span(range.start..bracket).slice(self.text);
                self.builder.open(Shape::Call, name, span.lo as usize)?;
                self.items(bracket + 1..range.end - 1)?;
                self.builder.close(span.hi as usize);
            }
            _ => {
                if range.clone().any(|at| self.is_lonely(at)) {
                    self.problem(span, "HCL: a bracket without its other half");
                }
                self.builder.scalar(source, Style::Expression, span)?;
            }
        }
        Ok(())
    }

    /// The range without line ends around it and without parentheses that enclose all of it.
    fn bare(&self, range: Range<usize>) -> Range<usize> {
        let Range { mut start, mut end } = range;
        loop {
            if start < end && self.kind(start) == Some(Kind::Newline) {
                start += 1;
            } else if start < end && self.kind(end - 1) == Some(Kind::Newline) {
                end -= 1;
            } else if self.kind(start) == Some(Kind::Open(b'(')) && self.closes(start, &(start..end)) {
                (start, end) = (start + 1, end - 1);
            } else {
                return start..end;
            }
        }
    }

    /// Whether the range is a number, with its sign or without, or one of the words for values.
    fn is_plain(&self, range: &Range<usize>, source: &str) -> bool {
        match (self.kind(range.start), range.len()) {
            (Some(Kind::Number), 1) => true,
            (Some(Kind::Word), 1) => matches!(source, "true" | "false" | "null"),
            (Some(Kind::Other), 2) => {
                let number = self.span(range.end - 1..range.end).len();
                self.kind(range.end - 1) == Some(Kind::Number) && source.starts_with('-') && source.len() == number + 1
            }
            _ => false,
        }
    }

    /// Whether the token is a bracket that pairs with none.
    fn is_lonely(&self, at: usize) -> bool {
        matches!(self.kind(at), Some(Kind::Open(_) | Kind::Close(_))) && self.mate(at).is_none()
    }

    /// Whether the bracket at `open` closes at the end of the range.
    fn closes(&self, open: usize, range: &Range<usize>) -> bool {
        self.mate(open).is_some_and(|close| close + 1 == range.end)
    }

    /// Whether a `for` expression stands in the bracket, not a value or a key of that name.
    fn is_for(&self, open: usize) -> bool {
        let first = (open + 1..).find(|at| self.kind(*at) != Some(Kind::Newline)).unwrap_or(open);
        self.kind(first) == Some(Kind::Word)
            && self.span(first..first + 1).slice(self.text) == "for"
            && self.kind(first + 1) == Some(Kind::Word)
    }

    /// Where the parenthesis of the call is that makes up all of the range: `name(…)` or `provider::aws::name(…)`.
    fn call(&self, range: &Range<usize>) -> Option<usize> {
        let mut at = range.start + 1;
        while self.kind(at) == Some(Kind::Scope) && self.kind(at + 1) == Some(Kind::Word) {
            at += 2;
        }
        (at < range.end && self.kind(at) == Some(Kind::Open(b'(')) && self.closes(at, range)).then_some(at)
    }

    fn items(&mut self, range: Range<usize>) -> Result<(), TooLarge> {
        let mut at = range.start;
        while at < range.end {
            let end = self.until(at..range.end, &[Kind::Comma]);
            let mut item = self.bare(at..end);
            // The last argument may be spread out over the rest: `max(list...)`.
            if !item.is_empty() && self.kind(item.end - 1) == Some(Kind::Ellipsis) {
                item.end -= 1;
            }
            if !item.is_empty() {
                self.value(item)?;
            }
            at = end + 1;
        }
        Ok(())
    }

    fn object(&mut self, range: Range<usize>) -> Result<(), TooLarge> {
        let mut at = range.start;
        while at < range.end {
            if matches!(self.kind(at), Some(Kind::Newline | Kind::Comma)) {
                at += 1;
                continue;
            }
            let between = self.until(at..range.end, &[Kind::Equals, Kind::Colon, Kind::Newline, Kind::Comma]);
            let end = self.until(between..range.end, &[Kind::Newline, Kind::Comma]);
            if between < end && between > at {
                self.object_key(at..between);
                self.value(between + 1..end)?;
            } else {
                self.problem(self.span(at..end), "HCL: an object item without a value");
            }
            at = end.max(at + 1);
        }
        Ok(())
    }

    /// The key of an object: a name, a string, or an expression, which is named by its source text.
    fn object_key(&mut self, range: Range<usize>) {
        let single = range.len() == 1;
        match self.kind(range.start) {
            Some(Kind::Text { template: false }) if single => self.key(range.start),
            Some(Kind::Text { template: true }) if single => {
                let span = self.span(range);
                self.builder.key(strings::inner(span.slice(self.text)), span);
            }
            _ => {
                let span = self.span(range);
                self.builder.key(span.slice(self.text), span);
            }
        }
    }

    /// The first token of one of the kinds in the range, brackets skipped with what they hold; the end when there is none.
    fn until(&self, range: Range<usize>, kinds: &[Kind]) -> usize {
        let mut at = range.start;
        while at < range.end && !self.kind(at).is_some_and(|kind| kinds.contains(&kind)) {
            at = self.mate(at).filter(|mate| *mate > at).unwrap_or(at) + 1;
        }
        at.min(range.end)
    }

    fn kind(&self, at: usize) -> Option<Kind> {
        self.tokens.get(at).map(|token| token.kind)
    }

    fn mate(&self, at: usize) -> Option<usize> {
        self.tokens.get(at)?.mate.map(|mate| mate as usize)
    }

    /// The bytes of the tokens; for none, the place behind the token before.
    fn span(&self, range: Range<usize>) -> Span {
        let token = |at: usize| self.tokens.get(at).map(|token| token.span);
        let before = range.start.checked_sub(1).and_then(token);
        match (token(range.start), range.end.checked_sub(1).and_then(token)) {
            (Some(first), Some(last)) if !range.is_empty() => first.cover(last),
            _ => before.map(|before| Span { lo: before.hi, hi: before.hi }).unwrap_or_default(),
        }
    }

    fn problem(&mut self, span: Span, message: impl Into<String>) {
        self.builder.problem(span, message);
    }
}
