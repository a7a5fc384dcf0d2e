use std::process::{Child, Command, Stdio};

use super::*;

/// A shell in the place of a shim, with one in the place of the first process inside, which runs this.
struct Tree(Child);

impl Tree {
    fn new(script: &str) -> Self {
        let line = format!("sh -c 'sh -c \"{script}\"; :' ; :");
        Self(Command::new("sh").args(["-c", &line]).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap())
    }

    fn wait_for(&self, processes: usize) {
        for _ in 0..500 {
            if inside(self.0.id(), MOST_PROCESSES).len() >= processes {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        panic!("there are no {processes} processes");
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        // They all read from the same pipe.
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

#[test]
fn the_kernels_bound_has_room_for_what_is_in_tmp() {
    assert_eq!(bound(128 * MIB, 0), 256 * MIB);
    assert_eq!(bound(128 * MIB, 1), 264 * MIB);
    assert_eq!(bound(128 * MIB, 512 * MIB), 768 * MIB);
}

#[test]
fn the_peak_is_never_nothing() {
    let watch = MemoryWatch::new(None);
    let gone = Command::new("true").spawn().and_then(|mut child| child.wait().map(|_| child.id())).unwrap();
    assert_eq!(watch.watch(gone, 128 * MIB, None).peak(), MIB);
    let tree = Tree::new("cat; :");
    tree.wait_for(2);
    let unseen = Watched {
        shim: tree.0.id(),
        limit: 128 * MIB,
        slack: 0,
        group: None,
        peak: AtomicU64::default(),
        exceeded: AtomicBool::default(),
        told: Notify::new(),
    };
    assert!(unseen.peak() >= MIB);
    assert!(unseen.peak.load(Ordering::Relaxed) > 0, "it has been looked at");
}

#[test]
fn what_forks_share_is_counted_once() {
    let fork = "import os\nkept = bytearray(b'x') * (48 << 20)\nforks = [os.fork() for _ in range(3)]\nos.read(0, 1)";
    let mut shell = Command::new("sh");
    shell.args(["-c", "sh -c 'python3 -c \"$SCRIPT\"; :'; :"]).env("SCRIPT", fork).stdin(Stdio::piped());
    let tree = Tree(shell.spawn().unwrap());
    tree.wait_for(8);
    let watch = MemoryWatch::new(None);
    let watched = watch.watch(tree.0.id(), 300 * MIB, None);
    let summed = counted(&inside(tree.0.id(), MOST_PROCESSES)).own;
    assert!(summed > 300 * MIB, "{summed}");
    thread::sleep(Duration::from_millis(300));
    assert!((48 * MIB..150 * MIB).contains(&watched.peak()), "{}", watched.peak());
    assert!(!watched.has_exceeded());
}
