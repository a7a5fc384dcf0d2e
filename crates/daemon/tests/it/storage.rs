//! Objects under load, crashes and a full disk, through the whole daemon.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use sidegate_wire::sigv4::{PayloadHash, SecretKey, Signer};

use crate::harness::{ACCESS_KEY, Daemon, SECRET_KEY, need_root, text};
use crate::http::{call, ec2, raw};

const PART: usize = 32 << 20;

/// A request to S3 whose body is not signed, so that it can be streamed: the status and the head of the answer.
fn stream(api: &str, method: &str, path: &str, body: impl Iterator<Item = Vec<u8>>, length: usize) -> (u16, String) {
    let uri = format!("http://{api}{path}");
    let request = http::Request::builder().method(method).uri(uri).header("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
    let (mut head, ()) = request.body(()).unwrap().into_parts();
    let secret = SecretKey::new(SECRET_KEY);
    let signer =
        Signer { access_key: ACCESS_KEY, secret: &secret, session_token: None, region: "us-east-1", service: "s3" };
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    signer.sign(&mut head, PayloadHash::Header, i64::try_from(now).unwrap()).unwrap();
    let mut text = format!("{method} {path} HTTP/1.1\r\n");
    for (name, value) in &head.headers {
        text.push_str(&format!("{name}: {}\r\n", value.to_str().unwrap()));
    }
    text.push_str(&format!("content-length: {length}\r\nconnection: close\r\n\r\n"));
    let mut stream = TcpStream::connect(api).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
    let sent = stream.write_all(text.as_bytes()).is_ok() && { body }.all(|piece| stream.write_all(&piece).is_ok());
    let mut answer = vec![0; 16 << 10];
    let mut read = 0;
    while let Ok(more) = stream.read(&mut answer[read..]) {
        read += more;
        if more == 0 || read == answer.len() || (!sent && read > 0) {
            break;
        }
    }
    let answer = String::from_utf8_lossy(&answer[..read]).into_owned();
    (answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0), answer)
}

/// Memory of a process in KiB, by the name of the line in `/proc`.
fn memory(pid: u64, line: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|l| l.starts_with(line)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

fn pid(daemon: &Daemon) -> u64 {
    let note: Value = serde_json::from_slice(&std::fs::read(daemon.state().join("daemon.json")).unwrap()).unwrap();
    note["pid"].as_u64().unwrap()
}

#[test]
fn a_large_object_streams_in_by_parts_and_out_again_in_memory_that_does_not_grow_with_it() {
    need_root!();
    let parts: usize = std::env::var("SIDEGATE_LARGE_OBJECT_PARTS").ok().and_then(|n| n.parse().ok()).unwrap_or(8);
    let daemon = Daemon::start();
    let (api, pid) = (daemon.api.as_str(), pid(&daemon));
    call(api, "s3", "PUT", "/large", &[], b"").unwrap();
    let created = call(api, "s3", "POST", "/large/key?uploads=", &[], b"").unwrap();
    let upload = text(&created, "UploadId").unwrap();
    let before = memory(pid, "VmHWM");
    let mut manifest = String::from("<CompleteMultipartUpload>");
    for number in 1..=parts {
        let pieces = (0..PART >> 20).map(|_| vec![u8::try_from(number % 251).unwrap(); 1 << 20]);
        let path = format!("/large/key?partNumber={number}&uploadId={upload}");
        let (status, answer) = stream(api, "PUT", &path, pieces, PART);
        assert_eq!(status, 200, "{answer}");
        let etag = answer.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap().trim().replace('"', "");
        manifest.push_str(&format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"));
    }
    manifest.push_str("</CompleteMultipartUpload>");
    let completed =
        call(api, "s3", "POST", &format!("/large/key?uploadId={upload}"), &[], manifest.as_bytes()).unwrap();
    assert!(text(&completed, "ETag").unwrap().contains(&format!("-{parts}")), "{completed}");

    let url = daemon.aws_ok(&["s3", "presign", "s3://large/key"]);
    let script = "curl -sS --fail \"$1\" | python3 -c 'import sys\nn=0\nwhile True:\n b=sys.stdin.buffer.read(1<<20)\n if not b: break\n n+=len(b)\nprint(n)'";
    let read = Command::new("sh").args(["-c", script, "sh", url.as_str().unwrap().trim()]).output().unwrap();
    let read = String::from_utf8_lossy(&read.stdout).trim().parse::<usize>().unwrap_or(0);
    assert_eq!(read, parts * PART);
    let grown = memory(pid, "VmHWM") - before;
    eprintln!("{} MiB went in and out; the peak of memory grew by {grown} KiB from {before} KiB", (parts * PART) >> 20);
    assert!(grown < 48 << 10, "{grown} KiB");
}

#[test]
fn a_kill_during_writes_of_objects_loses_nothing_acknowledged_and_leaves_nothing_torn() {
    need_root!();
    let mut daemon = Daemon::start();
    let api = daemon.api.clone();
    call(&api, "s3", "PUT", "/torn", &[], b"").unwrap();
    const SIZE: usize = 300_000;
    let (acknowledged, stop) = (Mutex::new(vec![0_u8; 4]), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for writer in 0..4_usize {
            let (api, acknowledged, stop) = (&api, &acknowledged, &stop);
            scope.spawn(move || {
                for round in 1..=u8::MAX {
                    let put = call(api, "s3", "PUT", &format!("/torn/{writer}"), &[], &vec![round; SIZE]);
                    match put {
                        Ok(_) => acknowledged.lock().unwrap()[writer] = round,
                        Err(_) if stop.load(Ordering::Relaxed) => return,
                        Err(error) => panic!("{error}"),
                    }
                }
            });
        }
        let limit = Instant::now() + Duration::from_secs(30);
        while acknowledged.lock().unwrap().iter().any(|round| *round < 3) {
            assert!(Instant::now() < limit);
            std::thread::sleep(Duration::from_millis(2));
        }
        stop.store(true, Ordering::Relaxed);
        daemon.kill();
    });
    daemon.run();
    for (writer, round) in acknowledged.lock().unwrap().iter().enumerate() {
        let object = call(&daemon.api, "s3", "GET", &format!("/torn/{writer}"), &[], b"").unwrap();
        let bytes = object.as_bytes();
        assert_eq!(bytes.len(), SIZE, "object {writer} is whole");
        assert!(bytes.iter().all(|byte| *byte == bytes[0]), "object {writer} is of one write");
        assert!(bytes[0] == *round || bytes[0] == round + 1, "object {writer}: {} after {round}", bytes[0]);
    }
    let left = std::fs::read_dir(daemon.state().join("s3/incoming")).unwrap().count();
    assert_eq!(left, 0, "what the crash left is swept");
}

/// A daemon whose state lies on a file system of so many MiB, which goes with this.
struct Small {
    /// Keeps the mount.
    keeper: Child,
    daemon: Option<Child>,
    directory: std::path::PathBuf,
    api: String,
}

impl Small {
    fn start(mebibytes: u32) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let directory = std::env::temp_dir().join(format!("sidegate-small-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&directory).unwrap();
        let script = r#"mount -t tmpfs -o "size=$2m,mode=700" tmpfs "$1" && touch "$1/mounted" && exec sleep 600"#;
        let mut command = Command::new("unshare");
        command.args(["--mount", "--propagation", "private", "sh", "-c", script, "sh"]);
        let keeper = command.arg(&directory).arg(mebibytes.to_string()).stdin(Stdio::null()).spawn().unwrap();
        let mut small = Self { keeper, daemon: None, directory, api: String::new() };
        let limit = Instant::now() + Duration::from_secs(30);
        while !std::path::Path::new(&small.inside("mounted")).exists() {
            assert!(Instant::now() < limit, "there is no file system");
            std::thread::sleep(Duration::from_millis(10));
        }
        small.run();
        small
    }

    /// A command where the file system is seen.
    fn sidegate(&self, subcommand: &str) -> Command {
        let mut command = Command::new("nsenter");
        command.args([
            "--mount",
            "--target",
            &self.keeper.id().to_string(),
            env!("CARGO_BIN_EXE_sidegate"),
            subcommand,
        ]);
        command.arg("--state").arg(self.directory.join("state")).stdin(Stdio::null());
        command
    }

    fn run(&mut self) {
        let note = self.inside("state/daemon.json");
        let _ = std::fs::remove_file(&note);
        let mut command = self.sidegate("up");
        command.args(["--listen", "127.0.0.1:0", "--region", "us-east-1"]);
        command.env("SIDEGATE_ACCESS_KEY_ID", ACCESS_KEY).env("SIDEGATE_SECRET_ACCESS_KEY", SECRET_KEY);
        self.daemon = Some(command.spawn().unwrap());
        let limit = Instant::now() + Duration::from_secs(30);
        loop {
            let text = std::fs::read(&note).unwrap_or_default();
            if let Ok(note) = serde_json::from_slice::<Value>(&text) {
                self.api = note["api"].as_str().unwrap().to_owned();
                return;
            }
            assert!(self.daemon.as_mut().unwrap().try_wait().unwrap().is_none(), "the daemon has ended");
            assert!(Instant::now() < limit, "the daemon does not serve");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn kill(&mut self) {
        let mut daemon = self.daemon.take().unwrap();
        daemon.kill().unwrap();
        daemon.wait().unwrap();
    }

    /// Leaves no byte of the disk free.
    fn fill(&self) {
        let mut file = std::fs::File::options().append(true).create(true).open(self.inside("filling")).unwrap();
        for size in [1 << 20, 4096, 1] {
            let piece = vec![7; size];
            while file.write_all(&piece).is_ok() {}
        }
    }

    fn inside(&self, path: &str) -> String {
        format!("/proc/{}/root{}/{path}", self.keeper.id(), self.directory.display())
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = self.sidegate("down").output();
        if let Some(mut daemon) = self.daemon.take() {
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
        let _ = self.keeper.kill();
        let _ = self.keeper.wait();
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

#[test]
fn a_full_disk_keeps_nothing_from_being_deleted_nor_the_daemon_from_starting() {
    need_root!();
    let mut small = Small::start(48);
    let api = small.api.clone();
    let secret = |name: &str, operation: &str, more: &str| {
        let target = format!("secretsmanager.{operation}");
        let headers = [("x-amz-target", target.as_str()), ("content-type", "application/x-amz-json-1.1")];
        let key = if operation == "CreateSecret" { "Name" } else { "SecretId" };
        call(&api, "secretsmanager", "POST", "/", &headers, format!(r#"{{"{key}":"{name}"{more}}}"#).as_bytes())
    };
    call(&api, "s3", "PUT", "/full", &[], b"").unwrap();
    for key in 0..20 {
        call(&api, "s3", "PUT", &format!("/full/{key}"), &[], &vec![1; 1000]).unwrap();
    }
    secret("one", "CreateSecret", r#","SecretString":"1""#).unwrap();
    let made = |answer: String, element: &str| text(&answer, element).unwrap().to_owned();
    let vpc = made(ec2(&api, "CreateVpc", &[("CidrBlock", "10.77.0.0/16")]).unwrap(), "vpcId");
    let subnet = |api: &str, block: &str| ec2(api, "CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", block)]);
    let subnets = ["10.77.1.0/24", "10.77.2.0/24"].map(|block| made(subnet(&api, block).unwrap(), "subnetId"));

    small.fill();
    // Rows may still find their place in the databases' logs. Not for ever.
    let refused = (3..60).find_map(|n| subnet(&api, &format!("10.77.{n}.0/24")).err()).unwrap();
    assert!(refused.contains("InternalError") && refused.contains("disk"), "{refused}");
    let value = format!(r#","SecretString":"{}""#, "2".repeat(40_000));
    let refused = (0..60).find_map(|n| secret(&format!("more-{n}"), "CreateSecret", &value).err()).unwrap();
    assert!(refused.contains("InternalServiceError") && refused.contains("disk"), "{refused}");
    let refused = call(&api, "s3", "PUT", "/full/more", &[], &vec![1; 100_000]).unwrap_err();
    assert!(refused.contains("InternalError") && refused.contains("disk"), "{refused}");
    assert!(secret("one", "GetSecretValue", "").unwrap().contains(r#""SecretString":"1""#));

    for key in 0..20 {
        call(&api, "s3", "DELETE", &format!("/full/{key}"), &[], b"").unwrap();
        small.fill();
    }
    ec2(&api, "DeleteSubnet", &[("SubnetId", &subnets[0])]).unwrap();
    secret("one", "DeleteSecret", r#","ForceDeleteWithoutRecovery":true"#).unwrap();

    small.fill();
    small.kill();
    small.run();
    let api = small.api.clone();
    ec2(&api, "DeleteSubnet", &[("SubnetId", &subnets[1])]).unwrap();
    call(&api, "s3", "DELETE", "/full", &[], b"").unwrap();
    std::fs::remove_file(small.inside("filling")).unwrap();
    subnet(&api, "10.77.200.0/24").unwrap();
    call(&api, "s3", "PUT", "/after", &[], b"").unwrap();
    call(&api, "s3", "PUT", "/after/object", &[], &vec![1; 1 << 20]).unwrap();
}

#[test]
fn an_object_that_the_disk_does_not_hold_is_refused_and_leaves_nothing() {
    need_root!();
    let small = Small::start(24);
    let api = small.api.as_str();
    call(api, "s3", "PUT", "/small", &[], b"").unwrap();
    call(api, "s3", "PUT", "/small/kept", &[], &vec![1; 1 << 20]).unwrap();
    call(api, "s3", "PUT", "/small/replaced", &[], b"before").unwrap();
    for key in ["new", "replaced"] {
        let pieces = (0..64).map(|_| vec![2_u8; 1 << 20]);
        let (status, answer) = stream(api, "PUT", &format!("/small/{key}"), pieces, 64 << 20);
        assert!(status == 500 || status == 0, "{answer}");
        if status == 500 {
            assert!(answer.contains("InternalError") && answer.contains("full"), "{answer}");
        }
    }
    let limit = Instant::now() + Duration::from_secs(20);
    while std::fs::read_dir(small.inside("state/s3/incoming")).unwrap().count() > 0 {
        assert!(Instant::now() < limit, "the half of an object stays");
        std::thread::sleep(Duration::from_millis(20));
    }
    let missing = call(api, "s3", "GET", "/small/new", &[], b"").unwrap_err();
    assert_eq!(text(&missing, "Code"), Some("NoSuchKey"));
    assert_eq!(call(api, "s3", "GET", "/small/replaced", &[], b"").unwrap(), "before");
    assert_eq!(call(api, "s3", "GET", "/small/kept", &[], b"").unwrap().len(), 1 << 20);
    // There is room again.
    call(api, "s3", "PUT", "/small/after", &[], &vec![3; 4 << 20]).unwrap();
}

#[test]
fn an_early_refusal_does_not_confuse_the_requests_behind_it_on_the_same_connection() {
    need_root!();
    let daemon = Daemon::start();
    let wrong = "authorization: AWS a:b\r\ncontent-length: 5\r\n\r\nhello";
    let good = "GET /?AWSAccessKeyId=x HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    let two = format!("PUT /b/k HTTP/1.1\r\nhost: localhost\r\n{wrong}{good}");
    let (status, answers) = raw(&daemon.api, two.as_bytes()).unwrap();
    assert_eq!(status, 400);
    assert!(answers.contains("InvalidRequest") && answers.contains("HTTP/1.1 403"), "{answers}");
}

#[test]
fn the_aws_cli_makes_a_bucket_in_another_region_and_follows_it_there() {
    need_root!();
    let daemon = Daemon::start();
    let made = ["s3api", "create-bucket", "--region", "us-east-1", "--bucket", "irish"];
    daemon.aws_ok(&[&made[..], &["--create-bucket-configuration", "LocationConstraint=eu-west-1"]].concat());
    let location = daemon.aws_ok(&["s3api", "get-bucket-location", "--bucket", "irish"]);
    assert_eq!(location["LocationConstraint"], "eu-west-1");
    std::fs::write(daemon.work().join("file"), "text").unwrap();
    daemon.aws_ok(&[
        "s3api",
        "put-object",
        "--region",
        "us-west-2",
        "--bucket",
        "irish",
        "--key",
        "k",
        "--body",
        "file",
    ]);
    daemon.aws_ok(&["s3", "cp", "file", "s3://irish/other"]);
    daemon.aws_ok(&["s3", "cp", "s3://irish/k", "back"]);
    assert_eq!(std::fs::read_to_string(daemon.work().join("back")).unwrap(), "text");
    daemon.aws_ok(&["s3api", "head-bucket", "--bucket", "irish"]);
    let made = daemon.aws(&[
        "s3api",
        "create-bucket",
        "--region",
        "eu-west-1",
        "--bucket",
        "german",
        "--create-bucket-configuration",
        "LocationConstraint=eu-central-1",
    ]);
    assert!(crate::harness::texts(&made).1.contains("IllegalLocationConstraintException"));
}
