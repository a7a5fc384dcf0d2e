//! How many decisions a second one core makes, with and without an explanation.
//!
//! The cases are our own and the open ones, and a request through the endpoint policy for S3 that organizations use.

use std::hint::black_box;
use std::time::{Duration, Instant};

use sidegate_iam::{
    Attached, Case, Context, Policies, Policy, PolicyType, Principal, Request, Requirement, decide, explain,
};

const CASES: &str = concat!(include_str!("../cases/open.jsonl"), include_str!("../cases/own.jsonl"));
const PERIMETER: &str = include_str!("../cases/data-perimeter/vpc_endpoint_policies/s3_endpoint_policy.json");

/// How long each is measured.
const LONG: Duration = Duration::from_secs(2);

fn measure(name: &str, a_round: usize, mut round: impl FnMut()) {
    round();
    let start = Instant::now();
    let mut rounds = 0_u32;
    while start.elapsed() < LONG {
        round();
        rounds += 1;
    }
    let a_second = f64::from(rounds) * a_round as f64 / start.elapsed().as_secs_f64();
    println!("{name}: {a_second:.0} a second");
}

fn main() {
    let cases: Vec<_> = CASES.lines().filter_map(|line| Case::parse(line).ok()).collect();
    measure("decisions on the cases", cases.len(), || {
        for case in &cases {
            black_box(case.decide());
        }
    });
    measure("explanations of the cases", cases.len(), || {
        for case in &cases {
            black_box(case.explain());
        }
    });
    let text = PERIMETER.replace("<action>", "s3:*").replace("<third-party-resource-arn>", "arn:aws:s3:::partner/*");
    let (Ok(policy), Ok(principal)) =
        (Policy::parse(&text, PolicyType::GatewayEndpoint), Principal::parse("arn:aws:iam::111111111111:root"))
    else {
        return;
    };
    let policies = Policies { endpoint: Some(Attached::from(policy)), ..Policies::default() };
    let context = Context::new().with("aws:SourceVpce", "vpce-1a").with("aws:PrincipalOrgID", "o-1");
    // No statement allows it, so that all of them are asked.
    let requirement =
        Requirement::new("s3:GetObject", "arn:aws:s3:::bucket/a/long/enough/key").with("aws:ResourceOrgID", "o-2");
    let request = Request { principal: &principal, context: &context, requirement: &requirement };
    measure("decisions through a data perimeter", 1000, || {
        for _ in 0..1000 {
            black_box(decide(&request, &policies));
        }
    });
    measure("explanations of a data perimeter", 1000, || {
        for _ in 0..1000 {
            black_box(explain(&request, &policies));
        }
    });
    measure("policies of a data perimeter parsed", 10, || {
        for _ in 0..10 {
            black_box(Policy::parse(&text, PolicyType::GatewayEndpoint).is_ok());
        }
    });
}
