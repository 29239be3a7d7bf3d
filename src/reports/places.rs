//! Which of a finding's places to show first.

use std::collections::{BTreeSet, HashMap};

use crate::catalog::Stage;
use crate::facts::Who;
use crate::graph::{Graph, WorkloadId};
use crate::rules::{Evidence, Spot};
use crate::text::Place;

/// What makes one place matter more than another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sign {
    /// Something that outsiders can start stands here.
    Outsiders,
    /// Something of production stands here.
    Production,
}

/// The places of a graph that matter more than others.
pub(super) struct Places {
    signs: HashMap<Place, Sign>,
}

impl Places {
    /// Looks up which uses belong to production, and which outsiders can start.
    pub(super) fn new(graph: &Graph) -> Self {
        let uses = graph.uses.iter().map(|one| (one.place, one.workload));
        let acts = graph.acts.iter().map(|one| (one.place, one.workload));
        let signs = uses.chain(acts).filter_map(|(place, workload)| Some((place, sign(graph, workload)?))).collect();
        Self { signs }
    }

    /// The best `most` places, best first: one of each kind that matters, then one of each file, then the rest in order.
    pub(super) fn best<'f>(&self, evidence: &'f [Evidence], most: usize) -> Vec<(&'f Evidence, &'f Spot)> {
        let mut left: Vec<_> = evidence.iter().filter_map(|one| Some((one, one.spot.as_ref()?))).collect();
        let (mut signs, mut files): (BTreeSet<Sign>, BTreeSet<&str>) = Default::default();
        let mut best = Vec::new();
        while best.len() < most && !left.is_empty() {
            let rank = |(one, spot): &(&Evidence, &Spot)| {
                let sign = self.signs.get(&one.place);
                (sign.is_none_or(|sign| signs.contains(sign)), files.contains(spot.path.as_str()))
            };
            let next = left.iter().enumerate().min_by_key(|(_, place)| rank(place)).map_or(0, |(at, _)| at);
            let (one, spot) = left.remove(next);
            signs.extend(self.signs.get(&one.place));
            files.insert(&spot.path);
            best.push((one, spot));
        }
        best
    }
}

fn sign(graph: &Graph, workload: WorkloadId) -> Option<Sign> {
    let workload = graph.workloads.get(workload.0)?;
    if workload.triggers.iter().any(|trigger| trigger.who == Who::Outsider) {
        Some(Sign::Outsiders)
    } else if workload.environments.iter().any(|environment| environment.stage == Some(Stage::Production)) {
        Some(Sign::Production)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{SourceId, Span};

    fn at(path: &str, line: u32) -> Evidence {
        let place = Place { source: SourceId(0), span: Span { lo: line, hi: line + 1 } };
        let spot = Spot {
            path: path.to_owned(),
            line,
            column: 1,
            end_line: line,
            end_column: 2,
            extract: String::new(),
            mark: 0..0,
        };
        Evidence { place, role: String::new(), sameness: None, spot: Some(spot) }
    }

    fn lines(places: &Places, evidence: &[Evidence], most: usize) -> Vec<u32> {
        places.best(evidence, most).iter().map(|(_, spot)| spot.line).collect()
    }

    #[test]
    fn files_take_turns_before_one_is_shown_twice() {
        let evidence = [at("a", 1), at("a", 2), at("b", 3), at("c", 4)];
        let places = Places { signs: HashMap::new() };
        assert_eq!(lines(&places, &evidence, 3), [1, 3, 4]);
        assert_eq!(lines(&places, &evidence, 9), [1, 3, 4, 2]);
    }

    #[test]
    fn one_place_of_each_kind_that_matters_comes_first() {
        let evidence = [at("a", 1), at("a", 2), at("a", 3), at("b", 4)];
        let signs = HashMap::from([
            (evidence[1].place, Sign::Production),
            (evidence[2].place, Sign::Outsiders),
            (evidence[3].place, Sign::Production),
        ]);
        assert_eq!(lines(&Places { signs }, &evidence, 3), [2, 3, 4]);
    }

    #[test]
    fn evidence_without_a_place_is_no_place() {
        let mut lost = at("a", 1);
        lost.spot = None;
        assert!(Places { signs: HashMap::new() }.best(&[lost], 3).is_empty());
    }
}
