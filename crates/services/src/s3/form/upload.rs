//! From a form to an object: what its fields say becomes the headers of a PutObject, which does the rest.

use std::sync::Arc;

use http::header::{ETAG, HOST, HeaderName, HeaderValue, LOCATION};
use http::{HeaderMap, Method, Response, StatusCode, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::dto::{ETag, Metadata, PutObjectInput, PutObjectOutput, StreamingBlob, Tagging};
use s3s::xml::{Deserialize as _, Deserializer};
use s3s::{S3ErrorCode, S3Request};

use super::policy::Policy;
use super::{Fault, Form, Opened};
use crate::Body;
use crate::s3::call::{Call, refuse_exposed_key};
use crate::s3::cross_origin::place;
use crate::s3::put::put_object;
use crate::s3::receive::LARGEST_BODY;
use crate::s3::store::Store;

/// The longest key, in bytes.
const LONGEST_KEY: usize = 1024;

/// What a URL has as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The fields of a signature of Version 4, and of Version 2, with the names that messages have for them.
const V4: [(&str, &str); 4] = [
    ("x-amz-algorithm", "X-Amz-Algorithm"),
    ("x-amz-credential", "X-Amz-Credential"),
    ("x-amz-date", "X-Amz-Date"),
    ("x-amz-signature", "X-Amz-Signature"),
];
const V2: [(&str, &str); 2] = [("awsaccesskeyid", "AWSAccessKeyId"), ("signature", "Signature")];

/// The fields that are headers of PutObject under the same names, or names with such a beginning.
const HEADERS: [&str; 9] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-md5",
    "content-type",
    "expires",
    "x-amz-storage-class",
    "x-amz-website-redirect-location",
];
const BEGINNINGS: [&str; 4] = ["x-amz-checksum-", "x-amz-meta-", "x-amz-object-lock-", "x-amz-server-side-encryption"];

/// Answers a form that is sent to a bucket.
pub(in crate::s3) async fn upload(
    store: &Arc<Store>, mut call: Call, head: &http::request::Parts, body: Body,
) -> Result<Response<s3s::Body>, Fault> {
    let (Some(bucket), false) = place(&head.uri, &head.headers) else {
        let message = "The specified method is not allowed against this resource.";
        return Err(Fault::new(S3ErrorCode::MethodNotAllowed, message).with("ResourceType", "OBJECT"));
    };
    let opened = head.extensions.get::<Opened>().and_then(Opened::take);
    let mut form = match opened {
        Some(form) => form,
        None => Form::read(&head.headers, body).await,
    }
    .map_err(super::FormError::fault)?;
    form.expand();
    let key = form.field("key").filter(|key| !key.is_empty()).ok_or_else(|| needs("key"))?.to_owned();
    if key.len() > LONGEST_KEY {
        return Err(Fault::new(S3ErrorCode::KeyTooLongError, "Your key is too long")
            .with("MaxSizeAllowed", LONGEST_KEY.to_string())
            .with("Size", key.len().to_string()));
    }
    let sizes = form.sizes(&bucket, call.caller.now)?;
    let headers = form.headers()?;
    refuse_exposed_key(&headers, &head.extensions)?;
    let answer = Answer::of(&form, &head.headers, &bucket, &key);
    call.is_form = true;
    call.pays = form.field("x-amz-request-payer") == Some("requester");
    let body = s3s::Body::http_body_unsync(form.file.within(sizes));
    let metadata: Metadata = headers
        .iter()
        .filter_map(|(name, value)| {
            let name = name.as_str().strip_prefix("x-amz-meta-").filter(|name| !name.is_empty())?;
            Some((name.to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        })
        .collect();
    let input = PutObjectInput {
        bucket,
        key,
        body: Some(StreamingBlob::from(body)),
        metadata: (!metadata.is_empty()).then_some(metadata),
        ..PutObjectInput::default()
    };
    let request = S3Request {
        input,
        method: Method::PUT,
        uri: head.uri.clone(),
        headers,
        extensions: head.extensions.clone(),
        credentials: None,
        region: None,
        service: None,
        trailing_headers: None,
    };
    let put = put_object(store, call, request).await?;
    Ok(answer.render(&put.output))
}

fn needs(name: &'static str) -> Fault {
    let message = format!(
        "Bucket POST must contain a field named '{name}'.  If it is specified, please check the order of the fields."
    );
    Fault::new(S3ErrorCode::InvalidArgument, message).with("ArgumentName", name).with("ArgumentValue", "")
}

impl Form {
    /// Puts the name of the file where a field asks for it.
    fn expand(&mut self) {
        let name = self.file_name().to_owned();
        for (own, value) in &mut self.fields {
            if !matches!(own.as_str(), "policy" | "signature" | "x-amz-signature") && value.contains("${filename}") {
                *value = value.replace("${filename}", &name);
            }
        }
    }

    /// The sizes that the file may have, if the policy allows the form. A form without a signature needs none.
    fn sizes(&self, bucket: &str, now: i64) -> Result<std::ops::RangeInclusive<u64>, Fault> {
        let has = |(name, _): &&(&'static str, &'static str)| self.field(name).is_some();
        let signed = V4.iter().find(has).map(|_| &V4[..]).or_else(|| V2.iter().find(has).map(|_| &V2[..]));
        let missing = signed.and_then(|fields| fields.iter().find(|(name, _)| self.field(name).is_none()));
        let policy = match (signed, self.field("policy")) {
            (None, None) => return Ok(0..=LARGEST_BODY),
            (None, Some(_)) => return Err(Fault::access_denied()),
            (Some(_), None) => return Err(needs("policy")),
            (Some(_), Some(policy)) => match missing {
                Some((_, name)) => return Err(needs(name)),
                None => Policy::parse(policy)?,
            },
        };
        let mut fields: Vec<(String, String)> =
            self.fields.iter().filter(|(name, _)| name != "bucket").cloned().collect();
        // The bucket is the one that the request is sent to, whatever a field says.
        fields.push(("bucket".to_owned(), bucket.to_owned()));
        policy.check(&fields, now)?;
        let (least, most) = policy.sizes.map_or((0, LARGEST_BODY), |sizes| (*sizes.start(), *sizes.end()));
        Ok(least..=most.min(LARGEST_BODY))
    }

    /// The headers that the fields stand for.
    fn headers(&self) -> Result<HeaderMap, Fault> {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.fields {
            let name = match name.as_str() {
                "acl" => "x-amz-acl",
                "tagging" => "x-amz-tagging",
                name if HEADERS.contains(&name) || BEGINNINGS.iter().any(|start| name.starts_with(start)) => name,
                _ => continue,
            };
            let value = if name == "x-amz-tagging" { tagging(value)? } else { value.clone() };
            let invalid = || {
                Fault::new(S3ErrorCode::InvalidArgument, "A field of the form is not valid as a header")
                    .with("ArgumentName", name)
            };
            let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| invalid())?;
            let name = HeaderName::try_from(name).map_err(|_| invalid())?;
            // The first of a name is the one that counted before.
            headers.entry(name).or_insert(value);
        }
        Ok(headers)
    }
}

/// The tags of a form are a document; those of a header have the form of a query.
fn tagging(document: &str) -> Result<String, Fault> {
    let tagging = Tagging::deserialize(&mut Deserializer::new(document.as_bytes())).map_err(|_| Fault::malformed())?;
    let encoded = |text: Option<String>| utf8_percent_encode(&text.unwrap_or_default(), PLAIN).to_string();
    let pairs = tagging.tag_set.into_iter().map(|tag| format!("{}={}", encoded(tag.key), encoded(tag.value)));
    Ok(pairs.collect::<Vec<_>>().join("&"))
}

/// How the browser is told.
struct Answer {
    status: StatusCode,
    redirect: Option<String>,
    location: String,
    bucket: String,
    key: String,
}

impl Answer {
    fn of(form: &Form, headers: &HeaderMap, bucket: &str, key: &str) -> Self {
        let status = match form.field("success_action_status") {
            Some("200") => StatusCode::OK,
            Some("201") => StatusCode::CREATED,
            _ => StatusCode::NO_CONTENT,
        };
        let redirect = form.field("success_action_redirect").or_else(|| form.field("redirect"));
        // One that is no URL counts for nothing.
        let is_url = |url: &&str| {
            let parsed = url.parse::<Uri>().ok();
            parsed.is_some_and(|url| url.scheme().is_some() && url.host().is_some())
        };
        let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let path = utf8_percent_encode(key, PLAIN);
        let location = match crate::s3::host::bucket_of(host) {
            Some(_) if host.contains(".amazonaws.com") => format!("https://{host}/{path}"),
            None if host.contains(".amazonaws.com") => format!("https://{host}/{bucket}/{path}"),
            Some(_) => format!("http://{host}/{path}"),
            None => format!("http://{host}/{bucket}/{path}"),
        };
        let redirect = redirect.filter(is_url).map(str::to_owned);
        Self { status, redirect, location, bucket: bucket.to_owned(), key: key.to_owned() }
    }

    fn render(self, put: &PutObjectOutput) -> Response<s3s::Body> {
        let etag = put.e_tag.as_ref().map(ETag::value).unwrap_or_default();
        let etag = format!("\"{etag}\"");
        let mut answer = Response::new(s3s::Body::empty());
        *answer.status_mut() = self.status;
        let mut insert = |name: HeaderName, value: Option<&str>| {
            if let Some(Ok(value)) = value.map(HeaderValue::from_str) {
                answer.headers_mut().insert(name, value);
            }
        };
        insert(ETAG, Some(&etag));
        insert(LOCATION, Some(&self.location));
        insert(HeaderName::from_static("x-amz-version-id"), put.version_id.as_deref());
        let encryption = put.server_side_encryption.as_ref().map(|encryption| encryption.as_str());
        insert(HeaderName::from_static("x-amz-server-side-encryption"), encryption);
        let key = HeaderName::from_static("x-amz-server-side-encryption-aws-kms-key-id");
        insert(key, put.ssekms_key_id.as_deref());
        if let Some(redirect) = &self.redirect {
            let separator = if redirect.contains('?') { '&' } else { '?' };
            let encoded = |text| utf8_percent_encode(text, PLAIN);
            let (bucket, key, etag) = (encoded(&self.bucket), encoded(&self.key), encoded(&etag));
            let target = format!("{redirect}{separator}bucket={bucket}&key={key}&etag={etag}");
            insert(LOCATION, Some(&target));
            *answer.status_mut() = StatusCode::SEE_OTHER;
        } else if self.status == StatusCode::CREATED {
            insert(http::header::CONTENT_TYPE, Some("application/xml"));
            *answer.body_mut() = self.document(&etag).into();
        }
        answer
    }

    fn document(&self, etag: &str) -> String {
        let element = |name: &str, value: &str| format!("<{name}>{}</{name}>", crate::s3::answer::escaped(value));
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<PostResponse>{}{}{}{}</PostResponse>",
            element("Location", &self.location),
            element("Bucket", &self.bucket),
            element("Key", &self.key),
            element("ETag", etag)
        )
    }
}
