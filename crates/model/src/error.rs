//! Why a command is refused: AWS's error code, and a message in AWS's words where they are known.
//!
//! Source: EC2 API reference, "Error codes"; wordings that are only known from public reports are rows of
//! docs/claims.md.

use std::net::Ipv4Addr;

use crate::{
    Destination, InternetGatewayId, IpCidr, Ipv4Cidr, NatGatewayId, NetworkInterfaceId, PrefixListId, RouteTableId,
    SecurityGroupId, SubnetId, VpcEndpointId, VpcId,
};

/// A refused command. It changed nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An id names nothing that the caller may see.
    #[error("The {noun} '{id}' does not exist")]
    NotFound {
        /// The code for this kind of resource.
        code: &'static str,
        /// The kind, in AWS's words.
        noun: &'static str,
        /// The id.
        id: String,
    },
    /// An id has not the form of its kind.
    #[error("Invalid id: \"{id}\" (expecting \"{prefix}...\")")]
    MalformedId {
        /// The code for this kind of resource.
        code: &'static str,
        /// What was given.
        id: String,
        /// The prefix that ids of the kind have.
        prefix: &'static str,
    },
    /// What is to be tagged has an id of no kind that is known.
    #[error("The ID '{0}' is not valid")]
    InvalidId(String),
    /// The Region has no such zone.
    #[error(
        "Value ({zone}) for parameter availabilityZone is invalid. Subnets can currently only be created in the \
         following availability zones: {known}."
    )]
    InvalidZone {
        /// What was given.
        zone: String,
        /// The zones that exist.
        known: String,
    },
    /// A parameter's value is not acceptable.
    #[error("{0}")]
    InvalidParameterValue(String),
    /// A parameter is not acceptable in this state or together with others, where AWS says `InvalidParameter`.
    #[error("{0}")]
    InvalidParameter(String),
    /// Parameters exclude each other.
    #[error("{0}")]
    InvalidParameterCombination(String),
    /// A parameter is missing.
    #[error("The request must contain the parameter {0}")]
    MissingParameter(&'static str),
    /// A VPC's block is outside /16 to /28.
    #[error("The CIDR '{0}' is invalid.")]
    InvalidVpcRange(Ipv4Cidr),
    /// A further block of a VPC may not stand beside those that it has.
    #[error(
        "The CIDR '{0}' is restricted. Use a CIDR from the same private address range as the current VPC CIDR, or use a \
         publicly-routable CIDR. For additional restrictions, see \
         https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html"
    )]
    VpcCidrRestricted(Ipv4Cidr),
    /// A further block of a VPC overlaps one that it has.
    #[error("The CIDR '{0}' conflicts with a CIDR of this VPC")]
    VpcCidrConflict(Ipv4Cidr),
    /// A subnet's block is not inside its VPC's, or not of a length that a subnet's can have.
    #[error("The CIDR '{0}' is invalid.")]
    InvalidSubnetRange(IpCidr),
    /// A subnet's block overlaps another's.
    #[error("The CIDR '{0}' conflicts with another subnet")]
    SubnetConflict(IpCidr),
    /// No address is left in a subnet.
    #[error("The specified subnet does not have enough free addresses to satisfy the request.")]
    InsufficientFreeAddresses(SubnetId),
    /// A subnet has fewer free addresses than instances are asked for.
    #[error("There are not enough free addresses in subnet '{0}' to satisfy the requested number of instances.")]
    TooFewAddresses(SubnetId),
    /// An address is not in its subnet's block.
    #[error("Address {0} does not fall within the subnet's address range")]
    AddressOutside(Ipv4Addr),
    /// An address is one of those that AWS keeps for itself in every subnet.
    #[error("Address {0} is in subnet's reserved address range")]
    AddressReserved(Ipv4Addr),
    /// An address is taken.
    #[error("Address {0} is in use.")]
    AddressInUse(Ipv4Addr),
    /// Something still uses what is to be deleted.
    #[error("{0}")]
    DependencyViolation(String),
    /// The route table has a route to this block already.
    #[error("The route identified by {0} already exists.")]
    RouteExists(Destination),
    /// The route table has a route to this prefix list already.
    #[error("route table {table} already has a route with destination-prefix-list-id {list}")]
    PrefixListRouteExists {
        /// The route table.
        table: RouteTableId,
        /// The prefix list.
        list: PrefixListId,
    },
    /// The route table has no such route.
    #[error("no route with {kind} {destination} in route table {table}")]
    RouteNotFound {
        /// Which parameter named the destination.
        kind: &'static str,
        /// The destination.
        destination: String,
        /// The route table.
        table: RouteTableId,
    },
    /// A route of a gateway endpoint can be changed by changing the endpoint only.
    #[error("cannot remove VPC endpoint route {list} in route table {table}")]
    EndpointRoute {
        /// The route table.
        table: RouteTableId,
        /// The prefix list.
        list: PrefixListId,
    },
    /// An endpoint of this type cannot be the target of a route.
    #[error(
        "Route table contains unsupported route target: {0}. VPC Endpoints of this type cannot be used as route targets."
    )]
    RouteNotSupported(VpcEndpointId),
    /// A subnet is associated with a table already.
    #[error("the specified association for route table {table} conflicts with an existing association")]
    AssociationExists {
        /// The route table that was to be associated.
        table: RouteTableId,
    },
    /// The network ACL has an entry with this number in this direction already.
    #[error("The network acl entry identified by {0} already exists.")]
    NetworkAclEntryExists(u16),
    /// The network ACL has no entry with this number in this direction.
    #[error("The network acl entry identified by {0} does not exist")]
    NetworkAclEntryNotFound(u16),
    /// An internet gateway is attached to a VPC already.
    #[error("resource {gateway} is already attached to network {vpc}")]
    GatewayAttached {
        /// The gateway.
        gateway: InternetGatewayId,
        /// The VPC.
        vpc: VpcId,
    },
    /// An internet gateway is not attached to this VPC.
    #[error("resource {gateway} is not attached to network {vpc}")]
    GatewayNotAttached {
        /// The gateway.
        gateway: InternetGatewayId,
        /// The VPC.
        vpc: VpcId,
    },
    /// No NAT gateway has this id.
    #[error("NAT gateway {0} was not found")]
    NatGatewayNotFound(NatGatewayId),
    /// Two subnets of an endpoint are in one zone.
    #[error(
        "Found another VPC endpoint subnet in the availability zone of {0}. VPC endpoint subnets should be in different \
         availability zones supported by the VPC endpoint service."
    )]
    DuplicateSubnetsInSameZone(SubnetId),
    /// No service has this name in the Region.
    #[error("The Vpc Endpoint Service '{0}' does not exist")]
    InvalidServiceName(String),
    /// A policy document that cannot be used.
    #[error("{0}")]
    InvalidPolicyDocument(String),
    /// The name of a group is taken in its VPC.
    #[error("The security group '{name}' already exists for VPC '{vpc}'")]
    GroupDuplicate {
        /// The name.
        name: String,
        /// The VPC.
        vpc: VpcId,
    },
    /// The name `default` is AWS's own.
    #[error("Cannot use reserved security group name: default")]
    GroupReserved,
    /// The default group cannot be deleted.
    #[error("the specified group: \"{0}\" name: \"default\" cannot be deleted by a user")]
    GroupCannotBeDeleted(SecurityGroupId),
    /// A rule names a group of another VPC.
    #[error("You have specified two resources that belong to different networks.")]
    DifferentNetworks,
    /// One call names a rule twice.
    #[error("The same permission must not appear multiple times")]
    RuleRepeated,
    /// The rule exists already.
    #[error("the specified rule \"{0}\" already exists")]
    RuleDuplicate(String),
    /// No such rule is in the group.
    #[error("The specified rule does not exist in this security group.")]
    RuleNotFound,
    /// A limit of the account or resource is reached.
    #[error("{message}")]
    LimitExceeded {
        /// The code of this limit.
        code: &'static str,
        /// What is limited.
        message: String,
    },
    /// A refusal of one command alone.
    #[error("{message}")]
    Refused {
        /// The code.
        code: &'static str,
        /// The reason, in AWS's words.
        message: String,
    },
    /// A resource that AWS manages cannot be changed by the account.
    #[error("You do not have permission to access the specified resource.")]
    AuthFailure,
    /// An interface of AWS's cannot be detached.
    #[error("You are not allowed to manage '{0}' attachments.")]
    RequesterManaged(&'static str),
    /// A primary interface cannot be detached.
    #[error("{0}")]
    OperationNotPermitted(String),
    /// An interface is attached.
    #[error("Network interface '{0}' is currently in use.")]
    InterfaceInUse(NetworkInterfaceId),
    /// A token was used before with other parameters.
    #[error("Arguments on this idempotent request are inconsistent with arguments used in previous request(s).")]
    IdempotentParameterMismatch,
    /// A token was used before to launch instances that are terminated by now.
    #[error(
        "The request to launch an instance uses the same client token as a previous request for which the instance has \
         been terminated."
    )]
    IdempotentInstanceTerminated,
    /// An instance is not in a state for this.
    #[error("{0}")]
    IncorrectInstanceState(String),
    /// A VPC can be given the tenancy `default` only.
    #[error("The tenancy value {0} is not supported.")]
    UnsupportedTenancy(String),
    /// An account has one default VPC in a Region.
    #[error("A Default VPC already exists for this account in this region.")]
    DefaultVpcExists,
    /// An account has no default VPC in a Region, and so no default subnets.
    #[error("No default VPC exists for this account in this region.")]
    NoDefaultVpc,
    /// A zone has one default subnet.
    #[error("'{subnet}' is already the default subnet in {zone}.")]
    DefaultSubnetExists {
        /// The one that it has.
        subnet: SubnetId,
        /// The zone.
        zone: String,
    },
    /// What AWS has and Sidegate does not.
    #[error("{0}")]
    Unsupported(String),
}

impl Error {
    /// A quota that is reached: its code, and of what there can be no more.
    pub(crate) fn limit(code: &'static str, what: &str) -> Self {
        Self::LimitExceeded { code, message: format!("The maximum number of {what} has been reached.") }
    }

    /// A parameter, in the API model's spelling, whose value does not match the pattern that AWS has for it.
    pub(crate) fn invalid_format(value: &str, parameter: &str) -> Self {
        let message = format!("1 validation error detected: Value '{value}' at '{parameter}' has an invalid format");
        Self::InvalidParameterValue(message)
    }

    /// A refusal of one command alone, by its code and its reason.
    pub(crate) fn refused(code: &'static str, message: impl Into<String>) -> Self {
        Self::Refused { code, message: message.into() }
    }

    /// The AWS error code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound { code, .. }
            | Self::MalformedId { code, .. }
            | Self::LimitExceeded { code, .. }
            | Self::Refused { code, .. } => code,
            Self::InvalidZone { .. }
            | Self::InvalidParameterValue(_)
            | Self::InterfaceInUse(_)
            | Self::AddressOutside(_)
            | Self::AddressReserved(_)
            | Self::RuleRepeated
            | Self::EndpointRoute { .. } => "InvalidParameterValue",
            Self::InvalidId(_) => "InvalidID",
            Self::AddressInUse(_) => "InvalidIPAddress.InUse",
            Self::InvalidParameter(_) => "InvalidParameter",
            Self::DifferentNetworks => "InvalidGroup.NotFound",
            Self::InvalidParameterCombination(_) => "InvalidParameterCombination",
            Self::MissingParameter(_) => "MissingParameter",
            Self::InvalidVpcRange(_) | Self::VpcCidrRestricted(_) | Self::VpcCidrConflict(_) => "InvalidVpc.Range",
            Self::InvalidSubnetRange(_) => "InvalidSubnet.Range",
            Self::SubnetConflict(_) => "InvalidSubnet.Conflict",
            Self::InsufficientFreeAddresses(_) | Self::TooFewAddresses(_) => "InsufficientFreeAddressesInSubnet",
            Self::DependencyViolation(_) => "DependencyViolation",
            Self::RouteExists(_) | Self::PrefixListRouteExists { .. } => "RouteAlreadyExists",
            Self::RouteNotFound { .. } => "InvalidRoute.NotFound",
            Self::RouteNotSupported(_) => "RouteNotSupported",
            Self::AssociationExists { .. } | Self::GatewayAttached { .. } => "Resource.AlreadyAssociated",
            Self::GatewayNotAttached { .. } => "Gateway.NotAttached",
            Self::NatGatewayNotFound(_) => "NatGatewayNotFound",
            Self::NetworkAclEntryExists(_) => "NetworkAclEntryAlreadyExists",
            Self::NetworkAclEntryNotFound(_) => "InvalidNetworkAclEntry.NotFound",
            Self::DuplicateSubnetsInSameZone(_) => "DuplicateSubnetsInSameZone",
            Self::InvalidServiceName(_) => "InvalidServiceName",
            Self::InvalidPolicyDocument(_) => "InvalidPolicyDocument",
            Self::GroupDuplicate { .. } => "InvalidGroup.Duplicate",
            Self::GroupReserved => "InvalidGroup.Reserved",
            Self::GroupCannotBeDeleted(_) => "CannotDelete",
            Self::RuleDuplicate(_) => "InvalidPermission.Duplicate",
            Self::RuleNotFound => "InvalidPermission.NotFound",
            Self::AuthFailure => "AuthFailure",
            Self::RequesterManaged(_) | Self::OperationNotPermitted(_) => "OperationNotPermitted",
            Self::IdempotentParameterMismatch => "IdempotentParameterMismatch",
            Self::IdempotentInstanceTerminated => "IdempotentInstanceTerminated",
            Self::IncorrectInstanceState(_) => "IncorrectInstanceState",
            Self::DefaultVpcExists => "DefaultVpcAlreadyExists",
            Self::NoDefaultVpc => "DefaultVpcDoesNotExist",
            Self::DefaultSubnetExists { .. } => "DefaultSubnetAlreadyExistsInAvailabilityZone",
            Self::UnsupportedTenancy(_) => "UnsupportedTenancy",
            Self::Unsupported(_) => "UnsupportedOperation",
        }
    }
}
