//! The services that endpoints lead to: their names, kinds and private DNS names, and how each is spoken to.
//!
//! They stand in `catalog/services.tsv`, which says where its facts are from, with further names for FIPS in
//! `catalog/fips.tsv`, and those that no endpoint leads to, but that have names in public DNS, in `catalog/others.tsv`. A
//! service is listed whether or not Sidegate emulates it: an endpoint to one that it does not emulate carries packets, and
//! every request gets an error that says so.

mod actions;
mod fips;
mod table;
#[cfg(test)]
mod tests;

use std::net::{Ipv4Addr, Ipv6Addr};

use self::fips::FipsNames;
use crate::{IpAddressType, Region, Zone};

/// Which endpoints a service can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceKind {
    /// A gateway endpoint only.
    Gateway,
    /// An interface endpoint only.
    Interface,
    /// Either.
    Both,
    /// None: it is found in public DNS alone.
    Neither,
}

/// The protocol of a service's API, as its model names it. A service may speak others as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ApiProtocol {
    /// JSON of version 1.0, with the operation in `X-Amz-Target`.
    Json1_0,
    /// JSON of version 1.1, with the operation in `X-Amz-Target`.
    Json1_1,
    /// JSON, with the operation in method and path.
    RestJson,
    /// XML, with the operation in method and path.
    RestXml,
    /// The query protocol.
    Query,
    /// EC2's form of the query protocol.
    Ec2,
    /// CBOR, with the operation in the path.
    Cbor,
}

/// A service of AWS, which VPC endpoints lead to, or which is found in public DNS alone.
#[derive(Debug, PartialEq, Eq)]
pub struct Service {
    /// The last part of its endpoint service name, such as `s3` or `bedrock-runtime`.
    pub name: &'static str,
    /// Which endpoints it can have.
    pub kind: ServiceKind,
    /// Its place in the table, which gives it its public addresses.
    index: u32,
    /// Its endpoint service name with `{}` for the Region, if that is not the usual one.
    endpoint_name: Option<&'static str>,
    /// Its private names with blanks between, with `{}` for the Region; a leading `*.` covers every name below. Empty if
    /// the service has none.
    private: &'static str,
    /// The names under which public DNS has IPv4 addresses alone, in the same form. One without a Region in it is that
    /// of the Region where AWS began, if the service is in several.
    public: &'static str,
    /// The names under which public DNS has addresses of both families, in the same form.
    dualstack: &'static str,
    /// Whether its endpoints can have IPv6 addresses.
    ipv6: bool,
    /// Whether a policy of its endpoints has any effect. One is taken and kept either way.
    pub policy: bool,
    /// How the names of the Regions begin that have it, with blanks between. `None` if all do.
    regions: Option<&'static str>,
    /// The service that answers at its endpoints: itself, or for a FIPS endpoint the one that it is an endpoint of.
    pub api: &'static str,
    /// The service in the scope of signatures. Some services share one. Empty if `api` is another.
    pub signing: &'static str,
    /// The protocol of its API. `None` if `api` is another.
    pub protocol: Option<ApiProtocol>,
    /// The word before the dot in `X-Amz-Target`. Empty if it has none.
    pub target: &'static str,
}

/// The Region in which AWS began, whose services have the names without a Region.
const HOME: &str = "us-east-1";

/// What stands for the Region in a name.
const REGION: &str = "{}";

/// What stands for the id of a zone in a name.
const ZONE: &str = "{az}";

/// The ends of private names behind the part that names of endpoints have too.
const ENDS: [&str; 5] = [".{}.amazonaws.com", ".amazonaws.com", ".{}.api.aws", ".global.api.aws", ".{}.sagemaker.aws"];

/// What is looked up in the list of services.
#[derive(Clone, Copy, Debug)]
pub struct Catalog;

impl Catalog {
    /// The service with this endpoint service name in the Region, such as `com.amazonaws.us-east-1.s3`.
    pub fn find(region: Region, endpoint_name: &str) -> Option<&'static Service> {
        Service::all_in(region).find(|service| service.is_named(region, endpoint_name))
    }

    /// The service with this short name, such as `s3`, whether or not endpoints lead to it.
    pub fn named(name: &str) -> Option<&'static Service> {
        table::NAMED.get(name).copied()
    }

    /// The service that has a public address, and its Region.
    pub fn at(address: Ipv4Addr) -> Option<(Region, &'static Service)> {
        let region = Region::all().find(|region| region.public_block().contains(address))?;
        let service = Service::public_in(region).find(|s| s.public_addresses(region).contains(&address))?;
        Some((region, service))
    }

    /// The service that has a public IPv6 address, and its Region.
    pub fn at_ipv6(address: Ipv6Addr) -> Option<(Region, &'static Service)> {
        let region = Region::all().find(|region| region.public_ipv6_block().contains(address))?;
        let service = Service::all_in(region).find(|s| s.public_ipv6(region) == Some(address))?;
        Some((region, service))
    }

    /// The service that a public name belongs to.
    pub fn by_public_name(region: Region, name: &str) -> Option<&'static Service> {
        Service::public_in(region).find(|service| service.has_public_name(region, name))
    }
}

/// Whether a name pattern (`a.b`, or `*.b` for every name below `b`) covers a name. Names are compared in lower case.
pub(crate) fn covers(pattern: &str, name: &str) -> bool {
    match pattern.strip_prefix('*') {
        Some(suffix) => name.len() > suffix.len() && name.ends_with(suffix),
        None => pattern == name,
    }
}

/// Whether a name with `{}` for the Region covers one of the Region.
fn covers_in(pattern: &str, region: Region, name: &str) -> bool {
    if pattern.contains(ZONE) {
        return in_region(pattern, region).any(|pattern| covers(&pattern, name));
    }
    let Some((before, after)) = pattern.split_once(REGION) else { return covers(pattern, name) };
    let stem = name.strip_suffix(after).and_then(|rest| rest.strip_suffix(region.as_str()));
    stem.is_some_and(|stem| match before.strip_prefix('*') {
        Some(suffix) => stem.len() > suffix.len() && stem.ends_with(suffix),
        None => before == stem,
    })
}

/// The names that one with `{}` for the Region stands for: one, or one for each zone.
fn in_region(pattern: &str, region: Region) -> impl Iterator<Item = String> {
    let name = pattern.replace(REGION, region.as_str());
    let zones = if pattern.contains(ZONE) { region.zones().map(Some).collect() } else { vec![None] };
    zones
        .into_iter()
        .map(move |zone: Option<Zone>| zone.map_or_else(|| name.clone(), |zone| name.replace(ZONE, &zone.id())))
}

/// Whether the name of a Region begins with one of these, which have blanks between.
fn is_among(starts: &str, region: Region) -> bool {
    starts.split(' ').any(|start| region.as_str().starts_with(start))
}

impl Service {
    /// Every service that endpoints lead to.
    pub fn all() -> &'static [Self] {
        &table::SERVICES
    }

    /// Every service that is found in public DNS: those that endpoints lead to, and the others.
    pub fn public() -> impl Iterator<Item = &'static Self> {
        table::SERVICES.iter().chain(table::OTHERS.iter())
    }

    /// Those of them that a Region has.
    pub fn public_in(region: Region) -> impl Iterator<Item = &'static Self> {
        Self::public().filter(move |service| service.is_in(region))
    }

    /// The services that endpoints lead to in a Region.
    pub fn all_in(region: Region) -> impl Iterator<Item = &'static Self> {
        Self::all().iter().filter(move |service| service.is_in(region))
    }

    fn is_in(&self, region: Region) -> bool {
        self.regions.is_none_or(|starts| is_among(starts, region))
    }

    /// Whether it is one for all Regions, and asked in one of them alone.
    pub fn is_global(&self) -> bool {
        self.regions.is_some_and(|starts| starts.parse::<Region>().is_ok())
    }

    /// The word before the colon in its actions, if it has an API of its own: nearly always the name that requests are
    /// signed for.
    ///
    /// Source: service authorization reference.
    pub fn action_prefix(&self) -> &'static str {
        match self.signing {
            "iotdata" | "IoTSecuredTunneling" => "iot",
            "monitoring" => "cloudwatch",
            "tagging" => "tag",
            other => other,
        }
    }

    /// Whether it also speaks HTTP without TLS.
    ///
    /// Source: AWS general reference, "Amazon Simple Storage Service endpoints and quotas", "Amazon DynamoDB endpoints and
    /// quotas".
    pub fn speaks_plain_http(&self) -> bool {
        ["s3", "dynamodb"].contains(&self.name)
    }

    /// Whether any endpoint leads to it.
    pub fn has_endpoints(&self) -> bool {
        self.kind != ServiceKind::Neither
    }

    /// Whether it can have a gateway endpoint.
    pub fn gateway(&self) -> bool {
        matches!(self.kind, ServiceKind::Gateway | ServiceKind::Both)
    }

    /// Whether it can have an interface endpoint.
    pub fn interface(&self) -> bool {
        matches!(self.kind, ServiceKind::Interface | ServiceKind::Both)
    }

    /// The endpoint service name, such as `com.amazonaws.us-east-1.s3`.
    pub fn endpoint_name(&self, region: Region) -> String {
        match self.endpoint_name {
            Some(name) => name.replace(REGION, region.as_str()),
            None => format!("com.amazonaws.{region}.{}", self.name),
        }
    }

    /// Whether this is its endpoint service name.
    fn is_named(&self, region: Region, endpoint_name: &str) -> bool {
        match self.endpoint_name {
            Some(name) => covers_in(name, region, endpoint_name),
            None => {
                let rest = endpoint_name.strip_prefix("com.amazonaws.").and_then(|r| r.strip_prefix(region.as_str()));
                rest.and_then(|rest| rest.strip_prefix('.')) == Some(self.name)
            }
        }
    }

    /// The names that an interface endpoint with private DNS takes over; a leading `*.` covers every name below.
    pub fn private_names(&self, region: Region) -> Vec<String> {
        self.private.split_ascii_whitespace().flat_map(|name| in_region(name, region)).collect()
    }

    /// The types of address that its endpoints can have.
    pub const fn ip_address_types(&self) -> &'static [IpAddressType] {
        if self.ipv6 {
            &[IpAddressType::Ipv4, IpAddressType::Ipv6, IpAddressType::Dualstack]
        } else {
            &[IpAddressType::Ipv4]
        }
    }

    /// The names in public DNS, those of FIPS last; a leading `*.` covers every name below. Those of S3 and STS without a
    /// Region belong to us-east-1. All have IPv4 addresses.
    pub fn public_names(&self, region: Region) -> Vec<String> {
        self.public_patterns(region).flat_map(|name| in_region(name, region)).collect()
    }

    fn has_public_name(&self, region: Region, name: &str) -> bool {
        self.public_patterns(region).any(|pattern| covers_in(pattern, region, name))
    }

    fn public_patterns(&self, region: Region) -> impl Iterator<Item = &'static str> {
        let fips = FipsNames::of(self.name, region).map_or(["", ""], |own| [own.public, own.dualstack]);
        let names = [self.public, self.dualstack].into_iter().chain(fips).flat_map(str::split_ascii_whitespace);
        let everywhere = self.is_global() || region.as_str() == HOME;
        names.filter(move |name| everywhere || name.contains(REGION))
    }

    /// Those of its public names that have IPv6 addresses too: the dual-stack ones.
    pub fn public_names6(&self, region: Region) -> Vec<String> {
        let fips = FipsNames::of(self.name, region).map_or("", |own| own.dualstack);
        let names = self.dualstack.split_ascii_whitespace().chain(fips.split_ascii_whitespace());
        names.flat_map(|name| in_region(name, region)).collect()
    }

    /// The base of an endpoint's own names, such as `s3.us-east-1.vpce.amazonaws.com`: what its first private name, or
    /// else public one, has before the Region, which need not be the last part of its endpoint service name.
    pub fn endpoint_domain(&self, region: Region) -> String {
        let private = self.private.split_ascii_whitespace().map(|name| name.strip_prefix("*.").unwrap_or(name));
        let public = self.public.split_ascii_whitespace().filter(|name| !name.starts_with('*'));
        let host = private.chain(public).next();
        let stem = host.and_then(|host| ENDS.iter().find_map(|end| host.strip_suffix(end)));
        format!("{}.{region}.vpce.amazonaws.com", stem.unwrap_or(self.name))
    }

    /// Where the service is found in public DNS: an address of the Region's block of emulated public addresses. The
    /// addresses of a service with gateway endpoints lie in its prefix list; every other service has one outside of all.
    pub fn public_addresses(&self, region: Region) -> Vec<Ipv4Addr> {
        let base = region.public_block().first().to_bits();
        match self.name {
            "s3" => vec![Ipv4Addr::from_bits(base + 0x0010), Ipv4Addr::from_bits(base + 0x0410)],
            "dynamodb" => vec![Ipv4Addr::from_bits(base + 0x0610)],
            "s3express" => vec![Ipv4Addr::from_bits(base + 0x0710)],
            _ if !self.has_endpoints() => vec![Ipv4Addr::from_bits(base + 0x0800 + self.index)],
            _ => vec![Ipv4Addr::from_bits(base + 0x0a00 + self.index)],
        }
    }

    /// Where its dual-stack names lead to over IPv6: an address of the Region's block of emulated public addresses,
    /// which lies in the prefix list of S3 or DynamoDB, or outside of both for another service. `None` if it has no such
    /// name.
    pub fn public_ipv6(&self, region: Region) -> Option<Ipv6Addr> {
        if self.dualstack.is_empty() {
            return None;
        }
        let offset = match self.name {
            "s3" => 0x10,
            "dynamodb" => (0x10 << 64) + 0x10,
            _ => (0x20 << 64) + 0x100 + u128::from(self.index),
        };
        region.public_ipv6_block().nth(offset)
    }
}
