//! The rules of the scan, each once, with what code scanning shows beside an alert.

use std::collections::BTreeMap;

use super::limits;
use super::model::{Configuration, Help, Message, Rule, RuleProperties};
use super::taxonomies::Taxonomies;
use crate::frameworks;
use crate::reports::words::{self, folded};
use crate::rules::{Certainty, Definition, Relation, Severity};
use crate::scan::Outcome;
use crate::text::shorten;

/// The rules by id, and the number of each. Rules that found nothing are in it, so that it shows what was judged by.
pub(super) fn rules(outcome: &Outcome, taxonomies: &Taxonomies) -> (Vec<Rule>, BTreeMap<String, usize>) {
    let mut by_id: BTreeMap<&str, &Definition> = BTreeMap::new();
    for rule in &outcome.rules {
        by_id.entry(&rule.id).or_insert(rule);
    }
    let numbers = by_id.keys().enumerate().map(|(number, id)| ((*id).to_owned(), number)).collect();
    (by_id.into_values().map(|rule| descriptor(outcome, rule, taxonomies)).collect(), numbers)
}

fn descriptor(outcome: &Outcome, rule: &Definition, taxonomies: &Taxonomies) -> Rule {
    let found = outcome.findings.iter().filter(|finding| finding.rule == rule.id);
    let worst = found.clone().map(|finding| finding.severity).max();
    let severity = worst.or_else(|| rule.levels().into_iter().map(|(level, _)| level).max());
    let severity = severity.unwrap_or(Severity::Low);
    let least_sure = found.map(|finding| finding.certainty).min().unwrap_or(Certainty::Likely);
    Rule {
        id: rule.id.clone(),
        name: pascal(&rule.id),
        short_description: described(&rule.title),
        full_description: described(&rule.why),
        help: help(rule, worst.is_some()),
        default_configuration: Configuration { level: super::level(severity) },
        relationships: relationships(rule, taxonomies),
        properties: RuleProperties {
            tags: tags(rule),
            precision: precision(least_sure),
            security_severity: security_severity(severity),
        },
    }
}

/// What is shown beside an alert; of a rule without alerts only what to do, in short.
fn help(rule: &Definition, has_alerts: bool) -> Help {
    if !has_alerts {
        return Help { text: folded(words::opening(&rule.fix)), markdown: None };
    }
    let (why, fix) = (folded(&rule.why), folded(&rule.fix));
    let all = rule.controls.iter().flat_map(|(framework, uses)| uses.iter().map(move |one| (framework, one)));
    let (primary, related): (Vec<_>, Vec<_>) = all.partition(|(_, one)| one.relation == Relation::Primary);
    let controls = primary.into_iter().chain(related).filter_map(|(framework, one)| {
        let control = frameworks::find(framework, &one.id).ok()?;
        let name = format!("{} {}", control.id, control.name);
        let linked = if control.url.is_empty() { name } else { format!("[{name}]({})", control.url) };
        Some(format!("- {linked} ({}): {}\n", one.relation.word(), folded(&one.because)))
    });
    let controls: String = controls.collect();
    let markdown = format!(
        "## What breaks\n\n{why}\n\n## What to do\n\n{fix}\n\nEffort {}, {}.\n\n## What it bears on\n\n{controls}",
        rule.effort.word(),
        rule.fix_by.word()
    );
    Help { text: format!("{why}\n\n{fix}"), markdown: Some(markdown) }
}

fn relationships(rule: &Definition, taxonomies: &Taxonomies) -> Vec<super::model::Relationship> {
    let all = rule.controls.iter().flat_map(|(framework, uses)| uses.iter().map(move |one| (framework, one)));
    all.filter_map(|(framework, one)| {
        taxonomies.relationship(framework, &one.id, one.relation == Relation::Primary, &one.because)
    })
    .collect()
}

/// `security` makes code scanning treat alerts as such; the family and the primary controls help to filter them.
fn tags(rule: &Definition) -> Vec<String> {
    let controls = rule.controls.values().flatten().filter(|one| one.relation == Relation::Primary);
    let mut tags = vec!["security".to_owned(), rule.family.clone()];
    tags.extend(controls.map(|one| one.id.clone()));
    tags.retain(|tag| !tag.is_empty());
    tags.truncate(limits::TAGS);
    tags
}

/// How code scanning sorts alerts of a severity.
fn precision(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Proven => "very-high",
        Certainty::Likely => "high",
        Certainty::Possible => "low",
    }
}

/// A score of the range that code scanning shows as this severity (docs.github.com, "SARIF support for code scanning":
/// over 9.0 critical, 7.0 to 8.9 high, 4.0 to 6.9 medium, 0.1 to 3.9 low).
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
    }
}

/// The id without hyphens, as names of rules are written (SARIF 2.1.0, section 3.49.7).
fn pascal(id: &str) -> String {
    let word = |word: &str| {
        let mut chars = word.chars();
        chars.next().map(|first| first.to_ascii_uppercase().to_string() + chars.as_str()).unwrap_or_default()
    };
    id.split('-').map(word).collect()
}

fn described(text: &str) -> Message {
    Message::new(shorten(&folded(text), limits::DESCRIPTION))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_ids_without_hyphens() {
        assert_eq!(pascal("key-spans-environments"), "KeySpansEnvironments");
    }

    #[test]
    fn scores_lie_in_the_range_of_their_severity() {
        let score = |severity| security_severity(severity).parse::<f32>().unwrap();
        assert!(score(Severity::Critical) > 9.0);
        assert!((7.0..9.0).contains(&score(Severity::High)));
        assert!((4.0..7.0).contains(&score(Severity::Medium)));
        assert!((0.1..4.0).contains(&score(Severity::Low)));
    }
}
