//! One identity, one key: before anything is joined, references by other names are written as the identity's own.
//!
//! Two kinds of name stand for another. An identity lists its aliases: the address of the Terraform resource that makes it,
//! the unique id that AWS shows in trusts. And a name in AWS whose account no file tells, as in Terraform and in some lists,
//! is the account's, if the exports of the scan describe one account only and know a principal of that name in it.

use std::collections::{BTreeMap, BTreeSet};

use super::Batch;
use crate::facts::{Edge, Facts, Key, Kind, Slot, Value};

/// Writes every reference to an identity by the identity's own key.
pub fn settle(batches: &mut [Batch]) {
    let names = Names::collect(batches);
    for batch in batches {
        names.settle(&mut batch.facts);
    }
}

/// Aliases of aliases that are followed; a circle ends here, too.
const MAX_HOPS: usize = 8;

struct Names {
    aliases: BTreeMap<Key, Key>,
    /// The realm of the only account, and the principals in it.
    account: Option<(String, BTreeSet<String>)>,
}

impl Names {
    fn collect(batches: &[Batch]) -> Self {
        let mut claims: BTreeMap<&Key, BTreeSet<&Key>> = BTreeMap::new();
        let mut accounts: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for batch in batches {
            for identity in &batch.facts.identities {
                for alias in &identity.aliases {
                    claims.entry(alias).or_default().insert(&identity.key);
                }
                if batch.facts.export && is_account(&identity.key.realm) && identity.sort != "aws-account" {
                    accounts.entry(&identity.key.realm).or_default().insert(identity.key.name.clone());
                }
            }
        }
        let unclaimed = claims.into_iter().filter(|(_, keys)| keys.len() == 1);
        let aliases = unclaimed.filter_map(|(alias, keys)| Some((alias.clone(), (*keys.first()?).clone()))).collect();
        let only = (accounts.len() == 1).then(|| accounts.pop_first()).flatten();
        Self { aliases, account: only.map(|(realm, names)| (realm.to_owned(), names)) }
    }

    /// The identity's own key, where it is another one.
    fn own(&self, key: &Key) -> Option<Key> {
        if key.kind != Kind::Identity {
            return None;
        }
        let named = self.followed(key);
        let placed = named.unwrap_or(key);
        let (realm, names) = match &self.account {
            Some(account) if is_unplaced(&placed.realm) => account,
            _ => return named.cloned(),
        };
        if names.contains(&placed.name) {
            return Some(Key::new(Kind::Identity, realm.clone(), placed.name.clone()));
        }
        named.cloned()
    }

    /// The key at the end of a chain of aliases: an output of a module stands for a resource, its address for its name.
    fn followed(&self, key: &Key) -> Option<&Key> {
        let mut end = self.aliases.get(key)?;
        for _ in 0..MAX_HOPS {
            match self.aliases.get(end) {
                Some(next) => end = next,
                None => break,
            }
        }
        Some(end)
    }

    fn settle(&self, facts: &mut Facts) {
        for identity in &mut facts.identities {
            if let Some(own) = self.own(&identity.key) {
                identity.key = own;
            }
        }
        for fact in &mut facts.facts {
            match &mut fact.edge {
                Edge::RunsAs { identity, .. }
                | Edge::AuthenticatesAs { identity, .. }
                | Edge::Grants { identity, .. } => self.settle_slot(identity),
                Edge::CanActAs { from, to, .. } => {
                    self.settle_slot(from);
                    self.settle_slot(to);
                }
                Edge::OwnedBy { subject, .. } => {
                    if let Some(own) = self.own(subject) {
                        *subject = own;
                    }
                }
                Edge::Uses { .. } | Edge::BackedBy { .. } | Edge::Invokes { .. } => {}
            }
        }
    }

    /// Only a plain name can be another's: an expression means what it means in its own realm.
    fn settle_slot(&self, slot: &mut Slot) {
        if let Value::Literal(name) = &slot.value
            && let Some(own) = self.own(&Key::new(slot.kind, slot.realm.clone(), name.clone()))
        {
            *slot = Slot::known(own);
        }
    }
}

fn is_account(realm: &str) -> bool {
    let number = realm.strip_prefix("aws:").unwrap_or_default();
    number.len() == 12 && number.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether it is the realm of a module or folder whose account is not known.
fn is_unplaced(realm: &str) -> bool {
    realm.starts_with("aws:") && !is_account(realm) && realm != "aws:*"
}

#[cfg(test)]
mod tests {
    use super::super::Zone;
    use super::*;
    use crate::facts::{Identity, Level, keys};
    use crate::text::Place;

    fn identity(account: &str, name: &str, aliases: &[Key]) -> Identity {
        let mut identity = Identity::new(keys::aws_principal(account, name), name, "aws-user", Place::default());
        identity.aliases = aliases.to_vec();
        identity
    }

    fn batch(export: bool, identities: Vec<Identity>, granted: &[Key]) -> Batch {
        let mut facts = Facts { identities, export, ..Facts::default() };
        for key in granted {
            let resource = Slot::new(Kind::Resource, "r", Value::literal("all"));
            facts.state(
                Place::default(),
                Edge::Grants { identity: Slot::known(key.clone()), resource, level: Level::Read },
            );
        }
        Batch { zone: Zone::default(), facts }
    }

    fn granted(batch: &Batch) -> Vec<String> {
        let key = |edge: &Edge| match edge {
            Edge::Grants { identity, .. } => format!("{}/{}", identity.realm, identity.value.label()),
            _ => String::new(),
        };
        batch.facts.facts.iter().map(|fact| key(&fact.edge)).collect()
    }

    #[test]
    fn a_module_meets_the_only_account_by_name_through_its_address() {
        let address = keys::aws_principal("acme/infra", "aws_iam_user.ci");
        let module = identity("acme/infra", "user/ci", std::slice::from_ref(&address));
        let export = |account| batch(true, vec![identity(account, "user/ci", &[])], &[]);
        let mut batches = [export("111122223333"), batch(false, vec![module], &[address])];
        settle(&mut batches);
        assert_eq!(granted(&batches[1]), ["aws:111122223333/user/ci"]);
        assert_eq!(batches[1].facts.identities[0].key.realm, "aws:111122223333");
    }

    #[test]
    fn with_two_accounts_or_another_name_the_module_stays_by_itself() {
        let module = || batch(false, Vec::new(), &[keys::aws_principal("acme/infra", "user/ci")]);
        let export = |account, name| batch(true, vec![identity(account, name, &[])], &[]);
        for mut batches in [
            vec![export("111122223333", "user/ci"), export("444455556666", "user/ci"), module()],
            vec![export("111122223333", "user/ci2"), module()],
            vec![batch(false, vec![identity("111122223333", "user/ci", &[])], &[]), module()],
        ] {
            settle(&mut batches);
            assert_eq!(granted(batches.last().unwrap()), ["aws:acme/infra/user/ci"]);
        }
    }

    #[test]
    fn an_alias_that_two_claim_names_neither() {
        let id = Key::new(Kind::Identity, "aws-id", "AIDA1");
        let one = identity("111122223333", "user/a", std::slice::from_ref(&id));
        let two = identity("111122223333", "user/b", std::slice::from_ref(&id));
        let mut batches = [batch(true, vec![one, two], &[id])];
        settle(&mut batches);
        assert_eq!(granted(&batches[0]), ["aws-id/AIDA1"]);
    }
}
