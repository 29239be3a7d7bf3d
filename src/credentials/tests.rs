//! The whole of it, class by class, and what it must keep quiet about.

use proptest::prelude::*;

use super::*;
use crate::catalog::token_classes;
use crate::facts::{Checksum, Class, Credential, Edge, Facts, Lifetime, When, keys};
use crate::text::SourceId;

fn read(text: &str) -> Facts {
    facts(SourceId(0), "deploy/settings.env", "github.com/acme/shop", text, &scan(text))
}

fn only(text: &str) -> Credential {
    let credentials = read(text).credentials;
    assert_eq!(credentials.len(), 1, "{credentials:?}");
    credentials.into_iter().next().unwrap()
}

fn examples() -> impl Iterator<Item = (&'static TokenClass, String, Span)> {
    token_classes().iter().filter(|class| class.shape.is_some()).map(|class| {
        let text = class.example();
        let hits = scan(&text);
        let found: Vec<&str> = hits.iter().map(|hit| hit.class.id.as_str()).collect();
        assert_eq!(found, [class.id.as_str()]);
        (class, text, hits[0].span)
    })
}

#[test]
fn every_class_finds_its_example_and_takes_it_for_real() {
    for (class, text, _) in examples() {
        let credential = only(&text);
        assert!(!credential.placeholder, "{}", class.id);
        assert_ne!(credential.checksum, Checksum::Fail, "{}", class.id);
        let checked = class.decode.is_some_and(|decoder| {
            use crate::catalog::Decoder::*;
            matches!(decoder, Crc32Base62 | Crc32Hex | Crc32HexLittle | Crc32HexBody | GitlabRoutable)
        });
        assert_eq!(credential.checksum == Checksum::Pass, checked, "{}", class.id);
    }
}

#[test]
fn a_changed_character_breaks_a_checksum() {
    for (class, text, span) in examples() {
        if only(&text).checksum != Checksum::Pass {
            continue;
        }
        let at = span.lo as usize + class.prefix.len() + 8;
        let other = if &text[at..=at] == "Q" { "R" } else { "Q" };
        let changed = format!("{}{other}{}", &text[..at], &text[at + 1..]);
        let credential = only(&changed);
        assert!(credential.checksum == Checksum::Fail && credential.placeholder, "{}", class.id);
    }
}

#[test]
fn a_value_is_neither_a_part_of_something_longer_nor_cut_short() {
    for (class, text, span) in examples() {
        let value = span.slice(&text);
        let same = |text: &str| scan(text).iter().any(|hit| hit.class.id == class.id && hit.span.slice(text) == value);
        assert!(same(&format!("\n{text}\n")), "{}", class.id);
        assert!(
            !same(&format!("{}x7{}", &text[..span.range().end], &text[span.range().end..])),
            "{} goes on",
            class.id
        );
        let short = span.range().start + class.prefix.len() + 4;
        assert!(!scan(&text[..short]).iter().any(|hit| hit.class.id == class.id), "{} is cut", class.id);
    }
}

#[test]
fn redacted_lines_hold_no_value() {
    for (class, text, span) in examples().filter(|(class, ..)| !class.identifier) {
        let value = span.slice(&text);
        let shown = redact(&format!("before {text} behind"));
        assert!(!shown.contains(value), "{}", class.id);
        assert!(shown.starts_with("before ") && shown.ends_with(" behind"), "{shown}");
        let middle = &value[value.len() / 4..value.len() / 2];
        assert!(!shown.contains(middle), "{}: {shown}", class.id);
        assert_eq!(read(&text).secrets, [span], "{}", class.id);
    }
}

#[test]
fn hashes_pins_and_blobs_are_silent() {
    let image = format!("data:image/png;base64,iVBORw0KGgo{}", "eyJhAKIAghp_Ab9/+hf".repeat(40).replace('_', "+"));
    for text in [
        "uses: actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8",
        "\"integrity\": \"sha512-FAKEvhQo5KjJRxsQNkseWz1aKbt0F4QKIPgFzEFAKEvhQo5KjJRxsQNkseWz1aKbt0F4QKIPgFzEAA==\"",
        "image: acme/shop@sha256:9fceb02d0ae598e95dc970b74767f19372d61af89fceb02d0ae598e95dc970b7",
        "BUILD_ID=5f0c7f1e-2b1d-4c55-9c35-0a4f5c6d7e88",
        "DD_API_KEY=${{ secrets.DD_API_KEY }}",
        "DATADOG_API_KEY: {{ .Values.datadog.key }}",
        "CACHE_KEY=9fceb02d0ae598e95dc970b74767f193",
        "AWS_SECRET_ACCESS_KEY=$(vault read -field=secret aws)",
        "postgresql://user:password@localhost:5432/app",
        "https://user:${TOKEN}@github.com/acme/shop.git",
        "https://example.com/a:b@c",
        "see https://docs.acme.example/keys#ghp_ for the form",
        "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
        "key.replace(\"-----BEGIN PRIVATE KEY-----\", \"\").replace(\"-----END PRIVATE KEY-----\", \"\")",
        "`-----BEGIN RSA PRIVATE KEY-----XXXXXXXXXXXXX...-----END RSA PRIVATE KEY-----`",
        "-----BEGIN RSA PRIVATE KEY-----\nline-one\nline-two\n-----END RSA PRIVATE KEY-----",
        "full URL: `https://username:password@www.example.com/`, shown as `https://REDACTED:REDACTED@www.example.com/`",
        "jdbc:mysql://root:Pr0dPassword@prod.internal:3306/app",
        "risk-assessment disk-ant- sk-ant-",
        image.as_str(),
    ] {
        let facts = read(text);
        let real: Vec<&Credential> = facts.credentials.iter().filter(|one| !one.placeholder).collect();
        assert!(real.is_empty(), "{text}: {real:?}");
    }
}

#[test]
fn examples_of_documentation_are_placeholders() {
    for text in [
        "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "AKIAXXXXXXXXXXXXXXXX",
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "glpat-ABCDEFGHIJKLMNOPQRST",
        "DD_API_KEY=0123456789abcdef0123456789abcdef",
    ] {
        let credentials = read(text).credentials;
        assert!(!credentials.is_empty() && credentials.iter().all(|one| one.placeholder), "{text}: {credentials:?}");
    }
}

#[test]
fn an_access_key_stands_where_its_secret_does() {
    let id = "AKIARTX3GSDSUUFAKEEU";
    let secret = "FAKE5vhQo/5KjJRxsQNkseWz1aKbt0F4QKIPgFzE";
    let alone = only(id);
    assert_eq!(alone.key, keys::aws_access_key(id));
    assert!(!alone.literal && read(id).secrets.is_empty());
    let text = format!("AWS_ACCESS_KEY_ID={id}\nAWS_SECRET_ACCESS_KEY={secret}\n");
    let both = only(&text);
    assert!(both.literal && both.defined && !both.placeholder);
    assert!(both.identifiers.contains(&("aws-access-key-id", id.to_owned())));
    assert!(both.title.contains("account 111122223333"), "{}", both.title);
    assert_eq!(read(&text).secrets.iter().map(|span| span.slice(&text)).collect::<Vec<_>>(), [secret]);
}

#[test]
fn a_key_file_names_its_account() {
    let key = token_classes().iter().find(|class| class.id == "private-key").unwrap().example();
    let id = "fa4e1b7c90d2836e5f4a7c19b0d3e682fa4e1b7c";
    let plain = format!(
        r#"{{"type": "service_account", "private_key_id": "{id}", "private_key": "{key}\n",
        "client_email": "report@acme-prod.iam.gserviceaccount.com"}}"#
    );
    for text in [plain.clone(), plain.replace('"', "\\\"").replace("\\n", "\\\\n")] {
        let facts = read(&text);
        let credential = &facts.credentials[0];
        assert_eq!(credential.class.as_deref(), Some("gcp-service-account-key"), "{text}");
        assert!(credential.identifiers.contains(&("gcp-private-key-id", id.to_owned())));
        assert_eq!(credential.binding, Some(Class::Service));
        let account = keys::google_service_account("report@acme-prod.iam.gserviceaccount.com");
        assert!(
            matches!(&facts.facts[0].edge, Edge::AuthenticatesAs { identity, .. } if identity.keys() == [account.clone()])
        );
    }
}

#[test]
fn one_key_has_one_name_however_it_is_laid_out() {
    let key = token_classes().iter().find(|class| class.id == "private-key").unwrap().example();
    let lines = key.replace("\\n", "\n");
    let indented = lines.replace('\n', "\n    ");
    assert_eq!(only(&key).key, only(&lines).key);
    assert_eq!(only(&key).key, only(&indented).key);
    let program = format!("key := \"{}\"", lines.replace('\n', "\\n\" +\n\t\""));
    assert_eq!(only(&key).key, only(&program).key);
    let inner = token_classes().iter().find(|class| class.id == "private-key-base64").unwrap().example();
    assert_eq!(only(&key).key, only(&inner).key);
    assert!(only(&key).identifiers.iter().any(|(kind, _)| *kind == "ssh-fingerprint"));
    let damaged = lines.replacen("\nM", "\nMM", 1);
    assert!(only(&damaged).placeholder);
}

#[test]
fn a_certificate_is_an_identifier_with_an_end() {
    let text = token_classes().iter().find(|class| class.id == "x509-certificate").unwrap().example();
    let certificate = only(&text);
    assert!(!certificate.literal && certificate.expires.at().is_some() && read(&text).secrets.is_empty());
    assert!(certificate.title.contains("svc-report FAKE"), "{}", certificate.title);
}

#[test]
fn classes_tell_people_from_software() {
    let of = |id: &str| only(&token_classes().iter().find(|class| class.id == id).unwrap().example());
    assert_eq!(of("anthropic-oauth-token").binding, Some(Class::Human));
    assert_eq!(of("docker-hub-oat").binding, Some(Class::Service));
    assert_eq!(of("github-app-installation-token").lifetime, Some(Lifetime::Session));
    assert_eq!(of("aws-access-key").binding, None);
    let pypi = of("pypi-token");
    assert!(pypi.binding == Some(Class::Human) && pypi.title.contains("project catalogue"), "{}", pypi.title);
    assert!(
        of("gitlab-access-token-routable").title.contains("user 1295"),
        "{}",
        of("gitlab-access-token-routable").title
    );
    assert!(of("sentry-org-token").created.at().is_some());
    assert_ne!(of("jfrog-reference-token").expires, When::Unknown);
    assert!(of("slack-webhook").low_value && !of("slack-bot-token").low_value);
}

#[test]
fn chosen_passwords_leave_no_fingerprint() {
    let text = "postgresql://report:k4Zt-FAKE-92qp@db.acme.internal:5432/sales";
    let credential = only(text);
    assert_eq!(credential.key.name, "deploy/settings.env#url-login:report@db.acme.internal");
    assert!(credential.identifiers.is_empty() && credential.literal);
    assert_eq!(redact(text), "postgresql://report:…@db.acme.internal:5432/sales");
}

#[test]
fn a_token_in_a_url_is_the_token() {
    let token = token_classes().iter().find(|class| class.id == "github-pat-classic").unwrap().example();
    let text = format!("https://x-access-token:{token}@github.com/acme/shop.git");
    assert_eq!(only(&text).class.as_deref(), Some("github-pat-classic"));
}

#[test]
fn one_value_twice_in_a_source_is_one_credential() {
    let token = token_classes().iter().find(|class| class.id == "github-pat-classic").unwrap().example();
    let facts = read(&format!("{token}\n{token}\n"));
    assert_eq!((facts.credentials.len(), facts.secrets.len()), (1, 2));
}

/// Pieces that the engine looks for, in any order: more telling than random text.
fn pieces() -> impl Strategy<Value = String> {
    let examples: Vec<String> = token_classes()
        .iter()
        .flat_map(|class| class.example.iter().chain(&class.stems).chain(&class.assigned_to).cloned())
        .collect();
    let piece = prop_oneof![
        proptest::sample::select(examples),
        "[\"'=: \\n\\\\.é-]{0,3}".prop_map(|text| text),
        "\\PC{0,12}".prop_map(|text| text),
        "[A-Za-z0-9+/_.-]{0,60}".prop_map(|text| text),
    ];
    proptest::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text_gives_spans_within_it(text in prop_oneof![pieces(), "\\PC{0,200}".prop_map(|text| text)]) {
        let hits = scan(&text);
        for pair in hits.windows(2) {
            prop_assert!(pair[0].span.hi <= pair[1].span.lo);
        }
        for hit in &hits {
            prop_assert!(text.get(hit.span.range()).is_some_and(|value| !value.is_empty()));
        }
        for span in read(&text).secrets {
            prop_assert!(text.get(span.range()).is_some());
        }
        let shown = redact(&text);
        for hit in hits.iter().filter(|hit| !hit.class.identifier && hit.span.len() > 12) {
            prop_assert!(!shown.contains(hit.span.slice(&text)));
        }
    }
}
