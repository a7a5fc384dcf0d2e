//! One VPC's namespace: what is believed of it, and how it becomes what it shall be.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use sidegate_model::IpCidr;
use sidegate_plan::{IPV6_RESOLVER, LINK_LOCAL_RESOLVER, VpcPlan};

use super::apply::{Executor, Failed, Sockets};
use super::diff::{Difference, diff};
use super::error::VpcError;
use super::flows::FlowCounts;
use super::listeners::Listeners;
use super::netlink::Socket;
use super::objects::Objects;
use super::render::{RenderError, emptied, render};
use super::ruleset::{Form, Structure};
use super::{flows, part, read};
use crate::holder::Client;
use crate::netns::{NetNs, NetNsError};

/// A VPC's namespace.
#[derive(Debug)]
pub(super) struct Network {
    netns: NetNs,
    belief: Belief,
    /// Kept for life, once they are open: with them the namespace can be closed, come what may. Besides, when a netlink
    /// socket is closed, the kernel first finishes what it has put off of earlier transactions.
    sockets: Option<Sockets>,
    resolvers: Vec<IpAddr>,
    /// Whether an endpoint leads to the service of mail.
    mail: bool,
    /// The plan that was last tried, as long as its VPC is there.
    tried: Option<Arc<VpcPlan>>,
    /// The namespaces of programs that had a link and have none any more.
    left: BTreeSet<String>,
    /// For what the filter counts, kept open as the other sockets are; `None` until something is watched.
    flows: Option<Socket>,
    /// What was counted at interfaces before something else came to be watched, with the plan of that time.
    counted: Vec<(Arc<VpcPlan>, FlowCounts)>,
}

/// What was not carried out to its end.
struct Unfinished {
    reason: VpcError,
    /// Whether nothing passes all the same that must not.
    revoked: bool,
}

impl From<VpcError> for Unfinished {
    fn from(reason: VpcError) -> Self {
        Self { reason, revoked: false }
    }
}

impl From<NetNsError> for Unfinished {
    fn from(reason: NetNsError) -> Self {
        VpcError::from(reason).into()
    }
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
    /// What the filter's fixed part looks like when the kernel describes it, in the forms that were asked for.
    references: Vec<(Form, Structure)>,
    /// Whether the holder has all that it must have, as far as one knows.
    pub(super) attended: bool,
}

impl Common {
    pub(super) fn new(holder: Client) -> Self {
        Self { holder, references: Vec::new(), attended: false }
    }

    /// A holder that has not been given what its predecessor had does not know the namespaces of programs that run, so
    /// that their links would look foreign; and a passage would be set in a namespace that nothing leads to.
    pub(super) fn attended(&self) -> Result<(), VpcError> {
        if self.attended { Ok(()) } else { Err(VpcError::Unattended) }
    }

    /// What the namespace of this thread has.
    fn read_here(&mut self) -> Result<Objects, VpcError> {
        self.attended()?;
        let Self { holder, references, .. } = self;
        read::read(holder, |form| {
            if let Some((_, known)) = references.iter().find(|(known, _)| *known == form) {
                return Ok(known.clone());
            }
            let made = Structure::reference(form)?.map_err(VpcError::read("what the filter must be"))?;
            references.push((form, made.clone()));
            Ok(made)
        })
    }
}

impl Network {
    /// A namespace of which nothing is known.
    pub(super) fn new(netns: NetNs) -> Self {
        Self {
            netns,
            belief: Belief::Unknown,
            sockets: None,
            resolvers: Vec::new(),
            mail: false,
            tried: None,
            left: BTreeSet::new(),
            flows: None,
            counted: Vec::new(),
        }
    }

    /// The namespace itself.
    pub(super) fn netns(&self) -> &NetNs {
        &self.netns
    }

    /// Whether it is what this very plan says, as far as one knows.
    pub(super) fn is_set(&self, plan: &Arc<VpcPlan>) -> bool {
        matches!(&self.belief, Belief::Plan(known) if Arc::ptr_eq(known, plan))
    }

    /// Forgets what it is believed to be.
    pub(super) fn doubt(&mut self) {
        self.belief = Belief::Unknown;
    }

    /// What it has.
    pub(super) fn read(&self, common: &mut Common) -> Result<Objects, VpcError> {
        self.netns.run(|| common.read_here())?
    }

    /// Opens the sockets on which the edge listens.
    pub(super) fn listeners(&self) -> Result<Listeners, VpcError> {
        let ipv6 = self.resolvers.iter().any(IpAddr::is_ipv6);
        self.netns.run(|| Listeners::open(&self.resolvers, ipv6, self.mail))?
    }

    /// Makes it what the plan says, and returns how many objects changed. Programs' namespaces that it makes are added to
    /// `created`.
    pub(super) fn set(
        &mut self, common: &mut Common, plan: &Arc<VpcPlan>, created: &mut Vec<String>,
    ) -> Result<usize, VpcError> {
        self.resolvers = resolvers(plan);
        self.mail = plan.has_mail();
        self.set_flows_aside(Some(plan));
        self.note_departures(Some(plan));
        let expected = match &self.belief {
            Belief::Unknown => None,
            Belief::Plan(known) => Some(part::of_both(known, plan)),
            Belief::Empty => Some(render(plan).map(|new| (emptied(), new))),
        };
        let expected = match expected.transpose() {
            Ok(pair) => pair.map(|(old, new)| diff(&old, &new)),
            // Reading it back will not make the plan better.
            Err(error) => {
                self.belief = Belief::Unknown;
                self.close();
                return Err(error.into());
            }
        };
        let changes = self.carry_out(common, expected, || render(plan), created)?;
        self.belief = Belief::Plan(Arc::clone(plan));
        Ok(changes)
    }

    /// Takes away all that its VPC had, and returns how many objects changed.
    pub(super) fn empty(&mut self, common: &mut Common, created: &mut Vec<String>) -> Result<usize, VpcError> {
        self.set_flows_aside(None);
        self.note_departures(None);
        let expected = match &self.belief {
            Belief::Unknown => None,
            Belief::Plan(known) => render(known).ok().map(|old| diff(&old, &emptied())),
            Belief::Empty => return Ok(0),
        };
        let changes = self.carry_out(common, expected, || Ok(emptied()), created)?;
        self.belief = Belief::Empty;
        Ok(changes)
    }

    /// What was counted at watched interfaces since this was called last.
    pub(super) fn take_flows(&mut self) -> Vec<(Arc<VpcPlan>, FlowCounts)> {
        if let Some(plan) = self.tried.clone() {
            self.count_flows(&plan);
        }
        std::mem::take(&mut self.counted)
    }

    /// Before something else comes to be watched, takes what was counted at what was watched so far: the numbers may come to
    /// mean other interfaces, and what goes takes its counts along.
    fn set_flows_aside(&mut self, next: Option<&Arc<VpcPlan>>) {
        let Some(before) = self.tried.clone() else { return };
        if next.is_none_or(|next| next.watched != before.watched) {
            self.count_flows(&before);
        }
    }

    fn count_flows(&mut self, plan: &Arc<VpcPlan>) {
        if plan.watched.is_empty() {
            return;
        }
        let taken = match &mut self.flows {
            Some(socket) => flows::take(socket, plan),
            none => match self.netns.run(flows::open) {
                Ok(Ok(socket)) => flows::take(none.insert(socket), plan),
                Ok(Err(error)) => (FlowCounts::default(), Err(error)),
                Err(error) => (FlowCounts::default(), Err(std::io::Error::other(error.to_string()))),
            },
        };
        let (counts, outcome) = taken;
        if !counts.is_empty() {
            self.counted.push((Arc::clone(plan), counts));
        }
        match outcome {
            Ok(()) => {}
            // The filter is not of the form yet.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                tracing::warn!(%error, "what was counted for flow logs cannot be read");
                if let Some(socket) = &mut self.flows {
                    socket.recover();
                }
            }
        }
    }

    /// Whether no program is in it, as far as one knows.
    pub(super) fn is_vacant(&self) -> bool {
        match &self.belief {
            Belief::Unknown => false,
            Belief::Plan(plan) => !plan.is_inhabited(),
            Belief::Empty => true,
        }
    }

    /// Whether it is believed to have a link into this namespace.
    pub(super) fn leads_to(&self, namespace: &str) -> bool {
        match &self.belief {
            Belief::Unknown => self.tried.as_ref().is_some_and(|plan| super::leads_to(plan, namespace)),
            Belief::Plan(plan) => super::leads_to(plan, namespace),
            Belief::Empty => false,
        }
    }

    /// The namespaces of programs that had a link here and have none any more, for the one who lets go of them to take
    /// out. None as long as it is not known that the links are gone.
    pub(super) fn left(&mut self) -> Option<&mut BTreeSet<String>> {
        (!matches!(self.belief, Belief::Unknown)).then_some(&mut self.left)
    }

    fn note_departures(&mut self, plan: Option<&Arc<VpcPlan>>) {
        let none = BTreeMap::new();
        let before = self.tried.as_ref().map_or(&none, |plan| &plan.links);
        let (gone, come) = part::differing(before, plan.map_or(&none, |plan| &plan.links));
        self.left.extend(gone.into_values().map(|link| link.namespace));
        for link in come.values() {
            self.left.remove(&link.namespace);
        }
        self.tried = plan.cloned();
    }

    /// Carries out what is expected to be the difference. What is believed may be wrong by now; so if that fails, or if
    /// nothing is believed, the namespace is read, and the difference from that to `wanted` carried out. If that fails
    /// while something may pass that must not, nothing passes any more.
    fn carry_out(
        &mut self, common: &mut Common, expected: Option<Difference>,
        wanted: impl FnOnce() -> Result<Objects, RenderError> + Send, created: &mut Vec<String>,
    ) -> Result<usize, VpcError> {
        self.belief = Belief::Unknown;
        self.attempt(common, expected, wanted, created).map_err(|Unfinished { reason, revoked }| {
            if !revoked {
                self.close();
            }
            reason
        })
    }

    fn attempt(
        &mut self, common: &mut Common, expected: Option<Difference>,
        wanted: impl FnOnce() -> Result<Objects, RenderError> + Send, created: &mut Vec<String>,
    ) -> Result<usize, Unfinished> {
        let Self { netns, sockets, .. } = self;
        let sockets = match sockets {
            Some(sockets) => sockets,
            None => sockets.insert(netns.run(Sockets::open)??),
        };
        // Of an attempt before.
        sockets.recover();
        netns.run(|| {
            let mut revoked = false;
            if let Some(difference) = expected {
                match Executor::new(&common.holder, sockets, created).run(&difference.steps) {
                    Ok(()) => return Ok(difference.changes()),
                    Err(Failed { done, reason }) => {
                        tracing::warn!(%reason, "a change failed; reading the namespace back");
                        revoked = done >= difference.revoking;
                    }
                }
                sockets.recover();
            }
            let (found, wanted) = match wanted().map_err(VpcError::from).and_then(|new| Ok((common.read_here()?, new)))
            {
                Ok(pair) => pair,
                Err(reason) => return Err(Unfinished { reason, revoked }),
            };
            let difference = diff(&found, &wanted);
            let result = Executor::new(&common.holder, sockets, created).run(&difference.steps);
            result.map_err(|Failed { done, reason }| Unfinished { reason, revoked: done >= difference.revoking })?;
            Ok(difference.changes())
        })?
    }

    /// Lets nothing pass any more. Where the sockets could not even be opened, nothing was changed either: in a new
    /// namespace nothing passes, and one from before this start stays what it was.
    fn close(&mut self) {
        let Some(sockets) = &mut self.sockets else {
            tracing::error!("a namespace could not be closed: it could not be entered yet");
            return;
        };
        sockets.recover();
        if let Err(error) = sockets.close() {
            tracing::error!(%error, "a namespace could not be closed");
        }
    }
}

/// The addresses of a VPC's resolver, whether it is on or off.
fn resolvers(plan: &VpcPlan) -> Vec<IpAddr> {
    let first = plan.cidrs.iter().find_map(|block| match block {
        IpCidr::V4(block) => Some(*block),
        IpCidr::V6(_) => None,
    });
    let own = plan.resolver.or_else(|| first.and_then(|block| block.nth(2)));
    let ipv4 = own.into_iter().chain([LINK_LOCAL_RESOLVER]).map(IpAddr::from);
    ipv4.chain(plan.has_ipv6().then_some(IPV6_RESOLVER.into())).collect()
}
