//! The holder keeps namespaces whatever happens to its clients, and there is one.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use sidegate_linux::holder::{self, Client, HolderError};

use super::sandbox::{helper, need_root};

struct State {
    dir: tempfile::TempDir,
}

impl State {
    fn new() -> Self {
        Self { dir: tempfile::Builder::new().prefix("sidegate-holder-").tempdir().unwrap() }
    }

    fn path(&self) -> &Path {
        self.dir.path()
    }

    fn socket(&self) -> PathBuf {
        holder::socket_path(self.path())
    }

    /// Holders of this state directory, by their command line.
    fn holders(&self) -> Vec<i32> {
        let socket = self.socket();
        let needle = socket.to_str().unwrap().as_bytes();
        fs::read_dir("/proc")
            .unwrap()
            .filter_map(|entry| {
                let entry = entry.ok()?;
                let line = fs::read(entry.path().join("cmdline")).ok()?;
                line.split(|b| *b == 0).any(|word| word == needle).then(|| entry.file_name().to_str()?.parse().ok())?
            })
            .collect()
    }
}

impl Drop for State {
    fn drop(&mut self) {
        let _ = Client::new(&self.socket()).stop();
    }
}

fn within(what: &str, mut condition: impl FnMut() -> bool) {
    let limit = Instant::now() + Duration::from_secs(10);
    while !condition() {
        assert!(Instant::now() < limit, "{what}");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn namespaces_survive_in_the_holder_when_the_client_dies() {
    need_root!();
    let state = State::new();
    let id = {
        let client = holder::spawn(state.path(), &helper()).unwrap();
        let (netns, created) = client.ensure("123456789012/eu-west-1/vpc-1").unwrap();
        assert!(created);
        // Something that only this namespace has.
        netns.run(|| fs::write("/proc/sys/net/ipv4/ip_forward", "1").unwrap()).unwrap();
        netns.id().unwrap()
    };
    let client = Client::connect(&state.socket()).unwrap();
    let netns = client.get("123456789012/eu-west-1/vpc-1").unwrap().unwrap();
    assert_eq!(netns.id().unwrap(), id);
    let forward = netns.run(|| fs::read_to_string("/proc/sys/net/ipv4/ip_forward").unwrap()).unwrap();
    assert_eq!(forward, "1\n");
    let (again, created) = client.ensure("123456789012/eu-west-1/vpc-1").unwrap();
    assert_eq!((again.id().unwrap(), created), (id, false));
}

#[test]
fn names_are_listed_dropped_and_checked() {
    need_root!();
    let state = State::new();
    let client = holder::spawn(state.path(), &helper()).unwrap();
    client.ensure("b").unwrap();
    let (a, _) = client.ensure("a").unwrap();
    assert_ne!(a.id().unwrap(), sidegate_linux::netns::NetNs::current().unwrap().id().unwrap());
    assert_eq!(client.list().unwrap(), ["a", "b"]);
    assert!(client.drop_namespace("a").unwrap());
    assert!(!client.drop_namespace("a").unwrap());
    assert!(client.get("a").unwrap().is_none());
    for name in ["", "with space", "with\nline", "quote\"", &"x".repeat(129)] {
        assert!(matches!(client.ensure(name), Err(HolderError::Name { .. })), "{name:?}");
    }
    assert!(client.ensure(&"x".repeat(128)).is_ok());
}

#[test]
fn two_holders_cannot_run_for_one_directory() {
    need_root!();
    let state = State::new();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| holder::spawn(state.path(), &helper()).unwrap().ensure("x").unwrap());
        }
    });
    let direct = Command::new(helper()).args(["holder", "--socket"]).arg(state.socket()).status().unwrap();
    assert!(direct.success());
    within("one holder", || state.holders().len() == 1);
    assert_eq!(Client::new(&state.socket()).list().unwrap(), ["x"]);
}

#[test]
fn a_stopped_holder_goes_and_another_can_come() {
    need_root!();
    let state = State::new();
    let client = holder::spawn(state.path(), &helper()).unwrap();
    client.ensure("x").unwrap();
    client.stop().unwrap();
    within("the holder is gone", || state.holders().is_empty());
    assert!(matches!(client.list(), Err(HolderError::Unreachable { .. })));
    let client = holder::spawn(state.path(), &helper()).unwrap();
    assert!(client.list().unwrap().is_empty());
}

#[test]
fn a_killed_holder_leaves_a_socket_that_the_next_one_replaces() {
    need_root!();
    let state = State::new();
    holder::spawn(state.path(), &helper()).unwrap();
    let holders = state.holders();
    assert_eq!(holders.len(), 1);
    nix::sys::signal::kill(nix::unistd::Pid::from_raw(holders[0]), nix::sys::signal::Signal::SIGKILL).unwrap();
    within("the holder is gone", || state.holders().is_empty());
    assert!(state.socket().exists());
    holder::spawn(state.path(), &helper()).unwrap().ensure("x").unwrap();
}

#[test]
fn the_socket_is_private_and_a_long_path_does_not_matter() {
    need_root!();
    let state = State::new();
    let long = state.path().join("x".repeat(120));
    let client = holder::spawn(&long, &helper()).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let modes = (mode(&long), mode(&holder::socket_path(&long)));
    client.stop().unwrap();
    assert_eq!(modes, (0o700, 0o600));
}

#[test]
fn a_question_that_the_holder_heard_and_did_not_answer_is_asked_again_and_a_command_is_not() {
    let state = State::new();
    let path = state.path().join("holder.sock");
    let listener = UnixListener::bind(&path).unwrap();
    let answering = thread::spawn(move || {
        let hear = || {
            let (stream, _) = listener.accept().unwrap();
            BufReader::new(stream.try_clone().unwrap()).read_line(&mut String::new()).unwrap();
            stream
        };
        // A question is heard and not answered, then answered.
        drop(hear());
        hear().write_all(b"{\"names\":{\"names\":[\"one\"]}}\n").unwrap();
        // A command is heard, and not answered.
        drop(hear());
    });
    let client = Client::new(&path);
    assert_eq!(client.list().unwrap(), ["one"]);
    assert!(matches!(client.ensure("two"), Err(HolderError::Conversation { .. })));
    answering.join().unwrap();
}

#[test]
fn a_stranger_in_the_place_of_the_holder_is_told_nothing() {
    need_root!();
    let state = State::new();
    fs::set_permissions(state.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let listen = "import socket, sys\nl = socket.socket(socket.AF_UNIX)\nl.bind(sys.argv[1])\nl.listen()\n\
                  print('listening', flush=True)\nprint(l.accept()[0].recv(1000))";
    let mut impostor = Command::new("python3");
    impostor.args(["-c", listen]).arg(state.socket()).uid(65534).stdout(Stdio::piped());
    let mut impostor = impostor.spawn().unwrap();
    let mut heard = BufReader::new(impostor.stdout.take().unwrap()).lines();
    assert_eq!(heard.next().unwrap().unwrap(), "listening");
    let error = Client::new(&state.socket()).list().unwrap_err();
    assert!(matches!(error, HolderError::Stranger { user: 65534, .. }), "{error}");
    assert_eq!(heard.next().unwrap().unwrap(), "b''");
    impostor.wait().unwrap();
}
