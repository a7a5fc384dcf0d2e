//! OpenID Connect providers, which are kept and not spoken to.

use serde::{Deserialize, Serialize};
use sidegate_wire::aws_query::Content;

use super::action::{Call, Prepared};
use super::fault::Fault;
use super::form::{ARN, Text};
use super::state::{Account, Row};
use super::tags::{self, Tagged, Tags};
use super::text::date;

const URL: Text = Text::length(1, 255);
const CLIENT: Text = Text::length(1, 255);
const THUMBPRINT: Text = Text::length(40, 40);

/// The most clients of a provider.
const MOST_CLIENTS: usize = 100;

/// The most thumbprints of a provider.
const MOST_THUMBPRINTS: usize = 5;

/// The most providers of an account.
const MOST: usize = 100;

/// An OpenID Connect provider. Its ARN is its key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct OidcProvider {
    /// Without the scheme.
    url: String,
    clients: Vec<String>,
    thumbprints: Vec<String>,
    created: i64,
    pub(super) tags: Tags,
}

impl Row for OidcProvider {
    const KIND: &'static str = "oidc-provider";
}

pub(super) fn no_oidc_provider(arn: &str) -> Fault {
    Fault::NoSuchEntity(format!("OpenIDConnect Provider not found for arn {arn}"))
}

fn provider_mut<'a>(account: &'a mut Account, arn: &str) -> Result<&'a mut OidcProvider, Fault> {
    account.oidc.edit(arn).ok_or_else(|| no_oidc_provider(arn))
}

fn check_thumbprints(thumbprints: &[String]) -> Result<(), Fault> {
    if thumbprints.len() > MOST_THUMBPRINTS {
        return Err(Fault::InvalidInput("Thumbprint list must contain fewer than 5 entries.".to_owned()));
    }
    Ok(())
}

fn check_clients(clients: &[String]) -> Result<(), Fault> {
    if clients.len() > MOST_CLIENTS {
        return Err(Fault::quota("ClientIdsPerOpenIdConnectProvider", MOST_CLIENTS));
    }
    Ok(())
}

/// `CreateOpenIDConnectProvider`
pub(super) fn create(call: &Call<'_>) -> Result<Prepared, Fault> {
    let clients = call.form.texts("ClientIDList", &CLIENT);
    let thumbprints = call.form.texts("ThumbprintList", &THUMBPRINT);
    let url = call.form.required("Url", &URL);
    let given = call.form.tags();
    call.form.sound()?;
    let host = url.strip_prefix("https://").map(|rest| rest.trim_end_matches('/').to_owned());
    let host = host.filter(|host| !host.is_empty() && !host.contains(['?', '#', ' ']));
    let host = host.ok_or_else(|| Fault::Validation("Invalid Open ID Connect Provider URL".to_owned()))?;
    check_thumbprints(&thumbprints)?;
    check_clients(&clients)?;
    let tags = Tagged::Oidc.checked(&given)?;
    let arn = format!("arn:aws:iam::{}:oidc-provider/{host}", call.account_id());
    let requirements = call.needs_with_tags(arn.clone(), "TagOpenIDConnectProvider", &given);
    Ok(Prepared::new(requirements, move |turn| {
        let provider = OidcProvider { url: host, clients, thumbprints, created: turn.now, tags };
        turn.write(|account| {
            if account.oidc.contains(&arn) {
                return Err(Fault::EntityAlreadyExists(format!("Provider with url {url} already exists.")));
            }
            if account.oidc.len() >= MOST {
                return Err(Fault::quota("OpenIdConnectProvidersPerAccount", MOST));
            }
            account.oidc.insert(arn.clone(), provider.clone());
            Ok(())
        })?;
        let mut content = Content::default();
        content.text("OpenIDConnectProviderArn", &arn);
        tags::render_some(&mut content, &provider.tags);
        Ok(Some(content))
    }))
}

/// `GetOpenIDConnectProvider`
pub(super) fn get(call: &Call<'_>) -> Result<Prepared, Fault> {
    let arn = call.form.required("OpenIDConnectProviderArn", &ARN);
    call.looks_up(call.needs(&arn), move |account, _| {
        let provider = account.oidc.get(&arn).ok_or_else(|| no_oidc_provider(&arn))?;
        let mut content = Content::default();
        content
            .text("Url", &provider.url)
            .texts("ClientIDList", &provider.clients)
            .texts("ThumbprintList", &provider.thumbprints)
            .text("CreateDate", date(provider.created));
        tags::render(&mut content, &provider.tags);
        Ok(content)
    })
}

/// `ListOpenIDConnectProviders`
pub(super) fn list(call: &Call<'_>) -> Result<Prepared, Fault> {
    let resource = format!("arn:aws:iam::{}:oidc-provider/*", call.account_id());
    call.looks_up(call.needs(resource), |account, _| {
        let mut content = Content::default();
        content.list("OpenIDConnectProviderList", account.oidc.iter(), |member, (arn, _)| {
            member.text("Arn", arn);
        });
        Ok(content)
    })
}

/// `UpdateOpenIDConnectProviderThumbprint`
pub(super) fn update_thumbprint(call: &Call<'_>) -> Result<Prepared, Fault> {
    let arn = call.form.required("OpenIDConnectProviderArn", &ARN);
    let thumbprints = call.form.texts("ThumbprintList", &THUMBPRINT);
    call.form.sound()?;
    check_thumbprints(&thumbprints)?;
    call.changes(call.needs(&arn), move |account| {
        provider_mut(account, &arn)?.thumbprints.clone_from(&thumbprints);
        Ok(())
    })
}

/// `AddClientIDToOpenIDConnectProvider`, which may be repeated.
pub(super) fn add_client(call: &Call<'_>) -> Result<Prepared, Fault> {
    let arn = call.form.required("OpenIDConnectProviderArn", &ARN);
    let client = call.form.required("ClientID", &CLIENT);
    call.changes(call.needs(&arn), move |account| {
        let clients = &mut provider_mut(account, &arn)?.clients;
        if !clients.contains(&client) {
            clients.push(client.clone());
        }
        check_clients(clients)
    })
}

/// `RemoveClientIDFromOpenIDConnectProvider`, which may be repeated.
pub(super) fn remove_client(call: &Call<'_>) -> Result<Prepared, Fault> {
    let arn = call.form.required("OpenIDConnectProviderArn", &ARN);
    let client = call.form.required("ClientID", &CLIENT);
    call.frees(call.needs(&arn), move |account| {
        provider_mut(account, &arn)?.clients.retain(|old| *old != client);
        Ok(())
    })
}

/// `DeleteOpenIDConnectProvider`
pub(super) fn delete(call: &Call<'_>) -> Result<Prepared, Fault> {
    let arn = call.form.required("OpenIDConnectProviderArn", &ARN);
    call.frees(call.needs(&arn), move |account| match account.oidc.remove(&arn) {
        Some(_) => Ok(()),
        None => Err(Fault::NoSuchEntity(format!("OpenId connect Provider {arn} cannot be found."))),
    })
}
