//! What the world's products mean by their fields: the data of `rules/catalog/`, compiled.
//!
//! Nothing here is guessed from a name. A sink says what a credential is, a token's shape says whose it is, a default says
//! what an empty field means, and every entry names the source of the fact.

mod defaults;
mod owners;
mod placeholders;
mod privilege;
mod sinks;
mod tokens;
mod words;

pub use defaults::{DefaultRule, default_rule, default_rules};
pub use owners::{Names, owner_key, squeezed};
pub use placeholders::is_placeholder;
pub use privilege::{
    action_level, aws_policy_level, azure_role_level, google_role_level, k8s_role_level, k8s_rule_level,
};
pub use sinks::{Carries, Sink, action_sink, env_sink, sink, sinks};
pub use tokens::{Decoder, Public, TokenClass, token_class, token_classes};
pub use words::{Stage, is_robot, stage};

use serde::de::DeserializeOwned;

/// The catalogue's own data does not load: a fault of this build, found by the tests, never of the user's input.
#[derive(Debug, thiserror::Error)]
#[error("embedded catalogue file {path} does not load: {source}")]
pub struct CatalogError {
    path: &'static str,
    source: serde_yaml::Error,
}

/// Reads every embedded file below `folder` as a list of entries.
fn load<T: DeserializeOwned>(folder: &str) -> Result<Vec<T>, CatalogError> {
    let mut all = Vec::new();
    for (path, text) in crate::text::embedded(folder) {
        let entries: Vec<T> = serde_yaml::from_str(text).map_err(|source| CatalogError { path, source })?;
        all.extend(entries);
    }
    Ok(all)
}

/// The error of a table that is loaded once and asked often.
fn outcome<T>(table: &Result<T, CatalogError>) -> Result<(), CatalogError> {
    let repeat =
        |error: &CatalogError| CatalogError { path: error.path, source: serde::de::Error::custom(&error.source) };
    table.as_ref().map(|_| ()).map_err(repeat)
}

/// Loads everything once, so that a fault in the embedded data is an error at start and not a silent gap.
///
/// # Errors
/// [`CatalogError`] naming the file and the position.
pub fn check() -> Result<(), CatalogError> {
    sinks::check()?;
    defaults::check()?;
    owners::check()?;
    privilege::check()?;
    tokens::check()?;
    words::check()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_embedded_catalogue_loads() {
        super::check().unwrap();
    }
}
