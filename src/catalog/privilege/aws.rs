//! Policies and actions of AWS.

use serde::Deserialize;

use super::{TABLES, by_name, matches};
use crate::facts::Level;

/// Actions of one level.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Actions {
    actions: Vec<String>,
    level: Level,
    #[allow(dead_code, reason = "documentation that travels with the data")]
    because: String,
    #[allow(dead_code, reason = "documentation that travels with the data")]
    source: String,
}

/// What an AWS managed policy allows, by its name (`ReadOnlyAccess`, `job-function/ViewOnlyAccess`) or its ARN. None when the
/// name is none of AWS's, and for ARNs of customers' own policies, whose names prove nothing.
#[must_use]
pub fn aws_policy_level(name: &str) -> Option<Level> {
    let name = match name.strip_prefix("arn:") {
        Some(arn) => arn.split_once(":iam::aws:policy/")?.1,
        None => name,
    };
    by_name(|tables| &tables.aws_policies, name.rsplit('/').next()?)
}

/// What an AWS action pattern (`iam:*`, `s3:GetObject`) allows on all resources; resources and conditions are the
/// caller's to weigh.
///
/// By the catalogue: the single actions that the pattern reaches, and the first pattern that covers it. What nothing covers
/// changes something.
#[must_use]
pub fn action_level(action: &str) -> Level {
    let action = action.trim();
    let tables = match (action, TABLES.as_ref()) {
        ("", _) => return Level::None,
        ("*" | "*:*", _) => return Level::Admin,
        (_, Ok(tables)) => tables,
        (_, Err(_)) => return Level::Write,
    };
    let entries = || tables.aws_actions.iter().flat_map(|entry| entry.actions.iter().map(|known| (known, entry.level)));
    let single = entries().filter(|(known, _)| !known.contains('*') && matches(action, known));
    let reached = single.map(|(_, level)| level).max();
    if let (Some(exactly), false) = (reached, action.contains(['*', '?'])) {
        return exactly;
    }
    let covering = entries().find(|(known, _)| known.contains('*') && matches(known, action));
    covering.map_or(Level::Write, |(_, level)| level).max(reached.unwrap_or(Level::None))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn managed_policies_by_name() {
        for (name, level) in [
            ("AdministratorAccess", Level::Admin),
            ("arn:aws:iam::aws:policy/AdministratorAccess", Level::Admin),
            ("arn:aws-us-gov:iam::aws:policy/AdministratorAccess", Level::Admin),
            ("AdministratorAccess-Amplify", Level::Admin),
            ("PowerUserAccess", Level::Admin),
            ("IAMFullAccess", Level::CanMint),
            ("AWSOrganizationsFullAccess", Level::CanMint),
            ("AWSOrganizationsReadOnlyAccess", Level::Read),
            ("AmazonS3FullAccess", Level::Write),
            ("AWSLambda_FullAccess", Level::Write),
            ("AmazonEC2ContainerRegistryPowerUser", Level::Write),
            ("AmazonEC2ContainerRegistryReadOnly", Level::Read),
            ("ReadOnlyAccess", Level::Read),
            ("AWSLambda_ReadOnlyAccess", Level::Read),
            ("IAMReadOnlyAccess", Level::Read),
            ("job-function/ViewOnlyAccess", Level::Read),
            ("arn:aws:iam::aws:policy/job-function/SystemAdministrator", Level::Write),
            ("SecurityAudit", Level::Read),
            ("service-role/AWSLambdaBasicExecutionRole", Level::Write),
            ("arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy", Level::Write),
            ("aws-service-role/AWSSupportServiceRolePolicy", Level::Write),
            ("SecretsManagerReadWrite", Level::Write),
            ("CloudWatchAgentServerPolicy", Level::Write),
            ("AWSCompromisedKeyQuarantineV2", Level::None),
            ("IAMUserChangePassword", Level::Write),
        ] {
            assert_eq!(aws_policy_level(name), Some(level), "{name}");
        }
    }

    #[test]
    fn names_of_customers_policies_prove_nothing() {
        for name in ["shop-deploy", "arn:aws:iam::111122223333:policy/AdministratorAccess", "arn:aws:iam::aws", ""] {
            assert_eq!(aws_policy_level(name), None, "{name}");
        }
    }

    #[test]
    fn actions_by_verb_and_by_what_they_open() {
        for (action, level) in [
            ("*", Level::Admin),
            ("*:*", Level::Admin),
            ("iam:*", Level::CanMint),
            ("iam:Get*", Level::Read),
            ("iam:Create*", Level::CanMint),
            ("iam:C*", Level::CanMint),
            ("iam:PassRole", Level::CanMint),
            ("iam:passrole", Level::CanMint),
            ("iam:Pass?ole", Level::CanMint),
            ("iam:CreateServiceLinkedRole", Level::Write),
            ("iam:GenerateCredentialReport", Level::Read),
            ("sts:AssumeRole", Level::Write),
            ("sts:*", Level::CanMint),
            ("sts:GetCallerIdentity", Level::Read),
            ("sts:TagSession", Level::None),
            ("organizations:*", Level::CanMint),
            ("organizations:Describe*", Level::Read),
            ("organizations:AttachPolicy", Level::Admin),
            ("sso:*", Level::CanMint),
            ("kms:*", Level::Write),
            ("kms:Decrypt", Level::Write),
            ("kms:DescribeKey", Level::Read),
            ("s3:Get*", Level::Read),
            ("s3:GetObject", Level::Read),
            ("s3:List*", Level::Read),
            ("s3:PutObject", Level::Write),
            ("s3:*", Level::Write),
            ("s3:*Object", Level::Write),
            ("ec2:RunInstances", Level::Write),
            ("ec2:Describe*", Level::Read),
            ("ec2:GetPasswordData", Level::Write),
            ("dynamodb:BatchGetItem", Level::Read),
            ("dynamodb:Query", Level::Read),
            ("dynamodb:BatchWriteItem", Level::Write),
            ("secretsmanager:GetSecretValue", Level::Write),
            ("secretsmanager:Get*", Level::Write),
            ("secretsmanager:ListSecrets", Level::Read),
            ("ssm:GetParameter*", Level::Write),
            ("ssm:DescribeParameters", Level::Read),
            ("lambda:UpdateFunctionCode", Level::Write),
            ("lambda:InvokeFunction", Level::Write),
            ("eks:CreateAccessEntry", Level::CanMint),
            ("logs:StartQuery", Level::Read),
            ("brandnew:FrobnicateThing", Level::Write),
            ("", Level::None),
        ] {
            assert_eq!(action_level(action), level, "{action}");
        }
    }
}
