//! The engine's own cases: the simulator decides them as the engine does.

use serde_json::Value;
use sidegate_iam::{Case, Decision, Outcome, Policy, PolicyKind, PolicyType};

use super::super::World;
use super::{ask, decision, list, one};

const CASES: &str =
    concat!(include_str!("../../../../../iam/cases/open.jsonl"), include_str!("../../../../../iam/cases/own.jsonl"));

/// The layers that the simulator is not told of.
const OTHERS: [&str; 4] = ["endpoint", "session", "scp", "rcp"];

/// The policies of a layer, as texts.
fn texts(layer: &Value) -> Vec<String> {
    match layer {
        Value::Null => Vec::new(),
        Value::Array(list) => list.iter().map(Value::to_string).collect(),
        one => vec![one.to_string()],
    }
}

fn parameters(name: &str, texts: &[String]) -> Vec<String> {
    if texts.is_empty() {
        return one(format!("{name}="));
    }
    list(name, &texts.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The condition keys of a case; `None` if the simulator cannot be told one of them.
fn context(case: &Value) -> Option<Vec<String>> {
    let Some(keys) = case["request"]["context"].as_object() else { return Some(Vec::new()) };
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut entries = Vec::new();
    for (at, (name, value)) in keys.iter().filter(|(_, value)| !value.is_null()).enumerate() {
        let (kind, values) = match value {
            Value::Array(list) => ("stringList", list.iter().map(text).collect()),
            one => ("string", vec![text(one)]),
        };
        if name.len() < 5 || values.is_empty() {
            return None;
        }
        let values: Vec<_> = values.iter().map(String::as_str).collect();
        entries.extend(super::entry(at + 1, name, kind, &values));
    }
    Some(entries)
}

/// What is asked of the simulator; `None` where its parameters cannot say what the case does.
fn request(case: &Value) -> Option<Vec<Vec<String>>> {
    let asked = &case["request"];
    let (principal, action) = (asked["principal"].as_str()?, asked["action"].as_str()?);
    let resource = asked["resource"].as_str().unwrap_or("*");
    let is_entity = principal.contains(":iam:") && [":user/", ":role/"].iter().any(|kind| principal.contains(kind));
    if OTHERS.iter().any(|layer| !case[layer].is_null()) || !is_entity {
        return None;
    }
    let account = resource.split(':').nth(4).unwrap_or_default();
    let owner = asked["resourceAccount"].as_str();
    if owner.is_some_and(|owner| !account.is_empty() && owner != account) {
        return None;
    }
    let mut parameters = vec![
        parameters("PolicyInputList", &texts(&case["identity"])),
        list("ActionNames", &[action]),
        list("ResourceArns", &[resource]),
        one(format!("CallerArn={principal}")),
        context(case)?,
    ];
    let boundary = texts(&case["boundary"]);
    if !boundary.is_empty() {
        parameters.push(self::parameters("PermissionsBoundaryPolicyInputList", &boundary));
    }
    if let Some(policy) = texts(&case["resourcePolicy"]).first() {
        // The trust policy of a role is not simulated, and a policy speaks of resources by their ARNs.
        if action.starts_with("sts:") || resource == "*" {
            return None;
        }
        let named = policy.replace(r#""Resource":"*""#, &format!(r#""Resource":"{resource}""#));
        parameters.push(one(format!("ResourcePolicy={named}")));
    }
    parameters.extend(owner.map(|owner| one(format!("ResourceOwner=arn:aws:iam::{owner}:root"))));
    Some(parameters)
}

/// What the engine decides. Without the resource's policy the simulator leaves that side out, as if it left everything to
/// the principal's account.
fn expected(case: &Case) -> (Outcome, bool) {
    let decision = case.decide();
    let is_for_lack_of_it =
        matches!(decision, Decision::ImplicitlyDenied { kind: PolicyKind::Resource | PolicyKind::RoleTrust })
            && case.requirement.resource_policy.is_none();
    if !is_for_lack_of_it {
        return (decision.outcome(), false);
    }
    let account = case.principal.account().unwrap();
    let text = format!(
        r#"{{"Statement":{{"Effect":"Allow","Principal":{{"AWS":"{account}"}},"Action":"*","Resource":"*"}}}}"#
    );
    let policy = Policy::parse(&text, PolicyType::Resource).unwrap();
    let requirement = case.requirement.clone().under(policy);
    (Case { requirement, ..case.clone() }.decide().outcome(), true)
}

#[tokio::test]
async fn the_simulator_decides_the_cases_of_identities_boundaries_and_resources_as_the_engine_does() {
    let world = World::new();
    let (mut compared, mut with_resource, mut with_boundary, mut one_sided) = (0, 0, 0, 0);
    let mut wrong = Vec::new();
    for line in CASES.lines().filter(|line| !line.trim().is_empty()) {
        let raw: Value = serde_json::from_str(line).unwrap();
        let Some(parameters) = request(&raw) else { continue };
        let case = Case::parse(line).unwrap();
        let (outcome, is_one_sided) = expected(&case);
        let expected = match outcome {
            Outcome::Allowed => "allowed",
            Outcome::ExplicitlyDenied => "explicitDeny",
            Outcome::ImplicitlyDenied => "implicitDeny",
        };
        let answer = ask(&world, "SimulateCustomPolicy", &parameters).await;
        if !answer.status.is_success() || decision(&answer) != expected {
            wrong.push(format!("{}: expected {expected}, got {}", case.id, answer.text));
        }
        compared += 1;
        with_resource += usize::from(case.requirement.resource_policy.is_some());
        with_boundary += usize::from(case.policies.boundary.is_some());
        one_sided += usize::from(is_one_sided);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let counts = format!("{compared} {with_resource} {with_boundary} {one_sided}");
    assert!(compared >= 280 && with_resource >= 39 && with_boundary >= 7 && one_sided <= 3, "{counts}");
}
