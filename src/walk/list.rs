//! The files of one folder, without those of repositories nested in it.

use super::Skip;
use ignore::{DirEntry, WalkBuilder, WalkState};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

/// What a folder holds; all paths are relative to it and sorted, files by their bytes.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// Regular files that git would not ignore.
    pub(super) files: Vec<PathBuf>,
    /// Folders with a `.git` of their own.
    pub(super) nested: Vec<PathBuf>,
    /// What is there and will not be read.
    pub(super) skipped: Vec<(PathBuf, Skip)>,
}

/// How a folder lies to the repository around it: this decides whose ignore rules count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Position {
    /// In no repository: an unpacked source archive still has its `.gitignore` files.
    Outside,
    /// The top of a repository: nothing above it counts.
    Top,
    /// Below the top of a repository: the rules above count too, up to the top.
    Below,
}

enum Found {
    File(PathBuf),
    Nested(PathBuf),
    Skipped(PathBuf, Skip),
}

/// Lists a folder. Ignore rules are git's own, read from the tree alone: settings of the user or the machine would make
/// the same tree scan differently elsewhere.
pub(super) fn list(folder: &Path, position: Position, threads: usize) -> Listing {
    let (found, listed) = mpsc::channel();
    let boundary = Arc::new(Mutex::new(found.clone()));
    let mut builder = WalkBuilder::new(folder);
    builder
        .standard_filters(false)
        .git_ignore(true)
        .git_exclude(true)
        .require_git(position != Position::Outside)
        .parents(position == Position::Below)
        .follow_links(false)
        .threads(threads)
        .filter_entry(move |entry| descend(entry, &boundary));
    builder.build_parallel().run(|| {
        let found = found.clone();
        Box::new(move |entry| {
            if let Some(item) = entry.map_or_else(failed, sort_of) {
                // The receiver outlives the walk.
                let _ = found.send(item);
            }
            WalkState::Continue
        })
    });
    // The builder's filter holds a sender, too.
    drop((builder, found));
    collect(folder, listed)
}

/// Whether the walk goes into an entry. Runs before the entry is visited, and only for what is not ignored.
fn descend(entry: &DirEntry, boundary: &Mutex<mpsc::Sender<Found>>) -> bool {
    if entry.depth() == 0 {
        return true;
    }
    if entry.file_name() == ".git" {
        return false;
    }
    if !entry.file_type().is_some_and(|kind| kind.is_dir()) {
        return true;
    }
    let item = if is_marked(entry.path()) {
        Found::Nested(entry.path().to_owned())
    } else if is_bare(entry.path()) {
        Found::Skipped(entry.path().to_owned(), Skip::Bare)
    } else {
        return true;
    };
    let _ = boundary.lock().unwrap_or_else(PoisonError::into_inner).send(item);
    false
}

/// Whether a folder is the top of a working tree: `.git` is a folder, or a file that points to one.
pub(super) fn is_marked(folder: &Path) -> bool {
    folder.join(".git").symlink_metadata().is_ok()
}

/// Whether a folder is the inside of a repository (gitrepository-layout(5)), so its files are objects and hooks.
pub(super) fn is_bare(folder: &Path) -> bool {
    folder.join("HEAD").is_file() && folder.join("objects").is_dir() && folder.join("refs").is_dir()
}

fn sort_of(entry: DirEntry) -> Option<Found> {
    let kind = entry.file_type()?;
    if kind.is_dir() {
        None
    } else if kind.is_file() {
        Some(Found::File(entry.into_path()))
    } else if kind.is_symlink() {
        Some(Found::Skipped(entry.into_path(), Skip::Link))
    } else {
        Some(Found::Skipped(entry.into_path(), Skip::Special))
    }
}

/// An entry or folder that could not be read. Faults in ignore files come another way and are no reason to skip.
fn failed(error: ignore::Error) -> Option<Found> {
    let kind = error.io_error().map_or(io::ErrorKind::Other, io::Error::kind);
    path_of(&error).map(|path| Found::Skipped(path.to_owned(), Skip::Unreadable(kind)))
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        ignore::Error::Partial(errors) => errors.iter().find_map(path_of),
        _ => None,
    }
}

/// Sorts by bytes, which for many files is several times faster than part by part.
pub(super) fn sort(files: &mut [PathBuf]) {
    files.sort_unstable_by(|a, b| a.as_os_str().cmp(b.as_os_str()));
}

fn collect(folder: &Path, listed: mpsc::Receiver<Found>) -> Listing {
    let within = |path: PathBuf| path.strip_prefix(folder).map(Path::to_owned).unwrap_or(path);
    let mut listing = Listing::default();
    for item in listed {
        match item {
            Found::File(path) => listing.files.push(within(path)),
            Found::Nested(path) => listing.nested.push(within(path)),
            Found::Skipped(path, skip) => listing.skipped.push((within(path), skip)),
        }
    }
    sort(&mut listing.files);
    listing.nested.sort_unstable();
    listing.skipped.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
    listing
}
