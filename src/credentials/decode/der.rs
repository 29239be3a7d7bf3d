//! As much DER as private keys need: the public half of an RSA key, and whether a key is whole.

use sha2::{Digest, Sha256};

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const OCTETS: u8 = 0x04;
/// `rsaEncryption` with its empty parameters, as an algorithm identifier.
const RSA: &[u8] = &[SEQUENCE, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

/// One element: its tag, its content and what follows it.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        let (length, rest) =
            rest.split_at_checked(usize::from(first & 0x7f)).filter(|(length, _)| length.len() <= 4)?;
        (length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

fn encoded(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let mut bytes = vec![tag];
    if length < 0x80 {
        bytes.extend(u8::try_from(length));
    } else {
        let long: Vec<u8> = length.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
        bytes.extend(u8::try_from(long.len()).map(|count| 0x80 | count));
        bytes.extend(long);
    }
    bytes.extend(content);
    bytes
}

/// Whether the bytes are one sequence and nothing else.
pub(super) fn is_whole(bytes: &[u8]) -> bool {
    matches!(element(bytes), Some((SEQUENCE, _, [])))
}

/// Modulus and exponent of an RSA private key, as PKCS #1 has it or wrapped by PKCS #8.
pub(super) fn rsa_public(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (SEQUENCE, content, _) = element(bytes)? else { return None };
    let (INTEGER, _version, rest) = element(content)? else { return None };
    match element(rest)? {
        (INTEGER, modulus, rest) => match element(rest)? {
            (INTEGER, exponent, _) if modulus.len() >= 64 => Some((modulus, exponent)),
            _ => None,
        },
        (SEQUENCE, _, rest) if rest_is_rsa(content) => match element(rest)? {
            (OCTETS, inner, _) => rsa_public(inner),
            _ => None,
        },
        _ => None,
    }
}

fn rest_is_rsa(content: &[u8]) -> bool {
    element(content).is_some_and(|(_, _, rest)| rest.starts_with(RSA))
}

/// SHA-256 of the public key in the form of X.509, in hexadecimal: what a certificate of the same key has as well.
pub(super) fn rsa_fingerprint(modulus: &[u8], exponent: &[u8]) -> String {
    let numbers = [encoded(INTEGER, modulus), encoded(INTEGER, exponent)].concat();
    let key = [&[0][..], &encoded(SEQUENCE, &numbers)].concat();
    public_fingerprint(&encoded(SEQUENCE, &[RSA, &encoded(0x03, &key)].concat()))
}

/// SHA-256 of a public key, in hexadecimal.
pub(super) fn public_fingerprint(key: &[u8]) -> String {
    Sha256::digest(key).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damaged_bytes_are_no_key() {
        for bytes in [&[][..], &[0x30], &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], &[0x30, 0x89, 1], &[0x30, 1, 2, 3]] {
            assert!(!is_whole(bytes), "{bytes:?}");
            assert_eq!(rsa_public(bytes), None);
        }
        assert!(is_whole(&[0x30, 0]));
    }

    #[test]
    fn both_wrappings_of_a_key_have_one_public_half() {
        let modulus = [&[0x00, 0xc1][..], &[7; 127]].concat();
        let numbers = [encoded(INTEGER, &[0]), encoded(INTEGER, &modulus), encoded(INTEGER, &[1, 0, 1])].concat();
        let plain = encoded(SEQUENCE, &numbers);
        let wrapped = encoded(SEQUENCE, &[&[INTEGER, 1, 0][..], RSA, &encoded(OCTETS, &plain)].concat());
        assert_eq!(rsa_public(&plain), Some((&modulus[..], &[1, 0, 1][..])));
        assert_eq!(rsa_public(&wrapped), rsa_public(&plain));
    }
}
