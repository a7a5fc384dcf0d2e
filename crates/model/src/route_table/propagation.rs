//! Propagation: which virtual private gateway may put routes into a table. None ever has any, since no VPN connection
//! leads to one.
//!
//! Source: EC2 API reference, EnableVgwRoutePropagation, DisableVgwRoutePropagation; Site-to-Site VPN user guide,
//! "Configure routing".

use super::association::propagated;
use crate::{Context, Error, RouteTableId, VpcId, VpnGateway, VpnGatewayId, World};

impl World {
    /// Lets a virtual private gateway propagate routes to a table.
    ///
    /// # Errors
    /// `InvalidRouteTableID.NotFound`; `InvalidGatewayID.NotFound`; `Gateway.NotAttached` if the gateway is not attached
    /// to the table's VPC; `InvalidParameterValue` for the table of a gateway.
    pub fn enable_vgw_route_propagation(
        &mut self, context: &Context<'_>, table: &RouteTableId, gateway: &VpnGatewayId,
    ) -> Result<(), Error> {
        let present = self.route_table(&context.scope, table)?;
        let vpc = present.vpc.clone();
        if self.propagator(context, gateway)?.vpc.as_ref() != Some(&vpc) {
            let message = format!("resource {gateway} is not attached to network {vpc}");
            return Err(Error::refused("Gateway.NotAttached", message));
        }
        if !present.gateways.is_empty() {
            return Err(propagated(present, gateway));
        }
        self.route_tables.update(table, |t| t.propagating = Some(gateway.clone()));
        Ok(())
    }

    /// Keeps a virtual private gateway from propagating routes to a table; one that does not anyway is left alone.
    ///
    /// # Errors
    /// `InvalidRouteTableID.NotFound`; `InvalidGatewayID.NotFound`.
    pub fn disable_vgw_route_propagation(
        &mut self, context: &Context<'_>, table: &RouteTableId, gateway: &VpnGatewayId,
    ) -> Result<(), Error> {
        let present = self.route_table(&context.scope, table)?;
        self.propagator(context, gateway)?;
        if present.propagating.as_ref() == Some(gateway) {
            self.route_tables.update(table, |t| t.propagating = None);
        }
        Ok(())
    }

    /// Keeps any gateway from propagating routes to the tables of a VPC.
    pub(crate) fn end_propagation(&mut self, vpc: &VpcId) {
        let tables: Vec<_> =
            self.route_tables.of_vpc(vpc).filter(|t| t.propagating.is_some()).map(|t| t.id.clone()).collect();
        for table in tables {
            self.route_tables.update(&table, |t| t.propagating = None);
        }
    }

    /// A gateway as these calls name it.
    fn propagator(&self, context: &Context<'_>, id: &VpnGatewayId) -> Result<&VpnGateway, Error> {
        let gateway = self.vpn_gateway(&context.scope, id).ok().filter(|gateway| gateway.is_available());
        gateway.ok_or_else(|| Error::NotFound {
            code: "InvalidGatewayID.NotFound",
            noun: "gateway ID",
            id: id.to_string(),
        })
    }
}
