//! How much each identity, credential and workload may do.

use std::collections::BTreeSet;

use super::{Batch, Graph, IdentityId};
use crate::facts::Level;

/// Spreads levels along grants, along what identities can become, and to credentials and workloads.
pub(super) fn spread(graph: &mut Graph, batches: &[Batch]) {
    for at in 0..graph.identities.len() {
        graph.identities[at].privilege = privilege(graph, IdentityId(at));
    }
    for at in 0..graph.credentials.len() {
        let own = graph.credentials[at].level;
        let identities = graph.credentials[at].identities.iter();
        let proven =
            identities.map(|(identity, _)| graph.identities[identity.0].privilege).max().unwrap_or(Level::None);
        graph.credentials[at].level = own.max(proven);
    }
    for at in 0..graph.workloads.len() {
        let workload = &graph.workloads[at];
        let by_identity = workload.acts.iter().map(|act| graph.identities[graph.acts[*act].identity.0].privilege);
        let by_credential =
            workload.uses.iter().map(|number| graph.credentials[graph.uses[*number].credential.0].level);
        graph.workloads[at].privilege = by_identity.chain(by_credential).max().unwrap_or(Level::None);
    }
    graph.given.iam_export = batches.iter().any(|batch| batch.facts.export);
}

/// The highest level among the identity's own grants and those of everything it can become.
fn privilege(graph: &Graph, start: IdentityId) -> Level {
    let mut seen = BTreeSet::from([start]);
    let mut todo = vec![start];
    let mut level = Level::None;
    while let Some(id) = todo.pop() {
        let node = &graph.identities[id.0];
        level = node.grants.iter().map(|grant| grant.level).max().unwrap_or(Level::None).max(level);
        todo.extend(node.becomes.iter().map(|(next, _)| *next).filter(|next| seen.insert(*next)));
    }
    level
}
