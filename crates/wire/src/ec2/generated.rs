//! The EC2 request and response types. Generated from `crates/wire/models/ec2.json` by
//! `cargo run -p sidegate-xtask -- generate`; do not edit.

use super::{Cursor, FromQuery, ParseError, Timestamp, ToXml, XmlWriter};
use crate::query::Params;

/// A request for one of the actions that are served.
#[derive(Debug, Clone, PartialEq)]
pub enum Request {
    /// `AcceptVpcPeeringConnection`.
    AcceptVpcPeeringConnection(AcceptVpcPeeringConnectionRequest),
    /// `AllocateAddress`.
    AllocateAddress(AllocateAddressRequest),
    /// `AssignIpv6Addresses`.
    AssignIpv6Addresses(AssignIpv6AddressesRequest),
    /// `AssignPrivateIpAddresses`.
    AssignPrivateIpAddresses(AssignPrivateIpAddressesRequest),
    /// `AssignPrivateNatGatewayAddress`.
    AssignPrivateNatGatewayAddress(AssignPrivateNatGatewayAddressRequest),
    /// `AssociateAddress`.
    AssociateAddress(AssociateAddressRequest),
    /// `AssociateDhcpOptions`.
    AssociateDhcpOptions(AssociateDhcpOptionsRequest),
    /// `AssociateIamInstanceProfile`.
    AssociateIamInstanceProfile(AssociateIamInstanceProfileRequest),
    /// `AssociateNatGatewayAddress`.
    AssociateNatGatewayAddress(AssociateNatGatewayAddressRequest),
    /// `AssociateRouteTable`.
    AssociateRouteTable(AssociateRouteTableRequest),
    /// `AssociateSubnetCidrBlock`.
    AssociateSubnetCidrBlock(AssociateSubnetCidrBlockRequest),
    /// `AssociateVpcCidrBlock`.
    AssociateVpcCidrBlock(AssociateVpcCidrBlockRequest),
    /// `AttachInternetGateway`.
    AttachInternetGateway(AttachInternetGatewayRequest),
    /// `AttachNetworkInterface`.
    AttachNetworkInterface(AttachNetworkInterfaceRequest),
    /// `AttachVpnGateway`.
    AttachVpnGateway(AttachVpnGatewayRequest),
    /// `AuthorizeSecurityGroupEgress`.
    AuthorizeSecurityGroupEgress(AuthorizeSecurityGroupEgressRequest),
    /// `AuthorizeSecurityGroupIngress`.
    AuthorizeSecurityGroupIngress(AuthorizeSecurityGroupIngressRequest),
    /// `CreateDefaultSubnet`.
    CreateDefaultSubnet(CreateDefaultSubnetRequest),
    /// `CreateDefaultVpc`.
    CreateDefaultVpc(CreateDefaultVpcRequest),
    /// `CreateDhcpOptions`.
    CreateDhcpOptions(CreateDhcpOptionsRequest),
    /// `CreateEgressOnlyInternetGateway`.
    CreateEgressOnlyInternetGateway(CreateEgressOnlyInternetGatewayRequest),
    /// `CreateFlowLogs`.
    CreateFlowLogs(CreateFlowLogsRequest),
    /// `CreateInternetGateway`.
    CreateInternetGateway(CreateInternetGatewayRequest),
    /// `CreateKeyPair`.
    CreateKeyPair(CreateKeyPairRequest),
    /// `CreateManagedPrefixList`.
    CreateManagedPrefixList(CreateManagedPrefixListRequest),
    /// `CreateNatGateway`.
    CreateNatGateway(CreateNatGatewayRequest),
    /// `CreateNetworkAcl`.
    CreateNetworkAcl(CreateNetworkAclRequest),
    /// `CreateNetworkAclEntry`.
    CreateNetworkAclEntry(CreateNetworkAclEntryRequest),
    /// `CreateNetworkInsightsPath`.
    CreateNetworkInsightsPath(CreateNetworkInsightsPathRequest),
    /// `CreateNetworkInterface`.
    CreateNetworkInterface(CreateNetworkInterfaceRequest),
    /// `CreateRoute`.
    CreateRoute(CreateRouteRequest),
    /// `CreateRouteTable`.
    CreateRouteTable(CreateRouteTableRequest),
    /// `CreateSecurityGroup`.
    CreateSecurityGroup(CreateSecurityGroupRequest),
    /// `CreateSubnet`.
    CreateSubnet(CreateSubnetRequest),
    /// `CreateSubnetCidrReservation`.
    CreateSubnetCidrReservation(CreateSubnetCidrReservationRequest),
    /// `CreateTags`.
    CreateTags(CreateTagsRequest),
    /// `CreateVpc`.
    CreateVpc(Box<CreateVpcRequest>),
    /// `CreateVpcEndpoint`.
    CreateVpcEndpoint(Box<CreateVpcEndpointRequest>),
    /// `CreateVpcPeeringConnection`.
    CreateVpcPeeringConnection(CreateVpcPeeringConnectionRequest),
    /// `CreateVpnGateway`.
    CreateVpnGateway(CreateVpnGatewayRequest),
    /// `DeleteDhcpOptions`.
    DeleteDhcpOptions(DeleteDhcpOptionsRequest),
    /// `DeleteEgressOnlyInternetGateway`.
    DeleteEgressOnlyInternetGateway(DeleteEgressOnlyInternetGatewayRequest),
    /// `DeleteFlowLogs`.
    DeleteFlowLogs(DeleteFlowLogsRequest),
    /// `DeleteInternetGateway`.
    DeleteInternetGateway(DeleteInternetGatewayRequest),
    /// `DeleteKeyPair`.
    DeleteKeyPair(DeleteKeyPairRequest),
    /// `DeleteManagedPrefixList`.
    DeleteManagedPrefixList(DeleteManagedPrefixListRequest),
    /// `DeleteNatGateway`.
    DeleteNatGateway(DeleteNatGatewayRequest),
    /// `DeleteNetworkAcl`.
    DeleteNetworkAcl(DeleteNetworkAclRequest),
    /// `DeleteNetworkAclEntry`.
    DeleteNetworkAclEntry(DeleteNetworkAclEntryRequest),
    /// `DeleteNetworkInsightsAnalysis`.
    DeleteNetworkInsightsAnalysis(DeleteNetworkInsightsAnalysisRequest),
    /// `DeleteNetworkInsightsPath`.
    DeleteNetworkInsightsPath(DeleteNetworkInsightsPathRequest),
    /// `DeleteNetworkInterface`.
    DeleteNetworkInterface(DeleteNetworkInterfaceRequest),
    /// `DeleteRoute`.
    DeleteRoute(DeleteRouteRequest),
    /// `DeleteRouteTable`.
    DeleteRouteTable(DeleteRouteTableRequest),
    /// `DeleteSecurityGroup`.
    DeleteSecurityGroup(DeleteSecurityGroupRequest),
    /// `DeleteSubnet`.
    DeleteSubnet(DeleteSubnetRequest),
    /// `DeleteSubnetCidrReservation`.
    DeleteSubnetCidrReservation(DeleteSubnetCidrReservationRequest),
    /// `DeleteTags`.
    DeleteTags(DeleteTagsRequest),
    /// `DeleteVolume`.
    DeleteVolume(DeleteVolumeRequest),
    /// `DeleteVpc`.
    DeleteVpc(DeleteVpcRequest),
    /// `DeleteVpcEndpoints`.
    DeleteVpcEndpoints(DeleteVpcEndpointsRequest),
    /// `DeleteVpcPeeringConnection`.
    DeleteVpcPeeringConnection(DeleteVpcPeeringConnectionRequest),
    /// `DeleteVpnGateway`.
    DeleteVpnGateway(DeleteVpnGatewayRequest),
    /// `DescribeAccountAttributes`.
    DescribeAccountAttributes(DescribeAccountAttributesRequest),
    /// `DescribeAddresses`.
    DescribeAddresses(DescribeAddressesRequest),
    /// `DescribeAddressesAttribute`.
    DescribeAddressesAttribute(DescribeAddressesAttributeRequest),
    /// `DescribeAvailabilityZones`.
    DescribeAvailabilityZones(DescribeAvailabilityZonesRequest),
    /// `DescribeCustomerGateways`.
    DescribeCustomerGateways(DescribeCustomerGatewaysRequest),
    /// `DescribeDhcpOptions`.
    DescribeDhcpOptions(DescribeDhcpOptionsRequest),
    /// `DescribeEgressOnlyInternetGateways`.
    DescribeEgressOnlyInternetGateways(DescribeEgressOnlyInternetGatewaysRequest),
    /// `DescribeFlowLogs`.
    DescribeFlowLogs(DescribeFlowLogsRequest),
    /// `DescribeIamInstanceProfileAssociations`.
    DescribeIamInstanceProfileAssociations(DescribeIamInstanceProfileAssociationsRequest),
    /// `DescribeImages`.
    DescribeImages(DescribeImagesRequest),
    /// `DescribeInstanceAttribute`.
    DescribeInstanceAttribute(DescribeInstanceAttributeRequest),
    /// `DescribeInstanceCreditSpecifications`.
    DescribeInstanceCreditSpecifications(DescribeInstanceCreditSpecificationsRequest),
    /// `DescribeInstanceStatus`.
    DescribeInstanceStatus(DescribeInstanceStatusRequest),
    /// `DescribeInstanceTypeOfferings`.
    DescribeInstanceTypeOfferings(DescribeInstanceTypeOfferingsRequest),
    /// `DescribeInstanceTypes`.
    DescribeInstanceTypes(DescribeInstanceTypesRequest),
    /// `DescribeInstances`.
    DescribeInstances(DescribeInstancesRequest),
    /// `DescribeInternetGateways`.
    DescribeInternetGateways(DescribeInternetGatewaysRequest),
    /// `DescribeKeyPairs`.
    DescribeKeyPairs(DescribeKeyPairsRequest),
    /// `DescribeManagedPrefixLists`.
    DescribeManagedPrefixLists(DescribeManagedPrefixListsRequest),
    /// `DescribeNatGateways`.
    DescribeNatGateways(DescribeNatGatewaysRequest),
    /// `DescribeNetworkAcls`.
    DescribeNetworkAcls(DescribeNetworkAclsRequest),
    /// `DescribeNetworkInsightsAnalyses`.
    DescribeNetworkInsightsAnalyses(DescribeNetworkInsightsAnalysesRequest),
    /// `DescribeNetworkInsightsPaths`.
    DescribeNetworkInsightsPaths(DescribeNetworkInsightsPathsRequest),
    /// `DescribeNetworkInterfaceAttribute`.
    DescribeNetworkInterfaceAttribute(DescribeNetworkInterfaceAttributeRequest),
    /// `DescribeNetworkInterfaces`.
    DescribeNetworkInterfaces(DescribeNetworkInterfacesRequest),
    /// `DescribePrefixLists`.
    DescribePrefixLists(DescribePrefixListsRequest),
    /// `DescribePublicIpv4Pools`.
    DescribePublicIpv4Pools(DescribePublicIpv4PoolsRequest),
    /// `DescribeRegions`.
    DescribeRegions(DescribeRegionsRequest),
    /// `DescribeRouteTables`.
    DescribeRouteTables(DescribeRouteTablesRequest),
    /// `DescribeSecurityGroupReferences`.
    DescribeSecurityGroupReferences(DescribeSecurityGroupReferencesRequest),
    /// `DescribeSecurityGroupRules`.
    DescribeSecurityGroupRules(DescribeSecurityGroupRulesRequest),
    /// `DescribeSecurityGroups`.
    DescribeSecurityGroups(DescribeSecurityGroupsRequest),
    /// `DescribeStaleSecurityGroups`.
    DescribeStaleSecurityGroups(DescribeStaleSecurityGroupsRequest),
    /// `DescribeSubnets`.
    DescribeSubnets(DescribeSubnetsRequest),
    /// `DescribeTags`.
    DescribeTags(DescribeTagsRequest),
    /// `DescribeVolumes`.
    DescribeVolumes(DescribeVolumesRequest),
    /// `DescribeVpcAttribute`.
    DescribeVpcAttribute(DescribeVpcAttributeRequest),
    /// `DescribeVpcEndpointAssociations`.
    DescribeVpcEndpointAssociations(DescribeVpcEndpointAssociationsRequest),
    /// `DescribeVpcEndpointConnections`.
    DescribeVpcEndpointConnections(DescribeVpcEndpointConnectionsRequest),
    /// `DescribeVpcEndpointServiceConfigurations`.
    DescribeVpcEndpointServiceConfigurations(DescribeVpcEndpointServiceConfigurationsRequest),
    /// `DescribeVpcEndpointServices`.
    DescribeVpcEndpointServices(DescribeVpcEndpointServicesRequest),
    /// `DescribeVpcEndpoints`.
    DescribeVpcEndpoints(DescribeVpcEndpointsRequest),
    /// `DescribeVpcPeeringConnections`.
    DescribeVpcPeeringConnections(DescribeVpcPeeringConnectionsRequest),
    /// `DescribeVpcs`.
    DescribeVpcs(DescribeVpcsRequest),
    /// `DescribeVpnConnections`.
    DescribeVpnConnections(DescribeVpnConnectionsRequest),
    /// `DescribeVpnGateways`.
    DescribeVpnGateways(DescribeVpnGatewaysRequest),
    /// `DetachInternetGateway`.
    DetachInternetGateway(DetachInternetGatewayRequest),
    /// `DetachNetworkInterface`.
    DetachNetworkInterface(DetachNetworkInterfaceRequest),
    /// `DetachVpnGateway`.
    DetachVpnGateway(DetachVpnGatewayRequest),
    /// `DisableVgwRoutePropagation`.
    DisableVgwRoutePropagation(DisableVgwRoutePropagationRequest),
    /// `DisassociateAddress`.
    DisassociateAddress(DisassociateAddressRequest),
    /// `DisassociateIamInstanceProfile`.
    DisassociateIamInstanceProfile(DisassociateIamInstanceProfileRequest),
    /// `DisassociateNatGatewayAddress`.
    DisassociateNatGatewayAddress(DisassociateNatGatewayAddressRequest),
    /// `DisassociateRouteTable`.
    DisassociateRouteTable(DisassociateRouteTableRequest),
    /// `DisassociateSubnetCidrBlock`.
    DisassociateSubnetCidrBlock(DisassociateSubnetCidrBlockRequest),
    /// `DisassociateVpcCidrBlock`.
    DisassociateVpcCidrBlock(DisassociateVpcCidrBlockRequest),
    /// `EnableVgwRoutePropagation`.
    EnableVgwRoutePropagation(EnableVgwRoutePropagationRequest),
    /// `GetManagedPrefixListAssociations`.
    GetManagedPrefixListAssociations(GetManagedPrefixListAssociationsRequest),
    /// `GetManagedPrefixListEntries`.
    GetManagedPrefixListEntries(GetManagedPrefixListEntriesRequest),
    /// `GetSecurityGroupsForVpc`.
    GetSecurityGroupsForVpc(GetSecurityGroupsForVpcRequest),
    /// `GetSubnetCidrReservations`.
    GetSubnetCidrReservations(GetSubnetCidrReservationsRequest),
    /// `ImportKeyPair`.
    ImportKeyPair(ImportKeyPairRequest),
    /// `ModifyAddressAttribute`.
    ModifyAddressAttribute(ModifyAddressAttributeRequest),
    /// `ModifyInstanceAttribute`.
    ModifyInstanceAttribute(ModifyInstanceAttributeRequest),
    /// `ModifyInstanceMetadataOptions`.
    ModifyInstanceMetadataOptions(ModifyInstanceMetadataOptionsRequest),
    /// `ModifyManagedPrefixList`.
    ModifyManagedPrefixList(ModifyManagedPrefixListRequest),
    /// `ModifyNetworkInterfaceAttribute`.
    ModifyNetworkInterfaceAttribute(ModifyNetworkInterfaceAttributeRequest),
    /// `ModifySecurityGroupRules`.
    ModifySecurityGroupRules(ModifySecurityGroupRulesRequest),
    /// `ModifySubnetAttribute`.
    ModifySubnetAttribute(ModifySubnetAttributeRequest),
    /// `ModifyVpcAttribute`.
    ModifyVpcAttribute(ModifyVpcAttributeRequest),
    /// `ModifyVpcEndpoint`.
    ModifyVpcEndpoint(ModifyVpcEndpointRequest),
    /// `ModifyVpcPeeringConnectionOptions`.
    ModifyVpcPeeringConnectionOptions(ModifyVpcPeeringConnectionOptionsRequest),
    /// `ModifyVpcTenancy`.
    ModifyVpcTenancy(ModifyVpcTenancyRequest),
    /// `MonitorInstances`.
    MonitorInstances(MonitorInstancesRequest),
    /// `RebootInstances`.
    RebootInstances(RebootInstancesRequest),
    /// `RejectVpcPeeringConnection`.
    RejectVpcPeeringConnection(RejectVpcPeeringConnectionRequest),
    /// `ReleaseAddress`.
    ReleaseAddress(ReleaseAddressRequest),
    /// `ReplaceIamInstanceProfileAssociation`.
    ReplaceIamInstanceProfileAssociation(ReplaceIamInstanceProfileAssociationRequest),
    /// `ReplaceNetworkAclAssociation`.
    ReplaceNetworkAclAssociation(ReplaceNetworkAclAssociationRequest),
    /// `ReplaceNetworkAclEntry`.
    ReplaceNetworkAclEntry(ReplaceNetworkAclEntryRequest),
    /// `ReplaceRoute`.
    ReplaceRoute(ReplaceRouteRequest),
    /// `ReplaceRouteTableAssociation`.
    ReplaceRouteTableAssociation(ReplaceRouteTableAssociationRequest),
    /// `ResetAddressAttribute`.
    ResetAddressAttribute(ResetAddressAttributeRequest),
    /// `ResetInstanceAttribute`.
    ResetInstanceAttribute(ResetInstanceAttributeRequest),
    /// `ResetNetworkInterfaceAttribute`.
    ResetNetworkInterfaceAttribute(ResetNetworkInterfaceAttributeRequest),
    /// `RestoreManagedPrefixListVersion`.
    RestoreManagedPrefixListVersion(RestoreManagedPrefixListVersionRequest),
    /// `RevokeSecurityGroupEgress`.
    RevokeSecurityGroupEgress(RevokeSecurityGroupEgressRequest),
    /// `RevokeSecurityGroupIngress`.
    RevokeSecurityGroupIngress(RevokeSecurityGroupIngressRequest),
    /// `RunInstances`.
    RunInstances(Box<RunInstancesRequest>),
    /// `StartInstances`.
    StartInstances(StartInstancesRequest),
    /// `StartNetworkInsightsAnalysis`.
    StartNetworkInsightsAnalysis(StartNetworkInsightsAnalysisRequest),
    /// `StopInstances`.
    StopInstances(StopInstancesRequest),
    /// `TerminateInstances`.
    TerminateInstances(TerminateInstancesRequest),
    /// `UnassignIpv6Addresses`.
    UnassignIpv6Addresses(UnassignIpv6AddressesRequest),
    /// `UnassignPrivateIpAddresses`.
    UnassignPrivateIpAddresses(UnassignPrivateIpAddressesRequest),
    /// `UnassignPrivateNatGatewayAddress`.
    UnassignPrivateNatGatewayAddress(UnassignPrivateNatGatewayAddressRequest),
    /// `UnmonitorInstances`.
    UnmonitorInstances(UnmonitorInstancesRequest),
    /// `UpdateSecurityGroupRuleDescriptionsEgress`.
    UpdateSecurityGroupRuleDescriptionsEgress(UpdateSecurityGroupRuleDescriptionsEgressRequest),
    /// `UpdateSecurityGroupRuleDescriptionsIngress`.
    UpdateSecurityGroupRuleDescriptionsIngress(UpdateSecurityGroupRuleDescriptionsIngressRequest),
}

impl Request {
    /// Reads the parameters of `action`; `None` if that is no action that is served.
    pub fn parse(action: &str, params: &Params) -> Result<Option<Self>, ParseError> {
        let at = Cursor::root(params);
        Ok(Some(match action {
            "AcceptVpcPeeringConnection" => {
                let request = AcceptVpcPeeringConnectionRequest::from_query(&at)?;
                Self::AcceptVpcPeeringConnection(request)
            }
            "AllocateAddress" => {
                let request = AllocateAddressRequest::from_query(&at)?;
                Self::AllocateAddress(request)
            }
            "AssignIpv6Addresses" => {
                let request = AssignIpv6AddressesRequest::from_query(&at)?;
                Self::AssignIpv6Addresses(request)
            }
            "AssignPrivateIpAddresses" => {
                let request = AssignPrivateIpAddressesRequest::from_query(&at)?;
                Self::AssignPrivateIpAddresses(request)
            }
            "AssignPrivateNatGatewayAddress" => {
                let request = AssignPrivateNatGatewayAddressRequest::from_query(&at)?;
                Self::AssignPrivateNatGatewayAddress(request)
            }
            "AssociateAddress" => {
                let request = AssociateAddressRequest::from_query(&at)?;
                Self::AssociateAddress(request)
            }
            "AssociateDhcpOptions" => {
                let request = AssociateDhcpOptionsRequest::from_query(&at)?;
                Self::AssociateDhcpOptions(request)
            }
            "AssociateIamInstanceProfile" => {
                let request = AssociateIamInstanceProfileRequest::from_query(&at)?;
                Self::AssociateIamInstanceProfile(request)
            }
            "AssociateNatGatewayAddress" => {
                let request = AssociateNatGatewayAddressRequest::from_query(&at)?;
                Self::AssociateNatGatewayAddress(request)
            }
            "AssociateRouteTable" => {
                let request = AssociateRouteTableRequest::from_query(&at)?;
                Self::AssociateRouteTable(request)
            }
            "AssociateSubnetCidrBlock" => {
                let request = AssociateSubnetCidrBlockRequest::from_query(&at)?;
                Self::AssociateSubnetCidrBlock(request)
            }
            "AssociateVpcCidrBlock" => {
                let request = AssociateVpcCidrBlockRequest::from_query(&at)?;
                Self::AssociateVpcCidrBlock(request)
            }
            "AttachInternetGateway" => {
                let request = AttachInternetGatewayRequest::from_query(&at)?;
                Self::AttachInternetGateway(request)
            }
            "AttachNetworkInterface" => {
                let request = AttachNetworkInterfaceRequest::from_query(&at)?;
                Self::AttachNetworkInterface(request)
            }
            "AttachVpnGateway" => {
                let request = AttachVpnGatewayRequest::from_query(&at)?;
                Self::AttachVpnGateway(request)
            }
            "AuthorizeSecurityGroupEgress" => {
                let request = AuthorizeSecurityGroupEgressRequest::from_query(&at)?;
                Self::AuthorizeSecurityGroupEgress(request)
            }
            "AuthorizeSecurityGroupIngress" => {
                let request = AuthorizeSecurityGroupIngressRequest::from_query(&at)?;
                Self::AuthorizeSecurityGroupIngress(request)
            }
            "CreateDefaultSubnet" => {
                let request = CreateDefaultSubnetRequest::from_query(&at)?;
                Self::CreateDefaultSubnet(request)
            }
            "CreateDefaultVpc" => {
                let request = CreateDefaultVpcRequest::from_query(&at)?;
                Self::CreateDefaultVpc(request)
            }
            "CreateDhcpOptions" => {
                let request = CreateDhcpOptionsRequest::from_query(&at)?;
                Self::CreateDhcpOptions(request)
            }
            "CreateEgressOnlyInternetGateway" => {
                let request = CreateEgressOnlyInternetGatewayRequest::from_query(&at)?;
                Self::CreateEgressOnlyInternetGateway(request)
            }
            "CreateFlowLogs" => {
                let request = CreateFlowLogsRequest::from_query(&at)?;
                Self::CreateFlowLogs(request)
            }
            "CreateInternetGateway" => {
                let request = CreateInternetGatewayRequest::from_query(&at)?;
                Self::CreateInternetGateway(request)
            }
            "CreateKeyPair" => {
                let request = CreateKeyPairRequest::from_query(&at)?;
                Self::CreateKeyPair(request)
            }
            "CreateManagedPrefixList" => {
                let request = CreateManagedPrefixListRequest::from_query(&at)?;
                Self::CreateManagedPrefixList(request)
            }
            "CreateNatGateway" => {
                let request = CreateNatGatewayRequest::from_query(&at)?;
                Self::CreateNatGateway(request)
            }
            "CreateNetworkAcl" => {
                let request = CreateNetworkAclRequest::from_query(&at)?;
                Self::CreateNetworkAcl(request)
            }
            "CreateNetworkAclEntry" => {
                let request = CreateNetworkAclEntryRequest::from_query(&at)?;
                Self::CreateNetworkAclEntry(request)
            }
            "CreateNetworkInsightsPath" => {
                let request = CreateNetworkInsightsPathRequest::from_query(&at)?;
                Self::CreateNetworkInsightsPath(request)
            }
            "CreateNetworkInterface" => {
                let request = CreateNetworkInterfaceRequest::from_query(&at)?;
                Self::CreateNetworkInterface(request)
            }
            "CreateRoute" => {
                let request = CreateRouteRequest::from_query(&at)?;
                Self::CreateRoute(request)
            }
            "CreateRouteTable" => {
                let request = CreateRouteTableRequest::from_query(&at)?;
                Self::CreateRouteTable(request)
            }
            "CreateSecurityGroup" => {
                let request = CreateSecurityGroupRequest::from_query(&at)?;
                Self::CreateSecurityGroup(request)
            }
            "CreateSubnet" => {
                let request = CreateSubnetRequest::from_query(&at)?;
                Self::CreateSubnet(request)
            }
            "CreateSubnetCidrReservation" => {
                let request = CreateSubnetCidrReservationRequest::from_query(&at)?;
                Self::CreateSubnetCidrReservation(request)
            }
            "CreateTags" => {
                let request = CreateTagsRequest::from_query(&at)?;
                Self::CreateTags(request)
            }
            "CreateVpc" => {
                let request = CreateVpcRequest::from_query(&at)?;
                Self::CreateVpc(Box::new(request))
            }
            "CreateVpcEndpoint" => {
                let request = CreateVpcEndpointRequest::from_query(&at)?;
                Self::CreateVpcEndpoint(Box::new(request))
            }
            "CreateVpcPeeringConnection" => {
                let request = CreateVpcPeeringConnectionRequest::from_query(&at)?;
                Self::CreateVpcPeeringConnection(request)
            }
            "CreateVpnGateway" => {
                let request = CreateVpnGatewayRequest::from_query(&at)?;
                Self::CreateVpnGateway(request)
            }
            "DeleteDhcpOptions" => {
                let request = DeleteDhcpOptionsRequest::from_query(&at)?;
                Self::DeleteDhcpOptions(request)
            }
            "DeleteEgressOnlyInternetGateway" => {
                let request = DeleteEgressOnlyInternetGatewayRequest::from_query(&at)?;
                Self::DeleteEgressOnlyInternetGateway(request)
            }
            "DeleteFlowLogs" => {
                let request = DeleteFlowLogsRequest::from_query(&at)?;
                Self::DeleteFlowLogs(request)
            }
            "DeleteInternetGateway" => {
                let request = DeleteInternetGatewayRequest::from_query(&at)?;
                Self::DeleteInternetGateway(request)
            }
            "DeleteKeyPair" => {
                let request = DeleteKeyPairRequest::from_query(&at)?;
                Self::DeleteKeyPair(request)
            }
            "DeleteManagedPrefixList" => {
                let request = DeleteManagedPrefixListRequest::from_query(&at)?;
                Self::DeleteManagedPrefixList(request)
            }
            "DeleteNatGateway" => {
                let request = DeleteNatGatewayRequest::from_query(&at)?;
                Self::DeleteNatGateway(request)
            }
            "DeleteNetworkAcl" => {
                let request = DeleteNetworkAclRequest::from_query(&at)?;
                Self::DeleteNetworkAcl(request)
            }
            "DeleteNetworkAclEntry" => {
                let request = DeleteNetworkAclEntryRequest::from_query(&at)?;
                Self::DeleteNetworkAclEntry(request)
            }
            "DeleteNetworkInsightsAnalysis" => {
                let request = DeleteNetworkInsightsAnalysisRequest::from_query(&at)?;
                Self::DeleteNetworkInsightsAnalysis(request)
            }
            "DeleteNetworkInsightsPath" => {
                let request = DeleteNetworkInsightsPathRequest::from_query(&at)?;
                Self::DeleteNetworkInsightsPath(request)
            }
            "DeleteNetworkInterface" => {
                let request = DeleteNetworkInterfaceRequest::from_query(&at)?;
                Self::DeleteNetworkInterface(request)
            }
            "DeleteRoute" => {
                let request = DeleteRouteRequest::from_query(&at)?;
                Self::DeleteRoute(request)
            }
            "DeleteRouteTable" => {
                let request = DeleteRouteTableRequest::from_query(&at)?;
                Self::DeleteRouteTable(request)
            }
            "DeleteSecurityGroup" => {
                let request = DeleteSecurityGroupRequest::from_query(&at)?;
                Self::DeleteSecurityGroup(request)
            }
            "DeleteSubnet" => {
                let request = DeleteSubnetRequest::from_query(&at)?;
                Self::DeleteSubnet(request)
            }
            "DeleteSubnetCidrReservation" => {
                let request = DeleteSubnetCidrReservationRequest::from_query(&at)?;
                Self::DeleteSubnetCidrReservation(request)
            }
            "DeleteTags" => {
                let request = DeleteTagsRequest::from_query(&at)?;
                Self::DeleteTags(request)
            }
            "DeleteVolume" => {
                let request = DeleteVolumeRequest::from_query(&at)?;
                Self::DeleteVolume(request)
            }
            "DeleteVpc" => {
                let request = DeleteVpcRequest::from_query(&at)?;
                Self::DeleteVpc(request)
            }
            "DeleteVpcEndpoints" => {
                let request = DeleteVpcEndpointsRequest::from_query(&at)?;
                Self::DeleteVpcEndpoints(request)
            }
            "DeleteVpcPeeringConnection" => {
                let request = DeleteVpcPeeringConnectionRequest::from_query(&at)?;
                Self::DeleteVpcPeeringConnection(request)
            }
            "DeleteVpnGateway" => {
                let request = DeleteVpnGatewayRequest::from_query(&at)?;
                Self::DeleteVpnGateway(request)
            }
            "DescribeAccountAttributes" => {
                let request = DescribeAccountAttributesRequest::from_query(&at)?;
                Self::DescribeAccountAttributes(request)
            }
            "DescribeAddresses" => {
                let request = DescribeAddressesRequest::from_query(&at)?;
                Self::DescribeAddresses(request)
            }
            "DescribeAddressesAttribute" => {
                let request = DescribeAddressesAttributeRequest::from_query(&at)?;
                Self::DescribeAddressesAttribute(request)
            }
            "DescribeAvailabilityZones" => {
                let request = DescribeAvailabilityZonesRequest::from_query(&at)?;
                Self::DescribeAvailabilityZones(request)
            }
            "DescribeCustomerGateways" => {
                let request = DescribeCustomerGatewaysRequest::from_query(&at)?;
                Self::DescribeCustomerGateways(request)
            }
            "DescribeDhcpOptions" => {
                let request = DescribeDhcpOptionsRequest::from_query(&at)?;
                Self::DescribeDhcpOptions(request)
            }
            "DescribeEgressOnlyInternetGateways" => {
                let request = DescribeEgressOnlyInternetGatewaysRequest::from_query(&at)?;
                Self::DescribeEgressOnlyInternetGateways(request)
            }
            "DescribeFlowLogs" => {
                let request = DescribeFlowLogsRequest::from_query(&at)?;
                Self::DescribeFlowLogs(request)
            }
            "DescribeIamInstanceProfileAssociations" => {
                let request = DescribeIamInstanceProfileAssociationsRequest::from_query(&at)?;
                Self::DescribeIamInstanceProfileAssociations(request)
            }
            "DescribeImages" => {
                let request = DescribeImagesRequest::from_query(&at)?;
                Self::DescribeImages(request)
            }
            "DescribeInstanceAttribute" => {
                let request = DescribeInstanceAttributeRequest::from_query(&at)?;
                Self::DescribeInstanceAttribute(request)
            }
            "DescribeInstanceCreditSpecifications" => {
                let request = DescribeInstanceCreditSpecificationsRequest::from_query(&at)?;
                Self::DescribeInstanceCreditSpecifications(request)
            }
            "DescribeInstanceStatus" => {
                let request = DescribeInstanceStatusRequest::from_query(&at)?;
                Self::DescribeInstanceStatus(request)
            }
            "DescribeInstanceTypeOfferings" => {
                let request = DescribeInstanceTypeOfferingsRequest::from_query(&at)?;
                Self::DescribeInstanceTypeOfferings(request)
            }
            "DescribeInstanceTypes" => {
                let request = DescribeInstanceTypesRequest::from_query(&at)?;
                Self::DescribeInstanceTypes(request)
            }
            "DescribeInstances" => {
                let request = DescribeInstancesRequest::from_query(&at)?;
                Self::DescribeInstances(request)
            }
            "DescribeInternetGateways" => {
                let request = DescribeInternetGatewaysRequest::from_query(&at)?;
                Self::DescribeInternetGateways(request)
            }
            "DescribeKeyPairs" => {
                let request = DescribeKeyPairsRequest::from_query(&at)?;
                Self::DescribeKeyPairs(request)
            }
            "DescribeManagedPrefixLists" => {
                let request = DescribeManagedPrefixListsRequest::from_query(&at)?;
                Self::DescribeManagedPrefixLists(request)
            }
            "DescribeNatGateways" => {
                let request = DescribeNatGatewaysRequest::from_query(&at)?;
                Self::DescribeNatGateways(request)
            }
            "DescribeNetworkAcls" => {
                let request = DescribeNetworkAclsRequest::from_query(&at)?;
                Self::DescribeNetworkAcls(request)
            }
            "DescribeNetworkInsightsAnalyses" => {
                let request = DescribeNetworkInsightsAnalysesRequest::from_query(&at)?;
                Self::DescribeNetworkInsightsAnalyses(request)
            }
            "DescribeNetworkInsightsPaths" => {
                let request = DescribeNetworkInsightsPathsRequest::from_query(&at)?;
                Self::DescribeNetworkInsightsPaths(request)
            }
            "DescribeNetworkInterfaceAttribute" => {
                let request = DescribeNetworkInterfaceAttributeRequest::from_query(&at)?;
                Self::DescribeNetworkInterfaceAttribute(request)
            }
            "DescribeNetworkInterfaces" => {
                let request = DescribeNetworkInterfacesRequest::from_query(&at)?;
                Self::DescribeNetworkInterfaces(request)
            }
            "DescribePrefixLists" => {
                let request = DescribePrefixListsRequest::from_query(&at)?;
                Self::DescribePrefixLists(request)
            }
            "DescribePublicIpv4Pools" => {
                let request = DescribePublicIpv4PoolsRequest::from_query(&at)?;
                Self::DescribePublicIpv4Pools(request)
            }
            "DescribeRegions" => {
                let request = DescribeRegionsRequest::from_query(&at)?;
                Self::DescribeRegions(request)
            }
            "DescribeRouteTables" => {
                let request = DescribeRouteTablesRequest::from_query(&at)?;
                Self::DescribeRouteTables(request)
            }
            "DescribeSecurityGroupReferences" => {
                let request = DescribeSecurityGroupReferencesRequest::from_query(&at)?;
                Self::DescribeSecurityGroupReferences(request)
            }
            "DescribeSecurityGroupRules" => {
                let request = DescribeSecurityGroupRulesRequest::from_query(&at)?;
                Self::DescribeSecurityGroupRules(request)
            }
            "DescribeSecurityGroups" => {
                let request = DescribeSecurityGroupsRequest::from_query(&at)?;
                Self::DescribeSecurityGroups(request)
            }
            "DescribeStaleSecurityGroups" => {
                let request = DescribeStaleSecurityGroupsRequest::from_query(&at)?;
                Self::DescribeStaleSecurityGroups(request)
            }
            "DescribeSubnets" => {
                let request = DescribeSubnetsRequest::from_query(&at)?;
                Self::DescribeSubnets(request)
            }
            "DescribeTags" => {
                let request = DescribeTagsRequest::from_query(&at)?;
                Self::DescribeTags(request)
            }
            "DescribeVolumes" => {
                let request = DescribeVolumesRequest::from_query(&at)?;
                Self::DescribeVolumes(request)
            }
            "DescribeVpcAttribute" => {
                let request = DescribeVpcAttributeRequest::from_query(&at)?;
                Self::DescribeVpcAttribute(request)
            }
            "DescribeVpcEndpointAssociations" => {
                let request = DescribeVpcEndpointAssociationsRequest::from_query(&at)?;
                Self::DescribeVpcEndpointAssociations(request)
            }
            "DescribeVpcEndpointConnections" => {
                let request = DescribeVpcEndpointConnectionsRequest::from_query(&at)?;
                Self::DescribeVpcEndpointConnections(request)
            }
            "DescribeVpcEndpointServiceConfigurations" => {
                let request = DescribeVpcEndpointServiceConfigurationsRequest::from_query(&at)?;
                Self::DescribeVpcEndpointServiceConfigurations(request)
            }
            "DescribeVpcEndpointServices" => {
                let request = DescribeVpcEndpointServicesRequest::from_query(&at)?;
                Self::DescribeVpcEndpointServices(request)
            }
            "DescribeVpcEndpoints" => {
                let request = DescribeVpcEndpointsRequest::from_query(&at)?;
                Self::DescribeVpcEndpoints(request)
            }
            "DescribeVpcPeeringConnections" => {
                let request = DescribeVpcPeeringConnectionsRequest::from_query(&at)?;
                Self::DescribeVpcPeeringConnections(request)
            }
            "DescribeVpcs" => {
                let request = DescribeVpcsRequest::from_query(&at)?;
                Self::DescribeVpcs(request)
            }
            "DescribeVpnConnections" => {
                let request = DescribeVpnConnectionsRequest::from_query(&at)?;
                Self::DescribeVpnConnections(request)
            }
            "DescribeVpnGateways" => {
                let request = DescribeVpnGatewaysRequest::from_query(&at)?;
                Self::DescribeVpnGateways(request)
            }
            "DetachInternetGateway" => {
                let request = DetachInternetGatewayRequest::from_query(&at)?;
                Self::DetachInternetGateway(request)
            }
            "DetachNetworkInterface" => {
                let request = DetachNetworkInterfaceRequest::from_query(&at)?;
                Self::DetachNetworkInterface(request)
            }
            "DetachVpnGateway" => {
                let request = DetachVpnGatewayRequest::from_query(&at)?;
                Self::DetachVpnGateway(request)
            }
            "DisableVgwRoutePropagation" => {
                let request = DisableVgwRoutePropagationRequest::from_query(&at)?;
                Self::DisableVgwRoutePropagation(request)
            }
            "DisassociateAddress" => {
                let request = DisassociateAddressRequest::from_query(&at)?;
                Self::DisassociateAddress(request)
            }
            "DisassociateIamInstanceProfile" => {
                let request = DisassociateIamInstanceProfileRequest::from_query(&at)?;
                Self::DisassociateIamInstanceProfile(request)
            }
            "DisassociateNatGatewayAddress" => {
                let request = DisassociateNatGatewayAddressRequest::from_query(&at)?;
                Self::DisassociateNatGatewayAddress(request)
            }
            "DisassociateRouteTable" => {
                let request = DisassociateRouteTableRequest::from_query(&at)?;
                Self::DisassociateRouteTable(request)
            }
            "DisassociateSubnetCidrBlock" => {
                let request = DisassociateSubnetCidrBlockRequest::from_query(&at)?;
                Self::DisassociateSubnetCidrBlock(request)
            }
            "DisassociateVpcCidrBlock" => {
                let request = DisassociateVpcCidrBlockRequest::from_query(&at)?;
                Self::DisassociateVpcCidrBlock(request)
            }
            "EnableVgwRoutePropagation" => {
                let request = EnableVgwRoutePropagationRequest::from_query(&at)?;
                Self::EnableVgwRoutePropagation(request)
            }
            "GetManagedPrefixListAssociations" => {
                let request = GetManagedPrefixListAssociationsRequest::from_query(&at)?;
                Self::GetManagedPrefixListAssociations(request)
            }
            "GetManagedPrefixListEntries" => {
                let request = GetManagedPrefixListEntriesRequest::from_query(&at)?;
                Self::GetManagedPrefixListEntries(request)
            }
            "GetSecurityGroupsForVpc" => {
                let request = GetSecurityGroupsForVpcRequest::from_query(&at)?;
                Self::GetSecurityGroupsForVpc(request)
            }
            "GetSubnetCidrReservations" => {
                let request = GetSubnetCidrReservationsRequest::from_query(&at)?;
                Self::GetSubnetCidrReservations(request)
            }
            "ImportKeyPair" => {
                let request = ImportKeyPairRequest::from_query(&at)?;
                Self::ImportKeyPair(request)
            }
            "ModifyAddressAttribute" => {
                let request = ModifyAddressAttributeRequest::from_query(&at)?;
                Self::ModifyAddressAttribute(request)
            }
            "ModifyInstanceAttribute" => {
                let request = ModifyInstanceAttributeRequest::from_query(&at)?;
                Self::ModifyInstanceAttribute(request)
            }
            "ModifyInstanceMetadataOptions" => {
                let request = ModifyInstanceMetadataOptionsRequest::from_query(&at)?;
                Self::ModifyInstanceMetadataOptions(request)
            }
            "ModifyManagedPrefixList" => {
                let request = ModifyManagedPrefixListRequest::from_query(&at)?;
                Self::ModifyManagedPrefixList(request)
            }
            "ModifyNetworkInterfaceAttribute" => {
                let request = ModifyNetworkInterfaceAttributeRequest::from_query(&at)?;
                Self::ModifyNetworkInterfaceAttribute(request)
            }
            "ModifySecurityGroupRules" => {
                let request = ModifySecurityGroupRulesRequest::from_query(&at)?;
                Self::ModifySecurityGroupRules(request)
            }
            "ModifySubnetAttribute" => {
                let request = ModifySubnetAttributeRequest::from_query(&at)?;
                Self::ModifySubnetAttribute(request)
            }
            "ModifyVpcAttribute" => {
                let request = ModifyVpcAttributeRequest::from_query(&at)?;
                Self::ModifyVpcAttribute(request)
            }
            "ModifyVpcEndpoint" => {
                let request = ModifyVpcEndpointRequest::from_query(&at)?;
                Self::ModifyVpcEndpoint(request)
            }
            "ModifyVpcPeeringConnectionOptions" => {
                let request = ModifyVpcPeeringConnectionOptionsRequest::from_query(&at)?;
                Self::ModifyVpcPeeringConnectionOptions(request)
            }
            "ModifyVpcTenancy" => {
                let request = ModifyVpcTenancyRequest::from_query(&at)?;
                Self::ModifyVpcTenancy(request)
            }
            "MonitorInstances" => {
                let request = MonitorInstancesRequest::from_query(&at)?;
                Self::MonitorInstances(request)
            }
            "RebootInstances" => {
                let request = RebootInstancesRequest::from_query(&at)?;
                Self::RebootInstances(request)
            }
            "RejectVpcPeeringConnection" => {
                let request = RejectVpcPeeringConnectionRequest::from_query(&at)?;
                Self::RejectVpcPeeringConnection(request)
            }
            "ReleaseAddress" => {
                let request = ReleaseAddressRequest::from_query(&at)?;
                Self::ReleaseAddress(request)
            }
            "ReplaceIamInstanceProfileAssociation" => {
                let request = ReplaceIamInstanceProfileAssociationRequest::from_query(&at)?;
                Self::ReplaceIamInstanceProfileAssociation(request)
            }
            "ReplaceNetworkAclAssociation" => {
                let request = ReplaceNetworkAclAssociationRequest::from_query(&at)?;
                Self::ReplaceNetworkAclAssociation(request)
            }
            "ReplaceNetworkAclEntry" => {
                let request = ReplaceNetworkAclEntryRequest::from_query(&at)?;
                Self::ReplaceNetworkAclEntry(request)
            }
            "ReplaceRoute" => {
                let request = ReplaceRouteRequest::from_query(&at)?;
                Self::ReplaceRoute(request)
            }
            "ReplaceRouteTableAssociation" => {
                let request = ReplaceRouteTableAssociationRequest::from_query(&at)?;
                Self::ReplaceRouteTableAssociation(request)
            }
            "ResetAddressAttribute" => {
                let request = ResetAddressAttributeRequest::from_query(&at)?;
                Self::ResetAddressAttribute(request)
            }
            "ResetInstanceAttribute" => {
                let request = ResetInstanceAttributeRequest::from_query(&at)?;
                Self::ResetInstanceAttribute(request)
            }
            "ResetNetworkInterfaceAttribute" => {
                let request = ResetNetworkInterfaceAttributeRequest::from_query(&at)?;
                Self::ResetNetworkInterfaceAttribute(request)
            }
            "RestoreManagedPrefixListVersion" => {
                let request = RestoreManagedPrefixListVersionRequest::from_query(&at)?;
                Self::RestoreManagedPrefixListVersion(request)
            }
            "RevokeSecurityGroupEgress" => {
                let request = RevokeSecurityGroupEgressRequest::from_query(&at)?;
                Self::RevokeSecurityGroupEgress(request)
            }
            "RevokeSecurityGroupIngress" => {
                let request = RevokeSecurityGroupIngressRequest::from_query(&at)?;
                Self::RevokeSecurityGroupIngress(request)
            }
            "RunInstances" => {
                let request = RunInstancesRequest::from_query(&at)?;
                Self::RunInstances(Box::new(request))
            }
            "StartInstances" => {
                let request = StartInstancesRequest::from_query(&at)?;
                Self::StartInstances(request)
            }
            "StartNetworkInsightsAnalysis" => {
                let request = StartNetworkInsightsAnalysisRequest::from_query(&at)?;
                Self::StartNetworkInsightsAnalysis(request)
            }
            "StopInstances" => {
                let request = StopInstancesRequest::from_query(&at)?;
                Self::StopInstances(request)
            }
            "TerminateInstances" => {
                let request = TerminateInstancesRequest::from_query(&at)?;
                Self::TerminateInstances(request)
            }
            "UnassignIpv6Addresses" => {
                let request = UnassignIpv6AddressesRequest::from_query(&at)?;
                Self::UnassignIpv6Addresses(request)
            }
            "UnassignPrivateIpAddresses" => {
                let request = UnassignPrivateIpAddressesRequest::from_query(&at)?;
                Self::UnassignPrivateIpAddresses(request)
            }
            "UnassignPrivateNatGatewayAddress" => {
                let request = UnassignPrivateNatGatewayAddressRequest::from_query(&at)?;
                Self::UnassignPrivateNatGatewayAddress(request)
            }
            "UnmonitorInstances" => {
                let request = UnmonitorInstancesRequest::from_query(&at)?;
                Self::UnmonitorInstances(request)
            }
            "UpdateSecurityGroupRuleDescriptionsEgress" => {
                let request = UpdateSecurityGroupRuleDescriptionsEgressRequest::from_query(&at)?;
                Self::UpdateSecurityGroupRuleDescriptionsEgress(request)
            }
            "UpdateSecurityGroupRuleDescriptionsIngress" => {
                let request = UpdateSecurityGroupRuleDescriptionsIngressRequest::from_query(&at)?;
                Self::UpdateSecurityGroupRuleDescriptionsIngress(request)
            }
            _ => return Ok(None),
        }))
    }

    /// The name of the action.
    pub fn action(&self) -> &'static str {
        match self {
            Self::AcceptVpcPeeringConnection(_) => "AcceptVpcPeeringConnection",
            Self::AllocateAddress(_) => "AllocateAddress",
            Self::AssignIpv6Addresses(_) => "AssignIpv6Addresses",
            Self::AssignPrivateIpAddresses(_) => "AssignPrivateIpAddresses",
            Self::AssignPrivateNatGatewayAddress(_) => "AssignPrivateNatGatewayAddress",
            Self::AssociateAddress(_) => "AssociateAddress",
            Self::AssociateDhcpOptions(_) => "AssociateDhcpOptions",
            Self::AssociateIamInstanceProfile(_) => "AssociateIamInstanceProfile",
            Self::AssociateNatGatewayAddress(_) => "AssociateNatGatewayAddress",
            Self::AssociateRouteTable(_) => "AssociateRouteTable",
            Self::AssociateSubnetCidrBlock(_) => "AssociateSubnetCidrBlock",
            Self::AssociateVpcCidrBlock(_) => "AssociateVpcCidrBlock",
            Self::AttachInternetGateway(_) => "AttachInternetGateway",
            Self::AttachNetworkInterface(_) => "AttachNetworkInterface",
            Self::AttachVpnGateway(_) => "AttachVpnGateway",
            Self::AuthorizeSecurityGroupEgress(_) => "AuthorizeSecurityGroupEgress",
            Self::AuthorizeSecurityGroupIngress(_) => "AuthorizeSecurityGroupIngress",
            Self::CreateDefaultSubnet(_) => "CreateDefaultSubnet",
            Self::CreateDefaultVpc(_) => "CreateDefaultVpc",
            Self::CreateDhcpOptions(_) => "CreateDhcpOptions",
            Self::CreateEgressOnlyInternetGateway(_) => "CreateEgressOnlyInternetGateway",
            Self::CreateFlowLogs(_) => "CreateFlowLogs",
            Self::CreateInternetGateway(_) => "CreateInternetGateway",
            Self::CreateKeyPair(_) => "CreateKeyPair",
            Self::CreateManagedPrefixList(_) => "CreateManagedPrefixList",
            Self::CreateNatGateway(_) => "CreateNatGateway",
            Self::CreateNetworkAcl(_) => "CreateNetworkAcl",
            Self::CreateNetworkAclEntry(_) => "CreateNetworkAclEntry",
            Self::CreateNetworkInsightsPath(_) => "CreateNetworkInsightsPath",
            Self::CreateNetworkInterface(_) => "CreateNetworkInterface",
            Self::CreateRoute(_) => "CreateRoute",
            Self::CreateRouteTable(_) => "CreateRouteTable",
            Self::CreateSecurityGroup(_) => "CreateSecurityGroup",
            Self::CreateSubnet(_) => "CreateSubnet",
            Self::CreateSubnetCidrReservation(_) => "CreateSubnetCidrReservation",
            Self::CreateTags(_) => "CreateTags",
            Self::CreateVpc(_) => "CreateVpc",
            Self::CreateVpcEndpoint(_) => "CreateVpcEndpoint",
            Self::CreateVpcPeeringConnection(_) => "CreateVpcPeeringConnection",
            Self::CreateVpnGateway(_) => "CreateVpnGateway",
            Self::DeleteDhcpOptions(_) => "DeleteDhcpOptions",
            Self::DeleteEgressOnlyInternetGateway(_) => "DeleteEgressOnlyInternetGateway",
            Self::DeleteFlowLogs(_) => "DeleteFlowLogs",
            Self::DeleteInternetGateway(_) => "DeleteInternetGateway",
            Self::DeleteKeyPair(_) => "DeleteKeyPair",
            Self::DeleteManagedPrefixList(_) => "DeleteManagedPrefixList",
            Self::DeleteNatGateway(_) => "DeleteNatGateway",
            Self::DeleteNetworkAcl(_) => "DeleteNetworkAcl",
            Self::DeleteNetworkAclEntry(_) => "DeleteNetworkAclEntry",
            Self::DeleteNetworkInsightsAnalysis(_) => "DeleteNetworkInsightsAnalysis",
            Self::DeleteNetworkInsightsPath(_) => "DeleteNetworkInsightsPath",
            Self::DeleteNetworkInterface(_) => "DeleteNetworkInterface",
            Self::DeleteRoute(_) => "DeleteRoute",
            Self::DeleteRouteTable(_) => "DeleteRouteTable",
            Self::DeleteSecurityGroup(_) => "DeleteSecurityGroup",
            Self::DeleteSubnet(_) => "DeleteSubnet",
            Self::DeleteSubnetCidrReservation(_) => "DeleteSubnetCidrReservation",
            Self::DeleteTags(_) => "DeleteTags",
            Self::DeleteVolume(_) => "DeleteVolume",
            Self::DeleteVpc(_) => "DeleteVpc",
            Self::DeleteVpcEndpoints(_) => "DeleteVpcEndpoints",
            Self::DeleteVpcPeeringConnection(_) => "DeleteVpcPeeringConnection",
            Self::DeleteVpnGateway(_) => "DeleteVpnGateway",
            Self::DescribeAccountAttributes(_) => "DescribeAccountAttributes",
            Self::DescribeAddresses(_) => "DescribeAddresses",
            Self::DescribeAddressesAttribute(_) => "DescribeAddressesAttribute",
            Self::DescribeAvailabilityZones(_) => "DescribeAvailabilityZones",
            Self::DescribeCustomerGateways(_) => "DescribeCustomerGateways",
            Self::DescribeDhcpOptions(_) => "DescribeDhcpOptions",
            Self::DescribeEgressOnlyInternetGateways(_) => "DescribeEgressOnlyInternetGateways",
            Self::DescribeFlowLogs(_) => "DescribeFlowLogs",
            Self::DescribeIamInstanceProfileAssociations(_) => "DescribeIamInstanceProfileAssociations",
            Self::DescribeImages(_) => "DescribeImages",
            Self::DescribeInstanceAttribute(_) => "DescribeInstanceAttribute",
            Self::DescribeInstanceCreditSpecifications(_) => "DescribeInstanceCreditSpecifications",
            Self::DescribeInstanceStatus(_) => "DescribeInstanceStatus",
            Self::DescribeInstanceTypeOfferings(_) => "DescribeInstanceTypeOfferings",
            Self::DescribeInstanceTypes(_) => "DescribeInstanceTypes",
            Self::DescribeInstances(_) => "DescribeInstances",
            Self::DescribeInternetGateways(_) => "DescribeInternetGateways",
            Self::DescribeKeyPairs(_) => "DescribeKeyPairs",
            Self::DescribeManagedPrefixLists(_) => "DescribeManagedPrefixLists",
            Self::DescribeNatGateways(_) => "DescribeNatGateways",
            Self::DescribeNetworkAcls(_) => "DescribeNetworkAcls",
            Self::DescribeNetworkInsightsAnalyses(_) => "DescribeNetworkInsightsAnalyses",
            Self::DescribeNetworkInsightsPaths(_) => "DescribeNetworkInsightsPaths",
            Self::DescribeNetworkInterfaceAttribute(_) => "DescribeNetworkInterfaceAttribute",
            Self::DescribeNetworkInterfaces(_) => "DescribeNetworkInterfaces",
            Self::DescribePrefixLists(_) => "DescribePrefixLists",
            Self::DescribePublicIpv4Pools(_) => "DescribePublicIpv4Pools",
            Self::DescribeRegions(_) => "DescribeRegions",
            Self::DescribeRouteTables(_) => "DescribeRouteTables",
            Self::DescribeSecurityGroupReferences(_) => "DescribeSecurityGroupReferences",
            Self::DescribeSecurityGroupRules(_) => "DescribeSecurityGroupRules",
            Self::DescribeSecurityGroups(_) => "DescribeSecurityGroups",
            Self::DescribeStaleSecurityGroups(_) => "DescribeStaleSecurityGroups",
            Self::DescribeSubnets(_) => "DescribeSubnets",
            Self::DescribeTags(_) => "DescribeTags",
            Self::DescribeVolumes(_) => "DescribeVolumes",
            Self::DescribeVpcAttribute(_) => "DescribeVpcAttribute",
            Self::DescribeVpcEndpointAssociations(_) => "DescribeVpcEndpointAssociations",
            Self::DescribeVpcEndpointConnections(_) => "DescribeVpcEndpointConnections",
            Self::DescribeVpcEndpointServiceConfigurations(_) => "DescribeVpcEndpointServiceConfigurations",
            Self::DescribeVpcEndpointServices(_) => "DescribeVpcEndpointServices",
            Self::DescribeVpcEndpoints(_) => "DescribeVpcEndpoints",
            Self::DescribeVpcPeeringConnections(_) => "DescribeVpcPeeringConnections",
            Self::DescribeVpcs(_) => "DescribeVpcs",
            Self::DescribeVpnConnections(_) => "DescribeVpnConnections",
            Self::DescribeVpnGateways(_) => "DescribeVpnGateways",
            Self::DetachInternetGateway(_) => "DetachInternetGateway",
            Self::DetachNetworkInterface(_) => "DetachNetworkInterface",
            Self::DetachVpnGateway(_) => "DetachVpnGateway",
            Self::DisableVgwRoutePropagation(_) => "DisableVgwRoutePropagation",
            Self::DisassociateAddress(_) => "DisassociateAddress",
            Self::DisassociateIamInstanceProfile(_) => "DisassociateIamInstanceProfile",
            Self::DisassociateNatGatewayAddress(_) => "DisassociateNatGatewayAddress",
            Self::DisassociateRouteTable(_) => "DisassociateRouteTable",
            Self::DisassociateSubnetCidrBlock(_) => "DisassociateSubnetCidrBlock",
            Self::DisassociateVpcCidrBlock(_) => "DisassociateVpcCidrBlock",
            Self::EnableVgwRoutePropagation(_) => "EnableVgwRoutePropagation",
            Self::GetManagedPrefixListAssociations(_) => "GetManagedPrefixListAssociations",
            Self::GetManagedPrefixListEntries(_) => "GetManagedPrefixListEntries",
            Self::GetSecurityGroupsForVpc(_) => "GetSecurityGroupsForVpc",
            Self::GetSubnetCidrReservations(_) => "GetSubnetCidrReservations",
            Self::ImportKeyPair(_) => "ImportKeyPair",
            Self::ModifyAddressAttribute(_) => "ModifyAddressAttribute",
            Self::ModifyInstanceAttribute(_) => "ModifyInstanceAttribute",
            Self::ModifyInstanceMetadataOptions(_) => "ModifyInstanceMetadataOptions",
            Self::ModifyManagedPrefixList(_) => "ModifyManagedPrefixList",
            Self::ModifyNetworkInterfaceAttribute(_) => "ModifyNetworkInterfaceAttribute",
            Self::ModifySecurityGroupRules(_) => "ModifySecurityGroupRules",
            Self::ModifySubnetAttribute(_) => "ModifySubnetAttribute",
            Self::ModifyVpcAttribute(_) => "ModifyVpcAttribute",
            Self::ModifyVpcEndpoint(_) => "ModifyVpcEndpoint",
            Self::ModifyVpcPeeringConnectionOptions(_) => "ModifyVpcPeeringConnectionOptions",
            Self::ModifyVpcTenancy(_) => "ModifyVpcTenancy",
            Self::MonitorInstances(_) => "MonitorInstances",
            Self::RebootInstances(_) => "RebootInstances",
            Self::RejectVpcPeeringConnection(_) => "RejectVpcPeeringConnection",
            Self::ReleaseAddress(_) => "ReleaseAddress",
            Self::ReplaceIamInstanceProfileAssociation(_) => "ReplaceIamInstanceProfileAssociation",
            Self::ReplaceNetworkAclAssociation(_) => "ReplaceNetworkAclAssociation",
            Self::ReplaceNetworkAclEntry(_) => "ReplaceNetworkAclEntry",
            Self::ReplaceRoute(_) => "ReplaceRoute",
            Self::ReplaceRouteTableAssociation(_) => "ReplaceRouteTableAssociation",
            Self::ResetAddressAttribute(_) => "ResetAddressAttribute",
            Self::ResetInstanceAttribute(_) => "ResetInstanceAttribute",
            Self::ResetNetworkInterfaceAttribute(_) => "ResetNetworkInterfaceAttribute",
            Self::RestoreManagedPrefixListVersion(_) => "RestoreManagedPrefixListVersion",
            Self::RevokeSecurityGroupEgress(_) => "RevokeSecurityGroupEgress",
            Self::RevokeSecurityGroupIngress(_) => "RevokeSecurityGroupIngress",
            Self::RunInstances(_) => "RunInstances",
            Self::StartInstances(_) => "StartInstances",
            Self::StartNetworkInsightsAnalysis(_) => "StartNetworkInsightsAnalysis",
            Self::StopInstances(_) => "StopInstances",
            Self::TerminateInstances(_) => "TerminateInstances",
            Self::UnassignIpv6Addresses(_) => "UnassignIpv6Addresses",
            Self::UnassignPrivateIpAddresses(_) => "UnassignPrivateIpAddresses",
            Self::UnassignPrivateNatGatewayAddress(_) => "UnassignPrivateNatGatewayAddress",
            Self::UnmonitorInstances(_) => "UnmonitorInstances",
            Self::UpdateSecurityGroupRuleDescriptionsEgress(_) => "UpdateSecurityGroupRuleDescriptionsEgress",
            Self::UpdateSecurityGroupRuleDescriptionsIngress(_) => "UpdateSecurityGroupRuleDescriptionsIngress",
        }
    }

    /// Whether the caller only asks if the action would be permitted.
    pub fn dry_run(&self) -> bool {
        let dry_run = match self {
            Self::AcceptVpcPeeringConnection(request) => request.dry_run,
            Self::AllocateAddress(request) => request.dry_run,
            Self::AssignIpv6Addresses(_) => None,
            Self::AssignPrivateIpAddresses(_) => None,
            Self::AssignPrivateNatGatewayAddress(request) => request.dry_run,
            Self::AssociateAddress(request) => request.dry_run,
            Self::AssociateDhcpOptions(request) => request.dry_run,
            Self::AssociateIamInstanceProfile(_) => None,
            Self::AssociateNatGatewayAddress(request) => request.dry_run,
            Self::AssociateRouteTable(request) => request.dry_run,
            Self::AssociateSubnetCidrBlock(_) => None,
            Self::AssociateVpcCidrBlock(_) => None,
            Self::AttachInternetGateway(request) => request.dry_run,
            Self::AttachNetworkInterface(request) => request.dry_run,
            Self::AttachVpnGateway(request) => request.dry_run,
            Self::AuthorizeSecurityGroupEgress(request) => request.dry_run,
            Self::AuthorizeSecurityGroupIngress(request) => request.dry_run,
            Self::CreateDefaultSubnet(request) => request.dry_run,
            Self::CreateDefaultVpc(request) => request.dry_run,
            Self::CreateDhcpOptions(request) => request.dry_run,
            Self::CreateEgressOnlyInternetGateway(request) => request.dry_run,
            Self::CreateFlowLogs(request) => request.dry_run,
            Self::CreateInternetGateway(request) => request.dry_run,
            Self::CreateKeyPair(request) => request.dry_run,
            Self::CreateManagedPrefixList(request) => request.dry_run,
            Self::CreateNatGateway(request) => request.dry_run,
            Self::CreateNetworkAcl(request) => request.dry_run,
            Self::CreateNetworkAclEntry(request) => request.dry_run,
            Self::CreateNetworkInsightsPath(request) => request.dry_run,
            Self::CreateNetworkInterface(request) => request.dry_run,
            Self::CreateRoute(request) => request.dry_run,
            Self::CreateRouteTable(request) => request.dry_run,
            Self::CreateSecurityGroup(request) => request.dry_run,
            Self::CreateSubnet(request) => request.dry_run,
            Self::CreateSubnetCidrReservation(request) => request.dry_run,
            Self::CreateTags(request) => request.dry_run,
            Self::CreateVpc(request) => request.dry_run,
            Self::CreateVpcEndpoint(request) => request.dry_run,
            Self::CreateVpcPeeringConnection(request) => request.dry_run,
            Self::CreateVpnGateway(request) => request.dry_run,
            Self::DeleteDhcpOptions(request) => request.dry_run,
            Self::DeleteEgressOnlyInternetGateway(request) => request.dry_run,
            Self::DeleteFlowLogs(request) => request.dry_run,
            Self::DeleteInternetGateway(request) => request.dry_run,
            Self::DeleteKeyPair(request) => request.dry_run,
            Self::DeleteManagedPrefixList(request) => request.dry_run,
            Self::DeleteNatGateway(request) => request.dry_run,
            Self::DeleteNetworkAcl(request) => request.dry_run,
            Self::DeleteNetworkAclEntry(request) => request.dry_run,
            Self::DeleteNetworkInsightsAnalysis(request) => request.dry_run,
            Self::DeleteNetworkInsightsPath(request) => request.dry_run,
            Self::DeleteNetworkInterface(request) => request.dry_run,
            Self::DeleteRoute(request) => request.dry_run,
            Self::DeleteRouteTable(request) => request.dry_run,
            Self::DeleteSecurityGroup(request) => request.dry_run,
            Self::DeleteSubnet(request) => request.dry_run,
            Self::DeleteSubnetCidrReservation(request) => request.dry_run,
            Self::DeleteTags(request) => request.dry_run,
            Self::DeleteVolume(request) => request.dry_run,
            Self::DeleteVpc(request) => request.dry_run,
            Self::DeleteVpcEndpoints(request) => request.dry_run,
            Self::DeleteVpcPeeringConnection(request) => request.dry_run,
            Self::DeleteVpnGateway(request) => request.dry_run,
            Self::DescribeAccountAttributes(request) => request.dry_run,
            Self::DescribeAddresses(request) => request.dry_run,
            Self::DescribeAddressesAttribute(request) => request.dry_run,
            Self::DescribeAvailabilityZones(request) => request.dry_run,
            Self::DescribeCustomerGateways(request) => request.dry_run,
            Self::DescribeDhcpOptions(request) => request.dry_run,
            Self::DescribeEgressOnlyInternetGateways(request) => request.dry_run,
            Self::DescribeFlowLogs(request) => request.dry_run,
            Self::DescribeIamInstanceProfileAssociations(_) => None,
            Self::DescribeImages(request) => request.dry_run,
            Self::DescribeInstanceAttribute(request) => request.dry_run,
            Self::DescribeInstanceCreditSpecifications(request) => request.dry_run,
            Self::DescribeInstanceStatus(request) => request.dry_run,
            Self::DescribeInstanceTypeOfferings(request) => request.dry_run,
            Self::DescribeInstanceTypes(request) => request.dry_run,
            Self::DescribeInstances(request) => request.dry_run,
            Self::DescribeInternetGateways(request) => request.dry_run,
            Self::DescribeKeyPairs(request) => request.dry_run,
            Self::DescribeManagedPrefixLists(request) => request.dry_run,
            Self::DescribeNatGateways(request) => request.dry_run,
            Self::DescribeNetworkAcls(request) => request.dry_run,
            Self::DescribeNetworkInsightsAnalyses(request) => request.dry_run,
            Self::DescribeNetworkInsightsPaths(request) => request.dry_run,
            Self::DescribeNetworkInterfaceAttribute(request) => request.dry_run,
            Self::DescribeNetworkInterfaces(request) => request.dry_run,
            Self::DescribePrefixLists(request) => request.dry_run,
            Self::DescribePublicIpv4Pools(_) => None,
            Self::DescribeRegions(request) => request.dry_run,
            Self::DescribeRouteTables(request) => request.dry_run,
            Self::DescribeSecurityGroupReferences(request) => request.dry_run,
            Self::DescribeSecurityGroupRules(request) => request.dry_run,
            Self::DescribeSecurityGroups(request) => request.dry_run,
            Self::DescribeStaleSecurityGroups(request) => request.dry_run,
            Self::DescribeSubnets(request) => request.dry_run,
            Self::DescribeTags(request) => request.dry_run,
            Self::DescribeVolumes(request) => request.dry_run,
            Self::DescribeVpcAttribute(request) => request.dry_run,
            Self::DescribeVpcEndpointAssociations(request) => request.dry_run,
            Self::DescribeVpcEndpointConnections(request) => request.dry_run,
            Self::DescribeVpcEndpointServiceConfigurations(request) => request.dry_run,
            Self::DescribeVpcEndpointServices(request) => request.dry_run,
            Self::DescribeVpcEndpoints(request) => request.dry_run,
            Self::DescribeVpcPeeringConnections(request) => request.dry_run,
            Self::DescribeVpcs(request) => request.dry_run,
            Self::DescribeVpnConnections(request) => request.dry_run,
            Self::DescribeVpnGateways(request) => request.dry_run,
            Self::DetachInternetGateway(request) => request.dry_run,
            Self::DetachNetworkInterface(request) => request.dry_run,
            Self::DetachVpnGateway(request) => request.dry_run,
            Self::DisableVgwRoutePropagation(request) => request.dry_run,
            Self::DisassociateAddress(request) => request.dry_run,
            Self::DisassociateIamInstanceProfile(_) => None,
            Self::DisassociateNatGatewayAddress(request) => request.dry_run,
            Self::DisassociateRouteTable(request) => request.dry_run,
            Self::DisassociateSubnetCidrBlock(_) => None,
            Self::DisassociateVpcCidrBlock(_) => None,
            Self::EnableVgwRoutePropagation(request) => request.dry_run,
            Self::GetManagedPrefixListAssociations(request) => request.dry_run,
            Self::GetManagedPrefixListEntries(request) => request.dry_run,
            Self::GetSecurityGroupsForVpc(request) => request.dry_run,
            Self::GetSubnetCidrReservations(request) => request.dry_run,
            Self::ImportKeyPair(request) => request.dry_run,
            Self::ModifyAddressAttribute(request) => request.dry_run,
            Self::ModifyInstanceAttribute(request) => request.dry_run,
            Self::ModifyInstanceMetadataOptions(request) => request.dry_run,
            Self::ModifyManagedPrefixList(request) => request.dry_run,
            Self::ModifyNetworkInterfaceAttribute(request) => request.dry_run,
            Self::ModifySecurityGroupRules(request) => request.dry_run,
            Self::ModifySubnetAttribute(_) => None,
            Self::ModifyVpcAttribute(_) => None,
            Self::ModifyVpcEndpoint(request) => request.dry_run,
            Self::ModifyVpcPeeringConnectionOptions(request) => request.dry_run,
            Self::ModifyVpcTenancy(request) => request.dry_run,
            Self::MonitorInstances(request) => request.dry_run,
            Self::RebootInstances(request) => request.dry_run,
            Self::RejectVpcPeeringConnection(request) => request.dry_run,
            Self::ReleaseAddress(request) => request.dry_run,
            Self::ReplaceIamInstanceProfileAssociation(_) => None,
            Self::ReplaceNetworkAclAssociation(request) => request.dry_run,
            Self::ReplaceNetworkAclEntry(request) => request.dry_run,
            Self::ReplaceRoute(request) => request.dry_run,
            Self::ReplaceRouteTableAssociation(request) => request.dry_run,
            Self::ResetAddressAttribute(request) => request.dry_run,
            Self::ResetInstanceAttribute(request) => request.dry_run,
            Self::ResetNetworkInterfaceAttribute(request) => request.dry_run,
            Self::RestoreManagedPrefixListVersion(request) => request.dry_run,
            Self::RevokeSecurityGroupEgress(request) => request.dry_run,
            Self::RevokeSecurityGroupIngress(request) => request.dry_run,
            Self::RunInstances(request) => request.dry_run,
            Self::StartInstances(request) => request.dry_run,
            Self::StartNetworkInsightsAnalysis(request) => request.dry_run,
            Self::StopInstances(request) => request.dry_run,
            Self::TerminateInstances(request) => request.dry_run,
            Self::UnassignIpv6Addresses(_) => None,
            Self::UnassignPrivateIpAddresses(_) => None,
            Self::UnassignPrivateNatGatewayAddress(request) => request.dry_run,
            Self::UnmonitorInstances(request) => request.dry_run,
            Self::UpdateSecurityGroupRuleDescriptionsEgress(request) => request.dry_run,
            Self::UpdateSecurityGroupRuleDescriptionsIngress(request) => request.dry_run,
        };
        dry_run == Some(true)
    }
}

/// `AcceptVpcPeeringConnection` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AcceptVpcPeeringConnection.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AcceptVpcPeeringConnectionRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `VpcPeeringConnectionId` on the wire.
    pub vpc_peering_connection_id: Option<String>,
}

impl FromQuery for AcceptVpcPeeringConnectionRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "VpcPeeringConnectionId"])?;
        Ok(Self { dry_run: at.optional("DryRun")?, vpc_peering_connection_id: at.required("VpcPeeringConnectionId")? })
    }
}

/// `AcceptVpcPeeringConnection` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AcceptVpcPeeringConnection.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AcceptVpcPeeringConnectionResult {
    /// `vpcPeeringConnection` on the wire.
    pub vpc_peering_connection: Option<VpcPeeringConnection>,
}

impl ToXml for AcceptVpcPeeringConnectionResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("vpcPeeringConnection", self.vpc_peering_connection.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AccountAttribute.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AccountAttribute {
    /// `attributeName` on the wire.
    pub attribute_name: Option<String>,
    /// `attributeValueSet` on the wire.
    pub attribute_values: Vec<AccountAttributeValue>,
}

impl ToXml for AccountAttribute {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("attributeName", self.attribute_name.as_ref());
        out.list("attributeValueSet", "item", &self.attribute_values);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AccountAttributeValue.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AccountAttributeValue {
    /// `attributeValue` on the wire.
    pub attribute_value: Option<String>,
}

impl ToXml for AccountAttributeValue {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("attributeValue", self.attribute_value.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AddPrefixListEntry.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AddPrefixListEntry {
    /// `Cidr` on the wire.
    pub cidr: Option<String>,
    /// `Description` on the wire.
    pub description: Option<String>,
}

impl FromQuery for AddPrefixListEntry {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["Cidr", "Description"])?;
        Ok(Self { cidr: at.required("Cidr")?, description: at.optional("Description")? })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AdditionalDetail.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AdditionalDetail {
    /// `additionalDetailType` on the wire.
    pub additional_detail_type: Option<String>,
    /// `component` on the wire.
    pub component: Option<AnalysisComponent>,
    /// `vpcEndpointService` on the wire.
    pub vpc_endpoint_service: Option<AnalysisComponent>,
    /// `ruleOptionSet` on the wire.
    pub rule_options: Vec<RuleOption>,
    /// `ruleGroupTypePairSet` on the wire.
    pub rule_group_type_pairs: Vec<RuleGroupTypePair>,
    /// `ruleGroupRuleOptionsPairSet` on the wire.
    pub rule_group_rule_options_pairs: Vec<RuleGroupRuleOptionsPair>,
    /// `serviceName` on the wire.
    pub service_name: Option<String>,
    /// `loadBalancerSet` on the wire.
    pub load_balancers: Vec<AnalysisComponent>,
}

impl ToXml for AdditionalDetail {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("additionalDetailType", self.additional_detail_type.as_ref());
        out.optional("component", self.component.as_ref());
        out.optional("vpcEndpointService", self.vpc_endpoint_service.as_ref());
        out.list("ruleOptionSet", "item", &self.rule_options);
        out.list("ruleGroupTypePairSet", "item", &self.rule_group_type_pairs);
        out.list("ruleGroupRuleOptionsPairSet", "item", &self.rule_group_rule_options_pairs);
        out.optional("serviceName", self.service_name.as_ref());
        out.list("loadBalancerSet", "item", &self.load_balancers);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Address.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Address {
    /// `allocationId` on the wire.
    pub allocation_id: Option<String>,
    /// `associationId` on the wire.
    pub association_id: Option<String>,
    /// `domain` on the wire.
    pub domain: Option<String>,
    /// `networkInterfaceId` on the wire.
    pub network_interface_id: Option<String>,
    /// `networkInterfaceOwnerId` on the wire.
    pub network_interface_owner_id: Option<String>,
    /// `privateIpAddress` on the wire.
    pub private_ip_address: Option<String>,
    /// `tagSet` on the wire.
    pub tags: Vec<Tag>,
    /// `publicIpv4Pool` on the wire.
    pub public_ipv4_pool: Option<String>,
    /// `networkBorderGroup` on the wire.
    pub network_border_group: Option<String>,
    /// `customerOwnedIp` on the wire.
    pub customer_owned_ip: Option<String>,
    /// `customerOwnedIpv4Pool` on the wire.
    pub customer_owned_ipv4_pool: Option<String>,
    /// `carrierIp` on the wire.
    pub carrier_ip: Option<String>,
    /// `subnetId` on the wire.
    pub subnet_id: Option<String>,
    /// `serviceManaged` on the wire.
    pub service_managed: Option<String>,
    /// `instanceId` on the wire.
    pub instance_id: Option<String>,
    /// `publicIp` on the wire.
    pub public_ip: Option<String>,
}

impl ToXml for Address {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("allocationId", self.allocation_id.as_ref());
        out.optional("associationId", self.association_id.as_ref());
        out.optional("domain", self.domain.as_ref());
        out.optional("networkInterfaceId", self.network_interface_id.as_ref());
        out.optional("networkInterfaceOwnerId", self.network_interface_owner_id.as_ref());
        out.optional("privateIpAddress", self.private_ip_address.as_ref());
        out.list("tagSet", "item", &self.tags);
        out.optional("publicIpv4Pool", self.public_ipv4_pool.as_ref());
        out.optional("networkBorderGroup", self.network_border_group.as_ref());
        out.optional("customerOwnedIp", self.customer_owned_ip.as_ref());
        out.optional("customerOwnedIpv4Pool", self.customer_owned_ipv4_pool.as_ref());
        out.optional("carrierIp", self.carrier_ip.as_ref());
        out.optional("subnetId", self.subnet_id.as_ref());
        out.optional("serviceManaged", self.service_managed.as_ref());
        out.optional("instanceId", self.instance_id.as_ref());
        out.optional("publicIp", self.public_ip.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AddressAttribute.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AddressAttribute {
    /// `publicIp` on the wire.
    pub public_ip: Option<String>,
    /// `allocationId` on the wire.
    pub allocation_id: Option<String>,
    /// `ptrRecord` on the wire.
    pub ptr_record: Option<String>,
    /// `ptrRecordUpdate` on the wire.
    pub ptr_record_update: Option<PtrUpdateStatus>,
}

impl ToXml for AddressAttribute {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("publicIp", self.public_ip.as_ref());
        out.optional("allocationId", self.allocation_id.as_ref());
        out.optional("ptrRecord", self.ptr_record.as_ref());
        out.optional("ptrRecordUpdate", self.ptr_record_update.as_ref());
    }
}

/// `AllocateAddress` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AllocateAddress.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AllocateAddressRequest {
    /// `Domain` on the wire.
    pub domain: Option<String>,
    /// `Address` on the wire.
    pub address: Option<String>,
    /// `PublicIpv4Pool` on the wire.
    pub public_ipv4_pool: Option<String>,
    /// `NetworkBorderGroup` on the wire.
    pub network_border_group: Option<String>,
    /// `CustomerOwnedIpv4Pool` on the wire.
    pub customer_owned_ipv4_pool: Option<String>,
    /// `TagSpecification` on the wire.
    pub tag_specifications: Vec<TagSpecification>,
    /// `IpamPoolId` on the wire.
    pub ipam_pool_id: Option<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for AllocateAddressRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "Address",
            "CustomerOwnedIpv4Pool",
            "Domain",
            "DryRun",
            "IpamPoolId",
            "NetworkBorderGroup",
            "PublicIpv4Pool",
            "TagSpecification",
        ])?;
        Ok(Self {
            domain: at.optional("Domain")?,
            address: at.optional("Address")?,
            public_ipv4_pool: at.optional("PublicIpv4Pool")?,
            network_border_group: at.optional("NetworkBorderGroup")?,
            customer_owned_ipv4_pool: at.optional("CustomerOwnedIpv4Pool")?,
            tag_specifications: at.list("TagSpecification")?,
            ipam_pool_id: at.optional("IpamPoolId")?,
            dry_run: at.optional("DryRun")?,
        })
    }
}

/// `AllocateAddress` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AllocateAddress.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AllocateAddressResult {
    /// `allocationId` on the wire.
    pub allocation_id: Option<String>,
    /// `publicIpv4Pool` on the wire.
    pub public_ipv4_pool: Option<String>,
    /// `networkBorderGroup` on the wire.
    pub network_border_group: Option<String>,
    /// `domain` on the wire.
    pub domain: Option<String>,
    /// `customerOwnedIp` on the wire.
    pub customer_owned_ip: Option<String>,
    /// `customerOwnedIpv4Pool` on the wire.
    pub customer_owned_ipv4_pool: Option<String>,
    /// `carrierIp` on the wire.
    pub carrier_ip: Option<String>,
    /// `publicIp` on the wire.
    pub public_ip: Option<String>,
}

impl ToXml for AllocateAddressResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("allocationId", self.allocation_id.as_ref());
        out.optional("publicIpv4Pool", self.public_ipv4_pool.as_ref());
        out.optional("networkBorderGroup", self.network_border_group.as_ref());
        out.optional("domain", self.domain.as_ref());
        out.optional("customerOwnedIp", self.customer_owned_ip.as_ref());
        out.optional("customerOwnedIpv4Pool", self.customer_owned_ipv4_pool.as_ref());
        out.optional("carrierIp", self.carrier_ip.as_ref());
        out.optional("publicIp", self.public_ip.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AlternatePathHint.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AlternatePathHint {
    /// `componentId` on the wire.
    pub component_id: Option<String>,
    /// `componentArn` on the wire.
    pub component_arn: Option<String>,
}

impl ToXml for AlternatePathHint {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("componentId", self.component_id.as_ref());
        out.optional("componentArn", self.component_arn.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AnalysisAclRule.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AnalysisAclRule {
    /// `cidr` on the wire.
    pub cidr: Option<String>,
    /// `egress` on the wire.
    pub egress: Option<bool>,
    /// `portRange` on the wire.
    pub port_range: Option<PortRange>,
    /// `protocol` on the wire.
    pub protocol: Option<String>,
    /// `ruleAction` on the wire.
    pub rule_action: Option<String>,
    /// `ruleNumber` on the wire.
    pub rule_number: Option<i32>,
}

impl ToXml for AnalysisAclRule {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("cidr", self.cidr.as_ref());
        out.optional("egress", self.egress.as_ref());
        out.optional("portRange", self.port_range.as_ref());
        out.optional("protocol", self.protocol.as_ref());
        out.optional("ruleAction", self.rule_action.as_ref());
        out.optional("ruleNumber", self.rule_number.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AnalysisComponent.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AnalysisComponent {
    /// `id` on the wire.
    pub id: Option<String>,
    /// `arn` on the wire.
    pub arn: Option<String>,
    /// `name` on the wire.
    pub name: Option<String>,
}

impl ToXml for AnalysisComponent {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("id", self.id.as_ref());
        out.optional("arn", self.arn.as_ref());
        out.optional("name", self.name.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AnalysisLoadBalancerListener.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AnalysisLoadBalancerListener {
    /// `loadBalancerPort` on the wire.
    pub load_balancer_port: Option<i32>,
    /// `instancePort` on the wire.
    pub instance_port: Option<i32>,
}

impl ToXml for AnalysisLoadBalancerListener {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("loadBalancerPort", self.load_balancer_port.as_ref());
        out.optional("instancePort", self.instance_port.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AnalysisLoadBalancerTarget.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AnalysisLoadBalancerTarget {
    /// `address` on the wire.
    pub address: Option<String>,
    /// `availabilityZone` on the wire.
    pub availability_zone: Option<String>,
    /// `availabilityZoneId` on the wire.
    pub availability_zone_id: Option<String>,
    /// `instance` on the wire.
    pub instance: Option<AnalysisComponent>,
    /// `port` on the wire.
    pub port: Option<i32>,
}

impl ToXml for AnalysisLoadBalancerTarget {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("address", self.address.as_ref());
        out.optional("availabilityZone", self.availability_zone.as_ref());
        out.optional("availabilityZoneId", self.availability_zone_id.as_ref());
        out.optional("instance", self.instance.as_ref());
        out.optional("port", self.port.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AnalysisPacketHeader.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AnalysisPacketHeader {
    /// `destinationAddressSet` on the wire.
    pub destination_addresses: Vec<String>,
    /// `destinationPortRangeSet` on the wire.
    pub destination_port_ranges: Vec<PortRange>,
    /// `protocol` on the wire.
    pub protocol: Option<String>,
    /// `sourceAddressSet` on the wire.
    pub source_addresses: Vec<String>,
    /// `sourcePortRangeSet` on the wire.
    pub source_port_ranges: Vec<PortRange>,
}

impl ToXml for AnalysisPacketHeader {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("destinationAddressSet", "item", &self.destination_addresses);
        out.list("destinationPortRangeSet", "item", &self.destination_port_ranges);
        out.optional("protocol", self.protocol.as_ref());
        out.list("sourceAddressSet", "item", &self.source_addresses);
        out.list("sourcePortRangeSet", "item", &self.source_port_ranges);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AnalysisRouteTableRoute.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AnalysisRouteTableRoute {
    /// `destinationCidr` on the wire.
    pub destination_cidr: Option<String>,
    /// `destinationPrefixListId` on the wire.
    pub destination_prefix_list_id: Option<String>,
    /// `egressOnlyInternetGatewayId` on the wire.
    pub egress_only_internet_gateway_id: Option<String>,
    /// `gatewayId` on the wire.
    pub gateway_id: Option<String>,
    /// `instanceId` on the wire.
    pub instance_id: Option<String>,
    /// `natGatewayId` on the wire.
    pub nat_gateway_id: Option<String>,
    /// `networkInterfaceId` on the wire.
    pub network_interface_id: Option<String>,
    /// `origin` on the wire.
    pub origin: Option<String>,
    /// `transitGatewayId` on the wire.
    pub transit_gateway_id: Option<String>,
    /// `vpcPeeringConnectionId` on the wire.
    pub vpc_peering_connection_id: Option<String>,
    /// `state` on the wire.
    pub state: Option<String>,
    /// `carrierGatewayId` on the wire.
    pub carrier_gateway_id: Option<String>,
    /// `coreNetworkArn` on the wire.
    pub core_network_arn: Option<String>,
    /// `localGatewayId` on the wire.
    pub local_gateway_id: Option<String>,
}

impl ToXml for AnalysisRouteTableRoute {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("destinationCidr", self.destination_cidr.as_ref());
        out.optional("destinationPrefixListId", self.destination_prefix_list_id.as_ref());
        out.optional("egressOnlyInternetGatewayId", self.egress_only_internet_gateway_id.as_ref());
        out.optional("gatewayId", self.gateway_id.as_ref());
        out.optional("instanceId", self.instance_id.as_ref());
        out.optional("natGatewayId", self.nat_gateway_id.as_ref());
        out.optional("networkInterfaceId", self.network_interface_id.as_ref());
        out.optional("origin", self.origin.as_ref());
        out.optional("transitGatewayId", self.transit_gateway_id.as_ref());
        out.optional("vpcPeeringConnectionId", self.vpc_peering_connection_id.as_ref());
        out.optional("state", self.state.as_ref());
        out.optional("carrierGatewayId", self.carrier_gateway_id.as_ref());
        out.optional("coreNetworkArn", self.core_network_arn.as_ref());
        out.optional("localGatewayId", self.local_gateway_id.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AnalysisSecurityGroupRule.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AnalysisSecurityGroupRule {
    /// `cidr` on the wire.
    pub cidr: Option<String>,
    /// `direction` on the wire.
    pub direction: Option<String>,
    /// `securityGroupId` on the wire.
    pub security_group_id: Option<String>,
    /// `portRange` on the wire.
    pub port_range: Option<PortRange>,
    /// `prefixListId` on the wire.
    pub prefix_list_id: Option<String>,
    /// `protocol` on the wire.
    pub protocol: Option<String>,
}

impl ToXml for AnalysisSecurityGroupRule {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("cidr", self.cidr.as_ref());
        out.optional("direction", self.direction.as_ref());
        out.optional("securityGroupId", self.security_group_id.as_ref());
        out.optional("portRange", self.port_range.as_ref());
        out.optional("prefixListId", self.prefix_list_id.as_ref());
        out.optional("protocol", self.protocol.as_ref());
    }
}

/// `AssignIpv6Addresses` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssignIpv6Addresses.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AssignIpv6AddressesRequest {
    /// `Ipv6PrefixCount` on the wire.
    pub ipv6_prefix_count: Option<i32>,
    /// `Ipv6Prefix` on the wire.
    pub ipv6_prefixes: Vec<String>,
    /// `NetworkInterfaceId` on the wire.
    pub network_interface_id: Option<String>,
    /// `Ipv6Addresses` on the wire.
    pub ipv6_addresses: Vec<String>,
    /// `Ipv6AddressCount` on the wire.
    pub ipv6_address_count: Option<i32>,
}

impl FromQuery for AssignIpv6AddressesRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["Ipv6AddressCount", "Ipv6Addresses", "Ipv6Prefix", "Ipv6PrefixCount", "NetworkInterfaceId"])?;
        Ok(Self {
            ipv6_prefix_count: at.optional("Ipv6PrefixCount")?,
            ipv6_prefixes: at.list("Ipv6Prefix")?,
            network_interface_id: at.required("NetworkInterfaceId")?,
            ipv6_addresses: at.list("Ipv6Addresses")?,
            ipv6_address_count: at.optional("Ipv6AddressCount")?,
        })
    }
}

/// `AssignIpv6Addresses` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssignIpv6Addresses.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AssignIpv6AddressesResult {
    /// `assignedIpv6Addresses` on the wire.
    pub assigned_ipv6_addresses: Vec<String>,
    /// `assignedIpv6PrefixSet` on the wire.
    pub assigned_ipv6_prefixes: Vec<String>,
    /// `networkInterfaceId` on the wire.
    pub network_interface_id: Option<String>,
}

impl ToXml for AssignIpv6AddressesResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("assignedIpv6Addresses", "item", &self.assigned_ipv6_addresses);
        out.list("assignedIpv6PrefixSet", "item", &self.assigned_ipv6_prefixes);
        out.optional("networkInterfaceId", self.network_interface_id.as_ref());
    }
}

/// `AssignPrivateIpAddresses` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssignPrivateIpAddresses.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AssignPrivateIpAddressesRequest {
    /// `Ipv4Prefix` on the wire.
    pub ipv4_prefixes: Vec<String>,
    /// `Ipv4PrefixCount` on the wire.
    pub ipv4_prefix_count: Option<i32>,
    /// `NetworkInterfaceId` on the wire.
    pub network_interface_id: Option<String>,
    /// `PrivateIpAddress` on the wire.
    pub private_ip_addresses: Vec<String>,
    /// `SecondaryPrivateIpAddressCount` on the wire.
    pub secondary_private_ip_address_count: Option<i32>,
    /// `AllowReassignment` on the wire.
    pub allow_reassignment: Option<bool>,
}

impl FromQuery for AssignPrivateIpAddressesRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "AllowReassignment",
            "Ipv4Prefix",
            "Ipv4PrefixCount",
            "NetworkInterfaceId",
            "PrivateIpAddress",
            "SecondaryPrivateIpAddressCount",
        ])?;
        Ok(Self {
            ipv4_prefixes: at.list("Ipv4Prefix")?,
            ipv4_prefix_count: at.optional("Ipv4PrefixCount")?,
            network_interface_id: at.required("NetworkInterfaceId")?,
            private_ip_addresses: at.list("PrivateIpAddress")?,
            secondary_private_ip_address_count: at.optional("SecondaryPrivateIpAddressCount")?,
            allow_reassignment: at.optional("AllowReassignment")?,
        })
    }
}

/// `AssignPrivateIpAddresses` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssignPrivateIpAddresses.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AssignPrivateIpAddressesResult {
    /// `networkInterfaceId` on the wire.
    pub network_interface_id: Option<String>,
    /// `assignedPrivateIpAddressesSet` on the wire.
    pub assigned_private_ip_addresses: Vec<AssignedPrivateIpAddress>,
    /// `assignedIpv4PrefixSet` on the wire.
    pub assigned_ipv4_prefixes: Vec<Ipv4PrefixSpecification>,
}

impl ToXml for AssignPrivateIpAddressesResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("networkInterfaceId", self.network_interface_id.as_ref());
        out.list("assignedPrivateIpAddressesSet", "item", &self.assigned_private_ip_addresses);
        out.list("assignedIpv4PrefixSet", "item", &self.assigned_ipv4_prefixes);
    }
}

/// `AssignPrivateNatGatewayAddress` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssignPrivateNatGatewayAddress.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AssignPrivateNatGatewayAddressRequest {
    /// `NatGatewayId` on the wire.
    pub nat_gateway_id: Option<String>,
    /// `PrivateIpAddress` on the wire.
    pub private_ip_addresses: Vec<String>,
    /// `PrivateIpAddressCount` on the wire.
    pub private_ip_address_count: Option<i32>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for AssignPrivateNatGatewayAddressRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "NatGatewayId", "PrivateIpAddress", "PrivateIpAddressCount"])?;
        Ok(Self {
            nat_gateway_id: at.required("NatGatewayId")?,
            private_ip_addresses: at.list("PrivateIpAddress")?,
            private_ip_address_count: at.optional("PrivateIpAddressCount")?,
            dry_run: at.optional("DryRun")?,
        })
    }
}

/// `AssignPrivateNatGatewayAddress` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssignPrivateNatGatewayAddress.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AssignPrivateNatGatewayAddressResult {
    /// `natGatewayId` on the wire.
    pub nat_gateway_id: Option<String>,
    /// `natGatewayAddressSet` on the wire.
    pub nat_gateway_addresses: Vec<NatGatewayAddress>,
}

impl ToXml for AssignPrivateNatGatewayAddressResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("natGatewayId", self.nat_gateway_id.as_ref());
        out.list("natGatewayAddressSet", "item", &self.nat_gateway_addresses);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssignedPrivateIpAddress.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AssignedPrivateIpAddress {
    /// `privateIpAddress` on the wire.
    pub private_ip_address: Option<String>,
}

impl ToXml for AssignedPrivateIpAddress {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("privateIpAddress", self.private_ip_address.as_ref());
    }
}

/// `AssociateAddress` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateAddress.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AssociateAddressRequest {
    /// `AllocationId` on the wire.
    pub allocation_id: Option<String>,
    /// `InstanceId` on the wire.
    pub instance_id: Option<String>,
    /// `PublicIp` on the wire.
    pub public_ip: Option<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `NetworkInterfaceId` on the wire.
    pub network_interface_id: Option<String>,
    /// `PrivateIpAddress` on the wire.
    pub private_ip_address: Option<String>,
    /// `AllowReassociation` on the wire.
    pub allow_reassociation: Option<bool>,
}

impl FromQuery for AssociateAddressRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "AllocationId",
            "AllowReassociation",
            "DryRun",
            "InstanceId",
            "NetworkInterfaceId",
            "PrivateIpAddress",
            "PublicIp",
        ])?;
        Ok(Self {
            allocation_id: at.optional("AllocationId")?,
            instance_id: at.optional("InstanceId")?,
            public_ip: at.optional("PublicIp")?,
            dry_run: at.optional("DryRun")?,
            network_interface_id: at.optional("NetworkInterfaceId")?,
            private_ip_address: at.optional("PrivateIpAddress")?,
            allow_reassociation: at.optional("AllowReassociation")?,
        })
    }
}

/// `AssociateAddress` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateAddress.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AssociateAddressResult {
    /// `associationId` on the wire.
    pub association_id: Option<String>,
}

impl ToXml for AssociateAddressResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("associationId", self.association_id.as_ref());
    }
}

/// `AssociateDhcpOptions` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateDhcpOptions.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AssociateDhcpOptionsRequest {
    /// `DhcpOptionsId` on the wire.
    pub dhcp_options_id: Option<String>,
    /// `VpcId` on the wire.
    pub vpc_id: Option<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for AssociateDhcpOptionsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DhcpOptionsId", "DryRun", "VpcId"])?;
        Ok(Self {
            dhcp_options_id: at.required("DhcpOptionsId")?,
            vpc_id: at.required("VpcId")?,
            dry_run: at.optional("DryRun")?,
        })
    }
}

/// `AssociateIamInstanceProfile` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateIamInstanceProfile.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AssociateIamInstanceProfileRequest {
    /// `IamInstanceProfile` on the wire.
    pub iam_instance_profile: Option<IamInstanceProfileSpecification>,
    /// `InstanceId` on the wire.
    pub instance_id: Option<String>,
}

impl FromQuery for AssociateIamInstanceProfileRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["IamInstanceProfile", "InstanceId"])?;
        Ok(Self { iam_instance_profile: at.required("IamInstanceProfile")?, instance_id: at.required("InstanceId")? })
    }
}

/// `AssociateIamInstanceProfile` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateIamInstanceProfile.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AssociateIamInstanceProfileResult {
    /// `iamInstanceProfileAssociation` on the wire.
    pub iam_instance_profile_association: Option<IamInstanceProfileAssociation>,
}

impl ToXml for AssociateIamInstanceProfileResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("iamInstanceProfileAssociation", self.iam_instance_profile_association.as_ref());
    }
}

/// `AssociateNatGatewayAddress` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateNatGatewayAddress.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AssociateNatGatewayAddressRequest {
    /// `NatGatewayId` on the wire.
    pub nat_gateway_id: Option<String>,
    /// `AllocationId` on the wire.
    pub allocation_ids: Vec<String>,
    /// `PrivateIpAddress` on the wire.
    pub private_ip_addresses: Vec<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `AvailabilityZone` on the wire.
    pub availability_zone: Option<String>,
    /// `AvailabilityZoneId` on the wire.
    pub availability_zone_id: Option<String>,
}

impl FromQuery for AssociateNatGatewayAddressRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "AllocationId",
            "AvailabilityZone",
            "AvailabilityZoneId",
            "DryRun",
            "NatGatewayId",
            "PrivateIpAddress",
        ])?;
        Ok(Self {
            nat_gateway_id: at.required("NatGatewayId")?,
            allocation_ids: at.required_list("AllocationId")?,
            private_ip_addresses: at.list("PrivateIpAddress")?,
            dry_run: at.optional("DryRun")?,
            availability_zone: at.optional("AvailabilityZone")?,
            availability_zone_id: at.optional("AvailabilityZoneId")?,
        })
    }
}

/// `AssociateNatGatewayAddress` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateNatGatewayAddress.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AssociateNatGatewayAddressResult {
    /// `natGatewayId` on the wire.
    pub nat_gateway_id: Option<String>,
    /// `natGatewayAddressSet` on the wire.
    pub nat_gateway_addresses: Vec<NatGatewayAddress>,
}

impl ToXml for AssociateNatGatewayAddressResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("natGatewayId", self.nat_gateway_id.as_ref());
        out.list("natGatewayAddressSet", "item", &self.nat_gateway_addresses);
    }
}

/// `AssociateRouteTable` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateRouteTable.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AssociateRouteTableRequest {
    /// `GatewayId` on the wire.
    pub gateway_id: Option<String>,
    /// `PublicIpv4Pool` on the wire.
    pub public_ipv4_pool: Option<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `SubnetId` on the wire.
    pub subnet_id: Option<String>,
    /// `RouteTableId` on the wire.
    pub route_table_id: Option<String>,
}

impl FromQuery for AssociateRouteTableRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "GatewayId", "PublicIpv4Pool", "RouteTableId", "SubnetId"])?;
        Ok(Self {
            gateway_id: at.optional("GatewayId")?,
            public_ipv4_pool: at.optional("PublicIpv4Pool")?,
            dry_run: at.optional("DryRun")?,
            subnet_id: at.optional("SubnetId")?,
            route_table_id: at.required("RouteTableId")?,
        })
    }
}

/// `AssociateRouteTable` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateRouteTable.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AssociateRouteTableResult {
    /// `associationId` on the wire.
    pub association_id: Option<String>,
    /// `associationState` on the wire.
    pub association_state: Option<RouteTableAssociationState>,
}

impl ToXml for AssociateRouteTableResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("associationId", self.association_id.as_ref());
        out.optional("associationState", self.association_state.as_ref());
    }
}

/// `AssociateSubnetCidrBlock` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateSubnetCidrBlock.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AssociateSubnetCidrBlockRequest {
    /// `Ipv6IpamPoolId` on the wire.
    pub ipv6_ipam_pool_id: Option<String>,
    /// `Ipv6NetmaskLength` on the wire.
    pub ipv6_netmask_length: Option<i32>,
    /// `SubnetId` on the wire.
    pub subnet_id: Option<String>,
    /// `Ipv6CidrBlock` on the wire.
    pub ipv6_cidr_block: Option<String>,
}

impl FromQuery for AssociateSubnetCidrBlockRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["Ipv6CidrBlock", "Ipv6IpamPoolId", "Ipv6NetmaskLength", "SubnetId"])?;
        Ok(Self {
            ipv6_ipam_pool_id: at.optional("Ipv6IpamPoolId")?,
            ipv6_netmask_length: at.optional("Ipv6NetmaskLength")?,
            subnet_id: at.required("SubnetId")?,
            ipv6_cidr_block: at.optional("Ipv6CidrBlock")?,
        })
    }
}

/// `AssociateSubnetCidrBlock` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateSubnetCidrBlock.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AssociateSubnetCidrBlockResult {
    /// `ipv6CidrBlockAssociation` on the wire.
    pub ipv6_cidr_block_association: Option<SubnetIpv6CidrBlockAssociation>,
    /// `subnetId` on the wire.
    pub subnet_id: Option<String>,
}

impl ToXml for AssociateSubnetCidrBlockResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("ipv6CidrBlockAssociation", self.ipv6_cidr_block_association.as_ref());
        out.optional("subnetId", self.subnet_id.as_ref());
    }
}

/// `AssociateVpcCidrBlock` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateVpcCidrBlock.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AssociateVpcCidrBlockRequest {
    /// `CidrBlock` on the wire.
    pub cidr_block: Option<String>,
    /// `Ipv6CidrBlockNetworkBorderGroup` on the wire.
    pub ipv6_cidr_block_network_border_group: Option<String>,
    /// `Ipv6Pool` on the wire.
    pub ipv6_pool: Option<String>,
    /// `Ipv6CidrBlock` on the wire.
    pub ipv6_cidr_block: Option<String>,
    /// `Ipv4IpamPoolId` on the wire.
    pub ipv4_ipam_pool_id: Option<String>,
    /// `Ipv4NetmaskLength` on the wire.
    pub ipv4_netmask_length: Option<i32>,
    /// `Ipv6IpamPoolId` on the wire.
    pub ipv6_ipam_pool_id: Option<String>,
    /// `Ipv6NetmaskLength` on the wire.
    pub ipv6_netmask_length: Option<i32>,
    /// `VpcId` on the wire.
    pub vpc_id: Option<String>,
    /// `AmazonProvidedIpv6CidrBlock` on the wire.
    pub amazon_provided_ipv6_cidr_block: Option<bool>,
}

impl FromQuery for AssociateVpcCidrBlockRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "AmazonProvidedIpv6CidrBlock",
            "CidrBlock",
            "Ipv4IpamPoolId",
            "Ipv4NetmaskLength",
            "Ipv6CidrBlock",
            "Ipv6CidrBlockNetworkBorderGroup",
            "Ipv6IpamPoolId",
            "Ipv6NetmaskLength",
            "Ipv6Pool",
            "VpcId",
        ])?;
        Ok(Self {
            cidr_block: at.optional("CidrBlock")?,
            ipv6_cidr_block_network_border_group: at.optional("Ipv6CidrBlockNetworkBorderGroup")?,
            ipv6_pool: at.optional("Ipv6Pool")?,
            ipv6_cidr_block: at.optional("Ipv6CidrBlock")?,
            ipv4_ipam_pool_id: at.optional("Ipv4IpamPoolId")?,
            ipv4_netmask_length: at.optional("Ipv4NetmaskLength")?,
            ipv6_ipam_pool_id: at.optional("Ipv6IpamPoolId")?,
            ipv6_netmask_length: at.optional("Ipv6NetmaskLength")?,
            vpc_id: at.required("VpcId")?,
            amazon_provided_ipv6_cidr_block: at.optional("AmazonProvidedIpv6CidrBlock")?,
        })
    }
}

/// `AssociateVpcCidrBlock` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateVpcCidrBlock.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AssociateVpcCidrBlockResult {
    /// `ipv6CidrBlockAssociation` on the wire.
    pub ipv6_cidr_block_association: Option<VpcIpv6CidrBlockAssociation>,
    /// `cidrBlockAssociation` on the wire.
    pub cidr_block_association: Option<VpcCidrBlockAssociation>,
    /// `vpcId` on the wire.
    pub vpc_id: Option<String>,
}

impl ToXml for AssociateVpcCidrBlockResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("ipv6CidrBlockAssociation", self.ipv6_cidr_block_association.as_ref());
        out.optional("cidrBlockAssociation", self.cidr_block_association.as_ref());
        out.optional("vpcId", self.vpc_id.as_ref());
    }
}

/// `AttachInternetGateway` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachInternetGateway.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AttachInternetGatewayRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `InternetGatewayId` on the wire.
    pub internet_gateway_id: Option<String>,
    /// `VpcId` on the wire.
    pub vpc_id: Option<String>,
}

impl FromQuery for AttachInternetGatewayRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "InternetGatewayId", "VpcId"])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            internet_gateway_id: at.required("InternetGatewayId")?,
            vpc_id: at.required("VpcId")?,
        })
    }
}

/// `AttachNetworkInterface` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachNetworkInterface.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AttachNetworkInterfaceRequest {
    /// `NetworkCardIndex` on the wire.
    pub network_card_index: Option<i32>,
    /// `EnaSrdSpecification` on the wire.
    pub ena_srd_specification: Option<EnaSrdSpecification>,
    /// `EnaQueueCount` on the wire.
    pub ena_queue_count: Option<i32>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `NetworkInterfaceId` on the wire.
    pub network_interface_id: Option<String>,
    /// `InstanceId` on the wire.
    pub instance_id: Option<String>,
    /// `DeviceIndex` on the wire.
    pub device_index: Option<i32>,
}

impl FromQuery for AttachNetworkInterfaceRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "DeviceIndex",
            "DryRun",
            "EnaQueueCount",
            "EnaSrdSpecification",
            "InstanceId",
            "NetworkCardIndex",
            "NetworkInterfaceId",
        ])?;
        Ok(Self {
            network_card_index: at.optional("NetworkCardIndex")?,
            ena_srd_specification: at.optional("EnaSrdSpecification")?,
            ena_queue_count: at.optional("EnaQueueCount")?,
            dry_run: at.optional("DryRun")?,
            network_interface_id: at.required("NetworkInterfaceId")?,
            instance_id: at.required("InstanceId")?,
            device_index: at.required("DeviceIndex")?,
        })
    }
}

/// `AttachNetworkInterface` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachNetworkInterface.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AttachNetworkInterfaceResult {
    /// `attachmentId` on the wire.
    pub attachment_id: Option<String>,
    /// `networkCardIndex` on the wire.
    pub network_card_index: Option<i32>,
}

impl ToXml for AttachNetworkInterfaceResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("attachmentId", self.attachment_id.as_ref());
        out.optional("networkCardIndex", self.network_card_index.as_ref());
    }
}

/// `AttachVpnGateway` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachVpnGateway.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AttachVpnGatewayRequest {
    /// `VpcId` on the wire.
    pub vpc_id: Option<String>,
    /// `VpnGatewayId` on the wire.
    pub vpn_gateway_id: Option<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for AttachVpnGatewayRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "VpcId", "VpnGatewayId"])?;
        Ok(Self {
            vpc_id: at.required("VpcId")?,
            vpn_gateway_id: at.required("VpnGatewayId")?,
            dry_run: at.optional("DryRun")?,
        })
    }
}

/// `AttachVpnGateway` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachVpnGateway.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AttachVpnGatewayResult {
    /// `attachment` on the wire.
    pub vpc_attachment: Option<VpcAttachment>,
}

impl ToXml for AttachVpnGatewayResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("attachment", self.vpc_attachment.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachmentEnaSrdSpecification.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AttachmentEnaSrdSpecification {
    /// `enaSrdEnabled` on the wire.
    pub ena_srd_enabled: Option<bool>,
    /// `enaSrdUdpSpecification` on the wire.
    pub ena_srd_udp_specification: Option<AttachmentEnaSrdUdpSpecification>,
}

impl ToXml for AttachmentEnaSrdSpecification {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("enaSrdEnabled", self.ena_srd_enabled.as_ref());
        out.optional("enaSrdUdpSpecification", self.ena_srd_udp_specification.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachmentEnaSrdUdpSpecification.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AttachmentEnaSrdUdpSpecification {
    /// `enaSrdUdpEnabled` on the wire.
    pub ena_srd_udp_enabled: Option<bool>,
}

impl ToXml for AttachmentEnaSrdUdpSpecification {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("enaSrdUdpEnabled", self.ena_srd_udp_enabled.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttributeBooleanValue.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AttributeBooleanValue {
    /// `Value` in requests, `value` in responses.
    pub value: Option<bool>,
}

impl FromQuery for AttributeBooleanValue {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["Value"])?;
        Ok(Self { value: at.optional("Value")? })
    }
}

impl ToXml for AttributeBooleanValue {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("value", self.value.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttributeValue.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AttributeValue {
    /// `Value` in requests, `value` in responses.
    pub value: Option<String>,
}

impl FromQuery for AttributeValue {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["Value"])?;
        Ok(Self { value: at.optional("Value")? })
    }
}

impl ToXml for AttributeValue {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("value", self.value.as_ref());
    }
}

/// `AuthorizeSecurityGroupEgress` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupEgress.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AuthorizeSecurityGroupEgressRequest {
    /// `TagSpecification` on the wire.
    pub tag_specifications: Vec<TagSpecification>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `GroupId` on the wire.
    pub group_id: Option<String>,
    /// `SourceSecurityGroupName` on the wire.
    pub source_security_group_name: Option<String>,
    /// `SourceSecurityGroupOwnerId` on the wire.
    pub source_security_group_owner_id: Option<String>,
    /// `IpProtocol` on the wire.
    pub ip_protocol: Option<String>,
    /// `FromPort` on the wire.
    pub from_port: Option<i32>,
    /// `ToPort` on the wire.
    pub to_port: Option<i32>,
    /// `CidrIp` on the wire.
    pub cidr_ip: Option<String>,
    /// `IpPermissions` on the wire.
    pub ip_permissions: Vec<IpPermission>,
}

impl FromQuery for AuthorizeSecurityGroupEgressRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "CidrIp",
            "DryRun",
            "FromPort",
            "GroupId",
            "IpPermissions",
            "IpProtocol",
            "SourceSecurityGroupName",
            "SourceSecurityGroupOwnerId",
            "TagSpecification",
            "ToPort",
        ])?;
        Ok(Self {
            tag_specifications: at.list("TagSpecification")?,
            dry_run: at.optional("DryRun")?,
            group_id: at.required("GroupId")?,
            source_security_group_name: at.optional("SourceSecurityGroupName")?,
            source_security_group_owner_id: at.optional("SourceSecurityGroupOwnerId")?,
            ip_protocol: at.optional("IpProtocol")?,
            from_port: at.optional("FromPort")?,
            to_port: at.optional("ToPort")?,
            cidr_ip: at.optional("CidrIp")?,
            ip_permissions: at.list("IpPermissions")?,
        })
    }
}

/// `AuthorizeSecurityGroupEgress` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupEgress.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AuthorizeSecurityGroupEgressResult {
    /// `return` on the wire.
    pub r#return: Option<bool>,
    /// `securityGroupRuleSet` on the wire.
    pub security_group_rules: Vec<SecurityGroupRule>,
}

impl ToXml for AuthorizeSecurityGroupEgressResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("return", self.r#return.as_ref());
        out.list("securityGroupRuleSet", "item", &self.security_group_rules);
    }
}

/// `AuthorizeSecurityGroupIngress` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AuthorizeSecurityGroupIngressRequest {
    /// `CidrIp` on the wire.
    pub cidr_ip: Option<String>,
    /// `FromPort` on the wire.
    pub from_port: Option<i32>,
    /// `GroupId` on the wire.
    pub group_id: Option<String>,
    /// `GroupName` on the wire.
    pub group_name: Option<String>,
    /// `IpPermissions` on the wire.
    pub ip_permissions: Vec<IpPermission>,
    /// `IpProtocol` on the wire.
    pub ip_protocol: Option<String>,
    /// `SourceSecurityGroupName` on the wire.
    pub source_security_group_name: Option<String>,
    /// `SourceSecurityGroupOwnerId` on the wire.
    pub source_security_group_owner_id: Option<String>,
    /// `ToPort` on the wire.
    pub to_port: Option<i32>,
    /// `TagSpecification` on the wire.
    pub tag_specifications: Vec<TagSpecification>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for AuthorizeSecurityGroupIngressRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "CidrIp",
            "DryRun",
            "FromPort",
            "GroupId",
            "GroupName",
            "IpPermissions",
            "IpProtocol",
            "SourceSecurityGroupName",
            "SourceSecurityGroupOwnerId",
            "TagSpecification",
            "ToPort",
        ])?;
        Ok(Self {
            cidr_ip: at.optional("CidrIp")?,
            from_port: at.optional("FromPort")?,
            group_id: at.optional("GroupId")?,
            group_name: at.optional("GroupName")?,
            ip_permissions: at.list("IpPermissions")?,
            ip_protocol: at.optional("IpProtocol")?,
            source_security_group_name: at.optional("SourceSecurityGroupName")?,
            source_security_group_owner_id: at.optional("SourceSecurityGroupOwnerId")?,
            to_port: at.optional("ToPort")?,
            tag_specifications: at.list("TagSpecification")?,
            dry_run: at.optional("DryRun")?,
        })
    }
}

/// `AuthorizeSecurityGroupIngress` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AuthorizeSecurityGroupIngress.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AuthorizeSecurityGroupIngressResult {
    /// `return` on the wire.
    pub r#return: Option<bool>,
    /// `securityGroupRuleSet` on the wire.
    pub security_group_rules: Vec<SecurityGroupRule>,
}

impl ToXml for AuthorizeSecurityGroupIngressResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("return", self.r#return.as_ref());
        out.list("securityGroupRuleSet", "item", &self.security_group_rules);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AvailabilityZone.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AvailabilityZone {
    /// `optInStatus` on the wire.
    pub opt_in_status: Option<String>,
    /// `messageSet` on the wire.
    pub messages: Vec<AvailabilityZoneMessage>,
    /// `regionName` on the wire.
    pub region_name: Option<String>,
    /// `zoneName` on the wire.
    pub zone_name: Option<String>,
    /// `zoneId` on the wire.
    pub zone_id: Option<String>,
    /// `groupName` on the wire.
    pub group_name: Option<String>,
    /// `networkBorderGroup` on the wire.
    pub network_border_group: Option<String>,
    /// `zoneType` on the wire.
    pub zone_type: Option<String>,
    /// `parentZoneName` on the wire.
    pub parent_zone_name: Option<String>,
    /// `parentZoneId` on the wire.
    pub parent_zone_id: Option<String>,
    /// `groupLongName` on the wire.
    pub group_long_name: Option<String>,
    /// `geographySet` on the wire.
    pub geography: Vec<AvailabilityZoneGeography>,
    /// `subGeographySet` on the wire.
    pub sub_geography: Vec<AvailabilityZoneSubGeography>,
    /// `zoneState` on the wire.
    pub state: Option<String>,
}

impl ToXml for AvailabilityZone {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("optInStatus", self.opt_in_status.as_ref());
        out.list("messageSet", "item", &self.messages);
        out.optional("regionName", self.region_name.as_ref());
        out.optional("zoneName", self.zone_name.as_ref());
        out.optional("zoneId", self.zone_id.as_ref());
        out.optional("groupName", self.group_name.as_ref());
        out.optional("networkBorderGroup", self.network_border_group.as_ref());
        out.optional("zoneType", self.zone_type.as_ref());
        out.optional("parentZoneName", self.parent_zone_name.as_ref());
        out.optional("parentZoneId", self.parent_zone_id.as_ref());
        out.optional("groupLongName", self.group_long_name.as_ref());
        out.list("geographySet", "item", &self.geography);
        out.list("subGeographySet", "item", &self.sub_geography);
        out.optional("zoneState", self.state.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AvailabilityZoneAddress.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AvailabilityZoneAddress {
    /// `AvailabilityZone` on the wire.
    pub availability_zone: Option<String>,
    /// `AvailabilityZoneId` on the wire.
    pub availability_zone_id: Option<String>,
    /// `AllocationId` on the wire.
    pub allocation_ids: Vec<String>,
}

impl FromQuery for AvailabilityZoneAddress {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["AllocationId", "AvailabilityZone", "AvailabilityZoneId"])?;
        Ok(Self {
            availability_zone: at.optional("AvailabilityZone")?,
            availability_zone_id: at.optional("AvailabilityZoneId")?,
            allocation_ids: at.list("AllocationId")?,
        })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AvailabilityZoneGeography.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AvailabilityZoneGeography {
    /// `name` on the wire.
    pub name: Option<String>,
}

impl ToXml for AvailabilityZoneGeography {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("name", self.name.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AvailabilityZoneMessage.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AvailabilityZoneMessage {
    /// `message` on the wire.
    pub message: Option<String>,
}

impl ToXml for AvailabilityZoneMessage {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("message", self.message.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AvailabilityZoneSubGeography.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AvailabilityZoneSubGeography {
    /// `name` on the wire.
    pub name: Option<String>,
}

impl ToXml for AvailabilityZoneSubGeography {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("name", self.name.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_BlobAttributeValue.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BlobAttributeValue {
    /// `Value` on the wire.
    pub value: Option<String>,
}

impl FromQuery for BlobAttributeValue {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["Value"])?;
        Ok(Self { value: at.optional("Value")? })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_BlockDeviceMapping.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BlockDeviceMapping {
    /// `Ebs` in requests, `ebs` in responses.
    pub ebs: Option<EbsBlockDevice>,
    /// `NoDevice` in requests, `noDevice` in responses.
    pub no_device: Option<String>,
    /// `DeviceName` in requests, `deviceName` in responses.
    pub device_name: Option<String>,
    /// `VirtualName` in requests, `virtualName` in responses.
    pub virtual_name: Option<String>,
}

impl FromQuery for BlockDeviceMapping {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DeviceName", "Ebs", "NoDevice", "VirtualName"])?;
        Ok(Self {
            ebs: at.optional("Ebs")?,
            no_device: at.optional("NoDevice")?,
            device_name: at.optional("DeviceName")?,
            virtual_name: at.optional("VirtualName")?,
        })
    }
}

impl ToXml for BlockDeviceMapping {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("ebs", self.ebs.as_ref());
        out.optional("noDevice", self.no_device.as_ref());
        out.optional("deviceName", self.device_name.as_ref());
        out.optional("virtualName", self.virtual_name.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_BlockPublicAccessStates.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BlockPublicAccessStates {
    /// `internetGatewayBlockMode` on the wire.
    pub internet_gateway_block_mode: Option<String>,
}

impl ToXml for BlockPublicAccessStates {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("internetGatewayBlockMode", self.internet_gateway_block_mode.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CapacityReservationSpecification.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CapacityReservationSpecification {
    /// `CapacityReservationPreference` on the wire.
    pub capacity_reservation_preference: Option<String>,
    /// `CapacityReservationTarget` on the wire.
    pub capacity_reservation_target: Option<CapacityReservationTarget>,
}

impl FromQuery for CapacityReservationSpecification {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["CapacityReservationPreference", "CapacityReservationTarget"])?;
        Ok(Self {
            capacity_reservation_preference: at.optional("CapacityReservationPreference")?,
            capacity_reservation_target: at.optional("CapacityReservationTarget")?,
        })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CapacityReservationSpecificationResponse.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CapacityReservationSpecificationResponse {
    /// `capacityReservationPreference` on the wire.
    pub capacity_reservation_preference: Option<String>,
    /// `capacityReservationTarget` on the wire.
    pub capacity_reservation_target: Option<CapacityReservationTargetResponse>,
}

impl ToXml for CapacityReservationSpecificationResponse {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("capacityReservationPreference", self.capacity_reservation_preference.as_ref());
        out.optional("capacityReservationTarget", self.capacity_reservation_target.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CapacityReservationTarget.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CapacityReservationTarget {
    /// `CapacityReservationId` on the wire.
    pub capacity_reservation_id: Option<String>,
    /// `CapacityReservationResourceGroupArn` on the wire.
    pub capacity_reservation_resource_group_arn: Option<String>,
}

impl FromQuery for CapacityReservationTarget {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["CapacityReservationId", "CapacityReservationResourceGroupArn"])?;
        Ok(Self {
            capacity_reservation_id: at.optional("CapacityReservationId")?,
            capacity_reservation_resource_group_arn: at.optional("CapacityReservationResourceGroupArn")?,
        })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CapacityReservationTargetResponse.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CapacityReservationTargetResponse {
    /// `capacityReservationId` on the wire.
    pub capacity_reservation_id: Option<String>,
    /// `capacityReservationResourceGroupArn` on the wire.
    pub capacity_reservation_resource_group_arn: Option<String>,
}

impl ToXml for CapacityReservationTargetResponse {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("capacityReservationId", self.capacity_reservation_id.as_ref());
        out.optional("capacityReservationResourceGroupArn", self.capacity_reservation_resource_group_arn.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CidrBlock.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CidrBlock {
    /// `cidrBlock` on the wire.
    pub cidr_block: Option<String>,
}

impl ToXml for CidrBlock {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("cidrBlock", self.cidr_block.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CloudWatchLogOptions.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CloudWatchLogOptions {
    /// `logEnabled` on the wire.
    pub log_enabled: Option<bool>,
    /// `logGroupArn` on the wire.
    pub log_group_arn: Option<String>,
    /// `logOutputFormat` on the wire.
    pub log_output_format: Option<String>,
    /// `bgpLogEnabled` on the wire.
    pub bgp_log_enabled: Option<bool>,
    /// `bgpLogGroupArn` on the wire.
    pub bgp_log_group_arn: Option<String>,
    /// `bgpLogOutputFormat` on the wire.
    pub bgp_log_output_format: Option<String>,
}

impl ToXml for CloudWatchLogOptions {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("logEnabled", self.log_enabled.as_ref());
        out.optional("logGroupArn", self.log_group_arn.as_ref());
        out.optional("logOutputFormat", self.log_output_format.as_ref());
        out.optional("bgpLogEnabled", self.bgp_log_enabled.as_ref());
        out.optional("bgpLogGroupArn", self.bgp_log_group_arn.as_ref());
        out.optional("bgpLogOutputFormat", self.bgp_log_output_format.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ConnectionTrackingConfiguration.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ConnectionTrackingConfiguration {
    /// `tcpEstablishedTimeout` on the wire.
    pub tcp_established_timeout: Option<i32>,
    /// `udpStreamTimeout` on the wire.
    pub udp_stream_timeout: Option<i32>,
    /// `udpTimeout` on the wire.
    pub udp_timeout: Option<i32>,
}

impl ToXml for ConnectionTrackingConfiguration {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("tcpEstablishedTimeout", self.tcp_established_timeout.as_ref());
        out.optional("udpStreamTimeout", self.udp_stream_timeout.as_ref());
        out.optional("udpTimeout", self.udp_timeout.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ConnectionTrackingSpecificationRequest.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ConnectionTrackingSpecificationRequest {
    /// `TcpEstablishedTimeout` on the wire.
    pub tcp_established_timeout: Option<i32>,
    /// `UdpStreamTimeout` on the wire.
    pub udp_stream_timeout: Option<i32>,
    /// `UdpTimeout` on the wire.
    pub udp_timeout: Option<i32>,
}

impl FromQuery for ConnectionTrackingSpecificationRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["TcpEstablishedTimeout", "UdpStreamTimeout", "UdpTimeout"])?;
        Ok(Self {
            tcp_established_timeout: at.optional("TcpEstablishedTimeout")?,
            udp_stream_timeout: at.optional("UdpStreamTimeout")?,
            udp_timeout: at.optional("UdpTimeout")?,
        })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ConnectionTrackingSpecificationResponse.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ConnectionTrackingSpecificationResponse {
    /// `tcpEstablishedTimeout` on the wire.
    pub tcp_established_timeout: Option<i32>,
    /// `udpStreamTimeout` on the wire.
    pub udp_stream_timeout: Option<i32>,
    /// `udpTimeout` on the wire.
    pub udp_timeout: Option<i32>,
}

impl ToXml for ConnectionTrackingSpecificationResponse {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("tcpEstablishedTimeout", self.tcp_established_timeout.as_ref());
        out.optional("udpStreamTimeout", self.udp_stream_timeout.as_ref());
        out.optional("udpTimeout", self.udp_timeout.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CpuOptions.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CpuOptions {
    /// `coreCount` on the wire.
    pub core_count: Option<i32>,
    /// `threadsPerCore` on the wire.
    pub threads_per_core: Option<i32>,
    /// `amdSevSnp` on the wire.
    pub amd_sev_snp: Option<String>,
    /// `nestedVirtualization` on the wire.
    pub nested_virtualization: Option<String>,
}

impl ToXml for CpuOptions {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("coreCount", self.core_count.as_ref());
        out.optional("threadsPerCore", self.threads_per_core.as_ref());
        out.optional("amdSevSnp", self.amd_sev_snp.as_ref());
        out.optional("nestedVirtualization", self.nested_virtualization.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CpuOptionsRequest.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CpuOptionsRequest {
    /// `CoreCount` on the wire.
    pub core_count: Option<i32>,
    /// `ThreadsPerCore` on the wire.
    pub threads_per_core: Option<i32>,
    /// `AmdSevSnp` on the wire.
    pub amd_sev_snp: Option<String>,
    /// `NestedVirtualization` on the wire.
    pub nested_virtualization: Option<String>,
}

impl FromQuery for CpuOptionsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["AmdSevSnp", "CoreCount", "NestedVirtualization", "ThreadsPerCore"])?;
        Ok(Self {
            core_count: at.optional("CoreCount")?,
            threads_per_core: at.optional("ThreadsPerCore")?,
            amd_sev_snp: at.optional("AmdSevSnp")?,
            nested_virtualization: at.optional("NestedVirtualization")?,
        })
    }
}

/// `CreateDefaultSubnet` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateDefaultSubnet.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateDefaultSubnetRequest {
    /// `AvailabilityZone` on the wire.
    pub availability_zone: Option<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `Ipv6Native` on the wire.
    pub ipv6_native: Option<bool>,
    /// `AvailabilityZoneId` on the wire.
    pub availability_zone_id: Option<String>,
}

impl FromQuery for CreateDefaultSubnetRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["AvailabilityZone", "AvailabilityZoneId", "DryRun", "Ipv6Native"])?;
        Ok(Self {
            availability_zone: at.optional("AvailabilityZone")?,
            dry_run: at.optional("DryRun")?,
            ipv6_native: at.optional("Ipv6Native")?,
            availability_zone_id: at.optional("AvailabilityZoneId")?,
        })
    }
}

/// `CreateDefaultSubnet` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateDefaultSubnet.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateDefaultSubnetResult {
    /// `subnet` on the wire.
    pub subnet: Option<Subnet>,
}

impl ToXml for CreateDefaultSubnetResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("subnet", self.subnet.as_ref());
    }
}

/// `CreateDefaultVpc` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateDefaultVpc.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateDefaultVpcRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for CreateDefaultVpcRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun"])?;
        Ok(Self { dry_run: at.optional("DryRun")? })
    }
}

/// `CreateDefaultVpc` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateDefaultVpc.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateDefaultVpcResult {
    /// `vpc` on the wire.
    pub vpc: Option<Vpc>,
}

impl ToXml for CreateDefaultVpcResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("vpc", self.vpc.as_ref());
    }
}

/// `CreateDhcpOptions` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateDhcpOptions.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateDhcpOptionsRequest {
    /// `DhcpConfiguration` on the wire.
    pub dhcp_configurations: Vec<NewDhcpConfiguration>,
    /// `TagSpecification` on the wire.
    pub tag_specifications: Vec<TagSpecification>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for CreateDhcpOptionsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DhcpConfiguration", "DryRun", "TagSpecification"])?;
        Ok(Self {
            dhcp_configurations: at.required_list("DhcpConfiguration")?,
            tag_specifications: at.list("TagSpecification")?,
            dry_run: at.optional("DryRun")?,
        })
    }
}

/// `CreateDhcpOptions` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateDhcpOptions.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateDhcpOptionsResult {
    /// `dhcpOptions` on the wire.
    pub dhcp_options: Option<DhcpOptions>,
}

impl ToXml for CreateDhcpOptionsResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("dhcpOptions", self.dhcp_options.as_ref());
    }
}

/// `CreateEgressOnlyInternetGateway` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateEgressOnlyInternetGateway.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateEgressOnlyInternetGatewayRequest {
    /// `ClientToken` on the wire.
    pub client_token: Option<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `VpcId` on the wire.
    pub vpc_id: Option<String>,
    /// `TagSpecification` on the wire.
    pub tag_specifications: Vec<TagSpecification>,
}

impl FromQuery for CreateEgressOnlyInternetGatewayRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["ClientToken", "DryRun", "TagSpecification", "VpcId"])?;
        Ok(Self {
            client_token: at.optional("ClientToken")?,
            dry_run: at.optional("DryRun")?,
            vpc_id: at.required("VpcId")?,
            tag_specifications: at.list("TagSpecification")?,
        })
    }
}

/// `CreateEgressOnlyInternetGateway` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateEgressOnlyInternetGateway.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateEgressOnlyInternetGatewayResult {
    /// `clientToken` on the wire.
    pub client_token: Option<String>,
    /// `egressOnlyInternetGateway` on the wire.
    pub egress_only_internet_gateway: Option<EgressOnlyInternetGateway>,
}

impl ToXml for CreateEgressOnlyInternetGatewayResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("clientToken", self.client_token.as_ref());
        out.optional("egressOnlyInternetGateway", self.egress_only_internet_gateway.as_ref());
    }
}

/// `CreateFlowLogs` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateFlowLogsRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `ClientToken` on the wire.
    pub client_token: Option<String>,
    /// `DeliverLogsPermissionArn` on the wire.
    pub deliver_logs_permission_arn: Option<String>,
    /// `DeliverCrossAccountRole` on the wire.
    pub deliver_cross_account_role: Option<String>,
    /// `LogGroupName` on the wire.
    pub log_group_name: Option<String>,
    /// `ResourceId` on the wire.
    pub resource_ids: Vec<String>,
    /// `ResourceType` on the wire.
    pub resource_type: Option<String>,
    /// `TrafficType` on the wire.
    pub traffic_type: Option<String>,
    /// `LogDestinationType` on the wire.
    pub log_destination_type: Option<String>,
    /// `LogDestination` on the wire.
    pub log_destination: Option<String>,
    /// `LogFormat` on the wire.
    pub log_format: Option<String>,
    /// `TagSpecification` on the wire.
    pub tag_specifications: Vec<TagSpecification>,
    /// `MaxAggregationInterval` on the wire.
    pub max_aggregation_interval: Option<i32>,
    /// `DestinationOptions` on the wire.
    pub destination_options: Option<DestinationOptionsRequest>,
}

impl FromQuery for CreateFlowLogsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "ClientToken",
            "DeliverCrossAccountRole",
            "DeliverLogsPermissionArn",
            "DestinationOptions",
            "DryRun",
            "LogDestination",
            "LogDestinationType",
            "LogFormat",
            "LogGroupName",
            "MaxAggregationInterval",
            "ResourceId",
            "ResourceType",
            "TagSpecification",
            "TrafficType",
        ])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            client_token: at.optional("ClientToken")?,
            deliver_logs_permission_arn: at.optional("DeliverLogsPermissionArn")?,
            deliver_cross_account_role: at.optional("DeliverCrossAccountRole")?,
            log_group_name: at.optional("LogGroupName")?,
            resource_ids: at.required_list("ResourceId")?,
            resource_type: at.required("ResourceType")?,
            traffic_type: at.optional("TrafficType")?,
            log_destination_type: at.optional("LogDestinationType")?,
            log_destination: at.optional("LogDestination")?,
            log_format: at.optional("LogFormat")?,
            tag_specifications: at.list("TagSpecification")?,
            max_aggregation_interval: at.optional("MaxAggregationInterval")?,
            destination_options: at.optional("DestinationOptions")?,
        })
    }
}

/// `CreateFlowLogs` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateFlowLogs.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateFlowLogsResult {
    /// `clientToken` on the wire.
    pub client_token: Option<String>,
    /// `flowLogIdSet` on the wire.
    pub flow_log_ids: Vec<String>,
    /// `unsuccessful` on the wire.
    pub unsuccessful: Vec<UnsuccessfulItem>,
}

impl ToXml for CreateFlowLogsResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("clientToken", self.client_token.as_ref());
        out.list("flowLogIdSet", "item", &self.flow_log_ids);
        out.list("unsuccessful", "item", &self.unsuccessful);
    }
}

/// `CreateInternetGateway` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateInternetGateway.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateInternetGatewayRequest {
    /// `TagSpecification` on the wire.
    pub tag_specifications: Vec<TagSpecification>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for CreateInternetGatewayRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "TagSpecification"])?;
        Ok(Self { tag_specifications: at.list("TagSpecification")?, dry_run: at.optional("DryRun")? })
    }
}

/// `CreateInternetGateway` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateInternetGateway.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateInternetGatewayResult {
    /// `internetGateway` on the wire.
    pub internet_gateway: Option<InternetGateway>,
}

impl ToXml for CreateInternetGatewayResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("internetGateway", self.internet_gateway.as_ref());
    }
}

/// `CreateKeyPair` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateKeyPair.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateKeyPairRequest {
    /// `KeyName` on the wire.
    pub key_name: Option<String>,
    /// `KeyType` on the wire.
    pub key_type: Option<String>,
    /// `TagSpecification` on the wire.
    pub tag_specifications: Vec<TagSpecification>,
    /// `KeyFormat` on the wire.
    pub key_format: Option<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for CreateKeyPairRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "KeyFormat", "KeyName", "KeyType", "TagSpecification"])?;
        Ok(Self {
            key_name: at.required("KeyName")?,
            key_type: at.optional("KeyType")?,
            tag_specifications: at.list("TagSpecification")?,
            key_format: at.optional("KeyFormat")?,
            dry_run: at.optional("DryRun")?,
        })
    }
}

/// `CreateManagedPrefixList` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateManagedPrefixList.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateManagedPrefixListRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `PrefixListName` on the wire.
    pub prefix_list_name: Option<String>,
    /// `Entry` on the wire.
    pub entries: Vec<AddPrefixListEntry>,
    /// `MaxEntries` on the wire.
    pub max_entries: Option<i32>,
    /// `TagSpecification` on the wire.
    pub tag_specifications: Vec<TagSpecification>,
    /// `AddressFamily` on the wire.
    pub address_family: Option<String>,
    /// `ClientToken` on the wire.
    pub client_token: Option<String>,
}

impl FromQuery for CreateManagedPrefixListRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "AddressFamily",
            "ClientToken",
            "DryRun",
            "Entry",
            "MaxEntries",
            "PrefixListName",
            "TagSpecification",
        ])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            prefix_list_name: at.required("PrefixListName")?,
            entries: at.list("Entry")?,
            max_entries: at.required("MaxEntries")?,
            tag_specifications: at.list("TagSpecification")?,
            address_family: at.required("AddressFamily")?,
            client_token: at.optional("ClientToken")?,
        })
    }
}

/// `CreateManagedPrefixList` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateManagedPrefixList.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateManagedPrefixListResult {
    /// `prefixList` on the wire.
    pub prefix_list: Option<ManagedPrefixList>,
}

impl ToXml for CreateManagedPrefixListResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("prefixList", self.prefix_list.as_ref());
    }
}

/// `CreateNatGateway` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNatGateway.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateNatGatewayRequest {
    /// `AvailabilityMode` on the wire.
    pub availability_mode: Option<String>,
    /// `AllocationId` on the wire.
    pub allocation_id: Option<String>,
    /// `ClientToken` on the wire.
    pub client_token: Option<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `SubnetId` on the wire.
    pub subnet_id: Option<String>,
    /// `VpcId` on the wire.
    pub vpc_id: Option<String>,
    /// `AvailabilityZoneAddress` on the wire.
    pub availability_zone_addresses: Vec<AvailabilityZoneAddress>,
    /// `TagSpecification` on the wire.
    pub tag_specifications: Vec<TagSpecification>,
    /// `ConnectivityType` on the wire.
    pub connectivity_type: Option<String>,
    /// `PrivateIpAddress` on the wire.
    pub private_ip_address: Option<String>,
    /// `SecondaryAllocationId` on the wire.
    pub secondary_allocation_ids: Vec<String>,
    /// `SecondaryPrivateIpAddress` on the wire.
    pub secondary_private_ip_addresses: Vec<String>,
    /// `SecondaryPrivateIpAddressCount` on the wire.
    pub secondary_private_ip_address_count: Option<i32>,
}

impl FromQuery for CreateNatGatewayRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "AllocationId",
            "AvailabilityMode",
            "AvailabilityZoneAddress",
            "ClientToken",
            "ConnectivityType",
            "DryRun",
            "PrivateIpAddress",
            "SecondaryAllocationId",
            "SecondaryPrivateIpAddress",
            "SecondaryPrivateIpAddressCount",
            "SubnetId",
            "TagSpecification",
            "VpcId",
        ])?;
        Ok(Self {
            availability_mode: at.optional("AvailabilityMode")?,
            allocation_id: at.optional("AllocationId")?,
            client_token: at.optional("ClientToken")?,
            dry_run: at.optional("DryRun")?,
            subnet_id: at.optional("SubnetId")?,
            vpc_id: at.optional("VpcId")?,
            availability_zone_addresses: at.list("AvailabilityZoneAddress")?,
            tag_specifications: at.list("TagSpecification")?,
            connectivity_type: at.optional("ConnectivityType")?,
            private_ip_address: at.optional("PrivateIpAddress")?,
            secondary_allocation_ids: at.list("SecondaryAllocationId")?,
            secondary_private_ip_addresses: at.list("SecondaryPrivateIpAddress")?,
            secondary_private_ip_address_count: at.optional("SecondaryPrivateIpAddressCount")?,
        })
    }
}

/// `CreateNatGateway` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNatGateway.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateNatGatewayResult {
    /// `clientToken` on the wire.
    pub client_token: Option<String>,
    /// `natGateway` on the wire.
    pub nat_gateway: Option<NatGateway>,
}

impl ToXml for CreateNatGatewayResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("clientToken", self.client_token.as_ref());
        out.optional("natGateway", self.nat_gateway.as_ref());
    }
}

/// `CreateNetworkAclEntry` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkAclEntry.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateNetworkAclEntryRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `NetworkAclId` on the wire.
    pub network_acl_id: Option<String>,
    /// `RuleNumber` on the wire.
    pub rule_number: Option<i32>,
    /// `Protocol` on the wire.
    pub protocol: Option<String>,
    /// `RuleAction` on the wire.
    pub rule_action: Option<String>,
    /// `Egress` on the wire.
    pub egress: Option<bool>,
    /// `CidrBlock` on the wire.
    pub cidr_block: Option<String>,
    /// `Ipv6CidrBlock` on the wire.
    pub ipv6_cidr_block: Option<String>,
    /// `Icmp` on the wire.
    pub icmp_type_code: Option<IcmpTypeCode>,
    /// `PortRange` on the wire.
    pub port_range: Option<PortRange>,
}

impl FromQuery for CreateNetworkAclEntryRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "CidrBlock",
            "DryRun",
            "Egress",
            "Icmp",
            "Ipv6CidrBlock",
            "NetworkAclId",
            "PortRange",
            "Protocol",
            "RuleAction",
            "RuleNumber",
        ])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            network_acl_id: at.required("NetworkAclId")?,
            rule_number: at.required("RuleNumber")?,
            protocol: at.required("Protocol")?,
            rule_action: at.required("RuleAction")?,
            egress: at.required("Egress")?,
            cidr_block: at.optional("CidrBlock")?,
            ipv6_cidr_block: at.optional("Ipv6CidrBlock")?,
            icmp_type_code: at.optional("Icmp")?,
            port_range: at.optional("PortRange")?,
        })
    }
}

/// `CreateNetworkAcl` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkAcl.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateNetworkAclRequest {
    /// `TagSpecification` on the wire.
    pub tag_specifications: Vec<TagSpecification>,
    /// `ClientToken` on the wire.
    pub client_token: Option<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `VpcId` on the wire.
    pub vpc_id: Option<String>,
}

impl FromQuery for CreateNetworkAclRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["ClientToken", "DryRun", "TagSpecification", "VpcId"])?;
        Ok(Self {
            tag_specifications: at.list("TagSpecification")?,
            client_token: at.optional("ClientToken")?,
            dry_run: at.optional("DryRun")?,
            vpc_id: at.required("VpcId")?,
        })
    }
}

/// `CreateNetworkAcl` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkAcl.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateNetworkAclResult {
    /// `networkAcl` on the wire.
    pub network_acl: Option<NetworkAcl>,
    /// `clientToken` on the wire.
    pub client_token: Option<String>,
}

impl ToXml for CreateNetworkAclResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("networkAcl", self.network_acl.as_ref());
        out.optional("clientToken", self.client_token.as_ref());
    }
}

/// `CreateNetworkInsightsPath` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkInsightsPath.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateNetworkInsightsPathRequest {
    /// `SourceIp` on the wire.
    pub source_ip: Option<String>,
    /// `DestinationIp` on the wire.
    pub destination_ip: Option<String>,
    /// `Source` on the wire.
    pub source: Option<String>,
    /// `Destination` on the wire.
    pub destination: Option<String>,
    /// `Protocol` on the wire.
    pub protocol: Option<String>,
    /// `DestinationPort` on the wire.
    pub destination_port: Option<i32>,
    /// `TagSpecification` on the wire.
    pub tag_specifications: Vec<TagSpecification>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `ClientToken` on the wire.
    pub client_token: Option<String>,
    /// `FilterAtSource` on the wire.
    pub filter_at_source: Option<PathRequestFilter>,
    /// `FilterAtDestination` on the wire.
    pub filter_at_destination: Option<PathRequestFilter>,
}

impl FromQuery for CreateNetworkInsightsPathRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "ClientToken",
            "Destination",
            "DestinationIp",
            "DestinationPort",
            "DryRun",
            "FilterAtDestination",
            "FilterAtSource",
            "Protocol",
            "Source",
            "SourceIp",
            "TagSpecification",
        ])?;
        Ok(Self {
            source_ip: at.optional("SourceIp")?,
            destination_ip: at.optional("DestinationIp")?,
            source: at.required("Source")?,
            destination: at.optional("Destination")?,
            protocol: at.required("Protocol")?,
            destination_port: at.optional("DestinationPort")?,
            tag_specifications: at.list("TagSpecification")?,
            dry_run: at.optional("DryRun")?,
            client_token: at.required("ClientToken")?,
            filter_at_source: at.optional("FilterAtSource")?,
            filter_at_destination: at.optional("FilterAtDestination")?,
        })
    }
}

/// `CreateNetworkInsightsPath` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkInsightsPath.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateNetworkInsightsPathResult {
    /// `networkInsightsPath` on the wire.
    pub network_insights_path: Option<NetworkInsightsPath>,
}

impl ToXml for CreateNetworkInsightsPathResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("networkInsightsPath", self.network_insights_path.as_ref());
    }
}

/// `CreateNetworkInterface` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkInterface.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateNetworkInterfaceRequest {
    /// `Ipv4Prefix` on the wire.
    pub ipv4_prefixes: Vec<Ipv4PrefixSpecificationRequest>,
    /// `Ipv4PrefixCount` on the wire.
    pub ipv4_prefix_count: Option<i32>,
    /// `Ipv6Prefix` on the wire.
    pub ipv6_prefixes: Vec<Ipv6PrefixSpecificationRequest>,
    /// `Ipv6PrefixCount` on the wire.
    pub ipv6_prefix_count: Option<i32>,
    /// `InterfaceType` on the wire.
    pub interface_type: Option<String>,
    /// `TagSpecification` on the wire.
    pub tag_specifications: Vec<TagSpecification>,
    /// `ClientToken` on the wire.
    pub client_token: Option<String>,
    /// `EnablePrimaryIpv6` on the wire.
    pub enable_primary_ipv6: Option<bool>,
    /// `ConnectionTrackingSpecification` on the wire.
    pub connection_tracking_specification: Option<ConnectionTrackingSpecificationRequest>,
    /// `Operator` on the wire.
    pub operator: Option<OperatorRequest>,
    /// `SubnetId` on the wire.
    pub subnet_id: Option<String>,
    /// `Description` on the wire.
    pub description: Option<String>,
    /// `PrivateIpAddress` on the wire.
    pub private_ip_address: Option<String>,
    /// `SecurityGroupId` on the wire.
    pub groups: Vec<String>,
    /// `PrivateIpAddresses` on the wire.
    pub private_ip_addresses: Vec<PrivateIpAddressSpecification>,
    /// `SecondaryPrivateIpAddressCount` on the wire.
    pub secondary_private_ip_address_count: Option<i32>,
    /// `Ipv6Addresses` on the wire.
    pub ipv6_addresses: Vec<InstanceIpv6Address>,
    /// `Ipv6AddressCount` on the wire.
    pub ipv6_address_count: Option<i32>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for CreateNetworkInterfaceRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "ClientToken",
            "ConnectionTrackingSpecification",
            "Description",
            "DryRun",
            "EnablePrimaryIpv6",
            "InterfaceType",
            "Ipv4Prefix",
            "Ipv4PrefixCount",
            "Ipv6AddressCount",
            "Ipv6Addresses",
            "Ipv6Prefix",
            "Ipv6PrefixCount",
            "Operator",
            "PrivateIpAddress",
            "PrivateIpAddresses",
            "SecondaryPrivateIpAddressCount",
            "SecurityGroupId",
            "SubnetId",
            "TagSpecification",
        ])?;
        Ok(Self {
            ipv4_prefixes: at.list("Ipv4Prefix")?,
            ipv4_prefix_count: at.optional("Ipv4PrefixCount")?,
            ipv6_prefixes: at.list("Ipv6Prefix")?,
            ipv6_prefix_count: at.optional("Ipv6PrefixCount")?,
            interface_type: at.optional("InterfaceType")?,
            tag_specifications: at.list("TagSpecification")?,
            client_token: at.optional("ClientToken")?,
            enable_primary_ipv6: at.optional("EnablePrimaryIpv6")?,
            connection_tracking_specification: at.optional("ConnectionTrackingSpecification")?,
            operator: at.optional("Operator")?,
            subnet_id: at.required("SubnetId")?,
            description: at.optional("Description")?,
            private_ip_address: at.optional("PrivateIpAddress")?,
            groups: at.list("SecurityGroupId")?,
            private_ip_addresses: at.list("PrivateIpAddresses")?,
            secondary_private_ip_address_count: at.optional("SecondaryPrivateIpAddressCount")?,
            ipv6_addresses: at.list("Ipv6Addresses")?,
            ipv6_address_count: at.optional("Ipv6AddressCount")?,
            dry_run: at.optional("DryRun")?,
        })
    }
}

/// `CreateNetworkInterface` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkInterface.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateNetworkInterfaceResult {
    /// `networkInterface` on the wire.
    pub network_interface: Option<NetworkInterface>,
    /// `clientToken` on the wire.
    pub client_token: Option<String>,
}

impl ToXml for CreateNetworkInterfaceResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("networkInterface", self.network_interface.as_ref());
        out.optional("clientToken", self.client_token.as_ref());
    }
}

/// `CreateRoute` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateRouteRequest {
    /// `DestinationPrefixListId` on the wire.
    pub destination_prefix_list_id: Option<String>,
    /// `VpcEndpointId` on the wire.
    pub vpc_endpoint_id: Option<String>,
    /// `TransitGatewayId` on the wire.
    pub transit_gateway_id: Option<String>,
    /// `LocalGatewayId` on the wire.
    pub local_gateway_id: Option<String>,
    /// `CarrierGatewayId` on the wire.
    pub carrier_gateway_id: Option<String>,
    /// `CoreNetworkArn` on the wire.
    pub core_network_arn: Option<String>,
    /// `OdbNetworkArn` on the wire.
    pub odb_network_arn: Option<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `RouteTableId` on the wire.
    pub route_table_id: Option<String>,
    /// `DestinationCidrBlock` on the wire.
    pub destination_cidr_block: Option<String>,
    /// `GatewayId` on the wire.
    pub gateway_id: Option<String>,
    /// `DestinationIpv6CidrBlock` on the wire.
    pub destination_ipv6_cidr_block: Option<String>,
    /// `EgressOnlyInternetGatewayId` on the wire.
    pub egress_only_internet_gateway_id: Option<String>,
    /// `InstanceId` on the wire.
    pub instance_id: Option<String>,
    /// `NetworkInterfaceId` on the wire.
    pub network_interface_id: Option<String>,
    /// `VpcPeeringConnectionId` on the wire.
    pub vpc_peering_connection_id: Option<String>,
    /// `NatGatewayId` on the wire.
    pub nat_gateway_id: Option<String>,
}

impl FromQuery for CreateRouteRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "CarrierGatewayId",
            "CoreNetworkArn",
            "DestinationCidrBlock",
            "DestinationIpv6CidrBlock",
            "DestinationPrefixListId",
            "DryRun",
            "EgressOnlyInternetGatewayId",
            "GatewayId",
            "InstanceId",
            "LocalGatewayId",
            "NatGatewayId",
            "NetworkInterfaceId",
            "OdbNetworkArn",
            "RouteTableId",
            "TransitGatewayId",
            "VpcEndpointId",
            "VpcPeeringConnectionId",
        ])?;
        Ok(Self {
            destination_prefix_list_id: at.optional("DestinationPrefixListId")?,
            vpc_endpoint_id: at.optional("VpcEndpointId")?,
            transit_gateway_id: at.optional("TransitGatewayId")?,
            local_gateway_id: at.optional("LocalGatewayId")?,
            carrier_gateway_id: at.optional("CarrierGatewayId")?,
            core_network_arn: at.optional("CoreNetworkArn")?,
            odb_network_arn: at.optional("OdbNetworkArn")?,
            dry_run: at.optional("DryRun")?,
            route_table_id: at.required("RouteTableId")?,
            destination_cidr_block: at.optional("DestinationCidrBlock")?,
            gateway_id: at.optional("GatewayId")?,
            destination_ipv6_cidr_block: at.optional("DestinationIpv6CidrBlock")?,
            egress_only_internet_gateway_id: at.optional("EgressOnlyInternetGatewayId")?,
            instance_id: at.optional("InstanceId")?,
            network_interface_id: at.optional("NetworkInterfaceId")?,
            vpc_peering_connection_id: at.optional("VpcPeeringConnectionId")?,
            nat_gateway_id: at.optional("NatGatewayId")?,
        })
    }
}

/// `CreateRoute` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateRouteResult {
    /// `return` on the wire.
    pub r#return: Option<bool>,
}

impl ToXml for CreateRouteResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("return", self.r#return.as_ref());
    }
}

/// `CreateRouteTable` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRouteTable.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateRouteTableRequest {
    /// `TagSpecification` on the wire.
    pub tag_specifications: Vec<TagSpecification>,
    /// `ClientToken` on the wire.
    pub client_token: Option<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `VpcId` on the wire.
    pub vpc_id: Option<String>,
}

impl FromQuery for CreateRouteTableRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["ClientToken", "DryRun", "TagSpecification", "VpcId"])?;
        Ok(Self {
            tag_specifications: at.list("TagSpecification")?,
            client_token: at.optional("ClientToken")?,
            dry_run: at.optional("DryRun")?,
            vpc_id: at.required("VpcId")?,
        })
    }
}

/// `CreateRouteTable` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRouteTable.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateRouteTableResult {
    /// `routeTable` on the wire.
    pub route_table: Option<RouteTable>,
    /// `clientToken` on the wire.
    pub client_token: Option<String>,
}

impl ToXml for CreateRouteTableResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("routeTable", self.route_table.as_ref());
        out.optional("clientToken", self.client_token.as_ref());
    }
}

/// `CreateSecurityGroup` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateSecurityGroupRequest {
    /// `GroupDescription` on the wire.
    pub description: Option<String>,
    /// `GroupName` on the wire.
    pub group_name: Option<String>,
    /// `VpcId` on the wire.
    pub vpc_id: Option<String>,
    /// `TagSpecification` on the wire.
    pub tag_specifications: Vec<TagSpecification>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for CreateSecurityGroupRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "GroupDescription", "GroupName", "TagSpecification", "VpcId"])?;
        Ok(Self {
            description: at.required("GroupDescription")?,
            group_name: at.required("GroupName")?,
            vpc_id: at.optional("VpcId")?,
            tag_specifications: at.list("TagSpecification")?,
            dry_run: at.optional("DryRun")?,
        })
    }
}

/// `CreateSecurityGroup` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateSecurityGroupResult {
    /// `groupId` on the wire.
    pub group_id: Option<String>,
    /// `tagSet` on the wire.
    pub tags: Vec<Tag>,
    /// `securityGroupArn` on the wire.
    pub security_group_arn: Option<String>,
}

impl ToXml for CreateSecurityGroupResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("groupId", self.group_id.as_ref());
        out.list("tagSet", "item", &self.tags);
        out.optional("securityGroupArn", self.security_group_arn.as_ref());
    }
}

/// `CreateSubnetCidrReservation` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnetCidrReservation.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateSubnetCidrReservationRequest {
    /// `SubnetId` on the wire.
    pub subnet_id: Option<String>,
    /// `Cidr` on the wire.
    pub cidr: Option<String>,
    /// `ReservationType` on the wire.
    pub reservation_type: Option<String>,
    /// `Description` on the wire.
    pub description: Option<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `TagSpecification` on the wire.
    pub tag_specifications: Vec<TagSpecification>,
}

impl FromQuery for CreateSubnetCidrReservationRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["Cidr", "Description", "DryRun", "ReservationType", "SubnetId", "TagSpecification"])?;
        Ok(Self {
            subnet_id: at.required("SubnetId")?,
            cidr: at.required("Cidr")?,
            reservation_type: at.required("ReservationType")?,
            description: at.optional("Description")?,
            dry_run: at.optional("DryRun")?,
            tag_specifications: at.list("TagSpecification")?,
        })
    }
}

/// `CreateSubnetCidrReservation` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnetCidrReservation.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateSubnetCidrReservationResult {
    /// `subnetCidrReservation` on the wire.
    pub subnet_cidr_reservation: Option<SubnetCidrReservation>,
}

impl ToXml for CreateSubnetCidrReservationResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("subnetCidrReservation", self.subnet_cidr_reservation.as_ref());
    }
}

/// `CreateSubnet` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateSubnetRequest {
    /// `TagSpecification` on the wire.
    pub tag_specifications: Vec<TagSpecification>,
    /// `AvailabilityZone` on the wire.
    pub availability_zone: Option<String>,
    /// `AvailabilityZoneId` on the wire.
    pub availability_zone_id: Option<String>,
    /// `CidrBlock` on the wire.
    pub cidr_block: Option<String>,
    /// `Ipv6CidrBlock` on the wire.
    pub ipv6_cidr_block: Option<String>,
    /// `OutpostArn` on the wire.
    pub outpost_arn: Option<String>,
    /// `VpcId` on the wire.
    pub vpc_id: Option<String>,
    /// `Ipv6Native` on the wire.
    pub ipv6_native: Option<bool>,
    /// `Ipv4IpamPoolId` on the wire.
    pub ipv4_ipam_pool_id: Option<String>,
    /// `Ipv4NetmaskLength` on the wire.
    pub ipv4_netmask_length: Option<i32>,
    /// `Ipv6IpamPoolId` on the wire.
    pub ipv6_ipam_pool_id: Option<String>,
    /// `Ipv6NetmaskLength` on the wire.
    pub ipv6_netmask_length: Option<i32>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for CreateSubnetRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "AvailabilityZone",
            "AvailabilityZoneId",
            "CidrBlock",
            "DryRun",
            "Ipv4IpamPoolId",
            "Ipv4NetmaskLength",
            "Ipv6CidrBlock",
            "Ipv6IpamPoolId",
            "Ipv6Native",
            "Ipv6NetmaskLength",
            "OutpostArn",
            "TagSpecification",
            "VpcId",
        ])?;
        Ok(Self {
            tag_specifications: at.list("TagSpecification")?,
            availability_zone: at.optional("AvailabilityZone")?,
            availability_zone_id: at.optional("AvailabilityZoneId")?,
            cidr_block: at.optional("CidrBlock")?,
            ipv6_cidr_block: at.optional("Ipv6CidrBlock")?,
            outpost_arn: at.optional("OutpostArn")?,
            vpc_id: at.required("VpcId")?,
            ipv6_native: at.optional("Ipv6Native")?,
            ipv4_ipam_pool_id: at.optional("Ipv4IpamPoolId")?,
            ipv4_netmask_length: at.optional("Ipv4NetmaskLength")?,
            ipv6_ipam_pool_id: at.optional("Ipv6IpamPoolId")?,
            ipv6_netmask_length: at.optional("Ipv6NetmaskLength")?,
            dry_run: at.optional("DryRun")?,
        })
    }
}

/// `CreateSubnet` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateSubnetResult {
    /// `subnet` on the wire.
    pub subnet: Option<Subnet>,
}

impl ToXml for CreateSubnetResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("subnet", self.subnet.as_ref());
    }
}

/// `CreateTags` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTags.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateTagsRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `ResourceId` on the wire.
    pub resources: Vec<String>,
    /// `Tag` on the wire.
    pub tags: Vec<Tag>,
}

impl FromQuery for CreateTagsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "ResourceId", "Tag"])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            resources: at.required_list("ResourceId")?,
            tags: at.required_list("Tag")?,
        })
    }
}

/// `CreateVpcEndpoint` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateVpcEndpointRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `VpcEndpointType` on the wire.
    pub vpc_endpoint_type: Option<String>,
    /// `VpcId` on the wire.
    pub vpc_id: Option<String>,
    /// `ServiceName` on the wire.
    pub service_name: Option<String>,
    /// `PolicyDocument` on the wire.
    pub policy_document: Option<String>,
    /// `RouteTableId` on the wire.
    pub route_table_ids: Vec<String>,
    /// `SubnetId` on the wire.
    pub subnet_ids: Vec<String>,
    /// `SecurityGroupId` on the wire.
    pub security_group_ids: Vec<String>,
    /// `IpAddressType` on the wire.
    pub ip_address_type: Option<String>,
    /// `DnsOptions` on the wire.
    pub dns_options: Option<DnsOptionsSpecification>,
    /// `ClientToken` on the wire.
    pub client_token: Option<String>,
    /// `PrivateDnsEnabled` on the wire.
    pub private_dns_enabled: Option<bool>,
    /// `TagSpecification` on the wire.
    pub tag_specifications: Vec<TagSpecification>,
    /// `SubnetConfiguration` on the wire.
    pub subnet_configurations: Vec<SubnetConfiguration>,
    /// `ServiceNetworkArn` on the wire.
    pub service_network_arn: Option<String>,
    /// `ResourceConfigurationArn` on the wire.
    pub resource_configuration_arn: Option<String>,
    /// `ServiceRegion` on the wire.
    pub service_region: Option<String>,
}

impl FromQuery for CreateVpcEndpointRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "ClientToken",
            "DnsOptions",
            "DryRun",
            "IpAddressType",
            "PolicyDocument",
            "PrivateDnsEnabled",
            "ResourceConfigurationArn",
            "RouteTableId",
            "SecurityGroupId",
            "ServiceName",
            "ServiceNetworkArn",
            "ServiceRegion",
            "SubnetConfiguration",
            "SubnetId",
            "TagSpecification",
            "VpcEndpointType",
            "VpcId",
        ])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            vpc_endpoint_type: at.optional("VpcEndpointType")?,
            vpc_id: at.required("VpcId")?,
            service_name: at.optional("ServiceName")?,
            policy_document: at.optional("PolicyDocument")?,
            route_table_ids: at.list("RouteTableId")?,
            subnet_ids: at.list("SubnetId")?,
            security_group_ids: at.list("SecurityGroupId")?,
            ip_address_type: at.optional("IpAddressType")?,
            dns_options: at.optional("DnsOptions")?,
            client_token: at.optional("ClientToken")?,
            private_dns_enabled: at.optional("PrivateDnsEnabled")?,
            tag_specifications: at.list("TagSpecification")?,
            subnet_configurations: at.list("SubnetConfiguration")?,
            service_network_arn: at.optional("ServiceNetworkArn")?,
            resource_configuration_arn: at.optional("ResourceConfigurationArn")?,
            service_region: at.optional("ServiceRegion")?,
        })
    }
}

/// `CreateVpcEndpoint` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateVpcEndpointResult {
    /// `vpcEndpoint` on the wire.
    pub vpc_endpoint: Option<VpcEndpoint>,
    /// `clientToken` on the wire.
    pub client_token: Option<String>,
}

impl ToXml for CreateVpcEndpointResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("vpcEndpoint", self.vpc_endpoint.as_ref());
        out.optional("clientToken", self.client_token.as_ref());
    }
}

/// `CreateVpcPeeringConnection` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcPeeringConnection.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateVpcPeeringConnectionRequest {
    /// `PeerRegion` on the wire.
    pub peer_region: Option<String>,
    /// `TagSpecification` on the wire.
    pub tag_specifications: Vec<TagSpecification>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `VpcId` on the wire.
    pub vpc_id: Option<String>,
    /// `PeerVpcId` on the wire.
    pub peer_vpc_id: Option<String>,
    /// `PeerOwnerId` on the wire.
    pub peer_owner_id: Option<String>,
}

impl FromQuery for CreateVpcPeeringConnectionRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "PeerOwnerId", "PeerRegion", "PeerVpcId", "TagSpecification", "VpcId"])?;
        Ok(Self {
            peer_region: at.optional("PeerRegion")?,
            tag_specifications: at.list("TagSpecification")?,
            dry_run: at.optional("DryRun")?,
            vpc_id: at.required("VpcId")?,
            peer_vpc_id: at.optional("PeerVpcId")?,
            peer_owner_id: at.optional("PeerOwnerId")?,
        })
    }
}

/// `CreateVpcPeeringConnection` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcPeeringConnection.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateVpcPeeringConnectionResult {
    /// `vpcPeeringConnection` on the wire.
    pub vpc_peering_connection: Option<VpcPeeringConnection>,
}

impl ToXml for CreateVpcPeeringConnectionResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("vpcPeeringConnection", self.vpc_peering_connection.as_ref());
    }
}

/// `CreateVpc` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpc.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateVpcRequest {
    /// `CidrBlock` on the wire.
    pub cidr_block: Option<String>,
    /// `Ipv6Pool` on the wire.
    pub ipv6_pool: Option<String>,
    /// `Ipv6CidrBlock` on the wire.
    pub ipv6_cidr_block: Option<String>,
    /// `Ipv4IpamPoolId` on the wire.
    pub ipv4_ipam_pool_id: Option<String>,
    /// `Ipv4NetmaskLength` on the wire.
    pub ipv4_netmask_length: Option<i32>,
    /// `Ipv6IpamPoolId` on the wire.
    pub ipv6_ipam_pool_id: Option<String>,
    /// `Ipv6NetmaskLength` on the wire.
    pub ipv6_netmask_length: Option<i32>,
    /// `Ipv6CidrBlockNetworkBorderGroup` on the wire.
    pub ipv6_cidr_block_network_border_group: Option<String>,
    /// `VpcEncryptionControl` on the wire.
    pub vpc_encryption_control: Option<VpcEncryptionControlConfiguration>,
    /// `TagSpecification` on the wire.
    pub tag_specifications: Vec<TagSpecification>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `InstanceTenancy` on the wire.
    pub instance_tenancy: Option<String>,
    /// `AmazonProvidedIpv6CidrBlock` on the wire.
    pub amazon_provided_ipv6_cidr_block: Option<bool>,
}

impl FromQuery for CreateVpcRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "AmazonProvidedIpv6CidrBlock",
            "CidrBlock",
            "DryRun",
            "InstanceTenancy",
            "Ipv4IpamPoolId",
            "Ipv4NetmaskLength",
            "Ipv6CidrBlock",
            "Ipv6CidrBlockNetworkBorderGroup",
            "Ipv6IpamPoolId",
            "Ipv6NetmaskLength",
            "Ipv6Pool",
            "TagSpecification",
            "VpcEncryptionControl",
        ])?;
        Ok(Self {
            cidr_block: at.optional("CidrBlock")?,
            ipv6_pool: at.optional("Ipv6Pool")?,
            ipv6_cidr_block: at.optional("Ipv6CidrBlock")?,
            ipv4_ipam_pool_id: at.optional("Ipv4IpamPoolId")?,
            ipv4_netmask_length: at.optional("Ipv4NetmaskLength")?,
            ipv6_ipam_pool_id: at.optional("Ipv6IpamPoolId")?,
            ipv6_netmask_length: at.optional("Ipv6NetmaskLength")?,
            ipv6_cidr_block_network_border_group: at.optional("Ipv6CidrBlockNetworkBorderGroup")?,
            vpc_encryption_control: at.optional("VpcEncryptionControl")?,
            tag_specifications: at.list("TagSpecification")?,
            dry_run: at.optional("DryRun")?,
            instance_tenancy: at.optional("InstanceTenancy")?,
            amazon_provided_ipv6_cidr_block: at.optional("AmazonProvidedIpv6CidrBlock")?,
        })
    }
}

/// `CreateVpc` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpc.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateVpcResult {
    /// `vpc` on the wire.
    pub vpc: Option<Vpc>,
}

impl ToXml for CreateVpcResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("vpc", self.vpc.as_ref());
    }
}

/// `CreateVpnGateway` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpnGateway.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateVpnGatewayRequest {
    /// `AvailabilityZone` on the wire.
    pub availability_zone: Option<String>,
    /// `Type` on the wire.
    pub r#type: Option<String>,
    /// `TagSpecification` on the wire.
    pub tag_specifications: Vec<TagSpecification>,
    /// `AmazonSideAsn` on the wire.
    pub amazon_side_asn: Option<i64>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for CreateVpnGatewayRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["AmazonSideAsn", "AvailabilityZone", "DryRun", "TagSpecification", "Type"])?;
        Ok(Self {
            availability_zone: at.optional("AvailabilityZone")?,
            r#type: at.required("Type")?,
            tag_specifications: at.list("TagSpecification")?,
            amazon_side_asn: at.optional("AmazonSideAsn")?,
            dry_run: at.optional("DryRun")?,
        })
    }
}

/// `CreateVpnGateway` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpnGateway.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreateVpnGatewayResult {
    /// `vpnGateway` on the wire.
    pub vpn_gateway: Option<VpnGateway>,
}

impl ToXml for CreateVpnGatewayResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("vpnGateway", self.vpn_gateway.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreditSpecificationRequest.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CreditSpecificationRequest {
    /// `CpuCredits` on the wire.
    pub cpu_credits: Option<String>,
}

impl FromQuery for CreditSpecificationRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["CpuCredits"])?;
        Ok(Self { cpu_credits: at.required("CpuCredits")? })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CustomerGateway.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CustomerGateway {
    /// `certificateArn` on the wire.
    pub certificate_arn: Option<String>,
    /// `deviceName` on the wire.
    pub device_name: Option<String>,
    /// `tagSet` on the wire.
    pub tags: Vec<Tag>,
    /// `bgpAsnExtended` on the wire.
    pub bgp_asn_extended: Option<String>,
    /// `customerGatewayId` on the wire.
    pub customer_gateway_id: Option<String>,
    /// `state` on the wire.
    pub state: Option<String>,
    /// `type` on the wire.
    pub r#type: Option<String>,
    /// `ipAddress` on the wire.
    pub ip_address: Option<String>,
    /// `bgpAsn` on the wire.
    pub bgp_asn: Option<String>,
}

impl ToXml for CustomerGateway {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("certificateArn", self.certificate_arn.as_ref());
        out.optional("deviceName", self.device_name.as_ref());
        out.list("tagSet", "item", &self.tags);
        out.optional("bgpAsnExtended", self.bgp_asn_extended.as_ref());
        out.optional("customerGatewayId", self.customer_gateway_id.as_ref());
        out.optional("state", self.state.as_ref());
        out.optional("type", self.r#type.as_ref());
        out.optional("ipAddress", self.ip_address.as_ref());
        out.optional("bgpAsn", self.bgp_asn.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DefaultConnectionTrackingConfiguration.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DefaultConnectionTrackingConfiguration {
    /// `defaultTcpEstablishedTimeout` on the wire.
    pub default_tcp_established_timeout: Option<i32>,
    /// `defaultUdpTimeout` on the wire.
    pub default_udp_timeout: Option<i32>,
    /// `defaultUdpStreamTimeout` on the wire.
    pub default_udp_stream_timeout: Option<i32>,
}

impl ToXml for DefaultConnectionTrackingConfiguration {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("defaultTcpEstablishedTimeout", self.default_tcp_established_timeout.as_ref());
        out.optional("defaultUdpTimeout", self.default_udp_timeout.as_ref());
        out.optional("defaultUdpStreamTimeout", self.default_udp_stream_timeout.as_ref());
    }
}

/// `DeleteDhcpOptions` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteDhcpOptions.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeleteDhcpOptionsRequest {
    /// `DhcpOptionsId` on the wire.
    pub dhcp_options_id: Option<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for DeleteDhcpOptionsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DhcpOptionsId", "DryRun"])?;
        Ok(Self { dhcp_options_id: at.required("DhcpOptionsId")?, dry_run: at.optional("DryRun")? })
    }
}

/// `DeleteEgressOnlyInternetGateway` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteEgressOnlyInternetGateway.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeleteEgressOnlyInternetGatewayRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `EgressOnlyInternetGatewayId` on the wire.
    pub egress_only_internet_gateway_id: Option<String>,
}

impl FromQuery for DeleteEgressOnlyInternetGatewayRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "EgressOnlyInternetGatewayId"])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            egress_only_internet_gateway_id: at.required("EgressOnlyInternetGatewayId")?,
        })
    }
}

/// `DeleteEgressOnlyInternetGateway` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteEgressOnlyInternetGateway.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeleteEgressOnlyInternetGatewayResult {
    /// `returnCode` on the wire.
    pub return_code: Option<bool>,
}

impl ToXml for DeleteEgressOnlyInternetGatewayResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("returnCode", self.return_code.as_ref());
    }
}

/// `DeleteFlowLogs` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteFlowLogs.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeleteFlowLogsRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `FlowLogId` on the wire.
    pub flow_log_ids: Vec<String>,
}

impl FromQuery for DeleteFlowLogsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "FlowLogId"])?;
        Ok(Self { dry_run: at.optional("DryRun")?, flow_log_ids: at.required_list("FlowLogId")? })
    }
}

/// `DeleteFlowLogs` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteFlowLogs.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeleteFlowLogsResult {
    /// `unsuccessful` on the wire.
    pub unsuccessful: Vec<UnsuccessfulItem>,
}

impl ToXml for DeleteFlowLogsResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("unsuccessful", "item", &self.unsuccessful);
    }
}

/// `DeleteInternetGateway` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteInternetGateway.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeleteInternetGatewayRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `InternetGatewayId` on the wire.
    pub internet_gateway_id: Option<String>,
}

impl FromQuery for DeleteInternetGatewayRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "InternetGatewayId"])?;
        Ok(Self { dry_run: at.optional("DryRun")?, internet_gateway_id: at.required("InternetGatewayId")? })
    }
}

/// `DeleteKeyPair` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteKeyPair.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeleteKeyPairRequest {
    /// `KeyName` on the wire.
    pub key_name: Option<String>,
    /// `KeyPairId` on the wire.
    pub key_pair_id: Option<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for DeleteKeyPairRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "KeyName", "KeyPairId"])?;
        Ok(Self {
            key_name: at.optional("KeyName")?,
            key_pair_id: at.optional("KeyPairId")?,
            dry_run: at.optional("DryRun")?,
        })
    }
}

/// `DeleteKeyPair` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteKeyPair.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeleteKeyPairResult {
    /// `return` on the wire.
    pub r#return: Option<bool>,
    /// `keyPairId` on the wire.
    pub key_pair_id: Option<String>,
}

impl ToXml for DeleteKeyPairResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("return", self.r#return.as_ref());
        out.optional("keyPairId", self.key_pair_id.as_ref());
    }
}

/// `DeleteManagedPrefixList` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteManagedPrefixList.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeleteManagedPrefixListRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `PrefixListId` on the wire.
    pub prefix_list_id: Option<String>,
}

impl FromQuery for DeleteManagedPrefixListRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "PrefixListId"])?;
        Ok(Self { dry_run: at.optional("DryRun")?, prefix_list_id: at.required("PrefixListId")? })
    }
}

/// `DeleteManagedPrefixList` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteManagedPrefixList.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeleteManagedPrefixListResult {
    /// `prefixList` on the wire.
    pub prefix_list: Option<ManagedPrefixList>,
}

impl ToXml for DeleteManagedPrefixListResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("prefixList", self.prefix_list.as_ref());
    }
}

/// `DeleteNatGateway` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteNatGateway.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeleteNatGatewayRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `NatGatewayId` on the wire.
    pub nat_gateway_id: Option<String>,
}

impl FromQuery for DeleteNatGatewayRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "NatGatewayId"])?;
        Ok(Self { dry_run: at.optional("DryRun")?, nat_gateway_id: at.required("NatGatewayId")? })
    }
}

/// `DeleteNatGateway` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteNatGateway.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeleteNatGatewayResult {
    /// `natGatewayId` on the wire.
    pub nat_gateway_id: Option<String>,
}

impl ToXml for DeleteNatGatewayResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("natGatewayId", self.nat_gateway_id.as_ref());
    }
}

/// `DeleteNetworkAclEntry` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteNetworkAclEntry.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeleteNetworkAclEntryRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `NetworkAclId` on the wire.
    pub network_acl_id: Option<String>,
    /// `RuleNumber` on the wire.
    pub rule_number: Option<i32>,
    /// `Egress` on the wire.
    pub egress: Option<bool>,
}

impl FromQuery for DeleteNetworkAclEntryRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "Egress", "NetworkAclId", "RuleNumber"])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            network_acl_id: at.required("NetworkAclId")?,
            rule_number: at.required("RuleNumber")?,
            egress: at.required("Egress")?,
        })
    }
}

/// `DeleteNetworkAcl` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteNetworkAcl.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeleteNetworkAclRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `NetworkAclId` on the wire.
    pub network_acl_id: Option<String>,
}

impl FromQuery for DeleteNetworkAclRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "NetworkAclId"])?;
        Ok(Self { dry_run: at.optional("DryRun")?, network_acl_id: at.required("NetworkAclId")? })
    }
}

/// `DeleteNetworkInsightsAnalysis` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteNetworkInsightsAnalysis.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeleteNetworkInsightsAnalysisRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `NetworkInsightsAnalysisId` on the wire.
    pub network_insights_analysis_id: Option<String>,
}

impl FromQuery for DeleteNetworkInsightsAnalysisRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "NetworkInsightsAnalysisId"])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            network_insights_analysis_id: at.required("NetworkInsightsAnalysisId")?,
        })
    }
}

/// `DeleteNetworkInsightsAnalysis` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteNetworkInsightsAnalysis.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeleteNetworkInsightsAnalysisResult {
    /// `networkInsightsAnalysisId` on the wire.
    pub network_insights_analysis_id: Option<String>,
}

impl ToXml for DeleteNetworkInsightsAnalysisResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("networkInsightsAnalysisId", self.network_insights_analysis_id.as_ref());
    }
}

/// `DeleteNetworkInsightsPath` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteNetworkInsightsPath.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeleteNetworkInsightsPathRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `NetworkInsightsPathId` on the wire.
    pub network_insights_path_id: Option<String>,
}

impl FromQuery for DeleteNetworkInsightsPathRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "NetworkInsightsPathId"])?;
        Ok(Self { dry_run: at.optional("DryRun")?, network_insights_path_id: at.required("NetworkInsightsPathId")? })
    }
}

/// `DeleteNetworkInsightsPath` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteNetworkInsightsPath.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeleteNetworkInsightsPathResult {
    /// `networkInsightsPathId` on the wire.
    pub network_insights_path_id: Option<String>,
}

impl ToXml for DeleteNetworkInsightsPathResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("networkInsightsPathId", self.network_insights_path_id.as_ref());
    }
}

/// `DeleteNetworkInterface` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteNetworkInterface.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeleteNetworkInterfaceRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `NetworkInterfaceId` on the wire.
    pub network_interface_id: Option<String>,
}

impl FromQuery for DeleteNetworkInterfaceRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "NetworkInterfaceId"])?;
        Ok(Self { dry_run: at.optional("DryRun")?, network_interface_id: at.required("NetworkInterfaceId")? })
    }
}

/// `DeleteRoute` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteRoute.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeleteRouteRequest {
    /// `DestinationPrefixListId` on the wire.
    pub destination_prefix_list_id: Option<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `RouteTableId` on the wire.
    pub route_table_id: Option<String>,
    /// `DestinationCidrBlock` on the wire.
    pub destination_cidr_block: Option<String>,
    /// `DestinationIpv6CidrBlock` on the wire.
    pub destination_ipv6_cidr_block: Option<String>,
}

impl FromQuery for DeleteRouteRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "DestinationCidrBlock",
            "DestinationIpv6CidrBlock",
            "DestinationPrefixListId",
            "DryRun",
            "RouteTableId",
        ])?;
        Ok(Self {
            destination_prefix_list_id: at.optional("DestinationPrefixListId")?,
            dry_run: at.optional("DryRun")?,
            route_table_id: at.required("RouteTableId")?,
            destination_cidr_block: at.optional("DestinationCidrBlock")?,
            destination_ipv6_cidr_block: at.optional("DestinationIpv6CidrBlock")?,
        })
    }
}

/// `DeleteRouteTable` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteRouteTable.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeleteRouteTableRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `RouteTableId` on the wire.
    pub route_table_id: Option<String>,
}

impl FromQuery for DeleteRouteTableRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "RouteTableId"])?;
        Ok(Self { dry_run: at.optional("DryRun")?, route_table_id: at.required("RouteTableId")? })
    }
}

/// `DeleteSecurityGroup` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSecurityGroup.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeleteSecurityGroupRequest {
    /// `GroupId` on the wire.
    pub group_id: Option<String>,
    /// `GroupName` on the wire.
    pub group_name: Option<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for DeleteSecurityGroupRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "GroupId", "GroupName"])?;
        Ok(Self {
            group_id: at.optional("GroupId")?,
            group_name: at.optional("GroupName")?,
            dry_run: at.optional("DryRun")?,
        })
    }
}

/// `DeleteSecurityGroup` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSecurityGroup.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeleteSecurityGroupResult {
    /// `return` on the wire.
    pub r#return: Option<bool>,
    /// `groupId` on the wire.
    pub group_id: Option<String>,
}

impl ToXml for DeleteSecurityGroupResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("return", self.r#return.as_ref());
        out.optional("groupId", self.group_id.as_ref());
    }
}

/// `DeleteSubnetCidrReservation` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSubnetCidrReservation.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeleteSubnetCidrReservationRequest {
    /// `SubnetCidrReservationId` on the wire.
    pub subnet_cidr_reservation_id: Option<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for DeleteSubnetCidrReservationRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "SubnetCidrReservationId"])?;
        Ok(Self {
            subnet_cidr_reservation_id: at.required("SubnetCidrReservationId")?,
            dry_run: at.optional("DryRun")?,
        })
    }
}

/// `DeleteSubnetCidrReservation` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSubnetCidrReservation.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeleteSubnetCidrReservationResult {
    /// `deletedSubnetCidrReservation` on the wire.
    pub deleted_subnet_cidr_reservation: Option<SubnetCidrReservation>,
}

impl ToXml for DeleteSubnetCidrReservationResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("deletedSubnetCidrReservation", self.deleted_subnet_cidr_reservation.as_ref());
    }
}

/// `DeleteSubnet` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSubnet.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeleteSubnetRequest {
    /// `SubnetId` on the wire.
    pub subnet_id: Option<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for DeleteSubnetRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "SubnetId"])?;
        Ok(Self { subnet_id: at.required("SubnetId")?, dry_run: at.optional("DryRun")? })
    }
}

/// `DeleteTags` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteTags.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeleteTagsRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `ResourceId` on the wire.
    pub resources: Vec<String>,
    /// `Tag` on the wire.
    pub tags: Vec<Tag>,
}

impl FromQuery for DeleteTagsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "ResourceId", "Tag"])?;
        Ok(Self { dry_run: at.optional("DryRun")?, resources: at.required_list("ResourceId")?, tags: at.list("Tag")? })
    }
}

/// `DeleteVolume` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVolume.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeleteVolumeRequest {
    /// `VolumeId` on the wire.
    pub volume_id: Option<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for DeleteVolumeRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "VolumeId"])?;
        Ok(Self { volume_id: at.required("VolumeId")?, dry_run: at.optional("DryRun")? })
    }
}

/// `DeleteVpcEndpoints` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpcEndpoints.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeleteVpcEndpointsRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `VpcEndpointId` on the wire.
    pub vpc_endpoint_ids: Vec<String>,
}

impl FromQuery for DeleteVpcEndpointsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "VpcEndpointId"])?;
        Ok(Self { dry_run: at.optional("DryRun")?, vpc_endpoint_ids: at.required_list("VpcEndpointId")? })
    }
}

/// `DeleteVpcEndpoints` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpcEndpoints.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeleteVpcEndpointsResult {
    /// `unsuccessful` on the wire.
    pub unsuccessful: Vec<UnsuccessfulItem>,
}

impl ToXml for DeleteVpcEndpointsResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("unsuccessful", "item", &self.unsuccessful);
    }
}

/// `DeleteVpcPeeringConnection` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpcPeeringConnection.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeleteVpcPeeringConnectionRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `VpcPeeringConnectionId` on the wire.
    pub vpc_peering_connection_id: Option<String>,
}

impl FromQuery for DeleteVpcPeeringConnectionRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "VpcPeeringConnectionId"])?;
        Ok(Self { dry_run: at.optional("DryRun")?, vpc_peering_connection_id: at.required("VpcPeeringConnectionId")? })
    }
}

/// `DeleteVpcPeeringConnection` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpcPeeringConnection.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeleteVpcPeeringConnectionResult {
    /// `return` on the wire.
    pub r#return: Option<bool>,
}

impl ToXml for DeleteVpcPeeringConnectionResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("return", self.r#return.as_ref());
    }
}

/// `DeleteVpc` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpc.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeleteVpcRequest {
    /// `VpcId` on the wire.
    pub vpc_id: Option<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for DeleteVpcRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "VpcId"])?;
        Ok(Self { vpc_id: at.required("VpcId")?, dry_run: at.optional("DryRun")? })
    }
}

/// `DeleteVpnGateway` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpnGateway.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DeleteVpnGatewayRequest {
    /// `VpnGatewayId` on the wire.
    pub vpn_gateway_id: Option<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for DeleteVpnGatewayRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "VpnGatewayId"])?;
        Ok(Self { vpn_gateway_id: at.required("VpnGatewayId")?, dry_run: at.optional("DryRun")? })
    }
}

/// `DescribeAccountAttributes` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAccountAttributes.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeAccountAttributesRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `AttributeName` on the wire.
    pub attribute_names: Vec<String>,
}

impl FromQuery for DescribeAccountAttributesRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["AttributeName", "DryRun"])?;
        Ok(Self { dry_run: at.optional("DryRun")?, attribute_names: at.list("AttributeName")? })
    }
}

/// `DescribeAccountAttributes` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAccountAttributes.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeAccountAttributesResult {
    /// `accountAttributeSet` on the wire.
    pub account_attributes: Vec<AccountAttribute>,
}

impl ToXml for DescribeAccountAttributesResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("accountAttributeSet", "item", &self.account_attributes);
    }
}

/// `DescribeAddressesAttribute` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAddressesAttribute.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeAddressesAttributeRequest {
    /// `AllocationId` on the wire.
    pub allocation_ids: Vec<String>,
    /// `Attribute` on the wire.
    pub attribute: Option<String>,
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for DescribeAddressesAttributeRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["AllocationId", "Attribute", "DryRun", "MaxResults", "NextToken"])?;
        Ok(Self {
            allocation_ids: at.list("AllocationId")?,
            attribute: at.optional("Attribute")?,
            next_token: at.optional("NextToken")?,
            max_results: at.optional("MaxResults")?,
            dry_run: at.optional("DryRun")?,
        })
    }
}

/// `DescribeAddressesAttribute` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAddressesAttribute.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeAddressesAttributeResult {
    /// `addressSet` on the wire.
    pub addresses: Vec<AddressAttribute>,
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
}

impl ToXml for DescribeAddressesAttributeResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("addressSet", "item", &self.addresses);
        out.optional("nextToken", self.next_token.as_ref());
    }
}

/// `DescribeAddresses` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAddresses.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeAddressesRequest {
    /// `PublicIp` on the wire.
    pub public_ips: Vec<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
    /// `AllocationId` on the wire.
    pub allocation_ids: Vec<String>,
}

impl FromQuery for DescribeAddressesRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["AllocationId", "DryRun", "Filter", "PublicIp"])?;
        Ok(Self {
            public_ips: at.list("PublicIp")?,
            dry_run: at.optional("DryRun")?,
            filters: at.list("Filter")?,
            allocation_ids: at.list("AllocationId")?,
        })
    }
}

/// `DescribeAddresses` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAddresses.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeAddressesResult {
    /// `addressesSet` on the wire.
    pub addresses: Vec<Address>,
}

impl ToXml for DescribeAddressesResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("addressesSet", "item", &self.addresses);
    }
}

/// `DescribeAvailabilityZones` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAvailabilityZones.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeAvailabilityZonesRequest {
    /// `ZoneName` on the wire.
    pub zone_names: Vec<String>,
    /// `ZoneId` on the wire.
    pub zone_ids: Vec<String>,
    /// `AllAvailabilityZones` on the wire.
    pub all_availability_zones: Option<bool>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
}

impl FromQuery for DescribeAvailabilityZonesRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["AllAvailabilityZones", "DryRun", "Filter", "ZoneId", "ZoneName"])?;
        Ok(Self {
            zone_names: at.list("ZoneName")?,
            zone_ids: at.list("ZoneId")?,
            all_availability_zones: at.optional("AllAvailabilityZones")?,
            dry_run: at.optional("DryRun")?,
            filters: at.list("Filter")?,
        })
    }
}

/// `DescribeAvailabilityZones` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeAvailabilityZones.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeAvailabilityZonesResult {
    /// `availabilityZoneInfo` on the wire.
    pub availability_zones: Vec<AvailabilityZone>,
}

impl ToXml for DescribeAvailabilityZonesResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("availabilityZoneInfo", "item", &self.availability_zones);
    }
}

/// `DescribeCustomerGateways` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeCustomerGateways.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeCustomerGatewaysRequest {
    /// `CustomerGatewayId` on the wire.
    pub customer_gateway_ids: Vec<String>,
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for DescribeCustomerGatewaysRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["CustomerGatewayId", "DryRun", "Filter"])?;
        Ok(Self {
            customer_gateway_ids: at.list("CustomerGatewayId")?,
            filters: at.list("Filter")?,
            dry_run: at.optional("DryRun")?,
        })
    }
}

/// `DescribeCustomerGateways` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeCustomerGateways.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeCustomerGatewaysResult {
    /// `customerGatewaySet` on the wire.
    pub customer_gateways: Vec<CustomerGateway>,
}

impl ToXml for DescribeCustomerGatewaysResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("customerGatewaySet", "item", &self.customer_gateways);
    }
}

/// `DescribeDhcpOptions` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeDhcpOptions.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeDhcpOptionsRequest {
    /// `DhcpOptionsId` on the wire.
    pub dhcp_options_ids: Vec<String>,
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
}

impl FromQuery for DescribeDhcpOptionsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DhcpOptionsId", "DryRun", "Filter", "MaxResults", "NextToken"])?;
        Ok(Self {
            dhcp_options_ids: at.list("DhcpOptionsId")?,
            next_token: at.optional("NextToken")?,
            max_results: at.optional("MaxResults")?,
            dry_run: at.optional("DryRun")?,
            filters: at.list("Filter")?,
        })
    }
}

/// `DescribeDhcpOptions` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeDhcpOptions.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeDhcpOptionsResult {
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
    /// `dhcpOptionsSet` on the wire.
    pub dhcp_options: Vec<DhcpOptions>,
}

impl ToXml for DescribeDhcpOptionsResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("nextToken", self.next_token.as_ref());
        out.list("dhcpOptionsSet", "item", &self.dhcp_options);
    }
}

/// `DescribeEgressOnlyInternetGateways` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeEgressOnlyInternetGateways.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeEgressOnlyInternetGatewaysRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `EgressOnlyInternetGatewayId` on the wire.
    pub egress_only_internet_gateway_ids: Vec<String>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
}

impl FromQuery for DescribeEgressOnlyInternetGatewaysRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "EgressOnlyInternetGatewayId", "Filter", "MaxResults", "NextToken"])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            egress_only_internet_gateway_ids: at.list("EgressOnlyInternetGatewayId")?,
            max_results: at.optional("MaxResults")?,
            next_token: at.optional("NextToken")?,
            filters: at.list("Filter")?,
        })
    }
}

/// `DescribeEgressOnlyInternetGateways` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeEgressOnlyInternetGateways.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeEgressOnlyInternetGatewaysResult {
    /// `egressOnlyInternetGatewaySet` on the wire.
    pub egress_only_internet_gateways: Vec<EgressOnlyInternetGateway>,
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
}

impl ToXml for DescribeEgressOnlyInternetGatewaysResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("egressOnlyInternetGatewaySet", "item", &self.egress_only_internet_gateways);
        out.optional("nextToken", self.next_token.as_ref());
    }
}

/// `DescribeFlowLogs` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeFlowLogs.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeFlowLogsRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `Filter` on the wire.
    pub filter: Vec<Filter>,
    /// `FlowLogId` on the wire.
    pub flow_log_ids: Vec<String>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
}

impl FromQuery for DescribeFlowLogsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "Filter", "FlowLogId", "MaxResults", "NextToken"])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            filter: at.list("Filter")?,
            flow_log_ids: at.list("FlowLogId")?,
            max_results: at.optional("MaxResults")?,
            next_token: at.optional("NextToken")?,
        })
    }
}

/// `DescribeFlowLogs` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeFlowLogs.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeFlowLogsResult {
    /// `flowLogSet` on the wire.
    pub flow_logs: Vec<FlowLog>,
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
}

impl ToXml for DescribeFlowLogsResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("flowLogSet", "item", &self.flow_logs);
        out.optional("nextToken", self.next_token.as_ref());
    }
}

/// `DescribeIamInstanceProfileAssociations` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeIamInstanceProfileAssociations.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeIamInstanceProfileAssociationsRequest {
    /// `AssociationId` on the wire.
    pub association_ids: Vec<String>,
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
}

impl FromQuery for DescribeIamInstanceProfileAssociationsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["AssociationId", "Filter", "MaxResults", "NextToken"])?;
        Ok(Self {
            association_ids: at.list("AssociationId")?,
            filters: at.list("Filter")?,
            max_results: at.optional("MaxResults")?,
            next_token: at.optional("NextToken")?,
        })
    }
}

/// `DescribeIamInstanceProfileAssociations` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeIamInstanceProfileAssociations.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeIamInstanceProfileAssociationsResult {
    /// `iamInstanceProfileAssociationSet` on the wire.
    pub iam_instance_profile_associations: Vec<IamInstanceProfileAssociation>,
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
}

impl ToXml for DescribeIamInstanceProfileAssociationsResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("iamInstanceProfileAssociationSet", "item", &self.iam_instance_profile_associations);
        out.optional("nextToken", self.next_token.as_ref());
    }
}

/// `DescribeImages` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeImagesRequest {
    /// `ExecutableBy` on the wire.
    pub executable_users: Vec<String>,
    /// `ImageId` on the wire.
    pub image_ids: Vec<String>,
    /// `Owner` on the wire.
    pub owners: Vec<String>,
    /// `IncludeDeprecated` on the wire.
    pub include_deprecated: Option<bool>,
    /// `IncludeDisabled` on the wire.
    pub include_disabled: Option<bool>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
}

impl FromQuery for DescribeImagesRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "DryRun",
            "ExecutableBy",
            "Filter",
            "ImageId",
            "IncludeDeprecated",
            "IncludeDisabled",
            "MaxResults",
            "NextToken",
            "Owner",
        ])?;
        Ok(Self {
            executable_users: at.list("ExecutableBy")?,
            image_ids: at.list("ImageId")?,
            owners: at.list("Owner")?,
            include_deprecated: at.optional("IncludeDeprecated")?,
            include_disabled: at.optional("IncludeDisabled")?,
            max_results: at.optional("MaxResults")?,
            next_token: at.optional("NextToken")?,
            dry_run: at.optional("DryRun")?,
            filters: at.list("Filter")?,
        })
    }
}

/// `DescribeImages` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeImages.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeImagesResult {
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
    /// `imagesSet` on the wire.
    pub images: Vec<Image>,
}

impl ToXml for DescribeImagesResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("nextToken", self.next_token.as_ref());
        out.list("imagesSet", "item", &self.images);
    }
}

/// `DescribeInstanceAttribute` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceAttribute.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeInstanceAttributeRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `InstanceId` on the wire.
    pub instance_id: Option<String>,
    /// `Attribute` on the wire.
    pub attribute: Option<String>,
}

impl FromQuery for DescribeInstanceAttributeRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["Attribute", "DryRun", "InstanceId"])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            instance_id: at.required("InstanceId")?,
            attribute: at.required("Attribute")?,
        })
    }
}

/// `DescribeInstanceCreditSpecifications` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceCreditSpecifications.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeInstanceCreditSpecificationsRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
    /// `InstanceId` on the wire.
    pub instance_ids: Vec<String>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
}

impl FromQuery for DescribeInstanceCreditSpecificationsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "Filter", "InstanceId", "MaxResults", "NextToken"])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            filters: at.list("Filter")?,
            instance_ids: at.list("InstanceId")?,
            max_results: at.optional("MaxResults")?,
            next_token: at.optional("NextToken")?,
        })
    }
}

/// `DescribeInstanceCreditSpecifications` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceCreditSpecifications.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeInstanceCreditSpecificationsResult {
    /// `instanceCreditSpecificationSet` on the wire.
    pub instance_credit_specifications: Vec<InstanceCreditSpecification>,
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
}

impl ToXml for DescribeInstanceCreditSpecificationsResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("instanceCreditSpecificationSet", "item", &self.instance_credit_specifications);
        out.optional("nextToken", self.next_token.as_ref());
    }
}

/// `DescribeInstanceStatus` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceStatus.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeInstanceStatusRequest {
    /// `InstanceId` on the wire.
    pub instance_ids: Vec<String>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
    /// `IncludeManagedResources` on the wire.
    pub include_managed_resources: Option<bool>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
    /// `IncludeAllInstances` on the wire.
    pub include_all_instances: Option<bool>,
}

impl FromQuery for DescribeInstanceStatusRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "DryRun",
            "Filter",
            "IncludeAllInstances",
            "IncludeManagedResources",
            "InstanceId",
            "MaxResults",
            "NextToken",
        ])?;
        Ok(Self {
            instance_ids: at.list("InstanceId")?,
            max_results: at.optional("MaxResults")?,
            next_token: at.optional("NextToken")?,
            include_managed_resources: at.optional("IncludeManagedResources")?,
            dry_run: at.optional("DryRun")?,
            filters: at.list("Filter")?,
            include_all_instances: at.optional("IncludeAllInstances")?,
        })
    }
}

/// `DescribeInstanceStatus` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceStatus.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeInstanceStatusResult {
    /// `instanceStatusSet` on the wire.
    pub instance_statuses: Vec<InstanceStatus>,
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
}

impl ToXml for DescribeInstanceStatusResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("instanceStatusSet", "item", &self.instance_statuses);
        out.optional("nextToken", self.next_token.as_ref());
    }
}

/// `DescribeInstanceTypeOfferings` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypeOfferings.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeInstanceTypeOfferingsRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `LocationType` on the wire.
    pub location_type: Option<String>,
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
}

impl FromQuery for DescribeInstanceTypeOfferingsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "Filter", "LocationType", "MaxResults", "NextToken"])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            location_type: at.optional("LocationType")?,
            filters: at.list("Filter")?,
            max_results: at.optional("MaxResults")?,
            next_token: at.optional("NextToken")?,
        })
    }
}

/// `DescribeInstanceTypeOfferings` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypeOfferings.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeInstanceTypeOfferingsResult {
    /// `instanceTypeOfferingSet` on the wire.
    pub instance_type_offerings: Vec<InstanceTypeOffering>,
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
}

impl ToXml for DescribeInstanceTypeOfferingsResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("instanceTypeOfferingSet", "item", &self.instance_type_offerings);
        out.optional("nextToken", self.next_token.as_ref());
    }
}

/// `DescribeInstanceTypes` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypes.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeInstanceTypesRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `InstanceType` on the wire.
    pub instance_types: Vec<String>,
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
    /// `IncludeUnsupportedInRegion` on the wire.
    pub include_unsupported_in_region: Option<bool>,
}

impl FromQuery for DescribeInstanceTypesRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "Filter", "IncludeUnsupportedInRegion", "InstanceType", "MaxResults", "NextToken"])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            instance_types: at.list("InstanceType")?,
            filters: at.list("Filter")?,
            max_results: at.optional("MaxResults")?,
            next_token: at.optional("NextToken")?,
            include_unsupported_in_region: at.optional("IncludeUnsupportedInRegion")?,
        })
    }
}

/// `DescribeInstanceTypes` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstanceTypes.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeInstanceTypesResult {
    /// `instanceTypeSet` on the wire.
    pub instance_types: Vec<InstanceTypeInfo>,
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
}

impl ToXml for DescribeInstanceTypesResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("instanceTypeSet", "item", &self.instance_types);
        out.optional("nextToken", self.next_token.as_ref());
    }
}

/// `DescribeInstances` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeInstancesRequest {
    /// `InstanceId` on the wire.
    pub instance_ids: Vec<String>,
    /// `IncludeManagedResources` on the wire.
    pub include_managed_resources: Option<bool>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
}

impl FromQuery for DescribeInstancesRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "Filter", "IncludeManagedResources", "InstanceId", "MaxResults", "NextToken"])?;
        Ok(Self {
            instance_ids: at.list("InstanceId")?,
            include_managed_resources: at.optional("IncludeManagedResources")?,
            dry_run: at.optional("DryRun")?,
            filters: at.list("Filter")?,
            next_token: at.optional("NextToken")?,
            max_results: at.optional("MaxResults")?,
        })
    }
}

/// `DescribeInstances` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInstances.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeInstancesResult {
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
    /// `reservationSet` on the wire.
    pub reservations: Vec<Reservation>,
}

impl ToXml for DescribeInstancesResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("nextToken", self.next_token.as_ref());
        out.list("reservationSet", "item", &self.reservations);
    }
}

/// `DescribeInternetGateways` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInternetGateways.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeInternetGatewaysRequest {
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `InternetGatewayId` on the wire.
    pub internet_gateway_ids: Vec<String>,
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
}

impl FromQuery for DescribeInternetGatewaysRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "Filter", "InternetGatewayId", "MaxResults", "NextToken"])?;
        Ok(Self {
            next_token: at.optional("NextToken")?,
            max_results: at.optional("MaxResults")?,
            dry_run: at.optional("DryRun")?,
            internet_gateway_ids: at.list("InternetGatewayId")?,
            filters: at.list("Filter")?,
        })
    }
}

/// `DescribeInternetGateways` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeInternetGateways.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeInternetGatewaysResult {
    /// `internetGatewaySet` on the wire.
    pub internet_gateways: Vec<InternetGateway>,
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
}

impl ToXml for DescribeInternetGatewaysResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("internetGatewaySet", "item", &self.internet_gateways);
        out.optional("nextToken", self.next_token.as_ref());
    }
}

/// `DescribeKeyPairs` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeKeyPairs.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeKeyPairsRequest {
    /// `KeyName` on the wire.
    pub key_names: Vec<String>,
    /// `KeyPairId` on the wire.
    pub key_pair_ids: Vec<String>,
    /// `IncludePublicKey` on the wire.
    pub include_public_key: Option<bool>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
}

impl FromQuery for DescribeKeyPairsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "Filter", "IncludePublicKey", "KeyName", "KeyPairId"])?;
        Ok(Self {
            key_names: at.list("KeyName")?,
            key_pair_ids: at.list("KeyPairId")?,
            include_public_key: at.optional("IncludePublicKey")?,
            dry_run: at.optional("DryRun")?,
            filters: at.list("Filter")?,
        })
    }
}

/// `DescribeKeyPairs` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeKeyPairs.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeKeyPairsResult {
    /// `keySet` on the wire.
    pub key_pairs: Vec<KeyPairInfo>,
}

impl ToXml for DescribeKeyPairsResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("keySet", "item", &self.key_pairs);
    }
}

/// `DescribeManagedPrefixLists` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeManagedPrefixLists.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeManagedPrefixListsRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
    /// `PrefixListId` on the wire.
    pub prefix_list_ids: Vec<String>,
}

impl FromQuery for DescribeManagedPrefixListsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "Filter", "MaxResults", "NextToken", "PrefixListId"])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            filters: at.list("Filter")?,
            max_results: at.optional("MaxResults")?,
            next_token: at.optional("NextToken")?,
            prefix_list_ids: at.list("PrefixListId")?,
        })
    }
}

/// `DescribeManagedPrefixLists` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeManagedPrefixLists.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeManagedPrefixListsResult {
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
    /// `prefixListSet` on the wire.
    pub prefix_lists: Vec<ManagedPrefixList>,
}

impl ToXml for DescribeManagedPrefixListsResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("nextToken", self.next_token.as_ref());
        out.list("prefixListSet", "item", &self.prefix_lists);
    }
}

/// `DescribeNatGateways` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNatGateways.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeNatGatewaysRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `Filter` on the wire.
    pub filter: Vec<Filter>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
    /// `NatGatewayId` on the wire.
    pub nat_gateway_ids: Vec<String>,
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
}

impl FromQuery for DescribeNatGatewaysRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "Filter", "MaxResults", "NatGatewayId", "NextToken"])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            filter: at.list("Filter")?,
            max_results: at.optional("MaxResults")?,
            nat_gateway_ids: at.list("NatGatewayId")?,
            next_token: at.optional("NextToken")?,
        })
    }
}

/// `DescribeNatGateways` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNatGateways.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeNatGatewaysResult {
    /// `natGatewaySet` on the wire.
    pub nat_gateways: Vec<NatGateway>,
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
}

impl ToXml for DescribeNatGatewaysResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("natGatewaySet", "item", &self.nat_gateways);
        out.optional("nextToken", self.next_token.as_ref());
    }
}

/// `DescribeNetworkAcls` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkAcls.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeNetworkAclsRequest {
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `NetworkAclId` on the wire.
    pub network_acl_ids: Vec<String>,
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
}

impl FromQuery for DescribeNetworkAclsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "Filter", "MaxResults", "NetworkAclId", "NextToken"])?;
        Ok(Self {
            next_token: at.optional("NextToken")?,
            max_results: at.optional("MaxResults")?,
            dry_run: at.optional("DryRun")?,
            network_acl_ids: at.list("NetworkAclId")?,
            filters: at.list("Filter")?,
        })
    }
}

/// `DescribeNetworkAcls` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkAcls.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeNetworkAclsResult {
    /// `networkAclSet` on the wire.
    pub network_acls: Vec<NetworkAcl>,
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
}

impl ToXml for DescribeNetworkAclsResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("networkAclSet", "item", &self.network_acls);
        out.optional("nextToken", self.next_token.as_ref());
    }
}

/// `DescribeNetworkInsightsAnalyses` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInsightsAnalyses.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeNetworkInsightsAnalysesRequest {
    /// `NetworkInsightsAnalysisId` on the wire.
    pub network_insights_analysis_ids: Vec<String>,
    /// `NetworkInsightsPathId` on the wire.
    pub network_insights_path_id: Option<String>,
    /// `AnalysisStartTime` on the wire.
    pub analysis_start_time: Option<Timestamp>,
    /// `AnalysisEndTime` on the wire.
    pub analysis_end_time: Option<Timestamp>,
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
}

impl FromQuery for DescribeNetworkInsightsAnalysesRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "AnalysisEndTime",
            "AnalysisStartTime",
            "DryRun",
            "Filter",
            "MaxResults",
            "NetworkInsightsAnalysisId",
            "NetworkInsightsPathId",
            "NextToken",
        ])?;
        Ok(Self {
            network_insights_analysis_ids: at.list("NetworkInsightsAnalysisId")?,
            network_insights_path_id: at.optional("NetworkInsightsPathId")?,
            analysis_start_time: at.optional("AnalysisStartTime")?,
            analysis_end_time: at.optional("AnalysisEndTime")?,
            filters: at.list("Filter")?,
            max_results: at.optional("MaxResults")?,
            dry_run: at.optional("DryRun")?,
            next_token: at.optional("NextToken")?,
        })
    }
}

/// `DescribeNetworkInsightsAnalyses` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInsightsAnalyses.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeNetworkInsightsAnalysesResult {
    /// `networkInsightsAnalysisSet` on the wire.
    pub network_insights_analyses: Vec<NetworkInsightsAnalysis>,
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
}

impl ToXml for DescribeNetworkInsightsAnalysesResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("networkInsightsAnalysisSet", "item", &self.network_insights_analyses);
        out.optional("nextToken", self.next_token.as_ref());
    }
}

/// `DescribeNetworkInsightsPaths` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInsightsPaths.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeNetworkInsightsPathsRequest {
    /// `NetworkInsightsPathId` on the wire.
    pub network_insights_path_ids: Vec<String>,
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
}

impl FromQuery for DescribeNetworkInsightsPathsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "Filter", "MaxResults", "NetworkInsightsPathId", "NextToken"])?;
        Ok(Self {
            network_insights_path_ids: at.list("NetworkInsightsPathId")?,
            filters: at.list("Filter")?,
            max_results: at.optional("MaxResults")?,
            dry_run: at.optional("DryRun")?,
            next_token: at.optional("NextToken")?,
        })
    }
}

/// `DescribeNetworkInsightsPaths` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInsightsPaths.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeNetworkInsightsPathsResult {
    /// `networkInsightsPathSet` on the wire.
    pub network_insights_paths: Vec<NetworkInsightsPath>,
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
}

impl ToXml for DescribeNetworkInsightsPathsResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("networkInsightsPathSet", "item", &self.network_insights_paths);
        out.optional("nextToken", self.next_token.as_ref());
    }
}

/// `DescribeNetworkInterfaceAttribute` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInterfaceAttribute.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeNetworkInterfaceAttributeRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `NetworkInterfaceId` on the wire.
    pub network_interface_id: Option<String>,
    /// `Attribute` on the wire.
    pub attribute: Option<String>,
}

impl FromQuery for DescribeNetworkInterfaceAttributeRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["Attribute", "DryRun", "NetworkInterfaceId"])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            network_interface_id: at.required("NetworkInterfaceId")?,
            attribute: at.optional("Attribute")?,
        })
    }
}

/// `DescribeNetworkInterfaceAttribute` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInterfaceAttribute.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeNetworkInterfaceAttributeResult {
    /// `attachment` on the wire.
    pub attachment: Option<NetworkInterfaceAttachment>,
    /// `description` on the wire.
    pub description: Option<AttributeValue>,
    /// `groupSet` on the wire.
    pub groups: Vec<GroupIdentifier>,
    /// `networkInterfaceId` on the wire.
    pub network_interface_id: Option<String>,
    /// `sourceDestCheck` on the wire.
    pub source_dest_check: Option<AttributeBooleanValue>,
    /// `associatePublicIpAddress` on the wire.
    pub associate_public_ip_address: Option<bool>,
}

impl ToXml for DescribeNetworkInterfaceAttributeResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("attachment", self.attachment.as_ref());
        out.optional("description", self.description.as_ref());
        out.list("groupSet", "item", &self.groups);
        out.optional("networkInterfaceId", self.network_interface_id.as_ref());
        out.optional("sourceDestCheck", self.source_dest_check.as_ref());
        out.optional("associatePublicIpAddress", self.associate_public_ip_address.as_ref());
    }
}

/// `DescribeNetworkInterfaces` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInterfaces.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeNetworkInterfacesRequest {
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
    /// `IncludeManagedResources` on the wire.
    pub include_managed_resources: Option<bool>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `NetworkInterfaceId` on the wire.
    pub network_interface_ids: Vec<String>,
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
}

impl FromQuery for DescribeNetworkInterfacesRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "DryRun",
            "Filter",
            "IncludeManagedResources",
            "MaxResults",
            "NetworkInterfaceId",
            "NextToken",
        ])?;
        Ok(Self {
            next_token: at.optional("NextToken")?,
            max_results: at.optional("MaxResults")?,
            include_managed_resources: at.optional("IncludeManagedResources")?,
            dry_run: at.optional("DryRun")?,
            network_interface_ids: at.list("NetworkInterfaceId")?,
            filters: at.list("Filter")?,
        })
    }
}

/// `DescribeNetworkInterfaces` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeNetworkInterfaces.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeNetworkInterfacesResult {
    /// `networkInterfaceSet` on the wire.
    pub network_interfaces: Vec<NetworkInterface>,
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
}

impl ToXml for DescribeNetworkInterfacesResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("networkInterfaceSet", "item", &self.network_interfaces);
        out.optional("nextToken", self.next_token.as_ref());
    }
}

/// `DescribePrefixLists` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribePrefixLists.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribePrefixListsRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
    /// `PrefixListId` on the wire.
    pub prefix_list_ids: Vec<String>,
}

impl FromQuery for DescribePrefixListsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "Filter", "MaxResults", "NextToken", "PrefixListId"])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            filters: at.list("Filter")?,
            max_results: at.optional("MaxResults")?,
            next_token: at.optional("NextToken")?,
            prefix_list_ids: at.list("PrefixListId")?,
        })
    }
}

/// `DescribePrefixLists` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribePrefixLists.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribePrefixListsResult {
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
    /// `prefixListSet` on the wire.
    pub prefix_lists: Vec<PrefixList>,
}

impl ToXml for DescribePrefixListsResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("nextToken", self.next_token.as_ref());
        out.list("prefixListSet", "item", &self.prefix_lists);
    }
}

/// `DescribePublicIpv4Pools` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribePublicIpv4Pools.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribePublicIpv4PoolsRequest {
    /// `PoolId` on the wire.
    pub pool_ids: Vec<String>,
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
}

impl FromQuery for DescribePublicIpv4PoolsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["Filter", "MaxResults", "NextToken", "PoolId"])?;
        Ok(Self {
            pool_ids: at.list("PoolId")?,
            next_token: at.optional("NextToken")?,
            max_results: at.optional("MaxResults")?,
            filters: at.list("Filter")?,
        })
    }
}

/// `DescribePublicIpv4Pools` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribePublicIpv4Pools.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribePublicIpv4PoolsResult {
    /// `publicIpv4PoolSet` on the wire.
    pub public_ipv4_pools: Vec<PublicIpv4Pool>,
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
}

impl ToXml for DescribePublicIpv4PoolsResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("publicIpv4PoolSet", "item", &self.public_ipv4_pools);
        out.optional("nextToken", self.next_token.as_ref());
    }
}

/// `DescribeRegions` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRegions.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeRegionsRequest {
    /// `RegionName` on the wire.
    pub region_names: Vec<String>,
    /// `AllRegions` on the wire.
    pub all_regions: Option<bool>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
}

impl FromQuery for DescribeRegionsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["AllRegions", "DryRun", "Filter", "RegionName"])?;
        Ok(Self {
            region_names: at.list("RegionName")?,
            all_regions: at.optional("AllRegions")?,
            dry_run: at.optional("DryRun")?,
            filters: at.list("Filter")?,
        })
    }
}

/// `DescribeRegions` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRegions.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeRegionsResult {
    /// `regionInfo` on the wire.
    pub regions: Vec<Region>,
}

impl ToXml for DescribeRegionsResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("regionInfo", "item", &self.regions);
    }
}

/// `DescribeRouteTables` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRouteTables.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeRouteTablesRequest {
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `RouteTableId` on the wire.
    pub route_table_ids: Vec<String>,
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
}

impl FromQuery for DescribeRouteTablesRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "Filter", "MaxResults", "NextToken", "RouteTableId"])?;
        Ok(Self {
            next_token: at.optional("NextToken")?,
            max_results: at.optional("MaxResults")?,
            dry_run: at.optional("DryRun")?,
            route_table_ids: at.list("RouteTableId")?,
            filters: at.list("Filter")?,
        })
    }
}

/// `DescribeRouteTables` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeRouteTables.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeRouteTablesResult {
    /// `routeTableSet` on the wire.
    pub route_tables: Vec<RouteTable>,
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
}

impl ToXml for DescribeRouteTablesResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("routeTableSet", "item", &self.route_tables);
        out.optional("nextToken", self.next_token.as_ref());
    }
}

/// `DescribeSecurityGroupReferences` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroupReferences.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeSecurityGroupReferencesRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `GroupId` on the wire.
    pub group_id: Vec<String>,
}

impl FromQuery for DescribeSecurityGroupReferencesRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "GroupId"])?;
        Ok(Self { dry_run: at.optional("DryRun")?, group_id: at.required_list("GroupId")? })
    }
}

/// `DescribeSecurityGroupReferences` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroupReferences.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeSecurityGroupReferencesResult {
    /// `securityGroupReferenceSet` on the wire.
    pub security_group_reference_set: Vec<SecurityGroupReference>,
}

impl ToXml for DescribeSecurityGroupReferencesResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("securityGroupReferenceSet", "item", &self.security_group_reference_set);
    }
}

/// `DescribeSecurityGroupRules` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroupRules.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeSecurityGroupRulesRequest {
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
    /// `SecurityGroupRuleId` on the wire.
    pub security_group_rule_ids: Vec<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
}

impl FromQuery for DescribeSecurityGroupRulesRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "Filter", "MaxResults", "NextToken", "SecurityGroupRuleId"])?;
        Ok(Self {
            filters: at.list("Filter")?,
            security_group_rule_ids: at.list("SecurityGroupRuleId")?,
            dry_run: at.optional("DryRun")?,
            next_token: at.optional("NextToken")?,
            max_results: at.optional("MaxResults")?,
        })
    }
}

/// `DescribeSecurityGroupRules` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroupRules.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeSecurityGroupRulesResult {
    /// `securityGroupRuleSet` on the wire.
    pub security_group_rules: Vec<SecurityGroupRule>,
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
}

impl ToXml for DescribeSecurityGroupRulesResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("securityGroupRuleSet", "item", &self.security_group_rules);
        out.optional("nextToken", self.next_token.as_ref());
    }
}

/// `DescribeSecurityGroups` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroups.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeSecurityGroupsRequest {
    /// `GroupId` on the wire.
    pub group_ids: Vec<String>,
    /// `GroupName` on the wire.
    pub group_names: Vec<String>,
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
}

impl FromQuery for DescribeSecurityGroupsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "Filter", "GroupId", "GroupName", "MaxResults", "NextToken"])?;
        Ok(Self {
            group_ids: at.list("GroupId")?,
            group_names: at.list("GroupName")?,
            next_token: at.optional("NextToken")?,
            max_results: at.optional("MaxResults")?,
            dry_run: at.optional("DryRun")?,
            filters: at.list("Filter")?,
        })
    }
}

/// `DescribeSecurityGroups` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSecurityGroups.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeSecurityGroupsResult {
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
    /// `securityGroupInfo` on the wire.
    pub security_groups: Vec<SecurityGroup>,
}

impl ToXml for DescribeSecurityGroupsResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("nextToken", self.next_token.as_ref());
        out.list("securityGroupInfo", "item", &self.security_groups);
    }
}

/// `DescribeStaleSecurityGroups` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeStaleSecurityGroups.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeStaleSecurityGroupsRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
    /// `VpcId` on the wire.
    pub vpc_id: Option<String>,
}

impl FromQuery for DescribeStaleSecurityGroupsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "MaxResults", "NextToken", "VpcId"])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            max_results: at.optional("MaxResults")?,
            next_token: at.optional("NextToken")?,
            vpc_id: at.required("VpcId")?,
        })
    }
}

/// `DescribeStaleSecurityGroups` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeStaleSecurityGroups.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeStaleSecurityGroupsResult {
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
    /// `staleSecurityGroupSet` on the wire.
    pub stale_security_group_set: Vec<StaleSecurityGroup>,
}

impl ToXml for DescribeStaleSecurityGroupsResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("nextToken", self.next_token.as_ref());
        out.list("staleSecurityGroupSet", "item", &self.stale_security_group_set);
    }
}

/// `DescribeSubnets` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSubnets.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeSubnetsRequest {
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
    /// `SubnetId` on the wire.
    pub subnet_ids: Vec<String>,
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for DescribeSubnetsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "Filter", "MaxResults", "NextToken", "SubnetId"])?;
        Ok(Self {
            filters: at.list("Filter")?,
            subnet_ids: at.list("SubnetId")?,
            next_token: at.optional("NextToken")?,
            max_results: at.optional("MaxResults")?,
            dry_run: at.optional("DryRun")?,
        })
    }
}

/// `DescribeSubnets` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSubnets.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeSubnetsResult {
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
    /// `subnetSet` on the wire.
    pub subnets: Vec<Subnet>,
}

impl ToXml for DescribeSubnetsResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("nextToken", self.next_token.as_ref());
        out.list("subnetSet", "item", &self.subnets);
    }
}

/// `DescribeTags` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeTags.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeTagsRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
}

impl FromQuery for DescribeTagsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "Filter", "MaxResults", "NextToken"])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            filters: at.list("Filter")?,
            max_results: at.optional("MaxResults")?,
            next_token: at.optional("NextToken")?,
        })
    }
}

/// `DescribeTags` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeTags.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeTagsResult {
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
    /// `tagSet` on the wire.
    pub tags: Vec<TagDescription>,
}

impl ToXml for DescribeTagsResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("nextToken", self.next_token.as_ref());
        out.list("tagSet", "item", &self.tags);
    }
}

/// `DescribeVolumes` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVolumes.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeVolumesRequest {
    /// `VolumeId` on the wire.
    pub volume_ids: Vec<String>,
    /// `IncludeManagedResources` on the wire.
    pub include_managed_resources: Option<bool>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
}

impl FromQuery for DescribeVolumesRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "Filter", "IncludeManagedResources", "MaxResults", "NextToken", "VolumeId"])?;
        Ok(Self {
            volume_ids: at.list("VolumeId")?,
            include_managed_resources: at.optional("IncludeManagedResources")?,
            dry_run: at.optional("DryRun")?,
            filters: at.list("Filter")?,
            next_token: at.optional("NextToken")?,
            max_results: at.optional("MaxResults")?,
        })
    }
}

/// `DescribeVolumes` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVolumes.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeVolumesResult {
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
    /// `volumeSet` on the wire.
    pub volumes: Vec<Volume>,
}

impl ToXml for DescribeVolumesResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("nextToken", self.next_token.as_ref());
        out.list("volumeSet", "item", &self.volumes);
    }
}

/// `DescribeVpcAttribute` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcAttribute.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeVpcAttributeRequest {
    /// `Attribute` on the wire.
    pub attribute: Option<String>,
    /// `VpcId` on the wire.
    pub vpc_id: Option<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for DescribeVpcAttributeRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["Attribute", "DryRun", "VpcId"])?;
        Ok(Self {
            attribute: at.required("Attribute")?,
            vpc_id: at.required("VpcId")?,
            dry_run: at.optional("DryRun")?,
        })
    }
}

/// `DescribeVpcAttribute` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcAttribute.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeVpcAttributeResult {
    /// `enableDnsHostnames` on the wire.
    pub enable_dns_hostnames: Option<AttributeBooleanValue>,
    /// `enableDnsSupport` on the wire.
    pub enable_dns_support: Option<AttributeBooleanValue>,
    /// `enableNetworkAddressUsageMetrics` on the wire.
    pub enable_network_address_usage_metrics: Option<AttributeBooleanValue>,
    /// `vpcId` on the wire.
    pub vpc_id: Option<String>,
}

impl ToXml for DescribeVpcAttributeResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("enableDnsHostnames", self.enable_dns_hostnames.as_ref());
        out.optional("enableDnsSupport", self.enable_dns_support.as_ref());
        out.optional("enableNetworkAddressUsageMetrics", self.enable_network_address_usage_metrics.as_ref());
        out.optional("vpcId", self.vpc_id.as_ref());
    }
}

/// `DescribeVpcEndpointAssociations` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpointAssociations.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeVpcEndpointAssociationsRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `VpcEndpointId` on the wire.
    pub vpc_endpoint_ids: Vec<String>,
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
}

impl FromQuery for DescribeVpcEndpointAssociationsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "Filter", "MaxResults", "NextToken", "VpcEndpointId"])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            vpc_endpoint_ids: at.list("VpcEndpointId")?,
            filters: at.list("Filter")?,
            max_results: at.optional("MaxResults")?,
            next_token: at.optional("NextToken")?,
        })
    }
}

/// `DescribeVpcEndpointAssociations` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpointAssociations.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeVpcEndpointAssociationsResult {
    /// `vpcEndpointAssociationSet` on the wire.
    pub vpc_endpoint_associations: Vec<VpcEndpointAssociation>,
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
}

impl ToXml for DescribeVpcEndpointAssociationsResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("vpcEndpointAssociationSet", "item", &self.vpc_endpoint_associations);
        out.optional("nextToken", self.next_token.as_ref());
    }
}

/// `DescribeVpcEndpointConnections` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpointConnections.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeVpcEndpointConnectionsRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
}

impl FromQuery for DescribeVpcEndpointConnectionsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "Filter", "MaxResults", "NextToken"])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            filters: at.list("Filter")?,
            max_results: at.optional("MaxResults")?,
            next_token: at.optional("NextToken")?,
        })
    }
}

/// `DescribeVpcEndpointConnections` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpointConnections.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeVpcEndpointConnectionsResult {
    /// `vpcEndpointConnectionSet` on the wire.
    pub vpc_endpoint_connections: Vec<VpcEndpointConnection>,
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
}

impl ToXml for DescribeVpcEndpointConnectionsResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("vpcEndpointConnectionSet", "item", &self.vpc_endpoint_connections);
        out.optional("nextToken", self.next_token.as_ref());
    }
}

/// `DescribeVpcEndpointServiceConfigurations` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpointServiceConfigurations.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeVpcEndpointServiceConfigurationsRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `ServiceId` on the wire.
    pub service_ids: Vec<String>,
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
}

impl FromQuery for DescribeVpcEndpointServiceConfigurationsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "Filter", "MaxResults", "NextToken", "ServiceId"])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            service_ids: at.list("ServiceId")?,
            filters: at.list("Filter")?,
            max_results: at.optional("MaxResults")?,
            next_token: at.optional("NextToken")?,
        })
    }
}

/// `DescribeVpcEndpointServiceConfigurations` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpointServiceConfigurations.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeVpcEndpointServiceConfigurationsResult {
    /// `serviceConfigurationSet` on the wire.
    pub service_configurations: Vec<ServiceConfiguration>,
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
}

impl ToXml for DescribeVpcEndpointServiceConfigurationsResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("serviceConfigurationSet", "item", &self.service_configurations);
        out.optional("nextToken", self.next_token.as_ref());
    }
}

/// `DescribeVpcEndpointServices` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpointServices.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeVpcEndpointServicesRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `ServiceName` on the wire.
    pub service_names: Vec<String>,
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
    /// `ServiceRegion` on the wire.
    pub service_regions: Vec<String>,
}

impl FromQuery for DescribeVpcEndpointServicesRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "Filter", "MaxResults", "NextToken", "ServiceName", "ServiceRegion"])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            service_names: at.list("ServiceName")?,
            filters: at.list("Filter")?,
            max_results: at.optional("MaxResults")?,
            next_token: at.optional("NextToken")?,
            service_regions: at.list("ServiceRegion")?,
        })
    }
}

/// `DescribeVpcEndpointServices` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpointServices.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeVpcEndpointServicesResult {
    /// `serviceNameSet` on the wire.
    pub service_names: Vec<String>,
    /// `serviceDetailSet` on the wire.
    pub service_details: Vec<ServiceDetail>,
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
}

impl ToXml for DescribeVpcEndpointServicesResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("serviceNameSet", "item", &self.service_names);
        out.list("serviceDetailSet", "item", &self.service_details);
        out.optional("nextToken", self.next_token.as_ref());
    }
}

/// `DescribeVpcEndpoints` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpoints.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeVpcEndpointsRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `VpcEndpointId` on the wire.
    pub vpc_endpoint_ids: Vec<String>,
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
}

impl FromQuery for DescribeVpcEndpointsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "Filter", "MaxResults", "NextToken", "VpcEndpointId"])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            vpc_endpoint_ids: at.list("VpcEndpointId")?,
            filters: at.list("Filter")?,
            max_results: at.optional("MaxResults")?,
            next_token: at.optional("NextToken")?,
        })
    }
}

/// `DescribeVpcEndpoints` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcEndpoints.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeVpcEndpointsResult {
    /// `vpcEndpointSet` on the wire.
    pub vpc_endpoints: Vec<VpcEndpoint>,
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
}

impl ToXml for DescribeVpcEndpointsResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("vpcEndpointSet", "item", &self.vpc_endpoints);
        out.optional("nextToken", self.next_token.as_ref());
    }
}

/// `DescribeVpcPeeringConnections` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcPeeringConnections.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeVpcPeeringConnectionsRequest {
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `VpcPeeringConnectionId` on the wire.
    pub vpc_peering_connection_ids: Vec<String>,
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
}

impl FromQuery for DescribeVpcPeeringConnectionsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "Filter", "MaxResults", "NextToken", "VpcPeeringConnectionId"])?;
        Ok(Self {
            next_token: at.optional("NextToken")?,
            max_results: at.optional("MaxResults")?,
            dry_run: at.optional("DryRun")?,
            vpc_peering_connection_ids: at.list("VpcPeeringConnectionId")?,
            filters: at.list("Filter")?,
        })
    }
}

/// `DescribeVpcPeeringConnections` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcPeeringConnections.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeVpcPeeringConnectionsResult {
    /// `vpcPeeringConnectionSet` on the wire.
    pub vpc_peering_connections: Vec<VpcPeeringConnection>,
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
}

impl ToXml for DescribeVpcPeeringConnectionsResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("vpcPeeringConnectionSet", "item", &self.vpc_peering_connections);
        out.optional("nextToken", self.next_token.as_ref());
    }
}

/// `DescribeVpcs` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcs.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeVpcsRequest {
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
    /// `VpcId` on the wire.
    pub vpc_ids: Vec<String>,
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for DescribeVpcsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "Filter", "MaxResults", "NextToken", "VpcId"])?;
        Ok(Self {
            filters: at.list("Filter")?,
            vpc_ids: at.list("VpcId")?,
            next_token: at.optional("NextToken")?,
            max_results: at.optional("MaxResults")?,
            dry_run: at.optional("DryRun")?,
        })
    }
}

/// `DescribeVpcs` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpcs.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeVpcsResult {
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
    /// `vpcSet` on the wire.
    pub vpcs: Vec<Vpc>,
}

impl ToXml for DescribeVpcsResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("nextToken", self.next_token.as_ref());
        out.list("vpcSet", "item", &self.vpcs);
    }
}

/// `DescribeVpnConnections` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpnConnections.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeVpnConnectionsRequest {
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
    /// `VpnConnectionId` on the wire.
    pub vpn_connection_ids: Vec<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for DescribeVpnConnectionsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "Filter", "VpnConnectionId"])?;
        Ok(Self {
            filters: at.list("Filter")?,
            vpn_connection_ids: at.list("VpnConnectionId")?,
            dry_run: at.optional("DryRun")?,
        })
    }
}

/// `DescribeVpnConnections` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpnConnections.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeVpnConnectionsResult {
    /// `vpnConnectionSet` on the wire.
    pub vpn_connections: Vec<VpnConnection>,
}

impl ToXml for DescribeVpnConnectionsResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("vpnConnectionSet", "item", &self.vpn_connections);
    }
}

/// `DescribeVpnGateways` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpnGateways.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeVpnGatewaysRequest {
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
    /// `VpnGatewayId` on the wire.
    pub vpn_gateway_ids: Vec<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for DescribeVpnGatewaysRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "Filter", "VpnGatewayId"])?;
        Ok(Self {
            filters: at.list("Filter")?,
            vpn_gateway_ids: at.list("VpnGatewayId")?,
            dry_run: at.optional("DryRun")?,
        })
    }
}

/// `DescribeVpnGateways` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpnGateways.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DescribeVpnGatewaysResult {
    /// `vpnGatewaySet` on the wire.
    pub vpn_gateways: Vec<VpnGateway>,
}

impl ToXml for DescribeVpnGatewaysResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("vpnGatewaySet", "item", &self.vpn_gateways);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DestinationOptionsRequest.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DestinationOptionsRequest {
    /// `FileFormat` on the wire.
    pub file_format: Option<String>,
    /// `HiveCompatiblePartitions` on the wire.
    pub hive_compatible_partitions: Option<bool>,
    /// `PerHourPartition` on the wire.
    pub per_hour_partition: Option<bool>,
}

impl FromQuery for DestinationOptionsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["FileFormat", "HiveCompatiblePartitions", "PerHourPartition"])?;
        Ok(Self {
            file_format: at.optional("FileFormat")?,
            hive_compatible_partitions: at.optional("HiveCompatiblePartitions")?,
            per_hour_partition: at.optional("PerHourPartition")?,
        })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DestinationOptionsResponse.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DestinationOptionsResponse {
    /// `fileFormat` on the wire.
    pub file_format: Option<String>,
    /// `hiveCompatiblePartitions` on the wire.
    pub hive_compatible_partitions: Option<bool>,
    /// `perHourPartition` on the wire.
    pub per_hour_partition: Option<bool>,
}

impl ToXml for DestinationOptionsResponse {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("fileFormat", self.file_format.as_ref());
        out.optional("hiveCompatiblePartitions", self.hive_compatible_partitions.as_ref());
        out.optional("perHourPartition", self.per_hour_partition.as_ref());
    }
}

/// `DetachInternetGateway` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachInternetGateway.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DetachInternetGatewayRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `InternetGatewayId` on the wire.
    pub internet_gateway_id: Option<String>,
    /// `VpcId` on the wire.
    pub vpc_id: Option<String>,
}

impl FromQuery for DetachInternetGatewayRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "InternetGatewayId", "VpcId"])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            internet_gateway_id: at.required("InternetGatewayId")?,
            vpc_id: at.required("VpcId")?,
        })
    }
}

/// `DetachNetworkInterface` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachNetworkInterface.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DetachNetworkInterfaceRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `AttachmentId` on the wire.
    pub attachment_id: Option<String>,
    /// `Force` on the wire.
    pub force: Option<bool>,
}

impl FromQuery for DetachNetworkInterfaceRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["AttachmentId", "DryRun", "Force"])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            attachment_id: at.required("AttachmentId")?,
            force: at.optional("Force")?,
        })
    }
}

/// `DetachVpnGateway` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DetachVpnGateway.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DetachVpnGatewayRequest {
    /// `VpcId` on the wire.
    pub vpc_id: Option<String>,
    /// `VpnGatewayId` on the wire.
    pub vpn_gateway_id: Option<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for DetachVpnGatewayRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "VpcId", "VpnGatewayId"])?;
        Ok(Self {
            vpc_id: at.required("VpcId")?,
            vpn_gateway_id: at.required("VpnGatewayId")?,
            dry_run: at.optional("DryRun")?,
        })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DhcpConfiguration.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DhcpConfiguration {
    /// `key` on the wire.
    pub key: Option<String>,
    /// `valueSet` on the wire.
    pub values: Vec<AttributeValue>,
}

impl ToXml for DhcpConfiguration {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("key", self.key.as_ref());
        out.list("valueSet", "item", &self.values);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DhcpOptions.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DhcpOptions {
    /// `ownerId` on the wire.
    pub owner_id: Option<String>,
    /// `tagSet` on the wire.
    pub tags: Vec<Tag>,
    /// `dhcpOptionsId` on the wire.
    pub dhcp_options_id: Option<String>,
    /// `dhcpConfigurationSet` on the wire.
    pub dhcp_configurations: Vec<DhcpConfiguration>,
}

impl ToXml for DhcpOptions {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("ownerId", self.owner_id.as_ref());
        out.list("tagSet", "item", &self.tags);
        out.optional("dhcpOptionsId", self.dhcp_options_id.as_ref());
        out.list("dhcpConfigurationSet", "item", &self.dhcp_configurations);
    }
}

/// `DisableVgwRoutePropagation` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisableVgwRoutePropagation.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DisableVgwRoutePropagationRequest {
    /// `GatewayId` on the wire.
    pub gateway_id: Option<String>,
    /// `RouteTableId` on the wire.
    pub route_table_id: Option<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for DisableVgwRoutePropagationRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "GatewayId", "RouteTableId"])?;
        Ok(Self {
            gateway_id: at.required("GatewayId")?,
            route_table_id: at.required("RouteTableId")?,
            dry_run: at.optional("DryRun")?,
        })
    }
}

/// `DisassociateAddress` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateAddress.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DisassociateAddressRequest {
    /// `AssociationId` on the wire.
    pub association_id: Option<String>,
    /// `PublicIp` on the wire.
    pub public_ip: Option<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for DisassociateAddressRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["AssociationId", "DryRun", "PublicIp"])?;
        Ok(Self {
            association_id: at.optional("AssociationId")?,
            public_ip: at.optional("PublicIp")?,
            dry_run: at.optional("DryRun")?,
        })
    }
}

/// `DisassociateIamInstanceProfile` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateIamInstanceProfile.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DisassociateIamInstanceProfileRequest {
    /// `AssociationId` on the wire.
    pub association_id: Option<String>,
}

impl FromQuery for DisassociateIamInstanceProfileRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["AssociationId"])?;
        Ok(Self { association_id: at.required("AssociationId")? })
    }
}

/// `DisassociateIamInstanceProfile` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateIamInstanceProfile.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DisassociateIamInstanceProfileResult {
    /// `iamInstanceProfileAssociation` on the wire.
    pub iam_instance_profile_association: Option<IamInstanceProfileAssociation>,
}

impl ToXml for DisassociateIamInstanceProfileResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("iamInstanceProfileAssociation", self.iam_instance_profile_association.as_ref());
    }
}

/// `DisassociateNatGatewayAddress` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateNatGatewayAddress.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DisassociateNatGatewayAddressRequest {
    /// `NatGatewayId` on the wire.
    pub nat_gateway_id: Option<String>,
    /// `AssociationId` on the wire.
    pub association_ids: Vec<String>,
    /// `MaxDrainDurationSeconds` on the wire.
    pub max_drain_duration_seconds: Option<i32>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for DisassociateNatGatewayAddressRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["AssociationId", "DryRun", "MaxDrainDurationSeconds", "NatGatewayId"])?;
        Ok(Self {
            nat_gateway_id: at.required("NatGatewayId")?,
            association_ids: at.required_list("AssociationId")?,
            max_drain_duration_seconds: at.optional("MaxDrainDurationSeconds")?,
            dry_run: at.optional("DryRun")?,
        })
    }
}

/// `DisassociateNatGatewayAddress` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateNatGatewayAddress.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DisassociateNatGatewayAddressResult {
    /// `natGatewayId` on the wire.
    pub nat_gateway_id: Option<String>,
    /// `natGatewayAddressSet` on the wire.
    pub nat_gateway_addresses: Vec<NatGatewayAddress>,
}

impl ToXml for DisassociateNatGatewayAddressResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("natGatewayId", self.nat_gateway_id.as_ref());
        out.list("natGatewayAddressSet", "item", &self.nat_gateway_addresses);
    }
}

/// `DisassociateRouteTable` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateRouteTable.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DisassociateRouteTableRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `AssociationId` on the wire.
    pub association_id: Option<String>,
}

impl FromQuery for DisassociateRouteTableRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["AssociationId", "DryRun"])?;
        Ok(Self { dry_run: at.optional("DryRun")?, association_id: at.required("AssociationId")? })
    }
}

/// `DisassociateSubnetCidrBlock` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateSubnetCidrBlock.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DisassociateSubnetCidrBlockRequest {
    /// `AssociationId` on the wire.
    pub association_id: Option<String>,
}

impl FromQuery for DisassociateSubnetCidrBlockRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["AssociationId"])?;
        Ok(Self { association_id: at.required("AssociationId")? })
    }
}

/// `DisassociateSubnetCidrBlock` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateSubnetCidrBlock.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DisassociateSubnetCidrBlockResult {
    /// `ipv6CidrBlockAssociation` on the wire.
    pub ipv6_cidr_block_association: Option<SubnetIpv6CidrBlockAssociation>,
    /// `subnetId` on the wire.
    pub subnet_id: Option<String>,
}

impl ToXml for DisassociateSubnetCidrBlockResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("ipv6CidrBlockAssociation", self.ipv6_cidr_block_association.as_ref());
        out.optional("subnetId", self.subnet_id.as_ref());
    }
}

/// `DisassociateVpcCidrBlock` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateVpcCidrBlock.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DisassociateVpcCidrBlockRequest {
    /// `AssociationId` on the wire.
    pub association_id: Option<String>,
}

impl FromQuery for DisassociateVpcCidrBlockRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["AssociationId"])?;
        Ok(Self { association_id: at.required("AssociationId")? })
    }
}

/// `DisassociateVpcCidrBlock` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DisassociateVpcCidrBlock.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DisassociateVpcCidrBlockResult {
    /// `ipv6CidrBlockAssociation` on the wire.
    pub ipv6_cidr_block_association: Option<VpcIpv6CidrBlockAssociation>,
    /// `cidrBlockAssociation` on the wire.
    pub cidr_block_association: Option<VpcCidrBlockAssociation>,
    /// `vpcId` on the wire.
    pub vpc_id: Option<String>,
}

impl ToXml for DisassociateVpcCidrBlockResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("ipv6CidrBlockAssociation", self.ipv6_cidr_block_association.as_ref());
        out.optional("cidrBlockAssociation", self.cidr_block_association.as_ref());
        out.optional("vpcId", self.vpc_id.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DiskInfo.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DiskInfo {
    /// `sizeInGB` on the wire.
    pub size_in_gb: Option<i64>,
    /// `count` on the wire.
    pub count: Option<i32>,
    /// `type` on the wire.
    pub r#type: Option<String>,
}

impl ToXml for DiskInfo {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("sizeInGB", self.size_in_gb.as_ref());
        out.optional("count", self.count.as_ref());
        out.optional("type", self.r#type.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DnsEntry.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DnsEntry {
    /// `dnsName` on the wire.
    pub dns_name: Option<String>,
    /// `hostedZoneId` on the wire.
    pub hosted_zone_id: Option<String>,
}

impl ToXml for DnsEntry {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("dnsName", self.dns_name.as_ref());
        out.optional("hostedZoneId", self.hosted_zone_id.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DnsOptions.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DnsOptions {
    /// `dnsRecordIpType` on the wire.
    pub dns_record_ip_type: Option<String>,
    /// `privateDnsOnlyForInboundResolverEndpoint` on the wire.
    pub private_dns_only_for_inbound_resolver_endpoint: Option<bool>,
    /// `privateDnsPreference` on the wire.
    pub private_dns_preference: Option<String>,
    /// `privateDnsSpecifiedDomainSet` on the wire.
    pub private_dns_specified_domains: Vec<String>,
}

impl ToXml for DnsOptions {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("dnsRecordIpType", self.dns_record_ip_type.as_ref());
        out.optional(
            "privateDnsOnlyForInboundResolverEndpoint",
            self.private_dns_only_for_inbound_resolver_endpoint.as_ref(),
        );
        out.optional("privateDnsPreference", self.private_dns_preference.as_ref());
        out.list("privateDnsSpecifiedDomainSet", "item", &self.private_dns_specified_domains);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DnsOptionsSpecification.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DnsOptionsSpecification {
    /// `DnsRecordIpType` on the wire.
    pub dns_record_ip_type: Option<String>,
    /// `PrivateDnsOnlyForInboundResolverEndpoint` on the wire.
    pub private_dns_only_for_inbound_resolver_endpoint: Option<bool>,
    /// `PrivateDnsPreference` on the wire.
    pub private_dns_preference: Option<String>,
    /// `PrivateDnsSpecifiedDomain` on the wire.
    pub private_dns_specified_domains: Vec<String>,
}

impl FromQuery for DnsOptionsSpecification {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "DnsRecordIpType",
            "PrivateDnsOnlyForInboundResolverEndpoint",
            "PrivateDnsPreference",
            "PrivateDnsSpecifiedDomain",
        ])?;
        Ok(Self {
            dns_record_ip_type: at.optional("DnsRecordIpType")?,
            private_dns_only_for_inbound_resolver_endpoint: at.optional("PrivateDnsOnlyForInboundResolverEndpoint")?,
            private_dns_preference: at.optional("PrivateDnsPreference")?,
            private_dns_specified_domains: at.list("PrivateDnsSpecifiedDomain")?,
        })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EbsBlockDevice.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EbsBlockDevice {
    /// `DeleteOnTermination` in requests, `deleteOnTermination` in responses.
    pub delete_on_termination: Option<bool>,
    /// `Iops` in requests, `iops` in responses.
    pub iops: Option<i32>,
    /// `SnapshotId` in requests, `snapshotId` in responses.
    pub snapshot_id: Option<String>,
    /// `VolumeSize` in requests, `volumeSize` in responses.
    pub volume_size: Option<i32>,
    /// `VolumeType` in requests, `volumeType` in responses.
    pub volume_type: Option<String>,
    /// `KmsKeyId` in requests, `kmsKeyId` in responses.
    pub kms_key_id: Option<String>,
    /// `Throughput` in requests, `throughput` in responses.
    pub throughput: Option<i32>,
    /// `OutpostArn` in requests, `outpostArn` in responses.
    pub outpost_arn: Option<String>,
    /// `AvailabilityZone` in requests, `availabilityZone` in responses.
    pub availability_zone: Option<String>,
    /// `Encrypted` in requests, `encrypted` in responses.
    pub encrypted: Option<bool>,
    /// `VolumeInitializationRate` on the wire.
    pub volume_initialization_rate: Option<i32>,
    /// `AvailabilityZoneId` on the wire.
    pub availability_zone_id: Option<String>,
    /// `EbsCardIndex` on the wire.
    pub ebs_card_index: Option<i32>,
}

impl FromQuery for EbsBlockDevice {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "AvailabilityZone",
            "AvailabilityZoneId",
            "DeleteOnTermination",
            "EbsCardIndex",
            "Encrypted",
            "Iops",
            "KmsKeyId",
            "OutpostArn",
            "SnapshotId",
            "Throughput",
            "VolumeInitializationRate",
            "VolumeSize",
            "VolumeType",
        ])?;
        Ok(Self {
            delete_on_termination: at.optional("DeleteOnTermination")?,
            iops: at.optional("Iops")?,
            snapshot_id: at.optional("SnapshotId")?,
            volume_size: at.optional("VolumeSize")?,
            volume_type: at.optional("VolumeType")?,
            kms_key_id: at.optional("KmsKeyId")?,
            throughput: at.optional("Throughput")?,
            outpost_arn: at.optional("OutpostArn")?,
            availability_zone: at.optional("AvailabilityZone")?,
            encrypted: at.optional("Encrypted")?,
            volume_initialization_rate: at.optional("VolumeInitializationRate")?,
            availability_zone_id: at.optional("AvailabilityZoneId")?,
            ebs_card_index: at.optional("EbsCardIndex")?,
        })
    }
}

impl ToXml for EbsBlockDevice {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("deleteOnTermination", self.delete_on_termination.as_ref());
        out.optional("iops", self.iops.as_ref());
        out.optional("snapshotId", self.snapshot_id.as_ref());
        out.optional("volumeSize", self.volume_size.as_ref());
        out.optional("volumeType", self.volume_type.as_ref());
        out.optional("kmsKeyId", self.kms_key_id.as_ref());
        out.optional("throughput", self.throughput.as_ref());
        out.optional("outpostArn", self.outpost_arn.as_ref());
        out.optional("availabilityZone", self.availability_zone.as_ref());
        out.optional("encrypted", self.encrypted.as_ref());
        out.optional("VolumeInitializationRate", self.volume_initialization_rate.as_ref());
        out.optional("AvailabilityZoneId", self.availability_zone_id.as_ref());
        out.optional("EbsCardIndex", self.ebs_card_index.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EbsCardInfo.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EbsCardInfo {
    /// `ebsCardIndex` on the wire.
    pub ebs_card_index: Option<i32>,
    /// `baselineBandwidthInMbps` on the wire.
    pub baseline_bandwidth_in_mbps: Option<i32>,
    /// `baselineThroughputInMBps` on the wire.
    pub baseline_throughput_in_m_bps: Option<f64>,
    /// `baselineIops` on the wire.
    pub baseline_iops: Option<i32>,
    /// `maximumBandwidthInMbps` on the wire.
    pub maximum_bandwidth_in_mbps: Option<i32>,
    /// `maximumThroughputInMBps` on the wire.
    pub maximum_throughput_in_m_bps: Option<f64>,
    /// `maximumIops` on the wire.
    pub maximum_iops: Option<i32>,
}

impl ToXml for EbsCardInfo {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("ebsCardIndex", self.ebs_card_index.as_ref());
        out.optional("baselineBandwidthInMbps", self.baseline_bandwidth_in_mbps.as_ref());
        out.optional("baselineThroughputInMBps", self.baseline_throughput_in_m_bps.as_ref());
        out.optional("baselineIops", self.baseline_iops.as_ref());
        out.optional("maximumBandwidthInMbps", self.maximum_bandwidth_in_mbps.as_ref());
        out.optional("maximumThroughputInMBps", self.maximum_throughput_in_m_bps.as_ref());
        out.optional("maximumIops", self.maximum_iops.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EbsInfo.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EbsInfo {
    /// `ebsOptimizedSupport` on the wire.
    pub ebs_optimized_support: Option<String>,
    /// `encryptionSupport` on the wire.
    pub encryption_support: Option<String>,
    /// `ebsOptimizedInfo` on the wire.
    pub ebs_optimized_info: Option<EbsOptimizedInfo>,
    /// `nvmeSupport` on the wire.
    pub nvme_support: Option<String>,
    /// `maximumEbsAttachments` on the wire.
    pub maximum_ebs_attachments: Option<i32>,
    /// `attachmentLimitType` on the wire.
    pub attachment_limit_type: Option<String>,
    /// `maximumEbsCards` on the wire.
    pub maximum_ebs_cards: Option<i32>,
    /// `ebsCardSet` on the wire.
    pub ebs_cards: Vec<EbsCardInfo>,
}

impl ToXml for EbsInfo {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("ebsOptimizedSupport", self.ebs_optimized_support.as_ref());
        out.optional("encryptionSupport", self.encryption_support.as_ref());
        out.optional("ebsOptimizedInfo", self.ebs_optimized_info.as_ref());
        out.optional("nvmeSupport", self.nvme_support.as_ref());
        out.optional("maximumEbsAttachments", self.maximum_ebs_attachments.as_ref());
        out.optional("attachmentLimitType", self.attachment_limit_type.as_ref());
        out.optional("maximumEbsCards", self.maximum_ebs_cards.as_ref());
        out.list("ebsCardSet", "item", &self.ebs_cards);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EbsInstanceBlockDevice.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EbsInstanceBlockDevice {
    /// `attachTime` on the wire.
    pub attach_time: Option<Timestamp>,
    /// `deleteOnTermination` on the wire.
    pub delete_on_termination: Option<bool>,
    /// `status` on the wire.
    pub status: Option<String>,
    /// `volumeId` on the wire.
    pub volume_id: Option<String>,
    /// `associatedResource` on the wire.
    pub associated_resource: Option<String>,
    /// `volumeOwnerId` on the wire.
    pub volume_owner_id: Option<String>,
    /// `operator` on the wire.
    pub operator: Option<OperatorResponse>,
    /// `ebsCardIndex` on the wire.
    pub ebs_card_index: Option<i32>,
}

impl ToXml for EbsInstanceBlockDevice {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("attachTime", self.attach_time.as_ref());
        out.optional("deleteOnTermination", self.delete_on_termination.as_ref());
        out.optional("status", self.status.as_ref());
        out.optional("volumeId", self.volume_id.as_ref());
        out.optional("associatedResource", self.associated_resource.as_ref());
        out.optional("volumeOwnerId", self.volume_owner_id.as_ref());
        out.optional("operator", self.operator.as_ref());
        out.optional("ebsCardIndex", self.ebs_card_index.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EbsInstanceBlockDeviceSpecification.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EbsInstanceBlockDeviceSpecification {
    /// `VolumeId` on the wire.
    pub volume_id: Option<String>,
    /// `DeleteOnTermination` on the wire.
    pub delete_on_termination: Option<bool>,
}

impl FromQuery for EbsInstanceBlockDeviceSpecification {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DeleteOnTermination", "VolumeId"])?;
        Ok(Self { volume_id: at.optional("VolumeId")?, delete_on_termination: at.optional("DeleteOnTermination")? })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EbsOptimizedInfo.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EbsOptimizedInfo {
    /// `baselineBandwidthInMbps` on the wire.
    pub baseline_bandwidth_in_mbps: Option<i32>,
    /// `baselineThroughputInMBps` on the wire.
    pub baseline_throughput_in_m_bps: Option<f64>,
    /// `baselineIops` on the wire.
    pub baseline_iops: Option<i32>,
    /// `maximumBandwidthInMbps` on the wire.
    pub maximum_bandwidth_in_mbps: Option<i32>,
    /// `maximumThroughputInMBps` on the wire.
    pub maximum_throughput_in_m_bps: Option<f64>,
    /// `maximumIops` on the wire.
    pub maximum_iops: Option<i32>,
}

impl ToXml for EbsOptimizedInfo {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("baselineBandwidthInMbps", self.baseline_bandwidth_in_mbps.as_ref());
        out.optional("baselineThroughputInMBps", self.baseline_throughput_in_m_bps.as_ref());
        out.optional("baselineIops", self.baseline_iops.as_ref());
        out.optional("maximumBandwidthInMbps", self.maximum_bandwidth_in_mbps.as_ref());
        out.optional("maximumThroughputInMBps", self.maximum_throughput_in_m_bps.as_ref());
        out.optional("maximumIops", self.maximum_iops.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EbsStatusDetails.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EbsStatusDetails {
    /// `impairedSince` on the wire.
    pub impaired_since: Option<Timestamp>,
    /// `name` on the wire.
    pub name: Option<String>,
    /// `status` on the wire.
    pub status: Option<String>,
}

impl ToXml for EbsStatusDetails {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("impairedSince", self.impaired_since.as_ref());
        out.optional("name", self.name.as_ref());
        out.optional("status", self.status.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EbsStatusSummary.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EbsStatusSummary {
    /// `details` on the wire.
    pub details: Vec<EbsStatusDetails>,
    /// `status` on the wire.
    pub status: Option<String>,
}

impl ToXml for EbsStatusSummary {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("details", "item", &self.details);
        out.optional("status", self.status.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EfaInfo.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EfaInfo {
    /// `maximumEfaInterfaces` on the wire.
    pub maximum_efa_interfaces: Option<i32>,
}

impl ToXml for EfaInfo {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("maximumEfaInterfaces", self.maximum_efa_interfaces.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EgressOnlyInternetGateway.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EgressOnlyInternetGateway {
    /// `attachmentSet` on the wire.
    pub attachments: Vec<InternetGatewayAttachment>,
    /// `egressOnlyInternetGatewayId` on the wire.
    pub egress_only_internet_gateway_id: Option<String>,
    /// `tagSet` on the wire.
    pub tags: Vec<Tag>,
}

impl ToXml for EgressOnlyInternetGateway {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("attachmentSet", "item", &self.attachments);
        out.optional("egressOnlyInternetGatewayId", self.egress_only_internet_gateway_id.as_ref());
        out.list("tagSet", "item", &self.tags);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ElasticGpuAssociation.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ElasticGpuAssociation {
    /// `elasticGpuId` on the wire.
    pub elastic_gpu_id: Option<String>,
    /// `elasticGpuAssociationId` on the wire.
    pub elastic_gpu_association_id: Option<String>,
    /// `elasticGpuAssociationState` on the wire.
    pub elastic_gpu_association_state: Option<String>,
    /// `elasticGpuAssociationTime` on the wire.
    pub elastic_gpu_association_time: Option<String>,
}

impl ToXml for ElasticGpuAssociation {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("elasticGpuId", self.elastic_gpu_id.as_ref());
        out.optional("elasticGpuAssociationId", self.elastic_gpu_association_id.as_ref());
        out.optional("elasticGpuAssociationState", self.elastic_gpu_association_state.as_ref());
        out.optional("elasticGpuAssociationTime", self.elastic_gpu_association_time.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ElasticGpuSpecification.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ElasticGpuSpecification {
    /// `Type` on the wire.
    pub r#type: Option<String>,
}

impl FromQuery for ElasticGpuSpecification {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["Type"])?;
        Ok(Self { r#type: at.required("Type")? })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ElasticInferenceAccelerator.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ElasticInferenceAccelerator {
    /// `Type` on the wire.
    pub r#type: Option<String>,
    /// `Count` on the wire.
    pub count: Option<i32>,
}

impl FromQuery for ElasticInferenceAccelerator {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["Count", "Type"])?;
        Ok(Self { r#type: at.required("Type")?, count: at.optional("Count")? })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ElasticInferenceAcceleratorAssociation.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ElasticInferenceAcceleratorAssociation {
    /// `elasticInferenceAcceleratorArn` on the wire.
    pub elastic_inference_accelerator_arn: Option<String>,
    /// `elasticInferenceAcceleratorAssociationId` on the wire.
    pub elastic_inference_accelerator_association_id: Option<String>,
    /// `elasticInferenceAcceleratorAssociationState` on the wire.
    pub elastic_inference_accelerator_association_state: Option<String>,
    /// `elasticInferenceAcceleratorAssociationTime` on the wire.
    pub elastic_inference_accelerator_association_time: Option<Timestamp>,
}

impl ToXml for ElasticInferenceAcceleratorAssociation {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("elasticInferenceAcceleratorArn", self.elastic_inference_accelerator_arn.as_ref());
        out.optional(
            "elasticInferenceAcceleratorAssociationId",
            self.elastic_inference_accelerator_association_id.as_ref(),
        );
        out.optional(
            "elasticInferenceAcceleratorAssociationState",
            self.elastic_inference_accelerator_association_state.as_ref(),
        );
        out.optional(
            "elasticInferenceAcceleratorAssociationTime",
            self.elastic_inference_accelerator_association_time.as_ref(),
        );
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnaSrdSpecification.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EnaSrdSpecification {
    /// `EnaSrdEnabled` on the wire.
    pub ena_srd_enabled: Option<bool>,
    /// `EnaSrdUdpSpecification` on the wire.
    pub ena_srd_udp_specification: Option<EnaSrdUdpSpecification>,
}

impl FromQuery for EnaSrdSpecification {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["EnaSrdEnabled", "EnaSrdUdpSpecification"])?;
        Ok(Self {
            ena_srd_enabled: at.optional("EnaSrdEnabled")?,
            ena_srd_udp_specification: at.optional("EnaSrdUdpSpecification")?,
        })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnaSrdSpecificationRequest.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EnaSrdSpecificationRequest {
    /// `EnaSrdEnabled` on the wire.
    pub ena_srd_enabled: Option<bool>,
    /// `EnaSrdUdpSpecification` on the wire.
    pub ena_srd_udp_specification: Option<EnaSrdUdpSpecificationRequest>,
}

impl FromQuery for EnaSrdSpecificationRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["EnaSrdEnabled", "EnaSrdUdpSpecification"])?;
        Ok(Self {
            ena_srd_enabled: at.optional("EnaSrdEnabled")?,
            ena_srd_udp_specification: at.optional("EnaSrdUdpSpecification")?,
        })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnaSrdUdpSpecification.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EnaSrdUdpSpecification {
    /// `EnaSrdUdpEnabled` on the wire.
    pub ena_srd_udp_enabled: Option<bool>,
}

impl FromQuery for EnaSrdUdpSpecification {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["EnaSrdUdpEnabled"])?;
        Ok(Self { ena_srd_udp_enabled: at.optional("EnaSrdUdpEnabled")? })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnaSrdUdpSpecificationRequest.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EnaSrdUdpSpecificationRequest {
    /// `EnaSrdUdpEnabled` on the wire.
    pub ena_srd_udp_enabled: Option<bool>,
}

impl FromQuery for EnaSrdUdpSpecificationRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["EnaSrdUdpEnabled"])?;
        Ok(Self { ena_srd_udp_enabled: at.optional("EnaSrdUdpEnabled")? })
    }
}

/// `EnableVgwRoutePropagation` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnableVgwRoutePropagation.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EnableVgwRoutePropagationRequest {
    /// `GatewayId` on the wire.
    pub gateway_id: Option<String>,
    /// `RouteTableId` on the wire.
    pub route_table_id: Option<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for EnableVgwRoutePropagationRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "GatewayId", "RouteTableId"])?;
        Ok(Self {
            gateway_id: at.required("GatewayId")?,
            route_table_id: at.required("RouteTableId")?,
            dry_run: at.optional("DryRun")?,
        })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnclaveOptions.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EnclaveOptions {
    /// `enabled` on the wire.
    pub enabled: Option<bool>,
}

impl ToXml for EnclaveOptions {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("enabled", self.enabled.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_EnclaveOptionsRequest.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EnclaveOptionsRequest {
    /// `Enabled` on the wire.
    pub enabled: Option<bool>,
}

impl FromQuery for EnclaveOptionsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["Enabled"])?;
        Ok(Self { enabled: at.optional("Enabled")? })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Explanation.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Explanation {
    /// `acl` on the wire.
    pub acl: Option<AnalysisComponent>,
    /// `aclRule` on the wire.
    pub acl_rule: Option<AnalysisAclRule>,
    /// `address` on the wire.
    pub address: Option<String>,
    /// `addressSet` on the wire.
    pub addresses: Vec<String>,
    /// `attachedTo` on the wire.
    pub attached_to: Option<AnalysisComponent>,
    /// `availabilityZoneSet` on the wire.
    pub availability_zones: Vec<String>,
    /// `availabilityZoneIdSet` on the wire.
    pub availability_zone_ids: Vec<String>,
    /// `cidrSet` on the wire.
    pub cidrs: Vec<String>,
    /// `component` on the wire.
    pub component: Option<AnalysisComponent>,
    /// `customerGateway` on the wire.
    pub customer_gateway: Option<AnalysisComponent>,
    /// `destination` on the wire.
    pub destination: Option<AnalysisComponent>,
    /// `destinationVpc` on the wire.
    pub destination_vpc: Option<AnalysisComponent>,
    /// `direction` on the wire.
    pub direction: Option<String>,
    /// `explanationCode` on the wire.
    pub explanation_code: Option<String>,
    /// `ingressRouteTable` on the wire.
    pub ingress_route_table: Option<AnalysisComponent>,
    /// `internetGateway` on the wire.
    pub internet_gateway: Option<AnalysisComponent>,
    /// `loadBalancerArn` on the wire.
    pub load_balancer_arn: Option<String>,
    /// `classicLoadBalancerListener` on the wire.
    pub classic_load_balancer_listener: Option<AnalysisLoadBalancerListener>,
    /// `loadBalancerListenerPort` on the wire.
    pub load_balancer_listener_port: Option<i32>,
    /// `loadBalancerTarget` on the wire.
    pub load_balancer_target: Option<AnalysisLoadBalancerTarget>,
    /// `loadBalancerTargetGroup` on the wire.
    pub load_balancer_target_group: Option<AnalysisComponent>,
    /// `loadBalancerTargetGroupSet` on the wire.
    pub load_balancer_target_groups: Vec<AnalysisComponent>,
    /// `loadBalancerTargetPort` on the wire.
    pub load_balancer_target_port: Option<i32>,
    /// `elasticLoadBalancerListener` on the wire.
    pub elastic_load_balancer_listener: Option<AnalysisComponent>,
    /// `missingComponent` on the wire.
    pub missing_component: Option<String>,
    /// `natGateway` on the wire.
    pub nat_gateway: Option<AnalysisComponent>,
    /// `networkInterface` on the wire.
    pub network_interface: Option<AnalysisComponent>,
    /// `packetField` on the wire.
    pub packet_field: Option<String>,
    /// `vpcPeeringConnection` on the wire.
    pub vpc_peering_connection: Option<AnalysisComponent>,
    /// `port` on the wire.
    pub port: Option<i32>,
    /// `portRangeSet` on the wire.
    pub port_ranges: Vec<PortRange>,
    /// `prefixList` on the wire.
    pub prefix_list: Option<AnalysisComponent>,
    /// `protocolSet` on the wire.
    pub protocols: Vec<String>,
    /// `routeTableRoute` on the wire.
    pub route_table_route: Option<AnalysisRouteTableRoute>,
    /// `routeTable` on the wire.
    pub route_table: Option<AnalysisComponent>,
    /// `securityGroup` on the wire.
    pub security_group: Option<AnalysisComponent>,
    /// `securityGroupRule` on the wire.
    pub security_group_rule: Option<AnalysisSecurityGroupRule>,
    /// `securityGroupSet` on the wire.
    pub security_groups: Vec<AnalysisComponent>,
    /// `sourceVpc` on the wire.
    pub source_vpc: Option<AnalysisComponent>,
    /// `state` on the wire.
    pub state: Option<String>,
    /// `subnet` on the wire.
    pub subnet: Option<AnalysisComponent>,
    /// `subnetRouteTable` on the wire.
    pub subnet_route_table: Option<AnalysisComponent>,
    /// `vpc` on the wire.
    pub vpc: Option<AnalysisComponent>,
    /// `vpcEndpoint` on the wire.
    pub vpc_endpoint: Option<AnalysisComponent>,
    /// `vpnConnection` on the wire.
    pub vpn_connection: Option<AnalysisComponent>,
    /// `vpnGateway` on the wire.
    pub vpn_gateway: Option<AnalysisComponent>,
    /// `transitGateway` on the wire.
    pub transit_gateway: Option<AnalysisComponent>,
    /// `transitGatewayRouteTable` on the wire.
    pub transit_gateway_route_table: Option<AnalysisComponent>,
    /// `transitGatewayRouteTableRoute` on the wire.
    pub transit_gateway_route_table_route: Option<TransitGatewayRouteTableRoute>,
    /// `transitGatewayAttachment` on the wire.
    pub transit_gateway_attachment: Option<AnalysisComponent>,
    /// `componentAccount` on the wire.
    pub component_account: Option<String>,
    /// `componentRegion` on the wire.
    pub component_region: Option<String>,
    /// `firewallStatelessRule` on the wire.
    pub firewall_stateless_rule: Option<FirewallStatelessRule>,
    /// `firewallStatefulRule` on the wire.
    pub firewall_stateful_rule: Option<FirewallStatefulRule>,
}

impl ToXml for Explanation {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("acl", self.acl.as_ref());
        out.optional("aclRule", self.acl_rule.as_ref());
        out.optional("address", self.address.as_ref());
        out.list("addressSet", "item", &self.addresses);
        out.optional("attachedTo", self.attached_to.as_ref());
        out.list("availabilityZoneSet", "item", &self.availability_zones);
        out.list("availabilityZoneIdSet", "item", &self.availability_zone_ids);
        out.list("cidrSet", "item", &self.cidrs);
        out.optional("component", self.component.as_ref());
        out.optional("customerGateway", self.customer_gateway.as_ref());
        out.optional("destination", self.destination.as_ref());
        out.optional("destinationVpc", self.destination_vpc.as_ref());
        out.optional("direction", self.direction.as_ref());
        out.optional("explanationCode", self.explanation_code.as_ref());
        out.optional("ingressRouteTable", self.ingress_route_table.as_ref());
        out.optional("internetGateway", self.internet_gateway.as_ref());
        out.optional("loadBalancerArn", self.load_balancer_arn.as_ref());
        out.optional("classicLoadBalancerListener", self.classic_load_balancer_listener.as_ref());
        out.optional("loadBalancerListenerPort", self.load_balancer_listener_port.as_ref());
        out.optional("loadBalancerTarget", self.load_balancer_target.as_ref());
        out.optional("loadBalancerTargetGroup", self.load_balancer_target_group.as_ref());
        out.list("loadBalancerTargetGroupSet", "item", &self.load_balancer_target_groups);
        out.optional("loadBalancerTargetPort", self.load_balancer_target_port.as_ref());
        out.optional("elasticLoadBalancerListener", self.elastic_load_balancer_listener.as_ref());
        out.optional("missingComponent", self.missing_component.as_ref());
        out.optional("natGateway", self.nat_gateway.as_ref());
        out.optional("networkInterface", self.network_interface.as_ref());
        out.optional("packetField", self.packet_field.as_ref());
        out.optional("vpcPeeringConnection", self.vpc_peering_connection.as_ref());
        out.optional("port", self.port.as_ref());
        out.list("portRangeSet", "item", &self.port_ranges);
        out.optional("prefixList", self.prefix_list.as_ref());
        out.list("protocolSet", "item", &self.protocols);
        out.optional("routeTableRoute", self.route_table_route.as_ref());
        out.optional("routeTable", self.route_table.as_ref());
        out.optional("securityGroup", self.security_group.as_ref());
        out.optional("securityGroupRule", self.security_group_rule.as_ref());
        out.list("securityGroupSet", "item", &self.security_groups);
        out.optional("sourceVpc", self.source_vpc.as_ref());
        out.optional("state", self.state.as_ref());
        out.optional("subnet", self.subnet.as_ref());
        out.optional("subnetRouteTable", self.subnet_route_table.as_ref());
        out.optional("vpc", self.vpc.as_ref());
        out.optional("vpcEndpoint", self.vpc_endpoint.as_ref());
        out.optional("vpnConnection", self.vpn_connection.as_ref());
        out.optional("vpnGateway", self.vpn_gateway.as_ref());
        out.optional("transitGateway", self.transit_gateway.as_ref());
        out.optional("transitGatewayRouteTable", self.transit_gateway_route_table.as_ref());
        out.optional("transitGatewayRouteTableRoute", self.transit_gateway_route_table_route.as_ref());
        out.optional("transitGatewayAttachment", self.transit_gateway_attachment.as_ref());
        out.optional("componentAccount", self.component_account.as_ref());
        out.optional("componentRegion", self.component_region.as_ref());
        out.optional("firewallStatelessRule", self.firewall_stateless_rule.as_ref());
        out.optional("firewallStatefulRule", self.firewall_stateful_rule.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Filter.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Filter {
    /// `Name` on the wire.
    pub name: Option<String>,
    /// `Value` on the wire.
    pub values: Vec<String>,
}

impl FromQuery for Filter {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["Name", "Value"])?;
        Ok(Self { name: at.optional("Name")?, values: at.list("Value")? })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_FilterPortRange.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FilterPortRange {
    /// `fromPort` on the wire.
    pub from_port: Option<i32>,
    /// `toPort` on the wire.
    pub to_port: Option<i32>,
}

impl ToXml for FilterPortRange {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("fromPort", self.from_port.as_ref());
        out.optional("toPort", self.to_port.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_FirewallStatefulRule.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FirewallStatefulRule {
    /// `ruleGroupArn` on the wire.
    pub rule_group_arn: Option<String>,
    /// `sourceSet` on the wire.
    pub sources: Vec<String>,
    /// `destinationSet` on the wire.
    pub destinations: Vec<String>,
    /// `sourcePortSet` on the wire.
    pub source_ports: Vec<PortRange>,
    /// `destinationPortSet` on the wire.
    pub destination_ports: Vec<PortRange>,
    /// `protocol` on the wire.
    pub protocol: Option<String>,
    /// `ruleAction` on the wire.
    pub rule_action: Option<String>,
    /// `direction` on the wire.
    pub direction: Option<String>,
}

impl ToXml for FirewallStatefulRule {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("ruleGroupArn", self.rule_group_arn.as_ref());
        out.list("sourceSet", "item", &self.sources);
        out.list("destinationSet", "item", &self.destinations);
        out.list("sourcePortSet", "item", &self.source_ports);
        out.list("destinationPortSet", "item", &self.destination_ports);
        out.optional("protocol", self.protocol.as_ref());
        out.optional("ruleAction", self.rule_action.as_ref());
        out.optional("direction", self.direction.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_FirewallStatelessRule.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FirewallStatelessRule {
    /// `ruleGroupArn` on the wire.
    pub rule_group_arn: Option<String>,
    /// `sourceSet` on the wire.
    pub sources: Vec<String>,
    /// `destinationSet` on the wire.
    pub destinations: Vec<String>,
    /// `sourcePortSet` on the wire.
    pub source_ports: Vec<PortRange>,
    /// `destinationPortSet` on the wire.
    pub destination_ports: Vec<PortRange>,
    /// `protocolSet` on the wire.
    pub protocols: Vec<i32>,
    /// `ruleAction` on the wire.
    pub rule_action: Option<String>,
    /// `priority` on the wire.
    pub priority: Option<i32>,
}

impl ToXml for FirewallStatelessRule {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("ruleGroupArn", self.rule_group_arn.as_ref());
        out.list("sourceSet", "item", &self.sources);
        out.list("destinationSet", "item", &self.destinations);
        out.list("sourcePortSet", "item", &self.source_ports);
        out.list("destinationPortSet", "item", &self.destination_ports);
        out.list("protocolSet", "item", &self.protocols);
        out.optional("ruleAction", self.rule_action.as_ref());
        out.optional("priority", self.priority.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_FlowLog.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FlowLog {
    /// `creationTime` on the wire.
    pub creation_time: Option<Timestamp>,
    /// `deliverLogsErrorMessage` on the wire.
    pub deliver_logs_error_message: Option<String>,
    /// `deliverLogsPermissionArn` on the wire.
    pub deliver_logs_permission_arn: Option<String>,
    /// `deliverCrossAccountRole` on the wire.
    pub deliver_cross_account_role: Option<String>,
    /// `deliverLogsStatus` on the wire.
    pub deliver_logs_status: Option<String>,
    /// `flowLogId` on the wire.
    pub flow_log_id: Option<String>,
    /// `flowLogStatus` on the wire.
    pub flow_log_status: Option<String>,
    /// `logGroupName` on the wire.
    pub log_group_name: Option<String>,
    /// `resourceId` on the wire.
    pub resource_id: Option<String>,
    /// `trafficType` on the wire.
    pub traffic_type: Option<String>,
    /// `logDestinationType` on the wire.
    pub log_destination_type: Option<String>,
    /// `logDestination` on the wire.
    pub log_destination: Option<String>,
    /// `logFormat` on the wire.
    pub log_format: Option<String>,
    /// `tagSet` on the wire.
    pub tags: Vec<Tag>,
    /// `maxAggregationInterval` on the wire.
    pub max_aggregation_interval: Option<i32>,
    /// `destinationOptions` on the wire.
    pub destination_options: Option<DestinationOptionsResponse>,
}

impl ToXml for FlowLog {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("creationTime", self.creation_time.as_ref());
        out.optional("deliverLogsErrorMessage", self.deliver_logs_error_message.as_ref());
        out.optional("deliverLogsPermissionArn", self.deliver_logs_permission_arn.as_ref());
        out.optional("deliverCrossAccountRole", self.deliver_cross_account_role.as_ref());
        out.optional("deliverLogsStatus", self.deliver_logs_status.as_ref());
        out.optional("flowLogId", self.flow_log_id.as_ref());
        out.optional("flowLogStatus", self.flow_log_status.as_ref());
        out.optional("logGroupName", self.log_group_name.as_ref());
        out.optional("resourceId", self.resource_id.as_ref());
        out.optional("trafficType", self.traffic_type.as_ref());
        out.optional("logDestinationType", self.log_destination_type.as_ref());
        out.optional("logDestination", self.log_destination.as_ref());
        out.optional("logFormat", self.log_format.as_ref());
        out.list("tagSet", "item", &self.tags);
        out.optional("maxAggregationInterval", self.max_aggregation_interval.as_ref());
        out.optional("destinationOptions", self.destination_options.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_FpgaDeviceInfo.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FpgaDeviceInfo {
    /// `name` on the wire.
    pub name: Option<String>,
    /// `manufacturer` on the wire.
    pub manufacturer: Option<String>,
    /// `count` on the wire.
    pub count: Option<i32>,
    /// `memoryInfo` on the wire.
    pub memory_info: Option<FpgaDeviceMemoryInfo>,
}

impl ToXml for FpgaDeviceInfo {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("name", self.name.as_ref());
        out.optional("manufacturer", self.manufacturer.as_ref());
        out.optional("count", self.count.as_ref());
        out.optional("memoryInfo", self.memory_info.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_FpgaDeviceMemoryInfo.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FpgaDeviceMemoryInfo {
    /// `sizeInMiB` on the wire.
    pub size_in_mi_b: Option<i32>,
}

impl ToXml for FpgaDeviceMemoryInfo {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("sizeInMiB", self.size_in_mi_b.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_FpgaInfo.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FpgaInfo {
    /// `fpgas` on the wire.
    pub fpgas: Vec<FpgaDeviceInfo>,
    /// `totalFpgaMemoryInMiB` on the wire.
    pub total_fpga_memory_in_mi_b: Option<i32>,
}

impl ToXml for FpgaInfo {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("fpgas", "item", &self.fpgas);
        out.optional("totalFpgaMemoryInMiB", self.total_fpga_memory_in_mi_b.as_ref());
    }
}

/// `GetManagedPrefixListAssociations` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetManagedPrefixListAssociations.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GetManagedPrefixListAssociationsRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `PrefixListId` on the wire.
    pub prefix_list_id: Option<String>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
}

impl FromQuery for GetManagedPrefixListAssociationsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "MaxResults", "NextToken", "PrefixListId"])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            prefix_list_id: at.required("PrefixListId")?,
            max_results: at.optional("MaxResults")?,
            next_token: at.optional("NextToken")?,
        })
    }
}

/// `GetManagedPrefixListAssociations` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetManagedPrefixListAssociations.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GetManagedPrefixListAssociationsResult {
    /// `prefixListAssociationSet` on the wire.
    pub prefix_list_associations: Vec<PrefixListAssociation>,
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
}

impl ToXml for GetManagedPrefixListAssociationsResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("prefixListAssociationSet", "item", &self.prefix_list_associations);
        out.optional("nextToken", self.next_token.as_ref());
    }
}

/// `GetManagedPrefixListEntries` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetManagedPrefixListEntries.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GetManagedPrefixListEntriesRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `PrefixListId` on the wire.
    pub prefix_list_id: Option<String>,
    /// `TargetVersion` on the wire.
    pub target_version: Option<i64>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
}

impl FromQuery for GetManagedPrefixListEntriesRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "MaxResults", "NextToken", "PrefixListId", "TargetVersion"])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            prefix_list_id: at.required("PrefixListId")?,
            target_version: at.optional("TargetVersion")?,
            max_results: at.optional("MaxResults")?,
            next_token: at.optional("NextToken")?,
        })
    }
}

/// `GetManagedPrefixListEntries` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetManagedPrefixListEntries.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GetManagedPrefixListEntriesResult {
    /// `entrySet` on the wire.
    pub entries: Vec<PrefixListEntry>,
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
}

impl ToXml for GetManagedPrefixListEntriesResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("entrySet", "item", &self.entries);
        out.optional("nextToken", self.next_token.as_ref());
    }
}

/// `GetSecurityGroupsForVpc` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetSecurityGroupsForVpc.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GetSecurityGroupsForVpcRequest {
    /// `VpcId` on the wire.
    pub vpc_id: Option<String>,
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for GetSecurityGroupsForVpcRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "Filter", "MaxResults", "NextToken", "VpcId"])?;
        Ok(Self {
            vpc_id: at.required("VpcId")?,
            next_token: at.optional("NextToken")?,
            max_results: at.optional("MaxResults")?,
            filters: at.list("Filter")?,
            dry_run: at.optional("DryRun")?,
        })
    }
}

/// `GetSecurityGroupsForVpc` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetSecurityGroupsForVpc.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GetSecurityGroupsForVpcResult {
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
    /// `securityGroupForVpcSet` on the wire.
    pub security_group_for_vpcs: Vec<SecurityGroupForVpc>,
}

impl ToXml for GetSecurityGroupsForVpcResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("nextToken", self.next_token.as_ref());
        out.list("securityGroupForVpcSet", "item", &self.security_group_for_vpcs);
    }
}

/// `GetSubnetCidrReservations` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetSubnetCidrReservations.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GetSubnetCidrReservationsRequest {
    /// `Filter` on the wire.
    pub filters: Vec<Filter>,
    /// `SubnetId` on the wire.
    pub subnet_id: Option<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `NextToken` on the wire.
    pub next_token: Option<String>,
    /// `MaxResults` on the wire.
    pub max_results: Option<i32>,
}

impl FromQuery for GetSubnetCidrReservationsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "Filter", "MaxResults", "NextToken", "SubnetId"])?;
        Ok(Self {
            filters: at.list("Filter")?,
            subnet_id: at.required("SubnetId")?,
            dry_run: at.optional("DryRun")?,
            next_token: at.optional("NextToken")?,
            max_results: at.optional("MaxResults")?,
        })
    }
}

/// `GetSubnetCidrReservations` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetSubnetCidrReservations.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GetSubnetCidrReservationsResult {
    /// `subnetIpv4CidrReservationSet` on the wire.
    pub subnet_ipv4_cidr_reservations: Vec<SubnetCidrReservation>,
    /// `subnetIpv6CidrReservationSet` on the wire.
    pub subnet_ipv6_cidr_reservations: Vec<SubnetCidrReservation>,
    /// `nextToken` on the wire.
    pub next_token: Option<String>,
}

impl ToXml for GetSubnetCidrReservationsResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("subnetIpv4CidrReservationSet", "item", &self.subnet_ipv4_cidr_reservations);
        out.list("subnetIpv6CidrReservationSet", "item", &self.subnet_ipv6_cidr_reservations);
        out.optional("nextToken", self.next_token.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GpuDeviceInfo.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GpuDeviceInfo {
    /// `name` on the wire.
    pub name: Option<String>,
    /// `manufacturer` on the wire.
    pub manufacturer: Option<String>,
    /// `count` on the wire.
    pub count: Option<i32>,
    /// `logicalGpuCount` on the wire.
    pub logical_gpu_count: Option<i32>,
    /// `gpuPartitionSize` on the wire.
    pub gpu_partition_size: Option<f64>,
    /// `workloadSet` on the wire.
    pub workloads: Vec<String>,
    /// `memoryInfo` on the wire.
    pub memory_info: Option<GpuDeviceMemoryInfo>,
}

impl ToXml for GpuDeviceInfo {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("name", self.name.as_ref());
        out.optional("manufacturer", self.manufacturer.as_ref());
        out.optional("count", self.count.as_ref());
        out.optional("logicalGpuCount", self.logical_gpu_count.as_ref());
        out.optional("gpuPartitionSize", self.gpu_partition_size.as_ref());
        out.list("workloadSet", "item", &self.workloads);
        out.optional("memoryInfo", self.memory_info.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GpuDeviceMemoryInfo.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GpuDeviceMemoryInfo {
    /// `sizeInMiB` on the wire.
    pub size_in_mi_b: Option<i32>,
}

impl ToXml for GpuDeviceMemoryInfo {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("sizeInMiB", self.size_in_mi_b.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GpuInfo.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GpuInfo {
    /// `gpus` on the wire.
    pub gpus: Vec<GpuDeviceInfo>,
    /// `totalGpuMemoryInMiB` on the wire.
    pub total_gpu_memory_in_mi_b: Option<i32>,
}

impl ToXml for GpuInfo {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("gpus", "item", &self.gpus);
        out.optional("totalGpuMemoryInMiB", self.total_gpu_memory_in_mi_b.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GroupIdentifier.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct GroupIdentifier {
    /// `groupId` on the wire.
    pub group_id: Option<String>,
    /// `groupName` on the wire.
    pub group_name: Option<String>,
}

impl ToXml for GroupIdentifier {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("groupId", self.group_id.as_ref());
        out.optional("groupName", self.group_name.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_HibernationOptions.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HibernationOptions {
    /// `configured` on the wire.
    pub configured: Option<bool>,
}

impl ToXml for HibernationOptions {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("configured", self.configured.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_HibernationOptionsRequest.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct HibernationOptionsRequest {
    /// `Configured` on the wire.
    pub configured: Option<bool>,
}

impl FromQuery for HibernationOptionsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["Configured"])?;
        Ok(Self { configured: at.optional("Configured")? })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IKEVersionsListValue.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct IKEVersionsListValue {
    /// `value` on the wire.
    pub value: Option<String>,
}

impl ToXml for IKEVersionsListValue {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("value", self.value.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IamInstanceProfile.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct IamInstanceProfile {
    /// `arn` on the wire.
    pub arn: Option<String>,
    /// `id` on the wire.
    pub id: Option<String>,
}

impl ToXml for IamInstanceProfile {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("arn", self.arn.as_ref());
        out.optional("id", self.id.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IamInstanceProfileAssociation.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct IamInstanceProfileAssociation {
    /// `associationId` on the wire.
    pub association_id: Option<String>,
    /// `instanceId` on the wire.
    pub instance_id: Option<String>,
    /// `iamInstanceProfile` on the wire.
    pub iam_instance_profile: Option<IamInstanceProfile>,
    /// `state` on the wire.
    pub state: Option<String>,
    /// `timestamp` on the wire.
    pub timestamp: Option<Timestamp>,
}

impl ToXml for IamInstanceProfileAssociation {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("associationId", self.association_id.as_ref());
        out.optional("instanceId", self.instance_id.as_ref());
        out.optional("iamInstanceProfile", self.iam_instance_profile.as_ref());
        out.optional("state", self.state.as_ref());
        out.optional("timestamp", self.timestamp.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IamInstanceProfileSpecification.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct IamInstanceProfileSpecification {
    /// `Arn` on the wire.
    pub arn: Option<String>,
    /// `Name` on the wire.
    pub name: Option<String>,
}

impl FromQuery for IamInstanceProfileSpecification {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["Arn", "Name"])?;
        Ok(Self { arn: at.optional("Arn")?, name: at.optional("Name")? })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IcmpTypeCode.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct IcmpTypeCode {
    /// `Code` in requests, `code` in responses.
    pub code: Option<i32>,
    /// `Type` in requests, `type` in responses.
    pub r#type: Option<i32>,
}

impl FromQuery for IcmpTypeCode {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["Code", "Type"])?;
        Ok(Self { code: at.optional("Code")?, r#type: at.optional("Type")? })
    }
}

impl ToXml for IcmpTypeCode {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("code", self.code.as_ref());
        out.optional("type", self.r#type.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Image.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Image {
    /// `platformDetails` on the wire.
    pub platform_details: Option<String>,
    /// `usageOperation` on the wire.
    pub usage_operation: Option<String>,
    /// `blockDeviceMapping` on the wire.
    pub block_device_mappings: Vec<BlockDeviceMapping>,
    /// `description` on the wire.
    pub description: Option<String>,
    /// `enaSupport` on the wire.
    pub ena_support: Option<bool>,
    /// `hypervisor` on the wire.
    pub hypervisor: Option<String>,
    /// `imageOwnerAlias` on the wire.
    pub image_owner_alias: Option<String>,
    /// `name` on the wire.
    pub name: Option<String>,
    /// `rootDeviceName` on the wire.
    pub root_device_name: Option<String>,
    /// `rootDeviceType` on the wire.
    pub root_device_type: Option<String>,
    /// `sriovNetSupport` on the wire.
    pub sriov_net_support: Option<String>,
    /// `stateReason` on the wire.
    pub state_reason: Option<StateReason>,
    /// `tagSet` on the wire.
    pub tags: Vec<Tag>,
    /// `virtualizationType` on the wire.
    pub virtualization_type: Option<String>,
    /// `bootMode` on the wire.
    pub boot_mode: Option<String>,
    /// `tpmSupport` on the wire.
    pub tpm_support: Option<String>,
    /// `deprecationTime` on the wire.
    pub deprecation_time: Option<String>,
    /// `imdsSupport` on the wire.
    pub imds_support: Option<String>,
    /// `sourceInstanceId` on the wire.
    pub source_instance_id: Option<String>,
    /// `deregistrationProtection` on the wire.
    pub deregistration_protection: Option<String>,
    /// `lastLaunchedTime` on the wire.
    pub last_launched_time: Option<String>,
    /// `imageAllowed` on the wire.
    pub image_allowed: Option<bool>,
    /// `sourceImageId` on the wire.
    pub source_image_id: Option<String>,
    /// `sourceImageRegion` on the wire.
    pub source_image_region: Option<String>,
    /// `freeTierEligible` on the wire.
    pub free_tier_eligible: Option<bool>,
    /// `imageId` on the wire.
    pub image_id: Option<String>,
    /// `imageLocation` on the wire.
    pub image_location: Option<String>,
    /// `imageState` on the wire.
    pub state: Option<String>,
    /// `imageOwnerId` on the wire.
    pub owner_id: Option<String>,
    /// `creationDate` on the wire.
    pub creation_date: Option<String>,
    /// `isPublic` on the wire.
    pub public: Option<bool>,
    /// `productCodes` on the wire.
    pub product_codes: Vec<ProductCode>,
    /// `architecture` on the wire.
    pub architecture: Option<String>,
    /// `imageType` on the wire.
    pub image_type: Option<String>,
    /// `kernelId` on the wire.
    pub kernel_id: Option<String>,
    /// `ramdiskId` on the wire.
    pub ramdisk_id: Option<String>,
    /// `platform` on the wire.
    pub platform: Option<String>,
}

impl ToXml for Image {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("platformDetails", self.platform_details.as_ref());
        out.optional("usageOperation", self.usage_operation.as_ref());
        out.list("blockDeviceMapping", "item", &self.block_device_mappings);
        out.optional("description", self.description.as_ref());
        out.optional("enaSupport", self.ena_support.as_ref());
        out.optional("hypervisor", self.hypervisor.as_ref());
        out.optional("imageOwnerAlias", self.image_owner_alias.as_ref());
        out.optional("name", self.name.as_ref());
        out.optional("rootDeviceName", self.root_device_name.as_ref());
        out.optional("rootDeviceType", self.root_device_type.as_ref());
        out.optional("sriovNetSupport", self.sriov_net_support.as_ref());
        out.optional("stateReason", self.state_reason.as_ref());
        out.list("tagSet", "item", &self.tags);
        out.optional("virtualizationType", self.virtualization_type.as_ref());
        out.optional("bootMode", self.boot_mode.as_ref());
        out.optional("tpmSupport", self.tpm_support.as_ref());
        out.optional("deprecationTime", self.deprecation_time.as_ref());
        out.optional("imdsSupport", self.imds_support.as_ref());
        out.optional("sourceInstanceId", self.source_instance_id.as_ref());
        out.optional("deregistrationProtection", self.deregistration_protection.as_ref());
        out.optional("lastLaunchedTime", self.last_launched_time.as_ref());
        out.optional("imageAllowed", self.image_allowed.as_ref());
        out.optional("sourceImageId", self.source_image_id.as_ref());
        out.optional("sourceImageRegion", self.source_image_region.as_ref());
        out.optional("freeTierEligible", self.free_tier_eligible.as_ref());
        out.optional("imageId", self.image_id.as_ref());
        out.optional("imageLocation", self.image_location.as_ref());
        out.optional("imageState", self.state.as_ref());
        out.optional("imageOwnerId", self.owner_id.as_ref());
        out.optional("creationDate", self.creation_date.as_ref());
        out.optional("isPublic", self.public.as_ref());
        out.list("productCodes", "item", &self.product_codes);
        out.optional("architecture", self.architecture.as_ref());
        out.optional("imageType", self.image_type.as_ref());
        out.optional("kernelId", self.kernel_id.as_ref());
        out.optional("ramdiskId", self.ramdisk_id.as_ref());
        out.optional("platform", self.platform.as_ref());
    }
}

/// `ImportKeyPair` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ImportKeyPair.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ImportKeyPairRequest {
    /// `TagSpecification` on the wire.
    pub tag_specifications: Vec<TagSpecification>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `KeyName` on the wire.
    pub key_name: Option<String>,
    /// `PublicKeyMaterial` on the wire.
    pub public_key_material: Option<String>,
}

impl FromQuery for ImportKeyPairRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "KeyName", "PublicKeyMaterial", "TagSpecification"])?;
        Ok(Self {
            tag_specifications: at.list("TagSpecification")?,
            dry_run: at.optional("DryRun")?,
            key_name: at.required("KeyName")?,
            public_key_material: at.required("PublicKeyMaterial")?,
        })
    }
}

/// `ImportKeyPair` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ImportKeyPair.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ImportKeyPairResult {
    /// `keyFingerprint` on the wire.
    pub key_fingerprint: Option<String>,
    /// `keyName` on the wire.
    pub key_name: Option<String>,
    /// `keyPairId` on the wire.
    pub key_pair_id: Option<String>,
    /// `tagSet` on the wire.
    pub tags: Vec<Tag>,
}

impl ToXml for ImportKeyPairResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("keyFingerprint", self.key_fingerprint.as_ref());
        out.optional("keyName", self.key_name.as_ref());
        out.optional("keyPairId", self.key_pair_id.as_ref());
        out.list("tagSet", "item", &self.tags);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InferenceAcceleratorInfo.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InferenceAcceleratorInfo {
    /// `accelerators` on the wire.
    pub accelerators: Vec<InferenceDeviceInfo>,
    /// `totalInferenceMemoryInMiB` on the wire.
    pub total_inference_memory_in_mi_b: Option<i32>,
}

impl ToXml for InferenceAcceleratorInfo {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("accelerators", "member", &self.accelerators);
        out.optional("totalInferenceMemoryInMiB", self.total_inference_memory_in_mi_b.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InferenceDeviceInfo.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InferenceDeviceInfo {
    /// `count` on the wire.
    pub count: Option<i32>,
    /// `name` on the wire.
    pub name: Option<String>,
    /// `manufacturer` on the wire.
    pub manufacturer: Option<String>,
    /// `memoryInfo` on the wire.
    pub memory_info: Option<InferenceDeviceMemoryInfo>,
}

impl ToXml for InferenceDeviceInfo {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("count", self.count.as_ref());
        out.optional("name", self.name.as_ref());
        out.optional("manufacturer", self.manufacturer.as_ref());
        out.optional("memoryInfo", self.memory_info.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InferenceDeviceMemoryInfo.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InferenceDeviceMemoryInfo {
    /// `sizeInMiB` on the wire.
    pub size_in_mi_b: Option<i32>,
}

impl ToXml for InferenceDeviceMemoryInfo {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("sizeInMiB", self.size_in_mi_b.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Instance.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Instance {
    /// `architecture` on the wire.
    pub architecture: Option<String>,
    /// `blockDeviceMapping` on the wire.
    pub block_device_mappings: Vec<InstanceBlockDeviceMapping>,
    /// `clientToken` on the wire.
    pub client_token: Option<String>,
    /// `ebsOptimized` on the wire.
    pub ebs_optimized: Option<bool>,
    /// `enaSupport` on the wire.
    pub ena_support: Option<bool>,
    /// `hypervisor` on the wire.
    pub hypervisor: Option<String>,
    /// `iamInstanceProfile` on the wire.
    pub iam_instance_profile: Option<IamInstanceProfile>,
    /// `instanceLifecycle` on the wire.
    pub instance_lifecycle: Option<String>,
    /// `elasticGpuAssociationSet` on the wire.
    pub elastic_gpu_associations: Vec<ElasticGpuAssociation>,
    /// `elasticInferenceAcceleratorAssociationSet` on the wire.
    pub elastic_inference_accelerator_associations: Vec<ElasticInferenceAcceleratorAssociation>,
    /// `networkInterfaceSet` on the wire.
    pub network_interfaces: Vec<InstanceNetworkInterface>,
    /// `outpostArn` on the wire.
    pub outpost_arn: Option<String>,
    /// `rootDeviceName` on the wire.
    pub root_device_name: Option<String>,
    /// `rootDeviceType` on the wire.
    pub root_device_type: Option<String>,
    /// `groupSet` on the wire.
    pub security_groups: Vec<GroupIdentifier>,
    /// `sourceDestCheck` on the wire.
    pub source_dest_check: Option<bool>,
    /// `spotInstanceRequestId` on the wire.
    pub spot_instance_request_id: Option<String>,
    /// `sriovNetSupport` on the wire.
    pub sriov_net_support: Option<String>,
    /// `stateReason` on the wire.
    pub state_reason: Option<StateReason>,
    /// `tagSet` on the wire.
    pub tags: Vec<Tag>,
    /// `virtualizationType` on the wire.
    pub virtualization_type: Option<String>,
    /// `cpuOptions` on the wire.
    pub cpu_options: Option<CpuOptions>,
    /// `capacityBlockId` on the wire.
    pub capacity_block_id: Option<String>,
    /// `capacityReservationId` on the wire.
    pub capacity_reservation_id: Option<String>,
    /// `capacityReservationSpecification` on the wire.
    pub capacity_reservation_specification: Option<CapacityReservationSpecificationResponse>,
    /// `hibernationOptions` on the wire.
    pub hibernation_options: Option<HibernationOptions>,
    /// `licenseSet` on the wire.
    pub licenses: Vec<LicenseConfiguration>,
    /// `metadataOptions` on the wire.
    pub metadata_options: Option<InstanceMetadataOptionsResponse>,
    /// `enclaveOptions` on the wire.
    pub enclave_options: Option<EnclaveOptions>,
    /// `bootMode` on the wire.
    pub boot_mode: Option<String>,
    /// `platformDetails` on the wire.
    pub platform_details: Option<String>,
    /// `usageOperation` on the wire.
    pub usage_operation: Option<String>,
    /// `usageOperationUpdateTime` on the wire.
    pub usage_operation_update_time: Option<Timestamp>,
    /// `privateDnsNameOptions` on the wire.
    pub private_dns_name_options: Option<PrivateDnsNameOptionsResponse>,
    /// `ipv6Address` on the wire.
    pub ipv6_address: Option<String>,
    /// `tpmSupport` on the wire.
    pub tpm_support: Option<String>,
    /// `maintenanceOptions` on the wire.
    pub maintenance_options: Option<InstanceMaintenanceOptions>,
    /// `currentInstanceBootMode` on the wire.
    pub current_instance_boot_mode: Option<String>,
    /// `networkPerformanceOptions` on the wire.
    pub network_performance_options: Option<InstanceNetworkPerformanceOptions>,
    /// `operator` on the wire.
    pub operator: Option<OperatorResponse>,
    /// `secondaryInterfaceSet` on the wire.
    pub secondary_interfaces: Vec<InstanceSecondaryInterface>,
    /// `instanceId` on the wire.
    pub instance_id: Option<String>,
    /// `imageId` on the wire.
    pub image_id: Option<String>,
    /// `instanceState` on the wire.
    pub state: Option<InstanceState>,
    /// `privateDnsName` on the wire.
    pub private_dns_name: Option<String>,
    /// `dnsName` on the wire.
    pub public_dns_name: Option<String>,
    /// `reason` on the wire.
    pub state_transition_reason: Option<String>,
    /// `keyName` on the wire.
    pub key_name: Option<String>,
    /// `amiLaunchIndex` on the wire.
    pub ami_launch_index: Option<i32>,
    /// `productCodes` on the wire.
    pub product_codes: Vec<ProductCode>,
    /// `instanceType` on the wire.
    pub instance_type: Option<String>,
    /// `launchTime` on the wire.
    pub launch_time: Option<Timestamp>,
    /// `placement` on the wire.
    pub placement: Option<Placement>,
    /// `kernelId` on the wire.
    pub kernel_id: Option<String>,
    /// `ramdiskId` on the wire.
    pub ramdisk_id: Option<String>,
    /// `platform` on the wire.
    pub platform: Option<String>,
    /// `monitoring` on the wire.
    pub monitoring: Option<Monitoring>,
    /// `subnetId` on the wire.
    pub subnet_id: Option<String>,
    /// `vpcId` on the wire.
    pub vpc_id: Option<String>,
    /// `privateIpAddress` on the wire.
    pub private_ip_address: Option<String>,
    /// `ipAddress` on the wire.
    pub public_ip_address: Option<String>,
}

impl ToXml for Instance {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("architecture", self.architecture.as_ref());
        out.list("blockDeviceMapping", "item", &self.block_device_mappings);
        out.optional("clientToken", self.client_token.as_ref());
        out.optional("ebsOptimized", self.ebs_optimized.as_ref());
        out.optional("enaSupport", self.ena_support.as_ref());
        out.optional("hypervisor", self.hypervisor.as_ref());
        out.optional("iamInstanceProfile", self.iam_instance_profile.as_ref());
        out.optional("instanceLifecycle", self.instance_lifecycle.as_ref());
        out.list("elasticGpuAssociationSet", "item", &self.elastic_gpu_associations);
        out.list("elasticInferenceAcceleratorAssociationSet", "item", &self.elastic_inference_accelerator_associations);
        out.list("networkInterfaceSet", "item", &self.network_interfaces);
        out.optional("outpostArn", self.outpost_arn.as_ref());
        out.optional("rootDeviceName", self.root_device_name.as_ref());
        out.optional("rootDeviceType", self.root_device_type.as_ref());
        out.list("groupSet", "item", &self.security_groups);
        out.optional("sourceDestCheck", self.source_dest_check.as_ref());
        out.optional("spotInstanceRequestId", self.spot_instance_request_id.as_ref());
        out.optional("sriovNetSupport", self.sriov_net_support.as_ref());
        out.optional("stateReason", self.state_reason.as_ref());
        out.list("tagSet", "item", &self.tags);
        out.optional("virtualizationType", self.virtualization_type.as_ref());
        out.optional("cpuOptions", self.cpu_options.as_ref());
        out.optional("capacityBlockId", self.capacity_block_id.as_ref());
        out.optional("capacityReservationId", self.capacity_reservation_id.as_ref());
        out.optional("capacityReservationSpecification", self.capacity_reservation_specification.as_ref());
        out.optional("hibernationOptions", self.hibernation_options.as_ref());
        out.list("licenseSet", "item", &self.licenses);
        out.optional("metadataOptions", self.metadata_options.as_ref());
        out.optional("enclaveOptions", self.enclave_options.as_ref());
        out.optional("bootMode", self.boot_mode.as_ref());
        out.optional("platformDetails", self.platform_details.as_ref());
        out.optional("usageOperation", self.usage_operation.as_ref());
        out.optional("usageOperationUpdateTime", self.usage_operation_update_time.as_ref());
        out.optional("privateDnsNameOptions", self.private_dns_name_options.as_ref());
        out.optional("ipv6Address", self.ipv6_address.as_ref());
        out.optional("tpmSupport", self.tpm_support.as_ref());
        out.optional("maintenanceOptions", self.maintenance_options.as_ref());
        out.optional("currentInstanceBootMode", self.current_instance_boot_mode.as_ref());
        out.optional("networkPerformanceOptions", self.network_performance_options.as_ref());
        out.optional("operator", self.operator.as_ref());
        out.list("secondaryInterfaceSet", "item", &self.secondary_interfaces);
        out.optional("instanceId", self.instance_id.as_ref());
        out.optional("imageId", self.image_id.as_ref());
        out.optional("instanceState", self.state.as_ref());
        out.optional("privateDnsName", self.private_dns_name.as_ref());
        out.optional("dnsName", self.public_dns_name.as_ref());
        out.optional("reason", self.state_transition_reason.as_ref());
        out.optional("keyName", self.key_name.as_ref());
        out.optional("amiLaunchIndex", self.ami_launch_index.as_ref());
        out.list("productCodes", "item", &self.product_codes);
        out.optional("instanceType", self.instance_type.as_ref());
        out.optional("launchTime", self.launch_time.as_ref());
        out.optional("placement", self.placement.as_ref());
        out.optional("kernelId", self.kernel_id.as_ref());
        out.optional("ramdiskId", self.ramdisk_id.as_ref());
        out.optional("platform", self.platform.as_ref());
        out.optional("monitoring", self.monitoring.as_ref());
        out.optional("subnetId", self.subnet_id.as_ref());
        out.optional("vpcId", self.vpc_id.as_ref());
        out.optional("privateIpAddress", self.private_ip_address.as_ref());
        out.optional("ipAddress", self.public_ip_address.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceAttachmentEnaSrdSpecification.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceAttachmentEnaSrdSpecification {
    /// `enaSrdEnabled` on the wire.
    pub ena_srd_enabled: Option<bool>,
    /// `enaSrdUdpSpecification` on the wire.
    pub ena_srd_udp_specification: Option<InstanceAttachmentEnaSrdUdpSpecification>,
}

impl ToXml for InstanceAttachmentEnaSrdSpecification {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("enaSrdEnabled", self.ena_srd_enabled.as_ref());
        out.optional("enaSrdUdpSpecification", self.ena_srd_udp_specification.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceAttachmentEnaSrdUdpSpecification.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceAttachmentEnaSrdUdpSpecification {
    /// `enaSrdUdpEnabled` on the wire.
    pub ena_srd_udp_enabled: Option<bool>,
}

impl ToXml for InstanceAttachmentEnaSrdUdpSpecification {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("enaSrdUdpEnabled", self.ena_srd_udp_enabled.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceAttribute.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceAttribute {
    /// `blockDeviceMapping` on the wire.
    pub block_device_mappings: Vec<InstanceBlockDeviceMapping>,
    /// `disableApiTermination` on the wire.
    pub disable_api_termination: Option<AttributeBooleanValue>,
    /// `enaSupport` on the wire.
    pub ena_support: Option<AttributeBooleanValue>,
    /// `enclaveOptions` on the wire.
    pub enclave_options: Option<EnclaveOptions>,
    /// `ebsOptimized` on the wire.
    pub ebs_optimized: Option<AttributeBooleanValue>,
    /// `instanceId` on the wire.
    pub instance_id: Option<String>,
    /// `instanceInitiatedShutdownBehavior` on the wire.
    pub instance_initiated_shutdown_behavior: Option<AttributeValue>,
    /// `instanceType` on the wire.
    pub instance_type: Option<AttributeValue>,
    /// `kernel` on the wire.
    pub kernel_id: Option<AttributeValue>,
    /// `productCodes` on the wire.
    pub product_codes: Vec<ProductCode>,
    /// `ramdisk` on the wire.
    pub ramdisk_id: Option<AttributeValue>,
    /// `rootDeviceName` on the wire.
    pub root_device_name: Option<AttributeValue>,
    /// `sourceDestCheck` on the wire.
    pub source_dest_check: Option<AttributeBooleanValue>,
    /// `sriovNetSupport` on the wire.
    pub sriov_net_support: Option<AttributeValue>,
    /// `userData` on the wire.
    pub user_data: Option<AttributeValue>,
    /// `disableApiStop` on the wire.
    pub disable_api_stop: Option<AttributeBooleanValue>,
    /// `groupSet` on the wire.
    pub groups: Vec<GroupIdentifier>,
}

impl ToXml for InstanceAttribute {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("blockDeviceMapping", "item", &self.block_device_mappings);
        out.optional("disableApiTermination", self.disable_api_termination.as_ref());
        out.optional("enaSupport", self.ena_support.as_ref());
        out.optional("enclaveOptions", self.enclave_options.as_ref());
        out.optional("ebsOptimized", self.ebs_optimized.as_ref());
        out.optional("instanceId", self.instance_id.as_ref());
        out.optional("instanceInitiatedShutdownBehavior", self.instance_initiated_shutdown_behavior.as_ref());
        out.optional("instanceType", self.instance_type.as_ref());
        out.optional("kernel", self.kernel_id.as_ref());
        out.list("productCodes", "item", &self.product_codes);
        out.optional("ramdisk", self.ramdisk_id.as_ref());
        out.optional("rootDeviceName", self.root_device_name.as_ref());
        out.optional("sourceDestCheck", self.source_dest_check.as_ref());
        out.optional("sriovNetSupport", self.sriov_net_support.as_ref());
        out.optional("userData", self.user_data.as_ref());
        out.optional("disableApiStop", self.disable_api_stop.as_ref());
        out.list("groupSet", "item", &self.groups);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceBlockDeviceMapping.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceBlockDeviceMapping {
    /// `deviceName` on the wire.
    pub device_name: Option<String>,
    /// `ebs` on the wire.
    pub ebs: Option<EbsInstanceBlockDevice>,
}

impl ToXml for InstanceBlockDeviceMapping {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("deviceName", self.device_name.as_ref());
        out.optional("ebs", self.ebs.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceBlockDeviceMappingSpecification.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceBlockDeviceMappingSpecification {
    /// `DeviceName` on the wire.
    pub device_name: Option<String>,
    /// `Ebs` on the wire.
    pub ebs: Option<EbsInstanceBlockDeviceSpecification>,
    /// `VirtualName` on the wire.
    pub virtual_name: Option<String>,
    /// `NoDevice` on the wire.
    pub no_device: Option<String>,
}

impl FromQuery for InstanceBlockDeviceMappingSpecification {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DeviceName", "Ebs", "NoDevice", "VirtualName"])?;
        Ok(Self {
            device_name: at.optional("DeviceName")?,
            ebs: at.optional("Ebs")?,
            virtual_name: at.optional("VirtualName")?,
            no_device: at.optional("NoDevice")?,
        })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceCreditSpecification.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceCreditSpecification {
    /// `instanceId` on the wire.
    pub instance_id: Option<String>,
    /// `cpuCredits` on the wire.
    pub cpu_credits: Option<String>,
}

impl ToXml for InstanceCreditSpecification {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("instanceId", self.instance_id.as_ref());
        out.optional("cpuCredits", self.cpu_credits.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceIpv4Prefix.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceIpv4Prefix {
    /// `ipv4Prefix` on the wire.
    pub ipv4_prefix: Option<String>,
}

impl ToXml for InstanceIpv4Prefix {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("ipv4Prefix", self.ipv4_prefix.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceIpv6Address.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceIpv6Address {
    /// `Ipv6Address` in requests, `ipv6Address` in responses.
    pub ipv6_address: Option<String>,
    /// `IsPrimaryIpv6` in requests, `isPrimaryIpv6` in responses.
    pub is_primary_ipv6: Option<bool>,
}

impl FromQuery for InstanceIpv6Address {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["Ipv6Address", "IsPrimaryIpv6"])?;
        Ok(Self { ipv6_address: at.optional("Ipv6Address")?, is_primary_ipv6: at.optional("IsPrimaryIpv6")? })
    }
}

impl ToXml for InstanceIpv6Address {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("ipv6Address", self.ipv6_address.as_ref());
        out.optional("isPrimaryIpv6", self.is_primary_ipv6.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceIpv6Prefix.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceIpv6Prefix {
    /// `ipv6Prefix` on the wire.
    pub ipv6_prefix: Option<String>,
}

impl ToXml for InstanceIpv6Prefix {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("ipv6Prefix", self.ipv6_prefix.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceMaintenanceOptions.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceMaintenanceOptions {
    /// `autoRecovery` on the wire.
    pub auto_recovery: Option<String>,
    /// `rebootMigration` on the wire.
    pub reboot_migration: Option<String>,
}

impl ToXml for InstanceMaintenanceOptions {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("autoRecovery", self.auto_recovery.as_ref());
        out.optional("rebootMigration", self.reboot_migration.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceMaintenanceOptionsRequest.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceMaintenanceOptionsRequest {
    /// `AutoRecovery` on the wire.
    pub auto_recovery: Option<String>,
}

impl FromQuery for InstanceMaintenanceOptionsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["AutoRecovery"])?;
        Ok(Self { auto_recovery: at.optional("AutoRecovery")? })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceMarketOptionsRequest.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceMarketOptionsRequest {
    /// `MarketType` on the wire.
    pub market_type: Option<String>,
    /// `SpotOptions` on the wire.
    pub spot_options: Option<SpotMarketOptions>,
}

impl FromQuery for InstanceMarketOptionsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["MarketType", "SpotOptions"])?;
        Ok(Self { market_type: at.optional("MarketType")?, spot_options: at.optional("SpotOptions")? })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceMetadataOptionsRequest.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceMetadataOptionsRequest {
    /// `HttpTokens` on the wire.
    pub http_tokens: Option<String>,
    /// `HttpPutResponseHopLimit` on the wire.
    pub http_put_response_hop_limit: Option<i32>,
    /// `HttpEndpoint` on the wire.
    pub http_endpoint: Option<String>,
    /// `HttpProtocolIpv6` on the wire.
    pub http_protocol_ipv6: Option<String>,
    /// `InstanceMetadataTags` on the wire.
    pub instance_metadata_tags: Option<String>,
}

impl FromQuery for InstanceMetadataOptionsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "HttpEndpoint",
            "HttpProtocolIpv6",
            "HttpPutResponseHopLimit",
            "HttpTokens",
            "InstanceMetadataTags",
        ])?;
        Ok(Self {
            http_tokens: at.optional("HttpTokens")?,
            http_put_response_hop_limit: at.optional("HttpPutResponseHopLimit")?,
            http_endpoint: at.optional("HttpEndpoint")?,
            http_protocol_ipv6: at.optional("HttpProtocolIpv6")?,
            instance_metadata_tags: at.optional("InstanceMetadataTags")?,
        })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceMetadataOptionsResponse.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceMetadataOptionsResponse {
    /// `state` on the wire.
    pub state: Option<String>,
    /// `httpTokens` on the wire.
    pub http_tokens: Option<String>,
    /// `httpPutResponseHopLimit` on the wire.
    pub http_put_response_hop_limit: Option<i32>,
    /// `httpEndpoint` on the wire.
    pub http_endpoint: Option<String>,
    /// `httpProtocolIpv6` on the wire.
    pub http_protocol_ipv6: Option<String>,
    /// `instanceMetadataTags` on the wire.
    pub instance_metadata_tags: Option<String>,
}

impl ToXml for InstanceMetadataOptionsResponse {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("state", self.state.as_ref());
        out.optional("httpTokens", self.http_tokens.as_ref());
        out.optional("httpPutResponseHopLimit", self.http_put_response_hop_limit.as_ref());
        out.optional("httpEndpoint", self.http_endpoint.as_ref());
        out.optional("httpProtocolIpv6", self.http_protocol_ipv6.as_ref());
        out.optional("instanceMetadataTags", self.instance_metadata_tags.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceMonitoring.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceMonitoring {
    /// `instanceId` on the wire.
    pub instance_id: Option<String>,
    /// `monitoring` on the wire.
    pub monitoring: Option<Monitoring>,
}

impl ToXml for InstanceMonitoring {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("instanceId", self.instance_id.as_ref());
        out.optional("monitoring", self.monitoring.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceNetworkInterface.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceNetworkInterface {
    /// `association` on the wire.
    pub association: Option<InstanceNetworkInterfaceAssociation>,
    /// `attachment` on the wire.
    pub attachment: Option<InstanceNetworkInterfaceAttachment>,
    /// `description` on the wire.
    pub description: Option<String>,
    /// `groupSet` on the wire.
    pub groups: Vec<GroupIdentifier>,
    /// `ipv6AddressesSet` on the wire.
    pub ipv6_addresses: Vec<InstanceIpv6Address>,
    /// `macAddress` on the wire.
    pub mac_address: Option<String>,
    /// `networkInterfaceId` on the wire.
    pub network_interface_id: Option<String>,
    /// `ownerId` on the wire.
    pub owner_id: Option<String>,
    /// `privateDnsName` on the wire.
    pub private_dns_name: Option<String>,
    /// `privateIpAddress` on the wire.
    pub private_ip_address: Option<String>,
    /// `privateIpAddressesSet` on the wire.
    pub private_ip_addresses: Vec<InstancePrivateIpAddress>,
    /// `sourceDestCheck` on the wire.
    pub source_dest_check: Option<bool>,
    /// `status` on the wire.
    pub status: Option<String>,
    /// `subnetId` on the wire.
    pub subnet_id: Option<String>,
    /// `vpcId` on the wire.
    pub vpc_id: Option<String>,
    /// `interfaceType` on the wire.
    pub interface_type: Option<String>,
    /// `ipv4PrefixSet` on the wire.
    pub ipv4_prefixes: Vec<InstanceIpv4Prefix>,
    /// `ipv6PrefixSet` on the wire.
    pub ipv6_prefixes: Vec<InstanceIpv6Prefix>,
    /// `connectionTrackingConfiguration` on the wire.
    pub connection_tracking_configuration: Option<ConnectionTrackingSpecificationResponse>,
    /// `operator` on the wire.
    pub operator: Option<OperatorResponse>,
}

impl ToXml for InstanceNetworkInterface {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("association", self.association.as_ref());
        out.optional("attachment", self.attachment.as_ref());
        out.optional("description", self.description.as_ref());
        out.list("groupSet", "item", &self.groups);
        out.list("ipv6AddressesSet", "item", &self.ipv6_addresses);
        out.optional("macAddress", self.mac_address.as_ref());
        out.optional("networkInterfaceId", self.network_interface_id.as_ref());
        out.optional("ownerId", self.owner_id.as_ref());
        out.optional("privateDnsName", self.private_dns_name.as_ref());
        out.optional("privateIpAddress", self.private_ip_address.as_ref());
        out.list("privateIpAddressesSet", "item", &self.private_ip_addresses);
        out.optional("sourceDestCheck", self.source_dest_check.as_ref());
        out.optional("status", self.status.as_ref());
        out.optional("subnetId", self.subnet_id.as_ref());
        out.optional("vpcId", self.vpc_id.as_ref());
        out.optional("interfaceType", self.interface_type.as_ref());
        out.list("ipv4PrefixSet", "item", &self.ipv4_prefixes);
        out.list("ipv6PrefixSet", "item", &self.ipv6_prefixes);
        out.optional("connectionTrackingConfiguration", self.connection_tracking_configuration.as_ref());
        out.optional("operator", self.operator.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceNetworkInterfaceAssociation.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceNetworkInterfaceAssociation {
    /// `carrierIp` on the wire.
    pub carrier_ip: Option<String>,
    /// `customerOwnedIp` on the wire.
    pub customer_owned_ip: Option<String>,
    /// `ipOwnerId` on the wire.
    pub ip_owner_id: Option<String>,
    /// `publicDnsName` on the wire.
    pub public_dns_name: Option<String>,
    /// `publicIp` on the wire.
    pub public_ip: Option<String>,
}

impl ToXml for InstanceNetworkInterfaceAssociation {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("carrierIp", self.carrier_ip.as_ref());
        out.optional("customerOwnedIp", self.customer_owned_ip.as_ref());
        out.optional("ipOwnerId", self.ip_owner_id.as_ref());
        out.optional("publicDnsName", self.public_dns_name.as_ref());
        out.optional("publicIp", self.public_ip.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceNetworkInterfaceAttachment.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceNetworkInterfaceAttachment {
    /// `attachTime` on the wire.
    pub attach_time: Option<Timestamp>,
    /// `attachmentId` on the wire.
    pub attachment_id: Option<String>,
    /// `deleteOnTermination` on the wire.
    pub delete_on_termination: Option<bool>,
    /// `deviceIndex` on the wire.
    pub device_index: Option<i32>,
    /// `status` on the wire.
    pub status: Option<String>,
    /// `networkCardIndex` on the wire.
    pub network_card_index: Option<i32>,
    /// `enaSrdSpecification` on the wire.
    pub ena_srd_specification: Option<InstanceAttachmentEnaSrdSpecification>,
    /// `enaQueueCount` on the wire.
    pub ena_queue_count: Option<i32>,
}

impl ToXml for InstanceNetworkInterfaceAttachment {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("attachTime", self.attach_time.as_ref());
        out.optional("attachmentId", self.attachment_id.as_ref());
        out.optional("deleteOnTermination", self.delete_on_termination.as_ref());
        out.optional("deviceIndex", self.device_index.as_ref());
        out.optional("status", self.status.as_ref());
        out.optional("networkCardIndex", self.network_card_index.as_ref());
        out.optional("enaSrdSpecification", self.ena_srd_specification.as_ref());
        out.optional("enaQueueCount", self.ena_queue_count.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceNetworkInterfaceSpecification.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceNetworkInterfaceSpecification {
    /// `AssociatePublicIpAddress` on the wire.
    pub associate_public_ip_address: Option<bool>,
    /// `DeleteOnTermination` on the wire.
    pub delete_on_termination: Option<bool>,
    /// `Description` on the wire.
    pub description: Option<String>,
    /// `DeviceIndex` on the wire.
    pub device_index: Option<i32>,
    /// `SecurityGroupId` on the wire.
    pub groups: Vec<String>,
    /// `Ipv6AddressCount` on the wire.
    pub ipv6_address_count: Option<i32>,
    /// `Ipv6Addresses` on the wire.
    pub ipv6_addresses: Vec<InstanceIpv6Address>,
    /// `NetworkInterfaceId` on the wire.
    pub network_interface_id: Option<String>,
    /// `PrivateIpAddress` on the wire.
    pub private_ip_address: Option<String>,
    /// `PrivateIpAddresses` on the wire.
    pub private_ip_addresses: Vec<PrivateIpAddressSpecification>,
    /// `SecondaryPrivateIpAddressCount` on the wire.
    pub secondary_private_ip_address_count: Option<i32>,
    /// `SubnetId` on the wire.
    pub subnet_id: Option<String>,
    /// `AssociateCarrierIpAddress` on the wire.
    pub associate_carrier_ip_address: Option<bool>,
    /// `InterfaceType` on the wire.
    pub interface_type: Option<String>,
    /// `NetworkCardIndex` on the wire.
    pub network_card_index: Option<i32>,
    /// `Ipv4Prefix` on the wire.
    pub ipv4_prefixes: Vec<Ipv4PrefixSpecificationRequest>,
    /// `Ipv4PrefixCount` on the wire.
    pub ipv4_prefix_count: Option<i32>,
    /// `Ipv6Prefix` on the wire.
    pub ipv6_prefixes: Vec<Ipv6PrefixSpecificationRequest>,
    /// `Ipv6PrefixCount` on the wire.
    pub ipv6_prefix_count: Option<i32>,
    /// `PrimaryIpv6` on the wire.
    pub primary_ipv6: Option<bool>,
    /// `EnaSrdSpecification` on the wire.
    pub ena_srd_specification: Option<EnaSrdSpecificationRequest>,
    /// `ConnectionTrackingSpecification` on the wire.
    pub connection_tracking_specification: Option<ConnectionTrackingSpecificationRequest>,
    /// `EnaQueueCount` on the wire.
    pub ena_queue_count: Option<i32>,
}

impl FromQuery for InstanceNetworkInterfaceSpecification {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "AssociateCarrierIpAddress",
            "AssociatePublicIpAddress",
            "ConnectionTrackingSpecification",
            "DeleteOnTermination",
            "Description",
            "DeviceIndex",
            "EnaQueueCount",
            "EnaSrdSpecification",
            "InterfaceType",
            "Ipv4Prefix",
            "Ipv4PrefixCount",
            "Ipv6AddressCount",
            "Ipv6Addresses",
            "Ipv6Prefix",
            "Ipv6PrefixCount",
            "NetworkCardIndex",
            "NetworkInterfaceId",
            "PrimaryIpv6",
            "PrivateIpAddress",
            "PrivateIpAddresses",
            "SecondaryPrivateIpAddressCount",
            "SecurityGroupId",
            "SubnetId",
        ])?;
        Ok(Self {
            associate_public_ip_address: at.optional("AssociatePublicIpAddress")?,
            delete_on_termination: at.optional("DeleteOnTermination")?,
            description: at.optional("Description")?,
            device_index: at.optional("DeviceIndex")?,
            groups: at.list("SecurityGroupId")?,
            ipv6_address_count: at.optional("Ipv6AddressCount")?,
            ipv6_addresses: at.list("Ipv6Addresses")?,
            network_interface_id: at.optional("NetworkInterfaceId")?,
            private_ip_address: at.optional("PrivateIpAddress")?,
            private_ip_addresses: at.list("PrivateIpAddresses")?,
            secondary_private_ip_address_count: at.optional("SecondaryPrivateIpAddressCount")?,
            subnet_id: at.optional("SubnetId")?,
            associate_carrier_ip_address: at.optional("AssociateCarrierIpAddress")?,
            interface_type: at.optional("InterfaceType")?,
            network_card_index: at.optional("NetworkCardIndex")?,
            ipv4_prefixes: at.list("Ipv4Prefix")?,
            ipv4_prefix_count: at.optional("Ipv4PrefixCount")?,
            ipv6_prefixes: at.list("Ipv6Prefix")?,
            ipv6_prefix_count: at.optional("Ipv6PrefixCount")?,
            primary_ipv6: at.optional("PrimaryIpv6")?,
            ena_srd_specification: at.optional("EnaSrdSpecification")?,
            connection_tracking_specification: at.optional("ConnectionTrackingSpecification")?,
            ena_queue_count: at.optional("EnaQueueCount")?,
        })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceNetworkPerformanceOptions.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceNetworkPerformanceOptions {
    /// `bandwidthWeighting` on the wire.
    pub bandwidth_weighting: Option<String>,
}

impl ToXml for InstanceNetworkPerformanceOptions {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("bandwidthWeighting", self.bandwidth_weighting.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceNetworkPerformanceOptionsRequest.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceNetworkPerformanceOptionsRequest {
    /// `BandwidthWeighting` on the wire.
    pub bandwidth_weighting: Option<String>,
}

impl FromQuery for InstanceNetworkPerformanceOptionsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["BandwidthWeighting"])?;
        Ok(Self { bandwidth_weighting: at.optional("BandwidthWeighting")? })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstancePrivateIpAddress.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstancePrivateIpAddress {
    /// `association` on the wire.
    pub association: Option<InstanceNetworkInterfaceAssociation>,
    /// `primary` on the wire.
    pub primary: Option<bool>,
    /// `privateDnsName` on the wire.
    pub private_dns_name: Option<String>,
    /// `privateIpAddress` on the wire.
    pub private_ip_address: Option<String>,
}

impl ToXml for InstancePrivateIpAddress {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("association", self.association.as_ref());
        out.optional("primary", self.primary.as_ref());
        out.optional("privateDnsName", self.private_dns_name.as_ref());
        out.optional("privateIpAddress", self.private_ip_address.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceSecondaryInterface.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceSecondaryInterface {
    /// `attachment` on the wire.
    pub attachment: Option<InstanceSecondaryInterfaceAttachment>,
    /// `macAddress` on the wire.
    pub mac_address: Option<String>,
    /// `secondaryInterfaceId` on the wire.
    pub secondary_interface_id: Option<String>,
    /// `ownerId` on the wire.
    pub owner_id: Option<String>,
    /// `privateIpAddressSet` on the wire.
    pub private_ip_addresses: Vec<InstanceSecondaryInterfacePrivateIpAddress>,
    /// `sourceDestCheck` on the wire.
    pub source_dest_check: Option<bool>,
    /// `status` on the wire.
    pub status: Option<String>,
    /// `secondarySubnetId` on the wire.
    pub secondary_subnet_id: Option<String>,
    /// `secondaryNetworkId` on the wire.
    pub secondary_network_id: Option<String>,
    /// `interfaceType` on the wire.
    pub interface_type: Option<String>,
}

impl ToXml for InstanceSecondaryInterface {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("attachment", self.attachment.as_ref());
        out.optional("macAddress", self.mac_address.as_ref());
        out.optional("secondaryInterfaceId", self.secondary_interface_id.as_ref());
        out.optional("ownerId", self.owner_id.as_ref());
        out.list("privateIpAddressSet", "item", &self.private_ip_addresses);
        out.optional("sourceDestCheck", self.source_dest_check.as_ref());
        out.optional("status", self.status.as_ref());
        out.optional("secondarySubnetId", self.secondary_subnet_id.as_ref());
        out.optional("secondaryNetworkId", self.secondary_network_id.as_ref());
        out.optional("interfaceType", self.interface_type.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceSecondaryInterfaceAttachment.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceSecondaryInterfaceAttachment {
    /// `attachTime` on the wire.
    pub attach_time: Option<Timestamp>,
    /// `attachmentId` on the wire.
    pub attachment_id: Option<String>,
    /// `deleteOnTermination` on the wire.
    pub delete_on_termination: Option<bool>,
    /// `deviceIndex` on the wire.
    pub device_index: Option<i32>,
    /// `status` on the wire.
    pub status: Option<String>,
    /// `networkCardIndex` on the wire.
    pub network_card_index: Option<i32>,
}

impl ToXml for InstanceSecondaryInterfaceAttachment {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("attachTime", self.attach_time.as_ref());
        out.optional("attachmentId", self.attachment_id.as_ref());
        out.optional("deleteOnTermination", self.delete_on_termination.as_ref());
        out.optional("deviceIndex", self.device_index.as_ref());
        out.optional("status", self.status.as_ref());
        out.optional("networkCardIndex", self.network_card_index.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceSecondaryInterfacePrivateIpAddress.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceSecondaryInterfacePrivateIpAddress {
    /// `privateIpAddress` on the wire.
    pub private_ip_address: Option<String>,
}

impl ToXml for InstanceSecondaryInterfacePrivateIpAddress {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("privateIpAddress", self.private_ip_address.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceSecondaryInterfacePrivateIpAddressRequest.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceSecondaryInterfacePrivateIpAddressRequest {
    /// `PrivateIpAddress` on the wire.
    pub private_ip_address: Option<String>,
}

impl FromQuery for InstanceSecondaryInterfacePrivateIpAddressRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["PrivateIpAddress"])?;
        Ok(Self { private_ip_address: at.required("PrivateIpAddress")? })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceSecondaryInterfaceSpecificationRequest.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceSecondaryInterfaceSpecificationRequest {
    /// `DeleteOnTermination` on the wire.
    pub delete_on_termination: Option<bool>,
    /// `DeviceIndex` on the wire.
    pub device_index: Option<i32>,
    /// `PrivateIpAddress` on the wire.
    pub private_ip_addresses: Vec<InstanceSecondaryInterfacePrivateIpAddressRequest>,
    /// `PrivateIpAddressCount` on the wire.
    pub private_ip_address_count: Option<i32>,
    /// `SecondarySubnetId` on the wire.
    pub secondary_subnet_id: Option<String>,
    /// `InterfaceType` on the wire.
    pub interface_type: Option<String>,
    /// `NetworkCardIndex` on the wire.
    pub network_card_index: Option<i32>,
}

impl FromQuery for InstanceSecondaryInterfaceSpecificationRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "DeleteOnTermination",
            "DeviceIndex",
            "InterfaceType",
            "NetworkCardIndex",
            "PrivateIpAddress",
            "PrivateIpAddressCount",
            "SecondarySubnetId",
        ])?;
        Ok(Self {
            delete_on_termination: at.optional("DeleteOnTermination")?,
            device_index: at.optional("DeviceIndex")?,
            private_ip_addresses: at.list("PrivateIpAddress")?,
            private_ip_address_count: at.optional("PrivateIpAddressCount")?,
            secondary_subnet_id: at.optional("SecondarySubnetId")?,
            interface_type: at.optional("InterfaceType")?,
            network_card_index: at.optional("NetworkCardIndex")?,
        })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceState.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceState {
    /// `code` on the wire.
    pub code: Option<i32>,
    /// `name` on the wire.
    pub name: Option<String>,
}

impl ToXml for InstanceState {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("code", self.code.as_ref());
        out.optional("name", self.name.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceStateChange.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceStateChange {
    /// `instanceId` on the wire.
    pub instance_id: Option<String>,
    /// `currentState` on the wire.
    pub current_state: Option<InstanceState>,
    /// `previousState` on the wire.
    pub previous_state: Option<InstanceState>,
}

impl ToXml for InstanceStateChange {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("instanceId", self.instance_id.as_ref());
        out.optional("currentState", self.current_state.as_ref());
        out.optional("previousState", self.previous_state.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceStatus.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceStatus {
    /// `availabilityZone` on the wire.
    pub availability_zone: Option<String>,
    /// `availabilityZoneId` on the wire.
    pub availability_zone_id: Option<String>,
    /// `outpostArn` on the wire.
    pub outpost_arn: Option<String>,
    /// `operator` on the wire.
    pub operator: Option<OperatorResponse>,
    /// `eventsSet` on the wire.
    pub events: Vec<InstanceStatusEvent>,
    /// `instanceId` on the wire.
    pub instance_id: Option<String>,
    /// `instanceState` on the wire.
    pub instance_state: Option<InstanceState>,
    /// `instanceStatus` on the wire.
    pub instance_status: Option<InstanceStatusSummary>,
    /// `systemStatus` on the wire.
    pub system_status: Option<InstanceStatusSummary>,
    /// `attachedEbsStatus` on the wire.
    pub attached_ebs_status: Option<EbsStatusSummary>,
}

impl ToXml for InstanceStatus {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("availabilityZone", self.availability_zone.as_ref());
        out.optional("availabilityZoneId", self.availability_zone_id.as_ref());
        out.optional("outpostArn", self.outpost_arn.as_ref());
        out.optional("operator", self.operator.as_ref());
        out.list("eventsSet", "item", &self.events);
        out.optional("instanceId", self.instance_id.as_ref());
        out.optional("instanceState", self.instance_state.as_ref());
        out.optional("instanceStatus", self.instance_status.as_ref());
        out.optional("systemStatus", self.system_status.as_ref());
        out.optional("attachedEbsStatus", self.attached_ebs_status.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceStatusDetails.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceStatusDetails {
    /// `impairedSince` on the wire.
    pub impaired_since: Option<Timestamp>,
    /// `name` on the wire.
    pub name: Option<String>,
    /// `status` on the wire.
    pub status: Option<String>,
}

impl ToXml for InstanceStatusDetails {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("impairedSince", self.impaired_since.as_ref());
        out.optional("name", self.name.as_ref());
        out.optional("status", self.status.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceStatusEvent.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceStatusEvent {
    /// `instanceEventId` on the wire.
    pub instance_event_id: Option<String>,
    /// `code` on the wire.
    pub code: Option<String>,
    /// `description` on the wire.
    pub description: Option<String>,
    /// `notAfter` on the wire.
    pub not_after: Option<Timestamp>,
    /// `notBefore` on the wire.
    pub not_before: Option<Timestamp>,
    /// `notBeforeDeadline` on the wire.
    pub not_before_deadline: Option<Timestamp>,
}

impl ToXml for InstanceStatusEvent {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("instanceEventId", self.instance_event_id.as_ref());
        out.optional("code", self.code.as_ref());
        out.optional("description", self.description.as_ref());
        out.optional("notAfter", self.not_after.as_ref());
        out.optional("notBefore", self.not_before.as_ref());
        out.optional("notBeforeDeadline", self.not_before_deadline.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceStatusSummary.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceStatusSummary {
    /// `details` on the wire.
    pub details: Vec<InstanceStatusDetails>,
    /// `status` on the wire.
    pub status: Option<String>,
}

impl ToXml for InstanceStatusSummary {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("details", "item", &self.details);
        out.optional("status", self.status.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceStorageInfo.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceStorageInfo {
    /// `totalSizeInGB` on the wire.
    pub total_size_in_gb: Option<i64>,
    /// `disks` on the wire.
    pub disks: Vec<DiskInfo>,
    /// `nvmeSupport` on the wire.
    pub nvme_support: Option<String>,
    /// `encryptionSupport` on the wire.
    pub encryption_support: Option<String>,
}

impl ToXml for InstanceStorageInfo {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("totalSizeInGB", self.total_size_in_gb.as_ref());
        out.list("disks", "item", &self.disks);
        out.optional("nvmeSupport", self.nvme_support.as_ref());
        out.optional("encryptionSupport", self.encryption_support.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceTypeInfo.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceTypeInfo {
    /// `instanceType` on the wire.
    pub instance_type: Option<String>,
    /// `currentGeneration` on the wire.
    pub current_generation: Option<bool>,
    /// `freeTierEligible` on the wire.
    pub free_tier_eligible: Option<bool>,
    /// `supportedUsageClasses` on the wire.
    pub supported_usage_classes: Vec<String>,
    /// `supportedRootDeviceTypes` on the wire.
    pub supported_root_device_types: Vec<String>,
    /// `supportedVirtualizationTypes` on the wire.
    pub supported_virtualization_types: Vec<String>,
    /// `bareMetal` on the wire.
    pub bare_metal: Option<bool>,
    /// `hypervisor` on the wire.
    pub hypervisor: Option<String>,
    /// `processorInfo` on the wire.
    pub processor_info: Option<ProcessorInfo>,
    /// `vCpuInfo` on the wire.
    pub v_cpu_info: Option<VCpuInfo>,
    /// `memoryInfo` on the wire.
    pub memory_info: Option<MemoryInfo>,
    /// `instanceStorageSupported` on the wire.
    pub instance_storage_supported: Option<bool>,
    /// `instanceStorageInfo` on the wire.
    pub instance_storage_info: Option<InstanceStorageInfo>,
    /// `ebsInfo` on the wire.
    pub ebs_info: Option<EbsInfo>,
    /// `networkInfo` on the wire.
    pub network_info: Option<NetworkInfo>,
    /// `gpuInfo` on the wire.
    pub gpu_info: Option<GpuInfo>,
    /// `fpgaInfo` on the wire.
    pub fpga_info: Option<FpgaInfo>,
    /// `placementGroupInfo` on the wire.
    pub placement_group_info: Option<PlacementGroupInfo>,
    /// `inferenceAcceleratorInfo` on the wire.
    pub inference_accelerator_info: Option<InferenceAcceleratorInfo>,
    /// `hibernationSupported` on the wire.
    pub hibernation_supported: Option<bool>,
    /// `burstablePerformanceSupported` on the wire.
    pub burstable_performance_supported: Option<bool>,
    /// `dedicatedHostsSupported` on the wire.
    pub dedicated_hosts_supported: Option<bool>,
    /// `autoRecoverySupported` on the wire.
    pub auto_recovery_supported: Option<bool>,
    /// `supportedBootModes` on the wire.
    pub supported_boot_modes: Vec<String>,
    /// `nitroEnclavesSupport` on the wire.
    pub nitro_enclaves_support: Option<String>,
    /// `nitroTpmSupport` on the wire.
    pub nitro_tpm_support: Option<String>,
    /// `nitroTpmInfo` on the wire.
    pub nitro_tpm_info: Option<NitroTpmInfo>,
    /// `mediaAcceleratorInfo` on the wire.
    pub media_accelerator_info: Option<MediaAcceleratorInfo>,
    /// `neuronInfo` on the wire.
    pub neuron_info: Option<NeuronInfo>,
    /// `phcSupport` on the wire.
    pub phc_support: Option<String>,
    /// `rebootMigrationSupport` on the wire.
    pub reboot_migration_support: Option<String>,
    /// `supportedInRegion` on the wire.
    pub supported_in_region: Option<bool>,
}

impl ToXml for InstanceTypeInfo {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("instanceType", self.instance_type.as_ref());
        out.optional("currentGeneration", self.current_generation.as_ref());
        out.optional("freeTierEligible", self.free_tier_eligible.as_ref());
        out.list("supportedUsageClasses", "item", &self.supported_usage_classes);
        out.list("supportedRootDeviceTypes", "item", &self.supported_root_device_types);
        out.list("supportedVirtualizationTypes", "item", &self.supported_virtualization_types);
        out.optional("bareMetal", self.bare_metal.as_ref());
        out.optional("hypervisor", self.hypervisor.as_ref());
        out.optional("processorInfo", self.processor_info.as_ref());
        out.optional("vCpuInfo", self.v_cpu_info.as_ref());
        out.optional("memoryInfo", self.memory_info.as_ref());
        out.optional("instanceStorageSupported", self.instance_storage_supported.as_ref());
        out.optional("instanceStorageInfo", self.instance_storage_info.as_ref());
        out.optional("ebsInfo", self.ebs_info.as_ref());
        out.optional("networkInfo", self.network_info.as_ref());
        out.optional("gpuInfo", self.gpu_info.as_ref());
        out.optional("fpgaInfo", self.fpga_info.as_ref());
        out.optional("placementGroupInfo", self.placement_group_info.as_ref());
        out.optional("inferenceAcceleratorInfo", self.inference_accelerator_info.as_ref());
        out.optional("hibernationSupported", self.hibernation_supported.as_ref());
        out.optional("burstablePerformanceSupported", self.burstable_performance_supported.as_ref());
        out.optional("dedicatedHostsSupported", self.dedicated_hosts_supported.as_ref());
        out.optional("autoRecoverySupported", self.auto_recovery_supported.as_ref());
        out.list("supportedBootModes", "item", &self.supported_boot_modes);
        out.optional("nitroEnclavesSupport", self.nitro_enclaves_support.as_ref());
        out.optional("nitroTpmSupport", self.nitro_tpm_support.as_ref());
        out.optional("nitroTpmInfo", self.nitro_tpm_info.as_ref());
        out.optional("mediaAcceleratorInfo", self.media_accelerator_info.as_ref());
        out.optional("neuronInfo", self.neuron_info.as_ref());
        out.optional("phcSupport", self.phc_support.as_ref());
        out.optional("rebootMigrationSupport", self.reboot_migration_support.as_ref());
        out.optional("supportedInRegion", self.supported_in_region.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceTypeOffering.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InstanceTypeOffering {
    /// `instanceType` on the wire.
    pub instance_type: Option<String>,
    /// `locationType` on the wire.
    pub location_type: Option<String>,
    /// `location` on the wire.
    pub location: Option<String>,
}

impl ToXml for InstanceTypeOffering {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("instanceType", self.instance_type.as_ref());
        out.optional("locationType", self.location_type.as_ref());
        out.optional("location", self.location.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InternetGateway.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InternetGateway {
    /// `attachmentSet` on the wire.
    pub attachments: Vec<InternetGatewayAttachment>,
    /// `internetGatewayId` on the wire.
    pub internet_gateway_id: Option<String>,
    /// `ownerId` on the wire.
    pub owner_id: Option<String>,
    /// `tagSet` on the wire.
    pub tags: Vec<Tag>,
}

impl ToXml for InternetGateway {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("attachmentSet", "item", &self.attachments);
        out.optional("internetGatewayId", self.internet_gateway_id.as_ref());
        out.optional("ownerId", self.owner_id.as_ref());
        out.list("tagSet", "item", &self.tags);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InternetGatewayAttachment.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InternetGatewayAttachment {
    /// `state` on the wire.
    pub state: Option<String>,
    /// `vpcId` on the wire.
    pub vpc_id: Option<String>,
}

impl ToXml for InternetGatewayAttachment {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("state", self.state.as_ref());
        out.optional("vpcId", self.vpc_id.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct IpPermission {
    /// `IpProtocol` in requests, `ipProtocol` in responses.
    pub ip_protocol: Option<String>,
    /// `FromPort` in requests, `fromPort` in responses.
    pub from_port: Option<i32>,
    /// `ToPort` in requests, `toPort` in responses.
    pub to_port: Option<i32>,
    /// `Groups` in requests, `groups` in responses.
    pub user_id_group_pairs: Vec<UserIdGroupPair>,
    /// `IpRanges` in requests, `ipRanges` in responses.
    pub ip_ranges: Vec<IpRange>,
    /// `Ipv6Ranges` in requests, `ipv6Ranges` in responses.
    pub ipv6_ranges: Vec<Ipv6Range>,
    /// `PrefixListIds` in requests, `prefixListIds` in responses.
    pub prefix_list_ids: Vec<PrefixListId>,
}

impl FromQuery for IpPermission {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["FromPort", "Groups", "IpProtocol", "IpRanges", "Ipv6Ranges", "PrefixListIds", "ToPort"])?;
        Ok(Self {
            ip_protocol: at.optional("IpProtocol")?,
            from_port: at.optional("FromPort")?,
            to_port: at.optional("ToPort")?,
            user_id_group_pairs: at.list("Groups")?,
            ip_ranges: at.list("IpRanges")?,
            ipv6_ranges: at.list("Ipv6Ranges")?,
            prefix_list_ids: at.list("PrefixListIds")?,
        })
    }
}

impl ToXml for IpPermission {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("ipProtocol", self.ip_protocol.as_ref());
        out.optional("fromPort", self.from_port.as_ref());
        out.optional("toPort", self.to_port.as_ref());
        out.list("groups", "item", &self.user_id_group_pairs);
        out.list("ipRanges", "item", &self.ip_ranges);
        out.list("ipv6Ranges", "item", &self.ipv6_ranges);
        out.list("prefixListIds", "item", &self.prefix_list_ids);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct IpRange {
    /// `Description` in requests, `description` in responses.
    pub description: Option<String>,
    /// `CidrIp` in requests, `cidrIp` in responses.
    pub cidr_ip: Option<String>,
}

impl FromQuery for IpRange {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["CidrIp", "Description"])?;
        Ok(Self { description: at.optional("Description")?, cidr_ip: at.optional("CidrIp")? })
    }
}

impl ToXml for IpRange {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("description", self.description.as_ref());
        out.optional("cidrIp", self.cidr_ip.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Ipv4PrefixSpecification.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ipv4PrefixSpecification {
    /// `ipv4Prefix` on the wire.
    pub ipv4_prefix: Option<String>,
}

impl ToXml for Ipv4PrefixSpecification {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("ipv4Prefix", self.ipv4_prefix.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Ipv4PrefixSpecificationRequest.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ipv4PrefixSpecificationRequest {
    /// `Ipv4Prefix` on the wire.
    pub ipv4_prefix: Option<String>,
}

impl FromQuery for Ipv4PrefixSpecificationRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["Ipv4Prefix"])?;
        Ok(Self { ipv4_prefix: at.optional("Ipv4Prefix")? })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Ipv6CidrBlock.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ipv6CidrBlock {
    /// `ipv6CidrBlock` on the wire.
    pub ipv6_cidr_block: Option<String>,
}

impl ToXml for Ipv6CidrBlock {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("ipv6CidrBlock", self.ipv6_cidr_block.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Ipv6PrefixSpecification.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ipv6PrefixSpecification {
    /// `ipv6Prefix` on the wire.
    pub ipv6_prefix: Option<String>,
}

impl ToXml for Ipv6PrefixSpecification {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("ipv6Prefix", self.ipv6_prefix.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Ipv6PrefixSpecificationRequest.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ipv6PrefixSpecificationRequest {
    /// `Ipv6Prefix` on the wire.
    pub ipv6_prefix: Option<String>,
}

impl FromQuery for Ipv6PrefixSpecificationRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["Ipv6Prefix"])?;
        Ok(Self { ipv6_prefix: at.optional("Ipv6Prefix")? })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Ipv6Range.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Ipv6Range {
    /// `Description` in requests, `description` in responses.
    pub description: Option<String>,
    /// `CidrIpv6` in requests, `cidrIpv6` in responses.
    pub cidr_ipv6: Option<String>,
}

impl FromQuery for Ipv6Range {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["CidrIpv6", "Description"])?;
        Ok(Self { description: at.optional("Description")?, cidr_ipv6: at.optional("CidrIpv6")? })
    }
}

impl ToXml for Ipv6Range {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("description", self.description.as_ref());
        out.optional("cidrIpv6", self.cidr_ipv6.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_KeyPair.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct KeyPair {
    /// `keyPairId` on the wire.
    pub key_pair_id: Option<String>,
    /// `tagSet` on the wire.
    pub tags: Vec<Tag>,
    /// `keyName` on the wire.
    pub key_name: Option<String>,
    /// `keyFingerprint` on the wire.
    pub key_fingerprint: Option<String>,
    /// `keyMaterial` on the wire.
    pub key_material: Option<String>,
}

impl ToXml for KeyPair {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("keyPairId", self.key_pair_id.as_ref());
        out.list("tagSet", "item", &self.tags);
        out.optional("keyName", self.key_name.as_ref());
        out.optional("keyFingerprint", self.key_fingerprint.as_ref());
        out.optional("keyMaterial", self.key_material.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_KeyPairInfo.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct KeyPairInfo {
    /// `keyPairId` on the wire.
    pub key_pair_id: Option<String>,
    /// `keyType` on the wire.
    pub key_type: Option<String>,
    /// `tagSet` on the wire.
    pub tags: Vec<Tag>,
    /// `publicKey` on the wire.
    pub public_key: Option<String>,
    /// `createTime` on the wire.
    pub create_time: Option<Timestamp>,
    /// `keyName` on the wire.
    pub key_name: Option<String>,
    /// `keyFingerprint` on the wire.
    pub key_fingerprint: Option<String>,
}

impl ToXml for KeyPairInfo {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("keyPairId", self.key_pair_id.as_ref());
        out.optional("keyType", self.key_type.as_ref());
        out.list("tagSet", "item", &self.tags);
        out.optional("publicKey", self.public_key.as_ref());
        out.optional("createTime", self.create_time.as_ref());
        out.optional("keyName", self.key_name.as_ref());
        out.optional("keyFingerprint", self.key_fingerprint.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LastError.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LastError {
    /// `message` on the wire.
    pub message: Option<String>,
    /// `code` on the wire.
    pub code: Option<String>,
}

impl ToXml for LastError {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("message", self.message.as_ref());
        out.optional("code", self.code.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LaunchTemplateSpecification.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LaunchTemplateSpecification {
    /// `LaunchTemplateId` on the wire.
    pub launch_template_id: Option<String>,
    /// `LaunchTemplateName` on the wire.
    pub launch_template_name: Option<String>,
    /// `Version` on the wire.
    pub version: Option<String>,
}

impl FromQuery for LaunchTemplateSpecification {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["LaunchTemplateId", "LaunchTemplateName", "Version"])?;
        Ok(Self {
            launch_template_id: at.optional("LaunchTemplateId")?,
            launch_template_name: at.optional("LaunchTemplateName")?,
            version: at.optional("Version")?,
        })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LicenseConfiguration.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LicenseConfiguration {
    /// `licenseConfigurationArn` on the wire.
    pub license_configuration_arn: Option<String>,
}

impl ToXml for LicenseConfiguration {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("licenseConfigurationArn", self.license_configuration_arn.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LicenseConfigurationRequest.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LicenseConfigurationRequest {
    /// `LicenseConfigurationArn` on the wire.
    pub license_configuration_arn: Option<String>,
}

impl FromQuery for LicenseConfigurationRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["LicenseConfigurationArn"])?;
        Ok(Self { license_configuration_arn: at.optional("LicenseConfigurationArn")? })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ManagedPrefixList.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ManagedPrefixList {
    /// `prefixListId` on the wire.
    pub prefix_list_id: Option<String>,
    /// `addressFamily` on the wire.
    pub address_family: Option<String>,
    /// `state` on the wire.
    pub state: Option<String>,
    /// `stateMessage` on the wire.
    pub state_message: Option<String>,
    /// `prefixListArn` on the wire.
    pub prefix_list_arn: Option<String>,
    /// `prefixListName` on the wire.
    pub prefix_list_name: Option<String>,
    /// `maxEntries` on the wire.
    pub max_entries: Option<i32>,
    /// `version` on the wire.
    pub version: Option<i64>,
    /// `tagSet` on the wire.
    pub tags: Vec<Tag>,
    /// `ownerId` on the wire.
    pub owner_id: Option<String>,
    /// `ipamPrefixListResolverTargetId` on the wire.
    pub ipam_prefix_list_resolver_target_id: Option<String>,
    /// `ipamPrefixListResolverSyncEnabled` on the wire.
    pub ipam_prefix_list_resolver_sync_enabled: Option<bool>,
}

impl ToXml for ManagedPrefixList {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("prefixListId", self.prefix_list_id.as_ref());
        out.optional("addressFamily", self.address_family.as_ref());
        out.optional("state", self.state.as_ref());
        out.optional("stateMessage", self.state_message.as_ref());
        out.optional("prefixListArn", self.prefix_list_arn.as_ref());
        out.optional("prefixListName", self.prefix_list_name.as_ref());
        out.optional("maxEntries", self.max_entries.as_ref());
        out.optional("version", self.version.as_ref());
        out.list("tagSet", "item", &self.tags);
        out.optional("ownerId", self.owner_id.as_ref());
        out.optional("ipamPrefixListResolverTargetId", self.ipam_prefix_list_resolver_target_id.as_ref());
        out.optional("ipamPrefixListResolverSyncEnabled", self.ipam_prefix_list_resolver_sync_enabled.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_MediaAcceleratorInfo.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MediaAcceleratorInfo {
    /// `accelerators` on the wire.
    pub accelerators: Vec<MediaDeviceInfo>,
    /// `totalMediaMemoryInMiB` on the wire.
    pub total_media_memory_in_mi_b: Option<i32>,
}

impl ToXml for MediaAcceleratorInfo {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("accelerators", "item", &self.accelerators);
        out.optional("totalMediaMemoryInMiB", self.total_media_memory_in_mi_b.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_MediaDeviceInfo.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MediaDeviceInfo {
    /// `count` on the wire.
    pub count: Option<i32>,
    /// `name` on the wire.
    pub name: Option<String>,
    /// `manufacturer` on the wire.
    pub manufacturer: Option<String>,
    /// `memoryInfo` on the wire.
    pub memory_info: Option<MediaDeviceMemoryInfo>,
}

impl ToXml for MediaDeviceInfo {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("count", self.count.as_ref());
        out.optional("name", self.name.as_ref());
        out.optional("manufacturer", self.manufacturer.as_ref());
        out.optional("memoryInfo", self.memory_info.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_MediaDeviceMemoryInfo.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MediaDeviceMemoryInfo {
    /// `sizeInMiB` on the wire.
    pub size_in_mi_b: Option<i32>,
}

impl ToXml for MediaDeviceMemoryInfo {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("sizeInMiB", self.size_in_mi_b.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_MemoryInfo.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MemoryInfo {
    /// `sizeInMiB` on the wire.
    pub size_in_mi_b: Option<i64>,
}

impl ToXml for MemoryInfo {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("sizeInMiB", self.size_in_mi_b.as_ref());
    }
}

/// `ModifyAddressAttribute` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyAddressAttribute.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModifyAddressAttributeRequest {
    /// `AllocationId` on the wire.
    pub allocation_id: Option<String>,
    /// `DomainName` on the wire.
    pub domain_name: Option<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for ModifyAddressAttributeRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["AllocationId", "DomainName", "DryRun"])?;
        Ok(Self {
            allocation_id: at.required("AllocationId")?,
            domain_name: at.optional("DomainName")?,
            dry_run: at.optional("DryRun")?,
        })
    }
}

/// `ModifyAddressAttribute` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyAddressAttribute.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModifyAddressAttributeResult {
    /// `address` on the wire.
    pub address: Option<AddressAttribute>,
}

impl ToXml for ModifyAddressAttributeResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("address", self.address.as_ref());
    }
}

/// `ModifyInstanceAttribute` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceAttribute.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModifyInstanceAttributeRequest {
    /// `SourceDestCheck` on the wire.
    pub source_dest_check: Option<AttributeBooleanValue>,
    /// `DisableApiStop` on the wire.
    pub disable_api_stop: Option<AttributeBooleanValue>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `InstanceId` on the wire.
    pub instance_id: Option<String>,
    /// `Attribute` on the wire.
    pub attribute: Option<String>,
    /// `Value` on the wire.
    pub value: Option<String>,
    /// `BlockDeviceMapping` on the wire.
    pub block_device_mappings: Vec<InstanceBlockDeviceMappingSpecification>,
    /// `DisableApiTermination` on the wire.
    pub disable_api_termination: Option<AttributeBooleanValue>,
    /// `InstanceType` on the wire.
    pub instance_type: Option<AttributeValue>,
    /// `Kernel` on the wire.
    pub kernel: Option<AttributeValue>,
    /// `Ramdisk` on the wire.
    pub ramdisk: Option<AttributeValue>,
    /// `UserData` on the wire.
    pub user_data: Option<BlobAttributeValue>,
    /// `InstanceInitiatedShutdownBehavior` on the wire.
    pub instance_initiated_shutdown_behavior: Option<AttributeValue>,
    /// `GroupId` on the wire.
    pub groups: Vec<String>,
    /// `EbsOptimized` on the wire.
    pub ebs_optimized: Option<AttributeBooleanValue>,
    /// `SriovNetSupport` on the wire.
    pub sriov_net_support: Option<AttributeValue>,
    /// `EnaSupport` on the wire.
    pub ena_support: Option<AttributeBooleanValue>,
}

impl FromQuery for ModifyInstanceAttributeRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "Attribute",
            "BlockDeviceMapping",
            "DisableApiStop",
            "DisableApiTermination",
            "DryRun",
            "EbsOptimized",
            "EnaSupport",
            "GroupId",
            "InstanceId",
            "InstanceInitiatedShutdownBehavior",
            "InstanceType",
            "Kernel",
            "Ramdisk",
            "SourceDestCheck",
            "SriovNetSupport",
            "UserData",
            "Value",
        ])?;
        Ok(Self {
            source_dest_check: at.optional("SourceDestCheck")?,
            disable_api_stop: at.optional("DisableApiStop")?,
            dry_run: at.optional("DryRun")?,
            instance_id: at.required("InstanceId")?,
            attribute: at.optional("Attribute")?,
            value: at.optional("Value")?,
            block_device_mappings: at.list("BlockDeviceMapping")?,
            disable_api_termination: at.optional("DisableApiTermination")?,
            instance_type: at.optional("InstanceType")?,
            kernel: at.optional("Kernel")?,
            ramdisk: at.optional("Ramdisk")?,
            user_data: at.optional("UserData")?,
            instance_initiated_shutdown_behavior: at.optional("InstanceInitiatedShutdownBehavior")?,
            groups: at.list("GroupId")?,
            ebs_optimized: at.optional("EbsOptimized")?,
            sriov_net_support: at.optional("SriovNetSupport")?,
            ena_support: at.optional("EnaSupport")?,
        })
    }
}

/// `ModifyInstanceMetadataOptions` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceMetadataOptions.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModifyInstanceMetadataOptionsRequest {
    /// `InstanceId` on the wire.
    pub instance_id: Option<String>,
    /// `HttpTokens` on the wire.
    pub http_tokens: Option<String>,
    /// `HttpPutResponseHopLimit` on the wire.
    pub http_put_response_hop_limit: Option<i32>,
    /// `HttpEndpoint` on the wire.
    pub http_endpoint: Option<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `HttpProtocolIpv6` on the wire.
    pub http_protocol_ipv6: Option<String>,
    /// `InstanceMetadataTags` on the wire.
    pub instance_metadata_tags: Option<String>,
}

impl FromQuery for ModifyInstanceMetadataOptionsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "DryRun",
            "HttpEndpoint",
            "HttpProtocolIpv6",
            "HttpPutResponseHopLimit",
            "HttpTokens",
            "InstanceId",
            "InstanceMetadataTags",
        ])?;
        Ok(Self {
            instance_id: at.required("InstanceId")?,
            http_tokens: at.optional("HttpTokens")?,
            http_put_response_hop_limit: at.optional("HttpPutResponseHopLimit")?,
            http_endpoint: at.optional("HttpEndpoint")?,
            dry_run: at.optional("DryRun")?,
            http_protocol_ipv6: at.optional("HttpProtocolIpv6")?,
            instance_metadata_tags: at.optional("InstanceMetadataTags")?,
        })
    }
}

/// `ModifyInstanceMetadataOptions` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyInstanceMetadataOptions.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModifyInstanceMetadataOptionsResult {
    /// `instanceId` on the wire.
    pub instance_id: Option<String>,
    /// `instanceMetadataOptions` on the wire.
    pub instance_metadata_options: Option<InstanceMetadataOptionsResponse>,
}

impl ToXml for ModifyInstanceMetadataOptionsResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("instanceId", self.instance_id.as_ref());
        out.optional("instanceMetadataOptions", self.instance_metadata_options.as_ref());
    }
}

/// `ModifyManagedPrefixList` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyManagedPrefixList.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModifyManagedPrefixListRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `PrefixListId` on the wire.
    pub prefix_list_id: Option<String>,
    /// `CurrentVersion` on the wire.
    pub current_version: Option<i64>,
    /// `PrefixListName` on the wire.
    pub prefix_list_name: Option<String>,
    /// `AddEntry` on the wire.
    pub add_entries: Vec<AddPrefixListEntry>,
    /// `RemoveEntry` on the wire.
    pub remove_entries: Vec<RemovePrefixListEntry>,
    /// `MaxEntries` on the wire.
    pub max_entries: Option<i32>,
    /// `IpamPrefixListResolverSyncEnabled` on the wire.
    pub ipam_prefix_list_resolver_sync_enabled: Option<bool>,
}

impl FromQuery for ModifyManagedPrefixListRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "AddEntry",
            "CurrentVersion",
            "DryRun",
            "IpamPrefixListResolverSyncEnabled",
            "MaxEntries",
            "PrefixListId",
            "PrefixListName",
            "RemoveEntry",
        ])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            prefix_list_id: at.required("PrefixListId")?,
            current_version: at.optional("CurrentVersion")?,
            prefix_list_name: at.optional("PrefixListName")?,
            add_entries: at.list("AddEntry")?,
            remove_entries: at.list("RemoveEntry")?,
            max_entries: at.optional("MaxEntries")?,
            ipam_prefix_list_resolver_sync_enabled: at.optional("IpamPrefixListResolverSyncEnabled")?,
        })
    }
}

/// `ModifyManagedPrefixList` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyManagedPrefixList.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModifyManagedPrefixListResult {
    /// `prefixList` on the wire.
    pub prefix_list: Option<ManagedPrefixList>,
}

impl ToXml for ModifyManagedPrefixListResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("prefixList", self.prefix_list.as_ref());
    }
}

/// `ModifyNetworkInterfaceAttribute` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyNetworkInterfaceAttribute.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModifyNetworkInterfaceAttributeRequest {
    /// `EnaSrdSpecification` on the wire.
    pub ena_srd_specification: Option<EnaSrdSpecification>,
    /// `EnablePrimaryIpv6` on the wire.
    pub enable_primary_ipv6: Option<bool>,
    /// `ConnectionTrackingSpecification` on the wire.
    pub connection_tracking_specification: Option<ConnectionTrackingSpecificationRequest>,
    /// `AssociatePublicIpAddress` on the wire.
    pub associate_public_ip_address: Option<bool>,
    /// `AssociatedSubnetId` on the wire.
    pub associated_subnet_ids: Vec<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `NetworkInterfaceId` on the wire.
    pub network_interface_id: Option<String>,
    /// `Description` on the wire.
    pub description: Option<AttributeValue>,
    /// `SourceDestCheck` on the wire.
    pub source_dest_check: Option<AttributeBooleanValue>,
    /// `SecurityGroupId` on the wire.
    pub groups: Vec<String>,
    /// `Attachment` on the wire.
    pub attachment: Option<NetworkInterfaceAttachmentChanges>,
}

impl FromQuery for ModifyNetworkInterfaceAttributeRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "AssociatePublicIpAddress",
            "AssociatedSubnetId",
            "Attachment",
            "ConnectionTrackingSpecification",
            "Description",
            "DryRun",
            "EnaSrdSpecification",
            "EnablePrimaryIpv6",
            "NetworkInterfaceId",
            "SecurityGroupId",
            "SourceDestCheck",
        ])?;
        Ok(Self {
            ena_srd_specification: at.optional("EnaSrdSpecification")?,
            enable_primary_ipv6: at.optional("EnablePrimaryIpv6")?,
            connection_tracking_specification: at.optional("ConnectionTrackingSpecification")?,
            associate_public_ip_address: at.optional("AssociatePublicIpAddress")?,
            associated_subnet_ids: at.list("AssociatedSubnetId")?,
            dry_run: at.optional("DryRun")?,
            network_interface_id: at.required("NetworkInterfaceId")?,
            description: at.optional("Description")?,
            source_dest_check: at.optional("SourceDestCheck")?,
            groups: at.list("SecurityGroupId")?,
            attachment: at.optional("Attachment")?,
        })
    }
}

/// `ModifySecurityGroupRules` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySecurityGroupRules.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModifySecurityGroupRulesRequest {
    /// `GroupId` on the wire.
    pub group_id: Option<String>,
    /// `SecurityGroupRule` on the wire.
    pub security_group_rules: Vec<SecurityGroupRuleUpdate>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for ModifySecurityGroupRulesRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "GroupId", "SecurityGroupRule"])?;
        Ok(Self {
            group_id: at.required("GroupId")?,
            security_group_rules: at.required_list("SecurityGroupRule")?,
            dry_run: at.optional("DryRun")?,
        })
    }
}

/// `ModifySecurityGroupRules` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySecurityGroupRules.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModifySecurityGroupRulesResult {
    /// `return` on the wire.
    pub r#return: Option<bool>,
}

impl ToXml for ModifySecurityGroupRulesResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("return", self.r#return.as_ref());
    }
}

/// `ModifySubnetAttribute` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifySubnetAttribute.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModifySubnetAttributeRequest {
    /// `AssignIpv6AddressOnCreation` on the wire.
    pub assign_ipv6_address_on_creation: Option<AttributeBooleanValue>,
    /// `MapPublicIpOnLaunch` on the wire.
    pub map_public_ip_on_launch: Option<AttributeBooleanValue>,
    /// `SubnetId` on the wire.
    pub subnet_id: Option<String>,
    /// `MapCustomerOwnedIpOnLaunch` on the wire.
    pub map_customer_owned_ip_on_launch: Option<AttributeBooleanValue>,
    /// `CustomerOwnedIpv4Pool` on the wire.
    pub customer_owned_ipv4_pool: Option<String>,
    /// `EnableDns64` on the wire.
    pub enable_dns64: Option<AttributeBooleanValue>,
    /// `PrivateDnsHostnameTypeOnLaunch` on the wire.
    pub private_dns_hostname_type_on_launch: Option<String>,
    /// `EnableResourceNameDnsARecordOnLaunch` on the wire.
    pub enable_resource_name_dns_a_record_on_launch: Option<AttributeBooleanValue>,
    /// `EnableResourceNameDnsAAAARecordOnLaunch` on the wire.
    pub enable_resource_name_dns_aaaa_record_on_launch: Option<AttributeBooleanValue>,
    /// `EnableLniAtDeviceIndex` on the wire.
    pub enable_lni_at_device_index: Option<i32>,
    /// `DisableLniAtDeviceIndex` on the wire.
    pub disable_lni_at_device_index: Option<AttributeBooleanValue>,
}

impl FromQuery for ModifySubnetAttributeRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "AssignIpv6AddressOnCreation",
            "CustomerOwnedIpv4Pool",
            "DisableLniAtDeviceIndex",
            "EnableDns64",
            "EnableLniAtDeviceIndex",
            "EnableResourceNameDnsAAAARecordOnLaunch",
            "EnableResourceNameDnsARecordOnLaunch",
            "MapCustomerOwnedIpOnLaunch",
            "MapPublicIpOnLaunch",
            "PrivateDnsHostnameTypeOnLaunch",
            "SubnetId",
        ])?;
        Ok(Self {
            assign_ipv6_address_on_creation: at.optional("AssignIpv6AddressOnCreation")?,
            map_public_ip_on_launch: at.optional("MapPublicIpOnLaunch")?,
            subnet_id: at.required("SubnetId")?,
            map_customer_owned_ip_on_launch: at.optional("MapCustomerOwnedIpOnLaunch")?,
            customer_owned_ipv4_pool: at.optional("CustomerOwnedIpv4Pool")?,
            enable_dns64: at.optional("EnableDns64")?,
            private_dns_hostname_type_on_launch: at.optional("PrivateDnsHostnameTypeOnLaunch")?,
            enable_resource_name_dns_a_record_on_launch: at.optional("EnableResourceNameDnsARecordOnLaunch")?,
            enable_resource_name_dns_aaaa_record_on_launch: at.optional("EnableResourceNameDnsAAAARecordOnLaunch")?,
            enable_lni_at_device_index: at.optional("EnableLniAtDeviceIndex")?,
            disable_lni_at_device_index: at.optional("DisableLniAtDeviceIndex")?,
        })
    }
}

/// `ModifyVpcAttribute` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcAttribute.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModifyVpcAttributeRequest {
    /// `EnableDnsHostnames` on the wire.
    pub enable_dns_hostnames: Option<AttributeBooleanValue>,
    /// `EnableDnsSupport` on the wire.
    pub enable_dns_support: Option<AttributeBooleanValue>,
    /// `VpcId` on the wire.
    pub vpc_id: Option<String>,
    /// `EnableNetworkAddressUsageMetrics` on the wire.
    pub enable_network_address_usage_metrics: Option<AttributeBooleanValue>,
}

impl FromQuery for ModifyVpcAttributeRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["EnableDnsHostnames", "EnableDnsSupport", "EnableNetworkAddressUsageMetrics", "VpcId"])?;
        Ok(Self {
            enable_dns_hostnames: at.optional("EnableDnsHostnames")?,
            enable_dns_support: at.optional("EnableDnsSupport")?,
            vpc_id: at.required("VpcId")?,
            enable_network_address_usage_metrics: at.optional("EnableNetworkAddressUsageMetrics")?,
        })
    }
}

/// `ModifyVpcEndpoint` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcEndpoint.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModifyVpcEndpointRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `VpcEndpointId` on the wire.
    pub vpc_endpoint_id: Option<String>,
    /// `ResetPolicy` on the wire.
    pub reset_policy: Option<bool>,
    /// `PolicyDocument` on the wire.
    pub policy_document: Option<String>,
    /// `AddRouteTableId` on the wire.
    pub add_route_table_ids: Vec<String>,
    /// `RemoveRouteTableId` on the wire.
    pub remove_route_table_ids: Vec<String>,
    /// `AddSubnetId` on the wire.
    pub add_subnet_ids: Vec<String>,
    /// `RemoveSubnetId` on the wire.
    pub remove_subnet_ids: Vec<String>,
    /// `AddSecurityGroupId` on the wire.
    pub add_security_group_ids: Vec<String>,
    /// `RemoveSecurityGroupId` on the wire.
    pub remove_security_group_ids: Vec<String>,
    /// `IpAddressType` on the wire.
    pub ip_address_type: Option<String>,
    /// `DnsOptions` on the wire.
    pub dns_options: Option<DnsOptionsSpecification>,
    /// `PrivateDnsEnabled` on the wire.
    pub private_dns_enabled: Option<bool>,
    /// `SubnetConfiguration` on the wire.
    pub subnet_configurations: Vec<SubnetConfiguration>,
}

impl FromQuery for ModifyVpcEndpointRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "AddRouteTableId",
            "AddSecurityGroupId",
            "AddSubnetId",
            "DnsOptions",
            "DryRun",
            "IpAddressType",
            "PolicyDocument",
            "PrivateDnsEnabled",
            "RemoveRouteTableId",
            "RemoveSecurityGroupId",
            "RemoveSubnetId",
            "ResetPolicy",
            "SubnetConfiguration",
            "VpcEndpointId",
        ])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            vpc_endpoint_id: at.required("VpcEndpointId")?,
            reset_policy: at.optional("ResetPolicy")?,
            policy_document: at.optional("PolicyDocument")?,
            add_route_table_ids: at.list("AddRouteTableId")?,
            remove_route_table_ids: at.list("RemoveRouteTableId")?,
            add_subnet_ids: at.list("AddSubnetId")?,
            remove_subnet_ids: at.list("RemoveSubnetId")?,
            add_security_group_ids: at.list("AddSecurityGroupId")?,
            remove_security_group_ids: at.list("RemoveSecurityGroupId")?,
            ip_address_type: at.optional("IpAddressType")?,
            dns_options: at.optional("DnsOptions")?,
            private_dns_enabled: at.optional("PrivateDnsEnabled")?,
            subnet_configurations: at.list("SubnetConfiguration")?,
        })
    }
}

/// `ModifyVpcEndpoint` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcEndpoint.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModifyVpcEndpointResult {
    /// `return` on the wire.
    pub r#return: Option<bool>,
}

impl ToXml for ModifyVpcEndpointResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("return", self.r#return.as_ref());
    }
}

/// `ModifyVpcPeeringConnectionOptions` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcPeeringConnectionOptions.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModifyVpcPeeringConnectionOptionsRequest {
    /// `AccepterPeeringConnectionOptions` on the wire.
    pub accepter_peering_connection_options: Option<PeeringConnectionOptionsRequest>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `RequesterPeeringConnectionOptions` on the wire.
    pub requester_peering_connection_options: Option<PeeringConnectionOptionsRequest>,
    /// `VpcPeeringConnectionId` on the wire.
    pub vpc_peering_connection_id: Option<String>,
}

impl FromQuery for ModifyVpcPeeringConnectionOptionsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "AccepterPeeringConnectionOptions",
            "DryRun",
            "RequesterPeeringConnectionOptions",
            "VpcPeeringConnectionId",
        ])?;
        Ok(Self {
            accepter_peering_connection_options: at.optional("AccepterPeeringConnectionOptions")?,
            dry_run: at.optional("DryRun")?,
            requester_peering_connection_options: at.optional("RequesterPeeringConnectionOptions")?,
            vpc_peering_connection_id: at.required("VpcPeeringConnectionId")?,
        })
    }
}

/// `ModifyVpcPeeringConnectionOptions` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcPeeringConnectionOptions.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModifyVpcPeeringConnectionOptionsResult {
    /// `accepterPeeringConnectionOptions` on the wire.
    pub accepter_peering_connection_options: Option<PeeringConnectionOptions>,
    /// `requesterPeeringConnectionOptions` on the wire.
    pub requester_peering_connection_options: Option<PeeringConnectionOptions>,
}

impl ToXml for ModifyVpcPeeringConnectionOptionsResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("accepterPeeringConnectionOptions", self.accepter_peering_connection_options.as_ref());
        out.optional("requesterPeeringConnectionOptions", self.requester_peering_connection_options.as_ref());
    }
}

/// `ModifyVpcTenancy` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcTenancy.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModifyVpcTenancyRequest {
    /// `VpcId` on the wire.
    pub vpc_id: Option<String>,
    /// `InstanceTenancy` on the wire.
    pub instance_tenancy: Option<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for ModifyVpcTenancyRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "InstanceTenancy", "VpcId"])?;
        Ok(Self {
            vpc_id: at.required("VpcId")?,
            instance_tenancy: at.required("InstanceTenancy")?,
            dry_run: at.optional("DryRun")?,
        })
    }
}

/// `ModifyVpcTenancy` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcTenancy.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModifyVpcTenancyResult {
    /// `return` on the wire.
    pub return_value: Option<bool>,
}

impl ToXml for ModifyVpcTenancyResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("return", self.return_value.as_ref());
    }
}

/// `MonitorInstances` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_MonitorInstances.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MonitorInstancesRequest {
    /// `InstanceId` on the wire.
    pub instance_ids: Vec<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for MonitorInstancesRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "InstanceId"])?;
        Ok(Self { instance_ids: at.required_list("InstanceId")?, dry_run: at.optional("DryRun")? })
    }
}

/// `MonitorInstances` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_MonitorInstances.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MonitorInstancesResult {
    /// `instancesSet` on the wire.
    pub instance_monitorings: Vec<InstanceMonitoring>,
}

impl ToXml for MonitorInstancesResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("instancesSet", "item", &self.instance_monitorings);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Monitoring.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Monitoring {
    /// `state` on the wire.
    pub state: Option<String>,
}

impl ToXml for Monitoring {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("state", self.state.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NatGateway.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NatGateway {
    /// `createTime` on the wire.
    pub create_time: Option<Timestamp>,
    /// `deleteTime` on the wire.
    pub delete_time: Option<Timestamp>,
    /// `failureCode` on the wire.
    pub failure_code: Option<String>,
    /// `failureMessage` on the wire.
    pub failure_message: Option<String>,
    /// `natGatewayAddressSet` on the wire.
    pub nat_gateway_addresses: Vec<NatGatewayAddress>,
    /// `natGatewayId` on the wire.
    pub nat_gateway_id: Option<String>,
    /// `provisionedBandwidth` on the wire.
    pub provisioned_bandwidth: Option<ProvisionedBandwidth>,
    /// `state` on the wire.
    pub state: Option<String>,
    /// `subnetId` on the wire.
    pub subnet_id: Option<String>,
    /// `vpcId` on the wire.
    pub vpc_id: Option<String>,
    /// `tagSet` on the wire.
    pub tags: Vec<Tag>,
    /// `connectivityType` on the wire.
    pub connectivity_type: Option<String>,
    /// `availabilityMode` on the wire.
    pub availability_mode: Option<String>,
    /// `autoScalingIps` on the wire.
    pub auto_scaling_ips: Option<String>,
    /// `autoProvisionZones` on the wire.
    pub auto_provision_zones: Option<String>,
    /// `attachedApplianceSet` on the wire.
    pub attached_appliances: Vec<NatGatewayAttachedAppliance>,
    /// `routeTableId` on the wire.
    pub route_table_id: Option<String>,
}

impl ToXml for NatGateway {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("createTime", self.create_time.as_ref());
        out.optional("deleteTime", self.delete_time.as_ref());
        out.optional("failureCode", self.failure_code.as_ref());
        out.optional("failureMessage", self.failure_message.as_ref());
        out.list("natGatewayAddressSet", "item", &self.nat_gateway_addresses);
        out.optional("natGatewayId", self.nat_gateway_id.as_ref());
        out.optional("provisionedBandwidth", self.provisioned_bandwidth.as_ref());
        out.optional("state", self.state.as_ref());
        out.optional("subnetId", self.subnet_id.as_ref());
        out.optional("vpcId", self.vpc_id.as_ref());
        out.list("tagSet", "item", &self.tags);
        out.optional("connectivityType", self.connectivity_type.as_ref());
        out.optional("availabilityMode", self.availability_mode.as_ref());
        out.optional("autoScalingIps", self.auto_scaling_ips.as_ref());
        out.optional("autoProvisionZones", self.auto_provision_zones.as_ref());
        out.list("attachedApplianceSet", "item", &self.attached_appliances);
        out.optional("routeTableId", self.route_table_id.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NatGatewayAddress.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NatGatewayAddress {
    /// `allocationId` on the wire.
    pub allocation_id: Option<String>,
    /// `networkInterfaceId` on the wire.
    pub network_interface_id: Option<String>,
    /// `privateIp` on the wire.
    pub private_ip: Option<String>,
    /// `publicIp` on the wire.
    pub public_ip: Option<String>,
    /// `associationId` on the wire.
    pub association_id: Option<String>,
    /// `isPrimary` on the wire.
    pub is_primary: Option<bool>,
    /// `failureMessage` on the wire.
    pub failure_message: Option<String>,
    /// `status` on the wire.
    pub status: Option<String>,
    /// `availabilityZone` on the wire.
    pub availability_zone: Option<String>,
    /// `availabilityZoneId` on the wire.
    pub availability_zone_id: Option<String>,
}

impl ToXml for NatGatewayAddress {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("allocationId", self.allocation_id.as_ref());
        out.optional("networkInterfaceId", self.network_interface_id.as_ref());
        out.optional("privateIp", self.private_ip.as_ref());
        out.optional("publicIp", self.public_ip.as_ref());
        out.optional("associationId", self.association_id.as_ref());
        out.optional("isPrimary", self.is_primary.as_ref());
        out.optional("failureMessage", self.failure_message.as_ref());
        out.optional("status", self.status.as_ref());
        out.optional("availabilityZone", self.availability_zone.as_ref());
        out.optional("availabilityZoneId", self.availability_zone_id.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NatGatewayAttachedAppliance.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NatGatewayAttachedAppliance {
    /// `type` on the wire.
    pub r#type: Option<String>,
    /// `applianceArn` on the wire.
    pub appliance_arn: Option<String>,
    /// `vpcEndpointId` on the wire.
    pub vpc_endpoint_id: Option<String>,
    /// `attachmentState` on the wire.
    pub attachment_state: Option<String>,
    /// `modificationState` on the wire.
    pub modification_state: Option<String>,
    /// `failureCode` on the wire.
    pub failure_code: Option<String>,
    /// `failureMessage` on the wire.
    pub failure_message: Option<String>,
}

impl ToXml for NatGatewayAttachedAppliance {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("type", self.r#type.as_ref());
        out.optional("applianceArn", self.appliance_arn.as_ref());
        out.optional("vpcEndpointId", self.vpc_endpoint_id.as_ref());
        out.optional("attachmentState", self.attachment_state.as_ref());
        out.optional("modificationState", self.modification_state.as_ref());
        out.optional("failureCode", self.failure_code.as_ref());
        out.optional("failureMessage", self.failure_message.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkAcl.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NetworkAcl {
    /// `associationSet` on the wire.
    pub associations: Vec<NetworkAclAssociation>,
    /// `entrySet` on the wire.
    pub entries: Vec<NetworkAclEntry>,
    /// `default` on the wire.
    pub is_default: Option<bool>,
    /// `networkAclId` on the wire.
    pub network_acl_id: Option<String>,
    /// `tagSet` on the wire.
    pub tags: Vec<Tag>,
    /// `vpcId` on the wire.
    pub vpc_id: Option<String>,
    /// `ownerId` on the wire.
    pub owner_id: Option<String>,
}

impl ToXml for NetworkAcl {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("associationSet", "item", &self.associations);
        out.list("entrySet", "item", &self.entries);
        out.optional("default", self.is_default.as_ref());
        out.optional("networkAclId", self.network_acl_id.as_ref());
        out.list("tagSet", "item", &self.tags);
        out.optional("vpcId", self.vpc_id.as_ref());
        out.optional("ownerId", self.owner_id.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkAclAssociation.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NetworkAclAssociation {
    /// `networkAclAssociationId` on the wire.
    pub network_acl_association_id: Option<String>,
    /// `networkAclId` on the wire.
    pub network_acl_id: Option<String>,
    /// `subnetId` on the wire.
    pub subnet_id: Option<String>,
}

impl ToXml for NetworkAclAssociation {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("networkAclAssociationId", self.network_acl_association_id.as_ref());
        out.optional("networkAclId", self.network_acl_id.as_ref());
        out.optional("subnetId", self.subnet_id.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkAclEntry.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NetworkAclEntry {
    /// `cidrBlock` on the wire.
    pub cidr_block: Option<String>,
    /// `egress` on the wire.
    pub egress: Option<bool>,
    /// `icmpTypeCode` on the wire.
    pub icmp_type_code: Option<IcmpTypeCode>,
    /// `ipv6CidrBlock` on the wire.
    pub ipv6_cidr_block: Option<String>,
    /// `portRange` on the wire.
    pub port_range: Option<PortRange>,
    /// `protocol` on the wire.
    pub protocol: Option<String>,
    /// `ruleAction` on the wire.
    pub rule_action: Option<String>,
    /// `ruleNumber` on the wire.
    pub rule_number: Option<i32>,
}

impl ToXml for NetworkAclEntry {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("cidrBlock", self.cidr_block.as_ref());
        out.optional("egress", self.egress.as_ref());
        out.optional("icmpTypeCode", self.icmp_type_code.as_ref());
        out.optional("ipv6CidrBlock", self.ipv6_cidr_block.as_ref());
        out.optional("portRange", self.port_range.as_ref());
        out.optional("protocol", self.protocol.as_ref());
        out.optional("ruleAction", self.rule_action.as_ref());
        out.optional("ruleNumber", self.rule_number.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkCardInfo.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NetworkCardInfo {
    /// `networkCardIndex` on the wire.
    pub network_card_index: Option<i32>,
    /// `networkPerformance` on the wire.
    pub network_performance: Option<String>,
    /// `maximumNetworkInterfaces` on the wire.
    pub maximum_network_interfaces: Option<i32>,
    /// `additionalFlexibleNetworkInterfaces` on the wire.
    pub additional_flexible_network_interfaces: Option<i32>,
    /// `baselineBandwidthInGbps` on the wire.
    pub baseline_bandwidth_in_gbps: Option<f64>,
    /// `peakBandwidthInGbps` on the wire.
    pub peak_bandwidth_in_gbps: Option<f64>,
    /// `defaultEnaQueueCountPerInterface` on the wire.
    pub default_ena_queue_count_per_interface: Option<i32>,
    /// `maximumEnaQueueCount` on the wire.
    pub maximum_ena_queue_count: Option<i32>,
    /// `maximumEnaQueueCountPerInterface` on the wire.
    pub maximum_ena_queue_count_per_interface: Option<i32>,
}

impl ToXml for NetworkCardInfo {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("networkCardIndex", self.network_card_index.as_ref());
        out.optional("networkPerformance", self.network_performance.as_ref());
        out.optional("maximumNetworkInterfaces", self.maximum_network_interfaces.as_ref());
        out.optional("additionalFlexibleNetworkInterfaces", self.additional_flexible_network_interfaces.as_ref());
        out.optional("baselineBandwidthInGbps", self.baseline_bandwidth_in_gbps.as_ref());
        out.optional("peakBandwidthInGbps", self.peak_bandwidth_in_gbps.as_ref());
        out.optional("defaultEnaQueueCountPerInterface", self.default_ena_queue_count_per_interface.as_ref());
        out.optional("maximumEnaQueueCount", self.maximum_ena_queue_count.as_ref());
        out.optional("maximumEnaQueueCountPerInterface", self.maximum_ena_queue_count_per_interface.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInfo.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NetworkInfo {
    /// `networkPerformance` on the wire.
    pub network_performance: Option<String>,
    /// `maximumNetworkInterfaces` on the wire.
    pub maximum_network_interfaces: Option<i32>,
    /// `maximumNetworkCards` on the wire.
    pub maximum_network_cards: Option<i32>,
    /// `defaultNetworkCardIndex` on the wire.
    pub default_network_card_index: Option<i32>,
    /// `networkCards` on the wire.
    pub network_cards: Vec<NetworkCardInfo>,
    /// `ipv4AddressesPerInterface` on the wire.
    pub ipv4_addresses_per_interface: Option<i32>,
    /// `ipv6AddressesPerInterface` on the wire.
    pub ipv6_addresses_per_interface: Option<i32>,
    /// `ipv6Supported` on the wire.
    pub ipv6_supported: Option<bool>,
    /// `enaSupport` on the wire.
    pub ena_support: Option<String>,
    /// `efaSupported` on the wire.
    pub efa_supported: Option<bool>,
    /// `efaInfo` on the wire.
    pub efa_info: Option<EfaInfo>,
    /// `encryptionInTransitSupported` on the wire.
    pub encryption_in_transit_supported: Option<bool>,
    /// `enaSrdSupported` on the wire.
    pub ena_srd_supported: Option<bool>,
    /// `bandwidthWeightings` on the wire.
    pub bandwidth_weightings: Vec<String>,
    /// `flexibleEnaQueuesSupport` on the wire.
    pub flexible_ena_queues_support: Option<String>,
    /// `connectionTrackingConfiguration` on the wire.
    pub connection_tracking_configuration: Option<DefaultConnectionTrackingConfiguration>,
    /// `secondaryNetworkSupported` on the wire.
    pub secondary_network_supported: Option<bool>,
    /// `maximumSecondaryNetworkInterfaces` on the wire.
    pub maximum_secondary_network_interfaces: Option<i32>,
    /// `ipv4AddressesPerSecondaryInterface` on the wire.
    pub ipv4_addresses_per_secondary_interface: Option<i32>,
}

impl ToXml for NetworkInfo {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("networkPerformance", self.network_performance.as_ref());
        out.optional("maximumNetworkInterfaces", self.maximum_network_interfaces.as_ref());
        out.optional("maximumNetworkCards", self.maximum_network_cards.as_ref());
        out.optional("defaultNetworkCardIndex", self.default_network_card_index.as_ref());
        out.list("networkCards", "item", &self.network_cards);
        out.optional("ipv4AddressesPerInterface", self.ipv4_addresses_per_interface.as_ref());
        out.optional("ipv6AddressesPerInterface", self.ipv6_addresses_per_interface.as_ref());
        out.optional("ipv6Supported", self.ipv6_supported.as_ref());
        out.optional("enaSupport", self.ena_support.as_ref());
        out.optional("efaSupported", self.efa_supported.as_ref());
        out.optional("efaInfo", self.efa_info.as_ref());
        out.optional("encryptionInTransitSupported", self.encryption_in_transit_supported.as_ref());
        out.optional("enaSrdSupported", self.ena_srd_supported.as_ref());
        out.list("bandwidthWeightings", "item", &self.bandwidth_weightings);
        out.optional("flexibleEnaQueuesSupport", self.flexible_ena_queues_support.as_ref());
        out.optional("connectionTrackingConfiguration", self.connection_tracking_configuration.as_ref());
        out.optional("secondaryNetworkSupported", self.secondary_network_supported.as_ref());
        out.optional("maximumSecondaryNetworkInterfaces", self.maximum_secondary_network_interfaces.as_ref());
        out.optional("ipv4AddressesPerSecondaryInterface", self.ipv4_addresses_per_secondary_interface.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInsightsAnalysis.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NetworkInsightsAnalysis {
    /// `networkInsightsAnalysisId` on the wire.
    pub network_insights_analysis_id: Option<String>,
    /// `networkInsightsAnalysisArn` on the wire.
    pub network_insights_analysis_arn: Option<String>,
    /// `networkInsightsPathId` on the wire.
    pub network_insights_path_id: Option<String>,
    /// `additionalAccountSet` on the wire.
    pub additional_accounts: Vec<String>,
    /// `filterInArnSet` on the wire.
    pub filter_in_arns: Vec<String>,
    /// `filterOutArnSet` on the wire.
    pub filter_out_arns: Vec<String>,
    /// `startDate` on the wire.
    pub start_date: Option<Timestamp>,
    /// `status` on the wire.
    pub status: Option<String>,
    /// `statusMessage` on the wire.
    pub status_message: Option<String>,
    /// `warningMessage` on the wire.
    pub warning_message: Option<String>,
    /// `networkPathFound` on the wire.
    pub network_path_found: Option<bool>,
    /// `forwardPathComponentSet` on the wire.
    pub forward_path_components: Vec<PathComponent>,
    /// `returnPathComponentSet` on the wire.
    pub return_path_components: Vec<PathComponent>,
    /// `explanationSet` on the wire.
    pub explanations: Vec<Explanation>,
    /// `alternatePathHintSet` on the wire.
    pub alternate_path_hints: Vec<AlternatePathHint>,
    /// `suggestedAccountSet` on the wire.
    pub suggested_accounts: Vec<String>,
    /// `tagSet` on the wire.
    pub tags: Vec<Tag>,
}

impl ToXml for NetworkInsightsAnalysis {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("networkInsightsAnalysisId", self.network_insights_analysis_id.as_ref());
        out.optional("networkInsightsAnalysisArn", self.network_insights_analysis_arn.as_ref());
        out.optional("networkInsightsPathId", self.network_insights_path_id.as_ref());
        out.list("additionalAccountSet", "item", &self.additional_accounts);
        out.list("filterInArnSet", "item", &self.filter_in_arns);
        out.list("filterOutArnSet", "item", &self.filter_out_arns);
        out.optional("startDate", self.start_date.as_ref());
        out.optional("status", self.status.as_ref());
        out.optional("statusMessage", self.status_message.as_ref());
        out.optional("warningMessage", self.warning_message.as_ref());
        out.optional("networkPathFound", self.network_path_found.as_ref());
        out.list("forwardPathComponentSet", "item", &self.forward_path_components);
        out.list("returnPathComponentSet", "item", &self.return_path_components);
        out.list("explanationSet", "item", &self.explanations);
        out.list("alternatePathHintSet", "item", &self.alternate_path_hints);
        out.list("suggestedAccountSet", "item", &self.suggested_accounts);
        out.list("tagSet", "item", &self.tags);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInsightsPath.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NetworkInsightsPath {
    /// `networkInsightsPathId` on the wire.
    pub network_insights_path_id: Option<String>,
    /// `networkInsightsPathArn` on the wire.
    pub network_insights_path_arn: Option<String>,
    /// `createdDate` on the wire.
    pub created_date: Option<Timestamp>,
    /// `source` on the wire.
    pub source: Option<String>,
    /// `destination` on the wire.
    pub destination: Option<String>,
    /// `sourceArn` on the wire.
    pub source_arn: Option<String>,
    /// `destinationArn` on the wire.
    pub destination_arn: Option<String>,
    /// `sourceIp` on the wire.
    pub source_ip: Option<String>,
    /// `destinationIp` on the wire.
    pub destination_ip: Option<String>,
    /// `protocol` on the wire.
    pub protocol: Option<String>,
    /// `destinationPort` on the wire.
    pub destination_port: Option<i32>,
    /// `tagSet` on the wire.
    pub tags: Vec<Tag>,
    /// `filterAtSource` on the wire.
    pub filter_at_source: Option<PathFilter>,
    /// `filterAtDestination` on the wire.
    pub filter_at_destination: Option<PathFilter>,
}

impl ToXml for NetworkInsightsPath {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("networkInsightsPathId", self.network_insights_path_id.as_ref());
        out.optional("networkInsightsPathArn", self.network_insights_path_arn.as_ref());
        out.optional("createdDate", self.created_date.as_ref());
        out.optional("source", self.source.as_ref());
        out.optional("destination", self.destination.as_ref());
        out.optional("sourceArn", self.source_arn.as_ref());
        out.optional("destinationArn", self.destination_arn.as_ref());
        out.optional("sourceIp", self.source_ip.as_ref());
        out.optional("destinationIp", self.destination_ip.as_ref());
        out.optional("protocol", self.protocol.as_ref());
        out.optional("destinationPort", self.destination_port.as_ref());
        out.list("tagSet", "item", &self.tags);
        out.optional("filterAtSource", self.filter_at_source.as_ref());
        out.optional("filterAtDestination", self.filter_at_destination.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterface.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NetworkInterface {
    /// `association` on the wire.
    pub association: Option<NetworkInterfaceAssociation>,
    /// `attachment` on the wire.
    pub attachment: Option<NetworkInterfaceAttachment>,
    /// `availabilityZone` on the wire.
    pub availability_zone: Option<String>,
    /// `connectionTrackingConfiguration` on the wire.
    pub connection_tracking_configuration: Option<ConnectionTrackingConfiguration>,
    /// `description` on the wire.
    pub description: Option<String>,
    /// `groupSet` on the wire.
    pub groups: Vec<GroupIdentifier>,
    /// `interfaceType` on the wire.
    pub interface_type: Option<String>,
    /// `ipv6AddressesSet` on the wire.
    pub ipv6_addresses: Vec<NetworkInterfaceIpv6Address>,
    /// `macAddress` on the wire.
    pub mac_address: Option<String>,
    /// `networkInterfaceId` on the wire.
    pub network_interface_id: Option<String>,
    /// `outpostArn` on the wire.
    pub outpost_arn: Option<String>,
    /// `ownerId` on the wire.
    pub owner_id: Option<String>,
    /// `privateDnsName` on the wire.
    pub private_dns_name: Option<String>,
    /// `publicDnsName` on the wire.
    pub public_dns_name: Option<String>,
    /// `publicIpDnsNameOptions` on the wire.
    pub public_ip_dns_name_options: Option<PublicIpDnsNameOptions>,
    /// `privateIpAddress` on the wire.
    pub private_ip_address: Option<String>,
    /// `privateIpAddressesSet` on the wire.
    pub private_ip_addresses: Vec<NetworkInterfacePrivateIpAddress>,
    /// `ipv4PrefixSet` on the wire.
    pub ipv4_prefixes: Vec<Ipv4PrefixSpecification>,
    /// `ipv6PrefixSet` on the wire.
    pub ipv6_prefixes: Vec<Ipv6PrefixSpecification>,
    /// `requesterId` on the wire.
    pub requester_id: Option<String>,
    /// `requesterManaged` on the wire.
    pub requester_managed: Option<bool>,
    /// `sourceDestCheck` on the wire.
    pub source_dest_check: Option<bool>,
    /// `status` on the wire.
    pub status: Option<String>,
    /// `subnetId` on the wire.
    pub subnet_id: Option<String>,
    /// `tagSet` on the wire.
    pub tag_set: Vec<Tag>,
    /// `vpcId` on the wire.
    pub vpc_id: Option<String>,
    /// `denyAllIgwTraffic` on the wire.
    pub deny_all_igw_traffic: Option<bool>,
    /// `ipv6Native` on the wire.
    pub ipv6_native: Option<bool>,
    /// `ipv6Address` on the wire.
    pub ipv6_address: Option<String>,
    /// `operator` on the wire.
    pub operator: Option<OperatorResponse>,
    /// `associatedSubnetSet` on the wire.
    pub associated_subnets: Vec<String>,
    /// `availabilityZoneId` on the wire.
    pub availability_zone_id: Option<String>,
}

impl ToXml for NetworkInterface {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("association", self.association.as_ref());
        out.optional("attachment", self.attachment.as_ref());
        out.optional("availabilityZone", self.availability_zone.as_ref());
        out.optional("connectionTrackingConfiguration", self.connection_tracking_configuration.as_ref());
        out.optional("description", self.description.as_ref());
        out.list("groupSet", "item", &self.groups);
        out.optional("interfaceType", self.interface_type.as_ref());
        out.list("ipv6AddressesSet", "item", &self.ipv6_addresses);
        out.optional("macAddress", self.mac_address.as_ref());
        out.optional("networkInterfaceId", self.network_interface_id.as_ref());
        out.optional("outpostArn", self.outpost_arn.as_ref());
        out.optional("ownerId", self.owner_id.as_ref());
        out.optional("privateDnsName", self.private_dns_name.as_ref());
        out.optional("publicDnsName", self.public_dns_name.as_ref());
        out.optional("publicIpDnsNameOptions", self.public_ip_dns_name_options.as_ref());
        out.optional("privateIpAddress", self.private_ip_address.as_ref());
        out.list("privateIpAddressesSet", "item", &self.private_ip_addresses);
        out.list("ipv4PrefixSet", "item", &self.ipv4_prefixes);
        out.list("ipv6PrefixSet", "item", &self.ipv6_prefixes);
        out.optional("requesterId", self.requester_id.as_ref());
        out.optional("requesterManaged", self.requester_managed.as_ref());
        out.optional("sourceDestCheck", self.source_dest_check.as_ref());
        out.optional("status", self.status.as_ref());
        out.optional("subnetId", self.subnet_id.as_ref());
        out.list("tagSet", "item", &self.tag_set);
        out.optional("vpcId", self.vpc_id.as_ref());
        out.optional("denyAllIgwTraffic", self.deny_all_igw_traffic.as_ref());
        out.optional("ipv6Native", self.ipv6_native.as_ref());
        out.optional("ipv6Address", self.ipv6_address.as_ref());
        out.optional("operator", self.operator.as_ref());
        out.list("associatedSubnetSet", "item", &self.associated_subnets);
        out.optional("availabilityZoneId", self.availability_zone_id.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterfaceAssociation.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NetworkInterfaceAssociation {
    /// `allocationId` on the wire.
    pub allocation_id: Option<String>,
    /// `associationId` on the wire.
    pub association_id: Option<String>,
    /// `ipOwnerId` on the wire.
    pub ip_owner_id: Option<String>,
    /// `publicDnsName` on the wire.
    pub public_dns_name: Option<String>,
    /// `publicIp` on the wire.
    pub public_ip: Option<String>,
    /// `customerOwnedIp` on the wire.
    pub customer_owned_ip: Option<String>,
    /// `carrierIp` on the wire.
    pub carrier_ip: Option<String>,
}

impl ToXml for NetworkInterfaceAssociation {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("allocationId", self.allocation_id.as_ref());
        out.optional("associationId", self.association_id.as_ref());
        out.optional("ipOwnerId", self.ip_owner_id.as_ref());
        out.optional("publicDnsName", self.public_dns_name.as_ref());
        out.optional("publicIp", self.public_ip.as_ref());
        out.optional("customerOwnedIp", self.customer_owned_ip.as_ref());
        out.optional("carrierIp", self.carrier_ip.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterfaceAttachment.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NetworkInterfaceAttachment {
    /// `attachTime` on the wire.
    pub attach_time: Option<Timestamp>,
    /// `attachmentId` on the wire.
    pub attachment_id: Option<String>,
    /// `deleteOnTermination` on the wire.
    pub delete_on_termination: Option<bool>,
    /// `deviceIndex` on the wire.
    pub device_index: Option<i32>,
    /// `networkCardIndex` on the wire.
    pub network_card_index: Option<i32>,
    /// `instanceId` on the wire.
    pub instance_id: Option<String>,
    /// `instanceOwnerId` on the wire.
    pub instance_owner_id: Option<String>,
    /// `status` on the wire.
    pub status: Option<String>,
    /// `enaSrdSpecification` on the wire.
    pub ena_srd_specification: Option<AttachmentEnaSrdSpecification>,
    /// `enaQueueCount` on the wire.
    pub ena_queue_count: Option<i32>,
}

impl ToXml for NetworkInterfaceAttachment {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("attachTime", self.attach_time.as_ref());
        out.optional("attachmentId", self.attachment_id.as_ref());
        out.optional("deleteOnTermination", self.delete_on_termination.as_ref());
        out.optional("deviceIndex", self.device_index.as_ref());
        out.optional("networkCardIndex", self.network_card_index.as_ref());
        out.optional("instanceId", self.instance_id.as_ref());
        out.optional("instanceOwnerId", self.instance_owner_id.as_ref());
        out.optional("status", self.status.as_ref());
        out.optional("enaSrdSpecification", self.ena_srd_specification.as_ref());
        out.optional("enaQueueCount", self.ena_queue_count.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterfaceAttachmentChanges.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NetworkInterfaceAttachmentChanges {
    /// `DefaultEnaQueueCount` on the wire.
    pub default_ena_queue_count: Option<bool>,
    /// `EnaQueueCount` on the wire.
    pub ena_queue_count: Option<i32>,
    /// `AttachmentId` on the wire.
    pub attachment_id: Option<String>,
    /// `DeleteOnTermination` on the wire.
    pub delete_on_termination: Option<bool>,
}

impl FromQuery for NetworkInterfaceAttachmentChanges {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["AttachmentId", "DefaultEnaQueueCount", "DeleteOnTermination", "EnaQueueCount"])?;
        Ok(Self {
            default_ena_queue_count: at.optional("DefaultEnaQueueCount")?,
            ena_queue_count: at.optional("EnaQueueCount")?,
            attachment_id: at.optional("AttachmentId")?,
            delete_on_termination: at.optional("DeleteOnTermination")?,
        })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterfaceIpv6Address.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NetworkInterfaceIpv6Address {
    /// `ipv6Address` on the wire.
    pub ipv6_address: Option<String>,
    /// `publicIpv6DnsName` on the wire.
    pub public_ipv6_dns_name: Option<String>,
    /// `isPrimaryIpv6` on the wire.
    pub is_primary_ipv6: Option<bool>,
}

impl ToXml for NetworkInterfaceIpv6Address {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("ipv6Address", self.ipv6_address.as_ref());
        out.optional("publicIpv6DnsName", self.public_ipv6_dns_name.as_ref());
        out.optional("isPrimaryIpv6", self.is_primary_ipv6.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterfacePrivateIpAddress.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NetworkInterfacePrivateIpAddress {
    /// `association` on the wire.
    pub association: Option<NetworkInterfaceAssociation>,
    /// `primary` on the wire.
    pub primary: Option<bool>,
    /// `privateDnsName` on the wire.
    pub private_dns_name: Option<String>,
    /// `privateIpAddress` on the wire.
    pub private_ip_address: Option<String>,
}

impl ToXml for NetworkInterfacePrivateIpAddress {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("association", self.association.as_ref());
        out.optional("primary", self.primary.as_ref());
        out.optional("privateDnsName", self.private_dns_name.as_ref());
        out.optional("privateIpAddress", self.private_ip_address.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NeuronDeviceCoreInfo.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NeuronDeviceCoreInfo {
    /// `count` on the wire.
    pub count: Option<i32>,
    /// `version` on the wire.
    pub version: Option<i32>,
}

impl ToXml for NeuronDeviceCoreInfo {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("count", self.count.as_ref());
        out.optional("version", self.version.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NeuronDeviceInfo.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NeuronDeviceInfo {
    /// `count` on the wire.
    pub count: Option<i32>,
    /// `name` on the wire.
    pub name: Option<String>,
    /// `coreInfo` on the wire.
    pub core_info: Option<NeuronDeviceCoreInfo>,
    /// `memoryInfo` on the wire.
    pub memory_info: Option<NeuronDeviceMemoryInfo>,
}

impl ToXml for NeuronDeviceInfo {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("count", self.count.as_ref());
        out.optional("name", self.name.as_ref());
        out.optional("coreInfo", self.core_info.as_ref());
        out.optional("memoryInfo", self.memory_info.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NeuronDeviceMemoryInfo.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NeuronDeviceMemoryInfo {
    /// `sizeInMiB` on the wire.
    pub size_in_mi_b: Option<i32>,
}

impl ToXml for NeuronDeviceMemoryInfo {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("sizeInMiB", self.size_in_mi_b.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NeuronInfo.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NeuronInfo {
    /// `neuronDevices` on the wire.
    pub neuron_devices: Vec<NeuronDeviceInfo>,
    /// `totalNeuronDeviceMemoryInMiB` on the wire.
    pub total_neuron_device_memory_in_mi_b: Option<i32>,
}

impl ToXml for NeuronInfo {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("neuronDevices", "item", &self.neuron_devices);
        out.optional("totalNeuronDeviceMemoryInMiB", self.total_neuron_device_memory_in_mi_b.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NewDhcpConfiguration.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewDhcpConfiguration {
    /// `Key` on the wire.
    pub key: Option<String>,
    /// `Value` on the wire.
    pub values: Vec<String>,
}

impl FromQuery for NewDhcpConfiguration {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["Key", "Value"])?;
        Ok(Self { key: at.optional("Key")?, values: at.list("Value")? })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NitroTpmInfo.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NitroTpmInfo {
    /// `supportedVersions` on the wire.
    pub supported_versions: Vec<String>,
}

impl ToXml for NitroTpmInfo {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("supportedVersions", "item", &self.supported_versions);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_OperatorRequest.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OperatorRequest {
    /// `Principal` on the wire.
    pub principal: Option<String>,
}

impl FromQuery for OperatorRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["Principal"])?;
        Ok(Self { principal: at.optional("Principal")? })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_OperatorResponse.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct OperatorResponse {
    /// `managed` on the wire.
    pub managed: Option<bool>,
    /// `principal` on the wire.
    pub principal: Option<String>,
    /// `hiddenByDefault` on the wire.
    pub hidden_by_default: Option<bool>,
}

impl ToXml for OperatorResponse {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("managed", self.managed.as_ref());
        out.optional("principal", self.principal.as_ref());
        out.optional("hiddenByDefault", self.hidden_by_default.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_PathComponent.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PathComponent {
    /// `sequenceNumber` on the wire.
    pub sequence_number: Option<i32>,
    /// `aclRule` on the wire.
    pub acl_rule: Option<AnalysisAclRule>,
    /// `attachedTo` on the wire.
    pub attached_to: Option<AnalysisComponent>,
    /// `component` on the wire.
    pub component: Option<AnalysisComponent>,
    /// `destinationVpc` on the wire.
    pub destination_vpc: Option<AnalysisComponent>,
    /// `outboundHeader` on the wire.
    pub outbound_header: Option<AnalysisPacketHeader>,
    /// `inboundHeader` on the wire.
    pub inbound_header: Option<AnalysisPacketHeader>,
    /// `routeTableRoute` on the wire.
    pub route_table_route: Option<AnalysisRouteTableRoute>,
    /// `securityGroupRule` on the wire.
    pub security_group_rule: Option<AnalysisSecurityGroupRule>,
    /// `sourceVpc` on the wire.
    pub source_vpc: Option<AnalysisComponent>,
    /// `subnet` on the wire.
    pub subnet: Option<AnalysisComponent>,
    /// `vpc` on the wire.
    pub vpc: Option<AnalysisComponent>,
    /// `additionalDetailSet` on the wire.
    pub additional_details: Vec<AdditionalDetail>,
    /// `transitGateway` on the wire.
    pub transit_gateway: Option<AnalysisComponent>,
    /// `transitGatewayRouteTableRoute` on the wire.
    pub transit_gateway_route_table_route: Option<TransitGatewayRouteTableRoute>,
    /// `explanationSet` on the wire.
    pub explanations: Vec<Explanation>,
    /// `elasticLoadBalancerListener` on the wire.
    pub elastic_load_balancer_listener: Option<AnalysisComponent>,
    /// `firewallStatelessRule` on the wire.
    pub firewall_stateless_rule: Option<FirewallStatelessRule>,
    /// `firewallStatefulRule` on the wire.
    pub firewall_stateful_rule: Option<FirewallStatefulRule>,
    /// `serviceName` on the wire.
    pub service_name: Option<String>,
}

impl ToXml for PathComponent {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("sequenceNumber", self.sequence_number.as_ref());
        out.optional("aclRule", self.acl_rule.as_ref());
        out.optional("attachedTo", self.attached_to.as_ref());
        out.optional("component", self.component.as_ref());
        out.optional("destinationVpc", self.destination_vpc.as_ref());
        out.optional("outboundHeader", self.outbound_header.as_ref());
        out.optional("inboundHeader", self.inbound_header.as_ref());
        out.optional("routeTableRoute", self.route_table_route.as_ref());
        out.optional("securityGroupRule", self.security_group_rule.as_ref());
        out.optional("sourceVpc", self.source_vpc.as_ref());
        out.optional("subnet", self.subnet.as_ref());
        out.optional("vpc", self.vpc.as_ref());
        out.list("additionalDetailSet", "item", &self.additional_details);
        out.optional("transitGateway", self.transit_gateway.as_ref());
        out.optional("transitGatewayRouteTableRoute", self.transit_gateway_route_table_route.as_ref());
        out.list("explanationSet", "item", &self.explanations);
        out.optional("elasticLoadBalancerListener", self.elastic_load_balancer_listener.as_ref());
        out.optional("firewallStatelessRule", self.firewall_stateless_rule.as_ref());
        out.optional("firewallStatefulRule", self.firewall_stateful_rule.as_ref());
        out.optional("serviceName", self.service_name.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_PathFilter.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PathFilter {
    /// `sourceAddress` on the wire.
    pub source_address: Option<String>,
    /// `sourcePortRange` on the wire.
    pub source_port_range: Option<FilterPortRange>,
    /// `destinationAddress` on the wire.
    pub destination_address: Option<String>,
    /// `destinationPortRange` on the wire.
    pub destination_port_range: Option<FilterPortRange>,
}

impl ToXml for PathFilter {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("sourceAddress", self.source_address.as_ref());
        out.optional("sourcePortRange", self.source_port_range.as_ref());
        out.optional("destinationAddress", self.destination_address.as_ref());
        out.optional("destinationPortRange", self.destination_port_range.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_PathRequestFilter.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PathRequestFilter {
    /// `SourceAddress` on the wire.
    pub source_address: Option<String>,
    /// `SourcePortRange` on the wire.
    pub source_port_range: Option<RequestFilterPortRange>,
    /// `DestinationAddress` on the wire.
    pub destination_address: Option<String>,
    /// `DestinationPortRange` on the wire.
    pub destination_port_range: Option<RequestFilterPortRange>,
}

impl FromQuery for PathRequestFilter {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DestinationAddress", "DestinationPortRange", "SourceAddress", "SourcePortRange"])?;
        Ok(Self {
            source_address: at.optional("SourceAddress")?,
            source_port_range: at.optional("SourcePortRange")?,
            destination_address: at.optional("DestinationAddress")?,
            destination_port_range: at.optional("DestinationPortRange")?,
        })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_PeeringConnectionOptions.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PeeringConnectionOptions {
    /// `allowDnsResolutionFromRemoteVpc` on the wire.
    pub allow_dns_resolution_from_remote_vpc: Option<bool>,
    /// `allowEgressFromLocalClassicLinkToRemoteVpc` on the wire.
    pub allow_egress_from_local_classic_link_to_remote_vpc: Option<bool>,
    /// `allowEgressFromLocalVpcToRemoteClassicLink` on the wire.
    pub allow_egress_from_local_vpc_to_remote_classic_link: Option<bool>,
}

impl ToXml for PeeringConnectionOptions {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("allowDnsResolutionFromRemoteVpc", self.allow_dns_resolution_from_remote_vpc.as_ref());
        out.optional(
            "allowEgressFromLocalClassicLinkToRemoteVpc",
            self.allow_egress_from_local_classic_link_to_remote_vpc.as_ref(),
        );
        out.optional(
            "allowEgressFromLocalVpcToRemoteClassicLink",
            self.allow_egress_from_local_vpc_to_remote_classic_link.as_ref(),
        );
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_PeeringConnectionOptionsRequest.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PeeringConnectionOptionsRequest {
    /// `AllowDnsResolutionFromRemoteVpc` on the wire.
    pub allow_dns_resolution_from_remote_vpc: Option<bool>,
    /// `AllowEgressFromLocalClassicLinkToRemoteVpc` on the wire.
    pub allow_egress_from_local_classic_link_to_remote_vpc: Option<bool>,
    /// `AllowEgressFromLocalVpcToRemoteClassicLink` on the wire.
    pub allow_egress_from_local_vpc_to_remote_classic_link: Option<bool>,
}

impl FromQuery for PeeringConnectionOptionsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "AllowDnsResolutionFromRemoteVpc",
            "AllowEgressFromLocalClassicLinkToRemoteVpc",
            "AllowEgressFromLocalVpcToRemoteClassicLink",
        ])?;
        Ok(Self {
            allow_dns_resolution_from_remote_vpc: at.optional("AllowDnsResolutionFromRemoteVpc")?,
            allow_egress_from_local_classic_link_to_remote_vpc: at
                .optional("AllowEgressFromLocalClassicLinkToRemoteVpc")?,
            allow_egress_from_local_vpc_to_remote_classic_link: at
                .optional("AllowEgressFromLocalVpcToRemoteClassicLink")?,
        })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Phase1DHGroupNumbersListValue.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Phase1DHGroupNumbersListValue {
    /// `value` on the wire.
    pub value: Option<i32>,
}

impl ToXml for Phase1DHGroupNumbersListValue {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("value", self.value.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Phase1EncryptionAlgorithmsListValue.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Phase1EncryptionAlgorithmsListValue {
    /// `value` on the wire.
    pub value: Option<String>,
}

impl ToXml for Phase1EncryptionAlgorithmsListValue {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("value", self.value.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Phase1IntegrityAlgorithmsListValue.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Phase1IntegrityAlgorithmsListValue {
    /// `value` on the wire.
    pub value: Option<String>,
}

impl ToXml for Phase1IntegrityAlgorithmsListValue {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("value", self.value.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Phase2DHGroupNumbersListValue.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Phase2DHGroupNumbersListValue {
    /// `value` on the wire.
    pub value: Option<i32>,
}

impl ToXml for Phase2DHGroupNumbersListValue {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("value", self.value.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Phase2EncryptionAlgorithmsListValue.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Phase2EncryptionAlgorithmsListValue {
    /// `value` on the wire.
    pub value: Option<String>,
}

impl ToXml for Phase2EncryptionAlgorithmsListValue {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("value", self.value.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Phase2IntegrityAlgorithmsListValue.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Phase2IntegrityAlgorithmsListValue {
    /// `value` on the wire.
    pub value: Option<String>,
}

impl ToXml for Phase2IntegrityAlgorithmsListValue {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("value", self.value.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Placement.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Placement {
    /// `AvailabilityZoneId` in requests, `availabilityZoneId` in responses.
    pub availability_zone_id: Option<String>,
    /// `Affinity` in requests, `affinity` in responses.
    pub affinity: Option<String>,
    /// `GroupName` in requests, `groupName` in responses.
    pub group_name: Option<String>,
    /// `PartitionNumber` in requests, `partitionNumber` in responses.
    pub partition_number: Option<i32>,
    /// `HostId` in requests, `hostId` in responses.
    pub host_id: Option<String>,
    /// `Tenancy` in requests, `tenancy` in responses.
    pub tenancy: Option<String>,
    /// `SpreadDomain` in requests, `spreadDomain` in responses.
    pub spread_domain: Option<String>,
    /// `HostResourceGroupArn` in requests, `hostResourceGroupArn` in responses.
    pub host_resource_group_arn: Option<String>,
    /// `GroupId` in requests, `groupId` in responses.
    pub group_id: Option<String>,
    /// `AvailabilityZone` in requests, `availabilityZone` in responses.
    pub availability_zone: Option<String>,
}

impl FromQuery for Placement {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "Affinity",
            "AvailabilityZone",
            "AvailabilityZoneId",
            "GroupId",
            "GroupName",
            "HostId",
            "HostResourceGroupArn",
            "PartitionNumber",
            "SpreadDomain",
            "Tenancy",
        ])?;
        Ok(Self {
            availability_zone_id: at.optional("AvailabilityZoneId")?,
            affinity: at.optional("Affinity")?,
            group_name: at.optional("GroupName")?,
            partition_number: at.optional("PartitionNumber")?,
            host_id: at.optional("HostId")?,
            tenancy: at.optional("Tenancy")?,
            spread_domain: at.optional("SpreadDomain")?,
            host_resource_group_arn: at.optional("HostResourceGroupArn")?,
            group_id: at.optional("GroupId")?,
            availability_zone: at.optional("AvailabilityZone")?,
        })
    }
}

impl ToXml for Placement {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("availabilityZoneId", self.availability_zone_id.as_ref());
        out.optional("affinity", self.affinity.as_ref());
        out.optional("groupName", self.group_name.as_ref());
        out.optional("partitionNumber", self.partition_number.as_ref());
        out.optional("hostId", self.host_id.as_ref());
        out.optional("tenancy", self.tenancy.as_ref());
        out.optional("spreadDomain", self.spread_domain.as_ref());
        out.optional("hostResourceGroupArn", self.host_resource_group_arn.as_ref());
        out.optional("groupId", self.group_id.as_ref());
        out.optional("availabilityZone", self.availability_zone.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_PlacementGroupInfo.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PlacementGroupInfo {
    /// `supportedStrategies` on the wire.
    pub supported_strategies: Vec<String>,
}

impl ToXml for PlacementGroupInfo {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("supportedStrategies", "item", &self.supported_strategies);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_PortRange.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PortRange {
    /// `From` in requests, `from` in responses.
    pub from: Option<i32>,
    /// `To` in requests, `to` in responses.
    pub to: Option<i32>,
}

impl FromQuery for PortRange {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["From", "To"])?;
        Ok(Self { from: at.optional("From")?, to: at.optional("To")? })
    }
}

impl ToXml for PortRange {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("from", self.from.as_ref());
        out.optional("to", self.to.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_PrefixList.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PrefixList {
    /// `cidrSet` on the wire.
    pub cidrs: Vec<String>,
    /// `prefixListId` on the wire.
    pub prefix_list_id: Option<String>,
    /// `prefixListName` on the wire.
    pub prefix_list_name: Option<String>,
}

impl ToXml for PrefixList {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("cidrSet", "item", &self.cidrs);
        out.optional("prefixListId", self.prefix_list_id.as_ref());
        out.optional("prefixListName", self.prefix_list_name.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_PrefixListAssociation.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PrefixListAssociation {
    /// `resourceId` on the wire.
    pub resource_id: Option<String>,
    /// `resourceOwner` on the wire.
    pub resource_owner: Option<String>,
}

impl ToXml for PrefixListAssociation {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("resourceId", self.resource_id.as_ref());
        out.optional("resourceOwner", self.resource_owner.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_PrefixListEntry.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PrefixListEntry {
    /// `cidr` on the wire.
    pub cidr: Option<String>,
    /// `description` on the wire.
    pub description: Option<String>,
}

impl ToXml for PrefixListEntry {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("cidr", self.cidr.as_ref());
        out.optional("description", self.description.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_PrefixListId.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PrefixListId {
    /// `Description` in requests, `description` in responses.
    pub description: Option<String>,
    /// `PrefixListId` in requests, `prefixListId` in responses.
    pub prefix_list_id: Option<String>,
}

impl FromQuery for PrefixListId {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["Description", "PrefixListId"])?;
        Ok(Self { description: at.optional("Description")?, prefix_list_id: at.optional("PrefixListId")? })
    }
}

impl ToXml for PrefixListId {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("description", self.description.as_ref());
        out.optional("prefixListId", self.prefix_list_id.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_PrivateDnsDetails.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PrivateDnsDetails {
    /// `privateDnsName` on the wire.
    pub private_dns_name: Option<String>,
}

impl ToXml for PrivateDnsDetails {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("privateDnsName", self.private_dns_name.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_PrivateDnsNameConfiguration.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PrivateDnsNameConfiguration {
    /// `state` on the wire.
    pub state: Option<String>,
    /// `type` on the wire.
    pub r#type: Option<String>,
    /// `value` on the wire.
    pub value: Option<String>,
    /// `name` on the wire.
    pub name: Option<String>,
}

impl ToXml for PrivateDnsNameConfiguration {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("state", self.state.as_ref());
        out.optional("type", self.r#type.as_ref());
        out.optional("value", self.value.as_ref());
        out.optional("name", self.name.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_PrivateDnsNameOptionsOnLaunch.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PrivateDnsNameOptionsOnLaunch {
    /// `hostnameType` on the wire.
    pub hostname_type: Option<String>,
    /// `enableResourceNameDnsARecord` on the wire.
    pub enable_resource_name_dns_a_record: Option<bool>,
    /// `enableResourceNameDnsAAAARecord` on the wire.
    pub enable_resource_name_dns_aaaa_record: Option<bool>,
}

impl ToXml for PrivateDnsNameOptionsOnLaunch {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("hostnameType", self.hostname_type.as_ref());
        out.optional("enableResourceNameDnsARecord", self.enable_resource_name_dns_a_record.as_ref());
        out.optional("enableResourceNameDnsAAAARecord", self.enable_resource_name_dns_aaaa_record.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_PrivateDnsNameOptionsRequest.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PrivateDnsNameOptionsRequest {
    /// `HostnameType` on the wire.
    pub hostname_type: Option<String>,
    /// `EnableResourceNameDnsARecord` on the wire.
    pub enable_resource_name_dns_a_record: Option<bool>,
    /// `EnableResourceNameDnsAAAARecord` on the wire.
    pub enable_resource_name_dns_aaaa_record: Option<bool>,
}

impl FromQuery for PrivateDnsNameOptionsRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["EnableResourceNameDnsAAAARecord", "EnableResourceNameDnsARecord", "HostnameType"])?;
        Ok(Self {
            hostname_type: at.optional("HostnameType")?,
            enable_resource_name_dns_a_record: at.optional("EnableResourceNameDnsARecord")?,
            enable_resource_name_dns_aaaa_record: at.optional("EnableResourceNameDnsAAAARecord")?,
        })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_PrivateDnsNameOptionsResponse.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PrivateDnsNameOptionsResponse {
    /// `hostnameType` on the wire.
    pub hostname_type: Option<String>,
    /// `enableResourceNameDnsARecord` on the wire.
    pub enable_resource_name_dns_a_record: Option<bool>,
    /// `enableResourceNameDnsAAAARecord` on the wire.
    pub enable_resource_name_dns_aaaa_record: Option<bool>,
}

impl ToXml for PrivateDnsNameOptionsResponse {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("hostnameType", self.hostname_type.as_ref());
        out.optional("enableResourceNameDnsARecord", self.enable_resource_name_dns_a_record.as_ref());
        out.optional("enableResourceNameDnsAAAARecord", self.enable_resource_name_dns_aaaa_record.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_PrivateIpAddressSpecification.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PrivateIpAddressSpecification {
    /// `Primary` on the wire.
    pub primary: Option<bool>,
    /// `PrivateIpAddress` on the wire.
    pub private_ip_address: Option<String>,
}

impl FromQuery for PrivateIpAddressSpecification {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["Primary", "PrivateIpAddress"])?;
        Ok(Self { primary: at.optional("Primary")?, private_ip_address: at.optional("PrivateIpAddress")? })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ProcessorInfo.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProcessorInfo {
    /// `supportedArchitectures` on the wire.
    pub supported_architectures: Vec<String>,
    /// `sustainedClockSpeedInGhz` on the wire.
    pub sustained_clock_speed_in_ghz: Option<f64>,
    /// `supportedFeatures` on the wire.
    pub supported_features: Vec<String>,
    /// `manufacturer` on the wire.
    pub manufacturer: Option<String>,
}

impl ToXml for ProcessorInfo {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("supportedArchitectures", "item", &self.supported_architectures);
        out.optional("sustainedClockSpeedInGhz", self.sustained_clock_speed_in_ghz.as_ref());
        out.list("supportedFeatures", "item", &self.supported_features);
        out.optional("manufacturer", self.manufacturer.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ProductCode.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProductCode {
    /// `productCode` on the wire.
    pub product_code_id: Option<String>,
    /// `type` on the wire.
    pub product_code_type: Option<String>,
}

impl ToXml for ProductCode {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("productCode", self.product_code_id.as_ref());
        out.optional("type", self.product_code_type.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_PropagatingVgw.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PropagatingVgw {
    /// `gatewayId` on the wire.
    pub gateway_id: Option<String>,
}

impl ToXml for PropagatingVgw {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("gatewayId", self.gateway_id.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ProvisionedBandwidth.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProvisionedBandwidth {
    /// `provisionTime` on the wire.
    pub provision_time: Option<Timestamp>,
    /// `provisioned` on the wire.
    pub provisioned: Option<String>,
    /// `requestTime` on the wire.
    pub request_time: Option<Timestamp>,
    /// `requested` on the wire.
    pub requested: Option<String>,
    /// `status` on the wire.
    pub status: Option<String>,
}

impl ToXml for ProvisionedBandwidth {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("provisionTime", self.provision_time.as_ref());
        out.optional("provisioned", self.provisioned.as_ref());
        out.optional("requestTime", self.request_time.as_ref());
        out.optional("requested", self.requested.as_ref());
        out.optional("status", self.status.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_PtrUpdateStatus.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PtrUpdateStatus {
    /// `value` on the wire.
    pub value: Option<String>,
    /// `status` on the wire.
    pub status: Option<String>,
    /// `reason` on the wire.
    pub reason: Option<String>,
}

impl ToXml for PtrUpdateStatus {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("value", self.value.as_ref());
        out.optional("status", self.status.as_ref());
        out.optional("reason", self.reason.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_PublicIpDnsNameOptions.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PublicIpDnsNameOptions {
    /// `dnsHostnameType` on the wire.
    pub dns_hostname_type: Option<String>,
    /// `publicIpv4DnsName` on the wire.
    pub public_ipv4_dns_name: Option<String>,
    /// `publicIpv6DnsName` on the wire.
    pub public_ipv6_dns_name: Option<String>,
    /// `publicDualStackDnsName` on the wire.
    pub public_dual_stack_dns_name: Option<String>,
}

impl ToXml for PublicIpDnsNameOptions {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("dnsHostnameType", self.dns_hostname_type.as_ref());
        out.optional("publicIpv4DnsName", self.public_ipv4_dns_name.as_ref());
        out.optional("publicIpv6DnsName", self.public_ipv6_dns_name.as_ref());
        out.optional("publicDualStackDnsName", self.public_dual_stack_dns_name.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_PublicIpv4Pool.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PublicIpv4Pool {
    /// `poolId` on the wire.
    pub pool_id: Option<String>,
    /// `description` on the wire.
    pub description: Option<String>,
    /// `poolAddressRangeSet` on the wire.
    pub pool_address_ranges: Vec<PublicIpv4PoolRange>,
    /// `totalAddressCount` on the wire.
    pub total_address_count: Option<i32>,
    /// `totalAvailableAddressCount` on the wire.
    pub total_available_address_count: Option<i32>,
    /// `networkBorderGroup` on the wire.
    pub network_border_group: Option<String>,
    /// `tagSet` on the wire.
    pub tags: Vec<Tag>,
}

impl ToXml for PublicIpv4Pool {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("poolId", self.pool_id.as_ref());
        out.optional("description", self.description.as_ref());
        out.list("poolAddressRangeSet", "item", &self.pool_address_ranges);
        out.optional("totalAddressCount", self.total_address_count.as_ref());
        out.optional("totalAvailableAddressCount", self.total_available_address_count.as_ref());
        out.optional("networkBorderGroup", self.network_border_group.as_ref());
        out.list("tagSet", "item", &self.tags);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_PublicIpv4PoolRange.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PublicIpv4PoolRange {
    /// `firstAddress` on the wire.
    pub first_address: Option<String>,
    /// `lastAddress` on the wire.
    pub last_address: Option<String>,
    /// `addressCount` on the wire.
    pub address_count: Option<i32>,
    /// `availableAddressCount` on the wire.
    pub available_address_count: Option<i32>,
}

impl ToXml for PublicIpv4PoolRange {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("firstAddress", self.first_address.as_ref());
        out.optional("lastAddress", self.last_address.as_ref());
        out.optional("addressCount", self.address_count.as_ref());
        out.optional("availableAddressCount", self.available_address_count.as_ref());
    }
}

/// `RebootInstances` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RebootInstances.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RebootInstancesRequest {
    /// `InstanceId` on the wire.
    pub instance_ids: Vec<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for RebootInstancesRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "InstanceId"])?;
        Ok(Self { instance_ids: at.required_list("InstanceId")?, dry_run: at.optional("DryRun")? })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReferencedSecurityGroup.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReferencedSecurityGroup {
    /// `groupId` on the wire.
    pub group_id: Option<String>,
    /// `peeringStatus` on the wire.
    pub peering_status: Option<String>,
    /// `userId` on the wire.
    pub user_id: Option<String>,
    /// `vpcId` on the wire.
    pub vpc_id: Option<String>,
    /// `vpcPeeringConnectionId` on the wire.
    pub vpc_peering_connection_id: Option<String>,
}

impl ToXml for ReferencedSecurityGroup {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("groupId", self.group_id.as_ref());
        out.optional("peeringStatus", self.peering_status.as_ref());
        out.optional("userId", self.user_id.as_ref());
        out.optional("vpcId", self.vpc_id.as_ref());
        out.optional("vpcPeeringConnectionId", self.vpc_peering_connection_id.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Region.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Region {
    /// `optInStatus` on the wire.
    pub opt_in_status: Option<String>,
    /// `geographySet` on the wire.
    pub geography: Vec<RegionGeography>,
    /// `regionName` on the wire.
    pub region_name: Option<String>,
    /// `regionEndpoint` on the wire.
    pub endpoint: Option<String>,
}

impl ToXml for Region {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("optInStatus", self.opt_in_status.as_ref());
        out.list("geographySet", "item", &self.geography);
        out.optional("regionName", self.region_name.as_ref());
        out.optional("regionEndpoint", self.endpoint.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RegionGeography.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RegionGeography {
    /// `name` on the wire.
    pub name: Option<String>,
}

impl ToXml for RegionGeography {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("name", self.name.as_ref());
    }
}

/// `RejectVpcPeeringConnection` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RejectVpcPeeringConnection.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RejectVpcPeeringConnectionRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `VpcPeeringConnectionId` on the wire.
    pub vpc_peering_connection_id: Option<String>,
}

impl FromQuery for RejectVpcPeeringConnectionRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "VpcPeeringConnectionId"])?;
        Ok(Self { dry_run: at.optional("DryRun")?, vpc_peering_connection_id: at.required("VpcPeeringConnectionId")? })
    }
}

/// `RejectVpcPeeringConnection` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RejectVpcPeeringConnection.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RejectVpcPeeringConnectionResult {
    /// `return` on the wire.
    pub r#return: Option<bool>,
}

impl ToXml for RejectVpcPeeringConnectionResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("return", self.r#return.as_ref());
    }
}

/// `ReleaseAddress` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReleaseAddress.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReleaseAddressRequest {
    /// `AllocationId` on the wire.
    pub allocation_id: Option<String>,
    /// `PublicIp` on the wire.
    pub public_ip: Option<String>,
    /// `NetworkBorderGroup` on the wire.
    pub network_border_group: Option<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for ReleaseAddressRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["AllocationId", "DryRun", "NetworkBorderGroup", "PublicIp"])?;
        Ok(Self {
            allocation_id: at.optional("AllocationId")?,
            public_ip: at.optional("PublicIp")?,
            network_border_group: at.optional("NetworkBorderGroup")?,
            dry_run: at.optional("DryRun")?,
        })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RemovePrefixListEntry.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RemovePrefixListEntry {
    /// `Cidr` on the wire.
    pub cidr: Option<String>,
}

impl FromQuery for RemovePrefixListEntry {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["Cidr"])?;
        Ok(Self { cidr: at.required("Cidr")? })
    }
}

/// `ReplaceIamInstanceProfileAssociation` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceIamInstanceProfileAssociation.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReplaceIamInstanceProfileAssociationRequest {
    /// `IamInstanceProfile` on the wire.
    pub iam_instance_profile: Option<IamInstanceProfileSpecification>,
    /// `AssociationId` on the wire.
    pub association_id: Option<String>,
}

impl FromQuery for ReplaceIamInstanceProfileAssociationRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["AssociationId", "IamInstanceProfile"])?;
        Ok(Self {
            iam_instance_profile: at.required("IamInstanceProfile")?,
            association_id: at.required("AssociationId")?,
        })
    }
}

/// `ReplaceIamInstanceProfileAssociation` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceIamInstanceProfileAssociation.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReplaceIamInstanceProfileAssociationResult {
    /// `iamInstanceProfileAssociation` on the wire.
    pub iam_instance_profile_association: Option<IamInstanceProfileAssociation>,
}

impl ToXml for ReplaceIamInstanceProfileAssociationResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("iamInstanceProfileAssociation", self.iam_instance_profile_association.as_ref());
    }
}

/// `ReplaceNetworkAclAssociation` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceNetworkAclAssociation.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReplaceNetworkAclAssociationRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `AssociationId` on the wire.
    pub association_id: Option<String>,
    /// `NetworkAclId` on the wire.
    pub network_acl_id: Option<String>,
}

impl FromQuery for ReplaceNetworkAclAssociationRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["AssociationId", "DryRun", "NetworkAclId"])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            association_id: at.required("AssociationId")?,
            network_acl_id: at.required("NetworkAclId")?,
        })
    }
}

/// `ReplaceNetworkAclAssociation` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceNetworkAclAssociation.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReplaceNetworkAclAssociationResult {
    /// `newAssociationId` on the wire.
    pub new_association_id: Option<String>,
}

impl ToXml for ReplaceNetworkAclAssociationResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("newAssociationId", self.new_association_id.as_ref());
    }
}

/// `ReplaceNetworkAclEntry` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceNetworkAclEntry.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReplaceNetworkAclEntryRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `NetworkAclId` on the wire.
    pub network_acl_id: Option<String>,
    /// `RuleNumber` on the wire.
    pub rule_number: Option<i32>,
    /// `Protocol` on the wire.
    pub protocol: Option<String>,
    /// `RuleAction` on the wire.
    pub rule_action: Option<String>,
    /// `Egress` on the wire.
    pub egress: Option<bool>,
    /// `CidrBlock` on the wire.
    pub cidr_block: Option<String>,
    /// `Ipv6CidrBlock` on the wire.
    pub ipv6_cidr_block: Option<String>,
    /// `Icmp` on the wire.
    pub icmp_type_code: Option<IcmpTypeCode>,
    /// `PortRange` on the wire.
    pub port_range: Option<PortRange>,
}

impl FromQuery for ReplaceNetworkAclEntryRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "CidrBlock",
            "DryRun",
            "Egress",
            "Icmp",
            "Ipv6CidrBlock",
            "NetworkAclId",
            "PortRange",
            "Protocol",
            "RuleAction",
            "RuleNumber",
        ])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            network_acl_id: at.required("NetworkAclId")?,
            rule_number: at.required("RuleNumber")?,
            protocol: at.required("Protocol")?,
            rule_action: at.required("RuleAction")?,
            egress: at.required("Egress")?,
            cidr_block: at.optional("CidrBlock")?,
            ipv6_cidr_block: at.optional("Ipv6CidrBlock")?,
            icmp_type_code: at.optional("Icmp")?,
            port_range: at.optional("PortRange")?,
        })
    }
}

/// `ReplaceRoute` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceRoute.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReplaceRouteRequest {
    /// `DestinationPrefixListId` on the wire.
    pub destination_prefix_list_id: Option<String>,
    /// `VpcEndpointId` on the wire.
    pub vpc_endpoint_id: Option<String>,
    /// `LocalTarget` on the wire.
    pub local_target: Option<bool>,
    /// `TransitGatewayId` on the wire.
    pub transit_gateway_id: Option<String>,
    /// `LocalGatewayId` on the wire.
    pub local_gateway_id: Option<String>,
    /// `CarrierGatewayId` on the wire.
    pub carrier_gateway_id: Option<String>,
    /// `CoreNetworkArn` on the wire.
    pub core_network_arn: Option<String>,
    /// `OdbNetworkArn` on the wire.
    pub odb_network_arn: Option<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `RouteTableId` on the wire.
    pub route_table_id: Option<String>,
    /// `DestinationCidrBlock` on the wire.
    pub destination_cidr_block: Option<String>,
    /// `GatewayId` on the wire.
    pub gateway_id: Option<String>,
    /// `DestinationIpv6CidrBlock` on the wire.
    pub destination_ipv6_cidr_block: Option<String>,
    /// `EgressOnlyInternetGatewayId` on the wire.
    pub egress_only_internet_gateway_id: Option<String>,
    /// `InstanceId` on the wire.
    pub instance_id: Option<String>,
    /// `NetworkInterfaceId` on the wire.
    pub network_interface_id: Option<String>,
    /// `VpcPeeringConnectionId` on the wire.
    pub vpc_peering_connection_id: Option<String>,
    /// `NatGatewayId` on the wire.
    pub nat_gateway_id: Option<String>,
}

impl FromQuery for ReplaceRouteRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "CarrierGatewayId",
            "CoreNetworkArn",
            "DestinationCidrBlock",
            "DestinationIpv6CidrBlock",
            "DestinationPrefixListId",
            "DryRun",
            "EgressOnlyInternetGatewayId",
            "GatewayId",
            "InstanceId",
            "LocalGatewayId",
            "LocalTarget",
            "NatGatewayId",
            "NetworkInterfaceId",
            "OdbNetworkArn",
            "RouteTableId",
            "TransitGatewayId",
            "VpcEndpointId",
            "VpcPeeringConnectionId",
        ])?;
        Ok(Self {
            destination_prefix_list_id: at.optional("DestinationPrefixListId")?,
            vpc_endpoint_id: at.optional("VpcEndpointId")?,
            local_target: at.optional("LocalTarget")?,
            transit_gateway_id: at.optional("TransitGatewayId")?,
            local_gateway_id: at.optional("LocalGatewayId")?,
            carrier_gateway_id: at.optional("CarrierGatewayId")?,
            core_network_arn: at.optional("CoreNetworkArn")?,
            odb_network_arn: at.optional("OdbNetworkArn")?,
            dry_run: at.optional("DryRun")?,
            route_table_id: at.required("RouteTableId")?,
            destination_cidr_block: at.optional("DestinationCidrBlock")?,
            gateway_id: at.optional("GatewayId")?,
            destination_ipv6_cidr_block: at.optional("DestinationIpv6CidrBlock")?,
            egress_only_internet_gateway_id: at.optional("EgressOnlyInternetGatewayId")?,
            instance_id: at.optional("InstanceId")?,
            network_interface_id: at.optional("NetworkInterfaceId")?,
            vpc_peering_connection_id: at.optional("VpcPeeringConnectionId")?,
            nat_gateway_id: at.optional("NatGatewayId")?,
        })
    }
}

/// `ReplaceRouteTableAssociation` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceRouteTableAssociation.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReplaceRouteTableAssociationRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `AssociationId` on the wire.
    pub association_id: Option<String>,
    /// `RouteTableId` on the wire.
    pub route_table_id: Option<String>,
}

impl FromQuery for ReplaceRouteTableAssociationRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["AssociationId", "DryRun", "RouteTableId"])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            association_id: at.required("AssociationId")?,
            route_table_id: at.required("RouteTableId")?,
        })
    }
}

/// `ReplaceRouteTableAssociation` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReplaceRouteTableAssociation.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReplaceRouteTableAssociationResult {
    /// `newAssociationId` on the wire.
    pub new_association_id: Option<String>,
    /// `associationState` on the wire.
    pub association_state: Option<RouteTableAssociationState>,
}

impl ToXml for ReplaceRouteTableAssociationResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("newAssociationId", self.new_association_id.as_ref());
        out.optional("associationState", self.association_state.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RequestFilterPortRange.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RequestFilterPortRange {
    /// `FromPort` on the wire.
    pub from_port: Option<i32>,
    /// `ToPort` on the wire.
    pub to_port: Option<i32>,
}

impl FromQuery for RequestFilterPortRange {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["FromPort", "ToPort"])?;
        Ok(Self { from_port: at.optional("FromPort")?, to_port: at.optional("ToPort")? })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Reservation.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reservation {
    /// `reservationId` on the wire.
    pub reservation_id: Option<String>,
    /// `ownerId` on the wire.
    pub owner_id: Option<String>,
    /// `requesterId` on the wire.
    pub requester_id: Option<String>,
    /// `groupSet` on the wire.
    pub groups: Vec<GroupIdentifier>,
    /// `instancesSet` on the wire.
    pub instances: Vec<Instance>,
}

impl ToXml for Reservation {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("reservationId", self.reservation_id.as_ref());
        out.optional("ownerId", self.owner_id.as_ref());
        out.optional("requesterId", self.requester_id.as_ref());
        out.list("groupSet", "item", &self.groups);
        out.list("instancesSet", "item", &self.instances);
    }
}

/// `ResetAddressAttribute` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ResetAddressAttribute.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ResetAddressAttributeRequest {
    /// `AllocationId` on the wire.
    pub allocation_id: Option<String>,
    /// `Attribute` on the wire.
    pub attribute: Option<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for ResetAddressAttributeRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["AllocationId", "Attribute", "DryRun"])?;
        Ok(Self {
            allocation_id: at.required("AllocationId")?,
            attribute: at.required("Attribute")?,
            dry_run: at.optional("DryRun")?,
        })
    }
}

/// `ResetAddressAttribute` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ResetAddressAttribute.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ResetAddressAttributeResult {
    /// `address` on the wire.
    pub address: Option<AddressAttribute>,
}

impl ToXml for ResetAddressAttributeResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("address", self.address.as_ref());
    }
}

/// `ResetInstanceAttribute` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ResetInstanceAttribute.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ResetInstanceAttributeRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `InstanceId` on the wire.
    pub instance_id: Option<String>,
    /// `Attribute` on the wire.
    pub attribute: Option<String>,
}

impl FromQuery for ResetInstanceAttributeRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["Attribute", "DryRun", "InstanceId"])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            instance_id: at.required("InstanceId")?,
            attribute: at.required("Attribute")?,
        })
    }
}

/// `ResetNetworkInterfaceAttribute` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ResetNetworkInterfaceAttribute.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ResetNetworkInterfaceAttributeRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `NetworkInterfaceId` on the wire.
    pub network_interface_id: Option<String>,
    /// `SourceDestCheck` on the wire.
    pub source_dest_check: Option<String>,
}

impl FromQuery for ResetNetworkInterfaceAttributeRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "NetworkInterfaceId", "SourceDestCheck"])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            network_interface_id: at.required("NetworkInterfaceId")?,
            source_dest_check: at.optional("SourceDestCheck")?,
        })
    }
}

/// `RestoreManagedPrefixListVersion` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RestoreManagedPrefixListVersion.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RestoreManagedPrefixListVersionRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `PrefixListId` on the wire.
    pub prefix_list_id: Option<String>,
    /// `PreviousVersion` on the wire.
    pub previous_version: Option<i64>,
    /// `CurrentVersion` on the wire.
    pub current_version: Option<i64>,
}

impl FromQuery for RestoreManagedPrefixListVersionRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["CurrentVersion", "DryRun", "PrefixListId", "PreviousVersion"])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            prefix_list_id: at.required("PrefixListId")?,
            previous_version: at.required("PreviousVersion")?,
            current_version: at.required("CurrentVersion")?,
        })
    }
}

/// `RestoreManagedPrefixListVersion` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RestoreManagedPrefixListVersion.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RestoreManagedPrefixListVersionResult {
    /// `prefixList` on the wire.
    pub prefix_list: Option<ManagedPrefixList>,
}

impl ToXml for RestoreManagedPrefixListVersionResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("prefixList", self.prefix_list.as_ref());
    }
}

/// `RevokeSecurityGroupEgress` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RevokeSecurityGroupEgress.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RevokeSecurityGroupEgressRequest {
    /// `SecurityGroupRuleId` on the wire.
    pub security_group_rule_ids: Vec<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `GroupId` on the wire.
    pub group_id: Option<String>,
    /// `SourceSecurityGroupName` on the wire.
    pub source_security_group_name: Option<String>,
    /// `SourceSecurityGroupOwnerId` on the wire.
    pub source_security_group_owner_id: Option<String>,
    /// `IpProtocol` on the wire.
    pub ip_protocol: Option<String>,
    /// `FromPort` on the wire.
    pub from_port: Option<i32>,
    /// `ToPort` on the wire.
    pub to_port: Option<i32>,
    /// `CidrIp` on the wire.
    pub cidr_ip: Option<String>,
    /// `IpPermissions` on the wire.
    pub ip_permissions: Vec<IpPermission>,
}

impl FromQuery for RevokeSecurityGroupEgressRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "CidrIp",
            "DryRun",
            "FromPort",
            "GroupId",
            "IpPermissions",
            "IpProtocol",
            "SecurityGroupRuleId",
            "SourceSecurityGroupName",
            "SourceSecurityGroupOwnerId",
            "ToPort",
        ])?;
        Ok(Self {
            security_group_rule_ids: at.list("SecurityGroupRuleId")?,
            dry_run: at.optional("DryRun")?,
            group_id: at.required("GroupId")?,
            source_security_group_name: at.optional("SourceSecurityGroupName")?,
            source_security_group_owner_id: at.optional("SourceSecurityGroupOwnerId")?,
            ip_protocol: at.optional("IpProtocol")?,
            from_port: at.optional("FromPort")?,
            to_port: at.optional("ToPort")?,
            cidr_ip: at.optional("CidrIp")?,
            ip_permissions: at.list("IpPermissions")?,
        })
    }
}

/// `RevokeSecurityGroupEgress` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RevokeSecurityGroupEgress.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RevokeSecurityGroupEgressResult {
    /// `return` on the wire.
    pub r#return: Option<bool>,
    /// `unknownIpPermissionSet` on the wire.
    pub unknown_ip_permissions: Vec<IpPermission>,
    /// `revokedSecurityGroupRuleSet` on the wire.
    pub revoked_security_group_rules: Vec<RevokedSecurityGroupRule>,
}

impl ToXml for RevokeSecurityGroupEgressResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("return", self.r#return.as_ref());
        out.list("unknownIpPermissionSet", "item", &self.unknown_ip_permissions);
        out.list("revokedSecurityGroupRuleSet", "item", &self.revoked_security_group_rules);
    }
}

/// `RevokeSecurityGroupIngress` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RevokeSecurityGroupIngress.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RevokeSecurityGroupIngressRequest {
    /// `CidrIp` on the wire.
    pub cidr_ip: Option<String>,
    /// `FromPort` on the wire.
    pub from_port: Option<i32>,
    /// `GroupId` on the wire.
    pub group_id: Option<String>,
    /// `GroupName` on the wire.
    pub group_name: Option<String>,
    /// `IpPermissions` on the wire.
    pub ip_permissions: Vec<IpPermission>,
    /// `IpProtocol` on the wire.
    pub ip_protocol: Option<String>,
    /// `SourceSecurityGroupName` on the wire.
    pub source_security_group_name: Option<String>,
    /// `SourceSecurityGroupOwnerId` on the wire.
    pub source_security_group_owner_id: Option<String>,
    /// `ToPort` on the wire.
    pub to_port: Option<i32>,
    /// `SecurityGroupRuleId` on the wire.
    pub security_group_rule_ids: Vec<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for RevokeSecurityGroupIngressRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "CidrIp",
            "DryRun",
            "FromPort",
            "GroupId",
            "GroupName",
            "IpPermissions",
            "IpProtocol",
            "SecurityGroupRuleId",
            "SourceSecurityGroupName",
            "SourceSecurityGroupOwnerId",
            "ToPort",
        ])?;
        Ok(Self {
            cidr_ip: at.optional("CidrIp")?,
            from_port: at.optional("FromPort")?,
            group_id: at.optional("GroupId")?,
            group_name: at.optional("GroupName")?,
            ip_permissions: at.list("IpPermissions")?,
            ip_protocol: at.optional("IpProtocol")?,
            source_security_group_name: at.optional("SourceSecurityGroupName")?,
            source_security_group_owner_id: at.optional("SourceSecurityGroupOwnerId")?,
            to_port: at.optional("ToPort")?,
            security_group_rule_ids: at.list("SecurityGroupRuleId")?,
            dry_run: at.optional("DryRun")?,
        })
    }
}

/// `RevokeSecurityGroupIngress` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RevokeSecurityGroupIngress.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RevokeSecurityGroupIngressResult {
    /// `return` on the wire.
    pub r#return: Option<bool>,
    /// `unknownIpPermissionSet` on the wire.
    pub unknown_ip_permissions: Vec<IpPermission>,
    /// `revokedSecurityGroupRuleSet` on the wire.
    pub revoked_security_group_rules: Vec<RevokedSecurityGroupRule>,
}

impl ToXml for RevokeSecurityGroupIngressResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("return", self.r#return.as_ref());
        out.list("unknownIpPermissionSet", "item", &self.unknown_ip_permissions);
        out.list("revokedSecurityGroupRuleSet", "item", &self.revoked_security_group_rules);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RevokedSecurityGroupRule.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RevokedSecurityGroupRule {
    /// `securityGroupRuleId` on the wire.
    pub security_group_rule_id: Option<String>,
    /// `groupId` on the wire.
    pub group_id: Option<String>,
    /// `isEgress` on the wire.
    pub is_egress: Option<bool>,
    /// `ipProtocol` on the wire.
    pub ip_protocol: Option<String>,
    /// `fromPort` on the wire.
    pub from_port: Option<i32>,
    /// `toPort` on the wire.
    pub to_port: Option<i32>,
    /// `cidrIpv4` on the wire.
    pub cidr_ipv4: Option<String>,
    /// `cidrIpv6` on the wire.
    pub cidr_ipv6: Option<String>,
    /// `prefixListId` on the wire.
    pub prefix_list_id: Option<String>,
    /// `referencedGroupId` on the wire.
    pub referenced_group_id: Option<String>,
    /// `description` on the wire.
    pub description: Option<String>,
}

impl ToXml for RevokedSecurityGroupRule {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("securityGroupRuleId", self.security_group_rule_id.as_ref());
        out.optional("groupId", self.group_id.as_ref());
        out.optional("isEgress", self.is_egress.as_ref());
        out.optional("ipProtocol", self.ip_protocol.as_ref());
        out.optional("fromPort", self.from_port.as_ref());
        out.optional("toPort", self.to_port.as_ref());
        out.optional("cidrIpv4", self.cidr_ipv4.as_ref());
        out.optional("cidrIpv6", self.cidr_ipv6.as_ref());
        out.optional("prefixListId", self.prefix_list_id.as_ref());
        out.optional("referencedGroupId", self.referenced_group_id.as_ref());
        out.optional("description", self.description.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Route {
    /// `destinationCidrBlock` on the wire.
    pub destination_cidr_block: Option<String>,
    /// `destinationIpv6CidrBlock` on the wire.
    pub destination_ipv6_cidr_block: Option<String>,
    /// `destinationPrefixListId` on the wire.
    pub destination_prefix_list_id: Option<String>,
    /// `egressOnlyInternetGatewayId` on the wire.
    pub egress_only_internet_gateway_id: Option<String>,
    /// `gatewayId` on the wire.
    pub gateway_id: Option<String>,
    /// `instanceId` on the wire.
    pub instance_id: Option<String>,
    /// `instanceOwnerId` on the wire.
    pub instance_owner_id: Option<String>,
    /// `natGatewayId` on the wire.
    pub nat_gateway_id: Option<String>,
    /// `transitGatewayId` on the wire.
    pub transit_gateway_id: Option<String>,
    /// `localGatewayId` on the wire.
    pub local_gateway_id: Option<String>,
    /// `carrierGatewayId` on the wire.
    pub carrier_gateway_id: Option<String>,
    /// `networkInterfaceId` on the wire.
    pub network_interface_id: Option<String>,
    /// `origin` on the wire.
    pub origin: Option<String>,
    /// `state` on the wire.
    pub state: Option<String>,
    /// `vpcPeeringConnectionId` on the wire.
    pub vpc_peering_connection_id: Option<String>,
    /// `coreNetworkArn` on the wire.
    pub core_network_arn: Option<String>,
    /// `odbNetworkArn` on the wire.
    pub odb_network_arn: Option<String>,
    /// `ipAddress` on the wire.
    pub ip_address: Option<String>,
}

impl ToXml for Route {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("destinationCidrBlock", self.destination_cidr_block.as_ref());
        out.optional("destinationIpv6CidrBlock", self.destination_ipv6_cidr_block.as_ref());
        out.optional("destinationPrefixListId", self.destination_prefix_list_id.as_ref());
        out.optional("egressOnlyInternetGatewayId", self.egress_only_internet_gateway_id.as_ref());
        out.optional("gatewayId", self.gateway_id.as_ref());
        out.optional("instanceId", self.instance_id.as_ref());
        out.optional("instanceOwnerId", self.instance_owner_id.as_ref());
        out.optional("natGatewayId", self.nat_gateway_id.as_ref());
        out.optional("transitGatewayId", self.transit_gateway_id.as_ref());
        out.optional("localGatewayId", self.local_gateway_id.as_ref());
        out.optional("carrierGatewayId", self.carrier_gateway_id.as_ref());
        out.optional("networkInterfaceId", self.network_interface_id.as_ref());
        out.optional("origin", self.origin.as_ref());
        out.optional("state", self.state.as_ref());
        out.optional("vpcPeeringConnectionId", self.vpc_peering_connection_id.as_ref());
        out.optional("coreNetworkArn", self.core_network_arn.as_ref());
        out.optional("odbNetworkArn", self.odb_network_arn.as_ref());
        out.optional("ipAddress", self.ip_address.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RouteTable.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RouteTable {
    /// `associationSet` on the wire.
    pub associations: Vec<RouteTableAssociation>,
    /// `propagatingVgwSet` on the wire.
    pub propagating_vgws: Vec<PropagatingVgw>,
    /// `routeTableId` on the wire.
    pub route_table_id: Option<String>,
    /// `routeSet` on the wire.
    pub routes: Vec<Route>,
    /// `tagSet` on the wire.
    pub tags: Vec<Tag>,
    /// `vpcId` on the wire.
    pub vpc_id: Option<String>,
    /// `ownerId` on the wire.
    pub owner_id: Option<String>,
}

impl ToXml for RouteTable {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("associationSet", "item", &self.associations);
        out.list("propagatingVgwSet", "item", &self.propagating_vgws);
        out.optional("routeTableId", self.route_table_id.as_ref());
        out.list("routeSet", "item", &self.routes);
        out.list("tagSet", "item", &self.tags);
        out.optional("vpcId", self.vpc_id.as_ref());
        out.optional("ownerId", self.owner_id.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RouteTableAssociation.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RouteTableAssociation {
    /// `main` on the wire.
    pub main: Option<bool>,
    /// `routeTableAssociationId` on the wire.
    pub route_table_association_id: Option<String>,
    /// `routeTableId` on the wire.
    pub route_table_id: Option<String>,
    /// `subnetId` on the wire.
    pub subnet_id: Option<String>,
    /// `gatewayId` on the wire.
    pub gateway_id: Option<String>,
    /// `publicIpv4Pool` on the wire.
    pub public_ipv4_pool: Option<String>,
    /// `associationState` on the wire.
    pub association_state: Option<RouteTableAssociationState>,
}

impl ToXml for RouteTableAssociation {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("main", self.main.as_ref());
        out.optional("routeTableAssociationId", self.route_table_association_id.as_ref());
        out.optional("routeTableId", self.route_table_id.as_ref());
        out.optional("subnetId", self.subnet_id.as_ref());
        out.optional("gatewayId", self.gateway_id.as_ref());
        out.optional("publicIpv4Pool", self.public_ipv4_pool.as_ref());
        out.optional("associationState", self.association_state.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RouteTableAssociationState.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RouteTableAssociationState {
    /// `state` on the wire.
    pub state: Option<String>,
    /// `statusMessage` on the wire.
    pub status_message: Option<String>,
}

impl ToXml for RouteTableAssociationState {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("state", self.state.as_ref());
        out.optional("statusMessage", self.status_message.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RuleGroupRuleOptionsPair.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RuleGroupRuleOptionsPair {
    /// `ruleGroupArn` on the wire.
    pub rule_group_arn: Option<String>,
    /// `ruleOptionSet` on the wire.
    pub rule_options: Vec<RuleOption>,
}

impl ToXml for RuleGroupRuleOptionsPair {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("ruleGroupArn", self.rule_group_arn.as_ref());
        out.list("ruleOptionSet", "item", &self.rule_options);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RuleGroupTypePair.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RuleGroupTypePair {
    /// `ruleGroupArn` on the wire.
    pub rule_group_arn: Option<String>,
    /// `ruleGroupType` on the wire.
    pub rule_group_type: Option<String>,
}

impl ToXml for RuleGroupTypePair {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("ruleGroupArn", self.rule_group_arn.as_ref());
        out.optional("ruleGroupType", self.rule_group_type.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RuleOption.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RuleOption {
    /// `keyword` on the wire.
    pub keyword: Option<String>,
    /// `settingSet` on the wire.
    pub settings: Vec<String>,
}

impl ToXml for RuleOption {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("keyword", self.keyword.as_ref());
        out.list("settingSet", "item", &self.settings);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstancesMonitoringEnabled.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunInstancesMonitoringEnabled {
    /// `Enabled` on the wire.
    pub enabled: Option<bool>,
}

impl FromQuery for RunInstancesMonitoringEnabled {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["Enabled"])?;
        Ok(Self { enabled: at.required("Enabled")? })
    }
}

/// `RunInstances` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunInstancesRequest {
    /// `BlockDeviceMapping` on the wire.
    pub block_device_mappings: Vec<BlockDeviceMapping>,
    /// `ImageId` on the wire.
    pub image_id: Option<String>,
    /// `InstanceType` on the wire.
    pub instance_type: Option<String>,
    /// `Ipv6AddressCount` on the wire.
    pub ipv6_address_count: Option<i32>,
    /// `Ipv6Address` on the wire.
    pub ipv6_addresses: Vec<InstanceIpv6Address>,
    /// `KernelId` on the wire.
    pub kernel_id: Option<String>,
    /// `KeyName` on the wire.
    pub key_name: Option<String>,
    /// `MaxCount` on the wire.
    pub max_count: Option<i32>,
    /// `MinCount` on the wire.
    pub min_count: Option<i32>,
    /// `Monitoring` on the wire.
    pub monitoring: Option<RunInstancesMonitoringEnabled>,
    /// `Placement` on the wire.
    pub placement: Option<Placement>,
    /// `RamdiskId` on the wire.
    pub ramdisk_id: Option<String>,
    /// `SecurityGroupId` on the wire.
    pub security_group_ids: Vec<String>,
    /// `SecurityGroup` on the wire.
    pub security_groups: Vec<String>,
    /// `SubnetId` on the wire.
    pub subnet_id: Option<String>,
    /// `UserData` on the wire.
    pub user_data: Option<String>,
    /// `ElasticGpuSpecification` on the wire.
    pub elastic_gpu_specification: Vec<ElasticGpuSpecification>,
    /// `ElasticInferenceAccelerator` on the wire.
    pub elastic_inference_accelerators: Vec<ElasticInferenceAccelerator>,
    /// `TagSpecification` on the wire.
    pub tag_specifications: Vec<TagSpecification>,
    /// `LaunchTemplate` on the wire.
    pub launch_template: Option<LaunchTemplateSpecification>,
    /// `InstanceMarketOptions` on the wire.
    pub instance_market_options: Option<InstanceMarketOptionsRequest>,
    /// `CreditSpecification` on the wire.
    pub credit_specification: Option<CreditSpecificationRequest>,
    /// `CpuOptions` on the wire.
    pub cpu_options: Option<CpuOptionsRequest>,
    /// `CapacityReservationSpecification` on the wire.
    pub capacity_reservation_specification: Option<CapacityReservationSpecification>,
    /// `HibernationOptions` on the wire.
    pub hibernation_options: Option<HibernationOptionsRequest>,
    /// `LicenseSpecification` on the wire.
    pub license_specifications: Vec<LicenseConfigurationRequest>,
    /// `MetadataOptions` on the wire.
    pub metadata_options: Option<InstanceMetadataOptionsRequest>,
    /// `EnclaveOptions` on the wire.
    pub enclave_options: Option<EnclaveOptionsRequest>,
    /// `PrivateDnsNameOptions` on the wire.
    pub private_dns_name_options: Option<PrivateDnsNameOptionsRequest>,
    /// `MaintenanceOptions` on the wire.
    pub maintenance_options: Option<InstanceMaintenanceOptionsRequest>,
    /// `DisableApiStop` on the wire.
    pub disable_api_stop: Option<bool>,
    /// `EnablePrimaryIpv6` on the wire.
    pub enable_primary_ipv6: Option<bool>,
    /// `NetworkPerformanceOptions` on the wire.
    pub network_performance_options: Option<InstanceNetworkPerformanceOptionsRequest>,
    /// `Operator` on the wire.
    pub operator: Option<OperatorRequest>,
    /// `SecondaryInterface` on the wire.
    pub secondary_interfaces: Vec<InstanceSecondaryInterfaceSpecificationRequest>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `DisableApiTermination` on the wire.
    pub disable_api_termination: Option<bool>,
    /// `InstanceInitiatedShutdownBehavior` on the wire.
    pub instance_initiated_shutdown_behavior: Option<String>,
    /// `PrivateIpAddress` on the wire.
    pub private_ip_address: Option<String>,
    /// `ClientToken` on the wire.
    pub client_token: Option<String>,
    /// `AdditionalInfo` on the wire.
    pub additional_info: Option<String>,
    /// `NetworkInterface` on the wire.
    pub network_interfaces: Vec<InstanceNetworkInterfaceSpecification>,
    /// `IamInstanceProfile` on the wire.
    pub iam_instance_profile: Option<IamInstanceProfileSpecification>,
    /// `EbsOptimized` on the wire.
    pub ebs_optimized: Option<bool>,
}

impl FromQuery for RunInstancesRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "AdditionalInfo",
            "BlockDeviceMapping",
            "CapacityReservationSpecification",
            "ClientToken",
            "CpuOptions",
            "CreditSpecification",
            "DisableApiStop",
            "DisableApiTermination",
            "DryRun",
            "EbsOptimized",
            "ElasticGpuSpecification",
            "ElasticInferenceAccelerator",
            "EnablePrimaryIpv6",
            "EnclaveOptions",
            "HibernationOptions",
            "IamInstanceProfile",
            "ImageId",
            "InstanceInitiatedShutdownBehavior",
            "InstanceMarketOptions",
            "InstanceType",
            "Ipv6Address",
            "Ipv6AddressCount",
            "KernelId",
            "KeyName",
            "LaunchTemplate",
            "LicenseSpecification",
            "MaintenanceOptions",
            "MaxCount",
            "MetadataOptions",
            "MinCount",
            "Monitoring",
            "NetworkInterface",
            "NetworkPerformanceOptions",
            "Operator",
            "Placement",
            "PrivateDnsNameOptions",
            "PrivateIpAddress",
            "RamdiskId",
            "SecondaryInterface",
            "SecurityGroup",
            "SecurityGroupId",
            "SubnetId",
            "TagSpecification",
            "UserData",
        ])?;
        Ok(Self {
            block_device_mappings: at.list("BlockDeviceMapping")?,
            image_id: at.optional("ImageId")?,
            instance_type: at.optional("InstanceType")?,
            ipv6_address_count: at.optional("Ipv6AddressCount")?,
            ipv6_addresses: at.list("Ipv6Address")?,
            kernel_id: at.optional("KernelId")?,
            key_name: at.optional("KeyName")?,
            max_count: at.required("MaxCount")?,
            min_count: at.required("MinCount")?,
            monitoring: at.optional("Monitoring")?,
            placement: at.optional("Placement")?,
            ramdisk_id: at.optional("RamdiskId")?,
            security_group_ids: at.list("SecurityGroupId")?,
            security_groups: at.list("SecurityGroup")?,
            subnet_id: at.optional("SubnetId")?,
            user_data: at.optional("UserData")?,
            elastic_gpu_specification: at.list("ElasticGpuSpecification")?,
            elastic_inference_accelerators: at.list("ElasticInferenceAccelerator")?,
            tag_specifications: at.list("TagSpecification")?,
            launch_template: at.optional("LaunchTemplate")?,
            instance_market_options: at.optional("InstanceMarketOptions")?,
            credit_specification: at.optional("CreditSpecification")?,
            cpu_options: at.optional("CpuOptions")?,
            capacity_reservation_specification: at.optional("CapacityReservationSpecification")?,
            hibernation_options: at.optional("HibernationOptions")?,
            license_specifications: at.list("LicenseSpecification")?,
            metadata_options: at.optional("MetadataOptions")?,
            enclave_options: at.optional("EnclaveOptions")?,
            private_dns_name_options: at.optional("PrivateDnsNameOptions")?,
            maintenance_options: at.optional("MaintenanceOptions")?,
            disable_api_stop: at.optional("DisableApiStop")?,
            enable_primary_ipv6: at.optional("EnablePrimaryIpv6")?,
            network_performance_options: at.optional("NetworkPerformanceOptions")?,
            operator: at.optional("Operator")?,
            secondary_interfaces: at.list("SecondaryInterface")?,
            dry_run: at.optional("DryRun")?,
            disable_api_termination: at.optional("DisableApiTermination")?,
            instance_initiated_shutdown_behavior: at.optional("InstanceInitiatedShutdownBehavior")?,
            private_ip_address: at.optional("PrivateIpAddress")?,
            client_token: at.optional("ClientToken")?,
            additional_info: at.optional("AdditionalInfo")?,
            network_interfaces: at.list("NetworkInterface")?,
            iam_instance_profile: at.optional("IamInstanceProfile")?,
            ebs_optimized: at.optional("EbsOptimized")?,
        })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroup.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SecurityGroup {
    /// `groupId` on the wire.
    pub group_id: Option<String>,
    /// `ipPermissionsEgress` on the wire.
    pub ip_permissions_egress: Vec<IpPermission>,
    /// `tagSet` on the wire.
    pub tags: Vec<Tag>,
    /// `vpcId` on the wire.
    pub vpc_id: Option<String>,
    /// `securityGroupArn` on the wire.
    pub security_group_arn: Option<String>,
    /// `ownerId` on the wire.
    pub owner_id: Option<String>,
    /// `groupName` on the wire.
    pub group_name: Option<String>,
    /// `groupDescription` on the wire.
    pub description: Option<String>,
    /// `ipPermissions` on the wire.
    pub ip_permissions: Vec<IpPermission>,
}

impl ToXml for SecurityGroup {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("groupId", self.group_id.as_ref());
        out.list("ipPermissionsEgress", "item", &self.ip_permissions_egress);
        out.list("tagSet", "item", &self.tags);
        out.optional("vpcId", self.vpc_id.as_ref());
        out.optional("securityGroupArn", self.security_group_arn.as_ref());
        out.optional("ownerId", self.owner_id.as_ref());
        out.optional("groupName", self.group_name.as_ref());
        out.optional("groupDescription", self.description.as_ref());
        out.list("ipPermissions", "item", &self.ip_permissions);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroupForVpc.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SecurityGroupForVpc {
    /// `description` on the wire.
    pub description: Option<String>,
    /// `groupName` on the wire.
    pub group_name: Option<String>,
    /// `ownerId` on the wire.
    pub owner_id: Option<String>,
    /// `groupId` on the wire.
    pub group_id: Option<String>,
    /// `tagSet` on the wire.
    pub tags: Vec<Tag>,
    /// `primaryVpcId` on the wire.
    pub primary_vpc_id: Option<String>,
}

impl ToXml for SecurityGroupForVpc {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("description", self.description.as_ref());
        out.optional("groupName", self.group_name.as_ref());
        out.optional("ownerId", self.owner_id.as_ref());
        out.optional("groupId", self.group_id.as_ref());
        out.list("tagSet", "item", &self.tags);
        out.optional("primaryVpcId", self.primary_vpc_id.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroupIdentifier.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SecurityGroupIdentifier {
    /// `groupId` on the wire.
    pub group_id: Option<String>,
    /// `groupName` on the wire.
    pub group_name: Option<String>,
}

impl ToXml for SecurityGroupIdentifier {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("groupId", self.group_id.as_ref());
        out.optional("groupName", self.group_name.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroupReference.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SecurityGroupReference {
    /// `groupId` on the wire.
    pub group_id: Option<String>,
    /// `referencingVpcId` on the wire.
    pub referencing_vpc_id: Option<String>,
    /// `vpcPeeringConnectionId` on the wire.
    pub vpc_peering_connection_id: Option<String>,
    /// `transitGatewayId` on the wire.
    pub transit_gateway_id: Option<String>,
}

impl ToXml for SecurityGroupReference {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("groupId", self.group_id.as_ref());
        out.optional("referencingVpcId", self.referencing_vpc_id.as_ref());
        out.optional("vpcPeeringConnectionId", self.vpc_peering_connection_id.as_ref());
        out.optional("transitGatewayId", self.transit_gateway_id.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroupRule.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SecurityGroupRule {
    /// `securityGroupRuleId` on the wire.
    pub security_group_rule_id: Option<String>,
    /// `groupId` on the wire.
    pub group_id: Option<String>,
    /// `groupOwnerId` on the wire.
    pub group_owner_id: Option<String>,
    /// `isEgress` on the wire.
    pub is_egress: Option<bool>,
    /// `ipProtocol` on the wire.
    pub ip_protocol: Option<String>,
    /// `fromPort` on the wire.
    pub from_port: Option<i32>,
    /// `toPort` on the wire.
    pub to_port: Option<i32>,
    /// `cidrIpv4` on the wire.
    pub cidr_ipv4: Option<String>,
    /// `cidrIpv6` on the wire.
    pub cidr_ipv6: Option<String>,
    /// `prefixListId` on the wire.
    pub prefix_list_id: Option<String>,
    /// `referencedGroupInfo` on the wire.
    pub referenced_group_info: Option<ReferencedSecurityGroup>,
    /// `description` on the wire.
    pub description: Option<String>,
    /// `tagSet` on the wire.
    pub tags: Vec<Tag>,
    /// `securityGroupRuleArn` on the wire.
    pub security_group_rule_arn: Option<String>,
}

impl ToXml for SecurityGroupRule {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("securityGroupRuleId", self.security_group_rule_id.as_ref());
        out.optional("groupId", self.group_id.as_ref());
        out.optional("groupOwnerId", self.group_owner_id.as_ref());
        out.optional("isEgress", self.is_egress.as_ref());
        out.optional("ipProtocol", self.ip_protocol.as_ref());
        out.optional("fromPort", self.from_port.as_ref());
        out.optional("toPort", self.to_port.as_ref());
        out.optional("cidrIpv4", self.cidr_ipv4.as_ref());
        out.optional("cidrIpv6", self.cidr_ipv6.as_ref());
        out.optional("prefixListId", self.prefix_list_id.as_ref());
        out.optional("referencedGroupInfo", self.referenced_group_info.as_ref());
        out.optional("description", self.description.as_ref());
        out.list("tagSet", "item", &self.tags);
        out.optional("securityGroupRuleArn", self.security_group_rule_arn.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroupRuleDescription.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SecurityGroupRuleDescription {
    /// `SecurityGroupRuleId` on the wire.
    pub security_group_rule_id: Option<String>,
    /// `Description` on the wire.
    pub description: Option<String>,
}

impl FromQuery for SecurityGroupRuleDescription {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["Description", "SecurityGroupRuleId"])?;
        Ok(Self {
            security_group_rule_id: at.optional("SecurityGroupRuleId")?,
            description: at.optional("Description")?,
        })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroupRuleRequest.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SecurityGroupRuleRequest {
    /// `IpProtocol` on the wire.
    pub ip_protocol: Option<String>,
    /// `FromPort` on the wire.
    pub from_port: Option<i32>,
    /// `ToPort` on the wire.
    pub to_port: Option<i32>,
    /// `CidrIpv4` on the wire.
    pub cidr_ipv4: Option<String>,
    /// `CidrIpv6` on the wire.
    pub cidr_ipv6: Option<String>,
    /// `PrefixListId` on the wire.
    pub prefix_list_id: Option<String>,
    /// `ReferencedGroupId` on the wire.
    pub referenced_group_id: Option<String>,
    /// `Description` on the wire.
    pub description: Option<String>,
}

impl FromQuery for SecurityGroupRuleRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "CidrIpv4",
            "CidrIpv6",
            "Description",
            "FromPort",
            "IpProtocol",
            "PrefixListId",
            "ReferencedGroupId",
            "ToPort",
        ])?;
        Ok(Self {
            ip_protocol: at.optional("IpProtocol")?,
            from_port: at.optional("FromPort")?,
            to_port: at.optional("ToPort")?,
            cidr_ipv4: at.optional("CidrIpv4")?,
            cidr_ipv6: at.optional("CidrIpv6")?,
            prefix_list_id: at.optional("PrefixListId")?,
            referenced_group_id: at.optional("ReferencedGroupId")?,
            description: at.optional("Description")?,
        })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SecurityGroupRuleUpdate.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SecurityGroupRuleUpdate {
    /// `SecurityGroupRuleId` on the wire.
    pub security_group_rule_id: Option<String>,
    /// `SecurityGroupRule` on the wire.
    pub security_group_rule: Option<SecurityGroupRuleRequest>,
}

impl FromQuery for SecurityGroupRuleUpdate {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["SecurityGroupRule", "SecurityGroupRuleId"])?;
        Ok(Self {
            security_group_rule_id: at.required("SecurityGroupRuleId")?,
            security_group_rule: at.optional("SecurityGroupRule")?,
        })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ServiceConfiguration.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ServiceConfiguration {
    /// `serviceType` on the wire.
    pub service_type: Vec<ServiceTypeDetail>,
    /// `serviceId` on the wire.
    pub service_id: Option<String>,
    /// `serviceName` on the wire.
    pub service_name: Option<String>,
    /// `serviceState` on the wire.
    pub service_state: Option<String>,
    /// `availabilityZoneIdSet` on the wire.
    pub availability_zone_ids: Vec<String>,
    /// `availabilityZoneSet` on the wire.
    pub availability_zones: Vec<String>,
    /// `acceptanceRequired` on the wire.
    pub acceptance_required: Option<bool>,
    /// `managesVpcEndpoints` on the wire.
    pub manages_vpc_endpoints: Option<bool>,
    /// `networkLoadBalancerArnSet` on the wire.
    pub network_load_balancer_arns: Vec<String>,
    /// `gatewayLoadBalancerArnSet` on the wire.
    pub gateway_load_balancer_arns: Vec<String>,
    /// `supportedIpAddressTypeSet` on the wire.
    pub supported_ip_address_types: Vec<String>,
    /// `baseEndpointDnsNameSet` on the wire.
    pub base_endpoint_dns_names: Vec<String>,
    /// `privateDnsName` on the wire.
    pub private_dns_name: Option<String>,
    /// `privateDnsNameConfiguration` on the wire.
    pub private_dns_name_configuration: Option<PrivateDnsNameConfiguration>,
    /// `payerResponsibility` on the wire.
    pub payer_responsibility: Option<String>,
    /// `tagSet` on the wire.
    pub tags: Vec<Tag>,
    /// `supportedRegionSet` on the wire.
    pub supported_regions: Vec<SupportedRegionDetail>,
    /// `remoteAccessEnabled` on the wire.
    pub remote_access_enabled: Option<bool>,
}

impl ToXml for ServiceConfiguration {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("serviceType", "item", &self.service_type);
        out.optional("serviceId", self.service_id.as_ref());
        out.optional("serviceName", self.service_name.as_ref());
        out.optional("serviceState", self.service_state.as_ref());
        out.list("availabilityZoneIdSet", "item", &self.availability_zone_ids);
        out.list("availabilityZoneSet", "item", &self.availability_zones);
        out.optional("acceptanceRequired", self.acceptance_required.as_ref());
        out.optional("managesVpcEndpoints", self.manages_vpc_endpoints.as_ref());
        out.list("networkLoadBalancerArnSet", "item", &self.network_load_balancer_arns);
        out.list("gatewayLoadBalancerArnSet", "item", &self.gateway_load_balancer_arns);
        out.list("supportedIpAddressTypeSet", "item", &self.supported_ip_address_types);
        out.list("baseEndpointDnsNameSet", "item", &self.base_endpoint_dns_names);
        out.optional("privateDnsName", self.private_dns_name.as_ref());
        out.optional("privateDnsNameConfiguration", self.private_dns_name_configuration.as_ref());
        out.optional("payerResponsibility", self.payer_responsibility.as_ref());
        out.list("tagSet", "item", &self.tags);
        out.list("supportedRegionSet", "item", &self.supported_regions);
        out.optional("remoteAccessEnabled", self.remote_access_enabled.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ServiceDetail.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ServiceDetail {
    /// `serviceName` on the wire.
    pub service_name: Option<String>,
    /// `serviceId` on the wire.
    pub service_id: Option<String>,
    /// `serviceType` on the wire.
    pub service_type: Vec<ServiceTypeDetail>,
    /// `serviceRegion` on the wire.
    pub service_region: Option<String>,
    /// `availabilityZoneIdSet` on the wire.
    pub availability_zone_ids: Vec<String>,
    /// `availabilityZoneSet` on the wire.
    pub availability_zones: Vec<String>,
    /// `owner` on the wire.
    pub owner: Option<String>,
    /// `baseEndpointDnsNameSet` on the wire.
    pub base_endpoint_dns_names: Vec<String>,
    /// `privateDnsName` on the wire.
    pub private_dns_name: Option<String>,
    /// `privateDnsNameSet` on the wire.
    pub private_dns_names: Vec<PrivateDnsDetails>,
    /// `vpcEndpointPolicySupported` on the wire.
    pub vpc_endpoint_policy_supported: Option<bool>,
    /// `acceptanceRequired` on the wire.
    pub acceptance_required: Option<bool>,
    /// `managesVpcEndpoints` on the wire.
    pub manages_vpc_endpoints: Option<bool>,
    /// `payerResponsibility` on the wire.
    pub payer_responsibility: Option<String>,
    /// `tagSet` on the wire.
    pub tags: Vec<Tag>,
    /// `privateDnsNameVerificationState` on the wire.
    pub private_dns_name_verification_state: Option<String>,
    /// `supportedIpAddressTypeSet` on the wire.
    pub supported_ip_address_types: Vec<String>,
}

impl ToXml for ServiceDetail {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("serviceName", self.service_name.as_ref());
        out.optional("serviceId", self.service_id.as_ref());
        out.list("serviceType", "item", &self.service_type);
        out.optional("serviceRegion", self.service_region.as_ref());
        out.list("availabilityZoneIdSet", "item", &self.availability_zone_ids);
        out.list("availabilityZoneSet", "item", &self.availability_zones);
        out.optional("owner", self.owner.as_ref());
        out.list("baseEndpointDnsNameSet", "item", &self.base_endpoint_dns_names);
        out.optional("privateDnsName", self.private_dns_name.as_ref());
        out.list("privateDnsNameSet", "item", &self.private_dns_names);
        out.optional("vpcEndpointPolicySupported", self.vpc_endpoint_policy_supported.as_ref());
        out.optional("acceptanceRequired", self.acceptance_required.as_ref());
        out.optional("managesVpcEndpoints", self.manages_vpc_endpoints.as_ref());
        out.optional("payerResponsibility", self.payer_responsibility.as_ref());
        out.list("tagSet", "item", &self.tags);
        out.optional("privateDnsNameVerificationState", self.private_dns_name_verification_state.as_ref());
        out.list("supportedIpAddressTypeSet", "item", &self.supported_ip_address_types);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ServiceTypeDetail.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ServiceTypeDetail {
    /// `serviceType` on the wire.
    pub service_type: Option<String>,
}

impl ToXml for ServiceTypeDetail {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("serviceType", self.service_type.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SpotMarketOptions.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SpotMarketOptions {
    /// `MaxPrice` on the wire.
    pub max_price: Option<String>,
    /// `SpotInstanceType` on the wire.
    pub spot_instance_type: Option<String>,
    /// `BlockDurationMinutes` on the wire.
    pub block_duration_minutes: Option<i32>,
    /// `ValidUntil` on the wire.
    pub valid_until: Option<Timestamp>,
    /// `InstanceInterruptionBehavior` on the wire.
    pub instance_interruption_behavior: Option<String>,
}

impl FromQuery for SpotMarketOptions {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "BlockDurationMinutes",
            "InstanceInterruptionBehavior",
            "MaxPrice",
            "SpotInstanceType",
            "ValidUntil",
        ])?;
        Ok(Self {
            max_price: at.optional("MaxPrice")?,
            spot_instance_type: at.optional("SpotInstanceType")?,
            block_duration_minutes: at.optional("BlockDurationMinutes")?,
            valid_until: at.optional("ValidUntil")?,
            instance_interruption_behavior: at.optional("InstanceInterruptionBehavior")?,
        })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StaleIpPermission.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StaleIpPermission {
    /// `fromPort` on the wire.
    pub from_port: Option<i32>,
    /// `ipProtocol` on the wire.
    pub ip_protocol: Option<String>,
    /// `ipRanges` on the wire.
    pub ip_ranges: Vec<String>,
    /// `prefixListIds` on the wire.
    pub prefix_list_ids: Vec<String>,
    /// `toPort` on the wire.
    pub to_port: Option<i32>,
    /// `groups` on the wire.
    pub user_id_group_pairs: Vec<UserIdGroupPair>,
}

impl ToXml for StaleIpPermission {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("fromPort", self.from_port.as_ref());
        out.optional("ipProtocol", self.ip_protocol.as_ref());
        out.list("ipRanges", "item", &self.ip_ranges);
        out.list("prefixListIds", "item", &self.prefix_list_ids);
        out.optional("toPort", self.to_port.as_ref());
        out.list("groups", "item", &self.user_id_group_pairs);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StaleSecurityGroup.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StaleSecurityGroup {
    /// `description` on the wire.
    pub description: Option<String>,
    /// `groupId` on the wire.
    pub group_id: Option<String>,
    /// `groupName` on the wire.
    pub group_name: Option<String>,
    /// `staleIpPermissions` on the wire.
    pub stale_ip_permissions: Vec<StaleIpPermission>,
    /// `staleIpPermissionsEgress` on the wire.
    pub stale_ip_permissions_egress: Vec<StaleIpPermission>,
    /// `vpcId` on the wire.
    pub vpc_id: Option<String>,
}

impl ToXml for StaleSecurityGroup {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("description", self.description.as_ref());
        out.optional("groupId", self.group_id.as_ref());
        out.optional("groupName", self.group_name.as_ref());
        out.list("staleIpPermissions", "item", &self.stale_ip_permissions);
        out.list("staleIpPermissionsEgress", "item", &self.stale_ip_permissions_egress);
        out.optional("vpcId", self.vpc_id.as_ref());
    }
}

/// `StartInstances` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StartInstances.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StartInstancesRequest {
    /// `InstanceId` on the wire.
    pub instance_ids: Vec<String>,
    /// `AdditionalInfo` on the wire.
    pub additional_info: Option<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for StartInstancesRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["AdditionalInfo", "DryRun", "InstanceId"])?;
        Ok(Self {
            instance_ids: at.required_list("InstanceId")?,
            additional_info: at.optional("AdditionalInfo")?,
            dry_run: at.optional("DryRun")?,
        })
    }
}

/// `StartInstances` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StartInstances.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StartInstancesResult {
    /// `instancesSet` on the wire.
    pub starting_instances: Vec<InstanceStateChange>,
}

impl ToXml for StartInstancesResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("instancesSet", "item", &self.starting_instances);
    }
}

/// `StartNetworkInsightsAnalysis` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StartNetworkInsightsAnalysis.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StartNetworkInsightsAnalysisRequest {
    /// `NetworkInsightsPathId` on the wire.
    pub network_insights_path_id: Option<String>,
    /// `AdditionalAccount` on the wire.
    pub additional_accounts: Vec<String>,
    /// `FilterInArn` on the wire.
    pub filter_in_arns: Vec<String>,
    /// `FilterOutArn` on the wire.
    pub filter_out_arns: Vec<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `TagSpecification` on the wire.
    pub tag_specifications: Vec<TagSpecification>,
    /// `ClientToken` on the wire.
    pub client_token: Option<String>,
}

impl FromQuery for StartNetworkInsightsAnalysisRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "AdditionalAccount",
            "ClientToken",
            "DryRun",
            "FilterInArn",
            "FilterOutArn",
            "NetworkInsightsPathId",
            "TagSpecification",
        ])?;
        Ok(Self {
            network_insights_path_id: at.required("NetworkInsightsPathId")?,
            additional_accounts: at.list("AdditionalAccount")?,
            filter_in_arns: at.list("FilterInArn")?,
            filter_out_arns: at.list("FilterOutArn")?,
            dry_run: at.optional("DryRun")?,
            tag_specifications: at.list("TagSpecification")?,
            client_token: at.required("ClientToken")?,
        })
    }
}

/// `StartNetworkInsightsAnalysis` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StartNetworkInsightsAnalysis.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StartNetworkInsightsAnalysisResult {
    /// `networkInsightsAnalysis` on the wire.
    pub network_insights_analysis: Option<NetworkInsightsAnalysis>,
}

impl ToXml for StartNetworkInsightsAnalysisResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("networkInsightsAnalysis", self.network_insights_analysis.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StateReason.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StateReason {
    /// `code` on the wire.
    pub code: Option<String>,
    /// `message` on the wire.
    pub message: Option<String>,
}

impl ToXml for StateReason {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("code", self.code.as_ref());
        out.optional("message", self.message.as_ref());
    }
}

/// `StopInstances` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StopInstances.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StopInstancesRequest {
    /// `InstanceId` on the wire.
    pub instance_ids: Vec<String>,
    /// `Hibernate` on the wire.
    pub hibernate: Option<bool>,
    /// `SkipOsShutdown` on the wire.
    pub skip_os_shutdown: Option<bool>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `Force` on the wire.
    pub force: Option<bool>,
}

impl FromQuery for StopInstancesRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "Force", "Hibernate", "InstanceId", "SkipOsShutdown"])?;
        Ok(Self {
            instance_ids: at.required_list("InstanceId")?,
            hibernate: at.optional("Hibernate")?,
            skip_os_shutdown: at.optional("SkipOsShutdown")?,
            dry_run: at.optional("DryRun")?,
            force: at.optional("Force")?,
        })
    }
}

/// `StopInstances` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_StopInstances.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StopInstancesResult {
    /// `instancesSet` on the wire.
    pub stopping_instances: Vec<InstanceStateChange>,
}

impl ToXml for StopInstancesResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("instancesSet", "item", &self.stopping_instances);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Subnet.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Subnet {
    /// `availabilityZoneId` on the wire.
    pub availability_zone_id: Option<String>,
    /// `enableLniAtDeviceIndex` on the wire.
    pub enable_lni_at_device_index: Option<i32>,
    /// `mapCustomerOwnedIpOnLaunch` on the wire.
    pub map_customer_owned_ip_on_launch: Option<bool>,
    /// `customerOwnedIpv4Pool` on the wire.
    pub customer_owned_ipv4_pool: Option<String>,
    /// `ownerId` on the wire.
    pub owner_id: Option<String>,
    /// `assignIpv6AddressOnCreation` on the wire.
    pub assign_ipv6_address_on_creation: Option<bool>,
    /// `ipv6CidrBlockAssociationSet` on the wire.
    pub ipv6_cidr_block_association_set: Vec<SubnetIpv6CidrBlockAssociation>,
    /// `tagSet` on the wire.
    pub tags: Vec<Tag>,
    /// `subnetArn` on the wire.
    pub subnet_arn: Option<String>,
    /// `outpostArn` on the wire.
    pub outpost_arn: Option<String>,
    /// `enableDns64` on the wire.
    pub enable_dns64: Option<bool>,
    /// `ipv6Native` on the wire.
    pub ipv6_native: Option<bool>,
    /// `privateDnsNameOptionsOnLaunch` on the wire.
    pub private_dns_name_options_on_launch: Option<PrivateDnsNameOptionsOnLaunch>,
    /// `blockPublicAccessStates` on the wire.
    pub block_public_access_states: Option<BlockPublicAccessStates>,
    /// `type` on the wire.
    pub r#type: Option<String>,
    /// `subnetId` on the wire.
    pub subnet_id: Option<String>,
    /// `state` on the wire.
    pub state: Option<String>,
    /// `vpcId` on the wire.
    pub vpc_id: Option<String>,
    /// `cidrBlock` on the wire.
    pub cidr_block: Option<String>,
    /// `availableIpAddressCount` on the wire.
    pub available_ip_address_count: Option<i32>,
    /// `availabilityZone` on the wire.
    pub availability_zone: Option<String>,
    /// `defaultForAz` on the wire.
    pub default_for_az: Option<bool>,
    /// `mapPublicIpOnLaunch` on the wire.
    pub map_public_ip_on_launch: Option<bool>,
}

impl ToXml for Subnet {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("availabilityZoneId", self.availability_zone_id.as_ref());
        out.optional("enableLniAtDeviceIndex", self.enable_lni_at_device_index.as_ref());
        out.optional("mapCustomerOwnedIpOnLaunch", self.map_customer_owned_ip_on_launch.as_ref());
        out.optional("customerOwnedIpv4Pool", self.customer_owned_ipv4_pool.as_ref());
        out.optional("ownerId", self.owner_id.as_ref());
        out.optional("assignIpv6AddressOnCreation", self.assign_ipv6_address_on_creation.as_ref());
        out.list("ipv6CidrBlockAssociationSet", "item", &self.ipv6_cidr_block_association_set);
        out.list("tagSet", "item", &self.tags);
        out.optional("subnetArn", self.subnet_arn.as_ref());
        out.optional("outpostArn", self.outpost_arn.as_ref());
        out.optional("enableDns64", self.enable_dns64.as_ref());
        out.optional("ipv6Native", self.ipv6_native.as_ref());
        out.optional("privateDnsNameOptionsOnLaunch", self.private_dns_name_options_on_launch.as_ref());
        out.optional("blockPublicAccessStates", self.block_public_access_states.as_ref());
        out.optional("type", self.r#type.as_ref());
        out.optional("subnetId", self.subnet_id.as_ref());
        out.optional("state", self.state.as_ref());
        out.optional("vpcId", self.vpc_id.as_ref());
        out.optional("cidrBlock", self.cidr_block.as_ref());
        out.optional("availableIpAddressCount", self.available_ip_address_count.as_ref());
        out.optional("availabilityZone", self.availability_zone.as_ref());
        out.optional("defaultForAz", self.default_for_az.as_ref());
        out.optional("mapPublicIpOnLaunch", self.map_public_ip_on_launch.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SubnetCidrBlockState.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SubnetCidrBlockState {
    /// `state` on the wire.
    pub state: Option<String>,
    /// `statusMessage` on the wire.
    pub status_message: Option<String>,
}

impl ToXml for SubnetCidrBlockState {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("state", self.state.as_ref());
        out.optional("statusMessage", self.status_message.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SubnetCidrReservation.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SubnetCidrReservation {
    /// `subnetCidrReservationId` on the wire.
    pub subnet_cidr_reservation_id: Option<String>,
    /// `subnetId` on the wire.
    pub subnet_id: Option<String>,
    /// `cidr` on the wire.
    pub cidr: Option<String>,
    /// `reservationType` on the wire.
    pub reservation_type: Option<String>,
    /// `ownerId` on the wire.
    pub owner_id: Option<String>,
    /// `description` on the wire.
    pub description: Option<String>,
    /// `tagSet` on the wire.
    pub tags: Vec<Tag>,
}

impl ToXml for SubnetCidrReservation {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("subnetCidrReservationId", self.subnet_cidr_reservation_id.as_ref());
        out.optional("subnetId", self.subnet_id.as_ref());
        out.optional("cidr", self.cidr.as_ref());
        out.optional("reservationType", self.reservation_type.as_ref());
        out.optional("ownerId", self.owner_id.as_ref());
        out.optional("description", self.description.as_ref());
        out.list("tagSet", "item", &self.tags);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SubnetConfiguration.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SubnetConfiguration {
    /// `SubnetId` on the wire.
    pub subnet_id: Option<String>,
    /// `Ipv4` on the wire.
    pub ipv4: Option<String>,
    /// `Ipv6` on the wire.
    pub ipv6: Option<String>,
}

impl FromQuery for SubnetConfiguration {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["Ipv4", "Ipv6", "SubnetId"])?;
        Ok(Self { subnet_id: at.optional("SubnetId")?, ipv4: at.optional("Ipv4")?, ipv6: at.optional("Ipv6")? })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SubnetIpPrefixes.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SubnetIpPrefixes {
    /// `subnetId` on the wire.
    pub subnet_id: Option<String>,
    /// `ipPrefixSet` on the wire.
    pub ip_prefixes: Vec<String>,
}

impl ToXml for SubnetIpPrefixes {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("subnetId", self.subnet_id.as_ref());
        out.list("ipPrefixSet", "item", &self.ip_prefixes);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SubnetIpv6CidrBlockAssociation.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SubnetIpv6CidrBlockAssociation {
    /// `associationId` on the wire.
    pub association_id: Option<String>,
    /// `ipv6CidrBlock` on the wire.
    pub ipv6_cidr_block: Option<String>,
    /// `ipv6CidrBlockState` on the wire.
    pub ipv6_cidr_block_state: Option<SubnetCidrBlockState>,
    /// `ipv6AddressAttribute` on the wire.
    pub ipv6_address_attribute: Option<String>,
    /// `ipSource` on the wire.
    pub ip_source: Option<String>,
}

impl ToXml for SubnetIpv6CidrBlockAssociation {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("associationId", self.association_id.as_ref());
        out.optional("ipv6CidrBlock", self.ipv6_cidr_block.as_ref());
        out.optional("ipv6CidrBlockState", self.ipv6_cidr_block_state.as_ref());
        out.optional("ipv6AddressAttribute", self.ipv6_address_attribute.as_ref());
        out.optional("ipSource", self.ip_source.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_SupportedRegionDetail.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SupportedRegionDetail {
    /// `region` on the wire.
    pub region: Option<String>,
    /// `serviceState` on the wire.
    pub service_state: Option<String>,
}

impl ToXml for SupportedRegionDetail {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("region", self.region.as_ref());
        out.optional("serviceState", self.service_state.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Tag.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Tag {
    /// `Key` in requests, `key` in responses.
    pub key: Option<String>,
    /// `Value` in requests, `value` in responses.
    pub value: Option<String>,
}

impl FromQuery for Tag {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["Key", "Value"])?;
        Ok(Self { key: at.optional("Key")?, value: at.optional("Value")? })
    }
}

impl ToXml for Tag {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("key", self.key.as_ref());
        out.optional("value", self.value.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TagDescription.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TagDescription {
    /// `key` on the wire.
    pub key: Option<String>,
    /// `resourceId` on the wire.
    pub resource_id: Option<String>,
    /// `resourceType` on the wire.
    pub resource_type: Option<String>,
    /// `value` on the wire.
    pub value: Option<String>,
}

impl ToXml for TagDescription {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("key", self.key.as_ref());
        out.optional("resourceId", self.resource_id.as_ref());
        out.optional("resourceType", self.resource_type.as_ref());
        out.optional("value", self.value.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TagSpecification.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TagSpecification {
    /// `ResourceType` on the wire.
    pub resource_type: Option<String>,
    /// `Tag` on the wire.
    pub tags: Vec<Tag>,
}

impl FromQuery for TagSpecification {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["ResourceType", "Tag"])?;
        Ok(Self { resource_type: at.optional("ResourceType")?, tags: at.list("Tag")? })
    }
}

/// `TerminateInstances` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TerminateInstances.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TerminateInstancesRequest {
    /// `InstanceId` on the wire.
    pub instance_ids: Vec<String>,
    /// `Force` on the wire.
    pub force: Option<bool>,
    /// `SkipOsShutdown` on the wire.
    pub skip_os_shutdown: Option<bool>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for TerminateInstancesRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "Force", "InstanceId", "SkipOsShutdown"])?;
        Ok(Self {
            instance_ids: at.required_list("InstanceId")?,
            force: at.optional("Force")?,
            skip_os_shutdown: at.optional("SkipOsShutdown")?,
            dry_run: at.optional("DryRun")?,
        })
    }
}

/// `TerminateInstances` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TerminateInstances.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TerminateInstancesResult {
    /// `instancesSet` on the wire.
    pub terminating_instances: Vec<InstanceStateChange>,
}

impl ToXml for TerminateInstancesResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("instancesSet", "item", &self.terminating_instances);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayRouteTableRoute.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TransitGatewayRouteTableRoute {
    /// `destinationCidr` on the wire.
    pub destination_cidr: Option<String>,
    /// `state` on the wire.
    pub state: Option<String>,
    /// `routeOrigin` on the wire.
    pub route_origin: Option<String>,
    /// `prefixListId` on the wire.
    pub prefix_list_id: Option<String>,
    /// `attachmentId` on the wire.
    pub attachment_id: Option<String>,
    /// `resourceId` on the wire.
    pub resource_id: Option<String>,
    /// `resourceType` on the wire.
    pub resource_type: Option<String>,
}

impl ToXml for TransitGatewayRouteTableRoute {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("destinationCidr", self.destination_cidr.as_ref());
        out.optional("state", self.state.as_ref());
        out.optional("routeOrigin", self.route_origin.as_ref());
        out.optional("prefixListId", self.prefix_list_id.as_ref());
        out.optional("attachmentId", self.attachment_id.as_ref());
        out.optional("resourceId", self.resource_id.as_ref());
        out.optional("resourceType", self.resource_type.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TunnelOption.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TunnelOption {
    /// `outsideIpAddress` on the wire.
    pub outside_ip_address: Option<String>,
    /// `tunnelInsideCidr` on the wire.
    pub tunnel_inside_cidr: Option<String>,
    /// `tunnelInsideIpv6Cidr` on the wire.
    pub tunnel_inside_ipv6_cidr: Option<String>,
    /// `preSharedKey` on the wire.
    pub pre_shared_key: Option<String>,
    /// `phase1LifetimeSeconds` on the wire.
    pub phase1_lifetime_seconds: Option<i32>,
    /// `phase2LifetimeSeconds` on the wire.
    pub phase2_lifetime_seconds: Option<i32>,
    /// `rekeyMarginTimeSeconds` on the wire.
    pub rekey_margin_time_seconds: Option<i32>,
    /// `rekeyFuzzPercentage` on the wire.
    pub rekey_fuzz_percentage: Option<i32>,
    /// `replayWindowSize` on the wire.
    pub replay_window_size: Option<i32>,
    /// `dpdTimeoutSeconds` on the wire.
    pub dpd_timeout_seconds: Option<i32>,
    /// `dpdTimeoutAction` on the wire.
    pub dpd_timeout_action: Option<String>,
    /// `phase1EncryptionAlgorithmSet` on the wire.
    pub phase1_encryption_algorithms: Vec<Phase1EncryptionAlgorithmsListValue>,
    /// `phase2EncryptionAlgorithmSet` on the wire.
    pub phase2_encryption_algorithms: Vec<Phase2EncryptionAlgorithmsListValue>,
    /// `phase1IntegrityAlgorithmSet` on the wire.
    pub phase1_integrity_algorithms: Vec<Phase1IntegrityAlgorithmsListValue>,
    /// `phase2IntegrityAlgorithmSet` on the wire.
    pub phase2_integrity_algorithms: Vec<Phase2IntegrityAlgorithmsListValue>,
    /// `phase1DHGroupNumberSet` on the wire.
    pub phase1_dh_group_numbers: Vec<Phase1DHGroupNumbersListValue>,
    /// `phase2DHGroupNumberSet` on the wire.
    pub phase2_dh_group_numbers: Vec<Phase2DHGroupNumbersListValue>,
    /// `ikeVersionSet` on the wire.
    pub ike_versions: Vec<IKEVersionsListValue>,
    /// `startupAction` on the wire.
    pub startup_action: Option<String>,
    /// `logOptions` on the wire.
    pub log_options: Option<VpnTunnelLogOptions>,
    /// `enableTunnelLifecycleControl` on the wire.
    pub enable_tunnel_lifecycle_control: Option<bool>,
}

impl ToXml for TunnelOption {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("outsideIpAddress", self.outside_ip_address.as_ref());
        out.optional("tunnelInsideCidr", self.tunnel_inside_cidr.as_ref());
        out.optional("tunnelInsideIpv6Cidr", self.tunnel_inside_ipv6_cidr.as_ref());
        out.optional("preSharedKey", self.pre_shared_key.as_ref());
        out.optional("phase1LifetimeSeconds", self.phase1_lifetime_seconds.as_ref());
        out.optional("phase2LifetimeSeconds", self.phase2_lifetime_seconds.as_ref());
        out.optional("rekeyMarginTimeSeconds", self.rekey_margin_time_seconds.as_ref());
        out.optional("rekeyFuzzPercentage", self.rekey_fuzz_percentage.as_ref());
        out.optional("replayWindowSize", self.replay_window_size.as_ref());
        out.optional("dpdTimeoutSeconds", self.dpd_timeout_seconds.as_ref());
        out.optional("dpdTimeoutAction", self.dpd_timeout_action.as_ref());
        out.list("phase1EncryptionAlgorithmSet", "item", &self.phase1_encryption_algorithms);
        out.list("phase2EncryptionAlgorithmSet", "item", &self.phase2_encryption_algorithms);
        out.list("phase1IntegrityAlgorithmSet", "item", &self.phase1_integrity_algorithms);
        out.list("phase2IntegrityAlgorithmSet", "item", &self.phase2_integrity_algorithms);
        out.list("phase1DHGroupNumberSet", "item", &self.phase1_dh_group_numbers);
        out.list("phase2DHGroupNumberSet", "item", &self.phase2_dh_group_numbers);
        out.list("ikeVersionSet", "item", &self.ike_versions);
        out.optional("startupAction", self.startup_action.as_ref());
        out.optional("logOptions", self.log_options.as_ref());
        out.optional("enableTunnelLifecycleControl", self.enable_tunnel_lifecycle_control.as_ref());
    }
}

/// `UnassignIpv6Addresses` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UnassignIpv6Addresses.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UnassignIpv6AddressesRequest {
    /// `Ipv6Prefix` on the wire.
    pub ipv6_prefixes: Vec<String>,
    /// `NetworkInterfaceId` on the wire.
    pub network_interface_id: Option<String>,
    /// `Ipv6Addresses` on the wire.
    pub ipv6_addresses: Vec<String>,
}

impl FromQuery for UnassignIpv6AddressesRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["Ipv6Addresses", "Ipv6Prefix", "NetworkInterfaceId"])?;
        Ok(Self {
            ipv6_prefixes: at.list("Ipv6Prefix")?,
            network_interface_id: at.required("NetworkInterfaceId")?,
            ipv6_addresses: at.list("Ipv6Addresses")?,
        })
    }
}

/// `UnassignIpv6Addresses` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UnassignIpv6Addresses.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UnassignIpv6AddressesResult {
    /// `networkInterfaceId` on the wire.
    pub network_interface_id: Option<String>,
    /// `unassignedIpv6Addresses` on the wire.
    pub unassigned_ipv6_addresses: Vec<String>,
    /// `unassignedIpv6PrefixSet` on the wire.
    pub unassigned_ipv6_prefixes: Vec<String>,
}

impl ToXml for UnassignIpv6AddressesResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("networkInterfaceId", self.network_interface_id.as_ref());
        out.list("unassignedIpv6Addresses", "item", &self.unassigned_ipv6_addresses);
        out.list("unassignedIpv6PrefixSet", "item", &self.unassigned_ipv6_prefixes);
    }
}

/// `UnassignPrivateIpAddresses` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UnassignPrivateIpAddresses.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UnassignPrivateIpAddressesRequest {
    /// `Ipv4Prefix` on the wire.
    pub ipv4_prefixes: Vec<String>,
    /// `NetworkInterfaceId` on the wire.
    pub network_interface_id: Option<String>,
    /// `PrivateIpAddress` on the wire.
    pub private_ip_addresses: Vec<String>,
}

impl FromQuery for UnassignPrivateIpAddressesRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["Ipv4Prefix", "NetworkInterfaceId", "PrivateIpAddress"])?;
        Ok(Self {
            ipv4_prefixes: at.list("Ipv4Prefix")?,
            network_interface_id: at.required("NetworkInterfaceId")?,
            private_ip_addresses: at.list("PrivateIpAddress")?,
        })
    }
}

/// `UnassignPrivateNatGatewayAddress` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UnassignPrivateNatGatewayAddress.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UnassignPrivateNatGatewayAddressRequest {
    /// `NatGatewayId` on the wire.
    pub nat_gateway_id: Option<String>,
    /// `PrivateIpAddress` on the wire.
    pub private_ip_addresses: Vec<String>,
    /// `MaxDrainDurationSeconds` on the wire.
    pub max_drain_duration_seconds: Option<i32>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for UnassignPrivateNatGatewayAddressRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "MaxDrainDurationSeconds", "NatGatewayId", "PrivateIpAddress"])?;
        Ok(Self {
            nat_gateway_id: at.required("NatGatewayId")?,
            private_ip_addresses: at.required_list("PrivateIpAddress")?,
            max_drain_duration_seconds: at.optional("MaxDrainDurationSeconds")?,
            dry_run: at.optional("DryRun")?,
        })
    }
}

/// `UnassignPrivateNatGatewayAddress` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UnassignPrivateNatGatewayAddress.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UnassignPrivateNatGatewayAddressResult {
    /// `natGatewayId` on the wire.
    pub nat_gateway_id: Option<String>,
    /// `natGatewayAddressSet` on the wire.
    pub nat_gateway_addresses: Vec<NatGatewayAddress>,
}

impl ToXml for UnassignPrivateNatGatewayAddressResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("natGatewayId", self.nat_gateway_id.as_ref());
        out.list("natGatewayAddressSet", "item", &self.nat_gateway_addresses);
    }
}

/// `UnmonitorInstances` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UnmonitorInstances.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UnmonitorInstancesRequest {
    /// `InstanceId` on the wire.
    pub instance_ids: Vec<String>,
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
}

impl FromQuery for UnmonitorInstancesRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "InstanceId"])?;
        Ok(Self { instance_ids: at.required_list("InstanceId")?, dry_run: at.optional("DryRun")? })
    }
}

/// `UnmonitorInstances` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UnmonitorInstances.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UnmonitorInstancesResult {
    /// `instancesSet` on the wire.
    pub instance_monitorings: Vec<InstanceMonitoring>,
}

impl ToXml for UnmonitorInstancesResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.list("instancesSet", "item", &self.instance_monitorings);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UnsuccessfulItem.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UnsuccessfulItem {
    /// `error` on the wire.
    pub error: Option<UnsuccessfulItemError>,
    /// `resourceId` on the wire.
    pub resource_id: Option<String>,
}

impl ToXml for UnsuccessfulItem {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("error", self.error.as_ref());
        out.optional("resourceId", self.resource_id.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UnsuccessfulItemError.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UnsuccessfulItemError {
    /// `code` on the wire.
    pub code: Option<String>,
    /// `message` on the wire.
    pub message: Option<String>,
}

impl ToXml for UnsuccessfulItemError {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("code", self.code.as_ref());
        out.optional("message", self.message.as_ref());
    }
}

/// `UpdateSecurityGroupRuleDescriptionsEgress` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UpdateSecurityGroupRuleDescriptionsEgress.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UpdateSecurityGroupRuleDescriptionsEgressRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `GroupId` on the wire.
    pub group_id: Option<String>,
    /// `GroupName` on the wire.
    pub group_name: Option<String>,
    /// `IpPermissions` on the wire.
    pub ip_permissions: Vec<IpPermission>,
    /// `SecurityGroupRuleDescription` on the wire.
    pub security_group_rule_descriptions: Vec<SecurityGroupRuleDescription>,
}

impl FromQuery for UpdateSecurityGroupRuleDescriptionsEgressRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "GroupId", "GroupName", "IpPermissions", "SecurityGroupRuleDescription"])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            group_id: at.optional("GroupId")?,
            group_name: at.optional("GroupName")?,
            ip_permissions: at.list("IpPermissions")?,
            security_group_rule_descriptions: at.list("SecurityGroupRuleDescription")?,
        })
    }
}

/// `UpdateSecurityGroupRuleDescriptionsEgress` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UpdateSecurityGroupRuleDescriptionsEgress.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UpdateSecurityGroupRuleDescriptionsEgressResult {
    /// `return` on the wire.
    pub r#return: Option<bool>,
}

impl ToXml for UpdateSecurityGroupRuleDescriptionsEgressResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("return", self.r#return.as_ref());
    }
}

/// `UpdateSecurityGroupRuleDescriptionsIngress` request: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UpdateSecurityGroupRuleDescriptionsIngress.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UpdateSecurityGroupRuleDescriptionsIngressRequest {
    /// `DryRun` on the wire.
    pub dry_run: Option<bool>,
    /// `GroupId` on the wire.
    pub group_id: Option<String>,
    /// `GroupName` on the wire.
    pub group_name: Option<String>,
    /// `IpPermissions` on the wire.
    pub ip_permissions: Vec<IpPermission>,
    /// `SecurityGroupRuleDescription` on the wire.
    pub security_group_rule_descriptions: Vec<SecurityGroupRuleDescription>,
}

impl FromQuery for UpdateSecurityGroupRuleDescriptionsIngressRequest {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&["DryRun", "GroupId", "GroupName", "IpPermissions", "SecurityGroupRuleDescription"])?;
        Ok(Self {
            dry_run: at.optional("DryRun")?,
            group_id: at.optional("GroupId")?,
            group_name: at.optional("GroupName")?,
            ip_permissions: at.list("IpPermissions")?,
            security_group_rule_descriptions: at.list("SecurityGroupRuleDescription")?,
        })
    }
}

/// `UpdateSecurityGroupRuleDescriptionsIngress` response: <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UpdateSecurityGroupRuleDescriptionsIngress.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UpdateSecurityGroupRuleDescriptionsIngressResult {
    /// `return` on the wire.
    pub r#return: Option<bool>,
}

impl ToXml for UpdateSecurityGroupRuleDescriptionsIngressResult {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("return", self.r#return.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UserIdGroupPair.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UserIdGroupPair {
    /// `Description` in requests, `description` in responses.
    pub description: Option<String>,
    /// `UserId` in requests, `userId` in responses.
    pub user_id: Option<String>,
    /// `GroupName` in requests, `groupName` in responses.
    pub group_name: Option<String>,
    /// `GroupId` in requests, `groupId` in responses.
    pub group_id: Option<String>,
    /// `VpcId` in requests, `vpcId` in responses.
    pub vpc_id: Option<String>,
    /// `VpcPeeringConnectionId` in requests, `vpcPeeringConnectionId` in responses.
    pub vpc_peering_connection_id: Option<String>,
    /// `PeeringStatus` in requests, `peeringStatus` in responses.
    pub peering_status: Option<String>,
}

impl FromQuery for UserIdGroupPair {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "Description",
            "GroupId",
            "GroupName",
            "PeeringStatus",
            "UserId",
            "VpcId",
            "VpcPeeringConnectionId",
        ])?;
        Ok(Self {
            description: at.optional("Description")?,
            user_id: at.optional("UserId")?,
            group_name: at.optional("GroupName")?,
            group_id: at.optional("GroupId")?,
            vpc_id: at.optional("VpcId")?,
            vpc_peering_connection_id: at.optional("VpcPeeringConnectionId")?,
            peering_status: at.optional("PeeringStatus")?,
        })
    }
}

impl ToXml for UserIdGroupPair {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("description", self.description.as_ref());
        out.optional("userId", self.user_id.as_ref());
        out.optional("groupName", self.group_name.as_ref());
        out.optional("groupId", self.group_id.as_ref());
        out.optional("vpcId", self.vpc_id.as_ref());
        out.optional("vpcPeeringConnectionId", self.vpc_peering_connection_id.as_ref());
        out.optional("peeringStatus", self.peering_status.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VCpuInfo.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VCpuInfo {
    /// `defaultVCpus` on the wire.
    pub default_v_cpus: Option<i32>,
    /// `defaultCores` on the wire.
    pub default_cores: Option<i32>,
    /// `defaultThreadsPerCore` on the wire.
    pub default_threads_per_core: Option<i32>,
    /// `validCores` on the wire.
    pub valid_cores: Vec<i32>,
    /// `validThreadsPerCore` on the wire.
    pub valid_threads_per_core: Vec<i32>,
}

impl ToXml for VCpuInfo {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("defaultVCpus", self.default_v_cpus.as_ref());
        out.optional("defaultCores", self.default_cores.as_ref());
        out.optional("defaultThreadsPerCore", self.default_threads_per_core.as_ref());
        out.list("validCores", "item", &self.valid_cores);
        out.list("validThreadsPerCore", "item", &self.valid_threads_per_core);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VgwTelemetry.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VgwTelemetry {
    /// `acceptedRouteCount` on the wire.
    pub accepted_route_count: Option<i32>,
    /// `lastStatusChange` on the wire.
    pub last_status_change: Option<Timestamp>,
    /// `outsideIpAddress` on the wire.
    pub outside_ip_address: Option<String>,
    /// `status` on the wire.
    pub status: Option<String>,
    /// `statusMessage` on the wire.
    pub status_message: Option<String>,
    /// `certificateArn` on the wire.
    pub certificate_arn: Option<String>,
}

impl ToXml for VgwTelemetry {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("acceptedRouteCount", self.accepted_route_count.as_ref());
        out.optional("lastStatusChange", self.last_status_change.as_ref());
        out.optional("outsideIpAddress", self.outside_ip_address.as_ref());
        out.optional("status", self.status.as_ref());
        out.optional("statusMessage", self.status_message.as_ref());
        out.optional("certificateArn", self.certificate_arn.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Volume.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Volume {
    /// `availabilityZoneId` on the wire.
    pub availability_zone_id: Option<String>,
    /// `outpostArn` on the wire.
    pub outpost_arn: Option<String>,
    /// `sourceVolumeId` on the wire.
    pub source_volume_id: Option<String>,
    /// `iops` on the wire.
    pub iops: Option<i32>,
    /// `tagSet` on the wire.
    pub tags: Vec<Tag>,
    /// `volumeType` on the wire.
    pub volume_type: Option<String>,
    /// `fastRestored` on the wire.
    pub fast_restored: Option<bool>,
    /// `multiAttachEnabled` on the wire.
    pub multi_attach_enabled: Option<bool>,
    /// `throughput` on the wire.
    pub throughput: Option<i32>,
    /// `sseType` on the wire.
    pub sse_type: Option<String>,
    /// `operator` on the wire.
    pub operator: Option<OperatorResponse>,
    /// `volumeInitializationRate` on the wire.
    pub volume_initialization_rate: Option<i32>,
    /// `volumeId` on the wire.
    pub volume_id: Option<String>,
    /// `size` on the wire.
    pub size: Option<i32>,
    /// `snapshotId` on the wire.
    pub snapshot_id: Option<String>,
    /// `availabilityZone` on the wire.
    pub availability_zone: Option<String>,
    /// `status` on the wire.
    pub state: Option<String>,
    /// `createTime` on the wire.
    pub create_time: Option<Timestamp>,
    /// `attachmentSet` on the wire.
    pub attachments: Vec<VolumeAttachment>,
    /// `encrypted` on the wire.
    pub encrypted: Option<bool>,
    /// `kmsKeyId` on the wire.
    pub kms_key_id: Option<String>,
}

impl ToXml for Volume {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("availabilityZoneId", self.availability_zone_id.as_ref());
        out.optional("outpostArn", self.outpost_arn.as_ref());
        out.optional("sourceVolumeId", self.source_volume_id.as_ref());
        out.optional("iops", self.iops.as_ref());
        out.list("tagSet", "item", &self.tags);
        out.optional("volumeType", self.volume_type.as_ref());
        out.optional("fastRestored", self.fast_restored.as_ref());
        out.optional("multiAttachEnabled", self.multi_attach_enabled.as_ref());
        out.optional("throughput", self.throughput.as_ref());
        out.optional("sseType", self.sse_type.as_ref());
        out.optional("operator", self.operator.as_ref());
        out.optional("volumeInitializationRate", self.volume_initialization_rate.as_ref());
        out.optional("volumeId", self.volume_id.as_ref());
        out.optional("size", self.size.as_ref());
        out.optional("snapshotId", self.snapshot_id.as_ref());
        out.optional("availabilityZone", self.availability_zone.as_ref());
        out.optional("status", self.state.as_ref());
        out.optional("createTime", self.create_time.as_ref());
        out.list("attachmentSet", "item", &self.attachments);
        out.optional("encrypted", self.encrypted.as_ref());
        out.optional("kmsKeyId", self.kms_key_id.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VolumeAttachment.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VolumeAttachment {
    /// `deleteOnTermination` on the wire.
    pub delete_on_termination: Option<bool>,
    /// `associatedResource` on the wire.
    pub associated_resource: Option<String>,
    /// `instanceOwningService` on the wire.
    pub instance_owning_service: Option<String>,
    /// `ebsCardIndex` on the wire.
    pub ebs_card_index: Option<i32>,
    /// `volumeId` on the wire.
    pub volume_id: Option<String>,
    /// `instanceId` on the wire.
    pub instance_id: Option<String>,
    /// `device` on the wire.
    pub device: Option<String>,
    /// `status` on the wire.
    pub state: Option<String>,
    /// `attachTime` on the wire.
    pub attach_time: Option<Timestamp>,
}

impl ToXml for VolumeAttachment {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("deleteOnTermination", self.delete_on_termination.as_ref());
        out.optional("associatedResource", self.associated_resource.as_ref());
        out.optional("instanceOwningService", self.instance_owning_service.as_ref());
        out.optional("ebsCardIndex", self.ebs_card_index.as_ref());
        out.optional("volumeId", self.volume_id.as_ref());
        out.optional("instanceId", self.instance_id.as_ref());
        out.optional("device", self.device.as_ref());
        out.optional("status", self.state.as_ref());
        out.optional("attachTime", self.attach_time.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Vpc.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Vpc {
    /// `ownerId` on the wire.
    pub owner_id: Option<String>,
    /// `instanceTenancy` on the wire.
    pub instance_tenancy: Option<String>,
    /// `ipv6CidrBlockAssociationSet` on the wire.
    pub ipv6_cidr_block_association_set: Vec<VpcIpv6CidrBlockAssociation>,
    /// `cidrBlockAssociationSet` on the wire.
    pub cidr_block_association_set: Vec<VpcCidrBlockAssociation>,
    /// `isDefault` on the wire.
    pub is_default: Option<bool>,
    /// `encryptionControl` on the wire.
    pub encryption_control: Option<VpcEncryptionControl>,
    /// `tagSet` on the wire.
    pub tags: Vec<Tag>,
    /// `blockPublicAccessStates` on the wire.
    pub block_public_access_states: Option<BlockPublicAccessStates>,
    /// `vpcId` on the wire.
    pub vpc_id: Option<String>,
    /// `state` on the wire.
    pub state: Option<String>,
    /// `cidrBlock` on the wire.
    pub cidr_block: Option<String>,
    /// `dhcpOptionsId` on the wire.
    pub dhcp_options_id: Option<String>,
}

impl ToXml for Vpc {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("ownerId", self.owner_id.as_ref());
        out.optional("instanceTenancy", self.instance_tenancy.as_ref());
        out.list("ipv6CidrBlockAssociationSet", "item", &self.ipv6_cidr_block_association_set);
        out.list("cidrBlockAssociationSet", "item", &self.cidr_block_association_set);
        out.optional("isDefault", self.is_default.as_ref());
        out.optional("encryptionControl", self.encryption_control.as_ref());
        out.list("tagSet", "item", &self.tags);
        out.optional("blockPublicAccessStates", self.block_public_access_states.as_ref());
        out.optional("vpcId", self.vpc_id.as_ref());
        out.optional("state", self.state.as_ref());
        out.optional("cidrBlock", self.cidr_block.as_ref());
        out.optional("dhcpOptionsId", self.dhcp_options_id.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcAttachment.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VpcAttachment {
    /// `vpcId` on the wire.
    pub vpc_id: Option<String>,
    /// `state` on the wire.
    pub state: Option<String>,
}

impl ToXml for VpcAttachment {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("vpcId", self.vpc_id.as_ref());
        out.optional("state", self.state.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcCidrBlockAssociation.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VpcCidrBlockAssociation {
    /// `associationId` on the wire.
    pub association_id: Option<String>,
    /// `cidrBlock` on the wire.
    pub cidr_block: Option<String>,
    /// `cidrBlockState` on the wire.
    pub cidr_block_state: Option<VpcCidrBlockState>,
}

impl ToXml for VpcCidrBlockAssociation {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("associationId", self.association_id.as_ref());
        out.optional("cidrBlock", self.cidr_block.as_ref());
        out.optional("cidrBlockState", self.cidr_block_state.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcCidrBlockState.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VpcCidrBlockState {
    /// `state` on the wire.
    pub state: Option<String>,
    /// `statusMessage` on the wire.
    pub status_message: Option<String>,
}

impl ToXml for VpcCidrBlockState {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("state", self.state.as_ref());
        out.optional("statusMessage", self.status_message.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEncryptionControl.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VpcEncryptionControl {
    /// `vpcId` on the wire.
    pub vpc_id: Option<String>,
    /// `vpcEncryptionControlId` on the wire.
    pub vpc_encryption_control_id: Option<String>,
    /// `mode` on the wire.
    pub mode: Option<String>,
    /// `state` on the wire.
    pub state: Option<String>,
    /// `stateMessage` on the wire.
    pub state_message: Option<String>,
    /// `resourceExclusions` on the wire.
    pub resource_exclusions: Option<VpcEncryptionControlExclusions>,
    /// `tagSet` on the wire.
    pub tags: Vec<Tag>,
}

impl ToXml for VpcEncryptionControl {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("vpcId", self.vpc_id.as_ref());
        out.optional("vpcEncryptionControlId", self.vpc_encryption_control_id.as_ref());
        out.optional("mode", self.mode.as_ref());
        out.optional("state", self.state.as_ref());
        out.optional("stateMessage", self.state_message.as_ref());
        out.optional("resourceExclusions", self.resource_exclusions.as_ref());
        out.list("tagSet", "item", &self.tags);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEncryptionControlConfiguration.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VpcEncryptionControlConfiguration {
    /// `Mode` on the wire.
    pub mode: Option<String>,
    /// `InternetGatewayExclusion` on the wire.
    pub internet_gateway_exclusion: Option<String>,
    /// `EgressOnlyInternetGatewayExclusion` on the wire.
    pub egress_only_internet_gateway_exclusion: Option<String>,
    /// `NatGatewayExclusion` on the wire.
    pub nat_gateway_exclusion: Option<String>,
    /// `VirtualPrivateGatewayExclusion` on the wire.
    pub virtual_private_gateway_exclusion: Option<String>,
    /// `VpcPeeringExclusion` on the wire.
    pub vpc_peering_exclusion: Option<String>,
    /// `LambdaExclusion` on the wire.
    pub lambda_exclusion: Option<String>,
    /// `VpcLatticeExclusion` on the wire.
    pub vpc_lattice_exclusion: Option<String>,
    /// `ElasticFileSystemExclusion` on the wire.
    pub elastic_file_system_exclusion: Option<String>,
}

impl FromQuery for VpcEncryptionControlConfiguration {
    fn from_query(at: &Cursor<'_>) -> Result<Self, ParseError> {
        at.allow_only(&[
            "EgressOnlyInternetGatewayExclusion",
            "ElasticFileSystemExclusion",
            "InternetGatewayExclusion",
            "LambdaExclusion",
            "Mode",
            "NatGatewayExclusion",
            "VirtualPrivateGatewayExclusion",
            "VpcLatticeExclusion",
            "VpcPeeringExclusion",
        ])?;
        Ok(Self {
            mode: at.required("Mode")?,
            internet_gateway_exclusion: at.optional("InternetGatewayExclusion")?,
            egress_only_internet_gateway_exclusion: at.optional("EgressOnlyInternetGatewayExclusion")?,
            nat_gateway_exclusion: at.optional("NatGatewayExclusion")?,
            virtual_private_gateway_exclusion: at.optional("VirtualPrivateGatewayExclusion")?,
            vpc_peering_exclusion: at.optional("VpcPeeringExclusion")?,
            lambda_exclusion: at.optional("LambdaExclusion")?,
            vpc_lattice_exclusion: at.optional("VpcLatticeExclusion")?,
            elastic_file_system_exclusion: at.optional("ElasticFileSystemExclusion")?,
        })
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEncryptionControlExclusion.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VpcEncryptionControlExclusion {
    /// `state` on the wire.
    pub state: Option<String>,
    /// `stateMessage` on the wire.
    pub state_message: Option<String>,
}

impl ToXml for VpcEncryptionControlExclusion {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("state", self.state.as_ref());
        out.optional("stateMessage", self.state_message.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEncryptionControlExclusions.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VpcEncryptionControlExclusions {
    /// `internetGateway` on the wire.
    pub internet_gateway: Option<VpcEncryptionControlExclusion>,
    /// `egressOnlyInternetGateway` on the wire.
    pub egress_only_internet_gateway: Option<VpcEncryptionControlExclusion>,
    /// `natGateway` on the wire.
    pub nat_gateway: Option<VpcEncryptionControlExclusion>,
    /// `virtualPrivateGateway` on the wire.
    pub virtual_private_gateway: Option<VpcEncryptionControlExclusion>,
    /// `vpcPeering` on the wire.
    pub vpc_peering: Option<VpcEncryptionControlExclusion>,
    /// `lambda` on the wire.
    pub lambda: Option<VpcEncryptionControlExclusion>,
    /// `vpcLattice` on the wire.
    pub vpc_lattice: Option<VpcEncryptionControlExclusion>,
    /// `elasticFileSystem` on the wire.
    pub elastic_file_system: Option<VpcEncryptionControlExclusion>,
}

impl ToXml for VpcEncryptionControlExclusions {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("internetGateway", self.internet_gateway.as_ref());
        out.optional("egressOnlyInternetGateway", self.egress_only_internet_gateway.as_ref());
        out.optional("natGateway", self.nat_gateway.as_ref());
        out.optional("virtualPrivateGateway", self.virtual_private_gateway.as_ref());
        out.optional("vpcPeering", self.vpc_peering.as_ref());
        out.optional("lambda", self.lambda.as_ref());
        out.optional("vpcLattice", self.vpc_lattice.as_ref());
        out.optional("elasticFileSystem", self.elastic_file_system.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VpcEndpoint {
    /// `vpcEndpointId` on the wire.
    pub vpc_endpoint_id: Option<String>,
    /// `vpcEndpointType` on the wire.
    pub vpc_endpoint_type: Option<String>,
    /// `vpcId` on the wire.
    pub vpc_id: Option<String>,
    /// `serviceName` on the wire.
    pub service_name: Option<String>,
    /// `state` on the wire.
    pub state: Option<String>,
    /// `policyDocument` on the wire.
    pub policy_document: Option<String>,
    /// `routeTableIdSet` on the wire.
    pub route_table_ids: Vec<String>,
    /// `subnetIdSet` on the wire.
    pub subnet_ids: Vec<String>,
    /// `groupSet` on the wire.
    pub groups: Vec<SecurityGroupIdentifier>,
    /// `ipAddressType` on the wire.
    pub ip_address_type: Option<String>,
    /// `dnsOptions` on the wire.
    pub dns_options: Option<DnsOptions>,
    /// `privateDnsEnabled` on the wire.
    pub private_dns_enabled: Option<bool>,
    /// `requesterManaged` on the wire.
    pub requester_managed: Option<bool>,
    /// `networkInterfaceIdSet` on the wire.
    pub network_interface_ids: Vec<String>,
    /// `dnsEntrySet` on the wire.
    pub dns_entries: Vec<DnsEntry>,
    /// `creationTimestamp` on the wire.
    pub creation_timestamp: Option<Timestamp>,
    /// `tagSet` on the wire.
    pub tags: Vec<Tag>,
    /// `ownerId` on the wire.
    pub owner_id: Option<String>,
    /// `lastError` on the wire.
    pub last_error: Option<LastError>,
    /// `ipv4PrefixSet` on the wire.
    pub ipv4_prefixes: Vec<SubnetIpPrefixes>,
    /// `ipv6PrefixSet` on the wire.
    pub ipv6_prefixes: Vec<SubnetIpPrefixes>,
    /// `failureReason` on the wire.
    pub failure_reason: Option<String>,
    /// `serviceNetworkArn` on the wire.
    pub service_network_arn: Option<String>,
    /// `resourceConfigurationArn` on the wire.
    pub resource_configuration_arn: Option<String>,
    /// `serviceRegion` on the wire.
    pub service_region: Option<String>,
}

impl ToXml for VpcEndpoint {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("vpcEndpointId", self.vpc_endpoint_id.as_ref());
        out.optional("vpcEndpointType", self.vpc_endpoint_type.as_ref());
        out.optional("vpcId", self.vpc_id.as_ref());
        out.optional("serviceName", self.service_name.as_ref());
        out.optional("state", self.state.as_ref());
        out.optional("policyDocument", self.policy_document.as_ref());
        out.list("routeTableIdSet", "item", &self.route_table_ids);
        out.list("subnetIdSet", "item", &self.subnet_ids);
        out.list("groupSet", "item", &self.groups);
        out.optional("ipAddressType", self.ip_address_type.as_ref());
        out.optional("dnsOptions", self.dns_options.as_ref());
        out.optional("privateDnsEnabled", self.private_dns_enabled.as_ref());
        out.optional("requesterManaged", self.requester_managed.as_ref());
        out.list("networkInterfaceIdSet", "item", &self.network_interface_ids);
        out.list("dnsEntrySet", "item", &self.dns_entries);
        out.optional("creationTimestamp", self.creation_timestamp.as_ref());
        out.list("tagSet", "item", &self.tags);
        out.optional("ownerId", self.owner_id.as_ref());
        out.optional("lastError", self.last_error.as_ref());
        out.list("ipv4PrefixSet", "item", &self.ipv4_prefixes);
        out.list("ipv6PrefixSet", "item", &self.ipv6_prefixes);
        out.optional("failureReason", self.failure_reason.as_ref());
        out.optional("serviceNetworkArn", self.service_network_arn.as_ref());
        out.optional("resourceConfigurationArn", self.resource_configuration_arn.as_ref());
        out.optional("serviceRegion", self.service_region.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpointAssociation.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VpcEndpointAssociation {
    /// `id` on the wire.
    pub id: Option<String>,
    /// `vpcEndpointId` on the wire.
    pub vpc_endpoint_id: Option<String>,
    /// `serviceNetworkArn` on the wire.
    pub service_network_arn: Option<String>,
    /// `serviceNetworkName` on the wire.
    pub service_network_name: Option<String>,
    /// `associatedResourceAccessibility` on the wire.
    pub associated_resource_accessibility: Option<String>,
    /// `failureReason` on the wire.
    pub failure_reason: Option<String>,
    /// `failureCode` on the wire.
    pub failure_code: Option<String>,
    /// `dnsEntry` on the wire.
    pub dns_entry: Option<DnsEntry>,
    /// `privateDnsEntry` on the wire.
    pub private_dns_entry: Option<DnsEntry>,
    /// `associatedResourceArn` on the wire.
    pub associated_resource_arn: Option<String>,
    /// `resourceConfigurationGroupArn` on the wire.
    pub resource_configuration_group_arn: Option<String>,
    /// `tagSet` on the wire.
    pub tags: Vec<Tag>,
}

impl ToXml for VpcEndpointAssociation {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("id", self.id.as_ref());
        out.optional("vpcEndpointId", self.vpc_endpoint_id.as_ref());
        out.optional("serviceNetworkArn", self.service_network_arn.as_ref());
        out.optional("serviceNetworkName", self.service_network_name.as_ref());
        out.optional("associatedResourceAccessibility", self.associated_resource_accessibility.as_ref());
        out.optional("failureReason", self.failure_reason.as_ref());
        out.optional("failureCode", self.failure_code.as_ref());
        out.optional("dnsEntry", self.dns_entry.as_ref());
        out.optional("privateDnsEntry", self.private_dns_entry.as_ref());
        out.optional("associatedResourceArn", self.associated_resource_arn.as_ref());
        out.optional("resourceConfigurationGroupArn", self.resource_configuration_group_arn.as_ref());
        out.list("tagSet", "item", &self.tags);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpointConnection.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VpcEndpointConnection {
    /// `serviceId` on the wire.
    pub service_id: Option<String>,
    /// `vpcEndpointId` on the wire.
    pub vpc_endpoint_id: Option<String>,
    /// `vpcEndpointOwner` on the wire.
    pub vpc_endpoint_owner: Option<String>,
    /// `vpcEndpointState` on the wire.
    pub vpc_endpoint_state: Option<String>,
    /// `creationTimestamp` on the wire.
    pub creation_timestamp: Option<Timestamp>,
    /// `dnsEntrySet` on the wire.
    pub dns_entries: Vec<DnsEntry>,
    /// `networkLoadBalancerArnSet` on the wire.
    pub network_load_balancer_arns: Vec<String>,
    /// `gatewayLoadBalancerArnSet` on the wire.
    pub gateway_load_balancer_arns: Vec<String>,
    /// `ipAddressType` on the wire.
    pub ip_address_type: Option<String>,
    /// `vpcEndpointConnectionId` on the wire.
    pub vpc_endpoint_connection_id: Option<String>,
    /// `tagSet` on the wire.
    pub tags: Vec<Tag>,
    /// `vpcEndpointRegion` on the wire.
    pub vpc_endpoint_region: Option<String>,
}

impl ToXml for VpcEndpointConnection {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("serviceId", self.service_id.as_ref());
        out.optional("vpcEndpointId", self.vpc_endpoint_id.as_ref());
        out.optional("vpcEndpointOwner", self.vpc_endpoint_owner.as_ref());
        out.optional("vpcEndpointState", self.vpc_endpoint_state.as_ref());
        out.optional("creationTimestamp", self.creation_timestamp.as_ref());
        out.list("dnsEntrySet", "item", &self.dns_entries);
        out.list("networkLoadBalancerArnSet", "item", &self.network_load_balancer_arns);
        out.list("gatewayLoadBalancerArnSet", "item", &self.gateway_load_balancer_arns);
        out.optional("ipAddressType", self.ip_address_type.as_ref());
        out.optional("vpcEndpointConnectionId", self.vpc_endpoint_connection_id.as_ref());
        out.list("tagSet", "item", &self.tags);
        out.optional("vpcEndpointRegion", self.vpc_endpoint_region.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcIpv6CidrBlockAssociation.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VpcIpv6CidrBlockAssociation {
    /// `associationId` on the wire.
    pub association_id: Option<String>,
    /// `ipv6CidrBlock` on the wire.
    pub ipv6_cidr_block: Option<String>,
    /// `ipv6CidrBlockState` on the wire.
    pub ipv6_cidr_block_state: Option<VpcCidrBlockState>,
    /// `networkBorderGroup` on the wire.
    pub network_border_group: Option<String>,
    /// `ipv6Pool` on the wire.
    pub ipv6_pool: Option<String>,
    /// `ipv6AddressAttribute` on the wire.
    pub ipv6_address_attribute: Option<String>,
    /// `ipSource` on the wire.
    pub ip_source: Option<String>,
}

impl ToXml for VpcIpv6CidrBlockAssociation {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("associationId", self.association_id.as_ref());
        out.optional("ipv6CidrBlock", self.ipv6_cidr_block.as_ref());
        out.optional("ipv6CidrBlockState", self.ipv6_cidr_block_state.as_ref());
        out.optional("networkBorderGroup", self.network_border_group.as_ref());
        out.optional("ipv6Pool", self.ipv6_pool.as_ref());
        out.optional("ipv6AddressAttribute", self.ipv6_address_attribute.as_ref());
        out.optional("ipSource", self.ip_source.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcPeeringConnection.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VpcPeeringConnection {
    /// `accepterVpcInfo` on the wire.
    pub accepter_vpc_info: Option<VpcPeeringConnectionVpcInfo>,
    /// `expirationTime` on the wire.
    pub expiration_time: Option<Timestamp>,
    /// `requesterVpcInfo` on the wire.
    pub requester_vpc_info: Option<VpcPeeringConnectionVpcInfo>,
    /// `status` on the wire.
    pub status: Option<VpcPeeringConnectionStateReason>,
    /// `tagSet` on the wire.
    pub tags: Vec<Tag>,
    /// `vpcPeeringConnectionId` on the wire.
    pub vpc_peering_connection_id: Option<String>,
}

impl ToXml for VpcPeeringConnection {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("accepterVpcInfo", self.accepter_vpc_info.as_ref());
        out.optional("expirationTime", self.expiration_time.as_ref());
        out.optional("requesterVpcInfo", self.requester_vpc_info.as_ref());
        out.optional("status", self.status.as_ref());
        out.list("tagSet", "item", &self.tags);
        out.optional("vpcPeeringConnectionId", self.vpc_peering_connection_id.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcPeeringConnectionOptionsDescription.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VpcPeeringConnectionOptionsDescription {
    /// `allowDnsResolutionFromRemoteVpc` on the wire.
    pub allow_dns_resolution_from_remote_vpc: Option<bool>,
    /// `allowEgressFromLocalClassicLinkToRemoteVpc` on the wire.
    pub allow_egress_from_local_classic_link_to_remote_vpc: Option<bool>,
    /// `allowEgressFromLocalVpcToRemoteClassicLink` on the wire.
    pub allow_egress_from_local_vpc_to_remote_classic_link: Option<bool>,
}

impl ToXml for VpcPeeringConnectionOptionsDescription {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("allowDnsResolutionFromRemoteVpc", self.allow_dns_resolution_from_remote_vpc.as_ref());
        out.optional(
            "allowEgressFromLocalClassicLinkToRemoteVpc",
            self.allow_egress_from_local_classic_link_to_remote_vpc.as_ref(),
        );
        out.optional(
            "allowEgressFromLocalVpcToRemoteClassicLink",
            self.allow_egress_from_local_vpc_to_remote_classic_link.as_ref(),
        );
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcPeeringConnectionStateReason.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VpcPeeringConnectionStateReason {
    /// `code` on the wire.
    pub code: Option<String>,
    /// `message` on the wire.
    pub message: Option<String>,
}

impl ToXml for VpcPeeringConnectionStateReason {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("code", self.code.as_ref());
        out.optional("message", self.message.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcPeeringConnectionVpcInfo.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VpcPeeringConnectionVpcInfo {
    /// `cidrBlock` on the wire.
    pub cidr_block: Option<String>,
    /// `ipv6CidrBlockSet` on the wire.
    pub ipv6_cidr_block_set: Vec<Ipv6CidrBlock>,
    /// `cidrBlockSet` on the wire.
    pub cidr_block_set: Vec<CidrBlock>,
    /// `ownerId` on the wire.
    pub owner_id: Option<String>,
    /// `peeringOptions` on the wire.
    pub peering_options: Option<VpcPeeringConnectionOptionsDescription>,
    /// `vpcId` on the wire.
    pub vpc_id: Option<String>,
    /// `region` on the wire.
    pub region: Option<String>,
}

impl ToXml for VpcPeeringConnectionVpcInfo {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("cidrBlock", self.cidr_block.as_ref());
        out.list("ipv6CidrBlockSet", "item", &self.ipv6_cidr_block_set);
        out.list("cidrBlockSet", "item", &self.cidr_block_set);
        out.optional("ownerId", self.owner_id.as_ref());
        out.optional("peeringOptions", self.peering_options.as_ref());
        out.optional("vpcId", self.vpc_id.as_ref());
        out.optional("region", self.region.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpnConnection.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VpnConnection {
    /// `category` on the wire.
    pub category: Option<String>,
    /// `transitGatewayId` on the wire.
    pub transit_gateway_id: Option<String>,
    /// `vpnConcentratorId` on the wire.
    pub vpn_concentrator_id: Option<String>,
    /// `coreNetworkArn` on the wire.
    pub core_network_arn: Option<String>,
    /// `coreNetworkAttachmentArn` on the wire.
    pub core_network_attachment_arn: Option<String>,
    /// `gatewayAssociationState` on the wire.
    pub gateway_association_state: Option<String>,
    /// `options` on the wire.
    pub options: Option<VpnConnectionOptions>,
    /// `routes` on the wire.
    pub routes: Vec<VpnStaticRoute>,
    /// `tagSet` on the wire.
    pub tags: Vec<Tag>,
    /// `vgwTelemetry` on the wire.
    pub vgw_telemetry: Vec<VgwTelemetry>,
    /// `preSharedKeyArn` on the wire.
    pub pre_shared_key_arn: Option<String>,
    /// `vpnConnectionId` on the wire.
    pub vpn_connection_id: Option<String>,
    /// `state` on the wire.
    pub state: Option<String>,
    /// `customerGatewayConfiguration` on the wire.
    pub customer_gateway_configuration: Option<String>,
    /// `type` on the wire.
    pub r#type: Option<String>,
    /// `customerGatewayId` on the wire.
    pub customer_gateway_id: Option<String>,
    /// `vpnGatewayId` on the wire.
    pub vpn_gateway_id: Option<String>,
}

impl ToXml for VpnConnection {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("category", self.category.as_ref());
        out.optional("transitGatewayId", self.transit_gateway_id.as_ref());
        out.optional("vpnConcentratorId", self.vpn_concentrator_id.as_ref());
        out.optional("coreNetworkArn", self.core_network_arn.as_ref());
        out.optional("coreNetworkAttachmentArn", self.core_network_attachment_arn.as_ref());
        out.optional("gatewayAssociationState", self.gateway_association_state.as_ref());
        out.optional("options", self.options.as_ref());
        out.list("routes", "item", &self.routes);
        out.list("tagSet", "item", &self.tags);
        out.list("vgwTelemetry", "item", &self.vgw_telemetry);
        out.optional("preSharedKeyArn", self.pre_shared_key_arn.as_ref());
        out.optional("vpnConnectionId", self.vpn_connection_id.as_ref());
        out.optional("state", self.state.as_ref());
        out.optional("customerGatewayConfiguration", self.customer_gateway_configuration.as_ref());
        out.optional("type", self.r#type.as_ref());
        out.optional("customerGatewayId", self.customer_gateway_id.as_ref());
        out.optional("vpnGatewayId", self.vpn_gateway_id.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpnConnectionOptions.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VpnConnectionOptions {
    /// `enableAcceleration` on the wire.
    pub enable_acceleration: Option<bool>,
    /// `staticRoutesOnly` on the wire.
    pub static_routes_only: Option<bool>,
    /// `localIpv4NetworkCidr` on the wire.
    pub local_ipv4_network_cidr: Option<String>,
    /// `remoteIpv4NetworkCidr` on the wire.
    pub remote_ipv4_network_cidr: Option<String>,
    /// `localIpv6NetworkCidr` on the wire.
    pub local_ipv6_network_cidr: Option<String>,
    /// `remoteIpv6NetworkCidr` on the wire.
    pub remote_ipv6_network_cidr: Option<String>,
    /// `outsideIpAddressType` on the wire.
    pub outside_ip_address_type: Option<String>,
    /// `transportTransitGatewayAttachmentId` on the wire.
    pub transport_transit_gateway_attachment_id: Option<String>,
    /// `tunnelInsideIpVersion` on the wire.
    pub tunnel_inside_ip_version: Option<String>,
    /// `tunnelOptionSet` on the wire.
    pub tunnel_options: Vec<TunnelOption>,
    /// `tunnelBandwidth` on the wire.
    pub tunnel_bandwidth: Option<String>,
}

impl ToXml for VpnConnectionOptions {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("enableAcceleration", self.enable_acceleration.as_ref());
        out.optional("staticRoutesOnly", self.static_routes_only.as_ref());
        out.optional("localIpv4NetworkCidr", self.local_ipv4_network_cidr.as_ref());
        out.optional("remoteIpv4NetworkCidr", self.remote_ipv4_network_cidr.as_ref());
        out.optional("localIpv6NetworkCidr", self.local_ipv6_network_cidr.as_ref());
        out.optional("remoteIpv6NetworkCidr", self.remote_ipv6_network_cidr.as_ref());
        out.optional("outsideIpAddressType", self.outside_ip_address_type.as_ref());
        out.optional("transportTransitGatewayAttachmentId", self.transport_transit_gateway_attachment_id.as_ref());
        out.optional("tunnelInsideIpVersion", self.tunnel_inside_ip_version.as_ref());
        out.list("tunnelOptionSet", "item", &self.tunnel_options);
        out.optional("tunnelBandwidth", self.tunnel_bandwidth.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpnGateway.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VpnGateway {
    /// `amazonSideAsn` on the wire.
    pub amazon_side_asn: Option<i64>,
    /// `tagSet` on the wire.
    pub tags: Vec<Tag>,
    /// `vpnGatewayId` on the wire.
    pub vpn_gateway_id: Option<String>,
    /// `state` on the wire.
    pub state: Option<String>,
    /// `type` on the wire.
    pub r#type: Option<String>,
    /// `availabilityZone` on the wire.
    pub availability_zone: Option<String>,
    /// `attachments` on the wire.
    pub vpc_attachments: Vec<VpcAttachment>,
}

impl ToXml for VpnGateway {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("amazonSideAsn", self.amazon_side_asn.as_ref());
        out.list("tagSet", "item", &self.tags);
        out.optional("vpnGatewayId", self.vpn_gateway_id.as_ref());
        out.optional("state", self.state.as_ref());
        out.optional("type", self.r#type.as_ref());
        out.optional("availabilityZone", self.availability_zone.as_ref());
        out.list("attachments", "item", &self.vpc_attachments);
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpnStaticRoute.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VpnStaticRoute {
    /// `destinationCidrBlock` on the wire.
    pub destination_cidr_block: Option<String>,
    /// `source` on the wire.
    pub source: Option<String>,
    /// `state` on the wire.
    pub state: Option<String>,
}

impl ToXml for VpnStaticRoute {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("destinationCidrBlock", self.destination_cidr_block.as_ref());
        out.optional("source", self.source.as_ref());
        out.optional("state", self.state.as_ref());
    }
}

/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpnTunnelLogOptions.html>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct VpnTunnelLogOptions {
    /// `cloudWatchLogOptions` on the wire.
    pub cloud_watch_log_options: Option<CloudWatchLogOptions>,
}

impl ToXml for VpnTunnelLogOptions {
    fn to_xml(&self, out: &mut XmlWriter) {
        out.optional("cloudWatchLogOptions", self.cloud_watch_log_options.as_ref());
    }
}

/// The actions of the whole service, sorted.
pub(super) static KNOWN_ACTIONS: &[&str] = &[
    "AcceptAddressTransfer",
    "AcceptCapacityReservationBillingOwnership",
    "AcceptReservedInstancesExchangeQuote",
    "AcceptTransitGatewayClientVpnAttachment",
    "AcceptTransitGatewayMulticastDomainAssociations",
    "AcceptTransitGatewayPeeringAttachment",
    "AcceptTransitGatewayVpcAttachment",
    "AcceptVpcEndpointConnections",
    "AcceptVpcPeeringConnection",
    "AdvertiseByoipCidr",
    "AllocateAddress",
    "AllocateHosts",
    "AllocateIpamPoolCidr",
    "ApplySecurityGroupsToClientVpnTargetNetwork",
    "AssignIpv6Addresses",
    "AssignPrivateIpAddresses",
    "AssignPrivateNatGatewayAddress",
    "AssociateAddress",
    "AssociateCapacityReservationBillingOwner",
    "AssociateClientVpnTargetNetwork",
    "AssociateDhcpOptions",
    "AssociateEnclaveCertificateIamRole",
    "AssociateIamInstanceProfile",
    "AssociateInstanceEventWindow",
    "AssociateIpamByoasn",
    "AssociateIpamResourceDiscovery",
    "AssociateNatGatewayAddress",
    "AssociateRouteServer",
    "AssociateRouteTable",
    "AssociateSecurityGroupVpc",
    "AssociateSubnetCidrBlock",
    "AssociateTransitGatewayMulticastDomain",
    "AssociateTransitGatewayPolicyTable",
    "AssociateTransitGatewayRouteTable",
    "AssociateTrunkInterface",
    "AssociateVpcCidrBlock",
    "AttachClassicLinkVpc",
    "AttachInternetGateway",
    "AttachNetworkInterface",
    "AttachVerifiedAccessTrustProvider",
    "AttachVolume",
    "AttachVpnGateway",
    "AuthorizeClientVpnIngress",
    "AuthorizeSecurityGroupEgress",
    "AuthorizeSecurityGroupIngress",
    "BundleInstance",
    "CancelBundleTask",
    "CancelCapacityReservation",
    "CancelCapacityReservationFleets",
    "CancelConversionTask",
    "CancelDeclarativePoliciesReport",
    "CancelExportTask",
    "CancelImageLaunchPermission",
    "CancelImportTask",
    "CancelReservedInstancesListing",
    "CancelSpotFleetRequests",
    "CancelSpotInstanceRequests",
    "ConfirmProductInstance",
    "CopyFpgaImage",
    "CopyImage",
    "CopySnapshot",
    "CopyVolumes",
    "CreateCapacityManagerDataExport",
    "CreateCapacityReservation",
    "CreateCapacityReservationBySplitting",
    "CreateCapacityReservationFleet",
    "CreateCarrierGateway",
    "CreateClientVpnEndpoint",
    "CreateClientVpnRoute",
    "CreateCoipCidr",
    "CreateCoipPool",
    "CreateCustomerGateway",
    "CreateDefaultSubnet",
    "CreateDefaultVpc",
    "CreateDelegateMacVolumeOwnershipTask",
    "CreateDhcpOptions",
    "CreateEgressOnlyInternetGateway",
    "CreateFleet",
    "CreateFlowLogs",
    "CreateFpgaImage",
    "CreateImage",
    "CreateImageUsageReport",
    "CreateInstanceConnectEndpoint",
    "CreateInstanceEventWindow",
    "CreateInstanceExportTask",
    "CreateInternetGateway",
    "CreateInterruptibleCapacityReservationAllocation",
    "CreateIpam",
    "CreateIpamExternalResourceVerificationToken",
    "CreateIpamPolicy",
    "CreateIpamPool",
    "CreateIpamPrefixListResolver",
    "CreateIpamPrefixListResolverTarget",
    "CreateIpamResourceDiscovery",
    "CreateIpamScope",
    "CreateKeyPair",
    "CreateLaunchTemplate",
    "CreateLaunchTemplateVersion",
    "CreateLocalGatewayRoute",
    "CreateLocalGatewayRouteTable",
    "CreateLocalGatewayRouteTableVirtualInterfaceGroupAssociation",
    "CreateLocalGatewayRouteTableVpcAssociation",
    "CreateLocalGatewayVirtualInterface",
    "CreateLocalGatewayVirtualInterfaceGroup",
    "CreateMacSystemIntegrityProtectionModificationTask",
    "CreateManagedPrefixList",
    "CreateNatGateway",
    "CreateNetworkAcl",
    "CreateNetworkAclEntry",
    "CreateNetworkInsightsAccessScope",
    "CreateNetworkInsightsPath",
    "CreateNetworkInterface",
    "CreateNetworkInterfacePermission",
    "CreatePlacementGroup",
    "CreatePublicIpv4Pool",
    "CreateReplaceRootVolumeTask",
    "CreateReservedInstancesListing",
    "CreateRestoreImageTask",
    "CreateRoute",
    "CreateRouteServer",
    "CreateRouteServerEndpoint",
    "CreateRouteServerPeer",
    "CreateRouteTable",
    "CreateSecondaryNetwork",
    "CreateSecondarySubnet",
    "CreateSecurityGroup",
    "CreateSnapshot",
    "CreateSnapshots",
    "CreateSpotDatafeedSubscription",
    "CreateStoreImageTask",
    "CreateSubnet",
    "CreateSubnetCidrReservation",
    "CreateTags",
    "CreateTrafficMirrorFilter",
    "CreateTrafficMirrorFilterRule",
    "CreateTrafficMirrorSession",
    "CreateTrafficMirrorTarget",
    "CreateTransitGateway",
    "CreateTransitGatewayConnect",
    "CreateTransitGatewayConnectPeer",
    "CreateTransitGatewayMeteringPolicy",
    "CreateTransitGatewayMeteringPolicyEntry",
    "CreateTransitGatewayMulticastDomain",
    "CreateTransitGatewayPeeringAttachment",
    "CreateTransitGatewayPolicyTable",
    "CreateTransitGatewayPrefixListReference",
    "CreateTransitGatewayRoute",
    "CreateTransitGatewayRouteTable",
    "CreateTransitGatewayRouteTableAnnouncement",
    "CreateTransitGatewayVpcAttachment",
    "CreateVerifiedAccessEndpoint",
    "CreateVerifiedAccessGroup",
    "CreateVerifiedAccessInstance",
    "CreateVerifiedAccessTrustProvider",
    "CreateVolume",
    "CreateVpc",
    "CreateVpcBlockPublicAccessExclusion",
    "CreateVpcEncryptionControl",
    "CreateVpcEndpoint",
    "CreateVpcEndpointConnectionNotification",
    "CreateVpcEndpointServiceConfiguration",
    "CreateVpcPeeringConnection",
    "CreateVpnConcentrator",
    "CreateVpnConnection",
    "CreateVpnConnectionRoute",
    "CreateVpnGateway",
    "DeleteCapacityManagerDataExport",
    "DeleteCarrierGateway",
    "DeleteClientVpnEndpoint",
    "DeleteClientVpnRoute",
    "DeleteCoipCidr",
    "DeleteCoipPool",
    "DeleteCustomerGateway",
    "DeleteDhcpOptions",
    "DeleteEgressOnlyInternetGateway",
    "DeleteFleets",
    "DeleteFlowLogs",
    "DeleteFpgaImage",
    "DeleteImageUsageReport",
    "DeleteInstanceConnectEndpoint",
    "DeleteInstanceEventWindow",
    "DeleteInternetGateway",
    "DeleteIpam",
    "DeleteIpamExternalResourceVerificationToken",
    "DeleteIpamPolicy",
    "DeleteIpamPool",
    "DeleteIpamPrefixListResolver",
    "DeleteIpamPrefixListResolverTarget",
    "DeleteIpamResourceDiscovery",
    "DeleteIpamScope",
    "DeleteKeyPair",
    "DeleteLaunchTemplate",
    "DeleteLaunchTemplateVersions",
    "DeleteLocalGatewayRoute",
    "DeleteLocalGatewayRouteTable",
    "DeleteLocalGatewayRouteTableVirtualInterfaceGroupAssociation",
    "DeleteLocalGatewayRouteTableVpcAssociation",
    "DeleteLocalGatewayVirtualInterface",
    "DeleteLocalGatewayVirtualInterfaceGroup",
    "DeleteManagedPrefixList",
    "DeleteNatGateway",
    "DeleteNetworkAcl",
    "DeleteNetworkAclEntry",
    "DeleteNetworkInsightsAccessScope",
    "DeleteNetworkInsightsAccessScopeAnalysis",
    "DeleteNetworkInsightsAnalysis",
    "DeleteNetworkInsightsPath",
    "DeleteNetworkInterface",
    "DeleteNetworkInterfacePermission",
    "DeletePlacementGroup",
    "DeletePublicIpv4Pool",
    "DeleteQueuedReservedInstances",
    "DeleteRoute",
    "DeleteRouteServer",
    "DeleteRouteServerEndpoint",
    "DeleteRouteServerPeer",
    "DeleteRouteTable",
    "DeleteSecondaryNetwork",
    "DeleteSecondarySubnet",
    "DeleteSecurityGroup",
    "DeleteSnapshot",
    "DeleteSpotDatafeedSubscription",
    "DeleteSubnet",
    "DeleteSubnetCidrReservation",
    "DeleteTags",
    "DeleteTrafficMirrorFilter",
    "DeleteTrafficMirrorFilterRule",
    "DeleteTrafficMirrorSession",
    "DeleteTrafficMirrorTarget",
    "DeleteTransitGateway",
    "DeleteTransitGatewayClientVpnAttachment",
    "DeleteTransitGatewayConnect",
    "DeleteTransitGatewayConnectPeer",
    "DeleteTransitGatewayMeteringPolicy",
    "DeleteTransitGatewayMeteringPolicyEntry",
    "DeleteTransitGatewayMulticastDomain",
    "DeleteTransitGatewayPeeringAttachment",
    "DeleteTransitGatewayPolicyTable",
    "DeleteTransitGatewayPrefixListReference",
    "DeleteTransitGatewayRoute",
    "DeleteTransitGatewayRouteTable",
    "DeleteTransitGatewayRouteTableAnnouncement",
    "DeleteTransitGatewayVpcAttachment",
    "DeleteVerifiedAccessEndpoint",
    "DeleteVerifiedAccessGroup",
    "DeleteVerifiedAccessInstance",
    "DeleteVerifiedAccessTrustProvider",
    "DeleteVolume",
    "DeleteVpc",
    "DeleteVpcBlockPublicAccessExclusion",
    "DeleteVpcEncryptionControl",
    "DeleteVpcEndpointConnectionNotifications",
    "DeleteVpcEndpointServiceConfigurations",
    "DeleteVpcEndpoints",
    "DeleteVpcPeeringConnection",
    "DeleteVpnConcentrator",
    "DeleteVpnConnection",
    "DeleteVpnConnectionRoute",
    "DeleteVpnGateway",
    "DeprovisionByoipCidr",
    "DeprovisionIpamByoasn",
    "DeprovisionIpamPoolCidr",
    "DeprovisionPublicIpv4PoolCidr",
    "DeregisterImage",
    "DeregisterInstanceEventNotificationAttributes",
    "DeregisterTransitGatewayMulticastGroupMembers",
    "DeregisterTransitGatewayMulticastGroupSources",
    "DescribeAccountAttributes",
    "DescribeAddressTransfers",
    "DescribeAddresses",
    "DescribeAddressesAttribute",
    "DescribeAggregateIdFormat",
    "DescribeAvailabilityZones",
    "DescribeAwsNetworkPerformanceMetricSubscriptions",
    "DescribeBundleTasks",
    "DescribeByoipCidrs",
    "DescribeCapacityBlockExtensionHistory",
    "DescribeCapacityBlockExtensionOfferings",
    "DescribeCapacityBlockOfferings",
    "DescribeCapacityBlockStatus",
    "DescribeCapacityBlocks",
    "DescribeCapacityManagerDataExports",
    "DescribeCapacityReservationBillingRequests",
    "DescribeCapacityReservationFleets",
    "DescribeCapacityReservationTopology",
    "DescribeCapacityReservations",
    "DescribeCarrierGateways",
    "DescribeClassicLinkInstances",
    "DescribeClientVpnAuthorizationRules",
    "DescribeClientVpnConnections",
    "DescribeClientVpnEndpoints",
    "DescribeClientVpnRoutes",
    "DescribeClientVpnTargetNetworks",
    "DescribeCoipPools",
    "DescribeConversionTasks",
    "DescribeCustomerGateways",
    "DescribeDeclarativePoliciesReports",
    "DescribeDhcpOptions",
    "DescribeEgressOnlyInternetGateways",
    "DescribeElasticGpus",
    "DescribeExportImageTasks",
    "DescribeExportTasks",
    "DescribeFastLaunchImages",
    "DescribeFastSnapshotRestores",
    "DescribeFleetHistory",
    "DescribeFleetInstances",
    "DescribeFleets",
    "DescribeFlowLogs",
    "DescribeFpgaImageAttribute",
    "DescribeFpgaImages",
    "DescribeHostReservationOfferings",
    "DescribeHostReservations",
    "DescribeHosts",
    "DescribeIamInstanceProfileAssociations",
    "DescribeIdFormat",
    "DescribeIdentityIdFormat",
    "DescribeImageAttribute",
    "DescribeImageReferences",
    "DescribeImageUsageReportEntries",
    "DescribeImageUsageReports",
    "DescribeImages",
    "DescribeImportImageTasks",
    "DescribeImportSnapshotTasks",
    "DescribeInstanceAttribute",
    "DescribeInstanceConnectEndpoints",
    "DescribeInstanceCreditSpecifications",
    "DescribeInstanceEventNotificationAttributes",
    "DescribeInstanceEventWindows",
    "DescribeInstanceImageMetadata",
    "DescribeInstanceSqlHaHistoryStates",
    "DescribeInstanceSqlHaStates",
    "DescribeInstanceStatus",
    "DescribeInstanceTopology",
    "DescribeInstanceTypeOfferings",
    "DescribeInstanceTypes",
    "DescribeInstances",
    "DescribeInternetGateways",
    "DescribeIpamByoasn",
    "DescribeIpamExternalResourceVerificationTokens",
    "DescribeIpamPolicies",
    "DescribeIpamPoolAllocations",
    "DescribeIpamPools",
    "DescribeIpamPrefixListResolverTargets",
    "DescribeIpamPrefixListResolvers",
    "DescribeIpamResourceDiscoveries",
    "DescribeIpamResourceDiscoveryAssociations",
    "DescribeIpamScopes",
    "DescribeIpams",
    "DescribeIpv6Pools",
    "DescribeKeyPairs",
    "DescribeLaunchTemplateVersions",
    "DescribeLaunchTemplates",
    "DescribeLocalGatewayRouteTableVirtualInterfaceGroupAssociations",
    "DescribeLocalGatewayRouteTableVpcAssociations",
    "DescribeLocalGatewayRouteTables",
    "DescribeLocalGatewayVirtualInterfaceGroups",
    "DescribeLocalGatewayVirtualInterfaces",
    "DescribeLocalGateways",
    "DescribeLockedSnapshots",
    "DescribeMacHosts",
    "DescribeMacModificationTasks",
    "DescribeManagedPrefixLists",
    "DescribeMovingAddresses",
    "DescribeNatGateways",
    "DescribeNetworkAcls",
    "DescribeNetworkInsightsAccessScopeAnalyses",
    "DescribeNetworkInsightsAccessScopes",
    "DescribeNetworkInsightsAnalyses",
    "DescribeNetworkInsightsPaths",
    "DescribeNetworkInterfaceAttribute",
    "DescribeNetworkInterfacePermissions",
    "DescribeNetworkInterfaces",
    "DescribeOutpostLags",
    "DescribePlacementGroups",
    "DescribePrefixLists",
    "DescribePrincipalIdFormat",
    "DescribePublicIpv4Pools",
    "DescribeRegions",
    "DescribeReplaceRootVolumeTasks",
    "DescribeReservedInstances",
    "DescribeReservedInstancesListings",
    "DescribeReservedInstancesModifications",
    "DescribeReservedInstancesOfferings",
    "DescribeRouteServerEndpoints",
    "DescribeRouteServerPeers",
    "DescribeRouteServers",
    "DescribeRouteTables",
    "DescribeScheduledInstanceAvailability",
    "DescribeScheduledInstances",
    "DescribeSecondaryInterfaces",
    "DescribeSecondaryNetworks",
    "DescribeSecondarySubnets",
    "DescribeSecurityGroupReferences",
    "DescribeSecurityGroupRules",
    "DescribeSecurityGroupVpcAssociations",
    "DescribeSecurityGroups",
    "DescribeServiceLinkVirtualInterfaces",
    "DescribeSnapshotAttribute",
    "DescribeSnapshotTierStatus",
    "DescribeSnapshots",
    "DescribeSpotDatafeedSubscription",
    "DescribeSpotFleetInstances",
    "DescribeSpotFleetRequestHistory",
    "DescribeSpotFleetRequests",
    "DescribeSpotInstanceRequests",
    "DescribeSpotPriceHistory",
    "DescribeStaleSecurityGroups",
    "DescribeStoreImageTasks",
    "DescribeSubnets",
    "DescribeTags",
    "DescribeTrafficMirrorFilterRules",
    "DescribeTrafficMirrorFilters",
    "DescribeTrafficMirrorSessions",
    "DescribeTrafficMirrorTargets",
    "DescribeTransitGatewayAttachments",
    "DescribeTransitGatewayConnectPeers",
    "DescribeTransitGatewayConnects",
    "DescribeTransitGatewayMeteringPolicies",
    "DescribeTransitGatewayMulticastDomains",
    "DescribeTransitGatewayPeeringAttachments",
    "DescribeTransitGatewayPolicyTables",
    "DescribeTransitGatewayRouteTableAnnouncements",
    "DescribeTransitGatewayRouteTables",
    "DescribeTransitGatewayVpcAttachments",
    "DescribeTransitGateways",
    "DescribeTrunkInterfaceAssociations",
    "DescribeVerifiedAccessEndpoints",
    "DescribeVerifiedAccessGroups",
    "DescribeVerifiedAccessInstanceLoggingConfigurations",
    "DescribeVerifiedAccessInstances",
    "DescribeVerifiedAccessTrustProviders",
    "DescribeVolumeAttribute",
    "DescribeVolumeStatus",
    "DescribeVolumes",
    "DescribeVolumesModifications",
    "DescribeVpcAttribute",
    "DescribeVpcBlockPublicAccessExclusions",
    "DescribeVpcBlockPublicAccessOptions",
    "DescribeVpcClassicLink",
    "DescribeVpcClassicLinkDnsSupport",
    "DescribeVpcEncryptionControls",
    "DescribeVpcEndpointAssociations",
    "DescribeVpcEndpointConnectionNotifications",
    "DescribeVpcEndpointConnections",
    "DescribeVpcEndpointServiceConfigurations",
    "DescribeVpcEndpointServicePermissions",
    "DescribeVpcEndpointServices",
    "DescribeVpcEndpoints",
    "DescribeVpcPeeringConnections",
    "DescribeVpcs",
    "DescribeVpnConcentrators",
    "DescribeVpnConnections",
    "DescribeVpnGateways",
    "DetachClassicLinkVpc",
    "DetachInternetGateway",
    "DetachNetworkInterface",
    "DetachVerifiedAccessTrustProvider",
    "DetachVolume",
    "DetachVpnGateway",
    "DisableAddressTransfer",
    "DisableAllowedImagesSettings",
    "DisableAwsNetworkPerformanceMetricSubscription",
    "DisableCapacityManager",
    "DisableEbsEncryptionByDefault",
    "DisableFastLaunch",
    "DisableFastSnapshotRestores",
    "DisableImage",
    "DisableImageBlockPublicAccess",
    "DisableImageDeprecation",
    "DisableImageDeregistrationProtection",
    "DisableInstanceSqlHaStandbyDetections",
    "DisableIpamOrganizationAdminAccount",
    "DisableIpamPolicy",
    "DisableRouteServerPropagation",
    "DisableSerialConsoleAccess",
    "DisableSnapshotBlockPublicAccess",
    "DisableTransitGatewayRouteTablePropagation",
    "DisableVgwRoutePropagation",
    "DisableVpcClassicLink",
    "DisableVpcClassicLinkDnsSupport",
    "DisassociateAddress",
    "DisassociateCapacityReservationBillingOwner",
    "DisassociateClientVpnTargetNetwork",
    "DisassociateEnclaveCertificateIamRole",
    "DisassociateIamInstanceProfile",
    "DisassociateInstanceEventWindow",
    "DisassociateIpamByoasn",
    "DisassociateIpamResourceDiscovery",
    "DisassociateNatGatewayAddress",
    "DisassociateRouteServer",
    "DisassociateRouteTable",
    "DisassociateSecurityGroupVpc",
    "DisassociateSubnetCidrBlock",
    "DisassociateTransitGatewayMulticastDomain",
    "DisassociateTransitGatewayPolicyTable",
    "DisassociateTransitGatewayRouteTable",
    "DisassociateTrunkInterface",
    "DisassociateVpcCidrBlock",
    "EnableAddressTransfer",
    "EnableAllowedImagesSettings",
    "EnableAwsNetworkPerformanceMetricSubscription",
    "EnableCapacityManager",
    "EnableEbsEncryptionByDefault",
    "EnableFastLaunch",
    "EnableFastSnapshotRestores",
    "EnableImage",
    "EnableImageBlockPublicAccess",
    "EnableImageDeprecation",
    "EnableImageDeregistrationProtection",
    "EnableInstanceSqlHaStandbyDetections",
    "EnableIpamOrganizationAdminAccount",
    "EnableIpamPolicy",
    "EnableReachabilityAnalyzerOrganizationSharing",
    "EnableRouteServerPropagation",
    "EnableSerialConsoleAccess",
    "EnableSnapshotBlockPublicAccess",
    "EnableTransitGatewayRouteTablePropagation",
    "EnableVgwRoutePropagation",
    "EnableVolumeIO",
    "EnableVpcClassicLink",
    "EnableVpcClassicLinkDnsSupport",
    "ExportClientVpnClientCertificateRevocationList",
    "ExportClientVpnClientConfiguration",
    "ExportImage",
    "ExportTransitGatewayRoutes",
    "ExportVerifiedAccessInstanceClientConfiguration",
    "GetActiveVpnTunnelStatus",
    "GetAllowedImagesSettings",
    "GetAssociatedEnclaveCertificateIamRoles",
    "GetAssociatedIpv6PoolCidrs",
    "GetAwsNetworkPerformanceData",
    "GetCapacityManagerAttributes",
    "GetCapacityManagerMetricData",
    "GetCapacityManagerMetricDimensions",
    "GetCapacityManagerMonitoredTagKeys",
    "GetCapacityReservationUsage",
    "GetCoipPoolUsage",
    "GetConsoleOutput",
    "GetConsoleScreenshot",
    "GetDeclarativePoliciesReportSummary",
    "GetDefaultCreditSpecification",
    "GetEbsDefaultKmsKeyId",
    "GetEbsEncryptionByDefault",
    "GetEnabledIpamPolicy",
    "GetFlowLogsIntegrationTemplate",
    "GetGroupsForCapacityReservation",
    "GetHostReservationPurchasePreview",
    "GetImageAncestry",
    "GetImageBlockPublicAccessState",
    "GetInstanceMetadataDefaults",
    "GetInstanceTpmEkPub",
    "GetInstanceTypesFromInstanceRequirements",
    "GetInstanceUefiData",
    "GetIpamAddressHistory",
    "GetIpamDiscoveredAccounts",
    "GetIpamDiscoveredPublicAddresses",
    "GetIpamDiscoveredResourceCidrs",
    "GetIpamPolicyAllocationRules",
    "GetIpamPolicyOrganizationTargets",
    "GetIpamPoolAllocations",
    "GetIpamPoolCidrs",
    "GetIpamPrefixListResolverRules",
    "GetIpamPrefixListResolverVersionEntries",
    "GetIpamPrefixListResolverVersions",
    "GetIpamResourceCidrs",
    "GetLaunchTemplateData",
    "GetManagedPrefixListAssociations",
    "GetManagedPrefixListEntries",
    "GetManagedResourceVisibility",
    "GetNetworkInsightsAccessScopeAnalysisFindings",
    "GetNetworkInsightsAccessScopeContent",
    "GetPasswordData",
    "GetReservedInstancesExchangeQuote",
    "GetRouteServerAssociations",
    "GetRouteServerPropagations",
    "GetRouteServerRoutingDatabase",
    "GetSecurityGroupsForVpc",
    "GetSerialConsoleAccessStatus",
    "GetSnapshotBlockPublicAccessState",
    "GetSpotPlacementScores",
    "GetSubnetCidrReservations",
    "GetTransitGatewayAttachmentPropagations",
    "GetTransitGatewayMeteringPolicyEntries",
    "GetTransitGatewayMulticastDomainAssociations",
    "GetTransitGatewayPolicyTableAssociations",
    "GetTransitGatewayPolicyTableEntries",
    "GetTransitGatewayPrefixListReferences",
    "GetTransitGatewayRouteTableAssociations",
    "GetTransitGatewayRouteTablePropagations",
    "GetVerifiedAccessEndpointPolicy",
    "GetVerifiedAccessEndpointTargets",
    "GetVerifiedAccessGroupPolicy",
    "GetVpcResourcesBlockingEncryptionEnforcement",
    "GetVpnConnectionDeviceSampleConfiguration",
    "GetVpnConnectionDeviceTypes",
    "GetVpnTunnelReplacementStatus",
    "ImportClientVpnClientCertificateRevocationList",
    "ImportImage",
    "ImportInstance",
    "ImportKeyPair",
    "ImportSnapshot",
    "ImportVolume",
    "ListImagesInRecycleBin",
    "ListSnapshotsInRecycleBin",
    "ListVolumesInRecycleBin",
    "LockSnapshot",
    "ModifyAddressAttribute",
    "ModifyAvailabilityZoneGroup",
    "ModifyCapacityReservation",
    "ModifyCapacityReservationFleet",
    "ModifyClientVpnEndpoint",
    "ModifyDefaultCreditSpecification",
    "ModifyEbsDefaultKmsKeyId",
    "ModifyFleet",
    "ModifyFpgaImageAttribute",
    "ModifyHosts",
    "ModifyIdFormat",
    "ModifyIdentityIdFormat",
    "ModifyImageAttribute",
    "ModifyInstanceAttribute",
    "ModifyInstanceCapacityReservationAttributes",
    "ModifyInstanceConnectEndpoint",
    "ModifyInstanceCpuOptions",
    "ModifyInstanceCreditSpecification",
    "ModifyInstanceEventStartTime",
    "ModifyInstanceEventWindow",
    "ModifyInstanceMaintenanceOptions",
    "ModifyInstanceMetadataDefaults",
    "ModifyInstanceMetadataOptions",
    "ModifyInstanceNetworkPerformanceOptions",
    "ModifyInstancePlacement",
    "ModifyIpam",
    "ModifyIpamPolicyAllocationRules",
    "ModifyIpamPool",
    "ModifyIpamPoolAllocation",
    "ModifyIpamPrefixListResolver",
    "ModifyIpamPrefixListResolverTarget",
    "ModifyIpamResourceCidr",
    "ModifyIpamResourceDiscovery",
    "ModifyIpamScope",
    "ModifyLaunchTemplate",
    "ModifyLocalGatewayRoute",
    "ModifyManagedPrefixList",
    "ModifyManagedResourceVisibility",
    "ModifyNetworkInterfaceAttribute",
    "ModifyPrivateDnsNameOptions",
    "ModifyPublicIpDnsNameOptions",
    "ModifyReservedInstances",
    "ModifyRouteServer",
    "ModifySecurityGroupRules",
    "ModifySnapshotAttribute",
    "ModifySnapshotTier",
    "ModifySpotFleetRequest",
    "ModifySubnetAttribute",
    "ModifyTrafficMirrorFilterNetworkServices",
    "ModifyTrafficMirrorFilterRule",
    "ModifyTrafficMirrorSession",
    "ModifyTransitGateway",
    "ModifyTransitGatewayMeteringPolicy",
    "ModifyTransitGatewayPrefixListReference",
    "ModifyTransitGatewayVpcAttachment",
    "ModifyVerifiedAccessEndpoint",
    "ModifyVerifiedAccessEndpointPolicy",
    "ModifyVerifiedAccessGroup",
    "ModifyVerifiedAccessGroupPolicy",
    "ModifyVerifiedAccessInstance",
    "ModifyVerifiedAccessInstanceLoggingConfiguration",
    "ModifyVerifiedAccessTrustProvider",
    "ModifyVolume",
    "ModifyVolumeAttribute",
    "ModifyVpcAttribute",
    "ModifyVpcBlockPublicAccessExclusion",
    "ModifyVpcBlockPublicAccessOptions",
    "ModifyVpcEncryptionControl",
    "ModifyVpcEndpoint",
    "ModifyVpcEndpointConnectionNotification",
    "ModifyVpcEndpointServiceConfiguration",
    "ModifyVpcEndpointServicePayerResponsibility",
    "ModifyVpcEndpointServicePermissions",
    "ModifyVpcPeeringConnectionOptions",
    "ModifyVpcTenancy",
    "ModifyVpnConnection",
    "ModifyVpnConnectionOptions",
    "ModifyVpnTunnelCertificate",
    "ModifyVpnTunnelOptions",
    "MonitorInstances",
    "MoveAddressToVpc",
    "MoveByoipCidrToIpam",
    "MoveCapacityReservationInstances",
    "ProvisionByoipCidr",
    "ProvisionIpamByoasn",
    "ProvisionIpamPoolCidr",
    "ProvisionPublicIpv4PoolCidr",
    "PurchaseCapacityBlock",
    "PurchaseCapacityBlockExtension",
    "PurchaseHostReservation",
    "PurchaseReservedInstancesOffering",
    "PurchaseScheduledInstances",
    "RebootInstances",
    "RegisterImage",
    "RegisterInstanceEventNotificationAttributes",
    "RegisterTransitGatewayMulticastGroupMembers",
    "RegisterTransitGatewayMulticastGroupSources",
    "RejectCapacityReservationBillingOwnership",
    "RejectTransitGatewayClientVpnAttachment",
    "RejectTransitGatewayMulticastDomainAssociations",
    "RejectTransitGatewayPeeringAttachment",
    "RejectTransitGatewayVpcAttachment",
    "RejectVpcEndpointConnections",
    "RejectVpcPeeringConnection",
    "ReleaseAddress",
    "ReleaseHosts",
    "ReleaseIpamPoolAllocation",
    "ReplaceIamInstanceProfileAssociation",
    "ReplaceImageCriteriaInAllowedImagesSettings",
    "ReplaceNetworkAclAssociation",
    "ReplaceNetworkAclEntry",
    "ReplaceRoute",
    "ReplaceRouteTableAssociation",
    "ReplaceTransitGatewayRoute",
    "ReplaceVpnTunnel",
    "ReportInstanceStatus",
    "RequestSpotFleet",
    "RequestSpotInstances",
    "ResetAddressAttribute",
    "ResetEbsDefaultKmsKeyId",
    "ResetFpgaImageAttribute",
    "ResetImageAttribute",
    "ResetInstanceAttribute",
    "ResetNetworkInterfaceAttribute",
    "ResetSnapshotAttribute",
    "RestoreAddressToClassic",
    "RestoreImageFromRecycleBin",
    "RestoreManagedPrefixListVersion",
    "RestoreSnapshotFromRecycleBin",
    "RestoreSnapshotTier",
    "RestoreVolumeFromRecycleBin",
    "RevokeClientVpnIngress",
    "RevokeSecurityGroupEgress",
    "RevokeSecurityGroupIngress",
    "RunInstances",
    "RunScheduledInstances",
    "SearchLocalGatewayRoutes",
    "SearchTransitGatewayMulticastGroups",
    "SearchTransitGatewayRoutes",
    "SendDiagnosticInterrupt",
    "StartDeclarativePoliciesReport",
    "StartInstances",
    "StartNetworkInsightsAccessScopeAnalysis",
    "StartNetworkInsightsAnalysis",
    "StartVpcEndpointServicePrivateDnsVerification",
    "StopInstances",
    "TerminateClientVpnConnections",
    "TerminateInstances",
    "UnassignIpv6Addresses",
    "UnassignPrivateIpAddresses",
    "UnassignPrivateNatGatewayAddress",
    "UnlockSnapshot",
    "UnmonitorInstances",
    "UpdateCapacityManagerMonitoredTagKeys",
    "UpdateCapacityManagerOrganizationsAccess",
    "UpdateInterruptibleCapacityReservationAllocation",
    "UpdateSecurityGroupRuleDescriptionsEgress",
    "UpdateSecurityGroupRuleDescriptionsIngress",
    "WithdrawByoipCidr",
];
