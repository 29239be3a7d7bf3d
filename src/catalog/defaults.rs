//! What an empty field means: the product's own default identity, with its source.

use std::sync::LazyLock;

use serde::Deserialize;

use super::CatalogError;

/// One entry of `rules/catalog/defaults.yaml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefaultRule {
    /// Id, as used in [`crate::facts::Value::Default`] and [`crate::facts::Mode::Default`].
    pub id: String,
    /// The product, with the version the fact was read for.
    pub product: String,
    /// The field that is missing.
    pub missing: String,
    /// What happens then, in words that fit into a finding.
    pub means: String,
    /// Document or repository path that says so.
    pub source: String,
}

static TABLE: LazyLock<Result<Vec<DefaultRule>, CatalogError>> =
    LazyLock::new(|| super::load("rules/catalog/defaults.yaml"));

pub(super) fn check() -> Result<(), CatalogError> {
    super::outcome(&TABLE)
}

/// All entries.
#[must_use]
pub fn default_rules() -> &'static [DefaultRule] {
    TABLE.as_ref().map_or(&[], Vec::as_slice)
}

/// The entry with this id.
#[must_use]
pub fn default_rule(id: &str) -> Option<&'static DefaultRule> {
    default_rules().iter().find(|rule| rule.id == id)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_entry_can_be_quoted() {
        let mut seen = BTreeSet::new();
        for rule in default_rules() {
            assert!(seen.insert(&rule.id), "{} stands twice", rule.id);
            assert!(rule.id.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{}", rule.id);
            // A finding puts `means` behind a colon, so it is a clause: no capital in front, no full stop behind.
            let first = rule.means.split_whitespace().next().unwrap();
            assert!(
                !rule.means.ends_with('.') && (first == "CI_JOB_TOKEN" || first.to_lowercase() == first),
                "{}",
                rule.id
            );
            assert!(!rule.product.is_empty() && !rule.missing.is_empty() && !rule.source.is_empty(), "{}", rule.id);
        }
    }

    #[test]
    fn the_defaults_that_hosts_and_clusters_rest_on_are_known() {
        for (id, word) in [
            ("k8s-default-service-account", "`default`"),
            ("systemd-root", "root"),
            ("cron-owner", "owns"),
            ("anacron-root", "root"),
            ("run-parts-root", "root"),
            ("dockerfile-root", "root"),
            ("github-token-permissions", "setting"),
            ("github-schedule-actor", "last changed"),
        ] {
            assert!(default_rule(id).unwrap().means.contains(word), "{id}");
        }
        assert!(default_rule("no-such-rule").is_none());
    }
}
