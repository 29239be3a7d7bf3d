//! What a service is handed: variables, files of variables, and the credentials that systemd passes in files.

use super::Unit;
use crate::catalog::{self, Carries};
use crate::facts::{Credential, Edge, Facts, Key, Kind, Lifetime, Slot, Store, Value, keys};
use crate::formats::shell::{self, Assignment, Word};
use crate::formats::{Input, hosts};
use crate::syntax::Node;
use crate::text::Span;

pub(super) fn state(input: &Input<'_>, unit: &Unit<'_>, key: &Key, facts: &mut Facts) {
    let assigned: Vec<Assignment> = words(input, unit, "Environment").iter().filter_map(Assignment::of_word).collect();
    shell::credentials_of(input, key, &assigned, facts);
    for node in unit.all("Service", "EnvironmentFile") {
        // A dash says that the file need not be there.
        let file = word(unit, node, unit.raw(node).trim_start_matches('-'));
        hosts::reads_file(input, key, &file, "EnvironmentFile", facts);
    }
    for (setting, sealed) in [("LoadCredential", false), ("LoadCredentialEncrypted", true)] {
        for node in unit.all("Service", setting) {
            loaded(input, unit, key, node, setting, sealed, facts);
        }
    }
    for node in unit.all("Service", "SetCredential") {
        set(input, unit, key, node, facts);
    }
    for node in unit.all("Service", "SetCredentialEncrypted") {
        let id = unit.raw(node).split(':').next().unwrap_or_default();
        in_unit(input, key, node.span(), id, "SetCredentialEncrypted", Lifetime::Sealed, facts);
    }
    for node in unit.all("Service", "ImportCredential") {
        facts.gap(node.span(), "systemd: credentials that are imported by a pattern");
    }
    passed(input, unit, key, facts);
}

/// The words of a setting that lists several. Dollar signs mean nothing there, specifiers and templates do.
fn words(input: &Input<'_>, unit: &Unit<'_>, setting: &str) -> Vec<Word> {
    let shown = unit.templates.masked.as_deref().unwrap_or(input.text);
    let mut all = Vec::new();
    for node in unit.all("Service", setting) {
        for mut word in shell::words(node.span().slice(shown), node.span().lo as usize) {
            word.literal = !unit.templates.touches(word.span) && !word.text.replace("%%", "").contains('%');
            all.push(word);
        }
    }
    all
}

fn word(unit: &Unit<'_>, node: Node<'_>, text: &str) -> Word {
    Word { text: unit.expanded(text), span: node.span(), literal: !unit.templates.touches(node.span()) }
}

/// `LoadCredential=ID[:PATH]`. Without a path systemd looks into its stores of credentials; one without a slash is the
/// name of a credential that the service manager was itself passed.
fn loaded(
    input: &Input<'_>,
    unit: &Unit<'_>,
    key: &Key,
    node: Node<'_>,
    setting: &str,
    sealed: bool,
    facts: &mut Facts,
) {
    let raw = unit.raw(node);
    let (id, path) = raw.split_once(':').unwrap_or((raw, ""));
    let path = match path {
        "" => format!("/etc/credstore{}/{id}", if sealed { ".encrypted" } else { "" }),
        path if path.contains('/') => path.to_owned(),
        name => format!("/run/credentials/@system/{name}"),
    };
    let file = word(unit, node, &path);
    hosts::reads_file(input, key, &file, setting, facts);
    let name = keys::credential_file(input.realm, &file.text);
    if let Some(credential) = facts.credentials.iter_mut().find(|known| known.key == name) {
        credential.store = Some(store(input, &file.text));
        credential.lifetime = sealed.then_some(Lifetime::Sealed);
    }
}

fn store(input: &Input<'_>, name: &str) -> Store {
    Store { kind: "file".to_owned(), instance: input.realm.to_owned(), scope: String::new(), name: name.to_owned() }
}

/// `SetCredential=ID:VALUE`: the value stands in the unit, which every user of the host can read.
fn set(input: &Input<'_>, unit: &Unit<'_>, key: &Key, node: Node<'_>, facts: &mut Facts) {
    let text = node.span().slice(input.text);
    let Some((id, value)) = text.split_once(':').filter(|(_, value)| !value.trim().is_empty()) else { return };
    let span = node.span().within(id.len() + 1, text.len());
    let name = id.trim().trim_matches('"').to_owned();
    if unit.templates.touches(span) {
        facts.gap(span, "systemd: a template fills in a credential");
        return;
    }
    facts.secrets.push(span);
    let one = Assignment { name: name.clone(), value: value.trim_matches('"').to_owned(), span, literal: true };
    if !shell::credential_of_value(input, key, &one, None, "SetCredential", facts) {
        in_unit(input, key, span, &name, "SetCredential", Lifetime::Static, facts);
    }
}

/// A credential that is known by its place in the unit alone.
fn in_unit(input: &Input<'_>, key: &Key, span: Span, id: &str, setting: &str, lifetime: Lifetime, facts: &mut Facts) {
    let name = format!("{}#{id}", input.path);
    let credential_key = keys::credential_file(input.realm, &name);
    let mut credential = Credential::new(credential_key.clone(), format!("{setting} {id}"), input.at(span));
    credential.defined = true;
    credential.literal = true;
    credential.lifetime = Some(lifetime);
    credential.store = Some(store(input, &name));
    facts.credentials.push(credential);
    let edge = Edge::Uses {
        workload: key.clone(),
        credential: credential_key.into(),
        sink: setting.to_owned(),
        inline: true,
        environment: None,
    };
    facts.state(input.at(span), edge);
}

/// `PassEnvironment=`: variables of the service manager itself, whose values no unit holds.
fn passed(input: &Input<'_>, unit: &Unit<'_>, key: &Key, facts: &mut Facts) {
    for word in words(input, unit, "PassEnvironment") {
        let known = catalog::env_sink(&word.text).map(|sink| sink.carries == Carries::Secret);
        if !word.literal || !known.unwrap_or_else(|| shell::is_secret_name(&word.text)) {
            continue;
        }
        let realm = format!("systemd-environment:{}", input.realm);
        let edge = Edge::Uses {
            workload: key.clone(),
            credential: Slot::new(Kind::Credential, realm, Value::literal(&word.text)),
            sink: format!("env:{}", word.text),
            inline: false,
            environment: None,
        };
        facts.state(input.at(word.span), edge);
    }
}
