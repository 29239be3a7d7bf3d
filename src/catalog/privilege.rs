//! Which grants are equivalent to administration, by platform.

use super::CatalogError;
use crate::facts::Level;

pub(super) fn check() -> Result<(), CatalogError> {
    Ok(())
}

/// What an AWS managed policy allows, by its name.
#[must_use]
pub fn aws_policy_level(_name: &str) -> Option<Level> {
    None
}

/// What an AWS action pattern (`iam:*`, `s3:GetObject`) allows on all resources.
#[must_use]
pub fn action_level(_action: &str) -> Level {
    Level::Read
}

/// What a built-in Kubernetes cluster role allows, by its name.
#[must_use]
pub fn k8s_role_level(_name: &str) -> Option<Level> {
    None
}

/// What one rule of a Kubernetes role allows.
#[must_use]
pub fn k8s_rule_level(_groups: &[&str], _resources: &[&str], _verbs: &[&str]) -> Level {
    Level::Read
}
