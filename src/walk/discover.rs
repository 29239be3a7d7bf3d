//! From what the user named to a sorted list of sources.

use super::list::{self, Listing, Position};
use super::{Limits, Origin, Repository, Skip, Skipped, Source, Walked, below, name_of, slashed, tracked};
use crate::text::SourceId;
use rayon::prelude::*;
use std::collections::{HashMap, HashSet};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A target that cannot be scanned: wrong use, not a gap in the scan.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum TargetError {
    /// There is no such file or folder.
    #[error("{path}: no such file or folder")]
    #[diagnostic(help("name a file, a folder, or `-` for standard input"))]
    Missing {
        /// As typed.
        path: String,
    },
    /// It exists, and the system does not let us look at it.
    #[error("{path}: {source}")]
    Unreadable {
        /// As typed.
        path: String,
        /// What the system says.
        source: io::Error,
    },
}

/// Lists what the targets hold: folders with everything in them that git does not ignore (and what it tracks all the
/// same), files whatever they are, `-` for standard input. A repository in a folder is one of its own.
///
/// A file reached through two targets is listed once, under the first.
///
/// # Errors
///
/// The first target that does not exist or cannot be looked at. What lies deeper and cannot be read goes to
/// [`Walked::skipped`].
pub fn discover(targets: &[PathBuf], limits: &Limits) -> Result<Walked, TargetError> {
    let mut gathering = Gathering { several: targets.len() > 1, ..Gathering::default() };
    for target in targets {
        if target.as_os_str() == "-" {
            gathering.buffer(target, io::stdin().lock(), limits)?;
            continue;
        }
        // The one place where a link is followed: the user named it.
        let real = target.canonicalize().map_err(|error| refused(target, error))?;
        let kind = real.metadata().map_err(|error| refused(target, error))?.file_type();
        if kind.is_dir() {
            gathering.folder(target, real);
        } else if kind.is_file() {
            gathering.file(target, real);
        } else {
            // `whoacts scan <(command)` names a pipe, which gives its bytes once, like standard input.
            let pipe = std::fs::File::open(&real).map_err(|error| refused(target, error))?;
            gathering.buffer(target, pipe, limits)?;
        }
    }
    Ok(gathering.finish())
}

fn refused(target: &Path, source: io::Error) -> TargetError {
    let path = target.to_string_lossy().into_owned();
    match source.kind() {
        io::ErrorKind::NotFound => TargetError::Missing { path },
        _ => TargetError::Unreadable { path, source },
    }
}

#[derive(Default)]
struct Gathering {
    several: bool,
    repositories: Vec<Repository>,
    by_top: HashMap<PathBuf, usize>,
    /// Files listed so far; kept only where a second target could reach them again.
    seen: HashSet<PathBuf>,
    sources: Vec<Source>,
    skipped: Vec<Skipped>,
}

/// A folder whose files all belong to the same repository, or to none.
struct Tree {
    folder: PathBuf,
    /// What goes in front of its paths.
    display: String,
    /// The repository around it: its top, and the folder's path below it.
    around: Option<(PathBuf, PathBuf)>,
}

/// A tree with what was found in it.
struct Surveyed {
    tree: Tree,
    repository: Option<Repository>,
    listing: Listing,
}

impl Gathering {
    fn folder(&mut self, target: &Path, folder: PathBuf) {
        let realm = local_realm(&folder);
        let display = if self.several { slashed(target) } else { String::new() };
        let around = around(&folder);
        if list::is_bare(&folder) {
            self.skipped.push(Skipped { path: slashed(target), skip: Skip::Bare });
            return;
        }
        let mut trees = vec![Tree { folder, display, around }];
        while !trees.is_empty() {
            // One tree has all threads to itself; many are better taken side by side.
            let threads = if trees.len() == 1 { rayon::current_num_threads() } else { 1 };
            let surveyed: Vec<Surveyed> = trees.into_par_iter().map(|tree| survey(tree, threads)).collect();
            trees = surveyed.iter().flat_map(nested).collect();
            for tree in surveyed {
                self.add(tree, target, &realm);
            }
        }
    }

    fn add(&mut self, surveyed: Surveyed, target: &Path, realm: &Arc<str>) {
        let Surveyed { tree, repository, listing } = surveyed;
        let above = tree.around.as_ref().map(|(_, above)| slashed(above)).unwrap_or_default();
        let repository = repository.map(|found| self.register(found, &tree.display, target));
        let realm = repository.and_then(|index| self.repositories.get(index)).map_or(realm, |found| &found.realm);
        let realm = Arc::clone(realm);
        for path in listing.files {
            let full = tree.folder.join(&path);
            if self.several && !self.seen.insert(full.clone()) {
                continue;
            }
            let short = slashed(&path);
            self.sources.push(Source {
                id: SourceId::default(),
                path: below(&tree.display, &short),
                within: below(&above, &short),
                repository,
                realm: Arc::clone(&realm),
                origin: Origin::File(full),
            });
        }
        let skipped = listing.skipped.into_iter();
        self.skipped.extend(skipped.map(|(path, skip)| Skipped { path: shown(&tree.display, &path), skip }));
    }

    fn file(&mut self, target: &Path, real: PathBuf) {
        if !self.seen.insert(real.clone()) {
            return;
        }
        let folder = real.parent().unwrap_or(&real);
        let around = around(folder);
        let repository = around.as_ref().map(|(top, _)| match self.by_top.get(top) {
            Some(index) => *index,
            None => self.register(Repository::at(top).0, "", Path::new("")),
        });
        let realm = match repository.and_then(|index| self.repositories.get(index)) {
            Some(found) => Arc::clone(&found.realm),
            None => local_realm(folder),
        };
        let path = slashed(target);
        let within = match around.as_ref().and_then(|(top, _)| real.strip_prefix(top).ok()) {
            Some(within) => slashed(within),
            // Outside of any repository the typed folders are all there is, if they lead down from here.
            None if target.is_relative() && !path.starts_with("..") => path.clone(),
            None => real.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        };
        let origin = Origin::File(real);
        self.sources.push(Source { id: SourceId::default(), path, within, repository, realm, origin });
    }

    fn buffer(&mut self, target: &Path, bytes: impl Read, limits: &Limits) -> Result<(), TargetError> {
        let path = slashed(target);
        if self.sources.iter().any(|source| source.path == path) {
            return Ok(());
        }
        let mut buffer = Vec::new();
        // One byte over the limit is enough for `load` to refuse it.
        let read = bytes.take(limits.file.saturating_add(1)).read_to_end(&mut buffer);
        read.map_err(|error| refused(target, error))?;
        self.sources.push(Source {
            id: SourceId::default(),
            within: path.clone(),
            path,
            repository: None,
            realm: Arc::from("stdin"),
            origin: Origin::Buffer(buffer.into()),
        });
        Ok(())
    }

    /// The index of a repository, which may be known already. It is shown by where it lies, or by its name where that
    /// says nothing (the target `.`).
    fn register(&mut self, mut repository: Repository, display: &str, target: &Path) -> usize {
        if let Some(index) = self.by_top.get(repository.top()) {
            return *index;
        }
        let typed = slashed(target);
        repository.display = match (display, typed.as_str()) {
            ("", "") => name_of(repository.top()),
            ("", typed) => typed.to_owned(),
            (display, _) => display.to_owned(),
        };
        self.by_top.insert(repository.top().to_owned(), self.repositories.len());
        self.repositories.push(repository);
        self.repositories.len() - 1
    }

    fn finish(mut self) -> Walked {
        let mut order: Vec<usize> = (0..self.repositories.len()).collect();
        let sort_key = |index: &usize| self.repositories.get(*index).map(|found| (&found.display, found.top()));
        order.sort_by(|a, b| sort_key(a).cmp(&sort_key(b)));
        let mut place = vec![0; order.len()];
        for (new, old) in order.iter().enumerate() {
            if let Some(slot) = place.get_mut(*old) {
                *slot = new;
            }
        }
        let mut repositories: Vec<(usize, Repository)> = place.iter().copied().zip(self.repositories).collect();
        repositories.sort_by_key(|(new, _)| *new);
        self.sources.sort_by(|a, b| a.path.cmp(&b.path).then_with(|| a.origin.file().cmp(&b.origin.file())));
        for (number, source) in self.sources.iter_mut().enumerate() {
            source.id = SourceId(u32::try_from(number).unwrap_or(u32::MAX));
            source.repository = source.repository.and_then(|old| place.get(old).copied());
        }
        self.skipped.sort_by(|a, b| a.path.cmp(&b.path));
        self.skipped.dedup();
        Walked {
            repositories: repositories.into_iter().map(|(_, repository)| repository).collect(),
            sources: self.sources,
            skipped: self.skipped,
        }
    }
}

impl Origin {
    fn file(&self) -> Option<&Path> {
        match self {
            Origin::File(path) => Some(path),
            Origin::Buffer(_) => None,
        }
    }
}

/// The repository around a folder: its top, and the folder's path below it.
fn around(folder: &Path) -> Option<(PathBuf, PathBuf)> {
    let top = folder.ancestors().find(|above| list::is_marked(above))?;
    Some((top.to_owned(), folder.strip_prefix(top).unwrap_or(Path::new("")).to_owned()))
}

fn survey(tree: Tree, threads: usize) -> Surveyed {
    let position = match &tree.around {
        None => Position::Outside,
        Some((_, above)) if above.as_os_str().is_empty() => Position::Top,
        Some(_) => Position::Below,
    };
    let mut listing = list::list(&tree.folder, position, threads);
    let repository = tree.around.as_ref().map(|(top, above)| {
        let (repository, git) = Repository::at(top);
        if let Some(git) = git {
            tracked::add_tracked(&git, &tree.folder, above, &mut listing);
        }
        repository
    });
    Surveyed { tree, repository, listing }
}

fn nested(surveyed: &Surveyed) -> impl Iterator<Item = Tree> + '_ {
    surveyed.listing.nested.iter().map(|path| {
        let folder = surveyed.tree.folder.join(path);
        let around = Some((folder.clone(), PathBuf::new()));
        Tree { folder, display: shown(&surveyed.tree.display, path), around }
    })
}

fn shown(display: &str, path: &Path) -> String {
    let shown = below(display, &slashed(path));
    if shown.is_empty() { ".".to_owned() } else { shown }
}

fn local_realm(folder: &Path) -> Arc<str> {
    Arc::from(format!("local/{}", name_of(folder)))
}
