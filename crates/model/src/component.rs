//! Components of network paths: resources at which a path begins or ends, and those that it passes.
//!
//! Source: Reachability Analyzer guide, "How Reachability Analyzer works".

use serde::{Deserialize, Serialize};

use crate::{
    Arn, EgressOnlyInternetGatewayId, Error, InstanceId, InternetGatewayId, NatGatewayId, NetworkAclId,
    NetworkInterfaceId, RouteTableId, Scope, SecurityGroupId, SubnetId, VpcEndpointId, VpcId, VpcPeeringConnectionId,
    VpnGatewayId,
};

/// A resource on a network path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Component {
    /// Whose it is, and where.
    pub scope: Scope,
    /// What it is.
    pub id: ComponentId,
}

/// Defines the kinds of components, each with the type of its id and its name in ARNs.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident($id:ident) $name:literal)*) => {
        /// The id of a component, of whatever kind it is.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum ComponentId {
            $($(#[$doc])* $kind($id),)*
        }

        impl ComponentId {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$kind(id) => id.as_str(),)*
                }
            }

            /// The kind's name in ARNs.
            pub const fn kind(&self) -> &'static str {
                match self {
                    $(Self::$kind(_) => $name,)*
                }
            }

            /// The component with this id; `None` if ids of no kind begin so.
            ///
            /// # Errors
            /// The kind's for an id that is malformed.
            pub fn parse(text: &str) -> Result<Option<Self>, Error> {
                $(if text.starts_with($id::PREFIX) {
                    return text.parse().map(Self::$kind).map(Some);
                })*
                Ok(None)
            }
        }

        $(impl From<$id> for ComponentId {
            fn from(id: $id) -> Self {
                Self::$kind(id)
            }
        })*
    };
}

kinds! {
    /// An egress-only internet gateway.
    EgressOnlyInternetGateway(EgressOnlyInternetGatewayId) "egress-only-internet-gateway"
    /// An instance.
    Instance(InstanceId) "instance"
    /// An internet gateway.
    InternetGateway(InternetGatewayId) "internet-gateway"
    /// A NAT gateway.
    NatGateway(NatGatewayId) "natgateway"
    /// A network ACL.
    NetworkAcl(NetworkAclId) "network-acl"
    /// A network interface.
    NetworkInterface(NetworkInterfaceId) "network-interface"
    /// A VPC peering connection.
    Peering(VpcPeeringConnectionId) "vpc-peering-connection"
    /// A route table.
    RouteTable(RouteTableId) "route-table"
    /// A security group.
    SecurityGroup(SecurityGroupId) "security-group"
    /// A subnet.
    Subnet(SubnetId) "subnet"
    /// A VPC.
    Vpc(VpcId) "vpc"
    /// A VPC endpoint.
    VpcEndpoint(VpcEndpointId) "vpc-endpoint"
    /// A virtual private gateway.
    VpnGateway(VpnGatewayId) "vpn-gateway"
}

impl Component {
    /// A component of an account in a Region.
    pub fn new(scope: &Scope, id: impl Into<ComponentId>) -> Self {
        Self { scope: scope.clone(), id: id.into() }
    }

    /// Its ARN.
    pub fn arn(&self) -> Arn {
        Arn::ec2(&self.scope, self.id.kind(), &self.id.as_str())
    }

    /// Reads an id, of a resource of the caller's, or an ARN. `None` if it is neither, or of no kind that is known.
    ///
    /// # Errors
    /// The kind's for an id that is malformed.
    pub fn read(text: &str, caller: &Scope) -> Result<Option<Self>, Error> {
        let Some(rest) = text.strip_prefix("arn:aws:ec2:") else {
            return Ok(ComponentId::parse(text)?.map(|id| Self::new(caller, id)));
        };
        let parts: Vec<&str> = rest.splitn(3, ':').collect();
        let [region, account, resource] = parts[..] else { return Ok(None) };
        let Some((kind, id)) = resource.split_once('/') else { return Ok(None) };
        let id = ComponentId::parse(id)?.filter(|id| id.kind() == kind);
        let (Ok(region), Ok(account)) = (region.parse(), account.parse()) else { return Ok(None) };
        Ok(id.map(|id| Self { scope: Scope { account, region }, id }))
    }
}
