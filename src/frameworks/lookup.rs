//! From what a person writes to a control.

use super::{Alias, Control, alias, aliases, all, by_framework, frameworks};

/// An id that cannot be taken for one control.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ControlError {
    /// No framework has this name.
    #[error("unknown framework `{framework}`; known are {}", known_frameworks())]
    UnknownFramework {
        /// As written.
        framework: String,
    },
    /// The framework, or every framework, lacks the id.
    #[error("{} `{id}`{}", lacks(framework.as_deref()), suggestion(*nearest))]
    Unknown {
        /// The framework that was asked, if one was named.
        framework: Option<String>,
        /// As written.
        id: String,
        /// What may have been meant.
        nearest: Option<&'static Control>,
    },
    /// The label of another publication looks like an official id and means something else.
    #[error("`{written}` has two readings: {}", readings(alias))]
    Ambiguous {
        /// As written.
        written: String,
        /// The label it may be.
        alias: &'static Alias,
    },
}

/// The control of a framework by id, in any of the usual spellings: `NHI9`, `NHI-9`, `NHI9:2025`, `asi-03`, `GOVERN-2.1`.
///
/// # Errors
/// [`ControlError`], with the nearest id where there is one. `NHI-01` and `A1` are refused: see [`Alias`].
pub fn find(framework: &str, id: &str) -> Result<&'static Control, ControlError> {
    if !frameworks().iter().any(|known| known.id == framework) {
        return Err(ControlError::UnknownFramework { framework: framework.to_owned() });
    }
    let spelling = Spelling::new(id);
    spelling.refuse_ambiguous(id)?;
    by_framework(framework).find(|control| spelling.means(control)).ok_or_else(|| ControlError::Unknown {
        framework: Some(framework.to_owned()),
        id: id.to_owned(),
        nearest: all().iter().find(|control| spelling.means(control)).or_else(|| closest(by_framework(framework), id)),
    })
}

/// The controls that an id of any framework or a label such as `seed:NHI-01` stands for.
///
/// # Errors
/// As [`find`]; an id that two frameworks have stands for both.
pub fn resolve(written: &str) -> Result<Vec<&'static Control>, ControlError> {
    if let Some(alias) = alias(written) {
        return Ok(alias.controls());
    }
    let spelling = Spelling::new(written);
    spelling.refuse_ambiguous(written)?;
    let found: Vec<_> = all().iter().filter(|control| spelling.means(control)).collect();
    if found.is_empty() {
        return Err(ControlError::Unknown { framework: None, id: written.to_owned(), nearest: nearest(written) });
    }
    Ok(found)
}

/// The control whose id comes nearest to what was written; none when nothing comes near.
#[must_use]
pub fn nearest(written: &str) -> Option<&'static Control> {
    closest(all().iter(), written)
}

fn closest(controls: impl Iterator<Item = &'static Control>, written: &str) -> Option<&'static Control> {
    let wanted = Spelling::new(written).comparable();
    let limit = wanted.chars().count().min(3);
    controls
        .map(|control| (distance(&wanted, &Spelling::new(&control.id).comparable()), control))
        .filter(|(distance, _)| *distance < limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, control)| control)
}

/// An id without the freedoms of spelling: letters in upper case, no separator before the number, the edition apart.
#[derive(Debug, PartialEq, Eq)]
struct Spelling {
    letters: String,
    number: String,
    edition: Option<String>,
}

impl Spelling {
    fn new(id: &str) -> Self {
        let (id, edition) = match id.trim().split_once(':') {
            Some((id, edition)) => (id, Some(edition.to_owned())),
            None => (id.trim(), None),
        };
        let (letters, number) = id.split_at(id.find(|c: char| c.is_ascii_digit()).unwrap_or(id.len()));
        let letters = letters.trim_end_matches(['-', '_', ' ']).to_uppercase();
        Self { letters, number: number.to_owned(), edition }
    }

    /// Whether this is a spelling of the control's id. The number must be written as printed: `NHI-09` is no id of 2025.
    fn means(&self, control: &Control) -> bool {
        let canonical = Spelling::new(&control.id);
        (&self.letters, &self.number) == (&canonical.letters, &canonical.number)
            && self.edition.as_ref().is_none_or(|edition| *edition == control.edition)
    }

    fn refuse_ambiguous(&self, written: &str) -> Result<(), ControlError> {
        let is_written = |alias: &&Alias| {
            alias
                .written
                .iter()
                .map(|label| Spelling::new(label))
                .any(|label| (&label.letters, &label.number) == (&self.letters, &self.number))
        };
        match aliases().iter().find(is_written) {
            Some(alias) => Err(ControlError::Ambiguous { written: written.to_owned(), alias }),
            None => Ok(()),
        }
    }

    /// The form in which ids are compared for nearness: leading zeros do not count.
    fn comparable(&self) -> String {
        format!("{}{}", self.letters, self.number.trim_start_matches('0'))
    }
}

/// How many characters must be added, removed or replaced to make one word of the other (Levenshtein).
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (1..=other.chars().count()).collect();
    for (at, c) in one.chars().enumerate() {
        let (mut diagonal, mut left) = (at, at + 1);
        for (cell, d) in row.iter_mut().zip(other.chars()) {
            left = (diagonal + usize::from(c != d)).min(left + 1).min(*cell + 1);
            diagonal = std::mem::replace(cell, left);
        }
    }
    row.last().copied().unwrap_or_else(|| one.chars().count())
}

fn known_frameworks() -> String {
    frameworks().iter().map(|framework| framework.id.as_str()).collect::<Vec<_>>().join(", ")
}

fn lacks(framework: Option<&str>) -> String {
    framework.map_or_else(|| "no framework has".to_owned(), |framework| format!("{framework} has no"))
}

fn suggestion(nearest: Option<&Control>) -> String {
    nearest.map_or_else(String::new, |control| format!("; did you mean {}?", told(control)))
}

fn told(control: &Control) -> String {
    format!("{} ({}, {})", control.id, control.framework, control.name)
}

fn readings(alias: &Alias) -> String {
    let meant = alias.controls().into_iter().map(told).collect::<Vec<_>>().join(" and ");
    let official = alias.easily_taken_for().map_or_else(String::new, |control| {
        format!("; or, by its number, {}, which means something else: write {}", told(control), control.id)
    });
    format!("the label that says \"{}\", which is {meant}: write {}{official}", alias.says, alias.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_usual_spellings_are_understood() {
        for written in ["NHI9", "NHI-9", "nhi-9", "NHI9:2025", "NHI-9:2025", " NHI9 "] {
            assert_eq!(find("owasp-nhi", written).unwrap().id, "NHI9:2025", "{written}");
        }
        for written in ["ASI03", "ASI-03", "ASI03:2026", "asi03"] {
            assert_eq!(find("owasp-asi", written).unwrap().id, "ASI03:2026", "{written}");
        }
        for written in ["GOVERN 2.1", "GOVERN-2.1", "govern 2.1"] {
            assert_eq!(find("nist-ai-rmf", written).unwrap().id, "GOVERN 2.1", "{written}");
        }
        assert_eq!(find("owasp-agentic-threats", "T8").unwrap().edition, "1.1");
        assert_eq!(find("csa-maestro", "L4").unwrap().edition, "1");
    }

    #[test]
    fn a_label_that_looks_like_an_id_is_refused_with_both_readings() {
        for (framework, written) in
            [("owasp-nhi", "NHI-01"), ("owasp-nhi", "nhi01"), ("owasp-nhi", "NHI-01:2025"), ("owasp-asi", "A1")]
        {
            assert!(matches!(find(framework, written), Err(ControlError::Ambiguous { .. })), "{written}");
            assert!(matches!(resolve(written), Err(ControlError::Ambiguous { .. })), "{written}");
        }
        let message = find("owasp-nhi", "NHI-01").unwrap_err().to_string();
        for part in ["seed:NHI-01", "NHI9:2025", "NHI2:2025", "NHI1:2025", "Improper Offboarding"] {
            assert!(message.contains(part), "{message}");
        }
        let message = resolve("A1").unwrap_err().to_string();
        for part in ["seed:A1", "ASI03:2026", "T8", "ASI01:2026", "Agent Goal Hijack"] {
            assert!(message.contains(part), "{message}");
        }
    }

    #[test]
    fn nothing_but_the_official_spelling_is_the_first_of_the_list() {
        assert_eq!(find("owasp-nhi", "NHI1").unwrap().id, "NHI1:2025");
        assert_eq!(find("owasp-nhi", "NHI-1").unwrap().id, "NHI1:2025");
        assert!(find("owasp-nhi", "NHI-01").is_err());
    }

    #[test]
    fn another_edition_is_not_this_one() {
        let error = find("owasp-nhi", "NHI8:2024").unwrap_err();
        assert!(matches!(error, ControlError::Unknown { nearest: Some(near), .. } if near.id == "NHI8:2025"));
    }

    #[test]
    fn an_unknown_id_gets_the_nearest() {
        let near = |framework, id| match find(framework, id) {
            Err(ControlError::Unknown { nearest, .. }) => nearest.map(|control| control.id.as_str()),
            other => panic!("{other:?}"),
        };
        assert_eq!(near("owasp-nhi", "NHI-09"), Some("NHI9:2025"));
        assert_eq!(near("owasp-asi", "ASI3"), Some("ASI03:2026"));
        assert_eq!(near("nist-ai-rmf", "GOVEN 2.1"), Some("GOVERN 2.1"));
        assert_eq!(near("owasp-nhi", "ASI03"), Some("ASI03:2026"), "an id of another framework is told as such");
        assert_eq!(near("owasp-nhi", "CC6.1"), None);
        assert_eq!(nearest("T18").map(|control| control.id.as_str()), Some("T1"));
        assert_eq!(nearest("compliant"), None);
    }

    #[test]
    fn an_unknown_framework_is_told_which_there_are() {
        let message = find("owasp-nih", "NHI9").unwrap_err().to_string();
        assert!(message.contains("csa-maestro, nist-ai-rmf, owasp-agentic-threats, owasp-asi, owasp-nhi"), "{message}");
    }

    #[test]
    fn ids_and_labels_resolve_without_a_framework() {
        let ids = |written| resolve(written).unwrap().iter().map(|c| c.id.as_str()).collect::<Vec<_>>();
        assert_eq!(ids("T8"), ["T8"]);
        assert_eq!(ids("ASI-03"), ["ASI03:2026"]);
        assert_eq!(ids("seed:nhi-01"), ["NHI9:2025", "NHI2:2025"]);
        assert!(resolve("seed:NHI-02").is_err());
    }

    #[test]
    fn the_distance_counts_changes() {
        assert_eq!((distance("", "abc"), distance("abc", ""), distance("abc", "abc")), (3, 3, 0));
        assert_eq!((distance("ASI3", "ASI4"), distance("GOVEN2.1", "GOVERN2.1")), (1, 1));
    }

    proptest! {
        #[test]
        fn whatever_is_written_gets_an_answer(written in "\\PC{0,24}") {
            if let Err(error) = resolve(&written) {
                prop_assert!(!error.to_string().is_empty());
            }
            if let Ok(control) = find("owasp-nhi", &written) {
                prop_assert_eq!(&control.framework, "owasp-nhi");
            }
        }

        #[test]
        fn every_canonical_id_finds_itself(at in 0..all().len()) {
            let control = &all()[at];
            prop_assert_eq!(find(&control.framework, &control.id), Ok(control));
        }
    }
}
