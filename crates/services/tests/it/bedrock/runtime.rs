//! What is asked and what is answered, in every form.

use super::*;

#[tokio::test]
async fn converse_answers_from_the_document_and_says_where_it_stands() {
    let answer = ask(HAIKU, "converse", &conversation()).await;
    let told = answer.ok();
    let text = told["output"]["message"]["content"][0]["text"].as_str().unwrap();
    assert_eq!(text, format!("{QUOTED} [guide]\n\nSource: [guide]"));
    assert_eq!((&told["stopReason"], &told["output"]["message"]["role"]), (&json!("end_turn"), &json!("assistant")));
    let usage = |key: &str| told["usage"][key].as_u64().unwrap();
    assert_eq!(usage("inputTokens") + usage("outputTokens"), usage("totalTokens"));
    assert!(usage("inputTokens") > 20 && told["metrics"]["latencyMs"].is_u64(), "{told}");
    assert_eq!(answer.headers["x-sidegate-model"], READER, "it does not pass for another model");
}

#[tokio::test]
async fn the_stream_of_converse_gives_the_same_answer_piece_by_piece() {
    let whole = ask(HAIKU, "converse", &conversation()).await.ok();
    let events = ask(HAIKU, "converse-stream", &conversation()).await.events();
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names[0], "messageStart");
    assert_eq!(names[names.len() - 3..], ["contentBlockStop", "messageStop", "metadata"]);
    let pieces: Vec<&str> = events.iter().filter_map(|(_, event)| event["delta"]["text"].as_str()).collect();
    assert!(pieces.len() > 10, "{pieces:?}");
    assert_eq!(pieces.concat(), whole["output"]["message"]["content"][0]["text"].as_str().unwrap());
    assert_eq!(events.last().unwrap().1["usage"], whole["usage"]);
}

#[tokio::test]
async fn what_no_document_says_is_not_answered() {
    let mut document = conversation();
    document["messages"][0]["content"][1]["text"] = json!("Who invented the telephone?");
    let told = ask(NOVA, "converse", &document).await.ok();
    let text = told["output"]["message"]["content"][0]["text"].as_str().unwrap();
    assert!(text.starts_with("The given text does not answer this question."), "{text}");
}

#[tokio::test]
async fn an_answer_ends_where_the_request_says() {
    let mut document = conversation();
    document["inferenceConfig"] = json!({"maxTokens": 3, "temperature": 0, "topP": 1});
    let told = ask(HAIKU, "converse", &document).await.ok();
    assert_eq!((&told["stopReason"], &told["usage"]["outputTokens"]), (&json!("max_tokens"), &json!(3)));
    document["inferenceConfig"] = json!({"stopSequences": [" reached"]});
    document["additionalModelResponseFieldPaths"] = json!(["/stop_sequence"]);
    let told = ask(HAIKU, "converse", &document).await.ok();
    assert_eq!(told["output"]["message"]["content"][0]["text"], "\"Bedrock is");
    assert_eq!(
        (&told["stopReason"], &told["additionalModelResponseFields"]),
        (&json!("stop_sequence"), &json!({"stop_sequence": " reached"}))
    );
}

#[tokio::test]
async fn each_family_is_asked_and_answers_in_its_own_form() {
    let prompt = format!("<document title=\"guide\">{TEXT}</document>\n\n{QUESTION}");
    let bodies = [
        (
            HAIKU,
            json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 200, "messages": [{"role": "user", "content": prompt}]}),
            "/content/0/text",
        ),
        (
            NOVA,
            json!({"messages": [{"role": "user", "content": [{"text": prompt}]}]}),
            "/output/message/content/0/text",
        ),
        (
            READER,
            json!({"messages": [{"role": "user", "content": [{"text": prompt}]}]}),
            "/output/message/content/0/text",
        ),
        (TITAN, json!({"inputText": prompt}), "/results/0/outputText"),
        (LLAMA, json!({"prompt": prompt}), "/generation"),
    ];
    for (model, body, at) in bodies {
        let answer = ask(model, "invoke", &body).await;
        let text = answer.ok().pointer(at).unwrap().as_str().unwrap().to_owned();
        assert_eq!(text, format!("{QUOTED} [guide]\n\nSource: [guide]"), "{model}");
        assert!(answer.headers.contains_key("x-amzn-bedrock-input-token-count"), "{model}");
        let streamed = ask(model, "invoke-with-response-stream", &body).await;
        assert_eq!(streamed.headers["x-amzn-bedrock-content-type"], "application/json");
        let chunks = streamed.chunks();
        let piece = |chunk: &Value| {
            let places = ["/delta/text", "/contentBlockDelta/delta/text", "/outputText", "/generation"];
            places.iter().find_map(|place| Some(chunk.pointer(place)?.as_str()?.to_owned()))
        };
        assert_eq!(chunks.iter().filter_map(piece).collect::<String>(), text, "{model}");
        let metrics = &chunks.last().unwrap()["amazon-bedrock-invocationMetrics"];
        assert!(metrics["outputTokenCount"].as_u64().unwrap() > 5, "{model}: {metrics}");
    }
}

#[tokio::test]
async fn events_of_claude_come_in_the_order_of_its_api() {
    let body = json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 200, "messages": [{"role": "user", "content": QUESTION}]});
    let chunks = ask(HAIKU, "invoke-with-response-stream", &body).await.chunks();
    let mut kinds: Vec<&str> = chunks.iter().map(|chunk| chunk["type"].as_str().unwrap()).collect();
    kinds.dedup();
    let expected = [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ];
    assert_eq!(kinds, expected);
    assert_eq!(chunks[0]["message"]["model"], READER);
}

#[tokio::test]
async fn embeddings_are_vectors_of_the_wanted_size() {
    let embed = async |text: &str| {
        let body =
            json!({"inputText": text, "dimensions": 256, "normalize": true, "embeddingTypes": ["float", "binary"]});
        let answer = ask(EMBEDDING, "invoke", &body).await;
        assert_eq!(answer.headers["x-sidegate-model"], "sidegate.hash-embedding-v1:0");
        let told = answer.ok();
        assert_eq!(told["embeddingsByType"]["binary"].as_array().unwrap().len(), 256);
        told["embedding"].as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect::<Vec<f64>>()
    };
    let (question, text, other) = (embed(QUESTION).await, embed(TEXT).await, embed("The cat sleeps.").await);
    let near = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    assert!(
        near(&question, &text) > 2.0 * near(&question, &other).abs(),
        "{} {}",
        near(&question, &text),
        near(&question, &other)
    );
}

#[tokio::test]
async fn tokens_are_counted_without_an_answer() {
    let count = async |input: Value| ask(SONNET, "count-tokens", &json!({"input": input})).await;
    let told = count(json!({"converse": conversation()})).await.ok();
    assert_eq!(told["inputTokens"], ask(HAIKU, "converse", &conversation()).await.ok()["usage"]["inputTokens"]);
    let body = json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9, "messages": [{"role": "user", "content": "one two three"}]});
    let told = count(json!({"invokeModel": {"body": STANDARD.encode(body.to_string())}})).await.ok();
    assert_eq!(told, json!({"inputTokens": 3}));
    assert_eq!(count(json!({})).await.error().1, "ValidationException");
    for model in [HAIKU, TITAN] {
        let (_, _, message) = ask(model, "count-tokens", &json!({"input": {"converse": conversation()}})).await.error();
        assert_eq!(message, "The provided model doesn't support counting tokens.", "{model}");
    }
}

#[tokio::test]
async fn fields_of_the_model_s_own_answer_are_given_where_they_are_wanted() {
    let mut wanted = conversation();
    wanted["additionalModelResponseFieldPaths"] =
        json!(["/usage/output_tokens", "/model", "/id", "/none", "/stop_sequence"]);
    let told = ask(HAIKU, "converse", &wanted).await.ok();
    let more = &told["additionalModelResponseFields"];
    assert_eq!(more["usage"], json!({"output_tokens": told["usage"]["outputTokens"]}));
    assert_eq!((&more["model"], more.get("none")), (&json!(READER), None));
    assert!(more["id"].as_str().unwrap().starts_with("msg_bdrk_") && more["stop_sequence"].is_null());
}

#[tokio::test]
async fn an_answer_that_was_begun_is_not_gone_on_with_where_the_model_could() {
    let mut begun = conversation();
    let said = json!({"role": "assistant", "content": [{"text": "Because"}]});
    begun["messages"].as_array_mut().unwrap().push(said);
    let told = ask(HAIKU, "converse", &begun).await.ok();
    assert!(told["output"]["message"]["content"][0]["text"].as_str().unwrap().contains(QUOTED), "{told}");
    let told = ask(NOVA, "converse", &begun).await.ok();
    assert!(told["output"]["message"]["content"][0]["text"].as_str().unwrap().contains(QUOTED), "{told}");
}

#[tokio::test]
async fn marks_of_a_cache_are_taken_where_the_model_has_one_and_nothing_is_kept() {
    let point = json!({"cachePoint": {"type": "default"}});
    let mut document = conversation();
    document["messages"][0]["content"].as_array_mut().unwrap().insert(1, point.clone());
    let plain = ask(NOVA, "converse", &conversation()).await.ok();
    let told = ask(NOVA, "converse", &document).await.ok();
    assert_eq!(told["output"], plain["output"]);
    assert_eq!(
        (&told["usage"]["cacheReadInputTokens"], &told["usage"]["cacheWriteInputTokens"]),
        (&json!(0), &json!(0))
    );
    document["system"] = json!([{"text": "Be brief."}, point]);
    ask("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "converse", &document).await.ok();
    let refused = async |model: &str, document: &Value| ask(model, "converse", document).await.error().2;
    assert!(refused(HAIKU, &document).await.contains("did not allow prompt caching"));
    document["system"] = json!([{"text": "Be brief."}, point, point, point, point]);
    let told = refused(NOVA, &document).await;
    assert!(told.ends_with("A maximum of 4 blocks with cache_control may be provided. Found 5."), "{told}");
    for (member, words) in [
        (json!({}), "Value null at 'cachePoint.type'"),
        (json!({"type": "other"}), "'other' at 'cachePoint.type' failed to satisfy constraint"),
        (json!({"type": "default", "ttl": "2h"}), "enum value set: [5m, 1h]"),
    ] {
        let mut document = conversation();
        document["messages"][0]["content"].as_array_mut().unwrap().push(json!({"cachePoint": member}));
        assert!(refused(NOVA, &document).await.contains(words), "{words}");
    }
    let alone = json!({"messages": [{"role": "user", "content": [point]}]});
    assert!(refused(NOVA, &alone).await.contains("messages.0 is empty"));
    let block = json!({"text": QUESTION, "cachePoint": {"type": "default"}});
    ask(NOVA, "invoke", &json!({"messages": [{"role": "user", "content": [block]}]})).await.ok();
}

#[tokio::test]
async fn the_answer_repeats_the_latency_and_the_tier_that_were_asked_for_and_policies_see_the_tier() {
    let mut document = conversation();
    document["performanceConfig"] = json!({"latency": "standard"});
    document["serviceTier"] = json!({"type": "default"});
    let repeated = |told: &Value| (told["performanceConfig"].clone(), told["serviceTier"].clone());
    let expected = (json!({"latency": "standard"}), json!({"type": "default"}));
    assert_eq!(repeated(&ask(NOVA, "converse", &document).await.ok()), expected);
    let events = ask(NOVA, "converse-stream", &document).await.events();
    assert_eq!(repeated(&events.last().unwrap().1), expected);
    assert_eq!(repeated(&ask(NOVA, "converse", &conversation()).await.ok()), (Value::Null, Value::Null));
    let denied = Engine::of(&json!([{"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"bedrock:ServiceTier": "default"}}}]));
    let runtime = BedrockRuntime::new();
    let path = format!("/model/{NOVA}/converse");
    assert_eq!(send(&runtime, &denied, post(&path, document.to_string())).await.error().0, 403);
    send(&runtime, &denied, post(&path, conversation().to_string())).await.ok();

    let body = json!({"messages": [{"role": "user", "content": [{"text": QUESTION}]}]}).to_string();
    for operation in ["invoke", "invoke-with-response-stream"] {
        let request = || {
            let mut request = post(&format!("/model/{NOVA}/{operation}"), body.clone());
            request.headers_mut().insert("x-amzn-bedrock-service-tier", "default".parse().unwrap());
            request
        };
        assert_eq!(send(&runtime, &denied, request()).await.error().0, 403);
        let answer = send(&runtime, &Engine::all(), request()).await;
        assert_eq!((answer.status, &answer.headers["x-amzn-bedrock-service-tier"]), (200, &"default".parse().unwrap()));
    }
}

#[tokio::test]
async fn blank_texts_have_no_embedding_and_thinking_is_refused_in_one_way() {
    for text in [" ", "\n\t"] {
        assert_eq!(ask(EMBEDDING, "invoke", &json!({"inputText": text})).await.error().1, "ValidationException");
    }
    let signs = ask(EMBEDDING, "invoke", &json!({"inputText": "!!!"})).await.ok();
    assert!(signs["embedding"].as_array().unwrap().iter().any(|number| number.as_f64() != Some(0.0)));
    let thinking = json!({"type": "enabled", "budget_tokens": 1024});
    let body = json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 2000, "thinking": thinking,
        "messages": [{"role": "user", "content": QUESTION}]});
    let mut document = conversation();
    document["additionalModelRequestFields"] = json!({"thinking": thinking});
    let told = ask(HAIKU, "invoke", &body).await.error();
    assert_eq!(told, ask(HAIKU, "converse", &document).await.error());
    assert!(told.2.contains("thinking"), "{}", told.2);
}
