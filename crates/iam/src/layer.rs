//! What each layer says of a request by itself, and every statement of it that speaks of the request.
//!
//! [`decide`](crate::decide) joins the layers and stops at the first statement that settles it; here none is passed over.

use crate::decision::{Applicable, Outcome, Place, PolicyKind};
use crate::evaluation::{Evaluation, Request};
use crate::policies::{Attached, Policies};
use crate::statement::Effect;
use crate::{Policy, PolicyType};

/// What a layer, or a level of one, says of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerDecision {
    /// The layer.
    pub kind: PolicyKind,
    /// The level, in the layers of an organization; otherwise 0.
    pub level: usize,
    /// Whether its statements allow or deny, as if there were no other layer.
    pub outcome: Outcome,
    /// The statements that speak of the request, in their order.
    pub matched: Vec<(Place, Effect)>,
}

/// What the layers that have policies and speak of the principal say, in the order in which they are asked.
///
/// ```
/// use sidegate_iam::{Case, Outcome, PolicyKind, layers};
///
/// let case = Case::parse(r#"{"request": {"principal": "arn:aws:iam::111111111111:user/ana", "action": "s3:GetObject",
///     "resource": "arn:aws:s3:::docs/a"},
///     "identity": {"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}},
///     "boundary": {"Statement": {"Effect": "Allow", "Action": "ec2:*", "Resource": "*"}}}"#)?;
/// let said: Vec<_> = layers(&case.request(), &case.policies).iter().map(|layer| (layer.kind, layer.outcome)).collect();
/// assert_eq!(
///     said,
///     [(PolicyKind::Identity, Outcome::Allowed), (PolicyKind::Boundary, Outcome::ImplicitlyDenied)]
/// );
/// # Ok::<(), sidegate_iam::CaseError>(())
/// ```
pub fn layers(request: &Request<'_>, policies: &Policies) -> Vec<LayerDecision> {
    let evaluation = Evaluation::new(request, policies.boundary.is_some());
    let Applicable { resource_control, service_control, own } =
        Applicable::to(request.principal, &request.requirement.action);
    let attached = |kind, level, list: &[Attached]| of(&evaluation, kind, level, list.iter().map(|own| &*own.policy));
    let mut layers = Vec::new();
    layers.extend(policies.endpoint.is_some().then(|| attached(PolicyKind::Endpoint, 0, policies.endpoint.as_slice())));
    let levels = |kind, levels: &[Vec<Attached>]| -> Vec<_> {
        levels.iter().enumerate().map(|(level, list)| attached(kind, level, list)).collect()
    };
    if resource_control {
        layers.extend(levels(PolicyKind::ResourceControl, &policies.resource_control));
    }
    if service_control {
        layers.extend(levels(PolicyKind::ServiceControl, &policies.service_control));
    }
    if let Some(policy) = request.requirement.resource_policy.as_deref() {
        layers.push(of(&evaluation, evaluation.resource_kind(), 0, std::iter::once(policy)));
    }
    let own_layers = [
        (PolicyKind::Identity, policies.identity.as_slice()),
        (PolicyKind::Boundary, policies.boundary.as_slice()),
        (PolicyKind::Session, policies.session.as_slice()),
    ];
    let speaking = own_layers.into_iter().filter(|(_, list)| own && !list.is_empty());
    layers.extend(speaking.map(|(kind, list)| attached(kind, 0, list)));
    layers
}

fn of<'p>(
    evaluation: &Evaluation<'_>, kind: PolicyKind, level: usize, list: impl Iterator<Item = &'p Policy>,
) -> LayerDecision {
    let mut matched = Vec::new();
    for (at, policy) in list.enumerate() {
        let accounts_are_roots = policy.kind() == PolicyType::GatewayEndpoint;
        let speaking = policy.statements().iter().enumerate();
        let speaking = speaking.filter(|(_, own)| own.speaks_of(evaluation, accounts_are_roots).is_some());
        matched.extend(speaking.map(|(statement, own)| (Place { level, policy: at, statement }, own.effect)));
    }
    let has = |wanted| matched.iter().any(|(_, effect)| *effect == wanted);
    let outcome = match (has(Effect::Deny), has(Effect::Allow)) {
        (true, _) => Outcome::ExplicitlyDenied,
        (false, true) => Outcome::Allowed,
        (false, false) => Outcome::ImplicitlyDenied,
    };
    LayerDecision { kind, level, outcome, matched }
}
