//! Can a job or a step run on an event? Conditions are evaluated with three values: yes, no, and "only the platform
//! knows". What may run counts as running.

use super::expression::{Expr, Op, Path, Piece, parse, pieces};
use crate::catalog;
use crate::facts::Who;
use crate::syntax::Node;

/// Functions that let a job or step run although something before it failed or was skipped.
const STATUS_FUNCTIONS: [&str; 3] = ["always", "cancelled", "failure"];

/// What stands under `if:`.
#[derive(Clone, Debug, Default)]
pub(super) struct Condition(Option<Expr>);

impl Condition {
    /// Reads the condition of a job or a step.
    pub(super) fn of(node: Node<'_>) -> Self {
        let Some(text) = node.get("if").and_then(Node::text) else { return Self(None) };
        match pieces(text).as_slice() {
            [Piece::Expr(inner)] => Self(parse(inner)),
            // Text around an expression makes a string that is never empty, so the condition always holds.
            parts if parts.iter().any(|piece| matches!(piece, Piece::Expr(_))) => Self(None),
            _ => Self(parse(text.trim())),
        }
    }

    /// Whether it may hold on an event.
    pub(super) fn admits(&self, situation: &Situation) -> bool {
        self.0.as_ref().is_none_or(|expr| evaluate(expr, Some(situation)).is_none_or(|known| known.truthy()))
    }

    /// Whether it holds on no event whatever (`if: false`).
    pub(super) fn never(&self) -> bool {
        self.0.as_ref().is_some_and(|expr| evaluate(expr, None).is_some_and(|known| !known.truthy()))
    }

    /// Whether it lets the job run although one that it needs was skipped.
    pub(super) fn outlives_skips(&self) -> bool {
        self.0.as_ref().is_some_and(|expr| expr.calls(&STATUS_FUNCTIONS))
    }
}

/// An event, and who makes it happen.
#[derive(Clone, Debug)]
pub(super) struct Situation {
    /// The platform's word for the event; none when the workflow is called and the event is the caller's.
    pub(super) event: Option<String>,
    /// Who makes it happen.
    pub(super) who: Who,
    /// What `github.ref` is known to start with.
    pub(super) ref_prefix: Option<&'static str>,
    /// The pull request was merged, which takes someone with rights.
    pub(super) merged: bool,
    /// How GitHub calls the outsider in `author_association`.
    pub(super) association: &'static str,
}

/// What is known of a value.
#[derive(Clone, Debug, PartialEq)]
enum Known {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    /// A text that starts so.
    Prefix(&'static str),
    /// Equal to itself only: this repository, a fork, the owner.
    Token(&'static str),
    /// The login of someone from outside.
    Stranger,
    /// Something that is there.
    Present,
    List(Vec<String>),
}

impl Known {
    fn truthy(&self) -> bool {
        match self {
            Known::Null => false,
            Known::Bool(value) => *value,
            Known::Number(value) => *value != 0.0,
            Known::Text(text) => !text.is_empty(),
            _ => true,
        }
    }
}

fn evaluate(expr: &Expr, situation: Option<&Situation>) -> Option<Known> {
    match expr {
        Expr::Null => Some(Known::Null),
        Expr::Bool(value) => Some(Known::Bool(*value)),
        Expr::Number(value) => Some(Known::Number(*value)),
        Expr::Text(text) => Some(Known::Text(text.clone())),
        Expr::Path(path) => look_up(path, situation?),
        Expr::Call { name, args, whole } => call(name, args, situation).filter(|_| *whole),
        Expr::Not(inner) => evaluate(inner, situation).map(|known| Known::Bool(!known.truthy())),
        Expr::And(left, right) => match (evaluate(left, situation), evaluate(right, situation)) {
            (Some(left), right) => {
                if left.truthy() {
                    right
                } else {
                    Some(left)
                }
            }
            (None, Some(right)) if !right.truthy() => Some(Known::Bool(false)),
            (None, _) => None,
        },
        Expr::Or(left, right) => match (evaluate(left, situation), evaluate(right, situation)) {
            (Some(left), right) => {
                if left.truthy() {
                    Some(left)
                } else {
                    right
                }
            }
            (None, Some(right)) if right.truthy() => Some(Known::Bool(true)),
            (None, _) => None,
        },
        Expr::Compare { op, left, right } => {
            let same = equal(&evaluate(left, situation)?, &evaluate(right, situation)?);
            match op {
                Op::Equal => same.map(Known::Bool),
                Op::Unequal => same.map(|same| Known::Bool(!same)),
                Op::Order => None,
            }
        }
    }
}

fn equal(left: &Known, right: &Known) -> Option<bool> {
    match (left, right) {
        (Known::Text(left), Known::Text(right)) => Some(left.eq_ignore_ascii_case(right)),
        (Known::Bool(left), Known::Bool(right)) => Some(left == right),
        (Known::Null, Known::Null) => Some(true),
        // A missing value compares as an empty string, or as the number zero.
        (Known::Null, Known::Text(text)) | (Known::Text(text), Known::Null) => Some(text.is_empty()),
        (Known::Null, Known::Bool(value)) | (Known::Bool(value), Known::Null) => Some(!value),
        (Known::Null, Known::Token(_) | Known::Stranger | Known::Present | Known::Prefix(_))
        | (Known::Token(_) | Known::Stranger | Known::Present | Known::Prefix(_), Known::Null) => Some(false),
        (Known::Text(text), Known::Token(_) | Known::Present | Known::Prefix(_))
        | (Known::Token(_) | Known::Present | Known::Prefix(_), Known::Text(text))
            if text.is_empty() =>
        {
            Some(false)
        }
        (Known::Prefix(prefix), Known::Text(text)) | (Known::Text(text), Known::Prefix(prefix)) => {
            if starts_with(text, prefix) { None } else { Some(false) }
        }
        (Known::Token(left), Known::Token(right)) => Some(left == right),
        // A bot's name in `github.actor` can be brought about from outside, so it keeps nobody out.
        (Known::Stranger, Known::Text(text)) | (Known::Text(text), Known::Stranger) => {
            if text.is_empty() || !catalog::is_robot(text) { Some(false) } else { None }
        }
        (Known::Stranger, Known::Token("owner")) | (Known::Token("owner"), Known::Stranger) => Some(false),
        _ => None,
    }
}

fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

fn call(name: &str, args: &[Expr], situation: Option<&Situation>) -> Option<Known> {
    let arg = |at: usize| args.get(at).and_then(|arg| evaluate(arg, situation));
    match name {
        "contains" => contains(&arg(0)?, &arg(1)?).map(Known::Bool),
        "startswith" => match (arg(0)?, arg(1)?) {
            (Known::Text(text), Known::Text(start)) => Some(Known::Bool(starts_with(&text, &start))),
            (Known::Null, Known::Text(start)) => Some(Known::Bool(start.is_empty())),
            (Known::Prefix(prefix), Known::Text(start)) if starts_with(prefix, &start) => Some(Known::Bool(true)),
            (Known::Prefix(prefix), Known::Text(start)) if !starts_with(&start, prefix) => Some(Known::Bool(false)),
            _ => None,
        },
        "endswith" => match (arg(0)?, arg(1)?) {
            (Known::Text(text), Known::Text(end)) => {
                Some(Known::Bool(text.to_ascii_lowercase().ends_with(&end.to_ascii_lowercase())))
            }
            (Known::Null, Known::Text(end)) => Some(Known::Bool(end.is_empty())),
            _ => None,
        },
        "fromjson" => match arg(0)? {
            Known::Text(text) => from_json(&text),
            _ => None,
        },
        _ => None,
    }
}

fn from_json(text: &str) -> Option<Known> {
    match serde_json::from_str(text).ok()? {
        serde_json::Value::Null => Some(Known::Null),
        serde_json::Value::Bool(value) => Some(Known::Bool(value)),
        serde_json::Value::String(text) => Some(Known::Text(text)),
        serde_json::Value::Array(items) => {
            items.into_iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<_>>().map(Known::List)
        }
        _ => None,
    }
}

fn contains(haystack: &Known, needle: &Known) -> Option<bool> {
    match (haystack, needle) {
        (Known::List(items), needle) => {
            let hits: Vec<_> = items.iter().map(|item| equal(&Known::Text(item.clone()), needle)).collect();
            if hits.contains(&Some(true)) {
                Some(true)
            } else {
                hits.iter().all(|hit| *hit == Some(false)).then_some(false)
            }
        }
        (Known::Text(text), Known::Text(part)) => Some(text.to_ascii_lowercase().contains(&part.to_ascii_lowercase())),
        (Known::Null, Known::Text(part)) => Some(part.is_empty()),
        _ => None,
    }
}

/// What a context holds on an event. Names of contexts: docs.github.com, "Contexts reference" and "Events that trigger
/// workflows".
fn look_up(path: &Path, situation: &Situation) -> Option<Known> {
    let dotted = path.dotted()?;
    let outsider = situation.who == Who::Outsider;
    let Some(rest) = dotted.strip_prefix("github.") else {
        return dotted.strip_prefix("inputs.").and_then(|_| inputs(situation));
    };
    if let Some(payload) = rest.strip_prefix("event.") {
        return look_up_payload(payload, situation);
    }
    let event = situation.event.as_deref();
    match rest {
        "event_name" => event.map(|event| Known::Text(event.to_owned())),
        "ref" => situation.ref_prefix.map(Known::Prefix),
        "ref_type" => match situation.ref_prefix? {
            "refs/tags/" => Some(Known::Text("tag".to_owned())),
            _ => Some(Known::Text("branch".to_owned())),
        },
        "head_ref" | "base_ref" => {
            Some(if event?.starts_with("pull_request") { Known::Present } else { Known::Text(String::new()) })
        }
        "repository" => Some(Known::Token("repository")),
        "repository_owner" => Some(Known::Token("owner")),
        "actor" | "triggering_actor" => outsider.then_some(Known::Stranger),
        _ => None,
    }
}

fn inputs(situation: &Situation) -> Option<Known> {
    let event = situation.event.as_deref()?;
    (!matches!(event, "workflow_dispatch" | "repository_dispatch")).then_some(Known::Null)
}

/// What the payload of the event holds.
fn look_up_payload(path: &str, situation: &Situation) -> Option<Known> {
    let event = situation.event.as_deref()?;
    let outsider = situation.who == Who::Outsider;
    let (object, field) = path.split_once('.').unwrap_or((path, ""));
    let carried = match object {
        "pull_request" => event.starts_with("pull_request"),
        "comment" => event.ends_with("comment"),
        "issue" => event.starts_with("issue"),
        "workflow_run" => event == "workflow_run",
        "release" => event == "release",
        "schedule" => event == "schedule",
        "inputs" => return inputs(situation),
        "repository" if field == "full_name" => return Some(Known::Token("repository")),
        "sender" if field == "login" => return outsider.then_some(Known::Stranger),
        _ => return None,
    };
    if !carried {
        return Some(Known::Null);
    }
    let fork = || Some(Known::Token(if outsider { "fork" } else { "repository" }));
    let author = matches!(object, "pull_request" | "comment") || event == "issues";
    match (object, field) {
        (_, "") => (object != "schedule").then_some(Known::Present),
        ("pull_request", "head.repo.full_name") | ("workflow_run", "head_repository.full_name") => fork(),
        ("pull_request", "base.repo.full_name") => Some(Known::Token("repository")),
        ("pull_request", "head.repo.fork") | ("workflow_run", "head_repository.fork") => Some(Known::Bool(outsider)),
        ("pull_request", "head.repo.owner.login" | "head.user.login") => {
            Some(if outsider { Known::Stranger } else { Known::Token("owner") })
        }
        ("pull_request", "merged") => Some(Known::Bool(situation.merged)),
        ("pull_request", "merged_at") => Some(if situation.merged { Known::Present } else { Known::Null }),
        ("pull_request", "number") => Some(Known::Present),
        ("workflow_run", "event") => outsider.then(|| Known::Text("pull_request".to_owned())),
        (_, "author_association") if author => {
            Some(Known::Text(if outsider { situation.association } else { "MEMBER" }.to_owned()))
        }
        (_, "user.login") if author && outsider => Some(Known::Stranger),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::{Syntax, parse as parse_tree};

    fn on(event: &str, who: Who) -> Situation {
        let ref_prefix = match event {
            "pull_request" => Some("refs/pull/"),
            "push" => Some("refs/heads/"),
            _ => None,
        };
        Situation { event: Some(event.to_owned()), who, ref_prefix, merged: false, association: "NONE" }
    }

    fn admits(condition: &str, situation: &Situation) -> bool {
        let tree = parse_tree(Syntax::Yaml, &format!("if: {condition}\n"));
        Condition::of(tree.root().unwrap()).admits(situation)
    }

    #[test]
    fn guards_against_pull_requests_are_understood() {
        let pull = on("pull_request", Who::Insider);
        for guard in [
            "github.event_name != 'pull_request'",
            "${{ github.event_name == 'push' || github.event_name == 'release' }}",
            "github.ref == 'refs/heads/main'",
            "startsWith(github.ref, 'refs/tags/') && always()",
            "\"!startsWith(github.event_name, 'pull_')\"",
            "contains(fromJSON('[\"push\", \"workflow_dispatch\"]'), github.event_name)",
            "\"!github.event.pull_request\"",
            "github.head_ref == ''",
            "inputs.publish == 'true'",
            "false",
        ] {
            assert!(!admits(guard, &pull), "{guard}");
        }
        for open in [
            "always()",
            "github.event_name == 'pull_request'",
            "github.repository == 'acme/shop'",
            "github.event.pull_request.head.repo.full_name == github.repository",
            "text ${{ github.event_name == 'push' }}",
            "steps.changes.outputs.any == 'true'",
            "github.event_name != 'push' ||",
        ] {
            assert!(admits(open, &pull), "{open}");
        }
    }

    #[test]
    fn guards_against_outsiders_are_understood() {
        let fork = on("pull_request_target", Who::Outsider);
        let member = on("pull_request_target", Who::Insider);
        for guard in [
            "github.event.pull_request.head.repo.full_name == github.repository",
            "github.event.pull_request.head.repo.fork == false",
            "\"!github.event.pull_request.head.repo.fork\"",
            "github.actor == 'ann'",
            "contains('[\"OWNER\",\"MEMBER\"]', github.event.pull_request.author_association)",
            "github.event.pull_request.head.repo.owner.login == github.repository_owner",
        ] {
            assert!(!admits(guard, &fork), "{guard}");
        }
        assert!(admits("github.event.pull_request.head.repo.full_name == github.repository", &member));
        assert!(admits("github.actor == 'dependabot[bot]'", &fork));
        assert!(admits("contains(github.event.pull_request.labels.*.name, 'safe')", &fork));
        let comment = on("issue_comment", Who::Outsider);
        let guard =
            "github.event.comment.author_association == 'MEMBER' && startsWith(github.event.comment.body, '/go')";
        assert!(!admits(guard, &comment));
        assert!(admits(guard, &on("issue_comment", Who::Insider)));
    }

    #[test]
    fn conditions_that_never_hold_are_known() {
        let never = |text: &str| {
            let tree = parse_tree(Syntax::Yaml, text);
            Condition::of(tree.root().unwrap()).never()
        };
        assert!(never("if: false"));
        assert!(never("if: ${{ false && github.ref }}"));
        assert!(!never("if: github.ref == 'x'"));
        assert!(!never("run: x"));
    }
}
