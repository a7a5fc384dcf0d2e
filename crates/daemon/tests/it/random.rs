//! Random changes over the API, and what two programs that live through them reach: by the naive evaluator over the
//! world that the daemon has stored, before and after a crash.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OpenFlags};
use sidegate_model::{
    Attachment, Direction, Endpoint, Entity, NetworkInterface, Subnet, SubnetId, Table, VpcEndpointId, World,
};

use crate::harness::{Daemon, Network, TIMED_OUT, need_root, text};
use crate::naive::{self, Answer, Flow, Outcome, TCP};

/// How many times the programs look around at least and at most, and how many calls there are before each time. What the
/// dice choose depends on ids, which the daemon draws, so that some runs show less than others.
const ROUNDS: usize = 7;
const MOST_ROUNDS: usize = 21;
const CALLS: usize = 30;

/// Reads lines of `SECONDS URL ...`; tries all URLs at once, each for so long at most; tells of each the URL, curl's exit
/// status, the address and the status of the answer.
const SCRIPT: &str = r#"
while read -r patience urls; do
  for url in $urls; do
    {
      said=$(curl -s -o /dev/null --connect-timeout "$patience" -m 20 -w '%{remote_ip} %{http_code}' "$url")
      echo "$url $? $said"
    } &
  done
  wait
  echo done
done
"#;

/// The exit statuses of curl.
const OK: i32 = 0;
const NO_SUCH_NAME: i32 = 6;
const REFUSED: i32 = 7;

#[test]
fn after_random_calls_programs_reach_what_they_should_and_a_restart_has_nothing_to_change() {
    need_root!();
    let mut daemon = Daemon::start();
    let network = Network::build(&daemon);
    let mut dice = Dice(20);
    let mut programs = [Program::start(&daemon, &network, 0), Program::start(&daemon, &network, 1)];
    let (mut done, mut reached, mut silent) = (BTreeSet::new(), 0, 0);
    // Too few of one kind would show nothing.
    let is_enough = |reached: usize, silent: usize, done: usize| reached > 10 && silent > 10 && done > 12;
    for round in 0..MOST_ROUNDS {
        if round >= ROUNDS && is_enough(reached, silent, done.len()) {
            break;
        }
        for _ in 0..CALLS {
            let Some((action, parameters)) = call(&mut dice, &world(&daemon), &network) else { continue };
            let parameters: Vec<_> = parameters.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            match daemon.ec2(action, &parameters) {
                Ok(_) => {
                    done.insert(action);
                }
                Err(error) => {
                    let code = text(&error, "Code").unwrap_or_else(|| panic!("{action}: {error}"));
                    assert!(code != "InternalError", "{action} {parameters:?}: {error}\n{}", daemon.log());
                }
            }
        }
        if round == ROUNDS / 2 {
            daemon.kill();
            daemon.run();
            assert_eq!(changes_of_last_start(&daemon), "changes=0 namespaces=0", "{}", daemon.log());
        }
        let (some, none) = look_around(&daemon, &mut programs);
        reached += some;
        silent += none;
    }
    eprintln!("{reached} connections came through, {silent} did not; done: {done:?}");
    // Else the dice would have to be thrown another way.
    assert!(is_enough(reached, silent, done.len()), "{reached}, {silent}, {done:?}");
}

/// What the daemon says of its last start.
fn changes_of_last_start(daemon: &Daemon) -> String {
    let log = daemon.log();
    let line = log.lines().rfind(|line| line.contains("the stored networks are applied")).expect("a line in the log");
    line.split_once("applied ").map(|(_, told)| told.to_owned()).unwrap()
}

/// A program that lives in a subnet and does what it is told.
struct Program {
    address: Ipv4Addr,
    child: Child,
    input: Option<ChildStdin>,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Program {
    fn start(daemon: &Daemon, network: &Network, subnet: usize) -> Self {
        let before: BTreeSet<_> = world(daemon).interfaces.iter().map(|i| i.address).collect();
        let script = format!("echo started\n{SCRIPT}");
        let mut command = daemon.exec(&network.subnets[subnet], &[&network.group], &["bash", "-c", &script]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert_eq!(lines.next().unwrap().unwrap(), "started");
        let address = world(daemon).interfaces.iter().map(|i| i.address).find(|a| !before.contains(a)).unwrap();
        Self { address, input: child.stdin.take(), child, lines }
    }

    fn interface<'a>(&self, world: &'a World) -> &'a NetworkInterface {
        let is_own = |i: &&NetworkInterface| i.attachment == Attachment::Program && i.address == self.address;
        world.interfaces.iter().find(is_own).expect("the interface of a program that lives")
    }

    /// Tells the program what to try.
    fn send(&mut self, patience: f32, urls: &[String]) {
        let line = format!("{patience} {}\n", urls.join(" "));
        self.input.as_mut().unwrap().write_all(line.as_bytes()).unwrap();
    }

    /// What became of it: URL, exit status, address.
    fn receive(&mut self) -> Vec<(String, i32, String)> {
        let mut all = Vec::new();
        loop {
            let line = self.lines.next().unwrap().unwrap();
            if line == "done" {
                return all;
            }
            let mut words = line.split(' ').map(str::to_owned);
            let (url, status, address) = (words.next().unwrap(), words.next().unwrap(), words.next());
            all.push((url, status.parse().unwrap(), address.unwrap_or_default()));
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // The end of its input is its end.
        drop(self.input.take());
        let _ = self.child.wait();
    }
}

/// What a URL should lead to.
#[derive(Debug, PartialEq)]
enum Wanted {
    Endpoint(VpcEndpointId),
    /// Another program's system, where nobody listens.
    Refused,
    Silence,
    NoSuchName,
}

/// Lets both programs try everything, and compares. How much came through, and how much did not.
fn look_around(daemon: &Daemon, programs: &mut [Program; 2]) -> (usize, usize) {
    let world = world(daemon);
    let addresses = [programs[0].address, programs[1].address];
    let mut expected = Vec::new();
    for program in programs.iter() {
        let source = program.interface(&world);
        let all = urls(&world, &addresses).into_iter();
        expected.push(all.filter_map(|url| Some((wanted(&world, source, &url)?, url))).collect::<Vec<_>>());
    }
    let before: BTreeSet<String> = served(daemon).into_iter().map(|(id, _)| id).collect();
    // Silence need not be listened to for long; and whoever is answered has the time of a busy machine.
    for (is_silent, patience) in [(true, 0.7), (false, 15.0)] {
        for (program, all) in programs.iter_mut().zip(&expected) {
            let part = all.iter().filter(|(wanted, _)| (*wanted == Wanted::Silence) == is_silent);
            program.send(patience, &part.map(|(_, url)| url.clone()).collect::<Vec<_>>());
        }
        for (program, all) in programs.iter_mut().zip(&expected) {
            for (url, status, address) in program.receive() {
                let (wanted, _) = all.iter().find(|(_, u)| *u == url).unwrap();
                let right = match wanted {
                    Wanted::Endpoint(_) => OK,
                    Wanted::Refused => REFUSED,
                    Wanted::Silence => TIMED_OUT,
                    Wanted::NoSuchName => NO_SUCH_NAME,
                };
                let from = program.address;
                assert_eq!(status, right, "{from} to {url} at {address}: {wanted:?}\n{}", daemon.log());
            }
        }
    }
    let mut should: Vec<String> = Vec::new();
    let mut silent = 0;
    for (from, all) in addresses.iter().zip(&expected) {
        for (wanted, _) in all {
            match wanted {
                Wanted::Endpoint(id) => should.push(format!("{from} {id}")),
                Wanted::Silence => silent += 1,
                Wanted::Refused | Wanted::NoSuchName => {}
            }
        }
    }
    should.sort();
    // An event is noted once its answer has ended, which is a little after the client has it.
    let limit = Instant::now() + Duration::from_secs(10);
    loop {
        let new = served(daemon).into_iter().filter(|(id, _)| !before.contains(id));
        let mut through: Vec<String> = new.map(|(_, through)| through).collect();
        through.sort();
        if through == should {
            break;
        }
        assert!(Instant::now() < limit, "served: {through:#?}\nshould have been: {should:#?}");
        std::thread::sleep(Duration::from_millis(50));
    }
    (should.len(), silent)
}

/// The requests that came through endpoints: their ids, and from where and by which endpoint.
fn served(daemon: &Daemon) -> Vec<(String, String)> {
    let events = daemon.events().into_iter().filter(|event| event["path"]["over"] == "endpoint");
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let through = |path: &serde_json::Value| format!("{} {}", text(&path["source"]), text(&path["endpoint"]));
    events.map(|event| (text(&event["request_id"]), through(&event["path"]))).collect()
}

/// Everything that is worth trying.
fn urls(world: &World, programs: &[Ipv4Addr]) -> Vec<String> {
    let mut urls: Vec<String> = programs.iter().map(|address| format!("http://{address}:8080/")).collect();
    for host in ["s3.us-east-1", "s3", "bucket.s3.us-east-1", "secretsmanager.us-east-1"] {
        urls.push(format!("https://{host}.amazonaws.com/"));
    }
    for endpoint in world.endpoints.iter() {
        let names = endpoint.own_names(world).into_iter().map(|(name, _)| name);
        urls.extend(names.map(|name| format!("https://{}/", name.replace('*', "bucket"))));
    }
    urls
}

/// What a URL should lead to; `None` where its name has addresses of which only some are reached.
fn wanted(world: &World, source: &NetworkInterface, url: &str) -> Option<Wanted> {
    let (scheme, rest) = url.split_once("://").unwrap();
    let host = rest.trim_end_matches('/');
    let (host, port) = host.split_once(':').unwrap_or((host, if scheme == "https" { "443" } else { "80" }));
    let addresses = match host.parse() {
        Ok(address) => BTreeSet::from([address]),
        Err(_) => match naive::resolve(world, &source.vpc, host) {
            Answer::Addresses(addresses) => addresses,
            Answer::Silence => return Some(Wanted::Silence),
            Answer::NoData | Answer::NoSuchName => return Some(Wanted::NoSuchName),
        },
    };
    let outcomes: Vec<_> = addresses
        .into_iter()
        .map(|destination| {
            let flow =
                Flow { source: source.id.clone(), destination, protocol: TCP, port: port.parse().unwrap(), turn: 0 };
            naive::outcome(world, &flow)
        })
        .collect();
    let (first, rest) = outcomes.split_first()?;
    rest.iter().all(|other| other == first).then(|| match first {
        Outcome::Endpoint(id) => Wanted::Endpoint(id.clone()),
        Outcome::Interface(_) => Wanted::Refused,
        Outcome::Refused => Wanted::Silence,
        other => panic!("{host}: {other:?}"),
    })
}

/// The world that the daemon has stored.
fn world(daemon: &Daemon) -> World {
    fn load<T: Entity>(connection: &Connection, table: &mut Table<T>) {
        let mut query = connection.prepare_cached("SELECT body FROM entity WHERE kind = ?1").unwrap();
        let bodies = query.query_map([T::KIND], |row| row.get::<_, String>(0)).unwrap();
        bodies.for_each(|body| table.insert(serde_json::from_str(&body.unwrap()).unwrap()));
    }
    let path: &Path = &daemon.state().join("state.sqlite");
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    connection.busy_timeout(Duration::from_secs(10)).unwrap();
    // One view of all tables.
    connection.execute_batch("BEGIN").unwrap();
    let mut world = World::default();
    load(&connection, &mut world.vpcs);
    load(&connection, &mut world.subnets);
    load(&connection, &mut world.route_tables);
    load(&connection, &mut world.network_acls);
    load(&connection, &mut world.prefix_lists);
    load(&connection, &mut world.prefix_list_versions);
    load(&connection, &mut world.security_groups);
    load(&connection, &mut world.interfaces);
    load(&connection, &mut world.endpoints);
    load(&connection, &mut world.instances);
    load(&connection, &mut world.peerings);
    world
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn one<T>(&mut self, of: impl IntoIterator<Item = T>) -> Option<T> {
        let all: Vec<T> = of.into_iter().collect();
        let place = (!all.is_empty()).then(|| self.below(all.len()))?;
        all.into_iter().nth(place)
    }
}

type Parameters = Vec<(String, String)>;

fn parameters(of: &[(&str, &str)]) -> Parameters {
    of.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A random call about what there is; `None` if there is nothing that it could be about.
fn call(dice: &mut Dice, world: &World, network: &Network) -> Option<(&'static str, Parameters)> {
    match dice.below(5) {
        0 => subnet_or_table(dice, world, network),
        1 | 2 => group(dice, world, network),
        3 => new_endpoint(dice, world, network),
        _ => endpoint(dice, world),
    }
}

fn subnet_or_table(dice: &mut Dice, world: &World, network: &Network) -> Option<(&'static str, Parameters)> {
    let table = dice.one(world.route_tables.iter().map(|t| t.id.to_string()))?;
    let subnet = dice.one(world.subnets.iter().map(|s| s.id.to_string()))?;
    let associations = world.route_tables.iter().flat_map(|t| t.associations.keys());
    let association = dice.one(associations.map(ToString::to_string));
    Some(match dice.below(8) {
        0 => {
            let block = format!("10.77.{}.0/24", 1 + dice.below(4));
            let zone = dice.one(["us-east-1a", "us-east-1b"])?;
            let wanted = [("VpcId", network.vpc.as_str()), ("CidrBlock", &block), ("AvailabilityZone", zone)];
            ("CreateSubnet", parameters(&wanted))
        }
        1 => ("DeleteSubnet", parameters(&[("SubnetId", &subnet)])),
        2 => ("CreateRouteTable", parameters(&[("VpcId", &network.vpc)])),
        3 => ("DeleteRouteTable", parameters(&[("RouteTableId", &table)])),
        4 | 5 => ("AssociateRouteTable", parameters(&[("RouteTableId", &table), ("SubnetId", &subnet)])),
        6 => ("DisassociateRouteTable", parameters(&[("AssociationId", &association?)])),
        _ => {
            let wanted = [("AssociationId", association?), ("RouteTableId", table)];
            ("ReplaceRouteTableAssociation", wanted.map(|(n, v)| (n.to_owned(), v)).into())
        }
    })
}

fn group(dice: &mut Dice, world: &World, network: &Network) -> Option<(&'static str, Parameters)> {
    let group = dice.one(world.security_groups.iter())?;
    let id = group.id.to_string();
    Some(match dice.below(10) {
        0 => {
            let name = format!("group {}", dice.below(1_000_000));
            let wanted = [("VpcId", network.vpc.as_str()), ("GroupName", &name), ("GroupDescription", "random")];
            ("CreateSecurityGroup", parameters(&wanted))
        }
        1 => ("DeleteSecurityGroup", parameters(&[("GroupId", &id)])),
        2 => {
            let programs = world.interfaces.iter().filter(|i| i.attachment == Attachment::Program);
            let program = dice.one(programs.map(|i| i.id.to_string()))?;
            let wanted = [("NetworkInterfaceId", program.as_str()), ("SecurityGroupId.1", &id)];
            ("ModifyNetworkInterfaceAttribute", parameters(&wanted))
        }
        3 | 4 => {
            let rule = dice.one(&group.rules)?;
            let action = match rule.rule.direction {
                Direction::Ingress => "RevokeSecurityGroupIngress",
                Direction::Egress => "RevokeSecurityGroupEgress",
            };
            (action, parameters(&[("GroupId", &id), ("SecurityGroupRuleId.1", &rule.id.to_string())]))
        }
        _ => {
            let mut wanted = parameters(&[("GroupId", &id)]);
            wanted.extend(match dice.below(3) {
                0 => parameters(&[("IpPermissions.1.IpProtocol", "-1")]),
                n => {
                    let (from, to) = if n == 1 { ("443", "443") } else { ("0", "65535") };
                    let ports = [("IpPermissions.1.FromPort", from), ("IpPermissions.1.ToPort", to)];
                    parameters(&[&[("IpPermissions.1.IpProtocol", "tcp")][..], &ports].concat())
                }
            });
            let other = dice.one(world.security_groups.iter().map(|g| g.id.to_string()))?;
            let blocks = ["0.0.0.0/0", "10.77.0.0/16", "10.77.1.0/24", "198.18.0.0/15"];
            wanted.extend(match dice.below(2) {
                0 => parameters(&[("IpPermissions.1.Groups.1.GroupId", &other)]),
                _ => parameters(&[("IpPermissions.1.IpRanges.1.CidrIp", dice.one(blocks)?)]),
            });
            let action = dice.one(["AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress"])?;
            (action, wanted)
        }
    })
}

fn new_endpoint(dice: &mut Dice, world: &World, network: &Network) -> Option<(&'static str, Parameters)> {
    let mut wanted = parameters(&[("VpcId", &network.vpc)]);
    if dice.below(3) == 0 {
        wanted.extend(parameters(&[("ServiceName", "com.amazonaws.us-east-1.s3")]));
        let table = dice.one(world.route_tables.iter().map(|t| t.id.to_string()))?;
        wanted.push(("RouteTableId.1".to_owned(), table));
        return Some(("CreateVpcEndpoint", wanted));
    }
    let service = dice.one(["com.amazonaws.us-east-1.secretsmanager", "com.amazonaws.us-east-1.s3"])?;
    wanted.extend(parameters(&[("ServiceName", service), ("VpcEndpointType", "Interface")]));
    let zones: BTreeSet<_> = world.subnets.iter().map(|s| s.zone).collect();
    let of_zone = |zone| world.subnets.iter().filter(move |s: &&Subnet| s.zone == zone).map(|s| s.id.clone());
    let subnets: Vec<SubnetId> = zones.into_iter().filter_map(|zone| dice.one(of_zone(zone))).collect();
    let count = 1 + dice.below(subnets.len().max(1));
    for (i, subnet) in subnets.iter().take(count).enumerate() {
        wanted.push((format!("SubnetId.{}", i + 1), subnet.to_string()));
    }
    let group = dice.one(world.security_groups.iter().map(|g| g.id.to_string()))?;
    wanted.push(("SecurityGroupId.1".to_owned(), group));
    wanted.extend(parameters(&[("PrivateDnsEnabled", dice.one(["true", "true", "false"])?)]));
    if service.ends_with("s3") {
        wanted.extend(parameters(&[("DnsOptions.PrivateDnsOnlyForInboundResolverEndpoint", "false")]));
    }
    Some(("CreateVpcEndpoint", wanted))
}

fn endpoint(dice: &mut Dice, world: &World) -> Option<(&'static str, Parameters)> {
    let endpoint: &Endpoint = dice.one(world.endpoints.iter())?;
    let id = endpoint.id.to_string();
    if dice.below(4) == 0 {
        return Some(("DeleteVpcEndpoints", parameters(&[("VpcEndpointId.1", &id)])));
    }
    let verb = dice.one(["Add", "Remove"])?;
    let (what, value) = match (endpoint.interface().is_some(), dice.below(3)) {
        (false, _) => ("RouteTableId", dice.one(world.route_tables.iter().map(|t| t.id.to_string()))?),
        (true, 0) => ("SubnetId", dice.one(world.subnets.iter().map(|s| s.id.to_string()))?),
        (true, 1) => ("SecurityGroupId", dice.one(world.security_groups.iter().map(|g| g.id.to_string()))?),
        (true, _) => {
            let value = dice.one(["true", "false"])?;
            let wanted = parameters(&[("VpcEndpointId", &id), ("PrivateDnsEnabled", value)]);
            return Some(("ModifyVpcEndpoint", wanted));
        }
    };
    Some(("ModifyVpcEndpoint", parameters(&[("VpcEndpointId", &id), (&format!("{verb}{what}.1"), &value)])))
}
