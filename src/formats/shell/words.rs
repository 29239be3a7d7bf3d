//! Command lines cut into commands and words, as a POSIX shell does (pubs.opengroup.org, "Shell Command Language" 2.2
//! to 2.4 and 2.7.4), without expanding anything.

use crate::text::Span;

/// One word of a command, quotes and escapes taken off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::formats) struct Word {
    /// The text.
    pub(in crate::formats) text: String,
    /// Its bytes as written, quotes included.
    pub(in crate::formats) span: Span,
    /// Nothing in it waits for the shell: no variable, no command substitution.
    pub(in crate::formats) literal: bool,
}

impl Word {
    /// The bytes of the end of the word, `text`; of all of it where quotes were taken off.
    pub(super) fn end_span(&self, text: &str) -> Span {
        let len = self.text.len();
        if self.span.len() == len { self.span.within(len.saturating_sub(text.len()), len) } else { self.span }
    }

    /// The end of the word, `text`, as a word of its own.
    pub(super) fn end(&self, text: &str) -> Word {
        Word { text: text.to_owned(), span: self.end_span(text), literal: self.literal }
    }
}

/// A simple command: the words between two operators.
pub(in crate::formats) type Command = Vec<Word>;

/// The words of `text`, for lists where only blanks separate (`Environment=` of systemd): operators are plain characters.
pub(in crate::formats) fn words(text: &str, at: usize) -> Command {
    let mut reader = Reader::new(text, at);
    reader.operators = false;
    let mut all = Vec::new();
    while let Some(byte) = reader.peek() {
        match byte {
            b' ' | b'\t' | b'\r' | b'\n' => reader.pos += 1,
            b'\\' if reader.is_at("\\\n") => reader.pos += 2,
            _ => all.push(reader.word()),
        }
    }
    all
}

/// The commands of `text`, whose first byte is byte `at` of the source. Redirections, comments and the bodies of
/// here-documents are left out.
pub(in crate::formats) fn commands(text: &str, at: usize) -> Vec<Command> {
    let mut reader = Reader::new(text, at);
    let mut all = Vec::new();
    let mut command = Vec::new();
    while let Some(byte) = reader.peek() {
        match byte {
            b' ' | b'\t' | b'\r' => reader.pos += 1,
            b'\\' if reader.is_at("\\\n") => reader.pos += 2,
            b'#' => reader.skip_line(),
            b'\n' => {
                reader.pos += 1;
                reader.skip_heredocs();
                all.push(std::mem::take(&mut command));
            }
            b';' | b'(' | b')' | b'|' => {
                reader.pos += 1;
                all.push(std::mem::take(&mut command));
            }
            b'&' if !reader.is_at("&>") => {
                reader.pos += 1;
                all.push(std::mem::take(&mut command));
            }
            b'<' | b'>' | b'&' => reader.redirection(),
            _ => {
                let word = reader.word();
                let redirects =
                    word.text.bytes().all(|byte| byte.is_ascii_digit()) && matches!(reader.peek(), Some(b'<' | b'>'));
                if !redirects {
                    command.push(word);
                }
            }
        }
    }
    all.push(command);
    all.retain(|command| !command.is_empty());
    all
}

struct Reader<'t> {
    text: &'t str,
    bytes: &'t [u8],
    pos: usize,
    /// Where the text starts in its source.
    at: usize,
    /// Whether `;`, `|` and their like end a word.
    operators: bool,
    /// Here-documents whose bodies begin at the next line.
    heredocs: Vec<String>,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, at: usize) -> Self {
        Self { text, bytes: text.as_bytes(), pos: 0, at, operators: true, heredocs: Vec::new() }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.pos).copied()
    }

    fn is_at(&self, what: &str) -> bool {
        self.bytes.get(self.pos..).is_some_and(|rest| rest.starts_with(what.as_bytes()))
    }

    fn skip_line(&mut self) {
        while self.peek().is_some_and(|byte| byte != b'\n') {
            self.pos += 1;
        }
    }

    /// The operator and the word it points at.
    fn redirection(&mut self) {
        let here = self.is_at("<<") && !self.is_at("<<<");
        while self.peek().is_some_and(|byte| matches!(byte, b'<' | b'>' | b'&' | b'|' | b'-')) {
            self.pos += 1;
        }
        while self.peek().is_some_and(|byte| matches!(byte, b' ' | b'\t')) {
            self.pos += 1;
        }
        // `<(…)` and `>(…)` hold commands of their own.
        if self.peek().is_some_and(|byte| !matches!(byte, b'\n' | b';' | b'(' | b')')) {
            let target = self.word();
            if here {
                self.heredocs.push(target.text);
            }
        }
    }

    fn skip_heredocs(&mut self) {
        for end in std::mem::take(&mut self.heredocs) {
            while self.pos < self.bytes.len() {
                let start = self.pos;
                self.skip_line();
                let line = self.text.get(start..self.pos).unwrap_or_default();
                self.pos = (self.pos + 1).min(self.bytes.len());
                // In a file that holds the script the whole of it may be indented, by blanks as well.
                if line.trim() == end {
                    break;
                }
            }
        }
    }

    fn word(&mut self) -> Word {
        let lo = self.pos;
        let mut text = Vec::new();
        let mut literal = true;
        while let Some(byte) = self.peek() {
            match byte {
                b' ' | b'\t' | b'\n' | b'\r' => break,
                b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')' if self.operators => break,
                b'\\' => self.escape(&mut text),
                b'\'' => self.single(&mut text),
                b'"' => self.double(&mut text, &mut literal),
                b'$' | b'`' => self.expansion(&mut text, &mut literal),
                _ => {
                    text.push(byte);
                    self.pos += 1;
                }
            }
        }
        // A byte that starts no word still has to be passed.
        self.pos = self.pos.max(lo + usize::from(lo == self.pos && self.pos < self.bytes.len()));
        Word {
            text: String::from_utf8_lossy(&text).into_owned(),
            span: Span::new(self.at + lo, self.at + self.pos),
            literal,
        }
    }

    fn escape(&mut self, text: &mut Vec<u8>) {
        self.pos += 1;
        match self.peek() {
            Some(b'\n') | None => {}
            Some(byte) => text.push(byte),
        }
        self.pos = (self.pos + 1).min(self.bytes.len());
    }

    fn single(&mut self, text: &mut Vec<u8>) {
        self.pos += 1;
        while let Some(byte) = self.peek() {
            self.pos += 1;
            if byte == b'\'' {
                return;
            }
            text.push(byte);
        }
    }

    fn double(&mut self, text: &mut Vec<u8>, literal: &mut bool) {
        self.pos += 1;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.pos += 1;
                    return;
                }
                b'\\' if matches!(self.bytes.get(self.pos + 1), Some(b'"' | b'\\' | b'$' | b'`' | b'\n')) => {
                    self.escape(text);
                }
                b'$' | b'`' => self.expansion(text, literal),
                _ => {
                    text.push(byte);
                    self.pos += 1;
                }
            }
        }
    }

    /// `$NAME`, `${…}`, `$(…)` or a command between back quotes, kept as written.
    fn expansion(&mut self, text: &mut Vec<u8>, literal: &mut bool) {
        let lo = self.pos;
        self.pos += 1;
        if self.bytes.get(lo) == Some(&b'`') {
            *literal = false;
            self.pass(b'`');
        } else {
            match self.peek() {
                Some(b'(') => self.balanced(b'(', b')'),
                Some(b'{') => self.balanced(b'{', b'}'),
                Some(byte) if byte.is_ascii_alphanumeric() || b"_@*#?$!-".contains(&byte) => self.pos += 1,
                _ => {
                    text.push(b'$');
                    return;
                }
            }
            *literal = false;
        }
        text.extend(self.bytes.get(lo..self.pos).unwrap_or_default());
    }

    fn pass(&mut self, end: u8) {
        while let Some(byte) = self.peek() {
            self.pos += 1;
            if byte == end {
                return;
            }
        }
    }

    fn balanced(&mut self, open: u8, close: u8) {
        let mut depth = 0usize;
        while let Some(byte) = self.peek() {
            self.pos += 1;
            if byte == open {
                depth += 1;
            } else if byte == close {
                depth -= 1;
                if depth == 0 {
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(line: &str) -> Vec<Vec<String>> {
        commands(line, 0).into_iter().map(|command| command.into_iter().map(|word| word.text).collect()).collect()
    }

    #[test]
    fn operators_end_commands_and_redirections_vanish() {
        assert_eq!(
            texts("cd /srv && ./run.sh --now >/dev/null 2>&1 | tee -a log; echo done & wait # bye"),
            [
                vec!["cd", "/srv"],
                vec!["./run.sh", "--now"],
                vec!["tee", "-a", "log"],
                vec!["echo", "done"],
                vec!["wait"]
            ]
        );
        assert_eq!(
            texts("test -x /a || ( cd / ; run ) &>/dev/null"),
            [vec!["test", "-x", "/a"], vec!["cd", "/"], vec!["run"]]
        );
    }

    #[test]
    fn quotes_and_escapes_come_off_and_expansions_stay() {
        let line = r#"a 'b c'"d"\ e "$X and ${Y:-z}" $(date +%F) "it's" \$5 cost$"#;
        assert_eq!(texts(line), [vec!["a", "b cd e", "$X and ${Y:-z}", "$(date +%F)", "it's", "$5", "cost$"]]);
        let words = commands(line, 100).remove(0);
        assert_eq!(
            words.iter().map(|word| word.literal).collect::<Vec<_>>(),
            [true, true, false, false, true, true, true]
        );
        assert_eq!(&line[words[1].span.lo as usize - 100..words[1].span.hi as usize - 100], r#"'b c'"d"\ e"#);
    }

    #[test]
    fn lists_are_separated_by_blanks_alone() {
        let found: Vec<_> = words("\"A=b c\" D=e;f \\\n G=#h", 0).into_iter().map(|word| word.text).collect();
        assert_eq!(found, ["A=b c", "D=e;f", "G=#h"]);
    }

    #[test]
    fn bodies_of_here_documents_are_no_commands() {
        assert_eq!(texts("cat <<-'END' > out\nrm -rf /\n\tEND\nnext\n"), [vec!["cat"], vec!["next"]]);
        assert_eq!(texts("cat <<END\nnever closed\n"), [vec!["cat"]]);
    }

    #[test]
    fn lines_are_joined_by_a_backslash() {
        assert_eq!(texts("run --a \\\n  --b\nother"), [vec!["run", "--a", "--b"], vec!["other"]]);
    }

    proptest! {
        #[test]
        fn any_text_gives_no_panic_and_spans_stay_inside(
            text in "(\\PC|[ \n\t'\"\\\\$`(){}<>|&;#=a-c]){0,80}", at in 0usize..50,
        ) {
            for word in commands(&text, at).into_iter().flatten().chain(words(&text, at)) {
                let (lo, hi) = (word.span.lo as usize, word.span.hi as usize);
                prop_assert!(lo >= at && text.get(lo - at..hi - at).is_some());
            }
        }
    }
}
