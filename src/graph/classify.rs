//! What class each identity is of, by its ranked signs.

use super::Graph;
use crate::facts::{Class, ClassEvidence, Confidence};

/// Gives every identity its verdict.
pub(super) fn judge(graph: &mut Graph) {
    for node in &mut graph.identities {
        if node.sort == "oidc-subject" || node.sort == "aws-service" || node.sort == "k8s-service-account" {
            let why = "the platform issues it to running software".to_owned();
            node.signs.push(ClassEvidence {
                class: Class::Workload,
                confidence: Confidence::High,
                why,
                at: node.place,
            });
        }
        (node.class, node.class_confidence) = verdict(&node.signs);
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
    fn the_strongest_sign_wins_and_a_contradiction_wins_nothing() {
        let human = sign(Class::Human, Confidence::High);
        let service = sign(Class::Service, Confidence::Medium);
        assert_eq!(verdict(&[service.clone(), human.clone()]), (Class::Human, Confidence::High));
        assert_eq!(verdict(&[human, sign(Class::Service, Confidence::High)]), (Class::Unknown, Confidence::Low));
        assert_eq!(verdict(&[]), (Class::Unknown, Confidence::Low));
    }
}
