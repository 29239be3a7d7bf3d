//! Single lists of the IAM API: `list-users`, `list-roles`, `list-access-keys`, `list-service-specific-credentials`, and
//! the answers about one user, role or key. Also the answer of EKS about one association of Pod Identity, which hands a
//! role to a service account (docs.aws.amazon.com/eks/latest/userguide/pod-id-association.html).
//!
//! These lists lack what the larger export has: a role of `list-roles` that shows no last use may well be in use.

use jiff::Timestamp;

use crate::facts::{Credential, Edge, Facts, Identity, Key, Kind, Lifetime, Slot, When, access_key, keys, moment};
use crate::formats::aws::{Export, access_key_identifier, newest, rest_of_pages, service_access};
use crate::formats::{Format, Input, Probe};
use crate::syntax::{Node, Syntax};

pub(in crate::formats) static FORMAT: Format = Format {
    id: "aws-lists",
    title: "AWS IAM lists",
    reads: "list-users, get-user, list-roles, get-role, list-access-keys, get-access-key-last-used, \
            list-service-specific-credentials, describe-pod-identity-association",
    leaves: "which of a user's keys a last use is about, unless the file is named after the key",
    syntax: Syntax::Json,
    recognise,
    extract,
};

/// What each of the lists holds beside its name.
const MARKS: [(&str, &str); 7] = [
    ("\"associationArn\"", ":podidentityassociation/"),
    ("\"AccessKeyMetadata\"", "\"AccessKeyId\""),
    ("\"AccessKeyLastUsed\"", "\"UserName\""),
    ("\"ServiceSpecificCredential", "\"ServiceSpecificCredentialId\""),
    ("\"Users\"", "\"UserId\""),
    ("\"Role", "\"AssumeRolePolicyDocument\""),
    ("\"User\"", "\"UserId\""),
];

/// Fields that hold a value: the answers that make a key or a password show it this one time.
const SECRETS: [&str; 4] = ["SecretAccessKey", "ServicePassword", "ServiceCredentialSecret", "SessionToken"];

fn recognise(probe: &Probe<'_>) -> bool {
    probe.is_json() && MARKS.iter().any(|(list, field)| probe.mentions(list) && probe.mentions(field))
}

fn extract(input: &Input<'_>, facts: &mut Facts) {
    for document in input.tree.documents() {
        let before = facts.identities.len() + facts.credentials.len();
        let list = |names: [&str; 2]| -> Vec<Node<'_>> {
            let lists = names.into_iter().filter_map(|name| document.get(name));
            lists.flat_map(Node::one_or_many).filter(|node| node.is_map()).collect()
        };
        let of_iam = |node: &Node<'_>| node.get_str("Arn").is_some_and(|arn| arn.contains(":iam::"));
        let users = list(["Users", "User"]).into_iter().filter(of_iam);
        let roles = list(["Roles", "Role"]).into_iter().filter(|role| role.get("AssumeRolePolicyDocument").is_some());
        let mut export = Export::new(*input, facts);
        users.for_each(|node| export.user(node));
        roles.filter(of_iam).for_each(|node| export.role(node));
        export.finish();
        access_keys(input, facts, &list(["AccessKeyMetadata", ""]));
        for node in list(["ServiceSpecificCredentials", "ServiceSpecificCredential"]) {
            service_credential(input, facts, node);
        }
        last_used(input, facts, document);
        for node in list(["association", "associations"]) {
            pod_identity(input, facts, node);
        }
        if facts.identities.len() + facts.credentials.len() > before
            && let Some(marker) = rest_of_pages(document)
        {
            facts.gap(marker.entry_span(), "export cut off: further pages are missing");
        }
    }
    let secret = |node: &Node<'_>| node.key().is_some_and(|key| SECRETS.contains(&key)) && node.literal().is_some();
    facts.secrets.extend(input.tree.nodes().filter(secret).map(Node::span));
    facts.export = !facts.is_empty();
}

/// The realm of a user whose account nothing tells.
fn unplaced(input: &Input<'_>) -> String {
    format!("{}/{}", input.realm, input.folder()).trim_end_matches('/').to_owned()
}

fn time(facts: &mut Facts, node: Node<'_>, field: &str) -> Option<Timestamp> {
    let time = node.get(field).and_then(Node::text).and_then(moment);
    newest(facts, time);
    time
}

fn name_user(input: &Input<'_>, facts: &mut Facts, account: Option<String>, node: Node<'_>) -> Option<Key> {
    let name = node.get("UserName")?;
    let title = name.literal()?;
    let account = account.unwrap_or_else(|| unplaced(input));
    let key = keys::aws_principal(&account, &format!("user/{title}"));
    facts.identities.push(Identity::new(key.clone(), title, "aws-user", input.place(name)));
    Some(key)
}

fn access_keys(input: &Input<'_>, facts: &mut Facts, nodes: &[Node<'_>]) {
    for node in nodes {
        let Some(id) = node.get("AccessKeyId").filter(|id| id.literal().is_some_and(|id| id.len() >= 16)) else {
            continue;
        };
        let text = id.literal().unwrap_or_default();
        let Some(user) = name_user(input, facts, access_key::account(text), *node) else { continue };
        let created = time(facts, *node, "CreateDate");
        let same = |other: &&Node<'_>| ["UserName", "CreateDate"].iter().all(|f| other.get_str(f) == node.get_str(f));
        let twins = nodes.iter().filter(same).count() > 1;
        let name = user.name.trim_start_matches("user/");
        let mut credential =
            Credential::new(keys::aws_access_key(text), format!("access key {text} of {name}"), input.place(id));
        describe(&mut credential, node.get_str("Status"), created);
        credential.class = Some("aws-access-key".to_owned());
        credential.identifiers.push(("aws-access-key-id", text.to_owned()));
        credential.expires = When::Never;
        credential.placeholder = text.ends_with("EXAMPLE");
        if let Some(time) = created.filter(|_| !twins) {
            credential.identifiers.push(access_key_identifier(&user, time));
        }
        state(facts, credential, user);
    }
}

/// Passwords for Git over HTTPS and for Cassandra, and API keys of Bedrock: a second kind of lasting key, which no
/// credential report shows.
fn service_credential(input: &Input<'_>, facts: &mut Facts, node: Node<'_>) {
    let Some(id) = node.get("ServiceSpecificCredentialId").filter(|id| id.literal().is_some()) else { return };
    let account = node.get_str("ServiceUserName").and_then(|name| name.rsplit_once("-at-")).map(|(_, account)| account);
    let account = account.filter(|account| crate::formats::aws::is_account(account)).map(str::to_owned);
    let Some(user) = name_user(input, facts, account, node) else { return };
    let created = time(facts, node, "CreateDate");
    let service = node.get_str("ServiceName").and_then(|host| host.split('.').next()).unwrap_or("service");
    let text = id.literal().unwrap_or_default();
    let key = Key::new(Kind::Credential, "aws-service-credential", text);
    let name = user.name.trim_start_matches("user/");
    let mut credential = Credential::new(key, format!("{service} credential {text} of {name}"), input.place(id));
    describe(&mut credential, node.get_str("Status"), created);
    credential.expires = match node.get("ExpirationDate") {
        Some(date) => date.text().and_then(moment).map_or(When::Unknown, When::At),
        None => When::Never,
    };
    state(facts, credential, user);
}

fn describe(credential: &mut Credential, status: Option<&str>, created: Option<Timestamp>) {
    credential.defined = true;
    credential.provider = Some("aws".to_owned());
    credential.lifetime = Some(Lifetime::Static);
    credential.active = status.map(|status| status.eq_ignore_ascii_case("active"));
    credential.created = created.map_or(When::Unknown, When::At);
}

fn state(facts: &mut Facts, credential: Credential, user: Key) {
    let edge = Edge::AuthenticatesAs { credential: credential.key.clone(), identity: Slot::known(user) };
    facts.state(credential.at, edge);
    facts.credentials.push(credential);
}

/// The last use of one key. The answer does not repeat the key's id, so it is the user's last use at least; whoever asks
/// for many keys keeps each answer in a file that is named after its key.
fn last_used(input: &Input<'_>, facts: &mut Facts, document: Node<'_>) {
    let Some(used) = document.get("AccessKeyLastUsed").filter(|used| used.is_map()) else { return };
    let date = time(facts, used, "LastUsedDate");
    let id = access_key_in(input.file_name()).filter(|_| date.is_some());
    let Some(user) = name_user(input, facts, id.and_then(access_key::account), document) else { return };
    if let (Some(id), Some(_)) = (id, date) {
        let title = format!("access key {id} of {}", user.name.trim_start_matches("user/"));
        let mut credential = Credential::new(keys::aws_access_key(id), title, input.place(document));
        credential.last_used = service_access(date, When::Unknown);
        state(facts, credential, user);
    }
    match (facts.identities.last_mut(), date) {
        (Some(user), Some(date)) => user.last_used = service_access(Some(date), When::Unknown),
        _ => facts.gap(document.span(), "last use of a key that the answer does not name"),
    }
}

/// A role that EKS hands to the pods of a service account. The list of associations does not name their roles.
fn pod_identity(input: &Input<'_>, facts: &mut Facts, node: Node<'_>) {
    let field = |name: &str| node.get(name).filter(|field| field.literal().is_some());
    let (Some(namespace), Some(account)) = (field("namespace"), field("serviceAccount")) else { return };
    let Some(role) = field("roleArn").and_then(|role| keys::aws_arn(role.literal()?)) else {
        return facts.gap(node.span(), "association of a service account without its role: ask for each one");
    };
    let (space, name) = (namespace.literal().unwrap_or_default(), account.literal().unwrap_or_default());
    let key = keys::k8s_service_account(input.realm, space, name);
    let at = input.place(account);
    facts.identities.push(Identity::new(key.clone(), format!("{space}/{name}"), "k8s-service-account", at));
    let edge = Edge::CanActAs { from: Slot::known(key), to: Slot::known(role), conditions: Vec::new() };
    facts.state(at, edge);
}

/// The id of an access key that a file name holds.
fn access_key_in(name: &str) -> Option<&str> {
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    words.find(|word| word.len() == 20 && word.starts_with("AKIA") && !word.contains(|c: char| c.is_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax;
    use crate::text::SourceId;
    use proptest::prelude::*;

    fn read(text: &str) -> Facts {
        let tree = syntax::parse(Syntax::Json, text);
        let mut facts = Facts::default();
        extract(&Input { source: SourceId(0), path: "aws/list.json", realm: "r", text, tree: &tree }, &mut facts);
        facts
    }

    fn key(id: &str, status: &str, date: &str) -> String {
        format!(r#"{{"UserName":"svc","AccessKeyId":"{id}","Status":"{status}","CreateDate":"{date}"}}"#)
    }

    #[test]
    fn keys_tell_their_account_and_join_the_report_by_date() {
        let key = key("AKIARTX3GSDSRMFAKEB3", "Active", "2022-05-09T13:20:12+00:00");
        let facts = read(&format!(r#"{{"AccessKeyMetadata":[{key}],"IsTruncated":false}}"#));
        let user = keys::aws_principal("111122223333", "user/svc");
        let credential = &facts.credentials[0];
        assert_eq!(facts.identities[0].key, user);
        assert_eq!((credential.active, credential.expires), (Some(true), When::Never));
        let created = moment("2022-05-09T13:20:12Z").unwrap();
        assert!(credential.identifiers.contains(&access_key_identifier(&user, created)));
        assert_eq!((credential.last_used, facts.as_of), (When::Unknown, Some(created)));
        assert!(facts.gaps.is_empty() && facts.export);
    }

    #[test]
    fn old_ids_and_expired_keys_are_read_and_keys_of_one_second_are_not_joined() {
        let date = "2013-06-04T18:17:34Z";
        let facts = read(&format!(
            r#"{{"AccessKeyMetadata":[{},{}],"IsTruncated":true}}"#,
            key("AKIAIFAKEFAKEFAKEFAK", "Inactive", date),
            key("AKIAJFAKEFAKEFAKEFAK", "Expired", date)
        ));
        assert_eq!(facts.identities[0].key, keys::aws_principal("r/aws", "user/svc"));
        assert!(facts.credentials.iter().all(|key| key.active == Some(false) && key.identifiers.len() == 1));
        assert_eq!(facts.gaps.len(), 1);
    }

    #[test]
    fn keys_of_the_documentation_are_placeholders() {
        let facts = read(&format!(r#"{{"AccessKeyMetadata":{}}}"#, key("AKIAIOSFODNN7EXAMPLE", "Active", "")));
        assert!(facts.credentials[0].placeholder);
    }

    #[test]
    fn a_last_use_without_a_key_is_the_users() {
        let facts = read(
            r#"{"UserName":"svc","AccessKeyLastUsed":{"LastUsedDate":"2026-09-30T23:12:00+00:00","ServiceName":"s3"}}"#,
        );
        assert_eq!(facts.identities[0].last_used, When::At(moment("2026-09-30T23:12:00Z").unwrap()));
        assert!(facts.credentials.is_empty());
        let never = read(r#"{"UserName":"svc","AccessKeyLastUsed":{"ServiceName":"N/A","Region":"N/A"}}"#);
        assert_eq!((never.identities[0].last_used, never.gaps.len()), (When::Unknown, 1));
    }

    #[test]
    fn a_last_use_in_a_file_named_after_its_key_is_that_keys() {
        let text = r#"{"UserName":"svc","AccessKeyLastUsed":{"LastUsedDate":"2026-09-30T23:12:00+00:00"}}"#;
        let tree = syntax::parse(Syntax::Json, text);
        let mut facts = Facts::default();
        let path = "aws/last-used-AKIARTX3GSDSRMFAKEB3.json";
        extract(&Input { source: SourceId(0), path, realm: "r", text, tree: &tree }, &mut facts);
        let key = &facts.credentials[0];
        assert_eq!(key.key, keys::aws_access_key("AKIARTX3GSDSRMFAKEB3"));
        assert_eq!(key.last_used, When::At(moment("2026-09-30T23:12:00Z").unwrap()));
        assert_eq!(facts.identities[0].key, keys::aws_principal("111122223333", "user/svc"));
    }

    #[test]
    fn eks_hands_a_role_to_a_service_account() {
        let association = |role: &str| {
            format!(
                r#"{{"clusterName":"c","namespace":"shop","serviceAccount":"api",{role}"associationArn":"arn:aws:eks:eu-west-1:111122223333:podidentityassociation/c/a-1"}}"#
            )
        };
        let role = r#""roleArn":"arn:aws:iam::111122223333:role/api","#;
        let text = format!(r#"{{"association":{}}}"#, association(role));
        assert!(recognise(&Probe::new("a.json", &text)));
        let facts = read(&text);
        let account = keys::k8s_service_account("r", "shop", "api");
        let to = Slot::known(keys::aws_principal("111122223333", "role/api"));
        assert_eq!(facts.facts[0].edge, Edge::CanActAs { from: account.into(), to, conditions: Vec::new() });
        let list = read(&format!(r#"{{"associations":[{}]}}"#, association("")));
        assert_eq!((list.facts.len(), list.gaps.len()), (0, 1));
    }

    #[test]
    fn service_credentials_end_when_they_say_so() {
        let one = |rest: &str| {
            let text = format!(
                r#"{{"ServiceSpecificCredentials":[{{"UserName":"dev","Status":"Active","CreateDate":"2026-01-01T00:00:00Z",
                "ServiceUserName":"dev-at-111122223333","ServiceName":"bedrock.amazonaws.com",
                "ServiceSpecificCredentialId":"ACCAFAKE"{rest}}}]}}"#
            );
            let facts = read(&text);
            assert_eq!(facts.identities[0].key, keys::aws_principal("111122223333", "user/dev"));
            (facts.credentials[0].title.clone(), facts.credentials[0].expires)
        };
        assert_eq!(one(""), ("bedrock credential ACCAFAKE of dev".to_owned(), When::Never));
        assert!(one(r#","ExpirationDate":"2026-04-01T00:00:00Z""#).1.at().is_some());
    }

    #[test]
    fn roles_and_users_of_lists_leave_open_what_lists_leave_out() {
        let facts = read(
            r#"{"Roles":[{"RoleName":"a","Arn":"arn:aws:iam::111122223333:role/a","CreateDate":"2026-01-01T00:00:00Z",
            "AssumeRolePolicyDocument":{"Statement":[]}}],
            "Users":[{"UserName":"ann","UserId":"AIDAX","Arn":"arn:aws:iam::111122223333:user/ann",
            "PasswordLastUsed":"2026-02-01T00:00:00Z"}]}"#,
        );
        let [ann, role] = facts.identities.as_slice() else { panic!("{}", facts.identities.len()) };
        assert_eq!((role.last_used, ann.interactive), (When::Unknown, Some(true)));
        let other = read(r#"{"Users":[{"UserId":"u","Arn":"arn:aws:quicksight:eu:1:user/default/x","UserName":"x"}]}"#);
        assert!(other.is_empty() && !other.export);
    }

    proptest! {
        #[test]
        fn any_json_is_read_without_panic(parts in prop::collection::vec(prop_oneof![
            Just(r#"{"AccessKeyMetadata":["#.to_owned()), Just(r#"{"UserName":"#.to_owned()),
            Just(key("AKIARTX3GSDSRMFAKEB3", "Active", "2022")), Just(r#""AccessKeyLastUsed":{}"#.to_owned()),
            Just("]".to_owned()), Just("}".to_owned()), Just(",".to_owned()), "[\"\\PC]{0,8}",
        ], 0..10)) {
            let text = parts.concat();
            for fact in &read(&text).facts {
                prop_assert!(text.get(fact.at.span.range()).is_some());
            }
        }
    }
}
