//! Tables of cron: `/etc/crontab`, `cron.d`, `crontabs/<user>`, and tables shipped in images.
//!
//! Source: crontab(5) of Debian cron 3.0pl1 and cronie; the README of supercronic for tables with seconds and years.

use crate::facts::{
    Facts, Key, Kind, Mode, Placement, PlacementKind, Schedule, ScheduleClass, Trigger, TriggerKind, Who, Workload,
};
use crate::formats::shell::{self, Assignment, Script};
use crate::formats::{Format, Input, Probe, hosts};
use crate::syntax::{Line, Syntax, lines};
use crate::text::Span;

mod table;

use table::{Entry, Table};

/// Tables of cron.
pub(in crate::formats) static FORMAT: Format = Format {
    id: "crontab",
    title: "crontab",
    reads: "system and user tables of cron, also as templates: schedule, account, command, variables, MAILTO",
    leaves: "what the called scripts do",
    syntax: Syntax::Lines,
    recognise,
    extract,
};

fn recognise(probe: &Probe<'_>) -> bool {
    let named = is_named(probe.path);
    let prose = matches!(probe.extension(), "md" | "markdown" | "rst" | "adoc" | "html");
    (named || (!prose && first_line_fits(probe.text))) && Table::read(probe.path, probe.text, named).is_some()
}

/// Whether the path says that this is a table of cron.
fn is_named(path: &str) -> bool {
    let path = hosts::rendered(path);
    let mut parts = path.rsplit('/');
    let name = parts.next().unwrap_or_default();
    let folders: Vec<&str> = parts.take(2).collect();
    name == "crontab"
        || name.ends_with(".crontab")
        || name.ends_with(".cron")
        || matches!(folders.first(), Some(&("cron.d" | "crontabs")))
        || folders == ["cron", "spool"]
}

/// Whether the first line with a meaning starts like a table: a cheap look at every text there is.
fn first_line_fits(text: &str) -> bool {
    let first = lines(text).map(|line| line.text.trim()).find(|line| !line.is_empty() && !line.starts_with('#'));
    first.is_some_and(|line| {
        line.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '*' | '@'))
            || line.split_once('=').is_some_and(|(name, _)| table::is_variable(name.trim()))
    })
}

struct Job<'a> {
    line: Line<'a>,
    schedule: Span,
    account: Option<Span>,
    script: Script,
    command: &'a str,
    /// Variables set above, as cron reads the table from top to bottom.
    assigned: Vec<Assignment>,
    mailto: Option<(Span, &'a str)>,
    comment: Vec<Line<'a>>,
}

fn extract(input: &Input<'_>, facts: &mut Facts) {
    let Some(table) = Table::read(input.path, input.text, is_named(input.path)) else { return };
    let system = table.is_system();
    let owner = table.owner();
    let mut assigned: Vec<Assignment> = Vec::new();
    let mut mailto = None;
    let mut comment: Vec<Line<'_>> = Vec::new();
    let mut jobs = Vec::new();
    for (line, entry) in &table.entries {
        match entry {
            Entry::Blank => comment.clear(),
            Entry::Comment => comment.push(*line),
            Entry::Unread => facts.gap(line.span, "crontab: a line that is no job, variable or comment"),
            Entry::Variable { name, value } => {
                let text = hosts::unquoted(value.slice(input.text));
                if name.slice(input.text) == "MAILTO" {
                    mailto = Some((*value, text));
                }
                let name = name.slice(input.text).to_owned();
                assigned.retain(|known| known.name != name);
                let literal = !table.is_template(*value);
                assigned.push(Assignment { name, value: text.to_owned(), span: *value, literal });
            }
            Entry::Job { schedule, rest } => {
                let (account, command) = if system { table.account(*rest) } else { (None, *rest) };
                let text = command.slice(table.text());
                let job = Job {
                    line: *line,
                    schedule: *schedule,
                    account,
                    script: hosts::command(input, &table.masked, command.within(0, until_percent(text).len())),
                    command: text,
                    assigned: assigned.clone(),
                    mailto,
                    comment: std::mem::take(&mut comment),
                };
                jobs.push(job);
            }
        }
    }
    for (job, name) in jobs.iter().zip(names(input, &jobs)) {
        state(input, job, name, owner, system, facts);
    }
}

/// The command up to the first `%` that is not escaped: what follows is its standard input.
fn until_percent(command: &str) -> &str {
    let mut escaped = false;
    for (at, byte) in command.bytes().enumerate() {
        if byte == b'%' && !escaped {
            return command.get(..at).unwrap_or_default();
        }
        escaped = byte == b'\\' && !escaped;
    }
    command
}

/// Names that stay when lines move: account and program, the schedule where these are not enough, a number at last.
fn names(input: &Input<'_>, jobs: &[Job<'_>]) -> Vec<String> {
    let short = |job: &Job<'_>| {
        let account = job.account.map(|span| span.slice(input.text)).unwrap_or_default();
        let program = job.script.program.as_ref().map_or("command", |program| program.text.as_str());
        format!("{}: {account} {program}", input.path)
    };
    let shorts: Vec<String> = jobs.iter().map(short).collect();
    let mut names: Vec<String> = Vec::new();
    for (job, short) in jobs.iter().zip(&shorts) {
        let alone = shorts.iter().filter(|other| *other == short).count() == 1;
        let schedule = folded(job.schedule.slice(input.text));
        let name = if alone { short.clone() } else { format!("{short} at {schedule}") };
        let twins = names.iter().filter(|known| **known == name || known.starts_with(&format!("{name} #"))).count();
        names.push(if twins == 0 { name } else { format!("{name} #{}", twins + 1) });
    }
    names
}

fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn state(input: &Input<'_>, job: &Job<'_>, name: String, owner: Option<&str>, system: bool, facts: &mut Facts) {
    let key = Key::new(Kind::Workload, format!("crontab:{}", input.realm), name);
    let at = input.at(job.line.span);
    let program = job.script.program.as_ref().map_or("command", |program| program.text.as_str());
    let mut workload = Workload::new(key.clone(), format!("{}: {program}", input.file_name()), at);
    let text = folded(job.schedule.slice(input.text));
    let by_clock = text != "@reboot";
    let kind = if by_clock { TriggerKind::Schedule } else { TriggerKind::Always };
    let word = if by_clock { "cron" } else { "@reboot" };
    let when = input.at(job.schedule);
    workload.triggers.push(Trigger { kind, who: Who::Platform, word: word.to_owned(), at: when });
    if by_clock {
        let class = if text.starts_with("@every") { ScheduleClass::Rate } else { ScheduleClass::Cron };
        workload.schedules.push(Schedule { text, class, at: when });
    }
    workload.placement = Some(Placement { kind: PlacementKind::Host, labels: Vec::new(), at });
    facts.workloads.push(workload);

    let mut assigned = job.assigned.clone();
    assigned.retain(|one| job.script.assigned.iter().all(|own| own.name != one.name));
    shell::credentials_of(input, &key, &assigned, facts);
    match (job.account, owner) {
        (Some(span), _) => {
            let account = span.slice(input.text);
            hosts::acts_as(input, &key, account, span, Mode::Explicit, facts);
            hosts::lives_at_home(input, account, job.command, span, facts);
        }
        (None, Some(owner)) => {
            hosts::acts_by_default(input, &key, "crontab-spool", owner, job.line.span, facts);
            hosts::lives_at_home(input, owner, job.command, job.line.span, facts);
        }
        (None, None) if system => {}
        (None, None) => {
            let why = "a table of a user runs as whoever installs it";
            hosts::acts_as_someone(input, &key, "crontab-user", why, job.line.span, facts);
        }
    }
    hosts::runs(input, &key, &job.script, facts);
    contacts(input, job, &key, facts);
}

/// Who reads the output, and whom the comment right above the line names.
fn contacts(input: &Input<'_>, job: &Job<'_>, key: &Key, facts: &mut Facts) {
    if let Some((span, text)) = job.mailto {
        for address in text.split(',').map(str::trim).filter(|address| hosts::is_account_name(address)) {
            hosts::writes_to(input, key, address, span, facts);
        }
    }
    for line in &job.comment {
        for (at, address) in hosts::addresses(line.text) {
            hosts::writes_to(input, key, address, line.span.within(at, at + address.len()), facts);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Edge, Slot, Value};
    use crate::formats::read;
    use crate::text::SourceId;
    use proptest::prelude::*;

    fn facts(path: &str, text: &str) -> Facts {
        read(SourceId(0), path, "github.com/acme/hosts", text).facts
    }

    fn accounts(facts: &Facts) -> Vec<Value> {
        let account = |fact: &crate::facts::Fact| match &fact.edge {
            Edge::RunsAs { identity, .. } => Some(identity.value.clone()),
            _ => None,
        };
        facts.facts.iter().filter_map(account).collect()
    }

    fn titles(facts: &Facts) -> Vec<&str> {
        facts.workloads.iter().map(|workload| workload.title.as_str()).collect()
    }

    #[test]
    fn a_system_table_names_its_accounts() {
        let text = "SHELL=/bin/sh\n17 *\t* * *\troot\tcd / && run-parts --report /etc/cron.hourly\n*/5 0-6,8 1 JAN-mar Sun  alice.smith /home/alice.smith/x.sh # no comment\n";
        let facts = facts("etc/crontab", text);
        assert_eq!(titles(&facts), ["crontab: run-parts", "crontab: x.sh"]);
        assert_eq!(accounts(&facts), [Value::literal("root"), Value::literal("alice.smith")]);
        assert_eq!(facts.workloads[1].schedules[0].text, "*/5 0-6,8 1 JAN-mar Sun");
        assert_eq!(facts.workloads[1].schedules[0].at.span.slice(text), "*/5 0-6,8 1 JAN-mar Sun");
        assert_eq!(facts.gaps, []);
        let human = facts.identities.iter().find(|identity| identity.key.name == "alice.smith").unwrap();
        assert_eq!(human.classes[0].class, crate::facts::Class::Human);
    }

    #[test]
    fn a_user_table_has_no_account_field() {
        for (path, text) in [
            ("ops/crontab", "0 5 * * * certbot renew --quiet\n@daily /usr/local/bin/backup\n"),
            ("ops/crontab", "0 5 * * * git -C /srv/x pull\n"),
            ("ops/crontab", "0 5 * * * mysql -u root -phunter2 shop\n"),
            ("docker/app.crontab", "*/10 * * * * * * /bin/tick\n@every 5m python3 /app/x.py\n"),
            ("var/spool/cron/crontabs/bob", "0 5 * * * root /x\n"),
        ] {
            let facts = facts(path, text);
            assert_eq!(facts.workloads.len(), text.lines().count(), "{path}");
            assert!(accounts(&facts).iter().all(|account| !matches!(account, Value::Literal(_))), "{text}");
        }
        let spool = facts("var/spool/cron/crontabs/bob", "0 5 * * * rsync /a /b\n");
        assert_eq!(accounts(&spool), [Value::Default { rule: "crontab-spool", name: "bob".to_owned() }]);
        let user = facts("ops/crontab", "0 5 * * * certbot renew\n");
        assert!(matches!(&accounts(&user)[..], [Value::Unknown { .. }]));
        assert_eq!(user.facts[0].mode, Mode::Default("crontab-user"));
    }

    #[test]
    fn a_table_outside_of_etc_is_a_systems_when_every_line_names_an_account() {
        for text in ["0 5 * * * root certbot renew\n", "*/5 * * * * pi /home/pi/x.sh\n5 4 * * * git /usr/bin/x\n"] {
            let found = accounts(&facts("docker/crontab", text));
            assert!(found.iter().all(|account| matches!(account, Value::Literal(_))), "{text}");
        }
    }

    #[test]
    fn variables_apply_below_and_give_the_key_to_each_job() {
        let text = "0 1 * * * root /a\nAWS_ACCESS_KEY_ID=AKIARTX3GSDS2GFAKENN\nMAILTO=\"ops@acme.test, root\"\n0 2 * * * root /b\nMAILTO=\n0 3 * * * root /c\n";
        let facts = facts("cron.d/x", text);
        let uses: Vec<_> = facts
            .facts
            .iter()
            .filter_map(|fact| match &fact.edge {
                Edge::Uses { workload, credential, sink, inline, .. } => {
                    Some((workload.name.as_str(), credential.clone(), sink.as_str(), *inline))
                }
                _ => None,
            })
            .collect();
        let key = Slot::known(crate::facts::keys::aws_access_key("AKIARTX3GSDS2GFAKENN"));
        let sink = "env:AWS_ACCESS_KEY_ID";
        assert_eq!(uses, [("cron.d/x: root b", key.clone(), sink, true), ("cron.d/x: root c", key, sink, true)]);
        let owners = facts.facts.iter().filter(|fact| matches!(fact.edge, Edge::OwnedBy { .. })).count();
        assert_eq!(owners, 2);
    }

    #[test]
    fn jobs_of_one_script_are_told_apart_and_keep_their_names_when_lines_move() {
        let one = "0 1 * * * root /x.sh a\n0 2 * * * root /x.sh b\n0 3 * * * root /y\n";
        let other = "0 3 * * * root /y\n\n0 2 * * * root /x.sh b\n0 1 * * * root /x.sh a\n";
        let names = |text| {
            let mut names: Vec<_> = facts("cron.d/x", text).workloads.into_iter().map(|one| one.key.name).collect();
            names.sort();
            names
        };
        assert_eq!(names(one), names(other));
        assert_eq!(
            names(one),
            ["cron.d/x: root x.sh at 0 1 * * *", "cron.d/x: root x.sh at 0 2 * * *", "cron.d/x: root y"]
        );
        assert_eq!(names("0 1 * * * root /x\n0 1 * * * root /x\n").len(), 2);
    }

    #[test]
    fn templates_keep_their_expressions() {
        let text = "# managed\n<% if @on -%>\n<%= @minute %> <%= @hour %> * * * <%= @user %> /usr/bin/x --to <%= @to %>\n<% end -%>\n";
        let found = facts("templates/cron.d/x.erb", text);
        assert_eq!(accounts(&found), [Value::symbol("@user", "templates/cron.d/x.erb")]);
        assert_eq!(found.workloads[0].schedules[0].text, "<%= @minute %> <%= @hour %> * * *");
        assert_eq!(found.gaps, []);
        let jinja = facts(
            "roles/x/templates/app.cron.j2",
            "{% for j in jobs %}\n{{ j.min }} * * * * root {{ j.cmd }}\n{% endfor %}\n",
        );
        assert_eq!(accounts(&jinja), [Value::literal("root")]);
    }

    #[test]
    fn input_behind_a_percent_sign_is_no_command() {
        assert_eq!(until_percent(r"mail -s x %sudo -u root"), "mail -s x ");
        assert_eq!(until_percent(r"date +\%F % y"), r"date +\%F ");
    }

    #[test]
    fn a_comment_above_names_a_contact_only_by_address() {
        let text =
            "# written by bob@acme.test\n\n# ask alice@acme.test or Carl\n0 1 * * * root /x\n0 2 * * * root /y\n";
        let facts = facts("cron.d/x", text);
        let owners: Vec<_> = facts
            .facts
            .iter()
            .filter_map(|fact| match &fact.edge {
                Edge::OwnedBy { subject, party, .. } => Some((subject.name.as_str(), party.value.label())),
                _ => None,
            })
            .collect();
        assert_eq!(owners, [("cron.d/x: root x", "alice@acme.test".to_owned())]);
    }

    #[test]
    fn other_texts_are_no_tables() {
        for (path, text) in [
            ("README.md", "Run it daily:\n\n0 5 * * * root /x\n"),
            ("Dockerfile", "RUN echo '* * * * * root /x' > /etc/cron.d/x\n"),
            ("data/matrix.txt", "1 2 3 4 5 six\n0 0 0 0 0 zero\n"),
            ("notes.md", "* * * * *\n\ntext\n"),
            ("list.md", "* * * * * nested item\n* * * * * another one\n"),
            (".env", "A=1\nB=2\n"),
            ("k8s/crontab.yaml", "schedule: '0 5 * * *'\n"),
            ("cron.d/README", "Put your tables here.\n"),
            ("src/x.ts", "@daily\nclass X {}\n"),
        ] {
            assert!(facts(path, text).workloads.is_empty(), "{path}");
        }
        assert_eq!(facts("docker/schedule", "PATH=/bin\n*/5 * * * * /app/tick\n").workloads.len(), 1);
    }

    #[test]
    fn lines_that_cannot_be_read_are_reported() {
        let facts = facts("cron.d/x", "0 1 * * * root /x\n61 1 * * * root /y\n");
        assert_eq!((facts.workloads.len(), facts.gaps.len()), (1, 1));
    }

    proptest! {
        #[test]
        fn any_text_gives_no_panic_and_spans_stay_inside(
            text in "((\\*|[0-9]{1,2}|\\*/5|@daily|root|/x|MAILTO=|<%= a %>|\\{\\{ b|\\PC|[ \t\n%#\\\\])[ \n]?){0,30}",
        ) {
            let facts = facts("cron.d/x", &text);
            for workload in &facts.workloads {
                prop_assert!(text.get(workload.at.span.range()).is_some());
            }
            for fact in &facts.facts {
                prop_assert!(fact.at.span.hi as usize <= text.len());
            }
        }
    }
}
