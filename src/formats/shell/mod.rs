//! Command lines, as they stand in crontabs, units, scripts and pipelines: who acts, with what, and what must not be shown.
//!
//! Nothing is run and nothing is expanded. A command is looked at through its wrappers (`sudo`, `nice`, `bash -c`), so
//! that `cd /srv && flock -n /run/l sudo -u app ./export.sh` is the program `export.sh` that acts as `app`.

mod accounts;
mod secrets;
mod variables;
mod words;

pub(super) use secrets::{is_secret_name, speaks_of_secrets};
pub(super) use variables::{Assignment, credential_of_value, credentials_of, names_file};
pub(super) use words::{Command, Word, commands, words};

use crate::text::{Span, printable, shorten};

/// What a command line or a script does, as far as accountability goes.
#[derive(Debug, Default)]
pub(super) struct Script {
    /// The program or script that does the work: its name without the folder, and the bytes of the whole word.
    pub(super) program: Option<Word>,
    /// Variables that are given a value in front of a command or by `export`.
    pub(super) assigned: Vec<Assignment>,
    /// Accounts that commands are run as by `sudo`, `su` and the like.
    pub(super) accounts: Vec<Word>,
    /// Files with a credential that a program is pointed at.
    pub(super) files: Vec<Word>,
    /// Files whose variables are read in.
    pub(super) read: Vec<Word>,
    /// As whom it commits.
    pub(super) author: Author,
    /// Secret values.
    pub(super) secrets: Vec<Span>,
}

/// The settings of git that name who commits, the first of each.
#[derive(Debug, Default)]
pub(super) struct Author {
    /// `user.name`.
    pub(super) name: Option<Word>,
    /// `user.email`.
    pub(super) email: Option<Word>,
}

impl Author {
    /// The address, or else the name.
    pub(super) fn best(&self) -> Option<&Word> {
        self.email.as_ref().or(self.name.as_ref())
    }

    fn set(&mut self, setting: &str, value: &Word) {
        let slot = match setting {
            "user.name" => &mut self.name,
            "user.email" => &mut self.email,
            _ => return,
        };
        if slot.is_none() && !value.text.is_empty() && !value.text.starts_with('-') {
            *slot = Some(value.clone());
        }
    }
}

/// `bash -c "su -c '…'"` and deeper nesting is read no further than this.
const MAX_NESTING: usize = 4;

/// Reads `text`, whose first byte is byte `at` of the source.
pub(super) fn read(text: &str, at: usize) -> Script {
    let mut script = Script::default();
    let mut fallback = None;
    script.text(text, at, &mut fallback, 0);
    script.program = script.program.take().or(fallback);
    script
}

impl Script {
    fn text(&mut self, text: &str, at: usize, fallback: &mut Option<Word>, depth: usize) {
        for command in commands(text, at) {
            self.secrets.extend(secrets::in_command(&command));
            self.command(&command, fallback, depth);
        }
    }

    fn command(&mut self, words: &[Word], fallback: &mut Option<Word>, depth: usize) {
        let mut words = skip_keywords(words);
        while let Some((word, rest)) = words.split_first()
            && let Some(assignment) = Assignment::of_word(word)
        {
            self.assigned.push(assignment);
            words = rest;
        }
        let Some((first, rest)) = words.split_first() else { return };
        match accounts::unwrap(base_name(&first.text), first, rest) {
            accounts::Unwrapped::Program => self.program(first, rest, fallback),
            accounts::Unwrapped::Inner { account, words } => {
                self.accounts.extend(account);
                if depth < MAX_NESTING {
                    self.command(words, fallback, depth + 1);
                }
            }
            accounts::Unwrapped::Text { account, text } => {
                self.accounts.extend(account);
                if depth < MAX_NESTING {
                    // Positions hold as long as nothing but the quotes was taken off.
                    let quotes = text.span.len().saturating_sub(text.text.len()) / 2;
                    self.text(&text.text, text.span.lo as usize + quotes, fallback, depth + 1);
                }
            }
        }
    }

    fn program(&mut self, first: &Word, rest: &[Word], fallback: &mut Option<Word>) {
        let name = base_name(&first.text);
        match name {
            "export" | "declare" | "typeset" | "readonly" | "local" | "env" => {
                self.assigned.extend(rest.iter().filter_map(Assignment::of_word));
            }
            "source" | "." => {
                self.read.extend(rest.first().filter(|file| secrets::is_secret_file(&file.text)).cloned());
            }
            "git" => self.git(rest),
            _ => {
                self.files.extend(secrets::files_of(name, rest));
                self.read.extend(secrets::variable_files(rest));
            }
        }
        let (name_of, word) = secrets::script_of(name, rest).unwrap_or((name, first));
        let shown = Word { text: shorten(&printable(name_of), 60), span: word.span, literal: word.literal };
        if is_preparation(name) {
            fallback.get_or_insert(shown);
        } else if self.program.is_none() {
            self.program = Some(shown);
        }
    }

    /// `git [-C dir] config [--global] user.email VALUE` and `git -c user.email=VALUE …`: as whom the commits are made.
    fn git(&mut self, rest: &[Word]) {
        let asks = |word: &Word| matches!(word.text.as_str(), "--get" | "--unset" | "--unset-all" | "get" | "unset");
        let config = rest.iter().position(|word| word.text == "config");
        let settings = config.and_then(|at| rest.get(at + 1..)).filter(|words| !words.iter().any(asks));
        for pair in settings.unwrap_or_default().windows(2) {
            if let [setting, value] = pair {
                self.author.set(&setting.text, value);
            }
        }
        for pair in rest.windows(2) {
            if let [option, word] = pair
                && option.text == "-c"
                && let Some((setting, value)) = word.text.split_once('=')
            {
                self.author.set(setting, &word.end(value));
            }
        }
    }
}

/// The last part of a path.
pub(super) fn base_name(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or(path)
}

fn skip_keywords(mut words: &[Word]) -> &[Word] {
    const KEYWORDS: [&str; 10] = ["if", "then", "else", "elif", "do", "while", "until", "!", "{", "time"];
    while let Some((first, rest)) = words.split_first()
        && KEYWORDS.contains(&first.text.as_str())
    {
        words = rest;
    }
    words
}

/// Commands that only prepare for the one that does the work.
fn is_preparation(name: &str) -> bool {
    const PREPARATION: [&str; 30] = [
        "cd", "test", "[", "[[", "true", "false", ":", "export", "set", "source", ".", "echo", "printf", "sleep",
        "umask", "ulimit", "mkdir", "date", "pushd", "fi", "done", "}", "exit", "declare", "readonly", "local",
        "typeset", "for", "which", "command",
    ];
    PREPARATION.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_program_is_found_behind_preparations_and_wrappers() {
        for (line, program) in [
            ("cd /srv/reports && ./month-end.py --all", "month-end.py"),
            ("test -x /usr/sbin/anacron || ( cd / && run-parts --report /etc/cron.daily )", "run-parts"),
            ("[ -x /a ] && nice -n 19 ionice -c3 /usr/bin/updatedb", "updatedb"),
            ("/usr/bin/flock -n /run/lock timeout 10m /opt/sync.sh", "sync.sh"),
            ("bash -lc 'cd /srv; ./go.sh'", "go.sh"),
            ("/usr/bin/python3 -u /srv/app/run.py x", "run.py"),
            ("python -m backup.main", "backup.main"),
            ("php -f /var/www/cron.php", "cron.php"),
            ("FOO=1 BAR='a b' env BAZ=2 /bin/thing", "thing"),
            ("if [ -e /x ]; then /usr/lib/php/sessionclean; fi", "sessionclean"),
            ("echo hello", "echo"),
            ("sudo -u app -H /opt/x.sh", "x.sh"),
        ] {
            assert_eq!(read(line, 0).program.unwrap().text, program, "{line}");
        }
    }

    #[test]
    fn accounts_are_those_that_commands_switch_to() {
        for (line, account) in [
            ("sudo -u app ./x", "app"),
            ("sudo -nEH --user=app -- ./x", "app"),
            ("sudo -uapp ./x", "app"),
            ("sudo systemctl restart x", "root"),
            ("su - app -c './x --y'", "app"),
            ("su -s /bin/sh -c ./x app", "app"),
            ("su -c ./x", "root"),
            ("runuser -u app -- ./x", "app"),
            ("runuser -l app -c ./x", "app"),
            ("gosu app:app ./x", "app"),
            ("chpst -u app:www ./x", "app"),
            ("doas -u app ./x", "app"),
            ("setpriv --reuid=app --clear-groups ./x", "app"),
            ("sh -c \"sudo -u app ./x\"", "app"),
        ] {
            let script = read(line, 0);
            assert_eq!(script.accounts.iter().map(|word| word.text.as_str()).collect::<Vec<_>>(), [account], "{line}");
        }
        assert!(read("./x -u root", 0).accounts.is_empty());
    }

    #[test]
    fn nested_text_keeps_its_positions() {
        let line = "sh -c \"sudo -u app ./x\"";
        let script = read(line, 0);
        assert_eq!(script.accounts[0].span.slice(line), "app");
    }

    #[test]
    fn the_author_is_the_address_where_there_is_one() {
        let script = read("git config user.name 'Alice'\ngit -C x config --global user.email alice@acme.example\n", 0);
        assert_eq!(script.author.best().unwrap().text, "alice@acme.example");
        assert_eq!(read("git config user.name bot", 0).author.best().unwrap().text, "bot");
        let line = "git -c 'user.name=Ann Lee' -c user.email=ann@acme.example commit -m x";
        let author = read(line, 0).author;
        assert_eq!(author.name.unwrap().text, "Ann Lee");
        assert_eq!(author.email.unwrap().span.slice(line), "ann@acme.example");
        for none in [
            "git config --get user.email x",
            "git config --unset user.email",
            "git config user.name",
            "# git config user.name a",
        ] {
            assert!(read(none, 0).author.best().is_none(), "{none}");
        }
    }

    #[test]
    fn assignments_stand_before_commands_or_behind_export() {
        let script = read("A=1 run; export B=two C; declare -x D=\"$E\"; notthis X=1", 0);
        let names: Vec<_> = script.assigned.iter().map(|one| (one.name.as_str(), one.literal)).collect();
        assert_eq!(names, [("A", true), ("B", true), ("D", false)]);
    }

    #[test]
    fn files_with_credentials_are_those_sourced_or_named_by_a_flag() {
        for (line, file) in [
            ("mysqldump --defaults-extra-file=/root/.my.cnf db", "/root/.my.cnf"),
            ("ssh -i /home/app/.ssh/id_ed25519 host uptime", "/home/app/.ssh/id_ed25519"),
            ("restic -r s3:x --password-file /etc/restic/pw backup", "/etc/restic/pw"),
        ] {
            let script = read(line, 0);
            assert_eq!(script.files.iter().map(|word| word.text.as_str()).collect::<Vec<_>>(), [file], "{line}");
        }
        let script = read(
            ". /etc/acme/backup.env; source ./.env; . /venv/bin/activate; source ~/.bashrc; docker run -i --env-file=/etc/x img",
            0,
        );
        assert_eq!(
            script.read.iter().map(|word| word.text.as_str()).collect::<Vec<_>>(),
            ["/etc/acme/backup.env", "./.env", "/etc/x"]
        );
        assert!(script.files.is_empty());
    }

    proptest! {
        #[test]
        fn any_text_gives_no_panic_and_spans_stay_inside(
            text in "((sudo|su|sh|env|git config|curl|mysql|timeout|flock) |-[cuipn] |--user=|://|@|\\PC|[ \n'\"\\\\$`;=]){0,40}",
        ) {
            let script = read(&text, 0);
            let words = script.accounts.iter().chain(&script.files).chain(&script.read).chain(script.author.best()).map(|word| word.span);
            for span in words.chain(script.assigned.iter().map(|one| one.span)).chain(script.secrets) {
                prop_assert!(span.hi as usize <= text.len());
            }
        }
    }
}
