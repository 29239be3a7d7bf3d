//! `whoacts formats`.

use std::process::ExitCode;

use comfy_table::{ContentArrangement, Table, presets};

use super::{CommandError, print, terminal};
use crate::formats::ALL;

/// Lists what is read, and what is not resolved.
pub(super) fn run() -> Result<ExitCode, CommandError> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(terminal().width).unwrap_or(u16::MAX)).set_header(["format", "reads", "leaves"]);
    for format in ALL {
        table.add_row([format.id, format.reads, format.leaves]);
    }
    print(&format!("{table}\n"))?;
    Ok(ExitCode::SUCCESS)
}
