//! A workload that another one starts is started by whatever starts that one: a service by the clock of its timer, a
//! reusable workflow by the events of those that call it.

use std::collections::{BTreeMap, BTreeSet};

use super::intern::{Interned, autonomy, merge};
use super::{Batch, Graph, WorkloadId};
use crate::facts::{Edge, Key, TriggerKind, Who};

/// Hands triggers and schedules on along every chain of invocations.
pub(super) fn inherit(graph: &mut Graph, batches: &[Batch], interned: &Interned) {
    let callers = callers(batches, interned);
    let started: Vec<_> = callers.keys().map(|id| (*id, starters(*id, &callers))).collect();
    // What is handed on is what each one had by itself, so the order of the chains makes no difference.
    let own: Vec<_> = started
        .into_iter()
        .map(|(id, starters)| {
            let triggers: Vec<_> = starters.iter().flat_map(|by| graph.workloads[by.0].triggers.clone()).collect();
            let schedules: Vec<_> = starters.iter().flat_map(|by| graph.workloads[by.0].schedules.clone()).collect();
            (id, triggers, schedules)
        })
        .collect();
    for (id, triggers, schedules) in own {
        let node = &mut graph.workloads[id.0];
        merge(&mut node.triggers, &triggers);
        merge(&mut node.schedules, &schedules);
        node.autonomy = autonomy(&node.triggers, &node.schedules);
    }
}

/// Decides who can start what begins at the end of a larger unit: outsiders only if they can start one of these, be it by
/// a pull request that gets no secrets itself. A unit that is not in sight leaves it as the file has it.
pub(super) fn settle_chains(graph: &mut Graph, batches: &[Batch], interned: &Interned) {
    let mut units: BTreeMap<&Key, Vec<WorkloadId>> = BTreeMap::new();
    for (at, workload) in graph.workloads.iter().enumerate() {
        if let Some(unit) = &workload.part_of {
            units.entry(unit).or_default().push(WorkloadId(at));
        }
    }
    let is_open = |id: &WorkloadId| {
        let triggers = &graph.workloads[id.0].triggers;
        triggers.iter().any(|trigger| trigger.who == Who::Outsider || trigger.kind == TriggerKind::PullRequest)
    };
    let mut closed: BTreeMap<WorkloadId, bool> = BTreeMap::new();
    for fact in batches.iter().flat_map(|batch| &batch.facts.facts) {
        let Edge::Invokes { from, to } = &fact.edge else { continue };
        if interned.workloads.contains_key(from) {
            continue;
        }
        let shut = units.get(from).is_some_and(|jobs| !jobs.iter().any(is_open));
        for to in to.keys().iter().filter_map(|key| interned.workloads.get(key)) {
            *closed.entry(*to).or_insert(true) &= shut;
        }
    }
    for id in closed.into_iter().filter_map(|(id, shut)| shut.then_some(id)) {
        let node = &mut graph.workloads[id.0];
        let chained = node.triggers.iter_mut().filter(|trigger| trigger.kind == TriggerKind::Chained);
        chained.for_each(|trigger| trigger.who = Who::Insider);
        node.autonomy = autonomy(&node.triggers, &node.schedules);
    }
}

/// Who starts each workload, as the files say.
fn callers(batches: &[Batch], interned: &Interned) -> BTreeMap<WorkloadId, BTreeSet<WorkloadId>> {
    let mut callers: BTreeMap<WorkloadId, BTreeSet<WorkloadId>> = BTreeMap::new();
    for fact in batches.iter().flat_map(|batch| &batch.facts.facts) {
        let Edge::Invokes { from, to } = &fact.edge else { continue };
        let Some(from) = interned.workloads.get(from) else { continue };
        for to in to.keys().iter().filter_map(|key| interned.workloads.get(key)) {
            callers.entry(*to).or_default().insert(*from);
        }
    }
    callers
}

/// Everything that starts a workload, directly or through others.
fn starters(id: WorkloadId, callers: &BTreeMap<WorkloadId, BTreeSet<WorkloadId>>) -> BTreeSet<WorkloadId> {
    let mut found = BTreeSet::new();
    let mut todo = vec![id];
    while let Some(next) = todo.pop() {
        for by in callers.get(&next).into_iter().flatten() {
            if *by != id && found.insert(*by) {
                todo.push(*by);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::{Autonomy, Zone, link};
    use super::*;
    use crate::facts::{Facts, Key, Kind, Schedule, ScheduleClass, Slot, Trigger, TriggerKind, Value, Who, Workload};
    use crate::text::Place;

    fn key(name: &str) -> Key {
        Key::new(Kind::Workload, "systemd:r", name)
    }

    fn batch(name: &str, timed: bool, invokes: &[&str]) -> Batch {
        let mut facts = Facts::default();
        let mut workload = Workload::new(key(name), name, Place::default());
        if timed {
            let at = Place::default();
            workload.schedules.push(Schedule { text: "daily".to_owned(), class: ScheduleClass::Calendar, at });
            let word = "timer".to_owned();
            workload.triggers.push(Trigger { kind: TriggerKind::Schedule, who: Who::Platform, word, at });
        }
        facts.workloads.push(workload);
        for to in invokes {
            let to = Slot::new(Kind::Workload, "systemd:r", Value::literal(*to));
            facts.state(Place::default(), Edge::Invokes { from: key(name), to });
        }
        Batch { zone: Zone::default(), facts }
    }

    #[test]
    fn schedules_reach_what_is_started_through_others_whatever_the_order_of_files() {
        let mut batches = vec![
            batch("c", false, &["b", "missing"]),
            batch("b", false, &["c"]),
            batch("a.timer", true, &["b"]),
            batch("alone", false, &[]),
        ];
        for _ in 0..2 {
            let graph = link(&batches, &[]);
            let of = |name: &str| graph.workloads.iter().find(|node| node.title == name).unwrap();
            for name in ["b", "c"] {
                assert_eq!((of(name).schedules.len(), of(name).autonomy), (1, Autonomy::Unattended), "{name}");
            }
            assert_eq!((of("a.timer").schedules.len(), of("alone").schedules.len()), (1, 0));
            batches.reverse();
        }
    }
}
