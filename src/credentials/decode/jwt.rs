//! JSON Web Tokens: the claims say who issued them, for whom and until when. Signatures are not checked.

use jiff::SignedDuration;
use serde_json::{Map, Value};

use super::{Claims, json, seconds};
use crate::facts::{Checksum, Class, Level, Lifetime, When, keys};

/// A token that lives no longer is one of a session.
const SESSION: SignedDuration = SignedDuration::from_hours(24);

/// The claims of a token, typed where several readers need them.
struct Token {
    claims: Map<String, Value>,
}

impl Token {
    fn text(&self, claim: &str) -> Option<&str> {
        self.claims.get(claim)?.as_str()
    }

    fn time(&self, claim: &str) -> When {
        #[allow(clippy::cast_possible_truncation, reason = "the seconds of any date fit, and anything else saturates")]
        let whole = |number: f64| number as i64;
        self.claims.get(claim).and_then(Value::as_f64).map_or(When::Unknown, |number| seconds(whole(number)))
    }

    fn issuer(&self) -> &str {
        self.text("iss").unwrap_or_default()
    }

    fn subject(&self) -> &str {
        self.text("sub").unwrap_or_default()
    }

    fn mailbox(&self) -> Option<&str> {
        ["email", "upn", "preferred_username", "unique_name"].iter().find_map(|claim| self.text(claim))
    }
}

/// Reads a token of three parts. `realm` is where a service account is looked for when the token names no cluster.
pub(super) fn token(value: &str, realm: &str) -> Claims {
    let mut parts = value.split('.');
    let (Some(header), Some(payload)) = (parts.next().and_then(json::object), parts.next().and_then(json::object))
    else {
        return Claims::broken();
    };
    if !header.get("alg").is_some_and(Value::is_string) {
        return Claims::broken();
    }
    let token = Token { claims: payload };
    let mut claims = Claims { created: token.time("iat"), expires: token.time("exp"), ..Claims::default() };
    claims.sample = is_sample(&token);
    let issuers = [kubernetes, entra, google, workload, supabase, grafana];
    if !issuers.iter().any(|issuer| issuer(&token, realm, &mut claims)) {
        claims.binding = binding(&token);
        claims.note = Some(token.subject()).filter(|subject| is_name(subject)).map(|subject| format!("for {subject}"));
    }
    live(&token, &mut claims);
    claims
}

/// `ghs_<app id>_<token>`. GitHub asks not to depend on what the token says beyond its time.
pub(super) fn installation(value: &str) -> Claims {
    let body = value.strip_prefix("ghs_").and_then(|rest| rest.split_once('_'));
    let Some((app, jwt)) = body else { return Claims::broken() };
    let read = token(jwt, "");
    if read.checksum == Some(Checksum::Fail) {
        return Claims::broken();
    }
    Claims { created: read.created, expires: read.expires, note: Some(format!("app {app}")), ..Claims::default() }
}

/// How long it lives, unless its kind settles that: without an end it never ends.
fn live(token: &Token, claims: &mut Claims) {
    if !token.claims.contains_key("exp") {
        claims.expires = When::Never;
    }
    let span = claims.expires.at().zip(claims.created.at()).map(|(end, start)| end.duration_since(start));
    let lifetime = if span.is_some_and(|span| span <= SESSION) { Lifetime::Session } else { Lifetime::Static };
    claims.lifetime = claims.lifetime.or(Some(lifetime));
}

/// The token that every tutorial shows, and tokens that say nothing an issuer would say.
fn is_sample(token: &Token) -> bool {
    let known = ["iss", "sub", "exp", "aud", "role", "k", "azp", "appid", "scope", "email", "client_id", "user_id"];
    token.subject() == "1234567890"
        || token.text("name") == Some("John Doe")
        || !known.iter().any(|claim| token.claims.contains_key(*claim))
}

/// Service accounts of Kubernetes: those of the old kind have no end, bound ones name the pod (KEP 1205).
fn kubernetes(token: &Token, realm: &str, claims: &mut Claims) -> bool {
    let legacy = token.issuer() == "kubernetes/serviceaccount";
    if !legacy && !token.claims.contains_key("kubernetes.io") {
        return false;
    }
    claims.narrow(if legacy { "kubernetes-service-account-token" } else { "kubernetes-bound-token" });
    if let Some((namespace, name)) =
        token.subject().strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':'))
    {
        claims.identity = Some(keys::k8s_service_account(realm, namespace, name));
        claims.note = Some(format!("{namespace}/{name}"));
    }
    true
}

/// Entra ID tells applications from people by `idtyp`, else by roles without scopes.
/// <https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference>
fn entra(token: &Token, _: &str, claims: &mut Claims) -> bool {
    let issuer = token.issuer();
    if !issuer.contains("sts.windows.net") && !issuer.contains("login.microsoftonline.com") {
        return false;
    }
    let has = |claim: &str| token.claims.contains_key(claim);
    let app = token.text("idtyp") == Some("app") || (has("roles") && !has("scp"));
    let client = token.text("appid").or_else(|| token.text("azp"));
    if app {
        claims.binding = Some(Class::Service);
        claims.identity = client.map(keys::entra_client);
    } else if has("scp") {
        claims.binding = Some(Class::Human);
    }
    claims.note = client.map(|client| format!("application {client}"));
    claims.narrow("entra-access-token");
    true
}

fn google(token: &Token, _: &str, claims: &mut Claims) -> bool {
    let account = [token.text("email"), Some(token.issuer()), Some(token.subject())];
    let Some(email) = account.into_iter().flatten().find(|name| name.ends_with(".gserviceaccount.com")) else {
        return false;
    };
    claims.identity = Some(keys::google_service_account(email));
    claims.note = Some(email.to_owned());
    claims.narrow("gcp-identity-token");
    true
}

/// Tokens that a platform makes for one run: GitHub Actions, GitLab CI, SPIFFE.
fn workload(token: &Token, _: &str, claims: &mut Claims) -> bool {
    let issuer = token.issuer();
    let of_platform = issuer.contains("token.actions.githubusercontent.com")
        || token.claims.contains_key("project_path")
        || token.subject().starts_with("spiffe://");
    if of_platform {
        claims.identity = Some(keys::oidc_subject(issuer, token.subject()));
        claims.note = Some(token.subject().to_owned());
        claims.narrow("oidc-workload-token");
    }
    of_platform
}

/// Supabase makes keys of tokens: `anon` is meant for browsers, `service_role` goes past all rules.
fn supabase(token: &Token, _: &str, claims: &mut Claims) -> bool {
    if !token.issuer().starts_with("supabase") {
        return false;
    }
    let role = token.text("role").unwrap_or_default();
    claims.low_value = role == "anon";
    claims.level = (role == "service_role").then_some(Level::Admin);
    claims.note = Some(format!("role {role}"));
    // The issuer of the local development kit signs with a key that everybody has.
    claims.sample |= token.issuer() == "supabase-demo";
    claims.narrow("supabase-key");
    true
}

fn grafana(token: &Token, _: &str, claims: &mut Claims) -> bool {
    let legacy = token.claims.contains_key("k") && token.claims.contains_key("n") && token.claims.contains_key("id");
    if legacy {
        claims.narrow("grafana-api-key");
    }
    legacy
}

/// Whom a token of any other issuer stands for, by claims that only one of the two has.
fn binding(token: &Token) -> Option<Class> {
    let machine = token.text("gty") == Some("client-credentials")
        || token.subject().ends_with("@clients")
        || token.text("preferred_username").is_some_and(|name| name.starts_with("service-account-"));
    if machine {
        return Some(Class::Service);
    }
    token.mailbox().filter(|name| name.contains('@')).map(|_| Class::Human)
}

/// Whether a subject may be shown: a name and nothing that could be a value.
fn is_name(subject: &str) -> bool {
    (1..=64).contains(&subject.len()) && !subject.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    fn made(payload: &str) -> Claims {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        token(&format!("{}.{}.sig", part(r#"{"alg":"RS256"}"#), part(payload)), "acme")
    }

    #[test]
    fn a_service_account_token_without_end_never_expires() {
        let read = made(r#"{"iss":"kubernetes/serviceaccount","sub":"system:serviceaccount:tools:deployer"}"#);
        assert_eq!(read.class, Some("kubernetes-service-account-token"));
        assert_eq!((read.expires, read.lifetime), (When::Never, Some(Lifetime::Static)));
        assert_eq!(read.identity, Some(keys::k8s_service_account("acme", "tools", "deployer")));
        let bound = made(
            r#"{"iss":"https://k8s","sub":"system:serviceaccount:tools:deployer","iat":1,"exp":3601,"kubernetes.io":{}}"#,
        );
        assert_eq!((bound.class, bound.lifetime), (Some("kubernetes-bound-token"), Some(Lifetime::Session)));
    }

    #[test]
    fn claims_tell_people_from_software() {
        let binding = |payload: &str| made(payload).binding;
        let entra = r#"{"iss":"https://sts.windows.net/t/","appid":"4711","#;
        assert_eq!(binding(&format!(r#"{entra}"idtyp":"app"}}"#)), Some(Class::Service));
        assert_eq!(binding(&format!(r#"{entra}"scp":"User.Read"}}"#)), Some(Class::Human));
        assert_eq!(binding(r#"{"sub":"x@clients","exp":1}"#), Some(Class::Service));
        assert_eq!(binding(r#"{"sub":"x","email":"mara@acme.example"}"#), Some(Class::Human));
        assert_eq!(binding(r#"{"sub":"x"}"#), None);
    }

    #[test]
    fn samples_and_damaged_tokens_count_for_nothing() {
        assert!(made(r#"{"sub":"1234567890","name":"Jane"}"#).sample);
        assert!(made(r#"{"some":"thing"}"#).sample);
        assert!(made("[]").sample && token("eyJ", "").sample && token("", "").sample);
        assert!(!made(r#"{"sub":"svc","exp":1}"#).sample);
    }

    #[test]
    fn a_token_of_years_is_no_session() {
        let read = made(r#"{"iss":"supabase","role":"service_role","iat":1600000000,"exp":1900000000}"#);
        assert_eq!((read.lifetime, read.level), (Some(Lifetime::Static), Some(Level::Admin)));
    }
}
