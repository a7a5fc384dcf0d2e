//! Objects in the archives, which are read only once they are restored: RestoreObject, and what reads ask of an object.
//!
//! Here an hour of AWS's is a second: what takes three to five hours there takes five seconds. A day of a restored copy is
//! a day.
//!
//! Source: S3 API reference, "RestoreObject"; S3 user guide, "Understanding archive retrieval options".

use std::sync::Arc;

use http::StatusCode;
use s3s::dto::{
    OptionalObjectAttributes, RestoreObjectInput, RestoreObjectOutput, RestoreRequest, RestoreStatus, Tier, Timestamp,
    TimestampFormat,
};
use s3s::{S3ErrorCode, S3Request, S3Response};

use super::answer::Spelling;
use super::call::{Call, timestamp};
use super::event::Origin;
use super::fault::Fault;
use super::store::{Addressed, Attributes, Object, Restored, Store};
use super::version::VersionId;

const SECOND: i64 = 1000;
const DAY: i64 = 86_400 * SECOND;

/// The classes whose objects are not read as they are.
const GLACIER: &str = "GLACIER";
const DEEP_ARCHIVE: &str = "DEEP_ARCHIVE";

/// The class of an object that is restored before it is read.
pub(crate) fn archive_class(attributes: &Attributes) -> Option<&'static str> {
    [GLACIER, DEEP_ARCHIVE].into_iter().find(|class| attributes.storage_class.as_deref() == Some(*class))
}

fn is_archive(attributes: &Attributes) -> bool {
    archive_class(attributes).is_some()
}

/// Refuses to read an object that is archived and not restored.
pub(super) fn require_readable(object: &Object, now: i64) -> Result<(), Fault> {
    let readable = |restored: &Restored| restored.ready <= now && now < restored.until;
    if !is_archive(&object.attributes) || object.attributes.restored.as_ref().is_some_and(readable) {
        return Ok(());
    }
    let class = object.attributes.storage_class.clone().unwrap_or_default();
    Err(Fault::new(S3ErrorCode::InvalidObjectState, "The operation is not valid for the object's storage class")
        .with("StorageClass", class))
}

/// The same of the source of a copy.
pub(super) fn require_copyable(object: &Object, now: i64) -> Result<(), Fault> {
    require_readable(object, now).map_err(|_| {
        let message = "Operation is not valid for the source object's storage class";
        Fault::new(S3ErrorCode::InvalidObjectState, message)
    })
}

/// What `x-amz-restore` says.
pub(super) fn shown(object: &Object, now: i64) -> Option<String> {
    let restored = object.attributes.restored.as_ref().filter(|restored| now < restored.until)?;
    if now < restored.ready {
        return Some("ongoing-request=\"true\"".to_owned());
    }
    let until: Timestamp = timestamp(restored.until);
    let mut date = Vec::new();
    until.format(TimestampFormat::HttpDate, &mut date).ok()?;
    Some(format!("ongoing-request=\"false\", expiry-date=\"{}\"", String::from_utf8_lossy(&date)))
}

/// What a listing says of it, if it is asked: nothing of an object that is not restored.
///
/// Source: S3 API reference, "RestoreStatus".
pub(super) fn listed(object: &Object, asked: Option<&[OptionalObjectAttributes]>, now: i64) -> Option<RestoreStatus> {
    let asks = asked?.iter().any(|asked| asked.as_str() == OptionalObjectAttributes::RESTORE_STATUS);
    let restored = object.attributes.restored.as_ref().filter(|restored| asks && now < restored.until)?;
    let in_progress = now < restored.ready;
    Some(RestoreStatus {
        is_restore_in_progress: Some(in_progress),
        restore_expiry_date: (!in_progress).then(|| timestamp(restored.until)),
    })
}

pub(super) async fn restore(
    store: &Arc<Store>, call: Call, request: S3Request<RestoreObjectInput>,
) -> Result<S3Response<RestoreObjectOutput>, Fault> {
    let input = request.input;
    let version = input.version_id.as_deref();
    let named = store.named_version(&call, &input.bucket, Some(&input.key), version).await?;
    let requirement = named.on_lock("RestoreObject", &input.key, version);
    let allowed = call.authorize_in(&named, "RestoreObject", [requirement]).await?;
    let owner = input.expected_bucket_owner.as_deref();
    let bucket = named.open(&allowed, &call, owner, Addressed::InItsRegion)?;
    let asked = Asked::of(input.restore_request.ok_or_else(Fault::malformed)?)?;
    let (key, id, origin) = (input.key.clone(), VersionId::asked(version)?, Origin::of(&call));
    let done = store
        .run(move |store| {
            let restore = |attributes: &Attributes| asked.restore(attributes, origin.time);
            store.index.restore(bucket.name(), &key, id.as_ref(), &origin, restore)
        })
        .await;
    let before = call.found(&named, "RestoreObject", done).await?;
    let status = if before { StatusCode::OK } else { StatusCode::ACCEPTED };
    Ok(Spelling::default().with_status(status).on(RestoreObjectOutput::default()))
}

/// What a request asks.
struct Asked {
    days: i32,
    tier: String,
}

impl Asked {
    fn of(request: RestoreRequest) -> Result<Self, Fault> {
        if request.type_.is_some() || request.select_parameters.is_some() || request.output_location.is_some() {
            return Err(Fault::not_implemented("A restoration that selects is not implemented"));
        }
        let days = request.days.filter(|days| *days > 0).ok_or_else(Fault::malformed)?;
        let tier = request.glacier_job_parameters.map(|parameters| parameters.tier).or(request.tier);
        let tier = tier.map_or_else(|| Tier::STANDARD.to_owned(), |tier| tier.as_str().to_owned());
        if ![Tier::EXPEDITED, Tier::STANDARD, Tier::BULK].contains(&tier.as_str()) {
            return Err(Fault::malformed());
        }
        Ok(Self { days, tier })
    }

    /// How the object is restored, and whether it is already.
    fn restore(&self, attributes: &Attributes, now: i64) -> Result<(Restored, bool), Fault> {
        if !is_archive(attributes) {
            let message = "Restore is not allowed for the object's current storage class";
            return Err(Fault::new(S3ErrorCode::InvalidObjectState, message));
        }
        let present = attributes.restored.as_ref().filter(|restored| now < restored.until);
        if present.is_some_and(|restored| now < restored.ready) {
            return Err(Fault::new(S3ErrorCode::RestoreAlreadyInProgress, "Object restore is already in progress"));
        }
        let deep = attributes.storage_class.as_deref() == Some(DEEP_ARCHIVE);
        let hours = match (self.tier.as_str(), deep) {
            (Tier::EXPEDITED, true) => {
                let message = "Retrieval option is not supported by this storage class";
                return Err(Fault::new(S3ErrorCode::InvalidArgument, message));
            }
            (Tier::EXPEDITED, false) => 1,
            (Tier::BULK, true) => 48,
            (Tier::BULK, false) | (_, true) => 12,
            (_, false) => 5,
        };
        let ready = present.map_or(now + hours * SECOND, |restored| restored.ready);
        // It goes at the midnight after its last day.
        let last = ready.max(now).saturating_add(i64::from(self.days).saturating_mul(DAY));
        let until = last.saturating_add(DAY).div_euclid(DAY).saturating_mul(DAY);
        Ok((Restored { ready, until }, present.is_some()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archived(class: &str, restored: Option<Restored>) -> Attributes {
        Attributes { storage_class: Some(class.to_owned()), restored, ..Attributes::default() }
    }

    #[test]
    fn a_copy_stays_until_the_midnight_after_its_last_day() {
        let asked = |tier: &str, days| Asked { days, tier: tier.to_owned() };
        let now = 3 * DAY + 5;
        let (first, before) = asked("Standard", 1).restore(&archived(GLACIER, None), now).unwrap();
        assert_eq!((first, before), (Restored { ready: now + 5 * SECOND, until: 5 * DAY }, false));
        let during = asked("Standard", 1).restore(&archived(GLACIER, Some(first)), now + 1).unwrap_err();
        assert_eq!(during.into_parts().0.code(), &S3ErrorCode::RestoreAlreadyInProgress);
        let (second, before) = asked("Bulk", 9).restore(&archived(GLACIER, Some(first)), first.ready).unwrap();
        assert_eq!((second, before), (Restored { ready: first.ready, until: 13 * DAY }, true));
        let (anew, before) = asked("Bulk", 1).restore(&archived(DEEP_ARCHIVE, Some(first)), first.until).unwrap();
        assert_eq!((anew.ready, before), (first.until + 48 * SECOND, false));
        assert!(asked("Expedited", 1).restore(&archived(DEEP_ARCHIVE, None), now).is_err());
        assert!(asked("Standard", 1).restore(&archived("STANDARD_IA", None), now).is_err());
        assert!(asked("Standard", i32::MAX).restore(&archived(GLACIER, None), now).is_ok());
    }
}
