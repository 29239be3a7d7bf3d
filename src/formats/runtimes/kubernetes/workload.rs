//! Controllers and bare pods: the software that acts.

use super::Reader;
use super::names::{Namespace, label};
use super::object::Object;
use super::pod::{self, Pod};
use crate::catalog::{self, Stage};
use crate::facts::{
    Environment, Key, Kind, Placement, PlacementKind, Schedule, ScheduleClass, Trigger, TriggerKind, Value, Who,
    Workload,
};
use crate::syntax::Node;

/// Labels that say which application an object belongs to.
const APP: [&str; 3] = ["app.kubernetes.io/name", "app", "k8s-app"];
/// Labels that tell copies of one application apart.
const COPY: [&str; 6] = ["slot", "color", "colour", "version", "track", "release-track"];
/// Suffixes of copies that take turns or share the traffic.
const COPIES: [&str; 5] = ["blue", "green", "canary", "stable", "baseline"];
/// Labels that name the environment.
const ENVIRONMENT: [&str; 5] =
    ["environment", "env", "app.kubernetes.io/environment", "tags.datadoghq.com/env", "stage"];
/// Folders whose members are environments.
const OF_ENVIRONMENTS: [&str; 10] =
    ["overlays", "overlay", "environments", "environment", "envs", "env", "clusters", "cluster", "stages", "variants"];

/// A controller with a pod template, or a pod.
pub(super) fn read(reader: &mut Reader<'_>, object: &Object<'_>) {
    let Some(template) = template(object) else { return };
    let Some(name) = object.name() else { return };
    let Some(spec) = template.get("spec") else { return };
    if !spec.is_map() {
        reader.facts.gap(spec.span(), "pod whose spec a template fills in");
        return;
    }
    let namespace = reader.namespace_of(object);
    let Some((kind, key_name)) = identity(reader, object, template, name) else { return };
    let realm = format!("k8s:{}", reader.input.realm);
    let key = Key::new(Kind::Workload, realm, format!("{}/{kind}/{key_name}", namespace.word));
    if object.controller().is_some() && reader.workloads.contains(&key) {
        return;
    }
    let patch = is_patch(object, template, spec) && !reader.home.chart;
    let before = reader.facts.facts.len();
    let pod = Pod { workload: key.clone(), namespace, spec, metadata: template.get("metadata"), patch };
    let can_federate = pod::read(reader, &pod);
    // A patch that says nothing of identities is no news: the workload is where the patch applies.
    if patch && reader.facts.facts.len() == before {
        return;
    }
    reader.workloads.insert(key.clone());
    let title = title(&pod.namespace, kind, &key_name);
    let mut workload = Workload::new(key.clone(), title, reader.input.place(name));
    workload.template = patch;
    workload.can_federate = can_federate;
    workload.placement =
        Some(Placement { kind: PlacementKind::Cluster, labels: Vec::new(), at: reader.input.place(name) });
    started_by(reader, object, &mut workload);
    workload.environments = environments(reader, object, template, &pod.namespace);
    reader.facts.workloads.push(workload);
    reader.owners(&key, &[object.metadata(), template.get("metadata")]);
}

/// What becomes a pod: the part with `metadata` and `spec`.
fn template<'t>(object: &Object<'t>) -> Option<Node<'t>> {
    match object.kind {
        "Pod" => Some(object.node),
        "CronJob" => object.node.at(&["spec", "jobTemplate", "spec", "template"]),
        _ => object.node.at(&["spec", "template"]),
    }
}

/// For people: kind, namespace and name, the last of an expression without its scope.
fn title(namespace: &Namespace, kind: &str, key_name: &str) -> String {
    let expr = key_name.strip_prefix("${").and_then(|rest| rest.rsplit_once("}@")).map(|(expr, _)| expr);
    let name = expr.map(|expr| label(&Value::symbol(expr, "")));
    format!("{kind} {}", namespace.title(name.as_deref().unwrap_or(key_name)))
}

/// Kind and name of the workload: those of the controller where the object was made by one, and those of the application
/// where it is one of several copies.
fn identity<'t>(
    reader: &Reader<'_>,
    object: &Object<'t>,
    template: Node<'t>,
    name: Node<'t>,
) -> Option<(&'t str, String)> {
    if let Some(owner) = object.controller() {
        let (kind, name) = (owner.get_str("kind")?, owner.get_str("name")?);
        return Some(maker(kind, name, object.label("pod-template-hash")));
    }
    let own = reader.key_name(name)?;
    let application = name.literal().and_then(|name| application(name, object, template));
    Some((object.kind, application.map_or(own, str::to_owned)))
}

/// A replica set is named after its deployment with a hash, a scheduled job after its cron job with a time.
fn maker<'t>(kind: &'t str, name: &'t str, hash: Option<&str>) -> (&'t str, String) {
    let of_deployment = hash.and_then(|hash| name.strip_suffix(hash)?.strip_suffix('-'));
    let of_cron = name.rsplit_once('-').filter(|(_, time)| time.len() >= 8 && time.bytes().all(|b| b.is_ascii_digit()));
    match (kind, of_deployment, of_cron) {
        ("ReplicaSet", Some(deployment), _) => ("Deployment", deployment.to_owned()),
        ("Job", _, Some((cron, _))) => ("CronJob", cron.to_owned()),
        _ => (kind, name.to_owned()),
    }
}

/// The application of which the object is a copy: its label names the application, and its name adds only which copy.
fn application<'t>(name: &'t str, object: &Object<'t>, template: Node<'t>) -> Option<&'t str> {
    let maps = [object.metadata(), template.get("metadata")].map(|metadata| metadata?.get("labels"));
    let label = |key: &str| maps.iter().flatten().find_map(|labels| labels.get_str(key));
    let (stem, copy) = name.rsplit_once('-')?;
    let is_copy = COPIES.contains(&copy) || COPY.iter().any(|key| label(key) == Some(copy));
    (is_copy && APP.iter().any(|key| label(key) == Some(stem))).then_some(stem)
}

/// Whether the object is only a part of one, to be laid over a whole by Kustomize: a whole has labels to select its pods
/// by, and every container of it has an image.
fn is_patch(object: &Object<'_>, template: Node<'_>, spec: Node<'_>) -> bool {
    let containers = spec.get("containers").into_iter().flat_map(Node::items);
    let imageless = !containers.into_iter().any(|container| container.get("image").is_some());
    let needs_labels = matches!(object.kind, "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet");
    let labelled = object.node.at(&["spec", "selector"]).or_else(|| template.at(&["metadata", "labels"])).is_some();
    imageless || (needs_labels && !labelled)
}

fn started_by(reader: &Reader<'_>, object: &Object<'_>, workload: &mut Workload) {
    let at = reader.input.place(object.node.get("kind").unwrap_or(object.node));
    let is_test = object.annotation("helm.sh/hook").and_then(Node::literal).is_some_and(|hook| hook.contains("test"));
    let kind = match object.kind {
        "CronJob" => TriggerKind::Schedule,
        _ if is_test => TriggerKind::Manual,
        "Job" => TriggerKind::Other,
        _ => TriggerKind::Always,
    };
    let who = if kind == TriggerKind::Manual { Who::Insider } else { Who::Platform };
    workload.triggers.push(Trigger { kind, who, word: object.kind.to_owned(), at });
    let spec = object.node.get("spec");
    if object.kind == "CronJob" {
        workload.enabled = spec.and_then(|spec| spec.get("suspend")?.truth()).map(|suspended| !suspended);
        workload.schedules.extend(spec.and_then(|spec| schedule(reader, spec)));
    }
}

fn schedule(reader: &Reader<'_>, spec: Node<'_>) -> Option<Schedule> {
    let node = spec.get("schedule")?;
    let text = node.text()?;
    let zone = spec.get_str("timeZone").map_or_else(String::new, |zone| format!(" {zone}"));
    Some(Schedule { text: format!("{text}{zone}"), class: ScheduleClass::Cron, at: reader.input.place(node) })
}

/// The environments of a workload: those a label names, else what its namespace or its folder suggests.
fn environments(
    reader: &Reader<'_>,
    object: &Object<'_>,
    template: Node<'_>,
    namespace: &Namespace,
) -> Vec<Environment> {
    let metadata = [object.metadata(), template.get("metadata")];
    let labels = metadata.into_iter().flatten().filter_map(|metadata| metadata.get("labels"));
    let declared = labels.flat_map(|labels| ENVIRONMENT.iter().filter_map(move |key| labels.get(key)));
    for node in declared {
        if let Value::Literal(name) = reader.value(node)
            && !name.is_empty()
        {
            return vec![Environment { value: Value::Literal(name), declared: true, at: reader.input.place(node) }];
        }
    }
    let named = namespace.name.as_deref().filter(|name| catalog::stage(name).is_some());
    let suggested = named.or_else(|| folder_stage(reader.input.folder()));
    let at = reader.input.place(object.metadata().unwrap_or(object.node));
    suggested.into_iter().map(|name| Environment { value: Value::literal(name), declared: false, at }).collect()
}

/// The folder of an overlay that speaks of a stage. Words that also name folders of code (`test`, `ci`, `local`) count
/// only right below a folder of environments.
fn folder_stage(folder: &str) -> Option<&str> {
    let parts: Vec<&str> = folder.split('/').collect();
    let is_stage = |at: usize| {
        let part = parts.get(at)?;
        let below = at.checked_sub(1).and_then(|above| parts.get(above));
        let among = below.is_some_and(|above| OF_ENVIRONMENTS.contains(&above.to_ascii_lowercase().as_str()));
        let plain = part.bytes().all(|b| b.is_ascii_alphabetic());
        let clear = plain && matches!(catalog::stage(part), Some(Stage::Production | Stage::Staging));
        (clear || (among && catalog::stage(part).is_some())).then_some(*part)
    };
    (0..parts.len()).rev().find_map(is_stage)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_speak_of_stages_only_where_they_mean_them() {
        assert_eq!(folder_stage("apps/shop/overlays/production"), Some("production"));
        assert_eq!(folder_stage("clusters/eu-prod-1/shop"), Some("eu-prod-1"));
        assert_eq!(folder_stage("overlays/dev"), Some("dev"));
        assert_eq!(folder_stage("deploy/prod"), Some("prod"));
        assert_eq!(folder_stage("test/e2e"), None);
        assert_eq!(folder_stage("ci/local"), None);
        assert_eq!(folder_stage(""), None);
    }

    #[test]
    fn what_a_controller_made_bears_its_name() {
        assert_eq!(maker("ReplicaSet", "shop-7f9c5", Some("7f9c5")), ("Deployment", "shop".to_owned()));
        assert_eq!(maker("ReplicaSet", "shop", None), ("ReplicaSet", "shop".to_owned()));
        assert_eq!(maker("Job", "reprice-28374650", None), ("CronJob", "reprice".to_owned()));
        assert_eq!(maker("Job", "migrate-3", None), ("Job", "migrate-3".to_owned()));
        assert_eq!(maker("StatefulSet", "db", None), ("StatefulSet", "db".to_owned()));
    }
}
