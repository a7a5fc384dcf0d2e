//! Requests that S3 does not have, arguments that cannot be meant, and documents that come without a digest.

use super::{Answer, Notes, Principal, Store, bare_request, md5_of, me, request};

const DELETE: &str = "<Delete><Object><Key>key</Key></Object></Delete>";

#[tokio::test]
async fn a_method_that_a_resource_does_not_have_is_told_with_those_that_it_has() {
    let store = Store::with_bucket("docs").await;
    store.put("/docs/key", &[], "kept").await.ok();
    for (method, uri, resource, allow) in [
        ("POST", "/", "SERVICE", "GET"),
        ("DELETE", "/", "SERVICE", "GET"),
        ("PATCH", "/docs", "BUCKET", "GET, HEAD, PUT, DELETE"),
        ("POST", "/docs/key", "OBJECT", "GET, HEAD, PUT, DELETE"),
        ("PATCH", "/docs/key", "OBJECT", "GET, HEAD, PUT, DELETE"),
        ("DELETE", "/docs?versioning", "VERSIONING", "GET, PUT"),
        ("DELETE", "/docs?acl", "ACL", "GET, PUT"),
        ("PUT", "/docs?location", "LOCATION", "GET"),
        ("PUT", "/docs?policyStatus", "POLICYSTATUS", "GET"),
        ("GET", "/docs?delete", "DELETE", "POST"),
        ("POST", "/docs/key?retention", "RETENTION", "GET, PUT"),
        ("DELETE", "/docs/key?cors", "OBJECT", "GET, HEAD, PUT, DELETE"),
        ("PUT", "/docs/key?policy", "OBJECT", "GET, HEAD, PUT, DELETE"),
        ("DELETE", "/docs?legal-hold", "BUCKET", "GET, HEAD, PUT, DELETE"),
    ] {
        let refused = store.send(method, uri, &[], "").await;
        assert_eq!(refused.error(), (405, "MethodNotAllowed".into()), "{method} {uri}");
        assert_eq!(refused.header("allow"), Some(allow), "{method} {uri}");
        assert_eq!(refused.element("ResourceType").as_deref(), Some(resource), "{method} {uri}");
        assert_eq!(refused.element("Method").as_deref(), Some(method), "{method} {uri}");
    }
    let post = store.send("POST", "/docs", &[], "").await;
    assert_eq!(post.error(), (412, "PreconditionFailed".into()));
    assert_eq!(post.element("Condition").unwrap(), "Bucket POST must be of the enclosure-type multipart/form-data");
    for uri in ["/docs/key?uploads", "/docs/key?versions"] {
        assert_eq!(store.get(uri, &[]).await.error(), (400, "InvalidRequest".into()), "{uri}");
    }
    for uri in ["/docs/key?partNumber=1", "/docs/key?uploadId=x"] {
        assert_eq!(store.put(uri, &[], "changed").await.error(), (400, "InvalidArgument".into()), "{uri}");
    }
    for (method, uri) in
        [("PUT", "/docs/key?renameObject"), ("GET", "/docs/key?torrent"), ("POST", "/docs?metadataTable")]
    {
        assert_eq!(store.send(method, uri, &[], "").await.error(), (501, "NotImplemented".into()), "{method} {uri}");
    }
    assert_eq!(store.get("/docs/key", &[]).await.ok().text(), "kept");
}

#[tokio::test]
async fn a_parameter_that_is_no_subresource_counts_for_nothing() {
    let store = Store::with_bucket("docs").await;
    store.put("/docs/key?mine=1&x-id=PutObject", &[], "hello").await.ok();
    assert_eq!(store.get("/docs/key?mine", &[]).await.ok().text(), "hello");
    store.send("DELETE", "/docs/key?mine=1", &[], "").await.ok();
    store.send("DELETE", "/docs?mine=1", &[], "").await.ok();
}

#[tokio::test]
async fn numbers_that_are_none_or_negative_are_refused_with_their_names() {
    let store = Store::with_bucket("docs").await;
    store.put("/docs/key", &[], "hello").await.ok();
    let upload = store.send("POST", "/docs/big?uploads", &[], "").await.ok().element("UploadId").unwrap();
    let parts = format!("/docs/big?uploadId={upload}");
    for (uri, name) in [
        ("/docs?max-keys=".to_owned(), "max-keys"),
        ("/docs?list-type=2&max-keys=".to_owned(), "max-keys"),
        ("/docs?versions&max-keys=".to_owned(), "max-keys"),
        ("/docs?uploads&max-uploads=".to_owned(), "max-uploads"),
        (format!("{parts}&max-parts="), "max-parts"),
        (format!("{parts}&part-number-marker="), "part-number-marker"),
        ("/docs/key?partNumber=".to_owned(), "partNumber"),
    ] {
        for value in ["-1", "blah", "3x", "2147483648", ""] {
            let refused = store.get(&format!("{uri}{value}"), &[]).await;
            assert_eq!(refused.error(), (400, "InvalidArgument".into()), "{uri}{value}");
            assert_eq!(refused.element("ArgumentName").as_deref(), Some(name), "{uri}{value}");
            assert_eq!(refused.element("ArgumentValue").unwrap_or_default(), value, "{uri}{value}");
        }
        store.get(&format!("{uri}1"), &[]).await.ok();
    }
    let message = async |uri: &str| store.get(uri, &[]).await.element("Message").unwrap();
    assert_eq!(message("/docs?max-keys=x").await, "Provided max-keys not an integer or within integer range");
    assert_eq!(message("/docs?max-keys=-1").await, "Argument maxKeys must be an integer between 0 and 2147483647");
    store.put("/docs/other?max-keys=x", &[], "x").await.ok();
}

async fn attributes(store: &Store, uri: &str, names: &str, more: &[(&str, &str)]) -> Answer {
    let headers: Vec<_> = [("x-amz-object-attributes", names)].into_iter().chain(more.iter().copied()).collect();
    store.get(&format!("{uri}?attributes"), &headers).await
}

#[tokio::test]
async fn attributes_are_told_as_s3_spells_them() {
    let store = Store::with_bucket("docs").await;
    store.put("/docs/key", &[], "hello").await.ok();
    let told = attributes(&store, "/docs/key", "ETag, Checksum,ObjectSize", &[]).await.ok();
    assert_eq!(told.element("ETag").unwrap(), "5d41402abc4b2a76b9719d911017c592");
    assert_eq!(told.element("ObjectSize").unwrap(), "5");
    assert_eq!(told.element("ChecksumType").unwrap(), "FULL_OBJECT");
    assert!(told.element("StorageClass").is_none() && told.element("ObjectParts").is_none());
    let unknown = attributes(&store, "/docs/key", "ETag,Colour", &[]).await;
    assert_eq!(unknown.error(), (400, "InvalidArgument".into()));
    assert_eq!(unknown.element("Message").unwrap(), "Invalid attribute name specified.");
    assert_eq!(unknown.element("ArgumentName").unwrap(), "x-amz-object-attributes");
    assert_eq!(unknown.element("ArgumentValue").unwrap(), "Colour");
    assert_eq!(store.get("/docs/key?attributes", &[]).await.error(), (400, "InvalidRequest".into()));
    assert_eq!(attributes(&store, "/docs/key", " , ", &[]).await.error(), (400, "InvalidRequest".into()));
    for header in ["x-amz-max-parts", "x-amz-part-number-marker"] {
        for value in ["-1", "x"] {
            let refused = attributes(&store, "/docs/key", "ObjectParts", &[(header, value)]).await;
            assert_eq!(refused.error(), (400, "InvalidArgument".into()), "{header}: {value}");
        }
    }
}

#[tokio::test]
async fn the_parts_of_an_object_come_in_pages() {
    let store = Store::with_bucket("docs").await;
    let upload = store.send("POST", "/docs/big?uploads", &[], "").await.ok().element("UploadId").unwrap();
    let mut parts = String::new();
    for (number, size) in [(1, 5 << 20), (2, 5 << 20), (5, 3)] {
        let uri = format!("/docs/big?partNumber={number}&uploadId={upload}");
        let etag = store.put(&uri, &[], vec![7_u8; size]).await.ok().header("etag").unwrap().to_owned();
        parts.push_str(&format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"));
    }
    let body = format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
    store.send("POST", &format!("/docs/big?uploadId={upload}"), &[], body).await.ok();
    let page = async |more: &[(&str, &str)]| {
        let told = attributes(&store, "/docs/big", "ObjectParts", more).await.ok();
        let next = told.element("NextPartNumberMarker").unwrap();
        (told.elements("PartNumber"), next, told.element("IsTruncated").unwrap(), told.element("PartsCount").unwrap())
    };
    let numbers = |all: &[&str]| all.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
    let expect =
        |all: &[&str], next: &str, more: &str| (numbers(all), next.to_owned(), more.to_owned(), "3".to_owned());
    assert_eq!(page(&[]).await, expect(&["1", "2", "5"], "5", "false"));
    assert_eq!(page(&[("x-amz-max-parts", "2")]).await, expect(&["1", "2"], "2", "true"));
    let rest = [("x-amz-max-parts", "2"), ("x-amz-part-number-marker", "2")];
    assert_eq!(page(&rest).await, expect(&["5"], "5", "false"));
    assert_eq!(page(&[("x-amz-part-number-marker", "9")]).await, expect(&[], "9", "false"));
}

#[tokio::test]
async fn some_documents_are_refused_without_a_digest() {
    let store = Store::with_bucket("docs").await;
    store.put("/lock", &[("x-amz-bucket-object-lock-enabled", "true")], "").await.ok();
    store.put("/docs/key", &[], "kept").await.ok();
    store.put("/lock/key", &[], "kept").await.ok();
    let tags = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>";
    let lock = "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>";
    let hold = "<LegalHold><Status>OFF</Status></LegalHold>";
    let until = "<Retention><Mode>GOVERNANCE</Mode><RetainUntilDate>2030-01-01T00:00:00Z</RetainUntilDate></Retention>";
    let send = async |method: &str, uri: &str, headers: &[(&str, &str)], body: &str| {
        let request = bare_request(method, uri, headers, body.to_owned().into());
        store.send_as(&me(), &Notes::default(), request).await
    };
    for (method, uri, body) in [
        ("PUT", "/docs?tagging", tags),
        ("PUT", "/lock?object-lock", lock),
        ("PUT", "/lock/key?legal-hold", hold),
        ("PUT", "/lock/key?retention", until),
        ("POST", "/docs?delete", DELETE),
    ] {
        let refused = send(method, uri, &[], body).await;
        assert_eq!(refused.error(), (400, "InvalidRequest".into()), "{method} {uri}");
        let message = "Missing required header for this request: Content-MD5 OR x-amz-checksum-*";
        assert_eq!(refused.element("Message").unwrap(), message, "{method} {uri}");
        assert_eq!(store.get("/docs/key", &[]).await.ok().text(), "kept");
        send(method, uri, &[("content-md5", &md5_of(body.as_bytes()))], body).await.ok();
    }
    let versioning = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    send("PUT", "/docs?versioning", &[], versioning).await.ok();
    store.put("/docs/key", &[], "kept").await.ok();
    send("PUT", "/docs/key?tagging", &[], tags).await.ok();
}

#[tokio::test]
async fn what_shapes_an_answer_is_for_signed_requests() {
    let store = Store::with_bucket("docs").await;
    store.put("/docs/key", &[], "hello").await.ok();
    let anonymous = sidegate_services::Caller { principal: Principal::Anonymous, ..me() };
    for method in ["GET", "HEAD"] {
        let shaped = request(method, "/docs/key?response-content-type=text/html", &[], "");
        assert_eq!(store.send_as(&anonymous, &Notes::default(), shaped).await.status, 400, "{method}");
        let shaped = store.send(method, "/docs/key?response-content-type=text/html", &[], "").await.ok();
        assert_eq!(shaped.header("content-type"), Some("text/html"), "{method}");
        let plain = request(method, "/docs/key", &[], "");
        store.send_as(&anonymous, &Notes::default(), plain).await.ok();
    }
}

#[tokio::test]
async fn headers_of_encryption_are_not_for_a_read() {
    let store = Store::with_bucket("docs").await;
    store.put("/docs/key", &[], "hello").await.ok();
    for name in ["x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id"] {
        let refused = store.get("/docs/key", &[(name, "AES256")]).await;
        assert_eq!(refused.error(), (400, "InvalidArgument".into()), "{name}");
        assert_eq!(refused.element("ArgumentName").as_deref(), Some(name));
        assert_eq!(store.head("/docs/key", &[(name, "AES256")]).await.status, 400, "{name}");
    }
}

#[tokio::test]
async fn conditions_that_are_no_dates_are_ignored_and_lists_are_read() {
    let store = Store::with_bucket("docs").await;
    let etag = store.put("/docs/key", &[], "hello").await.ok().header("etag").unwrap().to_owned();
    for header in ["if-modified-since", "if-unmodified-since"] {
        for value in ["yesterday", "0", "Sun, 99 Jun 2025 15:06:40 GMT"] {
            assert_eq!(store.get("/docs/key", &[(header, value)]).await.ok().text(), "hello", "{header}: {value}");
            store.head("/docs/key", &[(header, value)]).await.ok();
        }
    }
    let list = format!("\"a,b\", {etag}");
    let weak = format!("W/{etag}");
    assert_eq!(store.get("/docs/key", &[("if-match", &list)]).await.ok().text(), "hello");
    assert_eq!(store.get("/docs/key", &[("if-none-match", &list)]).await.status, 304);
    assert_eq!(store.get("/docs/key", &[("if-none-match", &weak)]).await.status, 304);
    assert_eq!(store.get("/docs/key", &[("if-match", &weak)]).await.error(), (412, "PreconditionFailed".into()));
    assert_eq!(store.get("/docs/key", &[("if-none-match", "\"a\", \"b\"")]).await.ok().text(), "hello");
    assert_eq!(store.get("/docs/key", &[("if-match", "\"a\", \"b\"")]).await.error().0, 412);
    let source = |header, value| [("x-amz-copy-source", "docs/key"), (header, value)];
    store.put("/docs/a", &source("x-amz-copy-source-if-modified-since", "soon"), "").await.ok();
    let refused = store.put("/docs/b", &source("x-amz-copy-source-if-none-match", &list), "").await;
    assert_eq!(refused.error(), (412, "PreconditionFailed".into()));
    store.put("/docs/b", &source("x-amz-copy-source-if-match", &list), "").await.ok();
}

#[tokio::test]
async fn a_website_redirects_to_a_path_or_a_url() {
    let store = Store::with_bucket("docs").await;
    let name = "x-amz-website-redirect-location";
    for location in ["/other", "http://example.com/", "https://example.com/"] {
        store.put("/docs/key", &[(name, location)], "x").await.ok();
        assert_eq!(store.head("/docs/key", &[]).await.ok().header(name), Some(location));
        store.put("/docs/copy", &[("x-amz-copy-source", "docs/key"), (name, location)], "").await.ok();
    }
    let long = format!("/{}", "x".repeat(2048));
    for location in ["other", "ftp://example.com/", &long] {
        let refused = store.put("/docs/key", &[(name, location)], "y").await;
        assert_eq!(refused.error(), (400, "InvalidRedirectLocation".into()), "{location}");
        let refused = store.put("/docs/copy", &[("x-amz-copy-source", "docs/key"), (name, location)], "").await;
        assert_eq!(refused.error(), (400, "InvalidRedirectLocation".into()), "{location}");
    }
    assert_eq!(store.get("/docs/key", &[]).await.ok().text(), "x");
}
