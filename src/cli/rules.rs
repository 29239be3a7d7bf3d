//! `whoacts rules`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::args::RulesCommand;
use super::{CommandError, print, terminal};
use crate::reports;
use crate::rules::{Definition, builtin, from_folder};
use crate::scan::{self, Options, Persona};

/// Lists, shows, checks or tests rules.
pub(super) fn run(command: &RulesCommand) -> Result<ExitCode, CommandError> {
    match command {
        RulesCommand::List => list(),
        RulesCommand::Show { rule, markdown } => show(rule, *markdown),
        RulesCommand::Check { folder } => check(folder),
        RulesCommand::Test { examples, rules } => test(examples, rules.as_deref()),
    }
}

fn list() -> Result<ExitCode, CommandError> {
    let rules = builtin()?;
    let mut families: Vec<(String, Vec<(&str, &str)>)> = Vec::new();
    for rule in &rules {
        let term = (rule.id.as_str(), rule.title.as_str());
        match families.iter_mut().find(|(family, _)| *family == rule.family) {
            Some((_, terms)) => terms.push(term),
            None => families.push((rule.family.clone(), vec![term])),
        }
    }
    print(&reports::glossary(&families, &terminal()))?;
    Ok(ExitCode::SUCCESS)
}

fn show(id: &str, markdown: bool) -> Result<ExitCode, CommandError> {
    let rules = builtin()?;
    let Some(rule) = rules.iter().find(|rule| rule.id == id) else {
        let near = crate::graph::nearest(id, rules.iter().map(|rule| rule.id.as_str()));
        let help = near
            .map_or_else(|| "`whoacts rules list` shows them all".to_owned(), |near| format!("did you mean `{near}`?"));
        return Err(CommandError::Use { what: format!("there is no rule `{id}`"), help });
    };
    print(&if markdown { reports::rule_page(rule) } else { reports::rule_text(rule, &terminal()) })?;
    Ok(ExitCode::SUCCESS)
}

fn check(folder: &Path) -> Result<ExitCode, CommandError> {
    let rules = from_folder(folder)?;
    if rules.is_empty() {
        return Err(CommandError::Use {
            what: format!("there are no rules in {}", folder.display()),
            help: "a rule is a file FAMILY/ID.yaml; `whoacts rules show ID` shows what one says".to_owned(),
        });
    }
    print(&format!("{} {}\n", rules.len(), if rules.len() == 1 { "rule loads" } else { "rules load" }))?;
    Ok(ExitCode::SUCCESS)
}

fn test(examples: &Path, folder: Option<&Path>) -> Result<ExitCode, CommandError> {
    let rules = folder.map_or_else(builtin, from_folder)?;
    if !examples.is_dir() {
        return Err(CommandError::Use {
            what: format!("there is no folder {} of examples", examples.display()),
            help: "name the folder that the `examples` of the rules lie in: --examples FOLDER".to_owned(),
        });
    }
    let mut wrong = 0;
    for rule in &rules {
        let cases = rule.examples.finds.iter().map(|case| (case, true));
        for (case, wanted) in cases.chain(rule.examples.quiet.iter().map(|case| (case, false))) {
            let fired = fires(rule, &examples.join(case), folder)?;
            if fired != wanted {
                wrong += 1;
                let what = if wanted { "stays quiet, and should fire" } else { "fires, and should stay quiet" };
                print(&format!("{}: {what} on {case}\n", rule.id))?;
            }
        }
    }
    print(&format!("{} rules, {wrong} wrong\n", rules.len()))?;
    Ok(if wrong == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

/// Whether a rule fires on an example, judged together with all others, so that a rule which covers it counts too. What
/// only stands in samples and tests does not count.
fn fires(rule: &Definition, example: &Path, folder: Option<&Path>) -> Result<bool, CommandError> {
    let people = example.join("people.csv");
    let options = Options {
        targets: vec![example.to_owned()],
        people: people.is_file().then_some(people),
        no_history: true,
        as_of: "2026-10-01T00:00:00Z".parse().ok(),
        rules: folder.map(PathBuf::from).into_iter().collect(),
        persona: Persona::Developer,
        ..Options::default()
    };
    let outcome = scan::run(&options)?;
    Ok(outcome.findings.iter().any(|finding| finding.rule == rule.id && !finding.sample))
}
