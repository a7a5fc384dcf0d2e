//! The text that is signed.

use std::collections::BTreeMap;

use http::{HeaderMap, request::Parts};

use super::{Parameter, is_header, parameters};

/// The parameters that are signed: those that choose the operation, and those that change the headers of its answer.
///
/// AWS lists the first that there were. Those that came later are here as well: an unsigned one would make another
/// operation of the one that was signed.
const SIGNED: [&str; 51] = [
    "abac",
    "accelerate",
    "acl",
    "analytics",
    "annotation",
    "attributes",
    "cors",
    "defaultObjectAcl",
    "delete",
    "encryption",
    "intelligent-tiering",
    "inventory",
    "legal-hold",
    "lifecycle",
    "location",
    "logging",
    "metadataConfiguration",
    "metadataInventoryTable",
    "metadataJournalTable",
    "metadataTable",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "partNumber",
    "policy",
    "policyStatus",
    "publicAccessBlock",
    "renameObject",
    "replication",
    "requestPayment",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "restore",
    "retention",
    "select",
    "select-type",
    "session",
    "storageClass",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "website",
];

/// The texts whose HMAC the signature may be: one, or two for a bucket without a slash behind, which botocore signs with
/// it. `expires` stands where a signature in a header has the date.
pub(super) fn texts_to_sign(parts: &Parts, expires: &str, bucket: Option<&str>) -> impl Iterator<Item = Vec<u8>> {
    let path = parts.uri.path();
    let bare = bucket.is_none() && path.len() > 1 && path.rfind('/') == Some(0);
    let resource = [bucket.map_or(String::new(), |bucket| format!("/{bucket}")), path.to_owned()].concat();
    let with_slash = bare.then(|| format!("{resource}/"));
    [Some(resource), with_slash].into_iter().flatten().map(move |resource| text_to_sign(parts, expires, &resource))
}

fn text_to_sign(parts: &Parts, expires: &str, resource: &str) -> Vec<u8> {
    let query: Vec<Parameter> = parameters(parts.uri.query().unwrap_or_default()).collect();
    let mut text = Vec::with_capacity(256);
    let mut line = |bytes: &[u8]| {
        text.extend_from_slice(bytes);
        text.push(b'\n');
    };
    line(parts.method.as_str().as_bytes());
    line(&joined(&parts.headers, "content-md5"));
    line(&joined(&parts.headers, "content-type"));
    line(expires.as_bytes());
    for (name, value) in amz_headers(&parts.headers, &query) {
        line(&[name.as_bytes(), b":", &value].concat());
    }
    text.extend_from_slice(resource.as_bytes());
    text.extend_from_slice(subresources(query).as_bytes());
    text
}

/// The `x-amz-*` headers by name, with those that the query carries.
fn amz_headers<'a>(headers: &'a HeaderMap, query: &'a [Parameter]) -> BTreeMap<&'a str, Vec<u8>> {
    let sent = headers.keys().map(http::HeaderName::as_str).filter(|name| is_header(name));
    let mut all: BTreeMap<&str, Vec<u8>> = sent.map(|name| (name, joined(headers, name))).collect();
    for Parameter { name, value } in query.iter().filter(|parameter| is_header(&parameter.name)) {
        all.entry(name).or_insert_with(|| value.trim().as_bytes().to_vec());
    }
    all
}

/// The values of a header, without the space around them.
fn joined(headers: &HeaderMap, name: &str) -> Vec<u8> {
    let values: Vec<&[u8]> = headers.get_all(name).iter().map(|value| value.as_bytes().trim_ascii()).collect();
    values.join(&b","[..])
}

/// The signed parameters in the order of their names, as a query. Their values are not escaped.
fn subresources(query: Vec<Parameter>) -> String {
    let mut signed: Vec<Parameter> =
        query.into_iter().filter(|parameter| SIGNED.contains(&parameter.name.as_str())).collect();
    signed.sort_by(|one, other| one.name.cmp(&other.name));
    let mut text = String::new();
    for Parameter { name, value } in &signed {
        text.push(if text.is_empty() { '?' } else { '&' });
        text.push_str(name);
        if !value.is_empty() {
            text.push('=');
            text.push_str(value);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::SIGNED;

    #[test]
    fn the_signed_parameters_are_sorted_and_different() {
        assert!(SIGNED.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
