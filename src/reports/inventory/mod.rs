//! The inventory: every workload, identity, credential and owner that was found, complete.
//!
//! The types are the published form, part of `docs/schema/whoacts-1.schema.json`; the tables and the CSV show the same.

mod build;
mod csv;
mod table;

pub use csv::inventory_csv;
pub use table::inventory_table;

use serde::Serialize;

use super::{ReportError, json};
use crate::scan::Outcome;

/// The inventory as JSON: the document of the JSON report with the inventory in the place of the findings.
///
/// # Errors
/// [`ReportError`] when it cannot be written.
pub fn inventory_json(outcome: &Outcome) -> Result<String, ReportError> {
    json::inventory(outcome)
}

/// All that was found.
#[derive(Serialize)]
pub(super) struct Inventory {
    workloads: Vec<Workload>,
    identities: Vec<Identity>,
    credentials: Vec<Credential>,
    parties: Vec<Party>,
}

/// Where a thing is defined or first named.
#[derive(Clone, Serialize)]
struct Home {
    realm: String,
    path: String,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    sample: bool,
}

/// Another thing of the inventory.
#[derive(Clone, Serialize)]
struct Link {
    key: String,
    name: String,
}

#[derive(Serialize)]
struct Owner {
    #[serde(flatten)]
    party: Link,
    rung: &'static str,
}

#[derive(Serialize)]
struct Attribution {
    grade: u8,
    k: usize,
}

#[derive(Serialize)]
struct Workload {
    #[serde(flatten)]
    link: Link,
    system: String,
    home: Home,
    autonomy: &'static str,
    triggers: Vec<&'static str>,
    schedules: Vec<String>,
    environments: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    runs_on: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enabled: Option<bool>,
    template: bool,
    can_federate: bool,
    privilege: &'static str,
    acts_as: Vec<Acts>,
    uses: Vec<Uses>,
    owners: Vec<Owner>,
}

#[derive(Serialize)]
struct Acts {
    #[serde(flatten)]
    identity: Link,
    mode: &'static str,
    maybe: bool,
}

#[derive(Serialize)]
struct Uses {
    #[serde(flatten)]
    credential: Link,
    sink: String,
    inline: bool,
    sameness: &'static str,
}

#[derive(Serialize)]
struct Identity {
    #[serde(flatten)]
    link: Link,
    class: &'static str,
    class_confidence: &'static str,
    sort: &'static str,
    home: Home,
    defined: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    interactive: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enabled: Option<bool>,
    created: String,
    last_used: String,
    privilege: &'static str,
    grants: Vec<Grant>,
    trusts: Vec<Trust>,
    workloads: Vec<Link>,
    credentials: Vec<Link>,
    becomes: Vec<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<Link>,
    owners: Vec<Owner>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attribution: Option<Attribution>,
}

#[derive(Serialize)]
struct Grant {
    resource: String,
    level: &'static str,
}

#[derive(Serialize)]
struct Trust {
    realm: String,
    name: String,
    conditions: Vec<Condition>,
}

#[derive(Serialize)]
struct Condition {
    claim: String,
    operator: String,
    values: Vec<String>,
}

#[derive(Serialize)]
struct Credential {
    #[serde(flatten)]
    link: Link,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provider: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lifetime: Option<&'static str>,
    binding: &'static str,
    home: Home,
    defined: bool,
    stores: Vec<Store>,
    identifiers: Vec<Identifier>,
    sameness: &'static str,
    created: String,
    expires: String,
    last_used: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    active: Option<bool>,
    literals: usize,
    placeholder: bool,
    low_value: bool,
    privilege: &'static str,
    workloads: Vec<Link>,
    identities: Vec<Link>,
    backed_by: Vec<Link>,
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<Person>,
    owners: Vec<Owner>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attribution: Option<Attribution>,
}

#[derive(Serialize)]
struct Store {
    kind: String,
    instance: String,
    scope: String,
    name: String,
}

#[derive(Serialize)]
struct Identifier {
    kind: &'static str,
    value: String,
}

/// Whose credential it seems to be, and why.
#[derive(Serialize)]
struct Person {
    name: String,
    signs: Vec<String>,
}

#[derive(Serialize)]
struct Party {
    #[serde(flatten)]
    link: Link,
    kind: &'static str,
    status: &'static str,
    ended: String,
    emails: Vec<String>,
    handles: Vec<String>,
    owns: Vec<Owned>,
}

#[derive(Serialize)]
struct Owned {
    key: String,
    rung: &'static str,
}
