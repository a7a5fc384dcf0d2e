//! `CreateLogStream`, `DeleteLogStream` and `DescribeLogStreams`

use serde::{Deserialize, Serialize};

use super::delete::PIECES;
use super::fault::Fault;
use super::id::{GroupId, plain_name, required_name};
use super::operation::{Act, Done, Operation, Prepared, Subject};
use super::page;
use super::put::sequence_token;
use super::store::{Store, Stream, StreamPlace};
use crate::Caller;
use crate::constraint::Constraint;

/// `CreateLogStream`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CreateLogStream {
    log_group_name: Option<String>,
    log_stream_name: Option<String>,
}

impl Operation for CreateLogStream {
    const NAME: &'static str = "CreateLogStream";
    type Ready = (Subject, String);
    type Answer = Done;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let id = GroupId::named(&caller.scope, self.log_group_name)?;
        let name = required_name("logStreamName", self.log_stream_name)?;
        let subject = Subject::find(store, id)?;
        let requirements = vec![subject.stream_requirement(Self::NAME, &name)];
        Ok(Prepared { ready: (subject, name), requirements })
    }

    fn act((subject, name): Self::Ready, act: &Act<'_>) -> Result<Done, Fault> {
        act.store.write(act.allowed, act.caller.now, |transaction| {
            let group = subject.group(act.allowed, transaction)?;
            Stream::insert(transaction, group.number, &name, act.caller.now)?;
            Ok(Done {})
        })
    }
}

/// `DeleteLogStream`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeleteLogStream {
    log_group_name: Option<String>,
    log_stream_name: Option<String>,
}

impl Operation for DeleteLogStream {
    const NAME: &'static str = "DeleteLogStream";
    type Ready = (Subject, String);
    type Answer = Done;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let id = GroupId::named(&caller.scope, self.log_group_name)?;
        let name = required_name("logStreamName", self.log_stream_name)?;
        let subject = Subject::find(store, id)?;
        let requirements = vec![subject.stream_requirement(Self::NAME, &name)];
        Ok(Prepared { ready: (subject, name), requirements })
    }

    fn act((subject, name): Self::Ready, act: &Act<'_>) -> Result<Done, Fault> {
        act.store.free(act.allowed, |transaction| {
            let group = subject.group(act.allowed, transaction)?;
            if group.is_protected {
                return Err(Fault::Protected);
            }
            Stream::existing(transaction, group.number, &name)?.remove(transaction, group.number)
        })?;
        act.store.sweep_some(act.caller.now, PIECES);
        Ok(Done {})
    }
}

/// `DescribeLogStreams`
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DescribeLogStreams {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name_prefix: Option<String>,
    order_by: Option<String>,
    descending: Option<bool>,
    #[serde(skip_serializing)]
    next_token: Option<String>,
    #[serde(skip_serializing)]
    limit: Option<i64>,
}

/// Which streams are asked for.
pub(super) struct Wanted {
    subject: Subject,
    prefix: String,
    by_time: bool,
    descending: bool,
    limit: usize,
    after: Option<StreamPlace>,
    context: String,
}

/// A page of streams.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StreamsPage {
    log_streams: Vec<Shown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

/// A stream, as it is shown.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    log_stream_name: String,
    creation_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_event_timestamp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_event_timestamp: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_ingestion_time: Option<i64>,
    upload_sequence_token: String,
    arn: String,
    /// Always 0, as AWS has it since June 2019.
    stored_bytes: i64,
}

impl Operation for DescribeLogStreams {
    const NAME: &'static str = "DescribeLogStreams";
    type Ready = Wanted;
    type Answer = StreamsPage;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Wanted>, Fault> {
        let identifier = self.log_group_identifier.as_deref();
        let id = GroupId::either(&caller.scope, self.log_group_name.clone(), identifier)?;
        let by_time = match self.order_by.as_deref() {
            None | Some("LogStreamName") => false,
            Some("LastEventTime") => true,
            Some(other) => {
                let bound = "Member must satisfy enum value set: [LogStreamName, LastEventTime]";
                return Err(Constraint::of(other, "orderBy", bound).into());
            }
        };
        if let Some(prefix) = &self.log_stream_name_prefix {
            plain_name("logStreamNamePrefix", prefix)?;
            if by_time {
                return Err(Fault::invalid("Cannot order by LastEventTime with a logStreamNamePrefix."));
            }
        }
        let limit = page::limit(self.limit, 50, 50)?;
        let context = format!("{} {} {}", Self::NAME, id.arn(), serde_json::to_string(&self)?);
        let after = self.next_token.as_deref();
        let after = after.map(|token| page::open(&store.vault, &context, caller.now, token)).transpose()?;
        let subject = Subject::find(store, id)?;
        let requirements = vec![subject.requirement(Self::NAME)];
        let prefix = self.log_stream_name_prefix.unwrap_or_default();
        let descending = self.descending.unwrap_or(false);
        Ok(Prepared { ready: Wanted { subject, prefix, by_time, descending, limit, after, context }, requirements })
    }

    fn act(wanted: Wanted, act: &Act<'_>) -> Result<StreamsPage, Fault> {
        let Wanted { subject, prefix, by_time, descending, limit, after, context } = wanted;
        let mut streams = act.store.read(|connection| {
            let group = subject.group(act.allowed, connection)?.number;
            if by_time {
                return Stream::by_time(connection, group, after.as_ref(), descending, limit + 1);
            }
            let after = after.as_ref().map(|(_, name)| name.as_str());
            Stream::by_name(connection, group, &prefix, after, descending, limit + 1)
        })?;
        let more = streams.len() > limit;
        streams.truncate(limit);
        let place = streams.last().map(|last| (last.last.unwrap_or(0), last.name.clone()));
        let next_token = match place {
            Some(place) if more => Some(page::seal(&act.store.vault, &context, act.caller.now, &place)?),
            _ => None,
        };
        let show = |stream: Stream| Shown {
            arn: subject.id.stream_arn(&stream.name),
            upload_sequence_token: sequence_token(&stream),
            log_stream_name: stream.name,
            creation_time: stream.created,
            first_event_timestamp: stream.first,
            last_event_timestamp: stream.last,
            last_ingestion_time: stream.ingested,
            stored_bytes: 0,
        };
        Ok(StreamsPage { log_streams: streams.into_iter().map(show).collect(), next_token })
    }
}
