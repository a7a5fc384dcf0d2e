use sidegate_model::Region;

use super::*;
use crate::{Prices, Way};

const GB: u128 = 1 << 30;

fn even(this: Way, that: Way) -> BreakEven {
    let region: Region = "us-east-1".parse().unwrap();
    let prices = Prices::known().unwrap();
    let [this, that] = [this, that].map(|way| way.curve(&prices, region, 730).unwrap());
    break_even(&this, &that)
}

fn endpoints(endpoints: u32, zones: u32, vpcs: u32) -> Way {
    Way::InterfaceEndpoints { endpoints, zones, vpcs }
}

fn nat(gateways: u32) -> Way {
    Way::NatGateways { gateways, crosses_zones: false }
}

#[test]
fn beside_a_nat_gateway_that_stays_an_endpoint_pays_from_its_hours_by_the_difference_of_the_rates() {
    // zones · 0.01 · 730 / (0.045 − 0.01): 208.57 GB for each zone.
    for zones in 1..=6_u32 {
        let bytes = even(endpoints(1, zones, 1), nat(0)).from().unwrap();
        assert_eq!(bytes, (u128::from(zones) * 7_300 * GB).div_ceil(35), "{zones} zones");
    }
    assert_eq!(even(endpoints(1, 1, 1), nat(0)).from().unwrap() / GB, 208);
}

#[test]
fn in_place_of_nat_gateways_up_to_five_endpoints_always_pay_and_more_from_a_volume_on() {
    // (n · 0.01 − 0.045 − 0.005) · 730 / 0.035 for each zone: a NAT gateway has a public address.
    for count in 1..=5 {
        assert!(even(endpoints(count, 1, 1), nat(1)).is_always(), "{count}");
    }
    for (count, whole) in [(6, 208), (10, 1042)] {
        let bytes = even(endpoints(count, 1, 1), nat(1)).from().unwrap();
        assert_eq!(bytes, ((u128::from(count) * 10 - 50) * 730 * GB).div_ceil(35));
        assert_eq!(bytes / GB, whole);
    }
}

#[test]
fn a_hub_pays_until_what_goes_over_the_transit_gateway_costs_what_the_endpoints_of_the_others_do() {
    // endpoints · zones · (vpcs − 1) · 7.30 / 0.02, less the hours of new attachments.
    let hub = |attachments| Way::TransitGatewayHub { endpoints: 10, zones: 2, attachments };
    let until = |attachments| even(hub(attachments), endpoints(10, 2, 5)).ranges;
    assert_eq!(until(0), [(0, Some(10 * 2 * 4 * 730 * GB / 2))]);
    assert_eq!(until(6), [(0, Some((10 * 2 * 4 * 730 - 6 * 3650) * GB / 2))]);
    let small = Way::TransitGatewayHub { endpoints: 1, zones: 1, attachments: 6 };
    assert!(even(small, endpoints(1, 1, 5)).is_never(), "6 · 36.50 is more than 4 · 7.30");
}

#[test]
fn a_gateway_endpoint_never_costs_more() {
    for that in [nat(0), endpoints(1, 1, 1), Way::InternetGateway { addresses: 0 }, Way::GatewayEndpoint] {
        assert!(even(Way::GatewayEndpoint, that).is_always());
    }
    assert_eq!(even(nat(0), Way::GatewayEndpoint).ranges, [(0, Some(0))], "only nothing costs nothing");
}

#[test]
fn a_volume_beyond_a_tier_is_found_in_that_tier() {
    // 1,800 zones' hours: 0.035 · 2²⁰ GB are 36,700.16 saved in the first tier, and 0.039 a GB in the next.
    let bytes = even(endpoints(900, 6, 1), nat(0)).from().unwrap();
    let first: u128 = 1 << 20;
    let hours = 900 * 6 * 7_300_u128;
    assert_eq!(bytes, first * GB + ((hours - 35 * first) * GB).div_ceil(39));
}
