//! Objects of a repository, read with bounds on time and memory.

use gix::ObjectId;
use gix::hash::oid;
use gix::objs::{FindExt as _, Kind};
use gix::odb::pack::cache::DecodeEntry;
use std::collections::HashMap;
use std::rc::Rc;

/// The most objects that one question reads: about a second's worth. A count, unlike a clock, gives the same answer always.
const READS: usize = 200_000;
/// The largest object that is looked at.
const LARGEST: usize = 16 << 20;
/// How many bytes of objects, and of delta bases likewise, are kept at hand.
const KEPT: usize = 32 << 20;

/// The objects of an open repository.
pub(super) struct Objects {
    git: gix::Repository,
    left: usize,
    buffer: Vec<u8>,
    kept: HashMap<ObjectId, Rc<[u8]>>,
    weight: usize,
}

impl Objects {
    pub(super) fn new(mut git: gix::Repository) -> Self {
        git.objects.set_pack_cache(|| Box::new(Bases::default()));
        Self { git, left: READS, buffer: vec![], kept: HashMap::new(), weight: 0 }
    }

    /// A commit; none when it is missing, broken, or no more may be read.
    pub(super) fn commit(&mut self, id: ObjectId) -> Option<Commit> {
        self.find(id, Kind::Commit)?;
        Commit::parse(id, &self.buffer)
    }

    /// The content of a file, likewise. The last ones are kept, as a walk meets each of them twice.
    pub(super) fn blob(&mut self, id: ObjectId) -> Option<Rc<[u8]>> {
        self.keep(id, Kind::Blob)
    }

    /// The raw entries of a folder, likewise.
    pub(super) fn tree(&mut self, id: ObjectId) -> Option<Tree> {
        self.keep(id, Kind::Tree).map(|raw| Tree { raw, hash: id.kind() })
    }

    fn keep(&mut self, id: ObjectId, kind: Kind) -> Option<Rc<[u8]>> {
        if let Some(known) = self.kept.get(&id) {
            return Some(Rc::clone(known));
        }
        self.find(id, kind)?;
        let raw: Rc<[u8]> = Rc::from(self.buffer.as_slice());
        if self.weight > KEPT {
            self.kept.clear();
            self.weight = 0;
        }
        self.weight += raw.len() + 64;
        self.kept.insert(id, Rc::clone(&raw));
        Some(raw)
    }

    /// Reads an object into the buffer.
    fn find(&mut self, id: ObjectId, kind: Kind) -> Option<()> {
        self.left = self.left.checked_sub(1)?;
        let found = self.git.objects.find(&id, &mut self.buffer).ok()?;
        (found.kind == kind && found.data.len() <= LARGEST).then_some(())
    }
}

/// What is needed of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Commit {
    pub(super) id: ObjectId,
    pub(super) tree: ObjectId,
    pub(super) parents: Vec<ObjectId>,
    pub(super) author: String,
    pub(super) email: String,
    /// When it was written, in seconds since 1970.
    pub(super) written: i64,
    /// When it came into this history, likewise.
    pub(super) committed: i64,
}

impl Commit {
    /// Orders a walk through history: by time, and within the same second by id.
    pub(super) fn order(&self) -> (i64, ObjectId) {
        (self.committed, self.id)
    }

    /// Reads the header of a commit (git-commit-tree(1)), leniently: other tools have written people down in many ways.
    fn parse(id: ObjectId, raw: &[u8]) -> Option<Self> {
        let mut commit = Self {
            id,
            tree: id,
            parents: vec![],
            author: String::new(),
            email: String::new(),
            written: 0,
            committed: 0,
        };
        let mut has_tree = false;
        for line in raw.split(|byte| *byte == b'\n').take_while(|line| !line.is_empty()) {
            let Some((word, rest)) = split_once(line, b' ') else { continue };
            match word {
                b"tree" => {
                    commit.tree = ObjectId::from_hex(rest).ok()?;
                    has_tree = true;
                }
                b"parent" => commit.parents.push(ObjectId::from_hex(rest).ok()?),
                b"author" => (commit.author, commit.email, commit.written) = signature(rest),
                b"committer" => {
                    commit.committed = signature(rest).2;
                    break;
                }
                _ => {}
            }
        }
        has_tree.then_some(commit)
    }
}

/// Name, address and time of `Name <address> seconds zone`.
fn signature(text: &[u8]) -> (String, String, i64) {
    let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes.trim_ascii()).into_owned();
    let Some((name, rest)) = split_once(text, b'<') else { return (lossy(text), String::new(), 0) };
    let close = memchr::memrchr(b'>', rest).unwrap_or(rest.len());
    let (email, time) = rest.split_at(close);
    let seconds = String::from_utf8_lossy(time).trim_start_matches('>').split_whitespace().next().map(str::parse);
    (lossy(name), lossy(email), seconds.and_then(Result::ok).unwrap_or(0))
}

fn split_once(text: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let at = memchr::memchr(at, text)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// A folder in history.
#[derive(Clone)]
pub(super) struct Tree {
    raw: Rc<[u8]>,
    hash: gix::hash::Kind,
}

/// What an entry of a folder is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    File,
    Folder,
    /// A link or a submodule.
    Other,
}

/// An entry of a folder: its name, what it is, and its id.
pub(super) type Entry<'a> = (&'a [u8], Sort, ObjectId);

impl Tree {
    /// Every entry, in git's order, up to the first broken one.
    pub(super) fn entries(&self) -> Entries<'_> {
        Entries { rest: &self.raw, id: self.hash.len_in_bytes() }
    }

    /// The entry of this name.
    pub(super) fn entry(&self, name: &[u8]) -> Option<(Sort, ObjectId)> {
        self.entries().find(|(found, _, _)| *found == name).map(|(_, sort, id)| (sort, id))
    }
}

/// The entries of a folder from some place on: mode, space, name, NUL and id, one after the other.
#[derive(Clone)]
pub(super) struct Entries<'a> {
    rest: &'a [u8],
    /// How long an id is, in bytes.
    id: usize,
}

impl<'a> Entries<'a> {
    /// Goes on behind the entries that both have next, byte by byte. Of two versions of a folder these are most, and they
    /// need not be read.
    pub(super) fn skip_same(&mut self, other: &mut Self) {
        if self.rest == other.rest {
            (self.rest, other.rest) = (&[], &[]);
        }
        while let Some((entry, rest)) = self.split()
            && let Some(behind) = other.rest.strip_prefix(entry)
        {
            (self.rest, other.rest) = (rest, behind);
        }
    }

    fn split(&self) -> Option<(&'a [u8], &'a [u8])> {
        let end = memchr::memchr(0, self.rest)? + 1 + self.id;
        self.rest.split_at_checked(end)
    }
}

impl<'a> Iterator for Entries<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        let (entry, rest) = self.split()?;
        let (head, id) = entry.split_at_checked(entry.len().checked_sub(self.id)?)?;
        let (mode, name) = split_once(head.strip_suffix(b"\0")?, b' ')?;
        let sort = match mode {
            b"40000" | b"040000" => Sort::Folder,
            [b'1', b'0', ..] => Sort::File,
            _ => Sort::Other,
        };
        self.rest = rest;
        Some((name, sort, oid::try_from_bytes(id).ok()?.to_owned()))
    }
}

/// Delta bases at hand. Versions of a folder are stored as long chains of changes, which would be worked through from the
/// start for every single one.
#[derive(Default)]
struct Bases {
    kept: HashMap<(u32, u64), (Kind, usize, Vec<u8>)>,
    weight: usize,
}

impl DecodeEntry for Bases {
    fn put(&mut self, pack: u32, offset: u64, data: &[u8], kind: Kind, compressed: usize) {
        if data.len() > KEPT / 64 {
            return;
        }
        if self.weight > KEPT {
            self.kept.clear();
            self.weight = 0;
        }
        self.weight += data.len() + 64;
        self.kept.insert((pack, offset), (kind, compressed, data.to_vec()));
    }

    fn get(&mut self, pack: u32, offset: u64, out: &mut Vec<u8>) -> Option<(Kind, usize)> {
        let (kind, compressed, data) = self.kept.get(&(pack, offset))?;
        out.clear();
        out.extend_from_slice(data);
        Some((*kind, *compressed))
    }
}

#[cfg(test)]
impl Tree {
    pub(super) fn of(raw: &[u8]) -> Self {
        Self { raw: Rc::from(raw), hash: gix::hash::Kind::Sha1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id() -> ObjectId {
        ObjectId::null(gix::hash::Kind::Sha1)
    }

    #[test]
    fn headers_of_commits_are_read_leniently() {
        let raw = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nparent 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n\
                   author Ada <x> Byron <Ada@Acme.example> 1700000000 +0100\ncommitter  <> 1700000001 +0000\n\nauthor no\n";
        let commit = Commit::parse(id(), raw.as_bytes()).unwrap();
        assert_eq!((commit.author.as_str(), commit.written, commit.committed), ("Ada", 1_700_000_000, 1_700_000_001));
        assert_eq!(commit.parents.len(), 1);
        assert_eq!(Commit::parse(id(), b"author A <a> 1 +0\n"), None, "no tree");
    }

    #[test]
    fn odd_people_have_a_time_all_the_same() {
        assert_eq!(signature(b"Ada <ada@acme.example> 5 +0000"), ("Ada".into(), "ada@acme.example".into(), 5));
        assert_eq!(signature(b"no address"), ("no address".into(), String::new(), 0));
        assert_eq!(signature(b"A <a@b"), ("A".into(), "a@b".into(), 0));
    }

    proptest! {
        #[test]
        fn no_commit_or_folder_panics(raw in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = Commit::parse(id(), &raw);
            let tree = Tree::of(&raw);
            prop_assert!(tree.entries().count() <= raw.len());
        }
    }
}
