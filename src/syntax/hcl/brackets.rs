//! Which brackets belong together, in broken files too.

use super::lexer::{Kind, Token};

/// Pairs the brackets of `tokens`. Returns the tokens at which a new top-level piece must start because the one before
/// lost its brackets; none in a file whose brackets are in order.
///
/// In a file that is out of order, a block or attribute at the first column is taken for the start of a new piece, which
/// is how everybody lays out HCL. What is open there stays without a mate.
pub(super) fn pair(tokens: &mut [Token], text: &str) -> Vec<usize> {
    if run(tokens, text, false).is_some_and(|starts| starts.is_empty()) {
        return Vec::new();
    }
    for token in tokens.iter_mut() {
        token.mate = None;
    }
    run(tokens, text, true).unwrap_or_default()
}

/// One run over all tokens; none when brackets are out of order and `recover` is not set.
fn run(tokens: &mut [Token], text: &str, recover: bool) -> Option<Vec<usize>> {
    let mut starts = Vec::new();
    let mut stack: Vec<(usize, u8)> = Vec::new();
    for at in 0..tokens.len() {
        if recover && !stack.is_empty() && starts_piece(tokens, text, at, &stack) {
            stack.clear();
            starts.push(at);
        }
        match tokens.get(at)?.kind {
            Kind::Open(bracket) => stack.push((at, bracket)),
            Kind::Close(bracket) => {
                let fits = stack.last().is_some_and(|(_, open)| *open == bracket);
                if !fits && !recover {
                    return None;
                }
                if fits || stack.iter().any(|(_, open)| *open == bracket) {
                    while let Some((open, kind)) = stack.pop() {
                        if kind == bracket {
                            marry(tokens, open, at);
                            break;
                        }
                    }
                }
            }
            _ => {}
        }
    }
    (recover || stack.is_empty()).then_some(starts)
}

fn marry(tokens: &mut [Token], open: usize, close: usize) {
    for (token, mate) in [(open, close), (close, open)] {
        if let Some(token) = tokens.get_mut(token) {
            token.mate = u32::try_from(mate).ok();
        }
    }
}

/// Whether a block starts at this token in the first column, or an attribute while no block is open.
fn starts_piece(tokens: &[Token], text: &str, at: usize, stack: &[(usize, u8)]) -> bool {
    let Some(token) = tokens.get(at).filter(|token| token.kind == Kind::Word) else { return false };
    let first_column =
        (token.span.lo as usize).checked_sub(1).is_some_and(|before| text.as_bytes().get(before) == Some(&b'\n'));
    if !first_column {
        return false;
    }
    let header = tokens.get(at + 1..).unwrap_or_default();
    let after = header.iter().find(|token| !matches!(token.kind, Kind::Word | Kind::Text { template: false }));
    match after.map(|token| token.kind) {
        Some(Kind::Open(b'{')) => true,
        Some(Kind::Equals) => !stack.first().is_some_and(|(open, _)| is_block(tokens, *open)),
        _ => false,
    }
}

/// Whether the bracket is the brace of a block: a name or label stands before it.
fn is_block(tokens: &[Token], open: usize) -> bool {
    let before = open.checked_sub(1).and_then(|before| tokens.get(before));
    before.is_some_and(|token| matches!(token.kind, Kind::Word | Kind::Text { .. }))
}
