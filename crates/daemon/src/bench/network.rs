//! The paths: bare link, gateway endpoint, interface endpoint, from program to program, with and without network ACLs or flow
//! logs, and proxies.

use std::net::{IpAddr, Ipv4Addr, SocketAddrV4};
use std::rc::Rc;
use std::time::Duration;

use clap::Args;
use indicatif::ProgressBar;
use sidegate_linux::workbench;
use sidegate_model::{
    AggregationInterval, Catalog, Context, CreateVpcEndpoint, Direction, Error, FlowLogDestination, FlowLogResource,
    FlowLogSettings, IpCidr, IpProtocol, Ipv4Cidr, LogFormat, NetworkAclEntry, NetworkInterfaceId, NewRule, Peer,
    PortRange, RuleAction, S3Folder, SecurityGroupId, SubnetId, TrafficType, VpcId, World,
};

use super::process::{OwnTime, Process, cpu_time_of};
use super::proxy::{Between, start_all};
use super::report::{Bound, Cell, Goal, Report, Row, Table};
use super::sample::{Shuffle, median, median_ratio};
use super::site::Site;
use super::traffic::{Place, Server};
use super::{Bench, BenchError, Step as _};

/// Arguments of `sidegate bench network`.
#[derive(Debug, Args)]
pub(super) struct NetworkArgs {
    /// How often everything is measured
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rounds: u32,
    /// Three rounds with shorter samples
    #[arg(long)]
    quick: bool,
}

/// The port of the servers, which is that of the data plane's listener for TLS.
const PORT: u16 = 443;

/// The addresses of the bare links: client and server; client and proxy, proxy and server.
const RAW: (Ipv4Addr, Ipv4Addr) = (Ipv4Addr::new(172, 31, 0, 1), Ipv4Addr::new(172, 31, 0, 2));
const TO_PROXY: (Ipv4Addr, Ipv4Addr) = (Ipv4Addr::new(172, 31, 1, 1), Ipv4Addr::new(172, 31, 1, 2));
const FROM_PROXY: (Ipv4Addr, Ipv4Addr) = (Ipv4Addr::new(172, 31, 2, 1), Ipv4Addr::new(172, 31, 2, 2));

/// The namespaces beside those of the VPC.
const CLIENT: &str = "bench-client";
const SERVER: &str = "bench-server";
const PROXY: &str = "bench-proxy";

/// The paths that the goals are about.
const GATEWAY: &str = "gateway endpoint";
const INTERFACE: &str = "interface endpoint";
const GATEWAY_BEHIND_ACL: &str = "gateway endpoint, behind an ACL";
const INTERFACE_BEHIND_ACLS: &str = "interface endpoint, behind ACLs";

/// A way from a client to a server. The first of all is the bare link.
struct Path {
    name: &'static str,
    place: Place,
    server: Rc<Server>,
    proxy: Option<Process>,
    samples: Samples,
}

/// What was measured on a path, a value for each round.
#[derive(Default)]
struct Samples {
    /// Seconds.
    round_trip: Vec<f64>,
    /// Connections in a second.
    rate: Vec<f64>,
    /// Gigabits in a second.
    throughput: Vec<f64>,
    /// Seconds of CPU for a gigabyte.
    cpu: Vec<f64>,
}

/// How long samples last.
struct Lengths {
    round_trip: Duration,
    connection: Duration,
    stream: Duration,
}

/// Measures the paths.
pub(super) fn measure(bench: &Bench, args: &NetworkArgs) -> Result<Report, BenchError> {
    let ms = Duration::from_millis;
    let (rounds, lengths) = if args.quick {
        (3, Lengths { round_trip: ms(50), connection: ms(60), stream: ms(150) })
    } else {
        (args.rounds, Lengths { round_trip: ms(200), connection: ms(200), stream: ms(500) })
    };
    let mut report = Report::new("network");
    let mut site = Site::new(&bench.exe)?;
    let mut paths = paths(&mut site)?;
    let measurer = Measurer::new(lengths)?;
    for path in &paths {
        path.place.try_out().step(format!("trying the path `{}`", path.name))?;
    }
    let progress = ProgressBar::new(u64::from(rounds) * paths.len() as u64);
    let mut shuffle = Shuffle::new();
    for _ in 0..rounds {
        for index in shuffle.order(paths.len()) {
            bench.interrupt.check()?;
            // As the daemon does while flow logs are there.
            drop(site.dataplane().take_flows());
            if let Some(path) = paths.get_mut(index) {
                measurer.sample(path).step(format!("measuring the path `{}`", path.name))?;
            }
            progress.inc(1);
        }
    }
    progress.finish_and_clear();
    fill(&mut report, &paths, rounds);
    Ok(report)
}

/// Takes samples.
struct Measurer {
    lengths: Lengths,
    cpus: Vec<usize>,
    own_time: OwnTime,
}

impl Measurer {
    fn new(lengths: Lengths) -> Result<Self, BenchError> {
        Ok(Self { lengths, cpus: workbench::cpus().step("finding the CPUs")?, own_time: OwnTime::new() })
    }

    fn sample(&self, path: &mut Path) -> Result<(), BenchError> {
        let cpu = self.cpus.last().copied().unwrap_or_default();
        path.keep_on(&[cpu])?;
        let round_trip = path.place.round_trip(cpu, self.lengths.round_trip).step("round trips")?;
        let connection = path.place.connection(cpu, self.lengths.connection).step("connections")?;
        path.keep_on(&self.cpus)?;
        let proxy = path.proxy.as_ref().map(Process::id);
        let cpu_time = || Ok(self.own_time.now()? + proxy.map(cpu_time_of).unwrap_or_default());
        let stream = path.place.stream(self.lengths.stream, cpu_time).step("a stream")?;
        let gigabytes = stream.bytes / 1e9;
        path.samples.round_trip.push(round_trip);
        path.samples.rate.push(1.0 / connection);
        path.samples.throughput.push(gigabytes * 8.0 / stream.took.as_secs_f64());
        path.samples.cpu.push(stream.cpu.as_secs_f64() / gigabytes);
        Ok(())
    }
}

impl Path {
    fn new(name: &'static str, place: Place, server: &Rc<Server>) -> Self {
        Self { name, place, server: Rc::clone(server), proxy: None, samples: Samples::default() }
    }

    fn keep_on(&self, cpus: &[usize]) -> Result<(), BenchError> {
        self.server.keep_on(cpus)?;
        if let Some(proxy) = &self.proxy {
            proxy.keep_on(cpus);
        }
        Ok(())
    }
}

/// Makes all paths.
fn paths(site: &mut Site) -> Result<Vec<Path>, BenchError> {
    let (client, server) = (site.namespace(CLIENT)?, site.namespace(SERVER)?);
    site.join((&client, "raw", RAW.0), (&server, "raw", RAW.1))?;
    let everywhere = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, PORT);
    let listening = server.run(|| workbench::listen_on(everywhere)).step("listening")?.step("listening")?;
    let raw = Rc::new(Server::start(listening)?);
    let at = |namespace, address| Place { namespace, target: SocketAddrV4::new(address, PORT) };
    let mut paths = vec![
        Path::new("bare link", at(client, RAW.1), &raw),
        Path::new("bare link again", at(site.namespace(CLIENT)?, RAW.1), &raw),
    ];

    add_vpc(site, &mut paths, [GATEWAY, INTERFACE, "program to program"], |w, c| build(w, c, "10.77", false))?;
    let behind = [GATEWAY_BEHIND_ACL, INTERFACE_BEHIND_ACLS, "program to program, behind ACLs"];
    add_vpc(site, &mut paths, behind, |w, c| build(w, c, "10.78", true))?;
    let logged = [
        "gateway endpoint, with a flow log",
        "interface endpoint, with a flow log",
        "program to program, with a flow log",
    ];
    add_vpc(site, &mut paths, logged, build_logged)?;

    let (client, proxy) = (site.namespace(CLIENT)?, site.namespace(PROXY)?);
    site.join((&client, "to-proxy", TO_PROXY.0), (&proxy, "from-client", TO_PROXY.1))?;
    site.join((&proxy, "to-server", FROM_PROXY.0), (&server, "from-proxy", FROM_PROXY.1))?;
    let between = Between { own: TO_PROXY.1, server: SocketAddrV4::new(FROM_PROXY.1, PORT) };
    for proxy in start_all(site, CLIENT, PROXY, &between)? {
        paths.push(Path { proxy: Some(proxy.process), ..Path::new(proxy.name, proxy.place, &raw) });
    }
    Ok(paths)
}

/// Makes a VPC, and its paths with these names: to both endpoints, and to another program.
fn add_vpc(
    site: &mut Site, paths: &mut Vec<Path>, names: [&'static str; 3],
    build: impl FnOnce(&mut World, &mut Context<'_>) -> Result<Network, Error>,
) -> Result<(), BenchError> {
    let (network, _) = site.change("building the network", build)?;
    let everywhere = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, PORT);
    let program = || site.namespace(network.program.as_str());
    let at = |namespace, address| Place { namespace, target: SocketAddrV4::new(address, PORT) };
    let plan = site.plan().vpcs.get(&network.vpc).step("planning the VPC")?;
    let public = Catalog::named("s3").and_then(|s3| s3.public_addresses(plan.scope.region).first().copied());
    let public = public.step("finding the public address of S3")?;
    let private = plan.endpoint_addresses.keys().find_map(|address| match address {
        IpAddr::V4(address) => Some(*address),
        IpAddr::V6(_) => None,
    });
    let private = private.step("finding the interface endpoint's address")?;
    let peer = plan.links.get(&network.peer).step("finding the other program")?.address;
    let (program, again, third) = (program()?, program()?, program()?);
    let peer_namespace = site.namespace(network.peer.as_str())?;
    let listeners = site.dataplane().listeners(&network.vpc).step("opening the VPC's sockets")?;
    let listening = listeners.tls.into_iter().next().step("opening the VPC's sockets")?;
    let edge = Rc::new(Server::start(listening)?);
    let listening = peer_namespace.run(|| workbench::listen_on(everywhere)).step("listening")?.step("listening")?;
    let beside = Rc::new(Server::start(listening)?);
    let [gateway, interface, between] = names;
    paths.push(Path::new(gateway, at(program, public), &edge));
    paths.push(Path::new(interface, at(again, private), &edge));
    paths.push(Path::new(between, at(third, peer), &beside));
    Ok(())
}

/// The parts of the network that paths begin and end in.
struct Network {
    vpc: VpcId,
    program: NetworkInterfaceId,
    peer: NetworkInterfaceId,
}

/// A VPC with two programs in two subnets, a gateway endpoint for S3 and an interface endpoint for Secrets Manager, all
/// behind groups, and if wanted each subnet behind an ACL. The block begins with `block`.
fn build(world: &mut World, context: &mut Context<'_>, block: &str, guarded: bool) -> Result<Network, Error> {
    let vpc = world.create_vpc(context, parsed(&format!("{block}.0.0/16"))?, "default")?;
    let subnet = world.create_subnet(context, &vpc, parsed(&format!("{block}.1.0/24"))?, None)?;
    let other = world.create_subnet(context, &vpc, parsed(&format!("{block}.2.0/24"))?, None)?;
    if guarded {
        guard(world, context, &subnet)?;
        guard(world, context, &other)?;
    }
    let programs = world.create_security_group(context, &vpc, "programs", "programs")?;
    let endpoints = world.create_security_group(context, &vpc, "endpoints", "endpoints")?;
    for group in [&programs, &endpoints] {
        world.authorize(context, group, vec![from_group(&programs)?])?;
    }
    let tables: Vec<_> = world.route_tables.iter().filter(|t| t.vpc == vpc).map(|t| t.id.clone()).collect();
    let gateway = CreateVpcEndpoint {
        vpc: Some(vpc.clone()),
        service: format!("com.amazonaws.{}.s3", context.scope.region),
        route_tables: tables,
        ..CreateVpcEndpoint::default()
    };
    world.create_vpc_endpoint(context, gateway)?;
    let interface = CreateVpcEndpoint {
        vpc: Some(vpc.clone()),
        service: format!("com.amazonaws.{}.secretsmanager", context.scope.region),
        interface: true,
        subnets: vec![other.clone()],
        groups: vec![endpoints],
        private_dns: Some(false),
        ..CreateVpcEndpoint::default()
    };
    world.create_vpc_endpoint(context, interface)?;
    let program = world.attach_program(context, &subnet, std::slice::from_ref(&programs))?;
    let peer = world.attach_program(context, &other, &[programs])?;
    Ok(Network { vpc, program, peer })
}

/// The same without ACLs, in a VPC that a flow log watches.
fn build_logged(world: &mut World, context: &mut Context<'_>) -> Result<Network, Error> {
    let network = build(world, context, "10.77", false)?;
    let settings = FlowLogSettings {
        traffic: TrafficType::All,
        interval: AggregationInterval::Minute,
        destination: FlowLogDestination::S3 { folder: S3Folder::at("arn:aws:s3:::records")?, partitions: None },
        format: LogFormat::default(),
    };
    world.create_flow_log(context, &FlowLogResource::Vpc(network.vpc.clone()), &settings)?;
    Ok(network)
}

/// Puts a subnet behind an ACL as people write them: the servers' port in and out, the clients' ports in and out, and a
/// network that is denied before.
fn guard(world: &mut World, context: &mut Context<'_>, subnet: &SubnetId) -> Result<(), Error> {
    let found = world.subnet(&context.scope, subnet)?.clone();
    let acl = world.create_network_acl(context, &found.vpc)?;
    let port = i32::from(PORT);
    for direction in [Direction::Ingress, Direction::Egress] {
        let entries = [
            (90, RuleAction::Deny, "192.0.2.0/24", (0, 65_535)),
            (100, RuleAction::Allow, "0.0.0.0/0", (port, port)),
            (110, RuleAction::Allow, "0.0.0.0/0", (1_024, 65_535)),
        ];
        for (number, action, cidr, (from, to)) in entries {
            let ports = Some(PortRange { from, to });
            let cidr = IpCidr::from(parsed(cidr)?);
            let entry = NetworkAclEntry::new(direction, number, action, IpProtocol::TCP, cidr, ports, None)?;
            world.create_network_acl_entry(context, &acl, entry)?;
        }
    }
    let present = world.network_acl_of(&found).ok_or_else(|| Error::InvalidParameterValue(acl.to_string()))?;
    world.replace_network_acl_association(context, &present.id, &acl).map(drop)
}

fn parsed(block: &str) -> Result<Ipv4Cidr, Error> {
    block.parse().map_err(|_| Error::InvalidParameterValue(block.to_owned()))
}

fn from_group(group: &SecurityGroupId) -> Result<NewRule, Error> {
    let port = i32::from(PORT);
    let ports = PortRange { from: port, to: port };
    NewRule::new(Direction::Ingress, IpProtocol::TCP, Some(ports), Peer::Group(group.clone()), None)
}

fn fill(report: &mut Report, paths: &[Path], rounds: u32) {
    let Some(base) = paths.first().map(|raw| &raw.samples) else { return };
    let columns = ["round trip, µs", "connections/s", "one stream, Gb/s", "CPU s/GB"].map(str::to_owned).to_vec();
    let mut table = Table {
        title: "Paths: the median, and the median of the ratios to the bare link".to_owned(),
        columns,
        rows: Vec::new(),
    };
    for Path { name, samples, .. } in paths {
        let cell = |samples: &[f64], base: &[f64], scale, digits| {
            Cell::with_ratio(median(samples) * scale, digits, median_ratio(samples, base))
        };
        table.rows.push(Row {
            name: (*name).to_owned(),
            cells: vec![
                cell(&samples.round_trip, &base.round_trip, 1e6, 2),
                cell(&samples.rate, &base.rate, 1.0, 0),
                cell(&samples.throughput, &base.throughput, 1.0, 1),
                cell(&samples.cpu, &base.cpu, 1.0, 3),
            ],
        });
        if [GATEWAY, INTERFACE, GATEWAY_BEHIND_ACL, INTERFACE_BEHIND_ACLS].contains(name) {
            report.goals.extend([
                Goal::new(
                    format!("{name}: round trip to that of the bare link"),
                    Bound::AtMost(1.12),
                    median_ratio(&samples.round_trip, &base.round_trip),
                ),
                Goal::new(
                    format!("{name}: connections/s to those of the bare link"),
                    Bound::AtLeast(0.82),
                    median_ratio(&samples.rate, &base.rate),
                ),
                Goal::new(
                    format!("{name}: CPU per GB to that of the bare link"),
                    Bound::AtMost(1.10),
                    median_ratio(&samples.cpu, &base.cpu),
                ),
            ]);
        }
    }
    report.tables.push(table);
    report.notes.push(format!(
        "{rounds} rounds, each with the paths in a new order. TCP without TLS, plain servers, MTU 9001, the same congestion \
         control\neverywhere. Round trip (1 byte) and connections (1 byte each way): client, server and proxy on one CPU; \
         stream: anywhere.\nCPU: this process, the proxy, and ksoftirqd. How far `bare link again` is from 1.00 is how far \
         to trust a ratio."
    ));
}
