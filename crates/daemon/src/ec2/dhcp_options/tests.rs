//! DHCP option sets over the API.

use super::super::tests::Api;

const CORP: [(&str, &str); 7] = [
    ("DhcpConfiguration.1.Key", "domain-name-servers"),
    ("DhcpConfiguration.1.Value.1", "10.2.5.1"),
    ("DhcpConfiguration.1.Value.2", "10.2.5.2"),
    ("DhcpConfiguration.2.Key", "domain-name"),
    ("DhcpConfiguration.2.Value.1", "corp.example"),
    ("TagSpecification.1.ResourceType", "dhcp-options"),
    ("TagSpecification.1.Tag.1.Key", "Name"),
];

#[test]
fn a_vpc_has_the_default_set_which_can_be_described() {
    let api = Api::new();
    let id = api.ok("CreateVpc", &[("CidrBlock", "10.0.0.0/16")]).text("dhcpOptionsId");
    let answer = api.ok("DescribeDhcpOptions", &[("DhcpOptionsId.1", &id)]);
    assert_eq!(answer.text("dhcpOptionsId"), id);
    assert_eq!(answer.text("ownerId"), "123456789012");
    assert_eq!(answer.texts("key"), ["domain-name", "domain-name-servers"]);
    assert_eq!(answer.texts("value").concat().matches("AmazonProvidedDNS").count(), 1);
    assert!(answer.xml.contains("ec2.internal"));
}

#[test]
fn a_set_is_made_associated_and_deleted() {
    let mut api = Api::new();
    let vpc = api.ok("CreateVpc", &[("CidrBlock", "10.0.0.0/16")]).text("vpcId");
    let made = api.ok("CreateDhcpOptions", &CORP);
    let id = made.text("dhcpOptionsId");
    assert_eq!(
        made.text("dhcpConfigurationSet"),
        "<item><key>domain-name</key><valueSet><item><value>corp.example</value></item></valueSet></item>\
         <item><key>domain-name-servers</key><valueSet><item><value>10.2.5.1</value></item>\
         <item><value>10.2.5.2</value></item></valueSet></item>"
    );
    let described = api.ok("DescribeDhcpOptions", &[("DhcpOptionsId.1", &id)]).text("dhcpOptionsSet");
    assert_eq!(described, format!("<item>{}</item>", made.text("dhcpOptions")));
    let associate = |api: &Api, id: &str| api.call("AssociateDhcpOptions", &[("DhcpOptionsId", id), ("VpcId", &vpc)]);
    let of_vpc = |api: &Api| api.ok("DescribeVpcs", &[("VpcId.1", &vpc)]).text("dhcpOptionsId");
    let before = of_vpc(&api);
    assert_eq!(associate(&api, &id).text("return"), "true");
    assert_eq!(of_vpc(&api), id);
    let filter = [("Filter.1.Name", "dhcp-options-id"), ("Filter.1.Value.1", id.as_str())];
    assert_eq!(api.ok("DescribeVpcs", &filter).texts("vpcId"), [vpc.as_str()]);
    let (code, message) = api.refused("DeleteDhcpOptions", &[("DhcpOptionsId", &id)]);
    assert_eq!(code, "DependencyViolation");
    assert_eq!(message, format!("The dhcpOptions '{id}' has dependencies and cannot be deleted."));
    associate(&api, "default");
    assert_eq!(of_vpc(&api), "default");
    api.switch_account("444455556666");
    assert_eq!(api.refused("DeleteDhcpOptions", &[("DhcpOptionsId", &id)]).0, "InvalidDhcpOptionID.NotFound");
    api.switch_account("123456789012");
    assert_eq!(api.ok("DeleteDhcpOptions", &[("DhcpOptionsId", &id)]).text("return"), "true");
    assert_eq!(associate(&api, &id).text("Code"), "InvalidDhcpOptionID.NotFound");
    assert_eq!(associate(&api, "x").text("Code"), "InvalidDhcpOptionsId.Malformed");
    associate(&api, &before);
    assert_eq!(of_vpc(&api), before);
    assert!(api.ok("DescribeTags", &[]).xml.contains("<tagSet/>"));
}

#[test]
fn a_set_that_cannot_be_is_refused_with_its_reason() {
    let api = Api::new();
    let case = |parameters: &[(&str, &str)], code: &str, message: &str| {
        assert_eq!(api.refused("CreateDhcpOptions", parameters), (code.to_owned(), message.to_owned()));
    };
    case(&[], "MissingParameter", "The request must contain the parameter DhcpConfiguration");
    let one = |key, value| [("DhcpConfiguration.1.Key", key), ("DhcpConfiguration.1.Value.1", value)];
    case(
        &one("domain", "x"),
        "InvalidParameterValue",
        "Value (domain) for parameter dhcpConfiguration is invalid. Unknown DHCP option.",
    );
    case(
        &one("netbios-node-type", "3"),
        "InvalidParameterValue",
        "Value (3) for parameter netbios-node-type is invalid.",
    );
    case(
        &one("domain-name-servers", "ns.example"),
        "InvalidParameterValue",
        "Value (ns.example) for parameter domain-name-servers is invalid.",
    );
    let twice =
        [one("domain-name", "x"), [("DhcpConfiguration.2.Key", "domain-name"), ("DhcpConfiguration.2.Value.1", "y")]];
    case(&twice.concat(), "InvalidParameterValue", "Duplicate DHCP option 'domain-name' specified.");
    let dry: Vec<_> = CORP.into_iter().chain([("DryRun", "true")]).collect();
    case(&dry, "DryRunOperation", "Request would have succeeded, but DryRun flag is set.");
    assert_eq!(api.ok("DescribeDhcpOptions", &[]).texts("dhcpOptionsId").len(), 1);
}

#[test]
fn filters_and_ids_select_sets_or_nothing() {
    let api = Api::new();
    let id = api.ok("CreateDhcpOptions", &CORP).text("dhcpOptionsId");
    let found = |name: &str, value: &str| {
        let filter = [("Filter.1.Name", name), ("Filter.1.Value.1", value)];
        api.ok("DescribeDhcpOptions", &filter).texts("dhcpOptionsId").len()
    };
    for (name, value, count) in [
        ("dhcp-options-id", "dopt-*", 2),
        ("dhcp-options-id", id.as_str(), 1),
        ("key", "domain-name", 2),
        ("value", "AmazonProvidedDNS", 1),
        ("value", "10.2.5.2", 1),
        ("owner-id", "123456789012", 2),
        ("tag-key", "Name", 1),
    ] {
        assert_eq!(found(name, value), count, "{name}={value}");
        assert_eq!(found(name, "x"), 0, "{name}=x");
    }
    let (code, message) = api.refused("DescribeDhcpOptions", &[("DhcpOptionsId.1", "dopt-0123")]);
    assert_eq!(code, "InvalidDhcpOptionID.NotFound");
    assert_eq!(message, "The dhcpOption ID 'dopt-0123' does not exist");
}

#[test]
fn the_default_set_can_be_tagged_and_stays() {
    let api = Api::new();
    let id = api.ok("DescribeDhcpOptions", &[]).text("dhcpOptionsId");
    api.ok("CreateTags", &[("ResourceId.1", &id), ("Tag.1.Key", "a"), ("Tag.1.Value", "b")]);
    assert!(api.ok("DescribeDhcpOptions", &[]).xml.contains("<key>a</key><value>b</value>"));
    assert_eq!(api.refused("DeleteDhcpOptions", &[("DhcpOptionsId", &id)]).0, "DependencyViolation");
}
