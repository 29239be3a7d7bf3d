//! The arrows between modules: every `use crate::` is held against the table of `docs/architecture.md`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// What each module may use. The table of the architecture page says why.
const MAY_USE: &[(&str, &[&str])] = &[
    ("text", &[]),
    ("facts", &["text"]),
    ("syntax", &["text"]),
    ("walk", &["text"]),
    ("catalog", &["facts", "text"]),
    ("frameworks", &["text"]),
    ("formats", &["syntax", "catalog", "facts", "text"]),
    ("credentials", &["catalog", "facts", "text"]),
    ("graph", &["catalog", "facts", "text"]),
    ("rules", &["graph", "frameworks", "facts", "text"]),
    ("scan", &["rules", "graph", "formats", "credentials", "walk", "catalog", "facts", "text"]),
    ("reports", &["scan", "rules", "graph", "catalog", "frameworks", "facts", "text"]),
    ("cli", &["reports", "scan", "rules", "graph", "formats", "frameworks", "catalog", "facts", "text"]),
];

fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
            found.push((name.to_string_lossy().into_owned(), fs::read_to_string(&path).unwrap()));
        }
    }
}

/// The modules that a file names by `crate::`, comments left out.
fn used(text: &str) -> BTreeSet<String> {
    let mut modules = BTreeSet::new();
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    for part in code.split("crate::").skip(1) {
        let group = part.strip_prefix('{').map(|group| group.split('}').next().unwrap_or_default().to_owned());
        let names = group.unwrap_or_else(|| part.to_owned());
        for name in names.split(',') {
            let name: String = name.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            modules.insert(name);
            if !part.starts_with('{') {
                break;
            }
        }
    }
    modules
}

#[test]
fn every_module_uses_only_what_the_table_allows() {
    let allowed: BTreeMap<&str, &[&str]> = MAY_USE.iter().copied().collect();
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    assert!(files.len() > 20, "the sources are somewhere else");
    let mut wrong = Vec::new();
    for (name, text) in &files {
        let module = name.split('/').next().unwrap_or_default().trim_end_matches(".rs");
        if matches!(module, "main" | "lib") {
            continue;
        }
        let Some(may) = allowed.get(module) else {
            wrong.push(format!("{name}: module `{module}` is not in the table"));
            continue;
        };
        for used in used(text) {
            if allowed.contains_key(used.as_str()) && used != module && !may.contains(&used.as_str()) {
                wrong.push(format!("{name} uses `{used}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_has_no_circles() {
    let order: Vec<&str> = MAY_USE.iter().map(|(module, _)| *module).collect();
    for (at, (module, may)) in MAY_USE.iter().enumerate() {
        for used in *may {
            let place = order.iter().position(|name| name == used).unwrap();
            assert!(place < at, "{module} may not use {used}, which stands below it");
        }
    }
}

#[test]
fn the_architecture_page_shows_the_same_table() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/architecture.md")).unwrap();
    for (module, may) in MAY_USE {
        let row = page.lines().find(|line| line.starts_with(&format!("| `{module}/` |")));
        let row = row.unwrap_or_else(|| panic!("docs/architecture.md has no row for `{module}/`"));
        let cell = row.trim_end_matches('|').rsplit('|').next().unwrap_or_default();
        let listed: BTreeSet<&str> =
            cell.split(',').map(str::trim).filter(|name| !name.is_empty() && *name != "-").collect();
        assert_eq!(listed, may.iter().copied().collect(), "{module}");
    }
}
