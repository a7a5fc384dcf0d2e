//! What an account can do to its prefix lists.
//!
//! Source: EC2 API reference, `CreateManagedPrefixList`, `ModifyManagedPrefixList`, `RestoreManagedPrefixListVersion`,
//! `DeleteManagedPrefixList`.

use super::{
    AddressFamily, CreatePrefixList, CustomerPrefixList, ModifyPrefixList, PrefixList, PrefixListEntry,
    PrefixListState, PrefixListUser, PrefixListVersion,
};
use crate::{Context, Destination, Error, IpCidr, Peer, PrefixListId, Scope, World};

/// The most lists of an account in a Region.
///
/// Source: VPC user guide, "Amazon VPC quotas", as are the next two.
const LIST_LIMIT: usize = 100;

/// The most entries of a list.
const ENTRY_LIMIT: i32 = 1000;

/// The most versions of a list. The oldest goes when another comes.
const VERSION_LIMIT: u64 = 1000;

/// The most entries that one call can add, and that it can remove.
///
/// Source: EC2 API reference, `CreateManagedPrefixList`.
const REQUEST_LIMIT: usize = 100;

/// The most characters of a name or description.
const TEXT_LIMIT: usize = 255;

/// How many users are named that a size is too much for.
///
/// Source: EC2 API reference, `ModifyManagedPrefixList`.
const NAMED_USERS: usize = 10;

impl CustomerPrefixList {
    /// Its entries with some removed and some added.
    fn changed(&self, change: &ModifyPrefixList) -> Result<Vec<PrefixListEntry>, Error> {
        let refused = |message| Err(Error::refused("InvalidPrefixListModification", message));
        if let Some(both) = change.add.iter().find(|entry| change.remove.contains(&entry.block)) {
            return Err(Error::InvalidParameterValue(format!(
                "Request cannot contain Cidr {} in both AddPrefixListEntries and RemovePrefixListEntries",
                both.block
            )));
        }
        let mut entries = self.entries.clone();
        for block in &change.remove {
            let Some(position) = entries.iter().position(|entry| entry.block == *block) else {
                return refused(format!("An entry with the CIDR ({block}) does not exist."));
            };
            entries.remove(position);
        }
        for entry in &change.add {
            match entries.iter_mut().find(|present| present.block == entry.block) {
                Some(present) if present.description == entry.description => {
                    let PrefixListEntry { block, description } = entry;
                    return refused(format!(
                        "An entry with the CIDR ({block}) and description ({description}) already exists."
                    ));
                }
                Some(present) => present.description.clone_from(&entry.description),
                None => entries.push(entry.clone()),
            }
        }
        check_count(entries.len(), self.max_entries)?;
        entries.sort_by_key(|entry| entry.block);
        Ok(entries)
    }
}

fn check_name(name: &str) -> Result<(), Error> {
    if name.is_empty() {
        return Err(Error::MissingParameter("PrefixListName"));
    }
    if name.chars().count() > TEXT_LIMIT {
        return Err(Error::InvalidParameterValue(format!(
            "The prefix list name exceeds the maximum length of {TEXT_LIMIT} characters"
        )));
    }
    if name.starts_with("com.amazonaws") {
        return Err(Error::InvalidParameterValue(format!(
            "The prefix list name ({name}) is not valid. A name cannot start with com.amazonaws."
        )));
    }
    Ok(())
}

fn check_size(max_entries: i32) -> Result<u32, Error> {
    u32::try_from(max_entries).ok().filter(|_| (1..=ENTRY_LIMIT).contains(&max_entries)).ok_or_else(|| {
        Error::InvalidParameterValue(format!(
            "Value ({max_entries}) for parameter MaxEntries is invalid. Must specify a max size between 1 and \
             {ENTRY_LIMIT}"
        ))
    })
}

fn check_count(count: usize, max_entries: u32) -> Result<(), Error> {
    if u32::try_from(count).is_ok_and(|count| count <= max_entries) {
        return Ok(());
    }
    Err(Error::refused(
        "PrefixListMaxEntriesExceeded",
        format!("The prefix list would have {count} entries, which exceeds its maximum of {max_entries}."),
    ))
}

/// Whether a list of this family can be given these blocks.
fn check_blocks(family: AddressFamily, blocks: &[IpCidr]) -> Result<(), Error> {
    for (i, block) in blocks.iter().enumerate() {
        if block.family() != family {
            return Err(Error::InvalidParameterValue(format!(
                "The CIDR ({block}) does not match the address family ({}) of the prefix list.",
                family.as_str()
            )));
        }
        if blocks.iter().skip(i + 1).any(|other| other == block) {
            return Err(Error::InvalidParameterValue(format!("Request cannot contain duplicate Cidr {block}")));
        }
    }
    Ok(())
}

fn check_entries(family: AddressFamily, entries: &[PrefixListEntry]) -> Result<(), Error> {
    if let Some(long) = entries.iter().find(|entry| entry.description.chars().count() > TEXT_LIMIT) {
        return Err(Error::InvalidParameterValue(format!(
            "The description of the entry with the CIDR ({}) exceeds the maximum length of {TEXT_LIMIT} characters",
            long.block
        )));
    }
    let blocks: Vec<_> = entries.iter().map(|entry| entry.block).collect();
    check_blocks(family, &blocks)
}

impl World {
    /// The account's own list with this id, if the caller has it.
    ///
    /// # Errors
    /// `InvalidPrefixListID.NotFound`.
    pub fn customer_prefix_list(&self, scope: &Scope, id: &PrefixListId) -> Result<&CustomerPrefixList, Error> {
        self.prefix_lists.get(id).filter(|list| list.scope == *scope).ok_or_else(|| id.not_found())
    }

    /// The account's own list with this id, to be changed: those of AWS's are not the account's to change.
    fn changeable(&self, scope: &Scope, id: &PrefixListId) -> Result<CustomerPrefixList, Error> {
        if PrefixList::find(scope.region, id).is_some() {
            return Err(Error::OperationNotPermitted(format!(
                "The prefix list '{id}' is managed by AWS and cannot be changed."
            )));
        }
        self.customer_prefix_list(scope, id).cloned()
    }

    /// The entries of a version of a list, or of its current one.
    ///
    /// # Errors
    /// `InvalidParameterValue` if there is no such version, or it is no longer kept.
    pub fn prefix_list_entries<'w>(
        &'w self, list: &'w CustomerPrefixList, version: Option<i64>,
    ) -> Result<&'w [PrefixListEntry], Error> {
        let Some(version) = version else { return Ok(&list.entries) };
        let number = u64::try_from(version).unwrap_or(0);
        if number == list.version {
            return Ok(&list.entries);
        }
        let kept = self.prefix_list_versions.get(&(list.id.clone(), number));
        kept.map(|kept| kept.entries.as_slice()).ok_or_else(|| {
            Error::InvalidParameterValue(format!("The prefix list '{}' has no version {version}.", list.id))
        })
    }

    /// The route tables and security groups of an account that name a list, each once, by id.
    pub fn prefix_list_users(&self, scope: &Scope, id: &PrefixListId) -> Vec<PrefixListUser> {
        let tables = self.route_tables.iter().filter(|table| table.scope == *scope);
        let groups = self.security_groups.iter().filter(|group| group.scope == *scope);
        let tables = tables
            .filter(|t| t.routes.iter().any(|r| matches!(&r.destination, Destination::PrefixList(list) if list == id)));
        let groups =
            groups.filter(|g| g.rules.iter().any(|r| matches!(&r.rule.peer, Peer::PrefixList(list) if list == id)));
        let tables = tables.map(|table| PrefixListUser::RouteTable(table.id.clone()));
        tables.chain(groups.map(|group| PrefixListUser::SecurityGroup(group.id.clone()))).collect()
    }

    /// Makes a list.
    ///
    /// # Errors
    /// `MissingParameter` and `InvalidParameterValue` for a name, a size or entries that cannot be,
    /// `PrefixListMaxEntriesExceeded` for more entries than the size allows.
    pub fn create_prefix_list(
        &mut self, context: &mut Context<'_>, wanted: CreatePrefixList,
    ) -> Result<PrefixListId, Error> {
        check_name(&wanted.name)?;
        let max_entries = check_size(wanted.max_entries)?;
        if wanted.entries.len() > REQUEST_LIMIT {
            return Err(Error::InvalidParameterValue(format!(
                "The number of entries per request cannot exceeds limit ({REQUEST_LIMIT})."
            )));
        }
        check_entries(wanted.family, &wanted.entries)?;
        check_count(wanted.entries.len(), max_entries)?;
        if self.prefix_lists.iter().filter(|list| list.scope == context.scope).count() >= LIST_LIMIT {
            return Err(Error::limit("PrefixListLimitExceeded", "prefix lists"));
        }
        let mut entries = wanted.entries;
        entries.sort_by_key(|entry| entry.block);
        let id = PrefixListId::random(context.entropy);
        self.prefix_lists.insert(CustomerPrefixList {
            id: id.clone(),
            scope: context.scope.clone(),
            name: wanted.name,
            family: wanted.family,
            max_entries,
            version: 1,
            oldest: 1,
            entries,
            state: PrefixListState::CreateComplete,
            message: None,
        });
        Ok(id)
    }

    /// Changes entries, size or name of a list. Other entries make a new version. A size that is too much for a route
    /// table or security group which names the list is not refused: the list's state tells that it failed.
    ///
    /// # Errors
    /// `PrefixListVersionMismatch` if another version than the caller's is current, `InvalidPrefixListModification` for
    /// an entry that is there already or not, `PrefixListMaxEntriesExceeded`, `InvalidParameterCombination` for entries
    /// and size at once, and those of [`World::create_prefix_list`].
    pub fn modify_prefix_list(
        &mut self, context: &Context<'_>, id: &PrefixListId, change: ModifyPrefixList,
    ) -> Result<(), Error> {
        let mut list = self.changeable(&context.scope, id)?;
        let entries = !change.add.is_empty() || !change.remove.is_empty();
        if entries && change.max_entries.is_some() {
            return Err(Error::InvalidParameterCombination(
                "You cannot modify the entries and the maximum entries for the prefix list in the same request."
                    .to_owned(),
            ));
        }
        if !entries && change.max_entries.is_none() && change.name.is_none() {
            return Err(Error::refused("InvalidRequest", "The request received was invalid."));
        }
        change.current.map_or(Ok(()), |current| check_version(&list, current))?;
        if let Some(name) = &change.name {
            check_name(name)?;
            list.name.clone_from(name);
        }
        if change.add.len().max(change.remove.len()) > REQUEST_LIMIT {
            return Err(Error::InvalidParameterValue(format!(
                "Request cannot contain more than {REQUEST_LIMIT} entry additions or removals"
            )));
        }
        if entries {
            check_entries(list.family, &change.add)?;
            check_blocks(list.family, &change.remove)?;
            let entries = list.changed(&change)?;
            self.put_version(list, entries, PrefixListState::ModifyComplete);
            return Ok(());
        }
        match change.max_entries {
            Some(size) => self.resize(list, check_size(size)?),
            None => {
                self.prefix_lists.insert(list);
                Ok(())
            }
        }
    }

    fn resize(&mut self, mut list: CustomerPrefixList, max_entries: u32) -> Result<(), Error> {
        check_count(list.entries.len(), max_entries)?;
        let before = list.max_entries;
        list.max_entries = max_entries;
        list.state = PrefixListState::ModifyComplete;
        list.message = None;
        let (id, scope, family) = (list.id.clone(), list.scope.clone(), list.family);
        self.prefix_lists.insert(list);
        let fits = |user: &PrefixListUser| match user {
            PrefixListUser::RouteTable(id) => {
                self.route_tables.get(id).is_none_or(|table| self.room_for_routes(table, family, 0).is_ok())
            }
            PrefixListUser::SecurityGroup(id) => {
                self.security_groups.get(id).is_none_or(|group| self.check_group_size(group).is_ok())
            }
        };
        let full: Vec<_> = self.prefix_list_users(&scope, &id).into_iter().filter(|user| !fits(user)).collect();
        if !full.is_empty() && max_entries > before {
            let named: Vec<_> = full.iter().take(NAMED_USERS).map(PrefixListUser::as_str).collect();
            let message = format!("The following resources do not support the new maximum size: {}.", named.join(", "));
            self.prefix_lists.update(&id, |list| {
                list.max_entries = before;
                list.state = PrefixListState::ModifyFailed;
                list.message = Some(message);
            });
        }
        Ok(())
    }

    /// Gives a list a new version with these entries, and keeps the one that it has.
    fn put_version(&mut self, mut list: CustomerPrefixList, entries: Vec<PrefixListEntry>, state: PrefixListState) {
        let entries = std::mem::replace(&mut list.entries, entries);
        self.prefix_list_versions.insert(PrefixListVersion { list: list.id.clone(), version: list.version, entries });
        list.version += 1;
        while list.version - list.oldest >= VERSION_LIMIT {
            self.prefix_list_versions.remove(&(list.id.clone(), list.oldest));
            list.oldest += 1;
        }
        list.state = state;
        list.message = None;
        self.prefix_lists.insert(list);
    }

    /// Makes the entries of an earlier version of a list those of a new version.
    ///
    /// # Errors
    /// `PrefixListVersionMismatch` if another version than the caller's is current, `InvalidParameterValue` if there is
    /// no such earlier version, `PrefixListMaxEntriesExceeded` if it had more entries than the list can have now.
    pub fn restore_prefix_list(
        &mut self, context: &Context<'_>, id: &PrefixListId, previous: i64, current: i64,
    ) -> Result<(), Error> {
        let list = self.changeable(&context.scope, id)?;
        check_version(&list, current)?;
        if previous >= current {
            return Err(Error::InvalidParameterValue(format!(
                "Value ({previous}) for parameter PreviousVersion is invalid. It must be lower than the current version."
            )));
        }
        let entries = self.prefix_list_entries(&list, Some(previous))?.to_vec();
        check_count(entries.len(), list.max_entries)?;
        self.put_version(list, entries, PrefixListState::RestoreComplete);
        Ok(())
    }

    /// Deletes a list with all its versions. One that something names stays, and its state tells that it failed.
    ///
    /// # Errors
    /// If the list does not exist, or is AWS's.
    pub fn delete_prefix_list(&mut self, context: &Context<'_>, id: &PrefixListId) -> Result<(), Error> {
        let list = self.changeable(&context.scope, id)?;
        let users = self.prefix_list_users(&context.scope, id);
        if !users.is_empty() {
            let named: Vec<_> = users.iter().take(NAMED_USERS).map(PrefixListUser::as_str).collect();
            let message = format!("The prefix list is referenced by the following resources: {}.", named.join(", "));
            self.prefix_lists.update(id, |list| {
                list.state = PrefixListState::DeleteFailed;
                list.message = Some(message);
            });
            return Ok(());
        }
        for version in list.oldest..list.version {
            self.prefix_list_versions.remove(&(id.clone(), version));
        }
        self.prefix_lists.remove(id);
        self.forget_tags(id.as_str());
        Ok(())
    }
}

fn check_version(list: &CustomerPrefixList, current: i64) -> Result<(), Error> {
    if current < 1 {
        return Err(Error::InvalidParameterValue(
            "The specified value for version is not valid. The value must be greater than (1).".to_owned(),
        ));
    }
    if u64::try_from(current).is_ok_and(|current| current == list.version) {
        return Ok(());
    }
    Err(Error::refused("PrefixListVersionMismatch", "The prefix list has the incorrect version number."))
}
