//! The caller's environment on its way into a subnet: what would lead a program outside is taken away.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// An environment, each variable once.
pub(crate) type Environment = BTreeMap<OsString, OsString>;

/// Proxies, in whatever letters.
const PROXIES: [&str; 7] =
    ["http_proxy", "https_proxy", "all_proxy", "ftp_proxy", "rsync_proxy", "no_proxy", "aws_proxy"];

/// Other accounts, other endpoints, the host's agents and services, and files that are not there inside.
const REMOVED: [&str; 28] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_CONFIG_FILE",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_DEFAULT_PROFILE",
    "AWS_DEFAULT_REGION",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "AWS_SHARED_CREDENTIALS_FILE",
    "CONTAINER_HOST",
    "DISPLAY",
    "DOCKER_HOST",
    "GPG_AGENT_INFO",
    "HOSTALIASES",
    "LD_AUDIT",
    "LD_PRELOAD",
    "LOCALDOMAIN",
    "NOTIFY_SOCKET",
    "RES_OPTIONS",
    "SSH_AGENT_PID",
    "SSH_AUTH_SOCK",
    "TEMP",
    "TMP",
    "TMPDIR",
    "WAYLAND_DISPLAY",
    "XDG_RUNTIME_DIR",
];

/// Families of the same.
const REMOVED_PREFIXES: [&str; 8] = [
    "AWS_CONTAINER_",
    "AWS_EC2_METADATA_",
    "AWS_ENDPOINT_URL",
    "AWS_ROLE_",
    "AWS_SSO_",
    "AWS_WEB_IDENTITY_",
    "DBUS_",
    "SIDEGATE_",
];

/// What of the caller's environment goes along.
pub(crate) fn inherited(variables: impl Iterator<Item = (OsString, OsString)>) -> Environment {
    variables.filter(|(name, _)| !leads_outside(name)).collect()
}

fn leads_outside(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    REMOVED.contains(&&*name)
        || REMOVED_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
        || PROXIES.iter().any(|proxy| name.eq_ignore_ascii_case(proxy))
}

/// What a terminal's user takes along to another machine, as with ssh.
pub(crate) fn of_terminal(variables: impl Iterator<Item = (OsString, OsString)>) -> Environment {
    let goes = |name: &OsStr| {
        name == "TERM" || name == "COLORTERM" || name == "LANG" || name.as_encoded_bytes().starts_with(b"LC_")
    };
    variables.filter(|(name, _)| goes(name)).collect()
}

/// Where the programs of a login to an instance are looked up: where the instance has its own, and then where the caller's
/// are, since an instance sees this machine's programs where they lie.
pub(crate) fn path_inside(own: &str, callers: Option<&OsStr>) -> OsString {
    let own: Vec<PathBuf> = std::env::split_paths(own).collect();
    let mut path = own.clone();
    for directory in callers.into_iter().flat_map(std::env::split_paths) {
        // What is relative is so to a working directory that the instance does not have.
        if directory.is_absolute() && !path.contains(&directory) {
            path.push(directory);
        }
    }
    // What has been split can be joined.
    std::env::join_paths(&path).or_else(|_| std::env::join_paths(&own)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(names: &[&str]) -> impl Iterator<Item = (OsString, OsString)> {
        names.iter().map(|name| (OsString::from(name), OsString::from("x"))).collect::<Vec<_>>().into_iter()
    }

    #[test]
    fn what_leads_outside_stays_outside() {
        let names = [
            "http_proxy",
            "HTTPS_PROXY",
            "All_Proxy",
            "no_proxy",
            "AWS_ENDPOINT_URL",
            "AWS_ENDPOINT_URL_S3",
            "AWS_PROFILE",
            "AWS_SESSION_TOKEN",
            "AWS_SECURITY_TOKEN",
            "AWS_CONFIG_FILE",
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "SSH_AUTH_SOCK",
            "DBUS_SESSION_BUS_ADDRESS",
            "LD_PRELOAD",
            "XDG_RUNTIME_DIR",
            "SIDEGATE_SECRET_ACCESS_KEY",
        ];
        assert_eq!(inherited(pairs(&names)), Environment::new());
    }

    #[test]
    fn everything_else_goes_along() {
        let names = ["PATH", "HOME", "TERM", "AWS_MAX_ATTEMPTS", "AWS_PAGER", "LD_LIBRARY_PATH", "MY_PROXY_SETTING"];
        assert_eq!(inherited(pairs(&names)).len(), names.len());
    }

    #[test]
    fn an_instance_gets_the_terminal_and_the_language_only() {
        let kept = of_terminal(pairs(&["TERM", "LANG", "LC_ALL", "PATH", "HOME", "AWS_PROFILE"]));
        assert_eq!(kept.keys().collect::<Vec<_>>(), ["LANG", "LC_ALL", "TERM"]);
    }

    #[test]
    fn an_instance_s_own_programs_come_before_the_caller_s() {
        let inside = |callers: Option<&str>| path_inside("/usr/bin:/bin", callers.map(OsStr::new));
        assert_eq!(
            inside(Some("/c/.venv/bin:/usr/bin:.:bin::/c/.venv/bin:/opt/x")),
            "/usr/bin:/bin:/c/.venv/bin:/opt/x"
        );
        assert_eq!(inside(None), "/usr/bin:/bin");
        assert_eq!(inside(Some("")), "/usr/bin:/bin");
    }
}
