//! What AWS answers to a request that is not authenticated, in each protocol's own codes.
//!
//! The codes are those of
//! <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html>,
//! <https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html> and
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>.

use http::StatusCode;

use super::{AmzDate, AuthError, MAX_SKEW, Placement, ScopePart};
use crate::protocol::{Failure, Protocol};

const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. \
     Check your AWS Secret Access Key and signing method. \
     Consult the service documentation for details.";

const MECHANISM: &str = "The authorization mechanism you have provided is not supported. \
     Please use AWS4-HMAC-SHA256.";

const HASHES: &str = "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, \
     STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid \
     sha256 value.";

impl AuthError {
    /// The error code that AWS gives it.
    pub fn code(&self, protocol: Protocol) -> &'static str {
        self.status_and_code(protocol).1
    }

    /// The status of the answer.
    pub fn status(&self, protocol: Protocol) -> StatusCode {
        self.status_and_code(protocol).0
    }

    /// The message for whoever sent the request.
    pub fn message(&self, protocol: Protocol) -> String {
        match protocol {
            Protocol::Ec2Query => self.ec2_message(),
            Protocol::AwsQuery
            | Protocol::AwsJson(_)
            | Protocol::AwsCbor
            | Protocol::RestJson
            | Protocol::RpcV2Cbor => self.message_of_most(),
            Protocol::RestXml => self.s3_message(),
        }
    }

    /// Code, message and status, and the elements that S3 adds, ready to be rendered.
    pub fn failure(&self, protocol: Protocol) -> Failure {
        let (status, code) = self.status_and_code(protocol);
        let mut failure = Failure::new(status, code, self.message(protocol));
        if protocol == Protocol::RestXml {
            failure.details = self.s3_details();
        }
        failure
    }

    fn status_and_code(&self, protocol: Protocol) -> (StatusCode, &'static str) {
        match protocol {
            Protocol::Ec2Query => self.ec2(),
            Protocol::AwsQuery => self.query(),
            Protocol::AwsJson(_) | Protocol::AwsCbor | Protocol::RpcV2Cbor => (StatusCode::BAD_REQUEST, self.json()),
            Protocol::RestJson => match self {
                Self::Unsupported | Self::Ambiguous | Self::Malformed { .. } | Self::NoDate => {
                    (StatusCode::BAD_REQUEST, self.json())
                }
                _ => (StatusCode::FORBIDDEN, self.json()),
            },
            Protocol::RestXml => self.s3(),
        }
    }

    fn ec2(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Missing => (StatusCode::FORBIDDEN, "MissingAuthenticationToken"),
            Self::Unsupported | Self::Ambiguous | Self::Malformed { .. } | Self::NoDate => {
                (StatusCode::BAD_REQUEST, "IncompleteSignature")
            }
            Self::Expired { .. } | Self::NotYetCurrent { .. } | Self::PresignedExpired { .. } | Self::ExpiredToken => {
                (StatusCode::BAD_REQUEST, "RequestExpired")
            }
            _ => (StatusCode::UNAUTHORIZED, "AuthFailure"),
        }
    }

    fn ec2_message(&self) -> String {
        match self.ec2().1 {
            "AuthFailure" => "AWS was not able to validate the provided access credentials".to_owned(),
            "RequestExpired" => "Request has expired.".to_owned(),
            _ => self.message_of_most(),
        }
    }

    fn query(&self) -> (StatusCode, &'static str) {
        match self {
            Self::Missing => (StatusCode::FORBIDDEN, "MissingAuthenticationToken"),
            Self::Unsupported | Self::Ambiguous | Self::Malformed { .. } | Self::NoDate => {
                (StatusCode::BAD_REQUEST, "IncompleteSignature")
            }
            Self::UnknownAccessKey { .. } | Self::InvalidToken => (StatusCode::FORBIDDEN, "InvalidClientTokenId"),
            Self::ExpiredToken => (StatusCode::FORBIDDEN, "ExpiredToken"),
            _ => (StatusCode::FORBIDDEN, "SignatureDoesNotMatch"),
        }
    }

    fn json(&self) -> &'static str {
        match self {
            Self::Missing => "MissingAuthenticationTokenException",
            Self::Unsupported | Self::Ambiguous | Self::Malformed { .. } | Self::NoDate => {
                "IncompleteSignatureException"
            }
            Self::UnknownAccessKey { .. } | Self::InvalidToken => "UnrecognizedClientException",
            Self::ExpiredToken => "ExpiredTokenException",
            _ => "InvalidSignatureException",
        }
    }

    /// The messages of all services but EC2 and S3.
    fn message_of_most(&self) -> String {
        match self {
            Self::Missing => "Request is missing Authentication Token".to_owned(),
            Self::Unsupported => MECHANISM.to_owned(),
            Self::Ambiguous => "Only one auth mechanism allowed".to_owned(),
            Self::Malformed { detail, .. } => detail.clone(),
            Self::NoDate => "Authorization header requires existence of either a 'X-Amz-Date' or a \
                 'Date' header."
                .to_owned(),
            Self::ScopeDate { scope, date, .. } => format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date \
                 from HTTP: '{scope}' != '{day}', from '{date}'.",
                day = date.day(),
            ),
            Self::UnknownAccessKey { .. } | Self::InvalidToken => {
                "The security token included in the request is invalid.".to_owned()
            }
            Self::ExpiredToken => "The security token included in the request is expired".to_owned(),
            Self::WrongScope { part: ScopePart::Region, .. } => {
                "Credential should be scoped to a valid region.".to_owned()
            }
            Self::WrongScope { part: ScopePart::Service, expected, .. } => {
                format!("Credential should be scoped to correct service: '{expected}'.")
            }
            Self::Expired { date, now } => expired(*date, *now, MAX_SKEW),
            Self::PresignedExpired { date, expires, now } => expired(*date, *now, i64::from(*expires)),
            Self::NotYetCurrent { date, now, .. } => format!(
                "Signature not yet current: {date} is still later than {latest} ({now} + {minutes} min.)",
                latest = now.plus(MAX_SKEW),
                minutes = MAX_SKEW / 60,
            ),
            Self::UnsignedHeaders { names } => unsigned(names),
            // Only S3 has the URLs of Version 2.
            Self::IncompleteUrl
            | Self::InvalidExpires { .. }
            | Self::UrlExpired { .. }
            | Self::MissingContentSha256
            | Self::InvalidContentSha256
            | Self::ContentSha256Mismatch
            | Self::SignatureMismatch => MISMATCH.to_owned(),
        }
    }

    fn s3(&self) -> (StatusCode, &'static str) {
        let malformed = |placement: &Placement| match placement {
            Placement::Header => (StatusCode::BAD_REQUEST, "AuthorizationHeaderMalformed"),
            Placement::Query => (StatusCode::BAD_REQUEST, "AuthorizationQueryParametersError"),
        };
        match self {
            Self::Missing
            | Self::NoDate
            | Self::PresignedExpired { .. }
            | Self::IncompleteUrl
            | Self::InvalidExpires { .. }
            | Self::UrlExpired { .. }
            | Self::NotYetCurrent { placement: Placement::Query, .. }
            | Self::UnsignedHeaders { .. } => (StatusCode::FORBIDDEN, "AccessDenied"),
            Self::Expired { .. } | Self::NotYetCurrent { placement: Placement::Header, .. } => {
                (StatusCode::FORBIDDEN, "RequestTimeTooSkewed")
            }
            Self::Unsupported | Self::MissingContentSha256 => (StatusCode::BAD_REQUEST, "InvalidRequest"),
            Self::Ambiguous | Self::InvalidContentSha256 => (StatusCode::BAD_REQUEST, "InvalidArgument"),
            Self::Malformed { placement, .. }
            | Self::ScopeDate { placement, .. }
            | Self::WrongScope { placement, .. } => malformed(placement),
            Self::UnknownAccessKey { .. } => (StatusCode::FORBIDDEN, "InvalidAccessKeyId"),
            Self::InvalidToken => (StatusCode::BAD_REQUEST, "InvalidToken"),
            Self::ExpiredToken => (StatusCode::BAD_REQUEST, "ExpiredToken"),
            Self::ContentSha256Mismatch => (StatusCode::BAD_REQUEST, "XAmzContentSHA256Mismatch"),
            Self::SignatureMismatch => (StatusCode::FORBIDDEN, "SignatureDoesNotMatch"),
        }
    }

    fn s3_message(&self) -> String {
        match self {
            Self::Malformed { placement: Placement::Header, detail } => {
                format!("The authorization header is malformed; {detail}")
            }
            Self::Malformed { placement: Placement::Query, detail } => detail.clone(),
            Self::ScopeDate { placement, scope, date } => in_credential(
                *placement,
                &format!(
                    "Invalid credential date \"{scope}\". This date is not the same as X-Amz-Date: \"{day}\".",
                    day = date.day(),
                ),
            ),
            Self::WrongScope { placement, part, presented, expected } => in_credential(
                *placement,
                &match part {
                    ScopePart::Region => {
                        format!("the region '{presented}' is wrong; expecting '{expected}'")
                    }
                    ScopePart::Service => {
                        format!("incorrect service \"{presented}\". This endpoint belongs to \"{expected}\".")
                    }
                },
            ),
            Self::InvalidExpires { value } => format!("Invalid date (should be seconds since epoch): {value}"),
            fixed => fixed.s3_fixed_message().to_owned(),
        }
    }

    fn s3_fixed_message(&self) -> &'static str {
        match self {
            Self::Missing => "Access Denied",
            Self::Unsupported => MECHANISM,
            Self::Ambiguous => {
                "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, \
                 Signature query string parameter or the Authorization header should be specified"
            }
            Self::NoDate => "AWS authentication requires a valid Date or x-amz-date header",
            Self::UnknownAccessKey { .. } => "The AWS Access Key Id you provided does not exist in our records.",
            Self::InvalidToken => "The provided token is malformed or otherwise invalid.",
            Self::ExpiredToken => "The provided token has expired.",
            Self::Expired { .. } | Self::NotYetCurrent { placement: Placement::Header, .. } => {
                "The difference between the request time and the current time is too large."
            }
            Self::NotYetCurrent { placement: Placement::Query, .. } => "Request is not valid yet",
            Self::PresignedExpired { .. } | Self::UrlExpired { .. } => "Request has expired",
            Self::IncompleteUrl => {
                "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters"
            }
            Self::UnsignedHeaders { .. } => "There were headers present in the request which were not signed",
            Self::MissingContentSha256 => "Missing required header for this request: x-amz-content-sha256",
            Self::InvalidContentSha256 => HASHES,
            Self::ContentSha256Mismatch => {
                "The provided 'x-amz-content-sha256' header does not match what was computed."
            }
            Self::Malformed { .. }
            | Self::ScopeDate { .. }
            | Self::WrongScope { .. }
            | Self::InvalidExpires { .. }
            | Self::SignatureMismatch => {
                "The request signature we calculated does not match the signature you provided. \
                 Check your key and signing method."
            }
        }
    }

    /// The elements that S3's document has besides the message. SDKs find the bucket's Region in it.
    fn s3_details(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::UnknownAccessKey { access_key } => vec![("AWSAccessKeyId", access_key.clone())],
            Self::WrongScope { part: ScopePart::Region, expected, .. } => {
                vec![("Region", expected.clone())]
            }
            Self::UnsignedHeaders { names } => vec![("HeadersNotSigned", names.join(", "))],
            Self::PresignedExpired { date, expires, now } => vec![
                ("X-Amz-Expires", expires.to_string()),
                ("Expires", date.plus(i64::from(*expires)).extended()),
                ("ServerTime", now.extended()),
            ],
            Self::UrlExpired { expires, now } => {
                vec![("Expires", expires.extended()), ("ServerTime", now.extended())]
            }
            Self::Expired { date, now } | Self::NotYetCurrent { placement: Placement::Header, date, now } => vec![
                ("RequestTime", date.to_string()),
                ("ServerTime", now.extended()),
                ("MaxAllowedSkewMilliseconds", (MAX_SKEW * 1000).to_string()),
            ],
            _ => Vec::new(),
        }
    }
}

fn expired(date: AmzDate, now: AmzDate, valid: i64) -> String {
    format!(
        "Signature expired: {date} is now earlier than {earliest} ({now} - {minutes} min.)",
        earliest = now.plus(-valid),
        minutes = valid / 60,
    )
}

fn unsigned(names: &[String]) -> String {
    let of = |name: &String| match name.as_str() {
        "host" => "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.".to_owned(),
        name => format!("'{name}' must be a 'SignedHeader' in the AWS Authorization."),
    };
    names.iter().map(of).collect::<Vec<_>>().join(" ")
}

fn in_credential(placement: Placement, detail: &str) -> String {
    match placement {
        Placement::Header => format!("The authorization header is malformed; {detail}"),
        Placement::Query => format!("Error parsing the X-Amz-Credential parameter; {detail}"),
    }
}
