//! Associations: AssociateRouteTable, DisassociateRouteTable, ReplaceRouteTableAssociation.

// coverage: ec2:AssociateRouteTable: not with virtual private gateways

use sidegate_model::{
    AssociationId, InternetGatewayId, RouteTable, RouteTableId, Scope, SubnetId, VpnGateway, VpnGatewayId,
};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::super::action::{Action, Call};
use super::super::ids::{self, arn};
use super::super::parameter::absent;
use super::super::refused;

/// The associations of a table as answers show them: its subnets', its gateways', then the one that makes it the main
/// table.
pub(super) fn render(table: &RouteTable) -> Vec<ec2::RouteTableAssociation> {
    let association = |id: &AssociationId| ec2::RouteTableAssociation {
        main: Some(false),
        route_table_association_id: Some(id.to_string()),
        route_table_id: Some(table.id.to_string()),
        association_state: associated(),
        ..Default::default()
    };
    let subnets = table
        .associations
        .iter()
        .map(|(id, subnet)| ec2::RouteTableAssociation { subnet_id: Some(subnet.to_string()), ..association(id) });
    let gateways = table
        .gateways
        .iter()
        .map(|(id, gateway)| ec2::RouteTableAssociation { gateway_id: Some(gateway.to_string()), ..association(id) });
    let main = table.main.iter().map(|id| ec2::RouteTableAssociation { main: Some(true), ..association(id) });
    subnets.chain(gateways).chain(main).collect()
}

/// The state of every association: it is applied before it is answered.
fn associated() -> Option<ec2::RouteTableAssociationState> {
    Some(ec2::RouteTableAssociationState { state: Some("associated".to_owned()), status_message: None })
}

impl Action for ec2::AssociateRouteTableRequest {
    type Answer = ec2::AssociateRouteTableResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        let table = arn(scope, "route-table", self.route_table_id.as_deref().unwrap_or("*"));
        let subnet = self.subnet_id.as_deref().map(|id| arn(scope, "subnet", id));
        let gateway = self.gateway_id.as_deref().map(|id| arn(scope, "internet-gateway", id));
        std::iter::once(table).chain(subnet).chain(gateway).collect()
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::AssociateRouteTableResult, Failure> {
        let table: RouteTableId = ids::given(self.route_table_id.as_deref(), "RouteTableId")?;
        if self.public_ipv4_pool.is_some() {
            return Err(absent("PublicIpv4Pool", "there are no address pools in Sidegate"));
        }
        let id = match (self.subnet_id.as_deref(), self.gateway_id.as_deref()) {
            (Some(subnet), None) => {
                let subnet: SubnetId = ids::id(subnet)?;
                call.change(move |world, context| world.associate_route_table(context, &table, &subnet)).await?
            }
            (None, Some(gateway)) if gateway.starts_with(InternetGatewayId::PREFIX) => {
                let gateway: InternetGatewayId = ids::id(gateway)?;
                call.change(move |world, context| world.associate_route_table_with_gateway(context, &table, &gateway))
                    .await?
            }
            (None, Some(gateway)) => return Err(without_table(call, gateway)),
            (Some(_), Some(_)) => {
                let message = "The parameters subnetId and gatewayId cannot be used together.";
                return Err(refused("InvalidParameterCombination", message));
            }
            (None, None) => {
                return Err(refused("MissingParameter", "The request must contain the parameter subnetId"));
            }
        };
        Ok(ec2::AssociateRouteTableResult { association_id: Some(id.to_string()), association_state: associated() })
    }
}

/// Refuses a gateway that has no route table: one that does not exist, or a virtual private one.
fn without_table(call: &Call<'_>, gateway: &str) -> Failure {
    let id = gateway.parse::<VpnGatewayId>().ok();
    let own = id.and_then(|id| call.world().vpn_gateway(call.scope(), &id).ok().map(VpnGateway::is_available));
    if own == Some(true) {
        return absent("GatewayId", "nothing comes into a VPC by a virtual private gateway in Sidegate");
    }
    refused("InvalidGatewayID.NotFound", format!("The gateway ID '{gateway}' does not exist"))
}

impl Action for ec2::DisassociateRouteTableRequest {
    type Answer = ec2::Return;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "route-table", "*")]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::Return, Failure> {
        let id: AssociationId = ids::given(self.association_id.as_deref(), "AssociationId")?;
        call.change(move |world, context| world.disassociate_route_table(context, &id)).await?;
        Ok(ec2::Return)
    }
}

impl Action for ec2::ReplaceRouteTableAssociationRequest {
    type Answer = ec2::ReplaceRouteTableAssociationResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "route-table", self.route_table_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::ReplaceRouteTableAssociationResult, Failure> {
        let id: AssociationId = ids::given(self.association_id.as_deref(), "AssociationId")?;
        let table: RouteTableId = ids::given(self.route_table_id.as_deref(), "RouteTableId")?;
        let new =
            call.change(move |world, context| world.replace_route_table_association(context, &id, &table)).await?;
        Ok(ec2::ReplaceRouteTableAssociationResult {
            new_association_id: Some(new.to_string()),
            association_state: associated(),
        })
    }
}
