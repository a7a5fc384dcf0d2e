//! Functions that do their worst. What they do stays in their environments, and ends with them.

use std::os::unix::fs::symlink;

use super::*;

/// Longer than anything here takes on a busy machine, and shorter than what has no end.
const PATIENCE: Duration = Duration::from_secs(30);

async fn in_time<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, what).await.expect("it has an end")
}

/// Processes that have given themselves this name, or have it from a parent that has.
fn named(name: &str) -> usize {
    let all = fs::read_dir("/proc").unwrap().flatten();
    all.filter(|entry| fs::read_to_string(entry.path().join("comm")).is_ok_and(|own| own.trim() == name)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_output_ends_with_its_function_and_holds_nobody_up() {
    need_root!();
    let site = Site::new().await;
    let endless = site.python(
        "import os\ndef handler(event, context):\n    while True:\n        os.write(1, b'a line of the flood\\n' * 1000)\n",
    );
    let mut environment = site.start(&endless).await;
    let other = site.python("def handler(event, context):\n    return 'dry'\n");
    let (report, dry) =
        in_time(async { tokio::join!(environment.invoke(event(json!({}), 2_000)), site.once(&other, json!({}))) })
            .await;
    assert_eq!((report.completion.clone(), returned(&dry)), (Completion::TimedOut, json!("dry")));
    let lines = tail(&report);
    assert!(lines.len() <= 4096 && lines.contains(" Task timed out after 2.00 seconds\n"), "{lines}");
    in_time(environment.stop()).await;

    let left_behind = site.python(
        "import subprocess, time\ndef handler(event, context):\n    subprocess.Popen(['yes', '16180'])\n    time.sleep(0.3)\n    \
         return 'there'\n",
    );
    let mut environment = site.start(&left_behind).await;
    for _ in 0..2 {
        assert_eq!(returned(&in_time(environment.invoke(event(json!({}), 5_000))).await), json!("there"));
    }
    in_time(environment.stop()).await;
    assert_eq!(processes("yes\u{0}16180"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_without_outputs_goes_on() {
    need_root!();
    let site = Site::new().await;
    let mute = site.python(
        "import os\ndef handler(event, context):\n    for output in [1, 2]:\n        try: os.close(output)\n        \
         except OSError: pass\n    return event['n']\n",
    );
    let mut environment = site.start(&mute).await;
    for n in 0..3 {
        let report = in_time(environment.invoke(event(json!({"n": n}), 5_000))).await;
        assert_eq!(returned(&report), json!(n));
        assert!(tail(&report).contains("REPORT RequestId: "), "{}", tail(&report));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forks_of_forks_are_bounded_for_their_own_function_alone() {
    need_root!();
    let site = Site::new().await;
    let mut bomb = site.python(
        "import os\ndef handler(event, context):\n    open('/proc/self/comm', 'w').write('wlbomb')\n    while True:\n        \
         try: os.fork()\n        except OSError: pass\n",
    );
    bomb.memory = 8192;
    let mut environment = site.start(&bomb).await;
    let bombing = tokio::spawn(async move {
        let report = environment.invoke(event(json!({}), 5_000)).await;
        environment.stop().await;
        report
    });
    eventually("it has forked", || named("wlbomb") > 200).await;
    let other = site.python(
        "import subprocess\ndef handler(event, context):\n    return subprocess.check_output(['echo', 'well'], text=True)\n",
    );
    assert_eq!(returned(&in_time(site.once(&other, json!({}))).await), json!("well\n"));
    assert!(named("wlbomb") <= 1024);
    assert_eq!(in_time(bombing).await.unwrap().completion, Completion::TimedOut);
    assert_eq!(named("wlbomb"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn orphans_that_hear_no_signal_end_with_their_environment_and_signals_stay_inside() {
    need_root!();
    let site = Site::new().await;
    let orphans = site.python(
        r#"
import os, signal, subprocess
def handler(event, context):
    if event['kill']:
        for process in [1, -1]:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                pass
        return 'alive'
    script = 'trap "" HUP INT TERM; sleep 57721 >/dev/null & echo $!'
    orphan = int(subprocess.check_output(['setsid', 'sh', '-c', script]))
    while open(f'/proc/{orphan}/cmdline').read() != 'sleep\0' '57721\0':
        pass
    return 'born'
"#,
    );
    let mut environment = site.start(&orphans).await;
    assert_eq!(returned(&in_time(environment.invoke(event(json!({"kill": false}), 5_000))).await), json!("born"));
    assert_eq!(processes("sleep\u{0}57721"), 1);
    let mut other = site.start(&orphans).await;
    assert_eq!(returned(&in_time(other.invoke(event(json!({"kill": true}), 5_000))).await), json!("alive"));
    assert_eq!(processes("sleep\u{0}57721"), 1, "that of another environment");
    in_time(environment.stop()).await;
    assert_eq!(processes("sleep\u{0}57721"), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_of_children_counts_and_so_does_what_tmp_holds() {
    need_root!();
    let site = Site::new().await;
    let parent = site.python(
        "import subprocess\ndef handler(event, context):\n    return subprocess.call(['python3', '-c', \
         'kept = []\\nwhile True: kept.append(bytearray(1 << 20))'])\n",
    );
    let report = in_time(site.once(&parent, json!({}))).await;
    assert_eq!(report.completion, Completion::OutOfMemory);

    let mut hoarder = site.python(
        "def handler(event, context):\n    written = 0\n    try:\n        with open('/tmp/all', 'wb', buffering=0) as file:\n            \
         while True: written += file.write(bytes(1 << 20))\n    except OSError as error:\n        return [written >> 20, error.errno]\n",
    );
    hoarder.ephemeral_storage = 16;
    assert_eq!(returned(&in_time(site.once(&hoarder, json!({}))).await), json!([16, 28]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_gets_no_further_than_its_environment() {
    need_root!();
    let site = Site::new().await;
    let blueprint = site.python(
        r#"
import ctypes, os, socket
libc = ctypes.CDLL(None, use_errno=True)
def handler(event, context):
    def write(path, text='x'):
        with open(path, 'w') as file: file.write(text)
    def zero(result):
        if result != 0: raise OSError(ctypes.get_errno())
    tried = {
        'link to the state': lambda: open('/var/task/state').read(),
        'host name': lambda: write('/proc/sys/kernel/hostname'),
        'core pattern': lambda: write('/proc/sys/kernel/core_pattern', '|/bin/sh'),
        'trigger': lambda: write('/proc/sysrq-trigger', 'h'),
        'memory of init': lambda: open('/proc/1/mem', 'rb').read(1),
        'root of init': lambda: os.listdir('/proc/1/root'),
        'links': lambda: write('/sys/class/net/eth0/mtu', '500'),
        'root': lambda: os.setuid(0),
        'mount': lambda: zero(libc.mount(b'none', b'/tmp', b'tmpfs', 0, None)),
        'namespace': lambda: zero(libc.unshare(0x10000000)),
        'device': lambda: os.mknod('/tmp/d', 0o20666, os.makedev(1, 1)),
        'raw socket': lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1),
        'packets': lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW),
        'chroot': lambda: os.chroot('/tmp'),
        'priority': lambda: os.nice(-5),
        'session of the machine': lambda: zero(os.getsid(0)),
    }
    done = []
    for name, trial in tried.items():
        try:
            trial()
            done.append(name)
        except OSError:
            pass
    return done
"#,
    );
    let state = site.daemon.state.path().join("a-file-of-the-state");
    fs::write(&state, "secret").unwrap();
    fs::set_permissions(&state, fs::Permissions::from_mode(0o644)).unwrap();
    symlink(&state, blueprint.code.join("state")).unwrap();
    assert_eq!(returned(&in_time(site.once(&blueprint, json!({}))).await), json!([]));
}
