//! A persistent map of one kind of resource, which can tell what changed between two versions of itself.

use std::sync::Arc;

use imbl::OrdMap;
use serde::Serialize;
use serde::de::DeserializeOwned;

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
pub struct Table<T: Entity>(OrdMap<T::Id, Arc<T>>);

impl<T: Entity> Default for Table<T> {
    fn default() -> Self {
        Self(OrdMap::new())
    }
}

impl<T: Entity> PartialEq for Table<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0.len() == other.0.len() && self.iter().eq(other.iter())
    }
}

impl<T: Entity> Table<T> {
    /// The resource with this id.
    pub fn get(&self, id: &T::Id) -> Option<&T> {
        self.0.get(id).map(Arc::as_ref)
    }

    /// Puts a resource in, over the one with the same id.
    pub fn insert(&mut self, entity: T) {
        self.0.insert(entity.id(), Arc::new(entity));
    }

    /// Takes a resource out.
    pub fn remove(&mut self, id: &T::Id) -> Option<Arc<T>> {
        self.0.remove(id)
    }

    /// Changes the resource with this id, if it is there.
    pub fn update(&mut self, id: &T::Id, change: impl FnOnce(&mut T)) {
        if let Some(entity) = self.0.get_mut(id) {
            change(Arc::make_mut(entity));
        }
    }

    /// All resources, by id.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.values().map(Arc::as_ref)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What changed from `self` to `newer`.
    pub fn changes(&self, newer: &Self) -> Vec<Change<T>> {
        use imbl::ordmap::DiffItem;
        self.0
            .diff(&newer.0)
            .map(|item| match item {
                DiffItem::Add(_, value) | DiffItem::Update { new: (_, value), .. } => Change::Put(Arc::clone(value)),
                DiffItem::Remove(_, value) => Change::Removed(Arc::clone(value)),
            })
            .collect()
    }
}
