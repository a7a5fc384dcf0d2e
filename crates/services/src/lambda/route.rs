//! Which operation a method and a path are.
//!
//! Source: the API's model.

use http::Method;
use percent_encoding::percent_decode_str;

/// An operation, and the parameters of its path.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) operation: &'static str,
    pub(super) parameters: Vec<String>,
}

/// The operations: method, path in which `*` stands for a parameter, and name.
const OPERATIONS: &[(&str, &str, &str)] = &[
    ("POST", "2015-03-31/functions", "CreateFunction"),
    ("GET", "2015-03-31/functions", "ListFunctions"),
    ("GET", "2015-03-31/functions/*", "GetFunction"),
    ("DELETE", "2015-03-31/functions/*", "DeleteFunction"),
    ("GET", "2015-03-31/functions/*/configuration", "GetFunctionConfiguration"),
    ("PUT", "2015-03-31/functions/*/configuration", "UpdateFunctionConfiguration"),
    ("PUT", "2015-03-31/functions/*/code", "UpdateFunctionCode"),
    ("POST", "2015-03-31/functions/*/invocations", "Invoke"),
    ("POST", "2014-11-13/functions/*/invoke-async", "InvokeAsync"),
    ("POST", "2021-11-15/functions/*/response-streaming-invocations", "InvokeWithResponseStream"),
    ("POST", "2015-03-31/functions/*/versions", "PublishVersion"),
    ("GET", "2015-03-31/functions/*/versions", "ListVersionsByFunction"),
    ("POST", "2015-03-31/functions/*/aliases", "CreateAlias"),
    ("GET", "2015-03-31/functions/*/aliases", "ListAliases"),
    ("GET", "2015-03-31/functions/*/aliases/*", "GetAlias"),
    ("PUT", "2015-03-31/functions/*/aliases/*", "UpdateAlias"),
    ("DELETE", "2015-03-31/functions/*/aliases/*", "DeleteAlias"),
    ("POST", "2015-03-31/functions/*/policy", "AddPermission"),
    ("GET", "2015-03-31/functions/*/policy", "GetPolicy"),
    ("DELETE", "2015-03-31/functions/*/policy/*", "RemovePermission"),
    ("PUT", "2017-10-31/functions/*/concurrency", "PutFunctionConcurrency"),
    ("DELETE", "2017-10-31/functions/*/concurrency", "DeleteFunctionConcurrency"),
    ("GET", "2019-09-30/functions/*/concurrency", "GetFunctionConcurrency"),
    ("PUT", "2019-09-25/functions/*/event-invoke-config", "PutFunctionEventInvokeConfig"),
    ("POST", "2019-09-25/functions/*/event-invoke-config", "UpdateFunctionEventInvokeConfig"),
    ("GET", "2019-09-25/functions/*/event-invoke-config", "GetFunctionEventInvokeConfig"),
    ("DELETE", "2019-09-25/functions/*/event-invoke-config", "DeleteFunctionEventInvokeConfig"),
    ("GET", "2019-09-25/functions/*/event-invoke-config/list", "ListFunctionEventInvokeConfigs"),
    ("POST", "2017-03-31/tags/*", "TagResource"),
    ("DELETE", "2017-03-31/tags/*", "UntagResource"),
    ("GET", "2017-03-31/tags/*", "ListTags"),
    ("GET", "2016-08-19/account-settings", "GetAccountSettings"),
    ("POST", "2018-10-31/layers/*/versions", "PublishLayerVersion"),
    ("GET", "2018-10-31/layers/*/versions", "ListLayerVersions"),
    ("GET", "2018-10-31/layers/*/versions/*", "GetLayerVersion"),
    ("DELETE", "2018-10-31/layers/*/versions/*", "DeleteLayerVersion"),
    ("POST", "2018-10-31/layers/*/versions/*/policy", "AddLayerVersionPermission"),
    ("GET", "2018-10-31/layers/*/versions/*/policy", "GetLayerVersionPolicy"),
    ("DELETE", "2018-10-31/layers/*/versions/*/policy/*", "RemoveLayerVersionPermission"),
    ("GET", "2018-10-31/layers", "ListLayers"),
    ("POST", "2015-03-31/event-source-mappings", "CreateEventSourceMapping"),
    ("GET", "2015-03-31/event-source-mappings", "ListEventSourceMappings"),
    ("GET", "2015-03-31/event-source-mappings/*", "GetEventSourceMapping"),
    ("PUT", "2015-03-31/event-source-mappings/*", "UpdateEventSourceMapping"),
    ("DELETE", "2015-03-31/event-source-mappings/*", "DeleteEventSourceMapping"),
    ("POST", "2021-10-31/functions/*/url", "CreateFunctionUrlConfig"),
    ("GET", "2021-10-31/functions/*/url", "GetFunctionUrlConfig"),
    ("PUT", "2021-10-31/functions/*/url", "UpdateFunctionUrlConfig"),
    ("DELETE", "2021-10-31/functions/*/url", "DeleteFunctionUrlConfig"),
    ("GET", "2021-10-31/functions/*/urls", "ListFunctionUrlConfigs"),
    ("GET", "2019-09-30/functions/*/provisioned-concurrency", "GetProvisionedConcurrencyConfig"),
    ("PUT", "2019-09-30/functions/*/provisioned-concurrency", "PutProvisionedConcurrencyConfig"),
    ("DELETE", "2019-09-30/functions/*/provisioned-concurrency", "DeleteProvisionedConcurrencyConfig"),
    ("POST", "2020-04-22/code-signing-configs", "CreateCodeSigningConfig"),
    ("GET", "2020-04-22/code-signing-configs", "ListCodeSigningConfigs"),
    ("GET", "2020-04-22/code-signing-configs/*", "GetCodeSigningConfig"),
    ("PUT", "2020-04-22/code-signing-configs/*", "UpdateCodeSigningConfig"),
    ("DELETE", "2020-04-22/code-signing-configs/*", "DeleteCodeSigningConfig"),
    ("GET", "2020-04-22/code-signing-configs/*/functions", "ListFunctionsByCodeSigningConfig"),
    ("GET", "2020-06-30/functions/*/code-signing-config", "GetFunctionCodeSigningConfig"),
    ("PUT", "2020-06-30/functions/*/code-signing-config", "PutFunctionCodeSigningConfig"),
    ("DELETE", "2020-06-30/functions/*/code-signing-config", "DeleteFunctionCodeSigningConfig"),
    ("GET", "2021-07-20/functions/*/runtime-management-config", "GetRuntimeManagementConfig"),
    ("PUT", "2021-07-20/functions/*/runtime-management-config", "PutRuntimeManagementConfig"),
    ("GET", "2024-08-31/functions/*/recursion-config", "GetFunctionRecursionConfig"),
    ("PUT", "2024-08-31/functions/*/recursion-config", "PutFunctionRecursionConfig"),
    ("GET", "2025-11-30/functions/*/function-scaling-config", "GetFunctionScalingConfig"),
    ("PUT", "2025-11-30/functions/*/function-scaling-config", "PutFunctionScalingConfig"),
    ("POST", "2025-11-30/capacity-providers", "CreateCapacityProvider"),
    ("GET", "2025-11-30/capacity-providers", "ListCapacityProviders"),
    ("GET", "2025-11-30/capacity-providers/*", "GetCapacityProvider"),
    ("PUT", "2025-11-30/capacity-providers/*", "UpdateCapacityProvider"),
    ("DELETE", "2025-11-30/capacity-providers/*", "DeleteCapacityProvider"),
    ("GET", "2025-11-30/capacity-providers/*/function-versions", "ListFunctionVersionsByCapacityProvider"),
    ("GET", "2025-12-01/durable-executions/*", "GetDurableExecution"),
    ("GET", "2025-12-01/durable-executions/*/history", "GetDurableExecutionHistory"),
    ("GET", "2025-12-01/durable-executions/*/state", "GetDurableExecutionState"),
    ("POST", "2025-12-01/durable-executions/*/checkpoint", "CheckpointDurableExecution"),
    ("POST", "2025-12-01/durable-executions/*/stop", "StopDurableExecution"),
    ("GET", "sidegate/functions/*/archive", "FetchFunctionArchive"),
    ("GET", "sidegate/layers/*/versions/*/archive", "FetchLayerArchive"),
    ("GET", "2025-12-01/functions/*/durable-executions", "ListDurableExecutionsByFunction"),
    ("POST", "2025-12-01/durable-execution-callbacks/*/fail", "SendDurableExecutionCallbackFailure"),
    ("POST", "2025-12-01/durable-execution-callbacks/*/heartbeat", "SendDurableExecutionCallbackHeartbeat"),
    ("POST", "2025-12-01/durable-execution-callbacks/*/succeed", "SendDurableExecutionCallbackSuccess"),
];

/// Two operations that a parameter of the query tells from another one with the same path.
const BY_QUERY: [(&str, &str, &str); 2] = [
    ("ListLayers", "find=LayerVersion", "GetLayerVersionByArn"),
    ("GetProvisionedConcurrencyConfig", "List=ALL", "ListProvisionedConcurrencyConfigs"),
];

impl Route {
    /// The operation of a request, if it is one.
    pub(super) fn of(method: &Method, path: &str, query: &str) -> Option<Self> {
        let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        let (operation, parameters) = OPERATIONS.iter().find_map(|(own, pattern, name)| {
            (method.as_str() == *own).then_some(())?;
            Some((*name, parameters(pattern, &segments)?))
        })?;
        let has = |part: &str| query.split('&').any(|own| own == part);
        let other = BY_QUERY.iter().find(|(name, part, _)| *name == operation && has(part));
        Some(Self { operation: other.map_or(operation, |(_, _, name)| name), parameters })
    }
}

fn parameters(pattern: &str, segments: &[&str]) -> Option<Vec<String>> {
    let pattern: Vec<&str> = pattern.split('/').collect();
    if pattern.len() != segments.len() {
        return None;
    }
    let mut parameters = Vec::new();
    for (own, segment) in pattern.into_iter().zip(segments) {
        match own {
            "*" => parameters.push(percent_decode_str(segment).decode_utf8().ok()?.into_owned()),
            own if own == *segment => {}
            _ => return None,
        }
    }
    Some(parameters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operation_is_known_by_its_method_and_path() {
        let told = |method: Method, path: &str, query: &str| {
            let route = Route::of(&method, path, query)?;
            Some((route.operation, route.parameters.join(" ")))
        };
        let arn = "arn:aws:lambda:us-east-1:111122223333:function:f";
        let escaped = arn.replace(':', "%3A");
        assert_eq!(told(Method::POST, "/2015-03-31/functions", ""), Some(("CreateFunction", String::new())));
        assert_eq!(told(Method::POST, "/2015-03-31/functions/", ""), Some(("CreateFunction", String::new())));
        let invoke = format!("/2015-03-31/functions/{escaped}/invocations");
        assert_eq!(told(Method::POST, &invoke, "Qualifier=1"), Some(("Invoke", arn.to_owned())));
        let policy = "/2018-10-31/layers/l/versions/3/policy/s";
        assert_eq!(told(Method::DELETE, policy, ""), Some(("RemoveLayerVersionPermission", "l 3 s".to_owned())));
        let layers = told(Method::GET, "/2018-10-31/layers", "find=LayerVersion&Arn=a");
        assert_eq!(layers, Some(("GetLayerVersionByArn", String::new())));
        assert_eq!(told(Method::PATCH, "/2015-03-31/functions", ""), None);
        assert_eq!(told(Method::GET, "/2015-03-31/functions/f/nothing", ""), None);
    }
}
