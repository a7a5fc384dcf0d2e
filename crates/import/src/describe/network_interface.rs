//! Network interfaces, from their own list and from that of the instances that have them.
//!
//! Source: EC2 API reference, `NetworkInterface`, `InstanceNetworkInterface`; EC2 user guide, "Requester-managed network
//! interfaces".

use std::net::{Ipv4Addr, Ipv6Addr};

use sidegate_model::{
    AccountId, Attachment, AutomaticAddress, InstanceId, IpCidr, NatGatewayId, NetworkInterface, NetworkInterfaceId,
    Scope, SecurityGroupId, VpcEndpointId, VpcId,
};

use super::element::{Element, Fault, shown};
use super::page::Page;
use super::reading::{LentAddress, Reading};
use crate::Bearing;

/// The types of interfaces that lead what reaches them elsewhere.
const FORWARDERS: [&str; 6] = [
    "network_load_balancer",
    "gateway_load_balancer",
    "gateway_load_balancer_endpoint",
    "load_balancer",
    "transit_gateway",
    "global_accelerator_managed",
];

pub(super) fn read(reading: &mut Reading, element: &Element<'_>, page: &Page) -> Result<(), Fault> {
    let scope = reading.scope(element, page)?;
    let (attachment, what) = attachment(element, &scope)?;
    take(reading, element, page, &scope, attachment, what)
}

/// An interface as its instance tells of it, if no list of interfaces does.
pub(super) fn read_of_instance(
    reading: &mut Reading, element: &Element<'_>, page: &Page, scope: &Scope, instance: &InstanceId,
) -> Result<NetworkInterfaceId, Fault> {
    let id: NetworkInterfaceId = element.required("NetworkInterfaceId")?;
    if reading.world.interfaces.get(&id).is_none() {
        let Some(told) = element.object("Attachment")? else {
            return Err(element.fault_at("Attachment", "is missing"));
        };
        let account: Option<AccountId> = element.optional("OwnerId")?;
        let scope = Scope { account: account.unwrap_or_else(|| scope.account.clone()), region: scope.region };
        take(reading, element, page, &scope, to_instance(&told, instance.clone())?, None)?;
    }
    Ok(id)
}

fn take(
    reading: &mut Reading, element: &Element<'_>, page: &Page, scope: &Scope, attachment: Attachment,
    behind: Option<Behind>,
) -> Result<(), Fault> {
    let id: NetworkInterfaceId = element.required("NetworkInterfaceId")?;
    let Some(address) = element.optional::<Ipv4Addr>("PrivateIpAddress")? else {
        return Err(
            element.fault_at("PrivateIpAddress", "is missing; an interface of IPv6 alone has no place in the model")
        );
    };
    let vpc: VpcId = element.required("VpcId")?;
    let mut addresses = reading.each(page, id.as_str(), &Bearing::Flow, element.list("PrivateIpAddresses"), |one| {
        Ok((one.required::<Ipv4Addr>("PrivateIpAddress")?, one.clone()))
    });
    if addresses.is_empty() {
        addresses.push((address, element.clone()));
    }
    let ipv6 = reading.each(page, id.as_str(), &Bearing::Flow, element.list("Ipv6Addresses"), |one| {
        one.required::<Ipv6Addr>("Ipv6Address")
    });
    let groups = reading.each(page, id.as_str(), &Bearing::Flow, element.list("Groups"), |one| {
        one.required::<SecurityGroupId>("GroupId")
    });
    let mut automatic = AutomaticAddress::default();
    for (private, told) in &addresses {
        let Some(told) = told.object("Association")? else { continue };
        if told.text("PublicDnsName")?.is_some_and(|name| !name.is_empty()) {
            reading.with_public_names.insert(VpcId::clone(&vpc));
        }
        match public(&told, scope)? {
            Public::Automatic(public) if *private == address => {
                automatic = AutomaticAddress { wanted: true, address: Some(public), last: None };
            }
            Public::Automatic(_) => {
                let why = "the model has one for the primary private address alone";
                reading.open(id.as_str(), format!("the public address of {private}"), why, Bearing::Flow);
            }
            Public::Elastic(mut lent) => {
                lent.association.interface = id.clone();
                lent.association.private = *private;
                reading.lent.push(*lent);
            }
            Public::Unknown => {
                let why = "its association names neither AWS nor an allocation";
                reading.open(id.as_str(), format!("the public address of {private}"), why, Bearing::Flow);
            }
        }
    }
    prefixes(reading, element, page, &id)?;
    if groups.is_empty() && !matches!(attachment, Attachment::NatGateway(_)) {
        reading.open(
            id.as_str(),
            "what it lets through",
            "it has no security group, as in the model all have",
            Bearing::Flow,
        );
    }
    if let Some(Behind { what, bearing }) = behind {
        reading.open(id.as_str(), "what is behind it", what, bearing);
    }
    if let Attachment::Instance { instance, device, .. } = &attachment {
        reading.attached.entry(instance.clone()).or_default().entry(*device).or_insert_with(|| id.clone());
    }
    let secondary = addresses.iter().map(|(private, _)| *private).filter(|private| *private != address).collect();
    let interface = NetworkInterface {
        id: id.clone(),
        scope: scope.clone(),
        vpc,
        subnet: element.required("SubnetId")?,
        address,
        secondary,
        ipv6,
        automatic,
        groups,
        // Numbers are given once all are known.
        group_number: 0,
        description: element.text("Description")?.unwrap_or_default().to_owned(),
        source_dest_check: element.flag("SourceDestCheck")?.unwrap_or(true),
        attachment,
        detached: None,
        role: None,
        created: 0,
    };
    reading.tags(page, element, id.as_str(), scope);
    reading.put(page, |world| &mut world.interfaces, interface);
    Ok(())
}

/// What is not known of what an interface belongs to.
struct Behind {
    what: String,
    bearing: Bearing,
}

/// What an interface belongs to. What is in use and belongs to nothing that the model has is taken for a program: its
/// packets go as those of any other.
fn attachment(element: &Element<'_>, scope: &Scope) -> Result<(Attachment, Option<Behind>), Fault> {
    let told = element.object("Attachment")?;
    let state = told.as_ref().map(|told| told.text("Status")).transpose()?.flatten();
    let kind = element.text("InterfaceType")?.unwrap_or("interface");
    let description = element.text("Description")?.unwrap_or_default();
    let named = description.split_ascii_whitespace().last().unwrap_or_default();
    if let Some(told) = told.as_ref().filter(|told| told.has("InstanceId")) {
        let coming = state.filter(|state| matches!(*state, "attaching" | "detaching"));
        let behind = coming.map(|state| Behind { what: format!("its attachment is {state}"), bearing: Bearing::Flow });
        return Ok((to_instance(told, told.required("InstanceId")?)?, behind));
    }
    let in_use = element.text("Status")? != Some("available") && state != Some("detached");
    if let ("nat_gateway", Ok(gateway)) = (kind, named.parse::<NatGatewayId>()) {
        return Ok((Attachment::NatGateway(gateway), None));
    }
    if let ("vpc_endpoint", Ok(endpoint)) = (kind, named.parse::<VpcEndpointId>()) {
        return Ok((Attachment::Endpoint(endpoint), None));
    }
    if kind == "lambda" {
        let named = function_of(description).map(|name| function_arn(scope, name));
        return Ok((Attachment::Functions(named.into_iter().collect()), None));
    }
    if !in_use {
        return Ok((Attachment::None, None));
    }
    let bearing = if FORWARDERS.contains(&kind) { Bearing::Flow } else { Bearing::Nothing };
    let what = format!("it is of the type {}, described as `{}`", shown(kind), shown(description));
    Ok((Attachment::Program, Some(Behind { what, bearing })))
}

/// The function whose interface this is by its description, `AWS Lambda VPC ENI-NAME-UUID`. Other functions in the same
/// subnet and with the same groups share it, and nothing tells which.
///
/// Source: Lambda developer guide, "Giving Lambda functions access to resources in an Amazon VPC".
fn function_of(description: &str) -> Option<&str> {
    /// How many characters a UUID has.
    const UUID: usize = 36;
    let named = description.strip_prefix("AWS Lambda VPC ENI-")?;
    let (name, uuid) = named.split_at_checked(named.len().checked_sub(UUID)?)?;
    let is_uuid = uuid.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    name.strip_suffix('-').filter(|name| is_uuid && !name.is_empty())
}

fn function_arn(scope: &Scope, name: &str) -> String {
    format!("arn:aws:lambda:{}:{}:function:{name}", scope.region, scope.account)
}

fn to_instance(told: &Element<'_>, instance: InstanceId) -> Result<Attachment, Fault> {
    Ok(Attachment::Instance {
        instance,
        attachment: told.required("AttachmentId")?,
        device: told.number("DeviceIndex")?.unwrap_or_default(),
        delete_on_termination: told.flag("DeleteOnTermination")?.unwrap_or_default(),
        attached: Some(told.moment("AttachTime")).filter(|at| *at != 0),
    })
}

/// The public address of a private one.
enum Public {
    /// AWS gave it.
    Automatic(Ipv4Addr),
    /// An account has it.
    Elastic(Box<LentAddress>),
    /// Nobody can tell.
    Unknown,
}

fn public(told: &Element<'_>, scope: &Scope) -> Result<Public, Fault> {
    let Some(address) = told.optional::<Ipv4Addr>("PublicIp")? else { return Ok(Public::Unknown) };
    let owner = told.text("IpOwnerId")?;
    if let Some(id) = told.optional("AllocationId")? {
        let account: Option<AccountId> = owner.and_then(|owner| owner.parse().ok());
        let scope = Scope { account: account.unwrap_or_else(|| scope.account.clone()), region: scope.region };
        return Ok(Public::Elastic(Box::new(LentAddress::new(id, scope, address, told.required("AssociationId")?))));
    }
    let is_awss = owner.is_some_and(|owner| owner.parse::<AccountId>().is_err());
    Ok(if is_awss { Public::Automatic(address) } else { Public::Unknown })
}

/// Whole blocks of addresses that an interface has, which the model does not know.
fn prefixes(reading: &mut Reading, element: &Element<'_>, page: &Page, id: &NetworkInterfaceId) -> Result<(), Fault> {
    let mut blocks: Vec<IpCidr> = Vec::new();
    for (key, member) in [("Ipv4Prefixes", "Ipv4Prefix"), ("Ipv6Prefixes", "Ipv6Prefix")] {
        let read = |one: &Element<'_>| one.required::<IpCidr>(member);
        blocks.extend(reading.each(page, id.as_str(), &Bearing::Flow, element.list(key), read));
    }
    if !blocks.is_empty() {
        let vpc = element.text("VpcId")?.unwrap_or_default();
        let what = format!("which of the addresses of the prefixes of {id} are in use");
        let why = "the model has interfaces with single addresses alone";
        reading.open(vpc, what, why, Bearing::Destinations(blocks));
    }
    Ok(())
}
