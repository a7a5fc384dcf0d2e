//! Services that somebody may have meant.

use sidegate_model::{Catalog, Region, Service};

/// How many candidates are told.
const MOST: usize = 5;

/// What services are called that their endpoints are not.
///
/// Source: AWS general reference, "Service endpoints and quotas": the names of services beside those of their endpoints.
const CALLED: [(&str, &[&str]); 20] = [
    ("cloudwatch", &["monitoring", "logs"]),
    ("cloudwatchlogs", &["logs"]),
    ("ecr", &["ecr.api", "ecr.dkr"]),
    ("ses", &["email", "email-smtp"]),
    ("kinesis", &["kinesis-streams", "kinesis-firehose"]),
    ("firehose", &["kinesis-firehose"]),
    ("stepfunctions", &["states", "sync-states"]),
    ("eventbridge", &["events"]),
    ("apigateway", &["execute-api", "apigateway"]),
    ("sagemaker", &["sagemaker.api", "sagemaker.runtime"]),
    ("efs", &["elasticfilesystem"]),
    ("emr", &["elasticmapreduce"]),
    ("elb", &["elasticloadbalancing"]),
    ("opensearch", &["osis"]),
    ("systemsmanager", &["ssm", "ssmmessages", "ec2messages"]),
    ("keyspaces", &["cassandra"]),
    ("cognito", &["cognito-idp", "cognito-identity"]),
    ("iot", &["iot.data", "iot.api"]),
    ("memorydb", &["memory-db"]),
    ("timestream", &["timestream.ingest-cell", "timestream.query-cell"]),
];

/// The service that a text names: by its short name, or by its whole endpoint service name in the Region.
pub fn service(region: Region, text: &str) -> Option<&'static Service> {
    Catalog::named(text).or_else(|| Catalog::find(region, text))
}

/// The short names of services that somebody may have meant, the likeliest first.
pub fn candidates(text: &str) -> Vec<&'static str> {
    let meant = plain(text);
    let called = CALLED.iter().find(|(name, _)| *name == meant).map(|(_, names)| names.to_vec());
    let mut found = called.unwrap_or_default();
    if meant.is_empty() || text.len() > 64 {
        return found;
    }
    let mut near: Vec<(usize, &'static str)> = Service::all()
        .iter()
        .filter(|service| !service.name.contains("fips"))
        .filter_map(|service| {
            let name = plain(service.name);
            let distance = distance(&meant, &name);
            let is_near = distance <= meant.len() / 4 + 1;
            let is_part = meant.len() >= 3 && name.contains(&meant) || name.len() >= 3 && meant.contains(&name);
            (is_near || is_part).then_some((distance, service.name))
        })
        .collect();
    near.sort_unstable();
    for (_, name) in near {
        if !found.contains(&name) {
            found.push(name);
        }
    }
    found.truncate(MOST);
    found
}

/// Letters and digits in lower case, without what companies put before names.
fn plain(text: &str) -> String {
    let plain: String = text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let bare = plain.strip_prefix("comamazonaws").or_else(|| plain.strip_prefix("amazon"));
    let bare = bare.or_else(|| plain.strip_prefix("aws")).filter(|rest| !rest.is_empty());
    bare.map_or_else(|| plain.clone(), str::to_owned)
}

/// How many letters have to be changed, added or taken to make one word of the other.
fn distance(one: &str, other: &str) -> usize {
    let mut before: Vec<usize> = (0..=other.len()).collect();
    for (row, a) in one.bytes().enumerate() {
        let mut line = vec![row + 1];
        let mut left = row + 1;
        for (pair, b) in before.windows(2).zip(other.bytes()) {
            let [diagonal, above] = *pair else { break };
            left = (diagonal + usize::from(a != b)).min(above + 1).min(left + 1);
            line.push(left);
        }
        before = line;
    }
    before.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_service_has_candidates() {
        for (text, first) in [
            ("secretmanager", "secretsmanager"),
            ("secrets-manager", "secretsmanager"),
            ("dynamo", "dynamodb"),
            ("S3", "s3"),
            ("amazon-kms", "kms"),
            ("cloudwatch", "monitoring"),
            ("cloudwatch-logs", "logs"),
            ("bedrockruntime", "bedrock-runtime"),
            ("ecr", "ecr.api"),
        ] {
            assert_eq!(candidates(text).first(), Some(&first), "{text}: {:?}", candidates(text));
        }
        assert_eq!(candidates("zzzzzzzzzzzz"), [""; 0]);
        assert_eq!(candidates(""), [""; 0]);
    }

    #[test]
    fn every_name_that_services_are_called_by_leads_to_services() {
        for (_, names) in CALLED {
            for name in names {
                assert!(Catalog::named(name).is_some(), "{name}");
            }
        }
    }

    #[test]
    fn a_service_is_named_short_or_whole() {
        let region: Region = "eu-west-1".parse().unwrap();
        assert_eq!(service(region, "s3").unwrap().name, "s3");
        assert_eq!(service(region, "com.amazonaws.eu-west-1.ecr.api").unwrap().name, "ecr.api");
        assert_eq!(service(region, "com.amazonaws.us-east-1.ecr.api"), None);
    }
}
