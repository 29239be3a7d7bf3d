//! Users, groups, roles and policies of an export, in the words of the IAM API.
//!
//! Fields: docs.aws.amazon.com/IAM/latest/APIReference, `UserDetail`, `GroupDetail`, `RoleDetail`, `User`, `Role`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{Timestamp, ToSpan};

use super::entity::{Tag, break_glass, is_break_glass_path, newest, own_tags};
use super::level::{cap, managed_policy, without};
use super::policy::{Document, Plain, embedded, read};
use super::trust::state_plain_trust;
use crate::facts::{Class, Confidence, Edge, Facts, Identity, Key, Kind, Level, Slot, Value, When, keys, moment};
use crate::formats::Input;
use crate::syntax::Node;
use crate::text::{Place, Span};

/// How far back `RoleLastUsed` reaches, in days.
const ROLE_USE_DAYS: i64 = 400;

/// An export that is turned into facts.
pub(in crate::formats) struct Export<'t, 'f> {
    input: Input<'t>,
    facts: &'f mut Facts,
    policies: BTreeMap<&'t str, Document>,
    groups: BTreeMap<Key, Node<'t>>,
    reported: BTreeSet<String>,
}

/// A policy of a principal, as far as the export tells.
struct Entitlement<'t> {
    name: &'t str,
    at: Span,
    content: Content,
}

enum Content {
    Document(Document),
    /// A managed policy of AWS that the catalogue knows.
    Known(Level),
    /// A policy of the account whose document is elsewhere.
    Elsewhere(Key),
    Unknown,
}

impl<'t, 'f> Export<'t, 'f> {
    /// Starts with nothing known but the file.
    pub(in crate::formats) fn new(input: Input<'t>, facts: &'f mut Facts) -> Self {
        facts.export = true;
        Self { input, facts, policies: BTreeMap::new(), groups: BTreeMap::new(), reported: BTreeSet::new() }
    }

    /// Notes a managed policy with the document of its default version.
    pub(in crate::formats) fn note_policy(&mut self, node: Node<'t>) {
        let Some(arn) = node.get_str("Arn") else { return };
        let versions = node.get("PolicyVersionList").map(Node::one_or_many).unwrap_or_default();
        let default = versions.into_iter().find(|version| {
            version.get("IsDefaultVersion").and_then(Node::truth) == Some(true)
                || version.get_str("VersionId").is_some_and(|id| node.get_str("DefaultVersionId") == Some(id))
        });
        match default.and_then(|version| document(version.get("Document")?)) {
            Some(document) => drop(self.policies.insert(arn, document)),
            None => self.facts.gap(node.span(), "managed policy without the document of its default version"),
        }
    }

    /// Notes a group, so that members with a boundary can be judged.
    pub(in crate::formats) fn note_group(&mut self, node: Node<'t>) {
        if let Some(key) = node.get_str("Arn").and_then(keys::aws_arn) {
            self.groups.insert(key, node);
        }
    }

    /// States the grants of the noted policies themselves, for pages that hold the principals.
    pub(in crate::formats) fn policies_alone(&mut self, source: &[Node<'t>]) {
        for node in source {
            let Some(arn) = node.get_str("Arn") else { continue };
            let (Some(key), Some(document)) = (policy_key(arn), self.policies.get(arn)) else { continue };
            let Some(allowed) = document.allowed(&[]) else { continue };
            let at = self.input.at(allowed.at);
            let name = node.get_str("PolicyName").unwrap_or(&key.name);
            self.facts.identities.push(Identity::new(key.clone(), name, "aws-policy", self.input.place(*node)));
            self.grant(&key, at, &allowed.on, name, allowed.level);
        }
    }

    /// A group with its grants.
    pub(in crate::formats) fn group(&mut self, node: Node<'t>) {
        let Some((key, identity)) = self.identity(node, "aws-group", "GroupName") else { return };
        // Nobody acts as a group, so it is no principal of its own: it only hands on what it may do.
        self.facts.identities.push(Identity { defined: false, ..identity });
        let entitlements = self.entitlements(node, "GroupPolicyList");
        self.state_entitlements(&key, &entitlements, &[], None);
    }

    /// A user with its groups and grants.
    pub(in crate::formats) fn user(&mut self, node: Node<'t>) {
        let Some((key, mut identity)) = self.identity(node, "aws-user", "UserName") else { return };
        if let Some(used) = node.get("PasswordLastUsed").and_then(|date| self.time(date)) {
            identity.interactive = Some(true);
            identity.last_used = When::At(used);
            identity = identity.class(Class::Human, Confidence::Medium, "someone signed in with its password");
        }
        self.declare_break_glass(node, &mut identity);
        self.facts.identities.push(identity);
        let entitlements = self.entitlements(node, "UserPolicyList");
        let (denied, boundary) = (denied(&entitlements), self.boundary(node));
        self.state_entitlements(&key, &entitlements, &denied, boundary);
        let groups = node.get("GroupList").map(Node::one_or_many).unwrap_or_default();
        for name in groups {
            let Some(text) = name.text() else { continue };
            let group = Key::new(Kind::Identity, key.realm.clone(), format!("group/{text}"));
            match self.groups.get(&group).copied() {
                // What narrows the user narrows what the group hands on, so it is stated as the user's own.
                Some(node) if boundary.is_some() || !denied.is_empty() => {
                    let inherited = self.entitlements(node, "GroupPolicyList");
                    self.state_entitlements(&key, &inherited, &denied, boundary);
                }
                _ => {
                    let (from, to) = (Slot::known(key.clone()), Slot::known(group));
                    self.facts.state(self.input.place(name), Edge::CanActAs { from, to, conditions: Vec::new() });
                }
            }
        }
    }

    /// A role with its trust and grants.
    pub(in crate::formats) fn role(&mut self, node: Node<'t>) {
        let Some((key, mut identity)) = self.identity(node, "aws-role", "RoleName") else { return };
        let trust = node.get("AssumeRolePolicyDocument").and_then(|value| {
            let document = document(value);
            if document.is_none() {
                self.facts.gap(value.span(), "trust document that is no JSON");
            }
            document
        });
        if let Some((class, confidence, why)) = class_of_role(&key, trust.as_ref()) {
            identity = identity.class(class, confidence, why);
        }
        self.declare_break_glass(node, &mut identity);
        let used = node.get("RoleLastUsed").map(|used| used.get("LastUsedDate").and_then(|date| self.time(date)));
        self.facts.identities.push(identity);
        if let Some(used) = used {
            self.roles_used(used);
        }
        if let Some(document) = &trust {
            let account = key.realm.trim_start_matches("aws:").to_owned();
            state_plain_trust(self.facts, self.input.source, document, &key, &account);
        }
        let entitlements = self.entitlements(node, "RolePolicyList");
        let (denied, boundary) = (denied(&entitlements), self.boundary(node));
        self.state_entitlements(&key, &entitlements, &denied, boundary);
    }

    fn roles_used(&mut self, used: Option<Timestamp>) {
        if let Some(role) = self.facts.identities.iter_mut().rev().find(|identity| identity.sort == "aws-role") {
            // An empty `RoleLastUsed` means no use within the records; `finish` sets it right for older roles.
            role.last_used = used.map_or(When::Never, When::At);
        }
    }

    /// A role that is older than the records of its use may have been used before them.
    pub(in crate::formats) fn finish(self) {
        let Some(as_of) = self.facts.as_of else { return };
        let Ok(recorded) = as_of.checked_sub((ROLE_USE_DAYS * 24).hours()) else { return };
        for role in self.facts.identities.iter_mut().filter(|identity| identity.sort == "aws-role") {
            if role.last_used == When::Never && role.created.at().is_none_or(|created| created < recorded) {
                role.last_used = When::Unknown;
            }
        }
    }

    /// The identity of a node that describes one, with its owners stated.
    fn identity(&mut self, node: Node<'t>, sort: &'static str, name: &str) -> Option<(Key, Identity)> {
        let key = keys::aws_arn(node.get_str("Arn")?)?;
        let title = node.get_str(name).unwrap_or_else(|| key.name.rsplit('/').next().unwrap_or_default());
        let at = node.get("Arn").map_or_else(|| self.input.place(node), |arn| self.input.place(arn));
        let mut identity = Identity::new(key.clone(), title, sort, at);
        identity.defined = true;
        identity.created = node.get("CreateDate").and_then(|date| self.time(date)).map_or(When::Unknown, When::At);
        let id = ["UserId", "RoleId", "GroupId"].iter().find_map(|field| node.get_str(field));
        identity.aliases.extend(id.map(|id| Key::new(Kind::Identity, "aws-id", id)));
        own_tags(self.facts, &key, &tags(self.input, node));
        Some((key, identity))
    }

    fn declare_break_glass(&self, node: Node<'t>, identity: &mut Identity) {
        let tags = tags(self.input, node);
        let sign = |confidence, why: &str, at| crate::facts::ClassEvidence {
            class: Class::Shared,
            confidence,
            why: why.to_owned(),
            at,
        };
        if let Some(tag) = break_glass(&tags) {
            identity.classes.push(sign(Confidence::High, "a tag declares it an emergency account", tag.at));
        } else if node.get_str("Path").is_some_and(is_break_glass_path) {
            identity.classes.push(sign(Confidence::Medium, "its path is one for emergency accounts", identity.at));
        }
    }

    fn time(&mut self, node: Node<'_>) -> Option<Timestamp> {
        let time = moment(node.text()?);
        newest(self.facts, time);
        time
    }

    fn entitlements(&mut self, node: Node<'t>, inline: &str) -> Vec<Entitlement<'t>> {
        let mut all = Vec::new();
        for policy in node.get(inline).map(Node::one_or_many).unwrap_or_default() {
            let name = policy.get_str("PolicyName").unwrap_or("inline policy");
            let content = policy.get("PolicyDocument").and_then(document);
            if content.is_none() && policy.is_map() {
                self.facts.gap(policy.span(), "inline policy whose document is no JSON");
            }
            all.extend(content.map(|content| Entitlement {
                name,
                at: policy.span(),
                content: Content::Document(content),
            }));
        }
        for attached in node.get("AttachedManagedPolicies").map(Node::one_or_many).unwrap_or_default() {
            let Some(node) = attached.get("PolicyArn") else { continue };
            let Some(arn) = node.literal() else { continue };
            let name = attached.get_str("PolicyName").unwrap_or(arn);
            all.push(Entitlement { name, at: node.span(), content: self.content(arn) });
        }
        all
    }

    fn content(&self, arn: &str) -> Content {
        match (managed_policy(arn), self.policies.get(arn)) {
            (Some((_, Some(level))), _) => Content::Known(level),
            (_, Some(document)) => Content::Document(document.clone()),
            (Some(_), None) => Content::Unknown,
            (None, None) => policy_key(arn).map_or(Content::Unknown, Content::Elsewhere),
        }
    }

    /// The level of the permissions boundary; none without one.
    fn boundary(&mut self, node: Node<'t>) -> Option<Level> {
        let boundary = node.get("PermissionsBoundary")?;
        let arn = boundary.get_str("PermissionsBoundaryArn").or_else(|| boundary.literal())?;
        let level = match self.content(arn) {
            Content::Known(level) => Some(level),
            Content::Document(document) => Some(document.allowed(&[]).map_or(Level::None, |allowed| allowed.level)),
            Content::Elsewhere(_) | Content::Unknown => None,
        };
        if level.is_none() {
            self.facts.gap(boundary.span(), "permissions boundary whose document is not in the export");
        }
        // What a boundary leaves is not known without its document, so administration is not proven.
        Some(level.unwrap_or(Level::Write))
    }

    fn state_entitlements(
        &mut self,
        key: &Key,
        entitlements: &[Entitlement<'t>],
        denied: &[String],
        boundary: Option<Level>,
    ) {
        for entitlement in entitlements {
            let at = self.input.at(entitlement.at);
            match &entitlement.content {
                Content::Known(level) => {
                    let level = cap(without(*level, denied), boundary);
                    self.grant(key, at, "all resources", entitlement.name, level);
                }
                Content::Document(document) => {
                    if let Some((span, what)) = document.unresolved() {
                        self.facts.gap(span, what);
                    }
                    if let Some(allowed) = document.allowed(denied) {
                        let level = cap(allowed.level, boundary);
                        // The attachment says more than the statement when the document is shared.
                        self.grant(key, at, &allowed.on, entitlement.name, level);
                    }
                }
                Content::Elsewhere(policy) if boundary.is_none() && denied.is_empty() => {
                    let edge = Edge::CanActAs {
                        from: Slot::known(key.clone()),
                        to: Slot::known(policy.clone()),
                        conditions: Vec::new(),
                    };
                    self.facts.state(at, edge);
                    self.report(entitlement, "is not in this export");
                }
                Content::Elsewhere(_) => self.report(entitlement, "is not in this export"),
                Content::Unknown => self.report(entitlement, "is not in the catalogue"),
            }
        }
    }

    fn report(&mut self, entitlement: &Entitlement<'_>, why: &str) {
        if self.reported.insert(entitlement.name.to_owned()) {
            self.facts.gap(entitlement.at, format!("what {} allows: its document {why}", entitlement.name));
        }
    }

    fn grant(&mut self, key: &Key, at: Place, on: &str, policy: &str, level: Level) {
        if level == Level::None {
            return;
        }
        let resource = Slot::new(Kind::Resource, key.realm.clone(), Value::literal(format!("{on}, by {policy}")));
        self.facts.state(at, Edge::Grants { identity: Slot::known(key.clone()), resource, level });
    }
}

/// A policy document, as a map or as a text that holds one.
fn document(node: Node<'_>) -> Option<Document> {
    match node.text() {
        Some(text) => embedded(text, node.span(), &Plain),
        None => read(node, &Plain),
    }
}

/// The key under which a policy of an account hands on what it allows.
pub(in crate::formats) fn policy_key(arn: &str) -> Option<Key> {
    let (before, path) = arn.split_once(":policy/")?;
    let account = before.rsplit(':').next()?;
    Some(keys::aws_principal(account, &format!("policy/{}", path.rsplit('/').next()?)))
}

fn denied(entitlements: &[Entitlement<'_>]) -> Vec<String> {
    let of = |entitlement: &Entitlement<'_>| match &entitlement.content {
        Content::Document(document) => document.denied(),
        _ if entitlement.name == "AWSDenyAll" => vec!["*".to_owned()],
        _ => Vec::new(),
    };
    entitlements.iter().flat_map(of).collect()
}

fn tags(input: Input<'_>, node: Node<'_>) -> Vec<Tag> {
    let tag = |node: Node<'_>| {
        let (key, value) = (node.get_str("Key")?, node.get_str("Value")?);
        Some(Tag { key: key.to_owned(), value: value.to_owned(), at: input.place(node) })
    };
    node.get("Tags").map(Node::one_or_many).unwrap_or_default().into_iter().filter_map(tag).collect()
}

/// What a role is by its name and trust.
fn class_of_role(key: &Key, trust: Option<&Document>) -> Option<(Class, Confidence, &'static str)> {
    use super::policy::Principal;
    if key.name.starts_with("role/AWSReservedSSO_") {
        return Some((Class::Human, Confidence::High, "people sign in to it through IAM Identity Center"));
    }
    let statements = trust.into_iter().flat_map(|document| &document.statements).filter(|statement| statement.allow);
    let principals: Vec<&Principal> = statements.clone().flat_map(|statement| &statement.principals).collect();
    let is_saml = |principal: &&Principal| match principal {
        Principal::Federated(value) => value.as_literal().is_some_and(|arn| arn.contains(":saml-provider/")),
        _ => false,
    };
    let by_platform = |principal: &&Principal| {
        matches!(principal, Principal::Service(_) | Principal::Federated(_)) && !is_saml(principal)
    };
    let asks_for_mfa = statements.clone().any(|statement| {
        statement.conditions.iter().any(|condition| condition.claim.eq_ignore_ascii_case("aws:MultiFactorAuthPresent"))
    });
    if principals.iter().any(by_platform) {
        Some((Class::Workload, Confidence::High, "its trust lets the platform hand it to running software"))
    } else if principals.iter().any(is_saml) {
        Some((Class::Human, Confidence::Medium, "people sign in to it through SAML"))
    } else if asks_for_mfa {
        Some((Class::Human, Confidence::Medium, "its trust asks for a second factor, which only people have"))
    } else {
        None
    }
}
