//! A world in which the edge is tested: two programs in a VPC, endpoints of both kinds, services, and a key.
//!
//! Connections are made over loopback; what the kernel would say of them is told by the test that makes them.

use std::collections::{BTreeMap, HashMap};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use sidegate_edge::Limits;
use sidegate_edge::authority::Authority;
use sidegate_edge::connections::{Edge, Listeners};
use sidegate_edge::events::{Event, Events};
use sidegate_edge::gate::{
    Arrival, Credential, Credentials, EndpointArrival, Gate, Grants, Membership, NoCredential, Tls,
};
use sidegate_edge::metadata::{FoundRole, NoSession, Tokens};
use sidegate_edge::path::{CurrentPlan, Facts, FactsOf, Standing};
use sidegate_iam::{Policy, PolicyType, Principal, Requirement};
use sidegate_model::{AccountId, Scope, VpcId};
use sidegate_plan::{
    EndpointAddress, EndpointKind, EndpointPlan, Link, Metadata, Plan, Route, RouteTarget, TablePlan, VpcPlan,
};
use sidegate_services::iam::Iam;
use sidegate_services::reserve::Reserve;
use sidegate_services::{Authorized, Authorizer, Body, BoxError, Caller, Service, sts::Sts};
use sidegate_wire::aws_json;
use sidegate_wire::protocol::{Failure, JsonVersion, Protocol};
use sidegate_wire::sigv4::{PayloadHash, SecretKey, Signer};
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpSocket, TcpStream, UdpSocket};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::role_credentials::Roles;

pub(crate) const ACCESS_KEY: &str = "AKIAIOSFODNN7EXAMPLE";
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
pub(crate) const REGION: &str = "us-east-1";

/// The program in the subnet of the first route table, which leads S3 to [`GATEWAY`].
pub(crate) const FIRST: Ipv4Addr = Ipv4Addr::new(10, 0, 1, 5);
/// The program in the subnet of the second one, which leads S3 to [`OTHER_GATEWAY`].
pub(crate) const SECOND: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 5);
/// A public address of S3.
pub(crate) const S3_ADDRESS: Ipv4Addr = Ipv4Addr::new(198, 18, 0, 16);
/// The private address of the endpoint for Secrets Manager.
pub(crate) const SECRETS_ADDRESS: Ipv4Addr = Ipv4Addr::new(10, 0, 1, 20);

pub(crate) const GATEWAY: &str = "vpce-0000000000000000a";
pub(crate) const OTHER_GATEWAY: &str = "vpce-0000000000000000b";
pub(crate) const INTERFACE: &str = "vpce-0000000000000000c";

pub(crate) const S3_HOST: &str = "s3.us-east-1.amazonaws.com";
pub(crate) const SECRETS_HOST: &str = "secretsmanager.us-east-1.amazonaws.com";
pub(crate) const OWN_HOST: &str = "vpce-0000000000000000c-9f8e7d6c.secretsmanager.us-east-1.vpce.amazonaws.com";

pub(crate) fn vpc_id() -> VpcId {
    "vpc-0123456789abcdef0".parse().unwrap()
}

fn link(interface: &str, address: Ipv4Addr, table: u16) -> Link {
    Link {
        name: format!("l{table}"),
        namespace: interface.to_owned(),
        subnet: format!("subnet-{table:017}").parse().unwrap(),
        address,
        device: 0,
        secondary: Vec::new(),
        ipv6: Vec::new(),
        prefix: 24,
        gateway: Ipv4Addr::from_bits(address.to_bits() & !0xff | 1),
        mac: [2, 0, 0, 0, 0, 1],
        table,
        group: 1,
        acl: None,
        redirects: None,
        forwards: false,
    }
}

pub(crate) fn table(number: u16, endpoint: &str) -> TablePlan {
    let target = RouteTarget::GatewayEndpoint(endpoint.parse().unwrap());
    let routes = [("198.18.0.0/22".parse().unwrap(), Route { target, named: "pl-63a5400a".to_owned() })];
    TablePlan { id: format!("rtb-{number:017}").parse().unwrap(), routes: BTreeMap::from(routes) }
}

fn endpoint(kind: EndpointKind, service: &'static str, hosts: &[&str], policy: &str) -> EndpointPlan {
    EndpointPlan {
        kind,
        service,
        hosts: hosts.iter().map(|h| (*h).to_owned()).collect(),
        policy: Arc::new(Policy::parse(policy, PolicyType::Endpoint).unwrap()),
    }
}

fn metadata(interface: &str, address: Ipv4Addr) -> Metadata {
    Metadata {
        interface: interface.parse().unwrap(),
        instance: "i-0123456789abcdef0".to_owned(),
        reservation: "r-0123456789abcdef0".to_owned(),
        image: "ami-0123456789abcdef0".to_owned(),
        instance_type: "t3.micro".to_owned(),
        zone: "us-east-1a".to_owned(),
        zone_id: "use1-az1".to_owned(),
        hostname: "ip-10-0-1-5.ec2.internal".to_owned(),
        address,
        ipv6: Vec::new(),
        public: Vec::new(),
        public_hostname: None,
        mac: "02:00:00:00:00:01".to_owned(),
        subnet: ("subnet-00000000000000001".parse().unwrap(), "10.0.1.0/24".parse().unwrap()),
        ipv6_blocks: [None, None],
        groups: Vec::new(),
        launched: 1_701_684_245_678,
        user_data: None,
        launch_index: 0,
        key: None,
        role: None,
        tokens_required: true,
        hop_limit: 1,
        over_ipv6: false,
        enabled: true,
        tags: None,
    }
}

/// The VPC as it is at first.
pub(crate) fn vpc() -> VpcPlan {
    let mut vpc = super::resolver::vpc();
    for (interface, address, table) in [("eni-0000000000000000a", FIRST, 1), ("eni-0000000000000000b", SECOND, 2)] {
        vpc.links.insert(interface.parse().unwrap(), link(interface, address, table));
        vpc.metadata.insert(address, metadata(interface, address));
    }
    vpc.tables = BTreeMap::from([(1, table(1, GATEWAY)), (2, table(2, OTHER_GATEWAY))]);
    let address = EndpointAddress {
        endpoint: INTERFACE.parse().unwrap(),
        interface: "eni-0000000000000000c".parse().unwrap(),
        group: 1,
        table: 1,
        acl: None,
    };
    vpc.endpoint_addresses.insert(SECRETS_ADDRESS.into(), address);
    let s3 = [S3_HOST, "*.s3.us-east-1.amazonaws.com", "s3.amazonaws.com", "*.s3.amazonaws.com"];
    for gateway in [GATEWAY, OTHER_GATEWAY] {
        let plan = endpoint(EndpointKind::Gateway, "s3", &s3, Policy::DEFAULT);
        vpc.endpoints.insert(gateway.parse().unwrap(), plan);
    }
    let secrets = [SECRETS_HOST, OWN_HOST];
    let plan = endpoint(EndpointKind::Interface, "secretsmanager", &secrets, Policy::DEFAULT);
    vpc.endpoints.insert(INTERFACE.parse().unwrap(), plan);
    vpc
}

pub(crate) fn plan_of(vpc: VpcPlan) -> Arc<Plan> {
    let vpcs = std::iter::once((vpc.vpc.clone(), Arc::new(vpc))).collect();
    Arc::new(Plan { vpcs, ..Plan::default() })
}

/// The plan with another policy of an endpoint.
pub(crate) fn with_policy(id: &str, policy: &str) -> Arc<Plan> {
    let mut vpc = vpc();
    vpc.endpoints.get_mut(&id.parse().unwrap()).unwrap().policy =
        Arc::new(Policy::parse(policy, PolicyType::Endpoint).unwrap());
    plan_of(vpc)
}

pub(crate) const DENY_LISTING: &str = r#"{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*",
    "Resource": "*"}, {"Effect": "Deny", "Principal": "*", "Action": "secretsmanager:List*", "Resource": "*"}]}"#;

pub(crate) fn facts(source: Ipv4Addr, destination: Ipv4Addr) -> Facts {
    let table = if source == FIRST { 1 } else { 2 };
    Facts { source: source.into(), destination: destination.into(), mark: 0x0001_0000 | table }
}

/// The connection of a program to an address.
pub(crate) fn arrival(plans: &CurrentPlan, source: Ipv4Addr, destination: Ipv4Addr) -> Arrival {
    let facts = facts(source, destination);
    let standing = Standing::on_accept(&plans.load(), &vpc_id(), &facts).expect("a standing");
    Arrival::Endpoint(EndpointArrival { plans: plans.clone(), vpc: vpc_id(), facts, standing, tls: Some(Tls::V1_2) })
}

pub(crate) fn public() -> Arrival {
    Arrival::Public { source: Ipv4Addr::LOCALHOST.into() }
}

/// The one key that there is.
pub(crate) struct OneKey;

impl Credentials for OneKey {
    fn credential(&self, access_key: &str, _: i64) -> Result<Credential, NoCredential> {
        if access_key != ACCESS_KEY {
            return Err(NoCredential::Unknown);
        }
        Ok(Credential {
            secret: SecretKey::new(SECRET),
            session_token: None,
            principal: Principal::Root("111122223333".parse().unwrap()),
            account: "111122223333".parse().unwrap(),
            grants: Grants::default(),
        })
    }

    fn membership(&self, _: &AccountId) -> Option<Arc<Membership>> {
        None
    }

    fn note_use(&self, _: &str, _: &str, _: &str, _: i64) {}
}

/// Keeps events.
#[derive(Default)]
pub(crate) struct Kept(pub(crate) Mutex<Vec<Event>>);

impl Events for Kept {
    fn record(&self, event: Event) {
        self.0.lock().unwrap().push(event);
    }
}

impl Kept {
    /// The only event so far.
    #[track_caller]
    pub(crate) fn one(&self) -> Event {
        let events = self.0.lock().unwrap();
        assert_eq!(events.len(), 1, "{events:#?}");
        events[0].clone()
    }
}

/// A service that speaks JSON, and requires what its operation is called.
pub(crate) struct Secrets;

#[async_trait]
impl Service for Secrets {
    fn name(&self) -> &'static str {
        "secretsmanager"
    }

    async fn handle(&self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer) -> Response<Body> {
        let (head, body) = request.into_parts();
        let host = head.headers["host"].to_str().unwrap().to_owned();
        let operation = aws_json::Target::parse(&head.headers).unwrap().operation.to_owned();
        let requirement = Requirement::new(format!("secretsmanager:{operation}"), "*");
        let answer = match Authorized::by(authorizer, &operation, &[requirement]) {
            Err(denial) => {
                let code = "AccessDeniedException";
                let failure = Failure::new(StatusCode::BAD_REQUEST, code, denial.to_string());
                aws_json::error(JsonVersion::V1_1, &failure, &caller.request_id)
            }
            Ok(_) => {
                let body = body.collect().await.unwrap().to_bytes();
                let told = serde_json::json!({
                    "body": String::from_utf8_lossy(&body),
                    "account": caller.scope.account.to_string(),
                    "region": caller.scope.region.to_string(),
                    "host": host,
                });
                aws_json::response(JsonVersion::V1_1, &told, &caller.request_id).unwrap()
            }
        };
        full(answer)
    }
}

/// A service that speaks XML and streams: a GET of `/bytes/N` has N bytes, a PUT says how many it got, and how large
/// the largest frame was.
pub(crate) struct Streams;

#[async_trait]
impl Service for Streams {
    fn name(&self) -> &'static str {
        "s3"
    }

    async fn handle(&self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer) -> Response<Body> {
        let (head, mut body) = request.into_parts();
        let requirement = Requirement::new("s3:GetObject", format!("arn:aws:s3::{}", head.uri.path()));
        if let Err(denial) = Authorized::by(authorizer, "GetObject", &[requirement]) {
            let failure = Failure::new(StatusCode::FORBIDDEN, "AccessDenied", denial.to_string());
            return full(Protocol::RestXml.render_error(&failure, &caller.request_id, head.uri.path()));
        }
        if let Some(length) = head.uri.path().strip_prefix("/bytes/") {
            return Response::new(zeros(length.parse().unwrap()));
        }
        let (mut bytes, mut largest) = (0, 0);
        while let Some(frame) = body.frame().await {
            let length = frame.unwrap().into_data().unwrap().len();
            bytes += length;
            largest = largest.max(length);
        }
        let told = format!("{bytes} {largest} {}", caller.access_key.as_deref().unwrap_or_default());
        full(Response::new(told.into_bytes()))
    }
}

fn full(response: Response<Vec<u8>>) -> Response<Body> {
    response.map(|bytes| Full::new(Bytes::from(bytes)).map_err(|never| match never {}).boxed_unsync())
}

/// So many bytes, of which a chunk exists at a time.
fn zeros(length: usize) -> Body {
    static CHUNK: [u8; 256 * 1024] = [0; 256 * 1024];
    let frames = futures::stream::unfold(length, |left| async move {
        let now = left.min(CHUNK.len());
        (now > 0).then(|| (Ok(http_body::Frame::data(Bytes::from_static(&CHUNK[..now]))), left - now))
    });
    http_body_util::StreamBody::new(frames).boxed_unsync()
}

pub(crate) fn gate(events: &Arc<Kept>) -> Arc<Gate> {
    gate_with(events, vec![Arc::new(Secrets), Arc::new(Streams), Arc::new(sts())])
}

/// STS over identities of which there are none.
pub(crate) fn sts() -> Sts {
    let dir = tempfile::tempdir().unwrap();
    Sts::new(Iam::open(dir.path(), Reserve::none()).unwrap().directory())
}

pub(crate) fn gate_with(events: &Arc<Kept>, services: Vec<Arc<dyn Service>>) -> Arc<Gate> {
    gate_within(events, services, &Limits::default())
}

pub(crate) fn gate_within(events: &Arc<Kept>, services: Vec<Arc<dyn Service>>, limits: &Limits) -> Arc<Gate> {
    let home = Scope { account: "111122223333".parse().unwrap(), region: REGION.parse().unwrap() };
    Arc::new(Gate::new(services, Arc::new(OneKey), Arc::clone(events) as Arc<dyn Events>, home, limits))
}

pub(crate) fn now() -> i64 {
    time::OffsetDateTime::now_utc().unix_timestamp()
}

/// Signs a request: its date is so many seconds from now.
pub(crate) fn sign(head: &mut Parts, service: &str, body: Option<&[u8]>, seconds: i64) {
    let secret = SecretKey::new(SECRET);
    let signer = Signer { access_key: ACCESS_KEY, secret: &secret, session_token: None, region: REGION, service };
    let payload = body.map_or(PayloadHash::Header, PayloadHash::OfBody);
    signer.sign(head, payload, now() + seconds).unwrap();
}

pub(crate) fn head(line: &str, headers: &[(&str, &str)]) -> Parts {
    let (method, uri) = line.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap().into_parts().0
}

/// A signed request of Secrets Manager.
pub(crate) fn list_secrets(host: &str) -> Request<Full<Bytes>> {
    const BODY: &str = r#"{"MaxResults":1}"#;
    let mut head = head(
        "POST /",
        &[
            ("host", host),
            ("x-amz-target", "secretsmanager.ListSecrets"),
            ("content-type", "application/x-amz-json-1.1"),
            ("content-length", &BODY.len().to_string()),
        ],
    );
    sign(&mut head, "secretsmanager", Some(BODY.as_bytes()), 0);
    Request::from_parts(head, Full::new(Bytes::from_static(BODY.as_bytes())))
}

/// A signed GET of S3.
pub(crate) fn get_object(host: &str, path: &str) -> Request<Full<Bytes>> {
    let mut head = head(&format!("GET {path}"), &[("host", host)]);
    sign(&mut head, "s3", None, 0);
    Request::from_parts(head, Full::default())
}

/// An answer with all its bytes.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) async fn of<B: http_body::Body<Data = Bytes>>(response: Response<B>) -> Self
    where
        B::Error: std::fmt::Debug,
    {
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Self { status: head.status.as_u16(), headers: head.headers, body: String::from_utf8_lossy(&body).into() }
    }

    #[track_caller]
    pub(crate) fn assert_error(&self, status: u16, code: &str) {
        assert_eq!(self.status, status, "{self:?}");
        let forms = [format!("<Code>{code}</Code>"), format!("\"__type\":\"{code}\"")];
        let header = self.headers.get("x-amzn-errortype").is_some_and(|v| v == code);
        assert!(header || forms.iter().any(|form| self.body.contains(form)), "{code}: {self:?}");
    }
}

/// What the kernel would say of connections, by the client's address.
#[derive(Clone, Default)]
pub(crate) struct Kernel(Arc<Mutex<HashMap<SocketAddr, Facts>>>);

impl Kernel {
    fn facts_of(&self) -> FactsOf {
        let kernel = self.clone();
        Arc::new(move |stream| {
            let known = kernel.0.lock().unwrap();
            known.get(&stream.peer_addr()?).copied().ok_or_else(|| std::io::Error::other("a stranger"))
        })
    }
}

/// An edge that serves the VPC over loopback.
pub(crate) struct Running {
    pub(crate) edge: Edge,
    pub(crate) events: Arc<Kept>,
    pub(crate) kernel: Kernel,
    pub(crate) tls: SocketAddr,
    pub(crate) http: SocketAddr,
    pub(crate) dns_udp: SocketAddr,
    pub(crate) dns_tcp: SocketAddr,
    pem: String,
    _directory: TempDir,
}

impl Running {
    pub(crate) async fn new() -> Self {
        Self::with(Limits::default()).await
    }

    pub(crate) async fn with(limits: Limits) -> Self {
        let events = Arc::new(Kept::default());
        let directory = tempfile::tempdir().unwrap();
        let authority = Authority::open(directory.path(), time::OffsetDateTime::now_utc()).unwrap();
        let pem = authority.certificate_pem().to_owned();
        let kernel = Kernel::default();
        let tokens = Arc::new(Tokens::new(&[7; 32], Roles::new(FoundRole::Missing, Err(NoSession::Unauthorized))));
        let edge = Edge::new(gate(&events), Arc::new(authority), tokens, kernel.facts_of(), limits);
        edge.apply(plan_of(vpc())).await;
        let listen = async || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let listeners = Listeners {
            tls: vec![listen().await],
            http: vec![listen().await],
            smtp: Vec::new(),
            smtps: Vec::new(),
            dns_udp: vec![UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap()],
            dns_tcp: vec![listen().await],
        };
        let (tls, http) = (listeners.tls[0].local_addr().unwrap(), listeners.http[0].local_addr().unwrap());
        let dns_udp = listeners.dns_udp[0].local_addr().unwrap();
        let dns_tcp = listeners.dns_tcp[0].local_addr().unwrap();
        edge.serve_vpc(vpc_id(), listeners);
        Self { edge, events, kernel, tls, http, dns_udp, dns_tcp, pem, _directory: directory }
    }

    /// Connects as the program that these facts are of.
    pub(crate) async fn dial(&self, port: SocketAddr, facts: Facts) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        self.kernel.0.lock().unwrap().insert(socket.local_addr().unwrap(), facts);
        socket.connect(port).await.unwrap()
    }

    /// A client of TLS that trusts the authority, and offers these protocols.
    pub(crate) fn connector(&self, protocols: &[&str], names_itself: bool) -> TlsConnector {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.pem.as_bytes()).unwrap()).unwrap();
        let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        config.alpn_protocols = protocols.iter().map(|p| p.as_bytes().to_vec()).collect();
        config.enable_sni = names_itself;
        TlsConnector::from(Arc::new(config))
    }

    /// A connection over TLS with the protocols that an SDK offers.
    pub(crate) async fn secure(&self, facts: Facts, name: &'static str) -> TlsStream<TcpStream> {
        let stream = self.dial(self.tls, facts).await;
        let connector = self.connector(&["h2", "http/1.1"], true);
        connector.connect(name.try_into().unwrap(), stream).await.unwrap()
    }

    /// The same with HTTP/1.1 on it.
    pub(crate) async fn client(&self, facts: Facts, name: &'static str) -> Client {
        Client::over(self.secure(facts, name).await).await
    }

    /// A client of Secrets Manager with HTTP/1.1.
    pub(crate) async fn client_of_secrets(&self, source: Ipv4Addr) -> Client {
        let stream = self.dial(self.tls, facts(source, SECRETS_ADDRESS)).await;
        let connector = self.connector(&["http/1.1"], true);
        Client::over(connector.connect(SECRETS_HOST.try_into().unwrap(), stream).await.unwrap()).await
    }
}

/// A client of HTTP/1.1.
pub(crate) struct Client(SendRequest<UnsyncBoxBody<Bytes, BoxError>>);

impl Client {
    pub(crate) async fn over<I: AsyncRead + AsyncWrite + Unpin + Send + 'static>(io: I) -> Self {
        let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(io)).await.unwrap();
        tokio::spawn(connection);
        Self(sender)
    }

    pub(crate) async fn begin<B>(&mut self, request: Request<B>) -> hyper::Result<Response<Incoming>>
    where
        B: http_body::Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        self.0.ready().await?;
        self.0.send_request(request.map(|body| body.map_err(Into::into).boxed_unsync())).await
    }

    pub(crate) async fn send(&mut self, request: Request<Full<Bytes>>) -> Answer {
        Answer::of(self.begin(request).await.unwrap()).await
    }
}
