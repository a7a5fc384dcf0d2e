//! Gateways of VPCs: internet gateways of both kinds, and virtual private gateways.
//!
//! Source: EC2 API reference, `InternetGateway`, `EgressOnlyInternetGateway`, `VpnGateway`.

use sidegate_model::{
    AmazonSideAsn, EgressOnlyInternetGateway, EgressOnlyInternetGatewayId, InternetGateway, InternetGatewayId, VpcId,
    VpnGateway, VpnGatewayId, Zone,
};

use super::element::{Element, Fault};
use super::page::Page;
use super::reading::Reading;
use crate::Bearing;

/// The VPC that a gateway is attached to, and is not on its way to or from.
fn attached(reading: &mut Reading, page: &Page, id: &str, element: &Element<'_>, key: &str) -> Option<VpcId> {
    let read = |one: &Element<'_>| {
        Ok((one.required::<VpcId>("VpcId")?, one.text("State")?.unwrap_or("attached").to_ascii_lowercase()))
    };
    let mut vpc = None;
    for (to, state) in reading.each(page, id, &Bearing::Flow, element.list(key), read) {
        match state.as_str() {
            // DescribeInternetGateways says `available` of what is attached.
            "attached" | "available" => vpc = Some(to),
            "attaching" | "detaching" => {
                let what = format!("whether it is attached to {to}");
                reading.open(id, what, format!("its attachment is {state}"), Bearing::Flow);
            }
            _ => {}
        }
    }
    vpc
}

pub(super) fn read_internet(reading: &mut Reading, element: &Element<'_>, page: &Page) -> Result<(), Fault> {
    let id: InternetGatewayId = element.required("InternetGatewayId")?;
    let scope = reading.scope(element, page)?;
    let vpc = attached(reading, page, id.as_str(), element, "Attachments");
    reading.tags(page, element, id.as_str(), &scope);
    reading.put(page, |world| &mut world.internet_gateways, InternetGateway { id, scope, vpc });
    Ok(())
}

pub(super) fn read_egress_only(reading: &mut Reading, element: &Element<'_>, page: &Page) -> Result<(), Fault> {
    let id: EgressOnlyInternetGatewayId = element.required("EgressOnlyInternetGatewayId")?;
    let scope = reading.scope(element, page)?;
    let Some(vpc) = attached(reading, page, id.as_str(), element, "Attachments") else {
        return Err(element.fault_at("Attachments", "has no VPC that it is attached to"));
    };
    reading.tags(page, element, id.as_str(), &scope);
    reading.put(page, |world| &mut world.egress_only_internet_gateways, EgressOnlyInternetGateway { id, scope, vpc });
    Ok(())
}

pub(super) fn read_vpn(reading: &mut Reading, element: &Element<'_>, page: &Page) -> Result<(), Fault> {
    let id: VpnGatewayId = element.required("VpnGatewayId")?;
    let scope = reading.scope(element, page)?;
    let vpc = attached(reading, page, id.as_str(), element, "VpcAttachments");
    // Older gateways, and those with a number of the public, have one that no new gateway gets.
    let asn = element.number("AmazonSideAsn")?.and_then(|number| AmazonSideAsn::new(number).ok()).unwrap_or_default();
    let deleted = element.text("State")?.is_some_and(|state| matches!(state, "deleted" | "deleting"));
    let zone = element.text("AvailabilityZone")?.and_then(|name| Zone::named(scope.region, name));
    if !deleted {
        reading.open(id.as_str(), "what lies behind it", "a VPN connection or Direct Connect does", Bearing::Flow);
    }
    reading.tags(page, element, id.as_str(), &scope);
    let gateway = VpnGateway { id, scope, asn, zone, vpc, former: None, deleted: deleted.then_some(0) };
    reading.put(page, |world| &mut world.vpn_gateways, gateway);
    Ok(())
}
