//! One change, and what takes it back, over the API of a daemon with many VPCs.

use std::time::Instant;

use super::fleet::Fleet;
use crate::bench::{Bench, BenchError, Step as _};

/// What is changed, in the order in which it is.
pub(super) const KINDS: [&str; 6] = [
    "a permit more",
    "a permit less",
    "an interface more",
    "an interface less",
    "an endpoint more",
    "an endpoint less",
];

/// Seconds, for each kind of change and each round.
#[derive(Default)]
pub(super) struct Samples([Vec<f64>; KINDS.len()]);

impl Samples {
    /// The samples of each kind.
    pub(super) fn each(&self) -> impl Iterator<Item = &[f64]> {
        self.0.iter().map(Vec::as_slice)
    }

    /// Makes each change once.
    pub(super) fn take(&mut self, bench: &Bench, fleet: &Fleet, round: u32) -> Result<(), BenchError> {
        let member = &fleet.member;
        let port = (20_000 + round).to_string();
        let permit = [
            ("GroupId", member.group.as_str()),
            ("IpPermissions.1.IpProtocol", "tcp"),
            ("IpPermissions.1.FromPort", &port),
            ("IpPermissions.1.ToPort", &port),
            ("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0"),
        ];
        let service = format!("com.amazonaws.{}.kms", member.region);
        let endpoint = [
            ("VpcId", member.vpc.as_str()),
            ("ServiceName", &service),
            ("VpcEndpointType", "Interface"),
            ("SubnetId.1", &member.subnet),
            ("SecurityGroupId.1", &member.group),
        ];
        let attached = [("NetworkInterfaceId", &*member.spare), ("InstanceId", &member.instance), ("DeviceIndex", "7")];
        let [permit_more, permit_less, interface_more, interface_less, endpoint_more, endpoint_less] = &mut self.0;
        let timed = |samples: &mut Vec<f64>, action: &str, parameters: &[(&str, &str)]| {
            let begin = Instant::now();
            let answer = fleet.call(bench, action, parameters)?;
            samples.push(begin.elapsed().as_secs_f64());
            Ok::<_, BenchError>(answer)
        };
        timed(permit_more, "AuthorizeSecurityGroupIngress", &permit)?;
        timed(permit_less, "RevokeSecurityGroupIngress", &permit)?;
        let answer = timed(interface_more, "AttachNetworkInterface", &attached)?;
        let attachment = answer.text("attachmentId").step("reading an attachment's id")?;
        timed(interface_less, "DetachNetworkInterface", &[("AttachmentId", attachment)])?;
        let answer = timed(endpoint_more, "CreateVpcEndpoint", &endpoint)?;
        let made = answer.text("vpcEndpointId").step("reading an endpoint's id")?;
        timed(endpoint_less, "DeleteVpcEndpoints", &[("VpcEndpointId.1", made)])?;
        Ok(())
    }
}
