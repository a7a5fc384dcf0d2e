//! What a program finds in a real sandbox.

use std::io::Read as _;
use std::process::Stdio;

use sidegate_linux::netns::NetNs;
use sidegate_linux::sandbox::{Identity, Limits, Root, Sandbox};

use super::*;
use crate::programs::tests::{exe, need_root};

fn place() -> Place {
    Place {
        address: Ipv4Addr::new(10, 0, 1, 4),
        hostname: "ip-10-0-1-4.ec2.internal".to_owned(),
        name_servers: vec![Ipv4Addr::new(10, 0, 0, 2).into()],
        search: Some("ec2.internal".to_owned()),
        region: "us-east-1".to_owned(),
        authority: "-----BEGIN CERTIFICATE-----\nsidegate\n-----END CERTIFICATE-----\n".to_owned(),
    }
}

fn text(path: &str) -> String {
    let files = place().files();
    let file = files.iter().find(|file| file.path == Path::new(path)).unwrap();
    String::from_utf8(file.contents.clone()).unwrap()
}

#[test]
fn names_are_asked_of_the_vpcs_resolver_alone() {
    assert_eq!(text("/etc/resolv.conf"), "search ec2.internal\nnameserver 10.0.0.2\noptions timeout:2 attempts:5\n");
    assert!(text("/etc/nsswitch.conf").contains("\nhosts: files dns\n"));
    assert!(text("/etc/hosts").contains("\n10.0.1.4 ip-10-0-1-4.ec2.internal ip-10-0-1-4\n"));
}

#[test]
fn name_servers_and_domains_are_those_of_the_dhcp_options() {
    let of = |name_servers: &[&str], search: Option<&str>| {
        let name_servers = name_servers.iter().map(|server| server.parse().unwrap()).collect();
        Place { name_servers, search: search.map(str::to_owned), ..place() }.resolv_conf()
    };
    assert_eq!(
        of(&["10.0.9.9", "2001:db8::53"], Some("a.example b.example")),
        "search a.example b.example\nnameserver 10.0.9.9\nnameserver 2001:db8::53\noptions timeout:2 attempts:5\n"
    );
    assert_eq!(of(&[], None), "nameserver 127.0.0.1\noptions timeout:2 attempts:5\n");
}

#[test]
fn the_trust_store_is_the_hosts_and_sidegates() {
    let store = text(TRUST_STORE);
    assert!(store.ends_with(&place().authority));
    let host = fs::read_to_string(TRUST_STORE).unwrap_or_default();
    assert!(store.starts_with(&host));
    assert_eq!(store.matches("BEGIN CERTIFICATE").count(), host.matches("BEGIN CERTIFICATE").count() + 1);
}

#[test]
fn the_stores_of_credentials_are_hidden_from_who_could_read_them_all() {
    let home = tempfile::tempdir().unwrap();
    for name in [".aws", ".ssh", "work"] {
        fs::create_dir(home.path().join(name)).unwrap();
    }
    let homes = BTreeSet::from([home.path().to_owned()]);
    let below = |name: &str| home.path().join(name);
    let state = PathBuf::from("/state");
    assert_eq!(hidden(vec![state.clone()], &homes, &[], &[]), [state.clone(), below(".aws")]);
    assert_eq!(
        hidden(vec![state.clone()], &homes, &CREDENTIAL_STORES, &["/no/such/file"]),
        [state, below(".aws"), below(".ssh")]
    );
    // Daemons of other tests may announce their state meanwhile.
    let now = |hidden: Vec<PathBuf>| hidden.into_iter().filter(|path| !path.starts_with(std::env::temp_dir()));
    let is_state = |path: &PathBuf| path.join("state.sqlite").exists() || path == Path::new("/s");
    let user: Vec<_> = now(hidden_from_program(Path::new("/s"), 1000)).filter(|path| !is_state(path)).collect();
    assert!(user.iter().all(|path| path.ends_with(AWS_FILES)), "{user:?}");
    let root: BTreeSet<_> = now(hidden_from_program(Path::new("/s"), 0)).collect();
    assert!(root.contains(Path::new("/s")) && root.contains(Path::new("/etc/shadow")), "{root:?}");
    let instance: Vec<_> = now(hidden_from_instance(Path::new("/s"))).filter(|path| !is_state(path)).collect();
    assert!(instance.iter().all(|path| root.contains(path)), "{instance:?}");
}

#[test]
fn a_program_finds_what_is_promised_and_not_what_is_hidden() {
    need_root!();
    let dir = tempfile::Builder::new().prefix("sidegate-furniture-").tempdir_in("/var/lib").unwrap();
    let (state, cwd) = (dir.path().join("state"), dir.path().join("cwd"));
    for path in [&state, &cwd] {
        fs::create_dir(path).unwrap();
    }
    fs::write(state.join("secret"), "secret").unwrap();
    let script = format!(
        "cat /etc/resolv.conf; hostname; tail -n 3 {TRUST_STORE} | head -n 2 | tail -n 1; ls -A {}; echo \"$AWS_CA_BUNDLE\"; \
         (: > /etc/was-here) 2>/dev/null || echo read-only; : > file && echo wrote; ls -A /root/.aws 2>/dev/null; \
         getent hosts ip-10-0-1-4",
        state.display()
    );
    let mut environment = place().variables();
    environment.push(("PATH".into(), PATH.into()));
    let sandbox = Sandbox {
        netns: NetNs::create().unwrap().into(),
        hostname: place().hostname,
        root: Root::ReadOnlyHost { writable: vec![cwd.clone()] },
        workdir: cwd.clone(),
        identity: Identity::Caller { uid: 0, gid: 0 },
        files: place().files(),
        environment,
        command: vec!["sh".into(), "-c".into(), script.into()],
        hidden: hidden_from_program(&state, 0),
        scratch: Vec::new(),
        limits: Limits::default(),
    };
    let mut running = sandbox.spawn(&exe(), Stdio::null(), Stdio::piped(), Stdio::inherit()).unwrap();
    let mut output = String::new();
    running.stdout.take().unwrap().read_to_string(&mut output).unwrap();
    running.wait().unwrap();
    let lines: Vec<&str> = output.lines().collect();
    assert_eq!(
        lines.get(..8).unwrap_or_default(),
        [
            "search ec2.internal",
            "nameserver 10.0.0.2",
            "options timeout:2 attempts:5",
            "ip-10-0-1-4.ec2.internal",
            "sidegate",
            TRUST_STORE,
            "read-only",
            "wrote"
        ],
        "{output}"
    );
    assert!(lines.get(8).is_some_and(|line| line.starts_with("10.0.1.4 ")), "{output}");
}
