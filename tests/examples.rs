//! Every rule fires where it says so, and stays quiet where it says so.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::path::Path;

use whoacts::rules::{Definition, builtin};
use whoacts::scan::{Options, Persona, run};

fn fires(rule: &Definition, case: &Path) -> bool {
    let people = case.join("people.csv");
    let options = Options {
        targets: vec![case.to_owned()],
        people: people.is_file().then_some(people),
        as_of: format!("{}T00:00:00Z", common::AS_OF).parse().ok(),
        no_history: true,
        persona: if rule.is_for_auditors() { Persona::Auditor } else { Persona::Developer },
        ..Options::default()
    };
    run(&options).unwrap().findings.iter().any(|finding| !finding.sample && finding.rule == rule.id)
}

#[test]
fn rules_keep_what_their_examples_promise() {
    let mut wrong = Vec::new();
    for rule in builtin().unwrap() {
        let examples = common::root().join("fixtures");
        for case in &rule.examples.finds {
            if !fires(&rule, &examples.join(case)) {
                wrong.push(format!("{} stays quiet on {case}", rule.id));
            }
        }
        for case in &rule.examples.quiet {
            if fires(&rule, &examples.join(case)) {
                wrong.push(format!("{} fires on {case}", rule.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
