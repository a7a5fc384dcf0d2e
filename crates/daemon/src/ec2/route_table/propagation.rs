//! Propagated routes: EnableVgwRoutePropagation, DisableVgwRoutePropagation. Sidegate has no virtual private gateways,
//! so that none can be named.

use sidegate_model::{RouteTableId, Scope};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::super::action::{Action, Call};
use super::super::ids::{self, arn, required};
use super::super::{fault, refused};

/// Says that a virtual private gateway does not exist, once the table does.
fn no_gateway(call: &Call<'_>, table: Option<&str>, gateway: Option<&str>) -> Failure {
    let looked_up = || -> Result<String, Failure> {
        let gateway = required(gateway, "GatewayId")?;
        let table: RouteTableId = ids::given(table, "RouteTableId")?;
        call.world().route_table(call.scope(), &table).map_err(|error| fault::of(&error))?;
        Ok(format!("The gateway ID '{gateway}' does not exist"))
    };
    match looked_up() {
        Ok(message) => refused("InvalidGatewayID.NotFound", message),
        Err(failure) => failure,
    }
}

impl Action for ec2::EnableVgwRoutePropagationRequest {
    type Answer = ec2::Return;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "route-table", self.route_table_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::Return, Failure> {
        Err(no_gateway(call, self.route_table_id.as_deref(), self.gateway_id.as_deref()))
    }
}

impl Action for ec2::DisableVgwRoutePropagationRequest {
    type Answer = ec2::Return;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "route-table", self.route_table_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::Return, Failure> {
        Err(no_gateway(call, self.route_table_id.as_deref(), self.gateway_id.as_deref()))
    }
}
