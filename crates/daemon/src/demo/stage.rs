//! The stage of the demo: a daemon with a state directory of its own, the network, and the way inside.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::Command;

use super::documents::DOCUMENTS;
use super::narration::Narration;
use super::{DemoError, Step as _};
use crate::client::Client;
use crate::detached::Detached;
use crate::own_directory::OwnDirectory;
use crate::state_dir::StateDir;
use crate::store::AccessKey;

/// The Region of the demo.
const REGION: &str = "us-east-1";

/// How long the daemon may take to start, and to end.
const DAEMON_LIMIT: Duration = Duration::from_secs(60);

/// How long the process may take to go once `sidegate down` has ended its work.
const PATIENCE_AFTER_DOWN: Duration = Duration::from_secs(10);

/// How often the daemon is looked at meanwhile.
const PAUSE: Duration = Duration::from_millis(20);

/// All that the demo leaves on the machine until [`Place::clear`]: a directory, and a daemon with what runs inside.
pub(super) struct Place {
    exe: PathBuf,
    /// Holds the state directory and the directory that programs start from.
    directory: OwnDirectory,
    daemon: Option<Detached>,
}

/// A running daemon, and a directory that programs inside start from.
pub(super) struct Stage {
    exe: PathBuf,
    directory: PathBuf,
    address: String,
    pub(super) client: Client,
}

/// The network that was built.
pub(super) struct Network {
    pub(super) vpc: String,
    pub(super) subnets: (String, String),
    pub(super) route_table: String,
    pub(super) program_group: String,
    pub(super) gateway: String,
    pub(super) interface: String,
    pub(super) prefix_list: String,
}

/// What a program inside left.
pub(super) struct Inside {
    pub(super) output: String,
    status: Option<i32>,
}

impl Place {
    /// Makes the directory; nothing runs yet.
    pub(super) fn prepare(exe: &Path) -> Result<Self, DemoError> {
        let directory = OwnDirectory::create("demo", exe).step("making a directory for the demo")?;
        Ok(Self { exe: exe.to_owned(), directory, daemon: None })
    }

    /// Starts a daemon on a state directory of its own.
    pub(super) async fn start(&mut self) -> Result<Stage, DemoError> {
        let documents = self.directory.path().join("work/documents");
        std::fs::create_dir_all(&documents).step("writing the documents")?;
        for (name, text) in DOCUMENTS {
            std::fs::write(documents.join(name), text).step("writing the documents")?;
        }
        let key = access_key()?;
        let state = StateDir::open(&state(self.directory.path())).step("making a state directory")?;
        let mut command = std::process::Command::new(&self.exe);
        command.args(["up", "--listen", "127.0.0.1:0", "--region", REGION, "--state"]).arg(state.path());
        command.env("SIDEGATE_ACCESS_KEY_ID", &key.id).env("SIDEGATE_SECRET_ACCESS_KEY", &key.secret);
        let daemon = self.daemon.insert(Detached::start(state, command).step("starting the daemon")?);
        let limit = Instant::now() + DAEMON_LIMIT;
        let address = loop {
            match daemon.serves().step("starting the daemon")? {
                Some(note) => break note.api.to_string(),
                None if Instant::now() < limit => tokio::time::sleep(PAUSE).await,
                None => {
                    let reason = format!("it does not serve after {} s", DAEMON_LIMIT.as_secs());
                    return Err(DemoError::Step { step: "starting the daemon", reason });
                }
            }
        };
        let client = Client::new(&address, key, REGION);
        Ok(Stage { exe: self.exe.clone(), directory: self.directory.path().to_owned(), address, client })
    }

    /// Ends the daemon and all that runs inside, and removes the directory.
    pub(super) async fn clear(mut self) -> Result<(), DemoError> {
        if let Some(mut daemon) = self.daemon.take() {
            // One that is about to start listens to nobody, and would be in the middle of something.
            let limit = Instant::now() + DAEMON_LIMIT;
            while matches!(daemon.serves(), Ok(None)) && Instant::now() < limit {
                tokio::time::sleep(PAUSE).await;
            }
            let mut ended = self.down().await;
            let limit = Instant::now() + PATIENCE_AFTER_DOWN;
            while ended.is_ok() && !daemon.has_ended() && Instant::now() < limit {
                tokio::time::sleep(PAUSE).await;
            }
            if !daemon.has_ended() {
                daemon.kill();
                ended = self.down().await;
            }
            ended?;
        }
        self.directory.remove().step("removing the demo's directory")
    }

    /// Leaves all of it.
    pub(super) fn keep(self) -> Result<(), DemoError> {
        self.directory.keep().step("keeping the demo's directory")
    }

    async fn down(&self) -> Result<(), DemoError> {
        let mut command = Command::new(&self.exe);
        command.arg("down").arg("--state").arg(state(self.directory.path())).stdin(Stdio::null());
        // What is typed at the terminal does not end it half-way.
        let output = command.process_group(0).output().await.step("ending the daemon")?;
        if output.status.success() {
            return Ok(());
        }
        let reason = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(DemoError::Step { step: "ending the daemon", reason })
    }
}

fn state(directory: &Path) -> PathBuf {
    directory.join("state")
}

fn access_key() -> Result<AccessKey, DemoError> {
    let random = |length: usize| -> Result<String, DemoError> {
        let mut bytes = vec![0_u8; length];
        aws_lc_rs::rand::fill(&mut bytes).step("making an access key")?;
        Ok(bytes.iter().map(|b| format!("{b:02X}")).collect())
    };
    Ok(AccessKey {
        id: format!("AKIA{}", random(8)?),
        account: crate::accounts::FIRST_ACCOUNT.to_owned(),
        secret: random(20)?,
    })
}

impl Stage {
    /// Builds the network: two private subnets in two zones, and an endpoint of each type.
    pub(super) async fn network(&self) -> Result<Network, DemoError> {
        let vpc = self.make("CreateVpc", &[("CidrBlock", "10.79.0.0/16")], "vpcId").await?;
        let on = [("VpcId", vpc.as_str()), ("EnableDnsHostnames.Value", "true")];
        self.client.ec2("ModifyVpcAttribute", &on).await.step("ModifyVpcAttribute")?;
        let route_table = self.make("CreateRouteTable", &[("VpcId", &vpc)], "routeTableId").await?;
        let mut subnets = Vec::new();
        for (zone, block) in [("us-east-1a", "10.79.1.0/24"), ("us-east-1b", "10.79.2.0/24")] {
            let wanted = [("VpcId", vpc.as_str()), ("CidrBlock", block), ("AvailabilityZone", zone)];
            let subnet = self.make("CreateSubnet", &wanted, "subnetId").await?;
            let association = [("RouteTableId", route_table.as_str()), ("SubnetId", subnet.as_str())];
            self.client.ec2("AssociateRouteTable", &association).await.step("AssociateRouteTable")?;
            subnets.push(subnet);
        }
        let [first, second] = <[String; 2]>::try_from(subnets).unwrap_or_default();
        let program_group = self.group(&vpc, "programs", "What runs in the private subnets").await?;
        let endpoint_group = self.group(&vpc, "endpoints", "The interfaces of endpoints").await?;
        let rule = [
            ("GroupId", endpoint_group.as_str()),
            ("IpPermissions.1.IpProtocol", "tcp"),
            ("IpPermissions.1.FromPort", "443"),
            ("IpPermissions.1.ToPort", "443"),
            ("IpPermissions.1.Groups.1.GroupId", program_group.as_str()),
        ];
        self.client.ec2("AuthorizeSecurityGroupIngress", &rule).await.step("AuthorizeSecurityGroupIngress")?;
        let gateway = [
            ("VpcId", vpc.as_str()),
            ("ServiceName", "com.amazonaws.us-east-1.s3"),
            ("RouteTableId.1", route_table.as_str()),
        ];
        let gateway = self.make("CreateVpcEndpoint", &gateway, "vpcEndpointId").await?;
        let interface = [
            ("VpcId", vpc.as_str()),
            ("VpcEndpointType", "Interface"),
            ("ServiceName", "com.amazonaws.us-east-1.secretsmanager"),
            ("SubnetId.1", first.as_str()),
            ("SubnetId.2", second.as_str()),
            ("SecurityGroupId.1", endpoint_group.as_str()),
            ("PrivateDnsEnabled", "true"),
        ];
        let interface = self.make("CreateVpcEndpoint", &interface, "vpcEndpointId").await?;
        let filter = [("Filter.1.Name", "prefix-list-name"), ("Filter.1.Value.1", "com.amazonaws.us-east-1.s3")];
        let prefix_list = self.make("DescribePrefixLists", &filter, "prefixListId").await?;
        Ok(Network { vpc, subnets: (first, second), route_table, program_group, gateway, interface, prefix_list })
    }

    async fn group(&self, vpc: &str, name: &str, description: &str) -> Result<String, DemoError> {
        let wanted = [("VpcId", vpc), ("GroupName", name), ("GroupDescription", description)];
        self.make("CreateSecurityGroup", &wanted, "groupId").await
    }

    async fn make(&self, action: &'static str, parameters: &[(&str, &str)], id: &str) -> Result<String, DemoError> {
        let answer = self.client.ec2(action, parameters).await.step(action)?;
        let found = answer.text(id).map(str::to_owned);
        found.ok_or_else(|| DemoError::Step { step: action, reason: format!("the answer has no {id}") })
    }

    /// Deletes an endpoint.
    pub(super) async fn delete_endpoint(&self, id: &str) -> Result<(), DemoError> {
        self.client.ec2("DeleteVpcEndpoints", &[("VpcEndpointId.1", id)]).await.step("DeleteVpcEndpoints").map(drop)
    }

    /// Runs a program inside a subnet, in a security group, and waits for it.
    pub(super) async fn inside(&self, subnet: &str, group: &str, program: &[&str]) -> std::io::Result<Inside> {
        let mut command = self.own("exec");
        command.args(["--subnet", subnet, "--security-group", group, "--"]);
        let output = command.args(program).current_dir(self.directory.join("work")).output().await?;
        let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.push_str(&String::from_utf8_lossy(&output.stderr));
        Ok(Inside { output: text, status: output.status.code() })
    }

    /// The events of the daemon, newest last, as JSON.
    pub(super) async fn events(&self) -> Result<Vec<serde_json::Value>, DemoError> {
        let output = self.own("events").args(["--json", "--last", "500"]).output().await.step("reading the events")?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        text.lines().map(serde_json::from_str).collect::<Result<_, _>>().step("reading the events")
    }

    fn own(&self, subcommand: &str) -> Command {
        let mut command = Command::new(&self.exe);
        command.arg(subcommand).arg("--state").arg(state(&self.directory)).stdin(Stdio::null());
        command
    }

    /// Leaves everything as it is and says how to go on.
    pub(super) fn keep(&self, narration: &Narration) {
        let state = state(&self.directory);
        narration.title("Kept");
        narration.text(&format!(
            "The daemon runs on http://{}, its state is in {state}.\n\
             eval \"$(sidegate env --state {state})\"   the AWS CLI then talks to it\n\
             sidegate events --state {state}          every request and its path\n\
             sidegate down --state {state}            ends it; then remove {}\n",
            self.address,
            self.directory.display(),
            state = state.display(),
        ));
    }
}

impl Network {
    /// What was built, a line each.
    pub(super) fn lines(&self) -> Vec<String> {
        vec![
            format!("{}  10.79.0.0/16, no internet gateway, no NAT", self.vpc),
            format!("{}  10.79.1.0/24 in us-east-1a", self.subnets.0),
            format!("{}  10.79.2.0/24 in us-east-1b", self.subnets.1),
            format!("{}  gateway endpoint for S3 in {}", self.gateway, self.route_table),
            format!("{}  interface endpoint for Secrets Manager, admits {}", self.interface, self.program_group),
        ]
    }
}

impl Inside {
    /// Whether the program ended well.
    pub(super) fn success(&self, step: &'static str) -> Result<(), DemoError> {
        match self.status {
            Some(0) => Ok(()),
            _ => Err(DemoError::Step { step, reason: self.output.trim().to_owned() }),
        }
    }

    /// Whether the program ended with this status.
    pub(super) fn failed_with(&self, status: i32, claim: &'static str) -> Result<(), DemoError> {
        if self.status == Some(status) {
            return Ok(());
        }
        let found = match self.status {
            Some(0) => "it was reached".to_owned(),
            _ => format!("the program said: {}", self.output.trim()),
        };
        Err(DemoError::Untrue { claim, found })
    }
}
