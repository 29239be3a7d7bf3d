//! One row per finding.

use super::columns::Columns;
use super::page::{Page, Style};
use super::places::Places;
use super::{Options, Report, ReportError, words};
use crate::facts::Kind;
use crate::rules::Finding;
use crate::scan::Outcome;
use crate::text::printable;

/// The table.
pub(super) const REPORT: Report = Report { name: "table", render };

/// The columns, each with the least width of the terminal at which it is shown.
const COLUMNS: [(&str, usize); 8] = [
    ("severity", 0),
    ("rule", 0),
    ("subject", 0),
    ("workloads", 100),
    ("envs", 100),
    ("owner", 140),
    ("since", 140),
    ("place", 0),
];

fn render(outcome: &Outcome, options: &Options) -> Result<String, ReportError> {
    let mut page = Page::new(options);
    let places = Places::new(&outcome.graph);
    let shown = |cells: [String; 8]| -> Vec<String> {
        let shown = cells.into_iter().zip(COLUMNS).filter(|(_, (_, least))| options.width >= *least);
        shown.map(|(cell, _)| cell).collect()
    };
    let header = shown(COLUMNS.map(|(name, _)| name.to_owned()));
    let rows: Vec<Vec<String>> = outcome.findings.iter().map(|finding| shown(row(&places, finding))).collect();
    if !rows.is_empty() {
        let columns = Columns::new(rows.iter().chain([&header]).map(Vec::as_slice), page.width);
        columns.row(&mut page, 0, Style::Bold, &header);
        for (cells, finding) in rows.iter().zip(&outcome.findings) {
            columns.row(&mut page, 0, Style::Severity(finding.severity), cells);
        }
        page.gap();
    }
    page.prose(0, Style::Plain, &end(outcome));
    Ok(page.finish())
}

/// `16 findings in 16 files, 2 rules not evaluated`.
fn end(outcome: &Outcome) -> String {
    let read = words::count(outcome.coverage.files_read, "file");
    let found = words::count(outcome.findings.len(), "finding");
    let open = outcome.not_evaluated.iter().filter(|one| one.subjects.is_none()).count();
    let open = if open > 0 { format!(", {} not evaluated", words::count(open, "rule")) } else { String::new() };
    format!("{found} in {read}{open}")
}

fn row(places: &Places, finding: &Finding) -> [String; 8] {
    let number = |n: usize| if n == 0 { String::new() } else { words::thousands(n as u64) };
    let owner = match &finding.owner {
        Some(owner) => owner.name.clone(),
        None if finding.subject.kind == Kind::Party => String::new(),
        None => "none".to_owned(),
    };
    let best = places.best(&finding.evidence, 1);
    let place = best.first().map_or_else(String::new, |(_, spot)| {
        let more = finding.evidence.len().saturating_sub(1);
        let more = if more > 0 { format!(" +{more}") } else { String::new() };
        format!("{}:{}{more}", spot.path, spot.line)
    });
    let cells = [
        finding.severity.word().to_owned(),
        finding.rule.clone(),
        finding.subject.name.clone(),
        number(finding.counts.workloads),
        number(finding.counts.environments),
        owner,
        finding.age.as_ref().map_or_else(String::new, |age| words::day(age.since)),
        place,
    ];
    cells.map(|cell| printable(&cell))
}
