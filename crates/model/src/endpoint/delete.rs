//! Deleting an endpoint.

use super::Endpoint;
use crate::{Context, Error, VpcEndpointId, World};

impl World {
    /// Deletes an endpoint with its routes or interfaces.
    ///
    /// # Errors
    /// `InvalidVpcEndpoint.NotFound` if it does not exist, and while an interface endpoint's private DNS demands it.
    pub fn delete_vpc_endpoint(&mut self, context: &Context<'_>, id: &VpcEndpointId) -> Result<(), Error> {
        let endpoint = self
            .endpoints
            .get(id)
            .filter(|e| e.scope == context.scope)
            .ok_or_else(|| Error::NotFound {
                code: "InvalidVpcEndpoint.NotFound",
                noun: "Vpc Endpoint Id",
                id: id.to_string(),
            })?
            .clone();
        if let Some(demanding) = self.demanding(&endpoint) {
            return Err(Error::InvalidParameter(format!(
                "Gateway endpoint cannot be deleted while Interface endpoint {} for the service has \
                 PrivateDnsOnlyForInboundResolverEndpoint set to true.",
                demanding.id
            )));
        }
        for interface in endpoint.interface().into_iter().flat_map(|i| i.interfaces.values()) {
            self.remove_interface(interface);
        }
        self.endpoints.remove(id);
        self.forget_tags(id.as_str());
        Ok(())
    }

    /// The interface endpoint whose private DNS demands this gateway endpoint, the last one of its service in the VPC.
    fn demanding(&self, endpoint: &Endpoint) -> Option<&Endpoint> {
        endpoint.route_tables()?;
        let akin = || self.endpoints.of_vpc(&endpoint.vpc).filter(|e| e.service == endpoint.service);
        if akin().any(|e| e.id != endpoint.id && e.route_tables().is_some()) {
            return None;
        }
        akin().find(|e| e.interface().is_some_and(|i| i.private_dns && i.inbound_resolver_only))
    }
}
