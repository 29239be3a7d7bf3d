//! Keys and certificates between dashes: laid out over lines, in one line with `\n`, indented, or in base 64 once more.

use x509_cert::Certificate;
use x509_cert::der::{Decode, Encode};
use x509_cert::ext::pkix::BasicConstraints;

use super::{Claims, Context, der, google, openssh};
use crate::facts::{Lifetime, When};
use crate::text::base64;

/// Characters of base 64 in the smallest key, one of Ed25519.
const SHORTEST: usize = 60;

/// A block with its label and the bytes in it.
struct Block {
    label: String,
    /// The base 64 without its layout.
    body: String,
    /// Encrypted in the old way, with headers of its own.
    headers: bool,
}

/// Reads the block of a hit; a key in the key file of a Google service account is that account's.
pub(super) fn block(context: &Context<'_>) -> Claims {
    let mut claims = read(context.hit.span.slice(context.text));
    if !claims.sample
        && !claims.public
        && let Some(account) = google::key_file(context.text, context.hit.span)
    {
        account.describe(&mut claims);
    }
    claims
}

/// Reads a block that stands in base 64.
pub(super) fn in_base64(value: &str) -> Claims {
    let text = base64(value).and_then(|bytes| String::from_utf8(bytes).ok());
    text.map_or_else(Claims::broken, |text| read(&text))
}

fn read(text: &str) -> Claims {
    let Some(block) = split(text) else { return Claims::broken() };
    // Every key begins with a sequence, those of OpenSSH with its name: all else is code or prose around the dashes.
    if block.body.len() < SHORTEST || !(block.body.starts_with('M') || block.body.starts_with("b3BlbnNzaC1rZXktdjE")) {
        return Claims::nothing();
    }
    let Some(bytes) = base64(&block.body) else { return Claims::broken() };
    let mut claims = match block.label.as_str() {
        "CERTIFICATE" => return certificate(&bytes),
        "OPENSSH PRIVATE KEY" => ssh(&bytes),
        label if label.ends_with("PRIVATE KEY") => key(&bytes, &block),
        // Parameters, public keys and requests: no secret.
        _ => return Claims::nothing(),
    };
    claims.plain = Some(block.body);
    claims
}

fn split(text: &str) -> Option<Block> {
    let (label, rest) = text.trim_start().strip_prefix("-----BEGIN ")?.split_once("-----")?;
    let (body, _) = rest.split_once("-----END ")?;
    let plain = body.replace("\\n", "\n").replace("\\r", "").replace("\\t", " ");
    let headers = plain.contains("Proc-Type:") || plain.contains("DEK-Info:");
    // Headers hold a colon, which no line of base 64 does.
    let lines = plain.lines().filter(|line| !line.contains(':'));
    Some(Block {
        label: label.to_owned(),
        body: lines.flat_map(|line| joined(line).chars().filter(is_inner)).collect(),
        headers,
    })
}

fn is_inner(c: &char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=')
}

/// A line without the plus that joins the strings of a program.
fn joined(line: &str) -> &str {
    const QUOTES: [char; 3] = ['"', '\'', '`'];
    let line = line.trim();
    let line = line.strip_suffix('+').filter(|rest| rest.trim_end().ends_with(QUOTES)).unwrap_or(line);
    line.strip_prefix('+').filter(|rest| rest.trim_start().starts_with(QUOTES)).unwrap_or(line)
}

fn ssh(bytes: &[u8]) -> Claims {
    let Some(key) = openssh::read(bytes) else { return Claims::broken() };
    let mut claims = Claims { note: Some(key.fingerprint.clone()), ..Claims::default() };
    claims.identifiers.push(("ssh-fingerprint", key.fingerprint));
    if key.encrypted {
        claims.narrow("ssh-private-key-encrypted");
    }
    claims
}

fn key(bytes: &[u8], block: &Block) -> Claims {
    let mut claims = Claims::default();
    if block.headers {
        claims.narrow("private-key-encrypted");
        return claims;
    }
    if !der::is_whole(bytes) {
        return Claims::broken();
    }
    if block.label.starts_with("ENCRYPTED") {
        claims.narrow("private-key-encrypted");
    } else if let Some((modulus, exponent)) = der::rsa_public(bytes) {
        let ssh = openssh::rsa_fingerprint(modulus, exponent);
        claims.note = Some(ssh.clone());
        claims.identifiers.push(("ssh-fingerprint", ssh));
        claims.identifiers.push(("public-key-sha256", der::rsa_fingerprint(modulus, exponent)));
    }
    claims.lifetime = claims.lifetime.or(Some(Lifetime::Static));
    claims
}

/// A certificate is no secret, but it says when the key behind it ends. Those of authorities prove nobody.
fn certificate(bytes: &[u8]) -> Claims {
    let Ok(certificate) = Certificate::from_der(bytes) else { return Claims::nothing() };
    let body = certificate.tbs_certificate();
    let authority = body.get_extension::<BasicConstraints>().ok().flatten().is_some_and(|(_, basic)| basic.ca);
    if authority {
        return Claims::nothing();
    }
    let time = |time: x509_cert::time::Time| {
        i64::try_from(time.to_unix_duration().as_secs()).map_or(When::Unknown, super::seconds)
    };
    let key = body.subject_public_key_info().to_der().map(|key| der::public_fingerprint(&key));
    Claims {
        class: Some("x509-certificate"),
        created: time(body.validity().not_before),
        expires: time(body.validity().not_after),
        identifiers: key.map(|key| ("public-key-sha256", key)).into_iter().collect(),
        note: Some(body.subject().to_string()).filter(|subject| !subject.is_empty()),
        plain: Some(der::public_fingerprint(bytes)),
        public: true,
        ..Claims::default()
    }
}
