//! Propagated routes: EnableVgwRoutePropagation, DisableVgwRoutePropagation.

// coverage: ec2:EnableVgwRoutePropagation: stored and shown; no VPN connection leads to a gateway, so that there are no routes to propagate

use sidegate_model::{RouteTable, RouteTableId, Scope, VpnGatewayId};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::super::action::{Action, Call};
use super::super::ids::{self, arn};

/// The gateways that propagate routes to a table, as answers show them.
pub(super) fn render(table: &RouteTable) -> Vec<ec2::PropagatingVgw> {
    table.propagating.iter().map(|id| ec2::PropagatingVgw { gateway_id: Some(id.to_string()) }).collect()
}

fn both(scope: &Scope, table: Option<&str>, gateway: Option<&str>) -> Vec<String> {
    vec![arn(scope, "route-table", table.unwrap_or("*")), arn(scope, "vpn-gateway", gateway.unwrap_or("*"))]
}

fn named(table: Option<&str>, gateway: Option<&str>) -> Result<(RouteTableId, VpnGatewayId), Failure> {
    Ok((ids::given(table, "RouteTableId")?, ids::given(gateway, "GatewayId")?))
}

impl Action for ec2::EnableVgwRoutePropagationRequest {
    type Answer = ec2::Return;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        both(scope, self.route_table_id.as_deref(), self.gateway_id.as_deref())
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::Return, Failure> {
        let (table, gateway) = named(self.route_table_id.as_deref(), self.gateway_id.as_deref())?;
        call.change(move |world, context| world.enable_vgw_route_propagation(context, &table, &gateway)).await?;
        Ok(ec2::Return)
    }
}

impl Action for ec2::DisableVgwRoutePropagationRequest {
    type Answer = ec2::Return;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        both(scope, self.route_table_id.as_deref(), self.gateway_id.as_deref())
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::Return, Failure> {
        let (table, gateway) = named(self.route_table_id.as_deref(), self.gateway_id.as_deref())?;
        call.change(move |world, context| world.disable_vgw_route_propagation(context, &table, &gateway)).await?;
        Ok(ec2::Return)
    }
}
