//! A file that holds one policy document, as Terraform, CloudFormation and scripts read it.
//!
//! It allows nothing by itself; whoever refers to it by its path does.

use crate::facts::{Edge, Facts, Identity, Kind, Slot, Value};
use crate::formats::aws::{Plain, read};
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
    let is_grant = document.statements.iter().all(|statement| statement.principals.is_empty());
    if let (true, Some(allowed)) = (is_grant, document.allowed(&[])) {
        let key = policy_file_key(input.realm, input.path);
        facts.identities.push(Identity::new(key.clone(), input.path, "aws-policy", input.at(allowed.at)));
        let on = format!("{}, by {}", allowed.on, input.file_name());
        let resource = Slot::new(Kind::Resource, key.realm.clone(), Value::literal(on));
        facts.state(input.at(allowed.at), Edge::Grants { identity: Slot::known(key), resource, level: allowed.level });
    }
}
