//! ReplaceNetworkAclAssociation.

use sidegate_model::{NetworkAclAssociationId, NetworkAclId, Scope};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::super::action::{Action, Call};
use super::super::ids::{self, arn};

impl Action for ec2::ReplaceNetworkAclAssociationRequest {
    type Answer = ec2::ReplaceNetworkAclAssociationResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        let acl = arn(scope, "network-acl", self.network_acl_id.as_deref().unwrap_or("*"));
        vec![acl, arn(scope, "subnet", "*")]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::ReplaceNetworkAclAssociationResult, Failure> {
        let id: NetworkAclAssociationId = ids::given(self.association_id.as_deref(), "AssociationId")?;
        let acl: NetworkAclId = ids::given(self.network_acl_id.as_deref(), "NetworkAclId")?;
        let new = call.change(move |world, context| world.replace_network_acl_association(context, &id, &acl)).await?;
        Ok(ec2::ReplaceNetworkAclAssociationResult { new_association_id: Some(new.to_string()) })
    }
}
