//! Dates, tags, accounts and access keys.

use jiff::Timestamp;

use crate::facts::{Edge, Facts, Key, Rung, Slot, When, keys};
use crate::syntax::Node;
use crate::text::Place;

/// Before this day IAM recorded no last use of keys, so that "no use" says nothing about earlier times
/// (docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html).
const USE_IS_RECORDED_SINCE: &str = "2015-04-22T00:00:00Z";

/// A point in time as exports write it: RFC 3339, the same with a space or without a zone, a day, or seconds since 1970.
pub(in crate::formats) fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    if text.contains('-') {
        return [format!("{text}Z"), format!("{text}T00:00:00Z")].iter().find_map(|text| text.parse().ok());
    }
    let seconds = text.split_once('.').map_or(text, |(whole, _)| whole);
    (seconds.len() >= 9).then(|| Timestamp::from_second(seconds.parse().ok()?).ok()).flatten()
}

/// The last use of something, where the source says that it records none: it never happened if the thing is younger than
/// the records, else it is not known.
pub(in crate::formats) fn service_access(used: Option<Timestamp>, created: When) -> When {
    let recorded: Option<Timestamp> = USE_IS_RECORDED_SINCE.parse().ok();
    match (used, created.at()) {
        (Some(time), _) => When::At(time),
        (None, Some(created)) if recorded.is_some_and(|since| created >= since) => When::Never,
        _ => When::Unknown,
    }
}

/// Keeps the newest time seen in a source as the source's own.
pub(in crate::formats) fn newest(facts: &mut Facts, time: Option<Timestamp>) {
    facts.as_of = facts.as_of.max(time);
}

/// Whether this is the number of an AWS account.
pub(in crate::formats) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The account that an access key id holds: 40 of the bits that its characters after the prefix stand for in base 32.
/// Ids of the older scheme, which begin with `AKIAI` or `AKIAJ`, hold none.
pub(in crate::formats) fn access_key_account(id: &str) -> Option<String> {
    let body = id.get(4..)?;
    if id.len() != 20 || body.starts_with(['I', 'J']) {
        return None;
    }
    let bits = body.bytes().take(10).try_fold(0u64, |bits, byte| {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'2'..=b'7' => byte - b'2' + 26,
            _ => return None,
        };
        Some(bits << 5 | u64::from(digit))
    })?;
    let account = ((bits >> 2) & 0x7fff_ffff_ff80) >> 7;
    (account < 1_000_000_000_000).then(|| format!("{account:012}"))
}

/// A tag of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::formats) struct Tag {
    /// Its key.
    pub(in crate::formats) key: String,
    /// Its value.
    pub(in crate::formats) value: String,
    /// Where it stands.
    pub(in crate::formats) at: Place,
}

/// Keys of tags that name who answers for a resource, without separators and in lower case.
const OWNER_KEYS: [&str; 20] = [
    "owner",
    "owners",
    "ownedby",
    "owneremail",
    "ownercontact",
    "team",
    "teamname",
    "teamemail",
    "owningteam",
    "ownerteam",
    "contact",
    "contactemail",
    "contacts",
    "maintainer",
    "squad",
    "serviceowner",
    "technicalowner",
    "systemowner",
    "productowner",
    "businessowner",
];

/// States the owners that tags name.
pub(in crate::formats) fn own_tags(facts: &mut Facts, subject: &Key, tags: &[Tag]) {
    for tag in tags.iter().filter(|tag| OWNER_KEYS.contains(&squeezed(&tag.key).as_str())) {
        if let Some(party) = party(&tag.value) {
            facts.state(tag.at, Edge::OwnedBy { subject: subject.clone(), party: Slot::known(party), rung: Rung::Tag });
        }
    }
}

/// Who a tag's value names: the address in it, a handle, or else a team.
fn party(value: &str) -> Option<Key> {
    let is_address =
        |word: &&str| word.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'));
    let mut words = value.split([' ', ',', ';', '<', '>', '(', ')', ':']).filter(|word| !word.is_empty());
    let name = value.trim();
    match words.find(is_address) {
        Some(address) => Some(keys::person(address)),
        None if name.is_empty() || name.contains("${") => None,
        None if name.starts_with('@') && !name.contains('/') => Some(keys::person(name)),
        None => Some(keys::team(name)),
    }
}

/// The tag by which an account for emergencies is declared as such.
pub(in crate::formats) fn break_glass(tags: &[Tag]) -> Option<&Tag> {
    let says =
        |text: &str| ["breakglass", "emergencyaccess", "firecall"].iter().any(|word| squeezed(text).contains(word));
    let denied = |tag: &&Tag| !matches!(squeezed(&tag.value).as_str(), "false" | "no" | "0" | "");
    tags.iter().filter(denied).find(|tag| says(&tag.key) || says(&tag.value))
}

/// Whether a path (`/break-glass/`) is one for emergency accounts.
pub(super) fn is_break_glass_path(path: &str) -> bool {
    let path = squeezed(path);
    path.contains("breakglass") || path.contains("firecall")
}

fn squeezed(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// What a credential report and a list of access keys both tell of a key: whose it is and when it was made.
pub(in crate::formats) fn access_key_identifier(user: &Key, created: Timestamp) -> (&'static str, String) {
    ("aws-access-key-created", format!("{}/{} {created}", user.realm, user.name))
}

/// What says that further pages follow a page of an answer.
pub(in crate::formats) fn rest_of_pages(page: Node<'_>) -> Option<Node<'_>> {
    let truncated = page.get("IsTruncated").filter(|node| node.truth() == Some(true));
    let token = || ["NextToken", "nextToken", "Marker"].iter().find_map(|name| page.get(name));
    truncated.or_else(|| token().filter(|node| !node.is_null() && node.literal().is_some_and(|text| !text.is_empty())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn all_spellings_of_a_date_are_one() {
        let time = moment("2023-03-09T10:41:45Z");
        assert!(time.is_some());
        for text in [
            "2023-03-09T10:41:45+00:00",
            "2023-03-09 10:41:45+00:00",
            "2023-03-09T11:41:45.000000+01:00",
            "2023-03-09T10:41:45",
            "1678358505",
            "1678358505.0",
        ] {
            assert_eq!(moment(text), time, "{text}");
        }
        assert_eq!(moment("2023-03-09").map(|time| time.to_string()).as_deref(), Some("2023-03-09T00:00:00Z"));
        for none in ["N/A", "no_information", "not_supported", "", "12345", "-", "tomorrow"] {
            assert_eq!(moment(none), None, "{none}");
        }
    }

    #[test]
    fn key_ids_of_the_newer_scheme_hold_the_account() {
        assert_eq!(access_key_account("AKIARTX3GSDSRMFAKEB3").as_deref(), Some("111122223333"));
        assert_eq!(access_key_account("AKIAIOSFODNN7EXAMPLE"), None);
        assert_eq!(access_key_account("AKIA"), None);
        assert_eq!(access_key_account("AKIAÄÄÄÄÄÄÄÄ"), None);
    }

    #[test]
    fn no_recorded_use_is_never_only_within_the_records() {
        let created = |text: &str| moment(text).map_or(When::Unknown, When::At);
        assert_eq!(service_access(None, created("2022-01-01")), When::Never);
        assert_eq!(service_access(None, created("2014-01-01")), When::Unknown);
        assert_eq!(service_access(None, When::Unknown), When::Unknown);
    }

    #[test]
    fn tags_name_owners_by_address_handle_or_team() {
        assert_eq!(party("Platform: platform@acme.example"), Some(keys::person("platform@acme.example")));
        assert_eq!(party("@ann"), Some(keys::person("@ann")));
        assert_eq!(party("@acme/platform"), Some(keys::team("@acme/platform")));
        assert_eq!(party("Payments"), Some(keys::team("payments")));
        assert_eq!(party("${var.owner}"), None);
        assert_eq!(party(" "), None);
    }

    #[test]
    fn emergency_accounts_are_declared_by_a_tag() {
        let tag = |key: &str, value: &str| Tag { key: key.into(), value: value.into(), at: Place::default() };
        assert!(break_glass(&[tag("purpose", "break-glass")]).is_some());
        assert!(break_glass(&[tag("BreakGlass", "true")]).is_some());
        assert!(break_glass(&[tag("break_glass", "false")]).is_none());
        assert!(break_glass(&[tag("purpose", "pipeline")]).is_none());
    }

    proptest! {
        #[test]
        fn no_text_makes_a_reader_panic(text in "\\PC{0,24}") {
            let _ = (moment(&text), access_key_account(&text), party(&text));
        }
    }
}
