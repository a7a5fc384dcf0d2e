//! Environments in real sandboxes, on an internet that nothing is on.

mod bounds;
mod clients;
mod interfaces;
mod memory;
mod stress;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::atomic::AtomicU32;

use http::Request;
use http_body_util::{BodyExt as _, Full};
use serde_json::{Value, json};
use sidegate_iam::{Denial, Principal};
use sidegate_linux::dataplane::INTERNET;
use sidegate_services::iam::Iam;
use sidegate_services::lambda::ProvidedBase;
use sidegate_services::lambda::environment::{Completion, Event, LogFormat, Logging, Report};
use sidegate_services::logs::Logs;
use sidegate_services::organizations::Organizations;
use sidegate_services::reserve::Reserve;
use sidegate_services::{Authorizer, Body, Caller};

use super::*;
use crate::programs::tests::{Daemon, eventually, exe, need_root};
use crate::role_sessions::tests::{ACCOUNT, call};

const TRUST: &str = r#"{"Version": "2012-10-17", "Statement":
    [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}"#;

const MAY_LOG: &str = r#"{"Version": "2012-10-17", "Statement":
    [{"Effect": "Allow", "Resource": "*", "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]}]}"#;

struct Permissive;

impl Authorizer for Permissive {
    fn authorize(&self, _: &str, _: &[Requirement]) -> Result<(), Denial> {
        Ok(())
    }
}

struct Site {
    daemon: Daemon,
    functions: Functions,
    logs: Arc<dyn Service>,
    iam: Iam,
    scope: Scope,
}

impl Site {
    async fn new() -> Self {
        Self::with_groups(true).await
    }

    /// One that uses control groups where the machine has some, or never.
    async fn with_groups(groups: bool) -> Self {
        let daemon = Daemon::new();
        let dir = |name: &str| {
            let path = daemon.state.join(name);
            fs::create_dir_all(&path).unwrap();
            path
        };
        let reserve = Reserve::of(daemon.state.path());
        let iam = Iam::open(&dir("identities"), Arc::clone(&reserve)).unwrap();
        for name in ["role", "mute"] {
            call(&iam, "CreateRole", &[("RoleName", name), ("AssumeRolePolicyDocument", TRUST)]).await;
        }
        let policy = [("RoleName", "role"), ("PolicyName", "logs"), ("PolicyDocument", MAY_LOG)];
        call(&iam, "PutRolePolicy", &policy).await;
        let organizations = Organizations::open(&dir("groups"), Arc::clone(&reserve)).unwrap();
        let identities = Identities::new(daemon.accounts.clone(), iam.directory(), organizations.directory());
        let logs: Arc<dyn Service> = Arc::new(Logs::open_beside(&daemon.state.join("logs"), reserve).unwrap());
        let functions = Functions::new(daemon.engine.clone(), daemon.state.clone(), identities, iam.directory());
        functions.stand_on(OnMachine {
            holder: daemon.holder.clone(),
            exe: exe(),
            authority: "-----BEGIN CERTIFICATE-----\nsidegate\n-----END CERTIFICATE-----\n".to_owned(),
            logs: Arc::clone(&logs),
            services: vec![Arc::clone(&logs)],
            groups,
        });
        daemon.holder.ensure(INTERNET).unwrap();
        let scope = Scope { account: ACCOUNT.parse().unwrap(), region: "us-east-1".parse().unwrap() };
        Self { daemon, functions, logs, iam, scope }
    }

    /// A function of these files. Those named `bootstrap` can be executed.
    fn blueprint(&self, runtime: Runtime, handler: &str, files: &[(&str, &str)]) -> Blueprint {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = format!("f{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let code = self.daemon.state.join("lambda").join(&name);
        fs::create_dir_all(&code).unwrap();
        fs::set_permissions(&code, fs::Permissions::from_mode(0o755)).unwrap();
        for (file, text) in files {
            let path = code.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let role = format!("arn:aws:iam::{ACCOUNT}:role/role");
        Blueprint::new(self.scope.clone(), &name, "$LATEST", runtime, handler, &role, code)
    }

    fn python(&self, text: &str) -> Blueprint {
        self.blueprint(Runtime::Python { minor: 11 }, "app.handler", &[("app.py", text)])
    }

    async fn start(&self, blueprint: &Blueprint) -> Box<dyn Environment> {
        self.functions.start(blueprint).await.unwrap()
    }

    async fn once(&self, blueprint: &Blueprint, payload: Value) -> Report {
        self.start(blueprint).await.invoke(event(payload, 20_000)).await
    }

    async fn logged(&self, group: &str) -> Vec<String> {
        let input = json!({"logGroupName": group}).to_string();
        let body: Body = Full::new(input.into()).map_err(|never| match never {}).boxed_unsync();
        let request = Request::post("/")
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", "Logs_20140328.FilterLogEvents")
            .body(body)
            .unwrap();
        let caller = Caller {
            request_id: "req-1".to_owned(),
            principal: Principal::Root(self.scope.account.clone().into()),
            scope: self.scope.clone(),
            access_key: None,
            path: sidegate_iam::Path::Public { source: [127, 0, 0, 1].into() },
            now: crate::clock::now_ms(),
        };
        let answer = self.logs.handle(request, &caller, &Permissive).await;
        let document = answer.into_body().collect().await.unwrap().to_bytes();
        let document: Value = serde_json::from_slice(&document).unwrap();
        let events = document["events"].as_array().cloned().unwrap_or_default();
        events.iter().map(|event| event["message"].as_str().unwrap().to_owned()).collect()
    }

    /// What the log has once it has a line that begins like this.
    async fn logged_until(&self, group: &str, wanted: &str) -> String {
        let limit = Instant::now() + Duration::from_secs(10);
        loop {
            let events = self.logged(group).await;
            if events.iter().any(|line| line.contains(wanted)) || Instant::now() > limit {
                return events.concat();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

fn event(payload: Value, milliseconds: u64) -> Event {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    Event {
        request_id: format!("00000000-0000-4000-8000-{:012}", NUMBER.fetch_add(1, Ordering::Relaxed)),
        payload: payload.to_string().into_bytes(),
        invoked_arn: "arn:aws:lambda:us-east-1:123456789012:function:f".to_owned(),
        client_context: Some(json!({"custom": {"a": 1}}).to_string()),
        timeout: Duration::from_millis(milliseconds),
        trace_id: "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0".to_owned(),
    }
}

fn returned(report: &Report) -> Value {
    match &report.completion {
        Completion::Returned { payload } => serde_json::from_slice(payload).unwrap(),
        other => panic!("{other:?}\n{}", String::from_utf8_lossy(&report.log_tail)),
    }
}

fn failed(report: &Report) -> Value {
    match &report.completion {
        Completion::Failed { payload, .. } => serde_json::from_slice(payload).unwrap(),
        other => panic!("{other:?}\n{}", String::from_utf8_lossy(&report.log_tail)),
    }
}

fn tail(report: &Report) -> String {
    String::from_utf8(report.log_tail.clone()).unwrap()
}

/// Programs that run inside environments, by a word of their command lines.
fn processes(word: &str) -> usize {
    let all = fs::read_dir("/proc").unwrap().flatten();
    all.filter(|entry| {
        fs::read(entry.path().join("cmdline")).is_ok_and(|line| String::from_utf8_lossy(&line).contains(word))
    })
    .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_python_function_gets_event_and_context_and_is_reused() {
    need_root!();
    let site = Site::new().await;
    let blueprint = site.python(
        "import os\ncount = 0\ndef handler(event, context):\n    global count\n    count += 1\n    print('seen', event['n'])\n    \
         return {'n': event['n'] + 1, 'count': count, 'name': context.function_name, 'id': context.aws_request_id, \
         'left': context.get_remaining_time_in_millis(), 'custom': context.client_context.custom, 'memory': \
         context.memory_limit_in_mb, 'trace': os.environ['_X_AMZN_TRACE_ID'][:5], 'stream': context.log_stream_name}\n",
    );
    let mut environment = site.start(&blueprint).await;
    let first = event(json!({"n": 1}), 20_000);
    let report = environment.invoke(first.clone()).await;
    let answer = returned(&report);
    assert_eq!((&answer["n"], &answer["count"], &answer["memory"]), (&json!(2), &json!(1), &json!("128")));
    assert_eq!((&answer["id"], &answer["name"]), (&json!(first.request_id), &json!(blueprint.function)));
    assert!((10_000..=20_000).contains(&answer["left"].as_u64().unwrap()), "{answer}");
    assert_eq!((&answer["custom"], &answer["trace"]), (&json!({"a": 1}), &json!("Root=")));
    assert!(report.is_reusable && report.init_duration.is_some());
    let lines = tail(&report);
    let begin = format!("START RequestId: {} Version: $LATEST\nseen 1\nEND RequestId: ", first.request_id);
    assert!(
        lines.starts_with(&begin) && lines.contains("Max Memory Used: ") && lines.contains("Init Duration: "),
        "{lines}"
    );

    let report = environment.invoke(event(json!({"n": 5}), 20_000)).await;
    assert_eq!((returned(&report)["count"].clone(), report.init_duration), (json!(2), None));
    assert!(environment.is_alive());
    environment.stop().await;
    let log = site.logged_until(&blueprint.logging.group, "REPORT RequestId").await;
    assert!(log.starts_with("INIT_START Runtime Version: python:3."), "{log}");
    assert!(log.contains("seen 1\n"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_finds_what_aws_promises_and_nothing_of_the_machine() {
    need_root!();
    let site = Site::new().await;
    let mut blueprint = site.python(
        r#"
import os, subprocess, socket
def write(path):
    try:
        open(path, 'w').write('x')
        return True
    except OSError:
        return False
def handler(event, context):
    try:
        import boto3
        client = boto3.client('s3')
        boto = client.meta.region_name
    except ImportError:
        boto = None
    def connects(address):
        s = socket.socket(); s.settimeout(1)
        try:
            s.connect(address)
            return True
        except OSError:
            return False
    return {
        'env': dict(os.environ), 'uid': os.getuid(), 'who': subprocess.check_output(['id', '-un'], text=True).strip(),
        'writes': {p: write(p) for p in ['/var/task/x', '/opt/x', '/x', '/etc/x', '/usr/x', '/var/x', '/run/x', '/dev/shm/x', '/tmp/x']},
        'tmp': os.statvfs('/tmp').f_blocks * os.statvfs('/tmp').f_frsize, 'boto': boto, 'pid': os.getppid(),
        'home': os.listdir('/home') + os.listdir('/root'), 'shell': os.path.exists('/etc/shadow') and open('/etc/passwd').read().count('\n'),
        'metadata': connects(('169.254.169.254', 80)), 'layer': open('/opt/layer.txt').read(),
        'links': sorted(os.listdir('/sys/class/net')),
    }
"#,
    );
    let layers = site.daemon.state.join("lambda").join("layers");
    fs::create_dir_all(&layers).unwrap();
    fs::set_permissions(&layers, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(layers.join("layer.txt"), "of a layer").unwrap();
    blueprint.layers = Some(layers);
    blueprint.variables.insert("MINE".to_owned(), "yes".to_owned());
    blueprint.ephemeral_storage = 600;
    let answer = returned(&site.once(&blueprint, json!({})).await);
    let variable = |name: &str| answer["env"][name].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        (variable("MINE"), variable("AWS_REGION"), variable("_HANDLER")),
        ("yes".into(), "us-east-1".into(), "app.handler".into())
    );
    assert_eq!((variable("LAMBDA_TASK_ROOT"), variable("TZ")), ("/var/task".into(), ":UTC".into()));
    assert!(variable("AWS_ACCESS_KEY_ID").starts_with("ASIA") && !variable("AWS_SESSION_TOKEN").is_empty());
    assert_eq!(variable("AWS_EXECUTION_ENV"), "AWS_Lambda_python3.11");
    let written: BTreeSet<&str> = answer["writes"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, written)| **written == json!(true))
        .map(|(path, _)| path.as_str())
        .collect();
    assert_eq!(written, BTreeSet::from(["/tmp/x"]));
    assert_eq!((&answer["who"], &answer["tmp"]), (&json!("sbx_user1051"), &json!(600 * 1024 * 1024)));
    assert_eq!((&answer["home"], &answer["metadata"]), (&json!([]), &json!(false)));
    assert_eq!((&answer["layer"], &answer["pid"]), (&json!("of a layer"), &json!(1)));
    assert_eq!(answer["links"], json!(["eth0", "lo"]));
    if Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.venv/lib/python3.11/site-packages/boto3").exists() {
        assert_eq!(answer["boto"], json!("us-east-1"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_of_a_function_are_told_as_the_runtime_of_aws_tells_them() {
    need_root!();
    let site = Site::new().await;
    let blueprint = site.python("def handler(event, context):\n    raise ValueError('bad ' + event['what'])\n");
    let mut environment = site.start(&blueprint).await;
    let report = environment.invoke(event(json!({"what": "luck"}), 5_000)).await;
    let error = failed(&report);
    assert_eq!((&error["errorType"], &error["errorMessage"]), (&json!("ValueError"), &json!("bad luck")));
    assert!(error["stackTrace"][0].as_str().unwrap().contains("/var/task/app.py\", line 2, in handler"), "{error}");
    assert!(report.is_reusable);
    assert!(
        tail(&report).contains("[ERROR] ValueError: bad luck\nTraceback (most recent call last):\n"),
        "{}",
        tail(&report)
    );

    let report = environment.invoke(event(json!({}), 5_000)).await;
    assert_eq!(failed(&report)["errorType"], "KeyError");
    let unserialisable = site.python("def handler(event, context):\n    return object()\n");
    let report = site.once(&unserialisable, json!({})).await;
    assert_eq!(failed(&report)["errorType"], "Runtime.MarshalError");
    let large = site.python("def handler(event, context):\n    return 'x' * 7_000_000\n");
    let report = site.once(&large, json!({})).await;
    assert_eq!(failed(&report)["errorType"], "Function.ResponseSizeTooLarge");
    assert!(report.is_reusable);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_becomes_of_an_event_is_sent_as_the_role_may_and_to_services_that_there_are() {
    need_root!();
    let site = Site::new().await;
    let request = || {
        http::Request::post("/")
            .header("host", "logs.us-east-1.amazonaws.com")
            .header("content-type", "application/x-amz-json-1.1")
            .header("x-amz-target", "Logs_20140328.CreateLogGroup")
            .body(json!({"logGroupName": "told"}).to_string().into_bytes())
            .unwrap()
    };
    let role = |name: &str| format!("arn:aws:iam::{ACCOUNT}:role/{name}");
    let call = async |name: &str, service: &str| {
        let status =
            site.functions.call(&site.scope, &role(name), service, request()).await.map(|answer| answer.status());
        status.map(|status| status.as_u16())
    };
    assert_eq!(call("mute", "logs").await, Some(400), "access denied, in the form of the service");
    assert_eq!(call("nobody", "logs").await, Some(403));
    assert_eq!(call("role", "sqs").await, None);
    assert_eq!(call("role", "logs").await, Some(200));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_initialised_says_why() {
    need_root!();
    let site = Site::new().await;
    let cases = [
        (
            "app.handler",
            "import nothing_like_it\n",
            "Runtime.ImportModuleError",
            "Unable to import module 'app': No module",
        ),
        ("app.handler", "def handler(:\n", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app'"),
        (
            "app.other",
            "def handler(e, c): pass\n",
            "Runtime.HandlerNotFound",
            "Handler 'other' missing on module 'app'",
        ),
        ("app", "", "Runtime.MalformedHandlerName", "Bad handler 'app': not enough values to unpack"),
        ("app.handler", "raise ValueError('at once')\n", "ValueError", "at once"),
    ];
    for (handler, text, expected, begin) in cases {
        let mut blueprint = site.python(text);
        blueprint.handler = handler.to_owned();
        let report = site.once(&blueprint, json!({})).await;
        let Completion::InitFailed { payload: Some(payload), error_type, .. } = &report.completion else {
            panic!("{:?}", report.completion)
        };
        let document: Value = serde_json::from_slice(payload).unwrap();
        assert_eq!((error_type.as_str(), document["errorType"].as_str().unwrap()), (expected, expected));
        assert!(document["errorMessage"].as_str().unwrap().starts_with(begin), "{document}");
        assert!(!report.is_reusable);
        assert!(report.duration > Duration::ZERO && !tail(&report).contains("Billed Duration: 0 ms"), "{report:?}");
    }
    let exits = site.python("import os\nos._exit(3)\n");
    let report = site.once(&exits, json!({})).await;
    assert!(
        matches!(&report.completion, Completion::InitFailed { payload: None, error_type, message }
            if error_type == "Runtime.ExitError" && message == "Runtime exited with error: exit status 3"),
        "{:?}",
        report.completion
    );
    let nothing = site.blueprint(Runtime::Provided(ProvidedBase::Al2023), "", &[("other", "")]);
    let report = site.once(&nothing, json!({})).await;
    assert!(
        matches!(&report.completion, Completion::InitFailed { error_type, .. } if error_type == "Runtime.InvalidEntrypoint"),
        "{:?}",
        report.completion
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_too_long_crashes_or_takes_too_much_memory_is_ended_whole() {
    need_root!();
    let site = Site::new().await;
    let hangs = site.python(
        "import subprocess, time\ndef handler(event, context):\n    subprocess.Popen(['sleep', '98765'])\n    print('before')\n    \
         time.sleep(60)\n",
    );
    let mut environment = site.start(&hangs).await;
    let report = environment.invoke(event(json!({}), 500)).await;
    assert_eq!(report.completion, Completion::TimedOut);
    assert!(!report.is_reusable && !environment.is_alive());
    assert!(
        tail(&report).contains("before\n") && tail(&report).contains(" Task timed out after 0.50 seconds\n"),
        "{}",
        tail(&report)
    );
    assert!(tail(&report).contains("Status: timeout"), "{}", tail(&report));
    assert_eq!(processes("98765"), 0);

    let exits = site.python("import os\ndef handler(event, context):\n    print('last')\n    os._exit(7)\n");
    let report = site.once(&exits, json!({})).await;
    assert_eq!(report.completion, Completion::Crashed { status: "exit status 7".to_owned() });
    let lines = tail(&report);
    assert!(
        lines.contains("last\n")
            && lines.contains("Error: Runtime exited with error: exit status 7\nRuntime.ExitError\n"),
        "{lines}"
    );

    let segment =
        site.python("import os, signal\ndef handler(event, context):\n    os.kill(os.getpid(), signal.SIGSEGV)\n");
    let report = site.once(&segment, json!({})).await;
    assert_eq!(report.completion, Completion::Crashed { status: "signal: segmentation fault".to_owned() });

    let greedy = site.python(
        "def handler(event, context):\n    kept = []\n    while True:\n        kept.append(bytearray(1 << 20))\n",
    );
    let report = site.once(&greedy, json!({})).await;
    assert_eq!(report.completion, Completion::OutOfMemory);
    assert!(tail(&report).contains("Memory Size: 128 MB\tMax Memory Used: 128 MB"), "{}", tail(&report));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fork_bomb_is_bounded_and_ends_with_its_environment() {
    need_root!();
    let site = Site::new().await;
    let mut bomb = site.python(
        "import os, time\ndef handler(event, context):\n    made = 0\n    try:\n        while made < 5000:\n            if os.fork() == 0:\n                \
         os.execvp('sleep', ['sleep', '31415'])\n            made += 1\n    except OSError as error:\n        return [made, error.errno]\n",
    );
    bomb.memory = 2048;
    let mut environment = site.start(&bomb).await;
    let report = environment.invoke(event(json!({}), 20_000)).await;
    let answer = returned(&report);
    assert!((900..1024).contains(&answer[0].as_u64().unwrap()), "{answer}");
    assert_eq!(answer[1], json!(11));
    environment.stop().await;
    assert_eq!(processes("31415"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_initialisation_that_takes_too_long_is_tried_again_within_the_time_of_the_function() {
    need_root!();
    let site = Site::new().await;
    let mut slow = site.python("import time\ntime.sleep(1)\ndef handler(event, context):\n    return 'there'\n");
    slow.init_timeout = Duration::from_millis(500);
    let report = site.once(&slow, json!({})).await;
    assert_eq!(returned(&report), json!("there"));
    let report = site.start(&slow).await.invoke(event(json!({}), 300)).await;
    assert_eq!(report.completion, Completion::TimedOut);
    let log = site.logged_until(&slow.logging.group, "Task timed out after 0.30 seconds").await;
    assert!(log.contains("INIT_REPORT Init Duration: ") && log.contains("Phase: init\tStatus: timeout"), "{log}");
    let (begun, ended) = (log.rfind("START RequestId"), log.find("Task timed out after 0.30 seconds"));
    assert!(begun.is_some() && begun < ended, "{log}");
    // The handler has the rest of the time.
    let mut rest = site.python(
        "import time\ntime.sleep(1)\ndef handler(event, context):\n    left = context.get_remaining_time_in_millis()\n    \
         time.sleep(event)\n    return left\n",
    );
    rest.init_timeout = Duration::from_millis(500);
    let report = site.start(&rest).await.invoke(event(json!(0), 8_000)).await;
    assert!((1..=7_000).contains(&returned(&report).as_i64().unwrap()), "{report:?}");
    assert!(report.init_duration.is_none() && report.duration >= Duration::from_secs(1), "{report:?}");
    let report = site.start(&rest).await.invoke(event(json!(7.5), 8_000)).await;
    assert_eq!((report.completion, report.duration), (Completion::TimedOut, Duration::from_secs(8)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bootstrap_of_ones_own_is_run() {
    need_root!();
    let site = Site::new().await;
    let script = r#"#!/bin/sh
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation"
while true; do
  headers=$(mktemp)
  event=$(curl -sS -D "$headers" "$api/next")
  id=$(sed -n 's/^lambda-runtime-aws-request-id: \([0-9a-f-]*\).*/\1/p' "$headers")
  echo "working on $event"
  curl -sS -d "{\"got\": $event}" "$api/$id/response" > /dev/null
done
"#;
    let blueprint = site.blueprint(Runtime::Provided(ProvidedBase::Al2023), "", &[("bootstrap", script)]);
    let mut environment = site.start(&blueprint).await;
    for n in 0..3 {
        let report = environment.invoke(event(json!({"n": n}), 10_000)).await;
        assert_eq!(returned(&report), json!({"got": {"n": n}}));
        assert!(tail(&report).contains(&format!("working on {{\"n\":{n}}}\n")), "{}", tail(&report));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn node_functions_run_in_each_style() {
    need_root!();
    let site = Site::new().await;
    if !site.functions.has(Runtime::Node { major: 22 }) {
        eprintln!("skipped: there is no Node.js here");
        return;
    }
    let cases: [(&str, &str, Value); 4] = [
        (
            "index.js",
            "exports.handler = async (event, context) => { console.log('a\\nb', {c: 1}); return [event.n, context.functionVersion]; };",
            json!([7, "$LATEST"]),
        ),
        (
            "index.mjs",
            "import os from 'node:os';\nexport const handler = async (event) => ({ n: event.n, host: os.hostname() });",
            json!({"n": 7, "host": "lambda"}),
        ),
        (
            "index.js",
            "exports.handler = (event, context, callback) => { setTimeout(() => callback(null, 'called back'), 20); };",
            json!("called back"),
        ),
        (
            "index.cjs",
            "module.exports.handler = (event, context, callback) => { context.callbackWaitsForEmptyEventLoop = false; setInterval(() => {}, 50); callback(null, 1); };",
            json!(1),
        ),
    ];
    for (file, text, expected) in cases {
        let blueprint = site.blueprint(Runtime::Node { major: 22 }, "index.handler", &[(file, text)]);
        let mut environment = site.start(&blueprint).await;
        for _ in 0..2 {
            let report = environment.invoke(event(json!({"n": 7}), 10_000)).await;
            assert_eq!(returned(&report), expected, "{}", tail(&report));
            if text.contains("console") {
                assert!(tail(&report).contains("\tINFO\ta\nb { c: 1 }\n"), "{}", tail(&report));
            }
        }
    }
    let failing = [
        ("index.js", "exports.handler = async () => { throw new TypeError('no'); };", "TypeError"),
        ("index.js", "exports.handler = (e, c, callback) => callback(new RangeError('far'));", "RangeError"),
        (
            "index.js",
            "exports.handler = async () => { await new Promise(() => setTimeout(() => { throw new Error('late'); }, 10)); };",
            "Error",
        ),
    ];
    for (file, text, expected) in failing {
        let blueprint = site.blueprint(Runtime::Node { major: 22 }, "index.handler", &[(file, text)]);
        let report = site.once(&blueprint, json!({})).await;
        assert_eq!(failed(&report)["errorType"], expected);
    }
    for (text, expected) in [
        ("require('nothing-like-it');", "Runtime.ImportModuleError"),
        ("exports.other = 1;", "Runtime.HandlerNotFound"),
        ("exports.handler = (;", "Runtime.UserCodeSyntaxError"),
    ] {
        let blueprint = site.blueprint(Runtime::Node { major: 22 }, "index.handler", &[("index.js", text)]);
        let report = site.once(&blueprint, json!({})).await;
        assert!(
            matches!(&report.completion, Completion::InitFailed { error_type, .. } if error_type == expected),
            "{:?}",
            report.completion
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_may_not_log_has_no_log_and_one_that_lambda_may_not_have_no_environment() {
    need_root!();
    let site = Site::new().await;
    let mut mute = site.python("def handler(event, context):\n    return 1\n");
    mute.role = format!("arn:aws:iam::{ACCOUNT}:role/mute");
    let report = site.once(&mute, json!({})).await;
    assert_eq!(returned(&report), json!(1));
    assert!(tail(&report).contains("REPORT"), "the caller gets its tail all the same");
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(site.logged(&mute.logging.group).await, Vec::<String>::new());

    let other = TRUST.replace("lambda", "ec2");
    call(&site.iam, "CreateRole", &[("RoleName", "other"), ("AssumeRolePolicyDocument", &other)]).await;
    mute.role = format!("arn:aws:iam::{ACCOUNT}:role/other");
    assert!(matches!(site.functions.start(&mute).await, Err(StartError::Role(_))));
    let role = |name: &str| format!("arn:aws:iam::{ACCOUNT}:role/{name}");
    assert!(site.functions.check_role(&site.scope, &role("role")).await.is_ok());
    assert!(site.functions.check_role(&site.scope, &role("other")).await.is_err());
    let may = |name: &'static str, action: &'static str| {
        let requirement = Requirement::new(action, "*");
        let (functions, scope) = (site.functions.clone(), site.scope.clone());
        async move { functions.may(&scope, &format!("arn:aws:iam::{ACCOUNT}:role/{name}"), &requirement).await }
    };
    assert!(may("role", "logs:PutLogEvents").await && !may("role", "ec2:CreateNetworkInterface").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_json_has_objects() {
    need_root!();
    let site = Site::new().await;
    let mut blueprint = site.python(
        "import logging\ndef handler(event, context):\n    logging.getLogger('own').info('hello %s', 'you')\n    \
         logging.getLogger('own').debug('not told')\n",
    );
    blueprint.logging.format = LogFormat::Json;
    blueprint.logging.application_level = Some("INFO".to_owned());
    let report = site.once(&blueprint, json!({})).await;
    assert_eq!(returned(&report), Value::Null);
    let lines: Vec<Value> = tail(&report).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0]["type"], "platform.start");
    assert_eq!(
        (&lines[1]["message"], &lines[1]["level"], &lines[1]["logger"]),
        (&json!("hello you"), &json!("INFO"), &json!("own"))
    );
    assert_eq!((&lines[2]["type"], &lines[2]["record"]["status"]), (&json!("platform.report"), &json!("success")));
    assert_eq!(lines.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_json_has_nothing_of_a_lower_level_whoever_writes_it() {
    need_root!();
    let site = Site::new().await;
    let mut blueprint = site.python(
        "import json, logging, sys\nlogging.getLogger().setLevel('DEBUG')\ndef handler(event, context):\n    \
         logging.info('not told')\n    logging.warning('warned')\n    print('plain')\n    \
         line = {'msg': 'own', 'timestamp': '2024-11-02T16:51:31.587199Z'}\n    \
         print(json.dumps({'level': 'debug', **line}))\n    \
         print(json.dumps({'level': 'error', **line}), file=sys.stderr)\n    raise ValueError('failed')\n",
    );
    blueprint.logging.format = LogFormat::Json;
    blueprint.logging.application_level = Some("WARN".to_owned());
    blueprint.logging.system_level = Some("WARN".to_owned());
    let report = site.once(&blueprint, json!({})).await;
    assert_eq!(failed(&report)["errorType"], "ValueError");
    let mut told: Vec<Value> = tail(&report).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    // What is written to the other output may come before or after.
    told.sort_by_key(|line| line["level"].to_string());
    let told: Vec<_> = told.iter().map(|line| (&line["level"], &line["log_level"])).collect();
    let null = Value::Null;
    assert_eq!(told, [(&json!("WARNING"), &null), (&json!("error"), &null), (&null, &json!("ERROR"))]);

    let line = |level: &str| json!({"level": level, "msg": format!("of level {level}"), "timestamp": "2024-11-02T16:51:31.587199Z"});
    let program = format!("#!/bin/sh\necho '{}'\necho plain\necho '{}'\nexit 1\n", line("debug"), line("error"));
    let mut provided = site.blueprint(Runtime::Provided(ProvidedBase::Al2023), "", &[("bootstrap", &program)]);
    let group = provided.logging.group.clone();
    provided.logging = Logging { group: group.clone(), ..blueprint.logging.clone() };
    site.once(&provided, json!({})).await;
    let logged = site.logged_until(&group, "Runtime.ExitError").await;
    assert!(logged.contains("of level error") && logged.contains("Runtime.ExitError"), "{logged}");
    assert!(!logged.contains("of level debug") && !logged.contains("plain"), "{logged}");
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_environments_at_once_leave_nothing() {
    need_root!();
    let site = Site::new().await;
    let blueprint = site.python("def handler(event, context):\n    return event['n']\n");
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..50 {
        let (functions, blueprint) = (site.functions.clone(), blueprint.clone());
        tasks.spawn(async move {
            let mut environment = functions.start(&blueprint).await.unwrap();
            let report = environment.invoke(event(json!({"n": n}), 30_000)).await;
            assert_eq!(returned(&report), json!(n));
            environment.stop().await;
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    eventually("all have ended", || site.functions.0.live.load(Ordering::SeqCst) == 0).await;
}
