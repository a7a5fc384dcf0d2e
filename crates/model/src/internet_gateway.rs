//! Internet gateways.
//!
//! Source: VPC user guide, "Enable internet access for a VPC using an internet gateway".

use serde::{Deserialize, Serialize};

use crate::{Context, Entity, Error, InternetGatewayId, Scope, VpcId, World};

/// The most internet gateways of an account in a Region: AWS has as many as VPCs.
///
/// Source: VPC user guide, "Amazon VPC quotas".
const LIMIT: usize = 500;

/// An internet gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InternetGateway {
    /// Its id.
    pub id: InternetGatewayId,
    /// Whose it is, and where.
    pub scope: Scope,
    /// The VPC that it is attached to. A VPC has at most one.
    pub vpc: Option<VpcId>,
}

impl Entity for InternetGateway {
    type Id = InternetGatewayId;
    const KIND: &'static str = "internet-gateway";

    fn id(&self) -> InternetGatewayId {
        self.id.clone()
    }

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn vpc(&self) -> Option<&VpcId> {
        self.vpc.as_ref()
    }
}

impl World {
    /// The internet gateway with this id, if the caller has it.
    ///
    /// # Errors
    /// `InvalidInternetGatewayID.NotFound`.
    pub fn internet_gateway(&self, scope: &Scope, id: &InternetGatewayId) -> Result<&InternetGateway, Error> {
        self.internet_gateways.get(id).filter(|g| g.scope == *scope).ok_or_else(|| id.not_found())
    }

    /// The internet gateway that is attached to a VPC.
    pub fn internet_gateway_of(&self, vpc: &VpcId) -> Option<&InternetGateway> {
        self.internet_gateways.of_vpc(vpc).next()
    }

    /// Makes an internet gateway, which is attached to no VPC.
    ///
    /// # Errors
    /// `InternetGatewayLimitExceeded` for the 501st of an account in a Region.
    pub fn create_internet_gateway(&mut self, context: &mut Context<'_>) -> Result<InternetGatewayId, Error> {
        if self.internet_gateways.iter().filter(|g| g.scope == context.scope).count() >= LIMIT {
            return Err(Error::limit("InternetGatewayLimitExceeded", "internet gateways"));
        }
        let id = InternetGatewayId::random(context.entropy);
        self.internet_gateways.insert(InternetGateway { id: id.clone(), scope: context.scope.clone(), vpc: None });
        Ok(id)
    }

    /// Attaches an internet gateway to a VPC.
    ///
    /// # Errors
    /// `Resource.AlreadyAssociated` if it is attached, also to this VPC; `InvalidParameterValue` if the VPC has another.
    pub fn attach_internet_gateway(
        &mut self, context: &Context<'_>, id: &InternetGatewayId, vpc: &VpcId,
    ) -> Result<(), Error> {
        let gateway = self.internet_gateway(&context.scope, id)?;
        self.vpc(&context.scope, vpc)?;
        if let Some(present) = &gateway.vpc {
            return Err(Error::GatewayAttached { gateway: id.clone(), vpc: present.clone() });
        }
        if self.internet_gateway_of(vpc).is_some() {
            return Err(Error::InvalidParameterValue(format!(
                "Network {vpc} already has an internet gateway attached"
            )));
        }
        self.internet_gateways.update(id, |g| g.vpc = Some(vpc.clone()));
        Ok(())
    }

    /// Detaches an internet gateway from a VPC, and from its route table. Routes to it become black holes.
    ///
    /// # Errors
    /// `Gateway.NotAttached` if it is not attached to this VPC; `DependencyViolation` while interfaces there have
    /// public addresses.
    pub fn detach_internet_gateway(
        &mut self, context: &Context<'_>, id: &InternetGatewayId, vpc: &VpcId,
    ) -> Result<(), Error> {
        let gateway = self.internet_gateway(&context.scope, id)?;
        if gateway.vpc.as_ref() != Some(vpc) {
            return Err(Error::GatewayNotAttached { gateway: id.clone(), vpc: vpc.clone() });
        }
        if self.public_addresses_of(vpc).next().is_some() {
            return Err(Error::DependencyViolation(format!(
                "Network {vpc} has some mapped public address(es). Please unmap those public address(es) before detaching \
                 the gateway."
            )));
        }
        let table =
            self.route_table_of_gateway(vpc, id).map(|(table, association)| (table.id.clone(), association.clone()));
        if let Some((table, association)) = table {
            self.route_tables.update(&table, |t| {
                t.gateways.remove(&association);
            });
        }
        self.internet_gateways.update(id, |g| g.vpc = None);
        Ok(())
    }

    /// Deletes an internet gateway. Routes to it stay, as black holes.
    ///
    /// # Errors
    /// `DependencyViolation` while it is attached.
    pub fn delete_internet_gateway(&mut self, context: &Context<'_>, id: &InternetGatewayId) -> Result<(), Error> {
        let gateway = self.internet_gateway(&context.scope, id)?;
        if gateway.vpc.is_some() {
            return Err(Error::DependencyViolation(format!(
                "The internetGateway '{id}' has dependencies and cannot be deleted."
            )));
        }
        self.internet_gateways.remove(id);
        self.forget_tags(id.as_str());
        Ok(())
    }
}
