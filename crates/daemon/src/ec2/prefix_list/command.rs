//! What an account does to its prefix lists: CreateManagedPrefixList, ModifyManagedPrefixList,
//! RestoreManagedPrefixListVersion, DeleteManagedPrefixList.
//!
//! AWS does these in its own time, and answers with the list as it was and a state that says so. Here they are done when
//! the call is answered, and what is described next has the new state.

use sidegate_model::{AddressFamily, CreatePrefixList, IpCidr, ModifyPrefixList, PrefixListEntry, PrefixListId, Scope};
use sidegate_wire::ec2::{
    AddPrefixListEntry, CreateManagedPrefixListRequest, CreateManagedPrefixListResult, DeleteManagedPrefixListRequest,
    DeleteManagedPrefixListResult, ManagedPrefixList, ModifyManagedPrefixListRequest, ModifyManagedPrefixListResult,
    RestoreManagedPrefixListVersionRequest, RestoreManagedPrefixListVersionResult,
};
use sidegate_wire::protocol::Failure;

use super::super::action::{Action, Call};
use super::super::ids::{arn, given, required};
use super::super::parameter::absent;
use super::super::{client_token, refused, tag, tagged};
use super::customer;

/// The name under which tokens of CreateManagedPrefixList are kept.
const CREATE: &str = "CreateManagedPrefixList";

/// The list that an action needs permission for.
pub(super) fn resource(scope: &Scope, id: Option<&str>) -> Vec<String> {
    vec![arn(scope, "prefix-list", id.unwrap_or("*"))]
}

/// The list as it was, on its way.
fn in_progress(list: ManagedPrefixList, state: &str) -> ManagedPrefixList {
    ManagedPrefixList { state: Some(state.to_owned()), state_message: None, ..list }
}

fn block(text: Option<&str>, parameter: &str) -> Result<IpCidr, Failure> {
    let text = required(text, parameter)?;
    text.parse()
        .map_err(|_: String| refused("InvalidParameterValue", format!("The CIDR ({text}) is not a valid CIDR block.")))
}

fn entries(entries: &[AddPrefixListEntry], parameter: &str) -> Result<Vec<PrefixListEntry>, Failure> {
    let entry = |given: &AddPrefixListEntry| {
        let description = given.description.clone().unwrap_or_default();
        Ok(PrefixListEntry { block: block(given.cidr.as_deref(), parameter)?, description })
    };
    entries.iter().map(entry).collect()
}

fn family(text: Option<&str>) -> Result<AddressFamily, Failure> {
    match required(text, "AddressFamily")? {
        "IPv4" => Ok(AddressFamily::Ipv4),
        "IPv6" => Ok(AddressFamily::Ipv6),
        other => {
            let message =
                format!("Value ({other}) for parameter AddressFamily is invalid. Valid values are IPv4 and IPv6.");
            Err(refused("InvalidParameterValue", message))
        }
    }
}

impl Action for CreateManagedPrefixListRequest {
    type Answer = CreateManagedPrefixListResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        resource(scope, None)
    }

    async fn act(mut self, call: &Call<'_>) -> Result<CreateManagedPrefixListResult, Failure> {
        self.dry_run = None;
        let token = self.client_token.take();
        let parameters = client_token::fingerprint(&self);
        let name = required(self.prefix_list_name.as_deref(), "PrefixListName")?.to_owned();
        let Some(max_entries) = self.max_entries else {
            return Err(refused("MissingParameter", "The request must contain the parameter MaxEntries"));
        };
        let family = family(self.address_family.as_deref())?;
        let wanted = CreatePrefixList { name, family, max_entries, entries: entries(&self.entries, "Entry.Cidr")? };
        let tags = tagged::specified(&self.tag_specifications, "prefix-list", &[])?;
        let list = call
            .change(move |world, context| {
                if let Some(token) = &token
                    && let Some(made) = world.replay(context, CREATE, token, &parameters)?
                {
                    return Ok(customer(world, world.customer_prefix_list(&context.scope, &made.parse()?)?));
                }
                let id = world.create_prefix_list(context, wanted)?;
                tag::put(world, context, id.as_str(), &tags)?;
                if let Some(token) = &token {
                    world.remember(context, CREATE, token, &parameters, id.as_str());
                }
                Ok(in_progress(customer(world, world.customer_prefix_list(&context.scope, &id)?), "create-in-progress"))
            })
            .await?;
        Ok(CreateManagedPrefixListResult { prefix_list: Some(list) })
    }
}

impl Action for ModifyManagedPrefixListRequest {
    type Answer = ModifyManagedPrefixListResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        resource(scope, self.prefix_list_id.as_deref())
    }

    async fn act(self, call: &Call<'_>) -> Result<ModifyManagedPrefixListResult, Failure> {
        let id: PrefixListId = given(self.prefix_list_id.as_deref(), "PrefixListId")?;
        if self.ipam_prefix_list_resolver_sync_enabled.is_some() {
            return Err(absent("IpamPrefixListResolverSyncEnabled", "there is no IPAM here"));
        }
        let remove = self.remove_entries.iter().map(|entry| block(entry.cidr.as_deref(), "RemoveEntry.Cidr"));
        let change = ModifyPrefixList {
            current: self.current_version,
            name: self.prefix_list_name,
            max_entries: self.max_entries,
            add: entries(&self.add_entries, "AddEntry.Cidr")?,
            remove: remove.collect::<Result<_, _>>()?,
        };
        // Another name is there at once.
        let slow = change.max_entries.is_some() || !change.add.is_empty() || !change.remove.is_empty();
        let list = call
            .change(move |world, context| {
                let before = world.customer_prefix_list(&context.scope, &id).ok().map(|list| customer(world, list));
                world.modify_prefix_list(context, &id, change)?;
                let now = customer(world, world.customer_prefix_list(&context.scope, &id)?);
                Ok(match before.filter(|_| slow) {
                    Some(before) => in_progress(
                        ManagedPrefixList { prefix_list_name: now.prefix_list_name, ..before },
                        "modify-in-progress",
                    ),
                    None => now,
                })
            })
            .await?;
        Ok(ModifyManagedPrefixListResult { prefix_list: Some(list) })
    }
}

impl Action for RestoreManagedPrefixListVersionRequest {
    type Answer = RestoreManagedPrefixListVersionResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        resource(scope, self.prefix_list_id.as_deref())
    }

    async fn act(self, call: &Call<'_>) -> Result<RestoreManagedPrefixListVersionResult, Failure> {
        let id: PrefixListId = given(self.prefix_list_id.as_deref(), "PrefixListId")?;
        let version = |value: Option<i64>, name: &str| {
            value.ok_or_else(|| refused("MissingParameter", format!("The request must contain the parameter {name}")))
        };
        let previous = version(self.previous_version, "PreviousVersion")?;
        let current = version(self.current_version, "CurrentVersion")?;
        let list = call
            .change(move |world, context| {
                let before = world.customer_prefix_list(&context.scope, &id).ok().map(|list| customer(world, list));
                world.restore_prefix_list(context, &id, previous, current)?;
                Ok(before)
            })
            .await?;
        Ok(RestoreManagedPrefixListVersionResult { prefix_list: list.map(|l| in_progress(l, "restore-in-progress")) })
    }
}

impl Action for DeleteManagedPrefixListRequest {
    type Answer = DeleteManagedPrefixListResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        resource(scope, self.prefix_list_id.as_deref())
    }

    async fn act(self, call: &Call<'_>) -> Result<DeleteManagedPrefixListResult, Failure> {
        let id: PrefixListId = given(self.prefix_list_id.as_deref(), "PrefixListId")?;
        let list = call
            .change(move |world, context| {
                let before = world.customer_prefix_list(&context.scope, &id).ok().map(|list| customer(world, list));
                world.delete_prefix_list(context, &id)?;
                Ok(before)
            })
            .await?;
        Ok(DeleteManagedPrefixListResult { prefix_list: list.map(|l| in_progress(l, "delete-in-progress")) })
    }
}
