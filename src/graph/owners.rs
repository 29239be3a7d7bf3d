//! Who answers for what, and by which rung of evidence.

use std::collections::BTreeMap;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::{Batch, Graph, OwnerLink, PartyId, Zone};
use crate::facts::{Edge, Fact, Key, Kind, PartyKind, PartyStatus, Rung, Slot, When};
use crate::text::Place;

/// Assigns owners to workloads, identities and credentials.
pub(super) fn assign(graph: &mut Graph, batches: &[Batch]) {
    let mut parties = Parties::index(graph);
    let mut tagged: BTreeMap<Key, Vec<OwnerLink>> = BTreeMap::new();
    let mut files: Vec<OwnersFile> = Vec::new();
    for batch in batches {
        let mut lines = Vec::new();
        for fact in &batch.facts.facts {
            let Edge::OwnedBy { subject, party, rung } = &fact.edge else { continue };
            graph.given.owners = true;
            let found = parties.resolve(graph, party, fact);
            if subject.kind == Kind::Resource && subject.realm.starts_with("path:") {
                lines.push((subject.name.clone(), found, fact.at));
                continue;
            }
            let links = found.into_iter().map(|party| OwnerLink { party, rung: *rung, place: fact.at });
            tagged.entry(subject.clone()).or_default().extend(links);
        }
        if !lines.is_empty() {
            files.push(OwnersFile::new(&batch.zone, lines));
        }
    }
    own(graph, &tagged, &files);
    note_owned(graph);
}

struct Parties {
    by_key: BTreeMap<Key, PartyId>,
    by_name: BTreeMap<String, PartyId>,
}

impl Parties {
    fn index(graph: &Graph) -> Self {
        let mut parties = Self { by_key: BTreeMap::new(), by_name: BTreeMap::new() };
        for (at, party) in graph.parties.iter().enumerate() {
            parties.by_key.insert(party.key.clone(), PartyId(at));
            for name in party.emails.iter().chain(&party.handles) {
                parties.by_name.entry(name.clone()).or_insert(PartyId(at));
            }
        }
        parties
    }

    fn resolve(&mut self, graph: &mut Graph, slot: &Slot, fact: &Fact) -> Vec<PartyId> {
        slot.keys().into_iter().filter(|key| !is_nobody(&key.name)).map(|key| self.party(graph, key, fact.at)).collect()
    }

    fn party(&mut self, graph: &mut Graph, key: Key, at: Place) -> PartyId {
        let bare = key.name.trim_start_matches('@').to_ascii_lowercase();
        if let Some(id) = self.by_key.get(&key).or_else(|| self.by_name.get(&bare)) {
            return *id;
        }
        let id = PartyId(graph.parties.len());
        graph.parties.push(super::PartyNode {
            title: key.name.clone(),
            kind: if key.realm == "teams" { PartyKind::Team } else { PartyKind::Unknown },
            key: key.clone(),
            emails: Default::default(),
            handles: Default::default(),
            status: PartyStatus::Unknown,
            ended: When::Unknown,
            place: Some(at),
            owns: Vec::new(),
        });
        self.by_key.insert(key, id);
        id
    }
}

/// Words that stand where an owner should and name none.
fn is_nobody(name: &str) -> bool {
    let name = name.trim_start_matches('@').to_ascii_lowercase();
    matches!(
        name.as_str(),
        "" | "root" | "admin" | "airflow" | "owner" | "none" | "unknown" | "tbd" | "n/a" | "changeme"
    ) || name.ends_with("@example.com")
        || name.ends_with("@example.org")
}

/// One `CODEOWNERS` file: the last line that matches a path decides, as on every code host.
struct OwnersFile {
    realm: String,
    lines: Vec<(Gitignore, bool, Vec<PartyId>, Place)>,
}

impl OwnersFile {
    fn new(zone: &Zone, lines: Vec<(String, Vec<PartyId>, Place)>) -> Self {
        // Several owners of one pattern come as several facts at one pattern.
        let mut merged: Vec<(String, Vec<PartyId>, Place)> = Vec::new();
        for (pattern, parties, place) in lines {
            match merged.last_mut().filter(|(last, _, _)| *last == pattern) {
                Some((_, known, _)) => known.extend(parties),
                None => merged.push((pattern, parties, place)),
            }
        }
        let compile = |(pattern, parties, place): (String, Vec<PartyId>, Place)| {
            let mut builder = GitignoreBuilder::new("");
            builder.add_line(None, &pattern).ok()?;
            Some((builder.build().ok()?, pattern == "*", parties, place))
        };
        Self { realm: zone.realm.clone(), lines: merged.into_iter().filter_map(compile).collect() }
    }

    fn owners(&self, path: &str) -> &[PartyId] {
        self.line(path).map_or(&[], |(parties, _)| parties)
    }

    fn line(&self, path: &str) -> Option<(&[PartyId], Place)> {
        let last = self.lines.iter().rev().find(|(glob, ..)| glob.matched_path_or_any_parents(path, false).is_ignore());
        last.map(|(_, _, parties, place)| (parties.as_slice(), *place))
    }
}

fn own(graph: &mut Graph, tagged: &BTreeMap<Key, Vec<OwnerLink>>, files: &[OwnersFile]) {
    let by_path = |zone: &Zone| -> Vec<OwnerLink> {
        let mut links = Vec::new();
        for file in files.iter().filter(|file| file.realm == zone.realm) {
            if let Some((parties, place)) = file.line(&zone.path) {
                let link = |party: &PartyId| OwnerLink { party: *party, rung: Rung::Codeowners, place };
                links.extend(parties.iter().map(link));
            }
            debug_assert!(file.owners(&zone.path).len() >= usize::from(!links.is_empty()));
        }
        links
    };
    let best = |key: &Key, zone: &Zone| {
        tagged.get(key).filter(|links| !links.is_empty()).cloned().unwrap_or_else(|| by_path(zone))
    };
    for workload in &mut graph.workloads {
        workload.owners = best(&workload.key, &workload.zone);
    }
    for identity in &mut graph.identities {
        identity.owners = if identity.defined {
            best(&identity.key, &identity.zone)
        } else {
            tagged.get(&identity.key).cloned().unwrap_or_default()
        };
    }
    for credential in &mut graph.credentials {
        let tags = credential.members.iter().find_map(|key| tagged.get(key)).cloned();
        credential.owners =
            tags.unwrap_or_else(|| if credential.defined { by_path(&credential.zone) } else { Vec::new() });
    }
    inherit(graph);
}

/// What nobody defines is owned by those who use it, as long as they agree.
fn inherit(graph: &mut Graph) {
    for at in 0..graph.credentials.len() {
        if graph.credentials[at].owners.is_empty() {
            let users = graph.credentials[at].uses.iter().map(|number| graph.uses[*number].workload.0);
            let owners = agreed(users.map(|workload| graph.workloads[workload].owners.as_slice()));
            graph.credentials[at].owners = owners;
        }
    }
    for at in 0..graph.identities.len() {
        if graph.identities[at].owners.is_empty() {
            let users = graph.identities[at].acts.iter().map(|number| graph.acts[*number].workload.0);
            let owners = agreed(users.map(|workload| graph.workloads[workload].owners.as_slice()));
            graph.identities[at].owners = owners;
        }
    }
}

fn agreed<'a>(all: impl Iterator<Item = &'a [OwnerLink]>) -> Vec<OwnerLink> {
    let mut all = all.peekable();
    let Some(first) = all.peek().copied() else { return Vec::new() };
    let parties = |links: &[OwnerLink]| links.iter().map(|link| link.party).collect::<std::collections::BTreeSet<_>>();
    let same = all.all(|links| parties(links) == parties(first));
    if same { first.to_vec() } else { Vec::new() }
}

fn note_owned(graph: &mut Graph) {
    let mut owned: Vec<(PartyId, Key, Rung, Place)> = Vec::new();
    let mut note = |owners: &[OwnerLink], key: &Key| {
        owned.extend(owners.iter().map(|link| (link.party, key.clone(), link.rung, link.place)));
    };
    for workload in &graph.workloads {
        note(&workload.owners, &workload.key);
    }
    for identity in &graph.identities {
        note(&identity.owners, &identity.key);
    }
    for credential in &graph.credentials {
        note(&credential.owners, &credential.key);
    }
    for (party, key, rung, place) in owned {
        let owns = &mut graph.parties[party.0].owns;
        if !owns.iter().any(|(known, ..)| *known == key) {
            owns.push((key, rung, place));
        }
    }
}
