//! The policies of the workload, as `examples/document-qa/terraform` has them, with what the instance does beside. Pure.

use serde_json::{Value, json};

use super::place::REGION;

/// What policies name.
pub(super) struct Names {
    pub(super) account: String,
    /// ARNs: the roles of the function and of the instance, and who administers.
    pub(super) function_role: String,
    pub(super) instance_role: String,
    pub(super) administrator: String,
    pub(super) bucket: String,
    pub(super) table: String,
    pub(super) key: String,
    pub(super) secret: String,
    /// The names of the log groups: the function's own, and the one in which Lambda logs.
    pub(super) exchanges_log: String,
    pub(super) function_log: String,
    /// The ids of the models.
    pub(super) models: Vec<String>,
}

impl Names {
    fn bucket_arn(&self) -> String {
        format!("arn:aws:s3:::{}", self.bucket)
    }

    fn objects(&self) -> String {
        format!("arn:aws:s3:::{}/*", self.bucket)
    }

    fn table_arn(&self) -> String {
        format!("arn:aws:dynamodb:{REGION}:{}:table/{}", self.account, self.table)
    }

    fn log(&self, group: &str) -> String {
        format!("arn:aws:logs:{REGION}:{}:log-group:{group}:*", self.account)
    }

    fn model_arns(&self) -> Vec<String> {
        self.models.iter().map(|id| format!("arn:aws:bedrock:{REGION}::foundation-model/{id}")).collect()
    }
}

fn policy(statements: impl IntoIterator<Item = Value>) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements.into_iter().collect::<Vec<_>>() })
}

fn allow(actions: &[&str], resource: impl Into<Value>) -> Value {
    json!({ "Effect": "Allow", "Action": actions, "Resource": resource.into() })
}

/// A statement with more in it.
fn with(mut statement: Value, name: &str, value: Value) -> Value {
    if let Some(fields) = statement.as_object_mut() {
        fields.insert(name.to_owned(), value);
    }
    statement
}

/// Lets a service take a role.
pub(super) fn trust(service: &str) -> Value {
    let principal = json!({ "Service": service });
    policy([json!({ "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal })])
}

/// What the function calls.
pub(super) fn function_policy(names: &Names) -> Value {
    let via = json!({ "StringEquals": { "kms:ViaService": format!("secretsmanager.{REGION}.amazonaws.com") } });
    let logs = vec![names.log(&names.exchanges_log), names.log(&names.function_log)];
    policy([
        allow(&["s3:ListBucket"], names.bucket_arn()),
        allow(&["s3:GetObject"], names.objects()),
        allow(&["secretsmanager:GetSecretValue"], names.secret.as_str()),
        // Secrets Manager decrypts the settings in the name of the function.
        with(allow(&["kms:Decrypt"], names.key.as_str()), "Condition", via),
        with(allow(&["kms:Decrypt"], names.key.as_str()), "Condition", of_confidential()),
        allow(&["bedrock:InvokeModel"], names.model_arns()),
        allow(&["dynamodb:PutItem"], names.table_arn()),
        allow(&["logs:CreateLogStream", "logs:PutLogEvents"], logs),
    ])
}

/// What Lambda does for the function's network in the name of its role, and the function's code must not.
pub(super) fn network_policy(names: &Names) -> Value {
    let makes = [
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:UnassignPrivateIpAddresses",
    ];
    let functions = format!("arn:aws:lambda:*:{}:function:*", names.account);
    policy([
        allow(&makes, "*"),
        json!({
            "Effect": "Deny", "Action": "ec2:*", "Resource": "*",
            "Condition": { "ArnLike": { "lambda:SourceFunctionArn": functions } },
        }),
    ])
}

/// What the instance calls: it synchronises, and encrypts what is confidential.
pub(super) fn instance_policy(names: &Names) -> Value {
    policy([
        allow(&["s3:ListBucket"], names.bucket_arn()),
        allow(&["s3:PutObject"], names.objects()),
        with(allow(&["kms:Encrypt"], names.key.as_str()), "Condition", of_confidential()),
    ])
}

/// The documents whose encryption context says that they are confidential.
fn of_confidential() -> Value {
    json!({ "StringLike": { "kms:EncryptionContext:document": "confidential/*" } })
}

/// The policy of an endpoint: a ceiling, which lets the function and the instance do what they do. The principal of a
/// gateway endpoint's must be `*`, so the caller is told by a condition; the others are written in the same way.
pub(super) fn endpoint_policy(service: &str, names: &Names) -> Value {
    let (function, instance) = (&names.function_role, &names.instance_role);
    let both = json!([function, instance]);
    let statements = match service {
        "s3" => vec![
            (allow(&["s3:ListBucket"], names.bucket_arn()), both),
            (allow(&["s3:GetObject"], names.objects()), json!(function)),
            (allow(&["s3:PutObject"], names.objects()), json!(instance)),
        ],
        "dynamodb" => vec![(allow(&["dynamodb:PutItem"], names.table_arn()), json!(function))],
        "secretsmanager" => {
            vec![(allow(&["secretsmanager:GetSecretValue"], names.secret.as_str()), json!(function))]
        }
        "kms" => vec![
            (allow(&["kms:Decrypt"], names.key.as_str()), json!(function)),
            (allow(&["kms:Encrypt"], names.key.as_str()), json!(instance)),
        ],
        "bedrock-runtime" => vec![(allow(&["bedrock:InvokeModel"], names.model_arns()), json!(function))],
        _ => {
            let log = names.log(&names.exchanges_log);
            vec![(allow(&["logs:CreateLogStream", "logs:PutLogEvents"], log), json!(function))]
        }
    };
    policy(statements.into_iter().map(|(statement, callers)| {
        let condition = json!({ "ArnEquals": { "aws:PrincipalArn": callers } });
        with(with(statement, "Principal", json!("*")), "Condition", condition)
    }))
}

/// The policy of S3's endpoint for another bucket, so that it lets nothing through of this workload.
pub(super) fn endpoint_policy_of_another_bucket() -> Value {
    let statement =
        allow(&["s3:GetObject", "s3:ListBucket"], json!(["arn:aws:s3:::another", "arn:aws:s3:::another/*"]));
    policy([with(statement, "Principal", json!("*"))])
}

/// The bucket's: documents are read and written through this endpoint, but for the administrator.
pub(super) fn bucket_policy(names: &Names, endpoint: &str) -> Value {
    policy([json!({
        "Sid": "DocumentsComeThroughTheEndpoint",
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:ListBucket", "s3:ListBucketVersions", "s3:GetObject*", "s3:PutObject*", "s3:DeleteObject*"],
        "Resource": [names.bucket_arn(), names.objects()],
        "Condition": {
            "StringNotEquals": { "aws:SourceVpce": endpoint },
            "ArnNotEquals": { "aws:PrincipalArn": names.administrator },
        },
    })])
}

/// The key's: policies of the account decide, but what is encrypted as a document is decrypted through this endpoint.
/// Secrets Manager decrypts the settings from within AWS, where there is no endpoint.
pub(super) fn key_policy(names: &Names, endpoint: &str) -> Value {
    let root = format!("arn:aws:iam::{}:root", names.account);
    policy([
        with(allow(&["kms:*"], "*"), "Principal", json!({ "AWS": root })),
        json!({
            "Sid": "DocumentsAreDecryptedThroughTheEndpoint",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "kms:Decrypt",
            "Resource": "*",
            "Condition": {
                "Null": { "kms:EncryptionContext:document": "false" },
                "StringNotEquals": { "aws:SourceVpce": endpoint },
            },
        }),
    ])
}

#[cfg(test)]
mod tests {
    use sidegate_iam::{Policy, PolicyType};

    use super::*;

    fn names() -> Names {
        let text = str::to_owned;
        Names {
            account: text("111122223333"),
            function_role: text("arn:aws:iam::111122223333:role/function"),
            instance_role: text("arn:aws:iam::111122223333:role/instance"),
            administrator: text("arn:aws:iam::111122223333:root"),
            bucket: text("documents"),
            table: text("exchanges"),
            key: text("arn:aws:kms:us-east-1:111122223333:key/1"),
            secret: text("arn:aws:secretsmanager:us-east-1:111122223333:secret:settings-abcdef"),
            exchanges_log: text("/exchanges"),
            function_log: text("/aws/lambda/f"),
            models: vec![text("amazon.nova-lite-v1:0")],
        }
    }

    #[test]
    fn each_policy_is_of_its_grammar() {
        let names = names();
        let parses = |document: Value, kind| {
            let text = document.to_string();
            Policy::parse(&text, kind).unwrap_or_else(|error| panic!("{text}: {error}"));
        };
        for service in ["s3", "dynamodb", "secretsmanager", "kms", "bedrock-runtime", "logs"] {
            parses(endpoint_policy(service, &names), PolicyType::Endpoint);
        }
        for own in [function_policy(&names), network_policy(&names), instance_policy(&names)] {
            parses(own, PolicyType::Identity);
        }
        parses(endpoint_policy_of_another_bucket(), PolicyType::Endpoint);
        parses(bucket_policy(&names, "vpce-1"), PolicyType::Resource);
        parses(key_policy(&names, "vpce-1"), PolicyType::Resource);
        parses(trust("lambda.amazonaws.com"), PolicyType::RoleTrust);
    }

    #[test]
    fn only_the_function_reads_and_only_the_instance_writes_through_the_endpoint() {
        let policy = endpoint_policy("s3", &names());
        let callers = |action: &str| {
            let statements = policy["Statement"].as_array().unwrap();
            let found = statements.iter().find(|statement| statement["Action"][0] == action).unwrap();
            found["Condition"]["ArnEquals"]["aws:PrincipalArn"].to_string()
        };
        assert_eq!(callers("s3:GetObject"), r#""arn:aws:iam::111122223333:role/function""#);
        assert_eq!(callers("s3:PutObject"), r#""arn:aws:iam::111122223333:role/instance""#);
    }
}
