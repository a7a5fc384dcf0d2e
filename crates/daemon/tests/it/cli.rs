//! Commands that find no daemon, and what an interrupted one leaves.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::harness::{clients_are_lacking, need_root};

fn sidegate(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sidegate")).args(arguments).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_command_that_needs_a_daemon_says_how_to_start_one() {
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().to_str().unwrap();
    for command in ["status", "env", "events"] {
        let output = sidegate(&[command, "--state", state]);
        assert_eq!(output.status.code(), Some(1));
        let error = stderr(&output);
        assert!(error.starts_with("sidegate: no daemon runs on the state directory"), "{error}");
        assert!(error.contains("sidegate up"), "{error}");
    }
}

#[test]
fn ending_what_does_not_run_is_no_error() {
    let dir = tempfile::Builder::new().permissions(Permissions::from_mode(0o700)).tempdir().unwrap();
    let state = dir.path().to_str().unwrap();
    let output = sidegate(&["down", "--state", state]);
    assert!(output.status.success(), "{}", stderr(&output));
    let output = sidegate(&["down", "--state", "/no/such/directory"]);
    assert!(output.status.success(), "{}", stderr(&output));
}

#[test]
fn the_environment_is_taken_away_without_a_daemon() {
    let output = sidegate(&["env", "--unset"]);
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("unset AWS_ENDPOINT_URL "));
}

pub(crate) const LIMIT: Duration = Duration::from_secs(120);

#[test]
fn a_demo_that_is_interrupted_leaves_nothing_whenever_that_is() {
    need_root!();
    if clients_are_lacking() {
        return;
    }
    // As early as there is a directory; while the daemon starts; once it serves; while the instance starts; and while the
    // function is made.
    let moments = ["", "state/daemon.log", "state/daemon.json", "state/instances/*", "state/lambda/unpacked/*"];
    std::thread::scope(|scope| {
        for moment in moments {
            scope.spawn(move || interrupt_demo_when(moment));
        }
    });
}

fn interrupt_demo_when(moment: &str) {
    let dir = tempfile::tempdir().unwrap();
    let mut demo = Command::new(env!("CARGO_BIN_EXE_sidegate"));
    demo.arg("demo").env("TMPDIR", dir.path()).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut demo = demo.spawn().unwrap();
    let path = dir.path().join(format!("sidegate-demo-{}", demo.id())).join(moment);
    let is_there = || match path.to_str().unwrap().strip_suffix("/*") {
        Some(parent) => fs::read_dir(parent).is_ok_and(|mut entries| entries.next().is_some()),
        None => path.exists(),
    };
    let came = until(&mut demo, is_there);
    let pid = demo.id().to_string();
    let killed = Command::new("kill").args(["-INT", &pid]).status().unwrap();
    let ended = until(&mut demo, || false);
    if !ended {
        let _ = demo.kill();
    }
    let output = demo.wait_with_output().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), stderr(&output));
    assert!(came && killed.success(), "{moment}: {text}");
    assert!(ended, "{moment}: it goes on\n{text}");
    assert_eq!(output.status.code(), Some(1), "{moment}: {text}");
    assert!(text.contains("the demo was interrupted"), "{moment}: {text}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "{moment}: {text}");
    assert_eq!(processes_of(dir.path()), Vec::<String>::new(), "{moment}: {text}");
}

#[test]
fn a_detached_daemon_whose_start_is_interrupted_does_not_go_on_starting() {
    need_root!();
    let dir = tempfile::tempdir().unwrap();
    let state = dir.path().join("state");
    let sidegate = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sidegate"));
        command.args(arguments).arg("--state").arg(&state).stdin(Stdio::null());
        command
    };
    // A daemon may be faster than the signal.
    let interrupted = (0..10).any(|_| {
        let mut up = sidegate(&["up", "--detach", "--listen", "127.0.0.1:0"]);
        let _ = fs::remove_file(state.join("daemon.log"));
        let mut up = up.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        until(&mut up, || state.join("daemon.log").exists());
        // It may have ended by now, which its output tells.
        let _ = Command::new("kill").args(["-INT", &up.id().to_string()]).stderr(Stdio::null()).status().unwrap();
        let output = up.wait_with_output().unwrap();
        let serving = processes_of(dir.path()).iter().any(|line| line.contains(" up "));
        if output.status.success() {
            assert!(serving && String::from_utf8_lossy(&output.stdout).contains("serves"), "{output:?}");
            assert!(sidegate(&["down"]).status().unwrap().success());
            return false;
        }
        assert!(!serving, "{output:?}");
        assert!(stderr(&output).contains("interrupted: the daemon (pid "), "{output:?}");
        true
    });
    assert!(sidegate(&["down"]).status().unwrap().success());
    assert!(interrupted);
    assert_eq!(processes_of(dir.path()), Vec::<String>::new());
}

/// Waits until something is so, or else the process has ended; says whether that came in time.
pub(crate) fn until(child: &mut Child, is_so: impl Fn() -> bool) -> bool {
    let limit = Instant::now() + LIMIT;
    loop {
        if is_so() || child.try_wait().unwrap().is_some() {
            return true;
        }
        if Instant::now() > limit {
            return false;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// The command lines that name a directory.
pub(crate) fn processes_of(dir: &Path) -> Vec<String> {
    let lines = fs::read_dir("/proc").unwrap().filter_map(Result::ok).filter_map(|entry| {
        let line = fs::read(entry.path().join("cmdline")).ok()?;
        Some(String::from_utf8_lossy(&line).replace('\0', " "))
    });
    lines.filter(|line| line.contains(dir.to_str().unwrap())).collect()
}

#[test]
fn a_demo_or_a_benchmark_that_is_killed_leaves_nothing() {
    need_root!();
    std::thread::scope(|scope| {
        if !clients_are_lacking() {
            scope.spawn(|| kill_when(&["demo"], "sidegate-demo-", "state/lambda/unpacked/*", "-KILL"));
        }
        let moment = if Path::new("/usr/bin/socat").exists() { "socat.log" } else { "holder.sock" };
        scope.spawn(move || kill_when(&["bench", "network"], "sidegate-bench-", moment, "-KILL"));
        scope.spawn(|| kill_when(&["bench", "network"], "sidegate-bench-", "holder.sock", "-HUP"));
    });
}

/// Ends a command by a signal as soon as there is a file in its directory, and looks for what is left.
fn kill_when(arguments: &[&str], prefix: &str, moment: &str, signal: &str) {
    let dir = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_sidegate"));
    command.args(arguments).env("TMPDIR", dir.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut owner = command.spawn().unwrap();
    let path = dir.path().join(format!("{prefix}{}", owner.id())).join(moment);
    let is_there = || match path.to_str().unwrap().strip_suffix("/*") {
        Some(parent) => fs::read_dir(parent).is_ok_and(|mut entries| entries.next().is_some()),
        None => path.exists(),
    };
    assert!(until(&mut owner, is_there), "{arguments:?}");
    assert!(Command::new("kill").args([signal, &owner.id().to_string()]).status().unwrap().success());
    owner.wait().unwrap();
    let limit = Instant::now() + LIMIT;
    while fs::read_dir(dir.path()).unwrap().count() > 0 || !processes_of(dir.path()).is_empty() {
        assert!(Instant::now() < limit, "{arguments:?}: {:?}", processes_of(dir.path()));
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn the_next_demo_clears_what_one_left_that_was_killed_with_its_guardian() {
    need_root!();
    if clients_are_lacking() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let demo = || {
        let mut demo = Command::new(env!("CARGO_BIN_EXE_sidegate"));
        demo.arg("demo").env("TMPDIR", dir.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        demo.spawn().unwrap()
    };
    let mut first = demo();
    let left = dir.path().join(format!("sidegate-demo-{}", first.id()));
    assert!(until(&mut first, || left.join("state/daemon.json").exists()));
    let guardians = fs::read_to_string(format!("/proc/{0}/task/{0}/children", first.id())).unwrap();
    let is_guardian = |pid: &&str| {
        let line = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        line.split(|b| *b == 0).any(|word| word == b"guardian")
    };
    let threads = fs::read_dir(format!("/proc/{}/task", first.id())).unwrap().filter_map(Result::ok);
    let children: String = threads
        .map(|thread| fs::read_to_string(thread.path().join("children")).unwrap_or_default() + " ")
        .chain([guardians])
        .collect();
    let guardian = children.split_whitespace().find(is_guardian).unwrap().to_owned();
    assert!(Command::new("kill").args(["-KILL", &guardian, &first.id().to_string()]).status().unwrap().success());
    first.wait().unwrap();
    assert!(left.join("state/daemon.json").exists());
    let mut second = demo();
    assert!(until(&mut second, || !left.exists()));
    assert!(!left.exists());
    assert!(Command::new("kill").args(["-INT", &second.id().to_string()]).status().unwrap().success());
    second.wait().unwrap();
    assert_eq!(processes_of(dir.path()), Vec::<String>::new());
}
