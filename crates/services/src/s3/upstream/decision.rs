//! What a request requires: what S3 itself requires for its operations, of buckets of which nothing is known but the name.

use http::HeaderMap;
use s3s::dto::BucketLocationConstraint;
use sidegate_iam::Requirement;

use super::super::acl::{Acl, Of};
use super::super::attributes::{
    attributes, pairs_of_set, refuse_unsupported, storage_class, tags_of_header, text, website_redirect,
};
use super::super::call::Call;
use super::super::encryption::{DefaultEncryption, Wanted};
use super::super::fault::Fault;
use super::super::lock;
use super::super::requirement::{Makes, Named, with_acls, with_request_tags};
use super::super::store::{Locking, Settings, Tags};
use super::classified::{BYPASS, Classified, OWNERS};
use super::content::Document;
use super::operation::Kind;

/// Everything that a request requires, unless it is a batch.
pub(super) fn requirements(
    classified: &Classified, named: &Named, call: &Call, document: &Document,
) -> Result<Vec<Requirement>, Fault> {
    let (key, headers) = (classified.key(), &classified.headers);
    let version = classified.parameter("versionId");
    Ok(match classified.operation.kind {
        Kind::Buckets => vec![Requirement::new("s3:ListAllMyBuckets", "*")],
        Kind::Create => {
            let location = match document {
                Document::Create(Some(configuration), _) => configuration.location_constraint.as_ref(),
                _ => None,
            };
            Named::creation(named.name(), call, headers, location.map(BucketLocationConstraint::as_str))
        }
        Kind::Bucket("GetBucketPolicy" | "PutBucketPolicy" | "DeleteBucketPolicy") => {
            vec![named.for_its_policy(classified.operation.name, call)]
        }
        Kind::Bucket(action) => vec![named.on_bucket(action)],
        Kind::BucketAcl => vec![with_acls(named.on_bucket("PutBucketAcl"), headers)],
        Kind::Replication => {
            let Document::Replication(configuration, _) = document else { return Err(Fault::malformed()) };
            let passing = Requirement::new("iam:PassRole", configuration.role.as_str());
            let passing = passing.with("iam:PassedToService", "s3.amazonaws.com");
            vec![named.on_bucket("PutReplicationConfiguration"), passing]
        }
        Kind::List(action) => {
            let most = classified.parameter("max-keys").and_then(|most| most.parse().ok());
            let (prefix, delimiter) = (classified.parameter("prefix"), classified.parameter("delimiter"));
            vec![named.listing(action, prefix, delimiter, most)]
        }
        Kind::Object(actions) => actions.iter().map(|action| named.on_version(action, key, version)).collect(),
        Kind::Lock(action) => vec![named.on_lock(action, key, version)],
        Kind::ObjectAcl => vec![with_acls(named.on_version("PutObjectAcl", key, version), headers)],
        Kind::Tagging => {
            let Document::Tagging(tagging, _) = document else { return Err(Fault::malformed()) };
            let asked: Tags = pairs_of_set(tagging.tag_set.clone()).collect();
            vec![with_request_tags(named.on_version("PutObjectTagging", key, version), &asked)]
        }
        Kind::Retention => {
            let Document::Retention(retention, _) = document else { return Err(Fault::malformed()) };
            vec![lock::retaining(named, key, version, retention)]
        }
        Kind::LegalHold => {
            let Document::LegalHold(hold, _) = document else { return Err(Fault::malformed()) };
            vec![lock::holding(named, key, version, hold.status.as_ref())]
        }
        Kind::Delete => {
            let removal = named.on_version("DeleteObject", key, version);
            named.removing(removal, key, text(headers, "if-match").as_deref())
        }
        Kind::Write(makes) => named.writing(headers, key, makes),
        Kind::Copy => {
            let mut all: Vec<_> = source(classified, call).into_iter().collect();
            all.extend(named.writing(headers, key, Makes::Object));
            all
        }
        Kind::Part => {
            let mut all: Vec<_> = source(classified, call).into_iter().collect();
            all.push(named.step(key, Makes::Upload));
            all
        }
        Kind::Complete => named.completing(headers, key),
        Kind::Upload(action) => vec![named.on_object(action, key)],
        // Each of its objects requires something.
        Kind::Batch => return Err(Fault::Interrupted),
    })
}

/// That the source of a copy may be read.
fn source(classified: &Classified, call: &Call) -> Option<Requirement> {
    let (source, version) = classified.source.as_ref()?;
    Some(Named::elsewhere(call, &source.bucket, None).on_version("GetObject", &source.key, version.as_deref()))
}

/// Refuses what S3 refuses of a request that is allowed, as far as that can be told without its bucket, and takes off it
/// what has been settled.
pub(super) fn settle(classified: &mut Classified, call: &Call) -> Result<(), Fault> {
    let caller = &call.caller;
    let own = caller.principal.account().unwrap_or(&caller.scope.account).as_str();
    for name in OWNERS {
        let expected = text(&classified.headers, name);
        if expected.is_some_and(|expected| expected != own) {
            return Err(Fault::access_denied());
        }
        classified.headers.remove(name);
    }
    let headers = &mut classified.headers;
    match classified.operation.kind {
        Kind::Create | Kind::BucketAcl => drop(Acl::of_headers(headers, own, Of::Bucket)?),
        Kind::ObjectAcl => drop(Acl::of_headers(headers, own, Of::Object)?),
        Kind::Write(_) | Kind::Copy => {
            Acl::of_headers(headers, own, Of::Object)?;
            of_new(headers, call.caller.now)?;
        }
        _ => {}
    }
    Ok(())
}

/// The headers of an object that is made. Its tags are written anew.
fn of_new(headers: &mut HeaderMap, now: i64) -> Result<(), Fault> {
    refuse_unsupported(headers)?;
    attributes(headers, None)?;
    website_redirect(headers)?;
    storage_class(headers)?;
    Wanted::by(headers, &DefaultEncryption::default())?;
    lock::asked(headers, &Settings { lock: Some(Locking::default()), ..Settings::default() }, now)?;
    let tags = tags_of_header(headers)?;
    if headers.remove("x-amz-tagging").is_some() && !tags.is_empty() {
        let encoded = |text: &str| percent_encoding::utf8_percent_encode(text, super::target::RESERVED).to_string();
        let pairs: Vec<String> =
            tags.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
        let invalid = |_| Fault::invalid_request("The value of the header x-amz-tagging is invalid.");
        headers.insert("x-amz-tagging", pairs.join("&").parse().map_err(invalid)?);
    }
    Ok(())
}

/// Whether a request asks to pass a retention in governance mode by.
pub(super) fn asks_to_bypass(headers: &HeaderMap) -> bool {
    text(headers, BYPASS).is_some_and(|asked| asked.eq_ignore_ascii_case("true"))
}
