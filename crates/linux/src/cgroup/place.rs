//! Where the control groups of this process are, by what the kernel tells of its mounts and of the process.

use std::path::{Path, PathBuf};

/// Which of the two kinds of hierarchies.
///
/// Source: cgroups(7), "Cgroups version 1", "Cgroups version 2".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Each controller has one of its own.
    Separate,
    /// All have the same one.
    Unified,
}

/// Directories below which groups can be tried.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) form: Form,
    pub(super) memory: PathBuf,
    /// That of processes; the same one where there is one hierarchy.
    pub(super) tasks: Option<PathBuf>,
    /// Whether it is the group of this process itself.
    pub(super) is_own: bool,
}

/// The places to try, the best first, by `/proc/self/mountinfo` and `/proc/self/cgroup`.
///
/// Groups are made below the one that this process is in, so that what bounds the process bounds them. In a unified
/// hierarchy a group with processes has no groups that are bounded; the nearest one above that may have some is next.
pub(super) fn places(mounts: &str, own: &str) -> Vec<Place> {
    let mut places = Vec::new();
    if let Some((top, own_group)) = directory(mounts, own, None) {
        for above in own_group.ancestors().take_while(|above| above.starts_with(&top)) {
            let (memory, is_own) = (above.to_owned(), above == own_group);
            places.push(Place { form: Form::Unified, tasks: Some(memory.clone()), memory, is_own });
        }
    }
    if let Some((_, memory)) = directory(mounts, own, Some("memory")) {
        let tasks = directory(mounts, own, Some("pids")).map(|(_, tasks)| tasks);
        places.push(Place { form: Form::Separate, memory, tasks, is_own: true });
    }
    places
}

/// The top of a controller's hierarchy, or of the unified one, and the directory of the own group in it.
fn directory(mounts: &str, own: &str, controller: Option<&str>) -> Option<(PathBuf, PathBuf)> {
    let has = |list: &str, name: &str| list.split(',').any(|one| one == name);
    let (root, top) = mounts.lines().find_map(|line| {
        // Fields, and behind a dash the type, the source and the options of the file system; see proc_pid_mountinfo(5).
        let (fields, system) = line.split_once(" - ")?;
        let mut system = system.split(' ');
        let is_it = match (controller, system.next()?) {
            (None, "cgroup2") => true,
            (Some(controller), "cgroup") => has(system.nth(1)?, controller),
            _ => false,
        };
        let mut fields = fields.split(' ').skip(3);
        is_it.then_some((fields.next()?, fields.next()?))
    })?;
    let path = own.lines().find_map(|line| {
        let mut parts = line.splitn(3, ':');
        let (_, controllers, path) = (parts.next()?, parts.next()?, parts.next()?);
        controller.map_or(controllers.is_empty(), |controller| has(controllers, controller)).then_some(path)
    })?;
    // A process may be in a group that is outside of what is mounted.
    let below = Path::new(path).strip_prefix(root).ok().filter(|below| !below.to_string_lossy().contains(".."));
    let top = PathBuf::from(top);
    let own = below.map_or_else(|| top.clone(), |below| top.join(below));
    Some((top, own))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separate_hierarchies_each_have_the_own_group() {
        let mounts = "30 23 0:26 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n\
                      31 23 0:27 / /sys/fs/cgroup/pids rw,relatime shared:9 - cgroup cgroup rw,pids\n\
                      32 23 0:28 / /sys/fs/cgroup/cpu rw,relatime - cgroup cgroup rw,cpu,cpuacct\n";
        let own = "8:pids:/\n4:memory:/work/one\n2:cpu,cpuacct:/x\n";
        let expected = Place {
            form: Form::Separate,
            memory: "/sys/fs/cgroup/memory/work/one".into(),
            tasks: Some("/sys/fs/cgroup/pids".into()),
            is_own: true,
        };
        assert_eq!(places(mounts, own), [expected]);
        assert_eq!(places(mounts, "8:pids:/\n"), []);
    }

    #[test]
    fn a_container_has_what_is_mounted_for_it() {
        let mounts = "30 23 0:26 /docker/one /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n";
        for (own, below) in [("/docker/one", ""), ("/docker/one/two", "/two"), ("/docker/three", ""), ("/../..", "")] {
            let found = places(mounts, &format!("4:memory:{own}\n"));
            assert_eq!(found[0].memory, PathBuf::from(format!("/sys/fs/cgroup/memory{below}")), "{own}");
            assert_eq!(found[0].tasks, None);
        }
    }

    #[test]
    fn a_unified_hierarchy_is_tried_from_the_own_group_upwards() {
        let mounts = "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n";
        let found = places(mounts, "0::/user.slice/session-1.scope\n");
        let found: Vec<_> =
            found.iter().map(|place| (place.form, place.is_own, place.memory.to_str().unwrap())).collect();
        let own = (Form::Unified, true, "/sys/fs/cgroup/user.slice/session-1.scope");
        let others = ["/sys/fs/cgroup/user.slice", "/sys/fs/cgroup"].map(|path| (Form::Unified, false, path));
        assert_eq!(found, [own, others[0], others[1]]);
    }
}
