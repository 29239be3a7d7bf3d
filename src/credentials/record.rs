//! Hits become facts: one credential per value and source.

use std::collections::BTreeSet;

use super::decode::{self, Claims, Context};
use super::{Hit, placeholder, redact};
use crate::catalog::{Decoder, Public, TokenClass, token_class};
use crate::facts::{Checksum, Class, Credential, Edge, Facts, Key, Kind, Lifetime, Secret, Store, keys};
use crate::text::{Place, SourceId, Span};

/// What the hits of one source say. `within` is the path in the repository or export whose realm is `realm`.
#[must_use]
pub fn facts(source: SourceId, within: &str, realm: &str, text: &str, hits: &[Hit]) -> Facts {
    let mut recorder = Recorder { source, within, realm, text, seen: BTreeSet::new(), facts: Facts::default() };
    let (ids, others): (Vec<&Hit>, Vec<&Hit>) =
        hits.iter().partition(|hit| hit.class.decode == Some(Decoder::AwsKeyId));
    // Ids come first, because what stands beside one is its secret half and no credential of its own.
    let halves: BTreeSet<Span> = ids.into_iter().filter_map(|hit| recorder.access_key(hit)).collect();
    for hit in others.into_iter().filter(|hit| !halves.contains(&hit.span)) {
        recorder.token(hit);
    }
    recorder.facts
}

struct Recorder<'a> {
    source: SourceId,
    within: &'a str,
    realm: &'a str,
    text: &'a str,
    seen: BTreeSet<Key>,
    facts: Facts,
}

impl Recorder<'_> {
    fn place(&self, span: Span) -> Place {
        Place { source: self.source, span }
    }

    /// An access key id names a key; with its secret beside it the key itself stands here. Returns where the secret is.
    fn access_key(&mut self, hit: &Hit) -> Option<Span> {
        let id = hit.span.slice(self.text);
        let claims = decode::decode(&Context { text: self.text, hit, realm: self.realm });
        let secret = decode::secret_near(self.text, hit.span);
        // Logs are full of ids of sessions that ended long ago.
        if secret.is_none() && hit.class.lifetime == Some(Lifetime::Session) {
            return None;
        }
        let mut credential = Credential::new(keys::aws_access_key(id), String::new(), self.place(hit.span));
        credential.identifiers.push(("aws-access-key-id", id.to_owned()));
        let mut made_up = is_made_up(hit.class, id);
        if let Some(secret) = secret {
            self.facts.secrets.push(secret);
            let value = secret.slice(self.text);
            made_up |= secret_is_made_up(value);
            credential.identifiers.extend(Secret::new(value).fingerprint(b"").map(|print| ("fingerprint", print)));
            credential.literal = true;
            credential.defined = true;
        }
        credential.placeholder = made_up;
        self.add(credential, hit, claims);
        secret
    }

    /// Any other value.
    fn token(&mut self, hit: &Hit) {
        let mut claims = decode::decode(&Context { text: self.text, hit, realm: self.realm });
        let value = hit.span.slice(self.text);
        let public = claims.public || hit.class.identifier;
        if !public {
            self.facts.secrets.push(hit.span);
        }
        // Left out: what is no credential after all, and chosen passwords of examples, which every manual is full of.
        if claims.sample && (public || hit.class.weak) {
            return;
        }
        let plain = claims.plain.take();
        let print = Secret::new(plain.as_deref().unwrap_or(value)).fingerprint(b"").filter(|_| !hit.class.weak);
        let key = match (&print, public, &plain) {
            (_, true, Some(name)) => Key::new(Kind::Credential, hit.class.id.clone(), name.clone()),
            (_, true, None) => Key::new(Kind::Credential, hit.class.id.clone(), value),
            (Some(print), ..) => Key::new(Kind::Credential, "fingerprint", print.clone()),
            (None, ..) => self.position(hit, claims.note.as_deref()),
        };
        let mut credential = Credential::new(key, String::new(), self.place(hit.span));
        credential.identifiers.extend(print.filter(|_| !public).map(|print| ("fingerprint", print)));
        credential.literal = !public;
        credential.defined = true;
        let proven = claims.checksum == Some(Checksum::Pass);
        credential.placeholder = claims.sample || (!proven && is_made_up(hit.class, value));
        self.add(credential, hit, claims);
    }

    /// The key of a value whose hash may not be kept: the file, and what tells it from others there.
    fn position(&self, hit: &Hit, note: Option<&str>) -> Key {
        let ordinal = self.facts.credentials.iter().filter(|one| one.class.as_deref() == Some(&hit.class.id)).count();
        let what = note.map_or_else(|| ordinal.to_string(), ToOwned::to_owned);
        keys::credential_file(self.realm, &format!("{}#{}:{what}", self.within, hit.class.id))
    }

    /// Fills in what class and claims say, and records the credential unless the value was seen in this source.
    fn add(&mut self, mut credential: Credential, hit: &Hit, claims: Claims) {
        let class = claims.class.and_then(token_class).unwrap_or(hit.class);
        let told = |binding: Class| (binding != Class::Unknown).then_some(binding);
        credential.title = self.title(hit, class, claims.note.as_deref());
        credential.class = Some(class.id.clone());
        credential.provider = Some(class.provider.clone());
        credential.lifetime = claims.lifetime.or(class.lifetime);
        credential.binding = claims.binding.and_then(told).or(told(class.binding));
        credential.level = claims.level.or(class.level);
        credential.created = claims.created;
        credential.expires = claims.expires;
        credential.checksum = claims.checksum.unwrap_or(Checksum::None);
        credential.low_value = claims.low_value || self.is_public(class);
        credential.identifiers.extend(claims.identifiers);
        credential.store = credential.literal.then(|| Store {
            kind: "file".to_owned(),
            instance: self.realm.to_owned(),
            scope: String::new(),
            name: self.within.to_owned(),
        });
        if !self.seen.insert(credential.key.clone()) {
            self.merge(&credential);
            return;
        }
        if let Some(identity) = claims.identity.filter(|_| !credential.placeholder) {
            let edge = Edge::AuthenticatesAs { credential: credential.key.clone(), identity: identity.into() };
            self.facts.state(credential.at, edge);
        }
        self.facts.credentials.push(credential);
    }

    /// The same value once more: an id that stood alone before may have its secret beside it here.
    fn merge(&mut self, again: &Credential) {
        let known = self.facts.credentials.iter_mut().find(|known| known.key == again.key);
        if let Some(known) = known.filter(|known| again.literal && !known.literal) {
            *known = again.clone();
        }
    }

    fn title(&self, hit: &Hit, class: &TokenClass, note: Option<&str>) -> String {
        let value = hit.span.slice(self.text);
        let shown = match hit.class.decode {
            Some(Decoder::Pem | Decoder::PemBase64 | Decoder::UrlLogin) => String::new(),
            Some(Decoder::AwsKeyId) => format!(" {}", named(value)),
            _ if hit.class.identifier => format!(" {}", named(value)),
            _ => format!(" {}", redact::extract(value, hit.class)),
        };
        let note = note.map(|note| format!(" ({note})")).unwrap_or_default();
        format!("{}{shown}{note}", class.title)
    }

    fn is_public(&self, class: &TokenClass) -> bool {
        const CLIENT: [&str; 14] = [
            ".js",
            ".jsx",
            ".mjs",
            ".ts",
            ".tsx",
            ".html",
            ".htm",
            ".vue",
            ".svelte",
            ".dart",
            ".swift",
            ".kt",
            ".plist",
            "google-services.json",
        ];
        match class.public {
            Some(Public::Always) => true,
            Some(Public::InClients) => CLIENT.iter().any(|end| self.within.ends_with(end)),
            None => false,
        }
    }
}

/// The first and last four characters of a name that is no secret.
fn named(id: &str) -> String {
    let tail = id.len().saturating_sub(4);
    format!("{}…{}", id.get(..4).unwrap_or(""), id.get(tail..).unwrap_or(""))
}

/// Whether a value is an example: documented by its issuer, or made up by hand. Keys and tokens with claims are judged
/// by their content, not by what chance makes of its base 64.
fn is_made_up(class: &TokenClass, value: &str) -> bool {
    let body = value.strip_prefix(class.prefix.as_str()).unwrap_or(value);
    let coded = matches!(
        class.decode,
        Some(
            Decoder::Jwt
                | Decoder::GithubInstallation
                | Decoder::Pem
                | Decoder::PemBase64
                | Decoder::UrlLogin
                | Decoder::PypiMacaroon
                | Decoder::SentryOrg
                | Decoder::JsonBase64
        )
    );
    let documented = |start: &String| value.starts_with(start.as_str()) || (coded && value.contains(start.as_str()));
    // Behind its last dot a web token has a signature, which is random.
    let random = match class.decode {
        Some(Decoder::Jwt) => value.rsplit('.').next(),
        _ => (!coded).then_some(body),
    };
    class.documented.iter().any(documented) || random.is_some_and(placeholder::is_placeholder)
}

fn secret_is_made_up(value: &str) -> bool {
    token_class("aws-secret-access-key").is_some_and(|class| is_made_up(class, value))
}
