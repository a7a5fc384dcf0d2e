//! Signing a request, as Sidegate's own clients do.

use aws_lc_rs::digest::{SHA256, digest};
use http::{
    HeaderValue, Request,
    header::{AUTHORIZATION, HOST, InvalidHeaderValue},
    request::Parts,
};
use percent_encoding::utf8_percent_encode;

use super::{
    ALGORITHM, AmzDate, ContentSha256, PayloadHash, S3, SecretKey, TERMINATOR,
    canonical::{self, Form, Signed, request_digest},
    header,
    key::{SigningKey, string_to_sign},
};

/// Headers that botocore does not sign, because what is between may change them.
const NOT_SIGNED: [&str; 12] = [
    "authorization",
    "connection",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "x-amzn-trace-id",
];

/// Whoever signs, and for what.
#[derive(Debug, Clone, Copy)]
pub struct Signer<'a> {
    /// The access key.
    pub access_key: &'a str,
    /// Its secret.
    pub secret: &'a SecretKey,
    /// The session's token, if the access key is that of a session.
    pub session_token: Option<&'a str>,
    /// The Region that the request is for.
    pub region: &'a str,
    /// The service's signing name.
    pub service: &'a str,
}

impl Signer<'_> {
    /// Signs a request: gives it the headers that a signature wants, and the `Authorization`.
    ///
    /// With [`PayloadHash::Header`] the body's hash is the `x-amz-content-sha256` that the request
    /// has, and for S3 the body stays unsigned if it has none.
    ///
    /// # Errors
    /// When the session token or the access key cannot be in a header.
    pub fn sign(&self, parts: &mut Parts, payload: PayloadHash<'_>, now: i64) -> Result<(), InvalidHeaderValue> {
        let date = AmzDate::from_unix(now);
        if !parts.headers.contains_key(HOST) {
            let host = HeaderValue::from_bytes(self.host(parts).as_bytes())?;
            parts.headers.insert(HOST, host);
        }
        parts.headers.insert(header::DATE, HeaderValue::try_from(date.to_string())?);
        if let Some(token) = self.session_token {
            parts.headers.insert(header::SECURITY_TOKEN, HeaderValue::from_str(token)?);
        }
        if let PayloadHash::OfBody(_) = payload {
            parts.headers.remove(header::CONTENT_SHA256);
        }
        if self.service == S3 {
            let hash = HeaderValue::try_from(self.payload(parts, payload))?;
            parts.headers.insert(header::CONTENT_SHA256, hash);
        }
        let authorization = self.authorization_header(parts, payload, now);
        parts.headers.insert(AUTHORIZATION, HeaderValue::try_from(authorization)?);
        Ok(())
    }

    /// The `Authorization` for a request that has its other headers already: the `x-amz-date` of
    /// [`AmzDate::from_unix`], the session's token and, for S3, `x-amz-content-sha256`.
    pub fn authorization_header(&self, parts: &Parts, payload: PayloadHash<'_>, now: i64) -> String {
        let (access_key, region, service) = (self.access_key, self.region, self.service);
        let date = AmzDate::from_unix(now);
        let headers = signed_headers(parts);
        let host = self.host(parts);
        let payload = self.payload(parts, payload);
        let signed = Signed { host: host.as_bytes(), headers: &headers, payload: &payload, service, presigned: false };
        let digest = request_digest(parts, &signed, Form::AsSent);
        let signature = SigningKey::derive(self.secret, date, region, service)
            .sign(&string_to_sign(date, region, service, &digest));
        format!(
            "{ALGORITHM} Credential={access_key}/{day}/{region}/{service}/{TERMINATOR}, \
             SignedHeaders={headers}, Signature={signature}",
            day = date.day(),
            headers = headers.join(";"),
        )
    }

    /// A path with a signature in its query, by which whoever has it may GET this from the host for so many seconds. The
    /// host is as clients send it, and `target` a path, perhaps with a query.
    ///
    /// # Errors
    /// When there can be no such request.
    pub fn presigned(&self, host: &str, target: &str, seconds: u32, now: i64) -> Result<String, http::Error> {
        let (region, service) = (self.region, self.service);
        let date = AmzDate::from_unix(now);
        let credential = format!("{}/{}/{region}/{service}/{TERMINATOR}", self.access_key, date.day());
        let parameters = [
            ("X-Amz-Algorithm", Some(ALGORITHM.to_owned())),
            ("X-Amz-Credential", Some(credential)),
            ("X-Amz-Date", Some(date.to_string())),
            ("X-Amz-Expires", Some(seconds.to_string())),
            ("X-Amz-SignedHeaders", Some("host".to_owned())),
            ("X-Amz-Security-Token", self.session_token.map(str::to_owned)),
        ];
        let mut signed = target.to_owned();
        for (name, value) in parameters {
            if let Some(value) = value {
                signed.push(if signed.contains('?') { '&' } else { '?' });
                signed.push_str(name);
                signed.push('=');
                signed.extend(utf8_percent_encode(&value, canonical::RESERVED));
            }
        }
        let (parts, ()) = Request::get(&signed).header(HOST, host).body(())?.into_parts();
        let hash = if service == S3 { PayloadHash::Header } else { PayloadHash::OfBody(b"") };
        let payload = self.payload(&parts, hash);
        let headers = ["host".to_owned()];
        let what = Signed { host: host.as_bytes(), headers: &headers, payload: &payload, service, presigned: true };
        let digest = request_digest(&parts, &what, Form::AsSent);
        let signature = SigningKey::derive(self.secret, date, region, service)
            .sign(&string_to_sign(date, region, service, &digest));
        Ok(format!("{signed}&X-Amz-Signature={signature}"))
    }

    /// What a client sends as `Host`: the URL's authority, without the port that the scheme implies.
    fn host(&self, parts: &Parts) -> String {
        let host = String::from_utf8_lossy(canonical::host(parts)).into_owned();
        if parts.headers.contains_key(HOST) {
            return host;
        }
        let implied = match parts.uri.scheme_str() {
            Some("http") => ":80",
            Some("https") => ":443",
            _ => return host,
        };
        host.strip_suffix(implied).map_or_else(|| host.clone(), str::to_owned)
    }

    fn payload(&self, parts: &Parts, payload: PayloadHash<'_>) -> String {
        let given = parts.headers.get(header::CONTENT_SHA256);
        match (given.and_then(|value| value.to_str().ok()), payload) {
            (Some(given), _) => given.to_owned(),
            (None, PayloadHash::OfBody(body)) => hex::encode(digest(&SHA256, body)),
            (None, PayloadHash::Header) => ContentSha256::UNSIGNED.to_owned(),
        }
    }
}

fn signed_headers(parts: &Parts) -> Vec<String> {
    let mut names: Vec<String> = parts
        .headers
        .keys()
        .map(http::HeaderName::as_str)
        .filter(|name| !NOT_SIGNED.contains(name) && *name != "host")
        .chain(["host"])
        .map(str::to_owned)
        .collect();
    names.sort_unstable();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As botocore presigns it: the corpus has the same.
    #[test]
    fn a_url_is_presigned_as_botocore_does() {
        let secret = SecretKey::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        let signer = Signer {
            access_key: "AKIAIOSFODNN7EXAMPLE",
            secret: &secret,
            session_token: None,
            region: "us-east-1",
            service: "sts",
        };
        let target = "/?Action=GetCallerIdentity&Version=2011-06-15";
        let presigned = signer.presigned("sts.us-east-1.amazonaws.com", target, 60, 1_767_269_045).unwrap();
        assert_eq!(
            presigned,
            "/?Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=\
             AKIAIOSFODNN7EXAMPLE%2F20260101%2Fus-east-1%2Fsts%2Faws4_request&X-Amz-Date=20260101T120405Z&X-Amz-Expires=60&\
             X-Amz-SignedHeaders=host&X-Amz-Signature=b258b806073a3364c58ef8cbaa8488c36872cfbd55a5067d8770a41a3f2a5ad2"
        );
    }
}
