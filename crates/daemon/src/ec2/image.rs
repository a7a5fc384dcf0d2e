//! Images: one, which says what every instance here runs on.
//!
//! Source: EC2 API reference, `DescribeImages`.

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use sidegate_model::Scope;
use sidegate_wire::ec2::{DescribeImagesRequest, DescribeImagesResult, Image};
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::filter::{Filters, flag, one};
use super::instance::architecture;
use super::page::Page;
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

/// The image's id: the digits can be read as the program's name.
const ID: &str = "ami-51de6a7e";
const NAME: &str = "sidegate/root-file-system-of-this-machine";
const DESCRIPTION: &str =
    "This machine's own root file system with a writable layer. Every instance of Sidegate runs on it.";
const CREATED: &str = "2026-11-24T00:00:00.000Z";

/// Whether an image has this id.
///
/// # Errors
/// `InvalidAMIID.Malformed`, `InvalidAMIID.NotFound`.
pub(super) fn find(id: &str) -> Result<(), Failure> {
    let digits = id.strip_prefix("ami-").unwrap_or_default();
    if digits.is_empty() || digits.len() > 32 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(refused("InvalidAMIID.Malformed", format!("Invalid id: \"{id}\" (expecting \"ami-...\")")));
    }
    if id != ID {
        return Err(refused("InvalidAMIID.NotFound", format!("The image id '[{id}]' does not exist")));
    }
    Ok(())
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
        let mine = |name: &String| name == "self" || name == scope.account.as_str();
        let wanted = (self.owners.is_empty() || self.owners.iter().any(mine))
            && (self.executable_users.is_empty() || self.executable_users.iter().any(mine))
            && filters.pass(|name| values(scope, name));
        let images = if wanted { vec![image(scope)] } else { Vec::new() };
        let key = |_: &Image| ID.to_owned();
        let page = Page::cut(images, key, self.max_results, self.next_token.as_deref(), (1, 1000))?;
        Ok(DescribeImagesResult { next_token: page.next_token, images: page.items })
    }
}

fn values<'s>(scope: &'s Scope, filter: &str) -> Vec<Cow<'s, str>> {
    match filter {
        "architecture" => one(architecture()),
        "creation-date" => one(CREATED),
        "description" => one(DESCRIPTION),
        "ena-support" => flag(true),
        "hypervisor" => one("xen"),
        "image-id" => one(ID),
        "image-type" => one("machine"),
        "is-public" => flag(false),
        "manifest-location" => one(format!("{}/{NAME}", scope.account)),
        "name" => one(NAME),
        "owner-id" => one(scope.account.as_str()),
        "root-device-type" => one("instance-store"),
        "state" => one("available"),
        "virtualization-type" => one("hvm"),
        _ => Vec::new(),
    }
}

fn image(scope: &Scope) -> Image {
    let text = |text: &str| Some(text.to_owned());
    Image {
        image_id: text(ID),
        image_location: Some(format!("{}/{NAME}", scope.account)),
        name: text(NAME),
        description: text(DESCRIPTION),
        state: text("available"),
        owner_id: text(scope.account.as_str()),
        creation_date: text(CREATED),
        public: Some(false),
        architecture: text(architecture()),
        image_type: text("machine"),
        platform_details: text("Linux/UNIX"),
        usage_operation: text("RunInstances"),
        ena_support: Some(true),
        // Instances require tokens of the metadata service unless their launch says otherwise.
        imds_support: text("v2.0"),
        hypervisor: text("xen"),
        root_device_type: text("instance-store"),
        virtualization_type: text("hvm"),
        ..Image::default()
    }
}
