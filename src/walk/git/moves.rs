//! Where a file that is new in a commit was before.

use super::lines::Shared;
use super::objects::{Objects, Sort};
use gix::ObjectId;
use std::rc::Rc;

/// More files than this are a tree of its own, not a move.
const MOST_GONE: usize = 20_000;
/// How many files are compared with a new one.
const MOST_COMPARED: usize = 32;

/// A file by its path and content.
pub(super) type File = (Vec<u8>, ObjectId);

/// The files of `before` that `after` no longer has under their path, in the order of their paths.
pub(super) fn gone(objects: &mut Objects, before: ObjectId, after: ObjectId) -> Vec<File> {
    let mut gone = Vec::new();
    let mut folders = vec![(Vec::new(), before, Some(after))];
    while let Some((path, before, after)) = folders.pop() {
        let Some(before) = objects.tree(before) else { continue };
        let after = after.and_then(|after| objects.tree(after));
        for (name, sort, id) in before.entries() {
            let counterpart = after.as_ref().and_then(|after| after.entry(name));
            let path = [path.as_slice(), name].join(if path.is_empty() { &b""[..] } else { &b"/"[..] });
            match (sort, counterpart) {
                (_, Some((_, same))) if same == id => {}
                (Sort::Folder, Some((Sort::Folder, other))) => folders.push((path, id, Some(other))),
                (Sort::Folder, _) => folders.push((path, id, None)),
                (Sort::File, Some((Sort::File, _))) | (Sort::Other, _) => {}
                (Sort::File, _) => gone.push((path, id)),
            }
        }
        if gone.len() > MOST_GONE || folders.len() > MOST_GONE {
            return vec![];
        }
    }
    gone.sort_unstable();
    gone
}

/// The file that a new one was moved from, and the lines they share: one of equal content, else the most alike of those
/// with the same name or ending.
pub(super) fn origin(objects: &mut Objects, new: &File, gone: &[File]) -> Option<(File, Option<Shared>)> {
    let (path, id) = new;
    let same = || gone.iter().filter(|(_, old)| old == id);
    if let Some(file) = same().find(|(old, _)| name(old) == name(path)).or_else(|| same().next()) {
        return Some((file.clone(), None));
    }
    let content = objects.blob(*id)?;
    let mut candidates: Vec<&File> = gone.iter().filter(|(old, _)| ending(old) == ending(path)).collect();
    candidates.sort_by_key(|(old, _)| (name(old) != name(path), folder(old) != folder(path)));
    let mut best: Option<(&File, Shared)> = None;
    for file in candidates.into_iter().take(MOST_COMPARED) {
        let Some(old) = objects.blob(file.1).filter(|old| may_be_alike(old, &content)) else { continue };
        let shared = Shared::between(&old, &content);
        if shared.is_alike() && best.as_ref().is_none_or(|(_, best)| best.count() < shared.count()) {
            best = Some((file, shared));
        }
    }
    best.map(|(file, shared)| (file.clone(), Some(shared)))
}

/// A cheap test before lines are compared.
fn may_be_alike(a: &Rc<[u8]>, b: &Rc<[u8]>) -> bool {
    a.len().min(b.len()) * 4 >= a.len().max(b.len())
}

fn name(path: &[u8]) -> &[u8] {
    path.rsplit(|byte| *byte == b'/').next().unwrap_or(path)
}

fn folder(path: &[u8]) -> &[u8] {
    path.strip_suffix(name(path)).unwrap_or_default()
}

fn ending(path: &[u8]) -> &[u8] {
    let name = name(path);
    name.rsplit(|byte| *byte == b'.').next().unwrap_or(name)
}
