//! The commands. Reports go to standard output, everything else to standard error.

mod args;
mod explain;
mod formats;
mod inventory;
mod rules;
mod scan;

pub use args::Cli;

use std::io::{self, Write};
#[cfg(unix)]
use std::os::fd::AsFd as AsTerminal;
#[cfg(windows)]
use std::os::windows::io::AsHandle as AsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use miette::Diagnostic;

use args::{Command, Input};

use crate::reports::{self, ReportError};
use crate::scan::{Options, Persona, ScanError};

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
    #[error("{path} cannot be written: {}", in_words(source))]
    #[diagnostic(help("name a file in a folder that exists and that you may write to"))]
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
    tell_errors_in_short();
    let outcome = match cli.command {
        None => scan::run(&cli.scan).map_err(|error| misspelt_command(&cli.scan.input, error)),
        Some(Command::Scan(args)) => scan::run(&args),
        Some(Command::Inventory(args)) => inventory::run(&args),
        Some(Command::Explain(args)) => explain::run(&args),
        Some(Command::Rules { command }) => rules::run(&command),
        Some(Command::Formats) => formats::run(),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(io::stderr(), "{:?}", miette::Report::new(error));
            ExitCode::from(2)
        }
    }
}

/// What the system says about an error, without its number.
fn in_words(error: &io::Error) -> String {
    let said = error.to_string();
    said.split(" (os error").next().unwrap_or(&said).to_owned()
}

/// What goes wrong is said once, without the chain of causes, over the width of the terminal.
fn tell_errors_in_short() {
    let width = columns(io::stderr()).unwrap_or(100);
    // Only the first call has an effect, and there is only one.
    let _ = miette::set_hook(Box::new(move |_| {
        Box::new(miette::MietteHandlerOpts::new().width(width).without_cause_chain().build())
    }));
}

/// Without a command the first word is a path; one that is none may have been meant as a command.
fn misspelt_command(input: &Input, error: CommandError) -> CommandError {
    let first = input.paths.first().and_then(|path| path.to_str()).unwrap_or_default();
    let commands = <Cli as clap::CommandFactory>::command();
    match crate::graph::nearest(first, commands.get_subcommands().map(clap::Command::get_name)) {
        Some(near) if !Path::new(first).exists() => CommandError::Use {
            what: format!("`{first}` is no command, and no file or folder either"),
            help: format!("did you mean `whoacts {near}`?"),
        },
        _ => error,
    }
}

impl Input {
    /// The options that it takes to find the same findings again.
    fn again(&self) -> Vec<String> {
        let mut words = Vec::new();
        let mut option = |name: &str, value: String| words.extend([name.to_owned(), value]);
        if let Some(people) = &self.people {
            option("--people", people.to_string_lossy().into_owned());
        }
        if let Some(as_of) = self.as_of {
            let whole = as_of.to_string();
            option("--as-of", whole.strip_suffix("T00:00:00Z").unwrap_or(&whole).to_owned());
        }
        for folder in &self.rules {
            option("--rules", folder.to_string_lossy().into_owned());
        }
        if self.persona == Persona::Auditor {
            option("--persona", "auditor".to_owned());
        }
        if self.no_history {
            words.push("--no-history".to_owned());
        }
        words
    }

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
    let plain = reports::Options::default();
    reports::Options { color, width: columns(io::stdout()).unwrap_or(plain.width), ..plain }
}

/// Columns of the terminal: what `COLUMNS` says, else what the terminal itself says; none where there is none.
fn columns(stream: impl AsTerminal) -> Option<usize> {
    let told = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    told.or_else(|| terminal_size::terminal_size_of(stream).map(|(width, _)| usize::from(width.0)))
}

fn print(text: &str) -> Result<(), CommandError> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        // Whoever reads our output has seen enough; the exit code still says what came of it.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(CommandError::Stdout),
    }
}

fn write(path: &Path, text: &str) -> Result<(), CommandError> {
    std::fs::write(path, text).map_err(|source| CommandError::Write { path: path.to_owned(), source })
}
