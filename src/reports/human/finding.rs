//! One finding for people, in full or in one line.

use crate::graph::Tier;
use crate::reports::page::{Page, Style, chars, window, wrap};
use crate::reports::places::Places;
use crate::reports::words;
use crate::rules::{Evidence, Finding, Spot};
use crate::scan::Outcome;
use crate::text::{printable, shorten};

/// Columns before a heading: number and severity.
const HEADING: usize = 14;
/// Columns before the lines below it.
const INDENT: usize = 4;
/// Places shown with their line of source.
const MOST_PLACES: usize = 3;
/// Least room for a message beside its rule.
const LEAST_MESSAGE: usize = 40;

/// A finding with its reasons, its best places and its fix.
pub(super) fn in_full(page: &mut Page, places: &Places, outcome: &Outcome, finding: &Finding, number: usize) {
    heading(page, finding, number);
    page.parts(INDENT, Style::Plain, &subject(finding));
    for because in &finding.because {
        page.prose(INDENT, Style::Plain, &format!("{} because {}", finding.severity.word(), printable(because)));
    }
    page.parts(INDENT, Style::Plain, &who_and_since(outcome, finding));
    if let Some(attribution) = finding.attribution {
        page.prose(INDENT, Style::Plain, &words::attribution(attribution));
    }
    let best = places.best(&finding.evidence, MOST_PLACES);
    shown_places(page, INDENT + 2, position, &best);
    let more = finding.evidence.len() - best.len();
    if more > 0 && !best.is_empty() {
        page.line(&format!("{}and {}", " ".repeat(INDENT + 2), words::count(more, "more place")));
    }
    fix(page, outcome, finding);
}

/// Number, severity and message, the rule at the right.
fn heading(page: &mut Page, finding: &Finding, number: usize) {
    let beside = page.width.saturating_sub(HEADING + 2 + chars(&finding.rule));
    let message = printable(&finding.message);
    let (room, rule_beside) =
        if beside >= LEAST_MESSAGE { (beside, true) } else { (page.width.saturating_sub(HEADING), false) };
    let severity = page.paint(Style::Severity(finding.severity), &format!("{:<8}", finding.severity.word()));
    let mut before = format!("{number:>2}  {severity}  ");
    let rule = page.paint(Style::Dim, &finding.rule);
    for (at, line) in wrap(&message, room).into_iter().enumerate() {
        let bold = page.paint(Style::Bold, &line);
        let pad = " ".repeat((room + 2).saturating_sub(chars(&line)));
        let right = if at == 0 && rule_beside { format!("{pad}{rule}") } else { String::new() };
        page.line(&format!("{before}{bold}{right}"));
        before = " ".repeat(HEADING);
    }
    if !rule_beside {
        page.line(&format!("{before}{rule}"));
    }
}

/// What it is about, how far it reaches, and how sure that is.
fn subject(finding: &Finding) -> Vec<String> {
    let kind = finding.subject.kind.word();
    let class = finding.subject.class.filter(|class| *class != crate::facts::Class::Unknown);
    let class = class.map_or_else(String::new, |class| format!("{} ", class.word()));
    let class = if class.trim() == kind { String::new() } else { class };
    let name = printable(&finding.subject.name);
    let mut parts = vec![format!("{class}{kind} {name}")];
    parts.extend(words::reach(finding));
    parts.push(sureness(finding));
    parts
}

/// `likely (same store and scope)`: the certainty with the weakest tier it rests on.
fn sureness(finding: &Finding) -> String {
    let tiers = finding.evidence.iter().filter_map(|one| one.sameness).max();
    let meaning = tiers.and_then(tier_meaning);
    let word = finding.certainty.word();
    meaning.map_or_else(|| word.to_owned(), |meaning| format!("{word} ({meaning})"))
}

/// What a tier's word means.
pub(in crate::reports) fn tier_meaning(word: &str) -> Option<&'static str> {
    [Tier::T1, Tier::T2, Tier::T3, Tier::T4, Tier::T5].into_iter().find(|tier| tier.word() == word).map(Tier::meaning)
}

fn who_and_since(outcome: &Outcome, finding: &Finding) -> Vec<String> {
    let since = finding.age.as_ref().map(|age| words::age(age, outcome.as_of));
    since.into_iter().chain([printable(&words::owner(finding.owner.as_ref()))]).collect()
}

/// Places with their lines of source: beside each other where that fits, else below.
pub(in crate::reports) fn shown_places(
    page: &mut Page,
    indent: usize,
    position: fn(&Spot) -> String,
    best: &[(&Evidence, &Spot)],
) {
    let where_what: Vec<(String, String)> =
        best.iter().map(|(one, spot)| (position(spot), printable(&one.role))).collect();
    let widest = |texts: &mut dyn Iterator<Item = &String>| texts.map(|text| chars(text)).max().unwrap_or(0);
    let wide = (
        widest(&mut where_what.iter().map(|(position, _)| position)),
        widest(&mut where_what.iter().map(|(_, role)| role)),
    );
    let lead = indent + wide.0 + 2 + wide.1 + 2;
    let fits = best.iter().all(|(_, spot)| lead + chars(&spot.extract) <= page.width);
    for ((position, role), (_, spot)) in where_what.iter().zip(best) {
        let start = " ".repeat(indent);
        if fits {
            let role = page.paint(Style::Dim, &format!("{role:<width$}", width = wide.1));
            let first = format!("{start}{position:<width$}  {role}  ", width = wide.0);
            extract(page, &first, lead, spot);
        } else {
            let beside = indent + chars(position) + 2 + chars(role) <= page.width;
            let between = if beside { "  ".to_owned() } else { format!("\n{start}  ") };
            let role = page.paint(Style::Dim, role);
            page.line(&format!("{start}{position}{between}{role}"));
            extract(page, &" ".repeat(indent + 2), indent + 2, spot);
        }
    }
}

/// `path:line:column`.
pub(in crate::reports) fn position(spot: &Spot) -> String {
    format!("{}:{}:{}", printable(&spot.path), spot.line, spot.column)
}

/// A line of source with its marked part underlined.
fn extract(page: &mut Page, before: &str, columns: usize, spot: &Spot) {
    let (text, mark) = window(&printable(&spot.extract), &spot.mark, page.width.saturating_sub(columns));
    if !text.is_empty() || !before.trim().is_empty() {
        page.line(&format!("{before}{text}"));
    }
    if !mark.is_empty() {
        let under = page.paint(Style::Mark, &"^".repeat(mark.len()));
        page.line(&format!("{}{under}", " ".repeat(columns + mark.start)));
    }
}

fn fix(page: &mut Page, outcome: &Outcome, finding: &Finding) {
    let first = words::folded(words::opening(&finding.fix));
    let said = format!("fix ({}, {}): {first}", finding.effort, finding.fix_by);
    page.prose_then(INDENT, &said, &format!("-> {}", explain(outcome, finding)));
}

/// The command that says more about a finding.
fn explain(outcome: &Outcome, finding: &Finding) -> String {
    let plain = |target: &String| target.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
    let targets = match outcome.targets.as_slice() {
        [only] if only == "." => String::new(),
        few if few.len() <= 2 && few.iter().all(plain) => format!(" {}", few.join(" ")),
        _ => " PATH…".to_owned(),
    };
    format!("whoacts explain {}{targets}", words::short(&finding.fingerprint))
}

/// A finding in one line: what, where, and how to ask for more.
pub(super) fn in_brief(page: &mut Page, places: &Places, finding: &Finding, number: usize) {
    let severity = page.paint(Style::Severity(finding.severity), &format!("{:<8}", finding.severity.word()));
    let place = places.best(&finding.evidence, 1).first().map(|(_, spot)| position(spot)).unwrap_or_default();
    let end = format!("  {place}  {}", words::short(&finding.fingerprint));
    let room = page.width.saturating_sub(HEADING + chars(&end));
    let message = printable(&finding.message);
    let dim = page.paint(Style::Dim, &end);
    if chars(&message) <= room {
        page.line(&format!("{number:>2}  {severity}  {message}{dim}"));
    } else {
        let room = page.width.saturating_sub(HEADING);
        page.line(&format!("{number:>2}  {severity}  {}", shorten(&message, room)));
        page.line(&format!("{}{}", " ".repeat(HEADING - 2), dim));
    }
}
