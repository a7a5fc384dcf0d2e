//! `AssociateKmsKey` and `DisassociateKmsKey`

use serde::Deserialize;

use super::fault::Fault;
use super::id::GroupId;
use super::key::{self, KeyUse};
use super::operation::{Act, Done, Operation, Prepared, Subject};
use super::store::{Group, Store};
use crate::Caller;
use crate::constraint::required;

/// The log group that one of two members names. The results of queries, which may be named too, there are none of.
fn subject(caller: &Caller, store: &Store, name: Option<String>, resource: Option<&str>) -> Result<Subject, Fault> {
    let id = match (name, resource) {
        (Some(_), Some(_)) | (None, None) => {
            return Err(Fault::invalid("Must specify either logGroupName or resourceIdentifier, but not both."));
        }
        (_, Some(resource)) if resource.contains(":query-result:") => {
            return Err(Fault::Unserved("keys for the results of queries"));
        }
        (_, Some(resource)) => GroupId::of_arn(&caller.scope, resource)
            .ok_or_else(|| Fault::invalid("The specified resourceIdentifier is invalid."))?,
        (name, None) => GroupId::named(&caller.scope, name)?,
    };
    Subject::find(store, id)
}

/// `AssociateKmsKey`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AssociateKmsKey {
    log_group_name: Option<String>,
    kms_key_id: Option<String>,
    resource_identifier: Option<String>,
}

impl Operation for AssociateKmsKey {
    const NAME: &'static str = "AssociateKmsKey";
    type Ready = (Subject, String);
    type Answer = Done;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let key = required("kmsKeyId", self.kms_key_id)?;
        let subject = subject(caller, store, self.log_group_name, self.resource_identifier.as_deref())?;
        let key = key::given(key, &subject.id)?;
        let requirements = vec![subject.requirement(Self::NAME)];
        Ok(Prepared { ready: (subject, key), requirements })
    }

    fn key_use((subject, key): &Self::Ready, store: &Store) -> Result<KeyUse, Fault> {
        store.read(|connection| Group::existing(connection, &subject.id))?;
        Ok(KeyUse { group: Some(subject.id.clone()), new: Some(key.clone()), open: Vec::new() })
    }

    fn act((subject, _): Self::Ready, act: &Act<'_>) -> Result<Done, Fault> {
        act.store.write(act.allowed, act.caller.now, |transaction| {
            let mut group = subject.group(act.allowed, transaction)?;
            let new = act.keys.new_key().ok_or(Fault::Interrupted)?;
            let number = Group::insert_data_key(transaction, group.number, &new.key, &new.wrapped)?;
            group.key = Some((new.key.clone(), number));
            group.update(transaction)?;
            Ok(Done {})
        })
    }
}

/// `DisassociateKmsKey`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DisassociateKmsKey {
    log_group_name: Option<String>,
    resource_identifier: Option<String>,
}

impl Operation for DisassociateKmsKey {
    const NAME: &'static str = "DisassociateKmsKey";
    type Ready = Subject;
    type Answer = Done;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Subject>, Fault> {
        let subject = subject(caller, store, self.log_group_name, self.resource_identifier.as_deref())?;
        let requirements = vec![subject.requirement(Self::NAME)];
        Ok(Prepared { ready: subject, requirements })
    }

    fn act(subject: Subject, act: &Act<'_>) -> Result<Done, Fault> {
        act.store.write(act.allowed, act.caller.now, |transaction| {
            let mut group = subject.group(act.allowed, transaction)?;
            // What arrived under the key stays encrypted under it.
            group.key = None;
            group.update(transaction)?;
            Ok(Done {})
        })
    }
}
