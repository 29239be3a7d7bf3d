//! Why a source was not read.

use std::fmt;
use std::io;

/// A reason not to read something, for the coverage ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skip {
    /// A symbolic link that the user did not name: its target is read where it lies, if it lies inside.
    Link,
    /// A pipe, device or socket.
    Special,
    /// The folder of a repository that has no files checked out.
    Bare,
    /// Not text; what it is instead, where that is known.
    Binary(Option<&'static str>),
    /// Larger than the limit.
    TooLarge {
        /// Its size in bytes.
        size: u64,
        /// The limit in bytes.
        limit: u64,
    },
    /// Compressed, and larger than the limit when inflated.
    Inflates {
        /// The limit in bytes.
        limit: u64,
    },
    /// Compressed, and damaged.
    Damaged,
    /// The system refused to read it.
    Unreadable(io::ErrorKind),
}

impl Skip {
    /// A stable word for reports that machines read.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Skip::Link => "link",
            Skip::Special => "special",
            Skip::Bare => "bare",
            Skip::Binary(_) => "binary",
            Skip::TooLarge { .. } => "too-large",
            Skip::Inflates { .. } => "inflates",
            Skip::Damaged => "damaged",
            Skip::Unreadable(_) => "unreadable",
        }
    }

    /// Whether something that might matter was lost, as against things that hold no text of their own.
    #[must_use]
    pub fn is_loss(&self) -> bool {
        match self {
            Skip::Link | Skip::Special | Skip::Bare | Skip::Binary(_) => false,
            Skip::TooLarge { .. } | Skip::Inflates { .. } | Skip::Damaged | Skip::Unreadable(_) => true,
        }
    }

    /// The reason in words.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Skip::Link => "symbolic link, not followed".to_owned(),
            Skip::Special => "neither a file nor a folder".to_owned(),
            Skip::Bare => "git repository without checked out files".to_owned(),
            Skip::Binary(None) => "binary".to_owned(),
            Skip::Binary(Some(what)) => format!("binary ({what})"),
            Skip::TooLarge { size, limit } => format!("{} is more than the limit of {}", Size(*size), Size(*limit)),
            Skip::Inflates { limit } => format!("inflates to more than the limit of {}", Size(*limit)),
            Skip::Damaged => "damaged gzip data".to_owned(),
            Skip::Unreadable(kind) => format!("cannot be read: {kind}"),
        }
    }
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason())
    }
}

impl From<io::Error> for Skip {
    fn from(error: io::Error) -> Self {
        Skip::Unreadable(error.kind())
    }
}

/// A number of bytes as people write it, rounded down to tenths so that a limit never reads as passed when it is not.
struct Size(u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = |unit: u64| (self.0 / unit, self.0 % unit * 10 / unit);
        match self.0 {
            bytes if bytes < 1 << 10 => write!(f, "{bytes} bytes"),
            bytes if bytes < 1 << 20 => write!(f, "{}.{} KiB", tenths(1 << 10).0, tenths(1 << 10).1),
            _ => write!(f, "{}.{} MiB", tenths(1 << 20).0, tenths(1 << 20).1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_name_both_sizes() {
        let skip = Skip::TooLarge { size: (40 << 20) + 1, limit: 32 << 20 };
        assert_eq!(skip.reason(), "40.0 MiB is more than the limit of 32.0 MiB");
        assert_eq!(Skip::TooLarge { size: 1536, limit: 10 }.reason(), "1.5 KiB is more than the limit of 10 bytes");
        assert_eq!(skip.word(), "too-large");
        assert_eq!(Skip::Unreadable(io::ErrorKind::PermissionDenied).reason(), "cannot be read: permission denied");
    }
}
