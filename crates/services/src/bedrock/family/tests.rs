use serde_json::json;

use super::*;
use crate::bedrock::engine::{End, Reason};
use crate::bedrock::prompt::{Part, Role};

fn model(id: &str) -> &'static Model {
    Model::find(id).unwrap()
}

const HAIKU: &str = "anthropic.claude-3-haiku-20240307-v1:0";
const NOVA: &str = "amazon.nova-lite-v1:0";
const TITAN: &str = "amazon.titan-text-express-v1";
const LLAMA: &str = "meta.llama3-8b-instruct-v1:0";
const EMBEDDING: &str = "amazon.titan-embed-text-v2:0";

#[track_caller]
fn prompt(id: &str, body: Json) -> Prompt {
    match read(model(id), &body).unwrap() {
        Body::Text(prompt) => prompt,
        Body::Vector(_) => panic!("{id} embeds"),
    }
}

#[track_caller]
fn refused(id: &str, body: Json) -> String {
    let fault = read(model(id), &body).unwrap_err();
    assert_eq!(fault.code(), "ValidationException");
    fault.to_string()
}

fn said(prompt: &Prompt) -> Vec<(Role, String)> {
    let text = |part: &Part| match part {
        Part::Text(text) => text.clone(),
        Part::Document(own) => format!("{}: {}", own.title, own.text),
    };
    prompt.turns.iter().map(|turn| (turn.role, turn.parts.iter().map(text).collect::<Vec<_>>().join("|"))).collect()
}

#[test]
fn messages_of_claude_are_read_as_they_are_documented() {
    let document =
        json!({"type": "document", "title": "t", "source": {"type": "text", "media_type": "text/plain", "data": "d"}});
    let read = prompt(
        HAIKU,
        json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 10, "system": [{"type": "text", "text": "s"}],
            "temperature": 0.5, "top_k": 5, "stop_sequences": ["x"], "messages": [
                {"role": "user", "content": [document, {"type": "text", "text": "a"}]},
                {"role": "user", "content": "b"}, {"role": "assistant", "content": "c"}, {"role": "user", "content": "d"}]}),
    );
    let expected = [(Role::User, "t: d|a|b"), (Role::Assistant, "c"), (Role::User, "d")];
    assert_eq!(said(&read), expected.map(|(role, text)| (role, text.to_owned())));
    assert_eq!((read.system, read.settings.max_tokens, read.settings.top_k), (vec!["s".to_owned()], Some(10), Some(5)));
}

#[test]
fn a_body_of_another_form_is_refused_in_the_words_of_a_schema() {
    let claude = |more: Json| {
        let mut body = json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 10, "messages": [{"role": "user", "content": "a"}]});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        refused(HAIKU, body)
    };
    let ending = ", please reformat your input and try again.";
    let told = refused(HAIKU, json!({"anthropic_version": "bedrock-2023-05-31", "messages": []}));
    assert_eq!(told, format!("Malformed input request: #: required key [max_tokens] not found{ending}"));
    assert_eq!(
        claude(json!({"model": "m"})),
        format!("Malformed input request: #: extraneous key [model] is not permitted{ending}")
    );
    assert!(claude(json!({"max_tokens": 5000})).starts_with("max_tokens: 5000 > 4096, which is the maximum"));
    assert!(claude(json!({"temperature": 2})).contains("#/temperature: 2 is not less or equal to 1"));
    assert!(
        claude(json!({"stop_sequences": "x"})).contains("#/stop_sequences: expected type: JSONArray, found: String")
    );
    assert!(claude(json!({"tools": []})).contains("tool use"));
    assert!(claude(json!({"messages": [{"role": "assistant", "content": "a"}]})).contains("first message must use"));
    assert!(
        claude(json!({"messages": [{"role": "user", "content": [{"type": "image"}]}]})).contains("doesn't support")
    );
    assert!(
        refused(HAIKU, json!({"prompt": "\n\nHuman: a"}))
            .contains("\"claude-3-haiku-20240307\" is not supported on this API")
    );
    assert!(
        refused(TITAN, json!({"inputText": "a", "textGenerationConfig": {"maxTokenCount": 9000}}))
            .contains("9000 is not less or equal to 8192")
    );
    assert!(refused(TITAN, json!({"prompt": "a"})).contains("extraneous key [prompt]"));
    assert!(refused(LLAMA, json!({"prompt": "a", "max_gen_len": 0})).contains("0 is not greater or equal to 1"));
    assert!(refused(NOVA, json!({"messages": [{"role": "user", "content": [{"text": " "}]}]})).contains("is blank"));
    assert!(refused(NOVA, json!([])).contains("#: expected type: JSONObject, found: JSONArray"));
    assert!(
        refused(TITAN, json!({"inputText": "word ".repeat(9000)})).contains("Input is too long for requested model.")
    );
}

#[test]
fn conversations_within_a_text_are_read_turn_by_turn() {
    let text = "User: Hello\nBot: Yes?\nUser: What\nis it?\nBot:";
    let expected = [(Role::User, "Hello"), (Role::Assistant, "Yes?"), (Role::User, "What\nis it?")];
    let expected = expected.map(|(role, text)| (role, text.to_owned()));
    assert_eq!(said(&prompt(TITAN, json!({"inputText": text}))), expected);
    let text = "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\ns<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n\
                Hello<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nYes?<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n\
                What\nis it?<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n";
    let read = prompt(LLAMA, json!({"prompt": text}));
    assert_eq!((said(&read), read.system), (expected.to_vec(), vec!["s".to_owned()]));
    let text = "<s>[INST] <<SYS>>\ns\n<</SYS>>\n\nHello [/INST] Yes? </s><s>[INST] What\nis it? [/INST]";
    let read = prompt(LLAMA, json!({"prompt": text}));
    assert_eq!((said(&read), read.system), (expected.to_vec(), vec!["s".to_owned()]));
    assert_eq!(said(&prompt(LLAMA, json!({"prompt": "plain"}))), [(Role::User, "plain".to_owned())]);
}

#[test]
fn answers_have_the_form_of_the_family() {
    let end = End { reason: Reason::MaxTokens, sequence: None, input_tokens: 3, output_tokens: 2 };
    let whole = Whole { answered_by: "m".to_owned(), text: "a b".to_owned(), end: end.clone() };
    let claude = answer(model(HAIKU), &whole, "1");
    assert_eq!(claude["content"][0]["text"], "a b");
    assert_eq!((&claude["stop_reason"], &claude["usage"]["output_tokens"]), (&json!("max_tokens"), &json!(2)));
    assert_eq!(answer(model(NOVA), &whole, "1")["output"]["message"]["content"], json!([{"text": "a b"}]));
    assert_eq!(answer(model(TITAN), &whole, "1")["results"][0]["completionReason"], "LENGTH");
    assert_eq!(answer(model(LLAMA), &whole, "1")["stop_reason"], "length");
    for id in [HAIKU, NOVA, TITAN, LLAMA] {
        let mut form = chunks(model(id), "m", "1".to_owned());
        let mut told = form.start(3);
        told.extend(form.text("a b"));
        told.extend(form.end(&end));
        assert!(told.len() >= 2 && told.iter().any(|chunk| chunk.to_string().contains("a b")), "{told:?}");
    }
}

#[test]
fn embeddings_have_the_types_and_dimensions_that_are_asked_for() {
    let asked = |body: Json| match read(model(EMBEDDING), &body) {
        Ok(Body::Vector(asked)) => Ok(asked),
        Ok(Body::Text(_)) => panic!("it is no text"),
        Err(fault) => Err(fault.to_string()),
    };
    let full =
        asked(json!({"inputText": "a", "dimensions": 256, "normalize": false, "embeddingTypes": ["binary"]})).unwrap();
    assert_eq!((full.dimensions, full.normalized), (Some(256), false));
    assert_eq!(asked(json!({"inputText": "a"})).unwrap().usual, 1024);
    assert!(asked(json!({"inputText": "a", "dimensions": 300})).unwrap_err().contains("#/dimensions"));
    assert!(asked(json!({"inputText": ""})).unwrap_err().contains("expected minLength: 1"));
    assert!(asked(json!({"inputText": "a b ".repeat(5000)})).unwrap_err().contains("Max input tokens: 8192"));
    let made = Vector { answered_by: "m".to_owned(), numbers: vec![0.5, -0.5], input_tokens: 1 };
    let told = vector(model(EMBEDDING), &made, &full.types);
    assert_eq!(told["embeddingsByType"], json!({"binary": [1, 0]}));
    assert_eq!(vector(model(EMBEDDING), &made, &[])["embeddingsByType"], json!({"float": [0.5, -0.5]}));
    assert!(vector(model("amazon.titan-embed-text-v1"), &made, &[]).get("embeddingsByType").is_none());
}

#[test]
fn a_message_of_nova_of_another_form_is_refused_in_the_words_of_a_schema() {
    let of = |content: Json| refused(NOVA, json!({"messages": [{"role": "user", "content": content}]}));
    let told = |what: &str| format!("Malformed input request: {what}, please reformat your input and try again.");
    assert_eq!(of(json!("hello")), told("#/messages/0/content: expected type: JSONArray, found: String"));
    assert_eq!(of(json!(["hello"])), told("#/messages/0/content/0: expected type: JSONObject, found: String"));
    let role = refused(NOVA, json!({"messages": [{"role": 1, "content": []}]}));
    assert_eq!(role, told("#/messages/0/role: expected type: String, found: Integer"));
}

#[test]
fn thinking_may_be_switched_off_and_not_on() {
    let body = |kind: &str| {
        json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 10, "thinking": {"type": kind},
        "messages": [{"role": "user", "content": "a"}]})
    };
    prompt(HAIKU, body("disabled"));
    assert!(refused(HAIKU, body("enabled")).contains("thinking"));
}
