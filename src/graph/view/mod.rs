//! How rules and reports look at the graph: fields of a node, and steps along its edges.

mod fields;
mod steps;

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::attribution::acting;
use super::{CredentialId, Graph, IdentityId, OwnerLink, PartyId, Tier, Use, WorkloadId, Zone};
use crate::catalog;
use crate::facts::{Key, Kind};
use crate::text::Place;

/// A node of any kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Node {
    /// A workload.
    Workload(WorkloadId),
    /// An identity.
    Identity(IdentityId),
    /// A credential.
    Credential(CredentialId),
    /// A party.
    Party(PartyId),
}

/// The value of a field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// Nothing tells; a condition on it is neither met nor missed.
    Unknown,
    /// A number.
    Number(i64),
    /// Yes or no.
    Flag(bool),
    /// One word or text.
    Word(String),
    /// Several.
    Words(BTreeSet<String>),
}

/// One step along an edge: what it leads to and the evidence for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The node at the other end; none where the edge leads to a place.
    pub to: Option<Node>,
    /// Where the step is written down.
    pub place: Place,
    /// What the place shows, for people.
    pub role: String,
    /// The tier by which the reference was joined.
    pub tier: Option<Tier>,
}

/// The graph as seen at one point in time.
#[derive(Clone, Copy)]
pub struct View<'g> {
    /// The graph.
    pub graph: &'g Graph,
    /// The time against which ages are computed.
    pub as_of: Timestamp,
}

impl<'g> View<'g> {
    /// Every node of a kind.
    #[must_use]
    pub fn nodes(&self, kind: Kind) -> Vec<Node> {
        match kind {
            Kind::Workload => (0..self.graph.workloads.len()).map(|at| Node::Workload(WorkloadId(at))).collect(),
            Kind::Identity => (0..self.graph.identities.len()).map(|at| Node::Identity(IdentityId(at))).collect(),
            Kind::Credential => {
                (0..self.graph.credentials.len()).map(|at| Node::Credential(CredentialId(at))).collect()
            }
            Kind::Party => (0..self.graph.parties.len()).map(|at| Node::Party(PartyId(at))).collect(),
            Kind::Resource => Vec::new(),
        }
    }

    /// The key of a node.
    #[must_use]
    pub fn key(&self, node: Node) -> &'g Key {
        match node {
            Node::Workload(id) => &self.graph.workloads[id.0].key,
            Node::Identity(id) => &self.graph.identities[id.0].key,
            Node::Credential(id) => &self.graph.credentials[id.0].key,
            Node::Party(id) => &self.graph.parties[id.0].key,
        }
    }

    /// The name of a node for people.
    #[must_use]
    pub fn name(&self, node: Node) -> &'g str {
        match node {
            Node::Workload(id) => &self.graph.workloads[id.0].title,
            Node::Identity(id) => &self.graph.identities[id.0].title,
            Node::Credential(id) => &self.graph.credentials[id.0].title,
            Node::Party(id) => &self.graph.parties[id.0].title,
        }
    }

    /// Where a node is defined or first named.
    #[must_use]
    pub fn place(&self, node: Node) -> Option<Place> {
        match node {
            Node::Workload(id) => Some(self.graph.workloads[id.0].place),
            Node::Identity(id) => Some(self.graph.identities[id.0].place),
            Node::Credential(id) => Some(self.graph.credentials[id.0].place),
            Node::Party(id) => self.graph.parties[id.0].place,
        }
    }

    /// The owners of a node, by something written.
    #[must_use]
    pub fn owners(&self, node: Node) -> &'g [OwnerLink] {
        match node {
            Node::Workload(id) => &self.graph.workloads[id.0].owners,
            Node::Identity(id) => &self.graph.identities[id.0].owners,
            Node::Credential(id) => &self.graph.credentials[id.0].owners,
            Node::Party(_) => &[],
        }
    }

    pub(super) fn uses(&self, id: CredentialId) -> impl Iterator<Item = &'g Use> + use<'g> {
        let graph = self.graph;
        graph.credentials[id.0].uses.iter().map(move |number| &graph.uses[*number])
    }

    /// The workloads behind a node: those that act as an identity or use a credential, or the workload itself.
    #[must_use]
    pub fn workloads(&self, node: Node) -> BTreeSet<WorkloadId> {
        let graph = self.graph;
        let users = match node {
            Node::Workload(id) => BTreeSet::from([id]),
            Node::Identity(id) => graph.identities[id.0].acts.iter().map(|act| graph.acts[*act].workload).collect(),
            Node::Credential(id) => self.uses(id).map(|one| one.workload).collect(),
            Node::Party(_) => BTreeSet::new(),
        };
        acting(graph, users)
    }

    /// The environments in which a node acts: those a use names, else those its workloads name.
    #[must_use]
    pub fn environments(&self, node: Node) -> BTreeSet<String> {
        let graph = self.graph;
        let of = |id: &WorkloadId| graph.workloads[id.0].environments.iter().map(|env| env.name.clone());
        self.workloads(node).iter().flat_map(of).collect()
    }

    pub(super) fn stages(&self, node: Node) -> BTreeSet<String> {
        let names = self.environments(node);
        names.iter().filter_map(|name| catalog::stage(name)).map(|stage| format!("{stage:?}").to_lowercase()).collect()
    }

    pub(super) fn zones(&self, node: Node) -> BTreeSet<&'g Zone> {
        let graph = self.graph;
        let mut zones: BTreeSet<&Zone> = self.workloads(node).iter().map(|id| &graph.workloads[id.0].zone).collect();
        match node {
            Node::Credential(id) => zones.extend(graph.credentials[id.0].literals.iter().map(|(_, zone)| zone)),
            Node::Identity(id) if zones.is_empty() => drop(zones.insert(&graph.identities[id.0].zone)),
            _ => {}
        }
        zones
    }

    /// The number of repositories, accounts or clusters in which a node is used.
    #[must_use]
    pub fn repositories(&self, node: Node) -> usize {
        self.zones(node).iter().map(|zone| &zone.realm).collect::<BTreeSet<_>>().len()
    }

    /// The trust zones in which a node is used: the hosts, the cluster or the pipelines of a repository, each by itself.
    pub(super) fn realms(&self, node: Node) -> BTreeSet<(&'g str, &'static str)> {
        let graph = self.graph;
        self.workloads(node).iter().map(|id| graph.workloads[id.0].realm()).collect()
    }

    /// Whether all use of a node lies in one package, whose parts are installed together under values given then.
    pub(super) fn packaged(&self, node: Node) -> bool {
        let zones = self.zones(node);
        let packages: BTreeSet<_> = zones.iter().map(|zone| (&zone.realm, package(&zone.path))).collect();
        packages.len() == 1 && packages.iter().all(|(_, package)| package.is_some())
    }

    /// The widest boundary that the use of a node crosses.
    pub(super) fn boundary(&self, node: Node) -> &'static str {
        let zones = self.zones(node);
        let module = |zone: &&Zone| (zone.realm.clone(), package(&zone.path).unwrap_or(folder(&zone.path)).to_owned());
        if self.realms(node).len() > self.repositories(node) {
            "realm"
        } else if self.repositories(node) > 1 {
            "repository"
        } else if zones.iter().map(module).collect::<BTreeSet<_>>().len() > 1 {
            "module"
        } else if zones.len() > 1 {
            "file"
        } else {
            "none"
        }
    }
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The folder of the package that a file belongs to: a Helm chart by its `templates`, and a Puppet module or Ansible role
/// by the folders that these lay down (helm.sh/docs/topics/charts, puppet.com "Module structure", docs.ansible.com
/// "Roles").
fn package(path: &str) -> Option<&str> {
    const PARTS: [&str; 5] = ["templates", "files", "manifests", "tasks", "handlers"];
    if path.starts_with("templates/") {
        return Some("");
    }
    let mut parts = path.match_indices('/').map(|(at, _)| at);
    let part = |start: usize| path.get(start + 1..)?.split_once('/').map(|(part, _)| part);
    let is_package = |start: &usize| {
        let above = path.get(..*start).unwrap_or_default();
        let set = folder(above).rsplit('/').next().unwrap_or_default();
        let set = set.rsplit('_').next().unwrap_or_default();
        part(*start)
            .is_some_and(|part| part == "templates" || (PARTS.contains(&part) && matches!(set, "modules" | "roles")))
    };
    parts.rfind(is_package).and_then(|start| path.get(..start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_installed_together_is_one_package() {
        assert_eq!(package("stable/shop/templates/hooks/migrate.yaml"), Some("stable/shop"));
        assert_eq!(package("stable/shop/charts/db/templates/db.yaml"), Some("stable/shop/charts/db"));
        assert_eq!(package("templates/shop.yaml"), Some(""));
        assert_eq!(package("modules/mail/files/mail.service"), Some("modules/mail"));
        assert_eq!(package("vendor_modules/mail/templates/init/mail.service.erb"), Some("vendor_modules/mail"));
        assert_eq!(package("roles/db/tasks/main.yml"), Some("roles/db"));
        for path in ["deploy/files/a.service", "terraform/modules/shop/main.tf", "k8s/shop/deploy.yaml", "a.yaml"] {
            assert_eq!(package(path), None, "{path}");
        }
    }
}
