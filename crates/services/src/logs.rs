//! CloudWatch Logs: log groups, their streams and events, and the filters that turn events into metrics, in one
//! SQLite file.
//!
//! A request goes through `operation::Operation` in three steps: the document is checked and the log group looked up,
//! the authorizer is asked once, and only with its token does the `store` write or read events. Those of a group that
//! has a key of KMS are encrypted under it.
//!
//! The machine itself writes through a [`Writer`]. What metric filters make of events goes to a [`MetricSink`].
//! Subscription filters and destinations are kept and shown, and nothing is delivered. Queries, live tailing,
//! exports, deliveries, transformers, policies of accounts and anomaly detection are not served.

mod associate;
mod batch;
mod create;
mod delete;
mod describe;
mod destination;
mod event_id;
mod fault;
mod get;
mod id;
mod key;
mod metric_filter;
mod metrics;
mod operation;
mod page;
mod pattern;
mod put;
mod resource_policy;
mod retention;
mod search;
mod store;
mod streams;
mod subscription;
mod suppose;
mod tags;
mod upstream;
mod writer;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use sidegate_wire::aws_json;
use sidegate_wire::protocol::JsonVersion;
use tokio::task::spawn_blocking;

pub use crate::database::OpenError;
pub use crate::vault::KeyError;
pub use metrics::{MetricDatum, MetricSink, NoMetrics};
pub use upstream::{Upstream, UpstreamError};
pub use writer::{LogEvent, WriteError, Writer};

use crate::kms::Keys;
use crate::reserve::Reserve;
use crate::upstream::Outcome;
use crate::{Authorized, Authorizer, Body, Caller, Service, Supposed, whole};
use fault::Fault;
use key::DataKeys;
use operation::{Act, Operation};
use store::Store;

/// The name before the dot in the target of a request.
const TARGET: &str = "Logs_20140328";

/// The operations that CloudWatch Logs has and that are not served.
const UNSERVED: [&str; 78] = [
    "AssociateSourceToS3TableIntegration",
    "CancelExportTask",
    "CancelImportTask",
    "CreateDelivery",
    "CreateExportTask",
    "CreateImportTask",
    "CreateLogAnomalyDetector",
    "CreateLookupTable",
    "CreateScheduledQuery",
    "DeleteAccountPolicy",
    "DeleteDataProtectionPolicy",
    "DeleteDelivery",
    "DeleteDeliveryDestination",
    "DeleteDeliveryDestinationPolicy",
    "DeleteDeliverySource",
    "DeleteIndexPolicy",
    "DeleteIntegration",
    "DeleteLogAnomalyDetector",
    "DeleteLookupTable",
    "DeleteQueryDefinition",
    "DeleteScheduledQuery",
    "DeleteTransformer",
    "DescribeAccountPolicies",
    "DescribeConfigurationTemplates",
    "DescribeDeliveries",
    "DescribeDeliveryDestinations",
    "DescribeDeliverySources",
    "DescribeExportTasks",
    "DescribeFieldIndexes",
    "DescribeImportTaskBatches",
    "DescribeImportTasks",
    "DescribeIndexPolicies",
    "DescribeLookupTables",
    "DescribeQueries",
    "DescribeQueryDefinitions",
    "DisassociateSourceFromS3TableIntegration",
    "GetDataProtectionPolicy",
    "GetDelivery",
    "GetDeliveryDestination",
    "GetDeliveryDestinationPolicy",
    "GetDeliverySource",
    "GetIntegration",
    "GetLogAnomalyDetector",
    "GetLogFields",
    "GetLogGroupFields",
    "GetLogObject",
    "GetLogRecord",
    "GetLookupTable",
    "GetQueryResults",
    "GetScheduledQuery",
    "GetScheduledQueryHistory",
    "GetTransformer",
    "ListAggregateLogGroupSummaries",
    "ListAnomalies",
    "ListIntegrations",
    "ListLogAnomalyDetectors",
    "ListLogGroupsForQuery",
    "ListScheduledQueries",
    "ListSourcesForS3TableIntegration",
    "PutAccountPolicy",
    "PutBearerTokenAuthentication",
    "PutDataProtectionPolicy",
    "PutDeliveryDestination",
    "PutDeliveryDestinationPolicy",
    "PutDeliverySource",
    "PutIndexPolicy",
    "PutIntegration",
    "PutQueryDefinition",
    "PutTransformer",
    "StartLiveTail",
    "StartQuery",
    "StopQuery",
    "TestTransformer",
    "UpdateAnomaly",
    "UpdateDeliveryConfiguration",
    "UpdateLogAnomalyDetector",
    "UpdateLookupTable",
    "UpdateScheduledQuery",
];

/// The CloudWatch Logs service of all accounts and Regions.
#[derive(Debug)]
pub struct Logs {
    store: Arc<Store>,
    keys: Option<Keys>,
    sink: Arc<dyn MetricSink>,
    /// Whether it only decides, because another server acts.
    decides_only: bool,
}

impl Logs {
    /// Opens the store in a directory, and makes its database and its key if they do not exist. Blocks.
    ///
    /// # Errors
    /// [`OpenError`] if the directory, the database or the key in it cannot be used.
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        Self::open_beside(dir, Reserve::none())
    }

    /// The same on a disk on which room is set aside for deletions.
    ///
    /// # Errors
    /// [`OpenError`] if the directory, the database or the key in it cannot be used.
    pub fn open_beside(dir: &Path, reserve: Arc<Reserve>) -> Result<Self, OpenError> {
        Store::open(dir, reserve).map(Self::with_store)
    }

    fn with_store(store: Arc<Store>) -> Self {
        Self { store, keys: None, sink: Arc::new(NoMetrics), decides_only: false }
    }

    /// With keys of KMS. Without them a log group cannot have one.
    #[must_use]
    pub fn with_keys(mut self, keys: Keys) -> Self {
        self.keys = Some(keys);
        self
    }

    /// With what takes the values of metric filters. Without it they are forgotten.
    #[must_use]
    pub fn with_metrics(mut self, sink: Arc<dyn MetricSink>) -> Self {
        self.sink = sink;
        self
    }

    /// What writes without a request, with the keys and the sink that are there by now.
    pub fn writer(&self) -> Writer {
        Writer { store: Arc::clone(&self.store), keys: self.keys.clone(), sink: Arc::clone(&self.sink) }
    }

    async fn answer(
        &self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer,
    ) -> Result<Response<Vec<u8>>, Fault> {
        let (operation, body) = whole::document_within(request, TARGET, aws_json::MAX_LOGS_BYTES).await?;
        self.carry_out(operation, body, caller, authorizer).await?.answered().ok_or(Fault::Interrupted)
    }

    async fn carry_out(
        &self, operation: String, body: Bytes, caller: &Caller, authorizer: &dyn Authorizer,
    ) -> Result<Outcome, Fault> {
        let call = Call { logs: self, body, caller, authorizer };
        match operation.as_str() {
            "AssociateKmsKey" => call.run::<associate::AssociateKmsKey>().await,
            "CreateLogGroup" => call.run::<create::CreateLogGroup>().await,
            "CreateLogStream" => call.run::<streams::CreateLogStream>().await,
            "DeleteDestination" => call.run::<destination::DeleteDestination>().await,
            "DeleteLogGroup" => call.run::<delete::DeleteLogGroup>().await,
            "DeleteLogStream" => call.run::<streams::DeleteLogStream>().await,
            "DeleteMetricFilter" => call.run::<metric_filter::DeleteMetricFilter>().await,
            "DeleteResourcePolicy" => call.run::<resource_policy::DeleteResourcePolicy>().await,
            "DeleteRetentionPolicy" => call.run::<retention::DeleteRetentionPolicy>().await,
            "DeleteSubscriptionFilter" => call.run::<subscription::DeleteSubscriptionFilter>().await,
            "DescribeDestinations" => call.run::<destination::DescribeDestinations>().await,
            "DescribeLogGroups" => call.run::<describe::DescribeLogGroups>().await,
            "DescribeLogStreams" => call.run::<streams::DescribeLogStreams>().await,
            "DescribeMetricFilters" => call.run::<metric_filter::DescribeMetricFilters>().await,
            "DescribeResourcePolicies" => call.run::<resource_policy::DescribeResourcePolicies>().await,
            "DescribeSubscriptionFilters" => call.run::<subscription::DescribeSubscriptionFilters>().await,
            "DisassociateKmsKey" => call.run::<associate::DisassociateKmsKey>().await,
            "FilterLogEvents" => call.run::<search::FilterLogEvents>().await,
            "GetLogEvents" => call.run::<get::GetLogEvents>().await,
            "ListLogGroups" => call.run::<describe::ListLogGroups>().await,
            "ListTagsForResource" => call.run::<tags::ListTagsForResource>().await,
            "ListTagsLogGroup" => call.run::<tags::ListTagsLogGroup>().await,
            "PutDestination" => call.run::<destination::PutDestination>().await,
            "PutDestinationPolicy" => call.run::<destination::PutDestinationPolicy>().await,
            "PutLogEvents" => call.run::<put::PutLogEvents>().await,
            "PutLogGroupDeletionProtection" => call.run::<delete::PutLogGroupDeletionProtection>().await,
            "PutMetricFilter" => call.run::<metric_filter::PutMetricFilter>().await,
            "PutResourcePolicy" => call.run::<resource_policy::PutResourcePolicy>().await,
            "PutRetentionPolicy" => call.run::<retention::PutRetentionPolicy>().await,
            "PutSubscriptionFilter" => call.run::<subscription::PutSubscriptionFilter>().await,
            "TagLogGroup" => call.run::<tags::TagLogGroup>().await,
            "TagResource" => call.run::<tags::TagResource>().await,
            "TestMetricFilter" => call.run::<metric_filter::TestMetricFilter>().await,
            "UntagLogGroup" => call.run::<tags::UntagLogGroup>().await,
            "UntagResource" => call.run::<tags::UntagResource>().await,
            other => match UNSERVED.iter().find(|name| **name == other) {
                Some(name) => Err(Fault::Unserved(name)),
                None => Err(Fault::UnknownOperation(other.to_owned())),
            },
        }
    }
}

/// A request whose operation is known.
struct Call<'a> {
    logs: &'a Logs,
    body: Bytes,
    caller: &'a Caller,
    authorizer: &'a dyn Authorizer,
}

impl Call<'_> {
    async fn run<O: Operation>(self) -> Result<Outcome, Fault> {
        let input: O = aws_json::parse_within(&self.body, aws_json::MAX_LOGS_BYTES)?;
        drop(self.body);
        let Logs { store, keys, sink, decides_only } = self.logs;
        let (own, caller) = (Arc::clone(store), self.caller.clone());
        let prepared = blocking(move || input.prepare(&caller, &own)).await?;
        let allowed = Authorized::by(self.authorizer, O::NAME, &prepared.requirements)
            .map_err(|denial| Fault::denied(O::NAME, denial))?;
        if *decides_only {
            return Ok(Outcome::Allowed(allowed));
        }
        let own = Arc::clone(store);
        let (ready, wanted) = blocking(move || {
            let wanted = O::key_use(&prepared.ready, &own)?;
            Ok((prepared.ready, wanted))
        })
        .await?;
        let keys = DataKeys::ask(keys.as_ref(), wanted, self.caller.now).await?;
        let (own, caller, sink) = (Arc::clone(store), self.caller.clone(), Arc::clone(sink));
        let answer = blocking(move || {
            let act = Act { allowed: &allowed, caller: &caller, store: &own, keys: &keys, sink: &*sink };
            O::act(ready, &act)
        })
        .await?;
        Ok(Outcome::Answered(aws_json::response(JsonVersion::V1_1, &answer, &self.caller.request_id)?))
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Fault> + Send + 'static) -> Result<T, Fault> {
    spawn_blocking(work).await.map_err(|_| Fault::Interrupted)?
}

#[async_trait]
impl Service for Logs {
    fn name(&self) -> &'static str {
        "logs"
    }

    async fn handle(&self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer) -> Response<Body> {
        whole::answer(self.answer(request, caller, authorizer).await.unwrap_or_else(|fault| refused(&fault, caller)))
    }

    async fn suppose(&self, action: &str, resource: &str, caller: &Caller) -> Result<Supposed, String> {
        let (store, caller) = (Arc::clone(&self.store), caller.clone());
        let (action, resource) = (action.to_owned(), resource.to_owned());
        let supposed = blocking(move || suppose::suppose(&store, &action, &resource, &caller)).await;
        supposed.map_err(|fault| fault.to_string())
    }
}

/// The answer that tells a fault.
fn refused(fault: &Fault, caller: &Caller) -> Response<Vec<u8>> {
    let failure = fault.failure();
    if failure.status.is_server_error() && failure.status != http::StatusCode::NOT_IMPLEMENTED {
        tracing::error!(error = fault as &dyn std::error::Error, "a request of CloudWatch Logs failed");
    }
    aws_json::error(JsonVersion::V1_1, &failure, &caller.request_id)
}
