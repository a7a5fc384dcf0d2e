//! SAML providers, which are kept and not spoken to.

use serde::{Deserialize, Serialize};
use sidegate_wire::aws_query::Content;

use super::action::{Call, Prepared};
use super::fault::Fault;
use super::form::{ARN, Text};
use super::random;
use super::state::Row;
use super::tags::{self, Tagged, Tags};
use super::text::date;

const NAME: Text =
    Text::new(1, 128, r"[\w._-]+", |text| text.bytes().all(|c| c.is_ascii_alphanumeric() || b"._-".contains(&c)));
const METADATA: Text = Text::length(1000, 10_000_000);

/// The most providers of an account.
const MOST: usize = 100;

/// How long a provider's metadata is valid: AWS gives a hundred years where the document does not say.
const VALID: i64 = 100 * 365 * 86_400_000;

/// A SAML provider. Its ARN is its key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct SamlProvider {
    id: String,
    metadata: String,
    created: i64,
    encryption: String,
    pub(super) tags: Tags,
}

impl Row for SamlProvider {
    const KIND: &'static str = "saml-provider";
}

pub(super) fn no_saml_provider(arn: &str) -> Fault {
    Fault::NoSuchEntity(format!("Manifest not found for arn {arn}"))
}

const MODES: &[&str] = &["Required", "Allowed"];

/// `CreateSAMLProvider`
pub(super) fn create(call: &Call<'_>) -> Result<Prepared, Fault> {
    let metadata = call.form.required("SAMLMetadataDocument", &METADATA);
    let name = call.form.required("Name", &NAME);
    let given = call.form.tags();
    let encryption = call.form.choice("AssertionEncryptionMode", MODES).unwrap_or("Allowed").to_owned();
    call.form.sound()?;
    let tags = Tagged::Saml.checked(&given)?;
    let arn = format!("arn:aws:iam::{}:saml-provider/{name}", call.account_id());
    let requirements = call.needs_with_tags(arn.clone(), "TagSAMLProvider", &given);
    Ok(Prepared::new(requirements, move |turn| {
        let provider = SamlProvider { id: random::unique_id("SAMLP")?, metadata, created: turn.now, encryption, tags };
        turn.write(|account| {
            if account.saml.contains(&arn) {
                return Err(Fault::EntityAlreadyExists(format!("SAMLProvider with name {name} already exists.")));
            }
            if account.saml.len() >= MOST {
                return Err(Fault::quota("SAMLProvidersPerAccount", MOST));
            }
            account.saml.insert(arn.clone(), provider.clone());
            Ok(())
        })?;
        let mut content = Content::default();
        content.text("SAMLProviderArn", &arn);
        tags::render_some(&mut content, &provider.tags);
        Ok(Some(content))
    }))
}

/// `GetSAMLProvider`
pub(super) fn get(call: &Call<'_>) -> Result<Prepared, Fault> {
    let arn = call.form.required("SAMLProviderArn", &ARN);
    call.looks_up(call.needs(&arn), move |account, _| {
        let provider = account.saml.get(&arn).ok_or_else(|| no_saml_provider(&arn))?;
        let mut content = Content::default();
        content
            .text("SAMLProviderUUID", &provider.id)
            .text("SAMLMetadataDocument", &provider.metadata)
            .text("CreateDate", date(provider.created))
            .text("ValidUntil", date(provider.created + VALID))
            .text("AssertionEncryptionMode", &provider.encryption)
            .texts("PrivateKeyList", Vec::<String>::new());
        tags::render(&mut content, &provider.tags);
        Ok(content)
    })
}

/// `ListSAMLProviders`
pub(super) fn list(call: &Call<'_>) -> Result<Prepared, Fault> {
    let resource = format!("arn:aws:iam::{}:saml-provider/*", call.account_id());
    call.looks_up(call.needs(resource), |account, _| {
        let mut content = Content::default();
        content.list("SAMLProviderList", account.saml.iter(), |member, (arn, provider)| {
            member
                .text("Arn", arn)
                .text("ValidUntil", date(provider.created + VALID))
                .text("CreateDate", date(provider.created));
        });
        Ok(content)
    })
}

/// `UpdateSAMLProvider`
pub(super) fn update(call: &Call<'_>) -> Result<Prepared, Fault> {
    let arn = call.form.required("SAMLProviderArn", &ARN);
    let metadata = call.form.text("SAMLMetadataDocument", &METADATA);
    let encryption = call.form.choice("AssertionEncryptionMode", MODES);
    call.form.sound()?;
    let requirements = vec![call.needs(&arn)];
    Ok(Prepared::new(requirements, move |turn| {
        turn.write(|account| {
            let provider = account.saml.edit(&arn).ok_or_else(|| no_saml_provider(&arn))?;
            if let Some(metadata) = &metadata {
                provider.metadata.clone_from(metadata);
            }
            if let Some(encryption) = encryption {
                encryption.clone_into(&mut provider.encryption);
            }
            Ok(())
        })?;
        let mut content = Content::default();
        content.text("SAMLProviderArn", &arn);
        Ok(Some(content))
    }))
}

/// `DeleteSAMLProvider`
pub(super) fn delete(call: &Call<'_>) -> Result<Prepared, Fault> {
    let arn = call.form.required("SAMLProviderArn", &ARN);
    call.frees(call.needs(&arn), move |account| {
        account.saml.remove(&arn).map(drop).ok_or_else(|| no_saml_provider(&arn))
    })
}
