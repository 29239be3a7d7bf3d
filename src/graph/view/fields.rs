//! The fields of nodes, as `schema` lists them.

use std::collections::BTreeSet;

use super::super::{CredentialId, IdentityId, OwnerLink, PartyId, WorkloadId, trust};
use super::{Field, Node, View};
use crate::catalog::{self, Stage};
use crate::facts::{Checksum, Class, Level, Lifetime, TriggerKind, When};

fn word(text: &str) -> Field {
    Field::Word(text.to_owned())
}

fn count(n: usize) -> Field {
    Field::Number(i64::try_from(n).unwrap_or(i64::MAX))
}

fn flag(known: Option<bool>) -> Field {
    known.map_or(Field::Unknown, Field::Flag)
}

fn dated(when: When) -> Field {
    word(match when {
        When::Unknown => "unknown",
        When::NotApplicable => "not-applicable",
        When::Never => "never",
        When::At(_) => "dated",
    })
}

impl View<'_> {
    /// The value of a field. Unknown for a field that the kind does not have.
    #[must_use]
    pub fn field(&self, node: Node, name: &str) -> Field {
        match name {
            "name" => word(self.name(node)),
            "workloads" => count(self.workloads(node).len()),
            "files" => count(self.zones(node).len()),
            "repositories" => count(self.repositories(node)),
            "realms" => count(self.realms(node).len()),
            "environments" => Field::Words(self.environments(node)),
            "stages" => Field::Words(self.stages(node)),
            "boundary" => word(self.boundary(node)),
            "packaged" => Field::Flag(self.packaged(node)),
            "triggers" => self.triggers(node),
            "autonomy" => self.autonomy(node),
            "systems" => {
                let system = |id: &WorkloadId| self.graph.workloads[id.0].system.clone();
                Field::Words(self.workloads(node).iter().map(system).collect())
            }
            "productive" => Field::Flag(self.productive(node)),
            "owners" => count(self.owners(node).len()),
            "owner_status" => self.owner_status(node),
            "sample" => {
                let zones = self.zones(node);
                Field::Flag(!zones.is_empty() && zones.iter().all(|zone| zone.sample))
            }
            _ => match node {
                Node::Workload(id) => self.workload_field(id, name),
                Node::Identity(id) => self.identity_field(id, name),
                Node::Credential(id) => self.credential_field(id, name),
                Node::Party(id) => self.party_field(id, name),
            },
        }
    }

    fn triggers(&self, node: Node) -> Field {
        let graph = self.graph;
        let of = |id: &WorkloadId| graph.workloads[id.0].triggers.iter().map(|trigger| trigger.kind.word().to_owned());
        Field::Words(self.workloads(node).iter().flat_map(of).collect())
    }

    fn autonomy(&self, node: Node) -> Field {
        let most = self.workloads(node).iter().map(|id| self.graph.workloads[id.0].autonomy).max();
        most.map_or(Field::Unknown, |autonomy| word(autonomy.word()))
    }

    fn owner_status(&self, node: Node) -> Field {
        if let Node::Party(id) = node {
            return Field::Words(BTreeSet::from([self.graph.parties[id.0].status.word().to_owned()]));
        }
        let status = |link: &OwnerLink| self.graph.parties[link.party.0].status.word().to_owned();
        Field::Words(self.owners(node).iter().map(status).collect())
    }

    fn workload_field(&self, id: WorkloadId, name: &str) -> Field {
        let node = &self.graph.workloads[id.0];
        match name {
            "system" => word(&node.system),
            "scheduled" => Field::Flag(!node.schedules.is_empty()),
            "enabled" => flag(node.enabled.or(Some(true))),
            "template" => Field::Flag(node.template),
            "privilege" => word(node.privilege.word()),
            _ => Field::Unknown,
        }
    }

    fn identity_field(&self, id: IdentityId, name: &str) -> Field {
        let node = &self.graph.identities[id.0];
        match name {
            "class" => word(node.class.word()),
            "class_confidence" => word(node.class_confidence.word()),
            "sort" => word(node.sort),
            "default" => Field::Flag(node.default_rule.is_some()),
            "defined" => Field::Flag(node.defined),
            "interactive" => flag(node.interactive),
            "enabled" | "active" => flag(node.enabled.or(Some(true))),
            "platform_owned" => Field::Flag(
                node.key.name.contains("AWSServiceRoleFor") || node.key.name.starts_with("role/AWSReservedSSO_"),
            ),
            "privilege" => word(node.privilege.word()),
            "trust_gaps" => Field::Words(trust::gaps(node).into_iter().map(|(gap, _)| gap.to_owned()).collect()),
            "static_keys" => {
                let lasting = |id: &&CredentialId| self.graph.credentials[id.0].lifetime == Some(Lifetime::Static);
                count(node.credentials.iter().filter(lasting).count())
            }
            "grade" => node.grade.map_or(Field::Unknown, |grade| count(grade.grade.into())),
            "scheduled" => {
                let scheduled = |id: &WorkloadId| !self.graph.workloads[id.0].schedules.is_empty();
                Field::Flag(self.workloads(Node::Identity(id)).iter().any(scheduled))
            }
            "age_days" => self.days(node.created),
            "unused_days" => self.days(node.last_used),
            "last_used" => dated(node.last_used),
            "idle_days" => self.idle(node.last_used, node.created),
            _ => Field::Unknown,
        }
    }

    fn credential_field(&self, id: CredentialId, name: &str) -> Field {
        let node = &self.graph.credentials[id.0];
        match name {
            "kind" => node.class.as_deref().map_or(Field::Unknown, word),
            "provider" => node.provider.as_deref().map_or(Field::Unknown, word),
            "lifetime" => word(node.lifetime.map_or("unknown", Lifetime::word)),
            "binding" => word(node.binding.word()),
            "sameness" => word(node.sameness.word()),
            "environment_scoped" => Field::Flag(self.environment_scoped(id)),
            "namesakes" => count(node.namesakes.len()),
            "low_value" => Field::Flag(node.low_value),
            "literals" => count(node.literals.len()),
            "placeholder" => Field::Flag(node.placeholder || node.checksum == Checksum::Fail),
            "checksum" => word(node.checksum.word()),
            "active" => flag(node.active.or(Some(true))),
            "defined" => Field::Flag(node.defined),
            "privilege" => {
                if node.level == Level::None {
                    Field::Unknown
                } else {
                    word(node.level.word())
                }
            }
            "grade" => node.grade.map_or(Field::Unknown, |grade| count(grade.grade.into())),
            "age_days" => self.days(node.created),
            "unused_days" => self.days(node.last_used),
            "last_used" => dated(node.last_used),
            "expires" => dated(node.expires),
            "personal" => word(self.personal(id)),
            "idle_days" => self.idle(node.last_used, node.created),
            "federates" => Field::Flag(self.federates(id)),
            "federation" => word(self.federation(id)),
            _ => Field::Unknown,
        }
    }

    fn party_field(&self, id: PartyId, name: &str) -> Field {
        let node = &self.graph.parties[id.0];
        match name {
            "owns" => count(node.owns.len()),
            "owned_privilege" => word(self.owned_privilege(id).word()),
            _ => Field::Unknown,
        }
    }

    fn owned_privilege(&self, id: PartyId) -> Level {
        let owned = |owners: &[OwnerLink]| owners.iter().any(|link| link.party == id);
        let identities = self.graph.identities.iter().filter(|node| owned(&node.owners)).map(|node| node.privilege);
        let workloads = self.graph.workloads.iter().filter(|node| owned(&node.owners)).map(|node| node.privilege);
        identities.chain(workloads).max().unwrap_or(Level::None)
    }

    /// An unknown last use leaves it open; one that never happened counts from the beginning.
    fn idle(&self, last_used: When, created: When) -> Field {
        if last_used == When::Never { self.days(created) } else { self.days(last_used) }
    }

    fn personal(&self, id: CredentialId) -> &'static str {
        let node = &self.graph.credentials[id.0];
        match node.person.as_ref().map_or(0, |person| person.signs.len()) {
            _ if node.binding == Class::Human => "proven",
            0 => "none",
            1 => "hint",
            _ => "likely",
        }
    }

    fn federation(&self, id: CredentialId) -> &'static str {
        if !self.federates(id) {
            "none"
        } else if self.federated_beside(id) {
            "in-use"
        } else if self.uses(id).any(|one| self.graph.workloads[one.workload.0].can_federate.is_some()) {
            "granted"
        } else {
            "none"
        }
    }

    fn productive(&self, node: Node) -> bool {
        self.workloads(node).iter().any(|id| {
            let workload = &self.graph.workloads[id.0];
            workload.environments.iter().any(|env| env.stage == Some(Stage::Production))
                || workload.triggers.iter().any(|trigger| trigger.kind == TriggerKind::Release)
        })
    }

    fn days(&self, when: When) -> Field {
        when.days_until(self.as_of).map_or(Field::Unknown, Field::Number)
    }

    /// GitHub lets every environment shadow a secret of the repository, so a name that is only read inside of
    /// environments may be another value in each (docs.github.com, "Secrets reference").
    fn environment_scoped(&self, id: CredentialId) -> bool {
        let mut uses = self.uses(id).peekable();
        let on_github = self.graph.credentials[id.0].stores.iter().any(|store| store.kind == "github-actions");
        on_github && uses.peek().is_some() && uses.all(|one| one.environment.is_some())
    }

    fn federates(&self, id: CredentialId) -> bool {
        let by_sink = self.uses(id).any(|one| catalog::sink(&one.sink).is_some_and(|sink| sink.federates));
        let foreign = self.graph.credentials[id.0].provider.as_deref();
        by_sink && !foreign.is_some_and(|provider| matches!(provider, "s3-compatible" | "cloudflare-r2" | "cloudflare"))
    }

    fn federated_beside(&self, id: CredentialId) -> bool {
        let node = &self.graph.credentials[id.0];
        let Some(provider) = node.provider.as_deref() else { return false };
        let realms = self.realms(Node::Credential(id));
        self.graph.acts.iter().any(|act| {
            let workload = &self.graph.workloads[act.workload.0];
            let identity = &self.graph.identities[act.identity.0];
            let same =
                identity.key.realm.split(':').next() == Some(if provider == "azure" { "entra" } else { provider });
            same && workload.can_federate.is_some()
                && identity.credentials.is_empty()
                && realms.contains(&workload.realm())
        })
    }
}
