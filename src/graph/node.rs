//! The nodes and edges of the graph, with everything that was derived about them.

use std::collections::BTreeSet;

use crate::catalog::Stage;
use crate::facts::{
    Checksum, Class, ClassEvidence, Condition, Confidence, Key, Level, Lifetime, Mode, PartyKind, PartyStatus,
    Placement, Rung, Schedule, Store, Trigger, Value, When,
};
use crate::text::{Place, SourceId};

/// Number of a workload in [`super::Graph::workloads`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WorkloadId(pub usize);
/// Number of an identity in [`super::Graph::identities`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IdentityId(pub usize);
/// Number of a credential in [`super::Graph::credentials`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CredentialId(pub usize);
/// Number of a party in [`super::Graph::parties`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PartyId(pub usize);

/// How two references were found to be the same thing, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Deserialize, serde::Serialize)]
pub enum Tier {
    /// The same public identifier or the same value.
    T1,
    /// The same store and scope.
    T2,
    /// The same source variable or ciphertext.
    T3,
    /// The same name at the same sink.
    T4,
    /// The same name only.
    T5,
}

impl Tier {
    /// `T1` to `T5`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Tier::T1 => "T1",
            Tier::T2 => "T2",
            Tier::T3 => "T3",
            Tier::T4 => "T4",
            Tier::T5 => "T5",
        }
    }

    /// What the tier means, for people.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Tier::T1 => "same identifier or value",
            Tier::T2 => "same store and scope",
            Tier::T3 => "same source variable",
            Tier::T4 => "same name at the same sink",
            Tier::T5 => "same name only",
        }
    }
}

/// Who is there when a workload acts, most attended first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Autonomy {
    /// Nothing tells.
    Unknown,
    /// A person starts it and watches.
    Attended,
    /// It runs by itself.
    Unattended,
    /// Anyone from outside can make it run.
    TriggerableByOutsiders,
}

impl Autonomy {
    /// The word used in rules and reports.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Autonomy::Unknown => "unknown",
            Autonomy::Attended => "attended",
            Autonomy::Unattended => "unattended",
            Autonomy::TriggerableByOutsiders => "triggerable-by-outsiders",
        }
    }
}

/// Where a thing stands in the world of files: used for the boundaries that make use shared.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Zone {
    /// Repository, account or cluster of the file.
    pub realm: String,
    /// Path of the file in it.
    pub path: String,
    /// The source.
    pub source: SourceId,
    /// Only test, example or documentation files.
    pub sample: bool,
}

/// Who answers for something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerLink {
    /// The party.
    pub party: PartyId,
    /// Where the evidence came from.
    pub rung: Rung,
    /// The evidence.
    pub place: Place,
}

/// Whether a log could tell who acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grade {
    /// 0 to 4, see [`crate::rules::Attribution`].
    pub grade: u8,
    /// Actors that cannot be told apart.
    pub k: usize,
}

/// An environment as the graph knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedEnvironment {
    /// Name or expression.
    pub name: String,
    /// What stage it speaks of.
    pub stage: Option<Stage>,
    /// A field says so, as against a name that suggests it.
    pub declared: bool,
    /// The name is literal.
    pub literal: bool,
    /// Where.
    pub place: Place,
}

/// A workload.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "same words as facts::Workload; derived fields are documented")]
pub struct WorkloadNode {
    pub key: Key,
    pub title: String,
    /// The system it belongs to: the realm's first word (`github-actions`, `k8s`).
    pub system: String,
    pub zone: Zone,
    pub place: Place,
    pub triggers: Vec<Trigger>,
    pub schedules: Vec<Schedule>,
    pub environments: Vec<NamedEnvironment>,
    pub placement: Option<Placement>,
    pub enabled: Option<bool>,
    pub template: bool,
    pub part_of: Option<Key>,
    pub can_federate: Option<Place>,
    pub discriminator: Option<Place>,
    /// Derived from the triggers.
    pub autonomy: Autonomy,
    /// The highest level any of its identities or credentials carries.
    pub privilege: Level,
    pub uses: Vec<usize>,
    pub acts: Vec<usize>,
    pub owners: Vec<OwnerLink>,
}

impl WorkloadNode {
    /// The trust zone it runs in: the hosts, the cluster or the pipelines of a repository, each by itself.
    #[must_use]
    pub fn realm(&self) -> (&str, &'static str) {
        (&self.zone.realm, plane(&self.system))
    }
}

/// What kind of trust zone a system runs in.
fn plane(system: &str) -> &'static str {
    match system {
        "k8s" => "cluster",
        "crontab" | "anacron" | "cron-scripts" | "systemd" => "hosts",
        _ => "pipelines",
    }
}

/// An identity.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "same words as facts::Identity; derived fields are documented")]
pub struct IdentityNode {
    pub key: Key,
    pub title: String,
    pub sort: &'static str,
    pub zone: Zone,
    pub place: Place,
    pub defined: bool,
    /// The verdict over all signs.
    pub class: Class,
    /// How sure the verdict is.
    pub class_confidence: Confidence,
    pub signs: Vec<ClassEvidence>,
    pub created: When,
    pub last_used: When,
    pub interactive: Option<bool>,
    pub enabled: Option<bool>,
    pub default_rule: Option<&'static str>,
    /// The person it belongs to, where the roster knows.
    pub person: Option<PartyId>,
    /// The highest level granted to it, by itself or by what it can act as.
    pub privilege: Level,
    pub grants: Vec<Grant>,
    pub acts: Vec<usize>,
    pub credentials: Vec<CredentialId>,
    /// Trusts that let others become this identity.
    pub trusts: Vec<Trust>,
    /// What this identity can become.
    pub becomes: Vec<(IdentityId, Place)>,
    pub owners: Vec<OwnerLink>,
    pub grade: Option<Grade>,
}

/// A credential: all references and definitions that are the same thing.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "same words as facts::Credential; derived fields are documented")]
pub struct CredentialNode {
    pub key: Key,
    pub title: String,
    /// Every key that was joined into this node.
    pub members: Vec<Key>,
    /// The weakest tier that any join or use rests on.
    pub sameness: Tier,
    pub zone: Zone,
    pub place: Place,
    pub defined: bool,
    /// Whether any source described it, for merging attributes.
    pub(super) seen: bool,
    pub class: Option<String>,
    pub provider: Option<String>,
    pub lifetime: Option<Lifetime>,
    pub binding: Class,
    pub stores: BTreeSet<Store>,
    pub identifiers: Vec<(&'static str, String)>,
    pub created: When,
    pub expires: When,
    pub last_used: When,
    pub active: Option<bool>,
    pub checksum: Checksum,
    pub placeholder: bool,
    pub low_value: bool,
    pub level: Level,
    /// Places where the value itself stands.
    pub literals: Vec<(Place, Zone)>,
    pub uses: Vec<usize>,
    pub identities: Vec<(IdentityId, Place)>,
    /// The credential this one is made from, and the other way round.
    pub backed_by: Vec<CredentialId>,
    /// Others of the same name that may or may not be the same thing, noted at the first of them.
    pub namesakes: Vec<Namesake>,
    pub owners: Vec<OwnerLink>,
    /// The person whose credential it is, with the signs.
    pub person: Option<PersonLink>,
    pub grade: Option<Grade>,
}

/// A credential of the same name in another store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Namesake {
    /// The other one.
    pub credential: CredentialId,
    /// T4 with a sink in common, else T5.
    pub tier: Tier,
}

/// Why a credential or an identity is taken for a person's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonLink {
    /// The person, when the roster knows them.
    pub party: Option<PartyId>,
    /// Their name for people.
    pub name: String,
    /// The independent signs, each with its place.
    pub signs: Vec<(String, Place)>,
}

/// A person, a team or a mailbox.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "same words as facts::Party; derived fields are documented")]
pub struct PartyNode {
    pub key: Key,
    pub title: String,
    pub kind: PartyKind,
    pub emails: BTreeSet<String>,
    pub handles: BTreeSet<String>,
    pub status: PartyStatus,
    pub ended: When,
    pub place: Option<Place>,
    /// What it answers for, by a rung above git history.
    pub owns: Vec<(Key, Rung, Place)>,
}

/// A workload reads a credential.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "same words as facts::Edge::Uses")]
pub struct Use {
    pub workload: WorkloadId,
    pub credential: CredentialId,
    pub sink: String,
    pub inline: bool,
    pub environment: Option<Value>,
    pub mode: Mode,
    pub place: Place,
    /// How this reference was joined to the credential.
    pub tier: Tier,
}

/// A workload acts as an identity.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "same words as facts::Edge::RunsAs")]
pub struct Act {
    pub workload: WorkloadId,
    pub identity: IdentityId,
    pub mode: Mode,
    pub place: Place,
    /// One of several that the file leaves open.
    pub maybe: bool,
}

/// Someone may become an identity.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "same words as facts::Edge::CanActAs")]
pub struct Trust {
    /// Realm of who is trusted (`oidc:token.actions.githubusercontent.com`).
    pub realm: String,
    /// Name or pattern of who is trusted.
    pub name: String,
    pub conditions: Vec<Condition>,
    pub place: Place,
}

/// An entitlement.
#[derive(Clone, Debug)]
#[allow(missing_docs, reason = "same words as facts::Edge::Grants")]
pub struct Grant {
    pub resource: String,
    pub level: Level,
    pub place: Place,
}
