//! What is known to be in a log is what is counted.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// A record as it is made: interface, whether it leaves, address of the other end, packets, bytes, what became of it.
type Made = (u8, bool, [u8; 4], u32, u64, u8);

fn made() -> impl Strategy<Value = Vec<Made>> {
    let peers = prop::sample::select(vec![
        [52, 216, 0, 1],
        [52, 217, 9, 9],
        [54, 231, 1, 1],
        [52, 94, 0, 7],
        [52, 94, 4, 7],
        [52, 94, 200, 1],
        [54, 160, 0, 1],
        [8, 8, 8, 8],
        [1, 1, 1, 1],
    ]);
    prop::collection::vec((0..4_u8, any::<bool>(), peers, 0..5000_u32, 0..1_u64 << 40, 0..10_u8), 0..120)
}

/// The service of an address, by hand.
fn service(address: [u8; 4]) -> Option<&'static str> {
    match address {
        [52, 216 | 217, ..] | [54, 231, ..] => Some("s3 us-east-1"),
        [52, 94, 0, _] => Some("dynamodb us-east-1"),
        [52, 94, 4, _] => Some("dynamodb us-east-2"),
        [52, 94, 200, _] => Some("AMAZON us-east-1"),
        [54, 160, ..] => Some("EC2 us-east-1"),
        _ => None,
    }
}

/// The text of a log; what each interface, direction, service and outcome has; and the records without data.
fn log(made: &[Made]) -> (String, BTreeMap<String, Totals>, [u64; 2]) {
    let (mut text, mut expected, mut without) = (HEAD.to_owned(), BTreeMap::<String, Totals>::new(), [0; 2]);
    for (place, (interface, leaves, peer, packets, bytes, outcome)) in made.iter().enumerate() {
        let id = format!("eni-0{interface}");
        if *outcome < 2 {
            let status = ["NODATA", "SKIPDATA"][usize::from(*outcome)];
            text += &format!("2 123456789012 {id} - - - - - - - 1790000000 1790000060 - {status}\n");
            without[usize::from(*outcome)] += 1;
            continue;
        }
        let (own, other) = (format!("10.0.0.{interface}"), std::net::Ipv4Addr::from(*peer).to_string());
        let (from, to) = if *leaves { (&own, &other) } else { (&other, &own) };
        let action = if *outcome == 2 { "REJECT" } else { "ACCEPT" };
        let end = if place % 7 == 0 { "\r\n" } else { "\n" };
        text += &format!(
            "2 123456789012 {id} {from} {to} 49152 443 6 {packets} {bytes} 1790000000 1790000060 {action} OK{end}"
        );
        let key = format!("{id} {leaves} {:?} {action}", service(*peer));
        expected.entry(key).or_default().count(*bytes, (*packets).into());
    }
    (text, expected, without)
}

fn counted(observed: &Observed) -> BTreeMap<String, Totals> {
    let mut counted = BTreeMap::<String, Totals>::new();
    for row in &observed.rows {
        let service = match &row.peer {
            Peer::Service { service, region } => Some(format!("{service} {}", region.as_deref().unwrap())),
            Peer::Internet => None,
            other => panic!("{other:?}"),
        };
        let leaves = row.direction.unwrap() == Direction::Egress;
        let action = if row.accepted { "ACCEPT" } else { "REJECT" };
        let key = format!("{} {leaves} {:?} {action}", row.interface.id, service.as_deref());
        counted.entry(key).or_default().add(&row.totals);
    }
    counted
}

fn sum<'a>(all: impl Iterator<Item = &'a Totals>) -> Totals {
    let mut sum = Totals::default();
    all.for_each(|one| sum.add(one));
    sum
}

proptest! {
    #[test]
    fn bytes_by_service_are_exact_however_lines_are_split_by_reads(made in made(), step in 1..400_usize, zipped in any::<bool>()) {
        let (text, expected, without) = log(&made);
        let bytes = if zipped { gzip(text.as_bytes()) } else { text.into_bytes() };
        let mut logs = logs();
        logs.read_stream("a.log", Slowly { source: bytes.as_slice(), step }, &mut |_| {});
        let observed = logs.finish();
        prop_assert_eq!(told(&observed), Vec::<String>::new());
        prop_assert_eq!(counted(&observed), expected);
        prop_assert_eq!([observed.no_data, observed.skipped], without);
        prop_assert_eq!(observed.other_rows, Totals::default());
    }

    #[test]
    fn what_is_beyond_the_limits_is_counted_with_all_others(made in made(), rows in 1..6_usize, talkers in 1..6_usize) {
        let (text, expected, _) = log(&made);
        let mut logs = FlowLogs::new(&World::default(), ranges(), Limits { rows, talkers });
        read(&mut logs, "a.log", text);
        let observed = logs.finish();
        prop_assert!(observed.rows.len() <= rows && observed.talkers.len() <= talkers);
        let mut all = sum(observed.rows.iter().map(|row| &row.totals));
        all.add(&observed.other_rows);
        prop_assert_eq!(all, sum(expected.values()));
        prop_assert_eq!(all, observed.total);
        let mut all = sum(observed.talkers.iter().map(|talker| &talker.totals));
        all.add(&observed.other_talkers);
        let accepted = expected.iter().filter(|(key, _)| key.ends_with("ACCEPT"));
        prop_assert_eq!(all, sum(accepted.map(|(_, totals)| totals)));
    }
}

#[test]
fn a_log_that_is_longer_than_what_is_held_is_counted_to_the_last_byte() {
    let (mut text, mut bytes) = (HEAD.to_owned(), 0_u64);
    for number in 0..20_000_u64 {
        let (peer, each) = (number % 256, number * 977 % 1_000_003);
        bytes += each;
        text += &format!("2 1 eni-{} 10.0.0.1 52.216.0.{peer} 1 443 6 1 {each} 1 2 ACCEPT OK\n", number % 300);
    }
    assert!(text.len() > 4 * (1 << 18), "several times as long");
    text.pop();
    let mut logs = logs();
    let (mut steps, mut last) = (0, 0);
    logs.read("a.log", Cursor::new(text.clone().into_bytes()), &mut |progress| {
        assert!(progress.read >= last && progress.length == Some(text.len() as u64));
        (steps, last) = (steps + 1, progress.read);
    });
    assert!(steps > 4 && last == text.len() as u64, "{steps} calls");
    let observed = logs.finish();
    assert_eq!((observed.total.bytes, observed.total.flows, observed.total.packets), (bytes, 20_000, 20_000));
    assert_eq!(observed.rows.len(), 300);
    assert_eq!(observed.span, Some((1, 2)));
}

#[test]
fn the_greatest_talkers_are_first() {
    let mut text = HEAD.to_owned();
    for number in 0..500_u64 {
        let bytes = if number == 77 { 1_000_000_000 } else { number };
        text += &format!("2 1 eni-1 10.0.0.1 9.9.{}.{} 1 443 6 1 {bytes} 1 2 ACCEPT OK\n", number / 256, number % 256);
    }
    let mut logs = FlowLogs::new(&World::default(), ranges(), Limits { rows: 10, talkers: 20 });
    read(&mut logs, "a.log", text);
    let observed = logs.finish();
    assert_eq!(observed.talkers.len(), 20);
    assert_eq!(observed.talkers[0].address, Some("9.9.0.77".parse().unwrap()));
    assert_eq!(observed.talkers[0].totals.bytes, 1_000_000_000);
    assert!(observed.talkers.is_sorted_by(|a, b| a.totals >= b.totals));
}
