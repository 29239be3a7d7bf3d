//! Findings as results: the best place first, the others related to it.

use std::collections::BTreeMap;

use super::mask::emails;
use super::model::{Location, Message, Notification, Result, ResultProperties};
use super::{level, limits, uri};
use crate::facts::Kind;
use crate::reports::places::Places;
use crate::reports::words;
use crate::rules::{Evidence, Finding, Spot};
use crate::scan::Outcome;
use crate::text::printable;

/// The name of our fingerprint. Code scanning computes `primaryLocationLineHash` by itself, from the line.
const FINGERPRINT: &str = "whoacts/v1";

/// The results, and what cannot be one: code scanning refuses a file with a result that has no place in a file.
pub(super) fn results(
    outcome: &Outcome,
    paths: &uri::Paths,
    numbers: &BTreeMap<String, usize>,
) -> (Vec<Result>, Vec<Notification>) {
    let places = Places::new(&outcome.graph);
    let (mut results, mut lost) = (Vec::new(), Vec::new());
    for finding in &outcome.findings {
        let best = places.best(&finding.evidence, limits::RELATED + 1);
        match (numbers.get(&finding.rule), best.split_first()) {
            (Some(rule), Some((first, rest))) if results.len() < limits::RESULTS => {
                results.push(result(outcome, paths, finding, *rule, *first, rest));
            }
            _ => {
                let said = format!("{} ({}): {}", finding.rule, finding.severity.word(), finding.message);
                lost.push(Notification::new(level(finding.severity), emails(&said)));
            }
        }
    }
    (results, lost)
}

fn result(
    outcome: &Outcome,
    paths: &uri::Paths,
    finding: &Finding,
    rule: usize,
    (first, spot): (&Evidence, &Spot),
    rest: &[(&Evidence, &Spot)],
) -> Result {
    let located = |(id, (one, spot)): (usize, &(&Evidence, &Spot))| Location {
        id: Some(id),
        message: Some(Message::new(emails(&printable(&one.role)))),
        ..paths.spot(spot)
    };
    Result {
        rule_id: finding.rule.clone(),
        rule_index: rule,
        level: level(finding.severity),
        message: Message::new(message(outcome, finding, rest)),
        locations: vec![Location { message: Some(Message::new(emails(&printable(&first.role)))), ..paths.spot(spot) }],
        related_locations: (1..).zip(rest).map(located).collect(),
        partial_fingerprints: BTreeMap::from([(FINGERPRINT, finding.fingerprint.clone())]),
        properties: ResultProperties {
            severity: finding.severity.word(),
            confidence: finding.certainty.word(),
            places: finding.evidence.len(),
        },
    }
}

/// What is wrong, since when, who answers, whether a log could tell; then links to further places. Code scanning shows
/// the first sentence where there is little room.
fn message(outcome: &Outcome, finding: &Finding, rest: &[(&Evidence, &Spot)]) -> String {
    let mut sentences = vec![finding.message.clone()];
    sentences.extend(words::because(finding));
    sentences.extend(finding.age.as_ref().map(|age| words::age(age, outcome.as_of)));
    if finding.subject.kind != Kind::Party {
        sentences.push(words::owner(finding.owner.as_ref()));
    }
    sentences.extend(finding.attribution.map(words::attribution));
    let clean = |sentence: &String| literal(&emails(&printable(sentence)));
    let mut said: String = sentences.iter().map(|sentence| finished(&clean(sentence))).collect();
    // A name is no word that begins a sentence.
    if finding.message.starts_with(&finding.subject.name) && !finding.subject.name.contains(' ') {
        let own: String = clean(&finding.message).chars().take(1).collect();
        said.replace_range(..said.chars().next().map_or(0, char::len_utf8), &own);
    }
    if !rest.is_empty() {
        said.push_str(&further(finding, rest));
    }
    said.trim_end().to_owned()
}

/// `Also: [deploy.yml:12](1), [release.yml:8](2) and 6 more places.`
fn further(finding: &Finding, rest: &[(&Evidence, &Spot)]) -> String {
    let link = |(id, (_, spot)): (usize, &(&Evidence, &Spot))| {
        format!("[{}:{}]({id})", literal(&emails(&printable(&spot.path))), spot.line)
    };
    let mut links: Vec<String> = (1..).zip(rest).take(limits::LINKED).map(link).collect();
    let more = finding.evidence.len().saturating_sub(1 + links.len());
    if more > 0 {
        links.push(words::count(more, "more place"));
    }
    format!("Also: {}.", words::enumerate(&links))
}

/// A sentence with a capital at its start and a full stop at its end.
fn finished(sentence: &str) -> String {
    let trimmed = sentence.trim().trim_end_matches('.');
    let mut chars = trimmed.chars();
    match chars.next() {
        // Names keep their case: a sentence that begins with one is left as it is.
        Some(first)
            if trimmed
                .split(' ')
                .next()
                .is_some_and(|word| word.chars().all(|c| c.is_ascii_lowercase() || c == ':')) =>
        {
            format!("{}{}. ", first.to_uppercase(), chars.as_str())
        }
        _ => format!("{trimmed}. "),
    }
}

/// Text in which nothing is taken for a link (SARIF 2.1.0, section 3.11.6).
fn literal(text: &str) -> String {
    text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}
