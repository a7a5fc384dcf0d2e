//! Access keys of users and of an account's root user.

use serde::{Deserialize, Serialize};
use sidegate_model::AccountId;
use sidegate_wire::aws_query::Content;

use super::action::{Call, Prepared};
use super::fault::Fault;
use super::form::{ACCESS_KEY, EXISTING_USER};
use super::page::Paging;
use super::random;
use super::secret::Secret;
use super::state::{Account, Row, State};
use super::text::{date, key};
use super::user::{named_or_self, owner_arn};

/// The most access keys of a user.
pub(super) const MOST: usize = 2;

/// Whose an access key is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Owner {
    /// The root user of the account.
    Root,
    /// A user, by name; in a row of the state, by its key.
    User(String),
}

/// An access key. Its id is its key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct AccessKey {
    pub(super) account: AccountId,
    pub(super) owner: Owner,
    pub(super) secret: Secret,
    pub(super) active: bool,
    pub(super) created: i64,
}

impl Row for AccessKey {
    const KIND: &'static str = "access-key";
    const SEALED: bool = true;
}

impl AccessKey {
    fn status(&self) -> &'static str {
        if self.active { "Active" } else { "Inactive" }
    }
}

impl Owner {
    /// The same as it stands in rows.
    fn keyed(&self) -> Self {
        match self {
            Self::User(name) => Self::User(key(name)),
            Self::Root => Self::Root,
        }
    }
}

impl State {
    /// The access keys of someone.
    pub(super) fn keys_of<'a>(
        &'a self, account: &'a AccountId, owner: &Owner,
    ) -> impl Iterator<Item = (&'a str, &'a AccessKey)> {
        let owner = owner.keyed();
        self.keys.iter().filter(move |(_, row)| row.account == *account && row.owner == owner)
    }

    fn add_key(&mut self, id: String, row: AccessKey) -> Result<(), Fault> {
        if let Owner::User(name) = &row.owner {
            self.account(&row.account).user(name)?;
        }
        if self.keys_of(&row.account, &row.owner).count() >= MOST {
            return Err(Fault::quota("AccessKeysPerUser", MOST));
        }
        let owner = row.owner.keyed();
        self.keys.insert(id, AccessKey { owner, ..row });
        Ok(())
    }

    /// Looks for a key of someone.
    fn check_key(&self, account: &AccountId, owner: &Owner, id: &str) -> Result<(), Fault> {
        if let Owner::User(name) = owner {
            self.account(account).user(name)?;
        }
        if self.keys_of(account, owner).any(|(key, _)| key == id) { Ok(()) } else { Err(no_key(id)) }
    }
}

fn no_key(id: &str) -> Fault {
    Fault::NoSuchEntity(format!("The Access Key with id {id} cannot be found."))
}

/// The element that names the owner; the root user has no name.
fn render_owner(content: &mut Content, account: &Account, owner: &Owner) {
    if let Owner::User(name) = owner {
        content.text("UserName", account.user(name).map_or(name.as_str(), |user| &user.name));
    }
}

/// `CreateAccessKey`
pub(super) fn create(call: &Call<'_>) -> Result<Prepared, Fault> {
    let owner = named_or_self(call, &EXISTING_USER)?;
    call.form.sound()?;
    let requirements = vec![call.needs(owner_arn(call, &owner))];
    Ok(Prepared::new(requirements, move |turn| {
        let id = random::access_key_id("AKIA", turn.account_id)?;
        let secret = Secret::new(random::secret()?);
        let account = turn.account_id.clone();
        let row = AccessKey { account, owner, secret, active: true, created: turn.now };
        turn.write_all(|state| state.add_key(id.clone(), row.clone()))?;
        let mut content = Content::default();
        content.nested("AccessKey", |content| {
            render_owner(content, &turn.account(), &row.owner);
            content
                .text("AccessKeyId", id)
                .text("Status", row.status())
                .text("SecretAccessKey", row.secret.reveal())
                .text("CreateDate", date(row.created));
        });
        Ok(Some(content))
    }))
}

/// `ListAccessKeys`
pub(super) fn list(call: &Call<'_>) -> Result<Prepared, Fault> {
    let owner = named_or_self(call, &EXISTING_USER)?;
    let paging = Paging::of(call)?;
    call.form.sound()?;
    let requirements = vec![call.needs(owner_arn(call, &owner))];
    Ok(Prepared::new(requirements, move |turn| {
        let (state, account) = (turn.state(), turn.account());
        if let Owner::User(name) = &owner {
            account.user(name)?;
        }
        let keys = state.keys_of(turn.account_id, &owner);
        let page = paging.page(keys.map(|(id, row)| (format!("{:020}{id}", row.created), (id, row))));
        Ok(Some(page.render("AccessKeyMetadata", |content, (id, row)| {
            render_owner(content, &account, &row.owner);
            content.text("AccessKeyId", id).text("Status", row.status()).text("CreateDate", date(row.created));
        })))
    }))
}

/// `UpdateAccessKey`
pub(super) fn update(call: &Call<'_>) -> Result<Prepared, Fault> {
    let owner = named_or_self(call, &EXISTING_USER)?;
    let id = call.form.required("AccessKeyId", &ACCESS_KEY);
    let status = call.form.choice("Status", &["Active", "Inactive"]);
    if status.is_none() {
        // Also told where it is missing.
        call.form.required("Status", &super::form::Text::length(1, 16));
    }
    call.form.sound()?;
    let requirements = vec![call.needs(owner_arn(call, &owner))];
    Ok(Prepared::new(requirements, move |turn| {
        turn.write_all(|state| {
            state.check_key(turn.account_id, &owner, &id)?;
            if let Some(row) = state.keys.edit(&id) {
                row.active = status == Some("Active");
            }
            Ok(())
        })?;
        Ok(None)
    }))
}

/// `DeleteAccessKey`
pub(super) fn delete(call: &Call<'_>) -> Result<Prepared, Fault> {
    let owner = named_or_self(call, &EXISTING_USER)?;
    let id = call.form.required("AccessKeyId", &ACCESS_KEY);
    call.form.sound()?;
    let requirements = vec![call.needs(owner_arn(call, &owner))];
    Ok(Prepared::new(requirements, move |turn| {
        turn.free_all(|state| {
            state.check_key(turn.account_id, &owner, &id)?;
            state.keys.remove(&id);
            Ok(())
        })?;
        turn.directory.forget_use(&id);
        Ok(None)
    }))
}

/// `GetAccessKeyLastUsed`
pub(super) fn last_used(call: &Call<'_>) -> Result<Prepared, Fault> {
    let id = call.form.required("AccessKeyId", &ACCESS_KEY);
    call.form.sound()?;
    let found = call.state.keys.get(&id).filter(|row| row.account == *call.account_id());
    let resource = found.map_or_else(|| "*".to_owned(), |row| owner_arn(call, &row.owner));
    let caller = call.caller.principal.to_string();
    let requirements = vec![call.needs(resource)];
    Ok(Prepared::new(requirements, move |turn| {
        let state = turn.state();
        let row = state.keys.get(&id).filter(|row| row.account == *turn.account_id).ok_or_else(|| {
            // AWS does not tell whether a key exists.
            Fault::AccessDenied(format!(
                "User: {caller} is not authorized to perform iam:GetAccessKeyLastUsed on resource: access key {id}"
            ))
        })?;
        let mut content = Content::default();
        render_owner(&mut content, &turn.account(), &row.owner);
        let last = turn.directory.last_use(&id);
        content.nested("AccessKeyLastUsed", |content| {
            content
                .optional("LastUsedDate", last.as_ref().map(|last| date(last.at)))
                .text("ServiceName", last.as_ref().map_or("N/A", |last| &last.service))
                .text("Region", last.as_ref().map_or("N/A", |last| &last.region));
        });
        Ok(Some(content))
    }))
}
