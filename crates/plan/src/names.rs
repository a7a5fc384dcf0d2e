//! What a name leads to, for a program in a VPC: what the resolver answers and what a trace tells.

use std::borrow::Cow;
use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::OnceLock;

use crate::{DnsZone, Plan, PublicName, VpcPlan};
use sidegate_model::{IpCidr, Ipv4Cidr, Ipv6Cidr, Region, Service};

/// The zone that the names of all interface endpoints lie in.
const ENDPOINT_ZONE: &str = "vpce.amazonaws.com";

/// The zones that the public names of services lie in.
const PUBLIC_ZONES: [&str; 3] = ["amazonaws.com", "api.aws", "sagemaker.aws"];

/// The zones of IPv4 and of IPv6 addresses.
const REVERSE_ZONES: [&str; 2] = ["in-addr.arpa", "ip6.arpa"];

/// The root.
const ROOT: &str = "";

/// What was found, and the zone that says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup<'a> {
    /// What was found.
    pub held: Held<'a>,
    /// The zone that says so.
    pub zone: Cow<'a, str>,
}

/// What a name has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Held<'a> {
    /// Addresses, at least one.
    Addresses(&'a [IpAddr]),
    /// The addresses of this very machine.
    Loopback,
    /// A name.
    Pointer(Cow<'a, str>),
    /// No record; the name exists, if only because others lie below it.
    Nothing,
    /// The name does not exist.
    Absent,
}

/// Looks a name up, for a program in a VPC or on the internet. It is in lower case and has no final dot.
pub fn lookup<'a>(name: &str, vpc: Option<&'a VpcPlan>, plan: &'a Plan) -> Lookup<'a> {
    let zones = vpc.iter().flat_map(|vpc| &vpc.zones);
    if let Some(zone) = zones.filter(|z| is_in(name, &z.name)).max_by_key(|z| z.name.len()) {
        return Lookup { held: in_zone(name, zone), zone: Cow::Borrowed(&zone.name) };
    }
    if is_in(name, "localhost") {
        return Lookup { held: Held::Loopback, zone: Cow::Borrowed("localhost") };
    }
    if let Some(zone) = REVERSE_ZONES.into_iter().find(|zone| is_in(name, zone)) {
        let held = vpc.map_or(Held::Absent, |vpc| reverse(name, vpc));
        return Lookup { held, zone: Cow::Borrowed(zone) };
    }
    let zone = Cow::Borrowed(public_zone(name));
    if let Some(named) = plan.public_names.get(name) {
        return Lookup { held: Held::Addresses(std::slice::from_ref(nearest(named, vpc))), zone };
    }
    let held = match find(name, |n| plan.endpoint_names.get(n)) {
        Some(addresses) => Held::of(addresses),
        None => match vpc.and_then(|vpc| find(name, |n| vpc.service_names.get(n))).or_else(|| public(name)) {
            Some(addresses) => Held::of(addresses),
            None if plan.domains.hold(name) => Held::Nothing,
            None => Held::Absent,
        },
    };
    Lookup { held, zone }
}

/// What the host name of a public address leads to for who asks; on the internet there is but the public address.
fn nearest<'a>(named: &'a PublicName, vpc: Option<&VpcPlan>) -> &'a IpAddr {
    vpc.map_or(&named.public, |vpc| vpc.address_of(named))
}

impl<'a> Held<'a> {
    fn of(addresses: &'a [IpAddr]) -> Self {
        if addresses.is_empty() { Self::Nothing } else { Self::Addresses(addresses) }
    }
}

/// Whether a name is this domain or lies below it.
fn is_in(name: &str, domain: &str) -> bool {
    domain.is_empty() || name.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// The entry for a name: its own, or that of the closest `*.` above it.
fn find<'a>(name: &str, entry: impl Fn(&str) -> Option<&'a Vec<IpAddr>>) -> Option<&'a [IpAddr]> {
    if let Some(own) = entry(name) {
        return Some(own);
    }
    let mut rest = name;
    while let Some((_, above)) = rest.split_once('.') {
        if let Some(covering) = entry(&format!("*.{above}")) {
            return Some(covering);
        }
        rest = above;
    }
    None
}

/// What a private zone says of a name in it. The zone's own name always exists, and so does one with others below it.
fn in_zone<'a>(name: &str, zone: &'a DnsZone) -> Held<'a> {
    match find(name, |n| zone.records.get(n)) {
        Some(addresses) => Held::of(addresses),
        None if name == zone.name || zone.records.keys().any(|n| is_in(n, name)) => Held::Nothing,
        None => Held::Absent,
    }
}

/// The host name of an address of the VPC. Of the blocks that hold such addresses, only the names exist.
fn reverse<'a>(name: &str, vpc: &'a VpcPlan) -> Held<'a> {
    let Some((block, complete)) = reverse_block(name) else { return Held::Absent };
    if !complete {
        let has = |own: &IpCidr| own.covers(block) || block.covers(*own);
        return if vpc.cidrs.iter().any(has) { Held::Nothing } else { Held::Absent };
    }
    let address = block.first();
    if address == Ipv4Addr::LOCALHOST || address == Ipv6Addr::LOCALHOST {
        return Held::Pointer(Cow::Borrowed("localhost"));
    }
    if !vpc.cidrs.iter().any(|c| c.contains(address)) {
        return Held::Absent;
    }
    host_name(address, vpc).map_or(Held::Absent, |host| Held::Pointer(Cow::Borrowed(host)))
}

/// The name of the host at an address: the one that says the address, if there are several.
fn host_name(address: IpAddr, vpc: &VpcPlan) -> Option<&str> {
    let hosts = vpc.zones.iter().filter(|z| is_in(&z.name, "internal")).flat_map(|z| &z.records);
    hosts
        .filter(|(name, addresses)| !name.starts_with("*.") && addresses.contains(&address))
        .map(|(name, _)| name.as_str())
        .max_by_key(|name| name.starts_with("ip-"))
}

/// The block that a name of a reverse zone stands for, and whether it is a single address: labels are octets, or the
/// half octets of IPv6, the last one first.
///
/// Source: RFC 1035, 3.5; RFC 3596, 2.5.
fn reverse_block(name: &str) -> Option<(IpCidr, bool)> {
    let [ipv4, ipv6] = REVERSE_ZONES;
    let block = if is_in(name, ipv4) {
        let (bits, length) = digits(name.strip_suffix(ipv4)?, 8, 32, |label| {
            label.parse().ok().filter(|o: &u8| o.to_string() == label)
        })?;
        IpCidr::V4(Ipv4Cidr::new(Ipv4Addr::from_bits(u32::try_from(bits).ok()?), length))
    } else {
        let (bits, length) = digits(name.strip_suffix(ipv6)?, 4, 128, |label| {
            u8::from_str_radix(label, 16).ok().filter(|digit| format!("{digit:x}") == label && *digit < 16)
        })?;
        IpCidr::V6(Ipv6Cidr::new(Ipv6Addr::from_bits(bits), length))
    };
    Some((block, block.is_host()))
}

/// The number that labels say, and how many bits of it: each is a digit of so many bits, the last one first.
fn digits(labels: &str, width: u8, limit: u8, digit: impl Fn(&str) -> Option<u8>) -> Option<(u128, u8)> {
    let labels = labels.trim_end_matches('.');
    let (mut bits, mut length) = (0_u128, 0_u8);
    for label in labels.rsplit('.').filter(|_| !labels.is_empty()) {
        let value = digit(label)?;
        if length == limit {
            return None;
        }
        length += width;
        bits |= u128::from(value) << (limit - length);
    }
    Some((bits, length))
}

/// The public zone that answers for a name, if only to deny it.
fn public_zone(name: &str) -> &'static str {
    if is_in(name, ENDPOINT_ZONE) {
        return ENDPOINT_ZONE;
    }
    PUBLIC_ZONES.into_iter().find(|zone| is_in(name, zone)).unwrap_or(ROOT)
}

/// What a name leads to in public DNS.
fn public(name: &str) -> Option<&'static [IpAddr]> {
    find(name, |name| public_names().get(name))
}

/// The public names of every service in every Region with their addresses. A name that only has others below it stands
/// there with none.
fn public_names() -> &'static HashMap<String, Vec<IpAddr>> {
    static NAMES: OnceLock<HashMap<String, Vec<IpAddr>>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let mut names: HashMap<String, Vec<IpAddr>> = HashMap::new();
        for region in Region::all() {
            for service in Service::public_in(region) {
                let ipv6 = service.public_names6(region);
                for name in service.public_names(region) {
                    let mut rest = name.as_str();
                    while let Some((_, above)) = rest.split_once('.') {
                        names.entry(above.to_owned()).or_default();
                        rest = above;
                    }
                    let ipv4 = service.public_addresses(region).into_iter().map(IpAddr::from);
                    let own = service.public_ipv6(region).filter(|_| ipv6.contains(&name)).map(IpAddr::from);
                    names.insert(name, ipv4.chain(own).collect());
                }
            }
        }
        names
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_holds_itself_and_what_lies_below_it_and_nothing_that_merely_ends_alike() {
        assert!(is_in("a.b", "b") && is_in("b", "b") && is_in("b", ROOT));
        assert!(!is_in("ab", "b") && !is_in("b", "a.b"));
    }

    #[test]
    fn a_reverse_name_is_a_block_of_as_many_octets_as_it_has_labels() {
        let block = |name: &str| reverse_block(name).map(|(block, complete)| (block.to_string(), complete));
        assert_eq!(block("4.3.2.10.in-addr.arpa"), Some(("10.2.3.4/32".to_owned(), true)));
        assert_eq!(block("2.10.in-addr.arpa"), Some(("10.2.0.0/16".to_owned(), false)));
        assert_eq!(block("in-addr.arpa"), Some(("0.0.0.0/0".to_owned(), false)));
        assert_eq!(block("8.b.d.0.1.0.0.2.ip6.arpa"), Some(("2001:db8::/32".to_owned(), false)));
        let host = "5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa";
        assert_eq!(block(host), Some(("2001:db8::5/128".to_owned(), true)));
        let longer = format!("0.{host}");
        assert_eq!(block(&longer), None);
        for wrong in [
            "5.4.3.2.10.in-addr.arpa",
            "10.ip6.arpa",
            "g.ip6.arpa",
            "F.ip6.arpa",
            "04.3.2.10.in-addr.arpa",
            "256.in-addr.arpa",
            "x.in-addr.arpa",
        ] {
            assert_eq!(block(wrong), None, "{wrong}");
        }
    }
}
