//! Resources that a request names by something else than their ids: by an association, an attachment, an address, or a
//! name. Where nothing is found, all resources of the type stand for it.

use std::net::Ipv4Addr;

use sidegate_model::{ElasticIp, RouteTable, Subnet};

use super::super::ids::arn;
use super::super::security_group;
use super::{Asked, kind_and_name};

impl Asked<'_> {
    /// The resource that is meant.
    pub(super) fn found(&self, resource: String) -> String {
        let Some((kind, "*")) = kind_and_name(&resource) else { return resource };
        // What is about to be made is named by nothing yet.
        if ["Allocate", "Create", "Run"].iter().any(|verb| self.action.starts_with(verb)) {
            return resource;
        }
        let id = match kind {
            "route-table" => self.route_table(),
            "subnet" => self.subnet(),
            "elastic-ip" => self.elastic_ip(),
            "network-interface" => self.interface(),
            "security-group" => {
                let named =
                    self.params.get("GroupName").map(|name| security_group::by_name(self.world, self.scope, name));
                named.and_then(Result::ok).map(|id| id.to_string())
            }
            _ => None,
        };
        match id {
            Some(id) => arn(self.scope, kind, &id),
            None => resource,
        }
    }

    fn route_table(&self) -> Option<String> {
        let association = self.params.get("AssociationId")?.parse().ok()?;
        let mut mine = self.world.route_tables.iter().filter(|table| table.scope == *self.scope);
        let has = |table: &&RouteTable| {
            table.main.as_ref() == Some(&association)
                || table.associations.contains_key(&association)
                || table.gateways.contains_key(&association)
        };
        mine.find(has).map(|table| table.id.to_string())
    }

    fn subnet(&self) -> Option<String> {
        let association = self.params.get("AssociationId")?;
        let mut mine = self.world.subnets.iter().filter(|subnet| subnet.scope == *self.scope);
        let is_meant = |subnet: &&Subnet| {
            self.world.network_acl_of(subnet).is_some_and(|own| own.id.as_str() == association)
                || subnet.ipv6_cidr.as_ref().is_some_and(|own| own.id.as_str() == association)
        };
        mine.find(is_meant).map(|subnet| subnet.id.to_string())
    }

    fn elastic_ip(&self) -> Option<String> {
        let address: Option<Ipv4Addr> = self.params.get("PublicIp").and_then(|text| text.parse().ok());
        let association = self.params.get("AssociationId");
        let mut mine = self.world.elastic_ips.iter().filter(|own| own.scope == *self.scope);
        let is_meant = |own: &&ElasticIp| {
            let own_association = own.association.as_ref().map(|own| own.id.as_str());
            address == Some(own.address) || (association.is_some() && association == own_association)
        };
        mine.find(is_meant).map(|own| own.id.to_string())
    }

    fn interface(&self) -> Option<String> {
        let attachment = self.params.get("AttachmentId")?;
        let mut mine = self.world.interfaces.iter().filter(|own| own.scope == *self.scope);
        mine.find(|own| own.attachment_id().as_deref() == Some(attachment)).map(|own| own.id.to_string())
    }
}
