//! Who may do what: principals, what an operation requires, policies, and decisions that explain themselves.
//!
//! Everything here is pure. What stands here now is the step itself with its final types, the root principal, and
//! endpoint policies made of statements without conditions; a policy that needs more than that is refused when it is
//! given, never ignored when it is evaluated.

mod decision;
mod policy;
mod principal;
mod requirement;

pub use decision::{Decision, Denial, PolicyKind, decide};
pub use policy::{Policy, PolicyError};
pub use principal::Principal;
pub use requirement::{Path, Requirement};

#[cfg(test)]
mod tests;
