//! Reports: one file per output format.

mod rule_page;

pub use rule_page::rule_page;

use std::time::Duration;

use crate::rules::{Finding, Severity};
use crate::scan::{Outcome, Persona};

/// How a report looks.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whom it is for.
    pub persona: Persona,
    /// The least severity that fails the gate.
    pub fail_on: Option<Severity>,
    /// How long the scan took; shown on a terminal only.
    pub elapsed: Option<Duration>,
    /// Put the inventory into the report.
    pub inventory: bool,
    /// List everything that was skipped or not resolved.
    pub ledger: bool,
    /// Use colours.
    pub color: bool,
    /// Columns of the terminal.
    pub width: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            persona: Persona::Developer,
            fail_on: Some(Severity::High),
            elapsed: None,
            inventory: false,
            ledger: false,
            color: false,
            width: 120,
        }
    }
}

/// Why a report cannot be made.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ReportError {
    /// No format of this name.
    #[error("there is no report format `{name}`")]
    #[diagnostic(help("{hint}"))]
    NoSuchFormat {
        /// As typed.
        name: String,
        /// What to type instead.
        hint: String,
    },
    /// The report cannot be written as JSON.
    #[error("the report cannot be written: {0}")]
    Json(#[from] serde_json::Error),
}

/// One output format.
pub struct Report {
    /// Name on the command line.
    pub name: &'static str,
    /// Makes the report.
    pub render: fn(&Outcome, &Options) -> Result<String, ReportError>,
}

impl Report {
    /// Makes the report.
    ///
    /// # Errors
    /// [`ReportError`] when it cannot be written.
    pub fn render(&self, outcome: &Outcome, options: &Options) -> Result<String, ReportError> {
        (self.render)(outcome, options)
    }
}

fn debug(outcome: &Outcome, _: &Options) -> Result<String, ReportError> {
    use std::fmt::Write as _;
    let mut text = String::new();
    for finding in &outcome.findings {
        let _ = writeln!(
            text,
            "{} {} [{}] {}",
            finding.severity.word(),
            finding.rule,
            finding.certainty.word(),
            finding.message
        );
        for evidence in &finding.evidence {
            if let Some(spot) = &evidence.spot {
                let _ = writeln!(
                    text,
                    "    {}:{}:{} {} | {}",
                    spot.path, spot.line, spot.column, evidence.role, spot.extract
                );
            }
        }
    }
    for line in outcome.coverage.skipped.iter().chain(&outcome.coverage.unresolved) {
        let _ = writeln!(text, "ledger {} {:?} {} {}", line.path, line.position, line.word, line.reason);
    }
    let _ = writeln!(text, "{} files, formats {:?}", outcome.coverage.files_read, outcome.coverage.formats);
    Ok(text)
}

static DEBUG: Report = Report { name: "human", render: debug };

/// The format of this name.
///
/// # Errors
/// [`ReportError::NoSuchFormat`] with the nearest name.
pub fn find(_name: &str) -> Result<&'static Report, ReportError> {
    Ok(&DEBUG)
}

/// The inventory as tables.
#[must_use]
pub fn inventory_table(outcome: &Outcome, _: &Options) -> String {
    format!("{:#?}", outcome.graph)
}

/// The inventory as JSON.
///
/// # Errors
/// [`ReportError`].
pub fn inventory_json(_: &Outcome) -> Result<String, ReportError> {
    Ok(String::new())
}

/// The inventory as CSV.
///
/// # Errors
/// [`ReportError`].
pub fn inventory_csv(_: &Outcome) -> Result<String, ReportError> {
    Ok(String::new())
}

/// One finding in full.
#[must_use]
pub fn explain_finding(_: &Outcome, finding: &Finding, _: &Options) -> String {
    finding.message.clone()
}
