//! Server certificates. The private key is compared with the certificate and not kept, since nothing serves with it.
//!
//! Source: IAM API reference, "UploadServerCertificate"; IAM user guide, "Manage server certificates in IAM".

mod pem;

use serde::{Deserialize, Serialize};
use sidegate_model::AccountId;
use sidegate_wire::aws_query::Content;

use super::action::{Call, Prepared};
use super::fault::Fault;
use super::form::{CERTIFICATE, PATH, PATH_PREFIX, PEM, PEM_CHAIN};
use super::page::Paging;
use super::random::unique_id;
use super::state::{Account, Row};
use super::tags::{self, Tagged, Tags};
use super::text::{arn, date, key};

/// The most server certificates of an account.
pub(super) const MOST: usize = 20;

/// A server certificate. Its name in lower case is its key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Certificate {
    name: String,
    path: String,
    id: String,
    uploaded: i64,
    expires: i64,
    body: String,
    chain: Option<String>,
    pub(super) tags: Tags,
}

impl Row for Certificate {
    const KIND: &'static str = "server-certificate";
}

impl Certificate {
    fn arn(&self, account: &AccountId) -> String {
        arn(account, "server-certificate", &self.path, &self.name)
    }

    fn render(&self, content: &mut Content, account: &AccountId) {
        content
            .text("Path", &self.path)
            .text("ServerCertificateName", &self.name)
            .text("ServerCertificateId", &self.id)
            .text("Arn", self.arn(account))
            .text("UploadDate", date(self.uploaded))
            .text("Expiration", date(self.expires));
    }
}

fn no_certificate(name: &str) -> Fault {
    Fault::NoSuchEntity(format!("The Server Certificate with name {name} cannot be found."))
}

fn taken(name: &str) -> Fault {
    Fault::EntityAlreadyExists(format!("The Server Certificate with name {name} already exists."))
}

impl Account {
    pub(super) fn certificate(&self, name: &str) -> Result<&Certificate, Fault> {
        self.certificates.get(&key(name)).ok_or_else(|| no_certificate(name))
    }

    pub(super) fn certificate_mut(&mut self, name: &str) -> Result<&mut Certificate, Fault> {
        self.certificates.edit(&key(name)).ok_or_else(|| no_certificate(name))
    }

    /// The ARN of a certificate; of one that does not exist, without a path.
    pub(super) fn certificate_arn(&self, id: &AccountId, name: &str) -> String {
        self.certificate(name).map_or_else(|_| arn(id, "server-certificate", "/", name), |own| own.arn(id))
    }

    fn add_certificate(&mut self, certificate: Certificate) -> Result<(), Fault> {
        if self.certificates.contains(&key(&certificate.name)) {
            return Err(taken(&certificate.name));
        }
        if self.certificates.len() >= MOST {
            return Err(Fault::quota("ServerCertificatesPerAccount", MOST));
        }
        self.certificates.insert(key(&certificate.name), certificate);
        Ok(())
    }

    fn move_certificate(&mut self, name: &str, new_name: Option<&str>, new_path: Option<&str>) -> Result<(), Fault> {
        let mut certificate = self.certificate(name)?.clone();
        if let Some(path) = new_path {
            path.clone_into(&mut certificate.path);
        }
        if let Some(new_name) = new_name {
            if key(new_name) != key(name) && self.certificates.contains(&key(new_name)) {
                return Err(taken(new_name));
            }
            new_name.clone_into(&mut certificate.name);
        }
        self.certificates.remove(&key(name));
        self.certificates.insert(key(&certificate.name), certificate);
        Ok(())
    }
}

/// `UploadServerCertificate`
pub(super) fn upload(call: &Call<'_>) -> Result<Prepared, Fault> {
    let path = call.form.text("Path", &PATH).unwrap_or_else(|| "/".to_owned());
    let name = call.form.required("ServerCertificateName", &CERTIFICATE);
    let body = call.form.required("CertificateBody", &PEM);
    let private = call.form.required("PrivateKey", &PEM);
    let chain = call.form.text("CertificateChain", &PEM_CHAIN).filter(|chain| !chain.is_empty());
    let given = call.form.tags();
    call.form.sound()?;
    let tags = Tagged::Certificate.checked(&given)?;
    let expires = pem::check(&body, &private, chain.as_deref(), call.caller.now)?;
    let resource = arn(call.account_id(), "server-certificate", &path, &name);
    let requirements = call.needs_with_tags(resource, "TagServerCertificate", &given);
    Ok(Prepared::new(requirements, move |turn| {
        let id = unique_id("ASCA")?;
        let certificate = Certificate { name, path, id, uploaded: turn.now, expires, body, chain, tags };
        turn.write(|account| account.add_certificate(certificate.clone()))?;
        let mut content = Content::default();
        content.nested("ServerCertificateMetadata", |content| certificate.render(content, turn.account_id));
        tags::render_some(&mut content, &certificate.tags);
        Ok(Some(content))
    }))
}

/// `GetServerCertificate`
pub(super) fn get(call: &Call<'_>) -> Result<Prepared, Fault> {
    let name = call.form.required("ServerCertificateName", &CERTIFICATE);
    let resource = call.account().certificate_arn(call.account_id(), &name);
    call.looks_up(call.needs(resource), move |account, id| {
        let certificate = account.certificate(&name)?;
        let mut content = Content::default();
        content.nested("ServerCertificate", |content| {
            content.nested("ServerCertificateMetadata", |content| certificate.render(content, id));
            content.text("CertificateBody", &certificate.body).optional("CertificateChain", certificate.chain.as_ref());
            tags::render_some(content, &certificate.tags);
        });
        Ok(content)
    })
}

/// `ListServerCertificates`
pub(super) fn list(call: &Call<'_>) -> Result<Prepared, Fault> {
    let prefix = call.form.text("PathPrefix", &PATH_PREFIX).unwrap_or_else(|| "/".to_owned());
    let paging = Paging::of(call)?;
    call.looks_up(call.needs("*"), move |account, id| {
        let certificates = account.certificates.iter().filter(|(_, own)| own.path.starts_with(&prefix));
        let page = paging.page(certificates.map(|(key, own)| (key.to_owned(), own)));
        Ok(page.render("ServerCertificateMetadataList", |content, own| own.render(content, id)))
    })
}

/// `UpdateServerCertificate`
pub(super) fn update(call: &Call<'_>) -> Result<Prepared, Fault> {
    let name = call.form.required("ServerCertificateName", &CERTIFICATE);
    let new_path = call.form.text("NewPath", &PATH);
    let new_name = call.form.text("NewServerCertificateName", &CERTIFICATE);
    call.form.sound()?;
    let (account, id) = (call.account(), call.account_id());
    let old = account.certificate_arn(id, &name);
    let own_path = account.certificate(&name).ok().map(|own| own.path.as_str());
    let path = new_path.as_deref().or(own_path).unwrap_or("/");
    let moved = arn(id, "server-certificate", path, new_name.as_deref().unwrap_or(&name));
    // Who renames one needs the permission for the old and the new ARN.
    let mut requirements = vec![call.needs(old.clone())];
    if moved != old {
        requirements.push(call.needs(moved));
    }
    Ok(Prepared::new(requirements, move |turn| {
        turn.write(|account| account.move_certificate(&name, new_name.as_deref(), new_path.as_deref()))?;
        Ok(None)
    }))
}

/// `DeleteServerCertificate`
pub(super) fn delete(call: &Call<'_>) -> Result<Prepared, Fault> {
    let name = call.form.required("ServerCertificateName", &CERTIFICATE);
    let resource = call.account().certificate_arn(call.account_id(), &name);
    call.frees(call.needs(resource), move |account| {
        account.certificates.remove(&key(&name)).map(drop).ok_or_else(|| no_certificate(&name))
    })
}
