//! What the model has no place for: transit gateways, load balancers, VPN connections and whatever else there is a list of.

use super::element::{Element, Fault, shown};
use super::kind::{Treatment, treatment};
use super::page::Page;
use super::reading::Reading;
use crate::Bearing;

/// Notes an element, so that what meets it is known to be undetermined.
pub(super) fn read(reading: &mut Reading, element: &Element<'_>, page: &Page) -> Result<(), Fault> {
    let is_strange = treatment(&page.key) == Treatment::Strange;
    if is_strange {
        let message = format!("`{}` is none of the lists that are read; {} is left out", page.key, element.path());
        reading.fault(page, Fault { path: element.path().to_owned(), message });
    }
    let told = element.text(page.id_key).ok().flatten().or_else(|| own_id(element));
    if let Some(id) = told {
        reading.open(&shown(id), "what it does", format!("the model has none of the {}", page.key), Bearing::Flow);
    }
    Ok(())
}

/// What looks like the id of an element of which nothing is known: the first of its members that is called one.
fn own_id<'a>(element: &Element<'a>) -> Option<&'a str> {
    let members = element.value().as_object()?;
    let ids = ["Id", "Arn", "Identifier"]
        .into_iter()
        .flat_map(|end| members.iter().filter(move |(key, _)| key.ends_with(end)));
    ids.filter_map(|(_, value)| value.as_str()).find(|text| !text.is_empty())
}
