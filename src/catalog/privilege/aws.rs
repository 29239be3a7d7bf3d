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
    /// The level when the statement names its resources, if that makes a difference.
    #[serde(default)]
    named: Option<Level>,
    #[allow(dead_code, reason = "documentation that travels with the data")]
    because: String,
    #[allow(dead_code, reason = "documentation that travels with the data")]
    source: String,
}

/// How far the resources of a statement reach.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// Everything that the action can act on.
    All,
    /// What the statement names.
    Named,
    /// The caller's own user.
    Own,
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

/// What an AWS action pattern (`iam:*`, `s3:GetObject`) allows on all resources.
#[must_use]
pub fn action_level(action: &str) -> Level {
    level_of(action.trim(), Reach::All)
}

/// What an `Allow` statement with these action patterns allows on these resources (ARN patterns; none means all).
///
/// To pass or assume a role that is named is to act as it, not to make credentials; keys that users may make for themselves
/// (`user/${aws:username}`) change nothing but themselves; `*` on one bucket administers the bucket, not the account.
/// Conditions, boundaries and denials are not looked at: the result is what the statement gives at most.
#[must_use]
pub fn statement_level(actions: &[&str], resources: &[&str]) -> Level {
    let reach = if resources.is_empty() || resources.iter().any(|arn| reaches_all(arn)) {
        Reach::All
    } else if resources.iter().all(|arn| arn.contains("${aws:username}") || arn.contains("${aws:userid}")) {
        Reach::Own
    } else {
        Reach::Named
    };
    actions.iter().map(|action| level_of(action.trim(), reach)).max().unwrap_or(Level::None)
}

/// Whether an ARN pattern leaves open which resource it means: `*`, or an ARN whose last part is one
/// (`arn:aws:iam::*:role/*`, `arn:aws:iam::123456789012:*`).
fn reaches_all(arn: &str) -> bool {
    let arn = arn.trim();
    let resource = arn.splitn(6, ':').nth(5);
    arn == "*" || resource.is_some_and(|name| matches!(name, "*" | "role/*" | "user/*" | "group/*" | "*/*"))
}

fn level_of(action: &str, reach: Reach) -> Level {
    let level = match action {
        "" => Level::None,
        "*" | "*:*" if reach == Reach::All => Level::Admin,
        "*" | "*:*" => Level::Write,
        _ => catalogued(action, reach),
    };
    if reach == Reach::Own { level.min(Level::Write) } else { level }
}

/// By the catalogue: single actions that the pattern reaches, and the first pattern that covers it. What nothing covers
/// changes something.
fn catalogued(action: &str, reach: Reach) -> Level {
    let Ok(tables) = TABLES.as_ref() else { return Level::Write };
    let level = |entry: &Actions| match reach {
        Reach::All => entry.level,
        Reach::Named | Reach::Own => entry.named.unwrap_or(entry.level),
    };
    let entries = || tables.aws_actions.iter().flat_map(|entry| entry.actions.iter().map(move |known| (known, entry)));
    let single = entries().filter(|(known, _)| !known.contains('*') && matches(action, known));
    let reached = single.map(|(_, entry)| level(entry)).max();
    if let (Some(exactly), false) = (reached, action.contains(['*', '?'])) {
        return exactly;
    }
    let covering = entries().find(|(known, _)| known.contains('*') && matches(known, action));
    covering.map_or(Level::Write, |(_, entry)| level(entry)).max(reached.unwrap_or(Level::None))
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
            ("sts:AssumeRole", Level::CanMint),
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

    #[test]
    fn resources_narrow_what_an_action_allows() {
        let role = "arn:aws:iam::111122223333:role/shop-task";
        for (action, resource, level) in [
            ("iam:PassRole", "*", Level::CanMint),
            ("iam:PassRole", "arn:aws:iam::*:role/*", Level::CanMint),
            ("iam:PassRole", role, Level::Write),
            ("sts:AssumeRole", role, Level::Write),
            ("iam:CreateAccessKey", "arn:aws:iam::111122223333:user/${aws:username}", Level::Write),
            ("iam:CreateAccessKey", "arn:aws:iam::111122223333:user/deploy", Level::CanMint),
            ("*", "arn:aws:s3:::shop/*", Level::Write),
            ("*", "*", Level::Admin),
            ("s3:GetObject", "arn:aws:s3:::shop/*", Level::Read),
        ] {
            assert_eq!(statement_level(&[action], &[resource]), level, "{action} on {resource}");
        }
        assert_eq!(statement_level(&["s3:GetObject", "s3:PutObject"], &[]), Level::Write);
        assert_eq!(statement_level(&[], &["*"]), Level::None);
    }
}
