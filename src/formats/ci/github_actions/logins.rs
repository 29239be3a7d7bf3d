//! As whom a step logs in: cloud roles, accounts of registries, and the account that goes with a password.

use std::collections::BTreeMap;

use super::entry::Entry;
use super::expression::Expr;
use super::record::{Actor, Recorder, sole_expression};
use super::steps::With;
use crate::facts::{Class, Confidence, Credential, Edge, Identity, Key, Kind, Lifetime, Slot, Store, Value, keys};
use crate::syntax::Node;
use crate::text::Span;

const AWS: &str = "aws-actions/configure-aws-credentials";
const GOOGLE: &str = "google-github-actions/auth";
const AZURE: &str = "azure/login";
const VAULT: &str = "hashicorp/vault-action";

/// Inputs that name a principal, whatever they are filled from.
const PUBLIC_INPUTS: [(&str, &[&str]); 5] = [
    (AWS, &["role-to-assume", "aws-access-key-id", "role-session-name", "aws-region", "role-external-id"]),
    (GOOGLE, &["workload_identity_provider", "service_account", "project_id", "access_token_subject", "delegates"]),
    (AZURE, &["client-id", "tenant-id", "subscription-id"]),
    (VAULT, &["url", "role", "path", "namespace", "roleId"]),
    ("actions/create-github-app-token", &["app-id", "client-id", "owner", "repositories"]),
];

/// Whether the input of an action takes nothing secret.
pub(super) fn is_public(action: &str, input: &str) -> bool {
    PUBLIC_INPUTS.iter().any(|(name, inputs)| {
        name.eq_ignore_ascii_case(action) && inputs.iter().any(|known| known.eq_ignore_ascii_case(input))
    })
}

/// User names that a service wants beside a token and that are nobody's account.
const FIXED_NAMES: [&str; 9] = [
    "__token__",
    "oauth2accesstoken",
    "_json_key",
    "_json_key_base64",
    "aws",
    "x-access-token",
    "oauth2",
    "token",
    "00000000-0000-0000-0000-000000000000",
];

/// The host whose accounts the credentials of a provider belong to.
pub(super) fn host_of(provider: &str) -> Option<&'static str> {
    Some(match provider {
        "docker-hub" | "docker" => "docker.io",
        "quay" => "quay.io",
        "pypi" => "pypi.org",
        "npm" => "registry.npmjs.org",
        "rubygems" => "rubygems.org",
        _ => return None,
    })
}

/// The public half that goes with credentials: an access key id makes them known everywhere, a login says whose they are.
pub(super) fn pair<'t>(
    rec: &mut Recorder<'_, 't>,
    actor: &Actor<'t>,
    keys: &[Key],
    half: Option<Node<'t>>,
    provider: &str,
    host: Option<&str>,
) {
    let Some((half, text)) = half.and_then(|node| Some((node, node.text()?.trim()))) else { return };
    if provider == "aws" {
        if is_aws_key_id(text) {
            for key in keys {
                let credential = rec.credential(key, String::new(), half.target_span());
                credential.identifiers.push(("aws-access-key-id", text.to_owned()));
                if text.starts_with("ASIA") {
                    credential.lifetime = Some(Lifetime::Session);
                }
            }
        }
    } else if let Some(host) = host {
        account(rec, actor, keys, half, host);
    }
}

/// Form of access key ids: docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
fn is_aws_key_id(text: &str) -> bool {
    text.len() == 20
        && (text.starts_with("AKIA") || text.starts_with("ASIA"))
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

/// The credentials log in as the account that `login` names.
fn account<'t>(rec: &mut Recorder<'_, 't>, actor: &Actor<'t>, keys: &[Key], login: Node<'t>, host: &str) {
    let Some(text) = login.text().map(str::trim) else { return };
    let value = actor.scope.value(text);
    let fixed = value.as_literal().is_some_and(|name| FIXED_NAMES.iter().any(|fixed| name.eq_ignore_ascii_case(fixed)));
    // Whoever starts the run is another one each time.
    if text.is_empty() || fixed || text.contains("github.actor") || text.starts_with('$') && !text.starts_with("${{") {
        return;
    }
    let realm = keys::registry_account(host, "").realm;
    let value = lower(value);
    let at = rec.input.at(login.target_span());
    for key in keys.iter().filter(|key| !rec.is_session(key)).cloned().collect::<Vec<_>>() {
        let identity = Slot::new(Kind::Identity, realm.clone(), value.clone());
        rec.facts.state(at, Edge::AuthenticatesAs { credential: key, identity });
    }
}

fn lower(value: Value) -> Value {
    match value {
        Value::Literal(name) => Value::Literal(name.to_ascii_lowercase()),
        Value::OneOf(values) => Value::OneOf(values.into_iter().map(lower).collect()),
        other => other,
    }
}

/// An action that logs in to a registry with a name and a password.
pub(super) struct Registry<'t> {
    username: &'static str,
    host: &'static str,
    default: &'static str,
    with: With<'t>,
}

/// Action, input of the account, input of the host, host without one.
const REGISTRIES: [(&str, &str, &str, &str); 7] = [
    ("docker/login-action", "username", "registry", "docker.io"),
    ("redhat-actions/podman-login", "username", "registry", "docker.io"),
    ("azure/docker-login", "username", "login-server", "docker.io"),
    ("peter-evans/dockerhub-description", "username", "", "docker.io"),
    ("docker/build-push-action", "username", "registry", "docker.io"),
    ("elgohr/publish-docker-github-action", "username", "registry", "docker.io"),
    ("pypa/gh-action-pypi-publish", "user", "repository-url", "pypi.org"),
];

/// The login that the action makes, if it is one of these.
pub(super) fn registry<'t>(action: &str, with: With<'t>) -> Option<Registry<'t>> {
    let (_, username, host, default) = REGISTRIES.iter().find(|(name, ..)| name.eq_ignore_ascii_case(action))?;
    Some(Registry { username, host, default, with })
}

impl<'t> Registry<'t> {
    /// Whether the input takes the account or the host.
    pub(super) fn is_public(&self, input: &str) -> bool {
        [self.username, self.host, "repository", "logout"].iter().any(|name| name.eq_ignore_ascii_case(input))
    }

    /// Whether the input takes the password.
    pub(super) fn is_password(&self, input: &str) -> bool {
        ["password", "repository_password"].iter().any(|name| name.eq_ignore_ascii_case(input))
    }

    fn host(&self, actor: &Actor<'t>) -> String {
        self.with.text(self.host).map_or_else(|| self.default.to_owned(), |text| host_name(&actor.scope.value(text)))
    }

    /// The provider by the host.
    pub(super) fn provider(&self, _rec: &Recorder<'_, 't>, actor: &Actor<'t>) -> Option<&'static str> {
        provider(&self.host(actor), self.with.text(self.username))
    }

    /// The passwords log in as the account.
    pub(super) fn log_in(&self, rec: &mut Recorder<'_, 't>, actor: &Actor<'t>, keys: &[Key]) {
        if let Some(login) = self.with.get(self.username) {
            account(rec, actor, keys, login, &self.host(actor));
        }
    }
}

/// The host of a registry, without scheme and path.
fn host_name(value: &Value) -> String {
    let label = value.label();
    if value.as_literal().is_none() {
        return label;
    }
    let name = label.split_once("://").map_or(label.as_str(), |(_, rest)| rest);
    let name = name.split('/').next().unwrap_or(name).to_ascii_lowercase();
    match name.as_str() {
        "index.docker.io" | "registry-1.docker.io" | "hub.docker.com" | "" => "docker.io".to_owned(),
        "upload.pypi.org" => "pypi.org".to_owned(),
        _ => name,
    }
}

fn provider(host: &str, login: Option<&str>) -> Option<&'static str> {
    let google = host.ends_with("gcr.io") || host.ends_with("pkg.dev");
    Some(match host {
        "docker.io" => "docker-hub",
        "ghcr.io" => "github",
        "quay.io" => "quay",
        "pypi.org" => "pypi",
        _ if google && login.is_some_and(|login| login.starts_with("_json_key")) => "gcp",
        _ if host.ends_with(".azurecr.io") => "azure",
        _ if host.contains(".dkr.ecr.") => "aws",
        _ => "registry",
    })
}

/// `credentials:` of a container or of a service.
pub(super) fn container<'t>(rec: &mut Recorder<'_, 't>, actor: &mut Actor<'t>, container: Node<'t>, id: &str) {
    let Some(credentials) = container.get("credentials") else { return };
    let image = container.get("image").and_then(Node::text).unwrap_or_default();
    let first = image.split('/').next().unwrap_or_default();
    let host = if image.contains('/') && first.contains(['.', ':']) { first } else { "docker.io" };
    let login = credentials.get("username");
    let Some(password) = credentials.get("password") else { return };
    let entry = Entry {
        provider: provider(host, login.and_then(Node::text)),
        lifetime: Some(Lifetime::Static),
        ..Entry::named(format!("{id}.credentials"))
    };
    if password.text().is_some_and(|text| !text.contains("${{")) {
        rec.facts.secrets.push(password.target_span());
    }
    let keys = rec.uses(actor, password, &entry);
    if let Some(login) = login {
        account(rec, actor, &keys, login, host);
    }
}

/// The identities that a step takes on without a password.
pub(super) fn logins<'t>(rec: &mut Recorder<'_, 't>, actor: &mut Actor<'t>, action: &str, with: With<'t>) {
    if action.eq_ignore_ascii_case(AWS) {
        aws(rec, actor, with);
    } else if action.eq_ignore_ascii_case(GOOGLE) {
        google(rec, actor, with);
    } else if action.eq_ignore_ascii_case(AZURE) {
        let client = with.get("client-id").filter(|_| with.get("creds").is_none());
        if let Some(client) = client {
            entra(rec, actor, client);
        }
    } else if action.eq_ignore_ascii_case(VAULT) {
        vault(rec, actor, with);
    }
}

fn aws<'t>(rec: &mut Recorder<'_, 't>, actor: &mut Actor<'t>, with: With<'t>) {
    if let Some(name) = with.get("role-session-name")
        && name.text().is_some_and(names_the_run)
    {
        actor.discriminator.get_or_insert(rec.input.place(name));
    }
    let Some(role) = with.get("role-to-assume") else { return };
    let slots = aws_roles(rec.input.realm, &actor.scope.value(role.text().unwrap_or_default()));
    // With a key beside it, the key's holder may take on the role: that is no federation.
    let by_key = with.get("aws-secret-access-key");
    let keys = by_key.map(|key| rec.handed_on(actor, key)).unwrap_or_default();
    for slot in slots {
        for key in &keys {
            let edge = Edge::AuthenticatesAs { credential: key.clone(), identity: slot.clone() };
            rec.facts.state(rec.input.place(role), edge);
        }
        acts_as(rec, actor, slot, role, "aws-role", None);
    }
}

fn names_the_run(session: &str) -> bool {
    let lower = session.to_ascii_lowercase();
    ["run_id", "run_number", "run_attempt"].iter().any(|mark| lower.contains(mark))
}

/// The roles that a value may stand for, by the realm of their account.
fn aws_roles(realm: &str, value: &Value) -> Vec<Slot> {
    let mut by_realm: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let values = match value {
        Value::OneOf(values) => values.as_slice(),
        one => std::slice::from_ref(one),
    };
    for value in values {
        let (realm, value) = match value {
            Value::Literal(text) if text.is_empty() => continue,
            Value::Literal(text) => {
                let key = keys::aws_arn(text).unwrap_or_else(|| {
                    keys::aws_principal(realm, &format!("role/{}", text.rsplit('/').next().unwrap_or(text)))
                });
                (key.realm, Value::Literal(key.name))
            }
            other => (format!("aws:{realm}"), other.clone()),
        };
        by_realm.entry(realm).or_default().push(value);
    }
    by_realm.into_iter().map(|(realm, values)| Slot::new(Kind::Identity, realm, one_of(values))).collect()
}

fn one_of(mut values: Vec<Value>) -> Value {
    if values.len() == 1 { values.remove(0) } else { Value::OneOf(values) }
}

fn google<'t>(rec: &mut Recorder<'_, 't>, actor: &mut Actor<'t>, with: With<'t>) {
    if let Some(person) = with.get("access_token_subject") {
        let value = lower(actor.scope.value(person.text().unwrap_or_default()));
        let class = (Class::Human, "domain-wide delegation lets the job act as this user");
        acts_as(rec, actor, Slot::new(Kind::Identity, "google-workspace", value), person, "google-user", Some(class));
    }
    if with.get("credentials_json").is_some() {
        return;
    }
    if let Some(account) = with.get("service_account") {
        let slot = match actor.scope.value(account.text().unwrap_or_default()) {
            Value::Literal(email) => keys::google_service_account(&email).into(),
            value => Slot::new(Kind::Identity, format!("gcp:{}", rec.input.realm), value),
        };
        acts_as(rec, actor, slot, account, "gcp-service-account", None);
    } else if let Some(pool) = with.get("workload_identity_provider") {
        let value = actor.scope.value(pool.text().unwrap_or_default());
        let project = value.as_literal().and_then(|name| name.split('/').nth(1));
        let realm = format!("gcp:{}", project.unwrap_or(rec.input.realm));
        acts_as(rec, actor, Slot::new(Kind::Identity, realm, value), pool, "gcp-workload-pool", None);
    }
}

fn entra<'t>(rec: &mut Recorder<'_, 't>, actor: &mut Actor<'t>, client: Node<'t>) {
    let realm = keys::entra_client("").realm;
    let value = lower(actor.scope.value(client.text().unwrap_or_default()));
    acts_as(rec, actor, Slot::new(Kind::Identity, realm, value), client, "entra-client", None);
}

/// The variables with which Terraform's Azure providers federate (registry.terraform.io, azurerm, "OpenID Connect").
pub(super) fn from_env<'t>(rec: &mut Recorder<'_, 't>, actor: &mut Actor<'t>, vars: Node<'t>) {
    let federates = actor.scope.variable("ARM_USE_OIDC").and_then(Node::truth) == Some(true);
    if let Some(client) = vars.get("ARM_CLIENT_ID").filter(|_| federates) {
        entra(rec, actor, client);
    }
}

/// Second parts of Vault paths from which each read gets something new (developer.hashicorp.com/vault/docs/secrets).
const DYNAMIC: [&str; 8] = ["creds", "sts", "issue", "sign", "token", "key", "roleset", "static-account"];

fn vault<'t>(rec: &mut Recorder<'_, 't>, actor: &mut Actor<'t>, with: With<'t>) {
    let server = with.text("url").map_or_else(|| "vault".to_owned(), |url| host_name(&actor.scope.value(url)));
    let realm = format!("vault:{server}");
    if let Some(role) = with.get("role").filter(|_| with.text("method") == Some("jwt")) {
        let slot = match actor.scope.value(role.text().unwrap_or_default()) {
            Value::Literal(name) => Slot::new(Kind::Identity, realm.clone(), Value::Literal(format!("role/{name}"))),
            value => Slot::new(Kind::Identity, realm.clone(), value),
        };
        acts_as(rec, actor, slot, role, "vault-role", None);
    }
    let Some(list) = with.get("secrets") else { return };
    let raw = list.target_span();
    let mut cursor = 0;
    for entry in list.text().unwrap_or_default().split([';', '\n']) {
        let Some(path) = entry.split_whitespace().next().filter(|path| path.contains('/')) else { continue };
        let found = raw.slice(rec.input.text).get(cursor..).and_then(|rest| rest.find(path));
        let span = found.map_or(raw, |at| raw.within(cursor + at, cursor + at + path.len()));
        cursor = found.map_or(cursor, |at| cursor + at + path.len());
        vault_secret(rec, actor, &realm, &server, path, span);
    }
}

fn vault_secret<'t>(
    rec: &mut Recorder<'_, 't>,
    actor: &mut Actor<'t>,
    realm: &str,
    server: &str,
    path: &str,
    span: Span,
) {
    let slot = Slot::new(Kind::Credential, realm, actor.scope.value(path));
    for key in slot.keys() {
        let mut credential = Credential::new(key, format!("{path} in Vault"), rec.input.at(span));
        credential.provider = Some("vault".to_owned());
        if path.split('/').skip(1).any(|part| DYNAMIC.contains(&part)) {
            credential.lifetime = Some(Lifetime::Session);
        } else {
            actor.bearing.push(actor.condition.clone());
        }
        credential.store = Some(Store {
            kind: "vault".to_owned(),
            instance: server.to_owned(),
            scope: String::new(),
            name: path.to_owned(),
        });
        rec.facts.credentials.push(credential);
    }
    let edge = Edge::Uses {
        workload: actor.key.clone(),
        credential: slot,
        sink: format!("action:{VAULT}#secrets"),
        inline: false,
        environment: None,
    };
    rec.facts.state(rec.input.at(span), edge);
}

/// The workload acts as an identity. One that only an expression names is shown as the file writes it.
fn acts_as<'t>(
    rec: &mut Recorder<'_, 't>,
    actor: &mut Actor<'t>,
    slot: Slot,
    node: Node<'t>,
    sort: &'static str,
    class: Option<(Class, &'static str)>,
) {
    let at = rec.input.at(node.target_span());
    let text = node.text().unwrap_or_default().trim();
    let fixed = slot.value.as_literal().is_some();
    for key in slot.keys() {
        if key.name.is_empty() {
            continue;
        }
        let title = if fixed || sole_literal(text) { key.name.clone() } else { text.to_owned() };
        let mut identity = Identity::new(key.clone(), title, sort, at);
        if let Some((class, why)) = class.filter(|_| !crate::catalog::is_robot(&key.name)) {
            identity = identity.class(class, Confidence::Medium, why);
        }
        rec.facts.identities.push(identity);
    }
    rec.facts.state(at, Edge::RunsAs { workload: actor.key.clone(), identity: slot });
    actor.bearing.push(actor.condition.clone());
}

fn sole_literal(text: &str) -> bool {
    !text.contains("${{") || matches!(sole_expression(text), Some(Expr::Text(_)))
}
