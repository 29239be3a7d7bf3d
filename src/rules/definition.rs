//! A rule as its file writes it.

use std::collections::BTreeMap;

use serde::de::{self, Deserialize, Deserializer};

use super::condition::Condition;
use super::{Certainty, Severity};
use crate::facts::Kind;
use crate::graph::{FieldDef, edges, field_def, fields, nearest};

/// Conditions on fields, all of which must hold.
pub(super) type Where = BTreeMap<FieldName, Condition>;

/// One rule, as in `rules/<family>/<id>.yaml`.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Kebab-case name, equal to the file's name.
    pub id: String,
    /// A short plain sentence of what is wrong.
    pub title: String,
    pub(super) find: Find,
    #[serde(rename = "where", default)]
    pub(super) conditions: Where,
    #[serde(default)]
    pub(super) via: Vec<Via>,
    /// Edges whose steps are shown as evidence although nothing is demanded of them.
    #[serde(default)]
    pub(super) show: Vec<EdgeName>,
    /// Inputs without which the rule cannot be judged.
    #[serde(default)]
    pub needs: Vec<Need>,
    pub(super) severity: Vec<SeverityLine>,
    #[serde(default)]
    pub(super) certainty: Vec<CertaintyLine>,
    /// Rules that say less about the same subject and yield to this one.
    #[serde(default)]
    pub covers: Vec<String>,
    /// The sentence of a finding, with fields in braces.
    pub message: String,
    /// What breaks.
    pub why: String,
    /// What to do.
    pub fix: String,
    /// What it bears on, by framework.
    pub controls: BTreeMap<String, Vec<ControlUse>>,
    /// Further names of what it bears on.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// How much work the fix is.
    pub effort: Effort,
    /// What kind of work it is.
    pub fix_by: FixBy,
    /// Folders under `fixtures/` that prove the rule.
    pub examples: Examples,
    /// The folder the rule's file stands in.
    #[serde(skip)]
    pub family: String,
}

impl Definition {
    /// The severity table in words, in the order in which it is tried: the level, and when it applies; the last one
    /// mostly applies to everything that is left, and says nothing.
    #[must_use]
    pub fn levels(&self) -> Vec<(Severity, String)> {
        let words = |line: &SeverityLine| {
            let tests = line.conditions.iter().flat_map(|(field, condition)| condition.words(field.0.name));
            (line.level, tests.collect::<Vec<_>>().join(", and "))
        };
        self.severity.iter().map(words).collect()
    }

    /// Whether all that the rule finds is only possible, and so for auditors.
    #[must_use]
    pub fn is_for_auditors(&self) -> bool {
        !self.certainty.is_empty() && self.certainty.iter().all(|line| line.is == Certainty::Possible)
    }
}

/// The kind of subject a rule looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Find {
    Workload,
    Identity,
    Credential,
    Owner,
}

impl Find {
    pub(super) fn kind(self) -> Kind {
        match self {
            Find::Workload => Kind::Workload,
            Find::Identity => Kind::Identity,
            Find::Credential => Kind::Credential,
            Find::Owner => Kind::Party,
        }
    }
}

/// A walk along an edge; the steps that fit become the evidence.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Via {
    pub(super) edge: EdgeName,
    /// What to count: the nodes at the other end, or something they stand in.
    #[serde(default)]
    pub(super) distinct: Distinct,
    #[serde(default = "one")]
    pub(super) at_least: usize,
    /// Conditions on the node at the other end.
    #[serde(rename = "where", default)]
    pub(super) conditions: Where,
}

fn one() -> usize {
    1
}

/// What a walk counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Distinct {
    /// Nodes at the other end, or places where the edge leads to none.
    #[default]
    Step,
    /// Workloads: the same as steps, templates left out where others call them.
    Workload,
    /// Files of the places.
    File,
}

/// An input that a rule needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Need {
    /// An export of an identity provider or cloud account.
    IamExport,
    /// A list of people.
    Roster,
    /// Something that names owners.
    Owner,
    /// A workload that names its environment.
    Environment,
}

impl Need {
    /// The sentence for a rule that was not evaluated.
    #[must_use]
    pub fn missing(self) -> &'static str {
        match self {
            Need::IamExport => "no IAM export was given",
            Need::Roster => "no list of people was given: --people",
            Need::Owner => "nothing names owners: no CODEOWNERS, no owner tags",
            Need::Environment => "no workload names its environment",
        }
    }
}

/// One line of the severity table.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SeverityLine {
    pub(super) level: Severity,
    #[serde(rename = "where", default)]
    pub(super) conditions: Where,
    #[serde(default)]
    pub(super) because: Option<String>,
}

/// One line of the certainty table.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CertaintyLine {
    pub(super) is: Certainty,
    #[serde(rename = "where", default)]
    pub(super) conditions: Where,
}

/// One control that a rule bears on.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ControlUse {
    /// Its id.
    pub id: String,
    /// How directly.
    #[serde(default)]
    pub relation: Relation,
    /// Why.
    pub because: String,
}

/// How directly a rule bears on a control.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Relation {
    /// The control is about this.
    Primary,
    /// The control is touched.
    #[default]
    Related,
}

impl Relation {
    /// The word used in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Relation::Primary => "primary",
            Relation::Related => "related",
        }
    }
}

/// How much work a fix is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[allow(missing_docs, reason = "small, medium, large")]
pub enum Effort {
    S,
    M,
    L,
}

impl Effort {
    /// The letter used in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Effort::S => "S",
            Effort::M => "M",
            Effort::L => "L",
        }
    }
}

/// What kind of work a fix is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the words say it")]
pub enum FixBy {
    Redesign,
    Rotate,
    Revoke,
    ReOwn,
    ReScope,
    Log,
}

impl FixBy {
    /// The word used in reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            FixBy::Redesign => "redesign",
            FixBy::Rotate => "rotate",
            FixBy::Revoke => "revoke",
            FixBy::ReOwn => "re-own",
            FixBy::ReScope => "re-scope",
            FixBy::Log => "log",
        }
    }
}

/// Folders under `fixtures/` on which a rule must fire, and on which it must stay quiet.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Examples {
    /// It fires here.
    pub finds: Vec<String>,
    /// It stays quiet here.
    pub quiet: Vec<String>,
}

/// The name of a field, checked against the schema as it is read so that the error points at it.
#[derive(Clone, Copy, Debug)]
pub(super) struct FieldName(pub(super) &'static FieldDef);

impl PartialEq for FieldName {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

impl Eq for FieldName {}

impl PartialOrd for FieldName {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for FieldName {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.name.cmp(other.0.name)
    }
}

impl<'de> Deserialize<'de> for FieldName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        field_def(&name).map(FieldName).ok_or_else(|| {
            let near = nearest(&name, fields().iter().map(|field| field.name));
            de::Error::custom(unknown("field", &name, near))
        })
    }
}

/// The name of an edge, checked likewise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct EdgeName(pub(super) &'static str);

impl<'de> Deserialize<'de> for EdgeName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        edges().iter().find(|edge| edge.name == name).map(|edge| EdgeName(edge.name)).ok_or_else(|| {
            let near = nearest(&name, edges().iter().map(|edge| edge.name));
            de::Error::custom(unknown("edge", &name, near))
        })
    }
}

fn unknown(what: &str, name: &str, near: Option<&str>) -> String {
    match near {
        Some(near) => format!("there is no {what} `{name}`: did you mean `{near}`?"),
        None => format!("there is no {what} `{name}`"),
    }
}
