//! Subnets.
//!
//! Source: EC2 API reference, `Subnet`.

use sidegate_model::{HostNameOptions, HostnameType, Ipv4Cidr, Region, Subnet, SubnetId, SubnetIpv6Cidr, Zone};

use super::element::{Element, Fault, shown};
use super::page::Page;
use super::reading::Reading;
use crate::Bearing;

pub(super) fn read(reading: &mut Reading, element: &Element<'_>, page: &Page) -> Result<(), Fault> {
    let id: SubnetId = element.required("SubnetId")?;
    let scope = reading.scope(element, page)?;
    let Some(cidr) = element.optional::<Ipv4Cidr>("CidrBlock")? else {
        return Err(element.fault_at("CidrBlock", "is missing; a subnet of IPv6 alone has no place in the model"));
    };
    let flag = |key| element.flag(key).map(Option::unwrap_or_default);
    let zone = zone(reading, element, scope.region, id.as_str())?;
    let ipv6 = reading.each(page, id.as_str(), &Bearing::Flow, element.list("Ipv6CidrBlockAssociationSet"), ipv6);
    let mut ipv6: Vec<SubnetIpv6Cidr> = ipv6.into_iter().flatten().collect();
    if ipv6.len() > 1 {
        let why = "the model has one for each subnet";
        reading.open(id.as_str(), "its further IPv6 blocks", why, Bearing::Flow);
    }
    let subnet = Subnet {
        id: id.clone(),
        scope: scope.clone(),
        vpc: element.required("VpcId")?,
        cidr,
        ipv6_cidr: (!ipv6.is_empty()).then(|| ipv6.remove(0)),
        is_default: flag("DefaultForAz")?,
        zone,
        public_addresses: flag("MapPublicIpOnLaunch")?,
        ipv6_addresses: flag("AssignIpv6AddressOnCreation")?,
        dns64: flag("EnableDns64")?,
        host_names: element
            .object("PrivateDnsNameOptionsOnLaunch")?
            .map(|o| host_names(&o))
            .transpose()?
            .unwrap_or_default(),
        network_acl: None,
    };
    reading.tags(page, element, id.as_str(), &scope);
    reading.put(page, |world| &mut world.subnets, subnet);
    Ok(())
}

/// The block of an association that is in force.
fn ipv6(one: &Element<'_>) -> Result<Option<SubnetIpv6Cidr>, Fault> {
    let state = one.object("Ipv6CidrBlockState")?.map(|state| state.text("State")).transpose()?.flatten();
    if state.is_some_and(|state| state != "associated") {
        return Ok(None);
    }
    Ok(Some(SubnetIpv6Cidr { id: one.required("AssociationId")?, cidr: one.required("Ipv6CidrBlock")? }))
}

/// The zone by its name, since that is what its account calls it.
fn zone(reading: &mut Reading, element: &Element<'_>, region: Region, id: &str) -> Result<Zone, Fault> {
    let Some(name) = element.text("AvailabilityZone")? else {
        return Err(element.fault_at("AvailabilityZone", "is missing"));
    };
    if let Some(zone) = Zone::named(region, name) {
        return Ok(zone);
    }
    let Some(first) = region.zones().next() else { return Err(element.fault_at("AvailabilityZone", "is no zone")) };
    let why = format!("{} is a Local Zone or Wavelength Zone, and the model has none", shown(name));
    reading.assume(id, "its zone", &why, &first.name(), Bearing::Nothing);
    Ok(first)
}

/// What its instances are called.
pub(super) fn host_names(options: &Element<'_>) -> Result<HostNameOptions, Fault> {
    let kind = match options.text("HostnameType")? {
        None => HostnameType::default(),
        Some(text) => HostnameType::parse("HostnameType", text)
            .map_err(|error| options.fault_at("HostnameType", error.to_string()))?,
    };
    Ok(HostNameOptions {
        kind,
        resource_name_a: options.flag("EnableResourceNameDnsARecord")?.unwrap_or_default(),
        resource_name_aaaa: options.flag("EnableResourceNameDnsAAAARecord")?.unwrap_or_default(),
    })
}
