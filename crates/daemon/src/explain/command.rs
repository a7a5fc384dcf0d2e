//! Commands of the AWS CLI that change a setting as it is proposed.
//!
//! Source: AWS CLI command reference, `aws ec2`.

use sidegate_model::{
    Destination, Direction, IpCidr, IpProtocol, NetworkAclEntry, Peer, PortRange, RouteTarget, VpcEndpointId, World,
};
use sidegate_plan::analyze::Change;

/// The command that makes a change; `None` if it is made elsewhere: at the client, or in a policy.
pub(super) fn command(world: &World, change: &Change) -> Option<String> {
    let rest = match change {
        Change::Authorize { group, direction, protocol, ports, peer } => {
            let way = side(*direction);
            let permission = permission(*protocol, *ports, peer);
            format!("authorize-security-group-{way} --group-id {group} --ip-permissions '{permission}'")
        }
        Change::AddEntry { acl, entry } => format!("create-network-acl-entry --network-acl-id {acl} {}", added(entry)),
        Change::RemoveEntry { acl, direction, number } => {
            let way = side(*direction);
            format!("delete-network-acl-entry --network-acl-id {acl} --{way} --rule-number {number}")
        }
        Change::AssociateEndpoint { endpoint, table } => {
            format!("modify-vpc-endpoint --vpc-endpoint-id {endpoint} --add-route-table-ids {table}")
        }
        Change::CreateGatewayEndpoint { vpc, service, table } => {
            format!("create-vpc-endpoint --vpc-id {vpc} --service-name {service} --route-table-ids {table}")
        }
        Change::CreateInterfaceEndpoint { vpc, service, subnet } => format!(
            "create-vpc-endpoint --vpc-endpoint-type Interface --vpc-id {vpc} --service-name {service} \
             --subnet-ids {subnet}"
        ),
        Change::CreateRoute { table, destination, target } => {
            let (to, by) = (destination_option(destination), target_option(target)?);
            format!("create-route --route-table-id {table} {to} {by}")
        }
        Change::ReplaceRoute { table, destination, target } => {
            let (to, by) = (destination_option(destination), target_option(target)?);
            format!("replace-route --route-table-id {table} {to} {by}")
        }
        Change::DeleteRoute { table, destination } => {
            format!("delete-route --route-table-id {table} {}", destination_option(destination))
        }
        Change::AssociateAddress { interface } => format!(
            "associate-address --network-interface-id {interface} --allocation-id \
             $(aws ec2 allocate-address --query AllocationId --output text)"
        ),
        Change::AssignIpv6 { interface } => {
            format!("assign-ipv6-addresses --network-interface-id {interface} --ipv6-address-count 1")
        }
        Change::StartInstance { instance } => format!("start-instances --instance-ids {instance}"),
        Change::PrivateDns { endpoint } => private_dns(world, endpoint),
        Change::DnsHostnames { vpc } => format!("modify-vpc-attribute --vpc-id {vpc} --enable-dns-hostnames"),
        Change::DnsSupport { vpc } => format!("modify-vpc-attribute --vpc-id {vpc} --enable-dns-support"),
        Change::Name { .. } | Change::Port { .. } | Change::Allow { .. } | Change::Except { .. } => return None,
    };
    Some(format!("aws ec2 {rest}"))
}

const fn side(direction: Direction) -> &'static str {
    match direction {
        Direction::Ingress => "ingress",
        Direction::Egress => "egress",
    }
}

/// A permission in the shorthand of the AWS CLI.
fn permission(protocol: IpProtocol, ports: Option<PortRange>, peer: &Peer) -> String {
    let ports = ports.map(|PortRange { from, to }| format!("FromPort={from},ToPort={to},")).unwrap_or_default();
    let peer = match peer {
        Peer::Cidr(block) => format!("IpRanges=[{{CidrIp={block}}}]"),
        Peer::Cidr6(address, length) => format!("Ipv6Ranges=[{{CidrIpv6={address}/{length}}}]"),
        Peer::Group(group) => format!("UserIdGroupPairs=[{{GroupId={group}}}]"),
        Peer::PrefixList(list) => format!("PrefixListIds=[{{PrefixListId={list}}}]"),
    };
    format!("IpProtocol={},{ports}{peer}", number(protocol))
}

/// A protocol by its number, as every action takes it.
fn number(protocol: IpProtocol) -> i32 {
    match protocol {
        IpProtocol::All => -1,
        IpProtocol::Number(number) => number.into(),
    }
}

fn added(entry: &NetworkAclEntry) -> String {
    let block = match entry.cidr {
        IpCidr::V4(block) => format!("--cidr-block {block}"),
        IpCidr::V6(block) => format!("--ipv6-cidr-block {block}"),
    };
    let is_icmp = matches!(entry.protocol, IpProtocol::ICMP | IpProtocol::ICMPV6);
    let ports = match entry.ports {
        Some(PortRange { from, to }) if is_icmp => format!(" --icmp-type-code Type={from},Code={to}"),
        Some(PortRange { from, to }) => format!(" --port-range From={from},To={to}"),
        None => String::new(),
    };
    format!(
        "--{} --rule-number {} --protocol {} --rule-action {} {block}{ports}",
        side(entry.direction),
        entry.number,
        number(entry.protocol),
        entry.action.as_str(),
    )
}

fn destination_option(destination: &Destination) -> String {
    match destination {
        Destination::Cidr(block) => format!("--destination-cidr-block {block}"),
        Destination::Ipv6(block) => format!("--destination-ipv6-cidr-block {block}"),
        Destination::PrefixList(list) => format!("--destination-prefix-list-id {list}"),
    }
}

fn target_option(target: &RouteTarget) -> Option<String> {
    Some(match target {
        RouteTarget::Local => "--local-target".to_owned(),
        RouteTarget::InternetGateway(id) => format!("--gateway-id {id}"),
        RouteTarget::VpnGateway(id) => format!("--gateway-id {id}"),
        RouteTarget::EgressOnlyInternetGateway(id) => format!("--egress-only-internet-gateway-id {id}"),
        RouteTarget::NatGateway(id) => format!("--nat-gateway-id {id}"),
        RouteTarget::Interface(id) => format!("--network-interface-id {id}"),
        RouteTarget::Peering(id) => format!("--vpc-peering-connection-id {id}"),
        RouteTarget::GatewayEndpoint(_) => return None,
    })
}

/// Private DNS of an endpoint, for everyone in the VPC.
fn private_dns(world: &World, endpoint: &VpcEndpointId) -> String {
    let own = world.endpoints.get(endpoint).and_then(|own| own.interface());
    let options = match own {
        Some(own) if own.inbound_resolver_only => " --dns-options PrivateDnsOnlyForInboundResolverEndpoint=false",
        _ => "",
    };
    format!("modify-vpc-endpoint --vpc-endpoint-id {endpoint} --private-dns-enabled{options}")
}
