//! A daemon with some VPCs, all alike, made over its API.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::{Duration, Instant};

use indicatif::ProgressBar;
use sidegate_linux::{holder, workbench};

use crate::bench::daemon::Daemon;
use crate::bench::process::{memory_of, memory_of_kernel};
use crate::bench::{Bench, BenchError, Step as _};
use crate::client::{Client, Document};

/// How many interfaces a VPC has: those of its two instances, and the interface endpoint's.
pub(super) const INTERFACES: usize = LARGE.1 + SMALL.1 + 1;

/// The types of the instances, and how many interfaces each has. The larger type could have one more, which changes give it.
const LARGE: (&str, usize) = ("m5.4xlarge", 7);
const SMALL: (&str, usize) = ("t3.nano", 2);
const IMAGE: &str = "ami-51de6a7e";

/// The VPCs are dealt to accounts, and in each to these Regions, since an account has at most 20 gateway endpoints in one.
const REGIONS: [&str; 3] = ["us-east-1", "us-west-2", "eu-west-1"];
const OF_ACCOUNT: usize = 20 * REGIONS.len();

/// The first of the accounts.
const FIRST_ACCOUNT: u64 = 100_000_000_000;

/// How long instances may take until the last of them runs.
const START_LIMIT: Duration = Duration::from_secs(600);

/// What of the kernel's memory grows with namespaces and does not go back under pressure.
const KERNEL_MEMORY: [&str; 2] = ["SUnreclaim", "Percpu"];

/// The daemon and its VPCs.
pub(super) struct Fleet {
    daemon: Daemon,
    pub(super) size: u16,
    /// How long it took to make them all.
    pub(super) made: Duration,
    /// Bytes: of the daemon, of the holder, of the kernel, and of all that is less available.
    pub(super) memory: [u64; 4],
    /// The VPC in which changes are made: the one in the middle.
    pub(super) member: Member,
    clients: Clients,
}

/// Clients of the accounts, each in a Region.
#[derive(Default)]
struct Clients(BTreeMap<(u64, &'static str), Client>);

impl Clients {
    /// The client of an account in a Region.
    fn of(&mut self, daemon: &Daemon, account: u64, region: &'static str) -> Result<&Client, BenchError> {
        match self.0.entry((account, region)) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(place) => Ok(place.insert(daemon.client_of(&account.to_string(), region)?)),
        }
    }
}

/// One of the VPCs.
pub(super) struct Member {
    pub(super) region: &'static str,
    account: u64,
    pub(super) vpc: String,
    pub(super) subnet: String,
    pub(super) group: String,
    pub(super) instance: String,
    /// An interface that is attached and detached.
    pub(super) spare: String,
}

impl Fleet {
    /// Starts a daemon and makes so many VPCs in it.
    pub(super) fn build(bench: &Bench, size: u16) -> Result<Self, BenchError> {
        let available = || memory_of_kernel(&["MemAvailable"]);
        let (kernel, free) = (memory_of_kernel(&KERNEL_MEMORY), available());
        let (daemon, _) = Daemon::start(&bench.exe)?;
        let begin = Instant::now();
        let progress = ProgressBar::new(u64::from(size));
        progress.set_message("VPCs");
        let mut clients = Clients::default();
        let mut members = Vec::new();
        for (number, region) in REGIONS.into_iter().cycle().take(usize::from(size)).enumerate() {
            let account = FIRST_ACCOUNT + (number / OF_ACCOUNT) as u64;
            members.push(Member::make(bench, clients.of(&daemon, account, region)?, account, region)?);
            progress.inc(1);
        }
        progress.finish_and_clear();
        for client in clients.0.values() {
            await_instances(bench, client)?;
        }
        let made = begin.elapsed();
        let mut member = members.swap_remove(members.len() / 2);
        let spare = [("SubnetId", member.subnet.as_str()), ("SecurityGroupId.1", &member.group)];
        let client = clients.of(&daemon, member.account, member.region)?;
        let spare = call(bench, client, "CreateNetworkInterface", &spare)?;
        member.spare = element(&spare, "networkInterfaceId")?;
        let holder = workbench::listening_process(&holder::socket_path(&daemon.state()));
        let resident = |process| memory_of(process, "VmRSS").unwrap_or_default();
        let memory = [
            resident(daemon.process()),
            resident(holder.step("finding the namespace holder")?),
            memory_of_kernel(&KERNEL_MEMORY).saturating_sub(kernel),
            free.saturating_sub(available()),
        ];
        Ok(Self { daemon, size, made, memory, member, clients })
    }

    /// Calls the API as the owner of the VPC in which changes are made, in its Region.
    pub(super) fn call(
        &self, bench: &Bench, action: &str, parameters: &[(&str, &str)],
    ) -> Result<Document, BenchError> {
        let client = self.clients.0.get(&(self.member.account, self.member.region)).step("finding a client")?;
        call(bench, client, action, parameters)
    }

    /// Kills the daemon, starts it again, and tells how long that took until it served. Instances run on meanwhile.
    pub(super) fn crash_and_start(&mut self) -> Result<Duration, BenchError> {
        // The clients know an address that is no more.
        self.clients = Clients::default();
        self.daemon.crash_and_start()
    }

    /// Ends the daemon with all that runs inside.
    pub(super) fn stop(self) -> Result<(), BenchError> {
        self.daemon.stop()
    }
}

impl Member {
    /// Makes a VPC with all that is in it. All have the same block.
    fn make(bench: &Bench, client: &Client, account: u64, region: &'static str) -> Result<Self, BenchError> {
        let call = |action: &str, parameters: &[(&str, &str)]| call(bench, client, action, parameters);
        let make = |action: &str, parameters: &[(&str, &str)], name: &str| element(&call(action, parameters)?, name);
        let vpc = make("CreateVpc", &[("CidrBlock", "10.77.0.0/16")], "vpcId")?;
        let in_vpc = ("VpcId", vpc.as_str());
        let subnet = make("CreateSubnet", &[in_vpc, ("CidrBlock", "10.77.1.0/24")], "subnetId")?;
        let table = make("CreateRouteTable", &[in_vpc], "routeTableId")?;
        call("AssociateRouteTable", &[("RouteTableId", &table), ("SubnetId", &subnet)])?;
        let gateway = make("CreateInternetGateway", &[], "internetGatewayId")?;
        call("AttachInternetGateway", &[in_vpc, ("InternetGatewayId", &gateway)])?;
        let out = [("RouteTableId", &*table), ("DestinationCidrBlock", "0.0.0.0/0"), ("GatewayId", &gateway)];
        call("CreateRoute", &out)?;
        let named = [in_vpc, ("GroupName", "all"), ("GroupDescription", "of instances and endpoints")];
        let group = make("CreateSecurityGroup", &named, "groupId")?;
        let within = [
            ("GroupId", group.as_str()),
            ("IpPermissions.1.IpProtocol", "-1"),
            ("IpPermissions.1.IpRanges.1.CidrIp", "10.77.0.0/16"),
        ];
        call("AuthorizeSecurityGroupIngress", &within)?;
        let service = |name: &str| format!("com.amazonaws.{region}.{name}");
        call("CreateVpcEndpoint", &[in_vpc, ("ServiceName", &service("s3")), ("RouteTableId.1", &table)])?;
        let endpoint = [
            in_vpc,
            ("ServiceName", &service("secretsmanager")),
            ("VpcEndpointType", "Interface"),
            ("SubnetId.1", &subnet),
            ("SecurityGroupId.1", &group),
        ];
        call("CreateVpcEndpoint", &endpoint)?;
        let launch = |(kind, count)| {
            let parameters = launch(kind, count, &subnet, &group);
            let parameters: Vec<_> = parameters.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
            make("RunInstances", &parameters, "instanceId")
        };
        let instance = launch(LARGE)?;
        launch(SMALL)?;
        Ok(Self { region, account, vpc, subnet, group, instance, spare: String::new() })
    }
}

/// The parameters that launch an instance with so many interfaces.
fn launch(kind: &str, interfaces: usize, subnet: &str, group: &str) -> Vec<(String, String)> {
    let once = [("ImageId", IMAGE), ("MinCount", "1"), ("MaxCount", "1"), ("InstanceType", kind)];
    let mut all: Vec<_> = once.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    for device in 0..interfaces {
        let own = |name: &str| format!("NetworkInterface.{}.{name}", device + 1);
        all.push((own("DeviceIndex"), device.to_string()));
        all.push((own("SubnetId"), subnet.to_owned()));
        all.push((own("SecurityGroupId.1"), group.to_owned()));
    }
    all
}

/// Waits until no instance of an account in a Region is on its way.
fn await_instances(bench: &Bench, client: &Client) -> Result<(), BenchError> {
    const STEP: &str = "starting the instances";
    let begin = Instant::now();
    loop {
        let asked = |state: &str| {
            let filter = [("Filter.1.Name", "instance-state-name"), ("Filter.1.Value.1", state), ("MaxResults", "5")];
            call(bench, client, "DescribeInstances", &filter)
        };
        if asked("terminated")?.text("instanceId").is_some() {
            let reason = "one of them ended; the machine may be out of processes, files or memory".to_owned();
            return Err(BenchError::Step { step: STEP.to_owned(), reason });
        }
        if asked("pending")?.text("instanceId").is_none() {
            return Ok(());
        }
        if begin.elapsed() > START_LIMIT {
            let reason = format!("some do not run after {} s", START_LIMIT.as_secs());
            return Err(BenchError::Step { step: STEP.to_owned(), reason });
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn call(bench: &Bench, client: &Client, action: &str, parameters: &[(&str, &str)]) -> Result<Document, BenchError> {
    bench.interrupt.check()?;
    bench.runtime.block_on(client.ec2(action, parameters)).step(action)
}

/// The text of an answer's element.
fn element(answer: &Document, name: &str) -> Result<String, BenchError> {
    answer.text(name).map(str::to_owned).step(format!("reading `{name}` of an answer"))
}
