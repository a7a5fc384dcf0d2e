//! Who may do what: principals, what an operation requires, policies, and decisions that explain themselves.
//!
//! Everything here is pure: no clock, no files, no randomness. A [`Policy`] is parsed and split once, for the
//! [`PolicyType`] that it is. [`decide`] takes a [`Request`] (a [`Principal`], a [`Context`] of condition keys and a
//! [`Requirement`], which is one action on one resource) and the [`Policies`] that apply, and tells by its place what
//! decided. [`explain`] decides the same and tells of every statement why it matched or did not, [`layers`] what each layer
//! says by itself. A [`Case`] is a decision as a line of JSON, for tests.

mod arn;
mod case;
mod condition;
mod context;
mod decision;
mod denial;
mod error;
mod evaluation;
mod explanation;
mod grammar;
mod grantee;
mod json;
mod layer;
mod lookup;
mod pattern;
mod policies;
mod policy;
mod policy_type;
mod principal;
mod requirement;
mod respelling;
mod span;
mod statement;

pub use case::{Case, CaseError};
pub use condition::ValueType;
pub use context::{Context, Values};
pub use decision::{Allowance, Decision, Outcome, Place, PolicyKind, decide};
pub use denial::Denial;
pub use error::{Fault, PolicyError};
pub use evaluation::Request;
pub use explanation::{Explanation, LayerExplained, Mismatch, PolicyExplained, StatementExplained, explain};
pub use json::Position;
pub use layer::{LayerDecision, layers};
pub use policies::{Attached, Policies};
pub use policy::Policy;
pub use policy_type::PolicyType;
pub use principal::{Account, Partition, Principal, PrincipalError};
pub use requirement::{Path, Requirement, tells_endpoint_owner};
pub use span::Span;
pub use statement::Effect;
