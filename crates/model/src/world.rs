//! The world: everything that exists, as one value.

use serde::{Deserialize, Serialize};

use crate::{
    AllocationId, CustomerPrefixList, DhcpOptions, DhcpOptionsId, EgressOnlyInternetGateway,
    EgressOnlyInternetGatewayId, ElasticIp, Endpoint, Entity, Error, FlowLog, FlowLogId, Instance, InstanceId,
    InternetGateway, InternetGatewayId, KeyPair, KeyPairId, NatGateway, NatGatewayId, NetworkAcl, NetworkAclId,
    NetworkInsightsAnalysis, NetworkInsightsAnalysisId, NetworkInsightsPath, NetworkInsightsPathId, NetworkInterface,
    NetworkInterfaceId, OpenedRegion, PrefixList, PrefixListId, PrefixListVersion, RouteTable, RouteTableId, Scope,
    SecurityGroup, SecurityGroupId, SecurityGroupRuleId, Subnet, SubnetCidrReservation, SubnetCidrReservationId,
    SubnetId, Table, Tags, Volume, VolumeId, Vpc, VpcEndpointId, VpcId, VpcPeeringConnection, VpcPeeringConnectionId,
    VpnGateway, VpnGatewayId,
};

/// Everything that exists, of every account and Region. Commands change it; one that returns an error may have changed
/// parts, so commands are given a clone and the clone is thrown away on an error.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct World {
    /// VPCs.
    pub vpcs: Table<Vpc>,
    /// Subnets.
    pub subnets: Table<Subnet>,
    /// Reservations of parts of subnets.
    pub subnet_cidr_reservations: Table<SubnetCidrReservation>,
    /// Route tables.
    pub route_tables: Table<RouteTable>,
    /// Where accounts have had their default VPCs.
    pub opened_regions: Table<OpenedRegion>,
    /// Sets of DHCP options.
    pub dhcp_options: Table<DhcpOptions>,
    /// Network ACLs.
    pub network_acls: Table<NetworkAcl>,
    /// Security groups.
    pub security_groups: Table<SecurityGroup>,
    /// Network interfaces.
    pub interfaces: Table<NetworkInterface>,
    /// VPC endpoints.
    pub endpoints: Table<Endpoint>,
    /// Instances.
    pub instances: Table<Instance>,
    /// Volumes.
    pub volumes: Table<Volume>,
    /// Key pairs.
    pub key_pairs: Table<KeyPair>,
    /// Internet gateways.
    pub internet_gateways: Table<InternetGateway>,
    /// Egress-only internet gateways.
    pub egress_only_internet_gateways: Table<EgressOnlyInternetGateway>,
    /// Virtual private gateways.
    pub vpn_gateways: Table<VpnGateway>,
    /// NAT gateways.
    pub nat_gateways: Table<NatGateway>,
    /// Elastic IP addresses.
    pub elastic_ips: Table<ElasticIp>,
    /// Flow logs.
    pub flow_logs: Table<FlowLog>,
    /// Paths of Reachability Analyzer.
    pub network_insights_paths: Table<NetworkInsightsPath>,
    /// Analyses of such paths.
    pub network_insights_analyses: Table<NetworkInsightsAnalysis>,
    /// VPC peering connections.
    pub peerings: Table<VpcPeeringConnection>,
    /// Prefix lists of accounts.
    pub prefix_lists: Table<CustomerPrefixList>,
    /// Earlier versions of prefix lists.
    pub prefix_list_versions: Table<PrefixListVersion>,
    /// Prefix lists of AWS and of other accounts as an account elsewhere told of them, over those that follow from the
    /// Region. None in a world that commands made.
    pub observed_prefix_lists: Table<PrefixList>,
    /// Tags.
    pub tags: Table<Tags>,
    /// Tokens of idempotent calls.
    pub tokens: Table<Token>,
}

/// Who asks, when, and with which random numbers.
pub struct Context<'a> {
    /// Whose resources, and where.
    pub scope: Scope,
    /// Unix time in milliseconds.
    pub now: i64,
    /// Random bits, for ids.
    pub entropy: &'a mut dyn FnMut() -> u64,
}

/// What an idempotent call was given and what it made, so that the same call again makes nothing more.
///
/// Source: EC2 developer guide, "Ensuring idempotency in Amazon EC2 API requests".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// Who called, and where.
    pub scope: Scope,
    /// The action.
    pub action: String,
    /// The token.
    pub token: String,
    /// The parameters, in a form in which equal calls are equal.
    pub parameters: String,
    /// The id of what was made.
    pub made: String,
    /// When: Unix time in milliseconds.
    pub created: i64,
}

impl Entity for Token {
    type Id = (Scope, String, String);
    const KIND: &'static str = "token";

    fn id(&self) -> Self::Id {
        (self.scope.clone(), self.action.clone(), self.token.clone())
    }

    fn key(&self) -> String {
        format!("{}/{}/{}/{}", self.scope.account, self.scope.region, self.action, self.token)
    }
}

/// How long a token is kept, in milliseconds.
const TOKEN_LIFE: i64 = 86_400_000;

impl World {
    /// Adds what worlds of earlier versions do not have: who has read a stored world calls it before anything else.
    pub fn complete(&mut self) {
        self.complete_network_acls();
    }

    /// What an earlier call with this token made, if there was one.
    ///
    /// # Errors
    /// `IdempotentParameterMismatch` if it had other parameters, `InvalidParameterValue` if the token is too long.
    pub fn replay(
        &self, context: &Context<'_>, action: &str, token: &str, parameters: &str,
    ) -> Result<Option<String>, Error> {
        if token.len() > 64 || !token.is_ascii() {
            return Err(Error::InvalidParameterValue(
                "The client token may have at most 64 ASCII characters".to_owned(),
            ));
        }
        let id = (context.scope.clone(), action.to_owned(), token.to_owned());
        match self.tokens.get(&id).filter(|t| context.now - t.created < TOKEN_LIFE) {
            None => Ok(None),
            Some(known) if known.parameters == parameters => Ok(Some(known.made.clone())),
            Some(_) => Err(Error::IdempotentParameterMismatch),
        }
    }

    /// Notes what a call with a token made.
    pub fn remember(&mut self, context: &Context<'_>, action: &str, token: &str, parameters: &str, made: &str) {
        let old: Vec<_> = self.tokens.iter().filter(|t| context.now - t.created >= TOKEN_LIFE).map(Token::id).collect();
        for id in old {
            self.tokens.remove(&id);
        }
        self.tokens.insert(Token {
            scope: context.scope.clone(),
            action: action.to_owned(),
            token: token.to_owned(),
            parameters: parameters.to_owned(),
            made: made.to_owned(),
            created: context.now,
        });
    }

    /// Whether the caller has a resource with this id, of any kind.
    pub(crate) fn require(&self, context: &Context<'_>, id: &str) -> Result<(), Error> {
        let scope = &context.scope;
        if id.starts_with(VpcId::PREFIX) {
            self.vpc(scope, &id.parse()?).map(drop)
        } else if id.starts_with(SubnetId::PREFIX) {
            self.subnet(scope, &id.parse()?).map(drop)
        } else if id.starts_with(RouteTableId::PREFIX) {
            self.route_table(scope, &id.parse()?).map(drop)
        } else if id.starts_with(SecurityGroupRuleId::PREFIX) {
            let rule: SecurityGroupRuleId = id.parse()?;
            let known = self.security_groups.iter().any(|g| g.scope == *scope && g.rules.iter().any(|r| r.id == rule));
            known.then_some(()).ok_or_else(|| rule.not_found())
        } else if id.starts_with(SecurityGroupId::PREFIX) {
            self.security_group(scope, &id.parse()?).map(drop)
        } else if id.starts_with(NetworkInterfaceId::PREFIX) {
            self.interface(scope, &id.parse()?).map(drop)
        } else if id.starts_with(VpcEndpointId::PREFIX) {
            self.endpoint(scope, &id.parse()?).map(drop)
        } else if id.starts_with(InstanceId::PREFIX) {
            self.instance(scope, &id.parse()?).map(drop)
        } else if id.starts_with(VolumeId::PREFIX) {
            self.volume(scope, &id.parse()?).map(drop)
        } else if id.starts_with(SubnetCidrReservationId::PREFIX) {
            self.subnet_cidr_reservation(scope, &id.parse()?).map(drop)
        } else if id.starts_with(DhcpOptionsId::PREFIX) {
            self.dhcp_options(scope, &id.parse()?).map(drop)
        } else if id.starts_with(PrefixListId::PREFIX) {
            let list: PrefixListId = id.parse()?;
            match PrefixList::find(scope.region, &list) {
                Some(_) => Err(Error::InvalidId(id.to_owned())),
                None => self.customer_prefix_list(scope, &list).map(drop),
            }
        } else if id.starts_with(NetworkAclId::PREFIX) {
            self.network_acl(scope, &id.parse()?).map(drop)
        } else if id.starts_with(InternetGatewayId::PREFIX) {
            self.internet_gateway(scope, &id.parse()?).map(drop)
        } else if id.starts_with(EgressOnlyInternetGatewayId::PREFIX) {
            self.egress_only_internet_gateway(scope, &id.parse()?).map(drop)
        } else if id.starts_with(VpnGatewayId::PREFIX) {
            self.vpn_gateway(scope, &id.parse()?).map(drop)
        } else if id.starts_with(NatGatewayId::PREFIX) {
            self.nat_gateway(scope, &id.parse()?).map(drop)
        } else if id.starts_with(KeyPairId::PREFIX) {
            self.key_pair(scope, &id.parse()?).map(drop)
        } else if id.starts_with(AllocationId::PREFIX) {
            self.elastic_ip(scope, &id.parse()?).map(drop)
        } else if id.starts_with(FlowLogId::PREFIX) {
            self.flow_log(scope, &id.parse()?).map(drop)
        } else if id.starts_with(NetworkInsightsPathId::PREFIX) {
            self.network_insights_path(scope, &id.parse()?).map(drop)
        } else if id.starts_with(NetworkInsightsAnalysisId::PREFIX) {
            self.network_insights_analysis(scope, context.now, &id.parse()?).map(drop)
        } else if id.starts_with(VpcPeeringConnectionId::PREFIX) {
            self.peering(scope, context.now, &id.parse()?).map(drop)
        } else {
            Err(Error::InvalidId(id.to_owned()))
        }
    }
}
