//! One finding in full: what breaks, every place, how sure that is, why it is this bad, what to do, what it bears on.

use std::collections::BTreeMap;

use super::Options;
use super::human::{shown_places, tier_meaning};
use super::page::{Page, Style};
use super::words;
use crate::facts::{Class, Kind};
use crate::frameworks::{self, Alias};
use crate::rules::{ControlRef, Definition, Evidence, Finding, Spot};
use crate::scan::Outcome;
use crate::text::printable;

/// Columns before the text of a section.
pub(super) const INDENT: usize = 2;

/// One finding in full.
#[must_use]
pub fn explain_finding(outcome: &Outcome, finding: &Finding, options: &Options) -> String {
    let mut page = Page::new(options);
    let severity = page.paint(Style::Severity(finding.severity), finding.severity.word());
    let rule = page.paint(Style::Dim, &finding.rule);
    page.line(&format!("{severity}  {}  {rule}", finding.certainty.word()));
    page.prose(0, Style::Bold, &printable(&finding.message));
    section(&mut page, "what breaks");
    page.prose(INDENT, Style::Plain, &words::paragraphs(&finding.why));
    subject(&mut page, outcome, finding);
    places(&mut page, finding);
    sureness(&mut page, finding);
    severity_reasons(&mut page, outcome, finding);
    section(&mut page, &format!("what to do (effort {}, {})", finding.effort, finding.fix_by));
    page.prose(INDENT, Style::Plain, &words::paragraphs(&finding.fix));
    controls(&mut page, finding);
    page.gap();
    page.prose(0, Style::Plain, &format!("fingerprint {}", finding.fingerprint));
    let stable = "made of the rule and the name of the subject: edits, moved lines and new versions leave it as it is";
    page.prose(INDENT, Style::Dim, stable);
    page.finish()
}

pub(super) fn section(page: &mut Page, title: &str) {
    page.gap();
    let title = page.paint(Style::Bold, title);
    page.line(&title);
}

fn subject(page: &mut Page, outcome: &Outcome, finding: &Finding) {
    let subject = &finding.subject;
    section(page, &format!("the {}", subject.kind.word()));
    page.prose(INDENT, Style::Plain, &printable(&subject.name));
    let class = subject.class.filter(|class| *class != Class::Unknown).map(|class| format!("class {}", class.word()));
    let parts: Vec<String> = class.into_iter().chain(words::reach(finding)).collect();
    page.parts(INDENT, Style::Plain, &parts);
    if let Some(age) = &finding.age {
        page.prose(INDENT, Style::Plain, &format!("{}, as of {}", words::age(age, outcome.as_of), basis(outcome)));
    }
    if subject.kind != Kind::Party {
        page.prose(INDENT, Style::Plain, &printable(&words::owner(finding.owner.as_ref())));
    }
    if let Some(attribution) = finding.attribution {
        page.prose(INDENT, Style::Plain, &words::attribution(attribution));
    }
}

/// `2026-10-01 (newest commit)`.
fn basis(outcome: &Outcome) -> String {
    format!("{} ({})", words::day(outcome.as_of), outcome.as_of_basis)
}

/// Every place, file by file.
fn places(page: &mut Page, finding: &Finding) {
    let mut files: BTreeMap<&str, Vec<(&Evidence, &Spot)>> = BTreeMap::new();
    for one in &finding.evidence {
        if let Some(spot) = &one.spot {
            files.entry(&spot.path).or_default().push((one, spot));
        }
    }
    let located = files.values().map(Vec::len).sum::<usize>();
    section(page, &format!("{} in {}", words::count(located, "place"), words::count(files.len(), "file")));
    for (file, places) in &mut files {
        places.sort_by_key(|(_, spot)| (spot.line, spot.column));
        page.line(&format!("{}{}", " ".repeat(INDENT), printable(file)));
        shown_places(page, INDENT + 2, |spot| format!("{}:{}", spot.line, spot.column), places);
    }
    for lost in finding.evidence.iter().filter(|one| one.spot.is_none()) {
        page.prose(INDENT, Style::Dim, &format!("{}: the place cannot be shown", printable(&lost.role)));
    }
}

/// The tiers that the places rest on, and what they mean.
fn sureness(page: &mut Page, finding: &Finding) {
    section(page, "how sure");
    let certainty = match finding.certainty {
        crate::rules::Certainty::Proven => "proven: the files say so",
        crate::rules::Certainty::Likely => "likely: one strong sign, or two that agree",
        crate::rules::Certainty::Possible => "possible: the parts fit, and nothing proves that they belong together",
    };
    page.prose(INDENT, Style::Plain, certainty);
    let mut tiers: BTreeMap<&str, usize> = BTreeMap::new();
    for tier in finding.evidence.iter().filter_map(|one| one.sameness) {
        *tiers.entry(tier).or_default() += 1;
    }
    for (tier, n) in tiers {
        let meaning = tier_meaning(tier, finding.certainty).unwrap_or_default();
        page.prose(INDENT, Style::Plain, &format!("{tier}, {meaning}: {}", words::count(n, "place")));
    }
}

/// The rule's table of severities, with the line that applied.
fn severity_reasons(page: &mut Page, outcome: &Outcome, finding: &Finding) {
    section(page, &format!("why {}", finding.severity.word()));
    if finding.sample {
        page.prose(INDENT, Style::Plain, "all its places are in tests, samples or documentation");
    }
    for because in &finding.because {
        page.prose(INDENT, Style::Plain, &printable(because));
    }
    if let Some(rule) = outcome.rules.iter().find(|rule| rule.id == finding.rule) {
        severities(page, rule);
    }
}

/// The levels of a rule, in the order in which they are tried.
pub(super) fn severities(page: &mut Page, rule: &Definition) {
    let mut levels = rule.levels().into_iter().peekable();
    while let Some((level, when)) = levels.next() {
        let when = match when.as_str() {
            "" if levels.peek().is_none() => "in all other cases".to_owned(),
            "" => "always".to_owned(),
            when => format!("when {when}"),
        };
        page.labelled(INDENT, &format!("{:<8}", level.word()), Style::Dim, &when);
    }
}

/// The controls with our reasons, then what a published crosswalk adds, then other labels: three layers, kept apart.
fn controls(page: &mut Page, finding: &Finding) {
    if finding.controls.is_empty() {
        return;
    }
    section(page, "what it is evidence for");
    let (primary, related): (Vec<_>, Vec<_>) =
        finding.controls.iter().partition(|control| control.relation == "primary");
    for control in primary.into_iter().chain(related) {
        let name = format!("{} {} ({}, {})", control.id, control.name, control.framework, control.relation);
        page.prose(INDENT, Style::Plain, &name);
        page.prose(INDENT + 2, Style::Dim, &printable(&control.because));
    }
    let mut crossed: Vec<String> = finding.controls.iter().flat_map(crosswalk).collect();
    crossed.dedup();
    if !crossed.is_empty() {
        page.labelled(INDENT, "by OWASP's own crosswalk:", Style::Plain, &crossed.join("; "));
    }
    for alias in finding.aliases.iter().filter_map(|id| frameworks::alias(id)) {
        page.labelled(INDENT, "also known as", Style::Plain, &known_as(alias));
    }
}

fn crosswalk(control: &ControlRef) -> Option<String> {
    let from = frameworks::find(control.framework, control.id).ok()?;
    let to: Vec<&str> = frameworks::crosswalk(from).iter().map(|(to, _)| to.id.as_str()).collect();
    (!to.is_empty()).then(|| format!("{} to {}", from.id, words::enumerate(&to)))
}

fn known_as(alias: &Alias) -> String {
    let not = alias.easily_taken_for().map_or_else(String::new, |not| format!("; not {} {}", not.id, not.name));
    format!("{}: {}{not}", alias.id, alias.says)
}
