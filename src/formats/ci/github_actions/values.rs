//! What a field with expressions in it may hold: literal outcomes where the file has them, else a symbol.

use super::expression::{Expr, Piece, parse, pieces};
use crate::facts::Value;
use crate::syntax::{Node, Shape};

/// More outcomes than this make a symbol.
const MOST_OUTCOMES: usize = 32;
/// Variables that stand for variables: further than this nobody goes.
const MAX_DEPTH: usize = 8;

/// Where an expression stands, for what it refers to.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope<'t> {
    /// The repository's realm.
    pub(super) realm: String,
    /// Path of the file.
    pub(super) path: String,
    /// Id of the job; empty outside of jobs.
    pub(super) job: String,
    /// The job's environment as written, which may shadow secrets and variables; empty without one.
    pub(super) environment: String,
    /// `strategy.matrix`.
    pub(super) matrix: Option<Node<'t>>,
    /// `env` maps, innermost first.
    pub(super) env: Vec<Node<'t>>,
    /// Inputs of `workflow_dispatch`, whose choices are listed.
    pub(super) inputs: Option<Node<'t>>,
}

impl<'t> Scope<'t> {
    /// The same scope with a further, inner `env` map.
    pub(super) fn with_env(&self, env: Option<Node<'t>>) -> Self {
        let mut scope = self.clone();
        if let Some(env) = env {
            scope.env.insert(0, env);
        }
        scope
    }

    /// The value of an environment variable, as the innermost map that has it says.
    pub(super) fn variable(&self, name: &str) -> Option<Node<'t>> {
        self.env.iter().find_map(|env| env.get(name))
    }

    /// What a text may come to. Empty outcomes are kept: they say that the field may be absent.
    pub(super) fn value(&self, text: &str) -> Value {
        let mut outcomes = self.outcomes(text, 0);
        outcomes.sort_by_key(Value::names);
        outcomes.dedup();
        if outcomes.len() == 1 { outcomes.remove(0) } else { Value::OneOf(outcomes) }
    }

    /// What an expression may come to; `source` is how it is written.
    pub(super) fn value_of(&self, expr: &Expr, source: &str) -> Value {
        let mut outcomes = self.of_expr(expr, source, 0);
        if outcomes.len() == 1 { outcomes.remove(0) } else { Value::OneOf(outcomes) }
    }

    fn outcomes(&self, text: &str, depth: usize) -> Vec<Value> {
        let text = text.trim();
        let pieces = pieces(text);
        if let [Piece::Expr(inner)] = pieces.as_slice() {
            return match parse(inner) {
                Some(expr) if depth < MAX_DEPTH => self.of_expr(&expr, inner, depth),
                _ => vec![self.symbol(inner)],
            };
        }
        let mut texts = vec![String::new()];
        for piece in pieces {
            let parts: Vec<String> = match piece {
                Piece::Text(part) => vec![part.to_owned()],
                Piece::Expr(inner) => {
                    let Some(expr) = parse(inner).filter(|_| depth < MAX_DEPTH) else { return vec![self.symbol(text)] };
                    let literal = |value: &Value| value.as_literal().map(str::to_owned);
                    match self.of_expr(&expr, inner, depth).iter().map(literal).collect::<Option<Vec<_>>>() {
                        Some(parts) => parts,
                        None => return vec![self.symbol(text)],
                    }
                }
            };
            texts = texts.iter().flat_map(|head| parts.iter().map(move |part| format!("{head}{part}"))).collect();
            if texts.len() > MOST_OUTCOMES {
                return vec![self.symbol(text)];
            }
        }
        texts.into_iter().map(Value::Literal).collect()
    }

    fn of_expr(&self, expr: &Expr, source: &str, depth: usize) -> Vec<Value> {
        let outcomes = self.reduce(expr, source, depth);
        if outcomes.len() > MOST_OUTCOMES { vec![self.symbol(source)] } else { outcomes }
    }

    fn reduce(&self, expr: &Expr, source: &str, depth: usize) -> Vec<Value> {
        let falsy = |value: &Value| matches!(value.as_literal(), Some("" | "false"));
        match expr {
            Expr::Text(text) => vec![Value::literal(text)],
            Expr::Null => vec![Value::literal("")],
            Expr::Bool(value) => vec![Value::literal(value.to_string())],
            Expr::Number(value) => vec![Value::literal(value.to_string())],
            Expr::Or(left, right) => {
                let mut outcomes = self.reduce(left, source, depth);
                outcomes.retain(|value| !falsy(value));
                outcomes.extend(self.reduce(right, source, depth));
                outcomes
            }
            // `condition && 'value'`: the value, or nothing.
            Expr::And(_, right) => {
                let mut outcomes = self.reduce(right, source, depth);
                outcomes.push(Value::literal(""));
                outcomes
            }
            Expr::Path(path) => {
                let known = path.names().and_then(|names| match (path.root.as_str(), names.as_slice()) {
                    ("matrix", [axis, rest @ ..]) => self.axis(axis, rest, depth),
                    ("env", [name]) => Some(self.outcomes(self.variable(name)?.text()?, depth + 1)),
                    ("inputs", [name]) => self.choices(name),
                    _ => None,
                });
                known.unwrap_or_else(|| vec![self.symbol(&path.source)])
            }
            Expr::Call { name, args, whole: true } if name == "format" => {
                self.format(args, source, depth).unwrap_or_else(|| vec![self.symbol(source)])
            }
            _ => vec![self.symbol(source)],
        }
    }

    fn format(&self, args: &[Expr], source: &str, depth: usize) -> Option<Vec<Value>> {
        let Some((Expr::Text(template), args)) = args.split_first() else { return None };
        let mut texts = vec![template.clone()];
        for (at, arg) in args.iter().enumerate() {
            let values = self.reduce(arg, source, depth);
            let values: Vec<&str> = values.iter().map(Value::as_literal).collect::<Option<_>>()?;
            let mark = format!("{{{at}}}");
            texts = texts.iter().flat_map(|text| values.iter().map(|value| text.replace(&mark, value))).collect();
            if texts.len() > MOST_OUTCOMES {
                return None;
            }
        }
        Some(texts.into_iter().map(Value::Literal).collect())
    }

    /// The values of a matrix axis, those of `include` too; none when an expression makes the axis.
    fn axis(&self, axis: &str, rest: &[&str], depth: usize) -> Option<Vec<Value>> {
        let matrix = self.matrix?;
        let listed = matrix.get(axis).filter(|axis| axis.is_seq());
        let included = matrix.get("include").filter(|include| include.is_seq());
        let included = included.into_iter().flat_map(Node::items).filter_map(|entry| entry.get(axis));
        let items: Vec<Node<'_>> = listed.into_iter().flat_map(Node::items).chain(included).collect();
        if items.is_empty() || matrix.get(axis).is_some_and(|axis| !axis.is_seq()) {
            return None;
        }
        let mut values = Vec::new();
        for item in items {
            let leaf = rest.iter().try_fold(item, |node, key| node.get(key));
            let Some(leaf) = leaf.filter(|leaf| leaf.shape() == Shape::Scalar) else { continue };
            values.extend(self.outcomes(leaf.text()?, depth + 1));
        }
        (!values.is_empty()).then_some(values)
    }

    fn choices(&self, name: &str) -> Option<Vec<Value>> {
        let options = self.inputs?.get(name)?.get("options")?;
        let values: Vec<Value> = options.items().filter_map(Node::text).map(Value::literal).collect();
        (!values.is_empty()).then_some(values)
    }

    /// An expression that only the platform can evaluate. Secrets and variables mean the same all over the repository
    /// (within one environment), inputs all over the file, everything else within the job.
    pub(super) fn symbol(&self, source: &str) -> Value {
        let mut roots = Vec::new();
        let exprs: Vec<Expr> = if source.contains("${{") {
            let inner = |piece: Piece<'_>| match piece {
                Piece::Expr(inner) => parse(inner),
                Piece::Text(_) => None,
            };
            pieces(source).into_iter().filter_map(inner).collect()
        } else {
            parse(source).into_iter().collect()
        };
        for expr in &exprs {
            expr.paths(&mut |path| roots.push(path.root.clone()));
        }
        let all = |names: &[&str]| roots.iter().all(|root| names.contains(&root.as_str()));
        let scope = if !roots.is_empty() && all(&["secrets", "vars"]) {
            if self.environment.is_empty() {
                self.realm.clone()
            } else {
                format!("{} {}", self.realm, self.environment)
            }
        } else if all(&["secrets", "vars", "inputs", "github", "env"]) {
            format!("{}/{}", self.realm, self.path)
        } else {
            format!("{}/{}#{}", self.realm, self.path, self.job)
        };
        Value::symbol(source, scope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::{Syntax, Tree, parse as parse_tree};

    fn tree() -> Tree {
        parse_tree(
            Syntax::Yaml,
            "matrix:\n  env: [dev, prod]\n  arch: ${{ fromJSON(needs.a.outputs.b) }}\n  include:\n    - {env: stage, account: {name: a}}\n\
             env: {STAGE: prod, COPY: '${{ env.STAGE }}', LOOP: '${{ env.LOOP }}'}\n\
             inputs: {target: {type: choice, options: [x, y]}}\n",
        )
    }

    fn value(text: &str) -> Value {
        let tree = tree();
        let root = tree.root().unwrap();
        let scope = Scope {
            realm: "r".to_owned(),
            path: "p".to_owned(),
            job: "j".to_owned(),
            environment: String::new(),
            matrix: root.get("matrix"),
            env: root.get("env").into_iter().collect(),
            inputs: root.get("inputs"),
        };
        scope.value(text)
    }

    fn one_of(names: &[&str]) -> Value {
        Value::OneOf(names.iter().map(|name| Value::literal(*name)).collect())
    }

    #[test]
    fn literal_outcomes_are_listed() {
        assert_eq!(value("prod"), Value::literal("prod"));
        assert_eq!(value("${{ matrix.env }}"), one_of(&["dev", "prod", "stage"]));
        assert_eq!(value("x-${{ matrix.account.name }}"), Value::literal("x-a"));
        assert_eq!(value("${{ github.ref == 'refs/heads/main' && 'live' || 'test' }}"), one_of(&["live", "test"]));
        assert_eq!(value("${{ github.ref == 'x' && 'live' || '' }}"), one_of(&["", "live"]));
        assert_eq!(value("${{ env.COPY }}-eu"), Value::literal("prod-eu"));
        assert_eq!(value("${{ inputs.target }}"), one_of(&["x", "y"]));
        assert_eq!(value("${{ format('{0}-{1}', env.STAGE, 'eu') }}"), Value::literal("prod-eu"));
    }

    #[test]
    fn the_rest_is_a_symbol_that_means_one_thing_in_its_scope() {
        assert_eq!(value("${{ secrets.ROLE }}"), Value::symbol("secrets.ROLE", "r"));
        assert_eq!(value("${{ matrix.arch }}"), Value::symbol("matrix.arch", "r/p#j"));
        assert_eq!(value("${{ inputs.other }}"), Value::symbol("inputs.other", "r/p"));
        assert_eq!(value("arn:${{ vars.A }}:x"), Value::symbol("arn:${{ vars.A }}:x", "r"));
        assert!(matches!(value("${{ env.LOOP }}"), Value::Symbol { .. }));
    }
}
