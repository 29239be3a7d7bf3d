//! Token shapes in any text, and what they say offline.
//!
//! A text is searched once for the stems of all classes (`gate`). What a value says about itself is worked out by
//! `decode`, whether it is only an example by `placeholder`, and `record` makes facts of it. The classes are data, in
//! `rules/catalog/tokens/`.

mod decode;
mod gate;
mod placeholder;
mod record;
mod redact;
mod sample;
mod window;

pub use record::facts;
pub use redact::redact;
pub use sample::is_sample_path;

use crate::catalog::TokenClass;
use crate::text::Span;

/// One value that has the shape of a credential.
#[derive(Clone, Copy, Debug)]
pub struct Hit {
    /// Its class in the catalogue.
    pub class: &'static TokenClass,
    /// Where the value stands.
    pub span: Span,
}

/// Finds every value that has the shape of a credential, in one pass; in order of place and without overlap.
#[must_use]
pub fn scan(text: &str) -> Vec<Hit> {
    gate::gate().map(|gate| gate.scan(text)).unwrap_or_default()
}

#[cfg(test)]
mod tests;
