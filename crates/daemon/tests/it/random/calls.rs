//! Random calls about what there is.

use std::collections::BTreeSet;

use sidegate_model::{
    Attachment, Direction, Endpoint, NetworkAcl, NetworkInterface, RouteTable, SecurityGroup, Subnet, World,
};

use super::dice::Dice;
use crate::harness::{Daemon, Network};

/// What the calls are about beside what they make: a VPC with its subnets, and another one to peer with.
pub(super) struct Place {
    pub(super) vpc: String,
    pub(super) peer: Peer,
    internet_gateway: String,
    addresses: [String; 2],
}

/// The other VPC, whose group lets everything in and out.
pub(super) struct Peer {
    vpc: String,
    pub(super) subnet: String,
    table: String,
    pub(super) group: String,
}

/// The block of the other VPC.
const PEER_BLOCK: &str = "10.78.0.0/16";

impl Place {
    /// Makes what is to be there from the start.
    pub(super) fn build(daemon: &Daemon, network: &Network) -> Self {
        network.open(daemon);
        let vpc = daemon.make("CreateVpc", &[("CidrBlock", PEER_BLOCK)], "vpcId");
        let subnet = daemon.make("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.78.1.0/24")], "subnetId");
        let table = daemon.make("CreateRouteTable", &[("VpcId", &vpc)], "routeTableId");
        daemon.ec2("AssociateRouteTable", &[("RouteTableId", &table), ("SubnetId", &subnet)]).unwrap();
        let group = [("VpcId", vpc.as_str()), ("GroupName", "open"), ("GroupDescription", "open to its peer")];
        let group = daemon.make("CreateSecurityGroup", &group, "groupId");
        let open = [
            ("GroupId", group.as_str()),
            ("IpPermissions.1.IpProtocol", "-1"),
            ("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0"),
        ];
        daemon.ec2("AuthorizeSecurityGroupIngress", &open).unwrap();
        let internet_gateway = daemon.make("CreateInternetGateway", &[], "internetGatewayId");
        let attached = [("InternetGatewayId", internet_gateway.as_str()), ("VpcId", &network.vpc)];
        daemon.ec2("AttachInternetGateway", &attached).unwrap();
        let addresses = std::array::from_fn(|_| daemon.make("AllocateAddress", &[], "allocationId"));
        let peer = Peer { vpc, subnet, table, group };
        Self { vpc: network.vpc.clone(), peer, internet_gateway, addresses }
    }

    /// The ids of what has been made of one kind, in the order in which it was.
    pub(super) fn ids(&self) -> impl Iterator<Item = &String> {
        self.addresses.iter()
    }

    fn subnets<'a>(&'a self, world: &'a World) -> impl Iterator<Item = &'a Subnet> {
        world.subnets.iter().filter(|subnet| subnet.vpc.to_string() == self.vpc)
    }

    fn tables<'a>(&'a self, world: &'a World) -> impl Iterator<Item = &'a RouteTable> {
        world.route_tables.iter().filter(|table| table.vpc.to_string() == self.vpc)
    }

    fn groups<'a>(&'a self, world: &'a World) -> impl Iterator<Item = &'a SecurityGroup> {
        world.security_groups.iter().filter(|group| group.vpc.to_string() == self.vpc)
    }

    fn acls<'a>(&'a self, world: &'a World) -> impl Iterator<Item = &'a NetworkAcl> {
        world.network_acls.iter().filter(|acl| acl.vpc.to_string() == self.vpc)
    }
}

/// The interfaces of the instances in the first VPC.
fn instances<'a>(world: &'a World, place: &'a Place) -> impl Iterator<Item = &'a NetworkInterface> {
    let of_instance = |i: &&NetworkInterface| matches!(i.attachment, Attachment::Instance { .. });
    world.interfaces.iter().filter(of_instance).filter(|i| i.vpc.to_string() == place.vpc)
}

type Parameters = Vec<(String, String)>;

/// An action and its parameters.
type Call = (&'static str, Parameters);

fn parameters(of: &[(&str, &str)]) -> Parameters {
    of.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A random call about what there is; `None` if there is nothing that it could be about.
pub(super) fn call(dice: &mut Dice, world: &World, place: &Place) -> Option<Call> {
    match dice.below(10) {
        0 => subnet_or_table(dice, world, place),
        1 | 2 => group(dice, world, place),
        3 => new_endpoint(dice, world, place),
        4 => acl(dice, world, place),
        5 => endpoint(dice, world, place),
        6 => gateway(dice, world, place),
        7 => address(dice, world, place),
        8 => peering(dice, world, place),
        _ => route(dice, world, place),
    }
}

fn subnet_or_table(dice: &mut Dice, world: &World, place: &Place) -> Option<Call> {
    let table = dice.made(place.tables(world))?.id.to_string();
    let subnet = dice.made(place.subnets(world))?.id.to_string();
    // A subnet has one association at most, by which they have an order.
    let mut associations: Vec<_> = place.tables(world).flat_map(|table| &table.associations).collect();
    associations.sort_by_key(|(_, subnet)| dice.age(&subnet.to_string()));
    let association = dice.one(associations).map(|(id, _)| id.to_string());
    Some(match dice.below(8) {
        0 => {
            let block = format!("10.77.{}.0/24", 1 + dice.below(4));
            let zone = dice.one(["us-east-1a", "us-east-1b"])?;
            let wanted = [("VpcId", place.vpc.as_str()), ("CidrBlock", &block), ("AvailabilityZone", zone)];
            ("CreateSubnet", parameters(&wanted))
        }
        1 => ("DeleteSubnet", parameters(&[("SubnetId", &subnet)])),
        2 => ("CreateRouteTable", parameters(&[("VpcId", &place.vpc)])),
        3 => ("DeleteRouteTable", parameters(&[("RouteTableId", &table)])),
        4 | 5 => ("AssociateRouteTable", parameters(&[("RouteTableId", &table), ("SubnetId", &subnet)])),
        6 => ("DisassociateRouteTable", parameters(&[("AssociationId", &association?)])),
        _ => {
            let wanted = [("AssociationId", association?), ("RouteTableId", table)];
            ("ReplaceRouteTableAssociation", wanted.map(|(n, v)| (n.to_owned(), v)).into())
        }
    })
}

/// A call about network ACLs. One that is made anew lets all of the VPC through before it is given to a subnet, or little
/// would be seen of what else is drawn.
fn acl(dice: &mut Dice, world: &World, place: &Place) -> Option<Call> {
    let acl = dice.made(place.acls(world))?;
    let id = acl.id.to_string();
    let direction = dice.one(["true", "false"])?;
    let entry = |number: usize, action: &str, protocol: &str, block: &str| {
        let mut wanted =
            parameters(&[("NetworkAclId", &id), ("RuleNumber", &number.to_string()), ("Egress", direction)]);
        wanted.extend(parameters(&[("RuleAction", action), ("Protocol", protocol), ("CidrBlock", block)]));
        if protocol == "6" {
            wanted.extend(parameters(&[("PortRange.From", "443"), ("PortRange.To", "443")]));
        }
        ("CreateNetworkAclEntry", wanted)
    };
    Some(match dice.below(10) {
        0 => ("CreateNetworkAcl", parameters(&[("VpcId", &place.vpc)])),
        1 => ("DeleteNetworkAcl", parameters(&[("NetworkAclId", &id)])),
        2 => {
            let association = world.network_acl_of(dice.made(place.subnets(world))?)?.id.to_string();
            let lets_through = |direction| acl.entries().iter().any(|e| e.number >= 100 && e.direction == direction);
            if ![Direction::Ingress, Direction::Egress].into_iter().all(lets_through) {
                return None;
            }
            ("ReplaceNetworkAclAssociation", parameters(&[("AssociationId", &association), ("NetworkAclId", &id)]))
        }
        3 | 4 => {
            let number = dice.one(acl.entries().iter().map(|e| e.number).filter(|number| *number < 100))?;
            let wanted = [("NetworkAclId", id.as_str()), ("RuleNumber", &number.to_string()), ("Egress", direction)];
            ("DeleteNetworkAclEntry", parameters(&wanted))
        }
        5 | 6 => entry(100, "allow", "-1", "0.0.0.0/0"),
        _ => {
            let blocks = ["10.77.0.0/16", "10.77.1.0/24", "10.77.2.0/24", "198.18.0.0/15"];
            entry(1 + dice.below(20), dice.one(["allow", "deny"])?, dice.one(["-1", "6"])?, dice.one(blocks)?)
        }
    })
}

fn group(dice: &mut Dice, world: &World, place: &Place) -> Option<Call> {
    let group = dice.made(place.groups(world))?;
    let id = group.id.to_string();
    Some(match dice.below(10) {
        0 => {
            let name = format!("group {}", dice.below(1_000_000));
            let wanted = [("VpcId", place.vpc.as_str()), ("GroupName", &name), ("GroupDescription", "random")];
            ("CreateSecurityGroup", parameters(&wanted))
        }
        1 => ("DeleteSecurityGroup", parameters(&[("GroupId", &id)])),
        2 => {
            let interface = dice.made(instances(world, place))?.id.to_string();
            let wanted = [("NetworkInterfaceId", interface.as_str()), ("SecurityGroupId.1", &id)];
            ("ModifyNetworkInterfaceAttribute", parameters(&wanted))
        }
        3 | 4 => {
            let rule = dice.one(&group.rules)?;
            let action = match rule.rule.direction {
                Direction::Ingress => "RevokeSecurityGroupIngress",
                Direction::Egress => "RevokeSecurityGroupEgress",
            };
            (action, parameters(&[("GroupId", &id), ("SecurityGroupRuleId.1", &rule.id.to_string())]))
        }
        _ => {
            let mut wanted = parameters(&[("GroupId", &id)]);
            wanted.extend(match dice.below(3) {
                0 => parameters(&[("IpPermissions.1.IpProtocol", "-1")]),
                n => {
                    let (from, to) = if n == 1 { ("443", "443") } else { ("0", "65535") };
                    let ports = [("IpPermissions.1.FromPort", from), ("IpPermissions.1.ToPort", to)];
                    parameters(&[&[("IpPermissions.1.IpProtocol", "tcp")][..], &ports].concat())
                }
            });
            let other = dice.made(place.groups(world))?.id.to_string();
            let blocks = ["0.0.0.0/0", "10.77.0.0/16", "10.77.1.0/24", "198.18.0.0/15"];
            wanted.extend(match dice.below(2) {
                0 => parameters(&[("IpPermissions.1.Groups.1.GroupId", &other)]),
                _ => parameters(&[("IpPermissions.1.IpRanges.1.CidrIp", dice.one(blocks)?)]),
            });
            let action = dice.one(["AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress"])?;
            (action, wanted)
        }
    })
}

fn new_endpoint(dice: &mut Dice, world: &World, place: &Place) -> Option<Call> {
    let mut wanted = parameters(&[("VpcId", &place.vpc)]);
    if dice.below(3) == 0 {
        wanted.extend(parameters(&[("ServiceName", "com.amazonaws.us-east-1.s3")]));
        let table = dice.made(place.tables(world))?.id.to_string();
        wanted.push(("RouteTableId.1".to_owned(), table));
        return Some(("CreateVpcEndpoint", wanted));
    }
    let service = dice.one(["com.amazonaws.us-east-1.secretsmanager", "com.amazonaws.us-east-1.s3"])?;
    wanted.extend(parameters(&[("ServiceName", service), ("VpcEndpointType", "Interface")]));
    let zones: BTreeSet<_> = place.subnets(world).map(|s| s.zone).collect();
    let of_zone = |zone| place.subnets(world).filter(move |s| s.zone == zone);
    let subnets: Vec<_> = zones.into_iter().filter_map(|zone| Some(&dice.made(of_zone(zone))?.id)).collect();
    let count = 1 + dice.below(subnets.len().max(1));
    for (i, subnet) in subnets.iter().take(count).enumerate() {
        wanted.push((format!("SubnetId.{}", i + 1), subnet.to_string()));
    }
    let group = dice.made(place.groups(world))?.id.to_string();
    wanted.push(("SecurityGroupId.1".to_owned(), group));
    wanted.extend(parameters(&[("PrivateDnsEnabled", dice.one(["true", "true", "false"])?)]));
    if service.ends_with("s3") {
        wanted.extend(parameters(&[("DnsOptions.PrivateDnsOnlyForInboundResolverEndpoint", "false")]));
    }
    Some(("CreateVpcEndpoint", wanted))
}

fn endpoint(dice: &mut Dice, world: &World, place: &Place) -> Option<Call> {
    let endpoint: &Endpoint = dice.made(world.endpoints.iter())?;
    let id = endpoint.id.to_string();
    if dice.below(4) == 0 {
        return Some(("DeleteVpcEndpoints", parameters(&[("VpcEndpointId.1", &id)])));
    }
    let verb = dice.one(["Add", "Remove"])?;
    let (what, value) = match (endpoint.interface().is_some(), dice.below(3)) {
        (false, _) => ("RouteTableId", dice.made(place.tables(world))?.id.to_string()),
        (true, 0) => ("SubnetId", dice.made(place.subnets(world))?.id.to_string()),
        (true, 1) => ("SecurityGroupId", dice.made(place.groups(world))?.id.to_string()),
        (true, _) => {
            let value = dice.one(["true", "false"])?;
            let wanted = parameters(&[("VpcEndpointId", &id), ("PrivateDnsEnabled", value)]);
            return Some(("ModifyVpcEndpoint", wanted));
        }
    };
    Some(("ModifyVpcEndpoint", parameters(&[("VpcEndpointId", &id), (&format!("{verb}{what}.1"), &value)])))
}

fn gateway(dice: &mut Dice, world: &World, place: &Place) -> Option<Call> {
    let internet = [("InternetGatewayId", place.internet_gateway.as_str()), ("VpcId", &place.vpc)];
    Some(match dice.below(8) {
        0..3 => ("AttachInternetGateway", parameters(&internet)),
        3 => ("DetachInternetGateway", parameters(&internet)),
        4 => {
            let nat = dice.made(world.nat_gateways.iter())?.id.to_string();
            ("DeleteNatGateway", parameters(&[("NatGatewayId", &nat)]))
        }
        kind => {
            let subnet = dice.made(place.subnets(world))?.id.to_string();
            let mut wanted = parameters(&[("SubnetId", &subnet)]);
            if kind == 5 {
                wanted.extend(parameters(&[("ConnectivityType", "private")]));
            } else {
                wanted.push(("AllocationId".to_owned(), dice.one(&place.addresses)?.clone()));
            }
            ("CreateNatGateway", wanted)
        }
    })
}

fn address(dice: &mut Dice, world: &World, place: &Place) -> Option<Call> {
    let interface = dice.made(instances(world, place))?;
    let id = interface.id.to_string();
    Some(match dice.below(6) {
        0..3 => {
            let allocation = dice.one(&place.addresses)?;
            let private = dice.one(interface.addresses())?.to_string();
            let mut wanted = parameters(&[("AllocationId", allocation), ("NetworkInterfaceId", &id)]);
            wanted.extend(parameters(&[("PrivateIpAddress", &private), ("AllowReassociation", "true")]));
            ("AssociateAddress", wanted)
        }
        3 => {
            let associated = world.elastic_ips.iter().filter(|own| own.association.is_some());
            let association = dice.made(associated)?.association.as_ref()?.id.to_string();
            ("DisassociateAddress", parameters(&[("AssociationId", &association)]))
        }
        4 => {
            let own = interface.address.octets();
            let another = format!("{}.{}.{}.{}", own[0], own[1], own[2], 100 + dice.below(50));
            let wanted = [("NetworkInterfaceId", id.as_str()), ("PrivateIpAddress.1", &another)];
            ("AssignPrivateIpAddresses", parameters(&wanted))
        }
        _ => {
            let secondary = dice.one(&interface.secondary)?.to_string();
            let wanted = [("NetworkInterfaceId", id.as_str()), ("PrivateIpAddress.1", &secondary)];
            ("UnassignPrivateIpAddresses", parameters(&wanted))
        }
    })
}

fn peering(dice: &mut Dice, world: &World, place: &Place) -> Option<Call> {
    let existing = dice.made(world.peerings.iter()).map(|peering| peering.id.to_string());
    let of_it = |id: String| parameters(&[("VpcPeeringConnectionId", &id)]);
    Some(match dice.below(8) {
        0..2 => {
            let mut sides = [&place.vpc, &place.peer.vpc];
            if dice.below(2) == 0 {
                sides.reverse();
            }
            let wanted = [("VpcId", sides[0].as_str()), ("PeerVpcId", sides[1])];
            ("CreateVpcPeeringConnection", parameters(&wanted))
        }
        2..7 => ("AcceptVpcPeeringConnection", of_it(existing?)),
        _ => ("DeleteVpcPeeringConnection", of_it(existing?)),
    })
}

/// A call about routes: to the internet over a gateway, or to the other VPC over a peering connection. Those of the other
/// VPC come back.
fn route(dice: &mut Dice, world: &World, place: &Place) -> Option<Call> {
    let is_of_peer = dice.below(4) == 0;
    let table = if is_of_peer { place.peer.table.clone() } else { dice.made(place.tables(world))?.id.to_string() };
    let (block, target, id) = if is_of_peer || dice.below(3) == 0 {
        let block = if is_of_peer { dice.one(["10.77.0.0/16", "10.77.1.0/24"])? } else { PEER_BLOCK };
        (block, "VpcPeeringConnectionId", dice.made(world.peerings.iter())?.id.to_string())
    } else {
        let block = dice.one(["0.0.0.0/0", "198.18.0.0/15"])?;
        match dice.below(2) {
            0 => (block, "GatewayId", place.internet_gateway.clone()),
            _ => (block, "NatGatewayId", dice.made(world.nat_gateways.iter())?.id.to_string()),
        }
    };
    let mut wanted = parameters(&[("RouteTableId", &table), ("DestinationCidrBlock", block)]);
    let action = dice.one(["CreateRoute", "CreateRoute", "ReplaceRoute", "DeleteRoute"])?;
    if action != "DeleteRoute" {
        wanted.push((target.to_owned(), id));
    }
    Some((action, wanted))
}
