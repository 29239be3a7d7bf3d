//! What class each identity is of, by its ranked signs.

use super::{Graph, IdentityNode};
use crate::catalog;
use crate::facts::{Class, ClassEvidence, Confidence};

/// Gives every identity its verdict.
pub(super) fn judge(graph: &mut Graph) {
    for node in &mut graph.identities {
        if let Some((class, confidence, why)) = nature(node) {
            node.signs.push(ClassEvidence { class, confidence, why: why.to_owned(), at: node.place });
        }
        (node.class, node.class_confidence) = verdict(&node.signs);
    }
}

/// What an identity is by its platform, or else by its name: that says something only where nothing else does, and an
/// expression is no name.
fn nature(node: &IdentityNode) -> Option<(Class, Confidence, &'static str)> {
    match node.sort {
        "oidc-subject" | "aws-service" | "k8s-service-account" => {
            Some((Class::Workload, Confidence::High, "the platform issues it to running software"))
        }
        "gcp-service-account" => Some((Class::Service, Confidence::High, "the platform makes it for software")),
        _ => {
            let named = node.signs.is_empty() && !node.key.name.contains("${") && catalog::is_robot(&node.key.name);
            named.then_some((Class::Service, Confidence::Medium, "its name has a shape that only machines bear"))
        }
    }
}

/// The class with the strongest sign; signs of equal strength for different classes leave it unknown, with low confidence.
fn verdict(signs: &[ClassEvidence]) -> (Class, Confidence) {
    let Some(strongest) = signs.iter().map(|sign| sign.confidence).max() else {
        return (Class::Unknown, Confidence::Low);
    };
    let mut classes = signs.iter().filter(|sign| sign.confidence == strongest).map(|sign| sign.class);
    let first = classes.next().unwrap_or(Class::Unknown);
    if classes.all(|class| class == first) { (first, strongest) } else { (Class::Unknown, Confidence::Low) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Place;

    fn sign(class: Class, confidence: Confidence) -> ClassEvidence {
        ClassEvidence { class, confidence, why: String::new(), at: Place::default() }
    }

    #[test]
    fn a_name_counts_where_nothing_else_does() {
        let place = Place::default();
        let class = |key: crate::facts::Key, signs: Vec<ClassEvidence>| {
            let mut identity = crate::facts::Identity::new(key, "it", "registry-account", place);
            identity.classes = signs;
            let facts = crate::facts::Facts { identities: vec![identity], ..Default::default() };
            let graph = super::super::link(&[super::super::Batch { zone: Default::default(), facts }], &[]);
            (graph.identities[0].class, graph.identities[0].class_confidence)
        };
        let account = |name: &str| crate::facts::keys::registry_account("quay.io", name);
        assert_eq!(class(account("acme+robot"), vec![]), (Class::Service, Confidence::Medium));
        assert_eq!(class(account("dana"), vec![]), (Class::Unknown, Confidence::Low));
        let human = vec![sign(Class::Human, Confidence::Medium)];
        assert_eq!(class(account("acme+robot"), human), (Class::Human, Confidence::Medium));
        assert_eq!(class(account("${secrets.svc-robot}@r"), vec![]), (Class::Unknown, Confidence::Low));
    }

    #[test]
    fn the_strongest_sign_wins_and_a_contradiction_wins_nothing() {
        let human = sign(Class::Human, Confidence::High);
        let service = sign(Class::Service, Confidence::Medium);
        assert_eq!(verdict(&[service.clone(), human.clone()]), (Class::Human, Confidence::High));
        assert_eq!(verdict(&[human, sign(Class::Service, Confidence::High)]), (Class::Unknown, Confidence::Low));
        assert_eq!(verdict(&[]), (Class::Unknown, Confidence::Low));
    }
}
