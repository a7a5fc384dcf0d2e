//! From counts to records: what was counted of each flow log's interfaces in its aggregation interval. Pure.
//!
//! Intervals are aligned: one of a minute ends with a minute. What is counted when an interface or a flow log goes stays
//! until the interval is closed, so that nothing is lost with them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::Arc;

use sidegate_model::flow_record::{Flow, Record, Seen, Total, Watched};
use sidegate_model::{FlowLogId, NetworkInterfaceId};

/// How many flows one flow log counts in an interval at most. What there is beyond them is skipped.
const MOST_FLOWS: usize = 200_000;

/// What is counted for all flow logs.
#[derive(Debug, Default)]
pub(super) struct Aggregation {
    intervals: BTreeMap<FlowLogId, Interval>,
}

/// An interval of a flow log that goes on.
#[derive(Debug)]
struct Interval {
    /// When it began, and when it ends at the latest: Unix time in seconds.
    start: i64,
    end: i64,
    interfaces: BTreeMap<NetworkInterfaceId, AtInterface>,
    /// How many flows there are.
    count: usize,
}

/// What was counted at an interface.
#[derive(Debug)]
struct AtInterface {
    watched: Arc<Watched>,
    flows: HashMap<Key, Flow>,
    skipped: bool,
}

/// What makes two flows one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    ingress: bool,
    accepted: bool,
    source: IpAddr,
    destination: IpAddr,
    protocol: u8,
    ports: (u16, u16),
}

impl Key {
    fn of(flow: &Flow) -> Self {
        let Flow { ingress, accepted, source, destination, protocol, ports, .. } = *flow;
        Self { ingress, accepted, source, destination, protocol, ports }
    }
}

impl AtInterface {
    fn new(watched: &Arc<Watched>) -> Self {
        Self { watched: Arc::clone(watched), flows: HashMap::new(), skipped: false }
    }

    /// The records of an interval.
    fn records(self, start: i64, end: i64) -> impl Iterator<Item = Record> {
        let Self { watched, flows, skipped } = self;
        let rest = if skipped {
            Some(Seen::SkipData(start, end))
        } else if flows.is_empty() {
            Some(Seen::NoData(start, end))
        } else {
            None
        };
        let mut flows: Vec<_> = flows.into_values().collect();
        flows.sort_by_key(|flow| (flow.total.start, flow.total.end, flow.source, flow.destination, flow.ports));
        let seen = flows.into_iter().map(Seen::Flow).chain(rest);
        seen.map(move |seen| Record { watched: Arc::clone(&watched), seen })
    }
}

impl Aggregation {
    /// Counts for a flow log, whose intervals last so many seconds, at these interfaces from now on.
    pub(super) fn follow<'a>(
        &mut self, log: &FlowLogId, seconds: u32, interfaces: impl Iterator<Item = &'a Arc<Watched>>, now: i64,
    ) {
        let interval = self.intervals.entry(log.clone()).or_insert_with(|| Interval {
            start: now,
            end: (now.div_euclid(seconds.into()) + 1) * i64::from(seconds),
            interfaces: BTreeMap::new(),
            count: 0,
        });
        for watched in interfaces {
            let at = interval.interfaces.entry(watched.interface.clone());
            at.or_insert_with(|| AtInterface::new(watched)).watched = Arc::clone(watched);
        }
    }

    /// Counts a flow at an interface, for one flow log.
    pub(super) fn add(&mut self, log: &FlowLogId, interface: &NetworkInterfaceId, flow: &Flow) {
        let Some(interval) = self.intervals.get_mut(log) else { return };
        let Some(at) = interval.interfaces.get_mut(interface) else { return };
        let key = Key::of(flow);
        // What was counted in a second in which an interval ended is of that interval, and what was counted before the first
        // one, while nobody looked, is of the first one.
        let within = |time: i64| time.max(interval.start).min(interval.end);
        let total = Total { start: within(flow.total.start), end: within(flow.total.end), ..flow.total };
        if let Some(known) = at.flows.get_mut(&key) {
            known.total.add(&total);
        } else if interval.count < MOST_FLOWS {
            interval.count += 1;
            at.flows.insert(key, Flow { total, ..flow.clone() });
        } else {
            at.skipped = true;
        }
    }

    /// Notes that some traffic of an interface was not counted.
    pub(super) fn skip(&mut self, log: &FlowLogId, interface: &NetworkInterfaceId) {
        let at = self.intervals.get_mut(log).and_then(|interval| interval.interfaces.get_mut(interface));
        if let Some(at) = at {
            at.skipped = true;
        }
    }

    /// The flow logs that count something at an interface, gone or not.
    pub(super) fn counting(&self, interface: &NetworkInterfaceId) -> Vec<FlowLogId> {
        let counting = self.intervals.iter().filter(|(_, interval)| interval.interfaces.contains_key(interface));
        counting.map(|(log, _)| log.clone()).collect()
    }

    /// The flow logs whose interval is over.
    pub(super) fn due(&self, now: i64) -> Vec<FlowLogId> {
        self.intervals.iter().filter(|(_, interval)| interval.end <= now).map(|(log, _)| log.clone()).collect()
    }

    /// All flow logs that something is counted for.
    pub(super) fn logs(&self) -> BTreeSet<FlowLogId> {
        self.intervals.keys().cloned().collect()
    }

    /// The intervals that go on: when each began, and when it ends at the latest.
    pub(super) fn open(&self) -> BTreeMap<FlowLogId, (i64, i64)> {
        self.intervals.iter().map(|(log, interval)| (log.clone(), (interval.start, interval.end))).collect()
    }

    /// Ends the interval of a flow log, and makes its records. The next one begins when it is followed again.
    pub(super) fn close(&mut self, log: &FlowLogId, now: i64) -> Vec<Record> {
        let Some(Interval { start, end, interfaces, .. }) = self.intervals.remove(log) else { return Vec::new() };
        interfaces.into_values().flat_map(|at| at.records(start, end.min(now).max(start))).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn log() -> FlowLogId {
        "fl-0123456789abcdef0".parse().unwrap()
    }

    fn watched(number: u8) -> Arc<Watched> {
        Arc::new(Watched {
            interface: format!("eni-0123456789abcdef{number:x}").parse().unwrap(),
            account: None,
            vpc: "vpc-0123456789abcdef0".parse().unwrap(),
            subnet: "subnet-0123456789abcdef0".parse().unwrap(),
            instance: None,
            region: "us-east-1".parse().unwrap(),
            zone: "use1-az1".to_owned(),
            address: "10.0.0.4".parse().unwrap(),
        })
    }

    fn flow(port: u16, ingress: bool, (packets, bytes): (u64, u64), at: i64) -> Flow {
        Flow {
            ingress,
            accepted: true,
            source: "10.0.0.4".parse().unwrap(),
            destination: "10.0.0.5".parse().unwrap(),
            protocol: 6,
            ports: (port, 443),
            total: Total { packets, bytes, flags: 1 << (port % 3), start: at, end: at + 1 },
            path: None,
            services: (None, None),
        }
    }

    fn seen(records: Vec<Record>) -> Vec<Seen> {
        records.into_iter().map(|record| record.seen).collect()
    }

    #[test]
    fn an_interval_ends_with_the_minute_and_each_interface_has_a_record_of_it() {
        let mut all = Aggregation::default();
        let (one, two) = (watched(1), watched(2));
        all.follow(&log(), 60, [&one, &two].into_iter(), 1_000_030);
        assert_eq!(all.due(1_000_079), []);
        assert_eq!(all.due(1_000_080), [log()]);
        all.add(&log(), &one.interface, &flow(1, false, (1, 60), 1_000_031));
        all.add(&log(), &one.interface, &flow(1, false, (2, 80), 1_000_040));
        all.add(&log(), &one.interface, &flow(1, true, (1, 40), 1_000_040));
        let records = seen(all.close(&log(), 1_000_081));
        let total = |packets, bytes, start| Total { packets, bytes, flags: 2, start, end: 1_000_041 };
        let Seen::Flow(first) = &records[0] else { panic!("{records:?}") };
        assert_eq!(first.total, total(3, 140, 1_000_031));
        let Seen::Flow(second) = &records[1] else { panic!("{records:?}") };
        assert_eq!((second.ingress, second.total), (true, total(1, 40, 1_000_040)));
        assert_eq!(records[2..], [Seen::NoData(1_000_030, 1_000_080)]);
        assert_eq!(all.close(&log(), 1_000_081), []);
    }

    #[test]
    fn what_was_counted_while_nobody_looked_is_of_the_interval_in_which_it_is_taken() {
        let mut all = Aggregation::default();
        let one = watched(1);
        all.follow(&log(), 60, [&one].into_iter(), 100_000);
        assert_eq!(all.open(), BTreeMap::from([(log(), (100_000, 100_020))]));
        let mut early = flow(1, false, (1, 60), 100);
        early.total.end = 100_021;
        all.add(&log(), &one.interface, &early);
        all.add(&log(), &one.interface, &early);
        let records = seen(all.close(&log(), 100_022));
        let [Seen::Flow(told)] = &records[..] else { panic!("{records:?}") };
        assert_eq!(told.total, Total { packets: 2, bytes: 120, flags: 2, start: 100_000, end: 100_020 });
    }

    #[test]
    fn what_was_not_counted_is_told_beside_what_was() {
        let mut all = Aggregation::default();
        let one = watched(1);
        all.follow(&log(), 600, [&one].into_iter(), 600);
        all.add(&log(), &one.interface, &flow(1, false, (1, 60), 601));
        all.skip(&log(), &one.interface);
        let records = seen(all.close(&log(), 700));
        assert!(matches!(records[0], Seen::Flow(_)));
        assert_eq!(records[1..], [Seen::SkipData(600, 700)]);
    }

    #[test]
    fn an_interface_that_goes_has_its_last_records_and_no_more() {
        let mut all = Aggregation::default();
        let (one, two) = (watched(1), watched(2));
        all.follow(&log(), 60, [&one].into_iter(), 0);
        all.follow(&log(), 60, [&two].into_iter(), 10);
        assert_eq!(all.counting(&one.interface), [log()]);
        assert_eq!(all.close(&log(), 60).len(), 2);
        all.follow(&log(), 60, [&two].into_iter(), 60);
        assert_eq!(all.counting(&one.interface), []);
        assert_eq!(all.close(&log(), 120).len(), 1);
    }

    #[test]
    fn the_flows_of_an_interval_are_bounded() {
        let mut all = Aggregation::default();
        let one = watched(1);
        all.follow(&log(), 60, [&one].into_iter(), 0);
        all.intervals.get_mut(&log()).unwrap().count = MOST_FLOWS - 1;
        for port in 1..4 {
            all.add(&log(), &one.interface, &flow(port, false, (1, 1), 0));
        }
        let records = seen(all.close(&log(), 60));
        assert_eq!(records.len(), 2);
        assert_eq!(records[1], Seen::SkipData(0, 60));
    }

    proptest! {
        #[test]
        fn packets_and_bytes_are_the_same_however_they_are_split(
            counts in prop::collection::vec((0_u16..4, any::<bool>(), 0_u64..1000, 0_u64..100_000), 0..60),
            closing in prop::collection::vec(any::<bool>(), 60),
        ) {
            let mut all = Aggregation::default();
            let one = watched(1);
            let mut records = Vec::new();
            let mut now = 0;
            for ((port, ingress, packets, bytes), closes) in counts.iter().zip(closing) {
                all.follow(&log(), 60, [&one].into_iter(), now);
                all.add(&log(), &one.interface, &flow(*port, *ingress, (*packets, *bytes), now));
                now += 7;
                if closes || !all.due(now).is_empty() {
                    records.extend(all.close(&log(), now));
                }
            }
            records.extend(all.close(&log(), now));
            let mut sums: BTreeMap<(u16, bool), (u64, u64)> = BTreeMap::new();
            for record in records {
                let Seen::Flow(flow) = record.seen else { continue };
                prop_assert!(flow.total.start <= flow.total.end);
                let sum = sums.entry((flow.ports.0, flow.ingress)).or_default();
                *sum = (sum.0 + flow.total.packets, sum.1 + flow.total.bytes);
            }
            let mut wanted: BTreeMap<(u16, bool), (u64, u64)> = BTreeMap::new();
            for (port, ingress, packets, bytes) in counts {
                let sum = wanted.entry((port, ingress)).or_default();
                *sum = (sum.0 + packets, sum.1 + bytes);
            }
            prop_assert_eq!(sums, wanted);
        }
    }
}
