//! How a tree is built.

use std::sync::Arc;

use super::{Comment, Data, MAX_DEPTH, MAX_NODES, NONE, Problem, Shape, Span, Style, TooLarge, Tree};

/// Nodes of a tree with what every alias stands for in its place. A bomb has billions. An alias beyond this, or beyond the
/// depth, is not followed, so that a walk that follows aliases ends as soon, and recurses as little, as any other.
const MAX_EXPANDED: u32 = 4_000_000;
/// Problems beyond this say nothing new.
const MAX_PROBLEMS: usize = 2_000;

/// A state of a [`Builder`] to come back to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mark {
    nodes: usize,
    open: usize,
    last: u32,
    counts: (u32, u16),
    expanded: u32,
}

/// Builds a [`Tree`] in the order of the text.
#[derive(Default)]
pub struct Builder {
    tree: Tree,
    open: Vec<(u32, u32)>,
    key: Option<(Arc<str>, Span)>,
    /// Nodes so far, what aliases stand for included.
    expanded: u32,
    /// Where the open document started.
    start: Mark,
}

impl Builder {
    /// Names the next value of the map that is open. A key given as `Arc` is shared, not copied.
    pub fn key(&mut self, text: impl Into<Arc<str>>, span: Span) {
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
        if self.open.is_empty() {
            self.start = self.mark();
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
            let (size, height) = (data.size, data.height);
            self.count(size, height + 1);
        }
    }

    /// Counts what was added to the open node.
    fn count(&mut self, size: u32, height: u16) {
        let open = self.open.last().and_then(|(id, _)| self.tree.nodes.get_mut(*id as usize));
        if let Some(open) = open {
            open.size = open.size.saturating_add(size);
            open.height = open.height.max(height);
        }
    }

    /// Adds a scalar. Returns its number, for [`Builder::alias`].
    ///
    /// # Errors
    /// [`TooLarge`] beyond the limit of size.
    pub fn scalar(&mut self, value: &str, style: Style, span: Span) -> Result<u32, TooLarge> {
        let id = self.push(Shape::Scalar, style, value, span)?;
        self.count(1, 1);
        Ok(id)
    }

    /// Adds a reference to an earlier node, or one that nothing resolves.
    ///
    /// # Errors
    /// [`TooLarge`] beyond the limit of size.
    pub fn alias(&mut self, target: Option<u32>, span: Span) -> Result<u32, TooLarge> {
        let id = self.push(Shape::Alias, Style::Plain, "", span)?;
        // A reference to a node that is still open would make the tree a circle.
        let target = target.filter(|target| !self.open.iter().any(|(open, _)| open == target));
        let target = target.and_then(|target| Some((target, self.tree.nodes.get(target as usize)?)));
        let Some((target, data)) = target else {
            self.count(1, 1);
            return Ok(id);
        };
        let (size, height) = (data.size, data.height);
        let expanded = self.expanded.saturating_add(size);
        if expanded > MAX_EXPANDED || self.open.len() + usize::from(height) > MAX_DEPTH {
            self.tree.alias_refused = true;
            self.count(1, 1);
            return Ok(id);
        }
        self.expanded = expanded;
        self.count(size, height + 1);
        if let Some(data) = self.tree.nodes.get_mut(id as usize) {
            (data.target, data.size, data.height) = (target, size, height);
        }
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
        if self.tree.problems.len() < MAX_PROBLEMS {
            self.tree.problems.push(Problem { span, message: message.into() });
        }
    }

    /// Where building stands, to come back to with [`Builder::rewind`].
    #[must_use]
    pub fn mark(&self) -> Mark {
        let last = self.open.last().map_or(NONE, |(_, last)| *last);
        let counts = self.open.last().and_then(|(id, _)| self.tree.nodes.get(*id as usize));
        let counts = counts.map_or((0, 0), |data| (data.size, data.height));
        Mark { nodes: self.tree.nodes.len(), open: self.open.len(), last, counts, expanded: self.expanded }
    }

    /// Forgets every node added since `mark`, which must be of this builder, and closes what was opened since. Comments
    /// and problems stay.
    pub fn rewind(&mut self, mark: &Mark) {
        self.key = None;
        self.expanded = mark.expanded;
        self.tree.nodes.truncate(mark.nodes);
        while self.tree.roots.pop_if(|root| *root as usize >= mark.nodes).is_some() {}
        self.open.truncate(mark.open);
        if let Some((parent, last)) = self.open.last_mut() {
            *last = mark.last;
            let parent = &mut self.tree.nodes[*parent as usize];
            (parent.size, parent.height) = mark.counts;
            if mark.last == NONE {
                parent.first = NONE;
            } else {
                self.tree.nodes[mark.last as usize].next = NONE;
            }
        }
    }

    /// Gives up what is open, with its document: after a syntax error half a document would be a guess.
    pub fn abandon(&mut self) {
        self.key = None;
        if !self.open.is_empty() {
            let start = self.start;
            self.rewind(&start);
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
            size: 1,
            height: 0,
        };
        self.expanded = self.expanded.saturating_add(1);
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
