use super::*;
use crate::{Item, Unit};

const HEAD: &str = "sidegate-prices\t1\t2026-11-29\nregion\titem\tunit\tusage\tabove\tusd\tstrength\tas of\tsource\n";

fn region(name: &str) -> Region {
    name.parse().unwrap()
}

fn errors_of(rows: &str) -> Vec<String> {
    let read = Prices::read("own.tsv", &format!("{HEAD}{rows}"));
    read.expect_err(rows).into_iter().map(|error| error.to_string()).collect()
}

#[test]
fn every_price_that_is_known_is_read_and_has_a_source() {
    let prices = Prices::known().unwrap();
    assert_eq!(prices.as_of(), "2026-11-29");
    for (item, region, price) in prices.iter() {
        assert!(!price.tiers.is_empty() && Item::ALL.contains(item), "{item} {region:?}");
        for tier in &price.tiers {
            assert!(tier.source.len() > 3, "{item} {region:?}");
            // What is only believed is marked.
            assert!(!tier.source.starts_with("general knowledge") || tier.strength == Strength::Doubtful, "{item}");
            assert!(tier.as_of.is_some() || tier.strength == Strength::Doubtful, "{item} {region:?}");
        }
    }
    let home = region("us-east-1");
    assert!(Item::ALL.iter().all(|item| prices.of(item, home).is_ok()), "all items have a price where AWS began");
}

#[test]
fn usage_types_are_those_of_bills() {
    let prices = Prices::known().unwrap();
    let named = |item: Item, at: &str, to: Option<&str>| {
        prices.of(&item, region(at)).unwrap().usage_type_in(region(at), to.map(region)).unwrap()
    };
    assert_eq!(named(Item::InterfaceEndpointHour, "us-east-1", None), "USE1-VpcEndpoint-Hours");
    assert_eq!(named(Item::InterfaceEndpointData, "us-west-2", None), "USW2-VpcEndpoint-Bytes");
    assert_eq!(named(Item::InterfaceEndpointHour, "eu-west-1", None), "EU-VpcEndpoint-Hours");
    assert_eq!(named(Item::NatGatewayHour, "us-east-1", None), "NatGateway-Hours");
    assert_eq!(named(Item::NatGatewayData, "ap-southeast-1", None), "APS1-NatGateway-Bytes");
    assert_eq!(named(Item::TransitGatewayData, "us-east-1", None), "USE1-TransitGateway-Bytes");
    assert_eq!(named(Item::RegionData, "us-east-1", Some("us-west-2")), "USE1-USW2-AWS-Out-Bytes");
    assert_eq!(named(Item::ZoneData, "us-east-1", None), "DataTransfer-Regional-Bytes");
    assert_eq!(named(Item::PublicAddressHour, "us-east-1", None), "USE1-PublicIPv4:InUseAddress");
}

#[test]
fn what_no_file_has_is_said() {
    let prices = Prices::known().unwrap();
    let error = prices.of(&Item::NatGatewayHour, region("af-south-1")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no price is known for nat-gateway-hour in af-south-1; a file of prices with `--prices` can say it"
    );
}

#[test]
fn a_file_of_ones_own_takes_the_place_of_what_it_has_and_adds_what_is_new() {
    let own = Prices::read(
        "own.tsv",
        &format!(
            "{HEAD}us-east-1\tnat-gateway-hour\thour\tNatGateway-Hours\t0\t0.03\tgood\t2026-12-01\tour contract\n\
             *\tinterface-endpoint-data\tGB\t{{}}-VpcEndpoint-Bytes\t0\t0.008\tgood\t-\tour contract\n\
             us-east-1\tkms-request\teach\tUSE1-KMS-Requests\t0\t0.000003\tgood\t-\tour contract\n"
        ),
    );
    let prices = Prices::known().unwrap().overridden(own.unwrap());
    let home = region("us-east-1");
    let price = |item: &Item, at: Region| {
        prices.of(item, at).unwrap().tiers.iter().map(|tier| tier.price.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(price(&Item::NatGatewayHour, home), ["0.03"]);
    assert_eq!(price(&Item::NatGatewayHour, region("us-east-2")), ["0.045"], "other Regions keep theirs");
    assert_eq!(price(&Item::InterfaceEndpointData, home), ["0.008"], "the tiers go with the price");
    let everywhere = format!("{HEAD}*\tnat-gateway-hour\thour\tNatGateway-Hours\t0\t0.01\tgood\t-\tour contract\n");
    let one = Prices::known().unwrap().overridden(Prices::read("own.tsv", &everywhere).unwrap());
    assert_eq!(
        one.of(&Item::NatGatewayHour, home).unwrap().tiers[0].price.to_string(),
        "0.01",
        "everywhere is here too"
    );
    let kms: Item = "kms-request".parse().unwrap();
    assert_eq!(prices.of(&kms, home).unwrap().unit, Unit::Each);
    assert!(Prices::known().unwrap().of(&kms, home).is_err(), "what is not in the file has no price");
}

#[test]
fn what_is_wrong_is_told_with_its_line() {
    let row = |row: &str| errors_of(row).join("; ");
    assert_eq!(row("us-east-1\tx\n"), "own.tsv:3: 2 cells instead of 9");
    assert_eq!(
        row("mars-1\tx\thour\tX\t0\t1\tgood\t-\ts\n"),
        "own.tsv:3: `mars-1` is not a Region that Sidegate knows"
    );
    assert_eq!(
        row("*\tnat-gateway-hour\tGB\tX\t0\t1\tgood\t-\ts\n"),
        "own.tsv:3: nat-gateway-hour is counted by hour, not by GB"
    );
    assert_eq!(row("*\tx\tday\tX\t0\t1\tgood\t-\ts\n"), "own.tsv:3: `day` is no unit: hour, GB or each is expected");
    assert_eq!(row("*\tx\thour\tX\t-1\t1\tgood\t-\ts\n"), "own.tsv:3: `-1` is no whole number of units");
    assert_eq!(
        row("*\tx\thour\tX\t0\t-1\tgood\t-\ts\n"),
        "own.tsv:3: `-1` is no price: digits and one point are expected"
    );
    assert_eq!(row("*\tx\thour\tX\t0\t1\tperhaps\t-\ts\n"), "own.tsv:3: `perhaps` is neither good nor doubtful");
    assert_eq!(row("*\tx\thour\t-\t0\t1\tgood\t-\ts\n"), "own.tsv:3: what costs something has a usage type");
    assert!(row("*\tX Y\thour\tX\t0\t1\tgood\t-\ts\n").contains("is no item"));
    assert_eq!(
        row("*\tx\thour\tX\t0\t1\tgood\t2026-13\ts\n"),
        "own.tsv:3: `2026-13` is no date: `2026-11-29`, `2026-11`, `2026` and `-` are the forms"
    );
    assert_eq!(row("*\tx\thour\tX\t0\t1\tgood\t-\t\n"), "own.tsv:3: where the price is from is not said");
    assert_eq!(row("*\tx\thour\tX\t0\t1\tgood\t-\t\u{1b}[2J\n"), "own.tsv:3: there is a control character in the row");
    assert_eq!(row("*\tx\thour\tX\t5\t1\tgood\t-\ts\n"), "own.tsv:3: the first tier begins above 0");
    let two = "*\tx\thour\tX\t0\t1\tgood\t-\ts\n# a comment\n*\tx\thour\tX\t0\t2\tgood\t-\ts\n*\tx\thour\tY\t9\t2\tgood\t-\ts\n";
    assert_eq!(
        errors_of(two),
        [
            "own.tsv:5: the tier begins where the one before does, or below it",
            "own.tsv:6: another tier of the same price has another unit or usage type"
        ]
    );
}

#[test]
fn a_file_of_another_form_is_refused() {
    let told = |text: &str| Prices::read("own.tsv", text).unwrap_err().remove(0).to_string();
    assert_eq!(told(""), "own.tsv:1: the file is empty");
    assert_eq!(told("a,b\n"), "own.tsv:1: the first line is `sidegate-prices`, `1` and a date, with a tab between two");
    assert_eq!(told("# c\nsidegate-prices\t2\t2026-01-01\n"), "own.tsv:2: form `2` is not known; 1 is");
    assert_eq!(told("sidegate-prices\t1\tJune\n"), "own.tsv:1: `June` is no date: `2026-11-29` is the form");
    assert!(told("sidegate-prices\t1\t2026-13-01\n").contains("is no date"));
    assert_eq!(told("sidegate-prices\t1\t2026-01-01\n"), "own.tsv:1: no columns follow");
    let many = format!("{HEAD}{}", "x\n".repeat(1000));
    assert_eq!(Prices::read("own.tsv", &many).unwrap_err().len(), 100, "not all of them are told");
}
