//! The frameworks that the rules cite, as taxonomies with the cited controls as taxa.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{Component, ComponentReference, Message, Relationship, Target, Taxon};
use crate::frameworks;
use crate::scan::Outcome;

/// The taxonomies in the order of the framework ids.
pub(super) struct Taxonomies {
    components: Vec<Component>,
}

impl Taxonomies {
    /// Everything that the rules of the scan cite.
    pub(super) fn new(outcome: &Outcome) -> Self {
        let mut cited: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for rule in &outcome.rules {
            for (framework, uses) in &rule.controls {
                let ids = uses.iter().filter_map(|one| frameworks::find(framework, &one.id).ok());
                cited.entry(framework).or_default().extend(ids.map(|control| control.id.as_str()));
            }
        }
        Self { components: cited.into_iter().filter_map(|(id, controls)| component(id, &controls)).collect() }
    }

    pub(super) fn references(&self) -> Vec<ComponentReference> {
        self.components.iter().enumerate().map(|(index, component)| component.reference(index)).collect()
    }

    pub(super) fn components(self) -> Vec<Component> {
        self.components
    }

    /// What a rule has to do with a control: a primary one holds all that the rule finds, another one is merely touched.
    pub(super) fn relationship(&self, framework: &str, id: &str, primary: bool, because: &str) -> Option<Relationship> {
        let control = frameworks::find(framework, id).ok()?;
        let at = self.components.iter().position(|component| component.name == framework)?;
        let component = self.components.get(at)?;
        let index = component.taxa.iter().position(|taxon| taxon.id == control.id)?;
        Some(Relationship {
            target: Target { id: control.id.clone(), index, tool_component: component.reference(at) },
            kinds: [if primary { "superset" } else { "relevant" }],
            description: Message::new(because.trim()),
        })
    }
}

fn component(id: &str, cited: &BTreeSet<&str>) -> Option<Component> {
    let framework = frameworks::frameworks().iter().find(|framework| framework.id == id)?;
    let taxa = frameworks::by_framework(id).filter(|control| cited.contains(control.id.as_str()));
    Some(Component {
        name: framework.id.clone(),
        version: framework.edition.clone(),
        full_name: format!("{} {}", framework.title, framework.edition),
        information_uri: framework.url.clone(),
        short_description: Message::new(format!("{}, applies {}", framework.title, framework.applies)),
        is_comprehensive: false,
        taxa: taxa
            .map(|control| Taxon {
                id: control.id.clone(),
                name: control.name.clone(),
                short_description: Message::new(&*control.meaning),
                help_uri: control.url.clone(),
            })
            .collect(),
    })
}
