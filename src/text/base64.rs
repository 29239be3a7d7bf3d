//! Base 64, as configuration files and tokens hold it.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The bytes behind base 64 of either alphabet (RFC 4648, 4 and 5), with or without padding, line breaks and blanks left
/// out. None when it holds any other character.
#[must_use]
pub fn base64(text: &str) -> Option<Vec<u8>> {
    let standard: String = text
        .trim_end()
        .trim_end_matches('=')
        .chars()
        .filter(|c| !c.is_ascii_whitespace())
        .map(|c| match c {
            '-' => '+',
            '_' => '/',
            other => other,
        })
        .collect();
    LENIENT.decode(standard).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_alphabets_are_read_with_and_without_padding_and_breaks() {
        assert_eq!(base64("-_8"), Some(vec![0xfb, 0xff]));
        assert_eq!(base64("+/8="), Some(vec![0xfb, 0xff]));
        assert_eq!(base64("aGVs\n  bG8=\n"), Some(b"hello".to_vec()));
        assert_eq!(base64("é"), None);
    }
}
