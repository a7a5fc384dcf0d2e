//! `ListGrants` and `ListRetirableGrants`

use serde::{Deserialize, Serialize};
use sidegate_iam::Requirement;

use super::{Constraints, Grant, check_id, kept_principal, shown_principal};
use crate::asked::seconds;
use crate::constraint::required;
use crate::kms::fault::Fault;
use crate::kms::operation::{Operation, Prepared};
use crate::kms::page::{Page, Paging, limit};
use crate::kms::store::Store;
use crate::kms::subject::{Subject, caller_account};
use crate::{Authorized, Caller};

/// How many grants a page has at most, and if nobody says.
const PAGE: (i64, i64) = (100, 50);

/// Grants, in the order of their ids.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Grants {
    grants: Vec<Entry>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
    truncated: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Entry {
    key_id: String,
    grant_id: String,
    /// AWS gives an empty name where there is none.
    name: String,
    creation_date: f64,
    grantee_principal: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    retiring_principal: Option<String>,
    issuing_account: String,
    operations: Vec<String>,
    #[serde(skip_serializing_if = "Constraints::is_empty")]
    constraints: Constraints,
}

impl Grants {
    fn of(store: &Store, page: Page<Grant>) -> Self {
        let entry = |grant: Grant| Entry {
            grantee_principal: shown_principal(store, &grant.grantee),
            retiring_principal: grant.retiree.as_deref().map(|kept| shown_principal(store, kept)),
            key_id: grant.key,
            grant_id: grant.id,
            name: grant.name.unwrap_or_default(),
            creation_date: seconds(grant.created),
            issuing_account: grant.issuer,
            operations: grant.operations,
            constraints: grant.constraints,
        };
        Self {
            truncated: page.next.is_some(),
            next_marker: page.next,
            grants: page.items.into_iter().map(entry).collect(),
        }
    }
}

/// `ListGrants`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListGrants {
    limit: Option<i64>,
    marker: Option<String>,
    key_id: Option<String>,
    grant_id: Option<String>,
    grantee_principal: Option<String>,
}

impl Operation for ListGrants {
    const NAME: &'static str = "ListGrants";
    type Ready = (Subject, Paging, Option<String>, Option<String>);
    type Answer = Grants;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let limit = limit(self.limit, PAGE.0, PAGE.1)?;
        if let Some(id) = &self.grant_id {
            check_id(id)?;
        }
        let subject = Subject::find(caller, store, self.key_id.as_deref())?;
        let context = serde_json::to_string(&(Self::NAME, subject.arn(), &self.grant_id, &self.grantee_principal))?;
        let paging = Paging::of(&store.vault, context, limit, self.marker.as_deref())?;
        let kept = |who: &str| kept_principal(store, &subject.scope.account, "granteePrincipal", who);
        let grantee = self.grantee_principal.as_deref().map(kept).transpose()?;
        let requirement = subject.requirement(caller, Self::NAME).with("kms:GrantIsForAWSResource", "false");
        Ok(Prepared::one((subject, paging, self.grant_id, grantee), requirement))
    }

    fn act(
        (subject, paging, id, grantee): Self::Ready, allowed: &Authorized, caller: &Caller, store: &Store,
    ) -> Result<Grants, Fault> {
        let which = (id.as_deref(), grantee.as_deref());
        let grants = store.read(|connection| {
            subject.key(allowed, caller, connection)?;
            Grant::after(connection, subject.arn(), which, &paging.after, paging.limit + 1)
        })?;
        Ok(Grants::of(store, paging.page(&store.vault, grants, |grant| &grant.id)?))
    }
}

/// `ListRetirableGrants`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ListRetirableGrants {
    limit: Option<i64>,
    marker: Option<String>,
    retiring_principal: Option<String>,
}

impl Operation for ListRetirableGrants {
    const NAME: &'static str = "ListRetirableGrants";
    type Ready = (String, Paging);
    type Answer = Grants;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let limit = limit(self.limit, PAGE.0, PAGE.1)?;
        let who = required("retiringPrincipal", self.retiring_principal)?;
        let kept = kept_principal(store, &caller.scope.account, "retiringPrincipal", &who)?;
        if who.split(':').nth(4) != Some(caller.scope.account.as_str()) {
            return Err(Fault::InvalidArn(format!("{who} is not a principal of the account of the request.")));
        }
        let context = serde_json::to_string(&(Self::NAME, &caller.scope, &kept))?;
        let paging = Paging::of(&store.vault, context, limit, self.marker.as_deref())?;
        // Source: API reference, "ListRetirableGrants": the resource is the retiring principal.
        let requirement = caller_account(Requirement::new("kms:ListRetirableGrants", who.as_str()), caller);
        Ok(Prepared::one((kept, paging), requirement))
    }

    fn act((who, paging): Self::Ready, _: &Authorized, caller: &Caller, store: &Store) -> Result<Grants, Fault> {
        let region = caller.scope.region.as_str();
        let most = paging.limit + 1;
        let grants = store.read(|connection| Grant::retirable(connection, &who, region, &paging.after, most))?;
        Ok(Grants::of(store, paging.page(&store.vault, grants, |grant| &grant.id)?))
    }
}
