//! What breaks what: one thing at a time is taken away, the function is asked, and the thing is put back.

use std::net::IpAddr;

use super::function::{self, Call, Failure, Reply};
use super::network::call;
use super::place::Stage;
use super::policies::{endpoint_policy, endpoint_policy_of_another_bucket};
use super::{DemoError, Set, Step as _, paths, workload};

/// An endpoint that there is not, for policies that name another one.
const NO_ENDPOINT: &str = "vpce-0123456789abcdef0";

/// Something that is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Break {
    Route,
    Group,
    PrivateDns,
    EndpointPolicy,
    BucketPolicy,
    KeyPolicy,
}

impl Break {
    pub(super) const ALL: [Self; 6] =
        [Self::Route, Self::Group, Self::PrivateDns, Self::EndpointPolicy, Self::BucketPolicy, Self::KeyPolicy];

    /// What is taken away, in words.
    pub(super) fn what(self) -> &'static str {
        match self {
            Self::Route => "route: S3's gateway endpoint leaves the route table",
            Self::Group => "group: the endpoints' security group loses its rules",
            Self::PrivateDns => "private DNS: Bedrock's endpoint loses its private name",
            Self::EndpointPolicy => "endpoint policy: S3's lets through another bucket only",
            Self::BucketPolicy => "bucket policy: it names another endpoint",
            Self::KeyPolicy => "key policy: it names another endpoint",
        }
    }

    /// The call that has to fail, and with which code.
    fn failure(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Route => ("s3", "ListObjectsV2", "ConnectTimeoutError"),
            Self::Group => ("secretsmanager", "GetSecretValue", "ConnectTimeoutError"),
            Self::PrivateDns => ("bedrock-runtime", "InvokeModel", "ConnectTimeoutError"),
            Self::EndpointPolicy | Self::BucketPolicy => ("s3", "ListObjectsV2", "AccessDenied"),
            Self::KeyPolicy => ("kms", "Decrypt", "AccessDeniedException"),
        }
    }

    /// Breaks it, asks, and mends it: what failed and why, each with what it is.
    pub(super) async fn show(self, set: &Set, question: &str) -> Result<[(&'static str, String); 3], DemoError> {
        self.do_break(set).await?;
        let reply = function::ask(&set.stage, question, true).await?;
        let failure = self.expected(&reply)?;
        let after = match failure.code.ends_with("TimeoutError") {
            true => format!(" after {:.1} s", reply.took.as_secs_f64()),
            false => String::new(),
        };
        let failed = format!("{} {}: {}{after}", failure.service, failure.operation, failure.code);
        let why = self.why(set, &reply.told.calls).await?;
        self.mend(set).await?;
        let mended = ask_again(set, question).await?;
        Ok([("breaks", failed), ("why", why), ("mended", mended)])
    }

    /// The failure, if it is the one that has to be.
    fn expected(self, reply: &Reply) -> Result<&Failure, DemoError> {
        let (service, operation, code) = self.failure();
        let untrue = |found| DemoError::Untrue { claim: "what is broken should break the call that needs it", found };
        let failure = reply.told.error.as_ref();
        let failure = failure.ok_or_else(|| untrue(format!("{}: the function answered", self.what())))?;
        if (failure.service.as_str(), failure.operation.as_str(), failure.code.as_str()) == (service, operation, code) {
            return Ok(failure);
        }
        Err(untrue(format!("{}: {failure}", self.what())))
    }

    async fn do_break(self, set: &Set) -> Result<(), DemoError> {
        let Set { stage, network, endpoints, names, .. } = set;
        match self {
            Self::Route => modify(stage, &endpoints.s3, ("RemoveRouteTableId.1", &network.route_table)).await,
            Self::Group => network.shut_out(stage, &[&network.function_group, &network.instance_group]).await,
            Self::PrivateDns => modify(stage, &endpoints.bedrock_runtime, ("PrivateDnsEnabled", "false")).await,
            Self::EndpointPolicy => {
                let policy = endpoint_policy_of_another_bucket().to_string();
                modify(stage, &endpoints.s3, ("PolicyDocument", &policy)).await
            }
            Self::BucketPolicy => workload::put_bucket_policy(stage, names, NO_ENDPOINT).await,
            Self::KeyPolicy => workload::put_key_policy(stage, names, NO_ENDPOINT).await,
        }
    }

    async fn mend(self, set: &Set) -> Result<(), DemoError> {
        let Set { stage, network, endpoints, names, .. } = set;
        match self {
            Self::Route => modify(stage, &endpoints.s3, ("AddRouteTableId.1", &network.route_table)).await,
            Self::Group => network.let_in(stage, &[&network.function_group, &network.instance_group]).await,
            Self::PrivateDns => modify(stage, &endpoints.bedrock_runtime, ("PrivateDnsEnabled", "true")).await,
            Self::EndpointPolicy => {
                let policy = endpoint_policy("s3", names).to_string();
                modify(stage, &endpoints.s3, ("PolicyDocument", &policy)).await
            }
            Self::BucketPolicy => workload::put_bucket_policy(stage, names, &endpoints.s3).await,
            Self::KeyPolicy => workload::put_key_policy(stage, names, &endpoints.kms).await,
        }
    }

    /// What made the call fail: of a denial what decided, and else what the way lacks. It is looked up, not supposed.
    async fn why(self, set: &Set, calls: &[Call]) -> Result<String, DemoError> {
        let Set { stage, network, .. } = set;
        let untrue = |found| DemoError::Untrue { claim: "what was taken away should be gone", found };
        match self {
            Self::Route => {
                let table = &network.route_table;
                let found = stage.client.ec2("DescribeRouteTables", &[("RouteTableId.1", table)]).await;
                let found = found.step("DescribeRouteTables")?;
                if found.texts("destinationPrefixListId").contains(&network.s3_prefixes.as_str()) {
                    return Err(untrue(format!("{table} still has a route to {}", network.s3_prefixes)));
                }
                Ok(format!(
                    "{table} has no route to {} (S3) any more: the packets are dropped, and nobody answers",
                    network.s3_prefixes
                ))
            }
            Self::Group => {
                let group = &network.endpoints_group;
                let filter = [("Filter.1.Name", "group-id"), ("Filter.1.Value.1", group.as_str())];
                let found = stage.client.ec2("DescribeSecurityGroupRules", &filter).await;
                let rules = found.step("DescribeSecurityGroupRules")?.texts("securityGroupRuleId").len();
                if rules > 0 {
                    return Err(untrue(format!("{group} still has {rules} rules")));
                }
                Ok(format!(
                    "{group} has 0 rules: neither of the endpoint's two interfaces lets port 443 in, and nobody answers"
                ))
            }
            Self::PrivateDns => {
                let addresses = set.instance.addresses(stage, "bedrock-runtime").await?;
                let parsed: Vec<IpAddr> = addresses
                    .iter()
                    .map(|address| address.parse())
                    .collect::<Result<_, _>>()
                    .step("asking the resolver")?;
                let told = parsed.into_iter().map(paths::told).collect::<Vec<_>>().join(", ");
                if told.contains("private") {
                    return Err(untrue(format!("bedrock-runtime still leads to {told}")));
                }
                Ok(format!("the name leads to {told}, where no route of the VPC leads: nobody answers"))
            }
            Self::EndpointPolicy | Self::BucketPolicy | Self::KeyPolicy => decided(stage, calls).await,
        }
    }
}

/// What decided against the last call, as the daemon's event says it.
async fn decided(stage: &Stage, calls: &[Call]) -> Result<String, DemoError> {
    let untrue = |found: &str| DemoError::Untrue {
        claim: "the denial should have left an event that says what decided",
        found: found.to_owned(),
    };
    let denied = calls.last().map(std::slice::from_ref).unwrap_or_default();
    let taken = super::Taken::of(stage, denied).await?;
    let request = taken.0.last().ok_or_else(|| untrue("there is none"))?;
    let judgement = request.event.requirements.iter().find(|judgement| !judgement.allowed);
    let judgement = judgement.ok_or_else(|| untrue("nothing in it was denied"))?;
    let status = request.event.status.map(|status| status.to_string()).unwrap_or_default();
    Ok(format!("answered with {status}: for {}, {}", judgement.action, judgement.because))
}

async fn modify(stage: &Stage, endpoint: &str, change: (&str, &str)) -> Result<(), DemoError> {
    call(stage, "ModifyVpcEndpoint", &[("VpcEndpointId", endpoint), change]).await
}

/// Asks once more, on new connections and without what was read before: that the function answers.
async fn ask_again(set: &Set, question: &str) -> Result<String, DemoError> {
    again(&function::ask(&set.stage, question, true).await?)
}

/// What a reply says of something that was mended. Where the question reached the model, all ways are there.
fn again(reply: &Reply) -> Result<String, DemoError> {
    let took = reply.took.as_secs_f64();
    match (&reply.told.answer, &reply.told.error) {
        (Some(_), None) => Ok(format!("the function answers again, in {took:.1} s")),
        (_, Some(failure)) if failure.is_of_model() => {
            Ok(format!("the function reaches the model again, in {took:.1} s, where {failure}"))
        }
        (_, error) => Err(DemoError::Untrue {
            claim: "what is mended should work again",
            found: error.as_ref().map_or_else(|| "there is no answer".to_owned(), Failure::to_string),
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_mended_works_again_also_where_the_model_does_not_answer() {
        let again = |operation: &str, code: &str| {
            let error =
                json!({ "service": "bedrock-runtime", "operation": operation, "code": code, "message": "It failed." });
            let told = serde_json::from_value(json!({ "error": error, "calls": [] })).unwrap();
            super::again(&Reply { told, took: Duration::from_millis(240), cold: None })
        };
        assert_eq!(
            again("Converse", "ThrottlingException").unwrap(),
            "the function reaches the model again, in 0.2 s, where bedrock-runtime Converse ended with ThrottlingException: It failed."
        );
        for (operation, code) in [("Converse", "ConnectTimeoutError"), ("Converse", "AccessDeniedException")] {
            assert!(again(operation, code).unwrap_err().to_string().contains(code), "{operation} {code}");
        }
    }
}
