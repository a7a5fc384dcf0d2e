//! Which service and Region a request over the public port is for. Nothing is proved here.
//!
//! What a request says of it is asked in this order: the scope of its signature, its `X-Amz-Target` or a path of
//! RPC v2 CBOR, its host, the action of a query API. What says none of it is for S3, with the bucket in the path.

use std::borrow::Cow;

use http::Method;
use http::header::AUTHORIZATION;
use http::request::Parts;
use percent_encoding::percent_decode_str;
use sidegate_model::{Catalog, Region};
use sidegate_services::s3::LOCAL_DOMAINS;
use sidegate_services::spoken::{ErrorForm, is_form};
use sidegate_wire::aws_json::Target;
use sidegate_wire::protocol::{JsonVersion, Protocol};
use sidegate_wire::rpc_v2_cbor;

use super::api_key;
use super::dialect::Dialect;
use super::host;

/// What a service is called that has no name here.
pub(super) const NOBODY: &str = "";

/// The longest name of a service that is repeated to the client.
const LONGEST_NAME: usize = 64;

/// Where a request goes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Route {
    /// The service.
    pub(super) service: Named,
    /// The Region, if it says one that is known.
    pub(super) region: Option<Region>,
}

/// A service, as a request names it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// One of the catalog.
    Known(&'static Dialect),
    /// Another one, by the name that the request has for it.
    Unknown(String),
}

impl Route {
    pub(super) fn known(dialect: &'static Dialect, region: Option<Region>) -> Self {
        Self { service: Named::Known(dialect), region }
    }

    pub(super) fn unknown(name: &str, region: Option<Region>) -> Self {
        let name = name.chars().filter(|c| c.is_ascii_graphic()).take(LONGEST_NAME).collect();
        Self { service: Named::Unknown(name), region }
    }

    /// The form to tell errors in. That of an unknown service is guessed by its request.
    pub(super) fn error_form(&self, head: &Parts) -> ErrorForm {
        let protocol = match &self.service {
            Named::Known(dialect) => return dialect.error_form(&head.headers),
            Named::Unknown(_) if rpc_v2_cbor::is_spoken(&head.headers) => Protocol::RpcV2Cbor,
            Named::Unknown(_) if Target::parse(&head.headers).is_ok() => Protocol::AwsJson(JsonVersion::V1_1),
            Named::Unknown(_) if is_form(&head.headers) || parameter(head, "Action").is_some() => Protocol::AwsQuery,
            Named::Unknown(_) => Protocol::RestJson,
        };
        ErrorForm::new(protocol, NOBODY)
    }
}

/// Where the head of a request says that it goes. `None` if it does not say.
pub(super) fn by_head(head: &Parts) -> Option<Route> {
    let told = by_scope(head).or_else(|| by_target(head)).or_else(|| by_host(head)).or_else(|| by_action(head));
    told.or_else(|| by_api_key(head))
}

/// Where a request goes whose head does not say it and whose body is this form.
pub(super) fn by_form(form: &[u8]) -> Route {
    let form = String::from_utf8_lossy(form);
    by_version(pair(&form, "Action").is_some(), pair(&form, "Version")).unwrap_or_else(in_path_style)
}

/// Where a request goes that says nothing.
pub(super) fn in_path_style() -> Route {
    match Dialect::of("s3") {
        Some(s3) => Route::known(s3, None),
        None => Route::unknown("s3", None),
    }
}

/// Whether the body of a request may be what says where it goes.
pub(super) fn may_be_told_by_form(head: &Parts) -> bool {
    head.method == Method::POST && is_form(&head.headers)
}

/// By the scope of the signature, which need not be well-formed otherwise.
fn by_scope(head: &Parts) -> Option<Route> {
    let in_header = || {
        let value = head.headers.get(AUTHORIZATION)?.to_str().ok()?;
        let (_, rest) = value.split_once("Credential=")?;
        rest.split([',', ' ']).next().map(Cow::Borrowed)
    };
    let credential = in_header().or_else(|| parameter(head, "X-Amz-Credential").map(Cow::Owned))?;
    let mut parts = credential.split('/').skip(2);
    let (region, service) = (parts.next()?, parts.next()?);
    let region = region.parse().ok();
    let mut candidates = Dialect::signed_for(service).peekable();
    let Some(first) = candidates.peek().copied() else { return Some(Route::unknown(service, region)) };
    let others = by_target(head).or_else(|| by_host(head)).or_else(|| by_path(service, head));
    let narrowed = others.and_then(|route| candidates.find(|candidate| route.service == Named::Known(candidate)));
    Some(Route::known(narrowed.unwrap_or(first), region))
}

/// Services that share a signing name and are told apart by their paths.
fn by_path(signing: &str, head: &Parts) -> Option<Route> {
    let path = head.uri.path();
    let service = match signing {
        "bedrock" => of_bedrock(&head.method, path)?,
        "sagemaker" if path.starts_with("/endpoints/") => "sagemaker.runtime",
        _ => return None,
    };
    Dialect::of(service).map(|dialect| Route::known(dialect, None))
}

/// The service of Bedrock that has a path.
///
/// Source: the API models of `bedrock-agent`, `bedrock-agent-runtime` and `bedrock-runtime`.
fn of_bedrock(method: &Method, path: &str) -> Option<&'static str> {
    let segments: Vec<&str> = path.split('/').skip(1).filter(|segment| !segment.is_empty()).collect();
    Some(match *segments.as_slice() {
        ["model" | "async-invoke" | "guardrail", ..] => "bedrock-runtime",
        ["agents", _, "agentAliases", ..] => "bedrock-agent-runtime",
        // An agent that is told in the request itself; the path of PrepareAgent ends with a slash.
        ["agents", _] if method == Method::POST && !path.ends_with('/') => "bedrock-agent-runtime",
        ["flows", _, "executions", ..] | ["flows", _, "aliases", _, "executions", ..] => "bedrock-agent-runtime",
        ["flows", _, "aliases", _] if method == Method::POST => "bedrock-agent-runtime",
        ["knowledgebases", _, "retrieve"] => "bedrock-agent-runtime",
        [
            "retrieveAndGenerate"
            | "retrieveAndGenerateStream"
            | "rerank"
            | "generateQuery"
            | "optimize-prompt"
            | "sessions",
            ..,
        ] => "bedrock-agent-runtime",
        ["agents" | "flows" | "knowledgebases" | "prompts" | "tags", ..] => "bedrock-agent",
        _ => return None,
    })
}

/// Who presents an API key asks for one of Bedrock's services, if the path is one that they have.
fn by_api_key(head: &Parts) -> Option<Route> {
    api_key::presented(&head.headers)?;
    let path = head.uri.path();
    let first = path.split('/').nth(1).unwrap_or_default();
    let models = matches!(first, "foundation-models" | "foundation-model-availability" | "inference-profiles");
    let service = of_bedrock(&head.method, path).or(models.then_some("bedrock"))?;
    Dialect::of(service).map(|dialect| Route::known(dialect, None))
}

fn by_target(head: &Parts) -> Option<Route> {
    let service = match in_path(head) {
        Some((service, _)) => service,
        None => Target::parse(&head.headers).ok()?.service,
    };
    Some(match Dialect::targeted(service) {
        Some(dialect) => Route::known(dialect, None),
        None => Route::unknown(service, None),
    })
}

/// The service's name in targets and the operation, of a request that has both in its path.
fn in_path(head: &Parts) -> Option<(&str, &str)> {
    if rpc_v2_cbor::is_spoken(&head.headers) { rpc_v2_cbor::operation(head.uri.path()) } else { None }
}

fn by_host(head: &Parts) -> Option<Route> {
    let name = host::name(host::host(head)?);
    if let Some(stem) = LOCAL_DOMAINS.iter().find_map(|domain| name.strip_suffix(domain)) {
        return Some(by_local_name(stem));
    }
    let stem = name.strip_suffix(".amazonaws.com").or_else(|| name.strip_suffix(".api.aws"))?;
    let region = stem.split('.').rev().find_map(|label| label.strip_prefix("s3-").unwrap_or(label).parse().ok());
    // Names without a Region are those of the Region where AWS began.
    let home = region.or_else(|| "us-east-1".parse().ok())?;
    let service = Catalog::by_public_name(home, &name).and_then(|service| Dialect::of(service.name));
    Some(match service {
        Some(dialect) => Route::known(dialect, region),
        None => Route::unknown(stem, region),
    })
}

/// `SERVICE`, `SERVICE.REGION`, and before those of S3 a bucket.
fn by_local_name(stem: &str) -> Route {
    let (rest, region): (&str, Option<Region>) = match stem.rsplit_once('.') {
        Some((rest, last)) => last.parse().map_or((stem, None), |region| (rest, Some(region))),
        None => (stem, None),
    };
    let dialect = if rest.ends_with(".s3") {
        Dialect::of("s3")
    } else {
        Dialect::of(rest).or_else(|| Dialect::signed_for(rest).next())
    };
    dialect.map_or_else(|| Route::unknown(rest, region), |dialect| Route::known(dialect, region))
}

fn by_action(head: &Parts) -> Option<Route> {
    by_version(parameter(head, "Action").is_some(), parameter(head, "Version"))
}

fn by_version(has_action: bool, version: Option<String>) -> Option<Route> {
    let version = version.filter(|_| has_action)?;
    Some(match Dialect::of_version(&version) {
        Some(dialect) => Route::known(dialect, None),
        None => Route::unknown(&format!("with-API-version-{version}"), None),
    })
}

/// A parameter of the query.
fn parameter(head: &Parts, name: &str) -> Option<String> {
    pair(head.uri.query()?, name)
}

fn pair(encoded: &str, name: &str) -> Option<String> {
    let value = encoded.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
    Some(percent_decode_str(value).decode_utf8_lossy().into_owned())
}

/// The API's name of the operation, where the request itself says it: the target's, or the action of a query or form.
pub(super) fn operation(head: &Parts, form: Option<&[u8]>) -> Option<String> {
    let plain = |name: &String| name.len() <= LONGEST_NAME && name.bytes().all(|b| b.is_ascii_alphanumeric());
    if let Some((_, operation)) = in_path(head) {
        return Some(operation.to_owned()).filter(plain);
    }
    match Target::parse(&head.headers) {
        Ok(target) => Some(target.operation.to_owned()),
        Err(_) => {
            parameter(head, "Action").or_else(|| form.and_then(|form| pair(&String::from_utf8_lossy(form), "Action")))
        }
    }
    .filter(plain)
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn head(line: &str, headers: &[(&str, &str)]) -> Parts {
        let (method, uri) = line.split_once(' ').unwrap();
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(()).unwrap().into_parts().0
    }

    fn told(route: Option<Route>) -> String {
        match route {
            None => "nothing".to_owned(),
            Some(Route { service, region }) => {
                let service = match service {
                    Named::Known(dialect) => dialect.service.to_owned(),
                    Named::Unknown(name) => format!("unknown {name}"),
                };
                region.map_or(service.clone(), |region| format!("{service} in {region}"))
            }
        }
    }

    fn scoped(service: &str) -> String {
        format!("AWS4-HMAC-SHA256 Credential=AKIA/20260101/eu-west-1/{service}/aws4_request, SignedHeaders=host")
    }

    #[test]
    fn the_scope_of_the_signature_comes_first() {
        let of = |service: &str, line: &str, more: &[(&str, &str)]| {
            let authorization = scoped(service);
            let mut headers = vec![("authorization", authorization.as_str())];
            headers.extend(more);
            told(by_head(&head(line, &headers)))
        };
        assert_eq!(of("s3", "GET /b/k", &[("host", "sts.amazonaws.com")]), "s3 in eu-west-1");
        assert_eq!(of("kms", "POST /", &[]), "kms in eu-west-1");
        assert_eq!(of("iam", "POST /", &[]), "iam in eu-west-1");
        assert_eq!(of("route53", "POST /", &[]), "route53 in eu-west-1");
        assert_eq!(of("unheard", "POST /", &[]), "unknown unheard in eu-west-1");
        assert_eq!(of("kms", "POST /", &[("host", "kms-fips.us-east-1.amazonaws.com")]), "kms in eu-west-1");
        assert_eq!(of("bedrock", "POST /model/m/invoke", &[]), "bedrock-runtime in eu-west-1");
        assert_eq!(of("bedrock", "GET /foundation-models", &[]), "bedrock in eu-west-1");
        assert_eq!(of("bedrock", "POST /guardrail/a/version/1/apply", &[]), "bedrock-runtime in eu-west-1");
        assert_eq!(of("bedrock", "GET /guardrails", &[]), "bedrock in eu-west-1");
        for request in [
            "PUT /knowledgebases/",
            "GET /prompts/p",
            "POST /flows/",
            "GET /flows/f/aliases/a",
            "GET /agents/a/",
            "POST /agents/a/",
            "PUT /agents/a/agentaliases/",
            "POST /knowledgebases/k/datasources/",
        ] {
            assert_eq!(of("bedrock", request, &[]), "bedrock-agent in eu-west-1", "{request}");
        }
        for request in [
            "POST /agents/a/agentAliases/b/sessions/s/text",
            "POST /agents/s",
            "POST /knowledgebases/k/retrieve",
            "POST /rerank",
            "PUT /sessions/",
            "POST /flows/f/aliases/a",
            "POST /retrieveAndGenerate",
        ] {
            assert_eq!(of("bedrock", request, &[]), "bedrock-agent-runtime in eu-west-1", "{request}");
        }
        assert_eq!(
            of("bedrock", "POST /x", &[("host", "bedrock-agent.eu-west-1.amazonaws.com")]),
            "bedrock-agent in eu-west-1"
        );
        let presigned = "GET /b/k?X-Amz-Credential=AKIA%2F20260101%2Feu-west-1%2Fs3%2Faws4_request";
        assert_eq!(told(by_head(&head(presigned, &[]))), "s3 in eu-west-1");
    }

    #[test]
    fn then_the_target_then_the_host_then_the_action() {
        let of = |line: &str, headers: &[(&str, &str)]| told(by_head(&head(line, headers)));
        let host = |host: &str| of("GET /", &[("host", host)]);
        assert_eq!(of("POST /", &[("x-amz-target", "DynamoDB_20120810.GetItem")]), "dynamodb");
        assert_eq!(of("POST /", &[("x-amz-target", "Nothing.Here")]), "unknown Nothing");
        for (name, service) in [
            ("s3.eu-west-1.amazonaws.com", "s3 in eu-west-1"),
            ("docs.s3.eu-west-1.amazonaws.com", "s3 in eu-west-1"),
            ("docs.s3-eu-west-1.amazonaws.com", "s3 in eu-west-1"),
            ("docs.s3.amazonaws.com:4566", "s3"),
            ("docs.s3-fips.us-east-1.amazonaws.com", "s3 in us-east-1"),
            ("123456789012.ddb.eu-west-1.amazonaws.com", "dynamodb in eu-west-1"),
            ("123456789012.ddb.eu-west-1.api.aws", "dynamodb in eu-west-1"),
            ("logs-fips.us-west-2.amazonaws.com", "logs in us-west-2"),
            ("secretsmanager.us-west-2.amazonaws.com", "secretsmanager in us-west-2"),
            ("nothing.us-west-2.amazonaws.com", "unknown nothing.us-west-2 in us-west-2"),
            ("s3.localhost:4566", "s3"),
            ("docs.s3.localhost:4566", "s3"),
            ("docs.s3.us-west-2.localhost.localstack.cloud:4566", "s3 in us-west-2"),
            ("secretsmanager.us-west-2.localhost.localstack.cloud", "secretsmanager in us-west-2"),
            ("127.0.0.1:4566", "nothing"),
            ("localhost:4566", "nothing"),
        ] {
            assert_eq!(host(name), service, "{name}");
        }
        assert_eq!(of("GET /?Action=GetCallerIdentity&Version=2011-06-15", &[]), "sts");
        assert_eq!(of("GET /?Action=ListUsers&Version=2010-05-08", &[]), "iam");
        assert_eq!(of("GET /?Action=ListDomains&Version=2009-04-15", &[]), "unknown with-API-version-2009-04-15");
        assert_eq!(told(Some(by_form(b"Action=DescribeVpcs&Version=2016-11-15"))), "ec2");
        assert_eq!(told(Some(by_form(b"<Delete/>"))), "s3");
    }

    #[test]
    fn the_operation_is_told_only_as_a_plain_word() {
        let post = head("POST /", &[]);
        assert_eq!(operation(&post, Some(b"Version=1&Action=DescribeVpcs")).as_deref(), Some("DescribeVpcs"));
        assert_eq!(operation(&post, Some(b"Action=a%20b")), None);
        assert_eq!(operation(&head("GET /?Action=GetCallerIdentity", &[]), None).as_deref(), Some("GetCallerIdentity"));
    }
}
