//! Rules applied to the graph.

use std::collections::{BTreeMap, BTreeSet};

use super::definition::{ControlUse, Definition, Distinct, Need, Via, Where};
use super::{
    Age, Attribution, Certainty, ControlRef, Counts, Evidence, Finding, Owner, Severity, Subject, fingerprint,
};
use crate::facts::{Key, Kind};
use crate::frameworks;
use crate::graph::{Field, Given, Grade, Node, Step, View};
use crate::text::{Place, thousands};

/// Placeholders of messages that are no fields.
pub(super) const EXTRA_PLACEHOLDERS: [&str; 5] = ["subject", "person", "holders", "kinds_of_gap", "age"];

/// What came of judging.
#[derive(Debug, Default)]
pub struct Judgement {
    /// Findings, most urgent first.
    pub findings: Vec<Finding>,
    /// Rules that could not be judged at all, with the missing input.
    pub not_evaluated: Vec<(String, Need)>,
    /// Subjects for which a rule could not be judged because a field is unknown, by rule.
    pub left_open: BTreeMap<String, usize>,
}

/// Applies every rule to the graph.
#[must_use]
pub fn judge(rules: &[Definition], view: View<'_>) -> Judgement {
    let mut judgement = Judgement::default();
    for rule in rules {
        if let Some(need) = rule.needs.iter().find(|need| !is_given(**need, view.graph.given)) {
            judgement.not_evaluated.push((rule.id.clone(), *need));
            continue;
        }
        for node in view.nodes(rule.find.kind()) {
            let case = Case { rule, view, node };
            match case.judge() {
                Verdict::Fires(finding) => judgement.findings.push(*finding),
                Verdict::Open => *judgement.left_open.entry(rule.id.clone()).or_default() += 1,
                Verdict::Quiet => {}
            }
        }
    }
    drop_covered(rules, &mut judgement.findings);
    judgement.findings.sort_by_cached_key(urgency);
    judgement
}

/// Sorts by what to do first; ends with the fingerprint so that the order is total.
fn urgency(finding: &Finding) -> (bool, std::cmp::Reverse<(Severity, Certainty, usize)>, String, String) {
    let weight = (finding.severity, finding.certainty, finding.counts.workloads);
    (finding.sample, std::cmp::Reverse(weight), finding.rule.clone(), finding.subject.key.to_string())
}

fn is_given(need: Need, given: Given) -> bool {
    match need {
        Need::IamExport => given.iam_export,
        Need::Roster => given.roster,
        Need::Owner => given.owners,
        Need::Environment => given.environments,
    }
}

/// A rule that says more about a subject replaces those that it covers, unless it is itself only possible: it takes over
/// their severity, where that is higher, and their reasons.
fn drop_covered(rules: &[Definition], findings: &mut Vec<Finding>) {
    let covers: BTreeMap<&str, &[String]> =
        rules.iter().map(|rule| (rule.id.as_str(), rule.covers.as_slice())).collect();
    let mut by_subject: BTreeMap<Key, Vec<Finding>> = BTreeMap::new();
    for finding in findings.drain(..) {
        by_subject.entry(finding.subject.key.clone()).or_default().push(finding);
    }
    for group in by_subject.into_values() {
        let covers = |over: &Finding, under: &Finding| {
            let weaker = covers.get(over.rule.as_str()).copied().unwrap_or_default();
            over.certainty > Certainty::Possible && weaker.contains(&under.rule)
        };
        let (under, mut over): (Vec<_>, Vec<_>) = group
            .iter()
            .cloned()
            .partition(|finding| group.iter().any(|other| covers(other, finding) && !covers(finding, other)));
        for finding in &mut over {
            let covered: Vec<&Finding> = under.iter().filter(|other| covers(finding, other)).collect();
            covered.into_iter().for_each(|other| take_over(finding, other));
        }
        findings.extend(over);
    }
}

/// Makes a covered finding part of the one that replaces it.
fn take_over(finding: &mut Finding, covered: &Finding) {
    if covered.certainty > Certainty::Possible {
        finding.severity = finding.severity.max(covered.severity);
        finding
            .because
            .extend(covered.because.iter().filter(|why| !finding.because.contains(why)).cloned().collect::<Vec<_>>());
    }
    let known: BTreeSet<Place> = finding.evidence.iter().map(|one| one.place).collect();
    finding.evidence.extend(covered.evidence.iter().filter(|one| !known.contains(&one.place)).cloned());
}

enum Verdict {
    Fires(Box<Finding>),
    Quiet,
    Open,
}

/// One rule and one subject.
struct Case<'a> {
    rule: &'a Definition,
    view: View<'a>,
    node: Node,
}

impl Case<'_> {
    fn judge(&self) -> Verdict {
        match holds(self.view, self.node, &self.rule.conditions) {
            Some(true) => {}
            Some(false) => return Verdict::Quiet,
            None => return Verdict::Open,
        }
        let mut evidence = Vec::new();
        for via in &self.rule.via {
            let steps = self.steps(via);
            if self.count(via.distinct, &steps) < via.at_least {
                return Verdict::Quiet;
            }
            evidence.extend(steps);
        }
        for edge in &self.rule.show {
            evidence.extend(self.view.walk(self.node, edge.0));
        }
        Verdict::Fires(Box::new(self.finding(evidence)))
    }

    fn steps(&self, via: &Via) -> Vec<Step> {
        let fits = |step: &Step| match step.to {
            Some(node) => holds(self.view, node, &via.conditions) == Some(true),
            None => true,
        };
        self.view.walk(self.node, via.edge.0).into_iter().filter(fits).collect()
    }

    fn count(&self, distinct: Distinct, steps: &[Step]) -> usize {
        match distinct {
            Distinct::Step => {
                let ends: BTreeSet<_> =
                    steps.iter().map(|step| (step.to, step.to.is_none().then_some(step.place))).collect();
                ends.len()
            }
            Distinct::Workload => {
                let acting = self.view.workloads(self.node);
                let is_acting = |node: &Node| matches!(node, Node::Workload(id) if acting.contains(id));
                let workloads: BTreeSet<_> = steps.iter().filter_map(|step| step.to).filter(is_acting).collect();
                // A file that no workload is about stands for whoever reads it.
                let bare = steps.iter().filter(|step| step.to.is_none());
                workloads.len() + bare.map(|step| step.place.source).collect::<BTreeSet<_>>().len()
            }
            Distinct::File => steps.iter().map(|step| step.place.source).collect::<BTreeSet<_>>().len(),
        }
    }

    fn finding(&self, steps: Vec<Step>) -> Finding {
        let (view, rule, node) = (self.view, self.rule, self.node);
        let key = view.key(node).clone();
        let line = rule.severity.iter().find(|line| holds(view, node, &line.conditions) == Some(true));
        let sample = view.field(node, "sample") == Field::Flag(true);
        let severity = line.map_or(Severity::Low, |line| line.level);
        let because = line.and_then(|line| line.because.as_deref()).map(|text| self.fill(text));
        let certainty = rule.certainty.iter().find(|line| holds(view, node, &line.conditions) == Some(true));
        Finding {
            rule: rule.id.clone(),
            title: rule.title.clone(),
            severity: if sample { Severity::Low } else { severity },
            certainty: certainty.map_or(Certainty::Likely, |line| line.is),
            fingerprint: fingerprint(&rule.id, &key),
            subject: Subject { kind: key.kind, name: view.name(node).to_owned(), class: self.class(), key },
            message: self.fill(&rule.message),
            because: because.into_iter().collect(),
            evidence: self.evidence(steps),
            counts: Counts {
                workloads: view.workloads(node).len(),
                repositories: view.repositories(node),
                environments: view.environments(node).len(),
            },
            age: self.age(),
            owner: self.owner(),
            attribution: self.grade().map(|grade| Attribution { grade: grade.grade, k: grade.k }),
            controls: controls(rule),
            aliases: rule.aliases.clone(),
            why: rule.why.trim().to_owned(),
            fix: self.fill(rule.fix.trim()),
            effort: rule.effort.word().to_owned(),
            fix_by: rule.fix_by.word().to_owned(),
            sample,
        }
    }

    /// The steps as evidence, each place once; the subject's own place when there is none.
    fn evidence(&self, steps: Vec<Step>) -> Vec<Evidence> {
        let mut seen = BTreeSet::new();
        let mut evidence: Vec<Evidence> = Vec::new();
        for step in steps {
            if seen.insert(step.place) {
                let sameness = step.tier.map(crate::graph::Tier::word);
                evidence.push(Evidence { place: step.place, role: step.role, sameness, spot: None });
            }
        }
        if evidence.is_empty()
            && let Some(place) = self.view.place(self.node)
        {
            evidence.push(Evidence { place, role: "named here".to_owned(), sameness: None, spot: None });
        }
        evidence
    }

    fn class(&self) -> Option<crate::facts::Class> {
        match self.node {
            Node::Identity(id) => Some(self.view.graph.identities[id.0].class),
            Node::Credential(id) => Some(self.view.graph.credentials[id.0].binding),
            _ => None,
        }
    }

    fn grade(&self) -> Option<Grade> {
        match self.node {
            Node::Identity(id) => self.view.graph.identities[id.0].grade,
            Node::Credential(id) => self.view.graph.credentials[id.0].grade,
            _ => None,
        }
    }

    fn age(&self) -> Option<Age> {
        let created = match self.node {
            Node::Credential(id) => self.view.graph.credentials[id.0].created,
            Node::Identity(id) => self.view.graph.identities[id.0].created,
            _ => return None,
        };
        let basis = if self.node_kind() == Kind::Credential { "made" } else { "exists" };
        created.at().map(|since| Age { since, basis: basis.to_owned() })
    }

    fn node_kind(&self) -> Kind {
        self.view.key(self.node).kind
    }

    /// Those who answer for the subject by the strongest evidence there is.
    fn owner(&self) -> Option<Owner> {
        let links = self.view.owners(self.node);
        let rung = links.iter().map(|link| link.rung).max()?;
        let of_rung = links.iter().filter(|link| link.rung == rung);
        let parties: Vec<_> = of_rung.map(|link| &self.view.graph.parties[link.party.0]).collect();
        // As long as one of several is still there, someone can be asked.
        let status = parties.iter().map(|party| party.status).min()?;
        Some(Owner { name: enumerate(parties.iter().map(|party| party.title.clone()).collect()), rung, status })
    }

    /// Puts values for the names in braces.
    fn fill(&self, text: &str) -> String {
        let mut parts = text.split('{');
        let mut filled = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let Some((name, rest)) = part.split_once('}') else {
                filled.push('{');
                filled.push_str(part);
                continue;
            };
            let value = self.value(name);
            filled.push_str(&value);
            filled.push_str(&if value == "1" { singular(rest) } else { rest.to_owned() });
        }
        filled
    }

    fn value(&self, name: &str) -> String {
        match name {
            "subject" => return self.view.name(self.node).to_owned(),
            "person" => return self.person(),
            "holders" => return self.holders(),
            "kinds_of_gap" => return self.gaps(),
            _ => {}
        }
        match self.view.field(self.node, if name == "age" { "age_days" } else { name }) {
            Field::Unknown => "an unknown number of".to_owned(),
            Field::Number(n) => u64::try_from(n).map_or_else(|_| n.to_string(), thousands),
            Field::Flag(flag) => flag.to_string(),
            Field::Word(word) => proper(&word).map_or(word, str::to_owned),
            Field::Words(words) => enumerate(words),
        }
    }

    /// `3 workloads in 2 files`; files alone where no two workloads are known to use it.
    fn holders(&self) -> String {
        let files = self.fill("{files} files");
        match self.view.workloads(self.node).len() {
            0 | 1 => files,
            _ => self.fill(&format!("{{workloads}} workloads in {files}")),
        }
    }

    fn person(&self) -> String {
        let graph = self.view.graph;
        match self.node {
            Node::Credential(id) => graph.credentials[id.0].person.as_ref().map(|person| person.name.clone()),
            Node::Identity(id) => graph.identities[id.0].person.map(|party| graph.parties[party.0].title.clone()),
            _ => None,
        }
        .unwrap_or_else(|| "a person".to_owned())
    }

    fn gaps(&self) -> String {
        let roles: BTreeSet<String> =
            self.view.walk(self.node, "loose_trusts").into_iter().map(|step| step.role).collect();
        enumerate(roles)
    }
}

/// How a provider writes its own name.
fn proper(word: &str) -> Option<&'static str> {
    match word {
        "aws" => Some("AWS"),
        "azure" => Some("Azure"),
        "gcp" => Some("Google Cloud"),
        "github" => Some("GitHub"),
        "gitlab" => Some("GitLab"),
        _ => None,
    }
}

/// What follows a one: the counted word, at most two words away, loses its plural ending.
fn singular(text: &str) -> String {
    let is_plural = |word: &&str| word.len() > 3 && word.ends_with('s') && word.chars().all(|c| c.is_ascii_lowercase());
    let words = text.split(' ').skip(1).take(2).map(|word| word.trim_end_matches([',', ':', ';', '.']));
    match words.into_iter().find(is_plural) {
        Some(word) => text.replacen(word, word.trim_end_matches('s'), 1),
        None => text.to_owned(),
    }
}

/// `a, b and c`, at most six of them.
fn enumerate(words: BTreeSet<String>) -> String {
    const MOST: usize = 6;
    let more = words.len().saturating_sub(MOST);
    let mut shown: Vec<String> = words.into_iter().take(MOST).collect();
    if more > 0 {
        shown.push(format!("{more} more"));
    }
    match shown.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// Whether all conditions hold; none when one is unknown and none is missed.
fn holds(view: View<'_>, node: Node, conditions: &Where) -> Option<bool> {
    let mut verdict = Some(true);
    for (name, condition) in conditions {
        match condition.holds(&view.field(node, name.0.name), name.0) {
            Some(true) => {}
            Some(false) => return Some(false),
            None => verdict = None,
        }
    }
    verdict
}

fn controls(rule: &Definition) -> Vec<ControlRef> {
    let reference = |framework: &String, one: &ControlUse| {
        let control = frameworks::find(framework, &one.id).ok()?;
        Some(ControlRef {
            framework: &control.framework,
            edition: &control.edition,
            id: &control.id,
            name: &control.name,
            url: &control.url,
            because: one.because.clone(),
            relation: one.relation.word(),
        })
    };
    let all = rule.controls.iter().flat_map(|(framework, uses)| uses.iter().map(move |one| (framework, one)));
    all.filter_map(|(framework, one)| reference(framework, one)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_a_thing_is_written_as_one() {
        assert_eq!(singular(" workloads in 2 files"), " workload in 2 files");
        assert_eq!(singular(" workloads, in 2 files"), " workload, in 2 files");
        assert_eq!(singular(" CI jobs"), " CI job");
        assert_eq!(singular(" days old"), " day old");
        assert_eq!(singular(" in all"), " in all");
    }

    #[test]
    fn lists_read_like_sentences() {
        let words = |list: &[&str]| list.iter().map(ToString::to_string).collect();
        assert_eq!(enumerate(words(&["a"])), "a");
        assert_eq!(enumerate(words(&["a", "b", "c"])), "a, b and c");
        assert_eq!(enumerate(words(&["a", "b", "c", "d", "e", "f", "g", "h"])), "a, b, c, d, e, f and 2 more");
    }
}
