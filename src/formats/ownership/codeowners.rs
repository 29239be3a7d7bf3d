//! `CODEOWNERS` of GitHub and GitLab.
//!
//! Sources: docs.github.com, "About code owners"; docs.gitlab.com, "Syntax of CODEOWNERS file" (17.10).
//!
//! Each line becomes one fact per owner, with the pattern as a resource in the realm `path:REPOSITORY`; on GitLab every
//! section is a realm of its own, because its lines override only each other. A line without owners is a fact without a
//! party: it takes ownership away. Facts stand in the order of the lines, because the last one that matches decides.

use crate::facts::{Edge, Facts, Key, Kind, Party, PartyKind, PartyStatus, Rung, Slot, Value, When, keys};
use crate::formats::{Format, Input, Probe};
use crate::syntax::{Line, Syntax, lines};
use crate::text::Span;

/// `CODEOWNERS`.
pub(in crate::formats) static FORMAT: Format = Format {
    id: "codeowners",
    title: "CODEOWNERS",
    reads: "owners of paths on GitHub and GitLab: patterns, sections with default owners, exclusions",
    leaves: "members of teams",
    syntax: Syntax::Lines,
    recognise,
    extract,
};

fn recognise(probe: &Probe<'_>) -> bool {
    probe.file_name() == "CODEOWNERS"
}

fn extract(input: &Input<'_>, facts: &mut Facts) {
    let gitlab = is_gitlab(input);
    let mut section = Section { realm: format!("path:{}", input.realm), owners: Vec::new() };
    let mut excluded = Vec::new();
    for line in lines(input.text) {
        let words = words(&line);
        let Some(first) = words.first() else { continue };
        if gitlab && let Some(heading) = heading(line.text) {
            section = Section::new(input, heading, &line);
            continue;
        }
        let pattern = unescaped(&first.text);
        match pattern.strip_prefix('!').filter(|_| !first.text.starts_with('\\')) {
            Some(pattern) if gitlab => excluded.push((section.realm.clone(), pattern.to_owned(), line.span)),
            Some(_) => facts.gap(line.span, "CODEOWNERS: GitHub ignores a pattern that begins with `!`"),
            None => {
                let named: Vec<Word> = words.get(1..).unwrap_or_default().to_vec();
                let owners = if named.is_empty() { &section.owners } else { &named };
                own(input, &section.realm, &pattern, owners, &line, facts);
            }
        }
    }
    // On GitLab nothing in its section brings back what was excluded, so exclusions come last.
    for (realm, pattern, span) in excluded {
        disown(input, realm, pattern, span, "excluded from the section", facts);
    }
}

/// Whether the file is written for GitLab: by its folder, its host or a heading, which no pattern of GitHub looks like.
fn is_gitlab(input: &Input<'_>) -> bool {
    let host = input.realm.split('/').next().unwrap_or_default();
    host.contains("gitlab")
        || input.folder().ends_with(".gitlab")
        || (!host.starts_with("github.") && lines(input.text).any(|line| heading(line.text).is_some()))
}

struct Section {
    realm: String,
    owners: Vec<Word>,
}

impl Section {
    /// Sections of one name are one section, whatever the case.
    fn new(input: &Input<'_>, heading: Heading<'_>, line: &Line<'_>) -> Self {
        let rest = Line { text: heading.owners, span: line.span.within(heading.at, line.text.len()) };
        Self { realm: format!("path:{}#{}", input.realm, heading.name.to_lowercase()), owners: words(&rest) }
    }
}

struct Heading<'t> {
    name: &'t str,
    /// Default owners, and where they start.
    owners: &'t str,
    at: usize,
}

/// `[Name]`, `^[Name]` (optional), `[Name][2]` (two approvals), each with default owners behind it.
fn heading(line: &str) -> Option<Heading<'_>> {
    let body = line.trim_start();
    let body = body.strip_prefix('^').unwrap_or(body).strip_prefix('[')?;
    let (name, rest) = body.split_once(']')?;
    let counted = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let owners = match counted {
        Some((count, rest)) if count.bytes().all(|byte| byte.is_ascii_digit()) => rest,
        _ => rest,
    };
    // `[ab]*.txt @x` is a pattern.
    let ends = owners.is_empty() || owners.starts_with([' ', '\t']);
    (ends && !name.is_empty()).then(|| Heading { name, owners, at: line.len() - owners.len() })
}

#[derive(Clone)]
struct Word {
    text: String,
    span: Span,
}

/// The words of a line up to a comment; a blank behind a backslash belongs to the word.
fn words(line: &Line<'_>) -> Vec<Word> {
    let mut found: Vec<Word> = Vec::new();
    let mut start = None;
    let mut escaped = false;
    for (at, c) in line.text.char_indices().chain([(line.text.len(), ' ')]) {
        let blank = c.is_whitespace() && !escaped;
        match start {
            None if c == '#' && !escaped => break,
            None if !blank => start = Some(at),
            Some(lo) if blank || at == line.text.len() => {
                let text = line.text.get(lo..at).unwrap_or_default().to_owned();
                found.push(Word { text, span: line.span.within(lo, at) });
                start = None;
            }
            _ => {}
        }
        escaped = c == '\\' && !escaped;
    }
    found
}

/// The pattern as `.gitignore` writes it: blanks and `#` need no escape inside of one.
fn unescaped(pattern: &str) -> String {
    pattern.replace("\\ ", " ").replace("\\#", "#")
}

fn own(input: &Input<'_>, realm: &str, pattern: &str, owners: &[Word], line: &Line<'_>, facts: &mut Facts) {
    let mut parties = Vec::new();
    for owner in owners {
        match party(input, owner) {
            Some(party) => parties.push(party),
            None => facts.gap(owner.span, "CODEOWNERS: neither a handle, a team nor an address"),
        }
    }
    if parties.is_empty() {
        disown(input, realm.to_owned(), pattern.to_owned(), line.span, "the line names no owner", facts);
    }
    for party in parties {
        state(input, realm.to_owned(), pattern.to_owned(), party.key.clone().into(), line.span, facts);
        if facts.parties.iter().all(|known| known.key != party.key) {
            facts.parties.push(party);
        }
    }
}

fn disown(input: &Input<'_>, realm: String, pattern: String, span: Span, why: &str, facts: &mut Facts) {
    let nobody = Slot::new(Kind::Party, "people", Value::unknown(why));
    state(input, realm, pattern, nobody, span, facts);
}

fn state(input: &Input<'_>, realm: String, pattern: String, party: Slot, span: Span, facts: &mut Facts) {
    let subject = Key::new(Kind::Resource, realm, pattern);
    facts.state(input.at(span), Edge::OwnedBy { subject, party, rung: Rung::Codeowners });
}

/// `@user`, `@org/team`, an e-mail address, or a role of GitLab (`@@maintainer`).
fn party(input: &Input<'_>, owner: &Word) -> Option<Party> {
    let text = owner.text.trim_end_matches(',');
    let (key, kind, emails, handles) = match text.strip_prefix('@') {
        Some(handle) if handle.contains('/') || handle.starts_with('@') => {
            (keys::team(text), PartyKind::Team, Vec::new(), Vec::new())
        }
        Some("") => return None,
        Some(handle) => {
            let handle = handle.to_ascii_lowercase();
            (keys::person(text), PartyKind::Person, Vec::new(), vec![handle])
        }
        None if text.split_once('@').is_some_and(|(local, host)| !local.is_empty() && host.contains('.')) => {
            (keys::person(text), PartyKind::Person, vec![text.to_ascii_lowercase()], Vec::new())
        }
        None => return None,
    };
    Some(Party {
        key,
        title: text.to_owned(),
        kind,
        emails,
        handles,
        status: PartyStatus::Unknown,
        ended: When::Unknown,
        at: input.at(owner.span),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::read;
    use crate::text::SourceId;
    use proptest::prelude::*;

    fn owned(path: &str, realm: &str, text: &str) -> (Vec<(String, String, String)>, Facts) {
        let facts = read(SourceId(0), path, realm, text).facts;
        let row = |fact: &crate::facts::Fact| match &fact.edge {
            Edge::OwnedBy { subject, party, .. } => {
                let section = subject.realm.split_once('#').map_or("", |(_, section)| section);
                Some((section.to_owned(), subject.name.clone(), party.value.names().join("")))
            }
            _ => None,
        };
        (facts.facts.iter().filter_map(row).collect(), facts)
    }

    fn rows(all: &[(&str, &str, &str)]) -> Vec<(String, String, String)> {
        all.iter().map(|(a, b, c)| ((*a).to_owned(), (*b).to_owned(), (*c).to_owned())).collect()
    }

    #[test]
    fn lines_name_people_teams_and_nobody() {
        let text =
            "# all\n*  @Acme/Core dev@acme.test # us\n/docs/a\\ b/ @ann\n/vendor/\n[ab]*.txt @ann, x\n!/c @ann\n";
        let (owned, facts) = owned(".github/CODEOWNERS", "github.com/acme/shop", text);
        assert_eq!(
            owned,
            rows(&[
                ("", "*", "@acme/core"),
                ("", "*", "dev@acme.test"),
                ("", "/docs/a b/", "@ann"),
                ("", "/vendor/", ""),
                ("", "[ab]*.txt", "@ann"),
            ])
        );
        assert_eq!(facts.gaps.len(), 2);
        assert_eq!(
            facts.parties.iter().map(|party| party.kind).collect::<Vec<_>>(),
            [PartyKind::Team, PartyKind::Person, PartyKind::Person]
        );
    }

    #[test]
    fn sections_of_gitlab_have_default_owners_and_exclusions_that_last() {
        let text = "* @all\n[Docs][2] @writers/main\ndocs/\n!docs/api/\ndocs/api/x.md @bob\n^[Data Base] @dba\nmodel/ @ann\ndb/\n[docs]\n*.md\n";
        let (owned, _) = owned("CODEOWNERS", "gitlab.com/acme/shop", text);
        assert_eq!(
            owned,
            rows(&[
                ("", "*", "@all"),
                ("docs", "docs/", "@writers/main"),
                ("docs", "docs/api/x.md", "@bob"),
                ("data base", "model/", "@ann"),
                ("data base", "db/", "@dba"),
                ("docs", "*.md", ""),
                ("docs", "docs/api/", ""),
            ])
        );
    }

    proptest! {
        #[test]
        fn any_text_gives_no_panic_and_spans_stay_inside(text in "([@\\[\\]^!#*/a \\\\\n,.é]){0,60}") {
            let facts = owned("CODEOWNERS", "gitlab.com/x", &text).1;
            for span in facts.facts.iter().map(|fact| fact.at.span).chain(facts.gaps.iter().filter_map(|gap| gap.span)) {
                prop_assert!(text.get(span.range()).is_some());
            }
        }
    }
}
