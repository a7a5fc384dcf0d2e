//! Codes: what stops a flow, or what is worth knowing of it, in the style of AWS's Reachability Analyzer.

use std::fmt;

use serde::{Serialize, Serializer};
use sidegate_iam::PolicyKind;

/// A table of codes, each with whether AWS has it, its text and its meaning.
macro_rules! codes {
    ($($variant:ident $origin:ident $text:literal $meaning:literal)*) => {
        /// Why a flow does not arrive, or what is worth knowing of it. Those of AWS's Reachability Analyzer mean what they
        /// mean there; DNS, TLS and policies have codes of our own. docs/codes.md lists them.
        ///
        /// Source: Reachability Analyzer guide, "Explanation codes".
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $meaning] $variant,)*
        }

        impl Code {
            /// All of them, in the order of docs/codes.md.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The code.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }

            /// Whether AWS has it, or it is our own.
            pub const fn origin(self) -> Origin {
                match self {
                    $(Self::$variant => Origin::$origin,)*
                }
            }

            /// What it means, as it is used here.
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Self::$variant => $meaning,)*
                }
            }
        }
    };
}

/// Whose code it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// One of AWS's Reachability Analyzer.
    Aws,
    /// One of Sidegate's.
    Own,
}

codes! {
    BadState Aws "BAD_STATE" "Nothing runs behind the network interface."
    BadStateRoute Aws "BAD_STATE_ROUTE" "The route that takes the packet is a black hole: its target is gone, not attached or not active."
    EniSgRulesMismatch Aws "ENI_SG_RULES_MISMATCH" "No rule of the network interface's security groups lets the packet through."
    SgHasNoRules Aws "SG_HAS_NO_RULES" "The network interface's security groups have no rule at all in this direction."
    SubnetAclRestriction Aws "SUBNET_ACL_RESTRICTION" "The subnet's network ACL stops the packet, or the answer to it."
    NoRouteToDestination Aws "NO_ROUTE_TO_DESTINATION" "The subnet's route table has no route to the destination."
    MoreSpecificRoute Aws "MORE_SPECIFIC_ROUTE" "A route to a smaller block takes the packet instead."
    HigherPriorityRoute Aws "HIGHER_PRIORITY_ROUTE" "A route to the same block takes the packet instead: a static one wins over one to a prefix list."
    NoPossibleDestination Aws "NO_POSSIBLE_DESTINATION" "Nobody takes connections there: nobody has the address, or nothing lies behind the target."
    ProtocolRestriction Aws "PROTOCOL_RESTRICTION" "The component serves other protocols or ports: services take TCP on 80 and 443, and where an endpoint for mail is, on the ports of SMTP."
    VpceGatewayProtocolRestriction Aws "VPCE_GATEWAY_PROTOCOL_RESTRICTION" "A gateway endpoint takes TCP on the ports of its service, and nothing else."
    EniSourceDestCheckRestriction Aws "ENI_SOURCE_DEST_CHECK_RESTRICTION" "The route leads to a network interface that drops what is not for its own addresses."
    EniAddressRestriction Aws "ENI_ADDRESS_RESTRICTION" "The network interface has no address of the destination's family."
    IgwPublicIpAssociationForEgress Aws "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS" "An internet gateway lets out only what has a public address."
    IgwPrivateIpAssociationForIngress Aws "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS" "No network interface has the public address, or no internet gateway leads to it."
    IgwDestinationAddressNotInRfc1918Egress Aws "IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS" "An internet gateway lets nothing out to private addresses."
    IgwDestinationAddressNotInRfc6598Egress Aws "IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS" "An internet gateway lets nothing out to addresses that carriers share."
    IngressRtbNoPublicIp Aws "INGRESS_RTB_NO_PUBLIC_IP" "The route table of the internet gateway leads to a network interface without a public address, which gets nothing over the gateway."
    PcxRequiresAddressInVpcCidr Aws "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR" "A peering connection carries packets from and to addresses of the two VPCs, and no others."
    UnknownDestination Aws "UNKNOWN_DESTINATION" "The packet leaves over an internet gateway, and nothing is known of who has the address there."
    AvailabilityZoneCrossed Aws "AVAILABILITY_ZONE_CROSSED" "The path crosses from one zone to another. It does not stop anything."
    RouteLoop Own "ROUTE_LOOP" "Routes lead back to a NAT gateway that the packet has passed."
    EigwRejectsIngress Own "EIGW_REJECTS_INGRESS" "An egress-only internet gateway lets in answers alone."
    ResponseNoRoute Own "RESPONSE_NO_ROUTE" "The other side's route table does not lead the answer back the same way."
    ResponseRouteRedirection Own "RESPONSE_ROUTE_REDIRECTION" "A route of the other side's table leads the answer elsewhere."
    ResponseAclRestriction Own "RESPONSE_ACL_RESTRICTION" "A network ACL has no state, and stops the answer: it goes to a port that the client picked."
    DnsSupportDisabled Own "DNS_SUPPORT_DISABLED" "The VPC's enableDnsSupport is off, so that nobody answers questions."
    DnsHostnamesDisabled Own "DNS_HOSTNAMES_DISABLED" "The VPC's enableDnsHostnames is off, so that private DNS has no effect."
    DnsPrivateDnsDisabled Own "DNS_PRIVATE_DNS_DISABLED" "The VPC has an interface endpoint for the service, whose private DNS is off."
    DnsPrivateDnsUnavailable Own "DNS_PRIVATE_DNS_UNAVAILABLE" "The VPC has an interface endpoint for the service, which has no private DNS."
    DnsInboundResolverOnly Own "DNS_INBOUND_RESOLVER_ONLY" "The interface endpoint's private DNS is for inbound resolver endpoints alone."
    DnsNameNotPrivate Own "DNS_NAME_NOT_PRIVATE" "The name is none of those that private DNS gives to the interface endpoint."
    DnsNoSuchName Own "DNS_NO_SUCH_NAME" "The name does not exist."
    DnsNoRecord Own "DNS_NO_RECORD" "The name has no address of a family that the source has."
    PlainHttpNotServed Own "PLAIN_HTTP_NOT_SERVED" "The service does not speak HTTP without TLS."
    PortNotServed Own "PORT_NOT_SERVED" "The endpoint's service does not have the port, which another endpoint of the VPC has: the connection is closed as soon as it is made."
    TlsNameNotServed Own "TLS_NAME_NOT_SERVED" "The endpoint or the address does not serve the name: TLS ends with unrecognized_name, HTTP with 421."
    EndpointPolicyImplicitDeny Own "ENDPOINT_POLICY_IMPLICIT_DENY" "No statement of the endpoint policy allows it."
    EndpointPolicyExplicitDeny Own "ENDPOINT_POLICY_EXPLICIT_DENY" "A statement of the endpoint policy denies it."
    ResourceControlPolicyExplicitDeny Own "RESOURCE_CONTROL_POLICY_EXPLICIT_DENY" "A statement of a resource control policy denies it."
    ServiceControlPolicyImplicitDeny Own "SERVICE_CONTROL_POLICY_IMPLICIT_DENY" "A level of the service control policies does not allow it."
    ServiceControlPolicyExplicitDeny Own "SERVICE_CONTROL_POLICY_EXPLICIT_DENY" "A statement of a service control policy denies it."
    ResourcePolicyImplicitDeny Own "RESOURCE_POLICY_IMPLICIT_DENY" "The resource's policy has to allow it, and no statement does."
    ResourcePolicyExplicitDeny Own "RESOURCE_POLICY_EXPLICIT_DENY" "A statement of the resource's policy denies it."
    RoleTrustPolicyImplicitDeny Own "ROLE_TRUST_POLICY_IMPLICIT_DENY" "No statement of the role's trust policy allows it."
    RoleTrustPolicyExplicitDeny Own "ROLE_TRUST_POLICY_EXPLICIT_DENY" "A statement of the role's trust policy denies it."
    IdentityPolicyImplicitDeny Own "IDENTITY_POLICY_IMPLICIT_DENY" "No statement of the principal's policies allows it."
    IdentityPolicyExplicitDeny Own "IDENTITY_POLICY_EXPLICIT_DENY" "A statement of the principal's policies denies it."
    BoundaryImplicitDeny Own "PERMISSIONS_BOUNDARY_IMPLICIT_DENY" "No statement of the permissions boundary allows it."
    BoundaryExplicitDeny Own "PERMISSIONS_BOUNDARY_EXPLICIT_DENY" "A statement of the permissions boundary denies it."
    SessionPolicyImplicitDeny Own "SESSION_POLICY_IMPLICIT_DENY" "No statement of the session policies allows it."
    SessionPolicyExplicitDeny Own "SESSION_POLICY_EXPLICIT_DENY" "A statement of the session policies denies it."
}

impl Code {
    /// The code of a layer of policies that denies; `explicit` if a statement of it does. Resource control policies have
    /// no other.
    pub const fn of_policy(kind: PolicyKind, explicit: bool) -> Self {
        match (kind, explicit) {
            (PolicyKind::Endpoint, false) => Self::EndpointPolicyImplicitDeny,
            (PolicyKind::Endpoint, true) => Self::EndpointPolicyExplicitDeny,
            (PolicyKind::ResourceControl, _) => Self::ResourceControlPolicyExplicitDeny,
            (PolicyKind::ServiceControl, false) => Self::ServiceControlPolicyImplicitDeny,
            (PolicyKind::ServiceControl, true) => Self::ServiceControlPolicyExplicitDeny,
            (PolicyKind::RoleTrust, false) => Self::RoleTrustPolicyImplicitDeny,
            (PolicyKind::RoleTrust, true) => Self::RoleTrustPolicyExplicitDeny,
            (PolicyKind::Identity, false) => Self::IdentityPolicyImplicitDeny,
            (PolicyKind::Identity, true) => Self::IdentityPolicyExplicitDeny,
            (PolicyKind::Boundary, false) => Self::BoundaryImplicitDeny,
            (PolicyKind::Boundary, true) => Self::BoundaryExplicitDeny,
            (PolicyKind::Session, false) => Self::SessionPolicyImplicitDeny,
            (PolicyKind::Session, true) => Self::SessionPolicyExplicitDeny,
            // A kind that is added gets a code of its own.
            (PolicyKind::Resource | _, false) => Self::ResourcePolicyImplicitDeny,
            (PolicyKind::Resource | _, true) => Self::ResourcePolicyExplicitDeny,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}
