//! The lines of a table of cron.

use crate::formats::hosts;
use crate::syntax::{Line, Masked, lines, mask};
use crate::text::Span;

/// What one line is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Entry {
    Blank,
    Comment,
    Variable {
        name: Span,
        value: Span,
    },
    Job {
        schedule: Span,
        /// What follows the schedule: the account where the table has one, and the command.
        rest: Span,
    },
    Unread,
}

/// A table, its templates masked in place.
pub(super) struct Table<'t> {
    path: &'t str,
    raw: &'t str,
    pub(super) masked: Masked,
    /// Lines as the source writes them, with what they are.
    pub(super) entries: Vec<(Line<'t>, Entry)>,
}

impl<'t> Table<'t> {
    /// Reads a table. None when the text is none: a text whose path does not say so must be one from top to bottom, and
    /// each of its jobs must have a `*` or a nickname, so that tables of numbers stay what they are.
    pub(super) fn read(path: &'t str, text: &'t str, named: bool) -> Option<Self> {
        let masked = mask(text);
        let seen = masked.masked.as_deref().unwrap_or(text);
        let mut entries = Vec::new();
        let (mut jobs, mut unread, mut starred) = (0usize, 0usize, 0usize);
        for (line, shown) in lines(text).zip(lines(seen)) {
            let entry = entry(&shown, named, &masked);
            match entry {
                Entry::Job { schedule, .. } => {
                    jobs += 1;
                    starred += usize::from(schedule.slice(seen).contains(['*', '@']));
                }
                Entry::Unread if named => unread += 1,
                Entry::Unread => return None,
                _ => {}
            }
            entries.push((line, entry));
        }
        let fits = jobs > 0 && unread <= jobs && (named || starred == jobs);
        fits.then_some(Self { path, raw: text, masked, entries })
    }

    /// The text with its templates masked, of the same length as the source.
    pub(super) fn text(&self) -> &str {
        self.masked.masked.as_deref().unwrap_or(self.raw)
    }

    /// Whether a template stands in the span.
    pub(super) fn is_template(&self, span: Span) -> bool {
        self.masked.touches(span)
    }

    /// The user whose table it is, by its place in the spool (`/var/spool/cron/crontabs/alice`, Red Hat without the last
    /// folder).
    pub(super) fn owner(&self) -> Option<&'t str> {
        let (folder, name) = hosts::rendered(self.path).rsplit_once('/')?;
        let spool = folder == "crontabs" || folder.ends_with("/crontabs") || folder.ends_with("spool/cron");
        (spool && hosts::is_account_name(name)).then_some(name)
    }

    /// Whether the sixth field is an account: by the path, else by what stands there in every line.
    pub(super) fn is_system(&self) -> bool {
        let path = hosts::rendered(self.path);
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        if folder == "cron.d" || folder.ends_with("/cron.d") || (name == "crontab" && folder.ends_with("etc")) {
            return true;
        }
        self.owner().is_none() && self.rests().all(|rest| self.starts_with_account(rest))
    }

    fn rests(&self) -> impl Iterator<Item = Span> {
        self.entries.iter().filter_map(|(_, entry)| match entry {
            Entry::Job { rest, .. } => Some(*rest),
            _ => None,
        })
    }

    fn starts_with_account(&self, rest: Span) -> bool {
        let (Some(account), command) = self.account(rest) else { return false };
        let (name, command) = (account.slice(self.text()), command.slice(self.text()));
        if SYSTEM_ACCOUNTS.contains(&name) {
            return !command.is_empty();
        }
        let plausible = hosts::is_account_name(name) && !name.contains('@') && !COMMANDS.contains(&name);
        let first = command.split_whitespace().next().unwrap_or_default();
        plausible
            && (first.starts_with(['/', '[', '(', '{', '"', '$']) || first.contains('=') || COMMANDS.contains(&first))
    }

    /// Account and command of a line of a system table.
    pub(super) fn account(&self, rest: Span) -> (Option<Span>, Span) {
        let text = rest.slice(self.text());
        let name = text.split([' ', '\t']).next().unwrap_or_default();
        let after = text.get(name.len()..).unwrap_or_default();
        let blank = after.len() - after.trim_start().len();
        let command = rest.within(name.len() + blank, text.len());
        // Cronie lets a system table say `-` before the account to keep a job out of the log.
        (Some(rest.within(0, name.len())), command)
    }
}

/// Accounts that bear the name of no command, so that any command may follow.
const SYSTEM_ACCOUNTS: [&str; 8] =
    ["root", "www-data", "nobody", "daemon", "postgres", "ubuntu", "ec2-user", "jenkins"];

/// Commands that stand where an account might.
const COMMANDS: [&str; 52] = [
    "cd",
    "test",
    "sh",
    "bash",
    "zsh",
    "sudo",
    "su",
    "nice",
    "ionice",
    "flock",
    "timeout",
    "env",
    "exec",
    "nohup",
    "echo",
    "printf",
    "find",
    "rm",
    "cp",
    "mv",
    "cat",
    "rsync",
    "tar",
    "curl",
    "wget",
    "php",
    "python",
    "python2",
    "python3",
    "perl",
    "ruby",
    "node",
    "npm",
    "npx",
    "docker",
    "podman",
    "kubectl",
    "aws",
    "gcloud",
    "az",
    "certbot",
    "make",
    "date",
    "sleep",
    "systemctl",
    "service",
    "chronic",
    "logger",
    "source",
    "bundle",
    "rake",
    "run-parts",
];

fn entry(line: &Line<'_>, named: bool, masked: &Masked) -> Entry {
    let text = line.text;
    let body = text.trim_start();
    let start = text.len() - body.len();
    if body.is_empty() {
        return Entry::Blank;
    }
    if body.starts_with('#') {
        return Entry::Comment;
    }
    if let Some((name, value)) = body.split_once('=')
        && is_variable(name.trim())
    {
        let lo = start + name.len() + 1;
        let blank = value.len() - value.trim_start().len();
        let name_at = start + name.len() - name.trim_start_matches(['"', '\'']).len();
        let name = name.trim().trim_matches(['"', '\'']);
        return Entry::Variable {
            name: line.span.within(name_at, name_at + name.len()),
            value: line.span.within(lo + blank, lo + blank + value.trim().len()),
        };
    }
    job(line, start, named, masked).unwrap_or(Entry::Unread)
}

/// Whether the text before a `=` is the name of a variable, as cron takes it.
pub(super) fn is_variable(name: &str) -> bool {
    let name = name.trim_matches(['"', '\'']);
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

const NICKNAMES: [&str; 8] =
    ["@reboot", "@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];

fn job(line: &Line<'_>, start: usize, named: bool, masked: &Masked) -> Option<Entry> {
    let tokens = tokens(line.text, start);
    let text = |at: usize| tokens.get(at).and_then(|(lo, hi)| line.text.get(*lo..*hi));
    let fields = match text(0)? {
        nickname if NICKNAMES.contains(&nickname) => 1,
        "@every" if text(1)?.starts_with(|c: char| c.is_ascii_digit()) => 2,
        _ => [5, 6, 7].into_iter().find(|count| {
            let is_field = |at: usize| {
                tokens.get(at).is_some_and(|(lo, hi)| {
                    let word = line.text.get(*lo..*hi).unwrap_or_default();
                    let span = line.span.within(*lo, *hi);
                    masked.touches(span) || is_field(word, place(*count, at)) || (named && is_placeholder(word))
                })
            };
            (0..*count).all(is_field) && !text(*count).is_some_and(looks_like_field)
        })?,
    };
    let (lo, hi) = *tokens.get(fields)?;
    let first = line.text.get(lo..hi)?;
    if !named && !first.starts_with(|c: char| c.is_ascii_alphanumeric() || "/.~$\"'([{_".contains(c)) {
        return None;
    }
    let end = tokens.get(fields - 1)?.1;
    let len = line.text.trim_end().len();
    Some(Entry::Job { schedule: line.span.within(start, end), rest: line.span.within(lo, len) })
}

/// Words between blanks, with their offsets; more than a line of cron needs are left out.
fn tokens(text: &str, start: usize) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut at = start;
    while found.len() < 9 {
        let rest = text.get(at..).unwrap_or_default();
        let word = rest.trim_start_matches([' ', '\t']);
        let lo = at + rest.len() - word.len();
        let len = word.find([' ', '\t']).unwrap_or(word.len());
        if len == 0 {
            break;
        }
        found.push((lo, lo + len));
        at = lo + len;
    }
    found
}

/// What a field stands for, by its place among five, six (seconds first) or seven (seconds first, year last).
fn place(count: usize, at: usize) -> Place {
    let at = if count > 5 { at } else { at + 1 };
    match at {
        0 | 1 => Place { low: 0, high: 59, names: &[] },
        2 => Place { low: 0, high: 23, names: &[] },
        3 => Place { low: 1, high: 31, names: &[] },
        4 => Place { low: 1, high: 12, names: &MONTHS },
        5 => Place { low: 0, high: 7, names: &DAYS },
        _ => Place { low: 1970, high: 2199, names: &[] },
    }
}

struct Place {
    low: u32,
    high: u32,
    names: &'static [&'static str],
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

fn is_field(word: &str, place: Place) -> bool {
    let value = |text: &str| {
        let number = text.parse::<u32>().is_ok_and(|n| (place.low..=place.high).contains(&n));
        number || place.names.iter().any(|name| text.eq_ignore_ascii_case(name))
    };
    let range = |text: &str| match text.split_once(['-', '~']) {
        Some((low, high)) => value(low) && value(high),
        None => matches!(text, "*" | "?" | "L") || value(text),
    };
    word.split(',').all(|part| match part.split_once('/') {
        Some((from, step)) => range(from) && step.parse::<u32>().is_ok_and(|n| n > 0),
        None => range(part),
    })
}

/// A word that can only be one more field of the schedule.
fn looks_like_field(word: &str) -> bool {
    word.starts_with(['*', '?']) && word.bytes().all(|byte| byte.is_ascii_digit() || b"*?/,-".contains(&byte))
        || word.bytes().all(|byte| byte.is_ascii_digit())
}

/// `$MINUTE`, `${MINUTE}`, `@MINUTE@`, `%MINUTE%`: filled in before the table is installed.
fn is_placeholder(word: &str) -> bool {
    let inner = word.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    let inner = inner.or_else(|| word.strip_prefix('$'));
    let inner = inner.or_else(|| word.strip_prefix('@').and_then(|rest| rest.strip_suffix('@')));
    let inner = inner.or_else(|| word.strip_prefix('%').and_then(|rest| rest.strip_suffix('%')));
    inner.is_some_and(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
}
