//! MonitorInstances, UnmonitorInstances: kept and shown, since nothing here is measured.

use sidegate_model::{InstanceId, Scope};
use sidegate_wire::ec2::{
    InstanceMonitoring, MonitorInstancesRequest, MonitorInstancesResult, Monitoring, UnmonitorInstancesRequest,
    UnmonitorInstancesResult,
};
use sidegate_wire::protocol::Failure;

use super::super::action::{Action, Call};
use super::super::ids::{arn, ids};
use super::super::refused;

async fn set(call: &Call<'_>, named: &[String], on: bool, answered: &str) -> Result<Vec<InstanceMonitoring>, Failure> {
    if named.is_empty() {
        return Err(refused("MissingParameter", "The request must contain the parameter InstanceId"));
    }
    let wanted: Vec<InstanceId> = ids(named)?;
    let changed = wanted.clone();
    call.change(move |world, context| changed.iter().try_for_each(|id| world.set_monitoring(context, id, on))).await?;
    let shown = |id: InstanceId| InstanceMonitoring {
        instance_id: Some(id.to_string()),
        monitoring: Some(Monitoring { state: Some(answered.to_owned()) }),
    };
    Ok(wanted.into_iter().map(shown).collect())
}

impl Action for MonitorInstancesRequest {
    type Answer = MonitorInstancesResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        self.instance_ids.iter().map(|id| arn(scope, "instance", id)).collect()
    }

    async fn act(self, call: &Call<'_>) -> Result<MonitorInstancesResult, Failure> {
        let instance_monitorings = set(call, &self.instance_ids, true, "pending").await?;
        Ok(MonitorInstancesResult { instance_monitorings })
    }
}

impl Action for UnmonitorInstancesRequest {
    type Answer = UnmonitorInstancesResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        self.instance_ids.iter().map(|id| arn(scope, "instance", id)).collect()
    }

    async fn act(self, call: &Call<'_>) -> Result<UnmonitorInstancesResult, Failure> {
        let instance_monitorings = set(call, &self.instance_ids, false, "disabling").await?;
        Ok(UnmonitorInstancesResult { instance_monitorings })
    }
}
