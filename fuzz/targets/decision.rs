//! Any text as a decision case: deciding and explaining agree, the order of statements changes no outcome, and one more
//! `Deny` allows nothing that was not allowed.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use sidegate_iam::{Case, Principal};

const LAYERS: [&str; 7] = ["identity", "resourcePolicy", "endpoint", "boundary", "session", "scp", "rcp"];

/// The policies of a layer, however deep they stand.
fn policies(layer: &mut Value) -> Vec<&mut Value> {
    match layer {
        Value::Array(list) => list.iter_mut().flat_map(policies).collect(),
        Value::Object(_) => vec![layer],
        _ => Vec::new(),
    }
}

fn reversed(mut case: Value) -> Value {
    for layer in LAYERS {
        for policy in case.get_mut(layer).map(policies).unwrap_or_default() {
            if let Some(Value::Array(statements)) = policy.get_mut("Statement") {
                statements.reverse();
            }
        }
    }
    case
}

/// The case with a statement more in the first of its identity's policies; nothing if it has none.
fn denied(mut case: Value) -> Option<Value> {
    let policy = policies(case.get_mut("identity")?).into_iter().next()?;
    let statements = policy.get_mut("Statement")?;
    if !statements.is_array() {
        *statements = json!([statements.take()]);
    }
    statements.as_array_mut()?.push(json!({"Effect": "Deny", "Action": "*", "Resource": "*"}));
    Some(case)
}

fuzz_target!(|text: &str| {
    let Ok(case) = Case::parse(text) else { return };
    let decision = case.decide();
    let explanation = case.explain();
    assert_eq!(explanation.decision, decision);
    assert!(!explanation.to_string().is_empty());
    assert_eq!(decision.denial(&case.request(), &case.policies).is_none(), decision.is_allowed());

    let Ok(json) = serde_json::from_str::<Value>(text) else { return };
    if let Ok(turned) = Case::parse(&reversed(json.clone()).to_string()) {
        assert_eq!(turned.decide().outcome(), decision.outcome());
    }
    let has_policies =
        matches!(case.principal, Principal::Root(_) | Principal::User { .. } | Principal::AssumedRole { .. });
    if let Some(Ok(less)) = denied(json).map(|case| Case::parse(&case.to_string())) {
        assert!(!has_policies || !less.decide().is_allowed());
    }
});
