//! Commands that run another one: as another account (`sudo`), or only in another way (`nice`).

use super::{Word, base_name};

/// What stands behind a command's first word.
pub(super) enum Unwrapped<'w> {
    /// It is the program itself.
    Program,
    /// It runs these words, as this account.
    Inner { account: Option<Word>, words: &'w [Word] },
    /// It runs the command line in this word, as this account.
    Text { account: Option<Word>, text: &'w Word },
}

/// Looks through a wrapper. Options are those of the manual pages sudo(8), su(1), runuser(1), gosu, su-exec, chpst(8),
/// doas(1), setpriv(1), nice(1), ionice(1), timeout(1), flock(1).
pub(super) fn unwrap<'w>(name: &str, first: &Word, rest: &'w [Word]) -> Unwrapped<'w> {
    let plain = |takes: &[&str]| Unwrapped::Inner { account: None, words: options(rest, takes).rest };
    match name {
        "sudo" => {
            switch(first, rest, &["-u", "-g", "-h", "-p", "-C", "-r", "-t", "-T", "-D", "-R", "-U", "--user"], true)
        }
        "doas" => switch(first, rest, &["-u", "-C"], true),
        "chpst" => {
            switch(first, rest, &["-u", "-U", "-e", "-/", "-n", "-l", "-L", "-m", "-d", "-o", "-p", "-f", "-c"], false)
        }
        "setpriv" => switch(first, rest, &["--reuid", "--regid", "--groups", "--inh-caps", "--securebits"], false),
        "su" | "runuser" => su(name, first, rest),
        "gosu" | "su-exec" | "setuidgid" => match rest.split_first() {
            Some((account, words)) => Unwrapped::Inner { account: Some(without_group(account)), words },
            None => Unwrapped::Program,
        },
        "sh" | "bash" | "dash" | "zsh" | "ksh" | "ash" => match command_text(rest) {
            Some(text) => Unwrapped::Text { account: None, text },
            None => Unwrapped::Program,
        },
        "env" => env(rest),
        "nohup" | "setsid" | "exec" | "chronic" | "command" | "builtin" | "caffeinate" => plain(&[]),
        "nice" => plain(&["-n", "--adjustment"]),
        "ionice" => plain(&["-c", "-n", "-p", "--class", "--classdata"]),
        "stdbuf" => plain(&["-i", "-o", "-e"]),
        "chrt" | "timeout" => Unwrapped::Inner {
            account: None,
            words: options(rest, &["-k", "-s", "--signal", "--kill-after"]).rest.get(1..).unwrap_or_default(),
        },
        "systemd-cat" => plain(&["-t", "-p", "--identifier", "--priority"]),
        "flock" => flock(rest),
        _ => Unwrapped::Program,
    }
}

struct Options<'w> {
    /// Options with their arguments, in order.
    given: Vec<(&'w str, Option<Word>)>,
    /// What follows the options.
    rest: &'w [Word],
}

/// Splits options from what follows; those in `takes` have an argument.
fn options<'w>(words: &'w [Word], takes: &[&str]) -> Options<'w> {
    let mut given = Vec::new();
    let mut rest = words;
    while let Some((word, more)) = rest.split_first() {
        let text = word.text.as_str();
        if text == "--" {
            rest = more;
            break;
        }
        if !text.starts_with('-') || text == "-" {
            break;
        }
        rest = more;
        if let Some((name, value)) = text.split_once('=').filter(|(name, _)| name.starts_with("--")) {
            given.push((name, Some(word.end(value))));
        } else if takes.contains(&text) || (!text.starts_with("--") && ends_taking(text, takes)) {
            given.push((short(text), rest.first().cloned()));
            rest = rest.get(1..).unwrap_or_default();
        } else if let Some(name) = text.get(..2).filter(|name| takes.contains(name)) {
            given.push((name, Some(word.end(text.get(2..).unwrap_or_default()))));
        } else {
            given.push((text, None));
        }
    }
    Options { given, rest }
}

/// `-nEu` ends in an option that takes an argument.
fn ends_taking(text: &str, takes: &[&str]) -> bool {
    let Some(last) = text.chars().last() else { return false };
    let glued = text.get(..2).is_some_and(|first| takes.contains(&first));
    text.len() > 2 && !glued && takes.iter().any(|option| option.len() == 2 && option.ends_with(last))
}

fn short(text: &str) -> &str {
    if text.starts_with("--") || text.len() == 2 {
        return text;
    }
    // Of `-nEu` only the last letter takes the argument; it is the account for every wrapper here.
    if text.ends_with('u') { "-u" } else { text }
}

fn without_group(account: &Word) -> Word {
    let name = account.text.split(':').next().unwrap_or_default();
    let exact = account.span.len() == account.text.len();
    let span = if exact { account.span.within(0, name.len()) } else { account.span };
    Word { text: name.to_owned(), span, literal: account.literal }
}

fn root(first: &Word) -> Word {
    Word { text: "root".to_owned(), span: first.span, literal: true }
}

/// `sudo [options] [VAR=value…] command`. Without an account it is root's, where the command says so.
fn switch<'w>(first: &Word, rest: &'w [Word], takes: &[&str], to_root: bool) -> Unwrapped<'w> {
    let options = options(rest, takes);
    if options.rest.is_empty() {
        return Unwrapped::Program;
    }
    let named = options.given.iter().find(|(name, _)| matches!(*name, "-u" | "--user" | "--reuid"));
    let account = named.and_then(|(_, account)| account.as_ref()).map(without_group);
    let account = account.or_else(|| to_root.then(|| root(first)));
    Unwrapped::Inner { account, words: options.rest }
}

/// `su [options] [-] [account] [-c line]`, and `runuser -u account [--] command`.
fn su<'w>(name: &str, first: &Word, rest: &'w [Word]) -> Unwrapped<'w> {
    if name == "runuser" && rest.iter().any(|word| word.text == "-u" || word.text.starts_with("--user")) {
        return switch(first, rest, &["-u", "-g", "-G", "--user", "--group"], false);
    }
    let mut account = None;
    let mut line = None;
    let mut words = rest;
    while let Some((word, more)) = words.split_first() {
        words = more;
        match word.text.as_str() {
            "-" | "-l" | "--login" | "-m" | "-p" | "--preserve-environment" | "-f" | "-P" | "--pty" | "--" => {}
            "-c" | "--command" => {
                line = more.first();
                words = more.get(1..).unwrap_or_default();
            }
            "-s" | "--shell" | "-g" | "-G" | "-w" => words = more.get(1..).unwrap_or_default(),
            text if text.starts_with('-') => {}
            _ if account.is_none() => account = Some(word.clone()),
            _ => {}
        }
    }
    let account = account.or_else(|| Some(root(first)));
    match line {
        Some(text) => Unwrapped::Text { account, text },
        None => Unwrapped::Inner { account, words: &[] },
    }
}

/// The command line behind `-c`, also in `-lc` and `-ec`.
fn command_text(rest: &[Word]) -> Option<&Word> {
    for (at, word) in rest.iter().enumerate() {
        if !word.text.starts_with(['-', '+']) {
            return None;
        }
        if !word.text.starts_with("--") && word.text.ends_with('c') {
            return rest.get(at + 1);
        }
    }
    None
}

/// `env` alone with assignments is left to the caller, which reads them.
fn env(rest: &[Word]) -> Unwrapped<'_> {
    let words = options(rest, &["-u", "-C", "-S", "--unset", "--chdir"]).rest;
    if words.iter().all(|word| word.text.contains('=')) {
        Unwrapped::Program
    } else {
        Unwrapped::Inner { account: None, words }
    }
}

/// `flock [options] file command…`, or with `-c line`; a number instead of a file locks a descriptor.
fn flock(rest: &[Word]) -> Unwrapped<'_> {
    let words = options(rest, &["-w", "-E", "--timeout", "--wait", "--conflict-exit-code"]).rest;
    match words.get(1..) {
        Some([flag, text, ..]) if matches!(flag.text.as_str(), "-c" | "--command") => {
            Unwrapped::Text { account: None, text }
        }
        Some(words) if words.first().is_some_and(|first| !base_name(&first.text).is_empty()) => {
            Unwrapped::Inner { account: None, words }
        }
        _ => Unwrapped::Program,
    }
}
