//! What a request presents as its signature. Nothing is proved here.

use http::{HeaderMap, header::AUTHORIZATION, request::Parts};

use super::{
    ALGORITHM, AmzDate, AuthError, ContentSha256, Placement, ScopePart, TERMINATOR, canonical::form_decode, header,
    payload::single, verify::MAX_EXPIRES,
};

/// The longest `Authorization` header that is read, in bytes.
pub const MAX_AUTHORIZATION_BYTES: usize = 8 * 1024;

/// The largest number of signed headers.
pub const MAX_SIGNED_HEADERS: usize = 100;

/// The longest access key, as IAM has it.
const MAX_ACCESS_KEY: usize = 128;

/// The longest name of a Region or service in a scope.
const MAX_SCOPE_PART: usize = 64;

/// How a request says that it is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Presented {
    /// With an `Authorization` header.
    Header(Signature),
    /// With a presigned URL.
    Query {
        /// The signature.
        signature: Signature,
        /// For how many seconds the URL is valid.
        expires: u32,
    },
    /// Not at all.
    Anonymous,
}

/// A signature and what it says of itself, before any of it is proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    pub(super) placement: Placement,
    pub(super) access_key: String,
    pub(super) date: AmzDate,
    pub(super) region: String,
    pub(super) service: String,
    pub(super) signed_headers: Vec<String>,
    pub(super) signature: [u8; 32],
    pub(super) session_token: Option<String>,
}

impl Presented {
    /// Reads how a request is signed.
    ///
    /// # Errors
    /// When it is signed with something else, more than once, or in a way that cannot be read.
    pub fn parse(parts: &Parts) -> Result<Self, AuthError> {
        let mut headers = parts.headers.get_all(AUTHORIZATION).iter();
        let header = headers.next();
        let query = QueryParameters::read(parts.uri.query().unwrap_or_default())?;
        match (header, query) {
            (None, None) => Ok(Self::Anonymous),
            (Some(_), Some(_)) => Err(AuthError::Ambiguous),
            (Some(_), None) if headers.next().is_some() => Err(AuthError::Ambiguous),
            (Some(value), None) => {
                if value.len() > MAX_AUTHORIZATION_BYTES {
                    return Err(malformed(Placement::Header, "It is too long."));
                }
                let value = value.to_str().map_err(|_| malformed(Placement::Header, "It is not text."))?;
                parse_header(value, &parts.headers).map(Self::Header)
            }
            (None, Some(query)) => query.parse(),
        }
    }

    /// The signature, if there is one.
    pub fn signature(&self) -> Option<&Signature> {
        match self {
            Self::Header(signature) | Self::Query { signature, .. } => Some(signature),
            Self::Anonymous => None,
        }
    }

    /// What the request says of its body; none if it says nothing.
    ///
    /// # Errors
    /// [`AuthError::InvalidContentSha256`].
    pub fn content_sha256(&self, parts: &Parts) -> Result<Option<ContentSha256>, AuthError> {
        let placement = match self {
            Self::Query { .. } => Placement::Query,
            Self::Header(_) | Self::Anonymous => Placement::Header,
        };
        Ok(ContentSha256::of(parts, placement)?.map(|(content, _)| content))
    }
}

impl Signature {
    /// Where the request carries it.
    pub fn placement(&self) -> Placement {
        self.placement
    }

    /// The access key whose secret made it.
    pub fn access_key(&self) -> &str {
        &self.access_key
    }

    /// When it was made. The credential scope is of the same day.
    pub fn date(&self) -> AmzDate {
        self.date
    }

    /// The Region of its scope.
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The service of its scope.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// The names of the signed headers, lower-case and sorted.
    pub fn signed_headers(&self) -> &[String] {
        &self.signed_headers
    }

    /// The signature itself.
    ///
    /// The signatures of the chunks of a streamed body start from it.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.signature
    }

    /// The token of the session whose access key it is.
    pub fn session_token(&self) -> Option<&str> {
        self.session_token.as_deref()
    }

    /// Whether it was made for this Region and service.
    ///
    /// # Errors
    /// [`AuthError::WrongScope`].
    pub fn check_scope(&self, region: &str, service: &str) -> Result<(), AuthError> {
        let wrong = |part, presented: &str, expected: &str| AuthError::WrongScope {
            placement: self.placement,
            part,
            presented: presented.to_owned(),
            expected: expected.to_owned(),
        };
        if self.service != service {
            return Err(wrong(ScopePart::Service, &self.service, service));
        }
        if self.region != region {
            return Err(wrong(ScopePart::Region, &self.region, region));
        }
        Ok(())
    }
}

/// What is wrong with a part of the header that is no pair, in AWS's words.
fn no_pair(part: &str) -> String {
    let shown: String = part.chars().filter(|c| c.is_ascii_graphic()).take(64).collect();
    format!("'{shown}' not a valid key=value pair (missing equal-sign) in Authorization header.")
}

/// `AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…`, in any order.
fn parse_header(value: &str, headers: &HeaderMap) -> Result<Signature, AuthError> {
    let placement = Placement::Header;
    let (algorithm, rest) = value.split_once(' ').unwrap_or((value, ""));
    if algorithm != ALGORITHM {
        return Err(AuthError::Unsupported);
    }
    let [mut credential, mut signed_headers, mut signature] = [None; 3];
    for part in rest.split(',').map(str::trim) {
        let (name, value) = part.split_once('=').ok_or_else(|| malformed(placement, no_pair(part)))?;
        let slot = match name {
            "Credential" => &mut credential,
            "SignedHeaders" => &mut signed_headers,
            "Signature" => &mut signature,
            _ => return Err(malformed(placement, "It has an unknown parameter.")),
        };
        if slot.replace(value).is_some() {
            return Err(malformed(placement, format!("It has '{name}' twice.")));
        }
    }
    let need = |name: &str| {
        let text = format!("Authorization header requires '{name}' parameter.");
        malformed(placement, text)
    };
    Fields {
        placement,
        credential: credential.ok_or_else(|| need("Credential"))?,
        signed_headers: signed_headers.ok_or_else(|| need("SignedHeaders"))?,
        signature: signature.ok_or_else(|| need("Signature"))?,
        date: header_date(headers)?,
        session_token: single(headers, header::SECURITY_TOKEN)
            .map_err(|()| AuthError::InvalidToken)?
            .map(str::to_owned),
    }
    .parse()
}

/// `x-amz-date`, or `date` when there is no such header.
fn header_date(headers: &HeaderMap) -> Result<AmzDate, AuthError> {
    let date = match single(headers, header::DATE).map_err(|()| AuthError::NoDate)? {
        Some(date) => AmzDate::parse(date),
        None => single(headers, "date").map_err(|()| AuthError::NoDate)?.and_then(AmzDate::parse_http),
    };
    date.ok_or(AuthError::NoDate)
}

/// The parameters of a presigned URL, decoded.
#[derive(Default)]
struct QueryParameters {
    algorithm: Option<String>,
    credential: Option<String>,
    date: Option<String>,
    expires: Option<String>,
    signed_headers: Option<String>,
    signature: Option<String>,
    session_token: Option<String>,
}

impl QueryParameters {
    /// The parameters, if the query has any that says the request is signed.
    fn read(query: &str) -> Result<Option<Self>, AuthError> {
        let mut found = Self::default();
        for pair in query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let slot = match form_decode(name).as_slice() {
                b"X-Amz-Algorithm" => &mut found.algorithm,
                b"X-Amz-Credential" => &mut found.credential,
                b"X-Amz-Date" => &mut found.date,
                b"X-Amz-Expires" => &mut found.expires,
                b"X-Amz-SignedHeaders" => &mut found.signed_headers,
                b"X-Amz-Signature" => &mut found.signature,
                b"X-Amz-Security-Token" => &mut found.session_token,
                // The first version that presigned URLs had: only S3 takes it, and has looked for it before.
                b"AWSAccessKeyId" => return Err(AuthError::Unsupported),
                _ => continue,
            };
            let value = String::from_utf8(form_decode(value))
                .map_err(|_| malformed(Placement::Query, "A parameter is not UTF-8."))?;
            if slot.replace(value).is_some() {
                return Err(AuthError::Ambiguous);
            }
        }
        let signed = found.algorithm.is_some() || found.credential.is_some() || found.signature.is_some();
        Ok(signed.then_some(found))
    }

    fn parse(self) -> Result<Presented, AuthError> {
        let (Some(algorithm), Some(credential), Some(date), Some(expires), Some(signed_headers), Some(signature)) =
            (&self.algorithm, &self.credential, &self.date, &self.expires, &self.signed_headers, &self.signature)
        else {
            return Err(malformed(
                Placement::Query,
                "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, \
                 X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
            ));
        };
        if algorithm != ALGORITHM {
            return Err(AuthError::Unsupported);
        }
        let date = AmzDate::parse(date).ok_or_else(|| {
            malformed(Placement::Query, "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
        })?;
        let expires = parse_expires(expires)?;
        let signature = Fields {
            placement: Placement::Query,
            credential,
            signed_headers,
            signature,
            date,
            session_token: self.session_token.clone(),
        }
        .parse()?;
        Ok(Presented::Query { signature, expires })
    }
}

fn parse_expires(text: &str) -> Result<u32, AuthError> {
    let wrong = |detail: &str| malformed(Placement::Query, detail);
    let expires: i64 = text.parse().map_err(|_| wrong("X-Amz-Expires should be a number"))?;
    match u32::try_from(expires) {
        Ok(expires @ 1..=MAX_EXPIRES) => Ok(expires),
        Ok(0) => Err(wrong("X-Amz-Expires must be positive")),
        Err(_) if expires < 0 => Err(wrong("X-Amz-Expires must be non-negative")),
        _ => Err(wrong(
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires \
             must be less than 604800 seconds",
        )),
    }
}

/// What both places have, still as text.
pub(super) struct Fields<'a> {
    pub(super) placement: Placement,
    pub(super) credential: &'a str,
    pub(super) signed_headers: &'a str,
    pub(super) signature: &'a str,
    pub(super) date: AmzDate,
    pub(super) session_token: Option<String>,
}

impl Fields<'_> {
    pub(super) fn parse(self) -> Result<Signature, AuthError> {
        let wrong = |detail: &str| malformed(self.placement, detail);
        let mut bytes = [0; 32];
        hex::decode_to_slice(self.signature, &mut bytes)
            .map_err(|_| wrong("The signature is not 64 hexadecimal digits."))?;
        let (access_key, day, region, service) = parse_credential(self.credential).ok_or_else(|| {
            wrong(
                "the Credential is mal-formed; expecting \
                 \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".",
            )
        })?;
        if day != self.date.day() {
            return Err(AuthError::ScopeDate { placement: self.placement, scope: day.to_owned(), date: self.date });
        }
        Ok(Signature {
            placement: self.placement,
            access_key: access_key.to_owned(),
            date: self.date,
            region: region.to_owned(),
            service: service.to_owned(),
            signed_headers: parse_signed_headers(self.signed_headers)
                .ok_or_else(|| wrong("The SignedHeaders are not a list of different header names."))?,
            signature: bytes,
            session_token: self.session_token,
        })
    }
}

/// Access key, day, Region and service.
fn parse_credential(credential: &str) -> Option<(&str, &str, &str, &str)> {
    let word = |text: &str, longest: usize| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        !text.is_empty() && text.len() <= longest && text.bytes().all(plain)
    };
    let mut parts = credential.split('/');
    let mut part = |longest| parts.next().filter(|text| word(text, longest));
    let found = (part(MAX_ACCESS_KEY)?, part(8)?, part(MAX_SCOPE_PART)?, part(MAX_SCOPE_PART)?);
    let ends = parts.next() == Some(TERMINATOR) && parts.next().is_none();
    ends.then_some(found)
}

fn parse_signed_headers(list: &str) -> Option<Vec<String>> {
    let name = |text: &str| {
        let token = |byte: u8| byte.is_ascii_graphic() && !byte.is_ascii_uppercase();
        !text.is_empty() && text.bytes().all(token)
    };
    let mut names = Vec::new();
    for text in list.split(';') {
        if !name(text) || names.len() == MAX_SIGNED_HEADERS {
            return None;
        }
        names.push(text.to_owned());
    }
    names.sort_unstable();
    let different = names.windows(2).all(|pair| pair.first() != pair.last());
    different.then_some(names)
}

pub(super) fn malformed(placement: Placement, detail: impl Into<String>) -> AuthError {
    AuthError::Malformed { placement, detail: detail.into() }
}
