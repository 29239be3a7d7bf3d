//! Not read yet.

use super::Tree;
pub(super) fn parse(_text: &str) -> Tree {
    Tree::default()
}
