//! A file that holds one policy document, as Terraform, CloudFormation and scripts read it.
//!
//! It allows nothing by itself; whoever refers to it by its path does.

use crate::facts::{Edge, Facts, Identity, Kind, Slot, Value};
use crate::formats::aws::{Plain, read, state_trust};
use crate::formats::infra::terraform::policy_file_key;
use crate::formats::{Format, Input, Probe};
use crate::syntax::Syntax;

pub(in crate::formats) static FORMAT: Format = Format {
    id: "aws-policy-file",
    title: "AWS policy document",
    reads: "what a policy in a file of its own allows",
    leaves: "expressions in it",
    syntax: Syntax::Json,
    recognise,
    extract,
};

fn recognise(probe: &Probe<'_>) -> bool {
    probe.is_json() && probe.mentions("\"Statement\"") && probe.mentions("\"Effect\"") && probe.mentions("\"Version\"")
}

fn extract(input: &Input<'_>, facts: &mut Facts) {
    let Some(root) = input.tree.root() else { return };
    let version = root.get_str("Version").is_some_and(|version| version.starts_with("20"));
    let Some(document) = read(root, &Plain).filter(|_| version) else { return };
    let key = policy_file_key(input.realm, input.path);
    if document.statements.iter().any(|statement| !statement.principals.is_empty()) {
        state_trust(facts, input.source, &document, &key, input.realm, &Plain);
    } else if let Some(allowed) = document.allowed(&[]) {
        let on = Value::literal(format!("{}, by {}", allowed.on, input.file_name()));
        let resource = Slot::new(Kind::Resource, key.realm.clone(), on);
        let identity = Slot::known(key.clone());
        facts.state(input.at(allowed.at), Edge::Grants { identity, resource, level: allowed.level });
    }
    if let Some(first) = facts.facts.first() {
        facts.identities.push(Identity::new(key, input.path, "aws-policy", first.at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Level;
    use crate::syntax;
    use crate::text::SourceId;

    fn facts_of(text: &str) -> Facts {
        let tree = syntax::parse(Syntax::Json, text);
        let mut facts = Facts::default();
        extract(&Input { source: SourceId(0), path: "m/policy.json", realm: "r", text, tree: &tree }, &mut facts);
        facts
    }

    #[test]
    fn a_policy_is_known_by_its_path_and_trusts_come_with_it() {
        let facts =
            facts_of(r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#);
        let Edge::Grants { identity, level, .. } = &facts.facts[0].edge else { panic!() };
        assert_eq!((identity, *level), (&Slot::known(policy_file_key("r", "m/policy.json")), Level::Admin));
        let trust = facts_of(
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",
            "Principal":{"Service":"ec2.amazonaws.com"}}]}"#,
        );
        assert!(matches!(trust.facts[0].edge, Edge::CanActAs { .. }));
    }

    #[test]
    fn policies_of_resources_and_other_documents_say_nothing() {
        let bucket = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}]}"#;
        for text in [bucket, r#"{"Version":"3","Statement":[{"Effect":"Allow"}]}"#, "[]", ""] {
            assert!(facts_of(text).is_empty(), "{text}");
        }
    }
}
