//! `sidegate advise`: which endpoint suits each service, why, and what it costs: for the running daemon, for an account that
//! `aws ec2 describe-*` told of, for a short file, or for what flow logs tell.

mod output;
mod source;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use sidegate_advise::{Advice, Egress, Workload, advise};
use sidegate_cost::Prices;
use sidegate_model::{Region, VpcId};

use self::source::Found;
use super::error::{CliError, NotAdvised};
use super::explain::not_explained;
use super::prices::{NotPriced, PriceFile};
use super::{StateArgs, print, remark};
use crate::advise::{listed, scale};
use crate::diagram::clean;

/// Exit status where an advice is given and something was left out.
const LEFT_OUT: u8 = 1;

/// The most bytes of a file that is read whole.
const MOST_BYTES: u64 = 64 * 1024 * 1024;

/// How an advice is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Tables and lists for a terminal
    #[default]
    Text,
    /// All of it, for programs
    Json,
    /// Tables and lists for a page
    Markdown,
}

/// Arguments of `sidegate advise`.
#[derive(Debug, Args)]
#[command(
    after_help = "Exit status: 0 if all that was given is considered, 1 if something was left out, 3 if there is no advice."
)]
pub(crate) struct AdviseArgs {
    #[command(flatten)]
    state: StateArgs,
    /// What is needed, as this file says it (docs/how-to/choose-endpoints.md)
    #[arg(long, value_name = "FILE", conflicts_with = "state")]
    workload: Option<PathBuf>,
    /// What is there, as the files of this directory say it: the output of `aws ec2 describe-*`
    #[arg(long, value_name = "DIR", conflicts_with = "state")]
    world: Option<PathBuf>,
    /// What is used, as these VPC flow logs say it: text, gzip or Parquet; - for standard input
    #[arg(long, value_name = "FILE", num_args = 1.., conflicts_with_all = ["state", "workload"], requires = "ip_ranges")]
    flow_logs: Vec<PathBuf>,
    /// The address ranges that AWS publishes: <https://ip-ranges.amazonaws.com/ip-ranges.json>
    #[arg(long, value_name = "FILE", requires = "flow_logs")]
    ip_ranges: Option<PathBuf>,
    /// The Region: of flow logs alone or of a file that names none; of others, that alone [default for flow logs: us-east-1]
    #[arg(long)]
    region: Option<Region>,
    /// Of the VPCs, this one alone; may be repeated
    #[arg(long = "vpc", value_name = "ID")]
    vpcs: Vec<VpcId>,
    /// In how many zones clients are, for flow logs alone [default: 2]
    #[arg(
        long,
        value_name = "N",
        requires = "flow_logs",
        conflicts_with = "world",
        value_parser = clap::value_parser!(u8).range(1..=6)
    )]
    zones: Option<u8>,
    /// NAT gateways that are there serve nothing else, and may go if all is cheaper without them
    #[arg(long)]
    nat_may_go: bool,
    /// Multiply the traffic, such as by 30 where it is that of a day
    #[arg(long, value_name = "N", default_value_t = 1.0, value_parser = factor)]
    scale: f64,
    /// How it is told
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Print the Terraform to add, or write it to endpoints.tf in a directory
    #[arg(long, value_name = "DIR", num_args = 0..=1, conflicts_with = "cloudformation")]
    terraform: Option<Vec<PathBuf>>,
    /// Print the CloudFormation template to add
    #[arg(long)]
    cloudformation: bool,
    /// Prices that take the place of known ones, in the form of crates/cost/src/prices/prices.tsv
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
}

/// What traffic may be multiplied with.
fn factor(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().map_err(|error| error.to_string())?;
    let is_sane = number.is_finite() && number > 0.0 && number <= 1e9;
    is_sane.then_some(number).ok_or_else(|| "a number above 0, and at most 1,000,000,000, is expected".to_owned())
}

/// Advises, and prints that.
pub(super) fn run(args: &AdviseArgs) -> Result<ExitCode, CliError> {
    Ok(advised(args).unwrap_or_else(|error| not_explained(&error)))
}

fn advised(args: &AdviseArgs) -> Result<ExitCode, NotAdvised> {
    let known = Prices::known().map_err(NotPriced::from)?;
    let own = args.prices.as_deref().map(PriceFile::read).transpose()?;
    let Found { mut workloads, remarks, mut left_out } = source::found(args)?;
    let prices = match own {
        Some(own) => {
            left_out.extend(own.unknown_items());
            known.overridden(own.prices)
        }
        None => known,
    };
    let meant = meant(args, &mut workloads);
    if meant.is_ok() {
        left_out.extend(scale(&mut workloads, args.scale));
        workloads.retain(is_about_something);
        if args.nat_may_go && !has_nat(&workloads) {
            left_out.push("--nat-may-go: there are no NAT gateways that all clients of a VPC are routed by".to_owned());
        }
    }
    for finding in &left_out {
        remark(&clean(finding));
    }
    meant?;
    if workloads.is_empty() {
        return Err(NotAdvised::Nothing(
            "there is nothing to advise on: no VPC has an endpoint or traffic with a service; say with --workload FILE which services are used",
        ));
    }
    let advices: Vec<(Workload, Advice)> = workloads
        .into_iter()
        .map(|workload| {
            let advice = advise(&workload, &prices);
            (workload, advice)
        })
        .collect();
    let lacks_prices = advices.iter().any(|(_, advice)| !advice.missing.is_empty());
    let text = output::rendered(args, &advices, &remarks, &left_out)?;
    print(&text).map_err(|error| NotAdvised::Unusable(error.to_string()))?;
    let is_whole = left_out.is_empty() && !lacks_prices;
    Ok(if is_whole { ExitCode::SUCCESS } else { ExitCode::from(LEFT_OUT) })
}

/// Leaves of workloads those of the Region and of the VPCs that are asked for.
fn meant(args: &AdviseArgs, workloads: &mut Vec<Workload>) -> Result<(), NotAdvised> {
    let there = listed(&named(workloads));
    let is_empty = workloads.is_empty();
    if let Some(region) = args.region {
        workloads.retain(|workload| workload.region == region);
        if workloads.is_empty() && !is_empty {
            return Err(NotAdvised::Unusable(format!(
                "--region: there is nothing to advise on in {region}; there is {there}"
            )));
        }
    }
    if is_empty || args.vpcs.is_empty() {
        return Ok(());
    }
    for id in &args.vpcs {
        let mut networks = workloads.iter().flat_map(|workload| &workload.networks);
        if !networks.any(|network| network.id.as_ref() == Some(id)) {
            return Err(NotAdvised::Unusable(format!(
                "--vpc: there is nothing to advise on in {id}; there is {there}"
            )));
        }
    }
    for workload in workloads.iter_mut() {
        workload.networks.retain(|network| network.id.as_ref().is_some_and(|id| args.vpcs.contains(id)));
    }
    workloads.retain(|workload| !workload.networks.is_empty());
    Ok(())
}

/// The VPCs of workloads, as they are named on the command line.
fn named(workloads: &[Workload]) -> Vec<String> {
    let mut names = Vec::new();
    for workload in workloads {
        for network in &workload.networks {
            let name = network.id.as_ref().map_or_else(|| network.name.clone(), ToString::to_string);
            names.push(format!("{name} in {}", workload.region));
        }
    }
    names
}

/// Whether a workload has any traffic, or services of which nobody knows how much they have.
fn is_about_something(workload: &Workload) -> bool {
    workload.networks.iter().any(|network| !network.needs.is_empty() || network.other > 0 || network.unnamed > 0)
}

fn has_nat(workloads: &[Workload]) -> bool {
    let mut networks = workloads.iter().flat_map(|workload| &workload.networks);
    networks.any(|network| matches!(network.egress, Egress::Nat(_)))
}
