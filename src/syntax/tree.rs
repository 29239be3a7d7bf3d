//! The arena tree and its cursor.

use std::cell::Cell;

use super::Problem;
use crate::text::Span;

/// Nesting beyond this is refused: no real configuration comes near, and every walk of a tree may recurse.
const MAX_DEPTH: usize = 200;
/// Nodes beyond this are refused, so that one file cannot fill the memory.
const MAX_NODES: usize = 4_000_000;
/// Aliases followed per tree. A bomb needs billions, the largest real file seen needs some thousands.
const MAX_ALIAS_STEPS: u32 = 200_000;

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
    key: Option<(Box<str>, Span)>,
    value: Box<str>,
    tag: Option<Box<str>>,
    parent: u32,
    first: u32,
    next: u32,
    target: u32,
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
    alias_steps: Cell<u32>,
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

    fn follow(&self, id: u32) -> u32 {
        let mut id = id;
        while let Some(data) = self.nodes.get(id as usize) {
            if data.shape != Shape::Alias || data.target == NONE || self.alias_steps.get() >= MAX_ALIAS_STEPS {
                break;
            }
            self.alias_steps.set(self.alias_steps.get() + 1);
            id = data.target;
        }
        id
    }

    /// Whether so many aliases were followed that the rest were left alone.
    #[must_use]
    pub fn alias_limit_reached(&self) -> bool {
        self.alias_steps.get() >= MAX_ALIAS_STEPS
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
        Node { tree: self.tree, id: self.tree.follow(self.id) }
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
        let mut all = Vec::new();
        self.collect_entries(&mut all, 0);
        all
    }

    fn collect_entries(self, all: &mut Vec<Node<'t>>, depth: usize) {
        if !self.is_map() || depth > MAX_DEPTH {
            return;
        }
        let (merges, own): (Vec<_>, Vec<_>) = self.children().partition(|child| child.key() == Some("<<"));
        let hidden: Vec<&str> = all.iter().filter_map(|entry| entry.key()).collect();
        let own = own.into_iter().filter(|entry| !entry.key().is_some_and(|key| hidden.contains(&key)));
        let own: Vec<_> = own.collect();
        all.extend(own);
        for source in merges.into_iter().flat_map(Node::one_or_many) {
            if self.tree.alias_limit_reached() {
                return;
            }
            source.collect_entries(all, depth + 1);
        }
    }

    /// The value under `key`; of several, the last, as most parsers have it.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Node<'t>> {
        if !self.is_map() {
            return None;
        }
        let own = self.children().filter(|child| child.key() == Some(key)).last();
        own.or_else(|| {
            let merged = self.children().any(|child| child.key() == Some("<<"));
            merged.then(|| self.entries().into_iter().rfind(|entry| entry.key() == Some(key))).flatten()
        })
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

/// A state of a [`Builder`] to come back to.
#[derive(Clone, Copy, Debug)]
pub struct Mark {
    nodes: usize,
    open: usize,
    last: u32,
}

/// Builds a [`Tree`] in the order of the text.
#[derive(Default)]
pub struct Builder {
    tree: Tree,
    open: Vec<(u32, u32)>,
    key: Option<(Box<str>, Span)>,
}

impl Builder {
    /// Names the next value of the map that is open.
    pub fn key(&mut self, text: &str, span: Span) {
        self.key = Some((text.into(), span));
    }

    /// Whether the open map waits for a key.
    #[must_use]
    pub fn expects_key(&self) -> bool {
        let open = self.open.last().and_then(|(id, _)| self.tree.nodes.get(*id as usize));
        self.key.is_none() && open.is_some_and(|data| data.shape == Shape::Map)
    }

    /// How many maps, lists and calls are open.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// Opens a map, a list, or a call named `name`. Returns its number, for [`Builder::alias`].
    ///
    /// # Errors
    /// [`TooLarge`] beyond the limits of depth or size.
    pub fn open(&mut self, shape: Shape, name: &str, lo: usize) -> Result<u32, TooLarge> {
        if self.open.len() >= MAX_DEPTH {
            return Err(TooLarge);
        }
        let id = self.push(shape, Style::Plain, name, Span::new(lo, lo))?;
        self.open.push((id, NONE));
        Ok(id)
    }

    /// Closes the innermost open node at byte `hi`. At depth zero the node becomes a document.
    pub fn close(&mut self, hi: usize) {
        self.key = None;
        if let Some((id, _)) = self.open.pop()
            && let Some(data) = self.tree.nodes.get_mut(id as usize)
        {
            data.span.hi = Span::new(hi, hi).lo.max(data.span.lo);
        }
    }

    /// Adds a scalar. Returns its number, for [`Builder::alias`].
    ///
    /// # Errors
    /// [`TooLarge`] beyond the limit of size.
    pub fn scalar(&mut self, value: &str, style: Style, span: Span) -> Result<u32, TooLarge> {
        self.push(Shape::Scalar, style, value, span)
    }

    /// Adds a reference to an earlier node, or one that nothing resolves.
    ///
    /// # Errors
    /// [`TooLarge`] beyond the limit of size.
    pub fn alias(&mut self, target: Option<u32>, span: Span) -> Result<u32, TooLarge> {
        let id = self.push(Shape::Alias, Style::Plain, "", span)?;
        // A reference to a node that is still open would make the tree a circle.
        let target = target.filter(|target| !self.open.iter().any(|(open, _)| open == target));
        self.tree.nodes[id as usize].target = target.unwrap_or(NONE);
        Ok(id)
    }

    /// Gives the node a tag.
    pub fn tag(&mut self, id: u32, tag: &str) {
        if let Some(data) = self.tree.nodes.get_mut(id as usize) {
            data.tag = Some(tag.into());
        }
    }

    /// Adds a comment.
    pub fn comment(&mut self, text: &str, span: Span) {
        self.tree.comments.push(Comment { text: text.trim().to_owned(), span });
    }

    /// Records what could not be read.
    pub fn problem(&mut self, span: Span, message: impl Into<String>) {
        self.tree.problems.push(Problem { span, message: message.into() });
    }

    /// Where building stands, to come back to with [`Builder::rewind`].
    #[must_use]
    pub fn mark(&self) -> Mark {
        let last = self.open.last().map_or(NONE, |(_, last)| *last);
        Mark { nodes: self.tree.nodes.len(), open: self.open.len(), last }
    }

    /// Forgets every node added since `mark`, which must be of this builder, and closes what was opened since. Comments
    /// and problems stay.
    pub fn rewind(&mut self, mark: &Mark) {
        self.key = None;
        self.tree.nodes.truncate(mark.nodes);
        self.tree.roots.retain(|root| (*root as usize) < mark.nodes);
        self.open.truncate(mark.open);
        if let Some((parent, last)) = self.open.last_mut() {
            *last = mark.last;
            let parent = *parent as usize;
            if mark.last == NONE {
                self.tree.nodes[parent].first = NONE;
            } else {
                self.tree.nodes[mark.last as usize].next = NONE;
            }
        }
    }

    /// Gives up what is open, with its document: after a syntax error half a document would be a guess.
    pub fn abandon(&mut self) {
        self.key = None;
        if let Some((root, _)) = self.open.first() {
            self.tree.nodes.truncate(*root as usize);
            self.tree.roots.pop();
            self.open.clear();
        }
    }

    /// The finished tree; what is still open ends at byte `hi`.
    #[must_use]
    pub fn finish(mut self, hi: usize) -> Tree {
        while !self.open.is_empty() {
            self.close(hi);
        }
        self.tree
    }

    fn push(&mut self, shape: Shape, style: Style, value: &str, span: Span) -> Result<u32, TooLarge> {
        let id = u32::try_from(self.tree.nodes.len()).map_err(|_| TooLarge)?;
        if id as usize >= MAX_NODES {
            return Err(TooLarge);
        }
        let parent = self.open.last().map_or(NONE, |(parent, _)| *parent);
        let key = self.key.take();
        let data = Data {
            shape,
            style,
            span,
            key,
            value: value.into(),
            tag: None,
            parent,
            first: NONE,
            next: NONE,
            target: NONE,
        };
        self.tree.nodes.push(data);
        match self.open.last_mut() {
            None => self.tree.roots.push(id),
            Some((parent, last)) => {
                let before = std::mem::replace(last, id);
                if before == NONE {
                    self.tree.nodes[*parent as usize].first = id;
                } else {
                    self.tree.nodes[before as usize].next = id;
                }
            }
        }
        Ok(id)
    }
}
