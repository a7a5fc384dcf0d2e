//! Decisions a second on one core beside those of cedar-policy, on policies that say the same in both languages.
//!
//! All alternatives take turns within each round, in an order that turns too; the figures are medians of the rounds, and
//! ratios are taken within a round. `cargo run --release --manifest-path bench/cedar/Cargo.toml`

mod cedar;
mod iam;
mod scenario;

use std::hint::black_box;
use std::time::{Duration, Instant};

use scenario::Scenario;

type Failure = Box<dyn std::error::Error>;

const ROUNDS: usize = 21;

/// How long an alternative is measured in a round.
const TURN: Duration = Duration::from_millis(100);

/// Decides all requests of a scenario once, and says how many were allowed.
type Alternative<'a> = (&'static str, Box<dyn Fn() -> usize + 'a>);

fn a_second(alternative: &dyn Fn() -> usize, requests: usize) -> f64 {
    let begin = Instant::now();
    let mut decided = 0_usize;
    while begin.elapsed() < TURN {
        for _ in 0..16 {
            black_box(alternative());
        }
        decided += 16 * requests;
    }
    decided as f64 / begin.elapsed().as_secs_f64()
}

fn median(mut samples: Vec<f64>) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}

fn compare(scenario: &Scenario) -> Result<(), Failure> {
    let (ours, theirs) = (iam::Prepared::new(scenario)?, cedar::Prepared::new(scenario)?);
    let wanted = scenario.requests.iter().filter(|request| request.allowed).count();
    let alternatives: [Alternative<'_>; 3] = [
        ("decided", Box::new(|| ours.decide())),
        ("explained", Box::new(|| ours.explain())),
        ("cedar-policy", Box::new(|| theirs.decide())),
    ];
    for (name, alternative) in &alternatives {
        assert_eq!(alternative(), wanted, "{}: {name} decides otherwise", scenario.name);
    }
    let mut samples = [const { Vec::new() }; 3];
    for round in 0..ROUNDS {
        for turn in 0..alternatives.len() {
            let index = (round + turn) % alternatives.len();
            samples[index].push(a_second(&*alternatives[index].1, scenario.requests.len()));
        }
    }
    println!("{} ({} statements, {} requests)", scenario.name, scenario.statements(), scenario.requests.len());
    for (index, (name, _)) in alternatives.iter().enumerate() {
        let ratio = median(samples[index].iter().zip(&samples[2]).map(|(one, cedar)| one / cedar).collect());
        println!("  {name:<14}{:>12.0} a second {ratio:>8.2} × cedar-policy", median(samples[index].clone()));
    }
    Ok(())
}

fn main() -> Result<(), Failure> {
    for scenario in scenario::all() {
        compare(&scenario)?;
    }
    Ok(())
}
