//! Terraform and OpenTofu: who may do what in AWS, as the code that makes it says.
//!
//! Account numbers are seldom in the code, so what a module makes lives in the realm of its folder; see
//! `graph::settle` for how it meets an account. Resource fields: registry.terraform.io/providers/hashicorp/aws.

mod documents;
mod grants;
mod iam;
mod scope;
#[cfg(test)]
mod tests;

use crate::facts::Facts;
use crate::formats::{Format, Input, Probe};
use crate::syntax::Syntax;

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
    matches!(probe.extension(), "tf" | "tofu") && mentions(probe)
}

pub(in crate::formats) fn mentions(probe: &Probe<'_>) -> bool {
    WORDS.iter().any(|word| probe.mentions(word))
}

pub(in crate::formats) fn extract(input: &Input<'_>, facts: &mut Facts) {
    if let Some(file) = scope::File::new(*input) {
        iam::state(&file, facts);
    }
}
