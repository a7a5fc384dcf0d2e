//! Images: one that says what every instance here runs on, and some that stand for those which configurations look for.
//!
//! Source: EC2 API reference, `DescribeImages`.

// coverage: ec2:DescribeImages: images that stand for Amazon Linux, Ubuntu and Debian; all run on this machine's files

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use sidegate_model::{Scope, VolumeType};
use sidegate_wire::ec2::{BlockDeviceMapping, DescribeImagesRequest, DescribeImagesResult, EbsBlockDevice, Image};
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::filter::{Filters, flag, one};
use super::instance::architecture;
use super::refused;

const FILTERS: &[&str] = &[
    "architecture",
    "block-device-mapping.delete-on-termination",
    "block-device-mapping.device-name",
    "block-device-mapping.encrypted",
    "block-device-mapping.snapshot-id",
    "block-device-mapping.volume-size",
    "block-device-mapping.volume-type",
    "creation-date",
    "description",
    "ena-support",
    "free-tier-eligible",
    "hypervisor",
    "image-allowed",
    "image-id",
    "image-type",
    "is-public",
    "kernel-id",
    "manifest-location",
    "name",
    "owner-alias",
    "owner-id",
    "platform",
    "product-code",
    "product-code.type",
    "ramdisk-id",
    "root-device-name",
    "root-device-type",
    "source-image-id",
    "source-image-region",
    "source-instance-id",
    "sriov-net-support",
    "state",
    "state-reason-code",
    "state-reason-message",
    "tag-key",
    "tag:",
    "virtualization-type",
];

/// The volume that instances of an image start from.
#[derive(Clone, Copy)]
pub(super) struct Root {
    pub(super) device: &'static str,
    pub(super) kind: VolumeType,
    /// The size in GiB.
    pub(super) size: u32,
    pub(super) snapshot: &'static str,
}

const fn root(device: &'static str, kind: VolumeType, snapshot: &'static str) -> Root {
    Root { device, kind, size: 8, snapshot }
}

/// An image.
struct Known {
    id: &'static str,
    /// Its name, where `{arch}` and `{deb}` stand for the machine's architecture as Amazon and as Debian call it.
    name: &'static str,
    /// What it stands for.
    stands_for: Option<&'static str>,
    /// Who publishes it, and under which alias; without, it is the account's own.
    owner: Option<(&'static str, Option<&'static str>)>,
    root: Root,
    created: &'static str,
}

const AMAZON: Option<(&str, Option<&str>)> = Some(("137112412989", Some("amazon")));
const CANONICAL: Option<(&str, Option<&str>)> = Some(("099720109477", None));
const DEBIAN: Option<(&str, Option<&str>)> = Some(("136693071363", None));

/// The images: this machine's own file system, and what stands for images that configurations look for by owner and
/// name. All instances run on the same.
const IMAGES: [Known; 7] = [
    // The digits can be read as the program's name.
    Known {
        id: "ami-51de6a7e",
        name: "sidegate/root-file-system-of-this-machine",
        stands_for: None,
        owner: None,
        root: root("/dev/xvda", VolumeType::Gp3, "snap-51de6a7e"),
        created: "2026-11-24T00:00:00.000Z",
    },
    Known {
        id: "ami-051de6a7e00000001",
        name: "al2023-ami-2023.9.20251117.1-kernel-6.1-{arch}",
        stands_for: Some("Amazon Linux 2023"),
        owner: AMAZON,
        root: root("/dev/xvda", VolumeType::Gp3, "snap-051de6a7e00000001"),
        created: "2025-11-17T00:00:00.000Z",
    },
    Known {
        id: "ami-051de6a7e00000002",
        name: "amzn2-ami-hvm-2.0.20251110.1-{arch}-gp2",
        stands_for: Some("Amazon Linux 2"),
        owner: AMAZON,
        root: root("/dev/xvda", VolumeType::Gp2, "snap-051de6a7e00000002"),
        created: "2025-11-10T00:00:00.000Z",
    },
    Known {
        id: "ami-051de6a7e00000003",
        name: "amzn2-ami-kernel-5.10-hvm-2.0.20251110.1-{arch}-gp2",
        stands_for: Some("Amazon Linux 2 with kernel 5.10"),
        owner: AMAZON,
        root: root("/dev/xvda", VolumeType::Gp2, "snap-051de6a7e00000003"),
        created: "2025-11-10T00:00:00.000Z",
    },
    Known {
        id: "ami-051de6a7e00000004",
        name: "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-{deb}-server-20251112",
        stands_for: Some("Ubuntu 22.04"),
        owner: CANONICAL,
        root: root("/dev/sda1", VolumeType::Gp2, "snap-051de6a7e00000004"),
        created: "2025-11-12T00:00:00.000Z",
    },
    Known {
        id: "ami-051de6a7e00000005",
        name: "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-{deb}-server-20251112",
        stands_for: Some("Ubuntu 24.04"),
        owner: CANONICAL,
        root: root("/dev/sda1", VolumeType::Gp3, "snap-051de6a7e00000005"),
        created: "2025-11-12T00:00:00.000Z",
    },
    Known {
        id: "ami-051de6a7e00000006",
        name: "debian-12-{deb}-20251112-2294",
        stands_for: Some("Debian 12"),
        owner: DEBIAN,
        root: root("/dev/xvda", VolumeType::Gp3, "snap-051de6a7e00000006"),
        created: "2025-11-12T00:00:00.000Z",
    },
];

/// The volume that instances of the image with an id start from.
///
/// # Errors
/// `InvalidAMIID.Malformed`, `InvalidAMIID.NotFound`.
pub(super) fn find(id: &str) -> Result<Root, Failure> {
    let digits = id.strip_prefix("ami-").unwrap_or_default();
    if digits.is_empty() || digits.len() > 32 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(refused("InvalidAMIID.Malformed", format!("Invalid id: \"{id}\" (expecting \"ami-...\")")));
    }
    let found = IMAGES.iter().find(|image| image.id == id).map(|image| image.root);
    found.ok_or_else(|| refused("InvalidAMIID.NotFound", format!("The image id '[{id}]' does not exist")))
}

impl Action for DescribeImagesRequest {
    type Answer = DescribeImagesResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<DescribeImagesResult, Failure> {
        let filters = Filters::read(&self.filters, FILTERS)?;
        for id in &self.image_ids {
            find(id)?;
        }
        let scope = call.scope();
        let mut images: Vec<_> = IMAGES
            .iter()
            .filter(|image| self.image_ids.is_empty() || self.image_ids.iter().any(|id| id == image.id))
            .filter(|image| {
                image.is_of_any(&self.owners, scope) && image.lets_any_launch(&self.executable_users, scope)
            })
            .map(|image| image.render(scope))
            .collect();
        images.retain(|image| filters.pass(|name| values(image, name)));
        let key = |image: &Image| image.image_id.clone().unwrap_or_default();
        let page = call.page(images, key, self.max_results, self.next_token.as_deref(), (1, 1000))?;
        Ok(DescribeImagesResult { next_token: page.next_token, images: page.items })
    }
}

fn values<'i>(image: &'i Image, filter: &str) -> Vec<Cow<'i, str>> {
    if let Some(part) = filter.strip_prefix("block-device-mapping.") {
        return image.block_device_mappings.iter().flat_map(|mapping| device_values(mapping, part)).collect();
    }
    let text = match filter {
        "architecture" => &image.architecture,
        "creation-date" => &image.creation_date,
        "description" => &image.description,
        "ena-support" => return flag(true),
        "hypervisor" => &image.hypervisor,
        "image-id" => &image.image_id,
        "image-type" => &image.image_type,
        "is-public" => return flag(image.public == Some(true)),
        "manifest-location" => &image.image_location,
        "name" => &image.name,
        "owner-alias" => &image.image_owner_alias,
        "owner-id" => &image.owner_id,
        "root-device-name" => &image.root_device_name,
        "root-device-type" => &image.root_device_type,
        "state" => &image.state,
        "virtualization-type" => &image.virtualization_type,
        _ => return Vec::new(),
    };
    text.as_deref().map(one).unwrap_or_default()
}

fn device_values<'i>(mapping: &'i BlockDeviceMapping, part: &str) -> Vec<Cow<'i, str>> {
    let Some(ebs) = &mapping.ebs else { return Vec::new() };
    let text = match part {
        "delete-on-termination" => return flag(ebs.delete_on_termination == Some(true)),
        "encrypted" => return flag(ebs.encrypted == Some(true)),
        "volume-size" => return ebs.volume_size.map(|size| size.to_string().into()).into_iter().collect(),
        "device-name" => &mapping.device_name,
        "snapshot-id" => &ebs.snapshot_id,
        "volume-type" => &ebs.volume_type,
        _ => return Vec::new(),
    };
    text.as_deref().map(one).unwrap_or_default()
}

impl Root {
    fn mapping(&self) -> BlockDeviceMapping {
        BlockDeviceMapping {
            device_name: Some(self.device.to_owned()),
            ebs: Some(EbsBlockDevice {
                delete_on_termination: Some(true),
                snapshot_id: Some(self.snapshot.to_owned()),
                volume_size: i32::try_from(self.size).ok(),
                volume_type: Some(self.kind.as_str().to_owned()),
                encrypted: Some(false),
                ..EbsBlockDevice::default()
            }),
            ..BlockDeviceMapping::default()
        }
    }
}

impl Known {
    fn owner<'a>(&'a self, scope: &'a Scope) -> &'a str {
        self.owner.map_or(scope.account.as_str(), |(account, _)| account)
    }

    /// The name of its publisher beside the account.
    fn alias(&self) -> Option<&'static str> {
        self.owner.and_then(|(_, alias)| alias)
    }

    /// Whether one of these owners has it, of whom an account and an alias are named; or none is asked for.
    fn is_of_any(&self, owners: &[String], scope: &Scope) -> bool {
        let alias = if self.owner.is_some() { self.alias() } else { Some("self") };
        owners.is_empty() || owners.iter().any(|own| own == self.owner(scope) || Some(own.as_str()) == alias)
    }

    /// Whether one of these may launch it, or none is asked for: everyone may what is public, the account its own.
    fn lets_any_launch(&self, users: &[String], scope: &Scope) -> bool {
        let lets = |user: &String| match self.owner {
            Some(_) => user == "all",
            None => user == "self" || user == scope.account.as_str(),
        };
        users.is_empty() || users.iter().any(lets)
    }

    fn description(&self) -> String {
        const OWN: &str =
            "This machine's own root file system with a writable layer. Every instance of Sidegate runs on it.";
        match self.stands_for {
            Some(system) => format!("Stands for {system}. {OWN}"),
            None => OWN.to_owned(),
        }
    }

    fn render(&self, scope: &Scope) -> Image {
        let text = |text: &str| Some(text.to_owned());
        let debian = if architecture() == "x86_64" { "amd64" } else { "arm64" };
        let name = self.name.replace("{arch}", architecture()).replace("{deb}", debian);
        let is_public = self.owner.is_some();
        Image {
            image_id: text(self.id),
            image_location: Some(format!("{}/{name}", self.alias().unwrap_or(self.owner(scope)))),
            name: Some(name),
            description: Some(self.description()),
            state: text("available"),
            owner_id: text(self.owner(scope)),
            image_owner_alias: self.alias().map(str::to_owned),
            creation_date: text(self.created),
            public: Some(is_public),
            architecture: text(architecture()),
            image_type: text("machine"),
            platform_details: text("Linux/UNIX"),
            usage_operation: text("RunInstances"),
            ena_support: Some(true),
            // Instances require tokens of the metadata service unless their launch says otherwise.
            imds_support: text("v2.0"),
            hypervisor: text("xen"),
            root_device_type: text("ebs"),
            root_device_name: text(self.root.device),
            block_device_mappings: vec![self.root.mapping()],
            virtualization_type: text("hvm"),
            ..Image::default()
        }
    }
}
