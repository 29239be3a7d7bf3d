//! The report for programs: one document of a published, versioned form (`docs/schema/whoacts-1.schema.json`).
//!
//! The types here are that form and nothing else; what the program works with may change without them.

mod finding;
mod scan;

use serde::Serialize;

use super::inventory::Inventory;
use super::{Options, Report, ReportError, pretty};
use crate::scan::Outcome;

/// The document.
pub(super) const REPORT: Report = Report { name: "json", render };

/// Name and version of the form. Fields may be added within a version; none changes its meaning or goes away.
const SCHEMA: &str = "whoacts/1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    tool: Tool,
    scan: scan::Scan<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    findings: Option<Vec<finding::Finding<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hidden: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    inventory: Option<Inventory>,
}

#[derive(Serialize)]
struct Tool {
    name: &'static str,
    version: &'static str,
}

fn render(outcome: &Outcome, options: &Options) -> Result<String, ReportError> {
    pretty(&Document {
        findings: Some(outcome.findings.iter().map(|one| finding::Finding::new(one, outcome.as_of)).collect()),
        hidden: Some(outcome.hidden),
        ..document(outcome, options.inventory)
    })
}

/// The same document with the inventory in the place of the findings.
pub(super) fn inventory(outcome: &Outcome) -> Result<String, ReportError> {
    pretty(&document(outcome, true))
}

fn document(outcome: &Outcome, inventory: bool) -> Document<'_> {
    Document {
        schema: SCHEMA,
        tool: Tool { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") },
        scan: scan::Scan::new(outcome),
        findings: None,
        hidden: None,
        inventory: inventory.then(|| Inventory::new(outcome)),
    }
}
