//! Trust documents: who may become a role.

use super::entity::is_account;
use super::policy::{Document, Plain, Principal, Scope, Statement};
use crate::facts::{Class, Condition, Confidence, Edge, Facts, Identity, Key, Kind, Slot, Value, keys};
use crate::text::{Place, SourceId, Span};

/// What stands for the number of the own account where a source computes it.
pub(in crate::formats) const SELF: &str = "self";

/// Actions by which a principal becomes a role.
const ASSUME: [&str; 3] = ["sts:assumerole", "sts:assumerolewithwebidentity", "sts:assumerolewithsaml"];

/// States who may become `role`. `account` is the realm of the role without its first word; `scope` knows what the
/// source's own expressions refer to, [`Plain`] in an export.
pub(in crate::formats) fn state_trust(
    facts: &mut Facts,
    source: SourceId,
    document: &Document,
    role: &Key,
    account: &str,
    scope: &dyn Scope,
) {
    for statement in document.statements.iter().filter(|statement| statement.allow && assumes(statement)) {
        let mut stating = Stating { facts, at: Place { source, span: statement.trusts_at }, role, account, scope };
        for principal in &statement.principals {
            stating.principal(principal, &statement.conditions);
        }
    }
}

fn assumes(statement: &Statement) -> bool {
    let word = |action: &Value| action.as_literal().map(str::to_ascii_lowercase);
    statement.actions.iter().any(|action| {
        word(action).is_some_and(|word| ASSUME.contains(&word.as_str()) || matches!(word.as_str(), "*" | "sts:*"))
    })
}

struct Stating<'f> {
    facts: &'f mut Facts,
    at: Place,
    role: &'f Key,
    account: &'f str,
    scope: &'f dyn Scope,
}

impl Stating<'_> {
    fn principal(&mut self, principal: &Principal, conditions: &[Condition]) {
        match principal {
            Principal::Anyone => {
                self.set_of_principals(keys::aws_principal("*", "*"), "anyone with an AWS account", conditions)
            }
            Principal::Aws(Value::Literal(name)) => self.aws(name, conditions),
            Principal::Aws(value) => match self.referred(value) {
                Some(key) => self.state(Slot::known(key), conditions),
                None => self.unresolved(&format!("aws:{}", self.account), value, conditions),
            },
            Principal::Service(Value::Literal(name)) => {
                self.state(Slot::known(Key::new(Kind::Identity, "aws-service", name.clone())), conditions);
            }
            Principal::Service(value) => self.unresolved("aws-service", value, conditions),
            Principal::Federated(value) => self.federated(value, conditions),
        }
    }

    fn state(&mut self, from: Slot, conditions: &[Condition]) {
        let to = Slot::known(self.role.clone());
        self.facts.state(self.at, Edge::CanActAs { from, to, conditions: conditions.to_vec() });
    }

    fn referred(&self, value: &Value) -> Option<Key> {
        match value {
            Value::Symbol { expr, .. } => self.scope.referred(expr),
            _ => None,
        }
    }

    fn unresolved(&mut self, realm: &str, value: &Value, conditions: &[Condition]) {
        if self.facts.gaps.last().is_none_or(|gap| gap.span != Some(self.at.span)) {
            self.facts.gap(self.at.span, "expression for a trusted principal");
        }
        self.state(Slot::new(Kind::Identity, realm, Value::unknown(value.label())), conditions);
    }

    fn aws(&mut self, name: &str, conditions: &[Condition]) {
        if name == "*" {
            return self.principal(&Principal::Anyone, conditions);
        }
        let account = name.strip_suffix(":root").and_then(|arn| arn.rsplit(':').next()).unwrap_or(name);
        if is_account(account) || account == SELF {
            let account = self.account_named(account);
            // The principal `root` in a trust stands for every principal that the account itself allows to.
            let key = keys::aws_principal(&account, "account");
            return self.set_of_principals(key, &format!("any principal of account {account}"), conditions);
        }
        if let Some(key) = keys::aws_arn(name) {
            let account = key.realm.trim_start_matches("aws:").to_owned();
            let key = keys::aws_principal(&self.account_named(&account), &key.name);
            return self.state(Slot::known(key), conditions);
        }
        if is_unique_id(name) {
            // IAM shows the id in the place of the ARN once the principal is deleted.
            let key = Key::new(Kind::Identity, "aws-id", name);
            let title = format!("deleted principal {name}");
            self.facts.identities.push(Identity::new(key.clone(), title, "aws-deleted-principal", self.at));
            return self.state(Slot::known(key), conditions);
        }
        self.unresolved(&format!("aws:{}", self.account), &Value::literal(name), conditions);
    }

    fn account_named(&self, account: &str) -> String {
        if account == SELF { self.account.to_owned() } else { account.to_owned() }
    }

    fn set_of_principals(&mut self, key: Key, title: &str, conditions: &[Condition]) {
        self.facts.identities.push(Identity::new(key.clone(), title, "aws-account", self.at));
        self.state(Slot::known(key), conditions);
    }

    fn federated(&mut self, value: &Value, conditions: &[Condition]) {
        if let Some((before, name)) = value.as_literal().and_then(|arn| arn.split_once(":saml-provider/")) {
            let account = before.rsplit(':').next().unwrap_or_default();
            return self.saml(&self.account_named(account), name, conditions);
        }
        let named = match value {
            Value::Literal(arn) => {
                Some(arn.split_once(":oidc-provider/").map_or(arn.as_str(), |(_, url)| url).to_owned())
            }
            // The account may be computed while the issuer is plain.
            Value::Symbol { expr, .. } => {
                expr.split_once(":oidc-provider/").map(|(_, url)| url.to_owned()).filter(|url| !url.contains("${"))
            }
            _ => None,
        };
        let Some(issuer) = named.or_else(|| issuer_of(conditions)) else {
            return self.unresolved("oidc", value, conditions);
        };
        let principal = self.at;
        for (subject, span) in subjects(conditions) {
            self.at.span = span.unwrap_or(principal.span);
            match subject {
                Ok(subject) => self.state(Slot::known(keys::oidc_subject(&issuer, subject)), conditions),
                // A star is a plain character to `StringEquals`: nobody gets in.
                Err(NeverMatches) => {
                    self.facts.gap(self.at.span, "pattern under StringEquals, which matches no subject")
                }
            }
        }
        self.at = principal;
    }

    fn saml(&mut self, account: &str, name: &str, conditions: &[Condition]) {
        let key = keys::aws_principal(account, &format!("saml-provider/{name}"));
        let title = format!("people of the SAML provider {name}");
        let people = Identity::new(key.clone(), title, "aws-saml-provider", self.at);
        let why = "people sign in through SAML";
        self.facts.identities.push(people.class(Class::Human, Confidence::Medium, why));
        self.state(Slot::known(key), conditions);
    }
}

/// The issuer whose claims the conditions ask for.
fn issuer_of(conditions: &[Condition]) -> Option<String> {
    let issuer = |condition: &Condition| {
        let (issuer, claim) = condition.claim.rsplit_once(':')?;
        (matches!(claim, "sub" | "aud") && issuer.contains('.') && !issuer.contains("${")).then(|| issuer.to_owned())
    };
    conditions.iter().find_map(issuer)
}

/// A value that its operator compares as it stands although it is written as a pattern.
struct NeverMatches;

/// The subjects that the conditions let in, each with its condition; `*` when none of them asks for a subject.
fn subjects(conditions: &[Condition]) -> Vec<(Result<&str, NeverMatches>, Option<Span>)> {
    let of_subject = |condition: &&Condition| condition.claim.rsplit(':').next() == Some("sub");
    let mut found = Vec::new();
    for condition in conditions.iter().filter(of_subject) {
        let operator = condition.operator.rsplit(':').next().unwrap_or_default().to_ascii_lowercase();
        let equals = operator.starts_with("stringequals");
        if !equals && !operator.starts_with("stringlike") {
            continue;
        }
        for value in &condition.values {
            let literal = !value.starts_with("${");
            let never = equals && literal && value.contains(['*', '?']);
            found.push((if never { Err(NeverMatches) } else { Ok(pattern(value)) }, Some(condition.span)));
        }
    }
    if found.is_empty() { vec![(Ok("*"), None)] } else { found }
}

/// The pattern of a subject that an expression makes, when it lets in every repository whatever the expression yields
/// (`repo:${var.organisation}/*`); else the expression.
fn pattern(value: &str) -> &str {
    let inner = value.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).unwrap_or(value);
    let rest = inner.strip_prefix("repo:").and_then(|rest| rest.split_once("/*")).map(|(_, rest)| rest);
    if rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':')) { inner } else { value }
}

/// The form of ids of users, roles and the like (docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html).
fn is_unique_id(name: &str) -> bool {
    let known = ["AIDA", "AROA", "AGPA", "AIPA", "ANPA", "APKA"].iter().any(|prefix| name.starts_with(prefix));
    known && name.len() >= 16 && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// States the trust of a role of an export.
pub(super) fn state_plain_trust(facts: &mut Facts, source: SourceId, document: &Document, role: &Key, account: &str) {
    state_trust(facts, source, document, role, account, &Plain);
}

#[cfg(test)]
mod tests {
    use super::super::policy::embedded;
    use super::*;

    fn trusted(statement: &str) -> Vec<(String, String, usize)> {
        let document = embedded(&format!(r#"{{"Statement":[{statement}]}}"#), Span::default(), &Plain).unwrap();
        let mut facts = Facts::default();
        let role = keys::aws_principal("111122223333", "role/r");
        state_plain_trust(&mut facts, SourceId(0), &document, &role, "111122223333");
        let edge = |fact: &crate::facts::Fact| match &fact.edge {
            Edge::CanActAs { from, conditions, .. } => (from.realm.clone(), from.value.label(), conditions.len()),
            other => panic!("{other:?}"),
        };
        facts.facts.iter().map(edge).collect()
    }

    fn federated(conditions: &str) -> Vec<(String, String, usize)> {
        trusted(&format!(
            r#"{{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity","Principal":{{"Federated":
            "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}},"Condition":{conditions}}}"#
        ))
    }

    #[test]
    fn each_subject_of_a_federated_trust_is_a_trust_of_its_own() {
        let realm = "oidc:token.actions.githubusercontent.com".to_owned();
        let found = federated(
            r#"{"ForAnyValue:StringLike":{"token.actions.githubusercontent.com:sub":["repo:a/b:*","repo:a/c:*"]},
            "StringEquals":{"token.actions.githubusercontent.com:aud":"sts.amazonaws.com"}}"#,
        );
        assert_eq!(found, [(realm.clone(), "repo:a/b:*".into(), 2), (realm.clone(), "repo:a/c:*".into(), 2)]);
        assert_eq!(federated("{}"), [(realm.clone(), "*".into(), 0)]);
        let negative = r#"{"StringNotLike":{"token.actions.githubusercontent.com:sub":"repo:a/x:*"}}"#;
        assert_eq!(federated(negative), [(realm, "*".into(), 1)]);
    }

    #[test]
    fn an_expression_hides_no_star_for_the_repository() {
        assert_eq!(pattern("${repo:${var.org}/*}"), "repo:${var.org}/*");
        assert_eq!(pattern("${repo:${var.org}/*:ref:refs/heads/main}"), "repo:${var.org}/*:ref:refs/heads/main");
        for tight in ["${repo:${var.org}/${var.name}:*}", "${var.subject}", "repo:a/b:*", "${repo:a/*x}"] {
            assert_eq!(pattern(tight), tight);
        }
    }

    #[test]
    fn a_star_under_string_equals_lets_nobody_in() {
        assert_eq!(federated(r#"{"StringEquals":{"token.actions.githubusercontent.com:sub":"repo:a/*"}}"#), []);
    }

    #[test]
    fn principals_of_aws_are_accounts_arns_and_ids() {
        let of = |principal: &str| {
            trusted(&format!(r#"{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{principal}}}"#))
        };
        let one = |realm: &str, name: &str| vec![(realm.to_owned(), name.to_owned(), 0)];
        assert_eq!(of(r#"{"AWS":"444455556666"}"#), one("aws:444455556666", "account"));
        assert_eq!(of(r#"{"AWS":"arn:aws:iam::444455556666:root"}"#), one("aws:444455556666", "account"));
        assert_eq!(of(r#"{"AWS":"arn:aws:iam::444455556666:role/p/ci"}"#), one("aws:444455556666", "role/ci"));
        assert_eq!(of(r#"{"AWS":"AIDAQXZEAEXAMPLEUSER1"}"#), one("aws-id", "AIDAQXZEAEXAMPLEUSER1"));
        assert_eq!(of(r#"{"Service":"ec2.amazonaws.com"}"#), one("aws-service", "ec2.amazonaws.com"));
        assert_eq!(of(r#""*""#), one("aws:*", "*"));
        assert_eq!(of(r#"{"AWS":"*"}"#), one("aws:*", "*"));
        assert_eq!(
            of(r#"{"Federated":"cognito-identity.amazonaws.com"}"#),
            one("oidc:cognito-identity.amazonaws.com", "*")
        );
    }

    #[test]
    fn denials_and_other_actions_trust_nobody() {
        assert_eq!(trusted(r#"{"Effect":"Deny","Action":"sts:AssumeRole","Principal":"*"}"#), []);
        assert_eq!(trusted(r#"{"Effect":"Allow","Action":"sts:TagSession","Principal":"*"}"#), []);
    }
}
