//! VPC endpoints: made, changed and deleted. How they are shown is in `vpc_endpoint/describe.rs`.
//!
//! Source: EC2 API reference, `CreateVpcEndpoint`, `ModifyVpcEndpoint`, `DeleteVpcEndpoints`.

// coverage: ec2:CreateVpcEndpoint, ec2:ModifyVpcEndpoint: no endpoint is of IPv6 alone

mod describe;
mod requested;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use sidegate_model::{ModifyVpcEndpoint, PolicyChange, Scope, VpcEndpointId};
use sidegate_wire::ec2::{
    CreateVpcEndpointRequest, CreateVpcEndpointResult, DeleteVpcEndpointsRequest, DeleteVpcEndpointsResult,
    ModifyVpcEndpointRequest, ModifyVpcEndpointResult, UnsuccessfulItem, UnsuccessfulItemError,
};
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::ids::{arn, id, ids, required};
use super::{client_token, fault, refused, tag, tagged};

/// The name under which tokens of CreateVpcEndpoint are kept.
const CREATE: &str = "CreateVpcEndpoint";

impl Action for CreateVpcEndpointRequest {
    type Answer = CreateVpcEndpointResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        let named = |kind: &'static str, ids: &[String]| ids.iter().map(|id| arn(scope, kind, id)).collect::<Vec<_>>();
        [
            vec![arn(scope, "vpc", self.vpc_id.as_deref().unwrap_or("*")), arn(scope, "vpc-endpoint", "*")],
            named("route-table", &self.route_table_ids),
            named("subnet", &self.subnet_ids),
            named("security-group", &self.security_group_ids),
        ]
        .concat()
    }

    async fn act(mut self, call: &Call<'_>) -> Result<CreateVpcEndpointResult, Failure> {
        let client_token = self.client_token.take();
        self.dry_run = None;
        let parameters = client_token::fingerprint(&self);
        let tags = tagged::specified(&self.tag_specifications, "vpc-endpoint", &[])?;
        let wanted = requested::new(self, call)?;
        let (token, names) = (client_token.clone(), call.directory.names());
        let made = call.change(move |world, context| {
            let token = token.as_deref();
            if let Some(token) = token
                && let Some(made) = world.replay(context, CREATE, token, &parameters)?
            {
                return Ok(describe::created(world, world.endpoint(&context.scope, &made.parse()?)?, &names));
            }
            let made = world.create_vpc_endpoint(context, wanted)?;
            tag::put(world, context, made.as_str(), &tags)?;
            if let Some(token) = token {
                world.remember(context, CREATE, token, &parameters, made.as_str());
            }
            Ok(describe::created(world, world.endpoint(&context.scope, &made)?, &names))
        });
        Ok(CreateVpcEndpointResult { vpc_endpoint: Some(made.await?), client_token })
    }
}

impl Action for ModifyVpcEndpointRequest {
    type Answer = ModifyVpcEndpointResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "vpc-endpoint", self.vpc_endpoint_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ModifyVpcEndpointResult, Failure> {
        let id: VpcEndpointId = id(required(self.vpc_endpoint_id.as_deref(), "VpcEndpointId")?)?;
        // An endpoint that does not exist is told before anything else is said of the request.
        call.world().endpoint(call.scope(), &id).map_err(|error| fault::of(&error))?;
        let dns = requested::dns(self.dns_options.as_ref())?;
        let subnets = requested::subnets(&self.add_subnet_ids, &self.subnet_configurations)?;
        let change = ModifyVpcEndpoint {
            policy: policy_change(call, self.reset_policy, self.policy_document.as_deref())?,
            add_route_tables: ids(&self.add_route_table_ids)?,
            remove_route_tables: ids(&self.remove_route_table_ids)?,
            add_subnets: subnets.ids,
            remove_subnets: ids(&self.remove_subnet_ids)?,
            addresses: subnets.addresses,
            add_groups: ids(&self.add_security_group_ids)?,
            remove_groups: ids(&self.remove_security_group_ids)?,
            private_dns: self.private_dns_enabled,
            inbound_resolver_only: dns.inbound_resolver_only,
            ip_address_type: requested::ip_address_type(self.ip_address_type.as_deref())?,
            dns_record_ip_type: dns.record_ip_type,
        };
        call.change(move |world, context| world.modify_vpc_endpoint(context, &id, change)).await?;
        Ok(ModifyVpcEndpointResult { r#return: Some(true) })
    }
}

fn policy_change(call: &Call<'_>, reset: Option<bool>, document: Option<&str>) -> Result<PolicyChange, Failure> {
    match (reset, document) {
        (Some(true), Some(_)) => {
            let message = "The parameter ResetPolicy cannot be used with the parameter PolicyDocument";
            Err(refused("InvalidParameterCombination", message))
        }
        (Some(true), None) => Ok(PolicyChange::Reset),
        (_, Some(document)) => requested::policy(call, document).map(PolicyChange::Replace),
        (_, None) => Ok(PolicyChange::Keep),
    }
}

impl Action for DeleteVpcEndpointsRequest {
    type Answer = DeleteVpcEndpointsResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        self.vpc_endpoint_ids.iter().map(|id| arn(scope, "vpc-endpoint", id)).collect()
    }

    /// Deletes those that can be deleted, and tells of each other one why not: the call succeeds either way.
    async fn act(self, call: &Call<'_>) -> Result<DeleteVpcEndpointsResult, Failure> {
        let wanted: Vec<VpcEndpointId> = ids(&self.vpc_endpoint_ids)?;
        let unsuccessful = call.change(move |world, context| {
            let mut seen = BTreeSet::new();
            let mut unsuccessful = Vec::new();
            for id in wanted.iter().filter(|id| seen.insert((*id).clone())) {
                // One that is refused is left as it was: the model looks before it changes anything.
                if let Err(error) = world.delete_vpc_endpoint(context, id) {
                    let (code, message) = (error.code().to_owned(), error.to_string());
                    let error = UnsuccessfulItemError { code: Some(code), message: Some(message) };
                    unsuccessful.push(UnsuccessfulItem { resource_id: Some(id.to_string()), error: Some(error) });
                }
            }
            Ok(unsuccessful)
        });
        Ok(DeleteVpcEndpointsResult { unsuccessful: unsuccessful.await? })
    }
}
