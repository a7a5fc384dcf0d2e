//! KMS that another server answers. What a request requires is found out by the operations of this crate, which see of a
//! key what the server tells of it: its ARN, where an alias or a ciphertext names it, what it is for, its aliases and its
//! tags. What is sent on names the key in place of its alias, so that what is done is done with the key that was decided
//! about.
//!
//! Policies and grants of keys are the server's, and take no part in the decision: policies of identities decide about the
//! keys of the caller's account.

mod known;

use std::fmt;

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value as Json, json};
use sidegate_wire::aws_json;
use sidegate_wire::protocol::JsonVersion;

use super::ciphertext::{self, Ciphertext};
use super::fault::Fault;
use super::id::{KeyId, KeyName, Named, Takes};
use super::store::Store;
use super::{Kms, TARGET, blocking, refused};
use crate::upstream::{Answer, Origin, RemoteCall, Server, Unanswered, members};
use crate::{Authorizer, Body, Caller, Service, whole};
use known::{Described, Known, ListedAliases, ListedTags};

/// The members that name keys.
const NAMING: [&str; 4] = ["KeyId", "TargetKeyId", "SourceKeyId", "DestinationKeyId"];

/// The member that names an alias and not its key.
const ALIAS: &str = "AliasName";

/// The members that are the server's alone: places in lists, and tokens of grants.
const OF_THE_SERVER: [&str; 2] = ["Marker", "GrantTokens"];

/// How long the id of a key is, as a text.
const ID_LENGTH: usize = 36;

/// The KMS of all accounts and Regions, where another server has it.
pub struct Upstream {
    server: Server,
}

impl fmt::Debug for Upstream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upstream").field("server", &self.server).finish()
    }
}

impl Upstream {
    /// Sends requests to this server. No connection is made before there is a request.
    pub fn new(origin: Origin) -> Self {
        Self { server: Server::new(origin, "kms") }
    }

    async fn forward(
        &self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer,
    ) -> Result<Response<Body>, Fault> {
        let (head, body) = request.into_parts();
        let (operation, body) = whole::document(Request::from_parts(head.clone(), body), TARGET).await?;
        let mut sent = members::own("kms", &operation, aws_json::parse(&body)?)?;
        self.name_key(&operation, &mut sent)?;
        let mut judged = sent.clone();
        let known = self.learn(&mut sent, &mut judged, caller).await?;
        if let Some(members) = judged.as_object_mut() {
            OF_THE_SERVER.iter().for_each(|member| drop(members.remove(*member)));
        }
        let store = blocking(move || Store::of(&known.keys, &known.aliases)).await?;
        let judge = Kms { store, decides_only: true };
        let outcome = judge.carry_out(operation.clone(), Bytes::from(judged.to_string()), caller, authorizer).await?;
        let allowed = outcome.allowed().ok_or(Fault::Interrupted)?;
        let target = format!("{TARGET}.{operation}");
        let call = RemoteCall::json(&head.headers, JsonVersion::V1_1, &target, &sent);
        Ok(self.server.pass_on(&allowed, call, caller).await?)
    }

    /// Names the key of a ciphertext that is to be decrypted, where the request leaves that to the ciphertext. The server
    /// then takes no other key for it, whatever the ciphertext really is.
    ///
    /// Source: API reference, "Decrypt" (`KeyId`: if it is another key, `IncorrectKeyException`).
    fn name_key(&self, operation: &str, document: &mut Json) -> Result<(), Fault> {
        let (member, algorithm) = match operation {
            "Decrypt" => ("KeyId", "EncryptionAlgorithm"),
            "ReEncrypt" => ("SourceKeyId", "SourceEncryptionAlgorithm"),
            // Who may is told by the grant.
            "RetireGrant" if document.get("GrantToken").is_some_and(|token| !token.is_null()) => {
                return Err(Fault::Unserved("grant tokens of RetireGrant in front of another server"));
            }
            _ => return Ok(()),
        };
        let is_given = |member: &str| document.get(member).is_some_and(|value| !value.is_null());
        let is_symmetric = !is_given(algorithm) || document.get(algorithm) == Some(&json!("SYMMETRIC_DEFAULT"));
        let text = document.get("CiphertextBlob").and_then(Json::as_str).and_then(|text| STANDARD.decode(text).ok());
        let Some(text) = text.filter(|text| !is_given(member) && is_symmetric && text.len() <= ciphertext::LONGEST)
        else {
            return Ok(());
        };
        let key = self.key_of(&text);
        let none = "ciphertexts in front of another server whose key the request does not name";
        let key = key.ok_or(Fault::Unserved(none))?;
        if let Some(members) = document.as_object_mut() {
            members.insert(member.to_owned(), key.into());
        }
        Ok(())
    }

    /// The key that a ciphertext seems to name: one of Sidegate, or one that begins with the id of its key, as those of
    /// other emulations do.
    fn key_of(&self, text: &[u8]) -> Option<String> {
        if let Some(own) = Ciphertext::parse(text) {
            let region = self.server.region();
            return Some(format!("arn:aws:kms:{region}:{}:key/{}", own.account, own.key));
        }
        let id = std::str::from_utf8(text.get(..ID_LENGTH)?).ok().and_then(KeyId::parse)?;
        Some(id.as_str().to_owned())
    }

    /// Asks the server about the keys that a request names, and names those by their ARNs that it names by an alias.
    async fn learn(&self, sent: &mut Json, judged: &mut Json, caller: &Caller) -> Result<Known, Fault> {
        let place = self.server.place("kms", &caller.scope);
        let mut known = Known::default();
        place.put_here(judged, &NAMING);
        for member in NAMING.into_iter().chain([ALIAS]) {
            let given = sent.get(member).and_then(Json::as_str).map(str::to_owned);
            let named = judged.get(member).and_then(Json::as_str);
            let (Some(given), Some(named)) = (given, named) else { continue };
            let Ok(name) = KeyName::parse("keyId", named, &caller.scope, Takes::KeysAndAliases) else { continue };
            let Some(described) = self.describe(&given, caller).await? else { continue };
            let arn = described.arn().to_owned();
            let is_alias = matches!(name.named, Named::Alias(_));
            let (aliases, tags) = self.told_of(&described, caller).await?;
            known.add(described, &name, aliases, tags, &place, caller)?;
            if is_alias && member != ALIAS {
                put(sent, member, arn);
            }
        }
        Ok(known)
    }

    async fn describe(&self, id: &str, caller: &Caller) -> Result<Option<Described>, Fault> {
        match self.ask("DescribeKey", &json!({ "KeyId": id }), caller).await? {
            Answer::Document(document) => {
                let described = serde_json::from_value(document);
                described.map(Some).map_err(|_| Unanswered::because("describes no key").into())
            }
            Answer::Refused(code) if code == "NotFoundException" => Ok(None),
            Answer::Refused(code) => Err(Unanswered::because(format!("answers DescribeKey with {code}")).into()),
        }
    }

    /// The aliases and the tags of a key. Those of a key that AWS manages cannot be asked for, and it has no tags.
    async fn told_of(&self, key: &Described, caller: &Caller) -> Result<(ListedAliases, ListedTags), Fault> {
        let asked = json!({ "KeyId": key.arn() });
        let aliases = self.list("ListAliases", &asked, caller).await?;
        if key.is_of_aws() {
            return Ok((aliases, ListedTags::default()));
        }
        Ok((aliases, self.list("ListResourceTags", &asked, caller).await?))
    }

    async fn list<T: serde::de::DeserializeOwned>(
        &self, operation: &str, asked: &Json, caller: &Caller,
    ) -> Result<T, Fault> {
        match self.ask(operation, asked, caller).await? {
            Answer::Document(document) => serde_json::from_value(document)
                .map_err(|_| Unanswered::because(format!("answers {operation} with no list")).into()),
            Answer::Refused(code) => Err(Unanswered::because(format!("answers {operation} with {code}")).into()),
        }
    }

    async fn ask(&self, operation: &str, document: &Json, caller: &Caller) -> Result<Answer, Fault> {
        Ok(self.server.ask(&format!("{TARGET}.{operation}"), document, caller.now).await?)
    }
}

fn put(document: &mut Json, member: &str, text: String) {
    if let Some(value) = document.get_mut(member) {
        *value = text.into();
    }
}

#[async_trait]
impl Service for Upstream {
    fn name(&self) -> &'static str {
        "kms"
    }

    async fn handle(&self, request: Request<Body>, caller: &Caller, authorizer: &dyn Authorizer) -> Response<Body> {
        self.forward(request, caller, authorizer).await.unwrap_or_else(|fault| whole::answer(refused(&fault, caller)))
    }
}
