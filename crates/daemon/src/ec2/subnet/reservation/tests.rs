//! Reservations of parts of subnets over the API.

use super::super::super::tests::{Api, Network};

fn reserve(api: &Api, network: &Network, cidr: &str) -> String {
    let wanted = [("SubnetId", network.subnets[0].as_str()), ("Cidr", cidr), ("ReservationType", "explicit")];
    api.ok("CreateSubnetCidrReservation", &wanted).text("subnetCidrReservationId")
}

fn interface(api: &Api, network: &Network, more: &[(&str, &str)]) -> String {
    let wanted = [&[("SubnetId", network.subnets[0].as_str())], more].concat();
    api.ok("CreateNetworkInterface", &wanted).text("privateIpAddress")
}

#[test]
fn what_asks_for_no_certain_address_gets_none_that_is_reserved() {
    let api = Api::new();
    let network = api.network();
    let low = reserve(&api, &network, "10.0.1.0/28");
    reserve(&api, &network, "10.0.1.16/28");
    assert_eq!(interface(&api, &network, &[]), "10.0.1.32");
    // Whoever asks for it has it.
    assert_eq!(interface(&api, &network, &[("PrivateIpAddress", "10.0.1.20")]), "10.0.1.20");
    let private = [("SubnetId", network.subnets[0].as_str()), ("ConnectivityType", "private")];
    let more = [&private[..], &[("SecondaryPrivateIpAddress.1", "10.0.1.33")]].concat();
    let nat = api.ok("CreateNatGateway", &more).texts("privateIp");
    assert!(nat.contains(&"10.0.1.34".to_owned()) && nat.contains(&"10.0.1.33".to_owned()), "{nat:?}");
    let gone = api.ok("DeleteSubnetCidrReservation", &[("SubnetCidrReservationId", &low)]);
    assert_eq!((gone.text("subnetCidrReservationId"), gone.text("cidr")), (low, "10.0.1.0/28".into()));
    assert_eq!(interface(&api, &network, &[]), "10.0.1.4");
}

#[test]
fn a_reservation_is_shown_with_its_tags_and_by_its_family() {
    let api = Api::new();
    let network = api.network();
    let wanted = [
        ("SubnetId", network.subnets[0].as_str()),
        ("Cidr", "10.0.1.64/27"),
        ("ReservationType", "prefix"),
        ("Description", "for pods"),
        ("TagSpecification.1.ResourceType", "subnet-cidr-reservation"),
        ("TagSpecification.1.Tag.1.Key", "Name"),
        ("TagSpecification.1.Tag.1.Value", "pods"),
    ];
    let id = api.ok("CreateSubnetCidrReservation", &wanted).text("subnetCidrReservationId");
    let of_subnet = [("SubnetId", network.subnets[0].as_str())];
    let shown = api.ok("GetSubnetCidrReservations", &of_subnet);
    let told =
        ["subnetCidrReservationId", "cidr", "reservationType", "description", "key"].map(|name| shown.text(name));
    assert_eq!(told, [&id, "10.0.1.64/27", "prefix", "for pods", "Name"]);
    assert!(shown.xml.contains("<subnetIpv6CidrReservationSet/>"), "{}", shown.xml);
    let found = |name: &str, value: &str| {
        let parameters = [&of_subnet[..], &[("Filter.1.Name", name), ("Filter.1.Value.1", value)]].concat();
        api.ok("GetSubnetCidrReservations", &parameters).texts("cidr").len()
    };
    assert_eq!((found("reservationType", "prefix"), found("reservationType", "explicit")), (1, 0));
    assert_eq!((found("tag:Name", "pods"), found("tag-key", "none")), (1, 0));
    api.ok("CreateTags", &[("ResourceId.1", &id), ("Tag.1.Key", "more"), ("Tag.1.Value", "")]);
    assert_eq!(
        api.ok("DescribeTags", &[("Filter.1.Name", "resource-type"), ("Filter.1.Value.1", "subnet-cidr-reservation")])
            .texts("key")
            .len(),
        2
    );
}

#[test]
fn a_reservation_that_cannot_be_is_refused_with_its_reason() {
    let api = Api::new();
    let network = api.network();
    reserve(&api, &network, "10.0.1.0/28");
    let refused = |cidr: &str, kind: &str| {
        let wanted = [("SubnetId", network.subnets[0].as_str()), ("Cidr", cidr), ("ReservationType", kind)];
        api.refused("CreateSubnetCidrReservation", &wanted)
    };
    for (cidr, kind) in [
        ("10.0.1.8/29", "explicit"),
        ("10.0.1.0/24", "explicit"),
        ("10.0.2.0/28", "prefix"),
        ("2001:db8::/80", "prefix"),
        ("10.0.1.32/28", "none"),
        ("here", "prefix"),
    ] {
        assert_eq!(refused(cidr, kind).0, "InvalidParameterValue", "{cidr} {kind}");
    }
    let unknown = [("SubnetCidrReservationId", "scr-0123456789abcdef0")];
    assert_eq!(api.refused("DeleteSubnetCidrReservation", &unknown).0, "InvalidSubnetCidrReservationID.NotFound");
    let elsewhere = [("SubnetId", "subnet-00000000"), ("Cidr", "10.0.1.32/28"), ("ReservationType", "prefix")];
    assert_eq!(api.refused("CreateSubnetCidrReservation", &elsewhere).0, "InvalidSubnetID.NotFound");
}
