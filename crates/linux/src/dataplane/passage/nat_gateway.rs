//! NAT gateways: what goes out gets one of their addresses, and keeps it as long as it lasts.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io;
use std::net::Ipv4Addr;

use super::super::netlink::{Family, Socket};
use super::super::sysctl::Settings;
use super::super::{conntrack, ruleset};
use super::{LEGS, prepare};

/// A connection that the gateway does not know is none, so that who goes on with it is told of its end; one that it knows
/// it does not judge.
///
/// Source: VPC user guide, "Troubleshoot NAT gateways": it returns an RST packet to what attempts to continue a connection.
const SETTINGS: [(&str, &str); 2] =
    [("net/netfilter/nf_conntrack_tcp_loose", "0"), ("net/netfilter/nf_conntrack_tcp_be_liberal", "1")];

/// Makes the namespace of this thread a gateway that lends these addresses to new connections. Those that have one of these,
/// or one that is draining, go on; others have lost theirs, and end. `meter` are the commands that count what passes.
pub(super) fn set(addresses: &[Ipv4Addr], draining: &[Ipv4Addr], meter: &str) -> io::Result<()> {
    prepare(&LEGS[..1])?;
    let settings = Settings::open()?;
    for (path, value) in SETTINGS {
        settings.set(path, value)?;
    }
    ruleset::load_text(&(filter(addresses) + meter))?;
    let kept: BTreeSet<Ipv4Addr> = addresses.iter().chain(draining).copied().collect();
    conntrack::forget_others(&mut Socket::open(Family::Netfilter)?, &kept).map(drop)
}

/// The filter. Several addresses are lent in turn.
fn filter(addresses: &[Ipv4Addr]) -> String {
    let mut filter = include_str!("nat_gateway.nft").to_owned();
    let source = match addresses {
        [own] => own.to_string(),
        several => {
            let places: Vec<_> = several.iter().enumerate().map(|(place, own)| format!("{place} : {own}")).collect();
            format!("numgen inc mod {} map {{ {} }}", several.len(), places.join(", "))
        }
    };
    let _ = writeln!(filter, "add rule inet sidegate postrouting snat ip to {source}");
    filter
}

#[cfg(test)]
mod tests {
    use super::filter;

    #[test]
    fn one_address_is_lent_to_all_and_several_in_turn() {
        let addresses = [[10, 0, 1, 9], [10, 0, 1, 20], [10, 0, 1, 7]].map(Into::into);
        let last = |filter: String| filter.lines().last().unwrap().to_owned();
        assert_eq!(last(filter(&addresses[..1])), "add rule inet sidegate postrouting snat ip to 10.0.1.9");
        assert_eq!(
            last(filter(&addresses)),
            "add rule inet sidegate postrouting snat ip to numgen inc mod 3 map { 0 : 10.0.1.9, 1 : 10.0.1.20, 2 : \
             10.0.1.7 }"
        );
    }
}
