//! Explanations: what stops a path, or why there is none.
//!
//! Source: Reachability Analyzer guide, "Explanation codes"; EC2 API reference, `Explanation`.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use super::{Deciding, NamedComponent};
use crate::{Direction, Ipv4Cidr, PortSpan};

/// Defines the codes with their texts, which are also those of stored rows.
macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident $text:literal)*) => {
        /// A code of Reachability Analyzer. AWS has more; these are those for which there can be a reason here.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum ExplanationCode {
            $($(#[$doc])* #[serde(rename = $text)] $code,)*
        }

        impl ExplanationCode {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$code,)*];

            /// The code as AWS writes it.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$code => $text,)*
                }
            }
        }
    };
}

codes! {
    /// The path crosses from one zone to another, which stops nothing.
    AvailabilityZoneCrossed "AVAILABILITY_ZONE_CROSSED"
    /// The component is not in a state to carry traffic.
    BadState "BAD_STATE"
    /// The route is a black hole.
    BadStateRoute "BAD_STATE_ROUTE"
    /// No path passes a component that it must pass.
    ComponentFilterRestriction "COMPONENT_FILTER_RESTRICTION"
    /// A path passes a component that it must not pass.
    ComponentFilterRestrictionRemovedComponent "COMPONENT_FILTER_RESTRICTION_REMOVED_COMPONENT"
    /// The network interface does not have the address.
    EniAddressRestriction "ENI_ADDRESS_RESTRICTION"
    /// No rule of the interface's groups lets the packet through.
    EniSgRulesMismatch "ENI_SG_RULES_MISMATCH"
    /// The interface drops what is not for its own addresses.
    EniSourceDestCheckRestriction "ENI_SOURCE_DEST_CHECK_RESTRICTION"
    /// Nothing arrives with the destination address that the filter at the destination wants.
    FilterAtDestinationDestinationAddress "FILTER_AT_DESTINATION_DESTINATION_ADDRESS"
    /// Nothing arrives at a port that the filter at the destination wants.
    FilterAtDestinationDestinationPortRange "FILTER_AT_DESTINATION_DESTINATION_PORT_RANGE"
    /// Nothing arrives from the address that the filter at the destination wants.
    FilterAtDestinationSourceAddress "FILTER_AT_DESTINATION_SOURCE_ADDRESS"
    /// Nothing arrives from a port that the filter at the destination wants.
    FilterAtDestinationSourcePortRange "FILTER_AT_DESTINATION_SOURCE_PORT_RANGE"
    /// The source sends nothing to the address that the filter at the source wants.
    FilterAtSourceDestinationAddress "FILTER_AT_SOURCE_DESTINATION_ADDRESS"
    /// The source does not have the address that the filter at the source wants.
    FilterAtSourceSourceAddress "FILTER_AT_SOURCE_SOURCE_ADDRESS"
    /// A route to the same block takes the packet, which comes before this one.
    HigherPriorityRoute "HIGHER_PRIORITY_ROUTE"
    /// Nothing goes to a private address over an internet gateway.
    IgwDestinationAddressNotInRfc1918Egress "IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS"
    /// Nothing goes to an address that carriers share over an internet gateway.
    IgwDestinationAddressNotInRfc6598Egress "IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS"
    /// At an internet gateway only public addresses are meant.
    IgwExpectsPublicAddress "IGW_EXPECTS_PUBLIC_ADDRESS"
    /// No interface has the public address.
    IgwPrivateIpAssociationForIngress "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS"
    /// What has no public address does not leave over an internet gateway.
    IgwPublicIpAssociationForEgress "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS"
    /// The route table of an internet gateway leads to an interface without a public address.
    IngressRtbNoPublicIp "INGRESS_RTB_NO_PUBLIC_IP"
    /// The route table of an internet gateway leads what comes in elsewhere.
    IngressRtbTrafficRedirection "INGRESS_RTB_TRAFFIC_REDIRECTION"
    /// A route to a smaller block takes the packet.
    MoreSpecificRoute "MORE_SPECIFIC_ROUTE"
    /// There is no path, and no single component is the reason.
    NoPath "NO_PATH"
    /// The component cannot deliver the packet, or lies in another account.
    NoPossibleDestination "NO_POSSIBLE_DESTINATION"
    /// The route table has no route to the destination.
    NoRouteToDestination "NO_ROUTE_TO_DESTINATION"
    /// The source or the destination is gone.
    NoSourceOrDestination "NO_SOURCE_OR_DESTINATION"
    /// A peering connection carries packets between addresses of its two VPCs alone.
    PcxRequiresAddressInVpcCidr "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR"
    /// The component takes other protocols or ports.
    ProtocolRestriction "PROTOCOL_RESTRICTION"
    /// The interface's groups have no rule in the direction.
    SgHasNoRules "SG_HAS_NO_RULES"
    /// A network ACL stops the packet, or the answer to it.
    SubnetAclRestriction "SUBNET_ACL_RESTRICTION"
    /// The source or the destination is in no VPC.
    UnassociatedComponent "UNASSOCIATED_COMPONENT"
    /// It is not known who has the address.
    UnknownDestination "UNKNOWN_DESTINATION"
    /// A gateway endpoint takes other protocols or ports.
    VpceGatewayProtocolRestriction "VPCE_GATEWAY_PROTOCOL_RESTRICTION"
    /// An endpoint begins no connections.
    VpceIntraVpcTraffic "VPCE_INTRA_VPC_TRAFFIC"
}

/// Why a path ends, with what it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// The code.
    pub code: ExplanationCode,
    /// The component that stops the path: an interface, a gateway, an endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<NamedComponent>,
    /// The network ACL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acl: Option<NamedComponent>,
    /// The address that is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Ipv4Addr>,
    /// The blocks that addresses would have to be in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cidrs: Vec<Ipv4Cidr>,
    /// Whether it is about what comes in or goes out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// The destination of the path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<NamedComponent>,
    /// What decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deciding: Option<Deciding>,
    /// The route table of the gateway that the packet comes in over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ingress_route_table: Option<NamedComponent>,
    /// The id or ARN of what is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
    /// The ports that would be let through.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub port_ranges: Vec<PortSpan>,
    /// The protocols that would be, by IANA's numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub protocols: Vec<u8>,
    /// The route table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub route_table: Option<NamedComponent>,
    /// The security groups of the interface.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub security_groups: Vec<NamedComponent>,
    /// The subnet of the component.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subnet: Option<NamedComponent>,
    /// The VPC of the component.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vpc: Option<NamedComponent>,
}

impl Explanation {
    /// An explanation of which nothing but the code is known.
    pub const fn new(code: ExplanationCode) -> Self {
        Self {
            code,
            component: None,
            acl: None,
            address: None,
            cidrs: Vec::new(),
            direction: None,
            destination: None,
            deciding: None,
            ingress_route_table: None,
            missing: None,
            port_ranges: Vec::new(),
            protocols: Vec::new(),
            route_table: None,
            security_groups: Vec::new(),
            subnet: None,
            vpc: None,
        }
    }
}
