//! Functions as other services of AWS call them, each in its own name: the function's policy has to let it in.
//!
//! Source: Lambda developer guide, "Granting Lambda function access to AWS services".

use std::sync::Arc;

use async_trait::async_trait;
use sidegate_iam::{Context, Policies, Principal, Request, decide};
use sidegate_model::Scope;

use super::Lambda;
use super::fault::Fault;
use super::function::Function;
use super::invoke::{Target, trace_id};
use super::lineage;
use super::name::Named;
use super::operation::{present_version, requirement};
use super::queue::now;
use super::store::Waiting;
use crate::functions::{Functions, Invocation, InvokeError, Outcome};
use crate::random::uuid;

impl Lambda {
    /// The function of a call, if its policy lets the service call it.
    fn callable(&self, invocation: &Invocation) -> Result<(Named, Arc<Function>), InvokeError> {
        let region = invocation.function.split(':').nth(3).and_then(|region| region.parse().ok());
        let scope =
            Scope { account: invocation.source_account.clone(), region: region.ok_or(InvokeError::NoFunction)? };
        let named = Named::parse_in(&scope, &invocation.function).map_err(|_| InvokeError::NoFunction)?;
        let store = &self.inner.store;
        let function = store.function(&named.place).ok_or(InvokeError::NoFunction)?;
        present_version(&named, Some(&function)).map_err(|_| InvokeError::NoFunction)?;
        let requirement = requirement("Invoke", &named, Some(&function));
        let context = Context::new()
            .with("aws:SourceAccount", invocation.source_account.as_str())
            .with("aws:SourceArn", invocation.source_arn.as_str())
            .with("aws:PrincipalIsAWSService", "true")
            .with("aws:PrincipalServiceName", invocation.principal);
        let principal = Principal::Service(invocation.principal.to_owned());
        let request = Request { principal: &principal, context: &context, requirement: &requirement };
        if decide(&request, &Policies::default()).is_allowed() {
            Ok((named, function))
        } else {
            Err(InvokeError::Denied)
        }
    }
}

fn unavailable(fault: &Fault) -> InvokeError {
    InvokeError::Unavailable(fault.to_string())
}

#[async_trait]
impl Functions for Lambda {
    async fn check(&self, invocation: &Invocation) -> Result<(), InvokeError> {
        self.callable(invocation).map(drop)
    }

    async fn invoke(&self, invocation: &Invocation, payload: Vec<u8>) -> Result<Outcome, InvokeError> {
        let (named, function) = self.callable(invocation)?;
        let target = Target::of(&named, Some(&function)).map_err(|fault| unavailable(&fault))?;
        let inner = &self.inner;
        let slot = inner.enter(&target).map_err(|fault| unavailable(&fault))?;
        let id = uuid().map_err(|error| InvokeError::Unavailable(error.to_string()))?;
        let trace = trace_id(now()).map_err(|fault| unavailable(&fault))?;
        let event = super::Inner::event(&target, &id, payload, None, &trace, 0);
        let invoked = inner.run(target, event, slot).await.map_err(|fault| unavailable(&fault))?;
        Ok(match invoked.error {
            Some(kind) => Outcome::Failed(kind),
            None => Outcome::Returned(invoked.payload),
        })
    }

    async fn send(&self, invocation: &Invocation, payload: Vec<u8>, trace: Option<&str>) -> Result<(), InvokeError> {
        let (named, _) = self.callable(invocation)?;
        let trace_id = match trace {
            Some(trace) => trace.to_owned(),
            None => trace_id(now()).map_err(|fault| unavailable(&fault))?,
        };
        let waiting = Waiting {
            id: uuid().map_err(|error| InvokeError::Unavailable(error.to_string()))?,
            scope: named.place.scope.clone(),
            function: named.place.name.clone(),
            qualifier: named.qualifier.as_ref().map(ToString::to_string),
            payload,
            client_context: None,
            hops: lineage::hops(&trace_id),
            trace_id,
            since: now(),
            failures: 0,
            throttles: 0,
            due: now(),
        };
        let inner = &self.inner;
        inner.store.put_event(waiting).await.map_err(|fault| unavailable(&fault))?;
        inner.queue.wake.notify_one();
        Ok(())
    }
}
