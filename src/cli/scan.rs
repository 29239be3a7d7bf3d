//! `whoacts scan`.

use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::time::Instant;

use super::args::ScanArgs;
use super::{CommandError, print, terminal, write};
use crate::reports;
use crate::scan::{self, Outcome};

/// Scans, reports, and tells by the exit code what came of it.
pub(super) fn run(args: &ScanArgs) -> Result<ExitCode, CommandError> {
    // Formats are looked up first: a misspelt one should not cost a scan.
    let report = reports::find(&args.format)?;
    let further = args.output.iter().map(|(format, file)| Ok((reports::find(format)?, file)));
    let further: Vec<_> = further.collect::<Result<_, CommandError>>()?;
    let started = Instant::now();
    let outcome = scan::run(&args.input.options())?;
    let options = reports::Options {
        persona: args.input.persona,
        fail_on: args.fail_on.severity(),
        elapsed: io::stdout().is_terminal().then(|| started.elapsed()),
        strict: args.strict,
        inventory: args.inventory,
        ledger: args.ledger,
        again: args.input.again(),
        ..terminal()
    };
    let plain = reports::for_file(&options);
    for (report, file) in further {
        write(file, &report.render(&outcome, &plain)?)?;
    }
    match &args.file {
        Some(file) => write(file, &report.render(&outcome, &plain)?)?,
        None => print(&report.render(&outcome, &options)?)?,
    }
    Ok(exit_code(&outcome, args))
}

fn exit_code(outcome: &Outcome, args: &ScanArgs) -> ExitCode {
    let gate = args.fail_on.severity();
    let fails = gate.is_some_and(|gate| outcome.findings.iter().any(|finding| finding.severity >= gate));
    if args.strict && outcome.coverage.losses() > 0 {
        ExitCode::from(3)
    } else if fails {
        ExitCode::from(1)
    } else {
        ExitCode::SUCCESS
    }
}
