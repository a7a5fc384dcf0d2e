//! ModifyVpcTenancy.

use sidegate_model::{Scope, VpcId};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::super::action::{Action, Call};
use super::super::ids::{self, arn, required};

impl Action for ec2::ModifyVpcTenancyRequest {
    type Answer = ec2::ModifyVpcTenancyResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "vpc", self.vpc_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::ModifyVpcTenancyResult, Failure> {
        let id: VpcId = ids::given(self.vpc_id.as_deref(), "VpcId")?;
        let tenancy = required(self.instance_tenancy.as_deref(), "InstanceTenancy")?.to_owned();
        call.change(move |world, context| world.modify_vpc_tenancy(context, &id, &tenancy)).await?;
        Ok(ec2::ModifyVpcTenancyResult { return_value: Some(true) })
    }
}
