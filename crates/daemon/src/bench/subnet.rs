//! Subnets of a daemon, each with another way to AWS's services.

use super::daemon::{Daemon, REGION};
use super::{Bench, BenchError, Step as _};

/// What makes networks by the API.
struct Maker<'a> {
    bench: &'a Bench,
    daemon: &'a Daemon,
}

impl Maker<'_> {
    /// Makes something, and returns the first element of the answer that has this name.
    fn make(&self, action: &str, parameters: &[(&str, &str)], element: &str) -> Result<String, BenchError> {
        let answer = self.bench.runtime.block_on(self.daemon.client.ec2(action, parameters)).step(action)?;
        answer.text(element).map(str::to_owned).step(format!("reading {element} of {action}"))
    }

    /// A VPC of one subnet with a route table.
    fn vpc(&self) -> Result<Vpc, BenchError> {
        let id = self.make("CreateVpc", &[("CidrBlock", "10.78.0.0/16")], "vpcId")?;
        let (subnet, table) = self.subnet(&id, "10.78.1.0/24")?;
        Ok(Vpc { id, subnet, table })
    }

    /// A subnet of a VPC, and its route table.
    fn subnet(&self, vpc: &str, block: &str) -> Result<(String, String), BenchError> {
        let subnet = self.make("CreateSubnet", &[("VpcId", vpc), ("CidrBlock", block)], "subnetId")?;
        let table = self.make("CreateRouteTable", &[("VpcId", vpc)], "routeTableId")?;
        let both = [("RouteTableId", table.as_str()), ("SubnetId", subnet.as_str())];
        self.make("AssociateRouteTable", &both, "associationId")?;
        Ok((subnet, table))
    }

    /// A default route.
    fn route(&self, table: &str, kind: &str, gateway: &str) -> Result<(), BenchError> {
        let route = [("RouteTableId", table), ("DestinationCidrBlock", "0.0.0.0/0"), (kind, gateway)];
        self.make("CreateRoute", &route, "return").map(drop)
    }
}

struct Vpc {
    id: String,
    subnet: String,
    table: String,
}

/// A subnet with a gateway endpoint for a service.
pub(super) fn behind_gateway_endpoint(bench: &Bench, daemon: &Daemon, service: &str) -> Result<String, BenchError> {
    let maker = Maker { bench, daemon };
    let Vpc { id, subnet, table } = maker.vpc()?;
    let service = format!("com.amazonaws.{REGION}.{service}");
    let endpoint = [("VpcId", id.as_str()), ("ServiceName", &service), ("RouteTableId.1", &table)];
    maker.make("CreateVpcEndpoint", &endpoint, "vpcEndpointId")?;
    Ok(subnet)
}

/// A subnet with an interface endpoint for a service, and the endpoint's own name, in which a wildcard may stand.
pub(super) fn behind_interface_endpoint(
    bench: &Bench, daemon: &Daemon, service: &str,
) -> Result<(String, String), BenchError> {
    let maker = Maker { bench, daemon };
    let Vpc { id, subnet, .. } = maker.vpc()?;
    let service = format!("com.amazonaws.{REGION}.{service}");
    let endpoint = [
        ("VpcId", id.as_str()),
        ("ServiceName", &service),
        ("VpcEndpointType", "Interface"),
        ("SubnetId.1", &subnet),
        ("PrivateDnsEnabled", "false"),
    ];
    let name = maker.make("CreateVpcEndpoint", &endpoint, "dnsName")?;
    Ok((subnet, name))
}

/// A subnet that leads nowhere, and the default group of its VPC: what a function needs to be in a VPC.
pub(super) fn of_functions(bench: &Bench, daemon: &Daemon) -> Result<(String, String), BenchError> {
    let maker = Maker { bench, daemon };
    let Vpc { id, subnet, .. } = maker.vpc()?;
    let own = [("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", id.as_str())];
    let group = maker.make("DescribeSecurityGroups", &own, "groupId")?;
    Ok((subnet, group))
}

/// A subnet whose way out is a NAT gateway in another one.
pub(super) fn behind_nat_gateway(bench: &Bench, daemon: &Daemon) -> Result<String, BenchError> {
    let maker = Maker { bench, daemon };
    let Vpc { id, subnet, table } = maker.vpc()?;
    let internet = maker.make("CreateInternetGateway", &[], "internetGatewayId")?;
    maker.make("AttachInternetGateway", &[("InternetGatewayId", &internet), ("VpcId", &id)], "return")?;
    let (public, public_table) = maker.subnet(&id, "10.78.2.0/24")?;
    maker.route(&public_table, "GatewayId", &internet)?;
    let allocation = maker.make("AllocateAddress", &[("Domain", "vpc")], "allocationId")?;
    let nat = [("SubnetId", public.as_str()), ("AllocationId", &allocation)];
    let nat = maker.make("CreateNatGateway", &nat, "natGatewayId")?;
    maker.route(&table, "NatGatewayId", &nat)?;
    Ok(subnet)
}
