//! Private keys of OpenSSH. The public half stands in clear, even where the private one is encrypted.
//!
//! Source: openssh/openssh-portable, `PROTOCOL.key`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use sha2::{Digest, Sha256};

const MAGIC: &[u8] = b"openssh-key-v1\0";

/// What is readable of a key without its passphrase.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) encrypted: bool,
    /// `SHA256:…`, as `ssh-keygen -l` shows it.
    pub(super) fingerprint: String,
}

/// Reads a key; none when it is damaged.
pub(super) fn read(bytes: &[u8]) -> Option<Key> {
    let (cipher, rest) = string(bytes.strip_prefix(MAGIC)?)?;
    let (_function, rest) = string(rest)?;
    let (_options, rest) = string(rest)?;
    let (_count, rest) = rest.split_at_checked(4)?;
    let (public, rest) = string(rest)?;
    let (private, _) = string(rest)?;
    let encrypted = cipher != b"none";
    // Two equal numbers stand in front of every unencrypted key, to show that it is whole.
    let whole = encrypted || private.get(..4).is_some_and(|check| private.get(4..8) == Some(check));
    (whole && !public.is_empty()).then(|| Key { encrypted, fingerprint: fingerprint(public) })
}

/// The fingerprint of an RSA key that is not kept in this form.
pub(super) fn rsa_fingerprint(modulus: &[u8], exponent: &[u8]) -> String {
    let framed = |bytes: &[u8]| [&u32::try_from(bytes.len()).unwrap_or(0).to_be_bytes()[..], bytes].concat();
    fingerprint(&[framed(b"ssh-rsa"), framed(exponent), framed(modulus)].concat())
}

fn fingerprint(public: &[u8]) -> String {
    format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(public)))
}

fn string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_keys_say_nothing() {
        assert_eq!(read(b""), None);
        assert_eq!(read(MAGIC), None);
        assert_eq!(read(&[MAGIC, &[0xff; 64]].concat()), None);
    }
}
