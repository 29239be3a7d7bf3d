//! `whoacts explain`.

use std::process::ExitCode;

use super::args::ExplainArgs;
use super::{CommandError, print, terminal};
use crate::reports;
use crate::scan;

/// Fewest characters of a fingerprint that are looked up.
const SHORTEST: usize = 4;

/// Explains a rule, or a finding of the targets.
pub(super) fn run(args: &ExplainArgs) -> Result<ExitCode, CommandError> {
    let all = scan::select_rules(&args.input.options())?;
    if let Some(rule) = all.iter().find(|rule| rule.id == args.what) {
        print(&reports::rule_text(rule, &terminal()))?;
        return Ok(ExitCode::SUCCESS);
    }
    let hex = args.what.len() >= SHORTEST && args.what.chars().all(|c| c.is_ascii_hexdigit());
    if !hex {
        return Err(no_such(&args.what, all.iter().map(|rule| rule.id.as_str())));
    }
    let outcome = scan::run(&args.input.options())?;
    let mut found = outcome.findings.iter().filter(|finding| finding.fingerprint.starts_with(&args.what)).peekable();
    if found.peek().is_none() {
        return Err(CommandError::Use {
            what: format!("no finding here has a fingerprint that starts with `{}`", args.what),
            help: "name the targets, and the --people and --as-of of the scan: whoacts explain FINGERPRINT PATH…"
                .to_owned(),
        });
    }
    let pages: Vec<String> = found.map(|finding| reports::explain_finding(&outcome, finding, &terminal())).collect();
    print(&pages.join("\n"))?;
    Ok(ExitCode::SUCCESS)
}

fn no_such<'a>(what: &str, rules: impl Iterator<Item = &'a str>) -> CommandError {
    let help = match crate::graph::nearest(what, rules) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`whoacts rules list` shows the rules; fingerprints stand at the end of each finding".to_owned(),
    };
    CommandError::Use { what: format!("there is neither a rule nor a finding `{what}`"), help }
}
