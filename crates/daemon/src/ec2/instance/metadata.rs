//! The options of an instance's metadata service.
//!
//! Source: EC2 API reference, `InstanceMetadataOptionsRequest`, `ModifyInstanceMetadataOptions`.

use sidegate_model::{InstanceId, MetadataOptions, Scope};
use sidegate_wire::ec2::{
    InstanceMetadataOptionsRequest, InstanceMetadataOptionsResponse, ModifyInstanceMetadataOptionsRequest,
    ModifyInstanceMetadataOptionsResult,
};
use sidegate_wire::protocol::Failure;

use super::super::action::{Action, Call};
use super::super::ids::{arn, id, required};
use super::super::refused;

/// The options that a request gives, over those that are present.
pub(super) fn requested(
    request: &InstanceMetadataOptionsRequest, present: MetadataOptions,
) -> Result<MetadataOptions, Failure> {
    let switched = |value: &Option<String>, name: &str, present: bool| match value.as_deref() {
        None => Ok(present),
        Some("enabled") => Ok(true),
        Some("disabled") => Ok(false),
        Some(value) => Err(invalid(value, name)),
    };
    let endpoint = switched(&request.http_endpoint, "HttpEndpoint", present.endpoint)?;
    let tags = switched(&request.instance_metadata_tags, "InstanceMetadataTags", present.tags)?;
    let ipv6 = switched(&request.http_protocol_ipv6, "HttpProtocolIpv6", present.ipv6)?;
    let tokens_required = match request.http_tokens.as_deref() {
        None => present.tokens_required,
        Some("optional") => false,
        Some("required") => true,
        Some(value) => return Err(invalid(value, "HttpTokens")),
    };
    let hop_limit = match request.http_put_response_hop_limit {
        None => present.hop_limit,
        Some(hops) => u8::try_from(hops)
            .ok()
            .filter(|hops| (1..=64).contains(hops))
            .ok_or_else(|| invalid(&hops.to_string(), "HttpPutResponseHopLimit"))?,
    };
    Ok(MetadataOptions { tokens_required, hop_limit, ipv6, endpoint, tags })
}

fn invalid(value: &str, parameter: &str) -> Failure {
    refused("InvalidParameterValue", format!("Value ({value}) for parameter {parameter} is invalid."))
}

/// The options as answers show them.
pub(super) fn shown(options: MetadataOptions) -> InstanceMetadataOptionsResponse {
    let switch = |on: bool| Some(if on { "enabled" } else { "disabled" }.to_owned());
    let tokens = if options.tokens_required { "required" } else { "optional" };
    InstanceMetadataOptionsResponse {
        state: Some("applied".to_owned()),
        http_tokens: Some(tokens.to_owned()),
        http_put_response_hop_limit: Some(i32::from(options.hop_limit)),
        http_endpoint: switch(options.endpoint),
        http_protocol_ipv6: switch(options.ipv6),
        instance_metadata_tags: switch(options.tags),
    }
}

impl Action for ModifyInstanceMetadataOptionsRequest {
    type Answer = ModifyInstanceMetadataOptionsResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "instance", self.instance_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ModifyInstanceMetadataOptionsResult, Failure> {
        let id: InstanceId = id(required(self.instance_id.as_deref(), "InstanceId")?)?;
        let instance_id = id.to_string();
        let request = InstanceMetadataOptionsRequest {
            http_tokens: self.http_tokens,
            http_put_response_hop_limit: self.http_put_response_hop_limit,
            http_endpoint: self.http_endpoint,
            http_protocol_ipv6: self.http_protocol_ipv6,
            instance_metadata_tags: self.instance_metadata_tags,
        };
        // What cannot be is refused before; what is left out depends on the instance as it is when its turn comes.
        requested(&request, MetadataOptions::default())?;
        let options = call.change(move |world, context| {
            let present = world.instance(&context.scope, &id)?.metadata;
            let options = requested(&request, present).unwrap_or(present);
            world.set_metadata_options(context, &id, options)?;
            Ok(options)
        });
        let options = shown(options.await?);
        Ok(ModifyInstanceMetadataOptionsResult {
            instance_id: Some(instance_id),
            instance_metadata_options: Some(options),
        })
    }
}
