//! Every rule fires where it says so, and stays quiet where it says so.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::path::Path;

use whoacts::rules::builtin;
use whoacts::scan::{Options, run};

fn fired(case: &Path) -> Vec<String> {
    let people = case.join("people.csv");
    let options = Options {
        targets: vec![case.to_owned()],
        people: people.is_file().then_some(people),
        as_of: format!("{}T00:00:00Z", common::AS_OF).parse().ok(),
        no_history: true,
        ..Options::default()
    };
    run(&options).unwrap().findings.into_iter().filter(|finding| !finding.sample).map(|finding| finding.rule).collect()
}

#[test]
fn rules_keep_what_their_examples_promise() {
    let mut wrong = Vec::new();
    for rule in builtin().unwrap() {
        let examples = common::root().join("fixtures");
        for case in &rule.examples.finds {
            if !fired(&examples.join(case)).contains(&rule.id) {
                wrong.push(format!("{} stays quiet on {case}", rule.id));
            }
        }
        for case in &rule.examples.quiet {
            if fired(&examples.join(case)).contains(&rule.id) {
                wrong.push(format!("{} fires on {case}", rule.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
