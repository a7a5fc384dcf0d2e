//! The volumes that a launch asks for.
//!
//! Source: EC2 API reference, `BlockDeviceMapping`, `EbsBlockDevice`; EC2 user guide, "Block device mappings".

use std::collections::BTreeSet;

use sidegate_model::{BlockDevice, Scope, VolumeShape, VolumeType};
use sidegate_wire::ec2::{BlockDeviceMapping, EbsBlockDevice};
use sidegate_wire::protocol::Failure;

use super::super::super::image::Root;
use super::super::super::{fault, refused};

/// The volumes of an instance: the image's, as the request changes it, and those that the request adds.
///
/// # Errors
/// `InvalidBlockDeviceMapping` for what cannot be at a device; what [`VolumeShape::new`] refuses.
pub(super) fn devices(
    root: &Root, mappings: &[BlockDeviceMapping], scope: &Scope,
) -> Result<Vec<BlockDevice>, Failure> {
    let mut seen = BTreeSet::new();
    let mut of_root = EbsBlockDevice::default();
    let mut further = Vec::new();
    for mapping in mappings {
        let Some(device) = mapping.device_name.as_deref().filter(|name| !name.is_empty()) else {
            return Err(refused("MissingParameter", "The request must contain the parameter deviceName"));
        };
        if !seen.insert(device) {
            return Err(invalid(format!("The device '{device}' is used in more than one block-device mapping")));
        }
        let is_root = device == root.device;
        match (&mapping.ebs, &mapping.no_device) {
            (_, Some(_)) if is_root => {
                return Err(invalid("The root device cannot be removed from an instance".to_owned()));
            }
            // The image has no other device, and instances have no disks of their own.
            (_, Some(_)) => {}
            (Some(ebs), None) if is_root => of_root = ebs.clone(),
            (Some(ebs), None) => further.push((device.to_owned(), ebs)),
            (None, None) if mapping.virtual_name.is_some() => {}
            (None, None) => {
                let message = format!("The device '{device}' has neither a volume nor a virtual name");
                return Err(invalid(message));
            }
        }
    }
    let mut devices = vec![volume(root.device.to_owned(), &of_root, Some(root), scope)?];
    for (device, ebs) in further {
        devices.push(volume(device, ebs, None, scope)?);
    }
    Ok(devices)
}

fn volume(device: String, ebs: &EbsBlockDevice, root: Option<&Root>, scope: &Scope) -> Result<BlockDevice, Failure> {
    let foreign = [
        (ebs.outpost_arn.is_some(), "OutpostArn"),
        (ebs.volume_initialization_rate.is_some(), "VolumeInitializationRate"),
        (ebs.ebs_card_index.is_some_and(|index| index != 0), "EbsCardIndex"),
    ];
    if let Some((_, name)) = foreign.iter().find(|(given, _)| *given) {
        return Err(fault::unsupported(format!("Sidegate does not support Ebs.{name} for RunInstances.")));
    }
    let snapshot = match (ebs.snapshot_id.as_deref().filter(|id| !id.is_empty()), root) {
        (None, root) => root.map(|root| root.snapshot.to_owned()),
        (Some(id), Some(root)) if id == root.snapshot => Some(id.to_owned()),
        (Some(id), _) => {
            return Err(refused("InvalidSnapshot.NotFound", format!("The snapshot '{id}' does not exist.")));
        }
    };
    let kind = match ebs.volume_type.as_deref() {
        Some(name) => VolumeType::parse(name).ok_or_else(|| {
            refused("InvalidParameterValue", format!("Value ({name}) for parameter volumeType is invalid."))
        })?,
        None => root.map_or(VolumeType::Gp2, |root| root.kind),
    };
    if root.is_some() && matches!(kind, VolumeType::St1 | VolumeType::Sc1) {
        let message = format!("A volume of type {} cannot be the root device of an instance", kind.as_str());
        return Err(invalid(message));
    }
    let least = root.map(|root| root.size);
    let Some(size) = positive(ebs.volume_size, "volumeSize")?.or(least) else {
        return Err(refused("MissingParameter", "The request must contain the parameter size or snapshotId"));
    };
    if let (Some(least), Some(snapshot)) = (least, &snapshot)
        && size < least
    {
        return Err(invalid(format!(
            "Volume of size {size}GB is smaller than snapshot '{snapshot}', expect size >= {least}GB"
        )));
    }
    let key = key(ebs, scope)?;
    let (iops, throughput) = (positive(ebs.iops, "iops")?, positive(ebs.throughput, "throughput")?);
    let shape = VolumeShape::new(kind, size, iops, throughput, key, snapshot).map_err(|error| fault::of(&error))?;
    // The root device ends with the instance unless it is said otherwise, and so does a volume that is made for it.
    Ok(BlockDevice { device, shape, delete_on_termination: ebs.delete_on_termination.unwrap_or(true) })
}

/// The key that a volume is encrypted with: the account's own for volumes, if none is named.
fn key(ebs: &EbsBlockDevice, scope: &Scope) -> Result<Option<String>, Failure> {
    let named = ebs.kms_key_id.as_deref().filter(|key| !key.is_empty());
    match (ebs.encrypted, named) {
        (Some(true), None) => Ok(Some(format!("arn:aws:kms:{}:{}:alias/aws/ebs", scope.region, scope.account))),
        (Some(true), Some(key)) => Ok(Some(key.to_owned())),
        (_, None) => Ok(None),
        (_, Some(_)) => {
            let message = "The parameter KmsKeyId requires the parameter Encrypted to be set.";
            Err(refused("InvalidParameterDependency", message))
        }
    }
}

/// A number that AWS counts from one.
fn positive(number: Option<i32>, name: &str) -> Result<Option<u32>, Failure> {
    let Some(number) = number else { return Ok(None) };
    u32::try_from(number).ok().filter(|number| *number > 0).map(Some).ok_or_else(|| {
        let message = format!("Value ({number}) for parameter {name} is invalid. It must be greater than 0.");
        refused("InvalidParameterValue", message)
    })
}

fn invalid(message: String) -> Failure {
    refused("InvalidBlockDeviceMapping", message)
}
