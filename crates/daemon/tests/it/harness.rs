//! A daemon of a test's own, and real clients of it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

pub(crate) const ACCESS_KEY: &str = "AKIASIDEGATETESTS000";
pub(crate) const SECRET_KEY: &str = "a-secret-that-only-the-tests-know";

/// The exit status of a curl whose connection was not answered in time.
pub(crate) const TIMED_OUT: i32 = 28;

/// Skips a test, loudly, where it cannot run.
macro_rules! need_root {
    () => {
        if !crate::harness::is_root() {
            eprintln!("SKIPPED: {} needs root", module_path!());
            return;
        }
    };
}
pub(crate) use need_root;

pub(crate) fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata("/proc/self").is_ok_and(|meta| meta.uid() == 0)
}

/// Starts a program that says its addresses first, as `hostname -I` does, and reads them. It may be told things, and
/// goes on until its input ends or the test ends it.
pub(crate) fn announced(mut command: Command) -> (Child, String) {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut addresses = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut addresses).unwrap();
    (child, addresses.trim().to_owned())
}

/// The program under test.
pub(crate) fn sidegate() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sidegate"));
    command.stdin(Stdio::null());
    command
}

/// A running daemon with a state directory of its own. Dropping it ends it, and everything inside, and removes the
/// state.
pub(crate) struct Daemon {
    directory: PathBuf,
    child: Option<Child>,
    pub(crate) api: String,
}

impl Daemon {
    pub(crate) fn start() -> Self {
        Self::configured("")
    }

    /// One with this configuration file.
    pub(crate) fn configured(config: &str) -> Self {
        Self::prepared(config, |_| {})
    }

    /// One that finds in its state directory what is put there first.
    pub(crate) fn prepared(config: &str, prepare: impl FnOnce(&Path)) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let directory = std::env::temp_dir().join(format!("sidegate-it-{}-{number}", std::process::id()));
        fs::create_dir_all(directory.join("work")).unwrap();
        fs::write(directory.join("sidegate.toml"), config).unwrap();
        let mut daemon = Self { directory, child: None, api: String::new() };
        fs::DirBuilder::new().mode(0o700).create(daemon.state()).unwrap();
        prepare(&daemon.state());
        daemon.run();
        daemon
    }

    /// Runs the daemon on its state, and waits until it serves.
    pub(crate) fn run(&mut self) {
        let note = self.state().join("daemon.json");
        let _ = fs::remove_file(&note);
        let log = fs::File::options().create(true).append(true).open(self.directory.join("log")).unwrap();
        let mut command = sidegate();
        command.args(["up", "--listen", "127.0.0.1:0", "--region", "us-east-1", "--state"]).arg(self.state());
        command.arg("--config").arg(self.directory.join("sidegate.toml"));
        command.env("SIDEGATE_ACCESS_KEY_ID", ACCESS_KEY).env("SIDEGATE_SECRET_ACCESS_KEY", SECRET_KEY);
        command.stdout(log.try_clone().unwrap()).stderr(log);
        self.child = Some(command.spawn().unwrap());
        let limit = Instant::now() + Duration::from_secs(30);
        loop {
            let text = fs::read(&note).unwrap_or_default();
            if let Ok(note) = serde_json::from_slice::<Value>(&text) {
                self.api = note["api"].as_str().unwrap().to_owned();
                return;
            }
            let ended = self.child.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none(), "the daemon ended: {ended:?}\n{}", self.log());
            assert!(Instant::now() < limit, "the daemon does not serve\n{}", self.log());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.directory.join("log")).unwrap_or_default()
    }

    pub(crate) fn state(&self) -> PathBuf {
        self.directory.join("state")
    }

    /// A directory that programs inside may write to: they start there.
    pub(crate) fn work(&self) -> PathBuf {
        self.directory.join("work")
    }

    /// Kills the daemon as a crash would.
    pub(crate) fn kill(&mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Waits until the daemon has ended by itself.
    pub(crate) fn wait(&mut self) {
        self.child.take().unwrap().wait().unwrap();
    }

    /// One of the program's own commands on this state directory.
    pub(crate) fn command(&self, subcommand: &str) -> Command {
        let mut command = sidegate();
        command.arg(subcommand).arg("--state").arg(self.state());
        command.current_dir(self.work());
        command
    }

    /// A program inside a subnet.
    pub(crate) fn exec(&self, subnet: &str, groups: &[&str], program: &[&str]) -> Command {
        let mut command = self.command("exec");
        command.args(["--subnet", subnet]);
        command.args(shown_clients());
        for group in groups {
            command.args(["--security-group", group]);
        }
        command.arg("--").args(program);
        command
    }

    /// A program inside a subnet that must end well: what it printed.
    pub(crate) fn inside(&self, subnet: &str, groups: &[&str], program: &[&str]) -> String {
        let output = self.exec(subnet, groups, program).output().unwrap();
        let (out, err) = texts(&output);
        assert!(output.status.success(), "{program:?} ended with {}\n{out}\n{err}\n{}", output.status, self.log());
        out
    }

    /// A client on the host, which is led here as the administrator.
    pub(crate) fn client(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        clean(&mut command);
        command.args(arguments).env("AWS_ENDPOINT_URL", format!("http://{}", self.api));
        command.env("AWS_ACCESS_KEY_ID", ACCESS_KEY).env("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
        command.stdin(Stdio::null()).current_dir(self.work());
        command
    }

    /// Checks that S3 and Secrets Manager answer a program, which is anonymous.
    pub(crate) fn reaches_both(&self, subnet: &str, group: &str) {
        let ask = "for h in s3 secretsmanager; do curl -sS -o /dev/null -m 5 -w '%{http_code} ' https://$h.us-east-1.amazonaws.com/; done";
        let answers = self.inside(subnet, &[group], &["sh", "-c", ask]);
        assert_eq!(answers.split(' ').filter(|code| code.starts_with('4')).count(), 2, "{answers}");
    }

    /// The AWS CLI on the host.
    pub(crate) fn aws(&self, arguments: &[&str]) -> Output {
        let mut command = self.client(&tool("aws"), arguments);
        command.env("AWS_DEFAULT_REGION", "us-east-1").env("AWS_PAGER", "").output().unwrap()
    }

    /// A call of the AWS CLI that must succeed: its JSON.
    pub(crate) fn aws_ok(&self, arguments: &[&str]) -> Value {
        let output = self.aws(arguments);
        let (out, err) = texts(&output);
        assert!(output.status.success(), "aws {arguments:?}: {err}\n{}", self.log());
        if out.trim().is_empty() { Value::Null } else { serde_json::from_str(&out).unwrap_or(Value::String(out)) }
    }

    /// Calls EC2's API without a client's start-up time: parameters as they stand on the wire.
    pub(crate) fn ec2(&self, action: &str, parameters: &[(&str, &str)]) -> Result<String, String> {
        crate::http::ec2(&self.api, action, parameters)
    }

    /// The access key of another account.
    pub(crate) fn key_of(&self, account: &str) -> (String, String) {
        let output = self.command("env").args(["--account", account]).output().unwrap();
        let (out, err) = texts(&output);
        assert!(output.status.success(), "{err}");
        let value = |name: &str| {
            let line = out.lines().find_map(|line| line.strip_prefix(&format!("export {name}=")));
            line.unwrap_or_else(|| panic!("no {name} in {out}")).to_owned()
        };
        (value("AWS_ACCESS_KEY_ID"), value("AWS_SECRET_ACCESS_KEY"))
    }

    /// Calls EC2's API and returns one element of the answer.
    pub(crate) fn make(&self, action: &str, parameters: &[(&str, &str)], element: &str) -> String {
        let answer = self.ec2(action, parameters).unwrap_or_else(|e| panic!("{action}: {e}\n{}", self.log()));
        text(&answer, element).unwrap_or_else(|| panic!("{action}: no {element} in {answer}")).to_owned()
    }

    /// The events so far, oldest first.
    pub(crate) fn events(&self) -> Vec<Value> {
        let output = self.command("events").args(["--json", "--last", "4096"]).output().unwrap();
        assert!(output.status.success(), "{}", texts(&output).1);
        texts(&output).0.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let down = self.command("down").output();
        if let Some(mut child) = self.child.take() {
            let limit = Instant::now() + Duration::from_secs(15);
            while child.try_wait().is_ok_and(|s| s.is_none()) {
                if Instant::now() > limit {
                    let _ = child.kill();
                    let _ = child.wait();
                    break;
                }
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        if std::thread::panicking() {
            eprintln!("daemon's log:\n{}\ndown: {down:?}", self.log());
        }
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// The standard network of these tests: two subnets in two zones, one route table with both.
pub(crate) struct Network {
    pub(crate) vpc: String,
    pub(crate) subnets: [String; 2],
    pub(crate) tables: [String; 2],
    pub(crate) group: String,
}

impl Network {
    /// A VPC whose `10.77.1.0/24` and `10.77.2.0/24` are subnets in the first two zones, each with a route table of its
    /// own, and a group that lets everything out.
    pub(crate) fn build(daemon: &Daemon) -> Self {
        let vpc = daemon.make("CreateVpc", &[("CidrBlock", "10.77.0.0/16")], "vpcId");
        daemon.ec2("ModifyVpcAttribute", &[("VpcId", &vpc), ("EnableDnsHostnames.Value", "true")]).unwrap();
        let part = |zone: &str, block: &str| {
            let wanted = [("VpcId", vpc.as_str()), ("CidrBlock", block), ("AvailabilityZone", zone)];
            let subnet = daemon.make("CreateSubnet", &wanted, "subnetId");
            let table = daemon.make("CreateRouteTable", &[("VpcId", &vpc)], "routeTableId");
            daemon.ec2("AssociateRouteTable", &[("RouteTableId", &table), ("SubnetId", &subnet)]).unwrap();
            (subnet, table)
        };
        let (a, ta) = part("us-east-1a", "10.77.1.0/24");
        let (b, tb) = part("us-east-1b", "10.77.2.0/24");
        let group = [("VpcId", vpc.as_str()), ("GroupName", "programs"), ("GroupDescription", "programs")];
        let group = daemon.make("CreateSecurityGroup", &group, "groupId");
        Self { vpc, subnets: [a, b], tables: [ta, tb], group }
    }

    /// Lets everything of the VPC into the group of the programs, and of what else has it.
    pub(crate) fn open(&self, daemon: &Daemon) {
        let rule = [
            ("GroupId", self.group.as_str()),
            ("IpPermissions.1.IpProtocol", "-1"),
            ("IpPermissions.1.IpRanges.1.CidrIp", "10.77.0.0/16"),
        ];
        daemon.ec2("AuthorizeSecurityGroupIngress", &rule).unwrap();
    }

    /// A gateway endpoint for S3 on these route tables.
    pub(crate) fn s3_gateway(&self, daemon: &Daemon, tables: &[&str]) -> String {
        let service = "com.amazonaws.us-east-1.s3";
        let mut wanted = vec![("VpcId".to_owned(), self.vpc.clone()), ("ServiceName".to_owned(), service.to_owned())];
        for (i, table) in tables.iter().enumerate() {
            wanted.push((format!("RouteTableId.{}", i + 1), (*table).to_owned()));
        }
        let wanted: Vec<(&str, &str)> = wanted.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        daemon.make("CreateVpcEndpoint", &wanted, "vpcEndpointId")
    }
}

/// The text of the first element of this name.
pub(crate) fn text<'a>(document: &'a str, element: &str) -> Option<&'a str> {
    let (_, rest) = document.split_once(&format!("<{element}>"))?;
    rest.split_once(&format!("</{element}>")).map(|(text, _)| text)
}

pub(crate) fn texts(output: &Output) -> (String, String) {
    (String::from_utf8_lossy(&output.stdout).into_owned(), String::from_utf8_lossy(&output.stderr).into_owned())
}

/// What shows the clients to a program in a subnet. In a checkout below /tmp, which programs inside have one of their own
/// of, they would not be there.
pub(crate) fn shown_clients() -> Vec<std::ffi::OsString> {
    if clients_are_hidden() { vec!["--writable".into(), own_clients().into()] } else { Vec::new() }
}

/// Whether an instance, which has a /tmp of its own, does not see the clients.
pub(crate) fn clients_are_hidden() -> bool {
    own_clients().starts_with("/tmp")
}

/// Whether the demo, which wants them, would find no clients that an instance sees. Says so.
pub(crate) fn clients_are_lacking() -> bool {
    let are_lacking = clients_are_hidden() || !own_clients().join("bin/aws").exists();
    if are_lacking {
        eprintln!("SKIPPED: the demo needs the AWS clients in .venv, in a checkout that is not below /tmp");
    }
    are_lacking
}

/// The project's own environment of client programs, which may not exist.
fn own_clients() -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.venv");
    path.canonicalize().unwrap_or_default()
}

/// A client program: from the project's own environment if there is one, else whatever the machine has.
pub(crate) fn tool(name: &str) -> PathBuf {
    // Not by the real name of a link: that is how Python knows to which environment it belongs.
    let own = own_clients().join("bin").join(name);
    if own.is_absolute() && own.exists() {
        return own;
    }
    // A version manager's shim needs the caller's home, which a program inside has not.
    let shim = Command::new("sh").args(["-c", "pyenv which \"$0\" 2>/dev/null || command -v \"$0\"", name]).output();
    let found = shim.map(|o| String::from_utf8_lossy(&o.stdout).trim().to_owned()).unwrap_or_default();
    if found.is_empty() { PathBuf::from(name) } else { found.into() }
}

/// Takes out of a command's environment what would lead a client elsewhere.
pub(crate) fn clean(command: &mut Command) {
    for (name, _) in std::env::vars_os() {
        let lower = name.to_string_lossy().to_ascii_lowercase();
        if lower.ends_with("_proxy") || lower.starts_with("aws_") {
            command.env_remove(name);
        }
    }
    command.env("AWS_CONFIG_FILE", "/dev/null").env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
}
