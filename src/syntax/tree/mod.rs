//! The arena tree and its cursor.

mod builder;
#[cfg(test)]
mod tests;

use std::collections::HashSet;
use std::sync::Arc;

pub use self::builder::{Builder, Mark};
use super::Problem;
use crate::text::Span;

/// Nesting beyond this is refused: no real configuration comes near, and every walk of a tree may recurse.
const MAX_DEPTH: usize = 200;
/// Nodes beyond this are refused, so that one file cannot fill the memory.
const MAX_NODES: usize = 4_000_000;
/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Keys and values, in order, duplicates kept.
    Map,
    /// A list.
    Seq,
    /// A single value.
    Scalar,
    /// A function call of an expression language; its items are the arguments.
    Call,
    /// A reference to an anchored node.
    Alias,
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Bare: its type is for the reader to decide.
    Plain,
    /// In quotes, or in a block: always text.
    Quoted,
    /// An expression that only the platform can evaluate; the value is its source text.
    Expression,
    /// Text with template actions in it; the value is the source text, actions included.
    Template,
}

/// A comment, without its marker and outer white space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// The text.
    pub text: String,
    /// The whole comment.
    pub span: Span,
}

/// A document that goes beyond the limits of depth or size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nested deeper than {MAX_DEPTH} levels or larger than {MAX_NODES} values")]
pub struct TooLarge;

#[derive(Clone, Debug)]
struct Data {
    shape: Shape,
    style: Style,
    span: Span,
    /// Shared where a reader shares it: every row of a table has the same keys.
    key: Option<(Arc<str>, Span)>,
    value: Box<str>,
    tag: Option<Box<str>>,
    parent: u32,
    first: u32,
    next: u32,
    target: u32,
    /// Nodes in and below this one, what aliases stand for included.
    size: u32,
    /// Levels below this one, what aliases stand for included.
    height: u16,
}

const NONE: u32 = u32::MAX;

/// A source as a tree: one root per document.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    nodes: Vec<Data>,
    roots: Vec<u32>,
    /// All comments, in order.
    pub comments: Vec<Comment>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    alias_refused: bool,
}

impl Tree {
    /// The root of each document.
    pub fn documents(&self) -> impl Iterator<Item = Node<'_>> {
        self.roots.iter().map(|id| Node { tree: self, id: *id })
    }

    /// The root of the first document.
    #[must_use]
    pub fn root(&self) -> Option<Node<'_>> {
        self.documents().next()
    }

    /// Every node as written, aliases not followed, in the order of the text.
    pub fn nodes(&self) -> impl Iterator<Item = Node<'_>> {
        (0u32..).zip(&self.nodes).map(|(id, _)| Node { tree: self, id })
    }

    /// Whether an alias is not followed because the tree would become too large or too deep.
    #[must_use]
    pub fn alias_limit_reached(&self) -> bool {
        self.alias_refused
    }
}

/// A place in a tree. Cheap to copy; aliases are followed where values are asked for.
#[derive(Clone, Copy)]
pub struct Node<'t> {
    tree: &'t Tree,
    id: u32,
}

impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Values may be secret, so only the structure is shown.
        write!(f, "{:?} at {:?}", self.shape(), self.span())
    }
}

impl PartialEq for Node<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.tree, other.tree) && self.id == other.id
    }
}

impl<'t> Node<'t> {
    fn data(self) -> &'t Data {
        &self.tree.nodes[self.id as usize]
    }

    fn target(self) -> Node<'t> {
        let data = self.data();
        let id = if data.target == NONE { self.id } else { data.target };
        Node { tree: self.tree, id }
    }

    /// What the node is, an alias counted as what it refers to.
    #[must_use]
    pub fn shape(self) -> Shape {
        self.target().data().shape
    }

    /// How the scalar is written.
    #[must_use]
    pub fn style(self) -> Style {
        self.target().data().style
    }

    /// The bytes of the value as written here (for an alias, of the reference).
    #[must_use]
    pub fn span(self) -> Span {
        self.data().span
    }

    /// The bytes of the value, for an alias those of the node it refers to.
    #[must_use]
    pub fn target_span(self) -> Span {
        self.target().data().span
    }

    /// The key under which the node stands in its map, as the file writes it.
    #[must_use]
    pub fn key(self) -> Option<&'t str> {
        self.data().key.as_ref().map(|(key, _)| &**key)
    }

    /// The bytes of that key; those of the value when it has none.
    #[must_use]
    pub fn key_span(self) -> Span {
        self.data().key.as_ref().map_or(self.data().span, |(_, span)| *span)
    }

    /// Key and value together.
    #[must_use]
    pub fn entry_span(self) -> Span {
        self.key_span().cover(self.span())
    }

    /// The tag, as written (`!Sub`, `!reference`).
    #[must_use]
    pub fn tag(self) -> Option<&'t str> {
        self.target().data().tag.as_deref()
    }

    /// The name of the function of a call.
    #[must_use]
    pub fn function(self) -> Option<&'t str> {
        let data = self.target().data();
        (data.shape == Shape::Call).then_some(&*data.value)
    }

    /// The text of a scalar, whatever its style.
    #[must_use]
    pub fn text(self) -> Option<&'t str> {
        let data = self.target().data();
        (data.shape == Shape::Scalar).then_some(&*data.value)
    }

    /// The text of a scalar that the file states outright: no expression, no template.
    #[must_use]
    pub fn literal(self) -> Option<&'t str> {
        matches!(self.style(), Style::Plain | Style::Quoted).then(|| self.text()).flatten()
    }

    /// Whether the scalar says yes (`true`, `yes`, `on`, in any case) or no; none for anything else.
    #[must_use]
    pub fn truth(self) -> Option<bool> {
        let text = self.text()?;
        let is = |words: [&str; 3]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
        if is(["true", "yes", "on"]) {
            Some(true)
        } else if is(["false", "no", "off"]) {
            Some(false)
        } else {
            None
        }
    }

    /// Whether the value is absent in all but name: empty, `~` or `null`, written bare.
    #[must_use]
    pub fn is_null(self) -> bool {
        let data = self.target().data();
        data.shape == Shape::Scalar
            && data.style == Style::Plain
            && matches!(&*data.value, "" | "~" | "null" | "Null" | "NULL")
    }

    /// Whether the node holds keys and values.
    #[must_use]
    pub fn is_map(self) -> bool {
        self.shape() == Shape::Map
    }

    /// Whether the node is a list.
    #[must_use]
    pub fn is_seq(self) -> bool {
        self.shape() == Shape::Seq
    }

    /// The nodes directly below as written: values of a map, items of a list, arguments of a call. Merge keys stay keys.
    pub fn children(self) -> impl Iterator<Item = Node<'t>> {
        let tree = self.tree;
        let first = self.target().data().first;
        std::iter::successors((first != NONE).then_some(first), move |id| {
            let next = tree.nodes[*id as usize].next;
            (next != NONE).then_some(next)
        })
        .map(move |id| Node { tree, id })
    }

    /// The items of a list; nothing for anything else.
    pub fn items(self) -> impl Iterator<Item = Node<'t>> {
        let is_seq = self.is_seq();
        self.children().filter(move |_| is_seq)
    }

    /// The items of a list, or the node itself when it is a scalar or a map: many fields take one or several.
    #[must_use]
    pub fn one_or_many(self) -> Vec<Node<'t>> {
        if self.is_seq() { self.items().collect() } else { vec![self] }
    }

    /// The entries of a map in order, merge keys (`<<`) resolved: an entry of the map itself hides a merged one.
    #[must_use]
    pub fn entries(self) -> Vec<Node<'t>> {
        let mut layers = self.layers();
        let mut all: Vec<_> = layers.next().into_iter().flat_map(Node::own_entries).collect();
        let mut layers = layers.peekable();
        if layers.peek().is_some() {
            let mut hidden: HashSet<_> = all.iter().filter_map(|entry| entry.key()).collect();
            for layer in layers {
                let from = all.len();
                all.extend(layer.own_entries().filter(|entry| entry.key().is_none_or(|key| !hidden.contains(key))));
                hidden.extend(all.iter().skip(from).filter_map(|entry| entry.key()));
            }
        }
        all
    }

    /// The map itself, then the maps that it merges, nearest first; nothing when it is none.
    fn layers(self) -> impl Iterator<Item = Node<'t>> {
        let (mut first, mut todo) = (Some(self), Vec::new());
        std::iter::from_fn(move || {
            loop {
                let layer = first.take().or_else(|| todo.pop())?;
                if layer.is_map() {
                    let from = todo.len();
                    let merges = layer.children().filter(|child| child.is_merge());
                    todo.extend(merges.flat_map(Node::one_or_many));
                    todo.get_mut(from..)?.reverse();
                    return Some(layer);
                }
            }
        })
    }

    fn own_entries(self) -> impl Iterator<Item = Node<'t>> {
        self.children().filter(|child| !child.is_merge())
    }

    fn is_merge(self) -> bool {
        self.key() == Some("<<")
    }

    /// The value under `key`; of several, the last, as most parsers have it.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Node<'t>> {
        self.layers().find_map(|layer| layer.children().filter(|child| child.key() == Some(key)).last())
    }

    /// Every value under `key`, duplicates included.
    #[must_use]
    pub fn get_all(self, key: &str) -> Vec<Node<'t>> {
        self.entries().into_iter().filter(|entry| entry.key() == Some(key)).collect()
    }

    /// The value at the end of a path of keys.
    #[must_use]
    pub fn at(self, path: &[&str]) -> Option<Node<'t>> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The literal text under `key`.
    #[must_use]
    pub fn get_str(self, key: &str) -> Option<&'t str> {
        self.get(key)?.literal()
    }

    /// The node above, as written.
    #[must_use]
    pub fn parent(self) -> Option<Node<'t>> {
        let parent = self.data().parent;
        (parent != NONE).then_some(Node { tree: self.tree, id: parent })
    }
}
