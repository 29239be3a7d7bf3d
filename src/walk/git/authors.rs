//! Who wrote the commits of a history.

use super::mailmap::Mailmap;
use super::objects::{Commit, Objects};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashSet};

/// The most commits that are looked at, newest first.
const COMMITS: usize = 50_000;

/// Someone who wrote commits. Times are those of writing, which a rebase keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// The name in the newest commit.
    pub name: String,
    /// The e-mail address, in lower case.
    pub email: String,
    /// The earliest commit.
    pub first: Timestamp,
    /// The latest commit.
    pub last: Timestamp,
    /// How many commits.
    pub commits: u32,
}

/// Everyone in the history of `head`, by address.
pub(super) fn of_history(mut objects: Objects, head: Commit, people: &Mailmap) -> Vec<Author> {
    let mut authors: BTreeMap<String, Author> = BTreeMap::new();
    let mut seen = HashSet::from([head.id]);
    let mut waiting = BTreeMap::from([(head.order(), head)]);
    for _ in 0..COMMITS {
        let Some((_, commit)) = waiting.pop_last() else { break };
        count(&mut authors, &commit, people);
        for parent in commit.parents {
            if seen.insert(parent)
                && let Some(parent) = objects.commit(parent)
            {
                waiting.insert(parent.order(), parent);
            }
        }
    }
    authors.into_values().collect()
}

fn count(authors: &mut BTreeMap<String, Author>, commit: &Commit, people: &Mailmap) {
    let Ok(time) = Timestamp::from_second(commit.written) else { return };
    let (name, email) = people.resolve(&commit.author, &commit.email);
    if email.is_empty() {
        return;
    }
    let new = || Author { name, email: email.clone(), first: time, last: time, commits: 0 };
    let author = authors.entry(email.clone()).or_insert_with(new);
    author.first = author.first.min(time);
    author.last = author.last.max(time);
    author.commits += 1;
}
