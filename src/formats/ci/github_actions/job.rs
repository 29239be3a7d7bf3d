//! What a job has besides its steps: containers, services, and calls of reusable workflows.

use super::entry::Entry;
use super::origin::{Target, called_secret, target};
use super::record::{Actor, Origin, Recorder};
use super::{logins, steps, workflow};
use crate::facts::Edge;
use crate::syntax::{Node, Shape};

/// Fields of a job that are read by themselves, or that hold no expression over secrets.
const READ: [&str; 10] =
    ["env", "steps", "uses", "with", "secrets", "if", "needs", "permissions", "container", "services"];

/// Reads everything but the steps and the job's variables.
pub(super) fn surroundings<'t>(
    rec: &mut Recorder<'_, 't>,
    actor: &mut Actor<'t>,
    job: Node<'t>,
    endpoint: Option<&'static str>,
) {
    let services = job.get("services").map(Node::entries).unwrap_or_default();
    let containers = job.get("container").into_iter().map(|node| (node, "container".to_owned()));
    let services = services.into_iter().map(|node| (node, format!("services.{}", node.key().unwrap_or_default())));
    for (node, id) in containers.chain(services) {
        if node.shape() == Shape::Scalar {
            continue;
        }
        logins::container(rec, actor, node, &id);
        if let Some(vars) = node.get("env") {
            let inner = actor.scope.with_env(Some(vars));
            let outer = std::mem::replace(&mut actor.scope, inner);
            steps::env(rec, actor, vars, None, endpoint);
            actor.scope = outer;
        }
    }
    for field in job.entries() {
        if let Some(name) = field.key().filter(|name| !READ.contains(name)) {
            anywhere(rec, actor, field, name, 0);
        }
    }
}

/// Uses in a field that no reader knows better.
fn anywhere<'t>(rec: &mut Recorder<'_, 't>, actor: &mut Actor<'t>, node: Node<'t>, name: &str, depth: usize) {
    if depth > 16 {
        return;
    }
    match node.shape() {
        Shape::Scalar if node.text().is_some_and(|text| text.contains("secrets")) => {
            rec.uses(actor, node, &Entry::named(name));
        }
        Shape::Map | Shape::Seq => node.children().for_each(|child| anywhere(rec, actor, child, name, depth + 1)),
        _ => {}
    }
}

/// Reads a call of a reusable workflow.
pub(super) fn call<'t>(rec: &mut Recorder<'_, 't>, actor: &mut Actor<'t>, job: Node<'t>) {
    let Some(uses) = job.get("uses") else { return };
    let Some(callee) = uses.text().and_then(|text| target(&rec.input, text)) else {
        rec.facts.gap(uses.span(), "the called workflow is not named plainly");
        return;
    };
    let to = workflow::whole(&callee, rec.platform);
    rec.facts.state(rec.input.place(uses), Edge::Invokes { from: actor.key.clone(), to });
    let name = callee.name();
    // A workflow that is only called and calls on has no use of its own: the one at the end of the chain counts.
    let passes_on = matches!(actor.origin, Origin::Callers(_)) && callee.realm == rec.input.realm;
    match job.get("secrets") {
        Some(secrets) if secrets.is_map() => {
            secrets.entries().into_iter().for_each(|secret| hand_on(rec, actor, &callee, secret, passes_on));
        }
        Some(secrets) if secrets.text().is_some_and(|text| text.trim() == "inherit") => {
            let all = match &actor.origin {
                Origin::Callers(own) => called_secret(own, "*"),
                _ => rec.repository_secret("*"),
            };
            let edge = Edge::BackedBy { credential: called_secret(&name, "*"), by: all.into() };
            rec.facts.state(rec.input.place(secrets), edge);
            if !passes_on {
                rec.uses_all(actor, called_secret(&name, "*"), secrets.span(), &callee.path);
            }
        }
        Some(secrets) => rec.facts.gap(secrets.span(), "secrets of a call are not a map"),
        None => {}
    }
    if let Some(with) = job.get("with") {
        anywhere(rec, actor, with, "with", 0);
    }
}

/// Hands a secret on to a called workflow, which knows it by a name of its own.
fn hand_on<'t>(rec: &mut Recorder<'_, 't>, actor: &mut Actor<'t>, callee: &Target, secret: Node<'t>, passes_on: bool) {
    let Some(callees) = secret.key() else { return };
    for by in rec.handed_on(actor, secret) {
        let edge = Edge::BackedBy { credential: called_secret(&callee.name(), callees), by: by.into() };
        rec.facts.state(rec.input.place(secret), edge);
    }
    if !passes_on {
        let id = format!("call:{}#{callees}", callee.path);
        // What a workflow of this repository does with it says what it is; of another's nothing is known.
        rec.uses(actor, secret, &Entry { handed_on: callee.realm == rec.input.realm, ..Entry::named(id) });
    }
}
