//! Keys of tags, labels and annotations that name who answers for a resource.

use std::sync::LazyLock;

use serde::Deserialize;

use super::CatalogError;

/// Whom a plain word in the value of such a key stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Names {
    /// A group of people.
    Team,
    /// A person as well as a team.
    Anyone,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct OwnerKeys {
    names: Names,
    keys: Vec<String>,
    #[allow(dead_code, reason = "documentation that travels with the data")]
    source: String,
}

static KEYS: LazyLock<Result<Vec<OwnerKeys>, CatalogError>> =
    LazyLock::new(|| super::load("rules/catalog/owner-keys.yaml"));

pub(super) fn check() -> Result<(), CatalogError> {
    super::outcome(&KEYS)
}

/// Whom the key of a tag, label or annotation names, whatever its case, separators and domain. None for keys that name no
/// owner.
#[must_use]
pub fn owner_key(key: &str) -> Option<Names> {
    let name = squeezed(key.rsplit('/').next().unwrap_or(key));
    KEYS.as_ref().ok()?.iter().find(|entry| entry.keys.contains(&name)).map(|entry| entry.names)
}

/// A word without separators and in lower case, so that all spellings of a compound are one (`Break-Glass`, `breakGlass`).
#[must_use]
pub fn squeezed(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_spellings_of_a_key_are_one() {
        for key in ["Owner", "owned-by", "owner_email", "acme.example/ownerContact", "a8r.io/owner"] {
            assert_eq!(owner_key(key), Some(Names::Anyone), "{key}");
        }
        assert_eq!(owner_key("Owning Team"), Some(Names::Team));
        for key in ["", "/", "name", "ownership-model", "app.kubernetes.io/managed-by", "é"] {
            assert_eq!(owner_key(key), None, "{key}");
        }
    }
}
