//! Where a job acts and what it runs on.

use super::origin::Platform;
use super::record::{Actor, Recorder};
use super::values::Scope;
use crate::catalog::{Stage, stage};
use crate::facts::{Environment, Placement, PlacementKind, Value, Workload};
use crate::syntax::Node;

/// Sets the environments of a job, and the one in whose scope it reads secrets.
pub(super) fn apply<'t>(
    rec: &mut Recorder<'_, 't>,
    actor: &mut Actor<'t>,
    workload: &mut Workload,
    job: Node<'t>,
    id: &str,
) {
    let field = job.get("environment");
    let Some(name) = field.and_then(|field| if field.is_map() { field.get("name") } else { Some(field) }) else {
        if let Some((value, node)) = handed_on(actor, job) {
            workload.environments.push(Environment { value, declared: true, at: rec.input.place(node) });
        } else if let Some(name) = suggested(rec.input.file_name(), id) {
            let at = rec.input.at(job.key_span());
            workload.environments.push(Environment { value: Value::Literal(name), declared: false, at });
        }
        return;
    };
    let Some(text) = name.text() else {
        rec.facts.gap(name.span(), "environment that is no text");
        return;
    };
    let (value, may_be_absent) = without_empty(actor.scope.value(text));
    let Some(value) = value else { return };
    actor.scope.environment = value.label();
    if !may_be_absent {
        // Read without an environment, a secret can only be the repository's.
        actor.environment = Some(value.clone());
    }
    workload.environments.push(Environment { value, declared: true, at: rec.input.place(name) });
}

/// Inputs by which a called workflow is told its environment; the secrets that it reads stay those of its own jobs.
const HANDED_ON: [&str; 4] = ["environment", "environment_name", "environment-name", "env"];

/// The environment that a call hands to the called workflow: it is where the call acts. Of what is only called itself,
/// an input that is passed on says nothing.
fn handed_on<'t>(actor: &Actor<'t>, job: Node<'t>) -> Option<(Value, Node<'t>)> {
    let with = job.get("uses").and(job.get("with"))?;
    let node = HANDED_ON.iter().find_map(|key| with.get(key))?;
    let (value, _) = without_empty(actor.scope.value(node.text()?));
    let known = |value: &Value| value.as_literal().is_some_and(|name| stage(name).is_some());
    let value = value.filter(|value| match value {
        Value::OneOf(values) => values.iter().all(known),
        value => known(value),
    })?;
    Some((value, node))
}

fn without_empty(value: Value) -> (Option<Value>, bool) {
    let is_empty = |value: &Value| value.as_literal().is_some_and(str::is_empty);
    match value {
        Value::OneOf(mut values) => {
            let before = values.len();
            values.retain(|value| !is_empty(value));
            let absent = values.len() < before;
            let value = if values.len() < 2 { values.pop() } else { Some(Value::OneOf(values)) };
            (value, absent)
        }
        value if is_empty(&value) => (None, true),
        value => (Some(value), false),
    }
}

/// Words that name a stage elsewhere and mostly something else in the name of a job.
const AMBIGUOUS: [&str; 9] =
    ["review", "local", "live", "rc", "preview", "previews", "acceptance", "canary", "playground"];
/// Words of jobs that change an environment.
const ACTIONS: [&str; 18] = [
    "apply",
    "deploy",
    "deployment",
    "deploys",
    "release",
    "rollout",
    "promote",
    "provision",
    "plan",
    "terraform",
    "destroy",
    "migrate",
    "publish",
    "sync",
    "push",
    "upgrade",
    "update",
    "restart",
];

/// The stage that the name of a job, or of its file, speaks of. A job called `test` runs tests; it is no environment.
fn suggested(file: &str, job: &str) -> Option<String> {
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let both = format!("{stem}-{job}");
    of_words(job, true).or_else(|| of_words(&both, false))
}

fn of_words(name: &str, alone: bool) -> Option<String> {
    let lower = name.to_ascii_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let acts = words.iter().any(|word| ACTIONS.contains(word));
    if !(acts || alone && words.len() == 1) {
        return None;
    }
    let clear: Vec<&str> = words.into_iter().filter(|word| !AMBIGUOUS.contains(word)).collect();
    let found = stage(&clear.join("-"))?;
    (found != Stage::Test).then(|| format!("{found:?}").to_ascii_lowercase())
}

/// What `runs-on` says.
pub(super) fn placement<'t>(rec: &mut Recorder<'_, 't>, scope: &Scope<'t>, on: Node<'t>) -> Placement {
    let mut labels = Vec::new();
    let mut open = false;
    let mut grouped = false;
    let fields = if on.is_map() { vec![on.get("group"), on.get("labels")] } else { vec![Some(on)] };
    for (at, field) in fields.into_iter().enumerate() {
        let Some(field) = field else { continue };
        grouped |= on.is_map() && at == 0;
        for node in field.one_or_many() {
            let Some(text) = node.text() else { continue };
            let value = scope.value(text);
            open |= matches!(value, Value::Symbol { .. });
            match value {
                Value::OneOf(values) => {
                    open |= values.iter().any(|value| value.as_literal().is_none());
                    labels.extend(values.iter().map(Value::label));
                }
                value => labels.push(value.label()),
            }
        }
    }
    labels.retain(|label| !label.is_empty());
    if open {
        rec.facts.gap(on.span(), "an expression picks the runner");
    }
    let hosted = labels.iter().filter(|label| is_hosted(label)).count();
    let kind = if labels.iter().any(|label| label == "self-hosted") || !rec.platform_has_hosted() && !open {
        PlacementKind::SelfHosted
    } else if open || labels.is_empty() {
        PlacementKind::Unknown
    } else if hosted == labels.len() {
        PlacementKind::Hosted
    } else if hosted > 0 || grouped {
        // A group may hold larger runners of the platform as well as machines of the organisation.
        PlacementKind::Unknown
    } else {
        PlacementKind::SelfHosted
    };
    Placement { kind, labels, at: rec.input.place(on) }
}

/// Makers of runners for hire that are made anew for each job, by the start of their labels.
const HIRED: [&str; 8] =
    ["blacksmith-", "depot-", "warp-", "buildjet-", "namespace-profile-", "nscloud-", "ubicloud-", "ubicloud"];

/// Labels of GitHub's own machines, larger ones included (docs.github.com, "Choosing the runner for a job").
fn is_hosted(label: &str) -> bool {
    let own = ["ubuntu-", "windows-", "macos-"].iter().find_map(|system| label.strip_prefix(system));
    let version = own.and_then(|rest| rest.split('-').next());
    let versioned = version.is_some_and(|version| {
        matches!(version, "latest" | "slim") || version.starts_with(|c: char| c.is_ascii_digit())
    });
    versioned || HIRED.iter().any(|start| label.starts_with(start))
}

impl Recorder<'_, '_> {
    fn platform_has_hosted(&self) -> bool {
        Platform::has_hosted_runners(self.platform)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_read_from_names_of_jobs_that_act() {
        let of = |file, job| suggested(file, job);
        assert_eq!(of("provision.yml", "apply-staging").as_deref(), Some("staging"));
        assert_eq!(of("deploy.yml", "production").as_deref(), Some("production"));
        assert_eq!(of("deploy-prod.yml", "go").as_deref(), Some("production"));
        for (file, job) in [("ci.yml", "test"), ("ci.yml", "review"), ("dev-tools.yml", "lint"), ("live.yml", "deploy")]
        {
            assert_eq!(of(file, job), None, "{file} {job}");
        }
    }

    #[test]
    fn hosted_runners_are_told_from_the_organisations_own() {
        for label in ["ubuntu-latest", "ubuntu-24.04-arm", "windows-2022", "macos-13-xlarge", "ubuntu-22.04-8core"] {
            assert!(is_hosted(label), "{label}");
        }
        for label in ["linux.2xlarge", "self-hosted", "ubuntu-runners", "gpu"] {
            assert!(!is_hosted(label), "{label}");
        }
    }
}
