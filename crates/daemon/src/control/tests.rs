//! The conversation itself, and `sidegate exec` over it with the real program.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;

use serde_json::json;
use sidegate_model::InstanceState;

use super::{Answer, Client, Control, ControlError, Network, Request, listen, serve};
use crate::event_log::{Bounds, EventLog};
use crate::programs::tests::{Daemon, eventually, exe, kill, need_root};
use crate::programs::{lock, lock_path};

struct Served {
    daemon: Daemon,
    events: Arc<EventLog>,
    control: Arc<Control>,
}

fn served() -> Served {
    let daemon = Daemon::new().start();
    let events = Arc::new(EventLog::open(&daemon.state.join("events.jsonl"), Bounds::default()).unwrap());
    let control = Arc::new(Control::new(
        daemon.engine.clone(),
        daemon.programs.clone(),
        daemon.accounts.clone(),
        Arc::clone(&events),
        daemon.state.clone(),
        "http://127.0.0.1:4566".to_owned(),
    ));
    tokio::spawn(serve(listen(&daemon.state).unwrap(), Arc::clone(&control)));
    Served { daemon, events, control }
}

impl Served {
    fn state(&self) -> &Path {
        self.daemon.state.path()
    }

    fn client(&self) -> Client {
        Client::connect(self.state()).unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let (command, rest) = arguments.split_first().unwrap();
        let mut process = Command::new(exe());
        process.arg(command).arg("--state").arg(self.state()).args(rest);
        process.env_remove("SUDO_UID").stdin(Stdio::null());
        process
    }

    async fn output(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        blocking(move || command.output().unwrap()).await
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work).await.unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_daemon_tells_how_it_is() {
    let served = served();
    served.daemon.subnet().await;
    let mut client = served.client();
    let Answer::Status(status) = blocking(move || client.ask(&Request::Status)).await.unwrap() else { panic!() };
    assert_eq!((status.vpcs, status.subnets, status.network), (1, 1, Network::Applied));
    assert_eq!(status.pid, std::process::id());
    assert_eq!(status.state, served.state());
}

/// Listens at a socket as another user, and says what it hears.
const IMPOSTOR: &str = "
import socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
print('listening', flush=True)
print(listener.accept()[0].recv(1000))
";

#[test]
fn a_stranger_in_the_place_of_the_daemon_is_told_nothing() {
    need_root!();
    let state = tempfile::tempdir().unwrap();
    std::fs::set_permissions(state.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
    let mut impostor = Command::new("python3");
    impostor.args(["-c", IMPOSTOR]).arg(state.path().join("control.sock")).uid(65534).stdout(Stdio::piped());
    let mut impostor = impostor.spawn().unwrap();
    let mut heard = BufReader::new(impostor.stdout.take().unwrap());
    let mut line = String::new();
    heard.read_line(&mut line).unwrap();
    let outcome = Client::connect(state.path());
    let error = outcome.map(drop).unwrap_err();
    assert!(matches!(error, ControlError::Stranger { user: 65534, .. }), "{error}");
    heard.read_line(&mut line).unwrap();
    assert_eq!(line, "listening\nb''\n");
    impostor.wait().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_request_is_refused_with_a_reason() {
    let served = served();
    let state = served.state().to_owned();
    let answer = |bytes: Vec<u8>| {
        let state = state.clone();
        blocking(move || {
            let (path, _dir) = super::short_path(&state).unwrap();
            let mut stream = UnixStream::connect(path).unwrap();
            let _ = stream.write_all(&bytes);
            let _ = stream.shutdown(std::net::Shutdown::Write);
            let mut line = String::new();
            BufReader::new(stream).read_line(&mut line).map(|_| line).unwrap_or_default()
        })
    };
    assert!(answer(b"{\"fly\":{}}\n".to_vec()).await.contains("does not understand"));
    assert!(answer(b"\xff\n".to_vec()).await.contains("does not understand"));
    assert!(answer(b"\"status".to_vec()).await.contains("one line"));
    assert!(answer(b"\"held\"\n".to_vec()).await.contains("attach one first"));
    assert_eq!(answer(Vec::new()).await, "");
    // More than a line may have: cut off there, with or without the reason.
    answer(vec![b'x'; 200_000]).await;
    let mut client = served.client();
    blocking(move || client.ask(&Request::Status)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interface_that_is_not_taken_is_taken_back() {
    let served = served();
    let subnet = served.daemon.subnet().await;
    let mut client = served.client();
    let request = Request::Attach { subnet, groups: Vec::new(), role: None };
    let asked = blocking(move || client.ask(&request).map(|answer| (answer, client))).await;
    let Ok((Answer::Attached(attached), client)) = asked else { panic!() };
    assert!(served.daemon.has_interface(&attached.interface));
    drop(client);
    eventually("it is gone", || !served.daemon.has_interface(&attached.interface)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interface_is_not_given_to_who_does_not_lock_it() {
    let served = served();
    let subnet = served.daemon.subnet().await;
    let mut client = served.client();
    let request = Request::Attach { subnet: subnet.clone(), groups: Vec::new(), role: None };
    let (interface, refusal) = blocking(move || {
        let Answer::Attached(attached) = client.ask(&request).unwrap() else { panic!() };
        (attached.interface, client.ask(&Request::Held))
    })
    .await;
    assert!(matches!(refusal, Err(ControlError::Refused(_))), "{refusal:?}");
    eventually("it is gone", || !served.daemon.has_interface(&interface)).await;

    let (mut client, state) = (served.client(), served.state().to_owned());
    let request = Request::Attach { subnet, groups: Vec::new(), role: None };
    let (interface, lock) = blocking(move || {
        let Answer::Attached(attached) = client.ask(&request).unwrap() else { panic!() };
        let lock = lock::take(&lock_path(&state, &attached.interface)).unwrap();
        assert!(matches!(client.ask(&Request::Held), Ok(Answer::Done)));
        (attached.interface, lock)
    })
    .await;
    let (mut client, detach) = (served.client(), Request::Detach { interface: interface.clone() });
    let refusal = blocking(move || client.ask(&detach)).await;
    assert!(matches!(&refusal, Err(ControlError::Refused(reason)) if reason.contains("still runs")), "{refusal:?}");
    assert!(served.daemon.has_interface(&interface));
    drop(lock);
    eventually("it is gone", || !served.daemon.has_interface(&interface)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn events_are_told_as_they_happen() {
    let served = served();
    served.events.record(&json!({"n": 1}));
    served.events.record(&json!({"n": 2}));
    let mut client = served.client();
    let answer = blocking(move || {
        let answer = client.ask(&Request::Events { last: 1, follow: true });
        answer.map(|answer| (answer, client))
    })
    .await;
    let Ok((Answer::Event(first), mut client)) = answer else { panic!() };
    assert_eq!(first, json!({"n": 2}));
    served.events.record(&json!({"n": 3}));
    let next = blocking(move || client.next()).await;
    assert!(matches!(next, Ok(Some(Answer::Event(event))) if event == json!({"n": 3})));

    let mut client = served.client();
    let answers = blocking(move || {
        let first = client.ask(&Request::Events { last: 2, follow: false }).unwrap();
        [Some(first), client.next().unwrap(), client.next().unwrap(), client.next().unwrap()]
    })
    .await;
    assert!(matches!(answers, [Some(Answer::Event(_)), Some(Answer::Event(_)), Some(Answer::Done), None]));
}

#[tokio::test(flavor = "multi_thread")]
async fn stopping_ends_what_runs_before_it_is_answered() {
    let served = served();
    let subnet = served.daemon.subnet().await;
    let attached = served.daemon.programs.attach(&subnet, Vec::new(), None).await.unwrap();
    let mut client = served.client();
    let told = blocking(move || {
        let mut told = vec![client.ask(&Request::Stop).unwrap()];
        while let Some(answer) = client.next().unwrap() {
            told.push(answer);
        }
        told
    })
    .await;
    let (last, progress) = told.split_last().unwrap();
    assert!(matches!(last, Answer::Done), "{told:?}");
    assert!(progress.iter().all(|answer| matches!(answer, Answer::Ending { left: 0 | 1 })), "{told:?}");
    assert!(!served.daemon.has_interface(&attached.interface));
    served.control.stopped().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn following_events_ends_with_their_reader_even_if_no_event_comes() {
    if !exe().exists() {
        eprintln!("skipped: `cargo test` builds the program beside the tests, which is not there");
        return;
    }
    let served = served();
    for events in [1, 0] {
        let mut command = served.command(&["events", "--follow", "--json", "--last", &events.to_string()]);
        served.events.record(&json!({"n": 1}));
        let status = blocking(move || {
            let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
            let mut out = BufReader::new(child.stdout.take().unwrap());
            for _ in 0..events {
                out.read_line(&mut String::new()).unwrap();
            }
            drop(out);
            ended(&mut child)
        })
        .await;
        assert!(status.is_some_and(|status| status.success()), "{events}: {status:?}");
    }
}

/// The status of a process that ends by itself; one that does not is ended.
fn ended(child: &mut Child) -> Option<std::process::ExitStatus> {
    for _ in 0..2000 {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    None
}

#[test]
fn without_a_daemon_the_error_says_how_to_start_one() {
    let dir = tempfile::tempdir().unwrap();
    for path in [dir.path().to_owned(), dir.path().join("none")] {
        let error = Client::connect(&path).unwrap_err().to_string();
        assert!(error.contains("no daemon runs") && error.contains("sidegate up"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn exec_runs_a_program_in_a_subnet_and_gives_its_status() {
    need_root!();
    let served = served();
    let subnet = served.daemon.subnet().await;
    let script = "cat; hostname; grep nameserver /etc/resolv.conf; \
                  echo $AWS_ACCESS_KEY_ID $AWS_REGION $HTTPS_PROXY; id -u; ls /sys/class/net; exit 3";
    let cwd = tempfile::Builder::new().prefix("sidegate-cwd-").tempdir_in("/var/lib").unwrap();
    let mut command = served.command(&["exec", "--subnet", subnet.as_str(), "--", "sh", "-c", script]);
    command.current_dir(cwd.path()).env("HTTPS_PROXY", "http://outside:3128").env("AWS_PROFILE", "real");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = blocking(move || {
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"from outside\n").unwrap();
        child.wait_with_output().unwrap()
    })
    .await;
    let key = &served.daemon.accounts.administrator().id;
    assert_eq!(
        text(&output.stdout),
        format!("from outside\nip-10-9-1-4.eu-west-1.compute.internal\nnameserver 10.9.0.2\n{key} eu-west-1\n0\nlo\n"),
        "{}",
        text(&output.stderr)
    );
    assert_eq!(output.status.code(), Some(3));
    // The command waits for that, so that the subnet can be deleted at once.
    assert!(served.daemon.engine.world().interfaces.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_inside_is_not_listened_to_even_where_it_reaches_the_socket() {
    need_root!();
    let served = served();
    let subnet = served.daemon.subnet().await;
    let dir = tempfile::Builder::new().prefix("sidegate-cwd-").tempdir_in("/var/lib").unwrap();
    let listener = tokio::net::UnixListener::bind(dir.path().join(super::SOCKET)).unwrap();
    tokio::spawn(serve(listener, Arc::clone(&served.control)));
    // A copy, since what lies in /tmp is not there inside.
    std::fs::copy(exe(), dir.path().join("sidegate")).unwrap();
    let ask = ["./sidegate", "status", "--state", "."];
    let mut inside = served.command(&["exec", "--subnet", subnet.as_str(), "--"]);
    inside.args(ask).current_dir(dir.path());
    let output = blocking(move || inside.output().unwrap()).await;
    assert!(!output.status.success() && output.stdout.is_empty(), "{}", text(&output.stdout));
    assert!(text(&output.stderr).contains("did not answer as it should"), "{}", text(&output.stderr));
    let mut outside = Command::new(exe());
    outside.args(&ask[1..]).current_dir(dir.path());
    let output = blocking(move || outside.output().unwrap()).await;
    assert!(output.status.success(), "{}", text(&output.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn exec_behind_sudo_is_the_user_who_called() {
    need_root!();
    let served = served();
    let subnet = served.daemon.subnet().await;
    let mut command = served.command(&["exec", "--subnet", subnet.as_str(), "--", "sh", "-c", "id -u; id -g"]);
    command.current_dir("/").env("SUDO_UID", "12345").env("SUDO_GID", "54321");
    let output = blocking(move || command.output().unwrap()).await;
    assert_eq!(text(&output.stdout), "12345\n54321\n", "{}", text(&output.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interface_goes_with_a_killed_exec_and_outlives_no_one() {
    need_root!();
    let served = served();
    let subnet = served.daemon.subnet().await;
    let mut child: Child =
        served.command(&["exec", "--subnet", subnet.as_str(), "--", "sleep", "1000"]).current_dir("/").spawn().unwrap();
    let programs = || served.daemon.engine.world().interfaces.len();
    eventually("it is attached", || programs() == 1).await;
    kill(&child.id().to_string(), "KILL");
    child.wait().unwrap();
    eventually("its interface is gone", || programs() == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn down_leaves_nothing_running_with_a_daemon_or_without() {
    need_root!();
    for with_daemon in [true, false] {
        let served = served();
        let id = served.daemon.launch(Some("#!/bin/sh\nexec sleep 1000\n")).await;
        served.daemon.is(&id, InstanceState::Running).await;
        let pid_file = served.daemon.programs.entrance(&id).unwrap().pid_file;
        let subnet = served.daemon.engine.world().instances.get(&id).unwrap().subnet.clone();
        let mut child = served
            .command(&["exec", "--subnet", subnet.as_str(), "--", "sh", "-c", "echo; exec sleep 1000"])
            .current_dir("/")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();

        if !with_daemon {
            std::fs::remove_file(served.state().join(super::SOCKET)).unwrap();
        }
        let output = served.output(&["down"]).await;
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert!(text(&output.stdout).contains(if with_daemon { "ended the daemon" } else { "2 programs" }));
        assert_eq!(child.wait().unwrap().code(), Some(128 + 15), "it was asked to end");
        assert!(!sidegate_linux::sandbox::is_running(&pid_file).unwrap());
        assert!(served.daemon.holder.list().is_err());
        // Without a daemon, the next one notes that.
        if with_daemon {
            assert_eq!(served.daemon.state_of(&id), InstanceState::Terminated);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn exec_says_what_is_wrong_and_what_to_do() {
    need_root!();
    let served = served();
    let subnet = served.daemon.subnet().await;
    let failed = |output: Output, status: i32, words: &[&str]| {
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{error}");
        for word in words {
            assert!(error.contains(word), "{word}: {error}");
        }
    };
    let unknown = served.output(&["exec", "--subnet", "subnet-0", "--", "true"]).await;
    failed(unknown, 125, &["no subnet `subnet-0`", "describe-subnets"]);
    let group = ["exec", "--subnet", subnet.as_str(), "--security-group", "sg-0", "--", "true"];
    failed(served.output(&group).await, 125, &["sg-0", "InvalidGroup.NotFound"]);
    let missing = served.output(&["exec", "--subnet", subnet.as_str(), "--", "no-such-program"]).await;
    failed(missing, 127, &["`no-such-program` was not found"]);
    failed(served.output(&["exec", "i-0", "--", "true"]).await, 125, &["no instance `i-0`"]);
    failed(served.output(&["exec", "--subnet", "vpc-0", "--", "true"]).await, 2, &["subnet-"]);
    eventually("nothing is left", || served.daemon.engine.world().interfaces.is_empty()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_that_ask_print_what_they_are_told() {
    if !exe().exists() {
        eprintln!("skipped: `cargo test` builds the program beside the tests, which is not there");
        return;
    }
    let served = served();
    served.daemon.engine.reconcile().await.unwrap();
    served.events.record(&json!({"n": 1}));
    let status = text(&served.output(&["status"]).await.stdout);
    assert!(status.contains("API        http://127.0.0.1:4566\n"), "{status}");
    let json = served.output(&["status", "--json"]).await.stdout;
    assert_eq!(serde_json::from_slice::<serde_json::Value>(&json).unwrap()["network"], "applied");
    let env = text(&served.output(&["env"]).await.stdout);
    assert!(env.starts_with("export AWS_ENDPOINT_URL=http://127.0.0.1:4566\nexport AWS_ACCESS_KEY_ID=AKIA"), "{env}");
    assert_eq!(text(&served.output(&["events", "--json"]).await.stdout), "{\"n\":1}\n");
}
