//! Words with a meaning: stages of environments, and shapes that machine accounts bear on purpose.

use std::sync::LazyLock;

use regex::Regex;
use serde::Deserialize;

use super::CatalogError;

/// Which side of the line an environment is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// Development and previews.
    Development,
    /// Tests and quality gates.
    Test,
    /// The last stop before production.
    Staging,
    /// Real users, real data.
    Production,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StageWords {
    stage: Stage,
    words: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Robot {
    shape: String,
    #[allow(dead_code, reason = "documentation that travels with the data")]
    means: String,
}

struct Words {
    stages: Vec<StageWords>,
    robots: Vec<Regex>,
}

static WORDS: LazyLock<Result<Words, CatalogError>> = LazyLock::new(|| {
    let stages = super::load("rules/catalog/stages.yaml")?;
    let shapes: Vec<Robot> = super::load("rules/catalog/robots.yaml")?;
    let compile = |robot: &Robot| {
        Regex::new(&robot.shape).map_err(|error| CatalogError {
            path: "rules/catalog/robots.yaml",
            source: serde::de::Error::custom(error),
        })
    };
    let robots = shapes.iter().map(compile).collect::<Result<_, _>>()?;
    Ok(Words { stages, robots })
});

pub(super) fn check() -> Result<(), CatalogError> {
    super::outcome(&WORDS)
}

/// The stage that the name of an environment speaks of, word by word: `eu-prod-2` is production, `product` is nothing.
#[must_use]
pub fn stage(environment: &str) -> Option<Stage> {
    let words = WORDS.as_ref().ok()?;
    let lower = environment.to_ascii_lowercase();
    let parts: Vec<&str> = lower.split(|c: char| !c.is_ascii_alphabetic()).filter(|part| !part.is_empty()).collect();
    // `non-prod` and `pre-production` name the opposite of their last word.
    if parts.windows(2).any(|pair| matches!(pair[0], "non" | "not") && is_word(words, pair[1], Stage::Production)) {
        return Some(Stage::Test);
    }
    if parts.windows(2).any(|pair| pair[0] == "pre" && is_word(words, pair[1], Stage::Production)) {
        return Some(Stage::Staging);
    }
    words
        .stages
        .iter()
        .find(|entry| parts.iter().any(|part| entry.words.iter().any(|word| word == part)))
        .map(|entry| entry.stage)
}

fn is_word(words: &Words, part: &str, stage: Stage) -> bool {
    words.stages.iter().any(|entry| entry.stage == stage && entry.words.iter().any(|word| word == part))
}

/// Whether an account name has a shape that only machine accounts bear (`release[bot]`, `org+robot`, `svc-backup`).
#[must_use]
pub fn is_robot(name: &str) -> bool {
    WORDS.as_ref().is_ok_and(|words| words.robots.iter().any(|shape| shape.is_match(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_read_word_by_word() {
        assert_eq!(stage("eu-prod-2"), Some(Stage::Production));
        assert_eq!(stage("product-page"), None);
        assert_eq!(stage("non-prod"), Some(Stage::Test));
        assert_eq!(stage("preprod"), Some(Stage::Staging));
        assert_eq!(stage("pre-production"), Some(Stage::Staging));
        assert_eq!(stage("dev"), Some(Stage::Development));
        assert_eq!(stage("github-pages"), None);
    }

    #[test]
    fn robots_are_told_from_people() {
        for name in
            ["dependabot[bot]", "woodpeckerci+wp_ci", "svc-backup", "release-bot", "_json_key", "github-actions"]
        {
            assert!(is_robot(name), "{name}");
        }
        for name in ["alice", "bob.smith", "abbott", "toniblyx"] {
            assert!(!is_robot(name), "{name}");
        }
    }
}
