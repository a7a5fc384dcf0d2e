//! Delivering records: who does it, what policies say to that, and how it went.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sidegate_edge::gate::{Credential, Credentials as _};
use sidegate_iam::{Policies, Policy, PolicyType, Principal, Request, Requirement, decide};
use sidegate_model::flow_record::Record;
use sidegate_model::{
    Arn, DeliveryError, FlowLog, FlowLogDestination, FlowLogId, LogGroup, RoleArn, S3Folder, S3Partitions, Scope,
};
use sidegate_services::Service;
use sidegate_services::iam::{Directory, NewSession, RoleFacts};

use super::bucket::{self, Buckets, PERIOD, of_service};
use super::log_group::{self, LogGroupWriter};
use crate::asker::Asker;
use crate::clock::rfc3339;
use crate::deliveries::Deliveries;
use crate::identities::Identities;

/// The service that has the roles of flow logs.
///
/// Source: VPC user guide, "IAM role for publishing flow logs to CloudWatch Logs".
const FLOW_LOGS: &str = "vpc-flow-logs.amazonaws.com";

/// How long a session of a role lasts in seconds, and how long before its end another one takes its place, in milliseconds.
const LIFETIME: i64 = 3_600;
const RENEWAL: i64 = 300_000;

/// The most bytes of records that are gathered for a file; what is more is delivered before its time.
const LARGEST_FILE: usize = 16 * 1024 * 1024;

/// Delivers what all flow logs record.
pub(crate) struct Delivery {
    buckets: Option<Buckets>,
    logs: Option<Arc<dyn Service>>,
    identities: Identities,
    directory: Directory,
    outcomes: Deliveries,
    /// The access keys of sessions, by the ids of their roles, and when they end.
    sessions: BTreeMap<String, (String, i64)>,
    /// The streams that are known to be there.
    streams: BTreeSet<(Scope, String, String)>,
    /// What is gathered for files.
    files: BTreeMap<FlowLogId, Gathered>,
}

/// The records of a file.
#[derive(Default)]
struct Gathered {
    lines: Vec<String>,
    bytes: usize,
    /// When it is put into the bucket: Unix time in seconds.
    due: i64,
}

impl Delivery {
    /// Delivers to log groups of `logs` and to the buckets, and notes how that went.
    pub(crate) fn new(
        logs: Option<Arc<dyn Service>>, buckets: Option<Buckets>, identities: Identities, directory: Directory,
        outcomes: Deliveries,
    ) -> Self {
        let (sessions, streams, files) = (BTreeMap::new(), BTreeSet::new(), BTreeMap::new());
        Self { buckets, logs, identities, directory, outcomes, sessions, streams, files }
    }

    /// Delivers the records of an interval, or keeps them for the next file.
    pub(super) async fn deliver(&mut self, log: &FlowLog, records: Vec<Record>, now: i64) {
        match &log.settings.destination {
            FlowLogDestination::CloudWatchLogs { group, role, cross_account_role } => {
                let outcome = self.write(log, group, role, cross_account_role.as_ref(), &records, now).await;
                self.outcomes.note(&log.id, outcome);
            }
            FlowLogDestination::S3 { .. } => {
                let gathered = self.files.entry(log.id.clone()).or_default();
                if gathered.lines.is_empty() {
                    gathered.due = (now / 1000).div_euclid(PERIOD) * PERIOD + PERIOD;
                }
                let (version, fields) = (log.version(), log.settings.format.fields());
                for record in &records {
                    let line = record.line(version, fields);
                    gathered.bytes += line.len() + 1;
                    gathered.lines.push(line);
                }
            }
        }
    }

    /// Puts the file of a flow log into its bucket, once that is due.
    pub(super) async fn settle(&mut self, log: &FlowLog, now: i64, at_once: bool) {
        let FlowLogDestination::S3 { folder, partitions } = &log.settings.destination else { return };
        let is_due = |gathered: &Gathered| {
            // With an interval of ten minutes a file is never waited for after it.
            at_once || gathered.due <= now / 1000 || gathered.bytes >= LARGEST_FILE
        };
        if !self.files.get(&log.id).is_some_and(is_due) {
            return;
        }
        let Some(gathered) = self.files.remove(&log.id) else { return };
        if !gathered.lines.is_empty() {
            let outcome = self.put(log, folder, partitions.unwrap_or_default(), &gathered.lines, now).await;
            self.outcomes.note(&log.id, outcome);
        }
    }

    async fn put(
        &self, log: &FlowLog, folder: &S3Folder, partitions: S3Partitions, lines: &[String], now: i64,
    ) -> Result<(), DeliveryError> {
        let mut random = [0; 4];
        aws_lc_rs::rand::fill(&mut random).map_err(|_| DeliveryError::Unknown)?;
        let key = bucket::key(log, folder, partitions, now / 1000, u32::from_ne_bytes(random));
        let file = bucket::file(log, lines).map_err(|_| DeliveryError::Unknown)?;
        let buckets = self.buckets.as_ref().ok_or(DeliveryError::Unknown)?;
        buckets.put(&log.scope, &folder.bucket, &key, file, now).await
    }

    async fn write(
        &mut self, log: &FlowLog, group: &LogGroup, role: &RoleArn, further: Option<&RoleArn>, records: &[Record],
        now: i64,
    ) -> Result<(), DeliveryError> {
        let mut session = self.session(log, role, None, now)?;
        if let Some(further) = further {
            session = self.session(log, further, Some(&session.1), now)?;
        }
        let (access_key, Credential { principal, grants, .. }) = session;
        let Self { identities, logs, streams, .. } = self;
        let logs = logs.as_ref().ok_or(DeliveryError::Unknown)?;
        let asker = Asker {
            identities,
            principal,
            context: grants.context,
            policies: grants.policies,
            access_key: Some(access_key),
            scope: Scope { account: group.account.clone(), region: log.scope.region },
            errand: "flow-log",
            now,
        };
        let mut writer = LogGroupWriter { logs, asker: &asker, group, known: streams };
        for (stream, events) in log_group::streams(log, records) {
            writer.write(&stream, &events).await?;
        }
        Ok(())
    }

    /// A session of a role, if it lets flow logs have one; or if it lets that of another role have one, which must be let by
    /// its own policies too.
    fn session(
        &mut self, log: &FlowLog, role: &RoleArn, by: Option<&Credential>, now: i64,
    ) -> Result<(String, Credential), DeliveryError> {
        let facts = self.directory.role(role.as_str()).ok_or(DeliveryError::Access)?;
        if !trusts(&facts, log, by, now) {
            return Err(DeliveryError::Access);
        }
        let known = self.sessions.get(&facts.id).filter(|(_, expires)| expires - RENEWAL > now);
        let access_key = match known {
            Some((access_key, _)) => access_key.clone(),
            None => {
                let new = NewSession::of(facts.account.clone(), facts.session(log.id.as_str()), LIFETIME);
                let made = self.directory.issue_session(new, now).map_err(|error| {
                    tracing::error!(error = &error as &dyn std::error::Error, %role, "no session can be stored");
                    DeliveryError::Unknown
                })?;
                self.sessions.retain(|_, (_, expires)| *expires > now);
                self.sessions.insert(facts.id.clone(), (made.access_key.clone(), made.expires));
                made.access_key
            }
        };
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
