//! Which of some files a commit changed.
//!
//! Two trees are compared side by side and only where they differ, so the cost lies in what a commit changed and hardly
//! in how many files are asked about.

use super::objects::{Entries, Entry, Objects, Sort, Tree};
use gix::ObjectId;
use std::cmp::Ordering;
use std::ops::Range;
use std::rc::Rc;

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
        for ((name, sort, id), counterpart) in differing(&before, &after) {
            let path = [path.as_slice(), name].join(if path.is_empty() { &b""[..] } else { &b"/"[..] });
            let below = |end: &[u8]| {
                let end = [path.as_slice(), end].concat();
                range.start + inside.partition_point(|asked| **asked < *end)
            };
            match (sort, counterpart) {
                (Sort::Folder, before) => {
                    let range = below(b"/")..below(b"0");
                    match before {
                        _ if range.is_empty() => {}
                        Some((Sort::Folder, before)) => folders.push((path, before, id, range)),
                        _ => mark(range),
                    }
                }
                _ => mark(below(b"")..below(b"\0")),
            }
        }
    }
    changed
}

/// The entries of `after` that are not the same in `before`, with what has their name there.
fn differing<'a>(
    before: &'a Tree,
    after: &'a Tree,
) -> impl Iterator<Item = (Entry<'a>, Option<(Sort, ObjectId)>)> + use<'a> {
    let (mut earlier, mut later) = (before.entries(), after.entries());
    std::iter::from_fn(move || {
        later.skip_same(&mut earlier);
        let entry = later.next()?;
        let counterpart = counterpart(&mut earlier, &entry);
        Some((entry, counterpart))
    })
    .filter(|((_, sort, id), counterpart)| *counterpart != Some((*sort, *id)))
}

/// The entry of the same name, from a folder that is gone through in the same order.
fn counterpart(earlier: &mut Entries<'_>, entry: &Entry<'_>) -> Option<(Sort, ObjectId)> {
    loop {
        let mut ahead = earlier.clone();
        let found = ahead.next()?;
        if found.0 != entry.0 && order(&found, entry) == Ordering::Greater {
            return None;
        }
        *earlier = ahead;
        if found.0 == entry.0 {
            return Some((found.1, found.2));
        }
    }
}

/// The order of entries in a folder: folders as if their names ended in `/`.
fn order(a: &Entry<'_>, b: &Entry<'_>) -> Ordering {
    fn name<'a>((name, sort, _): &Entry<'a>) -> impl Iterator<Item = u8> + use<'a> {
        name.iter().copied().chain((*sort == Sort::Folder).then_some(b'/'))
    }
    name(a).cmp(name(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    /// A folder as git writes it, of files and folders with one byte of id each.
    fn tree(entries: &BTreeMap<String, (bool, u8)>) -> Tree {
        let mut sorted: Vec<_> = entries.iter().collect();
        sorted.sort_by_key(|(name, (folder, _))| format!("{name}{}", if *folder { "/" } else { "" }));
        let mut raw = Vec::new();
        for (name, (folder, id)) in sorted {
            raw.extend_from_slice(if *folder { b"40000 " } else { b"100644 " });
            raw.extend_from_slice(name.as_bytes());
            raw.push(0);
            raw.extend_from_slice(&[*id; 20]);
        }
        Tree::of(&raw)
    }

    fn folder() -> impl Strategy<Value = BTreeMap<String, (bool, u8)>> {
        proptest::collection::btree_map("[ab.0]{1,3}", (any::<bool>(), 0..3u8), 0..12)
    }

    proptest! {
        #[test]
        fn what_differs_is_what_is_not_the_same(before in folder(), after in folder()) {
            let (earlier, later) = (tree(&before), tree(&after));
            let mut found: Vec<_> =
                differing(&earlier, &later).map(|((name, ..), _)| String::from_utf8_lossy(name).into_owned()).collect();
            found.sort();
            let is_other = |(name, entry): &(&String, &(bool, u8))| before.get(*name) != Some(*entry);
            let expected: Vec<_> = after.iter().filter(is_other).map(|(name, _)| name.clone()).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
