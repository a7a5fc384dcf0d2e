//! What happens to objects, and how it is told: the records of event notifications.
//!
//! Source: S3 user guide, "Event message structure", "Event notification types and destinations".

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use s3s::crypto::{Checksum as _, Sha256};
use s3s::dto::TimestampFormat;
use serde_json::{Value, json};
use sidegate_iam::{Path, Principal};

use super::call::{Call, timestamp};
use super::store::Bucket;
use super::version::VersionId;

/// What a key has as it is; a space becomes a plus.
const PLAIN: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'*').remove(b'/').remove(b' ');

/// The ETag of nothing, which a delete marker is told with.
const OF_NOTHING: &str = "d41d8cd98f00b204e9800998ecf8427e";

/// What happened to an object, or to a version of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Happening {
    Put,
    Post,
    Copied,
    Completed,
    Deleted,
    /// A delete marker became the newest version.
    Marked,
    Tagged,
    Untagged,
    AclPut,
    /// An archived object of this class is being restored.
    Restoring(&'static str),
    /// It can be read, until this time in Unix milliseconds.
    Restored(&'static str, i64),
}

impl Happening {
    /// Its name in records; those in configurations begin with `s3:`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Put => "ObjectCreated:Put",
            Self::Post => "ObjectCreated:Post",
            Self::Copied => "ObjectCreated:Copy",
            Self::Completed => "ObjectCreated:CompleteMultipartUpload",
            Self::Deleted => "ObjectRemoved:Delete",
            Self::Marked => "ObjectRemoved:DeleteMarkerCreated",
            Self::Tagged => "ObjectTagging:Put",
            Self::Untagged => "ObjectTagging:Delete",
            Self::AclPut => "ObjectAcl:Put",
            Self::Restoring(_) => "ObjectRestore:Post",
            Self::Restored(..) => "ObjectRestore:Completed",
        }
    }

    /// Whether it makes or removes an object. Only such events have an order.
    fn has_order(self) -> bool {
        !self.is_of_attributes() && !matches!(self, Self::Restoring(_) | Self::Restored(..))
    }

    fn is_of_attributes(self) -> bool {
        matches!(self, Self::Tagged | Self::Untagged | Self::AclPut)
    }

    /// The version of its records.
    fn version(self) -> &'static str {
        if self.is_of_attributes() { "2.3" } else { "2.1" }
    }
}

/// The request that makes something happen.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    /// The unique id of who sent it.
    principal: String,
    /// The account of who sent it, or the service.
    requester: String,
    address: String,
    request_id: String,
    /// Unix milliseconds.
    pub(crate) time: i64,
    /// `X-Amzn-Trace-Id`, by which Lambda knows what a function has caused.
    pub(crate) trace: Option<String>,
}

impl Origin {
    pub(super) fn of(call: &Call) -> Self {
        let (Path::Public { source } | Path::Endpoint { source, .. }) = &call.caller.path;
        Self {
            principal: principal_id(&call.caller.principal),
            requester: match &call.caller.principal {
                Principal::Service(name) => name.clone(),
                other => other.account().map(ToString::to_string).unwrap_or_default(),
            },
            address: source.to_string(),
            request_id: call.caller.request_id.clone(),
            time: call.caller.now,
            trace: call.trace.clone(),
        }
    }

    /// What S3 itself does later because of the request.
    pub(crate) fn of_s3_at(&self, time: i64) -> Self {
        Self { principal: S3.to_owned(), requester: S3.to_owned(), time, ..self.clone() }
    }
}

/// The service, where it does something itself.
const S3: &str = "s3.amazonaws.com";

/// Something that happened.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Event<'a> {
    pub(crate) happening: Happening,
    pub(crate) origin: &'a Origin,
    pub(crate) key: &'a str,
    /// Known of an object that was made.
    pub(crate) size: Option<u64>,
    pub(crate) etag: Option<&'a str>,
    pub(crate) version: Option<&'a VersionId>,
}

impl Event<'_> {
    /// The document that a destination gets. Of two events of a key the later one has the greater number.
    pub(crate) fn document(&self, bucket: &Bucket, configuration: &str, number: i64) -> Value {
        let Self { happening, origin, .. } = self;
        let mut object = json!({"key": encoded(self.key)});
        if let Some(members) = object.as_object_mut() {
            let etag = if *happening == Happening::Marked { Some(OF_NOTHING) } else { self.etag };
            let version = self.version.filter(|version| !version.is_null());
            let known = [
                ("size", self.size.map(Value::from)),
                ("eTag", etag.map(Value::from)),
                ("versionId", version.map(|version| version.as_str().into())),
                ("sequencer", happening.has_order().then(|| format!("{number:018X}").into())),
            ];
            members.extend(known.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
        }
        let mut record = json!({
            "eventVersion": happening.version(),
            "eventSource": "aws:s3",
            "awsRegion": bucket.region,
            "eventTime": date(origin.time),
            "eventName": happening.name(),
            "userIdentity": {"principalId": origin.principal},
            "requestParameters": {"sourceIPAddress": origin.address},
            "responseElements": {"x-amz-request-id": origin.request_id, "x-amz-id-2": host_id(&origin.request_id)},
            "s3": {
                "s3SchemaVersion": "1.0",
                "configurationId": configuration,
                "bucket": {
                    "name": bucket.name,
                    "ownerIdentity": {"principalId": customer_id(&bucket.account)},
                    "arn": format!("arn:aws:s3:::{}", bucket.name),
                },
                "object": object,
            },
        });
        if let (Happening::Restored(class, until), Some(members)) = (happening, record.as_object_mut()) {
            let restored =
                json!({"lifecycleRestorationExpiryTime": date(*until), "lifecycleRestoreStorageClass": class});
            members.insert("glacierEventData".to_owned(), json!({"restoreEventData": restored}));
        }
        json!({"Records": [record]})
    }
}

impl Event<'_> {
    /// The entry that an event bus gets.
    ///
    /// Source: S3 user guide, "EventBridge event message structure".
    pub(crate) fn entry(&self, bucket: &Bucket, bus: &str, number: i64) -> Value {
        let Self { happening, origin, .. } = self;
        let (kind, reason, deletion) = match happening {
            Happening::Put => ("Object Created", Some("PutObject"), None),
            Happening::Post => ("Object Created", Some("POST Object"), None),
            Happening::Copied => ("Object Created", Some("CopyObject"), None),
            Happening::Completed => ("Object Created", Some("CompleteMultipartUpload"), None),
            Happening::Deleted => ("Object Deleted", Some("DeleteObject"), Some("Permanently Deleted")),
            Happening::Marked => ("Object Deleted", Some("DeleteObject"), Some("Delete Marker Created")),
            Happening::Tagged => ("Object Tags Added", None, None),
            Happening::Untagged => ("Object Tags Deleted", None, None),
            Happening::AclPut => ("Object ACL Updated", None, None),
            Happening::Restoring(_) => ("Object Restore Initiated", None, None),
            Happening::Restored(..) => ("Object Restore Completed", None, None),
        };
        let (class, until) = match happening {
            Happening::Restoring(class) => (Some(*class), None),
            Happening::Restored(class, until) => (Some(*class), Some(date(*until))),
            _ => (None, None),
        };
        let members = |known: Vec<(&str, Option<Value>)>| -> Value {
            Value::Object(known.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect())
        };
        let etag = if *happening == Happening::Marked { Some(OF_NOTHING) } else { self.etag };
        let object = members(vec![
            ("key", Some(self.key.into())),
            ("size", self.size.map(Value::from)),
            ("etag", etag.map(Value::from)),
            ("version-id", self.version.filter(|own| !own.is_null()).map(|own| own.as_str().into())),
            ("sequencer", happening.has_order().then(|| format!("{number:018X}").into())),
        ]);
        let detail = members(vec![
            ("version", Some("0".into())),
            ("bucket", Some(json!({"name": bucket.name}))),
            ("object", Some(object)),
            ("request-id", Some(origin.request_id.as_str().into())),
            ("requester", Some(origin.requester.as_str().into())),
            ("source-ip-address", Some(origin.address.as_str().into())),
            ("reason", reason.map(Value::from)),
            ("deletion-type", deletion.map(Value::from)),
            ("restore-expiry-time", until.map(Value::from)),
            ("source-storage-class", class.map(Value::from)),
        ]);
        json!({
            "Source": "aws.s3", "DetailType": kind, "Detail": detail.to_string(), "EventBusName": bus,
            "Resources": [format!("arn:aws:s3:::{}", bucket.name)], "Time": origin.time / 1000,
        })
    }
}

/// A key as the form of a query has it, but for slashes.
fn encoded(key: &str) -> String {
    utf8_percent_encode(key, PLAIN).to_string().replace(' ', "+")
}

/// What `x-amz-id-2` says of a request.
pub(super) fn host_id(request_id: &str) -> String {
    BASE64.encode(Sha256::checksum(request_id.as_bytes()))
}

/// A time as records have it.
pub(super) fn date(milliseconds: i64) -> String {
    let mut text = Vec::new();
    // It fails for no time that a clock shows.
    let _ = timestamp(milliseconds).format(TimestampFormat::DateTime, &mut text);
    String::from_utf8_lossy(&text).into_owned()
}

/// Who sent a request: `aws:userid` behind `AWS:`.
fn principal_id(principal: &Principal) -> String {
    match principal {
        Principal::Root(account) | Principal::Unnamed(account) => format!("AWS:{}", account.id),
        Principal::User { name, id, .. } => format!("AWS:{}", id.as_ref().unwrap_or(name)),
        Principal::AssumedRole { role, role_id, session, .. } => {
            format!("AWS:{}:{session}", role_id.as_ref().unwrap_or(role))
        }
        Principal::FederatedUser { account, name, .. } => format!("AWS:{}:{name}", account.id),
        Principal::Federated(name) | Principal::Service(name) => name.clone(),
        _ => "Anonymous".to_owned(),
    }
}

/// The id by which records know the owner of a bucket: fourteen characters that begin with an A.
fn customer_id(account: &str) -> String {
    let hash = hex::encode_upper(Sha256::checksum(format!("customer id of {account}").as_bytes()));
    format!("A{}", hash.get(..13).unwrap_or_default())
}

#[cfg(test)]
mod tests;
