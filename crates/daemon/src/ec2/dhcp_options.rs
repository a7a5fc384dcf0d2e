//! DescribeDhcpOptions: every account has one set in a Region, AWS's default, and every VPC has it.
//!
//! Source: VPC user guide, "DHCP option sets in Amazon VPC", "Default DHCP option set".

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use sidegate_model::{Scope, World};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::filter::{Filters, one, tag_values};
use super::ids::lasting;
use super::page::Page;
use super::{refused, tagged};

/// The filters of DescribeDhcpOptions.
const FILTERS: &[&str] = &["dhcp-options-id", "key", "owner-id", "tag-key", "tag-value", "tag:", "value"];

/// The id of the set of an account in a Region, made from both, so that it need not be stored.
pub(super) fn id_of(scope: &Scope) -> String {
    let hash = lasting(scope.account.as_str().bytes().chain(scope.region.as_str().bytes()));
    format!("dopt-{hash:017x}")
}

impl Action for ec2::DescribeDhcpOptionsRequest {
    type Answer = ec2::DescribeDhcpOptionsResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DescribeDhcpOptionsResult, Failure> {
        let (world, scope) = (call.world(), call.scope());
        let filters = Filters::read(&self.filters, FILTERS)?;
        let id = id_of(scope);
        if let Some(other) = self.dhcp_options_ids.iter().find(|wanted| **wanted != id) {
            let message = format!("The dhcpOption ID '{other}' does not exist");
            return Err(refused("InvalidDhcpOptionID.NotFound", message));
        }
        let set = render(&world, scope, id);
        let sets = if filters.pass(|filter| values(&world, &set, filter)) { vec![set.clone()] } else { Vec::new() };
        let position = |set: &ec2::DhcpOptions| set.dhcp_options_id.clone().unwrap_or_default();
        let page = Page::cut(sets, position, self.max_results, self.next_token.as_deref(), (5, 1000))?;
        Ok(ec2::DescribeDhcpOptionsResult { next_token: page.next_token, dhcp_options: page.items })
    }
}

fn render(world: &World, scope: &Scope, id: String) -> ec2::DhcpOptions {
    let domain = match scope.region.as_str() {
        "us-east-1" => "ec2.internal".to_owned(),
        region => format!("{region}.compute.internal"),
    };
    let option = |key: &str, value: String| ec2::DhcpConfiguration {
        key: Some(key.to_owned()),
        values: vec![ec2::AttributeValue { value: Some(value) }],
    };
    ec2::DhcpOptions {
        owner_id: Some(scope.account.to_string()),
        tags: tagged::shown(world, &id),
        dhcp_options_id: Some(id),
        dhcp_configurations: vec![
            option("domain-name", domain),
            option("domain-name-servers", "AmazonProvidedDNS".to_owned()),
        ],
    }
}

fn values<'r>(world: &'r World, set: &'r ec2::DhcpOptions, filter: &str) -> Vec<Cow<'r, str>> {
    let id = set.dhcp_options_id.as_deref().unwrap_or_default();
    let options = set.dhcp_configurations.iter();
    match filter {
        "dhcp-options-id" => one(id),
        "owner-id" => one(set.owner_id.as_deref().unwrap_or_default()),
        "key" => options.filter_map(|option| option.key.as_deref()).map(Cow::Borrowed).collect(),
        "value" => {
            options.flat_map(|o| &o.values).filter_map(|value| value.value.as_deref()).map(Cow::Borrowed).collect()
        }
        _ => tag_values(world, id, filter).unwrap_or_default(),
    }
}
