//! Operations on the services that work with an organization, on the accounts that administer them, and on the
//! organization's resource policy.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use sidegate_model::AccountId;

use super::accounts::account;
use super::fault::{Fault, Input, length, required};
use super::id::{ResourcePolicyId, TargetId};
use super::integrated::is_integrated;
use super::operation::{Operation, Prepared, Turn, View, done};
use super::organization::{ResourcePolicy, Tags};
use super::page::{PageInput, Paging};
use super::shape;
use super::tags::{TagInput, checked};
use crate::asked::seconds;

/// Reads the principal of a service that works with organizations.
fn service(name: Option<String>) -> Result<String, Fault> {
    let name = required(name)?;
    length(&name, 1, 128)?;
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_+=,.@-".contains(&byte)) {
        return Err(Input::Pattern.into());
    }
    if is_integrated(&name) { Ok(name) } else { Err(Input::ServicePrincipal.into()) }
}

/// The document of an operation on one service.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ServiceInput {
    service_principal: Option<String>,
}

/// `EnableAWSServiceAccess`
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct EnableAwsServiceAccess(ServiceInput);

impl Operation for EnableAwsServiceAccess {
    const NAME: &'static str = "EnableAWSServiceAccess";
    type Ready = String;

    fn prepare(self, view: &View<'_>) -> Result<Prepared<String>, Fault> {
        view.anywhere(Self::NAME, service(self.0.service_principal)?)
    }

    fn act(service: String, turn: &Turn<'_>) -> Result<Value, Fault> {
        turn.change(|organization| organization.enable_service(service, turn.now()))?;
        Ok(done())
    }
}

/// `DisableAWSServiceAccess`
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct DisableAwsServiceAccess(ServiceInput);

impl Operation for DisableAwsServiceAccess {
    const NAME: &'static str = "DisableAWSServiceAccess";
    type Ready = String;

    fn prepare(self, view: &View<'_>) -> Result<Prepared<String>, Fault> {
        view.anywhere(Self::NAME, service(self.0.service_principal)?)
    }

    fn act(service: String, turn: &Turn<'_>) -> Result<Value, Fault> {
        turn.shrink(|organization| {
            organization.disable_service(&service);
            Ok(done())
        })
    }
}

/// `ListAWSServiceAccessForOrganization`
#[derive(Deserialize)]
pub(super) struct ListAwsServiceAccessForOrganization {
    #[serde(flatten)]
    page: PageInput,
}

impl Operation for ListAwsServiceAccessForOrganization {
    const NAME: &'static str = "ListAWSServiceAccessForOrganization";
    type Ready = Paging;

    fn prepare(self, view: &View<'_>) -> Result<Prepared<Paging>, Fault> {
        view.anywhere(Self::NAME, self.page.paging(Self::NAME, "")?)
    }

    fn act(paging: Paging, turn: &Turn<'_>) -> Result<Value, Fault> {
        let organization = turn.overseer()?;
        let placed = organization.services.iter().map(|(service, since)| {
            ((*since, service.clone()), json!({ "ServicePrincipal": service, "DateEnabled": seconds(*since) }))
        });
        paging.answer("EnabledServicePrincipals", placed.collect())
    }
}

/// An account, and a service that it administers or shall.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DelegateInput {
    account_id: Option<String>,
    service_principal: Option<String>,
}

impl DelegateInput {
    fn prepare(self, operation: &str, view: &View<'_>) -> Result<Prepared<(AccountId, String)>, Fault> {
        let ready = (account(self.account_id.as_deref())?, service(self.service_principal)?);
        view.on(operation, ready, |organization, (account, _)| {
            organization.target_arn(&TargetId::Account(account.clone()))
        })
    }
}

/// `RegisterDelegatedAdministrator`
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct RegisterDelegatedAdministrator(DelegateInput);

impl Operation for RegisterDelegatedAdministrator {
    const NAME: &'static str = "RegisterDelegatedAdministrator";
    type Ready = (AccountId, String);

    fn prepare(self, view: &View<'_>) -> Result<Prepared<Self::Ready>, Fault> {
        self.0.prepare(Self::NAME, view)
    }

    fn act((account, service): Self::Ready, turn: &Turn<'_>) -> Result<Value, Fault> {
        turn.change(|organization| organization.register(&account, service, turn.now()))?;
        Ok(done())
    }
}

/// `DeregisterDelegatedAdministrator`
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct DeregisterDelegatedAdministrator(DelegateInput);

impl Operation for DeregisterDelegatedAdministrator {
    const NAME: &'static str = "DeregisterDelegatedAdministrator";
    type Ready = (AccountId, String);

    fn prepare(self, view: &View<'_>) -> Result<Prepared<Self::Ready>, Fault> {
        self.0.prepare(Self::NAME, view)
    }

    fn act((account, service): Self::Ready, turn: &Turn<'_>) -> Result<Value, Fault> {
        turn.shrink(|organization| organization.deregister(&account, service))?;
        Ok(done())
    }
}

/// `ListDelegatedAdministrators`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListDelegatedAdministrators {
    service_principal: Option<String>,
    #[serde(flatten)]
    page: PageInput,
}

impl Operation for ListDelegatedAdministrators {
    const NAME: &'static str = "ListDelegatedAdministrators";
    type Ready = (Option<String>, Paging);

    fn prepare(self, view: &View<'_>) -> Result<Prepared<Self::Ready>, Fault> {
        let service = self.service_principal.map(|name| service(Some(name))).transpose()?;
        let paging = self.page.paging(Self::NAME, service.as_deref().unwrap_or_default())?;
        view.anywhere(Self::NAME, (service, paging))
    }

    fn act((asked, paging): Self::Ready, turn: &Turn<'_>) -> Result<Value, Fault> {
        let organization = turn.overseer()?;
        let mut since = BTreeMap::<&AccountId, i64>::new();
        for ((account, service), from) in &organization.delegates {
            if asked.as_ref().is_none_or(|asked| asked == service) {
                let first = since.entry(account).or_insert(*from);
                *first = (*first).min(*from);
            }
        }
        let placed = since.into_iter().filter_map(|(id, since)| {
            let account = organization.accounts.get(id)?;
            let mut shown = shape::account(&organization, id, account);
            shown.as_object_mut()?.remove("Paths");
            let more = json!({ "DelegationEnabledDate": seconds(since) });
            Some(((since, id.to_string()), shape::with(shown, more)))
        });
        paging.answer("DelegatedAdministrators", placed.collect())
    }
}

/// `ListDelegatedServicesForAccount`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListDelegatedServicesForAccount {
    account_id: Option<String>,
    #[serde(flatten)]
    page: PageInput,
}

impl Operation for ListDelegatedServicesForAccount {
    const NAME: &'static str = "ListDelegatedServicesForAccount";
    type Ready = (AccountId, Paging);

    fn prepare(self, view: &View<'_>) -> Result<Prepared<Self::Ready>, Fault> {
        let account = account(self.account_id.as_deref())?;
        let paging = self.page.paging(Self::NAME, account.as_str())?;
        view.on(Self::NAME, (account, paging), |organization, (account, _)| {
            organization.target_arn(&TargetId::Account(account.clone()))
        })
    }

    fn act((account, paging): Self::Ready, turn: &Turn<'_>) -> Result<Value, Fault> {
        let organization = turn.overseer()?;
        if !organization.accounts.contains_key(&account) {
            return Err(Fault::AccountNotFound);
        }
        if !organization.is_delegate(&account) {
            return Err(Fault::NotRegistered);
        }
        let own = organization.delegates.iter().filter(|((delegate, _), _)| *delegate == account);
        let placed = own.map(|((_, service), since)| {
            let shown = json!({ "ServicePrincipal": service, "DelegationEnabledDate": seconds(*since) });
            ((*since, service.clone()), shown)
        });
        paging.answer("DelegatedServices", placed.collect())
    }
}

/// `PutResourcePolicy`: the policy is kept, and delegates nothing yet.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct PutResourcePolicy {
    content: Option<String>,
    tags: Option<Vec<TagInput>>,
}

impl Operation for PutResourcePolicy {
    const NAME: &'static str = "PutResourcePolicy";
    type Ready = (String, Tags);

    fn prepare(self, view: &View<'_>) -> Result<Prepared<Self::Ready>, Fault> {
        let content = required(self.content)?;
        length(&content, 1, 40_000)?;
        if serde_json::from_str::<Map<String, Value>>(&content).is_err() {
            return Err(Input::ResourcePolicy.into());
        }
        view.anywhere(Self::NAME, (content, checked(self.tags.unwrap_or_default())?))
    }

    fn act((content, tags): Self::Ready, turn: &Turn<'_>) -> Result<Value, Fault> {
        let fresh = ResourcePolicyId::new()?;
        turn.change(|organization| {
            let id = organization.resource_policy.keys().next().cloned().unwrap_or(fresh);
            let policy = organization
                .resource_policy
                .entry(id.clone())
                .or_insert_with(|| ResourcePolicy { content: String::new(), tags });
            policy.content = content;
            Ok(json!({ "ResourcePolicy": shape::resource_policy(organization, &id) }))
        })
    }
}

/// `DescribeResourcePolicy`
#[derive(Deserialize)]
pub(super) struct DescribeResourcePolicy {}

impl Operation for DescribeResourcePolicy {
    const NAME: &'static str = "DescribeResourcePolicy";
    type Ready = ();

    fn prepare(self, view: &View<'_>) -> Result<Prepared<()>, Fault> {
        view.anywhere(Self::NAME, ())
    }

    fn act((): (), turn: &Turn<'_>) -> Result<Value, Fault> {
        let organization = turn.overseer()?;
        let id = organization.resource_policy.keys().next().ok_or(Fault::NoResourcePolicy)?;
        Ok(json!({ "ResourcePolicy": shape::resource_policy(&organization, id) }))
    }
}

/// `DeleteResourcePolicy`
#[derive(Deserialize)]
pub(super) struct DeleteResourcePolicy {}

impl Operation for DeleteResourcePolicy {
    const NAME: &'static str = "DeleteResourcePolicy";
    type Ready = ();

    fn prepare(self, view: &View<'_>) -> Result<Prepared<()>, Fault> {
        view.anywhere(Self::NAME, ())
    }

    fn act((): (), turn: &Turn<'_>) -> Result<Value, Fault> {
        turn.shrink(|organization| {
            if organization.resource_policy.is_empty() {
                return Err(Fault::NoResourcePolicy);
            }
            organization.resource_policy.clear();
            Ok(done())
        })
    }
}
