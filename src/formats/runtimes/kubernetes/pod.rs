//! What a pod runs as and which credentials it reads.

use super::Reader;
use super::accounts::DEFAULT_RULE;
use super::clouds;
use super::names::{Namespace, is_filled_in, is_given};
use crate::catalog::{self, Carries, Sink};
use crate::facts::{Credential, Edge, Key, Kind, Lifetime, Mode, Secret, Value, access_key, keys};
use crate::formats::shell;
use crate::syntax::Node;
use crate::text::{Place, Span};

use super::secrets::{is_placeholder, is_public};

/// The pod of a workload.
pub(super) struct Pod<'t> {
    /// Whose pod it is.
    pub(super) workload: Key,
    /// Where it runs.
    pub(super) namespace: Namespace,
    /// Its `spec`.
    pub(super) spec: Node<'t>,
    /// Its `metadata`.
    pub(super) metadata: Option<Node<'t>>,
    /// Only a part of a pod: what it leaves out stands elsewhere.
    pub(super) patch: bool,
}

/// Reads a pod. Returns where it asks for an identity token that others can trust.
pub(super) fn read(reader: &mut Reader<'_>, pod: &Pod<'_>) -> Option<Place> {
    run_as(reader, pod);
    clouds::pod_role(reader, &pod.workload, pod.metadata.and_then(|metadata| metadata.get("annotations")));
    for field in ["containers", "initContainers", "ephemeralContainers"] {
        for container in pod.spec.get(field).into_iter().flat_map(Node::items) {
            if container.get_str("$patch") != Some("delete") {
                environment(reader, pod, container);
            }
        }
    }
    volumes(reader, pod);
    for entry in pod.spec.get("imagePullSecrets").into_iter().flat_map(Node::items) {
        if let Some(name) = entry.get("name") {
            use_secret(reader, pod, name, "k8s-image-pull", true, None);
        }
    }
    projected(pod).next().map(|source| reader.input.place(source)).or_else(|| azure(reader, pod))
}

/// Azure projects a token into every pod with this label.
fn azure(reader: &Reader<'_>, pod: &Pod<'_>) -> Option<Place> {
    let label = pod.metadata?.get("labels")?.get("azure.workload.identity/use")?;
    (label.truth() == Some(true)).then(|| reader.input.place(label))
}

/// The service account tokens that the pod asks for as volumes. Those without an audience are for the cluster itself.
fn projected<'t>(pod: &Pod<'t>) -> impl Iterator<Item = Node<'t>> + use<'t> {
    sources(pod).filter_map(|source| source.get("serviceAccountToken")).filter(|token| token.get("audience").is_some())
}

fn sources<'t>(pod: &Pod<'t>) -> impl Iterator<Item = Node<'t>> + use<'t> {
    let volumes = pod.spec.get("volumes").into_iter().flat_map(Node::items);
    volumes.filter_map(|volume| volume.at(&["projected", "sources"])).flat_map(Node::items)
}

fn run_as(reader: &mut Reader<'_>, pod: &Pod<'_>) {
    let mut named: Vec<Node<'_>> = Vec::new();
    // `serviceAccount` is the old name of the field; both branches of a template stand in the file.
    for node in ["serviceAccountName", "serviceAccount"].iter().flat_map(|field| pod.spec.get_all(field)) {
        if is_given(node) && !named.iter().any(|known| known.text() == node.text()) {
            named.push(node);
        }
    }
    let Some(first) = named.first() else {
        return run_as_default(reader, pod);
    };
    let at = reader.input.place(*first);
    let mut values: Vec<Value> = named.iter().map(|node| reader.value(*node)).collect();
    let value = if values.len() == 1 { values.remove(0) } else { Value::OneOf(values) };
    let identity = reader.account(&pod.namespace, value, at);
    reader.facts.state(at, Edge::RunsAs { workload: pod.workload.clone(), identity });
}

/// A pod that names no account has the default one, unless it declines the token: then nothing in it can act as it.
fn run_as_default(reader: &mut Reader<'_>, pod: &Pod<'_>) {
    let asks = pod.spec.get("automountServiceAccountToken").and_then(Node::truth);
    let projects = sources(pod).any(|source| source.get("serviceAccountToken").is_some());
    if pod.patch || (asks == Some(false) && !projects) {
        return;
    }
    if let Some(span) = includes(reader, pod) {
        reader.facts.gap(span, "pod spec with included parts, which may name a service account");
        return;
    }
    let at = reader.input.place(pod.spec.get("containers").unwrap_or(pod.spec));
    let value = Value::Default { rule: DEFAULT_RULE, name: "default".to_owned() };
    let identity = reader.account(&pod.namespace, value, at);
    let edge = Edge::RunsAs { workload: pod.workload.clone(), identity };
    // Who asks for the token gets it even where the account withholds it from those who do not.
    let mode = if asks == Some(true) || projects { Mode::Explicit } else { Mode::Default(DEFAULT_RULE) };
    reader.facts.state_as(at, mode, edge);
}

/// An include of a chart that stands at the level of the pod's own fields, so that it may add to them. It is no part of
/// the tree, before the first field or after the last one, so the lines are read.
fn includes(reader: &Reader<'_>, pod: &Pod<'_>) -> Option<Span> {
    let text = reader.input.text;
    let first = pod.spec.children().next()?.key_span().lo as usize;
    let column = first - text.get(..first)?.rfind('\n').map_or(0, |at| at + 1);
    let mut lo = pod.spec.key_span().hi as usize;
    for line in text.get(lo..)?.split_inclusive('\n') {
        let bare = line.trim();
        let action = bare.strip_prefix("{{").map(|rest| rest.trim_start_matches('-').trim_start());
        let ends = action.is_none() && lo > first && line.len() - line.trim_start().len() < column;
        if ends && !bare.is_empty() {
            return None;
        }
        let fills = action.is_some_and(|action| ["include", "template", "tpl"].iter().any(|w| action.starts_with(w)));
        let indent = bare.rsplit_once("indent ").and_then(|(_, rest)| rest.split(' ').next()?.parse::<usize>().ok());
        if fills && indent == Some(column) {
            return Some(Span::new(lo, lo + line.len()));
        }
        lo += line.len();
    }
    None
}

/// Environment variables of a container.
fn environment(reader: &mut Reader<'_>, pod: &Pod<'_>, container: Node<'_>) {
    for source in container.get("envFrom").into_iter().flat_map(Node::items) {
        if let Some(name) = source.at(&["secretRef", "name"]) {
            use_secret(reader, pod, name, "k8s-env-from", false, None);
        }
    }
    let variables: Vec<Node<'_>> = container.get("env").into_iter().flat_map(Node::items).collect();
    let is_set = |name: &str| variables.iter().any(|variable| variable.get_str("name") == Some(name));
    for variable in &variables {
        let Some(name) = variable.get("name").and_then(Node::text) else { continue };
        let sink = catalog::env_sink(name);
        let short_lived = sink.is_some_and(|sink| sink.session_with.as_deref().is_some_and(is_set));
        let id = format!("env:{name}");
        if let Some(reference) = variable.at(&["valueFrom", "secretKeyRef"]) {
            let Some(secret) = reference.get("name") else { continue };
            let public = reference.get_str("key").is_some_and(is_public);
            if sink.is_none_or(|sink| sink.carries == Carries::Secret) {
                use_secret(reader, pod, secret, &id, public, sink.map(|sink| (sink, short_lived)));
            }
        } else if let Some(value) = variable.get("value") {
            inline(reader, pod, name, value, sink.map(|sink| (sink, short_lived)));
        }
    }
}

fn volumes(reader: &mut Reader<'_>, pod: &Pod<'_>) {
    for volume in pod.spec.get("volumes").into_iter().flat_map(Node::items) {
        if let Some(secret) = volume.get("secret")
            && let Some(name) = secret.get("secretName")
        {
            use_secret(reader, pod, name, "k8s-volume", only_public(secret), None);
        }
        if let Some(name) = volume.at(&["csi", "volumeAttributes", "secretProviderClass"]) {
            let key = reader.provider_class(&pod.namespace, &reader.value(name));
            use_key(reader, pod, key, name, "k8s-volume");
        }
        if let Some(name) = volume.at(&["csi", "nodePublishSecretRef", "name"]) {
            use_secret(reader, pod, name, "k8s-volume", false, None);
        }
    }
    for secret in sources(pod).filter_map(|source| source.get("secret")) {
        if let Some(name) = secret.get("name") {
            use_secret(reader, pod, name, "k8s-volume", only_public(secret), None);
        }
    }
}

/// Whether the volume takes nothing but certificates out of the secret.
fn only_public(volume: Node<'_>) -> bool {
    let mut items = volume.get("items").into_iter().flat_map(Node::items).peekable();
    items.peek().is_some() && items.all(|item| item.get_str("key").is_some_and(is_public))
}

/// What the catalogue says of what enters a sink; the flag tells of a second variable that makes it short-lived.
type Entry<'s> = (&'s Sink, bool);

fn use_secret(
    reader: &mut Reader<'_>,
    pod: &Pod<'_>,
    name: Node<'_>,
    sink: &str,
    low_value: bool,
    entry: Option<Entry<'_>>,
) {
    if !is_given(name) {
        return;
    }
    let value = reader.value(name);
    let at = reader.input.place(name);
    let mut credential = reader.secret(&pod.namespace, &value, at);
    credential.low_value = low_value;
    if let Some(entry) = entry {
        describe(&mut credential, entry);
    }
    let key = credential.key.clone();
    reader.facts.credentials.push(credential);
    use_key(reader, pod, key, name, sink);
}

fn use_key(reader: &mut Reader<'_>, pod: &Pod<'_>, key: Key, node: Node<'_>, sink: &str) {
    let at = reader.input.place(node);
    let edge = Edge::Uses {
        workload: pod.workload.clone(),
        credential: key.into(),
        sink: sink.to_owned(),
        inline: false,
        environment: None,
    };
    reader.facts.state(at, edge);
}

fn describe(credential: &mut Credential, (sink, short_lived): Entry<'_>) {
    credential.class.clone_from(&sink.class);
    credential.provider = Some(sink.provider.clone());
    credential.lifetime = if short_lived { Some(Lifetime::Session) } else { sink.lifetime };
    credential.binding = sink.binding;
    credential.level = sink.level;
    credential.low_value |= sink.low_value;
}

/// A credential whose value stands in the manifest.
fn inline(reader: &mut Reader<'_>, pod: &Pod<'_>, variable: &str, node: Node<'_>, entry: Option<Entry<'_>>) {
    let Some(value) = node.literal().filter(|value| !is_filled_in(value)) else { return };
    let at = reader.input.place(node);
    if entry.is_none() && shell::is_secret_name(variable) {
        reader.facts.secrets.push(node.target_span());
    }
    let credential = if variable == "AWS_ACCESS_KEY_ID" && access_key::is_id(value) {
        Some(known_by_id(value, at))
    } else {
        let is_value = |sink: &Sink| {
            sink.carries == Carries::Secret && !is_placeholder(value) && !shell::names_file(variable, value, true)
        };
        entry.filter(|(sink, _)| is_value(sink)).map(|entry| {
            reader.facts.secrets.push(node.target_span());
            let strong = Secret::new(value).fingerprint(b"");
            let key = match &strong {
                Some(print) => Key::new(Kind::Credential, "fingerprint", print),
                None => Key::new(
                    Kind::Credential,
                    format!("k8s-env:{}", reader.input.realm),
                    format!("{}/{variable}", pod.workload.name),
                ),
            };
            let mut credential = Credential::new(key, format!("value of {variable}"), at);
            describe(&mut credential, entry);
            // A weak value may as well be a default that the chart expects to be replaced: hidden, and not accused.
            credential.literal = strong.is_some();
            credential.identifiers.extend(strong.map(|print| ("fingerprint", print)));
            credential.defined = true;
            credential
        })
    };
    let Some(credential) = credential else { return };
    let edge = Edge::Uses {
        workload: pod.workload.clone(),
        credential: credential.key.clone().into(),
        sink: format!("env:{variable}"),
        inline: true,
        environment: None,
    };
    reader.facts.credentials.push(credential);
    reader.facts.state(at, edge);
}

/// The access key by its public id. That the id stands in the text is for the search of tokens to say.
fn known_by_id(id: &str, at: Place) -> Credential {
    let title = format!("AWS access key {}", Secret::new(id).redacted(4));
    let mut credential = Credential::new(keys::aws_access_key(id), title, at);
    credential.class = Some("aws-access-key".to_owned());
    credential.provider = Some("aws".to_owned());
    credential.lifetime = Some(if id.starts_with("ASIA") { Lifetime::Session } else { Lifetime::Static });
    credential.identifiers.push(("aws-access-key-id", id.to_owned()));
    credential
}
