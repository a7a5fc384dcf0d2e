//! A real client, and what it makes of answers, streams and errors.

use super::*;
use crate::client::{boto3, serve_to_user};

const SCRIPT: &str = r##"
import json, os
import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

where = dict(endpoint_url=os.environ["SIDEGATE_ENDPOINT"], region_name="us-east-1", aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
             aws_secret_access_key="x", config=Config(retries={"max_attempts": 0}))
runtime = boto3.client("bedrock-runtime", **where)
haiku = "anthropic.claude-3-haiku-20240307-v1:0"
text = b"# Endpoints\n\nA gateway endpoint is free of charge. An interface endpoint costs money for every hour."
content = [{"document": {"format": "md", "name": "prices", "source": {"bytes": text}}},
           {"text": "What does an interface endpoint cost?"}]
asked = dict(modelId="us." + haiku, messages=[{"role": "user", "content": content}], system=[{"text": "Answer briefly."}],
             inferenceConfig={"maxTokens": 200, "temperature": 0.2})
told = runtime.converse(**asked)
answer = told["output"]["message"]["content"][0]["text"]
assert '"An interface endpoint costs money for every hour." [prices]' in answer, answer
assert told["stopReason"] == "end_turn" and told["usage"]["totalTokens"] > 10 and told["metrics"]["latencyMs"] >= 0

events = list(runtime.converse_stream(**asked)["stream"])
assert "".join(e["contentBlockDelta"]["delta"]["text"] for e in events if "contentBlockDelta" in e) == answer
assert events[0]["messageStart"]["role"] == "assistant" and events[-1]["metadata"]["usage"] == told["usage"]

body = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 100,
        "messages": [{"role": "user", "content": "<context>Keys rotate yearly.</context> When do keys rotate?"}]}
invoked = runtime.invoke_model(modelId=haiku, body=json.dumps(body))
assert invoked["contentType"] == "application/json"
assert json.loads(invoked["body"].read())["content"][0]["text"].startswith('"Keys rotate yearly."')
chunks = [json.loads(e["chunk"]["bytes"]) for e in runtime.invoke_model_with_response_stream(modelId=haiku, body=json.dumps(body))["body"]]
assert chunks[0]["type"] == "message_start" and chunks[-1]["type"] == "message_stop", chunks
embedded = runtime.invoke_model(modelId="amazon.titan-embed-text-v2:0", body=json.dumps({"inputText": "a word", "dimensions": 512}))
assert len(json.loads(embedded["body"].read())["embedding"]) == 512
assert runtime.count_tokens(modelId="anthropic.claude-3-5-sonnet-20240620-v1:0", input={"converse": {"messages": asked["messages"]}})["inputTokens"] > 10

def error(call, **parameters):
    try:
        call(**parameters)
    except ClientError as e:
        return e
    raise AssertionError("it succeeded")

assert isinstance(error(runtime.converse, modelId="none.none", messages=asked["messages"]), runtime.exceptions.ValidationException)
assert "tool use" in str(error(runtime.converse, toolConfig={"tools": [{"toolSpec": {"name": "t", "inputSchema": {"json": {}}}}]}, **asked))
arn = "arn:aws:bedrock:us-east-1:111122223333:provisioned-model/abcdefghijkl"
assert isinstance(error(runtime.invoke_model, modelId=arn, body="{}"), runtime.exceptions.ResourceNotFoundException)
"##;

const CONTROL: &str = r#"
import os
import boto3
bedrock = boto3.client("bedrock", endpoint_url=os.environ["SIDEGATE_ENDPOINT"], region_name="us-east-1",
                       aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="x")
models = bedrock.list_foundation_models(byOutputModality="TEXT")["modelSummaries"]
assert any(model["modelId"] == "sidegate.extractive-reader-v1:0" for model in models), models
for model in models:
    assert bedrock.get_foundation_model(modelIdentifier=model["modelArn"])["modelDetails"]["modelName"] == model["modelName"]
pages = bedrock.get_paginator("list_inference_profiles").paginate(PaginationConfig={"PageSize": 5})
profiles = [profile for page in pages for profile in page["inferenceProfileSummaries"]]
assert len(profiles) > 10 and all(profile["models"] for profile in profiles)
arn = profiles[0]["inferenceProfileArn"]
profile = bedrock.get_inference_profile(inferenceProfileIdentifier=arn)
assert profile["inferenceProfileArn"] == arn and profile["createdAt"].year >= 2024, profile
"#;

#[tokio::test(flavor = "multi_thread")]
async fn boto3_converses_streams_embeds_and_lists() {
    let port = serve_to_user(BedrockRuntime::new(), ACCOUNT).await;
    boto3(SCRIPT, port, &[]).await;
    let port = serve_to_user(control(), ACCOUNT).await;
    boto3(CONTROL, port, &[]).await;
}
