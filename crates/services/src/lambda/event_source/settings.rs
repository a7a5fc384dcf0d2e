//! How an event source mapping reads its stream and calls its function: what a request says of it, checked, and what is kept.
//!
//! Source: the API's model; API reference, "CreateEventSourceMapping", "UpdateEventSourceMapping".

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::filter::Pattern;
use crate::constraint::{length, size, within};
use crate::lambda::fault::Fault;
use crate::lambda::settings::one_of;

/// The most filters of a mapping.
///
/// Source: Lambda developer guide, "Control which events Lambda sends to your function": five; more can be asked for.
const MOST_FILTERS: usize = 5;
/// The youngest age at which records can be given up, in seconds. Source: API reference, `MaximumRecordAgeInSeconds`.
const LEAST_AGE: i64 = 60;

/// How a mapping reads its stream and calls its function.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Settings {
    /// The most records of a batch.
    pub(crate) batch: u32,
    /// For how long a batch that is not full waits for more records, in seconds.
    pub(crate) window: u32,
    /// How many batches of a shard are handled at once.
    pub(crate) factor: u32,
    /// How often a failed batch is tried again; `None` is for ever.
    pub(crate) retries: Option<u32>,
    /// How old a record may be, in seconds; `None` is as old as it gets.
    pub(crate) age: Option<u32>,
    /// Whether a batch that failed is split.
    pub(crate) bisects: bool,
    /// Whether the function tells which records failed.
    pub(crate) reports: bool,
    /// Patterns of which one has to hold of a record, as they were given. Where there are none, all records are meant.
    pub(crate) filters: Vec<String>,
    /// The ARN of where the records of failed batches go.
    pub(crate) on_failure: Option<String>,
}

impl Default for Settings {
    /// What AWS gives the mapping of a stream of which nothing is said.
    fn default() -> Self {
        Self {
            batch: 100,
            window: 0,
            factor: 1,
            retries: None,
            age: None,
            bisects: false,
            reports: false,
            filters: Vec::new(),
            on_failure: None,
        }
    }
}

impl Settings {
    /// The patterns, to be matched. What was accepted once can be read.
    pub(crate) fn patterns(&self) -> Vec<Pattern> {
        self.filters.iter().filter_map(|text| Pattern::parse(text).ok()).collect()
    }

    /// Tells them in the document of a mapping.
    pub(crate) fn tell(&self, document: &mut Map<String, Value>) {
        let unbounded = |number: Option<u32>| number.map_or(json!(-1), Value::from);
        let types: &[&str] = if self.reports { &["ReportBatchItemFailures"] } else { &[] };
        let destination = self.on_failure.as_ref().map_or_else(|| json!({}), |arn| json!({"Destination": arn}));
        for (name, value) in [
            ("BatchSize", self.batch.into()),
            ("MaximumBatchingWindowInSeconds", self.window.into()),
            ("ParallelizationFactor", self.factor.into()),
            ("MaximumRecordAgeInSeconds", unbounded(self.age)),
            ("BisectBatchOnFunctionError", self.bisects.into()),
            ("MaximumRetryAttempts", unbounded(self.retries)),
            ("TumblingWindowInSeconds", 0.into()),
            ("FunctionResponseTypes", types.into()),
            ("DestinationConfig", json!({ "OnFailure": destination })),
        ] {
            document.insert(name.to_owned(), value);
        }
        if !self.filters.is_empty() {
            let filters: Vec<Value> = self.filters.iter().map(|pattern| json!({ "Pattern": pattern })).collect();
            document.insert("FilterCriteria".to_owned(), json!({ "Filters": filters }));
        }
    }
}

/// What a request says of the settings.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Asked {
    batch_size: Option<i64>,
    maximum_batching_window_in_seconds: Option<i64>,
    parallelization_factor: Option<i64>,
    maximum_record_age_in_seconds: Option<i64>,
    bisect_batch_on_function_error: Option<bool>,
    maximum_retry_attempts: Option<i64>,
    tumbling_window_in_seconds: Option<i64>,
    function_response_types: Option<Vec<String>>,
    filter_criteria: Option<FilterCriteria>,
    destination_config: Option<DestinationConfig>,
    topics: Option<Vec<String>>,
    queues: Option<Vec<String>>,
    source_access_configurations: Option<Vec<IgnoredAny>>,
    amazon_managed_kafka_event_source_config: Option<IgnoredAny>,
    self_managed_kafka_event_source_config: Option<IgnoredAny>,
    #[serde(rename = "DocumentDBEventSourceConfig")]
    document_db_event_source_config: Option<IgnoredAny>,
    scaling_config: Option<Map<String, Value>>,
    provisioned_poller_config: Option<Map<String, Value>>,
    metrics_config: Option<MetricsConfig>,
    logging_config: Option<Map<String, Value>>,
    #[serde(rename = "KMSKeyArn")]
    kms_key_arn: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FilterCriteria {
    filters: Option<Vec<Filter>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Filter {
    pattern: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DestinationConfig {
    on_success: Option<Destination>,
    on_failure: Option<Destination>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Destination {
    destination: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct MetricsConfig {
    metrics: Option<Vec<String>>,
}

impl Asked {
    /// Checks what is said.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        self.check_numbers()?;
        self.check_others()?;
        self.check_unserved()?;
        if let Some(filters) = self.filters() {
            if filters.len() > MOST_FILTERS {
                return Err(Fault::invalid(format!(
                    "The number of filters exceeds the limit of {MOST_FILTERS} for an event source mapping."
                )));
            }
            for filter in filters {
                let pattern = filter.pattern.as_deref().unwrap_or_default();
                length("filterCriteria.filters.pattern", pattern, 0, 4096)?;
                Pattern::parse(pattern).map_err(|none| Fault::invalid(none.to_string()))?;
            }
        }
        if let Some(config) = &self.destination_config {
            if config.on_success.as_ref().is_some_and(|success| success.destination.is_some()) {
                return Err(unsupported("DestinationConfig"));
            }
            config
                .on_failure
                .as_ref()
                .and_then(|failure| failure.destination.as_deref())
                .map_or(Ok(()), check_destination)?;
        }
        Ok(())
    }

    fn check_numbers(&self) -> Result<(), Fault> {
        for (member, number, least, most) in [
            ("batchSize", self.batch_size, 1, 10_000),
            ("maximumBatchingWindowInSeconds", self.maximum_batching_window_in_seconds, 0, 300),
            ("parallelizationFactor", self.parallelization_factor, 1, 10),
            ("maximumRecordAgeInSeconds", self.maximum_record_age_in_seconds, -1, 604_800),
            ("maximumRetryAttempts", self.maximum_retry_attempts, -1, 10_000),
            ("tumblingWindowInSeconds", self.tumbling_window_in_seconds, 0, 900),
        ] {
            number.map(|number| within(member, number, least, most)).transpose()?;
        }
        if self.maximum_record_age_in_seconds.is_some_and(|age| (0..LEAST_AGE).contains(&age)) {
            return Err(Fault::invalid(format!(
                "MaximumRecordAgeInSeconds must be -1, or between {LEAST_AGE} and 604800."
            )));
        }
        Ok(())
    }

    /// What streams of DynamoDB do not have.
    fn check_others(&self) -> Result<(), Fault> {
        for type_ in self.function_response_types.iter().flatten() {
            one_of("functionResponseTypes", type_, &["ReportBatchItemFailures"])?;
        }
        size("functionResponseTypes", self.function_response_types.as_ref().map_or(0, Vec::len), 0, 1)?;
        let has_any = |list: &Option<Vec<String>>| list.as_ref().is_some_and(|list| !list.is_empty());
        let has_members =
            |config: &Option<Map<String, Value>>| config.as_ref().is_some_and(|config| !config.is_empty());
        for (is_asked, what) in [
            (has_any(&self.topics), "Topics"),
            (has_any(&self.queues), "Queues"),
            (
                self.source_access_configurations.as_ref().is_some_and(|all| !all.is_empty()),
                "SourceAccessConfigurations",
            ),
            (self.amazon_managed_kafka_event_source_config.is_some(), "AmazonManagedKafkaEventSourceConfig"),
            (self.self_managed_kafka_event_source_config.is_some(), "SelfManagedKafkaEventSourceConfig"),
            (self.document_db_event_source_config.is_some(), "DocumentDBEventSourceConfig"),
            (has_members(&self.scaling_config), "ScalingConfig"),
            (has_members(&self.provisioned_poller_config), "ProvisionedPollerConfig"),
            (has_members(&self.logging_config), "LoggingConfig"),
        ] {
            if is_asked {
                return Err(unsupported(what));
            }
        }
        Ok(())
    }

    fn check_unserved(&self) -> Result<(), Fault> {
        let metrics = self.metrics_config.as_ref().and_then(|config| config.metrics.as_ref());
        for (is_asked, what) in [
            (
                self.tumbling_window_in_seconds.is_some_and(|seconds| seconds > 0),
                "tumbling windows of event source mappings",
            ),
            (metrics.is_some_and(|metrics| !metrics.is_empty()), "metrics of event source mappings"),
            (self.kms_key_arn.as_ref().is_some_and(|arn| !arn.is_empty()), "keys of KMS for filter criteria"),
        ] {
            if is_asked {
                return Err(Fault::Unserved(what));
            }
        }
        Ok(())
    }

    /// The filters, where something is said of them: there may be none any more.
    fn filters(&self) -> Option<&[Filter]> {
        self.filter_criteria.as_ref().map(|criteria| criteria.filters.as_deref().unwrap_or_default())
    }

    /// With what is said; the rest stays as it is.
    pub(crate) fn applied_to(self, kept: Settings) -> Settings {
        let number =
            |given: Option<i64>, kept: u32| given.and_then(|number| u32::try_from(number).ok()).unwrap_or(kept);
        // A negative number is none.
        let bound = |given: Option<i64>, kept: Option<u32>| given.map_or(kept, |number| u32::try_from(number).ok());
        let filters = self.filters().map(|all| all.iter().filter_map(|filter| filter.pattern.clone()).collect());
        let on_failure = match self.destination_config {
            None => kept.on_failure,
            Some(config) => config.on_failure.and_then(|failure| failure.destination).filter(|arn| !arn.is_empty()),
        };
        Settings {
            batch: number(self.batch_size, kept.batch),
            window: number(self.maximum_batching_window_in_seconds, kept.window),
            factor: number(self.parallelization_factor, kept.factor),
            retries: bound(self.maximum_retry_attempts, kept.retries),
            age: bound(self.maximum_record_age_in_seconds, kept.age),
            bisects: self.bisect_batch_on_function_error.unwrap_or(kept.bisects),
            reports: self.function_response_types.map_or(kept.reports, |types| !types.is_empty()),
            filters: filters.unwrap_or(kept.filters),
            on_failure,
        }
    }
}

fn unsupported(member: &str) -> Fault {
    Fault::invalid(format!("Unsupported {member} parameter for given event source mapping type."))
}

/// Source: Lambda developer guide, "Retain discarded records for a DynamoDB event source in Lambda": "any Amazon SNS topic,
/// Amazon SQS queue, or S3 bucket".
fn check_destination(arn: &str) -> Result<(), Fault> {
    length("destinationConfig.onFailure.destination", arn, 0, 350)?;
    let is_one = arn.starts_with("arn:") && matches!(crate::parcel::service_of(arn), "sqs" | "sns" | "s3");
    if arn.is_empty() || is_one {
        return Ok(());
    }
    Err(Fault::invalid(format!("The provided destination {arn} is not valid.")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(document: Value) -> String {
        serde_json::from_value::<Asked>(document).unwrap().check().unwrap_err().to_string()
    }

    #[test]
    fn what_is_not_spoken_of_stays_as_it_is() {
        let asked: Asked = serde_json::from_value(json!({
            "BatchSize": 7, "MaximumRetryAttempts": 2, "MaximumRecordAgeInSeconds": 60, "ParallelizationFactor": 3,
            "BisectBatchOnFunctionError": true, "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "FilterCriteria": {"Filters": [{"Pattern": r#"{"eventName": ["INSERT"]}"#}]},
            "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:s3:::b"}},
        }))
        .unwrap();
        asked.check().unwrap();
        let settings = asked.applied_to(Settings::default());
        assert_eq!((settings.batch, settings.retries, settings.age, settings.factor), (7, Some(2), Some(60), 3));
        assert!(settings.bisects && settings.reports && settings.patterns().len() == 1);
        assert_eq!(Asked::default().applied_to(settings.clone()), settings);
        let other: Asked = serde_json::from_value(json!({
            "MaximumRetryAttempts": -1, "MaximumRecordAgeInSeconds": -1, "FilterCriteria": {}, "DestinationConfig": {},
            "FunctionResponseTypes": [], "BisectBatchOnFunctionError": false, "BatchSize": 100, "ParallelizationFactor": 1,
        }))
        .unwrap();
        assert_eq!(other.applied_to(settings), Settings::default());
    }

    #[test]
    fn values_have_the_bounds_of_aws() {
        for (member, wrong) in [
            ("BatchSize", 0),
            ("BatchSize", 10_001),
            ("MaximumBatchingWindowInSeconds", 301),
            ("ParallelizationFactor", 11),
            ("MaximumRetryAttempts", -2),
            ("MaximumRetryAttempts", 10_001),
            ("MaximumRecordAgeInSeconds", 604_801),
            ("TumblingWindowInSeconds", 901),
        ] {
            assert!(refused(json!({ member: wrong })).contains("failed to satisfy constraint"), "{member} {wrong}");
        }
        assert!(refused(json!({"MaximumRecordAgeInSeconds": 59})).starts_with("MaximumRecordAgeInSeconds must be -1"));
        let filter = |pattern: &str| json!({ "Pattern": pattern });
        assert_eq!(
            refused(json!({"FilterCriteria": {"Filters": [filter("no")]}})),
            "Invalid filter pattern definition."
        );
        assert_eq!(refused(json!({"FilterCriteria": {"Filters": [{}]}})), "Invalid filter pattern definition.");
        let many = vec![filter("{}"); 6];
        assert!(refused(json!({"FilterCriteria": {"Filters": many}})).contains("exceeds the limit of 5"));
        assert!(refused(json!({"FunctionResponseTypes": ["Other"]})).contains("ReportBatchItemFailures"));
    }

    #[test]
    fn what_streams_do_not_have_is_refused() {
        for document in [
            json!({"DestinationConfig": {"OnSuccess": {"Destination": "arn:aws:s3:::b"}}}),
            json!({"ScalingConfig": {"MaximumConcurrency": 2}}),
            json!({"ProvisionedPollerConfig": {"MinimumPollers": 1}}),
            json!({"Topics": ["t"]}),
            json!({"Queues": ["q"]}),
        ] {
            let told = refused(document.clone());
            assert!(
                told.starts_with("Unsupported ") && told.ends_with("given event source mapping type."),
                "{document}"
            );
        }
        for arn in ["arn:aws:lambda:us-east-1:111122223333:function:f", "arn:aws:events:us-east-1:1:event-bus/b", "b"] {
            let told = refused(json!({"DestinationConfig": {"OnFailure": {"Destination": arn}}}));
            assert_eq!(told, format!("The provided destination {arn} is not valid."));
        }
        for document in [
            json!({"TumblingWindowInSeconds": 30}),
            json!({"MetricsConfig": {"Metrics": ["EventCount"]}}),
            json!({"KMSKeyArn": "arn:aws:kms:us-east-1:111122223333:key/k"}),
        ] {
            assert!(refused(document.clone()).starts_with("Sidegate does not implement"), "{document}");
        }
    }
}
