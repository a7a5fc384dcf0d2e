//! Comparisons: the two types of VPC endpoint side by side, each cell from the facts of a world. Pure.
//!
//! What is told is traced in the world, looked up in its plan and in the catalog, or computed of prices; where the world
//! lacks something to ask about, as a peered VPC, it is supposed there by the model's own commands.
//!
//! | file | about |
//! |---|---|
//! | `network.rs` | the world that is asked |
//! | `example.rs` | an example of one |
//! | `choice.rs` | which endpoints are compared, and who asks for them |
//! | `comparison.rs` | what is told: two columns in rows |
//! | `column.rs` | what is told of an endpoint, or of there being none |
//! | `route.rs`, `interface.rs`, `group.rs`, `policy.rs`, `name.rs`, `user.rs`, `cost.rs` | a part of that each |
//! | `end.rs` | whether a flow arrives at the endpoint that it is meant for |
//! | `supposed.rs` | worlds with something more in them |
//! | `table.rs` | rows as text and as Markdown |

mod choice;
mod column;
mod comparison;
mod cost;
mod end;
mod example;
mod group;
mod interface;
mod name;
mod network;
mod policy;
mod route;
mod supposed;
mod table;
#[cfg(test)]
mod tests;
mod user;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sidegate_cost::{PriceError, Prices};
use sidegate_import::Imported;
use sidegate_model::{Catalog, Region, Service};
use tokio::task::spawn_blocking;

pub(crate) use self::comparison::Comparison;
use self::network::{Network, Origin};
use crate::advise::with_names;
use crate::engine::Engine;

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Asked {
    /// The service whose endpoints are compared; any two if there is none.
    pub(crate) service: Option<String>,
    /// The Region of the endpoints; any if there is none.
    pub(crate) region: Option<Region>,
    /// A file of prices over the known ones: its name, and what is in it.
    pub(crate) prices: Option<(String, String)>,
    /// The form of the answer.
    pub(crate) form: Form,
    /// How many columns text may have.
    pub(crate) width: usize,
}

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Form {
    /// Text for a terminal.
    Text,
    /// A page of Markdown.
    Markdown,
    /// A picture.
    Svg,
    /// The whole answer as JSON.
    Json,
}

/// What is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Told {
    /// In words or as a picture.
    Text(String),
    /// The whole answer, by the names of docs/endpoint-types.md.
    Whole(Value),
}

/// Why there is nothing to compare.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CompareError {
    /// No service is called so.
    #[error("`{0}` is no service; one is called as its endpoint service name ends, such as s3 or bedrock-runtime")]
    NoService(String),
    /// The Region does not have it.
    #[error("{region} has no endpoints for {service}")]
    NotThere {
        /// The service.
        service: &'static str,
        /// The Region.
        region: Region,
    },
    /// No endpoint stands.
    #[error(
        "no endpoint stands{0}; make one with `aws ec2 create-vpc-endpoint`, or compare those of an example with --example"
    )]
    NoEndpoint(String),
    /// A file of prices cannot be used.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Prices(Vec<PriceError>),
    /// The example could not be built.
    #[error("the example cannot be built ({0})")]
    Example(String),
}

/// What is told of the running daemon.
///
/// # Errors
/// In words for the user.
pub(crate) async fn told(engine: &Engine, asked: Asked) -> Result<Told, String> {
    let (world, plan) = engine.settled().await;
    let told = spawn_blocking(move || {
        let network = Network { world: &world, plan: &plan, files: None, untold: None, origin: Origin::Running };
        asked.told(&network)
    });
    told.await.map_err(|broken| broken.to_string())?.map_err(|error| error.to_string())
}

impl Asked {
    /// What is told of a world that was read from files.
    ///
    /// # Errors
    /// [`CompareError`] if there is nothing to compare.
    pub(crate) fn of_files(&self, imported: &Imported) -> Result<Told, CompareError> {
        let (world, untold) = with_names(imported);
        let plan = sidegate_plan::compile(&world);
        let (files, untold) = (Some(imported), Some(&untold));
        self.told(&Network { world: &world, plan: &plan, files, untold, origin: Origin::Described })
    }

    /// What is told of an example, which is built for it.
    ///
    /// # Errors
    /// [`CompareError`] if there is nothing to compare.
    pub(crate) fn of_example(&self) -> Result<Told, CompareError> {
        let world = example::world(self.region, self.service()?).map_err(CompareError::Example)?;
        let plan = sidegate_plan::compile(&world);
        self.told(&Network { world: &world, plan: &plan, files: None, untold: None, origin: Origin::Example })
    }

    /// Whether the question can be answered by any network.
    ///
    /// # Errors
    /// [`CompareError`] if there is no such service, or the prices cannot be used.
    pub(crate) fn check(&self) -> Result<(), CompareError> {
        self.service()?;
        self.known_prices().map(|_| ())
    }

    fn told(&self, network: &Network<'_>) -> Result<Told, CompareError> {
        let comparison = self.comparison(network)?;
        Ok(match self.form {
            Form::Text => Told::Text(comparison.text(network, self.width)),
            Form::Markdown => Told::Text(comparison.markdown(network)),
            Form::Svg => Told::Text(comparison.svg(network)),
            Form::Json => Told::Whole(comparison.whole(network)),
        })
    }

    fn comparison(&self, network: &Network<'_>) -> Result<Comparison, CompareError> {
        Comparison::of(network, self.service()?, self.region, &self.known_prices()?)
    }

    /// The prices that are known, with those of the file over them.
    fn known_prices(&self) -> Result<Prices, CompareError> {
        let known = Prices::known().map_err(CompareError::Prices)?;
        let Some((name, text)) = &self.prices else { return Ok(known) };
        Ok(known.overridden(Prices::read(name, text).map_err(CompareError::Prices)?))
    }

    /// The service, by its short name or its endpoint service name.
    fn service(&self) -> Result<Option<&'static Service>, CompareError> {
        let Some(text) = self.service.as_deref().map(str::trim) else { return Ok(None) };
        let by_endpoint = || Region::all().find_map(|region| Catalog::find(region, text));
        let service = Catalog::named(text).filter(|own| own.has_endpoints()).or_else(by_endpoint);
        let service = service.ok_or_else(|| CompareError::NoService(crate::diagram::clean(text)))?;
        match self.region {
            Some(region) if !Service::all_in(region).any(|own| own == service) => {
                Err(CompareError::NotThere { service: service.name, region })
            }
            _ => Ok(Some(service)),
        }
    }
}
