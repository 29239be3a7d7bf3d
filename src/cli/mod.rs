//! The commands. Reports go to standard output, everything else to standard error.

mod args;
mod explain;
mod formats;
mod inventory;
mod rules;
mod scan;

pub use args::Cli;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use miette::Diagnostic;

use args::{Command, Input};

use crate::reports::{self, ReportError};
use crate::scan::{Options, ScanError};

/// What ends a command early: wrong use or a file that cannot be written. The exit code is 2.
#[derive(Debug, thiserror::Error, Diagnostic)]
enum CommandError {
    #[error(transparent)]
    #[diagnostic(transparent)]
    Scan(#[from] ScanError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Rules(#[from] crate::rules::LoadError),
    #[error(transparent)]
    #[diagnostic(transparent)]
    Report(#[from] ReportError),
    #[error("{path} cannot be written: {source}")]
    Write { path: PathBuf, source: io::Error },
    #[error("standard output cannot be written: {0}")]
    Stdout(#[source] io::Error),
    #[error("{what}")]
    Use {
        what: String,
        #[help]
        help: String,
    },
}

/// Runs the command line. The exit code: 0 nothing at or above the gate, 1 findings, 2 wrong use, 3 incomplete under
/// `--strict`.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = match cli.command {
        None => scan::run(&cli.scan),
        Some(Command::Scan(args)) => scan::run(&args),
        Some(Command::Inventory(args)) => inventory::run(&args),
        Some(Command::Explain(args)) => explain::run(&args),
        Some(Command::Rules { command }) => rules::run(&command),
        Some(Command::Formats) => formats::run(),
    };
    match outcome {
        Ok(code) => code,
        // Whoever reads our output has seen enough.
        Err(CommandError::Stdout(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{:?}", miette::Report::new(error));
            ExitCode::from(2)
        }
    }
}

impl Input {
    fn options(&self) -> Options {
        if let Some(jobs) = self.jobs {
            // Only the first call has an effect, and there is only one.
            let _ = rayon::ThreadPoolBuilder::new().num_threads(jobs).build_global();
        }
        Options {
            targets: self.paths.clone(),
            people: self.people.clone(),
            as_of: self.as_of,
            no_history: self.no_history,
            rules: self.rules.clone(),
            only: self.only.clone(),
            persona: self.persona,
        }
    }
}

/// How reports for a terminal look.
fn terminal() -> reports::Options {
    use std::io::IsTerminal;
    let stdout = io::stdout().is_terminal();
    let color = stdout && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let width = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).unwrap_or(120);
    reports::Options { color, width, ..reports::Options::default() }
}

fn print(text: &str) -> Result<(), CommandError> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(CommandError::Stdout)
}

fn write(path: &Path, text: &str) -> Result<(), CommandError> {
    std::fs::write(path, text).map_err(|source| CommandError::Write { path: path.to_owned(), source })
}
