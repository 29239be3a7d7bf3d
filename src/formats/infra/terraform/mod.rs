//! Terraform and OpenTofu: who may do what in AWS, as the code that makes it says.
//!
//! Account numbers are seldom in the code, so what a module makes lives in the realm of its folder; see
//! `graph::settle` for how it meets an account. Resource fields: registry.terraform.io/providers/hashicorp/aws.

mod documents;
mod grants;
mod iam;
mod scope;
mod template;
#[cfg(test)]
mod tests;

use crate::facts::Facts;
use crate::formats::{Format, Input, Probe, shell};
use crate::syntax::{Node, Style, Syntax};

pub(in crate::formats) use documents::policy_file_key;

pub(in crate::formats) static FORMAT: Format = Format {
    id: "terraform",
    title: "Terraform and OpenTofu",
    reads: "AWS users, roles, groups, policies, access keys and trusts",
    leaves: "expressions beyond locals, defaults and references, modules from registries, other providers",
    syntax: Syntax::Hcl,
    recognise,
    extract,
};

/// What the resources that are read are called.
const WORDS: [&str; 3] = ["aws_iam_", "aws_eks_pod_identity_association", "eks.amazonaws.com/role-arn"];

fn recognise(probe: &Probe<'_>) -> bool {
    let piped = probe.is_nameless() && !probe.is_json() && probe.mentions("resource \"");
    (matches!(probe.extension(), "tf" | "tofu") || piped) && mentions(probe)
}

pub(in crate::formats) fn mentions(probe: &Probe<'_>) -> bool {
    WORDS.iter().any(|word| probe.mentions(word))
}

pub(in crate::formats) fn extract(input: &Input<'_>, facts: &mut Facts) {
    if let Some(file) = scope::File::new(*input) {
        iam::state(&file, facts);
        facts.secrets.extend(input.tree.nodes().filter(is_secret).map(Node::span));
    }
}

/// Whether a string stands where a secret value belongs: under a name that says so, or as the default of a variable of
/// such a name. It is hidden, and proves nothing.
fn is_secret(node: &Node<'_>) -> bool {
    // The keys of conditions (`token.actions.githubusercontent.com:sub`) are no names of variables.
    let is_name = |key: &str| !key.contains(['.', ':', '/']) && shell::is_secret_name(key);
    let named = |node: Node<'_>| node.key().is_some_and(is_name);
    let default = node.key() == Some("default") && node.parent().is_some_and(named);
    let given = node.literal().is_some_and(|text| !text.is_empty());
    given && node.style() == Style::Quoted && (named(*node) || default)
}
