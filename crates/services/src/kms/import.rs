//! Imported material: `GetParametersForImport`, `ImportKeyMaterial` and `DeleteImportedKeyMaterial`
//!
//! An import token holds the private key that unwraps the material, encrypted, so that nothing is kept of imports that never
//! happen.
//!
//! Source: KMS developer guide, "Importing key material for AWS KMS keys"; API reference.

mod place;
mod token;

use aws_lc_rs::hmac;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::blob::Blob;
use super::fault::Fault;
use super::id::MaterialId;
use super::key::{DAY, Key};
use super::material::Material;
use super::operation::{Operation, Prepared};
use super::spec::{KeySpec, Origin};
use super::store::{MaterialRow, Store, StoredKey};
use super::subject::Subject;
use crate::asked::{seconds, with_given};
use crate::constraint::{Constraint, characters, length, required};
use crate::{Authorized, Caller};
use token::{Token, WrappingAlgorithm};

/// The longest import token, and the longest wrapped material.
const LONGEST: usize = 6144;

/// The most days after which imported material expires.
const MOST_DAYS: i64 = 365;

/// `GetParametersForImport`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetParametersForImport {
    key_id: Option<String>,
    wrapping_algorithm: Option<String>,
    wrapping_key_spec: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Parameters {
    key_id: String,
    import_token: Blob,
    public_key: Blob,
    parameters_valid_to: f64,
}

impl Operation for GetParametersForImport {
    const NAME: &'static str = "GetParametersForImport";
    type Ready = (Subject, WrappingAlgorithm, KeySpec);
    type Answer = Parameters;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        let name = required("wrappingAlgorithm", self.wrapping_algorithm)?;
        let algorithm = WrappingAlgorithm::parse("wrappingAlgorithm", &name)?;
        let spec = match required("wrappingKeySpec", self.wrapping_key_spec)?.as_str() {
            "RSA_2048" => KeySpec::Rsa2048,
            "RSA_3072" => KeySpec::Rsa3072,
            "RSA_4096" => KeySpec::Rsa4096,
            "SM2" => KeySpec::Sm2,
            other => {
                let constraint = "Member must satisfy enum value set: [RSA_2048, RSA_3072, RSA_4096, SM2]";
                return Err(Constraint::of(other, "wrappingKeySpec", constraint).into());
            }
        };
        let subject = Subject::find(caller, store, self.key_id.as_deref())?;
        let requirement = subject
            .requirement_at_home(caller, Self::NAME)
            .with("kms:WrappingAlgorithm", algorithm.as_str())
            .with("kms:WrappingKeySpec", spec.as_str());
        Ok(Prepared::one((subject, algorithm, spec), requirement))
    }

    fn act(
        (subject, algorithm, spec): Self::Ready, allowed: &Authorized, caller: &Caller, store: &Store,
    ) -> Result<Parameters, Fault> {
        let key = store.read(|connection| subject.key(allowed, caller, connection))?.key;
        key.check_origin(Origin::External)?;
        key.check_kept(caller.now)?;
        if !algorithm.is_served() || spec == KeySpec::Sm2 {
            let (algorithm, spec) = (algorithm.as_str(), spec.as_str());
            return Err(Fault::Unsupported(format!(
                "WrappingAlgorithm {algorithm} with WrappingKeySpec {spec} is not supported in this region."
            )));
        }
        let pair = Material::generate(spec)?;
        let until = caller.now + DAY;
        let token = Token { key: key.arn(), until, algorithm, secret: Blob(pair.secret) };
        Ok(Parameters {
            key_id: key.arn(),
            import_token: Blob(token.seal(&store.vault)?),
            public_key: Blob(pair.public.ok_or(Fault::Material)?),
            parameters_valid_to: seconds(until),
        })
    }
}

/// `ImportKeyMaterial`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ImportKeyMaterial {
    key_id: Option<String>,
    import_token: Option<Blob>,
    encrypted_key_material: Option<Blob>,
    valid_to: Option<f64>,
    expiration_model: Option<String>,
    import_type: Option<String>,
    key_material_description: Option<String>,
    key_material_id: Option<String>,
}

/// Material to take in.
pub(super) struct Import {
    subject: Subject,
    token: Vec<u8>,
    wrapped: Vec<u8>,
    expires: Option<i64>,
    is_new: bool,
    description: Option<String>,
    id: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Imported {
    key_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_material_id: Option<MaterialId>,
}

impl ImportKeyMaterial {
    /// When the material expires, if it does.
    fn expires(&self, now: i64) -> Result<Option<i64>, Fault> {
        let model = self.expiration_model.as_deref().unwrap_or("KEY_MATERIAL_EXPIRES");
        let invalid = |message: &str| Err(Fault::Validation(message.to_owned()));
        match (model, self.valid_to) {
            ("KEY_MATERIAL_DOES_NOT_EXPIRE", None) => Ok(None),
            ("KEY_MATERIAL_DOES_NOT_EXPIRE", Some(_)) => {
                invalid("ValidTo must be unset when ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE.")
            }
            ("KEY_MATERIAL_EXPIRES", None) => {
                invalid("A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES.")
            }
            ("KEY_MATERIAL_EXPIRES", Some(time)) => {
                let time = (time * 1000.0) as i64;
                if time <= now || time > now + MOST_DAYS * DAY {
                    return invalid("ValidTo must be in the future, and no more than 365 days from now.");
                }
                Ok(Some(time))
            }
            (other, _) => {
                let constraint =
                    "Member must satisfy enum value set: [KEY_MATERIAL_EXPIRES, KEY_MATERIAL_DOES_NOT_EXPIRE]";
                Err(Constraint::of(other, "expirationModel", constraint).into())
            }
        }
    }
}

impl Operation for ImportKeyMaterial {
    const NAME: &'static str = "ImportKeyMaterial";
    type Ready = Import;
    type Answer = Imported;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Import>, Fault> {
        let expires = self.expires(caller.now)?;
        let token = required("importToken", self.import_token)?.within("importToken", LONGEST)?;
        let wrapped = required("encryptedKeyMaterial", self.encrypted_key_material)?;
        let wrapped = wrapped.within("encryptedKeyMaterial", LONGEST)?;
        let is_new = match self.import_type.as_deref() {
            None | Some("EXISTING_KEY_MATERIAL") => false,
            Some("NEW_KEY_MATERIAL") => true,
            Some(other) => {
                let constraint = "Member must satisfy enum value set: [NEW_KEY_MATERIAL, EXISTING_KEY_MATERIAL]";
                return Err(Constraint::of(other, "importType", constraint).into());
            }
        };
        if let Some(description) = &self.key_material_description {
            length("keyMaterialDescription", description, 0, 256)?;
            let allowed = |c: char| c.is_ascii_alphanumeric() || c.is_whitespace() || ":/_.-".contains(c);
            characters("keyMaterialDescription", description, "^[a-zA-Z0-9:/_\\s.-]+$", allowed)?;
        }
        check_material_id(self.key_material_id.as_deref())?;
        if is_new && self.key_material_id.is_some() {
            return Err(Fault::Validation(
                "KeyMaterialId cannot be specified when ImportType is NEW_KEY_MATERIAL.".to_owned(),
            ));
        }
        let subject = Subject::find(caller, store, self.key_id.as_deref())?;
        let model = if expires.is_some() { "KEY_MATERIAL_EXPIRES" } else { "KEY_MATERIAL_DOES_NOT_EXPIRE" };
        let requirement = subject.requirement_at_home(caller, Self::NAME).with("kms:ExpirationModel", model);
        let requirement = with_given(requirement, "kms:ValidTo", expires.and_then(rfc3339));
        let ready = Import {
            subject,
            token,
            wrapped,
            expires,
            is_new,
            description: self.key_material_description,
            id: self.key_material_id,
        };
        Ok(Prepared::one(ready, requirement))
    }

    fn act(import: Import, allowed: &Authorized, caller: &Caller, store: &Store) -> Result<Imported, Fault> {
        let Import { subject, token, wrapped, expires, is_new, description, id: wanted } = import;
        store.write(allowed, caller.now, |transaction| {
            let mut stored = subject.key(allowed, caller, transaction)?;
            stored.key.check_origin(Origin::External)?;
            stored.key.check_kept(caller.now)?;
            let arn = stored.key.arn();
            let token = Token::open(&store.vault, token).filter(|token| token.key == arn);
            let token = token.ok_or(Fault::InvalidImportToken)?;
            if token.until <= caller.now {
                return Err(Fault::ExpiredImportToken);
            }
            let secret = token.unwrap(&wrapped)?.ok_or(Fault::InvalidCiphertext)?;
            let material = Material::imported(stored.key.spec, secret).ok_or(Fault::IncorrectKeyMaterial(
                "The key material in the request is not valid for the key spec of the KMS key.",
            ))?;
            let id = id_of(&stored.key, &material)?;
            let rows = MaterialRow::all(transaction, &arn)?;
            let known = rows.iter().any(|row| row.id == id) || stored.key.is_replica();
            if wanted.is_some_and(|wanted| wanted != id.as_str() || !known) {
                return Err(Fault::IncorrectKeyMaterial("The key material is not the one that is identified."));
            }
            place::check(transaction, &rows, &stored.key, &id, is_new)?;
            let row = MaterialRow { expires, description, ..MaterialRow::new(&arn, id.clone(), caller.now) };
            row.insert(transaction, Some(&store.seal(&arn, &id, &material)?), material.public.as_deref())?;
            if rows.is_empty() {
                stored.key.material = Some(id.clone());
                stored.key.enabled = true;
            }
            if stored.key.material.as_ref() == Some(&id) {
                stored.key.valid_to = expires;
            }
            note_missing(transaction, &mut stored)?;
            let key_material_id = (stored.key.spec == KeySpec::SymmetricDefault).then_some(id);
            Ok(Imported { key_id: arn, key_material_id })
        })
    }
}

/// Notes whether material is missing that something may have been encrypted under.
fn note_missing(connection: &rusqlite::Connection, stored: &mut StoredKey) -> Result<(), Fault> {
    let rows = MaterialRow::all(connection, &stored.key.arn())?;
    let next = MaterialRow::pending(&rows, &stored.key).map(|row| &row.id);
    stored.key.misses_material = rows.iter().any(|row| !row.is_there && Some(&row.id) != next);
    stored.update(connection)
}

/// The id of imported material: the same for the same material in the same key and in those that are related to it,
/// and it tells nothing of it.
///
/// Source: API reference, "ImportKeyMaterial": an identifier "based on the KMS key ID and the imported key material".
fn id_of(own: &Key, material: &Material) -> Result<MaterialId, Fault> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &material.secret);
    let name = format!("{}\n{}", own.account, own.id);
    MaterialId::of_bytes(hmac::sign(&key, name.as_bytes()).as_ref()).ok_or(Fault::Material)
}

/// Checks the id of a material that a request gives.
fn check_material_id(id: Option<&str>) -> Result<(), Fault> {
    let Some(id) = id else { return Ok(()) };
    length("keyMaterialId", id, 64, 64)?;
    Ok(characters("keyMaterialId", id, "^[a-f0-9]+$", |c| matches!(c, 'a'..='f' | '0'..='9'))?)
}

fn rfc3339(milliseconds: i64) -> Option<String> {
    OffsetDateTime::from_unix_timestamp(milliseconds / 1000).ok()?.format(&Rfc3339).ok()
}

/// `DeleteImportedKeyMaterial`
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteImportedKeyMaterial {
    key_id: Option<String>,
    key_material_id: Option<String>,
}

impl Operation for DeleteImportedKeyMaterial {
    const NAME: &'static str = "DeleteImportedKeyMaterial";
    type Ready = (Subject, Option<String>);
    type Answer = Imported;

    fn prepare(self, caller: &Caller, store: &Store) -> Result<Prepared<Self::Ready>, Fault> {
        check_material_id(self.key_material_id.as_deref())?;
        let subject = Subject::find(caller, store, self.key_id.as_deref())?;
        let requirement = subject.requirement_at_home(caller, Self::NAME);
        Ok(Prepared::one((subject, self.key_material_id), requirement))
    }

    fn act(
        (subject, wanted): Self::Ready, allowed: &Authorized, caller: &Caller, store: &Store,
    ) -> Result<Imported, Fault> {
        store.free(allowed, caller.now, |transaction| {
            let mut stored = subject.key(allowed, caller, transaction)?;
            stored.key.check_origin(Origin::External)?;
            let arn = stored.key.arn();
            let rows = MaterialRow::all(transaction, &arn)?;
            let id = match &wanted {
                Some(wanted) => rows.iter().find(|row| row.id.as_str() == wanted).map(|row| row.id.clone()),
                None => stored.key.material.clone(),
            };
            if wanted.is_some() && id.is_none() {
                return Err(Fault::IncorrectKeyMaterial("The KMS key has no key material of this ID."));
            }
            if let Some(id) = &id {
                store.erasing();
                if MaterialRow::pending(&rows, &stored.key).is_some_and(|row| row.id == *id) {
                    MaterialRow::forget(transaction, &stored, id)?;
                } else {
                    MaterialRow::destroy(transaction, &arn, id)?;
                }
                if stored.key.material.as_ref() == Some(id) {
                    stored.key.valid_to = None;
                }
                note_missing(transaction, &mut stored)?;
            }
            let key_material_id = id.filter(|_| stored.key.spec == KeySpec::SymmetricDefault);
            Ok(Imported { key_id: arn, key_material_id })
        })
    }
}
