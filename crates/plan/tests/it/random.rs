//! Random worlds: the plan against the naive evaluator, and recompiling against compiling.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use sidegate_model::{Attachment, IpCidr, World};
use sidegate_plan::{Plan, compile, diff, lint, recompile};

use crate::naive::{self, Flow};
use crate::walk;
use crate::worlds::{Maker, Probe, names, probes, steps};

fn cases(count: u32) -> ProptestConfig {
    ProptestConfig { cases: count, ..ProptestConfig::default() }
}

fn flow(probe: &Probe, maker: &Maker) -> Option<Flow> {
    let (source, destination, protocol, port) = probe.place(&maker.world)?;
    Some(Flow { source, destination, protocol, port, turn: 0 })
}

/// The same flow for each address that a NAT gateway may lend it: none in these worlds has more.
fn turns(flow: Flow) -> impl Iterator<Item = Flow> {
    (0..TURNS).map(move |turn| Flow { turn, ..flow.clone() })
}

const TURNS: usize = 4;

fn differences(left: &Plan, right: &Plan) -> String {
    diff(left, right).join("\n")
}

/// What holds in every world that commands made, since the compiler builds on it.
fn assert_sound(world: &World) {
    let mut addresses = BTreeSet::new();
    let mut numbers: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    let mut combinations: BTreeMap<_, u16> = BTreeMap::new();
    for interface in world.interfaces.iter() {
        let subnet = world.subnets.get(&interface.subnet).expect("its subnet");
        assert!(subnet.vpc == interface.vpc && interface.addresses().all(|a| subnet.is_usable(a)), "{}", interface.id);
        for own in interface.addresses() {
            assert!(addresses.insert((&interface.vpc, own)), "{own} is taken twice");
        }
        let groups: BTreeSet<_> = interface.groups.iter().collect();
        let is_nat = matches!(interface.attachment, Attachment::NatGateway(_));
        if is_nat {
            assert!(groups.is_empty() && interface.group_number == 0);
            continue;
        }
        assert!(!groups.is_empty() && groups.len() == interface.groups.len() && interface.group_number != 0);
        let of_vpc = |id: &&_| world.security_groups.get(id).is_some_and(|g| g.vpc == interface.vpc);
        assert!(groups.iter().all(of_vpc), "{} has a group of elsewhere", interface.id);
        let number = interface.group_number;
        assert_eq!(numbers.entry((&interface.vpc, number)).or_insert_with(|| groups.clone()), &groups);
        assert_eq!(*combinations.entry((&interface.vpc, groups)).or_insert(number), number);
        match &interface.attachment {
            Attachment::Endpoint(id) => {
                let own = world.endpoints.get(id).and_then(|e| e.interface()).expect("its endpoint");
                assert_eq!(own.interfaces.get(&interface.subnet), Some(&interface.id));
            }
            Attachment::Instance { instance, .. } => {
                assert_eq!(world.instances.get(instance).unwrap().interface.as_ref(), Some(&interface.id));
            }
            Attachment::NatGateway(_) | Attachment::Program | Attachment::Functions(_) | Attachment::None => {}
        }
    }
    for vpc in world.vpcs.iter() {
        let tables: Vec<_> = world.route_tables.iter().filter(|t| t.vpc == vpc.id).collect();
        assert_eq!(tables.iter().filter(|t| t.main.is_some()).count(), 1, "main tables of {}", vpc.id);
        let indices: BTreeSet<_> = tables.iter().map(|t| t.index).collect();
        assert!(indices.len() == tables.len() && !indices.contains(&0));
        let subnets: Vec<_> = tables.iter().flat_map(|t| t.associations.values()).collect();
        assert_eq!(subnets.iter().collect::<BTreeSet<_>>().len(), subnets.len(), "a subnet has two tables");
        assert!(subnets.iter().all(|id| world.subnets.get(id).is_some_and(|s| s.vpc == vpc.id)));
    }
    for endpoint in world.endpoints.iter() {
        for id in endpoint.route_tables().into_iter().flatten() {
            assert_eq!(world.route_tables.get(id).expect("its table").vpc, endpoint.vpc);
        }
        for id in endpoint.interface().into_iter().flat_map(|own| own.interfaces.values()) {
            assert_eq!(world.interfaces.get(id).unwrap().groups, endpoint.groups(), "{}", endpoint.id);
        }
    }
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
        for flow in probes.iter().filter_map(|probe| flow(probe, &maker)).flat_map(turns) {
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
            assert_sound(&maker.world);
            plan = recompile(&plan, &old, &maker.world);
            let fresh = compile(&maker.world);
            prop_assert!(plan == fresh, "{:?}:\n{}", step, differences(&fresh, &plan));
            prop_assert_eq!(lint(&plan), Vec::<String>::new(), "{:?}", step);
        }
    }
}

proptest! {
    #![proptest_config(cases(16))]

    #[test]
    fn worlds_side_by_side_are_each_as_they_would_be_alone(
        recipes in prop::collection::vec((steps(30), probes(20)), 3),
    ) {
        let (mut all, mut alone) = (World::default(), Vec::new());
        for (number, (steps, _)) in (0..).zip(&recipes) {
            let mut maker = Maker::beside(std::mem::take(&mut all), number, 1_700_000_000_000);
            for step in &steps[..] {
                maker.apply(step);
            }
            alone.push(maker.world.clone());
            all = maker.all();
        }
        for (world, (_, probes)) in alone.iter().zip(&recipes) {
            for (source, destination, protocol, port) in probes.iter().filter_map(|probe| probe.place(world)) {
                let flow = Flow { source, destination, protocol, port, turn: 0 };
                prop_assert_eq!(naive::outcome(&all, &flow), naive::outcome(world, &flow), "{:?}", flow);
            }
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
    let (mut taken, mut total, mut outcomes) = (0, 0, BTreeMap::new());
    for _ in 0..1000 {
        let steps = steps(60).new_tree(&mut runner).unwrap().current();
        let probes = probes(60).new_tree(&mut runner).unwrap().current();
        let mut maker = Maker::default();
        total += steps.len();
        taken += steps.iter().filter(|step| maker.apply(step)).count();
        let plan = compile(&maker.world);
        for flow in probes.iter().filter_map(|probe| flow(probe, &maker)) {
            let home = &maker.world.interfaces.get(&flow.source).unwrap().vpc;
            let vpc = maker.world.vpcs.get(home).unwrap();
            let ipv4 = vpc.cidrs().map(IpCidr::from);
            let ipv6 = vpc.ipv6_cidrs.iter().map(|block| IpCidr::from(block.cidr));
            let is_beyond = ipv4.chain(ipv6).all(|block| !block.contains(flow.destination));
            let what = match naive::outcome(&maker.world, &flow) {
                naive::Outcome::Refused => "refused",
                naive::Outcome::Interface(_) if is_beyond => "interface of a peer",
                naive::Outcome::Interface(_) => "interface",
                naive::Outcome::Endpoint(id, _) if maker.world.endpoints.get(&id).unwrap().vpc != *home => {
                    "endpoint of a peer"
                }
                naive::Outcome::Endpoint(id, _) if maker.world.endpoints.get(&id).unwrap().interface().is_some() => {
                    "interface endpoint"
                }
                naive::Outcome::Endpoint(..) => "gateway endpoint",
                naive::Outcome::Resolver => "resolver",
                naive::Outcome::Metadata => "metadata",
                naive::Outcome::Internet(_) => "internet",
                naive::Outcome::Outside(_) => "outside",
            };
            *outcomes.entry(what).or_insert(0) += 1;
            if turns(flow.clone())
                .any(|turn| naive::outcome(&maker.world, &turn) != naive::outcome(&maker.world, &flow))
            {
                *outcomes.entry("by another address").or_insert(0) += 1;
            }
            let link = plan.vpcs[home].links.get(&flow.source);
            let redirects = link.and_then(|link| plan.vpcs[home].redirects.get(&link.redirects?));
            if redirects.is_some_and(|own| own.lookup(flow.destination).is_some()) {
                let by = if what == "refused" { "lost by a redirect" } else { "reached by a redirect" };
                *outcomes.entry(by).or_insert(0) += 1;
            }
        }
    }
    // A third of the steps do something, and no outcome is so rare that nothing would be tested.
    assert!(taken * 3 > total, "{taken} of {total} steps");
    for kind in [
        "interface of a peer",
        "endpoint of a peer",
        "internet",
        "reached by a redirect",
        "lost by a redirect",
        "by another address",
    ] {
        assert!(outcomes.get(kind).is_some_and(|count| *count > 3), "{kind}: {outcomes:?}");
    }
    let kinds = ["refused", "interface", "interface endpoint", "gateway endpoint", "resolver", "metadata"];
    for kind in kinds {
        assert!(outcomes.get(kind).is_some_and(|count| *count > 66), "{kind}: {outcomes:?}");
    }
}
