//! The list of people that the user names with `--people`: CSV with the columns email, handle, status and end_date.
//!
//! Columns are found by name, in any order and with the usual other names; further ones are ignored.

use crate::facts::{Facts, Key, Kind, Party, PartyKind, PartyStatus, When, moment};
use crate::syntax::{self, Node, Syntax};
use crate::text::{Place, SourceId};

/// Why a list of people cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeopleError {
    /// No row below a header.
    #[error("it has no rows below a header")]
    Empty,
    /// Neither an e-mail nor a handle column.
    #[error("it has neither a column `email` nor a column `handle`")]
    NoNames,
}

const EMAIL: [&str; 5] = ["email", "e-mail", "mail", "email_address", "userprincipalname"];
const HANDLE: [&str; 5] = ["handle", "login", "username", "user", "github"];
const STATUS: [&str; 4] = ["status", "state", "active", "employment_status"];
const ENDED: [&str; 6] = ["end_date", "end date", "ended", "left", "termination_date", "last_day"];
const NAME: [&str; 3] = ["name", "display_name", "full_name"];

/// Words of a status that mean that someone is gone.
const GONE: [&str; 12] = [
    "left",
    "leaver",
    "inactive",
    "disabled",
    "terminated",
    "suspended",
    "deprovisioned",
    "deactivated",
    "offboarded",
    "former",
    "false",
    "no",
];

/// Reads a list of people.
///
/// # Errors
/// [`PeopleError`] when the text is no such list.
pub fn people(source: SourceId, text: &str) -> Result<Facts, PeopleError> {
    let tree = syntax::parse(Syntax::Csv, text);
    let rows: Vec<Node<'_>> = tree.root().into_iter().flat_map(Node::items).collect();
    let first = rows.first().ok_or(PeopleError::Empty)?;
    if cell(*first, &EMAIL).is_none() && cell(*first, &HANDLE).is_none() {
        return Err(PeopleError::NoNames);
    }
    let mut facts = Facts::default();
    facts.parties.extend(rows.into_iter().filter_map(|row| party(source, row)));
    Ok(facts)
}

/// The value of the first of these columns that the row has.
fn cell<'t>(row: Node<'t>, names: &[&str]) -> Option<Node<'t>> {
    let named = |node: &Node<'_>, name: &str| node.key().is_some_and(|key| key.trim().eq_ignore_ascii_case(name));
    names.iter().find_map(|name| row.children().find(|node| named(node, name)))
}

fn text<'t>(row: Node<'t>, names: &[&str]) -> Option<&'t str> {
    cell(row, names)?.text().map(str::trim).filter(|text| !text.is_empty())
}

fn party(source: SourceId, row: Node<'_>) -> Option<Party> {
    let email = text(row, &EMAIL).map(str::to_ascii_lowercase);
    let handle = text(row, &HANDLE).map(|handle| handle.trim_start_matches('@').to_ascii_lowercase());
    let name = email.clone().or_else(|| handle.clone())?;
    let ended = text(row, &ENDED).and_then(moment);
    let said = text(row, &STATUS).map(|status| GONE.iter().any(|gone| status.eq_ignore_ascii_case(gone)));
    let status = match (said, ended) {
        (Some(true), _) | (None, Some(_)) => PartyStatus::Left,
        _ => PartyStatus::Active,
    };
    Some(Party {
        key: Key::new(Kind::Party, "people", name.clone()),
        title: text(row, &NAME).map_or(name, str::to_owned),
        kind: PartyKind::Person,
        emails: email.into_iter().collect(),
        handles: handle.into_iter().collect(),
        status,
        ended: ended.map_or(When::Unknown, When::At),
        at: Place { source, span: row.span() },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_by_name_and_leavers_by_status_or_date() {
        let text = "status,Email,handle,end_date\nactive,Ann@acme.test,@ann,\nleft,bob@acme.test,bob,2026-03-01\n";
        let facts = people(SourceId(3), text).unwrap();
        assert_eq!(facts.parties[0].emails, ["ann@acme.test"]);
        assert_eq!(facts.parties[0].handles, ["ann"]);
        assert_eq!(facts.parties[0].status, PartyStatus::Active);
        assert_eq!(facts.parties[1].status, PartyStatus::Left);
        assert!(facts.parties[1].ended.at().is_some());
    }

    #[test]
    fn a_file_of_something_else_is_refused() {
        assert_eq!(people(SourceId(0), "colour,size\nred,3\n").unwrap_err(), PeopleError::NoNames);
        assert_eq!(people(SourceId(0), "").unwrap_err(), PeopleError::Empty);
    }
}
