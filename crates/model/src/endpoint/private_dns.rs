//! Private DNS: the service's own names, claimed for an endpoint.

use std::collections::BTreeSet;

use super::{DnsRecordIpType, Endpoint, ModifyVpcEndpoint};
use crate::{Error, Service, ServiceKind, VpcEndpointId, VpcId, World};

impl World {
    /// Whether an interface endpoint that does not say gets private DNS: where it can have it.
    pub(super) fn private_dns_by_default(
        &self, vpc: &VpcId, service: &'static Service, inbound_only: Option<bool>,
    ) -> bool {
        let Some(vpc) = self.vpcs.get(vpc) else { return false };
        let names = service.private_names(vpc.scope.region);
        let gateway_needed = service.kind == ServiceKind::Both && inbound_only != Some(false);
        !names.is_empty()
            && vpc.dns_support
            && vpc.dns_hostnames
            && self.conflicting_name(&vpc.id, None, &names).is_none()
            && (!gateway_needed || self.has_gateway(&vpc.id, service.name))
    }

    fn has_gateway(&self, vpc: &VpcId, service: &str) -> bool {
        self.endpoints.of_vpc(vpc).any(|e| e.service == service && e.route_tables().is_some())
    }

    /// A name of these that another endpoint of the VPC has already.
    fn conflicting_name(&self, vpc: &VpcId, but: Option<&VpcEndpointId>, names: &[String]) -> Option<String> {
        let taken: BTreeSet<String> = self
            .endpoints
            .iter()
            .filter(|e| e.vpc == *vpc && Some(&e.id) != but)
            .flat_map(Endpoint::private_names)
            .collect();
        names.iter().find(|n| taken.contains(*n)).cloned()
    }

    /// Turns private DNS on or off, and decides for whom it is.
    pub(super) fn change_private_dns(&self, endpoint: &mut Endpoint, change: &ModifyVpcEndpoint) -> Result<(), Error> {
        let (Some(present), Some(service)) = (endpoint.interface().cloned(), endpoint.service()) else { return Ok(()) };
        let both = service.kind == ServiceKind::Both;
        if change.inbound_resolver_only.is_some() && !both {
            return Err(Error::InvalidParameter(
                "PrivateDnsOnlyForInboundResolverEndpoint not supported for this service.".to_owned(),
            ));
        }
        let on = change.private_dns.unwrap_or(present.private_dns);
        let turned_on = on && !present.private_dns;
        let by_default = if turned_on { both } else { present.inbound_resolver_only };
        let inbound_only = on && change.inbound_resolver_only.unwrap_or(by_default);
        if turned_on {
            self.check_private_names(endpoint, service)?;
        }
        let newly_inbound = inbound_only && !(present.private_dns && present.inbound_resolver_only);
        if newly_inbound && !self.has_gateway(&endpoint.vpc, service.name) {
            return Err(Error::InvalidParameter(format!(
                "To set PrivateDnsOnlyForInboundResolverEndpoint to true, the VPC {} must have a Gateway endpoint for \
                 the service.",
                endpoint.vpc
            )));
        }
        if let Some(interface) = endpoint.interface_mut() {
            interface.private_dns = on;
            interface.inbound_resolver_only = inbound_only;
        }
        Ok(())
    }

    /// Whether the records of a service's gateway and interface endpoints go together, where the names of the interface
    /// endpoint are for inbound resolver endpoints only: they are the same, or the service defines those of the gateway
    /// endpoint.
    ///
    /// Source: PrivateLink guide, "Private DNS only for the inbound Resolver endpoint".
    pub(super) fn check_records_for_inbound_resolvers(&self, changed: &Endpoint) -> Result<(), Error> {
        let akin = self
            .endpoints
            .iter()
            .filter(|e| e.id != changed.id && e.vpc == changed.vpc && e.service == changed.service);
        for other in akin {
            let (gateway, interface) = if changed.interface().is_some() { (other, changed) } else { (changed, other) };
            let inbound_only = interface.interface().is_some_and(|i| i.private_dns && i.inbound_resolver_only);
            let records = gateway.dns_record_ip_type;
            let fits = [DnsRecordIpType::ServiceDefined, interface.dns_record_ip_type].contains(&records);
            if gateway.route_tables().is_some() && inbound_only && !fits {
                return Err(Error::InvalidParameter(format!(
                    "To set PrivateDnsOnlyForInboundResolverEndpoint to true, the DNS record IP type of the Gateway \
                     endpoint {} must be service-defined or that of the Interface endpoint {}, {}.",
                    gateway.id,
                    interface.id,
                    interface.dns_record_ip_type.as_str()
                )));
            }
        }
        Ok(())
    }

    /// Whether an endpoint can have the private names of its service.
    fn check_private_names(&self, endpoint: &Endpoint, service: &Service) -> Result<(), Error> {
        let names = service.private_names(endpoint.scope.region);
        if names.is_empty() {
            return Err(Error::InvalidParameter(format!(
                "Private DNS can't be enabled because the service {} does not provide a private DNS name.",
                endpoint.service_name()
            )));
        }
        let vpc = &endpoint.vpc;
        if !self.vpcs.get(vpc).is_some_and(|v| v.dns_support && v.dns_hostnames) {
            return Err(Error::InvalidParameter(format!(
                "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true \
                 for {vpc}"
            )));
        }
        match self.conflicting_name(vpc, Some(&endpoint.id), &names) {
            None => Ok(()),
            Some(name) => Err(Error::InvalidParameter(format!(
                "private-dns-enabled cannot be set because there is already a conflicting DNS domain for {name} in the \
                 VPC {vpc}"
            ))),
        }
    }
}
