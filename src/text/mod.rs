//! Where things are: sources, spans and lines.
//!
//! Everything else points into text with [`Place`]: small, `Copy`, and free of lifetimes, so that facts and findings
//! can outlive the text they came from.

mod base64;
mod embedded;
mod lines;
mod sanitise;

pub use base64::base64;
pub use embedded::embedded;
pub use lines::{LineIndex, Position};
pub use sanitise::{printable, shorten, thousands};

/// Number of one source (a file, an export, standard input) within one scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct SourceId(pub u32);

/// A half-open range of bytes, `lo..hi`, in the decoded text of one source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span {
    /// First byte.
    pub lo: u32,
    /// One past the last byte.
    pub hi: u32,
}

impl Span {
    /// A span from byte offsets. Offsets beyond 4 GiB saturate; the walk never hands out a text that long.
    #[must_use]
    pub fn new(lo: usize, hi: usize) -> Self {
        let narrow = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { lo: narrow(lo), hi: narrow(hi.max(lo)) }
    }

    /// The span as a range for slicing.
    #[must_use]
    pub fn range(self) -> std::ops::Range<usize> {
        self.lo as usize..self.hi as usize
    }

    /// The text under the span; empty when the span does not fit the text.
    #[must_use]
    pub fn slice(self, text: &str) -> &str {
        text.get(self.range()).unwrap_or("")
    }

    /// Length in bytes.
    #[must_use]
    pub fn len(self) -> usize {
        self.range().len()
    }

    /// Whether the span covers no byte.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.lo >= self.hi
    }

    /// Whether both spans share at least one byte.
    #[must_use]
    pub fn overlaps(self, other: Span) -> bool {
        self.lo < other.hi && other.lo < self.hi
    }

    /// The smallest span that covers both.
    #[must_use]
    pub fn cover(self, other: Span) -> Span {
        Span { lo: self.lo.min(other.lo), hi: self.hi.max(other.hi) }
    }

    /// The span `lo..hi` counted from the start of this one, as for a part of a value.
    #[must_use]
    pub fn within(self, lo: usize, hi: usize) -> Span {
        let start = self.lo as usize;
        Span::new(start + lo, (start + hi).min(self.hi as usize))
    }
}

/// A span in a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Place {
    /// The source.
    pub source: SourceId,
    /// The range of bytes in it.
    pub span: Span,
}
