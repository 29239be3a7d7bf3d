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
