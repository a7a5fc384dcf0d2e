//! Images over the API.

use super::super::tests::Api;

#[test]
fn the_one_image_says_what_it_is_and_is_the_accounts_own() {
    let api = Api::new();
    let shown = api.ok("DescribeImages", &[("Owner.1", "self")]);
    assert_eq!(shown.texts("imageId"), ["ami-51de6a7e"]);
    assert!(shown.text("description").contains("This machine's own root file system"));
    assert_eq!(shown.text("imageOwnerId"), "123456789012");
    assert!(api.ok("DescribeImages", &[("Owner.1", "amazon")]).xml.contains("<imagesSet/>"));
}

#[test]
fn another_image_is_not_found_and_a_malformed_id_is_refused() {
    let api = Api::new();
    let (code, message) = api.refused("DescribeImages", &[("ImageId.1", "ami-0123456789abcdef0")]);
    assert_eq!(code, "InvalidAMIID.NotFound");
    assert_eq!(message, "The image id '[ami-0123456789abcdef0]' does not exist");
    assert_eq!(api.refused("DescribeImages", &[("ImageId.1", "windows")]).0, "InvalidAMIID.Malformed");
}

#[test]
fn filters_choose_the_image_by_name_and_state() {
    let api = Api::new();
    let found = |name: &str, value: &str| {
        let parameters = [("Filter.1.Name", name), ("Filter.1.Value.1", value)];
        api.ok("DescribeImages", &parameters).texts("imageId").len()
    };
    assert_eq!((found("name", "sidegate/*"), found("state", "available")), (1, 1));
    assert_eq!((found("name", "al2023-*"), found("root-device-type", "ebs")), (0, 0));
}
