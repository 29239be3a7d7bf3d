//! Steps along the edges of the graph: the evidence of findings.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{CredentialId, Grant, IdentityId, Namesake, PartyId, Trust, Use, WorkloadId, Zone, trust};
use super::{Node, Step, View};
use crate::text::Place;

impl View<'_> {
    /// The steps along an edge, in the order of their places. Empty for an edge that the node does not have.
    #[must_use]
    pub fn walk(&self, node: Node, edge: &str) -> Vec<Step> {
        match (node, edge) {
            (Node::Credential(id), "used_by") => self.used_by(id),
            (Node::Credential(id), "held_in") => self.held_in(id),
            (Node::Credential(id), "stands_in") => self.stands_in(id),
            (Node::Credential(id), "proves") => self.proves(id),
            (Node::Credential(id), "namesakes") => self.namesakes(id),
            (Node::Credential(id), "signs") => self.signs(id),
            (Node::Identity(id), "run_by") => self.run_by(id),
            (Node::Identity(id), "trusts") => self.trusts(id),
            (Node::Identity(id), "loose_trusts") => self.loose_trusts(id),
            (Node::Identity(id), "grants") => self.grants(id),
            (Node::Identity(id), "held_by") => self.held_by(id),
            (Node::Workload(id), "uses") => self.workload_uses(id),
            (Node::Workload(id), "runs_as") => self.workload_runs_as(id),
            (Node::Party(id), "owns") => self.owns(id),
            _ => Vec::new(),
        }
    }

    fn used_by(&self, id: CredentialId) -> Vec<Step> {
        let step = |one: &Use| Step {
            to: Some(Node::Workload(one.workload)),
            place: one.place,
            role: format!("used by {}", self.graph.workloads[one.workload.0].title),
            tier: Some(one.tier),
        };
        self.uses(id).map(step).collect()
    }

    fn held_in(&self, id: CredentialId) -> Vec<Step> {
        let mut steps = self.used_by(id);
        let mut about: BTreeSet<_> = self
            .uses(id)
            .flat_map(|one| [one.place.source, self.graph.workloads[one.workload.0].place.source])
            .collect();
        // The manifest of a secret is the store that the workloads read, and no further holder.
        let node = &self.graph.credentials[id.0];
        about.extend(node.stores.iter().any(|store| store.kind == "kubernetes").then_some(node.place.source));
        steps.extend(self.stands_in(id).into_iter().filter(|step| !about.contains(&step.place.source)));
        steps
    }

    fn stands_in(&self, id: CredentialId) -> Vec<Step> {
        let step = |(place, _): &(Place, Zone)| place_step(*place, "the value stands here");
        self.graph.credentials[id.0].literals.iter().map(step).collect()
    }

    fn proves(&self, id: CredentialId) -> Vec<Step> {
        let step = |(identity, place): &(IdentityId, Place)| Step {
            to: Some(Node::Identity(*identity)),
            place: *place,
            role: format!("logs in as {}", self.graph.identities[identity.0].title),
            tier: None,
        };
        self.graph.credentials[id.0].identities.iter().map(step).collect()
    }

    /// One step for each namesake, at its first use.
    fn namesakes(&self, id: CredentialId) -> Vec<Step> {
        let step = |namesake: &Namesake| {
            let place = self.uses(namesake.credential).next().map(|one| one.place);
            Step {
                to: Some(Node::Credential(namesake.credential)),
                place: place.unwrap_or(self.graph.credentials[namesake.credential.0].place),
                role: "may be another one of the same name".to_owned(),
                tier: Some(namesake.tier),
            }
        };
        self.graph.credentials[id.0].namesakes.iter().map(step).collect()
    }

    fn signs(&self, id: CredentialId) -> Vec<Step> {
        let signs = self.graph.credentials[id.0].person.iter().flat_map(|person| &person.signs);
        signs.map(|(why, place)| place_step(*place, why)).collect()
    }

    fn run_by(&self, id: IdentityId) -> Vec<Step> {
        let step = |number: &usize| {
            let act = &self.graph.acts[*number];
            let role = format!("{} runs as it", self.graph.workloads[act.workload.0].title);
            Step { to: Some(Node::Workload(act.workload)), place: act.place, role, tier: None }
        };
        self.graph.identities[id.0].acts.iter().map(step).collect()
    }

    fn trusts(&self, id: IdentityId) -> Vec<Step> {
        let step = |trust: &Trust| place_step(trust.place, &format!("trusts {}", trust.name));
        self.graph.identities[id.0].trusts.iter().map(step).collect()
    }

    fn loose_trusts(&self, id: IdentityId) -> Vec<Step> {
        let step = |(gap, trust): (&str, &Trust)| {
            let what = match gap {
                "any-subject" => format!("any token of {} is let in", trust.realm.trim_start_matches("oidc:")),
                "any-repository" => format!("every subject that matches {} is let in", trust.name),
                "no-audience" => format!("{} is let in whatever the audience", trust.name),
                _ => "any principal is let in".to_owned(),
            };
            place_step(trust.place, &what)
        };
        trust::gaps(&self.graph.identities[id.0]).into_iter().map(step).collect()
    }

    /// The grants of the identity and of all that it can become, strongest first.
    fn grants(&self, id: IdentityId) -> Vec<Step> {
        let mut seen = BTreeSet::from([id]);
        let mut todo = vec![id];
        let mut grants = Vec::new();
        while let Some(next) = todo.pop() {
            let node = &self.graph.identities[next.0];
            grants.extend(node.grants.iter().map(|grant| (next, grant)));
            todo.extend(node.becomes.iter().map(|(other, _)| *other).filter(|other| seen.insert(*other)));
        }
        grants.sort_by_key(|(holder, grant)| (std::cmp::Reverse(grant.level), *holder != id, grant.place));
        let step = |(holder, grant): (IdentityId, &Grant)| {
            let through = &self.graph.identities[holder.0].title;
            let through = if holder == id { String::new() } else { format!(", through {through}") };
            place_step(grant.place, &format!("{} on {}{through}", grant.level.word(), grant.resource))
        };
        grants.into_iter().map(step).collect()
    }

    fn held_by(&self, id: IdentityId) -> Vec<Step> {
        let step = |credential: &CredentialId| {
            let node = &self.graph.credentials[credential.0];
            let role = format!("{} logs in as it", node.title);
            Step { to: Some(Node::Credential(*credential)), place: node.place, role, tier: None }
        };
        self.graph.identities[id.0].credentials.iter().map(step).collect()
    }

    fn workload_uses(&self, id: WorkloadId) -> Vec<Step> {
        let step = |number: &usize| {
            let one = &self.graph.uses[*number];
            let role = format!("uses {}", self.graph.credentials[one.credential.0].title);
            Step { to: Some(Node::Credential(one.credential)), place: one.place, role, tier: Some(one.tier) }
        };
        self.graph.workloads[id.0].uses.iter().map(step).collect()
    }

    fn workload_runs_as(&self, id: WorkloadId) -> Vec<Step> {
        let step = |number: &usize| {
            let act = &self.graph.acts[*number];
            let role = format!("runs as {}", self.graph.identities[act.identity.0].title);
            Step { to: Some(Node::Identity(act.identity)), place: act.place, role, tier: None }
        };
        self.graph.workloads[id.0].acts.iter().map(step).collect()
    }

    fn owns(&self, id: PartyId) -> Vec<Step> {
        let mut rungs = BTreeMap::new();
        for (_, rung, place) in &self.graph.parties[id.0].owns {
            let strongest = rungs.entry(*place).or_insert(*rung);
            *strongest = (*strongest).max(*rung);
        }
        rungs.iter().map(|(place, rung)| place_step(*place, &format!("named as owner ({})", rung.word()))).collect()
    }
}

fn place_step(place: Place, role: &str) -> Step {
    Step { to: None, place, role: role.to_owned(), tier: None }
}
