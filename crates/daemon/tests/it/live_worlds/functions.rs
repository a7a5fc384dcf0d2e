//! Functions among the sources of random worlds: one stands where an instance of its world does, with the same groups, and
//! tries what that one tries. Its interface is made by Lambda, and what runs in it is an environment.

use std::net::IpAddr;
use std::process::{Child, Stdio};

use serde_json::{Value, json};
use sidegate_model::NetworkInterfaceId;

use super::batch::{PROBE, SECRET};
use super::town::{Aim, Attempt, Town};
use crate::harness::{Daemon, texts, tool};
use crate::naive::{TCP, UDP};

/// The metadata service, which functions do not have. What a trace says of it is about instances.
const METADATA: [u8; 4] = [169, 254, 169, 254];

/// How much a function tries at most.
const MOST: usize = 16;

/// Makes functions, or invokes them: what is to be done, what is wanted of each, a JSON list, and the secret of all keys. It
/// prints a line for each: the ARN, or what its probe said.
const SCRIPT: &str = r#"
import boto3, concurrent.futures, io, json, sys, zipfile
from botocore.config import Config
act, wanted, secret = sys.argv[1], json.loads(sys.argv[2]), sys.argv[3]
HANDLER = """
import contextlib, io, json
def handler(event, context):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(event.pop("probe"), "probe", "exec"), {"PLAN": event, "json": json})
    return out.getvalue()
"""
def packed():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo("app.py")
        info.external_attr = 0o755 << 16
        archive.writestr(info, HANDLER)
    return out.getvalue()
def client(own, name):
    once = Config(retries={"max_attempts": 0}, read_timeout=120)
    return boto3.client(name, config=once, region_name=own["region"], aws_access_key_id="AKIA" + own["account"],
        aws_secret_access_key=secret)
def make(own):
    iam, lam = client(own, "iam"), client(own, "lambda")
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"Service": "lambda.amazonaws.com"}}]}
    all = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    role = iam.create_role(RoleName=own["name"], AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=own["name"], PolicyName="all", PolicyDocument=json.dumps(all))
    made = lam.create_function(FunctionName=own["name"], Role=role, Runtime="python3.11", Handler="app.handler",
        Timeout=60, Code={"ZipFile": packed()},
        VpcConfig={"SubnetIds": [own["subnet"]], "SecurityGroupIds": own["groups"]})
    lam.get_waiter("function_active_v2").wait(FunctionName=own["name"], WaiterConfig={"Delay": 0.2, "MaxAttempts": 150})
    return made["FunctionArn"]
def invoke(own):
    answer = client(own, "lambda").invoke(FunctionName=own["name"], Payload=json.dumps(own["plan"]))
    payload = json.loads(answer["Payload"].read())
    assert "FunctionError" not in answer, payload
    return payload
with concurrent.futures.ThreadPoolExecutor(8) as pool:
    for said in pool.map({"make": make, "invoke": invoke}[act], wanted):
        print(said)
"#;

/// The functions of some worlds, and what each is to try.
pub(super) struct Functions(Vec<Function>);

struct Function {
    /// The place of its world.
    town: usize,
    /// What makes it.
    wanted: Value,
    attempts: Vec<Attempt>,
}

impl Functions {
    /// Makes the functions of all worlds that have one, and tells each what to try.
    pub(super) fn make(daemon: &Daemon, towns: &[Town]) -> Self {
        let all = towns.iter().enumerate().filter(|(_, own)| own.has_function);
        let mut functions: Vec<_> = all.filter_map(|(n, town)| Function::of(n, town)).collect();
        if functions.is_empty() {
            return Self(functions);
        }
        let wanted: Vec<_> = functions.iter().map(|own| own.wanted.clone()).collect();
        let (out, err) = texts(&started(daemon, "make", &wanted).wait_with_output().unwrap());
        let arns: Vec<&str> = out.lines().collect();
        assert_eq!(arns.len(), functions.len(), "{err}\n{}", daemon.log());
        let world = crate::stored::world(daemon);
        for (own, arn) in functions.iter_mut().zip(arns) {
            let has =
                |other: &&sidegate_model::NetworkInterface| other.functions().is_some_and(|all| all.contains(arn));
            let interface = world.interfaces.iter().find(has).unwrap_or_else(|| panic!("{arn} has no interface"));
            own.attempts.iter_mut().for_each(|attempt| attempt.source = Some(interface.id.clone()));
        }
        Self(functions)
    }

    /// What they try, each with the place of its world.
    pub(super) fn attempts(&self) -> impl Iterator<Item = (usize, &Attempt)> {
        self.0.iter().flat_map(|own| own.attempts.iter().map(|attempt| (own.town, attempt)))
    }

    /// Invokes all of them at once, with the tasks of each in the order of its attempts; `None` if there are none.
    pub(super) fn begin(
        &self, daemon: &Daemon, patience: f64, mut tasks: impl Iterator<Item = Value>,
    ) -> Option<Child> {
        let invoked = |own: &Function| {
            let flows: Vec<_> = tasks.by_ref().take(own.attempts.len()).collect();
            let mut wanted = own.wanted.clone();
            wanted["plan"] =
                json!({"me": "function", "patience": patience, "flows": flows, "serves": false, "probe": PROBE});
            wanted
        };
        let wanted: Vec<_> = self.0.iter().map(invoked).collect();
        (!wanted.is_empty()).then(|| started(daemon, "invoke", &wanted))
    }
}

impl Function {
    /// A function in the place of the instance that tries most; `None` if none tries anything.
    fn of(n: usize, town: &Town) -> Option<Self> {
        let tries = |attempt: &&Attempt| {
            matches!(&attempt.aim, Aim::Address(to) if to.is_ipv4() && *to != IpAddr::from(METADATA))
                && [TCP, UDP].contains(&attempt.protocol)
        };
        let places = town.attempts.iter().filter_map(|own| own.source.as_ref());
        let count = |id: &NetworkInterfaceId| {
            town.attempts.iter().filter(tries).filter(|own| own.source.as_ref() == Some(id)).count()
        };
        let place = town.world.interfaces.get(places.max_by_key(|id| count(id))?)?;
        let own = town.attempts.iter().filter(tries).filter(|own| own.source.as_ref() == Some(&place.id));
        let attempts: Vec<_> = own.take(MOST).cloned().collect();
        let wanted = json!({
            "name": format!("probe-{n}"),
            "account": place.scope.account,
            "region": place.scope.region,
            "subnet": place.subnet,
            "groups": place.groups,
        });
        (!attempts.is_empty()).then_some(Self { town: n, wanted, attempts })
    }
}

fn started(daemon: &Daemon, act: &str, wanted: &[Value]) -> Child {
    let wanted = Value::from(wanted.to_vec()).to_string();
    let mut command = daemon.client(&tool("python3"), &["-c", SCRIPT, act, &wanted, SECRET]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}
