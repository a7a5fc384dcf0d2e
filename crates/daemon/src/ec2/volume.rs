//! DescribeVolumes, DeleteVolume: the volumes that instances are launched with.
//!
//! Source: EC2 API reference, `DescribeVolumes`, `DeleteVolume`.

// coverage: ec2:DescribeVolumes: volumes come with instances alone, and hold nothing: the files of an instance are a layer over this machine's

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use sidegate_model::{Scope, Volume, VolumeId, World};
use sidegate_wire::ec2::{
    DeleteVolumeRequest, DescribeVolumesRequest, DescribeVolumesResult, OperatorResponse, Return, Timestamp,
    VolumeAttachment,
};
use sidegate_wire::{ec2, protocol::Failure};

use super::action::{Action, Call};
use super::filter::{Filters, flag, one, tag_values};
use super::ids::{self, arn};
use super::{refused, tagged};

const FILTERS: &[&str] = &[
    "attachment.attach-time",
    "attachment.delete-on-termination",
    "attachment.device",
    "attachment.instance-id",
    "attachment.status",
    "availability-zone",
    "availability-zone-id",
    "create-time",
    "encrypted",
    "fast-restored",
    "multi-attach-enabled",
    "operator.managed",
    "operator.principal",
    "size",
    "snapshot-id",
    "status",
    "tag-key",
    "tag:",
    "volume-id",
    "volume-type",
];

/// The id of a volume, with AWS's words for what is none.
fn id(text: &str) -> Result<VolumeId, Failure> {
    text.parse().map_err(|_| {
        let message = format!("Value ({text}) for parameter volumes is invalid. Expected: 'vol-...'.");
        refused("InvalidParameterValue", message)
    })
}

impl Action for DescribeVolumesRequest {
    type Answer = DescribeVolumesResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<DescribeVolumesResult, Failure> {
        let (world, scope) = (call.world(), call.scope());
        let filters = Filters::read(&self.filters, FILTERS)?;
        if self.max_results.is_some() && !self.volume_ids.is_empty() {
            let message = "The parameter volumes cannot be used with the parameter maxResults";
            return Err(refused("InvalidParameterCombination", message));
        }
        let named = self.volume_ids.iter().map(|text| id(text)).collect::<Result<Vec<_>, _>>()?;
        let is_own = |volume: &Volume| volume.scope == *scope;
        let mut volumes = ids::chosen(&world.volumes, &named, is_own, VolumeId::not_found)?;
        volumes.retain(|volume| filters.pass(|filter| values(&world, volume, filter)));
        let key = |volume: &&Volume| volume.id.to_string();
        let page = call.page(volumes, key, self.max_results, self.next_token.as_deref(), (5, 1000))?;
        Ok(DescribeVolumesResult {
            next_token: page.next_token,
            volumes: page.items.into_iter().map(|volume| render(&world, volume)).collect(),
        })
    }
}

impl Action for DeleteVolumeRequest {
    type Answer = Return;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "volume", self.volume_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<Return, Failure> {
        let id = id(ids::required(self.volume_id.as_deref(), "VolumeId")?)?;
        call.change(move |world, context| world.delete_volume(context, &id)).await?;
        Ok(Return)
    }
}

fn state(volume: &Volume) -> &'static str {
    if volume.attachment.is_some() { "in-use" } else { "available" }
}

fn time(millis: i64) -> Timestamp {
    Timestamp::from_unix_millis(millis)
}

fn number(number: u32) -> Option<i32> {
    i32::try_from(number).ok()
}

fn render(world: &World, volume: &Volume) -> ec2::Volume {
    let text = |text: &str| Some(text.to_owned());
    let shape = &volume.shape;
    let attachment = volume.attachment.as_ref().map(|own| VolumeAttachment {
        volume_id: text(volume.id.as_str()),
        instance_id: text(own.instance.as_str()),
        device: text(&own.device),
        state: text("attached"),
        attach_time: Some(time(own.attached)),
        delete_on_termination: Some(own.delete_on_termination),
        ..VolumeAttachment::default()
    });
    ec2::Volume {
        volume_id: text(volume.id.as_str()),
        size: number(shape.size),
        iops: shape.iops.and_then(number),
        throughput: shape.throughput.and_then(number),
        volume_type: text(shape.kind.as_str()),
        // One that is made of none shows an empty text.
        snapshot_id: Some(shape.snapshot.clone().unwrap_or_default()),
        encrypted: Some(shape.key.is_some()),
        kms_key_id: shape.key.clone(),
        availability_zone: Some(volume.zone.name()),
        availability_zone_id: Some(volume.zone.id()),
        state: text(state(volume)),
        create_time: Some(time(volume.created)),
        attachments: attachment.into_iter().collect(),
        multi_attach_enabled: Some(false),
        operator: Some(OperatorResponse { managed: Some(false), ..OperatorResponse::default() }),
        tags: tagged::shown(world, volume.id.as_str()),
        ..ec2::Volume::default()
    }
}

fn values<'r>(world: &'r World, volume: &'r Volume, filter: &str) -> Vec<Cow<'r, str>> {
    if let Some(part) = filter.strip_prefix("attachment.") {
        let Some(own) = &volume.attachment else { return Vec::new() };
        return match part {
            "attach-time" => one(time(own.attached).to_string()),
            "delete-on-termination" => flag(own.delete_on_termination),
            "device" => one(own.device.as_str()),
            "instance-id" => one(own.instance.as_str()),
            "status" => one("attached"),
            _ => Vec::new(),
        };
    }
    match filter {
        "availability-zone" => one(volume.zone.name()),
        "availability-zone-id" => one(volume.zone.id()),
        "create-time" => one(time(volume.created).to_string()),
        "encrypted" => flag(volume.shape.key.is_some()),
        "multi-attach-enabled" | "operator.managed" => flag(false),
        "size" => one(volume.shape.size.to_string()),
        "snapshot-id" => volume.shape.snapshot.iter().map(|own| own.as_str().into()).collect(),
        "status" => one(state(volume)),
        "volume-id" => one(volume.id.as_str()),
        "volume-type" => one(volume.shape.kind.as_str()),
        _ => tag_values(world, volume.id.as_str(), filter).unwrap_or_default(),
    }
}
