//! The services that work with organizations, by their principals.

/// Whether an organization may work with a service.
pub(super) fn is_integrated(principal: &str) -> bool {
    principal.strip_suffix(".amazonaws.com").is_some_and(|service| SERVICES.binary_search(&service).is_ok())
}

/// In the order of their names, without `.amazonaws.com`.
///
/// Source: Organizations user guide, "AWS services that you can use with AWS Organizations", and the page of each.
const SERVICES: [&str; 68] = [
    "access-analyzer",
    "account",
    "agentless.inspector2",
    "application-signals.cloudwatch",
    "artifact",
    "auditmanager",
    "aws-artifact-account-sync",
    "backup",
    "bcm-data-exports",
    "billing",
    "billing-cost-management",
    "cloudtrail",
    "compute-optimizer",
    "config",
    "config-multiaccountsetup",
    "controltower",
    "cost-optimization-hub.bcm",
    "dashboard.eks",
    "detective",
    "devops-guru",
    "ds",
    "ec2",
    "ec2.capacitymanager",
    "fms",
    "guardduty",
    "health",
    "iam",
    "inspector2",
    "ipam",
    "license-management.marketplace",
    "license-manager",
    "license-manager-linux-subscriptions",
    "license-manager-user-subscriptions",
    "license-manager.member-account",
    "logs-centralization.observabilityadmin",
    "macie",
    "malware-protection.guardduty",
    "management.chatbot",
    "member.org.stacksets.cloudformation",
    "mgn",
    "network-security-director",
    "networkflowmonitor",
    "networkmanager",
    "notifications",
    "observabilityadmin",
    "private-marketplace.marketplace",
    "procurement-insights.marketplace",
    "ram",
    "reachabilityanalyzer.networkinsights",
    "report-declarative-policies-ec2",
    "reporting.trustedadvisor",
    "resource-explorer-2",
    "resource-management.securitylake",
    "security-ir",
    "securityhub",
    "securitylake",
    "selfservicereporting.managedservices",
    "servicecatalog",
    "servicequotas",
    "ssm",
    "ssm-quicksetup",
    "sso",
    "stacksets.cloudformation",
    "storage-lens.s3",
    "tagpolicies.tag",
    "topology.networkflowmonitor",
    "user-subscriptions",
    "wellarchitected",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_services_stand_in_their_order_and_are_found_by_their_principals_alone() {
        assert!(SERVICES.is_sorted());
        assert!(SERVICES.iter().all(|service| is_integrated(&format!("{service}.amazonaws.com"))));
        for principal in
            ["sso", "sso.amazonaws.com.", "SSO.amazonaws.com", "lambda.amazonaws.com", ".amazonaws.com", ""]
        {
            assert!(!is_integrated(principal), "{principal}");
        }
    }
}
