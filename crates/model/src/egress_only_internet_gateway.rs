//! Egress-only internet gateways: the way out for IPv6, and never in.
//!
//! Source: VPC user guide, "Enable outbound IPv6 traffic using an egress-only internet gateway".

use serde::{Deserialize, Serialize};

use crate::{EgressOnlyInternetGatewayId, Entity, Error, Scope, VpcId, World};

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
}
