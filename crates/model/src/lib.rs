//! The world of a private AWS network: what exists, who owns it, and which commands may change it.
//!
//! Everything here is pure: no clock, no randomness, no files, no sockets. A [`World`] is an immutable value that is
//! cheap to clone; a command takes a world and a [`Context`] (who asks, when, with which random numbers) and either
//! changes the world or returns an [`Error`] that carries AWS's code and wording. Names follow the EC2 API reference.

mod catalog;
mod cidr;
mod component;
mod default_vpc;
mod dhcp_options;
mod egress_only_internet_gateway;
mod elastic_ip;
mod endpoint;
mod error;
mod flow_log;
mod id;
mod instance;
mod internet_gateway;
mod ip_cidr;
mod ipv6_cidr;
mod key_pair;
mod nat_gateway;
mod network_acl;
mod network_insights_analysis;
mod network_insights_path;
mod network_interface;
mod occupancy;
mod peering;
mod prefix_list;
mod public_address;
mod region;
mod route_table;
mod security_group;
mod subnet;
mod table;
mod tag;
mod volume;
mod vpc;
mod vpn_gateway;
mod wildcard;
mod world;

pub use catalog::{ApiProtocol, Catalog, Service, ServiceKind};
pub use cidr::{Ipv4Cidr, Ipv4Range};
pub use component::{Component, ComponentId};
pub use default_vpc::OpenedRegion;
pub use dhcp_options::{DhcpConfiguration, DhcpOptions, NameServer, VpcDhcpOptions};
pub use egress_only_internet_gateway::EgressOnlyInternetGateway;
pub use elastic_ip::{ELASTIC_IP_LIMIT, ElasticIp, ElasticIpAssociation};
pub use endpoint::{
    CreateVpcEndpoint, DnsEntry, DnsRecordIpType, Endpoint, EndpointKind, FixedAddresses, InterfaceEndpoint,
    IpAddressType, ModifyVpcEndpoint, POLICY_LIMIT, PolicyChange, RecordFamilies,
};
pub use error::Error;
pub use flow_log::record as flow_record;
pub use flow_log::{
    AggregationInterval, DeliveryError, Field, FlowLog, FlowLogDestination, FlowLogResource, FlowLogSettings,
    LogFormat, LogGroup, RoleArn, S3Folder, S3Partitions, TrafficType,
};
pub use id::*;
pub use instance::{
    Instance, InstanceAttribute, InstanceProfile, InstanceProfileAssociation, InstanceState, MetadataOptions,
    RunInstance, ShutdownBehavior,
};
pub use internet_gateway::InternetGateway;
pub use ip_cidr::{AddressFamily, IpCidr, IpRange};
pub use ipv6_cidr::{Ipv6Cidr, Ipv6Range};
pub use key_pair::{InstanceKey, KeyPair, KeyType, NewKeyPair};
pub use nat_gateway::{
    AssignNatAddresses, AssociateNatAddresses, Connectivity, CreateNatGateway, DrainDuration, NatGateway,
    NatGatewayAddress, NatGatewayState, NatSources,
};
pub use network_acl::{
    FINAL_IPV4_ENTRY, FINAL_IPV6_ENTRY, NetworkAcl, NetworkAclAssociation, NetworkAclEntry, RuleAction,
};
pub use network_insights_analysis::{
    AnalysisOutcome, AnalysisSettings, Deciding, Explanation, ExplanationCode, MetRoute, NamedComponent,
    NetworkInsightsAnalysis, PacketHeader, PathComponent,
};
pub use network_insights_path::{NetworkInsightsPath, PathDefinition, PathFilter, PathProtocol, PortSpan};
pub use network_interface::{
    AssignPrivateAddresses, Attachment, Detached, InterfaceLimits, NetworkInterface, SecondaryAddresses,
};
pub use occupancy::Occupied;
pub use peering::{PeerGroup, PeerReference, PeeringSide, PeeringState, VpcPeeringConnection};
pub use prefix_list::{
    CreatePrefixList, CustomerPrefixList, ModifyPrefixList, PrefixList, PrefixListEntry, PrefixListState,
    PrefixListUser, PrefixListVersion,
};
pub use public_address::{AutomaticAddress, MappedAddress};
pub use region::{AccountId, Arn, Region, Scope, Zone};
pub use route_table::{Association, CreateRoute, Destination, Route, RouteState, RouteTable, RouteTarget};
pub use security_group::{
    Direction, GroupName, IpProtocol, NewRule, Peer, PortRange, SecurityGroup, SecurityGroupRule,
};
pub use subnet::{
    HostNameOptions, HostnameType, RESERVED_ADDRESSES, ReservationType, Subnet, SubnetAttribute, SubnetCidrReservation,
    SubnetIpv6Cidr,
};
pub use table::{Change, Entity, Table};
pub use tag::Tags;
pub use volume::{BlockDevice, Volume, VolumeAttachment, VolumeShape, VolumeType};
pub use vpc::{Vpc, VpcAttribute, VpcCidrBlock};
pub use vpn_gateway::{AmazonSideAsn, FormerAttachment, VpnGateway};
pub use wildcard::wildcard_covers;
pub use world::{Context, Token, World};
