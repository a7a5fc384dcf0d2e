//! Key pairs: CreateKeyPair, ImportKeyPair, DeleteKeyPair, DescribeKeyPairs. The keys themselves are in
//! `key_pair/material.rs`.

// coverage: ec2:CreateKeyPair, ec2:ImportKeyPair: keys are shown and told to instances, which have no SSH

mod material;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sidegate_model::{KeyPair, KeyPairId, KeyType, NewKeyPair, Scope, World};
use sidegate_wire::ec2::{self, Timestamp};
use sidegate_wire::protocol::Failure;

use self::material::{Generated, PublicKey};
use super::action::{Action, Call};
use super::filter::{Filters, one, tag_values};
use super::ids::{arn, chosen, id, ids, required};
use super::parameter::absent;
use super::{fault, refused, tag, tagged};

const FILTERS: &[&str] = &["fingerprint", "key-name", "key-pair-id", "tag-key", "tag:"];

fn named(name: Option<&str>) -> Result<&str, Failure> {
    let name = required(name, "KeyName")?;
    if name.trim().is_empty() {
        return Err(refused("InvalidParameterValue", "Invalid value '' for keyPairNames. It should not be blank"));
    }
    Ok(name)
}

impl Action for ec2::CreateKeyPairRequest {
    type Answer = ec2::KeyPair;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "key-pair", self.key_name.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::KeyPair, Failure> {
        let name = named(self.key_name.as_deref())?.to_owned();
        let kind = match self.key_type.as_deref() {
            None | Some("rsa") => KeyType::Rsa,
            Some("ed25519") => KeyType::Ed25519,
            Some(other) => return Err(invalid("KeyType", other)),
        };
        match self.key_format.as_deref() {
            None | Some("pem") => {}
            Some("ppk") => return Err(absent("KeyFormat ppk", "PuTTYgen makes a .ppk file of a .pem file")),
            Some(other) => return Err(invalid("KeyFormat", other)),
        }
        let tags = tagged::specified(&self.tag_specifications, "key-pair", &[])?;
        // Before the key is made, which takes a moment.
        if call.world().key_pair_named(call.scope(), &name).is_ok() {
            let message = format!("The keypair '{name}' already exists.");
            return Err(refused("InvalidKeyPair.Duplicate", message));
        }
        let made = tokio::task::spawn_blocking(move || material::generate(kind)).await.ok().flatten();
        let Some(Generated { public, fingerprint, private }) = made else {
            return Err(refused("InternalError", "No key could be made"));
        };
        let shown = call.change(move |world, context| {
            let public_key = public.open_ssh(&name);
            let id = world.add_key_pair(context, NewKeyPair { name, kind, fingerprint, public_key })?;
            tag::put(world, context, id.as_str(), &tags)?;
            let pair = world.key_pair(&context.scope, &id)?;
            Ok(ec2::KeyPair {
                key_pair_id: Some(id.to_string()),
                tags: tagged::shown(world, id.as_str()),
                key_name: Some(pair.name.clone()),
                key_fingerprint: Some(pair.fingerprint.clone()),
                key_material: None,
            })
        });
        Ok(ec2::KeyPair { key_material: Some(private), ..shown.await? })
    }
}

impl Action for ec2::ImportKeyPairRequest {
    type Answer = ec2::ImportKeyPairResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        vec![arn(scope, "key-pair", self.key_name.as_deref().unwrap_or("*"))]
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::ImportKeyPairResult, Failure> {
        let name = named(self.key_name.as_deref())?.to_owned();
        let text = required(self.public_key_material.as_deref(), "PublicKeyMaterial")?;
        let compact: String = text.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        let bytes = STANDARD.decode(compact).map_err(|_| malformed())?;
        let key = PublicKey::parse(&bytes).ok_or_else(malformed)?;
        let tags = tagged::specified(&self.tag_specifications, "key-pair", &[])?;
        let made = call.change(move |world, context| {
            let (kind, fingerprint, public_key) = (key.kind(), key.fingerprint(), key.open_ssh(&name));
            let id = world.add_key_pair(context, NewKeyPair { name, kind, fingerprint, public_key })?;
            tag::put(world, context, id.as_str(), &tags)?;
            let pair = world.key_pair(&context.scope, &id)?;
            Ok(ec2::ImportKeyPairResult {
                key_fingerprint: Some(pair.fingerprint.clone()),
                key_name: Some(pair.name.clone()),
                key_pair_id: Some(id.to_string()),
                tags: tagged::shown(world, id.as_str()),
            })
        });
        made.await
    }
}

fn malformed() -> Failure {
    refused("InvalidKeyPair.Format", "Key is not in valid OpenSSH public key format")
}

fn invalid(parameter: &str, value: &str) -> Failure {
    refused("InvalidParameterValue", format!("Value ({value}) for parameter {parameter} is invalid."))
}

impl Action for ec2::DeleteKeyPairRequest {
    type Answer = ec2::DeleteKeyPairResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    fn resources(&self, scope: &Scope) -> Vec<String> {
        let named = self.key_name.as_deref().or(self.key_pair_id.as_deref());
        vec![arn(scope, "key-pair", named.unwrap_or("*"))]
    }

    /// What is not there is deleted already.
    async fn act(self, call: &Call<'_>) -> Result<ec2::DeleteKeyPairResult, Failure> {
        let (name, key_id) = (self.key_name, self.key_pair_id);
        if name.is_none() && key_id.is_none() {
            return Err(refused("MissingParameter", "The request must contain the parameter keyName or keyPairId"));
        }
        let key_id = key_id.as_deref().map(id::<KeyPairId>).transpose()?;
        let gone = call.change(move |world, context| {
            let found = match (&key_id, &name) {
                (Some(id), _) => world.key_pair(&context.scope, id),
                (None, name) => world.key_pair_named(&context.scope, name.as_deref().unwrap_or_default()),
            };
            let Ok(found) = found.map(|pair| pair.id.clone()) else { return Ok(None) };
            world.delete_key_pair(context, &found)?;
            Ok(Some(found.to_string()))
        });
        Ok(ec2::DeleteKeyPairResult { r#return: Some(true), key_pair_id: gone.await? })
    }
}

impl Action for ec2::DescribeKeyPairsRequest {
    type Answer = ec2::DescribeKeyPairsResult;

    fn dry_run(&self) -> Option<bool> {
        self.dry_run
    }

    async fn act(self, call: &Call<'_>) -> Result<ec2::DescribeKeyPairsResult, Failure> {
        let filters = Filters::read(&self.filters, FILTERS)?;
        let (world, scope) = (call.world(), call.scope());
        for name in &self.key_names {
            world.key_pair_named(scope, name).map_err(|error| fault::of(&error))?;
        }
        let named: Vec<KeyPairId> = ids(&self.key_pair_ids)?;
        let mut pairs = chosen(&world.key_pairs, &named, |pair| pair.scope == *scope, KeyPairId::not_found)?;
        pairs.retain(|pair| {
            (self.key_names.is_empty() || self.key_names.contains(&pair.name))
                && filters.pass(|filter| values(&world, pair, filter))
        });
        let with_key = self.include_public_key == Some(true);
        Ok(ec2::DescribeKeyPairsResult {
            key_pairs: pairs.into_iter().map(|pair| shown(&world, pair, with_key)).collect(),
        })
    }
}

fn values<'w>(world: &'w World, pair: &'w KeyPair, filter: &str) -> Vec<Cow<'w, str>> {
    match filter {
        "fingerprint" => one(pair.fingerprint.as_str()),
        "key-name" => one(pair.name.as_str()),
        "key-pair-id" => one(pair.id.as_str()),
        _ => tag_values(world, pair.id.as_str(), filter).unwrap_or_default(),
    }
}

fn shown(world: &World, pair: &KeyPair, with_key: bool) -> ec2::KeyPairInfo {
    ec2::KeyPairInfo {
        key_pair_id: Some(pair.id.to_string()),
        key_type: Some(pair.kind.as_str().to_owned()),
        tags: tagged::shown(world, pair.id.as_str()),
        public_key: with_key.then(|| pair.public_key.clone()),
        create_time: Some(Timestamp::from_unix_millis(pair.created)),
        key_name: Some(pair.name.clone()),
        key_fingerprint: Some(pair.fingerprint.clone()),
    }
}
