//! STS: who the caller is. Sessions and assumed roles come with IAM.

use async_trait::async_trait;
use http::{Request, Response, StatusCode};
use sidegate_iam::{Principal, Requirement};
use sidegate_wire::aws_query::{self, Content};
use sidegate_wire::protocol::Failure;
use sidegate_wire::query::Params;

use crate::{Authorized, Authorizer, Body, Caller, Service, whole};

/// The version of the API.
const VERSION: &str = "2011-06-15";

/// The actions that STS has and that are not served.
const UNSERVED: [&str; 10] = [
    "AssumeRole",
    "AssumeRoleWithSAML",
    "AssumeRoleWithWebIdentity",
    "AssumeRoot",
    "DecodeAuthorizationMessage",
    "GetAccessKeyInfo",
    "GetDelegatedAccessToken",
    "GetFederationToken",
    "GetSessionToken",
    "GetWebIdentityToken",
];

/// The security token service of all accounts and Regions.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sts;

#[async_trait]
impl Service for Sts {
    fn name(&self) -> &'static str {
        "sts"
    }

    async fn handle(&self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer) -> Response<Body> {
        let answer = match whole::query(request).await {
            Ok(params) => answer(&params, caller, authorizer),
            Err(failure) => Err(failure),
        };
        whole::answer(answer.unwrap_or_else(|failure| aws_query::error(&failure, &caller.request_id)))
    }
}

fn answer(params: &Params, caller: &Caller, authorizer: &dyn Authorizer) -> Result<Response<Vec<u8>>, Failure> {
    let Some(action) = params.get("Action") else {
        return Err(Failure::refused("MissingAction", "The request must contain the parameter Action"));
    };
    let version = params.get("Version").unwrap_or("NO_VERSION_SPECIFIED");
    match action {
        "GetCallerIdentity" if version == VERSION => caller_identity(caller, authorizer),
        known if version == VERSION && UNSERVED.contains(&known) => Err(Failure::new(
            StatusCode::NOT_IMPLEMENTED,
            "NotImplemented",
            format!("Sidegate does not implement the STS action {known} yet."),
        )),
        _ => Err(Failure::refused("InvalidAction", format!("Could not find operation {action} for version {version}"))),
    }
}

/// No identity-based policy can deny this action, but an endpoint policy can.
///
/// Source: STS API reference, "GetCallerIdentity"; PrivateLink guide, "Control access to VPC endpoints using endpoint
/// policies".
fn caller_identity(caller: &Caller, authorizer: &dyn Authorizer) -> Result<Response<Vec<u8>>, Failure> {
    let requirement = Requirement::new("sts:GetCallerIdentity", "*");
    Authorized::by(authorizer, "GetCallerIdentity", &[requirement])
        .map_err(|denial| Failure::new(StatusCode::FORBIDDEN, "AccessDenied", denial.to_string()))?;
    let (account, arn) = match (&caller.principal, caller.principal.arn()) {
        (Principal::Root(account), Some(arn)) => (account, arn),
        (Principal::Anonymous, _) => {
            return Err(Failure::new(
                StatusCode::FORBIDDEN,
                "MissingAuthenticationToken",
                "Request is missing Authentication Token",
            ));
        }
        (other, _) => {
            return Err(Failure::new(
                StatusCode::NOT_IMPLEMENTED,
                "NotImplemented",
                format!("Sidegate does not know the user id of {other} yet."),
            ));
        }
    };
    let mut result = Content::default();
    result.text("Arn", arn).text("UserId", &account.id).text("Account", &account.id);
    Ok(aws_query::response(aws_query::STS, "GetCallerIdentity", &result, &caller.request_id))
}
