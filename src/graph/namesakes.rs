//! Credentials of one name in several stores.
//!
//! Equal names prove nothing: every repository may have a `DEPLOY_TOKEN` of its own. With the same sink (T4) and a second
//! sign that does not rest on the name, the account that both log in as, they are taken for one. Without it, or by the
//! name alone (T5), they stay apart and are only noted, for auditors.

use std::collections::{BTreeMap, BTreeSet};

use super::intern::Interned;
use super::{Batch, CredentialId, CredentialNode, Graph, Namesake, Tier};
use crate::facts::{Edge, Key, Lifetime};

/// Pairs of loose credentials that have name, sink and account in common.
pub(super) fn proven(batches: &[Batch], interned: &Interned) -> Vec<(usize, usize)> {
    let mut sinks: BTreeMap<Key, BTreeSet<&str>> = BTreeMap::new();
    let mut accounts: BTreeMap<&Key, BTreeSet<Key>> = BTreeMap::new();
    for fact in batches.iter().flat_map(|batch| &batch.facts.facts) {
        match &fact.edge {
            Edge::Uses { credential, sink, .. } => {
                for key in credential.keys() {
                    sinks.entry(key).or_default().insert(sink);
                }
            }
            Edge::AuthenticatesAs { credential, identity } => {
                accounts.entry(credential).or_default().extend(identity.keys());
            }
            _ => {}
        }
    }
    let mut first: BTreeMap<(&str, &str, &Key), usize> = BTreeMap::new();
    let mut pairs = Vec::new();
    for (key, accounts) in &accounts {
        let (Some(sinks), Some(at)) = (sinks.get(*key), interned.credentials.get(*key)) else { continue };
        for sink in sinks {
            for account in accounts {
                let one = *first.entry((&key.name, sink, account)).or_insert(*at);
                if one != *at {
                    pairs.push((one, *at));
                }
            }
        }
    }
    pairs
}

/// Notes at the first credential of a name which others, in other stores, have the same name.
pub(super) fn note(graph: &mut Graph) {
    let mut by_name: BTreeMap<String, Vec<CredentialId>> = BTreeMap::new();
    for (at, node) in graph.credentials.iter().enumerate() {
        if tells(node) {
            by_name.entry(node.key.name.to_ascii_uppercase()).or_default().push(CredentialId(at));
        }
    }
    for mut group in by_name.into_values() {
        group.sort_by_key(|id| &graph.credentials[id.0].key);
        let Some((first, others)) = group.split_first() else { continue };
        let sinks = sinks(graph, *first);
        let namesake = |id: &CredentialId| {
            let tier = if sinks.is_disjoint(&self::sinks(graph, *id)) { Tier::T5 } else { Tier::T4 };
            Namesake { credential: *id, tier }
        };
        graph.credentials[first.0].namesakes = others.iter().map(namesake).collect();
    }
}

/// Whether an equal name may mean anything: somebody chose the name of a thing in a store, and software uses it.
fn tells(node: &CredentialNode) -> bool {
    let lasting = !matches!(node.lifetime, Some(Lifetime::Ambient | Lifetime::Federated | Lifetime::Session));
    lasting && !node.stores.is_empty() && !node.uses.is_empty() && !node.low_value && !node.placeholder
}

fn sinks(graph: &Graph, id: CredentialId) -> BTreeSet<&str> {
    graph.credentials[id.0].uses.iter().map(|number| graph.uses[*number].sink.as_str()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Zone, link};
    use super::*;
    use crate::facts::{Credential, Facts, Kind, Store, Workload, keys};
    use crate::text::{Place, SourceId, Span};

    /// A repository with one job that reads one secret, and the account it logs in as.
    fn repository(number: u32, name: &str, sink: &str, account: Option<&str>) -> Batch {
        let at = Place { source: SourceId(number), span: Span::new(0, 1) };
        let realm = format!("github.com/acme/{number}");
        let workload = Key::new(Kind::Workload, format!("github-actions:{realm}"), "release.yml/publish");
        let key = keys::github_secret(&realm, name);
        let mut facts = Facts::default();
        facts.workloads.push(Workload::new(workload.clone(), "publish", at));
        let mut secret = Credential::new(key.clone(), name, at);
        secret.store = Some(Store {
            kind: "github-actions".to_owned(),
            instance: realm.clone(),
            scope: String::new(),
            name: name.to_owned(),
        });
        facts.credentials.push(secret);
        let sink = sink.to_owned();
        let credential = key.clone().into();
        facts.state(at, Edge::Uses { workload, credential, sink, inline: false, environment: None });
        if let Some(account) = account {
            let identity = keys::registry_account("quay.io", account).into();
            facts.state(at, Edge::AuthenticatesAs { credential: key, identity });
        }
        let zone = Zone { realm, path: "release.yml".to_owned(), source: SourceId(number), sample: false };
        Batch { zone, facts }
    }

    fn tiers(graph: &Graph) -> Vec<(Tier, Vec<Tier>)> {
        let noted = |node: &CredentialNode| node.namesakes.iter().map(|one| one.tier).collect();
        graph.credentials.iter().map(|node| (node.sameness, noted(node))).collect()
    }

    const LOGIN: &str = "action:docker/login-action#password";

    #[test]
    fn name_sink_and_account_make_one_credential() {
        let one = repository(1, "QUAY", LOGIN, Some("acme+robot"));
        let graph = link(&[one, repository(2, "QUAY", LOGIN, Some("acme+robot"))], &[]);
        assert_eq!(tiers(&graph), [(Tier::T4, vec![])]);
        assert!(graph.uses.iter().all(|one| one.tier == Tier::T4));
    }

    #[test]
    fn without_the_account_they_stay_apart_and_are_noted_once() {
        let others = [("other+robot", LOGIN, Tier::T4), ("acme+robot", "env:QUAY_TOKEN", Tier::T5)];
        for (account, sink, tier) in others {
            let one = repository(1, "QUAY", LOGIN, Some("acme+robot"));
            let graph = link(&[one, repository(2, "QUAY", sink, Some(account))], &[]);
            assert_eq!(tiers(&graph), [(Tier::T2, vec![tier]), (Tier::T2, vec![])], "{account} {sink}");
        }
        let graph = link(&[repository(1, "QUAY", LOGIN, None), repository(2, "QUAY", LOGIN, None)], &[]);
        assert_eq!(tiers(&graph), [(Tier::T2, vec![Tier::T4]), (Tier::T2, vec![])]);
    }

    #[test]
    fn other_names_are_no_namesakes() {
        let one = repository(1, "QUAY", LOGIN, Some("acme+robot"));
        let graph = link(&[one, repository(2, "QUAY_2", LOGIN, Some("acme+robot"))], &[]);
        assert_eq!(tiers(&graph), [(Tier::T2, vec![]), (Tier::T2, vec![])]);
    }
}
