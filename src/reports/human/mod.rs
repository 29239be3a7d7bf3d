//! The report for people: few findings, what to do first at the top, and at the end what was read and what was not.

mod finding;
mod summary;

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
    let places = Places::new(&outcome.graph);
    let numbered = outcome.findings.iter().zip(1..);
    let (brief, full): (Vec<_>, Vec<_>) = numbered.partition(|(finding, _)| is_brief(finding));
    for (finding, number) in &full {
        page.gap();
        finding::in_full(&mut page, &places, outcome, finding, *number);
    }
    let (samples, low): (Vec<_>, Vec<_>) = brief.into_iter().partition(|(finding, _)| finding.sample);
    group(&mut page, &places, &low, "of low severity", full.is_empty());
    group(&mut page, &places, &samples, "in tests, samples and documentation only", full.is_empty() && low.is_empty());
    summary::summary(&mut page, outcome, options);
    if options.ledger {
        summary::ledger(&mut page, outcome);
    }
    Ok(page.finish())
}

/// Findings that one line is enough for.
fn is_brief(finding: &Finding) -> bool {
    finding.sample || finding.severity == Severity::Low
}

fn group(page: &mut Page, places: &Places, findings: &[(&Finding, usize)], what: &str, first: bool) {
    if findings.is_empty() {
        return;
    }
    page.gap();
    let more = if first { "" } else { " more" };
    let heading = page.paint(Style::Bold, &format!("{}{more} {what}", words::thousands(findings.len() as u64)));
    page.line(&heading);
    for (finding, number) in findings {
        finding::in_brief(page, places, finding, *number);
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
    let realms: Vec<String> = outcome.realms.iter().map(|realm| printable(&realm.name)).collect();
    match realms.as_slice() {
        [] => printable(&outcome.targets.join(" ")),
        few if few.len() <= MOST => words::enumerate(few),
        [first, second, rest @ ..] => format!("{first}, {second} and {} more", rest.len()),
        [one] => one.clone(),
    }
}
