//! How much a policy document allows.
//!
//! What an action allows is in the catalogue. Here counts where: on everything, or on some resources only; and under
//! which conditions. What cannot be resolved never raises the level.

use super::policy::{Document, Statement};
use crate::catalog;
use crate::facts::{Level, Value};
use crate::text::Span;

/// The most that a document allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::formats) struct Allowed {
    /// The level.
    pub(in crate::formats) level: Level,
    /// On what, for people.
    pub(in crate::formats) on: String,
    /// The statement that allows it.
    pub(in crate::formats) at: Span,
}

/// Conditions that say who may act, from where and when. They leave the power of a grant as it is; all others may narrow
/// what it reaches.
const CONTEXT_KEYS: [&str; 18] = [
    "aws:calledvia",
    "aws:currenttime",
    "aws:epochtime",
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principaltype",
    "aws:requestedregion",
    "aws:securetransport",
    "aws:sourceip",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:useragent",
    "aws:userid",
    "aws:viaawsservice",
];

/// The level of a managed policy of AWS itself, by its ARN. The inner none: the catalogue does not know it. None for the
/// ARN of any other policy.
pub(in crate::formats) fn managed_policy(arn: &str) -> Option<(&str, Option<Level>)> {
    let (before, path) = arn.split_once(":aws:policy/")?;
    let name = path.rsplit('/').next()?;
    before.starts_with("arn:").then(|| (name, catalog::aws_policy_level(name)))
}

/// The level that is left of `level` below a permissions boundary.
pub(in crate::formats) fn cap(level: Level, boundary: Option<Level>) -> Level {
    boundary.map_or(level, |boundary| level.min(boundary))
}

/// What is left of a managed policy of which only the level is known, beside denials of a whole.
pub(in crate::formats) fn without(level: Level, denied: &[String]) -> Level {
    if denied.iter().any(|pattern| covers(pattern, "*")) {
        Level::None
    } else if level == Level::CanMint && denied.iter().any(|pattern| covers(pattern, "iam:*")) {
        Level::Write
    } else {
        level
    }
}

impl Document {
    /// The actions that the document denies outright: on all resources, without a condition.
    pub(in crate::formats) fn denied(&self) -> Vec<String> {
        let whole = self.statements.iter().filter(|statement| {
            let everywhere = statement.resources.iter().any(|resource| resource.as_literal() == Some("*"));
            !statement.allow && statement.conditions.is_empty() && everywhere && !statement.all_actions_but
        });
        whole.flat_map(|statement| &statement.actions).filter_map(Value::as_literal).map(str::to_owned).collect()
    }

    /// The most that the document allows beside what is `denied`, itself included; none when it allows nothing.
    pub(in crate::formats) fn allowed(&self, denied: &[String]) -> Option<Allowed> {
        let denied: Vec<String> = denied.iter().cloned().chain(self.denied()).collect();
        let mut best: Option<Allowed> = None;
        for statement in self.statements.iter().filter(|statement| statement.allow) {
            let level = statement.level(&denied);
            if level > best.as_ref().map_or(Level::None, |best| best.level) {
                best = Some(Allowed { level, on: statement.on(&denied), at: statement.at });
            }
        }
        best
    }

    /// What could not be resolved, in a short phrase.
    pub(in crate::formats) fn unresolved(&self) -> Option<(Span, &'static str)> {
        let open = |statement: &&Statement| statement.actions.iter().any(|action| action.as_literal().is_none());
        self.statements
            .iter()
            .find(open)
            .map(|statement| (statement.at, "expression for the actions of a policy statement"))
    }
}

impl Statement {
    fn level(&self, denied: &[String]) -> Level {
        let most = if self.all_actions_but {
            self.everything_but(denied)
        } else {
            let actions = self.actions.iter().filter_map(Value::as_literal);
            let allowed = actions.filter(|action| !denied.iter().any(|pattern| covers(pattern, action)));
            allowed.map(|action| self.action(action)).max().unwrap_or(Level::None)
        };
        if self.is_narrowed() { most.min(Level::Write) } else { most }
    }

    fn action(&self, action: &str) -> Level {
        if !matches!(action, "*" | "*:*") {
            return catalog::action_level(action);
        }
        if self.everywhere() {
            return Level::Admin;
        }
        let services = self.resources.iter().filter_map(|resource| resource.as_literal()?.split(':').nth(2));
        let service = |service: &str| catalog::action_level(&format!("{service}:*"));
        services.filter(|name| !name.contains('*')).map(service).max().unwrap_or(Level::Write)
    }

    /// All but some actions are as good as all, as long as they are not denied as a whole: with every service but IAM at
    /// hand, code runs under the roles that the services have.
    fn everything_but(&self, denied: &[String]) -> Level {
        let all_denied = denied.iter().any(|pattern| covers(pattern, "*"));
        // An expression may stand for any action, also for all of them.
        let open = self.actions.iter().any(|action| action.as_literal().is_none_or(|action| covers(action, "*")));
        match self.everywhere() {
            _ if all_denied => Level::None,
            true if !open => Level::Admin,
            _ => Level::Write,
        }
    }

    fn everywhere(&self) -> bool {
        self.all_resources_but || self.resources.iter().any(|resource| resource.as_literal() == Some("*"))
    }

    /// Whether the resources or a condition keep the statement from reaching everything of its kind.
    fn is_narrowed(&self) -> bool {
        let wide = |resource: &Value| resource.as_literal().is_some_and(is_wide);
        let reaches_all = self.all_resources_but || self.resources.iter().any(wide);
        let narrows = |claim: &str| !CONTEXT_KEYS.contains(&claim.to_ascii_lowercase().as_str());
        !reaches_all || self.conditions.iter().any(|condition| narrows(&condition.claim))
    }

    /// What the statement reaches, for people, and by which action, if a single one out of many makes it powerful.
    fn on(&self, denied: &[String]) -> String {
        let strongest = self
            .actions
            .iter()
            .filter_map(Value::as_literal)
            .filter(|action| !self.all_actions_but && !denied.iter().any(|pattern| covers(pattern, action)))
            .max_by_key(|action| (self.action(action), std::cmp::Reverse(*action)))
            .filter(|action| self.action(action) >= Level::Admin && !self.is_narrowed() && !covers(action, "*"));
        match strongest {
            Some(action) => format!("{} with {action}", self.reach()),
            None => self.reach(),
        }
    }

    fn reach(&self) -> String {
        match self.resources.as_slice() {
            _ if self.all_resources_but => "all resources but some".to_owned(),
            _ if self.everywhere() => "all resources".to_owned(),
            [one] => one.label(),
            several => format!("{} resources", several.len()),
        }
    }
}

/// Whether a resource pattern reaches everything of its kind: `*`, `arn:aws:iam::*:role/*`, `arn:aws:s3:::*`.
fn is_wide(resource: &str) -> bool {
    let parts: Vec<&str> = resource.splitn(6, ':').collect();
    let ["arn", _, service, _, _, name] = parts.as_slice() else { return resource == "*" };
    let all_of_type = name.split_once(['/', ':']).is_some_and(|(sort, rest)| {
        // In an ARN of S3 the first part is the name of one bucket.
        rest == "*" && *service != "s3" && sort.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
    });
    *name == "*" || all_of_type
}

/// Whether every action that `narrow` matches is matched by `wide`: both may hold `*` and `?`, case does not count.
fn covers(wide: &str, narrow: &str) -> bool {
    let lower = |text: &str| text.bytes().map(|byte| byte.to_ascii_lowercase()).collect::<Vec<u8>>();
    let (wide, narrow) = (lower(wide), lower(narrow));
    let (mut w, mut n) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while n < narrow.len() {
        match wide.get(w) {
            Some(b'*') => {
                back = Some((w, n));
                w += 1;
            }
            Some(b'?') if narrow.get(n) != Some(&b'*') => (w, n) = (w + 1, n + 1),
            Some(byte) if narrow.get(n) == Some(byte) => (w, n) = (w + 1, n + 1),
            _ => match back {
                Some((star, at)) => {
                    back = Some((star, at + 1));
                    (w, n) = (star + 1, at + 1);
                }
                None => return false,
            },
        }
    }
    wide.get(w..).is_some_and(|rest| rest.iter().all(|byte| *byte == b'*'))
}

#[cfg(test)]
mod tests {
    use super::super::policy::{Plain, embedded};
    use super::*;
    use proptest::prelude::*;

    fn level(statements: &str) -> Level {
        let document = embedded(&format!(r#"{{"Statement":[{statements}]}}"#), Span::default(), &Plain).unwrap();
        document.allowed(&[]).map_or(Level::None, |allowed| allowed.level)
    }

    #[test]
    fn everything_on_everything_is_admin_and_on_something_it_is_not() {
        assert_eq!(level(r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#), Level::Admin);
        assert_eq!(level(r#"{"Effect":"Allow","Action":"*:*","Resource":["*"]}"#), Level::Admin);
        assert_eq!(level(r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::b/*"}"#), Level::Write);
        assert_eq!(level(r#"{"Effect":"Allow","Action":"*","Resource":"${var.arn}"}"#), Level::Write);
        assert_eq!(level(r#"{"Effect":"Allow","Action":"*"}"#), Level::Write);
    }

    #[test]
    fn a_condition_on_who_acts_leaves_the_level_and_one_on_what_lowers_it() {
        let with = |condition: &str| {
            level(&format!(r#"{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{condition}}}"#))
        };
        assert_eq!(with(r#"{"Bool":{"aws:MultiFactorAuthPresent":"true"}}"#), Level::Admin);
        assert_eq!(with(r#"{"StringEquals":{"aws:ResourceTag/team":"a"}}"#), Level::Write);
        assert_eq!(with(r#"{"StringEquals":{"iam:PassedToService":"ec2.amazonaws.com"}}"#), Level::Write);
    }

    #[test]
    fn whole_denials_take_away_and_partial_ones_do_not() {
        let all = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
        let deny = |rest: &str| level(&format!(r#"{all},{{"Effect":"Deny",{rest}}}"#));
        assert_eq!(deny(r#""Action":"*","Resource":"*""#), Level::None);
        assert_eq!(
            level(
                r#"{"Effect":"Allow","Action":"iam:*","Resource":"*"},{"Effect":"Deny","Action":"iam:*","Resource":"*"}"#
            ),
            Level::None
        );
        assert_eq!(deny(r#""Action":"iam:*","Resource":"*""#), Level::Admin);
        assert_eq!(deny(r#""Action":"iam:*","Resource":"arn:aws:iam::111122223333:role/x""#), Level::Admin);
        assert_eq!(deny(r#""Action":"*","Resource":"*","Condition":{"Bool":{"a":"b"}}"#), Level::Admin);
        assert_eq!(deny(r#""NotAction":"sts:*","Resource":"*""#), Level::Admin);
    }

    #[test]
    fn all_but_some_is_as_good_as_all() {
        assert_eq!(level(r#"{"Effect":"Allow","NotAction":"s3:*","Resource":"*"}"#), Level::Admin);
        assert_eq!(level(r#"{"Effect":"Allow","NotAction":["iam:*","organizations:*"],"Resource":"*"}"#), Level::Admin);
        assert_eq!(level(r#"{"Effect":"Allow","NotAction":"*","Resource":"*"}"#), Level::Write);
        assert_eq!(level(r#"{"Effect":"Allow","NotAction":"s3:*","Resource":"arn:aws:s3:::b"}"#), Level::Write);
    }

    #[test]
    fn the_action_that_makes_a_grant_powerful_is_named() {
        let text = r#"{"Statement":{"Effect":"Allow","Action":["s3:GetObject","iam:PassRole"],"Resource":"*"}}"#;
        let allowed = embedded(text, Span::default(), &Plain).and_then(|document| document.allowed(&[])).unwrap();
        assert_eq!((allowed.level, allowed.on.as_str()), (Level::CanMint, "all resources with iam:PassRole"));
    }

    #[test]
    fn wide_resources_end_in_a_bare_star() {
        for wide in
            ["*", "arn:aws:iam::*:role/*", "arn:aws:iam::111122223333:*", "arn:aws:s3:::*", "arn:aws:iam::1:user/*"]
        {
            assert!(is_wide(wide), "{wide}");
        }
        for narrow in ["arn:aws:s3:::b/*", "arn:aws:iam::*:user/${aws:username}", "arn:aws:iam::1:role/ci-*", "x*", ""]
        {
            assert!(!is_wide(narrow), "{narrow}");
        }
    }

    #[test]
    fn patterns_cover_what_they_match() {
        assert!(covers("iam:*", "IAM:CreateUser") && covers("*", "iam:*") && covers("iam:Get*", "iam:GetU*"));
        assert!(!covers("iam:Get*", "iam:*") && !covers("iam:CreateUser", "iam:Create*") && !covers("a?", "a*"));
    }

    #[test]
    fn managed_policies_are_those_of_the_account_aws() {
        assert_eq!(managed_policy("arn:aws:iam::aws:policy/service-role/X").map(|(name, _)| name), Some("X"));
        assert_eq!(managed_policy("arn:aws-cn:iam::aws:policy/Y").map(|(name, _)| name), Some("Y"));
        assert_eq!(managed_policy("arn:aws:iam::111122223333:policy/Z"), None);
    }

    proptest! {
        #[test]
        fn a_pattern_covers_itself_and_a_star_covers_all(text in "[a-z:*?é]{0,12}") {
            prop_assert!(covers(&text, &text) || text.contains('?'));
            prop_assert!(covers("*", &text));
        }
    }
}
