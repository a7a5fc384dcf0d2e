//! The types of policies, and what each may have.
//!
//! Sources: IAM user guide, "Grammar of the IAM JSON policy language", "IAM and AWS STS quotas"; PrivateLink guide,
//! "Control access to VPC endpoints using endpoint policies"; S3 user guide, "Bucket policies"; Secrets Manager user
//! guide, "Quotas"; KMS developer guide, "Quotas"; Organizations user guide, "SCP syntax", "RCP syntax", "Quotas".

/// What a policy is attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum PolicyType {
    /// A policy of an identity, of no certain kind and so of the longest.
    Identity,
    /// A managed policy.
    Managed,
    /// A managed policy of AWS's own, whatever it is attached as: no quota binds it.
    AwsManaged,
    /// An inline policy of a user.
    UserInline,
    /// An inline policy of a role.
    RoleInline,
    /// An inline policy of a group.
    GroupInline,
    /// A permissions boundary.
    Boundary,
    /// A session policy.
    Session,
    /// A service control policy.
    ServiceControl,
    /// A resource control policy.
    ResourceControl,
    /// The trust policy of a role.
    RoleTrust,
    /// A policy of a resource of no certain kind; a statement without `Resource` speaks of the resource itself.
    Resource,
    /// The policy of a bucket.
    Bucket,
    /// The policy of a secret.
    Secret,
    /// The policy of a KMS key.
    Key,
    /// The policy of an interface endpoint.
    Endpoint,
    /// The policy of a gateway endpoint: an account in `Principal` means its root user alone.
    GatewayEndpoint,
    /// A policy of an identity, or a permissions boundary, that is given to the policy simulator.
    Simulated,
    /// A policy of a resource that is given to the policy simulator.
    SimulatedResource,
}

/// How many characters a policy may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Length {
    pub(crate) limit: usize,
    pub(crate) white_space: bool,
}

/// Whether policies of a type have an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presence {
    Demanded,
    Optional,
    Prohibited,
}

impl PolicyType {
    pub(crate) fn length(self) -> Length {
        let (limit, white_space) = match self {
            Self::Identity | Self::RoleInline => (10_240, false),
            Self::Managed | Self::Boundary => (6_144, false),
            Self::AwsManaged => (usize::MAX, false),
            Self::UserInline | Self::Session => (2_048, false),
            Self::GroupInline => (5_120, false),
            // The console takes white space away before it counts; the API does not.
            Self::ServiceControl => (10_240, true),
            Self::ResourceControl => (5_120, true),
            // The quota's default is 2,048; 4,096 is what it can be raised to.
            Self::RoleTrust => (4_096, false),
            Self::Key => (32_768, true),
            Self::Resource | Self::Bucket | Self::Secret | Self::Endpoint | Self::GatewayEndpoint => (20_480, true),
            // The parameters are no longer. What the quotas say of policies that are kept does not bind these.
            Self::Simulated | Self::SimulatedResource => (131_072, true),
        };
        Length { limit, white_space }
    }

    /// Whether it says what an identity may do, or what one may do at most: such a policy names no principal.
    fn is_of_identity(self) -> bool {
        matches!(
            self,
            Self::Identity
                | Self::Managed
                | Self::AwsManaged
                | Self::UserInline
                | Self::RoleInline
                | Self::GroupInline
                | Self::Boundary
                | Self::Session
                | Self::Simulated
        )
    }

    pub(crate) fn principal(self) -> Presence {
        if self.is_of_identity() || self == Self::ServiceControl { Presence::Prohibited } else { Presence::Demanded }
    }

    pub(crate) fn resource(self) -> Presence {
        match self {
            Self::RoleTrust => Presence::Prohibited,
            Self::Resource | Self::SimulatedResource => Presence::Optional,
            _ => Presence::Demanded,
        }
    }

    /// Whether a policy may have an `Id`.
    pub(crate) fn has_id(self) -> bool {
        self != Self::ServiceControl
    }

    /// Whether IAM keeps it, or takes it for one that it could keep. It takes condition keys without a service, and
    /// operators that are none where no key stands under them.
    pub(crate) fn is_of_iam(self) -> bool {
        self.is_of_identity() || self == Self::RoleTrust
    }

    /// Whether a `Sid` must consist of letters and digits.
    pub(crate) fn plain_sids(self) -> bool {
        self.principal() == Presence::Prohibited || self == Self::RoleTrust
    }

    /// Whether version 2008-10-17 is refused.
    pub(crate) fn demands_version(self) -> bool {
        self == Self::Managed
    }
}
