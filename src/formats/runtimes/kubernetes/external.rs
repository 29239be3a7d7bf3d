//! Secrets whose values come from a secret manager.

use std::collections::BTreeSet;

use super::Reader;
use super::names::{Namespace, is_given, label};
use super::object::Object;
use crate::facts::{Credential, Edge, Key, Kind, Slot, Value};
use crate::syntax::Node;

/// An `ExternalSecret` of external-secrets.io, or of its forerunner kubernetes-client.io.
pub(super) fn secret(reader: &mut Reader<'_>, object: &Object<'_>) {
    let Some(own) = object.name() else { return };
    let spec = object.node.get("spec");
    let spec = spec.and_then(|spec| spec.get("externalSecretSpec")).or(spec);
    let Some(spec) = spec else { return };
    let target = spec.at(&["target", "name"]).filter(|name| is_given(*name));
    let namespace = reader.namespace_of(object);
    let at = reader.input.place(own);
    let mut credential = reader.secret(&namespace, &reader.value(target.unwrap_or(own)), at);
    credential.defined = true;
    let key = credential.key.clone();
    reader.facts.credentials.push(credential);
    reader.owners(&key, &[object.metadata()]);
    back(reader, spec, &key);
}

/// Joins the secret with its source. Only with one source: the parts of a secret with several are not the same thing,
/// and each of them would drag in whatever else is made from it.
fn back(reader: &mut Reader<'_>, spec: Node<'_>, credential: &Key) {
    let store = store(reader, spec);
    let nodes = remote_keys(spec);
    let values: BTreeSet<String> = nodes.iter().filter_map(|node| reader.key_name(*node)).collect();
    match (nodes.first(), values.len()) {
        (Some(node), 1) => {
            let at = reader.input.place(*node);
            let value = reader.value(*node);
            let by = Slot::new(Kind::Credential, store, value.clone());
            let remote = by.keys().into_iter().next();
            let title = format!("external secret {}", label(&value));
            reader.facts.credentials.extend(remote.map(|key| Credential::new(key, title, at)));
            reader.facts.state(at, Edge::BackedBy { credential: credential.clone(), by });
        }
        (Some(node), _) => reader.facts.gap(node.span(), "secret made from several external ones, not followed"),
        (None, _) => {}
    }
}

/// The realm of the secret manager, as far as the file names it.
fn store(reader: &Reader<'_>, spec: Node<'_>) -> String {
    let word = |node: Option<Node<'_>>| node.and_then(|node| reader.key_name(node));
    let old = word(spec.get("backendType")).map(|backend| {
        let instance =
            ["projectId", "keyVaultName", "vaultMountPoint", "region"].iter().find_map(|f| word(spec.get(f)));
        format!("{backend}/{}", instance.unwrap_or_default())
    });
    let new = || {
        let kind = word(spec.at(&["secretStoreRef", "kind"])).unwrap_or_else(|| "SecretStore".to_owned());
        format!("{}/{kind}/{}", reader.input.realm, word(spec.at(&["secretStoreRef", "name"])).unwrap_or_default())
    };
    format!("external-secret:{}", old.unwrap_or_else(new))
}

fn remote_keys<'t>(spec: Node<'t>) -> Vec<Node<'t>> {
    let items = |field: &str| spec.get(field).into_iter().flat_map(Node::items);
    let single = items("data").filter_map(|entry| entry.at(&["remoteRef", "key"]).or_else(|| entry.get("key")));
    let whole =
        items("dataFrom").filter_map(|entry| if entry.is_map() { entry.at(&["extract", "key"]) } else { Some(entry) });
    single.chain(whole).filter(|node| is_given(*node)).collect()
}

impl Reader<'_> {
    /// The credential behind a `SecretProviderClass`.
    pub(super) fn provider_class(&mut self, namespace: &Namespace, name: &Value) -> Key {
        let text = name.names().into_iter().next().unwrap_or_default();
        Key::new(Kind::Credential, format!("k8s-secret-provider:{}/{}", self.input.realm, namespace.word), text)
    }
}

/// A `SecretProviderClass`: it mounts secrets of a manager, and may copy them into secrets of the cluster.
pub(super) fn provider_class(reader: &mut Reader<'_>, object: &Object<'_>) {
    let Some(name) = object.name() else { return };
    let namespace = reader.namespace_of(object);
    let value = reader.value(name);
    let at = reader.input.place(name);
    let key = reader.provider_class(&namespace, &value);
    let title = format!("SecretProviderClass {}", namespace.title(&label(&value)));
    let mut credential = Credential::new(key.clone(), title, at);
    credential.defined = true;
    reader.facts.credentials.push(credential);
    reader.owners(&key, &[object.metadata()]);
    let copies = object.node.at(&["spec", "secretObjects"]);
    for copy in copies.into_iter().flat_map(Node::items).filter_map(|copy| copy.get("secretName")) {
        let at = reader.input.place(copy);
        let credential = reader.secret(&namespace, &reader.value(copy), at);
        let backed = credential.key.clone();
        reader.facts.credentials.push(credential);
        reader.facts.state(at, Edge::BackedBy { credential: backed, by: key.clone().into() });
    }
}
