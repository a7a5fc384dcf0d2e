//! Where an analysis looks: the world, its plan, and the path that is asked about; and the names of what is found there.

use sidegate_model::{
    Component, ComponentId, NamedComponent, NetworkInsightsPath, NetworkInterface, PathFilter, Scope, SubnetId, VpcId,
    World,
};

use crate::Plan;

#[derive(Clone, Copy)]
pub(super) struct Site<'w> {
    pub(super) world: &'w World,
    pub(super) plan: &'w Plan,
    pub(super) path: &'w NetworkInsightsPath,
}

impl<'w> Site<'w> {
    /// A component with its name. What another account calls it is not told.
    pub(super) fn named(&self, id: impl Into<ComponentId>) -> NamedComponent {
        let id = id.into();
        let scope = self.owner(&id).unwrap_or(&self.path.scope).clone();
        let key = match &id {
            ComponentId::Peering(id) => self.world.peerings.get(id).map(|own| own.tag_key(&self.path.scope)),
            _ => None,
        };
        let key = key.unwrap_or_else(|| id.as_str().to_owned());
        let is_own = scope == self.path.scope;
        let name = self.world.tags(&key).find(|(key, _)| is_own && *key == "Name").map(|(_, value)| value.to_owned());
        NamedComponent { component: Component { scope, id }, name }
    }

    /// Whose a component is. A peering connection is of both its sides.
    fn owner(&self, id: &ComponentId) -> Option<&'w Scope> {
        let world = self.world;
        match id {
            ComponentId::EgressOnlyInternetGateway(id) => {
                world.egress_only_internet_gateways.get(id).map(|own| &own.scope)
            }
            ComponentId::Instance(id) => world.instances.get(id).map(|own| &own.scope),
            ComponentId::InternetGateway(id) => world.internet_gateways.get(id).map(|own| &own.scope),
            ComponentId::NatGateway(id) => world.nat_gateways.get(id).map(|own| &own.scope),
            ComponentId::NetworkAcl(id) => world.network_acls.get(id).map(|own| &own.scope),
            ComponentId::NetworkInterface(id) => world.interfaces.get(id).map(|own| &own.scope),
            ComponentId::Peering(_) => None,
            ComponentId::RouteTable(id) => world.route_tables.get(id).map(|own| &own.scope),
            ComponentId::SecurityGroup(id) => world.security_groups.get(id).map(|own| &own.scope),
            ComponentId::Subnet(id) => world.subnets.get(id).map(|own| &own.scope),
            ComponentId::Vpc(id) => world.vpcs.get(id).map(|own| &own.scope),
            ComponentId::VpcEndpoint(id) => world.endpoints.get(id).map(|own| &own.scope),
            ComponentId::VpnGateway(id) => world.vpn_gateways.get(id).map(|own| &own.scope),
        }
    }

    /// The VPC of a subnet.
    pub(super) fn vpc_of(&self, subnet: &SubnetId) -> Option<&'w VpcId> {
        self.world.subnets.get(subnet).map(|own| &own.vpc)
    }

    /// What its packets are as they leave the source.
    pub(super) fn at_source(&self) -> PathFilter {
        self.path.definition.at_source()
    }

    /// What its packets are as they arrive.
    pub(super) fn at_destination(&self) -> PathFilter {
        self.path.definition.at_destination()
    }

    /// The interfaces of an instance.
    pub(super) fn interfaces_of(&self, id: &sidegate_model::InstanceId) -> Vec<&'w NetworkInterface> {
        self.world.interfaces_of(id)
    }
}

/// A component without a name.
pub(super) const fn unnamed(component: Component) -> NamedComponent {
    NamedComponent { component, name: None }
}
