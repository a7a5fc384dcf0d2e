//! Sets of DHCP options: CreateDhcpOptions, DeleteDhcpOptions, AssociateDhcpOptions, DescribeDhcpOptions.
//!
//! Source: VPC user guide, "DHCP option sets in Amazon VPC", "Default DHCP option set".

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use sidegate_model::{DhcpConfiguration, DhcpOptions, DhcpOptionsId, Scope, VpcId, World};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::filter::{Filters, one, tag_values};
use super::ids::{self, arn, required};
use super::{fault, refused, tag, tagged};

/// The filters of DescribeDhcpOptions.
const FILTERS: &[&str] = &["dhcp-options-id", "key", "owner-id", "tag-key", "tag-value", "tag:", "value"];

/// What stands for no set in AssociateDhcpOptions.
const NONE: &str = "default";

impl Action for ec2::CreateDhcpOptionsRequest {
    type Answer = ec2::CreateDhcpOptionsResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "dhcp-options", "*")]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::CreateDhcpOptionsResult, Failure> {
        let tags = tagged::specified(&self.tag_specifications, "dhcp-options", &[])?;
        let mut options = Vec::with_capacity(self.dhcp_configurations.len());
        for option in self.dhcp_configurations {
            let Some(key) = option.key else {
                return Err(refused(
                    "MissingParameter",
                    "The request must contain the parameter DhcpConfiguration.Key",
                ));
            };
            options.push((key, option.values));
        }
        let configuration = DhcpConfiguration::parse(&options).map_err(|error| fault::of(&error))?;
        let set = call
            .change(move |world, context| {
                let id = world.create_dhcp_options(context, configuration)?;
                tag::put(world, context, id.as_str(), &tags)?;
                Ok(render(world, &world.dhcp_options(&context.scope, &id)?))
            })
            .await?;
        Ok(ec2::CreateDhcpOptionsResult { dhcp_options: Some(set) })
    }
}

impl Action for ec2::DeleteDhcpOptionsRequest {
    type Answer = ec2::Return;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "dhcp-options", self.dhcp_options_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::Return, Failure> {
        let id: DhcpOptionsId = ids::given(self.dhcp_options_id.as_deref(), "DhcpOptionsId")?;
        call.change(move |world, context| world.delete_dhcp_options(context, &id)).await?;
        Ok(ec2::Return)
    }
}

impl Action for ec2::AssociateDhcpOptionsRequest {
    type Answer = ec2::Return;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        let set = self.dhcp_options_id.as_deref().filter(|id| *id != NONE);
        let set = set.map(|id| arn(scope, "dhcp-options", id));
        set.into_iter().chain([arn(scope, "vpc", self.vpc_id.as_deref().unwrap_or("*"))]).collect()
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::Return, Failure> {
        let vpc: VpcId = ids::given(self.vpc_id.as_deref(), "VpcId")?;
        let set = match required(self.dhcp_options_id.as_deref(), "DhcpOptionsId")? {
            NONE => None,
            id => Some(ids::id::<DhcpOptionsId>(id)?),
        };
        call.change(move |world, context| world.associate_dhcp_options(context, &vpc, set.as_ref())).await?;
        Ok(ec2::Return)
    }
}

impl Action for ec2::DescribeDhcpOptionsRequest {
    type Answer = ec2::DescribeDhcpOptionsResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DescribeDhcpOptionsResult, Failure> {
        let (world, scope) = (call.world(), call.scope());
        let filters = Filters::read(&self.filters, FILTERS)?;
        let mut sets: Vec<DhcpOptions> = world.dhcp_options.iter().filter(|s| s.scope == *scope).cloned().collect();
        sets.push(DhcpOptions::default_of(scope));
        sets.sort_by(|a, b| a.id.cmp(&b.id));
        let wanted: Vec<DhcpOptionsId> = ids::ids(&self.dhcp_options_ids)?;
        if let Some(missing) = wanted.iter().find(|id| sets.iter().all(|set| set.id != **id)) {
            return Err(fault::of(&missing.not_found()));
        }
        sets.retain(|set| wanted.is_empty() || wanted.contains(&set.id));
        sets.retain(|set| filters.pass(|filter| values(&world, set, filter)));
        let page = call.page(sets, |s| s.id.to_string(), self.max_results, self.next_token.as_deref(), (5, 1000))?;
        Ok(ec2::DescribeDhcpOptionsResult {
            next_token: page.next_token,
            dhcp_options: page.items.iter().map(|set| render(&world, set)).collect(),
        })
    }
}

fn render(world: &World, set: &DhcpOptions) -> ec2::DhcpOptions {
    let value = |value| ec2::AttributeValue { value: Some(value) };
    let option = |(key, values): (&str, Vec<String>)| ec2::DhcpConfiguration {
        key: Some(key.to_owned()),
        values: values.into_iter().map(value).collect(),
    };
    ec2::DhcpOptions {
        owner_id: Some(set.scope.account.to_string()),
        tags: tagged::shown(world, set.id.as_str()),
        dhcp_options_id: Some(set.id.to_string()),
        dhcp_configurations: set.configuration.options().into_iter().map(option).collect(),
    }
}

fn values<'r>(world: &'r World, set: &'r DhcpOptions, filter: &str) -> Vec<Cow<'r, str>> {
    let options = set.configuration.options().into_iter();
    match filter {
        "dhcp-options-id" => one(set.id.as_str()),
        "owner-id" => one(set.scope.account.as_str()),
        "key" => options.map(|(key, _)| Cow::Borrowed(key)).collect(),
        "value" => options.flat_map(|(_, values)| values).map(Cow::Owned).collect(),
        _ => tag_values(world, set.id.as_str(), filter).unwrap_or_default(),
    }
}
