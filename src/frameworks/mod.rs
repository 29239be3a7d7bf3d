//! Control ids of published frameworks, by edition, and the crosswalks between them: the data of `rules/frameworks/`.
//!
//! A rule says which controls it bears on and why; this module knows which ids exist. Names are quoted as printed, meanings
//! are in our own words. A finding supports evidence for a control, it never shows that a control is met.

mod data;
mod lookup;

pub use data::FrameworkError;
pub use lookup::{ControlError, find, nearest, resolve};

use serde::Deserialize;

/// One edition of a framework.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Framework {
    /// Id, as in rules and reports (`owasp-nhi`).
    pub id: String,
    /// Edition or version (`2025`).
    pub edition: String,
    /// Title for people.
    pub title: String,
    /// Address of the publication.
    pub url: String,
    /// To what its controls apply, as the end of a sentence.
    pub applies: String,
}

/// One entry of a framework: a risk, a threat, an outcome or a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    /// Id of the framework (`owasp-nhi`).
    pub framework: String,
    /// Its edition (`2025`).
    pub edition: String,
    /// Canonical id (`NHI9:2025`), unique within framework and edition.
    pub id: String,
    /// Name as printed, or ours where the framework gives none.
    pub name: String,
    /// What it means, in our own words.
    pub meaning: String,
    /// Its address: its own page where it has one, else the publication.
    pub url: String,
}

/// A control named by framework and canonical id; written `owasp-nhi NHI9:2025`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Reference {
    /// Id of the framework.
    pub framework: String,
    /// Canonical id.
    pub id: String,
}

impl Reference {
    /// The control; none when no framework has it, which [`check`] rules out for the embedded data.
    #[must_use]
    pub fn control(&self) -> Option<&'static Control> {
        all().iter().find(|control| control.framework == self.framework && control.id == self.id)
    }
}

/// A label that is not an id, and the controls that mean what it says.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alias {
    /// The label with its prefix (`seed:NHI-01`).
    pub id: String,
    /// What it says, in our own words.
    pub says: String,
    controls: Vec<Reference>,
    /// How it is written without its prefix, which is ambiguous.
    #[serde(default)]
    written: Vec<String>,
    /// The official control of the same number, which means something else.
    #[serde(default)]
    not: Option<Reference>,
}

impl Alias {
    /// The controls that mean what the label says, the closest first.
    #[must_use]
    pub fn controls(&self) -> Vec<&'static Control> {
        self.controls.iter().filter_map(Reference::control).collect()
    }

    /// The official control of the same number, which means something else.
    #[must_use]
    pub fn easily_taken_for(&self) -> Option<&'static Control> {
        self.not.as_ref().and_then(Reference::control)
    }
}

/// A published mapping between frameworks.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crosswalk {
    /// Its name in findings (`owasp-appendix-c`).
    pub via: String,
    /// Title for people.
    pub title: String,
    /// Address of the publication.
    pub url: String,
    /// What to know before relying on it.
    pub caution: String,
    /// Its rows, in the order printed.
    pub rows: Vec<Row>,
}

/// One row of a crosswalk.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The control that is mapped.
    pub from: Reference,
    /// What it is mapped to, in the order printed.
    pub to: Vec<Reference>,
    /// The core risk of the AI vulnerability scoring system that the row names; that list has no ids.
    pub aivss: String,
}

/// Loads everything once, so that a fault in the embedded data is an error at start and not a silent gap.
///
/// # Errors
/// [`FrameworkError`] naming the file and the fault.
pub fn check() -> Result<(), &'static FrameworkError> {
    data::table().map(|_| ())
}

/// Every framework, by file name.
#[must_use]
pub fn frameworks() -> &'static [Framework] {
    data::table().map_or(&[], |table| table.frameworks.as_slice())
}

/// Every control, framework by framework, in the order printed.
#[must_use]
pub fn all() -> &'static [Control] {
    data::table().map_or(&[], |table| table.controls.as_slice())
}

/// The controls of one framework, in the order printed; empty for an unknown framework.
pub fn by_framework(framework: &str) -> impl Iterator<Item = &'static Control> {
    all().iter().filter(move |control| control.framework == framework)
}

/// Every alias.
#[must_use]
pub fn aliases() -> &'static [Alias] {
    data::table().map_or(&[], |table| table.aliases.as_slice())
}

/// The alias with this label, prefix included; case does not matter.
#[must_use]
pub fn alias(label: &str) -> Option<&'static Alias> {
    aliases().iter().find(|alias| alias.id.eq_ignore_ascii_case(label.trim()))
}

/// Every published crosswalk.
#[must_use]
pub fn crosswalks() -> &'static [Crosswalk] {
    data::table().map_or(&[], |table| table.crosswalks.as_slice())
}

/// What published crosswalks map a control to, in the order printed, each with the crosswalk's name.
#[must_use]
pub fn crosswalk(control: &Control) -> Vec<(&'static Control, &'static str)> {
    let rows = crosswalks().iter().flat_map(|table| table.rows.iter().map(move |row| (row, table.via.as_str())));
    rows.filter(|(row, _)| row.from.framework == control.framework && row.from.id == control.id)
        .flat_map(|(row, via)| row.to.iter().filter_map(move |to| Some((to.control()?, via))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(framework: &str) -> Vec<&'static str> {
        by_framework(framework).map(|control| control.id.as_str()).collect()
    }

    #[test]
    fn the_embedded_data_loads() {
        check().unwrap();
    }

    #[test]
    fn every_id_of_the_published_lists_is_there() {
        let numbered = |shape: fn(u8) -> String, last| (1..=last).map(shape).collect::<Vec<_>>();
        assert_eq!(ids("owasp-nhi"), numbered(|n| format!("NHI{n}:2025"), 10));
        assert_eq!(ids("owasp-asi"), numbered(|n| format!("ASI{n:02}:2026"), 10));
        assert_eq!(ids("owasp-agentic-threats"), numbered(|n| format!("T{n}"), 17));
        assert_eq!(ids("csa-maestro"), numbered(|n| format!("L{n}"), 7));
        let outcomes = [
            ("GOVERN", "1.5 1.6 1.7 2.1 2.3 3.2 6.1 6.2"),
            ("MAP", "3.5 4.1 4.2"),
            ("MEASURE", "2.4 2.7 2.8 3.1"),
            ("MANAGE", "1.2 1.3 2.4 3.1 4.1 4.3"),
        ];
        let outcomes = outcomes
            .iter()
            .flat_map(|(function, numbers)| numbers.split(' ').map(move |number| format!("{function} {number}")));
        assert_eq!(ids("nist-ai-rmf"), outcomes.collect::<Vec<_>>());
    }

    #[test]
    fn names_are_those_of_the_edition() {
        let name = |framework, id| find(framework, id).unwrap().name.as_str();
        assert_eq!(name("owasp-nhi", "NHI1"), "Improper Offboarding");
        assert_eq!(name("owasp-nhi", "NHI9"), "NHI Reuse");
        assert_eq!(name("owasp-asi", "ASI03"), "Identity & Privilege Abuse");
        // The 0.5 candidates gave these two numbers to repudiation and identity spoofing.
        assert_eq!(name("owasp-asi", "ASI08"), "Cascading Failures");
        assert_eq!(name("owasp-asi", "ASI09"), "Human-Agent Trust Exploitation");
        assert_eq!(name("owasp-agentic-threats", "T8"), "Repudiation & Untraceability");
        assert_eq!(name("csa-maestro", "L4"), "Deployment and Infrastructure");
    }

    #[test]
    fn every_id_carries_the_edition_of_its_framework() {
        for control in all() {
            if let Some((_, edition)) = control.id.split_once(':') {
                assert_eq!(edition, control.edition, "{}", control.id);
            }
            assert!(frameworks().iter().any(|f| f.id == control.framework && f.edition == control.edition));
        }
    }

    #[test]
    fn every_control_has_a_meaning_and_an_address() {
        let slugs: Vec<_> = by_framework("owasp-nhi").map(|control| control.url.rsplit('/').nth(1)).collect();
        assert_eq!(slugs.first(), Some(&Some("1-improper-offboarding")));
        assert_eq!(slugs.last(), Some(&Some("10-human-use-of-nhi")));
        assert!(all().iter().all(|control| control.url.starts_with("https://") && !control.meaning.is_empty()));
    }

    #[test]
    fn labels_of_the_seed_mean_what_they_say_and_not_the_official_id_of_the_same_number() {
        let controls = |label| alias(label).unwrap().controls().iter().map(|c| c.id.as_str()).collect::<Vec<_>>();
        assert_eq!(controls("seed:NHI-01"), ["NHI9:2025", "NHI2:2025"]);
        assert_eq!(controls("seed:A1"), ["ASI03:2026", "T8"]);
        assert_eq!(controls("seed:AI-RMF").first(), Some(&"GOVERN 2.1"));
        assert_eq!(alias("seed:NHI-01").unwrap().easily_taken_for().unwrap().id, "NHI1:2025");
        assert_eq!(alias("seed:A1").unwrap().easily_taken_for().unwrap().id, "ASI01:2026");
        assert!(alias("NHI-01").is_none());
    }

    #[test]
    fn the_crosswalk_is_quoted_as_printed() {
        let printed = [
            ("NHI1", "ASI04:2026 T17 T2", "Agent Supply Chain & Dependency Attacks"),
            ("NHI2", "ASI02:2026 ASI06:2026 T6 T1", "Memory Use & Contextual Awareness"),
            ("NHI3", "ASI04:2026 ASI03:2026 T12 T13", "Agent Supply Chain & Dependency Attacks"),
            ("NHI4", "ASI03:2026 ASI07:2026 T16", "Agent Access Control Violation"),
            ("NHI5", "ASI02:2026 ASI03:2026 T2 T3", "Agent Access Control Violation"),
            ("NHI6", "ASI04:2026 ASI05:2026 T11", "Insecure Agent Critical Systems Interaction"),
            ("NHI7", "ASI06:2026 ASI08:2026 T4 T12", "Memory Use & Contextual Awareness"),
            ("NHI8", "ASI08:2026 ASI07:2026 T8 T12", "Agent Cascading Failures"),
            ("NHI9", "ASI08:2026 ASI04:2026 T5 T13", "Agent Cascading Failures"),
            ("NHI10", "ASI09:2026 ASI01:2026 T10 T7", "Agent Untraceability / Human Manipulation"),
        ];
        let rows = &crosswalks().first().unwrap().rows;
        assert_eq!(rows.len(), printed.len());
        for ((from, to, aivss), row) in printed.iter().zip(rows) {
            let control = find("owasp-nhi", from).unwrap();
            let crossed = crosswalk(control);
            assert_eq!(crossed.iter().map(|(c, _)| c.id.as_str()).collect::<Vec<_>>().join(" "), *to);
            assert!(crossed.iter().all(|(_, via)| *via == "owasp-appendix-c"));
            assert_eq!((row.from.control(), row.aivss.as_str()), (Some(control), *aivss));
        }
        assert!(crosswalk(find("csa-maestro", "L4").unwrap()).is_empty());
    }
}
