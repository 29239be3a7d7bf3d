//! What the readers of AWS exports and of Terraform share: policy documents, principals, dates and tags.

mod entity;
mod level;
mod policy;
mod principals;
mod trust;

pub(super) use entity::{
    Tag, access_key_identifier, break_glass, is_account, newest, own_tags, rest_of_pages, service_access,
};
pub(super) use level::{cap, managed_policy};
pub(super) use policy::{Document, Plain, Principal, Scope, Statement, embedded, read};
pub(super) use principals::{Export, policy_key};
pub(super) use trust::{SELF, state_trust};
