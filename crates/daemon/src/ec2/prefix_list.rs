//! Prefix lists: those that AWS manages, which are all there are.
//!
//! Source: EC2 API reference, `DescribePrefixLists`, `DescribeManagedPrefixLists`, `GetManagedPrefixListEntries`; VPC
//! user guide, "AWS-managed prefix lists".

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use sidegate_model::{PrefixList, PrefixListId, Region};
use sidegate_wire::ec2::{
    self, DescribeManagedPrefixListsRequest, DescribeManagedPrefixListsResult, DescribePrefixListsRequest,
    DescribePrefixListsResult, GetManagedPrefixListEntriesRequest, GetManagedPrefixListEntriesResult,
    ManagedPrefixList, PrefixListEntry,
};
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::filter::{Filters, one};
use super::ids::{id, ids, required};
use super::page::Page;
use super::{fault, refused};

/// The owner of the lists that AWS manages.
const OWNER: &str = "AWS";

/// The lists with these ids, each of which must be there, or all of a Region, by id.
fn lists(region: Region, wanted: &[String]) -> Result<Vec<PrefixList>, Failure> {
    let wanted: Vec<PrefixListId> = ids(wanted)?;
    let mut lists = PrefixList::managed(region);
    if let Some(missing) = wanted.iter().find(|id| !lists.iter().any(|list| list.id == **id)) {
        return Err(fault::of(&missing.not_found()));
    }
    lists.retain(|list| wanted.is_empty() || wanted.contains(&list.id));
    lists.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(lists)
}

fn values<'r>(list: &'r PrefixList, filter: &str) -> Vec<Cow<'r, str>> {
    match filter {
        "owner-id" => one(OWNER),
        "prefix-list-id" => one(list.id.as_str()),
        "prefix-list-name" => one(list.name.as_str()),
        _ => Vec::new(),
    }
}

impl Action for DescribePrefixListsRequest {
    type Answer = DescribePrefixListsResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<DescribePrefixListsResult, Failure> {
        let filters = Filters::read(&self.filters, &["prefix-list-id", "prefix-list-name"])?;
        let mut lists = lists(call.scope().region, &self.prefix_list_ids)?;
        lists.retain(|list| filters.pass(|name| values(list, name)));
        let key = |list: &PrefixList| list.id.to_string();
        let page = Page::cut(lists, key, self.max_results, self.next_token.as_deref(), (1, 1000))?;
        let shown = |list: PrefixList| ec2::PrefixList {
            cidrs: list.cidrs.iter().map(ToString::to_string).collect(),
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
        let region = call.scope().region;
        let filters = Filters::read(&self.filters, &["owner-id", "prefix-list-id", "prefix-list-name"])?;
        let mut lists = lists(region, &self.prefix_list_ids)?;
        lists.retain(|list| filters.pass(|name| values(list, name)));
        let key = |list: &PrefixList| list.id.to_string();
        let page = Page::cut(lists, key, self.max_results, self.next_token.as_deref(), (1, 100))?;
        Ok(DescribeManagedPrefixListsResult {
            next_token: page.next_token,
            prefix_lists: page.items.into_iter().map(|list| managed(list, region)).collect(),
        })
    }
}

/// A list as AWS shows its own: without a version and a maximum of entries.
fn managed(list: PrefixList, region: Region) -> ManagedPrefixList {
    ManagedPrefixList {
        prefix_list_arn: Some(format!("arn:aws:ec2:{region}:aws:prefix-list/{}", list.id)),
        prefix_list_id: Some(list.id.to_string()),
        prefix_list_name: Some(list.name),
        address_family: Some("IPv4".to_owned()),
        state: Some("create-complete".to_owned()),
        owner_id: Some(OWNER.to_owned()),
        ..ManagedPrefixList::default()
    }
}

impl Action for GetManagedPrefixListEntriesRequest {
    type Answer = GetManagedPrefixListEntriesResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<GetManagedPrefixListEntriesResult, Failure> {
        let id: PrefixListId = id(required(self.prefix_list_id.as_deref(), "PrefixListId")?)?;
        let list = PrefixList::find(call.scope().region, &id).ok_or_else(|| fault::of(&id.not_found()))?;
        if let Some(version) = self.target_version {
            let message = format!("The prefix list '{id}' is managed by AWS and has no version {version}.");
            return Err(refused("InvalidParameterValue", message));
        }
        let mut cidrs: Vec<String> = list.cidrs.iter().map(ToString::to_string).collect();
        cidrs.sort();
        let page = Page::cut(cidrs, Clone::clone, self.max_results, self.next_token.as_deref(), (1, 100))?;
        let entry = |cidr| PrefixListEntry { cidr: Some(cidr), ..PrefixListEntry::default() };
        Ok(GetManagedPrefixListEntriesResult {
            entries: page.items.into_iter().map(entry).collect(),
            next_token: page.next_token,
        })
    }
}
