//! `aws iam get-account-authorization-details`: users, groups, roles and policies of an account with their grants.
//!
//! Pages may be filtered, cut off, or written one after the other.

use crate::facts::Facts;
use crate::formats::aws::Export;
use crate::formats::{Format, Input, Probe};
use crate::syntax::{Node, Syntax};

pub(in crate::formats) static FORMAT: Format = Format {
    id: "aws-authorization-details",
    title: "AWS account authorization details",
    reads: "users, groups, roles, trusts, policies and boundaries of an account",
    leaves: "organisation policies, sessions, denials under conditions, managed policies that are in neither export nor catalogue",
    syntax: Syntax::Json,
    recognise,
    extract,
};

const LISTS: [&str; 3] = ["UserDetailList", "GroupDetailList", "RoleDetailList"];

fn recognise(probe: &Probe<'_>) -> bool {
    probe.is_json() && (LISTS.iter().any(|list| probe.mentions(list)) || probe.mentions("\"PolicyVersionList\""))
}

fn extract(input: &Input<'_>, facts: &mut Facts) {
    let list = |name: &str| -> Vec<Node<'_>> {
        let lists = input.tree.documents().filter_map(|document| document.get(name));
        lists.flat_map(Node::one_or_many).filter(|node| node.is_map()).collect()
    };
    let [users, groups, roles] = LISTS.map(list);
    let policies: Vec<Node<'_>> =
        list("Policies").into_iter().filter(|policy| policy.get("PolicyVersionList").is_some()).collect();
    if users.is_empty() && groups.is_empty() && roles.is_empty() && policies.is_empty() {
        return;
    }
    let cut_off = note_rest(input, facts);
    let mut export = Export::new(*input, facts);
    policies.iter().for_each(|node| export.note_policy(*node));
    groups.iter().for_each(|node| export.note_group(*node));
    if cut_off || (users.is_empty() && roles.is_empty()) {
        export.policies_alone(&policies);
    }
    groups.into_iter().for_each(|node| export.group(node));
    users.into_iter().for_each(|node| export.user(node));
    roles.into_iter().for_each(|node| export.role(node));
    export.finish();
}

/// Notes that pages are missing: the last document ends before the end.
fn note_rest(input: &Input<'_>, facts: &mut Facts) -> bool {
    let last = input.tree.documents().last();
    let rest = last.and_then(crate::formats::aws::rest_of_pages);
    if let Some(marker) = rest {
        facts.gap(marker.entry_span(), "export cut off: further pages are missing");
    }
    rest.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Class, Edge, Level, When, keys};
    use crate::syntax;
    use crate::text::SourceId;
    use proptest::prelude::*;

    fn read(text: &str) -> Facts {
        let tree = syntax::parse(Syntax::Json, text);
        let mut facts = Facts::default();
        extract(&Input { source: SourceId(0), path: "details.json", realm: "r", text, tree: &tree }, &mut facts);
        facts
    }

    fn user(name: &str, rest: &str) -> String {
        format!(
            r#"{{"UserName":"{name}","UserId":"AIDA{name}","Arn":"arn:aws:iam::111122223333:user/x/{name}",
            "CreateDate":"2024-02-07 09:30:00+00:00"{rest}}}"#
        )
    }

    const ADMIN: &str = r#""AttachedManagedPolicies":{"PolicyName":"AdministratorAccess",
        "PolicyArn":"arn:aws:iam::aws:policy/AdministratorAccess"}"#;

    fn levels(facts: &Facts) -> Vec<(String, Level)> {
        let grant = |edge: &Edge| match edge {
            Edge::Grants { identity, level, .. } => Some((identity.value.label(), *level)),
            _ => None,
        };
        facts.facts.iter().filter_map(|fact| grant(&fact.edge)).collect()
    }

    fn edges(facts: &Facts) -> Vec<(String, String)> {
        let edge = |edge: &Edge| match edge {
            Edge::CanActAs { from, to, .. } => Some((from.value.label(), to.value.label())),
            _ => None,
        };
        facts.facts.iter().filter_map(|fact| edge(&fact.edge)).collect()
    }

    fn with_group(user: &str) -> Facts {
        read(&format!(
            r#"{{"GroupDetailList":[{{"GroupName":"ops","Arn":"arn:aws:iam::111122223333:group/ops",{ADMIN}}}],
            "UserDetailList":[{user}]}}"#
        ))
    }

    #[test]
    fn groups_hand_on_their_grants_and_are_nobody() {
        let facts = with_group(&user("ann", r#","GroupList":["ops"]"#));
        assert_eq!(levels(&facts), [("group/ops".into(), Level::Admin)]);
        assert_eq!(edges(&facts), [("user/ann".into(), "group/ops".into())]);
        assert!(!facts.identities[0].defined && facts.identities[1].defined);
        assert_eq!(facts.identities[1].aliases[0].name, "AIDAann");
    }

    #[test]
    fn boundaries_and_denials_narrow_what_groups_hand_on() {
        let boundary = r#","GroupList":["ops"],"PermissionsBoundary":{"PermissionsBoundaryArn":
            "arn:aws:iam::aws:policy/ReadOnlyAccess"}"#;
        let facts = with_group(&user("ann", boundary));
        assert_eq!(levels(&facts), [("group/ops".into(), Level::Admin), ("user/ann".into(), Level::Read)]);
        assert_eq!(edges(&facts), []);
        let denial = r#","GroupList":"ops","UserPolicyList":[{"PolicyName":"off","PolicyDocument":
            {"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}}]"#;
        assert_eq!(levels(&with_group(&user("ann", denial))), [("group/ops".into(), Level::Admin)]);
        let unknown = r#","GroupList":["ops"],"PermissionsBoundary":{"PermissionsBoundaryArn":
            "arn:aws:iam::111122223333:policy/limits"}"#;
        let facts = with_group(&user("ann", unknown));
        assert_eq!(levels(&facts)[1], ("user/ann".into(), Level::Write));
        assert_eq!(facts.gaps.len(), 1);
    }

    const POLICY: &str = r#"{"PolicyName":"p","Arn":"arn:aws:iam::111122223333:policy/p","DefaultVersionId":"v2",
        "PolicyVersionList":[
            {"VersionId":"v1","IsDefaultVersion":false,"Document":{"Statement":[]}},
            {"VersionId":"v2","IsDefaultVersion":true,"Document":
                "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Allow%22%2C%22Action%22%3A%22*%22%2C%22Resource%22%3A%22*%22%7D%7D"}]}"#;
    const ATTACHED: &str =
        r#","AttachedManagedPolicies":[{"PolicyName":"p","PolicyArn":"arn:aws:iam::111122223333:policy/p"}]"#;

    #[test]
    fn own_policies_count_by_their_default_version() {
        let facts = read(&format!(r#"{{"UserDetailList":[{}],"Policies":[{POLICY}]}}"#, user("ann", ATTACHED)));
        assert_eq!(levels(&facts), [("user/ann".into(), Level::Admin)]);
    }

    #[test]
    fn pages_meet_by_the_key_of_the_policy() {
        let users =
            read(&format!(r#"{{"UserDetailList":[{}],"IsTruncated":true,"Marker":"m"}}"#, user("ann", ATTACHED)));
        assert_eq!(edges(&users), [("user/ann".into(), "policy/p".into())]);
        assert!(users.gaps.iter().any(|gap| gap.what.contains("cut off")));
        let policies = read(&format!(r#"{{"Policies":[{POLICY}],"IsTruncated":false}}"#));
        assert_eq!(levels(&policies), [("policy/p".into(), Level::Admin)]);
        assert_eq!(policies.gaps, []);
        let both = format!(
            "{{\"UserDetailList\":[{}],\"IsTruncated\":true,\"Marker\":\"m\"}}\n{{\"Policies\":[{POLICY}],\"IsTruncated\":false}}",
            user("ann", ATTACHED)
        );
        let both = read(&both);
        assert_eq!((levels(&both), both.gaps.len()), (vec![("user/ann".into(), Level::Admin)], 0));
    }

    fn role(name: &str, rest: &str) -> Facts {
        read(&format!(
            r#"{{"RoleDetailList":[{{"RoleName":"{name}","Arn":"arn:aws:iam::111122223333:role/{name}",
            "CreateDate":"2024-02-07T09:30:00Z"{rest}}}, {{"RoleName":"clock",
            "Arn":"arn:aws:iam::111122223333:role/clock","CreateDate":"2026-09-01T00:00:00Z"}}]}}"#
        ))
    }

    #[test]
    fn roles_are_software_or_people_by_who_becomes_them() {
        let class = |name: &str, principal: &str| {
            let trust = format!(
                r#","AssumeRolePolicyDocument":{{"Statement":[{{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{principal}}}]}}"#
            );
            role(name, &trust).identities.into_iter().find(|role| role.title == name).unwrap().classes
        };
        assert_eq!(class("a", r#"{"Service":"ec2.amazonaws.com"}"#)[0].class, Class::Workload);
        let saml = r#"{"Federated":"arn:aws:iam::111122223333:saml-provider/Okta"}"#;
        assert_eq!(class("b", saml)[0].class, Class::Human);
        assert_eq!(class("AWSReservedSSO_Admin_0", saml)[0].class, Class::Human);
        assert!(class("c", r#"{"AWS":"111122223333"}"#).is_empty());
    }

    #[test]
    fn no_recorded_use_of_an_old_role_is_unknown_and_of_a_young_one_never() {
        let used = |facts: Facts| facts.identities[0].last_used;
        assert_eq!(used(role("a", r#","RoleLastUsed":{}"#)), When::Unknown);
        assert_eq!(used(role("a", "")), When::Unknown);
        let young = r#","CreateDate":"2026-08-01T00:00:00Z","RoleLastUsed":{}"#;
        assert_eq!(used(role("a", young)), When::Never);
        let day = r#","RoleLastUsed":{"LastUsedDate":"2026-08-30T00:00:00+00:00","Region":"eu-west-1"}"#;
        assert!(used(role("a", day)).at().is_some());
    }

    #[test]
    fn emergency_accounts_are_shared() {
        let tagged = r#","Tags":[{"Key":"purpose","Value":"break-glass"},{"Key":"owner","Value":"sec@acme.example"}]"#;
        let facts = read(&format!(r#"{{"UserDetailList":[{}]}}"#, user("bg", tagged)));
        assert_eq!(facts.identities[0].classes[0].class, Class::Shared);
        let owner = |edge: &Edge| matches!(edge, Edge::OwnedBy { party, .. } if *party == keys::person("sec@acme.example").into());
        assert!(facts.facts.iter().any(|fact| owner(&fact.edge)));
    }

    proptest! {
        #[test]
        fn any_json_is_read_without_panic(parts in prop::collection::vec(prop_oneof![
            Just(r#"{"UserDetailList":["#.to_owned()), Just(r#"{"RoleDetailList":["#.to_owned()),
            Just(r#"{"Arn":"arn:aws:iam::111122223333:role/a","AssumeRolePolicyDocument":{"Statement":["#.to_owned()),
            Just(r#"{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Federated":["#.to_owned()),
            Just(user("a", r#","GroupList":["#)), Just("]".to_owned()), Just("}".to_owned()), Just(",".to_owned()),
            Just(POLICY.to_owned()), "[\"\\PC]{0,8}",
        ], 0..12)) {
            let text = parts.concat();
            let facts = read(&text);
            for fact in &facts.facts {
                prop_assert!(text.get(fact.at.span.range()).is_some());
            }
        }
    }
}
