//! The report for people: few findings, what to do first at the top, and at the end what was read and what was not.

mod finding;
mod summary;

use std::collections::BTreeMap;

use finding::Context;

pub(super) use finding::{shown_places, tier_meaning};

use super::page::{Page, Style};
use super::places::Places;
use super::{Options, Report, ReportError, words};
use crate::rules::{Finding, Severity};
use crate::scan::Outcome;
use crate::text::printable;

/// The report for people.
pub(super) const REPORT: Report = Report { name: "human", render };

fn render(outcome: &Outcome, options: &Options) -> Result<String, ReportError> {
    let mut page = Page::new(options);
    header(&mut page, outcome, options);
    let ctx = Context { outcome, places: Places::new(&outcome.graph), options };
    let groups = Groups::new(&outcome.findings);
    for (finding, number) in groups.full.iter().zip(1..) {
        page.gap();
        finding::in_full(&mut page, &ctx, finding, number);
    }
    let mut shown = groups.full.len();
    for (what, findings) in groups.brief() {
        heading(&mut page, findings.len(), shown > 0, what);
        for finding in findings {
            shown += 1;
            finding::in_brief(&mut page, &ctx, finding, shown);
        }
    }
    summary::summary(&mut page, outcome, options);
    if options.ledger {
        summary::ledger(&mut page, outcome);
    }
    Ok(page.finish())
}

/// The findings, each where it is shown: few in full, and of those that say the same the rest in a line each.
#[derive(Default)]
struct Groups<'a> {
    full: Vec<&'a Finding>,
    repeated: Vec<&'a Finding>,
    low: Vec<&'a Finding>,
    samples: Vec<&'a Finding>,
}

impl<'a> Groups<'a> {
    fn new(findings: &'a [Finding]) -> Self {
        /// Findings of medium severity of one rule that are shown in full.
        const MOST: usize = 3;
        let mut groups = Self::default();
        let mut shown: BTreeMap<&str, usize> = BTreeMap::new();
        for finding in findings {
            let of_rule = shown.entry(&finding.rule).or_default();
            let group = match finding.severity {
                _ if finding.sample => &mut groups.samples,
                Severity::Low => &mut groups.low,
                Severity::Medium if *of_rule >= MOST => &mut groups.repeated,
                _ => {
                    *of_rule += 1;
                    &mut groups.full
                }
            };
            group.push(finding);
        }
        groups
    }

    fn brief(&self) -> [(&'static str, &[&'a Finding]); 3] {
        [
            ("of medium severity, by rules that are shown above", &self.repeated),
            ("of low severity", &self.low),
            ("in tests, samples and documentation only", &self.samples),
        ]
    }
}

fn heading(page: &mut Page, findings: usize, more: bool, what: &str) {
    if findings > 0 {
        page.gap();
        let more = if more { " more" } else { "" };
        page.prose(0, Style::Bold, &format!("{}{more} {what}", words::thousands(findings as u64)));
    }
}

/// What was read, and what is in it.
fn header(page: &mut Page, outcome: &Outcome, options: &Options) {
    let graph = &outcome.graph;
    let held: Vec<String> = [
        (graph.workloads.len(), "workload"),
        (graph.identities.len(), "identity"),
        (graph.credentials.len(), "credential"),
    ]
    .into_iter()
    .filter(|(n, _)| *n > 0)
    .map(|(n, one)| words::count(n, one))
    .collect();
    let mut said = format!("{}: {}", what_was_read(outcome), words::count(outcome.coverage.files_read, "file"));
    if !held.is_empty() {
        said = format!("{said} with {}", words::enumerate(&held));
    }
    if let Some(elapsed) = options.elapsed {
        said = format!("{said} in {:.2} s", elapsed.as_secs_f64());
    }
    page.prose(0, Style::Plain, &said);
}

fn what_was_read(outcome: &Outcome) -> String {
    /// Realms named one by one.
    const MOST: usize = 3;
    // A folder without an address of its own is known by what was typed.
    let told: Vec<String> = outcome.targets.iter().map(|target| printable(target)).collect();
    let local = |realm: &crate::scan::Realm| realm.name.starts_with("local/");
    let typed = outcome.realms.iter().all(local) && told.iter().all(|target| target != ".");
    let realms = outcome.realms.iter().map(|realm| printable(realm.name.trim_start_matches("local/"))).collect();
    let realms: Vec<String> = if typed { told } else { realms };
    match realms.as_slice() {
        [] => printable(&outcome.targets.join(" ")),
        few if few.len() <= MOST => words::enumerate(few),
        [first, second, rest @ ..] => format!("{first}, {second} and {} more", rest.len()),
        [one] => one.clone(),
    }
}
