//! What the machine shall do for the private networks, as a value: routes, filters, names and listeners.
//!
//! A [`Plan`] is ordered, comparable and printable, and leaves no choice open to whoever applies it: the Linux driver
//! and the edge only look things up. Everything here is pure.

pub mod analyze;
mod compile;
mod domains;
mod lines;
mod lint;
mod names;
mod permit;
mod plan;
pub mod reachability;

pub use compile::{compile, recompile};
pub use domains::Domains;
pub use lines::diff;
pub use lint::lint;
pub use names::{Held, Lookup, lookup};
pub use permit::{Permit, Selector};
pub use plan::{
    AclNumber, AclRules, DnsZone, EndpointAddress, EndpointKind, EndpointPlan, FIRST_PASSAGE_TABLE, GroupNumber,
    GroupRules, IPV6_METADATA_ADDRESS, IPV6_RESOLVER, LAST_REDIRECT, LINK_LOCAL_RESOLVER, Link, MAIL, METADATA_ADDRESS,
    Metadata, Names, OPEN_GROUP, Passage, PassageLink, Plan, PublicName, RedirectNumber, Redirected, Redirects,
    RoleSource, Route, RouteTarget, SERVICE_PORTS, SMTP_PORTS, SMTPS_PORTS, TableIndex, TablePlan, VpcPlan,
    WATCH_NUMBERS, WatchNumber, link_local, service_ports,
};
