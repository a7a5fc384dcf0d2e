//! Which analytics, metrics, inventories and tierings there may be.

use s3s::dto::*;

use super::super::rules::{check_filter, check_prefix, check_tags};
use super::super::{Fault, argument, require};

/// The longest id, in characters.
const LONGEST_ID: usize = 64;

/// The fields that an inventory may list besides those that it always has.
const FIELDS: [&str; 16] = [
    "Size",
    "LastModifiedDate",
    "StorageClass",
    "ETag",
    "IsMultipartUploaded",
    "ReplicationStatus",
    "EncryptionStatus",
    "ObjectLockRetainUntilDate",
    "ObjectLockMode",
    "ObjectLockLegalHoldStatus",
    "IntelligentTieringAccessTier",
    "BucketKeyStatus",
    "ChecksumAlgorithm",
    "ObjectAccessControlList",
    "ObjectOwner",
    "LifecycleExpirationDate",
];

/// Source: S3 API reference, PutBucketMetricsConfiguration: at most 64 characters, letters, digits, periods, dashes and
/// underscores.
pub(super) fn check_id(id: &str) -> Result<(), Fault> {
    let good = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    if (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(good) {
        return Ok(());
    }
    Err(Fault::bad_request("InvalidConfigurationId", "The specified configuration id is invalid."))
}

/// The bucket that something goes to is named by its ARN.
fn check_bucket(arn: &str) -> Result<(), Fault> {
    let name = arn.strip_prefix("arn:aws").and_then(|rest| rest.split_once(":s3:::"));
    match name {
        Some((_, name)) if !name.is_empty() && !name.contains('/') => Ok(()),
        _ => Err(Fault::bad_request("InvalidS3DestinationBucket", "The ARN of the destination bucket is not valid.")),
    }
}

fn check_account(account: Option<&str>) -> Result<(), Fault> {
    let good = |account: &str| account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    match account {
        Some(account) if !good(account) => Err(argument("The account id is not valid")),
        _ => Ok(()),
    }
}

pub(super) fn analytics(configuration: &AnalyticsConfiguration) -> Result<(), Fault> {
    match &configuration.filter {
        None => {}
        Some(AnalyticsFilter::Prefix(prefix)) => check_filter(1, None, Some(prefix))?,
        Some(AnalyticsFilter::Tag(tag)) => check_tags(std::iter::once(tag))?,
        Some(AnalyticsFilter::And(and)) => {
            let together = usize::from(and.prefix.is_some()) + and.tags.as_ref().map_or(0, Vec::len);
            check_filter(0, Some(together), and.prefix.as_deref())?;
            check_tags(and.tags.iter().flatten())?;
        }
        Some(_) => return Err(Fault::malformed()),
    }
    let Some(export) = &configuration.storage_class_analysis.data_export else { return Ok(()) };
    require(export.output_schema_version.as_str() == StorageClassAnalysisSchemaVersion::V_1)?;
    let target = &export.destination.s3_bucket_destination;
    require(target.format.as_str() == AnalyticsS3ExportFileFormat::CSV)?;
    check_account(target.bucket_account_id.as_deref())?;
    check_prefix(target.prefix.as_deref())?;
    check_bucket(&target.bucket)
}

pub(super) fn metrics(configuration: &MetricsConfiguration) -> Result<(), Fault> {
    match &configuration.filter {
        None | Some(MetricsFilter::AccessPointArn(_)) => Ok(()),
        Some(MetricsFilter::Prefix(prefix)) => check_filter(1, None, Some(prefix)),
        Some(MetricsFilter::Tag(tag)) => check_tags(std::iter::once(tag)),
        Some(MetricsFilter::And(and)) => {
            let single = usize::from(and.prefix.is_some()) + usize::from(and.access_point_arn.is_some());
            check_filter(0, Some(single + and.tags.as_ref().map_or(0, Vec::len)), and.prefix.as_deref())?;
            check_tags(and.tags.iter().flatten())
        }
        Some(_) => Err(Fault::malformed()),
    }
}

pub(super) fn inventory(configuration: &InventoryConfiguration) -> Result<(), Fault> {
    let frequencies = [InventoryFrequency::DAILY, InventoryFrequency::WEEKLY];
    require(frequencies.contains(&configuration.schedule.frequency.as_str()))?;
    let versions = [InventoryIncludedObjectVersions::ALL, InventoryIncludedObjectVersions::CURRENT];
    require(versions.contains(&configuration.included_object_versions.as_str()))?;
    let fields = configuration.optional_fields.iter().flatten();
    require(fields.into_iter().all(|field| FIELDS.contains(&field.as_str())))?;
    check_prefix(configuration.filter.as_ref().map(|filter| filter.prefix.as_str()))?;
    let target = &configuration.destination.s3_bucket_destination;
    let formats = [InventoryFormat::CSV, InventoryFormat::ORC, InventoryFormat::PARQUET];
    require(formats.contains(&target.format.as_str()))?;
    let encryption = target.encryption.as_ref();
    require(encryption.is_none_or(|encryption| encryption.ssekms.is_some() != encryption.sses3.is_some()))?;
    check_account(target.account_id.as_deref())?;
    check_prefix(target.prefix.as_deref())?;
    check_bucket(&target.bucket)
}

/// Source: S3 API reference, Tiering: archive access after 90 to 730 days, deep archive access after 180 to 730.
pub(super) fn tiering(configuration: &IntelligentTieringConfiguration) -> Result<(), Fault> {
    let known = [IntelligentTieringStatus::ENABLED, IntelligentTieringStatus::DISABLED];
    require(known.contains(&configuration.status.as_str()))?;
    if let Some(IntelligentTieringFilter { and, prefix, tag }) = &configuration.filter {
        let alone = usize::from(prefix.is_some()) + usize::from(tag.is_some());
        let together =
            and.as_ref().map(|and| usize::from(and.prefix.is_some()) + and.tags.as_ref().map_or(0, Vec::len));
        let inner = and.as_ref().and_then(|and| and.prefix.as_deref());
        check_filter(alone, together, prefix.as_deref().or(inner))?;
        check_tags(tag.iter().chain(and.iter().flat_map(|and| and.tags.iter().flatten())))?;
    }
    let tierings = &configuration.tierings;
    require(!tierings.is_empty())?;
    let mut archive = None;
    let mut deep = None;
    for tiering in tierings {
        let (seen, least) = match tiering.access_tier.as_str() {
            IntelligentTieringAccessTier::ARCHIVE_ACCESS => (&mut archive, 90),
            IntelligentTieringAccessTier::DEEP_ARCHIVE_ACCESS => (&mut deep, 180),
            _ => return Err(Fault::malformed()),
        };
        require(seen.replace(tiering.days).is_none())?;
        if !(least..=730).contains(&tiering.days) {
            return Err(argument(format!(
                "The Days value for {} must be between {least} and 730",
                tiering.access_tier.as_str()
            )));
        }
    }
    match (archive, deep) {
        (Some(archive), Some(deep)) if deep <= archive => {
            Err(argument("The Days value for DEEP_ARCHIVE_ACCESS must be greater than that for ARCHIVE_ACCESS"))
        }
        _ => Ok(()),
    }
}
