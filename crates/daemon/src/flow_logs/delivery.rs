//! Delivering a parcel of lines: who does it, what policies say to that, and how it went.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use sidegate_edge::gate::{Credential, Credentials as _};
use sidegate_iam::{Policies, Policy, PolicyType, Principal, Request, Requirement, decide};
use sidegate_model::{
    Arn, DeliveryError, FlowLog, FlowLogDestination, FlowLogId, LogGroup, RoleArn, S3Folder, S3Partitions, Scope,
};
use sidegate_services::Service;
use sidegate_services::iam::{Directory, NewSession, RoleFacts};

use super::bucket::{self, Buckets, of_service};
use super::log_group::{self, LogGroupWriter};
use super::queue::{Line, Parcel};
use crate::asker::Asker;
use crate::clock::{now_ms, rfc3339};
use crate::deliveries::Deliveries;
use crate::engine::Engine;
use crate::identities::Identities;

/// The service that has the roles of flow logs.
///
/// Source: VPC user guide, "IAM role for publishing flow logs to CloudWatch Logs".
const FLOW_LOGS: &str = "vpc-flow-logs.amazonaws.com";

/// How long a session of a role lasts in seconds, and how long before its end another one takes its place, in milliseconds.
const LIFETIME: i64 = 3_600;
const RENEWAL: i64 = 300_000;

/// The streams of log groups that a flow log is known to have.
pub(super) type Streams = BTreeSet<(Scope, String, String)>;

/// Delivers what flow logs record.
pub(crate) struct Delivery {
    engine: Engine,
    buckets: Option<Buckets>,
    logs: Option<Arc<dyn Service>>,
    identities: Identities,
    directory: Directory,
    outcomes: Deliveries,
    /// The access keys of sessions, by the ids of their roles, and when they end.
    sessions: Mutex<BTreeMap<String, (String, i64)>>,
}

impl Delivery {
    /// Delivers to log groups of `logs` and to the buckets what is recorded for flow logs of this engine's world, and notes
    /// how that went.
    pub(crate) fn new(
        engine: Engine, logs: Option<Arc<dyn Service>>, buckets: Option<Buckets>, identities: Identities,
        directory: Directory, outcomes: Deliveries,
    ) -> Self {
        Self { engine, buckets, logs, identities, directory, outcomes, sessions: Mutex::default() }
    }

    /// Whether there is such a flow log.
    pub(super) fn is_there(&self, log: &FlowLogId) -> bool {
        self.engine.world().flow_logs.get(log).is_some()
    }

    /// Notes how the newest delivery of a flow log went, if that is still there.
    pub(super) fn note(&self, log: &FlowLogId, outcome: Result<(), DeliveryError>) {
        self.outcomes.note(log, outcome, || self.is_there(log));
    }

    /// Delivers a parcel, and tells what is left of it to be tried again, and how it went.
    pub(super) async fn deliver(
        &self, log: &FlowLog, parcel: &Parcel, streams: &mut Streams,
    ) -> (Vec<Line>, Result<(), DeliveryError>) {
        match &log.settings.destination {
            FlowLogDestination::CloudWatchLogs { group, role, cross_account_role } => {
                self.write(log, group, role, cross_account_role.as_ref(), &parcel.lines, streams).await
            }
            FlowLogDestination::S3 { folder, partitions } => {
                let outcome = self.put(log, folder, partitions.unwrap_or_default(), parcel).await;
                (if outcome.is_ok() { Vec::new() } else { parcel.lines.clone() }, outcome)
            }
        }
    }

    async fn put(
        &self, log: &FlowLog, folder: &S3Folder, partitions: S3Partitions, parcel: &Parcel,
    ) -> Result<(), DeliveryError> {
        let now = now_ms();
        let mut random = [0; 4];
        aws_lc_rs::rand::fill(&mut random).map_err(|_| DeliveryError::Unknown)?;
        let period = parcel.period.unwrap_or(now / 1000);
        let key = bucket::key(log, folder, partitions, period, u32::from_ne_bytes(random));
        let file = bucket::file(log, &parcel.lines).map_err(|_| DeliveryError::Unknown)?;
        let buckets = self.buckets.as_ref().ok_or(DeliveryError::Unknown)?;
        buckets.put(&log.scope, &folder.bucket, &key, file, now).await
    }

    async fn write(
        &self, log: &FlowLog, group: &LogGroup, role: &RoleArn, further: Option<&RoleArn>, lines: &[Line],
        streams: &mut Streams,
    ) -> (Vec<Line>, Result<(), DeliveryError>) {
        let now = now_ms();
        let session = self.session(log, role, None, now).and_then(|session| match further {
            Some(further) => self.session(log, further, Some(&session.1), now),
            None => Ok(session),
        });
        let (logs, (access_key, Credential { principal, grants, .. })) = match (self.logs.as_ref(), session) {
            (Some(logs), Ok(session)) => (logs, session),
            (None, _) => return (lines.to_vec(), Err(DeliveryError::Unknown)),
            (_, Err(error)) => return (lines.to_vec(), Err(error)),
        };
        let asker = Asker {
            identities: &self.identities,
            principal,
            context: grants.context,
            policies: grants.policies,
            access_key: Some(access_key),
            scope: Scope { account: group.account.clone(), region: log.scope.region },
            errand: "flow-log",
            now,
        };
        let mut writer = LogGroupWriter { logs, asker: &asker, group, known: streams };
        let (mut rest, mut outcome) = (Vec::new(), Ok(()));
        // What one stream does not take keeps nothing from the others.
        for (stream, events) in log_group::streams(log, lines) {
            let (taken, written) = writer.write(&stream, &events).await;
            rest.extend(events.iter().skip(taken).map(|&line| line.clone()));
            outcome = outcome.and(written);
        }
        (rest, outcome)
    }

    /// A session of a role, if it lets flow logs have one; or if it lets that of another role have one, which must be let by
    /// its own policies too.
    fn session(
        &self, log: &FlowLog, role: &RoleArn, by: Option<&Credential>, now: i64,
    ) -> Result<(String, Credential), DeliveryError> {
        let facts = self.directory.role(role.as_str()).ok_or(DeliveryError::Access)?;
        if !trusts(&facts, log, by, now) {
            return Err(DeliveryError::Access);
        }
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let known = sessions.get(&facts.id).filter(|(_, expires)| expires - RENEWAL > now);
        let access_key = match known {
            Some((access_key, _)) => access_key.clone(),
            None => {
                let new = NewSession::of(facts.account.clone(), facts.session(log.id.as_str()), LIFETIME);
                let made = self.directory.issue_session(new, now).map_err(|error| {
                    tracing::error!(error = &error as &dyn std::error::Error, %role, "no session can be stored");
                    DeliveryError::Unknown
                })?;
                sessions.retain(|_, (_, expires)| *expires > now);
                sessions.insert(facts.id.clone(), (made.access_key.clone(), made.expires));
                made.access_key
            }
        };
        drop(sessions);
        let credential = self.identities.credential(&access_key, now).map_err(|_| DeliveryError::Access)?;
        Ok((access_key, credential))
    }
}

/// Whether a role's trust policy lets flow logs have it, or the role of `by`.
///
/// Source: VPC user guide, "IAM role for publishing flow logs to CloudWatch Logs", whose example has `aws:SourceAccount` and
/// `aws:SourceArn`.
fn trusts(role: &RoleFacts, log: &FlowLog, by: Option<&Credential>, now: i64) -> bool {
    let Ok(trust) = Policy::parse(&role.trust.text, PolicyType::RoleTrust) else { return false };
    let service = Principal::Service(FLOW_LOGS.to_owned());
    let (principal, policies, context) = match by {
        Some(by) => (&by.principal, by.grants.policies.clone(), by.grants.context.clone()),
        None => {
            let arn = Arn::ec2(&log.scope, "vpc-flow-log", &log.id).to_string();
            let context =
                of_service(FLOW_LOGS).with("aws:SourceAccount", log.scope.account.as_str()).with("aws:SourceArn", arn);
            (&service, Policies::default(), context)
        }
    };
    let mut context = context.with("aws:EpochTime", (now / 1000).to_string());
    if let Some(time) = rfc3339(now) {
        context = context.with("aws:CurrentTime", time);
    }
    let requirement = Requirement::new("sts:AssumeRole", role.arn.as_str()).under(Arc::new(trust));
    decide(&Request { principal, context: &context, requirement: &requirement }, &policies).is_allowed()
}
