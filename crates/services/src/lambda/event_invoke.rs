//! How asynchronous invocations are handled: `PutFunctionEventInvokeConfig`, `UpdateFunctionEventInvokeConfig`,
//! `GetFunctionEventInvokeConfig`, `DeleteFunctionEventInvokeConfig` and `ListFunctionEventInvokeConfigs`.

use serde::Deserialize;
use serde_json::{Value, json};

use super::fault::Fault;
use super::function::EventInvoke;
use super::name::{Named, Qualifier};
use super::operation::{Answer, Call, listed, present, present_version};
use crate::constraint::{length, within};

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
    fn check(&self, call: &Call<'_>, named: &Named) -> Result<(), Fault> {
        self.maximum_retry_attempts.map(|number| within("maximumRetryAttempts", number, 0, 2)).transpose()?;
        let age = self.maximum_event_age_in_seconds;
        age.map(|seconds| within("maximumEventAgeInSeconds", seconds, 60, 21_600)).transpose()?;
        if self.maximum_retry_attempts.is_none() && age.is_none() && self.destination_config.is_none() {
            return Err(Fault::invalid("You must specify at least one of error handling or destination setting."));
        }
        let (success, failure) = self.destinations();
        for (arn, is_failure) in success.into_iter().map(|arn| (arn, false)).chain(failure.map(|arn| (arn, true))) {
            check_destination(call, named, arn, is_failure)?;
        }
        Ok(())
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

/// Source: API reference, "PutFunctionEventInvokeConfig": the services that a destination may be of.
fn check_destination(call: &Call<'_>, named: &Named, arn: &str, is_failure: bool) -> Result<(), Fault> {
    length("destinationConfig.destination", arn, 0, 350)?;
    let service = arn.split(':').nth(2).unwrap_or_default();
    let is_one = matches!(service, "sqs" | "sns" | "lambda" | "events") || (service == "s3" && is_failure);
    if !arn.starts_with("arn:") || !is_one {
        return Err(Fault::invalid(format!("The provided destination {arn} is not valid.")));
    }
    if service == "lambda" {
        let target = Named::parse(call.caller, arn)?;
        if target.place == named.place {
            return Err(Fault::invalid("You can't specify the function as a destination for itself."));
        }
    }
    Ok(())
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
    input.check(call, &named)?;
    let function = call.store().function(&named.place);
    let allowed = call.authorize(&[call.requirement(call.operation, &named, function.as_deref())])?;
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
