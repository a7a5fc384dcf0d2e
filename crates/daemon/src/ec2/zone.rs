//! DescribeAvailabilityZones, DescribeRegions.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use sidegate_model::{Region, Zone};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::filter::{Filters, one};
use super::refused;

/// The filters of DescribeAvailabilityZones.
const ZONE_FILTERS: &[&str] = &[
    "group-long-name",
    "group-name",
    "message",
    "opt-in-status",
    "parent-zone-id",
    "parent-zone-name",
    "region-name",
    "state",
    "zone-id",
    "zone-name",
    "zone-type",
];

/// The filters of DescribeRegions.
const REGION_FILTERS: &[&str] = &["endpoint", "opt-in-status", "region-name"];

/// A Region's name for people, its country, and whether an account has to opt in to it.
///
/// Source: botocore's endpoints.json; Account Management reference, "Specify which AWS Regions your account can use".
const ABOUT: &[(&str, &str, &str, bool)] = &[
    ("af-south-1", "Africa (Cape Town)", "South Africa", true),
    ("ap-east-1", "Asia Pacific (Hong Kong)", "Hong Kong", true),
    ("ap-east-2", "Asia Pacific (Taipei)", "Taiwan", true),
    ("ap-northeast-1", "Asia Pacific (Tokyo)", "Japan", false),
    ("ap-northeast-2", "Asia Pacific (Seoul)", "South Korea", false),
    ("ap-northeast-3", "Asia Pacific (Osaka)", "Japan", false),
    ("ap-south-1", "Asia Pacific (Mumbai)", "India", false),
    ("ap-south-2", "Asia Pacific (Hyderabad)", "India", true),
    ("ap-southeast-1", "Asia Pacific (Singapore)", "Singapore", false),
    ("ap-southeast-2", "Asia Pacific (Sydney)", "Australia", false),
    ("ap-southeast-3", "Asia Pacific (Jakarta)", "Indonesia", true),
    ("ap-southeast-4", "Asia Pacific (Melbourne)", "Australia", true),
    ("ap-southeast-5", "Asia Pacific (Malaysia)", "Malaysia", true),
    ("ap-southeast-7", "Asia Pacific (Thailand)", "Thailand", true),
    ("ca-central-1", "Canada (Central)", "Canada", false),
    ("ca-west-1", "Canada West (Calgary)", "Canada", true),
    ("eu-central-1", "Europe (Frankfurt)", "Germany", false),
    ("eu-central-2", "Europe (Zurich)", "Switzerland", true),
    ("eu-north-1", "Europe (Stockholm)", "Sweden", false),
    ("eu-south-1", "Europe (Milan)", "Italy", true),
    ("eu-south-2", "Europe (Spain)", "Spain", true),
    ("eu-west-1", "Europe (Ireland)", "Ireland", false),
    ("eu-west-2", "Europe (London)", "United Kingdom", false),
    ("eu-west-3", "Europe (Paris)", "France", false),
    ("il-central-1", "Israel (Tel Aviv)", "Israel", true),
    ("me-central-1", "Middle East (UAE)", "United Arab Emirates", true),
    ("me-south-1", "Middle East (Bahrain)", "Bahrain", true),
    ("sa-east-1", "South America (Sao Paulo)", "Brazil", false),
    ("us-east-1", "US East (N. Virginia)", "United States of America", false),
    ("us-east-2", "US East (Ohio)", "United States of America", false),
    ("us-west-1", "US West (N. California)", "United States of America", false),
    ("us-west-2", "US West (Oregon)", "United States of America", false),
];

/// What is known of a Region: its name for people, its country, its opt-in status. Every account here has opted in to
/// the Regions that ask for it.
fn about(region: Region) -> (&'static str, &'static str, &'static str) {
    let known = ABOUT.iter().find(|(name, ..)| *name == region.as_str());
    let (long, country, asks) = known.map_or(("", "", false), |(_, long, country, asks)| (*long, *country, *asks));
    (long, country, if asks { "opted-in" } else { "opt-in-not-required" })
}

impl Action for ec2::DescribeAvailabilityZonesRequest {
    type Answer = ec2::DescribeAvailabilityZonesResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    /// There are no Local Zones and no Wavelength Zones, so that `AllAvailabilityZones` adds nothing.
    async fn act(self, call: &Call<'_>) -> Result<ec2::DescribeAvailabilityZonesResult, Failure> {
        let filters = Filters::read(&self.filters, ZONE_FILTERS)?;
        let region = call.scope().region;
        check_known(&self.zone_names, region.zones().map(Zone::name), "availability zone")?;
        check_known(&self.zone_ids, region.zones().map(Zone::id), "availability zone-id")?;
        let is_wanted = |zone: &ec2::AvailabilityZone| {
            (self.zone_names.is_empty() || zone.zone_name.as_ref().is_some_and(|n| self.zone_names.contains(n)))
                && (self.zone_ids.is_empty() || zone.zone_id.as_ref().is_some_and(|i| self.zone_ids.contains(i)))
        };
        let zones = region.zones().map(zone).filter(is_wanted);
        let passing = zones.filter(|zone| filters.pass(|filter| zone_values(zone, filter)));
        Ok(ec2::DescribeAvailabilityZonesResult { availability_zones: passing.collect() })
    }
}

impl Action for ec2::DescribeRegionsRequest {
    type Answer = ec2::DescribeRegionsResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    /// All Regions are open to every account, so that `AllRegions` adds nothing.
    async fn act(self, _call: &Call<'_>) -> Result<ec2::DescribeRegionsResult, Failure> {
        let filters = Filters::read(&self.filters, REGION_FILTERS)?;
        check_known(&self.region_names, Region::all().map(|r| r.as_str().to_owned()), "region")?;
        let wanted = Region::all()
            .filter(|r| self.region_names.is_empty() || self.region_names.iter().any(|name| name == r.as_str()));
        let passing = wanted.map(region).filter(|region| filters.pass(|filter| region_values(region, filter)));
        Ok(ec2::DescribeRegionsResult { regions: passing.collect() })
    }
}

/// Refuses names that are not among those that are known.
fn check_known(wanted: &[String], known: impl Iterator<Item = String>, noun: &str) -> Result<(), Failure> {
    if wanted.is_empty() {
        return Ok(());
    }
    let known: Vec<_> = known.collect();
    let unknown: Vec<_> = wanted.iter().filter(|name| !known.contains(name)).map(String::as_str).collect();
    if unknown.is_empty() {
        return Ok(());
    }
    let unknown = unknown.join(", ");
    Err(refused("InvalidParameterValue", format!("Invalid {noun}: [{unknown}]")))
}

fn zone(zone: Zone) -> ec2::AvailabilityZone {
    let (long_name, country, _) = about(zone.region());
    ec2::AvailabilityZone {
        opt_in_status: Some("opt-in-not-required".to_owned()),
        region_name: Some(zone.region().to_string()),
        zone_name: Some(zone.name()),
        zone_id: Some(zone.id()),
        group_name: Some(format!("{}-zg-1", zone.region())),
        network_border_group: Some(zone.region().to_string()),
        zone_type: Some("availability-zone".to_owned()),
        group_long_name: Some(format!("{long_name} 1")),
        geography: vec![ec2::AvailabilityZoneGeography { name: Some(country.to_owned()) }],
        state: Some("available".to_owned()),
        ..Default::default()
    }
}

fn region(region: Region) -> ec2::Region {
    let (_, country, opt_in_status) = about(region);
    ec2::Region {
        opt_in_status: Some(opt_in_status.to_owned()),
        geography: vec![ec2::RegionGeography { name: Some(country.to_owned()) }],
        region_name: Some(region.to_string()),
        endpoint: Some(format!("ec2.{region}.amazonaws.com")),
    }
}

fn zone_values<'r>(zone: &'r ec2::AvailabilityZone, filter: &str) -> Vec<Cow<'r, str>> {
    let value = match filter {
        "group-long-name" => &zone.group_long_name,
        "group-name" => &zone.group_name,
        "opt-in-status" => &zone.opt_in_status,
        "region-name" => &zone.region_name,
        "state" => &zone.state,
        "zone-id" => &zone.zone_id,
        "zone-name" => &zone.zone_name,
        "zone-type" => &zone.zone_type,
        // No zone has a message, and only Local Zones and Wavelength Zones have a parent.
        _ => &None,
    };
    value.as_deref().map(one).unwrap_or_default()
}

fn region_values<'r>(region: &'r ec2::Region, filter: &str) -> Vec<Cow<'r, str>> {
    let value = match filter {
        "endpoint" => &region.endpoint,
        "opt-in-status" => &region.opt_in_status,
        _ => &region.region_name,
    };
    value.as_deref().map(one).unwrap_or_default()
}
