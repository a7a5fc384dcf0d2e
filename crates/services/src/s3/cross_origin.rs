//! Cross-origin requests: what a browser asks before it sends one, and the headers of the answer to it.
//!
//! Source: S3 user guide, "Using cross-origin resource sharing (CORS)"; what S3 is on record with.

use std::sync::Arc;

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, HOST, HeaderName, HeaderValue, ORIGIN, VARY,
};
use http::{HeaderMap, Method, StatusCode, Uri};
use s3s::dto::{CORSConfiguration, CORSRule};

use super::configuration::load;
use super::fault::Fault;
use super::host::bucket_of;
use super::store::Store;

const VARIES: HeaderValue =
    HeaderValue::from_static("Origin, Access-Control-Request-Headers, Access-Control-Request-Method");

/// What a browser says of a cross-origin request.
#[derive(Clone, Debug)]
pub(super) struct CrossOrigin {
    origin: String,
    /// The method of the request, or the one that is asked about.
    method: String,
    /// The headers that are asked about.
    headers: Vec<String>,
    bucket: Option<String>,
    is_object: bool,
    asks: bool,
}

impl CrossOrigin {
    /// What the head of a request says; `None` if it is none of another origin, and does not ask about one.
    pub(super) fn of(method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<Option<Self>, Fault> {
        let asks = *method == Method::OPTIONS;
        let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let origin = match text(ORIGIN) {
            Some(origin) => origin,
            None if !asks => return Ok(None),
            None => {
                return Err(Fault::bad_request(
                    "BadRequest",
                    "Insufficient information. Origin request header needed.",
                ));
            }
        };
        let asked = text(ACCESS_CONTROL_REQUEST_METHOD);
        let method = if asks { known_method(asked)? } else { method.as_str().to_owned() };
        let names = text(ACCESS_CONTROL_REQUEST_HEADERS).unwrap_or_default();
        let names = names.split(',').map(|name| name.trim().to_ascii_lowercase());
        let (bucket, is_object) = place(uri, headers);
        let headers = names.filter(|name| !name.is_empty()).collect();
        Ok(Some(Self { origin, method, headers, bucket, is_object, asks }))
    }

    /// The headers of the answer, if a rule of the bucket covers the request.
    pub(super) async fn allowed(&self, store: &Arc<Store>) -> Result<Option<HeaderMap>, Fault> {
        let Some(rules) = self.rules(store).await? else { return Ok(None) };
        Ok(rules.iter().find(|rule| self.is_covered(rule)).map(|rule| self.answer(rule)))
    }

    /// The answer to a browser that asks.
    pub(super) async fn preflight(&self, store: &Arc<Store>) -> Result<HeaderMap, Fault> {
        match self.rules(store).await? {
            None => Err(self.refused("CORSResponse: CORS is not enabled for this bucket.")),
            Some(rules) => {
                let rule = rules.iter().find(|rule| self.is_covered(rule));
                rule.map(|rule| self.answer(rule)).ok_or_else(|| {
                    self.refused(
                        "CORSResponse: This CORS request is not allowed. This is usually because the evalution of \
                         Origin, request method / Access-Control-Request-Method or Access-Control-Request-Headers are \
                         not whitelisted by the resource's CORS spec.",
                    )
                })
            }
        }
    }

    fn refused(&self, message: &'static str) -> Fault {
        let resource = if self.is_object { "OBJECT" } else { "BUCKET" };
        let fault = Fault::coded("AccessForbidden", StatusCode::FORBIDDEN, message);
        fault.with("Method", &self.method).with("ResourceType", resource)
    }

    async fn rules(&self, store: &Arc<Store>) -> Result<Option<Vec<CORSRule>>, Fault> {
        let Some(bucket) = self.bucket.clone() else { return Ok(None) };
        let asks = self.asks;
        let found = store
            .run(move |store| {
                let kept: Option<CORSConfiguration> = load(store, &bucket, "")?;
                let exists = kept.is_some() || !asks || store.index.bucket(&bucket, None, None)?.0.is_some();
                Ok((kept, exists))
            })
            .await?;
        match found {
            (kept, true) => Ok(kept.map(|kept| kept.cors_rules)),
            (_, false) => Err(self.refused("CORSResponse: Bucket not found")),
        }
    }

    fn is_covered(&self, rule: &CORSRule) -> bool {
        let allowed = rule.allowed_headers.as_deref().unwrap_or_default();
        rule.allowed_origins.iter().any(|pattern| covers(pattern, &self.origin))
            && rule.allowed_methods.contains(&self.method)
            && self.headers.iter().all(|name| allowed.iter().any(|own| covers(&own.to_ascii_lowercase(), name)))
    }

    fn answer(&self, rule: &CORSRule) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let mut insert = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        let anyone = rule.allowed_origins.iter().any(|pattern| pattern == "*");
        insert(ACCESS_CONTROL_ALLOW_ORIGIN, if anyone { "*" } else { &self.origin });
        insert(ACCESS_CONTROL_ALLOW_METHODS, &rule.allowed_methods.join(", "));
        if !anyone {
            insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
        }
        if !self.headers.is_empty() {
            insert(ACCESS_CONTROL_ALLOW_HEADERS, &self.headers.join(", "));
        }
        if let Some(exposed) = rule.expose_headers.as_ref().filter(|exposed| !exposed.is_empty()) {
            insert(ACCESS_CONTROL_EXPOSE_HEADERS, &exposed.join(", "));
        }
        if let Some(age) = rule.max_age_seconds {
            insert(ACCESS_CONTROL_MAX_AGE, &age.to_string());
        }
        headers.insert(VARY, VARIES);
        headers
    }
}

/// The method that is asked about, which is one that rules may name.
fn known_method(asked: Option<String>) -> Result<String, Fault> {
    const METHODS: [&str; 5] = ["GET", "PUT", "POST", "DELETE", "HEAD"];
    match asked {
        Some(method) if METHODS.contains(&method.as_str()) => Ok(method),
        asked => {
            let asked = asked.unwrap_or_else(|| "null".to_owned());
            let message = format!("Invalid Access-Control-Request-Method: {asked}");
            Err(Fault::coded("BadRequest", StatusCode::BAD_REQUEST, message))
        }
    }
}

/// The bucket that a request names, and whether it names an object in it.
pub(super) fn place(uri: &Uri, headers: &HeaderMap) -> (Option<String>, bool) {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).or_else(|| uri.authority().map(|a| a.as_str()));
    let path = uri.path().trim_start_matches('/');
    match host.and_then(bucket_of) {
        Some(bucket) => (Some(bucket), !path.is_empty()),
        None => {
            let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
            let bucket = percent_encoding::percent_decode_str(bucket).decode_utf8_lossy().into_owned();
            (Some(bucket).filter(|bucket| !bucket.is_empty()), !key.is_empty())
        }
    }
}

/// Whether a pattern with at most one wildcard covers a text.
fn covers(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((start, end)) => text.len() >= start.len() + end.len() && text.starts_with(start) && text.ends_with(end),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_stands_for_any_text_and_for_none() {
        for (pattern, text) in [("*", "http://a"), ("http://*.a", "http://b.a"), ("http://a*", "http://a"), ("a", "a")]
        {
            assert!(covers(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("http://*.a", "http://.b"), ("ab*ba", "aba"), ("a", "b"), ("", "a")] {
            assert!(!covers(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn the_bucket_stands_in_the_host_or_in_the_path() {
        let of = |host: &'static str, uri: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, HeaderValue::from_static(host));
            place(&Uri::from_static(uri), &headers)
        };
        assert_eq!(of("docs.s3.amazonaws.com", "/a/b"), (Some("docs".to_owned()), true));
        assert_eq!(of("docs.s3.amazonaws.com", "/"), (Some("docs".to_owned()), false));
        assert_eq!(of("localhost:4566", "/docs/a"), (Some("docs".to_owned()), true));
        assert_eq!(of("localhost:4566", "/docs"), (Some("docs".to_owned()), false));
        assert_eq!(of("localhost:4566", "/"), (None, false));
    }
}
