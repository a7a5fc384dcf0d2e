//! Identifiers: one type per kind of resource, so that a subnet's id cannot be passed where a VPC's is wanted.
//!
//! Source: EC2 API reference, "Error codes", which spells `ID` and `Id` as they stand here, in no system.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Error;

/// Defines an id type: its prefix, and the code that AWS uses for a malformed and for an unknown one.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $malformed:literal, $missing:literal, $noun:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The prefix of every id of this kind, with its hyphen.
            pub const PREFIX: &str = $prefix;

            /// Makes a new id from random bits: the prefix and 17 hexadecimal digits, as AWS's long ids.
            pub fn random(entropy: &mut dyn FnMut() -> u64) -> Self {
                let digits = (u128::from(entropy()) << 64 | u128::from(entropy())) >> 60;
                Self(format!("{}{:017x}", $prefix, digits).into())
            }

            /// Makes the id that ends in these digits; for ids that are derived, not random.
            pub fn derived(digits: &str) -> Self {
                Self(format!("{}{digits}", $prefix).into())
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The error for an id of this kind that names nothing.
            pub fn not_found(&self) -> Error {
                Error::NotFound { code: $missing, noun: $noun, id: self.to_string() }
            }
        }

        impl std::str::FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self, Error> {
                let digits = text.strip_prefix($prefix).unwrap_or("");
                let hexadecimal = digits.bytes().all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase());
                if !digits.is_empty() && digits.len() <= 32 && hexadecimal {
                    Ok(Self(text.into()))
                } else {
                    Err(Error::MalformedId { code: $malformed, id: text.to_owned(), prefix: $prefix })
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(/// A VPC.
    VpcId, "vpc-", "InvalidVpcID.Malformed", "InvalidVpcID.NotFound", "vpc ID");
id!(/// A subnet.
    SubnetId, "subnet-", "InvalidSubnetID.Malformed", "InvalidSubnetID.NotFound", "subnet ID");
id!(/// A route table.
    RouteTableId, "rtb-", "InvalidRouteTableId.Malformed", "InvalidRouteTableID.NotFound", "routeTable ID");
id!(/// The association of a route table with a subnet, or with a VPC as its main table.
    AssociationId, "rtbassoc-", "InvalidAssociationID.Malformed", "InvalidAssociationID.NotFound", "association ID");
id!(/// A security group.
    SecurityGroupId, "sg-", "InvalidGroupId.Malformed", "InvalidGroup.NotFound", "security group");
id!(/// A rule of a security group.
    SecurityGroupRuleId, "sgr-", "InvalidSecurityGroupRuleId.Malformed", "InvalidSecurityGroupRuleId.NotFound",
    "security group rule ID");
id!(/// An elastic network interface.
    NetworkInterfaceId, "eni-", "InvalidNetworkInterfaceId.Malformed", "InvalidNetworkInterfaceID.NotFound",
    "networkInterface ID");
id!(/// The attachment of a network interface.
    AttachmentId, "eni-attach-", "InvalidNetworkInterfaceAttachmentId.Malformed", "InvalidAttachmentID.NotFound", "attachment ID");
id!(/// A VPC endpoint.
    VpcEndpointId, "vpce-", "InvalidVpcEndpointId.Malformed", "InvalidVpcEndpointId.NotFound", "Vpc Endpoint Id");
id!(/// A managed prefix list.
    PrefixListId, "pl-", "InvalidPrefixListId.Malformed", "InvalidPrefixListID.NotFound", "prefix list ID");
id!(/// An instance.
    InstanceId, "i-", "InvalidInstanceID.Malformed", "InvalidInstanceID.NotFound", "instance ID");
id!(/// A reservation: what one call of RunInstances made.
    ReservationId, "r-", "InvalidReservationID.Malformed", "InvalidReservationID.NotFound", "reservation ID");
id!(/// A volume.
    VolumeId, "vol-", "InvalidParameterValue", "InvalidVolume.NotFound", "volume");
id!(/// A network ACL.
    NetworkAclId, "acl-", "InvalidNetworkAclId.Malformed", "InvalidNetworkAclID.NotFound", "networkAcl ID");
id!(/// The association of a network ACL with a subnet.
    NetworkAclAssociationId, "aclassoc-", "InvalidNetworkAclAssociationId.Malformed", "InvalidAssociationID.NotFound",
    "association ID");
id!(/// An internet gateway.
    InternetGatewayId, "igw-", "InvalidInternetGatewayId.Malformed", "InvalidInternetGatewayID.NotFound",
    "internetGateway ID");
id!(/// An egress-only internet gateway.
    EgressOnlyInternetGatewayId, "eigw-", "InvalidEgressOnlyInternetGatewayId.Malformed",
    "InvalidEgressOnlyInternetGatewayId.NotFound", "egressOnlyInternetGateway ID");
id!(/// A virtual private gateway.
    VpnGatewayId, "vgw-", "InvalidVpnGatewayID.Malformed", "InvalidVpnGatewayID.NotFound", "vpnGateway ID");
id!(/// A NAT gateway.
    NatGatewayId, "nat-", "NatGatewayMalformed", "NatGatewayNotFound", "NatGateway");
id!(/// The allocation of an Elastic IP address.
    AllocationId, "eipalloc-", "InvalidAllocationID.Malformed", "InvalidAllocationID.NotFound", "allocation ID");
id!(/// The association of an Elastic IP address.
    AddressAssociationId, "eipassoc-", "InvalidAssociationID.Malformed", "InvalidAssociationID.NotFound",
    "association ID");
id!(/// A VPC peering connection.
    VpcPeeringConnectionId, "pcx-", "InvalidVpcPeeringConnectionId.Malformed",
    "InvalidVpcPeeringConnectionID.NotFound", "vpcPeeringConnection ID");
id!(/// A set of DHCP options.
    DhcpOptionsId, "dopt-", "InvalidDhcpOptionsId.Malformed", "InvalidDhcpOptionID.NotFound", "dhcpOption ID");
id!(/// The association of a CIDR block with a VPC.
    VpcCidrAssociationId, "vpc-cidr-assoc-", "InvalidVpcCidrBlockAssociationID.Malformed",
    "InvalidVpcCidrBlockAssociationID.NotFound", "vpc CIDR block association ID");
id!(/// The association of an IPv6 CIDR block with a subnet.
    SubnetCidrAssociationId, "subnet-cidr-assoc-", "InvalidSubnetCidrBlockAssociationID.Malformed",
    "InvalidSubnetCidrBlockAssociationID.NotFound", "subnet CIDR block with association ID");
id!(/// A reservation of a part of a subnet.
    SubnetCidrReservationId, "scr-", "InvalidSubnetCidrReservationID.Malformed",
    "InvalidSubnetCidrReservationID.NotFound", "subnet CIDR reservation ID");
id!(/// The association of an instance profile with an instance.
    InstanceProfileAssociationId, "iip-assoc-", "InvalidAssociationID.Malformed", "InvalidAssociationID.NotFound",
    "association ID");
id!(/// A flow log.
    FlowLogId, "fl-", "InvalidParameterValue", "InvalidFlowLogId.NotFound", "flow log ID");
id!(/// A key pair.
    KeyPairId, "key-", "InvalidKeyPairId.Malformed", "InvalidKeyPair.NotFound", "key pair ID");
id!(/// A path that Reachability Analyzer analyses.
    NetworkInsightsPathId, "nip-", "InvalidNetworkInsightsPathId.Malformed", "InvalidNetworkInsightsPathId.NotFound",
    "network insights path ID");
id!(/// An analysis of a path.
    NetworkInsightsAnalysisId, "nia-", "InvalidNetworkInsightsAnalysisId.Malformed",
    "InvalidNetworkInsightsAnalysisId.NotFound", "network insights analysis ID");
