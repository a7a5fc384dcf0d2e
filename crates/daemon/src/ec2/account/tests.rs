//! The account's attributes over the API.

use super::super::tests::Api;

#[test]
fn an_account_has_no_default_vpc_and_aws_limits() {
    let api = Api::new();
    let answer = api.ok("DescribeAccountAttributes", &[]);
    assert_eq!(answer.texts("attributeName").len(), 6);
    let one = api.ok("DescribeAccountAttributes", &[("AttributeName.1", "default-vpc")]);
    assert_eq!(one.texts("attributeName"), ["default-vpc"]);
    assert_eq!(one.text("attributeValue"), "none");
    let unknown = api.refused("DescribeAccountAttributes", &[("AttributeName.1", "colour")]);
    assert_eq!(unknown.0, "InvalidParameterValue");
}
