//! The bound on a function's memory, with control groups where this machine has some and without them.

use super::*;

/// Sites that bound memory in either way.
async fn sites() -> [Site; 2] {
    [Site::with_groups(true).await, Site::with_groups(false).await]
}

fn groups(site: &Site) -> Option<PathBuf> {
    let machinery = site.functions.0.machinery.get().unwrap();
    machinery.memory.directory().map(Path::to_owned)
}

fn most_used(report: &Report) -> u64 {
    let lines = tail(report);
    let (_, rest) = lines.split_once("Max Memory Used: ").unwrap();
    rest.split_once(" MB").unwrap().0.parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_function_with_many_processes_takes_nothing_of_the_bound_on_another() {
    need_root!();
    for site in sites().await {
        let mut many = site.python(
            "import os, time\ndef handler(event, context):\n    for _ in range(300):\n        if os.fork() == 0:\n            time.sleep(60)\n    \
             time.sleep(60)\n",
        );
        many.memory = 10_240;
        let mut crowded = site.start(&many).await;
        let crowd = tokio::spawn(async move {
            let report = crowded.invoke(event(json!({}), 6_000)).await;
            crowded.stop().await;
            report
        });
        tokio::time::sleep(Duration::from_secs(2)).await;
        let greedy = site.python(
            "import time\ndef handler(event, context):\n    kept = bytearray(300_000_000)\n    time.sleep(0.3)\n    return len(kept)\n",
        );
        for _ in 0..3 {
            let report = site.once(&greedy, json!({})).await;
            assert_eq!(report.completion, Completion::OutOfMemory, "{:?}: {}", groups(&site), tail(&report));
            assert_eq!(most_used(&report), 128);
        }
        assert_eq!(crowd.await.unwrap().completion, Completion::TimedOut);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_forks_share_is_reported_once_and_what_was_used_is_never_nothing() {
    need_root!();
    for site in sites().await {
        let mut forks = site.python(
            "import os, time\nkept = bytearray(b'x') * (64 << 20)\ndef handler(event, context):\n    forks = []\n    for _ in range(20):\n        \
             fork = os.fork()\n        if fork == 0:\n            time.sleep(60)\n        forks.append(fork)\n    time.sleep(1)\n    return len(forks)\n",
        );
        forks.memory = 1_024;
        let report = site.once(&forks, json!({})).await;
        assert_eq!(returned(&report), json!(20));
        assert!((64..256).contains(&most_used(&report)), "{:?}: {}", groups(&site), tail(&report));
        let quick = site.python("def handler(event, context):\n    return 1\n");
        let report = site.once(&quick, json!({})).await;
        assert!((4..128).contains(&most_used(&report)), "{:?}: {}", groups(&site), tail(&report));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_in_tmp_are_no_memory_of_the_function() {
    need_root!();
    for site in sites().await {
        let writes = site.python(
            "import os, time\ndef handler(event, context):\n    with open('/tmp/all', 'wb', buffering=0) as file:\n        \
             for _ in range(400): file.write(bytes(1 << 20))\n    kept = bytearray(event['keeps'] << 20)\n    time.sleep(0.3)\n    \
             size = os.stat('/tmp/all').st_size + len(kept)\n    os.remove('/tmp/all')\n    return size >> 20\n",
        );
        let report = site.once(&writes, json!({"keeps": 64})).await;
        assert_eq!(returned(&report), json!(464), "{:?}", groups(&site));
        assert!((64..128).contains(&most_used(&report)), "{:?}: {}", groups(&site), tail(&report));
        let report = site.once(&writes, json!({"keeps": 200})).await;
        assert_eq!(report.completion, Completion::OutOfMemory, "{:?}: {}", groups(&site), tail(&report));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_group_of_an_environment_goes_with_it() {
    need_root!();
    let site = Site::new().await;
    let Some(directory) = groups(&site) else {
        eprintln!("SKIPPED: no control groups");
        return;
    };
    let count = || fs::read_dir(&directory).unwrap().flatten().filter(|entry| entry.path().is_dir()).count();
    let function = site.python("def handler(event, context):\n    return open('/proc/self/cgroup').read()\n");
    let mut environment = site.start(&function).await;
    let report = environment.invoke(event(json!({}), 5_000)).await;
    let name = directory.file_name().unwrap().to_str().unwrap();
    assert!(returned(&report).as_str().unwrap().contains(name), "{:?}", report.completion);
    assert_eq!(count(), 1);
    environment.stop().await;
    eventually("the group is gone", || count() == 0).await;
    site.functions.written(Duration::from_secs(1)).await;
    assert!(!directory.exists());
}
