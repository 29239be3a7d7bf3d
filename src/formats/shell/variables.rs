//! Which credentials a workload is handed by the variables that a file sets for it.

use super::{Word, secrets};
use crate::catalog::{self, Carries, Sink};
use crate::facts::{Credential, Edge, Facts, Key, Kind, Lifetime, Secret, Store, Value, access_key, keys};
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
        Some(Self { name: name.to_owned(), value: value.to_owned(), span: word.end_span(value), literal: word.literal })
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
        if let Some(file) = file_of(one, sink) {
            state(input, workload, one.span, keys::credential_file(input.realm, file), &id, false, facts);
        } else if !one.literal {
            continue;
        } else if access_key::is_id(&one.value) {
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
    assigned.iter().find(is_half).is_some_and(|one| one.literal && access_key::is_id(&one.value))
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
        credential.placeholder = catalog::is_placeholder(&one.value);
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

fn file_of<'a>(one: &'a Assignment, sink: Option<&Sink>) -> Option<&'a str> {
    let secret = sink.is_some_and(|sink| sink.carries == Carries::Secret);
    (one.literal && names_file(&one.name, &one.value, secret)).then_some(one.value.as_str())
}

/// Whether the value of a variable is the path of a file with the credential in it, and not the credential. `secret`
/// says that the variable may hold a secret at all.
pub(in crate::formats) fn names_file(variable: &str, value: &str, secret: bool) -> bool {
    let path = (value.starts_with('/') || value.starts_with("~/")) && value != "/dev/null";
    // A secret in Base64 may begin with a slash, but it has no ending.
    let ending = value.rsplit_once('.').is_some_and(|(_, end)| (2..=5).contains(&end.len()) && !end.contains('/'));
    path && (FILE_VARIABLES.contains(&variable) || (secret && ending))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::Tree;
    use crate::text::SourceId;

    fn assignment(name: &str, value: &str) -> Assignment {
        Assignment { name: name.to_owned(), value: value.to_owned(), span: Span::new(3, 9), literal: true }
    }

    fn stated(fill: impl FnOnce(&Input<'_>, &Key, &mut Facts)) -> Facts {
        let tree = Tree::default();
        let input = Input { source: SourceId(0), path: "x.env", realm: "r", text: "", tree: &tree };
        let mut facts = Facts::default();
        fill(&input, &Key::new(Kind::Workload, "crontab:r", "x"), &mut facts);
        facts
    }

    fn sink() -> Sink {
        let text = "{id: 'env:ACME_SECRET', provider: acme, carries: secret, class: acme-key, identified_by: ACME_ID, source: x}";
        serde_yaml::from_str(text).unwrap()
    }

    #[test]
    fn a_strong_value_is_known_by_its_fingerprint_and_a_weak_one_by_nothing() {
        let strong = assignment("ACME_SECRET", "k3J9xQ2vLm8RtZ5wYb7Nc4Hd6Gf1Ps0A");
        let facts = stated(|input, key, facts| {
            for _ in 0..2 {
                assert!(credential_of_value(input, key, &strong, Some(&sink()), "env:ACME_SECRET", facts));
            }
            let weak = assignment("ACME_SECRET", "hunter2");
            assert!(!credential_of_value(input, key, &weak, Some(&sink()), "env:ACME_SECRET", facts));
        });
        assert_eq!((facts.credentials.len(), facts.facts.len()), (1, 2));
        let credential = &facts.credentials[0];
        assert_eq!(credential.class.as_deref(), Some("acme-key"));
        assert!(credential.literal && !credential.placeholder);
        assert!(!format!("{facts:?}").contains(&strong.value));
    }

    #[test]
    fn a_secret_beside_its_access_key_id_is_known_by_the_id() {
        let id = assignment("ACME_ID", "AKIARTX3GSDS2GFAKENN");
        assert!(has_other_half(&sink(), &[id]));
        assert!(!has_other_half(&sink(), &[assignment("ACME_ID", "some-user")]));
    }

    #[test]
    fn variables_may_name_a_file() {
        assert_eq!(file_of(&assignment("KUBECONFIG", "/etc/kube"), None), Some("/etc/kube"));
        assert_eq!(file_of(&assignment("KUBECONFIG", "/dev/null"), None), None);
        assert_eq!(file_of(&assignment("ACME_SECRET", "/etc/acme.json"), Some(&sink())), Some("/etc/acme.json"));
        assert_eq!(file_of(&assignment("ACME_SECRET", "/9k3J9xQ2vLm8RtZ5wYb7Nc4H"), Some(&sink())), None);
        assert_eq!(file_of(&assignment("HOME", "/root.d/x.conf"), None), None);
    }
}
