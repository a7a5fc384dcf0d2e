//! What a sandboxed program can and cannot do, proven with real programs.
//!
//! Each test has a directory of its own and cleans up when dropped, also when it fails.

use std::ffi::OsString;
use std::fs;
use std::io::{Read, Write};
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use sidegate_linux::holder;
use sidegate_linux::netns::NetNs;
use sidegate_linux::sandbox::{
    self, Detached, Entry, Identity, InjectedFile, Limits, Outcome, Root, Sandbox, SandboxError, is_running, terminate,
};

const LIMIT: Duration = Duration::from_secs(20);

pub(crate) fn helper() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_sidegate-linux-helper"))
}

/// Skips a test, aloud, where it cannot run.
macro_rules! need_root {
    () => {
        if !nix::unistd::geteuid().is_root() {
            eprintln!("skipped: needs root");
            return;
        }
    };
}
pub(crate) use need_root;

/// A place on disk with a state directory and a working directory.
struct Place {
    dir: tempfile::TempDir,
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = terminate(&self.pid_file(), Duration::ZERO);
        let _ = holder::Client::new(&holder::socket_path(&self.cwd())).stop();
    }
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::Builder::new().prefix("sidegate-it-").tempdir_in("/var/lib").unwrap();
        for name in ["state", "state/upper", "state/work", "cwd"] {
            fs::create_dir(dir.path().join(name)).unwrap();
        }
        fs::write(dir.path().join("state/secret"), "secret").unwrap();
        Self { dir }
    }

    fn state(&self) -> PathBuf {
        self.dir.path().join("state")
    }

    fn cwd(&self) -> PathBuf {
        self.dir.path().join("cwd")
    }

    fn pid_file(&self) -> PathBuf {
        self.state().join("pid")
    }

    fn status_file(&self) -> PathBuf {
        self.state().join("status")
    }

    fn log(&self) -> PathBuf {
        self.state().join("log")
    }

    fn exec(&self, script: &str) -> Sandbox {
        Sandbox {
            netns: NetNs::create().unwrap().into(),
            hostname: "inside".to_owned(),
            root: Root::ReadOnlyHost { writable: vec![self.cwd()] },
            workdir: self.cwd(),
            identity: Identity::Caller { uid: 0, gid: 0 },
            files: vec![InjectedFile { path: "/etc/resolv.conf".into(), contents: b"nameserver 10.9.0.2\n".to_vec() }],
            environment: vec![(
                OsString::from("PATH"),
                std::env::var_os("PATH").unwrap_or_else(|| "/usr/bin:/bin".into()),
            )],
            command: ["bash", "-c", script].map(OsString::from).to_vec(),
            hidden: vec![self.state()],
            scratch: Vec::new(),
            limits: Limits::default(),
        }
    }

    fn instance(&self, script: &str) -> Sandbox {
        Sandbox {
            root: Root::Overlay { upper: self.state().join("upper"), work: self.state().join("work") },
            identity: Identity::RootInside,
            workdir: "/".into(),
            ..self.exec(script)
        }
    }

    fn detach(&self, sandbox: &Sandbox) {
        let (log, status_file, pid_file) = (self.log(), self.status_file(), self.pid_file());
        sandbox
            .spawn_detached(&helper(), Detached { log: &log, status_file: &status_file, pid_file: &pid_file })
            .unwrap();
    }

    fn log_text(&self) -> String {
        fs::read_to_string(self.log()).unwrap_or_default()
    }
}

/// What a program printed, both streams, and its exit status.
fn output(sandbox: &Sandbox) -> (String, i32) {
    let mut running = sandbox.spawn(&helper(), Stdio::null(), Stdio::piped(), Stdio::piped()).unwrap();
    let mut stderr = running.stderr.take().unwrap();
    let errors = thread::spawn(move || {
        let mut text = String::new();
        stderr.read_to_string(&mut text).map(|_| text)
    });
    let mut text = String::new();
    running.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    text.push_str(&errors.join().unwrap().unwrap());
    (text, running.wait().unwrap())
}

fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let limit = Instant::now() + LIMIT;
    while !condition() {
        assert!(Instant::now() < limit, "not within {LIMIT:?}: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}

/// Whether a process of the host has `marker` among its arguments.
fn runs(marker: &str) -> bool {
    fs::read_dir("/proc").unwrap().filter_map(Result::ok).any(|entry| {
        fs::read(entry.path().join("cmdline"))
            .is_ok_and(|line| line.split(|b| *b == 0).any(|argument| argument == marker.as_bytes()))
    })
}

/// A number that no other process sleeps for.
fn marker() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("{}.{}", 100_000 + std::process::id() % 100_000, 1 + NEXT.fetch_add(1, Ordering::Relaxed))
}

#[test]
fn a_program_cannot_write_to_the_host() {
    need_root!();
    let place = Place::new();
    let script = "for d in / /etc /usr /usr/bin /root /var /var/lib /home /boot /opt /sys /proc/sys/kernel; do
            if (: > $d/sidegate-was-here) 2>/dev/null; then echo wrote $d; fi
        done
        if (: >> /etc/passwd) 2>/dev/null; then echo wrote passwd; fi
        if (echo x > /proc/sysrq-trigger) 2>/dev/null; then echo wrote sysrq; fi
        if (echo x > /proc/sys/kernel/hostname) 2>/dev/null; then echo wrote hostname; fi
        if (echo x > /proc/sys/kernel/core_pattern) 2>/dev/null; then echo wrote core_pattern; fi
        if (echo 1 > /proc/sys/net/ipv4/ip_forward) 2>/dev/null; then echo wrote ip_forward; fi
        rm -f /etc/hostname 2>/dev/null && echo removed
        true";
    assert_eq!(output(&place.exec(script)), (String::new(), 0));
    assert!(!Path::new("/etc/sidegate-was-here").exists());
}

#[test]
fn a_program_can_write_to_its_working_directory_and_to_tmp() {
    need_root!();
    let place = Place::new();
    let (text, status) = output(&place.exec("echo kept > file && echo gone > /tmp/sidegate-private && echo $PWD"));
    assert_eq!((text.trim(), status), (place.cwd().to_str().unwrap(), 0));
    assert_eq!(fs::read_to_string(place.cwd().join("file")).unwrap(), "kept\n");
    assert!(!Path::new("/tmp/sidegate-private").exists());
}

#[test]
fn a_working_directory_below_tmp_is_there_and_its_neighbours_are_not() {
    need_root!();
    let place = Place::new();
    let dir = tempfile::tempdir_in("/tmp").unwrap();
    let neighbour = tempfile::NamedTempFile::new_in("/tmp").unwrap();
    let mut sandbox = place.exec(&format!("echo x > here; test -e {} && echo leaked", neighbour.path().display()));
    sandbox.root = Root::ReadOnlyHost { writable: vec![dir.path().to_owned()] };
    sandbox.workdir = dir.path().to_owned();
    assert_eq!(output(&sandbox), (String::new(), 1));
    assert!(dir.path().join("here").exists());
}

#[test]
fn a_directory_of_the_program_s_own_is_empty_and_writable_and_nothing_of_it_reaches_the_host() {
    need_root!();
    let place = Place::new();
    let (there, absent) = (place.dir.path().join("there"), place.dir.path().join("absent"));
    fs::create_dir(&there).unwrap();
    fs::write(there.join("secret"), "secret").unwrap();
    let own = place.cwd().join("own");
    let script = format!(
        "for d in {} {}; do ls -A $d; stat -c '%u %a' $d; mkdir $d/deep && echo kept > $d/deep/file && cat $d/deep/file; done
         touch {}/no 2>/dev/null || echo read-only; test -e {} || echo mine to make",
        there.display(),
        absent.display(),
        place.dir.path().display(),
        own.display(),
    );
    let scratch = vec![there.clone(), absent.clone(), own.clone(), "/no/such/parent/own".into()];
    for (uid, hidden) in [(0, vec![place.state(), there.clone()]), (1234, vec![place.state()])] {
        let identity = Identity::Caller { uid, gid: uid };
        let mut sandbox = Sandbox { scratch: scratch.clone(), identity, hidden, ..place.exec(&script) };
        if uid != 0 {
            sandbox.root = Root::ReadOnlyHost { writable: Vec::new() };
            sandbox.workdir = "/".into();
            fs::set_permissions(place.dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        }
        let (text, status) = output(&sandbox);
        let each = format!("{uid} 700\nkept\n");
        let last = if uid == 0 { "read-only\nmine to make\n" } else { "read-only\n" };
        assert_eq!((text, status), (format!("{each}{each}{last}"), 0));
    }
    assert!(!absent.exists() && !own.exists());
    assert_eq!(fs::read_dir(&there).unwrap().count(), 1);

    // With an instance it is kept, as its other files are.
    let instance = |script: String| Sandbox { scratch: vec![there.clone()], ..place.instance(&script) };
    assert_eq!(output(&instance(format!("echo kept > {}/file", there.display()))), (String::new(), 0));
    assert_eq!(output(&instance(format!("cat {}/*", there.display()))), ("kept\n".to_owned(), 0));
    assert_eq!(fs::read_dir(&there).unwrap().count(), 1);
}

#[test]
fn the_system_s_directories_cannot_be_made_writable() {
    need_root!();
    let place = Place::new();
    for dir in ["/", "/etc", "/usr/lib", "/var", "/proc/sys", "/run", "/tmp"] {
        let mut sandbox = place.exec("true");
        sandbox.root = Root::ReadOnlyHost { writable: vec![dir.into()] };
        let error = sandbox.run(&helper()).unwrap_err();
        assert!(matches!(error, SandboxError::Invalid { .. }), "{dir}: {error}");
    }
}

#[test]
fn files_of_the_working_directory_cannot_be_made_setuid() {
    need_root!();
    let place = Place::new();
    let script = "cp /bin/true mine; chmod 755 mine; chmod u+s mine && echo setuid
        python3 -c 'import os; os.open(\"new\", os.O_CREAT|os.O_WRONLY, 0o4755)' 2>/dev/null && echo created
        true";
    let (text, _) = output(&place.exec(script));
    assert!(!text.contains("setuid\n") && !text.contains("created"), "{text}");
    assert_eq!(fs::metadata(place.cwd().join("mine")).unwrap().mode() & 0o7777, 0o755);
}

#[test]
fn an_instance_writes_anywhere_and_the_host_does_not_change() {
    need_root!();
    let place = Place::new();
    let before = fs::read("/etc/passwd").unwrap();
    let script = "set -e
        echo mine >> /etc/passwd; mkdir /opt/sidegate-it; rm /usr/bin/env; echo x > /usr/bin/sidegate-it
        useradd sidegate-it 2>/dev/null || true
        touch /root/f; chown 1000:1000 /root/f; stat -c %u:%g /root/f; mv /opt/sidegate-it /opt/sidegate-it2";
    assert_eq!(output(&place.instance(script)), ("1000:1000\n".to_owned(), 0));
    assert_eq!(fs::read("/etc/passwd").unwrap(), before);
    assert!(Path::new("/usr/bin/env").exists());
    assert!(!Path::new("/opt/sidegate-it").exists() && !Path::new("/opt/sidegate-it2").exists());
    let (text, _) =
        output(&place.instance("tail -n1 /etc/passwd | grep -c -e mine -e sidegate; ls -d /opt/sidegate-it2"));
    assert_eq!(text, "1\n/opt/sidegate-it2\n", "an instance keeps its files over a restart");
}

#[test]
fn root_inside_must_have_a_layer_of_its_own() {
    need_root!();
    let place = Place::new();
    let sandbox = Sandbox { identity: Identity::RootInside, ..place.exec("true") };
    assert!(matches!(sandbox.run(&helper()), Err(SandboxError::Invalid { .. })));
}

#[test]
fn a_program_cannot_change_mounts_networks_or_namespaces() {
    need_root!();
    let place = Place::new();
    let script = "export PATH=$PATH:/usr/sbin:/sbin
        ip link add d0 type dummy 2>/dev/null && echo link
        ip link set lo up 2>/dev/null && echo up
        ip route add blackhole 1.2.3.0/24 2>/dev/null && echo route
        nft add table ip t 2>/dev/null && echo nft
        mount -t tmpfs none /mnt 2>/dev/null && echo mount
        mount -o remount,rw / 2>/dev/null && echo remount
        mount -o remount,rw,bind / 2>/dev/null && echo remount-bind
        umount /etc/resolv.conf 2>/dev/null && echo umount
        umount -l /proc/sys 2>/dev/null && echo umount-proc
        for n in user net mount pid ipc uts; do unshare --$n true 2>/dev/null && echo unshare $n; done
        unshare -Ur true 2>/dev/null && echo unshare root
        nsenter --net=/proc/1/ns/net true 2>/dev/null && echo nsenter
        nsenter --mount=/proc/self/ns/mnt true 2>/dev/null && echo nsenter self
        for f in /proc/1/fd/* /proc/1/root /proc/1/cwd /proc/1/exe; do readlink $f 2>/dev/null && echo init is open; done
        for f in environ mem maps; do head -c1 /proc/1/$f 2>/dev/null; done
        mknod /tmp/disk b 8 0 2>/dev/null && echo mknod
        chroot / true 2>/dev/null && [ $(id -u) = nobody ] && echo chroot
        hostname other 2>/dev/null && echo hostname
        true";
    assert_eq!(output(&place.exec(script)), (String::new(), 0));
    let place = Place::new();
    assert_eq!(output(&place.instance(script)), (String::new(), 0));
}

#[test]
fn a_program_has_no_capabilities_no_new_privileges_and_a_filter() {
    need_root!();
    let place = Place::new();
    let script = "grep -E '^(CapEff|CapPrm|CapBnd|CapAmb|NoNewPrivs|Seccomp):' /proc/self/status | tr -s '\\t' ' '";
    let expected = "CapPrm: 0000000000000000\nCapEff: 0000000000000000\nCapBnd: 0000000000000000\n\
        CapAmb: 0000000000000000\nNoNewPrivs: 1\nSeccomp: 2\n";
    assert_eq!(output(&place.exec(script)), (expected.to_owned(), 0));
}

#[test]
fn a_program_of_another_user_is_that_user_and_nobody_else() {
    need_root!();
    let place = Place::new();
    std::os::unix::fs::chown(place.cwd(), Some(4242), Some(4243)).unwrap();
    fs::set_permissions(place.dir.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let script =
        "echo $(id -u):$(id -g):$(echo $(cat /proc/self/uid_map)); echo x > mine; cat /etc/shadow 2>/dev/null; true";
    let sandbox = Sandbox { identity: Identity::Caller { uid: 4242, gid: 4243 }, ..place.exec(script) };
    assert_eq!(output(&sandbox), ("4242:4243:4242 4242 1\n".to_owned(), 0));
    let meta = fs::metadata(place.cwd().join("mine")).unwrap();
    assert_eq!((meta.uid(), meta.gid()), (4242, 4243));
}

#[test]
fn a_program_sees_its_own_processes_only() {
    need_root!();
    let place = Place::new();
    let script = format!(
        "ls -d /proc/[0-9]* | wc -l; kill -9 {} 2>/dev/null && echo killed; kill -9 1; sleep 0.1; echo alive",
        std::process::id()
    );
    let (text, _) = output(&place.exec(&script));
    let (count, rest) = text.split_once('\n').unwrap();
    assert!(count.trim().parse::<u32>().unwrap() <= 5, "{text}");
    assert_eq!(rest, "alive\n");
}

#[test]
fn hidden_directories_are_empty_and_injected_files_are_ours() {
    need_root!();
    let place = Place::new();
    let script = format!(
        "ls -A {0}; cat {0}/secret 2>/dev/null; (: > {0}/x) 2>/dev/null && echo wrote
         cat /etc/resolv.conf; (echo x > /etc/resolv.conf) 2>/dev/null && echo overwrote
         cat /etc/ssl/new/ca.crt; hostname",
        place.state().display()
    );
    for mut sandbox in [place.exec(&script), place.instance(&script)] {
        sandbox.files.push(InjectedFile { path: "/etc/ssl/new/ca.crt".into(), contents: b"pem\n".to_vec() });
        assert_eq!(output(&sandbox).0, "nameserver 10.9.0.2\npem\ninside\n");
    }
    assert!(!Path::new("/etc/ssl/new").exists());
}

#[test]
fn sockets_of_the_host_cannot_be_reached_wherever_they_lie() {
    need_root!();
    let place = Place::new();
    let socket = place.dir.path().join("host.sock");
    let run_socket = PathBuf::from(format!("/run/sidegate-it-{}.sock", std::process::id()));
    let _listener = UnixListener::bind(&socket).unwrap();
    let _run_listener = UnixListener::bind(&run_socket).unwrap();
    let script = format!(
        "ls -A /run; ls /run/netns /run/docker.sock /var/run/nscd /var/run/dbus 2>/dev/null
         python3 - <<'END'
import socket
for path in ['{}', '{}', '/run/docker.sock', '/run/dbus/system_bus_socket', '/run/systemd/resolve/io.systemd.Resolve', '/var/run/nscd/socket']:
    s = socket.socket(socket.AF_UNIX)
    try:
        s.connect(path)
        print('reached', path)
    except OSError:
        pass
try:
    socket.socket(40, socket.SOCK_STREAM)
    print('vsock')
except OSError:
    pass
END",
        socket.display(),
        run_socket.display()
    );
    let results = [output(&place.exec(&script)), output(&place.instance(&script))];
    fs::remove_file(run_socket).unwrap();
    for result in results {
        assert_eq!(result, ("lock\n".to_owned(), 0));
    }
}

#[test]
fn exit_status_input_and_environment_pass_through() {
    need_root!();
    let place = Place::new();
    let mut sandbox = place.exec("read line; echo \"$GREETING $line\"; exit 7");
    sandbox.environment.push(("GREETING".into(), "hello".into()));
    let mut running = sandbox.spawn(&helper(), Stdio::piped(), Stdio::piped(), Stdio::inherit()).unwrap();
    running.stdin.take().unwrap().write_all(b"world\n").unwrap();
    let mut text = String::new();
    running.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert_eq!((text.as_str(), running.wait().unwrap()), ("hello world\n", 7));
    assert_eq!(output(&place.exec("kill -KILL $$")).1, 137);
    assert_eq!(output(&place.exec("env | cut -d= -f1 | sort | tr '\\n' ' '")).0.trim(), "PATH PWD SHLVL _");
}

#[test]
fn signals_reach_the_program() {
    need_root!();
    let place = Place::new();
    let sandbox = place.exec("trap 'echo got TERM; exit 3' TERM; echo ready; while :; do sleep 0.05; done");
    let mut running = sandbox.spawn(&helper(), Stdio::null(), Stdio::piped(), Stdio::inherit()).unwrap();
    let mut stdout = running.stdout.take().unwrap();
    let mut ready = [0; 6];
    stdout.read_exact(&mut ready).unwrap();
    running.signal(Signal::SIGTERM).unwrap();
    let mut text = String::new();
    stdout.read_to_string(&mut text).unwrap();
    assert_eq!((text.as_str(), running.wait().unwrap()), ("got TERM\n", 3));
}

#[test]
fn commands_that_cannot_start_say_so() {
    need_root!();
    let place = Place::new();
    let with = |command: &str| Sandbox { command: vec![command.into()], ..place.exec("") };
    let error = with("no-such-program").run(&helper()).unwrap_err();
    assert!(matches!(error, SandboxError::CommandNotFound { .. }), "{error}");
    assert_eq!(error.exit_status(), 127);
    let error = with("/etc/passwd").run(&helper()).unwrap_err();
    assert!(matches!(error, SandboxError::CommandNotExecutable { .. }), "{error}");
    assert_eq!(error.exit_status(), 126);
    let lost = Sandbox { workdir: "/no/such/directory".into(), ..place.exec("true") };
    assert!(matches!(lost.run(&helper()), Err(SandboxError::WorkingDirectory { .. })));
}

#[test]
fn no_descriptor_but_the_standard_ones_gets_in() {
    need_root!();
    let place = Place::new();
    let directory = fs::File::open("/").unwrap();
    let sandbox = Sandbox { command: ["ls", "/proc/self/fd"].map(OsString::from).to_vec(), ..place.exec("") };
    assert_eq!(output(&sandbox).0, "0\n1\n2\n3\n", "3 is the listing itself");
    let refused = place.exec("true").spawn(&helper(), directory.into(), Stdio::null(), Stdio::null());
    assert!(matches!(refused, Err(SandboxError::Invalid { .. })), "a directory would be a way out");
}

#[test]
fn a_killed_caller_takes_its_children_with_it() {
    need_root!();
    let marker = marker();
    let mut caller = Command::new(helper())
        .args(["run", "bash", "-c", &format!("setsid sleep {marker} & sleep {marker}")])
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    eventually("the program runs", || runs(&marker));
    caller.kill().unwrap();
    caller.wait().unwrap();
    eventually("the program is gone", || !runs(&marker));
}

#[test]
fn a_killed_shim_takes_its_children_with_it() {
    need_root!();
    let place = Place::new();
    let marker = marker();
    let sandbox = place.exec(&format!("setsid sleep {marker} & sleep {marker}"));
    let running = sandbox.spawn(&helper(), Stdio::null(), Stdio::null(), Stdio::null()).unwrap();
    eventually("the program runs", || runs(&marker));
    kill(Pid::from_raw(running.shim_pid().cast_signed()), Signal::SIGKILL).unwrap();
    eventually("the program is gone", || !runs(&marker));
}

#[test]
fn a_caller_passes_its_signals_on() {
    need_root!();
    let caller = Command::new(helper())
        .args(["run", "bash", "-c", "trap 'exit 9' TERM; echo ready; while :; do sleep 0.05; done"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn();
    let mut caller = caller.unwrap();
    let mut ready = [0; 6];
    caller.stdout.take().unwrap().read_exact(&mut ready).unwrap();
    kill(Pid::from_raw(caller.id().cast_signed()), Signal::SIGTERM).unwrap();
    assert_eq!(caller.wait().unwrap().code(), Some(9));
}

#[test]
fn a_detached_program_survives_its_parent_and_keeps_its_status() {
    need_root!();
    let place = Place::new();
    let marker = marker();
    let state = place.state();
    // The helper ends as soon as the program runs.
    let status = Command::new(helper())
        .arg("detach")
        .arg(&state)
        .args(["bash", "-c", &format!("echo console; sleep {marker} & sleep 0.3; exit 5")])
        .status()
        .unwrap();
    assert!(status.success());
    assert!(is_running(&place.pid_file()).unwrap());
    eventually("the command ends", || sandbox::status(&place.status_file()).unwrap().is_some());
    assert_eq!(sandbox::status(&place.status_file()).unwrap(), Some(Outcome::Exited { code: 5 }));
    assert_eq!(place.log_text(), "console\n");
    assert!(is_running(&place.pid_file()).unwrap() && runs(&marker), "the instance goes on");
    terminate(&place.pid_file(), Duration::from_secs(5)).unwrap();
    assert!(!is_running(&place.pid_file()).unwrap() && !runs(&marker));
    assert_eq!(sandbox::status(&place.status_file()).unwrap(), Some(Outcome::Exited { code: 5 }));
}

#[test]
fn terminate_asks_first_and_then_kills_everything() {
    need_root!();
    let place = Place::new();
    let stubborn = marker();
    place.detach(&place.instance(&format!(
        "trap 'echo asked' TERM; (trap '' TERM; exec sleep {stubborn}) & while :; do sleep 0.05; done"
    )));
    eventually("the program runs", || runs(&stubborn));
    terminate(&place.pid_file(), Duration::from_millis(500)).unwrap();
    assert!(!runs(&stubborn) && !is_running(&place.pid_file()).unwrap());
    assert!(place.log_text().contains("asked"), "{}", place.log_text());
    assert_eq!(sandbox::status(&place.status_file()).unwrap(), Some(Outcome::Terminated));
    terminate(&place.pid_file(), Duration::ZERO).unwrap();
}

#[test]
fn terminate_ends_at_once_what_ends_when_asked() {
    need_root!();
    let place = Place::new();
    let marker = marker();
    place.detach(&place.instance(&format!("exec sleep {marker}")));
    let start = Instant::now();
    terminate(&place.pid_file(), LIMIT).unwrap();
    assert!(start.elapsed() < LIMIT / 4);
    assert_eq!(sandbox::status(&place.status_file()).unwrap(), Some(Outcome::Killed { signal: 15 }));
}

#[test]
fn another_program_can_enter_a_running_instance() {
    need_root!();
    let place = Place::new();
    let marker = marker();
    place.detach(&place.instance(&format!("echo mine > /etc/sidegate-it; exec sleep {marker}")));
    eventually("the program runs", || runs(&marker));
    let entry = |script: &str| Entry {
        pid_file: place.pid_file(),
        workdir: "/etc".into(),
        identity: Identity::RootInside,
        environment: vec![("PATH".into(), "/usr/sbin:/usr/bin:/sbin:/bin".into())],
        command: ["bash", "-c", script].map(OsString::from).to_vec(),
    };
    let script = "cat sidegate-it; hostname; pgrep -x sleep | wc -l; grep -E '^(NoNewPrivs|Seccomp):' /proc/self/status | cut -f2
        mount -t tmpfs none /mnt 2>/dev/null && echo mounted; ip link add d0 type dummy 2>/dev/null && echo link
        readlink /proc/self/ns/user /proc/1/ns/user | uniq | wc -l; ls /proc/self/fd | wc -l; exit 6";
    let mut running = entry(script).spawn(&helper(), Stdio::null(), Stdio::piped(), Stdio::inherit()).unwrap();
    let mut text = String::new();
    running.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    assert_eq!((text.as_str(), running.wait().unwrap()), ("mine\ninside\n1\n1\n2\n1\n4\n", 6));
    terminate(&place.pid_file(), Duration::from_secs(5)).unwrap();
    assert!(matches!(entry("true").run(&helper()), Err(SandboxError::NotRunning { .. })));
}

#[test]
fn two_sandboxes_cannot_share_a_layer_for_changes() {
    need_root!();
    let place = Place::new();
    place.detach(&place.instance("sleep 1000"));
    let error = place.instance("true").run(&helper()).unwrap_err();
    assert!(matches!(error, SandboxError::Invalid { .. }), "{error}");
}

#[test]
fn a_shell_on_a_terminal_has_job_control_and_gives_the_terminal_back() {
    need_root!();
    let script = format!(
        r#"
import os, pty, select, sys, time
pid, fd = pty.fork()
if pid == 0:
    os.execv('/bin/bash', ['bash', '--norc', '-i'])
seen = b''
def until(text, wait=15):
    global seen
    end = time.time() + wait
    while text not in seen:
        if time.time() > end or not select.select([fd], [], [], 1)[0]:
            if time.time() > end: sys.exit('no %r in %r' % (text, seen))
            continue
        seen += os.read(fd, 65536)
    seen = seen.split(text, 1)[1]
def say(line): os.write(fd, line.encode())
helper = '{}'
say('bind "set enable-bracketed-paste off"; PS1=out$; echo r""eady\n'); until(b'ready\r\n')
say(helper + ' run bash --norc -i\n'); until(b'# ')
say('PS1=in$; echo i""nside\n'); until(b'inside\r\n')
say('sleep 100\n'); time.sleep(0.5); say('\x03'); say('echo st""atus $?\n'); until(b'status 130')
say('sleep 100\n'); time.sleep(0.5); say('\x1a'); until(b'Stopped')
say('fg\n'); time.sleep(0.5); say('\x03'); time.sleep(0.5); say('exit 4\n'); until(b'exit'); say('echo ba""ck $?\n'); until(b'back 4')
say(helper + ' run sleep 100\n'); time.sleep(1); say('\x1a'); until(b'Stopped')
say('fg\n'); time.sleep(0.5); say('\x03'); say('echo en""d $?\n'); until(b'end 130')
say('exit\n')
os.waitpid(pid, 0)
"#,
        helper().display()
    );
    let output = Command::new("python3").args(["-c", &script]).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn two_programs_cannot_share_a_pid_file() {
    need_root!();
    let place = Place::new();
    place.detach(&place.exec("sleep 1000"));
    let (log, status_file, pid_file) = (place.log(), place.status_file(), place.pid_file());
    let files = Detached { log: &log, status_file: &status_file, pid_file: &pid_file };
    let error = place.exec("true").spawn_detached(&helper(), files).unwrap_err();
    assert!(matches!(error, SandboxError::AlreadyRunning { .. }), "{error}");
    assert!(is_running(&pid_file).unwrap());
}

#[test]
fn a_pid_file_without_a_lock_means_nobody() {
    need_root!();
    let place = Place::new();
    let mut bystander = Command::new("sleep").arg("1000").spawn().unwrap();
    fs::write(place.pid_file(), format!("{}\n", bystander.id())).unwrap();
    assert!(!is_running(&place.pid_file()).unwrap());
    terminate(&place.pid_file(), Duration::ZERO).unwrap();
    let alive = bystander.try_wait().unwrap().is_none();
    bystander.kill().unwrap();
    bystander.wait().unwrap();
    assert!(alive, "a stale pid was killed");
}

#[test]
fn common_programs_start_inside() {
    need_root!();
    let place = Place::new();
    let script = "set -e
        python3 -c 'import ssl, socket, tempfile, multiprocessing as m; tempfile.TemporaryFile(); m.Lock(); socket.socket().bind((\"0.0.0.0\", 80))'
        curl --version >/dev/null
        bash -c 'cat <(echo substitution)'
        head -c 4 /dev/urandom | wc -c
        python3 -c 'import pty; pty.spawn([\"tty\"])' < /dev/null";
    for sandbox in [place.exec(script), place.instance(script)] {
        let (text, status) = output(&sandbox);
        assert_eq!((text.replace('\r', "").as_str(), status), ("substitution\n4\n/dev/pts/0\n", 0));
    }
}

#[test]
fn an_instance_can_use_the_package_manager() {
    need_root!();
    if !Path::new("/usr/bin/dpkg").exists() {
        eprintln!("skipped: needs dpkg");
        return;
    }
    let place = Place::new();
    let script = "set -e; mkdir -p /tmp/p/DEBIAN /tmp/p/usr/share/sidegate-it
        printf 'Package: sidegate-it\\nVersion: 1\\nArchitecture: all\\nMaintainer: x <x@example.invalid>\\nDescription: x\\n' > /tmp/p/DEBIAN/control
        echo x > /tmp/p/usr/share/sidegate-it/file
        dpkg-deb --build /tmp/p /tmp/p.deb >/dev/null; dpkg -i /tmp/p.deb >/dev/null 2>&1; dpkg -s sidegate-it | grep Status
        su nobody -s /bin/sh -c 'id -un'";
    let mut sandbox = place.instance(script);
    sandbox.environment = vec![("PATH".into(), "/usr/sbin:/usr/bin:/sbin:/bin".into())];
    assert_eq!(output(&sandbox), ("Status: install ok installed\nnobody\n".to_owned(), 0));
    assert!(!Path::new("/usr/share/sidegate-it").exists());
}

#[test]
fn a_program_is_refused_by_another_holder_and_known_for_what_it_is() {
    need_root!();
    let place = Place::new();
    let client = holder::spawn(&place.cwd(), &helper()).unwrap();
    client.ensure("kept").unwrap();
    let listener = UnixListener::bind(place.cwd().join("control.sock")).unwrap();
    let judged = thread::spawn(move || sidegate_linux::peer::is_outside(&listener.accept().unwrap().0).unwrap());

    // A copy, since what lies in /tmp is not there inside.
    let inside = place.cwd().join("helper");
    fs::copy(helper(), &inside).unwrap();
    let ask = |socket: &str| format!("{} list {}", inside.display(), place.cwd().join(socket).display());
    // The same program outside is heard.
    let outside = Command::new("sh").args(["-c", &ask("holder.sock")]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&outside.stdout), "kept\n");
    let (text, status) = output(&place.exec(&ask("holder.sock")));
    assert!(status == 2 && text.contains("broke off the conversation"), "{status}: {text}");
    assert_eq!(output(&place.exec(&ask("control.sock"))).1, 2);
    // So that nobody waits for a program that did not come so far.
    drop(UnixStream::connect(place.cwd().join("control.sock")));
    assert!(!judged.join().unwrap());
    assert_eq!(client.list().unwrap(), ["kept"]);
}
