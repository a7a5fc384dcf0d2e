use proptest::prelude::*;
use sidegate_model::{Ipv4Cidr, Ipv4Range};

use crate::account::cidr;

#[test]
fn a_block_is_parsed_to_its_canonical_form_and_tells_whether_it_had_it() {
    assert_eq!(Ipv4Cidr::parse("100.68.0.18/18"), Some((cidr("100.68.0.0/18"), false)));
    assert_eq!(Ipv4Cidr::parse("10.0.0.0/16"), Some((cidr("10.0.0.0/16"), true)));
    assert_eq!(cidr("0.0.0.0/0"), Ipv4Cidr::ANY);
}

#[test]
fn what_is_not_a_block_is_not_parsed() {
    for bad in [
        "",
        "10.0.0.0",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/+8",
        "10.0.0.0/08",
        "10.0.0/8",
        "10.0.0.0.0/8",
        "010.0.0.0/8",
        " 10.0.0.0/8",
        "10.0.0.0/8 ",
        "::/0",
        "10.0.0.0/8/8",
        "10.0.0.256/8",
        "10.0.0.0/999999999999",
    ] {
        assert_eq!(Ipv4Cidr::parse(bad), None, "{bad}");
    }
}

fn blocks() -> impl Strategy<Value = Ipv4Cidr> {
    // Few bits, so that blocks often meet.
    (0_u32..16, 0_u8..=32).prop_map(|(bits, length)| Ipv4Cidr::new((bits << 28).into(), length))
}

proptest! {
    #[test]
    fn covering_and_overlapping_agree_with_the_addresses(a in blocks(), b in blocks()) {
        let (a_range, b_range) = (a.range(), b.range());
        prop_assert_eq!(a.covers(b), a_range.first <= b_range.first && b_range.last <= a_range.last);
        prop_assert_eq!(a.overlaps(b), a_range.first <= b_range.last && b_range.first <= a_range.last);
        prop_assert_eq!(a.size(), u64::from(a_range.last - a_range.first) + 1);
        prop_assert_eq!(a.to_string().parse::<Ipv4Cidr>(), Ok(a));
        prop_assert_eq!(a.nth(0), Some(a.first()));
        prop_assert!(a.contains(a.last()));
    }

    #[test]
    fn a_union_of_ranges_has_the_same_numbers_in_the_fewest_ranges(
        ranges in prop::collection::vec((0_u32..40, 0_u32..8), 0..12)
    ) {
        let ranges: Vec<_> = ranges.into_iter().map(|(first, more)| Ipv4Range { first, last: first + more }).collect();
        let union = Ipv4Range::union(ranges.clone());
        let holds = |ranges: &[Ipv4Range], n: u32| ranges.iter().any(|r| (r.first..=r.last).contains(&n));
        for n in 0..50 {
            prop_assert_eq!(holds(&ranges, n), holds(&union, n));
        }
        prop_assert!(union.windows(2).all(|pair| pair[0].last + 1 < pair[1].first));
    }
}
