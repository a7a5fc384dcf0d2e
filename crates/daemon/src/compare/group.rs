//! Security groups: whether an endpoint has some, and which rules let a flow to it through.

use serde::Serialize;
use sidegate_model::{Attachment, Direction, Endpoint, SecurityGroupId, World};
use sidegate_plan::analyze::{Leg, Rule, Step, Trace};

/// The security groups on the way to an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Groups {
    /// Those of the endpoint.
    own: Vec<SecurityGroupId>,
    /// Those that the flow is asked by, in order.
    passed: Vec<Passed>,
}

/// Groups that a flow is asked by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct Passed {
    /// Whether they are the endpoint's.
    of_endpoint: bool,
    groups: Vec<SecurityGroupId>,
    /// The rule that lets it through; `None` if none does.
    rule: Option<Rule>,
}

impl Groups {
    pub(super) fn of(world: &World, endpoint: &Endpoint, trace: &Trace) -> Self {
        let passed = trace.hops.iter().filter(|hop| hop.leg == Leg::There).filter_map(|hop| match &hop.step {
            Step::SecurityGroups { interface, direction, groups, rule, .. } => {
                let attachment = world.interfaces.get(interface).map(|own| &own.attachment);
                let is_own = matches!(attachment, Some(Attachment::Endpoint(id)) if *id == endpoint.id);
                let of_endpoint = is_own && *direction == Direction::Ingress;
                Some(Passed { of_endpoint, groups: groups.clone(), rule: rule.clone() })
            }
            _ => None,
        });
        Self { own: endpoint.groups().to_vec(), passed: passed.collect() }
    }

    pub(super) fn lines(&self) -> Vec<String> {
        let by_rule = |passed: &Passed| match &passed.rule {
            Some(Rule { group, id, text }) => format!("{id} of {group} lets {text}"),
            None => format!("no rule of {} lets it through", joined(&passed.groups)),
        };
        let own = match (self.own.as_slice(), self.passed.iter().find(|passed| passed.of_endpoint)) {
            ([], _) => "the endpoint has none".to_owned(),
            (_, Some(passed)) => format!("in to the endpoint: {}", by_rule(passed)),
            (own, None) => format!("in to the endpoint: {}, which the flow does not get to", joined(own)),
        };
        let others = self.passed.iter().filter(|passed| !passed.of_endpoint);
        std::iter::once(own).chain(others.map(|passed| format!("out of the client: {}", by_rule(passed)))).collect()
    }
}

fn joined(groups: &[SecurityGroupId]) -> String {
    groups.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
