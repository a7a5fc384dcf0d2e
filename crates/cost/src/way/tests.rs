use proptest::prelude::*;

use super::*;
use crate::Money;

const GB: u64 = 1 << 30;
const MONTH: u64 = crate::HOURS_PER_MONTH as u64;

fn region(name: &str) -> Region {
    name.parse().unwrap()
}

fn prices() -> Prices {
    Prices::known().unwrap()
}

fn home(sent: u64, received: u64) -> Traffic {
    Traffic { region: region("us-east-1"), service: region("us-east-1"), sent, received }
}

fn cost(way: Way, traffic: Traffic) -> String {
    prices().bill(&way.usage(&traffic, MONTH).unwrap()).unwrap().total.to_string()
}

const ENDPOINT: Way = Way::InterfaceEndpoints { endpoints: 1, zones: 2, vpcs: 1 };

#[test]
fn ten_terabytes_by_each_way_cost_what_was_computed_by_hand() {
    let upload = home(10 * 1024 * GB, 0);
    assert_eq!(cost(Way::GatewayEndpoint, upload), "0");
    assert_eq!(cost(Way::InternetGateway { addresses: 1 }, upload), "3.65");
    // 2 · 7.30 + 10,240 · 0.01
    assert_eq!(cost(ENDPOINT, upload), "117");
    // 10,240 · 0.045; with two of one's own 2 · (32.85 + 3.65) more; from another zone 2 · 10,240 · 0.01 more
    assert_eq!(cost(Way::NatGateways { gateways: 0, crosses_zones: false }, upload), "460.8");
    assert_eq!(cost(Way::NatGateways { gateways: 2, crosses_zones: false }, upload), "533.8");
    assert_eq!(cost(Way::NatGateways { gateways: 0, crosses_zones: true }, upload), "665.6");
    // 14.60 + 3 · 36.50 + 10,240 · (0.01 + 0.02)
    assert_eq!(cost(Way::TransitGatewayHub { endpoints: 1, zones: 2, attachments: 3 }, upload), "431.3");
    // 14.60 + 10,240 · 0.01; from another zone 2 · 10,240 · 0.01 more
    assert_eq!(cost(Way::PeeringHub { endpoints: 1, zones: 2, crosses_zones: false }, upload), "117");
    assert_eq!(cost(Way::PeeringHub { endpoints: 1, zones: 2, crosses_zones: true }, upload), "321.8");
}

#[test]
fn both_directions_are_counted() {
    assert_eq!(cost(ENDPOINT, home(GB, 2 * GB)), cost(ENDPOINT, home(3 * GB, 0)));
}

#[test]
fn another_region_adds_what_is_sent_from_each_side_and_is_no_goal_of_gateway_endpoints() {
    let abroad =
        Traffic { region: region("us-east-1"), service: region("us-west-2"), sent: 100 * GB, received: 50 * GB };
    // 32.85 + 3.65 + 150 · 0.045 + 150 · 0.02
    assert_eq!(cost(Way::NatGateways { gateways: 1, crosses_zones: false }, abroad), "46.25");
    // 7.30 + 150 · 0.01 + 150 · 0.02, in the Region of the service
    let hub = Way::PeeringHub { endpoints: 1, zones: 1, crosses_zones: true };
    assert_eq!(cost(hub, abroad), "11.8");
    let bill = prices().bill(&hub.usage(&abroad, MONTH).unwrap()).unwrap();
    let names: Vec<_> = bill.lines.iter().filter_map(|line| line.usage_type.as_deref()).collect();
    let expected =
        ["USE1-USW2-AWS-Out-Bytes", "USW2-VpcEndpoint-Hours", "USW2-VpcEndpoint-Bytes", "USW2-USE1-AWS-Out-Bytes"];
    assert_eq!(names, expected);
    let error = Way::GatewayEndpoint.usage(&abroad, MONTH).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the way leads to no service in another Region: the clients are in us-east-1, the service is in us-west-2"
    );
}

#[test]
fn each_nat_gateway_has_a_public_address_that_is_billed_by_itself() {
    let way = Way::NatGateways { gateways: 3, crosses_zones: false };
    let bill = prices().bill(&way.usage(&home(0, 0), MONTH).unwrap()).unwrap();
    let lines: Vec<_> = bill.lines.iter().map(|line| (line.item.as_str(), line.amount.to_string())).collect();
    // 3 · 730 · 0.045, and 3 · 730 · 0.005
    assert_eq!(lines, [("nat-gateway-hour", "98.55".to_owned()), ("public-ipv4-hour", "10.95".to_owned())]);
}

#[test]
fn what_a_way_uses_none_of_needs_no_price() {
    let text = "sidegate-prices\t1\t2026-11-29\nregion\titem\tunit\tusage\tabove\tusd\tstrength\tas of\tsource\n\
                *\tnat-gateway-data\tGB\t{}-NatGateway-Bytes\t0\t0.05\tgood\t2026-01-01\ta test\n";
    let prices = Prices::read("own.tsv", text).unwrap();
    let curve =
        |gateways| Way::NatGateways { gateways, crosses_zones: false }.curve(&prices, region("us-east-1"), MONTH);
    assert_eq!(curve(0).unwrap().at(100 * u128::from(GB)).to_string(), "5");
    assert_eq!(curve(1).unwrap_err().item, Item::NatGatewayHour);
}

fn ways() -> impl Strategy<Value = Way> {
    let small = || 0..200_u32;
    prop_oneof![
        Just(Way::GatewayEndpoint),
        small().prop_map(|addresses| Way::InternetGateway { addresses }),
        (small(), 1..7_u32, small()).prop_map(|(endpoints, zones, vpcs)| Way::InterfaceEndpoints {
            endpoints,
            zones,
            vpcs
        }),
        (small(), any::<bool>()).prop_map(|(gateways, crosses_zones)| Way::NatGateways { gateways, crosses_zones }),
        (small(), 1..7_u32, small()).prop_map(|(endpoints, zones, attachments)| Way::TransitGatewayHub {
            endpoints,
            zones,
            attachments
        }),
        (small(), 1..7_u32, any::<bool>()).prop_map(|(endpoints, zones, crosses_zones)| Way::PeeringHub {
            endpoints,
            zones,
            crosses_zones
        }),
    ]
}

proptest! {
    #[test]
    fn a_curve_tells_what_the_bill_of_the_usage_tells(way in ways(), sent in 0..u64::MAX / 4, received in 0..u64::MAX / 4) {
        let curve = way.curve(&prices(), region("us-east-1"), MONTH).unwrap();
        let bill = prices().bill(&way.usage(&home(sent, received), MONTH).unwrap()).unwrap();
        prop_assert_eq!(curve.at(u128::from(sent) + u128::from(received)), bill.total);
    }

    #[test]
    fn costs_meet_where_the_break_even_says(this in ways(), that in ways(), probe in 0..u64::MAX) {
        let [this, that] = [this, that].map(|way| way.curve(&prices(), region("us-east-1"), MONTH).unwrap());
        let even = crate::break_even(&this, &that);
        let is_told = |bytes: u128| {
            even.ranges.iter().any(|(from, last)| *from <= bytes && last.is_none_or(|last| bytes <= last))
        };
        let ends = even.ranges.iter().flat_map(|(from, last)| [Some(*from), *last]).flatten();
        let near = ends.flat_map(|end| [end.saturating_sub(1), end, end + 1]);
        for bytes in near.chain([0, probe.into(), u128::from(probe % (1 << 52))]) {
            let is_no_more: bool = this.at(bytes) <= that.at(bytes);
            prop_assert_eq!(is_told(bytes), is_no_more, "{} bytes: {:?}", bytes, even);
        }
    }
}

#[test]
fn without_traffic_a_way_costs_its_hours() {
    let curve = ENDPOINT.curve(&prices(), region("us-east-1"), MONTH).unwrap();
    assert_eq!(*curve.fixed(), Money::parse("14.60").unwrap());
    assert_eq!(curve.at(0), *curve.fixed());
    let raised = curve.raised(&Money::parse("0.40").unwrap());
    assert_eq!(raised.at(100 * u128::from(GB)).to_string(), "16", "15, and 1");
}
