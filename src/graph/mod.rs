//! Who acts as what: all facts of all sources, joined.
//!
//! [`settle`] writes every reference to an identity by the identity's own key. [`link`] takes the facts of every source and
//! returns the [`Graph`]. It works in steps, each in its own file: entities meet by key (`intern`), credentials that are one
//! thing become one node (`sameness`, `namesakes`), edges find their ends (`edges`, `invocations`), people and owners are recognised
//! (`people`, `owners`), and what follows is derived (`classify`, `reach`,
//! `attribution`). [`view`](Node) is how rules and reports look at the outcome.

mod alias;
mod attribution;
mod classify;
mod edges;
mod intern;
mod invocations;
mod namesakes;
mod node;
mod owners;
mod people;
mod reach;
mod sameness;
mod schema;
mod trust;
mod view;

pub use alias::settle;
pub use node::{
    Act, Autonomy, CredentialId, CredentialNode, Grade, Grant, IdentityId, IdentityNode, NamedEnvironment, Namesake,
    OwnerLink, PartyId, PartyNode, PersonLink, Tier, Trust, Use, WorkloadId, WorkloadNode, Zone,
};
pub use people::Author;
pub use schema::{Edge, FieldDef, Sort, edges, field_def, fields, nearest};
pub use view::{Field, Node, Step, View};

use crate::facts::Facts;

/// The joined picture. Everything is sorted, so that equal input gives equal output.
#[derive(Debug, Default)]
pub struct Graph {
    /// Software that acts.
    pub workloads: Vec<WorkloadNode>,
    /// Principals.
    pub identities: Vec<IdentityNode>,
    /// Credentials.
    pub credentials: Vec<CredentialNode>,
    /// People, teams and mailboxes.
    pub parties: Vec<PartyNode>,
    /// Workload reads credential.
    pub uses: Vec<Use>,
    /// Workload acts as identity.
    pub acts: Vec<Act>,
    /// What kinds of input there were, for rules that need one.
    pub given: Given,
}

/// Kinds of input that a rule may need.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// An export of an identity provider or cloud account.
    pub iam_export: bool,
    /// A list of people with their status.
    pub roster: bool,
    /// A file or tag that names owners.
    pub owners: bool,
    /// A workload that names its environment.
    pub environments: bool,
}

/// The facts of one source, and where it stands.
#[derive(Debug)]
pub struct Batch {
    /// Where the source stands.
    pub zone: Zone,
    /// What it says.
    pub facts: Facts,
}

/// Joins everything. `authors` are the people who wrote the repositories' history, by realm; empty without history.
#[must_use]
pub fn link(batches: &[Batch], authors: &[(String, Author)]) -> Graph {
    let mut graph = Graph::default();
    let interned = intern::entities(&mut graph, batches);
    let same = sameness::join(&mut graph, batches, &interned);
    edges::connect(&mut graph, batches, &interned, &same);
    namesakes::note(&mut graph);
    invocations::settle_chains(&mut graph, batches, &interned);
    invocations::inherit(&mut graph, batches, &interned);
    people::recognise(&mut graph, batches, authors);
    owners::assign(&mut graph, batches);
    reach::spread(&mut graph, batches);
    classify::judge(&mut graph);
    attribution::grade(&mut graph);
    graph.given.environments = graph.workloads.iter().any(|workload| !workload.environments.is_empty());
    graph
}
