//! Conditions on fields: a closed vocabulary, checked against the graph's schema when a rule loads.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::graph::{Field, FieldDef, Sort, nearest};

/// A condition on one field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Condition {
    tests: Vec<Test>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    /// One of these; for a field of several words, any of these among them.
    In(Vec<Atom>),
    /// None of these.
    NotIn(Vec<Atom>),
    /// All of these among the words.
    Has(Vec<Atom>),
    AtLeast(Atom),
    AtMost(Atom),
    Over(i64),
    Under(i64),
    /// At least this many words.
    Several(i64),
    /// The value is known at all.
    Known(bool),
}

/// A plain value in a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Atom {
    Number(i64),
    Flag(bool),
    Word(String),
}

impl fmt::Display for Atom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Atom::Number(n) => n.fmt(f),
            Atom::Flag(b) => b.fmt(f),
            Atom::Word(word) => f.write_str(word),
        }
    }
}

const TESTS: [&str; 8] = ["not", "has", "at_least", "up_to", "over", "under", "several", "known"];

impl Condition {
    /// Whether the field meets the condition; none when nothing tells.
    pub(super) fn holds(&self, field: &Field, def: &FieldDef) -> Option<bool> {
        let mut verdict = Some(true);
        for test in &self.tests {
            match test.holds(field, def) {
                Some(true) => {}
                Some(false) => return Some(false),
                None => verdict = None,
            }
        }
        verdict
    }

    /// The condition in words, one phrase for each test.
    pub(super) fn words(&self, field: &str) -> Vec<String> {
        let field = field.replace('_', " ");
        self.tests.iter().map(|test| test.words(&field)).collect()
    }

    /// What is wrong with the condition for this field, with the nearest right word where there is one.
    pub(super) fn fault(&self, def: &FieldDef) -> Option<String> {
        self.tests.iter().find_map(|test| test.fault(def))
    }
}

impl Test {
    fn holds(&self, field: &Field, def: &FieldDef) -> Option<bool> {
        if let Test::Known(wanted) = self {
            return Some((*field != Field::Unknown) == *wanted);
        }
        if *field == Field::Unknown {
            return None;
        }
        Some(match self {
            Test::In(atoms) => atoms.iter().any(|atom| atom.is_in(field)),
            Test::NotIn(atoms) => !atoms.iter().any(|atom| atom.is_in(field)),
            Test::Has(atoms) => atoms.iter().all(|atom| atom.is_in(field)),
            Test::AtLeast(atom) => rank(field, def)? >= atom.rank(def)?,
            Test::AtMost(atom) => rank(field, def)? <= atom.rank(def)?,
            Test::Over(n) => rank(field, def)? > *n,
            Test::Under(n) => rank(field, def)? < *n,
            Test::Several(n) => {
                matches!(field, Field::Words(words) if i64::try_from(words.len()).is_ok_and(|len| len >= *n))
            }
            Test::Known(_) => true,
        })
    }

    fn words(&self, field: &str) -> String {
        let list = |atoms: &[Atom], or: &str| {
            atoms.iter().map(ToString::to_string).collect::<Vec<_>>().join(&format!(" {or} "))
        };
        match self {
            Test::In(atoms) => match atoms.as_slice() {
                [Atom::Flag(true)] => format!("it is {field}"),
                [Atom::Flag(false)] => format!("it is not {field}"),
                _ => format!("{field} is {}", list(atoms, "or")),
            },
            Test::NotIn(atoms) => format!("{field} is not {}", list(atoms, "or")),
            Test::Has(atoms) => format!("{field} has {}", list(atoms, "and")),
            Test::AtLeast(atom) => format!("{field} is {atom} or more"),
            Test::AtMost(atom) => format!("{field} is {atom} or less"),
            Test::Over(n) => format!("{field} is over {n}"),
            Test::Under(n) => format!("{field} is under {n}"),
            Test::Several(n) => format!("there are {n} {field} or more"),
            Test::Known(true) => format!("{field} is known"),
            Test::Known(false) => format!("{field} is not known"),
        }
    }

    fn fault(&self, def: &FieldDef) -> Option<String> {
        match self {
            Test::In(atoms) | Test::NotIn(atoms) | Test::Has(atoms) => atoms.iter().find_map(|atom| atom.fault(def)),
            Test::AtLeast(atom) | Test::AtMost(atom) => match def.sort {
                Sort::Number | Sort::Rank(_) => atom.fault(def),
                _ => Some(format!("`{}` has no order to compare by", def.name)),
            },
            Test::Over(_) | Test::Under(_) if def.sort != Sort::Number => {
                Some(format!("`{}` is not a number", def.name))
            }
            Test::Several(_) if !matches!(def.sort, Sort::Words(_) | Sort::Texts) => {
                Some(format!("`{}` holds one value only", def.name))
            }
            _ => None,
        }
    }
}

impl Atom {
    fn is_in(&self, field: &Field) -> bool {
        match (self, field) {
            (Atom::Number(one), Field::Number(other)) => one == other,
            (Atom::Flag(one), Field::Flag(other)) => one == other,
            (Atom::Word(one), Field::Word(other)) => one == other,
            (Atom::Word(one), Field::Words(words)) => words.contains(one),
            _ => false,
        }
    }

    fn rank(&self, def: &FieldDef) -> Option<i64> {
        match (self, def.sort) {
            (Atom::Number(n), _) => Some(*n),
            (Atom::Word(word), Sort::Rank(ranks)) => position(ranks, word),
            _ => None,
        }
    }

    fn fault(&self, def: &FieldDef) -> Option<String> {
        match (def.sort, self) {
            (Sort::Number, Atom::Number(_))
            | (Sort::Flag, Atom::Flag(_))
            | (Sort::Text | Sort::Texts, Atom::Word(_)) => None,
            (Sort::Word(words) | Sort::Words(words) | Sort::Rank(words), Atom::Word(word)) => {
                if words.contains(&word.as_str()) {
                    return None;
                }
                let hint = nearest(word, words.iter().copied())
                    .map_or_else(|| format!("one of {}", words.join(", ")), |near| format!("did you mean `{near}`?"));
                Some(format!("`{}` is never `{word}`: {hint}", def.name))
            }
            _ => Some(format!("`{}` does not hold a value like `{self}`", def.name)),
        }
    }
}

fn rank(field: &Field, def: &FieldDef) -> Option<i64> {
    match (field, def.sort) {
        (Field::Number(n), _) => Some(*n),
        (Field::Word(word), Sort::Rank(ranks)) => position(ranks, word),
        _ => None,
    }
}

fn position(ranks: &[&str], word: &str) -> Option<i64> {
    ranks.iter().position(|rank| *rank == word).and_then(|at| i64::try_from(at).ok())
}

impl<'de> Deserialize<'de> for Atom {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Plain;
        impl Visitor<'_> for Plain {
            type Value = Atom;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a word, a number, true or false")
            }
            fn visit_bool<E: de::Error>(self, value: bool) -> Result<Atom, E> {
                Ok(Atom::Flag(value))
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Atom, E> {
                Ok(Atom::Number(value))
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Atom, E> {
                i64::try_from(value).map(Atom::Number).map_err(E::custom)
            }
            fn visit_str<E: de::Error>(self, value: &str) -> Result<Atom, E> {
                Ok(Atom::Word(value.to_owned()))
            }
        }
        deserializer.deserialize_any(Plain)
    }
}

/// One value, or a list of them.
struct Atoms(Vec<Atom>);

impl<'de> Deserialize<'de> for Atoms {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Condition { tests } = Condition::deserialize(deserializer)?;
        match tests.into_iter().next() {
            Some(Test::In(atoms)) => Ok(Atoms(atoms)),
            _ => Err(de::Error::custom("expected a value or a list of values")),
        }
    }
}

impl<'de> Deserialize<'de> for Condition {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Whole)
    }
}

struct Whole;

impl<'de> Visitor<'de> for Whole {
    type Value = Condition;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a value, a list of values, or tests ({})", TESTS.join(", "))
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Condition, E> {
        Ok(Condition { tests: vec![Test::In(vec![Atom::Flag(value)])] })
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Condition, E> {
        Ok(Condition { tests: vec![Test::In(vec![Atom::Number(value)])] })
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Condition, E> {
        self.visit_i64(i64::try_from(value).map_err(E::custom)?)
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Condition, E> {
        Ok(Condition { tests: vec![Test::In(vec![Atom::Word(value.to_owned())])] })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Condition, A::Error> {
        let mut atoms = Vec::new();
        while let Some(atom) = seq.next_element()? {
            atoms.push(atom);
        }
        Ok(Condition { tests: vec![Test::In(atoms)] })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Condition, A::Error> {
        let mut tests = Vec::new();
        while let Some(TestName(name)) = map.next_key()? {
            tests.push(match name {
                "not" => Test::NotIn(map.next_value::<Atoms>()?.0),
                "has" => Test::Has(map.next_value::<Atoms>()?.0),
                "at_least" => Test::AtLeast(map.next_value()?),
                "up_to" => Test::AtMost(map.next_value()?),
                "over" => Test::Over(map.next_value()?),
                "under" => Test::Under(map.next_value()?),
                "several" => Test::Several(map.next_value()?),
                _ => Test::Known(map.next_value()?),
            });
        }
        Ok(Condition { tests })
    }
}

/// The name of a test, checked as it is read so that the error points at it.
struct TestName(&'static str);

impl<'de> Deserialize<'de> for TestName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        TESTS.iter().find(|known| **known == name).map(|known| TestName(known)).ok_or_else(|| {
            let hint = nearest(&name, TESTS)
                .map_or_else(|| format!("one of {}", TESTS.join(", ")), |near| format!("did you mean `{near}`?"));
            de::Error::custom(format!("there is no test `{name}`: {hint}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::field_def;

    fn condition(yaml: &str) -> Condition {
        serde_yaml::from_str(yaml).unwrap()
    }

    #[test]
    fn an_unknown_value_is_neither_met_nor_missed() {
        let def = field_def("age_days").unwrap();
        assert_eq!(condition("{over: 90}").holds(&Field::Unknown, def), None);
        assert_eq!(condition("{over: 90}").holds(&Field::Number(91), def), Some(true));
        assert_eq!(condition("{over: 90}").holds(&Field::Number(90), def), Some(false));
        assert_eq!(condition("{known: false}").holds(&Field::Unknown, def), Some(true));
    }

    #[test]
    fn ranks_compare_in_their_own_order() {
        let def = field_def("privilege").unwrap();
        let admin = Field::Word("admin".to_owned());
        assert_eq!(condition("{at_least: write}").holds(&admin, def), Some(true));
        assert_eq!(condition("{up_to: write}").holds(&admin, def), Some(false));
    }

    #[test]
    fn words_are_tested_among_words() {
        let def = field_def("stages").unwrap();
        let both = Field::Words(["production".to_owned(), "staging".to_owned()].into());
        assert_eq!(condition("production").holds(&both, def), Some(true));
        assert_eq!(condition("{has: [production, test]}").holds(&both, def), Some(false));
        assert_eq!(condition("{several: 2}").holds(&both, def), Some(true));
        assert_eq!(condition("{not: test}").holds(&both, def), Some(true));
    }

    #[test]
    fn a_word_that_the_field_never_holds_is_a_fault_with_a_hint() {
        let def = field_def("stages").unwrap();
        let fault = condition("producton").fault(def).unwrap();
        assert!(fault.contains("did you mean `production`?"), "{fault}");
        assert!(condition("{over: 3}").fault(def).is_some());
    }

    #[test]
    fn a_misspelt_test_names_the_nearest() {
        let error = serde_yaml::from_str::<Condition>("{at_leest: 2}").unwrap_err().to_string();
        assert!(error.contains("did you mean `at_least`?"), "{error}");
    }
}
