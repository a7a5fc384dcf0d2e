//! The EC2 API: requests of the wire become commands of the model, and the world becomes answers.
//!
//! Each action is an [`Action`](action::Action) of its request's type and lies in the file of its noun. What all have in common is
//! here: reading the parameters, the authorisation step, `DryRun`, and AWS's form of errors.

mod account;
mod action;
mod address;
mod client_token;
mod customer_gateway;
mod default_vpc;
mod denial;
mod dhcp_options;
mod egress_only_internet_gateway;
mod fault;
mod filter;
mod flow_log;
mod iam_instance_profile;
mod ids;
mod image;
mod instance;
mod instance_attribute;
mod instance_type;
mod internet_gateway;
mod key_pair;
mod nat_gateway;
mod network_acl;
mod network_insights_analysis;
mod network_insights_path;
mod network_interface;
mod page;
mod parameter;
mod policy_document;
mod prefix_list;
mod public_ipv4_pool;
mod requirement;
mod route_table;
mod security_group;
mod security_group_rule;
mod subnet;
mod tag;
mod tagged;
#[cfg(test)]
mod tests;
mod volume;
mod vpc;
mod vpc_endpoint;
mod vpc_endpoint_association;
mod vpc_endpoint_connection;
mod vpc_endpoint_service;
mod vpc_endpoint_service_configuration;
mod vpc_peering_connection;
mod vpn_connection;
mod vpn_gateway;
mod zone;

use async_trait::async_trait;
use http::{Request, Response, StatusCode};
use sidegate_services::iam::Directory;
use sidegate_services::{Authorizer, Body, Caller, Service, Supposed, whole};
use sidegate_wire::ec2::{self, API_VERSION};
use sidegate_wire::protocol::{Failure, Protocol};

use self::action::Call;
pub(crate) use self::requirement::of_tagging;
use crate::deliveries::Deliveries;
use crate::engine::Engine;

/// The EC2 service of all accounts and Regions.
pub(crate) struct Ec2 {
    engine: Engine,
    directory: Directory,
    deliveries: Deliveries,
}

impl Ec2 {
    /// The API over an engine, over the identities whose roles instances have, and over what is known of the deliveries of
    /// flow logs.
    pub(crate) fn new(engine: Engine, directory: Directory, deliveries: Deliveries) -> Self {
        Self { engine, directory, deliveries }
    }

    async fn answer(
        &self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer,
    ) -> Result<String, Failure> {
        let params = whole::query(request).await?;
        let Some(action) = params.get("Action") else {
            return Err(refused("MissingAction", "The request must contain the parameter Action"));
        };
        let version = params.get("Version").unwrap_or_default();
        if version != API_VERSION {
            let message = format!("The action {action} is not valid for this web service version '{version}'.");
            return Err(refused("InvalidAction", message));
        }
        let Some(parsed) = ec2::Request::parse(action, &params).map_err(|e| refused(e.code, e.message))? else {
            return Err(unserved(action));
        };
        let Self { engine, directory, deliveries } = self;
        let call = Call { action, engine, directory, deliveries, caller, authorizer, params: &params };
        dispatch(parsed, &call).await
    }
}

/// Carries out a request by its action's type.
macro_rules! dispatch {
    ($request:expr, $call:expr; $($variant:ident)*) => {
        match $request {
            $(ec2::Request::$variant(request) => $call.run(stringify!($variant), request).await,)*
        }
    };
}

async fn dispatch(request: ec2::Request, call: &Call<'_>) -> Result<String, Failure> {
    dispatch! { request, call;
        AcceptVpcPeeringConnection
        AllocateAddress
        AssignIpv6Addresses
        AssignPrivateIpAddresses
        AssignPrivateNatGatewayAddress
        AssociateAddress
        AssociateDhcpOptions
        AssociateIamInstanceProfile
        AssociateNatGatewayAddress
        AssociateRouteTable
        AssociateSubnetCidrBlock
        AssociateVpcCidrBlock
        AttachInternetGateway
        AttachNetworkInterface
        AttachVpnGateway
        AuthorizeSecurityGroupEgress
        AuthorizeSecurityGroupIngress
        CreateDefaultSubnet
        CreateDefaultVpc
        CreateDhcpOptions
        CreateEgressOnlyInternetGateway
        CreateFlowLogs
        CreateInternetGateway
        CreateKeyPair
        CreateManagedPrefixList
        CreateNatGateway
        CreateNetworkAcl
        CreateNetworkAclEntry
        CreateNetworkInsightsPath
        CreateNetworkInterface
        CreateRoute
        CreateRouteTable
        CreateSecurityGroup
        CreateSubnet
        CreateSubnetCidrReservation
        CreateTags
        CreateVpc
        CreateVpcEndpoint
        CreateVpcPeeringConnection
        CreateVpnGateway
        DeleteDhcpOptions
        DeleteEgressOnlyInternetGateway
        DeleteFlowLogs
        DeleteInternetGateway
        DeleteKeyPair
        DeleteManagedPrefixList
        DeleteNatGateway
        DeleteNetworkAcl
        DeleteNetworkAclEntry
        DeleteNetworkInsightsAnalysis
        DeleteNetworkInsightsPath
        DeleteNetworkInterface
        DeleteRoute
        DeleteRouteTable
        DeleteSecurityGroup
        DeleteSubnet
        DeleteSubnetCidrReservation
        DeleteTags
        DeleteVolume
        DeleteVpc
        DeleteVpcEndpoints
        DeleteVpcPeeringConnection
        DeleteVpnGateway
        DescribeAccountAttributes
        DescribeAddresses
        DescribeAddressesAttribute
        DescribeAvailabilityZones
        DescribeCustomerGateways
        DescribeDhcpOptions
        DescribeEgressOnlyInternetGateways
        DescribeFlowLogs
        DescribeIamInstanceProfileAssociations
        DescribeImages
        DescribeInstanceAttribute
        DescribeInstanceCreditSpecifications
        DescribeInstanceStatus
        DescribeInstanceTypeOfferings
        DescribeInstanceTypes
        DescribeInstances
        DescribeInternetGateways
        DescribeKeyPairs
        DescribeManagedPrefixLists
        DescribeNatGateways
        DescribeNetworkAcls
        DescribeNetworkInsightsAnalyses
        DescribeNetworkInsightsPaths
        DescribeNetworkInterfaceAttribute
        DescribeNetworkInterfaces
        DescribePrefixLists
        DescribePublicIpv4Pools
        DescribeRegions
        DescribeRouteTables
        DescribeSecurityGroupReferences
        DescribeSecurityGroupRules
        DescribeSecurityGroups
        DescribeStaleSecurityGroups
        DescribeSubnets
        DescribeTags
        DescribeVolumes
        DescribeVpcAttribute
        DescribeVpcEndpointAssociations
        DescribeVpcEndpointConnections
        DescribeVpcEndpointServiceConfigurations
        DescribeVpcEndpointServices
        DescribeVpcEndpoints
        DescribeVpcPeeringConnections
        DescribeVpcs
        DescribeVpnConnections
        DescribeVpnGateways
        DetachInternetGateway
        DetachNetworkInterface
        DetachVpnGateway
        DisableVgwRoutePropagation
        DisassociateAddress
        DisassociateIamInstanceProfile
        DisassociateNatGatewayAddress
        DisassociateRouteTable
        DisassociateSubnetCidrBlock
        DisassociateVpcCidrBlock
        EnableVgwRoutePropagation
        GetManagedPrefixListAssociations
        GetManagedPrefixListEntries
        GetSecurityGroupsForVpc
        GetSubnetCidrReservations
        ImportKeyPair
        ModifyAddressAttribute
        ModifyInstanceAttribute
        ModifyInstanceMetadataOptions
        ModifyManagedPrefixList
        ModifyNetworkInterfaceAttribute
        ModifySecurityGroupRules
        ModifySubnetAttribute
        ModifyVpcAttribute
        ModifyVpcEndpoint
        ModifyVpcPeeringConnectionOptions
        ModifyVpcTenancy
        MonitorInstances
        RebootInstances
        RejectVpcPeeringConnection
        ReleaseAddress
        ReplaceIamInstanceProfileAssociation
        ReplaceNetworkAclAssociation
        ReplaceNetworkAclEntry
        ReplaceRoute
        ReplaceRouteTableAssociation
        ResetAddressAttribute
        ResetInstanceAttribute
        ResetNetworkInterfaceAttribute
        RestoreManagedPrefixListVersion
        RevokeSecurityGroupEgress
        RevokeSecurityGroupIngress
        RunInstances
        StartInstances
        StartNetworkInsightsAnalysis
        StopInstances
        TerminateInstances
        UnassignIpv6Addresses
        UnassignPrivateIpAddresses
        UnassignPrivateNatGatewayAddress
        UnmonitorInstances
        UpdateSecurityGroupRuleDescriptionsEgress
        UpdateSecurityGroupRuleDescriptionsIngress
    }
}

/// An action that EC2 has and Sidegate does not, or one that nobody has.
fn unserved(action: &str) -> Failure {
    if ec2::is_known_action(action) {
        let message = format!("The EC2 action {action} is not implemented by Sidegate.");
        return Failure::new(StatusCode::NOT_IMPLEMENTED, "NotImplemented", message);
    }
    refused("InvalidAction", format!("The action {action} is not valid for this web service."))
}

/// A request that is at fault itself.
fn refused(code: &'static str, message: impl Into<String>) -> Failure {
    Failure::refused(code, message)
}

#[async_trait]
impl Service for Ec2 {
    fn name(&self) -> &'static str {
        "ec2"
    }

    async fn handle(&self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer) -> Response<Body> {
        let response = match self.answer(request, caller, authorizer).await {
            Ok(document) => {
                let mut response = Response::new(document.into_bytes());
                let headers = response.headers_mut();
                headers.insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static("text/xml;charset=UTF-8"));
                if let Ok(id) = http::HeaderValue::from_str(&caller.request_id) {
                    headers.insert("x-amzn-requestid", id);
                }
                response
            }
            Err(failure) => Protocol::Ec2Query.render_error(&failure, &caller.request_id, "/"),
        };
        whole::answer(response)
    }

    async fn suppose(&self, action: &str, resource: &str, _: &Caller) -> Result<Supposed, String> {
        Ok(Supposed::plain(action, resource))
    }
}
