//! What a function cannot do: take memory that nobody counts, go on without an event. And what it can: have as many threads as
//! on AWS.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn memory_that_no_process_has_mapped_cannot_be_had() {
    need_root!();
    let site = Site::new().await;
    let blueprint = site.python(
        r#"
import ctypes, errno, os
libc = ctypes.CDLL(None, use_errno=True)
def refused(call):
    return None if call() >= 0 else errno.errorcode[ctypes.get_errno()]
def handler(event, context):
    return [refused(lambda: libc.memfd_create(b'x', 0)), refused(lambda: libc.shmget(0, 1 << 20, 0o1600)),
        refused(lambda: libc.msgget(0, 0o1600)), refused(lambda: libc.syscall(447, 0))]
"#,
    );
    let answer = returned(&site.once(&blueprint, json!({})).await);
    assert_eq!(answer, json!(["ENOSYS", "ENOSYS", "ENOSYS", "ENOSYS"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_small_function_has_a_thousand_threads() {
    need_root!();
    let site = Site::new().await;
    let blueprint = site.python(
        r#"
import threading
def handler(event, context):
    end = threading.Event()
    made = []
    try:
        while len(made) < 1100:
            one = threading.Thread(target=end.wait)
            one.start()
            made.append(one)
    except RuntimeError as error:
        told = str(error)
    end.set()
    for one in made: one.join()
    return [len(made), told]
"#,
    );
    let answer = returned(&site.once(&blueprint, json!({})).await);
    assert!((1000..1024).contains(&answer[0].as_u64().unwrap()), "{answer}");
    assert_eq!(answer[1], "can't start new thread");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_function_leaves_running_stands_still_until_the_next_event() {
    need_root!();
    let site = Site::new().await;
    let blueprint = site.python(
        r#"
import os, threading, time
def count(path):
    number = 0
    while True:
        number += 1
        with open(path + '.new', 'w') as file: file.write(str(number))
        os.rename(path + '.new', path)
        time.sleep(0.002)
def forks():
    # Never without a process that has just begun.
    while True:
        if os.fork() == 0:
            time.sleep(0.001)
            os._exit(0)
        os.wait()
        counted('/tmp/forks')
def counted(path):
    number = read(path) + 1
    with open(path + '.new', 'w') as file: file.write(str(number))
    os.rename(path + '.new', path)
def read(path):
    return int(open(path).read()) if os.path.exists(path) else 0
NAMES = ['thread', 'child', 'forks']
def handler(event, context):
    before = [read('/tmp/thread'), read('/tmp/child'), read('/tmp/forks')]
    if event == 'begin':
        threading.Thread(target=count, args=['/tmp/thread'], daemon=True).start()
        for work in [lambda: count('/tmp/child'), forks]:
            if os.fork() == 0: work()
    until = time.time() + 8
    while time.time() < until and not all(read('/tmp/' + name) > was + 10 for name, was in zip(NAMES, before)):
        time.sleep(0.02)
    return [before, [read('/tmp/thread'), read('/tmp/child'), read('/tmp/forks')]]
"#,
    );
    let mut environment = site.start(&blueprint).await;
    let numbers = |value: &Value| -> Vec<i64> {
        value.as_array().unwrap().iter().map(|number| number.as_i64().unwrap()).collect()
    };
    let first = returned(&environment.invoke(event(json!("begin"), 10_000)).await);
    let mut last = numbers(&first[1]);
    assert!(last.iter().all(|number| *number > 10), "{last:?}");
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let answer = returned(&environment.invoke(event(json!("go on"), 10_000)).await);
        let (before, after) = (numbers(&answer[0]), numbers(&answer[1]));
        for (number, before) in before.iter().enumerate() {
            // A second would be some hundreds.
            assert!(before - last[number] < 60, "{number}: {} was {}", before, last[number]);
            assert!(after[number] > before + 10, "{number}: it goes on with the event: {answer}");
        }
        last = after;
    }
    environment.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runtime_that_takes_its_time_after_an_answer_stands_still_once_it_asks() {
    need_root!();
    let site = Site::new().await;
    let script = r#"#!/usr/bin/env python3
import http.client, os, threading, time
api = http.client.HTTPConnection(os.environ['AWS_LAMBDA_RUNTIME_API'])
number = 0
def count():
    global number
    while True:
        number += 1
        time.sleep(0.002)
threading.Thread(target=count, daemon=True).start()
while True:
    api.request('GET', '/2018-06-01/runtime/invocation/next')
    answer = api.getresponse()
    answer.read()
    begun = number
    time.sleep(0.05)
    id = answer.headers['Lambda-Runtime-Aws-Request-Id']
    api.request('POST', f'/2018-06-01/runtime/invocation/{id}/response', f'[{begun}, {number}]')
    api.getresponse().read()
    time.sleep(0.5)
"#;
    let blueprint = site.blueprint(Runtime::Provided(ProvidedBase::Al2023), "", &[("bootstrap", script)]);
    let mut environment = site.start(&blueprint).await;
    let first = returned(&environment.invoke(event(json!({}), 10_000)).await);
    tokio::time::sleep(Duration::from_secs(3)).await;
    let second = returned(&environment.invoke(event(json!({}), 10_000)).await);
    let ran = second[0].as_i64().unwrap() - first[1].as_i64().unwrap();
    // It ran for the half second that it took to ask, and not for the three of the pause.
    assert!((20..=320).contains(&ran), "{ran}");
    // An event that comes before it has asked is handled like any other.
    let third = returned(&environment.invoke(event(json!({}), 10_000)).await);
    assert!(third[0].as_i64().unwrap() > second[1].as_i64().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn standing_still_costs_a_warm_invocation_little() {
    need_root!();
    let site = Site::new().await;
    let blueprint = site.python("def handler(event, context):\n    return event\n");
    let mut environment = site.start(&blueprint).await;
    let mut times = Vec::new();
    for number in 0..200 {
        let begun = Instant::now();
        let report = environment.invoke(event(json!(number), 10_000)).await;
        times.push(begun.elapsed());
        assert_eq!(returned(&report), json!(number));
        assert!(report.is_reusable);
    }
    times.sort();
    println!("half of the warm invocations take less than {:?}", times[times.len() / 2]);
    assert!(times[times.len() / 2] < Duration::from_millis(20), "{:?}", times[times.len() / 2]);
}
