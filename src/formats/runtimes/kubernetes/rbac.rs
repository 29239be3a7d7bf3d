//! Roles and bindings: who may do what in the cluster.

use super::Reader;
use super::names::Namespace;
use super::object::Object;
use crate::catalog;
use crate::facts::{Class, Confidence, Edge, Identity, Key, Kind, Level, Slot, Value, keys};
use crate::syntax::Node;
use crate::text::Place;

/// Verbs that reach beyond the objects they name: kubernetes.io/docs/concepts/security/rbac-good-practices/.
const BEYOND: [&str; 3] = ["bind", "escalate", "impersonate"];

/// A `Role` or `ClusterRole`: an identity that its subjects may take on, with the level of its rules. It is described
/// nowhere, as it is no principal of its own.
pub(super) fn role(reader: &mut Reader<'_>, object: &Object<'_>) {
    let Some(name) = object.name().filter(|_| !object.is_built_in()) else { return };
    let namespace = (object.kind == "Role").then(|| reader.namespace_of(object));
    let role = role_slot(reader, namespace.as_ref(), reader.value(name));
    if let Some(rule) = object.node.get("aggregationRule") {
        reader.facts.gap(rule.key_span(), "cluster role aggregated from roles that its labels select");
    }
    for rule in object.node.get_all("rules").into_iter().flat_map(Node::items).filter(|rule| rule.is_map()) {
        let Some((words, level)) = judge(rule) else { continue };
        let realm = format!("k8s:{}", reader.input.realm);
        let resource = Slot::new(Kind::Resource, realm, Value::literal(words));
        let at = reader.input.place(rule);
        reader.facts.state(at, Edge::Grants { identity: role.clone(), resource, level });
    }
}

fn role_slot(reader: &Reader<'_>, namespace: Option<&Namespace>, name: Value) -> Slot {
    let realm = match namespace {
        Some(namespace) => format!("k8s-role:{}/{}", reader.input.realm, namespace.word),
        None => format!("k8s-role:{}", reader.input.realm),
    };
    Slot::new(Kind::Identity, realm, name)
}

/// What a rule allows, in words and as a level; none for rules on paths of the API server.
fn judge(rule: Node<'_>) -> Option<(String, Level)> {
    let list = |field: &str| -> Vec<&str> {
        rule.get(field).into_iter().flat_map(Node::items).filter_map(Node::literal).collect()
    };
    let (groups, resources, verbs) = (list("apiGroups"), list("resources"), list("verbs"));
    if resources.is_empty() || verbs.is_empty() {
        return None;
    }
    let level = catalog::k8s_rule_level(&groups, &resources, &verbs);
    let names = list("resourceNames");
    // Named objects only: not everything of a realm, unless the verb reaches beyond them.
    let capped = !names.is_empty() && !verbs.iter().any(|verb| BEYOND.contains(verb));
    let level = if capped { level.min(Level::Write) } else { level };
    Some((format!("{} ({})", resources.join(", "), verbs.join(", ")), level))
}

/// A `RoleBinding` or `ClusterRoleBinding`.
pub(super) fn binding(reader: &mut Reader<'_>, object: &Object<'_>) {
    if object.is_built_in() {
        return;
    }
    let (Some(reference), Some(subjects)) = (object.node.get("roleRef"), object.node.get("subjects")) else { return };
    let Some(name) = reference.get("name") else { return };
    let namespace = reader.namespace_of(object);
    let of_cluster = reference.get_str("kind") != Some("Role");
    let built_in = name.literal().filter(|_| of_cluster).and_then(catalog::k8s_role_level);
    let role = role_slot(reader, (!of_cluster).then_some(&namespace), reader.value(name));
    let everywhere = object.kind == "ClusterRoleBinding";
    for subject in subjects.items().filter(|subject| subject.is_map()) {
        let at = reader.input.place(subject);
        for identity in identities(reader, subject, &namespace) {
            let edge = match built_in {
                // The role ships with every cluster, so its level is known here.
                Some(level) => grant(reader, name, everywhere, &namespace, identity, level),
                None => Edge::CanActAs { from: identity, to: role.clone(), conditions: Vec::new() },
            };
            reader.facts.state(at, edge);
        }
    }
}

fn grant(
    reader: &Reader<'_>,
    role: Node<'_>,
    everywhere: bool,
    namespace: &Namespace,
    identity: Slot,
    level: Level,
) -> Edge {
    let role = role.text().unwrap_or_default();
    let words = match &namespace.name {
        _ if everywhere => format!("the cluster ({role})"),
        Some(name) => format!("namespace {name} ({role})"),
        None => format!("its namespace ({role})"),
    };
    let realm = format!("k8s:{}", reader.input.realm);
    Edge::Grants { identity, resource: Slot::new(Kind::Resource, realm, Value::literal(words)), level }
}

/// The identities that a subject stands for.
fn identities(reader: &mut Reader<'_>, subject: Node<'_>, namespace: &Namespace) -> Vec<Slot> {
    let Some(name) = subject.get("name") else { return Vec::new() };
    let at = reader.input.place(name);
    let value = reader.value(name);
    match subject.get_str("kind") {
        Some("ServiceAccount") => {
            let own = subject.get("namespace").map(|node| reader.namespace(Some(node)));
            vec![reader.account(&own.unwrap_or_else(|| namespace.clone()), value, at)]
        }
        Some("User") => user(reader, value, at).into_iter().collect(),
        Some("Group") => group(reader, value, at),
        _ => Vec::new(),
    }
}

/// Users are names that a login outside of the cluster vouches for; those of the platform itself are no one's to review.
fn user(reader: &mut Reader<'_>, value: Value, at: Place) -> Option<Slot> {
    let name = value.as_literal().unwrap_or_default();
    if let Some((namespace, account)) =
        name.strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':'))
    {
        return Some(Slot::known(keys::k8s_service_account(reader.input.realm, namespace, account)));
    }
    if name.starts_with("system:") && name != "system:anonymous" {
        return None;
    }
    if name.ends_with(".gserviceaccount.com") {
        return Some(Slot::known(keys::google_service_account(name)));
    }
    let (class, confidence, why) = match name {
        "system:anonymous" => (Class::Shared, Confidence::High, "anyone who reaches the API server"),
        _ if catalog::is_robot(name) => (Class::Service, Confidence::Medium, "its name has the shape of a machine's"),
        _ if name.contains('@') => (Class::Human, Confidence::Medium, "a user of the login provider with an address"),
        _ => (Class::Human, Confidence::Low, "a user of the login provider, not a service account"),
    };
    let slot = Slot::new(Kind::Identity, format!("k8s-user:{}", reader.input.realm), value);
    describe(reader, &slot, "k8s-user", at, (class, confidence, why));
    Some(slot)
}

/// Groups are people, but for those of the platform: all accounts of a namespace, or everyone.
fn group(reader: &mut Reader<'_>, value: Value, at: Place) -> Vec<Slot> {
    let name = value.as_literal().unwrap_or_default().to_owned();
    if let Some(namespace) = name.strip_prefix("system:serviceaccounts:") {
        reader.facts.gap(at.span, "binding to every service account of a namespace: read for those defined beside it");
        return members(reader, namespace, at);
    }
    let sign = match name.as_str() {
        "system:serviceaccounts" => (Class::Shared, Confidence::High, "every service account of the cluster"),
        "system:authenticated" => (Class::Shared, Confidence::High, "everyone who can log in to the cluster"),
        "system:unauthenticated" => (Class::Shared, Confidence::High, "anyone who reaches the API server"),
        name if name.starts_with("system:") => return Vec::new(),
        _ => (Class::Human, Confidence::Medium, "groups come from the login provider"),
    };
    let slot = Slot::new(Kind::Identity, format!("k8s-group:{}", reader.input.realm), value);
    describe(reader, &slot, "k8s-group", at, sign);
    vec![slot]
}

/// The account that every namespace has, and those that the file has named so far.
fn members(reader: &mut Reader<'_>, namespace: &str, at: Place) -> Vec<Slot> {
    let realm = keys::k8s_service_account(reader.input.realm, namespace, "").realm;
    let named = reader.facts.identities.iter().filter(|identity| identity.key.realm == realm && identity.defined);
    let mut keys: Vec<Key> = named.map(|identity| identity.key.clone()).collect();
    let home = Namespace { word: namespace.to_owned(), name: Some(namespace.to_owned()) };
    let default = reader.account(&home, Value::literal("default"), at);
    keys.retain(|key| key.name != "default");
    keys.into_iter().map(Slot::known).chain([default]).collect()
}

fn describe(
    reader: &mut Reader<'_>,
    slot: &Slot,
    sort: &'static str,
    at: Place,
    (class, confidence, why): (Class, Confidence, &str),
) {
    for key in slot.keys() {
        let identity = Identity::new(key, slot.value.label(), sort, at).class(class, confidence, why);
        reader.facts.identities.push(identity);
    }
}
