//! The five entities and their attributes.

use super::{
    Checksum, Class, Confidence, Key, Level, Lifetime, PartyKind, PartyStatus, PlacementKind, ScheduleClass,
    TriggerKind, Value, When, Who,
};
use crate::text::Place;

/// Software that acts: a CI job, a scheduled job, a service, a pod. Replicas, matrix legs and blue/green copies are one.
#[derive(Clone, Debug)]
pub struct Workload {
    /// Its key; the realm is `format:repository-or-cluster`, the name holds the path in the source.
    pub key: Key,
    /// The name for people (`release.yml: publish`).
    pub title: String,
    /// Where it is defined.
    pub at: Place,
    /// What starts it.
    pub triggers: Vec<Trigger>,
    /// When a clock starts it.
    pub schedules: Vec<Schedule>,
    /// The environments it says it acts in.
    pub environments: Vec<Environment>,
    /// What it runs on.
    pub placement: Option<Placement>,
    /// `Some(false)` when the source says that it does not run.
    pub enabled: Option<bool>,
    /// The platform would hand it an identity token that a provider can trust (`id-token: write`, a projected token).
    pub can_federate: Option<Place>,
    /// What lets a log tell its runs or its callers apart although the identity is shared (a session name with a run id).
    pub discriminator: Option<Place>,
    /// A reusable definition without a life of its own: counted only through those that call it.
    pub template: bool,
    /// The larger unit whose end may start others (a workflow by its name, for its jobs).
    pub part_of: Option<Key>,
}

impl Workload {
    /// A workload of which nothing but its existence is known.
    #[must_use]
    pub fn new(key: Key, title: impl Into<String>, at: Place) -> Self {
        Self {
            key,
            title: title.into(),
            at,
            triggers: Vec::new(),
            schedules: Vec::new(),
            environments: Vec::new(),
            placement: None,
            enabled: None,
            can_federate: None,
            discriminator: None,
            template: false,
            part_of: None,
        }
    }
}

/// What starts a workload, and who can make it happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// The kind.
    pub kind: TriggerKind,
    /// Who can make it fire.
    pub who: Who,
    /// The platform's own word (`workflow_dispatch`).
    pub word: String,
    /// Where it stands.
    pub at: Place,
}

/// When a clock starts a workload. The text is kept, never evaluated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The schedule as written.
    pub text: String,
    /// What kind of text it is.
    pub class: ScheduleClass,
    /// Where it stands.
    pub at: Place,
}

/// An environment that a workload names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// Its name, or the expression that yields it.
    pub value: Value,
    /// The source declares it (a field), as against a name that only suggests it (a folder, a job name).
    pub declared: bool,
    /// Where it stands.
    pub at: Place,
}

/// What a workload runs on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placement {
    /// The kind.
    pub kind: PlacementKind,
    /// The platform's own words: runner labels, host, cluster.
    pub labels: Vec<String>,
    /// Where it stands.
    pub at: Place,
}

/// A principal.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Its key.
    pub key: Key,
    /// Other keys by which sources refer to it: the address of the Terraform resource that makes it, the unique id that a
    /// trust shows. One that two identities claim names neither.
    pub aliases: Vec<Key>,
    /// The name for people.
    pub title: String,
    /// What it is in its platform's words (`aws-user`, `k8s-service-account`, `os-user`, `docker-hub-account`).
    pub sort: &'static str,
    /// Where it is defined or named.
    pub at: Place,
    /// The source defines it here, as against merely naming it.
    pub defined: bool,
    /// Signs of its class, strongest first.
    pub classes: Vec<ClassEvidence>,
    /// When it was made.
    pub created: When,
    /// When it last acted.
    pub last_used: When,
    /// A person can log in with it (console password, login shell).
    pub interactive: Option<bool>,
    /// `Some(false)` when it is switched off.
    pub enabled: Option<bool>,
    /// Nobody chose it: the platform hands it out when nothing is said. Names the entry of the defaults table.
    pub default_rule: Option<&'static str>,
}

impl Identity {
    /// An identity that a source names.
    #[must_use]
    pub fn new(key: Key, title: impl Into<String>, sort: &'static str, at: Place) -> Self {
        Self {
            key,
            aliases: Vec::new(),
            title: title.into(),
            sort,
            at,
            defined: false,
            classes: Vec::new(),
            created: When::Unknown,
            last_used: When::Unknown,
            interactive: None,
            enabled: None,
            default_rule: None,
        }
    }

    /// Adds a sign of the identity's class.
    #[must_use]
    pub fn class(mut self, class: Class, confidence: Confidence, why: impl Into<String>) -> Self {
        self.classes.push(ClassEvidence { class, confidence, why: why.into(), at: self.at });
        self
    }
}

/// One sign of what class an identity is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassEvidence {
    /// The class.
    pub class: Class,
    /// How much the sign weighs.
    pub confidence: Confidence,
    /// The sign, in a short phrase (`an IAM role is issued by the platform`).
    pub why: String,
    /// Where it stands.
    pub at: Place,
}

/// Where a credential is kept. Equal names in two stores are not equal credentials.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Store {
    /// The kind of store (`github-actions`, `kubernetes`, `file`).
    pub kind: String,
    /// Which one (`github.com/acme/shop`).
    pub instance: String,
    /// The scope inside it (`environment prod`, a namespace); empty when it has none.
    pub scope: String,
    /// The name inside the scope.
    pub name: String,
}

/// What proves an identity. The value itself is never in here.
#[derive(Clone, Debug)]
pub struct Credential {
    /// Its key.
    pub key: Key,
    /// The name for people, never a value (`secrets.DEPLOY_KEY`, `AWS access key AKIA…WXYZ`).
    pub title: String,
    /// Where it is defined or referred to.
    pub at: Place,
    /// The source defines it here (an export row, a literal value), as against referring to it.
    pub defined: bool,
    /// Class in the credential catalogue (`github-pat-classic`, `aws-access-key`), where the source or the value tells.
    pub class: Option<String>,
    /// Provider in the catalogue (`aws`, `github`).
    pub provider: Option<String>,
    /// How it lives.
    pub lifetime: Option<Lifetime>,
    /// Whether it acts as a person or as software, where the value or the platform tells.
    pub binding: Option<Class>,
    /// Where it is kept.
    pub store: Option<Store>,
    /// Public identifiers that prove sameness (tier T1): kind and value, such as `("aws-access-key-id", "AKIA…")` or
    /// `("fingerprint", "…")`.
    pub identifiers: Vec<(&'static str, String)>,
    /// When it was made.
    pub created: When,
    /// When it ends.
    pub expires: When,
    /// When it was last used.
    pub last_used: When,
    /// `Some(false)` when it is revoked or inactive.
    pub active: Option<bool>,
    /// What the offline checksum says.
    pub checksum: Checksum,
    /// An example, a placeholder or a public test value.
    pub placeholder: bool,
    /// The value itself stands in the source.
    pub literal: bool,
    /// Not worth guarding (an upload token, a public key), by the catalogue.
    pub low_value: bool,
    /// What holding it allows at least, where the class or the source tells.
    pub level: Option<Level>,
}

impl Credential {
    /// A credential that a source refers to.
    #[must_use]
    pub fn new(key: Key, title: impl Into<String>, at: Place) -> Self {
        Self {
            key,
            title: title.into(),
            at,
            defined: false,
            class: None,
            provider: None,
            lifetime: None,
            binding: None,
            store: None,
            identifiers: Vec::new(),
            created: When::Unknown,
            expires: When::Unknown,
            last_used: When::Unknown,
            active: None,
            checksum: Checksum::None,
            placeholder: false,
            literal: false,
            low_value: false,
            level: None,
        }
    }
}

/// A person, a team or a mailbox.
#[derive(Clone, Debug)]
pub struct Party {
    /// Its key.
    pub key: Key,
    /// The name for people.
    pub title: String,
    /// What it is.
    pub kind: PartyKind,
    /// E-mail addresses, lower case.
    pub emails: Vec<String>,
    /// Handles on code hosts, lower case, without `@`.
    pub handles: Vec<String>,
    /// Whether it is still there.
    pub status: PartyStatus,
    /// When it left.
    pub ended: When,
    /// Where it is named.
    pub at: Place,
}

/// What a grant points at.
#[derive(Clone, Debug)]
pub struct Resource {
    /// Its key.
    pub key: Key,
    /// The name for people.
    pub title: String,
    /// Where it is named.
    pub at: Place,
}
