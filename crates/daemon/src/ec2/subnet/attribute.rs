//! ModifySubnetAttribute. What no subnet here can have is refused when it is asked for, and accepted when it is
//! declined.

use sidegate_model::{HostnameType, Scope, SubnetAttribute, SubnetId};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::super::action::{Action, Call};
use super::super::ids::{self, arn};
use super::super::parameter::{absent, sole};
use super::super::{fault, refused};

const NO_OUTPOSTS: &str = "there are no Outposts in Sidegate";

/// What a request asks of a subnet.
enum Asked {
    /// An attribute that is kept.
    Kept(SubnetAttribute),
    /// What every subnet has already.
    AsItIs,
    /// What cannot be.
    Refused(Failure),
}

impl Action for ec2::ModifySubnetAttributeRequest {
    type Answer = ec2::Return;

    fn dry_run(&self) -> Option<bool> {
        None
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "subnet", self.subnet_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::Return, Failure> {
        let id: SubnetId = ids::given(self.subnet_id.as_deref(), "SubnetId")?;
        let asked = sole(given(&self))?;
        call.world().subnet(call.scope(), &id).map_err(|error| fault::of(&error))?;
        match asked {
            Asked::Kept(attribute) => {
                call.change(move |world, context| world.modify_subnet_attribute(context, &id, attribute)).await?;
            }
            Asked::AsItIs => {}
            Asked::Refused(failure) => return Err(failure),
        }
        Ok(ec2::Return)
    }
}

/// The attributes that a request names.
fn given(request: &ec2::ModifySubnetAttributeRequest) -> Vec<(&'static str, Asked)> {
    type Switch = fn(bool) -> SubnetAttribute;
    let switches: [(_, _, Switch); 5] = [
        ("MapPublicIpOnLaunch", &request.map_public_ip_on_launch, SubnetAttribute::PublicAddresses),
        ("AssignIpv6AddressOnCreation", &request.assign_ipv6_address_on_creation, SubnetAttribute::Ipv6Addresses),
        ("EnableDns64", &request.enable_dns64, SubnetAttribute::Dns64),
        (
            "EnableResourceNameDnsARecordOnLaunch",
            &request.enable_resource_name_dns_a_record_on_launch,
            SubnetAttribute::ResourceNameA,
        ),
        (
            "EnableResourceNameDnsAAAARecordOnLaunch",
            &request.enable_resource_name_dns_aaaa_record_on_launch,
            SubnetAttribute::ResourceNameAaaa,
        ),
    ];
    let switches = switches.into_iter().filter_map(|(name, value, attribute)| {
        value.as_ref().map(|value| (name, switched(name, value, |on| Asked::Kept(attribute(on)))))
    });
    let names = request.private_dns_hostname_type_on_launch.as_deref();
    let names = names.map(|kind| ("PrivateDnsHostnameTypeOnLaunch", hostname_type(kind)));
    switches.chain(names).chain(outpost(request)).collect()
}

/// The attribute that a structure with a value switches on or off.
fn switched(name: &str, value: &ec2::AttributeBooleanValue, attribute: impl Fn(bool) -> Asked) -> Asked {
    value.value.map_or_else(
        || {
            let message = format!("The request must contain the parameter {name}.Value");
            Asked::Refused(refused("MissingParameter", message))
        },
        attribute,
    )
}

fn hostname_type(kind: &str) -> Asked {
    match HostnameType::parse("privateDnsHostnameTypeOnLaunch", kind) {
        Ok(kind) => Asked::Kept(SubnetAttribute::HostnameType(kind)),
        Err(error) => Asked::Refused(fault::of(&error)),
    }
}

/// What only a subnet of an Outpost has: a pool of addresses, whose two parameters count as one attribute, and local
/// network interfaces.
fn outpost(request: &ec2::ModifySubnetAttributeRequest) -> Vec<(&'static str, Asked)> {
    let mut given = Vec::new();
    let lacking = |name| (name, Asked::Refused(absent(name, NO_OUTPOSTS)));
    match (&request.map_customer_owned_ip_on_launch, &request.customer_owned_ipv4_pool) {
        (None, None) => {}
        (Some(value), None) if value.value == Some(false) => {
            given.push(("MapCustomerOwnedIpOnLaunch", Asked::AsItIs));
        }
        _ => given.push(lacking("MapCustomerOwnedIpOnLaunch")),
    }
    if request.enable_lni_at_device_index.is_some() {
        given.push(lacking("EnableLniAtDeviceIndex"));
    }
    if request.disable_lni_at_device_index.is_some() {
        given.push(("DisableLniAtDeviceIndex", Asked::AsItIs));
    }
    given
}
