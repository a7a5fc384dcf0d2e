//! The keys that AWS manages for its services, one of each service in each account and Region.
//!
//! Source: KMS developer guide, "AWS managed keys"; user guide of Secrets Manager, "Secret encryption and decryption in AWS
//! Secrets Manager" (the policy of such a key).

use serde_json::json;
use sidegate_model::Scope;

use super::fault::Fault;
use super::id::{KeyId, MaterialId};
use super::key::{DAY, Key, Rotation, Tags};
use super::material::Material;
use super::spec::{KeySpec, KeyUsage, Origin};
use super::store::{Alias, MaterialRow, Store, StoredKey};
use super::subject::{Subject, root_arn};
use crate::{Authorized, Caller};

/// The services that have such keys, by the last part of the alias, and what the key is described as.
const SERVICES: [(&str, &str); 16] = [
    ("acm", "Default key that protects my ACM private keys when no other key is defined"),
    ("backup", "Default key that protects my Backup data when no other key is defined"),
    ("dynamodb", "Default key that protects my DynamoDB data when no other key is defined"),
    ("ebs", "Default key that protects my EBS volumes when no other key is defined"),
    ("elasticfilesystem", "Default key that protects my EFS filesystems when no other key is defined"),
    ("es", "Default key that protects my Elasticsearch data when no other key is defined"),
    ("glue", "Default key that protects my Glue data when no other key is defined"),
    ("kinesis", "Default key that protects my Kinesis data when no other key is defined"),
    ("lambda", "Default key that protects my Lambda functions when no other key is defined"),
    ("rds", "Default key that protects my RDS database volumes when no other key is defined"),
    ("redshift", "Default key that protects my Redshift clusters when no other key is defined"),
    ("s3", "Default key that protects my S3 objects when no other key is defined"),
    ("secretsmanager", "Default key that protects my Secrets Manager data when no other key is defined"),
    ("sns", "Default key that protects my SNS data when no other key is defined"),
    ("sqs", "Default key that protects my SQS messages when no other key is defined"),
    ("ssm", "Default key that protects my SSM parameters when no other key is defined"),
];

/// How often such a key gets new material.
///
/// Source: KMS developer guide, "Rotate AWS KMS keys": every year, approximately 365 days.
const ROTATION_DAYS: u32 = 365;

/// The alias of a service's key.
pub(super) fn alias_of(service: &str) -> String {
    format!("alias/aws/{service}")
}

/// The key that an alias's ARN stands for, where nobody has asked for it before.
pub(super) fn by_alias(caller: &Caller, arn: &str) -> Result<Option<(Subject, Option<StoredKey>)>, Fault> {
    let own = format!("arn:aws:kms:{}:{}:alias/aws/", caller.scope.region, caller.scope.account);
    let Some(service) = arn.strip_prefix(&own).and_then(known) else { return Ok(None) };
    new(caller, service).map(|(subject, stored)| Some((subject, Some(stored))))
}

fn known(service: &str) -> Option<&'static str> {
    SERVICES.iter().map(|(name, _)| *name).find(|name| *name == service)
}

/// A key for a service, which is not there yet.
pub(super) fn new(caller: &Caller, service: &'static str) -> Result<(Subject, StoredKey), Fault> {
    let scope = caller.scope.clone();
    let description = SERVICES.iter().find(|(name, _)| *name == service).map_or("", |(_, text)| text);
    let key = Key {
        account: scope.account.to_string(),
        region: scope.region.to_string(),
        id: KeyId::new(false)?,
        created: caller.now,
        description: description.to_owned(),
        spec: KeySpec::SymmetricDefault,
        usage: KeyUsage::EncryptDecrypt,
        origin: Origin::AwsKms,
        managed_by: Some(service.to_owned()),
        enabled: true,
        deletion: None,
        rotation: Some(Rotation { days: ROTATION_DAYS, next: caller.now + i64::from(ROTATION_DAYS) * DAY }),
        multi_region: None,
        tags: Tags::new(),
        material: Some(MaterialId::new()?),
        misses_material: false,
        valid_to: None,
        on_demand: 0,
    };
    let stored = StoredKey { key, policy: policy(&scope, service) };
    Ok((Subject::of_new(scope, &stored, Some(alias_of(service))), stored))
}

/// Makes such a key, or finds the one that was made in the meantime.
pub(super) fn make(store: &Store, allowed: &Authorized, caller: &Caller, new: StoredKey) -> Result<StoredKey, Fault> {
    let scope = new.key.scope()?;
    let name = alias_of(new.key.managed_by.as_deref().unwrap_or_default());
    let material = Material::generate(new.key.spec)?;
    store.write(allowed, caller.now, |transaction| {
        if let Some(alias) = Alias::find(transaction, scope.account.as_str(), scope.region.as_str(), &name)?
            && let Some(stored) = StoredKey::by_arn(transaction, caller.now, &alias.key)?
        {
            return Ok(stored);
        }
        let (arn, id) = (new.key.arn(), new.key.material.clone().ok_or(Fault::Material)?);
        new.insert(transaction)?;
        let sealed = store.seal(&arn, &id, &material)?;
        MaterialRow::new(&arn, id, caller.now).insert(transaction, Some(&sealed), None)?;
        Alias { name, key: arn, created: caller.now, updated: caller.now }.write(transaction, &scope)?;
        Ok(new)
    })
}

/// The policy of a service's key: whoever in the account uses the service may use the key through it, and nobody otherwise.
fn policy(scope: &Scope, service: &str) -> String {
    let via = format!("{service}.{}.amazonaws.com", scope.region);
    let account = scope.account.as_str();
    json!({
        "Version": "2012-10-17",
        "Id": format!("auto-{service}-1"),
        "Statement": [
            {
                "Sid": format!("Allow access through {service} for all principals in the account that are authorized to use it"),
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant",
                    "kms:DescribeKey"],
                "Resource": "*",
                "Condition": {"StringEquals": {"kms:CallerAccount": account, "kms:ViaService": via}},
            },
            {
                "Sid": "Allow direct access to key metadata to the account",
                "Effect": "Allow",
                "Principal": {"AWS": root_arn(&scope.account)},
                "Action": ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"],
                "Resource": "*",
            },
        ],
    })
    .to_string()
}
