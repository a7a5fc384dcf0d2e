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

#[cfg(test)]
mod tests {
    use sidegate_model::RuleAction;

    use super::*;
    use crate::explain::built::Built;

    fn told(world: &World, change: &Change) -> String {
        command(world, change).unwrap()
    }

    #[test]
    fn rules_and_entries_are_written_as_the_cli_reads_them() {
        let world = World::default();
        let rule = |direction, protocol, ports, peer| {
            told(&world, &Change::Authorize { group: "sg-0a".parse().unwrap(), direction, protocol, ports, peer })
        };
        let ports = |from, to| Some(PortRange { from, to });
        assert_eq!(
            rule(Direction::Ingress, IpProtocol::TCP, ports(443, 443), Peer::Group("sg-0b".parse().unwrap())),
            "aws ec2 authorize-security-group-ingress --group-id sg-0a --ip-permissions \
             'IpProtocol=6,FromPort=443,ToPort=443,UserIdGroupPairs=[{GroupId=sg-0b}]'"
        );
        assert_eq!(
            rule(Direction::Egress, IpProtocol::All, None, Peer::Cidr6("2001:db8::".parse().unwrap(), 32)),
            "aws ec2 authorize-security-group-egress --group-id sg-0a --ip-permissions \
             'IpProtocol=-1,Ipv6Ranges=[{CidrIpv6=2001:db8::/32}]'"
        );
        let entry = |protocol, cidr: &str, ports| NetworkAclEntry {
            direction: Direction::Ingress,
            number: 90,
            action: RuleAction::Allow,
            protocol,
            cidr: cidr.parse().unwrap(),
            ports,
        };
        let acl = "acl-0a".parse().unwrap();
        let change = Change::AddEntry { acl, entry: entry(IpProtocol::ICMP, "10.0.0.0/8", ports(8, 0)) };
        assert_eq!(
            told(&world, &change),
            "aws ec2 create-network-acl-entry --network-acl-id acl-0a --ingress --rule-number 90 --protocol 1 \
             --rule-action allow --cidr-block 10.0.0.0/8 --icmp-type-code Type=8,Code=0"
        );
    }

    #[test]
    fn routes_name_their_targets_and_what_is_no_setting_of_ec2_has_no_command() {
        let world = World::default();
        let table = "rtb-0a".parse().unwrap();
        let destination = Destination::Cidr("0.0.0.0/0".parse().unwrap());
        let target = RouteTarget::NatGateway("nat-0a".parse().unwrap());
        assert_eq!(
            told(&world, &Change::ReplaceRoute { table, destination, target }),
            "aws ec2 replace-route --route-table-id rtb-0a --destination-cidr-block 0.0.0.0/0 --nat-gateway-id nat-0a"
        );
        assert_eq!(command(&world, &Change::Port { port: 443 }), None);
    }

    #[test]
    fn private_dns_that_only_inbound_resolvers_have_is_given_to_everyone() {
        let mut built = Built::new();
        let vpc = built.vpc();
        let subnet = built.subnet(&vpc, 1, "us-east-1a");
        let endpoint = built.interface(&vpc, "kms", &[&subnet], &[]);
        let change = Change::PrivateDns { endpoint: endpoint.clone() };
        let plain = format!("aws ec2 modify-vpc-endpoint --vpc-endpoint-id {endpoint} --private-dns-enabled");
        assert_eq!(told(&built.world, &change), plain);
        built.gateway_of_main(&vpc, "s3");
        let s3 = built.endpoint(&vpc, "s3", |wanted| {
            wanted.interface = true;
            wanted.subnets = vec![subnet];
            wanted.inbound_resolver_only = Some(true);
        });
        let change = Change::PrivateDns { endpoint: s3 };
        assert!(told(&built.world, &change).ends_with("PrivateDnsOnlyForInboundResolverEndpoint=false"));
    }
}
