//! What names say about what they hold: only where the catalogue does not know the field, and only to calm.

/// Last words of names of secrets, variables and inputs that hold nothing secret. Only used where the catalogue does not
/// say what a field takes.
const PUBLIC_ENDINGS: [&str; 36] = [
    "REGION",
    "TENANT",
    "TENANT_ID",
    "SUBSCRIPTION",
    "SUBSCRIPTION_ID",
    "ACCOUNT",
    "ACCOUNT_ID",
    "ACCOUNT_NUMBER",
    "PROJECT",
    "PROJECT_ID",
    "ROLE",
    "ROLE_ARN",
    "ARN",
    "CLIENT_ID",
    "APP_ID",
    "KEY_ID",
    "INSTALLATION_ID",
    "HOST",
    "HOSTNAME",
    "PORT",
    "BUCKET",
    "USERNAME",
    "USER",
    "EMAIL",
    "ORG",
    "ORG_ID",
    "DOMAIN",
    "ENDPOINT",
    "NAMESPACE",
    "CHANNEL",
    "CHANNEL_ID",
    "ZONE_ID",
    "REPOSITORY",
    "REGISTRY",
    "URL",
    "ENVIRONMENT",
];

/// Words that make an address a secret after all: whoever knows it may post, or it has a password in it.
const SECRET_ADDRESSES: [&str; 10] =
    ["HOOK", "DATABASE", "DB", "MONGO", "REDIS", "POSTGRES", "MYSQL", "AMQP", "TOKEN", "CONNECTION"];

/// Whether a name is that of something public.
pub(super) fn is_public(name: &str) -> bool {
    let name = words(name);
    let end = PUBLIC_ENDINGS
        .iter()
        .find(|end| name.strip_suffix(**end).is_some_and(|head| head.is_empty() || head.ends_with('_')));
    match end {
        Some(&("URL" | "HOST" | "ENDPOINT")) => !SECRET_ADDRESSES.iter().any(|word| name.contains(word)),
        end => end.is_some(),
    }
}

/// Upper case words with `_` between them, whatever way they were joined: `clientId`, `client-id`.
fn words(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    let mut after_lower = false;
    for c in name.chars() {
        if after_lower && c.is_ascii_uppercase() {
            words.push('_');
        }
        after_lower = c.is_ascii_lowercase();
        words.push(if c == '-' { '_' } else { c.to_ascii_uppercase() });
    }
    words
}

/// The name that a longer text gives to what follows: `channel: `, `"clientId": "`, `--region `.
pub(super) fn label(before: &str) -> Option<&str> {
    let trimmed = before.trim_end_matches([' ', '"', '\'']);
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let last = |text: &'_ str| {
        text.rfind(|c: char| !is_name(c))
            .map_or(0, |at| at + text.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8))
    };
    let (text, named) = match trimmed.strip_suffix([':', '=']) {
        Some(text) => (text.trim_end_matches([' ', '"', '\'']), true),
        None => (trimmed, false),
    };
    let word = text.get(last(text)..)?;
    (!word.is_empty() && (named || word.starts_with("--"))).then(|| word.trim_start_matches('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_things_are_known_by_their_last_word() {
        for name in ["AWS_REGION", "clientId", "tenant-id", "SLACK_CHANNEL_ID", "DEPLOY_HOST", "HUD_URL", "repository"]
        {
            assert!(is_public(name), "{name}");
        }
        for name in ["API_KEY", "SLACK_WEBHOOK_URL", "DATABASE_URL", "PASSPHRASE", "CLIENT_SECRET", "REGIONAL", ""] {
            assert!(!is_public(name), "{name}");
        }
    }

    #[test]
    fn the_name_before_an_expression_is_found() {
        for (before, name) in [
            ("x\n  channel: ", Some("channel")),
            ("{\"clientId\": \"", Some("clientId")),
            ("aws --region ", Some("region")),
            ("aws --region=", Some("region")),
            ("login ann ", None),
            ("", None),
            ("é: ", None),
        ] {
            assert_eq!(label(before), name, "{before}");
        }
    }
}
