//! Worlds side by side in one daemon: set up at once, tried at once.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sidegate_model::{AccountId, InstanceId, InstanceState, World};
use sidegate_plan::analyze::trace;
use sidegate_plan::{Plan, compile};
use sidegate_wire::sigv4::{PayloadHash, SecretKey, Signer};

use super::functions::Functions;
use super::town::{Aim, Attempt, Bucket, KEY, Town, is_inhabited};
use crate::asked;
use crate::harness::{Daemon, texts};
use crate::http::{Key, call_with};
use crate::naive::Outcome;
use crate::stored;

/// What runs in every instance, behind a line that says what it is to do.
pub(super) const PROBE: &str = include_str!("probe.py");

/// How long silence is listened to, in seconds: longer than a lost first packet takes to be sent again twice.
const PATIENCE: f64 = 5.0;

/// How long everything may take to start, and to end.
const LIMIT: Duration = Duration::from_secs(120);

/// The secret of every account's access key.
pub(super) const SECRET: &str = "a-secret-of-random-worlds";

/// What came of the attempts in the worlds of one daemon.
pub(super) struct Happened {
    /// The worlds, as they were when it happened.
    pub(super) all: World,
    pub(super) plan: Plan,
    /// What the programs say, by world and attempt.
    pub(super) told: BTreeMap<(usize, usize), Value>,
    /// The requests that arrived, by their ids.
    pub(super) events: BTreeMap<String, Value>,
}

/// Milliseconds since 1970.
pub(super) fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(now.as_millis()).unwrap()
}

/// Lets worlds live in a daemon, and everything be tried in them that is to be. `all` is what they are together. What
/// functions try is added to the attempts of their worlds.
pub(super) fn live(towns: &mut [Town], mut all: World) -> Happened {
    let plan = compile(&all);
    let attempts =
        || towns.iter().enumerate().flat_map(|(n, town)| (0..).zip(&town.attempts).map(move |(at, own)| (n, at, own)));
    let mut tasks: BTreeMap<Option<String>, Vec<Value>> = BTreeMap::new();
    for (n, at, attempt) in attempts() {
        let task = task(&all, &plan, &towns[n], attempt, &format!("{n}.{at}"));
        tasks.entry(attempt.source.as_ref().map(ToString::to_string)).or_default().push(task);
    }
    let inhabited: Vec<_> = all.interfaces.iter().filter(|own| is_inhabited(&all, own)).cloned().collect();
    let mut instances = Vec::new();
    for interface in &inhabited {
        let sidegate_model::Attachment::Instance { instance, .. } = &interface.attachment else { continue };
        let me = interface.id.to_string();
        let flows = tasks.remove(&Some(me.clone())).unwrap_or_default();
        let script = script(
            "#!/usr/bin/python3 -IS\n",
            &json!({"me": me, "patience": PATIENCE, "flows": flows, "serves": true}),
        );
        all.instances.update(instance, |own| {
            own.user_data = Some(Arc::from(STANDARD.encode(script)));
            own.state = InstanceState::Pending;
            own.booted = false;
        });
        instances.push(instance.clone());
    }
    let daemon = Daemon::prepared("", |state| keys(&all, |keys| stored::put(state, &all, keys)));
    for bucket in towns.iter().filter_map(|town| town.bucket.as_ref()) {
        fill(&daemon, bucket);
    }
    let logs: Vec<_> = instances.iter().map(|id| (id, log_of(&daemon, id))).collect();
    wait(&daemon, &logs, "ready");
    until_running(&daemon);
    let functions = Functions::make(&daemon, towns);
    let world = stored::world(&daemon);
    let plan = compile(&world);
    let mut by_functions = Vec::new();
    for (n, attempt) in functions.attempts() {
        let town = &mut towns[n];
        let number = format!("{n}.{}", town.attempts.len());
        by_functions.push(task(&world, &plan, town, attempt, &number));
        town.attempts.push(attempt.clone());
    }
    let invoked = functions.begin(&daemon, PATIENCE, by_functions.into_iter());
    for (id, _) in &logs {
        begin(&daemon.state().join("instances").join(id.as_str()).join("pid"));
    }
    let mut said = String::new();
    if let Some(flows) = tasks.remove(&None) {
        let text = script("", &json!({"me": "internet", "patience": PATIENCE, "flows": flows, "serves": false}));
        let mut command = daemon.command("exec");
        let output = command.args(["--internet", "--", "/usr/bin/python3", "-IS", "-c", &text]).output().unwrap();
        let (out, err) = texts(&output);
        assert!(output.status.success(), "{err}\n{}", daemon.log());
        said.push_str(&out);
    }
    wait(&daemon, &logs, "done");
    if let Some(invoked) = invoked {
        let output = invoked.wait_with_output().unwrap();
        let (out, err) = texts(&output);
        assert!(output.status.success(), "{err}\n{}", daemon.log());
        said.push_str(&out);
    }
    logs.iter().for_each(|(_, log)| said.push_str(&fs::read_to_string(log).unwrap()));
    let lines = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let told = lines.map(|line| {
        let (town, at) = line["number"].as_str().and_then(|number| number.split_once('.')).unwrap();
        ((town.parse().unwrap(), at.parse().unwrap()), line)
    });
    let told: BTreeMap<_, _> = told.collect();
    let events = events(&daemon, &told);
    Happened { plan, all: world, told, events }
}

/// The access keys of the root users of all accounts.
pub(super) fn keys(all: &World, take: impl FnOnce(&[(String, Key<'_>)])) {
    let accounts: BTreeSet<_> = all.vpcs.iter().map(|vpc| vpc.scope.account.clone()).collect();
    let ids: Vec<_> = accounts.iter().map(|account| (account.to_string(), key_id(account))).collect();
    take(&ids.iter().map(|(account, id)| (account.clone(), (id.as_str(), SECRET))).collect::<Vec<_>>());
}

fn key_id(account: &AccountId) -> String {
    format!("AKIA{account}")
}

fn script(first: &str, plan: &Value) -> String {
    // JSON within JSON is a string of Python's.
    let plan = Value::String(plan.to_string());
    format!("{first}import json\nPLAN = json.loads({plan})\n{PROBE}")
}

fn log_of(daemon: &Daemon, instance: &InstanceId) -> PathBuf {
    daemon.state().join("instances").join(instance.as_str()).join("log")
}

/// Waits until all have said a word.
fn wait(daemon: &Daemon, logs: &[(&InstanceId, PathBuf)], word: &str) {
    let limit = Instant::now() + LIMIT;
    for (id, log) in logs {
        loop {
            let text = fs::read_to_string(log).unwrap_or_default();
            if text.lines().any(|line| line == word) {
                break;
            }
            assert!(Instant::now() < limit, "{id} has not said `{word}`, but: {text}\n{}", daemon.log());
            std::thread::sleep(Duration::from_millis(30));
        }
    }
}

/// The world of the daemon, once it has noted that all its instances run.
pub(super) fn until_running(daemon: &Daemon) -> World {
    let limit = Instant::now() + LIMIT;
    loop {
        let world = stored::world(daemon);
        if world.instances.iter().all(|own| own.state != InstanceState::Pending) {
            return world;
        }
        assert!(Instant::now() < limit, "instances do not run\n{}", daemon.log());
        std::thread::sleep(Duration::from_millis(30));
    }
}

/// Tells the program of an instance to begin: it is the last of the shim's line.
fn begin(pid_file: &Path) {
    let mut pid = fs::read_to_string(pid_file).unwrap().trim().to_owned();
    loop {
        let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
        match children.split_whitespace().next() {
            Some(child) => pid = child.to_owned(),
            None => break,
        }
    }
    let status = Command::new("kill").args(["-USR1", &pid]).status().unwrap();
    assert!(status.success(), "{pid}");
}

/// Makes a bucket with its object and its policy.
fn fill(daemon: &Daemon, bucket: &Bucket) {
    let id = key_id(&bucket.owner);
    let key: Key<'_> = (&id, SECRET);
    let put = |path: String, body: &[u8]| call_with(&daemon.api, key, "s3", "PUT", &path, &[], body);
    put(format!("/{}", bucket.name), b"").unwrap();
    put(format!("/{}/{KEY}", bucket.name), b"an object").unwrap();
    if let Some(document) = bucket.rule.document(&bucket.name) {
        put(format!("/{}?policy", bucket.name), document.as_bytes()).unwrap();
    }
}

/// What a program is told of an attempt.
fn task(all: &World, plan: &Plan, town: &Town, attempt: &Attempt, number: &str) -> Value {
    let mut task = json!({"number": number, "protocol": attempt.protocol, "port": attempt.port});
    let head = |host: &str| format!("GET / HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    match &attempt.aim {
        Aim::Address(to) => {
            task["to"] = json!(to);
            task["head"] = json!(head(&host_at(all, plan, attempt)));
        }
        Aim::Name { name, calls } => {
            let home = attempt.home(town).unwrap();
            task["name"] = json!(name);
            task["speaks6"] = json!(!home.ipv6.is_empty());
            task["head"] = json!(if *calls { signed(name, &home.scope.account) } else { head(name) });
        }
    }
    task
}

/// The name that whoever is met at an address goes by: what is asked for is to be served, so that it tells who answers.
fn host_at(all: &World, plan: &Plan, attempt: &Attempt) -> String {
    let Aim::Address(to) = &attempt.aim else { return String::new() };
    let met = attempt.asked(*to).outcomes(all).into_iter().find_map(|outcome| match outcome {
        Outcome::Endpoint(id, _) => {
            let vpc = plan.vpcs.get(&all.endpoints.get(&id)?.vpc)?;
            vpc.endpoints.get(&id)?.hosts.first().cloned()
        }
        Outcome::Internet(_) => {
            let (region, service) = asked::service_at(*to)?;
            service.public_names(region).first().cloned()
        }
        _ => None,
    });
    met.unwrap_or_else(|| "localhost".to_owned()).replace('*', "x")
}

/// A signed request for the object, at this name.
fn signed(name: &str, account: &AccountId) -> String {
    let request = http::Request::builder().uri(format!("https://{name}/{KEY}")).body(()).unwrap();
    let (mut head, ()) = request.into_parts();
    let (id, secret) = (key_id(account), SecretKey::new(SECRET));
    let signer = Signer { access_key: &id, secret: &secret, session_token: None, region: "us-east-1", service: "s3" };
    signer.sign(&mut head, PayloadHash::OfBody(b""), now() / 1000).unwrap();
    let fields = head.headers.iter().map(|(name, value)| format!("{name}: {}\r\n", value.to_str().unwrap()));
    format!("GET /{KEY} HTTP/1.1\r\n{}connection: close\r\n\r\n", fields.collect::<String>())
}

/// The events of all requests that programs got an answer to. They are noted a little after the client has that.
fn events(daemon: &Daemon, told: &BTreeMap<(usize, usize), Value>) -> BTreeMap<String, Value> {
    let text = serde_json::to_string(&told.values().collect::<Vec<_>>()).unwrap();
    let wanted: Vec<_> = text.split("http ").skip(1).filter_map(|rest| rest.split(['"', ' ']).nth(1)).collect();
    let limit = Instant::now() + Duration::from_secs(10);
    loop {
        let all = daemon.events().into_iter();
        let known: BTreeMap<_, _> =
            all.map(|event| (event["request_id"].as_str().unwrap().to_owned(), event)).collect();
        if wanted.iter().all(|id| *id == "-" || known.contains_key(*id)) || Instant::now() > limit {
            return known;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// What is told of an attempt beforehand: the engine's trace.
pub(super) fn traced(happened: &Happened, town: &Town, attempt: &Attempt) -> Option<sidegate_plan::analyze::Trace> {
    trace(&happened.all, &happened.plan, &attempt.flow(town)).ok()
}
