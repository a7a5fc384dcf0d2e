//! What waits for its delivery: the lines of one flow log, in parcels that are delivered whole. Pure.
//!
//! A parcel for a log group has the records of one interval. One for a bucket becomes a file, and has the records that end in
//! one period of five minutes. What waits is bounded in bytes, and in time from when it was tried first; what is dropped for
//! that is told by a SKIPDATA record for each interface, which waits in its place.
//!
//! Source: VPC user guide, "Flow log files".

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sidegate_model::flow_record::{Record, Seen, Watched};
use sidegate_model::{FlowLog, FlowLogDestination, NetworkInterfaceId};

/// How long the records of a file are gathered, in seconds.
pub(super) const PERIOD: i64 = 300;

/// How long after its period a file waits for records that are late, in seconds.
const GRACE: i64 = 3;

/// The most bytes of lines that are gathered for one file; what there is more goes into another one.
const LARGEST_FILE: usize = 16 * 1024 * 1024;

/// The most bytes of lines that wait.
const MOST_BYTES: usize = 64 * 1024 * 1024;

/// How long a delivery is tried, in seconds.
pub(super) const LONGEST_TRIED: i64 = 3600;

/// A line, and what it tells of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) interface: NetworkInterfaceId,
    /// Unix time in seconds.
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) text: String,
}

impl Line {
    /// The line of a record of a flow log.
    pub(super) fn of(log: &FlowLog, record: &Record) -> Self {
        Self {
            interface: record.watched.interface.clone(),
            start: record.start(),
            end: record.end(),
            text: record.line(log.version(), log.settings.format.fields()),
        }
    }

    fn bytes(&self) -> usize {
        self.text.len() + 1
    }
}

/// The interfaces that lines tell of.
pub(super) type Interfaces = BTreeMap<NetworkInterfaceId, Arc<Watched>>;

/// Lines that are delivered together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Parcel {
    /// Its number among those of its flow log.
    pub(super) number: u64,
    /// When its period began, if it becomes a file: Unix time in seconds.
    pub(super) period: Option<i64>,
    /// From when it is delivered: Unix time in seconds.
    due: i64,
    pub(super) lines: Vec<Line>,
    pub(super) interfaces: Interfaces,
    bytes: usize,
    /// Whether nothing is added to it any more.
    is_sealed: bool,
    /// When it was tried first and in vain: Unix time in seconds.
    tried: Option<i64>,
}

impl Parcel {
    /// An empty one.
    pub(super) fn new(number: u64, period: Option<i64>) -> Self {
        let due = period.map_or(0, |period| period + PERIOD + GRACE);
        Self { number, period, due, ..Self::default() }
    }

    /// Adds a line.
    pub(super) fn add(&mut self, line: Line, watched: Option<&Arc<Watched>>) {
        self.bytes += line.bytes();
        if let Some(watched) = watched {
            self.interfaces.entry(line.interface.clone()).or_insert_with(|| Arc::clone(watched));
        }
        self.lines.push(line);
        if self.period.is_some() && self.bytes >= LARGEST_FILE {
            (self.is_sealed, self.due) = (true, 0);
        }
    }

    /// Leaves these lines in it, and no others.
    pub(super) fn keep(&mut self, lines: Vec<Line>) {
        self.bytes = lines.iter().map(Line::bytes).sum();
        self.lines = lines;
    }
}

/// What became of parcels when lines came in.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Changes {
    /// The parcels that have new lines, with the count of those they had before.
    pub(super) grown: BTreeMap<u64, usize>,
    /// The parcels that were dropped.
    pub(super) dropped: Vec<u64>,
}

/// What of a flow log waits.
#[derive(Debug)]
pub(super) struct Queue {
    log: FlowLog,
    parcels: BTreeMap<u64, Parcel>,
    next: u64,
    /// What was dropped: from and until when, at each interface.
    lost: BTreeMap<NetworkInterfaceId, (Arc<Watched>, i64, i64)>,
}

impl Queue {
    /// The queue of a flow log in which these parcels wait.
    pub(super) fn new(log: FlowLog, parcels: Vec<Parcel>) -> Self {
        let next = parcels.iter().map(|parcel| parcel.number + 1).max().unwrap_or_default();
        let parcels = parcels.into_iter().map(|parcel| (parcel.number, parcel)).collect();
        Self { log, parcels, next, lost: BTreeMap::new() }
    }

    /// The flow log.
    pub(super) fn log(&self) -> &FlowLog {
        &self.log
    }

    /// A parcel that waits.
    pub(super) fn parcel(&self, number: u64) -> Option<&Parcel> {
        self.parcels.get(&number)
    }

    /// Takes lines in. Those of one call are of one interval.
    pub(super) fn put(&mut self, lines: Vec<Line>, interfaces: &Interfaces) -> Changes {
        let mut changes = Changes::default();
        let is_file = matches!(self.log.settings.destination, FlowLogDestination::S3 { .. });
        let mut interval = None;
        for line in lines {
            let period = is_file.then(|| line.end.div_euclid(PERIOD) * PERIOD);
            let open = match period {
                Some(_) => self.parcels.values().find(|one| one.period == period && !one.is_sealed),
                None => interval.and_then(|number| self.parcels.get(&number)),
            };
            let number = open.map_or(self.next, |open| open.number);
            if open.is_none() {
                self.next += 1;
                interval = Some(number);
            }
            let parcel = self.parcels.entry(number).or_insert_with(|| Parcel::new(number, period));
            changes.grown.entry(number).or_insert(parcel.lines.len());
            let watched = interfaces.get(&line.interface);
            parcel.add(line, watched);
        }
        self.bound(&mut changes);
        changes
    }

    fn bound(&mut self, changes: &mut Changes) {
        while self.parcels.len() > 1 && self.parcels.values().map(|parcel| parcel.bytes).sum::<usize>() > MOST_BYTES {
            let Some((number, oldest)) = self.parcels.pop_first() else { return };
            tracing::warn!(log = %self.log.id, "records of a flow log are dropped, since too many wait");
            changes.grown.remove(&number);
            changes.dropped.push(number);
            self.lose(&oldest);
        }
    }

    /// Notes that the lines of a parcel will not arrive.
    pub(super) fn lose(&mut self, parcel: &Parcel) {
        for line in &parcel.lines {
            let Some(watched) = parcel.interfaces.get(&line.interface) else { continue };
            let new = || (Arc::clone(watched), line.start, line.end);
            let (_, start, end) = self.lost.entry(line.interface.clone()).or_insert_with(new);
            (*start, *end) = ((*start).min(line.start), (*end).max(line.end));
        }
    }

    /// Puts a SKIPDATA record in the place of what was dropped at each interface.
    pub(super) fn tell_lost(&mut self) -> Changes {
        let lost = std::mem::take(&mut self.lost);
        let records =
            lost.into_values().map(|(watched, start, end)| Record { watched, seen: Seen::SkipData(start, end) });
        let records: Vec<_> = records.collect();
        let lines = records.iter().map(|record| Line::of(&self.log, record)).collect();
        self.put(lines, &interfaces(&records))
    }

    /// Takes the first parcel out that is due; `all` of them are even before their time, up to this number.
    pub(super) fn take(&mut self, now: i64, all: Option<u64>) -> Option<Parcel> {
        let is_due = |parcel: &&Parcel| parcel.due <= now || all.is_some_and(|last| parcel.number < last);
        let number = self.parcels.values().find(is_due)?.number;
        self.parcels.remove(&number)
    }

    /// Puts a parcel back that was not delivered; `false` if it was tried for too long, and is dropped.
    pub(super) fn put_back(&mut self, mut parcel: Parcel, now: i64) -> bool {
        let since = *parcel.tried.get_or_insert(now);
        if now - since >= LONGEST_TRIED {
            tracing::warn!(log = %self.log.id, "records of a flow log are dropped, which could not be delivered for long");
            self.lose(&parcel);
            return false;
        }
        (parcel.is_sealed, parcel.due) = (true, 0);
        self.parcels.insert(parcel.number, parcel);
        true
    }

    /// The number that the next parcel gets.
    pub(super) fn next(&self) -> u64 {
        self.next
    }

    /// When the first parcel is due: Unix time in seconds.
    pub(super) fn due(&self) -> Option<i64> {
        self.parcels.values().map(|parcel| parcel.due).min()
    }
}

/// The interfaces that records tell of.
pub(super) fn interfaces(records: &[Record]) -> Interfaces {
    let mut interfaces = Interfaces::new();
    for Record { watched, .. } in records {
        if !interfaces.contains_key(&watched.interface) {
            interfaces.insert(watched.interface.clone(), Arc::clone(watched));
        }
    }
    interfaces
}

#[cfg(test)]
pub(super) mod tests {
    use sidegate_model::{
        AggregationInterval, FlowLogResource, FlowLogSettings, LogFormat, LogGroup, RoleArn, S3Folder, TrafficType,
    };

    use super::*;

    pub(in super::super) fn log(destination: FlowLogDestination) -> FlowLog {
        let vpc: sidegate_model::VpcId = "vpc-0123456789abcdef0".parse().unwrap();
        FlowLog {
            id: "fl-1234abcd1234abcd1".parse().unwrap(),
            scope: sidegate_model::Scope {
                account: "123456789012".parse().unwrap(),
                region: "us-east-1".parse().unwrap(),
            },
            resource: FlowLogResource::Vpc(vpc.clone()),
            vpc,
            settings: FlowLogSettings {
                traffic: TrafficType::All,
                interval: AggregationInterval::Minute,
                destination,
                format: LogFormat::default(),
            },
            created: 0,
        }
    }

    pub(in super::super) fn to_bucket() -> FlowLogDestination {
        FlowLogDestination::S3 { folder: S3Folder::at("arn:aws:s3:::records").unwrap(), partitions: None }
    }

    pub(in super::super) fn to_group() -> FlowLogDestination {
        FlowLogDestination::CloudWatchLogs {
            group: LogGroup { account: "123456789012".parse().unwrap(), name: "records".to_owned(), arn: None },
            role: RoleArn::read("arn:aws:iam::123456789012:role/flow-logs", "role").unwrap(),
            cross_account_role: None,
        }
    }

    pub(in super::super) fn records(ends: &[i64]) -> Vec<Record> {
        let watched = Arc::new(Watched {
            interface: "eni-0123456789abcdef1".parse().unwrap(),
            account: None,
            vpc: "vpc-0123456789abcdef0".parse().unwrap(),
            subnet: "subnet-0123456789abcdef0".parse().unwrap(),
            instance: None,
            region: "us-east-1".parse().unwrap(),
            zone: "use1-az1".to_owned(),
            address: "10.0.0.4".parse().unwrap(),
        });
        let record = |end: &i64| Record { watched: Arc::clone(&watched), seen: Seen::NoData(end - 60, *end) };
        ends.iter().map(record).collect()
    }

    fn put(queue: &mut Queue, ends: &[i64]) -> Changes {
        let records = records(ends);
        let lines = records.iter().map(|record| Line::of(queue.log(), record)).collect();
        queue.put(lines, &interfaces(&records))
    }

    fn ends(parcel: &Parcel) -> Vec<i64> {
        parcel.lines.iter().map(|line| line.end).collect()
    }

    #[test]
    fn a_file_has_the_records_that_end_in_its_five_minutes() {
        let mut queue = Queue::new(log(to_bucket()), Vec::new());
        put(&mut queue, &[599, 600]);
        put(&mut queue, &[660, 899]);
        assert_eq!((queue.take(602, None), queue.due()), (None, Some(603)));
        let first = queue.take(603, None).unwrap();
        assert_eq!((first.period, ends(&first)), (Some(300), vec![599]));
        assert_eq!(queue.take(902, None), None);
        let second = queue.take(903, None).unwrap();
        assert_eq!((second.period, ends(&second)), (Some(600), vec![600, 660, 899]));
        // What comes later has a file of its own.
        put(&mut queue, &[899]);
        let late = queue.take(904, None).unwrap();
        assert_eq!((late.period, ends(&late)), (Some(600), vec![899]));
    }

    #[test]
    fn what_goes_to_a_log_group_is_due_at_once_and_an_interval_stays_together() {
        let mut queue = Queue::new(log(to_group()), Vec::new());
        put(&mut queue, &[60, 70]);
        put(&mut queue, &[120]);
        assert_eq!(ends(&queue.take(120, None).unwrap()), [60, 70]);
        assert_eq!(ends(&queue.take(120, None).unwrap()), [120]);
        assert_eq!(queue.take(120, None), None);
    }

    #[test]
    fn what_is_tried_for_too_long_is_told_as_skipped() {
        let mut queue = Queue::new(log(to_bucket()), Vec::new());
        put(&mut queue, &[360, 420]);
        let parcel = queue.take(0, Some(queue.next())).unwrap();
        assert!(queue.put_back(parcel, 1000));
        // It is complete: what comes now does not go into it.
        put(&mut queue, &[480]);
        let parcel = queue.take(1001, None).unwrap();
        assert_eq!(ends(&parcel), [360, 420]);
        assert!(queue.put_back(parcel, 1000 + LONGEST_TRIED - 1));
        let parcel = queue.take(1001, None).unwrap();
        assert!(!queue.put_back(parcel, 1000 + LONGEST_TRIED));
        queue.tell_lost();
        let told = queue.take(i64::MAX, None).unwrap();
        assert_eq!(ends(&told), [480, 420]);
        let skipped = &told.lines[1];
        assert!(skipped.start == 300 && skipped.text.ends_with(" 300 420 - SKIPDATA"), "{skipped:?}");
        assert_eq!(queue.tell_lost(), Changes::default());
    }

    #[test]
    fn what_waits_is_bounded_and_what_is_too_much_is_told_as_skipped() {
        let mut queue = Queue::new(log(to_group()), Vec::new());
        let watched = interfaces(&records(&[0]));
        let mut dropped = Vec::new();
        for number in 0..5 {
            let line = Line {
                interface: "eni-0123456789abcdef1".parse().unwrap(),
                start: number,
                end: number,
                text: "a".repeat(MOST_BYTES / 3),
            };
            dropped.extend(queue.put(vec![line], &watched).dropped);
        }
        assert_eq!(dropped, [0, 1, 2]);
        let changes = queue.tell_lost();
        assert_eq!((changes.grown, changes.dropped), ([(5, 0)].into(), vec![]));
        assert!(queue.parcel(5).unwrap().lines[0].text.ends_with(" 0 2 - SKIPDATA"));
    }

    #[test]
    fn a_large_file_is_put_at_once() {
        let mut queue = Queue::new(log(to_bucket()), Vec::new());
        let line = Line { text: "a".repeat(LARGEST_FILE), ..Line::of(&log(to_bucket()), &records(&[360])[0]) };
        queue.put(vec![line], &Interfaces::new());
        put(&mut queue, &[361]);
        assert_eq!(queue.take(0, None).unwrap().lines.len(), 1);
        assert_eq!(queue.take(0, None), None);
    }
}
