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
