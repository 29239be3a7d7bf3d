use crate::facts::{Class, Edge, Facts, Mode, ScheduleClass, TriggerKind, Value, keys};
use crate::formats::read;
use crate::text::SourceId;
use proptest::prelude::*;

const REALM: &str = "github.com/acme/hosts";

fn facts(path: &str, text: &str) -> Facts {
    read(SourceId(0), path, REALM, text).facts
}

fn accounts(facts: &Facts) -> Vec<(Value, Mode)> {
    let account = |fact: &crate::facts::Fact| match &fact.edge {
        Edge::RunsAs { identity, .. } => Some((identity.value.clone(), fact.mode.clone())),
        _ => None,
    };
    facts.facts.iter().filter_map(account).collect()
}

fn literal(name: &str) -> (Value, Mode) {
    (Value::literal(name), Mode::Explicit)
}

fn root() -> (Value, Mode) {
    (Value::Default { rule: "systemd-root", name: "root".to_owned() }, Mode::Default("systemd-root"))
}

fn uses(facts: &Facts) -> Vec<(String, String, bool)> {
    let row = |fact: &crate::facts::Fact| match &fact.edge {
        Edge::Uses { credential, sink, inline, .. } => Some((credential.value.label(), sink.clone(), *inline)),
        _ => None,
    };
    facts.facts.iter().filter_map(row).collect()
}

#[test]
fn a_service_runs_as_its_user_or_as_root() {
    for (text, expected) in [
        ("[Service]\nUser=app\nExecStart=/x\n", vec![literal("app")]),
        ("[Service]\nExecStart=/x\n", vec![root()]),
        ("[Service]\nUser=app\nUser=\nExecStart=/x\n", vec![root()]),
        ("[Service]\nUser=app\nUser=other\n", vec![literal("other")]),
        ("[Service]\nUser=app\nExecStartPre=-+/bin/chown x\nExecStart=/x\n", vec![literal("app"), literal("root")]),
        ("[Service]\nExecStart=/usr/bin/sudo -u app /x\n", vec![root(), literal("app")]),
        ("[Service]\nExecStart=/bin/su - app -c '/x'\nExecStart=\nExecStart=/y\n", vec![root()]),
        ("[Service]\nDynamicUser=yes\nExecStart=/x\n", vec![literal("shop")]),
    ] {
        assert_eq!(accounts(&facts("units/shop.service", text)), expected, "{text}");
    }
    let dynamic = facts("units/shop.service", "[Service]\nDynamicUser=yes\n");
    assert_eq!(dynamic.identities[0].classes[0].class, Class::Workload);
}

#[test]
fn instances_templates_and_users_units_are_no_invented_names() {
    let of = |path: &str, text: &str| accounts(&facts(path, text)).remove(0).0;
    assert_eq!(of("x@.service", "[Service]\nUser=%i\n"), Value::symbol("%i", "x@.service"));
    assert_eq!(of("x@bob.service", "[Service]\nUser=%i\n"), Value::literal("bob"));
    let erb = "[Service]\nUser=<%= @user %>\nExecStart=<%= @bin %> --to <%= @to %>\n";
    assert_eq!(of("x.service.erb", erb), Value::symbol("@user", "x.service.erb"));
    assert_eq!(of("x.service.j2", "[Service]\nUser={{ u }}\n"), Value::symbol("u", "x.service.j2"));
    assert!(matches!(of("etc/systemd/user/x.service", "[Service]\nExecStart=/x\n"), Value::Unknown { .. }));
    let home = of("home/ann/.config/systemd/user/x.service", "[Service]\nExecStart=/x\n");
    assert_eq!(home, Value::Default { rule: "systemd-user-unit", name: "ann".to_owned() });
}

#[test]
fn drop_ins_join_their_unit_and_claim_no_default() {
    let unit = facts("hosts/lib/systemd/system/x.service", "[Service]\nExecStart=/x\n");
    let drop_in = facts("hosts/etc/systemd/system/x.service.d/10-user.conf", "[Service]\nUser=app\n");
    assert_eq!(unit.workloads[0].key, drop_in.workloads[0].key);
    assert_eq!(accounts(&drop_in), [literal("app")]);
    let limits = facts("x.service.d/limits.conf", "[Service]\nLimitNOFILE=9\n");
    assert_eq!(accounts(&limits), []);
}

#[test]
fn variables_and_credentials_are_uses_and_values_are_hidden() {
    let text = "[Service]\nEnvironment=A=1 \"AWS_ACCESS_KEY_ID=AKIARTX3GSDS2GFAKENN\"\nEnvironment=\"DB_PASSWORD=hunter2;x\" T=%i\nEnvironmentFile=-/etc/default/x\nEnvironmentFile=/etc/x/secrets.env\nLoadCredential=tls:/etc/x/tls.key\nLoadCredentialEncrypted=db\nSetCredential=pin:1234\nPassEnvironment=LANG API_TOKEN\n";
    let facts = facts("x.service", text);
    let found = uses(&facts);
    let row = |name: &str, sink: &str, inline| (name.to_owned(), sink.to_owned(), inline);
    assert_eq!(
        found,
        [
            row("AKIARTX3GSDS2GFAKENN", "env:AWS_ACCESS_KEY_ID", true),
            row("/etc/default/x", "EnvironmentFile", false),
            row("/etc/x/secrets.env", "EnvironmentFile", false),
            row("/etc/x/tls.key", "LoadCredential", false),
            row("/etc/credstore.encrypted/db", "LoadCredentialEncrypted", false),
            row("x.service#pin", "SetCredential", true),
            row("API_TOKEN", "env:API_TOKEN", false),
        ]
    );
    let hidden: Vec<_> = facts.secrets.iter().map(|span| span.slice(text)).collect();
    assert_eq!(hidden, ["\"DB_PASSWORD=hunter2;x\"", "1234"]);
    let low = |name: &str| {
        let key = keys::credential_file(REALM, name);
        facts.credentials.iter().find(|one| one.key == key).map(|one| one.low_value)
    };
    assert_eq!((low("/etc/default/x"), low("/etc/x/secrets.env")), (Some(true), Some(false)));
}

#[test]
fn an_empty_assignment_takes_back_the_list() {
    let text = "[Service]\nEnvironmentFile=/a\nEnvironmentFile=\nEnvironmentFile=/b\n[Service]\nEnvironmentFile=/c\n";
    let found: Vec<_> = uses(&facts("x.service", text)).into_iter().map(|(name, ..)| name).collect();
    assert_eq!(found, ["/b", "/c"]);
}

#[test]
fn timers_sockets_and_paths_start_their_service() {
    for (path, text, service) in [
        ("u/x.timer", "[Timer]\nOnCalendar=daily\n", "u/x.service"),
        ("u/x.timer.j2", "[Timer]\nOnUnitActiveSec=5m\nUnit=y.service\n", "u/y.service"),
        ("u/x@.timer", "[Timer]\nOnCalendar=daily\n", "u/x@.service"),
        ("u/x.socket", "[Socket]\nListenStream=1\nAccept=yes\n", "u/x@.service"),
        ("u/x.socket", "[Socket]\nListenStream=1\nService=z.service\n", "u/z.service"),
        ("u/x.path", "[Path]\nPathExists=/x\n", "u/x.service"),
    ] {
        let facts = facts(path, text);
        let targets: Vec<_> = facts
            .facts
            .iter()
            .filter_map(|fact| match &fact.edge {
                Edge::Invokes { to, .. } => Some(to.value.label()),
                _ => None,
            })
            .collect();
        assert_eq!(targets, [service], "{path}");
        assert_eq!(accounts(&facts), [], "{path}");
    }
    let timer = facts("x.timer", "[Timer]\nOnBootSec=15min\nOnCalendar=Mon *-*-* 00:00\n");
    let schedules: Vec<_> = timer.workloads[0].schedules.iter().map(|one| (one.text.as_str(), one.class)).collect();
    let expected = [("OnCalendar=Mon *-*-* 00:00", ScheduleClass::Calendar), ("OnBootSec=15min", ScheduleClass::Event)];
    assert_eq!(schedules, expected);
}

#[test]
fn a_wanted_or_restarted_service_always_runs() {
    let kinds =
        |text: &str| facts("x.service", text).workloads[0].triggers.iter().map(|one| one.kind).collect::<Vec<_>>();
    assert_eq!(kinds("[Service]\nExecStart=/x\n[Install]\nWantedBy=multi-user.target\n"), [TriggerKind::Always]);
    assert_eq!(kinds("[Service]\nExecStart=/x\nRestart=always\n"), [TriggerKind::Always]);
    assert_eq!(kinds("[Service]\nExecStart=/x\n"), []);
}

#[test]
fn a_first_and_last_name_at_home_is_a_person() {
    let text = "[Service]\nUser=alice.smith\nExecStart=/home/alice.smith/x.sh\n";
    let human = |text: &str| facts("x.service", text).identities.iter().any(|one| one.classes[0].class == Class::Human);
    assert!(human(text));
    assert!(!human(&text.replace("/home/alice.smith", "/opt")));
    assert!(!human("[Service]\nUser=deploy\nExecStart=/home/deploy/x.sh\n"));
}

#[test]
fn a_service_is_known_by_its_content_under_any_name() {
    let of = |path: &str, text: &str| facts(path, text).workloads.len();
    let unit = "# managed\n<%- |$x| -%>\n[Unit]\nDescription=x\n[Service]\nUser=app\nExecStart=/x\n";
    assert_eq!(of("templates/x_service.erb", unit), 1);
    assert_eq!(of("install.sh", &format!("#!/bin/sh\ncat > /x <<END\n{unit}END\n")), 0);
    assert_eq!(of("settings.ini", "[Service]\nport = 1\n"), 0);
    let drop_in = facts("templates/x.systemd_override.erb", "[Service]\nExecStart=\nExecStart=/y\n");
    assert_eq!((drop_in.workloads.len(), accounts(&drop_in)), (1, vec![]));
}

#[test]
fn services_of_other_systems_are_none() {
    for (path, text) in [
        ("dbus/org.acme.x.service", "[D-BUS Service]\nName=org.acme.x\nExec=/x\nUser=root\n"),
        ("avahi/ssh.service", "<service-group><service/></service-group>\n"),
        ("x.service", "[Unit]\nDescription=only\n"),
        ("src/api.service.ts", "// [Service]\n"),
    ] {
        assert!(facts(path, text).workloads.is_empty(), "{path}");
    }
}

proptest! {
    #[test]
    fn any_text_gives_no_panic_and_spans_stay_inside(
        text in "((User|Environment|ExecStart|SetCredential|LoadCredential|EnvironmentFile)=|A=b|%i|<%= x %>|id:v|\\PC|[ \n\"'\\\\+]){0,30}",
        sort in prop::sample::select(vec![("x.service", "[Service]\n"), ("x@a.timer", "[Timer]\n"), ("x.socket", "[Socket]\n")]),
    ) {
        let text = format!("{}{text}", sort.1);
        let facts = facts(sort.0, &text);
        for span in facts.facts.iter().map(|fact| fact.at.span).chain(facts.secrets.iter().copied()) {
            prop_assert!(span.hi as usize <= text.len());
        }
    }
}
