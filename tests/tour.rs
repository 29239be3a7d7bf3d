//! The tour as its readers see it: real scans, from the files to the bytes of each report. `INSTA_UPDATE=always cargo test
//! --test tour` writes the snapshots; read them before you commit them.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use insta::assert_snapshot;
use serde_json::Value;

/// A copy of the tour in a folder of its own, so that no name of this checkout gets into a report.
struct Tour(PathBuf);

impl Tour {
    fn new(test: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("whoacts-tour-{test}-{}", std::process::id()));
        copy(&common::root().join("fixtures/tour"), &folder.join("tour"));
        Self(folder)
    }

    /// Runs the program beside the tour, without a terminal, with the facts of the tour fixed.
    fn run(&self, args: &[&str], columns: usize) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_whoacts"))
            .args(args)
            .args(["tour", "--people", "tour/people.csv", "--as-of", common::AS_OF, "--no-history"])
            .current_dir(&self.0)
            .env_clear()
            .env("COLUMNS", columns.to_string())
            .output()
            .unwrap();
        assert!(output.stderr.is_empty(), "{}", common::stderr(&output));
        common::stdout(&output)
    }
}

impl Drop for Tour {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, target) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// A JSON report, laid out, as it will be in every version of the program.
fn document(text: &str) -> String {
    let value: Value = serde_json::from_str(text).unwrap();
    let version = concat!("\"", env!("CARGO_PKG_VERSION"), "\"");
    serde_json::to_string_pretty(&value).unwrap().replace(version, "\"VERSION\"")
}

#[test]
fn for_people() {
    let tour = Tour::new("people");
    assert_snapshot!("tour_human", tour.run(&["scan"], 100));
    assert_snapshot!("tour_inventory", tour.run(&["inventory"], 120));
}

#[test]
fn as_a_table() {
    let tour = Tour::new("table");
    assert_snapshot!("tour_table_80", tour.run(&["scan", "--format", "table"], 80));
    assert_snapshot!("tour_table_160", tour.run(&["scan", "--format", "table"], 160));
}

#[test]
fn for_programs() {
    let tour = Tour::new("programs");
    assert_snapshot!("tour_json", document(&tour.run(&["scan", "--format", "json"], 100)));
    assert_snapshot!("tour_sarif", document(&tour.run(&["scan", "--format", "sarif"], 100)));
}

#[test]
fn every_finding_is_found_again_by_the_command_that_the_report_shows() {
    let tour = Tour::new("again");
    let report = tour.run(&["scan"], 100);
    let commands: Vec<&str> = report.lines().filter_map(|line| line.split("-> whoacts ").nth(1)).collect();
    assert!(commands.len() > 10, "{report}");
    for command in [commands.first().unwrap(), commands.last().unwrap()] {
        let words: Vec<&str> = command.split(' ').collect();
        let output = Command::new(env!("CARGO_BIN_EXE_whoacts")).args(&words).current_dir(&tour.0).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{command}: {}", common::stderr(&output));
        assert!(common::stdout(&output).contains(words[1]), "{command}");
    }
}

#[test]
fn a_report_without_findings_stays_small() {
    let folder = std::env::temp_dir().join(format!("whoacts-small-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let output = common::whoacts(&["scan", folder.to_str().unwrap(), "--format", "sarif"]);
    fs::remove_dir_all(&folder).unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let rules = document["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap().len();
    assert!(rules > 10 && output.stdout.len() / rules < 3_400, "{rules} rules in {} bytes", output.stdout.len());
}
