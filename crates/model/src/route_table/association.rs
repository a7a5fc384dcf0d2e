//! Associations of route tables: with subnets, with gateways, and the one that makes a table the main one of its VPC.
//!
//! Source: EC2 API reference, AssociateRouteTable, DisassociateRouteTable, ReplaceRouteTableAssociation; VPC user guide,
//! "Gateway route tables".

use super::{Association, RouteTable};
use crate::{
    AssociationId, Context, Error, InternetGatewayId, RouteTableId, Scope, SubnetId, VpcId, VpnGatewayId, World,
};

/// The refusal of a table that is for a gateway and has routes propagated to it.
pub(super) fn propagated(table: &RouteTable, gateway: &VpnGatewayId) -> Error {
    let table = &table.id;
    Error::InvalidParameterValue(format!(
        "The route table {table} cannot be for a gateway while routes of {gateway} are propagated to it."
    ))
}

impl World {
    /// Associates a subnet with a route table.
    ///
    /// # Errors
    /// `Resource.AlreadyAssociated` if the subnet has an association of its own.
    pub fn associate_route_table(
        &mut self, context: &mut Context<'_>, table: &RouteTableId, subnet: &SubnetId,
    ) -> Result<AssociationId, Error> {
        let vpc = self.route_table(&context.scope, table)?.vpc.clone();
        if self.subnet(&context.scope, subnet)?.vpc != vpc {
            return Err(Error::InvalidParameterValue(format!(
                "Route table {table} and subnet {subnet} belong to different networks"
            )));
        }
        if let Some((present, Association::Explicit(id))) = self.route_table_of(subnet) {
            if present.id == *table {
                return Ok(id.clone());
            }
            return Err(Error::AssociationExists { table: table.clone() });
        }
        let id = AssociationId::random(context.entropy);
        self.route_tables.update(table, |t| {
            t.associations.insert(id.clone(), subnet.clone());
        });
        Ok(id)
    }

    /// Associates an internet gateway with a route table, which then routes what comes into the VPC through it.
    ///
    /// # Errors
    /// `InvalidGatewayID.NotFound`; `InvalidParameterValue` if the gateway is not attached to the table's VPC or the
    /// table has a route that such a table cannot have; `Resource.AlreadyAssociated` if the gateway has another table.
    pub fn associate_route_table_with_gateway(
        &mut self, context: &mut Context<'_>, table: &RouteTableId, gateway: &InternetGatewayId,
    ) -> Result<AssociationId, Error> {
        let vpc = self.route_table(&context.scope, table)?.vpc.clone();
        let missing =
            |_| Error::NotFound { code: "InvalidGatewayID.NotFound", noun: "gateway ID", id: gateway.to_string() };
        if self.internet_gateway(&context.scope, gateway).map_err(missing)?.vpc.as_ref() != Some(&vpc) {
            return Err(Error::InvalidParameterValue(format!(
                "route table {table} and network gateway {gateway} belong to different networks"
            )));
        }
        if let Some((holder, id)) = self.route_table_of_gateway(&vpc, gateway) {
            if holder.id == *table {
                return Ok(id.clone());
            }
            return Err(Error::AssociationExists { table: table.clone() });
        }
        self.check_gateway_table(&context.scope, table)?;
        let id = AssociationId::random(context.entropy);
        self.route_tables.update(table, |t| {
            t.gateways.insert(id.clone(), gateway.clone());
        });
        Ok(id)
    }

    /// The route table of a gateway of a VPC, by which what comes in through it is routed, and the association.
    pub fn route_table_of_gateway(
        &self, vpc: &VpcId, gateway: &InternetGatewayId,
    ) -> Option<(&RouteTable, &AssociationId)> {
        self.route_tables.of_vpc(vpc).find_map(|table| {
            table.gateways.iter().find(|(_, known)| *known == gateway).map(|(association, _)| (table, association))
        })
    }

    /// Whether a table has only routes that one of a gateway can have, and gets no others.
    fn check_gateway_table(&self, scope: &Scope, table: &RouteTableId) -> Result<(), Error> {
        let table = self.route_table(scope, table)?;
        if let Some(gateway) = &table.propagating {
            return Err(propagated(table, gateway));
        }
        self.routes(table)
            .iter()
            .try_for_each(|route| self.check_gateway_route(table, &route.destination, &route.target))
    }

    /// Ends the association of a subnet or a gateway with a route table; for a subnet the main one takes over.
    ///
    /// # Errors
    /// `InvalidParameterValue` for the association of a main table.
    pub fn disassociate_route_table(&mut self, context: &Context<'_>, id: &AssociationId) -> Result<(), Error> {
        let table = self.association_holder(&context.scope, id)?;
        if self.route_tables.get(&table).is_some_and(|t| t.main.as_ref() == Some(id)) {
            return Err(Error::InvalidParameterValue(format!(
                "cannot disassociate the main route table association {id}"
            )));
        }
        self.route_tables.update(&table, |t| {
            t.associations.remove(id);
            t.gateways.remove(id);
        });
        Ok(())
    }

    /// Moves an association to another route table of the VPC: a subnet's, a gateway's, or the one of the VPC with its
    /// main table.
    /// It gets a new id.
    ///
    /// # Errors
    /// If the association or the table does not exist.
    pub fn replace_route_table_association(
        &mut self, context: &mut Context<'_>, id: &AssociationId, table: &RouteTableId,
    ) -> Result<AssociationId, Error> {
        let vpc = self.route_table(&context.scope, table)?.vpc.clone();
        let old = self.association_holder(&context.scope, id)?;
        let Some(holder) = self.route_tables.get(&old) else { return Err(id.not_found()) };
        if holder.vpc != vpc {
            return Err(Error::InvalidParameterValue(format!(
                "route table association {id} and route table {table} belong to different networks"
            )));
        }
        let is_main = holder.main.as_ref() == Some(id);
        let subnet = holder.associations.get(id).cloned();
        let gateway = holder.gateways.get(id).cloned();
        if old == *table {
            return Ok(id.clone());
        }
        if gateway.is_some() {
            self.check_gateway_table(&context.scope, table)?;
        }
        let new = AssociationId::random(context.entropy);
        self.route_tables.update(&old, |t| {
            t.associations.remove(id);
            t.gateways.remove(id);
            t.main = if is_main { None } else { t.main.take() };
        });
        self.route_tables.update(table, |t| {
            if is_main {
                t.main = Some(new.clone());
            }
            if let Some(subnet) = subnet {
                t.associations.insert(new.clone(), subnet);
            }
            if let Some(gateway) = gateway {
                t.gateways.insert(new.clone(), gateway);
            }
        });
        Ok(new)
    }

    fn association_holder(&self, scope: &Scope, id: &AssociationId) -> Result<RouteTableId, Error> {
        self.route_tables
            .iter()
            .filter(|t| t.scope == *scope)
            .find(|t| t.main.as_ref() == Some(id) || t.associations.contains_key(id) || t.gateways.contains_key(id))
            .map(|t| t.id.clone())
            .ok_or_else(|| id.not_found())
    }
}
