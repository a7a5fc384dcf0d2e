//! The status of instances.
//!
//! Source: EC2 API reference, `DescribeInstanceStatus`. An instance passes both checks as soon as it runs: its programs
//! are processes of this machine, and if the machine were impaired, nobody would answer.

use std::borrow::Cow;

use sidegate_model::{Instance, InstanceId, World, Zone};
use sidegate_wire::ec2::{
    DescribeInstanceStatusRequest, DescribeInstanceStatusResult, InstanceStatus, InstanceStatusDetails,
    InstanceStatusSummary, OperatorResponse,
};
use sidegate_wire::protocol::Failure;

use super::super::action::{Action, Call};
use super::super::filter::{Filters, flag, one};
use super::super::ids::{chosen, ids};
use super::describe::{ids_exclude_pages, is_running};
use super::state;

const FILTERS: &[&str] = &[
    "attached-ebs-status.status",
    "availability-zone",
    "availability-zone-id",
    "event.code",
    "event.description",
    "event.instance-event-id",
    "event.not-after",
    "event.not-before",
    "event.not-before-deadline",
    "instance-state-code",
    "instance-state-name",
    "instance-status.reachability",
    "instance-status.status",
    "operator.managed",
    "operator.principal",
    "system-status.reachability",
    "system-status.status",
];

impl Action for DescribeInstanceStatusRequest {
    type Answer = DescribeInstanceStatusResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<DescribeInstanceStatusResult, Failure> {
        ids_exclude_pages(&self.instance_ids, self.max_results)?;
        let filters = Filters::read(&self.filters, FILTERS)?;
        let (world, scope) = (call.world(), call.scope());
        let named: Vec<InstanceId> = ids(&self.instance_ids)?;
        let mut instances = chosen(&world.instances, &named, |i| i.scope == *scope, InstanceId::not_found)?;
        let all = self.include_all_instances == Some(true);
        instances
            .retain(|instance| (all || is_running(instance)) && filters.pass(|name| values(&world, instance, name)));
        let key = |instance: &&Instance| instance.id.to_string();
        let page = call.page(instances, key, self.max_results, self.next_token.as_deref(), (5, 1000))?;
        Ok(DescribeInstanceStatusResult {
            instance_statuses: page.items.into_iter().map(|instance| shown(&world, instance)).collect(),
            next_token: page.next_token,
        })
    }
}

fn zone(world: &World, instance: &Instance) -> Option<Zone> {
    world.subnets.get(&instance.subnet).map(|subnet| subnet.zone)
}

fn values<'w>(world: &'w World, instance: &'w Instance, filter: &str) -> Vec<Cow<'w, str>> {
    let (code, name) = instance.state.wire();
    match filter {
        "availability-zone" => zone(world, instance).map(|zone| zone.name().into()).into_iter().collect(),
        "availability-zone-id" => zone(world, instance).map(|zone| zone.id().into()).into_iter().collect(),
        "instance-state-code" => one(code.to_string()),
        "instance-state-name" => one(name),
        "instance-status.status" | "system-status.status" => one(status(instance)),
        "instance-status.reachability" | "system-status.reachability" if is_running(instance) => one("passed"),
        "operator.managed" => flag(false),
        // There are neither events nor volumes.
        _ => Vec::new(),
    }
}

fn status(instance: &Instance) -> &'static str {
    if is_running(instance) { "ok" } else { "not-applicable" }
}

fn shown(world: &World, instance: &Instance) -> InstanceStatus {
    let passed = InstanceStatusDetails {
        name: Some("reachability".to_owned()),
        status: Some("passed".to_owned()),
        ..InstanceStatusDetails::default()
    };
    let summary = InstanceStatusSummary {
        status: Some(status(instance).to_owned()),
        details: is_running(instance).then_some(passed).into_iter().collect(),
    };
    let zone = zone(world, instance);
    InstanceStatus {
        availability_zone: zone.map(Zone::name),
        availability_zone_id: zone.map(Zone::id),
        instance_id: Some(instance.id.to_string()),
        instance_state: Some(state(instance.state)),
        instance_status: Some(summary.clone()),
        system_status: Some(summary),
        operator: Some(OperatorResponse { managed: Some(false), ..OperatorResponse::default() }),
        ..InstanceStatus::default()
    }
}
