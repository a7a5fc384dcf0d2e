//! Images over the API.

use super::super::tests::Api;

#[test]
fn the_accounts_own_image_says_what_it_is() {
    let api = Api::new();
    let shown = api.ok("DescribeImages", &[("Owner.1", "self")]);
    assert_eq!(shown.texts("imageId"), ["ami-51de6a7e"]);
    assert!(shown.text("description").contains("This machine's own root file system"));
    assert_eq!(shown.text("imageOwnerId"), "123456789012");
    assert_eq!(api.ok("DescribeImages", &[("ImageId.1", "ami-51de6a7e")]).texts("imageId"), ["ami-51de6a7e"]);
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
    assert_eq!((found("name", "sidegate/*"), found("state", "available")), (1, 7));
    assert_eq!((found("name", "windows*"), found("root-device-type", "ebs")), (0, 7));
}

#[test]
fn images_that_configurations_look_for_are_found_by_owner_and_name_and_say_what_they_stand_for() {
    let api = Api::new();
    let found = |owner: &str, name: &str| {
        let parameters = [("Owner.1", owner), ("Filter.1.Name", "name"), ("Filter.1.Value.1", name)];
        api.ok("DescribeImages", &parameters).texts("imageId")
    };
    let deb = if super::architecture() == "x86_64" { "amd64" } else { "arm64" };
    assert_eq!(found("amazon", &format!("al2023-ami-*-{}", super::architecture())), ["ami-051de6a7e00000001"]);
    assert_eq!(found("137112412989", "amzn2-ami-hvm-*"), ["ami-051de6a7e00000002"]);
    let ubuntu = format!("ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-{deb}-server-*");
    assert_eq!(found("099720109477", &ubuntu), ["ami-051de6a7e00000005"]);
    assert!(found("self", "al2023-*").is_empty() && found("amazon", "ubuntu/*").is_empty());
    let shown = api.ok("DescribeImages", &[("Owner.1", "136693071363")]);
    assert!(shown.text("description").starts_with("Stands for Debian 12. This machine's own root file system"));
    assert_eq!((shown.text("isPublic"), shown.text("rootDeviceType")), ("true".into(), "ebs".into()));
    assert_eq!(api.ok("DescribeImages", &[("ExecutableBy.1", "all")]).texts("imageId").len(), 6);
}
