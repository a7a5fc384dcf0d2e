//! The instance in a private subnet, which brings the documents into the bucket: the confidential ones encrypted by KMS, all
//! of them synchronised by the AWS CLI.

use std::path::Path;
use std::time::{Duration, Instant};

use super::clients::Clients;
use super::documents::Documents;
use super::network::Network;
use super::place::{REGION, Stage};
use super::policies::Names;
use super::workload::INSTANCE_PROFILE;
use super::{DemoError, Step as _, archive};

/// Encrypts what is confidential, inside.
const PREPARE: &str = include_str!("../../../../examples/document-qa/instance/prepare.py");

/// Where the documents are, inside.
const DIRECTORY: &str = "/srv/documents";

/// The image: that of this machine.
const IMAGE: &str = "ami-51de6a7e";

/// How long the instance may take to start.
const START_LIMIT: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(20);

/// What clients inside are told: the Region, and patience with the metadata service on a machine that has much to do.
const SETTINGS: [&str; 4] = [
    "AWS_REGION=us-east-1",
    "AWS_DEFAULT_REGION=us-east-1",
    "AWS_METADATA_SERVICE_TIMEOUT=10",
    "AWS_METADATA_SERVICE_NUM_ATTEMPTS=3",
];

/// A running instance.
pub(super) struct Instance {
    pub(super) id: String,
    clients: Clients,
}

impl Instance {
    /// Launches it, and waits until it runs.
    pub(super) async fn launch(stage: &Stage, network: &Network, clients: Clients) -> Result<Self, DemoError> {
        let [subnet, _] = &network.subnets;
        let wanted = [
            ("ImageId", IMAGE),
            ("MinCount", "1"),
            ("MaxCount", "1"),
            ("SubnetId", subnet),
            ("SecurityGroupId.1", &network.instance_group),
            ("IamInstanceProfile.Name", INSTANCE_PROFILE),
        ];
        let id = stage.make("RunInstances", &wanted, "instanceId").await?;
        let limit = Instant::now() + START_LIMIT;
        loop {
            let state = stage.make("DescribeInstances", &[("InstanceId.1", &id)], "name").await?;
            match state.as_str() {
                "running" => return Ok(Self { id, clients }),
                "pending" if Instant::now() < limit => tokio::time::sleep(PAUSE).await,
                other => {
                    let reason = format!("{id} is {other}; see its console output and the daemon's log");
                    return Err(DemoError::step("launching the instance", reason));
                }
            }
        }
    }

    /// Brings the documents inside, and encrypts the confidential ones there: how many those were.
    pub(super) async fn prepare(
        &self, stage: &Stage, names: &Names, documents: &Documents,
    ) -> Result<String, DemoError> {
        const STEP: &str = "encrypting the confidential documents, inside";
        let archive = archive::of(documents.files()).step(STEP)?;
        let python = self.clients.python.to_string_lossy();
        let program = self.run(&[&python, "-c", PREPARE, &names.key, DIRECTORY]);
        let program: Vec<_> = program.iter().map(String::as_str).collect();
        stage.inside(&self.id, &program, archive).await.step(STEP)?.success(STEP)
    }

    /// Synchronises the documents to the bucket: how many objects it wrote.
    pub(super) async fn synchronise(&self, stage: &Stage, names: &Names) -> Result<usize, DemoError> {
        const STEP: &str = "synchronising the documents, inside";
        let aws = self.clients.aws.to_string_lossy();
        let bucket = format!("s3://{}/", names.bucket);
        let program = self.run(&[&aws, "s3", "sync", "--no-progress", DIRECTORY, &bucket]);
        let program: Vec<_> = program.iter().map(String::as_str).collect();
        let output = stage.inside(&self.id, &program, Vec::new()).await.step(STEP)?.success(STEP)?;
        Ok(output.lines().filter(|line| line.starts_with("upload: ")).count())
    }

    /// The addresses that a name of a service has inside.
    pub(super) async fn addresses(&self, stage: &Stage, service: &str) -> Result<Vec<String>, DemoError> {
        const STEP: &str = "asking the resolver, inside";
        const SCRIPT: &str =
            "import socket, sys\nfor address in sorted(set(socket.gethostbyname_ex(sys.argv[1])[2])): print(address)";
        let python = self.clients.python.to_string_lossy();
        let host = format!("{service}.{REGION}.amazonaws.com");
        let program = [&*python, "-S", "-c", SCRIPT, &host];
        let output = stage.inside(&self.id, &program, Vec::new()).await.step(STEP)?.success(STEP)?;
        Ok(output.lines().map(str::to_owned).collect())
    }

    /// The directory of its AWS clients, which is in no `PATH` inside.
    pub(super) fn clients(&self) -> &Path {
        self.clients.aws.parent().unwrap_or(&self.clients.aws)
    }

    fn run(&self, program: &[&str]) -> Vec<String> {
        ["env"].iter().chain(&SETTINGS).chain(program).map(|word| (*word).to_owned()).collect()
    }
}
