//! From text to facts: one file per format.
//!
//! A format says how it is recognised (by content; the path only narrows the search) and turns its tree into facts. It
//! knows neither the graph nor the rules, and it never decides what is good or bad. A new format is one file and one word
//! in the list below.

mod aws;
mod hosts;
mod people;
mod probe;
mod shell;

pub use people::{PeopleError, people};
pub use probe::{Input, Probe};

use crate::facts::Facts;
use crate::syntax::{self, Syntax, Tree};
use crate::text::SourceId;

/// A format that can be read.
pub struct Format {
    /// Id, as in the ledger, the inventory and `whoacts formats` (`github-actions`).
    pub id: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// What is read, in a few words for `whoacts formats`.
    pub reads: &'static str,
    /// What is not resolved, likewise; empty when everything is.
    pub leaves: &'static str,
    /// How its text becomes a tree.
    pub syntax: Syntax,
    /// Whether the text may be of this format. Cheap: it runs on every text file.
    pub recognise: fn(&Probe<'_>) -> bool,
    /// Turns the tree into facts. Records nothing when the tree turns out to be something else.
    pub extract: fn(&Input<'_>, &mut Facts),
}

/// Declares the modules of the formats, by folder, and lists them in [`ALL`].
macro_rules! formats {
    ($($family:ident { $($name:ident),* $(,)? })*) => {
        $(
            #[doc = concat!("Formats of the family `", stringify!($family), "`.")]
            mod $family { $(pub(super) mod $name;)* }
        )*

        /// Every format.
        pub static ALL: &[&Format] = &[$($(&$family::$name::FORMAT,)*)*];
    };
}

formats! {
    ci { github_actions }
    iam { aws_authorization_details, aws_credential_report, aws_lists, aws_policy_file }
    infra { terraform, terraform_json }
    ownership { codeowners, owners_file }
    runtimes { kubeconfig, kubernetes, kubernetes_json }
    schedulers { anacron, cron_scripts, crontab, systemd }
}

/// What one source said, and what said it.
#[derive(Debug, Default)]
pub struct Reading {
    /// The facts of all formats together.
    pub facts: Facts,
    /// Ids of the formats that found something of theirs.
    pub formats: Vec<&'static str>,
    /// What kept parts of the source from being read.
    pub problems: Vec<syntax::Problem>,
}

/// Reads a source with every format that claims it. `realm` is the repository's or export's own realm
/// (`github.com/acme/shop`). A text that no format claims costs no parse.
#[must_use]
pub fn read(source: SourceId, path: &str, realm: &str, text: &str) -> Reading {
    let probe = Probe::new(path, text);
    let mut reading = Reading::default();
    let mut trees: Vec<(Syntax, Tree)> = Vec::new();
    for format in ALL.iter().filter(|format| (format.recognise)(&probe)) {
        if !trees.iter().any(|(syntax, _)| *syntax == format.syntax) {
            trees.push((format.syntax, syntax::parse(format.syntax, text)));
        }
        let Some((_, tree)) = trees.iter().find(|(syntax, _)| *syntax == format.syntax) else {
            continue;
        };
        let before = (reading.facts.facts.len(), reading.facts.workloads.len(), reading.facts.identities.len());
        (format.extract)(&Input { source, path, realm, text, tree }, &mut reading.facts);
        let after = (reading.facts.facts.len(), reading.facts.workloads.len(), reading.facts.identities.len());
        if before != after {
            reading.formats.push(format.id);
        }
    }
    for (_, tree) in trees {
        if tree.alias_limit_reached() {
            reading.facts.gap(None, "YAML aliases beyond the limit were not followed");
        }
        reading.problems.extend(tree.problems);
    }
    reading
}
