//! Sets of DHCP options.
//!
//! Source: EC2 API reference, `DhcpOptions`.

use sidegate_model::{DhcpConfiguration, DhcpOptions, DhcpOptionsId};

use super::element::{Element, Fault};
use super::page::Page;
use super::reading::Reading;

pub(super) fn read(reading: &mut Reading, element: &Element<'_>, page: &Page) -> Result<(), Fault> {
    let id: DhcpOptionsId = element.required("DhcpOptionsId")?;
    let scope = reading.scope(element, page)?;
    let mut options = Vec::new();
    for option in element.list("DhcpConfigurations")? {
        let key = option.text("Key")?.unwrap_or_default().to_owned();
        let text = |value: Element<'_>| Ok(value.text("Value")?.unwrap_or_default().to_owned());
        let values = option.list("Values")?.into_iter().map(text).collect::<Result<Vec<_>, Fault>>()?;
        options.push((key, values));
    }
    let configuration = DhcpConfiguration::parse(&options)
        .map_err(|error| element.fault_at("DhcpConfigurations", error.to_string()))?;
    reading.tags(page, element, id.as_str(), &scope);
    reading.put(page, |world| &mut world.dhcp_options, DhcpOptions { id, scope, configuration });
    Ok(())
}
