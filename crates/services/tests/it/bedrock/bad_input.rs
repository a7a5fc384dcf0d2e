//! What is no request that a model can answer.

use super::*;

#[track_caller]
fn validation(answer: &Answer) -> String {
    let (status, code, message) = answer.error();
    assert_eq!((status, code.as_str()), (400, "ValidationException"), "{message}");
    message
}

#[tokio::test]
async fn conversations_that_are_none_are_refused_in_the_words_of_bedrock() {
    let refused = async |document: Value| validation(&ask(HAIKU, "converse", &document).await);
    let user = |content: Value| json!({"role": "user", "content": content});
    let text = json!([{"text": "a"}]);
    let assistant = json!({"role": "assistant", "content": [{"text": "b"}]});
    for (document, words) in [
        (json!({}), "A conversation must start with a user message."),
        (json!({"messages": [assistant]}), "A conversation must start with a user message."),
        (
            json!({"messages": [user(text.clone()), user(text.clone())]}),
            "A conversation must alternate between user and assistant roles.",
        ),
        (json!({"messages": [user(json!([]))]}), "The content field in the Message object at messages.0 is empty."),
        (
            json!({"messages": [user(json!([{"text": " "}]))]}),
            "The text field in the ContentBlock object at messages.0.content.0 is blank.",
        ),
        (json!({"messages": [user(json!([{"text": "a", "image": {}}]))]}), "must not set more than one member"),
        (
            json!({"messages": [user(json!([{"video": {}}]))]}),
            "This model doesn't support the messages.0.content.0.video field.",
        ),
        (
            json!({"messages": [{"role": "system", "content": text}]}),
            "Member must satisfy enum value set: [user, assistant]",
        ),
    ] {
        let message = refused(document.clone()).await;
        assert!(message.contains(words), "{document}: {message}");
    }
    let with = |key: &str, value: Value| {
        let mut document = conversation();
        document[key] = value;
        document
    };
    for (document, words) in [
        (with("toolConfig", json!({"tools": [{}]})), "This model doesn't support tool use."),
        (
            with("guardrailConfig", json!({"guardrailIdentifier": "a"})),
            "The guardrail identifier or version provided in the request does not exist.",
        ),
        (with("inferenceConfig", json!({"maxTokens": 5000})), "exceeds the model limit of 4096"),
        (with("inferenceConfig", json!({"maxTokens": 0})), "Member must have value greater than or equal to 1"),
        (
            with("inferenceConfig", json!({"temperature": 1.5})),
            "'1.5' at 'inferenceConfig.temperature' failed to satisfy constraint",
        ),
        (with("inferenceConfig", json!({"stopSequences": [""]})), "inferenceConfig.stopSequences"),
        (
            with("inferenceConfig", json!({"stopSequences": ["a", " \n"]})),
            "stop_sequences: each stop sequence must contain non-whitespace",
        ),
        (with("additionalModelRequestFields", json!({"thinks": {}})), "extraneous key [thinks] is not permitted"),
        (
            with("additionalModelRequestFields", json!({"thinking": {}})),
            "This model doesn't support the thinking field.",
        ),
        (with("additionalModelResponseFieldPaths", json!(["a"])), "is not a valid JSON pointer"),
        (
            with("performanceConfig", json!({"latency": "optimized"})),
            "Latency performance configuration is not supported",
        ),
        (with("system", json!([{"text": ""}])), "system.0 is blank"),
        (with("outputConfig", json!({})), "outputConfig"),
    ] {
        let message = refused(document.clone()).await;
        assert!(message.contains(words), "{document}: {message}");
    }
}

#[tokio::test]
async fn documents_that_cannot_be_taken_are_refused() {
    let refused = async |blocks: Value| {
        validation(&ask(NOVA, "converse", &json!({"messages": [{"role": "user", "content": blocks}]})).await)
    };
    let document = |name: &str, format: &str| json!({"document": {"name": name, "format": format, "source": {"bytes": STANDARD.encode("text")}}});
    let text = json!({"text": "Why?"});
    assert!(refused(json!([document("a.txt", "txt"), text])).await.contains("The document file name can only contain"));
    assert!(refused(json!([document("a", "pdf"), text])).await.contains("doesn't support documents of the format pdf"));
    assert!(refused(json!([document("a", "txt")])).await.contains("has a document and no text"));
    assert!(refused(json!([document("a", "txt"), document("a", "md"), text])).await.contains("more than once"));
    let many: Vec<Value> = (0..6).map(|n| document(&format!("d{n}"), "txt")).chain([text.clone()]).collect();
    assert!(refused(json!(many)).await.contains("too many documents: 6 > 5"));
    let s3 = json!({"document": {"name": "a", "format": "txt", "source": {"s3Location": {"uri": "s3://b/k"}}}});
    assert!(refused(json!([s3, text])).await.contains("s3Location"));
}

#[tokio::test]
async fn what_is_too_long_is_refused_and_what_is_no_json_too() {
    let long = json!({"messages": [{"role": "user", "content": [{"text": "word ".repeat(200_001)}]}]});
    assert_eq!(validation(&ask(HAIKU, "converse", &long).await), "Input is too long for requested model.");
    let runtime = BedrockRuntime::new();
    let path = format!("/model/{HAIKU}/converse");
    let all = Engine::all();
    let larger = send(&runtime, &all, post(&path, vec![b' '; 25_000_001])).await;
    assert!(validation(&larger).contains("Member must have length less than or equal to 25000000"));
    let (status, code, _) = send(&runtime, &all, post(&path, "{")).await.error();
    assert_eq!((status, code.as_str()), (400, "SerializationException"));
    let invoke = format!("/model/{HAIKU}/invoke");
    let none = send(&runtime, &all, post(&invoke, "no")).await;
    assert_eq!(validation(&none), "Malformed input request, please reformat your input and try again.");
    let mut request = post(&invoke, "{}");
    request.headers_mut().insert("content-type", "text/plain".parse().unwrap());
    assert!(validation(&send(&runtime, &all, request).await).contains("Content Type text/plain"));
    let deep = "[".repeat(100_000);
    assert_eq!(send(&runtime, &all, post(&invoke, deep)).await.error().0, 400);
    assert!(all.asked().is_empty(), "nobody was asked about what is no request");
}

#[tokio::test]
async fn models_that_cannot_be_asked_so_are_refused() {
    let refused = async |model: &str, operation: &str, body: Value| validation(&ask(model, operation, &body).await);
    assert_eq!(refused("nobody.none", "converse", conversation()).await, "The provided model identifier is invalid.");
    let on_demand = refused("anthropic.claude-3-7-sonnet-20250219-v1:0", "converse", conversation()).await;
    assert!(on_demand.contains("with on-demand throughput isn\u{2019}t supported"), "{on_demand}");
    assert!(
        refused(EMBEDDING, "converse", conversation()).await.contains("Try again with a supported text or chat model")
    );
    let embedding = json!({"inputText": "a"});
    assert!(refused(EMBEDDING, "invoke-with-response-stream", embedding).await.contains("unsupported for streaming"));
    let mut document = conversation();
    document["system"] = json!([{"text": "Be brief."}]);
    assert!(refused(TITAN, "converse", document).await.contains("This model doesn't support system messages."));
    let mut document = conversation();
    document["inferenceConfig"] = json!({"stopSequences": ["a"]});
    assert!(refused(LLAMA, "converse", document).await.contains("doesn't support the stopSequences field"));
    let arn = format!("arn:aws:bedrock:us-east-1:{ACCOUNT}:provisioned-model/abcdefghijkl");
    assert_eq!(ask(&arn, "converse", &conversation()).await.error().1, "ResourceNotFoundException");
    assert_eq!(
        ask(&format!("us.{HAIKU}"), "count-tokens", &json!({"input": {"converse": conversation()}})).await.error().0,
        400
    );
}
