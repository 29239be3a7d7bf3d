//! Files that git tracks although a rule ignores them: they are part of the repository, so they are read.

use super::Skip;
use super::list::{Listing, is_marked, sort};
use gix::index::entry::{Flags, Mode};
use std::collections::HashSet;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

/// Adds to the listing of `folder` what the repository's index names and the walk left out, if it is on disk.
/// `above` is the path from the top of the repository to the folder.
pub(super) fn add_tracked(git: &gix::Repository, folder: &Path, above: &Path, listing: &mut Listing) {
    if !git.index_path().exists() {
        return;
    }
    let Ok(index) = git.open_index() else {
        let damaged = Skip::Unreadable(std::io::ErrorKind::InvalidData);
        listing.skipped.push((PathBuf::from(".git/index"), damaged));
        return;
    };
    let known: HashSet<&OsStr> = listing.files.iter().map(|path| path.as_os_str()).collect();
    let mut found =
        Found { folder, nested: &listing.nested, plain: HashSet::new(), files: vec![], repositories: vec![] };
    for entry in index.entries() {
        let Ok(path) = gix::path::from_bstr(entry.path(&index)) else { continue };
        let Ok(path) = path.strip_prefix(above) else { continue };
        if !known.contains(path.as_os_str()) && !entry.flags.contains(Flags::SKIP_WORKTREE) {
            found.add(path, entry.mode);
        }
    }
    let Found { mut files, mut repositories, .. } = found;
    // A file in conflict has up to three entries.
    files.dedup();
    repositories.dedup();
    if !files.is_empty() {
        listing.files.append(&mut files);
        sort(&mut listing.files);
    }
    listing.nested.append(&mut repositories);
    listing.nested.sort_unstable();
}

struct Found<'a> {
    folder: &'a Path,
    nested: &'a [PathBuf],
    /// Folders known to be real ones, all the way up.
    plain: HashSet<PathBuf>,
    files: Vec<PathBuf>,
    repositories: Vec<PathBuf>,
}

impl Found<'_> {
    fn add(&mut self, path: &Path, mode: Mode) {
        if !stays_inside(path) || self.nested.iter().any(|nested| path.starts_with(nested)) {
            return;
        }
        let Some(parent) = path.parent() else { return };
        if mode == Mode::COMMIT {
            if is_marked(&self.folder.join(path)) && self.is_plain(path) {
                self.repositories.push(path.to_owned());
            }
        } else if (mode == Mode::FILE || mode == Mode::FILE_EXECUTABLE)
            && self.folder.join(path).symlink_metadata().is_ok_and(|found| found.is_file())
            && self.is_plain(parent)
        {
            self.files.push(path.to_owned());
        }
    }

    /// Whether the path to a folder runs through folders only. A link in it could lead anywhere, and git itself does not
    /// look beyond one either.
    fn is_plain(&mut self, folder: &Path) -> bool {
        if folder.as_os_str().is_empty() || self.plain.contains(folder) {
            return true;
        }
        let plain = self.folder.join(folder).symlink_metadata().is_ok_and(|found| found.is_dir())
            && folder.parent().is_none_or(|parent| self.is_plain(parent));
        if plain {
            self.plain.insert(folder.to_owned());
        }
        plain
    }
}

/// An index can be forged: a path may not climb out of the tree or into `.git`.
fn stays_inside(path: &Path) -> bool {
    let mut parts = path.components().peekable();
    parts.peek().is_some() && parts.all(|part| matches!(part, Component::Normal(name) if name != OsStr::new(".git")))
}
