//! What was read, in words.

use std::fmt;

use crate::Imported;

impl fmt::Display for Imported {
    /// How many there are of each kind, whose and where, and then what is wrong and what is not known, a line for each.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let world = &self.world;
        let mut scopes: Vec<String> =
            world.vpcs.iter().map(|vpc| format!("{} in {}", vpc.scope.account, vpc.scope.region)).collect();
        scopes.sort();
        scopes.dedup();
        writeln!(f, "accounts and Regions: {}", scopes.join(", "))?;
        let counts = [
            ("VPCs", world.vpcs.len()),
            ("subnets", world.subnets.len()),
            ("route tables", world.route_tables.len()),
            ("prefix lists", world.observed_prefix_lists.len()),
            ("security groups", world.security_groups.len()),
            ("network ACLs", world.network_acls.len()),
            ("network interfaces", world.interfaces.len()),
            ("instances", world.instances.len()),
            ("internet gateways", world.internet_gateways.len()),
            ("egress-only internet gateways", world.egress_only_internet_gateways.len()),
            ("virtual private gateways", world.vpn_gateways.len()),
            ("NAT gateways", world.nat_gateways.len()),
            ("VPC endpoints", world.endpoints.len()),
            ("VPC peering connections", world.peerings.len()),
            ("Elastic IP addresses", world.elastic_ips.len()),
            ("sets of DHCP options", world.dhcp_options.len()),
        ];
        for (noun, count) in counts.into_iter().filter(|(_, count)| *count > 0) {
            writeln!(f, "{noun}: {count}")?;
        }
        for finding in self.findings() {
            writeln!(f, "wrong: {finding}")?;
        }
        if self.further_findings() > 0 {
            writeln!(f, "wrong: {} more", self.further_findings())?;
        }
        for unknown in self.unknown() {
            writeln!(f, "unknown: {unknown}")?;
        }
        Ok(())
    }
}
