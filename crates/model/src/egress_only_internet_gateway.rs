//! Egress-only internet gateways: the way out for IPv6, and never in.
//!
//! Source: VPC user guide, "Enable outbound IPv6 traffic using an egress-only internet gateway".

use serde::{Deserialize, Serialize};

use crate::{Context, EgressOnlyInternetGatewayId, Entity, Error, Scope, VpcId, World};

/// The most egress-only internet gateways of an account in a Region: AWS has as many as VPCs.
const LIMIT: usize = 500;

/// An egress-only internet gateway. It is attached to its VPC for life.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EgressOnlyInternetGateway {
    /// Its id.
    pub id: EgressOnlyInternetGatewayId,
    /// Whose it is, and where.
    pub scope: Scope,
    /// Its VPC.
    pub vpc: VpcId,
}

impl Entity for EgressOnlyInternetGateway {
    type Id = EgressOnlyInternetGatewayId;
    const KIND: &'static str = "egress-only-internet-gateway";

    fn id(&self) -> EgressOnlyInternetGatewayId {
        self.id.clone()
    }

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn vpc(&self) -> Option<&VpcId> {
        Some(&self.vpc)
    }
}

impl World {
    /// The egress-only internet gateway with this id, if the caller has it.
    ///
    /// # Errors
    /// `InvalidEgressOnlyInternetGatewayId.NotFound`.
    pub fn egress_only_internet_gateway(
        &self, scope: &Scope, id: &EgressOnlyInternetGatewayId,
    ) -> Result<&EgressOnlyInternetGateway, Error> {
        self.egress_only_internet_gateways.get(id).filter(|g| g.scope == *scope).ok_or_else(|| id.not_found())
    }

    /// Makes an egress-only internet gateway of a VPC.
    ///
    /// # Errors
    /// If the VPC does not exist; `InvalidParameterValue` if it has one; `EgressOnlyInternetGatewayLimitExceeded`.
    pub fn create_egress_only_internet_gateway(
        &mut self, context: &mut Context<'_>, vpc: &VpcId,
    ) -> Result<EgressOnlyInternetGatewayId, Error> {
        self.vpc(&context.scope, vpc)?;
        let own = || self.egress_only_internet_gateways.iter().filter(|gateway| gateway.scope == context.scope);
        if own().any(|gateway| gateway.vpc == *vpc) {
            return Err(Error::InvalidParameterValue(format!(
                "Network {vpc} already has an egress only internet gateway attached"
            )));
        }
        if own().count() >= LIMIT {
            return Err(Error::limit("EgressOnlyInternetGatewayLimitExceeded", "egress only internet gateways"));
        }
        let id = EgressOnlyInternetGatewayId::random(context.entropy);
        let gateway = EgressOnlyInternetGateway { id: id.clone(), scope: context.scope.clone(), vpc: vpc.clone() };
        self.egress_only_internet_gateways.insert(gateway);
        Ok(id)
    }

    /// Deletes an egress-only internet gateway. Routes to it stay, as black holes.
    ///
    /// # Errors
    /// If it does not exist.
    pub fn delete_egress_only_internet_gateway(
        &mut self, context: &Context<'_>, id: &EgressOnlyInternetGatewayId,
    ) -> Result<(), Error> {
        self.egress_only_internet_gateway(&context.scope, id)?;
        self.egress_only_internet_gateways.remove(id);
        self.forget_tags(id.as_str());
        Ok(())
    }
}
