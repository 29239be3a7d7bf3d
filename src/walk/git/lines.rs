//! Which lines two versions of a file share.

use gix::diff::blob::{Algorithm, Diff, Hunk, InternedInput};

/// The lines of a text without their ends: a checkout may have changed those.
pub(super) fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split_inclusive(|byte| *byte == b'\n').map(|line| {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        line.strip_suffix(b"\r").unwrap_or(line)
    })
}

/// Where the lines of a version stand in the one before. Lines count from 0.
pub(super) struct Shared {
    changes: Vec<Hunk>,
    before: u32,
    after: u32,
}

impl Shared {
    /// Compares two versions the way `git blame` does unless it is told otherwise.
    pub(super) fn between(before: &[u8], after: &[u8]) -> Self {
        let mut input = InternedInput::default();
        input.update_before(lines(before));
        input.update_after(lines(after));
        let mut diff = Diff::compute(Algorithm::Myers, &input);
        diff.postprocess_lines(&input);
        let count = |tokens: usize| u32::try_from(tokens).unwrap_or(u32::MAX);
        Self { changes: diff.hunks().collect(), before: count(input.before.len()), after: count(input.after.len()) }
    }

    /// The line of the earlier version that this line of the later one is; none when it is new.
    pub(super) fn before(&self, line: u32) -> Option<u32> {
        if line >= self.after {
            return None;
        }
        let next = self.changes.partition_point(|change| change.after.start <= line);
        match next.checked_sub(1).and_then(|last| self.changes.get(last)) {
            None => Some(line),
            Some(change) if line < change.after.end => None,
            Some(change) => Some(line - change.after.end + change.before.end),
        }
    }

    /// Whether at least half of the longer version is in the other: then one was made from the other.
    pub(super) fn is_alike(&self) -> bool {
        self.count() * 2 >= self.before.max(self.after)
    }

    /// How many lines both have.
    pub(super) fn count(&self) -> u32 {
        let new: u32 = self.changes.iter().map(|change| change.after.end - change.after.start).sum();
        self.after.saturating_sub(new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn lines_keep_their_place_around_changes() {
        let shared = Shared::between(b"a\nb\nc\nd\n", b"new\r\na\r\nc\r\nx\r\nd");
        let places: Vec<_> = (0..6).map(|line| shared.before(line)).collect();
        assert_eq!(places, [None, Some(0), Some(2), None, Some(3), None]);
        assert_eq!(shared.count(), 3);
        assert!(shared.is_alike());
        assert!(!Shared::between(b"a\n", b"b\n").is_alike());
    }

    proptest! {
        #[test]
        fn shared_lines_are_equal(before in "[ab\n]{0,20}", after in "[ab\r\n]{0,20}") {
            let old: Vec<_> = lines(before.as_bytes()).collect();
            let shared = Shared::between(before.as_bytes(), after.as_bytes());
            for (number, line) in lines(after.as_bytes()).enumerate() {
                if let Some(place) = shared.before(u32::try_from(number).unwrap()) {
                    prop_assert_eq!(old[place as usize], line);
                }
            }
        }
    }
}
