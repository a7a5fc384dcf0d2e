//! Volumes: none, since an instance's root file system is a layer over this machine's.
//!
//! Source: EC2 API reference, `DescribeVolumes`.

use sidegate_wire::ec2::{DescribeVolumesRequest, DescribeVolumesResult};
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::filter::Filters;
use super::refused;

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

impl Action for DescribeVolumesRequest {
    type Answer = DescribeVolumesResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<DescribeVolumesResult, Failure> {
        Filters::read(&self.filters, FILTERS)?;
        if let Some(id) = self.volume_ids.first() {
            let digits = id.strip_prefix("vol-").unwrap_or_default();
            if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
                let message = format!("Value ({id}) for parameter volumes is invalid. Expected: 'vol-...'.");
                return Err(refused("InvalidParameterValue", message));
            }
            return Err(refused("InvalidVolume.NotFound", format!("The volume '{id}' does not exist.")));
        }
        call.no_page(self.max_results, self.next_token.as_deref(), (5, 1000))?;
        Ok(DescribeVolumesResult::default())
    }
}
