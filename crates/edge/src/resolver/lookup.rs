//! What a name leads to, for a program in a VPC.

use std::borrow::Cow;
use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::sync::OnceLock;

use sidegate_model::{Ipv4Cidr, Region, Service};
use sidegate_plan::{DnsZone, Plan, PublicName, VpcPlan};

/// The zone that the names of all interface endpoints lie in.
const ENDPOINT_ZONE: &str = "vpce.amazonaws.com";

/// The zones that the public names of services lie in.
const PUBLIC_ZONES: [&str; 2] = ["amazonaws.com", "api.aws"];

/// The zone of IPv4 addresses.
const REVERSE_ZONE: &str = "in-addr.arpa";

/// The root.
const ROOT: &str = "";

/// What was found, and the zone that says so.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Lookup<'a> {
    pub(super) held: Held<'a>,
    pub(super) zone: Cow<'a, str>,
}

/// What a name has.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Held<'a> {
    /// IPv4 addresses, at least one.
    Addresses(&'a [Ipv4Addr]),
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
pub(super) fn lookup<'a>(name: &str, vpc: Option<&'a VpcPlan>, plan: &'a Plan) -> Lookup<'a> {
    let zones = vpc.iter().flat_map(|vpc| &vpc.zones);
    if let Some(zone) = zones.filter(|z| is_in(name, &z.name)).max_by_key(|z| z.name.len()) {
        return Lookup { held: in_zone(name, zone), zone: Cow::Borrowed(&zone.name) };
    }
    if is_in(name, "localhost") {
        return Lookup { held: Held::Loopback, zone: Cow::Borrowed("localhost") };
    }
    if is_in(name, REVERSE_ZONE) {
        let held = vpc.map_or(Held::Absent, |vpc| reverse(name, vpc));
        return Lookup { held, zone: Cow::Borrowed(REVERSE_ZONE) };
    }
    let zone = Cow::Borrowed(public_zone(name));
    if let Some(named) = plan.public_names.get(name) {
        return Lookup { held: Held::Addresses(std::slice::from_ref(nearest(named, vpc))), zone };
    }
    let held = match find(name, |n| plan.endpoint_names.get(n)) {
        Some(addresses) => Held::of(addresses),
        None => match find(name, |n| public_names().get(n)) {
            Some(addresses) => Held::of(addresses),
            None if plan.endpoint_names.keys().chain(plan.public_names.keys()).any(|n| is_in(n, name)) => Held::Nothing,
            None => Held::Absent,
        },
    };
    Lookup { held, zone }
}

/// What the host name of a public address leads to for who asks; on the internet there is but the public address.
fn nearest<'a>(named: &'a PublicName, vpc: Option<&VpcPlan>) -> &'a Ipv4Addr {
    vpc.map_or(&named.public, |vpc| vpc.address_of(named))
}

impl<'a> Held<'a> {
    fn of(addresses: &'a [Ipv4Addr]) -> Self {
        if addresses.is_empty() { Self::Nothing } else { Self::Addresses(addresses) }
    }
}

/// Whether a name is this domain or lies below it.
fn is_in(name: &str, domain: &str) -> bool {
    domain.is_empty() || name.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// The entry for a name: its own, or that of the closest `*.` above it.
fn find<'a>(name: &str, entry: impl Fn(&str) -> Option<&'a Vec<Ipv4Addr>>) -> Option<&'a [Ipv4Addr]> {
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
        return if vpc.cidrs.iter().any(|c| c.overlaps(block)) { Held::Nothing } else { Held::Absent };
    }
    let address = block.first();
    if address == Ipv4Addr::LOCALHOST {
        return Held::Pointer(Cow::Borrowed("localhost"));
    }
    if !vpc.cidrs.iter().any(|c| c.contains(address)) {
        return Held::Absent;
    }
    host_name(address, vpc).map_or(Held::Absent, |host| Held::Pointer(Cow::Borrowed(host)))
}

/// The name of the host at an address: the one that says the address, if there are several.
fn host_name(address: Ipv4Addr, vpc: &VpcPlan) -> Option<&str> {
    let hosts = vpc.zones.iter().filter(|z| is_in(&z.name, "internal")).flat_map(|z| &z.records);
    hosts
        .filter(|(name, addresses)| !name.starts_with("*.") && addresses.contains(&address))
        .map(|(name, _)| name.as_str())
        .max_by_key(|name| name.starts_with("ip-"))
}

/// The block that a name of the reverse zone stands for, and whether it is a single address: labels are octets, the
/// last one first.
///
/// Source: RFC 1035, 3.5.
fn reverse_block(name: &str) -> Option<(Ipv4Cidr, bool)> {
    let labels = name.strip_suffix(REVERSE_ZONE)?.trim_end_matches('.');
    let mut bits = 0;
    let mut length = 0_u8;
    for label in labels.rsplit('.').filter(|_| !labels.is_empty()) {
        let octet: u8 = label.parse().ok().filter(|o: &u8| o.to_string() == label)?;
        if length == 32 {
            return None;
        }
        length += 8;
        bits |= u32::from(octet) << (32 - length);
    }
    Some((Ipv4Cidr::new(Ipv4Addr::from_bits(bits), length), length == 32))
}

/// The public zone that answers for a name, if only to deny it.
fn public_zone(name: &str) -> &'static str {
    if is_in(name, ENDPOINT_ZONE) {
        return ENDPOINT_ZONE;
    }
    PUBLIC_ZONES.into_iter().find(|zone| is_in(name, zone)).unwrap_or(ROOT)
}

/// The public names of every service in every Region with their addresses. A name that only has others below it stands
/// there with none.
fn public_names() -> &'static HashMap<String, Vec<Ipv4Addr>> {
    static NAMES: OnceLock<HashMap<String, Vec<Ipv4Addr>>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let mut names: HashMap<String, Vec<Ipv4Addr>> = HashMap::new();
        for region in Region::all() {
            for service in Service::all() {
                for name in service.public_names(region) {
                    let mut rest = name.as_str();
                    while let Some((_, above)) = rest.split_once('.') {
                        names.entry(above.to_owned()).or_default();
                        rest = above;
                    }
                    names.insert(name, service.public_addresses(region));
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
        let block = |name| reverse_block(name).map(|(block, complete)| (block.to_string(), complete));
        assert_eq!(block("4.3.2.10.in-addr.arpa"), Some(("10.2.3.4/32".to_owned(), true)));
        assert_eq!(block("2.10.in-addr.arpa"), Some(("10.2.0.0/16".to_owned(), false)));
        assert_eq!(block("in-addr.arpa"), Some(("0.0.0.0/0".to_owned(), false)));
        for wrong in ["5.4.3.2.10.in-addr.arpa", "04.3.2.10.in-addr.arpa", "256.in-addr.arpa", "x.in-addr.arpa"] {
            assert_eq!(block(wrong), None, "{wrong}");
        }
    }
}
