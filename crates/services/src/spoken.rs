//! In which protocol a request speaks to a service.

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use sidegate_model::{ApiProtocol, Catalog, Service};
use sidegate_wire::aws_json::Target;
use sidegate_wire::protocol::{JsonVersion, Protocol};
use sidegate_wire::rpc_v2_cbor;

/// The protocol of a service's API.
pub fn api_protocol(service: &Service) -> Protocol {
    match Catalog::named(service.api).and_then(|api| api.protocol) {
        Some(ApiProtocol::Json1_0) => Protocol::AwsJson(JsonVersion::V1_0),
        Some(ApiProtocol::Json1_1) => Protocol::AwsJson(JsonVersion::V1_1),
        Some(ApiProtocol::RestXml) => Protocol::RestXml,
        Some(ApiProtocol::Query) => Protocol::AwsQuery,
        Some(ApiProtocol::Ec2) => Protocol::Ec2Query,
        Some(ApiProtocol::Cbor) => Protocol::RpcV2Cbor,
        Some(ApiProtocol::RestJson) | None => Protocol::RestJson,
    }
}

/// The protocol of a request with these headers to a service whose API has `own` and, if it has such a word, `target`.
/// Services that had the query protocol first take JSON and CBOR as well; services with JSON may take CBOR; SES has an
/// API of the query protocol beside the one that this knows.
///
/// Source: the API models, as botocore has them (`protocols`).
pub fn protocol(own: Protocol, target: &str, headers: &HeaderMap) -> Protocol {
    let has_target = !target.is_empty();
    match own {
        Protocol::AwsQuery | Protocol::AwsJson(_) if has_target && rpc_v2_cbor::is_spoken(headers) => {
            Protocol::RpcV2Cbor
        }
        Protocol::AwsQuery if has_target && Target::parse(headers).is_ok() => Protocol::AwsJson(JsonVersion::V1_0),
        Protocol::RpcV2Cbor if Target::parse(headers).is_ok() => Protocol::AwsJson(JsonVersion::V1_1),
        Protocol::RestJson if is_form(headers) => Protocol::AwsQuery,
        own => own,
    }
}

/// The protocol in whose form a service tells errors: its own, but that S3 alone leaves the document around the error
/// out that XML has elsewhere, as the query protocol has it.
///
/// Source: Smithy, "AWS restXml protocol", `noErrorWrapping`.
pub fn error_form(protocol: Protocol, service: &str) -> Protocol {
    match protocol {
        Protocol::RestXml if !service.starts_with("s3") => Protocol::AwsQuery,
        own => own,
    }
}

/// Whether the body is a form, as the query protocols have it.
pub fn is_form(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"application/x-www-form-urlencoded"))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_service_is_spoken_to_in_the_protocols_of_its_model() {
        let named = |name: &str| api_protocol(Catalog::named(name).unwrap());
        assert_eq!(named("kms-fips"), Protocol::AwsJson(JsonVersion::V1_1));
        assert_eq!(named("sqs"), Protocol::AwsJson(JsonVersion::V1_0));
        assert_eq!((named("route53"), named("lambda")), (Protocol::RestXml, Protocol::RestJson));
        assert_eq!((named("sns"), named("ec2")), (Protocol::AwsQuery, Protocol::Ec2Query));
        assert_eq!(error_form(Protocol::RestXml, "s3express"), Protocol::RestXml);
        assert_eq!(error_form(Protocol::RestXml, "route53"), Protocol::AwsQuery);
        let with = |name: &'static str, value: &'static str| {
            HeaderMap::from_iter([(http::HeaderName::from_static(name), HeaderValue::from_static(value))])
        };
        let cbor = with("smithy-protocol", "rpc-v2-cbor");
        let json = Protocol::AwsJson(JsonVersion::V1_1);
        assert_eq!(protocol(json, "GameLift", &cbor), Protocol::RpcV2Cbor);
        assert_eq!(protocol(Protocol::RestJson, "", &cbor), Protocol::RestJson);
        let target = with("x-amz-target", "A.B");
        assert_eq!(protocol(Protocol::RpcV2Cbor, "A", &target), json);
        let form = with("content-type", "application/x-www-form-urlencoded; charset=utf-8");
        assert_eq!(protocol(Protocol::RestJson, "", &form), Protocol::AwsQuery);
    }
}
