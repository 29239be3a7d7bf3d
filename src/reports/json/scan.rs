//! What a scan read, and what it did not, as the JSON report has it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::scan;

#[derive(Serialize)]
pub(super) struct Scan<'a> {
    as_of: String,
    as_of_basis: &'a str,
    targets: &'a [String],
    sources: Vec<Source<'a>>,
    coverage: Coverage<'a>,
    rules: Vec<&'a str>,
    not_evaluated: Vec<NotEvaluated<'a>>,
    grades: [usize; 5],
}

#[derive(Serialize)]
struct Source<'a> {
    realm: &'a str,
    files: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<&'a str>,
}

#[derive(Serialize)]
struct Coverage<'a> {
    files_seen: usize,
    files_read: usize,
    bytes_read: u64,
    losses: usize,
    formats: &'a BTreeMap<&'static str, usize>,
    skipped: Vec<Line<'a>>,
    unresolved: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    path: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u32>,
    word: &'a str,
    reason: &'a str,
    loss: bool,
}

#[derive(Serialize)]
struct NotEvaluated<'a> {
    rule: &'a str,
    why: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    subjects: Option<usize>,
}

impl<'a> Scan<'a> {
    pub(super) fn new(outcome: &'a scan::Outcome) -> Self {
        let sources = outcome.realms.iter();
        let sources = sources
            .map(|realm| Source { realm: &realm.name, files: realm.files, commit: realm.commit.as_deref() })
            .collect();
        let open = outcome.not_evaluated.iter();
        let not_evaluated =
            open.map(|one| NotEvaluated { rule: &one.rule, why: &one.why, subjects: one.subjects }).collect();
        Self {
            as_of: outcome.as_of.to_string(),
            as_of_basis: &outcome.as_of_basis,
            targets: &outcome.targets,
            sources,
            coverage: Coverage::new(&outcome.coverage),
            rules: outcome.rules.iter().map(|rule| rule.id.as_str()).collect(),
            not_evaluated,
            grades: outcome.grades,
        }
    }
}

impl<'a> Coverage<'a> {
    fn new(coverage: &'a scan::Coverage) -> Self {
        Self {
            files_seen: coverage.files_seen,
            files_read: coverage.files_read,
            bytes_read: coverage.bytes_read,
            losses: coverage.losses(),
            formats: &coverage.formats,
            skipped: coverage.skipped.iter().map(Line::new).collect(),
            unresolved: coverage.unresolved.iter().map(Line::new).collect(),
        }
    }
}

impl<'a> Line<'a> {
    fn new(line: &'a scan::LedgerLine) -> Self {
        Self {
            path: &line.path,
            line: line.position.map(|(line, _)| line),
            column: line.position.map(|(_, column)| column),
            word: line.word,
            reason: &line.reason,
            loss: line.loss,
        }
    }
}
