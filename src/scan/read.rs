//! Sources to facts, in parallel, with everything that was not read in the ledger.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use rayon::prelude::*;

use super::{Coverage, LedgerLine, ScanError};
use crate::credentials;
use crate::formats;
use crate::graph::{Batch, Zone};
use crate::text::{LineIndex, SourceId, Span};
use crate::walk::{self, Limits, Skip, Source, Walked};

/// All that was read.
pub(super) struct Readings {
    pub(super) batches: Vec<Batch>,
    pub(super) coverage: Coverage,
    pub(super) files_by_realm: BTreeMap<String, usize>,
}

/// Reads every source. The order of the outcome is the order of the sources.
pub(super) fn all(walked: &Walked, limits: &Limits) -> Readings {
    let read: Vec<One> = walked.sources.par_iter().map(|source| one(source, limits)).collect();
    let mut coverage = Coverage { files_seen: walked.sources.len() + walked.skipped.len(), ..Coverage::default() };
    coverage.skipped.extend(walked.skipped.iter().map(|skipped| skip_line(&skipped.path, &skipped.skip)));
    let mut files_by_realm = BTreeMap::new();
    let mut batches = Vec::new();
    for one in read {
        if let Some(bytes) = one.bytes {
            coverage.files_read += 1;
            coverage.bytes_read += bytes;
            *files_by_realm.entry(one.realm).or_default() += 1;
        }
        for format in one.formats {
            *coverage.formats.entry(format).or_default() += 1;
        }
        coverage.skipped.extend(one.skipped);
        coverage.unresolved.extend(one.unresolved);
        batches.extend(one.batch);
    }
    coverage.skipped.sort();
    coverage.unresolved.sort();
    Readings { batches, coverage, files_by_realm }
}

/// The outcome of one source.
#[derive(Default)]
struct One {
    realm: String,
    bytes: Option<u64>,
    batch: Option<Batch>,
    formats: Vec<&'static str>,
    skipped: Vec<LedgerLine>,
    unresolved: Vec<LedgerLine>,
}

fn one(source: &Source, limits: &Limits) -> One {
    // A fault in a reader must cost one file, never the scan. The fuzz targets exist so that this stays unused.
    catch_unwind(AssertUnwindSafe(|| read(source, limits))).unwrap_or_else(|_| One {
        skipped: vec![LedgerLine {
            path: source.path.clone(),
            position: None,
            word: "internal",
            reason: "a fault in whoacts while reading this file; please report it".to_owned(),
            loss: true,
        }],
        ..One::default()
    })
}

fn read(source: &Source, limits: &Limits) -> One {
    let realm = source.realm.to_string();
    let loaded = match walk::load(source, limits) {
        Ok(loaded) => loaded,
        Err(skip) => return One { realm, skipped: vec![skip_line(&source.path, &skip)], ..One::default() },
    };
    let text = loaded.text.as_str();
    let hits = credentials::scan(text);
    let reading = formats::read(source.id, &source.within, &realm, text);
    let mut facts = reading.facts;
    facts.merge(credentials::facts(source.id, &source.within, &realm, text, &hits));
    let mut ledger = Ledger { path: &source.path, text, lines: None };
    let broken = reading.problems.into_iter();
    let skipped = broken.map(|problem| ledger.line(Some(problem.span), "syntax", problem.message, true)).collect();
    if loaded.encoding.is_guess() && (!facts.is_empty() || !facts.secrets.is_empty()) {
        facts.gap(None, format!("text that is not UTF-8 was read as {}", loaded.encoding.word()));
    }
    let gaps = std::mem::take(&mut facts.gaps);
    let unresolved = gaps.into_iter().map(|gap| ledger.line(gap.span, "unresolved", gap.what, false)).collect();
    let zone = Zone {
        realm: realm.clone(),
        path: source.within.clone(),
        source: source.id,
        sample: credentials::is_sample_path(inner(source)),
    };
    let batch = (!facts.is_empty() || !facts.secrets.is_empty()).then_some(Batch { zone, facts });
    One { realm, bytes: Some(text.len() as u64), batch, formats: reading.formats, skipped, unresolved }
}

/// The path that says what a file is for: from the top of its repository or from the target, whichever is nearer, so that
/// neither the name of a checkout nor a target that the user named has a say.
fn inner(source: &Source) -> &str {
    if source.within.len() < source.path.len() { &source.within } else { &source.path }
}

struct Ledger<'a> {
    path: &'a str,
    text: &'a str,
    lines: Option<LineIndex>,
}

impl Ledger<'_> {
    fn line(&mut self, span: Option<Span>, word: &'static str, reason: String, loss: bool) -> LedgerLine {
        let text = self.text;
        let position = span.map(|span| {
            let position = self.lines.get_or_insert_with(|| LineIndex::new(text)).position(text, span.lo);
            (position.line, position.column)
        });
        LedgerLine { path: self.path.to_owned(), position, word, reason, loss }
    }
}

fn skip_line(path: &str, skip: &Skip) -> LedgerLine {
    LedgerLine { path: path.to_owned(), position: None, word: skip.word(), reason: skip.reason(), loss: skip.is_loss() }
}

/// Why a file that the user named has no text.
fn refusal(skip: &Skip) -> String {
    match skip {
        Skip::Unreadable(std::io::ErrorKind::NotFound) => "no such file".to_owned(),
        Skip::Unreadable(kind) => kind.to_string(),
        skip => skip.reason(),
    }
}

/// Reads the list of people that the user named.
pub(super) fn people(path: &Path, walked: &Walked) -> Result<Batch, ScanError> {
    let failed = |why: String| ScanError::People { path: path.to_owned(), why };
    let text = walk::load_file(path, &Limits::default()).map_err(|skip| failed(refusal(&skip)))?.text;
    let source = SourceId(u32::try_from(walked.sources.len()).unwrap_or(u32::MAX));
    let facts = formats::people(source, &text).map_err(|error| failed(error.to_string()))?;
    let zone = Zone { realm: "people".to_owned(), path: path.to_string_lossy().into_owned(), source, sample: false };
    Ok(Batch { zone, facts })
}
