//! Crowds of invocations, deletions in the midst of them, and archives and events that are none.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use super::{eventually, host, processes};
use crate::harness::{Daemon, Network, need_root};
use crate::kms::succeeds;

/// The namespaces of the processes that a daemon has begun, at any depth.
fn namespaces_below(daemon: &Daemon) -> BTreeSet<PathBuf> {
    let note: serde_json::Value =
        serde_json::from_slice(&fs::read(daemon.state().join("daemon.json")).unwrap()).unwrap();
    let mut waiting = vec![note["pid"].as_u64().unwrap()];
    let mut found = BTreeSet::new();
    while let Some(process) = waiting.pop() {
        found.extend(namespaces(&format!("/proc/{process}")));
        for thread in fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten() {
            let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
            waiting.extend(children.split_whitespace().map(|child| child.parse::<u64>().unwrap()));
        }
    }
    let own: Vec<PathBuf> = namespaces("/proc/self");
    found.retain(|namespace| !own.contains(namespace));
    found
}

fn namespaces(process: &str) -> Vec<PathBuf> {
    ["net", "mnt", "pid", "user"].iter().filter_map(|kind| fs::read_link(format!("{process}/ns/{kind}")).ok()).collect()
}

/// Of these namespaces, those that a process of the machine is in which was there before a time: the kernel gives the
/// number of a namespace that is gone to another one.
fn inhabited(namespaces_then: &BTreeSet<PathBuf>, before: u64) -> usize {
    let all = fs::read_dir("/proc").unwrap().flatten();
    let old = all.filter(|entry| began(&entry.path()).is_some_and(|began| began <= before));
    let now: BTreeSet<PathBuf> = old.flat_map(|entry| namespaces(&entry.path().to_string_lossy())).collect();
    namespaces_then.intersection(&now).count()
}

/// When a process began, in ticks of a hundredth of a second since the machine was started. Source: proc_pid_stat(5).
fn began(process: &Path) -> Option<u64> {
    let told = fs::read_to_string(process.join("stat")).ok()?;
    told.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
}

/// Now, in the same ticks.
fn now() -> u64 {
    let told = fs::read_to_string("/proc/uptime").unwrap();
    let (seconds, hundredths) = told.split_whitespace().next().unwrap().split_once('.').unwrap();
    seconds.parse::<u64>().unwrap() * 100 + hundredths.parse::<u64>().unwrap()
}

/// How many files and directories are kept of functions' code.
fn kept(daemon: &Daemon) -> usize {
    let parts = ["code", "unpacked", "merged"].map(|part| daemon.state().join("lambda").join(part));
    parts.iter().map(|part| fs::read_dir(part).unwrap().count()).sum()
}

// enforces: lambda:PutFunctionConcurrency (positive)
// enforces: lambda:PutFunctionConcurrency (negative)
// enforces: lambda:DeleteFunctionConcurrency (positive)
// enforces: lambda:DeleteFunction (negative)
#[test]
fn a_crowd_is_held_to_what_is_set_aside_and_a_deletion_in_its_midst_leaves_nothing() {
    need_root!();
    let mut daemon = Daemon::start();
    let network = Network::build(&daemon);
    network.open(&daemon);
    let script = r#"
own = role("own")
code = '''
import subprocess, time
subprocess.Popen(["sleep", "173205"])
def handler(event, context):
    open("/tmp/of-an-environment", "w").write("x")
    begun = time.time()
    time.sleep(event["seconds"])
    return [begun, time.time()]
'''
vpc = {"SubnetIds": os.environ["SUBNETS"].split(","), "SecurityGroupIds": [os.environ["GROUP"]]}
function("few", own, code, Timeout=30, VpcConfig=vpc)
def tried(seconds):
    try:
        return invoke("few", {"seconds": seconds})[1]
    except ClientError as error:
        return error.response["Error"]["Code"], error.response.get("Reason"), error.response["ResponseMetadata"]["HTTPStatusCode"]
def crowd(count, seconds):
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return list(pool.map(tried, [seconds] * count))
lam.put_function_concurrency(FunctionName="few", ReservedConcurrentExecutions=5)
answers = crowd(40, 1.5)
spans = [answer for answer in answers if isinstance(answer, list)]
print(len(spans) >= 5, max(sum(1 for begun, ended in spans if begun <= at < ended) for at, _ in spans))
print({answer for answer in answers if isinstance(answer, tuple)})
lam.put_function_concurrency(FunctionName="few", ReservedConcurrentExecutions=0)
print(tried(0)[0])
lam.delete_function_concurrency(FunctionName="few")
with concurrent.futures.ThreadPoolExecutor(12) as pool:
    running = [pool.submit(tried, 8) for _ in range(12)]
    open("told", "w").close()
    while not os.path.exists("seen"):
        time.sleep(0.01)
    lam.delete_function(FunctionName="few")
    print(sum(isinstance(one.result(), list) for one in running))
print(tried(0)[0])
"#;
    let work = daemon.work();
    let (output, (were, then)) = std::thread::scope(|scope| {
        let script = scope.spawn(|| host(&daemon, Some(&network), script));
        eventually("some run", || work.join("told").exists() || script.is_finished());
        // As many as there are invocations, whatever of the crowd before is still there.
        eventually("all of them run", || processes("sleep\u{0}173205") >= 12 || script.is_finished());
        let were = namespaces_below(&daemon);
        let then = now();
        fs::write(work.join("seen"), "").unwrap();
        (script.join().unwrap(), (were, then))
    });
    let told = succeeds(&daemon, &output);
    let lines: Vec<&str> = told.lines().collect();
    assert_eq!(lines[0], "True 5", "{told}");
    let refused = "('TooManyRequestsException', 'ReservedFunctionConcurrentInvocationLimitExceeded', 429)";
    assert_eq!(lines[1], format!("{{{refused}}}"), "{told}");
    assert_eq!(lines[2..], ["TooManyRequestsException", "12", "ResourceNotFoundException"], "{told}");
    assert!(were.len() > 12 * 2, "{were:?}");
    eventually("all environments have ended", || processes("sleep\u{0}173205") == 0);
    eventually("their interfaces are gone", || {
        let own = [("Filter.1.Name", "interface-type"), ("Filter.1.Value.1", "lambda")];
        !daemon.ec2("DescribeNetworkInterfaces", &own).unwrap().contains("<networkInterfaceId>")
    });
    eventually("their code is gone", || kept(&daemon) == 0);
    assert!(daemon.command("down").output().unwrap().status.success());
    daemon.wait();
    eventually("nobody is in their namespaces", || inhabited(&were, then) == 0);
    let state = daemon.state().display().to_string();
    assert_eq!(processes(&state), 0);
    assert!(!fs::read_to_string("/proc/self/mountinfo").unwrap().contains(&state));
    assert!(!PathBuf::from("/tmp/of-an-environment").exists());
}

// enforces: lambda:CreateFunction (negative)
// enforces: lambda:UpdateFunctionCode (positive)
// enforces: lambda:UpdateFunctionConfiguration (positive)
// enforces: lambda:UpdateFunctionConfiguration (negative)
#[test]
fn archives_and_events_that_are_none_are_refused_with_the_codes_of_aws() {
    need_root!();
    let daemon = Daemon::start();
    let script = r#"
own = role("own")
def archive(entries):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as all:
        for name, body, mode in entries:
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            all.writestr(info, body)
    return out.getvalue()
def told(call):
    try:
        call()
        return "done"
    except ClientError as error:
        return f'{error.response["ResponseMetadata"]["HTTPStatusCode"]} {error.response["Error"]["Code"]}: {error.response["Error"]["Message"]}'
def made(zip, runtime="python3.11"):
    return told(lambda: lam.create_function(FunctionName="bad", Role=own, Runtime=runtime, Handler="app.handler", Code={"ZipFile": zip}))
plain, link = 0o100644, 0o120777
app = ("app.py", "def handler(event, context): return 1\n", plain)
zeros = bytes(50 << 20)
bomb = archive([(f"part{n}", zeros, plain) for n in range(6)])
assert len(bomb) < 1 << 20
print(made(bomb))
print(told(lambda: lam.publish_layer_version(LayerName="bad", Content={"ZipFile": bomb})))
for entries in [[("../out", "x", plain)], [("/etc/out", "x", plain)], [("a", "/tmp", link), ("a/out", "x", plain)],
        [("a", "x", plain), ("a/b", "x", plain)], [("d" * 300 + "/f", "x", plain)], [("d/" * 3000 + "f", "x", plain)]]:
    print(made(archive(entries)))
print(made(b"PK no archive"), made(archive([app]), "python9.9"), sep="\n")
assert told(lambda: invoke("bad")).startswith("404 ResourceNotFoundException: Function not found: ")
inside = archive([("app.py", """
def handler(event, context):
    read = []
    for name in ["shadow", "above", "passwd"]:
        try: read.append(open(name).read(5))
        except OSError as error: read.append(error.errno)
    return read
""", plain), ("shadow", "/etc/shadow", link), ("above", "../../../../../../../root/.bashrc", link), ("passwd", "/etc/passwd", link)])
function("links", own, "", handler="app.handler")
lam.update_function_code(FunctionName="links", ZipFile=inside)
client("lambda").get_waiter("function_updated_v2").wait(FunctionName="links")
print(invoke("links")[1])
function("plain", own, "def handler(event, context): return len(event)\n")
sized = lambda count: '"' + "x" * (count - 2) + '"'
payload = lambda body, **more: told(lambda: lam.invoke(FunctionName="plain", Payload=body, **more))
print(payload(sized(6291456)), payload(sized(6291457)), payload(sized(1 << 20), InvocationType="Event"),
    payload(sized((1 << 20) + 1), InvocationType="Event"), payload("{").split("\n")[0], sep="\n")
print(told(lambda: lam.update_function_configuration(FunctionName="plain", Runtime="none1.0")))
lam.update_function_configuration(FunctionName="plain", Handler="absent.handler")
client("lambda").get_waiter("function_updated_v2").wait(FunctionName="plain")
print(*invoke("plain")[1].values(), invoke("plain")[0])
lam.update_function_configuration(FunctionName="plain", Handler="app.handler")
client("lambda").get_waiter("function_updated_v2").wait(FunctionName="plain")
print(invoke("plain", {"a": 1})[:2])
"#;
    let told = succeeds(&daemon, &host(&daemon, None, script));
    let lines: Vec<&str> = told.lines().collect();
    let unreadable = "400 InvalidParameterValueException: Could not unzip uploaded file. Please check your file, then try to \
                      upload again.";
    let too_large = "400 InvalidParameterValueException: Unzipped size must be smaller than 262144000 bytes";
    assert_eq!(lines[..2], [too_large; 2], "{told}");
    assert_eq!(lines[2..9], [unreadable; 7], "{told}");
    assert!(lines[9].starts_with("400 InvalidParameterValueException: Value python9.9 at 'runtime' failed"), "{told}");
    assert_eq!(lines[10], "['', 2, 'root:']", "links lead to what the function has: {told}");
    assert_eq!(lines[11], "done", "{told}");
    assert!(lines[12].starts_with("413 RequestTooLargeException: "), "{told}");
    assert_eq!(lines[13], "done", "{told}");
    assert!(lines[14].starts_with("413 RequestTooLargeException: "), "{told}");
    assert!(
        lines[15].starts_with("400 InvalidRequestContentException: Could not parse request body into json"),
        "{told}"
    );
    assert!(lines[16].starts_with("400 InvalidParameterValueException: Value none1.0 at 'runtime'"), "{told}");
    assert!(lines[17].contains("Runtime.ImportModuleError") && lines[17].ends_with(" Unhandled"), "{told}");
    assert_eq!(lines[18], "(None, 1)", "{told}");
}
