//! Proxies to compare with: what joins two networks where nothing routes between them.

use std::fs;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use super::process::{Process, installed};
use super::site::Site;
use super::traffic::Place;
use super::{BenchError, Step as _};

/// How long a proxy may take to serve.
const START_LIMIT: Duration = Duration::from_secs(5);

/// The program and the port of each.
const HAPROXY: (&str, u16) = ("haproxy", 8001);
const SOCAT: (&str, u16) = ("socat", 8002);
const NGINX: (&str, u16) = ("nginx", 8003);

/// Where distributions put the module that makes nginx a TCP proxy, if it is one.
const NGINX_MODULE: &str = "/usr/lib/nginx/modules/ngx_stream_module.so";

/// A running proxy. It has default settings and one thread or process for each connection.
pub(super) struct Proxy {
    pub(super) name: &'static str,
    pub(super) place: Place,
    pub(super) process: Process,
}

/// The address that the proxies listen on, and that of the server.
pub(super) struct Between {
    pub(super) own: Ipv4Addr,
    pub(super) server: SocketAddrV4,
}

/// Starts each proxy that is installed in the namespace `between`; `client` is where its clients are.
pub(super) fn start_all(
    site: &Site, client: &str, namespace: &str, between: &Between,
) -> Result<Vec<Proxy>, BenchError> {
    let inside = site.namespace(namespace)?;
    // What the proxy sends on shall not be held back by a congestion control that the other paths do not have. A
    // namespace may choose `reno`, which every kernel has.
    let chosen = inside.run(|| fs::write("/proc/sys/net/ipv4/tcp_congestion_control", "reno"));
    chosen.step("choosing a congestion control")?.step("choosing a congestion control")?;
    let mut proxies = Vec::new();
    for (name, port) in [HAPROXY, SOCAT, NGINX] {
        if !installed(name) || (name == NGINX.0 && !Path::new(NGINX_MODULE).is_file()) {
            continue;
        }
        let log = site.directory().join(format!("{name}.log"));
        let command = command(name, SocketAddrV4::new(between.own, port), between.server, site.directory())?;
        let process = Process::start_in(&inside, name, command, &log)?;
        let place = Place { namespace: site.namespace(client)?, target: SocketAddrV4::new(between.own, port) };
        let mut proxy = Proxy { name, place, process };
        proxy.wait(&log)?;
        proxies.push(proxy);
    }
    Ok(proxies)
}

impl Proxy {
    fn wait(&mut self, log: &Path) -> Result<(), BenchError> {
        let limit = Instant::now() + START_LIMIT;
        loop {
            self.process.check(log)?;
            match self.place.try_out() {
                Ok(()) => return Ok(()),
                Err(error) if Instant::now() > limit => return Err(error).step(format!("reaching {}", self.name)),
                Err(_) => std::thread::sleep(Duration::from_millis(10)),
            }
        }
    }
}

fn command(name: &str, own: SocketAddrV4, server: SocketAddrV4, directory: &Path) -> Result<Command, BenchError> {
    let mut command = Command::new(name);
    if name == SOCAT.0 {
        let (address, port) = (own.ip(), own.port());
        command.arg(format!("TCP-LISTEN:{port},bind={address},fork,reuseaddr,nodelay,backlog=1024"));
        command.arg(format!("TCP:{server},nodelay"));
    } else if name == HAPROXY.0 {
        command.arg("-db").arg("-f").arg(written(directory, "haproxy.cfg", &haproxy(own, server))?);
    } else {
        command
            .arg("-c")
            .arg(written(directory, "nginx.conf", &nginx(own, server, directory))?)
            .arg("-p")
            .arg(directory);
    }
    Ok(command)
}

fn written(directory: &Path, name: &str, text: &str) -> Result<PathBuf, BenchError> {
    let path = directory.join(name);
    fs::write(&path, text).step(format!("writing {name}"))?;
    Ok(path)
}

fn haproxy(own: SocketAddrV4, server: SocketAddrV4) -> String {
    format!(
        "global\n  maxconn 4096\n  nbthread 1\n\
         defaults\n  mode tcp\n  option splice-auto\n  timeout connect 5s\n  timeout client 60s\n  timeout server 60s\n\
         listen bench\n  bind {own}\n  server plain {server}\n"
    )
}

fn nginx(own: SocketAddrV4, server: SocketAddrV4, directory: &Path) -> String {
    format!(
        "load_module {NGINX_MODULE};\ndaemon off;\nmaster_process off;\npid {directory}/nginx.pid;\nerror_log stderr;\n\
         events {{ worker_connections 1024; }}\nstream {{ server {{ listen {own}; proxy_pass {server}; }} }}\n",
        directory = directory.display()
    )
}
