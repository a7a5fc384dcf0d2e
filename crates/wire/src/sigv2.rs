//! Signature Version 2 of S3, in the query and in forms alone: the presigned URLs that SDKs still make by default.
//!
//! botocore presigns S3's requests so in the Regions that are older than Version 4, `us-east-1` among them. In an
//! `Authorization` header this version is refused, by [`crate::sigv4::Presented`]. What is signed stands in
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html>: the method, three headers, the time
//! at which the URL expires, the `x-amz-*` headers, the path and those parameters that choose the operation or change
//! its answer. Neither the host nor the body is signed.
//!
//! ```
//! use sidegate_wire::{sigv2::PresignedUrl, sigv4::SecretKey};
//!
//! let uri = "/photos/puppy.jpg?AWSAccessKeyId=AKIAIOSFODNN7EXAMPLE&Expires=1175139620\
//!     &Signature=1No4mq5ETf02z8aet9voy6gui6E%3D";
//! let (mut parts, ()) = http::Request::get(uri).body(())?.into_parts();
//! let url = PresignedUrl::parse(&parts)?.ok_or("it is presigned")?;
//! let secret = SecretKey::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
//! url.verify(&parts, Some("awsexamplebucket1"), &secret, 1_175_139_000)?;
//! url.take_off(&mut parts);
//! assert_eq!(parts.uri, "/photos/puppy.jpg");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod canonical;
mod form;
mod url;

pub use self::{form::FormSignature, url::PresignedUrl};

/// A parameter of a query, decoded. Names are compared as the service reads them, or an escaped name would be another
/// parameter than the one that was signed.
struct Parameter {
    name: String,
    value: String,
}

/// The parameters of a query, in their order.
fn parameters(query: &str) -> impl Iterator<Item = Parameter> {
    let decoded = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    query.split('&').filter(|pair| !pair.is_empty()).map(move |pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Parameter { name: decoded(name), value: decoded(value) }
    })
}

/// Whether the value of this parameter counts as that of a header. botocore puts the headers that a URL is signed with
/// there.
fn is_header(name: &str) -> bool {
    name.starts_with("x-amz-")
}
