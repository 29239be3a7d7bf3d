//! One pass over a text: literal stems first, and a shape only where one of them stands.
//!
//! The stems are few and at least four bytes long, because that is what the SIMD search takes: with more than 64 of them,
//! shorter ones or any case it falls back to one that is three to ten times slower.

use std::collections::BTreeMap;
use std::sync::{LazyLock, OnceLock};

use aho_corasick::{AhoCorasick, MatchKind};
use regex::Regex;

use super::Hit;
use super::window::{self, Window};
use crate::catalog::{TokenClass, token_classes};
use crate::text::Span;

/// Ends of the names of variables that are looked for; every `assigned_to` of the catalogue ends in one of them.
const VARIABLES: [&str; 6] = ["_KEY", "_TOKEN", "_SECRET", "cret_access_key", "lient_secret", "lientSecret"];

static GATE: LazyLock<Option<Gate>> = LazyLock::new(|| Gate::new(token_classes()));

/// The gate over all classes; none when the embedded catalogue does not load, which is an error at start.
pub(super) fn gate() -> Option<&'static Gate> {
    GATE.as_ref()
}

pub(super) struct Gate {
    stems: AhoCorasick,
    /// What each stem may be the sign of.
    signs: Vec<Vec<Sign>>,
    shapes: Vec<Shape>,
}

/// One way in which a class shows.
#[derive(Clone, Copy)]
enum Sign {
    /// The stem is a part of the value. Holds the number of the shape.
    Value(usize),
    /// The stem is the end of the name of a variable that may hold the value.
    Variable(usize),
}

impl Gate {
    fn new(classes: &'static [TokenClass]) -> Option<Self> {
        let mut signs: BTreeMap<&str, Vec<Sign>> = BTreeMap::new();
        let shapes: Vec<Shape> = classes.iter().filter_map(Shape::new).collect();
        for (at, shape) in shapes.iter().enumerate() {
            for stem in &shape.class.stems {
                signs.entry(stem).or_default().push(Sign::Value(at));
            }
            for variable in VARIABLES {
                if shape.class.assigned_to.iter().any(|name| name.ends_with(variable)) {
                    signs.entry(variable).or_default().push(Sign::Variable(at));
                }
            }
        }
        let stems = AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(signs.keys()).ok()?;
        Some(Self { stems, signs: signs.into_values().collect(), shapes })
    }

    /// Every value in the text, in order and without overlap.
    pub(super) fn scan(&self, text: &str) -> Vec<Hit> {
        let mut hits = Vec::new();
        for found in self.stems.find_iter(text) {
            let signs = self.signs.get(found.pattern().as_usize()).map_or(&[][..], Vec::as_slice);
            hits.extend(self.judge(signs, text, found.start(), found.end()));
        }
        settle(hits)
    }

    fn judge(&self, signs: &[Sign], text: &str, start: usize, end: usize) -> Option<Hit> {
        let mut value = None;
        signs.iter().find_map(|sign| match sign {
            Sign::Value(at) => self.shapes.get(*at)?.at_stem(text, start),
            Sign::Variable(at) => {
                // Where the value begins is the same for all classes; most names are followed by none.
                let value = (*value.get_or_insert_with(|| window::assigned(text, end)))?;
                self.shapes.get(*at)?.in_variable(text, end, value)
            }
        })
    }
}

/// Where two matches overlap, the one that says more stays: a known shape over a chosen password, then the longer one.
fn settle(mut hits: Vec<Hit>) -> Vec<Hit> {
    let weight = |hit: &Hit| (!hit.class.weak, hit.span.len());
    hits.sort_by_key(|hit| (hit.span.lo, hit.span.hi));
    let mut settled: Vec<Hit> = Vec::with_capacity(hits.len());
    for hit in hits {
        match settled.last_mut().filter(|last| last.span.overlaps(hit.span)) {
            Some(last) if weight(last) < weight(&hit) => *last = hit,
            Some(_) => {}
            None => settled.push(hit),
        }
    }
    settled
}

/// The shape of a class, compiled when it is first needed.
struct Shape {
    class: &'static TokenClass,
    source: &'static str,
    regex: OnceLock<Option<Regex>>,
}

impl Shape {
    fn new(class: &'static TokenClass) -> Option<Self> {
        Some(Self { class, source: class.shape.as_deref()?, regex: OnceLock::new() })
    }

    fn regex(&self) -> Option<&Regex> {
        self.regex.get_or_init(|| Regex::new(&format!(r"\A(?:{})", self.source)).ok()).as_ref()
    }

    /// The value around a stem of the class.
    fn at_stem(&self, text: &str, stem: usize) -> Option<Hit> {
        let start =
            if self.class.inside { window::word_start(text, stem) } else { stem.checked_sub(self.class.before)? };
        if !window::starts_clean(text, start, &self.class.joins) {
            return None;
        }
        self.matched(text, start)
    }

    /// The value that is assigned to a variable whose name ends at `name`.
    fn in_variable(&self, text: &str, name: usize, value: usize) -> Option<Hit> {
        let name = window::name_before(text, name);
        let named = self.class.assigned_to.iter().any(|end| name.ends_with(end.as_str()));
        let begins = text.get(value..)?.starts_with(self.class.prefix.as_str());
        (named && begins).then(|| self.matched(text, value)).flatten()
    }

    fn matched(&self, text: &str, start: usize) -> Option<Hit> {
        let window = Window::new(text, start, self.class.longest)?;
        let regex = self.regex()?;
        let whole = regex.find(window.text)?;
        let value = match regex.captures_len() {
            1 => whole,
            _ => regex.captures(window.text)?.name("value").unwrap_or(whole),
        };
        let known = !window.cuts(whole.end())
            && window::ends_clean(text, start + whole.end(), &self.class.joins)
            && window::is_near(text, start, &self.class.near);
        known.then(|| Hit { class: self.class, span: Span::new(start + value.start(), start + value.end()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stems_stay_within_what_simd_takes() {
        let gate = gate().unwrap();
        assert!(gate.stems.patterns_len() <= 64, "{} stems", gate.stems.patterns_len());
        assert!(gate.stems.min_pattern_len() >= 4);
    }

    #[test]
    fn no_stem_hides_another() {
        let stems: Vec<&str> =
            token_classes().iter().flat_map(|class| &class.stems).map(String::as_str).chain(VARIABLES).collect();
        for one in &stems {
            for other in &stems {
                assert!(one == other || !one.contains(other), "{one} contains {other}");
            }
        }
    }

    #[test]
    fn every_shape_compiles_and_every_variable_is_looked_for() {
        for shape in &gate().unwrap().shapes {
            assert!(shape.regex().is_some(), "{}", shape.class.id);
            for name in &shape.class.assigned_to {
                assert!(VARIABLES.iter().any(|end| name.ends_with(end)), "{name} of {}", shape.class.id);
            }
        }
    }
}
