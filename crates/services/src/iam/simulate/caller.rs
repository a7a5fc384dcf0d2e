//! Who is simulated to ask, and the condition keys that follow from it.

use sidegate_iam::{Context, Principal};
use sidegate_model::AccountId;

use super::super::fault::Fault;
use super::{account_of, kind_and_name};

/// What `aws:userid` is while nobody is named.
const NOBODY: &str = "STUB_PRINCIPAL_FOR_POLICY_SIMULATOR";

/// The name of the session that a role asks by, which no policy can name.
const SESSION: &str = "*";

/// Who is simulated to ask.
pub(super) struct SimulatedCaller {
    pub(super) principal: Principal,
    /// What a simulation knows of it by itself.
    pub(super) context: Context,
    is_known: bool,
}

impl SimulatedCaller {
    /// The user, group or role with an ARN, or someone of an account.
    pub(super) fn of(arn: Option<&str>, account: &AccountId) -> Result<Self, Fault> {
        let Some(arn) = arn else {
            let context = Context::new().with("aws:userid", NOBODY);
            return Ok(Self { principal: Principal::Unnamed(account.clone().into()), context, is_known: false });
        };
        let principal = principal(arn).ok_or_else(|| {
            let message = "Invalid caller - Caller must be an IAM user, role or group in this context.";
            Fault::InvalidInput(message.to_owned())
        })?;
        let context = Context::new().with("aws:userid", arn).with("aws:PrincipalArn", arn);
        Ok(Self { principal, context, is_known: true })
    }

    /// Whether one is named.
    pub(super) fn is_known(&self) -> bool {
        self.is_known
    }
}

/// The principal that a user, group or role is; a role asks by a session, and a group is nobody in particular.
fn principal(arn: &str) -> Option<Principal> {
    let (account, resource) = account_of(arn)?;
    let (kind, name) = kind_and_name(resource)?;
    let partition = arn.split(':').nth(1)?;
    match kind {
        "user" => Principal::parse(arn).ok(),
        "role" => {
            let session = format!("arn:{partition}:sts::{account}:assumed-role/{name}/{SESSION}");
            let mut principal = Principal::parse(&session).ok()?;
            if let Principal::AssumedRole { role_path, .. } = &mut principal {
                *role_path = resource.strip_prefix("role").and_then(|path| path.strip_suffix(name)).map(str::to_owned);
            }
            Some(principal)
        }
        _ => match Principal::parse(&format!("arn:{partition}:iam::{account}:root")).ok()? {
            Principal::Root(account) => Some(Principal::Unnamed(account)),
            _ => None,
        },
    }
}
