//! The end of the report for people: attribution, coverage, what was not judged, and what the exit code says.

use std::collections::BTreeMap;

use crate::reports::page::{Page, Style};
use crate::reports::{Options, words};
use crate::rules::Severity;
use crate::scan::{LedgerLine, NotEvaluated, Outcome, Persona};
use crate::text::printable;

/// Blocks of the longest bar.
const LONGEST_BAR: usize = 12;

/// All of the end.
pub(super) fn summary(page: &mut Page, outcome: &Outcome, options: &Options) {
    page.gap();
    if outcome.findings.is_empty() {
        nothing_found(page, outcome);
    }
    grades(page, outcome.grades);
    coverage(page, outcome, options);
    if !is_empty(outcome) {
        not_evaluated(page, &outcome.not_evaluated);
    }
    verdict(page, outcome, options);
}

/// Whether there is nothing that any rule could be about.
fn is_empty(outcome: &Outcome) -> bool {
    let graph = &outcome.graph;
    graph.workloads.is_empty() && graph.identities.is_empty() && graph.credentials.is_empty()
}

/// An empty result says what was looked at, and what would show more.
fn nothing_found(page: &mut Page, outcome: &Outcome) {
    if is_empty(outcome) {
        let said = "Nothing here says what acts as whom: no pipelines, schedules, manifests, policies or exports were \
                    recognised. `whoacts formats` lists what is read.";
        page.prose(0, Style::Plain, said);
        return;
    }
    let open = outcome.not_evaluated.iter().filter(|one| one.subjects.is_none()).count();
    let judged = words::count(outcome.rules.len().saturating_sub(open), "rule");
    let formats: Vec<String> = outcome
        .coverage
        .formats
        .iter()
        .map(|(format, n)| format!("{} {format}", words::thousands(*n as u64)))
        .collect();
    page.prose(0, Style::Bold, &format!("Nothing found: {judged} judged what is here."));
    if !formats.is_empty() {
        page.prose(2, Style::Plain, &format!("files by format: {}", formats.join(", ")));
    }
    page.gap();
}

/// Machine identities by attribution grade, with bars.
fn grades(page: &mut Page, grades: [usize; 5]) {
    let (most, all) = (grades.iter().copied().max().unwrap_or(0), grades.iter().sum::<usize>());
    if all == 0 {
        return;
    }
    // One block for each, as long as they fit.
    let blocks = |n: usize| if most > LONGEST_BAR { (n * LONGEST_BAR).div_ceil(most) } else { n };
    let bar = |n: usize| {
        if n == 0 { "· 0".to_owned() } else { format!("{} {}", "█".repeat(blocks(n)), words::thousands(n as u64)) }
    };
    let bars = grades.iter().enumerate().map(|(grade, n)| format!("{grade} {}", bar(*n)));
    let shown: Vec<String> = ["machine identities by attribution".to_owned()].into_iter().chain(bars).collect();
    page.joined(0, Style::Plain, "   ", &shown);
    let lost: usize = grades.iter().take(2).sum();
    if lost > 0 {
        let (lost, all) = (words::thousands(lost as u64), words::thousands(all as u64));
        let said = format!("for {lost} of {all} no log could tell who acted (0: under a person's name, 1: shared)");
        page.prose(2, Style::Plain, &said);
    }
}

/// What was read and what was not, in one line.
fn coverage(page: &mut Page, outcome: &Outcome, options: &Options) {
    let coverage = &outcome.coverage;
    let mut said = vec![format!(
        "read {} of {}",
        words::thousands(coverage.files_read as u64),
        words::count(coverage.files_seen, "file")
    )];
    let mut skips: BTreeMap<&str, usize> = BTreeMap::new();
    for line in &coverage.skipped {
        *skips.entry(line.word).or_default() += 1;
    }
    said.extend(skips.into_iter().map(|(word, n)| skipped(word, n)));
    if !coverage.unresolved.is_empty() {
        said.push(format!("{} not resolved", words::count(coverage.unresolved.len(), "part")));
    }
    if said.len() > 1 && !options.ledger {
        said.push("--ledger lists them".to_owned());
    }
    page.parts(0, if coverage.losses() > 0 { Style::Warn } else { Style::Plain }, &said);
}

/// `5 binary`, `2 links`, `1 too large`.
fn skipped(word: &str, n: usize) -> String {
    match word {
        "link" => words::count(n, "link"),
        "syntax" => format!("{} with broken syntax", words::thousands(n as u64)),
        word => format!("{} {}", words::thousands(n as u64), word.replace('-', " ")),
    }
}

/// Rules that had nothing to go by, grouped by what is missing.
fn not_evaluated(page: &mut Page, rules: &[NotEvaluated]) {
    let mut by_reason: Vec<(&str, Vec<String>)> = Vec::new();
    for one in rules {
        let name = match one.subjects {
            None => one.rule.clone(),
            Some(subjects) => format!("{} for {}", one.rule, words::count(subjects, "subject")),
        };
        match by_reason.iter_mut().find(|(why, _)| *why == one.why) {
            Some((_, names)) => names.push(name),
            None => by_reason.push((&one.why, vec![name])),
        }
    }
    let said = by_reason.iter().map(|(why, names)| format!("{} ({why})", words::enumerate(names)));
    page.labelled_parts(0, "not evaluated:", Style::Plain, &said.collect::<Vec<_>>());
}

/// Counts by severity, and what the exit code is going to be.
fn verdict(page: &mut Page, outcome: &Outcome, options: &Options) {
    let mut said: Vec<String> = [Severity::Critical, Severity::High, Severity::Medium, Severity::Low]
        .into_iter()
        .filter_map(|severity| {
            let n = outcome.findings.iter().filter(|finding| finding.severity == severity).count();
            (n > 0).then(|| format!("{} {}", words::thousands(n as u64), severity.word()))
        })
        .collect();
    if said.is_empty() {
        said.push("0 findings".to_owned());
    }
    if outcome.hidden > 0 && options.persona == Persona::Developer {
        said.push(format!("{} only possible (--persona auditor)", words::thousands(outcome.hidden as u64)));
    }
    said.push(exit(outcome, options));
    page.parts(0, Style::Bold, &said);
}

fn exit(outcome: &Outcome, options: &Options) -> String {
    let losses = outcome.coverage.losses();
    match options.fail_on {
        _ if options.strict && losses > 0 => format!("exit 3: --strict, and {} not read", words::count(losses, "part")),
        Some(gate) if outcome.findings.iter().any(|finding| finding.severity >= gate) => {
            format!("exit 1: --fail-on {}", gate.word())
        }
        Some(gate) => format!("exit 0: nothing at or above {}", gate.word()),
        None => "exit 0: --fail-on never".to_owned(),
    }
}

/// Everything that was skipped or not resolved, with its position.
pub(super) fn ledger(page: &mut Page, outcome: &Outcome) {
    let coverage = &outcome.coverage;
    section(page, "not read, or only in part", &coverage.skipped);
    section(page, "read, but not resolved", &coverage.unresolved);
}

fn section(page: &mut Page, title: &str, lines: &[LedgerLine]) {
    if lines.is_empty() {
        return;
    }
    page.gap();
    let heading = page.paint(Style::Bold, &format!("{title}: {}", words::thousands(lines.len() as u64)));
    page.line(&heading);
    for line in lines {
        let position = line.position.map_or_else(String::new, |(line, column)| format!(":{line}:{column}"));
        let word = page.paint(if line.loss { Style::Warn } else { Style::Dim }, &format!("[{}]", line.word));
        page.line(&format!("  {}{position}  {} {word}", printable(&line.path), printable(&line.reason)));
    }
}
