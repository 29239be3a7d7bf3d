//! Loading the embedded lists, and holding them against each other.

use std::sync::LazyLock;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Error as _};

use super::{Alias, Control, Crosswalk, Framework, Reference};

const FOLDER: &str = "rules/frameworks/";
const ALIASES: &str = "rules/frameworks/aliases.yaml";
const CROSSWALKS: &str = "rules/frameworks/crosswalks.yaml";

/// The embedded lists do not load: a fault of this build, found by the tests, never of the user's input.
#[derive(Debug, thiserror::Error)]
#[error("embedded framework file {path} does not load: {source}")]
pub struct FrameworkError {
    path: &'static str,
    source: serde_yaml::Error,
}

impl FrameworkError {
    fn new(path: &'static str, message: impl std::fmt::Display) -> Self {
        Self { path, source: serde_yaml::Error::custom(message) }
    }
}

/// Everything that is embedded.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) frameworks: Vec<Framework>,
    pub(super) controls: Vec<Control>,
    pub(super) aliases: Vec<Alias>,
    pub(super) crosswalks: Vec<Crosswalk>,
}

/// One file of a framework.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrameworkFile {
    framework: String,
    edition: String,
    title: String,
    url: String,
    applies: String,
    controls: Vec<ControlEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ControlEntry {
    id: String,
    name: String,
    meaning: String,
    url: Option<String>,
}

impl TryFrom<String> for Reference {
    type Error = String;

    fn try_from(written: String) -> Result<Self, String> {
        let (framework, id) = written
            .split_once(' ')
            .ok_or_else(|| format!("`{written}` is not a framework and an id, as `owasp-nhi NHI9:2025` is"))?;
        Ok(Self { framework: framework.to_owned(), id: id.to_owned() })
    }
}

static TABLE: LazyLock<Result<Table, FrameworkError>> = LazyLock::new(load);

pub(super) fn table() -> Result<&'static Table, &'static FrameworkError> {
    TABLE.as_ref()
}

fn load() -> Result<Table, FrameworkError> {
    let mut table = Table { aliases: read_list(ALIASES)?, crosswalks: read_list(CROSSWALKS)?, ..Table::default() };
    for (path, text) in crate::text::embedded(FOLDER) {
        if ![ALIASES, CROSSWALKS].contains(&path) {
            table.add(path, parse(path, text)?)?;
        }
    }
    table.check_references()?;
    Ok(table)
}

fn parse<T: DeserializeOwned>(path: &'static str, text: &str) -> Result<T, FrameworkError> {
    serde_yaml::from_str(text).map_err(|source| FrameworkError { path, source })
}

fn read_list<T: DeserializeOwned>(path: &'static str) -> Result<Vec<T>, FrameworkError> {
    let (path, text) = crate::text::embedded(path).next().ok_or_else(|| FrameworkError::new(path, "missing"))?;
    parse(path, text)
}

impl Table {
    fn add(&mut self, path: &'static str, file: FrameworkFile) -> Result<(), FrameworkError> {
        let FrameworkFile { framework, edition, title, url, applies, controls } = file;
        for entry in controls {
            if self.has(&framework, &entry.id) {
                return Err(FrameworkError::new(path, format!("`{}` is listed twice", entry.id)));
            }
            self.controls.push(Control {
                framework: framework.clone(),
                edition: edition.clone(),
                id: entry.id,
                name: entry.name,
                meaning: entry.meaning,
                url: entry.url.unwrap_or_else(|| url.clone()),
            });
        }
        self.frameworks.push(Framework { id: framework, edition, title, url, applies });
        Ok(())
    }

    fn has(&self, framework: &str, id: &str) -> bool {
        self.controls.iter().any(|control| control.framework == framework && control.id == id)
    }

    /// Holds every reference of aliases and crosswalks against the lists.
    fn check_references(&self) -> Result<(), FrameworkError> {
        let of_aliases = self.aliases.iter().flat_map(|alias| alias.controls.iter().chain(&alias.not));
        let rows = self.crosswalks.iter().flat_map(|crosswalk| &crosswalk.rows);
        let of_crosswalks = rows.flat_map(|row| std::iter::once(&row.from).chain(&row.to));
        let all = of_aliases.map(|r| (ALIASES, r)).chain(of_crosswalks.map(|r| (CROSSWALKS, r)));
        for (path, Reference { framework, id }) in all {
            if !self.has(framework, id) {
                return Err(FrameworkError::new(path, format!("`{framework}` has no `{id}`")));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(ids: &[&str]) -> FrameworkFile {
        let controls = ids.iter().map(|id| ControlEntry {
            id: (*id).to_owned(),
            name: "Name".to_owned(),
            meaning: "Meaning".to_owned(),
            url: None,
        });
        FrameworkFile {
            framework: "example".to_owned(),
            edition: "1".to_owned(),
            title: "Example".to_owned(),
            url: "https://example.org/".to_owned(),
            applies: "nowhere".to_owned(),
            controls: controls.collect(),
        }
    }

    #[test]
    fn an_id_listed_twice_is_an_error() {
        let error = Table::default().add("example.yaml", file(&["A1", "A1"])).unwrap_err();
        assert_eq!(error.to_string(), "embedded framework file example.yaml does not load: `A1` is listed twice");
    }

    #[test]
    fn a_reference_to_an_id_that_no_list_has_is_an_error() {
        let alias = "{id: 'x:1', says: something, controls: [example A2]}";
        let mut table = Table { aliases: vec![serde_yaml::from_str(alias).unwrap()], ..Table::default() };
        table.add("example.yaml", file(&["A1"])).unwrap();
        assert!(table.check_references().unwrap_err().to_string().contains("`example` has no `A2`"));
        assert!(serde_yaml::from_str::<Reference>("A1").is_err());
    }
}
