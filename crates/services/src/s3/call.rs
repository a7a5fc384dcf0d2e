//! One call: who makes it, and the way from s3s's hooks, which outlive every borrow, to the borrowed authorizer.
//!
//! An operation asks by message; whoever runs the request holds the authorizer and answers while the request waits.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use async_trait::async_trait;
use http::header::CONTENT_LENGTH;
use http::{Extensions, HeaderMap, Method, StatusCode};
use s3s::access::{S3Access, S3AccessContext};
use s3s::dto::Timestamp;
use s3s::{S3Request, S3Response, S3Result, s3_error};
use sidegate_iam::{Denial, Principal, Requirement};
use sidegate_model::Scope;
use time::OffsetDateTime;
use tokio::sync::{mpsc, oneshot};

use super::LARGEST_XML;
use super::attributes::text;
use super::chunked::Trailer;
use super::configuration::notification::PRINCIPAL;
use super::document::Document;
use super::fault::Fault;
use super::inward::Replacing;
use super::mended::SetAside;
use super::requirement::Named;
use super::store::Bucket;
use crate::elsewhere::Elsewhere;
use crate::functions::{Functions, Invocation, InvokeError, NoFunctions};
use crate::kms::{DataKey, EncryptionContext, Keys, OnBehalf, Plaintext};
use crate::parcel::Parcel;
use crate::{Authorized, Authorizer, Budget, Caller, ForwardedBy, Insecure};

/// The call, as it travels in the extensions of the request.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) caller: Arc<Caller>,
    /// What the request says of its body: `x-amz-content-sha256`.
    pub(super) content_hash: Option<String>,
    /// Whether whoever calls says that it pays for the request.
    pub(super) pays: bool,
    /// Whether the request is a form, in which the length of the object does not stand.
    pub(super) is_form: bool,
    /// The document of the request, once it has been read.
    pub(super) document: Document,
    /// What follows a body whose frames s3s does not see.
    pub(super) trailer: Option<Trailer>,
    /// The policy that a new one takes the place of, if it is to take that of no other.
    pub(super) replacing: Option<Replacing>,
    /// Whether nothing is to be put.
    pub(super) rehearses: bool,
    /// `X-Amzn-Trace-Id`.
    pub(super) trace: Option<String>,
    questions: mpsc::Sender<Question>,
    details: Details,
}

/// Further elements for the XML of an error, by name.
type Details = Arc<Mutex<BTreeMap<&'static str, String>>>;

/// A question to the authorizer, to KMS in the caller's name, or to Lambda and others in S3's own.
enum Question {
    Authorize {
        operation: &'static str,
        requirements: Vec<Requirement>,
        answer: oneshot::Sender<Result<Authorized, Denial>>,
    },
    Forwarded {
        requirements: Vec<Requirement>,
        answer: oneshot::Sender<Result<Authorized, Denial>>,
    },
    DataKey {
        key: String,
        context: EncryptionContext,
        answer: oneshot::Sender<Result<DataKey, Fault>>,
    },
    Open {
        ciphertext: Vec<u8>,
        context: EncryptionContext,
        answer: oneshot::Sender<Result<Plaintext, Fault>>,
    },
    Test {
        invocation: Invocation,
        answer: oneshot::Sender<Result<(), InvokeError>>,
    },
    Send {
        scope: Scope,
        parcel: Box<Parcel>,
        answer: oneshot::Sender<Option<StatusCode>>,
    },
}

/// The services beside S3 that it asks.
#[derive(Clone)]
pub(super) struct Beside {
    pub(super) keys: Option<Keys>,
    pub(super) functions: Arc<dyn Functions>,
    /// Those that other servers answer for, once it is known which.
    pub(super) elsewhere: Arc<OnceLock<Arc<dyn Elsewhere>>>,
}

impl Beside {
    /// Sends something for an account, and says how it was answered; `None` where nobody answers.
    pub(super) async fn send(&self, scope: &Scope, parcel: Parcel) -> Option<StatusCode> {
        let elsewhere = self.elsewhere.get()?;
        elsewhere.call(PRINCIPAL, scope, parcel.service, parcel.request).await
    }
}

impl Default for Beside {
    fn default() -> Self {
        Self { keys: None, functions: Arc::new(NoFunctions), elsewhere: Arc::default() }
    }
}

impl fmt::Debug for Beside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Beside").finish_non_exhaustive()
    }
}

/// The end of the way at which the authorizer stands.
pub(super) struct Gate {
    caller: Arc<Caller>,
    questions: mpsc::Receiver<Question>,
    details: Details,
}

impl Call {
    pub(super) fn new(caller: Caller) -> (Self, Gate) {
        let (sender, receiver) = mpsc::channel(1);
        let details = Details::default();
        let (caller, kept) = (Arc::new(caller), Arc::clone(&details));
        let gate = Gate { caller: Arc::clone(&caller), questions: receiver, details };
        let call = Self {
            caller,
            content_hash: None,
            pays: false,
            is_form: false,
            document: Document::default(),
            trailer: None,
            replacing: None,
            rehearses: false,
            trace: None,
            questions: sender,
            details: kept,
        };
        (call, gate)
    }

    fn of(extensions: &Extensions) -> S3Result<Self> {
        extensions.get().cloned().ok_or_else(|| s3_error!(InternalError, "The request carries no caller"))
    }

    /// Asks whether the caller may do all of this.
    pub(super) async fn authorize(
        &self, operation: &'static str, requirements: impl IntoIterator<Item = Requirement>,
    ) -> Result<Authorized, Fault> {
        let requirements = requirements.into_iter().collect();
        let outcome = self.ask(|answer| Question::Authorize { operation, requirements, answer }).await?;
        outcome.map_err(|denial| Fault::denied(&denial))
    }

    /// Asks whether the caller may do all of this at another service, which S3 does in its name.
    pub(super) async fn authorize_forwarded(&self, requirements: Vec<Requirement>) -> Result<Authorized, Fault> {
        let outcome = self.ask(|answer| Question::Forwarded { requirements, answer }).await?;
        outcome.map_err(|denial| Fault::denied(&denial))
    }

    /// A new data key under a key of KMS.
    pub(super) async fn data_key(&self, key: String, context: EncryptionContext) -> Result<DataKey, Fault> {
        self.ask(|answer| Question::DataKey { key, context, answer }).await?
    }

    /// A data key that is kept encrypted under a key of KMS.
    pub(super) async fn opened_key(&self, ciphertext: Vec<u8>, context: EncryptionContext) -> Result<Plaintext, Fault> {
        self.ask(|answer| Question::Open { ciphertext, context, answer }).await?
    }

    /// Whether a function lets S3 call it.
    pub(super) async fn test(&self, invocation: Invocation) -> Result<Result<(), InvokeError>, Fault> {
        self.ask(|answer| Question::Test { invocation, answer }).await
    }

    /// Sends something for the account of a bucket, and says how it was answered; `None` where nobody answers.
    pub(super) async fn send(&self, bucket: &Bucket, parcel: Option<Parcel>) -> Result<Option<StatusCode>, Fault> {
        let scope = bucket.account.parse().ok().zip(bucket.region.parse().ok());
        match (scope, parcel) {
            (Some((account, region)), Some(parcel)) => {
                let (scope, parcel) = (Scope { account, region }, Box::new(parcel));
                self.ask(|answer| Question::Send { scope, parcel, answer }).await
            }
            _ => Ok(None),
        }
    }

    async fn ask<T>(&self, question: impl FnOnce(oneshot::Sender<T>) -> Question) -> Result<T, Fault> {
        let (sender, receiver) = oneshot::channel();
        self.questions.send(question(sender)).await.map_err(|_| Fault::Interrupted)?;
        receiver.await.map_err(|_| Fault::Interrupted)
    }

    /// The same about one bucket. That there is none of this name is told even to those who may do nothing, if they are
    /// unknown.
    pub(super) async fn authorize_in(
        &self, named: &Named, operation: &'static str, requirements: impl IntoIterator<Item = Requirement>,
    ) -> Result<Authorized, Fault> {
        let outcome = self.authorize(operation, requirements).await;
        match outcome {
            Err(_) if self.caller.principal == Principal::Anonymous && !named.exists() => {
                Err(Fault::no_such_bucket(named.name()))
            }
            // Clients look here for the Region of a bucket that they may not use.
            Err(fault) if matches!(operation, "HeadBucket" | "ListObjects" | "ListObjectsV2") => {
                Err(named.region().into_iter().fold(fault, Fault::in_region))
            }
            outcome => outcome,
        }
    }

    /// What was found of an object. That there is none is told only to those who may list the bucket.
    ///
    /// Source: S3 API reference, GetObject: "If the object you request doesn't exist, the error that Amazon S3 returns
    /// depends on whether you also have the s3:ListBucket permission."
    pub(super) async fn found<T>(
        &self, named: &Named, operation: &'static str, outcome: Result<T, Fault>,
    ) -> Result<T, Fault> {
        if outcome.as_ref().is_err_and(Fault::is_no_such_key) {
            self.authorize(operation, [named.on_bucket("ListBucket")]).await?;
        }
        outcome
    }

    fn settle<T>(&self, outcome: Result<S3Response<T>, Fault>) -> S3Result<S3Response<T>> {
        outcome.map_err(|fault| {
            let (error, details) = fault.into_parts();
            self.details.lock().unwrap_or_else(PoisonError::into_inner).extend(details);
            error
        })
    }
}

/// Runs an operation for the call that the request carries.
pub(super) async fn run<I, O, F>(
    mut request: S3Request<I>, operation: impl FnOnce(Call, S3Request<I>) -> F,
) -> S3Result<S3Response<O>>
where
    F: Future<Output = Result<S3Response<O>, Fault>>,
{
    let mut call = Call::of(&request.extensions)?;
    call.content_hash = text(&request.headers, "x-amz-content-sha256").or(call.content_hash);
    if let Some(aside) = request.extensions.get::<Arc<SetAside>>().cloned() {
        request.headers.extend(aside.headers.clone());
        request.trailing_headers.clone_from(&aside.trailers);
    }
    call.pays = text(&request.headers, "x-amz-request-payer").as_deref() == Some("requester");
    let proper =
        refuse_exposed_key(&request.headers, &request.extensions).and_then(|()| call.document.check(&request.headers));
    let outcome = match proper {
        Ok(()) => operation(call.clone(), request).await,
        Err(fault) => Err(fault),
    };
    call.settle(outcome)
}

/// Refuses a key of the customer that was sent in the clear.
///
/// Source: S3 user guide, "Using server-side encryption with customer-provided keys (SSE-C)".
pub(super) fn refuse_exposed_key(headers: &HeaderMap, extensions: &Extensions) -> Result<(), Fault> {
    let brings_key = || headers.keys().any(|name| name.as_str().ends_with("server-side-encryption-customer-key"));
    if extensions.get::<Insecure>().is_some() && brings_key() {
        return Err(Fault::invalid_request(
            "Requests specifying Server Side Encryption with Customer provided keys must be made over a secure connection.",
        ));
    }
    Ok(())
}

impl Gate {
    /// Answers questions until the request has its answer.
    pub(super) async fn attend<T>(
        &mut self, authorizer: &dyn Authorizer, beside: &Beside, answer: impl Future<Output = T>,
    ) -> T {
        let mut answer = std::pin::pin!(answer);
        loop {
            tokio::select! {
                Some(question) = self.questions.recv() => self.consider(question, authorizer, beside).await,
                answer = &mut answer => return answer,
            }
        }
    }

    /// Answers a question. Whoever asked may be gone.
    async fn consider(&self, question: Question, authorizer: &dyn Authorizer, beside: &Beside) {
        let by = ForwardedBy { service: "s3", region: self.caller.scope.region };
        let whom = OnBehalf { caller: &self.caller, authorizer, by };
        let keys = beside.keys.as_ref().ok_or_else(|| Fault::not_implemented("There is no KMS beside this store"));
        match question {
            Question::Authorize { operation, requirements, answer } => {
                drop(answer.send(Authorized::by(authorizer, operation, &requirements)));
            }
            Question::Forwarded { requirements, answer } => {
                drop(answer.send(Authorized::forwarded(authorizer, &by, &requirements)));
            }
            Question::DataKey { key, context, answer } => drop(answer.send(match keys {
                Ok(keys) => keys.generate_data_key(whom, &key, context).await.map_err(Fault::of_kms),
                Err(fault) => Err(fault),
            })),
            Question::Open { ciphertext, context, answer } => drop(answer.send(match keys {
                Ok(keys) => keys.decrypt(whom, &ciphertext, context).await.map_err(Fault::of_kms),
                Err(fault) => Err(fault),
            })),
            Question::Send { scope, parcel, answer } => drop(answer.send(beside.send(&scope, *parcel).await)),
            Question::Test { invocation, answer } => drop(answer.send(beside.functions.check(&invocation).await)),
        }
    }

    /// The elements that the call left for its error.
    pub(super) fn details(&self) -> BTreeMap<&'static str, String> {
        std::mem::take(&mut self.details.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Unix milliseconds as s3s has them.
pub(crate) fn timestamp(milliseconds: i64) -> Timestamp {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(milliseconds) * 1_000_000)
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
        .into()
}

/// What stands between s3s's classification and our operations.
///
/// Authorisation does not stand here, since it needs the body of some requests. Here stands a check of s3s itself: that it
/// saw the same signer as the front door. And a document waits here until there is room for it, before s3s reads it whole.
pub(super) struct Classified;

#[async_trait]
impl S3Access for Classified {
    async fn check(&self, context: &mut S3AccessContext<'_>) -> S3Result<()> {
        let signer = context.credentials().map(|c| c.access_key.clone());
        signer_is(signer.as_deref(), context.extensions_mut())?;
        // The two operations whose bodies stream need no room.
        if matches!(context.s3_op().name(), "PutObject" | "UploadPart") {
            return Ok(());
        }
        let (method, headers) = (context.method().clone(), context.headers().clone());
        reserve(&method, &headers, context.extensions_mut()).await
    }
}

/// Refuses a request whose signer s3s and the front door do not agree on.
pub(super) fn signer_is(signer: Option<&str>, extensions: &Extensions) -> S3Result<()> {
    let call = Call::of(extensions)?;
    if signer == call.caller.access_key.as_deref() {
        return Ok(());
    }
    Err(s3_error!(
        InvalidRequest,
        "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
    ))
}

/// Takes a share of the gate's budget for the body of a request, which is held whole. The request keeps it in its
/// extensions.
pub(super) async fn reserve(method: &Method, headers: &HeaderMap, extensions: &mut Extensions) -> S3Result<()> {
    let length = match headers.get(CONTENT_LENGTH).map(|length| length.to_str().map(str::parse)) {
        Some(Ok(Ok(length))) => LARGEST_XML.min(length),
        _ if matches!(*method, Method::PUT | Method::POST) => LARGEST_XML,
        _ => 0,
    };
    let Some(budget) = extensions.get::<Budget>().filter(|_| length > 0).cloned() else {
        return Ok(());
    };
    let share = budget.reserve(length).await.map_err(|_| s3_error!(SlowDown, "Please reduce your request rate."))?;
    extensions.insert(Arc::new(share));
    Ok(())
}
