//! The checksum that the headers of a request claim of its body: one of them, in a form that can be, and of the algorithm
//! that an SDK says it has used.
//!
//! Source: S3 user guide, "Checking object integrity in Amazon S3"; S3 API reference, "PutObject"
//! (`x-amz-sdk-checksum-algorithm`); what S3 is on record with.

use http::HeaderMap;
use s3s::S3ErrorCode;

use super::attributes::text;
use super::checksum::Algorithm;
use super::fault::Fault;

/// What the names of all such headers begin with.
const BEGINNING: &str = "x-amz-checksum-";

/// Headers that begin so and hold no checksum.
const OTHERS: [&str; 3] = ["x-amz-checksum-algorithm", "x-amz-checksum-mode", "x-amz-checksum-type"];

/// The checksum that stands in the headers.
pub(super) fn in_headers(headers: &HeaderMap) -> Result<Option<(Algorithm, Vec<u8>)>, Fault> {
    let mut found = Vec::new();
    for name in headers.keys().map(http::HeaderName::as_str) {
        if !name.starts_with(BEGINNING) || OTHERS.contains(&name) {
            continue;
        }
        let Some(algorithm) = Algorithm::ALL.into_iter().find(|known| known.header() == name) else {
            return Err(Fault::invalid_request(
                "The algorithm type you specified in x-amz-checksum- header is invalid.",
            ));
        };
        if let Some(value) = text(headers, name) {
            found.push((algorithm, value));
        }
    }
    if found.len() > 1 {
        return Err(several());
    }
    match found.pop() {
        None => Ok(None),
        Some((algorithm, value)) => {
            let bytes = algorithm.decode(&value).ok_or_else(|| invalid_value(algorithm.header()))?;
            Ok(Some((algorithm, bytes)))
        }
    }
}

/// Refuses a header that is there twice.
pub(super) fn alone(headers: &HeaderMap) -> Result<(), Fault> {
    for name in Algorithm::ALL.map(Algorithm::header) {
        if let Some(second) = headers.get_all(name).iter().nth(1) {
            let value = String::from_utf8_lossy(second.as_bytes());
            let fault = Fault::new(S3ErrorCode::InvalidArgument, "Only one value may be specified.");
            return Err(fault.with("ArgumentName", name).with("ArgumentValue", value));
        }
    }
    Ok(())
}

/// Holds the algorithm that an SDK names against the one of the checksum that is there.
pub(super) fn check_sdk(headers: &HeaderMap, found: Option<Algorithm>) -> Result<(), Fault> {
    const NAME: &str = "x-amz-sdk-checksum-algorithm";
    match (text(headers, NAME), found) {
        (None, _) => Ok(()),
        (Some(_), None) => Err(Fault::invalid_request(
            "x-amz-sdk-checksum-algorithm specified, but no corresponding x-amz-checksum-* or x-amz-trailer headers \
             were found.",
        )),
        (Some(name), Some(algorithm)) if Algorithm::parse(&name) == Some(algorithm) => Ok(()),
        (Some(_), Some(_)) => Err(invalid_value(NAME)),
    }
}

pub(super) fn several() -> Fault {
    Fault::invalid_request("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
}

pub(super) fn invalid_value(header: &str) -> Fault {
    Fault::invalid_request(format!("Value for {header} header is invalid."))
}
