//! Policy documents: who may do what to what, on which conditions.
//!
//! Grammar: docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html. `Statement`, `Action`, `Resource`
//! and the principals may each be one value or a list.

use std::borrow::Cow;

use crate::facts::{Condition, Key, Value};
use crate::syntax::{self, Node, Syntax};
use crate::text::Span;

/// How the values of a document are read where it stands: JSON states them, Terraform computes some of them.
pub(in crate::formats) trait Scope {
    /// The values of a scalar or of a list of scalars.
    fn values(&self, node: Node<'_>) -> Vec<Value>;

    /// A key of a map, with what can be resolved resolved.
    fn name(&self, key: &str) -> String {
        key.to_owned()
    }

    /// The principal that the expression of a symbol refers to.
    fn referred(&self, _expr: &str) -> Option<Key> {
        None
    }
}

/// Documents of exports: every value is literal.
pub(in crate::formats) struct Plain;

impl Scope for Plain {
    fn values(&self, node: Node<'_>) -> Vec<Value> {
        node.one_or_many().into_iter().filter_map(Node::text).map(Value::literal).collect()
    }
}

/// A policy document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::formats) struct Document {
    /// Its statements.
    pub(in crate::formats) statements: Vec<Statement>,
}

/// Who a statement of a trust document is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::formats) enum Principal {
    /// `*`: anyone.
    Anyone,
    /// An account, a user, a role, or `*`.
    Aws(Value),
    /// A service of AWS.
    Service(Value),
    /// An identity provider.
    Federated(Value),
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::formats) struct Statement {
    /// `Effect` is `Allow`, as against `Deny`.
    pub(in crate::formats) allow: bool,
    /// The actions named.
    pub(in crate::formats) actions: Vec<Value>,
    /// `NotAction`: all actions but those named.
    pub(in crate::formats) all_actions_but: bool,
    /// The resources named.
    pub(in crate::formats) resources: Vec<Value>,
    /// `NotResource`: all resources but those named.
    pub(in crate::formats) all_resources_but: bool,
    /// The principals named.
    pub(in crate::formats) principals: Vec<Principal>,
    /// The conditions.
    pub(in crate::formats) conditions: Vec<Condition>,
    /// Where it says what is allowed, or else where it stands.
    pub(in crate::formats) at: Span,
    /// Where it says who is trusted.
    pub(in crate::formats) trusts_at: Span,
}

/// Reads a document from the map that holds it. None when there is no `Statement` in it.
pub(in crate::formats) fn read(node: Node<'_>, scope: &dyn Scope) -> Option<Document> {
    Reader { scope, at: None }.document(node)
}

/// Reads a document from a text that holds it: JSON, or JSON in percent-encoding as the API sends it. All of its places
/// are the text's own, `at`.
pub(in crate::formats) fn embedded(text: &str, at: Span, scope: &dyn Scope) -> Option<Document> {
    let text = text.trim();
    let json = if text.starts_with('%') { percent_decoded(text)? } else { Cow::Borrowed(text) };
    if !json.starts_with('{') {
        return None;
    }
    let tree = syntax::parse(Syntax::Json, &json);
    Reader { scope, at: Some(at) }.document(tree.root()?)
}

/// RFC 3986, 2.1. None for text that is not UTF-8 afterwards.
fn percent_decoded(text: &str) -> Option<Cow<'_, str>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = (*first == b'%').then(|| after.get(..2)).flatten();
        let escaped = escaped.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

struct Reader<'s> {
    scope: &'s dyn Scope,
    at: Option<Span>,
}

impl Reader<'_> {
    fn document(&self, node: Node<'_>) -> Option<Document> {
        let statements = node.get("Statement")?.one_or_many();
        let statements = statements.into_iter().filter(|node| node.is_map()).map(|node| self.statement(node)).collect();
        Some(Document { statements })
    }

    fn statement(&self, node: Node<'_>) -> Statement {
        let values = |key: &str| node.get(key).map(|value| self.scope.values(value)).unwrap_or_default();
        let inverse = |key: &str| node.get(key).is_some();
        Statement {
            allow: node.get("Effect").and_then(Node::text).is_some_and(|effect| effect.eq_ignore_ascii_case("allow")),
            actions: [values("Action"), values("NotAction")].concat(),
            all_actions_but: inverse("NotAction"),
            resources: [values("Resource"), values("NotResource")].concat(),
            all_resources_but: inverse("NotResource"),
            principals: node.get("Principal").map(|node| self.principals(node)).unwrap_or_default(),
            conditions: node.get("Condition").map(|node| self.conditions(node)).unwrap_or_default(),
            at: self.entry(node, &["Action", "NotAction"]),
            trusts_at: self.entry(node, &["Principal"]),
        }
    }

    fn entry(&self, node: Node<'_>, keys: &[&str]) -> Span {
        let entry = keys.iter().find_map(|key| node.get(key)).map_or_else(|| node.span(), Node::entry_span);
        self.at.unwrap_or(entry)
    }

    fn principals(&self, node: Node<'_>) -> Vec<Principal> {
        if node.text() == Some("*") {
            return vec![Principal::Anyone];
        }
        let of_kind = |entry: Node<'_>| {
            let kind = entry.key().unwrap_or_default().to_owned();
            self.scope.values(entry).into_iter().filter_map(move |value| Principal::new(&kind, value))
        };
        node.entries().into_iter().flat_map(of_kind).collect()
    }

    fn conditions(&self, node: Node<'_>) -> Vec<Condition> {
        let mut all = Vec::new();
        for operator in node.entries() {
            all.extend(operator.entries().into_iter().map(|entry| Condition {
                claim: self.scope.name(entry.key().unwrap_or_default()),
                operator: operator.key().unwrap_or_default().to_owned(),
                values: self.scope.values(entry).iter().map(Value::label).collect(),
                span: self.at.unwrap_or_else(|| entry.entry_span()),
            }));
        }
        all
    }
}

impl Principal {
    /// A principal of the kind that the document names; none for kinds that assume no role (`CanonicalUser`).
    pub(in crate::formats) fn new(kind: &str, value: Value) -> Option<Principal> {
        match kind {
            "AWS" => Some(Principal::Aws(value)),
            "*" => Some(Principal::Anyone),
            "Service" => Some(Principal::Service(value)),
            "Federated" => Some(Principal::Federated(value)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(text: &str) -> Document {
        embedded(text, Span::new(3, 9), &Plain).unwrap()
    }

    #[test]
    fn single_values_and_lists_read_alike() {
        let one = document(r#"{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#);
        let many = document(r#"{"Statement":[{"Effect":"Allow","Action":["s3:*"],"Resource":["*"]}]}"#);
        assert_eq!(one, many);
        assert_eq!(one.statements[0].at, Span::new(3, 9));
        assert!(one.statements[0].allow && !one.statements[0].all_actions_but);
    }

    #[test]
    fn percent_encoded_documents_are_decoded() {
        let plain = document(r#"{"Statement":[{"Effect":"Deny","NotAction":"iam:*","Resource":"*"}]}"#);
        let encoded = document(
            "%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Deny%22%2C%22NotAction%22%3A%22iam%3A%2A%22%2C%22Resource%22%3A%22*%22%7D%5D%7D",
        );
        assert_eq!(plain, encoded);
        assert!(plain.statements[0].all_actions_but && !plain.statements[0].allow);
        assert_eq!(embedded("<URL-encoded-JSON>", Span::default(), &Plain), None);
        assert_eq!(embedded("%FF%FE{", Span::default(), &Plain), None);
        assert_eq!(percent_decoded("100%").as_deref(), Some("100%"));
        assert_eq!(percent_decoded("%é%4").as_deref(), Some("%é%4"));
    }

    #[test]
    fn principals_and_conditions_keep_their_words() {
        let trust = document(
            r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":["111122223333","arn:aws:iam::111122223333:role/a"],
            "Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole",
            "Condition":{"StringEquals":{"sts:ExternalId":"x"},"Bool":{"aws:MultiFactorAuthPresent":true}}},
            {"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}]}"#,
        );
        assert_eq!(trust.statements[0].principals.len(), 3);
        assert_eq!(trust.statements[0].conditions[1].claim, "aws:MultiFactorAuthPresent");
        assert_eq!(trust.statements[0].conditions[1].values, ["true"]);
        assert_eq!(trust.statements[1].principals, [Principal::Anyone]);
    }
}
