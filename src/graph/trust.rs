//! What is loose about who may become an identity.

use super::{IdentityNode, Trust};

/// Issuers that hand tokens to anyone who opens an account, so that a trust must name its subject.
const OPEN_ISSUERS: [&str; 6] = [
    "token.actions.githubusercontent.com",
    "gitlab.com",
    "app.terraform.io",
    "oidc.circleci.com",
    "agent.buildkite.com",
    "accounts.google.com",
];

/// The gap of one trust, with words for people; none for a tight one.
pub(super) fn gap(trust: &Trust) -> Option<&'static str> {
    if let Some(issuer) = trust.realm.strip_prefix("oidc:") {
        return oidc_gap(issuer, trust);
    }
    let any = trust.realm == "aws:*" || trust.name == "*";
    (trust.realm.starts_with("aws:") && any && trust.conditions.is_empty()).then_some("any-principal")
}

/// Claims that pin a GitHub or GitLab token to one repository besides `sub`.
const REPOSITORY_CLAIMS: [&str; 6] =
    ["repository", "repository_id", "repository_owner", "repository_owner_id", "project_path", "job_workflow_ref"];

fn oidc_gap(issuer: &str, trust: &Trust) -> Option<&'static str> {
    let claim = |name: &str| trust.conditions.iter().any(|condition| condition.claim.rsplit(':').next() == Some(name));
    let open = OPEN_ISSUERS.iter().any(|host| issuer.starts_with(host));
    let pinned = REPOSITORY_CLAIMS.iter().any(|name| claim(name));
    let subject = trust.name.as_str();
    if subject == "*" && open && !pinned {
        return Some("any-subject");
    }
    if subject.starts_with("${") || pinned {
        return None;
    }
    if open && subject.contains(['*', '?']) {
        let repository = subject.split(':').nth(1).unwrap_or(subject);
        if subject.starts_with('*') || repository.starts_with('*') {
            return Some("any-subject");
        }
        // An expression is a repository that the file does not show, and the star stands behind it.
        let unseen = repository.starts_with("${") && !repository.contains('*');
        let name = repository.split_once('/').map_or(if unseen { repository } else { "*" }, |(_, name)| name);
        if name == "*" || name.is_empty() {
            return Some("any-repository");
        }
    }
    (open && !claim("aud")).then_some("no-audience")
}

/// Every gap of an identity's trusts, each once, with the trust that has it.
pub(super) fn gaps(identity: &IdentityNode) -> Vec<(&'static str, &Trust)> {
    identity.trusts.iter().filter_map(|trust| Some((gap(trust)?, trust))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Condition;
    use crate::text::{Place, Span};

    fn trust(name: &str, claims: &[&str]) -> Trust {
        let condition = |claim: &&str| Condition {
            claim: format!("token.actions.githubusercontent.com:{claim}"),
            operator: "StringLike".to_owned(),
            values: Vec::new(),
            span: Span::default(),
        };
        Trust {
            realm: "oidc:token.actions.githubusercontent.com".to_owned(),
            name: name.to_owned(),
            conditions: claims.iter().map(condition).collect(),
            place: Place::default(),
        }
    }

    #[test]
    fn a_trust_is_as_wide_as_its_subject() {
        assert_eq!(gap(&trust("*", &[])), Some("any-subject"));
        assert_eq!(gap(&trust("repo:acme/*", &["sub", "aud"])), Some("any-repository"));
        assert_eq!(gap(&trust("repo:acme/*:ref:refs/heads/main", &["sub", "aud"])), Some("any-repository"));
        assert_eq!(gap(&trust("repo:acme/shop:*", &["sub", "aud"])), None);
        assert_eq!(gap(&trust("repo:${var.repository}:ref:refs/heads/*", &["sub", "aud"])), None);
        assert_eq!(gap(&trust("repo:${var.owner}/*", &["sub", "aud"])), Some("any-repository"));
        assert_eq!(gap(&trust("repo:acme/shop:environment:prod", &["sub"])), Some("no-audience"));
        assert_eq!(gap(&trust("*", &["repository", "aud"])), None);
    }
}
