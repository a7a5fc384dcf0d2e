//! Advice: which endpoint suits each service that a workload uses, why, and what it costs instead of what.
//!
//! A [`Workload`] says which VPCs there are, which services they use and how much, and what is there already. [`advise`]
//! makes an [`Advice`] of it: a [`Recommendation`] for each service, the [`Exception`]s to the rule of thumb, what zones and
//! a central hub cost, and what remains on NAT gateways. What to add is told as Terraform and as CloudFormation.
//!
//! The rule of thumb is that S3 and DynamoDB have gateway endpoints and all else has interface endpoints. It is never
//! applied as such: every service goes by the cheapest of the ways that it is allowed to take.
//!
//! Everything here is pure: a workload and prices go in, a value comes out.

mod addition;
mod advice;
mod candidate;
mod choice;
mod cloudformation;
mod exception;
mod hub;
mod policy;
mod port;
mod recommendation;
mod rest;
mod terraform;
#[cfg(test)]
mod tests;
mod text;
mod totals;
mod workload;
mod zones;

pub use addition::{Added, Addition, PrivateDns};
pub use advice::{Advice, VpcAdvice, advise};
pub use candidate::{candidates, service};
pub use choice::{Choice, home};
pub use cloudformation::cloudformation;
pub use exception::Exception;
pub use hub::{Hub, HubCost, Peerings};
pub use recommendation::{Instead, Reason, Recommendation, State};
pub use rest::{Rest, Together};
pub use terraform::{is_own, terraform};
pub use text::{gigabytes, range};
pub use totals::{Before, Totals};
pub use workload::{Egress, FurtherNat, Nat, Need, Network, Present, PresentKind, Subnet, Volume, Workload};
pub use zones::Zones;
