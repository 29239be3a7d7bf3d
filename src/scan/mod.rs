//! The pipeline from targets to an [`Outcome`]: walk, read, link, judge, locate.

mod ages;
mod locate;
mod outcome;
mod read;

pub use outcome::{Coverage, LedgerLine, NotEvaluated, Outcome, Realm};

use std::path::PathBuf;

use jiff::Timestamp;
use rayon::prelude::*;

use crate::facts::When;
use crate::graph::{self, Author, Batch, Graph, View};
use crate::rules::{self, Certainty, Definition, Judgement, LoadError};
use crate::walk::{self, Limits, Walked};

/// Whom a report is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Persona {
    /// Sees what is proven or likely.
    #[default]
    Developer,
    /// Sees what is possible as well.
    Auditor,
}

/// What to scan, and how.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Files, folders, or `-`.
    pub targets: Vec<PathBuf>,
    /// List of people.
    pub people: Option<PathBuf>,
    /// The time against which ages are computed; none for the newest one in the sources.
    pub as_of: Option<Timestamp>,
    /// Do not read git history.
    pub no_history: bool,
    /// Folders of further rules.
    pub rules: Vec<PathBuf>,
    /// Judge by these rules only; all when empty.
    pub only: Vec<String>,
    /// Whom the report is for.
    pub persona: Persona,
}

/// What keeps a scan from starting.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
pub enum ScanError {
    /// A target cannot be walked.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Walk(#[from] walk::TargetError),
    /// A rule does not load.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Rules(#[from] LoadError),
    /// The embedded catalogue does not load.
    #[error(transparent)]
    Catalog(#[from] crate::catalog::CatalogError),
    /// `--only` names a rule that does not exist.
    #[error("there is no rule `{name}`")]
    #[diagnostic(help("{hint}"))]
    NoSuchRule {
        /// The name as typed.
        name: String,
        /// What to type instead.
        hint: String,
    },
    /// The list of people cannot be read.
    #[error("the list of people {path} cannot be read: {why}")]
    #[diagnostic(help("--people takes a CSV file with the columns email, handle, status and end_date"))]
    People {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
}

/// Scans the targets.
///
/// # Errors
/// [`ScanError`] for wrong use: a target, a rule or a list of people that cannot be read. Files inside of the targets
/// never fail a scan; what they hold back is in the coverage ledger.
pub fn run(options: &Options) -> Result<Outcome, ScanError> {
    let (catalog, rules) = rayon::join(crate::catalog::check, || select_rules(options));
    catalog?;
    let rules = rules?;
    let limits = Limits::default();
    let walked = walk::discover(&options.targets, &limits)?;
    let (authors, mut readings) =
        rayon::join(|| if options.no_history { Vec::new() } else { authors(&walked) }, || read::all(&walked, &limits));
    if let Some(path) = &options.people {
        readings.batches.push(read::people(path, &walked)?);
    }
    graph::settle(&mut readings.batches);
    let mut graph = graph::link(&readings.batches, &authors);
    let (as_of, as_of_basis) = clock(options, &walked, &readings.batches, &graph);
    graph.close_ended(as_of);
    let judgement = rules::judge(&rules, View { graph: &graph, as_of });
    let not_evaluated = not_evaluated(&judgement);
    let (mut findings, hidden): (Vec<_>, Vec<_>) = judgement
        .findings
        .into_iter()
        .partition(|finding| options.persona == Persona::Auditor || finding.certainty > Certainty::Possible);
    let texts = locate::Texts::new(&walked, &limits, &readings);
    locate::fill(&mut findings, &texts);
    if !options.no_history {
        ages::fill(&mut findings, &walked, &texts, &graph);
    }
    Ok(Outcome {
        as_of,
        as_of_basis,
        targets: options.targets.iter().map(|target| target.to_string_lossy().into_owned()).collect(),
        realms: realms(&walked, &readings),
        coverage: readings.coverage,
        findings,
        hidden: hidden.len(),
        rules,
        not_evaluated,
        grades: grades(&graph),
        graph,
    })
}

/// The built-in rules and those of the user's folders, less those that `--only` leaves out.
///
/// # Errors
/// [`ScanError`] when a rule does not load, or `--only` names none.
pub fn select_rules(options: &Options) -> Result<Vec<Definition>, ScanError> {
    let mut rules = rules::builtin()?;
    for folder in &options.rules {
        rules.extend(rules::from_folder(folder)?);
    }
    for name in &options.only {
        if !rules.iter().any(|rule| rule.id == *name) {
            let near = graph::nearest(name, rules.iter().map(|rule| rule.id.as_str()));
            let hint = near.map_or_else(
                || "`whoacts rules list` shows them all".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            return Err(ScanError::NoSuchRule { name: name.clone(), hint });
        }
    }
    if !options.only.is_empty() {
        rules.retain(|rule| options.only.contains(&rule.id));
    }
    Ok(rules)
}

fn authors(walked: &Walked) -> Vec<(String, Author)> {
    let of = |repository: &walk::Repository| -> Vec<(String, Author)> {
        let author = |author: walk::Author| {
            (repository.realm.to_string(), Author { name: author.name, email: author.email, last: author.last })
        };
        repository.authors().into_iter().map(author).collect()
    };
    walked.repositories.par_iter().flat_map_iter(of).collect()
}

/// The time against which ages are computed. Never the wall clock, as long as any source has a time.
fn clock(options: &Options, walked: &Walked, batches: &[Batch], graph: &Graph) -> (Timestamp, String) {
    if let Some(as_of) = options.as_of {
        return (as_of, "--as-of".to_owned());
    }
    let exported = batches.iter().filter_map(|batch| batch.facts.as_of).max();
    let committed = walked.repositories.iter().filter_map(walk::Repository::head_time).max();
    let dated = |when: &When| when.at();
    let credentials = graph.credentials.iter().flat_map(|node| [node.created, node.last_used]);
    let identities = graph.identities.iter().flat_map(|node| [node.created, node.last_used]);
    let newest = credentials.chain(identities).filter_map(|when| dated(&when)).max();
    let candidates =
        [(exported, "time of the export"), (committed, "newest commit"), (newest, "newest date in the sources")];
    let best = candidates.into_iter().filter_map(|(time, basis)| Some((time?, basis))).max_by_key(|(time, _)| *time);
    // Without any time in the sources nothing has an age, so this one never shows in a finding.
    best.map_or_else(
        || (Timestamp::UNIX_EPOCH, "no time in the sources".to_owned()),
        |(time, basis)| (time, basis.to_owned()),
    )
}

fn not_evaluated(judgement: &Judgement) -> Vec<NotEvaluated> {
    let whole = judgement.not_evaluated.iter().map(|(rule, need)| NotEvaluated {
        rule: rule.clone(),
        why: need.missing().to_owned(),
        subjects: None,
    });
    let open = judgement.left_open.iter().map(|(rule, subjects)| NotEvaluated {
        rule: rule.clone(),
        why: "a date or attribute is not in the sources".to_owned(),
        subjects: Some(*subjects),
    });
    whole.chain(open).collect()
}

fn realms(walked: &Walked, readings: &read::Readings) -> Vec<Realm> {
    let mut realms: std::collections::BTreeMap<String, Realm> = std::collections::BTreeMap::new();
    for (name, files) in &readings.files_by_realm {
        realms.insert(name.clone(), Realm { name: name.clone(), files: *files, commit: None });
    }
    for repository in &walked.repositories {
        if let Some(realm) = realms.get_mut(&*repository.realm) {
            realm.commit = repository.head_commit();
        }
    }
    realms.into_values().collect()
}

/// Machine identities and credentials by attribution grade.
fn grades(graph: &Graph) -> [usize; 5] {
    let mut grades = [0; 5];
    let of_identities = graph.identities.iter().filter_map(|node| node.grade);
    let alone = graph.credentials.iter().filter(|node| node.identities.is_empty() && !node.low_value);
    for grade in of_identities.chain(alone.filter_map(|node| node.grade)) {
        if let Some(count) = grades.get_mut(usize::from(grade.grade)) {
            *count += 1;
        }
    }
    grades
}
