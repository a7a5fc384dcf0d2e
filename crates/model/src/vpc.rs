//! VPCs.
//!
//! Source: VPC user guide, "VPC CIDR blocks", "DNS attributes for your VPC", "Delete your VPC".

mod blocks;

use serde::{Deserialize, Serialize};

use crate::{
    Context, Entity, Error, Ipv4Cidr, Ipv6Cidr, NetworkAcl, NetworkAclId, RouteTable, Scope, SecurityGroup,
    VpcDhcpOptions, VpcId, World,
};

pub use blocks::VpcCidrBlock;

/// A VPC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vpc {
    /// Its id.
    pub id: VpcId,
    /// Whose it is, and where.
    pub scope: Scope,
    /// Whether it is the account's default one in the Region.
    #[serde(default)]
    pub is_default: bool,
    /// Its primary block. [`Vpc::cidrs`] tells all.
    pub cidr: Ipv4Cidr,
    /// Its further IPv4 blocks, in the order in which it got them.
    #[serde(default)]
    pub secondary_cidrs: Vec<VpcCidrBlock<Ipv4Cidr>>,
    /// Its IPv6 blocks.
    #[serde(default)]
    pub ipv6_cidrs: Vec<VpcCidrBlock<Ipv6Cidr>>,
    /// Whether the resolver answers: `enableDnsSupport`.
    pub dns_support: bool,
    /// Whether instances get public host names, and one of the two conditions for private DNS: `enableDnsHostnames`.
    pub dns_hostnames: bool,
    /// `enableNetworkAddressUsageMetrics`, kept only.
    pub usage_metrics: bool,
    /// The tenancy of its instances, kept only.
    pub tenancy: String,
    /// Its default network ACL.
    pub network_acl: NetworkAclId,
    /// Its DHCP options.
    #[serde(default)]
    pub dhcp_options: VpcDhcpOptions,
    /// The number that its newest route table has; the next one gets the next that is free.
    pub last_table: u16,
}

/// An attribute of a VPC that can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VpcAttribute {
    /// `enableDnsSupport`.
    DnsSupport(bool),
    /// `enableDnsHostnames`.
    DnsHostnames(bool),
    /// `enableNetworkAddressUsageMetrics`.
    UsageMetrics(bool),
}

impl Entity for Vpc {
    type Id = VpcId;
    const KIND: &'static str = "vpc";

    fn id(&self) -> VpcId {
        self.id.clone()
    }

    fn key(&self) -> String {
        self.id.to_string()
    }
}

/// The most VPCs of an account in a Region. AWS starts with 5 and raises it on request; a machine that runs tests should
/// not stop there.
const VPC_LIMIT: usize = 500;

/// The blocks in which no VPC can lie.
const EXCLUDED: [Ipv4Cidr; 4] = [
    Ipv4Cidr::new(std::net::Ipv4Addr::new(0, 0, 0, 0), 8),
    Ipv4Cidr::new(std::net::Ipv4Addr::new(127, 0, 0, 0), 8),
    Ipv4Cidr::new(std::net::Ipv4Addr::new(169, 254, 0, 0), 16),
    Ipv4Cidr::new(std::net::Ipv4Addr::new(224, 0, 0, 0), 3),
];

/// Where the public addresses of services are emulated.
const PUBLIC: Ipv4Cidr = Ipv4Cidr::new(std::net::Ipv4Addr::new(198, 18, 0, 0), 15);

/// Whether a block can be a VPC's.
fn check_size(cidr: Ipv4Cidr) -> Result<(), Error> {
    if !(16..=28).contains(&cidr.length()) || EXCLUDED.iter().any(|block| block.overlaps(cidr)) {
        return Err(Error::InvalidVpcRange(cidr));
    }
    if PUBLIC.overlaps(cidr) {
        return Err(Error::Unsupported(format!(
            "The CIDR '{cidr}' lies in {PUBLIC}, where Sidegate keeps the services' public addresses. Choose a block \
             outside of it, such as one of RFC 1918."
        )));
    }
    Ok(())
}

impl World {
    /// The VPC with this id, if the caller has it.
    ///
    /// # Errors
    /// `InvalidVpcID.NotFound`.
    pub fn vpc(&self, scope: &Scope, id: &VpcId) -> Result<&Vpc, Error> {
        self.vpcs.get(id).filter(|v| v.scope == *scope).ok_or_else(|| id.not_found())
    }

    /// Makes a VPC with its main route table, default security group and default network ACL.
    ///
    /// # Errors
    /// `InvalidVpc.Range` for a block that is not between /16 and /28 or lies where no VPC can, `VpcLimitExceeded` for
    /// the 501st VPC of an account in a Region.
    pub fn create_vpc(&mut self, context: &mut Context<'_>, cidr: Ipv4Cidr, tenancy: &str) -> Result<VpcId, Error> {
        check_size(cidr)?;
        if !["default", "dedicated"].contains(&tenancy) {
            return Err(Error::InvalidParameterValue(format!(
                "Value ({tenancy}) for parameter instanceTenancy is invalid. Valid values are default and dedicated."
            )));
        }
        if self.vpcs.iter().filter(|v| v.scope == context.scope).count() >= VPC_LIMIT {
            return Err(Error::limit("VpcLimitExceeded", "VPCs"));
        }
        let id = VpcId::random(context.entropy);
        let acl = NetworkAclId::random(context.entropy);
        self.vpcs.insert(Vpc {
            id: id.clone(),
            scope: context.scope.clone(),
            is_default: false,
            cidr,
            secondary_cidrs: Vec::new(),
            ipv6_cidrs: Vec::new(),
            dns_support: true,
            dns_hostnames: false,
            usage_metrics: false,
            tenancy: tenancy.to_owned(),
            network_acl: acl.clone(),
            dhcp_options: VpcDhcpOptions::Default,
            last_table: 1,
        });
        self.network_acls.insert(NetworkAcl::default_of(&context.scope, &id, &acl));
        self.route_tables.insert(RouteTable::main(context, &id));
        self.security_groups.insert(SecurityGroup::default_of(context, &id));
        Ok(id)
    }

    /// Changes an attribute. Turning DNS off is not refused while an endpoint has private DNS: its names are no longer
    /// answered, [`crate::Endpoint::resolved_names`].
    ///
    /// # Errors
    /// If the VPC does not exist; `InvalidParameterValue` for DNS host names without DNS support.
    pub fn modify_vpc_attribute(
        &mut self, context: &Context<'_>, id: &VpcId, attribute: VpcAttribute,
    ) -> Result<(), Error> {
        let vpc = self.vpc(&context.scope, id)?;
        if attribute == VpcAttribute::DnsHostnames(true) && !vpc.dns_support {
            return Err(Error::InvalidParameterValue(format!(
                "enableDnsHostnames can be set to true only if enableDnsSupport is true for {id}"
            )));
        }
        self.vpcs.update(id, |vpc| match attribute {
            VpcAttribute::DnsSupport(on) => vpc.dns_support = on,
            VpcAttribute::DnsHostnames(on) => vpc.dns_hostnames = on,
            VpcAttribute::UsageMetrics(on) => vpc.usage_metrics = on,
        });
        Ok(())
    }

    /// Makes `default` the tenancy of a VPC; nothing else can be asked for.
    ///
    /// # Errors
    /// `UnsupportedTenancy` for another one.
    pub fn modify_vpc_tenancy(&mut self, context: &Context<'_>, id: &VpcId, tenancy: &str) -> Result<(), Error> {
        self.vpc(&context.scope, id)?;
        if tenancy != "default" {
            return Err(Error::UnsupportedTenancy(tenancy.to_owned()));
        }
        self.vpcs.update(id, |vpc| tenancy.clone_into(&mut vpc.tenancy));
        Ok(())
    }

    /// Deletes a VPC with what was made along with it.
    ///
    /// # Errors
    /// `DependencyViolation` while it has subnets, endpoints, gateways, active peering connections, further route tables, network ACLs or
    /// security groups.
    pub fn delete_vpc(&mut self, context: &Context<'_>, id: &VpcId) -> Result<(), Error> {
        self.vpc(&context.scope, id)?;
        let in_use = self.subnets.of_vpc(id).next().is_some()
            || self.endpoints.of_vpc(id).next().is_some()
            || self.interfaces.of_vpc(id).next().is_some()
            || self.internet_gateway_of(id).is_some()
            || self.egress_only_internet_gateways.of_vpc(id).next().is_some()
            || self.vpn_gateway_of(id).is_some()
            || self.is_peered(id)
            || self.route_tables.of_vpc(id).any(|t| t.main.is_none())
            || self.network_acls.of_vpc(id).any(|a| !a.is_default)
            || self.security_groups.of_vpc(id).any(|g| !g.is_default());
        if in_use {
            return Err(Error::DependencyViolation(format!("The vpc '{id}' has dependencies and cannot be deleted.")));
        }
        self.end_peerings(context, id);
        let tables: Vec<_> = self.route_tables.of_vpc(id).map(|t| t.id.clone()).collect();
        for table in tables {
            self.route_tables.remove(&table);
            self.forget_tags(table.as_str());
        }
        let groups: Vec<_> = self.security_groups.of_vpc(id).cloned().collect();
        for group in groups {
            self.forget_group(&group);
        }
        if let Some(vpc) = self.vpcs.remove(id) {
            self.network_acls.remove(&vpc.network_acl);
            self.forget_tags(vpc.network_acl.as_str());
        }
        self.forget_tags(id.as_str());
        Ok(())
    }
}
