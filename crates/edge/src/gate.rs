//! The way of a request to its service: bounds, which service, who asks, and what was decided.
//!
//! Nothing that comes with a connection is believed for longer than a request: the endpoint, its policy and its names
//! are looked up in the plan that is in force when the request arrives.

mod api_key;
mod applicable;
mod authentication;
mod authorization;
mod content;
mod context;
mod credentials;
mod dialect;
mod host;
mod probe;
mod record;
mod refusal;
mod rest;
mod routing;
mod way;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::header::HOST;
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version};
use http_body::Body as HttpBody;
use sidegate_iam::{Denial, Principal};
use sidegate_model::{Region, Scope};
use sidegate_services::spoken::ErrorForm;
use sidegate_services::unserved::Unserved;
use sidegate_services::{Authorizer as _, Body, BoxError, Budget, Caller, Insecure, Service};
use sidegate_wire::protocol::Protocol;
use sidegate_wire::query;
use sidegate_wire::request_id::RequestId;

pub use applicable::SupposedCall;
pub use credentials::{Credential, Credentials, Grants, Membership, NoCredential};
pub(crate) use probe::HEADER as PROBE_HEADER;
pub use probe::{Asked as AskedProbe, NotAsked, Probes, Question, Verdict};
pub use record::Reply;
pub use way::{Arrival, EndpointArrival, PathGone, Tls};

use crate::Limits;
use crate::events::Events;
use applicable::proof_of;
use authentication::{Asked, Identity};
use authorization::{Authorization, Notes};
use content::Content;
use context::{Known, Proof};
use dialect::Dialect;
pub(crate) use host::is_covered;
use probe::Claim;
use record::Record;
use refusal::Refusal;
use rest::{Rest, Unread};
use routing::{Named, Route};
use way::{EndpointWay, Way};

/// The longest path and query, in bytes: S3's longest key with every byte escaped, and the parameters of a presigned
/// URL with the token of a session.
const LONGEST_URI: usize = 16 * 1024;

/// The most headers.
const MOST_HEADERS: usize = 100;

/// The largest sum of the names and values of all headers, in bytes.
const LARGEST_HEAD: usize = 32 * 1024;

/// The same for S3.
///
/// Source: S3 API reference, "Error responses", and a reply of S3 that names this bound.
const LARGEST_HEAD_OF_S3: usize = 8192;

/// What is known of a request besides who asks.
struct Asking<'a> {
    grants: Grants,
    proof: Option<Proof>,
    region: Region,
    headers: &'a HeaderMap,
    /// Unix time in milliseconds.
    now: i64,
}

/// The way to all services.
pub struct Gate {
    services: BTreeMap<&'static str, Arc<dyn Service>>,
    credentials: Arc<dyn Credentials>,
    events: Arc<dyn Events>,
    home: Scope,
    /// For the bodies of all requests that are held whole.
    budget: Budget,
    probes: Probes,
}

impl Gate {
    /// A gate before these services. `home` are the account and the Region of requests over the public port that name
    /// none.
    pub fn new(
        services: Vec<Arc<dyn Service>>, credentials: Arc<dyn Credentials>, events: Arc<dyn Events>, home: Scope,
        limits: &Limits,
    ) -> Self {
        let services = services.into_iter().map(|service| (service.name(), service)).collect();
        Self { services, credentials, events, home, budget: limits.budget(), probes: Probes::default() }
    }

    /// What probes are asked with.
    pub fn probes(&self) -> &Probes {
        &self.probes
    }

    /// How many bytes of bodies that are held whole there is room for now.
    pub fn room_for_bodies(&self) -> usize {
        self.budget.free()
    }

    /// Answers a request. Whatever is wrong with it becomes an answer in the error form of the service that it is for.
    /// Once the answer's body has ended, or was dropped, the request's event is recorded.
    ///
    /// # Errors
    /// [`PathGone`] if the connection may no longer exist; then there is no answer, and no event.
    pub async fn serve<B>(&self, request: Request<B>, arrival: &Arrival) -> Result<Response<Reply>, PathGone>
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let time = crate::now();
        let (head, body) = request.into_parts();
        let plan;
        let way = match arrival {
            Arrival::Public { source } => Way::Public { source: *source },
            Arrival::Internet { source, service, region, tls } => {
                Way::Internet { source: *source, service, region: *region, tls: *tls }
            }
            Arrival::Endpoint(arrival) => {
                plan = arrival.plans.load();
                Way::Endpoint(EndpointWay::find(&plan, arrival)?)
            }
        };
        let mut record = Record::new(Arc::clone(&self.events), &head, way.event_path(), time);
        let rest = Rest::default();
        let content = Content::counted(body, Arc::clone(&record.read), rest.clone());
        let (method, unread) = (head.method.clone(), Unread::of(&head, &rest));
        let mut response = self.answer(head, content, &way, &mut record).await;
        unread.settle(&mut response, record.read.load(Ordering::Relaxed)).await;
        Ok(record.finish(response, &method))
    }

    async fn answer(&self, head: Parts, mut content: Content, way: &Way<'_>, record: &mut Record) -> Response<Body> {
        let within = bounds(&head);
        let route = match way.route() {
            Some(route) => Ok(route),
            None => public_route(&head, &mut content, within.is_ok(), &self.budget).await,
        };
        let nobodys = |_: &Refusal| ErrorForm::new(Protocol::AwsQuery, routing::NOBODY);
        let form = route.as_ref().map_or_else(nobodys, |route| route.error_form(&head));
        let protocol = form.protocol;
        let id = String::from(RequestId::new(protocol, random()));
        record.event.request_id.clone_from(&id);
        let path = head.uri.path().to_owned();
        let outcome = match within.and_then(|()| head_bound(&head, protocol)).and(route) {
            Ok(route) => self.pass(head, content, route, way, record).await,
            Err(refusal) => Err(refusal),
        };
        outcome.unwrap_or_else(|refusal| {
            let failure = refusal.failure(protocol);
            record.refuse(&failure);
            refusal::render(form, &failure, &id, &path).map(|document| Content::Whole(document.into()).into_body())
        })
    }

    /// Takes a request to the service of its route.
    async fn pass(
        &self, mut head: Parts, mut content: Content, route: Route, way: &Way<'_>, record: &mut Record,
    ) -> Result<Response<Body>, Refusal> {
        let dialect = match route.service {
            Named::Known(dialect) => dialect,
            Named::Unknown(name) => return Err(Refusal::UnknownService(name)),
        };
        record.event.service = Some(dialect.service.to_owned());
        record.event.operation = routing::operation(&head, content.bytes());
        way.check_host(&head)?;
        // On the public port everything is the daemon's own.
        let probe = if way.route().is_some() { self.probes.claim(&head.headers) } else { None };
        if let Some(claim) = probe {
            return Ok(self.decide(claim, &head, dialect, way, record));
        }
        api_key::check(dialect.service, &head.headers)?;
        let now = record.event.time;
        let (region, home) = (way.region(), self.home.region);
        let asked = Asked { dialect, region, home, now: now / 1000, budget: &self.budget };
        let identity = asked.authenticate(self.credentials.as_ref(), &mut head, &mut content).await?;
        record.event.operation = routing::operation(&head, content.bytes());
        let region = identity.region.or(route.region).unwrap_or(self.home.region);
        record.event.region = Some(region.to_string());
        record.event.principal = Some(identity.principal.to_string());
        let Identity { principal, account, access_key, grants, proof, .. } = identity;
        let account = account.as_ref().or(way.account()).unwrap_or(&self.home.account).clone();
        let caller = Caller {
            request_id: record.event.request_id.clone(),
            principal,
            scope: Scope { account, region },
            access_key,
            path: way.path(),
            now,
        };
        if let Some(access_key) = &caller.access_key {
            self.credentials.note_use(access_key, dialect.signing, region.as_str(), now);
        }
        let asking = Asking { grants, proof, region, headers: &head.headers, now };
        let authorization = self.authorization(&caller.principal, asking, dialect, way, &record.notes);
        name_host(&mut head);
        // For a service that has bodies to hold which the gate did not read.
        head.extensions.insert(self.budget.clone());
        if way.tls().is_none() {
            head.extensions.insert(Insecure);
        }
        let request = Request::from_parts(head, content.into_body());
        self.call(dialect, request, &caller, way, &authorization).await
    }

    /// What decides about a request of a principal.
    fn authorization<'a>(
        &'a self, principal: &'a Principal, asking: Asking<'_>, dialect: &Dialect, way: &'a Way<'_>,
        notes: &'a Mutex<Notes>,
    ) -> Authorization<'a> {
        let Asking { grants, proof, region, headers, now } = asking;
        let principal_account = principal.account();
        let membership = principal_account.and_then(|account| self.credentials.membership(account));
        let owner = way.account().map(|account| match principal_account {
            Some(own) if own == account => (account, membership.clone()),
            _ => (account, self.credentials.membership(account)),
        });
        let path = way.path();
        let known = Known {
            service: dialect.service,
            region,
            path: Some(&path),
            tls: way.tls(),
            endpoint: owner.as_ref().map(|(account, membership)| (*account, membership.as_deref())),
            headers,
            proof,
            membership: membership.as_deref(),
            now,
        };
        let (context, endpoint) = (known.context(), (way.policy(), way.account()));
        Authorization::new(principal, context, grants, membership, endpoint, self.credentials.as_ref(), notes)
    }

    /// Decides what a probe asks, tells it to whoever asked, and answers the request with nothing.
    fn decide(
        &self, claim: Claim, head: &Parts, dialect: &Dialect, way: &Way<'_>, record: &mut Record,
    ) -> Response<Body> {
        let Question { principal, grants, operation, requirements } = claim.question;
        let (now, region) = (record.event.time, way.region().unwrap_or(self.home.region));
        record.event.probe = true;
        record.event.region = Some(region.to_string());
        record.event.principal = Some(principal.to_string());
        let proof = proof_of(&principal, now);
        let asking = Asking { grants, proof, region, headers: &head.headers, now };
        let authorization = self.authorization(&principal, asking, dialect, way, &record.notes);
        let denial = authorization.authorize(&operation, &requirements).err();
        let denial = denial.map(|denial| Denial { is_discreet: false, ..denial });
        // Whoever asked may have gone.
        let _ = claim.verdict.send(Verdict { path: way.path(), denial });
        let mut response = Response::new(Content::Whole(Bytes::new()).into_body());
        *response.status_mut() = StatusCode::NO_CONTENT;
        response
    }

    async fn call(
        &self, dialect: &Dialect, request: Request<Body>, caller: &Caller, way: &Way<'_>,
        authorization: &Authorization<'_>,
    ) -> Result<Response<Body>, Refusal> {
        match (self.services.get(dialect.service), way) {
            (Some(service), _) => Ok(service.handle(request, caller, authorization).await),
            (None, Way::Endpoint(_) | Way::Internet { .. }) => {
                let unserved = Unserved { name: dialect.service, form: dialect.error_form(request.headers()) };
                Ok(unserved.handle(request, caller, authorization).await)
            }
            (None, Way::Public { .. }) => Err(Refusal::Unserved(dialect.service)),
        }
    }
}

/// Whether a head is within bounds. What is far out of them has been refused by the protocol's parser.
fn bounds(head: &Parts) -> Result<(), Refusal> {
    let uri = head.uri.path_and_query().map_or(0, |path| path.as_str().len());
    if uri > LONGEST_URI {
        return Err(Refusal::UriTooLong(uri));
    }
    if head.headers.len() > MOST_HEADERS {
        return Err(Refusal::TooManyHeaders(head.headers.len()));
    }
    if head.method == Method::CONNECT {
        return Err(Refusal::Connect);
    }
    // Source: RFC 9112, 3.2.
    if head.version == Version::HTTP_11 && !head.headers.contains_key(HOST) {
        return Err(Refusal::NoHost);
    }
    // Source: RFC 9110, 9.3.7. No service of AWS has anything to say of itself as a whole.
    if head.uri.path() == "*" {
        return Err(Refusal::Asterisk);
    }
    Ok(())
}

/// Whether the headers are not too large for the service that answers in a protocol.
fn head_bound(head: &Parts, protocol: Protocol) -> Result<(), Refusal> {
    let most = if protocol == Protocol::RestXml { LARGEST_HEAD_OF_S3 } else { LARGEST_HEAD };
    let bytes = head.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if bytes > most { Err(Refusal::HeadTooLarge { bytes, most }) } else { Ok(()) }
}

/// Where a request over the public port goes. Its body is read only if its head does not tell, and is within bounds.
async fn public_route(head: &Parts, content: &mut Content, within: bool, budget: &Budget) -> Result<Route, Refusal> {
    if let Some(route) = routing::by_head(head) {
        return Ok(route);
    }
    if !within || !routing::may_be_told_by_form(head) {
        return Ok(routing::in_path_style());
    }
    let form = content.take().whole(query::MAX_BYTES, budget).await?;
    let route = routing::by_form(&form);
    *content = Content::Whole(form);
    Ok(route)
}

/// Gives a request of HTTP/2 the `Host` that services go by.
fn name_host(head: &mut Parts) {
    if head.headers.contains_key(HOST) {
        return;
    }
    let authority = head.uri.authority().and_then(|a| HeaderValue::from_str(a.as_str()).ok());
    if let Some(host) = authority {
        head.headers.insert(HOST, host);
    }
}

/// What a request's id is made of.
fn random() -> u128 {
    static COUNTER: AtomicU64 = AtomicU64::new(1);
    let mut bytes = [0; 16];
    match aws_lc_rs::rand::fill(&mut bytes) {
        Ok(()) => u128::from_ne_bytes(bytes),
        // An id has to be unique, not secret.
        Err(_) => u128::from(COUNTER.fetch_add(1, Ordering::Relaxed)) << 64 | u128::from(crate::now().unsigned_abs()),
    }
}
