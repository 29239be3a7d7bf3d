//! A repository: its realm, its people, and how old its lines are.
//!
//! Only files below `.git` are read. The configuration is opened with reduced trust, so it decides nothing but the shape of
//! the repository; `core.fsmonitor`, `core.hooksPath`, filters and textconv programs have no one to run them. Objects that
//! a partial or shallow clone lacks shorten the answers, and nothing else.

mod authors;
mod blame;
mod changes;
mod lines;
mod mailmap;
mod moves;
mod objects;
mod realm;

pub use authors::Author;
pub use blame::Blamed;

use super::{name_of, slashed};
use jiff::Timestamp;
use objects::{Commit, Objects};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A repository that sources lie in. Cheap to hold and to share; every question opens it anew.
#[derive(Clone, Debug)]
pub struct Repository {
    top: PathBuf,
    /// Where it lies, for people.
    pub display: String,
    /// Its trust zone: host and path of its remote (`github.com/acme/shop`), else `local/` and the name of its folder.
    pub realm: Arc<str>,
}

impl Repository {
    /// The repository at a folder that holds `.git`, also opened when it can be.
    pub(super) fn at(top: &Path) -> (Self, Option<gix::Repository>) {
        let git = open(top);
        let remote = git.as_ref().and_then(realm::of_remote);
        let realm = remote.unwrap_or_else(|| format!("local/{}", name_of(top)));
        (Self { top: top.to_owned(), display: slashed(top), realm: Arc::from(realm) }, git)
    }

    pub(super) fn top(&self) -> &Path {
        &self.top
    }

    /// Whether the clone holds only the newest commits, so that nothing in it looks older than it is cut off at.
    #[must_use]
    pub fn is_shallow(&self) -> bool {
        open(&self.top).is_some_and(|git| git.is_shallow().unwrap_or(false))
    }

    /// When the commit at HEAD was made; none without one.
    #[must_use]
    pub fn head_time(&self) -> Option<Timestamp> {
        self.head().and_then(|(_, _, head)| Timestamp::from_second(head.committed).ok())
    }

    /// The id of the commit at HEAD, in hexadecimal digits; none without one.
    #[must_use]
    pub fn head_commit(&self) -> Option<String> {
        self.head().map(|(_, id, _)| id.to_string())
    }

    /// Everyone who wrote a commit that HEAD builds on, by e-mail address after `.mailmap`; of a longer history the
    /// newest 50,000 commits. Empty without a history.
    #[must_use]
    pub fn authors(&self) -> Vec<Author> {
        let Some((objects, _, head)) = self.head() else { return vec![] };
        authors::of_history(objects, head, &mailmap::Mailmap::read(&self.top))
    }

    /// The commit each of these lines comes from: `lines` counts from 1 in the file as it lies in the working tree.
    ///
    /// None when the file has no history (untracked, or not readable as plain text). Lines that are not committed yet are
    /// left out.
    #[must_use]
    pub fn blame(&self, within: &str, lines: &[u32]) -> Option<Vec<Blamed>> {
        self.blame_files(&[(within, lines)]).pop().flatten()
    }

    /// [`Repository::blame`] for many files in one walk through the history: this costs little more than one file alone.
    #[must_use]
    pub fn blame_files(&self, files: &[(&str, &[u32])]) -> Vec<Option<Vec<Blamed>>> {
        let Some((objects, _, head)) = self.head() else { return vec![None; files.len()] };
        blame::blame(objects, head, &self.top, files, &mailmap::Mailmap::read(&self.top))
    }

    fn head(&self) -> Option<(Objects, gix::ObjectId, Commit)> {
        let git = open(&self.top)?;
        let id = git.head_id().ok()?.detach();
        let mut objects = Objects::new(git);
        let head = objects.commit(id)?;
        Some((objects, id, head))
    }
}

/// Opens the repository at `top`, whoever owns it. Nothing outside of it is read (user or system settings, environment,
/// included files), and its own settings are not trusted.
fn open(top: &Path) -> Option<gix::Repository> {
    // Without trust every object is held to 16 MiB, but the index of a very large repository is one "object", too.
    let limit = "gitoxide.objects.allocLimit=256m";
    let options = gix::open::Options::isolated().with(gix::sec::Trust::Reduced).config_overrides([limit]);
    // `.git` itself is named, so that a folder that only looks like a repository inside is not taken for one.
    options.open(top.join(".git")).ok().map(Into::into)
}
