//! S3: buckets and objects, kept in files beside one SQLite database.
//!
//! s3s reads the requests and writes the answers. What stands here is the way of a request through it: the caller and
//! the authorizer go in with the request, every operation asks the authorizer before it touches what is in the `store`, and
//! the answer gets the headers that AWS puts on it.
//!
//! s3s verifies the signature a second time, and with it what the front door has not seen: the hash of the body, the
//! signatures of its chunks, and its trailers. A presigned URL of Version 2 has none of these; the front door takes its
//! signature off.

mod acl;
mod answer;
mod attributes;
mod bucket;
mod call;
mod checksum;
mod chunked;
mod claimed;
mod conditions;
mod configuration;
mod copy;
mod courier;
mod cross_origin;
mod delete;
mod document;
mod encryption;
mod event;
mod fault;
mod form;
mod get;
mod host;
mod inward;
mod list;
mod lock;
mod mended;
mod multipart;
mod name;
mod operations;
mod ownership;
mod parameters;
mod plain;
mod policy;
mod public_access;
mod put;
mod range;
mod receive;
mod requirement;
mod resource;
mod restore;
mod store;
mod suppose;
mod tagging;
mod upstream;
mod version;
mod versioning;

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use http::{Method, Request, Response};
use s3s::auth::{S3Auth, SecretKey};
use s3s::config::{S3Config, StaticConfigProvider};
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s::{S3Error, S3ErrorCode, S3Result};

use cross_origin::CrossOrigin;
pub use form::{Form, FormError, Opened, is_form};
pub use host::{LOCAL_DOMAINS, bucket_of};
pub use inward::{Rehearsal, Replacing};
pub use policy::{actions_on_buckets, actions_on_objects};
pub use store::OpenError;
pub use upstream::Upstream;

use crate::elsewhere::Elsewhere;
use crate::functions::Functions;
use crate::iam::Names;
use crate::kms::Keys;
use crate::reserve::Reserve;
use crate::{Authorizer, Body, Caller, Service, Supposed};

/// The largest XML body: 10,000 parts with their checksums, or 1,000 keys of which every byte is escaped.
const LARGEST_XML: usize = 8 << 20;

/// The secret of an access key. Its text does not appear in logs.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(String);

impl SecretText {
    /// A secret.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(..)")
    }
}

/// Finds the secret of an access key.
pub type Secrets = Arc<dyn Fn(&str) -> Option<SecretText> + Send + Sync>;

/// The S3 service of all accounts and Regions.
#[derive(Debug)]
pub struct S3 {
    service: S3Service,
    beside: call::Beside,
    store: Arc<store::Store>,
}

impl S3 {
    /// Opens the store in a directory, and sweeps what a crash has left there. Blocks.
    ///
    /// `secrets` has to give the secrets that the front door verifies with.
    ///
    /// # Errors
    /// [`OpenError`] if the directory or the database in it cannot be used.
    pub fn open(dir: &Path, secrets: Secrets) -> Result<Self, OpenError> {
        Self::open_beside(dir, secrets, Reserve::none(), Names::default())
    }

    /// The same on a disk on which room is set aside for deletions, with the names that bucket policies use.
    ///
    /// # Errors
    /// [`OpenError`] if the directory or the database in it cannot be used.
    pub fn open_beside(dir: &Path, secrets: Secrets, reserve: Arc<Reserve>, names: Names) -> Result<Self, OpenError> {
        let store = store::Store::open(dir, &reserve, names)?;
        let mut config = S3Config::default();
        config.xml_max_body_size = LARGEST_XML;
        let config = Arc::new(StaticConfigProvider::new(Arc::new(config)));
        let bare = || {
            let mut builder = S3ServiceBuilder::new(operations::Operations(Arc::clone(&store)));
            builder.set_config(Arc::<StaticConfigProvider>::clone(&config));
            builder.set_host(host::Hosts);
            builder.set_validation(name::BucketNames);
            builder
        };
        let mut builder = bare();
        builder.set_auth(AccessKeys(secrets));
        builder.set_access(call::Classified);
        builder.set_route(mended::Mended(bare().build()));
        Ok(Self { service: builder.build(), store, beside: call::Beside::default() })
    }

    /// With keys of KMS, under which objects can be encrypted.
    #[must_use]
    pub fn with_keys(mut self, keys: Keys) -> Self {
        self.beside.keys = Some(keys);
        self
    }

    /// With the functions that buckets can tell of what happens in them. Without it there are none.
    #[must_use]
    pub fn with_functions(mut self, functions: Arc<dyn Functions>) -> Self {
        self.beside.functions = functions;
        self
    }

    /// Says which queues, topics and event buses buckets can tell: those that other servers answer for. It is said once.
    pub fn send_by(&self, elsewhere: Arc<dyn Elsewhere>) {
        // Others would be other servers.
        let _ = self.beside.elsewhere.set(elsewhere);
    }

    /// Tells functions and others of what happens in buckets, for ever. What was not told before a stop is told now.
    pub async fn tell(&self) {
        courier::Courier::new(&self.store, &self.beside).run().await;
    }
}

struct AccessKeys(Secrets);

#[async_trait]
impl S3Auth for AccessKeys {
    async fn get_secret_key(&self, access_key: &str) -> S3Result<SecretKey> {
        let secret = (self.0)(access_key).ok_or_else(|| {
            S3Error::with_message(
                S3ErrorCode::InvalidAccessKeyId,
                "The AWS Access Key Id you provided does not exist in our records.",
            )
        })?;
        Ok(SecretKey::from(secret.0))
    }
}

#[async_trait]
impl Service for S3 {
    fn name(&self) -> &'static str {
        "s3"
    }

    async fn handle(&self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer) -> Response<Body> {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let asked = answer::Asked { caller, method: &method, path: &path };
        let origin = match CrossOrigin::of(&method, request.uri(), request.headers()) {
            Ok(origin) => origin,
            Err(fault) => return asked.refuse_with(fault),
        };
        match origin {
            Some(origin) if method == Method::OPTIONS => match origin.preflight(&self.store).await {
                Ok(headers) => asked.allow(headers),
                Err(fault) => asked.refuse_with(fault),
            },
            Some(origin) => {
                let mut answer = self.answer(request, &asked, authorizer).await;
                // It does not depend on them whether there is an answer.
                if let Ok(Some(headers)) = origin.allowed(&self.store).await {
                    answer.headers_mut().extend(headers);
                }
                answer
            }
            None => self.answer(request, &asked, authorizer).await,
        }
    }

    async fn suppose(&self, action: &str, resource: &str, caller: &Caller) -> Result<Supposed, String> {
        suppose::suppose(&self.store, action, resource, caller).await.map_err(|fault| fault.to_string())
    }
}

impl S3 {
    /// The answer to a request, but for what a browser has to know of other origins.
    async fn answer(
        &self, request: Request<Body>, asked: &answer::Asked<'_>, authorizer: &dyn Authorizer,
    ) -> Response<Body> {
        let (mut head, body) = request.into_parts();
        let (method, caller) = (asked.method, asked.caller);
        // s3s would hold the whole file of such a form in memory, and before it asks whether it may be sent.
        if form::is_form(method, &head.headers) {
            let (call, mut gate) = call::Call::new(caller.clone());
            let upload = form::upload(&self.store, call, &head, body);
            return match gate.attend(authorizer, &self.beside, upload).await {
                Ok(answer) => asked.finish(answer, gate.details()),
                Err(fault) => asked.refuse_with(fault),
            };
        }
        if let Err(fault) = resource::check(&head).and_then(|()| parameters::check(&head)) {
            return asked.refuse_with(fault);
        }
        let unsigned = range::ignored(&mut head);
        let verified = Caller { access_key: caller.access_key.clone().filter(|_| !unsigned), ..caller.clone() };
        let (body, trailer) = match (chunked::form(&head.headers), &verified.access_key) {
            (Some(chunked::Form::Signed), None) => {
                let error = S3ErrorCode::AccessDenied;
                return asked.refuse(S3Error::with_message(error, "Chunks that are signed want a signed request"));
            }
            (Some(chunked::Form::Unsigned), None) => {
                let (body, trailer) = chunked::unframed(&mut head.headers, body);
                (body, Some(trailer))
            }
            _ => (chunked::bounded(&head.headers, body), None),
        };
        let (body, document) = document::watched(method, head.uri.query().unwrap_or_default(), &head.headers, body);
        let (mut call, mut gate) = call::Call::new(verified);
        call.trailer = trailer;
        call.document = document.clone();
        call.trace = attributes::text(&head.headers, "x-amzn-trace-id");
        call.replacing = head.extensions.remove();
        call.rehearses = head.extensions.remove::<Rehearsal>().is_some();
        head.extensions.insert(call);
        let request = Request::from_parts(head, s3s::Body::http_body_unsync(body));
        match gate.attend(authorizer, &self.beside, self.service.call(request)).await {
            // Where a document was not read, s3s says that something of ours failed.
            Ok(answer) => match document.fault().filter(|_| answer.status().is_server_error()) {
                Some(fault) => asked.refuse_with(fault),
                None => asked.finish(answer, gate.details()),
            },
            Err(error) => {
                let error: s3s::StdError = error.into();
                tracing::error!(error = &*error as &dyn std::error::Error, "an S3 request failed");
                asked.refuse(S3Error::with_message(
                    S3ErrorCode::InternalError,
                    "We encountered an internal error. Please try again.",
                ))
            }
        }
    }
}
