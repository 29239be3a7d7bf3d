//! `OWNERS` and `OWNERS_ALIASES` of Kubernetes and the projects that review with Prow.
//!
//! Source: kubernetes.io/contribute, "Owners"; go.k8s.io/owners. Approvers answer for a folder and all below it, unless a
//! folder further down has approvers of its own. Reviewers help and answer for nothing.

use crate::facts::{Edge, Facts, Key, Kind, Party, PartyKind, PartyStatus, Rung, When, keys};
use crate::formats::{Format, Input, Probe};
use crate::syntax::{Node, Syntax};

/// `OWNERS` and `OWNERS_ALIASES`.
pub(in crate::formats) static FORMAT: Format = Format {
    id: "owners-file",
    title: "OWNERS files of Prow",
    reads: "approvers of folders, also by filter, and the members of aliases",
    leaves: "reviewers, labels; filters that name single files",
    syntax: Syntax::Yaml,
    recognise,
    extract,
};

fn recognise(probe: &Probe<'_>) -> bool {
    match probe.file_name() {
        "OWNERS" => probe.mentions("approvers:"),
        "OWNERS_ALIASES" => probe.path == "OWNERS_ALIASES" && probe.mentions("aliases:"),
        _ => false,
    }
}

fn extract(input: &Input<'_>, facts: &mut Facts) {
    let Some(root) = input.tree.root() else { return };
    if input.file_name() == "OWNERS_ALIASES" {
        return aliases(input, root, facts);
    }
    let mut approvers: Vec<Node<'_>> = names(root.get("approvers"));
    for filter in root.get("filters").map(Node::entries).unwrap_or_default() {
        if filter.key() == Some(".*") {
            approvers.extend(names(filter.get("approvers")));
        } else {
            facts.gap(filter.key_span(), "OWNERS: a filter for some files of the folder");
        }
    }
    let subject = Key::new(Kind::Resource, format!("folder:{}", input.realm), input.folder());
    for approver in approvers {
        let Some(name) = approver.literal() else { continue };
        let party = keys::person(&format!("@{}", name.trim_start_matches('@')));
        let edge = Edge::OwnedBy { subject: subject.clone(), party: party.into(), rung: Rung::Codeowners };
        facts.state(input.place(approver), edge);
    }
}

fn names(list: Option<Node<'_>>) -> Vec<Node<'_>> {
    list.into_iter().flat_map(Node::items).collect()
}

/// An alias is a team; its members are people. In `OWNERS` both look alike, so only here they are told apart.
fn aliases(input: &Input<'_>, root: Node<'_>, facts: &mut Facts) {
    for alias in root.get("aliases").map(Node::entries).unwrap_or_default() {
        let Some(name) = alias.key() else { continue };
        let at = input.at(alias.key_span());
        add(facts, party(keys::team(&format!("@{name}")), name, PartyKind::Team, at));
        for member in names(Some(alias)) {
            let Some(name) = member.literal() else { continue };
            let name = name.trim_start_matches('@');
            add(facts, party(keys::person(&format!("@{name}")), name, PartyKind::Person, input.place(member)));
        }
    }
}

fn party(key: Key, name: &str, kind: PartyKind, at: crate::text::Place) -> Party {
    Party {
        key,
        title: format!("@{name}"),
        kind,
        emails: Vec::new(),
        handles: vec![name.to_ascii_lowercase()],
        status: PartyStatus::Unknown,
        ended: When::Unknown,
        at,
    }
}

fn add(facts: &mut Facts, party: Party) {
    if facts.parties.iter().all(|known| known.key != party.key) {
        facts.parties.push(party);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::read;
    use crate::text::SourceId;

    fn facts(path: &str, text: &str) -> Facts {
        read(SourceId(0), path, "github.com/acme/infra", text).facts
    }

    fn owners(facts: &Facts) -> Vec<(String, String)> {
        let row = |fact: &crate::facts::Fact| match &fact.edge {
            Edge::OwnedBy { subject, party, .. } => Some((subject.name.clone(), party.value.label())),
            _ => None,
        };
        facts.facts.iter().filter_map(row).collect()
    }

    #[test]
    fn approvers_own_their_folder_and_reviewers_do_not() {
        let found = facts(
            "jobs/OWNERS",
            "approvers:\n- ann\n- sig-leads # team\nreviewers:\n- bob\nemeritus_approvers: [carl]\n",
        );
        let expected = [("jobs".to_owned(), "@ann".to_owned()), ("jobs".to_owned(), "@sig-leads".to_owned())];
        assert_eq!(owners(&found), expected);
        let filtered =
            facts("OWNERS", "filters:\n  \".*\":\n    approvers: [ann]\n  \"x\\\\.go\":\n    approvers: [bob]\n");
        assert_eq!((owners(&filtered).len(), filtered.gaps.len()), (1, 1));
    }

    #[test]
    fn aliases_are_teams_and_their_members_people() {
        let found = facts("OWNERS_ALIASES", "aliases:\n  leads:\n  - Ann\n  - bob\n  others: [bob]\n");
        let kinds: Vec<_> = found.parties.iter().map(|party| (party.title.as_str(), party.kind)).collect();
        assert_eq!(
            kinds,
            [
                ("@leads", PartyKind::Team),
                ("@Ann", PartyKind::Person),
                ("@bob", PartyKind::Person),
                ("@others", PartyKind::Team)
            ]
        );
    }
}
