//! A VPC to test in.

use sidegate_model::VpcAttribute;

use super::Api;

/// A VPC, by the ids of what it has.
pub(in super::super) struct Network {
    pub(in super::super) vpc: String,
    /// 10.0.1.0/24 in us-east-1a, 10.0.2.0/24 in us-east-1b, and 10.0.3.0/28 in us-east-1a.
    pub(in super::super) subnets: [String; 3],
    /// The main route table.
    pub(in super::super) table: String,
    /// The default group, and one named `web`.
    pub(in super::super) groups: [String; 2],
}

impl Api {
    /// Makes a VPC 10.0.0.0/16 with both DNS attributes on.
    pub(in super::super) fn network(&self) -> Network {
        self.change(|world, context| {
            let vpc = world.create_vpc(context, "10.0.0.0/16".parse().unwrap(), "default")?;
            world.modify_vpc_attribute(context, &vpc, VpcAttribute::DnsHostnames(true))?;
            let mut subnet = |cidr: &str, zone| {
                world.create_subnet(context, &vpc, cidr.parse().unwrap(), Some(zone)).map(|id| id.to_string())
            };
            let subnets = [
                subnet("10.0.1.0/24", "us-east-1a")?,
                subnet("10.0.2.0/24", "us-east-1b")?,
                subnet("10.0.3.0/28", "us-east-1a")?,
            ];
            let web = world.create_security_group(context, &vpc, "web", "for tests")?;
            let default = world.security_groups.iter().find(|g| g.vpc == vpc && g.is_default()).unwrap();
            let table = world.route_tables.iter().find(|t| t.vpc == vpc).unwrap();
            Ok(Network {
                table: table.id.to_string(),
                groups: [default.id.to_string(), web.to_string()],
                vpc: vpc.to_string(),
                subnets,
            })
        })
    }

    /// Makes another route table.
    pub(in super::super) fn route_table(&self, network: &Network) -> String {
        let vpc = network.vpc.parse().unwrap();
        self.change(move |world, context| world.create_route_table(context, &vpc)).to_string()
    }
}
