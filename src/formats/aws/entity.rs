//! Dates, tags, accounts and access keys.

use jiff::Timestamp;

use crate::catalog::{self, squeezed};
use crate::facts::{Edge, Facts, Key, Rung, Slot, When, keys};
use crate::syntax::Node;
use crate::text::Place;

/// Before this day IAM recorded no last use of keys, so that "no use" says nothing about earlier times
/// (docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html).
const USE_IS_RECORDED_SINCE: &str = "2015-04-22T00:00:00Z";

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

/// States the owners that tags name.
pub(in crate::formats) fn own_tags(facts: &mut Facts, subject: &Key, tags: &[Tag]) {
    for tag in tags.iter().filter(|tag| catalog::owner_key(&tag.key).is_some()) {
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
    fn no_recorded_use_is_never_only_within_the_records() {
        let created = When::read;
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
            let _ = party(&text);
        }
    }
}
