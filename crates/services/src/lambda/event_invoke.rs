//! How asynchronous invocations are handled: `PutFunctionEventInvokeConfig`, `UpdateFunctionEventInvokeConfig`,
//! `GetFunctionEventInvokeConfig`, `DeleteFunctionEventInvokeConfig` and `ListFunctionEventInvokeConfigs`.

use http::{Method, Request, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use sidegate_iam::Requirement;

use super::fault::Fault;
use super::function::EventInvoke;
use super::name::{Named, Qualifier};
use super::operation::{Answer, Call, listed, present, present_version, requirement};
use super::settings::patterns;
use crate::constraint::{length, within};
use crate::parcel::service_of;

/// How often a failed event is tried again, and for how long, where nothing is said.
///
/// Source: Lambda developer guide, "How Lambda handles errors and retries with asynchronous invocation".
pub(super) const RETRIES: u32 = 2;
pub(super) const AGE: u32 = 21_600;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    maximum_retry_attempts: Option<i64>,
    maximum_event_age_in_seconds: Option<i64>,
    destination_config: Option<Destinations>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Destinations {
    on_success: Option<Destination>,
    on_failure: Option<Destination>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Destination {
    destination: Option<String>,
}

impl Input {
    fn check(&self) -> Result<(), Fault> {
        self.maximum_retry_attempts.map(|number| within("maximumRetryAttempts", number, 0, 2)).transpose()?;
        let age = self.maximum_event_age_in_seconds;
        age.map(|seconds| within("maximumEventAgeInSeconds", seconds, 60, 21_600)).transpose()?;
        if self.maximum_retry_attempts.is_none() && age.is_none() && self.destination_config.is_none() {
            return Err(Fault::invalid("You must specify at least one of error handling or destination setting."));
        }
        let (success, failure) = self.destinations();
        for (member, arn) in
            [("destinationConfig.onSuccess.destination", success), ("destinationConfig.onFailure.destination", failure)]
        {
            if let Some(arn) = arn {
                length(member, arn, 0, 350)?;
                patterns::destination(member, arn)?;
            }
        }
        let is_one = |arn: &str| matches!(service_of(arn), "sqs" | "sns" | "lambda" | "events");
        if success.is_none_or(is_one) && failure.is_none_or(|arn| is_one(arn) || service_of(arn) == "s3") {
            return Ok(());
        }
        let told = |name: &str, arn: Option<&str>| match arn {
            Some(arn) => format!("{name}(destination={arn})"),
            None => "null".to_owned(),
        };
        Err(Fault::invalid(format!(
            "The provided destination config DestinationConfig(onSuccess={}, onFailure={}) is invalid.",
            told("OnSuccess", success),
            told("OnFailure", failure)
        )))
    }

    fn destinations(&self) -> (Option<&str>, Option<&str>) {
        let config = self.destination_config.as_ref();
        let success = config.and_then(|config| config.on_success.as_ref()?.destination.as_deref());
        let failure = config.and_then(|config| config.on_failure.as_ref()?.destination.as_deref());
        (success.filter(|arn| !arn.is_empty()), failure.filter(|arn| !arn.is_empty()))
    }

    /// With what is given. An update keeps what it does not speak of.
    fn applied_to(&self, kept: EventInvoke, now: i64) -> EventInvoke {
        let number = |given: Option<i64>| given.and_then(|number| u32::try_from(number).ok());
        let (success, failure) = self.destinations();
        let speaks = |of: fn(&Destinations) -> bool| self.destination_config.as_ref().is_some_and(of);
        let on_success = match success {
            None if !speaks(|config| config.on_success.is_some()) => kept.on_success,
            given => given.map(str::to_owned),
        };
        let on_failure = match failure {
            None if !speaks(|config| config.on_failure.is_some()) => kept.on_failure,
            given => given.map(str::to_owned),
        };
        EventInvoke {
            retries: number(self.maximum_retry_attempts).or(kept.retries),
            age: number(self.maximum_event_age_in_seconds).or(kept.age),
            on_success,
            on_failure,
            modified: now,
        }
    }
}

/// Refuses a destination that is not there, or to which the execution role may not send. Whether queues, topics and buses are
/// there is not known here.
///
/// Source: what users were told, and LocalStack's tests that run against AWS.
async fn check_destination(call: &Call<'_>, named: &Named, role: &str, arn: &str) -> Result<(), Fault> {
    let environments = call.lambda.environments();
    let not_there = || Fault::invalid(format!("The destination ARN {arn} is invalid."));
    let (action, needed) = match service_of(arn) {
        "lambda" => {
            let target = Named::parse(call.caller, arn).map_err(|_| not_there())?;
            let there = call.store().function(&target.place);
            present_version(&target, there.as_deref()).map_err(|_| not_there())?;
            if target.place == named.place {
                return Err(Fault::invalid("You can't specify the function as a destination for itself."));
            }
            ("InvokeFunction", requirement("Invoke", &target, there.as_deref()))
        }
        "s3" => {
            let bucket = arn.rsplit(':').next().unwrap_or_default();
            let request = Request::builder()
                .method(Method::HEAD)
                .uri(format!("/{bucket}"))
                .header("host", format!("s3.{}.amazonaws.com", named.place.scope.region))
                .body(Vec::new())
                .map_err(|_| not_there())?;
            let answer = environments.call(&named.place.scope, role, "s3", request).await;
            if answer.is_some_and(|answer| answer.status() == StatusCode::NOT_FOUND) {
                return Err(not_there());
            }
            ("PutObject", Requirement::new("s3:PutObject", format!("{arn}/aws/lambda/async/{}/*", named.place.name)))
        }
        "sqs" => ("SendMessage", Requirement::new("sqs:SendMessage", arn)),
        "sns" => ("Publish", Requirement::new("sns:Publish", arn)),
        _ => ("PutEvents", Requirement::new("events:PutEvents", arn)),
    };
    if environments.may(&named.place.scope, role, &needed).await {
        return Ok(());
    }
    Err(Fault::invalid(format!("The function's execution role does not have permissions to call {action} on {arn}")))
}

impl EventInvoke {
    fn document(&self, named: &Named) -> Value {
        let arn = match &named.qualifier {
            Some(qualifier) => named.place.qualified_arn(&qualifier.to_string()),
            None => named.place.qualified_arn("$LATEST"),
        };
        let destination = |arn: &Option<String>| match arn {
            Some(arn) => json!({"Destination": arn}),
            None => json!({}),
        };
        let mut document = json!({
            "LastModified": crate::asked::seconds(self.modified),
            "FunctionArn": arn,
            "DestinationConfig": {
                "OnSuccess": destination(&self.on_success),
                "OnFailure": destination(&self.on_failure),
            },
        });
        if let Some(document) = document.as_object_mut() {
            let numbers = [("MaximumRetryAttempts", self.retries), ("MaximumEventAgeInSeconds", self.age)];
            for (name, number) in numbers {
                if let Some(number) = number {
                    document.insert(name.to_owned(), number.into());
                }
            }
        }
        document
    }
}

/// Under which qualifier it is kept: the function as a whole is its unpublished version.
pub(super) fn key_of(qualifier: Option<&Qualifier>) -> String {
    qualifier.map_or_else(|| "$LATEST".to_owned(), ToString::to_string)
}

fn no_config(named: &Named) -> Fault {
    let arn = named.place.qualified_arn(&key_of(named.qualifier.as_ref()));
    Fault::not_found(format!("The function {arn} doesn't have an EventInvokeConfig"))
}

async fn put(call: &Call<'_>, keeps: bool) -> Result<Answer, Fault> {
    let input: Input = call.document()?;
    let named = call.named()?;
    input.check()?;
    let function = call.store().function(&named.place);
    let allowed = call.authorize(&[call.requirement(call.operation, &named, function.as_deref())])?;
    let role = present_version(&named, function.as_deref())?.role.as_str();
    let (success, failure) = input.destinations();
    for arn in success.into_iter().chain(failure) {
        check_destination(call, &named, role, arn).await?;
    }
    let (own, now) = (named.clone(), call.caller.now);
    let kept = call
        .store()
        .change_function(&allowed, &named.place, move |function| {
            let mut function = present(&own, function.as_ref())?.clone();
            present_version(&own, Some(&function))?;
            let key = key_of(own.qualifier.as_ref());
            let before = function.head.event_invoke.get(&key).cloned();
            let before = match before {
                None if keeps => return Err(no_config(&own)),
                Some(before) if keeps => before,
                _ => EventInvoke::default(),
            };
            let config = input.applied_to(before, now);
            function.head.event_invoke.insert(key, config.clone());
            Ok((Some(function), config))
        })
        .await?;
    Answer::ok(&kept.document(&named))
}

/// `PutFunctionEventInvokeConfig`
pub(super) async fn put_event_invoke_config(call: &Call<'_>) -> Result<Answer, Fault> {
    put(call, false).await
}

/// `UpdateFunctionEventInvokeConfig`
pub(super) async fn update_event_invoke_config(call: &Call<'_>) -> Result<Answer, Fault> {
    put(call, true).await
}

/// `GetFunctionEventInvokeConfig`
pub(super) fn get_event_invoke_config(call: &Call<'_>) -> Result<Answer, Fault> {
    let named = call.named()?;
    let function = call.store().function(&named.place);
    call.authorize(&[call.requirement(call.operation, &named, function.as_deref())])?;
    present_version(&named, function.as_deref())?;
    let key = key_of(named.qualifier.as_ref());
    let config = function.as_ref().and_then(|function| function.head.event_invoke.get(&key));
    Answer::ok(&config.ok_or_else(|| no_config(&named))?.document(&named))
}

/// `DeleteFunctionEventInvokeConfig`
pub(super) async fn delete_event_invoke_config(call: &Call<'_>) -> Result<Answer, Fault> {
    let named = call.named()?;
    let function = call.store().function(&named.place);
    let allowed = call.authorize(&[call.requirement(call.operation, &named, function.as_deref())])?;
    let own = named.clone();
    call.store()
        .change_function(&allowed, &named.place, move |function| {
            let mut function = present(&own, function.as_ref())?.clone();
            let removed = function.head.event_invoke.remove(&key_of(own.qualifier.as_ref()));
            removed.ok_or_else(|| no_config(&own))?;
            Ok((Some(function), ()))
        })
        .await?;
    Ok(Answer::nothing())
}

/// `ListFunctionEventInvokeConfigs`
pub(super) fn list_event_invoke_configs(call: &Call<'_>) -> Result<Answer, Fault> {
    let place = call.place()?;
    let function = call.store().function(&place);
    call.authorize(&[call.whole_requirement(&place, function.as_deref())])?;
    let named = Named { place: place.clone(), qualifier: None };
    let configs = &present(&named, function.as_deref())?.head.event_invoke;
    let mut items = Vec::new();
    for (key, config) in configs {
        let qualifier = Some(Qualifier::parse("qualifier", key)?);
        items.push((key.clone(), config.document(&Named { place: place.clone(), qualifier })));
    }
    let (page, marker) = call.page(items, 50)?;
    Answer::ok(&listed("FunctionEventInvokeConfigs", page, marker))
}
