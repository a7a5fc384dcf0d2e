//! Tags over the API.

use super::super::tests::Api;
use super::resource_type;

fn vpc(api: &Api) -> String {
    api.ok("CreateVpc", &[("CidrBlock", "10.0.0.0/16")]).text("vpcId")
}

#[test]
fn the_type_of_a_resource_is_told_by_the_prefix_of_its_id() {
    let types =
        ["igw-1", "nat-1", "eipalloc-1", "vpc-1", "vpce-1", "sg-1", "sgr-1", "i-1", "eni-1", "x-1"].map(resource_type);
    assert_eq!(
        types,
        [
            "internet-gateway",
            "natgateway",
            "elastic-ip",
            "vpc",
            "vpc-endpoint",
            "security-group",
            "security-group-rule",
            "instance",
            "network-interface",
            ""
        ]
    );
}

#[test]
fn tags_are_put_on_replaced_and_taken_off_several_resources_at_once() {
    let api = Api::new();
    let vpc = vpc(&api);
    let table = api.ok("DescribeRouteTables", &[]).text("routeTableId");
    let both = [("ResourceId.1", vpc.as_str()), ("ResourceId.2", table.as_str())];
    let with = |more: &[(&'static str, &'static str)]| [&both[..], more].concat();
    let values = || api.ok("DescribeTags", &[]).texts("value");
    let answer = api.ok("CreateTags", &with(&[("Tag.1.Key", "Name"), ("Tag.1.Value", "one"), ("Tag.2.Key", "Empty")]));
    assert_eq!(answer.text("return"), "true");
    assert_eq!(values(), ["", "one", "", "one"]);
    api.ok("CreateTags", &with(&[("Tag.1.Key", "Name"), ("Tag.1.Value", "two")]));
    assert_eq!(values(), ["", "two", "", "two"]);
    api.ok("DeleteTags", &with(&[("Tag.1.Key", "Name"), ("Tag.1.Value", "one")]));
    assert_eq!(values(), ["", "two", "", "two"], "another value than the one that is named stays");
    api.ok("DeleteTags", &with(&[("Tag.1.Key", "Name")]));
    assert_eq!(values(), ["", ""]);
    api.ok("DeleteTags", &both);
    assert!(api.ok("DescribeTags", &[]).xml.contains("<tagSet/>"));
}

#[test]
fn tags_are_described_by_each_filter_and_in_pages() {
    let api = Api::new();
    let vpc = vpc(&api);
    for n in 0..6 {
        let key = format!("k{n}");
        api.ok("CreateTags", &[("ResourceId.1", &vpc), ("Tag.1.Key", &key), ("Tag.1.Value", "v")]);
    }
    let one = api.ok("DescribeTags", &[("Filter.1.Name", "key"), ("Filter.1.Value.1", "k3")]);
    assert_eq!(
        one.text("tagSet"),
        format!(
            "<item><key>k3</key><resourceId>{vpc}</resourceId><resourceType>vpc</resourceType><value>v</value></item>"
        )
    );
    let found = |name: &str, value: &str| {
        api.ok("DescribeTags", &[("Filter.1.Name", name), ("Filter.1.Value.1", value)]).texts("key").len()
    };
    for (name, value, count) in [
        ("resource-id", vpc.as_str(), 6),
        ("resource-type", "vpc", 6),
        ("resource-type", "subnet", 0),
        ("value", "v", 6),
        ("tag:k1", "v", 1),
        ("tag:k1", "w", 0),
        ("key", "k*", 6),
    ] {
        assert_eq!(found(name, value), count, "{name}={value}");
    }
    let first = api.ok("DescribeTags", &[("MaxResults", "5")]);
    let token = first.text("nextToken");
    let second = api.ok("DescribeTags", &[("MaxResults", "5"), ("NextToken", &token)]);
    assert_eq!([first.texts("key"), second.texts("key")].concat(), ["k0", "k1", "k2", "k3", "k4", "k5"]);
}

#[test]
fn what_cannot_be_tagged_is_refused_and_nothing_is() {
    let api = Api::new();
    let vpc = vpc(&api);
    let unknown = [("ResourceId.1", vpc.as_str()), ("ResourceId.2", "subnet-0123456789abcdef0"), ("Tag.1.Key", "a")];
    assert_eq!(api.refused("CreateTags", &unknown).0, "InvalidSubnetID.NotFound");
    assert_eq!(api.refused("CreateTags", &[("ResourceId.1", "x"), ("Tag.1.Key", "a")]).0, "InvalidID");
    assert!(api.ok("DescribeTags", &[]).xml.contains("<tagSet/>"));
    let twice = [("ResourceId.1", vpc.as_str()), ("Tag.1.Key", "a"), ("Tag.2.Key", "a")];
    assert_eq!(api.refused("CreateTags", &twice).1, "Duplicate tag key 'a' specified.");
    let reserved = [("ResourceId.1", vpc.as_str()), ("Tag.1.Key", "aws:x")];
    assert_eq!(api.refused("CreateTags", &reserved).1, "Tag keys starting with 'aws:' are reserved for internal use");
    let long = "k".repeat(128);
    assert_eq!(api.refused("CreateTags", &[("ResourceId.1", &vpc), ("Tag.1.Key", &long)]).0, "InvalidParameterValue");
    assert_eq!(api.refused("CreateTags", &[("ResourceId.1", &vpc)]).0, "MissingParameter");
    assert_eq!(api.refused("CreateTags", &[("Tag.1.Key", "a")]).0, "MissingParameter");
    assert_eq!(api.refused("CreateTags", &[("ResourceId.1", &vpc), ("Tag.1.Value", "a")]).0, "MissingParameter");
}

#[test]
fn the_tags_of_another_account_are_neither_seen_nor_changed() {
    let mut api = Api::new();
    let vpc = vpc(&api);
    let tag = [("ResourceId.1", vpc.as_str()), ("Tag.1.Key", "a")];
    api.ok("CreateTags", &tag);
    api.switch_account("210987654321");
    assert!(api.ok("DescribeTags", &[]).xml.contains("<tagSet/>"));
    assert_eq!(api.refused("DeleteTags", &tag).0, "InvalidVpcID.NotFound");
}
