//! Entries: CreateNetworkAclEntry, ReplaceNetworkAclEntry, DeleteNetworkAclEntry.

use sidegate_model::{
    Direction, FINAL_IPV4_ENTRY, FINAL_IPV6_ENTRY, IpCidr, IpProtocol, Ipv4Cidr, Ipv6Cidr, NetworkAcl, NetworkAclEntry,
    NetworkAclId, PortRange, RuleAction, Scope, World,
};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::super::action::{Action, Call};
use super::super::ids::{self, arn, required};
use super::super::parameter;
use super::super::{fault, refused};

/// The entries as answers show them: what goes out first, and behind each direction's own those that deny the rest. The
/// one about IPv6 is shown where there is IPv6.
pub(super) fn render(world: &World, acl: &NetworkAcl) -> Vec<ec2::NetworkAclEntry> {
    let has_ipv6 = world.vpcs.get(&acl.vpc).is_some_and(|vpc| !vpc.ipv6_cidrs.is_empty())
        || acl.entries().iter().any(|entry| entry.cidr.is_ipv6());
    let mut entries = Vec::new();
    for direction in [Direction::Egress, Direction::Ingress] {
        entries.extend(acl.entries_of(direction).map(own));
        entries.push(last(direction, FINAL_IPV4_ENTRY, Ipv4Cidr::ANY.into()));
        if has_ipv6 {
            entries.push(last(direction, FINAL_IPV6_ENTRY, Ipv6Cidr::ANY.into()));
        }
    }
    entries
}

fn own(entry: &NetworkAclEntry) -> ec2::NetworkAclEntry {
    let is_icmp = matches!(entry.protocol, IpProtocol::ICMP | IpProtocol::ICMPV6);
    let (icmp, ports) = if is_icmp { (entry.ports, None) } else { (None, entry.ports) };
    let (ipv4, ipv6) = blocks(entry.cidr);
    ec2::NetworkAclEntry {
        cidr_block: ipv4,
        egress: Some(entry.direction == Direction::Egress),
        icmp_type_code: icmp.map(|icmp| ec2::IcmpTypeCode { r#type: Some(icmp.from), code: Some(icmp.to) }),
        ipv6_cidr_block: ipv6,
        port_range: ports.map(|ports| ec2::PortRange { from: Some(ports.from), to: Some(ports.to) }),
        protocol: Some(number(entry.protocol)),
        rule_action: Some(entry.action.as_str().to_owned()),
        rule_number: Some(entry.number.into()),
    }
}

/// The entry that denies what no other of its family matches.
fn last(direction: Direction, number: u16, cidr: IpCidr) -> ec2::NetworkAclEntry {
    let (ipv4, ipv6) = blocks(cidr);
    ec2::NetworkAclEntry {
        cidr_block: ipv4,
        egress: Some(direction == Direction::Egress),
        ipv6_cidr_block: ipv6,
        protocol: Some(self::number(IpProtocol::All)),
        rule_action: Some(RuleAction::Deny.as_str().to_owned()),
        rule_number: Some(number.into()),
        ..Default::default()
    }
}

fn blocks(cidr: IpCidr) -> (Option<String>, Option<String>) {
    let text = Some(cidr.to_string());
    if cidr.is_ipv6() { (None, text) } else { (text, None) }
}

/// The protocol as entries have it: by its number.
fn number(protocol: IpProtocol) -> String {
    match protocol {
        IpProtocol::All => "-1".to_owned(),
        IpProtocol::Number(number) => number.to_string(),
    }
}

/// The values that an entry has under a filter's name, without the `entry.` before it. A protocol is found by its name
/// as well.
///
/// Source: EC2 API reference, DescribeNetworkAcls, filters.
pub(super) fn values(entry: ec2::NetworkAclEntry, filter: &str) -> Vec<String> {
    let number = |value: Option<i32>| value.map(|value| value.to_string());
    let icmp = entry.icmp_type_code.unwrap_or_default();
    let ports = entry.port_range.unwrap_or_default();
    let value = match filter {
        "cidr" => entry.cidr_block,
        "egress" => entry.egress.map(|egress| egress.to_string()),
        "icmp.code" => number(icmp.code),
        "icmp.type" => number(icmp.r#type),
        "ipv6-cidr" => entry.ipv6_cidr_block,
        "port-range.from" => number(ports.from),
        "port-range.to" => number(ports.to),
        "protocol" => return entry.protocol.into_iter().flat_map(|number| [name(&number), number]).collect(),
        "rule-action" => entry.rule_action,
        "rule-number" => number(entry.rule_number),
        _ => None,
    };
    value.into_iter().collect()
}

fn name(number: &str) -> String {
    IpProtocol::parse(number).map_or_else(|_| number.to_owned(), |protocol| protocol.to_string())
}

/// The parameters that an entry is made of, which two actions have in common.
struct Wanted<'r> {
    number: Option<i32>,
    protocol: Option<&'r str>,
    action: Option<&'r str>,
    egress: Option<bool>,
    cidr: Option<&'r str>,
    cidr6: Option<&'r str>,
    icmp: Option<&'r ec2::IcmpTypeCode>,
    ports: Option<&'r ec2::PortRange>,
}

impl Wanted<'_> {
    fn entry(&self) -> Result<NetworkAclEntry, Failure> {
        let Some(number) = self.number else { return Err(missing("RuleNumber")) };
        let Some(egress) = self.egress else { return Err(missing("Egress")) };
        let protocol = protocol(required(self.protocol, "Protocol")?)?;
        let action = RuleAction::parse(required(self.action, "RuleAction")?).map_err(|error| fault::of(&error))?;
        let cidr = match (self.cidr, self.cidr6) {
            (Some(text), None) => parameter::cidr("cidrBlock", text)?.into(),
            (None, Some(text)) => parameter::ipv6_cidr("ipv6CidrBlock", text)?.into(),
            (None, None) => return Err(refused("MissingParameter", ONE_BLOCK)),
            (Some(_), Some(_)) => return Err(refused("InvalidParameterCombination", ONE_BLOCK)),
        };
        let both = |first: Option<i32>, last: Option<i32>| Some(PortRange { from: first?, to: last? });
        let ports = self.ports.and_then(|range| both(range.from, range.to));
        let icmp = self.icmp.and_then(|icmp| both(icmp.r#type, icmp.code));
        NetworkAclEntry::new(direction(egress), number, action, protocol, cidr, ports, icmp)
            .map_err(|error| fault::of(&error))
    }
}

const ONE_BLOCK: &str = "The request must contain exactly one of cidrBlock, ipv6CidrBlock";

fn missing(parameter: &str) -> Failure {
    refused("MissingParameter", format!("The request must contain the parameter {parameter}"))
}

fn direction(egress: bool) -> Direction {
    if egress { Direction::Egress } else { Direction::Ingress }
}

/// A protocol by its number, or -1; names are the AWS CLI's to translate, and AWS refuses them: row ACL-6 of
/// docs/claims.md.
fn protocol(text: &str) -> Result<IpProtocol, Failure> {
    let is_number = text == "-1" || text.bytes().all(|b| b.is_ascii_digit());
    IpProtocol::parse(text).ok().filter(|_| is_number).ok_or_else(|| {
        let message = format!("Invalid value '{text}' for IP protocol. Unknown protocol.");
        refused("InvalidParameterValue", message)
    })
}

/// What a request of either action wants.
macro_rules! wanted {
    ($request:expr) => {
        Wanted {
            number: $request.rule_number,
            protocol: $request.protocol.as_deref(),
            action: $request.rule_action.as_deref(),
            egress: $request.egress,
            cidr: $request.cidr_block.as_deref(),
            cidr6: $request.ipv6_cidr_block.as_deref(),
            icmp: $request.icmp_type_code.as_ref(),
            ports: $request.port_range.as_ref(),
        }
    };
}

impl Action for ec2::CreateNetworkAclEntryRequest {
    type Answer = ec2::Return;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "network-acl", self.network_acl_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::Return, Failure> {
        let id: NetworkAclId = ids::given(self.network_acl_id.as_deref(), "NetworkAclId")?;
        let entry = wanted!(self).entry()?;
        call.change(move |world, context| world.create_network_acl_entry(context, &id, entry)).await?;
        Ok(ec2::Return)
    }
}

impl Action for ec2::ReplaceNetworkAclEntryRequest {
    type Answer = ec2::Return;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "network-acl", self.network_acl_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::Return, Failure> {
        let id: NetworkAclId = ids::given(self.network_acl_id.as_deref(), "NetworkAclId")?;
        let entry = wanted!(self).entry()?;
        call.change(move |world, context| world.replace_network_acl_entry(context, &id, entry)).await?;
        Ok(ec2::Return)
    }
}

impl Action for ec2::DeleteNetworkAclEntryRequest {
    type Answer = ec2::Return;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "network-acl", self.network_acl_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::Return, Failure> {
        let id: NetworkAclId = ids::given(self.network_acl_id.as_deref(), "NetworkAclId")?;
        let Some(number) = self.rule_number else { return Err(missing("RuleNumber")) };
        let Some(egress) = self.egress else { return Err(missing("Egress")) };
        let direction = direction(egress);
        call.change(move |world, context| world.delete_network_acl_entry(context, &id, direction, number)).await?;
        Ok(ec2::Return)
    }
}
