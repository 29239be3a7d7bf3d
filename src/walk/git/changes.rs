//! Which of some files a commit changed.
//!
//! Two trees are compared side by side and only where they differ, so the cost lies in what a commit changed and hardly
//! in how many files are asked about.

use super::objects::{Objects, Sort};
use gix::ObjectId;
use std::cmp::Ordering;
use std::ops::Range;
use std::rc::Rc;

/// An entry of a folder.
type Entry<'a> = (&'a [u8], Sort, ObjectId);

/// Whether each of these files, all of which are in the tree `after`, is another one in `before` or not there at all.
/// `paths` are sorted. A folder that is not in this clone counts as changed.
pub(super) fn among(objects: &mut Objects, before: ObjectId, after: ObjectId, paths: &[Rc<[u8]>]) -> Vec<bool> {
    let mut changed = vec![false; paths.len()];
    let mut mark = |range: Range<usize>| changed.get_mut(range).into_iter().flatten().for_each(|flag| *flag = true);
    let mut folders = vec![(Vec::new(), before, after, 0..paths.len())];
    while let Some((path, before, after, range)) = folders.pop() {
        if before == after {
            continue;
        }
        let (Some(before), Some(after)) = (objects.tree(before), objects.tree(after)) else {
            mark(range);
            continue;
        };
        let inside = paths.get(range.clone()).unwrap_or_default();
        let mut earlier = before.entries().peekable();
        for entry in after.entries() {
            let counterpart = counterpart(&mut earlier, &entry);
            let (name, sort, id) = entry;
            if counterpart == Some((sort, id)) {
                continue;
            }
            let path = [path.as_slice(), name].join(if path.is_empty() { &b""[..] } else { &b"/"[..] });
            let start = range.start + inside.partition_point(|asked| **asked < *path);
            match (sort, counterpart) {
                (Sort::Folder, before) => {
                    let [from, to] = [b'/', b'/' + 1].map(|end| [path.as_slice(), &[end]].concat());
                    let lo = range.start + inside.partition_point(|asked| **asked < *from);
                    let hi = range.start + inside.partition_point(|asked| **asked < *to);
                    match before {
                        _ if lo == hi => {}
                        Some((Sort::Folder, before)) => folders.push((path, before, id, lo..hi)),
                        _ => mark(lo..hi),
                    }
                }
                _ => mark(start..range.start + inside.partition_point(|asked| **asked <= *path)),
            }
        }
    }
    changed
}

/// The entry of the same name, from a folder that is gone through in the same order.
fn counterpart<'a>(
    earlier: &mut std::iter::Peekable<impl Iterator<Item = Entry<'a>>>,
    entry: &Entry<'_>,
) -> Option<(Sort, ObjectId)> {
    loop {
        let found = earlier.peek()?;
        if found.0 == entry.0 {
            let (_, sort, id) = earlier.next()?;
            return Some((sort, id));
        }
        if order(found, entry) == Ordering::Greater {
            return None;
        }
        earlier.next();
    }
}

/// The order of entries in a folder: folders as if their names ended in `/`.
fn order(a: &Entry<'_>, b: &Entry<'_>) -> Ordering {
    fn name<'a>((name, sort, _): &Entry<'a>) -> impl Iterator<Item = u8> + use<'a> {
        name.iter().copied().chain((*sort == Sort::Folder).then_some(b'/'))
    }
    name(a).cmp(name(b))
}
