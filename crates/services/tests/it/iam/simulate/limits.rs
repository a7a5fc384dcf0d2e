//! What is too much for one answer.

use std::time::{Duration, Instant};

use super::super::World;
use super::{allow, ask, list};

/// So many ARNs.
fn resources(count: usize) -> Vec<String> {
    let arns: Vec<_> = (0..count).map(|number| format!("arn:aws:s3:::b/{number}")).collect();
    list("ResourceArns", &arns.iter().map(String::as_str).collect::<Vec<_>>())
}

#[tokio::test]
async fn a_page_ends_early_where_it_grows_too_long() {
    let world = World::new();
    let actions = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"];
    let mut parameters = vec![list("PolicyInputList", &[&allow("*")]), list("ActionNames", &actions), resources(5000)];
    let mut seen = Vec::new();
    for _ in 0..actions.len() {
        let answer = ask(&world, "SimulateCustomPolicy", &parameters).await.ok();
        seen.extend(answer.elements("EvalActionName"));
        match answer.elements("Marker").first() {
            Some(marker) => {
                assert_eq!(answer.element("IsTruncated"), "true");
                parameters.truncate(3);
                parameters.push(vec![format!("Marker={marker}")]);
            }
            None => break,
        }
    }
    assert_eq!(seen, actions);
    assert_eq!(parameters.len(), 4, "one page was not enough");
}

#[tokio::test]
async fn an_answer_that_would_be_without_measure_is_refused_in_time() {
    let world = World::new();
    let statement = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
    let policy = format!(r#"{{"Statement":[{}]}}"#, vec![statement; 2500].join(","));
    let parameters = [list("PolicyInputList", &[&policy]), list("ActionNames", &["s3:GetObject"]), resources(5000)];
    let start = Instant::now();
    let (status, code, message) = ask(&world, "SimulateCustomPolicy", &parameters).await.error();
    assert_eq!((status, code.as_str()), (500, "PolicyEvaluation"), "{message}");
    assert!(message.contains("Simulate fewer resources at a time."), "{message}");
    assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
}
