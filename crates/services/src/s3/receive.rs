//! Receiving a body: into a file, and held against everything that the request claims of it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use futures::StreamExt as _;
use http::HeaderMap;
use s3s::dto::StreamingBlob;
use s3s::stream::ByteStream as _;
use s3s::{S3ErrorCode, StdError, TrailingHeaders};

use super::attributes::text;
use super::call::Call;
use super::checksum::{Algorithm, Digested};
use super::chunked::Trailer;
use super::claimed;
use super::fault::Fault;
use super::form;
use super::store::{DataKey, Published, Store, Written};

/// The largest body of one request.
pub(super) const LARGEST_BODY: u64 = 5 << 30;

/// What a request claims of its body.
pub(super) struct Claims {
    length: Option<u64>,
    md5: Option<Vec<u8>>,
    checksum: Option<Claimed>,
    /// Whether the body tells its own end.
    ends_itself: bool,
}

/// A checksum, and where it stands.
enum Claimed {
    Header(Algorithm, Vec<u8>),
    Trailer(Algorithm, Trailers),
}

/// The headers after a body, read by s3s or here.
#[derive(Clone)]
struct Trailers(Option<TrailingHeaders>, Option<Trailer>);

impl Trailers {
    fn text(&self, name: &str) -> Option<String> {
        let read = |headers: &HeaderMap| text(headers, name);
        let Self(by_s3s, here) = self;
        by_s3s
            .as_ref()
            .and_then(|trailers| trailers.read(read))
            .flatten()
            .or_else(|| here.as_ref()?.headers().and_then(read))
    }
}

impl Claims {
    pub(super) fn of(call: &Call, headers: &HeaderMap, trailers: Option<TrailingHeaders>) -> Result<Self, Fault> {
        let trailers = Trailers(trailers, call.trailer.clone());
        // An aws-chunked body may come without the length of what travels; its own it always states.
        let stated = text(headers, "x-amz-decoded-content-length").or_else(|| text(headers, "content-length"));
        let length = match stated {
            Some(length) => Some(length.parse().map_err(|_| Fault::invalid_request("Invalid Content-Length"))?),
            None => None,
        };
        let md5 =
            match text(headers, "content-md5") {
                Some(md5) => Some(BASE64.decode(md5).ok().filter(|bytes| bytes.len() == 16).ok_or_else(|| {
                    Fault::new(S3ErrorCode::InvalidDigest, "The Content-MD5 you specified was invalid.")
                })?),
                None => None,
            };
        Ok(Self { length, md5, checksum: claimed(headers, &trailers)?, ends_itself: call.is_form })
    }

    /// Whether anything is claimed that the body's bytes are held against.
    pub(super) fn has_digest(&self) -> bool {
        self.md5.is_some() || self.checksum.is_some()
    }

    /// The algorithm of the checksum that is claimed.
    pub(super) fn algorithm(&self) -> Option<Algorithm> {
        match self.checksum {
            Some(Claimed::Header(algorithm, _) | Claimed::Trailer(algorithm, _)) => Some(algorithm),
            None => None,
        }
    }

    fn verify(&self, digested: &Digested) -> Result<(), Fault> {
        if self.length.is_some_and(|length| length != digested.size) {
            return Err(incomplete());
        }
        if self.md5.as_ref().is_some_and(|md5| *md5 != digested.md5) {
            return Err(Fault::new(
                S3ErrorCode::BadDigest,
                "The Content-MD5 you specified did not match what we received.",
            ));
        }
        let (algorithm, claimed) = match &self.checksum {
            None => return Ok(()),
            Some(Claimed::Header(algorithm, value)) => (*algorithm, value.clone()),
            Some(Claimed::Trailer(algorithm, trailers)) => (*algorithm, trailing_value(*algorithm, trailers)?),
        };
        if digested.checksum(algorithm) == Some(claimed.as_slice()) {
            return Ok(());
        }
        Err(Fault::new(
            S3ErrorCode::BadDigest,
            format!("The {} you specified did not match the calculated checksum.", algorithm.as_str()),
        ))
    }
}

fn claimed(headers: &HeaderMap, trailers: &Trailers) -> Result<Option<Claimed>, Fault> {
    let in_header = claimed::in_headers(headers)?;
    let mut found: Vec<_> = in_header.into_iter().map(|(algorithm, bytes)| Claimed::Header(algorithm, bytes)).collect();
    for name in text(headers, "x-amz-trailer").iter().flat_map(|names| names.split(',')) {
        let name = name.trim();
        match Algorithm::ALL.into_iter().find(|a| a.header().eq_ignore_ascii_case(name)) {
            Some(algorithm) => found.push(Claimed::Trailer(algorithm, trailers.clone())),
            None => {
                return Err(Fault::invalid_request("The value specified in the x-amz-trailer header is not supported"));
            }
        }
    }
    if found.len() > 1 {
        return Err(claimed::several());
    }
    let found = found.pop();
    let algorithm = found.as_ref().map(|(Claimed::Header(algorithm, _) | Claimed::Trailer(algorithm, _))| *algorithm);
    claimed::check_sdk(headers, algorithm)?;
    Ok(found)
}

fn trailing_value(algorithm: Algorithm, trailers: &Trailers) -> Result<Vec<u8>, Fault> {
    let value = trailers.text(algorithm.header()).ok_or_else(|| {
        Fault::bad_request(
            "MalformedTrailerError",
            "The request contained trailing data that was not well-formed or did not conform to our published schema.",
        )
    })?;
    algorithm
        .decode(&value)
        .ok_or_else(|| Fault::invalid_request(format!("Value for {} trailing header is invalid.", algorithm.header())))
}

/// A body that has arrived and is still to be held against its claims.
pub(super) struct Received {
    written: Written,
    claims: Claims,
}

impl Received {
    /// Holds the body against its claims and makes it durable. Blocks.
    pub(super) fn settle(self) -> Result<(Published, Digested), Fault> {
        let finished = self.written.finish()?;
        self.claims.verify(&finished.digested)?;
        Ok(finished.publish()?)
    }
}

/// Receives a body, with its checksums in these algorithms and in the claimed one, and encrypts it under a key.
pub(super) async fn receive(
    store: &Store, body: Option<StreamingBlob>, claims: Claims, algorithms: &[Algorithm], key: Option<DataKey>,
) -> Result<Received, Fault> {
    if let Some(length) = claims.length.filter(|length| *length > LARGEST_BODY) {
        return Err(Fault::too_large(length, LARGEST_BODY));
    }
    let unknown = claims.length.is_none()
        && !claims.ends_itself
        && body.as_ref().is_some_and(|b| b.remaining_length().exact() != Some(0));
    if unknown {
        return Err(Fault::new(S3ErrorCode::MissingContentLength, "You must provide the Content-Length HTTP header."));
    }
    let wanted: Vec<Algorithm> = algorithms.iter().copied().chain(claims.algorithm()).collect();
    let mut writing = store.write(&wanted, key).await?;
    let mut total = 0_u64;
    if let Some(mut body) = body {
        while let Some(bytes) = body.next().await {
            let bytes = bytes.map_err(fault_of_body)?;
            total += bytes.len() as u64;
            if claims.length.is_some_and(|length| total > length) {
                return Err(incomplete());
            }
            writing.push(bytes).await?;
        }
    }
    Ok(Received { written: writing.end().await?, claims })
}

pub(super) fn incomplete() -> Fault {
    Fault::new(
        S3ErrorCode::IncompleteBody,
        "You did not provide the number of bytes specified by the Content-Length HTTP header",
    )
}

/// What went wrong with a body. The types of s3s's verifiers are private to it, their texts are not.
fn fault_of_body(error: StdError) -> Fault {
    if let Some(fault) = form::fault_of(&error) {
        return fault;
    }
    let text = error.to_string();
    fault_of_text(&text).unwrap_or_else(|| {
        tracing::debug!(%text, "a body did not arrive");
        incomplete()
    })
}

/// That the bytes are not those of `x-amz-content-sha256`.
pub(super) fn wrong_hash() -> Fault {
    Fault::bad_request(
        "XAmzContentSHA256Mismatch",
        "The provided 'x-amz-content-sha256' header does not match what was computed.",
    )
}

/// What is wrong with a body whose verifier says this; `None` if none of them says so.
pub(super) fn fault_of_text(text: &str) -> Option<Fault> {
    if text.contains("Sha256Mismatch") {
        return Some(wrong_hash());
    }
    if text.contains("SignatureMismatch") {
        return Some(Fault::new(
            S3ErrorCode::SignatureDoesNotMatch,
            "The request signature we calculated does not match the signature you provided. Check your key and signing \
             method.",
        ));
    }
    if text.contains("IncompleteBody") {
        return Some(incomplete());
    }
    let malformed = ["MalformedChunk", "FormatError", "TooLarge", "TooMany"].iter().any(|sign| text.contains(sign));
    malformed.then(|| Fault::invalid_request(format!("The body is not in the form of aws-chunked: {text}")))
}
