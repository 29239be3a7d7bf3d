//! The command line, as typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::Timestamp;

use crate::rules::Severity;
use crate::scan::Persona;

/// Who acts as what, and could you prove it?
///
/// Reads repositories, CI configurations, scheduler definitions and IAM exports, joins them into one graph of workloads,
/// identities, credentials and owners, and reports shared service accounts, long-lived keys and borrowed human
/// identities. Offline and read-only: no network, no credentials, nothing is executed.
#[derive(Debug, Parser)]
#[command(name = "whoacts", version, args_conflicts_with_subcommands = true, max_term_width = 100)]
pub struct Cli {
    /// The command; `scan` when none is given.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// What `scan` takes.
    #[command(flatten)]
    pub scan: ScanArgs,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Scan and report findings (the default command)
    Scan(ScanArgs),
    /// List every workload, identity, credential and owner that was found
    Inventory(InventoryArgs),
    /// Explain a rule, one finding by its fingerprint, or all about one identity or credential
    Explain(ExplainArgs),
    /// List, show, check and test rules
    Rules {
        /// What to do with them.
        #[command(subcommand)]
        command: RulesCommand,
    },
    /// List the formats that are read, and what is not resolved in each
    Formats,
}

/// What to look at, common to all commands that scan.
#[derive(Clone, Debug, Args)]
pub struct Input {
    /// Files, folders, folders full of repositories, or `-` for standard input
    #[arg(value_name = "PATH", default_value = ".")]
    pub paths: Vec<PathBuf>,
    /// List of people, CSV with the columns email, handle, status and end_date
    #[arg(long, value_name = "FILE")]
    pub people: Option<PathBuf>,
    /// Compute ages against this date instead of the newest one in the sources [e.g. 2026-11-24]
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub as_of: Option<Timestamp>,
    /// Do not read git history: no ages from it, no authors
    #[arg(long)]
    pub no_history: bool,
    /// Use this many threads [default: one per core]
    #[arg(long, short, value_name = "N", value_parser = threads)]
    pub jobs: Option<usize>,
    /// Add the rules of this folder
    #[arg(long, value_name = "DIR")]
    pub rules: Vec<PathBuf>,
    /// Whom the report is for: auditors also see what is only possible
    #[arg(long, value_enum, default_value_t = Persona::Developer)]
    pub persona: Persona,
    /// Judge by this rule only (repeatable)
    #[arg(long, value_name = "RULE")]
    pub only: Vec<String>,
}

/// `whoacts scan`.
#[derive(Clone, Debug, Args)]
pub struct ScanArgs {
    /// What to look at.
    #[command(flatten)]
    pub input: Input,
    /// Form of the report [human, table, json, sarif]
    #[arg(long, short, value_name = "FORMAT", default_value = "human")]
    pub format: String,
    /// Write the report to this file instead of standard output
    #[arg(short = 'o', value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// Write a further report (repeatable)
    #[arg(long, value_name = "FORMAT=FILE", value_parser = output)]
    pub output: Vec<(String, PathBuf)>,
    /// Exit with 1 for findings at or above this severity
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = FailOn::High)]
    pub fail_on: FailOn,
    /// Exit with 3 when anything that might matter could not be read
    #[arg(long)]
    pub strict: bool,
    /// Put the inventory into the JSON report
    #[arg(long)]
    pub inventory: bool,
    /// List everything that was skipped or not resolved
    #[arg(long)]
    pub ledger: bool,
}

/// The gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs, reason = "the words say it")]
pub enum FailOn {
    Low,
    Medium,
    High,
    Critical,
    Never,
}

impl FailOn {
    /// The least severity that fails; none for `never`.
    #[must_use]
    pub fn severity(self) -> Option<Severity> {
        match self {
            FailOn::Low => Some(Severity::Low),
            FailOn::Medium => Some(Severity::Medium),
            FailOn::High => Some(Severity::High),
            FailOn::Critical => Some(Severity::Critical),
            FailOn::Never => None,
        }
    }
}

/// `whoacts inventory`.
#[derive(Clone, Debug, Args)]
pub struct InventoryArgs {
    /// What to look at.
    #[command(flatten)]
    pub input: Input,
    /// Form of the list
    #[arg(long, short, value_enum, default_value_t = InventoryFormat::Table)]
    pub format: InventoryFormat,
}

/// Forms of the inventory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[allow(missing_docs, reason = "the words say it")]
pub enum InventoryFormat {
    Table,
    Json,
    Csv,
}

/// `whoacts explain`.
#[derive(Clone, Debug, Args)]
pub struct ExplainArgs {
    /// A rule's id, the first characters of a finding's fingerprint, or the name of what findings are about
    pub what: String,
    /// What to look at, for a finding.
    #[command(flatten)]
    pub input: Input,
}

/// `whoacts rules`.
#[derive(Clone, Debug, Subcommand)]
pub enum RulesCommand {
    /// List all rules
    List,
    /// Show one rule with its reasons, its fix and its controls
    Show {
        /// The rule's id
        rule: String,
        /// Print Markdown, as in docs/rules
        #[arg(long)]
        markdown: bool,
    },
    /// Check that the rules of a folder load
    Check {
        /// The folder
        folder: PathBuf,
    },
    /// Run the examples of the rules: each must fire where it says so, and stay quiet where it says so
    Test {
        /// The folder that holds the examples
        #[arg(long, default_value = "fixtures")]
        examples: PathBuf,
        /// The folder of rules to test instead of the built-in ones
        #[arg(long)]
        rules: Option<PathBuf>,
    },
}

/// A date or a point in time; a bare date means its first second, UTC.
fn date(text: &str) -> Result<Timestamp, String> {
    let whole = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    whole.parse().map_err(|_| format!("`{text}` is no date; write it like 2026-11-24 or 2026-11-24T08:00:00Z"))
}

/// A number of threads, one at least.
fn threads(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|n| *n > 0).ok_or_else(|| format!("`{text}` is no number of threads, such as 4"))
}

fn output(text: &str) -> Result<(String, PathBuf), String> {
    match text.split_once('=') {
        Some((format, file)) if !format.is_empty() && !file.is_empty() => Ok((format.to_owned(), PathBuf::from(file))),
        _ => Err(format!("`{text}` is not of the form FORMAT=FILE, such as sarif=whoacts.sarif")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn no_command_means_scan_here() {
        let cli = Cli::try_parse_from(["whoacts"]).unwrap();
        assert!(cli.command.is_none());
        assert_eq!(cli.scan.input.paths, [PathBuf::from(".")]);
        let cli = Cli::try_parse_from(["whoacts", "repo", "--fail-on", "low"]).unwrap();
        assert_eq!(cli.scan.input.paths, [PathBuf::from("repo")]);
        assert_eq!(cli.scan.fail_on, FailOn::Low);
    }

    #[test]
    fn dates_without_a_time_begin_at_midnight() {
        assert_eq!(date("2026-11-24").unwrap().to_string(), "2026-11-24T00:00:00Z");
        assert!(date("tomorrow").is_err());
        assert!(output("sarif").is_err());
    }
}
