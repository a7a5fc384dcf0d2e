//! What a request is about, by its method, its path and the sub-resource in its query, and which of these S3 does not
//! have.
//!
//! s3s takes a sub-resource that it does not know for none, which for a write would be another one than was asked. So
//! what S3 has and s3s does not know, or knows with other methods, is refused here. A parameter that is no sub-resource of S3
//! counts for nothing, as on AWS.
//!
//! Source: S3 API reference, the request syntax of each operation; "Error responses" (`MethodNotAllowed`).

use http::header::{ALLOW, HOST};
use http::request::Parts;
use http::{HeaderMap, HeaderName, Method, StatusCode, Uri};
use s3s::S3ErrorCode;

use super::attributes::text;
use super::fault::Fault;
use super::host::bucket_of;
use crate::upstream::parameters;

/// A sub-resource: the parameter, its methods, and whether it is served.
type Known = (&'static str, &'static [&'static str], bool);

const READ: &[&str] = &["GET"];
const READ_WRITE: &[&str] = &["GET", "PUT"];
const ALL: &[&str] = &["GET", "PUT", "DELETE"];
const WRITE: &[&str] = &["PUT"];
const POST: &[&str] = &["POST"];

/// The sub-resources of buckets.
const OF_BUCKETS: [Known; 29] = [
    ("abac", READ_WRITE, false),
    ("accelerate", READ_WRITE, true),
    ("acl", READ_WRITE, true),
    ("analytics", ALL, true),
    ("cors", ALL, true),
    ("delete", POST, true),
    ("encryption", ALL, true),
    ("intelligent-tiering", ALL, true),
    ("inventory", ALL, true),
    ("lifecycle", ALL, true),
    ("location", READ, true),
    ("logging", READ_WRITE, true),
    ("metadataConfiguration", &["GET", "POST", "DELETE"], false),
    ("metadataInventoryTable", WRITE, false),
    ("metadataJournalTable", WRITE, false),
    ("metadataTable", &["GET", "POST", "DELETE"], false),
    ("metrics", ALL, true),
    ("notification", READ_WRITE, true),
    ("object-lock", READ_WRITE, true),
    ("ownershipControls", ALL, true),
    ("policy", ALL, true),
    ("policyStatus", READ, true),
    ("publicAccessBlock", ALL, true),
    ("replication", ALL, true),
    ("requestPayment", READ_WRITE, true),
    ("tagging", ALL, true),
    ("uploads", READ, true),
    ("versioning", READ_WRITE, true),
    ("website", ALL, true),
];

/// Those that are not a resource of their own, but say what a request to the bucket is for.
const OF_LISTINGS: [Known; 2] = [("session", READ, false), ("versions", READ, true)];

/// The sub-resources of objects.
const OF_OBJECTS: [Known; 13] = [
    ("acl", READ_WRITE, true),
    ("annotation", ALL, false),
    ("attributes", READ, true),
    ("encryption", WRITE, false),
    ("legal-hold", READ_WRITE, true),
    ("renameObject", WRITE, false),
    ("restore", POST, true),
    ("retention", READ_WRITE, true),
    ("select", POST, false),
    ("tagging", ALL, true),
    ("torrent", READ, false),
    ("uploadId", &["GET", "PUT", "POST", "DELETE"], true),
    ("uploads", POST, true),
];

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Service,
    Bucket,
    Object,
}

impl Level {
    /// Where the path of a request leads, or the host that stands before it.
    pub(super) fn of(uri: &Uri, headers: &HeaderMap) -> Self {
        let host = text(headers, HOST.as_str()).unwrap_or_default();
        let path = uri.path().trim_start_matches('/');
        match (bucket_of(&host), path.split_once('/')) {
            (Some(_), _) if path.is_empty() => Self::Bucket,
            (Some(_), _) => Self::Object,
            (None, _) if path.is_empty() => Self::Service,
            (None, None | Some((_, ""))) => Self::Bucket,
            (None, Some(_)) => Self::Object,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Service => "SERVICE",
            Self::Bucket => "BUCKET",
            Self::Object => "OBJECT",
        }
    }

    /// The methods that it has without a sub-resource. Those of a form and of a preflight are answered elsewhere.
    fn methods(self) -> &'static [&'static str] {
        match self {
            Self::Service => READ,
            Self::Bucket | Self::Object => &["GET", "HEAD", "PUT", "DELETE"],
        }
    }

    fn known(self) -> impl Iterator<Item = Known> {
        let (first, second): (&[Known], &[Known]) = match self {
            Self::Service => (&[], &[]),
            Self::Bucket => (&OF_BUCKETS, &OF_LISTINGS),
            Self::Object => (&OF_OBJECTS, &[]),
        };
        first.iter().chain(second).copied()
    }
}

/// Refuses what S3 does not have, and what it has and is not served.
pub(super) fn check(head: &Parts) -> Result<(), Fault> {
    let level = Level::of(&head.uri, &head.headers);
    let names: Vec<String> = parameters(head.uri.query().unwrap_or_default()).map(|(_, name, _)| name).collect();
    let has = |name: &str| names.iter().any(|known| known == name);
    let reads = head.method == Method::GET || head.method == Method::HEAD;
    let method = if head.method == Method::HEAD { "GET" } else { head.method.as_str() };
    if level == Level::Object {
        of_object(&head.method, has)?;
    }
    let mut known = level.known().filter(|(name, ..)| has(name));
    let first = known.next();
    if let (Some((first, ..)), Some((second, ..))) = (first, known.next()) {
        // Which of them it is for is not to depend on who reads it.
        let message = format!("Conflicting query string parameters: {first}, {second}");
        return Err(Fault::invalid_argument("ResourceType", first, message));
    }
    let Some((name, methods, served)) = first else {
        // A sub-resource of buckets on an object, or the other way round, would be taken for none.
        let elsewhere = |known: &[Known]| known.iter().any(|(name, ..)| has(name));
        if !reads && level != Level::Service && (elsewhere(&OF_BUCKETS) || elsewhere(&OF_OBJECTS)) {
            return Err(not_allowed(&head.method, level.name(), level.methods()));
        }
        return without(&head.method, level, has("uploadId"), head.headers.contains_key(ROUTE));
    };
    if !methods.contains(&method) {
        return Err(not_allowed(&head.method, &name.to_ascii_uppercase().replace('-', ""), methods));
    }
    if !served {
        return Err(Fault::not_implemented(format!("The sub-resource `{name}` is not implemented")));
    }
    Ok(())
}

/// The header of an answer by S3 Object Lambda, which is sent to no sub-resource.
const ROUTE: HeaderName = HeaderName::from_static("x-amz-request-route");

/// Without a sub-resource.
fn without(method: &Method, level: Level, uploads: bool, is_route: bool) -> Result<(), Fault> {
    if level.methods().contains(&method.as_str()) || uploads {
        return Ok(());
    }
    if *method == Method::POST && level == Level::Bucket {
        if is_route {
            return Err(Fault::not_implemented("WriteGetObjectResponse is not implemented"));
        }
        return Err(Fault::precondition("Bucket POST must be of the enclosure-type multipart/form-data"));
    }
    Err(not_allowed(method, level.name(), level.methods()))
}

/// What an object does not have and a bucket has, and the two parameters of a part, of which neither goes alone.
fn of_object(method: &Method, has: impl Fn(&str) -> bool) -> Result<(), Fault> {
    if *method == Method::GET && has("uploads") {
        return Err(Fault::invalid_request("Key is not expected for the GET method ?uploads subresource"));
    }
    if *method == Method::GET && has("versions") {
        return Err(Fault::invalid_request("There is no such thing as the ?versions sub-resource for a key"));
    }
    if *method == Method::PUT && has("partNumber") != has("uploadId") {
        let (name, message) = if has("partNumber") {
            ("partNumber", "This operation does not accept partNumber without uploadId")
        } else {
            ("uploadId", "This operation does not accept uploadId without partNumber")
        };
        return Err(Fault::new(S3ErrorCode::InvalidArgument, message).with("ArgumentName", name));
    }
    Ok(())
}

fn not_allowed(method: &Method, resource: &str, allowed: &[&str]) -> Fault {
    let message = "The specified method is not allowed against this resource.";
    Fault::coded("MethodNotAllowed", StatusCode::METHOD_NOT_ALLOWED, message)
        .with("Method", method.as_str())
        .with("ResourceType", resource)
        .header(ALLOW, &allowed.join(", "))
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::{Level, check};

    fn head(method: &str, host: &str, uri: &str) -> http::request::Parts {
        Request::builder().method(method).uri(uri).header("host", host).body(()).unwrap().into_parts().0
    }

    #[test]
    fn the_host_may_stand_for_the_bucket() {
        let level = |host, uri| {
            let head = head("GET", host, uri);
            Level::of(&head.uri, &head.headers)
        };
        assert_eq!(level("127.0.0.1:4566", "/"), Level::Service);
        assert_eq!(level("127.0.0.1:4566", "/docs/"), Level::Bucket);
        assert_eq!(level("127.0.0.1:4566", "/docs/a"), Level::Object);
        assert_eq!(level("docs.s3.amazonaws.com", "/"), Level::Bucket);
        assert_eq!(level("docs.s3.amazonaws.com", "/a"), Level::Object);
    }

    #[test]
    fn a_subresource_never_becomes_a_plain_write_and_what_is_none_counts_for_nothing() {
        let code = |method, uri| check(&head(method, "localhost", uri)).err().map(|fault| fault.into_parts().0);
        let code = |method, uri| code(method, uri).map(|error| error.code().as_str().to_owned());
        for (method, uri) in [("PUT", "/docs/a?policy"), ("DELETE", "/docs?acl"), ("PUT", "/docs?legal-hold")] {
            assert_eq!(code(method, uri).as_deref(), Some("MethodNotAllowed"), "{method} {uri}");
        }
        for (method, uri) in
            [("PUT", "/docs/a?renameObject"), ("DELETE", "/docs?metadataTable"), ("GET", "/docs/a?torrent")]
        {
            assert_eq!(code(method, uri).as_deref(), Some("NotImplemented"), "{method} {uri}");
        }
        for (method, uri) in [
            ("PUT", "/docs?object-lock&policy"),
            ("DELETE", "/docs?publicAccessBlock&website"),
            ("PUT", "/docs/a?tagging&legal-hold"),
            ("POST", "/docs/a?uploads&uploadId=1"),
            ("POST", "/docs/a?restore&uploadId=1"),
        ] {
            assert_eq!(code(method, uri).as_deref(), Some("InvalidArgument"), "{method} {uri}");
        }
        for uri in
            ["/docs/a?x-id=PutObject", "/docs/a?mine=1&x-custom=2", "/docs/a?uploadId=1&partNumber=1", "/docs?%61cl"]
        {
            assert_eq!(code("PUT", uri), None, "{uri}");
        }
        assert_eq!(code("DELETE", "/docs?%61cl").as_deref(), Some("MethodNotAllowed"), "a name may be encoded");
    }
}
