//! Instances: terminated here, launched in `instance/run.rs`, shown in `instance/describe.rs` and `instance/status.rs`.
//!
//! The API only changes the world: an instance that is launched is pending, one that is terminated is shutting down.
//! Whoever runs the programs sees that, and notes `running` and `terminated`.

mod describe;
mod metadata;
mod run;
mod status;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use sidegate_model::{Context, Error, InstanceId, InstanceState, Scope, World};
use sidegate_wire::ec2::{self, InstanceStateChange, TerminateInstancesRequest, TerminateInstancesResult};
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::ids::{arn, ids};
use super::parameter::absent;

/// The architecture of this machine, as EC2 names it.
pub(super) fn architecture() -> &'static str {
    if std::env::consts::ARCH == "aarch64" { "arm64" } else { "x86_64" }
}

fn state(state: InstanceState) -> ec2::InstanceState {
    let (code, name) = state.wire();
    ec2::InstanceState { code: Some(code), name: Some(name.to_owned()) }
}

impl Action for TerminateInstancesRequest {
    type Answer = TerminateInstancesResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        self.instance_ids.iter().map(|id| arn(scope, "instance", id)).collect()
    }

    async fn act(self, call: &Call<'_>) -> Result<TerminateInstancesResult, Failure> {
        // `Force` asks for what happens anyway: whatever does not end when it is told to is killed.
        if self.skip_os_shutdown == Some(true) {
            return Err(absent("SkipOsShutdown", "an instance always gets a few seconds to end by itself"));
        }
        let wanted: Vec<InstanceId> = ids(&self.instance_ids)?;
        let ended = call.change(move |world, context| terminate(world, context, &wanted)).await?;
        let shown = |(id, previous, current): (InstanceId, _, _)| InstanceStateChange {
            instance_id: Some(id.to_string()),
            previous_state: Some(state(previous)),
            current_state: Some(state(current)),
        };
        Ok(TerminateInstancesResult { terminating_instances: ended.into_iter().map(shown).collect() })
    }
}

/// Lets instances end: all of them, or none if one does not exist. One that is ending already stays as it is.
fn terminate(
    world: &mut World, context: &Context<'_>, wanted: &[InstanceId],
) -> Result<Vec<(InstanceId, InstanceState, InstanceState)>, Error> {
    let mut seen = BTreeSet::new();
    let mut ended = Vec::with_capacity(wanted.len());
    for id in wanted.iter().filter(|id| seen.insert((*id).clone())) {
        let previous = world.instance(&context.scope, id)?.state;
        if matches!(previous, InstanceState::ShuttingDown | InstanceState::Terminated) {
            ended.push((id.clone(), previous, previous));
            continue;
        }
        let code = "Client.UserInitiatedShutdown";
        let reason = (code.to_owned(), format!("{code}: User initiated shutdown"));
        world.instance_is(context.now, id, InstanceState::ShuttingDown, Some(reason));
        ended.push((id.clone(), previous, InstanceState::ShuttingDown));
    }
    Ok(ended)
}
