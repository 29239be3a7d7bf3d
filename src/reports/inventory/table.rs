//! The inventory as four tables.

use super::{Attribution, Home, Inventory, Link, Owner};
use crate::reports::page::{Page, Style};
use crate::reports::{Options, table, words};
use crate::scan::Outcome;
use crate::text::{printable, shorten};

/// Names shown in one cell.
const MOST_NAMES: usize = 3;
/// Characters of a name in a cell of several.
const LONGEST_NAME: usize = 48;

/// The inventory as four tables: workloads, identities, credentials, owners. Every one that was found has its row.
#[must_use]
pub fn inventory_table(outcome: &Outcome, options: &Options) -> String {
    let inventory = Inventory::new(outcome);
    let mut page = Page::new(options);
    let files = words::count(outcome.coverage.files_read, "file");
    page.prose(0, Style::Plain, &printable(&format!("{}: {files}", outcome.targets.join(" "))));
    workloads(&mut page, &inventory, options);
    identities(&mut page, &inventory, options);
    credentials(&mut page, &inventory, options);
    parties(&mut page, &inventory, options);
    let losses = outcome.coverage.losses();
    if losses > 0 {
        page.gap();
        let said = format!("{} could not be read: `whoacts scan --ledger` lists them", words::count(losses, "part"));
        page.prose(0, Style::Warn, &said);
    }
    page.finish()
}

fn workloads(page: &mut Page, inventory: &Inventory, options: &Options) {
    let rows = inventory.workloads.iter().map(|one| {
        let template = if one.template { " (template)" } else { "" };
        [
            format!("{}{template}", one.link.name),
            started(one.autonomy, &one.triggers),
            one.environments.join(", "),
            names(one.acts_as.iter().map(|act| &act.identity)),
            names(one.uses.iter().map(|one| &one.credential)),
            owners(&one.owners),
            place(&one.home),
        ]
    });
    let header = ["workload", "started by", "environments", "acts as", "uses", "owner", "in"];
    block(page, options, "workloads", &header, rows);
}

fn identities(page: &mut Page, inventory: &Inventory, options: &Options) {
    let rows = inventory.identities.iter().map(|one| {
        [
            one.link.name.clone(),
            format!("{}, {}", one.class, one.sort),
            one.privilege.to_owned(),
            names(one.workloads.iter()),
            names(one.credentials.iter()),
            graded(one.attribution.as_ref()),
            owners(&one.owners),
            place(&one.home),
        ]
    });
    let header = ["identity", "class", "may", "acting as it", "credentials", "attribution", "owner", "in"];
    block(page, options, "identities", &header, rows);
}

fn credentials(page: &mut Page, inventory: &Inventory, options: &Options) {
    let rows = inventory.credentials.iter().map(|one| {
        [
            one.link.name.clone(),
            kind(one.class.as_deref(), one.lifetime),
            names(one.workloads.iter()),
            names(one.identities.iter()),
            since(&one.created, &one.last_used),
            graded(one.attribution.as_ref()),
            owners(&one.owners),
            place(&one.home),
        ]
    });
    let header = ["credential", "class", "used by", "proves", "made", "attribution", "owner", "in"];
    block(page, options, "credentials", &header, rows);
}

fn parties(page: &mut Page, inventory: &Inventory, options: &Options) {
    let rows = inventory.parties.iter().map(|one| {
        let owns = if one.owns.is_empty() { String::new() } else { words::thousands(one.owns.len() as u64) };
        [
            one.link.name.clone(),
            one.kind.to_owned(),
            one.status.to_owned(),
            if one.ended == "unknown" { String::new() } else { dated(&one.ended) },
            owns,
        ]
    });
    block(page, options, "people, teams and mailboxes", &["name", "kind", "status", "left", "owns"], rows);
}

fn block<const N: usize>(
    page: &mut Page,
    options: &Options,
    title: &str,
    header: &[&str; N],
    rows: impl ExactSizeIterator<Item = [String; N]>,
) {
    page.gap();
    let title = page.paint(Style::Bold, &format!("{title}: {}", words::thousands(rows.len() as u64)));
    page.line(&title);
    if rows.len() == 0 {
        return;
    }
    let mut grid = table::plain(options);
    grid.set_header(*header);
    grid.add_rows(rows.map(|row| row.map(|cell| printable(&cell))));
    page.line(&grid.trim_fmt());
}

fn names<'a>(links: impl Iterator<Item = &'a Link>) -> String {
    let mut names: Vec<&str> = links.map(|link| link.name.as_str()).collect();
    names.dedup();
    let mut shown: Vec<String> = names.iter().take(MOST_NAMES).map(|name| shorten(name, LONGEST_NAME)).collect();
    if names.len() > MOST_NAMES {
        shown.push(format!("{} more", names.len() - MOST_NAMES));
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
