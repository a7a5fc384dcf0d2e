//! Amazon Bedrock, as a program in a subnet meets it: with Sidegate's own models, and with a server that answers.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::harness::{ACCESS_KEY, Daemon, Network, SECRET_KEY, clean, need_root, tool};
use crate::kms::{inside, succeeds};
use crate::settings::interface_endpoint;

/// What scripts have in common.
const ASKED: &str = r##"
import json, os
haiku = "anthropic.claude-3-haiku-20240307-v1:0"
guide = (b"# Endpoints\n\nA gateway endpoint is a route in a route table, and S3 and DynamoDB alone have one. "
         b"Bedrock is reached through an interface endpoint, because it has no gateway endpoint.")
asked = dict(modelId=haiku, messages=[{"role": "user", "content": [
    {"document": {"format": "md", "name": "endpoints", "source": {"bytes": guide}}},
    {"text": "Why does Bedrock use an interface endpoint?"}]}])
"##;

// enforces: bedrock:Converse (positive)
// enforces: bedrock:Converse (negative)
// enforces: bedrock:ConverseStream (positive)
// enforces: bedrock:ConverseStream (negative)
// enforces: bedrock:InvokeModel (positive)
// enforces: bedrock:InvokeModel (negative)
// enforces: bedrock:InvokeModelWithResponseStream (positive)
// enforces: bedrock:CountTokens (positive)
// enforces: bedrock:CountTokens (negative)
#[test]
fn a_program_asks_models_through_the_endpoint_with_the_defaults_of_the_sdk_and_not_without_it() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.open(&daemon);
    let admin = (ACCESS_KEY, SECRET_KEY);
    let runs = |script: &str| succeeds(&daemon, &inside(&daemon, &network, admin, &format!("{ASKED}{script}")));
    let unreached = r#"
runtime = boto3.client("bedrock-runtime", config=Config(connect_timeout=2, retries={"max_attempts": 0}))
for call in [lambda: runtime.converse(**asked), lambda: runtime.invoke_model(modelId=haiku, body="{}")]:
    try:
        call()
    except (EndpointConnectionError, ConnectTimeoutError):
        continue
    raise AssertionError("it was answered")
print("unreached")
"#;
    assert_eq!(runs(unreached), "unreached");
    let endpoint = interface_endpoint(&daemon, &network, "bedrock-runtime", &[]);
    let used = r#"
runtime = boto3.client("bedrock-runtime")
told = runtime.converse(**asked)
answer = told["output"]["message"]["content"][0]["text"]
assert answer.startswith('"Bedrock is reached through an interface endpoint, because it has no gateway endpoint." [endpoints]'), answer
events = list(runtime.converse_stream(**asked)["stream"])
assert "".join(e["contentBlockDelta"]["delta"]["text"] for e in events if "contentBlockDelta" in e) == answer
by_profile = runtime.converse(**{**asked, "modelId": "us.amazon.nova-lite-v1:0"})
assert by_profile["output"]["message"]["content"][0]["text"] == answer
body = json.dumps({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 100, "messages": [
    {"role": "user", "content": "<context>Keys rotate yearly.</context> When do keys rotate?"}]})
read = json.loads(runtime.invoke_model(modelId=haiku, body=body)["body"].read())
assert read["content"][0]["text"].startswith('"Keys rotate yearly."') and read["model"].startswith("sidegate."), read
chunks = [json.loads(e["chunk"]["bytes"]) for e in runtime.invoke_model_with_response_stream(modelId=haiku, body=body)["body"]]
assert chunks[-1]["type"] == "message_stop", chunks
vector = json.loads(runtime.invoke_model(modelId="amazon.titan-embed-text-v2:0", body=json.dumps({"inputText": "a"}))["body"].read())
assert len(vector["embedding"]) == 1024
assert runtime.count_tokens(modelId="anthropic.claude-3-5-sonnet-20240620-v1:0", input={"converse": {"messages": asked["messages"]}})["inputTokens"] > 20
os.environ["AWS_BEARER_TOKEN_BEDROCK"] = "bedrock-api-key-YmVkcm9jaw=="
try:
    boto3.client("bedrock-runtime").converse(**asked)
    raise AssertionError("nobody issued the key")
except ClientError as error:
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 403, error
    told = error.response["Error"]
    assert (told["Code"], told["Message"]) == ("AccessDeniedException", "Authentication failed: Please make sure your API Key is valid."), told
print("used")
"#;
    assert_eq!(runs(used), "used");
    let event = daemon.events().into_iter().rev().find(|event| event["operation"] == "ConverseStream").unwrap();
    assert!(event.to_string().contains(&endpoint) && event["status"] == 200, "{event}");
    // One model may be asked, whole answers alone.
    let policy = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
        "Action": "bedrock:InvokeModel", "Resource": "arn:aws:bedrock:*::foundation-model/anthropic.*"}]}"#;
    daemon.ec2("ModifyVpcEndpoint", &[("VpcEndpointId", &endpoint), ("PolicyDocument", policy)]).unwrap();
    let denied = r#"
runtime = boto3.client("bedrock-runtime", config=Config(retries={"max_attempts": 1}))
runtime.converse(**asked)
body = json.dumps({"inputText": "a"})
for call in [lambda: runtime.converse_stream(**asked), lambda: runtime.converse(**{**asked, "modelId": "amazon.nova-lite-v1:0"}),
             lambda: runtime.invoke_model(modelId="amazon.titan-embed-text-v2:0", body=body),
             lambda: runtime.count_tokens(modelId="anthropic.claude-3-5-sonnet-20240620-v1:0", input={"converse": {"messages": asked["messages"]}})]:
    try:
        call()
    except ClientError as error:
        assert error.response["Error"]["Code"] == "AccessDeniedException", error
        assert "because no VPC endpoint policy allows" in str(error), error
        continue
    raise AssertionError("it was done")
print("denied")
"#;
    assert_eq!(runs(denied), "denied");
}

// enforces: bedrock:ListFoundationModels (positive)
// enforces: bedrock:ListFoundationModels (negative)
// enforces: bedrock:GetFoundationModel (positive)
// enforces: bedrock:ListInferenceProfiles (positive)
// enforces: bedrock:GetInferenceProfile (positive)
#[test]
fn a_program_lists_models_through_the_endpoint_of_bedrock_itself() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.open(&daemon);
    let admin = (ACCESS_KEY, SECRET_KEY);
    let runs = |script: &str| succeeds(&daemon, &inside(&daemon, &network, admin, script));
    // The endpoint of the runtime does not lead to it.
    interface_endpoint(&daemon, &network, "bedrock-runtime", &[]);
    let unreached = r#"
bedrock = boto3.client("bedrock", config=Config(connect_timeout=2, retries={"max_attempts": 0}))
try:
    bedrock.list_foundation_models()
except (EndpointConnectionError, ConnectTimeoutError):
    print("unreached")
"#;
    assert_eq!(runs(unreached), "unreached");
    interface_endpoint(&daemon, &network, "bedrock", &[]);
    let used = r#"
bedrock = boto3.client("bedrock")
models = bedrock.list_foundation_models(byProvider="Sidegate")["modelSummaries"]
details = bedrock.get_foundation_model(modelIdentifier=models[0]["modelId"])["modelDetails"]
profile = bedrock.list_inference_profiles(maxResults=1)["inferenceProfileSummaries"][0]
same = bedrock.get_inference_profile(inferenceProfileIdentifier=profile["inferenceProfileId"])
assert same["inferenceProfileArn"] == profile["inferenceProfileArn"]
print(details["modelId"])
"#;
    assert_eq!(runs(used), "sidegate.extractive-reader-v1:0");
}

#[test]
fn the_aws_cli_converses_unmodified_inside_and_on_the_host() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.open(&daemon);
    interface_endpoint(&daemon, &network, "bedrock-runtime", &[]);
    let aws = tool("aws");
    let messages =
        r#"[{"role": "user", "content": [{"text": "<context>Keys rotate yearly.</context> When do keys rotate?"}]}]"#;
    let script = format!(
        "export AWS_ACCESS_KEY_ID={ACCESS_KEY} AWS_SECRET_ACCESS_KEY={SECRET_KEY} AWS_DEFAULT_REGION=us-east-1\n\
         exec \"{}\" bedrock-runtime converse --model-id amazon.nova-lite-v1:0 --messages '{messages}' \
         --query output.message.content[0].text --output text",
        aws.display()
    );
    let mut command = daemon.exec(&network.subnets[0], &[&network.group], &["sh", "-c", &script]);
    clean(&mut command);
    let told = succeeds(&daemon, &command.output().unwrap());
    assert!(told.starts_with("\"Keys rotate yearly.\" [1]"), "{told}");
    let command = ["bedrock-runtime", "converse", "--model-id", "amazon.nova-lite-v1:0", "--messages", messages];
    let on_the_host = daemon.aws_ok(&command);
    assert_eq!(on_the_host["stopReason"], "end_turn", "{on_the_host}");
}

/// A server that speaks OpenAI's protocol, and keeps what it is asked. Its answers come in two pieces, the second after a
/// while.
pub(crate) struct ChatServer {
    pub(crate) port: u16,
    pub(crate) got: Arc<Mutex<Vec<(String, Value)>>>,
}

impl ChatServer {
    pub(crate) fn start() -> Self {
        Self::refusing(0)
    }

    /// One that has no time for the first so many requests.
    pub(crate) fn refusing(requests: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (port, got) = (listener.local_addr().unwrap().port(), Arc::<Mutex<Vec<(String, Value)>>>::default());
        let kept = Arc::clone(&got);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || Self::serve(stream.unwrap(), &kept, requests));
            }
        });
        Self { port, got }
    }

    fn serve(mut stream: TcpStream, got: &Mutex<Vec<(String, Value)>>, refused: usize) -> Option<()> {
        let mut reader = BufReader::new(stream.try_clone().ok()?);
        let (mut length, mut key) = (0, String::new());
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let line = line.trim();
            if line.is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':') {
                match name.to_ascii_lowercase().as_str() {
                    "content-length" => length = value.trim().parse().ok()?,
                    "authorization" => key = value.trim().to_owned(),
                    _ => {}
                }
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        let asked: Value = serde_json::from_slice(&body).ok()?;
        let number = {
            let mut got = got.lock().unwrap();
            got.push((key, asked.clone()));
            got.len()
        };
        if number <= refused {
            let answer = r#"{"error": {"message": "slow down"}}"#;
            write!(stream, "HTTP/1.1 429 Too Many Requests\r\ncontent-type: application/json\r\nconnection: close\r\n")
                .ok()?;
            return write!(stream, "content-length: {}\r\n\r\n{answer}", answer.len()).ok();
        }
        if asked["stream"] == true {
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n")
                .ok()?;
            let piece = |text: &str| json!({"choices": [{"delta": {"content": text}, "finish_reason": null}]});
            write!(stream, "data: {}\n\n", piece("first ")).ok()?;
            std::thread::sleep(Duration::from_millis(1500));
            let end = json!({"choices": [{"delta": {}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 7, "completion_tokens": 2}});
            write!(stream, "data: {}\n\ndata: {end}\n\ndata: [DONE]\n\n", piece("second")).ok()?;
            return Some(());
        }
        let answer = json!({"choices": [{"message": {"content": "from the server"}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 7, "completion_tokens": 3}})
        .to_string();
        write!(stream, "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n").ok()?;
        write!(stream, "content-length: {}\r\n\r\n{answer}", answer.len()).ok()
    }
}

#[test]
fn a_server_answers_for_models_behind_the_endpoint_and_its_stream_is_not_held_back() {
    need_root!();
    let server = ChatServer::start();
    let config = format!(
        "[service.bedrock-runtime]\nupstream = \"http://127.0.0.1:{}/v1\"\napi_key = \"sk-hidden\"\ntimeout_seconds = 20\n\
         [service.bedrock-runtime.models]\n\"anthropic.claude-3-haiku-20240307-v1:0\" = \"llama3.2\"\n\
         \"amazon.nova-pro-v1:0\" = \"none\"\n",
        server.port
    );
    let daemon = Daemon::configured(&config);
    let network = Network::build(&daemon);
    network.open(&daemon);
    interface_endpoint(&daemon, &network, "bedrock-runtime", &[]);
    let used = r#"
import time
runtime = boto3.client("bedrock-runtime", config=Config(retries={"max_attempts": 0}))
told = runtime.converse(**asked)
assert told["output"]["message"]["content"] == [{"text": "from the server"}], told
assert told["usage"] == {"inputTokens": 7, "outputTokens": 3, "totalTokens": 10}, told
times = []
for event in runtime.converse_stream(**asked)["stream"]:
    if "contentBlockDelta" in event:
        times.append((event["contentBlockDelta"]["delta"]["text"], time.monotonic()))
assert [text for text, _ in times] == ["first ", "second"], times
assert times[1][1] - times[0][1] > 1.0, "the first piece does not wait for the second"
try:
    runtime.converse(**{**asked, "modelId": "amazon.nova-lite-v1:0"})
    raise AssertionError("nobody answers for it")
except runtime.exceptions.AccessDeniedException as error:
    assert "You don't have access to the model" in str(error), error
print("used")
"#;
    let told = succeeds(&daemon, &inside(&daemon, &network, (ACCESS_KEY, SECRET_KEY), &format!("{ASKED}{used}")));
    assert_eq!(told, "used");
    let got = server.got.lock().unwrap();
    assert_eq!((got.len(), got[0].0.as_str(), &got[0].1["model"]), (2, "Bearer sk-hidden", &json!("llama3.2")));
    assert!(!daemon.log().contains("sk-hidden"), "no key is in the log");
}
