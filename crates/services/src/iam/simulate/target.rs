//! What is simulated to be asked for: resources, who owns them, and their policy.

use std::sync::Arc;

use sidegate_iam::{Policy, PolicyType};
use sidegate_model::AccountId;

use super::super::fault::Fault;
use super::account_of;
use super::source::Source;

/// The scenarios of `ec2:RunInstances`. AWS accepts them without all the resources that its reference demands, so they
/// decide nothing.
const RUN_INSTANCES: [&str; 6] = [
    "EC2-Classic-InstanceStore",
    "EC2-Classic-EBS",
    "EC2-VPC-InstanceStore",
    "EC2-VPC-InstanceStore-Subnet",
    "EC2-VPC-EBS",
    "EC2-VPC-EBS-Subnet",
];

/// The resources of a simulation.
#[derive(Debug)]
pub(super) enum Resources<'a> {
    /// `*`, also where none is given.
    All,
    /// Those with these ARNs.
    Named(&'a [String]),
}

impl<'a> Resources<'a> {
    pub(super) fn of(given: &'a [String]) -> Result<Self, Fault> {
        match given {
            [] => return Ok(Self::All),
            [one] if one == "*" => return Ok(Self::All),
            _ => {}
        }
        match given.iter().find(|resource| !is_arn(resource)) {
            Some(resource) => Err(no_arn(resource)),
            None => Ok(Self::Named(given)),
        }
    }

    pub(super) fn len(&self) -> usize {
        match self {
            Self::All => 1,
            Self::Named(arns) => arns.len(),
        }
    }

    /// What the answer calls them together. AWS has a template for many an action with several resources.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Named([one]) => one,
            Self::Named(_) | Self::All => "*",
        }
    }

    /// Whether an option for the handling of resources is one of all these actions.
    pub(super) fn check_handling(&self, actions: &[String], option: Option<&str>) -> Result<(), Fault> {
        let (Self::Named(_), Some(option)) = (self, option) else { return Ok(()) };
        let is_known = RUN_INSTANCES.contains(&option);
        let other = actions.iter().find(|action| !(is_known && action.eq_ignore_ascii_case("ec2:RunInstances")));
        other.map_or(Ok(()), |action| {
            Err(Fault::InvalidInput(format!(
                "Invalid input resource handling options. Action does not support resource handling options: {action}."
            )))
        })
    }

    /// The policy that all of them have. It has to speak of resources by their ARNs, and they have to be named so.
    pub(super) fn policy(&self, text: &Arc<str>) -> Result<Source, Fault> {
        if matches!(self, Self::All) {
            let message = "Invalid Entity Arn: * does not clearly define entity type and name.";
            return Err(Fault::InvalidInput(message.to_owned()));
        }
        let policy = Policy::parse(text, PolicyType::SimulatedResource)
            .map_err(|_| Fault::InvalidInput("Resource policy has invalid content".to_owned()))?;
        if policy.resources().any(|resource| resource == "*") {
            return Err(no_arn("*"));
        }
        Ok(Source::of_resource(policy, text))
    }
}

fn no_arn(resource: &str) -> Fault {
    Fault::InvalidInput(format!("ResourceNames are not in a valid ARN format: {resource}."))
}

fn is_arn(resource: &str) -> bool {
    let parts: Vec<_> = resource.splitn(6, ':').collect();
    match parts.as_slice() {
        ["arn", partition, service, _, _, rest] => ![partition, service, rest].iter().any(|part| part.is_empty()),
        _ => false,
    }
}

/// The account that `ResourceOwner` names, by an ARN of IAM.
pub(super) fn owner(arn: &str) -> Result<AccountId, Fault> {
    let account = account_of(arn).filter(|(_, resource)| !resource.is_empty()).map(|(account, _)| account);
    account.ok_or_else(|| Fault::InvalidInput(format!("'{arn}' is not a valid as a Resource Owner.")))
}
