//! A workflow: its jobs, what starts them, and what they get.

use std::collections::{BTreeMap, HashMap};

use super::condition::{Condition, Situation};
use super::expression::Expr;
use super::origin::{Platform, Target};
use super::record::{Actor, Origin, Recorder, sole_expression};
use super::triggers::{Event, callable, events, only_called, schedules, triggers};
use super::values::Scope;
use super::{environment, foreign, job, steps};
use crate::facts::{Edge, Key, Kind, Level, Slot, Trigger, TriggerKind, Value, Workload};
use crate::formats::Input;
use crate::syntax::Node;
use crate::text::Place;

/// Events whose run is someone else's doing only through the job's own steps, so that a guard on each step that gets a
/// credential keeps them out as well as a guard on the job.
const EXPOSING: [&str; 10] = [
    "pull_request",
    "pull_request_review",
    "pull_request_review_comment",
    "pull_request_target",
    "issue_comment",
    "issues",
    "discussion",
    "discussion_comment",
    "workflow_run",
    "watch",
];
/// Jobs that need each other in a longer row than this are not followed.
const LONGEST_CHAIN: usize = 40;

/// The parts of a workflow file.
pub(super) struct Workflow<'t> {
    pub(super) input: Input<'t>,
    pub(super) platform: Platform,
    pub(super) root: Node<'t>,
    events: Vec<Event<'t>>,
    jobs: Vec<Job<'t>>,
    pub(super) origin: Origin,
    /// Tokens that jobs pass on, by `needs.JOB.outputs.NAME`.
    passed_on: BTreeMap<String, Key>,
}

/// A job as it stands in the file.
struct Job<'t> {
    id: &'t str,
    node: Node<'t>,
    condition: Condition,
    needs: Vec<usize>,
    tokens: Vec<(String, Key)>,
}

impl<'t> Workflow<'t> {
    /// The workflow in a file; none when the file is none.
    pub(super) fn of(input: Input<'t>, platform: Platform) -> Option<Self> {
        let root = input.tree.root()?;
        // Readers of YAML 1.1 write the key `on` back as the boolean it means to them.
        let on = root.get("on").or_else(|| root.get("true"))?;
        let jobs = root.get("jobs").filter(|jobs| jobs.is_map())?;
        let events = events(on);
        let name = Target { realm: input.realm.to_owned(), path: input.path.to_owned() }.name();
        let origin = match (only_called(&events), callable(&events)) {
            (true, _) => Origin::Callers(name),
            (false, true) => Origin::Both(name),
            (false, false) => Origin::Repository,
        };
        let jobs = listed_jobs(&input, platform, jobs);
        let passed_on = passed_on(&jobs);
        Some(Self { input, platform, root, events, jobs, origin, passed_on })
    }

    /// Records everything.
    pub(super) fn read(&self, rec: &mut Recorder<'_, 't>) {
        if let Origin::Both(name) = &self.origin {
            // Whatever a caller does not pass is the repository's own.
            let own = self.platform.secret(self.input.realm, "*");
            let edge = Edge::BackedBy { credential: super::origin::called_secret(name, "*"), by: own.into() };
            rec.facts.state(self.input.at(self.root.span()), edge);
        }
        for at in 0..self.jobs.len() {
            self.read_job(rec, at);
        }
    }

    fn read_job(&self, rec: &mut Recorder<'_, 't>, at: usize) {
        let Some(job) = self.jobs.get(at) else { return };
        let node = job.node;
        let key = self.platform.job(self.input.realm, self.input.path, job.id);
        let title = format!("{}: {}", self.input.file_name(), job.id);
        let mut workload = Workload::new(key.clone(), title.clone(), self.input.at(node.key_span()));
        let mut actor = Actor::new(key, title, self.scope(job), self.origin.clone());
        actor.tokens = self.passed_on.clone();
        actor.level = self.level(node);
        actor.tokens.extend(job.tokens.iter().cloned());
        environment::apply(rec, &mut actor, &mut workload, node, job.id);
        if job.condition.never() {
            workload.enabled = Some(false);
        }
        if node.get("uses").is_some() {
            job::call(rec, &mut actor, node);
        } else {
            self.read_own_job(rec, &mut actor, node);
        }
        workload.placement = node.get("runs-on").map(|on| environment::placement(rec, &actor.scope, on));
        workload.can_federate = self.can_federate(node);
        workload.discriminator = actor.discriminator;
        workload.template = matches!(self.origin, Origin::Callers(_));
        workload.triggers = self.triggers(at, &actor.bearing);
        if workload.triggers.iter().any(|trigger| trigger.kind == TriggerKind::Schedule) {
            workload.schedules = schedules(&self.input, &self.events);
        }
        workload.part_of = self.root.get_str("name").map(|name| named(&workload.key, name));
        self.chain(rec, &workload);
        rec.facts.workloads.push(workload);
    }

    fn scope(&self, job: &Job<'t>) -> Scope<'t> {
        let inputs = ["workflow_dispatch", "workflow_call"]
            .iter()
            .find_map(|word| Event::config(&self.events, word).and_then(|config| config.get("inputs")));
        Scope {
            realm: self.input.realm.to_owned(),
            path: self.input.path.to_owned(),
            job: job.id.to_owned(),
            environment: String::new(),
            matrix: job.node.at(&["strategy", "matrix"]),
            env: [job.node.get("env"), self.root.get("env")].into_iter().flatten().collect(),
            inputs,
        }
    }

    fn read_own_job(&self, rec: &mut Recorder<'_, 't>, actor: &mut Actor<'t>, node: Node<'t>) {
        let text = self.input.text;
        let endpoint = foreign::by_endpoint(node.target_span().slice(text));
        if let Some(vars) = self.root.get("env") {
            steps::env(rec, actor, vars, Some(self.input.place(vars)), endpoint);
        }
        if let Some(vars) = node.get("env") {
            steps::env(rec, actor, vars, None, endpoint);
        }
        job::surroundings(rec, actor, node, endpoint);
        if let Some(list) = node.get("steps") {
            steps::steps(rec, actor, list, endpoint);
        }
    }

    /// Permissions of a job replace those of the workflow, all of them.
    fn permissions(&self, job: Node<'t>) -> Option<Node<'t>> {
        job.get("permissions").or_else(|| self.root.get("permissions"))
    }

    /// What the permissions let the token of the job do; `id-token` is no right of the token itself.
    fn level(&self, job: Node<'t>) -> Option<Level> {
        let permissions = self.permissions(job)?;
        let of = |word: &str| match word {
            "write" | "write-all" => Level::Write,
            "read" | "read-all" => Level::Read,
            _ => Level::None,
        };
        if permissions.is_map() {
            let rights = permissions.entries().into_iter().filter(|right| right.key() != Some("id-token"));
            return rights.filter_map(Node::text).map(of).max().or(Some(Level::None));
        }
        permissions.text().map(of)
    }

    fn can_federate(&self, job: Node<'t>) -> Option<Place> {
        let permissions = self.permissions(job)?;
        if permissions.text() == Some("write-all") {
            return Some(self.input.place(permissions));
        }
        let token = permissions.get("id-token")?;
        (token.text() == Some("write")).then(|| self.input.at(token.entry_span()))
    }

    /// The events on which the job can run; of those that others bring about, only such as reach a credential.
    fn triggers(&self, at: usize, bearing: &[Condition]) -> Vec<Trigger> {
        let reaches = |situation: &Situation| {
            let exposed = situation.event.as_deref().is_some_and(|event| EXPOSING.contains(&event));
            let guarded =
                exposed && !bearing.is_empty() && !bearing.iter().any(|condition| condition.admits(situation));
            !guarded && self.runs(at, situation, 0)
        };
        triggers(&self.input, &self.events, &reaches)
    }

    /// Whether a job may run: its own condition holds, and none of the jobs it waits for was skipped.
    fn runs(&self, at: usize, situation: &Situation, depth: usize) -> bool {
        let Some(job) = self.jobs.get(at) else { return true };
        job.condition.admits(situation)
            && (depth > LONGEST_CHAIN
                || job.condition.outlives_skips()
                || job.needs.iter().all(|need| self.runs(*need, situation, depth + 1)))
    }

    /// The workflows whose end starts this one.
    fn chain(&self, rec: &mut Recorder<'_, 't>, workload: &Workload) {
        if !workload.triggers.iter().any(|trigger| trigger.word == "workflow_run") {
            return;
        }
        let Some(names) = Event::config(&self.events, "workflow_run").and_then(|config| config.get("workflows")) else {
            return;
        };
        for name in names.one_or_many() {
            let Some(text) = name.text() else { continue };
            let from = named(&workload.key, text);
            let edge = Edge::Invokes { from, to: Slot::known(workload.key.clone()) };
            rec.facts.state(self.input.place(name), edge);
        }
    }
}

/// A whole workflow by its name, beside one of the jobs of its repository.
fn named(job: &Key, workflow: &str) -> Key {
    Key::new(Kind::Workload, job.realm.clone(), format!("workflow {workflow}"))
}

fn listed_jobs<'t>(input: &Input<'t>, platform: Platform, jobs: Node<'t>) -> Vec<Job<'t>> {
    // Of a job that stands twice the later one counts, as most parsers have it.
    let mut order: Vec<(&str, Node<'_>)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for node in jobs.entries().into_iter().filter(|node| node.is_map()) {
        let Some(id) = node.key() else { continue };
        match places.get(id).and_then(|at| order.get_mut(*at)) {
            Some(entry) => entry.1 = node,
            None => {
                places.insert(id, order.len());
                order.push((id, node));
            }
        }
    }
    order
        .iter()
        .map(|(id, node)| {
            let needs = node.get("needs").map(Node::one_or_many).unwrap_or_default();
            let owner = platform.job(input.realm, input.path, id).name;
            Job {
                id,
                node: *node,
                condition: Condition::of(*node),
                needs: needs.into_iter().filter_map(|need| places.get(need.text()?).copied()).collect(),
                tokens: node.get("steps").map(|list| steps::minted(input.realm, &owner, list)).unwrap_or_default(),
            }
        })
        .collect()
}

/// Minted tokens among the outputs of jobs.
fn passed_on(jobs: &[Job<'_>]) -> BTreeMap<String, Key> {
    let mut passed_on = BTreeMap::new();
    for job in jobs.iter().filter(|job| !job.tokens.is_empty()) {
        for output in job.node.get("outputs").map(Node::entries).unwrap_or_default() {
            let (Some(name), Some(Expr::Path(path))) = (output.key(), output.text().and_then(sole_expression)) else {
                continue;
            };
            if let ("steps", Some([step, "outputs", output])) = (path.root.as_str(), path.names().as_deref())
                && steps::is_token(output)
                && let Some((_, key)) = job.tokens.iter().find(|(id, _)| id.strip_prefix("steps.") == Some(*step))
            {
                passed_on.insert(format!("needs.{}.outputs.{name}", job.id), key.clone());
            }
        }
    }
    passed_on
}

/// The value of a slot that points at a workflow as a whole.
pub(super) fn whole(target: &Target, platform: Platform) -> Slot {
    let realm = format!("{}:{}", platform.word(), target.realm);
    Slot::new(Kind::Workload, realm, Value::Literal(target.path.clone()))
}
