//! `UpdateFunctionCode` and `UpdateFunctionConfiguration`

use serde::Deserialize;

use super::create::{Lookups, check_architectures, check_room, check_unzipped, variables_key};
use super::fault::Fault;
use super::function::{Function, State, Update, Version};
use super::name::{Named, Place, Qualifier};
use super::operation::{Answer, Call, check_revision, present};
use super::settings::Settings;
use super::source::Source;
use crate::random::uuid;

/// The function that is to be changed, which is `$LATEST` of it.
fn changeable(call: &Call<'_>) -> Result<Place, Fault> {
    let named = call.named()?;
    match named.qualifier {
        None | Some(Qualifier::Latest) => Ok(named.place),
        Some(_) => Err(Fault::invalid(
            "The operation changes the unpublished version of a function alone: a published version cannot be changed.",
        )),
    }
}

/// Refuses a change while another one is being carried out.
///
/// Source: Lambda developer guide, "Lambda function states".
fn check_state(place: &Place, version: &Version) -> Result<(), Fault> {
    if version.state == State::Pending {
        return Err(Fault::conflict(
            "The operation cannot be performed at this time. The function is currently in the following state: Pending",
        ));
    }
    if version.update == Update::InProgress {
        return Err(Fault::conflict(format!(
            "The operation cannot be performed at this time. An update is in progress for resource: {}",
            place.function_arn()
        )));
    }
    Ok(())
}

/// Puts a changed version into the place of the unpublished one.
fn replace(function: &mut Function, mut version: Version, now: i64) -> Result<(), Fault> {
    version.modified = now;
    version.revision = uuid()?;
    version.generation = function.head.latest.generation + 1;
    version.state = State::Active;
    version.update = Update::InProgress;
    function.head.latest = version;
    Ok(())
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdateFunctionCode {
    publish: Option<bool>,
    publish_to: Option<String>,
    dry_run: Option<bool>,
    revision_id: Option<String>,
    architectures: Option<Vec<String>>,
}

/// `UpdateFunctionCode`
pub(super) async fn update_function_code(call: &Call<'_>) -> Result<Answer, Fault> {
    let source: Source = call.document()?;
    let input: UpdateFunctionCode = call.document()?;
    let place = changeable(call)?;
    check_architectures(input.architectures.as_deref())?;
    if input.publish_to.is_some() {
        return Err(Fault::Unserved("capacity providers"));
    }
    let source = source.place()?;
    let found = call.store().function(&place);
    let allowed = call.authorize(&[call.whole_requirement(&place, found.as_deref())])?;
    let named = Named { place: place.clone(), qualifier: None };
    let found = present(&named, found.as_deref())?;
    check_state(&place, &found.head.latest)?;
    check_revision(input.revision_id.as_deref(), &found.head.latest.revision)?;
    let (package, _pin) = source.fetch(call).await?;
    let architecture = input.architectures.and_then(|all| all.into_iter().next());
    let changed = move |version: &Version| {
        let mut version = version.clone();
        version.package = package.clone();
        if let Some(architecture) = &architecture {
            version.architecture.clone_from(architecture);
        }
        version
    };
    let trial = changed(&found.head.latest);
    check_room(call, &trial)?;
    check_unzipped(&trial)?;
    if input.dry_run.unwrap_or(false) {
        return Answer::ok(&call.configuration(&place, &trial, false).await);
    }
    let (now, publishes, revision) = (call.caller.now, input.publish.unwrap_or(false), input.revision_id);
    let kept = call
        .store()
        .change_function(&allowed, &place, move |function| {
            let mut function = present(&named, function.as_ref())?.clone();
            check_state(&named.place, &function.head.latest)?;
            check_revision(revision.as_deref(), &function.head.latest.revision)?;
            let version = changed(&function.head.latest);
            replace(&mut function, version, now)?;
            let shown =
                if publishes { super::version::publish(&mut function, None)? } else { function.head.latest.clone() };
            Ok((Some(function), shown))
        })
        .await?;
    call.lambda.prepare(place.clone());
    Answer::ok(&call.configuration(&place, &kept, kept.number.is_some()).await)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UpdateFunctionConfiguration {
    revision_id: Option<String>,
}

/// `UpdateFunctionConfiguration`
pub(super) async fn update_function_configuration(call: &Call<'_>) -> Result<Answer, Fault> {
    let settings: Settings = call.document()?;
    let UpdateFunctionConfiguration { revision_id } = call.document()?;
    let place = changeable(call)?;
    settings.check()?;
    let found = call.store().function(&place);
    let lookups = Lookups::of(call, &settings).await?;
    let change = settings.conditions(call.whole_requirement(&place, found.as_deref()), lookups.network());
    let mut requirements = vec![change];
    requirements.extend(lookups.requirements(call, &place, settings.role.as_deref()));
    let allowed = call.authorize(&requirements)?;
    let named = Named { place: place.clone(), qualifier: None };
    let latest = &present(&named, found.as_deref())?.head.latest;
    check_state(&place, latest)?;
    check_revision(revision_id.as_deref(), &latest.revision)?;

    let mut version = latest.clone();
    settings.apply(&mut version);
    let (_layer_pins, network) = lookups.settle(call, &settings, &mut version).await?;
    version.network = network;
    check_unzipped(&version)?;
    version.key = variables_key(call, &place, &settings, &version, latest.key.clone()).await?;

    // What was looked up rests on this configuration: another change in between is refused, as on AWS.
    let (now, base) = (call.caller.now, latest.generation);
    let kept = call
        .store()
        .change_function(&allowed, &place, move |function| {
            let mut function = present(&named, function.as_ref())?.clone();
            check_state(&named.place, &function.head.latest)?;
            check_revision(revision_id.as_deref(), &function.head.latest.revision)?;
            if function.head.latest.generation != base {
                return Err(Fault::conflict(format!(
                    "The operation cannot be performed at this time. An update is in progress for resource: {}",
                    named.place.function_arn()
                )));
            }
            replace(&mut function, version, now)?;
            let shown = function.head.latest.clone();
            Ok((Some(function), shown))
        })
        .await?;
    call.lambda.prepare(place.clone());
    Answer::ok(&call.configuration(&place, &kept, false).await)
}
