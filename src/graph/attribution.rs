//! Could a log tell who acted? A grade from 0 to 4, and k: how many actors it cannot tell apart.

use std::collections::BTreeSet;

use super::{Grade, Graph, WorkloadId};
use crate::facts::{Class, Confidence, Lifetime};

/// Identities that exist once per run or stand for no acting software.
const NOT_ACTORS: [&str; 5] = ["github-job-token", "oidc-subject", "aws-service", "k8s-role", "git-author"];

/// Grades every identity that software acts as and every credential that software uses.
pub(super) fn grade(graph: &mut Graph) {
    for at in 0..graph.identities.len() {
        let node = &graph.identities[at];
        let direct = node.acts.iter().map(|act| graph.acts[*act].workload);
        let held = node.credentials.iter().flat_map(|credential| &graph.credentials[credential.0].uses);
        let users: BTreeSet<WorkloadId> = direct.chain(held.map(|number| graph.uses[*number].workload)).collect();
        let users = acting(graph, users);
        if users.is_empty() || NOT_ACTORS.contains(&node.sort) {
            continue;
        }
        let human = node.class == Class::Human && node.class_confidence >= Confidence::Medium;
        let federated = node.credentials.is_empty() && users.iter().all(|id| names_its_run(graph, *id));
        graph.identities[at].grade = Some(verdict(graph, &users, human, federated));
    }
    for at in 0..graph.credentials.len() {
        let node = &graph.credentials[at];
        if node.placeholder || node.lifetime == Some(Lifetime::Session) {
            continue;
        }
        let users = acting(graph, node.uses.iter().map(|number| graph.uses[*number].workload).collect());
        if users.is_empty() {
            continue;
        }
        let human = node.person.as_ref().is_some_and(|person| person.signs.len() > 1) || node.binding == Class::Human;
        graph.credentials[at].grade = Some(verdict(graph, &users, human, false));
    }
}

/// The users that act. An action is a step of those that call it. A job of a called workflow counts beside its callers as
/// soon as there are two of these, so that the number is that of the job definitions in sight; with one caller, the two
/// are one. What is called by nobody in sight counts itself.
pub(super) fn acting(graph: &Graph, mut users: BTreeSet<WorkloadId>) -> BTreeSet<WorkloadId> {
    let callers = users.iter().filter(|id| !graph.workloads[id.0].template).count();
    if callers > 0 {
        users.retain(|id| {
            let workload = &graph.workloads[id.0];
            !workload.template || (callers > 1 && !workload.triggers.is_empty())
        });
    }
    users
}

/// The platform's own token names the run, so a log of the far end can.
fn names_its_run(graph: &Graph, id: WorkloadId) -> bool {
    let workload = &graph.workloads[id.0];
    workload.can_federate.is_some() || workload.discriminator.is_some()
}

fn verdict(graph: &Graph, users: &BTreeSet<WorkloadId>, human: bool, federated: bool) -> Grade {
    let shared = users.len() > 1;
    let told_apart = users.iter().all(|id| graph.workloads[id.0].discriminator.is_some());
    match (human, shared) {
        (true, _) => Grade { grade: 0, k: users.len() + 1 },
        (false, true) if federated || told_apart => Grade { grade: 2, k: 1 },
        (false, true) => Grade { grade: 1, k: users.len() },
        (false, false) if federated => Grade { grade: 4, k: 1 },
        (false, false) => Grade { grade: 3, k: 1 },
    }
}
