//! The EC2 query protocol: requests from form parameters, responses as XML.
//!
//! The types are generated from `models/ec2.json` by `cargo run -p sidegate-xtask -- generate`;
//! what a request means is none of this module's business. The protocol is that of
//! <https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html>.
//!
//! ```
//! use sidegate_wire::{ec2, query::Params};
//!
//! let params = Params::parse(b"Action=CreateVpc&Version=2016-11-15&CidrBlock=10.0.0.0/16")?;
//! let Some(ec2::Request::CreateVpc(request)) = ec2::Request::parse("CreateVpc", &params)? else {
//!     unreachable!();
//! };
//! assert_eq!(request.cidr_block.as_deref(), Some("10.0.0.0/16"));
//!
//! let result = ec2::CreateVpcResult {
//!     vpc: Some(ec2::Vpc { vpc_id: Some("vpc-1".into()), ..Default::default() }),
//! };
//! assert!(ec2::render("CreateVpc", &result, "req-1").contains("<vpcId>vpc-1</vpcId>"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod cursor;
mod generated;
mod timestamp;
mod xml;

pub use self::{
    cursor::{Cursor, FromQuery, MAX_LIST, ParseError},
    generated::*,
    timestamp::{InvalidTimestamp, Timestamp},
    xml::{Return, ToXml, XmlWriter, error, render},
};

/// The version of the API, as a request's `Version` gives it.
pub const API_VERSION: &str = "2016-11-15";

/// Whether EC2 has an action of this name, served here or not.
///
/// An action that is known and not served deserves another answer than a typing mistake.
pub fn is_known_action(action: &str) -> bool {
    generated::KNOWN_ACTIONS.binary_search(&action).is_ok()
}
