//! The rules themselves.

/// The crates of the workspace from the inside out, each with those of ours it may depend on.
pub(super) const LAYERS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("wire", &[]),
    ("iam", &["model"]),
    ("plan", &["model", "iam"]),
    ("cost", &["model"]),
    ("advise", &["model", "cost"]),
    ("import", &["model"]),
    ("linux", &["model", "plan"]),
    ("services", &["model", "iam", "wire"]),
    ("edge", &["model", "services", "plan", "iam", "wire"]),
    ("daemon", &["model", "wire", "iam", "plan", "cost", "advise", "import", "linux", "services", "edge"]),
    ("xtask", &[]),
];

/// The crates that are given the time, the ids and all else that is not a pure function.
pub(super) const PURE: &[&str] = &["model", "iam", "plan", "cost", "advise", "import"];

/// What a pure crate may not depend on.
pub(super) const IMPURE_DEPENDENCIES: &[&str] =
    &["tokio", "libc", "nix", "rustix", "hyper", "rusqlite", "time", "chrono", "rtnetlink"];

/// Why [`PURE`] crates are as they are.
pub(super) const WHY_PURE: &str =
    "`model`, `iam`, `plan`, `cost`, `advise` and `import` are pure: the time, ids and effects are given from outside";

/// The crate that talks to the kernel about networks.
pub(super) const KERNEL: &str = "linux";

/// Why only [`KERNEL`] talks to the kernel.
pub(super) const WHY_KERNEL: &str = "namespaces and netlink live in `crates/linux` alone";

/// The crate that translates between the EC2 wire and the model.
pub(super) const TRANSLATOR: &str = "daemon";

/// Why only [`TRANSLATOR`] knows both.
pub(super) const WHY_TRANSLATOR: &str = "only `crates/daemon` translates between the EC2 wire and the model";

/// Whether a pure crate may not mention this path of the standard library.
pub(super) fn is_impure_path(path: &[String]) -> bool {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    match path.as_slice() {
        ["std", "fs" | "process" | "env" | "*", ..] => true,
        ["std", "net", item, ..] => *item == "*" || item.starts_with("Tcp") || item.starts_with("Udp"),
        ["std", "time", item, ..] => matches!(*item, "*" | "SystemTime" | "Instant"),
        _ => false,
    }
}

/// Whether a path leads to the kernel's network configuration.
pub(super) fn is_kernel_path(path: &[String]) -> bool {
    path.iter().enumerate().any(|(at, segment)| {
        matches!(segment.as_str(), "setns" | "unshare" | "CloneFlags")
            || (at == 0 && (segment == "rtnetlink" || segment.starts_with("netlink_")))
    })
}

/// Whether a dependency talks netlink.
pub(super) fn is_kernel_dependency(package: &str) -> bool {
    package == "rtnetlink" || package.starts_with("netlink-")
}
