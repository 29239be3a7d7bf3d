//! Scripts in `cron.hourly`, `cron.daily`, `cron.weekly` and `cron.monthly`, which run-parts runs as root.
//!
//! Source: cron(8) and run-parts(8) of Debian: names outside of `[A-Za-z0-9_-]` are skipped.

use crate::facts::{Facts, Key, Kind, ScheduleClass, Workload};
use crate::formats::{Format, Input, Probe, hosts, shell};
use crate::syntax::Syntax;
use crate::text::Span;

/// Scripts of run-parts.
pub(in crate::formats) static FORMAT: Format = Format {
    id: "cron-scripts",
    title: "scripts of cron.daily and its like",
    reads: "that they run as root, how often, and what their command lines say",
    leaves: "scripts of other languages than the shell",
    syntax: Syntax::Lines,
    recognise,
    extract,
};

/// The folder's schedule, when the path lies in such a folder.
fn period(path: &str) -> Option<&'static str> {
    let (folder, _) = path.rsplit_once('/')?;
    match folder.rsplit('/').next()? {
        "cron.hourly" => Some("hourly"),
        "cron.daily" => Some("daily"),
        "cron.weekly" => Some("weekly"),
        "cron.monthly" => Some("monthly"),
        _ => None,
    }
}

fn recognise(probe: &Probe<'_>) -> bool {
    period(probe.path).is_some() && probe.text.starts_with("#!")
}

fn extract(input: &Input<'_>, facts: &mut Facts) {
    let Some(period) = period(input.path) else { return };
    let path = hosts::rendered(input.path);
    let name = shell::base_name(path);
    let first = input.text.lines().next().unwrap_or_default();
    let head = Span::new(0, first.len());
    let at = input.at(head);
    let key = Key::new(Kind::Workload, format!("cron-scripts:{}", input.realm), path);
    let mut workload = Workload::new(key.clone(), format!("cron.{period}: {name}"), at);
    hosts::by_clock(&mut workload, "run-parts", period.to_owned(), ScheduleClass::Calendar, at);
    let run = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    workload.enabled = (!run).then_some(false);
    facts.workloads.push(workload);
    hosts::acts_by_default(input, &key, "run-parts-root", "root", head, facts);
    let interpreter = first.trim_end().rsplit(['/', ' ']).find(|word| !word.starts_with('-')).unwrap_or_default();
    if matches!(interpreter, "sh" | "bash" | "dash" | "zsh" | "ksh" | "ash") {
        hosts::runs(input, &key, &shell::read(input.text, 0), facts);
    } else {
        facts.gap(head, "a script that no shell runs");
    }
}

#[cfg(test)]
mod tests {
    use crate::facts::Edge;
    use crate::formats::read;
    use crate::text::SourceId;

    #[test]
    fn scripts_run_as_root_unless_run_parts_skips_them() {
        let text = "#!/bin/sh -e\ntest -x /x || exit 0\nsu - backup -c '/usr/local/bin/dump'\n";
        let facts = |path| read(SourceId(0), path, "r", text).facts;
        let found = facts("files/etc/cron.daily/dump");
        assert_eq!(found.workloads[0].title, "cron.daily: dump");
        assert_eq!(found.workloads[0].enabled, None);
        let acts = |fact: &&crate::facts::Fact| matches!(fact.edge, Edge::RunsAs { .. });
        assert_eq!(found.facts.iter().filter(acts).count(), 2);
        assert_eq!(facts("etc/cron.weekly/dump.sh").workloads[0].enabled, Some(false));
        assert_eq!(facts("etc/cron.weekly/dump.erb").workloads[0].enabled, None);
        assert!(facts("bin/dump").workloads.is_empty());
    }
}
