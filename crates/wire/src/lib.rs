//! The AWS wire: request signatures, the AWS protocols, and their documents.
//!
//! Everything here is pure. A request comes in as [`http::request::Parts`] and bytes; the time,
//! the secrets and the request ids are given by the caller. Sockets and routing live in the edge.

pub mod aws_json;
pub mod aws_query;
pub mod document;
pub mod ec2;
pub mod event_stream;
pub mod protocol;
pub mod query;
pub mod request_id;
pub mod rest_xml;
pub mod rpc_v2_cbor;
pub mod sigv2;
pub mod sigv4;
