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
    recognise: |probe| {
        // A file for editors may begin with a comment.
        let is_json = probe.is_json() || matches!(probe.extension(), "json" | "jsonc");
        is_json && !probe.is_yaml() && kubernetes::speaks_of_objects(probe)
    },
    extract: kubernetes::extract,
};
