//! Token shapes in any text, and what they say offline.

use crate::facts::Facts;
use crate::text::{SourceId, Span};

/// One value that has the shape of a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// Where the value stands.
    pub span: Span,
}

/// Finds every value that has the shape of a credential, in one pass.
#[must_use]
pub fn scan(_text: &str) -> Vec<Hit> {
    Vec::new()
}

/// What the hits of one source say.
#[must_use]
pub fn facts(_source: SourceId, _within: &str, _realm: &str, _text: &str, _hits: &[Hit]) -> Facts {
    Facts::default()
}

/// Whether a path is one of tests, examples or documentation.
#[must_use]
pub fn is_sample_path(_path: &str) -> bool {
    false
}

/// The line with every value that has the shape of a credential overwritten.
#[must_use]
pub fn redact(line: &str) -> String {
    line.to_owned()
}
