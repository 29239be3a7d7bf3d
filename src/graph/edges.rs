//! Edges find their ends.

use std::collections::{BTreeMap, BTreeSet};

use super::intern::Interned;
use super::sameness::Same;
use super::{Act, Batch, CredentialId, Grant, Graph, IdentityId, Tier, Trust, Use, WorkloadId};
use crate::facts::{Condition, Edge, Fact, Key, Mode, Slot, Value};
use crate::text::SourceId;

/// Connects the nodes.
pub(super) fn connect(graph: &mut Graph, batches: &[Batch], interned: &Interned, same: &Same) {
    let contents = contents(graph);
    let mut linker = Linker { contents, said: said(batches), graph, interned, same, seen: BTreeSet::new() };
    for fact in batches.iter().flat_map(|batch| &batch.facts.facts) {
        linker.fact(fact);
    }
    sort_uses(graph);
}

/// Credentials whose values stand in a file, by repository and path.
type Contents = BTreeMap<String, BTreeMap<String, Vec<CredentialId>>>;

fn contents(graph: &Graph) -> Contents {
    let mut contents = Contents::new();
    for (at, node) in graph.credentials.iter().enumerate() {
        for (_, zone) in &node.literals {
            let files = contents.entry(zone.realm.clone()).or_default();
            files.entry(zone.path.clone()).or_default().push(CredentialId(at));
        }
    }
    contents
}

/// Where the files name an identity of a workload, by workload and realm.
fn said(batches: &[Batch]) -> BTreeMap<(&Key, &str), SourceId> {
    let mut said = BTreeMap::new();
    for fact in batches.iter().flat_map(|batch| &batch.facts.facts) {
        if let Edge::RunsAs { workload, identity } = &fact.edge
            && fact.mode == Mode::Explicit
        {
            said.entry((workload, identity.realm.as_str())).or_insert(fact.at.source);
        }
    }
    said
}

struct Linker<'a> {
    contents: Contents,
    said: BTreeMap<(&'a Key, &'a str), SourceId>,
    graph: &'a mut Graph,
    interned: &'a Interned,
    same: &'a Same,
    seen: BTreeSet<(WorkloadId, CredentialId, String, u32, u32)>,
}

impl<'a> Linker<'a> {
    fn fact(&mut self, fact: &'a Fact) {
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
            for (credential, tier) in self.credentials(&key, workload) {
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

    /// The credentials behind a reference: for a file that was read, those whose values stand in it.
    fn credentials(&self, key: &Key, workload: WorkloadId) -> Vec<(CredentialId, Tier)> {
        let inside = self.inside(key, &self.graph.workloads[workload.0].zone.path);
        if inside.is_empty() { self.same.resolve(key) } else { inside.into_iter().map(|id| (id, Tier::T2)).collect() }
    }

    /// What stands in a file that hosts know by its absolute path: the repository keeps it under that path in some
    /// folder, or right beside the file that names it.
    fn inside(&self, key: &Key, beside: &str) -> Vec<CredentialId> {
        let files = key.realm.strip_prefix("file:").and_then(|realm| self.contents.get(realm));
        let (Some(files), Some((_, name))) = (files, key.name.rsplit_once('/')) else { return Vec::new() };
        let mirrored = files.iter().filter(|(path, _)| format!("/{path}").ends_with(&key.name));
        let found: Vec<CredentialId> = mirrored.flat_map(|(_, ids)| ids.iter().copied()).collect();
        if !found.is_empty() {
            return found;
        }
        let folder = beside.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
        files.get(&format!("{folder}{name}")).cloned().unwrap_or_default()
    }

    fn runs_as(&mut self, fact: &Fact, workload: &'a Key, identity: &'a Slot) {
        // What one file leaves to a default, another one may say: the account of a unit in a drop-in.
        let elsewhere = |source: &SourceId| *source != fact.at.source;
        if matches!(fact.mode, Mode::Default(_))
            && self.said.get(&(workload, identity.realm.as_str())).is_some_and(elsewhere)
        {
            return;
        }
        let Some(workload) = self.interned.workloads.get(workload).copied() else { return };
        let mut identities = self.identities(identity);
        if matches!(fact.mode, Mode::Default(_)) {
            // An account that its own definition withholds comes to nobody who did not ask for it.
            identities.retain(|id| self.graph.identities[id.0].enabled != Some(false));
        }
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

#[cfg(test)]
mod tests {
    use super::super::{Zone, link};
    use super::*;
    use crate::facts::{Credential, Facts, Kind, Workload, keys};
    use crate::text::{Place, Span};

    fn place(source: u32) -> Place {
        Place { source: SourceId(source), span: Span::new(0, 1) }
    }

    fn batch(source: u32, path: &str, fill: impl FnOnce(&mut Facts)) -> Batch {
        let mut facts = Facts::default();
        fill(&mut facts);
        let zone = Zone { realm: "r".to_owned(), path: path.to_owned(), source: SourceId(source), sample: false };
        Batch { zone, facts }
    }

    fn unit(name: &str) -> Key {
        Key::new(Kind::Workload, "systemd:r", name)
    }

    fn acts(facts: &mut Facts, source: u32, mode: Mode, account: &str) {
        let edge = Edge::RunsAs { workload: unit("x"), identity: keys::os_user("r", account).into() };
        facts.state_as(place(source), mode, edge);
    }

    #[test]
    fn what_another_file_says_comes_before_a_default() {
        let unit_file = |facts: &mut Facts| {
            facts.workloads.push(Workload::new(unit("x"), "x", place(0)));
            acts(facts, 0, Mode::Default("systemd-root"), "root");
        };
        let drop_in = |facts: &mut Facts| acts(facts, 1, Mode::Explicit, "app");
        let names = |graph: &Graph| {
            let name = |act: &Act| graph.identities[act.identity.0].title.clone();
            graph.acts.iter().map(name).collect::<Vec<_>>()
        };
        assert_eq!(names(&link(&[batch(0, "x", unit_file)], &[])), ["root"]);
        assert_eq!(names(&link(&[batch(0, "x", unit_file), batch(1, "x.d/y", drop_in)], &[])), ["app"]);
        // A command in the same file that switches the account adds to the default.
        let both = |facts: &mut Facts| {
            unit_file(facts);
            acts(facts, 0, Mode::Explicit, "app");
        };
        assert_eq!(names(&link(&[batch(0, "x", both)], &[])), ["root", "app"]);
    }

    #[test]
    fn a_file_in_the_repository_stands_for_what_is_in_it() {
        let reads = |path: &'static str, file: &'static str| {
            batch(0, path, move |facts| {
                facts.workloads.push(Workload::new(unit("x"), "x", place(0)));
                let edge = Edge::Uses {
                    workload: unit("x"),
                    credential: keys::credential_file("r", file).into(),
                    sink: "EnvironmentFile".to_owned(),
                    inline: false,
                    environment: None,
                };
                facts.state(place(0), edge);
            })
        };
        let holds = |path: &str| {
            batch(1, path, |facts| {
                let mut token = Credential::new(Key::new(Kind::Credential, "fingerprint", "f00"), "token", place(1));
                token.literal = true;
                facts.credentials.push(token);
            })
        };
        let used = |unit: &'static str, file: &'static str, holder: &str| {
            let graph = link(&[reads(unit, file), holds(holder)], &[]);
            graph.uses.iter().map(|one| graph.credentials[one.credential.0].title.clone()).collect::<Vec<_>>()
        };
        assert_eq!(used("m/m.service", "/srv/m/m.env", "m/m.env"), ["token"]);
        assert_eq!(used("units/m.service", "/srv/m/m.env", "hosts/srv/m/m.env"), ["token"]);
        assert_eq!(used("units/m.service", "/srv/m/m.env", "other/m.env"), ["/srv/m/m.env"]);
    }
}
