//! One VPC's namespace: what is believed of it, and how it becomes what it shall be.

use std::net::Ipv4Addr;
use std::sync::Arc;

use sidegate_plan::{LINK_LOCAL_RESOLVER, VpcPlan};

use super::apply::{Executor, Failed, Sockets};
use super::diff::{Difference, diff};
use super::error::VpcError;
use super::listeners::Listeners;
use super::objects::Objects;
use super::render::{RenderError, emptied, render};
use super::ruleset::Structure;
use super::{part, read};
use crate::holder::Client;
use crate::netns::NetNs;

/// A VPC's namespace.
#[derive(Debug)]
pub(super) struct Network {
    netns: NetNs,
    belief: Belief,
    /// Kept open: when a netlink socket is closed, the kernel first finishes what it has put off of earlier transactions.
    sockets: Option<Sockets>,
    resolvers: Vec<Ipv4Addr>,
}

/// What a namespace is believed to be.
#[derive(Clone, Debug)]
enum Belief {
    /// It must be read.
    Unknown,
    /// What this plan says.
    Plan(Arc<VpcPlan>),
    /// Emptied, since its VPC is gone.
    Empty,
}

/// What all namespaces have in common.
#[derive(Debug)]
pub(super) struct Common {
    pub(super) holder: Client,
    /// What the filter's fixed part looks like when the kernel describes it.
    reference: Option<Structure>,
}

impl Common {
    pub(super) fn new(holder: Client) -> Self {
        Self { holder, reference: None }
    }

    /// What the namespace of this thread has.
    fn read_here(&mut self) -> Result<Objects, VpcError> {
        let Self { holder, reference } = self;
        read::read(holder, || {
            if let Some(known) = reference {
                return Ok(known.clone());
            }
            let made = Structure::reference()?.map_err(VpcError::read("what the filter must be"))?;
            Ok(reference.insert(made).clone())
        })
    }
}

impl Network {
    /// A namespace of which nothing is known.
    pub(super) fn new(netns: NetNs) -> Self {
        Self { netns, belief: Belief::Unknown, sockets: None, resolvers: Vec::new() }
    }

    /// Whether it is what this very plan says, as far as one knows.
    pub(super) fn is_set(&self, plan: &Arc<VpcPlan>) -> bool {
        matches!(&self.belief, Belief::Plan(known) if Arc::ptr_eq(known, plan))
    }

    /// What it has.
    pub(super) fn read(&self, common: &mut Common) -> Result<Objects, VpcError> {
        self.netns.run(|| common.read_here())?
    }

    /// Opens the sockets on which the edge listens.
    pub(super) fn listeners(&self) -> Result<Listeners, VpcError> {
        self.netns.run(|| Listeners::open(&self.resolvers))?
    }

    /// Makes it what the plan says, and returns how many objects changed. Programs' namespaces that it makes are added to
    /// `created`.
    pub(super) fn set(
        &mut self, common: &mut Common, plan: &Arc<VpcPlan>, created: &mut Vec<String>,
    ) -> Result<usize, VpcError> {
        self.resolvers = resolvers(plan);
        let expected = match &self.belief {
            Belief::Unknown => None,
            Belief::Plan(known) => Some(part::of_both(known, plan)),
            Belief::Empty => Some(render(plan).map(|new| (emptied(), new))),
        };
        let expected = match expected.transpose() {
            Ok(pair) => pair.map(|(old, new)| diff(&old, &new)),
            // Reading it back will not make the plan better.
            Err(error) => {
                self.close(common)?;
                return Err(error.into());
            }
        };
        let changes = self.carry_out(common, expected, || render(plan), created)?;
        self.belief = Belief::Plan(Arc::clone(plan));
        Ok(changes)
    }

    /// Takes away all that its VPC had, and returns how many objects changed.
    pub(super) fn empty(&mut self, common: &mut Common, created: &mut Vec<String>) -> Result<usize, VpcError> {
        let expected = match &self.belief {
            Belief::Unknown => None,
            Belief::Plan(known) => render(known).ok().map(|old| diff(&old, &emptied())),
            Belief::Empty => return Ok(0),
        };
        let changes = self.carry_out(common, expected, || Ok(emptied()), created)?;
        self.belief = Belief::Empty;
        Ok(changes)
    }

    /// Carries out what is expected to be the difference. What is believed may be wrong by now; so if that fails, or if
    /// nothing is believed, the namespace is read, and the difference from that to `wanted` carried out.
    fn carry_out(
        &mut self, common: &mut Common, expected: Option<Difference>,
        wanted: impl FnOnce() -> Result<Objects, RenderError> + Send, created: &mut Vec<String>,
    ) -> Result<usize, VpcError> {
        self.belief = Belief::Unknown;
        let mut kept = self.sockets.take();
        let result = self.netns.run(|| {
            let mut sockets = match kept.take() {
                Some(sockets) => sockets,
                None => Sockets::open()?,
            };
            if let Some(difference) = expected {
                match Executor::new(&common.holder, &mut sockets, created).run(&difference.steps) {
                    Ok(()) => return Ok((difference.changes(), sockets)),
                    Err(Failed { reason, .. }) => {
                        tracing::warn!(%reason, "a change failed; reading the namespace back")
                    }
                }
                // Answers to what failed may still be on their way.
                sockets = Sockets::open()?;
            }
            let result = Self::mend(common, &mut sockets, wanted, created);
            result.map(|changes| (changes, sockets))
        })?;
        let (changes, sockets) = result?;
        self.sockets = Some(sockets);
        Ok(changes)
    }

    /// Reads the namespace of this thread and makes it what is wanted. If that fails while something may pass that must
    /// not, nothing passes any more.
    fn mend(
        common: &mut Common, sockets: &mut Sockets, wanted: impl FnOnce() -> Result<Objects, RenderError>,
        created: &mut Vec<String>,
    ) -> Result<usize, VpcError> {
        let difference =
            match wanted().map_err(VpcError::from).and_then(|wanted| Ok(diff(&common.read_here()?, &wanted))) {
                Ok(difference) => difference,
                Err(error) => {
                    close_here(common, created);
                    return Err(error);
                }
            };
        match Executor::new(&common.holder, sockets, created).run(&difference.steps) {
            Ok(()) => Ok(difference.changes()),
            Err(Failed { done, reason }) => {
                if done < difference.revoking {
                    close_here(common, created);
                }
                Err(reason)
            }
        }
    }

    /// Lets nothing pass any more.
    fn close(&mut self, common: &mut Common) -> Result<(), VpcError> {
        self.belief = Belief::Unknown;
        Ok(self.netns.run(|| close_here(common, &mut Vec::new()))?)
    }
}

fn close_here(common: &Common, created: &mut Vec<String>) {
    let closed = Sockets::open().and_then(|mut sockets| {
        let closed = Executor::new(&common.holder, &mut sockets, created).close();
        closed.map_err(|reason| VpcError::Apply { step: "close the namespace".to_owned(), reason })
    });
    if let Err(error) = closed {
        tracing::error!(%error, "a namespace could not be closed");
    }
}

/// The addresses of a VPC's resolver, whether it is on or off.
fn resolvers(plan: &VpcPlan) -> Vec<Ipv4Addr> {
    let own = plan.resolver.or_else(|| plan.cidrs.first().and_then(|block| block.nth(2)));
    own.into_iter().chain([LINK_LOCAL_RESOLVER]).collect()
}
