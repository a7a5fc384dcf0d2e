//! The way back: what the answer has to pass where nothing remembers the packet that it answers.

use std::net::IpAddr;

use sidegate_model::{Direction, SubnetId};

use super::{Disposition, Leg, Passed, Taken, Unknown, Walk, leads_over};
use crate::analyze::Code;
use crate::analyze::hop::Step;
use crate::{AclNumber, Link, Passage, Redirects, RouteTarget, TableIndex, VpcPlan};

/// Something on the way back.
#[derive(Clone, Copy)]
pub(super) enum Back<'a> {
    /// A network ACL, which has no state.
    Acl { vpc: &'a VpcPlan, subnet: &'a SubnetId, number: Option<AclNumber>, direction: Direction, peer: IpAddr },
    /// The ways of a subnet within its VPC, which have to get to this link.
    Redirect { redirects: Option<&'a Redirects>, subnet: &'a SubnetId, address: IpAddr, link: &'a Link },
    /// The route table of an internet gateway, which may lead what comes in from this peer for this address aside.
    Gateway { vpc: &'a VpcPlan, name: &'a str, address: IpAddr, peer: IpAddr },
    /// A route table, which has to lead over this passage.
    Over { vpc: &'a VpcPlan, table: TableIndex, subnet: &'a SubnetId, address: IpAddr, passage: &'a str, from: IpAddr },
}

impl<'a> Back<'a> {
    pub(super) const fn acl(
        vpc: &'a VpcPlan, subnet: &'a SubnetId, number: Option<AclNumber>, direction: Direction, peer: IpAddr,
    ) -> Self {
        Self::Acl { vpc, subnet, number, direction, peer }
    }
}

impl<'a> Walk<'a> {
    /// The end of a walk that has arrived: whether the answer gets back.
    pub(super) fn answered(&mut self, end: Disposition) -> Result<Disposition, Disposition> {
        while let Some(back) = self.back.pop() {
            self.step_back(back)?;
        }
        match self.unknown.take() {
            Some(unknown) => Err(Disposition::Undetermined { unknown }),
            None => Ok(end),
        }
    }

    fn step_back(&mut self, back: Back<'a>) -> Passed {
        match back {
            Back::Acl { vpc, subnet, number, direction, peer } => self.acl_back(vpc, (subnet, number), direction, peer),
            Back::Redirect { redirects, subnet, address, link } => {
                let Some((block, route)) = redirects.and_then(|own| own.route_to(address)) else { return Ok(()) };
                self.routes(Leg::Back, subnet, address, Taken::Route(block));
                let gets_there =
                    matches!(&route.target, RouteTarget::Interface { link: name, .. } if *name == link.name);
                if gets_there { Ok(()) } else { Err(self.refuse(Code::ResponseRouteRedirection)) }
            }
            Back::Gateway { vpc, name, address, peer } => {
                let Some((id, next)) = self.aside(Leg::Back, vpc, name, address)? else { return Ok(()) };
                // What is known of the flow lets the answer pass its groups.
                self.acl_back(vpc, (&next.subnet, next.acl), Direction::Ingress, peer)?;
                self.note(Leg::Back, Step::Appliance { interface: id.clone() });
                Err(Disposition::Undetermined { unknown: Unknown::Appliance { interface: id.clone() } })
            }
            Back::Over { vpc, table, subnet, address, passage, from } => {
                let found = vpc.tables.get(&table).and_then(|own| own.route_to(address));
                let taken = found.map_or(Taken::Nothing, |(block, _)| Taken::Route(block));
                self.routes(Leg::Back, subnet, address, taken);
                let leads_back =
                    found.is_some_and(|(_, route)| leads_over(route, passage) || self.lets_out(route, from));
                if leads_back { Ok(()) } else { Err(self.refuse(Code::ResponseNoRoute)) }
            }
        }
    }

    /// Whether a route leads over an egress-only internet gateway that lets an address out: it asks nothing of what goes
    /// out, so that the answer to what came in over an internet gateway may take it.
    fn lets_out(&self, route: &crate::Route, from: IpAddr) -> bool {
        let RouteTarget::Passage(name) = &route.target else { return false };
        match (self.plan.passages.get(name).map(|own| &**own), from) {
            (Some(Passage::EgressOnlyInternetGateway { ipv6, .. }), IpAddr::V6(from)) => ipv6.contains(&from),
            _ => false,
        }
    }

    fn acl_back(
        &mut self, vpc: &'a VpcPlan, (subnet, number): (&'a SubnetId, Option<AclNumber>), direction: Direction,
        peer: IpAddr,
    ) -> Passed {
        if self.is_within(subnet, peer) {
            return Ok(());
        }
        let passing = self.met_acl(Leg::Back, vpc, (subnet, number), direction, peer);
        if passing.is_empty() {
            return Err(self.refuse(Code::ResponseAclRestriction));
        }
        if passing != [self.answer.ports]
            && let Some(hop) = self.hops.last_mut()
            && let Step::NetworkAcl { acl, .. } = &hop.step
        {
            let unknown = Unknown::SourcePort { acl: acl.clone(), passing };
            hop.notes.push(Code::ResponseAclRestriction);
            self.unknown.get_or_insert(unknown);
        }
        Ok(())
    }
}
