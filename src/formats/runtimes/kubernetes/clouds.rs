//! Cloud identities that pods and service accounts may take on.
//!
//! Annotations: docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html,
//! cloud.google.com/kubernetes-engine/docs/how-to/workload-identity, azure.github.io/azure-workload-identity.

use super::Reader;
use super::names::is_given;
use super::object::Object;
use crate::catalog;
use crate::facts::{Edge, Key, Kind, Level, Slot, Value, keys};
use crate::syntax::{self, Node, Syntax};

/// What a service account's annotations let it become.
pub(super) fn annotations(reader: &mut Reader<'_>, object: &Object<'_>, account: &Slot) {
    if let Some(role) = object.annotation("eks.amazonaws.com/role-arn") {
        aws_role(reader, account, role);
    }
    if let Some(email) = object.annotation("iam.gke.io/gcp-service-account") {
        become_cloud(reader, account, email, "gcp:project", keys::google_service_account);
    }
    if let Some(client) = object.annotation("azure.workload.identity/client-id") {
        become_cloud(reader, account, client, "entra", keys::entra_client);
    }
}

fn become_cloud(reader: &mut Reader<'_>, from: &Slot, node: Node<'_>, realm: &str, key: fn(&str) -> Key) {
    if !is_given(node) {
        return;
    }
    let to = match reader.value(node) {
        Value::Literal(name) => Slot::known(key(&name)),
        value => Slot::new(Kind::Identity, realm, value),
    };
    let at = reader.input.place(node);
    reader.facts.state(at, Edge::CanActAs { from: from.clone(), to, conditions: Vec::new() });
}

/// The role that a field names: by ARN, by bare name in an account that the file does not say, or by an expression.
fn role(reader: &Reader<'_>, node: Node<'_>) -> Option<Slot> {
    if !is_given(node) {
        return None;
    }
    let unknown_account = keys::aws_principal(reader.input.realm, "").realm;
    match reader.value(node) {
        Value::Literal(name) if name.starts_with("arn:") => keys::aws_arn(&name).map(Slot::known),
        Value::Literal(name) => {
            let name = name.rsplit('/').next().unwrap_or_default();
            Some(Slot::known(keys::aws_principal(reader.input.realm, &format!("role/{name}"))))
        }
        value => Some(Slot::new(Kind::Identity, unknown_account, value)),
    }
}

fn aws_role(reader: &mut Reader<'_>, from: &Slot, node: Node<'_>) {
    let at = reader.input.place(node);
    match role(reader, node) {
        Some(to) => reader.facts.state(at, Edge::CanActAs { from: from.clone(), to, conditions: Vec::new() }),
        None => reader.facts.gap(node.span(), "cloud role that is not written as an ARN"),
    }
}

/// The role that kube2iam and kiam hand to a pod.
pub(super) fn pod_role(reader: &mut Reader<'_>, workload: &Key, annotations: Option<Node<'_>>) {
    let Some(node) = annotations.and_then(|annotations| annotations.get("iam.amazonaws.com/role")) else { return };
    let at = reader.input.place(node);
    if let Some(identity) = role(reader, node) {
        reader.facts.state(at, Edge::RunsAs { workload: workload.clone(), identity });
    }
}

/// EKS Pod Identity, as the controller of AWS reads it.
pub(super) fn pod_identity(reader: &mut Reader<'_>, object: &Object<'_>) {
    let Some(spec) = object.node.get("spec") else { return };
    associate(reader, spec, spec.get("serviceAccount"));
}

fn associate(reader: &mut Reader<'_>, entry: Node<'_>, account: Option<Node<'_>>) {
    let (Some(account), Some(role)) = (account, entry.get("roleARN")) else { return };
    let namespace = reader.namespace(entry.get("namespace"));
    let at = reader.input.place(account);
    let from = reader.account(&namespace, reader.value(account), at);
    aws_role(reader, &from, role);
}

/// `eksctl`: service accounts with policies or roles of their own, and Pod Identity.
pub(super) fn eksctl(reader: &mut Reader<'_>, object: &Object<'_>) {
    let Some(iam) = object.node.get("iam") else { return };
    for entry in iam.get("podIdentityAssociations").into_iter().flat_map(Node::items) {
        associate(reader, entry, entry.get("serviceAccountName"));
    }
    for entry in iam.get("serviceAccounts").into_iter().flat_map(Node::items) {
        let Some(name) = entry.at(&["metadata", "name"]) else { continue };
        let namespace = reader.namespace(entry.at(&["metadata", "namespace"]));
        let at = reader.input.place(name);
        let account = reader.account(&namespace, reader.value(name), at);
        if let Some(role) = entry.get("attachRoleARN") {
            aws_role(reader, &account, role);
        }
        for policy in entry.get("attachPolicyARNs").into_iter().flat_map(Node::items) {
            attach(reader, &account, policy);
        }
    }
}

/// A policy of a role that `eksctl` makes for the account alone.
fn attach(reader: &mut Reader<'_>, account: &Slot, policy: Node<'_>) {
    let Some(arn) = policy.literal() else { return };
    let name = arn.rsplit('/').next().unwrap_or(arn);
    let Some(level) = catalog::aws_policy_level(name) else { return };
    let resource = Slot::new(Kind::Resource, keys::aws_principal(reader.input.realm, "").realm, Value::literal(name));
    let at = reader.input.place(policy);
    reader.facts.state(at, Edge::Grants { identity: account.clone(), resource, level });
}

/// `aws-auth`: which AWS principals are which users and groups of an EKS cluster. The lists are YAML within a value:
/// docs.aws.amazon.com/eks/latest/userguide/auth-configmap.html.
pub(super) fn aws_auth(reader: &mut Reader<'_>, object: &Object<'_>) {
    if object.name().and_then(Node::literal) != Some("aws-auth") {
        return;
    }
    for node in ["mapRoles", "mapUsers"].iter().filter_map(|field| object.node.at(&["data", field])) {
        let Some(text) = node.literal() else {
            reader.facts.gap(node.span(), "map of AWS principals that a template fills in");
            continue;
        };
        let at = reader.input.place(node);
        let tree = syntax::parse(Syntax::Yaml, text);
        for entry in tree.root().into_iter().flat_map(Node::items) {
            let arn = entry.get_str("rolearn").or_else(|| entry.get_str("userarn"));
            let Some(principal) = arn.and_then(keys::aws_arn) else { continue };
            for group in entry.get("groups").into_iter().flat_map(Node::items).filter_map(Node::literal) {
                let edge = member(reader, &principal, group);
                edge.into_iter().for_each(|edge| reader.facts.state(at, edge));
            }
        }
    }
}

/// What membership in a group means: `system:masters` is above every role, other groups of the platform are for nodes.
fn member(reader: &Reader<'_>, principal: &Key, group: &str) -> Option<Edge> {
    let realm = reader.input.realm;
    if group == "system:masters" {
        let words = Value::literal("the cluster (system:masters)");
        let resource = Slot::new(Kind::Resource, format!("k8s:{realm}"), words);
        return Some(Edge::Grants { identity: principal.clone().into(), resource, level: Level::Admin });
    }
    let to = Slot::new(Kind::Identity, format!("k8s-group:{realm}"), Value::literal(group));
    (!group.starts_with("system:")).then(|| Edge::CanActAs {
        from: principal.clone().into(),
        to,
        conditions: Vec::new(),
    })
}
