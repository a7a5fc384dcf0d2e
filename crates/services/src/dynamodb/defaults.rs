//! What DynamoDB says of what nobody has made, where nobody can make it here: backups, exports and imports, global tables,
//! contributor insights and streams to Kinesis. Who asks for one, or would delete or restore it, is told that it is not there;
//! what would make one is refused as not implemented.
//!
//! Source: API reference.

use serde_json::{Value, json};
use sidegate_iam::Requirement;

use super::fault::Fault;
use super::operation::{Asked, Prepared};
use super::required;

/// `ListBackups`
pub(super) fn backups(asked: Asked) -> Result<Prepared, Fault> {
    nothing(&asked, json!({ "BackupSummaries": [] }))
}

/// `ListExports`
pub(super) fn exports(asked: Asked) -> Result<Prepared, Fault> {
    nothing(&asked, json!({ "ExportSummaries": [] }))
}

/// `ListImports`
pub(super) fn imports(asked: Asked) -> Result<Prepared, Fault> {
    nothing(&asked, json!({ "ImportSummaryList": [] }))
}

/// `ListGlobalTables`
pub(super) fn global_tables(asked: Asked) -> Result<Prepared, Fault> {
    nothing(&asked, json!({ "GlobalTables": [] }))
}

fn nothing(asked: &Asked, answer: Value) -> Result<Prepared, Fault> {
    let requirements = vec![Requirement::new(format!("dynamodb:{}", asked.operation), "*")];
    Ok(Prepared::new(requirements, move |_| Ok(answer.to_string())))
}

/// `DescribeBackup`, `DeleteBackup` and `RestoreTableFromBackup`
pub(super) fn backup(asked: Asked) -> Result<Prepared, Fault> {
    missing(&asked, "BackupArn", "BackupNotFoundException", |arn| format!("Backup not found: {arn}"))
}

/// `DescribeExport`
pub(super) fn export(asked: Asked) -> Result<Prepared, Fault> {
    missing(&asked, "ExportArn", "ExportNotFoundException", |arn| format!("Export not found: {arn}"))
}

/// `DescribeImport`
pub(super) fn import(asked: Asked) -> Result<Prepared, Fault> {
    missing(&asked, "ImportArn", "ImportNotFoundException", |arn| format!("Import not found: {arn}"))
}

/// `DescribeGlobalTable` and `DescribeGlobalTableSettings`
pub(super) fn global_table(asked: Asked) -> Result<Prepared, Fault> {
    missing(&asked, "GlobalTableName", "GlobalTableNotFoundException", |name| {
        format!("Global table not found: Global table with name: '{name}' does not exist.")
    })
}

fn missing(asked: &Asked, member: &str, code: &'static str, words: fn(&str) -> String) -> Result<Prepared, Fault> {
    let Some(name) = asked.text(member) else {
        let told = required::null(&required::shown(member));
        return Err(Fault::Validation(format!("1 validation error detected: {told}")));
    };
    let resource = if name.starts_with("arn:") {
        name.to_owned()
    } else {
        format!("arn:aws:dynamodb::{}:global-table/{name}", asked.scope().account)
    };
    let requirements = vec![Requirement::new(format!("dynamodb:{}", asked.operation), resource)];
    let told = words(name);
    Ok(Prepared::new(requirements, move |_| Err(Fault::Missing(code, told))))
}

/// `DescribeContributorInsights`
pub(super) fn contributor_insights(asked: Asked) -> Result<Prepared, Fault> {
    of_table(asked, |name, index| match index {
        Some(index) => json!({ "TableName": name, "IndexName": index, "ContributorInsightsStatus": "DISABLED" }),
        None => json!({ "TableName": name, "ContributorInsightsStatus": "DISABLED" }),
    })
}

/// `DescribeKinesisStreamingDestination`
pub(super) fn kinesis(asked: Asked) -> Result<Prepared, Fault> {
    of_table(asked, |name, _| json!({ "TableName": name, "KinesisDataStreamDestinations": [] }))
}

fn of_table(mut asked: Asked, answer: fn(&str, Option<&str>) -> Value) -> Result<Prepared, Fault> {
    let Some(table) = asked.table()? else {
        let name = asked.text("TableName").unwrap_or_default();
        return Err(Fault::Validation(format!("Invalid table name: {name}")));
    };
    let index = asked.text("IndexName").map(str::to_owned);
    let requirements = vec![match &index {
        Some(index) => table.on_index(asked.operation, index),
        None => table.requirement(asked.operation),
    }];
    Ok(Prepared::new(requirements, move |_| {
        let is_there =
            table.is_there() && index.as_ref().is_none_or(|index| table.partition_key(Some(index)).is_some());
        if !is_there {
            return Err(Fault::no_table(&table.name.name));
        }
        Ok(answer(&table.name.name, index.as_deref()).to_string())
    }))
}
