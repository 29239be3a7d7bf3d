//! What the names of a Terraform file stand for.
//!
//! A format sees one file of a module. Locals and defaults of variables in the same file are filled in; a resource of
//! another file is known by its address, which means the same in all files of the folder.

use std::collections::BTreeMap;

use super::template::{Part, parts};
use crate::facts::{Key, Value, keys};
use crate::formats::Input;
use crate::formats::aws::{SELF, Scope};
use crate::syntax::{self, Node, Shape, Style, Syntax};
use crate::text::Span;

/// References followed from one to the next, and templates within templates.
const MAX_HOPS: u8 = 6;

/// Functions that hand on their arguments as they are, in another kind of collection or with what is empty left out.
const TRANSPARENT: [&str; 16] = [
    "coalesce",
    "coalescelist",
    "compact",
    "concat",
    "distinct",
    "element",
    "flatten",
    "nonsensitive",
    "one",
    "sensitive",
    "setunion",
    "sort",
    "tolist",
    "toset",
    "tostring",
    "try",
];

/// A `resource` or `data` block.
#[derive(Clone, Copy)]
pub(super) struct Block<'t> {
    /// It is a data source.
    pub(super) data: bool,
    /// Its type.
    pub(super) sort: &'t str,
    /// Its name.
    pub(super) name: &'t str,
    /// What it holds.
    pub(super) body: Node<'t>,
    /// Its type and name.
    pub(super) at: Span,
}

impl Block<'_> {
    /// `aws_iam_user.ci`, `data.aws_iam_policy_document.trust`.
    pub(super) fn address(&self) -> String {
        format!("{}{}.{}", if self.data { "data." } else { "" }, self.sort, self.name)
    }
}

/// One file of a module.
pub(super) struct File<'t> {
    pub(super) input: Input<'t>,
    pub(super) blocks: Vec<Block<'t>>,
    pub(super) root: Node<'t>,
    by_address: BTreeMap<String, Block<'t>>,
    locals: BTreeMap<&'t str, Node<'t>>,
    defaults: BTreeMap<&'t str, Node<'t>>,
    modules: BTreeMap<&'t str, &'t str>,
}

impl<'t> File<'t> {
    pub(super) fn new(input: Input<'t>) -> Option<Self> {
        let root = input.tree.root().filter(|root| root.is_map())?;
        let mut blocks = Vec::new();
        for (word, data) in [("resource", false), ("data", true)] {
            for sort in below(root, word) {
                for body in sort.entries().into_iter().flat_map(bodies) {
                    let (Some(sort_name), Some(name)) = (sort.key(), body.key().or_else(|| body.parent()?.key()))
                    else {
                        continue;
                    };
                    let name_span = if body.key().is_some() { body.key_span() } else { body.span() };
                    let header = sort.key_span();
                    let at = if header.hi <= name_span.lo && name_span.lo - header.hi < 8 {
                        header.cover(name_span)
                    } else {
                        name_span
                    };
                    blocks.push(Block { data, sort: sort_name, name, body, at });
                }
            }
        }
        let by_address = blocks.iter().map(|block| (block.address(), *block)).collect();
        let locals = below(root, "locals").into_iter().filter_map(|node| Some((node.key()?, node))).collect();
        let defaults = below(root, "variable").into_iter();
        let defaults = defaults.filter_map(|node| Some((node.key()?, node.get("default")?))).collect();
        let modules = below(root, "module").into_iter();
        let modules = modules.filter_map(|node| Some((node.key()?, node.get_str("source")?))).collect();
        Some(Self { input, blocks, root, by_address, locals, defaults, modules })
    }

    /// The realm of the module without its first word: repository and folder.
    pub(super) fn module(&self) -> String {
        module(self.input.realm, self.input.folder())
    }

    /// The block with this address, if it stands in this file.
    pub(super) fn block(&self, address: &str) -> Option<Block<'t>> {
        self.by_address.get(address).copied()
    }

    /// The key under which a resource is known in all files of the module.
    pub(super) fn address_key(&self, address: &str) -> Key {
        keys::aws_principal(&self.module(), address)
    }

    /// What a symbol names, if it is an identity or a policy that a resource makes, or an output of a local module.
    pub(super) fn key_of(&self, expr: &str) -> Option<Key> {
        let reference = Reference::parse(expr)?;
        if reference.sort == "module" {
            let local = self.modules.get(reference.name.as_str()).is_some_and(|source| source.starts_with('.'));
            let output = format!("module.{}.{}", reference.name, reference.attribute);
            return local.then(|| self.address_key(&output));
        }
        let makes = matches!(
            reference.sort.as_str(),
            "aws_iam_user" | "aws_iam_role" | "aws_iam_group" | "aws_iam_policy" | "aws_iam_policy_document"
        );
        makes.then(|| self.address_key(&reference.address()))
    }

    /// The output that a call of a local module hands out, under its key in the folder of the module. Each call makes
    /// things of its own from it.
    pub(super) fn output_of(&self, key: &Key) -> Option<Key> {
        let (name, output) = key.name.strip_prefix("module.")?.split_once('.')?;
        let folder = joined(self.input.folder(), self.modules.get(name)?)?;
        Some(keys::aws_principal(&module(self.input.realm, &folder), &format!("output.{output}")))
    }

    /// The node behind a reference to a local or to the default of a variable.
    pub(super) fn named(&self, expr: &str) -> Option<Node<'t>> {
        let expr = expr.trim();
        let map = if expr.starts_with("local.") { &self.locals } else { &self.defaults };
        let name = expr.strip_prefix("local.").or_else(|| expr.strip_prefix("var."))?;
        map.get(name).copied().filter(|node| !node.is_null())
    }

    /// The values of an attribute of a block.
    pub(super) fn attribute(&self, block: &Block<'t>, name: &str) -> Vec<Value> {
        let Some(node) = block.body.get(name) else { return Vec::new() };
        self.of(block).values(node)
    }

    /// The values as the block sees them, which may be made for each of several.
    pub(super) fn of(&self, block: &Block<'t>) -> Within<'_, 't> {
        Within { file: self, each: block.body.get("for_each"), hops: 0 }
    }

    /// The only value of an attribute, if it is literal.
    pub(super) fn literal(&self, block: &Block<'t>, name: &str) -> Option<String> {
        match self.attribute(block, name).as_slice() {
            [Value::Literal(text)] => Some(text.clone()),
            _ => None,
        }
    }

    /// The issuer of an OIDC provider that this file makes or looks up.
    fn issuer(&self, reference: &Reference) -> Option<String> {
        let block = self.block(&reference.address())?;
        let url = self.literal(&block, "url")?;
        Some(url.trim_start_matches("https://").trim_end_matches('/').to_owned())
    }
}

fn module(realm: &str, folder: &str) -> String {
    if folder.is_empty() { realm.to_owned() } else { format!("{realm}/{folder}") }
}

/// A path from a folder, `.` and `..` resolved; none when it leads out of the source.
pub(super) fn joined(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// What stands below all blocks of a word, in HCL and in JSON, which may wrap each level in a list.
fn below<'t>(root: Node<'t>, word: &str) -> Vec<Node<'t>> {
    root.get_all(word).into_iter().flat_map(Node::one_or_many).flat_map(Node::entries).collect()
}

/// The bodies under a name: one, or in JSON a list of them.
fn bodies(node: Node<'_>) -> Vec<Node<'_>> {
    node.one_or_many().into_iter().filter(|node| node.is_map()).collect()
}

/// A reference to a resource: `data.aws_iam_role.x[0].arn`, `aws_iam_user.ci["a"].name`, `module.m.arn`.
#[derive(Debug, PartialEq, Eq)]
struct Reference {
    data: bool,
    sort: String,
    name: String,
    attribute: String,
}

impl Reference {
    fn parse(expr: &str) -> Option<Self> {
        let expr = without_indices(expr.trim());
        let (data, rest) = expr.strip_prefix("data.").map_or((false, expr.as_str()), |rest| (true, rest));
        let mut parts = rest.split('.').filter(|part| *part != "*");
        let (sort, name) = (parts.next()?, parts.next()?);
        let word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
        let known = sort.contains('_') || sort == "module";
        let attribute = parts.next().unwrap_or_default();
        let whole = parts.next().is_none() && (attribute.is_empty() || word(attribute));
        (known && word(sort) && word(name) && whole).then(|| Self {
            data,
            sort: sort.to_owned(),
            name: name.to_owned(),
            attribute: attribute.to_owned(),
        })
    }

    fn address(&self) -> String {
        format!("{}{}.{}", if self.data { "data." } else { "" }, self.sort, self.name)
    }
}

/// The expression without what stands in brackets: all instances of a resource are one entity.
fn without_indices(expr: &str) -> String {
    let mut depth = 0usize;
    let mut plain = String::with_capacity(expr.len());
    for c in expr.chars() {
        match c {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ if depth == 0 => plain.push(c),
            _ => {}
        }
    }
    plain
}

/// Values as one block sees them.
pub(super) struct Within<'f, 't> {
    file: &'f File<'t>,
    each: Option<Node<'t>>,
    hops: u8,
}

impl Scope for Within<'_, '_> {
    fn values(&self, node: Node<'_>) -> Vec<Value> {
        match node.shape() {
            Shape::Seq => node.items().flat_map(|item| self.values(item)).collect(),
            Shape::Call => self.call(node),
            Shape::Map | Shape::Alias => vec![self.symbol("{…}")],
            Shape::Scalar if node.is_null() => Vec::new(),
            Shape::Scalar => {
                let text = node.text().unwrap_or_default();
                match node.style() {
                    Style::Expression => self.expression(text),
                    _ if text.contains("${") => self.template(text),
                    _ => vec![Value::literal(text)],
                }
            }
        }
    }

    fn name(&self, key: &str) -> String {
        match self.template(key).as_slice() {
            [Value::Literal(text)] => text.clone(),
            [Value::Symbol { expr, .. }] => expr.clone(),
            _ => key.to_owned(),
        }
    }

    fn referred(&self, expr: &str) -> Option<Key> {
        self.file.key_of(expr)
    }
}

impl<'f, 't> Within<'f, 't> {
    /// The same view once more.
    pub(super) fn again(&self) -> Within<'f, 't> {
        Within { file: self.file, each: self.each, hops: self.hops }
    }

    fn symbol(&self, expr: &str) -> Value {
        Value::symbol(expr, self.file.module())
    }

    fn deeper(&self) -> Option<Self> {
        (self.hops < MAX_HOPS).then(|| Self { file: self.file, each: self.each, hops: self.hops + 1 })
    }

    fn call(&self, node: Node<'_>) -> Vec<Value> {
        let name = node.function().unwrap_or_default();
        let arguments: Vec<Node<'_>> = node.children().collect();
        match (name, arguments.as_slice()) {
            // These take what they name first; what else they are given is an index or a fallback.
            ("element" | "one" | "try" | "coalesce", [first, ..]) => self.values(*first),
            ("replace", [text, old, new]) => {
                let (old, new) = (old.literal().unwrap_or_default(), new.literal());
                let replaced = |value: Value| match (value, new) {
                    (Value::Literal(text), Some(new)) if !old.is_empty() => Value::literal(text.replace(old, new)),
                    (value, _) => value,
                };
                self.values(*text).into_iter().map(replaced).collect()
            }
            _ if TRANSPARENT.contains(&name) => arguments.into_iter().flat_map(|node| self.values(node)).collect(),
            _ => vec![self.symbol(&format!("{name}(…)"))],
        }
    }

    fn expression(&self, text: &str) -> Vec<Value> {
        let text = text.trim();
        let Some(deeper) = self.deeper() else { return vec![self.symbol(text)] };
        if let Some(node) = self.file.named(text) {
            return deeper.values(node);
        }
        if let (true, Some(each)) = (matches!(text, "each.value" | "each.key"), self.each) {
            let named = each.text().and_then(|text| self.file.named(text)).unwrap_or(each);
            return deeper.of_each(named, text == "each.key");
        }
        if let (Some(field), Some(each)) = (text.strip_prefix("each.value."), self.each)
            && let Some(values) = deeper.field_of_each(each, field)
        {
            return values;
        }
        match Reference::parse(text) {
            Some(reference) => vec![self.reference(&reference, text)],
            None => vec![self.symbol(text)],
        }
    }

    /// A field of what a resource is made for: of each object in a map, or of every instance of another resource.
    fn field_of_each(&self, each: Node<'_>, field: &str) -> Option<Vec<Value>> {
        let named = each.text().and_then(|text| self.file.named(text));
        let each = named.unwrap_or(each);
        if each.is_map() {
            let fields: Option<Vec<Node<'_>>> = each.entries().into_iter().map(|entry| entry.get(field)).collect();
            return Some(fields?.into_iter().flat_map(|node| self.values(node)).collect());
        }
        let text = each.text().filter(|_| each.style() == Style::Expression)?;
        let resource = Reference::parse(text).filter(|reference| reference.attribute.is_empty())?;
        let reference = Reference { attribute: field.to_owned(), ..resource };
        Some(vec![self.reference(&reference, text)])
    }

    /// The keys or the values of what a resource is made for.
    fn of_each(&self, each: Node<'_>, keys: bool) -> Vec<Value> {
        match (each.is_map(), keys) {
            (true, true) => each.entries().into_iter().filter_map(Node::key).map(Value::literal).collect(),
            (true, false) => each.entries().into_iter().flat_map(|entry| self.values(entry)).collect(),
            (false, _) => self.values(each),
        }
    }

    fn reference(&self, reference: &Reference, text: &str) -> Value {
        let named = |sort: &str, name: &str| Value::literal(format!("arn:aws:iam::{SELF}:{sort}/{name}"));
        let looked_up = |field: &str| {
            let block = self.file.block(&reference.address())?;
            self.deeper()?.file.literal(&block, field)
        };
        let own =
            matches!(reference.name.as_str(), "current" | "this" | "self" | "default" | "main" | "me" | "identity");
        match (reference.data, reference.sort.as_str(), reference.attribute.as_str()) {
            (true, "aws_caller_identity", "account_id") if own => Value::literal(SELF),
            (true, "aws_partition", "partition") => Value::literal("aws"),
            (_, "aws_iam_openid_connect_provider", attribute) => match self.file.issuer(reference) {
                Some(issuer) if attribute == "url" => Value::literal(issuer),
                Some(issuer) => named("oidc-provider", &issuer),
                None => self.symbol(text),
            },
            (_, "aws_iam_saml_provider", "arn" | "id") => named("saml-provider", &reference.name),
            (true, "aws_iam_policy", "arn" | "id") => match (looked_up("arn"), looked_up("name")) {
                (Some(arn), _) => Value::literal(arn),
                // By its name alone it may be AWS's own or the account's.
                (None, Some(name)) => Value::literal(format!("arn:aws:iam::{SELF}:policy/{name}")),
                _ => self.symbol(text),
            },
            (true, "aws_iam_role", "arn" | "id" | "name") => match looked_up("name") {
                Some(name) if reference.attribute == "arn" => named("role", &name),
                Some(name) => Value::literal(name),
                None => self.symbol(text),
            },
            (true, "aws_iam_user", "arn") => {
                looked_up("user_name").map_or_else(|| self.symbol(text), |name| named("user", &name))
            }
            (false, "aws_iam_user" | "aws_iam_role" | "aws_iam_group" | "aws_iam_policy", _) => {
                self.symbol(&reference.address())
            }
            _ => self.symbol(text),
        }
    }

    /// A text with `${…}` in it: literal if all of it can be filled in, else what is left.
    fn template(&self, text: &str) -> Vec<Value> {
        let Some(deeper) = self.deeper() else { return vec![self.symbol(text)] };
        let parts = parts(text);
        if let [Part::Action(source)] = parts.as_slice() {
            return deeper.source(source);
        }
        let mut filled = String::with_capacity(text.len());
        let mut whole = true;
        for part in parts {
            match part {
                Part::Text(text) => filled.push_str(text),
                Part::Action(source) => match deeper.source(source).as_slice() {
                    [Value::Literal(text)] => filled.push_str(text),
                    _ => {
                        whole = false;
                        filled.push_str("${");
                        filled.push_str(source.trim());
                        filled.push('}');
                    }
                },
            }
        }
        vec![if whole { Value::Literal(filled) } else { self.symbol(&filled) }]
    }

    /// The values of an expression that stands in a text.
    fn source(&self, source: &str) -> Vec<Value> {
        let simple = source.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ' '));
        if simple {
            return self.expression(source);
        }
        let tree = syntax::parse(Syntax::Hcl, &format!("value = {source}"));
        let value = tree.root().and_then(|root| root.get("value"));
        value.map_or_else(|| vec![self.symbol(source)], |node| self.values(node))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_known_by_their_address_whatever_the_index() {
        for text in [
            "aws_iam_role.deploy.arn",
            "aws_iam_role.deploy[0].arn",
            "aws_iam_role.deploy[each.key].arn",
            "aws_iam_role.deploy[\"a.b\"].arn",
            "aws_iam_role.deploy[*].arn",
            "aws_iam_role.deploy.*.arn",
        ] {
            let reference = Reference::parse(text).unwrap();
            assert_eq!((reference.address().as_str(), reference.attribute.as_str()), ("aws_iam_role.deploy", "arn"));
        }
        assert!(Reference::parse("data.aws_iam_policy.x.arn").unwrap().data);
        for none in ["var.x", "local.role.arn", "a ? b : c", "", "aws_iam_role", "aws_iam_role.x.y.z"] {
            assert_eq!(Reference::parse(none), None, "{none}");
        }
    }

    #[test]
    fn paths_of_modules_are_resolved() {
        assert_eq!(joined("a/b", "../c"), Some("a/c".to_owned()));
        assert_eq!(joined("", "./m/"), Some("m".to_owned()));
        assert_eq!(joined("a", "../../x"), None);
    }
}
