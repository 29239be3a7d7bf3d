//! A scan's outcome, made by hand: two pipelines and a host that share a key, a person's account, and their owners.

use std::ops::Range;

use jiff::Timestamp;
use whoacts::facts::{
    Class, Confidence, Credential, Edge, Environment, Facts, Identity, Key, Kind, Level, Lifetime, Party, PartyKind,
    PartyStatus, Rung, Slot, Store, Trigger, TriggerKind, Value, When, Who, Workload, keys,
};
use whoacts::frameworks;
use whoacts::graph::{self, Batch, Zone};
use whoacts::rules::{
    Age, Attribution, Certainty, ControlRef, Counts, Definition, Evidence, Finding, Owner, Severity, Spot, Subject,
    fingerprint, parse,
};
use whoacts::scan::{Coverage, LedgerLine, NotEvaluated, Outcome, Realm};
use whoacts::text::{LineIndex, Place, SourceId, Span};

pub(crate) const REPOSITORY: &str = "github.com/acme/shop";

const FILES: [(&str, &str); 3] = [
    (
        ".github/workflows/deploy.yml",
        "jobs:\n  dev:\n    environment: development\n    env:\n      KEY: ${{ secrets.DEPLOY_KEY }}\n  prod:\n    \
         environment: production\n    env:\n      KEY: ${{ secrets.DEPLOY_KEY }} # the release\n",
    ),
    (
        ".github/workflows/preview 2.yml",
        "on: pull_request\njobs:\n  preview:\n    env: {KEY: \"${{ secrets.DEPLOY_KEY }}\"}\n",
    ),
    ("hosts/etc/cron.d/warehouse", "# mara@acme.example\n0 3 * * * mara /home/mara/load.sh\n"),
];

const RULES: [(&str, &str); 3] = [
    ("rules/environment/one-key-everywhere.yaml", include_str!("rules/one-key-everywhere.yaml")),
    ("rules/borrowed/runs-as-a-person.yaml", include_str!("rules/runs-as-a-person.yaml")),
    ("rules/ownership/nobody-answers.yaml", include_str!("rules/nobody-answers.yaml")),
];

fn day(text: &str) -> Timestamp {
    format!("{text}T00:00:00Z").parse().unwrap()
}

/// The `nth` place of `needle` in a file.
fn place(file: usize, needle: &str, nth: usize) -> Place {
    let (at, found) = FILES[file].1.match_indices(needle).nth(nth).unwrap();
    Place { source: SourceId(u32::try_from(file).unwrap()), span: Span::new(at, at + found.len()) }
}

/// The place as a scan would show it.
fn spot(place: Place) -> Spot {
    let (path, text) = FILES[place.source.0 as usize];
    let lines = LineIndex::new(text);
    let (start, end) = (lines.position(text, place.span.lo), lines.position(text, place.span.hi));
    let line = lines.line_span(text, place.span.lo).slice(text);
    let indent = u32::try_from(line.len() - line.trim_start().len()).unwrap();
    let mark: Range<usize> = (start.column - 1 - indent) as usize..(end.column - 1 - indent) as usize;
    Spot {
        path: path.to_owned(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
        extract: line.trim().to_owned(),
        mark,
    }
}

fn evidence(place: Place, role: &str, sameness: Option<&'static str>) -> Evidence {
    Evidence { place, role: role.to_owned(), sameness, spot: Some(spot(place)) }
}

fn control(framework: &str, id: &str, relation: &'static str, because: &str) -> ControlRef {
    let found = frameworks::find(framework, id).unwrap();
    ControlRef {
        framework: &found.framework,
        edition: &found.edition,
        id: &found.id,
        name: &found.name,
        url: &found.url,
        because: because.to_owned(),
        relation,
    }
}

/// A finding with nothing but its rule and its subject.
fn finding(rule: &Definition, severity: Severity, key: Key, name: &str, message: &str) -> Finding {
    Finding {
        rule: rule.id.clone(),
        title: rule.title.clone(),
        severity,
        certainty: Certainty::Likely,
        fingerprint: fingerprint(&rule.id, &key),
        subject: Subject { kind: key.kind, key, name: name.to_owned(), class: None },
        message: message.to_owned(),
        because: Vec::new(),
        evidence: Vec::new(),
        counts: Counts::default(),
        age: None,
        owner: None,
        attribution: None,
        controls: Vec::new(),
        aliases: rule.aliases.clone(),
        why: rule.why.trim().to_owned(),
        fix: rule.fix.trim().to_owned(),
        effort: rule.effort.word().to_owned(),
        fix_by: rule.fix_by.word().to_owned(),
        sample: false,
    }
}

fn findings(rules: &[Definition]) -> Vec<Finding> {
    let secret = keys::github_secret(REPOSITORY, "DEPLOY_KEY");
    let mara = keys::os_user(REPOSITORY, "mara");
    let key = "secrets.DEPLOY_KEY";
    let spread = Finding {
        because: vec!["admin rights, and production shares it with development".to_owned()],
        evidence: vec![
            evidence(place(0, key, 0), "used by deploy.yml: dev", Some("T2")),
            evidence(place(0, key, 1), "used by deploy.yml: prod", Some("T2")),
            evidence(place(1, key, 0), "used by preview 2.yml: preview", Some("T3")),
        ],
        counts: Counts { workloads: 3, repositories: 1, environments: 2 },
        age: Some(Age { since: day("2016-07-19"), basis: "reference unchanged".to_owned() }),
        attribution: Some(Attribution { grade: 1, k: 3 }),
        controls: vec![
            control("owasp-nhi", "NHI8", "primary", "the item asks for a separate identity in each environment"),
            control("owasp-asi", "ASI08", "related", "a fault in one environment has a way into the next"),
        ],
        ..finding(
            &rules[0],
            Severity::Critical,
            secret,
            "secrets.DEPLOY_KEY",
            "secrets.DEPLOY_KEY reaches development and production: one value for 3 workloads",
        )
    };
    let borrowed = Finding {
        certainty: Certainty::Proven,
        because: vec!["a clock starts it, whether mara@acme.example is there or not".to_owned()],
        evidence: vec![evidence(place(2, "mara", 1), "runs as mara@acme.example", None)],
        counts: Counts { workloads: 1, repositories: 1, environments: 0 },
        owner: Some(Owner { name: "mara@acme.example".to_owned(), rung: Rung::Codeowners, status: PartyStatus::Left }),
        attribution: Some(Attribution { grade: 0, k: 2 }),
        controls: vec![control("owasp-nhi", "NHI10", "primary", "software acts under a person's name")],
        ..finding(&rules[1], Severity::High, mara.clone(), "mara", "1 workload runs as mara@acme.example, a person")
    };
    let ownerless = |severity, key, message| finding(&rules[2], severity, key, "warehouse", message);
    let host = Key::new(Kind::Workload, "crontab:github.com/acme/shop", "hosts/etc/cron.d/warehouse:2");
    let lost = Evidence { place: place(2, "load", 0), role: "named here".to_owned(), sameness: None, spot: None };
    let unplaced = Finding {
        evidence: vec![lost],
        ..ownerless(Severity::Medium, host.clone(), "nobody answers for warehouse; mara@acme.example wrote it")
    };
    let low = Finding {
        evidence: vec![evidence(place(2, "/home/mara/load.sh", 0), "named here", None)],
        ..ownerless(Severity::Low, mara, "nobody answers for load.sh")
    };
    let sample = Finding {
        sample: true,
        ..Finding {
            fingerprint: "00c0ffee00c0ffee".to_owned(),
            subject: Subject { key: host, ..low.subject.clone() },
            ..low.clone()
        }
    };
    vec![spread, borrowed, unplaced, low, sample]
}

fn trigger(kind: TriggerKind, who: Who, at: Place) -> Trigger {
    Trigger { kind, who, word: kind.word().to_owned(), at }
}

fn environment(name: &str, at: Place) -> Environment {
    Environment { value: Value::literal(name), declared: true, at }
}

/// What a reader of the pipelines would say.
fn pipelines(file: usize, jobs: &[(&str, Option<&str>, Trigger)]) -> Facts {
    let mut facts = Facts::default();
    let secret = keys::github_secret(REPOSITORY, "DEPLOY_KEY");
    for (number, (job, stage, trigger)) in jobs.iter().enumerate() {
        let at = place(file, "secrets.DEPLOY_KEY", number);
        let key = Key::new(Kind::Workload, format!("github-actions:{REPOSITORY}"), format!("{}#{job}", FILES[file].0));
        let mut workload = Workload::new(key.clone(), format!("{}: {job}", FILES[file].0), at);
        workload.triggers = vec![trigger.clone()];
        workload.environments = stage.iter().map(|stage| environment(stage, at)).collect();
        facts.workloads.push(workload);
        facts.state(
            at,
            Edge::Uses {
                workload: key,
                credential: Slot::known(secret.clone()),
                sink: "env:KEY".to_owned(),
                inline: false,
                environment: stage.map(Value::literal),
            },
        );
    }
    let mut credential = Credential::new(secret, "secrets.DEPLOY_KEY", place(file, "secrets.DEPLOY_KEY", 0));
    credential.lifetime = Some(Lifetime::Static);
    credential.level = Some(Level::Admin);
    credential.store = Some(Store {
        kind: "github-actions".to_owned(),
        instance: REPOSITORY.to_owned(),
        scope: String::new(),
        name: "DEPLOY_KEY".to_owned(),
    });
    facts.credentials.push(credential);
    facts
}

/// What a reader of the host would say.
fn host() -> Facts {
    let mut facts = Facts::default();
    let at = place(2, "mara", 1);
    let key = Key::new(Kind::Workload, format!("crontab:{REPOSITORY}"), "warehouse:2");
    let mut workload = Workload::new(key.clone(), "=warehouse: load.sh", at);
    workload.triggers = vec![trigger(TriggerKind::Schedule, Who::Platform, at)];
    facts.workloads.push(workload);
    let mara = keys::os_user(REPOSITORY, "mara");
    let mut identity =
        Identity::new(mara.clone(), "mara", "os-user", at).class(Class::Human, Confidence::High, "roster");
    identity.created = When::At(day("2022-05-01"));
    identity.last_used = When::Never;
    facts.identities.push(identity);
    facts.parties.push(Party {
        key: keys::person("mara@acme.example"),
        title: "Mara Example".to_owned(),
        kind: PartyKind::Person,
        emails: vec!["mara@acme.example".to_owned()],
        handles: vec!["mara".to_owned()],
        status: PartyStatus::Left,
        ended: When::At(day("2026-03-01")),
        at,
    });
    let party = Slot::known(keys::person("mara@acme.example"));
    facts.state(at, Edge::RunsAs { workload: key.clone(), identity: Slot::known(mara) });
    facts.state(at, Edge::OwnedBy { subject: key, party, rung: Rung::Tag });
    facts
}

fn batch(file: usize, facts: Facts) -> Batch {
    let source = SourceId(u32::try_from(file).unwrap());
    let zone = Zone { realm: REPOSITORY.to_owned(), path: FILES[file].0.to_owned(), source, sample: false };
    Batch { zone, facts }
}

fn line(path: &str, position: Option<(u32, u32)>, word: &'static str, reason: &str, loss: bool) -> LedgerLine {
    LedgerLine { path: path.to_owned(), position, word, reason: reason.to_owned(), loss }
}

/// The rules of the outcome.
pub(crate) fn rules() -> Vec<Definition> {
    RULES.iter().map(|(path, text)| parse(path, text).unwrap()).collect()
}

/// Five findings, two losses, one rule that was not evaluated.
pub(crate) fn outcome() -> Outcome {
    let rules = rules();
    let push = |file| trigger(TriggerKind::Push, Who::Insider, place(file, "jobs", 0));
    let proposed = trigger(TriggerKind::PullRequest, Who::Outsider, place(1, "pull_request", 0));
    let batches = [
        batch(0, pipelines(0, &[("dev", Some("development"), push(0)), ("prod", Some("production"), push(0))])),
        batch(1, pipelines(1, &[("preview", None, proposed)])),
        batch(2, host()),
    ];
    Outcome {
        as_of: day("2026-10-01"),
        as_of_basis: "newest commit".to_owned(),
        targets: vec![".".to_owned()],
        realms: vec![Realm { name: REPOSITORY.to_owned(), files: 3, commit: Some("0123456789abcdef".repeat(2)) }],
        coverage: Coverage {
            files_seen: 6,
            files_read: 3,
            bytes_read: 442,
            formats: [("crontab", 1), ("github-actions", 2)].into(),
            skipped: vec![
                line("big.json", None, "too-large", "larger than 32 MiB", true),
                line(
                    "chart/templates/job.yaml",
                    Some((7, 3)),
                    "syntax",
                    "a mapping by alice@acme.example ends early",
                    true,
                ),
                line("logo.png", None, "binary", "not text", false),
            ],
            unresolved: vec![line(FILES[0].0, Some((3, 18)), "unresolved", "expression in runs-on", false)],
        },
        findings: findings(&rules),
        hidden: 2,
        not_evaluated: vec![
            NotEvaluated { rule: "nobody-answers".into(), why: "nothing names owners".into(), subjects: None },
            NotEvaluated { rule: "one-key-everywhere".into(), why: "a date is missing".into(), subjects: Some(2) },
        ],
        rules,
        graph: graph::link(&batches, &[]),
        grades: [1, 1, 0, 2, 0],
    }
}

/// A scan that found nothing.
pub(crate) fn quiet() -> Outcome {
    Outcome { findings: Vec::new(), hidden: 0, ..outcome() }
}
