//! What leads out of a namespace, as the kernel has it: for whoever wants to see that without knowing the plan.

use sidegate_model::IpCidr;

use super::error::VpcError;
use super::netlink::{Family, Socket};
use super::rtnetlink::{self, LinkState};
use crate::netns::NetNs;

/// The links and the routes of a namespace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    /// All links but the loopback one.
    pub links: Vec<SurveyedLink>,
    /// All routes but those that the kernel itself makes for a namespace's own addresses.
    pub routes: Vec<SurveyedRoute>,
}

/// A link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SurveyedLink {
    /// Its name.
    pub name: String,
    /// What its alias says: the namespace at its other end, by the name that the holder knows it by. Empty if it says
    /// nothing.
    pub leads_to: String,
    /// Packets that came in by it.
    pub received: u64,
    /// Packets that went out by it.
    pub sent: u64,
}

/// A route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SurveyedRoute {
    /// For what.
    pub destination: IpCidr,
    /// Where it leads.
    pub lead: Lead,
}

/// Where a route leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lead {
    /// To this namespace itself.
    Here,
    /// Out by a link, of this name.
    Link(String),
    /// Nowhere: what it takes is dropped, or left to the next table.
    Nowhere,
    /// Somewhere that none of our routes leads.
    Elsewhere,
}

/// Reads what a namespace leads to.
///
/// # Errors
/// If it cannot be entered or read.
pub fn survey(namespace: &NetNs) -> Result<Survey, VpcError> {
    namespace.run(|| {
        let mut socket = Socket::open(Family::Route).map_err(VpcError::read("routes"))?;
        let replies = socket.dump(&rtnetlink::links()).map_err(VpcError::read("links"))?;
        let links: Vec<LinkState> = replies.iter().filter_map(rtnetlink::link_of).collect();
        let mut found = Survey::default();
        for (reply, link) in replies.iter().filter_map(|reply| Some((reply, rtnetlink::link_of(reply)?))) {
            if link.index != rtnetlink::LOOPBACK {
                let (received, sent) = rtnetlink::packets_of(reply).unwrap_or_default();
                found.links.push(SurveyedLink { name: link.name, leads_to: link.alias, received, sent });
            }
        }
        let routes = rtnetlink::of_all_families(&mut socket, rtnetlink::routes).map_err(VpcError::read("routes"))?;
        for state in routes.iter().filter_map(rtnetlink::route_of) {
            if state.key.table == rtnetlink::LOCAL_TABLE && state.protocol == rtnetlink::KERNEL_PROTOCOL {
                continue;
            }
            let link = links.iter().find(|link| Some(link.index) == state.link);
            let lead = match (state.kind, link) {
                (rtnetlink::LOCAL, _) => Lead::Here,
                (rtnetlink::BLACKHOLE | rtnetlink::THROW, _) => Lead::Nowhere,
                (rtnetlink::UNICAST, Some(link)) if state.is_plain => Lead::Link(link.name.clone()),
                _ => Lead::Elsewhere,
            };
            found.routes.push(SurveyedRoute { destination: state.key.destination, lead });
        }
        Ok(found)
    })?
}
