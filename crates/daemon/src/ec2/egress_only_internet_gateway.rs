//! CreateEgressOnlyInternetGateway, DeleteEgressOnlyInternetGateway, DescribeEgressOnlyInternetGateways.

use sidegate_model::{EgressOnlyInternetGateway, EgressOnlyInternetGatewayId, Scope, VpcId, World};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;

use super::action::{Action, Call};
use super::filter::{Filters, tag_values};
use super::ids::{self, arn};
use super::{client_token, tag, tagged};

/// The name under which tokens of CreateEgressOnlyInternetGateway are kept, and the kind of its resources.
const CREATE: &str = "CreateEgressOnlyInternetGateway";
const KIND: &str = "egress-only-internet-gateway";

/// The filters of DescribeEgressOnlyInternetGateways.
const FILTERS: &[&str] = &["tag-key", "tag-value", "tag:"];

impl Action for ec2::CreateEgressOnlyInternetGatewayRequest {
    type Answer = ec2::CreateEgressOnlyInternetGatewayResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, KIND, "*"), arn(scope, "vpc", self.vpc_id.as_deref().unwrap_or("*"))]
    }

    async fn act(mut self, call: &Call<'_>) -> Result<ec2::CreateEgressOnlyInternetGatewayResult, Failure> {
        self.dry_run = None;
        let client_token = self.client_token.take();
        let parameters = client_token::fingerprint(&self);
        let vpc: VpcId = ids::given(self.vpc_id.as_deref(), "VpcId")?;
        let tags = tagged::specified(&self.tag_specifications, KIND, &[])?;
        let token = client_token.clone();
        let gateway = call
            .change(move |world, context| {
                let known = match &token {
                    Some(token) => world.replay(context, CREATE, token, &parameters)?,
                    None => None,
                };
                if let Some(made) = known {
                    return Ok(render(world, world.egress_only_internet_gateway(&context.scope, &made.parse()?)?));
                }
                let id = world.create_egress_only_internet_gateway(context, &vpc)?;
                tag::put(world, context, id.as_str(), &tags)?;
                if let Some(token) = &token {
                    world.remember(context, CREATE, token, &parameters, id.as_str());
                }
                Ok(render(world, world.egress_only_internet_gateway(&context.scope, &id)?))
            })
            .await?;
        Ok(ec2::CreateEgressOnlyInternetGatewayResult { client_token, egress_only_internet_gateway: Some(gateway) })
    }
}

impl Action for ec2::DeleteEgressOnlyInternetGatewayRequest {
    type Answer = ec2::DeleteEgressOnlyInternetGatewayResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, KIND, self.egress_only_internet_gateway_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DeleteEgressOnlyInternetGatewayResult, Failure> {
        let given = self.egress_only_internet_gateway_id.as_deref();
        let id: EgressOnlyInternetGatewayId = ids::given(given, "EgressOnlyInternetGatewayId")?;
        call.change(move |world, context| world.delete_egress_only_internet_gateway(context, &id)).await?;
        Ok(ec2::DeleteEgressOnlyInternetGatewayResult { return_code: Some(true) })
    }
}

impl Action for ec2::DescribeEgressOnlyInternetGatewaysRequest {
    type Answer = ec2::DescribeEgressOnlyInternetGatewaysResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DescribeEgressOnlyInternetGatewaysResult, Failure> {
        let (world, scope) = (call.world(), call.scope());
        let filters = Filters::read(&self.filters, FILTERS)?;
        let mut gateways = ids::chosen(
            &world.egress_only_internet_gateways,
            &ids::ids(&self.egress_only_internet_gateway_ids)?,
            |gateway| gateway.scope == *scope,
            EgressOnlyInternetGatewayId::not_found,
        )?;
        gateways.retain(|gateway| {
            filters.pass(|filter| tag_values(&world, gateway.id.as_str(), filter).unwrap_or_default())
        });
        let page = call.page(gateways, |g| g.id.to_string(), self.max_results, self.next_token.as_deref(), (5, 255))?;
        Ok(ec2::DescribeEgressOnlyInternetGatewaysResult {
            next_token: page.next_token,
            egress_only_internet_gateways: page.items.into_iter().map(|gateway| render(&world, gateway)).collect(),
        })
    }
}

fn render(world: &World, gateway: &EgressOnlyInternetGateway) -> ec2::EgressOnlyInternetGateway {
    ec2::EgressOnlyInternetGateway {
        attachments: vec![ec2::InternetGatewayAttachment {
            // This one is attached, and not available.
            state: Some("attached".to_owned()),
            vpc_id: Some(gateway.vpc.to_string()),
        }],
        egress_only_internet_gateway_id: Some(gateway.id.to_string()),
        tags: tagged::shown(world, gateway.id.as_str()),
    }
}
