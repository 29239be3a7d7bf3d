//! Places for people: path, line, column and the redacted line.
//!
//! Texts are not kept while scanning; the few that findings point into are read again here.

use std::collections::HashMap;

use rayon::prelude::*;

use super::read::Readings;
use crate::credentials;
use crate::rules::{Finding, Spot};
use crate::text::{LineIndex, Place, SourceId, Span, printable};
use crate::walk::{self, Limits, Walked};

/// Characters of a line that are shown around the marked part.
const WIDEST_EXTRACT: usize = 160;

/// Reads texts again, and knows where secrets stand in them.
pub(super) struct Texts<'a> {
    walked: &'a Walked,
    limits: &'a Limits,
    secrets: HashMap<SourceId, Vec<Span>>,
}

impl<'a> Texts<'a> {
    pub(super) fn new(walked: &'a Walked, limits: &'a Limits, readings: &Readings) -> Self {
        let secrets = readings
            .batches
            .iter()
            .filter(|batch| !batch.facts.secrets.is_empty())
            .map(|batch| (batch.zone.source, batch.facts.secrets.clone()))
            .collect();
        Self { walked, limits, secrets }
    }

    /// The decoded text of a source, if it can still be read.
    pub(super) fn load(&self, source: SourceId) -> Option<String> {
        let source = self.walked.sources.get(source.0 as usize)?;
        walk::load(source, self.limits).ok().map(|loaded| loaded.text)
    }

    pub(super) fn source(&self, source: SourceId) -> Option<&walk::Source> {
        self.walked.sources.get(source.0 as usize)
    }

    fn secrets(&self, source: SourceId) -> &[Span] {
        self.secrets.get(&source).map_or(&[], Vec::as_slice)
    }
}

/// Gives every piece of evidence its spot.
pub(super) fn fill(findings: &mut [Finding], texts: &Texts<'_>) {
    let mut places: Vec<Place> = findings.iter().flat_map(|finding| &finding.evidence).map(|one| one.place).collect();
    places.sort_unstable();
    places.dedup();
    let by_source: Vec<&[Place]> = places.chunk_by(|one, other| one.source == other.source).collect();
    let spots: HashMap<Place, Spot> = by_source.par_iter().flat_map_iter(|places| spots(places, texts)).collect();
    for evidence in findings.iter_mut().flat_map(|finding| &mut finding.evidence) {
        evidence.spot = spots.get(&evidence.place).cloned();
    }
}

fn spots(places: &[Place], texts: &Texts<'_>) -> Vec<(Place, Spot)> {
    let Some(source) = places.first().map(|place| place.source) else { return Vec::new() };
    let (Some(text), Some(path)) = (texts.load(source), texts.source(source).map(|source| source.path.clone())) else {
        return Vec::new();
    };
    let lines = LineIndex::new(&text);
    let secrets = texts.secrets(source);
    places.iter().map(|place| (*place, spot(&path, &text, &lines, place.span, secrets))).collect()
}

fn spot(path: &str, text: &str, lines: &LineIndex, span: Span, secrets: &[Span]) -> Spot {
    let start = lines.position(text, span.lo);
    let end = lines.position(text, span.hi.max(span.lo));
    let line = lines.line_span(text, span.lo);
    let shown = Span { lo: span.lo.max(line.lo), hi: span.hi.min(line.hi).max(span.lo.max(line.lo)) };
    let (extract, mark) = extract(text, line, shown, secrets);
    Spot {
        path: printable(path),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        extract,
        mark,
    }
}

/// The line with secrets masked, and the characters of it that the span covers. Masking happens in three parts, so that
/// the mark keeps its place: before, within and behind the span.
fn extract(text: &str, line: Span, shown: Span, secrets: &[Span]) -> (String, std::ops::Range<usize>) {
    let part = |lo: u32, hi: u32| printable(&masked(text, Span { lo, hi }, secrets));
    let before = part(line.lo, shown.lo);
    let mut within = part(shown.lo, shown.hi);
    let mut behind = part(shown.hi, line.hi);
    // One secret on both sides of a border is masked once.
    let is_masked_at = |at: u32| secrets.iter().any(|secret| secret.lo < at && at < secret.hi);
    if is_masked_at(shown.hi) && within.ends_with('…') && behind.starts_with('…') {
        behind.remove(0);
    }
    if is_masked_at(shown.lo) && before.ends_with('…') && within.starts_with('…') {
        within.remove(0);
    }
    // Shapes that span the borders of the parts are masked once more over the whole.
    let whole = credentials::redact(&format!("{before}{within}{behind}"));
    let mark = match whole.find(within.as_str()).filter(|_| !within.is_empty()) {
        Some(_) if whole.len() == before.len() + within.len() + behind.len() => {
            let from = before.chars().count();
            from..from + within.chars().count()
        }
        Some(at) => {
            let from = whole[..at].chars().count();
            from..from + within.chars().count()
        }
        None => 0..0,
    };
    window(&whole, mark)
}

/// The part of a line around the mark, without outer white space.
fn window(line: &str, mark: std::ops::Range<usize>) -> (String, std::ops::Range<usize>) {
    let chars: Vec<char> = line.chars().collect();
    let indent = chars.iter().take_while(|c| c.is_whitespace()).count();
    let mut from = indent.min(mark.start);
    if mark.end.saturating_sub(from) > WIDEST_EXTRACT {
        from = mark.start.saturating_sub(WIDEST_EXTRACT / 4).max(from);
    }
    let to = chars.len().min(from + WIDEST_EXTRACT);
    let shown: String = chars.get(from..to).unwrap_or(&[]).iter().collect();
    let clip = |at: usize| at.clamp(from, to) - from;
    let mark = clip(mark.start)..clip(mark.end);
    (shown.trim_end().to_owned(), mark)
}

/// The text under a span with every secret in it overwritten.
fn masked(text: &str, span: Span, secrets: &[Span]) -> String {
    let mut shown = String::new();
    let mut at = span.lo;
    let mut inside: Vec<&Span> = secrets.iter().filter(|secret| secret.overlaps(span)).collect();
    inside.sort();
    for secret in inside {
        if secret.lo > at {
            shown.push_str(Span { lo: at, hi: secret.lo }.slice(text));
        }
        if secret.hi > at {
            shown.push('…');
            at = secret.hi;
        }
    }
    shown.push_str(Span { lo: at.min(span.hi), hi: span.hi }.slice(text));
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_points_at_the_value_after_masking() {
        let text = "  password: hunter22 # for alice";
        let line = Span::new(0, text.len());
        let alice = Span::new(27, 32);
        let secret = Span::new(12, 20);
        let (shown, mark) = extract(text, line, alice, &[secret]);
        assert!(!shown.contains("hunter22"), "{shown}");
        let marked: String = shown.chars().skip(mark.start).take(mark.len()).collect();
        assert_eq!(marked, "alice");
    }

    #[test]
    fn a_place_that_is_the_secret_itself_shows_nothing_of_it() {
        let text = "token: abcdefgh";
        let secret = Span::new(7, 15);
        let (shown, _) = extract(text, Span::new(0, text.len()), secret, &[secret]);
        assert_eq!(shown, "token: …");
        let (shown, _) = extract(text, Span::new(0, text.len()), Span::new(9, 12), &[secret]);
        assert_eq!(shown, "token: …");
    }

    #[test]
    fn long_lines_are_shown_around_the_mark() {
        let line = format!("{}x: y{}", "a".repeat(1000), "b".repeat(1000));
        let (shown, mark) = window(&line, 1003..1004);
        assert!(shown.chars().count() <= WIDEST_EXTRACT);
        assert_eq!(shown.chars().skip(mark.start).take(1).collect::<String>(), "y");
    }
}
