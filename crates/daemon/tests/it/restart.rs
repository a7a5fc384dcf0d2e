//! Crashes and restarts.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::harness::{Daemon, Network, need_root, texts};

#[test]
fn a_crash_during_a_burst_of_changes_loses_nothing_that_was_acknowledged() {
    need_root!();
    let mut daemon = Daemon::start();
    let network = Network::build(&daemon);
    let api = daemon.api.clone();
    let (made, stop) = (Mutex::new(Vec::new()), AtomicBool::new(false));
    let secrets = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for i in 0.. {
                let name = format!("burst-{i}");
                let wanted = [("VpcId", network.vpc.as_str()), ("GroupName", &name), ("GroupDescription", "burst")];
                match crate::http::ec2(&api, "CreateSecurityGroup", &wanted) {
                    Ok(_) => made.lock().unwrap().push(name),
                    Err(_) if stop.load(Ordering::Relaxed) => break,
                    Err(error) => panic!("{error}"),
                }
            }
        });
        scope.spawn(|| {
            for i in 0.. {
                let name = format!("secret-{i}");
                let body = format!(r#"{{"Name":"{name}","SecretString":"{name}"}}"#);
                let headers =
                    [("x-amz-target", "secretsmanager.CreateSecret"), ("content-type", "application/x-amz-json-1.1")];
                match crate::http::call(&api, "secretsmanager", "POST", "/", &headers, body.as_bytes()) {
                    Ok(_) => secrets.lock().unwrap().push(name),
                    Err(_) if stop.load(Ordering::Relaxed) => break,
                    Err(error) => panic!("{error}"),
                }
            }
        });
        let limit = Instant::now() + Duration::from_secs(20);
        while made.lock().unwrap().len() < 20 || secrets.lock().unwrap().len() < 20 {
            assert!(Instant::now() < limit);
            std::thread::sleep(Duration::from_millis(5));
        }
        stop.store(true, Ordering::Relaxed);
        daemon.kill();
    });
    daemon.run();
    let groups = daemon.ec2("DescribeSecurityGroups", &[]).unwrap();
    for name in made.lock().unwrap().iter() {
        assert!(groups.contains(&format!("<groupName>{name}</groupName>")), "{name} is lost");
    }
    let last = secrets.lock().unwrap().last().unwrap().clone();
    let headers = [("x-amz-target", "secretsmanager.GetSecretValue"), ("content-type", "application/x-amz-json-1.1")];
    for name in [secrets.lock().unwrap()[0].clone(), last] {
        let body = format!(r#"{{"SecretId":"{name}"}}"#);
        let value = crate::http::call(&daemon.api, "secretsmanager", "POST", "/", &headers, body.as_bytes()).unwrap();
        assert!(value.contains(&format!(r#""SecretString":"{name}""#)), "{value}");
    }
}

#[test]
fn programs_inside_outlive_a_crash_of_the_daemon_with_their_network() {
    need_root!();
    let mut daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.s3_gateway(&daemon, &[&network.tables[0]]);
    let script = r#"
echo started
while read line; do
  case $line in
    ask) curl -sS -o /dev/null -m 5 -w '%{http_code}\n' https://s3.us-east-1.amazonaws.com/ || echo failed;;
    *) exit 3;;
  esac
done
"#;
    use std::io::{BufRead as _, Write as _};
    let mut command = daemon.exec(&network.subnets[0], &[&network.group], &["sh", "-c", script]);
    let mut child = command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut lines = std::io::BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || lines.next().unwrap().unwrap();
    assert_eq!(next(), "started");
    input.write_all(b"ask\n").unwrap();
    assert_eq!(next(), "403", "an anonymous request is answered");
    daemon.kill();
    daemon.run();
    input.write_all(b"ask\n").unwrap();
    assert_eq!(next(), "403", "after the restart the same program is served again\n{}", daemon.log());
    let interfaces = daemon.ec2("DescribeNetworkInterfaces", &[]).unwrap();
    assert_eq!(interfaces.matches("<networkInterfaceId>").count(), 1, "{interfaces}");
    input.write_all(b"end\n").unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(3));
    let limit = Instant::now() + Duration::from_secs(10);
    while daemon.ec2("DescribeNetworkInterfaces", &[]).unwrap().contains("<networkInterfaceId>") {
        assert!(Instant::now() < limit, "the interface of an ended program goes");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn two_daemons_with_different_state_directories_do_not_disturb_each_other() {
    need_root!();
    let first = Daemon::start();
    let network = Network::build(&first);
    network.s3_gateway(&first, &[&network.tables[0]]);
    {
        let second = Daemon::start();
        let other = Network::build(&second);
        let vpcs = second.ec2("DescribeVpcs", &[]).unwrap();
        assert!(vpcs.contains(&other.vpc) && !vpcs.contains(&network.vpc), "{vpcs}");
        second.inside(&other.subnets[0], &[&other.group], &["true"]);
    }
    let ask = "curl -sS -o /dev/null -m 5 -w '%{http_code}' https://s3.us-east-1.amazonaws.com/";
    assert_eq!(first.inside(&network.subnets[0], &[&network.group], &["sh", "-c", ask]), "403");
}

#[test]
fn a_second_daemon_on_the_same_state_is_refused_and_says_why() {
    need_root!();
    let daemon = Daemon::start();
    let output = daemon.command("up").args(["--listen", "127.0.0.1:0"]).output().unwrap();
    assert!(!output.status.success());
    assert!(texts(&output).1.contains("a daemon runs on the state directory"), "{}", texts(&output).1);
    let address = daemon.api.clone();
    let mut taken = crate::harness::sidegate();
    let state = daemon.work().join("other-state");
    let output = taken.args(["up", "--listen", &address, "--state"]).arg(&state).output().unwrap();
    assert!(!output.status.success() && texts(&output).1.contains(&address), "{}", texts(&output).1);
}

#[test]
fn a_killed_holder_is_replaced_and_new_programs_have_their_network() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.s3_gateway(&daemon, &[&network.tables[0]]);
    let ask = "curl -sS -o /dev/null -m 5 -w '%{http_code}' https://s3.us-east-1.amazonaws.com/";
    assert_eq!(daemon.inside(&network.subnets[0], &[&network.group], &["sh", "-c", ask]), "403");
    kill_holder(&daemon);
    let limit = Instant::now() + Duration::from_secs(20);
    loop {
        let output = daemon.exec(&network.subnets[0], &[&network.group], &["sh", "-c", ask]).output().unwrap();
        if texts(&output).0 == "403" {
            break;
        }
        assert!(Instant::now() < limit, "{:?}\n{}", texts(&output), daemon.log());
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_deleted_vpc_leaves_no_namespace_behind() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    daemon.inside(&network.subnets[0], &[&network.group], &["true"]);
    let namespaces =
        || sidegate_linux::holder::Client::new(&sidegate_linux::holder::socket_path(&daemon.state())).list().unwrap();
    let limit = Instant::now() + Duration::from_secs(10);
    // The emulated internet is there as long as the daemon.
    while namespaces() != [sidegate_linux::dataplane::INTERNET] {
        assert!(Instant::now() < limit, "a VPC without programs needs no namespace: {:?}", namespaces());
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The holders of a state directory.
fn holders(daemon: &Daemon) -> Vec<String> {
    let socket = daemon.state().join("holder.sock");
    let entries = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let is_holder = |entry: &std::fs::DirEntry| {
        let line = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        line.split(|b| *b == 0).any(|word| word == socket.as_os_str().as_encoded_bytes())
    };
    entries.filter(is_holder).map(|entry| entry.file_name().into_string().unwrap()).collect()
}

fn kill_holder(daemon: &Daemon) {
    let holders = holders(daemon);
    assert_eq!(holders.len(), 1, "{holders:?}");
    assert!(std::process::Command::new("kill").args(["-KILL", &holders[0]]).status().unwrap().success());
}

/// A program that asks S3 whenever it is told to, and says what came of it.
struct Asker {
    child: std::process::Child,
    input: std::process::ChildStdin,
    lines: std::io::Lines<std::io::BufReader<std::process::ChildStdout>>,
}

impl Asker {
    fn start(daemon: &Daemon, network: &Network) -> Self {
        use std::io::BufRead as _;
        let script = r#"
while read line; do
  curl -sS -o /dev/null -m 5 -w '%{http_code}\n' https://s3.us-east-1.amazonaws.com/ || ip address
done
"#;
        let mut command = daemon.exec(&network.subnets[0], &[&network.group], &["sh", "-c", script]);
        let piped = std::process::Stdio::piped;
        let mut child = command.stdin(piped()).stdout(piped()).spawn().unwrap();
        let lines = std::io::BufReader::new(child.stdout.take().unwrap()).lines();
        Self { input: child.stdin.take().unwrap(), lines, child }
    }

    fn ask(&mut self) -> String {
        use std::io::Write as _;
        self.input.write_all(b"ask\n").unwrap();
        self.lines.next().unwrap().unwrap()
    }

    fn end(mut self) {
        drop(self.input);
        assert!(self.child.wait().unwrap().success());
    }
}

#[test]
fn a_holder_that_dies_takes_no_network_from_what_runs_nor_from_what_starts_next() {
    need_root!();
    let mut daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.s3_gateway(&daemon, &[&network.tables[0]]);
    let launch = [("ImageId", "ami-51de6a7e"), ("MinCount", "1"), ("MaxCount", "1"), ("SubnetId", &network.subnets[0])];
    let launch = [&launch[..], &[("SecurityGroupId.1", &network.group)]].concat();
    let instance = daemon.make("RunInstances", &launch, "instanceId");
    let in_instance = |daemon: &Daemon| {
        let ask = "ip -br address show eth0; cat /proc/net/route | wc -l";
        texts(&daemon.command("exec").args([&instance, "--", "sh", "-c", ask]).output().unwrap()).0
    };
    let limit = Instant::now() + Duration::from_secs(20);
    while !in_instance(&daemon).contains("10.77.1.") {
        assert!(Instant::now() < limit, "{}", daemon.log());
        std::thread::sleep(Duration::from_millis(100));
    }
    let mut asker = Asker::start(&daemon, &network);
    assert_eq!(asker.ask(), "403");

    // The holder alone, and the next change comes at once.
    kill_holder(&daemon);
    let other = daemon.exec(&network.subnets[1], &[&network.group], &["true"]).output().unwrap();
    assert!(other.status.success(), "{}\n{}", texts(&other).1, daemon.log());
    assert_eq!(asker.ask(), "403", "{}", daemon.log());
    assert!(in_instance(&daemon).contains("10.77.1."), "{}", daemon.log());

    // The holder alone, and nobody asks for anything until another has come.
    kill_holder(&daemon);
    let limit = Instant::now() + Duration::from_secs(20);
    while holders(&daemon).is_empty() {
        assert!(Instant::now() < limit, "{}", daemon.log());
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(asker.ask(), "403", "{}", daemon.log());
    daemon.inside(&network.subnets[1], &[&network.group], &["true"]);

    // Both, so that nobody has the namespace of the VPC any more.
    daemon.kill();
    kill_holder(&daemon);
    daemon.run();
    assert_eq!(asker.ask(), "403", "{}", daemon.log());
    assert!(in_instance(&daemon).contains("10.77.1."), "{}", daemon.log());
    asker.end();
}
