//! The services of AWS that a program reaches: one trait, and an implementation of each.
//!
//! A service never decides who may call it. It parses a request, says what the operation requires, asks the
//! [`Authorizer`] it was handed, and can only go on with the [`Authorized`] token that comes back.

mod asked;
pub mod bedrock;
mod budget;
pub mod cloudwatch;
mod constraint;
mod database;
pub mod dynamodb;
pub mod elsewhere;
pub mod functions;
pub mod hosted;
pub mod iam;
pub mod kms;
pub mod lambda;
pub mod logs;
pub mod organizations;
mod parcel;
mod public_policy;
mod random;
pub mod reserve;
pub mod s3;
pub mod secretsmanager;
mod service;
pub mod spoken;
pub mod sts;
mod supposed;
pub mod unserved;
pub mod upstream;
mod vault;
pub mod whole;

pub use budget::{Budget, Exhausted, Share};
pub use service::{Authorized, Authorizer, Body, BoxError, Caller, ForwardedBy, Insecure, Service};
pub use supposed::Supposed;
