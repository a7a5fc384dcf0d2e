//! Records on their way to a function: in which batches they go, and what becomes of a batch that failed.
//!
//! Source: Lambda developer guide, "Process DynamoDB records with Lambda", "Retain discarded records for a DynamoDB event
//! source in Lambda", "Configuring partial batch response with DynamoDB and Lambda".

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use serde_json::{Map, Value};

use super::settings::Settings;

/// The largest event that a function gets, in bytes.
///
/// Source: Lambda developer guide, "Batching behavior": "The payload size reaches 6 MB".
pub(crate) const LARGEST_EVENT: usize = 6_291_456;
/// For how long records are in a stream, in milliseconds: older ones are not tried any more, whatever the mapping says.
///
/// Source: DynamoDB developer guide, "Change data capture for DynamoDB Streams".
const RETENTION: i64 = 24 * 60 * 60 * 1000;
/// What is around the records of an event.
const AROUND: usize = r#"{"Records":[]}"#.len();

/// A record as a function gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// As JSON.
    pub(crate) text: String,
    pub(crate) sequence: String,
    /// Approximately when it came to be, in Unix milliseconds.
    pub(crate) at: i64,
    /// The same for all records of an item.
    item: u64,
}

impl Record {
    /// A record of `GetRecords` as an event has it: with the stream's ARN, and the members in the order of AWS.
    pub(crate) fn event(mut told: Value, stream: &str) -> Value {
        let mut event = Map::new();
        let mut take = |name: &str| told.get_mut(name).map(Value::take);
        for name in ["eventID", "eventName", "eventVersion", "eventSource", "awsRegion"] {
            event.extend(take(name).map(|value| (name.to_owned(), value)));
        }
        if let Some(mut change) = take("dynamodb") {
            if let Some(at) = change.get_mut("ApproximateCreationDateTime") {
                *at = whole(at);
            }
            event.insert("dynamodb".to_owned(), change);
        }
        // Who deleted it, where that was the time to live.
        if let Some(identity) = take("userIdentity") {
            let own = [("type", "Type"), ("principalId", "PrincipalId")]
                .map(|(name, told)| (name.to_owned(), identity.get(told).cloned().unwrap_or_default()));
            event.insert("userIdentity".to_owned(), own.into_iter().collect());
        }
        event.insert("eventSourceARN".to_owned(), stream.into());
        Value::Object(event)
    }

    /// The record of an event; `None` if it has no sequence number.
    pub(crate) fn of(event: &Value) -> Option<Self> {
        let change = event.get("dynamodb")?;
        let at = change.get("ApproximateCreationDateTime").and_then(Value::as_f64).unwrap_or_default();
        Some(Self {
            text: event.to_string(),
            sequence: change.get("SequenceNumber")?.as_str()?.to_owned(),
            at: (at * 1000.0) as i64,
            item: hashed(change.get("Keys")),
        })
    }
}

/// A number of seconds as AWS writes it where it has no fraction.
fn whole(seconds: &Value) -> Value {
    match seconds.as_f64() {
        Some(number) if number.fract().total_cmp(&0.0).is_eq() => Value::from(number as i64),
        _ => seconds.clone(),
    }
}

/// A number that is the same for the same keys, in whatever order.
fn hashed(keys: Option<&Value>) -> u64 {
    let mut members: Vec<(&String, String)> =
        keys.and_then(Value::as_object).into_iter().flatten().map(|(name, key)| (name, key.to_string())).collect();
    members.sort();
    let mut hasher = DefaultHasher::new();
    members.hash(&mut hasher);
    hasher.finish()
}

/// Records that a function gets together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Batch {
    pub(crate) records: Vec<Record>,
    /// How often it failed, but for when it was split.
    pub(crate) failures: u32,
    /// How often a function had its records.
    pub(crate) invocations: u32,
}

/// What a function did with a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Succeeded,
    Failed,
    /// From the record with this sequence number on.
    FailedFrom(String),
}

/// What becomes of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// All of it is done.
    Done,
    /// These are to be tried, in this order.
    Again(Vec<Batch>),
    /// It is not tried again.
    GivenUp(Batch),
}

impl Batch {
    fn of(records: Vec<Record>) -> Self {
        Self { records, failures: 0, invocations: 0 }
    }

    /// The event that the function gets.
    pub(crate) fn event(&self) -> Vec<u8> {
        let records: Vec<&str> = self.records.iter().map(|record| record.text.as_str()).collect();
        format!(r#"{{"Records":[{}]}}"#, records.join(",")).into_bytes()
    }

    /// Takes the records off that are too old.
    pub(crate) fn expired(&mut self, settings: &Settings, now: i64) -> Option<Self> {
        let most = settings.age.map_or(RETENTION, |seconds| RETENTION.min(i64::from(seconds) * 1000));
        let old = self.records.iter().take_while(|record| now - record.at > most).count();
        let rest = self.records.split_off(old);
        let old = std::mem::replace(&mut self.records, rest);
        (!old.is_empty()).then_some(Self { records: old, ..*self })
    }

    /// What becomes of it after a function had it, which is counted already.
    pub(crate) fn after(mut self, outcome: &Outcome, settings: &Settings) -> Next {
        let from = match outcome {
            Outcome::Succeeded => return Next::Done,
            // What is none of its records tells nothing of which failed.
            Outcome::FailedFrom(sequence) => self.records.iter().position(|record| record.sequence == *sequence),
            Outcome::Failed => None,
        };
        let from = from.unwrap_or_default();
        self.records.drain(..from);
        if settings.bisects && (from > 0 || self.records.len() > 1) {
            if from > 0 {
                return Next::Again(vec![self]);
            }
            let second = self.records.split_off(self.records.len().div_ceil(2));
            let second = Self { records: second, ..self };
            return Next::Again(vec![self, second]);
        }
        self.failures = self.failures.saturating_add(1);
        if settings.retries.is_some_and(|retries| self.failures > retries) {
            return Next::GivenUp(self);
        }
        Next::Again(vec![self])
    }
}

/// What a function reports of a batch by what it returns, where its mapping says that it does.
pub(crate) fn reported(payload: &[u8]) -> Outcome {
    let document = match serde_json::from_slice::<Value>(payload) {
        Ok(document) => document,
        // Nothing is a success too.
        Err(_) if payload.is_empty() => return Outcome::Succeeded,
        Err(_) => return Outcome::Failed,
    };
    let failures = match document {
        Value::Null => return Outcome::Succeeded,
        Value::Object(mut members) => match members.remove("batchItemFailures") {
            None | Some(Value::Null) => return Outcome::Succeeded,
            Some(Value::Array(failures)) => failures,
            Some(_) => return Outcome::Failed,
        },
        _ => return Outcome::Succeeded,
    };
    let mut first: Option<String> = None;
    for failure in &failures {
        match failure.get("itemIdentifier").and_then(Value::as_str) {
            None | Some("") => return Outcome::Failed,
            Some(sequence) => {
                // Longer numbers are larger.
                let is_lower =
                    first.as_ref().is_none_or(|first| (sequence.len(), sequence) < (first.len(), first.as_str()));
                first = if is_lower { Some(sequence.to_owned()) } else { first };
            }
        }
    }
    first.map_or(Outcome::Succeeded, Outcome::FailedFrom)
}

/// Puts records into lanes, each of which is handled in order beside the others, and into batches there. Records of one item
/// are in one lane.
pub(crate) fn lanes(records: Vec<Record>, settings: &Settings) -> Vec<VecDeque<Batch>> {
    let count = u64::from(settings.factor.max(1));
    let mut lanes: Vec<Vec<Record>> = (0..count).map(|_| Vec::new()).collect();
    for record in records {
        let lane = usize::try_from(record.item % count).unwrap_or_default();
        if let Some(lane) = lanes.get_mut(lane) {
            lane.push(record);
        }
    }
    lanes.into_iter().filter(|lane| !lane.is_empty()).map(|lane| batches(lane, settings.batch)).collect()
}

fn batches(records: Vec<Record>, most: u32) -> VecDeque<Batch> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let mut batches = VecDeque::new();
    let (mut current, mut size) = (Vec::new(), AROUND);
    for record in records {
        // With a comma.
        let own = record.text.len() + 1;
        if !current.is_empty() && (current.len() >= most || size + own > LARGEST_EVENT) {
            batches.push_back(Batch::of(std::mem::take(&mut current)));
            size = AROUND;
        }
        size += own;
        current.push(record);
    }
    if !current.is_empty() {
        batches.push_back(Batch::of(current));
    }
    batches
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record(number: u32) -> Record {
        let told = json!({
            "eventID": number.to_string(), "eventName": "INSERT", "awsRegion": "us-east-1", "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "dynamodb": {"SequenceNumber": number.to_string(), "ApproximateCreationDateTime": 1_700_000_000.0 + f64::from(number),
                "Keys": {"id": {"N": (number % 3).to_string()}}},
        });
        Record::of(&Record::event(told, "arn")).unwrap()
    }

    fn batch(numbers: impl IntoIterator<Item = u32>) -> Batch {
        Batch::of(numbers.into_iter().map(record).collect())
    }

    fn numbers(batch: &Batch) -> Vec<u32> {
        batch.records.iter().map(|record| record.sequence.parse().unwrap()).collect()
    }

    fn failed_from(number: u32) -> Outcome {
        Outcome::FailedFrom(number.to_string())
    }

    #[test]
    fn a_failed_batch_is_tried_again_as_often_as_it_is_said_and_then_given_up() {
        let settings = Settings { retries: Some(1), ..Settings::default() };
        let Next::Again(again) = batch(1..4).after(&Outcome::Failed, &settings) else { panic!() };
        let [again]: [Batch; 1] = again.try_into().unwrap();
        assert_eq!((numbers(&again), again.failures), (vec![1, 2, 3], 1));
        let Next::GivenUp(given_up) = again.after(&Outcome::Failed, &settings) else { panic!() };
        assert_eq!(numbers(&given_up), [1, 2, 3]);
        assert_eq!(batch(1..4).after(&Outcome::Succeeded, &settings), Next::Done);
        let for_ever = Settings::default();
        let tired = Batch { failures: u32::MAX, ..batch(1..2) };
        assert!(matches!(tired.after(&Outcome::Failed, &for_ever), Next::Again(_)));
    }

    #[test]
    fn a_split_takes_nothing_off_the_retries_and_leads_to_the_one_record_that_fails() {
        let settings = Settings { retries: Some(0), bisects: true, ..Settings::default() };
        let (mut waiting, mut had, mut lost) = (VecDeque::from([batch(1..6)]), Vec::new(), Vec::new());
        while let Some(batch) = waiting.pop_front() {
            had.push(numbers(&batch));
            let outcome = if numbers(&batch).contains(&4) { Outcome::Failed } else { Outcome::Succeeded };
            match batch.after(&outcome, &settings) {
                Next::Done => {}
                Next::Again(more) => more.into_iter().rev().for_each(|batch| waiting.push_front(batch)),
                Next::GivenUp(batch) => lost.push(numbers(&batch)),
            }
        }
        assert_eq!(had, [vec![1, 2, 3, 4, 5], vec![1, 2, 3], vec![4, 5], vec![4], vec![5]]);
        assert_eq!(lost, [[4]]);
    }

    #[test]
    fn what_failed_in_part_goes_on_from_the_first_record_that_failed() {
        let settings = Settings { retries: Some(1), reports: true, ..Settings::default() };
        let Next::Again(again) = batch(1..6).after(&failed_from(3), &settings) else { panic!() };
        let [again]: [Batch; 1] = again.try_into().unwrap();
        assert_eq!((numbers(&again), again.failures), (vec![3, 4, 5], 1));
        let Next::GivenUp(lost) = again.after(&failed_from(3), &settings) else { panic!() };
        assert_eq!(numbers(&lost), [3, 4, 5]);
        let Next::Again(all) = batch(1..6).after(&failed_from(9), &settings) else { panic!() };
        assert_eq!(numbers(&all[0]), [1, 2, 3, 4, 5], "what is none of its records fails all");
        let splitting = Settings { bisects: true, ..settings };
        let Next::Again(rest) = batch(1..6).after(&failed_from(3), &splitting) else { panic!() };
        assert_eq!((numbers(&rest[0]), rest[0].failures, rest.len()), (vec![3, 4, 5], 0, 1));
    }

    #[test]
    fn a_report_is_read_as_the_guide_says() {
        for (document, outcome) in [
            ("", Outcome::Succeeded),
            ("null", Outcome::Succeeded),
            ("{}", Outcome::Succeeded),
            (r#""done""#, Outcome::Succeeded),
            (r#"{"batchItemFailures": []}"#, Outcome::Succeeded),
            (r#"{"batchItemFailures": null}"#, Outcome::Succeeded),
            (r#"{"batchItemFailures": [{"itemIdentifier": "12"}, {"itemIdentifier": "9"}]}"#, failed_from(9)),
            (r#"{"batchItemFailures": [{"itemIdentifier": ""}]}"#, Outcome::Failed),
            (r#"{"batchItemFailures": [{"itemIdentifier": null}]}"#, Outcome::Failed),
            (r#"{"batchItemFailures": [{"identifier": "9"}]}"#, Outcome::Failed),
            (r#"{"batchItemFailures": "9"}"#, Outcome::Failed),
            ("no document", Outcome::Failed),
        ] {
            assert_eq!(reported(document.as_bytes()), outcome, "{document}");
        }
    }

    #[test]
    fn records_that_are_too_old_are_taken_off() {
        let settings = Settings { age: Some(60), ..Settings::default() };
        let mut batch = batch(1..6);
        let old = batch.expired(&settings, 1_700_000_000_000 + 63_000).unwrap();
        assert_eq!((numbers(&old), numbers(&batch)), (vec![1, 2], vec![3, 4, 5]));
        assert_eq!(batch.expired(&settings, 1_700_000_000_000 + 63_000), None);
        let day = 24 * 60 * 60 * 1000;
        let gone = batch.expired(&Settings::default(), 1_700_000_000_000 + day + 10_000).unwrap();
        assert_eq!((numbers(&gone), batch.records.len()), (vec![3, 4, 5], 0));
    }

    #[test]
    fn records_of_one_item_stay_in_order_and_batches_within_their_bounds() {
        let settings = Settings { batch: 2, factor: 10, ..Settings::default() };
        let lanes = lanes((1..=12).map(record).collect(), &settings);
        let mut all = Vec::new();
        for lane in &lanes {
            let own: Vec<u32> = lane.iter().flat_map(numbers).collect();
            assert!(own.is_sorted() && lane.iter().all(|batch| batch.records.len() <= 2), "{own:?}");
            all.extend(own);
        }
        assert!(lanes.len() > 1 || lanes[0].len() == 6);
        all.sort_unstable();
        assert_eq!(all, (1..=12).collect::<Vec<_>>());
        let large = |number| Record { text: "x".repeat(3 << 20), ..record(number) };
        let batches = batches(vec![large(1), large(2), large(3)], 100);
        assert_eq!(batches.iter().map(numbers).collect::<Vec<_>>(), [[1], [2], [3]]);
    }

    #[test]
    fn an_event_is_as_lambda_makes_it() {
        let told = json!({
            "awsRegion": "us-east-1",
            "dynamodb": {"ApproximateCreationDateTime": 1_700_000_000.0, "Keys": {"id": {"S": "a"}}, "SequenceNumber": "100",
                "SizeBytes": 3, "StreamViewType": "KEYS_ONLY"},
            "eventID": "1", "eventName": "REMOVE", "eventSource": "aws:dynamodb", "eventVersion": "1.1",
            "userIdentity": {"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"},
        });
        let batch = Batch::of(vec![Record::of(&Record::event(told, "arn:of:it")).unwrap()]);
        assert_eq!(
            String::from_utf8(batch.event()).unwrap(),
            concat!(
                r#"{"Records":[{"eventID":"1","eventName":"REMOVE","eventVersion":"1.1","eventSource":"aws:dynamodb","#,
                r#""awsRegion":"us-east-1","dynamodb":{"ApproximateCreationDateTime":1700000000,"Keys":{"id":{"S":"a"}},"#,
                r#""SequenceNumber":"100","SizeBytes":3,"StreamViewType":"KEYS_ONLY"},"#,
                r#""userIdentity":{"type":"Service","principalId":"dynamodb.amazonaws.com"},"eventSourceARN":"arn:of:it"}]}"#
            )
        );
    }
}
