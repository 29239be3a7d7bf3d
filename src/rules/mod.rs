//! Rules as data, and the findings they make.
//!
//! A rule is a YAML file: what to find, what must hold, which edges bear it out, how bad it is and why, what to do. Loading
//! checks every name against the graph's schema; judging yields one finding per subject, with the steps it walked as
//! evidence, and says what it could not judge.

mod condition;
mod definition;
mod engine;
mod finding;
mod load;

pub use definition::{ControlUse, Definition, Effort, Examples, FixBy, Need, Relation};
pub use engine::{Judgement, judge};
pub use finding::{
    Age, Attribution, Certainty, ControlRef, Counts, Evidence, Finding, Owner, Severity, Spot, Subject, fingerprint,
};
pub use load::{LoadError, RuleError, builtin, from_folder, parse};
