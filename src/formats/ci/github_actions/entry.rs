//! What the place where a credential enters says about it.

use super::foreign;
use crate::catalog::{Carries, Sink};
use crate::facts::{Lifetime, Mode};

/// Where a credential enters, and what that says about it.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    /// Id of the sink, or free text.
    pub(super) id: String,
    /// What the catalogue knows.
    pub(super) known: Option<&'static Sink>,
    /// The field takes no secret, whatever the catalogue knows: a user name, a role.
    pub(super) public: bool,
    /// Provider, where the surroundings say more than the sink (an endpoint, a registry).
    pub(super) provider: Option<&'static str>,
    /// A session token stands beside it.
    pub(super) session: bool,
    /// What the reader itself knows about the lifetime.
    pub(super) lifetime: Option<Lifetime>,
    /// It goes on to a workflow of the same repository, whose own uses say what it is.
    pub(super) handed_on: bool,
    /// How the workload came by it.
    pub(super) mode: Mode,
}

impl Entry {
    /// A place that no catalogue knows.
    pub(super) fn named(id: impl Into<String>) -> Self {
        Self { id: id.into(), ..Self::default() }
    }

    /// The name of the variable or input.
    pub(super) fn field(&self) -> &str {
        self.id.rsplit([':', '#']).next().unwrap_or(&self.id)
    }

    pub(super) fn is_public(&self) -> bool {
        self.public || self.known.is_some_and(|sink| sink.carries != Carries::Secret)
    }

    pub(super) fn is_secret(&self) -> bool {
        !self.public && self.known.is_some_and(|sink| sink.carries == Carries::Secret)
    }

    pub(super) fn lifetime(&self) -> Option<Lifetime> {
        let known = self.known.and_then(|sink| sink.lifetime).or(self.lifetime);
        if self.session { Some(Lifetime::Session) } else { known }
    }

    /// The provider, given the credential's name.
    pub(super) fn provider(&self, name: &str) -> Option<String> {
        let known = self.known.map(|sink| sink.provider.as_str());
        match known {
            Some("aws") => Some(foreign::by_name(name).or(self.provider).unwrap_or("aws").to_owned()),
            _ => self.provider.or(known).map(str::to_owned),
        }
    }
}
