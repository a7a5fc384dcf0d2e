//! StopInstances, StartInstances, RebootInstances, TerminateInstances: all of the instances, or none.

use std::collections::BTreeSet;

use sidegate_model::{Context, Error, InstanceId, InstanceState, Scope, World};
use sidegate_wire::ec2::{
    InstanceStateChange, RebootInstancesRequest, Return, StartInstancesRequest, StartInstancesResult,
    StopInstancesRequest, StopInstancesResult, TerminateInstancesRequest, TerminateInstancesResult,
};
use sidegate_wire::protocol::Failure;

use super::super::action::{Action, Call};
use super::super::ids::{arn, ids};
use super::super::parameter::absent;
use super::super::refused;
use super::state;

/// What happens to one instance: its state before and after.
type Command = fn(&mut World, &Context<'_>, &InstanceId) -> Result<(InstanceState, InstanceState), Error>;

/// Does the same to each instance, once.
async fn each(call: &Call<'_>, named: &[String], command: Command) -> Result<Vec<InstanceStateChange>, Failure> {
    if named.is_empty() {
        return Err(refused("MissingParameter", "The request must contain the parameter InstanceId"));
    }
    let wanted: Vec<InstanceId> = ids(named)?;
    let changed = call.change(move |world, context| {
        let mut seen = BTreeSet::new();
        let once = wanted.into_iter().filter(|id| seen.insert(id.clone()));
        once.map(|id| command(world, context, &id).map(|(before, after)| (id, before, after))).collect()
    });
    let changed: Vec<(InstanceId, _, _)> = changed.await?;
    let shown = |(id, previous, current): (InstanceId, _, _)| InstanceStateChange {
        instance_id: Some(id.to_string()),
        previous_state: Some(state(previous)),
        current_state: Some(state(current)),
    };
    Ok(changed.into_iter().map(shown).collect())
}

fn arns(scope: &Scope, ids: &[String]) -> Vec<String> {
    ids.iter().map(|id| arn(scope, "instance", id)).collect()
}

/// `Force` asks for what happens anyway: whatever does not end when it is told to is killed.
fn ends_by_itself(skip: Option<bool>) -> Result<(), Failure> {
    if skip == Some(true) {
        return Err(absent("SkipOsShutdown", "an instance always gets a few seconds to end by itself"));
    }
    Ok(())
}

impl Action for TerminateInstancesRequest {
    type Answer = TerminateInstancesResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        arns(scope, &self.instance_ids)
    }

    async fn act(self, call: &Call<'_>) -> Result<TerminateInstancesResult, Failure> {
        ends_by_itself(self.skip_os_shutdown)?;
        let terminating_instances = each(call, &self.instance_ids, World::terminate_instance).await?;
        Ok(TerminateInstancesResult { terminating_instances })
    }
}

impl Action for StopInstancesRequest {
    type Answer = StopInstancesResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        arns(scope, &self.instance_ids)
    }

    async fn act(self, call: &Call<'_>) -> Result<StopInstancesResult, Failure> {
        ends_by_itself(self.skip_os_shutdown)?;
        if self.hibernate == Some(true) {
            return Err(absent("Hibernate", "what an instance has in memory ends with its programs"));
        }
        Ok(StopInstancesResult { stopping_instances: each(call, &self.instance_ids, World::stop_instance).await? })
    }
}

impl Action for StartInstancesRequest {
    type Answer = StartInstancesResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        arns(scope, &self.instance_ids)
    }

    async fn act(self, call: &Call<'_>) -> Result<StartInstancesResult, Failure> {
        if self.additional_info.is_some() {
            return Err(absent("AdditionalInfo", "it is reserved"));
        }
        Ok(StartInstancesResult { starting_instances: each(call, &self.instance_ids, World::start_instance).await? })
    }
}

impl Action for RebootInstancesRequest {
    type Answer = Return;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        arns(scope, &self.instance_ids)
    }

    async fn act(self, call: &Call<'_>) -> Result<Return, Failure> {
        each(call, &self.instance_ids, |world, context, id| {
            world.reboot_instance(context, id)?;
            let state = world.instance(&context.scope, id)?.state;
            Ok((state, state))
        })
        .await?;
        Ok(Return)
    }
}
