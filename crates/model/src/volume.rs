//! Volumes of instances, which are kept and shown and hold nothing: an instance's files are a layer over this machine's.
//!
//! Source: EC2 API reference, `EbsBlockDevice`; EBS user guide, "Amazon EBS volume types", "Preserve data when an instance
//! is terminated".

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Context, Entity, Error, InstanceId, Scope, VolumeId, World, Zone};

/// A volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volume {
    /// Its id.
    pub id: VolumeId,
    /// Whose it is, and where.
    pub scope: Scope,
    /// Its zone.
    pub zone: Zone,
    /// What it is.
    pub shape: VolumeShape,
    /// When it was made: Unix time in milliseconds.
    pub created: i64,
    /// What it is attached to.
    pub attachment: Option<VolumeAttachment>,
}

/// How large and how fast a volume is, and how it is encrypted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeShape {
    /// The type.
    pub kind: VolumeType,
    /// The size in GiB.
    pub size: u32,
    /// The operations per second, of types that have a number.
    pub iops: Option<u32>,
    /// The throughput in MiB/s, of types for which it is chosen.
    pub throughput: Option<u32>,
    /// The ARN of the key that it is encrypted with; `None` if it is not encrypted.
    pub key: Option<String>,
    /// The snapshot that it was made of.
    pub snapshot: Option<String>,
}

/// The attachment of a volume to an instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeAttachment {
    /// The instance.
    pub instance: InstanceId,
    /// The name of the device, such as `/dev/xvda`.
    pub device: String,
    /// Whether the volume ends with the instance.
    pub delete_on_termination: bool,
    /// When it was attached: Unix time in milliseconds.
    pub attached: i64,
}

/// A volume that is to be made with an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockDevice {
    /// The name of the device.
    pub device: String,
    /// What the volume should be.
    pub shape: VolumeShape,
    /// Whether it ends with the instance.
    pub delete_on_termination: bool,
}

/// A type of volumes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum VolumeType {
    /// General purpose SSD, with operations that follow from the size.
    Gp2,
    /// General purpose SSD.
    Gp3,
    /// Provisioned IOPS SSD.
    Io1,
    /// Provisioned IOPS SSD, of the second generation.
    Io2,
    /// Throughput optimized HDD.
    St1,
    /// Cold HDD.
    Sc1,
    /// Magnetic, of the previous generation.
    Standard,
}

/// What the volumes of a type may be.
struct Bounds {
    /// GiB.
    size: (u32, u32),
    /// Operations per second that may be asked for, and how many per GiB.
    iops: Option<((u32, u32), u32)>,
    /// MiB/s that may be asked for.
    throughput: Option<(u32, u32)>,
}

impl VolumeType {
    /// Parses a name such as `gp3`.
    pub fn parse(text: &str) -> Option<Self> {
        let all = [Self::Gp2, Self::Gp3, Self::Io1, Self::Io2, Self::St1, Self::Sc1, Self::Standard];
        all.into_iter().find(|kind| kind.as_str() == text)
    }

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gp2 => "gp2",
            Self::Gp3 => "gp3",
            Self::Io1 => "io1",
            Self::Io2 => "io2",
            Self::St1 => "st1",
            Self::Sc1 => "sc1",
            Self::Standard => "standard",
        }
    }

    /// Source: EBS user guide, "Amazon EBS volume types".
    fn bounds(self) -> Bounds {
        let (size, iops, throughput) = match self {
            Self::Gp2 => ((1, 16_384), None, None),
            Self::Gp3 => ((1, 65_536), Some(((3000, 80_000), 500)), Some((125, 2000))),
            Self::Io1 => ((4, 16_384), Some(((100, 64_000), 50)), None),
            Self::Io2 => ((4, 65_536), Some(((100, 256_000), 1000)), None),
            Self::St1 | Self::Sc1 => ((125, 16_384), None, None),
            Self::Standard => ((1, 1024), None, None),
        };
        Bounds { size, iops, throughput }
    }

    /// The operations per second of a volume of this type and size that asks for none.
    fn usual_iops(self, size: u32) -> Option<u32> {
        match self {
            Self::Gp2 => Some((3 * size).clamp(100, 16_000)),
            Self::Gp3 => Some(3000),
            Self::Io1 | Self::Io2 | Self::St1 | Self::Sc1 | Self::Standard => None,
        }
    }
}

impl VolumeShape {
    /// The shape of a volume of a type and size, with what the type gives where nothing is asked for.
    ///
    /// # Errors
    /// `InvalidParameterValue`, `InvalidParameterCombination` and `MissingParameter` for what the type does not allow.
    pub fn new(
        kind: VolumeType, size: u32, iops: Option<u32>, throughput: Option<u32>, key: Option<String>,
        snapshot: Option<String>,
    ) -> Result<Self, Error> {
        let (name, bounds) = (kind.as_str(), kind.bounds());
        let outside = |what: &str, value: u32, (least, most): (u32, u32), unit: &str| {
            Err(Error::InvalidParameterValue(format!(
                "Volume {what} of {value}{unit} is invalid for {name} volumes; it must be between {least} and {most}{unit}."
            )))
        };
        let is_in = |value: u32, (least, most): (u32, u32)| (least..=most).contains(&value);
        if !is_in(size, bounds.size) {
            return outside("size", size, bounds.size, " GiB");
        }
        match (iops, bounds.iops) {
            (None, _) if matches!(kind, VolumeType::Io1 | VolumeType::Io2) => {
                let message = format!("The parameter iops must be specified for {name} volumes.");
                return Err(Error::refused("MissingParameter", message));
            }
            (None, _) => {}
            // Tools give back the number that they were told.
            (Some(iops), None) if kind.usual_iops(size) == Some(iops) => {}
            (Some(_), None) => {
                let message = format!("The parameter iops is not supported for {name} volumes.");
                return Err(Error::InvalidParameterCombination(message));
            }
            (Some(iops), Some((range, _))) if !is_in(iops, range) => return outside("iops", iops, range, ""),
            (Some(iops), Some((range, per_gib))) if iops > range.0.max(size.saturating_mul(per_gib)) => {
                return Err(Error::InvalidParameterValue(format!(
                    "Iops to volume size ratio of {iops}:{size} is too high; maximum is {per_gib}:1"
                )));
            }
            (Some(_), Some(_)) => {}
        }
        match (throughput, bounds.throughput) {
            (Some(_), None) => {
                let message = format!("The parameter throughput is not supported for {name} volumes.");
                return Err(Error::InvalidParameterCombination(message));
            }
            (Some(wanted), Some(range)) if !is_in(wanted, range) => {
                return outside("throughput", wanted, range, " MiB/s");
            }
            _ => {}
        }
        let iops = iops.or(kind.usual_iops(size));
        let throughput = throughput.or(bounds.throughput.map(|(usual, _)| usual));
        Ok(Self { kind, size, iops, throughput, key, snapshot })
    }
}

impl Entity for Volume {
    type Id = VolumeId;
    const KIND: &'static str = "volume";

    fn id(&self) -> VolumeId {
        self.id.clone()
    }

    fn key(&self) -> String {
        self.id.to_string()
    }
}

impl World {
    /// The volume with this id, if the caller has it.
    ///
    /// # Errors
    /// `InvalidVolume.NotFound`.
    pub fn volume(&self, scope: &Scope, id: &VolumeId) -> Result<&Volume, Error> {
        self.volumes.get(id).filter(|volume| volume.scope == *scope).ok_or_else(|| id.not_found())
    }

    /// The volumes of an instance with their attachments, by the names of their devices.
    pub fn volumes_of(&self, instance: &InstanceId) -> Vec<(&Volume, &VolumeAttachment)> {
        let ids = self.instances.get(instance).into_iter().flat_map(|instance| instance.volumes.values());
        let volumes = ids.filter_map(|id| self.volumes.get(id));
        volumes.filter_map(|volume| Some((volume, volume.attachment.as_ref()?))).collect()
    }

    /// Makes the volumes of an instance that is launched. The first is the one that it starts from.
    ///
    /// # Errors
    /// `InvalidInstanceID.NotFound`.
    pub(crate) fn create_volumes_of(
        &mut self, context: &mut Context<'_>, instance: &InstanceId, devices: &[BlockDevice],
    ) -> Result<(), Error> {
        let subnet = &self.instance(&context.scope, instance)?.subnet;
        let zone = self.subnet(&context.scope, subnet)?.zone;
        let mut volumes = BTreeMap::new();
        for BlockDevice { device, shape, delete_on_termination } in devices {
            let id = VolumeId::random(context.entropy);
            volumes.insert(device.clone(), id.clone());
            let attachment = VolumeAttachment {
                instance: instance.clone(),
                device: device.clone(),
                delete_on_termination: *delete_on_termination,
                attached: context.now,
            };
            self.volumes.insert(Volume {
                id,
                scope: context.scope.clone(),
                zone,
                shape: shape.clone(),
                created: context.now,
                attachment: Some(attachment),
            });
        }
        let root = devices.first().map(|root| root.device.clone());
        self.instances.update(instance, |i| {
            i.root_device = root;
            i.volumes = volumes;
        });
        Ok(())
    }

    /// Says whether the volume at a device of an instance ends with it.
    ///
    /// # Errors
    /// `InvalidInstanceAttributeValue` if nothing is at the device.
    pub(crate) fn set_volume_delete_on_termination(
        &mut self, context: &Context<'_>, instance: &InstanceId, device: &str, on: bool,
    ) -> Result<(), Error> {
        let Some(id) = self.instance(&context.scope, instance)?.volumes.get(device).cloned() else {
            let message = format!("No device is currently mapped at {device}");
            return Err(Error::refused("InvalidInstanceAttributeValue", message));
        };
        self.volumes.update(&id, |volume| {
            if let Some(attachment) = &mut volume.attachment {
                attachment.delete_on_termination = on;
            }
        });
        Ok(())
    }

    /// Deletes a volume that nothing has.
    ///
    /// # Errors
    /// `InvalidVolume.NotFound`, `VolumeInUse`.
    pub fn delete_volume(&mut self, context: &Context<'_>, id: &VolumeId) -> Result<(), Error> {
        if let Some(attachment) = &self.volume(&context.scope, id)?.attachment {
            let message = format!("Volume {id} is currently attached to {}", attachment.instance);
            return Err(Error::refused("VolumeInUse", message));
        }
        self.remove_volume(id);
        Ok(())
    }

    /// Lets go of the volumes of an instance that has ended: those that end with it are gone, the others stay.
    pub(crate) fn give_back_volumes(&mut self, instance: &InstanceId) {
        let own = self.volumes_of(instance).into_iter();
        let own: Vec<_> = own.map(|(volume, at)| (volume.id.clone(), at.delete_on_termination)).collect();
        for (id, ends) in own {
            if ends {
                self.remove_volume(&id);
            } else {
                self.volumes.update(&id, |volume| volume.attachment = None);
            }
        }
        self.instances.update(instance, |i| i.volumes.clear());
    }

    fn remove_volume(&mut self, id: &VolumeId) {
        self.volumes.remove(id);
        self.forget_tags(id.as_str());
    }
}
