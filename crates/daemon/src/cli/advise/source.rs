//! What an advice is about, and where it is read from.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, IsTerminal as _, Read as _};
use std::path::Path;

use indicatif::{ProgressBar, ProgressStyle};
use sidegate_advise::{Egress, Network, Workload};
use sidegate_import::flow_logs::{FlowLogs, Limits, Observed, Progress, Ranges};
use sidegate_model::{Region, VpcId, World};

use super::{AdviseArgs, MOST_BYTES, meant};
use crate::advise::{
    FileWorkload, Finding, apart, considered, listed, logged, read, read_beside, untold, ways_out, with_names,
    workloads,
};
use crate::cli::error::NotAdvised;
use crate::cli::explain;
use crate::control::{Answer, Client, Request};
use crate::diagram::clean;

/// The name that stands for standard input.
const STANDARD_INPUT: &str = "-";

/// In how many zones clients are assumed if nobody says so.
const ZONES: u8 = 2;

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
            Some(with_names(&imported))
        }
        None => None,
    };
    let mut remarks = Vec::new();
    let (world, unknown) = world.unzip();
    let workloads = match (&world, &args.workload) {
        (world, None) if !args.flow_logs.is_empty() => {
            let (workloads, told) = of_logs(args, world.as_ref(), &mut left_out)?;
            remarks = told;
            workloads
        }
        (Some(world), Some(path)) => of_both(args, world, path, &mut remarks, &mut left_out)?,
        (Some(world), None) => considered(workloads(world, args.nat_may_go)),
        (None, Some(path)) => of_file(args, path, &mut left_out)?,
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
    // Nothing is said of what is not asked for. What cannot be asked for is told later.
    let mut asked = workloads.clone();
    let _ = meant(args, &mut asked);
    if let Some(world) = &world {
        remarks.extend(ways_out(world, &asked));
    }
    let networks = asked.iter().flat_map(|workload| &workload.networks);
    let vpcs: Vec<&VpcId> = networks.filter_map(|network| network.id.as_ref()).collect();
    remarks.extend(unknown.iter().flat_map(|unknown| untold(unknown, vpcs.iter().copied())));
    Ok(Found { workloads, remarks, left_out })
}

fn is_about_something(workload: &Workload) -> bool {
    workload.networks.iter().any(|network| !network.needs.is_empty())
}

/// The workload of a file.
fn of_file(args: &AdviseArgs, path: &Path, left_out: &mut Vec<String>) -> Result<Vec<Workload>, NotAdvised> {
    let (file, findings) = read(&path.display().to_string(), &text(path)?, args.region);
    left_out.extend(findings.iter().map(Finding::to_string));
    contradicted(args, path, &file, left_out);
    let mut workloads: Vec<Workload> = file.workload().into_iter().filter(is_about_something).collect();
    for network in workloads.iter_mut().flat_map(|workload| &mut workload.networks) {
        if let Egress::Nat(nat) = &mut network.egress {
            nat.stay &= !args.nat_may_go;
        }
    }
    Ok(workloads)
}

/// Tells of a file's word on NAT gateways that the command line's takes the place of.
fn contradicted(args: &AdviseArgs, path: &Path, file: &FileWorkload, left_out: &mut Vec<String>) {
    if args.nat_may_go && file.stay() == Some(true) {
        left_out.push(format!("{}: `nat_stays = true` is left out: --nat-may-go says otherwise", path.display()));
    }
}

/// A file beside the world of an account: where it names no Region, that of its VPC, or else of the first VPC.
fn beside(
    args: &AdviseArgs, world: &World, path: &Path, left_out: &mut Vec<String>,
) -> Result<FileWorkload, NotAdvised> {
    let (name, content) = (path.display().to_string(), text(path)?);
    let here = world.vpcs.iter().next().map(|vpc| vpc.scope.region);
    let (mut file, mut findings) = read_beside(&name, &content, args.region.or(here));
    if !file.says_region() && args.region.is_none() {
        let of_vpc = file.vpc().and_then(|id| world.vpcs.get(id)).map(|vpc| vpc.scope.region);
        if of_vpc.is_some() && of_vpc != here {
            (file, findings) = read_beside(&name, &content, of_vpc);
        }
        let others: BTreeSet<String> = world
            .vpcs
            .iter()
            .map(|vpc| vpc.scope.region)
            .filter(|one| Some(*one) != here)
            .map(|one| one.to_string())
            .collect();
        if let (None, Some(here), false) = (of_vpc, here, others.is_empty()) {
            let others: Vec<String> = others.into_iter().collect();
            findings.push(Finding {
                place: name,
                message: format!(
                    "it names no `region` and no `vpc`: it is taken for the VPCs in {here}, and those in {} are left out",
                    listed(&others)
                ),
            });
        }
    }
    left_out.extend(findings.iter().map(Finding::to_string));
    contradicted(args, path, &file, left_out);
    Ok(file)
}

/// The VPCs of a world with the services of a file: of the VPC that it names, or of each.
fn of_both(
    args: &AdviseArgs, world: &World, path: &Path, remarks: &mut Vec<String>, left_out: &mut Vec<String>,
) -> Result<Vec<Workload>, NotAdvised> {
    let file = beside(args, world, path, left_out)?;
    let mut all = workloads(world, args.nat_may_go || file.stay() == Some(false));
    let is_meant = |network: &Network| file.vpc().is_none_or(|id| network.id.as_ref() == Some(id));
    for workload in &mut all {
        workload.is_attached |= file.is_attached();
        workload.networks.retain(|network| is_meant(network) && !network.subnets.is_empty());
    }
    all.retain(|workload| {
        !workload.networks.is_empty() && file.region().is_none_or(|region| region == workload.region)
    });
    if all.is_empty() {
        return Err(NotAdvised::Unusable(format!("{}: {}", path.display(), not_there(world, &file))));
    }
    for network in all.iter_mut().flat_map(|workload| &mut workload.networks) {
        network.needs = file.needs.clone();
        if network.egress == Egress::Closed && file.other() > 0 {
            let why = "no way out is known that all its clients have; it is not counted there";
            left_out.push(format!("{}: `internet_gb`: of {}, {why}", path.display(), network.name));
        } else {
            network.other = file.other();
        }
    }
    let mut networks = all.iter().flat_map(|workload| &workload.networks);
    if file.stay().is_some() && !networks.any(|network| matches!(network.egress, Egress::Nat(_))) {
        let why = "there are no NAT gateways that all clients of a VPC are routed by";
        left_out.push(format!("{}: `nat_stays` is left out: {why}", path.display()));
    }
    let mut asked = all.clone();
    let _ = meant(args, &mut asked);
    let vpcs: usize = asked.iter().map(|workload| workload.networks.len()).sum();
    if vpcs > 1 {
        remarks.push(format!("The file names no `vpc`: its services are taken as those of each of {vpcs} VPCs."));
    }
    all.retain(is_about_something);
    Ok(all)
}

/// Why a file is about none of the VPCs of a world.
fn not_there(world: &World, file: &FileWorkload) -> String {
    let vpcs: Vec<String> = world.vpcs.iter().map(|vpc| format!("{} in {}", vpc.id, vpc.scope.region)).collect();
    let vpcs = listed(&vpcs);
    match (file.vpc().map(|id| (id, world.vpcs.get(id))), file.region()) {
        (Some((id, None)), _) => format!("`vpc`: the described account has no {id}; it has {vpcs}"),
        (Some((id, Some(vpc))), Some(region)) if vpc.scope.region != region => {
            format!("`vpc`: {id} is in {}, and not in {region}", vpc.scope.region)
        }
        (Some((id, Some(_))), _) => format!("`vpc`: no subnet is known of {id}"),
        (None, Some(region)) if world.vpcs.iter().all(|vpc| vpc.scope.region != region) => {
            format!("the described account has no VPC in {region}; it has {vpcs}")
        }
        (None, _) => format!("no subnet is known of the VPCs of the described account: {vpcs}"),
    }
}

/// The workloads that flow logs tell, in the VPCs of a world or alone.
fn of_logs(
    args: &AdviseArgs, world: Option<&World>, left_out: &mut Vec<String>,
) -> Result<(Vec<Workload>, Vec<String>), NotAdvised> {
    let nothing = World::default();
    let is_alone = world.is_none();
    let world = world.unwrap_or(&nothing);
    let observed = observed(args, world, left_out)?;
    let region = args.region.or_else(|| "us-east-1".parse::<Region>().ok());
    let (seen, mut remarks) = logged(&observed, world, region);
    let workloads = if is_alone {
        remarks.push(
            "Flow logs alone do not tell zones and what leads out: clients in --zones zones of --region, and NAT gateways \
             that stay unless --nat-may-go is given, are assumed. With --world, what is there is known."
                .to_owned(),
        );
        let zones = args.zones.unwrap_or(ZONES).into();
        let apart = region.map(|region| apart(&seen, region, zones, args.nat_may_go));
        let (workload, told) = apart.unzip();
        remarks.extend(told.into_iter().flatten());
        workload.into_iter().filter(is_about_something).collect()
    } else {
        let mut workloads = workloads(world, args.nat_may_go);
        remarks.extend(seen.apply(world, &mut workloads, args.nat_may_go));
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
fn text(path: &Path) -> Result<String, NotAdvised> {
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
