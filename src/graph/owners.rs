//! Who answers for what, and by which rung of evidence.

use std::collections::{BTreeMap, BTreeSet};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::{Batch, Graph, OwnerLink, PartyId, Zone};
use crate::facts::{Edge, Fact, Key, Kind, PartyKind, PartyStatus, Rung, Slot, When};
use crate::text::Place;

/// Assigns owners to workloads, identities and credentials.
pub(super) fn assign(graph: &mut Graph, batches: &[Batch]) {
    let mut parties = Parties::index(graph);
    let mut tagged: BTreeMap<Key, Vec<OwnerLink>> = BTreeMap::new();
    let mut files: BTreeMap<String, Files> = BTreeMap::new();
    for batch in batches {
        let mut sections: BTreeMap<&str, Vec<OwnersLine>> = BTreeMap::new();
        for fact in &batch.facts.facts {
            let Edge::OwnedBy { subject, party, rung } = &fact.edge else { continue };
            // Whoever made it or reads its mail is a hint; it takes a statement of owners to miss one.
            graph.given.owners |= *rung > Rung::Creator;
            let found = parties.resolve(graph, party, fact);
            if subject.kind == Kind::Resource && subject.realm.starts_with("path:") {
                let lines = sections.entry(&subject.realm).or_default();
                add_line(lines, &subject.name, found, fact.at);
                continue;
            }
            let links = found.into_iter().map(|party| OwnerLink { party, rung: *rung, place: fact.at });
            if subject.kind == Kind::Resource && subject.realm.starts_with("folder:") {
                let folders = &mut files.entry(batch.zone.realm.clone()).or_default().folders;
                folders.entry(subject.name.clone()).or_default().extend(links);
            } else {
                tagged.entry(subject.clone()).or_default().extend(links);
            }
        }
        if !sections.is_empty() {
            let sections = sections.into_values().map(Section::new).collect();
            files.entry(batch.zone.realm.clone()).or_default().offer(&batch.zone.path, sections);
        }
    }
    own(graph, &tagged, &files, &modules(batches));
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

/// What the files of a repository say about the owners of its paths.
#[derive(Default)]
struct Files {
    /// The `CODEOWNERS` file that counts below each folder that has one, with its rank.
    codeowners: BTreeMap<String, (u8, Vec<Section>)>,
    /// Owners of folders, by path.
    folders: BTreeMap<String, Vec<OwnerLink>>,
}

impl Files {
    /// Takes a `CODEOWNERS` file unless one that the code hosts look for earlier is there: `.github/`, the root, `docs/`
    /// (docs.github.com, "About code owners").
    fn offer(&mut self, path: &str, sections: Vec<Section>) {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let (above, name) = folder.rsplit_once('/').unwrap_or(("", folder));
        let (root, rank) = match name {
            ".github" => (above, 0),
            "docs" => (above, 2),
            ".gitlab" => (above, 3),
            _ => (folder, 1),
        };
        if self.codeowners.get(root).is_none_or(|(known, _)| rank < *known) {
            self.codeowners.insert(root.to_owned(), (rank, sections));
        }
    }

    /// Code hosts only look at the top of a repository. Where nothing is there, a file further down still says whose the
    /// part below it is: a repository taken into another one, a part that is scanned alone.
    fn owners(&self, path: &str) -> Vec<OwnerLink> {
        let below = |root: &str| if root.is_empty() { Some(path) } else { path.strip_prefix(root)?.strip_prefix('/') };
        let top = self.codeowners.get_key_value("");
        let found = top.or_else(|| self.codeowners.iter().rfind(|(root, _)| below(root).is_some()));
        match found.and_then(|(root, (_, sections))| Some((below(root)?, sections))) {
            Some((path, sections)) => sections.iter().flat_map(|section| section.owners(path)).collect(),
            None => self.of_folder(path),
        }
    }

    /// The owners of the nearest folder that has some.
    fn of_folder(&self, path: &str) -> Vec<OwnerLink> {
        let mut folder = path;
        while let Some((above, _)) = folder.rsplit_once('/') {
            folder = above;
            if let Some(links) = self.folders.get(folder).filter(|links| !links.is_empty()) {
                return links.clone();
            }
        }
        self.folders.get("").cloned().unwrap_or_default()
    }
}

/// One line of a `CODEOWNERS` file. Without parties it takes ownership away.
struct OwnersLine {
    pattern: String,
    parties: Vec<PartyId>,
    place: Place,
}

/// Several owners of one line come as several facts at one place.
fn add_line(lines: &mut Vec<OwnersLine>, pattern: &str, parties: Vec<PartyId>, place: Place) {
    match lines.last_mut().filter(|last| last.place == place && last.pattern == pattern) {
        Some(last) => last.parties.extend(parties),
        None => lines.push(OwnersLine { pattern: pattern.to_owned(), parties, place }),
    }
}

/// The lines that override each other: a whole file on GitHub, a section of it on GitLab. The last line that matches a
/// path decides.
struct Section(Vec<(Gitignore, OwnersLine)>);

impl Section {
    fn new(lines: Vec<OwnersLine>) -> Self {
        let compile = |line: OwnersLine| {
            let mut builder = GitignoreBuilder::new("");
            builder.add_line(None, &line.pattern).ok()?;
            Some((builder.build().ok()?, line))
        };
        Self(lines.into_iter().filter_map(compile).collect())
    }

    fn owners(&self, path: &str) -> impl Iterator<Item = OwnerLink> {
        let last = self.0.iter().rev().find(|(glob, line)| matches(glob, &line.pattern, path)).map(|(_, line)| line);
        last.into_iter().flat_map(|line| {
            line.parties.iter().map(|party| OwnerLink { party: *party, rung: Rung::Codeowners, place: line.place })
        })
    }
}

/// Unlike in `.gitignore`, `docs/*` means the files of that folder and not those further down.
fn matches(glob: &Gitignore, pattern: &str, path: &str) -> bool {
    let found =
        if pattern.ends_with("/*") { glob.matched(path, false) } else { glob.matched_path_or_any_parents(path, false) };
    found.is_ignore()
}

/// The identities that a source defines.
fn defined(batch: &Batch) -> impl Iterator<Item = &Key> {
    batch.facts.identities.iter().filter(|identity| identity.defined).map(|identity| &identity.key)
}

/// Where infrastructure code makes an identity that an export describes as well. Whoever keeps the code answers for the
/// identity, and whoever keeps the exports does not.
fn modules(batches: &[Batch]) -> BTreeMap<&Key, &Zone> {
    let exports = batches.iter().filter(|batch| batch.facts.export);
    let exported: BTreeSet<&Key> = exports.flat_map(defined).collect();
    let code = batches.iter().filter(|batch| !batch.facts.export);
    let made = code.flat_map(|batch| defined(batch).map(|key| (key, &batch.zone)));
    made.filter(|(key, _)| exported.contains(key)).collect()
}

fn own(
    graph: &mut Graph,
    tagged: &BTreeMap<Key, Vec<OwnerLink>>,
    files: &BTreeMap<String, Files>,
    modules: &BTreeMap<&Key, &Zone>,
) {
    let by_path = |zone: &Zone| files.get(&zone.realm).map(|files| files.owners(&zone.path)).unwrap_or_default();
    let best = |key: &Key, zone: &Zone| {
        let mut links = tagged.get(key).cloned().unwrap_or_default();
        links.extend(by_path(zone));
        strongest(links)
    };
    for workload in &mut graph.workloads {
        workload.owners = best(&workload.key, &workload.zone);
    }
    for identity in &mut graph.identities {
        let module = modules.get(&identity.key).map(|zone| by_path(zone)).unwrap_or_default();
        identity.owners = if !module.is_empty() {
            let mut links = tagged.get(&identity.key).cloned().unwrap_or_default();
            links.extend(module.into_iter().map(|link| OwnerLink { rung: Rung::IacModule, ..link }));
            strongest(links)
        } else if identity.defined {
            best(&identity.key, &identity.zone)
        } else {
            strongest(tagged.get(&identity.key).cloned().unwrap_or_default())
        };
    }
    for credential in &mut graph.credentials {
        let mut links: Vec<OwnerLink> =
            credential.members.iter().filter_map(|key| tagged.get(key)).flatten().cloned().collect();
        if credential.defined {
            links.extend(by_path(&credential.zone));
        }
        credential.owners = strongest(links);
    }
    inherit(graph);
}

/// Of evidence of different rungs the strongest counts.
fn strongest(mut links: Vec<OwnerLink>) -> Vec<OwnerLink> {
    let top = links.iter().map(|link| link.rung).max();
    links.retain(|link| Some(link.rung) == top);
    links
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
    let parties = |links: &[OwnerLink]| links.iter().map(|link| link.party).collect::<BTreeSet<_>>();
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

#[cfg(test)]
mod tests {
    use super::*;

    fn section(lines: &[(&str, &[usize])]) -> Section {
        let line = |(pattern, parties): &(&str, &[usize])| OwnersLine {
            pattern: (*pattern).to_owned(),
            parties: parties.iter().copied().map(PartyId).collect(),
            place: Place::default(),
        };
        Section::new(lines.iter().map(line).collect())
    }

    fn parties(section: &Section, path: &str) -> Vec<usize> {
        section.owners(path).map(|link| link.party.0).collect()
    }

    #[test]
    fn the_last_line_that_matches_decides_and_may_name_nobody() {
        let section = section(&[("*", &[0]), ("/docs/*", &[1]), ("vendor/", &[]), ("/a b/", &[2])]);
        assert_eq!(parties(&section, "src/main.rs"), [0]);
        assert_eq!(parties(&section, "docs/index.md"), [1]);
        assert_eq!(parties(&section, "docs/api/x.md"), [0]);
        assert_eq!(parties(&section, "x/vendor/y/z.go"), [0usize; 0]);
        assert_eq!(parties(&section, "a b/c"), [2]);
    }

    #[test]
    fn one_file_counts_and_folders_count_where_there_is_none() {
        let mut files = Files::default();
        let link = |party| OwnerLink { party: PartyId(party), rung: Rung::Codeowners, place: Place::default() };
        files.folders.insert(String::new(), vec![link(7)]);
        files.folders.insert("jobs".to_owned(), vec![link(8)]);
        let owners = |files: &Files, path: &str| files.owners(path).iter().map(|link| link.party.0).collect::<Vec<_>>();
        assert_eq!(owners(&files, "jobs/a/b.yaml"), [8]);
        assert_eq!(owners(&files, "jobsmore/b.yaml"), [7]);
        assert_eq!(owners(&files, "top"), [7]);
        files.offer("docs/CODEOWNERS", vec![section(&[("*", &[1])])]);
        files.offer(".github/CODEOWNERS", vec![section(&[("*", &[2])]), section(&[("*.md", &[3])])]);
        files.offer("CODEOWNERS", vec![section(&[("*", &[4])])]);
        assert_eq!(owners(&files, "x.md"), [2, 3]);
        files.offer("lib/part/CODEOWNERS", vec![section(&[("/x", &[5])])]);
        assert_eq!(owners(&files, "lib/part/x"), [2]);
    }

    #[test]
    fn an_exported_identity_is_owned_by_the_code_that_makes_it() {
        let user = Key::new(Kind::Identity, "aws:111122223333", "user/deploy");
        let at = |source| Place { source: crate::text::SourceId(source), ..Place::default() };
        let batch = |source: u32, path: &str, export: bool| {
            let mut facts = crate::facts::Facts { export, ..Default::default() };
            let mut identity = crate::facts::Identity::new(user.clone(), "deploy", "aws-user", at(source));
            identity.defined = true;
            facts.identities.push(identity);
            let zone = Zone { path: path.to_owned(), source: at(source).source, ..Zone::default() };
            Batch { zone, facts }
        };
        let mut owners =
            Batch { zone: Zone { path: "CODEOWNERS".to_owned(), ..Zone::default() }, facts: Default::default() };
        for (folder, team) in [("/exports/", "@acme/audit"), ("/terraform/", "@acme/platform")] {
            let subject = Key::new(Kind::Resource, "path:CODEOWNERS", folder);
            let party = crate::facts::keys::team(team).into();
            owners.facts.state(
                at(9 + u32::from(folder == "/exports/")),
                Edge::OwnedBy { subject, party, rung: Rung::Codeowners },
            );
        }
        let (export, code) = (batch(0, "exports/users.json", true), batch(1, "terraform/iam.tf", false));
        let named = |batches: &[Batch]| {
            let graph = super::super::link(batches, &[]);
            let link =
                graph.identities[0].owners.first().map(|link| (graph.parties[link.party.0].title.clone(), link.rung));
            link.unwrap()
        };
        let batches = [owners, export, code];
        assert_eq!(named(&batches), ("@acme/platform".to_owned(), Rung::IacModule));
        assert_eq!(named(&batches[..2]), ("@acme/audit".to_owned(), Rung::Codeowners));
    }

    #[test]
    fn a_file_further_down_counts_where_there_is_none_at_the_top() {
        let mut files = Files::default();
        files.offer("lib/part/.github/CODEOWNERS", vec![section(&[("/x/", &[5])])]);
        files.offer("lib/CODEOWNERS", vec![section(&[("*", &[6])])]);
        let owners = |path: &str| files.owners(path).iter().map(|link| link.party.0).collect::<Vec<_>>();
        assert_eq!(owners("lib/part/x/y"), [5]);
        assert_eq!(owners("lib/partly/x/y"), [6]);
        assert_eq!(owners("x/y"), [0usize; 0]);
    }

    #[test]
    fn the_strongest_rung_counts() {
        let link = |party, rung| OwnerLink { party: PartyId(party), rung, place: Place::default() };
        let kept = strongest(vec![link(0, Rung::Creator), link(1, Rung::Codeowners), link(2, Rung::Codeowners)]);
        assert_eq!(kept.iter().map(|link| link.party.0).collect::<Vec<_>>(), [1, 2]);
    }
}
