//! What objects say, from manifests as they are written.

use proptest::prelude::*;

use super::extract;
use crate::facts::{Credential, Edge, Facts, Identity, Level, Lifetime, Mode, Rung, Slot, TriggerKind, Value, When};
use crate::formats::Input;
use crate::syntax::{self, Syntax};
use crate::text::SourceId;

const REALM: &str = "example.com/acme/shop";

fn read(path: &str, text: &str) -> Facts {
    let syntax = if path.ends_with(".json") { Syntax::Json } else { Syntax::Yaml };
    let tree = syntax::parse(syntax, text);
    let mut facts = Facts::default();
    extract(&Input { source: SourceId(0), path, realm: REALM, text, tree: &tree }, &mut facts);
    facts
}

fn runs(facts: &Facts) -> Vec<(&str, &Slot, &Mode)> {
    let mut runs = Vec::new();
    for fact in &facts.facts {
        if let Edge::RunsAs { workload, identity } = &fact.edge {
            runs.push((workload.name.as_str(), identity, &fact.mode));
        }
    }
    runs
}

fn uses(facts: &Facts) -> Vec<(String, String)> {
    let one = |edge: &Edge| match edge {
        Edge::Uses { credential, sink, .. } => Some((credential.value.names().join(" "), sink.clone())),
        _ => None,
    };
    facts.facts.iter().filter_map(|fact| one(&fact.edge)).collect()
}

fn becomes(facts: &Facts) -> Vec<(String, String)> {
    let slot = |slot: &Slot| format!("{}|{}", slot.realm, slot.value.names().join(" "));
    let one = |edge: &Edge| match edge {
        Edge::CanActAs { from, to, .. } => Some((slot(from), slot(to))),
        _ => None,
    };
    facts.facts.iter().filter_map(|fact| one(&fact.edge)).collect()
}

fn secret<'f>(facts: &'f Facts, name: &str) -> &'f Credential {
    let named = |credential: &&Credential| credential.key.name == name && credential.defined;
    facts.credentials.iter().find(named).unwrap()
}

fn account<'f>(facts: &'f Facts, name: &str) -> &'f Identity {
    facts.identities.iter().find(|identity| identity.key.name == name).unwrap()
}

/// A deployment with these lines in its pod spec.
fn deployment(name: &str, pod: &str) -> String {
    let pod: String = pod.lines().map(|line| format!("      {line}\n")).collect();
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  selector: {{matchLabels: \
         {{app: {name}}}}}\n  template:\n    metadata: {{labels: {{app: {name}}}}}\n    spec:\n{pod}"
    )
}

const CONTAINER: &str = "containers: [{name: app, image: 'registry.acme.example/app:1'}]\n";

#[test]
fn the_account_of_a_pod_has_two_spellings_and_a_default() {
    let facts = read("a.yaml", &deployment("web", &format!("serviceAccountName: web\n{CONTAINER}")));
    let [(workload, identity, Mode::Explicit)] = runs(&facts)[..] else { panic!("one account") };
    assert_eq!(workload, "shop/Deployment/web");
    assert_eq!((identity.realm.as_str(), identity.value.as_literal()), ("k8s:example.com/acme/shop/shop", Some("web")));

    let facts = read("a.yaml", &deployment("web", &format!("serviceAccount: old\n{CONTAINER}")));
    assert_eq!(runs(&facts)[0].1.value.as_literal(), Some("old"));

    let facts = read("a.yaml", &deployment("web", CONTAINER));
    let [(_, identity, Mode::Default("k8s-default-service-account"))] = runs(&facts)[..] else { panic!("the default") };
    assert!(matches!(&identity.value, Value::Default { name, .. } if name == "default"));
}

#[test]
fn a_pod_that_declines_the_token_is_nobody_unless_it_projects_one() {
    let declined = format!("automountServiceAccountToken: false\n{CONTAINER}");
    assert!(runs(&read("a.yaml", &deployment("web", &declined))).is_empty());
    let projected = format!(
        "{declined}volumes:\n- name: t\n  projected:\n    sources:\n    - serviceAccountToken: {{path: t, audience: vault}}\n"
    );
    let facts = read("a.yaml", &deployment("web", &projected));
    assert_eq!(runs(&facts).len(), 1);
    assert!(facts.workloads[0].can_federate.is_some());
}

#[test]
fn an_account_that_withholds_its_token_is_off_for_those_who_do_not_ask() {
    let text = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: default, namespace: shop}\nautomountServiceAccountToken: false\n";
    assert_eq!(account(&read("a.yaml", text), "default").enabled, Some(false));
    let text = text.replace("default", "deployer");
    assert_eq!(account(&read("a.yaml", &text), "deployer").enabled, None);
    let asking = deployment("web", &format!("automountServiceAccountToken: true\n{CONTAINER}"));
    assert_eq!(*runs(&read("a.yaml", &asking))[0].2, Mode::Explicit);
}

#[test]
fn what_lies_in_one_folder_meets_and_what_lies_apart_does_not() {
    let account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: app}\n";
    let pod =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: app}\nspec: {serviceAccountName: app, containers: [{image: a}]}\n";
    let defined = read("one/account.yaml", account).identities[0].key.clone();
    let key = |path: &str| runs(&read(path, pod))[0].1.keys().remove(0);
    assert_eq!(key("one/pod.yaml"), defined);
    assert_ne!(key("two/pod.yaml"), defined);
    // The binding in the file says where the account is, so the pod beside it is there too.
    let binding = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: b}\n\
                   roleRef: {kind: ClusterRole, name: reader-of-things}\nsubjects: [{kind: ServiceAccount, name: app, namespace: live}]\n";
    let facts = read("three/all.yaml", &format!("{account}---\n{pod}---\n{binding}"));
    assert_eq!(runs(&facts)[0].1.realm, "k8s:example.com/acme/shop/live");
    assert_eq!(facts.workloads[0].title, "Pod live/app");
}

#[test]
fn equal_expressions_meet_within_a_chart() {
    let workload = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {{ include \"shop.fullname\" . }}-worker\n\
                    spec:\n  template:\n    spec:\n      serviceAccountName: {{ include \"shop.serviceAccountName\" . | quote }}\n      \
                    containers:\n        - name: worker\n          image: \"{{ .Values.image }}\"\n";
    let account = "{{- if .Values.serviceAccount.create }}\napiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: {{ template \
                   \"shop.serviceAccountName\" $ }}\n  namespace: {{ .Release.Namespace }}\n{{- end }}\n";
    let facts = read("charts/shop/templates/worker.yaml", workload);
    let key = runs(&facts)[0].1.keys().remove(0);
    assert_eq!(read("charts/shop/templates/sa.yaml", account).identities[0].key, key);
    assert_ne!(read("charts/other/templates/sa.yaml", account).identities[0].key, key);
    assert_eq!(facts.workloads[0].title, "Deployment {{ include \"shop.fullname\" . }}-worker");
}

#[test]
fn both_branches_of_a_template_are_possible() {
    let pod = "{{- if .Values.rbac }}\nserviceAccountName: app\n{{- else }}\nserviceAccountName: {{ .Values.sa }}\n{{- end }}\n";
    let facts = read("charts/a/templates/d.yaml", &deployment("web", &format!("{pod}{CONTAINER}")));
    let Value::OneOf(values) = &runs(&facts)[0].1.value else { panic!("a choice") };
    assert_eq!(values.len(), 2);
}

#[test]
fn a_spec_with_included_parts_may_name_an_account() {
    let pod = format!("{{{{- include \"lib.podSpec\" . | nindent 6 }}}}\n{CONTAINER}");
    let facts = read("charts/a/templates/d.yaml", &deployment("web", &pod));
    assert!(runs(&facts).is_empty());
    assert_eq!(facts.gaps.len(), 1);
    let below = format!("{CONTAINER}affinity:\n  {{{{- include \"lib.affinity\" . | nindent 8 }}}}\n");
    assert_eq!(runs(&read("charts/a/templates/d.yaml", &deployment("web", &below))).len(), 1);
}

#[test]
fn copies_of_one_application_are_one_workload_and_two_applications_are_two() {
    let copy = |name: &str, app: &str, version: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  selector: {{}}\n  template:\n    \
             metadata: {{labels: {{app: {app}, version: {version}}}}}\n    spec: {{containers: [{{image: a}}]}}\n"
        )
    };
    let keys = |text: &str| read("a.yaml", text).workloads[0].key.name.clone();
    assert_eq!(keys(&copy("shop-blue", "shop", "x")), "shop/Deployment/shop");
    assert_eq!(keys(&copy("reviews-v2", "reviews", "v2")), "shop/Deployment/reviews");
    assert_eq!(keys(&copy("shop-worker", "shop", "v2")), "shop/Deployment/shop-worker");
    assert_eq!(keys(&copy("code-green", "colours", "1")), "shop/Deployment/code-green");
}

#[test]
fn lists_are_unfolded_and_what_a_controller_made_is_the_controller() {
    let list = r#"{"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": ""}, "items": [
      {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-7f9-x", "namespace": "shop", "labels": {"pod-template-hash": "7f9"},
        "ownerReferences": [{"kind": "ReplicaSet", "name": "web-7f9"}]}, "spec": {"serviceAccountName": "web", "containers": [{"image": "a"}]}},
      {"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": {"name": "web-7f9", "namespace": "shop", "labels": {"pod-template-hash": "7f9"},
        "ownerReferences": [{"kind": "Deployment", "name": "web"}]}, "spec": {"template": {"spec": {"serviceAccountName": "web", "containers": [{"image": "a"}]}}}},
      {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "reprice-28374650", "namespace": "shop",
        "ownerReferences": [{"kind": "CronJob", "name": "reprice"}]}, "spec": {"template": {"spec": {"containers": [{"image": "a"}]}}}}]}"#;
    let facts = read("pods.json", list);
    let keys: Vec<&str> = facts.workloads.iter().map(|workload| workload.key.name.as_str()).collect();
    assert_eq!(keys, ["shop/Deployment/web", "shop/CronJob/reprice"]);

    let typed = "apiVersion: v1\nkind: ServiceAccountList\nmetadata: {continue: abc}\nitems:\n- metadata: {name: a, namespace: n}\n- metadata: {name: b, namespace: n}\n";
    let facts = read("a.yaml", typed);
    assert_eq!(facts.identities.len(), 2);
    assert_eq!(facts.gaps.len(), 1, "the export is cut off");
}

#[test]
fn what_only_looks_like_an_object_is_left_alone() {
    for text in [
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a}\nspec: {template: {spec: {containers: []}}}\n",
        "serviceAccountName: app\nkind: Deployment\nimage: a\n",
        "periodics:\n- name: job\n  spec: {serviceAccountName: a, containers: [{image: a}]}\n",
        "apiVersion: tekton.dev/v1\nkind: TaskRun\nmetadata: {name: a}\nspec: {serviceAccountName: a}\n",
        "apiVersion: argoproj.io/v1alpha1\nkind: Workflow\nmetadata: {name: a}\nspec: {template: {spec: {containers: [{image: a}]}}}\n",
        "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {template: {spec: {containers: [{image: a}]}}}\n",
        "$patch: delete\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {template: {spec: {containers: [{image: a}]}}}\n",
    ] {
        assert!(read("a.yaml", text).is_empty(), "{text}");
    }
}

#[test]
fn a_patch_speaks_only_of_what_it_sets() {
    let patch = |spec: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec:\n  template:\n    spec:\n      {spec}\n"
        )
    };
    assert!(read("overlays/dev/p.yaml", &patch("nodeSelector: {a: b}")).is_empty());
    let env = "containers: [{name: app, env: [{name: DB, valueFrom: {secretKeyRef: {name: db, key: p}}}]}]";
    let facts = read("overlays/dev/p.yaml", &patch(env));
    assert!(facts.workloads[0].template && runs(&facts).is_empty());
    assert_eq!(uses(&facts), [("db".to_owned(), "env:DB".to_owned())]);
}

#[test]
fn a_cron_job_has_its_schedule_and_may_be_suspended() {
    let text = "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: reprice, namespace: staging}\nspec:\n  schedule: '0 3 * * *'\n  \
                timeZone: Europe/Berlin\n  suspend: true\n  jobTemplate: {spec: {template: {spec: {containers: [{image: a}]}}}}\n";
    let facts = read("a.yaml", text);
    let workload = &facts.workloads[0];
    assert_eq!(workload.schedules[0].text, "0 3 * * * Europe/Berlin");
    assert_eq!((workload.enabled, workload.triggers[0].kind), (Some(false), TriggerKind::Schedule));
    assert_eq!(workload.environments[0].value.as_literal(), Some("staging"));
    assert!(!workload.environments[0].declared);
}

#[test]
fn secrets_enter_by_variables_volumes_and_pulls() {
    let pod = "containers:
- name: app
  image: a
  env:
  - {name: DB_PASSWORD, valueFrom: {secretKeyRef: {name: db, key: password}}}
  - {name: AWS_REGION, valueFrom: {secretKeyRef: {name: cloud, key: region}}}
  envFrom: [{secretRef: {name: all}}, {configMapRef: {name: conf}}]
initContainers:
- {name: init, image: a, env: [{name: T, valueFrom: {secretKeyRef: {name: init, key: t}}}]}
imagePullSecrets: [{name: regcred}]
volumes:
- {name: a, secret: {secretName: tls}}
- {name: b, projected: {sources: [{secret: {name: ca, items: [{key: ca.crt, path: ca.crt}]}}]}}
";
    let facts = read("a.yaml", &deployment("web", pod));
    let found = uses(&facts);
    let found: Vec<(&str, &str)> = found.iter().map(|(name, sink)| (name.as_str(), sink.as_str())).collect();
    let expected = [
        ("db", "env:DB_PASSWORD"),
        ("all", "k8s-env-from"),
        ("init", "env:T"),
        ("tls", "k8s-volume"),
        ("ca", "k8s-volume"),
        ("regcred", "k8s-image-pull"),
    ];
    for one in expected {
        assert!(found.contains(&one), "{one:?}");
    }
    assert_eq!(found.len(), expected.len(), "a region is no credential");
    let low = |name: &str| facts.credentials.iter().find(|credential| credential.key.name == name).unwrap().low_value;
    assert!(low("regcred") && low("ca") && !low("tls"));
}

#[test]
fn an_access_key_in_a_variable_is_known_by_its_id() {
    let pod = "containers:\n- {image: a, env: [{name: AWS_ACCESS_KEY_ID, value: AKIARTX3GSDSUUFAKEEU}]}\n";
    let facts = read("a.yaml", &deployment("web", pod));
    let inline = facts.facts.iter().any(|fact| matches!(&fact.edge, Edge::Uses { inline: true, credential, .. } if credential.realm == "aws-access-key"));
    assert!(inline);
    assert_eq!(facts.credentials[0].lifetime, Some(Lifetime::Static));
    let variable = pod.replace("AKIARTX3GSDSUUFAKEEU", "$(KEY_ID_FROM_CONFIG)");
    assert!(uses(&read("a.yaml", &deployment("web", &variable))).is_empty());
}

#[test]
fn cloud_roles_of_accounts_and_pods() {
    let text = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: app\n  namespace: shop\n  annotations:\n    \
                eks.amazonaws.com/role-arn: arn:aws:iam::111122223333:role/app\n    iam.gke.io/gcp-service-account: \
                app@acme.iam.gserviceaccount.com\n    azure.workload.identity/client-id: 0a1b2c3d-0000-4000-8000-000000000000\n";
    let to: Vec<String> = becomes(&read("a.yaml", text)).into_iter().map(|(_, to)| to).collect();
    assert_eq!(
        to,
        [
            "aws:111122223333|role/app",
            "gcp:acme|app@acme.iam.gserviceaccount.com",
            "entra|0a1b2c3d-0000-4000-8000-000000000000"
        ]
    );
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: n, annotations: {iam.amazonaws.com/role: old-role}}\nspec: {containers: [{image: a}]}\n";
    assert!(
        runs(&read("a.yaml", pod)).iter().any(|(_, identity, _)| identity.value.as_literal() == Some("role/old-role"))
    );
    let eksctl = "apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nmetadata: {name: c}\niam:\n  podIdentityAssociations:\n  - {namespace: n, serviceAccountName: s, roleARN: 'arn:aws:iam::111122223333:role/r'}\n";
    assert_eq!(becomes(&read("c.yaml", eksctl))[0].0, "k8s:example.com/acme/shop/n|s");
}

#[test]
fn the_map_of_an_eks_cluster_says_which_roles_are_masters() {
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: aws-auth, namespace: kube-system}\ndata:\n  mapRoles: |\n    \
                - rolearn: arn:aws:iam::111122223333:role/nodes\n      groups: ['system:bootstrappers', 'system:nodes']\n    \
                - rolearn: arn:aws:iam::111122223333:role/ci\n      groups: ['system:masters', deployers]\n";
    let facts = read("a.yaml", text);
    let admin = |edge: &Edge| matches!(edge, Edge::Grants { identity, level: Level::Admin, .. } if identity.value.as_literal() == Some("role/ci"));
    assert!(facts.facts.iter().any(|fact| admin(&fact.edge)));
    let group = "k8s-group:example.com/acme/shop|deployers".to_owned();
    assert_eq!(becomes(&facts), [("aws:111122223333|role/ci".to_owned(), group)]);
    assert!(read("a.yaml", &text.replace("aws-auth", "other")).is_empty());
}

#[test]
fn a_binding_hands_its_role_to_each_subject() {
    let text = "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: b, namespace: shop}\n\
                roleRef: {kind: Role, name: deployer}\nsubjects:\n- {kind: ServiceAccount, name: ci, namespace: tools}\n\
                - {kind: User, name: ann@acme.example}\n- {kind: Group, name: 'system:serviceaccounts:batch'}\n- {kind: User, name: 'system:kube-scheduler'}\n";
    let facts = read("a.yaml", text);
    let found = becomes(&facts);
    let from: Vec<&str> = found.iter().map(|(from, _)| from.as_str()).collect();
    assert_eq!(
        from,
        [
            "k8s:example.com/acme/shop/tools|ci",
            "k8s-user:example.com/acme/shop|ann@acme.example",
            "k8s:example.com/acme/shop/batch|default"
        ]
    );
    assert!(found.iter().all(|(_, to)| to == "k8s-role:example.com/acme/shop/shop|deployer"));
    assert_eq!(facts.gaps.len(), 1, "other accounts of the namespace are not in sight");
}

#[test]
fn a_role_carries_a_grant_for_each_rule_and_built_in_objects_say_nothing() {
    let role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: r, labels: {a: b}}\nrules:\n\
                - {apiGroups: [''], resources: [pods], verbs: [get, list]}\n- {nonResourceURLs: [/healthz], verbs: [get]}\n";
    let grants =
        |text: &str| read("a.yaml", text).facts.iter().filter(|fact| matches!(fact.edge, Edge::Grants { .. })).count();
    assert_eq!(grants(role), 1);
    assert_eq!(grants(&role.replace("a: b", "kubernetes.io/bootstrapping: rbac-defaults")), 0);
    let named = role.replace("verbs: [get, list]}", "verbs: ['*'], resourceNames: [one]}");
    let capped = |fact: &crate::facts::Fact| matches!(fact.edge, Edge::Grants { level, .. } if level <= Level::Write);
    assert!(read("a.yaml", &named).facts.iter().all(capped));
}

#[test]
fn a_token_in_a_secret_never_ends_and_its_labels_tell_of_its_use() {
    let text = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: ci-token\n  namespace: tools\n  annotations: {kubernetes.io/service-account.name: ci}\n  \
                labels: {kubernetes.io/legacy-token-last-used: 2026-08-01}\ntype: kubernetes.io/service-account-token\n";
    let facts = read("a.yaml", text);
    let credential = secret(&facts, "ci-token");
    assert_eq!((credential.expires, credential.lifetime), (When::Never, Some(Lifetime::Static)));
    assert!(credential.last_used.at().is_some() && !credential.literal);
    let logs_in = |edge: &Edge| matches!(edge, Edge::AuthenticatesAs { identity, .. } if identity.value.as_literal() == Some("ci"));
    assert!(facts.facts.iter().any(|fact| logs_in(&fact.edge)));
}

#[test]
fn values_of_secrets_are_hidden_and_placeholders_are_no_values() {
    // k3J9xQ2vLm8RtZ5wYb7NFAKE in base64.
    let value = "azNKOXhRMnZMbThSdFo1d1liN05GQUtF";
    let text = format!(
        "apiVersion: v1\nkind: Secret\nmetadata: {{name: db, namespace: shop}}\ndata:\n  password: {value}\n  ca.crt: LS0tLS1CRUdJTg==\nstringData:\n  user: changeme\n  url: {{{{ .Values.url }}}}\n"
    );
    let facts = read("a.yaml", &text);
    let spans: Vec<&str> = facts.secrets.iter().map(|span| span.slice(&text)).collect();
    assert_eq!(spans, [value]);
    let credential = secret(&facts, "db");
    assert!(credential.literal && credential.identifiers.len() == 1);
    assert!(!format!("{facts:?}").contains("k3J9xQ2v") && !format!("{facts:?}").contains(value));

    let weak = "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {awsSecretKey: myAWSSecretKey}\n";
    let facts = read("a.yaml", weak);
    assert!(facts.secrets.len() == 1 && !secret(&facts, "db").literal);

    let inline = |value: &str| {
        let text = format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec: {{containers: [{{env: [{{name: GITHUB_TOKEN, value: {value}}}]}}]}}\n"
        );
        read("a.yaml", &text).credentials.iter().any(|credential| credential.literal)
    };
    assert!(inline("k3J9xQ2vLm8RtZ5wYb7NcFAKE0Hd6Gf1Ps"));
    assert!(!inline("letmein") && !inline("GITHUB_TOKEN_VALUE"));

    let empty = "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\ntype: kubernetes.io/tls\ndata:\n  tls.key:\n  tls.crt: ''\n";
    assert!(!secret(&read("a.yaml", empty), "db").literal);
    let sops = "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\nstringData: {p: 'ENC[AES256_GCM,data:FAKE]'}\nsops: {version: 3.8.1}\n";
    assert_eq!(secret(&read("a.yaml", sops), "db").lifetime, Some(Lifetime::Sealed));
}

#[test]
fn sealed_and_external_secrets_stand_for_the_secret_they_make() {
    let sealed = "apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: db, namespace: shop}\nspec: {encryptedData: {p: AgFAKE}}\n";
    assert_eq!(secret(&read("a.yaml", sealed), "db").lifetime, Some(Lifetime::Sealed));
    let external = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: e, namespace: shop}\nspec:\n  \
                    secretStoreRef: {name: vault, kind: ClusterSecretStore}\n  target: {name: db}\n  data:\n  - {secretKey: p, remoteRef: {key: shop/db}}\n";
    let backed = |text: &str| {
        let facts = read("a.yaml", text);
        let by = |edge: &Edge| match edge {
            Edge::BackedBy { credential, by } => Some((credential.name.clone(), by.value.names().join(" "))),
            _ => None,
        };
        facts.facts.iter().find_map(|fact| by(&fact.edge))
    };
    assert_eq!(backed(external), Some(("db".to_owned(), "shop/db".to_owned())));
    let several = format!("{external}  - {{secretKey: q, remoteRef: {{key: shop/other}}}}\n");
    assert_eq!(backed(&several), None, "parts of a secret are not the same thing");
}

#[test]
fn owners_are_people_and_teams_and_never_tools() {
    let text = "apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: app\n  namespace: shop\n  labels: {acme.example/team: payments, app.kubernetes.io/managed-by: Helm}\n  \
                annotations: {a8r.io/owner: ann@acme.example, contact: 'https://wiki.acme.example'}\n";
    let facts = read("a.yaml", text);
    let owner = |edge: &Edge| match edge {
        Edge::OwnedBy { party, rung: Rung::Tag, .. } => party.value.as_literal().map(str::to_owned),
        _ => None,
    };
    let owners: Vec<String> = facts.facts.iter().filter_map(|fact| owner(&fact.edge)).collect();
    assert_eq!(owners, ["payments", "ann@acme.example"]);
}

#[test]
fn anchors_and_merge_keys_are_followed() {
    let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: n}\nspec:\n  initContainers:\n  - &base\n    image: a\n    \
                env: &env [{name: X, valueFrom: {secretKeyRef: {name: s, key: k}}}]\n  containers:\n  - <<: *base\n    name: b\n";
    assert_eq!(uses(&read("a.yaml", text)).len(), 2);
}

proptest! {
    #[test]
    fn any_text_gives_no_panic_and_spans_stay_inside(
        parts in prop::collection::vec(prop::sample::select(vec![
            "apiVersion: v1\n", "apiVersion: apps/v1\n", "kind: Secret\n", "kind: Pod\n", "kind: Deployment\n", "kind: List\n",
            "metadata: {name: a}\n", "metadata:\n", "  name: {{ .x }}\n", "spec:\n", "  template:\n", "    spec:\n",
            "      containers: [{env: [{name: A, value: é}]}]\n", "      {{- include \"é\" . | nindent 6 }}\n", "data: {a: '=é', b: YQ}\n",
            "items:\n", "- ", "---\n", "rules: [{resources: ['*'], verbs: ['*']}]\n", "subjects: [{kind: Group}]\n", "  ", "é", "*a", "&a ",
        ]), 0..14)
    ) {
        let text = parts.concat();
        let facts = read("charts/é/templates/a.yaml", &text);
        for span in facts.secrets.iter().copied().chain(facts.facts.iter().map(|fact| fact.at.span)) {
            prop_assert!(text.get(span.range()).is_some());
        }
    }
}
