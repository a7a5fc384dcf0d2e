//! VPC peering connections, each side of which may be of another account.
//!
//! Source: EC2 API reference, `VpcPeeringConnection`, `VpcPeeringConnectionVpcInfo`.

use sidegate_model::{PeeringSide, PeeringState, Scope, VpcPeeringConnection, VpcPeeringConnectionId};

use super::element::{Element, Fault, shown};
use super::page::Page;
use super::reading::Reading;
use crate::Bearing;

pub(super) fn read(reading: &mut Reading, element: &Element<'_>, page: &Page) -> Result<(), Fault> {
    let id: VpcPeeringConnectionId = element.required("VpcPeeringConnectionId")?;
    let requester = side(reading, element, page, "RequesterVpcInfo")?;
    let accepter = side(reading, element, page, "AccepterVpcInfo")?;
    let code = element.object("Status")?.map(|status| status.text("Code")).transpose()?.flatten().unwrap_or_default();
    let state = match code {
        "active" => PeeringState::Active,
        "pending-acceptance" => PeeringState::PendingAcceptance,
        "rejected" => PeeringState::Rejected,
        "expired" => PeeringState::Expired,
        "failed" => PeeringState::Failed,
        "deleted" => PeeringState::Deleted(requester.scope.account.clone()),
        "initiating-request" | "provisioning" | "deleting" => {
            reading.open(id.as_str(), "whether it joins its VPCs", format!("its state is {code}"), Bearing::Flow);
            PeeringState::Failed
        }
        other => {
            let message = format!("`{}` is no state of a peering connection", shown(other));
            return Err(element.fault_at("Status.Code", message));
        }
    };
    let expires = element.moment("ExpirationTime");
    let peering = VpcPeeringConnection { id, requester, accepter, state, created: expires, changed: expires };
    let scope = peering.requester.scope.clone();
    reading.tags(page, element, peering.id.as_str(), &scope);
    reading.put(page, |world| &mut world.peerings, peering);
    Ok(())
}

fn side(reading: &Reading, element: &Element<'_>, page: &Page, key: &str) -> Result<PeeringSide, Fault> {
    let Some(told) = element.object(key)? else { return Err(element.fault_at(key, "is missing")) };
    let remote_dns = match told.object("PeeringOptions")? {
        Some(options) => options.flag("AllowDnsResolutionFromRemoteVpc")?.unwrap_or_default(),
        None => false,
    };
    let scope = match (told.optional("OwnerId")?, told.optional("Region")?) {
        (Some(account), Some(region)) => Scope { account, region },
        _ => reading.scope(&told, page)?,
    };
    Ok(PeeringSide { scope, vpc: told.required("VpcId")?, remote_dns })
}
