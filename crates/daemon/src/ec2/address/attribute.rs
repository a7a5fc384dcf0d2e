//! DescribeAddressesAttribute, ModifyAddressAttribute, ResetAddressAttribute: the names that addresses have in reverse
//! DNS. None has one here, and none can be given.
//!
//! Source: EC2 user guide, "Use reverse DNS for email applications".

use sidegate_model::{AllocationId, ElasticIp, Scope};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::super::action::{Action, Call};
use super::super::ids::{self, arn};
use super::super::{fault, refused};
use super::{KIND, no_reverse_names};

/// The one attribute that addresses have.
const ATTRIBUTE: &str = "domain-name";

/// Refuses any other attribute.
fn known(attribute: Option<&str>) -> Result<(), Failure> {
    match attribute.filter(|name| *name != ATTRIBUTE) {
        Some(name) => {
            let message = format!("Value ({name}) for parameter attribute is invalid. The valid value is {ATTRIBUTE}.");
            Err(refused("InvalidParameterValue", message))
        }
        None => Ok(()),
    }
}

impl Action for ec2::DescribeAddressesAttributeRequest {
    type Answer = ec2::DescribeAddressesAttributeResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DescribeAddressesAttributeResult, Failure> {
        known(self.attribute.as_deref())?;
        let (world, scope) = (call.world(), call.scope());
        let named: Vec<AllocationId> = ids::ids(&self.allocation_ids)?;
        let mine = |elastic: &ElasticIp| elastic.scope == *scope;
        let addresses = ids::chosen(&world.elastic_ips, &named, mine, AllocationId::not_found)?;
        let page =
            call.page(addresses, |a| a.id.to_string(), self.max_results, self.next_token.as_deref(), (1, 1000))?;
        let shown = |elastic: &ElasticIp| ec2::AddressAttribute {
            public_ip: Some(elastic.address.to_string()),
            allocation_id: Some(elastic.id.to_string()),
            ..ec2::AddressAttribute::default()
        };
        Ok(ec2::DescribeAddressesAttributeResult {
            addresses: page.items.into_iter().map(shown).collect(),
            next_token: page.next_token,
        })
    }
}

/// The address that a call would change.
fn present(call: &Call<'_>, id: Option<&str>) -> Result<(), Failure> {
    let id: AllocationId = ids::given(id, "AllocationId")?;
    call.world().elastic_ip(call.scope(), &id).map(drop).map_err(|error| fault::of(&error))
}

impl Action for ec2::ModifyAddressAttributeRequest {
    type Answer = ec2::ModifyAddressAttributeResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, KIND, self.allocation_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::ModifyAddressAttributeResult, Failure> {
        present(call, self.allocation_id.as_deref())?;
        Err(no_reverse_names())
    }
}

impl Action for ec2::ResetAddressAttributeRequest {
    type Answer = ec2::ResetAddressAttributeResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, KIND, self.allocation_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::ResetAddressAttributeResult, Failure> {
        known(Some(ids::required(self.attribute.as_deref(), "Attribute")?))?;
        present(call, self.allocation_id.as_deref())?;
        Err(no_reverse_names())
    }
}
