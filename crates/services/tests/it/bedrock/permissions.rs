//! What has to be allowed.

use super::*;

async fn converse_as(engine: &Engine, model: &str, operation: &str) -> Answer {
    let path = format!("/model/{}/{operation}", model.replace(':', "%3A"));
    send(&BedrockRuntime::new(), engine, post(&path, conversation().to_string())).await
}

#[tokio::test]
async fn converse_needs_the_actions_of_invoke_model_on_the_model() {
    let arn = format!("arn:aws:bedrock:us-east-1::foundation-model/{HAIKU}");
    let engine = Engine::of(&json!({"Effect": "Allow", "Action": "bedrock:InvokeModel", "Resource": arn}));
    converse_as(&engine, HAIKU, "converse").await.ok();
    assert_eq!(engine.asked(), [format!("bedrock:InvokeModel {arn}")]);
    let (status, code, message) = converse_as(&engine, HAIKU, "converse-stream").await.error();
    assert_eq!((status, code.as_str()), (403, "AccessDeniedException"));
    let expected = format!(
        "User: arn:aws:iam::{ACCOUNT}:user/caller is not authorized to perform: bedrock:InvokeModelWithResponseStream on \
         resource: {arn} because no identity-based policy allows the bedrock:InvokeModelWithResponseStream action"
    );
    assert_eq!(message, expected);
    assert_eq!(converse_as(&engine, NOVA, "converse").await.error().0, 403);
}

#[tokio::test]
async fn a_profile_needs_permission_for_itself_and_for_the_models_behind_it() {
    let profile = format!("arn:aws:bedrock:us-east-1:{ACCOUNT}:inference-profile/us.{HAIKU}");
    let by_profile = |resource: &str| {
        json!([
            {"Effect": "Allow", "Action": "bedrock:InvokeModel", "Resource": resource},
            {"Effect": "Allow", "Action": "bedrock:InvokeModel", "Resource": "arn:aws:bedrock:*::foundation-model/*",
             "Condition": {"StringLike": {"bedrock:InferenceProfileArn": profile}}},
        ])
    };
    let engine = Engine::of(&by_profile(&profile));
    let id = format!("us.{HAIKU}");
    converse_as(&engine, &id, "converse").await.ok();
    assert_eq!(engine.asked().len(), 4, "{:?}", engine.asked());
    assert_eq!(
        converse_as(&engine, HAIKU, "converse").await.error().0,
        403,
        "the model is allowed by the profile alone"
    );
    let other =
        Engine::of(&by_profile("arn:aws:bedrock:us-east-1:111122223333:inference-profile/us.amazon.nova-lite-v1:0"));
    assert_eq!(converse_as(&other, &id, "converse").await.error().0, 403);
    let here = json!([{"Effect": "Allow", "Action": "bedrock:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "bedrock:*", "Resource": "*", "Condition": {"StringEquals": {"aws:RequestedRegion": "us-west-2"}}}]);
    assert_eq!(converse_as(&Engine::of(&here), &id, "converse").await.error().0, 403, "one of its Regions is denied");
}

#[tokio::test]
async fn counting_and_listing_have_actions_of_their_own() {
    let engine =
        Engine::of(&json!({"Effect": "Allow", "Action": ["bedrock:CountTokens", "bedrock:List*"], "Resource": "*"}));
    let path = format!("/model/{}/count-tokens", SONNET.replace(':', "%3A"));
    let body = json!({"input": {"converse": conversation()}}).to_string();
    send(&BedrockRuntime::new(), &engine, post(&path, body)).await.ok();
    send(&control(), &engine, get("/foundation-models")).await.ok();
    send(&control(), &engine, get("/inference-profiles")).await.ok();
    let expected = [
        format!("bedrock:CountTokens arn:aws:bedrock:us-east-1::foundation-model/{SONNET}"),
        "bedrock:ListFoundationModels *".to_owned(),
        format!("bedrock:ListInferenceProfiles arn:aws:bedrock:us-east-1:{ACCOUNT}:inference-profile/*"),
    ];
    assert_eq!(engine.asked(), expected);
    let nothing = Engine::of(&json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}));
    let (_, _, message) = send(&control(), &nothing, get("/foundation-models")).await.error();
    assert!(
        message.ends_with(
            "is not authorized to perform: bedrock:ListFoundationModels because no identity-based policy \
                               allows the bedrock:ListFoundationModels action"
        ),
        "{message}"
    );
}
