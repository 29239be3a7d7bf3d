//! What a rule says about one subject.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::facts::{Class, Key, Kind, PartyStatus, Rung};
use crate::text::Place;

/// How much it matters, least first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize, serde::Serialize, clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing when you are there anyway.
    Low,
    /// Worth planning.
    Medium,
    /// Worth doing soon.
    High,
    /// Worth doing now.
    Critical,
}

impl Severity {
    /// The word used in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }
}

/// How sure a finding is, least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// The parts fit, but nothing proves that they belong together. Shown to auditors only.
    Possible,
    /// Two signs, or one strong one.
    Likely,
    /// The files say so.
    Proven,
}

impl Certainty {
    /// The word used in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Certainty::Possible => "possible",
            Certainty::Likely => "likely",
            Certainty::Proven => "proven",
        }
    }
}

/// What a finding is about: a thing with a name, never a line.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    /// Its kind.
    pub kind: Kind,
    /// Its key.
    pub key: Key,
    /// Its name for people.
    pub name: String,
    /// Its class, for an identity.
    pub class: Option<Class>,
}

/// One place that bears a finding out.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// Where.
    pub place: Place,
    /// What the place shows, in a few words (`used by release.yml: publish`).
    pub role: String,
    /// The tier by which this place was joined to the subject (`T1` to `T5`), where a join was made.
    pub sameness: Option<&'static str>,
    /// The place for people, filled in once the finding is known to be reported.
    pub spot: Option<Spot>,
}

/// A place for people: lines and columns from 1, the end exclusive, and the redacted line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// Path as in the report, with `/`.
    pub path: String,
    /// First line.
    pub line: u32,
    /// First column, in characters.
    pub column: u32,
    /// Last line.
    pub end_line: u32,
    /// One past the last column.
    pub end_column: u32,
    /// The first line's text, redacted and stripped of control characters, outer white space removed.
    pub extract: String,
    /// The characters of `extract` that the place covers.
    pub mark: std::ops::Range<usize>,
}

/// How far the subject reaches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Workloads involved.
    pub workloads: usize,
    /// Repositories (or other sources) involved.
    pub repositories: usize,
    /// Environments involved.
    pub environments: usize,
}

/// Since when, and how that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Age {
    /// The point in time.
    pub since: Timestamp,
    /// What it is the time of (`reference unchanged`, `key created`).
    pub basis: String,
}

/// Who answers for the subject, as far as anything says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// Name for people.
    pub name: String,
    /// Where the evidence came from.
    pub rung: Rung,
    /// Whether a roster knows the owner.
    pub status: PartyStatus,
}

/// Whether a log could tell who acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attribution {
    /// 0 software under a person's identity, 1 shared and indistinguishable, 2 shared with a discriminator, 3 own identity
    /// with a static credential, 4 own identity whose claims name the run.
    pub grade: u8,
    /// How many workloads and people the log cannot tell apart.
    pub k: usize,
}

/// A control that the finding bears on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlRef {
    /// Framework id (`owasp-nhi`).
    pub framework: &'static str,
    /// Edition (`2025`).
    pub edition: &'static str,
    /// Control id (`NHI9:2025`).
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// Its address; empty when it has none of its own.
    pub url: &'static str,
    /// Why the rule bears on it.
    pub because: String,
    /// `primary` or `related`.
    pub relation: &'static str,
}

/// One finding: one rule about one subject, with all its places.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Id of the rule.
    pub rule: String,
    /// Title of the rule, for headings.
    pub title: String,
    /// How much it matters.
    pub severity: Severity,
    /// How sure it is.
    pub certainty: Certainty,
    /// Stable over edits, moves and versions: see [`fingerprint`].
    pub fingerprint: String,
    /// What it is about.
    pub subject: Subject,
    /// One sentence with the arithmetic.
    pub message: String,
    /// Why it has this severity, in words.
    pub because: Vec<String>,
    /// The places, best first.
    pub evidence: Vec<Evidence>,
    /// How far it reaches.
    pub counts: Counts,
    /// Since when.
    pub age: Option<Age>,
    /// Who answers for it.
    pub owner: Option<Owner>,
    /// Whether a log could tell who acted.
    pub attribution: Option<Attribution>,
    /// What it bears on.
    pub controls: Vec<ControlRef>,
    /// Further names of what it bears on (`seed:NHI-01`).
    pub aliases: Vec<String>,
    /// What breaks.
    pub why: String,
    /// What to do.
    pub fix: String,
    /// How much work that is: `S`, `M` or `L`.
    pub effort: String,
    /// What kind of work it is: `redesign`, `rotate`, `revoke`, `re-own`, `re-scope` or `log`.
    pub fix_by: String,
    /// The finding lies in test, example or documentation files only.
    pub sample: bool,
}

/// The fingerprint of a finding: a hash of rule id and subject key, so that lines may move, messages change and versions
/// pass without making it a new finding. 16 hexadecimal digits.
#[must_use]
pub fn fingerprint(rule: &str, subject: &Key) -> String {
    let digest = Sha256::digest(format!("whoacts/1\0{rule}\0{subject}"));
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_depends_on_rule_and_subject_alone() {
        let key = Key::new(Kind::Credential, "github-actions:github.com/acme/shop", "DEPLOY_KEY");
        assert_eq!(fingerprint("shared-credential", &key), fingerprint("shared-credential", &key));
        assert_ne!(fingerprint("shared-credential", &key), fingerprint("no-owner", &key));
        assert_eq!(fingerprint("shared-credential", &key).len(), 16);
    }
}
