//! The words of `whoacts` as plain types: five entities and nine facts, each with its evidence. No input or output here.
//!
//! The five entities are [`Workload`], [`Identity`], [`Credential`], [`Party`] and [`Resource`]. An entity's [`Key`] is
//! its realm and normalised name, so a reference and the definition it points at meet by equal keys: there is no alias
//! fact. Recording a workload is the fact *Exists*; the other eight are the variants of [`Edge`].
//!
//! Formats only record what a file says. What follows from it (effective identities, sharing, owners) is derived by the
//! graph.

pub mod access_key;
mod entity;
pub mod keys;
mod kinds;
mod secret;
mod slot;
mod when;

pub use entity::{
    ClassEvidence, Credential, Environment, Identity, Party, Placement, Resource, Schedule, Store, Trigger, Workload,
};
pub use kinds::{
    Checksum, Class, Confidence, Level, Lifetime, PartyKind, PartyStatus, PlacementKind, Rung, ScheduleClass,
    TriggerKind, Who,
};
pub use secret::{Secret, entropy_bits};
pub use slot::{Key, Kind, Slot, Value, expression};
pub use when::{When, moment};

use crate::text::{Place, Span};

/// How a fact came to be.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Mode {
    /// The file says so at the fact's own place.
    #[default]
    Explicit,
    /// A wider scope of the same file says so, at this place (provider, defaults, parent job).
    Inherited(Place),
    /// Nothing says so; this rule of `rules/catalog/defaults.yaml` tells what the product does then.
    Default(&'static str),
    /// The product acts as whoever deployed or registered the workload.
    Deployer,
}

/// A statement about entities. The slots hold what the file really said, see [`Value`].
#[derive(Clone, Debug, PartialEq)]
#[allow(missing_docs, reason = "the sentence on each variant names its slots")]
pub enum Edge {
    /// The workload acts as the identity. A workload has at most one per realm.
    RunsAs { workload: Key, identity: Slot },
    /// The workload can read the credential.
    Uses {
        /// Who reads it.
        workload: Key,
        /// What is read.
        credential: Slot,
        /// Where it enters, as an id of the sink catalogue (`action:docker/login-action#password`, `env:AWS_ACCESS_KEY_ID`)
        /// or free text when the catalogue does not know the place.
        sink: String,
        /// The value itself stands in the file.
        inline: bool,
        /// The environment in whose scope the credential is read, where the file names one.
        environment: Option<Value>,
    },
    /// Whoever holds the credential is the identity.
    AuthenticatesAs { credential: Key, identity: Slot },
    /// The credential's value comes from another one (an external secret, a variable, a reference).
    BackedBy { credential: Key, by: Slot },
    /// The first identity may take on the second, under these conditions.
    CanActAs { from: Slot, to: Slot, conditions: Vec<Condition> },
    /// The first workload starts the second.
    Invokes { from: Key, to: Slot },
    /// The party answers for the entity.
    OwnedBy { subject: Key, party: Slot, rung: Rung },
    /// The identity may do this on the resource.
    Grants { identity: Slot, resource: Slot, level: Level },
}

/// One condition of a trust, as written: `token.actions.githubusercontent.com:sub` `StringLike` `repo:acme/*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The claim or context key.
    pub claim: String,
    /// The comparison, in the platform's own word.
    pub operator: String,
    /// The accepted values or patterns.
    pub values: Vec<String>,
    /// Where it stands.
    pub span: Span,
}

/// An [`Edge`] with its evidence.
#[derive(Clone, Debug, PartialEq)]
pub struct Fact {
    /// What is stated.
    pub edge: Edge,
    /// Where it is stated.
    pub at: Place,
    /// How it came to be.
    pub mode: Mode,
    /// How sure the format is that it read the file right.
    pub confidence: Confidence,
}

/// All that one source says.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Software that acts; each is the fact *Exists*.
    pub workloads: Vec<Workload>,
    /// Principals, as far as the source describes them. An edge may name an identity that has no entry here.
    pub identities: Vec<Identity>,
    /// Credentials, likewise.
    pub credentials: Vec<Credential>,
    /// People, teams and mailboxes, likewise.
    pub parties: Vec<Party>,
    /// What grants point at, likewise.
    pub resources: Vec<Resource>,
    /// The statements.
    pub facts: Vec<Fact>,
    /// Spans that must never be shown: secret values that stand in the source.
    pub secrets: Vec<Span>,
    /// What the source holds but could not be read or resolved, for the coverage ledger.
    pub gaps: Vec<Gap>,
    /// The source is an export of an identity provider or a cloud account.
    pub export: bool,
    /// The source's own time (export time, newest event), for ages.
    pub as_of: Option<jiff::Timestamp>,
}

/// Something in a source that was not read or not resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Where, if the reader knows.
    pub span: Option<Span>,
    /// What was not read, in a short phrase for people (`expression in runs-on`, `export cut off: IsTruncated is true`).
    pub what: String,
}

impl Facts {
    /// Records an explicit fact that the file states in so many words.
    pub fn state(&mut self, at: Place, edge: Edge) {
        self.facts.push(Fact { edge, at, mode: Mode::Explicit, confidence: Confidence::High });
    }

    /// Records a fact with its mode.
    pub fn state_as(&mut self, at: Place, mode: Mode, edge: Edge) {
        self.facts.push(Fact { edge, at, mode, confidence: Confidence::High });
    }

    /// Records a gap for the coverage ledger.
    pub fn gap(&mut self, span: impl Into<Option<Span>>, what: impl Into<String>) {
        self.gaps.push(Gap { span: span.into(), what: what.into() });
    }

    /// How many entities and statements were recorded. Hidden spans and gaps are none.
    #[must_use]
    pub fn len(&self) -> usize {
        self.workloads.len()
            + self.identities.len()
            + self.credentials.len()
            + self.parties.len()
            + self.resources.len()
            + self.facts.len()
    }

    /// Whether no entity and no statement was recorded.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds what another reader found in the same source.
    pub fn merge(&mut self, other: Facts) {
        self.workloads.extend(other.workloads);
        self.identities.extend(other.identities);
        self.credentials.extend(other.credentials);
        self.parties.extend(other.parties);
        self.resources.extend(other.resources);
        self.facts.extend(other.facts);
        self.secrets.extend(other.secrets);
        self.gaps.extend(other.gaps);
        self.as_of = self.as_of.max(other.as_of);
        self.export |= other.export;
    }
}
