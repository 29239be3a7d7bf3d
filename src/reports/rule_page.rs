//! The documentation page of a rule, as in `docs/rules/` and `whoacts explain`.

use std::fmt::Write as _;

use crate::frameworks;
use crate::rules::Definition;

/// The documentation page of a rule. `docs/rules/` holds one for each, and a test fails when one is stale.
#[must_use]
pub fn rule_page(rule: &Definition) -> String {
    let mut page = format!("# {}\n\n{}.\n\n", rule.id, rule.title.trim_end_matches('.'));
    let _ = writeln!(page, "## What breaks\n\n{}\n\n## What to do\n\n{}\n", rule.why.trim(), rule.fix.trim());
    let _ = writeln!(page, "Effort {}, done by: {}.\n", rule.effort.word(), rule.fix_by.word());
    if !rule.needs.is_empty() {
        let needs: Vec<_> = rule.needs.iter().map(|need| need.missing()).collect();
        let _ = writeln!(page, "Not evaluated when {}.\n", needs.join(", or when "));
    }
    if !rule.covers.is_empty() {
        let _ = writeln!(page, "Says more than, and replaces on the same subject: {}.\n", rule.covers.join(", "));
    }
    page.push_str("## What it bears on\n\n| framework | control | how | why |\n|---|---|---|---|\n");
    for (framework, uses) in &rule.controls {
        for one in uses {
            if let Ok(control) = frameworks::find(framework, &one.id) {
                let name = format!("{} {}", control.id, control.name);
                let linked = if control.url.is_empty() { name } else { format!("[{name}]({})", control.url) };
                let _ = writeln!(
                    page,
                    "| {} {} | {linked} | {} | {} |",
                    control.framework,
                    control.edition,
                    one.relation.word(),
                    one.because.trim()
                );
            }
        }
    }
    if !rule.aliases.is_empty() {
        let _ = writeln!(page, "\nAlso known as {}.", rule.aliases.join(", "));
    }
    page
}
