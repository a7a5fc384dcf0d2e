//! What keeps networks, programs and the host apart.

use std::time::{Duration, Instant};

use crate::harness::{Daemon, Network, TIMED_OUT, need_root, texts};

fn sh(daemon: &Daemon, subnet: &str, group: &str, script: &str) -> (Option<i32>, String) {
    let output = daemon.exec(subnet, &[group], &["sh", "-c", script]).output().unwrap();
    let (out, err) = texts(&output);
    (output.status.code(), format!("{out}{err}"))
}

// enforces: ec2:CreateVpc (positive)
// enforces: ec2:CreateVpc (negative)
// enforces: ec2:CreateSubnet (positive)
// enforces: ec2:CreateSubnet (negative)
#[test]
fn two_vpcs_with_the_same_block_never_meet() {
    need_root!();
    let daemon = Daemon::start();
    let (first, second) = (Network::build(&daemon), Network::build(&daemon));
    for network in [&first, &second] {
        let rule = [
            ("GroupId", network.group.as_str()),
            ("IpPermissions.1.IpProtocol", "-1"),
            ("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0"),
        ];
        daemon.ec2("AuthorizeSecurityGroupIngress", &rule).unwrap();
    }
    let serve = r#"
import http.server, socketserver, sys
class Named(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(sys.argv[1].encode())
    def log_message(self, *a): pass
print("ready", flush=True)
http.server.ThreadingHTTPServer(("0.0.0.0", 8080), Named).serve_forever()
"#;
    let run = |network: &Network, name: &str| -> (std::process::Child, String) {
        use std::io::BufRead as _;
        let address = "import socket; s=socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect(('10.77.0.2', 53)); print(s.getsockname()[0], flush=True)";
        let script = format!("{address}\n{serve}");
        let mut command =
            daemon.exec(&network.subnets[0], &[&network.group], &["/usr/bin/python3", "-c", &script, name]);
        let mut child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
        let mut lines = std::io::BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines.next().unwrap().unwrap();
        assert_eq!(lines.next().unwrap().unwrap(), "ready");
        (child, address)
    };
    let (mut a, at_a) = run(&first, "first");
    let (mut b, at_b) = run(&second, "second");
    assert_eq!(at_a, at_b, "both have the first free address of the same block");
    for (network, name) in [(&first, "first"), (&second, "second")] {
        let (_, said) = sh(&daemon, &network.subnets[1], &network.group, &format!("curl -sS -m 5 http://{at_a}:8080/"));
        assert_eq!(said, name);
    }
    // SIGTERM goes through to the program inside.
    for child in [&mut a, &mut b] {
        let id = child.id().to_string();
        std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap();
        child.wait().unwrap();
    }
    let (_, gone) = sh(&daemon, &first.subnets[1], &first.group, &format!("curl -sS -m 2 http://{at_a}:8080/"));
    assert!(gone.contains("timed out") || gone.contains("Timeout"), "{gone}");
}

#[test]
fn a_forged_host_or_name_reaches_no_other_service() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.s3_gateway(&daemon, &[&network.tables[0]]);
    let [inside, _] = &network.subnets;
    // The Host of another service, on a connection to S3.
    let (_, said) = sh(
        &daemon,
        inside,
        &network.group,
        "curl -sS -m 5 -o /dev/null -w '%{http_code}' -H 'Host: secretsmanager.us-east-1.amazonaws.com' https://s3.us-east-1.amazonaws.com/",
    );
    assert_eq!(said, "421");
    // The name of another service in the handshake, to S3's address.
    let (code, said) = sh(
        &daemon,
        inside,
        &network.group,
        "address=$(getent ahostsv4 s3.us-east-1.amazonaws.com | head -n 1 | cut -d' ' -f1); curl -sS -m 5 --resolve secretsmanager.us-east-1.amazonaws.com:443:$address https://secretsmanager.us-east-1.amazonaws.com/",
    );
    assert!(matches!(code, Some(35 | 60)), "the handshake fails: {code:?} {said}");
    // The address of another service, where only S3's prefixes are routed.
    let (code, said) =
        sh(&daemon, inside, &network.group, "curl -sS -m 2 https://secretsmanager.us-east-1.amazonaws.com/");
    assert_eq!(code, Some(TIMED_OUT), "{said}");
    // The API's own port on the host is nowhere.
    let (code, said) = sh(&daemon, inside, &network.group, &format!("curl -sS -m 2 http://{}/", daemon.api));
    assert_eq!(code, Some(7), "{said}");
}

#[test]
fn a_program_inside_sees_no_other_namespace_and_cannot_change_the_host() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    let state = daemon.state();
    let script = format!(
        r#"
ls /run/netns 2>/dev/null | wc -l
ls {state} 2>/dev/null | wc -l
(ip netns list; nsenter --net=/proc/1/ns/net true; unshare --net true) >/dev/null 2>&1 && echo entered || echo refused
touch /etc/sidegate-was-here 2>/dev/null && echo wrote || echo read-only
touch here && echo writable
ls /proc | grep -c '^[0-9]'
test -S /var/run/docker.sock -o -S /run/systemd/resolve/io.systemd.Resolve && echo sockets || echo none
cat /proc/net/dev | grep -c eth0
"#,
        state = state.display()
    );
    let (_, said) = sh(&daemon, &network.subnets[0], &network.group, &script);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(&lines[..5], ["0", "0", "refused", "read-only", "writable"], "{said}");
    assert!(lines[5].parse::<u32>().unwrap() < 12, "it sees its own processes only: {said}");
    assert_eq!(&lines[6..], ["none", "1"], "{said}");
    assert!(daemon.work().join("here").exists() && !std::path::Path::new("/etc/sidegate-was-here").exists());
}

#[test]
fn exec_passes_input_arguments_and_exit_status_and_says_what_is_wrong() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    let mut command = daemon.exec(&network.subnets[0], &[], &["sh", "-c", "cat; exit 7"]);
    command.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
    let mut child = command.spawn().unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), b"through").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((texts(&output).0.as_str(), output.status.code()), ("through", Some(7)));

    let unknown = daemon.exec("subnet-0123456789abcdef0", &[], &["true"]).output().unwrap();
    assert!(texts(&unknown).1.contains("subnet-0123456789abcdef0"), "{unknown:?}");
    assert_ne!(unknown.status.code(), Some(0));
    let missing = daemon.exec(&network.subnets[0], &[], &["no-such-program-here"]).output().unwrap();
    assert!(texts(&missing).1.contains("no-such-program-here"), "{missing:?}");
    assert_eq!(missing.status.code(), Some(127));
    let left = daemon.ec2("DescribeNetworkInterfaces", &[]).unwrap();
    assert!(!left.contains("<networkInterfaceId>"), "interfaces go with their programs: {left}");
}

// enforces: ec2:RunInstances (positive)
// enforces: ec2:TerminateInstances (negative)
#[test]
fn an_instance_runs_its_user_data_knows_itself_and_ends() {
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    let user_data = r#"#!/bin/sh
token=$(curl -sS -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token)
curl -sS -H "X-aws-ec2-metadata-token: $token" http://169.254.169.254/latest/dynamic/instance-identity/document > /root/document
touch /etc/instance-was-here
"#;
    use base64::Engine as _;
    let user_data = base64::engine::general_purpose::STANDARD.encode(user_data);
    let wanted = [
        ("ImageId", "ami-51de6a7e"),
        ("MinCount", "1"),
        ("MaxCount", "1"),
        ("SubnetId", &network.subnets[0]),
        ("SecurityGroupId.1", &network.group),
        ("UserData", &user_data),
    ];
    let instance = daemon.make("RunInstances", &wanted, "instanceId");
    let state = |wanted: &str| {
        let limit = std::time::Instant::now() + std::time::Duration::from_secs(30);
        loop {
            let described = daemon.ec2("DescribeInstances", &[("InstanceId.1", &instance)]).unwrap();
            if described.contains(&format!("<name>{wanted}</name>")) {
                return;
            }
            assert!(std::time::Instant::now() < limit, "{wanted}: {described}\n{}", daemon.log());
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
    };
    state("running");
    let inside = |script: &str| {
        let mut command = daemon.command("exec");
        command.arg(&instance).args(["--", "sh", "-c", script]);
        texts(&command.output().unwrap()).0
    };
    let document =
        inside("for i in $(seq 50); do test -s /root/document && break; sleep 0.1; done; cat /root/document");
    let document: serde_json::Value = serde_json::from_str(&document).unwrap_or_else(|e| panic!("{e}: {document}"));
    assert_eq!(
        (document["instanceId"].as_str(), document["region"].as_str()),
        (Some(instance.as_str()), Some("us-east-1"))
    );
    assert_eq!(inside("ls /etc/instance-was-here"), "/etc/instance-was-here\n");
    assert!(!std::path::Path::new("/etc/instance-was-here").exists(), "user data never writes to the host");
    // Programs of the caller's PATH are found where they lie, after the instance's own.
    let bin = tempfile::Builder::new().prefix("sidegate-it-bin-").tempdir_in("/var/lib").unwrap();
    for name in ["callers-program", "ls"] {
        std::fs::write(bin.path().join(name), "#!/bin/sh\necho the caller\n").unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(bin.path().join(name), mode).unwrap();
    }
    let mut command = daemon.command("exec");
    command.env("PATH", format!("{}:{}", bin.path().display(), std::env::var("PATH").unwrap()));
    let (out, err) =
        texts(&command.arg(&instance).args(["--", "sh", "-c", "callers-program; ls /etc/hostname"]).output().unwrap());
    assert_eq!(out, "the caller\n/etc/hostname\n", "{err}");
    daemon.ec2("TerminateInstances", &[("InstanceId.1", &instance)]).unwrap();
    state("terminated");
    let interfaces = daemon.ec2("DescribeNetworkInterfaces", &[]).unwrap();
    assert!(!interfaces.contains("<networkInterfaceId>"), "{interfaces}");
    // With nothing of it left, the network can go.
    for subnet in &network.subnets {
        daemon.ec2("DeleteSubnet", &[("SubnetId", subnet)]).unwrap();
    }
}

#[test]
fn who_stops_exec_stops_its_program_and_who_continues_it_continues_both() {
    use std::os::unix::process::CommandExt as _;
    need_root!();
    let daemon = Daemon::start();
    let network = Network::build(&daemon);
    let count = daemon.work().join("count");
    let script = "i=0; while :; do i=$((i+1)); echo $i >> count; sleep 0.05; done";
    let mut command = daemon.exec(&network.subnets[0], &[], &["sh", "-c", script]);
    // In a group of its own with a parent outside, as a shell's job: others cannot be stopped so.
    let mut child = command.process_group(0).spawn().unwrap();
    let tell = |signal: &str, pid: u32| {
        let told = std::process::Command::new("sh").args(["-c", &format!("kill -{signal} {pid}")]).status().unwrap();
        assert!(told.success());
    };
    let pid = child.id();
    let lines = || std::fs::read_to_string(&count).unwrap_or_default().lines().count();
    let grows = |patience: Duration| {
        let (before, limit) = (lines(), Instant::now() + patience);
        while Instant::now() < limit {
            if lines() > before + 1 {
                return true;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        false
    };
    assert!(grows(Duration::from_secs(20)), "it runs");
    tell("TSTP", pid);
    std::thread::sleep(Duration::from_millis(300));
    assert!(!grows(Duration::from_millis(500)), "it has stopped");
    tell("CONT", pid);
    assert!(grows(Duration::from_secs(10)), "it goes on");
    tell("TERM", pid);
    assert_eq!(child.wait().unwrap().code(), Some(143));
}
