//! Since when a reference has stood unchanged, from the history of its line.
//!
//! Only lines already in findings are looked up, and only as many as the budget allows, most urgent first: the outcome
//! depends on the repository, never on the clock.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::locate::Texts;
use crate::rules::{Age, Finding};
use crate::walk::Walked;

/// Findings whose lines are looked up.
const MOST_FINDINGS: usize = 24;
/// Files looked up for one finding.
const MOST_FILES: usize = 2;

/// Fills in the age of findings that have none of their own.
pub(super) fn fill(findings: &mut [Finding], walked: &Walked, texts: &Texts<'_>) {
    let undated = findings.iter_mut().filter(|finding| finding.age.is_none()).take(MOST_FINDINGS);
    let mut undated: Vec<&mut Finding> = undated.collect();
    undated.par_iter_mut().for_each(|finding| finding.age = age(finding, walked, texts));
}

/// The oldest date among the finding's first references: a lower bound of how long the credential has been in use.
fn age(finding: &Finding, walked: &Walked, texts: &Texts<'_>) -> Option<Age> {
    let mut lines: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for evidence in &finding.evidence {
        let Some(spot) = &evidence.spot else { continue };
        let source = evidence.place.source.0;
        if lines.len() < MOST_FILES || lines.contains_key(&source) {
            lines.entry(source).or_default().push(spot.line);
        }
    }
    let dates = lines.iter().flat_map(|(source, lines)| {
        let source = texts.source(crate::text::SourceId(*source))?;
        let repository = walked.repositories.get(source.repository?)?;
        Some(repository.blame(&source.within, lines)?.into_iter().map(|blamed| blamed.time).collect::<Vec<_>>())
    });
    let since = dates.flatten().min()?;
    Some(Age { since, basis: "reference unchanged".to_owned() })
}
