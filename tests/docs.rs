//! `docs/rules/` is generated from the rules, and stale pages fail. `WHOACTS_UPDATE=1 cargo test --test docs` writes them.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use std::fmt::Write as _;
use std::fs;

use whoacts::reports::rule_page;
use whoacts::rules::builtin;

#[test]
fn every_rule_has_its_page() {
    let folder = common::root().join("docs/rules");
    let rules = builtin().unwrap();
    let mut pages: Vec<(String, String)> =
        rules.iter().map(|rule| (format!("{}.md", rule.id), rule_page(rule))).collect();
    let mut index = String::from("# Rules\n\n| rule | family | what is wrong |\n|---|---|---|\n");
    for rule in &rules {
        let _ = writeln!(index, "| [{0}]({0}.md) | {1} | {2} |", rule.id, rule.family, rule.title);
    }
    pages.push(("README.md".to_owned(), index));
    if std::env::var_os("WHOACTS_UPDATE").is_some() {
        fs::create_dir_all(&folder).unwrap();
        for (name, page) in &pages {
            fs::write(folder.join(name), page).unwrap();
        }
    }
    for (name, page) in &pages {
        let written = fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert!(written == *page, "docs/rules/{name} is stale: WHOACTS_UPDATE=1 cargo test --test docs");
    }
    let files = fs::read_dir(&folder).unwrap().count();
    assert_eq!(files, pages.len(), "docs/rules holds a page of a rule that is gone");
}

/// What the README shows is what the program says; `…` stands for what it leaves out.
#[test]
fn the_readme_shows_real_output() {
    let readme = fs::read_to_string(common::root().join("README.md")).unwrap();
    let shown = readme.split("```").nth(1).unwrap();
    let command = readme.lines().find_map(|line| line.strip_prefix("cargo run --release -- ")).unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_whoacts"))
        .args(command.split(' '))
        .current_dir(common::root())
        .env_clear()
        .env("COLUMNS", "100")
        .output()
        .unwrap();
    let said = without_fingerprints(&common::stdout(&output));
    let shown = without_fingerprints(shown);
    for part in shown.split("…\n").map(str::trim) {
        assert!(said.contains(part), "README.md is stale, the program says:\n{said}");
    }
}

/// Fingerprints hold the name of the checkout's folder as long as it has no remote, so they are left out.
fn without_fingerprints(text: &str) -> String {
    let is_one = |word: &str| word.len() == 8 && word.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'));
    let lines = text.lines().map(|line| {
        let words: Vec<&str> = line.split(' ').map(|word| if is_one(word) { "…" } else { word }).collect();
        words.join(" ")
    });
    lines.collect::<Vec<_>>().join("\n")
}
