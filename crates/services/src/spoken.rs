//! In which protocol a request speaks to a service, and in which form it is told errors.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, Response};
use sidegate_model::{ApiProtocol, Catalog, Service};
use sidegate_wire::aws_json::{self, Target};
use sidegate_wire::protocol::{Failure, JsonVersion, Protocol};
use sidegate_wire::{aws_query, rpc_v2_cbor};

/// The service whose JSON may be CBOR.
const KINESIS: &str = "kinesis-streams";

/// The service of container registries.
pub(crate) const REGISTRY: &str = "ecr.dkr";

/// The service of APIs that are spoken to in GraphQL.
const GRAPHQL: &str = "appsync-api";

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

/// The protocol of a request with these headers to a service. Services that had the query protocol first take JSON and
/// CBOR as well, and SQS still takes the query protocol from whoever names no target; services with JSON may take CBOR;
/// SES has an API of the query protocol beside the one that this knows.
///
/// Sources: the API models, as botocore has them (`protocols`); SQS developer guide, "Making Query API requests"; AWS SDK
/// for Java, whose client of Kinesis sends CBOR.
pub fn protocol(service: &Service, headers: &HeaderMap) -> Protocol {
    let api = Catalog::named(service.api).unwrap_or(service);
    let (has_target, is_targeted) = (!api.target.is_empty(), Target::parse(headers).is_ok());
    match api_protocol(api) {
        Protocol::AwsQuery | Protocol::AwsJson(_) if has_target && rpc_v2_cbor::is_spoken(headers) => {
            Protocol::RpcV2Cbor
        }
        Protocol::AwsQuery if has_target && is_targeted => Protocol::AwsJson(JsonVersion::V1_0),
        Protocol::AwsJson(_) if api.name == KINESIS && is_targeted && aws_json::is_in_cbor(headers) => {
            Protocol::AwsCbor
        }
        Protocol::AwsJson(_) if !headers.contains_key("x-amz-target") && has_query_api(api) => Protocol::AwsQuery,
        Protocol::RpcV2Cbor if is_targeted => Protocol::AwsJson(JsonVersion::V1_1),
        Protocol::RestJson if is_form(headers) && has_query_api(api) => Protocol::AwsQuery,
        own => own,
    }
}

/// The XML namespaces of the services that have one.
///
/// Source: the API models, as botocore has them (`xmlNamespace`); of SQS, answers in its developer guide.
const NAMESPACES: [(&str, &str); 18] = [
    ("autoscaling", "http://autoscaling.amazonaws.com/doc/2011-01-01/"),
    ("cloudformation", "http://cloudformation.amazonaws.com/doc/2010-05-15/"),
    ("cloudfront", "http://cloudfront.amazonaws.com/doc/2020-05-31/"),
    ("cloudsearch", "http://cloudsearch.amazonaws.com/doc/2013-01-01/"),
    ("elasticache", "http://elasticache.amazonaws.com/doc/2015-02-02/"),
    ("elasticbeanstalk", "http://elasticbeanstalk.amazonaws.com/docs/2010-12-01/"),
    ("elasticloadbalancing", "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"),
    ("email", "http://ses.amazonaws.com/doc/2010-12-01/"),
    ("iam", aws_query::IAM),
    ("importexport", "http://importexport.amazonaws.com/doc/2010-06-01/"),
    ("monitoring", aws_query::CLOUDWATCH),
    ("rds", "http://rds.amazonaws.com/doc/2014-10-31/"),
    ("redshift", "http://redshift.amazonaws.com/doc/2012-12-01/"),
    ("route53", "https://route53.amazonaws.com/doc/2013-04-01/"),
    ("sdb", "http://sdb.amazonaws.com/doc/2009-04-15/"),
    ("sns", "http://sns.amazonaws.com/doc/2010-03-31/"),
    ("sqs", "http://queue.amazonaws.com/doc/2012-11-05/"),
    ("sts", aws_query::STS),
];

fn namespace(service: &str) -> Option<&'static str> {
    NAMESPACES.iter().find(|(name, _)| *name == service).map(|(_, namespace)| *namespace)
}

/// Whether a service whose protocol is another has an API of the query protocol as well.
fn has_query_api(api: &Service) -> bool {
    namespace(api.name).is_some()
}

/// The form in which a service tells errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorForm {
    /// The protocol.
    pub protocol: Protocol,
    /// The last part of the service's endpoint service name.
    service: &'static str,
}

impl ErrorForm {
    /// The form for requests of a protocol to a service: that of the protocol, but that S3 alone leaves the document around
    /// the error out that XML has elsewhere, as the query protocol has it.
    ///
    /// Source: Smithy, "AWS restXml protocol", `noErrorWrapping`.
    pub fn new(protocol: Protocol, service: &'static str) -> Self {
        let protocol = match protocol {
            Protocol::RestXml if !service.starts_with("s3") => Protocol::AwsQuery,
            own => own,
        };
        Self { protocol, service }
    }

    /// The answer that tells an error; `resource` is the path that was asked for.
    pub fn render(self, failure: &Failure, request_id: &str, resource: &str) -> Response<Vec<u8>> {
        match (self.protocol, namespace(self.service)) {
            (Protocol::AwsQuery, Some(namespace)) => aws_query::error_in(namespace, failure, request_id),
            (Protocol::RestJson, _) if self.service == REGISTRY => errors(failure, request_id, "code"),
            (Protocol::RestJson, _) if self.service == GRAPHQL => errors(failure, request_id, "errorType"),
            (protocol, _) => protocol.render_error(failure, request_id, resource),
        }
    }
}

/// The answer with a list of errors that a container registry has, and a server of GraphQL, which has the code in a member
/// of this name.
///
/// Sources: OCI distribution specification, "Error Codes"; AppSync developer guide, "Troubleshooting and common mistakes".
fn errors(failure: &Failure, request_id: &str, code: &str) -> Response<Vec<u8>> {
    let mut response = Protocol::RestJson.render_error(failure, request_id, "");
    let document = serde_json::json!({"errors": [{code: failure.code, "message": failure.message}]});
    *response.body_mut() = document.to_string().into_bytes();
    response
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
        let with = |name: &'static str, value: &'static str| {
            HeaderMap::from_iter([(http::HeaderName::from_static(name), HeaderValue::from_static(value))])
        };
        let of = |name: &str, headers: &HeaderMap| protocol(Catalog::named(name).unwrap(), headers);
        let (cbor, target) = (with("smithy-protocol", "rpc-v2-cbor"), with("x-amz-target", "A.B"));
        let json = Protocol::AwsJson(JsonVersion::V1_1);
        assert_eq!((of("gamelift", &cbor), of("gamelift", &target)), (Protocol::RpcV2Cbor, json));
        assert_eq!((of("lambda", &cbor), of("monitoring", &cbor)), (Protocol::RestJson, Protocol::RpcV2Cbor));
        assert_eq!(of("sqs", &target), Protocol::AwsJson(JsonVersion::V1_0));
        assert_eq!((of("sqs", &HeaderMap::new()), of("ecs", &HeaderMap::new())), (Protocol::AwsQuery, json));
        let form = with("content-type", "application/x-www-form-urlencoded; charset=utf-8");
        assert_eq!((of("email", &form), of("execute-api", &form)), (Protocol::AwsQuery, Protocol::RestJson));
        let mut kinesis = with("x-amz-target", "Kinesis_20131202.ListStreams");
        assert_eq!(of("kinesis-streams", &kinesis), json);
        kinesis.extend(with("content-type", "application/x-amz-cbor-1.1"));
        assert_eq!(
            (of("kinesis-streams", &kinesis), of("kinesis-streams-fips", &kinesis)),
            (Protocol::AwsCbor, Protocol::AwsCbor)
        );
        assert_eq!(of("ecs", &kinesis), json);
    }

    #[test]
    fn an_error_is_told_in_the_form_of_the_service() {
        let failure = Failure::refused("C", "m");
        let told = |protocol: Protocol, service: &'static str| {
            let answer = ErrorForm::new(protocol, service).render(&failure, "r", "/p");
            String::from_utf8(answer.into_body()).unwrap()
        };
        let unwrapped = told(Protocol::RestXml, "s3express");
        assert!(unwrapped.contains("<Error><Code>C</Code>") && !unwrapped.contains("ErrorResponse"), "{unwrapped}");
        let route53 = told(Protocol::RestXml, "route53");
        assert!(
            route53.starts_with("<ErrorResponse xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\">"),
            "{route53}"
        );
        assert!(told(Protocol::AwsQuery, "sqs").contains("xmlns=\"http://queue.amazonaws.com/doc/2012-11-05/\""));
        assert_eq!(told(Protocol::RestJson, "execute-api"), r#"{"message":"m"}"#);
        assert_eq!(told(Protocol::RestJson, "ecr.dkr"), r#"{"errors":[{"code":"C","message":"m"}]}"#);
        assert_eq!(told(Protocol::RestJson, "appsync-api"), r#"{"errors":[{"errorType":"C","message":"m"}]}"#);
    }

    #[test]
    fn every_service_that_tells_errors_in_xml_has_a_namespace_of_its_own() {
        for service in Service::public().filter(|service| service.api == service.name) {
            let form = ErrorForm::new(api_protocol(service), service.name);
            assert!(form.protocol != Protocol::AwsQuery || namespace(service.name).is_some(), "{}", service.name);
        }
        assert!(NAMESPACES.iter().all(|(name, _)| Catalog::named(name).is_some_and(|own| own.api == *name)));
    }
}
