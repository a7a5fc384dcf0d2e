//! Which VPCs have links to which passages, kept from plan to plan, so that a change in one VPC does not ask all others.

use std::collections::{BTreeMap, BTreeSet};

use sidegate_model::VpcId;
use sidegate_plan::{Plan, VpcPlan};

/// The VPCs that lead to each passage, as the plan that was followed last has them.
#[derive(Debug, Default)]
pub(super) struct Legs {
    plan: Plan,
    by_vpc: BTreeMap<VpcId, Vec<String>>,
    by_passage: BTreeMap<String, BTreeSet<VpcId>>,
}

impl Legs {
    /// Follows a plan, and returns the passages that other VPCs may lead to now. A VPC whose plan is the same value as
    /// before leads where it led.
    pub(super) fn follow(&mut self, plan: &Plan) -> BTreeSet<String> {
        let old = std::mem::replace(&mut self.plan, plan.clone());
        let mut touched = BTreeSet::new();
        for id in old.changed_vpcs(plan) {
            touched.extend(self.forget(id));
            let Some(vpc) = plan.vpcs.get(id) else { continue };
            let passages = passages_of(vpc);
            for name in &passages {
                self.by_passage.entry(name.clone()).or_default().insert(id.clone());
            }
            touched.extend(passages.iter().cloned());
            self.by_vpc.insert(id.clone(), passages);
        }
        touched
    }

    /// Forgets a VPC, and returns where it led.
    fn forget(&mut self, vpc: &VpcId) -> Vec<String> {
        let passages = self.by_vpc.remove(vpc).unwrap_or_default();
        for name in &passages {
            if let Some(legs) = self.by_passage.get_mut(name) {
                legs.remove(vpc);
                if legs.is_empty() {
                    self.by_passage.remove(name);
                }
            }
        }
        passages
    }

    /// The VPCs that lead to a passage and have a namespace, if there are any.
    pub(super) fn of(&self, passage: &str) -> Option<&BTreeSet<VpcId>> {
        self.by_passage.get(passage)
    }
}

/// The passages that a VPC has links to, and what may be one behind its links: a NAT gateway's link forwards. This asks the
/// VPC's plan alone, so that equal plans give equal answers.
fn passages_of(vpc: &VpcPlan) -> Vec<String> {
    if !vpc.is_inhabited() {
        return Vec::new();
    }
    let behind = vpc.links.values().filter(|link| link.forwards).map(|link| &link.namespace);
    vpc.passages.keys().chain(behind).cloned().collect()
}

#[cfg(test)]
mod tests;
