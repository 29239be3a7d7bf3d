//! What starts a workflow, and who can make it happen.
//!
//! Events and their secrets: docs.github.com, "Events that trigger workflows" and "Secrets reference". A `pull_request`
//! from a fork gets no secrets, so for them it is an event of insiders; `pull_request_target`, `workflow_run`, comments
//! and issues get them whoever acts.

use super::condition::Situation;
use crate::facts::{Schedule, ScheduleClass, Trigger, TriggerKind, Who};
use crate::formats::Input;
use crate::syntax::Node;

/// Activities that need at least triage rights, so that outsiders cannot bring them about.
const INSIDERS_ACTIVITIES: [&str; 14] = [
    "labeled",
    "unlabeled",
    "assigned",
    "unassigned",
    "milestoned",
    "demilestoned",
    "locked",
    "unlocked",
    "pinned",
    "unpinned",
    "transferred",
    "enqueued",
    "dequeued",
    "review_requested",
];

/// What an outsider is called in `author_association`, most estranged first. A first-time or past contributor is still
/// an outsider.
const OUTSIDERS: [&str; 2] = ["NONE", "CONTRIBUTOR"];

/// One event that a workflow waits for.
pub(super) struct Event<'t> {
    word: &'t str,
    node: Node<'t>,
    config: Option<Node<'t>>,
}

/// The events under `on:`, in any of its three forms.
pub(super) fn events(on: Node<'_>) -> Vec<Event<'_>> {
    if on.is_map() {
        return on
            .entries()
            .into_iter()
            .filter_map(|node| Some(Event { word: node.key()?, node, config: node.is_map().then_some(node) }))
            .collect();
    }
    on.one_or_many()
        .into_iter()
        .filter_map(|node| Some(Event { word: node.text()?.trim(), node, config: None }))
        .collect()
}

/// Whether nothing but a call by another workflow starts it.
pub(super) fn only_called(events: &[Event<'_>]) -> bool {
    !events.is_empty() && events.iter().all(|event| event.word == "workflow_call")
}

/// Whether another workflow may call it.
pub(super) fn callable(events: &[Event<'_>]) -> bool {
    events.iter().any(|event| event.word == "workflow_call")
}

impl<'t> Event<'t> {
    /// The filters or declarations of an event, such as its inputs.
    pub(super) fn config(events: &[Event<'t>], word: &str) -> Option<Node<'t>> {
        events.iter().find(|event| event.word == word)?.config
    }

    /// Whether the event is filtered by branches or by tags.
    fn filters(&self, what: &str) -> bool {
        let ignore = format!("{what}-ignore");
        self.config.is_some_and(|config| config.get(what).or_else(|| config.get(&ignore)).is_some())
    }

    /// Whether every activity that it waits for needs rights in the repository.
    fn insiders_only(&self) -> bool {
        let Some(types) = self.config.and_then(|config| config.get("types")) else { return false };
        let types = types.one_or_many();
        !types.is_empty()
            && types.iter().all(|node| node.text().is_some_and(|word| INSIDERS_ACTIVITIES.contains(&word)))
    }

    /// What the event amounts to, widest first.
    fn occasions(&self) -> Vec<Occasion> {
        use TriggerKind as T;
        let anyone = if self.insiders_only() { INSIDER } else { ANYONE };
        let on = |kind, by| Occasion { kind, by, ref_prefix: None, merged: false, fallback: false };
        let branch = Occasion { ref_prefix: Some("refs/heads/"), ..on(T::Push, INSIDER) };
        let tag = Occasion { ref_prefix: Some("refs/tags/"), ..on(T::Release, INSIDER) };
        // Whoever merges starts what runs once a pull request is merged, as by a push.
        let merge = Occasion { merged: true, fallback: true, ..on(T::Push, INSIDER) };
        match self.word {
            "push" => match (self.filters("branches"), self.filters("tags")) {
                (true, false) => vec![branch],
                (false, true) => vec![tag],
                (true, true) => vec![branch, tag],
                // A push of a tag runs it too; that makes it a release only where a push of a branch cannot.
                (false, false) => vec![branch, Occasion { fallback: true, ..tag }],
            },
            "merge_group" => vec![branch],
            "release" => vec![tag],
            "pull_request" | "pull_request_review" | "pull_request_review_comment" => {
                vec![Occasion { ref_prefix: Some("refs/pull/"), ..on(T::PullRequest, INSIDER) }, merge]
            }
            "pull_request_target" => vec![on(T::PullRequestTarget, anyone), merge],
            "issue_comment" | "issues" | "discussion" | "discussion_comment" => vec![on(T::Comment, anyone)],
            "workflow_run" => vec![on(T::Chained, ANYONE)],
            "workflow_call" => vec![on(T::Call, INSIDER)],
            "workflow_dispatch" | "repository_dispatch" => vec![on(T::Manual, INSIDER)],
            "schedule" => vec![on(T::Schedule, PLATFORM)],
            "fork" | "watch" => vec![on(T::Other, ANYONE)],
            "check_run" | "check_suite" | "status" | "deployment_status" | "page_build" => vec![on(T::Other, PLATFORM)],
            _ => vec![on(T::Other, INSIDER)],
        }
    }

    fn situations(&self, who: Who, occasion: &Occasion) -> Vec<Situation> {
        let event = (self.word != "workflow_call").then(|| self.word.to_owned());
        let situation = |association| Situation {
            event: event.clone(),
            who,
            ref_prefix: occasion.ref_prefix,
            merged: occasion.merged,
            association,
        };
        if who == Who::Outsider { OUTSIDERS.map(situation).to_vec() } else { vec![situation("MEMBER")] }
    }
}

const INSIDER: &[Who] = &[Who::Insider];
const ANYONE: &[Who] = &[Who::Outsider, Who::Insider];
const PLATFORM: &[Who] = &[Who::Platform];

/// One way in which an event comes about.
struct Occasion {
    kind: TriggerKind,
    /// Who can make it happen, widest first.
    by: &'static [Who],
    ref_prefix: Option<&'static str>,
    merged: bool,
    /// Counts only when no other occasion of the event can run the job.
    fallback: bool,
}

/// The triggers of a job. `runs` says whether the job, or what matters in it, can run in a situation.
pub(super) fn triggers(input: &Input<'_>, events: &[Event<'_>], runs: &dyn Fn(&Situation) -> bool) -> Vec<Trigger> {
    let mut triggers = Vec::new();
    for event in events {
        let before = triggers.len();
        for occasion in event.occasions() {
            if occasion.fallback && triggers.len() > before {
                continue;
            }
            let reaches = |who: &&Who| event.situations(**who, &occasion).iter().any(runs);
            if let Some(who) = occasion.by.iter().find(reaches) {
                let at = input.at(event.node.key_span());
                triggers.push(Trigger { kind: occasion.kind, who: *who, word: event.word.to_owned(), at });
            }
        }
    }
    triggers
}

/// The schedules of a workflow.
pub(super) fn schedules(input: &Input<'_>, events: &[Event<'_>]) -> Vec<Schedule> {
    let on_clock = events.iter().filter(|event| event.word == "schedule");
    let entries = on_clock.flat_map(|event| event.node.one_or_many());
    entries
        .filter_map(|entry| entry.get("cron"))
        .filter_map(|cron| {
            let text = cron.text()?.trim().to_owned();
            Some(Schedule { text, class: ScheduleClass::Cron, at: input.place(cron) })
        })
        .collect()
}
