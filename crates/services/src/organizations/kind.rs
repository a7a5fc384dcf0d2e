//! The types of policies, and what holds of each.

use serde::{Deserialize, Serialize};

/// A type of policy. Only the first two decide what is allowed; the others are kept, and nothing acts on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum PolicyKind {
    ServiceControlPolicy,
    ResourceControlPolicy,
    TagPolicy,
    BackupPolicy,
    AiservicesOptOutPolicy,
    ChatbotPolicy,
    DeclarativePolicyEc2,
    SecurityhubPolicy,
    InspectorPolicy,
    UpgradeRolloutPolicy,
    BedrockPolicy,
    S3Policy,
    NetworkSecurityDirectorPolicy,
}

use PolicyKind as Kind;

const NAMES: [(&str, PolicyKind); 13] = [
    ("SERVICE_CONTROL_POLICY", Kind::ServiceControlPolicy),
    ("RESOURCE_CONTROL_POLICY", Kind::ResourceControlPolicy),
    ("TAG_POLICY", Kind::TagPolicy),
    ("BACKUP_POLICY", Kind::BackupPolicy),
    ("AISERVICES_OPT_OUT_POLICY", Kind::AiservicesOptOutPolicy),
    ("CHATBOT_POLICY", Kind::ChatbotPolicy),
    ("DECLARATIVE_POLICY_EC2", Kind::DeclarativePolicyEc2),
    ("SECURITYHUB_POLICY", Kind::SecurityhubPolicy),
    ("INSPECTOR_POLICY", Kind::InspectorPolicy),
    ("UPGRADE_ROLLOUT_POLICY", Kind::UpgradeRolloutPolicy),
    ("BEDROCK_POLICY", Kind::BedrockPolicy),
    ("S3_POLICY", Kind::S3Policy),
    ("NETWORK_SECURITY_DIRECTOR_POLICY", Kind::NetworkSecurityDirectorPolicy),
];

impl PolicyKind {
    /// Reads the API's name of a type.
    pub(super) fn parse(text: &str) -> Option<Self> {
        NAMES.iter().find(|(name, _)| *name == text).map(|(_, kind)| *kind)
    }

    /// The API's name of the type.
    pub(super) fn name(self) -> &'static str {
        NAMES.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }

    /// The type's name in ARNs.
    pub(super) fn in_arn(self) -> String {
        self.name().to_ascii_lowercase()
    }

    /// Whether policies of this type decide what is allowed; the others are inherited and merged.
    pub(super) fn authorizes(self) -> bool {
        matches!(self, Kind::ServiceControlPolicy | Kind::ResourceControlPolicy)
    }

    /// How many policies of the type one root, unit or account may have.
    ///
    /// Source: Organizations user guide, "Quotas and service limits"; for SCPs the announcement of 15 May 2026, which
    /// doubled their number and their size.
    pub(super) fn most_attached(self) -> usize {
        match self {
            Kind::ResourceControlPolicy | Kind::AiservicesOptOutPolicy | Kind::ChatbotPolicy => 5,
            _ => 10,
        }
    }

    /// How many characters a document of the type may have.
    ///
    /// Source: as for [`PolicyKind::most_attached`].
    pub(super) fn longest_document(self) -> usize {
        match self {
            Kind::ServiceControlPolicy => 10_240,
            Kind::ResourceControlPolicy => 5_120,
            Kind::AiservicesOptOutPolicy => 2_500,
            _ => 10_000,
        }
    }

    /// How many policies of the type an organization may have.
    ///
    /// Source: Organizations user guide, "Quotas and service limits".
    pub(super) fn most_policies(self) -> usize {
        if self == Kind::ServiceControlPolicy { 10_000 } else { 1_000 }
    }
}
