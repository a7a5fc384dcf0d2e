//! Random worlds: the plan against the naive evaluator, and recompiling against compiling.

use proptest::prelude::*;
use sidegate_plan::{Plan, compile, diff, lint, recompile};

use crate::naive::{self, Flow};
use crate::walk;
use crate::worlds::{Maker, Probe, names, probes, steps};

fn cases(count: u32) -> ProptestConfig {
    ProptestConfig { cases: count, ..ProptestConfig::default() }
}

fn flow(probe: &Probe, maker: &Maker) -> Option<Flow> {
    let (source, destination, protocol, port) = probe.place(&maker.world)?;
    Some(Flow { source, destination, protocol, port })
}

fn differences(left: &Plan, right: &Plan) -> String {
    diff(left, right).join("\n")
}

proptest! {
    #![proptest_config(cases(160))]

    #[test]
    fn a_connection_does_by_the_plan_what_it_should_do_by_the_world(steps in steps(60), probes in probes(60)) {
        let mut maker = Maker::default();
        for step in &steps {
            maker.apply(step);
        }
        let plan = compile(&maker.world);
        for flow in probes.iter().filter_map(|probe| flow(probe, &maker)) {
            let (planned, wanted) = (walk::outcome(&plan, &flow), naive::outcome(&maker.world, &flow));
            prop_assert_eq!(planned, wanted, "{:?}\n{}", flow, plan);
        }
    }

    #[test]
    fn after_every_step_recompiling_gives_what_compiling_gives_and_nothing_is_amiss(steps in steps(60)) {
        let mut maker = Maker::default();
        let mut plan = Plan::default();
        for step in &steps {
            let old = maker.world.clone();
            maker.apply(step);
            plan = recompile(&plan, &old, &maker.world);
            let fresh = compile(&maker.world);
            prop_assert!(plan == fresh, "{:?}:\n{}", step, differences(&fresh, &plan));
            prop_assert_eq!(lint(&plan), Vec::<String>::new(), "{:?}", step);
        }
    }
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn a_name_leads_by_the_plan_where_it_should_lead_by_the_world(
        steps in steps(40), picks in prop::collection::vec(any::<prop::sample::Index>(), 16),
    ) {
        let mut maker = Maker::default();
        for step in &steps {
            maker.apply(step);
        }
        let plan = compile(&maker.world);
        let names = names(&maker.world);
        for vpc in maker.world.vpcs.iter() {
            for pick in &picks {
                let name = pick.get(&names);
                let (planned, wanted) =
                    (walk::resolve(&plan, &vpc.id, name), naive::resolve(&maker.world, &vpc.id, name));
                prop_assert_eq!(planned, wanted, "{} in {}\n{}", name, vpc.id, plan);
            }
        }
    }
}

#[test]
fn random_worlds_are_worth_walking() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let (mut taken, mut total, mut outcomes) = (0, 0, std::collections::BTreeMap::new());
    for _ in 0..100 {
        let steps = steps(60).new_tree(&mut runner).unwrap().current();
        let probes = probes(60).new_tree(&mut runner).unwrap().current();
        let mut maker = Maker::default();
        total += steps.len();
        taken += steps.iter().filter(|step| maker.apply(step)).count();
        for flow in probes.iter().filter_map(|probe| flow(probe, &maker)) {
            let what = match naive::outcome(&maker.world, &flow) {
                naive::Outcome::Refused => "refused",
                naive::Outcome::Interface(_) => "interface",
                naive::Outcome::Endpoint(id) if maker.world.endpoints.get(&id).unwrap().interface().is_some() => {
                    "interface endpoint"
                }
                naive::Outcome::Endpoint(_) => "gateway endpoint",
                naive::Outcome::Resolver => "resolver",
                naive::Outcome::Metadata => "metadata",
            };
            *outcomes.entry(what).or_insert(0) += 1;
        }
    }
    // A third of the steps do something, and no outcome is so rare that nothing would be tested.
    assert!(taken * 3 > total, "{taken} of {total} steps");
    let kinds = ["refused", "interface", "interface endpoint", "gateway endpoint", "resolver", "metadata"];
    for kind in kinds {
        assert!(outcomes.get(kind).is_some_and(|count| *count > 20), "{kind}: {outcomes:?}");
    }
}
