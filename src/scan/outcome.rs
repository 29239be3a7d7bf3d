//! What a scan found, read and left out.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::graph::Graph;
use crate::rules::{Definition, Finding};

/// Everything a report is made of. Nothing in here comes from the wall clock.
#[derive(Debug)]
pub struct Outcome {
    /// The time against which ages were computed, and where it came from (`--as-of`, `newest commit`, …).
    pub as_of: Timestamp,
    /// The source of that time.
    pub as_of_basis: String,
    /// The targets as the user named them.
    pub targets: Vec<String>,
    /// Repositories and other realms, with how many of their files were read.
    pub realms: Vec<Realm>,
    /// What was read and what was not.
    pub coverage: Coverage,
    /// The findings, most urgent first.
    pub findings: Vec<Finding>,
    /// Findings that the persona or a filter keeps out of the report.
    pub hidden: usize,
    /// The rules that were judged by.
    pub rules: Vec<Definition>,
    /// Rules that could not be judged.
    pub not_evaluated: Vec<NotEvaluated>,
    /// The graph, for the inventory.
    pub graph: Graph,
    /// Machine identities and credentials by attribution grade, index 0 to 4.
    pub grades: [usize; 5],
}

/// A repository, an export folder, or standard input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Realm {
    /// Its realm (`github.com/acme/shop`).
    pub name: String,
    /// Files read in it.
    pub files: usize,
    /// The commit that was looked at, when it is a repository whose history was read.
    pub commit: Option<String>,
}

/// The coverage ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Files the walk came across.
    pub files_seen: usize,
    /// Files whose text was read.
    pub files_read: usize,
    /// Bytes of text read.
    pub bytes_read: u64,
    /// Files per format that said something.
    pub formats: BTreeMap<&'static str, usize>,
    /// What was not read, or only in part, by path.
    pub skipped: Vec<LedgerLine>,
    /// Expressions and other parts that were read but not resolved, by path.
    pub unresolved: Vec<LedgerLine>,
}

impl Coverage {
    /// Skips that are a loss: unreadable, too large, broken; not binaries or links, which hold nothing to read.
    #[must_use]
    pub fn losses(&self) -> usize {
        self.skipped.iter().filter(|line| line.loss).count()
    }
}

/// One line of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LedgerLine {
    /// Path as in the report.
    pub path: String,
    /// Line and column from 1, where the reader knows.
    pub position: Option<(u32, u32)>,
    /// Stable word for machines (`binary`, `too-large`, `syntax`, `unresolved`).
    pub word: &'static str,
    /// Reason for people.
    pub reason: String,
    /// Whether something that might matter was lost.
    pub loss: bool,
}

/// A rule that could not be judged, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotEvaluated {
    /// Id of the rule.
    pub rule: String,
    /// The missing input, in words (`no IAM export was given`).
    pub why: String,
    /// Subjects left open; none when the rule could not be judged at all.
    pub subjects: Option<usize>,
}
