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
    /// Words that count wherever they stand.
    #[serde(default)]
    words: Vec<String>,
    /// Words that count as the first one only.
    #[serde(default)]
    first: Vec<String>,
    /// Words that count as the last one only.
    #[serde(default)]
    last: Vec<String>,
}

/// What kind of name a robot's shape is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Of {
    Any,
    Account,
    Address,
    Name,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Robot {
    shape: String,
    of: Of,
    #[allow(dead_code, reason = "documentation that travels with the data")]
    means: String,
}

struct Words {
    stages: Vec<StageWords>,
    robots: Vec<(Of, Regex)>,
}

static WORDS: LazyLock<Result<Words, CatalogError>> = LazyLock::new(|| {
    let stages = super::load("rules/catalog/stages.yaml")?;
    let shapes: Vec<Robot> = super::load("rules/catalog/robots.yaml")?;
    let compile = |robot: &Robot| {
        Regex::new(&robot.shape).map(|shape| (robot.of, shape)).map_err(|error| CatalogError {
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
    let before_production = |prefixes: &[&str]| {
        parts.windows(2).any(|pair| {
            matches!(pair, [prefix, word] if prefixes.contains(prefix) && of_words(words, &[word]) == Some(Stage::Production))
        })
    };
    // `non-prod` and `pre-production` name the opposite of their last word.
    if before_production(&["non", "not", "no"]) {
        return Some(Stage::Test);
    }
    if before_production(&["pre"]) {
        return Some(Stage::Staging);
    }
    of_words(words, &parts)
}

fn of_words(words: &Words, parts: &[&str]) -> Option<Stage> {
    let holds = |list: &[String], part: &&str| list.iter().any(|word| word == part);
    let speaks = |entry: &&StageWords| {
        parts.iter().any(|part| holds(&entry.words, part))
            || parts.first().is_some_and(|part| holds(&entry.first, part))
            || parts.last().is_some_and(|part| holds(&entry.last, part))
    };
    words.stages.iter().find(speaks).map(|entry| entry.stage)
}

/// Whether a name has a shape that only machines bear: an account (`svc-backup`, `org+robot`), a mail address or the name
/// in a commit (`Renovate Bot`).
///
/// An address is judged by its mailbox, a tag after `+` included, and GitHub's private address
/// `12345+alice@users.noreply.github.com` by the account in it (docs.github.com, "Setting your commit email address").
#[must_use]
pub fn is_robot(name: &str) -> bool {
    let name = name.trim();
    match name.rsplit_once('@') {
        Some((mailbox, "users.noreply.github.com")) => {
            is_robot_account(mailbox.split_once('+').map_or(mailbox, |(_, handle)| handle))
        }
        Some((mailbox, _)) if !mailbox.is_empty() => {
            has_shape(name, &[Of::Address]) || mailbox.split('+').any(|part| has_shape(part, &[Of::Any]))
        }
        _ if name.contains(' ') => has_shape(name, &[Of::Any, Of::Name]),
        _ => is_robot_account(name),
    }
}

fn is_robot_account(name: &str) -> bool {
    has_shape(name, &[Of::Any, Of::Account])
}

fn has_shape(name: &str, of: &[Of]) -> bool {
    WORDS.as_ref().is_ok_and(|words| words.robots.iter().any(|(made, shape)| of.contains(made) && shape.is_match(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_read_word_by_word() {
        for (name, stage_of) in [
            ("eu-prod-2", Stage::Production),
            ("Production", Stage::Production),
            ("shop_prd", Stage::Production),
            ("eu-live", Stage::Production),
            ("non-prod", Stage::Test),
            ("no-prod", Stage::Test),
            ("nonprod", Stage::Test),
            ("preprod", Stage::Staging),
            ("pre-production", Stage::Staging),
            ("pre-live", Stage::Staging),
            ("preproduction", Stage::Staging),
            ("staging-eu", Stage::Staging),
            ("dev", Stage::Development),
            ("dev3", Stage::Development),
            ("core-sandbox", Stage::Development),
            ("review/feature-x", Stage::Development),
            ("preview-128", Stage::Development),
            ("shop-integration", Stage::Test),
            ("qa", Stage::Test),
        ] {
            assert_eq!(stage(name), Some(stage_of), "{name}");
        }
        for name in [
            "product-page",
            "github-pages",
            "integration-hub",
            "live-reporting",
            "delius-core-training",
            "trigger-nightly",
            "reproduction",
            "developer-experience",
            "",
        ] {
            assert_eq!(stage(name), None, "{name}");
        }
    }

    #[test]
    fn accounts_of_machines_are_told_from_those_of_people() {
        for name in [
            "dependabot[bot]",
            "woodpeckerci+wp_ci",
            "woodpeckerbot",
            "svc-backup",
            "svc.backup",
            "release-bot",
            "k8s-ci-robot",
            "k8s.ci.robot",
            "PyTorchMergeBot",
            "getsentry-bot",
            "update-bot",
            "bot-githubaction",
            "gocd-ci-user",
            "ec2-user",
            "modernisation-platform-ci",
            "panther-bot-automation",
            "github-service-account-automation",
            "project_42_bot_9f8e7d",
            "gitlab+deploy-token-7",
            "robot$shop",
            "_json_key",
            "github-actions",
            "jenkins",
            "root",
            "admin",
            "$DOCKER_USER",
        ] {
            assert!(is_robot(name), "{name}");
        }
        for name in [
            "alice",
            "bob.smith",
            "abbott",
            "ltalbot",
            "toniblyx",
            "cadence",
            "sam-deploy",
            "release-alice",
            "travis",
            "travis.cline",
            "cd-bitwarden",
            "surajd.service",
            "adminxor",
            "botzill",
            "botao",
            "superuser",
            "rsi-mrobinson",
            "",
        ] {
            assert!(!is_robot(name), "{name}");
        }
    }

    #[test]
    fn addresses_are_judged_by_the_mailbox_and_its_tag() {
        for name in [
            "49699333+dependabot[bot]@users.noreply.github.com",
            "20407524+k8s-ci-robot@users.noreply.github.com",
            "github-actions@users.noreply.github.com",
            "bot@renovateapp.com",
            "rmohr+kubebot@redhat.com",
            "noreply@github.com",
            "runner@fv-az117.internal.cloudapp.net",
            "ubuntu@ip-172-31-5-9",
        ] {
            assert!(is_robot(name), "{name}");
        }
        for name in [
            "12345+alice@users.noreply.github.com",
            "100632+git@users.noreply.github.com.example",
            "alice+git@example.com",
            "admin@toph.example",
            "travis@example.com",
            "sylvain.rabot@example.fr",
            "@alice",
            "@",
        ] {
            assert!(!is_robot(name), "{name}");
        }
    }

    #[test]
    fn names_in_commits_are_judged_by_their_words() {
        for name in ["Renovate Bot", "Kubernetes Prow Robot", "GitHub Actions", "Service Account - Shop", "Expo CI"] {
            assert!(is_robot(name), "{name}");
        }
        for name in ["Yann Le Bot", "Sylvain Rabot", "Lorenzo Zabot", "Dana Jenkins", "Travis Haagen", "Admin Patel"] {
            assert!(!is_robot(name), "{name}");
        }
    }
}
