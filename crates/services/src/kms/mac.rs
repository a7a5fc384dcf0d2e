//! `GenerateMac` and `VerifyMac`

use serde::{Deserialize, Serialize};

use super::blob::Blob;
use super::encrypt::current;
use super::fault::Fault;
use super::grant::check_tokens;
use super::key::Key;
use super::material::Material;
use super::operation::{Operation, Prepared, end_if_dry};
use super::spec::{KeyUsage, MacAlgorithm};
use super::store::Store;
use super::subject::Subject;
use crate::constraint::required;
use crate::{Authorized, Caller};

/// The longest message, and the longest code.
const LONGEST: (usize, usize) = (4096, 6144);

/// What a request says of a code and of its message.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Asked {
    message: Option<Blob>,
    key_id: Option<String>,
    mac_algorithm: Option<String>,
    mac: Option<Blob>,
    grant_tokens: Option<Vec<String>>,
    dry_run: Option<bool>,
}

/// What is authenticated, by which key.
pub(super) struct Authenticating {
    subject: Subject,
    message: Vec<u8>,
    algorithm: MacAlgorithm,
    mac: Vec<u8>,
    dry_run: Option<bool>,
}

impl Asked {
    fn prepare(
        self, caller: &Caller, store: &Store, operation: &str, has_mac: bool,
    ) -> Result<Prepared<Authenticating>, Fault> {
        let message = required("message", self.message)?.within("message", LONGEST.0)?;
        let mac = match (has_mac, self.mac) {
            (true, given) => required("mac", given)?.within("mac", LONGEST.1)?,
            (false, _) => Vec::new(),
        };
        let algorithm = MacAlgorithm::parse("macAlgorithm", &required("macAlgorithm", self.mac_algorithm)?)?;
        check_tokens(store, self.grant_tokens.as_deref())?;
        let subject = Subject::find_any(caller, store, self.key_id.as_deref())?;
        let requirement = subject.requirement(caller, operation).with("kms:MacAlgorithm", algorithm.as_str());
        let ready = Authenticating { subject, message, algorithm, mac, dry_run: self.dry_run };
        Ok(Prepared::one(ready, requirement))
    }
}

impl Authenticating {
    fn material(
        &self, allowed: &Authorized, caller: &Caller, store: &Store, operation: &'static str,
    ) -> Result<(Key, Material), Fault> {
        store.read(|connection| {
            let key = self.subject.usable(allowed, caller, connection)?;
            key.check_usage(KeyUsage::GenerateVerifyMac, operation)?;
            if key.spec.mac_algorithm() != Some(self.algorithm) {
                return Err(Fault::WrongAlgorithm { algorithm: self.algorithm.as_str(), spec: key.spec.as_str() });
            }
            let (_, material) = current(store, allowed, caller, connection, &key)?;
            Ok((key, material))
        })
    }
}

/// `GenerateMac`
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct GenerateMac(Asked);

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Generated {
    mac: Blob,
    mac_algorithm: MacAlgorithm,
    key_id: String,
}

impl Operation for GenerateMac {
    const NAME: &'static str = "GenerateMac";
    type Ready = Authenticating;
    type Answer = Generated;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Authenticating>, Fault> {
        self.0.prepare(caller, store, Self::NAME, false)
    }

    fn act(asked: Authenticating, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Generated, Fault> {
        let (key, material) = asked.material(allowed, caller, store, Self::NAME)?;
        let mac = Blob(material.mac(asked.algorithm, &asked.message));
        end_if_dry(asked.dry_run)?;
        Ok(Generated { mac, mac_algorithm: asked.algorithm, key_id: key.arn() })
    }
}

/// `VerifyMac`
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct VerifyMac(Asked);

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Verified {
    key_id: String,
    mac_valid: bool,
    mac_algorithm: MacAlgorithm,
}

impl Operation for VerifyMac {
    const NAME: &'static str = "VerifyMac";
    type Ready = Authenticating;
    type Answer = Verified;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Authenticating>, Fault> {
        self.0.prepare(caller, store, Self::NAME, true)
    }

    fn act(asked: Authenticating, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Verified, Fault> {
        let (key, material) = asked.material(allowed, caller, store, Self::NAME)?;
        if !material.is_mac(asked.algorithm, &asked.message, &asked.mac) {
            return Err(Fault::InvalidMac);
        }
        end_if_dry(asked.dry_run)?;
        Ok(Verified { key_id: key.arn(), mac_valid: true, mac_algorithm: asked.algorithm })
    }
}
