//! The contract of the command line: exit codes, streams, and answers to those who are wrong-footed.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::fs;

use common::{stderr, stdout, whoacts};

const TOUR: &str = "fixtures/tour";

#[test]
fn findings_at_the_gate_exit_with_one_and_others_with_zero() {
    let gated = whoacts(&["scan", TOUR, "--as-of", common::AS_OF, "--no-history"]);
    assert_eq!(gated.status.code(), Some(1), "{}", stderr(&gated));
    let never = whoacts(&["scan", TOUR, "--as-of", common::AS_OF, "--no-history", "--fail-on", "never"]);
    assert_eq!(never.status.code(), Some(0));
}

#[test]
fn no_command_means_scan() {
    let short = whoacts(&[TOUR, "--format", "json", "--no-history"]);
    let long = whoacts(&["scan", TOUR, "--format", "json", "--no-history"]);
    assert_eq!(stdout(&short), stdout(&long));
}

#[test]
fn equal_input_gives_equal_bytes_whatever_the_number_of_threads() {
    for format in ["json", "sarif", "table"] {
        let one = whoacts(&["scan", TOUR, "--format", format, "--jobs", "1", "--no-history"]);
        let many = whoacts(&["scan", TOUR, "--format", format, "--jobs", "7", "--no-history"]);
        assert_eq!(stdout(&one), stdout(&many), "{format}");
    }
}

#[test]
fn wrong_use_exits_with_two_and_says_what_to_type() {
    for (args, hint) in [
        (&["scan", "no/such/folder"][..], "no/such/folder"),
        (&["scan", TOUR, "--only", "shared-credental"], "shared-credential"),
        (&["scan", TOUR, "--format", "sarfi"], "sarif"),
        (&["explain", "long-lived-kee"], "long-lived-key"),
        (&["scan", TOUR, "--people", "no-such-file.csv"], "no-such-file.csv cannot be read: no such file"),
        (&["scan", TOUR, "--people", "Cargo.toml"], "email"),
        (&["rules", "show", "no-ownr"], "no-owner"),
        (&["scan", TOUR, "--as-of", "yesterday"], "2026-11-24"),
        (&["scan", TOUR, "--fail-on", "hihg"], "high"),
        (&["scan", TOUR, "--jobs", "0"], "such as 4"),
        (&["scan", TOUR, "-o", "no/such/folder/report"], "a folder that exists"),
        (&["inventry"], "whoacts inventory"),
        (&["rules", "check", "fixtures/tour"], "tour"),
        (&["rules", "test", "--examples", "no/such/folder"], "--examples FOLDER"),
    ] {
        let output = whoacts(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {}", stderr(&output));
        assert!(stderr(&output).contains(hint), "{args:?}: {}", stderr(&output));
        assert_eq!(stdout(&output), "", "{args:?}");
    }
}

#[test]
fn the_built_in_rules_keep_what_their_examples_promise() {
    let output = whoacts(&["rules", "test"]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    assert!(stdout(&output).ends_with("rules, 0 wrong\n"), "{}", stdout(&output));
}

#[test]
fn a_broken_rule_is_refused_with_its_place() {
    let folder = std::env::temp_dir().join(format!("whoacts-rules-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let rule = fs::read_to_string(common::root().join("rules/shared/shared-credential.yaml")).unwrap();
    fs::write(folder.join("shared-credential.yaml"), rule.replace("boundary:", "bondary:")).unwrap();
    let output = whoacts(&["rules", "check", folder.to_str().unwrap()]);
    fs::remove_dir_all(&folder).unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = stderr(&output);
    assert!(said.contains("did you mean `boundary`?") && said.contains("shared-credential.yaml"), "{said}");
}

#[test]
fn reports_go_where_they_are_sent() {
    let folder = std::env::temp_dir().join(format!("whoacts-out-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let sarif = format!("sarif={}", folder.join("a.sarif").display());
    let json = folder.join("a.json");
    let args = ["scan", TOUR, "--format", "json", "-o", json.to_str().unwrap(), "--output", &sarif, "--no-history"];
    let output = whoacts(&args);
    assert_eq!(stdout(&output), "");
    let read = |name: &str| {
        serde_json::from_str::<serde_json::Value>(&fs::read_to_string(folder.join(name)).unwrap()).unwrap()
    };
    assert_eq!(read("a.json")["schema"], "whoacts/1");
    assert_eq!(read("a.sarif")["version"], "2.1.0");
    fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn an_empty_folder_is_no_failure_and_says_what_was_looked_at() {
    let folder = std::env::temp_dir().join(format!("whoacts-empty-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let output = whoacts(&["scan", folder.to_str().unwrap()]);
    fs::remove_dir_all(&folder).unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    assert!(stdout(&output).contains("0 files"), "{}", stdout(&output));
}

#[test]
fn a_fingerprint_can_be_explained() {
    let report = whoacts(&["scan", TOUR, "--format", "json", "--as-of", common::AS_OF, "--no-history"]);
    let report: serde_json::Value = serde_json::from_str(&stdout(&report)).unwrap();
    let finding = &report["findings"][0];
    let print = &finding["fingerprint"].as_str().unwrap()[..8];
    let output = whoacts(&["explain", print, TOUR, "--as-of", common::AS_OF, "--no-history"]);
    assert!(stdout(&output).contains(finding["rule"].as_str().unwrap()), "{}", stdout(&output));
}

#[test]
fn every_command_has_something_to_show() {
    for args in [
        &["rules", "list"][..],
        &["rules", "show", "owner-left"],
        &["explain", "owner-left"],
        &["formats"],
        &["inventory", TOUR],
        &["--version"],
        &["--help"],
    ] {
        let output = whoacts(args);
        assert_eq!(output.status.code(), Some(0), "{args:?}: {}", stderr(&output));
        assert!(!stdout(&output).is_empty(), "{args:?}");
    }
}
