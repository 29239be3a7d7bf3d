//! Who acts as what, and could you prove it?
//!
//! `whoacts` reads repositories, CI configurations, scheduler definitions and IAM exports, joins them into one graph of
//! workloads, identities, credentials and owners, and judges it by rules. See `docs/architecture.md` for the way the data
//! flows; each module uses only those that the table there allows.

pub mod catalog;
pub mod cli;
pub mod credentials;
pub mod facts;
pub mod formats;
pub mod frameworks;
pub mod graph;
pub mod reports;
pub mod rules;
pub mod scan;
pub mod syntax;
pub mod text;
pub mod walk;
