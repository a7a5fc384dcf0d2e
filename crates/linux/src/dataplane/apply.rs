//! Carrying out steps in the namespace of this thread.

use std::io;
use std::mem::discriminant;
use std::os::fd::AsFd;

use sidegate_model::{AddressFamily, IpCidr};

use super::diff::Step;
use super::error::VpcError;
use super::netlink::{Family, Message, Refusal, Socket};
use super::nftables::{self, Set};
use super::objects::{Foreign, ForeignKind, LinkEnds, LinkName, RouteKey, RouteKind};
use super::ruleset::Form;
use super::sysctl::Settings;
use super::{conntrack, program_end, rtnetlink, ruleset, sysctl};
use crate::holder::Client;
use crate::netns::NetNs;

/// What an answer says if the thing to be removed has gone already.
const GONE: [i32; 4] = [libc::ENOENT, libc::ESRCH, libc::ENODEV, libc::EADDRNOTAVAIL];

/// How many links are made at once: the descriptor of each program's namespace is open meanwhile.
const LINKS_AT_ONCE: usize = 64;

/// A step that failed.
#[derive(Debug)]
pub(super) struct Failed {
    /// How many steps before it were carried out.
    pub(super) done: usize,
    /// Why.
    pub(super) reason: VpcError,
}

/// The netlink sockets of a namespace. They work from any thread.
#[derive(Debug)]
pub(super) struct Sockets {
    route: Socket,
    netfilter: Socket,
}

impl Sockets {
    /// Opens them in the namespace of this thread.
    pub(super) fn open() -> Result<Self, VpcError> {
        let open = |family| Socket::open(family).map_err(VpcError::read("the namespace"));
        Ok(Self { route: open(Family::Route)?, netfilter: open(Family::Netfilter)? })
    }

    /// Makes them fit for use after something failed.
    pub(super) fn recover(&mut self) {
        self.route.recover();
        self.netfilter.recover();
    }

    /// Stops everything, since something that must not pass may. If even the filter does not obey, the links go down.
    ///
    /// This takes neither a descriptor nor a thread: it works where there are none left.
    pub(super) fn close(&mut self) -> io::Result<()> {
        let empty = AddressFamily::ALL.map(|family| nftables::empty(family, Set::Sources)).into();
        match transact(&mut self.netfilter, empty) {
            Ok(()) => Ok(()),
            Err(_) => {
                let links = self.route.dump(&rtnetlink::links())?;
                let states = links.iter().filter_map(rtnetlink::link_of);
                let lower = states.filter(|state| state.index != rtnetlink::LOOPBACK);
                let messages = lower.map(|state| rtnetlink::lower(&state.name)).collect();
                self.route.carry_out_but(messages, &GONE).map_err(|Refusal { error, .. }| error)
            }
        }
    }
}

/// Carries out steps in the namespace of this thread.
pub(super) struct Executor<'a> {
    holder: &'a Client,
    route: &'a mut Socket,
    netfilter: &'a mut Socket,
    /// The namespaces of programs that were newly made.
    created: &'a mut Vec<String>,
}

impl<'a> Executor<'a> {
    /// An executor in the namespace that this thread and the sockets are in.
    pub(super) fn new(holder: &'a Client, sockets: &'a mut Sockets, created: &'a mut Vec<String>) -> Self {
        Self { holder, route: &mut sockets.route, netfilter: &mut sockets.netfilter, created }
    }

    /// Carries out the steps in their order; neighbours of one kind travel together.
    pub(super) fn run(&mut self, steps: &[Step]) -> Result<(), Failed> {
        let mut done = 0;
        for alike in steps.chunk_by(|a, b| discriminant(a) == discriminant(b)) {
            self.run_alike(alike).map_err(|(index, reason)| Failed { done: done + index, reason })?;
            done += alike.len();
        }
        Ok(())
    }

    /// On failure: which step, and why.
    fn run_alike(&mut self, steps: &[Step]) -> Result<(), (usize, VpcError)> {
        match steps.first() {
            None => Ok(()),
            Some(Step::RemoveRule(_) | Step::RemoveRoute(..) | Step::RemoveAddress(_) | Step::RemoveLink(_)) => {
                self.route_messages(steps, &GONE)
            }
            Some(Step::AddRoute(..) | Step::AddRule(_) | Step::AddAddress(_) | Step::RaiseLoopback) => {
                self.route_messages(steps, &[])
            }
            Some(Step::AddLink(..)) => self.add_links(steps),
            Some(Step::SettleLink(..)) => self.settle_links(steps),
            Some(
                Step::LoadRuleset(_)
                | Step::ChangeRuleset(_)
                | Step::SetSysctl(..)
                | Step::RemoveForeign(_)
                | Step::Filter { .. }
                | Step::Forget(_),
            ) => steps
                .iter()
                .enumerate()
                .try_for_each(|(index, step)| self.run_one(step).map_err(|reason| (index, refused(step, reason)))),
        }
    }

    fn run_one(&mut self, step: &Step) -> io::Result<()> {
        match step {
            Step::LoadRuleset(form) => ruleset::load(Form::of(*form)),
            Step::ChangeRuleset(form) => ruleset::change(Form::of(*form)),
            Step::SetSysctl(path, value) => Settings::open()?.set(path, value),
            Step::RemoveForeign(foreign) => self.remove_foreign(foreign),
            Step::Filter { remove, add } => {
                let mut messages = nftables::remove(remove);
                messages.extend(nftables::add(add));
                self.transact(messages)
            }
            Step::Forget(addresses) => conntrack::forget(self.netfilter, addresses).map(|_| ()),
            _ => Ok(()),
        }
    }

    fn transact(&mut self, messages: Vec<Message>) -> io::Result<()> {
        transact(self.netfilter, messages)
    }

    fn remove_foreign(&mut self, Foreign { kind, message, .. }: &Foreign) -> io::Result<()> {
        let removal = match kind {
            ForeignKind::Table => {
                return match nftables::delete_table(message).map(|message| self.transact(vec![message])) {
                    Some(Err(error)) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                    Some(result) => result,
                    None => Ok(()),
                };
            }
            ForeignKind::Route => Some(rtnetlink::remove_described(libc::RTM_DELROUTE, message)),
            ForeignKind::Rule => Some(rtnetlink::remove_described(libc::RTM_DELRULE, message)),
            ForeignKind::Address => Some(rtnetlink::remove_described(libc::RTM_DELADDR, message)),
            ForeignKind::Link => rtnetlink::remove_described_link(message),
        };
        let messages = removal.into_iter().collect();
        self.route.carry_out_but(messages, &GONE).map_err(|Refusal { error, .. }| error)
    }

    fn route_messages(&mut self, steps: &[Step], harmless: &[i32]) -> Result<(), (usize, VpcError)> {
        let mut messages = Vec::with_capacity(steps.len());
        for (index, step) in steps.iter().enumerate() {
            messages.extend(route_message(step).map_err(|reason| (index, refused(step, reason)))?);
        }
        let result = self.route.carry_out_but(messages, harmless);
        result.map_err(|refusal| described(steps, refusal))
    }

    fn add_links(&mut self, steps: &[Step]) -> Result<(), (usize, VpcError)> {
        let mut done = 0;
        for group in steps.chunks(LINKS_AT_ONCE) {
            let links = self.namespaces_of(group).map_err(|reason| (done, reason))?;
            let failed = |refusal: Refusal| {
                let (index, reason) = described(group, refusal);
                (done + index, reason)
            };
            match self.route.carry_out(veths(&links)) {
                Err(refusal) if refusal.error.kind() == io::ErrorKind::AlreadyExists => {
                    self.clear_away(&links).map_err(|reason| (done, reason))?;
                    self.route.carry_out(veths(&links)).map_err(failed)?;
                }
                result => result.map_err(failed)?,
            }
            let aliases = links.iter().map(|(name, ends, _)| rtnetlink::set_alias(name.as_str(), &ends.namespace));
            self.route.carry_out(aliases.collect()).map_err(failed)?;
            done += group.len();
        }
        Ok(())
    }

    fn namespaces_of<'s>(&mut self, steps: &'s [Step]) -> Result<Vec<(LinkName, &'s LinkEnds, NetNs)>, VpcError> {
        let mut links = Vec::with_capacity(steps.len());
        for step in steps {
            let (Step::AddLink(name, ends) | Step::SettleLink(name, ends)) = step else { continue };
            let (namespace, created) = self.holder.ensure(&ends.namespace)?;
            if created {
                self.created.push(ends.namespace.clone());
            }
            links.push((*name, ends, namespace));
        }
        Ok(links)
    }

    /// Removes ends that are in the way: left over from a link that was being made when something failed.
    fn clear_away(&mut self, links: &[(LinkName, &LinkEnds, NetNs)]) -> Result<(), VpcError> {
        for (name, ends, namespace) in links {
            let failed = |reason| VpcError::Apply { step: format!("clear the way for link {name} {ends}"), reason };
            program_end::remove(namespace, ends.end)?.map_err(failed)?;
            let removal = vec![rtnetlink::remove_link(name.as_str())];
            self.route.carry_out_but(removal, &GONE).map_err(|refusal| failed(refusal.error))?;
        }
        Ok(())
    }

    fn settle_links(&mut self, steps: &[Step]) -> Result<(), (usize, VpcError)> {
        let mut done = 0;
        for group in steps.chunks(LINKS_AT_ONCE) {
            let links = self.namespaces_of(group).map_err(|reason| (done, reason))?;
            self.settle_ends(group, &links).map_err(|(index, reason)| (done + index, reason))?;
            let raised = links.iter().map(|(name, ..)| rtnetlink::raise_router_end(name.as_str())).collect();
            self.route.carry_out(raised).map_err(|refusal| {
                let (index, reason) = described(group, refusal);
                (done + index, reason)
            })?;
            done += group.len();
        }
        Ok(())
    }

    /// All but the last: that the end here is up.
    fn settle_ends(&mut self, steps: &[Step], links: &[(LinkName, &LinkEnds, NetNs)]) -> Result<(), (usize, VpcError)> {
        let refused_at = |index: usize, reason| {
            let step = steps.get(index).map(ToString::to_string).unwrap_or_default();
            (index, VpcError::Apply { step, reason })
        };
        let settings = Settings::open().map_err(|reason| refused_at(0, reason))?;
        for (index, (name, ..)) in links.iter().enumerate() {
            for (path, value) in sysctl::of_link(name.as_str()) {
                settings.set(&path, value).map_err(|reason| refused_at(index, reason))?;
            }
        }
        let namespaces: Vec<_> = links.iter().map(|(.., namespace)| namespace).collect();
        let ends: Vec<_> = links.iter().map(|(_, ends, _)| *ends).collect();
        let settled = program_end::settle(&namespaces, &ends).map_err(|reason| (0, reason.into()))?;
        for (index, result) in settled.into_iter().enumerate() {
            result.map_err(|reason| refused_at(index, reason))?;
        }
        Ok(())
    }
}

fn transact(netfilter: &mut Socket, messages: Vec<Message>) -> io::Result<()> {
    let (begin, end) = nftables::transaction();
    netfilter.transact(begin, messages, end).map_err(|Refusal { error, .. }| error)
}

fn veths(links: &[(LinkName, &LinkEnds, NetNs)]) -> Vec<Message> {
    let veth = |(name, ends, namespace): &(LinkName, &LinkEnds, NetNs)| {
        rtnetlink::add_veth(name.as_str(), ends.mtu, ends.end.as_str(), ends.mac, namespace.as_fd())
    };
    links.iter().map(veth).collect()
}

fn route_message(step: &Step) -> io::Result<Option<Message>> {
    Ok(Some(match step {
        Step::RaiseLoopback => rtnetlink::raise("lo"),
        Step::RemoveRule(rule) => rtnetlink::remove_rule(*rule),
        Step::AddRule(rule) => rtnetlink::add_rule(*rule),
        Step::RemoveRoute(key, kind) => rtnetlink::remove_route(key, *kind, None),
        Step::AddRoute(key, kind) => add_route(key, *kind)?,
        Step::RemoveAddress(address) => {
            rtnetlink::remove_address(rtnetlink::LOOPBACK, *address, IpCidr::host(*address).length())
        }
        Step::AddAddress(address) => {
            rtnetlink::add_address(rtnetlink::LOOPBACK, *address, IpCidr::host(*address).length())
        }
        Step::RemoveLink(name) => rtnetlink::remove_link(name.as_str()),
        _ => return Ok(None),
    }))
}

fn add_route(key: &RouteKey, kind: RouteKind) -> io::Result<Message> {
    let link = kind.link().map(|name| nix::net::if_::if_nametoindex(name.as_str())).transpose()?;
    Ok(rtnetlink::add_route(key, kind, link))
}

fn refused(step: &Step, reason: io::Error) -> VpcError {
    VpcError::Apply { step: step.to_string(), reason }
}

fn described(steps: &[Step], Refusal { index, error }: Refusal) -> (usize, VpcError) {
    let step = steps.get(index).map(ToString::to_string).unwrap_or_default();
    (index, VpcError::Apply { step, reason: error })
}
