//! `GetContextKeysForCustomPolicy`, `GetContextKeysForPrincipalPolicy`: what a simulation of policies has to be told.

use std::collections::BTreeSet;
use std::sync::Arc;

use sidegate_wire::aws_query::Content;

use super::action::{Call, Prepared};
use super::fault::Fault;
use super::form::{ARN, DOCUMENT};
use super::simulate::{self, Principal, Source};

/// `GetContextKeysForCustomPolicy`
pub(super) fn custom(call: &Call<'_>) -> Result<Prepared, Fault> {
    let policies = shared(call.form.required_texts("PolicyInputList", &DOCUMENT));
    call.looks_up(call.needs("*"), move |_, _| Ok(keys(&simulate::inputs(&policies)?)))
}

/// `GetContextKeysForPrincipalPolicy`
pub(super) fn principal(call: &Call<'_>) -> Result<Prepared, Fault> {
    let arn = call.form.required("PolicySourceArn", &ARN);
    let policies = shared(call.form.texts("PolicyInputList", &DOCUMENT));
    let requirement = call.needs(simulate::resource(&call.account(), call.account_id(), &arn));
    call.looks_up(requirement, move |account, id| {
        let Principal { policies: mut sources, boundary, .. } = Principal::find(account, id, &arn)?;
        sources.extend(boundary);
        sources.extend(simulate::inputs(&policies)?);
        Ok(keys(&sources))
    })
}

fn shared(texts: Vec<String>) -> Vec<Arc<str>> {
    texts.into_iter().map(Arc::from).collect()
}

/// The keys, each as it is written and once.
fn keys(sources: &[Source]) -> Content {
    let mut seen = BTreeSet::new();
    let keys = sources.iter().flat_map(|source| source.policy.context_keys());
    let keys: Vec<_> = keys.filter(|key| seen.insert(*key)).collect();
    let mut content = Content::default();
    content.texts("ContextKeyNames", keys);
    content
}
