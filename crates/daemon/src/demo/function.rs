//! The function: deployed, and asked.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde::Deserialize;
use serde_json::{Value, json};

use super::network::Network;
use super::place::Stage;
use super::policies::Names;
use super::workload::{NAME, settings_secret};
use super::{DemoError, Step as _, archive};

/// Its code.
const CODE: [(&str, &str); 4] = [
    ("calls.py", include_str!("../../../../examples/document-qa/function/calls.py")),
    ("handler.py", include_str!("../../../../examples/document-qa/function/handler.py")),
    ("library.py", include_str!("../../../../examples/document-qa/function/library.py")),
    ("passages.py", include_str!("../../../../examples/document-qa/function/passages.py")),
];

/// How long it waits for a connection, in seconds.
const CONNECT_SECONDS: &str = "1";

/// How long Lambda may take until the function is active.
const ACTIVE_LIMIT: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(20);

/// What an invocation brought.
pub(super) struct Reply {
    pub(super) told: Told,
    /// How long it took, seen from outside.
    pub(super) took: Duration,
    /// How long the environment took to begin, where it had to: a cold start. In milliseconds, as Lambda's log says it.
    pub(super) cold: Option<String>,
}

/// What the function tells.
#[derive(Debug, Deserialize)]
pub(super) struct Told {
    #[serde(default)]
    pub(super) answer: Option<String>,
    #[serde(default)]
    pub(super) sources: Vec<String>,
    #[serde(default)]
    pub(super) model: Option<String>,
    #[serde(default)]
    pub(super) error: Option<Failure>,
    pub(super) calls: Vec<Call>,
}

/// The call that failed.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Failure {
    pub(super) service: String,
    pub(super) operation: String,
    pub(super) code: String,
    pub(super) message: String,
}

/// Codes with which Bedrock tells that what answers for the model did not, and what the client makes of one that never ends.
///
/// Source: the API model of `bedrock-runtime`.
const OF_MODELS: [&str; 8] = [
    "InternalServerException",
    "ModelErrorException",
    "ModelNotReadyException",
    "ModelTimeoutException",
    "ReadTimeoutError",
    "ServiceUnavailableException",
    "ThrottlingException",
    "ValidationException",
];

impl Failure {
    /// Whether the question reached the model, and only what answers for it did not answer.
    pub(super) fn is_of_model(&self) -> bool {
        self.operation == "Converse" && OF_MODELS.contains(&self.code.as_str())
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { service, operation, code, message } = self;
        write!(f, "{service} {operation} ended with {code}: {message}")
    }
}

/// A request that the function made.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Call {
    pub(super) service: String,
    pub(super) operation: String,
    /// None if nothing came back.
    #[serde(default)]
    pub(super) request_id: Option<String>,
    /// Who answered in the place of a model.
    #[serde(default)]
    pub(super) answered_by: Option<String>,
}

/// Deploys the function into both subnets, and waits until it is active.
pub(super) async fn deploy(stage: &Stage, network: &Network, names: &Names) -> Result<(), DemoError> {
    const STEP: &str = "CreateFunction";
    let code = archive::of(CODE.iter().map(|(name, text)| (*name, text.as_bytes()))).step(STEP)?;
    let function = json!({
        "FunctionName": NAME,
        "Role": names.function_role,
        "Runtime": "python3.12",
        "Handler": "handler.handler",
        "Code": { "ZipFile": STANDARD.encode(code) },
        "MemorySize": 512,
        "Timeout": 90,
        "VpcConfig": { "SubnetIds": network.subnets, "SecurityGroupIds": [network.function_group] },
        "Environment": { "Variables": {
            "SETTINGS_SECRET": settings_secret(),
            "LOG_GROUP": names.exchanges_log,
            "CONNECT_SECONDS": CONNECT_SECONDS,
        } },
    });
    stage.client.lambda(Method::POST, "/2015-03-31/functions", &function.to_string()).await.step(STEP)?;
    let limit = Instant::now() + ACTIVE_LIMIT;
    loop {
        let path = format!("/2015-03-31/functions/{NAME}/configuration");
        let answer = stage.client.lambda(Method::GET, &path, "").await.step("GetFunctionConfiguration")?;
        let answer: Value = serde_json::from_str(&answer).step("GetFunctionConfiguration")?;
        let text = |name: &str| answer.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        match text("State").as_str() {
            "Active" => return Ok(()),
            "Pending" if Instant::now() < limit => tokio::time::sleep(PAUSE).await,
            other => {
                return Err(DemoError::step(STEP, format!("the function is {other}: {}", text("StateReason"))));
            }
        }
    }
}

/// Asks a question. With `fresh`, the function opens new connections and reads everything anew.
pub(super) async fn ask(stage: &Stage, question: &str, fresh: bool) -> Result<Reply, DemoError> {
    const STEP: &str = "asking the function";
    let payload = json!({ "question": question, "fresh": fresh }).to_string();
    let start = Instant::now();
    let (headers, payload) = stage.client.invoke(NAME, &payload).await.step(STEP)?;
    let took = start.elapsed();
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if header("x-amz-function-error").is_some() {
        return Err(DemoError::step(STEP, format!("the function failed: {payload}")));
    }
    let told = serde_json::from_str(&payload).step(STEP)?;
    let log = header("x-amz-log-result").and_then(|log| STANDARD.decode(log).ok()).unwrap_or_default();
    Ok(Reply { told, took, cold: init_duration(&String::from_utf8_lossy(&log)) })
}

/// How long the initialisation took, by the end of a log; none if there was none.
fn init_duration(log: &str) -> Option<String> {
    let (_, rest) = log.rsplit_once("Init Duration: ")?;
    rest.split_whitespace().next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_the_functions_code_is_deployed() {
        let example = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/document-qa/function");
        let entries = std::fs::read_dir(example).unwrap().map(|entry| entry.unwrap().path());
        let mut there: Vec<_> = entries
            .filter(|path| path.is_file())
            .map(|path| path.file_name().unwrap().to_str().unwrap().to_owned())
            .collect();
        there.sort();
        assert_eq!(there, CODE.map(|(name, _)| name));
    }

    #[test]
    fn a_cold_start_is_told_by_the_end_of_the_log() {
        let report = "REPORT RequestId: 1\tDuration: 9.1 ms\tMax Memory Used: 50 MB\tInit Duration: 812.44 ms\t\n";
        assert_eq!(init_duration(report), Some("812.44".to_owned()));
        assert_eq!(init_duration("REPORT RequestId: 1\tDuration: 9.1 ms\n"), None);
    }
}
