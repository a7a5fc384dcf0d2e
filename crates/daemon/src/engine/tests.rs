//! The engine over a store in memory, with an actuator that can be made to fail.

use std::path::Path;

use super::*;

/// Applies nothing, notes what it was given, and fails where it is told to.
#[derive(Default)]
struct Fickle {
    fails: Mutex<BTreeSet<VpcId>>,
    breaks: Mutex<bool>,
    applied: Mutex<Vec<Arc<Plan>>>,
}

#[async_trait]
impl Actuator for Fickle {
    async fn apply(&self, plan: &Arc<Plan>) -> Result<(), ApplyError> {
        assert!(!*self.breaks.lock().unwrap(), "the actuator breaks");
        self.applied.lock().unwrap().push(Arc::clone(plan));
        let fails = self.fails.lock().unwrap();
        let vpcs: BTreeMap<_, _> =
            plan.vpcs.keys().filter(|v| fails.contains(v)).map(|v| (v.clone(), "no".to_owned())).collect();
        if vpcs.is_empty() { Ok(()) } else { Err(ApplyError { vpcs, whole: None }) }
    }
}

struct Bench {
    engine: Engine,
    store: Arc<Store>,
    actuator: Arc<Fickle>,
}

impl Bench {
    async fn new() -> Self {
        let store = Arc::new(Store::open(Path::new(":memory:")).unwrap());
        let mut last = 0_u64;
        let entropy = move || {
            last = last.wrapping_add(0x9e37_79b9_7f4a_7c15);
            last
        };
        let engine = Engine::open(Arc::clone(&store), Box::new(entropy)).unwrap();
        let actuator = Arc::new(Fickle::default());
        engine.drive(Arc::clone(&actuator) as _);
        engine.reconcile().await.unwrap();
        Self { engine, store, actuator }
    }

    async fn vpc(&self) -> VpcId {
        let made = self
            .engine
            .change(scope(), |world, context| world.create_vpc(context, "10.77.0.0/16".parse().unwrap(), "default"));
        made.await.unwrap()
    }

    /// Changes something of a VPC that its plan tells of.
    async fn toggle(&self, vpc: &VpcId) -> Result<(), ChangeError> {
        let vpc = vpc.clone();
        let on = !self.engine.world().vpcs.get(&vpc).unwrap().dns_support;
        let attribute = sidegate_model::VpcAttribute::DnsSupport(on);
        self.engine.change(scope(), move |world, context| world.modify_vpc_attribute(context, &vpc, attribute)).await
    }

    fn fail(&self, vpcs: &[&VpcId]) {
        *self.actuator.fails.lock().unwrap() = vpcs.iter().map(|v| (*v).clone()).collect();
    }
}

fn scope() -> Scope {
    Scope { account: "123456789012".parse().unwrap(), region: "us-east-1".parse().unwrap() }
}

#[tokio::test]
async fn what_succeeds_is_stored_applied_and_seen_and_what_is_refused_leaves_no_trace() {
    let bench = Bench::new().await;
    let vpc = bench.vpc().await;
    assert!(bench.engine.world().vpcs.get(&vpc).is_some());
    assert_eq!(*bench.engine.world(), bench.store.world().unwrap());
    let applied = bench.actuator.applied.lock().unwrap().last().cloned().unwrap();
    assert!(Arc::ptr_eq(&applied, &bench.engine.plan().borrow()));

    let before = (bench.engine.world(), bench.actuator.applied.lock().unwrap().len());
    let refused = bench.engine.change(scope(), |world, context| {
        world.create_vpc(context, "10.77.0.0/16".parse().unwrap(), "default")?;
        world.create_vpc(context, "10.0.0.0/8".parse().unwrap(), "default")
    });
    assert!(matches!(refused.await, Err(ChangeError::Refused(_))));
    assert!(Arc::ptr_eq(&before.0, &bench.engine.world()));
    assert_eq!(before.1, bench.actuator.applied.lock().unwrap().len());
    assert_eq!(*before.0, bench.store.world().unwrap());
}

#[tokio::test]
async fn a_change_that_cannot_be_applied_is_taken_back_everywhere() {
    let bench = Bench::new().await;
    let vpc = bench.vpc().await;
    let before = bench.engine.world();
    bench.fail(&[&vpc]);
    let error = bench.toggle(&vpc).await.unwrap_err();
    assert!(matches!(error, ChangeError::Apply(_)), "{error}");
    assert!(Arc::ptr_eq(&before, &bench.engine.world()));
    assert_eq!(*before, bench.store.world().unwrap());
    let last = bench.actuator.applied.lock().unwrap().last().cloned().unwrap();
    assert!(Arc::ptr_eq(&last, &bench.engine.plan().borrow()), "the plan before was applied again");
    assert!(bench.engine.behind().await.is_some());

    bench.fail(&[]);
    bench.engine.reconcile().await.unwrap();
    assert_eq!(bench.engine.behind().await, None);
    bench.toggle(&vpc).await.unwrap();
}

#[tokio::test]
async fn a_vpc_that_cannot_be_applied_does_not_stop_changes_of_another() {
    let bench = Bench::new().await;
    let (sick, sound) = (bench.vpc().await, bench.vpc().await);
    bench.fail(&[&sick]);
    bench.toggle(&sound).await.unwrap();
    assert!(!bench.engine.world().vpcs.get(&sound).unwrap().dns_support);
    let behind = bench.engine.behind().await.unwrap();
    assert!(behind.vpcs.contains_key(&sick) && !behind.vpcs.contains_key(&sound));
}

#[tokio::test]
async fn a_panic_while_applying_is_an_error_like_others() {
    let bench = Bench::new().await;
    let vpc = bench.vpc().await;
    *bench.actuator.breaks.lock().unwrap() = true;
    assert!(matches!(bench.toggle(&vpc).await, Err(ChangeError::Apply(_))));
    *bench.actuator.breaks.lock().unwrap() = false;
    assert!(bench.engine.world().vpcs.get(&vpc).unwrap().dns_support);
    assert_eq!(*bench.engine.world(), bench.store.world().unwrap());
    bench.toggle(&vpc).await.unwrap();
}

#[tokio::test]
async fn a_client_that_hangs_up_leaves_a_change_whole() {
    let bench = Bench::new().await;
    let vpc = bench.vpc().await;
    let change = bench.toggle(&vpc);
    // Polled once, so that it has begun, and dropped.
    let _ = tokio::time::timeout(std::time::Duration::ZERO, change).await;
    while bench.engine.behind().await.is_some() {
        tokio::task::yield_now().await;
    }
    bench.toggle(&vpc).await.unwrap();
    assert_eq!(*bench.engine.world(), bench.store.world().unwrap());
}
