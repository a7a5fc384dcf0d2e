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
            "This model doesn't support the video content block that you provided.",
        ),
        (json!({"messages": [{"role": "user"}]}), "Value null at 'messages.1.member.content' failed to satisfy"),
        (json!({"messages": [{"content": text.clone()}]}), "Value null at 'messages.1.member.role' failed to satisfy"),
        (
            json!({"messages": [user(json!([{"toolResult": {"toolUseId": "t", "content": []}}]))]}),
            "The toolConfig field must be defined when using toolUse and toolResult content blocks.",
        ),
        (
            json!({"messages": [user(json!([{"searchResult": {"title": "t", "content": []}}]))]}),
            "Value null at 'searchResult.source' failed to satisfy",
        ),
        (
            json!({"messages": [user(json!([{"guardContent": {"text": {}}}]))]}),
            "Value null at 'guardContent.text.text' failed to satisfy",
        ),
        (
            json!({"messages": [user(json!([{"guardContent": {"text": {"text": "a", "qualifiers": ["other"]}}}]))]}),
            "enum value set: [grounding_source, query, guard_content]",
        ),
        (
            json!({"messages": [user(json!([{"searchResult": {"source": "s", "title": "t", "content": [], "citations": {}}}]))]}),
            "Value null at 'messages.0.content.0.searchResult.citations.enabled' failed to satisfy",
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
        (with("requestMetadata", json!({"a*b": "c"})), "Value 'a*b' at 'requestMetadata' failed to satisfy constraint"),
        (with("requestMetadata", json!({"a": "b*"})), r"regular expression pattern: [a-zA-Z0-9\s:_@$#=/+,-.]{0,256}"),
        (with("serviceTier", json!({})), "Value null at 'serviceTier.type' failed to satisfy constraint"),
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
    let other = json!({"document": {"name": "a", "format": "exe", "source": {"text": "a"}}});
    assert!(refused(json!([other, text])).await.contains("Value 'exe' at 'format' failed to satisfy constraint"));
    let alone = refused(json!([document("a", "txt")])).await;
    assert_eq!(alone, "A text block must be included when using documents. Add a text block and retry your request.");
    let search = json!({"searchResult": {"source": "s", "title": "t", "content": [{"text": "a"}]}});
    assert!(refused(json!([search, text])).await.contains("the searchResult content block that you provided"));
    assert!(refused(json!([document("a", "txt"), document("a", "md"), text])).await.contains("more than once"));
    let many: Vec<Value> = (0..6).map(|n| document(&format!("d{n}"), "txt")).chain([text.clone()]).collect();
    assert!(refused(json!(many)).await.contains("too many documents: 6 > 5"));
    let s3 = json!({"document": {"name": "a", "format": "txt", "source": {"s3Location": {"uri": "s3://b/k"}}}});
    assert!(refused(json!([s3, text])).await.contains("s3Location"));
}

#[tokio::test]
async fn what_is_too_long_is_refused_and_what_is_no_json_too() {
    let long = json!({"messages": [{"role": "user", "content": [{"text": "word ".repeat(200_001)}]}]});
    let told = validation(&ask(HAIKU, "converse", &long).await);
    assert_eq!(told, "The model returned the following errors: Input is too long for requested model.");
    let runtime = BedrockRuntime::new();
    let path = format!("/model/{HAIKU}/converse");
    let all = Engine::all();
    let larger = send(&runtime, &all, post(&path, vec![b' '; 25_000_001])).await;
    assert!(validation(&larger).contains("Member must have length less than or equal to 25000000"));
    for document in ["{", "[]", "1", r#"{"messages": [["user", [{"text": "a"}]]]}"#, r#"{"inferenceConfig": [9]}"#] {
        let (status, code, _) = send(&runtime, &all, post(&path, document)).await.error();
        assert_eq!((status, code.as_str()), (400, "SerializationException"), "{document}");
    }
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
    assert!(
        refused("a%20b", "converse", conversation()).await.contains("'a b' at 'modelId' failed to satisfy constraint")
    );
    let begun = json!({"role": "assistant", "content": [{"text": "So"}]});
    let mut document = conversation();
    document["messages"].as_array_mut().unwrap().push(begun);
    for model in [TITAN, LLAMA] {
        assert!(refused(model, "converse", document.clone()).await.contains("requires the last turn"), "{model}");
    }
    assert_eq!(
        ask(&format!("us.{HAIKU}"), "count-tokens", &json!({"input": {"converse": conversation()}})).await.error().0,
        400
    );
}

#[tokio::test]
async fn documents_are_for_the_models_and_the_operations_that_take_them() {
    for model in ["amazon.nova-micro-v1:0", "amazon.titan-text-premier-v1:0"] {
        let told = validation(&ask(model, "converse", &conversation()).await);
        let expected = "This model doesn't support the document content block that you provided. Update the content block and \
                        try again.";
        assert_eq!(told, expected, "{model}");
    }
    for model in [NOVA, TITAN, LLAMA, HAIKU, READER] {
        ask(model, "converse", &conversation()).await.ok();
    }
    let expected = "Malformed input request: #/messages/0/content/0: extraneous key [document] is not permitted, please \
                    reformat your input and try again.";
    assert_eq!(validation(&ask(NOVA, "invoke", &conversation()).await), expected);
    ask(READER, "invoke", &conversation()).await.ok();
}

#[tokio::test]
async fn what_claude_itself_refuses_is_told_in_its_own_words() {
    let by_converse = "The model returned the following errors: ";
    let claude = |more: Value| {
        let mut body = json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9, "messages": [{"role": "user", "content": "a"}]});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let both = "`temperature` and `top_p` cannot both be specified for this model. Please use only one.";
    let mut document = conversation();
    document["inferenceConfig"] = json!({"temperature": 0.5, "topP": 0.5});
    for id in [
        "anthropic.claude-opus-4-1-20250805-v1:0",
        "anthropic.claude-sonnet-4-5-20250929-v1:0",
        "anthropic.claude-haiku-4-5-20251001-v1:0",
    ] {
        let model = format!("us.{id}");
        let told = validation(&ask(&model, "converse", &document).await);
        assert_eq!(told, format!("{by_converse}{both}"), "{model}");
        let body = claude(json!({"temperature": 0.5, "top_p": 0.5}));
        assert_eq!(validation(&ask(&model, "invoke", &body).await), both);
        ask(&model, "invoke", &claude(json!({"temperature": 0.5}))).await.ok();
    }
    ask(HAIKU, "converse", &document).await.ok();

    let whitespace = "messages: final assistant content cannot end with trailing whitespace";
    let mut document = conversation();
    document["messages"].as_array_mut().unwrap().push(json!({"role": "assistant", "content": [{"text": "Because "}]}));
    assert_eq!(validation(&ask(HAIKU, "converse", &document).await), format!("{by_converse}{whitespace}"));
    let begun = |text: &str| {
        claude(json!({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": text}]}))
    };
    assert_eq!(validation(&ask(HAIKU, "invoke", &begun("b\n")).await), whitespace);
    for text in ["b", ""] {
        ask(HAIKU, "invoke", &begun(text)).await.ok();
    }
    let blank = claude(json!({"messages": [{"role": "user", "content": " "}]}));
    let told = validation(&ask(HAIKU, "invoke", &blank).await);
    assert_eq!(told, "messages: text content blocks must contain non-whitespace text");
}

#[tokio::test]
async fn headers_and_inputs_outside_of_the_api_model_are_refused() {
    let mut request = post(&format!("/model/{HAIKU}/invoke"), "{}");
    request.headers_mut().insert("x-amzn-bedrock-trace", "LOUD".parse().unwrap());
    let told = validation(&send(&BedrockRuntime::new(), &Engine::all(), request).await);
    assert!(told.ends_with("Member must satisfy enum value set: [ENABLED, DISABLED, ENABLED_FULL]"), "{told}");
    let count = async |document: Value| ask(SONNET, "count-tokens", &document).await.error();
    assert!(count(json!({"input": {"invokeModel": {}}})).await.2.contains("null at 'input.invokeModel.body'"));
    for document in [json!([]), json!({"input": []}), json!({"input": {"invokeModel": []}})] {
        assert_eq!(count(document).await.1, "SerializationException");
    }
    let (_, code, message) = ask("a*b", "count-tokens", &json!({})).await.error();
    assert_eq!(code, "ValidationException");
    assert!(message.contains("'a*b' at 'modelId' failed to satisfy"), "{message}");
}
