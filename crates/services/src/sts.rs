//! STS: sessions, and who the caller is.
//!
//! The sessions themselves are kept by the [`Directory`] of IAM, which the front door asks for their keys.

mod assume_role;
mod message;
mod suppose;
mod token;

use async_trait::async_trait;
use http::{Request, Response};
use sidegate_iam::Requirement;
use sidegate_wire::aws_query::{self, Content};
use sidegate_wire::query::Params;
use tokio::task::spawn_blocking;

pub use message::{decode, encode};

use crate::iam::{ACCESS_KEY, Directory, Fault, Form, Identity, SessionCredentials, account_of, date};
use crate::{Authorized, Authorizer, Body, Caller, Service, Supposed, whole};

/// The version of the API.
const VERSION: &str = "2011-06-15";

/// The actions that STS has and that are not served.
const UNSERVED: [&str; 5] =
    ["AssumeRoleWithSAML", "AssumeRoleWithWebIdentity", "AssumeRoot", "GetDelegatedAccessToken", "GetWebIdentityToken"];

/// The security token service of all accounts and Regions.
#[derive(Clone, Debug)]
pub struct Sts {
    directory: Directory,
}

/// Prepares an action.
type Prepare = fn(&Call<'_>) -> Result<Prepared, Fault>;

/// What an action does when it was allowed. Blocks.
type Act = Box<dyn FnOnce(&Authorized, &Directory) -> Result<Content, Fault> + Send>;

/// An action that waits to be allowed.
struct Prepared {
    requirements: Vec<Requirement>,
    act: Act,
}

impl Prepared {
    fn new(
        requirements: Vec<Requirement>,
        act: impl FnOnce(&Authorized, &Directory) -> Result<Content, Fault> + Send + 'static,
    ) -> Self {
        Self { requirements, act: Box::new(act) }
    }
}

/// A call whose action is known.
struct Call<'a> {
    form: Form<'a>,
    caller: &'a Caller,
    identity: Identity,
    directory: &'a Directory,
}

/// The actions that are served.
const SERVED: [(&str, Prepare); 6] = [
    ("AssumeRole", assume_role::prepare),
    ("DecodeAuthorizationMessage", message::prepare),
    ("GetAccessKeyInfo", access_key_info),
    ("GetCallerIdentity", caller_identity),
    ("GetFederationToken", token::federation),
    ("GetSessionToken", token::session),
];

impl Sts {
    /// The service over the identities of IAM.
    pub fn new(directory: Directory) -> Self {
        Self { directory }
    }

    async fn answer(
        &self, params: &Params, caller: &Caller, authorizer: &dyn Authorizer,
    ) -> Result<Response<Vec<u8>>, Fault> {
        let action = params.get("Action").ok_or(Fault::MissingAction)?;
        let version = params.get("Version").unwrap_or("NO_VERSION_SPECIFIED");
        let served = SERVED.iter().find(|(name, _)| *name == action && version == VERSION);
        let Some((action, prepare)) = served else {
            return Err(if version == VERSION && UNSERVED.contains(&action) {
                Fault::Unserved { service: "STS", action: action.to_owned() }
            } else {
                Fault::UnknownAction { action: action.to_owned(), version: version.to_owned() }
            });
        };
        if let Some(token) = self.directory.token(caller)
            && !token.may_call(action)
        {
            return Err(Fault::AccessDenied(format!("Cannot call {action} with session credentials")));
        }
        let Prepared { requirements, act } = {
            let identity = self.directory.identity(caller);
            prepare(&Call { form: Form::of_sts(params), caller, identity, directory: &self.directory })?
        };
        let allowed = Authorized::by(authorizer, action, &requirements).map_err(|d| Fault::Denied(Box::new(d)))?;
        let directory = self.directory.clone();
        let content = spawn_blocking(move || act(&allowed, &directory)).await.map_err(|_| Fault::Interrupted)??;
        Ok(aws_query::response(aws_query::STS, action, &content, &caller.request_id))
    }
}

#[async_trait]
impl Service for Sts {
    fn name(&self) -> &'static str {
        "sts"
    }

    async fn handle(&self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer) -> Response<Body> {
        let answer = match whole::query(request).await {
            Ok(params) => self.answer(&params, caller, authorizer).await,
            Err(failure) => Err(failure.into()),
        };
        whole::answer(answer.unwrap_or_else(|fault| fault.response(aws_query::STS, &caller.request_id)))
    }

    async fn suppose(&self, action: &str, resource: &str, _caller: &Caller) -> Result<Supposed, String> {
        Ok(suppose::suppose(&self.directory, action, resource))
    }
}

/// No identity-based policy can deny this action, but an endpoint policy can.
///
/// Source: STS API reference, "GetCallerIdentity"; PrivateLink guide, "Control access to VPC endpoints using endpoint
/// policies".
fn caller_identity(call: &Call<'_>) -> Result<Prepared, Fault> {
    let identity = call.identity.clone();
    Ok(Prepared::new(vec![Requirement::new("sts:GetCallerIdentity", "*").free()], move |_, _| {
        let (Some(arn), Some(id), Some(account)) = (identity.arn(), identity.user_id(), identity.account()) else {
            return Err(Fault::Unauthenticated);
        };
        let mut content = Content::default();
        content.text("Arn", arn).text("UserId", id).text("Account", account);
        Ok(content)
    }))
}

/// `GetAccessKeyInfo`: the account is in the id of the key, whether there is such a key or not.
fn access_key_info(call: &Call<'_>) -> Result<Prepared, Fault> {
    let access_key = call.form.required("AccessKeyId", &ACCESS_KEY);
    call.form.sound()?;
    Ok(Prepared::new(vec![Requirement::new("sts:GetAccessKeyInfo", "*")], move |_, _| {
        let account = account_of(&access_key)
            .ok_or_else(|| Fault::Validation(format!("Access key {access_key} does not name an account.")))?;
        let mut content = Content::default();
        content.text("Account", account);
        Ok(content)
    }))
}

/// The element `Credentials`.
fn render(content: &mut Content, credentials: &SessionCredentials) {
    content.nested("Credentials", |content| {
        content
            .text("AccessKeyId", &credentials.access_key)
            .text("SecretAccessKey", credentials.secret.reveal())
            .text("SessionToken", credentials.session_token.reveal())
            .text("Expiration", date(credentials.expires));
    });
}
