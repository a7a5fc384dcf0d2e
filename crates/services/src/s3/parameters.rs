//! Numbers and lists among the parameters of a request, held against AWS's bounds before s3s reads them: it has other words
//! for what is no number, and takes a number that something follows.
//!
//! Source: S3 API reference, "ListObjectsV2", "ListParts", "ListMultipartUploads", "GetObjectAttributes"; what S3 is on
//! record with for their arguments.

use http::request::Parts;
use http::{HeaderMap, Method};

use super::attributes::text;
use super::claimed;
use super::fault::Fault;
use super::resource::Level;
use crate::upstream::parameters;

/// A number: the name by which AWS's messages call it, and whether they say so of its bounds.
#[derive(Clone, Copy)]
struct Number {
    name: &'static str,
    spelled: &'static str,
}

const MAX_KEYS: Number = Number { name: "max-keys", spelled: "maxKeys" };
const MAX_UPLOADS: Number = Number { name: "max-uploads", spelled: "max-uploads" };
const MAX_PARTS: Number = Number { name: "max-parts", spelled: "max-parts" };
const PART_MARKER: Number = Number { name: "part-number-marker", spelled: "part-number-marker" };

/// The attributes that GetObjectAttributes knows.
const ATTRIBUTES: [&str; 5] = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"];

const ATTRIBUTES_HEADER: &str = "x-amz-object-attributes";

/// Refuses what cannot be meant.
pub(super) fn check(head: &Parts) -> Result<(), Fault> {
    claimed::alone(&head.headers)?;
    let all: Vec<(String, String)> =
        parameters(head.uri.query().unwrap_or_default()).map(|(_, name, value)| (name, value)).collect();
    let value = |name: &str| all.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let has = |name: &str| value(name).is_some();
    let reads = head.method == Method::GET || head.method == Method::HEAD;
    let numbers: &[Number] = match Level::of(&head.uri, &head.headers) {
        Level::Bucket if head.method != Method::GET => &[],
        Level::Bucket if has("uploads") => &[MAX_UPLOADS],
        Level::Bucket => &[MAX_KEYS],
        Level::Object if head.method == Method::GET && has("uploadId") => &[MAX_PARTS, PART_MARKER],
        Level::Object if head.method == Method::GET && has("attributes") => return of_attributes(&head.headers),
        Level::Object if reads || head.method == Method::PUT => return of_part(value("partNumber")),
        Level::Object | Level::Service => &[],
    };
    numbers.iter().try_for_each(|number| value(number.name).map_or(Ok(()), |value| number.check(value)))
}

impl Number {
    fn check(self, value: &str) -> Result<(), Fault> {
        let Self { name, spelled } = self;
        let message = match value.parse::<i32>() {
            Ok(0..) => return Ok(()),
            Ok(_) => format!("Argument {spelled} must be an integer between 0 and 2147483647"),
            Err(_) => format!("Provided {name} not an integer or within integer range"),
        };
        Err(Fault::invalid_argument(name, value, message))
    }
}

fn of_part(value: Option<&str>) -> Result<(), Fault> {
    match value {
        Some(value) if !value.parse().is_ok_and(|number: i32| (1..=10_000).contains(&number)) => {
            let message = "Part number must be an integer between 1 and 10000, inclusive";
            Err(Fault::invalid_argument("partNumber", value, message))
        }
        _ => Ok(()),
    }
}

/// The headers of GetObjectAttributes.
fn of_attributes(headers: &HeaderMap) -> Result<(), Fault> {
    for (header, number) in [("x-amz-max-parts", MAX_PARTS), ("x-amz-part-number-marker", PART_MARKER)] {
        text(headers, header).map_or(Ok(()), |value| number.check(value.trim()))?;
    }
    let names = attribute_names(headers);
    if names.is_empty() {
        return Err(Fault::invalid_request(
            "The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty",
        ));
    }
    match names.into_iter().find(|name| !ATTRIBUTES.contains(&name.as_str())) {
        Some(name) => Err(Fault::invalid_argument(ATTRIBUTES_HEADER, name, "Invalid attribute name specified.")),
        None => Ok(()),
    }
}

/// The attributes that are asked for, in one header or several.
pub(super) fn attribute_names(headers: &HeaderMap) -> Vec<String> {
    let values = headers.get_all(ATTRIBUTES_HEADER).iter();
    let texts: Vec<String> = values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect();
    let names = texts.iter().flat_map(|text| text.split(',')).map(|name| name.trim().to_owned());
    names.filter(|name| !name.is_empty()).collect()
}
