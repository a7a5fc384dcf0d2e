//! Virtual private gateways, as far as a VPC knows them. What AWS puts behind one, VPN connections and Direct Connect,
//! does not exist here.
//!
//! Source: Site-to-Site VPN user guide, "How AWS Site-to-Site VPN works", "Quotas"; EC2 API reference, CreateVpnGateway,
//! AttachVpnGateway, DetachVpnGateway, DeleteVpnGateway.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Context, Entity, Error, Scope, VpcId, VpnGatewayId, World, Zone};

/// The most virtual private gateways of an account in a Region.
///
/// Source: Site-to-Site VPN user guide, "Quotas".
const LIMIT: usize = 5;

/// How long a gateway that is deleted is shown, and an attachment that has ended, in milliseconds.
const SHOWN: i64 = 3_600_000;

/// The number of the autonomous system at AWS's end of a BGP session: a private one.
///
/// Source: EC2 API reference, CreateVpnGateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AmazonSideAsn(u32);

impl AmazonSideAsn {
    /// The number, if it is one that a gateway can have: 64512 to 65534, or 4200000000 to 4294967294.
    ///
    /// # Errors
    /// `InvalidParameterValue` for another one.
    pub fn new(number: i64) -> Result<Self, Error> {
        let asn = u32::try_from(number).ok();
        let is_private = |asn: &u32| matches!(asn, 64_512..=65_534 | 4_200_000_000..=4_294_967_294);
        asn.filter(is_private).map(Self).ok_or_else(|| {
            Error::InvalidParameterValue(format!(
                "Value ({number}) for parameter amazonSideAsn is invalid. Specify a private ASN from 64512 to 65534 or \
                 from 4200000000 to 4294967294."
            ))
        })
    }
}

impl Default for AmazonSideAsn {
    fn default() -> Self {
        Self(64_512)
    }
}

impl From<AmazonSideAsn> for i64 {
    fn from(asn: AmazonSideAsn) -> Self {
        asn.0.into()
    }
}

impl fmt::Display for AmazonSideAsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A virtual private gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VpnGateway {
    /// Its id.
    pub id: VpnGatewayId,
    /// Whose it is, and where.
    pub scope: Scope,
    /// The number of its autonomous system.
    pub asn: AmazonSideAsn,
    /// The zone that it was made for, if one was named.
    pub zone: Option<Zone>,
    /// The VPC that it is attached to. A VPC has at most one.
    pub vpc: Option<VpcId>,
    /// The attachment that it had last, if it has none now.
    pub former: Option<FormerAttachment>,
    /// When it was deleted: Unix time in milliseconds.
    pub deleted: Option<i64>,
}

/// An attachment that has ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormerAttachment {
    /// The VPC.
    pub vpc: VpcId,
    /// When it ended: Unix time in milliseconds.
    pub ended: i64,
}

impl Entity for VpnGateway {
    type Id = VpnGatewayId;
    const KIND: &'static str = "vpn-gateway";

    fn id(&self) -> VpnGatewayId {
        self.id.clone()
    }

    fn key(&self) -> String {
        self.id.to_string()
    }

    fn vpc(&self) -> Option<&VpcId> {
        self.vpc.as_ref()
    }
}

impl VpnGateway {
    /// Whether it is there, and can be attached.
    pub fn is_available(&self) -> bool {
        self.deleted.is_none()
    }

    /// Whether it is shown at a time, in Unix milliseconds: one that is deleted is for an hour.
    pub fn is_shown(&self, now: i64) -> bool {
        self.deleted.is_none_or(|deleted| now - deleted < SHOWN)
    }

    /// The attachment that has ended and is still shown at a time, in Unix milliseconds.
    pub fn shown_former(&self, now: i64) -> Option<&FormerAttachment> {
        self.former.as_ref().filter(|former| now - former.ended < SHOWN)
    }
}

impl World {
    /// The virtual private gateway with this id, if the caller has it. It may be deleted.
    ///
    /// # Errors
    /// `InvalidVpnGatewayID.NotFound`.
    pub fn vpn_gateway(&self, scope: &Scope, id: &VpnGatewayId) -> Result<&VpnGateway, Error> {
        self.vpn_gateways.get(id).filter(|g| g.scope == *scope).ok_or_else(|| id.not_found())
    }

    /// The virtual private gateway that is attached to a VPC.
    pub fn vpn_gateway_of(&self, vpc: &VpcId) -> Option<&VpnGateway> {
        self.vpn_gateways.of_vpc(vpc).next()
    }

    /// Makes a virtual private gateway, which is attached to no VPC.
    ///
    /// # Errors
    /// `VpnGatewayLimitExceeded` for the sixth of an account in a Region.
    pub fn create_vpn_gateway(
        &mut self, context: &mut Context<'_>, asn: AmazonSideAsn, zone: Option<Zone>,
    ) -> Result<VpnGatewayId, Error> {
        self.forget_deleted_vpn_gateways(context.now);
        let is_own = |g: &&VpnGateway| g.scope == context.scope && g.is_available();
        if self.vpn_gateways.iter().filter(is_own).count() >= LIMIT {
            return Err(Error::limit("VpnGatewayLimitExceeded", "virtual private gateways"));
        }
        let id = VpnGatewayId::random(context.entropy);
        self.vpn_gateways.insert(VpnGateway {
            id: id.clone(),
            scope: context.scope.clone(),
            asn,
            zone,
            vpc: None,
            former: None,
            deleted: None,
        });
        Ok(id)
    }

    /// Attaches a virtual private gateway to a VPC. Doing so again changes nothing.
    ///
    /// # Errors
    /// `InvalidVpnGatewayState` if it is deleted; `VpnGatewayAttachmentLimitExceeded` if it is attached to another VPC;
    /// `InvalidVpcState` if the VPC has another one.
    pub fn attach_vpn_gateway(&mut self, context: &Context<'_>, id: &VpnGatewayId, vpc: &VpcId) -> Result<(), Error> {
        let gateway = self.available_vpn_gateway(&context.scope, id)?;
        self.vpc(&context.scope, vpc)?;
        match &gateway.vpc {
            Some(present) if present == vpc => return Ok(()),
            Some(_) => {
                return Err(Error::limit("VpnGatewayAttachmentLimitExceeded", "virtual private gateway attachments"));
            }
            None => {}
        }
        if let Some(other) = self.vpn_gateway_of(vpc) {
            let message = format!("VPC {vpc} is currently attached to the Virtual Private Gateway {}", other.id);
            return Err(Error::refused("InvalidVpcState", message));
        }
        self.vpn_gateways.update(id, |g| {
            g.vpc = Some(vpc.clone());
            g.former = None;
        });
        Ok(())
    }

    /// Detaches a virtual private gateway from a VPC, to whose route tables it propagates nothing from then on. Routes to
    /// it become black holes.
    ///
    /// # Errors
    /// `InvalidVpnGatewayAttachment.NotFound` if it is not attached to this VPC, or there is no such VPC.
    pub fn detach_vpn_gateway(&mut self, context: &Context<'_>, id: &VpnGatewayId, vpc: &VpcId) -> Result<(), Error> {
        if self.vpn_gateway(&context.scope, id)?.vpc.as_ref() != Some(vpc) {
            let message = format!("The attachment with vpn gateway ID '{id}' and vpc ID '{vpc}' does not exist");
            return Err(Error::refused("InvalidVpnGatewayAttachment.NotFound", message));
        }
        self.end_propagation(vpc);
        self.vpn_gateways.update(id, |g| {
            g.vpc = None;
            g.former = Some(FormerAttachment { vpc: vpc.clone(), ended: context.now });
        });
        Ok(())
    }

    /// Deletes a virtual private gateway. Routes to it stay, as black holes.
    ///
    /// # Errors
    /// `IncorrectState` while it is attached; `InvalidVpnGatewayState` if it is deleted already.
    pub fn delete_vpn_gateway(&mut self, context: &Context<'_>, id: &VpnGatewayId) -> Result<(), Error> {
        self.forget_deleted_vpn_gateways(context.now);
        if self.available_vpn_gateway(&context.scope, id)?.vpc.is_some() {
            return Err(Error::refused("IncorrectState", "The VPN gateway is in use."));
        }
        self.vpn_gateways.update(id, |g| g.deleted = Some(context.now));
        Ok(())
    }

    /// A gateway that is not deleted.
    fn available_vpn_gateway(&self, scope: &Scope, id: &VpnGatewayId) -> Result<&VpnGateway, Error> {
        let gateway = self.vpn_gateway(scope, id)?;
        if gateway.is_available() {
            return Ok(gateway);
        }
        let message = format!("The virtual private gateway '{id}' is deleted. Create another one.");
        Err(Error::refused("InvalidVpnGatewayState", message))
    }

    fn forget_deleted_vpn_gateways(&mut self, now: i64) {
        let old: Vec<_> = self.vpn_gateways.iter().filter(|g| !g.is_shown(now)).map(|g| g.id.clone()).collect();
        for id in old {
            self.vpn_gateways.remove(&id);
            self.forget_tags(id.as_str());
        }
    }
}
