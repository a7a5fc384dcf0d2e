//! Elastic IP addresses.
//!
//! Source: EC2 API reference, `Address`.

use sidegate_model::{AllocationId, ElasticIp, ElasticIpAssociation};

use super::element::{Element, Fault};
use super::page::Page;
use super::reading::Reading;

pub(super) fn read(reading: &mut Reading, element: &Element<'_>, page: &Page) -> Result<(), Fault> {
    let id: AllocationId = element.required("AllocationId")?;
    let scope = reading.scope(element, page)?;
    let association = match (element.optional("NetworkInterfaceId")?, element.optional("PrivateIpAddress")?) {
        (Some(interface), Some(private)) => {
            Some(ElasticIpAssociation { id: element.required("AssociationId")?, interface, private })
        }
        _ => None,
    };
    let address = element.required("PublicIp")?;
    reading.tags(page, element, id.as_str(), &scope);
    reading.put(page, |world| &mut world.elastic_ips, ElasticIp { id, scope, address, association });
    Ok(())
}
