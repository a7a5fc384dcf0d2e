//! Keys of KMS that objects are encrypted with. The server encrypts, with keys of its own. But a key that a request or an
//! answer names counts as one of the caller's account, and the caller has to be allowed to use it through S3, as on AWS.
//! Key policies and grants take no part.
//!
//! Source: S3 user guide, "Using server-side encryption with AWS KMS keys (SSE-KMS)", "Permissions".

use http::{HeaderMap, StatusCode};
use sidegate_iam::Requirement;

use super::super::attributes::text;
use super::super::call::Call;
use super::super::fault::Fault;
use super::super::requirement::Makes;
use super::classified::Classified;
use super::operation::Kind;
use crate::upstream::Server;

const KEY: &str = "x-amz-server-side-encryption-aws-kms-key-id";

/// Asks about the key that a request names for its object.
pub(super) async fn of_new_object(server: &Server, call: &Call, classified: &Classified) -> Result<(), Fault> {
    let actions: &[&str] = match classified.operation.kind {
        Kind::Write(Makes::Upload) => &["kms:GenerateDataKey", "kms:Decrypt"],
        Kind::Write(Makes::Object) | Kind::Copy => &["kms:GenerateDataKey"],
        _ => return Ok(()),
    };
    ask(server, call, classified, &classified.headers, actions).await
}

/// Asks about the key that the object is encrypted with, of which the answer tells, before its bytes are passed on.
pub(super) async fn of_read_object(
    server: &Server, call: &Call, classified: &Classified, status: StatusCode, headers: &HeaderMap,
) -> Result<(), Fault> {
    if classified.operation.name != "GetObject" || !status.is_success() {
        return Ok(());
    }
    ask(server, call, classified, headers, &["kms:Decrypt"]).await
}

async fn ask(
    server: &Server, call: &Call, classified: &Classified, headers: &HeaderMap, actions: &[&str],
) -> Result<(), Fault> {
    let Some(key) = text(headers, KEY) else { return Ok(()) };
    let alias = "An alias of a key is not sent on to another server: name the key by its id or its ARN";
    let resource = server.key_arn(&call.caller.scope, &key).ok_or_else(|| Fault::not_implemented(alias))?;
    let region = call.caller.scope.region;
    let object = format!("arn:aws:s3:::{}/{}", classified.bucket(), classified.key());
    let requirements = actions.iter().map(|action| {
        Requirement::new(*action, resource.as_str())
            .with("kms:ViaService", format!("s3.{region}.amazonaws.com"))
            .with("kms:EncryptionContext:aws:s3:arn", object.as_str())
            .with_many("kms:EncryptionContextKeys", ["aws:s3:arn"])
    });
    call.authorize_forwarded(requirements.collect()).await.map(drop)
}
