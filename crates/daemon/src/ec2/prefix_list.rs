//! Prefix lists as answers show them: those that AWS manages, and those of accounts. What accounts do to theirs is in
//! `prefix_list/command.rs`.
//!
//! Source: EC2 API reference, `DescribePrefixLists`, `DescribeManagedPrefixLists`, `GetManagedPrefixListEntries`,
//! `GetManagedPrefixListAssociations`; VPC user guide, "AWS-managed prefix lists".

mod command;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use sidegate_model::{Arn, CustomerPrefixList, PrefixList, PrefixListId, Region, Scope, World};
use sidegate_wire::ec2::{
    self, DescribeManagedPrefixListsRequest, DescribeManagedPrefixListsResult, DescribePrefixListsRequest,
    DescribePrefixListsResult, GetManagedPrefixListAssociationsRequest, GetManagedPrefixListAssociationsResult,
    GetManagedPrefixListEntriesRequest, GetManagedPrefixListEntriesResult, ManagedPrefixList, PrefixListAssociation,
    PrefixListEntry,
};
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::filter::{Filters, one, tag_values};
use super::ids::{given, ids};
use super::{fault, refused, tagged};

/// The owner of the lists that AWS manages.
const OWNER: &str = "AWS";

/// The filters of DescribeManagedPrefixLists. Those by tag are not in its reference; Terraform's data source uses them.
const FILTERS: &[&str] = &["owner-id", "prefix-list-id", "prefix-list-name", "tag-key", "tag-value", "tag:"];

fn values<'r>(list: &'r PrefixList, filter: &str) -> Vec<Cow<'r, str>> {
    match filter {
        "owner-id" => one(OWNER),
        "prefix-list-id" => one(list.id.as_str()),
        "prefix-list-name" => one(list.name.as_str()),
        _ => Vec::new(),
    }
}

/// A list of either kind.
enum Listed<'w> {
    Managed(PrefixList),
    Customer(&'w CustomerPrefixList),
}

impl<'w> Listed<'w> {
    /// The lists with these ids, each of which must be there, or all that an account sees in a Region, by id.
    fn chosen(world: &'w World, scope: &Scope, wanted: &[String]) -> Result<Vec<Self>, Failure> {
        let wanted: Vec<PrefixListId> = ids(wanted)?;
        let own = world.prefix_lists.iter().filter(|list| list.scope == *scope).map(Listed::Customer);
        let mut lists: Vec<_> = PrefixList::managed(scope.region).into_iter().map(Listed::Managed).chain(own).collect();
        if let Some(missing) = wanted.iter().find(|id| !lists.iter().any(|list| list.id() == *id)) {
            return Err(fault::of(&missing.not_found()));
        }
        lists.retain(|list| wanted.is_empty() || wanted.contains(list.id()));
        lists.sort_by(|a, b| a.id().cmp(b.id()));
        Ok(lists)
    }

    fn find(world: &'w World, scope: &Scope, id: &PrefixListId) -> Result<Self, Failure> {
        if let Some(list) = PrefixList::find(scope.region, id) {
            return Ok(Self::Managed(list));
        }
        world.customer_prefix_list(scope, id).map(Self::Customer).map_err(|error| fault::of(&error))
    }

    fn id(&self) -> &PrefixListId {
        match self {
            Self::Managed(list) => &list.id,
            Self::Customer(list) => &list.id,
        }
    }

    fn values<'r>(&'r self, world: &'r World, filter: &str) -> Vec<Cow<'r, str>> {
        match (self, filter) {
            (Self::Managed(list), _) => values(list, filter),
            (Self::Customer(list), "owner-id") => one(list.scope.account.as_str()),
            (Self::Customer(list), "prefix-list-id") => one(list.id.as_str()),
            (Self::Customer(list), "prefix-list-name") => one(list.name.as_str()),
            (Self::Customer(list), _) => tag_values(world, list.id.as_str(), filter).unwrap_or_default(),
        }
    }
}

impl Action for DescribePrefixListsRequest {
    type Answer = DescribePrefixListsResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<DescribePrefixListsResult, Failure> {
        let filters = Filters::read(&self.filters, &["prefix-list-id", "prefix-list-name"])?;
        let wanted: Vec<PrefixListId> = ids(&self.prefix_list_ids)?;
        let mut lists = PrefixList::managed(call.scope().region);
        if let Some(missing) = wanted.iter().find(|id| !lists.iter().any(|list| list.id == **id)) {
            return Err(fault::of(&missing.not_found()));
        }
        lists.retain(|list| wanted.is_empty() || wanted.contains(&list.id));
        lists.retain(|list| filters.pass(|name| values(list, name)));
        lists.sort_by(|a, b| a.id.cmp(&b.id));
        let key = |list: &PrefixList| list.id.to_string();
        let page = call.page(lists, key, self.max_results, self.next_token.as_deref(), (1, 1000))?;
        let shown = |list: PrefixList| ec2::PrefixList {
            cidrs: blocks(&list).collect(),
            prefix_list_id: Some(list.id.to_string()),
            prefix_list_name: Some(list.name),
        };
        let prefix_lists = page.items.into_iter().map(shown).collect();
        Ok(DescribePrefixListsResult { next_token: page.next_token, prefix_lists })
    }
}

impl Action for DescribeManagedPrefixListsRequest {
    type Answer = DescribeManagedPrefixListsResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<DescribeManagedPrefixListsResult, Failure> {
        let (world, scope) = (call.world(), call.scope());
        let filters = Filters::read(&self.filters, FILTERS)?;
        let mut lists = Listed::chosen(&world, scope, &self.prefix_list_ids)?;
        lists.retain(|list| filters.pass(|name| list.values(&world, name)));
        let key = |list: &Listed<'_>| list.id().to_string();
        let page = call.page(lists, key, self.max_results, self.next_token.as_deref(), (1, 100))?;
        let shown = |list| match list {
            Listed::Managed(list) => managed(list, scope.region),
            Listed::Customer(list) => customer(&world, list),
        };
        Ok(DescribeManagedPrefixListsResult {
            next_token: page.next_token,
            prefix_lists: page.items.into_iter().map(shown).collect(),
        })
    }
}

/// The blocks of a list.
fn blocks(list: &PrefixList) -> impl Iterator<Item = String> {
    list.cidrs.iter().map(ToString::to_string).chain(list.cidrs6.iter().map(ToString::to_string))
}

/// A list as AWS shows its own: without a version and a maximum of entries.
fn managed(list: PrefixList, region: Region) -> ManagedPrefixList {
    ManagedPrefixList {
        prefix_list_arn: Some(format!("arn:aws:ec2:{region}:aws:prefix-list/{}", list.id)),
        prefix_list_id: Some(list.id.to_string()),
        address_family: Some(list.family().as_str().to_owned()),
        prefix_list_name: Some(list.name),
        state: Some("create-complete".to_owned()),
        owner_id: Some(OWNER.to_owned()),
        ..ManagedPrefixList::default()
    }
}

/// An account's own list.
fn customer(world: &World, list: &CustomerPrefixList) -> ManagedPrefixList {
    ManagedPrefixList {
        prefix_list_id: Some(list.id.to_string()),
        prefix_list_arn: Some(Arn::ec2(&list.scope, "prefix-list", &list.id).to_string()),
        prefix_list_name: Some(list.name.clone()),
        address_family: Some(list.family.as_str().to_owned()),
        state: Some(list.state.as_str().to_owned()),
        state_message: list.message.clone(),
        max_entries: i32::try_from(list.max_entries).ok(),
        version: i64::try_from(list.version).ok(),
        owner_id: Some(list.scope.account.to_string()),
        tags: tagged::shown(world, list.id.as_str()),
        ..ManagedPrefixList::default()
    }
}

impl Action for GetManagedPrefixListEntriesRequest {
    type Answer = GetManagedPrefixListEntriesResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        command::resource(scope, self.prefix_list_id.as_deref())
    }

    async fn act(self, call: &Call<'_>) -> Result<GetManagedPrefixListEntriesResult, Failure> {
        let id: PrefixListId = given(self.prefix_list_id.as_deref(), "PrefixListId")?;
        let world = call.world();
        let mut entries = match Listed::find(&world, call.scope(), &id)? {
            Listed::Managed(list) => managed_entries(&list, self.target_version)?,
            Listed::Customer(list) => {
                let entries = world.prefix_list_entries(list, self.target_version).map_err(|e| fault::of(&e))?;
                entries.iter().map(entry).collect()
            }
        };
        // In the order that the tokens of pages go by.
        entries.sort_by(|a, b| a.cidr.cmp(&b.cidr));
        let key = |entry: &PrefixListEntry| entry.cidr.clone().unwrap_or_default();
        let page = call.page(entries, key, self.max_results, self.next_token.as_deref(), (1, 100))?;
        Ok(GetManagedPrefixListEntriesResult { entries: page.items, next_token: page.next_token })
    }
}

fn managed_entries(list: &PrefixList, version: Option<i64>) -> Result<Vec<PrefixListEntry>, Failure> {
    if let Some(version) = version {
        let message = format!("The prefix list '{}' is managed by AWS and has no version {version}.", list.id);
        return Err(refused("InvalidParameterValue", message));
    }
    Ok(blocks(list).map(|cidr| PrefixListEntry { cidr: Some(cidr), description: None }).collect())
}

fn entry(entry: &sidegate_model::PrefixListEntry) -> PrefixListEntry {
    let description = Some(entry.description.clone()).filter(|text| !text.is_empty());
    PrefixListEntry { cidr: Some(entry.block.to_string()), description }
}

impl Action for GetManagedPrefixListAssociationsRequest {
    type Answer = GetManagedPrefixListAssociationsResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        command::resource(scope, self.prefix_list_id.as_deref())
    }

    async fn act(self, call: &Call<'_>) -> Result<GetManagedPrefixListAssociationsResult, Failure> {
        let id: PrefixListId = given(self.prefix_list_id.as_deref(), "PrefixListId")?;
        let (world, scope) = (call.world(), call.scope());
        Listed::find(&world, scope, &id)?;
        let association = |id: &str| PrefixListAssociation {
            resource_id: Some(id.to_owned()),
            resource_owner: Some(scope.account.to_string()),
        };
        let users = world.prefix_list_users(scope, &id).iter().map(|user| association(user.as_str())).collect();
        let key = |user: &PrefixListAssociation| user.resource_id.clone().unwrap_or_default();
        let page = call.page(users, key, self.max_results, self.next_token.as_deref(), (5, 255))?;
        Ok(GetManagedPrefixListAssociationsResult { prefix_list_associations: page.items, next_token: page.next_token })
    }
}
