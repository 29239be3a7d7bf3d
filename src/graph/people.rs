//! The roster of people, and whose name an identity or a credential bears.
//!
//! A name alone proves nothing. A credential counts as a person's when its own value or platform says so, or when two
//! signs that do not depend on each other agree.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::{Batch, CredentialNode, Graph, IdentityId, PartyId, PartyNode, PersonLink};
use crate::catalog;
use crate::facts::{Class, Confidence, Kind, Party, PartyKind, PartyStatus, When, keys};
use crate::text::Place;

/// Someone who wrote a part of a repository's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Author {
    /// Name as in the commits.
    pub name: String,
    /// E-mail address, lower case.
    pub email: String,
    /// Newest commit.
    pub last: Timestamp,
}

/// Handles of mere authors that are shorter than this match too much.
const SHORTEST_HANDLE: usize = 5;
/// The same for people whom a list or an owners' file names.
const SHORTEST_LISTED: usize = 3;
/// Words of a handle: those of GitHub have at most 39 characters.
const MOST_WORDS: usize = 20;

/// Builds the roster and links people to identities and credentials.
pub(super) fn recognise(graph: &mut Graph, batches: &[Batch], authors: &[(String, Author)]) {
    let mut roster = Roster::default();
    for party in batches.iter().flat_map(|batch| &batch.facts.parties) {
        roster.add(graph, party);
        graph.given.roster |= party.status != PartyStatus::Unknown;
    }
    let own_names = own_names(batches);
    for (_, author) in authors {
        roster.add_author(graph, author);
    }
    link_identities(graph, &roster);
    link_credentials(graph, &roster, &own_names);
}

impl Graph {
    /// Counts everyone as gone whose end date is past, even where the list still calls them active: that is the leaver
    /// whom one system knows and the other does not.
    pub fn close_ended(&mut self, as_of: Timestamp) {
        for party in &mut self.parties {
            if party.ended.at().is_some_and(|ended| ended <= as_of) {
                party.status = PartyStatus::Left;
            }
        }
    }
}

/// Words of the repositories' own names: an organisation's handle in a secret's name is the organisation, not a person.
fn own_names(batches: &[Batch]) -> BTreeSet<String> {
    let realms: BTreeSet<&str> = batches.iter().map(|batch| batch.zone.realm.as_str()).collect();
    realms.into_iter().flat_map(|realm| realm.split(['/', '-', '_', '.'])).map(str::to_ascii_lowercase).collect()
}

#[derive(Default)]
struct Roster {
    by_email: BTreeMap<String, PartyId>,
    by_handle: BTreeMap<String, PartyId>,
    /// The handles that consist of these words, in order.
    by_words: BTreeMap<Vec<String>, Vec<String>>,
    /// Parties that a list of people or an owners' file names, as against mere authors.
    listed: BTreeSet<PartyId>,
}

impl Roster {
    fn add(&mut self, graph: &mut Graph, party: &Party) {
        let id = self.enter(graph, party);
        if party.kind == PartyKind::Person {
            self.listed.insert(id);
            self.index(graph, id);
        }
    }

    /// The node of a party, which may be known by an address or a handle.
    fn enter(&mut self, graph: &mut Graph, party: &Party) -> PartyId {
        let known = party.emails.iter().find_map(|email| self.by_email.get(email));
        let known = known.or_else(|| party.handles.iter().find_map(|handle| self.by_handle.get(handle))).copied();
        let id = known.unwrap_or_else(|| {
            graph.parties.push(PartyNode {
                key: party.key.clone(),
                title: party.title.clone(),
                kind: party.kind,
                emails: BTreeSet::new(),
                handles: BTreeSet::new(),
                status: PartyStatus::Unknown,
                ended: When::Unknown,
                place: Some(party.at),
                owns: Vec::new(),
            });
            PartyId(graph.parties.len() - 1)
        });
        let node = &mut graph.parties[id.0];
        node.status = node.status.max(party.status);
        node.ended = node.ended.or(party.ended);
        node.emails.extend(party.emails.iter().cloned());
        node.handles.extend(party.handles.iter().cloned());
        id
    }

    fn add_author(&mut self, graph: &mut Graph, author: &Author) {
        if catalog::is_robot(&author.name) || catalog::is_robot(&author.email) {
            return;
        }
        if let Some(id) = self.by_email.get(&author.email).copied() {
            if let Some(handle) = noreply_handle(&author.email) {
                graph.parties[id.0].handles.insert(handle);
                self.index(graph, id);
            }
            return;
        }
        let handle = noreply_handle(&author.email);
        let party = Party {
            key: keys::person(&author.email),
            title: author.name.clone(),
            kind: PartyKind::Person,
            emails: vec![author.email.clone()],
            handles: handle.into_iter().collect(),
            status: PartyStatus::Unknown,
            ended: When::Unknown,
            at: Place::default(),
        };
        let id = self.enter(graph, &party);
        self.index(graph, id);
        if let Some(id) = self.by_email.get(&author.email) {
            graph.parties[id.0].place = graph.parties[id.0].place.filter(|place| *place != Place::default());
        }
    }

    fn index(&mut self, graph: &Graph, id: PartyId) {
        for email in &graph.parties[id.0].emails {
            self.by_email.entry(email.clone()).or_insert(id);
            if let Some(name) = own_domain_name(email) {
                self.name(name, id);
            }
        }
        for handle in &graph.parties[id.0].handles {
            self.name(handle.clone(), id);
        }
    }

    fn name(&mut self, handle: String, id: PartyId) {
        if self.by_handle.contains_key(&handle) {
            return;
        }
        let words: Vec<String> =
            handle.split(['-', '_', '.']).filter(|word| !word.is_empty()).map(str::to_owned).collect();
        if !words.is_empty() {
            self.by_words.entry(words).or_default().push(handle.clone());
        }
        self.by_handle.insert(handle, id);
    }

    fn shortest(&self, id: PartyId) -> usize {
        if self.listed.contains(&id) { SHORTEST_LISTED } else { SHORTEST_HANDLE }
    }

    /// The person an account name belongs to: an e-mail address, a handle, or the local part of an address.
    fn person(&self, name: &str) -> Option<PartyId> {
        let name = name.trim_start_matches('@').to_ascii_lowercase();
        if let Some(id) = self.by_email.get(&name) {
            return Some(*id);
        }
        if let Some(handle) = noreply_handle(&name) {
            return self.by_handle.get(&handle).copied();
        }
        if name.contains('@') {
            return None;
        }
        let known = self.by_handle.get(&name).copied().filter(|id| name.len() >= self.shortest(*id));
        known.or_else(|| {
            if name.len() < SHORTEST_HANDLE {
                return None;
            }
            let local = format!("{name}@");
            let (email, id) = self.by_email.range(local.clone()..).next()?;
            email.starts_with(&local).then_some(*id)
        })
    }
}

/// The handle in GitHub's private address `12345+alice@users.noreply.github.com`
/// (docs.github.com, "Setting your commit email address").
fn noreply_handle(email: &str) -> Option<String> {
    let local = email.strip_suffix("@users.noreply.github.com")?;
    let handle = local.split_once('+').map_or(local, |(_, handle)| handle);
    (!handle.is_empty() && !catalog::is_robot(handle)).then(|| handle.to_ascii_lowercase())
}

/// The account name that people with a domain of their own like to take: `ada@lovelace.dev` is `adalovelace` elsewhere.
/// None for addresses on hosts that end in no public domain.
fn own_domain_name(email: &str) -> Option<String> {
    let (local, host) = email.split_once('@')?;
    let (domain, _) = host.split_once('.')?;
    let is_plain = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric());
    (is_plain(local) && is_plain(domain) && host.matches('.').count() == 1).then(|| format!("{local}{domain}"))
}

/// Sorts of identities whose bare name may be an account of a person.
const NAMED_SORTS: [&str; 7] =
    ["os-user", "registry-account", "code-host-account", "git-author", "k8s-user", "google-user", "aws-user"];

fn link_identities(graph: &mut Graph, roster: &Roster) {
    for at in 0..graph.identities.len() {
        let node = &graph.identities[at];
        if !NAMED_SORTS.contains(&node.sort) {
            continue;
        }
        let name = node.key.name.rsplit('/').next().unwrap_or_default().to_owned();
        if catalog::is_robot(&name) {
            continue;
        }
        let Some(party) = roster.person(&name) else { continue };
        let listed = roster.listed.contains(&party);
        // Whoever a job commits as becomes an author of the history by that very job, so a match there proves little.
        let weak = !listed && node.sort == "git-author";
        let confidence = match (listed, weak) {
            (true, _) => Confidence::High,
            (false, false) => Confidence::Medium,
            (false, true) => Confidence::Low,
        };
        let why = if listed {
            "bears the name of someone on the list of people"
        } else {
            "bears the name of an author of this repository"
        };
        let place = node.place;
        let node = &mut graph.identities[at];
        node.person = Some(party);
        node.signs.push(crate::facts::ClassEvidence {
            class: Class::Human,
            confidence,
            why: why.to_owned(),
            at: place,
        });
    }
}

fn link_credentials(graph: &mut Graph, roster: &Roster, own_names: &BTreeSet<String>) {
    for at in 0..graph.credentials.len() {
        let link = person_link(graph, &graph.credentials[at], roster, own_names);
        graph.credentials[at].person = link;
    }
}

fn person_link(
    graph: &Graph,
    credential: &CredentialNode,
    roster: &Roster,
    own_names: &BTreeSet<String>,
) -> Option<PersonLink> {
    let mut signs: Vec<(String, Place)> = Vec::new();
    let mut party = None;
    if credential.binding == Class::Human {
        signs.push(("its kind is only ever issued to a person".to_owned(), credential.place));
    }
    let named = credential.stores.iter().find_map(|store| name_in(&store.name, roster, own_names));
    let place = credential.uses.first().map_or(credential.place, |number| graph.uses[*number].place);
    if let Some((id, word)) = &named {
        party = Some(*id);
        signs.push((format!("its name holds `{word}`, the handle of {}", graph.parties[id.0].title), place));
    }
    for (identity, place) in &credential.identities {
        sign_of_login(graph, *identity, *place, roster, own_names, &mut party, &mut signs);
    }
    for (id, place) in committers(graph, credential) {
        if party.is_none_or(|known| known == id) {
            party = Some(id);
            signs.push((format!("the job that uses it commits as {}", graph.parties[id.0].title), place));
        }
    }
    let commits_only = named.is_none() && credential.identities.is_empty() && credential.binding != Class::Human;
    if signs.is_empty() || commits_only {
        return None;
    }
    let name = party.map_or_else(|| "a person".to_owned(), |id| graph.parties[id.0].title.clone());
    Some(PersonLink { party, name, signs })
}

/// What the login that goes with a credential says.
fn sign_of_login(
    graph: &Graph,
    identity: IdentityId,
    place: Place,
    roster: &Roster,
    own_names: &BTreeSet<String>,
    party: &mut Option<PartyId>,
    signs: &mut Vec<(String, Place)>,
) {
    let node = &graph.identities[identity.0];
    let expression = node.key.name.strip_prefix("${").and_then(|rest| rest.rsplit_once("}@"));
    let found = match expression {
        Some((expr, _)) => name_in(expr.rsplit('.').next().unwrap_or(expr), roster, own_names).map(|(id, _)| id),
        None => node.person,
    };
    if let Some(id) = found.filter(|id| party.is_none_or(|known| known == *id)) {
        *party = Some(id);
        signs.push((format!("the login that goes with it is named after {}", graph.parties[id.0].title), place));
    }
}

/// The person whose handle is a whole word of a secret's name (`ALICE_PAT`).
fn name_in(name: &str, roster: &Roster, own_names: &BTreeSet<String>) -> Option<(PartyId, String)> {
    let lower = name.to_ascii_lowercase();
    let words: Vec<String> =
        lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    let runs = (0..words.len()).flat_map(|from| (from + 1..=words.len()).take(MOST_WORDS).map(move |to| from..to));
    let handles = runs.filter_map(|run| roster.by_words.get(words.get(run)?)).flatten();
    let fits = |handle: &&String| {
        let id = roster.by_handle.get(*handle);
        id.is_some_and(|id| handle.len() >= roster.shortest(*id)) && !own_names.contains(*handle) && !is_common(handle)
    };
    let first = handles.filter(fits).min()?;
    Some((*roster.by_handle.get(first)?, first.clone()))
}

/// Words of secrets' names that are also somebody's handle somewhere.
fn is_common(handle: &str) -> bool {
    const COMMON: [&str; 26] = [
        "token",
        "secret",
        "access",
        "deploy",
        "github",
        "google",
        "azure",
        "docker",
        "client",
        "server",
        "release",
        "admin",
        "build",
        "slack",
        "vault",
        "nexus",
        "sonar",
        "cloud",
        "stage",
        "sonatype",
        "maven",
        "public",
        "private",
        "password",
        "jenkins",
        "production",
    ];
    COMMON.contains(&handle)
}

/// People as whom the credential's jobs commit.
fn committers(graph: &Graph, credential: &CredentialNode) -> Vec<(PartyId, Place)> {
    let mut found: Vec<(PartyId, Place)> = Vec::new();
    for number in &credential.uses {
        for act in &graph.workloads[graph.uses[*number].workload.0].acts {
            let act = &graph.acts[*act];
            let identity = &graph.identities[act.identity.0];
            if identity.sort != "git-author" {
                continue;
            }
            if let Some(person) = identity.person.filter(|person| found.iter().all(|(known, _)| known != person)) {
                found.push((person, act.place));
            }
        }
    }
    debug_assert!(credential.key.kind == Kind::Credential);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_date_that_is_past_outweighs_a_status() {
        let at = |date: &str| date.parse::<Timestamp>().unwrap();
        for (as_of, status) in
            [("2026-05-01T00:00:00Z", PartyStatus::Left), ("2026-01-01T00:00:00Z", PartyStatus::Active)]
        {
            let mut graph = Graph::default();
            let party = Party {
                key: keys::person("ann@acme.test"),
                title: "ann".to_owned(),
                kind: PartyKind::Person,
                emails: vec!["ann@acme.test".to_owned()],
                handles: Vec::new(),
                status: PartyStatus::Active,
                ended: When::At(at("2026-03-01T00:00:00Z")),
                at: Place::default(),
            };
            Roster::default().add(&mut graph, &party);
            graph.close_ended(at(as_of));
            assert_eq!(graph.parties[0].status, status, "{as_of}");
        }
    }

    #[test]
    fn private_addresses_hold_the_handle() {
        assert_eq!(noreply_handle("123+Alice@users.noreply.github.com").as_deref(), Some("alice"));
        assert_eq!(noreply_handle("1+dependabot[bot]@users.noreply.github.com"), None);
        assert_eq!(noreply_handle("alice@example.com"), None);
    }

    #[test]
    fn a_domain_of_ones_own_makes_a_name() {
        assert_eq!(own_domain_name("ada@lovelace.dev").as_deref(), Some("adalovelace"));
        assert_eq!(own_domain_name("1+ada@users.noreply.github.com"), None);
        assert_eq!(own_domain_name("ada"), None);
    }

    #[test]
    fn a_handle_counts_only_as_a_whole_word_and_never_as_the_organisation() {
        let mut roster = Roster::default();
        roster.name("alice".to_owned(), PartyId(0));
        roster.name("acmecorp".to_owned(), PartyId(1));
        roster.name("bob-ross".to_owned(), PartyId(2));
        roster.name("---".to_owned(), PartyId(3));
        let own = BTreeSet::from(["acmecorp".to_owned()]);
        assert!(name_in("ALICE_PAT", &roster, &own).is_some());
        assert!(name_in("MALICE_PAT", &roster, &own).is_none());
        assert!(name_in("ACMECORP_TOKEN", &roster, &own).is_none());
        assert_eq!(name_in("DEPLOY_BOB_ROSS_PAT", &roster, &own), Some((PartyId(2), "bob-ross".to_owned())));
        assert!(name_in("BOB_PAT_ROSS", &roster, &own).is_none());
    }
}
