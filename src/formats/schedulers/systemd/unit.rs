//! A unit file: which unit it is of, and its settings.

use crate::formats::{Input, hosts, shell};
use crate::syntax::{Masked, Node, lines, mask};
use crate::text::Span;

/// Headers of the sections that make a text a unit file.
pub(super) const SECTIONS: [&str; 5] = ["[Unit]", "[Service]", "[Timer]", "[Socket]", "[Path]"];

/// What a unit is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Service,
    Timer,
    Socket,
    Path,
}

impl Sort {
    fn of(name: &str) -> Option<Self> {
        match name.rsplit_once('.')?.1 {
            "service" => Some(Sort::Service),
            "timer" => Some(Sort::Timer),
            "socket" => Some(Sort::Socket),
            "path" => Some(Sort::Path),
            _ => None,
        }
    }
}

/// The unit that a file belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name {
    /// Its path, equal for a unit and its drop-ins.
    pub(super) path: String,
    pub(super) sort: Sort,
    pub(super) drop_in: bool,
}

/// What unit a file is of, by its path or else by its content.
pub(super) fn name(path: &str, text: &str) -> Option<Name> {
    let has_section =
        || SECTIONS.iter().any(|section| memchr::memmem::find(text.as_bytes(), section.as_bytes()).is_some());
    by_path(path).filter(|_| has_section()).or_else(|| by_content(path, text))
}

/// A service under a name of another kind, as templates have it: the text starts with a section of a unit and starts
/// something. A script that writes a unit starts otherwise.
fn by_content(path: &str, text: &str) -> Option<Name> {
    let mut lines = lines(text).map(|line| line.text.trim()).filter(|line| !line.is_empty());
    let first = lines.find(|line| !line.starts_with(['#', ';', '<', '{']))?;
    if !matches!(first, "[Unit]" | "[Service]") || memchr::memmem::find(text.as_bytes(), b"\nExecStart=").is_none() {
        return None;
    }
    let path = hosts::rendered(path);
    let drop_in = shell::base_name(path).contains("override");
    Some(Name { path: path.to_owned(), sort: Sort::Service, drop_in })
}

/// `x.service`, `x.service.d/*.conf`, either as a template; `x.systemd` and `x.systemd_override` are how Puppet modules
/// name templates of services and of their drop-ins.
fn by_path(path: &str) -> Option<Name> {
    let path = hosts::rendered(path);
    let (folder, file) = path.rsplit_once('/').unwrap_or(("", path));
    let (folder, file, drop_in) = match folder.strip_suffix(".d").filter(|_| file.ends_with(".conf")) {
        Some(unit) => {
            let (folder, file) = unit.rsplit_once('/').unwrap_or(("", unit));
            (folder, file.to_owned(), true)
        }
        None => match (file.strip_suffix(".systemd"), file.strip_suffix(".systemd_override")) {
            (Some(stem), _) => (folder, format!("{stem}.service"), false),
            (_, Some(stem)) => (folder, format!("{stem}.service"), true),
            _ => (folder, file.to_owned(), false),
        },
    };
    let sort = Sort::of(&file)?;
    let folder = searched(folder);
    let path = if folder.is_empty() { file } else { format!("{folder}/{file}") };
    Some(Name { path, sort, drop_in })
}

/// One name for the folders in which systemd looks for units (systemd.unit(5), "Unit File Load Path").
fn searched(folder: &str) -> String {
    for level in ["systemd/system", "systemd/user"] {
        for place in ["usr/local/lib/", "usr/lib/", "lib/", "etc/", "run/"] {
            if let Some(before) = folder.strip_suffix(level).and_then(|before| before.strip_suffix(place))
                && (before.is_empty() || before.ends_with('/'))
            {
                return format!("{before}{level}");
            }
        }
    }
    folder.to_owned()
}

/// A unit file with its settings.
pub(super) struct Unit<'t> {
    pub(super) path: String,
    pub(super) sort: Sort,
    pub(super) drop_in: bool,
    pub(super) templates: Masked,
    text: &'t str,
    source_path: &'t str,
    sections: Vec<Node<'t>>,
}

impl<'t> Unit<'t> {
    /// None when the file has no section of its kind: a service of D-Bus or Avahi, an empty file.
    pub(super) fn new(input: &Input<'t>) -> Option<Self> {
        let name = name(input.path, input.text)?;
        let sections: Vec<Node<'t>> = input.tree.root()?.children().filter(|node| node.is_map()).collect();
        let own = match name.sort {
            Sort::Service => "Service",
            Sort::Timer => "Timer",
            Sort::Socket => "Socket",
            Sort::Path => "Path",
        };
        sections.iter().any(|section| section.key() == Some(own)).then(|| Self {
            path: name.path,
            sort: name.sort,
            drop_in: name.drop_in,
            templates: mask(input.text),
            text: input.text,
            source_path: input.path,
            sections,
        })
    }

    /// The values of a setting that may be given several times. An empty one takes back all before it.
    pub(super) fn all(&self, section: &str, key: &str) -> Vec<Node<'t>> {
        let mut found = Vec::new();
        for node in self.settings(section, key) {
            if self.raw(node).is_empty() {
                found.clear();
            } else {
                found.push(node);
            }
        }
        found
    }

    /// The value of a setting of which the last one counts.
    pub(super) fn last(&self, section: &str, key: &str) -> Option<Node<'t>> {
        self.settings(section, key).last()
    }

    fn settings(&self, section: &str, key: &str) -> impl Iterator<Item = Node<'t>> {
        let sections = self.sections.iter().filter(move |node| node.key() == Some(section));
        sections.flat_map(|node| node.children()).filter(move |node| node.key() == Some(key))
    }

    /// A value as written.
    pub(super) fn raw(&self, node: Node<'t>) -> &'t str {
        node.span().slice(self.text).trim().trim_matches('"')
    }

    /// Where the unit's own section starts.
    pub(super) fn head(&self) -> Span {
        let own = self.sections.iter().find(|node| {
            SECTIONS[1..].iter().any(|name| {
                node.key()
                    .is_some_and(|key| name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) == Some(key))
            })
        });
        own.map_or_else(Span::default, |node| node.key_span())
    }

    /// File name of the unit.
    pub(super) fn title(&self) -> &str {
        shell::base_name(&self.path)
    }

    /// Its name without the ending, and without the instance: `x` of `x.service`, `x@` of `x@.service`.
    pub(super) fn stem(&self) -> &str {
        let stem = self.title().rsplit_once('.').map_or(self.title(), |(stem, _)| stem);
        stem.split_once('@').map_or(stem, |(name, _)| stem.get(..=name.len()).unwrap_or(stem))
    }

    /// The instance: `y` of `x@y.service`, else empty.
    pub(super) fn instance(&self) -> &str {
        let stem = self.title().rsplit_once('.').map_or(self.title(), |(stem, _)| stem);
        stem.split_once('@').map_or("", |(_, instance)| instance)
    }

    /// A text with the instance put in, where the file is of one.
    pub(super) fn expanded(&self, text: &str) -> String {
        let instance = self.instance();
        if instance.is_empty() { text.to_owned() } else { text.replace("%i", instance).replace("%I", instance) }
    }

    /// The path of another unit in the same folder.
    pub(super) fn sibling(&self, name: &str) -> String {
        self.path.rsplit_once('/').map_or_else(|| name.to_owned(), |(folder, _)| format!("{folder}/{name}"))
    }

    /// Whether it is a unit of a user's own service manager.
    pub(super) fn of_user(&self) -> bool {
        self.source_path.starts_with("systemd/user/") || self.source_path.contains("/systemd/user/")
    }

    /// The user in whose home folder the unit lies.
    pub(super) fn home(&self) -> Option<&'t str> {
        let at = self.source_path.find("home/")?;
        let rest = self.source_path.get(at + 5..)?;
        let (user, rest) = rest.split_once('/')?;
        rest.starts_with(".config/systemd/user/").then_some(user)
    }
}
