//! `PutDestination`, `PutDestinationPolicy`, `DescribeDestinations` and `DeleteDestination`
//!
//! Destinations are kept, and their policies bind who leads events to them. Nothing is delivered.

use serde::{Deserialize, Serialize};
use sidegate_iam::{Policy, PolicyType, Requirement};

use super::fault::{Fault, Kind};
use super::id::{arn, plain_name, required_name};
use super::operation::{Act, Done, Operation, Prepared, with_resource_tags};
use super::page::{self, Names};
use super::store::{Destination, Store, Tags};
use super::tags;
use crate::Caller;
use crate::asked::with_request_tags;
use crate::constraint::{length, required};

/// What has to be allowed where a role is handed to CloudWatch Logs.
pub(super) fn pass_role(role: &str) -> Requirement {
    Requirement::new("iam:PassRole", role).with("iam:PassedToService", "logs.amazonaws.com")
}

/// What has to be allowed for an operation on a destination of the caller's account.
fn requirement(caller: &Caller, store: &Store, operation: &str, name: &str) -> Result<Requirement, Fault> {
    let found = store.read(|connection| Destination::find(connection, &caller.scope, name))?;
    let requirement = Requirement::new(format!("logs:{operation}"), arn(&caller.scope, &format!("destination:{name}")));
    Ok(with_resource_tags(requirement, &found.map(|found| found.tags).unwrap_or_default()))
}

/// A destination, as it is shown.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    destination_name: String,
    target_arn: String,
    role_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_policy: Option<String>,
    arn: String,
    creation_time: i64,
}

impl Shown {
    fn of(caller: &Caller, found: Destination) -> Self {
        Self {
            arn: arn(&caller.scope, &format!("destination:{}", found.name)),
            destination_name: found.name,
            target_arn: found.target,
            role_arn: found.role,
            access_policy: found.policy,
            creation_time: found.created,
        }
    }
}

/// `PutDestination`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PutDestination {
    destination_name: Option<String>,
    target_arn: Option<String>,
    role_arn: Option<String>,
    tags: Option<Tags>,
}

#[derive(Serialize)]
pub(super) struct Put {
    destination: Shown,
}

impl Operation for PutDestination {
    const NAME: &'static str = "PutDestination";
    type Ready = Destination;
    type Answer = Put;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Destination>, Fault> {
        let name = required_name("destinationName", self.destination_name)?;
        let target = required("targetArn", self.target_arn)?;
        length("targetArn", &target, 1, 2048)?;
        let is_target = ["arn:aws:kinesis:", "arn:aws:firehose:"].iter().any(|begin| target.starts_with(begin));
        if !is_target {
            return Err(Fault::invalid("Invalid targetArn specified"));
        }
        let role = required("roleArn", self.role_arn)?;
        length("roleArn", &role, 1, 2048)?;
        if !role.starts_with("arn:aws:iam::") || !role.contains(":role/") {
            return Err(Fault::invalid("Invalid roleArn specified"));
        }
        let tags = self.tags.map(tags::checked).transpose()?.unwrap_or_default();
        let put = with_request_tags(requirement(caller, store, Self::NAME, &name)?, &tags);
        let requirements = vec![put, pass_role(&role)];
        let ready = Destination { name, created: caller.now, target, role, policy: None, tags };
        Ok(Prepared { ready, requirements })
    }

    fn act(mut new: Destination, act: &Act<'_>) -> Result<Put, Fault> {
        let scope = &act.caller.scope;
        act.store.write(act.allowed, act.caller.now, |transaction| {
            if let Some(old) = Destination::find(transaction, scope, &new.name)? {
                new.created = old.created;
                new.policy = old.policy;
                new.tags = old.tags;
            }
            new.put(transaction, scope)
        })?;
        Ok(Put { destination: Shown::of(act.caller, new) })
    }
}

/// `PutDestinationPolicy`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PutDestinationPolicy {
    destination_name: Option<String>,
    access_policy: Option<String>,
}

impl Operation for PutDestinationPolicy {
    const NAME: &'static str = "PutDestinationPolicy";
    type Ready = (String, String);
    type Answer = Done;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let name = required_name("destinationName", self.destination_name)?;
        let policy = required("accessPolicy", self.access_policy)?;
        length("accessPolicy", &policy, 1, 20_480)?;
        if Policy::parse(&policy, PolicyType::Resource).is_err() {
            return Err(Fault::invalid("Invalid access policy"));
        }
        let requirements = vec![requirement(caller, store, Self::NAME, &name)?];
        Ok(Prepared { ready: (name, policy), requirements })
    }

    fn act((name, policy): Self::Ready, act: &Act<'_>) -> Result<Done, Fault> {
        let scope = &act.caller.scope;
        act.store.write(act.allowed, act.caller.now, |transaction| {
            let found = Destination::find(transaction, scope, &name)?;
            let mut found = found.ok_or(Fault::None(Kind::Destination))?;
            found.policy = Some(policy);
            found.put(transaction, scope)?;
            Ok(Done {})
        })
    }
}

/// `DeleteDestination`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DeleteDestination {
    destination_name: Option<String>,
}

impl Operation for DeleteDestination {
    const NAME: &'static str = "DeleteDestination";
    type Ready = String;
    type Answer = Done;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<String>, Fault> {
        let name = required_name("destinationName", self.destination_name)?;
        let requirements = vec![requirement(caller, store, Self::NAME, &name)?];
        Ok(Prepared { ready: name, requirements })
    }

    fn act(name: String, act: &Act<'_>) -> Result<Done, Fault> {
        let scope = &act.caller.scope;
        act.store.free(act.allowed, |transaction| match Destination::remove(transaction, scope, &name)? {
            true => Ok(Done {}),
            false => Err(Fault::None(Kind::Destination)),
        })
    }
}

/// `DescribeDestinations`
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DescribeDestinations {
    #[serde(rename = "DestinationNamePrefix")]
    prefix: Option<String>,
    next_token: Option<String>,
    limit: Option<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct DestinationsPage {
    destinations: Vec<Shown>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for DescribeDestinations {
    const NAME: &'static str = "DescribeDestinations";
    type Ready = (String, Names);
    type Answer = DestinationsPage;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let prefix = self.prefix.unwrap_or_default();
        if !prefix.is_empty() {
            plain_name("destinationNamePrefix", &prefix)?;
        }
        let limit = page::limit(self.limit, 50, 50)?;
        let context = format!("{} {}/{} {prefix}", Self::NAME, caller.scope.account, caller.scope.region);
        let names = Names::of(&store.vault, context, caller.now, self.next_token.as_deref(), limit)?;
        let requirements = vec![Requirement::new(format!("logs:{}", Self::NAME), arn(&caller.scope, "destination:*"))];
        Ok(Prepared { ready: (prefix, names), requirements })
    }

    fn act((prefix, names): Self::Ready, act: &Act<'_>) -> Result<DestinationsPage, Fault> {
        let (scope, vault) = (&act.caller.scope, &act.store.vault);
        let found = act
            .store
            .read(|connection| Destination::page(connection, scope, &names.after, &prefix, names.limit + 1))?;
        let shown = found.into_iter().map(|found| Shown::of(act.caller, found)).collect();
        let (destinations, next_token) =
            names.page(vault, act.caller.now, shown, |shown: &Shown| &shown.destination_name)?;
        Ok(DestinationsPage { destinations, next_token })
    }
}
