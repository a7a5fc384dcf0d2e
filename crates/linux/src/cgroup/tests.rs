use super::*;

const MIB: u64 = 1 << 20;

/// Control groups of this machine, or word that there are none.
fn groups(name: &str, record: &Path) -> Option<Arc<Groups>> {
    let name = format!("sidegate-test-{name}-{}", std::process::id());
    match Groups::open(&name, record) {
        Ok(groups) => Some(groups),
        Err(error) => {
            eprintln!("SKIPPED: no control groups: {error}");
            None
        }
    }
}

fn shell(group: &Group, script: &str) -> std::process::ExitStatus {
    let mut command = Command::new("/bin/sh");
    command.args(["-c", script]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    enter_groups(&mut command, group.doors().unwrap());
    command.status().unwrap()
}

#[test]
fn numbers_are_found_by_their_whole_names() {
    let text = "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n";
    assert_eq!(value(text, "oom_kill"), Some(3));
    assert_eq!(value(text, "oom"), None);
}

#[test]
fn a_directory_that_has_no_groups_is_left_as_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let record = directory.path().join("record");
    for form in [Form::Separate, Form::Unified] {
        let top = directory.path().join("top");
        fs::create_dir(&top).unwrap();
        let place = Place { form, memory: top.clone(), tasks: Some(top.clone()), is_own: true };
        Groups::open_in(&[place], "sidegate-1", &record).unwrap_err();
        assert!(!record.exists());
        fs::remove_dir(&top).expect("nothing is left in it");
    }
}

#[test]
fn who_takes_more_memory_than_its_group_has_is_killed_and_others_go_on() {
    let directory = tempfile::tempdir().unwrap();
    let Some(groups) = groups("memory", &directory.path().join("record")) else { return };
    let small = groups.group(Bounds { memory: 32 * MIB, tasks: 16 }).unwrap();
    let other = groups.group(Bounds { memory: 256 * MIB, tasks: 16 }).unwrap();
    // `tail` keeps what has no line in it.
    let greedy = "head -c 100000000 /dev/zero | tail -c 100000000 >/dev/null";
    shell(&small, greedy);
    assert!(small.kills().unwrap() > 0);
    assert!(small.peak().unwrap() >= 31 * MIB);
    assert!(shell(&other, greedy).success());
    assert_eq!(other.kills().unwrap(), 0);
    assert!(other.peak().unwrap() > 90 * MIB && other.usage().unwrap() < 90 * MIB);
}

#[test]
fn a_group_has_so_many_processes_and_goes_when_they_have_ended() {
    let directory = tempfile::tempdir().unwrap();
    let record = directory.path().join("record");
    let Some(groups) = groups("tasks", &record) else { return };
    if groups.form == Form::Separate && groups.tasks.is_none() {
        eprintln!("SKIPPED: processes cannot be counted");
        return;
    }
    let group = groups.group(Bounds { memory: 256 * MIB, tasks: 4 }).unwrap();
    assert!(shell(&group, "sleep 0.1 & sleep 0.1 & wait").success());
    assert!(!shell(&group, "for i in 1 2 3 4 5 6 7 8; do sleep 0.2 & done; wait").success());
    let (own, made) = (groups.directory().to_owned(), group.memory.clone());
    assert!(made.is_dir());
    drop(group);
    assert!(!made.exists());
    drop(groups);
    assert!(!own.exists());
}

#[test]
fn what_a_killed_process_has_left_is_removed_by_the_next() {
    let directory = tempfile::tempdir().unwrap();
    let record = directory.path().join("record");
    let Some(first) = groups("swept", &record) else { return };
    let left = first.directory().join("1-0");
    fs::create_dir(&left).unwrap();
    let second = groups("swept", &record).unwrap();
    for _ in 0..500 {
        if !left.exists() {
            break;
        }
        thread::sleep(Duration::from_millis(10));
    }
    assert!(!left.exists());
    assert!(second.directory().exists());
}
