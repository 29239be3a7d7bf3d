//! From text to facts: one file per format.
//!
//! A format says how it is recognised (by content; the path only narrows the search) and turns its tree into facts. It
//! knows neither the graph nor the rules, and it never decides what is good or bad. A new format is one file and one word
//! in the list below. What several formats need stands beside them: `shell` and `hosts` for command lines, `aws` for
//! policies.

mod aws;
mod hosts;
mod people;
mod probe;
mod shell;

pub use people::{PeopleError, people};
pub use probe::{Input, Probe};

use crate::facts::Facts;
use crate::syntax::{self, Syntax};
use crate::text::SourceId;

/// A format that can be read.
pub struct Format {
    /// Id, as in the ledger, the inventory and `whoacts formats` (`github-actions`).
    pub id: &'static str,
    /// Name for people.
    pub title: &'static str,
    /// What is read, in a few words for `whoacts formats`.
    pub reads: &'static str,
    /// What is not resolved, likewise; empty when everything is.
    pub leaves: &'static str,
    /// How its text becomes a tree.
    pub syntax: Syntax,
    /// Whether the text may be of this format. Cheap: it runs on every text file.
    pub recognise: fn(&Probe<'_>) -> bool,
    /// Turns the tree into facts. Records nothing when the tree turns out to be something else.
    pub extract: fn(&Input<'_>, &mut Facts),
}

/// Declares the modules of the formats, by folder, and lists them in [`ALL`].
macro_rules! formats {
    ($($family:ident { $($name:ident),* $(,)? })*) => {
        $(
            #[doc = concat!("Formats of the family `", stringify!($family), "`.")]
            mod $family { $(pub(super) mod $name;)* }
        )*

        /// Every format.
        pub static ALL: &[&Format] = &[$($(&$family::$name::FORMAT,)*)*];
    };
}

formats! {
    ci { github_actions }
    iam { aws_authorization_details, aws_credential_report, aws_lists, aws_policy_file }
    infra { terraform, terraform_json }
    ownership { codeowners, owners_file }
    runtimes { kubeconfig, kubernetes, kubernetes_json }
    schedulers { anacron, cron_scripts, crontab, systemd }
}

/// What one source said, and what said it.
#[derive(Debug, Default)]
pub struct Reading {
    /// The facts of all formats together.
    pub facts: Facts,
    /// Ids of the formats that found something of theirs.
    pub formats: Vec<&'static str>,
    /// What kept parts of the source from being read.
    pub problems: Vec<syntax::Problem>,
}

/// Reads a source with every format that claims it. `realm` is the repository's or export's own realm
/// (`github.com/acme/shop`). A text that no format claims costs no parse.
#[must_use]
pub fn read(source: SourceId, path: &str, realm: &str, text: &str) -> Reading {
    let probe = Probe::new(path, text);
    let claims: Vec<&Format> = ALL.iter().copied().filter(|format| (format.recognise)(&probe)).collect();
    let mut reading = Reading::default();
    let mut read: Vec<Syntax> = Vec::new();
    for syntax in claims.iter().map(|format| format.syntax) {
        if !read.contains(&syntax) {
            read.push(syntax);
            let formats = claims.iter().copied().filter(|format| format.syntax == syntax);
            reading.parsed(
                syntax,
                formats,
                &probe,
                &Input { source, path, realm, text, tree: &syntax::parse(syntax, text) },
            );
        }
    }
    // In the order of the list, whatever syntax came first.
    reading.formats.sort_by_key(|id| ALL.iter().position(|format| format.id == *id));
    reading
}

impl Reading {
    /// Reads one tree with all formats that claim it.
    fn parsed<'f>(
        &mut self,
        syntax: Syntax,
        formats: impl Iterator<Item = &'f Format>,
        probe: &Probe<'_>,
        input: &Input<'_>,
    ) {
        let before = self.facts.len();
        for format in formats {
            let before = self.facts.len();
            (format.extract)(input, &mut self.facts);
            if self.facts.len() > before {
                self.formats.push(format.id);
            }
        }
        // Prose that merely speaks of a format has no syntax to be broken in; a file whose name says what it is does.
        if self.facts.len() > before || probe.is_named_like(syntax) {
            self.problems.extend(input.tree.problems.iter().cloned());
        }
        if input.tree.alias_limit_reached() {
            self.facts.gap(None, "YAML aliases beyond the limit were not followed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(path: &str, text: &str) -> Reading {
        read(SourceId(0), path, "github.com/acme/shop", text)
    }

    #[test]
    fn a_format_that_only_finds_a_credential_is_counted() {
        let text = "apiVersion: v1\nkind: Config\nclusters: []\nusers:\n- name: ci\n  user: {token: 9f3c1d7ab2e84056c7d1FAKE0a5b}\n";
        assert_eq!(reading("ops/kubeconfig", text).formats, ["kubeconfig"]);
        assert_eq!(reading("OWNERS_ALIASES", "aliases:\n  leads: [ann]\n").formats, ["owners-file"]);
    }

    #[test]
    fn a_broken_file_is_told_even_when_nothing_came_out_of_it() {
        for (path, text) in [
            (".github/workflows/ci.yml", "on: push\njobs: {a: [\n"),
            ("k8s/pod.yaml", "apiVersion: v1\nkind: Pod\nspec: {containers: [}\n"),
            ("export.json", "{\"UserDetailList\": [{\"UserName\": "),
        ] {
            let reading = reading(path, text);
            assert!(reading.formats.is_empty(), "{path}");
            assert!(!reading.problems.is_empty(), "{path}");
        }
    }

    #[test]
    fn a_value_that_a_format_sees_is_hidden() {
        let unit = "[Unit]\nDescription=x\n[Service]\nExecStart=/bin/x --password hunter2";
        let step = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n    - run: ";
        let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, env: [{name: ";
        for (path, text) in [
            ("main.tf", "resource \"aws_iam_user\" \"a\" { name = \"a\" }\nvariable \"db_password\" { default = \"hunter2\" }\n".to_owned()),
            ("db.tf", "resource \"aws_iam_user\" \"a\" {}\nresource \"x\" \"y\" { admin_password = \"hunter2\" }\n".to_owned()),
            ("main.tf.json", r#"{"resource": {"aws_iam_user": {"a": {}}}, "variable": {"token": {"default": "hunter2"}}}"#.to_owned()),
            ("made.json", r#"{"AccessKeyMetadata": [], "AccessKey": {"AccessKeyId": "x", "SecretAccessKey": "hunter2"}}"#.to_owned()),
            ("secret.json", r#"{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {"k": "aHVudGVyMg=="}}"#.to_owned()),
            ("pod.yaml", format!("{pod}ACME_TOKEN, value: hunter2}}]}}]}}\n")),
            ("pod.yaml", format!("{pod}PGPASSWORD, value: hunter2}}]}}]}}\n")),
            ("x.service", format!("{unit}\n")),
            ("x.service", "[Unit]\n[Service]\nExecStart=/bin/x\nSetCredential=pw:hunter2\n".to_owned()),
            ("x.service", "[Unit]\n[Service]\nExecStart=/bin/x\nEnvironment=\"A=b\" ACME_TOKEN=hunter2\n".to_owned()),
            ("etc/crontab", "ACME_TOKEN=hunter2\n1 * * * * root /bin/x\n".to_owned()),
            ("etc/crontab", "1 * * * * root mysqldump -phunter2 shop\n".to_owned()),
            ("etc/anacrontab", "ACME_TOKEN='hunter2'\n1 5 x /bin/x\n".to_owned()),
            ("etc/cron.daily/x", "#!/bin/sh\nexport ACME_TOKEN=hunter2\n".to_owned()),
            (".github/workflows/a.yml", format!("{step}curl -u ann:hunter2 https://acme.example\n")),
            (".github/workflows/a.yml", format!("{step}|\n        tool --user ${{{{ github.actor }}}} --password hunter2\n")),
            (".github/workflows/a.yml", "on: push\nenv: {ACME_TOKEN: hunter2}\njobs: {a: {runs-on: x, steps: [{run: x}]}}\n".to_owned()),
            ("kubeconfig", "apiVersion: v1\nkind: Config\nclusters: []\nusers: [{name: a, user: {password: hunter2}}]\n".to_owned()),
        ] {
            let hidden: Vec<String> =
                reading(path, &text).facts.secrets.iter().map(|span| span.slice(&text).to_owned()).collect();
            let value = |span: &String| span.contains("hunter2") || span.contains("aHVudGVyMg==");
            assert!(hidden.iter().any(value), "{path}: {text}\n{hidden:?}");
            assert!(hidden.iter().all(|span| span.len() < 40), "{path}: no more than the value is hidden: {hidden:?}");
        }
    }

    #[test]
    fn what_only_stands_beside_a_value_is_shown() {
        for (path, text) in [
            (
                "main.tf",
                "resource \"aws_iam_user\" \"a\" { password = var.password\n secret_name = \"x\" }\nlocals { a = { \"token.actions.githubusercontent.com:sub\" = \"repo:a/b:*\" } }\n",
            ),
            (
                ".github/workflows/a.yml",
                "on: push\njobs: {a: {runs-on: x, env: {TOKEN: \"${{ secrets.T }}\"}, steps: [{run: 'x --token ${{ secrets.T }}'}]}}\n",
            ),
            (
                "pod.yaml",
                "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, env: [{name: TOKEN_URL, value: x}]}]}\n",
            ),
        ] {
            assert_eq!(reading(path, text).facts.secrets, [], "{path}");
        }
    }

    #[test]
    fn what_comes_through_a_pipe_is_known_by_its_content() {
        for (format, text) in [
            (
                "github-actions",
                "on: push\njobs: {a: {runs-on: x, steps: [{run: x, env: {TOKEN: '${{ secrets.T }}'}}]}}\n",
            ),
            ("kubernetes", "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: shop}\n"),
            ("kubernetes-json", r#"{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "shop"}}"#),
            ("terraform", "resource \"aws_iam_user\" \"bot\" { name = \"bot\" }\n"),
            ("crontab", "MAILTO=ops@acme.example\n0 5 * * * root /usr/bin/backup\n"),
        ] {
            let reading = read(SourceId(0), "-", "stdin", text);
            assert_eq!(reading.formats, [format], "{text}");
            assert_eq!(reading.problems, [], "{text}");
        }
        assert_eq!(read(SourceId(0), "-", "stdin", "jobs: a: [ on\n").problems, []);
    }

    #[test]
    fn prose_about_a_format_has_no_syntax_to_be_broken_in() {
        let prose = "# Pods\n\nWrite `apiVersion: v1` and `kind: Pod`:\n\n- a: [\n  metadata spec containers\n";
        assert_eq!(reading("docs/pods.md", prose).problems, []);
    }
}
