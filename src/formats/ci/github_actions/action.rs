//! An action that is written down as steps, or that fills a container's variables: a template, which acts only through
//! the jobs that use it.

use super::origin::{Platform, Target};
use super::record::{Actor, Origin, Recorder};
use super::values::Scope;
use super::{foreign, steps};
use crate::facts::{Key, Kind, Workload};
use crate::formats::Input;

/// Reads an action. Without steps or variables there is nothing in it that this file knows.
pub(super) fn read<'t>(rec: &mut Recorder<'_, 't>, input: Input<'t>) {
    let Some(root) = input.tree.root() else { return };
    let Some(runs) = root.get("runs").filter(|runs| runs.get("using").is_some()) else { return };
    let (list, vars) = (runs.get("steps"), runs.get("env"));
    if list.is_none() && vars.is_none() {
        return;
    }
    let realm = format!("{}:{}", Platform::GitHub.word(), input.realm);
    let key = Key::new(Kind::Workload, realm, input.path);
    let folder = input.folder();
    let title = format!("action {}", if folder.is_empty() { input.file_name() } else { folder });
    let mut workload = Workload::new(key.clone(), title.clone(), input.at(runs.key_span()));
    workload.template = true;
    let action = Target { realm: input.realm.to_owned(), path: folder.to_owned() }.name();
    let scope = Scope {
        realm: input.realm.to_owned(),
        path: input.path.to_owned(),
        env: vars.into_iter().collect(),
        ..Scope::default()
    };
    let owner = key.name.clone();
    let mut actor = Actor::new(key, title, scope, Origin::Repository);
    actor.action = Some(action);
    let endpoint = foreign::by_endpoint(runs.target_span().slice(input.text));
    if let Some(vars) = vars {
        steps::env(rec, &mut actor, vars, None, endpoint);
    }
    if let Some(list) = list {
        actor.tokens = steps::minted(input.realm, &owner, list).into_iter().collect();
        steps::steps(rec, &mut actor, list, endpoint);
    }
    workload.discriminator = actor.discriminator;
    rec.facts.workloads.push(workload);
}
