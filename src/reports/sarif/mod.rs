//! SARIF 2.1.0 for code scanning: one run, alerts that keep their identity when lines move, and the frameworks as
//! taxonomies.
//!
//! Findings have a severity each, code scanning shows that of the rule: a rule carries the worst of its findings.
//! No extract of a file goes in, and no person's e-mail address.

mod mask;
mod model;
mod results;
mod rules;
mod taxonomies;
mod uri;

use std::collections::BTreeMap;

use model::{
    ArtifactLocation, Component, Driver, Invocation, Log, Message, Notification, Reference, Run, Tool, VersionControl,
};

use super::{Options, Report, ReportError, words};
use crate::rules::Severity;
use crate::scan::Outcome;

/// SARIF.
pub(super) const REPORT: Report = Report { name: "sarif", render };

/// The schema that the report keeps to.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What relative addresses are relative to.
const ROOT: &str = "%SRCROOT%";

/// What GitHub takes and shows (docs.github.com, "SARIF results exceed one or more limits"): a run with more results is
/// refused, and of a result's locations and a rule's tags it shows this many.
mod limits {
    /// Results of a run: 25,000 are taken, the first 5,000 by severity are shown.
    pub(super) const RESULTS: usize = 25_000;
    /// Further places of a result. 100 would be shown; nobody reads them.
    pub(super) const RELATED: usize = 20;
    /// Places named in the message, as links to the further places.
    pub(super) const LINKED: usize = 4;
    /// Characters of a rule's short and full description (docs.github.com, "SARIF support for code scanning").
    pub(super) const DESCRIPTION: usize = 1_024;
    /// Tags of a rule: 20 are taken, 10 are shown.
    pub(super) const TAGS: usize = 10;
    /// Lines of the ledger; no limit is published, and a file stays small.
    pub(super) const NOTIFICATIONS: usize = 1_000;
}

fn render(outcome: &Outcome, _: &Options) -> Result<String, ReportError> {
    let paths = uri::Paths::new(&outcome.targets);
    let taxonomies = taxonomies::Taxonomies::new(outcome);
    let (rules, numbers) = rules::rules(outcome, &taxonomies);
    let (results, lost) = results::results(outcome, &paths, &numbers);
    let notifications = losses(outcome, &paths).into_iter().chain(lost).collect();
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: vec![Run {
            tool: Tool {
                driver: Driver {
                    name: env!("CARGO_PKG_NAME"),
                    version: env!("CARGO_PKG_VERSION"),
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    short_description: Message::new("Who acts as what, and could you prove it?"),
                    supported_taxonomies: taxonomies.references(),
                    rules,
                },
            },
            invocations: vec![Invocation {
                execution_successful: true,
                tool_execution_notifications: notifications,
                tool_configuration_notifications: not_evaluated(outcome, &numbers),
            }],
            version_control_provenance: provenance(outcome),
            original_uri_base_ids: BTreeMap::from([(ROOT, paths.root())]),
            results,
            taxonomies: taxonomies.components(),
            column_kind: "unicodeCodePoints",
        }],
    };
    // On one line: half the size, and nobody reads it as it is.
    Ok(serde_json::to_string(&log)? + "\n")
}

/// The level that a severity has in SARIF.
fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "note",
    }
}

/// What was not read although it might matter.
fn losses(outcome: &Outcome, paths: &uri::Paths) -> Vec<Notification> {
    let losses: Vec<_> = outcome.coverage.skipped.iter().filter(|line| line.loss).collect();
    let mut said: Vec<Notification> = losses
        .iter()
        .take(limits::NOTIFICATIONS)
        .map(|line| {
            Notification::new("warning", mask::emails(&format!("not read: {}", line.reason)))
                .at(paths.location(&line.path, line.position))
        })
        .collect();
    if losses.len() > limits::NOTIFICATIONS {
        let more = losses.len() - limits::NOTIFICATIONS;
        said.push(Notification::new("warning", format!("{more} further parts were not read: see `scan --ledger`")));
    }
    said
}

/// Rules that had nothing to go by: no result of theirs does not mean that all is well.
fn not_evaluated(outcome: &Outcome, numbers: &BTreeMap<String, usize>) -> Vec<Notification> {
    let note = |one: &crate::scan::NotEvaluated| {
        let open = one.subjects.map_or_else(String::new, |n| format!(" for {}", words::count(n, "subject")));
        let said = format!("{} was not evaluated{open}: {}", one.rule, one.why);
        let rule = numbers.get(&one.rule).map(|index| Reference::rule(&one.rule, *index));
        Notification { associated_rule: rule, ..Notification::new("note", said) }
    };
    outcome.not_evaluated.iter().map(note).collect()
}

/// The commit that was looked at, where there is one repository with an address.
fn provenance(outcome: &Outcome) -> Vec<VersionControl> {
    let committed: Vec<_> = outcome.realms.iter().filter(|realm| realm.commit.is_some()).collect();
    let several = committed.len() > 1;
    let control = |realm: &&crate::scan::Realm| {
        let host = realm.name.split('/').next()?;
        host.contains('.').then(|| VersionControl {
            repository_uri: format!("https://{}", uri::encode(&realm.name)),
            revision_id: realm.commit.clone(),
            // Where several repositories were scanned, the report does not know which folder holds which.
            mapped_to: (!several).then(|| ArtifactLocation::base(ROOT)),
        })
    };
    committed.iter().filter_map(control).collect()
}

impl Component {
    /// How other parts of the report point at a taxonomy.
    fn reference(&self, index: usize) -> model::ComponentReference {
        model::ComponentReference { name: self.name.clone(), index }
    }
}
