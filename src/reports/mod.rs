//! Reports: one file per output format.

mod columns;
mod explain;
mod glossary;
mod inventory;
mod page;
mod places;
mod rule_page;
mod words;

pub use explain::explain_finding;
pub use glossary::glossary;
pub use inventory::{inventory_csv, inventory_json, inventory_table};
pub use rule_page::{rule_page, rule_text};

use std::time::Duration;

use crate::graph::nearest;
use crate::rules::Severity;
use crate::scan::{Outcome, Persona};

/// The formats: each is a module with its `REPORT`, and a word in this list.
macro_rules! reports {
    ($($name:ident),* $(,)?) => {
        $(mod $name;)*

        /// Every format.
        pub static ALL: &[Report] = &[$($name::REPORT),*];
    };
}

reports! { human, table, json, sarif }

/// How a report looks.
#[derive(Clone, Debug)]
pub struct Options {
    /// Whom it is for.
    pub persona: Persona,
    /// The least severity that fails the gate.
    pub fail_on: Option<Severity>,
    /// How long the scan took; shown on a terminal only.
    pub elapsed: Option<Duration>,
    /// An incomplete scan fails.
    pub strict: bool,
    /// Put the inventory into the report.
    pub inventory: bool,
    /// List everything that was skipped or not resolved.
    pub ledger: bool,
    /// Options of the scan that it takes to find a finding again, word by word (`--people`, `people.csv`).
    pub again: Vec<String>,
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
            strict: false,
            inventory: false,
            ledger: false,
            again: Vec::new(),
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
    /// The report cannot be written as CSV.
    #[error("the report cannot be written: {0}")]
    Csv(#[from] csv::Error),
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

/// The format of this name.
///
/// # Errors
/// [`ReportError::NoSuchFormat`] with the nearest name.
pub fn find(name: &str) -> Result<&'static Report, ReportError> {
    ALL.iter().find(|report| report.name == name).ok_or_else(|| {
        let names: Vec<&str> = ALL.iter().map(|report| report.name).collect();
        let hint = match nearest(name, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the formats are {}", words::enumerate(&names)),
        };
        ReportError::NoSuchFormat { name: name.to_owned(), hint }
    })
}

/// The options of a report that goes to a file: no colours, no width of a terminal, no time.
#[must_use]
pub fn for_file(options: &Options) -> Options {
    Options { color: false, elapsed: None, width: Options::default().width, ..options.clone() }
}

/// Pretty JSON with a line end.
fn pretty(document: &impl serde::Serialize) -> Result<String, ReportError> {
    Ok(serde_json::to_string_pretty(document)? + "\n")
}
