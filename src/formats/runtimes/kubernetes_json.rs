//! Kubernetes objects in JSON: what `kubectl get -o json` prints. The reading is that of the YAML form.

use super::kubernetes;
use crate::formats::Format;
use crate::syntax::Syntax;

pub(in crate::formats) static FORMAT: Format = Format {
    id: "kubernetes-json",
    title: "Kubernetes objects in JSON",
    reads: kubernetes::READS,
    leaves: kubernetes::LEAVES,
    syntax: Syntax::Json,
    recognise: |probe| !probe.is_yaml() && probe.is_json() && kubernetes::speaks_of_objects(probe),
    extract: kubernetes::extract,
};
