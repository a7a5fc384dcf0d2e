//! A plan as lines that people read and that tools compare.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::hash::{DefaultHasher, Hash, Hasher};

use sidegate_iam::Policy;
use sidegate_model::IpCidr;

use crate::{
    EndpointAddress, EndpointKind, EndpointPlan, GroupRules, Link, Metadata, Passage, PassageLink, Plan, PublicName,
    Redirects, RoleSource, Route, RouteTarget, VpcPlan,
};

/// What differs between two plans: lines that are gone begin with `-`, new ones with `+`; each has the id of its VPC.
pub fn diff(old: &Plan, new: &Plan) -> Vec<String> {
    let gone = only_in(old, new).into_iter().map(|line| format!("- {line}"));
    let made = only_in(new, old).into_iter().map(|line| format!("+ {line}"));
    gone.chain(made).collect()
}

/// The lines of a plan that another lacks.
fn only_in(plan: &Plan, other: &Plan) -> Vec<String> {
    let mut lines = Vec::new();
    for (id, vpc) in &plan.vpcs {
        let there = other.vpcs.get(id);
        if there.is_some_and(|there| std::sync::Arc::ptr_eq(there, vpc)) {
            continue;
        }
        let known: BTreeSet<_> = there.iter().flat_map(|there| there.lines()).collect();
        lines.extend(vpc.lines().into_iter().filter(|l| !known.contains(l)).map(|line| format!("{id} {line}")));
    }
    let known: BTreeSet<_> = common_lines(other).collect();
    lines.extend(common_lines(plan).filter(|line| !known.contains(line)));
    lines
}

/// What is of no VPC alone.
fn common_lines(plan: &Plan) -> impl Iterator<Item = String> {
    let passages = plan.passages.iter().map(|(name, passage)| format!("passage {name} {passage}"));
    let names = plan.endpoint_names.iter();
    let names = names.map(|(name, addresses)| format!("endpoint-name {name} {}", list(addresses)));
    let public = plan.public_names.iter().map(|(name, leads)| format!("public-name {name} {leads}"));
    passages.chain(names).chain(public)
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for vpc in self.vpcs.values() {
            write!(f, "{vpc}")?;
        }
        common_lines(self).try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl fmt::Display for VpcPlan {
    /// A heading, and the lines below it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} of {} in {}", self.vpc, self.scope.account, self.scope.region)?;
        self.lines().iter().try_for_each(|line| writeln!(f, "  {line}"))
    }
}

impl VpcPlan {
    /// One line for each thing, in order.
    pub fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.cidrs.iter().map(|cidr| format!("cidr {cidr}")).collect();
        lines.extend(self.router.iter().map(|address| format!("router {address}")));
        lines.extend(self.resolver.map(|address| format!("resolver {address}")));
        lines.extend(self.links.iter().map(|(id, link)| format!("link {link} interface {id}")));
        lines.extend(self.passages.iter().map(|(passage, link)| format!("passage {passage} {link}")));
        for (index, table) in &self.tables {
            lines.push(format!("table {index} {}", table.id));
            lines.extend(lines_of(&table.routes).map(|line| format!("table {index} route {line}")));
        }
        for (number, redirects) in &self.redirects {
            let Redirects { from, table, blocks, routes } = redirects;
            let blocks: String = blocks.iter().map(|block| format!(" {block}")).collect();
            lines.push(format!("redirects {number} of {}{blocks} table {table}", from.as_str()));
            lines.extend(lines_of(routes).map(|line| format!("redirects {number} route {line}")));
        }
        for (number, rules) in &self.groups {
            lines.extend(rules.lines().map(|line| format!("group {number} {line}")));
        }
        for (number, rules) in &self.acls {
            lines.push(format!("acl {number} {} of {}", rules.acl, rules.subnet));
            for (way, permits) in [("ingress", &rules.ingress), ("egress", &rules.egress)] {
                lines.extend(permits.iter().map(|permit| format!("acl {number} {way} {permit}")));
            }
        }
        lines.extend(self.gateway_prefixes.iter().map(|block| format!("gateway-prefix {block}")));
        for (id, endpoint) in &self.endpoints {
            lines.push(format!("endpoint {id} {endpoint}"));
            lines.extend(endpoint.hosts.iter().map(|host| format!("endpoint {id} host {host}")));
        }
        lines.extend(self.endpoint_addresses.iter().map(|(address, at)| {
            let EndpointAddress { endpoint, interface, group, table, acl } = at;
            let acl = acl.map(|acl| format!(" acl {acl}")).unwrap_or_default();
            format!("endpoint {endpoint} address {address} group {group} table {table} interface {interface}{acl}")
        }));
        for zone in &self.zones {
            lines.push(format!("zone {}", zone.name));
            lines
                .extend(zone.records.iter().map(|(name, to)| format!("zone {} record {name} {}", zone.name, list(to))));
        }
        lines.extend(self.named_peers.iter().map(|peer| format!("named-peer {peer}")));
        lines.extend(self.service_names.iter().map(|(name, to)| format!("service-name {name} {}", list(to))));
        lines.extend(self.metadata.iter().map(|(address, told)| format!("metadata {address} {told}")));
        lines.extend(self.watched.iter().map(|(interface, number)| format!("watched {interface} number {number}")));
        lines
    }
}

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            name,
            namespace,
            device,
            subnet,
            address,
            secondary,
            ipv6,
            prefix,
            gateway,
            mac,
            table,
            redirects,
            group,
            acl,
            forwards,
        } = self;
        let [a, b, c, d, e, g] = mac;
        write!(f, "{name} into {namespace} ")?;
        if *device != 0 {
            write!(f, "as eth{device} ")?;
        }
        write!(f, "address {address}/{prefix} ")?;
        for further in secondary {
            write!(f, "and {further} ")?;
        }
        for own in ipv6 {
            write!(f, "and {own} ")?;
        }
        write!(f, "via {gateway} ")?;
        write!(f, "mac {a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x} {subnet} table {table} group {group}")?;
        if let Some(acl) = acl {
            write!(f, " acl {acl}")?;
        }
        if let Some(redirects) = redirects {
            write!(f, " redirects {redirects}")?;
        }
        if *forwards { f.write_str(" forwards") } else { Ok(()) }
    }
}

impl fmt::Display for PassageLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, end, table, redirects, peer } = self;
        write!(f, "{name} end {end} table {table}")?;
        if let Some(redirects) = redirects {
            write!(f, " redirects {redirects}")?;
        }
        if let Some(peer) = peer { write!(f, " to {peer}") } else { Ok(()) }
    }
}

impl fmt::Display for PublicName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { vpc, public, private } = self;
        write!(f, "{public} of {vpc}")?;
        if let Some(private) = private { write!(f, " as {private}") } else { Ok(()) }
    }
}

impl fmt::Display for Passage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InternetGateway { cidrs, public, ipv6 } => {
                write!(f, "internet gateway of {}", list(cidrs))?;
                public.iter().try_for_each(|(private, public)| write!(f, " {private} as {public}"))?;
                ipv6.iter().try_for_each(|own| write!(f, " {own}"))
            }
            Self::EgressOnlyInternetGateway { cidrs, ipv6 } => {
                write!(f, "egress-only internet gateway of {}", list(cidrs))?;
                ipv6.iter().try_for_each(|own| write!(f, " {own}"))
            }
            Self::NatGateway { addresses, draining } => {
                f.write_str("NAT gateway")?;
                addresses.iter().try_for_each(|own| write!(f, " {own}"))?;
                draining.iter().try_for_each(|own| write!(f, " draining {own}"))
            }
            Self::Peering { requester, accepter } => {
                write!(f, "peering connection of {} and {}", list(requester), list(accepter))
            }
        }
    }
}

fn lines_of(routes: &BTreeMap<IpCidr, Route>) -> impl Iterator<Item = String> {
    routes.iter().map(|(destination, Route { target, named })| match target {
        RouteTarget::GatewayEndpoint(id) => format!("{destination} of {named} to {id}"),
        RouteTarget::Interface { interface, .. } => format!("{destination} of {named} to {interface}"),
        RouteTarget::Passage(name) => format!("{destination} of {named} over {name}"),
        RouteTarget::Local => format!("{destination} of {named} as ever"),
        RouteTarget::Blackhole => format!("{destination} of {named} to nowhere"),
    })
}

impl GroupRules {
    fn lines(&self) -> impl Iterator<Item = String> {
        let members: Vec<_> = self.groups.iter().map(ToString::to_string).collect();
        let ingress = self.ingress.iter().map(|permit| format!("ingress {permit}"));
        let egress = self.egress.iter().map(|permit| format!("egress {permit}"));
        std::iter::once(format!("of {}", members.join(" "))).chain(ingress).chain(egress)
    }
}

impl fmt::Display for EndpointPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            EndpointKind::Gateway => "gateway",
            EndpointKind::Interface => "interface",
        };
        write!(f, "{kind} {} {}", self.service, policy(&self.policy))
    }
}

/// A policy in a few words: those that are not the default one are told apart by a digest.
fn policy(policy: &Policy) -> String {
    if Policy::parse(Policy::DEFAULT, policy.kind()).is_ok_and(|default| *policy == default) {
        return "default policy".to_owned();
    }
    format!("policy {}", digest(&policy.to_string()))
}

/// What stands for a text that is too long to show, or not for everyone's eyes.
fn digest(text: &str) -> String {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

impl fmt::Display for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { interface, instance, reservation, image, instance_type, zone, zone_id, .. } = self;
        let groups: Vec<_> = self.groups.iter().map(|(id, name)| format!("{id} ({name})")).collect();
        write!(f, "{interface} {instance} {reservation} {image} {instance_type} {zone} {zone_id} {} ", self.hostname)?;
        write!(f, "{} {} {} {} ", self.address, self.mac, self.subnet.0, self.subnet.1)?;
        for own in &self.ipv6 {
            write!(f, "{own} ")?;
        }
        for block in self.ipv6_blocks.iter().flatten() {
            write!(f, "{block} ")?;
        }
        write!(f, "groups {} launched {} index {}", groups.join(" "), self.launched, self.launch_index)?;
        if let Some(data) = &self.user_data {
            write!(f, " user-data {}", digest(data))?;
        }
        match &self.role {
            Some(RoleSource::Profile { arn, id }) => write!(f, " profile {arn} {id}")?,
            Some(RoleSource::Role(arn)) => write!(f, " role {arn}")?,
            None => {}
        }
        write!(f, " tokens {}", if self.tokens_required { "required" } else { "optional" })?;
        write!(f, " hops {}", self.hop_limit)?;
        if self.over_ipv6 {
            f.write_str(" over IPv6")?;
        }
        if !self.enabled {
            f.write_str(" silent")?;
        }
        for (key, value) in self.tags.iter().flatten() {
            write!(f, " tag {key:?} {value:?}")?;
        }
        self.public.iter().try_for_each(|(public, private)| write!(f, " public {public} as {private}"))?;
        self.public_hostname.iter().try_for_each(|name| write!(f, " called {name}"))
    }
}

fn list(addresses: &[impl ToString]) -> String {
    addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}
