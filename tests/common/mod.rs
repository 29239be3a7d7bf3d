//! What several test files need.
#![allow(dead_code, reason = "each test file uses a part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The date of the fixtures: they are scanned as of this day.
pub(crate) const AS_OF: &str = "2026-10-01";

/// The top of the repository.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs the program with a clean environment.
pub(crate) fn whoacts(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_whoacts"))
        .args(args)
        .current_dir(root())
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .output()
        .unwrap()
}

/// What the program printed to standard output.
pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What it printed to standard error.
pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Every case folder under `fixtures/`: those two levels down, and the tour.
pub(crate) fn cases() -> Vec<PathBuf> {
    let fixtures = root().join("fixtures");
    let folders = |folder: &Path| -> Vec<PathBuf> {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        entries.filter(|path| path.is_dir()).collect()
    };
    let mut cases = vec![fixtures.join("tour")];
    for family in folders(&fixtures) {
        if !matches!(family.file_name().and_then(|name| name.to_str()), Some("tour" | "syntax")) {
            cases.extend(folders(&family));
        }
    }
    cases.sort();
    cases
}

/// The arguments that name a case, its list of people included.
pub(crate) fn case_args(case: &Path) -> Vec<String> {
    let mut args = vec![case.to_string_lossy().into_owned(), "--as-of".into(), AS_OF.into(), "--no-history".into()];
    let people = case.join("people.csv");
    if people.is_file() {
        args.extend(["--people".into(), people.to_string_lossy().into_owned()]);
    }
    args
}
