//! `kubeconfig` files: how clients log in to clusters.
//!
//! A token, password or private key that stands in the file is a credential; a command or a login provider that is asked
//! each time leaves none behind. Fields: kubernetes.io/docs/reference/config-api/kubeconfig.v1/. What a token's own claims
//! say is read where tokens are searched for; both meet by the value's fingerprint.

use x509_cert::Certificate;
use x509_cert::der::DecodePem;

use super::kubernetes::decoded;
use crate::catalog;
use crate::facts::{
    Class, Confidence, Credential, Edge, Facts, Identity, Key, Kind, Level, Lifetime, Secret, Slot, Value, When,
};
use crate::formats::{Format, Input};
use crate::syntax::{Node, Style, Syntax};

pub(in crate::formats) static FORMAT: Format = Format {
    id: "kubeconfig",
    title: "kubeconfig",
    reads: "tokens, passwords and client certificates of cluster logins",
    leaves: "tokens and keys in other files that it points at",
    syntax: Syntax::Yaml,
    recognise: |probe| {
        probe.mentions("kind") && probe.mentions("Config") && probe.mentions("users") && probe.mentions("clusters")
    },
    extract,
};

fn extract(input: &Input<'_>, facts: &mut Facts) {
    for config in input.tree.documents().filter(|document| is_config(*document)) {
        for entry in config.get("users").into_iter().flat_map(Node::items) {
            if let Some(user) = entry.get("user") {
                login(input, facts, entry, user);
            }
        }
    }
}

fn is_config(document: Node<'_>) -> bool {
    document.get_str("kind") == Some("Config")
        && document.get_str("apiVersion") == Some("v1")
        && document.get("clusters").is_some()
}

/// The ways in which one user of the file may log in.
fn login(input: &Input<'_>, facts: &mut Facts, entry: Node<'_>, user: Node<'_>) {
    let name = entry.get_str("name").unwrap_or("user");
    if let Some(token) = user.get("token")
        && let Some(mut credential) = secret(input, facts, name, token, "token")
    {
        // The search for tokens knows a JSON web token by its shape and counts the place itself.
        credential.literal = !token.text().is_some_and(|text| text.starts_with("eyJ"));
        credential.class = credential.literal.then(|| "kubernetes-token".to_owned());
        facts.credentials.push(credential);
    }
    if let Some(password) = user.get("password")
        && let Some(mut credential) = secret(input, facts, name, password, "password")
    {
        credential.class = Some("basic-auth-password".to_owned());
        facts.credentials.push(credential);
    }
    if let Some(key) = user.get("client-key-data")
        && let Some(credential) = secret(input, facts, name, key, "client key")
    {
        client_key(input, facts, user, credential);
    }
    let config = user.at(&["auth-provider", "config"]);
    for field in ["access-token", "id-token", "refresh-token", "client-secret"] {
        let cached = config.and_then(|config| config.get(field)).filter(|node| stands_here(*node));
        facts.secrets.extend(cached.map(Node::target_span));
    }
}

/// Whether the value itself stands in the file: no template, no variable, not hidden by `kubectl config view`.
fn stands_here(node: Node<'_>) -> bool {
    let shown = node.text().filter(|_| node.style() != Style::Template).is_some_and(|text| {
        let to_fill = text.contains("${") || text.contains("{{") || catalog::is_placeholder(text);
        !text.starts_with("ENC[") && !to_fill
    });
    shown && !node.is_null()
}

/// A credential for a value of the file. The value is hidden from reports.
fn secret(input: &Input<'_>, facts: &mut Facts, user: &str, node: Node<'_>, what: &str) -> Option<Credential> {
    let text = node.text().filter(|_| stands_here(node))?;
    facts.secrets.push(node.target_span());
    let print = Secret::new(text).fingerprint(b"");
    let key = match &print {
        Some(print) => Key::new(Kind::Credential, "fingerprint", print),
        None => {
            Key::new(Kind::Credential, format!("kubeconfig:{}", input.realm), format!("{}#{user}/{what}", input.path))
        }
    };
    let mut credential = Credential::new(key, format!("{what} of {user} in {}", input.file_name()), input.place(node));
    credential.provider = Some("kubernetes".to_owned());
    credential.identifiers.extend(print.map(|print| ("fingerprint", print)));
    credential.lifetime = Some(Lifetime::Static);
    credential.defined = true;
    credential.literal = true;
    Some(credential)
}

/// The private key of a client certificate. The certificate beside it says until when and for whom:
/// kubernetes.io/docs/reference/access-authn-authz/authentication/#x509-client-certificates.
fn client_key(input: &Input<'_>, facts: &mut Facts, user: Node<'_>, mut credential: Credential) {
    credential.class = Some("kubernetes-client-key".to_owned());
    let data = user.get("client-certificate-data");
    let certificate = data.and_then(Node::literal).and_then(decoded).and_then(|pem| Certificate::from_pem(pem).ok());
    let (Some(data), Some(certificate)) = (data, certificate) else {
        facts.credentials.push(credential);
        return;
    };
    let validity = certificate.tbs_certificate().validity();
    credential.created = time(validity.not_before);
    credential.expires = time(validity.not_after);
    let names = names(&certificate);
    let find = |sort: &str| names.iter().filter(|(name, _)| name == sort).map(|(_, value)| value.as_str()).collect();
    let (people, groups): (Vec<&str>, Vec<&str>) = (find("CN"), find("O"));
    if let Some(name) = people.first() {
        let slot = Slot::new(Kind::Identity, format!("k8s-user:{}", input.realm), Value::literal(*name));
        let at = input.place(data);
        for key in slot.keys() {
            let identity = Identity::new(key, *name, "k8s-user", at);
            let why = "a client certificate names it as a user of the cluster";
            facts.identities.push(identity.class(Class::Unknown, Confidence::Low, why));
        }
        facts.state(at, Edge::AuthenticatesAs { credential: credential.key.clone(), identity: slot.clone() });
        // The one group that no role can hold back.
        if groups.contains(&"system:masters") {
            let resource = Slot::new(Kind::Resource, format!("k8s:{}", input.realm), Value::literal("system:masters"));
            facts.state(at, Edge::Grants { identity: slot, resource, level: Level::Admin });
        }
    }
    facts.credentials.push(credential);
}

fn time(time: x509_cert::time::Time) -> When {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
    jiff::Timestamp::from_second(seconds).map_or(When::Unknown, When::At)
}

/// The parts of the subject, as `CN` and value.
fn names(certificate: &Certificate) -> Vec<(String, String)> {
    let subject = certificate.tbs_certificate().subject().to_string();
    let parts = subject.split([',', '+']).filter_map(|part| part.trim().split_once('='));
    parts.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax;
    use crate::text::SourceId;
    use proptest::prelude::*;

    fn read(text: &str) -> Facts {
        let tree = syntax::parse(Syntax::Yaml, text);
        let mut facts = Facts::default();
        let input =
            Input { source: SourceId(0), path: "ops/kubeconfig", realm: "example.com/acme/ops", text, tree: &tree };
        extract(&input, &mut facts);
        facts
    }

    fn config(user: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Config\nclusters:\n- {{name: a, cluster: {{server: https://a}}}}\nusers:\n- name: deployer\n  user:\n{user}"
        )
    }

    #[test]
    fn a_static_token_is_a_credential_whose_value_is_hidden() {
        let text = config("    token: 9f3c1d7ab2e84056c7d1FAKE0a5b\n");
        let facts = read(&text);
        let [credential] = facts.credentials.as_slice() else { panic!("one credential") };
        assert_eq!(credential.lifetime, Some(Lifetime::Static));
        assert!(credential.literal && credential.defined);
        assert_eq!(facts.secrets[0].slice(&text), "9f3c1d7ab2e84056c7d1FAKE0a5b");
        assert!(!format!("{credential:?}").contains("9f3c1d7"));
    }

    #[test]
    fn a_web_token_meets_the_search_for_tokens_by_its_fingerprint() {
        let token = "eyJhbGciOiJSUzI1NiIsImtpZCI6IkZBS0UifQ.eyJzdWIiOiJzeXN0ZW06YSJ9.c2lnbmF0dXJlRkFLRQ";
        let facts = read(&config(&format!("    token: {token}\n")));
        assert_eq!(facts.credentials[0].key.realm, "fingerprint");
        assert_eq!(Some(facts.credentials[0].key.name.clone()), Secret::new(token).fingerprint(b""));
        assert!(!facts.credentials[0].literal, "counted once, where tokens are searched for");
    }

    #[test]
    fn logins_that_leave_nothing_behind_are_no_credentials() {
        for user in [
            "    exec: {apiVersion: client.authentication.k8s.io/v1, command: aws, args: [eks, get-token]}\n",
            "    token: ${TOKEN}\n",
            "    token: {{ .Values.token }}\n",
            "    token: REDACTED\n",
            "    tokenFile: /var/run/token\n",
        ] {
            let facts = read(&config(user));
            assert!(facts.credentials.is_empty() && facts.secrets.is_empty(), "{user}");
        }
    }

    #[test]
    fn a_client_certificate_says_for_whom_and_until_when() {
        let user = format!(
            "    client-certificate-data: {}\n    client-key-data: {}\n",
            include_str!("testdata/client-certificate.b64").trim(),
            "LS0tLUZBS0Ugbm90IGEga2V5IEZBS0UgNmIxZTkzZDBhNGY3YzI1OA=="
        );
        let facts = read(&config(&user));
        let [credential] = facts.credentials.as_slice() else { panic!("one credential") };
        assert!(credential.expires.at().is_some() && credential.created.at().is_some());
        assert_eq!(facts.identities[0].title, "ops-admin");
        let admin = facts.facts.iter().any(|fact| matches!(fact.edge, Edge::Grants { level: Level::Admin, .. }));
        assert!(admin, "system:masters");
    }

    #[test]
    fn other_configurations_are_left_alone() {
        assert!(read("apiVersion: v1\nkind: Config\nusers: [{name: a, user: {token: abcdefghijklmnop}}]\n").is_empty());
        assert!(read("apiVersion: example.com/v1\nkind: Config\nclusters: []\nusers: []\n").is_empty());
    }

    proptest! {
        #[test]
        fn any_text_gives_no_panic(text in "(token|client-key-data|client-certificate-data|password|: |\\n    |[a-zA-Z0-9+/=\"'{}\\[\\]é]){0,40}") {
            let text = config(&text);
            for span in read(&text).secrets {
                prop_assert!(text.get(span.range()).is_some());
            }
        }
    }
}
