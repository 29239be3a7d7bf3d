//! Where bytes come from: folders, single files, standard input, and the git repositories around them.
//!
//! [`discover`] lists what there is, [`load`] turns one source into text, [`Repository`] answers from its history. All of
//! it only reads files: no process is started, and nothing a repository's own configuration says is obeyed, so a hostile
//! checkout is as safe as any other.

mod decode;
mod discover;
mod git;
mod list;
mod load;
mod skip;
mod tracked;

pub use decode::Encoding;
pub use discover::{TargetError, discover};
pub use git::{Author, Blamed, Repository};
pub use load::{Loaded, load, load_file};
pub use skip::Skip;

use crate::text::SourceId;
use std::path::PathBuf;
use std::sync::Arc;

/// How much one source may weigh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest file that is read, in bytes.
    pub file: u64,
    /// The most that a compressed file may inflate to, in bytes.
    pub inflated: u64,
}

impl Default for Limits {
    /// 32 MiB, and 64 MiB when compressed.
    fn default() -> Self {
        Self { file: 32 << 20, inflated: 64 << 20 }
    }
}

/// What the targets hold. Every list is sorted, and the same files give the same lists.
#[derive(Debug, Default)]
pub struct Walked {
    /// The repositories that sources lie in, by display name.
    pub repositories: Vec<Repository>,
    /// What can be loaded, by path; a source's id is its place in this list.
    pub sources: Vec<Source>,
    /// What was seen and will not be read, by path.
    pub skipped: Vec<Skipped>,
}

/// One thing to read: a file, or what standard input held.
#[derive(Clone, Debug)]
pub struct Source {
    /// Its number in this scan.
    pub id: SourceId,
    /// The path for people, with `/`: relative to the target, which goes in front when there are several.
    pub path: String,
    /// The path within its repository, with `/`; outside of any, within the target.
    pub within: String,
    /// The repository it lies in, as an index of [`Walked::repositories`].
    pub repository: Option<usize>,
    /// The realm of its repository (`github.com/acme/shop`); outside of any, `local/` and the name of the target's
    /// folder, and `stdin` for standard input.
    pub realm: Arc<str>,
    origin: Origin,
}

/// Where the bytes are. Standard input can be read only once, so it is kept.
#[derive(Clone, Debug)]
enum Origin {
    File(PathBuf),
    Buffer(Arc<[u8]>),
}

/// A line of the coverage ledger: what was not read, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The path for people, as in [`Source::path`].
    pub path: String,
    /// Why it was not read.
    pub skip: Skip,
}

/// A path with `/` between its parts and without `.`; what is not UTF-8 is replaced.
fn slashed(path: &std::path::Path) -> String {
    let text = path.to_string_lossy();
    let plain = !cfg!(windows) && !text.starts_with("./") && !text.contains("/./") && !text.ends_with(['/', '.']);
    if plain {
        return text.into_owned();
    }
    let mut slashed = String::with_capacity(text.len());
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::RootDir => slashed.push('/'),
            part => {
                if !slashed.is_empty() && !slashed.ends_with('/') {
                    slashed.push('/');
                }
                slashed.push_str(&part.as_os_str().to_string_lossy());
            }
        }
    }
    slashed
}

/// `path` below `prefix`, either of which may be empty.
fn below(prefix: &str, path: &str) -> String {
    match (prefix, path) {
        ("", path) => path.to_owned(),
        (prefix, "") => prefix.to_owned(),
        (prefix, path) if prefix.ends_with('/') => format!("{prefix}{path}"),
        (prefix, path) => format!("{prefix}/{path}"),
    }
}

/// The name of a folder; the root of a file system has none.
fn name_of(folder: &std::path::Path) -> String {
    folder.file_name().map_or_else(|| "root".to_owned(), |name| name.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn paths_are_written_alike_however_they_were_typed() {
        assert_eq!(slashed(Path::new(".")), "");
        assert_eq!(slashed(Path::new("./a/./b/")), "a/b");
        assert_eq!(slashed(Path::new("../a/.github")), "../a/.github");
        assert_eq!(slashed(Path::new("/srv/a.")), "/srv/a.");
        assert_eq!(below("", "x"), "x");
        assert_eq!(below("a", "x"), "a/x");
        assert_eq!(below("/", "x"), "/x");
        assert_eq!(below("a", ""), "a");
    }
}
