//! The output of `aws ec2 describe-*`, as the AWS CLI or boto3 write it.
//!
//! What a file is of is told by the keys of its lists, never by its name, so that files may be called as one likes, hold
//! several lists or several documents, and come by pages, Regions and accounts. Things keep their ids. A thing that
//! cannot be read is told of and left out, and what hangs on it becomes [unknown](crate::Unknown).
//!
//! Source: EC2 API reference, the `Describe` actions and their types.

mod address;
mod dhcp_options;
mod document;
mod element;
mod endpoint;
mod gateway;
mod instance;
mod kind;
mod moment;
mod name_servers;
mod nat_gateway;
mod network_acl;
mod network_interface;
mod page;
mod peering;
mod places;
mod prefix_list;
mod reading;
mod references;
mod route_table;
mod route_target;
mod security_group;
mod service;
mod subnet;
mod told_routes;
mod unmodelled;
mod vpc;

use self::element::{Element, Fault};
use self::kind::Kind;
use self::page::{Page, Pages};
use self::reading::Reading;
use crate::Imported;
use crate::finding::Findings;

/// Takes an element of a list into the world.
type Reader = fn(&mut Reading, &Element<'_>, &Page) -> Result<(), Fault>;

/// What is read, in an order in which each comes after what it is made from.
const READERS: &[(Kind, Reader)] = &[
    (Kind::PrefixLists, prefix_list::read),
    (Kind::PrefixListEntries, prefix_list::read_entries),
    (Kind::DhcpOptions, dhcp_options::read),
    (Kind::VpcAttributes, vpc::read_attributes),
    (Kind::Vpcs, vpc::read),
    (Kind::BlockPublicAccess, vpc::read_public_access),
    (Kind::Subnets, subnet::read),
    (Kind::SecurityGroups, security_group::read),
    (Kind::SecurityGroupRules, security_group::read_rule),
    (Kind::NetworkAcls, network_acl::read),
    (Kind::InternetGateways, gateway::read_internet),
    (Kind::EgressOnlyInternetGateways, gateway::read_egress_only),
    (Kind::VpnGateways, gateway::read_vpn),
    (Kind::NetworkInterfaces, network_interface::read),
    (Kind::Reservations, instance::read),
    (Kind::InstanceProfiles, instance::read_profile),
    (Kind::NatGateways, nat_gateway::read),
    (Kind::Addresses, address::read),
    (Kind::ServiceDetails, service::read),
    (Kind::VpcPeeringConnections, peering::read),
    (Kind::RouteTables, route_table::read),
    (Kind::VpcEndpoints, endpoint::read),
    (Kind::Unmodelled, unmodelled::read),
];

/// Reads the output of describe calls, each file with its name, which findings bear. The account and the Region of what does
/// not name its own are found from what belongs together, and else from the name of the file:
/// `123456789012/us-east-1/Vpcs.json`.
pub fn read<N: AsRef<str>, B: AsRef<[u8]>>(files: impl IntoIterator<Item = (N, B)>) -> Imported {
    let (mut pages, mut findings) = (Pages::default(), Findings::default());
    for (name, bytes) in files {
        pages.add(name.as_ref(), bytes.as_ref(), &mut findings);
    }
    let mut reading = Reading::new(&pages, findings);
    for (kind, read) in READERS {
        for page in pages.of(*kind) {
            for element in page.elements() {
                let is_object = element.value().is_object();
                let done =
                    if is_object { read(&mut reading, &element, page) } else { Err(element.fault("is no object")) };
                if let Err(fault) = done {
                    let id = element.text(page.id_key).ok().flatten();
                    reading.leave_out(page, *kind, id, &element, fault);
                }
            }
        }
    }
    references::settle(&mut reading);
    Imported { world: reading.world, findings: reading.findings, unknown: reading.unknown }
}
