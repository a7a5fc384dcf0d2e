//! Prefix lists: AWS's, those of the account and those that others share with it.
//!
//! Two calls tell of them under the same key: `describe-prefix-lists`, which has the blocks of AWS's lists, and
//! `describe-managed-prefix-lists`, which has none and is completed by `get-managed-prefix-list-entries`.
//!
//! Source: EC2 API reference, `PrefixList`, `ManagedPrefixList`, `PrefixListEntry`.

use sidegate_model::{AddressFamily, Catalog, IpCidr, PrefixList, PrefixListId, Region, Service};

use super::element::{Element, Fault};
use super::page::Page;
use super::reading::Reading;
use crate::Bearing;

pub(super) fn read(reading: &mut Reading, element: &Element<'_>, page: &Page) -> Result<(), Fault> {
    let id: PrefixListId = element.required("PrefixListId")?;
    let name = element.text("PrefixListName")?.unwrap_or_default();
    let region = reading.scope(element, page)?.region;
    let told: Vec<IpCidr> = element.texts("Cidrs")?;
    let weight = element.number("MaxEntries")?.unwrap_or_else(|| u32::try_from(told.len()).unwrap_or(1)).max(1);
    let blocks = told.into_iter().chain(stand_ins(region, name));
    let mut list = PrefixList { id: id.clone(), name: name.to_owned(), cidrs: Vec::new(), cidrs6: Vec::new(), weight };
    extend(&mut list, blocks);
    if let Ok(scope) = reading.scope(element, page) {
        reading.tags(page, element, id.as_str(), &scope);
    }
    merge(reading, list, element.has("Cidrs"));
    Ok(())
}

/// The entries of a list, which the output does not name: the name of the file does.
pub(super) fn read_entries(reading: &mut Reading, element: &Element<'_>, page: &Page) -> Result<(), Fault> {
    let by_name = || page.hint.prefix_list.as_ref().and_then(|id| id.parse().ok());
    let id: Option<PrefixListId> = element.optional("PrefixListId")?.or_else(by_name);
    let id = id.ok_or_else(|| {
        element.fault("does not say which prefix list's entries these are; name the list in the file's name")
    })?;
    let read = |entry: &Element<'_>| entry.required::<IpCidr>("Cidr");
    let entries = reading.each(page, id.as_str(), &Bearing::Flow, element.list("Entries"), read);
    let mut list = PrefixList { id: id.clone(), name: String::new(), cidrs: Vec::new(), cidrs6: Vec::new(), weight: 1 };
    extend(&mut list, entries);
    merge(reading, list, true);
    Ok(())
}

/// Puts a list in, or adds to what is known of it. One without blocks so far has not been told of in full.
fn merge(reading: &mut Reading, list: PrefixList, is_whole: bool) {
    let id = list.id.clone();
    if is_whole {
        reading.whole_lists.insert(id.clone());
    }
    match reading.world.observed_prefix_lists.get(&id).cloned() {
        None => reading.world.observed_prefix_lists.insert(list),
        Some(mut known) => {
            if known.name.is_empty() {
                known.name.clone_from(&list.name);
            }
            known.weight = known.weight.max(list.weight);
            let blocks = list.cidrs.into_iter().map(IpCidr::from).chain(list.cidrs6.into_iter().map(IpCidr::from));
            extend(&mut known, blocks);
            reading.world.observed_prefix_lists.insert(known);
        }
    }
}

fn extend(list: &mut PrefixList, blocks: impl IntoIterator<Item = IpCidr>) {
    for block in blocks {
        match block {
            IpCidr::V4(block) if !list.cidrs.contains(&block) => list.cidrs.push(block),
            IpCidr::V6(block) if !list.cidrs6.contains(&block) => list.cidrs6.push(block),
            _ => {}
        }
    }
}

/// The service of a list of AWS's, and the family of its blocks.
pub(super) fn service_of(region: Region, name: &str) -> Option<(&'static Service, AddressFamily)> {
    let ipv6 = name.strip_prefix(&format!("com.amazonaws.{region}.ipv6."));
    let found = |name: &str| Catalog::find(region, name).filter(|service| service.gateway());
    match ipv6 {
        Some(service) => Some((found(&format!("com.amazonaws.{region}.{service}"))?, AddressFamily::Ipv6)),
        None => Some((found(name)?, AddressFamily::Ipv4)),
    }
}

/// The blocks in which a service is found by its names here, which stand beside its real ones.
pub(super) fn stand_ins(region: Region, name: &str) -> Vec<IpCidr> {
    let list = match service_of(region, name) {
        Some((service, AddressFamily::Ipv4)) => Some(PrefixList::of(service, region)),
        Some((service, AddressFamily::Ipv6)) => PrefixList::ipv6_of(service, region),
        None => None,
    };
    let blocks = |list: PrefixList| {
        let ipv6: Vec<IpCidr> = list.cidrs6.into_iter().map(IpCidr::from).collect();
        list.cidrs.into_iter().map(IpCidr::from).chain(ipv6).collect()
    };
    list.map(blocks).unwrap_or_default()
}
