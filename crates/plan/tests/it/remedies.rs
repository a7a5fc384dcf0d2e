//! Random worlds: what a remedy changes, by the naive evaluator.

use proptest::prelude::*;
use sidegate_plan::analyze::{Flow, Goal, Source, remedy};
use sidegate_plan::compile;

use crate::naive::{self, Outcome};
use crate::worlds::{Maker, probes, steps};

/// The port that the naive evaluator's clients connect from.
const EPHEMERAL: u16 = 30_000;

fn flow(asked: &naive::Flow) -> Flow {
    Flow {
        source: Source::Interface(asked.source.clone()),
        goal: Goal::Address(asked.destination),
        protocol: asked.protocol,
        port: asked.port,
        source_ports: (EPHEMERAL, EPHEMERAL),
        server_name: None,
        call: None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_flow_arrives_once_its_remedy_is_applied_and_not_with_less(steps in steps(30), probes in probes(12)) {
        let mut maker = Maker::default();
        for step in &steps {
            maker.apply(step);
        }
        let world = maker.world;
        let plan = compile(&world);
        for (source, destination, protocol, port) in probes.iter().filter_map(|probe| probe.place(&world)) {
            let asked = naive::Flow { source, destination, protocol, port, turn: 0 };
            let flow = flow(&asked);
            let Ok(Some(remedy)) = remedy(&world, &plan, &flow) else { continue };
            let (after, changed) = remedy.apply(&world, &flow).unwrap();
            let reached = naive::outcome(&after, &naive::Flow { port: changed.port, ..asked.clone() });
            prop_assert_ne!(&reached, &Outcome::Refused, "{:?}\n{}", asked, remedy);
            for left_out in 0..remedy.settings.len() {
                let mut less = remedy.clone();
                less.settings.remove(left_out);
                // What one setting makes, another may need.
                let Some((after, changed)) = less.apply(&world, &flow) else { continue };
                let trace = sidegate_plan::analyze::trace(&after, &compile(&after), &changed).unwrap();
                prop_assert!(!trace.disposition.is_reached(), "{:?} without {}\n{}", asked, left_out + 1, remedy);
            }
        }
    }
}

/// Of flows that do not arrive, so many have a remedy.
#[test]
fn most_flows_that_do_not_arrive_have_a_remedy() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let (mut lost, mut found, mut settings) = (0, 0, [0; 8]);
    for _ in 0..60 {
        let steps = steps(20).new_tree(&mut runner).unwrap().current();
        let probes = probes(12).new_tree(&mut runner).unwrap().current();
        let mut maker = Maker::default();
        for step in &steps {
            maker.apply(step);
        }
        let (world, plan) = (&maker.world, compile(&maker.world));
        for (source, destination, protocol, port) in probes.iter().filter_map(|probe| probe.place(world)) {
            // Nothing can be done for what nobody serves.
            let is_served = protocol == 6 && [80, 443].contains(&port);
            let asked = naive::Flow { source, destination, protocol, port, turn: 0 };
            if !is_served || naive::outcome(world, &asked) != Outcome::Refused {
                continue;
            }
            lost += 1;
            if let Ok(Some(remedy)) = remedy(world, &plan, &flow(&asked)) {
                found += 1;
                settings[remedy.settings.len() - 1] += 1;
            }
        }
    }
    println!("{found} of {lost} have one; by the number of settings: {settings:?}");
    // None is known for what the table of an internet gateway leads aside.
    assert!(found * 10 > lost * 3, "{found} of {lost}");
    assert!(settings.iter().skip(1).sum::<usize>() > 0, "{settings:?}");
}
