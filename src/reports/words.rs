//! Phrases that several reports share, so that all of them say a thing in the same words.

use jiff::Timestamp;

use crate::facts::{PartyStatus, Rung};
use crate::rules::{Age, Attribution, Finding, Owner};
use crate::text::printable;

/// Seconds of a day.
const DAY: i64 = 86_400;

/// A number with commas between its thousands.
pub(super) fn thousands(n: impl TryInto<u64>) -> String {
    crate::text::thousands(n.try_into().unwrap_or_default())
}

/// `1 workload`, `1,203 workloads`, `2 identities`.
pub(super) fn count(n: usize, one: &str) -> String {
    let number = thousands(n as u64);
    match one.strip_suffix('y') {
        _ if n == 1 => format!("{number} {one}"),
        Some(stem) if !one.ends_with("ay") && !one.ends_with("ey") => format!("{number} {stem}ies"),
        _ => format!("{number} {one}s"),
    }
}

/// `a, b and c`.
pub(super) fn enumerate<T: AsRef<str>>(words: &[T]) -> String {
    match words.split_last() {
        None => String::new(),
        Some((last, [])) => last.as_ref().to_owned(),
        Some((last, rest)) => {
            let rest: Vec<&str> = rest.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", rest.join(", "), last.as_ref())
        }
    }
}

/// The day of a point in time, UTC.
pub(super) fn day(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
}

/// Whole days from one point to another; none below zero.
pub(super) fn days(since: Timestamp, as_of: Timestamp) -> i64 {
    (as_of.as_second() - since.as_second()).div_euclid(DAY).max(0)
}

/// `reference unchanged since 2016-07-19 (3,709 days)`.
pub(super) fn age(age: &Age, as_of: Timestamp) -> String {
    let (on, passed) = (day(age.since), count(usize::try_from(days(age.since, as_of)).unwrap_or_default(), "day"));
    match age.basis.as_str() {
        "made" => format!("made on {on} ({passed} ago)"),
        basis => format!("{basis} since {on} ({passed})"),
    }
}

/// Where the evidence for an owner comes from, for people.
pub(super) fn rung(rung: Rung) -> &'static str {
    match rung {
        Rung::GitHistory => "git history",
        Rung::Creator => "who made it",
        Rung::IacModule => "its infrastructure module",
        Rung::CatalogInfo => "catalog-info",
        Rung::Codeowners => "CODEOWNERS",
        Rung::RegistryFile => "a registry of owners",
        Rung::Tag => "a tag",
    }
}

/// `owner: @acme/platform (CODEOWNERS)`, `owner: none found`, `owner: none found, last changed by Ann`.
pub(super) fn owner(owner: Option<&Owner>) -> String {
    match owner {
        None => "owner: none found".to_owned(),
        Some(owner) => {
            let gone = if owner.status == PartyStatus::Left { ", who has left" } else { "" };
            if owner.rung == Rung::GitHistory {
                // Nobody said that they answer for it; but there is someone to ask.
                return format!("owner: none found, last changed by {}{gone}", owner.name);
            }
            format!("owner: {} ({}){gone}", owner.name, rung(owner.rung))
        }
    }
}

/// What an attribution grade means.
pub(super) fn grade(grade: u8) -> &'static str {
    match grade {
        0 => "software under a person's identity",
        1 => "shared, and nothing in a log tells its users apart",
        2 => "shared, but a log can tell its users apart",
        3 => "an identity of its own, with a credential that lasts",
        _ => "an identity of its own, and its claims name the run",
    }
}

/// `a log cannot tell its 8 users apart (attribution 1 of 4, k = 8)`.
pub(super) fn attribution(attribution: Attribution) -> String {
    let Attribution { grade: number, k } = attribution;
    let said = match number {
        0 => format!("a log shows a person where software acts: {} look the same", count(k, "actor")),
        1 => format!("a log cannot tell its {} apart", count(k, "user")),
        _ => grade(number).to_owned(),
    };
    let k = if k > 1 { format!(", k = {k}") } else { String::new() };
    format!("{said} (attribution {number} of 4{k})")
}

/// How far a finding spreads: counts of more than one.
pub(super) fn spread(finding: &Finding) -> Vec<String> {
    let counts = finding.counts;
    let many =
        [(counts.workloads, "workload"), (counts.environments, "environment"), (counts.repositories, "repository")];
    many.into_iter().filter(|(n, _)| *n > 1).map(|(n, one)| count(n, one)).collect()
}

/// What is counted in a finding: `8 workloads · 1 repository · 3 environments`. What is nothing is left out.
pub(super) fn reach(finding: &Finding) -> Vec<String> {
    let counts = finding.counts;
    [(counts.workloads, "workload"), (counts.environments, "environment"), (counts.repositories, "repository")]
        .into_iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, one)| count(n, one))
        .collect()
}

/// `high because one thing, and another`: why it has its severity, as one sentence.
pub(super) fn because(finding: &Finding) -> Option<String> {
    let reasons = match finding.because.as_slice() {
        [] => return None,
        [one, other] if ![one, other].iter().any(|reason| reason.contains([',', ';']) || reason.contains(" and ")) => {
            format!("{one}, and {other}")
        }
        // Reasons of several parts, or several reasons, need a stronger sign between them.
        many => many.join("; "),
    };
    Some(printable(&format!("{} because {reasons}", finding.severity.word())))
}

/// The first sentence of a text, and the second where the first is too short to say what to do.
pub(super) fn opening(text: &str) -> &str {
    /// Characters of a sentence that stands by itself.
    const ENOUGH: usize = 40;
    let first = first_sentence(text);
    if first.chars().count() >= ENOUGH {
        return first;
    }
    let rest = text.get(first.len()..).unwrap_or_default();
    let second = first_sentence(rest);
    text.get(..first.len() + second.len()).unwrap_or(first)
}

fn first_sentence(text: &str) -> &str {
    let ends = text.match_indices(['.', '!', '?']).map(|(at, _)| at + 1);
    let is_end = |at: &usize| {
        let mut rest = text.get(*at..).unwrap_or_default().chars();
        let spaced = rest.next().is_none_or(char::is_whitespace);
        spaced && rest.find(|c| !c.is_whitespace()).is_none_or(|c| c.is_uppercase() || c == '`')
    };
    ends.into_iter().find(is_end).and_then(|at| text.get(..at)).unwrap_or(text)
}

/// A text on one line, safe for a terminal.
pub(super) fn folded(text: &str) -> String {
    printable(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A text of several paragraphs, each safe for a terminal.
pub(super) fn paragraphs(text: &str) -> String {
    text.lines().map(folded).collect::<Vec<_>>().join("\n")
}

/// A word of a command, in quotes where a shell would take it for more than one or for something else.
pub(super) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-:@=+,".contains(c);
    let word = printable(word);
    if !word.is_empty() && word.chars().all(plain) { word } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

/// The characters of a fingerprint that people type.
pub(super) fn short(fingerprint: &str) -> &str {
    fingerprint.get(..8).unwrap_or(fingerprint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_agree_with_their_nouns() {
        assert_eq!(count(1, "identity"), "1 identity");
        assert_eq!(count(1203, "repository"), "1,203 repositories");
        assert_eq!(count(0, "day"), "0 days");
        assert_eq!(count(2, "key"), "2 keys");
        assert_eq!(thousands(1_000_000_u64), "1,000,000");
    }

    #[test]
    fn a_sentence_ends_before_the_next_begins() {
        assert_eq!(first_sentence("Use v2.1 (e.g. here). Then go."), "Use v2.1 (e.g. here).");
        assert_eq!(first_sentence("Only one"), "Only one");
        assert_eq!(first_sentence("See `a.b`.\nThen `c`."), "See `a.b`.");
        assert_eq!(opening("Separate the two. Give each its own. Then go."), "Separate the two. Give each its own.");
        assert_eq!(opening("Separate the two."), "Separate the two.");
    }

    #[test]
    fn words_of_a_command_survive_a_shell() {
        assert_eq!(quoted("exports/aws.json"), "exports/aws.json");
        assert_eq!(quoted("my repo"), "'my repo'");
        assert_eq!(quoted("it's; $(x)"), r"'it'\''s; $(x)'");
    }

    #[test]
    fn an_age_says_what_it_is_the_age_of() {
        let as_of: Timestamp = "2026-10-01T00:00:00Z".parse().unwrap();
        let since = "2016-07-19T09:00:00Z".parse().unwrap();
        let said = |basis: &str| age(&Age { since, basis: basis.to_owned() }, as_of);
        assert_eq!(said("reference unchanged"), "reference unchanged since 2016-07-19 (3,725 days)");
        assert_eq!(said("made"), "made on 2016-07-19 (3,725 days ago)");
        let later = "2027-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(days(later, as_of), 0);
    }
}
