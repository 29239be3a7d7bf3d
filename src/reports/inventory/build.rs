//! The inventory from the graph.

use super::{
    Acts, Attribution, Condition, Credential, Grant, Home, Identifier, Identity, Inventory, Link, Owned, Owner, Party,
    Person, Store, Trust, Uses, Workload,
};
use crate::facts::{Mode, When};
use crate::graph::{self, CredentialId, Graph, IdentityId, Node, OwnerLink, PartyId, View, WorkloadId, Zone};
use crate::scan::Outcome;

impl Inventory {
    /// Everything, in the order of the graph.
    pub(in crate::reports) fn new(outcome: &Outcome) -> Self {
        let graph = &outcome.graph;
        let build = Builder { view: View { graph, as_of: outcome.as_of }, graph };
        Self {
            workloads: graph.workloads.iter().map(|node| build.workload(node)).collect(),
            identities: (0..).zip(&graph.identities).map(|(at, node)| build.identity(IdentityId(at), node)).collect(),
            credentials: (0..)
                .zip(&graph.credentials)
                .map(|(at, node)| build.credential(CredentialId(at), node))
                .collect(),
            parties: graph.parties.iter().map(party).collect(),
        }
    }
}

/// A graph to be written down.
struct Builder<'g> {
    view: View<'g>,
    graph: &'g Graph,
}

impl Builder<'_> {
    fn workload(&self, node: &graph::WorkloadNode) -> Workload {
        let mut triggers: Vec<&str> = node.triggers.iter().map(|trigger| trigger.kind.word()).collect();
        triggers.sort_unstable();
        triggers.dedup();
        let acts = node.acts.iter().filter_map(|act| self.graph.acts.get(*act));
        let uses = node.uses.iter().filter_map(|one| self.graph.uses.get(*one));
        Workload {
            link: Link { key: node.key.to_string(), name: node.title.clone() },
            system: node.system.clone(),
            home: home(&node.zone),
            autonomy: node.autonomy.word(),
            triggers,
            schedules: node.schedules.iter().map(|schedule| schedule.text.clone()).collect(),
            environments: node.environments.iter().map(|environment| environment.name.clone()).collect(),
            runs_on: node.placement.as_ref().map(|placement| placement.kind.word()),
            enabled: node.enabled,
            template: node.template,
            can_federate: node.can_federate.is_some(),
            privilege: node.privilege.word(),
            acts_as: acts
                .map(|act| Acts {
                    identity: self.link(Node::Identity(act.identity)),
                    mode: mode(&act.mode),
                    maybe: act.maybe,
                })
                .collect(),
            uses: uses
                .map(|one| Uses {
                    credential: self.link(Node::Credential(one.credential)),
                    sink: one.sink.clone(),
                    inline: one.inline,
                    sameness: one.tier.word(),
                })
                .collect(),
            owners: self.owners(&node.owners),
        }
    }

    fn identity(&self, id: IdentityId, node: &graph::IdentityNode) -> Identity {
        let grant = |grant: &graph::Grant| Grant { resource: grant.resource.clone(), level: grant.level.word() };
        Identity {
            link: self.link(Node::Identity(id)),
            class: node.class.word(),
            class_confidence: node.class_confidence.word(),
            sort: node.sort,
            home: home(&node.zone),
            defined: node.defined,
            interactive: node.interactive,
            enabled: node.enabled,
            created: when(node.created),
            last_used: when(node.last_used),
            privilege: node.privilege.word(),
            grants: node.grants.iter().map(grant).collect(),
            trusts: node.trusts.iter().map(trust).collect(),
            workloads: self.links(self.view.workloads(Node::Identity(id)).into_iter().map(Node::Workload)),
            credentials: self.links(node.credentials.iter().copied().map(Node::Credential)),
            becomes: self.links(node.becomes.iter().map(|(other, _)| Node::Identity(*other))),
            person: node.person.map(|person| self.link(Node::Party(person))),
            owners: self.owners(&node.owners),
            attribution: node.grade.map(attribution),
        }
    }

    fn credential(&self, id: CredentialId, node: &graph::CredentialNode) -> Credential {
        let workloads = self.view.workloads(Node::Credential(id)).into_iter().map(|id: WorkloadId| Node::Workload(id));
        let identifiers = node.identifiers.iter();
        Credential {
            link: self.link(Node::Credential(id)),
            class: node.class.clone(),
            provider: node.provider.clone(),
            lifetime: node.lifetime.map(|lifetime| lifetime.word()),
            binding: node.binding.word(),
            home: home(&node.zone),
            defined: node.defined,
            stores: node.stores.iter().map(store).collect(),
            identifiers: identifiers.map(|(kind, value)| Identifier { kind, value: value.clone() }).collect(),
            sameness: node.sameness.word(),
            created: when(node.created),
            expires: when(node.expires),
            last_used: when(node.last_used),
            active: node.active,
            literals: node.literals.len(),
            placeholder: node.placeholder,
            low_value: node.low_value,
            privilege: node.level.word(),
            workloads: self.links(workloads),
            identities: self.links(node.identities.iter().map(|(identity, _)| Node::Identity(*identity))),
            backed_by: self.links(node.backed_by.iter().copied().map(Node::Credential)),
            person: node.person.as_ref().map(|person| Person {
                name: person.name.clone(),
                signs: person.signs.iter().map(|(sign, _)| sign.clone()).collect(),
            }),
            owners: self.owners(&node.owners),
            attribution: node.grade.map(attribution),
        }
    }

    fn link(&self, node: Node) -> Link {
        Link { key: self.view.key(node).to_string(), name: self.view.name(node).to_owned() }
    }

    /// Each once, in order.
    fn links(&self, nodes: impl Iterator<Item = Node>) -> Vec<Link> {
        let mut nodes: Vec<Node> = nodes.collect();
        nodes.sort_unstable();
        nodes.dedup();
        nodes.into_iter().map(|node| self.link(node)).collect()
    }

    /// Each once, with its best rung, the best first.
    fn owners(&self, owners: &[OwnerLink]) -> Vec<Owner> {
        let mut owners: Vec<(PartyId, crate::facts::Rung)> = owners.iter().map(|one| (one.party, one.rung)).collect();
        owners.sort_by_key(|(party, rung)| (std::cmp::Reverse(*rung), *party));
        let mut seen = std::collections::BTreeSet::new();
        owners.retain(|(party, _)| seen.insert(*party));
        let owner = |(party, rung): (PartyId, crate::facts::Rung)| Owner {
            party: self.link(Node::Party(party)),
            rung: rung.word(),
        };
        owners.into_iter().map(owner).collect()
    }
}

fn home(zone: &Zone) -> Home {
    Home { realm: zone.realm.clone(), path: zone.path.clone(), sample: zone.sample }
}

fn attribution(grade: graph::Grade) -> Attribution {
    Attribution { grade: grade.grade, k: grade.k }
}

fn trust(trust: &graph::Trust) -> Trust {
    let condition = |one: &crate::facts::Condition| Condition {
        claim: one.claim.clone(),
        operator: one.operator.clone(),
        values: one.values.clone(),
    };
    Trust {
        realm: trust.realm.clone(),
        name: trust.name.clone(),
        conditions: trust.conditions.iter().map(condition).collect(),
    }
}

fn store(store: &crate::facts::Store) -> Store {
    Store {
        kind: store.kind.clone(),
        instance: store.instance.clone(),
        scope: store.scope.clone(),
        name: store.name.clone(),
    }
}

fn party(node: &graph::PartyNode) -> Party {
    Party {
        link: Link { key: node.key.to_string(), name: node.title.clone() },
        kind: node.kind.word(),
        status: node.status.word(),
        ended: when(node.ended),
        emails: node.emails.iter().cloned().collect(),
        handles: node.handles.iter().cloned().collect(),
        owns: node.owns.iter().map(|(key, rung, _)| Owned { key: key.to_string(), rung: rung.word() }).collect(),
    }
}

/// How an act came to be.
fn mode(mode: &Mode) -> &'static str {
    match mode {
        Mode::Explicit => "explicit",
        Mode::Inherited(_) => "inherited",
        Mode::Default(_) => "default",
        Mode::Deployer => "deployer",
    }
}

/// A point in time, or the word for the way of having none.
fn when(when: When) -> String {
    match when {
        When::At(time) => time.to_string(),
        When::Unknown => "unknown".to_owned(),
        When::NotApplicable => "not-applicable".to_owned(),
        When::Never => "never".to_owned(),
    }
}
