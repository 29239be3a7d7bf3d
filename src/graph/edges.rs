//! Edges find their ends.

use std::collections::BTreeSet;

use super::intern::Interned;
use super::sameness::Same;
use super::{Act, Batch, CredentialId, Grant, Graph, IdentityId, Trust, Use, WorkloadId};
use crate::facts::{Condition, Edge, Fact, Key, Slot, Value};

/// Connects the nodes.
pub(super) fn connect(graph: &mut Graph, batches: &[Batch], interned: &Interned, same: &Same) {
    let mut linker = Linker { graph, interned, same, seen: BTreeSet::new() };
    for fact in batches.iter().flat_map(|batch| &batch.facts.facts) {
        linker.fact(fact);
    }
    sort_uses(graph);
}

struct Linker<'a> {
    graph: &'a mut Graph,
    interned: &'a Interned,
    same: &'a Same,
    seen: BTreeSet<(WorkloadId, CredentialId, String, u32, u32)>,
}

impl Linker<'_> {
    fn fact(&mut self, fact: &Fact) {
        match &fact.edge {
            Edge::Uses { workload, credential, sink, inline, environment } => {
                self.uses(fact, workload, credential, sink, *inline, environment.as_ref());
            }
            Edge::RunsAs { workload, identity } => self.runs_as(fact, workload, identity),
            Edge::AuthenticatesAs { credential, identity } => self.authenticates(fact, credential, identity),
            Edge::CanActAs { from, to, conditions } => self.can_act_as(fact, from, to, conditions),
            Edge::Grants { identity, resource, level } => {
                for id in self.identities(identity) {
                    let grant = Grant { resource: resource.value.label(), level: *level, place: fact.at };
                    self.graph.identities[id.0].grants.push(grant);
                }
            }
            Edge::BackedBy { .. } | Edge::Invokes { .. } | Edge::OwnedBy { .. } => {}
        }
    }

    fn identities(&self, slot: &Slot) -> Vec<IdentityId> {
        slot.keys().iter().filter_map(|key| self.interned.identities.get(key).copied()).collect()
    }

    fn uses(
        &mut self,
        fact: &Fact,
        workload: &Key,
        credential: &Slot,
        sink: &str,
        inline: bool,
        environment: Option<&Value>,
    ) {
        let Some(workload) = self.interned.workloads.get(workload).copied() else { return };
        for key in credential.keys() {
            for (credential, tier) in self.same.resolve(&key) {
                // `*` is all that this workload's own repository has; other callers hand on theirs.
                let own = self.graph.credentials[credential.0].key.realm == self.graph.workloads[workload.0].key.realm;
                if key.name == "*" && !own {
                    continue;
                }
                let once = (workload, credential, sink.to_owned(), fact.at.source.0, fact.at.span.lo);
                if !self.seen.insert(once) {
                    continue;
                }
                let number = self.graph.uses.len();
                self.graph.uses.push(Use {
                    workload,
                    credential,
                    sink: sink.to_owned(),
                    inline,
                    environment: environment.cloned(),
                    mode: fact.mode.clone(),
                    place: fact.at,
                    tier: tier.max(self.graph.credentials[credential.0].sameness),
                });
                self.graph.workloads[workload.0].uses.push(number);
                let node = &mut self.graph.credentials[credential.0];
                node.uses.push(number);
                node.sameness = node.sameness.max(tier);
            }
        }
    }

    fn runs_as(&mut self, fact: &Fact, workload: &Key, identity: &Slot) {
        let Some(workload) = self.interned.workloads.get(workload).copied() else { return };
        let identities = self.identities(identity);
        let maybe = identities.len() > 1;
        for identity in identities {
            let number = self.graph.acts.len();
            self.graph.acts.push(Act { workload, identity, mode: fact.mode.clone(), place: fact.at, maybe });
            self.graph.workloads[workload.0].acts.push(number);
            self.graph.identities[identity.0].acts.push(number);
        }
    }

    fn authenticates(&mut self, fact: &Fact, credential: &Key, identity: &Slot) {
        for (credential, _) in self.same.resolve(credential) {
            for identity in self.identities(identity) {
                let node = &mut self.graph.credentials[credential.0];
                if !node.identities.iter().any(|(known, _)| *known == identity) {
                    node.identities.push((identity, fact.at));
                }
                let holder = &mut self.graph.identities[identity.0].credentials;
                if !holder.contains(&credential) {
                    holder.push(credential);
                }
            }
        }
    }

    fn can_act_as(&mut self, fact: &Fact, from: &Slot, to: &Slot, conditions: &[Condition]) {
        let sources = self.identities(from);
        for to in self.identities(to) {
            let trust = Trust {
                realm: from.realm.clone(),
                name: from.value.label(),
                conditions: conditions.to_vec(),
                place: fact.at,
            };
            self.graph.identities[to.0].trusts.push(trust);
            for from in &sources {
                self.graph.identities[from.0].becomes.push((to, fact.at));
            }
        }
    }
}

/// Uses in the order of their places, so that the first is the first in the text.
fn sort_uses(graph: &mut Graph) {
    let uses = &graph.uses;
    for credential in &mut graph.credentials {
        credential.uses.sort_by_key(|number| uses[*number].place);
    }
}
