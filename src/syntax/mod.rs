//! One positioned tree for every syntax.
//!
//! Readers of YAML, JSON, TOML, HCL, INI and CSV all build a [`Tree`], so that a format written once reads each of them:
//! Kubernetes in YAML or JSON, Terraform in HCL or JSON. Every node knows its exact bytes. Nothing is dropped on the way:
//! duplicate keys stay, aliases stay references, comments stay, and a document that does not parse leaves a [`Problem`]
//! while the rest of the file is read.

mod csv;
mod hcl;
mod ini;
mod json;
mod lines;
mod template;
mod toml;
mod tree;
mod yaml;

pub use lines::{Line, lines};
pub use template::{Masked, mask};
pub use tree::{Builder, Comment, Mark, Node, Shape, Style, TooLarge, Tree};

use crate::text::Span;

/// The syntaxes that can be read into a [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Syntax {
    /// YAML 1.1 and 1.2, several documents, with Helm or Jinja templates masked.
    Yaml,
    /// JSON, with comments and trailing commas; several documents one after the other (NDJSON).
    Json,
    /// TOML 1.0.
    Toml,
    /// HCL 2, in the shape of its JSON form: a block becomes nested maps named by its type and labels.
    Hcl,
    /// Sections and `key = value` lines (INI, systemd units, properties, `.env`): a map of sections, duplicates kept.
    Ini,
    /// Comma or semicolon separated rows below a header: a list of maps.
    Csv,
    /// No tree: the format reads the text line by line.
    Lines,
}

/// What kept a part of a source from being read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where reading stopped.
    pub span: Span,
    /// What was wrong, in the parser's words, never with text of the source in it.
    pub message: String,
}

/// Reads `text` into a tree. Never fails: what cannot be read is in [`Tree::problems`].
#[must_use]
pub fn parse(syntax: Syntax, text: &str) -> Tree {
    match syntax {
        Syntax::Yaml => yaml::parse(text),
        Syntax::Json => json::parse(text),
        Syntax::Toml => toml::parse(text),
        Syntax::Hcl => hcl::parse(text),
        Syntax::Ini => ini::parse(text),
        Syntax::Csv => csv::parse(text),
        Syntax::Lines => Tree::default(),
    }
}
