//! What rules may ask of the graph: the fields of each kind of node and the edges between them.
//!
//! Rules are checked against this table when they load, so a misspelt field is an error and never a rule that does not
//! fire.

use crate::facts::Kind;

/// What sort of value a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    /// A whole number.
    Number,
    /// Yes or no.
    Flag,
    /// One word of a closed list.
    Word(&'static [&'static str]),
    /// Any text.
    Text,
    /// Several words of a closed list.
    Words(&'static [&'static str]),
    /// Several texts.
    Texts,
    /// One word of a list in ascending order, so that `at_least` and `up_to` make sense.
    Rank(&'static [&'static str]),
}

/// A field of a node.
#[derive(Debug)]
pub struct FieldDef {
    /// Name in rules.
    pub name: &'static str,
    /// The kinds of node that have it.
    pub kinds: &'static [Kind],
    /// What it holds.
    pub sort: Sort,
    /// What it means, for docs and editors.
    pub means: &'static str,
}

/// An edge that a rule may walk.
#[derive(Debug, PartialEq, Eq)]
pub struct Edge {
    /// Name in rules.
    pub name: &'static str,
    /// Where it starts.
    pub from: Kind,
    /// What it leads to; none for places.
    pub to: Option<Kind>,
    /// What it means.
    pub means: &'static str,
}

use Kind::{Credential as C, Identity as I, Party as P, Workload as W};

const LEVELS: &[&str] = &["none", "read", "write", "admin", "can-mint"];
const TIERS: &[&str] = &["T1", "T2", "T3", "T4", "T5"];
const STAGES: &[&str] = &["development", "test", "staging", "production"];
const BOUNDARIES: &[&str] = &["none", "file", "module", "repository", "realm"];
const AUTONOMY: &[&str] = &["unknown", "attended", "unattended", "triggerable-by-outsiders"];
const CLASSES: &[&str] = &["unknown", "human", "service", "workload", "agent", "shared"];
const LIFETIMES: &[&str] = &["static", "sealed", "brokered", "federated", "ambient", "session", "unknown"];
const TRIGGERS: &[&str] = &[
    "schedule",
    "push",
    "release",
    "pull-request",
    "pull-request-target",
    "comment",
    "chained",
    "call",
    "manual",
    "always",
    "other",
];
const DATED: &[&str] = &["dated", "never", "not-applicable", "unknown"];
const STATUS: &[&str] = &["active", "left", "unknown"];

/// Shortens the table below.
const fn field(name: &'static str, kinds: &'static [Kind], sort: Sort, means: &'static str) -> FieldDef {
    FieldDef { name, kinds, sort, means }
}

static FIELDS: &[FieldDef] = &[
    field("name", &[W, I, C, P], Sort::Text, "name for people"),
    field(
        "workloads",
        &[I, C],
        Sort::Number,
        "workloads that act as it or use it, replicas and templates counted once",
    ),
    field("files", &[I, C], Sort::Number, "files in which those workloads are defined"),
    field("repositories", &[I, C], Sort::Number, "repositories, accounts or clusters in which they are defined"),
    field(
        "realms",
        &[I, C],
        Sort::Number,
        "trust zones in which it is used: hosts, cluster and pipelines of each repository",
    ),
    field("environments", &[W, I, C], Sort::Texts, "environments they name"),
    field("stages", &[W, I, C], Sort::Words(STAGES), "stages those environments speak of"),
    field("boundary", &[I, C], Sort::Rank(BOUNDARIES), "the widest boundary that its use crosses"),
    field(
        "packaged",
        &[I, C],
        Sort::Flag,
        "all of its use lies in one chart, Puppet module or role, whose parts are installed together",
    ),
    field("triggers", &[W, I, C], Sort::Words(TRIGGERS), "what starts the workloads"),
    field("autonomy", &[W, I, C], Sort::Rank(AUTONOMY), "the least attended of the workloads"),
    field("systems", &[W, I, C], Sort::Texts, "systems that run the workloads (github-actions, k8s, crontab)"),
    field("privilege", &[W, I, C], Sort::Rank(LEVELS), "the highest level it carries, as far as files tell"),
    field("owners", &[W, I, C], Sort::Number, "parties that answer for it by something written"),
    field("owner_status", &[W, I, C, P], Sort::Words(STATUS), "whether a roster knows them"),
    field("sample", &[W, I, C], Sort::Flag, "found in test, example or documentation files only"),
    field("grade", &[I, C], Sort::Number, "attribution grade, 0 to 4"),
    field("system", &[W], Sort::Text, "system that runs it"),
    field("productive", &[W, I, C], Sort::Flag, "it acts in production, or on a release"),
    field("scheduled", &[W, I], Sort::Flag, "a clock starts it, or one of its workloads"),
    field("enabled", &[W, I], Sort::Flag, "not switched off"),
    field("template", &[W], Sort::Flag, "a reusable definition that others call"),
    field("class", &[I], Sort::Word(CLASSES), "class of the principal"),
    field("class_confidence", &[I], Sort::Rank(&["low", "medium", "high"]), "how sure the class is"),
    field("sort", &[I], Sort::Text, "what it is in its platform's words (aws-user, k8s-service-account, os-user)"),
    field("default", &[I], Sort::Flag, "nobody chose it: the platform hands it out when nothing is said"),
    field("defined", &[I, C], Sort::Flag, "a scanned file defines it, as against naming it"),
    field("interactive", &[I], Sort::Flag, "a person can log in with it"),
    field("platform_owned", &[I], Sort::Flag, "the platform made it for itself (service-linked roles)"),
    field(
        "trust_gaps",
        &[I],
        Sort::Words(&["any-subject", "any-repository", "any-principal", "no-audience"]),
        "what is loose about who may become it",
    ),
    field("static_keys", &[I], Sort::Number, "static credentials that authenticate as it"),
    field("kind", &[C], Sort::Text, "class in the credential catalogue (github-pat-classic, aws-access-key)"),
    field("provider", &[C], Sort::Text, "provider (aws, github)"),
    field("lifetime", &[C], Sort::Word(LIFETIMES), "how it lives"),
    field("binding", &[C], Sort::Word(CLASSES), "whether it acts as a person or as software, by its own kind"),
    field("sameness", &[C], Sort::Rank(TIERS), "the weakest tier on which its joins rest"),
    field(
        "environment_scoped",
        &[C],
        Sort::Flag,
        "every use names an environment, so that each may hold a value of its own",
    ),
    field(
        "namesakes",
        &[C],
        Sort::Number,
        "credentials of the same name in other stores, counted at the first of them",
    ),
    field("low_value", &[C], Sort::Flag, "not worth guarding, by the catalogue"),
    field("literals", &[C], Sort::Number, "places where the value itself stands"),
    field("placeholder", &[C], Sort::Flag, "an example, a test value, or a value whose checksum fails"),
    field("checksum", &[C], Sort::Word(&["none", "fail", "pass"]), "offline checksum"),
    field("active", &[I, C], Sort::Flag, "not revoked or switched off"),
    field("age_days", &[I, C], Sort::Number, "days since it was made, by an export or by the value itself"),
    field("unused_days", &[I, C], Sort::Number, "days since its last use, by an export"),
    field("last_used", &[I, C], Sort::Word(DATED), "whether there is a last use"),
    field("expires", &[C], Sort::Word(DATED), "whether there is an end"),
    field("personal", &[C], Sort::Rank(&["none", "hint", "likely", "proven"]), "how sure it is that it is a person's"),
    field("idle_days", &[I, C], Sort::Number, "days since the last use, or since it was made when it was never used"),
    field("federates", &[C], Sort::Flag, "its provider takes identity tokens instead"),
    field(
        "federation",
        &[C],
        Sort::Rank(&["none", "granted", "in-use"]),
        "how near an identity token is: given to a workload that uses the credential, or in use for the same provider in \
         the same repository",
    ),
    field("owns", &[P], Sort::Number, "entities it answers for"),
    field("owned_privilege", &[P], Sort::Rank(LEVELS), "the highest level among them"),
];

static EDGES: &[Edge] = &[
    Edge { name: "used_by", from: C, to: Some(W), means: "workloads that use the credential" },
    Edge {
        name: "held_in",
        from: C,
        to: Some(W),
        means: "workloads that use the credential, and files with its value in them that none of these is about",
    },
    Edge { name: "stands_in", from: C, to: None, means: "places where the value itself stands" },
    Edge { name: "proves", from: C, to: Some(I), means: "identities that the credential authenticates as" },
    Edge { name: "namesakes", from: C, to: Some(C), means: "credentials of the same name in other stores" },
    Edge { name: "signs", from: C, to: None, means: "signs that the credential is a person's" },
    Edge { name: "run_by", from: I, to: Some(W), means: "workloads that act as the identity" },
    Edge { name: "trusts", from: I, to: None, means: "trusts that let others become the identity" },
    Edge { name: "loose_trusts", from: I, to: None, means: "those of them that are too wide" },
    Edge { name: "grants", from: I, to: None, means: "entitlements of the identity" },
    Edge { name: "held_by", from: I, to: Some(C), means: "credentials that authenticate as the identity" },
    Edge { name: "uses", from: W, to: Some(C), means: "credentials that the workload uses" },
    Edge { name: "runs_as", from: W, to: Some(I), means: "identities that the workload acts as" },
    Edge { name: "owns", from: P, to: None, means: "what the party answers for" },
];

/// All fields.
#[must_use]
pub fn fields() -> &'static [FieldDef] {
    FIELDS
}

/// All edges.
#[must_use]
pub fn edges() -> &'static [Edge] {
    EDGES
}

/// The field of this name.
#[must_use]
pub fn field_def(name: &str) -> Option<&'static FieldDef> {
    FIELDS.iter().find(|field| field.name == name)
}

/// The candidate closest to `word`, when one is close enough to be what was meant.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let scored = candidates.into_iter().map(|candidate| (distance(word, candidate), candidate));
    scored.filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 4).min().map(|(_, candidate)| candidate)
}

/// Edits that make one word of the other: letters put in, left out, changed, or swapped with their neighbour.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    let mut last = None;
    for (at, c) in one.chars().enumerate() {
        let mut next = vec![at + 1];
        for (column, d) in other.iter().enumerate() {
            let mut edits = (row[column] + usize::from(c != *d)).min(row[column + 1] + 1).min(next[column] + 1);
            let swapped = column > 0 && last == Some(*d) && other[column - 1] == c;
            if swapped {
                edits = edits.min(before[column - 1] + 1);
            }
            next.push(edits);
        }
        before = std::mem::replace(&mut row, next);
        last = Some(c);
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_offered_only_when_it_is_near() {
        let names = || FIELDS.iter().map(|field| field.name);
        assert_eq!(nearest("enviroments", names()), Some("environments"));
        assert_eq!(nearest("age_day", names()), Some("age_days"));
        assert_eq!(nearest("colour", names()), None);
    }

    #[test]
    fn distance_counts_edits() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("same", "same"), 0);
        assert_eq!(distance("owasp-hni", "owasp-nhi"), 1);
        assert_eq!(distance("lwo", "low"), 1);
        assert_eq!(distance("ab", ""), 2);
    }

    #[test]
    fn every_field_and_edge_is_named_once() {
        let mut seen = std::collections::HashSet::new();
        assert!(FIELDS.iter().all(|field| seen.insert(field.name)));
        let mut seen = std::collections::HashSet::new();
        assert!(EDGES.iter().all(|edge| seen.insert((edge.name, edge.from))));
    }
}
