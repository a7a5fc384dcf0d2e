//! Which addresses of a subnet and which group numbers of a VPC are taken, kept beside the rows of a [`crate::Table`],
//! so that a new interface finds its address and number without looking at all the others.

use imbl::OrdMap;

use crate::{SecurityGroupId, SubnetId, VpcId};

/// What an interface takes up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occupied {
    /// In which VPC.
    pub vpc: VpcId,
    /// In which subnet.
    pub subnet: SubnetId,
    /// The addresses, as numbers.
    pub addresses: Vec<u32>,
    /// The security groups, sorted.
    pub groups: Vec<SecurityGroupId>,
    /// The number of this combination of groups in the VPC.
    pub group_number: u16,
}

/// What all the interfaces of a table take up.
#[derive(Clone, Debug, Default)]
pub(crate) struct Occupancy {
    /// The taken addresses, by subnet.
    pub(crate) addresses: Runs<SubnetId>,
    /// The number of each combination of groups in a VPC, and how many interfaces have it.
    combinations: OrdMap<(VpcId, Vec<SecurityGroupId>), (u16, u32)>,
    /// The taken numbers, by VPC.
    pub(crate) numbers: Runs<VpcId>,
}

impl Occupancy {
    pub(crate) fn take(&mut self, what: Occupied) {
        for address in &what.addresses {
            self.addresses.take(&what.subnet, *address);
        }
        self.numbers.take(&what.vpc, u32::from(what.group_number));
        let users = self.combinations.entry((what.vpc, what.groups)).or_insert((what.group_number, 0));
        users.1 += 1;
    }

    pub(crate) fn release(&mut self, what: Occupied) {
        for address in &what.addresses {
            self.addresses.release(&what.subnet, *address);
        }
        let key = (what.vpc, what.groups);
        match self.combinations.get_mut(&key) {
            Some((_, users)) if *users > 1 => *users -= 1,
            _ => {
                self.combinations.remove(&key);
                self.numbers.release(&key.0, u32::from(what.group_number));
            }
        }
    }

    /// The number of a combination of groups, which must be sorted.
    pub(crate) fn number_of(&self, vpc: &VpcId, groups: Vec<SecurityGroupId>) -> Option<u16> {
        self.combinations.get(&(vpc.clone(), groups)).map(|(number, _)| *number)
    }

    /// Whether an interface of the VPC has this group.
    pub(crate) fn uses_group(&self, vpc: &VpcId, group: &SecurityGroupId) -> bool {
        self.combinations
            .range((vpc.clone(), Vec::new())..)
            .take_while(|((v, _), _)| v == vpc)
            .any(|((_, groups), _)| groups.contains(group))
    }
}

/// Sets of numbers, one for each key, as runs without gaps: from the first number of a run to its last.
#[derive(Clone, Debug)]
pub(crate) struct Runs<K: Clone + Ord>(OrdMap<(K, u32), u32>);

impl<K: Clone + Ord> Default for Runs<K> {
    fn default() -> Self {
        Self(OrdMap::new())
    }
}

impl<K: Clone + Ord> Runs<K> {
    /// The run that holds `number` or else the nearest one before it.
    fn before(&self, key: &K, number: u32) -> Option<(u32, u32)> {
        let ((found, first), last) = self.0.get_prev(&(key.clone(), number))?;
        (found == key).then_some((*first, *last))
    }

    pub(crate) fn contains(&self, key: &K, number: u32) -> bool {
        self.before(key, number).is_some_and(|(_, last)| number <= last)
    }

    pub(crate) fn take(&mut self, key: &K, number: u32) {
        let before = self.before(key, number);
        if before.is_some_and(|(_, last)| number <= last) {
            return;
        }
        let first = match before {
            Some((first, last)) if last.checked_add(1) == Some(number) => first,
            _ => number,
        };
        let next = number.checked_add(1).and_then(|n| self.0.remove(&(key.clone(), n)));
        self.0.insert((key.clone(), first), next.unwrap_or(number));
    }

    pub(crate) fn release(&mut self, key: &K, number: u32) {
        let Some((first, last)) = self.before(key, number).filter(|(_, last)| number <= *last) else { return };
        if first == number {
            self.0.remove(&(key.clone(), first));
        } else {
            self.0.insert((key.clone(), first), number - 1);
        }
        if number < last {
            self.0.insert((key.clone(), number + 1), last);
        }
    }

    /// The lowest number that is not taken, from `start` on.
    pub(crate) fn lowest_free(&self, key: &K, start: u32) -> Option<u32> {
        match self.before(key, start) {
            Some((_, last)) if start <= last => last.checked_add(1),
            _ => Some(start),
        }
    }

    /// How many numbers are taken.
    pub(crate) fn count(&self, key: &K) -> u64 {
        self.0
            .range((key.clone(), 0)..=(key.clone(), u32::MAX))
            .map(|((_, first), last)| u64::from(last - first) + 1)
            .sum()
    }
}

#[cfg(test)]
mod tests;
