//! What a packet costs in VPCs of each size, in turns, against a bare link.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

use indicatif::ProgressBar;
use sidegate_linux::netns::NetNs;
use sidegate_linux::workbench;
use sidegate_model::NetworkInterfaceId;

use super::crowd::{Crowd, PORT};
use super::growth::name;
use crate::bench::report::{Bound, Cell, Goal, Report, Row, Table};
use crate::bench::sample::{Shuffle, median, median_ratio};
use crate::bench::site::Site;
use crate::bench::traffic::{Place, Server};
use crate::bench::{Bench, BenchError, Step as _};

/// How long a sample lasts.
const SAMPLE: Duration = Duration::from_millis(60);

/// How much more a packet may cost among many interfaces than among ten: what larger tables cost in caches.
const FLAT: f64 = 1.2;

/// The addresses of the bare link.
const RAW: (Ipv4Addr, Ipv4Addr) = (Ipv4Addr::new(172, 31, 0, 1), Ipv4Addr::new(172, 31, 0, 2));

/// The namespaces of the bare link.
const SENDER: &str = "bench-sender";
const RECEIVER: &str = "bench-receiver";

/// A way from a sender to a receiver.
struct Way {
    place: Place,
    receiver: NetNs,
    server: Server,
    /// The VPC, by its position. The bare link is in none.
    crowd: Option<usize>,
    /// Seconds, for each round.
    judged: Vec<f64>,
    known: Vec<f64>,
    round_trip: Vec<f64>,
}

/// What was measured.
pub(super) struct Packets(Vec<Way>);

/// Measures packets to interfaces at the beginning, in the middle and at the end of each VPC.
pub(super) fn measure(bench: &Bench, site: &Site, crowds: &[Crowd], rounds: u32) -> Result<Packets, BenchError> {
    let (sender, receiver) = (site.namespace(SENDER)?, site.namespace(RECEIVER)?);
    site.join((&sender, "raw", RAW.0), (&receiver, "raw", RAW.1))?;
    let mut ways = vec![Way::new(sender, receiver, RAW.1, None)?];
    for (index, crowd) in crowds.iter().enumerate() {
        let last = crowd.interfaces.len().saturating_sub(1);
        for at in [0, crowd.interfaces.len() / 2, last] {
            ways.push(Way::inside(site, index, crowd, at)?);
        }
    }
    let cpus = workbench::cpus().step("finding the CPUs")?;
    let cpu = cpus.last().copied().unwrap_or_default();
    let progress = ProgressBar::new(u64::from(rounds) * ways.len() as u64);
    let mut shuffle = Shuffle::new();
    for _ in 0..rounds {
        for index in shuffle.order(ways.len()) {
            bench.interrupt.check()?;
            if let Some(way) = ways.get_mut(index) {
                way.sample(cpu).step("measuring packets")?;
            }
            progress.inc(1);
        }
    }
    progress.finish_and_clear();
    Ok(Packets(ways))
}

impl Way {
    fn new(sender: NetNs, receiver: NetNs, address: Ipv4Addr, crowd: Option<usize>) -> Result<Self, BenchError> {
        let everywhere = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, PORT);
        let listening = receiver.run(|| workbench::listen_on(everywhere)).step("listening")?.step("listening")?;
        let place = Place { namespace: sender, target: SocketAddrV4::new(address, PORT) };
        let server = Server::start(listening)?;
        Ok(Self { place, receiver, server, crowd, judged: Vec::new(), known: Vec::new(), round_trip: Vec::new() })
    }

    /// From an interface of the VPC to the one at a position.
    fn inside(site: &Site, index: usize, crowd: &Crowd, at: usize) -> Result<Self, BenchError> {
        let plan = site.plan().vpcs.get(&crowd.vpc).step("finding a VPC")?;
        let interface = |at: usize| crowd.interfaces.get(at).step("finding an interface");
        let namespace = |id: &NetworkInterfaceId| site.namespace(id.as_str());
        let receiver = interface(at)?;
        let address = plan.links.get(receiver).step("finding a link")?.address;
        Self::new(namespace(interface(1)?)?, namespace(receiver)?, address, Some(index))
    }

    fn sample(&mut self, cpu: usize) -> Result<(), BenchError> {
        self.server.keep_on(&[cpu])?;
        self.place.try_out().step("trying a path")?;
        self.judged.push(self.place.packet(&self.receiver, cpu, SAMPLE, false).step("packets that are judged")?);
        self.known.push(self.place.packet(&self.receiver, cpu, SAMPLE, true).step("packets of a known flow")?);
        self.round_trip.push(self.place.round_trip(cpu, SAMPLE).step("round trips")?);
        Ok(())
    }
}

impl Packets {
    /// What came out: for each VPC the way that costs most.
    pub(super) fn fill(&self, report: &mut Report, crowds: &[Crowd]) {
        let Self(ways) = self;
        let Some(raw) = ways.first() else { return };
        let columns = ["judged packet, ns", "packet of a known flow, ns", "round trip, µs"];
        let mut rows = vec![row("bare link".to_owned(), raw, raw)];
        let mut worst = Vec::new();
        for (index, crowd) in crowds.iter().enumerate() {
            let of_crowd = ways.iter().filter(|way| way.crowd == Some(index));
            let Some(way) = of_crowd.max_by(|a, b| median(&a.judged).total_cmp(&median(&b.judged))) else { continue };
            rows.push(row(name(crowd.interfaces.len()), way, raw));
            worst.push((crowd.interfaces.len(), way));
        }
        report.tables.push(Table {
            title: "A packet of 64 bytes, and its ratio to the bare link; the worst placed of three receivers"
                .to_owned(),
            columns: columns.map(str::to_owned).to_vec(),
            rows,
        });
        if let (Some((few, first)), Some((many, last))) = (worst.first(), worst.last()) {
            report.goals.push(Goal::new(
                format!("judged packet at {many} interfaces to that at {few}"),
                Bound::AtMost(FLAT),
                median_ratio(&last.judged, &first.judged),
            ));
        }
    }
}

fn row(name: String, way: &Way, raw: &Way) -> Row {
    let cell = |samples: &[f64], base: &[f64], scale, digits| {
        Cell::with_ratio(median(samples) * scale, digits, median_ratio(samples, base))
    };
    let cells = vec![
        cell(&way.judged, &raw.judged, 1e9, 0),
        cell(&way.known, &raw.known, 1e9, 0),
        cell(&way.round_trip, &raw.round_trip, 1e6, 2),
    ];
    Row { name, cells }
}
