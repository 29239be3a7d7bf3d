//! One finding for people, in full or in one line.

use crate::facts::{Class, Kind};
use crate::graph::Tier;
use crate::reports::page::{Page, Style, chars, window, wrap};
use crate::reports::places::Places;
use crate::reports::{Options, words};
use crate::rules::{Certainty, Evidence, Finding, Spot};
use crate::scan::Outcome;
use crate::text::printable;

/// Columns before a heading: number and severity.
const HEADING: usize = 14;
/// Columns before the lines below it.
const INDENT: usize = 4;
/// Places shown with their line of source.
const MOST_PLACES: usize = 3;
/// Least room for a line of source beside its place.
const BESIDE: usize = 44;

/// A finding with its reasons, its best places and its fix.
pub(super) fn in_full(page: &mut Page, ctx: &Context<'_>, finding: &Finding, number: usize) {
    let mut facts = Vec::new();
    if !heading(page, finding, number) {
        facts.push(finding.rule.clone());
    }
    if let Some(because) = words::because(finding) {
        page.prose(INDENT, Style::Plain, &because);
    }
    facts.extend(known(ctx.outcome, finding));
    page.parts(INDENT, Style::Plain, &facts);
    let best = ctx.places.best(&finding.evidence, MOST_PLACES);
    shown_places(page, INDENT + 2, position, &best);
    let more = finding.evidence.len() - best.len();
    if more > 0 && !best.is_empty() {
        page.line(&format!("{}and {}", " ".repeat(INDENT + 2), words::count(more, "more place")));
    }
    fix(page, ctx, finding);
}

/// What the findings of a report have in common.
pub(super) struct Context<'a> {
    pub(super) outcome: &'a Outcome,
    pub(super) places: Places,
    pub(super) options: &'a Options,
}

/// Number, severity and message, and the rule at the right where there is room; tells whether there was.
fn heading(page: &mut Page, finding: &Finding, number: usize) -> bool {
    let room = page.width.saturating_sub(HEADING);
    let severity = page.paint(Style::Severity(finding.severity), &format!("{:<8}", finding.severity.word()));
    let mut before = format!("{number:>2}  {severity}  ");
    let lines = wrap(&printable(&finding.message), room);
    let last = lines.len().saturating_sub(1);
    let free = room.saturating_sub(lines.last().map_or(0, |line| chars(line)) + 2);
    let rule_fits = chars(&finding.rule) <= free;
    for (at, line) in lines.into_iter().enumerate() {
        let bold = page.paint(Style::Bold, &line);
        let rule = page.paint(Style::Dim, &finding.rule);
        let pad = " ".repeat(free.saturating_sub(chars(&finding.rule)) + 2);
        let right = if at == last && rule_fits { format!("{pad}{rule}") } else { String::new() };
        page.line(&format!("{before}{bold}{right}"));
        before = " ".repeat(HEADING);
    }
    rule_fits
}

/// What it is about, how far that reaches, how sure it is, since when, whose it is, and what a log says.
fn known(outcome: &Outcome, finding: &Finding) -> Vec<String> {
    let mut parts = Vec::new();
    if finding.subject.kind != Kind::Party {
        parts.push(subject(finding));
    }
    parts.extend(words::spread(finding));
    parts.push(sureness(finding));
    parts.extend(finding.age.as_ref().map(|age| words::age(age, outcome.as_of)));
    if finding.subject.kind != Kind::Party {
        parts.push(printable(&words::owner(finding.owner.as_ref())));
    }
    parts.extend(finding.attribution.map(words::attribution));
    parts
}

/// `service identity`, with the name where the message does not say it.
fn subject(finding: &Finding) -> String {
    let kind = finding.subject.kind.word();
    let class = finding.subject.class.filter(|class| *class != Class::Unknown && class.word() != kind);
    let named = !finding.message.contains(&finding.subject.name);
    let class = class.map(|class| match (class, finding.subject.kind) {
        (Class::Human, Kind::Credential) => "personal",
        _ => class.word(),
    });
    let parts = class.into_iter().chain([kind]);
    printable(&parts.chain(named.then_some(finding.subject.name.as_str())).collect::<Vec<_>>().join(" "))
}

/// `likely (same store and scope)`: the certainty with the weakest tier it rests on.
fn sureness(finding: &Finding) -> String {
    let tiers = finding.evidence.iter().filter_map(|one| one.sameness).max();
    let meaning = tiers.and_then(|word| tier_meaning(word, finding.certainty));
    let word = finding.certainty.word();
    meaning.map_or_else(|| word.to_owned(), |meaning| format!("{word} ({meaning})"))
}

/// What a tier's word means. A finding that is more than possible rests on names only where the account is one, too.
pub(in crate::reports) fn tier_meaning(word: &str, certainty: Certainty) -> Option<&'static str> {
    let tier = [Tier::T1, Tier::T2, Tier::T3, Tier::T4, Tier::T5].into_iter().find(|tier| tier.word() == word)?;
    let joined = tier == Tier::T4 && certainty > Certainty::Possible;
    Some(if joined { "same name, sink and account" } else { tier.meaning() })
}

/// Places with their lines of source: beside each other where there is room, else below. A line of source that several
/// places in a row have in common is shown once.
pub(in crate::reports) fn shown_places(
    page: &mut Page,
    indent: usize,
    position: fn(&Spot) -> String,
    best: &[(&Evidence, &Spot)],
) {
    let rows: Vec<Row<'_>> =
        best.iter().map(|(one, spot)| Row { position: position(spot), role: printable(&one.role), spot }).collect();
    let positions = rows.iter().map(|row| chars(&row.position)).max().unwrap_or(0);
    let roles = rows.iter().map(|row| chars(&row.role)).max().unwrap_or(0);
    let lead = indent + positions + 2 + roles + 2;
    let longest = best.iter().map(|(_, spot)| chars(&spot.extract)).max().unwrap_or(0);
    let beside = lead + longest.min(BESIDE) <= page.width;
    for run in
        rows.chunk_by(|one, other| (&one.spot.extract, &one.spot.mark) == (&other.spot.extract, &other.spot.mark))
    {
        let columns = if beside { lead } else { indent + 2 };
        let mut source = run.first().map_or_else(Vec::new, |row| extract(page, columns, row.spot)).into_iter();
        for Row { position, role, .. } in run {
            let dim = page.paint(Style::Dim, role);
            let start = " ".repeat(indent);
            if beside {
                let pad = " ".repeat(roles - chars(role));
                let right = source.next().unwrap_or_default();
                page.line(&format!("{start}{position:<positions$}  {dim}{pad}  {right}"));
            } else if indent + positions + 2 + chars(role) <= page.width {
                page.line(&format!("{start}{position:<positions$}  {dim}"));
            } else {
                page.line(&format!("{start}{position}"));
                page.prose(indent + 2, Style::Dim, role);
            }
        }
        for line in source {
            page.line(&format!("{}{line}", " ".repeat(columns)));
        }
    }
}

/// A place, ready to be shown.
struct Row<'a> {
    position: String,
    role: String,
    spot: &'a Spot,
}

/// `path:line:column`.
pub(in crate::reports) fn position(spot: &Spot) -> String {
    format!("{}:{}:{}", printable(&spot.path), spot.line, spot.column)
}

/// A line of source, and a line that underlines its marked part; nothing where all of it is masked.
fn extract(page: &Page, columns: usize, spot: &Spot) -> Vec<String> {
    let (text, mark) = window(&printable(&spot.extract), &spot.mark, page.width.saturating_sub(columns));
    if !text.contains(char::is_alphanumeric) {
        return Vec::new();
    }
    let under = page.paint(Style::Mark, &"^".repeat(mark.len()));
    let under = (!mark.is_empty()).then(|| format!("{}{under}", " ".repeat(mark.start)));
    [text].into_iter().chain(under).collect()
}

fn fix(page: &mut Page, ctx: &Context<'_>, finding: &Finding) {
    let first = words::folded(words::opening(&finding.fix));
    let said = format!("fix ({}, {}): {first}", finding.effort, finding.fix_by);
    page.prose_then(INDENT, &said, &format!("-> {}", explain(ctx, finding)));
}

/// The command that says more about a finding: the same targets, and what else it takes to find it again.
fn explain(ctx: &Context<'_>, finding: &Finding) -> String {
    /// Targets repeated one by one.
    const MOST: usize = 2;
    let targets = match ctx.outcome.targets.as_slice() {
        [only] if only == "." => Vec::new(),
        few if few.len() <= MOST => few.iter().map(|target| words::quoted(target)).collect(),
        _ => vec!["PATH…".to_owned()],
    };
    let again = ctx.options.again.iter().map(|word| words::quoted(word));
    let words: Vec<String> = targets.into_iter().chain(again).collect();
    format!("whoacts explain {} {}", words::short(&finding.fingerprint), words.join(" ")).trim_end().to_owned()
}

/// A finding in one line: what, where, and how to ask for more.
pub(super) fn in_brief(page: &mut Page, ctx: &Context<'_>, finding: &Finding, number: usize) {
    let severity = page.paint(Style::Severity(finding.severity), &format!("{:<8}", finding.severity.word()));
    let place = ctx.places.best(&finding.evidence, 1).first().map(|(_, spot)| position(spot)).unwrap_or_default();
    let end = format!("  {place}  {}", words::short(&finding.fingerprint));
    let room = page.width.saturating_sub(HEADING + chars(&end));
    let message = printable(&finding.message);
    let dim = page.paint(Style::Dim, &end);
    if chars(&message) <= room {
        page.line(&format!("{number:>2}  {severity}  {message}{dim}"));
    } else {
        let mut before = format!("{number:>2}  {severity}  ");
        for line in wrap(&message, page.width.saturating_sub(HEADING)) {
            page.line(&format!("{before}{line}"));
            before = " ".repeat(HEADING);
        }
        page.line(&format!("{}{dim}", " ".repeat(HEADING - 2)));
    }
}
