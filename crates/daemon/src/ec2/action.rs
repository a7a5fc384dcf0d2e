//! What every action of the API is, and the call that carries it.

use std::sync::Arc;

use http::StatusCode;
use sidegate_model::{Context, Error, Scope, World};
use sidegate_services::iam::Directory;
use sidegate_services::{Authorized, Authorizer, Caller};
use sidegate_wire::ec2::{self, ToXml};
use sidegate_wire::protocol::Failure;
use sidegate_wire::query::Params;

use super::denial;
use super::fault;
use super::requirement::Asked;
use crate::deliveries::Deliveries;
use crate::engine::Engine;

/// An action of the API, as the type of its request.
pub(super) trait Action: Sized + Send {
    /// What it answers.
    type Answer: ToXml;

    /// Whether the caller only asks if it may.
    fn dry_run(&self) -> Option<bool>;

    /// The ARNs that the action needs permission for; `*` where it has none.
    fn resources(&self, _scope: &Scope) -> Vec<String> {
        vec!["*".to_owned()]
    }

    /// Asks for what it needs besides, which the parameters tell: to pass a role, say. A dry run is told of this too.
    ///
    /// # Errors
    /// `UnauthorizedOperation`, or what is wrong with the parameters.
    fn require(&self, _call: &Call<'_>) -> Result<(), Failure> {
        Ok(())
    }

    /// Carries it out. It has been authorised.
    fn act(self, call: &Call<'_>) -> impl Future<Output = Result<Self::Answer, Failure>> + Send;
}

impl<A: Action> Action for Box<A> {
    type Answer = A::Answer;

    fn dry_run(&self) -> Option<bool> {
        A::dry_run(self)
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        A::resources(self, scope)
    }

    fn require(&self, call: &Call<'_>) -> Result<(), Failure> {
        A::require(self, call)
    }

    fn act(self, call: &Call<'_>) -> impl Future<Output = Result<Self::Answer, Failure>> + Send {
        A::act(*self, call)
    }
}

/// One request on its way.
pub(super) struct Call<'a> {
    /// The name of its action.
    pub(super) action: &'a str,
    pub(super) engine: &'a Engine,
    /// The identities, for what instances have of them.
    pub(super) directory: &'a Directory,
    /// Whether the records of flow logs arrive.
    pub(super) deliveries: &'a Deliveries,
    pub(super) caller: &'a Caller,
    pub(super) authorizer: &'a dyn Authorizer,
    pub(super) params: &'a Params,
}

impl Call<'_> {
    /// Authorises an action, carries it out, and renders its answer.
    pub(super) async fn run<A: Action>(&self, name: &'static str, action: A) -> Result<String, Failure> {
        let requirements = {
            let (world, scope) = (self.world(), self.scope());
            let asked = Asked { action: name, params: self.params, world: &world, scope };
            asked.requirements(action.resources(scope))
        };
        Authorized::by(self.authorizer, name, &requirements)
            .map_err(|denial| denial::failure(self.directory, &denial))?;
        action.require(self)?;
        if action.dry_run() == Some(true) {
            let message = "Request would have succeeded, but DryRun flag is set.";
            return Err(Failure::new(StatusCode::PRECONDITION_FAILED, "DryRunOperation", message));
        }
        self.open_region().await;
        let answer = action.act(self).await?;
        Ok(ec2::render(name, &answer, &self.caller.request_id))
    }

    /// Gives the account its default VPC, if it has never done anything in this Region. A call does not fail for it:
    /// the next one tries again.
    async fn open_region(&self) {
        let scope = self.scope();
        if self.world().is_opened(scope) {
            return;
        }
        let opened = self.engine.change(scope.clone(), |world, context| world.open_region(context)).await;
        if let Err(error) = opened {
            tracing::warn!(%error, account = %scope.account, region = %scope.region, "there is no default VPC yet");
        }
    }

    /// Whose resources, and where.
    pub(super) fn scope(&self) -> &Scope {
        &self.caller.scope
    }

    /// The world as it is now.
    pub(super) fn world(&self) -> Arc<World> {
        self.engine.world()
    }

    /// What an earlier call with the same token made, if there was one.
    ///
    /// # Errors
    /// `IdempotentParameterMismatch` if it asked for something else.
    pub(super) fn replayed(&self, token: &str, parameters: &str) -> Result<Option<String>, Failure> {
        let context = Context { scope: self.scope().clone(), now: self.caller.now, entropy: &mut || 0 };
        self.world().replay(&context, self.action, token, parameters).map_err(|error| fault::of(&error))
    }

    /// Tries a command on a copy of the world, of which nothing stays.
    ///
    /// # Errors
    /// Those of the command.
    pub(super) fn try_out<T>(
        &self, command: impl FnOnce(&mut World, &mut Context<'_>) -> Result<T, Error>,
    ) -> Result<T, Failure> {
        let mut count = 0;
        let mut entropy = || {
            count += 1;
            count
        };
        let mut context = Context { scope: self.scope().clone(), now: self.caller.now, entropy: &mut entropy };
        command(&mut World::clone(&self.world()), &mut context).map_err(|error| fault::of(&error))
    }

    /// Changes the world: all of the command or nothing. What it made is stored and applied when this returns.
    pub(super) async fn change<T: Send + 'static>(
        &self, command: impl FnOnce(&mut World, &mut Context<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Failure> {
        self.engine.change(self.scope().clone(), command).await.map_err(fault::of_change)
    }
}
