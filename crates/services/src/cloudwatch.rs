//! CloudWatch: metrics and their data, metric math, alarms and dashboards, in one SQLite file.
//!
//! A request goes through `operation::Operation` in three steps: the document is checked, the authorizer is asked once, and
//! only with its token does the `store` write anything. The three protocols that clients speak are `form::Form`; past it
//! there is one set of operations.
//!
//! Other parts of Sidegate report metrics through a [`Recorder`]. Alarms are evaluated when somebody looks at them, from
//! the data that is there; their actions are not carried out. Not served are composite alarms, anomaly detection,
//! Contributor Insights, metric streams, mute rules and pictures of metrics.

mod aggregate;
mod alarm;
mod dashboard;
mod data;
mod distribution;
mod entity;
mod evaluation;
mod fault;
mod form;
mod label;
mod list;
mod math;
mod metric;
mod operation;
mod page;
mod put;
mod query;
mod recorder;
mod retention;
mod scalar;
mod search;
mod series;
mod statistic;
mod statistics;
mod store;
mod tags;
mod upstream;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use http::{HeaderValue, Request, Response};
use serde_json::Value as Json;
use tokio::task::spawn_blocking;

pub use crate::database::OpenError;
pub use crate::vault::KeyError;
pub(crate) use metric::UNITS;
pub use recorder::{Measured, Record, RecordError, Recorder};
pub use upstream::{Upstream, UpstreamError};

use crate::reserve::Reserve;
use crate::upstream::Outcome;
use crate::{Authorized, Authorizer, Body, Caller, Service, Supposed, whole};
use fault::Fault;
use form::Form;
use operation::Operation;
use store::Store;

/// The operations that CloudWatch has and that are not served.
const UNSERVED: [&str; 27] = [
    "DeleteAlarmMuteRule",
    "DeleteAnomalyDetector",
    "DeleteInsightRules",
    "DeleteMetricStream",
    "DescribeAlarmContributors",
    "DescribeAnomalyDetectors",
    "DescribeInsightRules",
    "DisableInsightRules",
    "EnableInsightRules",
    "GetAlarmMuteRule",
    "GetInsightRuleReport",
    "GetMetricStream",
    "GetMetricWidgetImage",
    "GetOTelEnrichment",
    "ListAlarmMuteRules",
    "ListManagedInsightRules",
    "ListMetricStreams",
    "PutAlarmMuteRule",
    "PutAnomalyDetector",
    "PutCompositeAlarm",
    "PutInsightRule",
    "PutManagedInsightRules",
    "PutMetricStream",
    "StartMetricStreams",
    "StartOTelEnrichment",
    "StopMetricStreams",
    "StopOTelEnrichment",
];

/// The CloudWatch service of all accounts and Regions.
#[derive(Debug)]
pub struct CloudWatch {
    store: Arc<Store>,
    /// Whether it only decides, because another server acts.
    decides_only: bool,
}

impl CloudWatch {
    /// Opens the store in a directory, and makes its database if it does not exist. Blocks.
    ///
    /// # Errors
    /// [`OpenError`] if the directory or the database in it cannot be used.
    pub fn open(dir: &Path) -> Result<Self, OpenError> {
        Self::open_beside(dir, Reserve::none())
    }

    /// The same on a disk on which room is set aside for deletions.
    ///
    /// # Errors
    /// [`OpenError`] if the directory or the database in it cannot be used.
    pub fn open_beside(dir: &Path, reserve: Arc<Reserve>) -> Result<Self, OpenError> {
        Store::open(dir, reserve).map(|store| Self { store, decides_only: false })
    }

    /// What other parts of Sidegate report metrics with.
    pub fn recorder(&self) -> Recorder {
        Recorder::new(Arc::clone(&self.store))
    }

    /// Evaluates the alarms whose time has come, and removes or merges what is old. Blocks.
    ///
    /// # Errors
    /// [`UpkeepError`] if the database cannot be used.
    pub fn keep(&self, now: i64) -> Result<(), UpkeepError> {
        self.store.sweep_sometimes(now).and_then(|()| alarm::settle_all(&self.store, now)).map_err(UpkeepError)
    }

    async fn answer(
        &self, form: Form, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer,
    ) -> Result<Response<Vec<u8>>, Fault> {
        let asked = form.read(request).await?;
        self.carry_out(form, asked, caller, authorizer).await?.answered().ok_or(Fault::Interrupted)
    }

    async fn carry_out(
        &self, form: Form, (operation, document): (String, Json), caller: &Caller, authorizer: &dyn Authorizer,
    ) -> Result<Outcome, Fault> {
        let decides_only = self.decides_only;
        let call = Call { store: &self.store, decides_only, form, document, caller, authorizer };
        match operation.as_str() {
            "DeleteAlarms" => call.run::<alarm::DeleteAlarms>().await,
            "DeleteDashboards" => call.run::<dashboard::DeleteDashboards>().await,
            "DescribeAlarmHistory" => call.run::<alarm::DescribeAlarmHistory>().await,
            "DescribeAlarms" => call.run::<alarm::DescribeAlarms>().await,
            "DescribeAlarmsForMetric" => call.run::<alarm::DescribeAlarmsForMetric>().await,
            "DisableAlarmActions" => call.run::<alarm::DisableAlarmActions>().await,
            "EnableAlarmActions" => call.run::<alarm::EnableAlarmActions>().await,
            "GetDashboard" => call.run::<dashboard::GetDashboard>().await,
            "GetMetricData" => call.run::<data::GetMetricData>().await,
            "GetMetricStatistics" => call.run::<statistics::GetMetricStatistics>().await,
            "ListDashboards" => call.run::<dashboard::ListDashboards>().await,
            "ListMetrics" => call.run::<list::ListMetrics>().await,
            "ListTagsForResource" => call.run::<tags::ListTagsForResource>().await,
            "PutDashboard" => call.run::<dashboard::PutDashboard>().await,
            "PutMetricAlarm" => call.run::<alarm::PutMetricAlarm>().await,
            "PutMetricData" => call.run::<put::PutMetricData>().await,
            "SetAlarmState" => call.run::<alarm::SetAlarmState>().await,
            "TagResource" => call.run::<tags::TagResource>().await,
            "UntagResource" => call.run::<tags::UntagResource>().await,
            other => match UNSERVED.iter().find(|name| **name == other) {
                Some(name) => Err(Fault::Unserved((*name).to_owned())),
                None => Err(Fault::UnknownOperation(other.to_owned())),
            },
        }
    }
}

/// What is old was not removed, or alarms were not evaluated.
#[derive(Debug, thiserror::Error)]
#[error("cannot keep the metrics up")]
pub struct UpkeepError(#[source] Fault);

/// A request whose operation is known.
struct Call<'a> {
    store: &'a Arc<Store>,
    decides_only: bool,
    form: Form,
    document: Json,
    caller: &'a Caller,
    authorizer: &'a dyn Authorizer,
}

impl Call<'_> {
    async fn run<O: Operation>(self) -> Result<Outcome, Fault> {
        let input: O = serde_json::from_value(self.document).map_err(|error| unreadable(&error))?;
        let (store, caller) = (Arc::clone(self.store), self.caller.clone());
        let prepared = blocking(move || input.prepare(&caller, &store)).await?;
        let allowed = Authorized::by(self.authorizer, O::NAME, &prepared.requirements)
            .map_err(|denial| Fault::Denied(Box::new(denial)))?;
        if self.decides_only {
            return Ok(Outcome::Allowed(allowed));
        }
        let (store, caller) = (Arc::clone(self.store), self.caller.clone());
        let answer = blocking(move || O::act(prepared.ready, &allowed, &caller, &store)).await?;
        let mut response = self.form.answer(O::NAME, answer.result.as_ref(), &self.caller.request_id)?;
        if let Some(failure) = answer.entity_failure {
            response.headers_mut().insert("x-amzn-failure-message", HeaderValue::from_static(failure));
        }
        Ok(Outcome::Answered(response))
    }
}

/// A document that is not what the operation takes. serde quotes the value that it did not expect, before what it
/// expected.
fn unreadable(error: &serde_json::Error) -> Fault {
    let text = error.to_string();
    let expected = text.rsplit_once(", expected ").map(|(_, expected)| format!("expected {expected}"));
    let message = format!("The document cannot be read: {}", expected.unwrap_or(text));
    Fault::Malformed { code: "SerializationException", message }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Fault> + Send + 'static) -> Result<T, Fault> {
    spawn_blocking(work).await.map_err(|_| Fault::Interrupted)?
}

#[async_trait]
impl Service for CloudWatch {
    fn name(&self) -> &'static str {
        "monitoring"
    }

    async fn handle(&self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer) -> Response<Body> {
        let form = Form::of(request.headers());
        let answer = self.answer(form, request, caller, authorizer).await;
        whole::answer(answer.unwrap_or_else(|fault| refused(form, &fault, caller)))
    }

    async fn suppose(&self, action: &str, resource: &str, _caller: &Caller) -> Result<Supposed, String> {
        Ok(Supposed::plain(action, resource))
    }
}

/// The answer that tells a fault.
fn refused(form: Form, fault: &Fault, caller: &Caller) -> Response<Vec<u8>> {
    let failure = fault.failure();
    if failure.status.is_server_error() && failure.status != http::StatusCode::NOT_IMPLEMENTED {
        tracing::error!(error = fault as &dyn std::error::Error, "a request of CloudWatch failed");
    }
    form.error(fault, &caller.request_id)
}
