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
    table.sinks.get(*table.by_id.get(&id.to_ascii_lowercase())?)
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
    use std::collections::BTreeSet;

    use super::*;

    /// What the id names: the action and its input, or the environment and a variable.
    fn family(sink: &Sink) -> (&str, &str) {
        sink.id.split_once('#').or_else(|| sink.id.split_once(':')).unwrap()
    }

    #[test]
    fn ids_are_unique_and_well_formed() {
        let mut seen = BTreeSet::new();
        for sink in sinks() {
            assert!(seen.insert(sink.id.to_ascii_lowercase()), "{} stands twice", sink.id);
            let well_formed = match sink.id.split_once(':').unwrap() {
                ("env", name) => name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'),
                ("action", rest) => {
                    let (action, input) = rest.split_once('#').unwrap();
                    action.contains('/') && !action.contains('@') && !input.is_empty()
                }
                _ => false,
            };
            assert!(well_formed, "{}", sink.id);
            assert!(!sink.source.is_empty() && !sink.provider.is_empty(), "{}", sink.id);
        }
        assert!(seen.len() >= 1000, "{}", seen.len());
    }

    #[test]
    fn only_secrets_say_how_they_live() {
        for sink in sinks().iter().filter(|sink| sink.carries != Carries::Secret) {
            let silent = sink.lifetime.is_none()
                && sink.binding.is_none()
                && sink.class.is_none()
                && sink.identified_by.is_none()
                && sink.session_with.is_none()
                && sink.level.is_none();
            assert!(silent && !sink.federates && !sink.low_value, "{}", sink.id);
        }
    }

    #[test]
    fn the_other_halves_are_sinks_of_the_same_family() {
        for sink in sinks() {
            let (of, _) = family(sink);
            let other =
                |name: &str| sinks().iter().find(|one| family(one).0.eq_ignore_ascii_case(of) && family(one).1 == name);
            for (name, carries) in [(&sink.identified_by, Carries::Identifier), (&sink.session_with, Carries::Secret)] {
                let Some(name) = name else { continue };
                assert_eq!(other(name).map(|one| one.carries), Some(carries), "{} and {name}", sink.id);
            }
        }
    }

    #[test]
    fn settings_are_never_credentials() {
        for name in
            ["AWS_REGION", "AWS_PROFILE", "AZURE_TENANT_ID", "ARM_SUBSCRIPTION_ID", "VAULT_ADDR", "SONAR_HOST_URL"]
        {
            assert_eq!(env_sink(name).unwrap().carries, Carries::Setting, "{name}");
        }
        for (action, input) in [("azure/login", "tenant-id"), ("aws-actions/configure-aws-credentials", "aws-region")] {
            assert_eq!(action_sink(action, input).unwrap().carries, Carries::Setting, "{action} {input}");
        }
        for name in ["AWS_ACCESS_KEY_ID", "AWS_ROLE_ARN", "ARM_CLIENT_ID", "VAULT_ROLE_ID", "PGUSER"] {
            assert_eq!(env_sink(name).unwrap().carries, Carries::Identifier, "{name}");
        }
    }

    #[test]
    fn a_name_that_nothing_reads_is_no_sink() {
        for name in
            ["DOCKERHUB_TOKEN", "DOCKER_PASSWORD", "PROD_KEY", "DEPLOY_AWS_SECRET_ACCESS_KEY", "MY_PAT", "PASSWORD"]
        {
            assert!(env_sink(name).is_none(), "{name}");
        }
        assert!(action_sink("aws-actions/configure-aws-credentials", "aws-secret").is_none());
    }

    #[test]
    fn the_sink_tells_what_a_credential_is() {
        let aws = action_sink("AWS-Actions/configure-aws-credentials", "aws-secret-access-key").unwrap();
        assert_eq!((aws.provider.as_str(), aws.lifetime, aws.federates), ("aws", Some(Lifetime::Static), true));
        assert_eq!(aws.session_with.as_deref(), Some("aws-session-token"));
        let app = action_sink("actions/create-github-app-token", "private-key").unwrap();
        assert_eq!((app.lifetime, app.binding), (Some(Lifetime::Brokered), Some(Class::Service)));
        let person = env_sink("CLAUDE_CODE_OAUTH_TOKEN").unwrap();
        assert_eq!(person.binding, Some(Class::Human));
        let login = action_sink("docker/login-action", "password").unwrap();
        assert_eq!((login.provider.as_str(), login.identified_by.as_deref()), ("registry", Some("username")));
        let (feed, hook) = (env_sink("NVD_API_KEY").unwrap(), env_sink("SLACK_WEBHOOK_URL").unwrap());
        assert_eq!((feed.low_value, feed.level), (false, Some(Level::Read)));
        assert!(hook.low_value);
        for sink in [action_sink("codecov/codecov-action", "token"), env_sink("CYPRESS_RECORD_KEY")] {
            assert!(sink.unwrap().low_value);
        }
        for name in ["CARGO_REGISTRY_TOKEN", "TWINE_PASSWORD", "NPM_TOKEN", "GEM_HOST_API_KEY"] {
            let sink = env_sink(name).unwrap();
            assert_eq!((sink.level, sink.federates), (Some(Level::Write), true), "{name}");
        }
    }
}
