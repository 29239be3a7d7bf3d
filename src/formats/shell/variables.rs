//! Which credentials a workload is handed by the variables that a file sets for it.

use super::{Word, secrets};
use crate::catalog::{self, Carries, Sink};
use crate::facts::{Credential, Edge, Facts, Key, Kind, Lifetime, Secret, Store, Value, keys};
use crate::formats::Input;
use crate::text::Span;

/// A variable that a file gives a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::formats) struct Assignment {
    /// Its name.
    pub(in crate::formats) name: String,
    /// Its value, quotes taken off.
    pub(in crate::formats) value: String,
    /// The bytes of the value.
    pub(in crate::formats) span: Span,
    /// The value stands there in full: no variable, no template.
    pub(in crate::formats) literal: bool,
}

impl Assignment {
    /// Reads `NAME=value`. None for a word of another shape.
    pub(in crate::formats) fn of_word(word: &Word) -> Option<Self> {
        let (name, value) = word.text.split_once('=')?;
        let (first, rest) = name.split_at_checked(1)?;
        let named = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if !first.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') || !rest.chars().all(named) {
            return None;
        }
        let len = word.text.len();
        let exact = word.span.len() == len;
        let span = if exact { word.span.within(len - value.len(), len) } else { word.span };
        Some(Self { name: name.to_owned(), value: value.to_owned(), span, literal: word.literal })
    }
}

/// States which credentials the workload is handed by these variables, and marks their secret values.
///
/// An access key id of AWS is the key's public half and joins by itself. The value of any other variable that the
/// catalogue knows as a sink of secrets joins by its fingerprint when it is strong. A variable that only sounds like a
/// secret has its value hidden and is no credential: the sink says what a value is, its name does not.
pub(in crate::formats) fn credentials_of(
    input: &Input<'_>,
    workload: &Key,
    assigned: &[Assignment],
    facts: &mut Facts,
) {
    for one in assigned.iter().filter(|one| !one.value.is_empty()) {
        let id = format!("env:{}", one.name);
        let sink = catalog::env_sink(&one.name);
        let secret = sink.is_some_and(|sink| sink.carries == Carries::Secret);
        if let Some(file) = file_of(one) {
            state(input, workload, one.span, keys::credential_file(input.realm, file), &id, false, facts);
        } else if !one.literal {
            continue;
        } else if is_access_key_id(&one.value) {
            state(input, workload, one.span, keys::aws_access_key(&one.value), &id, true, facts);
        } else if secret || secrets::is_secret_name(&one.name) {
            hide(one.span, facts);
            if let Some(sink) = sink.filter(|sink| secret && !has_other_half(sink, assigned)) {
                credential_of_value(input, workload, one, Some(sink), &id, facts);
            }
        }
    }
}

/// Whether the variables also hold the public half of the sink's credential: then the pair is known by that half.
fn has_other_half(sink: &Sink, assigned: &[Assignment]) -> bool {
    let is_half = |one: &&Assignment| sink.identified_by.as_deref() == Some(one.name.as_str());
    assigned.iter().find(is_half).is_some_and(|one| one.literal && is_access_key_id(&one.value))
}

/// States that the workload holds the credential whose value stands here, when the value is strong enough to be compared
/// by its fingerprint. Returns whether it is. `enters` is the id of the sink, which the catalogue may know.
pub(in crate::formats) fn credential_of_value(
    input: &Input<'_>,
    workload: &Key,
    one: &Assignment,
    sink: Option<&Sink>,
    enters: &str,
    facts: &mut Facts,
) -> bool {
    let Some(print) = Secret::new(&one.value).fingerprint(b"") else { return false };
    let key = Key::new(Kind::Credential, "fingerprint", print.clone());
    if facts.credentials.iter().all(|known| known.key != key) {
        let mut credential = Credential::new(key.clone(), format!("value of {}", one.name), input.at(one.span));
        credential.defined = true;
        credential.literal = true;
        credential.class = sink.and_then(|sink| sink.class.clone());
        credential.provider = sink.map(|sink| sink.provider.clone());
        credential.lifetime = sink.and_then(|sink| sink.lifetime).or(Some(Lifetime::Static));
        credential.binding = sink.and_then(|sink| sink.binding);
        credential.low_value = sink.is_some_and(|sink| sink.low_value);
        credential.level = sink.and_then(|sink| sink.level);
        credential.identifiers.push(("fingerprint", print));
        credential.store = Some(Store {
            kind: "file".to_owned(),
            instance: input.realm.to_owned(),
            scope: input.path.to_owned(),
            name: one.name.clone(),
        });
        facts.credentials.push(credential);
    }
    state(input, workload, one.span, key, enters, true, facts);
    true
}

fn state(input: &Input<'_>, workload: &Key, span: Span, credential: Key, sink: &str, inline: bool, facts: &mut Facts) {
    let edge = Edge::Uses {
        workload: workload.clone(),
        credential: credential.into(),
        sink: sink.to_owned(),
        inline,
        environment: None::<Value>,
    };
    facts.state(input.at(span), edge);
}

fn hide(span: Span, facts: &mut Facts) {
    if !facts.secrets.contains(&span) {
        facts.secrets.push(span);
    }
}

/// Variables that hold the path of a file with the credential in it (docs.aws.amazon.com, "Environment variables";
/// cloud.google.com, "Application Default Credentials"; kubernetes.io, "Organizing cluster access"; postgresql.org,
/// "Environment variables").
const FILE_VARIABLES: [&str; 6] = [
    "GOOGLE_APPLICATION_CREDENTIALS",
    "AWS_SHARED_CREDENTIALS_FILE",
    "KUBECONFIG",
    "PGPASSFILE",
    "RESTIC_PASSWORD_FILE",
    "BORG_KEY_FILE",
];

fn file_of(one: &Assignment) -> Option<&str> {
    let path = one.literal && one.value.starts_with(['/', '~']);
    (path && FILE_VARIABLES.contains(&one.name.as_str())).then_some(one.value.as_str())
}

/// Whether a text is the id of an access key: `AKIA` and sixteen characters of the base32 alphabet
/// (docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html, "Unique identifiers").
pub(in crate::formats) fn is_access_key_id(text: &str) -> bool {
    text.len() == 20
        && text.starts_with("AKIA")
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'2'..=b'7'))
}
