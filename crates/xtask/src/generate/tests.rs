use super::names::{field, in_request, in_response};
use crate::model::{Model, Reference};

fn reference(location_name: Option<&str>, query_name: Option<&str>) -> Reference {
    Reference {
        shape: "String".to_owned(),
        location_name: location_name.map(str::to_owned),
        query_name: query_name.map(str::to_owned),
    }
}

#[test]
fn member_names_become_snake_case() {
    for (member, expected) in [
        ("VpcId", "vpc_id"),
        ("Ipv6CidrBlock", "ipv6_cidr_block"),
        ("CidrIpv6", "cidr_ipv6"),
        ("EnableResourceNameDnsAAAARecord", "enable_resource_name_dns_aaaa_record"),
        ("Type", "r#type"),
        ("PrivateDnsNameOptionsOnLaunch", "private_dns_name_options_on_launch"),
    ] {
        assert_eq!(field(member), expected);
    }
}

#[test]
fn a_request_prefers_the_query_name_and_capitalises_the_location_name() {
    assert_eq!(in_request("Filters", &reference(Some("filterSet"), Some("Filter"))), "Filter");
    assert_eq!(in_request("Filters", &reference(Some("filterSet"), None)), "FilterSet");
    assert_eq!(in_request("Filters", &reference(None, None)), "Filters");
}

#[test]
fn a_response_uses_the_location_name_as_it_is() {
    assert_eq!(in_response("Vpcs", &reference(Some("vpcSet"), Some("Vpc"))), "vpcSet");
    assert_eq!(in_response("Vpcs", &reference(None, None)), "Vpcs");
}

#[test]
fn a_structure_that_contains_itself_is_boxed() {
    let model: Model = serde_json::from_str(
        r#"{
            "operations": {"Grow": {"input": {"shape": "Tree"}, "output": {"shape": "Tree"}}},
            "shapes": {
                "Tree": {"type": "structure", "members": {
                    "Left": {"shape": "Tree"}, "Leaves": {"shape": "Leaves"}}},
                "Leaves": {"type": "list", "member": {"shape": "Leaf", "locationName": "item"}},
                "Leaf": {"type": "string"}
            }
        }"#,
    )
    .unwrap();
    let mut out = String::new();
    super::Structures::of(&model).unwrap().write(&mut out).unwrap();
    assert!(out.contains("pub left: Option<Box<Tree>>"), "{out}");
    assert!(out.contains("pub leaves: Vec<String>"), "{out}");
    assert!(out.contains("at.optional(\"Left\")?.map(Box::new)"), "{out}");
    assert!(out.contains("out.list(\"Leaves\", \"item\", &self.leaves)"), "{out}");
}
