//! Where instance types are offered: everywhere, since none has an effect.
//!
//! Source: EC2 API reference, `DescribeInstanceTypeOfferings`.

use sidegate_wire::ec2::{
    DescribeInstanceTypeOfferingsRequest, DescribeInstanceTypeOfferingsResult, InstanceTypeOffering,
};
use sidegate_wire::protocol::Failure;

use super::super::action::{Action, Call};
use super::super::filter::{Filters, one};
use super::super::refused;
use super::InstanceType;

impl Action for DescribeInstanceTypeOfferingsRequest {
    type Answer = DescribeInstanceTypeOfferingsResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<DescribeInstanceTypeOfferingsResult, Failure> {
        let filters = Filters::read(&self.filters, &["instance-type", "location"])?;
        let region = call.scope().region;
        let kind = self.location_type.unwrap_or_else(|| "region".to_owned());
        let locations: Vec<String> = match kind.as_str() {
            "region" => vec![region.to_string()],
            "availability-zone" => region.zones().map(|zone| zone.name()).collect(),
            "availability-zone-id" => region.zones().map(|zone| zone.id()).collect(),
            other => {
                let message = format!(
                    "The value '{other}' is not valid for LocationType. Sidegate has the values region, \
                     availability-zone and availability-zone-id."
                );
                return Err(refused("InvalidParameterValue", message));
            }
        };
        let mut offerings: Vec<(String, String)> = InstanceType::all()
            .flat_map(|kind| locations.iter().map(move |location| (kind.name(), location.clone())))
            .filter(|(name, location)| {
                filters.pass(|filter| one(if filter == "location" { location.clone() } else { name.clone() }))
            })
            .collect();
        offerings.sort_unstable();
        let key = |(name, location): &(String, String)| format!("{name}/{location}");
        let page = call.page(offerings, key, self.max_results, self.next_token.as_deref(), (5, 1000))?;
        let shown = |(name, location)| InstanceTypeOffering {
            instance_type: Some(name),
            location_type: Some(kind.clone()),
            location: Some(location),
        };
        Ok(DescribeInstanceTypeOfferingsResult {
            instance_type_offerings: page.items.into_iter().map(shown).collect(),
            next_token: page.next_token,
        })
    }
}
