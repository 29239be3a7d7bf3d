//! `aws iam get-account-authorization-details`: users, groups, roles and policies of an account with their grants.
//!
//! Pages may be filtered, cut off, or written one after the other.

use crate::facts::Facts;
use crate::formats::aws::Export;
use crate::formats::{Format, Input, Probe};
use crate::syntax::{Node, Syntax};

pub(in crate::formats) static FORMAT: Format = Format {
    id: "aws-authorization-details",
    title: "AWS account authorization details",
    reads: "users, groups, roles, trusts, policies and boundaries of an account",
    leaves: "organisation policies, sessions, denials under conditions, managed policies that are in neither export nor catalogue",
    syntax: Syntax::Json,
    recognise,
    extract,
};

const LISTS: [&str; 3] = ["UserDetailList", "GroupDetailList", "RoleDetailList"];

fn recognise(probe: &Probe<'_>) -> bool {
    probe.is_json() && (LISTS.iter().any(|list| probe.mentions(list)) || probe.mentions("\"PolicyVersionList\""))
}

fn extract(input: &Input<'_>, facts: &mut Facts) {
    let list = |name: &str| -> Vec<Node<'_>> {
        let lists = input.tree.documents().filter_map(|document| document.get(name));
        lists.flat_map(Node::one_or_many).filter(|node| node.is_map()).collect()
    };
    let [users, groups, roles] = LISTS.map(list);
    let policies: Vec<Node<'_>> =
        list("Policies").into_iter().filter(|policy| policy.get("PolicyVersionList").is_some()).collect();
    if users.is_empty() && groups.is_empty() && roles.is_empty() && policies.is_empty() {
        return;
    }
    let cut_off = note_rest(input, facts);
    let mut export = Export::new(*input, facts);
    policies.iter().for_each(|node| export.note_policy(*node));
    groups.iter().for_each(|node| export.note_group(*node));
    if cut_off || (users.is_empty() && roles.is_empty()) {
        export.policies_alone(&policies);
    }
    groups.into_iter().for_each(|node| export.group(node));
    users.into_iter().for_each(|node| export.user(node));
    roles.into_iter().for_each(|node| export.role(node));
    export.finish();
}

/// Notes that pages are missing: the last document ends before the end.
fn note_rest(input: &Input<'_>, facts: &mut Facts) -> bool {
    let last = input.tree.documents().last();
    let rest = last.and_then(crate::formats::aws::rest_of_pages);
    if let Some(marker) = rest {
        facts.gap(marker.entry_span(), "export cut off: further pages are missing");
    }
    rest.is_some()
}
