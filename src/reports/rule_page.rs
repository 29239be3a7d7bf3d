//! The documentation page of a rule, as in `docs/rules/` and `whoacts explain`.

use std::fmt::Write as _;

use super::explain::{INDENT, section, severities};
use super::page::{Page, Style};
use super::{Options, words};
use crate::frameworks;
use crate::rules::{Definition, Relation};

/// What is said of a rule that proves nothing.
const FOR_AUDITORS: &str = "Never more than possible, so it is shown with `--persona auditor` only";

/// A rule for a terminal: what it finds, what breaks, what to do, how bad it is and when, what it bears on.
#[must_use]
pub fn rule_text(rule: &Definition, options: &Options) -> String {
    let mut page = Page::new(options);
    page.prose(0, Style::Bold, rule.title.trim_end_matches('.'));
    page.prose(0, Style::Dim, &format!("{} (family {})", rule.id, rule.family));
    section(&mut page, "what breaks");
    page.prose(INDENT, Style::Plain, &words::paragraphs(rule.why.trim()));
    section(&mut page, &format!("what to do (effort {}, {})", rule.effort.word(), rule.fix_by.word()));
    page.prose(INDENT, Style::Plain, &words::paragraphs(rule.fix.trim()));
    section(&mut page, "how bad");
    severities(&mut page, rule);
    for need in &rule.needs {
        page.prose(INDENT, Style::Plain, &format!("not evaluated when {}", need.missing()));
    }
    if rule.is_for_auditors() {
        page.prose(INDENT, Style::Plain, FOR_AUDITORS);
    }
    if !rule.covers.is_empty() {
        let said = format!("replaces {} on the same subject, because it says more", words::enumerate(&rule.covers));
        page.prose(INDENT, Style::Plain, &said);
    }
    section(&mut page, "what it is evidence for");
    let all = rule.controls.iter().flat_map(|(framework, uses)| uses.iter().map(move |one| (framework, one)));
    let (primary, related): (Vec<_>, Vec<_>) = all.partition(|(_, one)| one.relation == Relation::Primary);
    for (framework, one) in primary.into_iter().chain(related) {
        if let Ok(control) = frameworks::find(framework, &one.id) {
            let name = format!("{} {} ({framework}, {})", control.id, control.name, one.relation.word());
            page.prose(INDENT, Style::Plain, &name);
            page.prose(INDENT + 2, Style::Dim, one.because.trim());
        }
    }
    page.finish()
}

/// The documentation page of a rule. `docs/rules/` holds one for each, and a test fails when one is stale.
#[must_use]
pub fn rule_page(rule: &Definition) -> String {
    let mut page = format!("# {}\n\n{}.\n\n", rule.id, rule.title.trim_end_matches('.'));
    let _ = writeln!(page, "## What breaks\n\n{}\n\n## What to do\n\n{}\n", rule.why.trim(), rule.fix.trim());
    let _ = writeln!(page, "Effort {}, done by: {}.\n", rule.effort.word(), rule.fix_by.word());
    if !rule.needs.is_empty() {
        let needs: Vec<_> = rule.needs.iter().map(|need| need.missing()).collect();
        let _ = writeln!(page, "Not evaluated when {}.\n", needs.join(", or when "));
    }
    if rule.is_for_auditors() {
        let _ = writeln!(page, "{FOR_AUDITORS}.\n");
    }
    if !rule.covers.is_empty() {
        let _ = writeln!(page, "Says more than, and replaces on the same subject: {}.\n", rule.covers.join(", "));
    }
    page.push_str("## What it bears on\n\n| framework | control | how | why |\n|---|---|---|---|\n");
    for (framework, uses) in &rule.controls {
        for one in uses {
            if let Ok(control) = frameworks::find(framework, &one.id) {
                let name = format!("{} {}", control.id, control.name);
                let linked = if control.url.is_empty() { name } else { format!("[{name}]({})", control.url) };
                let _ = writeln!(
                    page,
                    "| {} {} | {linked} | {} | {} |",
                    control.framework,
                    control.edition,
                    one.relation.word(),
                    one.because.trim()
                );
            }
        }
    }
    if !rule.aliases.is_empty() {
        let _ = writeln!(page, "\nAlso known as {}.", rule.aliases.join(", "));
    }
    page
}
