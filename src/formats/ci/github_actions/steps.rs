//! The steps of a job or of a composite action.

use super::authors;
use super::condition::Condition;
use super::entry::Entry;
use super::foreign;
use super::logins;
use super::origin::{action_input, target};
use super::record::{Actor, Recorder};
use crate::catalog;
use crate::facts::{Class, Edge, Key, Kind, Lifetime, Mode};
use crate::formats::{hosts, shell};
use crate::syntax::Node;
use crate::text::{Place, Span};

/// Actions that make a short-lived token of a GitHub App from its private key, with the inputs that take the key.
const MINTERS: [(&str, &[&str]); 7] = [
    ("actions/create-github-app-token", &["private-key"]),
    ("tibdex/github-app-token", &["private_key"]),
    ("peter-murray/workflow-application-token-action", &["application_private_key"]),
    ("getsentry/action-github-app-token", &["private_key"]),
    ("navikt/github-app-token-generator", &["private-key"]),
    ("machine-learning-apps/actions-app-token", &["app_pem"]),
    ("wow-actions/use-app-token", &["private_key"]),
];

/// An action's name without its version; none for an image or an action of the repository itself.
fn remote_action(uses: &str) -> Option<&str> {
    let name = uses.trim().split('@').next()?;
    (!name.starts_with('.') && !name.contains(':') && name.contains('/')).then_some(name)
}

/// Actions whose outputs are made for the run from its identity token.
const SHORT_LIVED: [&str; 6] = [
    "google-github-actions/auth",
    "rust-lang/crates-io-auth-action",
    "rubygems/configure-rubygems-credentials",
    "nuget/login",
    "pypa/gh-action-pypi-publish",
    "jfrog/setup-jfrog-cli",
];

fn minter(uses: &str) -> Option<&'static [&'static str]> {
    let name = remote_action(uses)?;
    MINTERS.iter().find(|(action, _)| action.eq_ignore_ascii_case(name)).map(|(_, inputs)| *inputs)
}

/// Whether an output of such an action is the token; others hold the app's name or the installation.
pub(super) fn is_token(output: &str) -> bool {
    output.to_ascii_lowercase().contains("token")
}

/// The tokens that the steps mint, by `steps.ID`.
pub(super) fn minted(realm: &str, owner: &str, steps: Node<'_>) -> Vec<(String, Key)> {
    let token = |step: Node<'_>| {
        minter(step.get("uses")?.text()?)?;
        let id = step.get("id")?.text()?;
        let key = Key::new(Kind::Credential, format!("github-app-token:{realm}"), format!("{owner}/{id}"));
        Some((format!("steps.{id}"), key))
    };
    steps.items().filter_map(token).collect()
}

/// The values of an action's inputs. Names of inputs are case-insensitive.
#[derive(Clone, Copy)]
pub(super) struct With<'t>(Option<Node<'t>>);

impl<'t> With<'t> {
    fn of(step: Node<'t>) -> Self {
        Self(step.get("with").filter(|with| with.is_map()))
    }

    pub(super) fn entries(self) -> Vec<Node<'t>> {
        self.0.map(Node::entries).unwrap_or_default()
    }

    /// The input with this name, when it has a value.
    pub(super) fn get(self, name: &str) -> Option<Node<'t>> {
        let named = |node: &Node<'t>| node.key().is_some_and(|key| key.eq_ignore_ascii_case(name));
        self.entries().into_iter().rfind(named).filter(|node| node.text().is_some_and(|text| !text.trim().is_empty()))
    }

    pub(super) fn text(self, name: &str) -> Option<&'t str> {
        self.get(name)?.text().map(str::trim)
    }
}

/// Reads the steps. `endpoint` is the provider whose endpoint the job as a whole speaks of.
pub(super) fn steps<'t>(
    rec: &mut Recorder<'_, 't>,
    actor: &mut Actor<'t>,
    steps: Node<'t>,
    endpoint: Option<&'static str>,
) {
    for node in steps.items() {
        let condition = Condition::of(node);
        if condition.never() {
            continue;
        }
        actor.condition = condition;
        step(rec, actor, node, endpoint);
    }
    actor.condition = Condition::default();
}

/// A scalar without the quotes of YAML, which would be one word to a shell.
fn unquoted(text: &str, span: Span) -> Span {
    let raw = span.slice(text);
    let inner = ['"', '\''].iter().find_map(|quote| raw.strip_prefix(*quote)?.strip_suffix(*quote));
    inner.map_or(span, |inner| span.within(1, 1 + inner.len()))
}

fn step<'t>(rec: &mut Recorder<'_, 't>, actor: &mut Actor<'t>, step: Node<'t>, endpoint: Option<&'static str>) {
    let inner = actor.scope.with_env(step.get("env"));
    let outer = std::mem::replace(&mut actor.scope, inner);
    let own = foreign::by_endpoint(step.target_span().slice(rec.input.text));
    if let Some(vars) = step.get("env") {
        env(rec, actor, vars, None, own);
    }
    match step.get("uses").and_then(Node::text) {
        Some(uses) => action(rec, actor, step, uses, own.or(endpoint)),
        None => {
            if let Some(run) = step.get("run") {
                rec.uses(actor, run, &Entry::named("run"));
                let script = hosts::command(&rec.input, &rec.shown, unquoted(rec.input.text, run.target_span()));
                rec.facts.secrets.extend(&script.secrets);
                authors::in_script(rec, actor, &script);
            }
        }
    }
    authors::in_env(rec, actor, step.get("env"));
    for key in ["name", "shell", "working-directory"] {
        if let Some(node) = step.get(key) {
            rec.uses(actor, node, &Entry::named(key));
        }
    }
    actor.scope = outer;
}

/// Reads a map of environment variables. `inherited` is its place when it belongs to a wider scope of the file.
pub(super) fn env<'t>(
    rec: &mut Recorder<'_, 't>,
    actor: &mut Actor<'t>,
    vars: Node<'t>,
    inherited: Option<Place>,
    endpoint: Option<&'static str>,
) {
    let mode = inherited.map_or(Mode::Explicit, Mode::Inherited);
    if !vars.is_map() {
        rec.uses(actor, vars, &Entry { mode, ..Entry::named("env") });
        return;
    }
    let endpoint = endpoint.or_else(|| foreign::by_variable(endpoint_variable(actor)));
    for var in vars.entries() {
        let Some(name) = var.key() else { continue };
        let known = catalog::env_sink(name);
        let beside = known.and_then(|sink| sink.session_with.as_deref()).and_then(|name| actor.scope.variable(name));
        let entry = Entry {
            id: known.map_or_else(|| format!("env:{name}"), |sink| sink.id.clone()),
            known,
            provider: endpoint.filter(|_| known.is_some_and(|sink| sink.provider == "aws")),
            session: beside.is_some_and(|node| !node.is_null()),
            mode: mode.clone(),
            ..Entry::default()
        };
        let keys = rec.uses(actor, var, &entry);
        if shell::is_secret_name(name) && var.text().is_some_and(|text| !text.contains("${{")) {
            rec.facts.secrets.push(var.target_span());
        }
        let Some(sink) = known.filter(|_| !keys.is_empty()) else { continue };
        let half = sink.identified_by.as_deref().and_then(|name| actor.scope.variable(name));
        logins::pair(rec, actor, &keys, half, &sink.provider, logins::host_of(&sink.provider));
    }
    logins::from_env(rec, actor, vars);
}

fn endpoint_variable<'t>(actor: &Actor<'t>) -> Option<Node<'t>> {
    ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3"].iter().find_map(|name| actor.scope.variable(name))
}

fn action<'t>(
    rec: &mut Recorder<'_, 't>,
    actor: &mut Actor<'t>,
    step: Node<'t>,
    uses: &str,
    endpoint: Option<&'static str>,
) {
    let with = With::of(step);
    let name = remote_action(uses).unwrap_or_else(|| uses.trim());
    inputs(rec, actor, name, with, endpoint);
    if let Some(id) = step.get("id").and_then(Node::text)
        && SHORT_LIVED.iter().any(|action| action.eq_ignore_ascii_case(name))
    {
        actor.short_lived.insert(id.to_owned());
    }
    fill_inputs(rec, actor, uses, with);
    mint(rec, actor, step, uses, with);
    logins::logins(rec, actor, name, with);
    authors::in_inputs(rec, actor, with);
}

/// What the inputs of an action are given.
fn inputs<'t>(
    rec: &mut Recorder<'_, 't>,
    actor: &mut Actor<'t>,
    name: &str,
    with: With<'t>,
    endpoint: Option<&'static str>,
) {
    let endpoint = endpoint.or_else(|| foreign::by_variable(endpoint_variable(actor)));
    let registry = logins::registry(name, with);
    for input in with.entries() {
        let Some(field) = input.key() else { continue };
        let known = catalog::action_sink(name, field);
        let beside = known.and_then(|sink| sink.session_with.as_deref()).and_then(|name| with.get(name));
        let by_registry = registry.as_ref().filter(|registry| !registry.is_public(field));
        let entry = Entry {
            id: known.map_or_else(|| format!("action:{name}#{field}"), |sink| sink.id.clone()),
            known,
            public: logins::is_public(name, field)
                || registry.as_ref().is_some_and(|registry| registry.is_public(field)),
            provider: match known.map(|sink| sink.provider.as_str()) {
                Some("aws") => endpoint,
                _ => by_registry.and_then(|registry| registry.provider(rec, actor)),
            },
            session: beside.is_some(),
            lifetime: by_registry.filter(|registry| registry.is_password(field)).map(|_| Lifetime::Static),
            ..Entry::default()
        };
        let keys = rec.uses(actor, input, &entry);
        if keys.is_empty() {
            continue;
        }
        match (&registry, known) {
            (Some(registry), _) if registry.is_password(field) => registry.log_in(rec, actor, &keys),
            (None, Some(sink)) => {
                let half = sink.identified_by.as_deref().and_then(|name| with.get(name));
                logins::pair(rec, actor, &keys, half, &sink.provider, logins::host_of(&sink.provider));
            }
            _ => {}
        }
    }
}

/// What the step passes to the inputs of an action, under the action's names.
fn fill_inputs<'t>(rec: &mut Recorder<'_, 't>, actor: &Actor<'t>, uses: &str, with: With<'t>) {
    let Some(action) = target(&rec.input, uses) else { return };
    for input in with.entries() {
        let Some(name) = input.key() else { continue };
        for by in rec.handed_on(actor, input) {
            let edge = Edge::BackedBy { credential: action_input(&action.name(), name), by: by.into() };
            rec.facts.state(rec.input.place(input), edge);
        }
    }
}

/// A token of a GitHub App that the step makes.
fn mint<'t>(rec: &mut Recorder<'_, 't>, actor: &Actor<'t>, step: Node<'t>, uses: &str, with: With<'t>) {
    let Some(inputs) = minter(uses) else { return };
    let Some(id) = step.get("id").and_then(Node::text) else { return };
    let Some(key) = actor.tokens.get(&format!("steps.{id}")).cloned() else { return };
    let at = rec.input.place(step);
    let token = rec.credential(&key, format!("app token of step {id} in {}", actor.title), at.span);
    token.lifetime = Some(Lifetime::Brokered);
    token.provider = Some("github".to_owned());
    token.binding = Some(Class::Service);
    token.low_value = false;
    for input in inputs.iter().filter_map(|name| with.get(name)) {
        for by in rec.handed_on(actor, input) {
            let edge = Edge::BackedBy { credential: key.clone(), by: by.into() };
            rec.facts.state(rec.input.place(input), edge);
        }
    }
}
