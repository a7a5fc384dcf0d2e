use proptest::prelude::*;
use sidegate_model::Zone;

use super::*;
use crate::Item;

const GB: u64 = 1 << 30;

fn home() -> Region {
    "us-east-1".parse().unwrap()
}

fn prices() -> Prices {
    Prices::known().unwrap()
}

fn amount_of(item: Item, quantity: u64) -> Money {
    let mut usage = Usage::default();
    usage.add(home(), item, quantity);
    prices().bill(&usage).unwrap().total
}

#[test]
fn amounts_at_every_tier_boundary_are_those_computed_by_hand() {
    let pib = 1_048_576;
    let table: &[(Item, u64, &str)] = &[
        (Item::InterfaceEndpointData, 1, "0.01"),
        (Item::InterfaceEndpointData, 1024, "10.24"),
        (Item::InterfaceEndpointData, pib - 1, "10485.75"),
        (Item::InterfaceEndpointData, pib, "10485.76"),
        (Item::InterfaceEndpointData, pib + 1, "10485.766"),
        (Item::InterfaceEndpointData, 5 * pib - 1, "35651.578"),
        (Item::InterfaceEndpointData, 5 * pib, "35651.584"),
        (Item::InterfaceEndpointData, 5 * pib + 1, "35651.588"),
        (Item::InterfaceEndpointData, 6 * pib, "39845.888"),
        (Item::InternetData, 100, "0"),
        (Item::InternetData, 101, "0.09"),
        (Item::InternetData, 10_239, "912.51"),
        (Item::InternetData, 10_240, "912.6"),
        (Item::InternetData, 10_241, "912.685"),
        (Item::InternetData, 51_200, "4394.2"),
        (Item::InternetData, 51_201, "4394.27"),
        (Item::InternetData, 153_600, "11562.2"),
        (Item::InternetData, 153_601, "11562.25"),
        (Item::NatGatewayData, 10_240, "460.8"),
        (Item::TransitGatewayData, 10_240, "204.8"),
        (Item::ZoneData, 10_240, "102.4"),
        (Item::PeeringDataOut, 10_240, "102.4"),
        (Item::RegionData, 10_240, "204.8"),
        (Item::LoadBalancerEndpointData, 1000, "3.5"),
        (Item::GatewayEndpointData, 10_240, "0"),
    ];
    for (item, gigabytes, amount) in table {
        assert_eq!(amount_of(item.clone(), gigabytes * GB).to_string(), *amount, "{item}, {gigabytes} GB");
    }
    let hours: &[(Item, u64, &str)] = &[
        (Item::InterfaceEndpointHour, 730, "7.3"),
        (Item::InterfaceEndpointHour, 3 * 730, "21.9"),
        (Item::NatGatewayHour, 730, "32.85"),
        (Item::TransitGatewayHour, 730, "36.5"),
        (Item::LoadBalancerEndpointHour, 730, "7.3"),
        (Item::ResourceEndpointHour, 730, "14.6"),
        (Item::PublicAddressHour, 730, "3.65"),
        (Item::GatewayEndpointHour, 730, "0"),
    ];
    for (item, hours, amount) in hours {
        assert_eq!(amount_of(item.clone(), *hours).to_string(), *amount, "{item}, {hours} hours");
    }
}

#[test]
fn the_last_byte_of_a_tier_and_the_first_of_the_next_have_their_own_prices() {
    let of = |bytes: u64| amount_of(Item::InterfaceEndpointData, bytes);
    let boundary = (1 << 20) * GB;
    let byte = |price: &str| Money::parse(price).unwrap().for_bytes(1);
    assert_eq!(&of(boundary) - &of(boundary - 1), byte("0.01"));
    assert_eq!(&of(boundary + 1) - &of(boundary), byte("0.006"));
    assert_eq!(&of(5 * boundary + 1) - &of(5 * boundary), byte("0.004"));
}

#[test]
fn a_bill_names_the_usage_type_the_zones_and_the_tiers_with_their_sources() {
    let mut usage = Usage::default();
    for zone in home().zones().take(2) {
        usage.add_hours(zone, Item::InterfaceEndpointHour, 730);
    }
    usage.add(home(), Item::InterfaceEndpointData, (1 << 20) * GB + GB / 2);
    usage.add_between(home(), "us-west-2".parse().unwrap(), 3 * GB);
    let bill = prices().bill(&usage).unwrap();
    let names: Vec<_> = bill.lines.iter().map(|line| line.usage_type.clone().unwrap()).collect();
    assert_eq!(names, ["USE1-VpcEndpoint-Hours", "USE1-VpcEndpoint-Bytes", "USE1-USW2-AWS-Out-Bytes"]);
    let told = serde_json::to_value(&bill).unwrap();
    assert_eq!(told["lines"][0]["zones"], serde_json::json!({"us-east-1a": "730", "us-east-1b": "730"}));
    assert_eq!(told["lines"][0]["quantity"], "1460");
    assert_eq!(told["lines"][1]["quantity"], "1048576.5");
    assert_eq!(told["lines"][1]["unit"], "GB");
    assert_eq!(told["lines"][1]["charges"][1]["quantity"], "0.5");
    assert_eq!(told["lines"][1]["charges"][1]["unitPrice"], "0.006");
    assert_eq!(told["lines"][1]["charges"][1]["amount"], "0.003");
    assert_eq!(told["lines"][1]["charges"][1]["strength"], "doubtful");
    assert_eq!(told["lines"][2]["to"], "us-west-2");
    assert_eq!(told["total"], "10500.423");
    assert!(bill.is_doubtful());
}

#[test]
fn what_has_no_price_makes_no_bill() {
    let mut usage = Usage::default();
    usage.add("af-south-1".parse().unwrap(), Item::NatGatewayHour, 1);
    assert_eq!(prices().bill(&usage).unwrap_err().item, Item::NatGatewayHour);
    usage = Usage::default();
    usage.add("af-south-1".parse().unwrap(), Item::NatGatewayHour, 0);
    assert_eq!(prices().bill(&usage).unwrap().lines, [], "nothing costs nothing");
}

fn usages() -> impl Strategy<Value = Usage> {
    let one = (prop::sample::select(Item::ALL), 0..u64::MAX / 4, 0..6_usize);
    prop::collection::vec(one, 0..12).prop_map(|all| {
        let mut usage = Usage::default();
        for (item, quantity, zone) in all {
            let zone: Zone = home().zones().nth(zone).unwrap();
            match item.unit() {
                Some(Unit::Hour) => usage.add_hours(zone, item, quantity % 100_000),
                _ => usage.add(home(), item, quantity),
            }
        }
        usage
    })
}

proptest! {
    #[test]
    fn more_never_costs_less(item in prop::sample::select(Item::ALL), less in 0..u64::MAX / 2, more in 0..u64::MAX / 2) {
        prop_assert!(amount_of(item.clone(), less) <= amount_of(item, less + more));
    }

    #[test]
    fn what_is_used_in_parts_costs_what_it_costs_at_once(
        item in prop::sample::select(Item::ALL), parts in prop::collection::vec(0..u64::MAX / 64, 1..20)
    ) {
        let mut usage = Usage::default();
        for part in &parts {
            usage.add(home(), item.clone(), *part);
        }
        let bill = prices().bill(&usage).unwrap();
        prop_assert_eq!(&bill.total, &amount_of(item, parts.iter().sum()));
    }

    #[test]
    fn the_tiers_of_a_line_add_up_to_it_and_the_lines_to_the_total(usage in usages()) {
        let bill = prices().bill(&usage).unwrap();
        for line in &bill.lines {
            prop_assert_eq!(&line.charges.iter().map(|charge| &charge.amount).sum::<Money>(), &line.amount);
        }
        prop_assert_eq!(bill.lines.iter().map(|line| &line.amount).sum::<Money>(), bill.total);
    }

    #[test]
    fn a_million_bytes_one_by_one_cost_what_they_cost_together(each in 1..1_000_000_u64) {
        // Rounding would show in the sum of many small amounts.
        let price = Money::parse("0.01").unwrap();
        let sum = &price.for_bytes(each.into()) * 1_000_000_u128;
        prop_assert_eq!(sum, price.for_bytes(u128::from(each) * 1_000_000));
    }
}
