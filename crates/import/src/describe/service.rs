//! What `describe-vpc-endpoint-services` tells of services.
//!
//! Source: EC2 API reference, `ServiceDetail`.

use std::collections::BTreeSet;

use super::element::{Element, Fault};
use super::page::Page;
use super::reading::Reading;

/// A service as it is told.
pub(super) struct ToldService {
    /// The names that private DNS gives to an interface endpoint.
    pub(super) private_names: BTreeSet<String>,
}

pub(super) fn read(reading: &mut Reading, element: &Element<'_>, _: &Page) -> Result<(), Fault> {
    let Some(name) = element.text("ServiceName")? else { return Err(element.fault_at("ServiceName", "is missing")) };
    let mut private_names: BTreeSet<String> = BTreeSet::new();
    private_names.extend(element.text("PrivateDnsName")?.map(str::to_ascii_lowercase));
    for told in element.list("PrivateDnsNames")? {
        private_names.extend(told.text("PrivateDnsName")?.map(str::to_ascii_lowercase));
    }
    reading.services.insert(name.to_owned(), ToldService { private_names });
    Ok(())
}
