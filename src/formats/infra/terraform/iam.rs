//! Resources of AWS IAM, and what else hands a role to software.

use std::collections::{BTreeMap, BTreeSet};

use super::documents::{self, Found};
use super::scope::{Block, File};
use crate::facts::{
    Class, ClassEvidence, Confidence, Credential, Edge, Facts, Identity, Key, Kind, Level, Lifetime, Slot, Value, When,
    keys,
};
use crate::formats::aws::{Document, Scope, Tag, break_glass, own_tags, state_trust};
use crate::syntax::{Node, Shape};
use crate::text::{Place, Span};

/// States what the IAM resources of a file say.
pub(super) fn state(file: &File<'_>, facts: &mut Facts) {
    let mut reader = Reader { file, facts, boundaries: BTreeMap::new(), calls: BTreeSet::new() };
    for block in &file.blocks {
        reader.note_boundary(block);
    }
    for block in &file.blocks {
        reader.block(block);
    }
    reader.outputs();
}

pub(super) struct Reader<'f, 't> {
    pub(super) file: &'f File<'t>,
    pub(super) facts: &'f mut Facts,
    pub(super) boundaries: BTreeMap<Key, Level>,
    /// Outputs of modules that were described.
    calls: BTreeSet<Key>,
}

/// The sorts of principals that policies are attached to: attribute for one, attribute for several, word in names.
const HOLDERS: [(&str, &str, &str); 3] =
    [("user", "users", "user"), ("role", "roles", "role"), ("group", "groups", "group")];

impl<'t> Reader<'_, 't> {
    fn block(&mut self, block: &Block<'t>) {
        match (block.data, block.sort) {
            (false, "aws_iam_user") => self.principal(block, "aws-user", "user"),
            (false, "aws_iam_group") => self.principal(block, "aws-group", "group"),
            (false, "aws_iam_role") => self.role(block),
            (false, "aws_iam_access_key") => self.access_key(block),
            (false, "aws_iam_service_specific_credential") => self.access_key(block),
            (false, "aws_iam_user_login_profile") => self.login(block),
            (false, "aws_iam_user_policy" | "aws_iam_role_policy" | "aws_iam_group_policy") => {
                let name = self.file.literal(block, "name").unwrap_or_else(|| block.name.to_owned());
                for holder in self.holders(block) {
                    self.inline(block, &holder, block.body.get("policy"), &name);
                }
            }
            (
                false,
                "aws_iam_user_policy_attachment"
                | "aws_iam_role_policy_attachment"
                | "aws_iam_group_policy_attachment"
                | "aws_iam_policy_attachment"
                | "aws_iam_role_policy_attachments_exclusive"
                | "aws_iam_user_policy_attachments_exclusive",
            ) => {
                for holder in self.holders(block) {
                    self.attached(
                        block,
                        &holder,
                        block.body.get("policy_arn").or_else(|| block.body.get("policy_arns")),
                    );
                }
            }
            (false, "aws_iam_policy") => self.policy(block),
            (true, "aws_iam_policy_document") => self.document(block),
            (false, "aws_iam_user_group_membership" | "aws_iam_group_membership") => self.membership(block),
            (false, "aws_eks_pod_identity_association") => self.pod_identity(block),
            (false, "kubernetes_service_account" | "kubernetes_service_account_v1") => self.service_account(block),
            _ => {}
        }
    }

    pub(super) fn at(&self, span: Span) -> Place {
        self.file.input.at(span)
    }

    /// A title that tells resources of the same address in different modules apart.
    pub(super) fn title(&self, block: &Block<'t>) -> String {
        self.placed(&block.address())
    }

    /// An address with the folder of its module.
    fn placed(&self, address: &str) -> String {
        let folder = self.file.input.folder();
        if folder.is_empty() { address.to_owned() } else { format!("{address} ({folder})") }
    }

    /// The key of what a resource makes: its name where that is plain and the account is the module's own, else its
    /// address.
    pub(super) fn key(&self, block: &Block<'t>, word: &str) -> (Key, Option<String>) {
        let name = self.file.literal(block, "name").filter(|_| block.body.get("provider").is_none());
        match name {
            Some(name) => (keys::aws_principal(&self.file.module(), &format!("{word}/{name}")), Some(name)),
            None => (self.file.address_key(&block.address()), None),
        }
    }

    fn principal(&mut self, block: &Block<'t>, sort: &'static str, word: &str) {
        let (key, name) = self.key(block, word);
        let mut identity =
            Identity::new(key.clone(), name.clone().unwrap_or_else(|| self.title(block)), sort, self.at(block.at));
        if name.is_some() {
            identity.aliases.push(self.file.address_key(&block.address()));
        }
        identity.defined = sort != "aws-group";
        let tags = self.tags(block);
        own_tags(self.facts, &key, &tags);
        if let Some(tag) = break_glass(&tags) {
            let why = "a tag declares it an emergency account".to_owned();
            identity.classes.push(ClassEvidence {
                class: Class::Shared,
                confidence: Confidence::High,
                why,
                at: tag.at,
            });
        }
        self.facts.identities.push(identity);
    }

    fn role(&mut self, block: &Block<'t>) {
        self.principal(block, "aws-role", "role");
        let (key, _) = self.key(block, "role");
        if let Some(node) = block.body.get("assume_role_policy") {
            match documents::find(self.file, block, node) {
                Found::Here(document) => {
                    self.class_of_role(&document);
                    let scope = self.file.of(block);
                    state_trust(self.facts, self.file.input.source, &document, &key, &self.file.module(), &scope);
                }
                Found::Elsewhere(from) if !from.name.starts_with("aws_") => {
                    // Whoever the document trusts, in whichever file of the module, becomes the role through it.
                    let (from, to) = (Slot::known(from), Slot::known(key.clone()));
                    self.facts.state(self.at(node.span()), Edge::CanActAs { from, to, conditions: Vec::new() });
                }
                Found::Elsewhere(_) => self.facts.gap(node.span(), "trust document in another file"),
                Found::Unread(why) => self.facts.gap(node.span(), why),
            }
        }
        self.attached(block, &Slot::known(key.clone()), block.body.get("managed_policy_arns"));
        for inline in documents::blocks(block.body, "inline_policy") {
            let name = inline.get_str("name").unwrap_or("inline policy").to_owned();
            self.inline(block, &Slot::known(key.clone()), inline.get("policy"), &name);
        }
    }

    /// A role that services or identity tokens become is one of running software.
    fn class_of_role(&mut self, document: &Document) {
        use crate::formats::aws::Principal;
        let mut principals = document.statements.iter().flat_map(|statement| &statement.principals);
        let by_platform = principals.any(|principal| match principal {
            Principal::Service(_) => true,
            Principal::Federated(value) => !value.label().contains("saml"),
            Principal::Anyone | Principal::Aws(_) => false,
        });
        if let (true, Some(role)) = (by_platform, self.facts.identities.last_mut()) {
            let why = "its trust lets the platform hand it to running software".to_owned();
            let at = role.at;
            role.classes.push(ClassEvidence { class: Class::Workload, confidence: Confidence::High, why, at });
        }
    }

    /// An access key or a password for one service that Terraform makes and keeps in its state.
    fn access_key(&mut self, block: &Block<'t>) {
        let realm = format!("terraform:{}", self.file.module());
        let key = Key::new(Kind::Credential, realm, block.address());
        let at = self.at(block.at);
        let iam_key = block.sort == "aws_iam_access_key";
        let what = if iam_key { "access key" } else { "service password" };
        let mut credential = Credential::new(key.clone(), format!("{what} {}", self.title(block)), at);
        credential.defined = true;
        credential.class = iam_key.then(|| "aws-access-key".to_owned());
        credential.provider = Some("aws".to_owned());
        credential.lifetime = Some(Lifetime::Static);
        // Only the copy in the state can be encrypted (`pgp_key`); the key itself has no end either way.
        credential.expires = When::Never;
        credential.active = self.file.literal(block, "status").map(|status| !status.eq_ignore_ascii_case("inactive"));
        self.facts.credentials.push(credential);
        let field = if iam_key { "user" } else { "user_name" };
        for user in self.slots(block, field, "user") {
            for key in user.keys() {
                let named = Identity::new(key.clone(), short(&key.name), "aws-user", at);
                let why = "Terraform makes a key for it";
                self.facts.identities.push(named.class(Class::Service, Confidence::Medium, why));
            }
            self.facts.state(at, Edge::AuthenticatesAs { credential: key.clone(), identity: user });
        }
    }

    fn login(&mut self, block: &Block<'t>) {
        let at = self.at(block.at);
        for key in self.slots(block, "user", "user").iter().flat_map(Slot::keys) {
            let mut identity = Identity::new(key.clone(), short(&key.name), "aws-user", at);
            identity.interactive = Some(true);
            let why = "Terraform makes a password for it";
            self.facts.identities.push(identity.class(Class::Human, Confidence::Medium, why));
        }
    }

    /// What a call of a module makes can do what the module gives it.
    pub(super) fn note_call(&mut self, key: &Key, sort: &'static str, at: Place) {
        let Some(output) = self.file.output_of(key) else { return };
        if self.calls.insert(key.clone()) {
            self.facts.identities.push(Identity::new(key.clone(), self.placed(&key.name), sort, at));
            let (from, to) = (Slot::known(key.clone()), Slot::known(output));
            self.facts.state(at, Edge::CanActAs { from, to, conditions: Vec::new() });
        }
    }

    /// The principals that an attribute names.
    fn slots(&mut self, block: &Block<'t>, field: &str, word: &str) -> Vec<Slot> {
        let slots: Vec<Slot> =
            self.file.attribute(block, field).into_iter().map(|value| self.slot(value, word)).collect();
        let sort = match word {
            "user" => "aws-user",
            "group" => "aws-group",
            _ => "aws-role",
        };
        let at = self.at(block.body.get(field).map_or(block.at, Node::span));
        for key in slots.iter().flat_map(Slot::keys) {
            self.note_call(&key, sort, at);
        }
        slots
    }

    fn slot(&self, value: Value, word: &str) -> Slot {
        match &value {
            Value::Literal(name) => {
                let name = name.rsplit('/').next().unwrap_or(name);
                Slot::known(keys::aws_principal(&self.file.module(), &format!("{word}/{name}")))
            }
            Value::Symbol { expr, .. } => match self.file.key_of(expr) {
                Some(key) => Slot::known(key),
                None => Slot::new(Kind::Identity, format!("aws:{}", self.file.module()), value),
            },
            _ => Slot::new(Kind::Identity, format!("aws:{}", self.file.module()), value),
        }
    }

    fn holders(&mut self, block: &Block<'t>) -> Vec<Slot> {
        let mut all = Vec::new();
        for (one, several, word) in HOLDERS {
            for field in [one, several, &format!("{one}_name")] {
                all.extend(self.slots(block, field, word));
            }
        }
        all
    }

    fn membership(&mut self, block: &Block<'t>) {
        let at = self.at(block.at);
        let users = [self.slots(block, "user", "user"), self.slots(block, "users", "user")].concat();
        let groups = [self.slots(block, "group", "group"), self.slots(block, "groups", "group")].concat();
        for user in &users {
            for group in &groups {
                let edge = Edge::CanActAs { from: user.clone(), to: group.clone(), conditions: Vec::new() };
                self.facts.state(at, edge);
            }
        }
    }

    fn pod_identity(&mut self, block: &Block<'t>) {
        let field = |name: &str| self.file.attribute(block, name).into_iter().next();
        if let (Some(namespace), Some(account)) = (field("namespace"), field("service_account")) {
            self.hand_role_to_pods(block, &namespace, account, block.body.get("role_arn"));
        }
    }

    fn service_account(&mut self, block: &Block<'t>) {
        let Some(metadata) = documents::blocks(block.body, "metadata").first().copied() else { return };
        let scope = self.file.of(block);
        let field = |name: &str| metadata.get(name).and_then(|node| scope.values(node).into_iter().next());
        let namespace = field("namespace").unwrap_or_else(|| Value::literal("default"));
        let role = metadata.get("annotations").and_then(|notes| notes.get("eks.amazonaws.com/role-arn"));
        if let (Some(account), Some(role)) = (field("name"), role) {
            self.hand_role_to_pods(block, &namespace, account, Some(role));
        }
    }

    fn hand_role_to_pods(&mut self, block: &Block<'t>, namespace: &Value, account: Value, role: Option<Node<'t>>) {
        let Some(role) = role else { return };
        let realm = keys::k8s_service_account(self.file.input.realm, &namespace.label(), "").realm;
        let from = Slot::new(Kind::Identity, realm, account);
        for value in self.file.of(block).values(role) {
            let to = match &value {
                Value::Literal(arn) => keys::aws_arn(arn).map(Slot::known),
                Value::Symbol { expr, .. } => self.file.key_of(expr).map(Slot::known),
                _ => None,
            };
            match to {
                Some(to) => {
                    let edge = Edge::CanActAs { from: from.clone(), to, conditions: Vec::new() };
                    self.facts.state(self.at(role.span()), edge);
                }
                None => self.facts.gap(role.span(), "expression for the role of a service account"),
            }
        }
    }

    /// An output hands a resource to the callers of the module.
    fn outputs(&mut self) {
        for output in self.file.root.get_all("output").into_iter().flat_map(Node::entries) {
            let (Some(name), Some(value)) = (output.key(), output.get("value")) else { continue };
            let Some(key) = value.text().and_then(|text| self.file.key_of(text.trim())) else { continue };
            let sort = match key.name.split('.').next() {
                Some("aws_iam_user") => "aws-user",
                Some("aws_iam_role") => "aws-role",
                Some("aws_iam_group") => "aws-group",
                _ => "aws-policy",
            };
            let mut identity = Identity::new(key.clone(), short(&key.name), sort, self.at(output.key_span()));
            identity.aliases.push(self.file.address_key(&format!("output.{name}")));
            self.facts.identities.push(identity);
        }
    }

    /// The tags of a resource: its own, those it merges in, and those of the provider in the same file.
    fn tags(&self, block: &Block<'t>) -> Vec<Tag> {
        let mut maps = Vec::new();
        collect_maps(self.file, block.body.get("tags"), &mut maps, 0);
        for provider in self.file.root.get_all("provider") {
            let defaults = provider.get("aws").into_iter().flat_map(|aws| documents::blocks(aws, "default_tags"));
            for tags in defaults {
                collect_maps(self.file, tags.get("tags"), &mut maps, 0);
            }
        }
        let scope = self.file.of(block);
        let tag = |entry: Node<'t>| match scope.values(entry).as_slice() {
            [Value::Literal(value)] => {
                Some(Tag { key: entry.key()?.to_owned(), value: value.clone(), at: self.at(entry.entry_span()) })
            }
            _ => None,
        };
        let mut tags: Vec<Tag> = maps.into_iter().flat_map(Node::entries).filter_map(tag).collect();
        let mut seen = Vec::new();
        tags.retain(|tag| !seen.contains(&tag.key) && (seen.push(tag.key.clone()), true).1);
        tags
    }
}

fn collect_maps<'t>(file: &File<'t>, node: Option<Node<'t>>, maps: &mut Vec<Node<'t>>, depth: u8) {
    let Some(node) = node.filter(|_| depth < 5) else { return };
    match node.shape() {
        Shape::Map => maps.push(node),
        Shape::Call => node.children().for_each(|child| collect_maps(file, Some(child), maps, depth + 1)),
        _ => collect_maps(file, node.text().and_then(|text| file.named(text)), maps, depth + 1),
    }
}

/// The last part of a name; an expression stays whole, without its scope.
fn short(name: &str) -> &str {
    if let Some((expression, _)) = name.rsplit_once("}@").filter(|_| name.starts_with("${")) {
        return name.get(..=expression.len()).unwrap_or(name);
    }
    name.rsplit('/').next().unwrap_or(name)
}
