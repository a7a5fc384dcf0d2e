//! Operations on accounts: making, finding, moving, closing and letting go of them.

use serde::Deserialize;
use serde_json::{Value, json};
use sidegate_model::AccountId;

use super::fault::{Fault, Input, length, pattern, required};
use super::id::{ParentId, RequestId, TargetId};
use super::operation::{Operation, Prepared, Turn, View, done};
use super::organization::{Account, Joined, Organization, Standing, Tags};
use super::page::{PageInput, Paging};
use super::tags::{TagInput, checked};
use super::{random, shape};

/// The role that the management account may assume in an account that it has created.
///
/// Source: API reference, "CreateAccount".
const ACCESS_ROLE: &str = "OrganizationAccountAccessRole";

/// Reads the id of an account.
pub(super) fn account(id: Option<&str>) -> Result<AccountId, Fault> {
    pattern(id, |text| text.parse().ok())
}

fn account_arn(organization: &Organization, id: &AccountId) -> String {
    organization.target_arn(&TargetId::Account(id.clone()))
}

/// Checks an address against the model's `[^\s@]+@[^\s@]+\.[^\s@]+`.
pub(super) fn email(text: &str) -> Result<(), Fault> {
    length(text, 6, 64)?;
    let fits = text.split_once('@').is_some_and(|(local, host)| {
        let dot = host.char_indices().any(|(at, c)| c == '.' && at > 0 && at + 1 < host.len());
        !local.is_empty() && dot && !host.contains('@')
    });
    if fits && !text.contains(char::is_whitespace) { Ok(()) } else { Err(Input::Pattern.into()) }
}

/// `CreateAccount`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateAccount {
    email: Option<String>,
    account_name: Option<String>,
    role_name: Option<String>,
    iam_user_access_to_billing: Option<String>,
    tags: Option<Vec<TagInput>>,
}

/// An account to create.
pub(super) struct NewAccount {
    email: String,
    name: String,
    role: String,
    tags: Tags,
}

impl Operation for CreateAccount {
    const NAME: &'static str = "CreateAccount";
    type Ready = NewAccount;

    fn prepare(self, view: &View<'_>) -> Result<Prepared<NewAccount>, Fault> {
        let (address, name) = (required(self.email)?, required(self.account_name)?);
        email(&address)?;
        length(&name, 1, 50)?;
        if !name.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return Err(Input::Pattern.into());
        }
        let role = self.role_name.unwrap_or_else(|| ACCESS_ROLE.to_owned());
        length(&role, 1, 64)?;
        if !role.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte)) {
            return Err(Input::Pattern.into());
        }
        if role.starts_with("AWSServiceRoleFor") {
            return Err(Input::RoleName.into());
        }
        if !matches!(self.iam_user_access_to_billing.as_deref(), None | Some("ALLOW" | "DENY")) {
            return Err(Input::Enum.into());
        }
        let tags = checked(self.tags.unwrap_or_default())?;
        let tagged = !tags.is_empty();
        view.anywhere(Self::NAME, NewAccount { email: address, name, role, tags })?.tagging(
            view,
            tagged,
            |organization, _| organization.arn("account", "/*"),
        )
    }

    fn act(new: NewAccount, turn: &Turn<'_>) -> Result<Value, Fault> {
        let (request, id) = (RequestId::new()?, random::account()?);
        let (own, role) = (id.clone(), new.role.clone());
        turn.change_world(|world| {
            turn.check_manages(world)?;
            let account = Account {
                name: new.name,
                email: new.email,
                parent: world.change(turn.account())?.root(),
                standing: Standing::Active,
                joined: Joined::Created,
                since: turn.now(),
                access_role: Some(new.role),
                tags: new.tags,
            };
            world.create_account(turn.account(), request.clone(), (id.clone(), account))
        })?;
        let is_made = turn.overseer()?.accounts.contains_key(&own);
        if let Some(identities) = turn.identities.filter(|_| is_made) {
            identities.make_access_role(&own, &role, turn.account(), turn.now()).map_err(Fault::Identities)?;
        }
        shown(turn, &request)
    }
}

/// The answer that shows a request.
fn shown(turn: &Turn<'_>, id: &RequestId) -> Result<Value, Fault> {
    let organization = turn.overseer()?;
    let request = organization.requests.get(id).ok_or(Fault::RequestNotFound)?;
    Ok(json!({ "CreateAccountStatus": shape::request(id, request) }))
}

/// `DescribeCreateAccountStatus`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeCreateAccountStatus {
    create_account_request_id: Option<String>,
}

impl Operation for DescribeCreateAccountStatus {
    const NAME: &'static str = "DescribeCreateAccountStatus";
    type Ready = RequestId;

    fn prepare(self, view: &View<'_>) -> Result<Prepared<RequestId>, Fault> {
        view.anywhere(Self::NAME, pattern(self.create_account_request_id.as_deref(), RequestId::parse)?)
    }

    fn act(id: RequestId, turn: &Turn<'_>) -> Result<Value, Fault> {
        shown(turn, &id)
    }
}

/// `ListCreateAccountStatus`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListCreateAccountStatus {
    states: Option<Vec<String>>,
    #[serde(flatten)]
    page: PageInput,
}

impl Operation for ListCreateAccountStatus {
    const NAME: &'static str = "ListCreateAccountStatus";
    type Ready = (Vec<String>, Paging);

    fn prepare(self, view: &View<'_>) -> Result<Prepared<Self::Ready>, Fault> {
        let states = self.states.unwrap_or_default();
        if states.iter().any(|state| !["IN_PROGRESS", "SUCCEEDED", "FAILED"].contains(&state.as_str())) {
            return Err(Input::Enum.into());
        }
        let paging = self.page.paging(Self::NAME, &states.join(" "))?;
        view.anywhere(Self::NAME, (states, paging))
    }

    fn act((states, paging): Self::Ready, turn: &Turn<'_>) -> Result<Value, Fault> {
        let organization = turn.overseer()?;
        let asked = |state: &str| states.is_empty() || states.iter().any(|asked| asked == state);
        let requests = organization
            .requests
            .iter()
            .filter(|(_, request)| asked(if request.outcome.is_ok() { "SUCCEEDED" } else { "FAILED" }));
        let placed = requests.map(|(id, request)| ((request.requested, id.to_string()), shape::request(id, request)));
        paging.answer("CreateAccountStatuses", placed.collect())
    }
}

/// `ListAccounts`
#[derive(Deserialize)]
pub(super) struct ListAccounts {
    #[serde(flatten)]
    page: PageInput,
}

impl Operation for ListAccounts {
    const NAME: &'static str = "ListAccounts";
    type Ready = Paging;

    fn prepare(self, view: &View<'_>) -> Result<Prepared<Paging>, Fault> {
        view.anywhere(Self::NAME, self.page.paging(Self::NAME, "")?)
    }

    fn act(paging: Paging, turn: &Turn<'_>) -> Result<Value, Fault> {
        let organization = turn.overseer()?;
        let accounts = organization.accounts.iter();
        let placed =
            accounts.map(|(id, account)| ((account.since, id.to_string()), shape::account(&organization, id, account)));
        paging.answer("Accounts", placed.collect())
    }
}

/// The document of an operation on one account.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AccountInput {
    account_id: Option<String>,
}

impl AccountInput {
    fn prepare(self, operation: &str, view: &View<'_>) -> Result<Prepared<AccountId>, Fault> {
        view.on(operation, account(self.account_id.as_deref())?, account_arn)
    }
}

/// `DescribeAccount`
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct DescribeAccount(AccountInput);

impl Operation for DescribeAccount {
    const NAME: &'static str = "DescribeAccount";
    type Ready = AccountId;

    fn prepare(self, view: &View<'_>) -> Result<Prepared<AccountId>, Fault> {
        self.0.prepare(Self::NAME, view)
    }

    fn act(id: AccountId, turn: &Turn<'_>) -> Result<Value, Fault> {
        let organization = turn.overseer()?;
        let account = organization.accounts.get(&id).ok_or(Fault::AccountNotFound)?;
        Ok(json!({ "Account": shape::account(&organization, &id, account) }))
    }
}

/// `CloseAccount`
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct CloseAccount(AccountInput);

impl Operation for CloseAccount {
    const NAME: &'static str = "CloseAccount";
    type Ready = AccountId;

    fn prepare(self, view: &View<'_>) -> Result<Prepared<AccountId>, Fault> {
        self.0.prepare(Self::NAME, view)
    }

    fn act(id: AccountId, turn: &Turn<'_>) -> Result<Value, Fault> {
        turn.shrink(|organization| organization.close_account(&id))?;
        Ok(done())
    }
}

/// `RemoveAccountFromOrganization`
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct RemoveAccountFromOrganization(AccountInput);

impl Operation for RemoveAccountFromOrganization {
    const NAME: &'static str = "RemoveAccountFromOrganization";
    type Ready = AccountId;

    fn prepare(self, view: &View<'_>) -> Result<Prepared<AccountId>, Fault> {
        self.0.prepare(Self::NAME, view)
    }

    fn act(id: AccountId, turn: &Turn<'_>) -> Result<Value, Fault> {
        turn.store.free(turn.allowed, |world| {
            turn.check_manages(world)?;
            world.remove(turn.account(), &id)
        })?;
        Ok(done())
    }
}

/// `LeaveOrganization`
#[derive(Deserialize)]
pub(super) struct LeaveOrganization {}

impl Operation for LeaveOrganization {
    const NAME: &'static str = "LeaveOrganization";
    type Ready = ();

    fn prepare(self, view: &View<'_>) -> Result<Prepared<()>, Fault> {
        view.anywhere(Self::NAME, ())
    }

    fn act((): (), turn: &Turn<'_>) -> Result<Value, Fault> {
        turn.store.free(turn.allowed, |world| world.remove(turn.account(), turn.account()))?;
        Ok(done())
    }
}

/// `MoveAccount`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct MoveAccount {
    account_id: Option<String>,
    source_parent_id: Option<String>,
    destination_parent_id: Option<String>,
}

impl Operation for MoveAccount {
    const NAME: &'static str = "MoveAccount";
    type Ready = (AccountId, ParentId, ParentId);

    fn prepare(self, view: &View<'_>) -> Result<Prepared<Self::Ready>, Fault> {
        let id = account(self.account_id.as_deref())?;
        let source = pattern(self.source_parent_id.as_deref(), ParentId::parse)?;
        let destination = pattern(self.destination_parent_id.as_deref(), ParentId::parse)?;
        view.on_all(Self::NAME, (id, source, destination), |organization, (id, source, destination)| {
            let parent = |parent: &ParentId| organization.target_arn(&TargetId::Parent(parent.clone()));
            vec![account_arn(organization, id), parent(source), parent(destination)]
        })
    }

    fn act((id, source, destination): Self::Ready, turn: &Turn<'_>) -> Result<Value, Fault> {
        turn.change(|organization| organization.move_account(&id, &source, &destination))?;
        Ok(done())
    }
}
