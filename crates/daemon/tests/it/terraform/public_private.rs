//! Public, private and intra subnets behind an internet gateway and NAT gateways, as Terraform makes them.

use super::{applied, asked};
use crate::harness::{Daemon, need_root};

#[test]
fn terraform_applies_the_example_of_public_and_private_subnets() {
    need_root!();
    let daemon = Daemon::start();
    let example = include_str!("../../../../../examples/terraform/public-private/main.tf");
    let Some(mut terraform) = applied(&daemon, example) else { return };
    let [private, intra, group, nat] = ["private", "intra", "group", "nat_address"].map(|name| terraform.output(name));
    let s3 = "https://s3.us-east-1.amazonaws.com/";
    let sts = "https://sts.us-east-1.amazonaws.com/";
    // By NAT to the internet, by the endpoint to S3; from the intra subnet to S3 alone.
    for (subnet, url, reached) in
        [(&private, s3, true), (&private, sts, true), (&intra, s3, true), (&intra, sts, false)]
    {
        assert_eq!(asked(&daemon, subnet, &group, url) != "000", reached, "{subnet} {url}");
    }
    // What Terraform itself asked came from here.
    let mut events = daemon.events();
    events.retain(|event| event["path"]["source"] != "127.0.0.1");
    let of_service = |service: &str| events.iter().filter(move |event| event["service"] == service).collect::<Vec<_>>();
    assert!(of_service("s3").iter().all(|event| event["path"]["endpoint"].is_string()), "{events:?}");
    assert!(of_service("sts").iter().all(|event| event["path"]["source"] == nat.as_str()), "{nat}: {events:?}");
    terraform.changed(&[("name", "other")]);
    terraform.destroyed();
}
