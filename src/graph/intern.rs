//! Entities meet by equal keys.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Autonomy, Batch, CredentialNode, Graph, IdentityId, IdentityNode, NamedEnvironment, Tier, WorkloadId, WorkloadNode,
    Zone,
};
use crate::catalog;
use crate::facts::{
    Class, Confidence, Credential, Edge, Identity, Key, Kind, Level, Schedule, Slot, Trigger, TriggerKind, Value, Who,
    Workload, expression,
};
use crate::text::Place;

/// Where each key went.
#[derive(Default)]
pub(super) struct Interned {
    pub(super) workloads: BTreeMap<Key, WorkloadId>,
    pub(super) identities: BTreeMap<Key, IdentityId>,
    /// Credentials before joining: position in `loose`.
    pub(super) credentials: BTreeMap<Key, usize>,
    pub(super) loose: Vec<CredentialNode>,
}

/// Takes in every entity that a source describes or names.
pub(super) fn entities(graph: &mut Graph, batches: &[Batch]) -> Interned {
    let mut interned = Interned::default();
    for batch in batches {
        for workload in &batch.facts.workloads {
            add_workload(graph, &mut interned, workload, &batch.zone);
        }
        for identity in &batch.facts.identities {
            add_identity(graph, &mut interned, identity, &batch.zone);
        }
        for credential in &batch.facts.credentials {
            add_credential(&mut interned, credential, &batch.zone);
        }
    }
    for batch in batches {
        for fact in &batch.facts.facts {
            for slot in slots(&fact.edge) {
                name_slot(graph, &mut interned, &slot, fact.at, &batch.zone);
            }
        }
    }
    interned
}

fn add_workload(graph: &mut Graph, interned: &mut Interned, workload: &Workload, zone: &Zone) {
    let id = *interned.workloads.entry(workload.key.clone()).or_insert(WorkloadId(graph.workloads.len()));
    if id.0 == graph.workloads.len() {
        graph.workloads.push(bare_workload(workload, zone));
    }
    // Several sources may describe one workload: a unit and its drop-ins.
    let node = &mut graph.workloads[id.0];
    merge(&mut node.triggers, &workload.triggers);
    merge(&mut node.schedules, &workload.schedules);
    let named = workload.environments.iter().flat_map(|env| named(&env.value, env.declared, env.at));
    merge(&mut node.environments, &named.collect::<Vec<_>>());
    node.placement = node.placement.take().or_else(|| workload.placement.clone());
    node.enabled = node.enabled.or(workload.enabled);
    node.template &= workload.template;
    node.can_federate = node.can_federate.or(workload.can_federate);
    node.part_of = node.part_of.take().or_else(|| workload.part_of.clone());
    node.discriminator = node.discriminator.or(workload.discriminator);
    node.autonomy = autonomy(&node.triggers, &node.schedules);
}

/// Adds what is not there yet.
pub(super) fn merge<T: Clone + PartialEq>(into: &mut Vec<T>, from: &[T]) {
    for one in from {
        if !into.contains(one) {
            into.push(one.clone());
        }
    }
}

fn bare_workload(workload: &Workload, zone: &Zone) -> WorkloadNode {
    WorkloadNode {
        key: workload.key.clone(),
        title: workload.title.clone(),
        system: workload.key.realm.split(':').next().unwrap_or_default().to_owned(),
        zone: zone.clone(),
        place: workload.at,
        triggers: Vec::new(),
        schedules: Vec::new(),
        environments: Vec::new(),
        placement: None,
        enabled: None,
        template: workload.template,
        can_federate: None,
        part_of: None,
        discriminator: None,
        autonomy: Autonomy::Unknown,
        privilege: Level::None,
        uses: Vec::new(),
        acts: Vec::new(),
        owners: Vec::new(),
    }
}

/// The environments that a value may stand for.
pub(super) fn named(value: &Value, declared: bool, place: Place) -> Vec<NamedEnvironment> {
    match value {
        Value::OneOf(values) => values.iter().flat_map(|value| named(value, declared, place)).collect(),
        Value::Unknown { .. } => Vec::new(),
        Value::Literal(name) | Value::Default { name, .. } => {
            vec![NamedEnvironment { name: name.clone(), stage: catalog::stage(name), declared, literal: true, place }]
        }
        Value::Symbol { .. } => {
            vec![NamedEnvironment { name: value.label(), stage: None, declared, literal: false, place }]
        }
    }
}

/// Who is there when the workload acts, by all that starts it.
pub(super) fn autonomy(triggers: &[Trigger], schedules: &[Schedule]) -> Autonomy {
    let by_outsider = triggers.iter().any(|trigger| trigger.who == Who::Outsider);
    let by_hand = |kind| matches!(kind, TriggerKind::Manual | TriggerKind::Call);
    if by_outsider {
        Autonomy::TriggerableByOutsiders
    } else if triggers.is_empty() && schedules.is_empty() {
        Autonomy::Unknown
    } else if schedules.is_empty() && triggers.iter().all(|trigger| by_hand(trigger.kind)) {
        Autonomy::Attended
    } else {
        Autonomy::Unattended
    }
}

fn add_identity(graph: &mut Graph, interned: &mut Interned, identity: &Identity, zone: &Zone) {
    let id = *interned.identities.entry(identity.key.clone()).or_insert(IdentityId(graph.identities.len()));
    if id.0 == graph.identities.len() {
        graph.identities.push(bare_identity(&identity.key, &identity.title, identity.sort, identity.at, zone));
    }
    let node = &mut graph.identities[id.0];
    if identity.defined && !node.defined {
        node.defined = true;
        node.place = identity.at;
        node.zone = zone.clone();
        node.title.clone_from(&identity.title);
        node.sort = identity.sort;
    }
    for sign in &identity.classes {
        if !node.signs.contains(sign) {
            node.signs.push(sign.clone());
        }
    }
    node.created = node.created.or(identity.created);
    node.last_used = node.last_used.or(identity.last_used);
    node.interactive = node.interactive.or(identity.interactive);
    node.enabled = node.enabled.or(identity.enabled);
    node.default_rule = node.default_rule.or(identity.default_rule);
}

fn bare_identity(key: &Key, title: &str, sort: &'static str, place: Place, zone: &Zone) -> IdentityNode {
    IdentityNode {
        key: key.clone(),
        title: title.to_owned(),
        sort,
        zone: zone.clone(),
        place,
        defined: false,
        class: Class::Unknown,
        class_confidence: Confidence::Low,
        signs: Vec::new(),
        created: crate::facts::When::Unknown,
        last_used: crate::facts::When::Unknown,
        interactive: None,
        enabled: None,
        default_rule: None,
        person: None,
        privilege: Level::None,
        grants: Vec::new(),
        acts: Vec::new(),
        credentials: Vec::new(),
        trusts: Vec::new(),
        becomes: Vec::new(),
        owners: Vec::new(),
        grade: None,
    }
}

fn add_credential(interned: &mut Interned, credential: &Credential, zone: &Zone) {
    let at = *interned.credentials.entry(credential.key.clone()).or_insert(interned.loose.len());
    if at == interned.loose.len() {
        interned.loose.push(bare_credential(&credential.key, &credential.title, credential.at, zone));
    }
    let node = &mut interned.loose[at];
    if credential.defined && !node.defined {
        node.defined = true;
        node.place = credential.at;
        node.zone = zone.clone();
        node.title.clone_from(&credential.title);
    }
    node.class = node.class.take().or_else(|| credential.class.clone());
    node.provider = node.provider.take().or_else(|| credential.provider.clone());
    node.lifetime = node.lifetime.or(credential.lifetime);
    if node.binding == Class::Unknown {
        node.binding = credential.binding.unwrap_or(Class::Unknown);
    }
    node.stores.extend(credential.store.clone());
    node.created = node.created.or(credential.created);
    node.expires = node.expires.or(credential.expires);
    node.last_used = node.last_used.or(credential.last_used);
    node.active = node.active.or(credential.active);
    node.checksum = node.checksum.max(credential.checksum);
    node.placeholder |= credential.placeholder;
    // One sink that matters makes the credential matter.
    node.low_value = if node.seen { node.low_value && credential.low_value } else { credential.low_value };
    node.seen = true;
    node.level = node.level.max(credential.level.unwrap_or(Level::None));
    for identifier in &credential.identifiers {
        if !node.identifiers.contains(identifier) {
            node.identifiers.push(identifier.clone());
        }
    }
    if credential.literal && !node.literals.iter().any(|(known, _)| overlap(*known, credential.at)) {
        node.literals.push((credential.at, zone.clone()));
    }
}

/// A format and the scan for tokens may both find one value.
fn overlap(one: Place, other: Place) -> bool {
    one.source == other.source && (one == other || one.span.overlaps(other.span))
}

fn bare_credential(key: &Key, title: &str, place: Place, zone: &Zone) -> CredentialNode {
    let by_value = key.realm == "aws-access-key" || key.realm == "fingerprint";
    CredentialNode {
        key: key.clone(),
        title: title.to_owned(),
        members: vec![key.clone()],
        sameness: if by_value { Tier::T1 } else { Tier::T2 },
        zone: zone.clone(),
        place,
        defined: false,
        seen: false,
        class: None,
        provider: None,
        lifetime: None,
        binding: Class::Unknown,
        stores: BTreeSet::new(),
        identifiers: Vec::new(),
        created: crate::facts::When::Unknown,
        expires: crate::facts::When::Unknown,
        last_used: crate::facts::When::Unknown,
        active: None,
        checksum: crate::facts::Checksum::None,
        placeholder: false,
        low_value: false,
        level: Level::None,
        literals: Vec::new(),
        uses: Vec::new(),
        identities: Vec::new(),
        backed_by: Vec::new(),
        namesakes: Vec::new(),
        owners: Vec::new(),
        person: None,
        grade: None,
    }
}

/// The slots of an edge that name identities or credentials.
fn slots(edge: &Edge) -> Vec<Slot> {
    match edge {
        Edge::RunsAs { identity, .. } => vec![identity.clone()],
        Edge::Uses { credential, .. } => vec![credential.clone()],
        Edge::AuthenticatesAs { credential, identity } => vec![credential.clone().into(), identity.clone()],
        Edge::BackedBy { credential, by } => vec![credential.clone().into(), by.clone()],
        Edge::CanActAs { from, to, .. } => vec![from.clone(), to.clone()],
        Edge::Grants { identity, .. } => vec![identity.clone()],
        Edge::Invokes { .. } | Edge::OwnedBy { .. } => Vec::new(),
    }
}

fn name_slot(graph: &mut Graph, interned: &mut Interned, slot: &Slot, at: Place, zone: &Zone) {
    let default_rule = match &slot.value {
        Value::Default { rule, .. } => Some(*rule),
        _ => None,
    };
    for key in slot.keys() {
        let title = title(&key);
        match slot.kind {
            Kind::Identity => {
                let id = *interned.identities.entry(key.clone()).or_insert(IdentityId(graph.identities.len()));
                if id.0 == graph.identities.len() {
                    graph.identities.push(bare_identity(&key, &title, sort(&key), at, zone));
                }
                let node = &mut graph.identities[id.0];
                node.default_rule = node.default_rule.or(default_rule);
            }
            Kind::Credential if key.name != "*" && !interned.credentials.contains_key(&key) => {
                interned.credentials.insert(key.clone(), interned.loose.len());
                interned.loose.push(bare_credential(&key, &title, at, zone));
            }
            _ => {}
        }
    }
}

/// A name for people: a symbol's expression without its scope.
fn title(key: &Key) -> String {
    match key.name.strip_prefix("${").and_then(|rest| rest.rsplit_once("}@")) {
        Some((expr, _)) => expression(expr),
        None => key.name.clone(),
    }
}

/// What an identity is by its realm, when no source describes it.
fn sort(key: &Key) -> &'static str {
    let system = key.realm.split(':').next().unwrap_or_default();
    match system {
        "aws" if key.name.starts_with("user/") || key.name.starts_with("aws_iam_user.") => "aws-user",
        "aws" if key.name.starts_with("group/") || key.name.starts_with("aws_iam_group.") => "aws-group",
        "aws" if key.name.starts_with("role/") || key.name.starts_with("aws_iam_role.") => "aws-role",
        "aws" if key.name == "root" => "aws-root",
        "aws" if key.name == "account" => "aws-account",
        "aws" if key.name.contains("policy") => "aws-policy",
        "aws" => "aws-role",
        "k8s" => "k8s-service-account",
        "k8s-role" => "k8s-role",
        "k8s-user" => "k8s-user",
        "gcp" => "gcp-service-account",
        "entra" => "entra-client",
        "os" => "os-user",
        "oidc" => "oidc-subject",
        "registry" => "registry-account",
        "account" => "code-host-account",
        "git-author" => "git-author",
        "google-workspace" => "google-user",
        "aws-service" => "aws-service",
        "github-actions" => "github-job-token",
        _ => "identity",
    }
}
