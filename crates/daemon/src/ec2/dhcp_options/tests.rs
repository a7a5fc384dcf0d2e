//! DHCP option sets over the API.

use super::super::tests::Api;

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
fn filters_and_ids_select_it_or_nothing() {
    let api = Api::new();
    let found = |name: &str, value: &str| {
        let filter = [("Filter.1.Name", name), ("Filter.1.Value.1", value)];
        api.ok("DescribeDhcpOptions", &filter).texts("dhcpOptionsId").len()
    };
    for (name, value) in [
        ("dhcp-options-id", "dopt-*"),
        ("key", "domain-name"),
        ("value", "AmazonProvidedDNS"),
        ("owner-id", "123456789012"),
    ] {
        assert_eq!(found(name, value), 1, "{name}={value}");
        assert_eq!(found(name, "x"), 0, "{name}=x");
    }
    let (code, message) = api.refused("DescribeDhcpOptions", &[("DhcpOptionsId.1", "dopt-0123")]);
    assert_eq!(code, "InvalidDhcpOptionID.NotFound");
    assert_eq!(message, "The dhcpOption ID 'dopt-0123' does not exist");
}
