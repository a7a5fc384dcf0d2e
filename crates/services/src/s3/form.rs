//! An upload by a form of a browser: its fields, which come first and are held, and its file, which streams.
//!
//! The front door reads the fields, since the signature stands among them, and hands the form on with the request. The
//! fields after the file count for nothing.
//!
//! Source: S3 API reference, "POST Object", "Browser-Based Uploads Using POST".

mod file;
mod parts;
mod policy;
mod upload;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method, StatusCode};
use http_body_util::BodyExt as _;

use self::file::{File, Unfinished};
use self::parts::{Event, Parts};
use super::fault::Fault;
use crate::Body;

pub(super) use self::upload::upload;

/// How many bytes may stand before the file.
///
/// Source: S3 API reference, "POST Object", Request Syntax: 20 KB.
const MOST_BEFORE_FILE: usize = 20 * 1024;

/// How long they may take.
const LONGEST: Duration = Duration::from_secs(60);

/// The name of the field that the file is.
const FILE: &str = "file";

/// A form whose fields have been read.
#[derive(Debug)]
pub struct Form {
    /// By their names in lower case.
    fields: Vec<(String, String)>,
    file_name: String,
    file: File,
}

/// Why a form cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormError {
    /// It is no form.
    #[error("the body is not a well-formed form")]
    Malformed,
    /// There is too much before the file.
    #[error("the fields before the file are too large")]
    TooLarge,
    /// There is no file in it.
    #[error("the form has no file")]
    NoFile,
    /// It did not arrive.
    #[error("the fields did not arrive")]
    Unfinished,
    /// It did not arrive in time.
    #[error("the fields took too long to arrive")]
    TooSlow,
}

impl FormError {
    fn fault(self) -> Fault {
        match self {
            Self::Malformed => Fault::bad_request(
                "MalformedPOSTRequest",
                "The body of your POST request is not well-formed multipart/form-data.",
            ),
            Self::TooLarge => Fault::bad_request(
                "MaxPostPreDataLengthExceeded",
                "Your POST request fields preceding the upload file were too large.",
            )
            .with("MaxPostPreDataLengthAllowed", MOST_BEFORE_FILE.to_string()),
            Self::NoFile => Fault::bad_request(
                "IncorrectNumberOfFilesInPostRequest",
                "POST requires exactly one file upload per request.",
            ),
            Self::Unfinished => Unfinished::Cut.fault(),
            Self::TooSlow => Fault::coded(
                "RequestTimeout",
                StatusCode::BAD_REQUEST,
                "Your socket connection to the server was not read from or written to within the timeout period. Idle \
                 connections will be closed.",
            ),
        }
    }
}

/// A form, or why there is none, on its way from the front door to the service.
#[derive(Clone, Debug)]
pub struct Opened(Arc<Mutex<Option<Result<Form, FormError>>>>);

impl Opened {
    /// What the front door has read.
    pub fn new(form: Result<Form, FormError>) -> Self {
        Self(Arc::new(Mutex::new(Some(form))))
    }

    fn take(&self) -> Option<Result<Form, FormError>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// Whether a request is such a form.
pub fn is_form(method: &Method, headers: &HeaderMap) -> bool {
    let form = |value: &http::HeaderValue| {
        let kind = value.as_bytes().get(..KIND.len());
        kind.is_some_and(|kind| kind.eq_ignore_ascii_case(KIND))
    };
    *method == Method::POST && headers.get(CONTENT_TYPE).is_some_and(form)
}

const KIND: &[u8] = b"multipart/form-data";

impl Form {
    /// Reads the fields of a form, up to its file.
    ///
    /// # Errors
    /// [`FormError`].
    pub async fn read(headers: &HeaderMap, body: Body) -> Result<Self, FormError> {
        let boundary = boundary(headers).ok_or(FormError::Malformed)?;
        let reading = Self::fields_of(Parts::new(&boundary), body);
        tokio::time::timeout(LONGEST, reading).await.unwrap_or(Err(FormError::TooSlow))
    }

    async fn fields_of(mut parts: Parts, mut body: Body) -> Result<Self, FormError> {
        let mut fields: Vec<(String, String)> = Vec::new();
        let mut current: Option<(String, Vec<u8>)> = None;
        let mut before = 0;
        loop {
            match parts.next().map_err(|_| FormError::Malformed)? {
                Event::Wants => {
                    let frame = body.frame().await.ok_or(FormError::Unfinished)?;
                    let Ok(data) = frame.map_err(|_| FormError::Unfinished)?.into_data() else { continue };
                    parts.push(&data);
                }
                Event::Part(head) if head.name.eq_ignore_ascii_case(FILE) => {
                    let file_name = head.file_name.unwrap_or_default();
                    return Ok(Self { fields, file_name, file: File::new(parts, body) });
                }
                Event::Part(head) => {
                    before += head.size;
                    current = Some((head.name.to_ascii_lowercase(), Vec::new()));
                }
                Event::Data(data) => {
                    before += data.len();
                    if let Some((_, value)) = &mut current {
                        value.extend_from_slice(&data);
                    }
                }
                Event::EndOfPart => {
                    if let Some((name, value)) = current.take() {
                        let value = String::from_utf8(value).map_err(|_| FormError::Malformed)?;
                        fields.push((name, value));
                    }
                }
                Event::End => return Err(FormError::NoFile),
            }
            if before > MOST_BEFORE_FILE {
                return Err(FormError::TooLarge);
            }
        }
    }

    /// The value of a field, by its name in lower case: that of the first of this name.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// The name of the file, without the folders that some browsers name.
    fn file_name(&self) -> &str {
        self.file_name.rsplit(['/', '\\']).next().unwrap_or_default()
    }
}

/// The boundary that the content type names.
///
/// Source: RFC 2046, 5.1.1.
fn boundary(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let parameter = value.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.trim().split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then(|| value.trim())
    })?;
    let boundary = parameter.strip_prefix('"').and_then(|quoted| quoted.strip_suffix('"')).unwrap_or(parameter);
    ((1..=70).contains(&boundary.len()) && boundary.is_ascii()).then(|| boundary.to_owned())
}

/// What went wrong with the body of an object, if it came in a form.
pub(super) fn fault_of(error: &s3s::StdError) -> Option<Fault> {
    error.downcast_ref::<Unfinished>().map(Unfinished::fault)
}
