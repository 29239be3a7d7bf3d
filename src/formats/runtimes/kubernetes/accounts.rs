//! Service accounts, and the cloud identities that they may take on.

use super::Reader;
use super::clouds;
use super::names::{Namespace, label};
use super::object::Object;
use crate::facts::{Credential, Edge, Identity, Kind, Lifetime, Slot, Value, When, keys};
use crate::syntax::Node;
use crate::text::Place;

/// Entry of the defaults table for pods that name no account.
pub(super) const DEFAULT_RULE: &str = "k8s-default-service-account";

impl Reader<'_> {
    /// The service account of this name, as a reference.
    pub(super) fn account(&mut self, namespace: &Namespace, name: Value, at: Place) -> Slot {
        let realm = keys::k8s_service_account(self.input.realm, &namespace.word, "").realm;
        let slot = Slot::new(Kind::Identity, realm, name);
        if let [key] = slot.keys().as_slice() {
            let title = namespace.title(&label(&slot.value));
            let mut identity = Identity::new(key.clone(), title, "k8s-service-account", at);
            // Also where a file spells the name out: it is the account that nobody made for a purpose.
            identity.default_rule = (key.name == "default").then_some(DEFAULT_RULE);
            self.facts.identities.push(identity);
        }
        slot
    }

    /// A point in time of an export.
    pub(super) fn time(node: Option<Node<'_>>) -> When {
        node.and_then(Node::literal).map_or(When::Unknown, When::read)
    }
}

/// A `ServiceAccount`.
pub(super) fn read(reader: &mut Reader<'_>, object: &Object<'_>) {
    let Some(name) = object.name() else { return };
    let namespace = reader.namespace_of(object);
    let at = reader.input.place(name);
    let slot = reader.account(&namespace, reader.value(name), at);
    let Some(key) = slot.keys().into_iter().next() else { return };
    if let Some(identity) = reader.facts.identities.last_mut() {
        identity.defined = true;
        identity.created = Reader::time(object.metadata().and_then(|metadata| metadata.get("creationTimestamp")));
        // The account that pods get without asking is off where its token is withheld: no pod gets it any more without
        // asking. For an account that pods name it says nothing, a projected token or a cloud role may still use it.
        let withheld = object.node.get("automountServiceAccountToken").and_then(Node::truth) == Some(false);
        identity.enabled = (key.name == "default" && withheld).then_some(false);
    }
    clouds::annotations(reader, object, &slot);
    tokens(reader, object, &namespace, &slot);
    pull_secrets(reader, object, &namespace);
    reader.owners(&key, &[object.metadata()]);
}

/// Clusters before 1.24 made a token for every account and listed it in `secrets`. Other secrets may stand there too, so
/// only the name that the cluster gave tells.
fn tokens(reader: &mut Reader<'_>, object: &Object<'_>, namespace: &Namespace, account: &Slot) {
    let Some(owner) = account.value.as_literal() else { return };
    for entry in object.node.get("secrets").into_iter().flat_map(Node::items) {
        let Some(name) = entry.get("name") else { continue };
        let made = name.literal().and_then(|name| name.strip_prefix(owner)?.strip_prefix("-token-"));
        if made.is_none() {
            continue;
        }
        let at = reader.input.place(name);
        let mut credential = reader.secret(namespace, &reader.value(name), at);
        token(&mut credential);
        let key = credential.key.clone();
        reader.facts.credentials.push(credential);
        reader.facts.state(at, Edge::AuthenticatesAs { credential: key, identity: account.clone() });
    }
}

/// What is true of every token that is kept in a Secret: it has no end, see
/// kubernetes.io/docs/concepts/configuration/secret/#serviceaccount-token-secrets.
pub(super) fn token(credential: &mut Credential) {
    credential.class = Some("kubernetes-service-account-token".to_owned());
    credential.provider = Some("kubernetes".to_owned());
    credential.lifetime = Some(Lifetime::Static);
    credential.expires = When::Never;
}

fn pull_secrets(reader: &mut Reader<'_>, object: &Object<'_>, namespace: &Namespace) {
    for entry in object.node.get("imagePullSecrets").into_iter().flat_map(Node::items) {
        let Some(name) = entry.get("name") else { continue };
        let at = reader.input.place(name);
        let mut credential = reader.secret(namespace, &reader.value(name), at);
        credential.low_value = true;
        reader.facts.credentials.push(credential);
    }
}
