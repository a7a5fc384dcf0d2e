//! The policy simulator: `SimulateCustomPolicy`, `SimulatePrincipalPolicy`.
//!
//! The policy engine decides, by the same rules as of a request; here a request is made of what the caller supposes.
//! Nothing is called and nothing is changed.
//!
//! Sources: IAM API reference, "SimulateCustomPolicy", "SimulatePrincipalPolicy", "EvaluationResult"; IAM user guide, "IAM
//! policy testing with the IAM policy simulator"; recorded answers of AWS, of September 2026. docs/claims.md has what is
//! believed, from SIM-1 on.

mod caller;
mod context;
mod outcome;
mod page;
mod scenario;
mod source;
mod target;

use std::sync::Arc;

use sidegate_iam::Attached;
use sidegate_model::AccountId;
use sidegate_wire::aws_query::Content;

use self::caller::SimulatedCaller;
use self::context::ContextEntry;
use self::page::Pages;
use self::scenario::{Scenario, Supposal};
pub(super) use self::source::{Principal, Source, inputs, resource};
use self::target::Resources;
use super::action::{Answer, Call, Prepared, Turn};
use super::fault::Fault;
use super::form::{ACTION, ARN, DOCUMENT, HANDLING, RESOURCE};

/// Parameters of July 2026 that the model here does not have yet. What they say must not be passed over: the answer would
/// be to another question.
const UNSERVED: [&str; 2] = ["OrderedOrganizationPolicyInputList", "PolicyExclusionList"];

fn refuse_unserved(call: &Call<'_>) -> Result<(), Fault> {
    match UNSERVED.iter().find(|list| call.form.has_list(list)) {
        Some(list) => Err(Fault::Unserved { service: "IAM", action: format!("{} with {list}", call.action) }),
        None => Ok(()),
    }
}

/// What both actions are told.
struct Parameters {
    policies: Vec<Arc<str>>,
    boundaries: Vec<Arc<str>>,
    actions: Vec<String>,
    resources: Vec<String>,
    resource_policy: Option<Arc<str>>,
    resource_owner: Option<String>,
    caller: Option<String>,
    context: Vec<ContextEntry>,
    handling: Option<String>,
    most: usize,
    marker: Option<String>,
}

impl Parameters {
    /// Reads all but the policies, of which one action demands some.
    fn of(call: &Call<'_>, policies: Vec<String>) -> Self {
        let form = &call.form;
        let shared = |texts: Vec<String>| texts.into_iter().map(Arc::from).collect();
        let (most, marker) = page::read(form);
        Self {
            policies: shared(policies),
            boundaries: shared(form.texts("PermissionsBoundaryPolicyInputList", &DOCUMENT)),
            actions: form.required_texts("ActionNames", &ACTION),
            resources: form.texts("ResourceArns", &RESOURCE),
            resource_policy: form.text("ResourcePolicy", &DOCUMENT).map(Arc::from),
            resource_owner: form.text("ResourceOwner", &RESOURCE),
            caller: form.text("CallerArn", &RESOURCE),
            context: context::read(form),
            handling: form.text("ResourceHandlingOption", &HANDLING),
            most,
            marker,
        }
    }
}

/// `SimulateCustomPolicy`
pub(super) fn custom(call: &Call<'_>) -> Result<Prepared, Fault> {
    refuse_unserved(call)?;
    let parameters = Parameters::of(call, call.form.required_texts("PolicyInputList", &DOCUMENT));
    call.form.sound()?;
    let action = call.action;
    Ok(Prepared::new(vec![call.needs("*")], move |turn| simulate(action, parameters, Supposed::default(), turn)))
}

/// `SimulatePrincipalPolicy`
pub(super) fn principal(call: &Call<'_>) -> Result<Prepared, Fault> {
    refuse_unserved(call)?;
    let arn = call.form.required("PolicySourceArn", &ARN);
    let parameters = Parameters::of(call, call.form.texts("PolicyInputList", &DOCUMENT));
    call.form.sound()?;
    let action = call.action;
    let requirement = call.needs(resource(&call.account(), call.account_id(), &arn));
    Ok(Prepared::new(vec![requirement], move |turn| {
        let principal = Principal::find(&turn.account(), turn.account_id, &arn)?;
        let supposed = Supposed {
            caller: Some(principal.arn),
            policies: principal.policies,
            boundary: principal.boundary,
            controls: source::controls(turn.organizations, turn.account_id),
        };
        simulate(action, parameters, supposed, turn)
    }))
}

/// What is known of the principal whose policies are simulated; nothing for policies alone.
#[derive(Default)]
struct Supposed {
    caller: Option<String>,
    policies: Vec<Source>,
    boundary: Option<Source>,
    /// The service control policies of its account, by level; `None` for an account in no organization.
    controls: Option<Vec<Vec<Attached>>>,
}

fn simulate(
    action: &'static str, parameters: Parameters, supposed: Supposed, turn: &Turn<'_>,
) -> Result<Answer, Fault> {
    let Parameters { policies, boundaries, actions, handling, most, marker, context, .. } = &parameters;
    if boundaries.len() > 1 {
        return Err(Fault::InvalidInput("The list of Permissions Boundary policies cannot exceed 1 items.".to_owned()));
    }
    let resources = Resources::of(&parameters.resources)?;
    check_actions(actions)?;
    resources.check_handling(actions, handling.as_deref())?;
    let given = context::values(context)?;
    let mut identity = supposed.policies;
    identity.extend(source::inputs(policies)?);
    let boundary = match boundaries.first() {
        Some(text) => Some(source::boundary_input(text)?),
        None => supposed.boundary,
    };
    let named = parameters.caller.as_deref().or(supposed.caller.as_deref());
    let caller = SimulatedCaller::of(named, turn.account_id)?;
    let owner = parameters.resource_owner.as_deref().map(target::owner).transpose()?;
    let resource = match &parameters.resource_policy {
        Some(text) if caller.is_known() => Some(resources.policy(text)?),
        Some(_) => return Err(Fault::InvalidInput("Invalid caller - Caller cannot be null or empty.".to_owned())),
        None => None,
    };
    let pages = Pages::of(action, *most, marker.as_deref(), actions.len())?;
    let scenario = Scenario::new(caller, given, Supposal { identity, boundary, resource, owner }, supposed.controls)?;
    let each = scenario.statements().saturating_mul(resources.len());
    pages.fill(actions, each, |action| scenario.simulate(action, &resources)).map(Some)
}

/// An action names its service. Whether the service has it, nobody asks: it is compared as it stands.
fn check_actions(actions: &[String]) -> Result<(), Fault> {
    if actions.iter().all(|action| action.contains(':')) {
        return Ok(());
    }
    Err(Fault::InvalidInput("The action is invalid since it is missing names".to_owned()))
}

/// The result of an action that is simulated.
type Simulated = Result<Content, Fault>;

/// The account in an ARN of IAM, if it is one.
fn account_of(arn: &str) -> Option<(AccountId, &str)> {
    let mut parts = arn.splitn(6, ':');
    let [Some("arn"), Some(partition), Some("iam"), Some("")] =
        [parts.next(), parts.next(), parts.next(), parts.next()]
    else {
        return None;
    };
    let (account, resource) = (parts.next()?.parse().ok()?, parts.next()?);
    (partition == "aws" || partition.starts_with("aws-")).then_some((account, resource))
}

/// Splits a user's, group's or role's part of an ARN into its kind and its name; paths are not looked at.
fn kind_and_name(resource: &str) -> Option<(&str, &str)> {
    let (kind, rest) = resource.split_once('/')?;
    let name = rest.rsplit('/').next().filter(|name| !name.is_empty())?;
    matches!(kind, "user" | "group" | "role").then_some((kind, name))
}
