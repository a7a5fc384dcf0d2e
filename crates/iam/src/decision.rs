//! Decisions, each with what decided it.
//!
//! Source: IAM user guide, "Policy evaluation logic", "Determining whether a request is allowed or denied within an
//! account", "Cross-account policy evaluation logic"; KMS developer guide, "Key policies in AWS KMS"; Organizations user
//! guide, "SCP evaluation", "RCP evaluation". Where the endpoint's policy stands is not documented but for API Gateway,
//! which asks it first; it changes no outcome.

use serde::Serialize;

use crate::evaluation::{Evaluation, Request, ResourceRule};
use crate::grantee::Naming;
use crate::policies::{Attached, Policies};
use crate::statement::Effect;
use crate::{Denial, Policy, PolicyType, Principal, Requirement};

/// The kind of a policy: the layer that it stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PolicyKind {
    /// The policy of the VPC endpoint on the path.
    Endpoint,
    /// The resource control policies of the resource's organization.
    ResourceControl,
    /// The service control policies of the principal's organization.
    ServiceControl,
    /// The policy of the resource.
    Resource,
    /// The trust policy of a role.
    RoleTrust,
    /// The policies of the principal. The root user needs none.
    Identity,
    /// The permissions boundary of the principal.
    Boundary,
    /// The session policies.
    Session,
}

/// Where a statement stands in its layer, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The level, in the layers of an organization; otherwise 0.
    pub level: usize,
    /// The policy of the level.
    pub policy: usize,
    /// The statement of the policy.
    pub statement: usize,
}

/// The statements that allowed a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Allowance {
    /// In the endpoint's policy; `None` without an endpoint.
    pub endpoint: Option<Place>,
    /// In the policy of the resource.
    pub resource: Option<Place>,
    /// In the policies of the principal. `None` if the resource's policy was enough, and for the root user.
    pub identity: Option<Place>,
    /// Among the grants of the resource, which were enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub granted: Option<Place>,
}

/// Whether a request may go on, and what decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Decision {
    /// It is allowed.
    Allowed(Allowance),
    /// A statement denies it.
    ExplicitlyDenied {
        /// The layer of the statement.
        kind: PolicyKind,
        /// The statement.
        place: Place,
    },
    /// No statement of a layer that must allow it does.
    ImplicitlyDenied {
        /// The layer.
        kind: PolicyKind,
    },
}

impl Decision {
    /// Whether it is allowed.
    pub fn is_allowed(&self) -> bool {
        matches!(self, Self::Allowed(_))
    }

    /// The outcome alone.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Allowed(_) => Outcome::Allowed,
            Self::ExplicitlyDenied { .. } => Outcome::ExplicitlyDenied,
            Self::ImplicitlyDenied { .. } => Outcome::ImplicitlyDenied,
        }
    }

    /// The denial, as the caller is told it; `None` if the request is allowed.
    pub fn denial(&self, request: &Request<'_>, policies: &Policies) -> Option<Denial> {
        let (kind, place) = match *self {
            Self::Allowed(_) => return None,
            Self::ExplicitlyDenied { kind, place } => (kind, Some(place)),
            Self::ImplicitlyDenied { kind } => (kind, None),
        };
        let attached = place.and_then(|place| attached(policies, kind, place));
        let matched = place.and_then(|place| {
            Self::policy(request.requirement, policies, kind, place)?.statement_text(place.statement)
        });
        let mut context = request.context.clone();
        context.extend(&request.requirement.context);
        Some(Denial {
            principal: Box::new(request.principal.clone()),
            action: request.requirement.action.clone(),
            resource: request.requirement.resource.clone(),
            policy: kind,
            statement: place.map(|place| place.statement),
            name: attached.and_then(|attached| attached.name.clone()),
            matched: matched.map(String::into_boxed_str),
            context: Box::new(context),
            is_discreet: false,
        })
    }

    /// The policy that holds a statement of a layer.
    pub fn policy<'a>(
        requirement: &'a Requirement, policies: &'a Policies, kind: PolicyKind, place: Place,
    ) -> Option<&'a Policy> {
        match kind {
            PolicyKind::Resource | PolicyKind::RoleTrust => requirement.resource_policy.as_deref(),
            other => attached(policies, other, place).map(|attached| &*attached.policy),
        }
    }
}

/// What a decision comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
pub enum Outcome {
    /// The request is allowed.
    Allowed,
    /// A statement denies it.
    ExplicitlyDenied,
    /// No statement allows it.
    ImplicitlyDenied,
}

impl Outcome {
    /// The name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "Allowed",
            Self::ExplicitlyDenied => "ExplicitlyDenied",
            Self::ImplicitlyDenied => "ImplicitlyDenied",
        }
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

pub(crate) fn attached(policies: &Policies, kind: PolicyKind, place: Place) -> Option<&Attached> {
    match kind {
        PolicyKind::Endpoint => policies.endpoint.as_ref(),
        PolicyKind::ResourceControl => policies.resource_control.get(place.level)?.get(place.policy),
        PolicyKind::ServiceControl => policies.service_control.get(place.level)?.get(place.policy),
        PolicyKind::Identity => policies.identity.get(place.policy),
        PolicyKind::Boundary => policies.boundary.as_ref(),
        PolicyKind::Session => policies.session.get(place.policy),
        PolicyKind::Resource | PolicyKind::RoleTrust => None,
    }
}

/// Which layers speak of a principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Applicable {
    pub(crate) resource_control: bool,
    pub(crate) service_control: bool,
    /// The policies of the principal, its boundary and those of its session.
    pub(crate) own: bool,
}

/// The services whose resources resource control policies protect.
///
/// Source: Organizations user guide, "Resource control policies", the list of services, and the services that AWS's own
/// examples of them name.
const CONTROLLED: [&str; 11] =
    ["aoss", "cognito-identity", "cognito-idp", "dynamodb", "ecr", "kms", "logs", "s3", "secretsmanager", "sqs", "sts"];

impl Applicable {
    pub(crate) fn to(principal: &Principal, action: &str) -> Self {
        let own = principal.account().is_some();
        let linked = principal.is_service_linked();
        Self { resource_control: !linked && is_controlled(action), service_control: own && !linked, own }
    }
}

/// Whether resource control policies speak of an action. Of one of KMS's they never do.
///
/// Source: KMS developer guide, "Resource control policies in AWS KMS".
fn is_controlled(action: &str) -> bool {
    let service = action.split(':').next().unwrap_or_default();
    CONTROLLED.iter().any(|controlled| service.eq_ignore_ascii_case(controlled))
        && !action.eq_ignore_ascii_case("kms:RetireGrant")
}

/// Decides whether a principal may do what is required. Nothing is copied: what decided is told by its place.
///
/// A request is denied if any statement of any layer that speaks of the principal denies it. Otherwise the endpoint's
/// policy, each level of service control policies, and the two sides of the resource must allow it.
pub fn decide(request: &Request<'_>, policies: &Policies) -> Decision {
    let evaluation = Evaluation::new(request, policies.boundary.is_some());
    match judge(&evaluation, request.requirement, policies) {
        Ok(allowance) => Decision::Allowed(allowance),
        Err(Refused::By(kind, place)) => Decision::ExplicitlyDenied { kind, place },
        Err(Refused::ForLackOf(kind)) => Decision::ImplicitlyDenied { kind },
    }
}

enum Refused {
    By(PolicyKind, Place),
    ForLackOf(PolicyKind),
}

/// The first allowing statement of a layer, or of a level of one.
type Allowing = Option<Place>;

fn judge(evaluation: &Evaluation<'_>, requirement: &Requirement, policies: &Policies) -> Result<Allowance, Refused> {
    let applicable = Applicable::to(evaluation.principal, &requirement.action);
    let scan = |kind, level, list: &[Attached]| scan(evaluation, kind, level, list.iter().map(|own| &*own.policy));
    let endpoint = scan(PolicyKind::Endpoint, 0, policies.endpoint.as_slice())?;
    if applicable.resource_control {
        for (level, list) in policies.resource_control.iter().enumerate() {
            scan(PolicyKind::ResourceControl, level, list)?;
        }
    }
    let mut every_level_allows = true;
    if applicable.service_control {
        for (level, list) in policies.service_control.iter().enumerate() {
            every_level_allows &= scan(PolicyKind::ServiceControl, level, list)?.is_some();
        }
    }
    let resource_kind = evaluation.resource_kind();
    let by_policy = grant(evaluation, resource_kind, requirement.resource_policy.as_deref())?;
    let by_grant = grant(evaluation, resource_kind, requirement.grants.as_deref())?;
    let mut own = Own::default();
    if applicable.own {
        own.identity = scan(PolicyKind::Identity, 0, &policies.identity)?;
        own.boundary =
            scan(PolicyKind::Boundary, 0, policies.boundary.as_slice())?.is_some() || policies.boundary.is_none();
        own.session = scan(PolicyKind::Session, 0, &policies.session)?.is_some() || policies.session.is_empty();
    }
    if endpoint.is_none() && policies.endpoint.is_some() {
        return Err(Refused::ForLackOf(PolicyKind::Endpoint));
    }
    if !every_level_allows {
        return Err(Refused::ForLackOf(PolicyKind::ServiceControl));
    }
    if let Some(allowance) = by_grant.and_then(|granted| granted_alone(evaluation.principal, granted, &own)) {
        return Ok(Allowance { endpoint, ..allowance });
    }
    let sides = both_sides(evaluation, resource_kind, by_policy, &own)?;
    Ok(Allowance { endpoint, ..sides })
}

/// What the principal's own layers say.
#[derive(Default)]
struct Own {
    identity: Allowing,
    boundary: bool,
    session: bool,
}

impl Own {
    fn limits(&self) -> Result<(), Refused> {
        match (self.boundary, self.session) {
            (false, _) => Err(Refused::ForLackOf(PolicyKind::Boundary)),
            (true, false) => Err(Refused::ForLackOf(PolicyKind::Session)),
            (true, true) => Ok(()),
        }
    }

    /// Whether the principal's side allows. The root user's does, in its account.
    fn allow(&self, principal: &Principal) -> Result<Allowing, Refused> {
        if self.identity.is_none() && !matches!(principal, Principal::Root(_)) {
            return Err(Refused::ForLackOf(PolicyKind::Identity));
        }
        self.limits().map(|()| self.identity)
    }
}

/// Whether a grant allows: to whom it names by itself, or to whoever the policies of an account allow it that it names.
fn granted_alone(principal: &Principal, (naming, place): (Naming, Place), own: &Own) -> Option<Allowance> {
    let by_itself = Allowance { granted: Some(place), ..Allowance::default() };
    match naming {
        Naming::Itself => Some(by_itself),
        Naming::Role => own.limits().ok().map(|()| by_itself),
        Naming::Account => own.allow(principal).ok().map(|identity| Allowance { identity, ..by_itself }),
    }
}

/// Whether the sides of the principal and of the resource allow, of which one may be enough.
fn both_sides(
    evaluation: &Evaluation<'_>, kind: PolicyKind, grant: Option<(Naming, Place)>, own: &Own,
) -> Result<Allowance, Refused> {
    let principal = evaluation.principal;
    let resource = grant.map(|(_, place)| place);
    // A root user has no roles.
    if matches!(principal, Principal::Root(_))
        && evaluation.rule == ResourceRule::Trust
        && evaluation.action.eq_ignore_ascii_case("sts:AssumeRole")
    {
        return Err(Refused::ForLackOf(kind));
    }
    let by_itself = Allowance { resource, ..Allowance::default() };
    if principal.account().is_none() {
        return if resource.is_some() { Ok(by_itself) } else { Err(Refused::ForLackOf(kind)) };
    }
    let delegates = evaluation.cross_account || evaluation.rule != ResourceRule::Ordinary;
    match grant {
        None if delegates => Err(Refused::ForLackOf(kind)),
        Some((Naming::Itself, _)) if !evaluation.cross_account => Ok(by_itself),
        Some((Naming::Role, _)) if !evaluation.cross_account => own.limits().map(|()| by_itself),
        _ => {
            let identity = own.allow(principal)?;
            Ok(Allowance { identity, resource: resource.filter(|_| delegates), ..Allowance::default() })
        }
    }
}

/// The statements of a level: a denying one refuses, the first allowing one is told.
fn scan<'p>(
    evaluation: &Evaluation<'_>, kind: PolicyKind, level: usize, list: impl Iterator<Item = &'p Policy>,
) -> Result<Allowing, Refused> {
    let mut allowing = None;
    for (at, policy) in list.enumerate() {
        let accounts_are_roots = policy.kind() == PolicyType::GatewayEndpoint;
        for (statement, own) in policy.statements().iter().enumerate() {
            if own.effect == Effect::Allow && allowing.is_some() {
                continue;
            }
            if own.speaks_of(evaluation, accounts_are_roots).is_some() {
                let place = Place { level, policy: at, statement };
                match own.effect {
                    Effect::Allow => allowing = Some(place),
                    Effect::Deny => return Err(Refused::By(kind, place)),
                }
            }
        }
    }
    Ok(allowing)
}

/// The statement of the resource's policy that grants most, and how it names the principal.
fn grant(
    evaluation: &Evaluation<'_>, kind: PolicyKind, policy: Option<&Policy>,
) -> Result<Option<(Naming, Place)>, Refused> {
    let mut grant: Option<(Naming, Place)> = None;
    for (statement, own) in policy.into_iter().flat_map(Policy::statements).enumerate() {
        let Some(naming) = own.speaks_of(evaluation, false) else { continue };
        let place = Place { level: 0, policy: 0, statement };
        match own.effect {
            Effect::Deny => return Err(Refused::By(kind, place)),
            Effect::Allow if grant.is_none_or(|(best, _)| naming > best) => grant = Some((naming, place)),
            Effect::Allow => {}
        }
    }
    Ok(grant)
}
