//! The resources of a table by their VPCs, so that who asks about one VPC need not look at those of all others.

use std::sync::Arc;

use imbl::OrdMap;

use super::Entity;
use crate::VpcId;

/// The resources of each VPC, in the order of their ids. Cloning is cheap and shares what is equal.
#[derive(Clone, Debug)]
pub(super) struct ByVpc<T: Entity>(OrdMap<VpcId, Arc<Vec<Arc<T>>>>);

impl<T: Entity> Default for ByVpc<T> {
    fn default() -> Self {
        Self(OrdMap::new())
    }
}

impl<T: Entity> ByVpc<T> {
    /// Notes that `new` has taken the place of `old`, where one of them is there.
    pub(super) fn replace(&mut self, old: Option<&T>, new: Option<&Arc<T>>) {
        let (from, to) = (old.and_then(T::vpc), new.and_then(|new| new.vpc()));
        if let (Some(old), Some(from)) = (old, from.filter(|from| Some(*from) != to)) {
            self.leave(from, &old.id());
        }
        if let (Some(new), Some(to)) = (new, to) {
            let all = Arc::make_mut(self.0.entry(to.clone()).or_default());
            match place_of(all, &new.id()) {
                Ok(at) => all.get_mut(at).into_iter().for_each(|place| *place = Arc::clone(new)),
                Err(at) => all.insert(at, Arc::clone(new)),
            }
        }
    }

    fn leave(&mut self, vpc: &VpcId, id: &T::Id) {
        let Some(all) = self.0.get_mut(vpc) else { return };
        if let Ok(at) = place_of(all, id) {
            Arc::make_mut(all).remove(at);
        }
        if all.is_empty() {
            self.0.remove(vpc);
        }
    }

    /// Those of one VPC.
    pub(super) fn of(&self, vpc: &VpcId) -> impl Iterator<Item = &T> {
        self.0.get(vpc).into_iter().flat_map(|all| all.iter()).map(Arc::as_ref)
    }
}

fn place_of<T: Entity>(all: &[Arc<T>], id: &T::Id) -> Result<usize, usize> {
    all.binary_search_by(|other| other.id().cmp(id))
}
