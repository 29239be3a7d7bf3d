//! Checksums that issuers put into their tokens.

/// Digits of base 62 as GitHub and npm order them.
const BASE62: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A number in a base given by its digits; none for a foreign digit or a number beyond 64 bits.
fn number(text: &str, digits: &[u8]) -> Option<u64> {
    text.bytes().try_fold(0u64, |sum, byte| {
        let digit = digits.iter().position(|digit| *digit == byte)?;
        sum.checked_mul(digits.len() as u64)?.checked_add(digit as u64)
    })
}

/// Splits off the last `length` bytes.
fn tail(text: &str, length: usize) -> Option<(&str, &str)> {
    text.split_at_checked(text.len().checked_sub(length)?)
}

fn crc(text: &str) -> u64 {
    u64::from(crc32fast::hash(text.as_bytes()))
}

/// GitHub and npm: a prefix of four characters, then a body, then its CRC-32 in six digits of base 62, padded with zeros.
/// <https://github.blog/engineering/behind-githubs-new-authentication-token-formats/>
pub(super) fn base62(token: &str) -> bool {
    let parts = token.get(4..).and_then(|rest| tail(rest, 6));
    parts.is_some_and(|(body, sum)| number(sum, BASE62) == Some(crc(body)))
}

/// Atlassian: the CRC-32 of all but the last eight characters, which hold it in hexadecimal.
pub(super) fn hex(token: &str) -> bool {
    let plain = token.replace("\\u003d", "=").replace("\\u003D", "=").replace("%3D", "=").replace("\\=", "=");
    tail(&plain, 8).is_some_and(|(body, sum)| u64::from_str_radix(sum, 16) == Ok(crc(body)))
}

/// Grafana: likewise with an underscore in front, the least significant byte first.
pub(super) fn hex_little(token: &str) -> bool {
    let parts = tail(token, 8).and_then(|(body, sum)| Some((body.strip_suffix('_')?, sum)));
    parts
        .is_some_and(|(body, sum)| u32::from_str_radix(sum, 16).map(|sum| u64::from(sum.swap_bytes())) == Ok(crc(body)))
}

/// Cloudflare: the CRC-32 of the forty characters before the last eight, without the prefix.
pub(super) fn hex_body(token: &str) -> bool {
    let parts = tail(token, 8).and_then(|(front, sum)| Some((tail(front, 40)?.1, sum)));
    parts.is_some_and(|(body, sum)| u64::from_str_radix(sum, 16) == Ok(crc(body)))
}

/// GitLab: the CRC-32 of all but the last seven characters, which hold it in base 36.
pub(super) fn base36(token: &str) -> bool {
    let digits = &BASE62[..10];
    let lower: Vec<u8> = digits.iter().copied().chain(b'a'..=b'z').collect();
    tail(token, 7).is_some_and(|(body, sum)| number(sum, &lower) == Some(crc(body)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_with_leading_zeros_counts_as_it_is() {
        let padded = (0u32..)
            .map(|n| format!("{n:030}"))
            .find(|body| crc(body) < 62u64.pow(5))
            .map(|body| {
                let mut sum = crc(&body);
                let mut digits = [b'0'; 6];
                for digit in digits.iter_mut().rev() {
                    *digit = BASE62[usize::try_from(sum % 62).unwrap()];
                    sum /= 62;
                }
                format!("ghp_{body}{}", String::from_utf8_lossy(&digits))
            })
            .unwrap();
        assert!(padded[34..].starts_with('0'));
        assert!(base62(&padded));
    }

    #[test]
    fn short_or_foreign_texts_fail() {
        for check in [base62, hex, hex_little, hex_body, base36] {
            for text in ["", "é", "ghp_", "ééééééééééé", "________________________________________________"]
            {
                assert!(!check(text), "{text}");
            }
        }
    }
}
