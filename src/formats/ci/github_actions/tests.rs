//! What comes out of whole files.

use proptest::prelude::*;

use super::FORMAT;
use crate::facts::{
    Class, Credential, Edge, Facts, Key, Kind, Level, Lifetime, Mode, PlacementKind, Slot, TriggerKind, Value, Who,
    Workload, keys,
};
use crate::formats::{Input, Probe};
use crate::syntax::{Syntax, parse};
use crate::text::SourceId;

const REALM: &str = "github.com/acme/shop";

fn read_at(path: &str, text: &str) -> Facts {
    let tree = parse(Syntax::Yaml, text);
    let mut facts = Facts::default();
    if (FORMAT.recognise)(&Probe::new(path, text)) {
        (FORMAT.extract)(&Input { source: SourceId(0), path, realm: REALM, text, tree: &tree }, &mut facts);
    }
    facts
}

fn read(text: &str) -> Facts {
    read_at(".github/workflows/ci.yml", text)
}

/// A workflow with these events and these jobs.
fn workflow(on: &str, jobs: &str) -> Facts {
    read(&format!("on: {on}\njobs:\n{jobs}"))
}

fn job<'f>(facts: &'f Facts, id: &str) -> &'f Workload {
    facts.workloads.iter().find(|workload| workload.key.name.ends_with(&format!("#{id}"))).unwrap()
}

/// Names of the credentials that a job uses, with their sinks.
fn uses(facts: &Facts, id: &str) -> Vec<(String, String)> {
    let of = |edge: &Edge| match edge {
        Edge::Uses { workload, credential, sink, .. } if workload.name.ends_with(&format!("#{id}")) => {
            Some((credential.value.label(), sink.clone()))
        }
        _ => None,
    };
    facts.facts.iter().filter_map(|fact| of(&fact.edge)).collect()
}

fn names(facts: &Facts, id: &str) -> Vec<String> {
    uses(facts, id).into_iter().map(|(name, _)| name).collect()
}

fn credential<'f>(facts: &'f Facts, name: &str) -> &'f Credential {
    facts.credentials.iter().find(|credential| credential.key.name == name).unwrap()
}

fn runs_as(facts: &Facts) -> Vec<Slot> {
    let of = |edge: &Edge| match edge {
        Edge::RunsAs { identity, .. } => Some(identity.clone()),
        _ => None,
    };
    facts.facts.iter().filter_map(|fact| of(&fact.edge)).collect()
}

fn backed(facts: &Facts) -> Vec<(String, String)> {
    let of = |edge: &Edge| match edge {
        Edge::BackedBy { credential, by } => {
            Some((format!("{}/{}", credential.realm, credential.name), format!("{}/{}", by.realm, by.value.label())))
        }
        _ => None,
    };
    facts.facts.iter().filter_map(|fact| of(&fact.edge)).collect()
}

fn triggers(facts: &Facts, id: &str) -> Vec<(TriggerKind, Who)> {
    job(facts, id).triggers.iter().map(|trigger| (trigger.kind, trigger.who)).collect()
}

#[test]
fn a_secret_is_found_in_every_spelling_and_place() {
    let text = "on: push\nenv:\n  ALL: ${{ secrets.FROM_WORKFLOW }}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    env:\n      ONE: \
                ${{ secrets['FROM_JOB'] }}\n    steps:\n      - run: |\n          curl -H \"x: ${{ secrets.from_run }}\" x\n        \
                env:\n          TWO: \"pre-${{ fromJSON(secrets.FROM_STEP).x }}\"\n      - uses: acme/thing@v1\n        with: \
                {key: '${{ secrets.FROM_INPUT }}'}\n  b:\n    runs-on: ubuntu-latest\n    steps: []\n";
    let facts = read(text);
    let found = ["FROM_WORKFLOW", "FROM_JOB", "FROM_STEP", "FROM_RUN", "FROM_INPUT"];
    assert_eq!(names(&facts, "a"), found);
    assert_eq!(names(&facts, "b"), ["FROM_WORKFLOW"]);
    assert_eq!(uses(&facts, "a")[4].1, "action:acme/thing#key");
    for fact in &facts.facts {
        let Edge::Uses { .. } = fact.edge else { continue };
        assert!(fact.at.span.slice(text).to_lowercase().starts_with("secrets"), "{:?}", fact.at.span.slice(text));
    }
    let inherited = facts.facts.iter().filter(|fact| matches!(fact.mode, Mode::Inherited(_))).count();
    assert_eq!(inherited, 2);
    assert_eq!(credential(&facts, "FROM_RUN").key, keys::github_secret(REALM, "from_run"));
}

#[test]
fn the_jobs_own_token_is_never_a_lasting_credential() {
    let facts = workflow(
        "push",
        "  a:\n    steps:\n      - run: x\n        env: {GH_TOKEN: '${{ github.token }}', T: '${{ secrets.GITHUB_TOKEN }}'}\n",
    );
    assert_eq!(facts.credentials.len(), 1);
    assert_eq!(facts.credentials[0].lifetime, Some(Lifetime::Session));
    assert_eq!(names(&facts, "a").len(), 1);
}

#[test]
fn a_secret_that_is_only_tested_is_not_used() {
    let facts = workflow("push", "  a:\n    steps:\n      - run: x\n        env: {HAS: \"${{ secrets.A != '' }}\"}\n");
    assert!(facts.facts.is_empty());
}

#[test]
fn secrets_taken_all_at_once_or_by_expression_are_gaps() {
    let facts = workflow(
        "push",
        "  a:\n    strategy: {matrix: {s: [ONE, TWO]}}\n    steps:\n      - run: x\n        env:\n          A: ${{ toJSON(secrets) }}\n          \
         B: ${{ secrets[inputs.name] }}\n          C: ${{ secrets[matrix.s] }}\n          D: ${{ secrets[format('K_{0}', matrix.s)] }}\n",
    );
    assert_eq!(facts.gaps.len(), 2);
    let named: Vec<String> = names(&facts, "a").into_iter().filter(|name| !name.starts_with("unknown")).collect();
    assert_eq!(named, ["ONE", "TWO", "K_ONE", "K_TWO"]);
}

#[test]
fn settings_and_names_are_no_credentials() {
    let facts = workflow(
        "push",
        "  a:\n    steps:\n      - run: x\n        env:\n          AWS_REGION: ${{ secrets.AWS_REGION }}\n          AZURE_TENANT_ID: ${{ \
         secrets.AZURE_TENANT_ID }}\n          R: ${{ secrets.AWS_REGION }}\n",
    );
    assert!(facts.credentials.is_empty());
    let facts =
        workflow("push", "  a:\n    steps:\n      - run: x\n        env: {WHERE: '${{ secrets.DEPLOY_HOST }}'}\n");
    assert!(credential(&facts, "DEPLOY_HOST").low_value);
    let facts =
        workflow("push", "  a:\n    steps:\n      - run: x\n        env: {WHERE: '${{ secrets.DATABASE_URL }}'}\n");
    assert!(!credential(&facts, "DATABASE_URL").low_value);
}

#[test]
fn a_call_acts_where_it_sends_the_called_workflow() {
    let to = "uses: ./.github/workflows/to.yml";
    let facts = workflow(
        "push",
        &format!(
            "  one: {{{to}, with: {{environment: prod}}}}\n  all:\n    strategy: {{matrix: {{e: [dev, prod]}}}}\n    {to}\n    \
             with: {{env: '${{{{ matrix.e }}}}'}}\n  not: {{{to}, with: {{env: 'A=b'}}}}\n"
        ),
    );
    let environments =
        |id: &str| -> Vec<Value> { job(&facts, id).environments.iter().map(|found| found.value.clone()).collect() };
    assert_eq!(environments("one"), [Value::literal("prod")]);
    assert_eq!(environments("all"), [Value::OneOf(vec![Value::literal("dev"), Value::literal("prod")])]);
    assert_eq!(environments("not"), []);
}

#[test]
fn environments_are_expanded_and_shadow_secrets() {
    let step = "    steps:\n      - run: x\n        env: {K: '${{ secrets.K }}'}\n";
    let facts = workflow(
        "push",
        &format!(
            "  lit:\n    environment: {{name: production, url: x}}\n{step}  mat:\n    strategy: {{matrix: {{e: [dev, prod]}}}}\n    \
             environment: ${{{{ matrix.e }}}}\n{step}  opt:\n    environment: ${{{{ github.ref == 'refs/heads/main' && 'nightly' || '' \
             }}}}\n{step}  none:\n{step}"
        ),
    );
    let environment = |id: &str| {
        facts.facts.iter().find_map(|fact| match &fact.edge {
            Edge::Uses { workload, environment, .. } if workload.name.ends_with(id) => Some(environment.clone()),
            _ => None,
        })
    };
    let both = Value::OneOf(vec![Value::literal("dev"), Value::literal("prod")]);
    assert_eq!(environment("#lit"), Some(Some(Value::literal("production"))));
    assert_eq!(environment("#mat"), Some(Some(both.clone())));
    assert_eq!(job(&facts, "mat").environments[0].value, both);
    // The use may happen without an environment, and then the secret is the repository's.
    assert_eq!(environment("#opt"), Some(None));
    assert_eq!(job(&facts, "opt").environments[0].value, Value::literal("nightly"));
    assert_eq!(environment("#none"), Some(None));
}

#[test]
fn guards_decide_what_a_pull_request_reaches() {
    let secret = "env: {K: '${{ secrets.K }}'}";
    let facts = workflow(
        "[push, pull_request]",
        &format!(
            "  open:\n    steps:\n      - {{run: x, {secret}}}\n  job:\n    if: github.event_name != 'pull_request'\n    steps:\n      - \
             {{run: x, {secret}}}\n  step:\n    steps:\n      - run: make\n      - {{run: x, if: github.event_name == 'push', {secret}}}\n  \
             mixed:\n    steps:\n      - {{run: x, if: github.event_name == 'push', {secret}}}\n      - {{run: y, {secret}}}\n  \
             after:\n    needs: [job]\n    steps:\n      - {{run: x, {secret}}}\n  always:\n    needs: job\n    if: always()\n    steps:\n      \
             - {{run: x, {secret}}}\n"
        ),
    );
    let (push, pull) = ((TriggerKind::Push, Who::Insider), (TriggerKind::PullRequest, Who::Insider));
    assert_eq!(triggers(&facts, "open"), [push, pull]);
    assert_eq!(triggers(&facts, "job"), [push]);
    assert_eq!(triggers(&facts, "step"), [push]);
    assert_eq!(triggers(&facts, "mixed"), [push, pull]);
    assert_eq!(triggers(&facts, "after"), [push]);
    assert_eq!(triggers(&facts, "always"), [push, pull]);
}

#[test]
fn outsiders_are_told_from_insiders() {
    let of = |on: &str, guard: &str| triggers(&workflow(on, &format!("  a:\n    if: {guard}\n    steps: []\n")), "a");
    let target = TriggerKind::PullRequestTarget;
    assert_eq!(of("pull_request_target", "always()"), [(target, Who::Outsider)]);
    let own = "github.event.pull_request.head.repo.full_name == github.repository";
    assert_eq!(of("pull_request_target", own), [(target, Who::Insider)]);
    assert_eq!(of("{pull_request_target: {types: [labeled]}}", "always()"), [(target, Who::Insider)]);
    assert_eq!(
        of("pull_request_target", "github.event.pull_request.merged == true"),
        [(TriggerKind::Push, Who::Insider)]
    );
    assert_eq!(of("issue_comment", "always()"), [(TriggerKind::Comment, Who::Outsider)]);
    let member = "contains(fromJSON('[\"OWNER\",\"MEMBER\"]'), github.event.comment.author_association)";
    assert_eq!(of("issue_comment", member), [(TriggerKind::Comment, Who::Insider)]);
    assert_eq!(of("{workflow_run: {workflows: [CI]}}", "always()"), [(TriggerKind::Chained, Who::Outsider)]);
    let pushed = "github.event.workflow_run.event == 'push'";
    assert_eq!(of("{workflow_run: {workflows: [CI]}}", pushed), [(TriggerKind::Chained, Who::Insider)]);
}

#[test]
fn events_come_in_three_forms_and_tags_are_releases() {
    let of = |on: &str| triggers(&workflow(on, "  a:\n    steps: []\n"), "a");
    assert_eq!(of("push"), [(TriggerKind::Push, Who::Insider)]);
    assert_eq!(of("{push: {tags: ['v*']}}"), [(TriggerKind::Release, Who::Insider)]);
    assert_eq!(of("{push: {branches: [main], tags: ['v*']}}").len(), 2);
    let tagged = workflow("push", "  a:\n    if: startsWith(github.ref, 'refs/tags/')\n    steps: []\n");
    assert_eq!(triggers(&tagged, "a"), [(TriggerKind::Release, Who::Insider)]);
    let facts = workflow("{schedule: [{cron: '0 5 * * 1'}], workflow_dispatch: }", "  a:\n    steps: []\n");
    assert_eq!(job(&facts, "a").schedules[0].text, "0 5 * * 1");
    assert_eq!(triggers(&facts, "a").len(), 2);
    assert_eq!(read("true: push\njobs: {a: {steps: []}}\n").workloads.len(), 1);
}

#[test]
fn permissions_of_a_job_replace_those_of_the_workflow() {
    let facts = read(
        "on: push\npermissions: {id-token: write}\njobs:\n  yes: {steps: []}\n  no: {permissions: {contents: read}, steps: []}\n  all: \
         {permissions: write-all, steps: []}\n",
    );
    assert!(job(&facts, "yes").can_federate.is_some());
    assert!(job(&facts, "no").can_federate.is_none());
    assert!(job(&facts, "all").can_federate.is_some());
}

#[test]
fn permissions_say_what_the_token_of_the_job_may_do() {
    for (permissions, level) in [
        ("", None),
        ("permissions: {}", Some(Level::None)),
        ("permissions: read-all", Some(Level::Read)),
        ("permissions: {contents: read, id-token: write}", Some(Level::Read)),
        ("permissions: {contents: read, packages: write}", Some(Level::Write)),
        ("permissions: write-all", Some(Level::Write)),
    ] {
        let step = "run: x\n      env: {GH_TOKEN: '${{ github.token }}'}";
        let facts = workflow("push", &format!("  a:\n    runs-on: x\n    {permissions}\n    steps:\n    - {step}\n"));
        assert_eq!(facts.credentials[0].level, level, "{permissions}");
    }
}

#[test]
fn runners_are_placed() {
    let of = |on: &str| {
        let facts = workflow(
            "push",
            &format!("  a:\n    strategy: {{matrix: {{os: [ubuntu-latest, macos-14]}}}}\n    runs-on: {on}\n"),
        );
        job(&facts, "a").placement.clone().unwrap()
    };
    assert_eq!(of("ubuntu-latest").kind, PlacementKind::Hosted);
    assert_eq!(of("[self-hosted, linux]").kind, PlacementKind::SelfHosted);
    assert_eq!(of("${{ matrix.os }}").kind, PlacementKind::Hosted);
    assert_eq!(of("${{ matrix.os }}").labels, ["macos-14", "ubuntu-latest"]);
    assert_eq!(of("${{ inputs.runner }}").kind, PlacementKind::Unknown);
    assert_eq!(of("{group: large, labels: [gpu]}").kind, PlacementKind::Unknown);
}

#[test]
fn federated_logins_are_identities() {
    let facts = read(
        "on: push\nenv: {ROLE: 'arn:aws:iam::111122223333:role/deploy'}\njobs:\n  a:\n    steps:\n      - uses: \
         aws-actions/configure-aws-credentials@v5\n        with: {role-to-assume: '${{ env.ROLE }}', role-session-name: 'x-${{ github.run_id \
         }}'}\n      - uses: aws-actions/configure-aws-credentials@v5\n        with: {role-to-assume: '${{ secrets.ROLE }}'}\n      - uses: \
         google-github-actions/auth@v3\n        with:\n          workload_identity_provider: projects/1/locations/global/x\n          \
         service_account: deploy@acme-prod.iam.gserviceaccount.com\n          access_token_subject: Ceo@acme.example\n      - uses: \
         azure/login@v2\n        with: {client-id: '${{ vars.CLIENT }}', tenant-id: x}\n",
    );
    let slots = runs_as(&facts);
    assert_eq!(slots[0], keys::aws_arn("arn:aws:iam::111122223333:role/deploy").unwrap().into());
    assert_eq!(slots[1].value, Value::symbol("secrets.ROLE", REALM));
    assert_eq!(slots[2].value, Value::literal("ceo@acme.example"));
    assert_eq!(slots[3], keys::google_service_account("deploy@acme-prod.iam.gserviceaccount.com").into());
    assert_eq!(slots[4].realm, "entra");
    let person = facts.identities.iter().find(|identity| identity.sort == "google-user").unwrap();
    assert_eq!(person.classes[0].class, Class::Human);
    assert!(job(&facts, "a").discriminator.is_some());
    assert!(facts.credentials.is_empty());
}

#[test]
fn a_login_says_whose_the_password_is() {
    let facts = workflow(
        "push",
        "  a:\n    steps:\n      - uses: docker/login-action@v3\n        with: {username: Chen, password: '${{ secrets.PW }}'}\n      - uses: \
         docker/login-action@v3\n        with: {registry: quay.io, username: '${{ secrets.ANN_USER }}', password: '${{ secrets.QUAY }}'}\n      \
         - uses: docker/login-action@v3\n        with: {registry: ghcr.io, username: '${{ github.actor }}', password: '${{ \
         secrets.GITHUB_TOKEN }}'}\n",
    );
    let accounts: Vec<(String, Slot)> = facts
        .facts
        .iter()
        .filter_map(|fact| match &fact.edge {
            Edge::AuthenticatesAs { credential, identity } => Some((credential.name.clone(), identity.clone())),
            _ => None,
        })
        .collect();
    assert_eq!(accounts[0], ("PW".to_owned(), keys::registry_account("docker.io", "chen").into()));
    assert_eq!(accounts[1].1.realm, "registry:quay.io");
    assert_eq!(accounts[1].1.value, Value::symbol("secrets.ANN_USER", REALM));
    assert_eq!(accounts.len(), 2);
    assert_eq!(credential(&facts, "QUAY").provider.as_deref(), Some("quay"));
    assert!(!facts.credentials.iter().any(|credential| credential.key.name == "ANN_USER"));
}

#[test]
fn tokens_of_an_app_are_made_from_its_key() {
    let facts = workflow(
        "push",
        "  a:\n    outputs: {pass: '${{ steps.app.outputs.token }}'}\n    steps:\n      - uses: actions/create-github-app-token@v2\n        id: \
         app\n        with: {app-id: 1, private-key: '${{ secrets.APP_KEY }}'}\n      - run: x\n        env: {GH_TOKEN: '${{ \
         steps.app.outputs.token }}'}\n  b:\n    needs: a\n    steps:\n      - run: x\n        env: {GH_TOKEN: '${{ \
         needs.a.outputs.pass }}'}\n",
    );
    let token = ".github/workflows/ci.yml#a/app";
    assert_eq!(names(&facts, "a"), ["APP_KEY", token]);
    assert_eq!(names(&facts, "b"), [token]);
    assert_eq!(credential(&facts, token).lifetime, Some(Lifetime::Brokered));
    let by = (format!("github-app-token:{REALM}/{token}"), format!("github-actions:{REALM}/APP_KEY"));
    assert!(backed(&facts).contains(&by));
}

#[test]
fn calls_rename_secrets_and_inherit_hands_on_all() {
    let facts = workflow(
        "push",
        "  a:\n    uses: ./.github/workflows/deploy.yml\n    secrets: {token: '${{ secrets.PROD }}'}\n  b:\n    uses: \
         acme/ci/.github/workflows/x.yml@v1\n    secrets: inherit\n",
    );
    let own = format!("github-actions:{REALM}");
    let expected = [
        (format!("github-actions-call:{REALM}/.github/workflows/deploy.yml/TOKEN"), format!("{own}/PROD")),
        ("github-actions-call:github.com/acme/ci/.github/workflows/x.yml/*".to_owned(), format!("{own}/*")),
    ];
    assert_eq!(backed(&facts), expected);
    assert_eq!(names(&facts, "a"), ["PROD"]);
    let invoked = facts.facts.iter().filter(|fact| matches!(fact.edge, Edge::Invokes { .. })).count();
    assert_eq!(invoked, 2);
}

#[test]
fn what_a_called_workflow_uses_is_what_callers_pass() {
    let facts = workflow("workflow_call", "  a:\n    steps:\n      - {run: x, env: {T: '${{ secrets.TOKEN }}'}}\n");
    assert!(job(&facts, "a").template);
    let realm = format!("github-actions-call:{REALM}/.github/workflows/ci.yml");
    assert_eq!(facts.credentials[0].key, Key::new(Kind::Credential, realm, "TOKEN"));
    let both =
        workflow("[push, workflow_call]", "  a:\n    steps:\n      - {run: x, env: {T: '${{ secrets.TOKEN }}'}}\n");
    assert!(!job(&both, "a").template);
    assert_eq!(both.credentials[0].key, keys::github_secret(REALM, "TOKEN"));
    assert_eq!(names(&both, "a").len(), 2);
}

#[test]
fn actions_are_templates_filled_by_their_users() {
    let text = "name: x\ninputs: {token: {required: true}}\nruns:\n  using: composite\n  steps:\n    - uses: \
                docker/login-action@v3\n      with: {username: x, password: '${{ inputs.token }}'}\n";
    let action = read_at(".github/actions/login/action.yml", text);
    assert!(action.workloads[0].template);
    let key = format!("github-action-input:{REALM}/.github/actions/login");
    let caller = workflow(
        "push",
        "  a:\n    steps:\n      - {uses: ./.github/actions/login, with: {token: '${{ secrets.PW }}'}}\n",
    );
    assert_eq!(backed(&caller), [(format!("{key}/token"), format!("github-actions:{REALM}/PW"))]);
    assert!(read_at("action.yml", "name: x\nruns: {using: node20, main: x.js}\n").workloads.is_empty());
}

#[test]
fn keys_for_other_stores_than_amazons_are_told_by_their_surroundings() {
    let step = |extra: &str, name: &str| {
        let facts = workflow(
            "push",
            &format!(
                "  a:\n    steps:\n      - run: aws s3 cp x s3://y {extra}\n        env: {{AWS_ACCESS_KEY_ID: '${{{{ secrets.ID }}}}', \
                 AWS_SECRET_ACCESS_KEY: '${{{{ secrets.{name} }}}}'}}\n"
            ),
        );
        credential(&facts, name).provider.clone()
    };
    // Without the catalogue's entry for the variable there is no provider to correct.
    if crate::catalog::env_sink("AWS_SECRET_ACCESS_KEY").is_some() {
        assert_eq!(step("", "S").as_deref(), Some("aws"));
        assert_eq!(step("--endpoint-url https://1.r2.cloudflarestorage.com", "S").as_deref(), Some("cloudflare-r2"));
        assert_eq!(step("", "R2_SECRET").as_deref(), Some("cloudflare-r2"));
        assert_eq!(step("--endpoint-url http://localhost:4566", "S").as_deref(), Some("s3-compatible"));
    }
}

#[test]
fn people_who_commit_are_identities_and_bots_are_not() {
    let facts = workflow(
        "push",
        "  a:\n    steps:\n      - run: |\n          git config user.name \"Ann Lee\"\n          git config user.email ann@acme.test\n      - \
         run: |\n          git config user.name 'acme[bot]'\n          git config user.email x@acme.test\n      - uses: \
         peter-evans/create-pull-request@v7\n        with: {committer: 'Bob Ray <bob@acme.test>'}\n      - run: git config user.name ${{ \
         github.actor }}\n",
    );
    let people: Vec<String> = runs_as(&facts).iter().map(|slot| slot.value.label()).collect();
    assert_eq!(people, ["ann@acme.test", "bob@acme.test"]);
    assert_eq!(facts.identities[0].title, "Ann Lee <ann@acme.test>");
}

#[test]
fn vault_paths_are_stores_and_dynamic_ones_make_sessions() {
    let facts = workflow(
        "push",
        "  a:\n    steps:\n      - uses: hashicorp/vault-action@v3\n        with:\n          url: https://vault.acme.example:8200\n          method: \
         jwt\n          role: ci\n          secrets: |\n            secret/data/ci npm | NPM ;\n            aws/creds/ci access_key | \
         KEY\n",
    );
    assert_eq!(names(&facts, "a"), ["secret/data/ci", "aws/creds/ci"]);
    assert_eq!(credential(&facts, "secret/data/ci").lifetime, None);
    assert_eq!(credential(&facts, "aws/creds/ci").lifetime, Some(Lifetime::Session));
    assert_eq!(runs_as(&facts)[0].value, Value::literal("role/ci"));
}

#[test]
fn anchors_duplicates_and_odd_shapes_are_survived() {
    let facts = read(
        "on: push\nx: &e\n  K: ${{ secrets.SHARED }}\njobs:\n  a: {env: *e, steps: []}\n  b: {env: {<<: *e, L: x}, steps: []}\n  a: {env: *e, \
         steps: [1, null, {run: [x]}]}\n  c: null\n  d: [x]\n",
    );
    assert_eq!(facts.workloads.len(), 2);
    assert_eq!(names(&facts, "a"), ["SHARED"]);
    assert_eq!(names(&facts, "b"), ["SHARED"]);
    assert!(read("on: push\njobs: []\n").is_empty());
    assert_eq!(read("jobs: {a: {}}\n").gaps.len(), 1);
}

#[test]
fn files_that_run_nowhere_are_left_alone() {
    let text = "on: push\njobs: {a: {steps: [{run: x, env: {K: '${{ secrets.K }}'}}]}}\n";
    for path in [".github/workflow-templates/ci.yml", "docs/ci.yml", ".github/workflows/ci.yml.bak"] {
        assert!(read_at(path, text).is_empty(), "{path}");
    }
    let forgejo = read_at(".forgejo/workflows/ci.yml", text);
    assert_eq!(forgejo.credentials[0].key.realm, format!("forgejo-actions:{REALM}"));
    assert_eq!(forgejo.credentials[0].store.as_ref().unwrap().kind, "forgejo-actions");
}

#[test]
fn values_in_plain_sight_are_masked() {
    let text = "on: push\njobs:\n  a:\n    container: {image: x, credentials: {username: ann, password: hunter2}}\n    steps: []\n";
    let facts = read(text);
    assert_eq!(facts.secrets.iter().map(|span| span.slice(text)).collect::<Vec<_>>(), ["hunter2"]);
    assert!(!format!("{facts:?}").contains("hunter2"));
}

proptest! {
    #[test]
    fn any_text_gives_no_panic_and_spans_inside(text in "(on: |jobs:|\n|  |a:|uses: |with:|env:|run: |\\$\\{\\{ ?|\\}\\}|secrets\\.|K|'|\"|\\[|\\]|&x |\\*x|é|- |if: |\\|){0,60}") {
        for path in [".github/workflows/ci.yml", "action.yml"] {
            let facts = read_at(path, &text);
            for fact in &facts.facts {
                prop_assert!(text.get(fact.at.span.range()).is_some());
            }
            for span in &facts.secrets {
                prop_assert!(text.get(span.range()).is_some());
            }
        }
    }

    #[test]
    fn any_tail_of_a_workflow_is_survived(tail in "\\PC{0,80}") {
        let text = format!("on: push\njobs:\n  a:\n    steps:\n      - run: |\n          git config user.name \"x\n      - uses: a/b@v1\n        with:\n          k: ${{{{ secrets.K {tail}");
        let facts = read(&text);
        for fact in &facts.facts {
            prop_assert!(text.get(fact.at.span.range()).is_some());
        }
    }
}

#[test]
fn a_copy_of_another_repository_has_secrets_of_its_own() {
    let text = "on: push\njobs:\n  a:\n    steps:\n      - run: ./release\n        env: {FORGE_TOKEN: '${{ secrets.FORGE_TOKEN }}'}\n";
    let realm = |path: &str| read_at(path, text).credentials[0].key.realm.clone();
    assert_eq!(realm(".github/workflows/a.yml"), format!("github-actions:{REALM}"));
    assert_eq!(realm("vendor/mail/.github/workflows/a.yml"), format!("github-actions:{REALM}/vendor/mail"));
}
