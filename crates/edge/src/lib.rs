//! What a VPC sees of AWS: its resolver, TLS, HTTP, and the instance metadata service.

pub mod authority;
pub mod metadata;
pub mod resolver;
