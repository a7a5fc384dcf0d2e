//! The local certificate authority, judged by clients that trust nothing else: rustls, and what Python, curl and
//! OpenSSL are on this machine.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use rcgen::{CertificateParams, Issuer, KeyPair};
use rustls::client::Resumption;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::{ClientConfig, ClientConnection, HandshakeKind, RootCertStore, ServerConfig, ServerConnection};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use sidegate_edge::authority::{Authority, AuthorityError};
use sidegate_model::{Catalog, Region, Service};
use tempfile::TempDir;
use time::{Duration, OffsetDateTime};
use x509_parser::prelude::{FromDer as _, X509Certificate};

const ENDPOINT: &str = "vpce-0a1b2c3d4e5f60718-9f8e7d6c";

fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc()
}

fn authority() -> (TempDir, Authority) {
    let directory = tempfile::tempdir().unwrap();
    let authority = Authority::open(directory.path(), now()).unwrap();
    (directory, authority)
}

fn region() -> Region {
    "us-east-1".parse().unwrap()
}

fn service(name: &str) -> &'static Service {
    Catalog::named(name).unwrap()
}

/// The configuration of a service with the names of an endpoint.
fn config(authority: &Authority, name: &str, extra: &[&str]) -> Arc<ServerConfig> {
    let extra: Vec<String> = extra.iter().map(|e| (*e).to_owned()).collect();
    authority.server_config(service(name), region(), &extra, now()).unwrap()
}

/// A client that trusts the authority alone, and offers these protocols.
fn client(pem: &str, protocols: &[&str], versions: &[&'static rustls::SupportedProtocolVersion]) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|p| p.as_bytes().to_vec()).collect();
    config.resumption = Resumption::in_memory_sessions(8);
    Arc::new(config)
}

fn any_client(pem: &str) -> Arc<ClientConfig> {
    client(pem, &[], rustls::ALL_VERSIONS)
}

/// Shakes hands in memory.
fn connect(
    client: &Arc<ClientConfig>, server: &Arc<ServerConfig>, name: &str,
) -> Result<ClientConnection, rustls::Error> {
    let mut client = ClientConnection::new(client.clone(), name.to_owned().try_into().unwrap())?;
    let mut server = ServerConnection::new(server.clone())?;
    let mut wire = Vec::new();
    for _ in 0..8 {
        wire.clear();
        while client.wants_write() {
            client.write_tls(&mut wire).unwrap();
        }
        let mut sent = &wire[..];
        while !sent.is_empty() {
            server.read_tls(&mut sent).unwrap();
            server.process_new_packets()?;
        }
        wire.clear();
        while server.wants_write() {
            server.write_tls(&mut wire).unwrap();
        }
        let mut sent = &wire[..];
        while !sent.is_empty() {
            client.read_tls(&mut sent).unwrap();
            client.process_new_packets()?;
        }
    }
    assert!(!client.is_handshaking() && !server.is_handshaking());
    Ok(client)
}

fn certificate(authority: &Authority, config: &Arc<ServerConfig>, name: &str) -> CertificateDer<'static> {
    let connection = connect(&any_client(authority.certificate_pem()), config, name).unwrap();
    connection.peer_certificates().unwrap()[0].clone().into_owned()
}

#[test]
fn every_name_of_every_service_is_trusted_and_those_of_some_in_every_region() {
    let (_directory, authority) = authority();
    let client = any_client(authority.certificate_pem());
    for region in Region::all() {
        // A certificate for each of all of them in all Regions would take minutes.
        let some =
            |service: &&Service| region.as_str() == "us-east-1" || ["s3", "kms", "notebook"].contains(&service.name);
        for service in Service::all_in(region).filter(some) {
            let config = authority.server_config(service, region, &[], now()).unwrap();
            let mut names = service.public_names(region);
            names.extend(service.private_names(region));
            names.push(format!("{ENDPOINT}.{}", service.endpoint_domain(region)));
            for name in names {
                connect(&client, &config, &name.replace('*', "some-name")).unwrap_or_else(|e| panic!("{name}: {e}"));
            }
        }
    }
}

#[test]
fn another_name_is_refused() {
    let (_directory, authority) = authority();
    let client = any_client(authority.certificate_pem());
    let config = config(&authority, "kms", &[]);
    for host in ["sts.us-east-1", "kms.us-east-2", "x.kms.us-east-1", "kms"] {
        let name = format!("{host}.amazonaws.com");
        let error = connect(&client, &config, &name).unwrap_err();
        assert!(matches!(error, rustls::Error::InvalidCertificate(_)), "{name}: {error}");
    }
}

#[test]
fn the_own_names_of_an_endpoint_of_s3_cover_buckets_behind_it() {
    let (_directory, authority) = authority();
    let client = any_client(authority.certificate_pem());
    let own = format!("{ENDPOINT}.s3.us-east-1.vpce.amazonaws.com");
    let names = [
        format!("bucket.{own}"),
        format!("mybucket.bucket.{own}"),
        format!("mine-123456789012.accesspoint.{own}"),
        format!("123456789012.control.{own}"),
    ];
    let with = config(&authority, "s3", &[&format!("*.{own}")]);
    for name in &names {
        connect(&client, &with, name).unwrap();
    }
    let without = config(&authority, "s3", &[]);
    for name in &names {
        connect(&client, &without, name).unwrap_err();
    }
}

#[test]
fn further_names_outside_of_the_domains_of_aws_are_left_out() {
    let (_directory, authority) = authority();
    let client = any_client(authority.certificate_pem());
    let config = config(&authority, "kms", &["example.com", "evilamazonaws.com", "*.mine.amazonaws.com"]);
    connect(&client, &config, "x.mine.amazonaws.com").unwrap();
    connect(&client, &config, "example.com").unwrap_err();
    connect(&client, &config, "evilamazonaws.com").unwrap_err();
}

/// A server with a certificate that someone made with the authority's own key.
fn forged(directory: &Path, authority: &Authority, names: &[&str]) -> Arc<ServerConfig> {
    let key = KeyPair::from_pem(&fs::read_to_string(directory.join("ca.key")).unwrap()).unwrap();
    let issuer = Issuer::from_ca_cert_pem(authority.certificate_pem(), key).unwrap();
    let key = KeyPair::generate().unwrap();
    let names: Vec<String> = names.iter().map(|n| (*n).to_owned()).collect();
    let leaf = CertificateParams::new(names).unwrap().signed_by(&key, &issuer).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let builder = ServerConfig::builder_with_provider(Arc::new(default_provider()));
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    Arc::new(builder.with_no_client_auth().with_single_cert(vec![leaf.into()], key).unwrap())
}

#[test]
fn a_certificate_outside_of_the_constraint_is_refused_whoever_signed_it() {
    let (directory, authority) = authority();
    let client = any_client(authority.certificate_pem());
    let connect = |name: &str| connect(&client, &forged(directory.path(), &authority, &[name]), name);
    connect("kms.us-east-1.amazonaws.com").unwrap();
    for name in ["example.com", "amazonaws.com.example.com", "10.0.0.1", "::1"] {
        let error = connect(name).unwrap_err();
        assert!(error.to_string().contains("NameConstraintViolation"), "{name}: {error}");
    }
}

#[test]
fn s3_speaks_http_1_alone_and_the_others_http_2_as_well() {
    let (_directory, authority) = authority();
    let client = client(authority.certificate_pem(), &["h2", "http/1.1"], rustls::ALL_VERSIONS);
    for (name, protocol) in [("s3", "http/1.1"), ("secretsmanager", "h2"), ("dynamodb", "h2")] {
        let host = format!("{name}.us-east-1.amazonaws.com");
        let connection = connect(&client, &config(&authority, name, &[]), &host).unwrap();
        assert_eq!(connection.alpn_protocol(), Some(protocol.as_bytes()), "{name}");
    }
}

#[test]
fn both_versions_of_tls_are_spoken_and_sessions_resumed() {
    let (_directory, authority) = authority();
    let server = config(&authority, "sts", &[]);
    for version in rustls::ALL_VERSIONS {
        let client = client(authority.certificate_pem(), &[], &[version]);
        let first = connect(&client, &server, "sts.amazonaws.com").unwrap();
        assert_eq!(first.protocol_version(), Some(version.version));
        assert_eq!(first.handshake_kind(), Some(HandshakeKind::Full));
        let second = connect(&client, &server, "sts.amazonaws.com").unwrap();
        assert_eq!(second.handshake_kind(), Some(HandshakeKind::Resumed), "{:?}", version.version);
    }
}

#[test]
fn a_configuration_is_kept_until_its_certificate_is_within_a_month_of_its_end() {
    let (_directory, authority) = authority();
    let start = now();
    let after = |days, extra: &[String]| {
        authority.server_config(service("logs"), region(), extra, start + Duration::days(days)).unwrap()
    };
    let first = after(0, &[]);
    assert!(Arc::ptr_eq(&first, &after(366, &[])));
    assert!(!Arc::ptr_eq(&first, &after(0, &["x.amazonaws.com".to_owned()])));
    let second = after(367, &[]);
    assert!(!Arc::ptr_eq(&first, &second));
    assert!(Arc::ptr_eq(&second, &after(367 + 366, &[])));
}

#[test]
fn no_certificate_outlives_the_authority() {
    let (_directory, authority) = authority();
    let late = now() + Duration::days(3650);
    let get = |at| authority.server_config(service("logs"), region(), &[], at);
    let config = get(late).unwrap();
    assert!(Arc::ptr_eq(&config, &get(late + Duration::days(1)).unwrap()));
    assert!(matches!(get(late + Duration::days(10)), Err(AuthorityError::Expired { .. })));
}

#[test]
fn a_certificate_says_what_strict_clients_want_to_know() {
    let (_directory, authority) = authority();
    let name = "secretsmanager.us-east-1.amazonaws.com";
    let config = config(&authority, "secretsmanager", &[]);
    let der = certificate(&authority, &config, name);
    let (_, leaf) = X509Certificate::from_der(&der).unwrap();
    let days = (leaf.validity().not_after.timestamp() - leaf.validity().not_before.timestamp()) / 86_400;
    assert_eq!(days, 397);
    assert!(!leaf.is_ca() && leaf.key_usage().unwrap().unwrap().value.digital_signature());
    assert!(leaf.extended_key_usage().unwrap().unwrap().value.server_auth);
    assert_eq!(leaf.subject().iter_common_name().next().unwrap().as_str().unwrap(), name);
    assert_eq!(leaf.raw_serial().len(), 16);

    let root = CertificateDer::from_pem_slice(authority.certificate_pem().as_bytes()).unwrap();
    let (_, root) = X509Certificate::from_der(&root).unwrap();
    let basic = root.basic_constraints().unwrap().unwrap();
    assert!(basic.critical && basic.value.ca && basic.value.path_len_constraint == Some(0));
    assert!(root.name_constraints().unwrap().unwrap().critical);
    assert!(root.key_usage().unwrap().unwrap().value.key_cert_sign());
    let common_name = root.subject().iter_common_name().next().unwrap().as_str().unwrap();
    let digits = common_name.strip_prefix("Sidegate local authority ").unwrap();
    assert!(digits.len() == 8 && digits.bytes().all(|b| b.is_ascii_hexdigit()));
}

#[test]
fn the_authority_is_made_once_and_its_key_is_private() {
    let (directory, first) = authority();
    let mode = |name| fs::metadata(directory.path().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("ca.pem"), mode("ca.key")), (0o644, 0o600));
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2);

    let second = Authority::open(directory.path(), now()).unwrap();
    assert_eq!(first.certificate_pem(), second.certificate_pem());
    let client = any_client(first.certificate_pem());
    connect(&client, &config(&second, "kms", &[]), "kms.us-east-1.amazonaws.com").unwrap();
    let (_other, other) = authority();
    connect(&client, &config(&other, "kms", &[]), "kms.us-east-1.amazonaws.com").unwrap_err();
}

/// Why the authority does not open after this was done to its directory.
fn refusal(damage: impl Fn(&Path, &Path)) -> String {
    let (directory, _authority) = authority();
    let (certificate, key) = (directory.path().join("ca.pem"), directory.path().join("ca.key"));
    damage(&certificate, &key);
    let before = fs::read(&certificate).unwrap();
    let error = Authority::open(directory.path(), now()).err().expect("a refusal");
    assert_eq!(fs::read(&certificate).unwrap(), before, "the certificate is left alone");
    error.to_string()
}

#[test]
fn a_broken_pair_is_refused_and_left_alone() {
    let halve = |path: &Path| {
        let bytes = fs::read(path).unwrap();
        fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
    };
    assert!(refusal(|_, key| fs::remove_file(key).unwrap()).contains("has no `ca.key` beside it"));
    assert!(refusal(|certificate, _| halve(certificate)).contains("not a complete certificate"));
    assert!(refusal(|certificate, _| fs::write(certificate, "").unwrap()).contains("not a complete certificate"));
    assert!(refusal(|_, key| halve(key)).contains("not a complete private key"));
    let foreign = KeyPair::generate().unwrap().serialize_pem();
    assert!(refusal(|_, key| fs::write(key, &foreign).unwrap()).contains("not the certificate of the key"));
}

#[test]
fn a_crash_before_the_certificate_was_written_is_made_good() {
    let (directory, _authority) = authority();
    fs::remove_file(directory.path().join("ca.pem")).unwrap();
    fs::write(directory.path().join("ca.new"), "half a certi").unwrap();
    let again = Authority::open(directory.path(), now()).unwrap();
    let client = any_client(again.certificate_pem());
    connect(&client, &config(&again, "kms", &[]), "kms.us-east-1.amazonaws.com").unwrap();
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2);
}

#[test]
fn an_authority_that_has_expired_says_so() {
    let (directory, _authority) = authority();
    let error = Authority::open(directory.path(), now() + Duration::days(3660)).err().unwrap();
    assert!(matches!(error, AuthorityError::Expired { .. }), "{error}");
}

/// Whether a program is on this machine; a test without it says that it was skipped.
fn has(program: &str, argument: &str) -> bool {
    let found = Command::new(program).arg(argument).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !found {
        eprintln!("skipped: there is no {program}");
    }
    found
}

/// Serves one connection with a short answer over HTTP, in a thread, and tells the port.
fn serve(config: Arc<ServerConfig>, connections: usize) -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for socket in listener.incoming().take(connections) {
            let connection = ServerConnection::new(config.clone()).unwrap();
            let mut stream = rustls::StreamOwned::new(connection, socket.unwrap());
            let mut request = [0; 4096];
            // A client that refuses the certificate sends nothing.
            if stream.read(&mut request).is_ok_and(|length| length > 0) {
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok").unwrap();
                stream.conn.send_close_notify();
                stream.flush().unwrap();
            }
        }
    });
    port
}

const PYTHON: &str = r#"
import socket, ssl, sys
authority, port, good, bad = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
context = ssl.create_default_context(cafile=authority)
context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
def connect(name):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as plain:
        with context.wrap_socket(plain, server_hostname=name) as tls:
            tls.sendall(b"GET / HTTP/1.1\r\n\r\n")
            return tls.recv(100)
assert connect(good).startswith(b"HTTP/1.1 200")
try:
    connect(bad)
except ssl.SSLCertVerificationError as error:
    assert "not valid for" in str(error), error
else:
    raise AssertionError("a wrong name was accepted")
"#;

#[test]
fn python_accepts_the_chain_with_its_strict_flags() {
    if !has("python3", "--version") {
        return;
    }
    let (directory, authority) = authority();
    let own = format!("*.{ENDPOINT}.s3.us-east-1.vpce.amazonaws.com");
    let port = serve(config(&authority, "s3", &[&own]), 2);
    let good = format!("mybucket.bucket.{ENDPOINT}.s3.us-east-1.vpce.amazonaws.com");
    let output = Command::new("python3")
        .args(["-c", PYTHON])
        .arg(directory.path().join("ca.pem"))
        .args([&port.to_string(), &good, "kms.us-east-1.amazonaws.com"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn curl_accepts_the_chain() {
    if !has("curl", "--version") {
        return;
    }
    let (directory, authority) = authority();
    let name = "bedrock-runtime.us-east-1.amazonaws.com";
    let port = serve(config(&authority, "bedrock-runtime", &[]), 1);
    let output = Command::new("curl")
        .args(["-sS", "--http1.1", "--noproxy", "*", "--cacert"])
        .arg(directory.path().join("ca.pem"))
        .args(["--resolve", &format!("{name}:{port}:127.0.0.1"), &format!("https://{name}:{port}/")])
        .output()
        .unwrap();
    assert_eq!(output.stdout, b"ok", "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn openssl_verifies_the_chain_strictly_and_refuses_names_outside_of_the_constraint() {
    if !has("openssl", "version") {
        return;
    }
    let (directory, authority) = authority();
    let verify = |der: &[u8], name: &str| {
        let leaf = directory.path().join("leaf.der");
        fs::write(&leaf, der).unwrap();
        let output = Command::new("openssl")
            .args(["verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", name, "-CAfile"])
            .arg(directory.path().join("ca.pem"))
            .arg(&leaf)
            .output()
            .unwrap();
        (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
    };
    let name = "monitoring.eu-west-1.api.aws";
    let server = authority.server_config(service("monitoring"), "eu-west-1".parse().unwrap(), &[], now()).unwrap();
    let (good, message) = verify(&certificate(&authority, &server, name), name);
    assert!(good, "{message}");

    let key = KeyPair::from_pem(&fs::read_to_string(directory.path().join("ca.key")).unwrap()).unwrap();
    let issuer = Issuer::from_ca_cert_pem(authority.certificate_pem(), key).unwrap();
    let mut parameters = CertificateParams::new(vec!["example.com".to_owned()]).unwrap();
    parameters.use_authority_key_identifier_extension = true;
    let leaf = parameters.signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap();
    let (good, message) = verify(leaf.der(), "example.com");
    assert!(!good && message.contains("permitted subtree violation"), "{message}");
}
