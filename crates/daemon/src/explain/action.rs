//! Actions, as they are typed: whether there is such a one, and whether it is of the service that a path leads to.

use std::fmt;

use sidegate_model::{Catalog, Region, Service, World};
use sidegate_plan::analyze::Goal;

use super::subject::{Target, near};
use crate::diagram::clean;

/// The most candidates that are told.
const MOST: usize = 8;

/// Why an action is none that could be asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ActionError {
    /// It has not the form of one.
    Form(String),
    /// Its service has none of this name.
    Nothing {
        /// What was typed.
        action: String,
        /// What is called nearly so.
        near: Vec<String>,
    },
    /// It is of another service than the one that the path leads to.
    Elsewhere {
        /// What was typed.
        action: String,
        /// The service that the path leads to.
        service: &'static str,
        /// The prefix of that one's actions.
        prefix: &'static str,
        /// Some of its actions.
        near: Vec<String>,
    },
}

/// Whether an action can be asked about on the way to a target. Of services whose actions are not known here, the prefix
/// alone is looked at.
pub(super) fn check(world: &World, action: &str, target: &Target) -> Result<(), ActionError> {
    let typed = || action.to_owned();
    let (prefix, operation) = action.split_once(':').ok_or_else(|| ActionError::Form(typed()))?;
    let is_word = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if !is_word(prefix) || !is_word(operation) {
        return Err(ActionError::Form(typed()));
    }
    if let Some(service) = service_of(world, target)
        && is_word(service.action_prefix())
        && service.action_prefix() != prefix
    {
        let (service, prefix) = (service.name, service.action_prefix());
        return Err(ActionError::Elsewhere { action: typed(), service, prefix, near: candidates(prefix, operation) });
    }
    let is_known = Catalog::operations(prefix).is_none_or(|mut all| all.any(|own| own.eq_ignore_ascii_case(operation)));
    if is_known { Ok(()) } else { Err(ActionError::Nothing { action: typed(), near: candidates(prefix, operation) }) }
}

/// The service that a path leads to, where its target tells.
fn service_of(world: &World, target: &Target) -> Option<&'static Service> {
    if let Some(endpoint) = target.endpoint.as_ref().and_then(|id| world.endpoints.get(id)) {
        return endpoint.service();
    }
    match &target.goal {
        Goal::Service(name) => Catalog::named(name),
        Goal::Name(name) => {
            let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
            Region::all().find_map(|region| Catalog::by_public_name(region, &name))
        }
        _ => None,
    }
}

/// The actions with a prefix that are called nearly so, or else those with the shortest names, which are the commonest.
fn candidates(prefix: &str, operation: &str) -> Vec<String> {
    let mut all: Vec<&str> = Catalog::operations(prefix).into_iter().flatten().collect();
    let mut found = near(operation, &all);
    if found.is_empty() {
        all.sort_by_key(|own| own.len());
        found = all;
    }
    found.into_iter().take(MOST).map(|own| format!("{prefix}:{own}")).collect()
}

impl fmt::Display for ActionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let near = match self {
            Self::Form(action) => {
                return write!(
                    f,
                    "`{}` is not an action; one has the form SERVICE:OPERATION, without wildcards, as in s3:GetObject",
                    clean(action)
                );
            }
            Self::Nothing { action, near } => {
                let (prefix, operation) = action.split_once(':').unwrap_or((action.as_str(), ""));
                write!(f, "`{prefix}` has no action `{operation}`")?;
                near
            }
            Self::Elsewhere { action, service, prefix, near } => {
                write!(
                    f,
                    "`{action}` is no action of {service}, to which the path leads; its actions begin with `{prefix}:`"
                )?;
                near
            }
        };
        if near.is_empty() {
            return Ok(());
        }
        f.write_str("; there is:")?;
        near.iter().try_for_each(|own| write!(f, "\n  {own}"))
    }
}

impl std::error::Error for ActionError {}
