//! The inventory as four tables. Rows stand below the file that defines them, so that paths stay whole.

use std::collections::BTreeMap;

use super::{Attribution, Home, Inventory, Link, Owner};
use crate::reports::columns::Columns;
use crate::reports::page::{Page, Style};
use crate::reports::{Options, words};
use crate::scan::Outcome;
use crate::text::{printable, shorten};

/// Names shown in one cell.
const MOST_NAMES: usize = 3;
/// Characters of a name in a cell of several.
const LONGEST_NAME: usize = 48;
/// Columns before a row.
const INDENT: usize = 2;

/// The inventory as four tables: workloads, identities, credentials, owners. Every one that was found has its row.
#[must_use]
pub fn inventory_table(outcome: &Outcome, options: &Options) -> String {
    let inventory = Inventory::new(outcome);
    let mut page = Page::new(options);
    let files = words::count(outcome.coverage.files_read, "file");
    page.prose(0, Style::Plain, &printable(&format!("{}: {files}", outcome.targets.join(" "))));
    workloads(&mut page, &inventory);
    identities(&mut page, &inventory);
    credentials(&mut page, &inventory);
    parties(&mut page, &inventory);
    let losses = outcome.coverage.losses();
    if losses > 0 {
        page.gap();
        let said = format!("{} could not be read; `whoacts scan --ledger` says which", words::count(losses, "part"));
        page.prose(0, Style::Warn, &said);
    }
    page.finish()
}

fn workloads(page: &mut Page, inventory: &Inventory) {
    let rows = inventory.workloads.iter().map(|one| {
        let template = if one.template { " (template)" } else { "" };
        let cells = [
            format!("{}{template}", one.link.name),
            started(one.autonomy, &one.triggers),
            few(one.environments.iter().map(String::as_str)),
            names(one.acts_as.iter().map(|act| &act.identity)),
            names(one.uses.iter().map(|one| &one.credential)),
            owners(&one.owners),
        ];
        (place(&one.home), cells)
    });
    let header = ["workload", "started by", "environments", "acts as", "uses", "owner"];
    block(page, "workloads", &header, rows);
}

fn identities(page: &mut Page, inventory: &Inventory) {
    let rows = inventory.identities.iter().map(|one| {
        let cells = [
            one.link.name.clone(),
            format!("{}, {}", one.class, one.sort),
            one.privilege.to_owned(),
            names(one.workloads.iter()),
            names(one.credentials.iter()),
            graded(one.attribution.as_ref()),
            owners(&one.owners),
        ];
        (place(&one.home), cells)
    });
    let header = ["identity", "class", "may", "acting as it", "credentials", "attribution", "owner"];
    block(page, "identities", &header, rows);
}

fn credentials(page: &mut Page, inventory: &Inventory) {
    let rows = inventory.credentials.iter().map(|one| {
        let cells = [
            one.link.name.clone(),
            kind(one.class.as_deref(), one.lifetime),
            names(one.workloads.iter()),
            names(one.identities.iter()),
            since(&one.created, &one.last_used),
            graded(one.attribution.as_ref()),
            owners(&one.owners),
        ];
        (place(&one.home), cells)
    });
    let header = ["credential", "class", "used by", "proves", "made", "attribution", "owner"];
    block(page, "credentials", &header, rows);
}

fn parties(page: &mut Page, inventory: &Inventory) {
    let rows = inventory.parties.iter().map(|one| {
        let owns = if one.owns.is_empty() { String::new() } else { words::thousands(one.owns.len() as u64) };
        let cells = [
            one.link.name.clone(),
            one.kind.to_owned(),
            one.status.to_owned(),
            if one.ended == "unknown" { String::new() } else { dated(&one.ended) },
            owns,
        ];
        (String::new(), cells)
    });
    block(page, "people, teams and mailboxes", &["name", "kind", "status", "left", "owns"], rows);
}

/// A title, a header, and the rows, each below the file or the realm that it comes from.
fn block<const N: usize>(
    page: &mut Page,
    title: &str,
    header: &[&str; N],
    rows: impl ExactSizeIterator<Item = (String, [String; N])>,
) {
    page.gap();
    let title = page.paint(Style::Bold, &format!("{title}: {}", words::thousands(rows.len() as u64)));
    page.line(&title);
    let mut homes: BTreeMap<String, Vec<[String; N]>> = BTreeMap::new();
    for (home, cells) in rows {
        homes.entry(printable(&home)).or_default().push(cells.map(|cell| printable(&cell)));
    }
    if homes.is_empty() {
        return;
    }
    let indent = if homes.keys().any(|home| !home.is_empty()) { INDENT } else { 0 };
    let header = header.map(str::to_owned);
    let all = homes.values().flatten().chain([&header]).map(<[String; N]>::as_slice);
    let columns = Columns::new(all, page.width.saturating_sub(indent));
    columns.row(page, indent, Style::Dim, &header);
    for (home, rows) in &homes {
        if !home.is_empty() {
            page.line(home);
        }
        for cells in rows {
            columns.row(page, indent, Style::Plain, cells);
        }
    }
}

fn names<'a>(links: impl Iterator<Item = &'a Link>) -> String {
    few(links.map(|link| link.name.as_str()))
}

/// The first names and how many more there are: `a, b, c, +2`.
fn few<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut names: Vec<&str> = names.collect();
    names.dedup();
    let mut shown: Vec<String> = names.iter().take(MOST_NAMES).map(|name| shorten(name, LONGEST_NAME)).collect();
    if names.len() > MOST_NAMES {
        shown.push(format!("+{}", names.len() - MOST_NAMES));
    }
    shown.join(", ")
}

fn owners(owners: &[Owner]) -> String {
    names(owners.iter().map(|owner| &owner.party))
}

/// `github-pat-classic, static`.
fn kind(class: Option<&str>, lifetime: Option<&str>) -> String {
    let known: Vec<&str> = class.into_iter().chain(lifetime).collect();
    if known.is_empty() { "unknown".to_owned() } else { known.join(", ") }
}

/// `2022-05-01, never used`.
fn since(created: &str, last_used: &str) -> String {
    match (dated(created), last_used) {
        (made, "unknown" | "not-applicable") => made,
        (made, "never") => format!("{made}, never used"),
        (made, used) => format!("{made}, used {}", dated(used)),
    }
}

fn started(autonomy: &str, triggers: &[&str]) -> String {
    match (autonomy, triggers.is_empty()) {
        ("triggerable-by-outsiders", _) => format!("{} (outsiders too)", triggers.join(", ")),
        (_, true) => String::new(),
        _ => triggers.join(", "),
    }
}

fn graded(attribution: Option<&Attribution>) -> String {
    attribution.map_or_else(String::new, |one| format!("{} (k = {})", one.grade, one.k))
}

fn place(home: &Home) -> String {
    if home.path.is_empty() { home.realm.clone() } else { home.path.clone() }
}

/// The day of a date; the words stay.
fn dated(when: &str) -> String {
    when.split('T').next().filter(|day| day.starts_with(|c: char| c.is_ascii_digit())).unwrap_or(when).to_owned()
}
