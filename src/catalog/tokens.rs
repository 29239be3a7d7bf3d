//! Classes of credentials that a value's own shape gives away: who issues it, whom it stands for, how long it lives.

use std::sync::LazyLock;

use serde::Deserialize;

use super::CatalogError;
use crate::facts::{Class, Level, Lifetime};

/// What can be read from a value of a class without asking anyone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decoder {
    /// The last six characters are the CRC-32 of the middle, in base 62 (GitHub, npm).
    Crc32Base62,
    /// The last eight are the CRC-32 of everything before them, in hexadecimal (Atlassian).
    Crc32Hex,
    /// The last eight are the CRC-32 of everything before the underscore, least significant byte first (Grafana).
    Crc32HexLittle,
    /// The last eight are the CRC-32 of the forty before them (Cloudflare).
    Crc32HexBody,
    /// Owner in clear and a CRC-32 in base 36 (GitLab routable tokens).
    GitlabRoutable,
    /// The account is a part of the id (AWS).
    AwsKeyId,
    /// Header and claims of a JSON Web Token.
    Jwt,
    /// An application id and a JSON Web Token (GitHub App installations).
    GithubInstallation,
    /// The caveats of a macaroon (PyPI).
    PypiMacaroon,
    /// Year and month of issue (Azure's identifiable keys).
    AzureCask,
    /// The account or policy named beside the key (Azure connection strings).
    AzureConnection,
    /// Organisation and time of issue as JSON (Sentry).
    SentryOrg,
    /// JSON in base64 that names the account (1Password, Grafana Cloud).
    JsonBase64,
    /// The time of expiry (JFrog reference tokens).
    JfrogReference,
    /// A private key or certificate between dashes.
    Pem,
    /// The same once more in base64, as kubeconfig files and Kubernetes Secrets hold it.
    PemBase64,
    /// The user and host of a URL.
    UrlLogin,
}

/// Where a value is public by design.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Public {
    /// Wherever it stands.
    Always,
    /// In code that is delivered to browsers and phones.
    InClients,
}

/// One class of `rules/catalog/tokens/*.yaml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenClass {
    /// Id of the class (`github-pat-classic`); unique.
    pub id: String,
    /// Provider (`aws`, `github`).
    pub provider: String,
    /// Name for people.
    pub title: String,
    /// Literal texts that a value holds, case-sensitive and at least four characters long: what is looked for first.
    /// Empty for a class that only a decoder of another one tells, or that is known by its variable alone.
    #[serde(default)]
    pub stems: Vec<String>,
    /// The match begins this many bytes before the stem.
    #[serde(default)]
    pub before: usize,
    /// The match begins where the word around the stem begins.
    #[serde(default)]
    pub inside: bool,
    /// Ends of the names of variables that receive a value of this class (`DD_API_KEY`, `_TOKEN` for any token).
    #[serde(default)]
    pub assigned_to: Vec<String>,
    /// How every value begins. Public: it may be shown.
    #[serde(default)]
    pub prefix: String,
    /// Regular expression of the whole match. Where it has a group `value`, that is the value, otherwise all of it.
    #[serde(default)]
    pub shape: Option<String>,
    /// Characters that, beside letters, digits and the underscore, would make the value a part of something longer.
    #[serde(default)]
    pub joins: String,
    /// Longest match, in bytes.
    #[serde(default = "usual_length")]
    pub longest: usize,
    /// One of these words must stand nearby, in any case, because the shape alone says too little.
    #[serde(default)]
    pub near: Vec<String>,
    /// Whom a value stands for: `human`, `service`, `workload`, or `unknown` when the class leaves it open.
    pub binding: Class,
    /// How a value lives, where the class tells.
    #[serde(default)]
    pub lifetime: Option<Lifetime>,
    /// What can be read from a value.
    #[serde(default)]
    pub decode: Option<Decoder>,
    /// What holding a value allows at least, where the class tells.
    #[serde(default)]
    pub level: Option<Level>,
    /// Where a value is public by design, or not worth guarding.
    #[serde(default)]
    pub public: Option<Public>,
    /// The value is a name and no secret (an access key id, a certificate).
    #[serde(default)]
    pub identifier: bool,
    /// Chosen by people, so that not even its hash may be kept.
    #[serde(default)]
    pub weak: bool,
    /// How public test values of this class begin, as the issuer documents them.
    #[serde(default)]
    pub documented: Vec<String>,
    /// A made-up text in which the class is found. In pieces, so that no scanner takes the catalogue for a leak.
    #[serde(default)]
    pub example: Vec<String>,
    /// Document or repository path that says so.
    pub source: String,
}

fn usual_length() -> usize {
    512
}

impl TokenClass {
    /// The example in one piece; empty for a class that has no shape of its own.
    #[must_use]
    pub fn example(&self) -> String {
        self.example.concat()
    }
}

static CLASSES: LazyLock<Result<Vec<TokenClass>, CatalogError>> =
    LazyLock::new(|| super::load("rules/catalog/tokens/"));

pub(super) fn check() -> Result<(), CatalogError> {
    CLASSES
        .as_ref()
        .map(|_| ())
        .map_err(|error| CatalogError { path: error.path, source: serde::de::Error::custom(&error.source) })
}

/// All classes of tokens.
#[must_use]
pub fn token_classes() -> &'static [TokenClass] {
    CLASSES.as_ref().map_or(&[], Vec::as_slice)
}

/// The class with this id.
#[must_use]
pub fn token_class(id: &str) -> Option<&'static TokenClass> {
    token_classes().iter().find(|class| class.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn classes_are_complete_and_unique() {
        let mut seen = HashSet::new();
        for class in token_classes() {
            assert!(seen.insert(class.id.as_str()), "{} stands twice", class.id);
            assert!(!class.source.is_empty() && !class.title.is_empty(), "{}", class.id);
            let found = !class.stems.is_empty() || !class.assigned_to.is_empty();
            assert_eq!(class.shape.is_some(), found, "{}", class.id);
            assert_eq!(class.shape.is_some(), class.example.len() > 1, "{} needs an example in pieces", class.id);
            assert!(class.example().contains(&class.prefix), "{}", class.id);
        }
        assert!(seen.len() >= 40);
    }
}
