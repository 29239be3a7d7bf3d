//! PyPI's upload tokens: macaroons in the second binary format, whose caveats say who uploads what until when.
//!
//! Source: pypi/warehouse, `warehouse/macaroons/caveats`.

use serde_json::Value;

use super::{Claims, seconds};
use crate::facts::{Class, Lifetime};
use crate::text::base64;

pub(super) fn pypi(token: &str) -> Claims {
    let body = token.strip_prefix("pypi-").and_then(base64);
    let Some(caveats) = body.as_deref().and_then(caveats) else { return Claims::broken() };
    let mut claims = Claims::default();
    for caveat in caveats.iter().filter_map(|caveat| serde_json::from_slice::<Value>(caveat).ok()) {
        read(&caveat, &mut claims);
    }
    claims
}

/// Caveats are lists whose first item is their kind; older ones are objects.
fn read(caveat: &Value, claims: &mut Claims) {
    let item = |at: usize| caveat.get(at);
    match item(0).and_then(Value::as_i64) {
        Some(0) => {
            let time = |at: usize| item(at).and_then(Value::as_i64).map(seconds).unwrap_or_default();
            (claims.expires, claims.created) = (time(1), time(2));
        }
        Some(1) => {
            let names = item(1).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
            let names: Vec<&str> = names.collect();
            claims.note = Some(format!("project {}", names.join(", ")));
        }
        Some(3) => claims.binding = Some(Class::Human),
        Some(4) => {
            claims.binding = Some(Class::Workload);
            claims.lifetime = Some(Lifetime::Federated);
        }
        _ => {}
    }
}

/// The identifiers of the caveats: after the version come sections of typed fields, each section closed by a zero; the
/// first is the head, an empty one ends the list, and the signature follows.
fn caveats(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    const IDENTIFIER: u8 = 2;
    let (2, mut rest) = (*bytes.first()?, bytes.get(1..)?) else { return None };
    let mut caveats = Vec::new();
    let mut head = true;
    loop {
        let mut identifier = None;
        let mut fields = 0;
        loop {
            let (kind, after) = rest.split_first()?;
            rest = after;
            if *kind == 0 {
                break;
            }
            let (length, after) = varint(rest)?;
            let (field, after) = after.split_at_checked(length)?;
            rest = after;
            fields += 1;
            if *kind == IDENTIFIER {
                identifier = Some(field);
            }
        }
        match identifier {
            _ if fields == 0 => return Some(caveats),
            Some(_) if head => head = false,
            Some(identifier) => caveats.push(identifier),
            None => return None,
        }
    }
}

fn varint(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut number = 0;
    for (at, byte) in bytes.iter().take(4).enumerate() {
        number |= usize::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return Some((number, bytes.get(at + 1..)?));
        }
    }
    None
}
