//! What Sidegate measures and reports to CloudWatch, once a minute: how much interface endpoints are used. CloudWatch's
//! own upkeep goes with it.
//!
//! `PacketsDropped` and `RstPacketsReceived` are not reported: packets are not seen here, only connections.
//!
//! Source: PrivateLink guide, "CloudWatch metrics for AWS PrivateLink": namespace, metrics, dimensions, and that there is
//! a value only for minutes in which there was traffic.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use sidegate_edge::usage::{Place, Used};
use sidegate_model::{Catalog, Scope, World};
use sidegate_services::cloudwatch::{CloudWatch, Measured, Record};

use crate::clock;
use crate::engine::Engine;
use crate::machine::Machine;

const NAMESPACE: &str = "AWS/PrivateLinkEndpoints";

const MINUTE: i64 = 60_000;

/// Where an endpoint is that was used, in the names that the dimensions have.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Endpoint {
    scope: Scope,
    vpc: String,
    id: String,
    service: String,
}

/// Reports for ever, at the end of each minute.
pub(crate) async fn run(engine: Engine, machine: Machine, cloudwatch: Arc<CloudWatch>) {
    loop {
        let now = clock::now_ms();
        let end = (now.div_euclid(MINUTE) + 1) * MINUTE;
        tokio::time::sleep(Duration::from_millis(u64::try_from(end - now).unwrap_or_default())).await;
        report(&engine, &machine, &cloudwatch, end - MINUTE).await;
        let cloudwatch = Arc::clone(&cloudwatch);
        let keep = move || {
            if let Err(error) = cloudwatch.keep(clock::now_ms()) {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "old metrics stay, and alarms were not evaluated"
                );
            }
        };
        if tokio::task::spawn_blocking(keep).await.is_err() {
            return;
        }
    }
}

/// Reports what was used in the minute that has begun, for one who stops before its end.
pub(crate) async fn flush(engine: &Engine, machine: &Machine, cloudwatch: &Arc<CloudWatch>) {
    report(engine, machine, cloudwatch, clock::now_ms().div_euclid(MINUTE) * MINUTE).await;
}

/// Reports what was used since the last time, as of a minute.
async fn report(engine: &Engine, machine: &Machine, cloudwatch: &Arc<CloudWatch>, minute: i64) {
    let records = records(machine.take_usage(), minute, |place| named(&engine.world(), place));
    let recorder = cloudwatch.recorder();
    let recorded = tokio::task::spawn_blocking(move || recorder.record(&records, clock::now_ms())).await;
    if let Ok(Err(error)) = recorded {
        tracing::error!(error = &error as &dyn std::error::Error, "the use of endpoints was not recorded");
    }
}

/// The names of a place, and of its subnet, if it still exists. A gateway endpoint has no metrics.
fn named(world: &World, place: &Place) -> Option<(Endpoint, String)> {
    let endpoint = world.endpoints.get(&place.endpoint)?;
    let interface = world.interfaces.get(place.interface.as_ref()?)?;
    let service = Catalog::named(&endpoint.service)?.endpoint_name(endpoint.scope.region);
    let (scope, vpc, id) = (endpoint.scope.clone(), place.vpc.to_string(), place.endpoint.to_string());
    Some((Endpoint { scope, vpc, id, service }, interface.subnet.to_string()))
}

/// The data points of a minute: of each endpoint, and of each of its subnets.
fn records(used: Vec<(Place, Used)>, at: i64, named: impl Fn(&Place) -> Option<(Endpoint, String)>) -> Vec<Record> {
    let mut all: BTreeMap<(Endpoint, Option<String>), Used> = BTreeMap::new();
    for (place, used) in used {
        let Some((endpoint, subnet)) = named(&place) else { continue };
        for key in [(endpoint.clone(), None), (endpoint, Some(subnet))] {
            let sum = all.entry(key).or_default();
            sum.active += used.active;
            sum.opened += used.opened;
            sum.bytes += used.bytes;
        }
    }
    // A connection over which nothing goes is no traffic.
    all.retain(|_, used| used.opened > 0 || used.bytes > 0);
    all.iter().flat_map(|((endpoint, subnet), used)| of_one(endpoint, subnet.as_deref(), *used, at)).collect()
}

fn of_one(endpoint: &Endpoint, subnet: Option<&str>, used: Used, at: i64) -> [Record; 3] {
    let dimension = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let mut dimensions = vec![
        dimension("Endpoint Type", "Interface"),
        dimension("Service Name", &endpoint.service),
        dimension("VPC Endpoint Id", &endpoint.id),
        dimension("VPC Id", &endpoint.vpc),
    ];
    dimensions.extend(subnet.map(|subnet| dimension("Subnet Id", subnet)));
    let metrics = [
        ("ActiveConnections", "Count", used.active),
        ("NewConnections", "Count", used.opened),
        ("BytesProcessed", "Bytes", used.bytes),
    ];
    metrics.map(|(name, unit, value)| Record {
        scope: endpoint.scope.clone(),
        namespace: NAMESPACE.to_owned(),
        name: name.to_owned(),
        dimensions: dimensions.clone(),
        at,
        unit: unit.to_owned(),
        measured: Measured::Value(value as f64),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(interface: u8) -> Place {
        Place {
            vpc: "vpc-0123456789abcdef0".parse().unwrap(),
            endpoint: "vpce-0123456789abcdef0".parse().unwrap(),
            interface: Some(format!("eni-0123456789abcdef{interface}").parse().unwrap()),
        }
    }

    #[test]
    fn an_endpoint_has_data_points_of_its_own_and_of_each_subnet_where_there_was_traffic() {
        let scope = Scope { account: "111122223333".parse().unwrap(), region: "us-east-1".parse().unwrap() };
        let named = |place: &Place| {
            let subnet = match place.interface.as_ref()?.to_string().chars().last()? {
                '1' => "subnet-1",
                '2' => "subnet-2",
                '3' => "subnet-3",
                _ => return None,
            };
            let (vpc, id) = (place.vpc.to_string(), place.endpoint.to_string());
            let service = "com.amazonaws.us-east-1.monitoring".to_owned();
            Some((Endpoint { scope: scope.clone(), vpc, id, service }, subnet.to_owned()))
        };
        let used = |active, opened, bytes| Used { active, opened, bytes };
        let counted = vec![
            (place(1), used(1, 2, 300)),
            (place(2), used(0, 0, 5)),
            (place(3), used(4, 0, 0)),
            (place(9), used(1, 1, 1)),
        ];
        let records = records(counted, 60_000, named);
        let told: Vec<String> = records
            .iter()
            .map(|record| {
                let subnet = record.dimensions.iter().find(|(name, _)| name == "Subnet Id").map(|(_, value)| value);
                let Measured::Value(value) = record.measured else { panic!("{record:?}") };
                format!("{} {} {value}", subnet.map_or("all", String::as_str), record.name)
            })
            .collect();
        assert_eq!(
            told,
            [
                "all ActiveConnections 5",
                "all NewConnections 2",
                "all BytesProcessed 305",
                "subnet-1 ActiveConnections 1",
                "subnet-1 NewConnections 2",
                "subnet-1 BytesProcessed 300",
                "subnet-2 ActiveConnections 0",
                "subnet-2 NewConnections 0",
                "subnet-2 BytesProcessed 5",
            ]
        );
        assert!(records.iter().all(|record| record.namespace == NAMESPACE && record.at == 60_000));
        assert_eq!(records[0].dimensions.len(), 4);
    }
}
