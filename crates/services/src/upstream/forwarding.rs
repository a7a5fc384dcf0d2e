//! What of a query goes on to another server, and what of an answer comes back from it.

use http::HeaderName;
use percent_encoding::percent_decode_str;

/// The header that names an error.
pub(super) const ERROR_TYPE: &str = "x-amzn-errortype";

/// Headers of answers that go back to the client.
const KEPT: [&str; 9] = [
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "retry-after",
    "smithy-protocol",
    "x-amz-crc32",
    "x-amzn-query-error",
    ERROR_TYPE,
];

/// Codes of errors that are about whoever signed a request, which is Sidegate here.
///
/// Source: S3 API reference, "Error responses"; API references of KMS and others, "Common Errors".
const OF_CREDENTIALS: [&str; 17] = [
    "AuthFailure",
    "AuthorizationHeaderMalformed",
    "ExpiredToken",
    "ExpiredTokenException",
    "IncompleteSignature",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSecurity",
    "InvalidSignatureException",
    "InvalidToken",
    "MissingAuthenticationToken",
    "NotSignedUp",
    "OptInRequired",
    "RequestExpired",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
];

/// Whether a code of an error is about whoever signed the request.
pub(crate) fn is_of_credentials(code: &str) -> bool {
    OF_CREDENTIALS.contains(&code)
        || code == "IncompleteSignatureException"
        || code == "MissingAuthenticationTokenException"
}

/// The code of such an error that stands in an answer, in whatever protocol, as a word of its own.
pub(super) fn of_credentials(answer: &[u8]) -> Option<&'static str> {
    let words = answer.split(|byte| !byte.is_ascii_alphanumeric());
    let word = words.filter_map(|word| std::str::from_utf8(word).ok()).find(|word| is_of_credentials(word))?;
    OF_CREDENTIALS.into_iter().find(|code| word.starts_with(code))
}

/// Whether a header of an answer goes back to the client.
pub(super) fn is_kept(name: &HeaderName) -> bool {
    KEPT.contains(&name.as_str())
}

/// Parameters of presigned URLs.
const PROOFS: [&str; 10] = [
    "awsaccesskeyid",
    "expires",
    "signature",
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-security-token",
    "x-amz-signature",
    "x-amz-signedheaders",
];

/// The parameters of a query: as they came, and decoded.
pub(crate) fn parameters(query: &str) -> impl Iterator<Item = (&str, String, String)> {
    let decoded = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    query.split('&').filter(|pair| !pair.is_empty()).map(move |pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        (pair, decoded(name), decoded(value))
    })
}

/// The query that goes on, with what is before it, or nothing.
pub(crate) fn kept_query(query: Option<&str>) -> String {
    let mut kept = String::new();
    for (raw, name, _) in parameters(query.unwrap_or_default()) {
        if !PROOFS.contains(&name.to_ascii_lowercase().as_str()) {
            kept.push(if kept.is_empty() { '?' } else { '&' });
            kept.push_str(raw);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_proved_the_caller_does_not_go_on() {
        let query = "Action=ListMetrics&X-Amz-Signature=a&X-Amz-Credential=b&x-amz-expires=1&A=b%26";
        assert_eq!(kept_query(Some(query)), "?Action=ListMetrics&A=b%26");
        assert_eq!(kept_query(Some("Signature=a")), "");
        assert_eq!(kept_query(None), "");
    }

    #[test]
    fn an_error_about_the_key_is_told_from_others() {
        for (answer, code) in [
            (&br#"{"__type":"UnrecognizedClientException","message":"a"}"#[..], Some("UnrecognizedClientException")),
            (br#"{"__type":"com.amazon.coral.service#InvalidSignatureException"}"#, Some("InvalidSignatureException")),
            (b"<Error><Code>InvalidClientTokenId</Code></Error>", Some("InvalidClientTokenId")),
            (br#"{"__type":"AccessDeniedException"}"#, None),
            (br#"{"__type":"InvalidTokenException"}"#, None),
        ] {
            assert_eq!(of_credentials(answer), code);
        }
    }
}
