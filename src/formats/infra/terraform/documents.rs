//! Policy documents in Terraform: `jsonencode`, JSON in a text, and the data source `aws_iam_policy_document`.

use super::scope::{Block, File, Within, joined};
use crate::facts::{Condition, Key, Value, keys};
use crate::formats::aws::{Document, Principal, Scope, Statement, embedded, read};
use crate::syntax::{Node, Shape};
use crate::text::Span;

/// Documents that take in others.
const MAX_DEPTH: u8 = 6;

/// Where the document of an attribute is.
pub(super) enum Found {
    /// In this file.
    Here(Document),
    /// In another file, under this key.
    Elsewhere(Key),
    /// Not to be found, and why.
    Unread(&'static str),
}

/// The policy document that an attribute of a block holds or refers to.
pub(super) fn find<'t>(file: &File<'t>, block: &Block<'t>, node: Node<'t>) -> Found {
    Finder { file, scope: file.of(block), depth: 0 }.find(node)
}

/// The document of a data source.
pub(super) fn of_data<'t>(file: &File<'t>, block: &Block<'t>) -> Document {
    Finder { file, scope: file.of(block), depth: 0 }.data(block)
}

struct Finder<'f, 't> {
    file: &'f File<'t>,
    scope: Within<'f, 't>,
    depth: u8,
}

impl<'f, 't> Finder<'f, 't> {
    fn find(&self, node: Node<'t>) -> Found {
        match node.shape() {
            Shape::Call => self.call(node),
            Shape::Scalar => {
                let text = node.text().unwrap_or_default();
                match embedded(text, node.span(), &self.scope) {
                    Some(document) => Found::Here(document),
                    None => self.refer(text),
                }
            }
            _ => read(node, &self.scope).map_or(Found::Unread("policy that is no document"), Found::Here),
        }
    }

    fn call(&self, node: Node<'t>) -> Found {
        let first = node.children().next();
        match (node.function().unwrap_or_default(), first) {
            ("jsonencode", Some(map)) if map.is_map() => {
                read(map, &self.scope).map_or(Found::Unread("policy without statements"), Found::Here)
            }
            ("file" | "templatefile", Some(path)) => self.of_file(path),
            ("one" | "try" | "element" | "trimspace" | "jsonencode", Some(inner)) => self.find(inner),
            _ => Found::Unread("function for a policy document"),
        }
    }

    /// `file("${path.module}/policy.json")`: what the file allows is known under its path.
    fn of_file(&self, path: Node<'t>) -> Found {
        let text = path.text().unwrap_or_default();
        let text = text.strip_prefix("${path.module}/").unwrap_or(text);
        match joined(self.file.input.folder(), text).filter(|_| !text.contains("${")) {
            Some(path) => Found::Elsewhere(policy_file_key(self.file.input.realm, &path)),
            None => Found::Unread("policy in a file whose path is an expression"),
        }
    }

    fn refer(&self, text: &str) -> Found {
        // The older form of an expression is a text that holds nothing else: "${…}".
        let inner = text.trim().strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).unwrap_or(text).trim();
        let Some(deeper) = self.deeper() else { return Found::Unread("policy document that refers to itself") };
        if let Some(node) = self.file.named(inner) {
            return deeper.find(node);
        }
        let template = inner.strip_prefix("data.").and_then(|rest| rest.strip_suffix(".rendered"));
        if let Some(template) = template.and_then(|address| self.file.block(&format!("data.{address}"))) {
            return template
                .body
                .get("template")
                .map_or(Found::Unread("template without text"), |node| deeper.find(node));
        }
        let Some(key) = self.file.key_of(inner) else { return Found::Unread("expression for a policy document") };
        match self.file.block(&key.name) {
            Some(block) if block.sort == "aws_iam_policy_document" => {
                Found::Here(Finder { file: self.file, scope: self.file.of(&block), depth: deeper.depth }.data(&block))
            }
            Some(block) if block.body.get("policy").is_some() => {
                block.body.get("policy").map_or(Found::Elsewhere(key), |node| deeper.find(node))
            }
            _ => Found::Elsewhere(key),
        }
    }

    fn deeper(&self) -> Option<Self> {
        (self.depth < MAX_DEPTH).then(|| Self { file: self.file, scope: self.scope.again(), depth: self.depth + 1 })
    }

    fn data(&self, block: &Block<'t>) -> Document {
        let mut statements: Vec<Statement> =
            blocks(block.body, "statement").into_iter().map(|node| self.statement(node)).collect();
        for field in ["source_policy_documents", "override_policy_documents", "source_json", "override_json"] {
            let nodes = block.body.get(field).map(Node::one_or_many).unwrap_or_default();
            for node in nodes {
                let found = self.deeper().map(|deeper| deeper.find(node));
                if let Some(Found::Here(document)) = found {
                    statements.extend(document.statements);
                }
            }
        }
        Document { statements }
    }

    fn statement(&self, node: Node<'t>) -> Statement {
        let values = |key: &str| node.get(key).map(|value| self.scope.values(value)).unwrap_or_default();
        let is_set = |key: &str| node.get(key).is_some_and(|value| !value.is_null());
        let effect = node.get("effect").and_then(Node::text).unwrap_or("Allow");
        let entry = |keys: &[&str]| {
            let entry = keys.iter().find_map(|key| node.get(key));
            entry.map_or_else(|| node.span(), |entry| first_line(entry, self.file.input.text))
        };
        Statement {
            allow: effect.eq_ignore_ascii_case("allow"),
            actions: [values("actions"), values("not_actions")].concat(),
            all_actions_but: is_set("not_actions"),
            resources: [values("resources"), values("not_resources")].concat(),
            all_resources_but: is_set("not_resources"),
            principals: blocks(node, "principals").into_iter().flat_map(|node| self.principals(node)).collect(),
            conditions: blocks(node, "condition").into_iter().filter_map(|node| self.condition(node)).collect(),
            at: entry(&["actions", "not_actions"]),
            trusts_at: entry(&["principals"]),
        }
    }

    fn principals(&self, node: Node<'t>) -> Vec<Principal> {
        let kind = node.get("type").and_then(Node::text).unwrap_or_default();
        let named = node.get("identifiers").map(|node| self.scope.values(node)).unwrap_or_default();
        named.into_iter().filter_map(|value| Principal::new(kind, value)).collect()
    }

    fn condition(&self, node: Node<'t>) -> Option<Condition> {
        let claim = node.get("variable")?;
        Some(Condition {
            claim: self.scope.name(claim.text()?),
            operator: node.get("test").and_then(Node::text).unwrap_or_default().to_owned(),
            values: node
                .get("values")
                .map(|node| self.scope.values(node))
                .unwrap_or_default()
                .iter()
                .map(Value::label)
                .collect(),
            span: node.get("values").map_or_else(|| node.span(), |values| first_line(values, self.file.input.text)),
        })
    }
}

/// The blocks of a name, those that are made for each of several included.
pub(super) fn blocks<'t>(node: Node<'t>, name: &str) -> Vec<Node<'t>> {
    let plain = node.get_all(name).into_iter().flat_map(Node::one_or_many);
    let dynamic = node.get_all("dynamic").into_iter().filter_map(|dynamic| dynamic.get(name)?.get("content"));
    plain.chain(dynamic).filter(|node| node.is_map()).collect()
}

/// The key and the first line of a value, so that a finding shows more than a bracket.
fn first_line(node: Node<'_>, text: &str) -> Span {
    let whole = node.entry_span();
    let end = whole.slice(text).find('\n').unwrap_or(whole.len());
    whole.within(0, end)
}

/// The key under which a file of a repository that holds a policy document hands on what it allows.
pub(in crate::formats) fn policy_file_key(realm: &str, path: &str) -> Key {
    keys::aws_principal(realm, &format!("policy-file/{path}"))
}
