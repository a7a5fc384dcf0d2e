//! The path of one flow, hop by hop, with what decided each: over a plan, without sending a packet.
//!
//! What is let through, where it goes and what a name leads to is read from the [`Plan`], which is what the machine does.
//! The [`World`] of which the plan was made gives the rule, entry, route or statement that decided its id. Nothing here
//! sends, waits or guesses: what is not known is [`Unknown`].

mod call;
mod code;
mod disposition;
mod filter;
mod flow;
mod hop;
mod internet;
mod name;
pub mod reach;
mod remedy;
mod route;
mod source;
mod text;
mod walk;

use std::net::IpAddr;

use serde::Serialize;
use sidegate_model::{NetworkInterfaceId, World};

pub use self::code::{Code, Origin};
pub use self::disposition::{Disposition, Unknown};
pub use self::flow::{Call, EPHEMERAL_PORTS, Flow, FlowError, Goal, SOMEBODY, SOMEBODY_IPV6, Source};
pub use self::hop::{
    Candidate, Deciding, EndpointMet, Entry, Hop, IngressChoice, LayerMet, Leg, NameOrigin, Platform, Resolution,
    RouteChoice, Rule, Step,
};
pub use self::remedy::{Change, Remedy, Setting, remedy, remedy_among, remedy_by};
use self::source::Sender;
pub use self::text::server_name;
use self::walk::Walk;
pub(crate) use self::walk::is_let_out;
use crate::Plan;

/// The path of a flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Trace {
    /// The interface that it leaves by; `None` from the internet.
    // Dispositions have a `source` and an `interface` of their own.
    #[serde(rename = "sourceInterface")]
    pub source: Option<NetworkInterfaceId>,
    /// Where it passes, in order: the way there, and then what the answer has to pass where nothing remembers the first
    /// packet.
    pub hops: Vec<Hop>,
    /// What becomes of it.
    #[serde(flatten)]
    pub disposition: Disposition,
}

/// Traces a flow through a plan, where `plan` is that of `world`.
///
/// It takes time in proportion to what the VPCs on the path have. Only [`Source::Subnet`] costs more: the plan of the VPC
/// is made anew, with the program in it.
///
/// # Errors
/// [`FlowError`] if the flow is none that could be: nothing is there that could send it, or nobody to send it to.
pub fn trace(world: &World, plan: &Plan, flow: &Flow) -> Result<Trace, FlowError> {
    flow.check()?;
    match source::senders(world, plan, &flow.source)? {
        source::Senders::Here(senders) => worst(&senders, |sender| trace_from(world, plan, sender, flow)),
        source::Senders::Supposed(supposed) => {
            let (world, plan, interface) = *supposed;
            trace_from(&world, &plan, &Sender::Interface(interface), flow)
        }
    }
}

/// The trace of the first sender whose flow does not arrive, or else of the first.
fn worst(senders: &[Sender], trace: impl Fn(&Sender) -> Result<Trace, FlowError>) -> Result<Trace, FlowError> {
    let mut first = None;
    for sender in senders {
        let trace = trace(sender)?;
        if !trace.disposition.is_reached() {
            return Ok(trace);
        }
        first.get_or_insert(trace);
    }
    first.ok_or_else(|| FlowError::NoFunction(String::new()))
}

fn trace_from(world: &World, plan: &Plan, sender: &Sender, flow: &Flow) -> Result<Trace, FlowError> {
    trace_widely(world, plan, sender, flow).map(|(trace, _)| trace)
}

/// A trace, and the ports around the flow's own to which the same flow passes the same filters with the same end.
fn trace_widely(world: &World, plan: &Plan, sender: &Sender, flow: &Flow) -> Result<(Trace, (u16, u16)), FlowError> {
    let mut walk = Walk::new(world, plan, flow);
    let aim = name::aim(world, plan, sender, &flow.goal, &mut walk.hops)?;
    let source = sender.interface().cloned();
    let (addresses, name) = match aim {
        name::Aim::At { addresses, name } => (addresses, name),
        name::Aim::Ended(disposition) => {
            let steady = walk.steady;
            return Ok((Trace { source, hops: walk.hops, disposition }, steady));
        }
    };
    let (addresses, foreign): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|to| flow::is_spoken(flow.protocol, *to));
    if let (true, Some(&address)) = (addresses.is_empty(), foreign.first()) {
        return Err(FlowError::Messages { protocol: flow.protocol, address });
    }
    let mut steady = walk.steady;
    let tries = addresses.into_iter().map(|to| {
        let mut walk = walk.clone();
        let end = match sender {
            Sender::Interface(id) => walk.by_interface(id, to),
            Sender::Outside(address) => walk.by_internet(*address, to),
        };
        steady = (steady.0.max(walk.steady.0), steady.1.min(walk.steady.1));
        let end = call::served(world, plan, flow, name.as_deref().or(flow.server_name.as_deref()), &mut walk.hops, end);
        (to, walk.hops, end)
    });
    let (reached, mut lost): (Vec<_>, Vec<_>) = tries.partition(|(.., end)| end.is_reached());
    // What is not known might arrive, and so tells more than what is blocked.
    lost.sort_by_key(|(.., end)| end.blocked_by().is_some());
    let addresses_of = |all: &[(IpAddr, Vec<Hop>, Disposition)]| all.iter().map(|(to, ..)| *to).collect::<Vec<_>>();
    let unknown = Unknown::Address { passing: addresses_of(&reached), lost: addresses_of(&lost) };
    let is_mixed = !reached.is_empty() && !lost.is_empty();
    let Some((_, hops, end)) = lost.into_iter().chain(reached).next() else {
        return Err(FlowError::NoDestination(IpAddr::from([0, 0, 0, 0])));
    };
    let disposition = if is_mixed { Disposition::Undetermined { unknown } } else { end };
    Ok((Trace { source, hops, disposition }, steady))
}
