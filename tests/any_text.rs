//! Any text under any plausible path: no panic, and every span inside of the text.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use proptest::prelude::*;
use whoacts::facts::Facts;
use whoacts::text::{SourceId, Span};
use whoacts::{credentials, formats};

const PATHS: &[&str] = &[
    ".github/workflows/ci.yml",
    ".github/actions/x/action.yml",
    ".github/CODEOWNERS",
    "CODEOWNERS",
    "OWNERS",
    "OWNERS_ALIASES",
    "k8s/pod.yaml",
    "chart/templates/pod.yaml",
    "export/pods.json",
    "kubeconfig",
    "main.tf",
    "main.tf.json",
    "policy.json",
    "credential-report.csv",
    "etc/crontab",
    "etc/cron.d/job.j2",
    "etc/anacrontab",
    "etc/cron.daily/dump",
    "etc/systemd/system/app.service",
    "etc/systemd/system/app.timer.j2",
    ".env",
    "notes.md",
];

/// What the readers look for, in pieces that fit nowhere in particular.
const PIECES: &[&str] = &[
    "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n",
    "    - run: git config user.name 'é",
    "    - uses: aws-actions/configure-aws-credentials@v4\n      with:\n",
    "        role-to-assume: ",
    "        aws-access-key-id: ${{ secrets.KEY }}\n",
    "    permissions: {id-token: write}\n",
    "runs: {using: composite, steps: [",
    "${{ secrets['A'] || 'é' }}",
    "${{ '",
    "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n",
    "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {k: aGVsbG8=}\n",
    "apiVersion: v1\nkind: Config\nclusters: []\nusers:\n- name: a\n  user: {token: ",
    "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\n",
    "  - env: [{name: AWS_SECRET_ACCESS_KEY, value: \"",
    "{{- if .Values.x }}\n",
    "<%= @user %>",
    "&a [*a, *a]\n",
    "---\n",
    "resource \"aws_iam_user\" \"a\" {\n  name = \"é\"\n",
    "resource \"aws_iam_access_key\" \"a\" { user = aws_iam_user.a.name }\n",
    "variable \"password\" { default = \"hunter2\" }\n",
    "  assume_role_policy = jsonencode({Statement = [{",
    "<<EOF\n",
    "EOF\n",
    "}\n",
    "\"Version\": \"2012-10-17\", \"Statement\": [{\"Effect\": \"Allow\", \"Action\": \"*\", \"Resource\": \"*\"}]",
    "{\"UserDetailList\": [{\"UserName\": \"a\", \"Arn\": \"arn:aws:iam::111122223333:user/a\"}]}",
    "{\"AccessKeyMetadata\": [{\"UserName\": \"a\", \"AccessKeyId\": \"AKIARTX3GSDSRMFAKEB3\"}]}",
    "{\"ReportFormat\": \"text/csv\", \"Content\": \"dXNlcg==\"}",
    "user,arn,user_creation_time,password_enabled,access_key_1_active,access_key_1_last_rotated\n",
    "a,arn:aws:iam::111122223333:user/a,2020-01-01T00:00:00+00:00,true,true,N/A\n",
    "MAILTO=\"ops@acme.example\n",
    "*/5 * * * * root sudo -u é curl -u a:b https://c:d@e/f\n",
    "1 5 daily run-parts /etc/cron.daily\n",
    "@reboot $",
    "%",
    "#!/bin/sh\n",
    "su - é -c 'git -c user.email=",
    "mysql -p",
    "[Unit]\n[Service]\nExecStart=/bin/é\n",
    "[Timer]\nOnCalendar=daily\n",
    "User=%i\n",
    "Environment=\"A=b PGPASSWORD=hunter2",
    "SetCredential=a:b\n",
    "LoadCredential=a\n",
    "* @acme/team ann@acme.example\n",
    "[Section][2] @é\n",
    "!x @y\n",
    "approvers:\n- ann\n",
    "aliases:\n  a: [b]\n",
    "AKIARTX3GSDSUUFAKEEU FAKE5vhQo/5KjJRxsQNkseWz1aKbt0F4QKIPgFzE",
    "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.c2ln",
    "-----BEGIN PRIVATE KEY-----\nMIIé\n-----END PRIVATE KEY-----\n",
    "\"type\": \"service_account\", \"client_email\": \"",
    "\\",
    "\"",
    "\t",
    "\r\n",
    "\u{feff}",
    "\u{0}",
];

fn spans(facts: &Facts) -> Vec<Span> {
    let places = (facts.workloads.iter().map(|one| one.at))
        .chain(facts.identities.iter().map(|one| one.at))
        .chain(facts.credentials.iter().map(|one| one.at))
        .chain(facts.parties.iter().map(|one| one.at))
        .chain(facts.resources.iter().map(|one| one.at))
        .chain(facts.facts.iter().map(|one| one.at));
    let gaps = facts.gaps.iter().filter_map(|gap| gap.span);
    places.map(|place| place.span).chain(facts.secrets.iter().copied()).chain(gaps).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn no_text_makes_a_reader_panic_or_point_outside(
        path in prop::sample::select(PATHS),
        pieces in prop::collection::vec(
            prop_oneof![4 => prop::sample::select(PIECES).prop_map(str::to_owned), 1 => "\\PC{0,12}"],
            0..12,
        ),
    ) {
        let text = pieces.concat();
        let realm = "github.com/acme/shop";
        let reading = formats::read(SourceId(0), path, realm, &text);
        let mut all = spans(&reading.facts);
        all.extend(reading.problems.iter().map(|problem| problem.span));
        let hits = credentials::scan(&text);
        all.extend(spans(&credentials::facts(SourceId(0), path, realm, &text, &hits)));
        for span in all {
            prop_assert!(text.get(span.range()).is_some(), "{span:?} of {path} in {text:?}");
        }
    }
}
