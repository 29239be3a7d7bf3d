//! Single lists of the IAM API: `list-users`, `list-roles`, `list-access-keys`, `list-service-specific-credentials`, and
//! the answers about one user, role or key.
//!
//! These lists lack what the larger export has: a role of `list-roles` that shows no last use may well be in use.

use jiff::Timestamp;

use crate::facts::{Credential, Edge, Facts, Identity, Key, Kind, Lifetime, Slot, When, keys};
use crate::formats::aws::{
    Export, access_key_account, access_key_identifier, moment, newest, rest_of_pages, service_access,
};
use crate::formats::{Format, Input, Probe};
use crate::syntax::{Node, Syntax};

pub(in crate::formats) static FORMAT: Format = Format {
    id: "aws-lists",
    title: "AWS IAM lists",
    reads: "list-users, get-user, list-roles, get-role, list-access-keys, get-access-key-last-used, \
            list-service-specific-credentials",
    leaves: "which of a user's keys a last use is about, which the answer does not say",
    syntax: Syntax::Json,
    recognise,
    extract,
};

/// What each of the lists holds beside its name.
const MARKS: [(&str, &str); 6] = [
    ("\"AccessKeyMetadata\"", "\"AccessKeyId\""),
    ("\"AccessKeyLastUsed\"", "\"UserName\""),
    ("\"ServiceSpecificCredential", "\"ServiceSpecificCredentialId\""),
    ("\"Users\"", "\"UserId\""),
    ("\"Role", "\"AssumeRolePolicyDocument\""),
    ("\"User\"", "\"UserId\""),
];

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
        if facts.identities.len() + facts.credentials.len() > before
            && let Some(marker) = rest_of_pages(document)
        {
            facts.gap(marker.entry_span(), "export cut off: further pages are missing");
        }
    }
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
        let Some(user) = name_user(input, facts, access_key_account(text), *node) else { continue };
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

/// The last use of one key. The answer does not repeat the key's id, so it is the user's last use at least.
fn last_used(input: &Input<'_>, facts: &mut Facts, document: Node<'_>) {
    let Some(used) = document.get("AccessKeyLastUsed").filter(|used| used.is_map()) else { return };
    let date = time(facts, used, "LastUsedDate");
    if name_user(input, facts, None, document).is_none() {
        return;
    }
    match (facts.identities.last_mut(), date) {
        (Some(user), Some(date)) => user.last_used = service_access(Some(date), When::Unknown),
        _ => facts.gap(document.span(), "last use of a key that the answer does not name"),
    }
}
