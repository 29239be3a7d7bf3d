//! `whoacts explain`.

use std::process::ExitCode;

use super::args::ExplainArgs;
use super::{CommandError, print, terminal};
use crate::graph::nearest;
use crate::reports;
use crate::rules::Finding;
use crate::scan;

/// Fewest characters of a fingerprint that are looked up.
const SHORTEST: usize = 4;

/// Explains a rule, or the findings of the targets that have this fingerprint or are about this subject.
pub(super) fn run(args: &ExplainArgs) -> Result<ExitCode, CommandError> {
    let all = scan::select_rules(&args.input.options())?;
    if let Some(rule) = all.iter().find(|rule| rule.id == args.what) {
        print(&reports::rule_text(rule, &terminal()))?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(near) = nearest(&args.what, all.iter().map(|rule| rule.id.as_str())) {
        return Err(no_such(&args.what, &format!("did you mean `{near}`?")));
    }
    let outcome = scan::run(&args.input.options())?;
    let found: Vec<&Finding> = outcome.findings.iter().filter(|finding| is_meant(finding, &args.what)).collect();
    if found.is_empty() {
        let near = nearest(&args.what, outcome.findings.iter().map(|finding| finding.subject.name.as_str()));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "name the targets, and the --people and --as-of of the scan: whoacts explain NAME PATH…".to_owned(),
        };
        return Err(no_such(&args.what, &help));
    }
    let page = |finding: &&Finding| reports::explain_finding(&outcome, finding, &terminal());
    print(&found.iter().map(page).collect::<Vec<_>>().join("\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// Whether a finding goes by this fingerprint, or its subject by this name or key.
fn is_meant(finding: &Finding, what: &str) -> bool {
    let by_print = what.len() >= SHORTEST && finding.fingerprint.starts_with(&what.to_ascii_lowercase());
    let subject = &finding.subject;
    by_print || subject.name.eq_ignore_ascii_case(what) || subject.key.to_string() == what
}

fn no_such(what: &str, help: &str) -> CommandError {
    CommandError::Use {
        what: format!("there is no rule `{what}`, and no finding with this fingerprint or about this name"),
        help: help.to_owned(),
    }
}
