//! Where a file stands, and which keys the things it names have.

use crate::facts::{Key, Kind};
use crate::formats::Input;

/// The product that runs the workflows of a folder. Gitea and Forgejo read the same files, with stores of their own: a
/// mirror of one repository on two hosts has its secrets twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Platform {
    GitHub,
    Gitea,
    Forgejo,
}

impl Platform {
    /// The product whose folder of workflows the file lies in, directly.
    pub(super) fn of_workflow(path: &str) -> Option<Self> {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let lies_in =
            |name: &str| folder == name || folder.strip_suffix(name).is_some_and(|above| above.ends_with('/'));
        [Self::GitHub, Self::Gitea, Self::Forgejo].into_iter().find(|platform| lies_in(platform.folder()))
    }

    fn folder(self) -> &'static str {
        match self {
            Self::GitHub => ".github/workflows",
            Self::Gitea => ".gitea/workflows",
            Self::Forgejo => ".forgejo/workflows",
        }
    }

    /// The system in realms and stores.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::GitHub => "github-actions",
            Self::Gitea => "gitea-actions",
            Self::Forgejo => "forgejo-actions",
        }
    }

    /// Whether the product's own company runs machines for everybody.
    pub(super) fn has_hosted_runners(self) -> bool {
        self == Self::GitHub
    }

    /// Whether `name` is the token that the platform makes for every job.
    pub(super) fn is_job_token(self, name: &str) -> bool {
        let names: &[&str] = match self {
            Self::GitHub => &["GITHUB_TOKEN"],
            Self::Gitea => &["GITHUB_TOKEN", "GITEA_TOKEN"],
            Self::Forgejo => &["GITHUB_TOKEN", "GITEA_TOKEN", "FORGEJO_TOKEN"],
        };
        names.iter().any(|own| name.eq_ignore_ascii_case(own))
    }

    /// A secret of the repository. On GitHub this is [`crate::facts::keys::github_secret`].
    pub(super) fn secret(self, realm: &str, name: &str) -> Key {
        Key::new(Kind::Credential, format!("{}:{realm}", self.word()), name.to_ascii_uppercase())
    }

    /// A job.
    pub(super) fn job(self, realm: &str, path: &str, job: &str) -> Key {
        Key::new(Kind::Workload, format!("{}:{realm}", self.word()), format!("{path}#{job}"))
    }
}

/// A secret that a reusable workflow receives under a name of its own; `*` for all that a caller hands on.
pub(super) fn called_secret(workflow: &str, name: &str) -> Key {
    let name = name.to_ascii_uppercase();
    Key::new(Kind::Credential, format!("github-actions-call:{workflow}"), name)
}

/// An input of an action that callers fill.
pub(super) fn action_input(action: &str, name: &str) -> Key {
    Key::new(Kind::Credential, format!("github-action-input:{action}"), name.to_ascii_lowercase())
}

/// A workflow or action that a `uses:` points at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// Realm of the repository that holds it.
    pub(super) realm: String,
    /// Path in it; empty for an action at the top.
    pub(super) path: String,
}

impl Target {
    /// Realm and path as one name.
    pub(super) fn name(&self) -> String {
        if self.path.is_empty() { self.realm.clone() } else { format!("{}/{}", self.realm, self.path) }
    }
}

/// What `uses:` points at; none for an image or something odd.
pub(super) fn target(input: &Input<'_>, uses: &str) -> Option<Target> {
    let uses = uses.trim();
    if let Some(local) = uses.strip_prefix("./") {
        let path = format!("{}{}", top(input.path), local.trim_end_matches('/'));
        return Some(Target { realm: input.realm.to_owned(), path: path.trim_end_matches('/').to_owned() });
    }
    if uses.starts_with('.') || uses.contains("${{") || uses.starts_with("docker://") {
        return None;
    }
    let name = uses.split('@').next().unwrap_or(uses);
    let (host, name) = match name.split_once("://") {
        Some((_, rest)) => rest.split_once('/')?,
        None => (host(input.realm), name),
    };
    let mut parts = name.splitn(3, '/');
    let (owner, repository) = (parts.next()?, parts.next()?);
    let path = parts.next().unwrap_or_default().trim_end_matches('/').to_owned();
    Some(Target { realm: format!("{host}/{owner}/{repository}"), path })
}

/// The repository that keeps the secrets of a file: a copy of another one, with its own `.github` below some folder, has
/// those of its own.
pub(super) fn repository(input: &Input<'_>) -> String {
    match top(input.path).trim_end_matches('/') {
        "" => input.realm.to_owned(),
        folder => format!("{}/{folder}", input.realm),
    }
}

/// The repository's folder in a path that goes through `.github`: `./` means this one.
fn top(path: &str) -> &str {
    let marks = [".github/", ".gitea/", ".forgejo/"];
    let at = marks.iter().find_map(|mark| {
        path.find(mark).filter(|at| path.get(..*at).is_some_and(|before| before.is_empty() || before.ends_with('/')))
    });
    at.and_then(|at| path.get(..at)).unwrap_or_default()
}

/// The host that short names of actions are looked up on.
fn host(realm: &str) -> &str {
    let first = realm.split('/').next().unwrap_or_default();
    if first.contains('.') && realm.contains('/') { first } else { "github.com" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::Tree;
    use crate::text::SourceId;

    fn at(path: &str, realm: &str, uses: &str) -> Option<String> {
        let tree = Tree::default();
        let input = Input { source: SourceId(0), path, realm, text: "", tree: &tree };
        target(&input, uses).map(|target| target.name())
    }

    #[test]
    fn only_files_directly_in_a_folder_of_workflows_are_live() {
        assert_eq!(Platform::of_workflow(".github/workflows/a.yml"), Some(Platform::GitHub));
        assert_eq!(Platform::of_workflow("shop/.forgejo/workflows/a.yml"), Some(Platform::Forgejo));
        for path in
            [".github/workflow-templates/a.yml", ".github/workflows/old/a.yml", "x.github/workflows/a.yml", "a.yml"]
        {
            assert_eq!(Platform::of_workflow(path), None, "{path}");
        }
    }

    #[test]
    fn callers_and_callees_agree_on_names() {
        let (path, realm) = (".github/workflows/a.yml", "github.com/acme/shop");
        let own = "github.com/acme/shop/.github/workflows/b.yml";
        assert_eq!(at(path, realm, "./.github/workflows/b.yml").as_deref(), Some(own));
        assert_eq!(at(path, realm, "acme/shop/.github/workflows/b.yml@v1").as_deref(), Some(own));
        assert_eq!(at("x/.github/workflows/a.yml", "local/y", "./act").as_deref(), Some("local/y/x/act"));
        assert_eq!(at(path, realm, "./").as_deref(), Some(realm));
        assert_eq!(at(path, "code.acme.example/a/b", "c/d@1").as_deref(), Some("code.acme.example/c/d"));
        assert_eq!(at(path, realm, "docker://alpine"), None);
    }
}
