//! `whoacts rules`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use comfy_table::{ContentArrangement, Table, presets};

use super::args::RulesCommand;
use super::{CommandError, print, terminal};
use crate::rules::{Definition, builtin, from_folder};
use crate::scan::{self, Options, Persona};

/// Lists, shows, checks or tests rules.
pub(super) fn run(command: &RulesCommand) -> Result<ExitCode, CommandError> {
    match command {
        RulesCommand::List => list(),
        RulesCommand::Show { rule, markdown: _ } => show(rule),
        RulesCommand::Check { folder } => check(folder),
        RulesCommand::Test { examples, rules } => test(examples, rules.as_deref()),
    }
}

fn list() -> Result<ExitCode, CommandError> {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(u16::try_from(terminal().width).unwrap_or(u16::MAX)).set_header([
        "rule",
        "family",
        "what is wrong",
    ]);
    for rule in builtin()? {
        table.add_row([rule.id, rule.family, rule.title]);
    }
    print(&format!("{table}\n"))?;
    Ok(ExitCode::SUCCESS)
}

fn show(id: &str) -> Result<ExitCode, CommandError> {
    let rules = builtin()?;
    let Some(rule) = rules.iter().find(|rule| rule.id == id) else {
        let near = crate::graph::nearest(id, rules.iter().map(|rule| rule.id.as_str()));
        let help = near
            .map_or_else(|| "`whoacts rules list` shows them all".to_owned(), |near| format!("did you mean `{near}`?"));
        return Err(CommandError::Use { what: format!("there is no rule `{id}`"), help });
    };
    print(&crate::reports::rule_page(rule))?;
    Ok(ExitCode::SUCCESS)
}

fn check(folder: &Path) -> Result<ExitCode, CommandError> {
    let rules = from_folder(folder)?;
    print(&format!("{} rules load\n", rules.len()))?;
    Ok(ExitCode::SUCCESS)
}

fn test(examples: &Path, folder: Option<&Path>) -> Result<ExitCode, CommandError> {
    let rules = folder.map_or_else(builtin, from_folder)?;
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

/// Whether a rule fires on an example, judged together with all others, so that a rule which covers it counts too.
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
    Ok(outcome.findings.iter().any(|finding| finding.rule == rule.id))
}
