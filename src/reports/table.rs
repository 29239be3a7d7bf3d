//! One row per finding.

use comfy_table::{ColumnConstraint, ContentArrangement, Table, presets};

use super::places::Places;
use super::{Options, Report, ReportError, words};
use crate::rules::Finding;
use crate::scan::Outcome;
use crate::text::printable;

/// The table.
pub(super) const REPORT: Report = Report { name: "table", render };

const COLUMNS: [&str; 8] = ["severity", "rule", "subject", "workloads", "envs", "owner", "since", "place"];

fn render(outcome: &Outcome, options: &Options) -> Result<String, ReportError> {
    let mut table = plain(options);
    table.set_header(COLUMNS);
    let places = Places::new(&outcome.graph);
    for finding in &outcome.findings {
        table.add_row(row(&places, finding));
    }
    keep_whole(&mut table, options);
    let read = words::count(outcome.coverage.files_read, "file");
    let found = words::count(outcome.findings.len(), "finding");
    let open = outcome.not_evaluated.iter().filter(|one| one.subjects.is_none()).count();
    let mut end = format!("{found} in {read}");
    if open > 0 {
        end = format!("{end}, {} not evaluated", words::count(open, "rule"));
    }
    Ok(if outcome.findings.is_empty() { format!("{end}\n") } else { format!("{}\n\n{end}\n", table.trim_fmt()) })
}

/// A table without lines, as wide as the terminal.
pub(super) fn plain(options: &Options) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(options.width).unwrap_or(u16::MAX));
    table
}

/// Keeps words and numbers in one piece, so that names and paths give way, as long as there is room for both.
fn keep_whole(table: &mut Table, options: &Options) {
    const NARROW: usize = 100;
    if options.width >= NARROW {
        for column in ["severity", "rule", "workloads", "envs", "since"] {
            let at = COLUMNS.iter().position(|name| *name == column);
            if let Some(column) = at.and_then(|at| table.column_mut(at)) {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
        }
    }
}

fn row(places: &Places, finding: &Finding) -> [String; 8] {
    let number = |n: usize| if n == 0 { String::new() } else { words::thousands(n as u64) };
    let owner = finding.owner.as_ref().map_or_else(|| "none".to_owned(), |owner| owner.name.clone());
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
