//! After what the service-linked role of a service is made: its name and the policy that it has.
//!
//! Sources: the pages "Using service-linked roles" of the services; AWS managed policy reference; recorded answers of AWS in
//! the tests of LocalStack (2026).

/// How the role of a service is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Template {
    /// What the role is called, without what all of them begin with.
    role: &'static str,
    /// The name of the policy that it has.
    pub(super) policy: &'static str,
    /// Whether there may be several, told apart by a suffix.
    pub(super) takes_suffix: bool,
}

impl Template {
    /// The template of a service, by the service's principal; `None` for one that has no such role, or none that is known.
    /// Names of services differ by case.
    pub(super) fn of(service: &str) -> Option<Self> {
        let short = service.strip_suffix(".amazonaws.com")?;
        let at = TEMPLATES.binary_search_by_key(&short, |(service, ..)| service).ok()?;
        let (service, role, policy) = TEMPLATES.get(at)?;
        Some(Self { role, policy, takes_suffix: SUFFIXED.contains(service) })
    }

    /// The name of the role.
    pub(super) fn role_name(self, suffix: Option<&str>) -> String {
        let suffix = suffix.map(|suffix| format!("_{suffix}")).unwrap_or_default();
        format!("AWSServiceRoleFor{}{suffix}", self.role)
    }
}

/// The services whose roles may have a suffix.
const SUFFIXED: [&str; 7] =
    ["autoscaling", "channels.lexv2", "connect", "lexv2", "monitor.iotsitewise", "profile", "synchronization.connect"];

/// Services in the order of their names, with their roles and the roles' policies.
const TEMPLATES: [(&str, &str, &str); 216] = [
    ("access-analyzer", "AccessAnalyzer", "AccessAnalyzerServiceRolePolicy"),
    ("accountdiscovery.ssm", "AmazonSSM_AccountDiscovery", "AWSSystemsManagerAccountDiscoveryServicePolicy"),
    ("acm", "CertificateManager", "CertificateManagerServiceRolePolicy"),
    ("agentless.inspector2", "AmazonInspector2Agentless", "AmazonInspector2AgentlessServiceRolePolicy"),
    ("airflow", "AmazonMWAA", "AmazonMWAAServiceRolePolicy"),
    ("apidestinations.events", "AmazonEventBridgeApiDestinations", "AmazonEventBridgeApiDestinationsServiceRolePolicy"),
    ("appfabric", "AppFabric", "AWSAppFabricServiceRolePolicy"),
    ("application-insights", "ApplicationInsights", "CloudwatchApplicationInsightsServiceLinkedRolePolicy"),
    ("application-signals.cloudwatch", "CloudWatchApplicationSignals", "CloudWatchApplicationSignalsServiceRolePolicy"),
    ("appmesh", "AppMesh", "AWSAppMeshServiceRolePolicy"),
    ("apprunner", "AppRunner", "AppRunnerServiceRolePolicy"),
    (
        "appstream.application-autoscaling",
        "ApplicationAutoScaling_AppStreamFleet",
        "AWSApplicationAutoscalingAppStreamFleetPolicy",
    ),
    ("appsync", "AppSync", "AWSAppSyncServiceRolePolicy"),
    ("artifact", "AWSArtifact", "AWSArtifactServiceRolePolicy"),
    ("auditmanager", "AuditManager", "AWSAuditManagerServiceRolePolicy"),
    ("autoscaling", "AutoScaling", "AutoScalingServiceRolePolicy"),
    ("autoscaling-plans", "AutoScalingPlans_EC2AutoScaling", "AWSAutoScalingPlansEC2AutoScalingPolicy"),
    ("backup", "Backup", "AWSBackupServiceLinkedRolePolicyForBackup"),
    ("batch", "Batch", "BatchServiceRolePolicy"),
    ("bcm-data-exports", "BCMDataExports", "AWSBCMDataExportsServiceRolePolicy"),
    ("braket", "AmazonBraket", "AmazonBraketServiceRolePolicy"),
    ("capacity-reservation-fleet", "EC2CapacityReservationFleet", "AWSEC2CapacityReservationFleetRolePolicy"),
    (
        "cassandra.application-autoscaling",
        "ApplicationAutoScaling_CassandraTable",
        "AWSApplicationAutoscalingCassandraTablePolicy",
    ),
    ("channels.lexv2", "LexV2Channels", "AmazonLexChannelsAccess"),
    ("cks.kms", "KeyManagementServiceCustomKeyStores", "AWSKeyManagementServiceCustomKeyStoresServiceRolePolicy"),
    ("clientvpn", "ClientVPN", "ClientVPNServiceRolePolicy"),
    ("clientvpn-connections", "ClientVPNConnections", "ClientVPNServiceConnectionsRolePolicy"),
    ("cloud9", "AWSCloud9", "AWSCloud9ServiceRolePolicy"),
    ("cloudhsm", "CloudHSM", "CloudHSMServiceRolePolicy"),
    ("cloudtrail", "CloudTrail", "CloudTrailServiceRolePolicy"),
    ("cloudwatch-crossaccount", "CloudWatchCrossAccount", "CloudWatch-CrossAccountAccess"),
    ("codeguru-profiler", "CodeGuruProfiler", "AWSServiceRoleForCodeGuru-Profiler"),
    ("codeguru-reviewer", "AmazonCodeGuruReviewer", "AmazonCodeGuruReviewerServiceRolePolicy"),
    ("codestar-notifications", "CodeStarNotifications", "AWSCodeStarNotificationsServiceRolePolicy"),
    ("cognito-idp", "AmazonCognitoIdp", "AmazonCognitoIdpServiceRolePolicy"),
    (
        "comprehend.application-autoscaling",
        "ApplicationAutoScaling_ComprehendEndpoint",
        "AWSApplicationAutoscalingComprehendEndpointPolicy",
    ),
    ("compute-optimizer", "ComputeOptimizer", "ComputeOptimizerServiceRolePolicy"),
    ("config", "Config", "AWSConfigServiceRolePolicy"),
    ("config-conforms", "ConfigConforms", "ConfigConformsServiceRolePolicy"),
    ("config-multiaccountsetup", "ConfigMultiAccountSetup", "AWSConfigMultiAccountSetupPolicy"),
    ("connect", "AmazonConnect", "AmazonConnectServiceLinkedRolePolicy"),
    ("connect-campaigns", "ConnectCampaigns", "AmazonConnectCampaignsServiceLinkedRolePolicy"),
    (
        "contributorinsights.dynamodb",
        "DynamoDBCloudWatchContributorInsights",
        "DynamoDBCloudWatchContributorInsightsServiceRolePolicy",
    ),
    ("controltower", "AWSControlTower", "AWSControlTowerAccountServiceRolePolicy"),
    ("cost-optimization-hub.bcm", "CostOptimizationHub", "CostOptimizationHubServiceRolePolicy"),
    (
        "custom-resource.application-autoscaling",
        "ApplicationAutoScaling_CustomResource",
        "AWSApplicationAutoScalingCustomResourcePolicy",
    ),
    ("custom.rds", "RDSCustom", "AmazonRDSCustomServiceRolePolicy"),
    ("dashboard.eks", "AmazonEKSDashboard", "AmazonEKSDashboardServiceRolePolicy"),
    ("datasync", "DataSync", "AWSDataSyncServiceRolePolicy"),
    ("dax", "DAX", "DAXServiceRolePolicy"),
    ("delivery.logs", "LogDelivery", "AWSServiceRoleForLogDeliveryPolicy"),
    ("detective", "Detective", "AmazonDetectiveServiceLinkedRolePolicy"),
    ("devicefarm", "DeviceFarm", "AWSDeviceFarmServiceRolePolicy"),
    ("devops-guru", "DevOpsGuru", "AmazonDevOpsGuruServiceRolePolicy"),
    ("directconnect", "DirectConnect", "AWSDirectConnectServiceRolePolicy"),
    ("discovery-datasync", "DataSyncDiscovery", "AWSDataSyncDiscoveryServiceRolePolicy"),
    ("dms", "DMSServerless", "AWSDMSServerlessServiceRolePolicy"),
    ("dms-fleet-advisor", "DMSFleetAdvisor", "AWSDMSFleetAdvisorServiceRolePolicy"),
    ("docdb-elastic", "DocDB-Elastic", "AmazonDocDB-ElasticServiceRolePolicy"),
    ("drs", "ElasticDisasterRecovery", "AWSElasticDisasterRecoveryServiceRolePolicy"),
    ("dsql", "AuroraDsql", "AuroraDsqlServiceLinkedRolePolicy"),
    (
        "dynamodb.application-autoscaling",
        "ApplicationAutoScaling_DynamoDBTable",
        "AWSApplicationAutoscalingDynamoDBTablePolicy",
    ),
    ("ec2-instance-connect", "Ec2InstanceConnect", "Ec2InstanceConnectEndpoint"),
    (
        "ec2.application-autoscaling",
        "ApplicationAutoScaling_EC2SpotFleetRequest",
        "AWSApplicationAutoscalingEC2SpotFleetRequestPolicy",
    ),
    ("ec2fastlaunch", "EC2FastLaunch", "EC2FastLaunchServiceRolePolicy"),
    ("ec2fleet", "EC2Fleet", "AWSEC2FleetServiceRolePolicy"),
    ("ec2scheduled", "EC2ScheduledInstances", "AWSServiceRoleForEC2ScheduledInstances"),
    ("ecr", "ECRTemplate", "ECRTemplateServiceRolePolicy"),
    ("ecs", "ECS", "AmazonECSServiceRolePolicy"),
    ("ecs.application-autoscaling", "ApplicationAutoScaling_ECSService", "AWSApplicationAutoscalingECSServicePolicy"),
    ("eks", "AmazonEKS", "AmazonEKSServiceRolePolicy"),
    ("eks-connector", "AmazonEKSConnector", "AmazonEKSConnectorServiceRolePolicy"),
    ("eks-fargate", "AmazonEKSForFargate", "AmazonEKSForFargateServiceRolePolicy"),
    ("eks-nodegroup", "AmazonEKSNodegroup", "AWSServiceRoleForAmazonEKSNodegroup"),
    ("elasticache", "ElastiCache", "ElastiCacheServiceRolePolicy"),
    (
        "elasticache.application-autoscaling",
        "ApplicationAutoScaling_ElastiCacheRG",
        "AWSApplicationAutoscalingElastiCacheRGPolicy",
    ),
    ("elasticbeanstalk", "ElasticBeanstalk", "AWSElasticBeanstalkServiceRolePolicy"),
    ("elasticfilesystem", "AmazonElasticFileSystem", "AmazonElasticFileSystemServiceRolePolicy"),
    ("elasticloadbalancing", "ElasticLoadBalancing", "AWSElasticLoadBalancingServiceRolePolicy"),
    ("elasticmapreduce", "EMRCleanup", "AmazonEMRCleanupPolicy"),
    (
        "elasticmapreduce.application-autoscaling",
        "ApplicationAutoScaling_EMRInstanceGroup",
        "AWSApplicationAutoscalingEMRInstanceGroupPolicy",
    ),
    ("email.cognito-idp", "AmazonCognitoIdpEmailService", "AmazonCognitoIdpEmailServiceRolePolicy"),
    ("emr-containers", "AmazonEMRContainers", "AmazonEMRContainersServiceRolePolicy"),
    ("emrwal", "EMRWAL", "EMRDescribeClusterPolicyForEMRWAL"),
    ("es", "AmazonElasticsearchService", "AmazonElasticsearchServiceRolePolicy"),
    ("event-processor.health", "Health_EventProcessor", "AWSHealth_EventProcessorServiceRolePolicy"),
    ("events", "CloudWatchEvents", "CloudWatchEventsServiceRolePolicy"),
    ("evidently", "CloudWatchEvidently", "AmazonCloudWatchEvidentlyServiceRolePolicy"),
    ("fis", "FIS", "AmazonFISServiceRolePolicy"),
    ("fms", "FMS", "FMSServiceRolePolicy"),
    ("fsx", "AmazonFSx", "AmazonFSxServiceRolePolicy"),
    ("globalaccelerator", "GlobalAccelerator", "AWSGlobalAcceleratorSLRPolicy"),
    ("grafana", "AmazonGrafana", "AmazonGrafanaServiceLinkedRolePolicy"),
    ("guardduty", "AmazonGuardDuty", "AmazonGuardDutyServiceRolePolicy"),
    ("health", "Health_Organizations", "Health_OrganizationsServiceRolePolicy"),
    ("imagebuilder", "ImageBuilder", "AWSServiceRoleForImageBuilder"),
    ("inspector", "AmazonInspector", "AmazonInspectorServiceRolePolicy"),
    ("inspector2", "AmazonInspector2", "AmazonInspector2ServiceRolePolicy"),
    ("internetmonitor", "InternetMonitor", "CloudWatchInternetMonitorServiceRolePolicy"),
    ("iotfleetwise", "IoTFleetWise", "AWSIoTFleetwiseServiceRolePolicy"),
    ("iotmanagedintegrations", "IoTManagedIntegrations", "AWSIoTManagedIntegrationsRolePolicy"),
    ("iotsitewise", "IoTSiteWise", "AWSServiceRoleForIoTSiteWise"),
    ("iottwinmaker", "IoTTwinMaker", "AWSIoTTwinMakerServiceRolePolicy"),
    ("ipam", "IPAM", "AWSIPAMServiceRolePolicy"),
    ("ivs", "IVSRecordToS3", "IVSRecordToS3"),
    ("kafka", "Kafka", "KafkaServiceRolePolicy"),
    (
        "kafka.application-autoscaling",
        "ApplicationAutoScaling_KafkaCluster",
        "AWSApplicationAutoscalingKafkaClusterPolicy",
    ),
    ("kafkaconnect", "KafkaConnect", "KafkaConnectServiceRolePolicy"),
    (
        "kinesisreplication.dynamodb",
        "DynamoDBKinesisDataStreamsReplication",
        "DynamoDBKinesisReplicationServiceRolePolicy",
    ),
    ("lakeformation", "LakeFormationDataAccess", "LakeFormationDataAccessServiceRolePolicy"),
    (
        "lambda.application-autoscaling",
        "ApplicationAutoScaling_LambdaConcurrency",
        "AWSApplicationAutoscalingLambdaConcurrencyPolicy",
    ),
    ("lex", "LexBots", "LexBotPolicy"),
    ("lexv2", "LexV2Bots", "AmazonLexV2BotPolicy"),
    ("license-manager", "AWSLicenseManagerRole", "AWSLicenseManagerServiceRolePolicy"),
    (
        "license-manager-linux-subscriptions",
        "AWSLicenseManagerLinuxSubscriptionsService",
        "AWSLicenseManagerLinuxSubscriptionsServiceRolePolicy",
    ),
    (
        "license-manager-user-subscriptions",
        "AWSLicenseManagerUserSubscriptionsService",
        "AWSLicenseManagerUserSubscriptionsServiceRolePolicy",
    ),
    (
        "license-manager.master-account",
        "AWSLicenseManagerMasterAccountRole",
        "AWSLicenseManagerMasterAccountRolePolicy",
    ),
    (
        "license-manager.member-account",
        "AWSLicenseManagerMemberAccountRole",
        "AWSLicenseManagerMemberAccountRolePolicy",
    ),
    ("lightsail", "Lightsail", "LightsailExportAccess"),
    ("logger.cloudfront", "CloudFrontLogger", "AWSCloudFrontLogger"),
    ("m2", "AWSM2", "AWSM2ServicePolicy"),
    ("macie", "AmazonMacie", "AmazonMacieServiceRolePolicy"),
    ("maintenance.elasticbeanstalk", "ElasticBeanstalkMaintenance", "AWSElasticBeanstalkMaintenance"),
    (
        "malware-protection.guardduty",
        "AmazonGuardDutyMalwareProtection",
        "AmazonGuardDutyMalwareProtectionServiceRolePolicy",
    ),
    ("managedblockchain", "AmazonManagedBlockchain", "AmazonManagedBlockchainServiceRolePolicy"),
    (
        "managedupdates.elasticbeanstalk",
        "ElasticBeanstalkManagedUpdates",
        "AWSElasticBeanstalkManagedUpdatesServiceRolePolicy",
    ),
    ("management.chatbot", "AWSChatbot", "AWSChatbotServiceLinkedRolePolicy"),
    ("mediaconnect", "MediaConnect", "AWSMediaConnectServicePolicy"),
    ("mediapackage", "MediaPackage", "MediaPackageServiceRolePolicy"),
    ("mediatailor", "MediaTailor", "AWSMediaTailorServiceRolePolicy"),
    (
        "member.org.stacksets.cloudformation",
        "CloudFormationStackSetsOrgMember",
        "CloudFormationStackSetsOrgMemberServiceRolePolicy",
    ),
    ("memorydb", "MemoryDB", "MemoryDBServiceRolePolicy"),
    ("mgn", "ApplicationMigrationService", "AWSApplicationMigrationServiceRolePolicy"),
    ("migrationhub", "MigrationHub", "MigrationHubServiceRolePolicy"),
    ("monitor.iotsitewise", "IoTSiteWiseMonitor", "AWSIoTSiteWiseMonitorServiceRolePolicy"),
    ("mq", "AmazonMQ", "AmazonMQServiceRolePolicy"),
    ("mrk.kms", "KeyManagementServiceMultiRegionKeys", "AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy"),
    (
        "neptune.application-autoscaling",
        "ApplicationAutoScaling_NeptuneCluster",
        "AWSApplicationAutoscalingNeptuneClusterPolicy",
    ),
    ("network-firewall", "NetworkFirewall", "AWSNetworkFirewallServiceRolePolicy"),
    ("network.bedrock-agentcore", "BedrockAgentCoreNetwork", "BedrockAgentCoreNetworkServiceRolePolicy"),
    ("networking.apprunner", "AppRunnerNetworking", "AppRunnerNetworkingServiceRolePolicy"),
    ("networkmanager", "NetworkManager", "AWSNetworkManagerServiceRolePolicy"),
    ("networkmonitor", "NetworkMonitor", "CloudWatchNetworkMonitorServiceRolePolicy"),
    ("notifications", "AwsUserNotifications", "AWSUserNotificationsServiceLinkedRolePolicy"),
    ("observability.aoss", "AmazonOpenSearchServerless", "AmazonOpenSearchServerlessServiceRolePolicy"),
    ("opensearchservice", "AmazonOpenSearchService", "AmazonOpenSearchServiceRolePolicy"),
    ("ops.apigateway", "APIGateway", "APIGatewayServiceRolePolicy"),
    ("ops.emr-serverless", "AmazonEMRServerless", "AmazonEMRServerlessServiceRolePolicy"),
    ("opsdatasync.ssm", "SystemsManagerOpsDataSync", "AWSSystemsManagerOpsDataSyncServiceRolePolicy"),
    ("opsinsights.ssm", "AmazonSSM_OpsInsights", "AWSSSMOpsInsightsServiceRolePolicy"),
    ("organizations", "Organizations", "AWSOrganizationsServiceTrustPolicy"),
    ("orgsdatasync.servicecatalog", "ServiceCatalogOrgsDataSync", "AWSServiceCatalogOrgsDataSyncServiceRolePolicy"),
    ("osis", "AmazonOpenSearchIngestionService", "AmazonOpenSearchIngestionServiceRolePolicy"),
    ("practice-run.arc-zonal-shift", "ZonalAutoshiftPracticeRun", "AWSZonalAutoshiftPracticeRunSLRPolicy"),
    ("profile", "Profile", "CustomerProfilesServiceLinkedRolePolicy"),
    ("pullthroughcache.ecr", "ECRPullThroughCache", "AWSECRPullThroughCache_ServiceRolePolicy"),
    ("qbusiness", "QBusiness", "QBusinessServiceRolePolicy"),
    ("ram", "ResourceAccessManager", "AWSResourceAccessManagerServiceRolePolicy"),
    ("rds", "RDS", "AmazonRDSServiceRolePolicy"),
    ("rds.application-autoscaling", "ApplicationAutoScaling_RDSCluster", "AWSApplicationAutoscalingRDSClusterPolicy"),
    ("reachabilityanalyzer.networkinsights", "ReachabilityAnalyzer", "AWSReachabilityAnalyzerServiceRolePolicy"),
    ("redshift", "Redshift", "AmazonRedshiftServiceLinkedRolePolicy"),
    ("remediation.config", "ConfigRemediation", "AWSConfigRemediationServiceRolePolicy"),
    ("replication.cassandra", "KeyspacesReplication", "KeyspacesReplicationServiceRolePolicy"),
    ("replication.dynamodb", "DynamoDBReplication", "DynamoDBReplicationServiceRolePolicy"),
    ("replication.ecr", "ECRReplication", "ECRReplicationServiceRolePolicy"),
    ("replicator.lambda", "LambdaReplicator", "AWSLambdaReplicator"),
    ("reporting.trustedadvisor", "TrustedAdvisorReporting", "AWSTrustedAdvisorReportingServiceRolePolicy"),
    ("reports.backup", "BackupReports", "AWSServiceRolePolicyForBackupReports"),
    ("repository.sync.codeconnections", "GitSync", "AWSGitSyncServiceRolePolicy"),
    ("resource-explorer-2", "ResourceExplorer", "AWSResourceExplorerServiceRolePolicy"),
    (
        "resource-management.securitylake",
        "SecurityLakeResourceManagement",
        "SecurityLakeResourceManagementServiceRolePolicy",
    ),
    ("restore-testing.backup", "BackupRestoreTesting", "AWSServiceRolePolicyForBackupRestoreTesting"),
    ("rolesanywhere", "RolesAnywhere", "AWSRolesAnywhereServicePolicy"),
    ("route53-recovery-readiness", "Route53RecoveryReadiness", "Route53RecoveryReadinessServiceRolePolicy"),
    ("route53resolver", "Route53Resolver", "Route53ResolverServiceRolePolicy"),
    ("rum", "CloudWatchRUM", "AmazonCloudWatchRUMServiceRolePolicy"),
    (
        "runtime-identity.bedrock-agentcore",
        "BedrockAgentCoreRuntimeIdentity",
        "BedrockAgentCoreRuntimeIdentityServiceRolePolicy",
    ),
    ("s2svpn", "VPCS2SVPN", "AWSVPCS2SVpnServiceRolePolicy"),
    ("s3-outposts", "S3OnOutposts", "AWSS3OnOutpostsServiceRolePolicy"),
    (
        "sagemaker.application-autoscaling",
        "ApplicationAutoScaling_SageMakerEndpoint",
        "AWSApplicationAutoscalingSageMakerEndpointPolicy",
    ),
    ("schemas", "Schemas", "AmazonEventBridgeSchemasServiceRolePolicy"),
    ("scraper.aps", "AmazonPrometheusScraper", "AmazonPrometheusScraperServiceRolePolicy"),
    ("securityhub", "SecurityHub", "AWSSecurityHubServiceRolePolicy"),
    ("securitylake", "SecurityLake", "SecurityLakeServiceLinkedRole"),
    ("servicecatalog-appregistry", "AWSServiceCatalogAppRegistry", "AWSServiceCatalogAppRegistryServiceRolePolicy"),
    ("servicequotas", "ServiceQuotas", "ServiceQuotasServiceRolePolicy"),
    ("ses", "AmazonSES", "AmazonSESServiceRolePolicy"),
    ("shield", "AWSShield", "AWSShieldServiceRolePolicy"),
    ("spot", "EC2Spot", "AWSEC2SpotServiceRolePolicy"),
    ("spotfleet", "EC2SpotFleet", "AWSEC2SpotFleetServiceRolePolicy"),
    ("ssm", "AmazonSSM", "AmazonSSMServiceRolePolicy"),
    ("ssm-incidents", "IncidentManager", "AWSIncidentManagerServiceRolePolicy"),
    (
        "ssm-incidents.alarms.cloudwatch",
        "CloudWatchAlarms_ActionSSMIncidents",
        "AWSCloudWatchAlarms_ActionSSMIncidentsServiceRolePolicy",
    ),
    ("ssm-quicksetup", "SSMQuickSetup", "SSMQuickSetupRolePolicy"),
    (
        "ssm.alarms.cloudwatch",
        "CloudWatchAlarms_ActionSSM",
        "AWSServiceRoleForCloudWatchAlarmsActionSSMServiceRolePolicy",
    ),
    ("sso", "SSO", "AWSSSOServiceRolePolicy"),
    ("stacksets.cloudformation", "CloudFormationStackSetsOrgAdmin", "CloudFormationStackSetsOrgAdminServiceRolePolicy"),
    ("storage-lens.s3", "S3StorageLens", "S3StorageLensServiceRolePolicy"),
    ("support", "Support", "AWSSupportServiceRolePolicy"),
    ("sync.proton", "ProtonSync", "AWSProtonSyncServiceRolePolicy"),
    ("sync.servicecatalog", "ServiceCatalogSync", "AWSServiceCatalogSyncServiceRolePolicy"),
    ("synchronization.connect", "AmazonConnectSynchronization", "AmazonConnectSynchronizationServiceRolePolicy"),
    ("timestream-influxdb", "TimestreamInfluxDB", "AmazonTimestreamInfluxDBServiceRolePolicy"),
    ("transitgateway", "VPCTransitGateway", "AWSVPCTransitGatewayServiceRolePolicy"),
    ("trustedadvisor", "TrustedAdvisor", "AWSTrustedAdvisorServiceRolePolicy"),
    ("verified-access", "VPCVerifiedAccess", "AWSVPCVerifiedAccessServiceRolePolicy"),
    ("voiceconnector.chime", "AmazonChimeVoiceConnector", "AmazonChimeVoiceConnectorServiceLinkedRolePolicy"),
    ("vpc-lattice", "VpcLattice", "AWSVpcLatticeServiceRolePolicy"),
    ("vpcorigin.cloudfront", "CloudFrontVPCOrigin", "AWSCloudFrontVPCOriginServiceRolePolicy"),
    ("waf", "WAFLogging", "WAFLoggingServiceRolePolicy"),
    ("waf-regional", "WAFRegionalLogging", "WAFRegionalLoggingServiceRolePolicy"),
    ("wafv2", "WAFV2Logging", "WAFV2LoggingServiceRolePolicy"),
    ("wellarchitected", "WellArchitected", "AWSWellArchitectedOrganizationsServiceRolePolicy"),
    ("workspaces-web", "AmazonWorkSpacesWeb", "AmazonWorkSpacesWebServiceRolePolicy"),
    (
        "workspaces.application-autoscaling",
        "ApplicationAutoScaling_WorkSpacesPool",
        "AWSApplicationAutoscalingWorkSpacesPoolPolicy",
    ),
];

#[cfg(test)]
mod tests {
    use super::super::super::aws_managed;
    use super::*;

    #[test]
    fn every_role_has_a_policy_that_aws_manages_and_a_name_of_its_own() {
        let mut names: Vec<_> = TEMPLATES.iter().map(|(_, role, _)| *role).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), TEMPLATES.len());
        assert!(TEMPLATES.is_sorted_by_key(|(service, ..)| service));
        for (service, _, policy) in TEMPLATES {
            let arn = aws_managed::of_service(policy);
            assert!(aws_managed::find(&arn).is_some(), "{service}: {arn}");
        }
        for service in SUFFIXED {
            assert!(Template::of(&format!("{service}.amazonaws.com")).is_some_and(|own| own.takes_suffix), "{service}");
        }
    }
}
