//! Real samples, where they are at hand: nothing in them may cost more than itself. Skips where the folder is absent.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod common;

use whoacts::scan::{Options, Persona, run};

#[test]
fn no_sample_is_more_than_a_line_in_the_ledger() {
    let corpus = common::root().join("../shared/corpus");
    if !corpus.is_dir() {
        return;
    }
    let options = Options { targets: vec![corpus], persona: Persona::Auditor, ..Options::default() };
    let outcome = run(&options).unwrap();
    let faults: Vec<_> = outcome.coverage.skipped.iter().filter(|line| line.word == "internal").collect();
    assert!(faults.is_empty(), "{faults:?}");
    assert!(outcome.coverage.files_read > 100, "the samples are somewhere else");
}
