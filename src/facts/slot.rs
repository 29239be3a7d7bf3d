//! Keys, and the values that fill the slots of facts.

use std::fmt;

/// The kind of an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Software that acts.
    Workload,
    /// The principal it acts as.
    Identity,
    /// What proves an identity.
    Credential,
    /// Who answers for it.
    Party,
    /// What a grant points at.
    Resource,
}

impl Kind {
    /// The word used in reports and rules.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Kind::Workload => "workload",
            Kind::Identity => "identity",
            Kind::Credential => "credential",
            Kind::Party => "party",
            Kind::Resource => "resource",
        }
    }
}

/// The key of an entity: kind, realm and normalised name. Equal keys are the same entity.
///
/// The realm is the trust zone that makes the name unique, written `system:instance` from wide to narrow:
/// `aws:123456789012`, `github-actions:github.com/acme/shop`, `k8s:github.com/acme/infra/payments`, `os:hosts`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// What it is the key of.
    pub kind: Kind,
    /// The trust zone.
    pub realm: String,
    /// The name within the realm.
    pub name: String,
}

impl Key {
    /// A key from its parts.
    #[must_use]
    pub fn new(kind: Kind, realm: impl Into<String>, name: impl Into<String>) -> Self {
        Self { kind, realm: realm.into(), name: name.into() }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}/{}", self.kind.word(), self.realm, self.name)
    }
}

/// What a file says about one slot of a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A plain name.
    Literal(String),
    /// An expression that only the platform can evaluate. Equal expressions in an equal scope are equal values.
    Symbol {
        /// The expression, white space folded (`matrix.environment`, `.Values.serviceAccount.name`).
        expr: String,
        /// Where the expression means one thing: a file, chart, module or repository.
        scope: String,
    },
    /// One of these, not knowable which (both branches of a template, an expression with literal outcomes).
    OneOf(Vec<Value>),
    /// The field is absent; this entry of `rules/catalog/defaults.yaml` says what that means, with the resulting name.
    Default {
        /// Id of the entry.
        rule: &'static str,
        /// The name that results.
        name: String,
    },
    /// Not knowable from this source.
    Unknown {
        /// Why, in a short phrase.
        why: String,
    },
}

impl Value {
    /// A literal.
    #[must_use]
    pub fn literal(name: impl Into<String>) -> Self {
        Value::Literal(name.into())
    }

    /// A symbol, its white space folded so that layout makes no difference.
    #[must_use]
    pub fn symbol(expr: &str, scope: impl Into<String>) -> Self {
        Value::Symbol { expr: expr.split_whitespace().collect::<Vec<_>>().join(" "), scope: scope.into() }
    }

    /// Not knowable, and why.
    #[must_use]
    pub fn unknown(why: impl Into<String>) -> Self {
        Value::Unknown { why: why.into() }
    }

    /// The names this value may stand for, with symbols in a form that no literal takes. Empty for an unknown.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        match self {
            Value::Literal(name) | Value::Default { name, .. } => vec![name.clone()],
            Value::Symbol { expr, scope } => vec![format!("${{{expr}}}@{scope}")],
            Value::OneOf(values) => values.iter().flat_map(Value::names).collect(),
            Value::Unknown { .. } => Vec::new(),
        }
    }

    /// The text for people: a literal as it is, an expression in `${…}`.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Value::Literal(name) | Value::Default { name, .. } => name.clone(),
            Value::Symbol { expr, .. } => expression(expr),
            Value::OneOf(values) => values.iter().map(Value::label).collect::<Vec<_>>().join(" or "),
            Value::Unknown { why } => format!("unknown ({why})"),
        }
    }

    /// The literal name, if it is one.
    #[must_use]
    pub fn as_literal(&self) -> Option<&str> {
        match self {
            Value::Literal(name) => Some(name),
            _ => None,
        }
    }
}

/// An expression for people: in `${…}`, unless it brings the marks of its own language.
#[must_use]
pub fn expression(expr: &str) -> String {
    if expr.contains("{{") || expr.contains("${") { expr.to_owned() } else { format!("${{{expr}}}") }
}

/// A slot of a fact: a value that names an entity in a realm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// The kind of entity that the slot holds.
    pub kind: Kind,
    /// Its realm.
    pub realm: String,
    /// Its name.
    pub value: Value,
}

impl Slot {
    /// A slot from its parts.
    #[must_use]
    pub fn new(kind: Kind, realm: impl Into<String>, value: Value) -> Self {
        Self { kind, realm: realm.into(), value }
    }

    /// A slot that names one entity outright.
    #[must_use]
    pub fn known(key: Key) -> Self {
        Self { kind: key.kind, realm: key.realm, value: Value::Literal(key.name) }
    }

    /// The keys this slot may stand for: one for a literal, a symbol or a default, several for a choice, none for an
    /// unknown.
    #[must_use]
    pub fn keys(&self) -> Vec<Key> {
        self.value.names().into_iter().map(|name| Key::new(self.kind, self.realm.clone(), name)).collect()
    }
}

impl From<Key> for Slot {
    fn from(key: Key) -> Self {
        Slot::known(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_expressions_meet_only_in_an_equal_scope() {
        let one = Value::symbol("matrix .  environment", "a.yml");
        assert_eq!(one, Value::symbol("matrix . environment", "a.yml"));
        assert_ne!(one.names(), Value::symbol("matrix . environment", "b.yml").names());
    }

    #[test]
    fn a_choice_stands_for_each_of_its_values_and_an_unknown_for_none() {
        let choice = Value::OneOf(vec![Value::literal("dev"), Value::unknown("input"), Value::literal("prod")]);
        let slot = Slot::new(Kind::Identity, "r", choice);
        assert_eq!(slot.keys().len(), 2);
        assert!(Slot::new(Kind::Identity, "r", Value::unknown("x")).keys().is_empty());
    }
}
