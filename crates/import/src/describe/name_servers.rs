//! Whom the programs of a VPC ask for names.
//!
//! Source: VPC user guide, "DHCP option sets in Amazon VPC", "Amazon DNS server".

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use sidegate_model::{NameServer, Vpc, VpcDhcpOptions};

use super::reading::Reading;
use crate::Bearing;

/// The addresses at which every VPC has its resolver, beside the one in its block.
const RESOLVER: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 253);
const RESOLVER_IPV6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x253);

/// Whether programs in a VPC ask its resolver. Where its DHCP options name other servers, they ask those first.
pub(super) fn check(reading: &mut Reading, vpc: &Vpc) {
    let id = vpc.id.as_str();
    let servers = match (&vpc.dhcp_options, reading.world.dhcp_options_of(vpc)) {
        (VpcDhcpOptions::Default, _) => return,
        (VpcDhcpOptions::Set(options), None) => {
            let what = format!("which name servers its DHCP options {options} name");
            return reading.open(id, what, "no file describes it", Bearing::Names);
        }
        (VpcDhcpOptions::Set(_), Some(options)) => options.domain_name_servers,
        (VpcDhcpOptions::None, _) => Vec::new(),
    };
    let resolver = Ipv4Addr::from_bits(vpc.cidr.first().to_bits().saturating_add(2));
    let is_own = |server: &NameServer| match server {
        NameServer::AmazonProvided => true,
        NameServer::Address(IpAddr::V4(own)) => *own == resolver || *own == RESOLVER,
        NameServer::Address(IpAddr::V6(own)) => *own == RESOLVER_IPV6,
    };
    if servers.is_empty() {
        let why = "it has no DHCP options, or they name none";
        reading.open(id, "which name servers programs in it ask", why, Bearing::Names);
    }
    for server in servers.iter().filter(|server| !is_own(server)) {
        let why = format!("its DHCP options name {server}, and no file tells what that answers");
        reading.open(id, "what programs in it learn of names", why, Bearing::Names);
    }
}
