//! Rules are read, checked against the graph's schema, and refused with a place when something is wrong with them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use miette::{Diagnostic, NamedSource, SourceSpan};

use super::Definition;
use super::definition::Where;
use crate::facts::Kind;
use crate::frameworks;
use crate::graph::{edges, field_def, fields, nearest};

/// A rule that does not load: what is wrong, where, and how to mend it.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("rule {path} does not load: {what}")]
pub struct RuleError {
    path: String,
    what: String,
    #[help]
    help: Option<String>,
    #[source_code]
    source_code: NamedSource<String>,
    #[label("here")]
    at: Option<SourceSpan>,
}

/// A folder of rules that cannot be read.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum LoadError {
    /// The folder cannot be read.
    #[error("rules folder {path} cannot be read: {source}")]
    #[diagnostic(help("--rules takes a folder of YAML files, one rule each"))]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A rule does not load.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Rule(Box<RuleError>),
}

/// The rules that come with the program.
///
/// # Errors
/// [`LoadError::Rule`] for a fault in an embedded rule, which the tests would have found.
pub fn builtin() -> Result<Vec<Definition>, LoadError> {
    let files = crate::text::embedded("rules/")
        .filter(|(path, _)| !path.starts_with("rules/catalog/") && !path.starts_with("rules/frameworks/"));
    files.map(|(path, text)| parse(path, text).map_err(LoadError::Rule)).collect()
}

/// The rules of a folder, sub-folders included.
///
/// # Errors
/// [`LoadError`] for the first file that cannot be read or does not load.
pub fn from_folder(folder: &Path) -> Result<Vec<Definition>, LoadError> {
    let failed = |source| LoadError::Folder { path: folder.to_owned(), source };
    std::fs::metadata(folder).map_err(failed)?;
    let mut rules = Vec::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.map_err(|error| failed(error.into()))?;
        if entry.path().extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
            let text = std::fs::read_to_string(entry.path()).map_err(failed)?;
            rules.push(parse(&entry.path().to_string_lossy(), &text).map_err(LoadError::Rule)?);
        }
    }
    Ok(rules)
}

/// Reads and checks one rule.
///
/// # Errors
/// [`RuleError`] with the place.
pub fn parse(path: &str, text: &str) -> Result<Definition, Box<RuleError>> {
    let text = text.trim_start_matches('\u{feff}');
    let mut rule: Definition = serde_yaml::from_str(text).map_err(|error| {
        let at = error.location().map(|location| SourceSpan::from((location.index().min(text.len()), 0)));
        let (what, help) = said(&error.to_string());
        fault(path, text, at, what, help)
    })?;
    let mut parts = path.rsplit('/');
    let stem = parts.next().unwrap_or_default().trim_end_matches(".yaml").trim_end_matches(".yml");
    rule.family = parts.next().unwrap_or_default().to_owned();
    Checker { path, text, rule: &rule }.check(stem)?;
    Ok(rule)
}

/// The parser's message without its place, which is shown anyway. Where it lists the names that it knows, only the one
/// nearest to the one it met, if there is one.
fn said(message: &str) -> (String, Option<String>) {
    let what = message.rsplit_once(" at line ").map_or(message, |(what, _)| what);
    let Some((unknown, known)) = what.split_once(", expected ") else { return (what.to_owned(), None) };
    let quoted = |text: &'_ str| text.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let (Some(word), known) = (quoted(unknown).pop(), quoted(known)) else { return (what.to_owned(), None) };
    match nearest(&word, known.iter().map(String::as_str)) {
        Some(near) => (unknown.to_owned(), did_you_mean(near)),
        None => (what.to_owned(), None),
    }
}

fn fault(path: &str, text: &str, at: Option<SourceSpan>, what: String, help: Option<String>) -> Box<RuleError> {
    let source_code = NamedSource::new(path, text.to_owned()).with_language("yaml");
    Box::new(RuleError { path: path.to_owned(), what, help, source_code, at })
}

struct Checker<'a> {
    path: &'a str,
    text: &'a str,
    rule: &'a Definition,
}

type Checked = Result<(), Box<RuleError>>;

impl Checker<'_> {
    fn check(&self, stem: &str) -> Checked {
        let rule = self.rule;
        if rule.id != stem {
            return self.refuse(
                &rule.id,
                format!("id `{}` is not the file's name", rule.id),
                Some(format!("call it `{stem}`")),
            );
        }
        if rule.examples.finds.is_empty() || rule.examples.quiet.is_empty() {
            let help = "name a folder under fixtures/ for `finds` and for `quiet`".to_owned();
            return self.refuse(
                "examples",
                "a rule needs an example that fires and one that stays quiet".to_owned(),
                Some(help),
            );
        }
        self.conditions(&rule.conditions, rule.find.kind())?;
        for line in &rule.severity {
            self.conditions(&line.conditions, rule.find.kind())?;
        }
        for line in &rule.certainty {
            self.conditions(&line.conditions, rule.find.kind())?;
        }
        if rule.severity.last().is_none_or(|line| !line.conditions.is_empty()) {
            let help = "end the list with a line that has no `where`".to_owned();
            return self.refuse("severity", "severity leaves some findings without a level".to_owned(), Some(help));
        }
        self.walks()?;
        self.message()?;
        self.controls()
    }

    fn walks(&self) -> Checked {
        let kind = self.rule.find.kind();
        for via in &self.rule.via {
            let Some(edge) = edges().iter().find(|edge| edge.name == via.edge.0 && edge.from == kind) else {
                return self.no_edge(via.edge.0);
            };
            match edge.to {
                Some(to) => self.conditions(&via.conditions, to)?,
                None if via.conditions.is_empty() => {}
                None => {
                    return self.refuse(
                        edge.name,
                        format!("edge `{}` leads to places, which have no fields", edge.name),
                        None,
                    );
                }
            }
        }
        match self.rule.show.iter().find(|name| !edges().iter().any(|edge| edge.name == name.0 && edge.from == kind)) {
            Some(name) => self.no_edge(name.0),
            None => Ok(()),
        }
    }

    fn no_edge(&self, name: &str) -> Checked {
        let kind = self.rule.find.kind();
        let known: Vec<_> = edges().iter().filter(|edge| edge.from == kind).map(|edge| edge.name).collect();
        let what = format!("a {} has no edge `{name}`", kind.word());
        self.refuse(name, what, Some(format!("it has {}", known.join(", "))))
    }

    fn conditions(&self, conditions: &Where, kind: Kind) -> Checked {
        for (field, condition) in conditions {
            if !field.0.kinds.contains(&kind) {
                let known = fields().iter().filter(|field| field.kinds.contains(&kind)).map(|field| field.name);
                let help = nearest(field.0.name, known).map(|near| format!("did you mean `{near}`?"));
                return self.refuse(field.0.name, format!("a {} has no field `{}`", kind.word(), field.0.name), help);
            }
            if let Some(what) = condition.fault(field.0) {
                return self.refuse(field.0.name, what, None);
            }
        }
        Ok(())
    }

    /// Every field in braces must exist for the kind that the rule finds.
    fn message(&self) -> Checked {
        let because = self.rule.severity.iter().filter_map(|line| line.because.as_deref());
        for text in because.chain([self.rule.message.as_str()]) {
            for name in placeholders(text) {
                let known = field_def(name).is_some_and(|field| field.kinds.contains(&self.rule.find.kind()));
                if !known && !super::engine::EXTRA_PLACEHOLDERS.contains(&name) {
                    let near =
                        nearest(name, fields().iter().map(|field| field.name).chain(super::engine::EXTRA_PLACEHOLDERS));
                    let help = near.map(|near| format!("did you mean {{{near}}}?"));
                    return self.refuse(
                        &format!("{{{name}}}"),
                        format!("there is nothing to put for {{{name}}}"),
                        help,
                    );
                }
            }
        }
        Ok(())
    }

    fn controls(&self) -> Checked {
        let mut seen = BTreeSet::new();
        for (framework, uses) in &self.rule.controls {
            for one in uses {
                if let Err(error) = frameworks::find(framework, &one.id) {
                    let is_known = frameworks::by_framework(framework).next().is_some();
                    let known = frameworks::frameworks().iter().map(|framework| framework.id.as_str());
                    return match nearest(framework, known).filter(|_| !is_known) {
                        Some(near) => self.refuse(framework, error.to_string(), did_you_mean(near)),
                        None => self.refuse(&one.id, error.to_string(), None),
                    };
                }
                if !seen.insert((framework, &one.id)) {
                    return self.refuse(&one.id, format!("control `{}` is cited twice", one.id), None);
                }
            }
        }
        match self.rule.aliases.iter().find(|alias| frameworks::alias(alias).is_none()) {
            Some(alias) => {
                let near = nearest(alias, frameworks::aliases().iter().map(|alias| alias.id.as_str()));
                self.refuse(alias, format!("there is no alias `{alias}`"), near.and_then(did_you_mean))
            }
            None => Ok(()),
        }
    }

    /// The error at the first place where `word` stands as a word of its own.
    fn refuse(&self, word: &str, what: String, help: Option<String>) -> Checked {
        let part_of_word = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        let at = self.text.match_indices(word).map(|(at, _)| at).find(|at| {
            let before = self.text[..*at].chars().next_back();
            let after = self.text[at + word.len()..].chars().next();
            !before.is_some_and(part_of_word) && !after.is_some_and(part_of_word)
        });
        let at = at.map(|at| SourceSpan::from((at, word.len())));
        Err(fault(self.path, self.text, at, what, help))
    }
}

fn did_you_mean(name: &str) -> Option<String> {
    Some(format!("did you mean `{name}`?"))
}

/// The names in braces.
pub(super) fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|part| part.split_once('}').map(|(name, _)| name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "id: odd-rule
title: Odd
find: credential
where: {lifetime: static}
severity: [{level: low}]
message: '{subject} is odd'
why: because
fix: mend it
controls: {}
effort: S
fix_by: rotate
examples: {finds: [a], quiet: [b]}
";

    fn refused(text: &str) -> (String, Option<usize>) {
        let error = parse("rules/odd/odd-rule.yaml", text).unwrap_err();
        let help = error.help.clone().unwrap_or_default();
        (format!("{error} {help}"), error.at.map(|at| at.offset()))
    }

    #[test]
    fn the_builtin_rules_load() {
        let rules = builtin().map_err(|error| format!("{:?}", miette::Report::new(error))).unwrap();
        assert!(rules.len() >= 18);
    }

    #[test]
    fn a_good_rule_loads_with_its_family() {
        assert_eq!(parse("rules/odd/odd-rule.yaml", GOOD).unwrap().family, "odd");
    }

    #[test]
    fn a_misspelt_field_is_refused_at_its_place_with_the_nearest_name() {
        let (what, at) = refused(&GOOD.replace("{lifetime: static}", "{life_time: static}"));
        assert!(what.contains("did you mean `lifetime`?"), "{what}");
        assert!(at.is_some());
    }

    #[test]
    fn a_value_that_a_field_never_holds_is_refused() {
        let (what, at) = refused(&GOOD.replace("lifetime: static", "lifetime: statik"));
        assert!(what.contains("did you mean `static`?"), "{what}");
        assert_eq!(at, GOOD.find("lifetime"));
    }

    #[test]
    fn a_field_of_another_kind_an_unknown_key_and_an_unknown_edge_are_refused() {
        assert!(refused(&GOOD.replace("lifetime: static", "trust_gaps: any-subject")).0.contains("has no field"));
        let (what, at) = refused(&GOOD.replace("effort: S", "efort: S"));
        assert_eq!(what, "rule rules/odd/odd-rule.yaml does not load: unknown field `efort` did you mean `effort`?");
        assert_eq!(at, GOOD.find("effort"));
        assert!(refused(&GOOD.replace("level: low", "level: lwo")).0.ends_with("did you mean `low`?"));
        assert!(refused(&GOOD.replace("effort: S", "colour: S")).0.contains("expected one of"));
        assert!(
            refused(&GOOD.replace("severity:", "via: [{edge: used_bi}]\nseverity:"))
                .0
                .contains("did you mean `used_by`?")
        );
        assert!(refused(&GOOD.replace("severity:", "via: [{edge: run_by}]\nseverity:")).0.contains("has no edge"));
    }

    #[test]
    fn an_unknown_placeholder_control_or_alias_is_refused() {
        assert!(refused(&GOOD.replace("{subject} is", "{subjet} is")).0.contains("{subject}"));
        assert!(
            refused(&GOOD.replace("controls: {}", "controls: {owasp-nhi: [{id: NHI99, because: x}]}"))
                .0
                .contains("NHI99")
        );
        let controls = "controls: {owasp-hni: [{id: 'NHI9:2025', because: x}]}";
        let (what, at) = refused(&GOOD.replace("controls: {}", controls));
        assert!(what.ends_with("did you mean `owasp-nhi`?"), "{what}");
        assert_eq!(at, GOOD.find("controls: {}").map(|at| at + "controls: {".len()));
        assert!(refused(&GOOD.replace("effort: S", "aliases: ['seed:X']\neffort: S")).0.contains("seed:X"));
        let (what, _) = refused(&GOOD.replace("effort: S", "aliases: ['seed:NHI-1']\neffort: S"));
        assert!(what.ends_with("did you mean `seed:NHI-01`?"), "{what}");
    }

    #[test]
    fn a_rule_without_examples_or_a_last_severity_does_not_load() {
        assert!(refused(&GOOD.replace("quiet: [b]", "quiet: []")).0.contains("stays quiet"));
        assert!(
            refused(&GOOD.replace("{level: low}", "{level: low, where: {lifetime: static}}")).0.contains("severity")
        );
        assert!(refused(&GOOD.replace("id: odd-rule", "id: other")).0.contains("file's name"));
    }
}
