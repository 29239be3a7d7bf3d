//! Who answers for an object, by its labels and annotations.

use super::Reader;
use crate::catalog::{self, Names};
use crate::facts::{Edge, Key, Rung, Slot, Value, keys};
use crate::syntax::Node;

/// Prefixes whose keys are about software: what manages an object does not answer for it.
const NOT_PEOPLE: [&str; 4] = ["app.kubernetes.io/", "helm.sh/", "meta.helm.sh/", "olm."];

impl Reader<'_> {
    /// States the owners that any of these `metadata` name, the first that names one.
    pub(super) fn owners(&mut self, subject: &Key, metadata: &[Option<Node<'_>>]) {
        for metadata in metadata.iter().flatten() {
            let maps = ["labels", "annotations"].into_iter().filter_map(|field| metadata.get(field));
            let named: Vec<_> = maps.flat_map(Node::entries).filter_map(|entry| self.party(entry)).collect();
            if named.is_empty() {
                continue;
            }
            for (party, node) in named {
                let at = self.input.place(node);
                self.facts.state(at, Edge::OwnedBy { subject: subject.clone(), party, rung: Rung::Tag });
            }
            return;
        }
    }

    fn party<'t>(&self, entry: Node<'t>) -> Option<(Slot, Node<'t>)> {
        let key = entry.key()?;
        if NOT_PEOPLE.iter().any(|prefix| key.starts_with(prefix)) {
            return None;
        }
        let names = catalog::owner_key(key)?;
        let Value::Literal(name) = self.value(entry) else { return None };
        let name = name.trim();
        // An address for the eyes of people (a page, a channel) is no name of a party.
        if name.is_empty() || name.contains("://") || name.contains(char::is_whitespace) || name.starts_with('#') {
            return None;
        }
        let party = if names == Names::Team && !name.contains('@') { keys::team(name) } else { keys::person(name) };
        Some((Slot::known(party), entry))
    }
}
