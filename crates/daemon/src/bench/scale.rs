//! How things grow: VPCs with ever more interfaces, what a packet and a change cost in each, the memory of it all; and
//! the daemon's start.

mod crowd;
mod growth;
mod packets;
mod start;

use clap::Args;

use self::growth::Growth;
use super::process::check_memory;
use super::report::Report;
use super::site::Site;
use super::{Bench, BenchError};

/// Arguments of `sidegate bench scale`.
#[derive(Debug, Args)]
pub(super) struct ScaleArgs {
    /// The most interfaces in one VPC
    #[arg(long, default_value_t = 5_000, value_parser = clap::value_parser!(u16).range(10..=20_000))]
    most: u16,
    /// How often packets, changes and starts are measured
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rounds: u32,
    /// At most 100 interfaces, three rounds
    #[arg(long)]
    quick: bool,
}

/// How many interfaces the VPCs have.
const SIZES: [u16; 4] = [10, 100, 1_000, 5_000];

/// What an interface with its namespace takes of the kernel's memory, and something to spare, in bytes.
const MEMORY_OF_INTERFACE: u64 = 800 * 1024;

/// Measures growth and starts.
pub(super) fn measure(bench: &Bench, args: &ScaleArgs) -> Result<Report, BenchError> {
    let (most, rounds) = if args.quick { (args.most.min(100), 3) } else { (args.most, args.rounds) };
    let mut sizes: Vec<u16> = SIZES.into_iter().filter(|&size| size < most).collect();
    sizes.push(most);
    let mut report = Report::new("scale");
    let interfaces: u64 = sizes.iter().map(|&size| u64::from(size)).sum();
    check_memory("interfaces", interfaces * MEMORY_OF_INTERFACE, "--most")?;
    {
        let mut site = Site::new(&bench.exe)?;
        let mut growth = Growth::new(&site)?;
        for &size in &sizes {
            bench.interrupt.check()?;
            growth.grow(bench, &mut site, size, rounds)?;
        }
        let taken_over = site.restart()?;
        let packets = packets::measure(bench, &site, &growth.crowds, rounds)?;
        growth.fill(&mut report, taken_over);
        packets.fill(&mut report, &growth.crowds);
    }
    start::measure(bench, &mut report, rounds)?;
    Ok(report)
}
