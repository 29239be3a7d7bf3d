//! The credential report of IAM: one row per user, with the state of its password and of its first two access keys.
//!
//! The report comes as CSV or in the wrapper of the API, which holds the CSV in base 64. It names no key by its id, and its
//! two slots are in no fixed order, so a key is known by its user and the time it was made: that is what joins it to a list
//! of access keys. Columns: docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html. They are found by
//! name, because AWS has added some over the years.

use jiff::Timestamp;

use crate::facts::{
    Class, Confidence, Credential, Edge, Facts, Identity, Key, Kind, Level, Lifetime, Slot, When, keys, moment,
};
use crate::formats::aws::{access_key_identifier, newest, service_access};
use crate::formats::{Format, Input, Probe};
use crate::syntax::{self, Node, Syntax};
use crate::text::{Span, base64};

pub(in crate::formats) static FORMAT: Format = Format {
    id: "aws-credential-report",
    title: "AWS credential report",
    reads: "users, passwords and access keys of an account, as CSV or as the CLI wraps it",
    leaves: "third and further keys, which the report leaves out",
    // The wrapper is JSON and the report itself CSV, so the reader parses what it finds.
    syntax: Syntax::Lines,
    recognise,
    extract,
};

/// What the header of every report holds.
const MARK: &str = "access_key_1_last_rotated";
/// How every report begins in base 64: `user,arn,user_creation_t`.
const CODED: &str = "dXNlcixhcm4sdXNlcl9jcmVhdGlvbl90";

fn recognise(probe: &Probe<'_>) -> bool {
    probe.mentions(MARK)
        || probe.text.trim_start().starts_with(CODED)
        || (probe.is_json() && probe.mentions("\"ReportFormat\"") && probe.mentions("\"Content\""))
}

fn extract(input: &Input<'_>, facts: &mut Facts) {
    let text = input.text.trim();
    if text.starts_with(CODED) {
        // The content alone, as `--query Content --output text` writes it.
        let span = Span::new(0, input.text.len());
        return match decoded(text) {
            Some(report) => Report { input, facts, whole: Some(span) }.read(&report),
            None => facts.gap(span, "credential report that is not in base 64"),
        };
    }
    if !input.text.trim_start_matches('\u{feff}').trim_start().starts_with('{') {
        return Report { input, facts, whole: None }.read(input.text);
    }
    let tree = syntax::parse(Syntax::Json, input.text);
    for document in tree.documents() {
        let Some(content) = document.get("Content") else { continue };
        let Some(report) = content.text().and_then(decoded) else {
            facts.gap(content.span(), "credential report that is not in base 64");
            continue;
        };
        newest(facts, document.get_str("GeneratedTime").and_then(moment));
        Report { input, facts, whole: Some(content.span()) }.read(&report);
    }
}

fn decoded(content: &str) -> Option<String> {
    if content.contains(MARK) {
        return Some(content.to_owned());
    }
    String::from_utf8(base64(content)?).ok()
}

struct Report<'r, 'i> {
    input: &'r Input<'i>,
    facts: &'r mut Facts,
    /// The place of everything, when the report is wrapped.
    whole: Option<Span>,
}

impl Report<'_, '_> {
    fn read(mut self, text: &str) {
        let tree = syntax::parse(Syntax::Csv, text);
        for problem in &tree.problems {
            self.facts.gap(self.whole.unwrap_or(problem.span), problem.message.clone());
        }
        let rows = tree.root().into_iter().flat_map(Node::items);
        for row in rows.filter(|row| row.get("arn").is_some() && row.get(MARK).is_some()) {
            self.facts.export = true;
            self.row(row);
        }
    }

    fn row(&mut self, row: Node<'_>) {
        let name = row.get_str("user").unwrap_or_default();
        let arn = row.get_str("arn").unwrap_or_default();
        let root = name == "<root_account>";
        let key = match keys::aws_arn(arn) {
            Some(key) => key,
            None if root => match arn.split(':').nth(4) {
                Some(account) => keys::aws_principal(account, "root"),
                None => return,
            },
            None => return self.facts.gap(self.span(row), "row whose ARN names no user"),
        };
        let slots: Vec<Held> = ["1", "2"].iter().filter_map(|number| self.slot(row, number)).collect();
        let identity = if root { self.root(row, &key) } else { self.user(row, &key, name, &slots) };
        self.facts.identities.push(identity);
        let twins = matches!(slots.as_slice(), [one, other] if one.created == other.created);
        for slot in &slots {
            self.access_key(&key, if root { "the root user" } else { name }, slot, twins, root);
        }
    }

    fn span(&self, node: Node<'_>) -> Span {
        self.whole.unwrap_or_else(|| node.span())
    }

    fn time(&mut self, row: Node<'_>, column: &str) -> Option<Timestamp> {
        let time = moment(row.get_str(column)?);
        newest(self.facts, time);
        time
    }

    fn root(&mut self, row: Node<'_>, key: &Key) -> Identity {
        let account = key.realm.trim_start_matches("aws:").to_owned();
        let mut identity = self.identity(row, key, format!("root user of account {account}"), "aws-root");
        identity.interactive = Some(true);
        identity.class(Class::Shared, Confidence::High, "the root user belongs to the account and to no one person")
    }

    fn user(&mut self, row: Node<'_>, key: &Key, name: &str, slots: &[Held]) -> Identity {
        let mut identity = self.identity(row, key, name.to_owned(), "aws-user");
        let flag = |column: &str| row.get(column).and_then(Node::truth);
        identity.interactive = flag("password_enabled");
        let signed_in = row.get_str("password_last_used").and_then(moment).is_some();
        match identity.interactive {
            Some(true) if signed_in => {
                identity.class(Class::Human, Confidence::Medium, "someone signed in with its password")
            }
            Some(true) if flag("mfa_active") == Some(true) => {
                identity.class(Class::Human, Confidence::Medium, "it has a password and a second factor")
            }
            Some(true) => identity.class(Class::Human, Confidence::Low, "it has a password"),
            Some(false) if slots.iter().any(|slot| slot.active) => {
                identity.class(Class::Service, Confidence::Medium, "it has an access key and no password")
            }
            _ => identity,
        }
    }

    fn identity(&mut self, row: Node<'_>, key: &Key, title: String, sort: &'static str) -> Identity {
        let at = self.input.at(row.get("user").map_or_else(|| self.span(row), |node| self.span(node)));
        let mut identity = Identity::new(key.clone(), title, sort, at);
        identity.defined = true;
        identity.created = self.time(row, "user_creation_time").map_or(When::Unknown, When::At);
        let columns = ["password_last_used", "access_key_1_last_used_date", "access_key_2_last_used_date"];
        let used = columns.into_iter().filter_map(|column| self.time(row, column)).max();
        identity.last_used = service_access(used, identity.created);
        identity
    }

    /// What a slot holds; none when it is empty.
    fn slot(&mut self, row: Node<'_>, number: &str) -> Option<Held> {
        let column = |field: &str| format!("access_key_{number}_{field}");
        let active = row.get(&column("active")).and_then(Node::truth) == Some(true);
        // Switching a key off leaves this at the day it was made, whatever the guide says.
        let created = self.time(row, &column("last_rotated"));
        let used = self.time(row, &column("last_used_date"));
        let node = row.get(&column("active")).unwrap_or(row);
        (active || created.is_some()).then(|| Held { active, created, used, at: self.span(node) })
    }

    fn access_key(&mut self, user: &Key, name: &str, slot: &Held, twins: bool, root: bool) {
        let made = slot.created.map(|time| time.to_string());
        let stamp = made.clone().unwrap_or_else(|| "an unknown day".to_owned());
        // Two keys of one second cannot be told apart by it.
        let number = if twins { format!(" ({})", self.facts.credentials.len()) } else { String::new() };
        let realm = user.realm.replace("aws:", "aws-reported-key:");
        let key = Key::new(Kind::Credential, realm, format!("{} of {stamp}{number}", user.name));
        let day = stamp.get(..10).filter(|_| made.is_some()).unwrap_or(&stamp);
        let at = self.input.at(slot.at);
        let mut credential = Credential::new(key.clone(), format!("access key of {name}, made on {day}"), at);
        credential.defined = true;
        credential.class = Some("aws-access-key".to_owned());
        credential.provider = Some("aws".to_owned());
        credential.lifetime = Some(Lifetime::Static);
        credential.active = Some(slot.active);
        credential.created = slot.created.map_or(When::Unknown, When::At);
        credential.expires = When::Never;
        credential.last_used = service_access(slot.used, credential.created);
        credential.level = root.then_some(Level::CanMint);
        if let Some(time) = slot.created.filter(|_| !twins) {
            credential.identifiers.push(access_key_identifier(user, time));
        }
        self.facts.credentials.push(credential);
        self.facts.state(at, Edge::AuthenticatesAs { credential: key, identity: Slot::known(user.clone()) });
    }
}

/// An access key as the report knows it.
struct Held {
    active: bool,
    created: Option<Timestamp>,
    used: Option<Timestamp>,
    at: Span,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::SourceId;
    use proptest::prelude::*;

    const HEADER: &str = "user,arn,user_creation_time,password_enabled,password_last_used,password_last_changed,\
        password_next_rotation,mfa_active,access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,\
        access_key_1_last_used_region,access_key_1_last_used_service,access_key_2_active,access_key_2_last_rotated,\
        access_key_2_last_used_date,access_key_2_last_used_region,access_key_2_last_used_service,cert_1_active,\
        cert_1_last_rotated,cert_2_active,cert_2_last_rotated";

    fn read(text: &str) -> Facts {
        let mut facts = Facts::default();
        let tree = syntax::Tree::default();
        let input = Input { source: SourceId(0), path: "report.csv", realm: "r", text, tree: &tree };
        extract(&input, &mut facts);
        facts
    }

    fn row(user: &str, password: &str, keys: &str) -> String {
        format!(
            "{user},arn:aws:iam::111122223333:user/team/{user},2022-05-09T13:20:11Z,{password},{keys},false,N/A,false,N/A\n"
        )
    }

    const NO_PASSWORD: &str = "false,N/A,N/A,N/A,false";

    fn day(text: &str) -> When {
        When::At(moment(text).unwrap())
    }

    #[test]
    fn keys_are_known_by_user_and_date_and_empty_slots_are_none() {
        let keys = "true,2022-05-09T13:20:12+00:00,2026-09-30T21:44:00Z,eu-north-1,s3,false,N/A,N/A,N/A,N/A";
        let facts = read(&format!("{HEADER}\n{}", row("svc-deploy", NO_PASSWORD, keys)));
        let [key] = facts.credentials.as_slice() else { panic!("{}", facts.credentials.len()) };
        assert_eq!(key.title, "access key of svc-deploy, made on 2022-05-09");
        assert_eq!((key.active, key.created), (Some(true), day("2022-05-09T13:20:12Z")));
        assert_eq!((key.last_used, key.expires), (day("2026-09-30T21:44:00Z"), When::Never));
        let [user] = facts.identities.as_slice() else { panic!() };
        assert_eq!(user.key, keys::aws_principal("111122223333", "user/svc-deploy"));
        assert_eq!((user.interactive, user.classes[0].class), (Some(false), Class::Service));
        assert_eq!((facts.export, facts.as_of), (true, moment("2026-09-30T21:44:00Z")));
        assert_eq!(key.identifiers, [access_key_identifier(&user.key, moment("2022-05-09T13:20:12Z").unwrap())]);
    }

    #[test]
    fn a_key_without_use_was_never_used_if_the_records_reach_back() {
        let keys = "true,2024-01-01T00:00:00Z,N/A,N/A,N/A,false,2013-01-01T00:00:00Z,N/A,N/A,N/A";
        let facts = read(&format!("{HEADER}\n{}", row("a", NO_PASSWORD, keys)));
        assert_eq!(facts.credentials[0].last_used, When::Never);
        assert_eq!((facts.credentials[1].last_used, facts.credentials[1].active), (When::Unknown, Some(false)));
    }

    #[test]
    fn two_keys_of_one_second_have_no_identifier() {
        let keys = "true,2024-01-01T00:00:00Z,N/A,N/A,N/A,true,2024-01-01T00:00:00Z,N/A,N/A,N/A";
        let facts = read(&format!("{HEADER}\n{}", row("a", NO_PASSWORD, keys)));
        assert_eq!(facts.credentials.len(), 2);
        assert_ne!(facts.credentials[0].key, facts.credentials[1].key);
        assert!(facts.credentials.iter().all(|key| key.identifiers.is_empty()));
    }

    #[test]
    fn people_have_passwords() {
        let none = "false,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A";
        let facts = read(&format!(
            "{HEADER}\n{}{}",
            row("ann", "true,2026-09-29T07:55:10Z,2026-05-02T10:00:00Z,N/A,true", none),
            row("bob", "TRUE,no_information,2026-05-02T10:00:00Z,N/A,false", none)
        ));
        assert!(facts.identities.iter().all(|user| user.interactive == Some(true)));
        let confidence: Vec<_> = facts.identities.iter().map(|user| user.classes[0].confidence).collect();
        assert_eq!(confidence, [Confidence::Medium, Confidence::Low]);
        assert!(facts.credentials.is_empty());
    }

    #[test]
    fn the_root_user_is_shared_and_its_keys_can_do_everything() {
        let text = format!(
            "{HEADER}\n<root_account>,arn:aws:iam::111122223333:<root_account>,2019-02-11T09:12:44Z,not_supported,\
             no_information,not_supported,not_supported,false,true,N/A,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A,false,N/A,false,N/A"
        );
        let facts = read(&text);
        assert_eq!(facts.identities[0].key, keys::aws_principal("111122223333", "root"));
        assert_eq!((facts.identities[0].sort, facts.identities[0].classes[0].class), ("aws-root", Class::Shared));
        assert_eq!((facts.credentials[0].level, facts.credentials[0].created), (Some(Level::CanMint), When::Unknown));
    }

    #[test]
    fn the_wrapper_gives_the_time_of_the_report_and_all_places() {
        let keys = "true,2022-05-09T13:20:12Z,N/A,N/A,N/A,false,N/A,N/A,N/A,N/A";
        let report = format!("{HEADER},additional_credentials_info\n{}", row("svc", NO_PASSWORD, keys));
        use base64::Engine as _;
        let content = base64::engine::general_purpose::STANDARD.encode(report);
        let text = format!(
            r#"{{"Content": "{content}", "ReportFormat": "text/csv", "GeneratedTime": "2026-10-01T05:00:00+00:00"}}"#
        );
        let facts = read(&text);
        assert_eq!(facts.as_of, moment("2026-10-01T05:00:00Z"));
        assert_eq!(facts.credentials[0].at.span.slice(&text).trim_matches('"'), content);
        // As `--query Content --output text` leaves it.
        assert!(recognise(&Probe::new("report.txt", &content)));
        let bare = read(&content);
        assert_eq!(bare.credentials.len(), 1);
        assert_eq!(bare.credentials[0].at.span.slice(&content), content);
    }

    proptest! {
        #[test]
        fn any_text_below_the_header_is_read_without_panic(rows in "(\\PC|[,\n\"]|arn:aws:iam::1:user/x|true){0,120}") {
            let text = format!("{HEADER}\n{rows}");
            let facts = read(&text);
            for identity in &facts.identities {
                prop_assert!(text.get(identity.at.span.range()).is_some());
            }
            let wrapped = format!(r#"{{"ReportFormat":"", "Content": "{}"}}"#, rows.replace(['"', '\\'], ""));
            read(&wrapped);
        }
    }
}
