//! Which grants are equivalent to administration, by platform: the data of `rules/catalog/privilege/`.

mod aws;
mod glob;
mod kubernetes;

pub use aws::{action_level, aws_policy_level};
pub use kubernetes::{k8s_role_level, k8s_rule_level};

use std::sync::LazyLock;

use serde::Deserialize;

use super::CatalogError;
use crate::facts::Level;
use glob::matches;

/// Names of one level: policies or roles that a platform brings along.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    /// Names, in which `*` stands for any text.
    names: Vec<String>,
    level: Level,
    #[allow(dead_code, reason = "documentation that travels with the data")]
    because: String,
    #[allow(dead_code, reason = "documentation that travels with the data")]
    source: String,
}

struct Tables {
    aws_policies: Vec<Named>,
    aws_actions: Vec<aws::Actions>,
    azure_roles: Vec<Named>,
    google_roles: Vec<Named>,
    k8s_roles: Vec<Named>,
    k8s_rules: Vec<kubernetes::Permission>,
}

static TABLES: LazyLock<Result<Tables, CatalogError>> = LazyLock::new(|| {
    Ok(Tables {
        aws_policies: super::load("rules/catalog/privilege/aws-policies.yaml")?,
        aws_actions: super::load("rules/catalog/privilege/aws-actions.yaml")?,
        azure_roles: super::load("rules/catalog/privilege/azure-roles.yaml")?,
        google_roles: super::load("rules/catalog/privilege/google-roles.yaml")?,
        k8s_roles: super::load("rules/catalog/privilege/kubernetes-roles.yaml")?,
        k8s_rules: super::load("rules/catalog/privilege/kubernetes-rules.yaml")?,
    })
});

pub(super) fn check() -> Result<(), CatalogError> {
    super::outcome(&TABLES)
}

/// The level of the first entry that has the name, whatever its case.
fn by_name(table: fn(&Tables) -> &[Named], name: &str) -> Option<Level> {
    let entries = table(TABLES.as_ref().ok()?);
    entries.iter().find(|entry| entry.names.iter().any(|known| matches(known, name))).map(|entry| entry.level)
}

/// What a predefined role of Google Cloud (`roles/editor`) allows, by its name. None for custom roles.
#[must_use]
pub fn google_role_level(role: &str) -> Option<Level> {
    by_name(|tables| &tables.google_roles, role)
}

/// What a built-in role of Azure or Entra ID (`Contributor`) allows, by its display name. None for names that no built-in
/// role bears, as far as the catalogue knows.
#[must_use]
pub fn azure_role_level(role: &str) -> Option<Level> {
    by_name(|tables| &tables.azure_roles, role)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_of_google_cloud() {
        for (role, level) in [
            ("roles/owner", Level::CanMint),
            ("roles/editor", Level::Admin),
            ("roles/viewer", Level::Read),
            ("roles/storage.objectViewer", Level::Read),
            ("roles/storage.objectAdmin", Level::Write),
            ("roles/iam.serviceAccountTokenCreator", Level::CanMint),
            ("roles/iam.serviceAccountUser", Level::CanMint),
            ("roles/iam.workloadIdentityUser", Level::Write),
            ("roles/iam.serviceAccountViewer", Level::Read),
            ("roles/secretmanager.secretAccessor", Level::Write),
        ] {
            assert_eq!(google_role_level(role), Some(level), "{role}");
        }
        assert_eq!(google_role_level("projects/shop/roles/deployer"), None);
    }

    #[test]
    fn roles_of_azure_and_entra() {
        for (role, level) in [
            ("Owner", Level::CanMint),
            ("User Access Administrator", Level::CanMint),
            ("Contributor", Level::Admin),
            ("Reader", Level::Read),
            ("Storage Blob Data Reader", Level::Read),
            ("Storage Blob Data Contributor", Level::Write),
            ("AcrPull", Level::Read),
            ("AcrPush", Level::Write),
            ("Key Vault Secrets User", Level::Write),
            ("Global Administrator", Level::CanMint),
        ] {
            assert_eq!(azure_role_level(role), Some(level), "{role}");
        }
        assert_eq!(azure_role_level("Shop Deployer"), None);
    }
}
