use super::*;
use crate::facts::{Class, Edge, Fact, Key, Level, When};
use crate::syntax;
use crate::text::SourceId;
use proptest::prelude::*;

fn read_as(syntax: Syntax, path: &str, text: &str) -> Facts {
    let tree = syntax::parse(syntax, text);
    let mut facts = Facts::default();
    extract(&Input { source: SourceId(0), path, realm: "acme/infra", text, tree: &tree }, &mut facts);
    facts
}

fn read(text: &str) -> Facts {
    read_as(Syntax::Hcl, "iam/main.tf", text)
}

fn grants(facts: &Facts) -> Vec<(String, Level, String)> {
    let grant = |fact: &Fact| match &fact.edge {
        Edge::Grants { identity, resource, level } => Some((identity.value.label(), *level, resource.value.label())),
        _ => None,
    };
    facts.facts.iter().filter_map(grant).collect()
}

fn trusts(facts: &Facts) -> Vec<(String, String)> {
    let trust = |fact: &Fact| match &fact.edge {
        Edge::CanActAs { from, .. } => Some((from.realm.clone(), from.value.label())),
        _ => None,
    };
    facts.facts.iter().filter_map(trust).collect()
}

fn becomes(facts: &Facts) -> Vec<(String, String)> {
    let edge = |fact: &Fact| match &fact.edge {
        Edge::CanActAs { from, to, .. } => Some((from.value.label(), format!("{}/{}", to.realm, to.value.label()))),
        _ => None,
    };
    facts.facts.iter().filter_map(edge).collect()
}

const USER: &str = r#"
resource "aws_iam_user" "ci" {
  name = "ci"
}
resource "aws_iam_access_key" "ci" {
  user = aws_iam_user.ci.name
}
resource "aws_iam_user_policy_attachment" "ci" {
  user       = aws_iam_user.ci.name
  policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}
"#;

#[test]
fn a_user_a_key_and_a_policy_meet_by_the_address() {
    let facts = read(USER);
    let user = &facts.identities[0];
    assert_eq!((user.key.realm.as_str(), user.key.name.as_str()), ("aws:acme/infra/iam", "user/ci"));
    assert_eq!(user.aliases, [crate::facts::keys::aws_principal("acme/infra/iam", "aws_iam_user.ci")]);
    assert_eq!(facts.identities[1].classes[0].class, Class::Service);
    let key = &facts.credentials[0];
    assert_eq!((key.expires, key.active, key.class.as_deref()), (When::Never, None, Some("aws-access-key")));
    assert_eq!(key.at.span.slice(USER), "\"aws_iam_access_key\" \"ci\"");
    assert_eq!(grants(&facts)[0].0, "aws_iam_user.ci");
    assert_eq!(grants(&facts)[0].2, "all resources, by AdministratorAccess");
}

#[test]
fn terraform_in_json_says_the_same() {
    let text = r#"{"resource": {
        "aws_iam_user": {"ci": {"name": "ci"}},
        "aws_iam_access_key": {"ci": [{"user": "${aws_iam_user.ci.name}", "status": "Inactive"}]},
        "aws_iam_user_policy_attachment": {"ci": {"user": "${aws_iam_user.ci.name}",
            "policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"}}}}"#;
    let facts = read_as(Syntax::Json, "iam/main.tf.json", text);
    assert_eq!(grants(&facts), grants(&read(USER)));
    assert_eq!(facts.identities[0].key, read(USER).identities[0].key);
    assert_eq!((facts.credentials.len(), facts.credentials[0].active), (1, Some(false)));
}

#[test]
fn documents_are_read_in_all_their_forms() {
    let body = |policy: &str, rest: &str| {
        format!("resource \"aws_iam_role_policy\" \"p\" {{\n  role = \"r\"\n  policy = {policy}\n}}\n{rest}")
    };
    let data = "data \"aws_iam_policy_document\" \"d\" {\n  statement {\n    actions = [\"*\"]\n    resources = [\"*\"]\n  }\n}";
    for text in [
        body("jsonencode({ Statement = [{ Effect = \"Allow\", Action = \"*\", Resource = \"*\" }] })", ""),
        body("<<EOF\n{\"Statement\": {\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\"}}\nEOF", ""),
        body(
            "\"{\\\"Statement\\\":[{\\\"Effect\\\":\\\"Allow\\\",\\\"Action\\\":\\\"*\\\",\\\"Resource\\\":\\\"*\\\"}]}\"",
            "",
        ),
        body("data.aws_iam_policy_document.d.json", data),
        body("\"${data.aws_iam_policy_document.d.json}\"", data),
        body("data.aws_iam_policy_document.d[0].json", data),
        body("local.p", &format!("locals {{\n  p = data.aws_iam_policy_document.d.json\n}}\n{data}")),
        body(
            "data.aws_iam_policy_document.e.json",
            &format!(
                "data \"aws_iam_policy_document\" \"e\" {{\n  source_policy_documents = [data.aws_iam_policy_document.d.json]\n}}\n{data}"
            ),
        ),
    ] {
        let facts = read(&text);
        assert_eq!(grants(&facts), [("role/r".into(), Level::Admin, "all resources, by p".into())], "{text}");
    }
}

#[test]
fn a_document_of_another_file_meets_by_its_address_or_path() {
    let there = read(
        "data \"aws_iam_policy_document\" \"d\" {\n  statement {\n    actions = [\"*\"]\n    resources = [\"*\"]\n  }\n}",
    );
    assert_eq!(grants(&there)[0].0, "data.aws_iam_policy_document.d");
    let here = read(
        "resource \"aws_iam_role_policy\" \"p\" {\n  role = \"r\"\n  policy = data.aws_iam_policy_document.d.json\n}",
    );
    assert_eq!(becomes(&here)[0].1, "aws:acme/infra/iam/data.aws_iam_policy_document.d");
    let file = read(
        "data \"template_file\" \"t\" {\n  template = file(\"${path.module}/../p.json\")\n}\n\
         resource \"aws_iam_user_policy\" \"p\" {\n  user = \"u\"\n  policy = data.template_file.t.rendered\n}",
    );
    assert_eq!(becomes(&file), [("user/u".into(), "aws:acme/infra/policy-file/p.json".into())]);
}

#[test]
fn an_output_hands_a_policy_to_the_caller_of_the_module() {
    let outputs = read_as(Syntax::Hcl, "modules/p/outputs.tf", "output \"arn\" {\n  value = aws_iam_policy.p.arn\n}");
    let caller = read(
        "module \"p\" {\n  source = \"../modules/p\"\n}\n\
         resource \"aws_iam_role_policy_attachment\" \"a\" {\n  role = \"r\"\n  policy_arn = module.p.arn\n}",
    );
    let alias: &Key = &outputs.identities[0].aliases[0];
    let call = "aws:acme/infra/iam/module.p.arn".to_owned();
    let output = format!("{}/{}", alias.realm, alias.name);
    assert_eq!(becomes(&caller), [("module.p.arn".into(), output), ("role/r".into(), call)]);
}

#[test]
fn two_calls_of_a_module_make_two_roles() {
    let facts = read(
        r#"
        module "a" { source = "../modules/role" }
        module "b" { source = "../modules/role" }
        resource "aws_iam_role_policy_attachment" "a" {
          role       = module.a.role_name
          policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
        }
        resource "aws_iam_role_policy_attachment" "b" {
          role       = module.b.role_name
          policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
        }"#,
    );
    let holders: Vec<String> = grants(&facts).into_iter().map(|(holder, ..)| holder).collect();
    assert_eq!(holders, ["module.a.role_name", "module.b.role_name"]);
}

#[test]
fn a_trust_document_of_another_file_leads_to_the_role() {
    let document = read(
        r#"
        data "aws_iam_policy_document" "trust" {
          statement {
            actions = ["sts:AssumeRole"]
            principals {
              type        = "Service"
              identifiers = ["lambda.amazonaws.com"]
            }
          }
        }"#,
    );
    assert_eq!(
        becomes(&document),
        [("lambda.amazonaws.com".into(), "aws:acme/infra/iam/data.aws_iam_policy_document.trust".into())]
    );
    assert_eq!(grants(&document), []);
    let role =
        read("resource \"aws_iam_role\" \"r\" {\n  assume_role_policy = data.aws_iam_policy_document.trust.json\n}");
    assert_eq!(
        becomes(&role),
        [("data.aws_iam_policy_document.trust".into(), "aws:acme/infra/iam/aws_iam_role.r".into())]
    );
}

#[test]
fn locals_defaults_and_for_each_are_filled_in() {
    let facts = read(
        r#"
        variable "name" { default = "ci" }
        locals { policies = ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/IAMFullAccess"] }
        resource "aws_iam_user" "u" { name = "svc-${var.name}" }
        resource "aws_iam_user_policy_attachment" "a" {
          for_each   = toset(local.policies)
          user       = aws_iam_user.u.name
          policy_arn = each.value
        }
        resource "aws_iam_role_policy_attachment" "b" {
          role       = "b"
          policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/ReadOnlyAccess"
        }"#,
    );
    assert_eq!(facts.identities[0].key.name, "user/svc-ci");
    let policies: Vec<String> = grants(&facts).into_iter().map(|(_, _, policy)| policy).collect();
    assert_eq!(
        policies,
        ["all resources, by ReadOnlyAccess", "all resources, by IAMFullAccess", "all resources, by ReadOnlyAccess"]
    );
}

#[test]
fn a_resource_for_each_instance_of_another_or_of_a_map_knows_its_fields() {
    let facts = read(
        r#"
        resource "aws_iam_user" "bots" {
          for_each = toset(["a", "b"])
          name     = "bot-${each.key}"
        }
        resource "aws_iam_access_key" "bots" {
          for_each = aws_iam_user.bots
          user     = each.value.name
        }
        resource "aws_iam_access_key" "listed" {
          for_each = { one = { login = "svc-one" }, two = { login = "svc-two" } }
          user     = each.value.login
        }
        resource "aws_iam_access_key" "unknown" {
          for_each = var.users
          user     = each.value.login
        }"#,
    );
    let users: Vec<String> = facts
        .facts
        .iter()
        .filter_map(|fact| match &fact.edge {
            Edge::AuthenticatesAs { identity, .. } => Some(identity.value.label()),
            _ => None,
        })
        .collect();
    assert_eq!(users, ["aws_iam_user.bots", "user/svc-one", "user/svc-two", "${each.value.login}"]);
    let titles: Vec<&str> = facts.identities.iter().map(|identity| identity.title.as_str()).collect();
    assert!(titles.contains(&"${each.value.login}"), "an expression is no path: {titles:?}");
}

fn trust_of(document: &str) -> Vec<(String, String)> {
    trusts(&read(&format!("resource \"aws_iam_role\" \"r\" {{\n  name = \"r\"\n  assume_role_policy = {document}\n}}")))
}

#[test]
fn federated_trusts_name_issuer_and_subject() {
    let of_provider = |provider: &str| {
        trust_of(&format!(
            r#"jsonencode({{
            Statement = [{{ Effect = "Allow", Action = "sts:AssumeRoleWithWebIdentity"
              Principal = {{ Federated = {provider} }}
              Condition = {{ StringLike = {{ "token.actions.githubusercontent.com:sub" = ["repo:a/b:*", "repo:a/c:*"] }} }}
            }}] }})"#
        ))
    };
    for provider in [
        "\"arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com\"",
        "\"arn:aws:iam::${var.account}:oidc-provider/token.actions.githubusercontent.com\"",
        "aws_iam_openid_connect_provider.elsewhere.arn",
        "var.provider_arn",
    ] {
        let realm = "oidc:token.actions.githubusercontent.com".to_owned();
        assert_eq!(
            of_provider(provider),
            [(realm.clone(), "repo:a/b:*".into()), (realm, "repo:a/c:*".into())],
            "{provider}"
        );
    }
}

#[test]
fn an_issuer_of_the_same_file_is_filled_into_claims() {
    let facts = read(
        r#"
        resource "aws_iam_openid_connect_provider" "eks" { url = "https://oidc.eks.eu-west-1.amazonaws.com/id/ABC" }
        data "aws_iam_policy_document" "trust" {
          statement {
            actions = ["sts:AssumeRoleWithWebIdentity"]
            principals {
              type        = "Federated"
              identifiers = [aws_iam_openid_connect_provider.eks.arn]
            }
            condition {
              test     = "StringEquals"
              variable = "${replace(aws_iam_openid_connect_provider.eks.url, "https://", "")}:sub"
              values   = ["system:serviceaccount:dns:external-dns"]
            }
          }
        }
        resource "aws_iam_role" "dns" { assume_role_policy = data.aws_iam_policy_document.trust.json }"#,
    );
    let realm = "oidc:oidc.eks.eu-west-1.amazonaws.com/id/ABC".to_owned();
    assert_eq!(trusts(&facts), [(realm, "system:serviceaccount:dns:external-dns".into())]);
}

#[test]
fn accounts_roles_and_expressions_are_trusted_for_what_they_are() {
    let aws = |principal: &str| {
        trust_of(&format!(
            "jsonencode({{ Statement = [{{ Effect = \"Allow\", Action = \"sts:AssumeRole\", Principal = {{ AWS = {principal} }} }}] }})"
        ))
    };
    let own = || "aws:acme/infra/iam".to_owned();
    assert_eq!(
        aws("\"arn:aws:iam::${data.aws_caller_identity.current.account_id}:root\""),
        [(own(), "account".into())]
    );
    assert_eq!(aws("aws_iam_role.ci[0].arn"), [(own(), "aws_iam_role.ci".into())]);
    assert_eq!(aws("\"arn:aws:iam::111122223333:role/ci\""), [("aws:111122223333".into(), "role/ci".into())]);
    assert_eq!(aws("var.trusted")[0].1, "unknown (${var.trusted})");
}

#[test]
fn a_boundary_caps_what_is_granted() {
    let facts = read(&USER.replace(
        "name = \"ci\"",
        "name = \"ci\"\n  permissions_boundary = \"arn:aws:iam::111122223333:policy/limits\"",
    ));
    assert_eq!(grants(&facts)[0].1, Level::Write);
}

#[test]
fn owners_come_from_tags_merged_tags_and_the_provider() {
    let owner = |text: &str| {
        let facts = read(text);
        facts.facts.into_iter().find_map(|fact| match fact.edge {
            Edge::OwnedBy { party, .. } => Some(party.value.label()),
            _ => None,
        })
    };
    let user = |tags: &str| format!("resource \"aws_iam_user\" \"u\" {{\n  name = \"u\"\n  tags = {tags}\n}}\n");
    assert_eq!(owner(&user("{ Owner = \"ann@acme.example\" }")).as_deref(), Some("ann@acme.example"));
    assert_eq!(
        owner(&format!("{}locals {{\n  tags = {{ team = \"payments\" }}\n}}", user("merge({ a = 1 }, local.tags)")))
            .as_deref(),
        Some("payments")
    );
    let provider = "provider \"aws\" {\n  default_tags {\n    tags = { owner = \"data\" }\n  }\n}";
    assert_eq!(
        owner(&format!("resource \"aws_iam_user\" \"u\" {{\n  name = \"u\"\n}}\n{provider}")).as_deref(),
        Some("data")
    );
    assert_eq!(owner(&user("{ owner = var.owner }")), None);
}

#[test]
fn users_of_another_provider_are_not_taken_for_the_accounts_own() {
    let facts = read(&USER.replace("name = \"ci\"", "name = \"ci\"\n  provider = aws.other"));
    assert_eq!(facts.identities[0].key.name, "aws_iam_user.ci");
}

#[test]
fn service_accounts_hand_roles_to_pods() {
    let facts = read(
        r#"
        resource "kubernetes_service_account" "dns" {
          metadata {
            name        = "external-dns"
            namespace   = "dns"
            annotations = { "eks.amazonaws.com/role-arn" = aws_iam_role.dns.arn }
          }
        }
        resource "aws_eks_pod_identity_association" "a" {
          namespace       = "jobs"
          service_account = "runner"
          role_arn        = "arn:aws:iam::111122223333:role/runner"
        }"#,
    );
    assert_eq!(
        becomes(&facts),
        [
            ("external-dns".into(), "aws:acme/infra/iam/aws_iam_role.dns".into()),
            ("runner".into(), "aws:111122223333/role/runner".into()),
        ]
    );
}

#[test]
fn references_in_a_circle_end() {
    let facts = read(
        r#"
        locals {
          a = local.b
          b = local.a
        }
        resource "aws_iam_user" "u" { name = local.a }
        resource "aws_iam_user_policy" "p" {
          user   = aws_iam_user.u.name
          policy = local.a
        }
        data "aws_iam_policy_document" "d" {
          source_policy_documents = [data.aws_iam_policy_document.d.json]
        }"#,
    );
    assert_eq!(facts.identities[0].key.name, "aws_iam_user.u");
    assert_eq!(facts.gaps.len(), 1);
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic_and_places_stay_inside(
        parts in prop::collection::vec(prop_oneof![
            Just("resource \"aws_iam_user\" \"u\" {\n".to_owned()),
            Just("resource \"aws_iam_role\" \"r\" {\n".to_owned()),
            Just("data \"aws_iam_policy_document\" \"d\" {\n".to_owned()),
            Just("resource \"aws_iam_access_key\" \"k\" {\n user = aws_iam_user.u.name\n".to_owned()),
            Just("}\n".to_owned()),
            Just("name = \"${".to_owned()),
            Just("policy = jsonencode({ Statement = [".to_owned()),
            Just("assume_role_policy = data.aws_iam_policy_document.d.json\n".to_owned()),
            Just("statement {\n".to_owned()),
            Just("tags = merge(local.x, {\n".to_owned()),
            "(\\PC|[\n\"${}=.\\[\\]]){0,12}",
        ], 0..14)
    ) {
        let text = parts.concat();
        for (syntax, path) in [(Syntax::Hcl, "a/main.tf"), (Syntax::Json, "main.tf.json")] {
            let facts = read_as(syntax, path, &text);
            let places = facts.identities.iter().map(|identity| identity.at.span);
            for span in places.chain(facts.facts.iter().map(|fact| fact.at.span)) {
                prop_assert!(text.get(span.range()).is_some());
            }
        }
    }
}
