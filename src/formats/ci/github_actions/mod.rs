//! GitHub Actions, and Gitea and Forgejo Actions, which read the same files: workflows, reusable workflows, composite
//! actions. Syntax: docs.github.com, "Workflow syntax" and "Metadata syntax".
//!
//! - A **job** is a workload; the legs of its matrix are one. A workflow that is only called, and an action, are
//!   templates.
//! - A **secret** is known by its repository and name. The sink it goes into says what it is; what goes into a sink for a
//!   user name, a key id or a region is no credential. A secret that a called workflow or an action receives under a name
//!   of its own is an alias, backed by what callers pass.
//! - A **guard** (`if:`) is evaluated per event. An event that cannot run the job is none of its triggers; an event that
//!   others bring about, and on which no step that gets a credential can run, neither.
//! - Only files directly in `.github/workflows` (`.gitea`, `.forgejo`) are live. Templates of workflows
//!   (`.github/workflow-templates`) and workflow files elsewhere run nowhere and are left alone.

mod action;
mod authors;
mod condition;
mod entry;
mod environment;
mod expression;
mod foreign;
mod job;
mod logins;
mod names;
mod origin;
mod record;
mod steps;
#[cfg(test)]
mod tests;
mod triggers;
mod values;
mod workflow;

use crate::facts::Facts;
use crate::formats::{Format, Input, Probe};
use crate::syntax::Syntax;
use origin::Platform;
use record::Recorder;

pub(in crate::formats) static FORMAT: Format = Format {
    id: "github-actions",
    title: "GitHub Actions",
    reads: "workflows, reusable workflows and composite actions, also of Gitea and Forgejo",
    leaves: "expressions that only a run can evaluate, secrets picked by them, outputs of most actions",
    syntax: Syntax::Yaml,
    recognise,
    extract,
};

fn recognise(probe: &Probe<'_>) -> bool {
    if probe.is_nameless() {
        return probe.is_yaml() && probe.mentions("jobs:");
    }
    if !matches!(probe.extension(), "yml" | "yaml") {
        return false;
    }
    if Platform::of_workflow(probe.path).is_some() || !probe.path.contains('/') {
        return probe.mentions("jobs") || is_action(probe);
    }
    is_action(probe)
}

fn is_action(probe: &Probe<'_>) -> bool {
    matches!(probe.file_name(), "action.yml" | "action.yaml") && probe.mentions("runs") && probe.mentions("using")
}

/// The product that runs the file. A file that lies in no repository was named by the user, and is taken at its word.
fn platform(input: &Input<'_>) -> Option<Platform> {
    let alone = !input.path.contains('/') && (input.realm.starts_with("local/") || input.realm == "stdin");
    Platform::of_workflow(input.path).or(alone.then_some(Platform::GitHub))
}

fn extract(input: &Input<'_>, facts: &mut Facts) {
    if let Some(platform) = platform(input)
        && let Some(workflow) = workflow::Workflow::of(*input, platform)
    {
        let mut recorder = Recorder::new(*input, facts, platform);
        workflow.read(&mut recorder);
        recorder.finish();
    } else if matches!(input.file_name(), "action.yml" | "action.yaml") {
        let mut recorder = Recorder::new(*input, facts, Platform::GitHub);
        action::read(&mut recorder, *input);
        recorder.finish();
    } else if Platform::of_workflow(input.path).is_some() {
        facts.gap(None, "file among the workflows that has no events or no jobs, or does not parse");
    }
}
