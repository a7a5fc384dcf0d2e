//! Custom key stores, of which there are none: `DescribeCustomKeyStores`, and what fails since there is no such store.

use serde::{Deserialize, Serialize};
use sidegate_iam::Requirement;

use super::fault::Fault;
use super::operation::{Done, Operation, Prepared};
use super::page::limit;
use super::store::Store;
use super::subject::caller_account;
use crate::constraint::{length, required};
use crate::{Authorized, Caller};

/// `DescribeCustomKeyStores`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeCustomKeyStores {
    custom_key_store_id: Option<String>,
    custom_key_store_name: Option<String>,
    limit: Option<i64>,
    marker: Option<String>,
}

/// No stores.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Stores {
    custom_key_stores: [(); 0],
    truncated: bool,
}

impl Operation for DescribeCustomKeyStores {
    const NAME: &'static str = "DescribeCustomKeyStores";
    type Ready = Self;
    type Answer = Stores;

    fn prepare(self, caller: &Caller, _: &Store) -> Result<Prepared<Self>, Fault> {
        limit(self.limit, 1000, 100)?;
        length("customKeyStoreId", self.custom_key_store_id.as_deref().unwrap_or("-"), 1, 64)?;
        length("customKeyStoreName", self.custom_key_store_name.as_deref().unwrap_or("-"), 1, 256)?;
        if self.custom_key_store_id.is_some() && self.custom_key_store_name.is_some() {
            // Source: API reference, "DescribeCustomKeyStores": either parameter, but not both.
            return Err(Fault::Validation(
                "CustomKeyStoreId and CustomKeyStoreName cannot be specified in the same request.".to_owned(),
            ));
        }
        let requirement = caller_account(Requirement::new("kms:DescribeCustomKeyStores", "*"), caller);
        Ok(Prepared::one(self, requirement))
    }

    fn act(asked: Self, _: &Authorized, _: &Caller, _: &Store) -> Result<Stores, Fault> {
        match asked.custom_key_store_id.or(asked.custom_key_store_name) {
            Some(store) => Err(Fault::NoCustomKeyStore(store)),
            None if asked.marker.is_some() => Err(Fault::InvalidMarker),
            None => Ok(Stores { custom_key_stores: [], truncated: false }),
        }
    }
}

/// What names a store.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Asked {
    custom_key_store_id: Option<String>,
}

/// An operation on a store.
macro_rules! on_store {
    ($($type:ident = $name:literal),+ $(,)?) => {$(
        #[doc = concat!("`", $name, "`")]
        #[derive(Deserialize)]
        #[serde(transparent)]
        pub(super) struct $type(Asked);

        impl Operation for $type {
            const NAME: &'static str = $name;
            type Ready = String;
            type Answer = Done;

            fn prepare(self, caller: &Caller, _: &Store) -> Result<Prepared<String>, Fault> {
                let id = required("customKeyStoreId", self.0.custom_key_store_id)?;
                length("customKeyStoreId", &id, 1, 64)?;
                let requirement = caller_account(Requirement::new(concat!("kms:", $name), "*"), caller);
                Ok(Prepared::one(id, requirement))
            }

            fn act(id: String, _: &Authorized, _: &Caller, _: &Store) -> Result<Done, Fault> {
                Err(Fault::NoCustomKeyStore(id))
            }
        }
    )+};
}

on_store! {
    ConnectCustomKeyStore = "ConnectCustomKeyStore",
    DeleteCustomKeyStore = "DeleteCustomKeyStore",
    DisconnectCustomKeyStore = "DisconnectCustomKeyStore",
    UpdateCustomKeyStore = "UpdateCustomKeyStore",
}
