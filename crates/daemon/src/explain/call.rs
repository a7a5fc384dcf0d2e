//! What applies to a call from a source in the running daemon, as the gate finds it when a request comes.

use std::net::{IpAddr, Ipv4Addr};

use sidegate_edge::gate::SupposedCall;
use sidegate_iam::{Path, PolicyKind};
use sidegate_model::{Region, Service};
use sidegate_plan::analyze::{Call, Source};
use sidegate_services::{self as services, Supposed};

use super::Grounds;
use super::caller::{self, Caller};
use crate::clock;

/// A call that is asked about.
#[derive(Clone, Debug)]
pub(crate) struct AskedCall {
    /// The call, for [`Flow::calling`](sidegate_plan::analyze::Flow::calling).
    pub(crate) call: Call,
    /// What was taken for granted, in words for the user: who calls if nobody was named, that no resource was named.
    pub(crate) notes: Vec<String>,
}

/// Why a call cannot be asked about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CallError {
    /// The action is none.
    #[error("`{0}` is not an action; one has the form `s3:GetObject`, without wildcards")]
    Action(String),
    /// There is no service with the action's prefix.
    #[error("there is no service here whose actions begin with `{0}:`")]
    NoService(String),
    /// The resource is none that the action is about.
    #[error("`{action}` is not about `{resource}`; what it is about has an ARN like `{form}`")]
    NotOfAction {
        /// The action.
        action: String,
        /// The resource.
        resource: String,
        /// The form of the right ones.
        form: &'static str,
    },
    /// There is no such principal.
    #[error(
        "there is no principal `{0}` here; name one by the ARN of a user, a role, a session of a role or a root user, or as \
         `anonymous`"
    )]
    NoPrincipal(String),
    /// There is no such source.
    #[error("there is no `{0}` that could call")]
    NoSource(String),
    /// What a service has stored cannot be read.
    #[error("what the service has stored cannot be read ({0})")]
    Unreadable(String),
}

/// What applies to a call from a source: who calls, what must be allowed, and every policy but that of the endpoint on the
/// path.
///
/// `resource` is an ARN; if there is none, `*` is asked for, of which no resource's policy is known. `principal` is the ARN of
/// a user, a role, a role's session or a root user, the name of a service, or `anonymous`; if there is none, it is whoever
/// calls from the source: the role of its instance profile, the execution role of the function, or the key that Sidegate gives
/// to programs. Layers that nobody here knows stand in [`Call::unknown`].
///
/// Condition keys of a request's parameters are not there, nor what a service does at others in the caller's name, such as
/// at KMS for an encrypted object.
///
/// # Errors
/// [`CallError`] if there is no such action, resource, principal or source.
pub(crate) async fn call(
    grounds: &Grounds, source: &Source, action: &str, resource: Option<&str>, principal: Option<&str>,
) -> Result<AskedCall, CallError> {
    let (world, now) = (grounds.engine.world(), clock::now_ms());
    let prefix = prefix_of(action).ok_or_else(|| CallError::Action(action.to_owned()))?;
    let service = service_of(grounds, prefix).ok_or_else(|| CallError::NoService(prefix.to_owned()))?;
    let scope = caller::scope(grounds, &world, source)?;
    let Caller { principal, grants, mut unknown, mut notes } = match principal {
        Some(text) => caller::named(grounds, text, now)?,
        None => caller::of_source(grounds, &world, source, now)?,
    };
    if resource.is_none() {
        notes.push("no resource is named, and so it is asked for `*`".to_owned());
    }
    let resource = resource.unwrap_or("*");
    let at = caller::scope_of_arn(resource).unwrap_or_else(|| scope.clone());
    let asking = services::Caller {
        request_id: "explain".to_owned(),
        principal: principal.clone(),
        scope: at,
        access_key: None,
        // What is required does not depend on it.
        path: Path::Public { source: IpAddr::V4(Ipv4Addr::UNSPECIFIED) },
        now,
    };
    let own = grounds.services.iter().find(|own| own.name() == service.name);
    let supposed = match own {
        Some(own) => own.suppose(action, resource, &asking).await.map_err(CallError::Unreadable)?,
        None => Supposed::Elsewhere(vec![sidegate_iam::Requirement::new(action, resource)]),
    };
    let requirements = match supposed {
        Supposed::Required(requirements) => {
            if service.name == "s3" && resource != "*" && requirements.iter().any(|own| own.owner().is_none()) {
                notes.push(format!(
                    "no bucket of `{resource}` is kept here: the call would be answered with NoSuchBucket"
                ));
            }
            requirements
        }
        Supposed::Elsewhere(requirements) => {
            notes.push(format!("what the policy of `{resource}` says, if it has one, is not known here"));
            let is_trust = action.starts_with("sts:AssumeRole");
            unknown.push(if is_trust { PolicyKind::RoleTrust } else { PolicyKind::Resource });
            requirements
        }
        Supposed::NotOfAction { form } => {
            let (action, resource) = (action.to_owned(), resource.to_owned());
            return Err(CallError::NotOfAction { action, resource, form });
        }
    };
    let owner = requirements.first().and_then(sidegate_iam::Requirement::owner);
    let region = region_of(resource).unwrap_or(scope.region);
    let supposed = SupposedCall { service: service.name, region, principal: &principal, grants, owner, now };
    let (context, policies) = supposed.applicable(&grounds.identities);
    Ok(AskedCall { call: Call { principal, requirements, policies, context, unknown }, notes })
}

/// The prefix of an action; `None` if it is none.
fn prefix_of(action: &str) -> Option<&str> {
    let (prefix, name) = action.split_once(':')?;
    let is_word = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    (is_word(prefix) && is_word(name)).then_some(prefix)
}

/// The service whose actions have a prefix: of several, one that answers here, and among those the one of that name.
fn service_of(grounds: &Grounds, prefix: &str) -> Option<&'static Service> {
    let own = Service::all().iter().filter(|own| own.api == own.name && own.action_prefix() == prefix);
    let is_served = |own: &&Service| grounds.services.iter().any(|service| service.name() == own.name);
    own.max_by_key(|own| (is_served(own), own.name == prefix))
}

/// The Region in an ARN.
fn region_of(arn: &str) -> Option<Region> {
    arn.split(':').nth(3)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_names_one_operation_of_one_service() {
        assert_eq!(prefix_of("s3:GetObject"), Some("s3"));
        assert_eq!(prefix_of("execute-api:Invoke"), Some("execute-api"));
        for wrong in ["s3", "s3:", ":GetObject", "s3:Get*", "*", "s3:Get Object", "s3:Get\u{1b}"] {
            assert_eq!(prefix_of(wrong), None, "{wrong:?}");
        }
    }
}
