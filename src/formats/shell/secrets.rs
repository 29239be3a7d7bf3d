//! Secret values and the files they lie in, as they stand in command lines.

use super::{Command, Word, base_name};
use crate::text::Span;

/// Words of option and variable names that hold a secret value.
const SECRET_WORDS: [&str; 12] = [
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "token",
    "secret",
    "apikey",
    "api_key",
    "access_key",
    "private_key",
    "credential",
    "auth_key",
];
/// Endings by which such a name speaks of something else: where the value lies, or how long it lives.
const NOT_THE_VALUE: [&str; 17] = [
    "_file",
    "_path",
    "_url",
    "_uri",
    "_name",
    "_id",
    "_ttl",
    "_type",
    "_length",
    "_endpoint",
    "_dir",
    "_env",
    "_expiry",
    "_stdin",
    "_command",
    "_policy",
    "_ref",
];

/// Whether a variable or option of this name holds a secret value, by the words in it. Used to hide values, never to
/// claim a credential.
pub(in crate::formats) fn is_secret_name(name: &str) -> bool {
    let name = name.trim_start_matches('-').replace('-', "_").to_ascii_lowercase();
    SECRET_WORDS.iter().any(|word| name.contains(word)) && !NOT_THE_VALUE.iter().any(|end| name.ends_with(end))
}

/// Options of one letter by which these programs take a password (mysql(1), sshpass(1), curl(1), redis-cli, ldapsearch(1),
/// sqlcmd, isql(1), smbclient(1), docker-login(1)), with whether the value is glued to the letter.
const FLAGS: [(&str, &str, bool); 18] = [
    ("mysql", "-p", true),
    ("mysqldump", "-p", true),
    ("mysqladmin", "-p", true),
    ("mariadb", "-p", true),
    ("mariadb-dump", "-p", true),
    ("sshpass", "-p", true),
    ("sshpass", "-p", false),
    ("curl", "-u", false),
    ("curl", "--user", false),
    ("curl", "--proxy-user", false),
    ("redis-cli", "-a", false),
    ("ldapsearch", "-w", false),
    ("ldapmodify", "-w", false),
    ("sqlcmd", "-P", false),
    ("isql", "-P", false),
    ("smbclient", "-U", false),
    ("mongodump", "-p", false),
    ("docker", "-p", false),
];

/// Spans of the secret values in a command.
pub(super) fn in_command(command: &Command) -> Vec<Span> {
    let mut found = Vec::new();
    for (at, word) in command.iter().enumerate() {
        found.extend(in_url(word));
        let next = command.get(at + 1).filter(|next| !next.text.starts_with('-') && !next.text.is_empty());
        let text = word.text.as_str();
        if let Some((name, value)) = text.split_once('=').filter(|(name, _)| is_secret_name(name)) {
            let is_name = name.starts_with("--") || name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
            if is_name && !value.is_empty() && word.literal {
                found.push(word.end_span(value));
            }
        } else if text.starts_with("--") && is_secret_name(text) {
            found.extend(next.filter(|next| next.literal).map(|next| next.span));
        } else if is_header(text) && word.literal {
            found.push(word.span);
        }
    }
    for (at, word) in command.iter().enumerate() {
        for (_, flag, glued) in FLAGS.iter().filter(|(program, ..)| base_name(&word.text) == *program) {
            found.extend(behind_flag(command.get(at + 1..).unwrap_or_default(), flag, *glued));
        }
    }
    found
}

fn behind_flag(rest: &[Word], flag: &str, glued: bool) -> Option<Span> {
    if glued {
        let word = rest.iter().find(|word| word.text.starts_with(flag) && word.text.len() > 2 && word.literal)?;
        return Some(word.end_span(word.text.get(2..)?));
    }
    let at = rest.iter().position(|word| word.text == flag)?;
    rest.get(at + 1).filter(|value| value.literal && !value.text.is_empty()).map(|value| value.span)
}

/// `Authorization: Bearer …` and the like.
fn is_header(text: &str) -> bool {
    let Some((name, value)) = text.split_once(':') else { return false };
    let name = name.to_ascii_lowercase();
    !value.trim().is_empty() && (name == "authorization" || name == "private-token" || name == "x-api-key")
}

/// The password in `scheme://user:password@host`.
fn in_url(word: &Word) -> Option<Span> {
    let start = word.text.find("://")? + 3;
    let rest = word.text.get(start..)?;
    let authority = rest.get(..rest.find(['/', '?', '#', ' ', '"']).unwrap_or(rest.len()))?;
    let (login, _) = authority.rsplit_once('@')?;
    let (_, password) = login.split_once(':')?;
    let known = !password.is_empty() && !password.starts_with(['$', '{', '<', '%']);
    let exact = word.span.len() == word.text.len();
    known.then(|| {
        let lo = start + login.len() - password.len();
        if exact { word.span.within(lo, lo + password.len()) } else { word.span }
    })
}

/// Options that name a file with a credential in it.
const FILE_FLAGS: [&str; 7] = [
    "--defaults-extra-file",
    "--defaults-file",
    "--password-file",
    "--token-file",
    "--private-key",
    "--key-file",
    "--credentials-file",
];

/// Files whose variables a program hands on (`docker run --env-file`).
pub(super) fn variable_files(rest: &[Word]) -> Vec<Word> {
    behind(rest, |flag| flag == "--env-file")
}

/// Files with credentials that a program is pointed at.
pub(super) fn files_of(program: &str, rest: &[Word]) -> Vec<Word> {
    let ssh = matches!(program, "ssh" | "scp" | "sftp" | "autossh");
    behind(rest, |flag| FILE_FLAGS.contains(&flag) || (ssh && flag == "-i"))
}

/// Paths behind options, glued to them by `=` or as the next word.
fn behind(rest: &[Word], is_flag: impl Fn(&str) -> bool) -> Vec<Word> {
    let mut found = Vec::new();
    for (at, word) in rest.iter().enumerate() {
        if let Some((_, path)) = word.text.split_once('=').filter(|(flag, _)| is_flag(flag)) {
            found.push(word.end(path));
        } else if is_flag(&word.text) {
            found.extend(rest.get(at + 1).cloned());
        }
    }
    found.retain(|word| word.literal && is_path(&word.text) && word.text != "/dev/null");
    found
}

fn is_path(text: &str) -> bool {
    text.contains('/') || text.starts_with('.')
}

/// Whether a file that a script reads in is one for credentials, by its name: `.env`, `backup.env`, `secrets.sh`.
pub(super) fn is_secret_file(path: &str) -> bool {
    let name = base_name(path).to_ascii_lowercase();
    name == "env" || name.ends_with(".env") || name.starts_with(".env") || speaks_of_secrets(&name)
}

/// Whether a path says that there are secrets in the file.
pub(in crate::formats) fn speaks_of_secrets(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    ["secret", "credential", "token", "passw"].iter().any(|word| path.contains(word))
}

/// The script that an interpreter runs, or the module of `python -m`.
pub(super) fn script_of<'w>(program: &str, rest: &'w [Word]) -> Option<(&'w str, &'w Word)> {
    const INTERPRETERS: [&str; 16] = [
        "sh", "bash", "dash", "zsh", "ksh", "ash", "python", "python2", "python3", "perl", "ruby", "node", "php",
        "Rscript", "pwsh", "java",
    ];
    let versioned = program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    if !INTERPRETERS.contains(&program) && !matches!(versioned, "python" | "php" | "ruby") {
        return None;
    }
    let behind = |flag: &str| rest.iter().position(|word| word.text == flag).and_then(|at| rest.get(at + 1));
    let named = behind("-m").filter(|_| versioned == "python").map(|word| (word.text.as_str(), word));
    let first =
        || rest.iter().find(|word| !word.text.starts_with(['-', '+'])).map(|word| (base_name(&word.text), word));
    named.or_else(first)
}

#[cfg(test)]
mod tests {
    use super::super::commands;
    use super::*;

    fn hidden(line: &str) -> Vec<&str> {
        commands(line, 0).iter().flat_map(in_command).map(|span| span.slice(line)).collect()
    }

    #[test]
    fn passwords_in_flags_addresses_and_headers_are_hidden() {
        for (line, secret) in [
            ("mysqldump -u root -phunter2 shop", "hunter2"),
            ("sshpass -p hunter2 ssh host", "hunter2"),
            ("curl -u alice:hunter2 https://acme.example", "alice:hunter2"),
            ("curl https://alice:hunter2@acme.example/x", "hunter2"),
            ("psql postgres://shop:hunter2@db/shop?ssl=1", "hunter2"),
            ("tool --api-key hunter2 --verbose", "hunter2"),
            ("tool --password=hunter2", "hunter2"),
            ("PGPASSWORD=hunter2 pg_dump shop", "hunter2"),
            ("export DB_PASSWORD='hunter2'", "DB_PASSWORD='hunter2'"),
            ("curl -H 'Authorization: Bearer hunter2' x", "'Authorization: Bearer hunter2'"),
            ("redis-cli -a hunter2 ping", "hunter2"),
            ("sudo isql -U mutt -P hunter2", "hunter2"),
        ] {
            assert_eq!(hidden(line), [secret], "{line}");
        }
    }

    #[test]
    fn references_files_and_look_alikes_are_no_secrets() {
        for line in [
            "curl https://alice:$TOKEN@acme.example",
            "tool --password \"$PASSWORD\"",
            "tool --password-file /etc/pw --token-ttl 5m",
            "docker login --password-stdin",
            "mkdir -p /srv/x",
            "curl https://acme.example:8080/a@b",
            "rsync -p a b",
        ] {
            assert_eq!(hidden(line), Vec::<&str>::new(), "{line}");
        }
    }
}
