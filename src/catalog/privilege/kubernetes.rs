//! Roles of Kubernetes, and the rules in them.

use serde::Deserialize;

use super::{TABLES, by_name};
use crate::facts::Level;

/// A permission that opens more, or less, than its verb says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Permission {
    groups: Vec<String>,
    resources: Vec<String>,
    verbs: Vec<String>,
    /// Counts only where the resource is named: `get` on `*` is commonly meant to look.
    #[serde(default)]
    by_name: bool,
    level: Level,
    #[allow(dead_code, reason = "documentation that travels with the data")]
    because: String,
    #[allow(dead_code, reason = "documentation that travels with the data")]
    source: String,
}

/// Verbs that only look (kubernetes.io/docs/reference/access-authn-authz/authorization/#determine-the-request-verb).
const LOOKING: [&str; 3] = ["get", "list", "watch"];

/// What a built-in Kubernetes cluster role allows, by its name. None for roles that a cluster defines itself.
#[must_use]
pub fn k8s_role_level(name: &str) -> Option<Level> {
    by_name(|tables| &tables.k8s_roles, name)
}

/// What one rule of a Kubernetes role allows: API groups (`""` for the core), resources (`pods`, `pods/exec`) and verbs, each
/// of which may be `*`. Rules on URLs have no groups and no resources.
#[must_use]
pub fn k8s_rule_level(groups: &[&str], resources: &[&str], verbs: &[&str]) -> Level {
    if verbs.is_empty() {
        return Level::None;
    }
    if [groups, resources, verbs].iter().all(|part| part.contains(&"*")) {
        return Level::Admin;
    }
    let Ok(tables) = TABLES.as_ref() else { return Level::Write };
    let touched = tables.k8s_rules.iter().filter(|permission| permission.touched_by(groups, resources, verbs));
    let highest = touched.map(|permission| permission.level).max();
    let by_verb = if verbs.iter().all(|verb| LOOKING.contains(verb)) { Level::Read } else { Level::Write };
    match highest {
        Some(level) if tables.k8s_rules.iter().any(|permission| permission.covers(groups, resources, verbs)) => level,
        Some(level) => level.max(by_verb),
        None => by_verb,
    }
}

impl Permission {
    /// Whether the rule allows any part of it.
    fn touched_by(&self, groups: &[&str], resources: &[&str], verbs: &[&str]) -> bool {
        let wild = |part: &&str| !self.by_name && *part == "*";
        groups.iter().any(|group| *group == "*" || has(&self.groups, group))
            && resources
                .iter()
                .any(|resource| wild(resource) || self.resources.iter().any(|own| reaches(resource, own)))
            && verbs.iter().any(|verb| wild(verb) || has(&self.verbs, verb))
    }

    /// Whether the rule allows nothing else.
    fn covers(&self, groups: &[&str], resources: &[&str], verbs: &[&str]) -> bool {
        groups.iter().all(|group| has(&self.groups, group))
            && resources.iter().all(|resource| has(&self.resources, resource))
            && verbs.iter().all(|verb| has(&self.verbs, verb))
    }
}

/// Whether a rule's resource is the other one: by name, or as `pods/*` and `*/exec`.
fn reaches(resource: &str, other: &str) -> bool {
    let Some((parent, child)) = other.split_once('/') else { return resource == other };
    resource == other
        || resource
            .split_once('/')
            .is_some_and(|(own, sub)| (own == parent && sub == "*") || (own == "*" && sub == child))
}

fn has(words: &[String], word: &str) -> bool {
    words.iter().any(|own| own == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CORE: &[&str] = &[""];
    const RBAC: &[&str] = &["rbac.authorization.k8s.io"];

    #[test]
    fn built_in_roles_by_name() {
        for (name, level) in [
            ("cluster-admin", Level::Admin),
            ("admin", Level::Admin),
            ("edit", Level::Write),
            ("view", Level::Read),
            ("system:aggregate-to-edit", Level::Write),
            ("system:discovery", Level::Read),
            ("system:auth-delegator", Level::Read),
            ("system:kubelet-api-admin", Level::Admin),
            ("system:kube-controller-manager", Level::CanMint),
            ("system:certificates.k8s.io:kube-apiserver-client-approver", Level::CanMint),
            ("system:controller:job-controller", Level::Write),
            ("cluster-reader", Level::Read),
        ] {
            assert_eq!(k8s_role_level(name), Some(level), "{name}");
        }
        assert_eq!(k8s_role_level("shop-admin"), None);
    }

    #[test]
    fn wildcards_are_administration() {
        assert_eq!(k8s_rule_level(&["*"], &["*"], &["*"]), Level::Admin);
        assert!(k8s_rule_level(CORE, &["*"], &["*"]) >= Level::Admin);
        assert_eq!(k8s_rule_level(RBAC, &["*"], &["*"]), Level::CanMint);
        assert_eq!(k8s_rule_level(&["*"], &["*"], &["get", "list", "watch"]), Level::Write, "it reads secrets");
        assert_eq!(k8s_rule_level(&["apps"], &["*"], &["get", "list"]), Level::Read);
        assert_eq!(k8s_rule_level(&["apps"], &["*"], &["*"]), Level::Write);
    }

    #[test]
    fn rules_by_what_they_open() {
        type Case = (&'static [&'static str], &'static [&'static str], &'static [&'static str], Level);
        let cases: &[Case] = &[
            (CORE, &["pods"], &["get", "list", "watch"], Level::Read),
            (CORE, &["configmaps"], &["update"], Level::Write),
            (CORE, &["secrets"], &["get"], Level::Write),
            (CORE, &["pods", "secrets"], &["list"], Level::Write),
            (CORE, &["pods"], &["create"], Level::Write),
            (&["batch"], &["cronjobs"], &["create", "delete"], Level::Write),
            (CORE, &["pods/exec"], &["create"], Level::Write),
            (CORE, &["pods/exec"], &["get"], Level::Write),
            (CORE, &["pods/*"], &["get"], Level::Write),
            (CORE, &["pods/log"], &["get"], Level::Read),
            (CORE, &["serviceaccounts/token"], &["create"], Level::CanMint),
            (CORE, &["serviceaccounts/*"], &["create"], Level::CanMint),
            (CORE, &["serviceaccounts"], &["create"], Level::Write),
            (CORE, &["serviceaccounts"], &["impersonate"], Level::CanMint),
            (CORE, &["users", "groups"], &["impersonate"], Level::CanMint),
            (CORE, &["nodes/proxy"], &["get"], Level::Admin),
            (CORE, &["nodes"], &["get", "list"], Level::Read),
            (RBAC, &["rolebindings"], &["create"], Level::CanMint),
            (RBAC, &["rolebindings"], &["get", "list"], Level::Read),
            (RBAC, &["roles"], &["create", "update"], Level::Write),
            (RBAC, &["clusterroles"], &["bind"], Level::CanMint),
            (RBAC, &["clusterroles"], &["escalate"], Level::CanMint),
            (&["admissionregistration.k8s.io"], &["mutatingwebhookconfigurations"], &["patch"], Level::Admin),
            (&["certificates.k8s.io"], &["certificatesigningrequests/approval"], &["update"], Level::CanMint),
            (&["authentication.k8s.io"], &["tokenreviews"], &["create"], Level::Read),
            (&["coordination.k8s.io"], &["leases"], &["create", "get", "update"], Level::Write),
            (&["example.org"], &["secrets"], &["get"], Level::Read),
            (&[], &[], &["get"], Level::Read),
            (CORE, &["pods"], &[], Level::None),
        ];
        for (groups, resources, verbs, level) in cases {
            assert_eq!(k8s_rule_level(groups, resources, verbs), *level, "{groups:?} {resources:?} {verbs:?}");
        }
    }
}
