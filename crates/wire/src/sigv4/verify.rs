//! Proving a signature.

use http::request::Parts;

use super::{
    AmzDate, AuthError, PayloadHash, Placement, Presented, S3, SecretKey, Signature,
    canonical::{self, Form, Signed, host, request_digest},
    key::{SigningKey, string_to_sign},
    payload,
};

/// By how many seconds a client's clock may differ.
pub const MAX_SKEW: i64 = 15 * 60;

/// For how many seconds a presigned URL may be valid: a week.
pub const MAX_EXPIRES: u32 = 604_800;

impl Presented {
    /// Proves that the holder of the secret signed this request, and not too long ago.
    ///
    /// `now` is in Unix seconds. Two things are for the caller to check: that the session token,
    /// which the signature covers, is that of the access key; and, with
    /// [`Signature::check_scope`], that the scope is that of the endpoint, because the rules are
    /// those of the service that the scope names, and S3's leave bodies unsigned.
    ///
    /// # Errors
    /// [`AuthError::Missing`] for an anonymous request, and whatever is wrong with another.
    pub fn verify(
        &self, parts: &Parts, payload: PayloadHash<'_>, secret: &SecretKey, now: i64,
    ) -> Result<(), AuthError> {
        let now = AmzDate::from_unix(now);
        let signature = match self {
            Self::Anonymous => return Err(AuthError::Missing),
            Self::Header(signature) => {
                signature.check_age(now)?;
                signature
            }
            Self::Query { signature, expires } => {
                signature.check_validity(*expires, now)?;
                signature
            }
        };
        signature.check_headers(parts)?;
        signature.check_host(parts)?;
        let s3 = signature.service == S3;
        let payload = payload::line(parts, signature.placement, s3, payload)?;
        signature.prove(parts, &payload, secret)
    }
}

impl Signature {
    fn check_age(&self, now: AmzDate) -> Result<(), AuthError> {
        self.check_begun(now)?;
        if self.date < now.plus(-MAX_SKEW) {
            return Err(AuthError::Expired { date: self.date, now });
        }
        Ok(())
    }

    fn check_validity(&self, expires: u32, now: AmzDate) -> Result<(), AuthError> {
        self.check_begun(now)?;
        if self.date.plus(i64::from(expires)) < now {
            return Err(AuthError::PresignedExpired { date: self.date, expires, now });
        }
        Ok(())
    }

    fn check_begun(&self, now: AmzDate) -> Result<(), AuthError> {
        if self.date > now.plus(MAX_SKEW) {
            let placement = self.placement;
            return Err(AuthError::NotYetCurrent { placement, date: self.date, now });
        }
        Ok(())
    }

    /// The host has to be signed, and every `x-amz-*` header that the request has. S3 holds
    /// presigned URLs to that as well, or whoever has one could add an `x-amz-acl` to it:
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>.
    fn check_headers(&self, parts: &Parts) -> Result<(), AuthError> {
        let mut names: Vec<String> = parts
            .headers
            .keys()
            .map(http::HeaderName::as_str)
            .filter(|name| name.starts_with("x-amz-"))
            .chain(["host"])
            .filter(|name| !self.signs(name))
            .map(str::to_owned)
            .collect();
        if names.is_empty() {
            return Ok(());
        }
        names.sort_unstable();
        Err(AuthError::UnsignedHeaders { names })
    }

    fn signs(&self, header: &str) -> bool {
        self.signed_headers.binary_search_by(|name| name.as_str().cmp(header)).is_ok()
    }

    /// A request whose `Host` and authority differ, or with two hosts, could be signed for one
    /// host and be routed to the other.
    fn check_host(&self, parts: &Parts) -> Result<(), AuthError> {
        let several = parts.headers.get_all(http::header::HOST).iter().count() > 1;
        let differs = parts.uri.authority().is_some_and(|authority| {
            let authority = authority.as_str().rsplit('@').next().unwrap_or_default();
            !canonical::host(parts).eq_ignore_ascii_case(authority.as_bytes())
        });
        if several || differs {
            return Err(AuthError::SignatureMismatch);
        }
        Ok(())
    }

    fn prove(&self, parts: &Parts, payload: &str, secret: &SecretKey) -> Result<(), AuthError> {
        let key = SigningKey::derive(secret, self.date, &self.region, &self.service);
        let signed = Signed {
            host: host(parts),
            headers: &self.signed_headers,
            payload,
            service: &self.service,
            presigned: self.placement == Placement::Query,
        };
        let proved = [Form::AsSent, Form::Reencoded].into_iter().any(|form| {
            let digest = request_digest(parts, &signed, form);
            let text = string_to_sign(self.date, &self.region, &self.service, &digest);
            key.proves(&text, &self.signature)
        });
        proved.then_some(()).ok_or(AuthError::SignatureMismatch)
    }
}
