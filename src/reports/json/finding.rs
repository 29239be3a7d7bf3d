//! A finding as the JSON report has it.

use jiff::Timestamp;
use serde::Serialize;

use crate::frameworks;
use crate::reports::words;
use crate::rules;

#[derive(Serialize)]
pub(super) struct Finding<'a> {
    rule: &'a str,
    title: &'a str,
    severity: &'static str,
    confidence: &'static str,
    fingerprint: &'a str,
    subject: Subject<'a>,
    message: &'a str,
    because: &'a [String],
    evidence: Vec<Evidence<'a>>,
    counts: Counts,
    #[serde(skip_serializing_if = "Option::is_none")]
    age: Option<Age<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<Owner<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attribution: Option<Attribution>,
    controls: Vec<Control<'a>>,
    crosswalk: Vec<Crossed>,
    aliases: Vec<Alias<'a>>,
    why: &'a str,
    fix: &'a str,
    effort: &'a str,
    fix_by: &'a str,
    sample: bool,
}

#[derive(Serialize)]
struct Subject<'a> {
    kind: &'static str,
    key: String,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<&'static str>,
}

/// A place; without a position when its text could not be read again.
#[derive(Serialize)]
struct Evidence<'a> {
    #[serde(flatten)]
    spot: Option<Spot<'a>>,
    role: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sameness: Option<&'static str>,
}

#[derive(Serialize)]
struct Spot<'a> {
    path: &'a str,
    line: u32,
    column: u32,
    end_line: u32,
    end_column: u32,
    extract: &'a str,
    mark: [usize; 2],
}

#[derive(Serialize)]
struct Counts {
    workloads: usize,
    repositories: usize,
    environments: usize,
}

#[derive(Serialize)]
struct Age<'a> {
    since: String,
    days: i64,
    basis: &'a str,
}

#[derive(Serialize)]
struct Owner<'a> {
    name: &'a str,
    rung: &'static str,
    status: &'static str,
}

#[derive(Serialize)]
struct Attribution {
    grade: u8,
    k: usize,
    meaning: &'static str,
}

/// A control that the rule bears on, by our own reason.
#[derive(Serialize)]
struct Control<'a> {
    framework: &'static str,
    edition: &'static str,
    id: &'static str,
    name: &'static str,
    url: &'static str,
    relation: &'static str,
    because: &'a str,
}

/// A control that a publisher's own crosswalk adds to one that the rule bears on.
#[derive(Serialize)]
struct Crossed {
    from: &'static str,
    framework: &'static str,
    edition: &'static str,
    id: &'static str,
    name: &'static str,
    url: &'static str,
    via: &'static str,
}

/// A label that is no id, and the controls that mean what it says.
#[derive(Serialize)]
struct Alias<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    says: Option<&'static str>,
    controls: Vec<&'static str>,
}

impl<'a> Finding<'a> {
    pub(super) fn new(finding: &'a rules::Finding, as_of: Timestamp) -> Self {
        let age = finding.age.as_ref();
        let owner = finding.owner.as_ref();
        Self {
            rule: &finding.rule,
            title: &finding.title,
            severity: finding.severity.word(),
            confidence: finding.certainty.word(),
            fingerprint: &finding.fingerprint,
            subject: Subject {
                kind: finding.subject.kind.word(),
                key: finding.subject.key.to_string(),
                name: &finding.subject.name,
                class: finding.subject.class.map(|class| class.word()),
            },
            message: &finding.message,
            because: &finding.because,
            evidence: finding.evidence.iter().map(Evidence::new).collect(),
            counts: Counts {
                workloads: finding.counts.workloads,
                repositories: finding.counts.repositories,
                environments: finding.counts.environments,
            },
            age: age.map(|age| Age {
                since: age.since.to_string(),
                days: words::days(age.since, as_of),
                basis: &age.basis,
            }),
            owner: owner.map(|owner| Owner { name: &owner.name, rung: owner.rung.word(), status: owner.status.word() }),
            attribution: finding.attribution.map(|one| Attribution {
                grade: one.grade,
                k: one.k,
                meaning: words::grade(one.grade),
            }),
            controls: finding.controls.iter().map(Control::new).collect(),
            crosswalk: finding.controls.iter().flat_map(crossed).collect(),
            aliases: finding.aliases.iter().map(|id| Alias::new(id)).collect(),
            why: &finding.why,
            fix: &finding.fix,
            effort: &finding.effort,
            fix_by: &finding.fix_by,
            sample: finding.sample,
        }
    }
}

impl<'a> Evidence<'a> {
    fn new(evidence: &'a rules::Evidence) -> Self {
        let spot = evidence.spot.as_ref().map(|spot| Spot {
            path: &spot.path,
            line: spot.line,
            column: spot.column,
            end_line: spot.end_line,
            end_column: spot.end_column,
            extract: &spot.extract,
            mark: [spot.mark.start, spot.mark.end],
        });
        Self { spot, role: &evidence.role, sameness: evidence.sameness }
    }
}

impl<'a> Control<'a> {
    fn new(control: &'a rules::ControlRef) -> Self {
        Self {
            framework: control.framework,
            edition: control.edition,
            id: control.id,
            name: control.name,
            url: control.url,
            relation: control.relation,
            because: &control.because,
        }
    }
}

fn crossed(control: &rules::ControlRef) -> Vec<Crossed> {
    let Ok(from) = frameworks::find(control.framework, control.id) else { return Vec::new() };
    let crossed = frameworks::crosswalk(from).into_iter();
    crossed
        .map(|(to, via)| Crossed {
            from: control.id,
            framework: &to.framework,
            edition: &to.edition,
            id: &to.id,
            name: &to.name,
            url: &to.url,
            via,
        })
        .collect()
}

impl<'a> Alias<'a> {
    fn new(id: &'a str) -> Self {
        let alias = frameworks::alias(id);
        let controls = alias.map(frameworks::Alias::controls).unwrap_or_default();
        Self {
            id,
            says: alias.map(|alias| alias.says.as_str()),
            controls: controls.into_iter().map(|control| control.id.as_str()).collect(),
        }
    }
}
