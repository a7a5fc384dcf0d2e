//! Changes: a setting, what it is and what it has to be, and how it is changed in the model.

use serde::{Serialize, Serializer};
use sidegate_iam::PolicyKind;
use sidegate_model::{
    Context, CreateRoute, CreateVpcEndpoint, Destination, Direction, Error, InstanceId, IpCidr, IpProtocol,
    ModifyVpcEndpoint, NetworkAclEntry, NetworkAclId, NetworkInterfaceId, NewRule, Peer, PortRange, RouteTableId,
    RouteTarget, RuleAction, Scope, SecurityGroupId, SubnetId, VpcAttribute, VpcEndpointId, VpcId, World,
};

use super::clause;
use crate::analyze::{Code, Flow, Goal};

/// A setting to change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Setting {
    /// What it does away with.
    pub code: Code,
    /// What is changed.
    pub change: Change,
    /// What it is now, for people.
    pub current: String,
    /// What it has to be, for people.
    pub needed: String,
}

/// What is changed, so that it could be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Change {
    /// A rule is added to a security group.
    Authorize {
        /// The group.
        group: SecurityGroupId,
        /// The direction.
        direction: Direction,
        /// The protocol.
        #[serde(serialize_with = "name")]
        protocol: IpProtocol,
        /// The ports, or ICMP's type and code.
        ports: Option<PortRange>,
        /// The other side.
        peer: Peer,
    },
    /// An entry is added to a network ACL.
    AddEntry {
        /// The ACL.
        acl: NetworkAclId,
        /// The entry.
        #[serde(serialize_with = "shown")]
        entry: NetworkAclEntry,
    },
    /// An entry is taken from a network ACL.
    RemoveEntry {
        /// The ACL.
        acl: NetworkAclId,
        /// The direction.
        direction: Direction,
        /// Its number.
        number: u16,
    },
    /// A gateway endpoint is associated with a route table.
    AssociateEndpoint {
        /// The endpoint.
        endpoint: VpcEndpointId,
        /// The table.
        table: RouteTableId,
    },
    /// A gateway endpoint is made.
    CreateGatewayEndpoint {
        /// The VPC.
        vpc: VpcId,
        /// The endpoint service name.
        service: String,
        /// The route table that gets its routes.
        table: RouteTableId,
    },
    /// An interface endpoint is made, with the VPC's default group.
    CreateInterfaceEndpoint {
        /// The VPC.
        vpc: VpcId,
        /// The endpoint service name.
        service: String,
        /// The subnet.
        subnet: SubnetId,
    },
    /// A route is added to a route table.
    CreateRoute {
        /// The table.
        table: RouteTableId,
        /// The destination.
        destination: Destination,
        /// The target.
        target: RouteTarget,
    },
    /// A route gets another target.
    ReplaceRoute {
        /// The table.
        table: RouteTableId,
        /// The destination.
        destination: Destination,
        /// The new target.
        target: RouteTarget,
    },
    /// A route is taken from a route table.
    DeleteRoute {
        /// The table.
        table: RouteTableId,
        /// The destination.
        destination: Destination,
    },
    /// An interface gets an Elastic IP address.
    AssociateAddress {
        /// The interface.
        interface: NetworkInterfaceId,
    },
    /// An interface gets an IPv6 address.
    AssignIpv6 {
        /// The interface.
        interface: NetworkInterfaceId,
    },
    /// A stopped instance is started.
    StartInstance {
        /// The instance.
        instance: InstanceId,
    },
    /// An endpoint's private DNS is turned on, in the whole VPC.
    PrivateDns {
        /// The endpoint.
        endpoint: VpcEndpointId,
    },
    /// A VPC's `enableDnsHostnames` is turned on.
    DnsHostnames {
        /// The VPC.
        vpc: VpcId,
    },
    /// A VPC's `enableDnsSupport` is turned on.
    DnsSupport {
        /// The VPC.
        vpc: VpcId,
    },
    /// The client asks for another name.
    Name {
        /// The name.
        name: String,
    },
    /// The client asks at another port.
    Port {
        /// The port.
        port: u16,
    },
    /// A layer of policies gets a statement that allows the call.
    Allow {
        /// The layer.
        layer: PolicyKind,
        /// The level, in the layers of an organization.
        level: usize,
        /// The endpoint whose policy it is, for that layer.
        endpoint: Option<VpcEndpointId>,
        /// The place of what is required among what the call requires.
        requirement: usize,
        /// The statement, as JSON.
        statement: String,
    },
    /// A statement that denies no longer speaks of the call.
    Except {
        /// The layer.
        layer: PolicyKind,
        /// The level, in the layers of an organization.
        level: usize,
        /// The endpoint whose policy it is, for that layer.
        endpoint: Option<VpcEndpointId>,
        /// The place of what is required among what the call requires.
        requirement: usize,
        /// The place of the policy in its layer or level.
        policy: usize,
        /// The place of the statement in its policy.
        statement: usize,
    },
}

/// A protocol by its name, or else its number: as the API has it.
fn name<S: Serializer>(protocol: &IpProtocol, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(protocol)
}

/// An entry with its protocol by name.
fn shown<S: Serializer>(entry: &NetworkAclEntry, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Shown<'a> {
        direction: Direction,
        number: u16,
        action: RuleAction,
        #[serde(serialize_with = "name")]
        protocol: IpProtocol,
        cidr: &'a IpCidr,
        ports: Option<PortRange>,
    }
    let NetworkAclEntry { direction, number, action, protocol, cidr, ports } = entry;
    let (direction, number, action, protocol, ports) = (*direction, *number, *action, *protocol, *ports);
    Shown { direction, number, action, protocol, cidr, ports }.serialize(serializer)
}

impl Change {
    /// The world and the flow with the change; `None` if it cannot be made.
    pub(super) fn apply(&self, world: &World, flow: &Flow) -> Option<(World, Flow)> {
        let (mut after, mut flow) = (world.clone(), flow.clone());
        match self {
            Self::Name { name } => flow.goal = Goal::Name(name.clone()),
            Self::Port { port } => flow.port = *port,
            Self::Allow { .. } | Self::Except { .. } => clause::apply(self, &mut after, &mut flow)?,
            other => {
                let scope = other.scope(world)?;
                command(&mut after, scope, |world, context| other.command(world, context)).ok()?;
            }
        }
        Some((after, flow))
    }

    /// Whose the changed resource is, and where.
    fn scope(&self, world: &World) -> Option<Scope> {
        Some(match self {
            Self::Authorize { group, .. } => world.security_groups.get(group)?.scope.clone(),
            Self::AddEntry { acl, .. } | Self::RemoveEntry { acl, .. } => world.network_acls.get(acl)?.scope.clone(),
            Self::AssociateEndpoint { endpoint, .. } | Self::PrivateDns { endpoint } => {
                world.endpoints.get(endpoint)?.scope.clone()
            }
            Self::CreateGatewayEndpoint { vpc, .. }
            | Self::CreateInterfaceEndpoint { vpc, .. }
            | Self::DnsHostnames { vpc }
            | Self::DnsSupport { vpc } => world.vpcs.get(vpc)?.scope.clone(),
            Self::CreateRoute { table, .. } | Self::ReplaceRoute { table, .. } | Self::DeleteRoute { table, .. } => {
                world.route_tables.get(table)?.scope.clone()
            }
            Self::AssociateAddress { interface } | Self::AssignIpv6 { interface } => {
                world.interfaces.get(interface)?.scope.clone()
            }
            Self::StartInstance { instance } => world.instances.get(instance)?.scope.clone(),
            Self::Name { .. } | Self::Port { .. } | Self::Allow { .. } | Self::Except { .. } => return None,
        })
    }

    /// Makes the change by the command that a client's call becomes.
    fn command(&self, world: &mut World, context: &mut Context<'_>) -> Result<(), Error> {
        match self.clone() {
            Self::Authorize { group, direction, protocol, ports, peer } => {
                let rule = NewRule { direction, protocol, ports, peer, description: None };
                world.authorize(context, &group, vec![rule]).map(drop)
            }
            Self::AddEntry { acl, entry } => world.create_network_acl_entry(context, &acl, entry),
            Self::RemoveEntry { acl, direction, number } => {
                world.delete_network_acl_entry(context, &acl, direction, number.into())
            }
            Self::AssociateEndpoint { endpoint, table } => {
                let wanted = ModifyVpcEndpoint { add_route_tables: vec![table], ..ModifyVpcEndpoint::default() };
                world.modify_vpc_endpoint(context, &endpoint, wanted).map(drop)
            }
            Self::CreateGatewayEndpoint { vpc, service, table } => {
                let route_tables = vec![table];
                let wanted =
                    CreateVpcEndpoint { vpc: Some(vpc), service, route_tables, ..CreateVpcEndpoint::default() };
                world.create_vpc_endpoint(context, wanted).map(drop)
            }
            Self::CreateInterfaceEndpoint { vpc, service, subnet } => {
                let (interface, subnets) = (true, vec![subnet]);
                let wanted =
                    CreateVpcEndpoint { vpc: Some(vpc), service, interface, subnets, ..CreateVpcEndpoint::default() };
                world.create_vpc_endpoint(context, wanted).map(drop)
            }
            Self::CreateRoute { table, destination, target } => {
                world.create_route(context, CreateRoute { table, destination, target })
            }
            Self::ReplaceRoute { table, destination, target } => {
                world.replace_route(context, CreateRoute { table, destination, target })
            }
            Self::DeleteRoute { table, destination } => world.delete_route(context, &table, &destination),
            Self::AssociateAddress { interface } => {
                let allocation = world.allocate_address(context, None)?;
                world.associate_address(context, &allocation, &interface, None, false).map(drop)
            }
            Self::AssignIpv6 { interface } => world.assign_ipv6_addresses(context, &interface, &[], 1).map(drop),
            Self::StartInstance { instance } => world.start_instance(context, &instance).map(drop),
            Self::PrivateDns { endpoint } => {
                let wanted = ModifyVpcEndpoint {
                    private_dns: Some(true),
                    inbound_resolver_only: Some(false),
                    ..ModifyVpcEndpoint::default()
                };
                let plain = ModifyVpcEndpoint { private_dns: Some(true), ..ModifyVpcEndpoint::default() };
                // Only S3 has the other setting.
                let both = world.clone().modify_vpc_endpoint(context, &endpoint, wanted.clone()).is_ok();
                world.modify_vpc_endpoint(context, &endpoint, if both { wanted } else { plain }).map(drop)
            }
            Self::DnsHostnames { vpc } => world.modify_vpc_attribute(context, &vpc, VpcAttribute::DnsHostnames(true)),
            Self::DnsSupport { vpc } => world.modify_vpc_attribute(context, &vpc, VpcAttribute::DnsSupport(true)),
            Self::Name { .. } | Self::Port { .. } | Self::Allow { .. } | Self::Except { .. } => Ok(()),
        }
    }
}

/// Runs a command. Nobody keeps what it makes, so that any ids do.
pub(super) fn command(
    world: &mut World, scope: Scope, command: impl FnOnce(&mut World, &mut Context<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    // Others than those of an earlier change in the same world.
    let made = world.endpoints.len() + world.elastic_ips.len() + world.interfaces.len();
    let mut bits = u64::MAX << 32 | u64::try_from(made).unwrap_or_default() << 8;
    let mut entropy = || {
        bits = bits.wrapping_add(1);
        bits
    };
    command(world, &mut Context { scope, now: 0, entropy: &mut entropy })
}

/// An entry that allows packets, under a number of its own.
pub(super) fn allowing(
    direction: Direction, number: u16, protocol: IpProtocol, cidr: IpCidr, ports: Option<PortRange>,
) -> Option<NetworkAclEntry> {
    let is_icmp = matches!(protocol, IpProtocol::ICMP | IpProtocol::ICMPV6);
    let (plain, icmp) = if is_icmp { (None, ports) } else { (ports, None) };
    NetworkAclEntry::new(direction, number.into(), RuleAction::Allow, protocol, cidr, plain, icmp).ok()
}
