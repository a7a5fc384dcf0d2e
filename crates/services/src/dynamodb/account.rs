//! What DynamoDB tells of an account, and of tables where nothing can be configured: `DescribeEndpoints`, `DescribeLimits`,
//! `DescribeContinuousBackups` and `UpdateContinuousBackups`.

use serde_json::{Value, json};
use sidegate_iam::Requirement;

use super::fault::Fault;
use super::name::TableName;
use super::operation::{Asked, Prepared};
use super::table::Table;

/// For how long a client may keep an endpoint, in minutes.
const CACHE_PERIOD: u32 = 1440;

/// The quotas of a new account, in capacity units.
///
/// Source: developer guide, "Quotas in Amazon DynamoDB".
const OF_ACCOUNT: u32 = 80_000;
const OF_TABLE: u32 = 40_000;

/// `DescribeEndpoints`
pub(super) fn endpoints(asked: Asked) -> Result<Prepared, Fault> {
    let address = format!("dynamodb.{}.amazonaws.com", asked.scope().region);
    let answer = json!({ "Endpoints": [{ "Address": address, "CachePeriodInMinutes": CACHE_PERIOD }] });
    let requirements = vec![Requirement::new("dynamodb:DescribeEndpoints", "*")];
    Ok(Prepared::new(requirements, move |_| Ok(answer.to_string())))
}

/// `DescribeLimits`
pub(super) fn limits(_asked: Asked) -> Result<Prepared, Fault> {
    let answer = json!({
        "AccountMaxReadCapacityUnits": OF_ACCOUNT,
        "AccountMaxWriteCapacityUnits": OF_ACCOUNT,
        "TableMaxReadCapacityUnits": OF_TABLE,
        "TableMaxWriteCapacityUnits": OF_TABLE,
    });
    let requirements = vec![Requirement::new("dynamodb:DescribeLimits", "*")];
    Ok(Prepared::new(requirements, move |_| Ok(answer.to_string())))
}

/// `DescribeContinuousBackups`
pub(super) fn describe_backups(asked: Asked) -> Result<Prepared, Fault> {
    about_backups(asked)
}

/// `UpdateContinuousBackups`. Recovery to a point in time cannot be switched on.
pub(super) fn update_backups(asked: Asked) -> Result<Prepared, Fault> {
    let enabled = asked.document.pointer("/PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled");
    if enabled.and_then(Value::as_bool).unwrap_or(false) {
        return Err(Fault::Unserved("point-in-time recovery".to_owned()));
    }
    about_backups(asked)
}

fn about_backups(mut asked: Asked) -> Result<Prepared, Fault> {
    let Some(table) = asked.table()? else {
        let name = asked.text("TableName").unwrap_or_default();
        return Err(Fault::Validation(format!("Invalid table name: {name}")));
    };
    let requirements = vec![table.requirement(asked.operation)];
    let is_there = table.is_there();
    let Table { name: TableName { name, .. }, .. } = table;
    Ok(Prepared::new(requirements, move |_| {
        if !is_there {
            return Err(Fault::Missing("TableNotFoundException", format!("Table not found: {name}")));
        }
        let description = json!({
            "ContinuousBackupsStatus": "ENABLED",
            "PointInTimeRecoveryDescription": { "PointInTimeRecoveryStatus": "DISABLED" },
        });
        Ok(json!({ "ContinuousBackupsDescription": description }).to_string())
    }))
}
