//! StartNetworkInsightsAnalysis, DeleteNetworkInsightsAnalysis, DescribeNetworkInsightsAnalyses. How components and
//! explanations look in answers stands in `network_insights_analysis/shown.rs`.

// coverage: ec2:StartNetworkInsightsAnalysis: peering connections and virtual private gateways as sources fail as not supported; other accounts are refused

mod shown;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use http::StatusCode;
use sidegate_iam::Requirement;
use sidegate_model::{
    AccountId, AnalysisOutcome, AnalysisSettings, NetworkInsightsAnalysis, NetworkInsightsAnalysisId,
    NetworkInsightsPathId, Scope, World,
};
use sidegate_plan::reachability;
use sidegate_services::{Authorized, ForwardedBy};
use sidegate_wire::ec2;
use sidegate_wire::protocol::Failure;
use tokio::task::spawn_blocking;

use super::action::{Action, Call};
use super::filter::{Filters, flag, one, tag_values};
use super::ids::{self, arn};
use super::{client_token, fault, refused, tag, tagged};

/// The name under which tokens of StartNetworkInsightsAnalysis are kept, and the kind of its resources.
const START: &str = "StartNetworkInsightsAnalysis";
const KIND: &str = "network-insights-analysis";

/// The filters of DescribeNetworkInsightsAnalyses.
const FILTERS: &[&str] = &["path-found", "status", "tag-key", "tag-value", "tag:"];

/// What an analysis looks at, in the name of who starts it.
///
/// Source: Reachability Analyzer guide, "Required API permissions".
const LOOKED_AT: [&str; 13] = [
    "ec2:DescribeInstances",
    "ec2:DescribeInternetGateways",
    "ec2:DescribeManagedPrefixLists",
    "ec2:DescribeNatGateways",
    "ec2:DescribeNetworkAcls",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeVpcPeeringConnections",
    "ec2:DescribeVpcs",
    "ec2:DescribeVpnGateways",
];

/// The status of an analysis as StartNetworkInsightsAnalysis tells it: what came of it is told by Describe alone.
const STARTED: &str = "running";

impl Action for ec2::StartNetworkInsightsAnalysisRequest {
    type Answer = ec2::StartNetworkInsightsAnalysisResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        let path = self.network_insights_path_id.as_deref().unwrap_or("*");
        vec![arn(scope, KIND, "*"), arn(scope, "network-insights-path", path)]
    }

    async fn act(mut self, call: &Call<'_>) -> Result<ec2::StartNetworkInsightsAnalysisResult, Failure> {
        self.dry_run = None;
        let token = self.client_token.take();
        let parameters = client_token::fingerprint(&self);
        let path: NetworkInsightsPathId =
            ids::given(self.network_insights_path_id.as_deref(), "NetworkInsightsPathId")?;
        let settings = settings(&self)?;
        let tags = tagged::specified(&self.tag_specifications, KIND, &[])?;
        if let Some(token) = &token
            && let Some(made) = call.replayed(token, &parameters)?
        {
            let (world, id) = (call.world(), ids::id(&made)?);
            let known = world.network_insights_analysis(call.scope(), call.caller.now, &id);
            let known = known.map_err(|error| fault::of(&error))?;
            return Ok(started(&world, known));
        }
        let outcome = analysed(call, &path, &settings).await?;
        call.change(move |world, context| {
            let known = match &token {
                Some(token) => world.replay(context, START, token, &parameters)?,
                None => None,
            };
            let id = match known {
                Some(made) => made.parse()?,
                None => {
                    let id = world.start_network_insights_analysis(context, &path, settings, outcome)?;
                    tag::put(world, context, id.as_str(), &tags)?;
                    if let Some(token) = &token {
                        world.remember(context, START, token, &parameters, id.as_str());
                    }
                    id
                }
            };
            Ok(started(world, world.network_insights_analysis(&context.scope, context.now, &id)?))
        })
        .await
    }
}

/// What a request says that an analysis has to keep to.
fn settings(request: &ec2::StartNetworkInsightsAnalysisRequest) -> Result<AnalysisSettings, Failure> {
    let account = |text: &String| {
        text.parse::<AccountId>().map_err(|_| {
            let message = format!("Value ({text}) for parameter additionalAccounts is invalid.");
            refused("InvalidParameterValue", message)
        })
    };
    let accounts = request.additional_accounts.iter().map(account).collect::<Result<_, _>>()?;
    AnalysisSettings::new(accounts, request.filter_in_arns.clone(), request.filter_out_arns.clone())
        .map_err(|error| fault::of(&error))
}

/// What comes of the analysis of a path in the world as it is, if the caller may see what there is in it.
async fn analysed(
    call: &Call<'_>, path: &NetworkInsightsPathId, settings: &AnalysisSettings,
) -> Result<AnalysisOutcome, Failure> {
    let (world, plan) = call.engine.settled().await;
    let path = world.network_insights_path(call.scope(), path).map_err(|error| fault::of(&error))?.clone();
    let by = ForwardedBy { service: "reachabilityanalyzer.networkinsights", region: call.scope().region };
    let looks = LOOKED_AT.map(|action| Requirement::new(action, "*"));
    if Authorized::forwarded(call.authorizer, &by, &looks).is_err() {
        return Ok(AnalysisOutcome::Failed("The request failed due to insufficient permissions".to_owned()));
    }
    let settings = settings.clone();
    let analysed = spawn_blocking(move || reachability::analyse(&world, &plan, &path, &settings));
    analysed.await.map_err(|broken| {
        tracing::error!(%broken, "an analysis broke off");
        Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "InternalError", "An internal error has occurred")
    })
}

fn started(world: &World, analysis: &NetworkInsightsAnalysis) -> ec2::StartNetworkInsightsAnalysisResult {
    let analysis = ec2::NetworkInsightsAnalysis { status: Some(STARTED.to_owned()), ..of_start(world, analysis) };
    ec2::StartNetworkInsightsAnalysisResult { network_insights_analysis: Some(analysis) }
}

impl Action for ec2::DeleteNetworkInsightsAnalysisRequest {
    type Answer = ec2::DeleteNetworkInsightsAnalysisResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, KIND, self.network_insights_analysis_id.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DeleteNetworkInsightsAnalysisResult, Failure> {
        let given = self.network_insights_analysis_id.as_deref();
        let id: NetworkInsightsAnalysisId = ids::given(given, "NetworkInsightsAnalysisId")?;
        let gone = id.to_string();
        call.change(move |world, context| world.delete_network_insights_analysis(context, &id)).await?;
        Ok(ec2::DeleteNetworkInsightsAnalysisResult { network_insights_analysis_id: Some(gone) })
    }
}

impl Action for ec2::DescribeNetworkInsightsAnalysesRequest {
    type Answer = ec2::DescribeNetworkInsightsAnalysesResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DescribeNetworkInsightsAnalysesResult, Failure> {
        let (world, scope, now) = (call.world(), call.scope(), call.caller.now);
        let filters = Filters::read(&self.filters, FILTERS)?;
        let mut analyses = ids::chosen(
            &world.network_insights_analyses,
            &ids::ids(&self.network_insights_analysis_ids)?,
            |own| world.network_insights_analysis(scope, now, &own.id).is_ok(),
            NetworkInsightsAnalysisId::not_found,
        )?;
        if let Some(id) = self.network_insights_path_id.as_deref().filter(|id| !id.is_empty()) {
            let path: NetworkInsightsPathId = ids::id(id)?;
            world.network_insights_path(scope, &path).map_err(|error| fault::of(&error))?;
            analyses.retain(|own| own.path == path);
        }
        let first = self.analysis_start_time.map_or(i64::MIN, ec2::Timestamp::unix_millis);
        let last = self.analysis_end_time.map_or(i64::MAX, ec2::Timestamp::unix_millis);
        analyses.retain(|own| (first..=last).contains(&own.started));
        analyses.retain(|own| filters.pass(|filter| values(&world, own, filter)));
        let key = |own: &&NetworkInsightsAnalysis| own.id.to_string();
        let page = call.page(analyses, key, self.max_results, self.next_token.as_deref(), (1, 100))?;
        Ok(ec2::DescribeNetworkInsightsAnalysesResult {
            network_insights_analyses: page.items.into_iter().map(|own| render(&world, own)).collect(),
            next_token: page.next_token,
        })
    }
}

fn values<'w>(world: &'w World, analysis: &'w NetworkInsightsAnalysis, filter: &str) -> Vec<Cow<'w, str>> {
    match filter {
        "path-found" => analysis.outcome.is_found().map(flag).unwrap_or_default(),
        "status" => one(analysis.outcome.status()),
        _ => tag_values(world, analysis.id.as_str(), filter).unwrap_or_default(),
    }
}

/// What is known of an analysis as it is started.
fn of_start(world: &World, analysis: &NetworkInsightsAnalysis) -> ec2::NetworkInsightsAnalysis {
    let settings = &analysis.settings;
    ec2::NetworkInsightsAnalysis {
        network_insights_analysis_id: Some(analysis.id.to_string()),
        network_insights_analysis_arn: Some(arn(&analysis.scope, KIND, analysis.id.as_str())),
        network_insights_path_id: Some(analysis.path.to_string()),
        additional_accounts: settings.additional_accounts.iter().map(AccountId::to_string).collect(),
        filter_in_arns: settings.filter_in.clone(),
        filter_out_arns: settings.filter_out.clone(),
        start_date: Some(ec2::Timestamp::from_unix_millis(analysis.started)),
        tags: tagged::shown(world, analysis.id.as_str()),
        ..ec2::NetworkInsightsAnalysis::default()
    }
}

fn render(world: &World, analysis: &NetworkInsightsAnalysis) -> ec2::NetworkInsightsAnalysis {
    let common = ec2::NetworkInsightsAnalysis {
        status: Some(analysis.outcome.status().to_owned()),
        network_path_found: analysis.outcome.is_found(),
        ..of_start(world, analysis)
    };
    match &analysis.outcome {
        AnalysisOutcome::Reachable { forward, back, warning } => ec2::NetworkInsightsAnalysis {
            forward_path_components: shown::components(forward),
            return_path_components: shown::components(back),
            warning_message: warning.clone(),
            ..common
        },
        AnalysisOutcome::Unreachable { forward, explanations, suggested_accounts, warning } => {
            ec2::NetworkInsightsAnalysis {
                forward_path_components: shown::components(forward),
                explanations: explanations.iter().map(shown::explanation).collect(),
                suggested_accounts: suggested_accounts.iter().map(AccountId::to_string).collect(),
                warning_message: warning.clone(),
                ..common
            }
        }
        AnalysisOutcome::Failed(reason) => {
            ec2::NetworkInsightsAnalysis { status_message: Some(reason.clone()), ..common }
        }
    }
}
