//! Zones and Regions over the API.

use sidegate_model::Region;

use super::super::tests::Api;
use super::ABOUT;

#[test]
fn every_region_that_the_model_knows_has_a_name_for_people() {
    for region in Region::all() {
        assert!(ABOUT.iter().any(|(name, ..)| *name == region.as_str()), "{region}");
    }
}

#[test]
fn zones_are_answered_with_every_element_that_aws_has() {
    let api = Api::new();
    let answer = api.ok("DescribeAvailabilityZones", &[("ZoneName.1", "us-east-1b")]);
    let expected = [
        ("optInStatus", "opt-in-not-required"),
        ("regionName", "us-east-1"),
        ("zoneName", "us-east-1b"),
        ("zoneId", "use1-az2"),
        ("groupName", "us-east-1-zg-1"),
        ("networkBorderGroup", "us-east-1"),
        ("zoneType", "availability-zone"),
        ("groupLongName", "US East (N. Virginia) 1"),
        ("zoneState", "available"),
    ];
    for (element, value) in expected {
        assert_eq!(answer.text(element), value, "{element}");
    }
    assert!(answer.xml.contains("<messageSet/>"));
    assert_eq!(api.ok("DescribeAvailabilityZones", &[]).texts("zoneName").len(), 6);
}

#[test]
fn zones_are_selected_by_name_id_and_filter() {
    let api = Api::new();
    let found = |name: &str, value: &str| {
        let filter = [("Filter.1.Name", name), ("Filter.1.Value.1", value)];
        api.ok("DescribeAvailabilityZones", &filter).texts("zoneName").len()
    };
    assert_eq!(found("zone-name", "us-east-1a"), 1);
    assert_eq!(found("zone-id", "use1-az1"), 1);
    for (name, value) in [
        ("group-name", "us-east-1-zg-1"),
        ("group-long-name", "US East*"),
        ("opt-in-status", "opt-in-not-required"),
        ("region-name", "us-east-1"),
        ("state", "available"),
        ("zone-type", "availability-zone"),
    ] {
        assert_eq!(found(name, value), 6, "{name}={value}");
    }
    for name in ["message", "parent-zone-id", "parent-zone-name"] {
        assert_eq!(found(name, "*"), 0, "{name}");
    }
    assert_eq!(api.ok("DescribeAvailabilityZones", &[("ZoneId.1", "use1-az3")]).texts("zoneName").len(), 1);
    let (code, message) = api.refused("DescribeAvailabilityZones", &[("ZoneName.1", "us-east-1z")]);
    assert_eq!((code.as_str(), message.as_str()), ("InvalidParameterValue", "Invalid availability zone: [us-east-1z]"));
}

#[test]
fn regions_are_listed_with_their_endpoints() {
    let api = Api::new();
    assert_eq!(api.ok("DescribeRegions", &[]).texts("regionName").len(), Region::all().count());
    let answer = api.ok("DescribeRegions", &[("RegionName.1", "eu-central-1")]);
    assert_eq!(answer.text("regionEndpoint"), "ec2.eu-central-1.amazonaws.com");
    assert_eq!(answer.text("optInStatus"), "opt-in-not-required");
    let opted_in = [("Filter.1.Name", "opt-in-status"), ("Filter.1.Value.1", "opted-in"), ("AllRegions", "true")];
    assert!(api.ok("DescribeRegions", &opted_in).texts("regionName").contains(&"af-south-1".to_owned()));
    let by_endpoint = [("Filter.1.Name", "endpoint"), ("Filter.1.Value.1", "*us-west-2*")];
    assert_eq!(api.ok("DescribeRegions", &by_endpoint).texts("regionName"), ["us-west-2"]);
    assert_eq!(api.refused("DescribeRegions", &[("RegionName.1", "moon-1")]).0, "InvalidParameterValue");
}
