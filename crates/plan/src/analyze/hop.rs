//! Hops: where a flow passes, and what decided there.

use std::net::{IpAddr, Ipv4Addr};

use serde::Serialize;
use sidegate_iam::{Outcome, PolicyKind};
use sidegate_model::{
    Direction, EgressOnlyInternetGatewayId, InternetGatewayId, IpCidr, NatGatewayId, NetworkAclId, NetworkInterfaceId,
    Region, RouteTableId, RuleAction, SecurityGroupId, SecurityGroupRuleId, SubnetId, VpcEndpointId, VpcId,
    VpcPeeringConnectionId,
};

use super::Code;

/// A place that a flow passes, or where it ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Hop {
    /// Whether the packet is on its way there, or the answer on its way back.
    pub leg: Leg,
    /// What the place is, and what decided there.
    pub step: Step,
    /// Why it ends here; `None` if it goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocks: Option<Code>,
    /// What else is worth knowing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Code>,
}

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Leg {
    /// To the destination.
    There,
    /// Back to the source.
    Back,
}

/// What a flow passes, with what decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Step {
    /// The resolver's answer.
    Name(Resolution),
    /// The interface that it leaves by.
    Source {
        /// The interface.
        interface: NetworkInterfaceId,
        /// Its subnet.
        subnet: SubnetId,
        /// Its VPC.
        vpc: VpcId,
        /// The address that it comes from; `None` if there is none of the family.
        address: Option<IpAddr>,
    },
    /// Somebody on the internet.
    Outside {
        /// The address.
        address: IpAddr,
    },
    /// The security groups of an interface.
    SecurityGroups {
        /// The interface.
        interface: NetworkInterfaceId,
        /// Whether they are asked of what comes in or goes out.
        direction: Direction,
        /// The groups.
        groups: Vec<SecurityGroupId>,
        /// The address of the other side.
        peer: IpAddr,
        /// The rule that lets it through.
        rule: Option<Rule>,
    },
    /// The network ACL of a subnet.
    NetworkAcl {
        /// The ACL.
        acl: NetworkAclId,
        /// The subnet.
        subnet: SubnetId,
        /// Whether it is asked of what comes in or goes out.
        direction: Direction,
        /// The address of the other side.
        peer: IpAddr,
        /// The entry that decides; `None` for the one that denies all the rest.
        entry: Option<Entry>,
    },
    /// The route table of a subnet.
    Routes(RouteChoice),
    /// The route table of an internet gateway, by which what comes in is routed.
    IngressRoutes(IngressChoice),
    /// A NAT gateway, which lends an address of its own.
    NatGateway {
        /// The gateway.
        gateway: NatGatewayId,
        /// Its interface.
        interface: NetworkInterfaceId,
        /// The address that it lends; `None` if it lends none.
        lent: Option<Ipv4Addr>,
    },
    /// An internet gateway.
    InternetGateway {
        /// The gateway.
        gateway: InternetGatewayId,
        /// Whether the packet comes into the VPC or goes out of it.
        direction: Direction,
        /// The address inside.
        private: IpAddr,
        /// The address outside; `None` if there is none.
        public: Option<IpAddr>,
    },
    /// An egress-only internet gateway.
    EgressOnlyInternetGateway {
        /// The gateway.
        gateway: EgressOnlyInternetGatewayId,
        /// The address inside and outside.
        address: IpAddr,
    },
    /// A peering connection.
    Peering {
        /// The connection.
        peering: VpcPeeringConnectionId,
        /// The VPC that it leads to.
        to: VpcId,
    },
    /// What runs behind an interface and gets what is not for it.
    Appliance {
        /// The interface.
        interface: NetworkInterfaceId,
    },
    /// A network interface that it is for.
    Interface {
        /// The interface.
        interface: NetworkInterfaceId,
        /// The address.
        address: IpAddr,
    },
    /// An endpoint.
    Endpoint(EndpointMet),
    /// An address of the VPC's own: the resolver, the metadata service, the router.
    Platform {
        /// The address.
        address: IpAddr,
        /// What is there.
        what: Platform,
    },
    /// An address that nobody in the VPC has.
    Nobody {
        /// The address.
        address: IpAddr,
    },
    /// An address on the internet that is nobody's of these accounts, nor a service's.
    Internet {
        /// The address.
        address: IpAddr,
    },
    /// A service at its public address.
    Service {
        /// The service; `None` if no service has the address.
        service: Option<&'static str>,
        /// The Region.
        region: Option<Region>,
        /// The address.
        address: IpAddr,
    },
    /// The port of a service, behind the connection.
    Listener {
        /// The service.
        service: &'static str,
        /// The port.
        port: u16,
    },
    /// The name that TLS asks for, and HTTP alone where there is no TLS.
    ServerName {
        /// The name.
        name: String,
        /// The service.
        service: &'static str,
        /// The port, which tells whether there is TLS.
        port: u16,
        /// The name of those served that covers it.
        covered_by: Option<String>,
    },
    /// A layer of policies.
    Policy(LayerMet),
}

/// What the resolver said, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Resolution {
    /// The name.
    pub name: String,
    /// The VPC whose resolver was asked; `None` on the internet.
    pub vpc: Option<VpcId>,
    /// The zone that says so. Empty for the root, and where nobody answers.
    pub zone: String,
    /// Whose the answer is.
    pub origin: NameOrigin,
    /// The addresses, in order.
    pub addresses: Vec<IpAddr>,
    /// The interface endpoints for the name's service that the name does not lead to, each with why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub passed_over: Vec<(VpcEndpointId, Code)>,
}

/// Whose an answer of the resolver is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum NameOrigin {
    /// The private zone of an endpoint with private DNS.
    PrivateDns(VpcEndpointId),
    /// The zone of the VPC's host names.
    HostNames,
    /// An endpoint's own name in public DNS.
    EndpointName(VpcEndpointId),
    /// A gateway endpoint, which decides of the records of its service's names.
    GatewayRecords(VpcEndpointId),
    /// The name of a public address.
    PublicHostName,
    /// Public DNS.
    PublicDns,
    /// The source itself.
    Loopback,
    /// Nobody: nothing answers.
    Nobody,
    /// Other name servers, which the VPC's DHCP options name. There may be none of them.
    OtherServers(Vec<IpAddr>),
}

/// A rule of a security group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Rule {
    /// The group.
    pub group: SecurityGroupId,
    /// The rule.
    pub id: SecurityGroupRuleId,
    /// What it lets through, such as `tcp 443 from sg-…`.
    pub text: String,
}

/// An entry of a network ACL.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    /// Its number.
    pub number: u16,
    /// Whether it allows.
    #[serde(serialize_with = "action")]
    pub action: RuleAction,
    /// What it is about, such as `tcp 443 10.0.0.0/16`.
    pub text: String,
}

fn action<S: serde::Serializer>(action: &RuleAction, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(action.as_str())
}

/// The route that a table has for an address, and those that lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RouteChoice {
    /// The table.
    pub table: RouteTableId,
    /// Whether it is the subnet's as the VPC's main one, without an association.
    pub is_main: bool,
    /// The subnet whose packets it routes.
    pub subnet: SubnetId,
    /// The address.
    pub address: IpAddr,
    /// The route; `None` if there is none.
    pub chosen: Option<Candidate>,
    /// The other routes that hold the address, the nearest first, each with why it lost.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<(Candidate, Code)>,
}

/// The route that the table of an internet gateway has for an address inside, and those that lost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IngressChoice {
    /// The gateway.
    pub gateway: InternetGatewayId,
    /// Its table.
    pub table: RouteTableId,
    /// The address.
    pub address: IpAddr,
    /// The route; `None` if there is none.
    pub chosen: Option<Candidate>,
    /// The other routes that hold the address, the nearest first, each with why it lost.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lost: Vec<(Candidate, Code)>,
}

/// A route that holds an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Candidate {
    /// The destination as it stands in the table: a block, or the prefix list that holds it.
    pub destination: String,
    /// The block.
    pub block: IpCidr,
    /// The target: an id, or `local`.
    pub target: String,
}

/// An endpoint that takes a connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EndpointMet {
    /// The endpoint.
    pub endpoint: VpcEndpointId,
    /// The service that it leads to.
    pub service: &'static str,
    /// Its network interface, if it is an interface endpoint: what is sent there goes on over `PrivateLink`.
    pub interface: Option<NetworkInterfaceId>,
    /// The interface's zone.
    pub zone: Option<String>,
    /// The address.
    pub address: IpAddr,
}

/// What is at an address of the VPC's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Platform {
    /// The resolver.
    Resolver,
    /// The instance metadata service.
    Metadata,
    /// The router, which serves nothing.
    Router,
}

/// What a layer of policies says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LayerMet {
    /// The action.
    pub action: String,
    /// The resource.
    pub resource: String,
    /// The layer.
    pub layer: PolicyKind,
    /// The level, in the layers of an organization; otherwise 0.
    pub level: usize,
    /// Whether the layer speaks of the principal at all.
    pub applies: bool,
    /// What its statements say, as if there were no other layer; `None` if it has none.
    pub outcome: Option<Outcome>,
    /// The statement that denies and so decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deciding: Option<Deciding>,
    /// Its statements, each with why it matches or does not.
    pub statements: Vec<String>,
}

/// The place of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Deciding {
    /// The policy in its layer or level, counted from 0.
    pub policy: usize,
    /// The statement in its policy.
    pub statement: usize,
    /// The statement among all that are listed.
    pub listed: usize,
}
