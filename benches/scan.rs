//! What a scan costs, part by part. `cargo bench --bench scan` prints medians and throughput; the ratios between rows of
//! one run are what counts, see `docs/performance.md`.
//!
//! `WHOACTS_BENCH_TREE=path/to/checkout` measures a real checkout instead of the fixtures.
#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on should stop")]

use std::fmt::Write as _;
use std::path::PathBuf;

use divan::Bencher;
use divan::counter::BytesCount;
use whoacts::scan::{Options, run};
use whoacts::syntax::{Syntax, parse};
use whoacts::text::SourceId;
use whoacts::walk::{Limits, discover, load};
use whoacts::{credentials, formats};

fn main() {
    divan::main();
}

fn tree() -> PathBuf {
    std::env::var_os("WHOACTS_BENCH_TREE").map_or_else(|| PathBuf::from("fixtures/tour"), PathBuf::from)
}

/// A workflow with this many jobs, in the shape of real ones.
fn workflow(jobs: usize) -> String {
    let mut text = String::from("name: deploy\non:\n  push:\n    branches: [main]\njobs:\n");
    for job in 0..jobs {
        let _ = write!(
            text,
            "  deploy-{job}:\n    runs-on: ubuntu-latest\n    environment: staging\n    steps:\n      \
             - uses: actions/checkout@v4\n      - name: Deploy part {job}\n        run: ./deploy.sh --part {job}\n        \
             env:\n          DEPLOY_TOKEN: ${{{{ secrets.DEPLOY_TOKEN }}}}\n"
        );
    }
    text
}

/// Walking and reading alone: the floor that a scan is held against.
#[divan::bench(sample_count = 10)]
fn read_everything(bencher: Bencher<'_, '_>) {
    let limits = Limits::default();
    bencher.bench(|| {
        let walked = discover(&[tree()], &limits).unwrap();
        walked
            .sources
            .iter()
            .filter_map(|source| load(source, &limits).ok())
            .map(|loaded| loaded.text.len())
            .sum::<usize>()
    });
}

/// The whole scan without history.
#[divan::bench(sample_count = 10)]
fn scan_without_history(bencher: Bencher<'_, '_>) {
    let options = Options { targets: vec![tree()], no_history: true, ..Options::default() };
    bencher.bench(|| run(&options).unwrap().findings.len());
}

/// The whole scan; without a tree of your own, with the history of this project.
#[divan::bench(sample_count = 10)]
fn scan_with_history(bencher: Bencher<'_, '_>) {
    let options = Options { targets: vec![tree()], ..Options::default() };
    bencher.bench(|| run(&options).unwrap().findings.len());
}

#[divan::bench(args = [10, 100, 1000])]
fn yaml_tree(bencher: Bencher<'_, '_>, jobs: usize) {
    let text = workflow(jobs);
    bencher.counter(BytesCount::of_str(&text)).bench(|| parse(Syntax::Yaml, &text).nodes().count());
}

#[divan::bench(args = [10, 100, 1000])]
fn workflow_facts(bencher: Bencher<'_, '_>, jobs: usize) {
    let text = workflow(jobs);
    bencher.counter(BytesCount::of_str(&text)).bench(|| {
        formats::read(SourceId(0), ".github/workflows/deploy.yml", "github.com/acme/shop", &text).facts.workloads.len()
    });
}

/// Token shapes in text that holds none.
#[divan::bench]
fn token_shapes(bencher: Bencher<'_, '_>) {
    let text = workflow(10_000);
    bencher.counter(BytesCount::of_str(&text)).bench(|| credentials::scan(&text).len());
}

/// Counting line ends in the same text: about as fast as memory is read.
#[divan::bench]
fn line_ends(bencher: Bencher<'_, '_>) {
    let text = workflow(10_000);
    bencher.counter(BytesCount::of_str(&text)).bench(|| text.bytes().filter(|byte| *byte == b'\n').count());
}
