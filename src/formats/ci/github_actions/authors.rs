//! As whom a job commits: `git config user.*` in scripts, author inputs of actions, and git's own variables.

use super::record::{Actor, Recorder};
use super::steps::With;
use crate::catalog;
use crate::facts::{Edge, Identity, Key, Kind};
use crate::formats::shell::{Script, Word};
use crate::syntax::Node;
use crate::text::Span;

/// What a step says about its author.
#[derive(Default)]
struct Author {
    name: Option<(String, Span)>,
    email: Option<(String, Span)>,
}

/// Reads the settings of git in a script.
pub(super) fn in_script<'t>(rec: &mut Recorder<'_, 't>, actor: &Actor<'t>, script: &Script) {
    let found = |word: &Option<Word>| word.as_ref().and_then(|word| Some((resolve(actor, &word.text)?, word.span)));
    let author = Author { name: found(&script.author.name), email: found(&script.author.email) };
    record(rec, actor, author);
}

/// The literal that a value comes to; none for a variable that the run fills.
fn resolve(actor: &Actor<'_>, value: &str) -> Option<String> {
    let variable = value.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).or_else(|| value.strip_prefix('$'));
    let text = match variable {
        Some(name) if !value.starts_with("${{") => actor.scope.variable(name)?.text()?,
        _ => value,
    };
    let value = actor.scope.value(text);
    value.as_literal().filter(|text| !text.contains('$')).map(str::to_owned)
}

/// Inputs of actions that take a name, an address, or both as `Name <address>`.
const NAMES: [&str; 8] = [
    "user_name",
    "author_name",
    "committer_name",
    "commit_user_name",
    "git_user_name",
    "git_committer_name",
    "git_author_name",
    "git_config_name",
];
const EMAILS: [&str; 8] = [
    "user_email",
    "author_email",
    "committer_email",
    "commit_user_email",
    "git_user_email",
    "git_committer_email",
    "git_author_email",
    "git_config_email",
];
const BOTH: [&str; 3] = ["committer", "author", "commit_author"];

/// Reads the author inputs of an action.
pub(super) fn in_inputs<'t>(rec: &mut Recorder<'_, 't>, actor: &Actor<'t>, with: With<'t>) {
    let mut author = Author::default();
    for input in with.entries() {
        let Some(name) = input.key() else { continue };
        let name = name.to_ascii_lowercase().replace('-', "_");
        let name = name.as_str();
        let (is_name, is_email, is_both) = (NAMES.contains(&name), EMAILS.contains(&name), BOTH.contains(&name));
        if !(is_name || is_email || is_both) {
            continue;
        }
        let Some(text) = input.text().and_then(|text| resolve(actor, text.trim())) else { continue };
        let span = input.target_span();
        match text.split_once('<').filter(|_| is_both) {
            Some((name, email)) => {
                author.name.get_or_insert((name.trim().to_owned(), span));
                author.email.get_or_insert((email.trim_end_matches(['>', ' ']).to_owned(), span));
            }
            None if is_name => drop(author.name.get_or_insert((text, span))),
            None if is_email => drop(author.email.get_or_insert((text, span))),
            None => {}
        }
    }
    record(rec, actor, author);
}

/// Reads git's variables (git-scm.com/docs/git, "Git Commits").
pub(super) fn in_env<'t>(rec: &mut Recorder<'_, 't>, actor: &Actor<'t>, vars: Option<Node<'t>>) {
    let Some(vars) = vars else { return };
    let read = |names: [&str; 2]| {
        let node = names.into_iter().find_map(|name| vars.get(name))?;
        Some((resolve(actor, node.text()?.trim())?, node.target_span()))
    };
    let name = read(["GIT_COMMITTER_NAME", "GIT_AUTHOR_NAME"]);
    let email = read(["GIT_COMMITTER_EMAIL", "GIT_AUTHOR_EMAIL"]);
    record(rec, actor, Author { name, email });
}

fn record(rec: &mut Recorder<'_, '_>, actor: &Actor<'_>, author: Author) {
    let name = author.name.filter(|(name, _)| !name.is_empty());
    let email = author.email.filter(|(email, _)| email.contains('@'));
    let robot = name.as_ref().is_some_and(|(name, _)| is_robot(name))
        || email.as_ref().is_some_and(|(email, _)| is_robot_address(email));
    let Some((key, span)) = email.clone().or_else(|| name.clone()).filter(|_| !robot) else { return };
    let title = match (&name, &email) {
        (Some((name, _)), Some((email, _))) => format!("{name} <{email}>"),
        _ => key.clone(),
    };
    let at = rec.input.at(span);
    let key = Key::new(Kind::Identity, format!("git-author:{}", rec.input.realm), key.to_ascii_lowercase());
    rec.facts.identities.push(Identity::new(key.clone(), title, "git-author", at));
    rec.facts.state(at, Edge::RunsAs { workload: actor.key.clone(), identity: key.into() });
}

fn is_robot(name: &str) -> bool {
    catalog::is_robot(name) || catalog::is_robot(&name.replace(' ', "-"))
}

fn is_robot_address(email: &str) -> bool {
    let (local, host) = email.split_once('@').unwrap_or((email, ""));
    let local = local.split_once('+').map_or(local, |(_, handle)| handle);
    is_robot(local)
        || host.eq_ignore_ascii_case("github.com")
        || local.starts_with("noreply")
        || local.starts_with("no-reply")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machines_that_commit_are_no_people() {
        for name in ["GitHub Actions", "acme-release[bot]", "CI Bot", "github-actions"] {
            assert!(is_robot(name), "{name}");
        }
        for email in ["41898282+github-actions[bot]@users.noreply.github.com", "noreply@github.com", "bot@acme.test"] {
            assert!(is_robot_address(email), "{email}");
        }
        assert!(!is_robot_address("ann@acme.test"));
        assert!(!is_robot("Ann Lee"));
    }
}
