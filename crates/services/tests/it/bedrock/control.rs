//! Which models and profiles there are.

use super::*;

async fn told(path: &str) -> Answer {
    send(&control(), &Engine::all(), get(path)).await
}

#[tokio::test]
async fn models_are_listed_by_provider_modality_and_inference_type() {
    let ids = async |query: &str| {
        let document = told(&format!("/foundation-models{query}")).await.ok();
        let models = document["modelSummaries"].as_array().unwrap().clone();
        models.iter().map(|model| model["modelId"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let all = ids("").await;
    assert!([HAIKU, NOVA, TITAN, LLAMA, EMBEDDING, READER].iter().all(|id| all.iter().any(|own| own == id)));
    assert_eq!(ids("?byProvider=Sidegate").await, [READER, "sidegate.hash-embedding-v1:0"]);
    assert!(ids("?byOutputModality=EMBEDDING").await.iter().all(|id| id.contains("embed")));
    assert_eq!(ids("?byOutputModality=IMAGE").await.len(), 0);
    assert!(!ids("?byInferenceType=ON_DEMAND").await.contains(&"anthropic.claude-3-7-sonnet-20250219-v1:0".to_owned()));
    assert_eq!(told("/foundation-models?byOutputModality=SOUND").await.error().1, "ValidationException");
    for provider in ["A!", "", &"a".repeat(64)] {
        let (_, code, message) = told(&format!("/foundation-models?byProvider={provider}")).await.error();
        assert_eq!(code, "ValidationException");
        assert!(message.ends_with("Member must satisfy regular expression pattern: [A-Za-z0-9- ]{1,63}"), "{message}");
    }
}

#[tokio::test]
async fn a_model_is_told_of_by_its_id_or_arn() {
    let by_id = told(&format!("/foundation-models/{HAIKU}")).await.ok();
    let details = &by_id["modelDetails"];
    assert_eq!(details["modelArn"], format!("arn:aws:bedrock:us-east-1::foundation-model/{HAIKU}"));
    assert_eq!((&details["providerName"], &details["responseStreamingSupported"]), (&json!("Anthropic"), &json!(true)));
    let arn = format!("arn%3Aaws%3Abedrock%3Aus-east-1%3A%3Afoundation-model%2F{HAIKU}");
    assert_eq!(told(&format!("/foundation-models/{arn}")).await.ok(), by_id);
    assert_eq!(told("/foundation-models/nobody.none-v1").await.error().1, "ResourceNotFoundException");
    for path in [
        "/foundation-models/a%20b",
        "/foundation-models/nobody",
        "/foundation-model-availability/a%20b",
        "/inference-profiles/a%20b",
    ] {
        let (status, code, message) = told(path).await.error();
        assert_eq!((status, code.as_str()), (400, "ValidationException"), "{path}");
        assert!(message.contains("failed to satisfy constraint: Member must satisfy regular expression pattern"));
    }
    for (model, modalities) in [
        (HAIKU, json!(["TEXT", "IMAGE"])),
        ("anthropic.claude-3-5-haiku-20241022-v1:0", json!(["TEXT"])),
        (NOVA, json!(["TEXT", "IMAGE"])),
        ("amazon.nova-micro-v1:0", json!(["TEXT"])),
        ("amazon.titan-embed-image-v1", json!(["TEXT", "IMAGE"])),
        (LLAMA, json!(["TEXT"])),
        (READER, json!(["TEXT"])),
    ] {
        let details = told(&format!("/foundation-models/{model}")).await.ok();
        assert_eq!(details["modelDetails"]["inputModalities"], modalities, "{model}");
    }
}

#[tokio::test]
async fn profiles_are_listed_page_by_page_and_told_of() {
    let whole = told("/inference-profiles").await.ok();
    let all = whole["inferenceProfileSummaries"].as_array().unwrap();
    let mut paged = Vec::new();
    let mut token = String::new();
    loop {
        let page = told(&format!("/inference-profiles?maxResults=7{token}")).await.ok();
        paged.extend(page["inferenceProfileSummaries"].as_array().unwrap().clone());
        match page["nextToken"].as_str() {
            Some(next) => token = format!("&nextToken={next}"),
            None => break,
        }
    }
    assert_eq!(&paged, all);
    let first = &all[0];
    for profile in all {
        let created = profile["createdAt"].as_str().unwrap();
        assert!(created >= "2024-08-26T00:00:00Z" && profile["updatedAt"] == created, "{profile}");
    }
    assert_eq!(
        told(&format!("/inference-profiles/{}", first["inferenceProfileId"].as_str().unwrap())).await.ok(),
        *first
    );
    assert_eq!(told("/inference-profiles?type=APPLICATION").await.ok()["inferenceProfileSummaries"], json!([]));
    for (path, code) in [
        ("/inference-profiles?maxResults=0", "ValidationException"),
        ("/inference-profiles?nextToken=x", "ValidationException"),
        ("/inference-profiles/us.none", "ResourceNotFoundException"),
    ] {
        assert_eq!(told(path).await.error().1, code, "{path}");
    }
}

#[tokio::test]
async fn what_is_not_served_says_so() {
    let (status, code, message) = told("/custom-models").await.error();
    assert_eq!((status, code.as_str()), (501, "NotImplemented"));
    assert!(message.contains("ListCustomModels"), "{message}");
    assert_eq!(send(&control(), &Engine::all(), post("/inference-profiles", "{}")).await.error().0, 501);
    assert_eq!(told("/nothing").await.error().0, 501, "it may be one of another service that signs alike");
    let runtime = async |request| send(&BedrockRuntime::new(), &Engine::all(), request).await.error();
    assert_eq!(runtime(get("/async-invoke")).await.0, 501);
    assert_eq!(runtime(post("/guardrail/a/version/1/apply", "{}")).await.0, 501);
    assert_eq!(runtime(get("/model/x/invoke")).await.1, "UnknownOperationException");
}

#[tokio::test]
async fn of_what_nobody_has_made_there_is_nothing() {
    assert_eq!(told("/guardrails").await.ok(), json!({"guardrails": []}));
    for (query, code) in [
        ("maxResults=0", "ValidationException"),
        ("nextToken=x", "ValidationException"),
        ("guardrailIdentifier=A", "ValidationException"),
        ("guardrailIdentifier=abcdefghijkl", "ResourceNotFoundException"),
    ] {
        assert_eq!(told(&format!("/guardrails?{query}")).await.error().1, code, "{query}");
    }
    assert_eq!(told("/logging/modelinvocations").await.ok(), json!({}));
    let available = told(&format!("/foundation-model-availability/{HAIKU}")).await.ok();
    assert_eq!((&available["modelId"], &available["authorizationStatus"]), (&json!(HAIKU), &json!("AUTHORIZED")));
    let other = told("/foundation-model-availability/cohere.command-r-v1:0").await.ok();
    assert_eq!(other["authorizationStatus"], "NOT_AUTHORIZED");
}

#[tokio::test]
async fn models_of_other_families_are_listed_and_nobody_has_access_to_them() {
    let listed = told("/foundation-models?byProvider=Cohere").await.ok();
    let ids: Vec<_> = listed["modelSummaries"].as_array().unwrap().iter().map(|own| own["modelId"].clone()).collect();
    assert!(ids.contains(&json!("cohere.embed-english-v3")), "{ids:?}");
    for model in ["cohere.embed-english-v3", "mistral.mistral-7b-instruct-v0:2", "us.deepseek.r1-v1:0"] {
        let (status, code, message) = ask(model, "invoke", &json!({})).await.error();
        assert_eq!((status, code.as_str()), (403, "AccessDeniedException"), "{model}");
        assert_eq!(message, "You don't have access to the model with the specified model ID.");
    }
    for model in [
        "anthropic.claude-3-opus-20240229-v1:0",
        "us.amazon.nova-premier-v1:0",
        "global.anthropic.claude-opus-4-5-20251101-v1:0",
    ] {
        ask(model, "converse", &conversation()).await.ok();
    }
}
