//! Analyses of paths: whether traffic gets from the source to the destination, over which components, or what stops it.
//! What a component is described by stands in `network_insights_analysis/component.rs`, what stops traffic in
//! `network_insights_analysis/explanation.rs`.
//!
//! Source: Reachability Analyzer guide; EC2 API reference, `NetworkInsightsAnalysis`.

mod component;
mod explanation;

use serde::{Deserialize, Serialize};

pub use self::component::{Deciding, MetRoute, NamedComponent, PacketHeader, PathComponent};
pub use self::explanation::{Explanation, ExplanationCode};
use crate::{AccountId, Context, Entity, Error, NetworkInsightsAnalysisId, NetworkInsightsPathId, Scope, World};

/// The most analyses of an account in a Region.
///
/// Source: Reachability Analyzer guide, "Quotas".
const LIMIT: usize = 10_000;

/// How long an analysis is kept, in milliseconds: 120 days.
///
/// Source: Reachability Analyzer guide, "Considerations".
const LIFE: i64 = 120 * 86_400_000;

/// The most characters of an ARN of a filter.
///
/// Source: EC2 API reference, `ResourceArn`.
const ARN_LIMIT: usize = 1283;

/// An analysis of a path. It has been made when it is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetworkInsightsAnalysis {
    /// Its id.
    pub id: NetworkInsightsAnalysisId,
    /// Whose it is, and where.
    pub scope: Scope,
    /// The path.
    pub path: NetworkInsightsPathId,
    /// What was to be kept to.
    pub settings: AnalysisSettings,
    /// What came of it.
    pub outcome: AnalysisOutcome,
    /// When it was started: Unix time in milliseconds.
    pub started: i64,
}

/// What an analysis has to keep to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnalysisSettings {
    /// The accounts whose resources the path may pass besides those of its own.
    pub additional_accounts: Vec<AccountId>,
    /// The ARNs of components that the path must pass.
    pub filter_in: Vec<String>,
    /// The ARNs of components that it must not.
    pub filter_out: Vec<String>,
}

/// What came of an analysis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AnalysisOutcome {
    /// There is a path.
    Reachable {
        /// What it passes from the source to the destination.
        forward: Vec<PathComponent>,
        /// What the answers pass from the destination to the source.
        back: Vec<PathComponent>,
        /// What was not looked at.
        warning: Option<String>,
    },
    /// There is none.
    Unreachable {
        /// What was passed before the path ended; nothing where none begins.
        forward: Vec<PathComponent>,
        /// Why.
        explanations: Vec<Explanation>,
        /// The accounts of what lies beyond, which the analysis does not look at.
        suggested_accounts: Vec<AccountId>,
        /// What was not looked at.
        warning: Option<String>,
    },
    /// Nothing was found out, for this reason.
    Failed(String),
}

impl AnalysisSettings {
    /// Looks at what an analysis has to keep to.
    ///
    /// # Errors
    /// `InvalidParameterValue` for what is no ARN, or is one of a component that the path shall both pass and not pass.
    pub fn new(
        additional_accounts: Vec<AccountId>, filter_in: Vec<String>, filter_out: Vec<String>,
    ) -> Result<Self, Error> {
        let invalid = |arn: &str, parameter: &str, why: &str| {
            Err(Error::InvalidParameterValue(format!("Value ({arn}) for parameter {parameter} is invalid. {why}")))
        };
        for (parameter, arns) in [("filterInArns", &filter_in), ("filterOutArns", &filter_out)] {
            for arn in arns {
                let is_arn = arn.strip_prefix("arn:aws").is_some_and(|rest| rest.split(':').count() > 4);
                if !is_arn || arn.len() > ARN_LIMIT {
                    return invalid(arn, parameter, "Expecting an Amazon Resource Name.");
                }
            }
        }
        if let Some(arn) = filter_in.iter().find(|arn| filter_out.contains(arn)) {
            return invalid(arn, "filterOutArns", "It is included as well.");
        }
        Ok(Self { additional_accounts, filter_in, filter_out })
    }
}

impl AnalysisOutcome {
    /// The status in AWS's words.
    pub const fn status(&self) -> &'static str {
        match self {
            Self::Reachable { .. } | Self::Unreachable { .. } => "succeeded",
            Self::Failed(_) => "failed",
        }
    }

    /// Whether there is a path; `None` if that is not known.
    pub const fn is_found(&self) -> Option<bool> {
        match self {
            Self::Reachable { .. } => Some(true),
            Self::Unreachable { .. } => Some(false),
            Self::Failed(_) => None,
        }
    }
}

impl Entity for NetworkInsightsAnalysis {
    type Id = NetworkInsightsAnalysisId;
    const KIND: &'static str = "network-insights-analysis";

    fn id(&self) -> NetworkInsightsAnalysisId {
        self.id.clone()
    }

    fn key(&self) -> String {
        self.id.to_string()
    }
}

impl World {
    /// The analysis with this id, if the caller has it and it is not too old.
    ///
    /// # Errors
    /// `InvalidNetworkInsightsAnalysisId.NotFound`.
    pub fn network_insights_analysis(
        &self, scope: &Scope, now: i64, id: &NetworkInsightsAnalysisId,
    ) -> Result<&NetworkInsightsAnalysis, Error> {
        let analysis = self.network_insights_analyses.get(id);
        analysis.filter(|own| own.scope == *scope && now - own.started < LIFE).ok_or_else(|| id.not_found())
    }

    /// The analyses of an account in a Region, but for those that are too old.
    pub fn network_insights_analyses_of(
        &self, scope: &Scope, now: i64,
    ) -> impl Iterator<Item = &NetworkInsightsAnalysis> {
        self.network_insights_analyses.iter().filter(move |own| own.scope == *scope && now - own.started < LIFE)
    }

    /// Notes an analysis of a path with what came of it, and forgets those that are too old.
    ///
    /// # Errors
    /// `InvalidNetworkInsightsPathId.NotFound`; `NetworkInsights.AccessDenied` for accounts besides the caller's own;
    /// `NetworkInsightsAnalysis.LimitExceeded`.
    pub fn start_network_insights_analysis(
        &mut self, context: &mut Context<'_>, path: &NetworkInsightsPathId, settings: AnalysisSettings,
        outcome: AnalysisOutcome,
    ) -> Result<NetworkInsightsAnalysisId, Error> {
        let scope = context.scope.clone();
        self.network_insights_path(&scope, path)?;
        if let Some(account) = settings.additional_accounts.iter().find(|account| **account != scope.account) {
            let message = format!("Trusted access that lets account {account} be analyzed is not enabled.");
            return Err(Error::refused("NetworkInsights.AccessDenied", message));
        }
        if self.network_insights_analyses_of(&scope, context.now).count() >= LIMIT {
            return Err(Error::limit("NetworkInsightsAnalysis.LimitExceeded", "network insights analyses"));
        }
        let all = self.network_insights_analyses.iter();
        let old: Vec<_> = all.filter(|own| context.now - own.started >= LIFE).map(Entity::id).collect();
        for id in old {
            self.forget_network_insights_analysis(&id);
        }
        let id = NetworkInsightsAnalysisId::random(context.entropy);
        self.network_insights_analyses.insert(NetworkInsightsAnalysis {
            id: id.clone(),
            scope,
            path: path.clone(),
            settings,
            outcome,
            started: context.now,
        });
        Ok(id)
    }

    /// Deletes an analysis.
    ///
    /// # Errors
    /// `InvalidNetworkInsightsAnalysisId.NotFound`.
    pub fn delete_network_insights_analysis(
        &mut self, context: &Context<'_>, id: &NetworkInsightsAnalysisId,
    ) -> Result<(), Error> {
        self.network_insights_analysis(&context.scope, context.now, id)?;
        self.forget_network_insights_analysis(id);
        Ok(())
    }

    fn forget_network_insights_analysis(&mut self, id: &NetworkInsightsAnalysisId) {
        self.network_insights_analyses.remove(id);
        self.forget_tags(id.as_str());
    }
}
