//! Kubernetes objects: workloads, service accounts, role bindings and secrets, as manifests, exports, Helm templates and
//! Kustomize files.
//!
//! An object is what has an `apiVersion` and a `kind` that belong together; a name or a folder never makes one. Where a
//! file leaves the namespace to a later step (Kustomize, Helm, `kubectl -n`), see [`names`].
//!
//! Field names: kubernetes.io/docs/reference/kubernetes-api/, checked against manifests of kubernetes/test-infra,
//! istio/test-infra and helm/charts.

mod accounts;
mod clouds;
mod external;
mod names;
mod object;
mod owners;
mod pod;
mod rbac;
mod secrets;
mod workload;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use crate::facts::{Facts, Key};
use crate::formats::{Format, Input, Probe};
use crate::syntax::Syntax;

use names::Home;
use object::Object;
pub(in crate::formats) use secrets::decoded;

pub(in crate::formats) static FORMAT: Format = Format {
    id: "kubernetes",
    title: "Kubernetes manifests",
    reads: READS,
    leaves: LEAVES,
    syntax: Syntax::Yaml,
    recognise: |probe| probe.is_yaml() && speaks_of_objects(probe),
    extract,
};

/// What is read, in either syntax.
pub(in crate::formats) const READS: &str = "workloads and the accounts they run as, service accounts, roles and bindings, \
     secrets (also sealed and external ones), cloud roles of service accounts; manifests, kubectl exports, Helm templates, \
     Kustomize";

/// What is not resolved, in either syntax.
pub(in crate::formats) const LEAVES: &str =
    "values of charts, names and namespaces that Kustomize sets, aggregated roles";

/// Whether the words of every object stand in the text.
pub(in crate::formats) fn speaks_of_objects(probe: &Probe<'_>) -> bool {
    probe.mentions("apiVersion") && probe.mentions("kind")
}

/// Reads every object of the source.
pub(in crate::formats) fn extract(input: &Input<'_>, facts: &mut Facts) {
    let objects = object::all(input.tree, facts);
    if objects.is_empty() {
        return;
    }
    let home = Home::of(input.path, names::given_away(&objects));
    let mut reader = Reader { input: *input, facts, home, workloads: BTreeSet::new() };
    // What a controller made comes after the controller itself, so that it can be left out where both are exported.
    let (made, own): (Vec<_>, Vec<_>) = objects.into_iter().partition(|object| object.controller().is_some());
    for object in own.iter().chain(&made) {
        if let Some(read) = reading(object) {
            read(&mut reader, object);
        }
    }
}

/// What the readers of one source share.
struct Reader<'a> {
    input: Input<'a>,
    facts: &'a mut Facts,
    home: Home,
    /// The workloads that the source has defined so far.
    workloads: BTreeSet<Key>,
}

type Read = fn(&mut Reader<'_>, &Object<'_>);

/// Which reader takes which kind of which API group; the empty group is the core.
static KINDS: &[(&[&str], &[&str], Read)] = &[
    (&["apps", "extensions"], &["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"], workload::read),
    (&["batch"], &["Job", "CronJob"], workload::read),
    (&[""], &["Pod", "ReplicationController"], workload::read),
    (&["", "apps.openshift.io"], &["DeploymentConfig"], workload::read),
    (&["serving.knative.dev"], &["Service"], workload::read),
    (&["argoproj.io"], &["Rollout"], workload::read),
    (&[""], &["ServiceAccount"], accounts::read),
    (&["rbac.authorization.k8s.io", "authorization.openshift.io"], &["Role", "ClusterRole"], rbac::role),
    (
        &["rbac.authorization.k8s.io", "authorization.openshift.io"],
        &["RoleBinding", "ClusterRoleBinding"],
        rbac::binding,
    ),
    (&[""], &["Secret"], secrets::read),
    (&["bitnami.com"], &["SealedSecret"], secrets::sealed),
    (&["kustomize.config.k8s.io"], &["Kustomization", "Component"], secrets::generated),
    (&["external-secrets.io", "kubernetes-client.io"], &["ExternalSecret", "ClusterExternalSecret"], external::secret),
    (&["secrets-store.csi.x-k8s.io"], &["SecretProviderClass"], external::provider_class),
    (&["eks.services.k8s.aws"], &["PodIdentityAssociation"], clouds::pod_identity),
    (&[""], &["ConfigMap"], clouds::aws_auth),
    (&["eksctl.io"], &["ClusterConfig"], clouds::eksctl),
];

/// The reader for an object. A group that only a template engine knows is taken to fit the kind.
fn reading(object: &Object<'_>) -> Option<Read> {
    let fits = |groups: &[&str]| object.group.is_none_or(|group| groups.contains(&group));
    KINDS.iter().find(|(groups, kinds, _)| kinds.contains(&object.kind) && fits(groups)).map(|(.., read)| *read)
}
