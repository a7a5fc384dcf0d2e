//! Where the archive of a function or a layer is fetched from: an address of this service's own, presigned in the name of
//! whoever is told it, so that it is of use for ten minutes and for as long as that one may still get the function.
//!
//! AWS presigns an object of a bucket of its own, in its own name.
//!
//! Source: API reference, "GetFunction": "a presigned URL that's valid for 10 minutes".

use std::sync::Arc;

use http::{HeaderName, HeaderValue, StatusCode};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sidegate_wire::sigv4::{SecretKey, Signer};

use super::fault::Fault;
use super::layer;
use super::name::{Place, Qualifier};
use super::operation::{Answer, Call, present_version};
use super::package::Package;
use super::store::blocking;

/// The secret of an access key.
pub type Secrets = Arc<dyn Fn(&str) -> Option<SecretKey> + Send + Sync>;

/// For how many seconds an address is of use.
const VALID: u32 = 600;

/// What stands in a path as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The address of the code of a version.
pub(super) fn of_function(call: &Call<'_>, place: &Place, qualifier: Option<&Qualifier>) -> Option<String> {
    let arn = place.qualified_arn(&qualifier.map_or_else(|| "$LATEST".to_owned(), ToString::to_string));
    presigned(call, &format!("/sidegate/functions/{}/archive", utf8_percent_encode(&arn, PLAIN)))
}

/// The address of the files of a layer's version.
pub(super) fn of_layer(call: &Call<'_>, place: &Place, number: u64) -> Option<String> {
    let arn = place.layer_arn();
    presigned(call, &format!("/sidegate/layers/{}/versions/{number}/archive", utf8_percent_encode(&arn, PLAIN)))
}

/// Nobody who is not known by an access key gets one.
fn presigned(call: &Call<'_>, path: &str) -> Option<String> {
    let access_key = call.caller.access_key.as_deref()?;
    let secret = (call.lambda.secrets.as_ref()?)(access_key)?;
    let host = call.header("host")?;
    let in_query = || call.parameter("X-Amz-Security-Token");
    let signer = Signer {
        access_key,
        secret: &secret,
        session_token: call.header("x-amz-security-token").or_else(in_query),
        region: call.caller.scope.region.as_str(),
        service: "lambda",
    };
    let target = signer.presigned(host, path, VALID, call.caller.now / 1000).ok()?;
    // The API's own address on the machine counts as secure and speaks no TLS.
    let is_name_of_aws = [".amazonaws.com", ".api.aws", ".amazonaws.com.cn"].iter().any(|end| host.ends_with(end));
    let scheme = if call.is_secure && is_name_of_aws { "https" } else { "http" };
    Some(format!("{scheme}://{host}{target}"))
}

/// Gives out the code of a version.
pub(super) async fn fetch_of_function(call: &Call<'_>) -> Result<Answer, Fault> {
    let named = call.named()?;
    let function = call.store().function(&named.place);
    call.authorize(&[call.requirement("GetFunction", &named, function.as_deref())])?;
    fetch(call, &present_version(&named, function.as_deref())?.package).await
}

/// Gives out the files of a layer's version.
pub(super) async fn fetch_of_layer(call: &Call<'_>) -> Result<Answer, Fault> {
    let (place, number) = layer::in_path(call)?;
    call.authorize(&[layer::requirement(call.store(), "GetLayerVersion", &place, number)])?;
    let layer = call.store().layer(&place);
    let version = layer.as_ref().and_then(|layer| layer.versions.get(&number));
    fetch(call, &version.ok_or_else(Fault::no_resource)?.package).await
}

async fn fetch(call: &Call<'_>, package: &Package) -> Result<Answer, Fault> {
    let (packages, digest) = (Arc::clone(&call.lambda.inner.packages), package.digest.clone());
    let body = blocking(move || packages.archive(&digest)).await?;
    let kind = (HeaderName::from_static("content-type"), HeaderValue::from_static("application/zip"));
    Ok(Answer { status: StatusCode::OK, headers: vec![kind], body })
}
