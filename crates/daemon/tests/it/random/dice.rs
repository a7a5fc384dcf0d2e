//! Dice that fall the same way each time.

use std::collections::HashMap;

use sidegate_model::{Entity, Table, World};

/// Numbers that look random and follow from the first one; and which of the things that a daemon has made came when, since
/// their ids are others in every run.
pub(super) struct Dice {
    number: u64,
    ages: HashMap<String, usize>,
}

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self { number: seed, ages: HashMap::new() }
    }

    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.number = self.number.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.number >> 33).unwrap() % limit
    }

    /// One of things whose order is the same in every run.
    pub(super) fn one<T>(&mut self, of: impl IntoIterator<Item = T>) -> Option<T> {
        let all: Vec<T> = of.into_iter().collect();
        let place = (!all.is_empty()).then(|| self.below(all.len()))?;
        all.into_iter().nth(place)
    }

    /// One of the daemon's.
    pub(super) fn made<'a, T: Entity>(&mut self, of: impl IntoIterator<Item = &'a T>) -> Option<&'a T> {
        let mut all: Vec<&T> = of.into_iter().collect();
        all.sort_by_key(|one| self.age(&one.key()));
        self.one(all)
    }

    /// When something was first seen, as a place in a row.
    pub(super) fn age(&self, id: &str) -> usize {
        *self.ages.get(id).unwrap_or_else(|| panic!("{id} has not been seen"))
    }

    /// Remembers what there is. Of each kind no more than one thing may have come, or what came is in an order already.
    pub(super) fn see(&mut self, world: &World) {
        self.learn(&world.vpcs);
        self.learn(&world.subnets);
        self.learn(&world.route_tables);
        self.learn(&world.network_acls);
        self.learn(&world.security_groups);
        self.learn(&world.interfaces);
        self.learn(&world.endpoints);
        self.learn(&world.internet_gateways);
        self.learn(&world.nat_gateways);
        self.learn(&world.elastic_ips);
        self.learn(&world.peerings);
    }

    fn learn<T: Entity>(&mut self, table: &Table<T>) {
        for one in table.iter() {
            self.remember(one.key());
        }
    }

    /// Remembers something before what comes later.
    pub(super) fn remember(&mut self, id: String) {
        let next = self.ages.len();
        self.ages.entry(id).or_insert(next);
    }
}
