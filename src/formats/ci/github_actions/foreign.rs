//! Stores that speak Amazon's S3 protocol. Their keys go into the variables and inputs made for AWS keys, but AWS has
//! nothing to do with them, and they take no identity token.

use crate::syntax::Node;

/// Marks of an endpoint that is not Amazon's, with the provider.
const ENDPOINTS: [(&str, &str); 8] = [
    ("r2.cloudflarestorage.com", "cloudflare-r2"),
    ("digitaloceanspaces.com", "s3-compatible"),
    ("backblazeb2.com", "s3-compatible"),
    ("wasabisys.com", "s3-compatible"),
    ("scw.cloud", "s3-compatible"),
    ("AWS_ENDPOINT_URL", "s3-compatible"),
    ("--endpoint-url", "s3-compatible"),
    ("S3_ENDPOINT", "s3-compatible"),
];

/// Words of a secret's name that name such a store.
const NAMES: [(&str, &str); 12] = [
    ("R2", "cloudflare-r2"),
    ("CLOUDFLARE", "cloudflare-r2"),
    ("SPACES", "s3-compatible"),
    ("B2", "s3-compatible"),
    ("BACKBLAZE", "s3-compatible"),
    ("WASABI", "s3-compatible"),
    ("MINIO", "s3-compatible"),
    ("CEPH", "s3-compatible"),
    ("SCW", "s3-compatible"),
    ("SCALEWAY", "s3-compatible"),
    ("HETZNER", "s3-compatible"),
    ("TIGRIS", "s3-compatible"),
];

/// The provider by an endpoint in a part of the file.
pub(super) fn by_endpoint(text: &str) -> Option<&'static str> {
    let mark = ENDPOINTS.iter().find(|(mark, _)| memchr::memmem::find(text.as_bytes(), mark.as_bytes()).is_some())?;
    Some(mark.1)
}

/// The provider by an endpoint that a variable names.
pub(super) fn by_variable(endpoint: Option<Node<'_>>) -> Option<&'static str> {
    let text = endpoint?.text()?;
    if text.is_empty() || text.contains("amazonaws.com") { None } else { by_endpoint(text).or(Some("s3-compatible")) }
}

/// The provider by a word of the secret's name.
pub(super) fn by_name(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_uppercase();
    let mut words = name.split(|c: char| !c.is_ascii_alphanumeric());
    words.find_map(|word| NAMES.iter().find(|(mark, _)| *mark == word)).map(|(_, provider)| *provider)
}

/// Whether a provider is one of these.
pub(super) fn is_foreign(provider: &str) -> bool {
    matches!(provider, "cloudflare-r2" | "s3-compatible")
}
