//! What an advice is about, and where it is read from.

use std::fs::{self, File};
use std::io::{self, IsTerminal as _, Read as _};
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use sidegate_advise::Workload;
use sidegate_import::flow_logs::{FlowLogs, Limits, Observed, Progress, Ranges};
use sidegate_model::{Region, World};

use super::{AdviseArgs, MOST_BYTES};
use crate::advise::{FileWorkload, Finding, apart, considered, logged, read, workloads};
use crate::cli::error::NotAdvised;
use crate::cli::explain;
use crate::control::{Answer, Client, Request};
use crate::diagram::clean;

/// The name that stands for standard input.
const STANDARD_INPUT: &str = "-";

/// The most findings that are told one by one.
const MOST_TOLD: usize = 20;

/// What an advice is about.
pub(super) struct Found {
    pub(super) workloads: Vec<Workload>,
    /// What is to be known of it.
    pub(super) remarks: Vec<String>,
    /// What was left out, and where that is.
    pub(super) left_out: Vec<String>,
}

/// Reads what an advice is about.
pub(super) fn found(args: &AdviseArgs) -> Result<Found, NotAdvised> {
    let mut left_out = Vec::new();
    let world = match &args.world {
        Some(directory) => {
            let imported = explain::imported(directory)?;
            let count = imported.findings().len() + imported.further_findings();
            if count > 0 {
                left_out.push(format!("{}: {count} findings, as they were told", directory.display()));
            }
            Some(imported.world().clone())
        }
        None => None,
    };
    let from_file = match &args.workload {
        Some(path) => {
            let here = world.as_ref().and_then(|world| world.vpcs.iter().next()).map(|vpc| vpc.scope.region);
            let (file, findings) = read(&path.display().to_string(), &text(path)?, args.region.or(here));
            left_out.extend(findings.iter().map(Finding::to_string));
            Some(file)
        }
        None => None,
    };
    let mut remarks = Vec::new();
    let workloads = match (world, from_file) {
        (world, None) if !args.flow_logs.is_empty() => {
            let (workloads, told) = of_logs(args, world, &mut left_out)?;
            remarks = told;
            workloads
        }
        (Some(world), Some(file)) => of_both(&world, file, args.nat_may_go, &mut remarks),
        (Some(world), None) => considered(workloads(&world, args.nat_may_go)),
        (None, Some(file)) => file.workload().into_iter().filter(is_about_something).collect(),
        (None, None) => {
            let mut client = Client::connect(&args.state.path())?;
            match client.ask(&Request::Workloads { nat_may_go: args.nat_may_go })? {
                Answer::Workloads(running) => {
                    remarks = running.remarks;
                    running.workloads
                }
                other => return Err(client.unexpected(&other).into()),
            }
        }
    };
    Ok(Found { workloads, remarks, left_out })
}

fn is_about_something(workload: &Workload) -> bool {
    workload.networks.iter().any(|network| !network.needs.is_empty())
}

/// The VPCs of a world with the services of a file: of the VPC that it names, or of each.
fn of_both(world: &World, file: FileWorkload, nat_may_go: bool, remarks: &mut Vec<String>) -> Vec<Workload> {
    let mut all = workloads(world, nat_may_go);
    let named = file.vpc().cloned();
    let is_meant = |id: Option<&sidegate_model::VpcId>| named.is_none() || id == named.as_ref();
    for workload in &mut all {
        workload.networks.retain(|network| is_meant(network.id.as_ref()) && !network.subnets.is_empty());
        for network in &mut workload.networks {
            network.needs = file.needs.clone();
        }
    }
    all.retain(|workload| {
        !workload.networks.is_empty() && file.region().is_none_or(|region| region == workload.region)
    });
    let vpcs: usize = all.iter().map(|workload| workload.networks.len()).sum();
    if vpcs > 1 {
        remarks.push(format!("The file names no `vpc`: its services are taken as those of each of {vpcs} VPCs."));
    }
    all.retain(is_about_something);
    all
}

/// The workloads that flow logs tell, in the VPCs of a world or alone.
fn of_logs(
    args: &AdviseArgs, world: Option<World>, left_out: &mut Vec<String>,
) -> Result<(Vec<Workload>, Vec<String>), NotAdvised> {
    let is_alone = world.is_none();
    let world = world.unwrap_or_default();
    let observed = observed(args, &world, left_out)?;
    let (seen, mut remarks) = logged(&observed, &world);
    let workloads = if is_alone {
        let region = args.region.or_else(|| "us-east-1".parse::<Region>().ok());
        remarks.push(
            "Flow logs alone do not tell zones and what leads out: clients in --zones zones of --region, and NAT gateways \
             that stay, are assumed. With --world, what is there is known."
                .to_owned(),
        );
        let apart = region.map(|region| apart(&seen, region, args.zones.into()));
        apart.into_iter().filter(is_about_something).collect()
    } else {
        let mut workloads = workloads(&world, args.nat_may_go);
        seen.apply(&world, &mut workloads);
        considered(workloads)
    };
    Ok((workloads, remarks))
}

/// What flow logs tell.
fn observed(args: &AdviseArgs, world: &World, left_out: &mut Vec<String>) -> Result<Observed, NotAdvised> {
    let ranges = match &args.ip_ranges {
        Some(path) => {
            let name = path.display().to_string();
            let read = Ranges::read(&name, &bytes(path)?);
            let (ranges, findings) = read.map_err(|error| NotAdvised::Unusable(error.to_string()))?;
            tell(left_out, findings.iter().map(ToString::to_string), findings.len());
            ranges
        }
        None => Ranges::default(),
    };
    let mut logs = FlowLogs::new(world, ranges, Limits::default());
    for path in &args.flow_logs {
        let name = path.display().to_string();
        let bar = bar();
        let mut progress = |progress: &Progress<'_>| {
            if let Some(length) = progress.length {
                bar.set_length(length);
            }
            bar.set_position(progress.read);
            bar.set_message(format!("{}, {} records", clean(progress.file), progress.records));
        };
        if name == STANDARD_INPUT {
            logs.read_stream("standard input", io::stdin().lock(), &mut progress);
        } else {
            match open(path) {
                Ok(Log::File(file)) => logs.read(&name, file, &mut progress),
                Ok(Log::Stream(file)) => logs.read_stream(&name, file, &mut progress),
                Err(error) => left_out.push(format!("{name}: it cannot be read: {error}")),
            }
        }
        bar.finish_and_clear();
    }
    let observed = logs.finish();
    let count = observed.findings.len() + observed.further_findings;
    tell(left_out, observed.findings.iter().map(ToString::to_string), count);
    if observed.malformed > 0 {
        left_out.push(format!("{} lines or rows of flow logs could not be read", observed.malformed));
    }
    Ok(observed)
}

/// A log, as far as one can go back in it.
enum Log {
    File(File),
    Stream(File),
}

fn open(path: &Path) -> io::Result<Log> {
    let file = File::open(path)?;
    let meta = file.metadata()?;
    match meta {
        meta if meta.is_dir() => Err(io::Error::other("it is a directory")),
        meta if meta.is_file() => Ok(Log::File(file)),
        _ => Ok(Log::Stream(file)),
    }
}

/// How far reading is, on a terminal.
fn bar() -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(0);
    let style = ProgressStyle::with_template("{wide_bar} {bytes}/{total_bytes} {bytes_per_sec} {msg}");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar
}

/// Tells the first of some findings, and how many there are beyond.
fn tell(left_out: &mut Vec<String>, findings: impl Iterator<Item = String>, count: usize) {
    left_out.extend(findings.take(MOST_TOLD));
    if count > MOST_TOLD {
        left_out.push(format!("{} more findings are not shown", count - MOST_TOLD));
    }
}

/// The text of a file.
pub(super) fn text(path: &Path) -> Result<String, NotAdvised> {
    String::from_utf8(bytes(path)?).map_err(|_| unreadable(path, "it is no text in UTF-8"))
}

/// The bytes of a file that is read whole.
fn bytes(path: &Path) -> Result<Vec<u8>, NotAdvised> {
    let read = || {
        let mut bytes = Vec::new();
        File::open(path)?.take(MOST_BYTES + 1).read_to_end(&mut bytes)?;
        Ok::<_, io::Error>(bytes)
    };
    let is_directory = fs::metadata(path).is_ok_and(|meta| meta.is_dir());
    let bytes = read().map_err(|error| {
        unreadable(path, if is_directory { "it is a directory".to_owned() } else { error.to_string() })
    })?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(unreadable(path, format!("it has more than {} MiB", MOST_BYTES >> 20)));
    }
    Ok(bytes)
}

fn unreadable(path: &Path, reason: impl ToString) -> NotAdvised {
    NotAdvised::File { verb: "read", path: path.to_owned(), reason: reason.to_string() }
}
