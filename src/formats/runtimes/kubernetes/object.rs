//! Objects as files hold them: one per document, or in lists of several shapes.

use super::names::is_given;
use crate::facts::Facts;
use crate::syntax::{Node, Style, Tree};

/// Lists in lists are not legal; this only keeps a hostile file from going deep.
const MAX_LISTS: usize = 4;

/// Controllers whose objects stand for what they made.
const CONTROLLERS: [&str; 9] = [
    "Deployment",
    "ReplicaSet",
    "StatefulSet",
    "DaemonSet",
    "Job",
    "CronJob",
    "ReplicationController",
    "DeploymentConfig",
    "Rollout",
];

/// One object.
#[derive(Clone, Copy)]
pub(super) struct Object<'t> {
    /// The whole.
    pub(super) node: Node<'t>,
    /// API group, empty for the core; none where a template decides.
    pub(super) group: Option<&'t str>,
    /// Kind.
    pub(super) kind: &'t str,
}

impl<'t> Object<'t> {
    /// `metadata`.
    pub(super) fn metadata(&self) -> Option<Node<'t>> {
        self.node.get("metadata")
    }

    /// The name, or the prefix from which the cluster will make one.
    pub(super) fn name(&self) -> Option<Node<'t>> {
        let metadata = self.metadata()?;
        let name = metadata.get("name").or_else(|| metadata.get("generateName"))?;
        is_given(name).then_some(name)
    }

    /// A literal label.
    pub(super) fn label(&self, key: &str) -> Option<&'t str> {
        self.metadata()?.get("labels")?.get_str(key)
    }

    /// An annotation.
    pub(super) fn annotation(&self, key: &str) -> Option<Node<'t>> {
        self.metadata()?.get("annotations")?.get(key)
    }

    /// The controller that made the object, in an export.
    pub(super) fn controller(&self) -> Option<Node<'t>> {
        let owners = self.metadata()?.get("ownerReferences")?;
        owners.items().find(|owner| owner.get_str("kind").is_some_and(|kind| CONTROLLERS.contains(&kind)))
    }

    /// Whether the cluster itself ships the object, see kubernetes.io/docs/reference/access-authn-authz/rbac/.
    pub(super) fn is_built_in(&self) -> bool {
        self.label("kubernetes.io/bootstrapping") == Some("rbac-defaults")
    }
}

/// Every object of a source, in the order of the text. Lists are unfolded, and patches that delete are left out.
pub(super) fn all<'t>(tree: &'t Tree, facts: &mut Facts) -> Vec<Object<'t>> {
    let mut all = Vec::new();
    for document in tree.documents() {
        collect(document, None, MAX_LISTS, &mut all, facts);
    }
    all
}

/// `inherited` is what the items of a typed list (`SecretList`) leave out: API version and kind.
fn collect<'t>(
    node: Node<'t>,
    inherited: Option<(Node<'t>, &'t str)>,
    lists: usize,
    all: &mut Vec<Object<'t>>,
    facts: &mut Facts,
) {
    if node.is_seq() && lists > 0 {
        for item in node.items() {
            collect(item, None, lists - 1, all, facts);
        }
        return;
    }
    let Some(version) = node.get("apiVersion").or(inherited.map(|(version, _)| version)) else { return };
    let kind = match node.get("kind") {
        Some(kind) if kind.style() == Style::Template => {
            facts.gap(kind.span(), "object whose kind a template decides");
            return;
        }
        Some(kind) => kind.literal(),
        None => inherited.map(|(_, kind)| kind),
    };
    let (Some(kind), Some(text)) = (kind, version.text()) else { return };
    let members = if kind == "Template" { node.get("objects") } else { node.get("items") };
    if let Some(members) = members.filter(|members| members.is_seq() && is_list(kind)) {
        if node.at(&["metadata", "continue"]).and_then(Node::text).is_some_and(|text| !text.is_empty()) {
            facts.gap(node.key_span(), "export cut off: metadata.continue is set");
        }
        let of = kind.strip_suffix("List").filter(|kind| !kind.is_empty()).map(|kind| (version, kind));
        for item in members.items().filter(|_| lists > 0) {
            collect(item, of, lists - 1, all, facts);
        }
        return;
    }
    if node.get_str("$patch") == Some("delete") {
        return;
    }
    let group = match version.literal() {
        Some(version) => Some(version.split_once('/').map_or("", |(group, _)| group)),
        None if text.is_empty() => return,
        None => None,
    };
    all.push(Object { node, group, kind });
}

fn is_list(kind: &str) -> bool {
    kind.ends_with("List") || kind == "Template"
}
