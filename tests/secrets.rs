//! No planted secret value appears in any output, whatever the form of the report.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::fs;

#[test]
fn no_output_holds_a_planted_value() {
    let planted = fs::read_to_string(common::root().join("fixtures/planted-secrets.txt")).unwrap();
    let planted: Vec<&str> = planted.lines().filter(|line| !line.is_empty()).collect();
    assert!(planted.len() > 10, "the list of planted values is somewhere else");
    let mut leaks = Vec::new();
    for case in common::cases() {
        for command in [
            &["scan", "--format", "human", "--ledger", "--persona", "auditor"][..],
            &["scan", "--format", "table", "--persona", "auditor"],
            &["scan", "--format", "json", "--inventory", "--persona", "auditor"],
            &["scan", "--format", "sarif", "--persona", "auditor"],
            &["inventory", "--format", "table"],
            &["inventory", "--format", "json"],
            &["inventory", "--format", "csv"],
        ] {
            let mut args: Vec<String> = command.iter().map(ToString::to_string).collect();
            args.extend(common::case_args(&case));
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            let output = common::whoacts(&args);
            let said = common::stdout(&output) + &common::stderr(&output);
            assert!(output.status.code().is_some_and(|code| code < 2), "{args:?}: {said}");
            for value in &planted {
                // Neither the value nor more than a quarter of it in one piece.
                let most = value.len() / 2;
                if said.contains(value) || said.contains(&value[value.len() - most..]) {
                    leaks.push(format!("{} in {command:?}", case.display()));
                }
            }
        }
    }
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
}

#[test]
fn explaining_a_finding_holds_no_planted_value() {
    let planted = fs::read_to_string(common::root().join("fixtures/planted-secrets.txt")).unwrap();
    let tour = common::root().join("fixtures/tour");
    let mut args = vec!["scan".to_owned(), "--format".to_owned(), "json".to_owned()];
    args.extend(common::case_args(&tour));
    let report = common::whoacts(&args.iter().map(String::as_str).collect::<Vec<_>>());
    let report: serde_json::Value = serde_json::from_str(&common::stdout(&report)).unwrap();
    let findings = report["findings"].as_array().unwrap();
    assert!(!findings.is_empty());
    for finding in findings {
        let mut args = vec!["explain".to_owned(), finding["fingerprint"].as_str().unwrap().to_owned()];
        args.extend(common::case_args(&tour));
        let output = common::whoacts(&args.iter().map(String::as_str).collect::<Vec<_>>());
        let said = common::stdout(&output);
        assert!(output.status.success() && said.len() > 200, "{}", common::stderr(&output));
        assert!(planted.lines().filter(|line| !line.is_empty()).all(|value| !said.contains(value)), "{said}");
    }
}
