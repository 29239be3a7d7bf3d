//! Reads one source and turns it into text.

use super::decode::{self, Kind};
use super::{Encoding, Limits, Origin, Skip, Source};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// How much is read before it is decided whether the rest is worth reading.
const HEAD: usize = 8 << 10;

/// The text of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// The decoded text, without byte order mark. All spans count in it.
    pub text: String,
    /// How it was encoded.
    pub encoding: Encoding,
    /// Bytes on disk.
    pub size: u64,
    /// Whether it was compressed.
    pub inflated: bool,
}

/// Reads a source. Gzip data is inflated, whatever its name; what comes out is judged like a plain file.
///
/// The same source gives the same text again, so a report can come back for extracts.
///
/// # Errors
///
/// [`Skip`] says why there is no text: binary, over a limit, damaged or refused by the system.
pub fn load(source: &Source, limits: &Limits) -> Result<Loaded, Skip> {
    match &source.origin {
        Origin::File(path) => load_file(path, limits),
        Origin::Buffer(bytes) => read(&**bytes, || Ok(bytes.len() as u64), limits),
    }
}

/// Reads a file that is no part of the targets, such as a list that the user named.
///
/// # Errors
///
/// As [`load`].
pub fn load_file(path: &Path, limits: &Limits) -> Result<Loaded, Skip> {
    let file = File::open(path)?;
    read(&file, || size_of(&file, path), limits)
}

/// Asked only of files that are longer than the head: small ones cost no extra call.
fn size_of(file: &File, path: &Path) -> io::Result<u64> {
    let known = file.metadata()?;
    // A folder opens on some systems; the walk hands none out, but one may have taken the file's place.
    if known.is_dir() {
        Err(io::Error::new(io::ErrorKind::IsADirectory, path.to_string_lossy()))
    } else {
        Ok(known.len())
    }
}

fn read(mut bytes: impl Read, size: impl Fn() -> io::Result<u64>, limits: &Limits) -> Result<Loaded, Skip> {
    let (head, whole) = read_head(&mut bytes)?;
    let kind = decode::sniff(&head)?;
    let limit = limits.file.min(u64::from(u32::MAX));
    let size = if whole { head.len() as u64 } else { size()? };
    if size > limit {
        return Err(Skip::TooLarge { size, limit });
    }
    let raw = if whole { head } else { read_rest(head, bytes, size, limit)? };
    let size = raw.len() as u64;
    if size > limit {
        return Err(Skip::TooLarge { size, limit });
    }
    if kind == Kind::Gzip {
        let (text, encoding) = inflate(&raw, limits.inflated.min(u64::from(u32::MAX)))?;
        return sized(Loaded { text, encoding, size, inflated: true }, limits.inflated);
    }
    let (text, encoding) = decode::decode(raw, kind)?;
    sized(Loaded { text, encoding, size, inflated: false }, limit)
}

/// Spans count in 32 bits, and decoding may lengthen a text.
fn sized(loaded: Loaded, limit: u64) -> Result<Loaded, Skip> {
    match loaded.text.len() as u64 {
        size if size > u64::from(u32::MAX) => Err(Skip::TooLarge { size, limit }),
        _ => Ok(loaded),
    }
}

/// The first bytes, and whether they are all.
fn read_head(bytes: &mut impl Read) -> io::Result<(Vec<u8>, bool)> {
    let mut head = [0; HEAD];
    let mut filled = 0;
    while let Some(free) = head.get_mut(filled..).filter(|free| !free.is_empty()) {
        match bytes.read(free) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok((head.get(..filled).unwrap_or_default().to_vec(), filled < HEAD))
}

/// All bytes, up to one past the limit: the file may grow while it is read.
fn read_rest(head: Vec<u8>, bytes: impl Read, size: u64, limit: u64) -> io::Result<Vec<u8>> {
    let mut all = Vec::with_capacity(usize::try_from(size).unwrap_or(0) + 1);
    all.extend_from_slice(&head);
    bytes.take((limit + 1).saturating_sub(head.len() as u64)).read_to_end(&mut all)?;
    Ok(all)
}

fn inflate(raw: &[u8], limit: u64) -> Result<(String, Encoding), Skip> {
    let damaged = |_| Skip::Damaged;
    let mut inflated = flate2::read::MultiGzDecoder::new(raw);
    let (head, whole) = read_head(&mut inflated).map_err(damaged)?;
    let kind = decode::sniff(&head)?;
    let all = if whole { head } else { read_rest(head, inflated, 0, limit).map_err(damaged)? };
    if all.len() as u64 > limit {
        return Err(Skip::Inflates { limit });
    }
    decode::decode(all, kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write;

    const SMALL: Limits = Limits { file: 20_000, inflated: 40_000 };

    fn read_bytes(bytes: &[u8]) -> Result<Loaded, Skip> {
        read(bytes, || Ok(bytes.len() as u64), &SMALL)
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn texts_of_any_length_up_to_the_limit_are_whole() {
        for length in [0, 1, HEAD - 1, HEAD, HEAD + 1, 20_000] {
            let text = "k".repeat(length);
            let loaded = read_bytes(text.as_bytes()).unwrap();
            assert_eq!((loaded.text, loaded.size), (text, length as u64));
        }
        let long = "k".repeat(20_001);
        assert_eq!(read_bytes(long.as_bytes()), Err(Skip::TooLarge { size: 20_001, limit: 20_000 }));
    }

    #[test]
    fn gzip_is_inflated_within_its_limit() {
        let loaded = read_bytes(&gzip(b"{\"Records\": []}")).unwrap();
        assert_eq!((loaded.text.as_str(), loaded.inflated), ("{\"Records\": []}", true));
        let bomb = gzip(&vec![b'a'; 40_001]);
        assert_eq!(read_bytes(&bomb), Err(Skip::Inflates { limit: 40_000 }));
        assert!(read_bytes(&gzip(&vec![b'a'; 40_000])).is_ok());
    }

    #[test]
    fn what_is_in_the_gzip_is_judged_too() {
        assert_eq!(read_bytes(&gzip(b"ustar\0\0")), Err(Skip::Binary(None)));
        assert_eq!(read_bytes(&gzip(&gzip(b"text"))), Err(Skip::Binary(Some("gzip data"))));
        let whole = gzip(b"some text that is long enough to be cut");
        assert_eq!(read_bytes(&whole[..whole.len() - 9]), Err(Skip::Damaged));
    }

    proptest! {
        #[test]
        fn no_gzip_stream_panics(tail in proptest::collection::vec(any::<u8>(), 0..64)) {
            let _ = read_bytes(&[&[0x1f, 0x8b, 0x08][..], &tail].concat());
        }
    }
}
