//! A persistent map of one kind of resource, which can tell what changed between two versions of itself.

mod by_vpc;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use imbl::OrdMap;
use serde::Serialize;
use serde::de::DeserializeOwned;

use self::by_vpc::ByVpc;
use crate::occupancy::Occupancy;
use crate::{Occupied, VpcId};

/// A resource that is kept in a [`Table`] and stored as one row.
pub trait Entity: Clone + PartialEq + Serialize + DeserializeOwned {
    /// The type of its id.
    type Id: Clone + Ord;
    /// The name of its kind in the store; never changed, since rows carry it.
    const KIND: &'static str;

    /// Its id.
    fn id(&self) -> Self::Id;

    /// Its id as text: the key of its row.
    fn key(&self) -> String;

    /// The VPC that it is in, if it is of a kind that is in one.
    fn vpc(&self) -> Option<&VpcId> {
        None
    }

    /// What it takes up in its VPC and subnet, if it is of a kind that does.
    fn occupies(&self) -> Option<Occupied> {
        None
    }
}

/// What happened to an entity between two versions of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change<T> {
    /// It is new or differs.
    Put(Arc<T>),
    /// It is gone.
    Removed(Arc<T>),
}

/// The resources of one kind, in the order of their ids. Cloning is cheap and shares what is equal.
#[derive(Clone, Debug)]
pub struct Table<T: Entity> {
    rows: OrdMap<T::Id, Arc<T>>,
    by_vpc: ByVpc<T>,
    occupancy: Occupancy,
}

impl<T: Entity> Default for Table<T> {
    fn default() -> Self {
        Self { rows: OrdMap::new(), by_vpc: ByVpc::default(), occupancy: Occupancy::default() }
    }
}

impl<T: Entity> PartialEq for Table<T> {
    fn eq(&self, other: &Self) -> bool {
        self.rows.ptr_eq(&other.rows)
            || (self.rows.len() == other.rows.len()
                && self.rows.values().zip(other.rows.values()).all(|(a, b)| Arc::ptr_eq(a, b) || a == b))
    }
}

impl<T: Entity> Table<T> {
    /// The resource with this id.
    pub fn get(&self, id: &T::Id) -> Option<&T> {
        self.rows.get(id).map(Arc::as_ref)
    }

    /// Puts a resource in, over the one with the same id.
    pub fn insert(&mut self, entity: T) {
        let taken = entity.occupies();
        let entity = Arc::new(entity);
        let old = self.rows.insert(entity.id(), Arc::clone(&entity));
        self.by_vpc.replace(old.as_deref(), Some(&entity));
        old.iter().for_each(|old| self.release(old));
        self.take(taken);
    }

    /// Takes a resource out.
    pub fn remove(&mut self, id: &T::Id) -> Option<Arc<T>> {
        let old = self.rows.remove(id)?;
        self.by_vpc.replace(Some(&*old), None);
        self.release(&old);
        Some(old)
    }

    /// Changes the resource with this id, if it is there.
    pub fn update(&mut self, id: &T::Id, change: impl FnOnce(&mut T)) {
        let Some(entity) = self.rows.get_mut(id) else { return };
        let before = Arc::clone(entity);
        change(Arc::make_mut(entity));
        let after = Arc::clone(entity);
        self.by_vpc.replace(Some(&*before), Some(&after));
        let (before, after) = (before.occupies(), after.occupies());
        if before != after {
            before.into_iter().for_each(|b| self.occupancy.release(b));
            self.take(after);
        }
    }

    fn release(&mut self, old: &T) {
        old.occupies().into_iter().for_each(|o| self.occupancy.release(o));
    }

    fn take(&mut self, taken: Option<Occupied>) {
        taken.into_iter().for_each(|t| self.occupancy.take(t));
    }

    /// What its resources take up.
    pub(crate) fn occupancy(&self) -> &Occupancy {
        &self.occupancy
    }

    /// All resources, by id.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.rows.values().map(Arc::as_ref)
    }

    /// The resources that are in a VPC, by id.
    pub fn of_vpc(&self, vpc: &VpcId) -> impl Iterator<Item = &T> {
        self.by_vpc.of(vpc)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// What changed from `self` to `newer`.
    pub fn changes(&self, newer: &Self) -> Vec<Change<T>> {
        use imbl::ordmap::DiffItem;
        self.rows
            .diff(&newer.rows)
            .map(|item| match item {
                DiffItem::Add(_, value) | DiffItem::Update { new: (_, value), .. } => Change::Put(Arc::clone(value)),
                DiffItem::Remove(_, value) => Change::Removed(Arc::clone(value)),
            })
            .collect()
    }
}
