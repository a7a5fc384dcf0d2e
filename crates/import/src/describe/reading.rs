//! The world as it is being read.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::sync::Arc;

use sidegate_model::{
    AddressAssociationId, AllocationId, Destination, ElasticIp, ElasticIpAssociation, Entity, InstanceId,
    NetworkInterfaceId, PrefixListId, RouteTableId, Scope, Table, Tags, VpcEndpointId, VpcId, VpcPeeringConnectionId,
    World,
};

use super::element::{Element, Fault, shown};
use super::kind::Kind;
use super::page::{Page, Pages};
use super::places::Places;
use super::service::ToldService;
use crate::finding::Findings;
use crate::unknown::Unknowns;
use crate::{Bearing, Place, Unknown};

/// What has been read so far.
pub(super) struct Reading {
    /// Whose things are, and where.
    pub(super) places: Places,
    /// The world.
    pub(super) world: World,
    /// What is wrong.
    pub(super) findings: Findings,
    /// What is not known.
    pub(super) unknown: Unknowns,
    /// The files in which things are described, by their ids.
    origins: BTreeMap<String, Arc<str>>,
    /// What services are told to have.
    pub(super) services: BTreeMap<String, ToldService>,
    /// The DNS attributes that are told of VPCs: `enableDnsSupport` and `enableDnsHostnames`.
    pub(super) dns: BTreeMap<VpcId, [Option<bool>; 2]>,
    /// VPCs to or from whose internet gateways Block Public Access keeps something.
    pub(super) public_access_blocked: BTreeSet<VpcId>,
    /// The routes as they are told.
    pub(super) routes: Vec<super::route_table::ToldRoute>,
    /// The tables and prefix lists of the routes that lead to each endpoint.
    pub(super) endpoint_routes: BTreeMap<VpcEndpointId, BTreeSet<(RouteTableId, PrefixListId)>>,
    /// The interfaces of each instance, by their device indexes.
    pub(super) attached: BTreeMap<InstanceId, BTreeMap<u32, NetworkInterfaceId>>,
    /// The destinations that each table tells routes to.
    pub(super) told_destinations: BTreeMap<RouteTableId, BTreeSet<Destination>>,
    /// The Elastic IP addresses that interfaces tell of.
    pub(super) lent: Vec<LentAddress>,
    /// The kinds of which something may be missing.
    pub(super) incomplete: BTreeSet<Kind>,
    /// The prefix lists of which the blocks are known.
    pub(super) whole_lists: BTreeSet<PrefixListId>,
    /// The peering connections that rules tell to be gone.
    pub(super) gone_peerings: BTreeSet<VpcPeeringConnectionId>,
    /// VPCs in which an interface has a public DNS name: AWS gives one only where both DNS attributes are on.
    ///
    /// Source: VPC user guide, "DNS attributes for your VPC".
    pub(super) with_public_names: BTreeSet<VpcId>,
}

/// An Elastic IP address as the interface tells of it that has it.
pub(super) struct LentAddress {
    /// Its allocation.
    pub(super) id: AllocationId,
    /// Whose it is, and where.
    pub(super) scope: Scope,
    /// The address.
    pub(super) address: Ipv4Addr,
    /// Its association.
    pub(super) association: ElasticIpAssociation,
}

impl LentAddress {
    /// An address that is associated with something that is yet to be named.
    pub(super) fn new(id: AllocationId, scope: Scope, address: Ipv4Addr, association: AddressAssociationId) -> Self {
        let (interface, private) = (NetworkInterfaceId::derived("unknown"), Ipv4Addr::UNSPECIFIED);
        Self { id, scope, address, association: ElasticIpAssociation { id: association, interface, private } }
    }

    /// As the list of addresses would tell it.
    pub(super) fn elastic(&self) -> ElasticIp {
        let Self { id, scope, address, association } = self;
        let (id, scope, association) = (id.clone(), scope.clone(), Some(association.clone()));
        ElasticIp { id, scope, address: *address, association }
    }
}

impl Reading {
    pub(super) fn new(pages: &Pages, findings: Findings) -> Self {
        Self {
            places: Places::of(pages),
            world: World::default(),
            findings,
            unknown: Unknowns::default(),
            origins: BTreeMap::new(),
            services: BTreeMap::new(),
            dns: BTreeMap::new(),
            public_access_blocked: BTreeSet::new(),
            routes: Vec::new(),
            endpoint_routes: BTreeMap::new(),
            attached: BTreeMap::new(),
            told_destinations: BTreeMap::new(),
            lent: Vec::new(),
            incomplete: pages.incomplete(),
            whole_lists: BTreeSet::new(),
            gone_peerings: BTreeSet::new(),
            with_public_names: BTreeSet::new(),
        }
    }

    /// Whose an element is, and where.
    pub(super) fn scope(&self, element: &Element<'_>, page: &Page) -> Result<Scope, Fault> {
        self.places.scope(element, page)
    }

    /// Notes that an element is left out, and what that leaves open.
    pub(super) fn leave_out(&mut self, page: &Page, kind: Kind, id: Option<&str>, element: &Element<'_>, fault: Fault) {
        if let Some(id) = id {
            let why = format!("`{}` in {} cannot be used: {}", fault.path, page.file, fault.message);
            self.open(id, "all of it", why, Bearing::Flow);
        }
        // That its VPC has it, nothing else tells.
        match (kind, element.text("VpcId").ok().flatten()) {
            (Kind::NetworkInterfaces, Some(vpc)) => self.hide_interfaces(&shown(vpc)),
            (Kind::VpcEndpoints, Some(vpc)) => self.hide_endpoints(&shown(vpc)),
            _ => {
                self.incomplete.insert(kind);
            }
        }
        let message = format!("{}; {} is left out", fault.message, element.path());
        self.fault(page, Fault { message, ..fault });
    }

    /// Notes that a VPC may have interfaces that are not known.
    pub(super) fn hide_interfaces(&mut self, vpc: &str) {
        let why = "the output of describe-network-interfaces is missing or not whole";
        self.open(vpc, "which of its addresses have interfaces", why, Bearing::Stopped);
    }

    /// Notes that a VPC may have endpoints that are not known.
    pub(super) fn hide_endpoints(&mut self, vpc: &str) {
        let why = "the output of describe-vpc-endpoints is missing or not whole";
        self.open(vpc, "which endpoints it has, and their private names", why, Bearing::Names);
    }

    /// Why something of a kind is not known that is told of elsewhere.
    pub(super) fn undescribed(&self, kind: Kind) -> &'static str {
        match kind {
            Kind::NetworkInterfaces if self.incomplete.contains(&kind) => {
                "the output of describe-network-interfaces is missing or not whole"
            }
            _ => "no file describes it",
        }
    }

    /// Notes what is wrong with a value.
    pub(super) fn fault(&mut self, page: &Page, fault: Fault) {
        self.findings.add(&page.file, Place::Value(fault.path), fault.message);
    }

    /// Notes that a thing refers to what no file describes.
    pub(super) fn dangling(&mut self, from: &str, to: &str) {
        let file = self.origins.get(from).cloned().unwrap_or_default();
        self.findings.add(&file, Place::File, format!("{from} refers to {}, which no file describes", shown(to)));
    }

    /// The same of a thing that the file at hand tells of.
    pub(super) fn dangling_in(&mut self, page: &Page, from: &str, to: &str) {
        let message = format!("{from} refers to {}, which no file describes", shown(to));
        self.findings.add(&page.file, Place::File, message);
    }

    /// Notes something that is not known.
    pub(super) fn open(&mut self, resource: &str, what: impl Into<String>, why: impl Into<String>, bearing: Bearing) {
        let (resource, what, why) = (resource.to_owned(), what.into(), why.into());
        self.unknown.add(Unknown { resource, what, why, assumed: None, bearing });
    }

    /// Notes something that is not known, and what the world holds in its place.
    pub(super) fn assume(&mut self, resource: &str, what: &str, why: &str, assumed: &str, bearing: Bearing) {
        let (resource, what, why) = (resource.to_owned(), what.to_owned(), why.to_owned());
        self.unknown.add(Unknown { resource, what, why, assumed: Some(assumed.to_owned()), bearing });
    }

    /// Takes in the good ones of some values. A bad one is told of, and leaves something of the resource open.
    pub(super) fn each<'a, T>(
        &mut self, page: &Page, resource: &str, bearing: &Bearing, values: Result<Vec<Element<'a>>, Fault>,
        read: impl Fn(&Element<'a>) -> Result<T, Fault>,
    ) -> Vec<T> {
        let values = values.map(|values| values.iter().map(read).collect::<Vec<_>>());
        let mut taken = Vec::new();
        for value in values.unwrap_or_else(|fault| vec![Err(fault)]) {
            match value {
                Ok(value) => taken.push(value),
                Err(fault) => {
                    let why = format!("`{}` cannot be read: {}", fault.path, fault.message);
                    self.open(resource, "a part of it", why, bearing.clone());
                    self.fault(page, fault);
                }
            }
        }
        taken
    }

    /// Puts a thing into the world. Of two descriptions of one that differ the first holds, and neither is trusted.
    pub(super) fn put<T: Entity>(&mut self, page: &Page, table: fn(&mut World) -> &mut Table<T>, entity: T) {
        let (id, key) = (entity.id(), entity.key());
        match table(&mut self.world).get(&id) {
            None => {
                table(&mut self.world).insert(entity);
                self.origins.insert(key, Arc::clone(&page.file));
            }
            Some(present) if *present == entity => {}
            Some(_) => {
                let first = self.origins.get(&key).cloned().unwrap_or_default();
                let message = format!("{key} is described in {first} too, and otherwise; the first description holds");
                self.findings.add(&page.file, Place::File, message);
                self.open(&key, "which description of it holds", "the files have two that differ", Bearing::Flow);
            }
        }
    }

    /// The tags of a thing.
    pub(super) fn tags(&mut self, page: &Page, element: &Element<'_>, id: &str, scope: &Scope) {
        let key = if element.has("TagSet") { "TagSet" } else { "Tags" };
        let read = |tag: &Element<'_>| {
            let (name, value) = (tag.text("Key")?.unwrap_or_default(), tag.text("Value")?.unwrap_or_default());
            Ok((name.to_owned(), value.to_owned()))
        };
        let tags = self.each(page, id, &Bearing::Nothing, element.list(key), read);
        if !tags.is_empty() {
            let tags = tags.into_iter().collect();
            self.world.tags.insert(Tags { scope: scope.clone(), resource: id.to_owned(), tags });
        }
    }
}
