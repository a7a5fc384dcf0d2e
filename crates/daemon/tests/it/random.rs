//! Random changes over the API, and what programs that live through them reach: by the naive evaluator over the world that
//! the daemon has stored, before and after a crash.

mod calls;
mod dice;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::net::{IpAddr, Ipv4Addr};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use sidegate_model::{NetworkInterface, VpcEndpointId, World};

use self::calls::{Place, call};
use self::dice::Dice;
use crate::harness::{Daemon, Network, TIMED_OUT, need_root, text};
use crate::interfaces;
use crate::naive::{self, Answer, Flow, Outcome, TCP};
use crate::stored::world;

/// How many times the programs look around, and how many calls there are before each time.
const ROUNDS: usize = 12;
const CALLS: usize = 30;

/// What begins the row of calls if nobody says otherwise with `SIDEGATE_CALLS_SEED`. The same number gives the same calls.
const SEED: u64 = 10;

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
    let seed = std::env::var("SIDEGATE_CALLS_SEED").map_or(SEED, |text| text.parse().unwrap());
    let mut daemon = Daemon::start();
    let network = Network::build(&daemon);
    let place = Place::build(&daemon, &network);
    let mut dice = Dice::new(seed);
    let made_first = network.subnets.iter().chain(&network.tables).chain([&network.group]).chain(place.ids());
    made_first.for_each(|id| dice.remember(id.clone()));
    let [one, other] = &network.subnets;
    let places = [(one, &network.group), (other, &network.group), (&place.peer.subnet, &place.peer.group)];
    // Those of instances, since interfaces of other programs are not their account's to change.
    let mut programs = places.map(|(subnet, group)| {
        let program = Program::start(&daemon, subnet, group);
        dice.see(&world(&daemon));
        program
    });
    let (mut done, mut refused, mut met) = (BTreeSet::new(), BTreeMap::new(), Met::default());
    for round in 0..ROUNDS {
        for _ in 0..CALLS {
            let world = world(&daemon);
            dice.see(&world);
            let Some((action, parameters)) = call(&mut dice, &world, &place) else { continue };
            let parameters: Vec<_> = parameters.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            match daemon.ec2(action, &parameters) {
                Ok(_) => {
                    done.insert(action);
                }
                Err(error) => {
                    let code = text(&error, "Code").unwrap_or_else(|| panic!("{action}: {error}"));
                    assert!(code != "InternalError", "{action} {parameters:?}: {error}\n{}", daemon.log());
                    *refused.entry(format!("{action} {code}")).or_insert(0) += 1;
                }
            }
        }
        if round == ROUNDS / 2 {
            daemon.kill();
            daemon.run();
            assert_eq!(changes_of_last_start(&daemon), "changes=0 namespaces=0", "{}", daemon.log());
        }
        look_around(&daemon, &mut programs, &mut met);
    }
    eprintln!("{met:?}; done: {} kinds: {done:?}; refused: {refused:#?}", done.len());
    // Too few of a kind would show nothing: then another row of calls is to be chosen.
    if seed == SEED {
        let Met { endpoint, internet, refused, silence, .. } = met;
        assert!(endpoint > 30 && internet > 2 && refused > 30 && silence > 30 && done.len() > 30, "{met:?}, {done:?}");
    }
}

/// How often the programs met what.
#[derive(Debug, Default)]
struct Met {
    endpoint: usize,
    internet: usize,
    refused: usize,
    silence: usize,
    no_such_name: usize,
}

/// What the daemon says of its last start.
fn changes_of_last_start(daemon: &Daemon) -> String {
    let log = daemon.log();
    let line = log.lines().rfind(|line| line.contains("the stored networks are applied")).expect("a line in the log");
    line.split_once("applied ").map(|(_, told)| told.to_owned()).unwrap()
}

/// A program that lives in an instance and does what it is told.
struct Program {
    interface: String,
    address: Ipv4Addr,
    child: Child,
    input: Option<ChildStdin>,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Program {
    fn start(daemon: &Daemon, subnet: &str, group: &str) -> Self {
        let launch = [
            ("ImageId", "ami-51de6a7e"),
            ("MinCount", "1"),
            ("MaxCount", "1"),
            ("SubnetId", subnet),
            ("SecurityGroupId.1", group),
        ];
        let instance = daemon.make("RunInstances", &launch, "instanceId");
        interfaces::until(daemon, &instance, "running");
        let interface = interfaces::interface_of(daemon, &instance);
        let address = world(daemon).interfaces.iter().find(|i| i.id.to_string() == interface).unwrap().address;
        let script = format!("echo started\n{SCRIPT}");
        let mut command = daemon.command("exec");
        command.args([&instance, "--", "bash", "-c", &script]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert_eq!(lines.next().unwrap().unwrap(), "started");
        Self { interface, address, input: child.stdin.take(), child, lines }
    }

    fn interface<'a>(&self, world: &'a World) -> &'a NetworkInterface {
        let is_own = |i: &&NetworkInterface| i.id.to_string() == self.interface;
        world.interfaces.iter().find(is_own).expect("the interface of an instance that runs")
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
    /// An endpoint, which sees this address.
    Endpoint(VpcEndpointId, IpAddr),
    /// A service on the internet, which sees this address.
    Internet(IpAddr),
    /// Another program's system, where nobody listens.
    Refused,
    Silence,
    NoSuchName,
}

/// Lets all programs try everything, and compares.
fn look_around(daemon: &Daemon, programs: &mut [Program], met: &mut Met) {
    let world = world(daemon);
    let addresses: Vec<_> = programs.iter().flat_map(|program| program.interface(&world).addresses()).collect();
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
                    Wanted::Endpoint(..) | Wanted::Internet(_) => OK,
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
    for all in &expected {
        for (wanted, _) in all {
            *match wanted {
                Wanted::Endpoint(id, from) => {
                    should.push(format!("{from} by {id}"));
                    &mut met.endpoint
                }
                Wanted::Internet(public) => {
                    should.push(format!("{public} by the internet"));
                    &mut met.internet
                }
                Wanted::Silence => &mut met.silence,
                Wanted::Refused => &mut met.refused,
                Wanted::NoSuchName => &mut met.no_such_name,
            } += 1;
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
}

/// The requests that came from programs: their ids, and from where and by which way.
fn served(daemon: &Daemon) -> Vec<(String, String)> {
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let told = |event: &serde_json::Value| {
        let path = &event["path"];
        let source = text(&path["source"]);
        let way = match path["endpoint"].as_str() {
            Some(endpoint) => endpoint,
            // The test's own calls come from this machine.
            None if source.parse::<IpAddr>().unwrap().is_loopback() => return None,
            None => "the internet",
        };
        Some((text(&event["request_id"]), format!("{source} by {way}")))
    };
    daemon.events().iter().filter_map(told).collect()
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
        Outcome::Endpoint(id, from) => Wanted::Endpoint(id.clone(), *from),
        Outcome::Interface(_) => Wanted::Refused,
        Outcome::Internet(public) => Wanted::Internet(*public),
        Outcome::Refused => Wanted::Silence,
        other => panic!("{host}: {other:?}"),
    })
}
