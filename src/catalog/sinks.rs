//! Sinks: where credentials enter software. The sink says what a credential is; its name does not.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::CatalogError;
use crate::facts::{Class, Level, Lifetime};

/// What a sink receives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Carries {
    /// The secret itself.
    Secret,
    /// The public half: a user name, a key id, a client id, a role.
    Identifier,
    /// Neither: a region, a tenant, a host. Listed so that nobody takes it for a credential by its name.
    Setting,
}

/// One entry of `rules/catalog/sinks/*.yaml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sink {
    /// `action:<owner>/<name>#<input>` or `env:<VARIABLE>`; unique.
    pub id: String,
    /// Provider (`aws`, `gcp`, `docker-hub`).
    pub provider: String,
    /// What it receives.
    pub carries: Carries,
    /// How what it receives lives, when the sink tells.
    #[serde(default)]
    pub lifetime: Option<Lifetime>,
    /// Whether it is bound to a person or to software, when the sink tells.
    #[serde(default)]
    pub binding: Option<Class>,
    /// Class in the credential catalogue, when the sink admits one only.
    #[serde(default)]
    pub class: Option<String>,
    /// Input or variable that receives the other half (`aws-access-key-id` for `aws-secret-access-key`), by its bare name.
    #[serde(default)]
    pub identified_by: Option<String>,
    /// A second input or variable whose presence makes the credential short-lived (`aws-session-token`).
    #[serde(default)]
    pub session_with: Option<String>,
    /// Whether the provider takes an identity token of a CI platform instead, so that this credential need not exist.
    #[serde(default)]
    pub federates: bool,
    /// Not worth guarding: upload tokens for coverage, notification hooks.
    #[serde(default)]
    pub low_value: bool,
    /// What holding it allows at least, when the sink tells.
    #[serde(default)]
    pub level: Option<Level>,
    /// Document or repository path that says so.
    pub source: String,
}

struct Table {
    sinks: Vec<Sink>,
    by_id: HashMap<String, usize>,
}

static TABLE: LazyLock<Result<Table, CatalogError>> = LazyLock::new(|| {
    let sinks: Vec<Sink> = super::load("rules/catalog/sinks/")?;
    let by_id = sinks.iter().enumerate().map(|(at, sink)| (sink.id.to_ascii_lowercase(), at)).collect();
    Ok(Table { sinks, by_id })
});

pub(super) fn check() -> Result<(), CatalogError> {
    super::outcome(&TABLE)
}

/// All sinks.
#[must_use]
pub fn sinks() -> &'static [Sink] {
    TABLE.as_ref().map_or(&[], |table| &table.sinks)
}

/// The sink with this id, as a use of a credential carries it.
#[must_use]
pub fn sink(id: &str) -> Option<&'static Sink> {
    let table = TABLE.as_ref().ok()?;
    table.by_id.get(&id.to_ascii_lowercase()).map(|at| &table.sinks[*at])
}

/// The sink behind an input of an action; `action` without its version (`aws-actions/configure-aws-credentials`).
#[must_use]
pub fn action_sink(action: &str, input: &str) -> Option<&'static Sink> {
    sink(&format!("action:{action}#{input}"))
}

/// The sink behind an environment variable that an SDK or a command-line tool reads by itself.
#[must_use]
pub fn env_sink(variable: &str) -> Option<&'static Sink> {
    sink(&format!("env:{variable}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_never_credentials() {
        for name in ["AWS_REGION", "AZURE_TENANT_ID"] {
            assert_eq!(env_sink(name).unwrap().carries, Carries::Setting, "{name}");
        }
    }

    #[test]
    fn ids_are_unique_and_well_formed() {
        let mut seen = std::collections::HashSet::new();
        for sink in sinks() {
            assert!(seen.insert(sink.id.to_ascii_lowercase()), "{} stands twice", sink.id);
            assert!(sink.id.starts_with("action:") || sink.id.starts_with("env:"), "{}", sink.id);
            assert!(!sink.source.is_empty(), "{}", sink.id);
        }
    }
}
