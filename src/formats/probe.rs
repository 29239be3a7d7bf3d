//! What a format sees of a source: first a glance, then the whole.

use crate::syntax::{Node, Syntax, Tree};
use crate::text::{Place, SourceId, Span};

/// A first look at a source: its path and its raw text.
pub struct Probe<'a> {
    /// Path within the source tree, with `/`.
    pub path: &'a str,
    /// The decoded text.
    pub text: &'a str,
}

impl<'a> Probe<'a> {
    pub(super) fn new(path: &'a str, text: &'a str) -> Self {
        Self { path, text }
    }

    /// The last part of the path.
    #[must_use]
    pub fn file_name(&self) -> &'a str {
        self.path.rsplit('/').next().unwrap_or(self.path)
    }

    /// What follows the last dot of the file name, `.gz` left out; empty without a dot.
    #[must_use]
    pub fn extension(&self) -> &'a str {
        let name = self.file_name();
        let name = name.strip_suffix(".gz").unwrap_or(name);
        name.rsplit_once('.').map_or("", |(_, extension)| extension)
    }

    /// Whether the text came without a name, through a pipe (`-`): then its content alone tells what it is.
    #[must_use]
    pub fn is_nameless(&self) -> bool {
        self.path == "-"
    }

    /// Whether the file name ends like YAML (also templates of it: `.yaml.j2`, `.yml.erb`, `.tpl`), or there is no name
    /// and the text is not JSON.
    #[must_use]
    pub fn is_yaml(&self) -> bool {
        if self.is_nameless() {
            return !self.is_json();
        }
        let name = self.file_name();
        let name = [".j2", ".erb", ".tmpl", ".tpl", ".gotmpl", ".gz"]
            .iter()
            .find_map(|end| name.strip_suffix(end))
            .unwrap_or(name);
        name.ends_with(".yml") || name.ends_with(".yaml")
    }

    /// Whether the text starts like JSON.
    #[must_use]
    pub fn is_json(&self) -> bool {
        let start = self.text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
        start.starts_with(['{', '['])
    }

    /// Whether the name says that the file is written in this syntax.
    #[must_use]
    pub fn is_named_like(&self, syntax: Syntax) -> bool {
        match syntax {
            _ if self.is_nameless() => false,
            Syntax::Yaml => self.is_yaml(),
            Syntax::Json => matches!(self.extension(), "json" | "jsonc" | "ndjson"),
            Syntax::Toml => self.extension() == "toml",
            Syntax::Hcl => matches!(self.extension(), "tf" | "tofu"),
            Syntax::Csv => self.extension() == "csv",
            // Settings and lists of lines have no syntax that a name could stand for.
            Syntax::Ini | Syntax::Lines => false,
        }
    }

    /// Whether the word stands anywhere in the text, exactly.
    #[must_use]
    pub fn mentions(&self, word: &str) -> bool {
        memchr::memmem::find(self.text.as_bytes(), word.as_bytes()).is_some()
    }

    /// Whether the path runs through this folder (`.github/workflows`), at any depth.
    #[must_use]
    pub fn is_in(&self, folder: &str) -> bool {
        let within = self.path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        within || self.path.contains(&format!("/{folder}/"))
    }
}

/// A source to be turned into facts.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// Its number.
    pub source: SourceId,
    /// Path within the source tree, with `/`.
    pub path: &'a str,
    /// The realm of the repository or export (`github.com/acme/shop`).
    pub realm: &'a str,
    /// The decoded text.
    pub text: &'a str,
    /// The tree in the format's syntax.
    pub tree: &'a Tree,
}

impl Input<'_> {
    /// A place in this source.
    #[must_use]
    pub fn at(&self, span: Span) -> Place {
        Place { source: self.source, span }
    }

    /// The place of a node's value.
    #[must_use]
    pub fn place(&self, node: Node<'_>) -> Place {
        self.at(node.span())
    }

    /// The folder of the path; empty at the top.
    #[must_use]
    pub fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The last part of the path.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(self.path)
    }
}
