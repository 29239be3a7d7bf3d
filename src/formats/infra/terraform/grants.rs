//! Policies and who holds them: inline, attached, from other files, below boundaries.

use super::documents::{self, Found};
use super::iam::Reader;
use super::scope::Block;
use crate::facts::{Edge, Identity, Key, Kind, Level, Slot, Value, keys};
use crate::formats::aws::{Document, SELF, Scope, cap, managed_policy, policy_key, state_trust};
use crate::syntax::{Node, Shape};
use crate::text::Place;

impl<'t> Reader<'_, 't> {
    pub(super) fn inline(&mut self, block: &Block<'t>, holder: &Slot, policy: Option<Node<'t>>, name: &str) {
        let Some(node) = policy else { return };
        let at = self.at(if node.shape() == Shape::Scalar { node.span() } else { block.at });
        match documents::find(self.file, block, node) {
            Found::Here(document) => self.grant_document(holder, &document, at, name),
            Found::Elsewhere(key) => self.hand_on(holder, key, at),
            Found::Unread(why) => self.facts.gap(node.span(), why),
        }
    }

    pub(super) fn attached(&mut self, block: &Block<'t>, holder: &Slot, policies: Option<Node<'t>>) {
        let Some(node) = policies else { return };
        let at = self.at(node.span());
        for value in self.file.of(block).values(node) {
            match &value {
                Value::Literal(arn) => self.attached_arn(holder, arn, at),
                Value::Symbol { expr, .. } => match (self.file.key_of(expr), aws_policy_in(expr)) {
                    (Some(key), _) => self.attached_block(holder, key, at),
                    (None, Some(arn)) => self.attached_arn(holder, arn, at),
                    (None, None) => self.facts.gap(at.span, "expression for an attached policy"),
                },
                _ => self.facts.gap(at.span, "expression for an attached policy"),
            }
        }
    }

    pub(super) fn attached_arn(&mut self, holder: &Slot, arn: &str, at: Place) {
        match (managed_policy(arn), policy_key(arn)) {
            (Some((name, Some(level))), _) => self.grant(holder, level, "all resources", name, at),
            (Some((name, None)), _) => {
                self.facts.gap(at.span, format!("what {name} allows: it is not in the catalogue"))
            }
            (None, Some(key)) => {
                let key = if key.realm == format!("aws:{}", SELF) {
                    keys::aws_principal(&self.file.module(), &key.name)
                } else {
                    key
                };
                self.hand_on(holder, key, at);
            }
            (None, None) => self.facts.gap(at.span, "attached policy that is no ARN"),
        }
    }

    pub(super) fn attached_block(&mut self, holder: &Slot, key: Key, at: Place) {
        let block = self.file.block(&key.name);
        let Some((block, node)) = block.and_then(|block| Some((block, block.body.get("policy")?))) else {
            return self.hand_on(holder, key, at);
        };
        let name = self.file.literal(&block, "name").unwrap_or_else(|| block.name.to_owned());
        match documents::find(self.file, &block, node) {
            Found::Here(document) => self.grant_document(holder, &document, at, &name),
            Found::Elsewhere(key) => self.hand_on(holder, key, at),
            Found::Unread(why) => self.facts.gap(node.span(), why),
        }
    }

    /// A policy for holders in other files.
    pub(super) fn policy(&mut self, block: &Block<'t>) {
        let (key, name) = self.key(block, "policy");
        let title = name.unwrap_or_else(|| self.title(block));
        let mut identity = Identity::new(key.clone(), title.clone(), "aws-policy", self.at(block.at));
        if !key.name.starts_with("aws_iam_policy.") {
            identity.aliases.push(self.file.address_key(&block.address()));
        }
        self.facts.identities.push(identity);
        self.inline(block, &Slot::known(key), block.body.get("policy"), &title);
    }

    /// A document that nothing in this file refers to is for other files of the module.
    pub(super) fn document(&mut self, block: &Block<'t>) {
        let address = block.address();
        let reference = format!("aws_iam_policy_document.{}", block.name);
        let used_here = self.file.input.text.match_indices(&reference).any(|(at, _)| {
            let after = self.file.input.text.get(at + reference.len()..).unwrap_or_default();
            after.starts_with(['.', '['])
        });
        if !used_here {
            let document = documents::of_data(self.file, block);
            let key = self.file.address_key(&address);
            let before = self.facts.facts.len();
            let scope = self.file.of(block);
            state_trust(self.facts, self.file.input.source, &document, &key, &self.file.module(), &scope);
            if document.statements.iter().all(|statement| statement.principals.is_empty()) {
                self.grant_document(&Slot::known(key.clone()), &document, self.at(block.at), block.name);
            }
            if self.facts.facts.len() > before {
                let title = self.title(block);
                self.facts.identities.push(Identity::new(key, title, "aws-policy", self.at(block.at)));
            }
        }
    }

    pub(super) fn grant_document(&mut self, holder: &Slot, document: &Document, at: Place, name: &str) {
        if let Some((span, what)) = document.unresolved() {
            self.facts.gap(span, what);
        }
        if let Some(allowed) = document.allowed(&[]) {
            let at = if at.span == allowed.at { at } else { self.at(allowed.at) };
            self.grant(holder, allowed.level, &allowed.on, name, at);
        }
    }

    pub(super) fn grant(&mut self, holder: &Slot, level: Level, on: &str, policy: &str, at: Place) {
        let boundary = holder.keys().iter().filter_map(|key| self.boundaries.get(key)).min().copied();
        let level = cap(level, boundary);
        if level > Level::None {
            let resource =
                Slot::new(Kind::Resource, holder.realm.clone(), Value::literal(format!("{on}, by {policy}")));
            self.facts.state(at, Edge::Grants { identity: holder.clone(), resource, level });
        }
    }

    /// What another file or an export says of the policy holds for the holder.
    pub(super) fn hand_on(&mut self, holder: &Slot, key: Key, at: Place) {
        self.note_call(&key, "aws-policy", at);
        if holder.keys().iter().any(|holder| self.boundaries.contains_key(holder)) {
            return self.facts.gap(at.span, "policy of another file below a permissions boundary");
        }
        let edge = Edge::CanActAs { from: holder.clone(), to: Slot::known(key), conditions: Vec::new() };
        self.facts.state(at, edge);
    }

    /// A boundary that is not known in full leaves administration unproven.
    pub(super) fn note_boundary(&mut self, block: &Block<'t>) {
        let word = match (block.data, block.sort) {
            (false, "aws_iam_user") => "user",
            (false, "aws_iam_role") => "role",
            _ => return,
        };
        let Some(value) = self.file.attribute(block, "permissions_boundary").into_iter().next() else { return };
        let known = value.as_literal().and_then(managed_policy).and_then(|(_, level)| level);
        let level = known.unwrap_or(Level::Write);
        self.boundaries.insert(self.key(block, word).0, level);
        self.boundaries.insert(self.file.address_key(&block.address()), level);
    }
}

/// The ARN of a policy of AWS itself in a text whose partition is an expression.
fn aws_policy_in(expr: &str) -> Option<&str> {
    let name = expr.split_once(":iam::aws:policy/")?.1;
    (!name.contains(['$', '{', '"'])).then_some(expr)
}
