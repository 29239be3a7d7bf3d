//! The tokens of HCL: a string or heredoc is one token, its template actions included, and brackets know their mates.

use crate::text::Span;

/// How often, on average, a byte may be read again because a string or heredoc had no end.
const MAX_REREAD: usize = 4;
/// Strings within actions within strings beyond this are taken for a string without its end.
const MAX_ACTIONS: usize = 200;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or keyword.
    Word,
    /// A number.
    Number,
    /// A string in quotes; whether it has actions in it.
    Text {
        /// Whether `${` or `%{` stands in it.
        template: bool,
    },
    /// A heredoc, from its `<<` to its end marker; whether it has actions in it.
    Heredoc {
        /// Whether `${` or `%{` stands in it.
        template: bool,
    },
    /// An opening bracket.
    Open(u8),
    /// A closing bracket.
    Close(u8),
    /// A line end outside of strings, heredocs and comments.
    Newline,
    /// `,`, or `;` as some write.
    Comma,
    /// `=` alone.
    Equals,
    /// `:` alone.
    Colon,
    /// `::`
    Scope,
    /// `...`
    Ellipsis,
    /// Operators, and what belongs to no expression.
    Other,
}

/// A token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    /// What it is.
    pub(super) kind: Kind,
    /// Its bytes.
    pub(super) span: Span,
    /// For a bracket, the number of the token that it pairs with.
    pub(super) mate: Option<u32>,
}

/// The outcome of [`lex`].
#[derive(Default)]
pub(super) struct Lexed {
    /// The tokens in order; brackets without mates.
    pub(super) tokens: Vec<Token>,
    /// The comments with their marks.
    pub(super) comments: Vec<Span>,
    /// What has no end.
    pub(super) problems: Vec<(Span, &'static str)>,
}

/// Splits `text` into tokens. White space falls away.
pub(super) fn lex(text: &str) -> Lexed {
    let mut lexer = Lexer { text, at: 0, reread: 0, lexed: Lexed::default() };
    while let Some(first) = lexer.rest().chars().next() {
        lexer.token(first);
    }
    lexer.lexed
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    reread: usize,
    lexed: Lexed,
}

impl<'t> Lexer<'t> {
    fn token(&mut self, first: char) {
        let rest = self.rest();
        match first {
            '\n' => self.push(Kind::Newline, 1),
            '#' => self.line_comment(),
            '/' if rest.starts_with("//") => self.line_comment(),
            '/' if rest.starts_with("/*") => self.block_comment(),
            '"' => self.string(),
            '<' if rest.starts_with("<<") => self.heredoc(),
            '{' => self.push(Kind::Open(b'{'), 1),
            '[' => self.push(Kind::Open(b'['), 1),
            '(' => self.push(Kind::Open(b'('), 1),
            '}' => self.push(Kind::Close(b'{'), 1),
            ']' => self.push(Kind::Close(b'['), 1),
            ')' => self.push(Kind::Close(b'('), 1),
            ',' | ';' => self.push(Kind::Comma, 1),
            '.' if rest.starts_with("...") => self.push(Kind::Ellipsis, 3),
            ':' if rest.starts_with("::") => self.push(Kind::Scope, 2),
            ':' => self.push(Kind::Colon, 1),
            '=' | '!' | '<' | '>' => {
                let long = ["==", "=>", "!=", "<=", ">="].iter().any(|operator| rest.starts_with(operator));
                let kind = if first == '=' && !long { Kind::Equals } else { Kind::Other };
                self.push(kind, if long { 2 } else { 1 });
            }
            '0'..='9' => self.push(Kind::Number, number(rest)),
            _ if starts_word(first) => {
                let end = rest.find(|c| !continues_word(c)).unwrap_or(rest.len());
                self.push(Kind::Word, end);
            }
            _ if first.is_whitespace() || first == '\u{feff}' => self.at += first.len_utf8(),
            _ => self.push(Kind::Other, first.len_utf8()),
        }
    }

    fn push(&mut self, kind: Kind, len: usize) {
        let span = Span::new(self.at, self.at + len);
        self.lexed.tokens.push(Token { kind, span, mate: None });
        self.at += len;
    }

    fn line_comment(&mut self) {
        let comment = self.line().trim_end();
        self.comment(comment.len());
    }

    fn block_comment(&mut self) {
        match memchr::memmem::find(self.rest().as_bytes(), b"*/") {
            Some(end) => self.comment(end + 2),
            None => {
                self.problem("HCL: a comment without its end");
                self.comment(self.rest().len());
            }
        }
    }

    fn comment(&mut self, len: usize) {
        self.lexed.comments.push(Span::new(self.at, self.at + len));
        self.at += len;
    }

    fn string(&mut self) {
        match self.string_end() {
            Ok(end) => {
                let template = has_actions(self.text.get(self.at..end).unwrap_or_default());
                self.push(Kind::Text { template }, end - self.at);
            }
            Err(read) => {
                self.reread += read - self.at;
                self.problem("HCL: a string without its end");
                let line = self.line().trim_end().len();
                self.push(Kind::Other, line);
            }
        }
    }

    /// Where the string that starts here ends, or how far it was read in vain. Quotes end with their line, actions may
    /// run over several, and have strings in them in turn.
    fn string_end(&self) -> Result<usize, usize> {
        let bytes = self.text.as_bytes();
        let one_line = self.tired();
        // Whether each open level is text, or else an action or a brace in one.
        let mut levels = vec![true];
        let mut at = self.at + 1;
        while let Some(byte) = bytes.get(at) {
            let in_text = levels.last().copied().unwrap_or_default();
            match byte {
                b'\n' if in_text || one_line => return Err(at),
                b'\\' if in_text => at += usize::from(bytes.get(at + 1).is_some_and(|next| *next != b'\n')),
                b'"' if in_text => drop(levels.pop()),
                b'"' => levels.push(true),
                b'{' if !in_text || opens_action(bytes, at) => levels.push(false),
                b'}' if !in_text => drop(levels.pop()),
                _ => {}
            }
            at += 1;
            if levels.is_empty() {
                return Ok(at);
            }
            if levels.len() > MAX_ACTIONS {
                return Err(at);
            }
        }
        Err(bytes.len())
    }

    fn heredoc(&mut self) {
        match self.heredoc_end() {
            Some(Ok(end)) => {
                let template = has_actions(self.text.get(self.at..end).unwrap_or_default());
                self.push(Kind::Heredoc { template }, end - self.at);
            }
            Some(Err(read)) => {
                self.reread += read - self.at;
                self.problem("HCL: a heredoc without its end");
                let line = self.line().trim_end().len();
                self.push(Kind::Other, line);
            }
            None => self.push(Kind::Other, 2),
        }
    }

    /// Where the heredoc that starts here ends, or how far it was read in vain; none when it is no heredoc. The end
    /// marker stands alone on its line, but for the brackets and commas that may close what the heredoc stands in.
    fn heredoc_end(&self) -> Option<Result<usize, usize>> {
        let rest = self.rest().get(2..)?;
        let rest = rest.strip_prefix('-').unwrap_or(rest);
        let marker = rest.get(..rest.find(|c| !continues_word(c))?)?;
        let after = rest.get(marker.len()..)?.trim_start_matches([' ', '\t', '\r']);
        if !marker.starts_with(starts_word) || !after.starts_with('\n') {
            return None;
        }
        let content = self.text.len() - after.len();
        if self.tired() {
            return Some(Err(content));
        }
        let mut at = content + 1;
        for line in self.text.get(at..)?.split_inclusive('\n') {
            let blank = line.len() - line.trim_start().len();
            let after = line.get(blank..).and_then(|line| line.strip_prefix(marker));
            if after.is_some_and(|after| after.chars().all(|c| c.is_whitespace() || ",;)]}".contains(c))) {
                return Some(Ok(at + blank + marker.len()));
            }
            at += line.len();
        }
        Some(Err(at))
    }

    /// Whether so much was read in vain that strings and heredocs are not followed beyond their line any more.
    fn tired(&self) -> bool {
        self.reread > self.text.len().saturating_mul(MAX_REREAD)
    }

    fn problem(&mut self, message: &'static str) {
        self.lexed.problems.push((Span::new(self.at, self.at), message));
    }

    /// The rest of the line, without its `\n`.
    fn line(&self) -> &'t str {
        let rest = self.rest();
        let end = memchr::memchr(b'\n', rest.as_bytes()).unwrap_or(rest.len());
        rest.get(..end).unwrap_or_default()
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }
}

fn starts_word(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

fn continues_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '-'
}

/// The length of the number that `rest` starts with. Units written right behind it (`10m`) count as part of it.
fn number(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let next = bytes.get(at + 1);
        let part = match byte {
            b'.' => next.is_some_and(u8::is_ascii_digit),
            b'+' | b'-' => {
                at > 0 && matches!(bytes.get(at - 1), Some(b'e' | b'E')) && next.is_some_and(u8::is_ascii_digit)
            }
            _ => byte.is_ascii_alphanumeric() || *byte == b'_',
        };
        if !part {
            break;
        }
        at += 1;
    }
    at
}

/// Whether the brace at `at` opens an action: `${` or `%{`, and not doubled to mean itself.
fn opens_action(bytes: &[u8], at: usize) -> bool {
    let before = |n: usize| at.checked_sub(n).and_then(|at| bytes.get(at));
    matches!(before(1), Some(b'$' | b'%')) && before(2) != before(1)
}

fn has_actions(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'{', bytes).any(|at| opens_action(bytes, at))
}
