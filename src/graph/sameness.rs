//! Which credentials are one.
//!
//! Equal keys met already (T2, or T1 where the key is a public identifier or a fingerprint). Here equal identifiers join
//! (T1), and so do credentials that are filled from one source (T3) and those of one name, sink and account (T4). A secret that a reusable workflow or a composite
//! action receives under a name of its own is an alias: it is no credential, but each of its uses is a use of what callers
//! pass in.

use std::collections::{BTreeMap, BTreeSet};

use super::intern::Interned;
use super::namesakes;
use super::{Batch, CredentialId, CredentialNode, Graph, Tier};
use crate::facts::{Edge, Key, Kind};

/// Realms whose credentials are only names for what a caller passes in.
const ALIAS_REALMS: [&str; 2] = ["github-actions-call:", "github-action-input:"];
/// Realms whose credentials are made from another one and stay things of their own.
const DERIVED_REALMS: [&str; 1] = ["github-app-token:"];

fn is_in(key: &Key, realms: &[&str]) -> bool {
    realms.iter().any(|realm| key.realm.starts_with(realm))
}

/// Where each credential key went.
pub(super) struct Same {
    nodes: BTreeMap<Key, CredentialId>,
    aliases: Aliases,
}

impl Same {
    /// The credentials behind a reference, with the tier that the reference adds.
    pub(super) fn resolve(&self, key: &Key) -> Vec<(CredentialId, Tier)> {
        if let Some(id) = self.nodes.get(key) {
            return vec![(*id, Tier::T2)];
        }
        let ends = self.aliases.ends(self.aliases.stands_for(key));
        let found: BTreeSet<CredentialId> = ends.iter().filter_map(|end| self.nodes.get(end).copied()).collect();
        found.into_iter().map(|id| (id, Tier::T3)).collect()
    }
}

/// Names for what a caller passes in.
#[derive(Default)]
struct Aliases {
    backing: BTreeMap<Key, BTreeSet<Key>>,
    /// Every alias that is used under its own name.
    used: BTreeSet<Key>,
}

impl Aliases {
    fn is_filled(&self, key: &Key) -> bool {
        is_in(key, &ALIAS_REALMS) && (self.backing.contains_key(key) || self.backing.contains_key(&all(key)))
    }

    /// What a reference stands for at first: one name, or for `*` each that the callee uses.
    fn stands_for(&self, key: &Key) -> Vec<Key> {
        if key.name != "*" {
            return self.passed(key);
        }
        let used = self.used.range(Key::new(Kind::Credential, key.realm.clone(), "")..);
        used.take_while(|used| used.realm == key.realm).flat_map(|used| self.inherited(used)).collect()
    }

    /// What callers pass for an alias, by its name or with all that they have.
    fn passed(&self, key: &Key) -> Vec<Key> {
        self.backing.get(key).into_iter().flatten().cloned().chain(self.inherited(key)).collect()
    }

    /// A caller that hands on all of its secrets hands on each under its own name.
    fn inherited(&self, key: &Key) -> Vec<Key> {
        let by = self.backing.get(&all(key)).into_iter().flatten();
        by.map(|by| Key::new(Kind::Credential, by.realm.clone(), key.name.clone())).collect()
    }

    /// Where chains of aliases end: at names that no caller fills.
    fn ends(&self, start: Vec<Key>) -> BTreeSet<Key> {
        let mut seen = BTreeSet::new();
        let mut ends = BTreeSet::new();
        let mut todo = start;
        while let Some(next) = todo.pop() {
            if !seen.insert(next.clone()) {
                continue;
            }
            if self.is_filled(&next) {
                todo.extend(self.passed(&next));
            } else {
                ends.insert(next);
            }
        }
        ends
    }
}

fn all(key: &Key) -> Key {
    Key::new(Kind::Credential, key.realm.clone(), "*")
}

/// Joins the loose credentials and moves them into the graph.
pub(super) fn join(graph: &mut Graph, batches: &[Batch], interned: &Interned) -> Same {
    let mut sets = Sets::new(interned.loose.len());
    let mut aliases = Aliases::default();
    aliases.used.extend(interned.credentials.keys().filter(|key| is_in(key, &ALIAS_REALMS)).cloned());
    let mut derived = Vec::new();
    for fact in batches.iter().flat_map(|batch| &batch.facts.facts) {
        let Edge::BackedBy { credential, by } = &fact.edge else { continue };
        if is_in(credential, &ALIAS_REALMS) {
            aliases.backing.entry(credential.clone()).or_default().extend(by.keys());
        } else if is_in(credential, &DERIVED_REALMS) {
            derived.extend(by.keys().into_iter().map(|by| (credential.clone(), by)));
        } else {
            for by in by.keys() {
                if let (Some(one), Some(other)) = (interned.credentials.get(credential), interned.credentials.get(&by))
                {
                    sets.unite(*one, *other, Tier::T3);
                }
            }
        }
    }
    let mut by_identifier: BTreeMap<&(&'static str, String), usize> = BTreeMap::new();
    for (at, node) in interned.loose.iter().enumerate() {
        for identifier in &node.identifiers {
            let first = *by_identifier.entry(identifier).or_insert(at);
            sets.unite(first, at, Tier::T1);
        }
    }
    for (one, other) in namesakes::proven(batches, interned) {
        sets.unite(one, other, Tier::T4);
    }
    let mut nodes = collect(graph, interned, &mut sets, &aliases);
    describe_through(graph, interned, &mut nodes, &aliases);
    for (from, by) in derived {
        if let (Some(from), Some(by)) = (nodes.get(&from), nodes.get(&by))
            && !graph.credentials[from.0].backed_by.contains(by)
        {
            graph.credentials[from.0].backed_by.push(*by);
        }
    }
    Same { nodes, aliases }
}

fn collect(graph: &mut Graph, interned: &Interned, sets: &mut Sets, aliases: &Aliases) -> BTreeMap<Key, CredentialId> {
    let mut nodes = BTreeMap::new();
    let mut heads: BTreeMap<usize, CredentialId> = BTreeMap::new();
    for (key, at) in &interned.credentials {
        if aliases.is_filled(key) {
            continue;
        }
        let head = sets.find(*at);
        let loose = &interned.loose[*at];
        let id = *heads.entry(head).or_insert(CredentialId(graph.credentials.len()));
        if id.0 == graph.credentials.len() {
            graph.credentials.push(loose.clone());
            graph.credentials[id.0].sameness = loose.sameness.max(sets.tier(head));
        } else {
            merge(&mut graph.credentials[id.0], loose);
        }
        nodes.insert(key.clone(), id);
    }
    nodes
}

/// What an alias's uses say about it holds for what callers pass, which may be named nowhere else.
fn describe_through(
    graph: &mut Graph,
    interned: &Interned,
    nodes: &mut BTreeMap<Key, CredentialId>,
    aliases: &Aliases,
) {
    for key in aliases.used.iter().filter(|key| aliases.is_filled(key)) {
        let Some(loose) = interned.credentials.get(key).and_then(|at| interned.loose.get(*at)) else { continue };
        if !loose.seen {
            continue;
        }
        for end in aliases.ends(aliases.passed(key)) {
            match nodes.get(&end) {
                Some(id) => describe(&mut graph.credentials[id.0], loose),
                None => {
                    nodes.insert(end.clone(), CredentialId(graph.credentials.len()));
                    graph.credentials.push(CredentialNode { key: end.clone(), members: vec![end], ..loose.clone() });
                }
            }
        }
    }
}

fn describe(into: &mut CredentialNode, from: &CredentialNode) {
    into.class = into.class.take().or_else(|| from.class.clone());
    into.provider = into.provider.take().or_else(|| from.provider.clone());
    into.lifetime = into.lifetime.or(from.lifetime);
    if into.binding == crate::facts::Class::Unknown {
        into.binding = from.binding;
    }
    into.low_value &= from.low_value;
    into.level = into.level.max(from.level);
}

fn merge(into: &mut CredentialNode, from: &CredentialNode) {
    into.members.extend(from.members.iter().cloned());
    if from.defined && !into.defined {
        into.defined = true;
        into.place = from.place;
        into.zone = from.zone.clone();
        into.title.clone_from(&from.title);
    }
    describe(into, from);
    into.stores.extend(from.stores.iter().cloned());
    into.identifiers.extend(from.identifiers.iter().cloned());
    into.created = into.created.or(from.created);
    into.expires = into.expires.or(from.expires);
    into.last_used = into.last_used.or(from.last_used);
    into.active = into.active.or(from.active);
    into.checksum = into.checksum.max(from.checksum);
    into.placeholder |= from.placeholder;
    into.literals.extend(from.literals.iter().cloned());
}

/// Disjoint sets, each with the weakest tier that holds it together.
struct Sets {
    parent: Vec<usize>,
    tier: Vec<Tier>,
}

impl Sets {
    fn new(len: usize) -> Self {
        Self { parent: (0..len).collect(), tier: vec![Tier::T1; len] }
    }

    fn find(&mut self, at: usize) -> usize {
        let mut root = at;
        while self.parent[root] != root {
            root = self.parent[root];
        }
        let mut at = at;
        while self.parent[at] != root {
            at = std::mem::replace(&mut self.parent[at], root);
        }
        root
    }

    fn unite(&mut self, one: usize, other: usize, tier: Tier) {
        let (one, other) = (self.find(one), self.find(other));
        let weakest = tier.max(self.tier[one]).max(self.tier[other]);
        // The lower number leads, so that the outcome does not depend on the order of joins.
        let (head, tail) = (one.min(other), one.max(other));
        self.parent[tail] = head;
        self.tier[head] = if one == other { self.tier[head] } else { weakest };
    }

    fn tier(&self, head: usize) -> Tier {
        self.tier[head]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(realm: &str, name: &str) -> Key {
        Key::new(Kind::Credential, realm, name)
    }

    fn aliases(backing: &[(Key, Key)], used: &[Key]) -> Aliases {
        let mut aliases = Aliases { used: used.iter().cloned().collect(), ..Aliases::default() };
        for (alias, by) in backing {
            aliases.backing.entry(alias.clone()).or_default().insert(by.clone());
        }
        aliases
    }

    #[test]
    fn an_alias_stands_for_what_every_caller_passes_through_any_chain() {
        let (outer, inner) = ("github-actions-call:outer", "github-actions-call:inner");
        let token = key(inner, "TOKEN");
        let backing = [
            (token.clone(), key(outer, "DEPLOY")),
            (key(outer, "DEPLOY"), key("github-actions:a", "PROD")),
            (key(inner, "*"), key("github-actions:b", "*")),
        ];
        let aliases = aliases(&backing, std::slice::from_ref(&token));
        let ends = aliases.ends(aliases.passed(&token));
        assert_eq!(ends, BTreeSet::from([key("github-actions:a", "PROD"), key("github-actions:b", "TOKEN")]));
        // All that is handed on is what the callee uses, under the caller's own names.
        assert_eq!(aliases.stands_for(&key(inner, "*")), [key("github-actions:b", "TOKEN")]);
    }

    #[test]
    fn aliases_in_a_circle_come_to_an_end() {
        let (one, two) = (key("github-actions-call:one", "A"), key("github-actions-call:two", "A"));
        let aliases = aliases(&[(one.clone(), two.clone()), (two, one.clone())], &[]);
        assert!(aliases.ends(aliases.passed(&one)).is_empty());
    }
}
