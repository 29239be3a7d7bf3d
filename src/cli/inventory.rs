//! `whoacts inventory`.

use std::process::ExitCode;

use super::args::{InventoryArgs, InventoryFormat};
use super::{CommandError, print, terminal};
use crate::{reports, scan};

/// Lists what was found.
pub(super) fn run(args: &InventoryArgs) -> Result<ExitCode, CommandError> {
    let outcome = scan::run(&args.input.options())?;
    print(&match args.format {
        InventoryFormat::Table => reports::inventory_table(&outcome, &terminal()),
        InventoryFormat::Json => reports::inventory_json(&outcome)?,
        InventoryFormat::Csv => reports::inventory_csv(&outcome)?,
    })?;
    Ok(ExitCode::SUCCESS)
}
