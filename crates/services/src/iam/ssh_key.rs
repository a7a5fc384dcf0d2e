//! Users' public keys for SSH, which are kept in either encoding and given in either.
//!
//! Source: IAM API reference, "UploadSSHPublicKey", "GetSSHPublicKey".

mod public_key;

use serde::{Deserialize, Serialize};
use sidegate_wire::aws_query::Content;

use super::access_key::Owner;
use super::action::{Call, Prepared};
use super::fault::Fault;
use super::form::{EXISTING_USER, PEM, PUBLIC_KEY_ID, Text, USER};
use super::page::Paging;
use super::random::unique_id;
use super::state::{Account, Row};
use super::text::date;
use super::user::{named_or_self, owner_arn};
use public_key::PublicKey;

/// The most public keys of a user.
const MOST_OF_USER: usize = 5;

/// A public key. Its id is its key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct SshKey {
    /// The unique id of the user.
    user: String,
    key: PublicKey,
    active: bool,
    uploaded: i64,
}

impl Row for SshKey {
    const KIND: &'static str = "ssh-public-key";
}

impl SshKey {
    fn status(&self) -> &'static str {
        if self.active { "Active" } else { "Inactive" }
    }

    /// A key, with its body as it is asked for.
    fn render(&self, content: &mut Content, user: &str, id: &str, body: &str) {
        content.nested("SSHPublicKey", |content| {
            content
                .text("UserName", user)
                .text("SSHPublicKeyId", id)
                .text("Fingerprint", self.key.fingerprint())
                .text("SSHPublicKeyBody", body)
                .text("Status", self.status())
                .text("UploadDate", date(self.uploaded));
        });
    }
}

fn no_key(id: &str) -> Fault {
    Fault::NoSuchEntity(format!("The SSH Public Key with id {id} cannot be found."))
}

impl Account {
    /// The public keys of a user, by its unique id.
    pub(super) fn ssh_keys_of<'a>(&'a self, user: &'a str) -> impl Iterator<Item = (&'a str, &'a SshKey)> {
        self.ssh_keys.iter().filter(move |(_, own)| own.user == user)
    }

    /// A key of a user: the user's name as it was given, and the key.
    fn ssh_key(&self, name: &str, id: &str) -> Result<(&str, &SshKey), Fault> {
        let user = self.user(name)?;
        let key = self.ssh_keys.get(id).filter(|own| own.user == user.id).ok_or_else(|| no_key(id))?;
        Ok((&user.name, key))
    }

    fn add_ssh_key(&mut self, name: &str, id: &str, key: &PublicKey, now: i64) -> Result<(String, SshKey), Fault> {
        let user = self.user(name)?.clone();
        if self.ssh_keys_of(&user.id).any(|(_, own)| own.key.is_same(key)) {
            return Err(Fault::DuplicateSshPublicKey);
        }
        if self.ssh_keys_of(&user.id).count() >= MOST_OF_USER {
            return Err(Fault::quota("SSHPublicKeysPerUser", MOST_OF_USER));
        }
        let row = SshKey { user: user.id, key: key.clone(), active: true, uploaded: now };
        self.ssh_keys.insert(id.to_owned(), row.clone());
        Ok((user.name, row))
    }
}

/// The user and the key that an action is about, and the user's ARN.
fn read(call: &Call<'_>) -> (String, String, String) {
    let name = call.form.required("UserName", &USER);
    let id = call.form.required("SSHPublicKeyId", &PUBLIC_KEY_ID);
    let user = call.account().user_arn(call.account_id(), &name);
    (name, id, user)
}

/// A word that has to be one of a set.
fn required_choice(call: &Call<'_>, name: &str, choices: &'static [&'static str]) -> Option<&'static str> {
    if call.form.given(name).is_none() {
        call.form.required(name, &Text::length(0, usize::MAX));
    }
    call.form.choice(name, choices)
}

/// `UploadSSHPublicKey`
pub(super) fn upload(call: &Call<'_>) -> Result<Prepared, Fault> {
    let name = call.form.required("UserName", &USER);
    let body = call.form.required("SSHPublicKeyBody", &PEM);
    call.form.sound()?;
    let key = PublicKey::read(&body)?;
    let requirements = vec![call.needs(call.account().user_arn(call.account_id(), &name))];
    Ok(Prepared::new(requirements, move |turn| {
        let id = unique_id("APKA")?;
        let (user, row) = turn.write(|account| account.add_ssh_key(&name, &id, &key, turn.now))?;
        let mut content = Content::default();
        row.render(&mut content, &user, &id, row.key.body());
        Ok(Some(content))
    }))
}

/// `GetSSHPublicKey`
pub(super) fn get(call: &Call<'_>) -> Result<Prepared, Fault> {
    let (name, id, user) = read(call);
    let encoding = required_choice(call, "Encoding", &["SSH", "PEM"]);
    call.looks_up(call.needs(user), move |account, _| {
        let (user, row) = account.ssh_key(&name, &id)?;
        let body = if encoding == Some("PEM") { row.key.pem() } else { row.key.ssh() };
        let mut content = Content::default();
        row.render(&mut content, user, &id, &body);
        Ok(content)
    })
}

/// `ListSSHPublicKeys`
pub(super) fn list(call: &Call<'_>) -> Result<Prepared, Fault> {
    let owner = named_or_self(call, &EXISTING_USER)?;
    let paging = Paging::of(call)?;
    call.looks_up(call.needs(owner_arn(call, &owner)), move |account, _| {
        let user = match &owner {
            Owner::User(name) => Some(account.user(name)?),
            Owner::Root => None,
        };
        let keys = user.into_iter().flat_map(|user| account.ssh_keys_of(&user.id).map(move |own| (user, own)));
        let page = paging.page(keys.map(|(user, (id, row))| (id.to_owned(), (user, id, row))));
        Ok(page.render("SSHPublicKeys", |content, (user, id, row)| {
            content
                .text("UserName", &user.name)
                .text("SSHPublicKeyId", id)
                .text("Status", row.status())
                .text("UploadDate", date(row.uploaded));
        }))
    })
}

/// `UpdateSSHPublicKey`
pub(super) fn update(call: &Call<'_>) -> Result<Prepared, Fault> {
    let (name, id, user) = read(call);
    let status = required_choice(call, "Status", &["Active", "Inactive"]);
    call.changes(call.needs(user), move |account| {
        account.ssh_key(&name, &id)?;
        account.ssh_keys.edit(&id).ok_or_else(|| no_key(&id))?.active = status == Some("Active");
        Ok(())
    })
}

/// `DeleteSSHPublicKey`
pub(super) fn delete(call: &Call<'_>) -> Result<Prepared, Fault> {
    let (name, id, user) = read(call);
    call.frees(call.needs(user), move |account| {
        account.ssh_key(&name, &id)?;
        account.ssh_keys.remove(&id);
        Ok(())
    })
}
