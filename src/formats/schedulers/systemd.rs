//! Units of systemd: services, and the timers, sockets and paths that start them, with drop-ins and templates.
//!
//! Sources: systemd.unit(5), systemd.service(5), systemd.exec(5), systemd.timer(5), systemd.socket(5), systemd.path(5) of
//! systemd 252.
//!
//! A unit and its drop-ins are one workload: both are named by the unit's path, and the folders in which systemd looks
//! for units (`/etc/systemd/system`, `/usr/lib/systemd/system`) count as one.

mod credentials;
mod unit;

use crate::facts::{
    Class, Confidence, Edge, Facts, Key, Kind, Mode, Placement, PlacementKind, Schedule, ScheduleClass, Slot, Trigger,
    TriggerKind, Value, Who, Workload,
};
use crate::formats::{Format, Input, Probe, hosts};
use crate::syntax::{Node, Syntax};
use crate::text::Span;

use unit::{Sort, Unit};

/// Units of systemd.
pub(in crate::formats) static FORMAT: Format = Format {
    id: "systemd",
    title: "systemd units",
    reads: "services with account, commands, variables and credentials; timers, sockets and paths; drop-ins; templates",
    leaves: "Quadlet containers; of two accounts, one in a unit and one in its drop-in, which one holds",
    syntax: Syntax::Ini,
    recognise,
    extract,
};

fn recognise(probe: &Probe<'_>) -> bool {
    unit::name(probe.path, probe.text).is_some()
}

fn extract(input: &Input<'_>, facts: &mut Facts) {
    let Some(unit) = Unit::new(input) else { return };
    let key = key(input, &unit.path);
    let at = input.at(unit.head());
    let mut workload = Workload::new(key.clone(), unit.title(), at);
    workload.placement = Some(Placement { kind: PlacementKind::Host, labels: Vec::new(), at });
    match unit.sort {
        Sort::Service => {
            workload.triggers.extend(always(input, &unit));
            facts.workloads.push(workload);
            service(input, &unit, &key, facts);
        }
        Sort::Timer => {
            timer(input, &unit, &mut workload);
            facts.workloads.push(workload);
            invokes(input, &unit, &key, facts);
        }
        Sort::Socket | Sort::Path => {
            let word = if unit.sort == Sort::Socket { "socket" } else { "path" };
            let trigger = Trigger { kind: TriggerKind::Other, who: Who::Platform, word: word.to_owned(), at };
            workload.triggers.push(trigger);
            facts.workloads.push(workload);
            invokes(input, &unit, &key, facts);
        }
    }
}

fn key(input: &Input<'_>, path: &str) -> Key {
    Key::new(Kind::Workload, format!("systemd:{}", input.realm), path)
}

/// A service that a target wants, or that is restarted whenever it ends, runs as long as the host does.
fn always(input: &Input<'_>, unit: &Unit<'_>) -> Option<Trigger> {
    let wanted = ["WantedBy", "RequiredBy"].iter().find_map(|key| unit.all("Install", key).first().copied());
    let restarted = || unit.last("Service", "Restart").filter(|node| node.text() == Some("always"));
    let (node, word) = match wanted {
        Some(node) => (node, node.text()?.to_owned()),
        None => (restarted()?, "Restart=always".to_owned()),
    };
    Some(Trigger { kind: TriggerKind::Always, who: Who::Platform, word, at: input.place(node) })
}

/// Settings by which a timer elapses (systemd.timer(5)), with what they are.
const TIMES: [(&str, ScheduleClass); 6] = [
    ("OnCalendar", ScheduleClass::Calendar),
    ("OnUnitActiveSec", ScheduleClass::Rate),
    ("OnUnitInactiveSec", ScheduleClass::Rate),
    ("OnActiveSec", ScheduleClass::Event),
    ("OnBootSec", ScheduleClass::Event),
    ("OnStartupSec", ScheduleClass::Event),
];

fn timer(input: &Input<'_>, unit: &Unit<'_>, workload: &mut Workload) {
    for (key, class) in TIMES {
        for node in unit.all("Timer", key) {
            let text = format!("{key}={}", node.text().unwrap_or_default());
            workload.schedules.push(Schedule { text, class, at: input.place(node) });
            let word = "timer".to_owned();
            let at = input.place(node);
            workload.triggers.push(Trigger { kind: TriggerKind::Schedule, who: Who::Platform, word, at });
        }
    }
}

/// A timer, socket or path starts the unit that it names, else the service of its own name.
fn invokes(input: &Input<'_>, unit: &Unit<'_>, key: &Key, facts: &mut Facts) {
    let named = match unit.sort {
        Sort::Socket => unit.last("Socket", "Service"),
        Sort::Path => unit.last("Path", "Unit"),
        _ => unit.last("Timer", "Unit"),
    };
    if unit.drop_in && named.is_none() {
        return;
    }
    let per_connection = unit.last("Socket", "Accept").and_then(Node::truth) == Some(true);
    let own = format!("{}{}.service", unit.stem(), if per_connection { "@" } else { "" });
    let (name, span) = match named.and_then(|node| Some((node.text()?, node.span()))) {
        Some((name, span)) => (name.to_owned(), span),
        None => (own, unit.head()),
    };
    let name = name.replace("%i", unit.instance()).replace("%p", unit.stem());
    let value = if name.contains('%') || name.contains("{{") || name.contains("<%") {
        Value::unknown("an expression names the unit")
    } else {
        Value::literal(unit.sibling(&name))
    };
    let to = Slot::new(Kind::Workload, format!("systemd:{}", input.realm), value);
    facts.state(input.at(span), Edge::Invokes { from: key.clone(), to });
}

fn service(input: &Input<'_>, unit: &Unit<'_>, key: &Key, facts: &mut Facts) {
    account(input, unit, key, facts);
    commands(input, unit, key, facts);
    credentials::state(input, unit, key, facts);
}

fn account(input: &Input<'_>, unit: &Unit<'_>, key: &Key, facts: &mut Facts) {
    let user = unit.last("Service", "User").filter(|node| !unit.raw(*node).is_empty());
    let dynamic = unit.last("Service", "DynamicUser").filter(|node| node.truth() == Some(true));
    match (user, dynamic) {
        (Some(user), _) => {
            let text = unit.expanded(unit.raw(user));
            hosts::acts_as(input, key, &text, user.span(), Mode::Explicit, facts);
            hosts::lives_at_home(input, &text, input.text, user.span(), facts);
            if let Some(dynamic) = dynamic {
                made_for_it(input, &text, dynamic.span(), facts);
            }
        }
        (None, Some(dynamic)) => {
            let name = unit.stem().trim_end_matches('@');
            hosts::acts_as(input, key, name, dynamic.span(), Mode::Explicit, facts);
            made_for_it(input, name, dynamic.span(), facts);
        }
        (None, None) if unit.drop_in => {}
        (None, None) if unit.of_user() => match unit.home() {
            Some(user) => {
                hosts::acts_by_default(input, key, "systemd-user-unit", user, unit.head(), facts);
                hosts::lives_at_home(input, user, input.path, unit.head(), facts);
            }
            None => {
                let why = "a unit of users runs as each of them";
                hosts::acts_as_someone(input, key, "systemd-user-unit", why, unit.head(), facts);
            }
        },
        (None, None) => hosts::acts_by_default(input, key, "systemd-root", "root", unit.head(), facts),
    }
}

fn made_for_it(input: &Input<'_>, name: &str, span: Span, facts: &mut Facts) {
    if hosts::is_account_name(name) {
        let why = "systemd makes the account for this unit alone";
        hosts::add(input, name, span, Class::Workload, Confidence::High, why, facts);
    }
}

const COMMANDS: [&str; 7] =
    ["ExecCondition", "ExecStartPre", "ExecStart", "ExecStartPost", "ExecReload", "ExecStop", "ExecStopPost"];

fn commands(input: &Input<'_>, unit: &Unit<'_>, key: &Key, facts: &mut Facts) {
    let mut as_root = None;
    for node in COMMANDS.iter().flat_map(|name| unit.all("Service", name)) {
        let line = node.span().slice(input.text);
        let command = line.trim_start_matches(['@', '-', ':', '+', '!', '|']);
        let prefix = line.len() - command.len();
        if line.get(..prefix).is_some_and(|prefix| prefix.contains('+')) {
            as_root.get_or_insert(node.span().within(0, prefix));
        }
        let script = hosts::command(input, &unit.templates, node.span().within(prefix, line.len()));
        hosts::runs(input, key, &script, facts);
    }
    // With `+` a command keeps all privileges, whatever the account of the unit.
    if let Some(span) = as_root.filter(|_| unit.last("Service", "User").is_some()) {
        hosts::acts_as(input, key, "root", span, Mode::Explicit, facts);
    }
}

#[cfg(test)]
mod tests;
