//! `anacrontab`: jobs by period for hosts that are not always on.
//!
//! Source: anacrontab(5) 2.3: `period delay job-identifier command`, variables as in a crontab, everything as root.

use crate::facts::{Facts, Key, Kind, ScheduleClass, Workload};
use crate::formats::shell::{self, Assignment};
use crate::formats::{Format, Input, Probe, hosts};
use crate::syntax::{Line, Syntax, lines};
use crate::text::Span;

/// `anacrontab`.
pub(in crate::formats) static FORMAT: Format = Format {
    id: "anacron",
    title: "anacrontab",
    reads: "jobs of anacron with their period, command and variables",
    leaves: "what the called scripts do",
    syntax: Syntax::Lines,
    recognise,
    extract,
};

fn recognise(probe: &Probe<'_>) -> bool {
    let name = hosts::rendered(probe.file_name());
    (name == "anacrontab" || name.ends_with(".anacrontab")) && lines(probe.text).any(|line| job(&line).is_some())
}

struct Job<'t> {
    period: Span,
    name: &'t str,
    command: Span,
}

/// `period delay job-identifier command`; the period is a number of days or a nickname.
fn job<'t>(line: &Line<'t>) -> Option<Job<'t>> {
    let mut at = 0;
    let mut field = || {
        let rest = line.text.get(at..)?;
        let word = rest.trim_start();
        let lo = at + rest.len() - word.len();
        at = lo + word.find([' ', '\t']).unwrap_or(word.len());
        (lo < at).then_some((lo, at))
    };
    let (period, delay, name) = (field()?, field()?, field()?);
    let text = |(lo, hi): (usize, usize)| line.text.get(lo..hi).unwrap_or_default();
    let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let nickname = matches!(text(period), "@daily" | "@weekly" | "@monthly" | "@yearly" | "@annually");
    if !(number(text(period)) || nickname) || !number(text(delay)) {
        return None;
    }
    let (lo, _) = field()?;
    let command = line.span.within(lo, line.text.trim_end().len());
    Some(Job { period: line.span.within(period.0, period.1), name: text(name), command })
}

fn extract(input: &Input<'_>, facts: &mut Facts) {
    let mut assigned: Vec<Assignment> = Vec::new();
    let mut mailto = None;
    for line in lines(input.text) {
        let text = line.text.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        if let Some(job) = job(&line) {
            state(input, &line, &job, &assigned, mailto, facts);
        } else if let Some((name, value)) = line.text.split_once('=') {
            let (name, at) = (name.trim(), name.len() + 1);
            let span = line.span.within(at, line.text.len());
            let value = hosts::unquoted(value);
            if name == "MAILTO" {
                mailto = Some((value, span));
            }
            assigned.retain(|known| known.name != name);
            assigned.push(Assignment { name: name.to_owned(), value: value.to_owned(), span, literal: true });
        } else {
            facts.gap(line.span, "anacrontab: a line that is no job, variable or comment");
        }
    }
}

fn state(
    input: &Input<'_>,
    line: &Line<'_>,
    job: &Job<'_>,
    assigned: &[Assignment],
    mailto: Option<(&str, Span)>,
    facts: &mut Facts,
) {
    let realm = format!("anacron:{}", input.realm);
    let key = Key::new(Kind::Workload, realm, format!("{}: {}", input.path, job.name));
    let at = input.at(line.span);
    let mut workload = Workload::new(key.clone(), format!("anacrontab: {}", job.name), at);
    let period = job.period.slice(input.text);
    let text = if period.starts_with('@') { period.to_owned() } else { format!("every {period} days") };
    hosts::by_clock(&mut workload, "anacron", text, ScheduleClass::Rate, input.at(job.period));
    facts.workloads.push(workload);
    hosts::acts_by_default(input, &key, "anacron-root", "root", line.span, facts);
    let script = shell::read(job.command.slice(input.text), job.command.lo as usize);
    shell::credentials_of(input, &key, assigned, facts);
    hosts::runs(input, &key, &script, facts);
    if let Some((address, span)) = mailto.filter(|(address, _)| hosts::is_account_name(address)) {
        hosts::writes_to(input, &key, address, span, facts);
    }
}

#[cfg(test)]
mod tests {
    use crate::formats::read;
    use crate::text::SourceId;

    #[test]
    fn jobs_run_as_root_at_their_period() {
        let text = "SHELL=/bin/sh\nHOME=/root\n# comment\n1\t5\tcron.daily\trun-parts --report /etc/cron.daily\n@monthly 15 cron.monthly nice run-parts /etc/cron.monthly\nnonsense\n";
        let facts = read(SourceId(0), "etc/anacrontab", "r", text).facts;
        let found: Vec<_> =
            facts.workloads.iter().map(|one| (one.title.as_str(), one.schedules[0].text.as_str())).collect();
        assert_eq!(found, [("anacrontab: cron.daily", "every 1 days"), ("anacrontab: cron.monthly", "@monthly")]);
        assert_eq!((facts.facts.len(), facts.gaps.len()), (2, 1));
    }
}
