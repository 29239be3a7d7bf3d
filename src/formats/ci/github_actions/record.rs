//! Turns a text with expressions in it into uses of credentials.

use std::collections::{BTreeMap, BTreeSet};

use super::condition::Condition;
use super::entry::Entry;
use super::expression::{Expr, Part, Path, Piece, masked, parse, pieces};
use super::foreign;
use super::names;
use super::origin::{Platform, action_input, called_secret, repository};
use super::steps;
use super::values::Scope;
use crate::catalog::{self, Carries};
use crate::facts::{Class, Credential, Edge, Facts, Key, Kind, Level, Lifetime, Secret, Slot, Store, Value};
use crate::formats::Input;
use crate::syntax::{Masked, Node};
use crate::text::{Place, Span};

/// How `secrets.NAME` of a workflow is keyed.
#[derive(Clone, Debug)]
pub(super) enum Origin {
    /// The repository's own secrets.
    Repository,
    /// Those that a caller passes in, by the name of the workflow.
    Callers(String),
    /// Either, depending on what starts it.
    Both(String),
}

/// Software whose uses are being read: a job or an action.
pub(super) struct Actor<'t> {
    pub(super) key: Key,
    pub(super) title: String,
    pub(super) scope: Scope<'t>,
    /// In whose scope secrets are read; none when they may come from the repository.
    pub(super) environment: Option<Value>,
    pub(super) origin: Origin,
    /// The action whose inputs `inputs.NAME` are.
    pub(super) action: Option<String>,
    /// Tokens that steps of the job mint, and those that other jobs pass on, by `steps.ID` or `needs.ID.outputs.NAME`.
    pub(super) tokens: BTreeMap<String, Key>,
    /// Steps whose outputs live no longer than the run.
    pub(super) short_lived: BTreeSet<String>,
    /// The condition of the step that is being read.
    pub(super) condition: Condition,
    /// The conditions of everything that gets a credential or an identity.
    pub(super) bearing: Vec<Condition>,
    /// What lets a log tell its runs apart.
    pub(super) discriminator: Option<Place>,
    /// What the token of the job may do; none where the settings of the repository decide.
    pub(super) level: Option<Level>,
    job_token: bool,
}

impl<'t> Actor<'t> {
    pub(super) fn new(key: Key, title: String, scope: Scope<'t>, origin: Origin) -> Self {
        Self {
            key,
            title,
            scope,
            environment: None,
            origin,
            action: None,
            tokens: BTreeMap::new(),
            short_lived: BTreeSet::new(),
            condition: Condition::default(),
            bearing: Vec::new(),
            discriminator: None,
            level: None,
            job_token: false,
        }
    }
}

/// Gathers the facts of one file.
pub(super) struct Recorder<'a, 't> {
    pub(super) input: Input<'t>,
    pub(super) facts: &'a mut Facts,
    pub(super) platform: Platform,
    /// The file with its expressions overwritten, for the shell's reader.
    pub(super) shown: Masked,
    credentials: BTreeMap<Key, Credential>,
    /// Credentials of the field that is being read.
    found: Vec<Key>,
    /// Secrets that go into a field for something public somewhere in the file, so that they are no secrets elsewhere.
    public: BTreeSet<Key>,
}

impl<'a, 't> Recorder<'a, 't> {
    pub(super) fn new(input: Input<'t>, facts: &'a mut Facts, platform: Platform) -> Self {
        Self {
            shown: masked(input.text),
            input,
            facts,
            platform,
            credentials: BTreeMap::new(),
            found: Vec::new(),
            public: BTreeSet::new(),
        }
    }

    /// Hands over what was gathered about credentials.
    pub(super) fn finish(mut self) {
        for key in &self.public {
            if let Some(credential) = self.credentials.get_mut(key).filter(|credential| credential.provider.is_none()) {
                credential.low_value = true;
            }
        }
        self.facts.credentials.extend(self.credentials.into_values());
    }

    /// What is known so far about a credential of this file.
    pub(super) fn credential(&mut self, key: &Key, title: String, span: Span) -> &mut Credential {
        let at = self.input.at(span);
        self.credentials.entry(key.clone()).or_insert_with(|| {
            let mut credential = Credential::new(key.clone(), title, at);
            // One sink that matters makes it matter.
            credential.low_value = true;
            credential
        })
    }

    /// Whether a credential of this file is made anew for each run.
    pub(super) fn is_session(&self, key: &Key) -> bool {
        self.credentials.get(key).is_some_and(|credential| credential.lifetime == Some(Lifetime::Session))
    }

    /// Records every use in a field. Returns the credentials, without those that the platform makes for each job.
    pub(super) fn uses(&mut self, actor: &mut Actor<'t>, node: Node<'t>, entry: &Entry) -> Vec<Key> {
        let Some(text) = node.text() else { return Vec::new() };
        if !text.contains("${{") {
            self.literal(actor, node, text, entry);
            return Vec::new();
        }
        let pieces = pieces(text);
        let alone = pieces.len() == 1;
        let raw = node.target_span();
        let mut cursor = 0;
        let mut label = None;
        for piece in pieces {
            let Piece::Expr(inner) = piece else {
                if let Piece::Text(before) = piece {
                    label = names::label(before);
                }
                continue;
            };
            let Some(expr) = parse(inner) else {
                if inner.contains("secrets") {
                    self.facts.gap(raw, "expression over secrets that does not parse");
                }
                continue;
            };
            let mut paths = Vec::new();
            expr.yields(&mut |path| paths.push(path));
            for path in paths {
                let span = self.locate(raw, &mut cursor, &path.source);
                self.path(
                    actor,
                    path,
                    entry,
                    Here { span, alone, labelled_public: label.is_some_and(names::is_public), depth: 0 },
                );
            }
        }
        std::mem::take(&mut self.found)
    }

    /// Where the expression stands; block scalars and escapes may have moved it, so it is looked for in the source.
    fn locate(&self, raw: Span, cursor: &mut usize, needle: &str) -> Span {
        let text = raw.slice(self.input.text);
        let found = text.get(*cursor..).and_then(|rest| rest.find(needle));
        found.map_or(raw, |at| {
            let lo = *cursor + at;
            *cursor = lo + needle.len();
            raw.within(lo, lo + needle.len())
        })
    }

    fn path(&mut self, actor: &mut Actor<'t>, path: &Path, entry: &Entry, here: Here) {
        match (path.root.as_str(), path.names().as_deref()) {
            ("secrets", Some([name, ..])) => self.secret(actor, name, entry, here),
            ("secrets", _) => self.several(actor, path, entry, here),
            ("github", Some(["token"])) => self.job_token(actor, entry, here.span),
            ("steps", Some([step, "outputs", output])) => {
                let token = actor.tokens.get(&format!("steps.{step}")).cloned();
                if token.is_some() && !steps::is_token(output) {
                    return;
                }
                self.output(actor, token, step, output, entry, here);
            }
            ("needs", Some([job, "outputs", output])) => {
                let token = actor.tokens.get(&format!("needs.{job}.outputs.{output}")).cloned();
                self.output(actor, token, job, output, entry, here);
            }
            ("inputs", Some([name])) if entry.is_secret() => {
                if let Some(action) = actor.action.clone() {
                    let key = action_input(&action, name);
                    let credential = self.credential(&key, format!("input {name}"), here.span);
                    credential.low_value = false;
                    self.found.push(key.clone());
                    self.state_use(actor, key.into(), entry, here.span, false);
                }
            }
            ("env", Some([name])) if here.depth == 0 => self.variable(actor, name, entry, here),
            _ => {}
        }
    }

    /// A variable that was filled from a secret passes it on.
    fn variable(&mut self, actor: &mut Actor<'t>, name: &str, entry: &Entry, here: Here) {
        let Some(text) = actor.scope.variable(name).and_then(Node::text) else { return };
        for piece in pieces(text) {
            let Piece::Expr(inner) = piece else { continue };
            let Some(expr) = parse(inner) else { continue };
            let mut paths = Vec::new();
            expr.yields(&mut |path| paths.push(path));
            for path in paths {
                self.path(actor, path, entry, Here { depth: 1, ..here });
            }
        }
    }

    fn output(
        &mut self,
        actor: &mut Actor<'t>,
        token: Option<Key>,
        from: &str,
        output: &str,
        entry: &Entry,
        here: Here,
    ) {
        match token {
            Some(key) => {
                self.found.push(key.clone());
                self.state_use(actor, key.into(), entry, here.span, false);
                actor.bearing.push(actor.condition.clone());
            }
            None if entry.is_secret() && !entry.session && !actor.short_lived.contains(from) => {
                let what = format!("output `{output}` of `{from}` goes to {} and was not followed", entry.id);
                self.facts.gap(here.span, what);
            }
            _ => {}
        }
    }

    /// `secrets[…]`, `secrets.*`, `toJSON(secrets)`.
    fn several(&mut self, actor: &mut Actor<'t>, path: &Path, entry: &Entry, here: Here) {
        if let [Part::Index(index)] = path.parts.as_slice() {
            let names = actor.scope.value_of(index, &path.source);
            if let Some(names) = literals(&names) {
                for name in names {
                    self.secret(actor, &name, entry, here);
                }
                return;
            }
            self.facts.gap(here.span, "a secret is picked by an expression");
        } else {
            self.facts.gap(here.span, "all secrets are handed over at once");
        }
        let unknown = Value::unknown("an expression picks the secret");
        let slot = Slot::new(Kind::Credential, format!("{}:{}", self.platform.word(), self.input.realm), unknown);
        self.state_use(actor, slot, entry, here.span, false);
        actor.bearing.push(actor.condition.clone());
    }

    /// A secret of the repository that the file belongs to; `*` for all of them.
    pub(super) fn repository_secret(&self, name: &str) -> Key {
        self.platform.secret(&repository(&self.input), name)
    }

    fn secret(&mut self, actor: &mut Actor<'t>, name: &str, entry: &Entry, here: Here) {
        if self.platform.is_job_token(name) {
            return self.job_token(actor, entry, here.span);
        }
        // One of several parts of a secret document may be public: the client id in Azure's JSON.
        let public_part = entry.is_secret() && !here.alone && (here.labelled_public || names::is_public(name));
        let named_setting =
            entry.known.is_none() && catalog::env_sink(name).is_some_and(|sink| sink.carries != Carries::Secret);
        let repository = self.repository_secret(name);
        if entry.is_public() {
            // A caller of this workflow would else hand on something that nobody knows.
            if let Origin::Callers(workflow) | Origin::Both(workflow) = &actor.origin {
                let title = format!("secrets.{}", repository.name);
                self.credential(&called_secret(workflow, name), title, here.span);
            }
            self.public.insert(repository);
            return;
        }
        if public_part || named_setting {
            return;
        }
        let (first, second) = match &actor.origin {
            Origin::Repository => (repository, None),
            Origin::Callers(workflow) => (called_secret(workflow, name), None),
            Origin::Both(workflow) => (repository, Some(called_secret(workflow, name))),
        };
        self.describe(&first, name, entry, here);
        self.state_use(actor, first.clone().into(), entry, here.span, false);
        self.found.push(first);
        if let Some(second) = second {
            self.state_use(actor, second.into(), entry, here.span, false);
        }
        if entry.lifetime() != Some(Lifetime::Session) {
            actor.bearing.push(actor.condition.clone());
        }
    }

    fn describe(&mut self, key: &Key, name: &str, entry: &Entry, here: Here) {
        let store = Store {
            kind: self.platform.word().to_owned(),
            instance: repository(&self.input),
            scope: String::new(),
            name: name.to_owned(),
        };
        let provider = entry.provider(name);
        let credential = self.credential(key, format!("secrets.{}", key.name), here.span);
        credential.store.get_or_insert(store);
        credential.lifetime = credential.lifetime.or(entry.lifetime());
        // What an endpoint says outweighs what the variable's name says.
        if credential.provider.is_none() || provider.as_deref().is_some_and(foreign::is_foreign) {
            credential.provider = provider.or(credential.provider.take());
        }
        let foreign = credential.provider.as_deref().is_some_and(foreign::is_foreign);
        if let Some(sink) = entry.known {
            if !foreign {
                credential.class = credential.class.take().or_else(|| sink.class.clone());
            }
            credential.binding = credential.binding.or(sink.binding);
            credential.level = credential.level.max(sink.level);
            credential.low_value &= sink.low_value;
        } else if !(entry.handed_on
            || here.labelled_public
            || names::is_public(name)
            || names::is_public(entry.field()))
        {
            credential.low_value = false;
        }
    }

    /// The token that the platform makes for each job: one use is enough to know.
    fn job_token(&mut self, actor: &mut Actor<'t>, entry: &Entry, span: Span) {
        if actor.job_token || entry.is_public() {
            return;
        }
        actor.job_token = true;
        let key = Key::new(Kind::Credential, format!("github-job-token:{}", self.input.realm), actor.key.name.clone());
        let title = format!("job token of {}", actor.title);
        let provider = if self.platform == Platform::GitHub { "github" } else { "gitea" };
        let credential = self.credential(&key, title, span);
        credential.lifetime = Some(Lifetime::Session);
        credential.provider = Some(provider.to_owned());
        credential.binding = Some(Class::Workload);
        credential.level = actor.level;
        credential.low_value = false;
        self.state_use(actor, key.into(), entry, span, false);
    }

    /// A value in plain sight where a secret belongs.
    fn literal(&mut self, actor: &mut Actor<'t>, node: Node<'t>, text: &str, entry: &Entry) {
        let is_value = !text.is_empty()
            && !node.is_null()
            && !text.starts_with(['$', '/', '.', '~'])
            && !text.contains("://")
            && !text.contains(char::is_whitespace);
        let Some(sink) = entry.known.filter(|_| entry.is_secret() && is_value) else { return };
        let span = node.target_span();
        self.facts.secrets.push(span);
        let lower = text.to_ascii_lowercase();
        let placeholder = ["example", "your", "dummy", "changeme", "xxxx"].iter().any(|word| lower.contains(word));
        let Some(fingerprint) = Secret::new(text).fingerprint(b"").filter(|_| !placeholder) else { return };
        let key = Key::new(Kind::Credential, "fingerprint", fingerprint);
        let credential = self.credential(&key, format!("value at {}", entry.id), span);
        credential.defined = true;
        credential.literal = true;
        credential.class = sink.class.clone();
        credential.provider = Some(sink.provider.clone());
        credential.lifetime = entry.lifetime();
        credential.level = sink.level;
        credential.low_value &= sink.low_value;
        actor.bearing.push(actor.condition.clone());
        self.state_use(actor, key.into(), entry, span, true);
    }

    fn state_use(&mut self, actor: &Actor<'t>, credential: Slot, entry: &Entry, span: Span, inline: bool) {
        let edge = Edge::Uses {
            workload: actor.key.clone(),
            credential,
            sink: entry.id.clone(),
            inline,
            environment: actor.environment.clone(),
        };
        self.facts.state_as(self.input.at(span), entry.mode.clone(), edge);
    }

    /// A call that hands on all secrets: the job has what the called workflow uses of them.
    pub(super) fn uses_all(&mut self, actor: &mut Actor<'t>, all: Key, span: Span, callee: &str) {
        self.state_use(actor, all.into(), &Entry::named(format!("call:{callee}#*")), span, false);
        actor.bearing.push(actor.condition.clone());
    }

    /// The credential behind a field that hands it on, without recording a use.
    pub(super) fn handed_on(&self, actor: &Actor<'t>, node: Node<'t>) -> Vec<Key> {
        let mut keys = Vec::new();
        for piece in node.text().map(pieces).unwrap_or_default() {
            let Piece::Expr(inner) = piece else { continue };
            let Some(expr) = parse(inner) else { continue };
            expr.yields(&mut |path: &Path| match (path.root.as_str(), path.names().as_deref()) {
                ("secrets", Some([name])) if !self.platform.is_job_token(name) => {
                    keys.push(match &actor.origin {
                        Origin::Callers(workflow) => called_secret(workflow, name),
                        _ => self.repository_secret(name),
                    });
                }
                ("inputs", Some([name])) => {
                    keys.extend(actor.action.as_deref().map(|action| action_input(action, name)))
                }
                ("steps", Some([step, "outputs", _])) => {
                    keys.extend(actor.tokens.get(&format!("steps.{step}")).cloned());
                }
                _ => {}
            });
        }
        keys
    }
}

/// Where a path stands, and how it was come by.
#[derive(Clone, Copy)]
struct Here {
    span: Span,
    /// The expression is the whole field.
    alone: bool,
    /// The text before it gives it the name of something public.
    labelled_public: bool,
    depth: u8,
}

/// The literals of a value, when it has nothing else.
fn literals(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Literal(name) => Some(vec![name.clone()]),
        Value::OneOf(values) => values.iter().map(|value| value.as_literal().map(str::to_owned)).collect(),
        _ => None,
    }
}

/// The expression of a field that holds nothing else.
pub(super) fn sole_expression(text: &str) -> Option<Expr> {
    match pieces(text.trim()).as_slice() {
        [Piece::Expr(inner)] => parse(inner),
        _ => None,
    }
}
