//! What a program in a subnet finds in its sandbox: resolver, names, trust store, environment; and what it does not.
//!
//! The same for instances and for `sidegate exec`. Nothing here touches the network or the daemon.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sidegate_linux::dataplane::{INTERNET_HOSTS, INTERNET_RESOLVER};
use sidegate_linux::sandbox::InjectedFile;
use sidegate_model::{NameServer, NetworkInterface, Region, World};

use crate::state_dir::StateDir;

/// Where programs are looked up inside an instance.
pub(crate) const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The home of an instance's root.
pub(crate) const HOME: &str = "/root";

/// Where the trust store stands inside, whatever the host's distribution.
pub(crate) const TRUST_STORE: &str = "/etc/ssl/certs/ca-certificates.crt";

/// Where distributions keep their trust store: Debian, Arch and Alpine; Fedora and Red Hat; openSUSE; OpenSSL's own.
const TRUST_STORES: [&str; 5] = [
    TRUST_STORE,
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// Variables that name a trust store. Those of AWS's SDK for Python and of requests matter, since both bring their own.
const TRUST_VARIABLES: [&str; 5] =
    ["AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"];

/// Below a home: where AWS's tools keep credentials. Those of a real account must not be picked up inside.
const AWS_FILES: &str = ".aws";

/// Below a home: what else is nobody's business where root sees everyone's files.
const CREDENTIAL_STORES: [&str; 8] =
    [".ssh", ".gnupg", ".docker", ".kube", ".azure", ".config/gcloud", ".netrc", ".git-credentials"];

/// Files of the host that root alone may read and that no program of root's needs. An instance sees them in a layer of its
/// own, since its package managers replace them.
const SYSTEM_SECRETS: [&str; 5] = ["/etc/shadow", "/etc/shadow-", "/etc/gshadow", "/etc/gshadow-", PRIVATE_KEYS];

/// Where Debian keeps the private keys of the host's services.
const PRIVATE_KEYS: &str = "/etc/ssl/private";

/// Where a program is: what its sandbox must tell it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    /// The private address.
    pub(crate) address: Ipv4Addr,
    /// The private host name, with its domain.
    pub(crate) hostname: String,
    /// The name servers, as the VPC's DHCP options say.
    #[serde(default)]
    pub(crate) name_servers: Vec<IpAddr>,
    /// The domains in which short names are looked up, as the VPC's DHCP options say.
    #[serde(default)]
    pub(crate) search: Option<String>,
    /// The Region.
    pub(crate) region: String,
    /// The certificate of Sidegate's authority.
    pub(crate) authority: String,
}

impl Place {
    /// The place that an interface makes; none if its VPC is gone.
    pub(crate) fn of(world: &World, interface: &NetworkInterface, authority: &str) -> Option<Self> {
        let vpc = world.vpcs.get(&interface.vpc)?;
        let resolver = vpc.cidr.nth(2)?;
        let options = world.dhcp_options_of(vpc).unwrap_or_default();
        let address = |server: &NameServer| match server {
            NameServer::AmazonProvided => resolver.into(),
            NameServer::Address(address) => *address,
        };
        Some(Self {
            address: interface.address,
            hostname: world.own_host_name(interface),
            name_servers: options.domain_name_servers.iter().map(address).collect(),
            search: options.domain_name,
            region: interface.scope.region.to_string(),
            authority: authority.to_owned(),
        })
    }

    /// The place of a program on the emulated internet.
    pub(crate) fn on_internet(region: Region, authority: &str) -> Self {
        Self {
            address: INTERNET_HOSTS.nth(1).unwrap_or(INTERNET_RESOLVER),
            hostname: "host.internet.example".to_owned(),
            name_servers: vec![INTERNET_RESOLVER.into()],
            search: Some("internet.example".to_owned()),
            region: region.to_string(),
            authority: authority.to_owned(),
        }
    }

    /// The files that are laid over the host's.
    pub(crate) fn files(&self) -> Vec<InjectedFile> {
        let mut files = vec![
            file("/etc/resolv.conf", self.resolv_conf()),
            file("/etc/hosts", self.hosts()),
            file("/etc/hostname", format!("{}\n", self.hostname)),
            file("/etc/nsswitch.conf", NSSWITCH.to_owned()),
        ];
        let trusted = self.trust_store();
        let present = |path: &&&str| **path == TRUST_STORE || Path::new(path).exists();
        files.extend(TRUST_STORES.iter().filter(present).map(|path| file(path, trusted.clone())));
        files
    }

    /// The variables that lead AWS's clients to the Region and every client to the trust store.
    pub(crate) fn variables(&self) -> Vec<(OsString, OsString)> {
        let mut variables: Vec<(OsString, OsString)> =
            TRUST_VARIABLES.iter().map(|name| (name.into(), TRUST_STORE.into())).collect();
        variables.push(("AWS_REGION".into(), self.region.clone().into()));
        variables.push(("AWS_DEFAULT_REGION".into(), self.region.clone().into()));
        variables
    }

    /// The whole environment of a login to an instance.
    pub(crate) fn instance_environment(&self) -> Vec<(OsString, OsString)> {
        let mut environment: Vec<(OsString, OsString)> = [
            ("PATH", PATH),
            ("HOME", HOME),
            ("USER", "root"),
            ("LOGNAME", "root"),
            ("SHELL", "/bin/sh"),
            ("LANG", "C.UTF-8"),
        ]
        .map(|(name, value)| (name.into(), value.into()))
        .to_vec();
        environment.extend(self.variables());
        environment
    }

    /// As the DHCP options make it. A VPC without name servers gets one that never answers, since a file without any
    /// means the machine's own.
    ///
    /// Source: VPC user guide, "DHCP option sets"; resolv.conf(5).
    fn resolv_conf(&self) -> String {
        let search = self.search.iter().map(|domains| format!("search {domains}\n"));
        let none = self.name_servers.is_empty().then_some(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let servers = self.name_servers.iter().copied().chain(none).map(|server| format!("nameserver {server}\n"));
        search.chain(servers).chain(["options timeout:2 attempts:5\n".to_owned()]).collect()
    }

    /// Knows the own name too, so that a program can learn its address where no resolver answers.
    fn hosts(&self) -> String {
        let short = self.hostname.split('.').next().unwrap_or_default();
        format!(
            "127.0.0.1 localhost localhost.localdomain\n::1 ip6-localhost ip6-loopback\n{} {} {short}\n",
            self.address, self.hostname
        )
    }

    /// The host's certificates and, after them, Sidegate's.
    fn trust_store(&self) -> String {
        let host = TRUST_STORES.iter().find_map(|path| fs::read(path).ok()).unwrap_or_default();
        let mut all = String::from_utf8_lossy(&host).into_owned();
        if !all.is_empty() && !all.ends_with('\n') {
            all.push('\n');
        }
        all.push_str(&self.authority);
        all
    }
}

/// No service of the host answers inside, so each table is read from files and names from the VPC's resolver.
const NSSWITCH: &str = "passwd: files\ngroup: files\nshadow: files\ngshadow: files\nhosts: files dns\nnetworks: files\n\
                        protocols: files\nservices: files\nethers: files\nrpc: files\nnetgroup: files\n";

fn file(path: &str, contents: String) -> InjectedFile {
    InjectedFile { path: path.into(), contents: contents.into_bytes() }
}

/// Where AWS's tools write below a home: the AWS CLI keeps the credentials of a role in `cli/cache` there, and gives up if
/// it cannot.
pub(crate) fn aws_files(home: &Path) -> PathBuf {
    home.join(AWS_FILES)
}

/// What a program of `sidegate exec` does not see: the daemon's state, and credentials of real accounts; and if it is the
/// host's root, what an instance does not see either. The host's sockets need no mention: an overlay does not lead to
/// them, and `/run` is the sandbox's own.
pub(crate) fn hidden_from_program(state: &Path, uid: u32) -> Vec<PathBuf> {
    let (stores, system): (&[&str], &[&str]) =
        if uid == 0 { (&CREDENTIAL_STORES, &SYSTEM_SECRETS) } else { (&[], &[]) };
    hidden(states(state), &homes(), stores, system)
}

/// What an instance does not see.
pub(crate) fn hidden_from_instance(state: &Path) -> Vec<PathBuf> {
    hidden(states(state), &homes(), &CREDENTIAL_STORES, &[PRIVATE_KEYS])
}

/// The state directories of this machine: one's own, and those that daemons have announced.
fn states(own: &Path) -> Vec<PathBuf> {
    let others = StateDir::announced().into_iter().filter(|path| path != own);
    std::iter::once(own.to_owned()).chain(others).collect()
}

/// The state directories, and of the rest what there is.
fn hidden(mut states: Vec<PathBuf>, homes: &BTreeSet<PathBuf>, stores: &[&str], system: &[&str]) -> Vec<PathBuf> {
    let below = homes.iter().flat_map(|home| [AWS_FILES].iter().chain(stores).map(|name| home.join(name)));
    states.extend(below.chain(system.iter().map(PathBuf::from)).filter(|path| path.exists()));
    states
}

/// The homes of the host's users, and that of the caller.
fn homes() -> BTreeSet<PathBuf> {
    let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let mut homes: BTreeSet<PathBuf> =
        passwd.lines().filter_map(|line| line.split(':').nth(5)).map(Into::into).collect();
    homes.extend(std::env::var_os("HOME").map(PathBuf::from));
    homes.retain(|home| home.is_absolute());
    homes
}

#[cfg(test)]
mod tests;
