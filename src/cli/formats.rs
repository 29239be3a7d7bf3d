//! `whoacts formats`.

use std::process::ExitCode;

use super::{CommandError, print, terminal};
use crate::formats::ALL;
use crate::reports;

/// Lists what is read, and what is not resolved. Formats of which the same is true stand together.
pub(super) fn run() -> Result<ExitCode, CommandError> {
    let mut groups: Vec<(String, Vec<(&str, &str)>)> = Vec::new();
    for format in ALL {
        let said = vec![("reads", format.reads), ("leaves", format.leaves)];
        match groups.iter_mut().find(|(_, other)| *other == said) {
            Some((ids, _)) => *ids = format!("{ids}, {}", format.id),
            None => groups.push((format.id.to_owned(), said)),
        }
    }
    print(&reports::glossary(&groups, &terminal()))?;
    Ok(ExitCode::SUCCESS)
}
