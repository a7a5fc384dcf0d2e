//! NAT gateways.
//!
//! Source: EC2 API reference, `NatGateway`, `NatGatewayAddress`.

use std::net::Ipv4Addr;

use sidegate_model::{
    Attachment, AutomaticAddress, Connectivity, NatGateway, NatGatewayAddress, NatGatewayId, NatGatewayState,
    NetworkInterface, NetworkInterfaceId,
};

use super::element::{Element, Fault, shown};
use super::page::Page;
use super::reading::Reading;
use crate::Bearing;

pub(super) fn read(reading: &mut Reading, element: &Element<'_>, page: &Page) -> Result<(), Fault> {
    let id: NatGatewayId = element.required("NatGatewayId")?;
    let scope = reading.scope(element, page)?;
    if !element.has("SubnetId") {
        return Err(element.fault_at("SubnetId", "is missing; a regional NAT gateway has no place in the model"));
    }
    let state = state(reading, element, &id)?;
    let is_there = state == NatGatewayState::Available;
    let told = reading.each(page, id.as_str(), &Bearing::Flow, element.list("NatGatewayAddresses"), address);
    let (interfaces, addresses): (Vec<_>, Vec<NatGatewayAddress>) = told.into_iter().flatten().unzip();
    let gateway = NatGateway {
        id: id.clone(),
        scope: scope.clone(),
        vpc: element.required("VpcId")?,
        subnet: element.required("SubnetId")?,
        connectivity: match element.text("ConnectivityType")? {
            Some("private") => Connectivity::Private,
            _ => Connectivity::Public,
        },
        state,
        interface: interfaces.into_iter().flatten().next().filter(|_| is_there),
        addresses,
        created: element.moment("CreateTime"),
        ended: (!is_there).then(|| element.moment("DeleteTime")),
    };
    claim_interface(reading, page, &gateway);
    reading.tags(page, element, id.as_str(), &scope);
    reading.put(page, |world| &mut world.nat_gateways, gateway);
    Ok(())
}

fn state(reading: &mut Reading, element: &Element<'_>, id: &NatGatewayId) -> Result<NatGatewayState, Fault> {
    let state = element.text("State")?.unwrap_or_default();
    if matches!(state, "pending" | "deleting") {
        reading.open(id.as_str(), "whether it forwards", format!("its state is {state}"), Bearing::Flow);
    }
    match state {
        "available" => Ok(NatGatewayState::Available),
        "deleting" | "deleted" => Ok(NatGatewayState::Deleted),
        "pending" | "failed" => Ok(NatGatewayState::Failed {
            code: element.text("FailureCode")?.unwrap_or_default().to_owned(),
            message: element.text("FailureMessage")?.unwrap_or_default().to_owned(),
        }),
        other => Err(element.fault_at("State", format!("`{}` is no state of a NAT gateway", shown(other)))),
    }
}

/// An address that is in use, and its interface. One that comes or goes is not taken for an address of the gateway.
fn address(one: &Element<'_>) -> Result<Option<(Option<NetworkInterfaceId>, NatGatewayAddress)>, Fault> {
    if one.text("Status")?.is_some_and(|status| status != "succeeded") {
        return Ok(None);
    }
    let address = NatGatewayAddress {
        private: one.optional("PrivateIp")?,
        allocation: one.optional("AllocationId")?,
        association: one.optional("AssociationId")?,
        public: one.optional("PublicIp")?,
        draining: None,
    };
    Ok(Some((one.optional("NetworkInterfaceId")?, address)))
}

/// Makes the interface the gateway's; where no file describes it, what the gateway tells of it is enough.
fn claim_interface(reading: &mut Reading, page: &Page, gateway: &NatGateway) {
    let Some(id) = &gateway.interface else { return };
    let private: Vec<Ipv4Addr> = gateway.addresses.iter().filter_map(|address| address.private).collect();
    let Some((first, others)) = private.split_first() else { return };
    if reading.world.interfaces.get(id).is_none() {
        let interface = NetworkInterface {
            id: id.clone(),
            scope: gateway.scope.clone(),
            vpc: gateway.vpc.clone(),
            subnet: gateway.subnet.clone(),
            address: *first,
            secondary: others.to_vec(),
            ipv6: Vec::new(),
            automatic: AutomaticAddress::default(),
            groups: Vec::new(),
            group_number: 0,
            description: format!("Interface for NAT Gateway {}", gateway.id),
            source_dest_check: false,
            attachment: Attachment::NatGateway(gateway.id.clone()),
            detached: None,
            role: None,
            created: gateway.created,
        };
        reading.put(page, |world| &mut world.interfaces, interface);
    }
    reading.world.interfaces.update(id, |interface| {
        interface.attachment = Attachment::NatGateway(gateway.id.clone());
        interface.source_dest_check = false;
        interface.groups.clear();
    });
}
