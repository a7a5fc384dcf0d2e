//! What the lists in the output of `aws ec2 describe-*` are of, by their keys.

/// A list that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    PrefixLists,
    PrefixListEntries,
    DhcpOptions,
    Vpcs,
    VpcAttributes,
    Subnets,
    SecurityGroups,
    SecurityGroupRules,
    NetworkAcls,
    InternetGateways,
    EgressOnlyInternetGateways,
    VpnGateways,
    Reservations,
    InstanceProfiles,
    NetworkInterfaces,
    Addresses,
    NatGateways,
    ServiceDetails,
    VpcEndpoints,
    VpcPeeringConnections,
    RouteTables,
    BlockPublicAccess,
    AvailabilityZones,
    /// Of something that the model has no place for.
    Unmodelled,
}

/// What becomes of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Treatment {
    /// It is read.
    Read(Kind),
    /// Its elements are noted, so that a flow which meets one is known to be undetermined.
    Unmodelled(&'static str),
    /// No flow depends on it.
    PassedOver,
    /// Nobody has heard of it.
    Strange,
}

/// The kinds that are read, by the key of their list, with the key of an element's id.
const READ: &[(&str, Kind, &str)] = &[
    ("PrefixLists", Kind::PrefixLists, "PrefixListId"),
    ("DhcpOptions", Kind::DhcpOptions, "DhcpOptionsId"),
    ("Vpcs", Kind::Vpcs, "VpcId"),
    ("Subnets", Kind::Subnets, "SubnetId"),
    ("SecurityGroups", Kind::SecurityGroups, "GroupId"),
    ("SecurityGroupRules", Kind::SecurityGroupRules, "GroupId"),
    ("NetworkAcls", Kind::NetworkAcls, "NetworkAclId"),
    ("InternetGateways", Kind::InternetGateways, "InternetGatewayId"),
    ("EgressOnlyInternetGateways", Kind::EgressOnlyInternetGateways, "EgressOnlyInternetGatewayId"),
    ("VpnGateways", Kind::VpnGateways, "VpnGatewayId"),
    ("Reservations", Kind::Reservations, "ReservationId"),
    ("IamInstanceProfileAssociations", Kind::InstanceProfiles, "InstanceId"),
    ("NetworkInterfaces", Kind::NetworkInterfaces, "NetworkInterfaceId"),
    ("Addresses", Kind::Addresses, "AllocationId"),
    ("NatGateways", Kind::NatGateways, "NatGatewayId"),
    ("ServiceDetails", Kind::ServiceDetails, "ServiceName"),
    ("VpcEndpoints", Kind::VpcEndpoints, "VpcEndpointId"),
    ("VpcPeeringConnections", Kind::VpcPeeringConnections, "VpcPeeringConnectionId"),
    ("RouteTables", Kind::RouteTables, "RouteTableId"),
    ("AvailabilityZones", Kind::AvailabilityZones, "ZoneName"),
];

/// What the model has no place for and flows may meet, by the key of the list, with the key of an element's id.
const UNMODELLED: &[(&str, &str)] = &[
    ("TransitGateways", "TransitGatewayId"),
    ("TransitGatewayAttachments", "TransitGatewayAttachmentId"),
    ("TransitGatewayVpcAttachments", "TransitGatewayAttachmentId"),
    ("TransitGatewayPeeringAttachments", "TransitGatewayAttachmentId"),
    ("TransitGatewayConnects", "TransitGatewayAttachmentId"),
    ("TransitGatewayRouteTables", "TransitGatewayRouteTableId"),
    ("TransitGatewayPropagations", "TransitGatewayRouteTableId"),
    ("TransitGatewayStaticRoutes", "TransitGatewayRouteTableId"),
    ("TransitGatewayMulticastDomains", "TransitGatewayMulticastDomainId"),
    ("VpnConnections", "VpnConnectionId"),
    ("CustomerGateways", "CustomerGatewayId"),
    ("ClientVpnEndpoints", "ClientVpnEndpointId"),
    ("CarrierGateways", "CarrierGatewayId"),
    ("LocalGateways", "LocalGatewayId"),
    ("LocalGatewayRouteTables", "LocalGatewayRouteTableId"),
    ("CoreNetworks", "CoreNetworkId"),
    ("LoadBalancers", "LoadBalancerArn"),
    ("LoadBalancerDescriptions", "LoadBalancerName"),
    ("LoadBalancerAttributes", "LoadBalancerArn"),
    ("LoadBalancerListeners", "LoadBalancerArn"),
    ("LoadBalancerTargetHealth", "TargetGroupArn"),
    ("Listeners", "ListenerArn"),
    ("TargetGroups", "TargetGroupArn"),
    ("DBInstances", "DBInstanceIdentifier"),
    ("DomainStatusList", "DomainId"),
    ("ServiceConfigurations", "ServiceId"),
    ("Firewalls", "FirewallArn"),
    ("InstanceConnectEndpoints", "InstanceConnectEndpointId"),
    ("VerifiedAccessEndpoints", "VerifiedAccessEndpointId"),
    ("TrafficMirrorSessions", "TrafficMirrorSessionId"),
    ("RouteServers", "RouteServerId"),
    ("VpcBlockPublicAccessExclusions", "ExclusionId"),
    ("VpcEncryptionControls", "VpcEncryptionControlId"),
    ("ClassicLinkInstances", "InstanceId"),
];

/// What no flow depends on.
const PASSED_OVER: &[&str] = &[
    "ResponseMetadata",
    "NextToken",
    "ServiceNames",
    "Regions",
    "AccountAttributes",
    "Tags",
    "Volumes",
    "VolumeStatuses",
    "Snapshots",
    "Images",
    "KeyPairs",
    "FlowLogs",
    "PlacementGroups",
    "InstanceTypes",
    "InstanceTypeOfferings",
    "InstanceStatuses",
    "InstanceCreditSpecifications",
    "LaunchTemplates",
    "LaunchTemplateVersions",
    "SpotInstanceRequests",
    "SpotPriceHistory",
    "Hosts",
    "ReservedInstances",
    "CapacityReservations",
    "NetworkInterfacePermissions",
    "SubnetCidrReservations",
    "AddressesAttribute",
    "PublicIpv4Pools",
    "Ipv6Pools",
    "ByoipCidrs",
    "VpcEndpointConnections",
    "VpcEndpointConnectionNotifications",
    "VpcEndpointAssociations",
    "StaleSecurityGroupSet",
    "SecurityGroupReferenceSet",
    "SecurityGroupVpcAssociations",
    "NetworkInsightsPaths",
    "NetworkInsightsAnalyses",
];

/// What becomes of a list with this key.
pub(super) fn treatment(key: &str) -> Treatment {
    if let Some((_, kind, _)) = READ.iter().find(|(known, ..)| *known == key) {
        return Treatment::Read(*kind);
    }
    if let Some((_, id)) = UNMODELLED.iter().find(|(known, _)| *known == key) {
        return Treatment::Unmodelled(id);
    }
    if PASSED_OVER.contains(&key) { Treatment::PassedOver } else { Treatment::Strange }
}

/// The kinds that are read from lists of their own.
pub(super) fn all() -> impl Iterator<Item = Kind> {
    READ.iter().map(|(_, kind, _)| *kind)
}

/// What a file is of by its name, where the name is not that of the list.
const ALIASES: &[(&str, Kind)] = &[
    ("vpcendpointservices", Kind::ServiceDetails),
    ("instances", Kind::Reservations),
    ("iaminstanceprofileassociations", Kind::InstanceProfiles),
];

/// Whether a file may have been of a kind, by its name: it names it, or it names none.
pub(super) fn may_be_of(file: &str, kind: Kind) -> bool {
    let name = file.rsplit(['/', '\\']).next().unwrap_or_default();
    let letters: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let keys = READ.iter().map(|(key, kind, _)| (key.to_ascii_lowercase(), *kind));
    let others = UNMODELLED.iter().map(|(key, _)| *key).chain(PASSED_OVER.iter().copied());
    let others = others.map(|key| (key.to_ascii_lowercase(), Kind::Unmodelled));
    let named = ALIASES.iter().map(|(word, kind)| ((*word).to_owned(), *kind)).chain(keys).chain(others);
    let found = named.filter(|(word, _)| letters.contains(word)).max_by_key(|(word, _)| word.len());
    found.is_none_or(|(_, found)| found == kind)
}

impl Kind {
    /// The key of an element's id.
    pub(super) fn id_key(self) -> &'static str {
        match self {
            Self::PrefixListEntries => "PrefixListId",
            Self::VpcAttributes => "VpcId",
            _ => READ.iter().find(|(_, kind, _)| *kind == self).map_or("", |(.., id)| id),
        }
    }
}
