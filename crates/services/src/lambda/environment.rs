//! Execution environments, as Lambda needs them of the machine: what one is made of, what an invocation hands it, and what
//! comes of it. Nothing here runs anything.
//!
//! Source: Lambda developer guide, "Understanding the Lambda execution environment lifecycle" and "Using the Lambda runtime
//! API for custom runtimes".

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use sidegate_iam::Requirement;
use sidegate_model::Scope;

use super::runtime::Runtime;

/// How long a function may take to initialise before it is tried once more as a part of the invocation.
///
/// Source: Lambda developer guide, "Init phase".
pub const INIT_TIMEOUT: Duration = Duration::from_secs(10);

/// How much of the end of a log an answer carries (`LogType=Tail`), in bytes.
///
/// Source: API reference, "Invoke".
pub const LOG_TAIL: usize = 4096;

/// What an execution environment is made of.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Blueprint {
    /// Account and Region of the function.
    pub scope: Scope,
    /// The function's ARN, with the version: `…:function:name:3` or `…:function:name:$LATEST`.
    pub function_arn: String,
    /// The name of the function.
    pub function: String,
    /// `$LATEST` or a number.
    pub version: String,
    /// What runs the code.
    pub runtime: Runtime,
    /// The handler, as it was given; empty where the runtime is the code's own and none was given.
    pub handler: String,
    /// The unpacked code, which nobody may write: `/var/task`.
    pub code: PathBuf,
    /// The layers, unpacked one over the other, which nobody may write: `/opt`.
    pub layers: Option<PathBuf>,
    /// The variables that the function was given, without those that Lambda sets.
    pub variables: BTreeMap<String, String>,
    /// Memory, in MiB.
    pub memory: u32,
    /// What fits into `/tmp`, in MiB.
    pub ephemeral_storage: u32,
    /// The ARN of the execution role.
    pub role: String,
    /// The interface in a VPC; none where the function is on the emulated internet.
    pub network: Option<Network>,
    /// Where its log goes, and in which form.
    pub logging: Logging,
    /// How long it may take to initialise.
    pub init_timeout: Duration,
}

/// The variables of a function may be secrets, so that they are left out.
impl std::fmt::Debug for Blueprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Blueprint")
            .field("function_arn", &self.function_arn)
            .field("runtime", &self.runtime)
            .field("handler", &self.handler)
            .field("network", &self.network)
            .finish_non_exhaustive()
    }
}

/// What a blueprint always has; everything else has the values of a function that was given nothing more.
impl Blueprint {
    /// A blueprint with the least that a function has: 128 MiB of memory, 512 MiB of storage, no variables, no layers, no
    /// VPC, and the log group of its name.
    pub fn new(
        scope: Scope, function: &str, version: &str, runtime: Runtime, handler: &str, role: &str, code: PathBuf,
    ) -> Self {
        Self {
            function_arn: format!("arn:aws:lambda:{}:{}:function:{function}:{version}", scope.region, scope.account),
            scope,
            function: function.to_owned(),
            version: version.to_owned(),
            runtime,
            handler: handler.to_owned(),
            code,
            layers: None,
            variables: BTreeMap::new(),
            memory: 128,
            ephemeral_storage: 512,
            role: role.to_owned(),
            network: None,
            logging: Logging::of(function),
            init_timeout: INIT_TIMEOUT,
        }
    }
}

/// The subnets and security groups of a function.
///
/// Source: API reference, "VpcConfig".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Network {
    /// The ids of the subnets, of which each environment uses one.
    pub subnets: Vec<String>,
    /// The ids of the security groups.
    pub security_groups: Vec<String>,
    /// Whether functions in subnets of both families use IPv6 as well.
    pub is_dual_stack: bool,
}

/// Where a function's log goes, and what of it.
///
/// Source: API reference, "LoggingConfig".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logging {
    /// The log group.
    pub group: String,
    /// The form of lines.
    pub format: LogFormat,
    /// The least level of what the function logs, where the form is JSON: `TRACE`, `DEBUG`, `INFO`, `WARN`, `ERROR` or
    /// `FATAL`. The runtime is told it, and what it lets through is filtered.
    pub application_level: Option<String>,
    /// The least level of what Lambda logs, where the form is JSON: `DEBUG`, `INFO` or `WARN`.
    pub system_level: Option<String>,
}

impl Logging {
    /// What a function logs that was given nothing: text, to the group of its name.
    pub fn of(function: &str) -> Self {
        Self {
            group: format!("/aws/lambda/{function}"),
            format: LogFormat::Text,
            application_level: None,
            system_level: None,
        }
    }
}

/// The form of a log's lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines as they are written.
    #[default]
    Text,
    /// A JSON object in each line.
    Json,
}

/// One invocation, as an environment gets it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The id of the request: `Lambda-Runtime-Aws-Request-Id`.
    pub request_id: String,
    /// The document.
    pub payload: Vec<u8>,
    /// The ARN that was called, with the qualifier if one was given: `Lambda-Runtime-Invoked-Function-Arn`.
    pub invoked_arn: String,
    /// The document about the client, as JSON: `Lambda-Runtime-Client-Context`.
    pub client_context: Option<String>,
    /// How long the function may take, from when it gets the event.
    pub timeout: Duration,
    /// `Lambda-Runtime-Trace-Id`.
    pub trace_id: String,
}

/// What came of an invocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Completion {
    /// The function returned this document.
    Returned {
        /// The document.
        payload: Vec<u8>,
    },
    /// The function, or its runtime, told an error by the Runtime API.
    Failed {
        /// The error document of the function.
        payload: Vec<u8>,
        /// Its type, such as `ValueError`.
        error_type: String,
    },
    /// The function did not answer in time, and was ended.
    TimedOut,
    /// The process ended without an answer.
    Crashed {
        /// How, such as `exit status 1` or `signal: segmentation fault`.
        status: String,
    },
    /// The function took more memory than it has, and was ended.
    OutOfMemory,
    /// The function could not be initialised.
    InitFailed {
        /// The error document, if the runtime told one.
        payload: Option<Vec<u8>>,
        /// Its type, such as `Runtime.ImportModuleError` or `Runtime.ExitError`.
        error_type: String,
        /// What went wrong, for where there is no document: `Runtime exited with error: exit status 1`.
        message: String,
    },
}

/// How Lambda says that a runtime has ended, with a status such as `exit status 1` or `signal: killed`.
///
/// Source: issues of users; a runtime that ends without an error has given no reason.
pub fn exited(status: &str) -> String {
    match status {
        "exit status 0" => "Runtime exited without providing a reason".to_owned(),
        status => format!("Runtime exited with error: {status}"),
    }
}

/// An invocation that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What came of it.
    pub completion: Completion,
    /// The end of what was logged for it, with the lines of the platform: at most [`LOG_TAIL`] bytes.
    pub log_tail: Vec<u8>,
    /// Whether the environment can take another invocation.
    pub is_reusable: bool,
    /// How long the function had the event.
    pub duration: Duration,
    /// How long the environment took to initialise, if this was its first invocation.
    pub init_duration: Option<Duration>,
}

/// Why there is no environment. Nothing of the function has run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The interpreter of the runtime is not on this machine.
    #[error("the runtime {0} is not on this machine")]
    NoRuntime(String),
    /// A subnet has no free address.
    #[error("there is no free address in the subnets of the function")]
    NoAddress,
    /// A subnet or security group of the function is not there any more.
    #[error("the network of the function is not there: {0}")]
    NoNetwork(String),
    /// Lambda may not assume the execution role; in the words of [`RoleError`].
    #[error("{0}")]
    Role(String),
    /// The machine has no room for one more.
    #[error("this machine has no room for one more execution environment: {0}")]
    NoRoom(String),
    /// Something else went wrong.
    #[error("the execution environment could not be made: {0}")]
    Failed(String),
}

/// Why a function cannot have the network that it is to have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NetworkError {
    /// There is no such subnet.
    #[error("The subnet ID '{0}' does not exist")]
    NoSubnet(String),
    /// There is no such security group.
    #[error("The security group '{0}' does not exist")]
    NoSecurityGroup(String),
    /// The subnets and groups are not all of one VPC.
    #[error("Security Groups are required to be in the same VPC.")]
    DifferentVpcs,
    /// A subnet has no block of IPv6, where both families are wanted.
    #[error("The subnet '{0}' has no IPv6 CIDR block")]
    NoIpv6(String),
    /// It cannot be found out now.
    #[error("the network cannot be looked at: {0}")]
    Failed(String),
}

/// Why Lambda may not use an execution role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RoleError {
    /// There is no such role, or its trust policy does not let `lambda.amazonaws.com` assume it: AWS says the same of both.
    #[error("The role defined for the function cannot be assumed by Lambda.")]
    NotAssumable,
}

/// The machine, as it runs functions.
#[async_trait]
pub trait Environments: Send + Sync {
    /// Makes an environment and begins to initialise it. What goes wrong with the code itself, and how long it takes, is
    /// told by the first invocation.
    ///
    /// # Errors
    /// Why there is none.
    async fn start(&self, blueprint: &Blueprint) -> Result<Box<dyn Environment>, StartError>;

    /// The id of the VPC of a network that a function is to have, and whether it can have it.
    ///
    /// # Errors
    /// What is wrong with it.
    async fn check_network(&self, scope: &Scope, network: &Network) -> Result<String, NetworkError>;

    /// Whether an execution role may do this: `ec2:CreateNetworkInterface` where its function is in a VPC, or what a
    /// destination of asynchronous invocations needs. Asked of the role's own policies, and of the resource's that comes
    /// with the requirement.
    async fn may(&self, scope: &Scope, role: &str, requirement: &Requirement) -> bool;

    /// Makes a request to a service, such as `s3`, in the name of an execution role, and says how it was answered. Its
    /// policies decide, and those of what it is about. `None` if nothing answers for the service. An answer that is too
    /// long to be read is an internal error without a body.
    async fn call(
        &self, scope: &Scope, role: &str, service: &str, request: http::Request<Vec<u8>>,
    ) -> Option<http::Response<Bytes>>;

    /// Whether Lambda may assume a role for a function of this account and Region.
    ///
    /// # Errors
    /// [`RoleError`] if it may not.
    async fn check_role(&self, scope: &Scope, role: &str) -> Result<(), RoleError>;

    /// Whether the runtime is on this machine, so that a function can be told early. A function of a runtime that is not can
    /// be made all the same, as on AWS; it is its invocation that fails.
    fn has(&self, runtime: Runtime) -> bool;

    /// Makes what the environments of a function share and what its networks need: a network interface in each subnet. The
    /// ARN has no version. It stays until it is released, whether or not there is an environment.
    ///
    /// # Errors
    /// Why there is none.
    async fn attach(&self, scope: &Scope, function_arn: &str, networks: &[Network]) -> Result<(), StartError>;

    /// Gives up what was made for a function and none of these networks needs; of a function that is gone there are none.
    /// Its environments have been stopped before.
    async fn release(&self, scope: &Scope, function_arn: &str, networks: &[Network]);
}

/// An execution environment. It does one invocation at a time; dropping it ends it as [`Environment::stop`] does, without
/// waiting.
#[async_trait]
pub trait Environment: Send + Sync {
    /// Hands it an event and waits for what comes of it, at most for as long as the function may take. An invocation that is
    /// the first includes what is left of the initialisation.
    async fn invoke(&mut self, event: Event) -> Report;

    /// Whether it can still take an invocation: its process has not ended meanwhile.
    fn is_alive(&self) -> bool;

    /// Ends it and everything that it has left running, and returns when nothing of it is there any more.
    async fn stop(self: Box<Self>);
}
