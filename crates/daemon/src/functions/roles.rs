//! Sessions of execution roles.
//!
//! Source: Lambda developer guide, "Defining Lambda function permissions with an execution role".

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{Response, StatusCode};
use sidegate_edge::gate::Credentials as _;
use sidegate_iam::{Context, Policies, Policy, PolicyType, Principal, Request, Requirement, decide};
use sidegate_model::Scope;
use sidegate_services::iam::{Directory, NewSession, RoleFacts, SessionCredentials};
use sidegate_services::lambda::environment::{RoleError, StartError};
use sidegate_services::{Authorizer as _, Service};

use crate::asker::Asker;
use crate::clock::{self, rfc3339};
use crate::identities::Identities;

/// The service that has the roles of functions.
const LAMBDA: &str = "lambda.amazonaws.com";

/// How long a session lasts, in seconds.
const LIFETIME: i64 = 12 * 3_600;

/// How much of a session must be left for an environment that begins, in milliseconds.
const LEAST_LEFT: i64 = 6 * 3_600_000;

/// How long before the end of its session an environment takes no more events, in milliseconds: the longest that an
/// invocation lasts, and some more.
const MARGIN: i64 = 20 * 60_000;

/// The most bytes of an answer that are read: many records of a stream.
const LONGEST_ANSWER: usize = 16 << 20;

/// The name of the session in which Lambda asks for itself.
const LAMBDA_ITSELF: &str = "awslambda";

/// The sessions that environments have. Those of one function share one for some hours.
pub(super) struct Roles {
    directory: Directory,
    identities: Identities,
    /// By the ids of roles and the ARNs of functions. It is locked while a session is stored.
    kept: Mutex<HashMap<(String, String), SessionCredentials>>,
}

impl Roles {
    pub(super) fn new(directory: Directory, identities: Identities) -> Self {
        Self { directory, identities, kept: Mutex::default() }
    }

    /// The role, if it is one of the account and lets Lambda have it.
    pub(super) fn assumable(&self, scope: &Scope, arn: &str) -> Result<RoleFacts, RoleError> {
        let role = self.directory.role(arn).filter(|role| role.account == scope.account);
        role.filter(|role| trusts_lambda(role, scope)).ok_or(RoleError::NotAssumable)
    }

    /// A session for an environment of a function, by the function's name. Blocks.
    pub(super) fn session(&self, scope: &Scope, arn: &str, function: &str) -> Result<SessionCredentials, StartError> {
        let source = format!("arn:aws:lambda:{}:{}:function:{function}", scope.region, scope.account);
        self.named_session(scope, arn, function, Some(source))
    }

    /// A session of this name. What Lambda asks for itself comes from no function.
    fn named_session(
        &self, scope: &Scope, arn: &str, name: &str, function: Option<String>,
    ) -> Result<SessionCredentials, StartError> {
        let role = self.assumable(scope, arn).map_err(|error| StartError::Role(error.to_string()))?;
        let now = clock::now_ms();
        let key = (role.id.clone(), function.clone().unwrap_or_default());
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(session) = kept.get(&key).filter(|session| session.expires - LEAST_LEFT > now) {
            return Ok(session.clone());
        }
        let new = NewSession { function, ..NewSession::of(role.account.clone(), role.session(name), LIFETIME) };
        let made = self.directory.issue_session(new, now).map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, role = %role.arn, "no session can be stored");
            StartError::Failed("no session of the execution role can be stored".to_owned())
        })?;
        kept.retain(|_, old| old.expires > now);
        kept.insert(key, made.clone());
        Ok(made)
    }

    /// Whether a role may do something. Blocks.
    pub(super) fn may(&self, scope: &Scope, arn: &str, requirement: &Requirement) -> bool {
        let Ok(session) = self.named_session(scope, arn, LAMBDA_ITSELF, None) else { return false };
        let asker = self.asker(scope, session);
        asker.is_some_and(|asker| asker.authorize("MayRole", std::slice::from_ref(requirement)).is_ok())
    }

    /// Makes a request in the name of a role, and says how it was answered.
    pub(super) async fn call(
        self: &Arc<Self>, scope: &Scope, arn: &str, service: &Arc<dyn Service>, request: http::Request<Vec<u8>>,
    ) -> Response<Bytes> {
        let (roles, own, role) = (Arc::clone(self), scope.clone(), arn.to_owned());
        let session = move || roles.named_session(&own, &role, LAMBDA_ITSELF, None);
        let Ok(Ok(session)) = tokio::task::spawn_blocking(session).await else {
            return answered(StatusCode::FORBIDDEN, Bytes::new());
        };
        match self.asker(scope, session) {
            Some(asker) => {
                let answer = asker.send_for(service, request, LONGEST_ANSWER).await;
                answered(answer.status, answer.body)
            }
            None => answered(StatusCode::FORBIDDEN, Bytes::new()),
        }
    }

    /// Whoever has a session, asking for Lambda itself.
    fn asker(&self, scope: &Scope, session: SessionCredentials) -> Option<Asker<'_>> {
        let now = clock::now_ms();
        let known = self.identities.credential(&session.access_key, now).ok()?;
        Some(Asker {
            identities: &self.identities,
            principal: known.principal,
            context: known.grants.context,
            policies: known.grants.policies,
            // Nothing that is sent so is signed.
            access_key: None,
            scope: scope.clone(),
            errand: "function-role",
            now,
        })
    }
}

fn answered(status: StatusCode, body: Bytes) -> Response<Bytes> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response
}

/// How long an environment with a session takes events, in milliseconds from now.
pub(super) fn usable_for(session: &SessionCredentials) -> i64 {
    session.expires - MARGIN - clock::now_ms()
}

/// Whether a role's trust policy lets Lambda have it.
fn trusts_lambda(role: &RoleFacts, scope: &Scope) -> bool {
    let Ok(trust) = Policy::parse(&role.trust.text, PolicyType::RoleTrust) else { return false };
    let now = clock::now_ms();
    let mut context = Context::new()
        .with("aws:EpochTime", (now / 1000).to_string())
        .with("aws:SourceAccount", scope.account.as_str());
    if let Some(time) = rfc3339(now) {
        context = context.with("aws:CurrentTime", time);
    }
    let requirement = Requirement::new("sts:AssumeRole", role.arn.as_str()).under(Arc::new(trust));
    let principal = Principal::Service(LAMBDA.to_owned());
    let request = Request { principal: &principal, context: &context, requirement: &requirement };
    decide(&request, &Policies::default()).is_allowed()
}
