//! The interface of a program that `sidegate exec` runs, for as long as that holds the lock `STATE/programs/ENI.lock`.
//!
//! No crash of either side leaves an interface without a program, or takes one away from a program:
//!
//! 1. The daemon makes the interface and answers with it ([`Programs::attach`]).
//! 2. The command line takes the lock and says so.
//! 3. The daemon sees the lock held, waits for its end from now on, and says go ([`Programs::hold`]).
//!
//! A daemon that ends before the third step breaks the conversation, so that no program is started; the next daemon
//! finds the interface with a free lock and takes it away. After it, the lock is held until the program has ended.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use sidegate_linux::sandbox;
use sidegate_model::{
    AccountId, Attachment, Error, NetworkInterface, NetworkInterfaceId, Scope, SecurityGroupId, SubnetId, World,
};

use super::furniture::Place;
use super::{Attached, Ended, PATIENCE, ProgramError, Programs, blocking, lock, locked};
use crate::engine::ChangeError;

/// Whether an interface is that of a program of `sidegate exec`.
pub(super) fn is_program(interface: &NetworkInterface) -> bool {
    interface.attachment == Attachment::Program
}

impl Programs {
    /// Makes an interface for a program, ready in the kernel when this returns. Whoever gets it calls
    /// [`Programs::hold`] or [`Programs::detach`] next. The program may be given a role of the subnet's account, by its
    /// name or ARN. Its trust policy is not asked: who owns the daemon has every right in it.
    pub(crate) async fn attach(
        &self, subnet: &SubnetId, groups: Vec<SecurityGroupId>, role: Option<&str>,
    ) -> Result<Attached, ProgramError> {
        if self.0.closing.load(Ordering::SeqCst) {
            return Err(ProgramError::Closing);
        }
        let world = self.0.engine.world();
        let scope: Scope =
            world.subnets.get(subnet).map(|s| s.scope.clone()).ok_or_else(|| ProgramError::Subnet(subnet.clone()))?;
        let role = role.map(|role| self.role_of(&scope.account, role)).transpose()?;
        let made: Arc<Mutex<Option<NetworkInterfaceId>>> = Arc::default();
        let (seen, programs, wanted) = (Arc::clone(&made), self.clone(), subnet.clone());
        let changed = self.0.engine.change(scope, move |world, context| {
            let id = world.attach_program(context, &wanted, &groups)?;
            if let Some(role) = role {
                world.give_role_to_program(&id, role);
            }
            // Known here before anyone sees it in the world, lest it be taken for a left-over.
            locked(&programs.0.present).insert(id.clone());
            *locked(&seen) = Some(id.clone());
            Ok(id)
        });
        match changed.await {
            Ok(interface) => {
                let attached = self.attached(&interface);
                if attached.is_err() {
                    self.detach(&interface).await;
                }
                attached
            }
            Err(error) => {
                let made = locked(&made).take();
                if let Some(id) = made {
                    self.detach(&id).await;
                }
                Err(explain(error, subnet))
            }
        }
    }

    fn attached(&self, id: &NetworkInterfaceId) -> Result<Attached, ProgramError> {
        let world = self.0.engine.world();
        let gone = || ProgramError::NotHeld(id.clone());
        let interface = world.interfaces.get(id).ok_or_else(gone)?;
        let place = Place::of(&world, interface, &self.0.authority).ok_or_else(gone)?;
        let key = match interface.role {
            Some(_) => None,
            None => Some(self.key_of(&interface.scope.account)?),
        };
        Ok(Attached { interface: id.clone(), place, key })
    }

    /// The ARN of a role of an account.
    fn role_of(&self, account: &AccountId, named: &str) -> Result<Arc<str>, ProgramError> {
        let directory = &self.0.directory;
        let found =
            if named.starts_with("arn:") { directory.role(named) } else { directory.role_named(account, named) };
        let found = found.filter(|role| role.account == *account);
        let unknown = || ProgramError::Role { role: named.to_owned(), account: account.clone() };
        found.map(|role| role.arn.into()).ok_or_else(unknown)
    }

    /// Keeps an interface for as long as its lock is held, which it must be by now.
    pub(crate) fn hold(&self, id: &NetworkInterfaceId) -> Result<(), ProgramError> {
        let path = self.lock_of(id);
        let held = matches!(lock::is_held(&path), Ok(true)) && self.watch(path, Ended::Program(id.clone()));
        if held { Ok(()) } else { Err(ProgramError::NotHeld(id.clone())) }
    }

    /// Takes away the interface of a program that has ended or was never started; says whether that is done.
    pub(crate) async fn detach(&self, id: &NetworkInterfaceId) -> bool {
        let known = |world: &World| world.interfaces.get(id).is_some_and(is_program);
        if known(&self.0.engine.world()) {
            let ended = id.clone();
            self.note("detach a program", move |world, _| world.detach_program(&ended)).await;
        }
        let gone = !known(&self.0.engine.world());
        if gone {
            self.drop_namespace(id).await;
            let _ = std::fs::remove_file(self.lock_of(id));
        }
        // If not, the next round finds it with a free lock.
        locked(&self.0.present).remove(id);
        gone
    }

    /// Takes away the interface of a program whose lock is free, as its end makes it.
    pub(crate) async fn release(&self, id: &NetworkInterfaceId) -> Result<(), ProgramError> {
        let path = self.lock_of(id);
        match blocking(move || lock::is_held(&path)).await {
            Some(Ok(false)) => {
                self.detach(id).await;
                Ok(())
            }
            _ => Err(ProgramError::Held(id.clone())),
        }
    }

    /// Ends a program of `sidegate exec`, and takes its interface away.
    pub(super) async fn end_program(self, id: NetworkInterfaceId) {
        let path = self.lock_of(&id);
        if let Some(Err(error)) = blocking(move || sandbox::terminate(&path, PATIENCE)).await {
            tracing::error!(interface = %id, %error, "cannot end a program");
            return;
        }
        self.detach(&id).await;
    }

    /// Waits for programs that an earlier daemon attached, and detaches those that ended meanwhile.
    pub(super) async fn adopt_programs(&self, world: &World) {
        for interface in world.interfaces.iter().filter(|i| is_program(i)) {
            let id = &interface.id;
            if !locked(&self.0.present).insert(id.clone()) {
                continue;
            }
            match lock::is_held(&self.lock_of(id)) {
                Ok(true) => {
                    if !self.watch(self.lock_of(id), Ended::Program(id.clone())) {
                        locked(&self.0.present).remove(id);
                    }
                }
                Ok(false) => drop(self.detach(id).await),
                Err(error) => {
                    tracing::warn!(interface = %id, %error, "cannot look at a program; it will be tried again");
                    locked(&self.0.present).remove(id);
                }
            }
        }
    }

    fn lock_of(&self, id: &NetworkInterfaceId) -> std::path::PathBuf {
        lock_path(self.0.state.path(), id)
    }
}

/// The lock of a program's interface.
pub(crate) fn lock_path(state: &std::path::Path, id: &NetworkInterfaceId) -> std::path::PathBuf {
    state.join("programs").join(format!("{id}.lock"))
}

/// A refusal in the words of the command line rather than of the API.
fn explain(error: ChangeError, subnet: &SubnetId) -> ProgramError {
    match error {
        ChangeError::Refused(Error::InsufficientFreeAddresses(subnet)) => ProgramError::Full(subnet),
        ChangeError::Refused(Error::NotFound { id, .. }) if id == subnet.as_str() => {
            ProgramError::Subnet(subnet.clone())
        }
        ChangeError::Refused(reason) => ProgramError::Refused { reason },
        other => ProgramError::Failed(other),
    }
}
