//! Terraform in JSON (`*.tf.json`): the same resources in the same shape.

use super::terraform;
use crate::formats::{Format, Probe};
use crate::syntax::Syntax;

pub(in crate::formats) static FORMAT: Format = Format {
    id: "terraform-json",
    title: "Terraform and OpenTofu in JSON",
    reads: "AWS users, roles, groups, policies, access keys and trusts",
    leaves: "expressions beyond locals, defaults and references, modules from registries, other providers",
    syntax: Syntax::Json,
    recognise,
    extract: terraform::extract,
};

fn recognise(probe: &Probe<'_>) -> bool {
    let name = probe.file_name();
    (name.ends_with(".tf.json") || name.ends_with(".tofu.json")) && terraform::mentions(probe)
}
