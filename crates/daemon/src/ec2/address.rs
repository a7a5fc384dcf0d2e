//! AllocateAddress, ReleaseAddress, AssociateAddress, DisassociateAddress, DescribeAddresses. Their attributes are in
//! `address/attribute.rs`.
//!
//! Source: EC2 API reference; the wordings are those that EC2 is known to answer with, see docs/claims.md.

// coverage: ec2:ModifyAddressAttribute: DomainName is refused, since no address has a reverse DNS record

mod attribute;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::net::Ipv4Addr;

use sidegate_model::{
    AddressAssociationId, AllocationId, Attachment, ElasticIp, Error, InstanceId, InstanceState, NetworkInterface,
    NetworkInterfaceId, Scope, World,
};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::filter::{Filters, one, tag_values};
use super::ids::{self, arn};
use super::parameter::absent;
use super::{fault, refused, tag, tagged};

const KIND: &str = "elastic-ip";

/// The pool that all addresses come from, and the domain that all are for.
const POOL: &str = "amazon";
const DOMAIN: &str = "vpc";

/// The filters of DescribeAddresses.
const FILTERS: &[&str] = &[
    "allocation-id",
    "association-id",
    "domain",
    "instance-id",
    "network-border-group",
    "network-interface-id",
    "network-interface-owner-id",
    "private-ip-address",
    "public-ip",
    "tag-key",
    "tag-value",
    "tag:",
];

impl Action for ec2::AllocateAddressRequest {
    type Answer = ec2::AllocateAddressResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, KIND, "*")]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::AllocateAddressResult, Failure> {
        if self.customer_owned_ipv4_pool.is_some() {
            return Err(absent("CustomerOwnedIpv4Pool", "there are no Outposts here"));
        }
        if self.ipam_pool_id.is_some() {
            return Err(absent("IpamPoolId", "there is no IPAM here"));
        }
        // What was once an address outside of VPCs is one for them.
        if let Some(domain) = self.domain.as_deref().filter(|domain| ![DOMAIN, "standard"].contains(domain)) {
            let message =
                format!("Value ({domain}) for parameter domain is invalid. Valid values are {DOMAIN} and standard.");
            return Err(refused("InvalidParameterValue", message));
        }
        if let Some(pool) = self.public_ipv4_pool.as_deref().filter(|pool| *pool != POOL) {
            let message = format!("The pool ID '{pool}' does not exist");
            return Err(refused("InvalidPublicIpv4PoolID.NotFound", message));
        }
        of_region(self.network_border_group.as_deref(), call.scope())?;
        let wanted = self.address.as_deref().map(|text| address(text, "address")).transpose()?;
        let tags = tagged::specified(&self.tag_specifications, KIND, &[])?;
        let (id, address) = call
            .change(move |world, context| {
                let id = world.allocate_address(context, wanted)?;
                tag::put(world, context, id.as_str(), &tags)?;
                Ok((id.to_string(), world.elastic_ip(&context.scope, &id)?.address))
            })
            .await?;
        Ok(ec2::AllocateAddressResult {
            allocation_id: Some(id),
            public_ipv4_pool: Some(POOL.to_owned()),
            network_border_group: Some(call.scope().region.to_string()),
            domain: Some(DOMAIN.to_owned()),
            public_ip: Some(address.to_string()),
            ..ec2::AllocateAddressResult::default()
        })
    }
}

/// Refuses a network border group other than the Region's own: there are no Local Zones here.
fn of_region(group: Option<&str>, scope: &Scope) -> Result<(), Failure> {
    match group.filter(|group| *group != scope.region.as_str()) {
        Some(group) => {
            let message = format!("Value ({group}) for parameter networkBorderGroup is invalid.");
            Err(refused("InvalidParameterValue", message))
        }
        None => Ok(()),
    }
}

fn address(text: &str, parameter: &str) -> Result<Ipv4Addr, Failure> {
    let message = || format!("Value ({text}) for parameter {parameter} is invalid. Invalid IPv4 address.");
    text.parse().map_err(|_| refused("InvalidParameterValue", message()))
}

/// The id of what a call is about, which has to be given by id: addresses name what EC2-Classic had, and are refused.
fn by_id<'r>(id: Option<&'r str>, public: Option<&str>, noun: &str, doing: &str) -> Result<&'r str, Failure> {
    match (id, public) {
        (Some(_), Some(_)) => {
            let message = format!("You may specify public IP or {noun} id, but not both in the same call");
            Err(refused("InvalidParameterCombination", message))
        }
        (Some(id), None) => Ok(id),
        (None, Some(_)) => Err(refused("InvalidParameterValue", format!("You must specify an {noun} id when {doing}"))),
        (None, None) => Err(refused("MissingParameter", format!("Either public IP or {noun} id must be specified"))),
    }
}

impl Action for ec2::ReleaseAddressRequest {
    type Answer = ec2::Return;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, KIND, self.allocation_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::Return, Failure> {
        let doing = "releasing a VPC elastic IP address";
        let id = by_id(self.allocation_id.as_deref(), self.public_ip.as_deref(), "allocation", doing)?;
        let id: AllocationId = ids::id(id)?;
        of_region(self.network_border_group.as_deref(), call.scope())?;
        call.change(move |world, context| world.release_address(context, &id)).await?;
        Ok(ec2::Return)
    }
}

/// What an address is to be associated with.
enum Target {
    Instance(InstanceId),
    Interface(NetworkInterfaceId),
}

impl Target {
    fn read(request: &ec2::AssociateAddressRequest) -> Result<Self, Failure> {
        match (request.instance_id.as_deref(), request.network_interface_id.as_deref()) {
            (Some(instance), None) => Ok(Self::Instance(ids::id(instance)?)),
            (None, Some(interface)) => Ok(Self::Interface(ids::id(interface)?)),
            (Some(_), Some(_)) => {
                let message = "You may specify instance id or network interface id, but not both in the same call";
                Err(refused("InvalidParameterCombination", message))
            }
            (None, None) => {
                Err(refused("MissingParameter", "Either instance ID or network interface ID must be specified"))
            }
        }
    }

    /// The interface: that of an instance which has but one, and runs or is stopped.
    fn interface(self, world: &World, scope: &Scope) -> Result<NetworkInterfaceId, Error> {
        let id = match self {
            Self::Interface(id) => return Ok(id),
            Self::Instance(id) => id,
        };
        let instance = world.instance(scope, &id)?;
        match instance.state {
            InstanceState::Running | InstanceState::Stopping | InstanceState::Stopped => world.only_interface(&id),
            state => Err(Error::Refused {
                code: "InvalidInstanceID",
                message: format!("The {} instance '{id}' is not in a valid state for this operation.", state.wire().1),
            }),
        }
    }
}

impl Action for ec2::AssociateAddressRequest {
    type Answer = ec2::AssociateAddressResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        let address = arn(scope, KIND, self.allocation_id.as_deref().unwrap_or("*"));
        let instance = self.instance_id.iter().map(|id| arn(scope, "instance", id));
        let interface = self.network_interface_id.iter().map(|id| arn(scope, "network-interface", id));
        std::iter::once(address).chain(instance).chain(interface).collect()
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::AssociateAddressResult, Failure> {
        let doing = "mapping an address to a VPC instance";
        let id = by_id(self.allocation_id.as_deref(), self.public_ip.as_deref(), "allocation", doing)?;
        let allocation: AllocationId = ids::id(id)?;
        let target = Target::read(&self)?;
        let private = self.private_ip_address.as_deref().map(|text| address(text, "privateIpAddress")).transpose()?;
        let reassociate = self.allow_reassociation.unwrap_or(true);
        let association = call
            .change(move |world, context| {
                world.elastic_ip(&context.scope, &allocation)?;
                let interface = target.interface(world, &context.scope)?;
                world.associate_address(context, &allocation, &interface, private, reassociate)
            })
            .await?;
        Ok(ec2::AssociateAddressResult { association_id: Some(association.to_string()) })
    }
}

impl Action for ec2::DisassociateAddressRequest {
    type Answer = ec2::Return;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, KIND, "*")]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::Return, Failure> {
        let doing = "unmapping an address from a VPC instance";
        let id = by_id(self.association_id.as_deref(), self.public_ip.as_deref(), "association", doing)?;
        let id: AddressAssociationId = ids::id(id)?;
        call.change(move |world, context| world.disassociate_address(context, &id)).await?;
        Ok(ec2::Return)
    }
}

impl Action for ec2::DescribeAddressesRequest {
    type Answer = ec2::DescribeAddressesResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DescribeAddressesResult, Failure> {
        let (world, scope) = (call.world(), call.scope());
        let filters = Filters::read(&self.filters, FILTERS)?;
        let mut named: Vec<AllocationId> = ids::ids(&self.allocation_ids)?;
        for text in &self.public_ips {
            let public = address(text, "publicIp")?;
            let own = world.elastic_ips.iter().find(|elastic| elastic.scope == *scope && elastic.address == public);
            let missing = || refused("InvalidAddress.NotFound", format!("Address '{public}' not found."));
            named.push(own.ok_or_else(missing)?.id.clone());
        }
        let mine = |elastic: &ElasticIp| elastic.scope == *scope;
        let mut addresses = ids::chosen(&world.elastic_ips, &named, mine, AllocationId::not_found)?;
        addresses.retain(|elastic| filters.pass(|filter| values(&world, elastic, filter)));
        Ok(ec2::DescribeAddressesResult {
            addresses: addresses.into_iter().map(|elastic| render(&world, elastic)).collect(),
        })
    }
}

/// The interface that an address is associated with.
fn interface<'w>(world: &'w World, elastic: &ElasticIp) -> Option<&'w NetworkInterface> {
    elastic.association.as_ref().and_then(|own| world.interfaces.get(&own.interface))
}

fn render(world: &World, elastic: &ElasticIp) -> ec2::Address {
    let interface = interface(world, elastic);
    let instance = interface.and_then(|interface| match &interface.attachment {
        Attachment::Instance { instance, .. } => Some(instance.to_string()),
        _ => None,
    });
    let association = elastic.association.as_ref();
    ec2::Address {
        allocation_id: Some(elastic.id.to_string()),
        association_id: association.map(|own| own.id.to_string()),
        domain: Some(DOMAIN.to_owned()),
        network_interface_id: association.map(|own| own.interface.to_string()),
        network_interface_owner_id: interface.map(|interface| interface.scope.account.to_string()),
        private_ip_address: association.map(|own| own.private.to_string()),
        tags: tagged::shown(world, elastic.id.as_str()),
        public_ipv4_pool: Some(POOL.to_owned()),
        network_border_group: Some(elastic.scope.region.to_string()),
        instance_id: instance,
        public_ip: Some(elastic.address.to_string()),
        ..ec2::Address::default()
    }
}

fn values<'r>(world: &'r World, elastic: &'r ElasticIp, filter: &str) -> Vec<Cow<'r, str>> {
    if let Some(values) = tag_values(world, elastic.id.as_str(), filter) {
        return values;
    }
    let shown = render(world, elastic);
    let value = match filter {
        "allocation-id" => shown.allocation_id,
        "association-id" => shown.association_id,
        "domain" => shown.domain,
        "instance-id" => shown.instance_id,
        "network-border-group" => shown.network_border_group,
        "network-interface-id" => shown.network_interface_id,
        "network-interface-owner-id" => shown.network_interface_owner_id,
        "private-ip-address" => shown.private_ip_address,
        "public-ip" => shown.public_ip,
        _ => None,
    };
    value.into_iter().flat_map(one).collect()
}

/// Why the reverse name of an address stays what it is.
fn no_reverse_names() -> Failure {
    fault::unsupported("The attribute domain-name is not supported: no address has a reverse DNS record here.")
}
