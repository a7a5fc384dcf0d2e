use proptest::prelude::*;

use super::*;

/// A sample of the published ranges, as they were when it was made.
const SAMPLE: &str = include_str!("../../../tests/data/ip-ranges-sample.json");

fn sample() -> Ranges {
    let (ranges, findings) = Ranges::read("ip-ranges-sample.json", SAMPLE.as_bytes()).unwrap();
    assert_eq!(findings, []);
    ranges
}

fn found(ranges: &Ranges, address: &str) -> Option<(String, String)> {
    let found = ranges.find(address.parse().unwrap());
    found.map(|(service, region)| (service.to_owned(), region.to_owned()))
}

#[test]
fn the_longest_range_tells_the_service_and_a_service_comes_before_amazon() {
    let ranges = sample();
    let is = |address: &str, service: &str, region: &str| {
        assert_eq!(found(&ranges, address), Some((service.to_owned(), region.to_owned())), "{address}");
    };
    is("52.216.0.1", "S3", "us-east-1");
    is("52.217.255.255", "S3", "us-east-1");
    is("52.94.0.10", "DYNAMODB", "us-east-1");
    is("52.94.4.10", "DYNAMODB", "us-east-2");
    is("52.94.200.1", "AMAZON", "us-east-1");
    is("54.160.1.1", "EC2", "us-east-1");
    is("2600:1fa0:8000::1", "S3", "us-east-1");
    for nobodys in ["8.8.8.8", "10.0.0.1", "52.218.0.0", "255.255.255.255", "0.0.0.0", "::1", "ffff::"] {
        assert_eq!(found(&ranges, nobodys), None, "{nobodys}");
    }
}

#[test]
fn what_cannot_be_read_is_told_of_with_its_place_and_the_rest_is_used() {
    let file = r#"{"prefixes": [
        {"ip_prefix": "52.0.0.0/33", "region": "us-east-1", "service": "S3"},
        {"ip_prefix": "52.0.0.0/16", "region": "us-east-1"},
        {"ip_prefix": "2600::/32", "region": "us-east-1", "service": "S3"},
        7,
        {"ip_prefix": "52.1.0.0/16", "region": "us-east-1", "service": "S3"}],
      "ipv6_prefixes": [{"ipv6_prefix": "52.0.0.0/16", "region": "us-east-1", "service": "S3"}]}"#;
    let (ranges, findings) = Ranges::read("r.json", file.as_bytes()).unwrap();
    let told: Vec<_> = findings.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "r.json: prefixes[0].ip_prefix: `52.0.0.0/33` is no block of addresses",
            "r.json: prefixes[1].service: it is missing, or no text",
            "r.json: prefixes[2].ip_prefix: `2600::/32` is of the other family",
            "r.json: prefixes[3].ip_prefix: it is missing, or no text",
            "r.json: ipv6_prefixes[0].ipv6_prefix: `52.0.0.0/16` is of the other family",
        ]
    );
    assert_eq!(found(&ranges, "52.1.2.3"), Some(("S3".to_owned(), "us-east-1".to_owned())));
}

#[test]
fn what_is_no_such_file_is_refused_with_the_place() {
    let told = |text: &str| Ranges::read("r.json", text.as_bytes()).unwrap_err().to_string();
    assert!(told("{\"prefixes\": [\n}").starts_with("r.json:2:1: it is not the published ranges: "));
    assert_eq!(told("{}"), "r.json: it has no `prefixes`");
    assert!(told("").starts_with("r.json:1:0: it is not the published ranges: "));
}

/// What is said of an address by looking at every range.
fn naive(ranges: &[(IpCidr, String)], address: IpAddr) -> Option<String> {
    let rank = |service: &str| match service {
        "AMAZON" => 0,
        "EC2" => 1,
        _ => 2,
    };
    // From the widest to the longest: one takes the place of another unless it says less.
    let mut having: Vec<_> = ranges.iter().filter(|(block, _)| block.contains(address)).collect();
    having.sort_by_key(|(block, service)| (block.length(), rank(service)));
    let mut told: Option<&String> = None;
    for (_, service) in having {
        if told.is_none_or(|told| rank(service) >= rank(told)) {
            told = Some(service);
        }
    }
    told.cloned()
}

proptest! {
    #[test]
    fn a_table_tells_what_all_ranges_together_tell(
        blocks in prop::collection::vec((any::<u8>(), any::<u8>(), 4..=32_u8, 0..3_usize), 1..40),
        probes in prop::collection::vec((any::<u8>(), any::<u8>(), any::<u16>()), 40)
    ) {
        // Services of different names in one block would leave open which of them it is.
        let names = ["AMAZON", "EC2", "S3"];
        let ranges: Vec<(IpCidr, String)> = blocks
            .iter()
            .map(|(a, b, length, name)| (IpCidr::new([*a & 0xf1, *b & 0x81, 0, 0].into(), *length), names[*name].to_owned()))
            .collect();
        let prefixes: Vec<_> = ranges
            .iter()
            .map(|(block, service)| serde_json::json!({"ip_prefix": block.to_string(), "region": "r", "service": service}))
            .collect();
        let file = serde_json::json!({"prefixes": prefixes}).to_string();
        let (table, findings) = Ranges::read("r.json", file.as_bytes()).unwrap();
        prop_assert!(findings.is_empty());
        let ends = ranges.iter().flat_map(|(block, _)| match block {
            IpCidr::V4(block) => [block.first().to_bits(), block.last().to_bits(), block.last().to_bits().wrapping_add(1)],
            IpCidr::V6(_) => [0; 3],
        });
        let probes = probes.iter().map(|(a, b, c)| u32::from_be_bytes([*a & 0xf1, *b & 0x81, (*c >> 8) as u8, *c as u8]));
        for bits in probes.chain(ends) {
            let address = IpAddr::from(bits.to_be_bytes());
            prop_assert_eq!(table.find(address).map(|(service, _)| service.to_owned()), naive(&ranges, address), "{}", address);
        }
    }
}
