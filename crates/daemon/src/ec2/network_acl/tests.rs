//! Network ACLs over the API.

use super::super::tests::Api;

#[test]
fn each_vpc_has_its_default_acl_with_all_its_subnets() {
    let api = Api::new();
    let vpc = api.ok("CreateVpc", &[("CidrBlock", "10.0.0.0/16")]).text("vpcId");
    let subnet = api.ok("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.0.0.0/24")]).text("subnetId");
    let acl = api.ok("DescribeNetworkAcls", &[]);
    let id = acl.text("networkAclId");
    let digits = subnet.strip_prefix("subnet-").unwrap();
    assert_eq!(
        acl.text("associationSet"),
        format!(
            "<item><networkAclAssociationId>aclassoc-{digits}</networkAclAssociationId>\
             <networkAclId>{id}</networkAclId><subnetId>{subnet}</subnetId></item>"
        )
    );
    let entry = |egress: bool, number: i32, action: &str| {
        format!(
            "<item><cidrBlock>0.0.0.0/0</cidrBlock><egress>{egress}</egress><protocol>-1</protocol>\
             <ruleAction>{action}</ruleAction><ruleNumber>{number}</ruleNumber></item>"
        )
    };
    let entries = [(true, 100, "allow"), (true, 32767, "deny"), (false, 100, "allow"), (false, 32767, "deny")];
    let entries: String = entries.map(|(egress, number, action)| entry(egress, number, action)).concat();
    assert_eq!(acl.text("entrySet"), entries);
    for (element, value) in [("default", "true"), ("vpcId", vpc.as_str()), ("ownerId", "123456789012")] {
        assert_eq!(acl.text(element), value, "{element}");
    }
}

#[test]
fn each_filter_selects_by_what_the_answer_shows() {
    let api = Api::new();
    let vpc = api.ok("CreateVpc", &[("CidrBlock", "10.0.0.0/16")]).text("vpcId");
    let subnet = api.ok("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.0.0.0/24")]).text("subnetId");
    let id = api.ok("DescribeNetworkAcls", &[]).text("networkAclId");
    api.ok("CreateVpc", &[("CidrBlock", "10.1.0.0/16")]);
    api.ok("CreateTags", &[("ResourceId.1", &id), ("Tag.1.Key", "Name"), ("Tag.1.Value", "x")]);
    let found = |name: &str, value: &str| {
        let filter = [("Filter.1.Name", name), ("Filter.1.Value.1", value)];
        api.ok("DescribeNetworkAcls", &filter).texts("entrySet").len()
    };
    let only_one = [
        ("association.association-id", "aclassoc-*"),
        ("association.network-acl-id", id.as_str()),
        ("association.subnet-id", &subnet),
        ("network-acl-id", &id),
        ("vpc-id", &vpc),
        ("tag:Name", "x"),
    ];
    for (name, value) in only_one {
        assert_eq!(found(name, value), 1, "{name}={value}");
    }
    let both = [
        ("default", "true"),
        ("entry.cidr", "0.0.0.0/0"),
        ("entry.egress", "true"),
        ("entry.protocol", "-1"),
        ("entry.rule-action", "deny"),
        ("entry.rule-number", "100"),
        ("owner-id", "123456789012"),
    ];
    for (name, value) in both {
        assert_eq!(found(name, value), 2, "{name}={value}");
    }
    for name in
        ["entry.icmp.code", "entry.icmp.type", "entry.ipv6-cidr", "entry.port-range.from", "entry.port-range.to"]
    {
        assert_eq!(found(name, "*"), 0, "{name}");
    }
}

#[test]
fn an_acl_is_found_by_its_id_or_not_at_all() {
    let api = Api::new();
    api.ok("CreateVpc", &[("CidrBlock", "10.0.0.0/16")]);
    let id = api.ok("DescribeNetworkAcls", &[]).text("networkAclId");
    assert_eq!(api.ok("DescribeNetworkAcls", &[("NetworkAclId.1", &id)]).texts("entrySet").len(), 1);
    let (code, message) = api.refused("DescribeNetworkAcls", &[("NetworkAclId.1", "acl-0123")]);
    assert_eq!(code, "InvalidNetworkAclID.NotFound");
    assert_eq!(message, "The networkAcl ID 'acl-0123' does not exist");
}
