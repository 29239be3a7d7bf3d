//! What a value says about itself, without asking anyone.
//!
//! These are claims: a value may be revoked, and an expiry that lies ahead does not make it live.

mod aws;
mod azure;
mod checksum;
mod der;
mod gitlab;
mod google;
mod json;
mod jwt;
mod macaroon;
mod openssh;
mod pem;
mod url;

pub(super) use aws::secret_near;

use crate::catalog::{Decoder, token_class};
use crate::facts::{Checksum, Class, Key, Level, Lifetime, When};

use super::Hit;

/// What was read from a value.
#[derive(Default)]
pub(super) struct Claims {
    /// A narrower class than the shape's, by its id.
    pub(super) class: Option<&'static str>,
    pub(super) checksum: Option<Checksum>,
    pub(super) binding: Option<Class>,
    pub(super) lifetime: Option<Lifetime>,
    pub(super) level: Option<Level>,
    pub(super) created: When,
    pub(super) expires: When,
    /// The principal that the value proves.
    pub(super) identity: Option<Key>,
    /// Public names of the value, as in [`crate::facts::Credential::identifiers`].
    pub(super) identifiers: Vec<(&'static str, String)>,
    /// What tells it from others of its class, in a few words for people.
    pub(super) note: Option<String>,
    /// It is no credential: a well-known example, or nothing of its structure holds.
    pub(super) sample: bool,
    /// Not worth guarding.
    pub(super) low_value: bool,
    /// The value without its layout, where it can be laid out in several ways.
    pub(super) plain: Option<String>,
    /// It turned out to be no secret but a name, such as a certificate.
    pub(super) public: bool,
}

impl Claims {
    /// A value that cannot be genuine.
    fn broken() -> Self {
        Self { checksum: Some(Checksum::Fail), sample: true, ..Self::default() }
    }

    /// No credential at all.
    fn nothing() -> Self {
        Self { sample: true, public: true, ..Self::default() }
    }

    fn checked(passes: bool) -> Self {
        if passes { Self { checksum: Some(Checksum::Pass), ..Self::default() } } else { Self::broken() }
    }

    /// Takes on a narrower class with what the catalogue says of it.
    fn narrow(&mut self, class: &'static str) {
        let Some(entry) = token_class(class) else { return };
        self.class = Some(class);
        self.lifetime = self.lifetime.or(entry.lifetime);
        self.binding = self.binding.or(Some(entry.binding));
        self.level = self.level.or(entry.level);
    }
}

/// Where a value stands, for decoders that look around it.
pub(super) struct Context<'a> {
    pub(super) text: &'a str,
    pub(super) hit: &'a Hit,
    /// The realm of the repository or export.
    pub(super) realm: &'a str,
}

/// Reads what there is to be read.
pub(super) fn decode(context: &Context<'_>) -> Claims {
    let value = context.hit.span.slice(context.text);
    let Some(decoder) = context.hit.class.decode else { return Claims::default() };
    match decoder {
        Decoder::Crc32Base62 => Claims::checked(checksum::base62(value)),
        Decoder::Crc32Hex => Claims::checked(checksum::hex(value)),
        Decoder::Crc32HexLittle => Claims::checked(checksum::hex_little(value)),
        Decoder::Crc32HexBody => Claims::checked(checksum::hex_body(value)),
        Decoder::GitlabRoutable => gitlab::routable(value),
        Decoder::AwsKeyId => aws::key_id(value),
        Decoder::Jwt => jwt::token(value, context.realm),
        Decoder::GithubInstallation => jwt::installation(value),
        Decoder::PypiMacaroon => macaroon::pypi(value),
        Decoder::AzureCask => azure::cask(value),
        Decoder::AzureConnection => azure::connection(context),
        Decoder::SentryOrg => json::sentry(value),
        Decoder::JsonBase64 => json::account(value),
        Decoder::JfrogReference => json::jfrog(value),
        Decoder::Pem => pem::block(context),
        Decoder::PemBase64 => pem::in_base64(value),
        Decoder::UrlLogin => url::login(context),
    }
}

/// A time from seconds since 1970; unknown when it is none.
fn seconds(seconds: i64) -> When {
    jiff::Timestamp::from_second(seconds).map_or(When::Unknown, When::At)
}
