//! The way of a request to its service: bounds, which service, who asks, and what was decided.
//!
//! Nothing that comes with a connection is believed for longer than a request: the endpoint, its policy and its names
//! are looked up in the plan that is in force when the request arrives.

mod authentication;
mod authorization;
mod content;
mod context;
mod credentials;
mod dialect;
mod host;
mod record;
mod refusal;
mod rest;
mod routing;
mod way;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http::header::HOST;
use http::request::Parts;
use http::{HeaderValue, Method, Request, Response, Version};
use http_body::Body as HttpBody;
use sidegate_model::Scope;
use sidegate_services::unserved::Unserved;
use sidegate_services::{Body, BoxError, Budget, Caller, Insecure, Service};
use sidegate_wire::protocol::Protocol;
use sidegate_wire::query;
use sidegate_wire::request_id::RequestId;

pub use credentials::{Credential, Credentials, Grants, Membership, NoCredential};
pub use record::Reply;
pub use way::{Arrival, EndpointArrival, PathGone, Tls};

use crate::Limits;
use crate::events::Events;
use authentication::{Asked, Identity};
use authorization::Authorization;
use content::Content;
use context::Known;
use dialect::Dialect;
pub(crate) use host::is_covered;
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

/// The way to all services.
pub struct Gate {
    services: BTreeMap<&'static str, Arc<dyn Service>>,
    credentials: Arc<dyn Credentials>,
    events: Arc<dyn Events>,
    home: Scope,
    /// For the bodies of all requests that are held whole.
    budget: Budget,
}

impl Gate {
    /// A gate before these services. `home` are the account and the Region of requests over the public port that name
    /// none.
    pub fn new(
        services: Vec<Arc<dyn Service>>, credentials: Arc<dyn Credentials>, events: Arc<dyn Events>, home: Scope,
        limits: &Limits,
    ) -> Self {
        let services = services.into_iter().map(|service| (service.name(), service)).collect();
        Self { services, credentials, events, home, budget: limits.budget() }
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
        let protocol = route.as_ref().map_or(Protocol::AwsQuery, |route| route.protocol(&head));
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
            refusal::render(protocol, &failure, &id, &path).map(|document| Content::Whole(document.into()).into_body())
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
        let principal_account = caller.principal.account();
        let membership = principal_account.and_then(|account| self.credentials.membership(account));
        let owner = way.account().map(|account| match principal_account {
            Some(own) if own == account => (account, membership.clone()),
            _ => (account, self.credentials.membership(account)),
        });
        let known = Known {
            service: dialect.service,
            region,
            path: &caller.path,
            tls: way.tls(),
            endpoint: owner.as_ref().map(|(account, membership)| (*account, membership.as_deref())),
            headers: &head.headers,
            proof,
            membership: membership.as_deref(),
            now,
        };
        let mut context = known.context();
        context.extend(&grants.context);
        let mut policies = grants.policies;
        policies.service_control = membership.as_ref().map(|own| own.service_control.clone()).unwrap_or_default();
        policies.endpoint = way.policy().map(|policy| Arc::clone(policy).into());
        let authorization = Authorization {
            principal: &caller.principal,
            context,
            policies,
            membership,
            endpoint_account: way.account(),
            credentials: self.credentials.as_ref(),
            notes: &record.notes,
        };
        name_host(&mut head);
        // For a service that has bodies to hold which the gate did not read.
        head.extensions.insert(self.budget.clone());
        if way.tls().is_none() {
            head.extensions.insert(Insecure);
        }
        let request = Request::from_parts(head, content.into_body());
        self.call(dialect, request, &caller, way, &authorization).await
    }

    async fn call(
        &self, dialect: &Dialect, request: Request<Body>, caller: &Caller, way: &Way<'_>,
        authorization: &Authorization<'_>,
    ) -> Result<Response<Body>, Refusal> {
        match (self.services.get(dialect.service), way) {
            (Some(service), _) => Ok(service.handle(request, caller, authorization).await),
            (None, Way::Endpoint(_) | Way::Internet { .. }) => {
                let protocol = dialect.error_form(request.headers());
                let unserved = Unserved { name: dialect.service, protocol };
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
