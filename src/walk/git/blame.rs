//! Which commit a line comes from, for the lines of many files at once.
//!
//! All files go back through the history together: a commit hands a file's lines on to the parent that has them, and what
//! no parent has, the commit brought in. Only versions that differ are compared.

use super::changes;
use super::lines::{Shared, lines};
use super::mailmap::Mailmap;
use super::moves::{self, File};
use super::objects::{Commit, Objects, Sort};
use gix::ObjectId;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::{Component, Path};
use std::rc::Rc;

/// Larger files are no one's handwriting.
const LARGEST: usize = 8 << 20;

/// Where a line comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blamed {
    /// The line in the working tree, from 1.
    pub line: u32,
    /// When it was written, as `git blame` tells it. Without an author: a time at which it was already there.
    pub time: Timestamp,
    /// Who wrote it, by e-mail address in lower case, after `.mailmap`. None where the history at hand ends before the
    /// line's origin (a shallow or partial clone, or more history than is searched): it is at least as old as `time`.
    pub author_email: Option<String>,
}

/// Blames lines of files at `head`; one answer per file, none for a file without history.
pub(super) fn blame(
    objects: Objects,
    head: Commit,
    top: &Path,
    files: &[(&str, &[u32])],
    people: &Mailmap,
) -> Vec<Option<Vec<Blamed>>> {
    let found = vec![None; files.len()];
    let mut search = Search { objects, waiting: BTreeMap::new(), found, people };
    let start: Vec<Suspect> = files
        .iter()
        .enumerate()
        .filter_map(|(file, (within, asked))| search.start(&head, top, file, within, asked))
        .collect();
    search.hand_on(&head, start);
    while let Some((_, (commit, suspects))) = search.waiting.pop_last() {
        search.step(&commit, suspects);
    }
    for blamed in search.found.iter_mut().flatten() {
        blamed.sort_unstable_by_key(|blamed| blamed.line);
    }
    search.found
}

/// Lines of a file that are as they were in the commit at hand.
struct Suspect {
    file: usize,
    path: Rc<[u8]>,
    content: ObjectId,
    lines: Vec<Line>,
}

#[derive(Clone, Copy)]
struct Line {
    /// In this version of the file, from 0.
    here: u32,
    /// In the working tree, from 1.
    asked: u32,
}

impl Suspect {
    /// Splits off what an earlier version of the file has, too.
    fn split_off(&mut self, path: Rc<[u8]>, content: ObjectId, before: impl Fn(u32) -> Option<u32>) -> Suspect {
        let mut earlier = Suspect { file: self.file, path, content, lines: vec![] };
        self.lines.retain(|line| match before(line.here) {
            Some(here) => {
                earlier.lines.push(Line { here, asked: line.asked });
                false
            }
            None => true,
        });
        earlier
    }
}

/// What a path leads to in a commit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lookup {
    File(ObjectId),
    Absent,
    /// A folder on the way is not in this clone.
    Missing,
}

struct Search<'a> {
    objects: Objects,
    /// Commits to look at, the newest last.
    waiting: BTreeMap<(i64, ObjectId), (Commit, Vec<Suspect>)>,
    found: Vec<Option<Vec<Blamed>>>,
    people: &'a Mailmap,
}

impl Search<'_> {
    /// The asked lines of a file in the working tree that are in `head` as well.
    fn start(&mut self, head: &Commit, top: &Path, file: usize, within: &str, asked: &[u32]) -> Option<Suspect> {
        let content = match self.lookup(head.tree, within.as_bytes()) {
            Lookup::File(content) => content,
            Lookup::Absent | Lookup::Missing => return None,
        };
        let committed = self.objects.blob(content)?;
        let present = read_plain(top, within)?;
        let count = u32::try_from(lines(&present).count()).unwrap_or(u32::MAX);
        let shared = (*committed != *present).then(|| Shared::between(&committed, &present));
        let mut asked: Vec<u32> = asked.iter().copied().filter(|line| (1..=count).contains(line)).collect();
        asked.sort_unstable();
        asked.dedup();
        let committed_line = |asked: u32| {
            let here = shared.as_ref().map_or(Some(asked - 1), |shared| shared.before(asked - 1))?;
            Some(Line { here, asked })
        };
        if let Some(found) = self.found.get_mut(file) {
            *found = Some(vec![]);
        }
        let lines = asked.into_iter().filter_map(committed_line).collect();
        Some(Suspect { file, path: Rc::from(within.as_bytes()), content, lines })
    }

    /// Hands every line on to a parent that has it, and settles the others here.
    fn step(&mut self, commit: &Commit, suspects: Vec<Suspect>) {
        let mut open = suspects;
        open.sort_by(|a, b| a.path.cmp(&b.path));
        let mut parents: Vec<Commit> = Vec::new();
        let mut cut = false;
        for id in &commit.parents {
            if open.is_empty() {
                return;
            }
            let Some(parent) = self.objects.commit(*id) else {
                cut = true;
                continue;
            };
            let paths: Vec<Rc<[u8]>> = open.iter().map(|suspect| Rc::clone(&suspect.path)).collect();
            let mut changed = changes::among(&mut self.objects, parent.tree, commit.tree, &paths).into_iter();
            let unchanged = open.extract_if(.., |_| changed.next() == Some(false)).collect();
            self.hand_on(&parent, unchanged);
            parents.push(parent);
        }
        let mut gone: Vec<Option<Vec<File>>> = vec![None; parents.len()];
        for mut suspect in open {
            let cut = self.compare(commit, &parents, &mut gone, &mut suspect) || cut;
            self.settle(commit, suspect, cut);
        }
    }

    /// Hands on the lines of a file that the commit changed, added or moved. True when a version that could have been
    /// theirs is not in this clone.
    fn compare(
        &mut self,
        commit: &Commit,
        parents: &[Commit],
        gone: &mut [Option<Vec<File>>],
        suspect: &mut Suspect,
    ) -> bool {
        let lookups: Vec<Lookup> = parents.iter().map(|parent| self.lookup(parent.tree, &suspect.path)).collect();
        let mut cut = lookups.contains(&Lookup::Missing);
        for (parent, lookup) in parents.iter().zip(&lookups) {
            let Lookup::File(content) = *lookup else { continue };
            match self.shared(content, suspect.content) {
                Some(shared) => {
                    let earlier = suspect.split_off(Rc::clone(&suspect.path), content, |line| shared.before(line));
                    self.hand_on(parent, vec![earlier]);
                }
                None => cut = true,
            }
        }
        if lookups.iter().any(|lookup| *lookup != Lookup::Absent) {
            return cut;
        }
        for (parent, gone) in parents.iter().zip(gone) {
            let gone = gone.get_or_insert_with(|| moves::gone(&mut self.objects, parent.tree, commit.tree));
            let new = (suspect.path.to_vec(), suspect.content);
            if let Some(((path, content), shared)) = moves::origin(&mut self.objects, &new, gone) {
                let before = |line| shared.as_ref().map_or(Some(line), |shared| shared.before(line));
                let earlier = suspect.split_off(Rc::from(path), content, before);
                self.hand_on(parent, vec![earlier]);
            }
        }
        cut
    }

    fn shared(&mut self, before: ObjectId, after: ObjectId) -> Option<Shared> {
        let before = self.objects.blob(before).filter(|content| content.len() <= LARGEST)?;
        let after = self.objects.blob(after).filter(|content| content.len() <= LARGEST)?;
        Some(Shared::between(&before, &after))
    }

    fn hand_on(&mut self, commit: &Commit, suspects: Vec<Suspect>) {
        let mut suspects = suspects;
        suspects.retain(|suspect| !suspect.lines.is_empty());
        if suspects.is_empty() {
            return;
        }
        let waiting = match self.waiting.entry(commit.order()) {
            Entry::Vacant(free) => {
                free.insert((commit.clone(), suspects));
                return;
            }
            Entry::Occupied(known) => &mut known.into_mut().1,
        };
        for suspect in suspects {
            match waiting.iter_mut().find(|known| known.file == suspect.file && known.path == suspect.path) {
                Some(known) => known.lines.extend(suspect.lines),
                None => waiting.push(suspect),
            }
        }
    }

    fn settle(&mut self, commit: &Commit, suspect: Suspect, cut: bool) {
        let Ok(time) = Timestamp::from_second(if cut { commit.committed } else { commit.written }) else { return };
        let author_email = (!cut).then(|| self.people.resolve(&commit.author, &commit.email).1);
        if let Some(Some(found)) = self.found.get_mut(suspect.file) {
            found.extend(suspect.lines.iter().map(|line| Blamed {
                line: line.asked,
                time,
                author_email: author_email.clone(),
            }));
        }
    }

    fn lookup(&mut self, tree: ObjectId, path: &[u8]) -> Lookup {
        let mut at = (Sort::Folder, tree);
        for name in path.split(|byte| *byte == b'/') {
            let (Sort::Folder, folder) = at else { return Lookup::Absent };
            let Some(folder) = self.objects.tree(folder) else { return Lookup::Missing };
            match folder.entry(name) {
                Some(entry) => at = entry,
                None => return Lookup::Absent,
            }
        }
        match at {
            (Sort::File, content) => Lookup::File(content),
            _ => Lookup::Absent,
        }
    }
}

/// A file of the working tree whose lines are those that git counts: not compressed, and of one byte per line end.
fn read_plain(top: &Path, within: &str) -> Option<Vec<u8>> {
    let within = Path::new(within);
    if !within.components().all(|part| matches!(part, Component::Normal(_))) {
        return None;
    }
    let path = top.join(within);
    let known = path.symlink_metadata().ok()?;
    if !known.is_file() || known.len() > LARGEST as u64 {
        return None;
    }
    let bytes = std::fs::read(path).ok()?;
    let foreign = [&[0x1f, 0x8b][..], &[0xff, 0xfe], &[0xfe, 0xff]].iter().any(|mark| bytes.starts_with(mark));
    (!foreign).then_some(bytes)
}
