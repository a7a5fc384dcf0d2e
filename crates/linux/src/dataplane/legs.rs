//! Which VPCs have links to which passages, kept from plan to plan, so that a change in one VPC does not ask all others.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use sidegate_model::VpcId;
use sidegate_plan::{Plan, VpcPlan};

/// The VPCs that lead to each passage, as the plan that was followed last has them.
#[derive(Debug, Default)]
pub(super) struct Legs {
    vpcs: BTreeMap<VpcId, Known>,
    by_passage: BTreeMap<String, BTreeSet<VpcId>>,
}

/// A VPC that was followed.
#[derive(Debug)]
struct Known {
    plan: Arc<VpcPlan>,
    passages: Vec<String>,
}

impl Legs {
    /// Follows a plan. A VPC whose plan is the same value as before leads where it led.
    pub(super) fn follow(&mut self, plan: &Plan) {
        let gone: Vec<VpcId> = self.vpcs.keys().filter(|vpc| !plan.vpcs.contains_key(*vpc)).cloned().collect();
        gone.iter().for_each(|vpc| self.forget(vpc));
        for (id, vpc) in &plan.vpcs {
            if self.vpcs.get(id).is_some_and(|known| Arc::ptr_eq(&known.plan, vpc)) {
                continue;
            }
            self.forget(id);
            let passages = passages_of(vpc);
            for name in &passages {
                self.by_passage.entry(name.clone()).or_default().insert(id.clone());
            }
            self.vpcs.insert(id.clone(), Known { plan: Arc::clone(vpc), passages });
        }
    }

    fn forget(&mut self, vpc: &VpcId) {
        let Some(known) = self.vpcs.remove(vpc) else { return };
        for name in known.passages {
            if let Some(legs) = self.by_passage.get_mut(&name) {
                legs.remove(vpc);
                if legs.is_empty() {
                    self.by_passage.remove(&name);
                }
            }
        }
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
