//! Where the code of functions and layers comes from: the request itself, or an object of S3.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::Deserialize;

use super::fault::Fault;
use super::operation::Call;
use super::package::{LARGEST_INLINE, Package, Pin};
use super::store::blocking;
use crate::constraint::{Constraint, length};

/// The members that tell it.
#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Source {
    zip_file: Option<String>,
    #[serde(rename = "S3Bucket")]
    bucket: Option<String>,
    #[serde(rename = "S3Key")]
    key: Option<String>,
    #[serde(rename = "S3ObjectVersion")]
    version: Option<String>,
    image_uri: Option<String>,
    #[serde(rename = "SourceKMSKeyArn")]
    key_arn: Option<String>,
}

/// Where the code is.
pub(super) enum Place {
    Inline(String),
    Object { bucket: String, key: String, version: Option<String> },
}

impl Source {
    /// Where it is, checked.
    pub(super) fn place(self) -> Result<Place, Fault> {
        let Self { zip_file, bucket, key, version, image_uri, key_arn } = self;
        if image_uri.is_some() {
            return Err(Fault::Unserved("container images"));
        }
        if key_arn.is_some_and(|arn| !arn.is_empty()) {
            return Err(Fault::Unserved("keys of KMS for the code"));
        }
        match (zip_file, bucket, key) {
            (Some(zip), None, None) => Ok(Place::Inline(zip)),
            (None, Some(bucket), Some(key)) => {
                length("code.s3Bucket", &bucket, 3, 63)?;
                let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
                if !bucket.bytes().all(allowed) || bucket.ends_with('.') {
                    let pattern = r"Member must satisfy regular expression pattern: [0-9A-Za-z\.\-_]*(?<!\.)";
                    return Err(Constraint::of(&bucket, "code.s3Bucket", pattern).into());
                }
                length("code.s3Key", &key, 1, 1024)?;
                length("code.s3ObjectVersion", version.as_deref().unwrap_or("none"), 1, 1024)?;
                Ok(Place::Object { bucket, key, version })
            }
            (None, None, None) => Err(Fault::invalid("Please provide a source for function code.")),
            (None, ..) => Err(Fault::invalid("Please specify both S3Bucket and S3Key.")),
            (Some(_), ..) => {
                Err(Fault::invalid("Please do not provide other FunctionCode parameters when providing a ZipFile."))
            }
        }
    }
}

impl Place {
    /// Fetches the code, checks it, and keeps it for as long as the pin is there.
    pub(super) async fn fetch(self, call: &Call<'_>) -> Result<(Package, Pin), Fault> {
        let packages = Arc::clone(&call.lambda.inner.packages);
        let code = match self {
            Self::Inline(text) => Code::Text(text),
            Self::Object { bucket, key, version } => {
                let objects = call.lambda.objects.as_ref().ok_or(Fault::Unserved("code in objects of S3"))?;
                let read = objects.read(call.caller, call.authorizer, &bucket, &key, version.as_deref());
                Code::Bytes(read.await?)
            }
        };
        let operation = call.operation;
        blocking(move || match code {
            Code::Bytes(zip) => packages.add(&zip),
            Code::Text(text) => {
                let zip = STANDARD.decode(text.as_bytes()).map_err(|_| {
                    Fault::invalid("Could not unzip uploaded file. Please check your file, then try to upload again.")
                })?;
                if zip.len() > LARGEST_INLINE {
                    return Err(Fault::Told(
                        super::fault::Code::RequestTooLarge,
                        format!(
                            "Request must be smaller than {} bytes for the {operation} operation",
                            super::LARGEST_BODY
                        ),
                    ));
                }
                packages.add(&zip)
            }
        })
        .await
    }
}

enum Code {
    Text(String),
    Bytes(Bytes),
}
