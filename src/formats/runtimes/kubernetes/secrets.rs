//! Secrets: where credentials are kept, and some of their values.

use super::Reader;
use super::accounts;
use super::names::{Namespace, is_filled_in, is_given, label};
use super::object::Object;
use crate::catalog;
use crate::facts::{Credential, Edge, Lifetime, Secret, Store, Value, When, keys};
use crate::syntax::Node;
use crate::text::{Place, base64};

/// Keys whose values are made to be shown.
const PUBLIC: [&str; 9] = [
    "ca.crt",
    "ca.pem",
    "ca-cert",
    "ca-bundle.crt",
    "cacert.pem",
    "tls.crt",
    "namespace",
    "known_hosts",
    "service-ca.crt",
];

/// Whether a key of a secret holds nothing to be guarded, by the conventions of kubernetes.io/docs/concepts/configuration/secret.
pub(super) fn is_public(key: &str) -> bool {
    PUBLIC.contains(&key)
}

/// Values so common that they prove nobody.
const COMMON: [&str; 10] = ["password", "secret", "admin", "root", "test", "postgres", "user", "true", "false", "none"];

/// Whether a value only marks the place of one.
pub(super) fn is_placeholder(value: &str) -> bool {
    let lower = value.trim().to_ascii_lowercase();
    COMMON.contains(&lower.as_str()) || catalog::is_placeholder(value)
}

impl Reader<'_> {
    /// The secret of this name, as a reference.
    pub(super) fn secret(&self, namespace: &Namespace, name: &Value, at: Place) -> Credential {
        let text = name.names().into_iter().next().unwrap_or_default();
        let key = keys::k8s_secret(self.input.realm, &namespace.word, &text);
        let mut credential = Credential::new(key, format!("Secret {}", namespace.title(&label(name))), at);
        credential.store = Some(Store {
            kind: "kubernetes".to_owned(),
            instance: self.input.realm.to_owned(),
            scope: namespace.word.clone(),
            name: text,
        });
        credential
    }
}

/// The type of a secret as a class of the credential catalogue.
fn class(kind: &str) -> Option<&'static str> {
    match kind {
        "kubernetes.io/dockerconfigjson" | "kubernetes.io/dockercfg" => Some("container-registry-login"),
        "kubernetes.io/tls" => Some("tls-private-key"),
        "kubernetes.io/ssh-auth" => Some("ssh-private-key"),
        "kubernetes.io/basic-auth" => Some("basic-auth-password"),
        "bootstrap.kubernetes.io/token" => Some("kubernetes-bootstrap-token"),
        _ => None,
    }
}

/// A `Secret`.
pub(super) fn read(reader: &mut Reader<'_>, object: &Object<'_>) {
    let Some(name) = object.name() else { return };
    hide_applied(reader, object);
    let values = values(reader, object.node);
    let kind = object.node.get_str("type").unwrap_or("Opaque");
    // The history of Helm, kept in secrets: it may hold values, but it is no credential.
    if kind == "helm.sh/release.v1" {
        return;
    }
    let namespace = reader.namespace_of(object);
    let at = reader.input.place(name);
    let mut credential = reader.secret(&namespace, &reader.value(name), at);
    credential.defined = true;
    credential.class = class(kind).map(str::to_owned);
    if credential.class.is_some() {
        credential.lifetime = Some(Lifetime::Static);
    }
    if is_encrypted(object.node) {
        credential.lifetime = Some(Lifetime::Sealed);
    } else {
        credential.literal = values.iter().any(Option::is_some);
        // One value only: with several, one that is shared would make one credential of all.
        if let [print] = values.as_slice() {
            credential.identifiers.extend(print.clone().map(|print| ("fingerprint", print)));
        }
    }
    let key = credential.key.clone();
    let account = object.annotation("kubernetes.io/service-account.name");
    if kind == "kubernetes.io/service-account-token" {
        describe_token(object, &mut credential);
    }
    reader.facts.credentials.push(credential);
    if let Some(account) = account.filter(|_| kind == "kubernetes.io/service-account-token") {
        let at = reader.input.place(account);
        let identity = reader.account(&namespace, reader.value(account), at);
        reader.facts.state(at, Edge::AuthenticatesAs { credential: key.clone(), identity });
    }
    reader.owners(&key, &[object.metadata()]);
}

/// A token of a service account in a secret. The labels are those of the cleaner of legacy tokens, see
/// kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/.
fn describe_token(object: &Object<'_>, credential: &mut Credential) {
    accounts::token(credential);
    credential.created = Reader::time(object.metadata().and_then(|metadata| metadata.get("creationTimestamp")));
    credential.last_used = object.label("kubernetes.io/legacy-token-last-used").map_or(When::Unknown, When::read);
    if object.label("kubernetes.io/legacy-token-invalid-since").is_some() {
        credential.active = Some(false);
    }
}

/// Values that `kubectl apply` copied into an annotation.
fn hide_applied(reader: &mut Reader<'_>, object: &Object<'_>) {
    if let Some(copy) = object.annotation("kubectl.kubernetes.io/last-applied-configuration") {
        reader.facts.secrets.push(copy.target_span());
    }
}

/// Encrypted in place with SOPS: getsops.io.
fn is_encrypted(node: Node<'_>) -> bool {
    let sealed = |text: &str| text.starts_with("ENC[");
    let values = ["data", "stringData"].into_iter().filter_map(|field| node.get(field)).flat_map(Node::entries);
    node.get("sops").is_some() || values.filter_map(Node::text).any(sealed)
}

/// The literal values of a secret, hidden from reports: of each the fingerprint, where it is strong enough to have one.
/// Public parts, placeholders and expressions are no values. A weak one is hidden too, but nothing tells the password
/// that someone chose from a word that stands in for it (`mySecretKey`), so it is not claimed to be one.
fn values(reader: &mut Reader<'_>, node: Node<'_>) -> Vec<Option<String>> {
    let mut prints = Vec::new();
    for (field, encoded) in [("data", true), ("stringData", false)] {
        for entry in node.get(field).into_iter().flat_map(Node::entries) {
            let Some(text) = entry.literal().filter(|text| is_given(entry) && !is_filled_in(text)) else { continue };
            if entry.key().is_some_and(is_public) || text.starts_with("ENC[") {
                continue;
            }
            let decoded = if encoded { decoded(text) } else { Some(text.to_owned()) };
            if decoded.as_deref().is_some_and(is_placeholder) || is_placeholder(text) {
                continue;
            }
            reader.facts.secrets.push(entry.target_span());
            prints.push(decoded.and_then(|value| Secret::new(value.trim()).fingerprint(b"")));
        }
    }
    prints
}

/// The text behind base 64; none when it is none, or no text.
pub(in crate::formats) fn decoded(text: &str) -> Option<String> {
    String::from_utf8(base64(text)?).ok()
}

/// A `SealedSecret`: its name and namespace are those of the secret that the controller makes.
pub(super) fn sealed(reader: &mut Reader<'_>, object: &Object<'_>) {
    let Some(own) = object.name() else { return };
    let template = object.node.at(&["spec", "template"]);
    let name = template.and_then(|template| template.at(&["metadata", "name"])).unwrap_or(own);
    let namespace = reader.namespace_of(object);
    let at = reader.input.place(own);
    let mut credential = reader.secret(&namespace, &reader.value(name), at);
    credential.defined = true;
    credential.lifetime = Some(Lifetime::Sealed);
    credential.class = template.and_then(|template| class(template.get_str("type")?)).map(str::to_owned);
    let key = credential.key.clone();
    reader.facts.credentials.push(credential);
    reader.owners(&key, &[object.metadata()]);
}

/// The secrets that a `Kustomization` generates. Literals are `name=value`.
pub(super) fn generated(reader: &mut Reader<'_>, object: &Object<'_>) {
    let home = reader.namespace(object.node.get("namespace"));
    for entry in object.node.get("secretGenerator").into_iter().flat_map(Node::items) {
        let Some(name) = entry.get("name") else { continue };
        let own = entry.get("namespace").map(|node| reader.namespace(Some(node)));
        let at = reader.input.place(name);
        let mut credential = reader.secret(own.as_ref().unwrap_or(&home), &reader.value(name), at);
        credential.defined = true;
        credential.class = entry.get_str("type").and_then(class).map(str::to_owned);
        for literal in entry.get("literals").into_iter().flat_map(Node::items) {
            let value = literal.literal().and_then(|text| text.split_once('=')).map(|(_, value)| value);
            if let Some(value) = value.filter(|value| !is_placeholder(value) && !is_filled_in(value)) {
                reader.facts.secrets.push(literal.target_span());
                credential.literal |= Secret::new(value).fingerprint(b"").is_some();
            }
        }
        reader.facts.credentials.push(credential);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_marks_the_place_of_a_value_is_none() {
        for text in ["", "  ", "<token>", "CHANGEME", "your-api-key", "password", "xxxxxxxx"] {
            assert!(is_placeholder(text), "{text}");
        }
        assert!(!is_placeholder("tr0ub4dor&3"));
    }
}
