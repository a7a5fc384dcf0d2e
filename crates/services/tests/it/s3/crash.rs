//! What is left after a crash.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::{Notes, Store, me, open, request};

#[tokio::test]
async fn a_start_sweeps_what_no_object_names_and_keeps_the_rest() {
    let store = Store::with_bucket("docs").await;
    store.put("/docs/key", &[], "kept").await.ok();
    let dir = store.dir.path();
    std::fs::write(dir.join("incoming/half"), "half").unwrap();
    std::fs::write(dir.join("objects/00/00000000000000000000000000000001"), "orphan").unwrap();
    let Store { dir, s3 } = store;
    drop(s3);
    let s3 = open(dir.path());
    let store = Store { dir, s3 };
    assert_eq!(store.files().len(), 1);
    assert_eq!(store.get("/docs/key", &[]).await.ok().text(), "kept");
}

/// Runs in a process of its own, which is killed: puts objects, and says which have been acknowledged.
#[tokio::test]
#[ignore = "is run by the test that kills it"]
async fn puts_until_it_is_killed() {
    let Ok(dir) = std::env::var("SIDEGATE_S3_CRASH_DIR") else { return };
    let s3 = std::sync::Arc::new(open(std::path::Path::new(&dir)));
    let put = |s3: std::sync::Arc<sidegate_services::s3::S3>, uri: String, body: Vec<u8>| async move {
        use sidegate_services::Service as _;
        s3.handle(request("PUT", &uri, &[], body), &me(), &Notes::default()).await.status()
    };
    put(s3.clone(), "/docs".into(), vec![]).await;
    let mut writers = Vec::new();
    for writer in 0..4_u8 {
        let s3 = s3.clone();
        writers.push(tokio::spawn(async move {
            for round in 0_u32.. {
                let key = round % 5;
                let body = vec![round.to_le_bytes()[0]; 70_000];
                let status = put(s3.clone(), format!("/docs/{writer}-{key}"), body).await;
                assert!(status.is_success());
                let mut out = std::io::stdout().lock();
                writeln!(out, "acknowledged {writer} {key} {round}").unwrap();
                out.flush().unwrap();
            }
        }));
    }
    for writer in writers {
        writer.await.unwrap();
    }
}

#[tokio::test]
async fn whatever_was_acknowledged_before_a_kill_is_there_and_whole() {
    let dir = tempfile::tempdir().unwrap();
    for (round, wait) in [40, 150, 333].into_iter().enumerate() {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "s3::crash::puts_until_it_is_killed", "--ignored", "--nocapture"])
            .env("SIDEGATE_S3_CRASH_DIR", dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut acknowledged = std::collections::HashMap::new();
        let mut note = |line: String| {
            let words: Vec<_> = line.split(' ').map(str::to_owned).collect();
            if let [first, writer, key, round] = words.as_slice()
                && first.ends_with("acknowledged")
            {
                acknowledged.insert(format!("{writer}-{key}"), round.parse::<u32>().unwrap());
            }
        };
        for line in lines.by_ref().take(20 * (round + 1)) {
            note(line.unwrap());
        }
        std::thread::sleep(Duration::from_millis(wait));
        child.kill().unwrap();
        lines.map_while(Result::ok).for_each(&mut note);
        child.wait().unwrap();

        let s3 = open(dir.path());
        let store = Store { dir: tempfile::tempdir().unwrap(), s3 };
        assert!(!acknowledged.is_empty());
        for (key, round) in acknowledged {
            let got = store.get(&format!("/docs/{key}"), &[]).await.ok().body;
            assert_eq!(got.len(), 70_000);
            let first = got[0];
            assert!(got.iter().all(|byte| *byte == first), "{key} is not made of two");
            let (last, next) = (round.to_le_bytes()[0], (round + 5).to_le_bytes()[0]);
            assert!(first == last || first == next, "{key} is the acknowledged one or the one after it");
        }
        let Store { s3, .. } = store;
        drop(s3);
    }
}
