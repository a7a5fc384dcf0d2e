//! What applies to a call on whatever path, as the gate finds it when a request comes: for who asks about calls that nobody
//! makes.

use std::sync::Mutex;

use http::HeaderMap;
use sidegate_iam::{Context, Policies, Principal};
use sidegate_model::{AccountId, Region};

use super::authorization::{Authorization, Side};
use super::context::{Known, Proof};
use super::credentials::{Credentials, Grants};
use super::way::Tls;

/// A call, as far as it is known without its path.
#[derive(Clone, Debug)]
pub struct SupposedCall<'a> {
    /// The service, by the last part of its endpoint service name.
    pub service: &'static str,
    /// The Region.
    pub region: Region,
    /// Who calls: with a signature in the header, unless nobody is named.
    pub principal: &'a Principal,
    /// What policies say of the principal.
    pub grants: Grants,
    /// Whose the resource is; the principal's account if nobody says.
    pub owner: Option<AccountId>,
    /// Unix time in milliseconds.
    pub now: i64,
}

impl SupposedCall<'_> {
    /// The condition keys that do not follow from the path, and the policies of the principal and of the organizations. Of S3
    /// the call is taken for one over the newest TLS.
    pub fn applicable(self, credentials: &dyn Credentials) -> (Context, Policies) {
        let Self { service, region, principal, grants, owner, now } = self;
        let membership = principal.account().and_then(|account| credentials.membership(account));
        let known = Known {
            service,
            region,
            path: None,
            tls: Some(Tls::V1_3),
            endpoint: None,
            headers: &HeaderMap::new(),
            proof: proof_of(principal, now),
            membership: membership.as_deref(),
            now,
        };
        let authorization = Authorization::new(
            principal,
            known.context(),
            grants,
            membership,
            (None, None),
            credentials,
            &Mutex::default(),
        )
        .side(owner.as_ref().or_else(|| principal.account()));
        let Side { context, policies, .. } = authorization;
        (context, policies)
    }
}

/// How a call that is not made would prove whose it is.
pub(super) fn proof_of(principal: &Principal, now: i64) -> Option<Proof> {
    (*principal != Principal::Anonymous).then_some(Proof::Header(now))
}
