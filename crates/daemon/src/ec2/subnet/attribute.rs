//! ModifySubnetAttribute. What no subnet here can have is refused when it is asked for, and accepted when it is
//! declined.

use sidegate_model::{Scope, SubnetId};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::super::action::{Action, Call};
use super::super::ids::{self, arn};
use super::super::parameter::{absent, sole};
use super::super::{fault, refused};

const NO_IPV6: &str = "there is no IPv6 in Sidegate yet";
const NO_OUTPOSTS: &str = "there are no Outposts in Sidegate";
const NO_ID_NAMES: &str = "instances have host names by their address only";

/// What a request asks of a subnet.
enum Attribute {
    /// `mapPublicIpOnLaunch`, which is kept.
    PublicAddresses(bool),
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
        let attribute = sole(given(&self))?;
        call.world().subnet(call.scope(), &id).map_err(|error| fault::of(&error))?;
        match attribute {
            Attribute::PublicAddresses(on) => {
                call.change(move |world, context| world.map_public_addresses(context, &id, on)).await?;
            }
            Attribute::AsItIs => {}
            Attribute::Refused(failure) => return Err(failure),
        }
        Ok(ec2::Return)
    }
}

/// The attributes that a request names.
fn given(request: &ec2::ModifySubnetAttributeRequest) -> Vec<(&'static str, Attribute)> {
    let switches = [
        ("AssignIpv6AddressOnCreation", &request.assign_ipv6_address_on_creation, NO_IPV6),
        ("EnableDns64", &request.enable_dns64, NO_IPV6),
        ("EnableResourceNameDnsARecordOnLaunch", &request.enable_resource_name_dns_a_record_on_launch, NO_ID_NAMES),
        ("EnableResourceNameDnsAAAARecordOnLaunch", &request.enable_resource_name_dns_aaaa_record_on_launch, NO_IPV6),
    ];
    let switches = switches.into_iter().filter_map(|(name, value, why)| {
        let on = |on| if on { Attribute::Refused(absent(name, why)) } else { Attribute::AsItIs };
        value.as_ref().map(|value| (name, switched(name, value, on)))
    });
    let public = request
        .map_public_ip_on_launch
        .as_ref()
        .map(|value| ("MapPublicIpOnLaunch", switched("MapPublicIpOnLaunch", value, Attribute::PublicAddresses)));
    let names = request.private_dns_hostname_type_on_launch.as_deref();
    let names = names.map(|kind| ("PrivateDnsHostnameTypeOnLaunch", hostname_type(kind)));
    public.into_iter().chain(switches).chain(names).chain(outpost(request)).collect()
}

/// The attribute that a structure with a value switches on or off.
fn switched(name: &str, value: &ec2::AttributeBooleanValue, attribute: impl Fn(bool) -> Attribute) -> Attribute {
    value.value.map_or_else(
        || {
            let message = format!("The request must contain the parameter {name}.Value");
            Attribute::Refused(refused("MissingParameter", message))
        },
        attribute,
    )
}

fn hostname_type(kind: &str) -> Attribute {
    match kind {
        "ip-name" => Attribute::AsItIs,
        "resource-name" => Attribute::Refused(absent("PrivateDnsHostnameTypeOnLaunch", NO_ID_NAMES)),
        other => Attribute::Refused(refused(
            "InvalidParameterValue",
            format!(
                "Value ({other}) for parameter privateDnsHostnameTypeOnLaunch is invalid. Valid values are ip-name and \
                 resource-name."
            ),
        )),
    }
}

/// What only a subnet of an Outpost has: a pool of addresses, whose two parameters count as one attribute, and local
/// network interfaces.
fn outpost(request: &ec2::ModifySubnetAttributeRequest) -> Vec<(&'static str, Attribute)> {
    let mut given = Vec::new();
    let lacking = |name| (name, Attribute::Refused(absent(name, NO_OUTPOSTS)));
    match (&request.map_customer_owned_ip_on_launch, &request.customer_owned_ipv4_pool) {
        (None, None) => {}
        (Some(value), None) if value.value == Some(false) => {
            given.push(("MapCustomerOwnedIpOnLaunch", Attribute::AsItIs));
        }
        _ => given.push(lacking("MapCustomerOwnedIpOnLaunch")),
    }
    if request.enable_lni_at_device_index.is_some() {
        given.push(lacking("EnableLniAtDeviceIndex"));
    }
    if request.disable_lni_at_device_index.is_some() {
        given.push(("DisableLniAtDeviceIndex", Attribute::AsItIs));
    }
    given
}
