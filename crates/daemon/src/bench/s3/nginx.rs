//! nginx as a file server with TLS, behind a bare link.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::bench::curl::Client;
use crate::bench::link::{Link, SERVER};
use crate::bench::process::{Process, installed};
use crate::bench::{BenchError, Step as _};

/// The name that the certificate has.
const NAME: &str = "files.bench.internal";

/// How long nginx may take to serve.
const START_LIMIT: Duration = Duration::from_secs(5);

/// A running nginx.
pub(super) struct Nginx {
    process: Process,
    certificate: PathBuf,
}

impl Nginx {
    /// Starts it, if it is installed with what is needed. Its client runs in the directory `work`.
    pub(super) fn start(link: &Link, work: &Path) -> Result<Option<Self>, BenchError> {
        if !installed("nginx") || !installed("openssl") || !can_serve()? {
            return Ok(None);
        }
        let directory = link.directory();
        fs::create_dir(directory.join("files")).step("making a directory for files")?;
        let certificate = certificate(directory)?;
        let configuration = directory.join("nginx.conf");
        fs::write(&configuration, text(directory)).step("writing nginx.conf")?;
        let mut command = Command::new("nginx");
        command.arg("-c").arg(configuration).arg("-p").arg(directory);
        let log = directory.join("nginx.log");
        let process = Process::start_in(&link.server, "nginx", command, &log)?;
        let mut nginx = Self { process, certificate };
        nginx.wait(link, work, &log)?;
        Ok(Some(nginx))
    }

    /// curl at the other end of the link.
    pub(super) fn client<'a>(&self, link: &'a Link, work: &Path) -> Client<'a> {
        let certificate = self.certificate.display();
        let options = format!("--cacert {certificate} --resolve {NAME}:443:{SERVER}");
        Client::bare(&link.client, work, &options, format!("https://{NAME}"), self.process.id())
    }

    fn wait(&mut self, link: &Link, work: &Path, log: &Path) -> Result<(), BenchError> {
        let limit = Instant::now() + START_LIMIT;
        loop {
            self.process.check(log)?;
            match self.client(link, work).command(&format!("--output /dev/null https://{NAME}/ready")) {
                Ok(_) => return Ok(()),
                Err(error) if Instant::now() > limit => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_millis(20)),
            }
        }
    }
}

/// Whether this nginx has TLS, and takes files.
fn can_serve() -> Result<bool, BenchError> {
    let output = Command::new("nginx").arg("-V").stdin(Stdio::null()).output().step("asking nginx what it can do")?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Ok(["http_ssl_module", "http_dav_module"].iter().all(|module| said.contains(module)))
}

/// Makes a certificate of the kind that Sidegate's services have, signed by itself.
fn certificate(directory: &Path) -> Result<PathBuf, BenchError> {
    const STEP: &str = "making a certificate";
    let certificate = directory.join("certificate.pem");
    let mut command = Command::new("openssl");
    command.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"]);
    command.args(["-subj", &format!("/CN={NAME}"), "-addext", &format!("subjectAltName=DNS:{NAME}")]);
    command.arg("-keyout").arg(directory.join("key.pem")).arg("-out").arg(&certificate).stdin(Stdio::null());
    let output = command.output().step(STEP)?;
    if output.status.success() {
        return Ok(certificate);
    }
    let reason = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(BenchError::Step { step: STEP.to_owned(), reason })
}

fn text(directory: &Path) -> String {
    format!(
        "user root;\ndaemon off;\nworker_processes auto;\npid {directory}/nginx.pid;\nerror_log stderr;\n\
         events {{ worker_connections 1024; }}\n\
         http {{\n  access_log off;\n  sendfile on;\n  client_max_body_size 0;\n  keepalive_requests 1000000;\n\
         client_body_temp_path {directory}/incoming;\n\
         proxy_temp_path {directory}/proxy;\n  fastcgi_temp_path {directory}/fastcgi;\n\
         uwsgi_temp_path {directory}/uwsgi;\n  scgi_temp_path {directory}/scgi;\n\
         server {{\n    listen {SERVER}:443 ssl;\n    server_name {NAME};\n\
         ssl_certificate {directory}/certificate.pem;\n    ssl_certificate_key {directory}/key.pem;\n\
         ssl_protocols TLSv1.3;\n    root {directory}/files;\n    dav_methods PUT DELETE;\n\
         location = /ready {{ return 204; }}\n  }}\n}}\n",
        directory = directory.display()
    )
}
