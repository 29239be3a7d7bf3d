//! Since when a reference has stood unchanged, and who last touched it, from the history of its lines.
//!
//! Only lines already in findings are looked up, and only as many as the budget allows, most urgent first: the outcome
//! depends on the repository, never on the clock. All files of a repository go back through its history together.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::locate::Texts;
use crate::facts::Rung;
use crate::graph::Graph;
use crate::rules::{Age, Finding, Owner};
use crate::walk::{Blamed, Walked};

/// Findings whose lines are looked up.
const MOST_FINDINGS: usize = 60;
/// Files looked up for one finding.
const MOST_FILES: usize = 2;

/// A line of a file of a repository.
type Line<'a> = (usize, &'a str, u32);

/// Fills in the age of findings that have none of their own, and the owner where nothing written names one.
pub(super) fn fill(findings: &mut [Finding], walked: &Walked, texts: &Texts<'_>, graph: &Graph) {
    let asked: Vec<Vec<Line<'_>>> = findings.iter().take(MOST_FINDINGS).map(|finding| lines(finding, texts)).collect();
    let blamed = blame(&asked, walked);
    for (finding, lines) in findings.iter_mut().zip(&asked) {
        let answers: Vec<&Blamed> = lines.iter().filter_map(|line| blamed.get(line)).collect();
        if finding.age.is_none() {
            // The oldest of the lines: a lower bound of how long the subject has been in use.
            let since = answers.iter().map(|blamed| blamed.time).min();
            finding.age = since.map(|since| Age { since, basis: "reference unchanged".to_owned() });
        }
        if finding.owner.is_none() {
            let last = answers.iter().max_by_key(|blamed| (blamed.time, &blamed.author_email));
            finding.owner = last.and_then(|blamed| owner(blamed, graph));
        }
    }
}

/// The lines of the finding's first references.
fn lines<'a>(finding: &Finding, texts: &'a Texts<'_>) -> Vec<Line<'a>> {
    if finding.age.is_some() && finding.owner.is_some() {
        return Vec::new();
    }
    let mut files = BTreeSet::new();
    let mut lines = Vec::new();
    for evidence in &finding.evidence {
        let (Some(spot), Some(source)) = (&evidence.spot, texts.source(evidence.place.source)) else { continue };
        let Some(repository) = source.repository else { continue };
        if files.len() < MOST_FILES || files.contains(&evidence.place.source) {
            files.insert(evidence.place.source);
            lines.push((repository, source.within.as_str(), spot.line));
        }
    }
    lines
}

/// Looks up all lines, each repository in one walk through its history.
fn blame<'a>(asked: &[Vec<Line<'a>>], walked: &Walked) -> BTreeMap<Line<'a>, Blamed> {
    let mut by_repository: BTreeMap<usize, BTreeMap<&'a str, BTreeSet<u32>>> = BTreeMap::new();
    for (repository, within, line) in asked.iter().flatten() {
        by_repository.entry(*repository).or_default().entry(within).or_default().insert(*line);
    }
    let of_one = |(number, files): (usize, BTreeMap<&'a str, BTreeSet<u32>>)| -> Vec<(Line<'a>, Blamed)> {
        let Some(repository) = walked.repositories.get(number) else { return Vec::new() };
        let files: Vec<(&str, Vec<u32>)> =
            files.into_iter().map(|(within, lines)| (within, lines.into_iter().collect())).collect();
        let borrowed: Vec<(&str, &[u32])> = files.iter().map(|(within, lines)| (*within, lines.as_slice())).collect();
        let answers = repository.blame_files(&borrowed).into_iter().zip(files);
        answers
            .flat_map(|(blamed, (within, _))| {
                blamed.into_iter().flatten().map(move |blamed| ((number, within, blamed.line), blamed))
            })
            .collect()
    };
    by_repository.into_par_iter().flat_map_iter(of_one).collect()
}

/// Whoever last changed the line: the weakest rung, but someone to ask.
fn owner(blamed: &Blamed, graph: &Graph) -> Option<Owner> {
    let email = blamed.author_email.as_ref()?;
    let party = graph.parties.iter().find(|party| party.emails.contains(email))?;
    Some(Owner { name: party.title.clone(), rung: Rung::GitHistory, status: party.status })
}
