//! Models that a server of OpenAI's protocol answers for: what it is asked, and what becomes of its answers.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use http::Response;
use http_body::Frame;
use http_body_util::StreamBody;
use sidegate_services::bedrock::ChatServer;
use sidegate_wire::sigv4::SecretKey;

use super::*;
use crate::client;

const KEY: &str = "sk-that-only-the-server-knows";

/// A request that reached the server: its path, its key and its document.
type Got = Arc<Mutex<Vec<(String, String, Value)>>>;

/// How the server is today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    Well,
    /// Does not stream, whatever it is asked.
    Whole,
    /// Refuses with this status.
    Refusing(u16),
    /// Says nothing.
    Silent,
    /// Answers what is no answer.
    Garbled,
    /// Breaks its stream off.
    Broken,
    /// Stops in the middle of its stream and stays silent.
    Stuck,
    /// Tells of an error in its stream.
    Failing,
    /// Goes on and on.
    Endless,
}

fn json_answer(status: u16, document: &Value) -> Response<Body> {
    let body = Full::new(Bytes::from(document.to_string())).map_err(|never| match never {}).boxed_unsync();
    Response::builder().status(status).header("content-type", "application/json").body(body).unwrap()
}

fn answer(mood: Mood, path: &str, asked: &Value) -> Response<Body> {
    match mood {
        Mood::Refusing(status) => return json_answer(status, &json!({"error": {"message": "not today"}})),
        Mood::Garbled => return json_answer(200, &json!({"hello": "world"})),
        _ => {}
    }
    if path == "/v1/embeddings" {
        let size = asked["dimensions"].as_u64().unwrap_or(3);
        let vector: Vec<f64> = (0..size).map(|n| if n == 0 { 3.0 } else { 4.0 }).collect();
        return json_answer(200, &json!({"data": [{"embedding": vector}], "usage": {"prompt_tokens": 5}}));
    }
    if asked["stream"] != json!(true) || mood == Mood::Whole {
        let choice = json!({"message": {"role": "assistant", "content": "Hello there."}, "finish_reason": "length"});
        return json_answer(200, &json!({"choices": [choice], "usage": {"prompt_tokens": 11, "completion_tokens": 3}}));
    }
    let delta = |delta: Value, end: Value| json!({"choices": [{"delta": delta, "finish_reason": end}]}).to_string();
    let mut events =
        vec![delta(json!({"role": "assistant"}), Value::Null), delta(json!({"content": "Hel"}), Value::Null)];
    if mood == Mood::Endless {
        events.truncate(1);
    }
    match mood {
        Mood::Endless => events.extend((0..1000).map(|n| delta(json!({"content": format!("more {n} ")}), Value::Null))),
        Mood::Failing => events.push(json!({"error": {"message": "out of memory"}}).to_string()),
        Mood::Well => events.extend([
            delta(json!({"content": "lo"}), Value::Null),
            delta(json!({}), json!("stop")),
            json!({"choices": [], "usage": {"prompt_tokens": 11, "completion_tokens": 2}}).to_string(),
            "[DONE]".to_owned(),
        ]),
        _ => {}
    }
    let frames = futures::stream::iter(events).then(|event| async move {
        tokio::time::sleep(Duration::from_millis(20)).await;
        Ok::<_, sidegate_services::BoxError>(Frame::data(Bytes::from(format!("data: {event}\n\n"))))
    });
    let body = match mood {
        Mood::Stuck => StreamBody::new(frames.chain(futures::stream::pending())).boxed_unsync(),
        _ => StreamBody::new(frames).boxed_unsync(),
    };
    Response::builder().header("content-type", "text/event-stream").body(body).unwrap()
}

/// A server, and the runtime in front of it.
async fn started(mood: Mood) -> (BedrockRuntime, Got) {
    let got = Got::default();
    let kept = Arc::clone(&got);
    let port = client::serve(move |request| {
        let kept = Arc::clone(&kept);
        async move {
            let (head, body) = request.into_parts();
            let asked: Value = serde_json::from_slice(&body.collect().await.unwrap().to_bytes()).unwrap();
            let key = head.headers.get("authorization").map_or("", |key| key.to_str().unwrap()).to_owned();
            kept.lock().unwrap().push((head.uri.path().to_owned(), key, asked.clone()));
            if mood == Mood::Silent {
                std::future::pending::<()>().await;
            }
            answer(mood, head.uri.path(), &asked)
        }
    })
    .await;
    (runtime(port), got)
}

fn runtime(port: u16) -> BedrockRuntime {
    let models = [(HAIKU, "llama3.2"), ("us.amazon.nova-pro-v1:0", "big"), (TITAN, "llama3.2"), (EMBEDDING, "nomic")];
    let models = models.map(|(id, name)| (id.to_owned(), name.to_owned())).into();
    let server = ChatServer::new(&format!("http://127.0.0.1:{port}"), Some(SecretKey::new(KEY)), None, models).unwrap();
    BedrockRuntime::answered_by(server.answering_within(Duration::from_millis(500)))
}

async fn ask_at(runtime: &BedrockRuntime, model: &str, operation: &str, document: &Value) -> Answer {
    let path = format!("/model/{}/{operation}", model.replace(':', "%3A"));
    send(runtime, &Engine::all(), post(&path, document.to_string())).await
}

#[tokio::test]
async fn a_server_answers_with_its_own_model() {
    let (runtime, got) = started(Mood::Well).await;
    let mut document = conversation();
    document["system"] = json!([{"text": "Be brief."}]);
    document["inferenceConfig"] = json!({"maxTokens": 100, "temperature": 0.5, "topP": 0.9, "stopSequences": ["x"]});
    document["additionalModelRequestFields"] = json!({"top_k": 7});
    let answer = ask_at(&runtime, HAIKU, "converse", &document).await;
    let told = answer.ok();
    assert_eq!(told["output"]["message"]["content"], json!([{"text": "Hello there."}]));
    assert_eq!(
        (&told["stopReason"], &told["usage"]),
        (&json!("max_tokens"), &json!({"inputTokens": 11, "outputTokens": 3, "totalTokens": 14}))
    );
    assert_eq!(answer.headers["x-sidegate-model"], "llama3.2");
    let (path, key, asked) = got.lock().unwrap().pop().unwrap();
    assert_eq!((path.as_str(), key), ("/v1/chat/completions", format!("Bearer {KEY}")));
    let content = format!("<document title=\"guide\">\n{TEXT}\n</document>\n\n{QUESTION}");
    let expected = json!({"model": "llama3.2", "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": content}],
        "stream": false, "max_tokens": 100, "temperature": 0.5, "top_p": 0.9, "top_k": 7, "stop": ["x"]});
    assert_eq!(asked, expected);
    ask_at(&runtime, "us.amazon.nova-pro-v1:0", "converse", &conversation()).await.ok();
    assert_eq!(got.lock().unwrap().pop().unwrap().2["model"], "big", "the profile has a model of its own");
}

#[tokio::test]
async fn its_stream_is_told_as_an_event_stream() {
    let (runtime, got) = started(Mood::Well).await;
    let events = ask_at(&runtime, HAIKU, "converse-stream", &conversation()).await.events();
    let text: String = events.iter().filter_map(|(_, event)| event["delta"]["text"].as_str()).collect();
    assert_eq!(text, "Hello");
    assert_eq!(events.last().unwrap().1["usage"], json!({"inputTokens": 11, "outputTokens": 2, "totalTokens": 13}));
    assert_eq!(got.lock().unwrap().pop().unwrap().2["stream_options"], json!({"include_usage": true}));
    let body = json!({"inputText": "User: hi\nBot:"});
    let chunks = ask_at(&runtime, TITAN, "invoke-with-response-stream", &body).await.chunks();
    assert_eq!(chunks.iter().filter_map(|chunk| chunk["outputText"].as_str()).collect::<String>(), "Hello");
    assert_eq!(chunks.last().unwrap()["completionReason"], "FINISH");
    assert_eq!(chunks[0]["inputTextTokenCount"], 1, "before the server counts, Sidegate does");
    assert_eq!(chunks.last().unwrap()["amazon-bedrock-invocationMetrics"]["inputTokenCount"], 11);
    assert_eq!(got.lock().unwrap().pop().unwrap().2["messages"], json!([{"role": "user", "content": "hi"}]));
    let body = json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9, "messages": [{"role": "user", "content": "a b"}]});
    let chunks = ask_at(&runtime, HAIKU, "invoke-with-response-stream", &body).await.chunks();
    assert_eq!(chunks[0]["message"]["usage"]["input_tokens"], 2);
    let (whole, _) = started(Mood::Whole).await;
    let events = ask_at(&whole, HAIKU, "converse-stream", &conversation()).await.events();
    assert!(events.iter().any(|(_, event)| event["delta"]["text"] == "Hello there."), "{events:?}");
}

#[tokio::test]
async fn its_embeddings_have_its_own_size_unless_it_can_do_another() {
    let (runtime, _) = started(Mood::Well).await;
    let told = ask_at(&runtime, EMBEDDING, "invoke", &json!({"inputText": "a"})).await.ok();
    assert_eq!((told["embedding"].as_array().unwrap().len(), &told["inputTextTokenCount"]), (3, &json!(5)));
    let length: f64 = told["embedding"].as_array().unwrap().iter().map(|n| n.as_f64().unwrap().powi(2)).sum();
    assert!((length - 1.0).abs() < 1e-9, "it is normalized here");
    let told = ask_at(&runtime, EMBEDDING, "invoke", &json!({"inputText": "a", "dimensions": 256})).await.ok();
    assert_eq!(told["embedding"].as_array().unwrap().len(), 256);
}

#[tokio::test]
async fn models_without_a_server_are_not_to_be_had_and_sidegates_own_are() {
    let (runtime, got) = started(Mood::Well).await;
    let (status, code, message) = ask_at(&runtime, NOVA, "converse", &conversation()).await.error();
    assert_eq!((status, code.as_str()), (403, "AccessDeniedException"));
    assert_eq!(message, "You don't have access to the model with the specified model ID.");
    let own = ask_at(&runtime, READER, "converse", &conversation()).await;
    assert_eq!((own.status, &own.headers["x-sidegate-model"]), (200, &READER.parse().unwrap()));
    for (model, status) in [
        (HAIKU, "AUTHORIZED"),
        ("amazon.nova-pro-v1:0", "AUTHORIZED"),
        (READER, "AUTHORIZED"),
        (NOVA, "NOT_AUTHORIZED"),
        ("cohere.command-r-v1:0", "NOT_AUTHORIZED"),
    ] {
        let path = format!("/foundation-model-availability/{model}");
        let told = send(&Bedrock::of(&runtime), &Engine::all(), get(&path)).await.ok();
        assert_eq!(told["authorizationStatus"], status, "{model}");
    }
    let count = ask_at(&runtime, HAIKU, "count-tokens", &json!({"input": {"converse": conversation()}})).await;
    assert_eq!(count.error().2, "The provided model doesn't support counting tokens.");
    let nobody = Engine::of(&json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}));
    let path = format!("/model/{HAIKU}/converse");
    assert_eq!(send(&runtime, &nobody, post(&path, conversation().to_string())).await.error().0, 403);
    assert!(got.lock().unwrap().is_empty(), "what is denied does not reach the server");
}

#[tokio::test]
async fn a_server_that_refuses_is_slow_or_lies_is_an_error_that_clients_expect() {
    for (mood, status, code) in [
        (Mood::Refusing(400), 400, "ValidationException"),
        (Mood::Refusing(401), 500, "InternalServerException"),
        (Mood::Refusing(404), 424, "ModelErrorException"),
        (Mood::Refusing(429), 429, "ThrottlingException"),
        (Mood::Refusing(500), 424, "ModelErrorException"),
        (Mood::Refusing(503), 429, "ModelNotReadyException"),
        (Mood::Refusing(504), 408, "ModelTimeoutException"),
        (Mood::Silent, 408, "ModelTimeoutException"),
        (Mood::Garbled, 424, "ModelErrorException"),
    ] {
        let (runtime, _) = started(mood).await;
        for operation in ["converse", "converse-stream"] {
            let answer = ask_at(&runtime, HAIKU, operation, &conversation()).await;
            let (got, named, message) = answer.error();
            assert_eq!((got, named.as_str()), (status, code), "{mood:?} {operation}: {message}");
            assert!(!message.contains(KEY));
        }
        let body = json!({"inputText": "a"});
        assert_eq!(ask_at(&runtime, EMBEDDING, "invoke", &body).await.error().1, code, "{mood:?}");
    }
    let told = ask_at(&started(Mood::Refusing(500)).await.0, HAIKU, "converse", &conversation()).await.document();
    assert_eq!(told["originalStatusCode"], 500);
    // Nobody listens there.
    let gone = runtime(1);
    assert_eq!(ask_at(&gone, HAIKU, "converse", &conversation()).await.error().1, "ServiceUnavailableException");
}

#[tokio::test]
async fn a_stream_that_breaks_off_says_so_in_the_stream() {
    for (mood, of_converse, of_invoke) in [
        (Mood::Broken, "modelStreamErrorException", "modelStreamErrorException"),
        (Mood::Failing, "modelStreamErrorException", "modelStreamErrorException"),
        (Mood::Stuck, "modelStreamErrorException", "modelTimeoutException"),
    ] {
        let (runtime, _) = started(mood).await;
        let events = ask_at(&runtime, HAIKU, "converse-stream", &conversation()).await.events();
        assert!(events.iter().any(|(_, event)| event["delta"]["text"] == "Hel"), "what came is told");
        assert_eq!(events.last().unwrap().0, of_converse, "{mood:?}");
        let body = json!({"inputText": "hi"});
        let events = ask_at(&runtime, TITAN, "invoke-with-response-stream", &body).await.events();
        assert_eq!(events.last().unwrap().0, of_invoke, "{mood:?}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_stop_where_it_should_is_cut_short() {
    let (runtime, _) = started(Mood::Endless).await;
    for (config, text, reason) in [
        (json!({"stopSequences": ["more 3"]}), "more 0 more 1 more 2 ", "stop_sequence"),
        (json!({"maxTokens": 5}), "more 0 more 1 more ", "max_tokens"),
    ] {
        let mut document = conversation();
        document["inferenceConfig"] = config;
        let events = ask_at(&runtime, HAIKU, "converse-stream", &document).await.events();
        let told: String = events.iter().filter_map(|(_, event)| event["delta"]["text"].as_str()).collect();
        assert_eq!(told, text);
        assert!(
            events.iter().any(|(name, event)| name == "messageStop" && event["stopReason"] == reason),
            "{events:?}"
        );
        assert!(events.last().unwrap().1["usage"]["outputTokens"].as_u64().unwrap() <= 8, "{events:?}");
    }
}

#[tokio::test]
async fn the_first_piece_arrives_before_the_last_is_made() {
    let (runtime, _) = started(Mood::Stuck).await;
    let path = format!("/model/{HAIKU}/converse-stream");
    let request = post(&path, conversation().to_string());
    let mut body = runtime.handle(request, &caller(), &Engine::all()).await.into_body();
    let mut seen = Vec::new();
    while !String::from_utf8_lossy(&seen).contains("Hel") {
        let frame = tokio::time::timeout(Duration::from_millis(400), body.frame()).await.unwrap().unwrap().unwrap();
        seen.extend_from_slice(frame.data_ref().unwrap());
    }
}
