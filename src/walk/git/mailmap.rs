//! `.mailmap`: one person, several addresses (gitmailmap(5)).

use std::collections::HashMap;
use std::path::Path;

/// More is no mailmap that people keep.
const LARGEST: u64 = 4 << 20;

/// Which name and address an author goes by.
#[derive(Debug, Default)]
pub(super) struct Mailmap {
    /// By the address in commits, in lower case.
    entries: HashMap<String, Vec<Entry>>,
}

#[derive(Debug)]
struct Entry {
    /// Counts only for commits under this name, in lower case.
    only_for: Option<String>,
    name: Option<String>,
    email: Option<String>,
}

impl Mailmap {
    /// Reads the file at the top of the working tree. Like git, it does not follow a link there.
    pub(super) fn read(top: &Path) -> Self {
        let path = top.join(".mailmap");
        let plain = path.symlink_metadata().is_ok_and(|found| found.is_file() && found.len() <= LARGEST);
        let bytes = if plain { std::fs::read(path).unwrap_or_default() } else { vec![] };
        Self::parse(&String::from_utf8_lossy(&bytes))
    }

    fn parse(text: &str) -> Self {
        let mut map = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let Some((name, first, rest)) = person(line) else { continue };
            let (commit_email, entry) = match person(rest) {
                Some((commit_name, commit_email, _)) => {
                    let only_for = Some(commit_name.to_lowercase()).filter(|name| !name.is_empty());
                    (commit_email, Entry { only_for, name: non_empty(name), email: non_empty(first) })
                }
                None => (first, Entry { only_for: None, name: non_empty(name), email: None }),
            };
            map.entries.entry(commit_email.to_lowercase()).or_default().push(entry);
        }
        map
    }

    /// The name and address that someone goes by, the address in lower case. An entry for the very name comes before one
    /// for the address alone; of several, the last counts.
    pub(super) fn resolve(&self, name: &str, email: &str) -> (String, String) {
        let email = email.trim().to_lowercase();
        let entries = self.entries.get(&email).map(Vec::as_slice).unwrap_or_default();
        let named = |entry: &&Entry| entry.only_for.as_deref() == Some(name.to_lowercase().as_str());
        let entry = entries.iter().rev().find(named).or_else(|| entries.iter().rev().find(|e| e.only_for.is_none()));
        let own_name = entry.and_then(|entry| entry.name.clone()).unwrap_or_else(|| name.trim().to_owned());
        let own_email = entry.and_then(|entry| entry.email.as_ref()).map_or(email, |own| own.to_lowercase());
        (own_name, own_email)
    }
}

/// `Name <address> rest`; the name may be missing.
fn person(text: &str) -> Option<(&str, &str, &str)> {
    let (name, rest) = text.split_once('<')?;
    let (email, rest) = rest.split_once('>')?;
    Some((name.trim(), email.trim(), rest))
}

fn non_empty(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_four_forms_of_an_entry() {
        let map = Mailmap::parse(
            "# people\nAda Byron <ada@old.example>\n<ada@acme.example> <ada@laptop.local>\n\
             Bob Ross <bob@acme.example> <bob@home.example>\nCyd <cyd@acme.example> build <root@ci.example>\n",
        );
        let resolve = |name: &str, email: &str| {
            let (name, email) = map.resolve(name, email);
            format!("{name} <{email}>")
        };
        assert_eq!(resolve("ada", "Ada@Old.example"), "Ada Byron <ada@old.example>");
        assert_eq!(resolve("Ada", "ada@laptop.local"), "Ada <ada@acme.example>");
        assert_eq!(resolve("b", "bob@home.example"), "Bob Ross <bob@acme.example>");
        assert_eq!(resolve("Build", "root@ci.example"), "Cyd <cyd@acme.example>");
        assert_eq!(resolve("other", "root@ci.example"), "other <root@ci.example>");
    }

    proptest! {
        #[test]
        fn no_mailmap_panics(text in "[a-z<>@# \n]{0,60}") {
            let _ = Mailmap::parse(&text).resolve("a", "a@b");
        }
    }
}
