//! `TestMetricFilter`

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sidegate_iam::Requirement;

use crate::Caller;
use crate::constraint::{length, required, size};
use crate::logs::fault::Fault;
use crate::logs::operation::{Act, Operation, Prepared};
use crate::logs::pattern::Pattern;
use crate::logs::search::pattern;
use crate::logs::store::Store;

/// `TestMetricFilter`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::logs) struct TestMetricFilter {
    filter_pattern: Option<String>,
    log_event_messages: Option<Vec<String>>,
}

#[derive(Serialize)]
pub(in crate::logs) struct Matches {
    matches: Vec<MatchRecord>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MatchRecord {
    event_number: usize,
    event_message: String,
    extracted_values: BTreeMap<String, String>,
}

impl Operation for TestMetricFilter {
    const NAME: &'static str = "TestMetricFilter";
    type Ready = (Pattern, Vec<String>);
    type Answer = Matches;

    fn prepare(self, _: &Caller, _: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let text = required("filterPattern", self.filter_pattern)?;
        let messages = required("logEventMessages", self.log_event_messages)?;
        size("logEventMessages", messages.len(), 1, 50)?;
        messages.iter().try_for_each(|message| length("logEventMessages", message, 1, usize::MAX))?;
        let pattern = pattern(Some(&text))?.ok_or(Fault::Interrupted)?;
        let requirements = vec![Requirement::new(format!("logs:{}", Self::NAME), "*")];
        Ok(Prepared { ready: (pattern, messages), requirements })
    }

    fn act((pattern, messages): Self::Ready, _: &Act<'_>) -> Result<Matches, Fault> {
        let record = |(at, message): (usize, String)| {
            let extracted_values = pattern.read(&message)?.extracted();
            Some(MatchRecord { event_number: at + 1, event_message: message, extracted_values })
        };
        Ok(Matches { matches: messages.into_iter().enumerate().filter_map(record).collect() })
    }
}
