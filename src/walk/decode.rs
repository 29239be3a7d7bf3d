//! From bytes to text: what is binary, and which encoding the rest has.

use super::Skip;
use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};

/// How a text was encoded. A byte order mark or the bytes themselves decide, never what the text says of itself: an XML
/// header outlives every conversion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// UTF-16, low byte first.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// Not UTF-8, so taken for Windows-1252: every byte has a meaning in it, but not surely the meant one.
    Windows1252,
}

impl Encoding {
    /// Its name.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Encoding::Utf8 => "utf-8",
            Encoding::Utf16Le => "utf-16le",
            Encoding::Utf16Be => "utf-16be",
            Encoding::Windows1252 => "windows-1252",
        }
    }

    /// Whether the encoding is a guess.
    #[must_use]
    pub fn is_guess(self) -> bool {
        self == Encoding::Windows1252
    }
}

/// What the first bytes say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Gzip,
    Utf16 { big: bool, mark: bool },
    Bytes,
}

/// First bytes of files that are never text, though some hold no NUL where one would look for it.
const BINARY: &[(&[u8], &str)] = &[
    (b"\x89PNG\r\n\x1a\n", "PNG image"),
    (b"\xff\xd8\xff", "JPEG image"),
    (b"GIF87a", "GIF image"),
    (b"GIF89a", "GIF image"),
    (b"PK\x03\x04", "zip archive"),
    (b"PK\x05\x06", "zip archive"),
    (b"\x7fELF", "ELF program"),
    (b"%PDF-", "PDF document"),
    (b"\x28\xb5\x2f\xfd", "zstd data"),
    (b"\xfd7zXZ\x00", "xz data"),
    (b"7z\xbc\xaf\x27\x1c", "7z archive"),
    (b"\xca\xfe\xba\xbe", "class file"),
    (b"wOFF", "font"),
    (b"wOF2", "font"),
    (b"\x00asm", "WebAssembly module"),
    (b"SQLite format 3\x00", "SQLite database"),
];

/// Judges a file by its first bytes.
pub(super) fn sniff(head: &[u8]) -> Result<Kind, Skip> {
    if let Some((_, what)) = BINARY.iter().find(|(magic, _)| head.starts_with(magic)) {
        return Err(Skip::Binary(Some(what)));
    }
    // Bzip2 is told from text that happens to start with its letters by the fixed start of its first block.
    if head.starts_with(b"BZh") && head.get(4..10) == Some(b"\x31\x41\x59\x26\x53\x59") {
        return Err(Skip::Binary(Some("bzip2 data")));
    }
    match head {
        [0x1f, 0x8b, 0x08, ..] => Ok(Kind::Gzip),
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Err(Skip::Binary(Some("UTF-32 text"))),
        [0xff, 0xfe, ..] => Ok(Kind::Utf16 { big: false, mark: true }),
        [0xfe, 0xff, ..] => Ok(Kind::Utf16 { big: true, mark: true }),
        [b'<' | b'[' | b'{', 0, next, 0, ..] if *next != 0 => Ok(Kind::Utf16 { big: false, mark: false }),
        [0, b'<' | b'[' | b'{', 0, next, ..] if *next != 0 => Ok(Kind::Utf16 { big: true, mark: false }),
        _ if memchr::memchr(0, head).is_some() => Err(Skip::Binary(None)),
        _ => Ok(Kind::Bytes),
    }
}

/// Decodes a whole file whose first bytes are of this kind.
pub(super) fn decode(bytes: Vec<u8>, kind: Kind) -> Result<(String, Encoding), Skip> {
    match kind {
        // Compressed twice: nobody does that to text.
        Kind::Gzip => Err(Skip::Binary(Some("gzip data"))),
        Kind::Utf16 { big, mark } => {
            let coded = bytes.get(if mark { 2 } else { 0 }..).unwrap_or_default();
            let decoder = if big { UTF_16BE } else { UTF_16LE };
            match decoder.decode_without_bom_handling_and_without_replacement(coded) {
                Some(text) if !text.contains('\0') => {
                    Ok((text.into_owned(), if big { Encoding::Utf16Be } else { Encoding::Utf16Le }))
                }
                _ => Err(Skip::Binary(None)),
            }
        }
        Kind::Bytes => match String::from_utf8(bytes) {
            Ok(mut text) => {
                if text.starts_with('\u{feff}') {
                    text.drain(..'\u{feff}'.len_utf8());
                }
                Ok((text, Encoding::Utf8))
            }
            Err(error) => {
                let bytes = error.into_bytes();
                if bytes.iter().any(|byte| is_no_text(*byte)) {
                    return Err(Skip::Binary(None));
                }
                let (text, _) = WINDOWS_1252.decode_without_bom_handling(&bytes);
                Ok((text.into_owned(), Encoding::Windows1252))
            }
        },
    }
}

/// Control characters that no text in an eight-bit encoding holds; escape, form feed, backspace and the old end-of-file
/// mark do occur.
fn is_no_text(byte: u8) -> bool {
    matches!(byte, 0..=6 | 0x0e..=0x19 | 0x1c..=0x1f | 0x7f)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(bytes: &[u8]) -> Result<(String, Encoding), Skip> {
        decode(bytes.to_vec(), sniff(bytes)?)
    }

    fn utf16(text: &str, big: bool) -> Vec<u8> {
        text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    }

    #[test]
    fn a_mark_decides_whatever_the_text_says() {
        let task = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Task>é</Task>";
        for (big, mark, encoding) in [(false, [0xff, 0xfe], Encoding::Utf16Le), (true, [0xfe, 0xff], Encoding::Utf16Be)]
        {
            let marked = [&mark[..], &utf16(task, big)].concat();
            assert_eq!(text(&marked), Ok((task.to_owned(), encoding)));
            assert_eq!(text(&utf16(task, big)), Ok((task.to_owned(), encoding)));
        }
        let claims = "<?xml version=\"1.0\" encoding=\"UTF-16\"?><Task/>";
        assert_eq!(text(claims.as_bytes()), Ok((claims.to_owned(), Encoding::Utf8)));
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_the_text() {
        assert_eq!(text(b"\xef\xbb\xbfon: push"), Ok(("on: push".to_owned(), Encoding::Utf8)));
    }

    #[test]
    fn eight_bit_text_is_kept_and_flagged() {
        let (decoded, encoding) = text(b"user = M\xfcller").unwrap();
        assert_eq!((decoded.as_str(), encoding.is_guess()), ("user = Müller", true));
    }

    #[test]
    fn binaries_are_known_by_their_first_bytes_or_a_nul() {
        assert_eq!(text(b"\x89PNG\r\n\x1a\n rest").unwrap_err(), Skip::Binary(Some("PNG image")));
        assert_eq!(text(b"key: \0").unwrap_err(), Skip::Binary(None));
        assert_eq!(text(b"{\0\0\0\x01").unwrap_err(), Skip::Binary(None));
        assert_eq!(text(b"\xb7\x01\x02\xfe").unwrap_err(), Skip::Binary(None));
        assert_eq!(text(b"\xff\xfe\x00\xd8").unwrap_err(), Skip::Binary(None), "half a character");
        assert!(text(b"BZhang: text").is_ok());
    }

    proptest! {
        #[test]
        fn any_bytes_decode_or_are_binary(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = text(&bytes);
        }

        #[test]
        fn utf8_stays_as_it_is(plain in "[ -~é\n]{0,40}") {
            prop_assert_eq!(text(plain.as_bytes()), Ok((plain.clone(), Encoding::Utf8)));
        }
    }
}
