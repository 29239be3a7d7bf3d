//! The inventory as one flat table for spreadsheets.

use super::{Attribution, Home, Inventory, Link, Owner};
use crate::reports::ReportError;
use crate::scan::Outcome;

const HEADER: [&str; 21] = [
    "kind",
    "name",
    "class",
    "sort",
    "autonomy",
    "realm",
    "path",
    "key",
    "privilege",
    "lifetime",
    "environments",
    "acts_as",
    "uses",
    "workloads",
    "owners",
    "created",
    "last_used",
    "expires",
    "status",
    "attribution_grade",
    "indistinguishable_actors",
];

/// The inventory as CSV: one row for each workload, identity, credential and party, several names in a cell separated by
/// `; `. Cells that a spreadsheet would take for a formula begin with an apostrophe.
///
/// # Errors
/// [`ReportError`] when it cannot be written.
pub fn inventory_csv(outcome: &Outcome) -> Result<String, ReportError> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADER)?;
    for row in rows(&Inventory::new(outcome)) {
        writer.write_record(row.cells().iter().map(|cell| harmless(cell)))?;
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A cell that no spreadsheet evaluates: it runs what begins with one of these characters
/// (owasp.org/www-community/attacks/CSV_Injection).
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() }
}

/// One row; what a kind does not have stays empty.
#[derive(Default)]
struct Row<'a> {
    kind: &'a str,
    name: &'a str,
    class: &'a str,
    sort: &'a str,
    autonomy: &'a str,
    realm: &'a str,
    path: &'a str,
    key: &'a str,
    privilege: &'a str,
    lifetime: &'a str,
    environments: String,
    acts_as: String,
    uses: String,
    workloads: String,
    owners: String,
    created: &'a str,
    last_used: &'a str,
    expires: &'a str,
    status: &'a str,
    attribution: Option<&'a Attribution>,
}

impl<'a> Row<'a> {
    fn new(kind: &'a str, link: &'a Link) -> Self {
        Self { kind, name: &link.name, key: &link.key, ..Self::default() }
    }

    fn at(self, home: &'a Home) -> Self {
        Self { realm: &home.realm, path: &home.path, ..self }
    }

    fn cells(&self) -> [String; 21] {
        let (grade, k) = self.attribution.map_or_else(
            || (String::new(), String::new()),
            |attribution| (attribution.grade.to_string(), attribution.k.to_string()),
        );
        [
            self.kind.to_owned(),
            self.name.to_owned(),
            self.class.to_owned(),
            self.sort.to_owned(),
            self.autonomy.to_owned(),
            self.realm.to_owned(),
            self.path.to_owned(),
            self.key.to_owned(),
            self.privilege.to_owned(),
            self.lifetime.to_owned(),
            self.environments.clone(),
            self.acts_as.clone(),
            self.uses.clone(),
            self.workloads.clone(),
            self.owners.clone(),
            self.created.to_owned(),
            self.last_used.to_owned(),
            self.expires.to_owned(),
            self.status.to_owned(),
            grade,
            k,
        ]
    }
}

fn rows(inventory: &Inventory) -> Vec<Row<'_>> {
    let workloads = inventory.workloads.iter().map(|one| Row {
        sort: &one.system,
        autonomy: one.autonomy,
        privilege: one.privilege,
        environments: one.environments.join("; "),
        acts_as: names(one.acts_as.iter().map(|act| &act.identity)),
        uses: names(one.uses.iter().map(|one| &one.credential)),
        owners: owners(&one.owners),
        status: switched(one.enabled),
        ..Row::new("workload", &one.link).at(&one.home)
    });
    let identities = inventory.identities.iter().map(|one| Row {
        class: one.class,
        sort: one.sort,
        privilege: one.privilege,
        uses: names(one.credentials.iter()),
        workloads: names(one.workloads.iter()),
        owners: owners(&one.owners),
        created: &one.created,
        last_used: &one.last_used,
        status: switched(one.enabled),
        attribution: one.attribution.as_ref(),
        ..Row::new("identity", &one.link).at(&one.home)
    });
    let credentials = inventory.credentials.iter().map(|one| Row {
        class: one.class.as_deref().unwrap_or_default(),
        sort: one.provider.as_deref().unwrap_or_default(),
        privilege: one.privilege,
        lifetime: one.lifetime.unwrap_or("unknown"),
        acts_as: names(one.identities.iter()),
        workloads: names(one.workloads.iter()),
        owners: owners(&one.owners),
        created: &one.created,
        last_used: &one.last_used,
        expires: &one.expires,
        status: switched(one.active),
        attribution: one.attribution.as_ref(),
        ..Row::new("credential", &one.link).at(&one.home)
    });
    let parties = inventory.parties.iter().map(|one| Row {
        class: one.kind,
        status: one.status,
        expires: &one.ended,
        ..Row::new("party", &one.link)
    });
    workloads.chain(identities).chain(credentials).chain(parties).collect()
}

/// What the source says about being switched on; empty when it says nothing.
fn switched(on: Option<bool>) -> &'static str {
    match on {
        None => "",
        Some(true) => "active",
        Some(false) => "inactive",
    }
}

fn names<'a>(links: impl Iterator<Item = &'a Link>) -> String {
    let mut names: Vec<&str> = links.map(|link| link.name.as_str()).collect();
    names.dedup();
    names.join("; ")
}

fn owners(owners: &[Owner]) -> String {
    names(owners.iter().map(|owner| &owner.party))
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn no_cell_is_a_formula() {
        for cell in ["=1+1", "+1", "-2", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(harmless(cell), format!("'{cell}"));
        }
        assert_eq!(harmless("app-runner"), "app-runner");
    }
}
