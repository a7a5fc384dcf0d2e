//! AWS Organizations: accounts in a tree of units, and the policies that bound what they may do.
//!
//! A request goes through `operation::Operation` in three steps: the document is checked, the authorizer is asked once,
//! and only with its token is the `organization::Organization`, an immutable value, replaced by a changed one. Who
//! decides about a request asks the [`Directory`] which policies bind an account.
//!
//! Service and resource control policies are in force; policies of other types are kept, and nothing acts on them.

mod about;
mod accounts;
mod document;
mod fault;
mod handshakes;
mod id;
mod integrated;
mod kind;
mod operation;
mod organization;
mod page;
mod policies;
mod random;
mod services;
mod shape;
mod store;
mod tags;
mod units;
mod world;

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use sidegate_model::AccountId;
use sidegate_wire::aws_json;
use sidegate_wire::protocol::JsonVersion;
use tokio::task::spawn_blocking;

pub use organization::{Document, Membership};
pub use store::OpenError;

use crate::reserve::Reserve;
use crate::{Authorized, Authorizer, Body, Caller, Service, Supposed, iam, whole};
use fault::Fault;
use operation::{Operation, Turn, View};
use store::Store;

/// The name before the dot in the target of a request.
const TARGET: &str = "AWSOrganizationsV20161128";

/// The operations that Organizations has and that are not served.
const UNSERVED: [&str; 9] = [
    "CreateGovCloudAccount",
    "DescribeResponsibilityTransfer",
    "InviteOrganizationToTransferResponsibility",
    "ListAccountsWithInvalidEffectivePolicy",
    "ListEffectivePolicyValidationErrors",
    "ListInboundResponsibilityTransfers",
    "ListOutboundResponsibilityTransfers",
    "TerminateResponsibilityTransfer",
    "UpdateResponsibilityTransfer",
];

/// The Organizations service, with every organization there is. It is the same in every Region.
#[derive(Debug)]
pub struct Organizations {
    store: Arc<Store>,
    /// Where accounts that are created get the role of the management account.
    identities: Option<iam::Directory>,
}

/// Tells which organization an account is in, and which policies bind it there. Cheap to clone and to ask; what it says
/// is never older than the last answer that the service has given.
#[derive(Clone, Debug)]
pub struct Directory(Arc<Store>);

impl Directory {
    /// The membership of an account; `None` if it is in no organization.
    pub fn membership(&self, account: &AccountId) -> Option<Membership> {
        self.0.world().organization_of(account)?.membership(account)
    }

    /// The role that the management account may assume in an account that it has created there; `None` for others.
    pub fn access_role(&self, account: &AccountId) -> Option<String> {
        self.0.world().organization_of(account)?.accounts.get(account)?.access_role.clone()
    }
}

impl Organizations {
    /// Opens the store in a directory, and makes its database if it does not exist. Room on the disk may be set aside
    /// for deletions. Blocks.
    ///
    /// # Errors
    /// [`OpenError`] if the directory or the database in it cannot be used.
    pub fn open(directory: &Path, reserve: Arc<Reserve>) -> Result<Self, OpenError> {
        Store::open(directory, reserve).map(|store| Self { store, identities: None })
    }

    /// The service over these identities: an account that is created has the role there by which the management account
    /// acts in it.
    #[must_use]
    pub fn with_identities(self, identities: iam::Directory) -> Self {
        Self { identities: Some(identities), ..self }
    }

    /// A handle for whoever has to know the policies that bind an account.
    pub fn directory(&self) -> Directory {
        Directory(Arc::clone(&self.store))
    }

    async fn answer(
        &self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer,
    ) -> Result<Response<Vec<u8>>, Fault> {
        let (operation, body) = whole::document(request, TARGET).await?;
        let identities = self.identities.as_ref();
        Call { store: &self.store, identities, body, caller, authorizer }.dispatch(&operation).await
    }
}

/// A request whose body is there.
struct Call<'a> {
    store: &'a Arc<Store>,
    identities: Option<&'a iam::Directory>,
    body: Bytes,
    caller: &'a Caller,
    authorizer: &'a dyn Authorizer,
}

impl Call<'_> {
    async fn dispatch(self, operation: &str) -> Result<Response<Vec<u8>>, Fault> {
        match operation {
            "AcceptHandshake" => self.run::<handshakes::AcceptHandshake>().await,
            "AttachPolicy" => self.run::<policies::AttachPolicy>().await,
            "CancelHandshake" => self.run::<handshakes::CancelHandshake>().await,
            "CloseAccount" => self.run::<accounts::CloseAccount>().await,
            "CreateAccount" => self.run::<accounts::CreateAccount>().await,
            "CreateOrganization" => self.run::<about::CreateOrganization>().await,
            "CreateOrganizationalUnit" => self.run::<units::CreateOrganizationalUnit>().await,
            "CreatePolicy" => self.run::<policies::CreatePolicy>().await,
            "DeclineHandshake" => self.run::<handshakes::DeclineHandshake>().await,
            "DeleteOrganization" => self.run::<about::DeleteOrganization>().await,
            "DeleteOrganizationalUnit" => self.run::<units::DeleteOrganizationalUnit>().await,
            "DeletePolicy" => self.run::<policies::DeletePolicy>().await,
            "DeleteResourcePolicy" => self.run::<services::DeleteResourcePolicy>().await,
            "DeregisterDelegatedAdministrator" => self.run::<services::DeregisterDelegatedAdministrator>().await,
            "DescribeAccount" => self.run::<accounts::DescribeAccount>().await,
            "DescribeCreateAccountStatus" => self.run::<accounts::DescribeCreateAccountStatus>().await,
            "DescribeEffectivePolicy" => self.run::<about::DescribeEffectivePolicy>().await,
            "DescribeHandshake" => self.run::<handshakes::DescribeHandshake>().await,
            "DescribeOrganization" => self.run::<about::DescribeOrganization>().await,
            "DescribeOrganizationalUnit" => self.run::<units::DescribeOrganizationalUnit>().await,
            "DescribePolicy" => self.run::<policies::DescribePolicy>().await,
            "DescribeResourcePolicy" => self.run::<services::DescribeResourcePolicy>().await,
            "DetachPolicy" => self.run::<policies::DetachPolicy>().await,
            "DisableAWSServiceAccess" => self.run::<services::DisableAwsServiceAccess>().await,
            "DisablePolicyType" => self.run::<policies::DisablePolicyType>().await,
            "EnableAWSServiceAccess" => self.run::<services::EnableAwsServiceAccess>().await,
            "EnableAllFeatures" => self.run::<about::EnableAllFeatures>().await,
            "EnablePolicyType" => self.run::<policies::EnablePolicyType>().await,
            "InviteAccountToOrganization" => self.run::<handshakes::InviteAccountToOrganization>().await,
            "LeaveOrganization" => self.run::<accounts::LeaveOrganization>().await,
            "ListAWSServiceAccessForOrganization" => self.run::<services::ListAwsServiceAccessForOrganization>().await,
            "ListAccounts" => self.run::<accounts::ListAccounts>().await,
            "ListAccountsForParent" => self.run::<units::ListAccountsForParent>().await,
            "ListChildren" => self.run::<units::ListChildren>().await,
            "ListCreateAccountStatus" => self.run::<accounts::ListCreateAccountStatus>().await,
            "ListDelegatedAdministrators" => self.run::<services::ListDelegatedAdministrators>().await,
            "ListDelegatedServicesForAccount" => self.run::<services::ListDelegatedServicesForAccount>().await,
            "ListHandshakesForAccount" => self.run::<handshakes::ListHandshakesForAccount>().await,
            "ListHandshakesForOrganization" => self.run::<handshakes::ListHandshakesForOrganization>().await,
            "ListOrganizationalUnitsForParent" => self.run::<units::ListOrganizationalUnitsForParent>().await,
            "ListParents" => self.run::<units::ListParents>().await,
            "ListPolicies" => self.run::<policies::ListPolicies>().await,
            "ListPoliciesForTarget" => self.run::<policies::ListPoliciesForTarget>().await,
            "ListRoots" => self.run::<about::ListRoots>().await,
            "ListTagsForResource" => self.run::<tags::ListTagsForResource>().await,
            "ListTargetsForPolicy" => self.run::<policies::ListTargetsForPolicy>().await,
            "MoveAccount" => self.run::<accounts::MoveAccount>().await,
            "PutResourcePolicy" => self.run::<services::PutResourcePolicy>().await,
            "RegisterDelegatedAdministrator" => self.run::<services::RegisterDelegatedAdministrator>().await,
            "RemoveAccountFromOrganization" => self.run::<accounts::RemoveAccountFromOrganization>().await,
            "TagResource" => self.run::<tags::TagResource>().await,
            "UntagResource" => self.run::<tags::UntagResource>().await,
            "UpdateOrganizationalUnit" => self.run::<units::UpdateOrganizationalUnit>().await,
            "UpdatePolicy" => self.run::<policies::UpdatePolicy>().await,
            other => match UNSERVED.iter().find(|name| **name == other) {
                Some(name) => Err(Fault::Unserved(name)),
                None => Err(Fault::UnknownOperation(other.to_owned())),
            },
        }
    }

    async fn run<O: Operation>(self) -> Result<Response<Vec<u8>>, Fault> {
        let input: O = aws_json::parse(&self.body)?;
        let mut prepared = input.prepare(&View { caller: self.caller, world: &self.store.world() })?;
        for requirement in &mut prepared.requirements {
            // What is of the management account is asked for by members too, whose own policies decide.
            requirement.resource_account = Some(self.caller.scope.account.clone());
        }
        let allowed = Authorized::by(self.authorizer, O::NAME, &prepared.requirements)
            .map_err(|denial| Fault::Denied(Box::new(denial)))?;
        let (store, identities, caller) = (Arc::clone(self.store), self.identities.cloned(), self.caller.clone());
        let act = move || {
            let identities = identities.as_ref();
            O::act(prepared.ready, &Turn { allowed: &allowed, caller: &caller, store: &store, identities })
        };
        let answer = spawn_blocking(act).await.map_err(|_| Fault::Interrupted)??;
        Ok(aws_json::response(JsonVersion::V1_1, &answer, &self.caller.request_id)?)
    }
}

#[async_trait]
impl Service for Organizations {
    fn name(&self) -> &'static str {
        "organizations"
    }

    async fn handle(&self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer) -> Response<Body> {
        let answer = self.answer(request, caller, authorizer).await.unwrap_or_else(|fault| {
            let failure = fault.failure();
            if failure.status.is_server_error() && failure.status != StatusCode::NOT_IMPLEMENTED {
                tracing::error!(error = &fault as &dyn std::error::Error, "a request of Organizations failed");
            }
            fault.response(&failure, &caller.request_id)
        });
        whole::answer(answer)
    }

    async fn suppose(&self, action: &str, resource: &str, _caller: &Caller) -> Result<Supposed, String> {
        Ok(Supposed::plain(action, resource))
    }
}
