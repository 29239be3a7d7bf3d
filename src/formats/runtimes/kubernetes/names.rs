//! Names and namespaces: what is literal, what an expression decides, and what a later step fills in.
//!
//! A manifest often leaves its namespace out, and Kustomize, Helm or `kubectl -n` sets it. It would be wrong to read
//! that as the namespace `default`: then the unrelated `app` accounts of a hundred folders would be one. So a missing
//! namespace is a word made of the chart (`chart:charts/shop`) or the folder (`folder:deploy/shop`) of the file: what lies
//! together meets, what lies apart does not.

use super::Reader;
use super::object::Object;
use crate::facts::Value;
use crate::syntax::{Node, Style};

/// Where the objects of a file are at home.
pub(super) struct Home {
    /// Stands for the namespace that the file does not name.
    word: String,
    /// Within it, equal expressions are equal: the folder of the chart, or of the file.
    scope: String,
    /// The file has template actions of a chart around it.
    pub(super) chart: bool,
}

/// A namespace as a file gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Namespace {
    /// Its part of a realm.
    pub(super) word: String,
    /// Its name, where the file says it.
    pub(super) name: Option<String>,
}

impl Namespace {
    fn literal(name: &str) -> Self {
        Self { word: name.to_owned(), name: Some(name.to_owned()) }
    }

    /// A name for people: with the namespace, where there is one.
    pub(super) fn title(&self, name: &str) -> String {
        self.name.as_ref().map_or_else(|| name.to_owned(), |namespace| format!("{namespace}/{name}"))
    }
}

impl Home {
    /// The home of a file; `given` is the namespace that the file gives away, see [`given_away`].
    pub(super) fn of(path: &str, given: Option<&str>) -> Self {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let (kind, scope) = match chart(path) {
            Some(chart) => ("chart", chart),
            None => ("folder", folder),
        };
        let word = given.map_or_else(|| format!("{kind}:{scope}"), str::to_owned);
        Self { word, scope: scope.to_owned(), chart: kind == "chart" }
    }
}

/// The folder of the chart to which a template belongs.
fn chart(path: &str) -> Option<&str> {
    match path.rfind("/templates/") {
        Some(at) => path.get(..at),
        None => path.starts_with("templates/").then_some(""),
    }
}

/// The namespace that a file gives away although its objects leave it out: a binding must name the namespace of its
/// subjects, so where it names an account that the file defines without one, that is the namespace of them all.
pub(super) fn given_away<'t>(objects: &[Object<'t>]) -> Option<&'t str> {
    let unplaced = |object: &&Object<'_>| {
        object.kind == "ServiceAccount" && object.metadata().is_some_and(|metadata| metadata.get("namespace").is_none())
    };
    let accounts: Vec<&str> = objects.iter().filter(unplaced).filter_map(|object| object.name()?.literal()).collect();
    let bindings = objects.iter().filter(|object| object.kind.ends_with("RoleBinding"));
    let subjects = bindings.filter_map(|binding| binding.node.get("subjects")).flat_map(Node::items);
    let named = subjects.filter(|subject| subject.get_str("name").is_some_and(|name| accounts.contains(&name)));
    let mut places = named.filter_map(|subject| subject.get_str("namespace")).filter(|place| is_literal(place));
    let first = places.next()?;
    places.all(|place| place == first).then_some(first)
}

/// Whether a scalar says anything: what a template alone on its line fills in reads as nothing.
pub(super) fn is_given(node: Node<'_>) -> bool {
    node.text().is_some_and(|text| !text.is_empty()) && !node.is_null()
}

/// No variable of a later step (`${VAR}`, `$VAR`, `$(VAR)`, `{{ … }}`) in it. No name has a dollar sign.
fn is_literal(name: &str) -> bool {
    !name.contains('$') && !name.contains("{{")
}

/// Whether a later step fills in a part of a value. Values may have dollar signs of their own.
pub(super) fn is_filled_in(value: &str) -> bool {
    ["${", "$(", "{{"].iter().any(|mark| value.contains(mark))
}

/// Whether an expression depends on where it stands: a variable of the template (`$name`), or a field of whatever the
/// dot is inside of a loop (`.name`, as against `.Values.name`).
fn is_local(expr: &str) -> bool {
    let words = expr.split(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '{' | '}' | '|'));
    let passed_on = expr.contains("include ") || expr.contains("template ");
    let is_local = |word: &str| match word.strip_prefix('.') {
        Some("") => !passed_on,
        Some(field) => field.starts_with(|c: char| c.is_lowercase()),
        None => word.strip_prefix('$').is_some_and(|name| name.starts_with(|c: char| c.is_lowercase())),
    };
    words.into_iter().any(is_local)
}

/// A value for people. An expression that is a part of a text stays as the file writes it.
pub(super) fn label(value: &Value) -> String {
    match value {
        Value::Symbol { expr, .. } if expr.contains("{{") || expr.contains('$') => expr.clone(),
        value => value.label(),
    }
}

impl Reader<'_> {
    /// What a scalar says: a literal, or an expression that means the same everywhere in its chart or folder.
    pub(super) fn value(&self, node: Node<'_>) -> Value {
        match (node.text(), node.style()) {
            (Some(text), Style::Plain | Style::Quoted) if is_literal(text) => Value::literal(text),
            (Some(text), style) => {
                let expr = expression(text);
                let local = style == Style::Template && is_local(&expr);
                Value::symbol(&expr, if local { self.input.path } else { &self.home.scope })
            }
            (None, _) => Value::unknown("no plain value"),
        }
    }

    /// The name of an object as a part of keys: an expression takes a form that no literal has.
    pub(super) fn key_name(&self, node: Node<'_>) -> Option<String> {
        self.value(node).names().into_iter().next()
    }

    /// The namespace that a field names; a missing field is the home of the file.
    pub(super) fn namespace(&self, node: Option<Node<'_>>) -> Namespace {
        let Some(node) = node.filter(|node| is_given(*node)) else {
            return self.home();
        };
        match self.value(node) {
            Value::Literal(name) => Namespace::literal(&name),
            Value::Symbol { expr, .. } if is_of_release(&expr) => self.home(),
            value => Namespace { word: format!("{}/{}", self.home.word, label(&value)), name: None },
        }
    }

    /// The namespace of an object.
    pub(super) fn namespace_of(&self, object: &Object<'_>) -> Namespace {
        self.namespace(object.metadata().and_then(|metadata| metadata.get("namespace")))
    }

    fn home(&self) -> Namespace {
        let given = !self.home.word.contains(':');
        Namespace { word: self.home.word.clone(), name: given.then(|| self.home.word.clone()) }
    }
}

/// Whether an expression is the namespace of the release, which is also where an object without one goes.
fn is_of_release(expr: &str) -> bool {
    expr == ".Release.Namespace" || (expr.starts_with("include") && expr.contains(".namespace\""))
}

/// An expression in one spelling: without braces and quoting, `template` as `include`, `$` as the dot.
pub(super) fn expression(text: &str) -> String {
    let text = text.trim();
    let only = text.strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}")).filter(|inner| !inner.contains("}}"));
    let Some(inner) = only else { return text.to_owned() };
    let inner = inner.strip_prefix('-').unwrap_or(inner);
    let mut inner = inner.strip_suffix('-').unwrap_or(inner).trim();
    for filter in ["quote", "squote"] {
        let bare = inner.strip_suffix(filter).and_then(|rest| rest.trim_end().strip_suffix('|'));
        inner = bare.map_or(inner, str::trim_end);
    }
    let inner = inner.strip_prefix("template ").map_or_else(|| inner.to_owned(), |rest| format!("include {rest}"));
    let inner = inner.replace("$.", ".");
    inner.strip_suffix(" $").map_or_else(|| inner.clone(), |rest| format!("{rest} ."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_expression_has_one_spelling() {
        let one = r#"include "shop.serviceAccountName" ."#;
        for text in [
            r#"{{ include "shop.serviceAccountName" . }}"#,
            r#"{{- template "shop.serviceAccountName" $ -}}"#,
            r#"{{ include "shop.serviceAccountName" . | quote }}"#,
        ] {
            assert_eq!(expression(text), one);
        }
        assert_eq!(expression("{{ $.Values.name }}"), ".Values.name");
        assert_eq!(expression("{{ .a }}-{{ .b }}"), "{{ .a }}-{{ .b }}");
    }

    #[test]
    fn an_expression_that_depends_on_its_place_means_nothing_elsewhere() {
        for expr in ["$secret", ".", ".name", "{{ $name }}-api", "printf \"%s\" .existingSecret"] {
            assert!(is_local(expr), "{expr}");
        }
        for expr in [".Values.name", "include \"a.b\" .", "${NAMESPACE}", "{{ .Release.Name }}-api", "$(NAME)"] {
            assert!(!is_local(expr), "{expr}");
        }
    }

    #[test]
    fn a_chart_is_the_home_of_its_templates_and_a_folder_that_of_the_rest() {
        assert_eq!(Home::of("charts/shop/templates/worker/deployment.yaml", None).word, "chart:charts/shop");
        assert_eq!(Home::of("templates/deployment.yaml", None).word, "chart:");
        assert_eq!(Home::of("deploy/base/app.yaml", None).word, "folder:deploy/base");
        assert_eq!(Home::of("app.yaml", None).word, "folder:");
        assert_eq!(Home::of("deploy/base/app.yaml", Some("shop")).word, "shop");
    }
}
