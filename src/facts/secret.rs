//! Secret values on their way to being forgotten.

use sha2::{Digest, Sha256};

/// Values with at least this much entropy can be compared by fingerprint between runs and machines without helping
/// anyone to guess them.
const STRONG_BITS: f64 = 80.0;

/// The domain key of fingerprints made without an organisation salt.
const DOMAIN: &[u8] = b"whoacts/fingerprint/1";

/// A secret value, held only until it is reduced. It cannot be printed, cloned, compared or stored.
pub struct Secret<'a>(&'a str);

impl<'a> Secret<'a> {
    /// Takes hold of a value.
    #[must_use]
    pub fn new(value: &'a str) -> Self {
        Self(value)
    }

    /// A keyed SHA-256 of the value, 32 hexadecimal digits; none for a weak value, whose hash could be guessed.
    /// `salt` is the organisation's own key, empty when it has none.
    #[must_use]
    pub fn fingerprint(&self, salt: &[u8]) -> Option<String> {
        if entropy_bits(self.0) < STRONG_BITS {
            return None;
        }
        let digest =
            Sha256::new().chain_update(DOMAIN).chain_update(salt).chain_update([0]).chain_update(self.0).finalize();
        Some(digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect())
    }

    /// An extract for people: `prefix` characters that the class makes public and the last four, never more than a
    /// quarter of the value, the rest as `…`.
    #[must_use]
    pub fn redacted(&self, prefix: usize) -> String {
        let count = self.0.chars().count();
        let budget = count / 4;
        let tail = 4.min(budget);
        let head: String = self.0.chars().take(prefix.min(budget - tail)).collect();
        let end: String = self.0.chars().skip(count - tail).collect();
        format!("{head}…{end}")
    }
}

impl std::fmt::Debug for Secret<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// Shannon entropy of the characters of `value`, times its length: an upper bound of how hard it is to guess, in bits.
#[must_use]
pub fn entropy_bits(value: &str) -> f64 {
    // In order, so that rounding is the same in every run: a value at the limit must not be strong only sometimes.
    let mut counts = std::collections::BTreeMap::new();
    for c in value.chars() {
        *counts.entry(c).or_insert(0u32) += 1;
    }
    let total: f64 = counts.values().map(|n| f64::from(*n)).sum();
    counts.values().map(|n| f64::from(*n)).map(|n| -n * (n / total).log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strong_values_have_a_stable_fingerprint_and_weak_ones_have_none() {
        let strong = Secret::new("k3J9xQ2vLm8RtZ5wYb7Nc4Hd6Gf1Ps0A");
        assert_eq!(strong.fingerprint(b""), strong.fingerprint(b""));
        assert_ne!(strong.fingerprint(b""), strong.fingerprint(b"acme"));
        assert_eq!(Secret::new("hunter2").fingerprint(b""), None);
    }

    #[test]
    fn extracts_show_at_most_a_quarter() {
        assert_eq!(Secret::new("ghp_0123456789012345678901234567890123456").redacted(4), "ghp_…3456");
        assert_eq!(Secret::new("password").redacted(4), "…rd");
        assert_eq!(Secret::new("abc").redacted(4), "…");
    }

    #[test]
    fn a_secret_has_no_debug_form() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "Secret(…)");
    }
}
